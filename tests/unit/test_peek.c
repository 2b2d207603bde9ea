/*
 * When a record is in the read cache and what a peek shows of it: while a commit is written, in its
 * own callback, when a read comes back late, on a store that is shared, only read or poisoned, and
 * when a virtual clock was moved on.
 */
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier): memmem */
#include "cache/packed_result.h"
#include "support/check_main.h"
#include "support/host.h"
#include "support/two_engines.h"

#include <unistd.h>

#define START_MS INT64_C(1800000000000)

static hf_test_host host;

static const hf_account *peek(hf_test_host *at)
{
    hf_account_get_args args;
    const hf_account *found;
    int64_t age_ms = -1;
    hf_item_get_init(&args, "bell");
    int status = hf_item_peek(at->engine, &args, &found, &age_ms);
    ck_assert(status == 0 || status == HF_E_NOT_CACHED);
    ck_assert((status == 0) == (found != NULL));
    ck_assert(at->options.driver != hf_gate_store() || age_ms == 0);
    return found;
}

static void read_it(hf_test_host *at)
{
    hf_test_call call = {.calls = 0};
    ck_assert_int_eq(hf_test_get(at, &call), 0);
    hf_test_run(at, &call.calls, 1);
    ck_assert_int_eq(call.status, 0);
}

static int receive(hf_test_host *at, int64_t quantity)
{
    hf_test_call call = {.calls = 0};
    ck_assert_int_eq(hf_test_receive(at, &call, quantity), 0);
    hf_test_run(at, &call.calls, 1);
    return call.status;
}

static void start_cached(uint32_t threads)
{
    hf_test_start(&host, threads);
    hf_test_stock(&host);
    read_it(&host);
}

/* ---- While batches are on their way ---------------------------------------------------------- */

START_TEST(a_record_is_cached_when_it_was_read)
{
    hf_test_start(&host, 0);
    ck_assert_ptr_null(peek(&host));
    hf_test_stock(&host);
    ck_assert_ptr_null(peek(&host));
    read_it(&host);
    ck_assert_ptr_nonnull(peek(&host));
    ck_assert_int_eq(receive(&host, 3), 0);
    ck_assert_int_eq(peek(&host)->balance, 3);
    hf_test_stop(&host);
}
END_TEST

START_TEST(while_a_commit_is_not_delivered_a_peek_shows_what_was_before)
{
    hf_test_call call = {.calls = 0};
    start_cached(1);
    hf_gate_set(HF_GATE_COMMITTED, true);
    ck_assert_int_eq(hf_test_receive(&host, &call, 5), 0);
    hf_test_turn(&host, 3);
    hf_gate_wait(HF_GATE_COMMITTED);
    ck_assert_int_eq(peek(&host)->balance, 0);
    hf_gate_set(HF_GATE_COMMITTED, false);
    hf_test_run(&host, &call.calls, 1);
    ck_assert_int_eq(peek(&host)->balance, 5);
    hf_test_stop(&host);
}
END_TEST

static int64_t seen_in_callback;

static void look(hf_test_call *call)
{
    (void)call;
    seen_in_callback = peek(&host)->balance;
}

START_TEST(a_callback_sees_what_its_operation_did)
{
    hf_test_call call = {.then = look};
    start_cached(_i > 0);
    ck_assert_int_eq(hf_test_receive(&host, &call, 7), 0);
    hf_test_run(&host, &call.calls, 1);
    ck_assert_int_eq(seen_in_callback, 7);
    hf_test_stop(&host);
}
END_TEST

/* The snapshot of the read is older than the commit that is delivered before the answer. */
START_TEST(a_read_that_comes_back_late_is_not_cached)
{
    hf_test_call late = {.calls = 0};
    hf_test_start(&host, 1);
    hf_test_stock(&host);
    hf_gate_set(HF_GATE_SNAPSHOT, true);
    ck_assert_int_eq(hf_test_get(&host, &late), 0);
    hf_test_turn(&host, 3);
    hf_gate_wait(HF_GATE_SNAPSHOT);
    ck_assert_int_eq(receive(&host, 9), 0);
    hf_gate_set(HF_GATE_SNAPSHOT, false);
    hf_test_run(&host, &late.calls, 1);
    ck_assert_int_eq(late.balance, 0);
    ck_assert_ptr_null(peek(&host));
    read_it(&host);
    ck_assert_int_eq(peek(&host)->balance, 9);
    hf_test_stop(&host);
}
END_TEST

