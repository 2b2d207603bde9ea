/*
 * Verify over the money of orders: a store in which orders ended in every way is clean, and an
 * order that keeps or takes money which is not owed is found, with its amounts. Each row of the
 * table is a negative control of one check.
 */
#include "support/damage.h"

#include "base/id.h"

#include <stdio.h>

static hf_id closed;    /* one unit of two cancelled, one fulfilled; a wallet settled by its host */
static hf_id open;      /* the same, and the unit is not fulfilled yet */
static hf_id cancelled; /* a card: 400 of 900 captured by a report, the rest refused */
static hf_id expired;   /* the same, but its deadline ended it */

static hf__task *done(uint32_t type, hf_op_head *head)
{
    hf__batch_reset(&batch);
    hf__task *task = add(type, head);
    run();
    ck_assert_msg(task->done.status == 0, "%s", task->done.detail);
    return task;
}

static void open_wallet(void)
{
    hf_account_put_args wallet;
    hf_account_put_init(&wallet, HF_KIND_MONEY, "ada", "EUR");
    wallet.key.place = "";
    wallet.unit_scale = 2;
    wallet.opening = 10000;
    (void)done(HF_OP_ACCOUNT_PUT, &wallet.head);
}

/* An order of 2 x 450. */
static hf_id place(hf_payment_args payment, int64_t deadline_ms)
{
    hf_line_args line;
    hf_order_place_args order;
    hf_line_init(&line, "tea", 2, 450);
    line.settle_on = HF_SETTLE_FULFIL;
    hf_order_place_init(&order, "EUR");
    order.customer = order.series = order.external_ref = "";
    order.lines = &line;
    order.line_count = 1;
    order.payments = &payment;
    order.payment_count = 1;
    order.total = 900;
    order.deadline_ms = deadline_ms;
    return done(HF_OP_ORDER_PLACE, &order.head)->op.id;
}

static hf_id payment_of(const hf_id *order)
{
    hf_id id;
    hf__id_derive(order, 1, &id);
    return id;
}

static void units(uint32_t type, const hf_id *order, int64_t quantity)
{
    const hf_line_quantity line = {.line = 1, .quantity = quantity};
    hf_order_units_args args;
    hf_order_units_init(&args, order);
    args.lines = &line;
    args.line_count = 1;
    (void)done(type, &args.head);
}

/* What the host of case O6 does. */
static hf_id settle_by_host(bool fulfil)
{
    hf_payment_args wallet;
    hf_payment_init(&wallet, "ada", "EUR", 900);
    wallet.account.place = "";
    wallet.settle_on = HF_SETTLE_MANUAL;
    hf_id order = place(wallet, 0);
    units(HF_OP_ORDER_CANCEL, &order, 1);
    hf_id payment = payment_of(&order);
    hf_payment_amount_args capture;
    hf_payment_amount_init(&capture, &payment);
    (void)done(HF_OP_PAYMENT_CAPTURE, &capture.head);
    if (fulfil)
        units(HF_OP_ORDER_FULFIL, &order, 1);
    return order;
}

/* Cases O7 and O8: 400 of 900 come by a report. */
static hf_id capture_a_part(int64_t deadline_ms, const char *fact_ref)
{
    hf_payment_args card;
    hf_payment_provider_init(&card, "psp", 900);
    hf_id order = place(card, deadline_ms);
    hf_payment_report_args report;
    hf_payment_report_init(&report);
    report.provider = "psp";
    report.fact_ref = fact_ref;
    report.unit = "EUR";
    report.payment = payment_of(&order);
    report.kind = HF_FACT_CAPTURED;
    report.amount = 400;
    report.reference = report.payment_ref = "";
    (void)done(HF_OP_PAYMENT_REPORT, &report.head);
    return order;
}

static const hf_order *read_order(const hf_id *id)
{
    hf_order_get_args get;
    hf_order_get_init(&get, id);
    hf__batch_reset(&batch);
    hf__task *task = add(HF_OP_ORDER_GET, &get.head);
    hf__engine_read(engine, &batch);
    ck_assert_int_eq(task->done.status, 0);
    return ((const hf_order_view *)task->done.result)->order;
}

static void fill(void)
{
    setup();
    stock("tea", 100);
    open_wallet();
    closed = settle_by_host(true);
    open = settle_by_host(false);
    cancelled = capture_a_part(0, "evt_1");
    expired = capture_a_part(HF_BARE_NOW + 60000, "evt_2");
    wall += 120000;
    boot += 120000;
    hf__batch_reset(&batch);
    stock("cup", 1);
    hf__batch_reset(&batch);
}

/* ---- Changes behind the engine's back -------------------------------------------------------- */

/* clang-format off */
ROW(the_closed, row->order.id = closed)
ROW(the_open, row->order.id = open)
ROW(the_cancelled, row->order.id = cancelled)
ROW(the_expired, row->order.id = expired)
ROW(pay_closed, row->payment.id = payment_of(&closed))
ROW(pay_open, row->payment.id = payment_of(&open))
ROW(pay_cancelled, row->payment.id = payment_of(&cancelled))
ROW(pay_expired, row->payment.id = payment_of(&expired))
ROW(line_cancelled, row->line.order = cancelled; row->line.no = 1)

ROW(takes_all, row->payment.captured = 900; row->payment.voided = 0)
ROW(asks_nothing, row->payment.pending_refund = 0)
ROW(asks_more, row->payment.pending_refund += 100)
ROW(no_attention, row->order.attention = 0)
ROW(money_held, row->order.attention |= HF_ATTENTION_MONEY_HELD)
ROW(keeps_less_than_nothing, row->order.kept = -1)
ROW(gives_less_than_nothing, row->order.given_away = -1)
ROW(keeps_some, row->order.kept = 5)
ROW(keeps_it, row->order.kept = 400)
ROW(one_unit_open, row->line.cancelled = 1; row->line.leg.cancelled = 1)
ROW(all_units_open, row->line.cancelled = 0; row->line.leg.cancelled = 0)
/* clang-format on */

