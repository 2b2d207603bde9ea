/*
 * Positions in the stream of events, on every store: a position that no event has yet is an error,
 * a page says which events retention removed before it, and cursors are listed, reset and removed.
 */
#include "support/check_main.h"
#include "support/one_shop.h"

#include <stdbool.h>
#include <unistd.h>

#define START_MS INT64_C(1800000000000)
#define HOUR_MS  INT64_C(3600000)
#define EVENTS   9u

static const char *const stores[] = {
    "memory:",
#if HF_HAVE_LMDB
    "lmdb:cursors.mdb",
#endif
#if HF_HAVE_SQLITE
    "sqlite:cursors.db",
#endif
};
#define STORES ((int)(sizeof stores / sizeof stores[0]))

static hf_completion done;

static void is(int status, int expected)
{
    ck_assert_msg(status == expected, "%s instead of %s: %s", hf_error_name(status),
                  hf_error_name(expected), done.detail);
}

static int run(uint32_t type, const void *args)
{
    return hf_run(shop.engine, type, args, &done);
}

static void deposit(int64_t amount)
{
    hf_move_args args;
    hf_move_init(&args);
    args.to = hf_key_of(HF_KIND_MONEY, "ada", "", "EUR");
    args.amount = amount;
    is(run(HF_OP_ACCOUNT_DEPOSIT, &args), 0);
}

/* An account and eight deposits, an hour apart: nine events. */
static void open_filled(int store)
{
    char path[64];
    hf_account_put_args put;
    (void)snprintf(path, sizeof path, "%s%d", stores[store], (int)getpid());
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    ck_assert_int_eq(shop_open(store == 0 ? "memory:" : path, START_MS, HF_CHECK_QUICK), 0);
    hf_account_put_init(&put, HF_KIND_MONEY, "ada", "EUR");
    put.unit_scale = 2;
    is(run(HF_OP_ACCOUNT_PUT, &put), 0);
    for (uint32_t i = 1; i < EVENTS; i++) {
        ck_assert_int_eq(hf_clock_advance(shop.engine, HOUR_MS), 0);
        deposit(i);
    }
}

static void close_all(void)
{
    shop_verify();
    shop_close();
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}

static int read_after(uint64_t seq)
{
    hf_events_read_args args;
    hf_events_read_init(&args);
    args.after_seq = seq;
    args.limit = 2;
    return run(HF_OP_EVENTS_READ, &args);
}

static int statement_after(uint64_t seq, uint32_t no)
{
    hf_statement_args args;
    hf_statement_init(&args, HF_KIND_MONEY, "ada", "EUR");
    args.after_seq = seq;
    args.after_no = no;
    args.limit = 2;
    return run(HF_OP_STATEMENT, &args);
}

static int put(const char *consumer, uint64_t seq)
{
    hf_cursor_put_args args;
    hf_cursor_put_init(&args, consumer, seq);
    return run(HF_OP_CURSOR_PUT, &args);
}

static int get(const char *consumer)
{
    hf_cursor_get_args args;
    hf_cursor_get_init(&args, consumer);
    return run(HF_OP_CURSOR_GET, &args);
}

static int reset(const char *consumer, uint64_t seq, const hf_id *id)
{
    hf_cursor_reset_args args;
    hf_cursor_reset_init(&args, consumer, seq);
    args.head.actor = "ops";
    if (id != NULL)
        args.head.id = *id;
    return run(HF_OP_CURSOR_RESET, &args);
}

static int remove_cursor(const char *consumer, const hf_id *id)
{
    hf_cursor_remove_args args;
    hf_cursor_remove_init(&args, consumer);
    args.head.actor = "ops";
    if (id != NULL)
        args.head.id = *id;
    return run(HF_OP_CURSOR_REMOVE, &args);
}

/* Removes what it may of the events that are older than so many hours after the start. */
static uint64_t retain(int64_t hours)
{
    hf_retention_args args;
    hf_retention_init(&args);
    args.before_ms = START_MS + hours * HOUR_MS;
    is(run(HF_OP_RETENTION, &args), 0);
    return ((const hf_retention_result *)done.result)->events;
}

