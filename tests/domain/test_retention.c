/* Retention: what ended long ago goes, what it stood for stays provable, and its id never acts. */
#include "base/id.h"
#include "domain/txn/work.h"
#include "domain/upkeep/purge.h"
#include "support/check_main.h"
#include "support/view.h"

#include <holdfast/engine.h>
#include <holdfast/item.h>
#include <stdio.h>
#include <string.h>

#define DAY INT64_C(86400000)

static hf_test_fixture fixture;
static const hf_account_key tea = {.kind = HF_KIND_ITEM, .name = "tea", .unit = "pcs"};

static void set_up(void)
{
    hf_test_fixture_init(&fixture);
    hf_test_open(&fixture, HF_KIND_ITEM, "tea", "pcs", 1000);
}

static void tear_down(void)
{
    hf_test_fixture_fini(&fixture);
}

static hf_retention_result retain(int64_t before_ms, uint32_t limit)
{
    hf_retention_args args;
    hf_retention_init(&args);
    args.before_ms = before_ms;
    args.limit = limit;
    hf_test_expect(&fixture, 0, HF_OP_RETENTION, &args);
    return *(const hf_retention_result *)fixture.draft.result;
}

static hf_id place_hold(int64_t amount)
{
    hf_hold_place_args args;
    hf_hold_place_init(&args);
    args.head.id = hf_test_id(&fixture);
    args.from = tea;
    args.amount = amount;
    hf_test_expect(&fixture, 0, HF_OP_HOLD_PLACE, &args);
    return args.head.id;
}

static int post(hf_id hold, hf_id op)
{
    hf_hold_post_args args;
    hf_hold_post_init(&args, &hold);
    args.head.id = op;
    args.post = HF_ALL;
    return hf_test_run(&fixture, HF_OP_HOLD_POST, &args);
}

/* An order as if it had ended; without what would hold anything. */
static hf_order ended_order(uint64_t number, uint32_t state)
{
    hf_order order = {.id = hf_test_id(&fixture),
                      .number = number,
                      .state = state,
                      .closed_at_ms = state == HF_ORDER_CONFIRMED ? 0 : fixture.now_ms,
                      .confirmed_at_ms = fixture.now_ms,
                      .line_count = 1};
    hf_test_put(&fixture, HF__ORDERS, &order);
    hf_order_line line = {.order = order.id, .no = 1, .quantity = 1, .fulfilled = 1};
    hf_test_put(&fixture, HF__ORDER_LINES, &line);
    hf_adjustment adjustment = {.order = order.id, .no = 1};
    hf_test_put(&fixture, HF__ADJUSTMENTS, &adjustment);
    hf_payment payment = {.id = hf_test_id(&fixture), .order = order.id, .no = 1};
    hf_test_put(&fixture, HF__PAYMENTS, &payment);
    return order;
}

START_TEST(holds_and_keys_that_ended_are_removed_and_never_act_again)
{
    hf_id done = place_hold(4);
    hf_id open = place_hold(5);
    hf_id op = hf_test_id(&fixture);
    ck_assert_int_eq(post(done, op), 0);
    fixture.now_ms += DAY;
    hf_retention_result result = retain(fixture.now_ms, 100);
    ck_assert_uint_eq(result.holds, 1);
    ck_assert_uint_eq(result.op_keys, 1);
    ck_assert_uint_eq(result.more, 0);
    ck_assert_ptr_null(hf_test_row_of(&fixture, HF__HOLDS, &(hf_hold){.id = done}));
    ck_assert_ptr_nonnull(hf_test_row_of(&fixture, HF__HOLDS, &(hf_hold){.id = open}));
    ck_assert_int_eq(post(open, op), HF_E_ID_TOO_OLD);
    ck_assert_int_eq(fixture.purged_until_ms, fixture.now_ms);
}
END_TEST

START_TEST(a_record_that_is_kept_still_answers_its_id)
{
    hf_hold_place_args args;
    hf_hold_place_init(&args);
    args.head.id = hf_test_id(&fixture);
    args.from = tea;
    args.amount = 5;
    hf_test_expect(&fixture, 0, HF_OP_HOLD_PLACE, &args);
    fixture.now_ms += DAY;
    retain(fixture.now_ms, 100);
    hf_test_expect(&fixture, 0, HF_OP_HOLD_PLACE, &args);
    ck_assert_uint_eq(fixture.draft.quiet, 1);
}
END_TEST

