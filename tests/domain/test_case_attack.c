/*
 * Sequences that other order systems got wrong: payments that succeed or fail late, refunds out of
 * several payments, disputes beside refunds, exchanges of exchanged goods, fees and deposits.
 */
#include "support/cases.h"
#include "support/check_main.h"
#include <stdio.h>

#define UNPAID ((uint32_t)HF_ATTENTION_UNPAID)
#define HELD   ((uint32_t)HF_ATTENTION_MONEY_HELD)
#define LATE   ((uint32_t)HF_ATTENTION_LATE_PAYMENT)

static const uint32_t settles[] = {HF_SETTLE_CONFIRM, HF_SETTLE_FULFIL, HF_SETTLE_MANUAL};

static int capture(uint32_t no, int64_t amount)
{
    return hf_test_pay(&fixture, HF_OP_PAYMENT_CAPTURE, &order, no, amount);
}

static int refund(int64_t amount)
{
    return hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, amount);
}

static void hook(uint32_t no, uint32_t kind, const char *message, int64_t amount)
{
    ok(say((said){.kind = kind, .no = no, .message = message, .amount = amount}));
}

/* Two tea for 900 by card, captured. */
static void put_captured(void)
{
    put_card_order(HF_SETTLE_CONFIRM);
    agrees("auth");
    agrees("cap");
}

/* ---- Amends ---------------------------------------------------------------------------------- */

/* An amend of one part of each kind; a part that is zero is left out. */
typedef struct change {
    uint32_t line; /* whose quantity becomes `quantity` */
    int64_t quantity;
    int64_t price; /* of the changed line, and of a cup that is added */
    uint32_t cups;
    uint32_t returned; /* a unit of this line comes back */
    int64_t discount;
    int64_t wallet; /* a payment of ben */
    int64_t total;
} change;

static int amend(change what)
{
    const hf_line_change changed = {
        .line = what.line, .quantity = what.quantity, .unit_price = what.price};
    const hf_line_quantity back = {.line = what.returned, .quantity = 1};
    const hf_adjustment_args less = {.amount = what.discount, .kind = HF_ADJUSTMENT_DISCOUNT};
    hf_line_args cup;
    hf_payment_args wallet;
    hf_order_amend_args args;
    hf_line_init(&cup, "cup", what.cups, what.price);
    cup.settle_on = HF_SETTLE_FULFIL;
    hf_payment_init(&wallet, "ben", "EUR", what.wallet);
    hf_order_amend_init(&args, &order);
    args.changes = &changed;
    args.change_count = what.line != 0 ? 1 : 0;
    args.lines = &cup;
    args.line_count = what.cups != 0 ? 1 : 0;
    args.adjustments = &less;
    args.adjustment_count = what.discount != 0 ? 1 : 0;
    args.payments = &wallet;
    args.payment_count = what.wallet != 0 ? 1 : 0;
    args.returns = &back;
    args.return_count = what.returned != 0 ? 1 : 0;
    args.total = what.total;
    return hf_test_shop_run(&fixture, HF_OP_ORDER_AMEND, &args);
}

START_TEST(an_order_that_grew_unpaid_and_shrank_again_refunds_nothing)
{
    cart.args.policy = HF_ORDER_PAY_LATER;
    put_captured();
    ok(amend((change){.cups = 1, .price = 450, .total = 1350}));
    ok(amend((change){.line = 2, .quantity = 0, .price = 450, .total = 900}));
    asked_is(1, 0, 0, 0);
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
    facts_are(1, 900, 900, 0, 0);
}
END_TEST

/* What exceeds the last payment comes out of the one before it. */
START_TEST(refunds_of_several_amends_come_out_of_all_payments)
{
    tea(1);
    (void)hf_test_cart_pay(&cart, "anna", 450, HF_SETTLE_CONFIRM);
    put_order();
    ok(amend((change){.line = 1, .quantity = 2, .price = 450, .wallet = 450, .total = 900}));
    ok(amend((change){.discount = -100, .total = 800}));
    ok(amend((change){.line = 1, .quantity = 1, .price = 450, .total = 350}));
    facts_are(2, 450, 450, 0, 450);
    facts_are(1, 450, 450, 0, 100);
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
    ok(take_back(0, 0));
    facts_are(1, 450, 450, 0, 450);
    ck_assert_int_eq(row()->given_away, 0);
}
END_TEST