START_TEST(a_position_that_no_event_has_yet_is_an_error_that_names_the_last_event)
{
    open_filled(_i);
    is(read_after(EVENTS), 0);
    ck_assert_uint_eq(((const hf_event_page *)done.result)->at_end, 1);
    is(read_after(EVENTS + 1), HF_E_SEQ_AHEAD);
    ck_assert_str_eq(done.detail, "after_seq 10: the last event is 9");
    is(read_after(INT64_MAX), HF_E_SEQ_AHEAD);
    is(statement_after(EVENTS, 0), 0);
    is(statement_after(EVENTS + 1, 0), HF_E_SEQ_AHEAD);
    ck_assert_str_eq(done.detail, "after_seq 10: the last event is 9");
    is(put("mailer", EVENTS + 1), HF_E_SEQ_AHEAD);
    ck_assert_str_eq(done.detail, "cursor mailer: 10, the last event is 9");
    is(get("mailer"), HF_E_NOT_FOUND);
    is(put("mailer", INT64_MAX), HF_E_SEQ_AHEAD);
    is(put("mailer", EVENTS), 0);
    is(reset("mailer", EVENTS + 1, NULL), HF_E_SEQ_AHEAD);
    deposit(1); /* the refused reset wrote no event */
    is(put("mailer", EVENTS + 1), 0);
    close_all();
}
END_TEST

START_TEST(a_store_without_events_knows_no_position_but_0)
{
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    ck_assert_int_eq(shop_open("memory:", START_MS, HF_CHECK_QUICK), 0);
    is(read_after(0), 0);
    ck_assert_uint_eq(((const hf_event_page *)done.result)->first_seq, 1);
    is(read_after(1), HF_E_SEQ_AHEAD);
    ck_assert_str_eq(done.detail, "after_seq 1: the last event is 0");
    is(put("mailer", 1), HF_E_SEQ_AHEAD);
    is(put("mailer", 0), 0);
    close_all();
}
END_TEST

static void check_page(uint64_t after, uint64_t first, uint64_t removed)
{
    is(read_after(after), 0);
    const hf_event_page *page = done.result;
    ck_assert_uint_eq(page->first_seq, 4);
    ck_assert_uint_eq(page->removed, removed);
    ck_assert_uint_eq(page->rows[0]->seq, first);
    is(statement_after(after, 0), 0);
    const hf_statement_page *statement = done.result;
    ck_assert_uint_eq(statement->first_seq, 4);
    ck_assert_uint_eq(statement->removed, removed);
    ck_assert_uint_eq(statement->rows[0]->seq, first);
}

START_TEST(a_page_that_begins_behind_removed_events_says_how_many_are_missing)
{
    open_filled(_i);
    is(read_after(1), 0);
    ck_assert_uint_eq(((const hf_event_page *)done.result)->first_seq, 1);
    ck_assert_uint_eq(((const hf_event_page *)done.result)->removed, 0);
    ck_assert_uint_eq(retain(3), 3);
    check_page(0, 4, 3);
    check_page(1, 4, 2);
    check_page(2, 4, 1);
    check_page(3, 4, 0);
    check_page(4, 5, 0);
    /* The number of a movement belongs to the event that is gone, not to the next one. */
    is(statement_after(1, 1), 0);
    ck_assert_uint_eq(((const hf_statement_page *)done.result)->rows[0]->seq, 4);
    is(statement_after(3, 1), 0);
    ck_assert_uint_eq(((const hf_statement_page *)done.result)->rows[0]->seq, 5);
    close_all();
}
END_TEST

/* What a subscription was given first. */
typedef struct first_page {
    int calls;
    uint64_t seq;
    uint64_t removed;
} first_page;

static void on_events(void *data, int status, const hf_event_page *page)
{
    first_page *first = data;
    if (status != 0 || first->calls++ != 0)
        return;
    first->seq = page->rows[0]->seq;
    first->removed = page->removed;
}

START_TEST(a_subscription_gets_the_number_of_events_it_has_missed)
{
    hf_subscription *subscription;
    first_page first = {.calls = 0};
    open_filled(_i);
    ck_assert_uint_eq(retain(3), 3);
    ck_assert_int_eq(hf_events_subscribe(shop.engine, 1, on_events, &first, &subscription), 0);
    while (first.calls == 0)
        (void)hf_loop_run_once(shop.loop, 1);
    ck_assert_uint_eq(first.seq, 4);
    ck_assert_uint_eq(first.removed, 2);
    hf_events_unsubscribe(shop.engine, subscription);
    close_all();
}
END_TEST