START_TEST(what_ended_after_that_time_stays)
{
    hf_id hold = place_hold(4);
    int64_t between = fixture.now_ms + DAY;
    fixture.now_ms += 2 * DAY;
    ck_assert_int_eq(post(hold, hf_test_id(&fixture)), 0);
    fixture.now_ms += DAY;
    hf_retention_result result = retain(between, 100);
    ck_assert_uint_eq(result.holds, 0);
    ck_assert_uint_eq(result.op_keys, 0);
    ck_assert_ptr_nonnull(hf_test_row_of(&fixture, HF__HOLDS, &(hf_hold){.id = hold}));
}
END_TEST

START_TEST(events_become_bases_and_the_books_still_add_up)
{
    (void)place_hold(4);
    ck_assert_int_eq(post(place_hold(7), hf_test_id(&fixture)), 0);
    uint64_t before = fixture.event_seq;
    fixture.now_ms += DAY;
    hf_retention_result result = retain(fixture.now_ms, 1000);
    ck_assert_uint_eq(result.events, before);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__EVENTS), 1);
    hf__account_base key = {.account = hf_test_ref(HF_KIND_ITEM, "tea", "pcs")};
    const hf__account_base *base = hf_test_row_of(&fixture, HF__ACCOUNT_BASES, &key);
    ck_assert_int_eq(base->balance, 993);
    ck_assert_int_eq(base->held_out, 4);
    (void)place_hold(9);
}
END_TEST

START_TEST(events_that_a_cursor_has_not_passed_stay)
{
    (void)place_hold(1);
    (void)place_hold(1);
    (void)place_hold(1);
    hf_cursor_put_args cursor;
    hf_cursor_put_init(&cursor, "mailer", 2);
    hf_test_expect(&fixture, 0, HF_OP_CURSOR_PUT, &cursor);
    hf_cursor_put_init(&cursor, "audit", 3);
    hf_test_expect(&fixture, 0, HF_OP_CURSOR_PUT, &cursor);
    fixture.now_ms += DAY;
    ck_assert_uint_eq(retain(fixture.now_ms, 100).events, 2);
    ck_assert_ptr_nonnull(hf_test_row_of(&fixture, HF__EVENTS, &(hf_event){.seq = 3}));
}
END_TEST

START_TEST(an_order_goes_with_all_that_belongs_to_it)
{
    hf_order order = ended_order(1, HF_ORDER_CLOSED);
    fixture.now_ms += DAY;
    ck_assert_uint_eq(retain(fixture.now_ms, 100).orders, 1);
    ck_assert_ptr_null(hf_test_row_of(&fixture, HF__ORDERS, &order));
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__ORDER_LINES), 0);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__ADJUSTMENTS), 0);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__PAYMENTS), 0);
}
END_TEST

START_TEST(an_order_that_is_open_or_wants_a_person_stays)
{
    (void)ended_order(1, HF_ORDER_CONFIRMED);
    hf_order attention = ended_order(2, HF_ORDER_CLOSED);
    attention.attention = HF_ATTENTION_LATE_PAYMENT;
    hf_test_put(&fixture, HF__ORDERS, &attention);
    hf_order paid = ended_order(3, HF_ORDER_CLOSED);
    hf_payment payment = {.id = hf_test_id(&fixture), .order = paid.id, .no = 2, .attention = 4};
    hf_test_put(&fixture, HF__PAYMENTS, &payment);
    fixture.now_ms += DAY;
    ck_assert_uint_eq(retain(fixture.now_ms, 100).orders, 0);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__ORDERS), 3);
}
END_TEST