static int64_t listed;

static void note_list(hf_req *req, const hf_completion *done)
{
    const hf_account_page *page = done->result;
    ck_assert_int_eq(done->status, 0);
    listed = page->rows[0]->balance;
    ++*(int *)req->data;
}

/* Of a commit that is in the store and not delivered; in one batch (`_i` 0) or two (1). */
START_TEST(a_read_of_a_cached_record_is_not_older_than_the_list_before_it)
{
    hf_test_call write = {.calls = 0};
    hf_test_call get = {.calls = 0};
    int lists = 0;
    hf_req list = {.data = &lists};
    hf_account_list_args args;
    start_cached(1);
    hf_gate_set(HF_GATE_COMMITTED, true);
    ck_assert_int_eq(hf_test_receive(&host, &write, 5), 0);
    hf_test_turn(&host, 3);
    hf_gate_wait(HF_GATE_COMMITTED);
    hf_account_list_init(&args);
    hf_gate_set(HF_GATE_SNAPSHOT, true);
    ck_assert_int_eq(hf_item_list(host.engine, &list, &args, note_list), 0);
    if (_i == 0)
        ck_assert_int_eq(hf_test_get(&host, &get), 0);
    hf_test_turn(&host, 3);
    hf_gate_wait(HF_GATE_SNAPSHOT);
    if (_i == 1)
        ck_assert_int_eq(hf_test_get(&host, &get), 0);
    hf_test_turn(&host, 3);
    hf_gate_set(HF_GATE_SNAPSHOT, false);
    hf_gate_set(HF_GATE_COMMITTED, false);
    hf_test_run(&host, &get.calls, 1);
    ck_assert_int_eq(lists, 1);
    ck_assert_int_eq(listed, 5);
    ck_assert_int_eq(get.balance, 5);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_cached_read_needs_no_snapshot_and_is_called_back_later)
{
    hf_test_call call = {.calls = 0};
    start_cached(1);
    hf_gate_set(HF_GATE_SNAPSHOT, true);
    ck_assert_int_eq(hf_test_get(&host, &call), 0);
    ck_assert_int_eq(call.calls, 0);
    hf_test_run(&host, &call.calls, 1);
    ck_assert_int_eq(call.status, 0);
    hf_gate_set(HF_GATE_SNAPSHOT, false);
    hf_test_stop(&host);
}
END_TEST

static char seen_meta[64];

static void note_meta(hf_req *req, const hf_completion *done)
{
    const hf_account *row = done->result;
    ck_assert_int_eq(done->status, 0);
    ck_assert_uint_lt(row->meta_bytes, sizeof seen_meta);
    memcpy(seen_meta, row->meta, row->meta_bytes);
    seen_meta[row->meta_bytes] = '\0';
    ++*(int *)req->data;
}

static void put_meta(hf_test_call *call, const char *meta)
{
    hf_account_put_args args;
    hf_item_put_init(&args, "bell");
    args.head.meta = meta;
    args.head.meta_bytes = strlen(meta);
    ck_assert_int_eq(hf_item_put(host.engine, &call->req, &args, hf_test_done), 0);
}

/* A longer meta moves the entry; what is left of the old one is erased and may be overwritten. */
START_TEST(a_cached_result_is_whole_although_a_commit_replaces_it_in_the_same_turn)
{
    hf_test_call write = {.calls = 0};
    hf_account_get_args args;
    int reads = 0;
    hf_req get = {.data = &reads};
    start_cached(0);
    put_meta(&write, "short");
    hf_test_run(&host, &write.calls, 1);
    read_it(&host);
    ck_assert_ptr_nonnull(peek(&host));
    hf_item_get_init(&args, "bell");
    if (_i == 0)
        ck_assert_int_eq(hf_item_get(host.engine, &get, &args, note_meta), 0);
    put_meta(&write, "much longer than what was there before it");
    if (_i == 1)
        ck_assert_int_eq(hf_item_get(host.engine, &get, &args, note_meta), 0);
    hf_test_run(&host, &reads, 1);
    ck_assert(strcmp(seen_meta, "short") == 0 || strncmp(seen_meta, "much longer", 11) == 0);
    hf_test_run(&host, &write.calls, 2);
    hf_test_stop(&host);
}
END_TEST