/* The last event: what a person did to the cursor. */
static void check_event(uint64_t seq, uint32_t type, const char *consumer, int64_t position)
{
    uint64_t at = 0;
    hf_change change;
    is(read_after(seq - 1), 0);
    const hf_event_page *page = done.result;
    ck_assert_uint_eq(page->count, 1);
    const hf_event *event = page->rows[0];
    ck_assert_uint_eq(event->type, type);
    ck_assert_uint_eq(event->subject_kind, HF_SUBJECT_CURSOR);
    ck_assert_str_eq(event->actor.text, "ops");
    ck_assert_int_eq(hf_event_next(event, &at, &change), 1);
    ck_assert_uint_eq(change.type, HF_CHANGE_NOTE);
    ck_assert_uint_eq(change.subject_kind, HF_SUBJECT_CURSOR);
    ck_assert_str_eq(change.text.text, consumer);
    ck_assert_int_eq(change.amount, position);
    ck_assert_int_eq(hf_event_next(event, &at, &change), 0);
}

START_TEST(a_cursor_is_reset_back_and_forward_by_a_person_once)
{
    open_filled(_i);
    hf_id id;
    ck_assert_int_eq(hf_id_make(shop.engine, &id), 0);
    is(reset("mailer", 3, NULL), HF_E_NOT_FOUND);
    ck_assert_str_eq(done.detail, "no cursor mailer");
    is(put("mailer", 8), 0);
    is(put("mailer", 3), HF_E_CURSOR_BACK);
    is(reset("mailer", 3, &id), 0);
    ck_assert_uint_eq(((const hf_cursor *)done.result)->seq, 3);
    ck_assert_uint_eq(done.event_seq, EVENTS + 1);
    check_event(EVENTS + 1, HF_OP_CURSOR_RESET, "mailer", 3);
    is(put("mailer", 6), 0);
    is(reset("mailer", 3, &id), 0); /* the same request again changes nothing */
    ck_assert_uint_eq(done.event_seq, EVENTS + 1);
    is(get("mailer"), 0);
    ck_assert_uint_eq(((const hf_cursor *)done.result)->seq, 6);
    is(reset("mailer", 4, &id), HF_E_ID_REUSED);
    is(reset("mailer", 6, NULL), 0);
    ck_assert_uint_eq(done.event_seq, 0); /* it stands there */
    is(reset("mailer", EVENTS + 1, NULL), 0);
    check_event(EVENTS + 2, HF_OP_CURSOR_RESET, "mailer", EVENTS + 1);
    is(reset("mailer", 0, NULL), 0);
    close_all();
}
END_TEST

START_TEST(an_abandoned_consumer_keeps_events_until_its_cursor_is_removed)
{
    open_filled(_i);
    hf_id id;
    ck_assert_int_eq(hf_id_make(shop.engine, &id), 0);
    is(put("gone", 2), 0);
    is(put("mailer", 7), 0);
    ck_assert_uint_eq(retain(8), 2);
    is(remove_cursor("nobody", NULL), HF_E_NOT_FOUND);
    is(remove_cursor("gone", &id), 0);
    ck_assert_str_eq(((const hf_cursor *)done.result)->consumer.text, "gone");
    ck_assert_uint_eq(((const hf_cursor *)done.result)->seq, 2);
    check_event(EVENTS + 2, HF_OP_CURSOR_REMOVE, "gone", 2);
    is(get("gone"), HF_E_NOT_FOUND);
    is(put("gone", 1), 0);
    is(remove_cursor("gone", &id), 0); /* the same request again changes nothing */
    is(get("gone"), 0);
    is(remove_cursor("gone", NULL), 0);
    ck_assert_uint_eq(retain(8), 5);
    close_all();
}
END_TEST

static void check_list(const char *after, const char *const *names, uint32_t count)
{
    hf_cursor_list_args args;
    hf_cursor_list_init(&args);
    args.after = after;
    args.limit = 2;
    is(run(HF_OP_CURSOR_LIST, &args), 0);
    const hf_cursor_page *page = done.result;
    ck_assert_uint_eq(page->count, count);
    ck_assert_uint_eq(page->first_seq, 3);
    ck_assert_uint_eq(page->last_seq, EVENTS + 1);
    for (uint32_t i = 0; i < count; i++)
        ck_assert_str_eq(page->rows[i]->consumer.text, names[i]);
}

START_TEST(cursors_are_listed_page_by_page_with_the_first_and_the_last_event)
{
    static const char *const names[] = {"audit", "mail", "mailer"};
    open_filled(_i);
    is(put("mailer", 3), 0);
    is(put("audit", 2), 0);
    is(put("mail", EVENTS), 0);
    ck_assert_uint_eq(retain(8), 2);
    check_list(NULL, names, 2);
    check_list("a", names, 2);
    check_list("audit", names + 1, 2);
    check_list("mail", names + 2, 1);
    check_list("mailer", NULL, 0);
    close_all();
}
END_TEST