START_TEST(removed_numbers_are_kept_as_ranges)
{
    static const uint64_t numbers[] = {4, 1, 2, 9, 3, 8, 6};
    for (size_t i = 0; i < 7; i++)
        (void)ended_order(numbers[i], HF_ORDER_CANCELLED);
    fixture.now_ms += DAY;
    ck_assert_uint_eq(retain(fixture.now_ms, 100).orders, 7);
    (void)ended_order(5, HF_ORDER_EXPIRED);
    (void)ended_order(7, HF_ORDER_EXPIRED);
    fixture.now_ms += DAY;
    hf__purge key = {.kind = HF__PURGE_NUMBERS, .first = 1};
    ck_assert_uint_eq(((const hf__purge *)hf_test_row_of(&fixture, HF__PURGES, &key))->last, 4);
    key.first = 8;
    ck_assert_uint_eq(((const hf__purge *)hf_test_row_of(&fixture, HF__PURGES, &key))->last, 9);
    ck_assert_uint_eq(retain(fixture.now_ms, 100).orders, 2);
    key.first = 1;
    ck_assert_uint_eq(((const hf__purge *)hf_test_row_of(&fixture, HF__PURGES, &key))->last, 9);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__PURGES), 3); /* ids, numbers, events */
}
END_TEST

/* One by one, through many open records in front: each call looks at few and all is found. */
START_TEST(a_small_limit_comes_to_the_end_too)
{
    for (uint64_t i = 1; i <= 12; i++) {
        (void)ended_order(i, i % 2 == 0 ? HF_ORDER_CLOSED : HF_ORDER_CONFIRMED);
        (void)place_hold(1);
        fixture.now_ms += 3;
    }
    for (uint32_t i = 0; i < 5; i++)
        ck_assert_int_eq(post(place_hold(1), hf_test_id(&fixture)), 0);
    fixture.now_ms += DAY;
    int64_t before = fixture.now_ms;
    uint64_t events = fixture.event_seq;
    hf_retention_result sum = {.more = 1};
    uint32_t calls = 0;
    while (sum.more) {
        hf_retention_result result = retain(before, 2);
        sum.orders += result.orders;
        sum.holds += result.holds;
        sum.op_keys += result.op_keys;
        sum.events += result.events;
        sum.more = result.more;
        fixture.now_ms += 1;
        ck_assert_uint_lt(++calls, 100);
    }
    ck_assert_uint_gt(calls, 20);
    ck_assert_uint_eq(sum.orders, 6);
    ck_assert_uint_eq(sum.holds, 5);
    ck_assert_uint_eq(sum.op_keys, 5);
    ck_assert_uint_eq(sum.events, events);
    hf__purge place = {.kind = HF__PURGE_IDS};
    (void)snprintf(place.name.text, sizeof place.name.text, "orders");
    ck_assert_ptr_null(hf_test_row_of(&fixture, HF__PURGES, &place));
}
END_TEST

START_TEST(ids_are_refused_from_the_first_call_on)
{
    hf_id op = hf_test_id(&fixture);
    ck_assert_int_eq(post(place_hold(1), op), 0);
    hf_id other = place_hold(1);
    fixture.now_ms += DAY;
    ck_assert_uint_eq(retain(fixture.now_ms, 1).more, 1);
    ck_assert_int_eq(post(other, hf_test_id(&fixture)), 0);
    fixture.now_ms -= 1;
    ck_assert_int_eq(post(other, hf_test_id(&fixture)), HF_E_ID_TOO_OLD);
}
END_TEST

START_TEST(the_time_before_which_ids_are_refused_never_goes_back)
{
    const hf__purge key = {.kind = HF__PURGE_IDS};
    const hf_id between = hf_test_id(&fixture);
    const hf_id hold = place_hold(1);
    const int64_t before_ms = fixture.now_ms + DAY;
    fixture.now_ms = before_ms;
    retain(before_ms, 100);
    retain(before_ms - DAY, 100);
    const hf__purge *row = hf_test_row_of(&fixture, HF__PURGES, &key);
    ck_assert_ptr_nonnull(row);
    ck_assert_int_eq(row->until_ms, before_ms);
    ck_assert_int_eq(fixture.purged_until_ms, before_ms);
    ck_assert_int_eq(post(hold, between), HF_E_ID_TOO_OLD);
}
END_TEST

