/*
 * Verify finds what is broken: a store with a bit of everything is clean; then one record is
 * changed behind the engine's back, through the store, and the clause it breaks must be named.
 * Each row of the table is a negative control of one check.
 */
#include "support/damage.h"

static hf_id closed_order;
static hf_id pending_order;
static hf_id open_hold;

static hf_id place(hf_settle settle, uint32_t policy, int64_t paid)
{
    hf_line_args lines[2];
    hf_line_init(&lines[0], "tea", 2, 450);
    hf_line_init(&lines[1], "tea", 1, 100);
    lines[0].settle_on = lines[1].settle_on = settle;
    const hf_adjustment_args discount = {.amount = -100, .kind = HF_ADJUSTMENT_DISCOUNT};
    hf_payment_args payment;
    hf_payment_init(&payment, "ada", "EUR", paid);
    payment.account.place = "";
    payment.settle_on = settle;
    hf_order_place_args order;
    hf_order_place_init(&order, "EUR");
    order.customer = order.series = order.external_ref = "";
    order.lines = lines;
    order.line_count = 2;
    order.adjustments = &discount;
    order.adjustment_count = 1;
    order.payments = &payment;
    order.payment_count = 1;
    order.total = 900;
    order.policy = policy;
    order.deadline_ms = HF_BARE_NOW + 60000;
    hf__batch_reset(&batch);
    hf__task *task = add(HF_OP_ORDER_PLACE, &order.head);
    run();
    ck_assert_msg(task->done.status == 0, "%s", task->done.detail);
    return task->op.id;
}

static void fill(void)
{
    setup_shop();
    closed_order = place(HF_SETTLE_CONFIRM, 0, 900);
    pending_order = place(HF_SETTLE_FULFIL, 0, 400);
    hf_hold_place_args hold;
    hf_hold_place_init(&hold);
    hold.from = (hf_account_key){HF_KIND_ITEM, 0, "tea", "", "pcs"};
    hold.amount = 7;
    hf__batch_reset(&batch);
    hf__task *task = add(HF_OP_HOLD_PLACE, &hold.head);
    run();
    ck_assert_int_eq(task->done.status, 0);
    open_hold = task->op.id;
}

/* ---- Changes behind the engine's back -------------------------------------------------------- */

/* Names a row by setting its key. */
static void tea(any_row *row)
{
    row->account.key.kind = HF_KIND_ITEM;
    memcpy(row->account.key.name.text, "tea", 3);
    memcpy(row->account.key.unit.text, "pcs", 3);
}

static void closed(any_row *row)
{
    row->order.id = closed_order;
}

static void pending(any_row *row)
{
    row->order.id = pending_order;
}

static void pending_line(any_row *row)
{
    row->line.order = pending_order;
    row->line.no = 1;
}

static void the_hold(any_row *row)
{
    row->hold.id = open_hold;
}

static void second_event(any_row *row)
{
    row->event.seq = 2;
}

static void no_series(any_row *row)
{
    (void)row;
}

static void discount(any_row *row)
{
    row->adjustment.order = closed_order;
    row->adjustment.no = 1;
}

static void first_put(any_row *row)
{
    row->op_key.id = closed_order;
    row->op_key.id.bytes[15] = 1;
}

/* What is changed; NULL: the row is removed. */
static void more_balance(any_row *row)
{
    row->account.balance++;
}

static void more_held(any_row *row)
{
    row->account.held_out++;
}

static void tight_limit(any_row *row)
{
    row->account.min_available = 1000;
}

static void waits_more(any_row *row)
{
    row->account.waiting = 1;
}

static void total_off(any_row *row)
{
    row->order.total++;
}

static void wrong_state(any_row *row)
{
    row->order.state = HF_ORDER_CONFIRMED;
}

static void expired_state(any_row *row)
{
    row->order.state = HF_ORDER_EXPIRED;
}

static void number_twice(any_row *row)
{
    row->order.number = 1;
}

static void fulfilled_more(any_row *row)
{
    row->line.fulfilled = row->line.quantity + 1;
}

static void fulfilled_by_nobody(any_row *row)
{
    row->line.fulfilled = 1;
    row->line.leg.fulfilled = 1;
}

static void taken_more(any_row *row)
{
    row->hold.posted = 8;
}

static void taken_some(any_row *row)
{
    row->hold.posted = 1;
}

