/*
 * What the engine does beside operations: live events, deadlines, verify and backup.
 */
#include "support/check_main.h"
#include "support/host.h"

#include <stdatomic.h>
#include <stdlib.h>

#define START_MS 1700000000000

static hf_test_host host;

/* What a subscription has delivered. */
typedef struct follower {
    hf_subscription *subscription;
    int events; /* in all */
    int ends;
    int status; /* of the end */
    char detail[480];
    int stop_at;  /* unsubscribes inside the callback at so many events; 0: never */
    int expiries; /* events of expiry */
    uint64_t last_seq;
    uint64_t order; /* callbacks of operations before the last page */
} follower;

static follower one;

static void setup(void)
{
    one = (follower){.events = 0};
    hf_test_last = 0;
}

static void follow(void *data, int status, const hf_event_page *page)
{
    follower *me = data;
    if (status != 0) {
        ck_assert_ptr_null(page);
        me->ends++;
        me->status = status;
        (void)snprintf(me->detail, sizeof me->detail, "%s", hf_engine_detail(host.engine));
        return;
    }
    ck_assert_uint_gt(page->count, 0);
    for (uint32_t i = 0; i < page->count; i++) {
        ck_assert_uint_eq(page->rows[i]->seq, me->last_seq + 1);
        me->last_seq = page->rows[i]->seq;
        me->expiries += page->rows[i]->type == HF_EVENT_EXPIRE;
    }
    me->events += (int)page->count;
    me->order = hf_test_last;
    if (me->stop_at != 0 && me->events >= me->stop_at)
        hf_events_unsubscribe(host.engine, me->subscription);
}

static void subscribe(uint64_t after)
{
    one.last_seq = after;
    ck_assert_int_eq(hf_events_subscribe(host.engine, after, follow, &one, &one.subscription), 0);
}

static void receive(int times)
{
    hf_test_call call = {.calls = 0};
    for (int i = 0; i < times; i++) {
        ck_assert_int_eq(hf_test_receive(&host, &call, 1), 0);
        hf_test_run(&host, &call.calls, i + 1);
    }
}

START_TEST(events_stored_and_new_ones_are_delivered_in_order)
{
    hf_test_start(&host, (uint32_t)_i);
    hf_test_stock(&host);
    receive(300); /* more than a page */
    subscribe(0);
    hf_test_run(&host, &one.events, 301);
    receive(5);
    hf_test_run(&host, &one.events, 306);
    hf_test_turn(&host, 5);
    ck_assert_int_eq(one.events, 306);
    hf_test_stop(&host);
    ck_assert_int_eq(one.ends, 1);
    ck_assert_int_eq(one.status, HF_E_CANCELLED);
}
END_TEST

START_TEST(a_subscription_starts_at_the_given_event)
{
    hf_test_start(&host, (uint32_t)_i);
    hf_test_stock(&host);
    receive(10);
    subscribe(8);
    hf_test_run(&host, &one.events, 3);
    ck_assert_uint_eq(one.last_seq, 11);
    hf_test_stop(&host);
}
END_TEST

START_TEST(events_come_after_the_callbacks_of_their_operations)
{
    hf_test_start(&host, (uint32_t)_i);
    subscribe(0);
    for (int i = 1; i <= 50; i++) {
        hf_test_call call = {.calls = 0};
        ck_assert_int_eq(i == 1 ? hf_test_put(&host, &call) : hf_test_receive(&host, &call, 1), 0);
        hf_test_run(&host, &one.events, i);
        ck_assert_int_eq(call.calls, 1);
        ck_assert_uint_eq(one.order, (uint64_t)i);
    }
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_subscription_may_end_in_its_callback)
{
    hf_test_start(&host, (uint32_t)_i);
    one.stop_at = 1;
    subscribe(0);
    hf_test_stock(&host);
    hf_test_run(&host, &one.events, 1);
    receive(3);
    hf_test_turn(&host, 5);
    ck_assert_int_eq(one.events, 1);
    hf_test_stop(&host);
    ck_assert_int_eq(one.ends, 0);
}
END_TEST

START_TEST(a_subscription_may_end_while_its_page_is_read)
{
    hf_test_start(&host, 1);
    hf_test_stock(&host);
    hf_gate_set(HF_GATE_SNAPSHOT, true);
    subscribe(0);
    hf_test_turn(&host, 2);
    hf_gate_wait(HF_GATE_SNAPSHOT);
    hf_events_unsubscribe(host.engine, one.subscription);
    hf_events_unsubscribe(host.engine, one.subscription); /* a second time is harmless */
    hf_gate_set(HF_GATE_SNAPSHOT, false);
    receive(3);
    hf_test_stop(&host);
    ck_assert_int_eq(one.events + one.ends, 0);
}
END_TEST