START_TEST(a_discount_that_comes_late_is_refunded_or_voided)
{
    uint32_t settle = settles[_i];
    bool captured = settle == HF_SETTLE_CONFIRM;
    put_card_order(settle);
    agrees("auth");
    if (captured)
        agrees("cap");
    ok(amend((change){.discount = -900, .total = 0}));
    asked_is(1, 0, captured ? 0 : 900, captured ? 900 : 0);
    agrees("back");
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
    ok(take_back(0, 0));
    stands(HF_ORDER_CLOSED, 0);
    asked_is(1, 0, 0, 0);
}
END_TEST

/* ---- Exchanges ------------------------------------------------------------------------------- */

/* Cheaper, then dearer, and all of it back. */
START_TEST(what_was_exchanged_is_exchanged_again)
{
    tea(1);
    (void)with_card(450, HF_SETTLE_FULFIL);
    put_order();
    agrees("auth");
    ok(fulfil(0, 0));
    agrees("cap");
    ok(amend((change){.returned = 1, .cups = 1, .price = 400, .total = 850}));
    asked_is(1, 0, 0, 50);
    agrees("back");
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
    refused(amend((change){.returned = 1, .cups = 1, .price = 400, .total = 1250}),
            HF_E_OVER_RETURN);
    refused(amend((change){.returned = 2, .cups = 1, .price = 450, .total = 1300}), HF_E_UNPAID);
    ok(amend((change){.returned = 2, .cups = 1, .price = 450, .wallet = 50, .total = 1300}));
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
    ok(take_back(0, 0));
    facts_are(2, 50, 50, 0, 50);
    asked_is(1, 0, 0, 400);
}
END_TEST

START_TEST(what_was_free_is_exchanged_for_what_costs)
{
    hf_test_cart_line(&cart, "tea", 1, 0, HF_SETTLE_FULFIL);
    put_order();
    refused(add_payment(HF_METHOD_ACCOUNT, 1, 0), HF_E_ORDER_STATE);
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
    ok(amend((change){.returned = 1, .cups = 1, .price = 100, .wallet = 100, .total = 100}));
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
    ok(take_back(0, 0));
    ck_assert_int_eq(hf_test_balance(&fixture, "ben"), 10000);
}
END_TEST

/* ---- Shares ---------------------------------------------------------------------------------- */

START_TEST(each_unit_is_refunded_with_its_share_of_the_discount)
{
    hf_test_cart_line(&cart, "tea", 1, 1500, HF_SETTLE_FULFIL);
    hf_test_cart_line(&cart, "cup", 1, 600, HF_SETTLE_FULFIL);
    hf_test_cart_adjust(&cart, 0, -420);
    (void)with_card(1680, HF_SETTLE_CONFIRM);
    put_order();
    agrees("auth");
    agrees("cap");
    ok(fulfil(0, 0));
    ok(take_back(1, 1));
    asked_is(1, 0, 0, 1200);
    ok(take_back(2, 1));
    asked_is(1, 0, 0, 1680);
}
END_TEST

static void answer_captures(void)
{
    while (pay()->pending_capture > 0) {
        char reference[16];
        (void)snprintf(reference, sizeof reference, "cap-%u", pay()->commands);
        agrees(reference);
    }
}

/* A third of a cent each: every step is rounded, the sum is not. */
START_TEST(units_sent_and_returned_one_by_one_add_up_exactly)
{
    hf_test_cart_line(&cart, "tea", 7, 1000, HF_SETTLE_FULFIL)->price_per = 3;
    hf_test_cart_line(&cart, "cup", 3, 333, HF_SETTLE_FULFIL);
    hf_test_cart_adjust(&cart, 1, -1);
    hf_test_cart_adjust(&cart, 0, 499);
    int64_t total = hf_test_cart_total(&cart);
    (void)with_card(total - 1000, settles[_i % 2]);
    (void)hf_test_cart_pay(&cart, "anna", 1000, settles[_i / 2]);
    put_order();
    agrees("auth");
    answer_captures();
    for (int i = 0; i < 10; i++) {
        ok(fulfil(i < 7 ? 1 : 2, 1));
        answer_captures();
    }
    stands(HF_ORDER_CLOSED, 0);
    ck_assert_int_eq(pay()->captured + pay_no(2)->captured, total);
    for (int i = 0; i < 10; i++)
        ok(take_back(i < 7 ? 1 : 2, 1));
    ck_assert_int_eq(pay()->pending_refund + pay_no(2)->refunded, total);
}
END_TEST

/* ---- Late and failed payments ---------------------------------------------------------------- */