/* ---- Which store it is ----------------------------------------------------------------------- */

typedef struct identity {
    hf_id store;
    uint64_t incarnation;
} identity;

/* What health and a page of events say, which must be the same. */
static identity read_identity(void)
{
    hf_health_info health = {.size = sizeof health};
    ck_assert_int_eq(hf_health(shop.engine, &health), 0);
    is(read_after(0), 0);
    const hf_event_page *page = done.result;
    ck_assert_mem_eq(&page->store, &health.store, sizeof health.store);
    ck_assert_uint_eq(page->incarnation, health.incarnation);
    return (identity){health.store, health.incarnation};
}

static void open_again(const char *url, uint32_t durability)
{
    hf_options options;
    hf_options_init(&options);
    options.store = url;
    options.threads = 0;
    options.virtual_time_ms = START_MS + 100 * HOUR_MS;
    options.durability = durability;
    ck_assert_int_eq(hf_engine_open(shop.loop, &options, &shop.engine), 0);
}

static void on_backup(void *data, int status, const char *detail)
{
    (void)data;
    ck_assert_msg(status == 0, "%s", detail);
    shop.ended++;
}

static bool same_store(const identity *a, const identity *b)
{
    return memcmp(&a->store, &b->store, sizeof a->store) == 0;
}

START_TEST(a_restored_store_has_the_identity_of_the_backup_and_another_incarnation)
{
    static const uint32_t durabilities[] = {HF_DURABILITY_STORE, HF_DURABILITY_JOURNAL};
    char url[64];
    char copy[96];
    char restored[96];
    int store = 1 + _i / 2;
    uint32_t durability = durabilities[_i % 2];
    (void)snprintf(url, sizeof url, "%s%d", stores[store], (int)getpid());
    (void)snprintf(copy, sizeof copy, "%s.copy", strchr(url, ':') + 1);
    (void)snprintf(restored, sizeof restored, "%s.restored", url);
    open_filled(store);
    const identity before = read_identity();
    ck_assert_uint_eq(before.incarnation, 1);
    ck_assert_int_eq(hf_backup(shop.engine, copy, NULL, on_backup, NULL), 0);
    shop_wait();
    deposit(1);
    shop_close();
    open_again(url, durability);
    identity now = read_identity();
    ck_assert(same_store(&now, &before));
    ck_assert_uint_eq(now.incarnation, 1);
    shop_close();
    ck_assert_int_eq(hf_restore(copy, restored, NULL, 0), 0);
    for (int i = 0; i < 3; i++) { /* before and after the first write, and once more */
        open_again(restored, durability);
        now = read_identity();
        ck_assert(same_store(&now, &before));
        ck_assert_uint_eq(now.incarnation, 2);
        is(read_after(EVENTS + 1), i == 0 ? HF_E_SEQ_AHEAD : 0);
        deposit(1);
        shop_close();
    }
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}
END_TEST

START_TEST(two_stores_have_different_identities)
{
    identity both[2];
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
        ck_assert_int_eq(shop_open("memory:", START_MS, HF_CHECK_QUICK), 0);
        both[i] = read_identity();
        ck_assert_uint_eq(both[i].incarnation, 1);
        close_all();
    }
    ck_assert(!same_store(&both[0], &both[1]));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cursors");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(
        core, a_position_that_no_event_has_yet_is_an_error_that_names_the_last_event, 0, STORES);
    tcase_add_test(core, a_store_without_events_knows_no_position_but_0);
    tcase_add_loop_test(core, a_page_that_begins_behind_removed_events_says_how_many_are_missing, 0,
                        STORES);
    tcase_add_loop_test(core, a_subscription_gets_the_number_of_events_it_has_missed, 0, STORES);
    tcase_add_loop_test(core, a_cursor_is_reset_back_and_forward_by_a_person_once, 0, STORES);
    tcase_add_loop_test(core, an_abandoned_consumer_keeps_events_until_its_cursor_is_removed, 0,
                        STORES);
    tcase_add_loop_test(core, cursors_are_listed_page_by_page_with_the_first_and_the_last_event, 0,
                        STORES);
    tcase_add_loop_test(core,
                        a_restored_store_has_the_identity_of_the_backup_and_another_incarnation, 0,
                        2 * (STORES - 1));
    tcase_add_test(core, two_stores_have_different_identities);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