/* A transaction with two branches, two moves and three entries of history, as if it had run. */
static hf_id ended_txn(uint32_t state, uint32_t holds)
{
    bool over = state == HF_TXN_CONFIRMED || state == HF_TXN_CANCELLED;
    hf_txn txn = {.id = hf_test_id(&fixture),
                  .state = state,
                  .branch_count = 2,
                  .move_count = 2,
                  .attempts = 3,
                  .ended_at_ms = over ? fixture.now_ms : 0,
                  .version = 1};
    hf_test_put(&fixture, HF__TXNS, &txn);
    for (uint32_t no = 1; no <= 3; no++) {
        hf_branch branch = {.txn = txn.id, .no = no, .state = HF_BRANCH_CONFIRMED};
        hf_attempt attempt = {.txn = txn.id, .no = no, .branch = 1};
        hf_hold hold = {.txn = txn.id, .state = HF_HOLD_VOID, .updated_at_ms = fixture.now_ms};
        hf__txn_hold_id(&txn.id, no, &hold.id);
        if (no <= 2)
            hf_test_put(&fixture, HF__BRANCHES, &branch);
        if (no <= holds)
            hf_test_put(&fixture, HF__HOLDS, &hold);
        hf_test_put(&fixture, HF__ATTEMPTS, &attempt);
    }
    return txn.id;
}

START_TEST(a_transaction_goes_with_all_that_belongs_to_it)
{
    const hf_id gone = ended_txn(HF_TXN_CONFIRMED, 2);
    (void)ended_txn(HF_TXN_CANCELLED, 2);
    (void)ended_txn(HF_TXN_CONFIRMED, 0); /* its moves were made at once */
    fixture.now_ms += DAY;
    hf_retention_result result = retain(fixture.now_ms, 1000);
    ck_assert_uint_eq(result.txns, 3);
    ck_assert_uint_eq(result.holds, 0);
    ck_assert_uint_eq(result.more, 0);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__TXNS), 0);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__BRANCHES), 0);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__ATTEMPTS), 0);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__HOLDS), 0);
    hf_txn_args again;
    hf_txn_init(&again);
    again.head.id = gone;
    hf_txn_move_args move = {.from = tea, .amount = 1};
    again.moves = &move;
    again.move_count = 1;
    hf_test_expect(&fixture, HF_E_ID_TOO_OLD, HF_OP_TXN_SUBMIT, &again);
}
END_TEST

START_TEST(a_transaction_that_is_under_way_or_ended_later_stays_whole)
{
    const hf_id open = ended_txn(HF_TXN_CANCELLING, 2);
    int64_t between = fixture.now_ms + DAY;
    fixture.now_ms += 2 * DAY;
    const hf_id late = ended_txn(HF_TXN_CANCELLED, 2);
    hf_retention_result result = retain(between, 1000);
    ck_assert_uint_eq(result.txns + result.holds, 0);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__HOLDS), 4);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__ATTEMPTS), 6);
    ck_assert_ptr_nonnull(hf_test_row_of(&fixture, HF__TXNS, &(hf_txn){.id = open}));
    ck_assert_ptr_nonnull(hf_test_row_of(&fixture, HF__TXNS, &(hf_txn){.id = late}));
}
END_TEST

START_TEST(many_transactions_go_a_few_at_a_time)
{
    for (uint32_t i = 0; i < 40; i++)
        (void)ended_txn(HF_TXN_CONFIRMED, 2);
    fixture.now_ms += DAY;
    uint64_t gone = 0;
    uint32_t calls = 0;
    hf_retention_result result = {.more = 1};
    for (; result.more; calls++) {
        result = retain(fixture.now_ms, 8);
        gone += result.txns;
        ck_assert_uint_le(result.txns, 8);
        ck_assert_uint_lt(calls, 1000);
    }
    ck_assert_uint_eq(gone, 40);
    ck_assert_uint_gt(calls, 4);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__ATTEMPTS), 0);
}
END_TEST