/* What an order is after the old decisions, in one or two rows, and what is said of it. */
static const struct forgotten {
    const char *text; /* after the order's id */
    const hf_id *order;
    struct damage damages[2];
} cases[] = {
    {" is CLOSED with attention 0x0: 900 in hand without MONEY_HELD, it owes 450",
     &closed,
     {{"O6", 0, HF__PAYMENTS, pay_closed, takes_all}}},
    {" is CONFIRMED with attention 0x0: 900 captured or asked to be, it owes 450",
     &open,
     {{"O6, before it is fulfilled", 0, HF__PAYMENTS, pay_open, takes_all}}},
    {" is CANCELLED with attention 0x0: 400 in hand without MONEY_HELD, it owes 0",
     &cancelled,
     {{"O7", 0, HF__ORDERS, the_cancelled, no_attention},
      {"O7", 0, HF__PAYMENTS, pay_cancelled, asks_nothing}}},
    {" is EXPIRED with attention 0x0: 400 in hand without MONEY_HELD, it owes 0",
     &expired,
     {{"O8", 0, HF__ORDERS, the_expired, no_attention},
      {"O8", 0, HF__PAYMENTS, pay_expired, asks_nothing}}},
};

#define CASES ((int)(sizeof cases / sizeof cases[0]))

static const struct damage damages[] = {
    {"money marked as held that is owed", HF_CLAUSE_MONEY, HF__ORDERS, the_closed, money_held},
    {"money marked as held before the end", HF_CLAUSE_MONEY, HF__ORDERS, the_open, money_held},
    {"money marked as held that is kept", HF_CLAUSE_MONEY, HF__ORDERS, the_cancelled, keeps_it},
    {"less than nothing kept", HF_CLAUSE_MONEY, HF__ORDERS, the_open, keeps_less_than_nothing},
    {"less than nothing given away", HF_CLAUSE_MONEY, HF__ORDERS, the_open,
     gives_less_than_nothing},
    {"an amount kept by no event", HF_CLAUSE_EVENTS, HF__ORDERS, the_open, keeps_some},
    {"a unit of an ended order that is open", HF_CLAUSE_MONEY, HF__ORDER_LINES, line_cancelled,
     one_unit_open},
    {"a refund that nobody was asked for", HF_CLAUSE_MONEY, HF__PAYMENTS, pay_cancelled, asks_more},
};

#define DAMAGES ((int)(sizeof damages / sizeof damages[0]))

/* What stores of schema 3 have: no mark while a refund is asked, ended orders with their units. */
static const struct damage older[] = {
    {"a refund that is asked, without a mark", 0, HF__ORDERS, the_cancelled, no_attention},
    {"every unit of an ended order open", 0, HF__ORDER_LINES, line_cancelled, all_units_open},
};

#define OLDER ((int)(sizeof older / sizeof older[0]))

START_TEST(a_store_whose_orders_ended_in_every_way_has_no_findings)
{
    ck_assert_uint_eq(read_order(&closed)->state, HF_ORDER_CLOSED);
    ck_assert_uint_eq(read_order(&open)->state, HF_ORDER_CONFIRMED);
    ck_assert_uint_eq(read_order(&cancelled)->state, HF_ORDER_CANCELLED);
    ck_assert_uint_eq(read_order(&cancelled)->attention, HF_ATTENTION_MONEY_HELD);
    ck_assert_uint_eq(read_order(&expired)->state, HF_ORDER_EXPIRED);
    ck_assert_uint_eq(read_order(&expired)->attention, HF_ATTENTION_MONEY_HELD);
    verify();
    ck_assert_msg(result.findings_total == 0, "%s", findings[0].text);
}
END_TEST

START_TEST(money_that_is_kept_without_being_owed_is_found_with_its_amounts)
{
    const struct forgotten *one = &cases[_i];
    char id[37];
    char wanted[sizeof findings[0].text];
    for (int i = 0; i < 2 && one->damages[i].what != NULL; i++)
        change_row(&one->damages[i]);
    verify();
    (void)snprintf(wanted, sizeof wanted, "order %s%s", hf_id_format(one->order, id), one->text);
    ck_assert_ptr_nonnull(finding_of(HF_CLAUSE_MONEY));
    ck_assert_str_eq(finding_of(HF_CLAUSE_MONEY), wanted);
}
END_TEST

START_TEST(each_damage_of_the_money_of_an_order_is_found_and_its_clause_named)
{
    check_damage(&damages[_i]);
}
END_TEST

START_TEST(what_the_schema_before_left_is_not_a_finding_about_money)
{
    change_row(&older[_i]);
    verify();
    const char *text = finding_of(HF_CLAUSE_MONEY);
    ck_assert_msg(text == NULL, "%s: %s", older[_i].what, text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verify_money");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, fill, teardown);
    tcase_add_test(core, a_store_whose_orders_ended_in_every_way_has_no_findings);
    tcase_add_loop_test(core, money_that_is_kept_without_being_owed_is_found_with_its_amounts, 0,
                        CASES);
    tcase_add_loop_test(core, each_damage_of_the_money_of_an_order_is_found_and_its_clause_named, 0,
                        DAMAGES);
    tcase_add_loop_test(core, what_the_schema_before_left_is_not_a_finding_about_money, 0, OLDER);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