static void earlier(any_row *row)
{
    row->event.at_ms = 1;
}

static void torn_body(any_row *row)
{
    row->event.body_bytes -= 1;
}

static void last_number(any_row *row)
{
    row->series.last = 5;
}

static void later_event(any_row *row)
{
    row->op_key.event_seq = 1000;
}

static const struct damage damages[] = {
    {"a balance that no movement explains", HF_CLAUSE_BALANCES, HF__ACCOUNTS, tea, more_balance},
    {"a hold that nothing holds", HF_CLAUSE_BALANCES, HF__ACCOUNTS, tea, more_held},
    {"a queue that nobody waits in", HF_CLAUSE_BALANCES, HF__ACCOUNTS, tea, waits_more},
    {"an account that is gone", HF_CLAUSE_BALANCES, HF__ACCOUNTS, tea, NULL},
    {"an account beyond its limit", HF_CLAUSE_LIMITS, HF__ACCOUNTS, tea, tight_limit},
    {"a hold that took more than it has", HF_CLAUSE_HOLDS, HF__HOLDS, the_hold, taken_more},
    {"a hold that took what no event says", HF_CLAUSE_EVENTS, HF__HOLDS, the_hold, taken_some},
    {"a total that does not add up", HF_CLAUSE_LINES, HF__ORDERS, closed, total_off},
    {"an adjustment that is gone", HF_CLAUSE_LINES, HF__ADJUSTMENTS, discount, NULL},
    {"a line without its order", HF_CLAUSE_LINES, HF__ORDERS, pending, NULL},
    {"a line fulfilled beyond its quantity", HF_CLAUSE_LEGS, HF__ORDER_LINES, pending_line,
     fulfilled_more},
    {"a line fulfilled by no event", HF_CLAUSE_EVENTS, HF__ORDER_LINES, pending_line,
     fulfilled_by_nobody},
    {"a state that no event has", HF_CLAUSE_EVENTS, HF__ORDERS, closed, wrong_state},
    {"an ended order that still holds", HF_CLAUSE_BALANCES, HF__ORDERS, pending, expired_state},
    {"a number used twice", HF_CLAUSE_SEQUENCES, HF__ORDERS, pending, number_twice},
    {"a series with a gap", HF_CLAUSE_SEQUENCES, HF__SERIES, no_series, last_number},
    {"an event that is gone", HF_CLAUSE_EVENTS, HF__EVENTS, second_event, NULL},
    {"an event of an earlier time", HF_CLAUSE_SEQUENCES, HF__EVENTS, second_event, earlier},
    {"an event that does not decode", HF_CLAUSE_EVENTS, HF__EVENTS, second_event, torn_body},
    {"an id used by no event", HF_CLAUSE_IDS, HF__OP_KEYS, first_put, later_event},
};

#define DAMAGES ((int)(sizeof damages / sizeof damages[0]))

START_TEST(a_sound_store_has_no_findings)
{
    verify();
    ck_assert_msg(result.findings_total == 0, "%s", findings[0].text);
    ck_assert_uint_eq(result.orders, 2);
    ck_assert_uint_eq(result.accounts, 2);
}
END_TEST

/* The events of what was removed stay, because a consumer has not read them yet. */
START_TEST(a_store_whose_events_outlive_its_records_has_no_findings)
{
    hf_cursor_put_args cursor;
    hf_hold_amount_args release;
    hf_retention_args retain;
    hf_cursor_put_init(&cursor, "mailer", 0);
    hf_hold_amount_init(&release, &open_hold);
    hf_retention_init(&retain);
    retain.before_ms = HF_BARE_NOW + INT64_C(3) * 3600000 - 1;
    const struct {
        uint32_t type;
        hf_op_head *head;
    } ops[] = {{HF_OP_CURSOR_PUT, &cursor.head},
               {HF_OP_HOLD_RELEASE, &release.head},
               {HF_OP_RETENTION, &retain.head}};
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        wall += 3600000;
        boot += 3600000;
        hf__batch_reset(&batch);
        hf__task *task = add(ops[i].type, ops[i].head);
        run();
        ck_assert_msg(task->done.status == 0, "%s", task->done.detail);
    }
    verify();
    ck_assert_msg(result.findings_total == 0, "%s", findings[0].text);
}
END_TEST

START_TEST(each_damage_is_found_and_its_clause_named)
{
    check_damage(&damages[_i]);
}
END_TEST