/* Records that stay stand in front; the walk continues behind them all the same. */
START_TEST(the_engines_own_pass_takes_transactions_alone)
{
    hf_id hold = place_hold(1);
    hf_id op = hf_test_id(&fixture);
    ck_assert_int_eq(post(hold, op), 0);
    for (uint32_t i = 0; i < 20; i++)
        (void)ended_txn(HF_TXN_CANCELLING, 2);
    const hf_id gone = ended_txn(HF_TXN_CONFIRMED, 2);
    hf_id late = place_hold(1);
    fixture.now_ms += DAY;
    hf_retention_args args;
    hf_retention_init(&args);
    args.before_ms = fixture.now_ms;
    args.limit = 8;
    fixture.own = true;
    uint64_t txns = 0;
    for (uint32_t calls = 0, more = 1; more != 0; calls++) {
        hf_test_expect(&fixture, 0, HF_OP_RETENTION, &args);
        const hf_retention_result *result = fixture.draft.result;
        ck_assert_uint_eq(result->orders + result->holds + result->op_keys + result->events, 0);
        txns += result->txns;
        more = result->more;
        ck_assert_uint_lt(calls, 100);
    }
    fixture.own = false;
    ck_assert_uint_eq(txns, 1);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__TXNS), 20);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__OP_KEYS), 1);
    ck_assert_int_eq(post(hold, op), 0); /* is answered again */
    fixture.now_ms -= DAY;
    ck_assert_int_eq(post(late, hf_test_id(&fixture)), 0); /* an id of that time */
    fixture.now_ms += DAY;
    hf_txn_args again;
    hf_txn_init(&again);
    again.head.id = gone;
    hf_txn_move_args move = {.from = tea, .amount = 1};
    again.moves = &move;
    again.move_count = 1;
    hf_test_expect(&fixture, HF_E_ID_TOO_OLD, HF_OP_TXN_SUBMIT, &again);
}
END_TEST

START_TEST(the_future_cannot_be_removed)
{
    hf_retention_args args;
    hf_retention_init(&args);
    args.before_ms = fixture.now_ms + 1;
    hf_test_expect(&fixture, HF_E_ARGUMENT, HF_OP_RETENTION, &args);
}
END_TEST

START_TEST(nothing_to_remove_is_no_event)
{
    hf_retention_result result = retain(0, 100);
    ck_assert_uint_eq(result.events, 0);
    ck_assert_uint_eq(fixture.draft.quiet, 1);
}
END_TEST

START_TEST(facts_of_removed_payments_go_too)
{
    hf_order order = ended_order(1, HF_ORDER_CLOSED);
    hf_payment payment = {.id = hf_test_id(&fixture), .order = order.id, .no = 2};
    hf_test_put(&fixture, HF__PAYMENTS, &payment);
    hf_fact fact = {.payment = payment.id, .amount = 3};
    hf_test_put(&fixture, HF__FACTS, &fact);
    hf_fact unmatched = {.amount = 3, .kind = HF_FACT_REFUNDED};
    hf_test_put(&fixture, HF__FACTS, &unmatched);
    fixture.now_ms += DAY;
    ck_assert_uint_eq(retain(fixture.now_ms, 100).orders, 1);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__FACTS), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("retention");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, holds_and_keys_that_ended_are_removed_and_never_act_again);
    tcase_add_test(core, a_record_that_is_kept_still_answers_its_id);
    tcase_add_test(core, what_ended_after_that_time_stays);
    tcase_add_test(core, events_become_bases_and_the_books_still_add_up);
    tcase_add_test(core, events_that_a_cursor_has_not_passed_stay);
    tcase_add_test(core, an_order_goes_with_all_that_belongs_to_it);
    tcase_add_test(core, an_order_that_is_open_or_wants_a_person_stays);
    tcase_add_test(core, removed_numbers_are_kept_as_ranges);
    tcase_add_test(core, a_small_limit_comes_to_the_end_too);
    tcase_add_test(core, the_time_before_which_ids_are_refused_never_goes_back);
    tcase_add_test(core, ids_are_refused_from_the_first_call_on);
    tcase_add_test(core, a_transaction_goes_with_all_that_belongs_to_it);
    tcase_add_test(core, a_transaction_that_is_under_way_or_ended_later_stays_whole);
    tcase_add_test(core, many_transactions_go_a_few_at_a_time);
    tcase_add_test(core, the_engines_own_pass_takes_transactions_alone);
    tcase_add_test(core, the_future_cannot_be_removed);
    tcase_add_test(core, nothing_to_remove_is_no_event);
    tcase_add_test(core, facts_of_removed_payments_go_too);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