START_TEST(a_page_being_read_at_close_is_reported_as_cancelled_once)
{
    hf_test_start(&host, 1);
    hf_test_stock(&host);
    subscribe(0);
    ck_assert_int_eq(hf_engine_close(host.engine, hf_test_closed, &host), 0);
    hf_test_run(&host, &host.closed, 1);
    ck_assert_int_eq(one.ends, 1);
    ck_assert_int_eq(one.status, HF_E_CANCELLED);
    hf_test_stop(&host);
}
END_TEST

/* As after a restore of an older backup: the events that the consumer has seen are not there. */
START_TEST(a_subscription_ahead_of_the_last_event_ends_with_an_error_that_names_it)
{
    hf_test_start(&host, (uint32_t)_i);
    hf_test_stock(&host);
    receive(3);
    subscribe(5);
    hf_test_run(&host, &one.ends, 1);
    ck_assert_int_eq(one.status, HF_E_SEQ_AHEAD);
    ck_assert_str_eq(one.detail, "after_seq 5: the last event is 4");
    receive(3);
    ck_assert_int_eq(one.events, 0);
    hf_test_stop(&host);
    ck_assert_int_eq(one.ends, 1);
}
END_TEST

START_TEST(subscriptions_check_their_arguments)
{
    hf_subscription *out;
    hf_test_start(&host, 0);
    ck_assert_int_eq(hf_events_subscribe(host.engine, 0, NULL, NULL, &out), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_events_subscribe(host.engine, 0, follow, &one, NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_events_subscribe(host.engine, UINT64_MAX, follow, &one, &out),
                     HF_E_ARGUMENT);
    hf_test_stop(&host);
}
END_TEST

/* ---- Deadlines ------------------------------------------------------------------------------- */

static void hold_one(int64_t deadline_ms)
{
    hf_test_call call = {.calls = 0};
    hf_hold_place_args args;
    hf_hold_place_init(&args);
    args.from = (hf_account_key){.kind = HF_KIND_ITEM, .name = "bell", .unit = "pcs"};
    args.amount = 1;
    args.deadline_ms = deadline_ms;
    ck_assert_int_eq(hf_hold_place(host.engine, &call.req, &args, hf_test_done), 0);
    hf_test_run(&host, &call.calls, 1);
    ck_assert_int_eq(call.status, 0);
}

START_TEST(a_virtual_clock_runs_what_became_due)
{
    hf_test_options(&host, (uint32_t)_i);
    host.options.virtual_time_ms = START_MS;
    hf_test_open(&host);
    hf_test_stock(&host);
    receive(10);
    subscribe(0);
    for (int64_t i = 1; i <= 5; i++)
        hold_one(START_MS + 1000 * i);
    ck_assert_int_eq(hf_clock_advance(host.engine, 999), 0);
    hf_test_turn(&host, 20);
    ck_assert_int_eq(one.expiries, 0);
    ck_assert_int_eq(hf_clock_advance(host.engine, 1), 0);
    hf_test_run(&host, &one.expiries, 1);
    ck_assert_int_eq(hf_clock_advance(host.engine, 100000), 0);
    hf_test_run(&host, &one.expiries, 2);
    hf_test_stop(&host);
}
END_TEST

typedef struct look {
    hf_req req;
    int calls;
    int64_t held_out;
} look;

static void looked(hf_req *req, const hf_completion *done)
{
    look *me = (look *)(void *)req;
    ck_assert_int_eq(done->status, 0);
    me->held_out = ((const hf_account *)done->result)->held_out;
    me->calls++;
}

/* What is held of the item at once after the clock was moved on. */
static int64_t held_after(int64_t ms)
{
    look me = {.calls = 0};
    hf_account_get_args args;
    hf_item_get_init(&args, "bell");
    ck_assert_int_eq(hf_clock_advance(host.engine, ms), 0);
    ck_assert_int_eq(hf_item_get(host.engine, &me.req, &args, looked), 0);
    hf_test_run(&host, &me.calls, 1);
    return me.held_out;
}

START_TEST(a_read_after_the_clock_was_moved_sees_what_became_due)
{
    hf_test_options(&host, (uint32_t)_i);
    host.options.virtual_time_ms = START_MS;
    hf_test_open(&host);
    hf_test_stock(&host);
    receive(200);
    for (int i = 0; i < 100; i++) /* more than one batch expires */
        hold_one(START_MS + 1000);
    hold_one(START_MS + 2000);
    ck_assert_int_eq(held_after(999), 101);
    ck_assert_int_eq(held_after(1), 1);
    ck_assert_int_eq(held_after(999), 1);
    ck_assert_int_eq(held_after(1), 0);
    ck_assert_int_eq(held_after(0), 0);
    hf_test_stop(&host);
}
END_TEST

START_TEST(the_wall_clock_wakes_the_engine)
{
    hf_id now;
    hf_test_start(&host, (uint32_t)_i);
    hf_test_stock(&host);
    receive(1);
    subscribe(0);
    ck_assert_int_eq(hf_id_make(host.engine, &now), 0);
    hold_one(hf_id_time(&now) + 200);
    hf_test_run(&host, &one.expiries, 1);
    hf_test_stop(&host);
}
END_TEST

/* ---- Verify and backup ----------------------------------------------------------------------- */

typedef struct work {
    int ends;
    int status;
    uint64_t findings;
    uint64_t accounts;
    int steps;
    int stop; /* what progress answers */
} work;

static void verified(void *data, int status, const hf_verify_result *result)
{
    work *me = data;
    me->ends++;
    me->status = status;
    if (status != 0)
        return;
    me->findings = result->findings_total;
    me->accounts = result->accounts;
}

static void ended(void *data, int status, const char *detail)
{
    work *me = data;
    ck_assert_ptr_nonnull(detail);
    me->ends++;
    me->status = status;
}

static int step(void *data, uint64_t done, uint64_t total)
{
    (void)done;
    (void)total;
    work *me = data;
    me->steps++;
    return me->stop;
}

START_TEST(verify_reports_what_it_found)
{
    work me = {.ends = 0};
    hf_test_start(&host, (uint32_t)_i);
    hf_test_stock(&host);
    receive(10);
    ck_assert_int_eq(hf_verify(host.engine, step, verified, &me), 0);
    ck_assert_int_eq(me.ends, 0);
    hf_test_run(&host, &me.ends, 1);
    ck_assert_int_eq(me.status, 0);
    ck_assert_uint_eq(me.findings, 0);
    ck_assert_uint_eq(me.accounts, 1);
    hf_test_stop(&host);
}
END_TEST

START_TEST(one_long_work_at_a_time)
{
    work me = {.ends = 0};
    hf_test_start(&host, (uint32_t)_i);
    ck_assert_int_eq(hf_verify(host.engine, NULL, verified, &me), 0);
    ck_assert_int_eq(hf_verify(host.engine, NULL, verified, &me), HF_E_BUSY);
    ck_assert_int_eq(hf_backup(host.engine, "copy", NULL, ended, &me), HF_E_BUSY);
    hf_test_run(&host, &me.ends, 1);
    ck_assert_int_eq(hf_verify(host.engine, NULL, NULL, &me), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_backup(host.engine, "", NULL, ended, &me), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_backup(host.engine, "copy", NULL, ended, &me), 0);
    hf_test_run(&host, &me.ends, 2);
    ck_assert_int_eq(me.status, HF_E_UNSUPPORTED); /* the memory store */
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_host_can_stop_long_work)
{
    work me = {.stop = 1};
    hf_test_start(&host, 0);
    hf_test_stock(&host);
    ck_assert_int_eq(hf_verify(host.engine, step, verified, &me), 0);
    hf_test_run(&host, &me.ends, 1);
    ck_assert_int_ge(me.steps, 1);
    ck_assert_int_eq(me.status, HF_E_CANCELLED);
    hf_test_stop(&host);
}
END_TEST

START_TEST(closing_stops_long_work_and_waits_for_it)
{
    work me = {.ends = 0};
    hf_test_start(&host, 1);
    hf_test_stock(&host);
    hf_gate_set(HF_GATE_SNAPSHOT, true);
    ck_assert_int_eq(hf_verify(host.engine, step, verified, &me), 0);
    hf_test_turn(&host, 2);
    hf_gate_wait(HF_GATE_SNAPSHOT);
    receive(3); /* work continues meanwhile */
    ck_assert_int_eq(hf_engine_close(host.engine, hf_test_closed, &host), 0);
    hf_test_turn(&host, 5);
    ck_assert_int_eq(me.ends + host.closed, 0);
    hf_gate_set(HF_GATE_SNAPSHOT, false);
    hf_test_run(&host, &host.closed, 1);
    ck_assert_int_eq(me.ends, 1);
    ck_assert_int_eq(me.status, HF_E_CANCELLED);
    hf_test_stop(&host);
}
END_TEST

START_TEST(work_that_had_not_begun_is_cancelled_by_a_close)
{
    work me = {.ends = 0};
    hf_test_start(&host, (uint32_t)_i);
    ck_assert_int_eq(hf_verify(host.engine, step, verified, &me), 0);
    hf_test_stop(&host);
    ck_assert_int_eq(me.ends, 1);
    ck_assert_int_eq(me.status, HF_E_CANCELLED);
}
END_TEST

static int (*inner_stat)(void *txn, hf_store_stat *out);

static int stat_zero(void *txn, hf_store_stat *out)
{
    int error = inner_stat(txn, out);
    for (uint32_t i = 0; out->tables != NULL && i < out->table_count; i++)
        out->tables[i].checksum = 0;
    return error;
}

START_TEST(a_store_without_checksums_is_verified)
{
    work me = {.ends = 0};
    hf_test_options(&host, (uint32_t)_i);
    hf_store_driver driver = *host.options.driver;
    inner_stat = driver.stat;
    driver.stat = stat_zero;
    host.options.driver = &driver;
    hf_test_open(&host);
    hf_test_stock(&host);
    receive(3);
    ck_assert_int_eq(hf_verify(host.engine, NULL, verified, &me), 0);
    hf_test_run(&host, &me.ends, 1);
    ck_assert_int_eq(me.status, 0);
    ck_assert_uint_eq(me.findings, 0);
    ck_assert_uint_eq(me.accounts, 1);
    hf_test_stop(&host);
}
END_TEST

static atomic_size_t asked; /* bytes, since it was set to 0 */

static void *ask(void *context, size_t bytes)
{
    (void)context;
    atomic_fetch_add(&asked, bytes);
    return malloc(bytes);
}

static void give(void *context, void *memory)
{
    (void)context;
    free(memory);
}

START_TEST(a_small_store_is_verified_in_little_memory)
{
    const hf_allocator counting = {.alloc = ask, .free = give};
    work me = {.ends = 0};
    hf_test_options(&host, (uint32_t)_i);
    host.options.allocator = &counting;
    hf_test_open(&host);
    hf_test_stock(&host);
    receive(10);
    atomic_store(&asked, 0);
    ck_assert_int_eq(hf_verify(host.engine, NULL, verified, &me), 0);
    hf_test_run(&host, &me.ends, 1);
    ck_assert_int_eq(me.status, 0);
    ck_assert_uint_lt(atomic_load(&asked), (size_t)16 << 20);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_backup_is_restored_only_where_a_store_can_be)
{
    char error[480];
    ck_assert_int_eq(hf_restore(NULL, "lmdb:x", error, sizeof error), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_restore("copy", "nothing", error, sizeof error), HF_E_URL);
    ck_assert_ptr_nonnull(strstr(error, "a store is named as"));
    ck_assert_int_eq(hf_restore("copy", "memory:", error, sizeof error), HF_E_UNSUPPORTED);
    ck_assert_int_eq(hf_restore("copy", "memory:", NULL, 0), HF_E_UNSUPPORTED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("follow");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, NULL);
    tcase_add_loop_test(core, events_stored_and_new_ones_are_delivered_in_order, 0, 2);
    tcase_add_loop_test(core, a_subscription_starts_at_the_given_event, 0, 2);
    tcase_add_loop_test(
        core, a_subscription_ahead_of_the_last_event_ends_with_an_error_that_names_it, 0, 2);
    tcase_add_loop_test(core, events_come_after_the_callbacks_of_their_operations, 0, 2);
    tcase_add_loop_test(core, a_subscription_may_end_in_its_callback, 0, 2);
    tcase_add_test(core, a_subscription_may_end_while_its_page_is_read);
    tcase_add_test(core, a_page_being_read_at_close_is_reported_as_cancelled_once);
    tcase_add_test(core, subscriptions_check_their_arguments);
    tcase_add_loop_test(core, a_virtual_clock_runs_what_became_due, 0, 2);
    tcase_add_loop_test(core, a_store_without_checksums_is_verified, 0, 2);
    tcase_add_loop_test(core, a_small_store_is_verified_in_little_memory, 0, 2);
    tcase_add_loop_test(core, a_read_after_the_clock_was_moved_sees_what_became_due, 0, 2);
    tcase_add_loop_test(core, the_wall_clock_wakes_the_engine, 0, 2);
    tcase_add_loop_test(core, verify_reports_what_it_found, 0, 2);
    tcase_add_loop_test(core, one_long_work_at_a_time, 0, 2);
    tcase_add_test(core, a_host_can_stop_long_work);
    tcase_add_test(core, closing_stops_long_work_and_waits_for_it);
    tcase_add_loop_test(core, work_that_had_not_begun_is_cancelled_by_a_close, 0, 2);
    tcase_add_test(core, a_backup_is_restored_only_where_a_store_can_be);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