/* ---- Large orders ---------------------------------------------------------------------------- */

#define MANY_LINES 100u

static hf_id large_order;
static uint32_t looked_at; /* a line of it */

static void large_line(any_row *row)
{
    row->line.order = large_order;
    row->line.no = looked_at;
}

static void large_adjustment(any_row *row)
{
    row->adjustment.order = large_order;
    row->adjustment.no = looked_at;
}

static void place_large(void)
{
    static hf_line_args lines[MANY_LINES];
    static hf_adjustment_args discounts[MANY_LINES];
    hf_order_place_args order;
    stock("oil", 1000);
    for (uint32_t i = 0; i < MANY_LINES; i++) {
        hf_line_init(&lines[i], "oil", 2, 5);
        lines[i].settle_on = HF_SETTLE_FULFIL;
        discounts[i] =
            (hf_adjustment_args){.line = i + 1, .amount = -10, .kind = HF_ADJUSTMENT_DISCOUNT};
    }
    hf_order_place_init(&order, "EUR");
    order.customer = order.series = order.external_ref = "";
    order.lines = lines;
    order.line_count = MANY_LINES;
    order.adjustments = discounts;
    order.adjustment_count = MANY_LINES;
    hf__batch_reset(&batch);
    hf__task *task = add(HF_OP_ORDER_PLACE, &order.head);
    run();
    ck_assert_msg(task->done.status == 0, "%s", task->done.detail);
    large_order = task->op.id;
}

static void fulfil_large(uint32_t line)
{
    hf_order_units_args args;
    const hf_line_quantity one = {.line = line, .quantity = 1};
    hf_order_units_init(&args, &large_order);
    args.lines = &one;
    args.line_count = 1;
    hf__batch_reset(&batch);
    hf__task *task = add(HF_OP_ORDER_FULFIL, &args.head);
    run();
    ck_assert_msg(task->done.status == 0, "%s", task->done.detail);
}

START_TEST(a_large_order_is_sound_and_each_of_its_lines_is_looked_at)
{
    static const uint32_t lines[] = {1, 8, 9, 24, 25, 64, 65, 99, 100};
    static const struct damage counters = {"a line fulfilled by no event", HF_CLAUSE_EVENTS,
                                           HF__ORDER_LINES, large_line, fulfilled_by_nobody};
    static const struct damage gone = {"an adjustment that is gone", HF_CLAUSE_LINES,
                                       HF__ADJUSTMENTS, large_adjustment, NULL};
    place_large();
    fulfil_large(3);
    fulfil_large(MANY_LINES - 1);
    verify();
    ck_assert_msg(result.findings_total == 0, "%s", findings[0].text);
    ck_assert_uint_eq(result.orders, 3);
    looked_at = lines[_i / 2];
    if (looked_at == MANY_LINES - 1)
        looked_at--; /* has counters of its own */
    check_damage(_i % 2 == 0 ? &counters : &gone);
}
END_TEST

START_TEST(the_digest_changes_with_any_record_and_not_with_the_clock)
{
    uint8_t before[16];
    verify();
    memcpy(before, result.digest, sizeof before);
    change_row(&(struct damage){"", 0, HF__EVENTS, second_event, earlier});
    verify();
    ck_assert_mem_eq(before, result.digest, sizeof before);
    change_row(&(struct damage){"", 0, HF__ACCOUNTS, tea, more_balance});
    verify();
    ck_assert_mem_ne(before, result.digest, sizeof before);
}
END_TEST

static int stop(void *data, uint64_t done, uint64_t total)
{
    (void)data;
    return done != 0 && total != 0;
}

START_TEST(verify_can_be_stopped)
{
    ck_assert_int_eq(hf__engine_verify(engine, stop, NULL, &result, findings), HF_E_CANCELLED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verify");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, fill, teardown);
    tcase_add_test(core, a_sound_store_has_no_findings);
    tcase_add_test(core, a_store_whose_events_outlive_its_records_has_no_findings);
    tcase_add_loop_test(core, each_damage_is_found_and_its_clause_named, 0, DAMAGES);
    tcase_add_loop_test(core, a_large_order_is_sound_and_each_of_its_lines_is_looked_at, 0, 18);
    tcase_add_test(core, the_digest_changes_with_any_record_and_not_with_the_clock);
    tcase_add_test(core, verify_can_be_stopped);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