/* Of hf_run and of hf_completions: both are used after the callbacks of later batches. */
START_TEST(a_cached_result_that_outlives_its_delivery_is_a_copy)
{
    hf_test_call write = {.calls = 0};
    hf_account_get_args args;
    hf_completion done = {.result = NULL};
    start_cached(0);
    put_meta(&write, "short");
    hf_test_run(&host, &write.calls, 1);
    read_it(&host);
    ck_assert_ptr_nonnull(peek(&host));
    hf_item_get_init(&args, "bell");
    const hf_op op = {.type = HF_OP_ITEM_GET, .args = &args};
    if (_i == 0)
        ck_assert_int_eq(hf_run(host.engine, op.type, op.args, &done), 0);
    else
        ck_assert_int_eq(hf_submit(host.engine, &op, 1, NULL), 1);
    put_meta(&write, "much longer than what was there before it");
    hf_test_run(&host, &write.calls, 2);
    if (_i == 1)
        ck_assert_int_eq(hf_completions(host.engine, &done, 1), 1);
    const hf_account *row = done.result;
    ck_assert_ptr_nonnull(row);
    ck_assert_uint_eq(row->meta_bytes, 5);
    ck_assert_mem_eq(row->meta, "short", 5);
    hf_test_stop(&host);
}
END_TEST

/* Else reads that are in flight all the time would never come back to the cache. */
START_TEST(a_cached_read_waits_for_the_reads_before_it_and_needs_no_snapshot)
{
    hf_test_call get = {.calls = 0};
    int lists = 0;
    hf_req list = {.data = &lists};
    hf_account_list_args args;
    start_cached(1);
    hf_gate_set(HF_GATE_SNAPSHOT, true);
    hf_account_list_init(&args);
    ck_assert_int_eq(hf_item_list(host.engine, &list, &args, note_list), 0);
    hf_test_turn(&host, 3);
    hf_gate_wait(HF_GATE_SNAPSHOT);
    const int ended = hf_gate_count(&hf_gates.ended);
    ck_assert_int_eq(hf_test_get(&host, &get), 0);
    hf_test_turn(&host, 3);
    ck_assert_int_eq(get.calls, 0);
    hf_gate_set(HF_GATE_SNAPSHOT, false);
    hf_test_run(&host, &get.calls, 1);
    ck_assert_int_eq(lists, 1);
    ck_assert_int_eq(hf_gate_count(&hf_gates.ended), ended + 1);
    hf_test_stop(&host);
}
END_TEST

/* An answer takes the place of one with a longer meta; then the meta is erased. */
START_TEST(nothing_of_an_earlier_meta_stays_when_it_is_erased)
{
    static uint8_t packed[4096];
    const hf_account longer = {.version = 1, .meta = "SECRETAB", .meta_bytes = 8};
    const hf_account shorter = {.version = 2, .meta = "x", .meta_bytes = 1};
    ck_assert_uint_eq(hf__result_bytes(HF__ACCOUNTS, &longer),
                      hf__result_bytes(HF__ACCOUNTS, &shorter));
    hf__result_pack(HF__ACCOUNTS, &longer, packed);
    hf__result_pack(HF__ACCOUNTS, &shorter, packed);
    hf__result_erase(HF__ACCOUNTS, packed);
    ck_assert_ptr_null(memmem(packed, sizeof packed, "CRET", 4));
}
END_TEST

/* ---- Failures -------------------------------------------------------------------------------- */

START_TEST(a_commit_that_failed_leaves_the_cache_as_it_was)
{
    start_cached(_i > 0);
    hf_gates.commit_error = HF_E_BUSY;
    ck_assert_int_eq(receive(&host, 5), HF_E_BUSY);
    ck_assert_int_eq(peek(&host)->balance, 0);
    ck_assert_int_eq(receive(&host, 6), 0);
    ck_assert_int_eq(peek(&host)->balance, 6);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_poisoned_engine_answers_from_the_store)
{
    start_cached(_i > 0);
    hf_gates.commit_error = HF_E_IO;
    ck_assert_int_eq(receive(&host, 5), HF_E_UNKNOWN);
    ck_assert_ptr_null(peek(&host));
    read_it(&host);
    ck_assert_ptr_null(peek(&host));
    hf_test_stop(&host);
}
END_TEST