/* The answer comes before the report of its failure, or after it: the end is the same. */
START_TEST(a_capture_that_is_reported_as_failed_is_not_asked_again)
{
    const said failed = {.kind = HF_FACT_FAILED,
                         .no = 1,
                         .message = "evt",
                         .movement = "cap",
                         .amount = 900,
                         .at_ms = fixture.now_ms + 1};
    put_card_order(HF_SETTLE_CONFIRM);
    agrees("auth");
    if (_i == 0)
        agrees("cap");
    ok(say(failed));
    if (_i == 1)
        agrees("cap");
    stands(HF_ORDER_CONFIRMED, UNPAID);
    asked_is(1, 0, 0, 0);
    facts_are(1, 900, 0, 0, 0);
    ck_assert_int_eq(pay()->capture_refused, 900);
    refused(fulfil(1, 1), HF_E_UNPAID);
    ok(capture(1, HF_ALL));
    agrees("cap-2");
    stands(HF_ORDER_CONFIRMED, 0);
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

/* Fulfilled, captured and closed; then the provider says that the capture failed. */
static void put_closed_unpaid(void)
{
    const said failed = {.kind = HF_FACT_FAILED,
                         .no = 1,
                         .message = "evt",
                         .movement = "cap",
                         .amount = 900,
                         .at_ms = fixture.now_ms + 1};
    put_card_order(HF_SETTLE_FULFIL);
    agrees("auth");
    ok(fulfil(0, 0));
    agrees("cap");
    stands(HF_ORDER_CLOSED, 0);
    ok(say(failed));
    stands(HF_ORDER_CLOSED, UNPAID);
    asked_is(1, 0, 0, 0);
    facts_are(1, 900, 0, 0, 0);
}

START_TEST(a_closed_order_whose_capture_failed_keeps_its_authorization)
{
    put_closed_unpaid();
    ok(capture(1, HF_ALL));
    stands(HF_ORDER_CLOSED, 0);
    if (_i == 0) {
        agrees("cap-2");
        stands(HF_ORDER_CLOSED, 0);
        facts_are(1, 900, 900, 0, 0);
        refused(capture(1, HF_ALL), HF_E_PAYMENT_STATE);
    } else {
        refuses();
        stands(HF_ORDER_CLOSED, UNPAID);
        asked_is(1, 0, 0, 0);
        ck_assert_int_eq(pay()->capture_refused, 900);
    }
}
END_TEST

START_TEST(a_closed_order_whose_capture_failed_voids_what_comes_back)
{
    put_closed_unpaid();
    ok(take_back(1, 1));
    stands(HF_ORDER_CLOSED, UNPAID);
    asked_is(1, 0, 450, 0);
    agrees("void");
    ok(take_back(1, 1));
    stands(HF_ORDER_CLOSED, 0);
    asked_is(1, 0, 450, 0);
}
END_TEST

/* What is only authorized pays nothing of a closed order until the host captures it. */
START_TEST(a_new_authorization_of_a_closed_order_stays_as_far_as_it_is_owed)
{
    put_captured();
    ok(fulfil(0, 0));
    hook(1, HF_FACT_REFUNDED, "unasked", 400);
    stands(HF_ORDER_CLOSED, UNPAID);
    hook(1, HF_FACT_AUTHORIZED, "auth-2", 500);
    stands(HF_ORDER_CLOSED, UNPAID);
    asked_is(1, 0, 100, 0);
    ok(capture(1, HF_ALL));
    asked_is(1, 400, 100, 0);
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

/* A card that did not answer in time; a wallet paid instead. */
static void put_paid_instead(void)
{
    cart.args.deadline_ms = fixture.now_ms + 5000;
    tea(2);
    with_card(900, HF_SETTLE_CONFIRM)->deadline_ms = fixture.now_ms + 1000;
    put_order();
    wait_ms(1000);
    ok(add_payment(HF_METHOD_ACCOUNT, 900, 0));
    stands(HF_ORDER_CONFIRMED, 0);
}

START_TEST(a_late_payment_of_an_order_that_is_paid_goes_back_itself)
{
    bool closed = _i % 2 == 1;
    bool captured = _i / 2 == 0;
    uint32_t over = closed && captured ? HELD : 0;
    put_paid_instead();
    if (closed)
        ok(fulfil(0, 0));
    hook(1, captured ? HF_FACT_CAPTURED : HF_FACT_AUTHORIZED, "late", 900);
    stands(closed ? HF_ORDER_CLOSED : HF_ORDER_CONFIRMED, LATE | over);
    asked_is(1, 0, captured ? 0 : 900, captured ? 900 : 0);
    facts_are(2, 900, 900, 0, 0);
    agrees("back");
    stands(closed ? HF_ORDER_CLOSED : HF_ORDER_CONFIRMED, LATE);
}
END_TEST

/* What a dispute took of the other payment is covered by the late one. */
START_TEST(a_late_payment_of_a_closed_order_covers_what_a_dispute_took)
{
    tea(2);
    (void)with_card(400, HF_SETTLE_CONFIRM);
    (void)with_card(500, HF_SETTLE_CONFIRM);
    cart.args.policy = HF_ORDER_PAY_LATER;
    put_order();
    refuses();
    agrees_no(2, "auth");
    agrees_no(2, "cap");
    ok(add_payment(HF_METHOD_ACCOUNT, 400, 0));
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
    hook(2, HF_FACT_CHARGEBACK, "dispute", 500);
    stands(HF_ORDER_CLOSED, UNPAID);
    hook(1, HF_FACT_CAPTURED, "late", 400);
    stands(HF_ORDER_CLOSED, UNPAID);
    asked_is(1, 0, 0, 0);
}
END_TEST

/* An authorization ends after the first unit was sent, and is renewed for the second. */
START_TEST(a_renewed_authorization_covers_the_units_that_are_left)
{
    bool manual = _i == 1;
    put_card_order(settles[1 + _i]);
    agrees("auth");
    ok(fulfil(1, 1));
    if (manual)
        ok(capture(1, 450));
    agrees("cap");
    hook(1, HF_FACT_VOIDED, "expired", 450);
    stands(HF_ORDER_CONFIRMED, UNPAID);
    refused(fulfil(1, 1), HF_E_UNPAID);
    hook(1, HF_FACT_AUTHORIZED, "auth-2", 450);
    stands(HF_ORDER_CONFIRMED, 0);
    ok(fulfil(1, 1));
    if (manual)
        ok(capture(1, HF_ALL));
    agrees("cap-2");
    stands(HF_ORDER_CLOSED, 0);
    facts_are(1, 1350, 900, 450, 0);
}
END_TEST

/* ---- Disputes -------------------------------------------------------------------------------- */

/* The refund is answered before the dispute, after it, or refused. */
START_TEST(a_dispute_of_what_is_refunded_already_is_shown_and_refunds_nothing_more)
{
    put_captured();
    ok(cancel_all());
    if (_i == 0)
        agrees("back");
    hook(1, HF_FACT_CHARGEBACK, "dispute", 900);
    ck_assert_uint_eq(pay()->attention, HF_ATTENTION_CHARGEBACK);
    if (_i == 1)
        agrees("back");
    if (_i == 2)
        refuses();
    stands(HF_ORDER_CANCELLED, 0);
    asked_is(1, 0, 0, 0);
    hook(1, HF_FACT_CHARGEBACK_REVERSED, "won", 900);
    asked_is(1, 0, 0, _i == 2 ? 900 : 0);
    stands(HF_ORDER_CANCELLED, _i == 2 ? HELD : 0);
}
END_TEST

START_TEST(units_returned_while_disputed_are_refunded_when_the_dispute_is_won)
{
    put_captured();
    ok(fulfil(0, 0));
    hook(1, HF_FACT_CHARGEBACK, "dispute", 900);
    stands(HF_ORDER_CLOSED, UNPAID);
    refused(refund(1), HF_E_OVER_REFUND);
    ok(take_back(0, 0));
    stands(HF_ORDER_CLOSED, 0);
    asked_is(1, 0, 0, 0);
    hook(1, HF_FACT_CHARGEBACK_REVERSED, "won", 900);
    stands(HF_ORDER_CLOSED, HELD);
    asked_is(1, 0, 0, 900);
}
END_TEST

/* While the other payment covers what is left, it is not refunded for the disputed one. */
START_TEST(a_return_refunds_no_payment_for_another_that_is_disputed)
{
    tea(2);
    (void)with_card(500, HF_SETTLE_CONFIRM);
    (void)hf_test_cart_pay(&cart, "anna", 400, HF_SETTLE_CONFIRM);
    put_order();
    agrees("auth");
    agrees("cap");
    ok(fulfil(0, 0));
    hook(1, HF_FACT_CHARGEBACK, "dispute", 500);
    ok(take_back(1, 1));
    stands(HF_ORDER_CLOSED, UNPAID);
    facts_are(2, 400, 400, 0, 0);
    ok(take_back(1, 1));
    stands(HF_ORDER_CLOSED, 0);
    facts_are(2, 400, 400, 0, 400);
    hook(1, HF_FACT_CHARGEBACK_REVERSED, "won", 500);
    asked_is(1, 0, 0, 500);
}
END_TEST

/* ---- Fees and deposits ----------------------------------------------------------------------- */

/* Of a cancel or of a return. */
START_TEST(a_fee_that_was_kept_can_be_refunded_after_all)
{
    uint32_t end = _i == 0 ? HF_ORDER_CANCELLED : HF_ORDER_CLOSED;
    put_captured();
    if (_i == 1)
        ok(fulfil(0, 0));
    ok(units_for(_i == 0 ? HF_OP_ORDER_CANCEL : HF_OP_ORDER_RETURN, 0, 0, 700));
    agrees("back");
    stands(end, 0);
    ck_assert_int_eq(row()->kept, 200);
    ok(refund(HF_ALL));
    agrees("fee");
    stands(end, 0);
    facts_are(1, 900, 900, 0, 900);
}
END_TEST

/* A deposit is captured, the rest at arrival; the guest does not come, or leaves early. */
START_TEST(a_deposit_is_kept_and_the_rest_is_voided)
{
    tea(2);
    (void)with_card(300, HF_SETTLE_CONFIRM);
    (void)with_card(600, HF_SETTLE_MANUAL);
    put_order();
    agrees_no(1, "auth-1");
    agrees_no(2, "auth-2");
    agrees_no(1, "cap-1");
    ok(_i == 0 ? units_for(HF_OP_ORDER_CANCEL, 0, 0, 0) : cancel(1, 1));
    asked_is(2, 0, _i == 0 ? 600 : 450, 0);
    agrees_no(2, "void");
    if (_i == 1) {
        ok(fulfil(0, 0));
        stands(HF_ORDER_CONFIRMED, 0);
        ok(capture(2, HF_ALL));
        agrees_no(2, "cap-2");
    }
    stands(_i == 0 ? HF_ORDER_CANCELLED : HF_ORDER_CLOSED, 0);
    ck_assert_int_eq(row()->kept, _i == 0 ? 300 : 0);
    ck_assert_int_eq(pay_no(1)->captured + pay_no(2)->captured, _i == 0 ? 300 : 450);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("case_attack");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, an_order_that_grew_unpaid_and_shrank_again_refunds_nothing);
    tcase_add_test(core, refunds_of_several_amends_come_out_of_all_payments);
    tcase_add_loop_test(core, a_discount_that_comes_late_is_refunded_or_voided, 0, 3);
    tcase_add_test(core, what_was_exchanged_is_exchanged_again);
    tcase_add_test(core, what_was_free_is_exchanged_for_what_costs);
    tcase_add_test(core, each_unit_is_refunded_with_its_share_of_the_discount);
    tcase_add_loop_test(core, units_sent_and_returned_one_by_one_add_up_exactly, 0, 4);
    tcase_add_loop_test(core, a_capture_that_is_reported_as_failed_is_not_asked_again, 0, 2);
    tcase_add_loop_test(core, a_closed_order_whose_capture_failed_keeps_its_authorization, 0, 2);
    tcase_add_test(core, a_closed_order_whose_capture_failed_voids_what_comes_back);
    tcase_add_test(core, a_new_authorization_of_a_closed_order_stays_as_far_as_it_is_owed);
    tcase_add_loop_test(core, a_late_payment_of_an_order_that_is_paid_goes_back_itself, 0, 4);
    tcase_add_test(core, a_late_payment_of_a_closed_order_covers_what_a_dispute_took);
    tcase_add_loop_test(core, a_renewed_authorization_covers_the_units_that_are_left, 0, 2);
    tcase_add_loop_test(
        core, a_dispute_of_what_is_refunded_already_is_shown_and_refunds_nothing_more, 0, 3);
    tcase_add_test(core, units_returned_while_disputed_are_refunded_when_the_dispute_is_won);
    tcase_add_test(core, a_return_refunds_no_payment_for_another_that_is_disputed);
    tcase_add_loop_test(core, a_fee_that_was_kept_can_be_refunded_after_all, 0, 2);
    tcase_add_loop_test(core, a_deposit_is_kept_and_the_rest_is_voided, 0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