/* ---- Clock, restart, sharing ----------------------------------------------------------------- */

START_TEST(what_a_clock_made_due_comes_before_a_peek)
{
    const hf_order_view *view;
    hf_id order;
    hf_test_options(&host, 0);
    host.options.virtual_time_ms = START_MS;
    hf_test_open(&host);
    hf_test_stock(&host);
    read_it(&host);
    ck_assert_int_eq(hf_clock_advance(host.engine, 1), 0);
    ck_assert_ptr_null(peek(&host));
    ck_assert_int_eq(hf_id_make(host.engine, &order), 0);
    ck_assert_int_eq(hf_orders_peek(host.engine, &order, 1, &view, NULL), HF_E_NOT_CACHED);
    ck_assert_int_eq(hf_orders_peek(host.engine, &order, 0, &view, NULL), 0);
    hf_test_turn(&host, 3);
    ck_assert_ptr_nonnull(peek(&host));
    hf_test_stop(&host);
}
END_TEST

START_TEST(without_memory_for_a_cache_nothing_is_cached)
{
    hf_test_options(&host, 0);
    host.options.read_cache_bytes_max = 0;
    hf_test_open(&host);
    hf_test_stock(&host);
    read_it(&host);
    ck_assert_ptr_null(peek(&host));
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_shared_store_is_read_and_a_peek_returns_its_age)
{
    static hf_test_host other;
    const hf_store_driver *driver = hf_shared_start();
    hf_test_options(&host, 0);
    host.options.driver = driver;
    host.options.store = "0";
    host.options.peek_age_max_ms = 3600000;
    hf_test_open(&host);
    hf_test_options(&other, 0);
    other.options.driver = driver;
    other.options.store = "1";
    other.options.peek_age_max_ms = 0;
    hf_test_open(&other);
    hf_test_stock(&host);
    read_it(&host);
    read_it(&other);
    ck_assert_ptr_null(peek(&other));
    ck_assert_int_eq(receive(&other, 4), 0);
    ck_assert_int_eq(peek(&host)->balance, 0);
    hf_test_call call = {.calls = 0};
    ck_assert_int_eq(hf_test_get(&host, &call), 0);
    hf_test_run(&host, &call.calls, 1);
    ck_assert_int_eq(call.balance, 4);
    ck_assert_int_eq(peek(&host)->balance, 4);
    ck_assert_int_eq(receive(&host, 1), 0);
    ck_assert_int_eq(peek(&host)->balance, 5);
    hf_test_stop(&other);
    hf_test_stop(&host);
}
END_TEST

#if HF_HAVE_LMDB
START_TEST(an_engine_that_only_reads_caches_too_and_a_new_one_begins_empty)
{
    hf_test_options(&host, 0);
    host.options.driver = NULL;
    host.options.store = "lmdb:peek.mdb";
    hf_test_open(&host);
    hf_test_stock(&host);
    read_it(&host);
    ck_assert_ptr_nonnull(peek(&host));
    hf_test_stop(&host);
    hf_test_options(&host, 0);
    host.options.driver = NULL;
    host.options.store = "lmdb:peek.mdb";
    host.options.read_only = 1;
    hf_test_open(&host);
    ck_assert_ptr_null(peek(&host));
    read_it(&host);
    ck_assert_ptr_nonnull(peek(&host));
    hf_test_stop(&host);
    ck_assert_int_eq(unlink("peek.mdb"), 0);
}
END_TEST
#endif

/* ---- Misuse ---------------------------------------------------------------------------------- */

START_TEST(wrong_arguments_are_refused_as_by_get)
{
    hf_account_get_args args;
    hf_order_get_args order;
    const hf_account *found = NULL;
    const hf_order_view *view = NULL;
    const hf_id none = {{0}};
    hf_test_start(&host, 0);
    hf_account_get_init(&args, HF_KIND_MONEY, "ada", "EUR");
    hf_order_get_init(&order, &none);
    ck_assert_int_eq(hf_item_peek(host.engine, &args, &found, NULL), HF_E_ENUM);
    ck_assert_int_eq(hf_account_peek(host.engine, &args, &found, NULL), HF_E_NOT_CACHED);
    ck_assert_int_eq(hf_account_peek(host.engine, &args, NULL, NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_account_peek(host.engine, NULL, &found, NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_order_peek(host.engine, &order, &view, NULL), HF_E_ID);
    ck_assert_int_eq(hf_order_peek(NULL, &order, &view, NULL), HF_E_CLOSED);
    hf_test_stop(&host);
}
END_TEST

START_TEST(wrong_orders_are_refused_and_none_is_shown)
{
    const hf_order_view *const before = (const hf_order_view *)(const void *)&host;
    const hf_order_view *views[2] = {before, before};
    int64_t ages_ms[2] = {7, 7};
    hf_id orders[2] = {{{0}}};
    hf_test_start(&host, 0);
    ck_assert_int_eq(hf_id_make(host.engine, &orders[0]), 0);
    ck_assert_int_eq(hf_orders_peek(host.engine, orders, 2, NULL, NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_orders_peek(host.engine, NULL, 0, views, NULL), 0);
    ck_assert_ptr_eq(views[0], before);
    ck_assert_int_eq(hf_orders_peek(host.engine, orders, 2, views, ages_ms), HF_E_ID);
    ck_assert_str_eq(hf_engine_detail(host.engine), "orders[1]: an id is not a UUIDv7");
    ck_assert_ptr_null(views[0]);
    ck_assert_ptr_null(views[1]);
    ck_assert_int_eq(ages_ms[1], 0);
    views[0] = before;
    ck_assert_int_eq(hf_orders_peek(host.engine, NULL, 1, views, NULL), HF_E_ARGUMENT);
    ck_assert_ptr_null(views[0]);
    views[0] = before;
    ck_assert_int_eq(hf_orders_peek(NULL, orders, 1, views, NULL), HF_E_CLOSED);
    ck_assert_ptr_null(views[0]);
    ck_assert_int_eq(hf_orders_peek(host.engine, orders, 1, views, NULL), HF_E_NOT_CACHED);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("peek");
    TCase *core = tcase_create("core");
    tcase_add_test(core, a_record_is_cached_when_it_was_read);
    tcase_add_test(core, while_a_commit_is_not_delivered_a_peek_shows_what_was_before);
    tcase_add_loop_test(core, a_callback_sees_what_its_operation_did, 0, 2);
    tcase_add_test(core, a_read_that_comes_back_late_is_not_cached);
    tcase_add_test(core, a_cached_read_waits_for_the_reads_before_it_and_needs_no_snapshot);
    tcase_add_test(core, nothing_of_an_earlier_meta_stays_when_it_is_erased);
    tcase_add_loop_test(core, a_read_of_a_cached_record_is_not_older_than_the_list_before_it, 0, 2);
    tcase_add_loop_test(
        core, a_cached_result_is_whole_although_a_commit_replaces_it_in_the_same_turn, 0, 2);
    tcase_add_loop_test(core, a_cached_result_that_outlives_its_delivery_is_a_copy, 0, 2);
    tcase_add_test(core, a_cached_read_needs_no_snapshot_and_is_called_back_later);
    tcase_add_loop_test(core, a_commit_that_failed_leaves_the_cache_as_it_was, 0, 2);
    tcase_add_loop_test(core, a_poisoned_engine_answers_from_the_store, 0, 2);
    tcase_add_test(core, what_a_clock_made_due_comes_before_a_peek);
    tcase_add_test(core, without_memory_for_a_cache_nothing_is_cached);
    tcase_add_test(core, a_shared_store_is_read_and_a_peek_returns_its_age);
#if HF_HAVE_LMDB
    tcase_add_test(core, an_engine_that_only_reads_caches_too_and_a_new_one_begins_empty);
#endif
    tcase_add_test(core, wrong_arguments_are_refused_as_by_get);
    tcase_add_test(core, wrong_orders_are_refused_and_none_is_shown);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
