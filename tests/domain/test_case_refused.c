/*
 * What a provider refuses, or takes away again: nothing that was refused is asked again by itself,
 * it covers the order no longer, and goods that are not covered do not leave.
 */
#include "support/cases.h"
#include "support/check_main.h"

#define UNPAID  ((uint32_t)HF_ATTENTION_UNPAID)
#define REFUSED ((uint32_t)HF_ATTENTION_COMMAND_REFUSED)

static int capture(int64_t amount)
{
    return hf_test_pay(&fixture, HF_OP_PAYMENT_CAPTURE, &order, 1, amount);
}

/* ---- Captures -------------------------------------------------------------------------------- */

/* Asks for the capture of 900 in the way of the setting: CONFIRM, FULFIL or by the host. */
static void ask_capture(uint32_t settle)
{
    put_card_order(settle);
    agrees("auth");
    if (settle == HF_SETTLE_FULFIL)
        ok(fulfil(0, 0));
    if (settle == HF_SETTLE_MANUAL)
        ok(capture(HF_ALL));
    asked_is(1, 900, 0, 0);
}

START_TEST(a_refused_capture_is_not_asked_again_by_itself)
{
    ask_capture((uint32_t)_i);
    refuses();
    uint32_t commands = pay()->commands;
    stands(HF_ORDER_CONFIRMED, UNPAID);
    ck_assert_uint_eq(pay()->attention, REFUSED);
    asked_is(1, 0, 0, 0);
    ck_assert_int_eq(pay()->capture_refused, 900);
    wait_ms(DAY_MS);
    webhook(HF_FACT_ACTION_REQUIRED, "3ds", 0);
    webhook(HF_FACT_AUTHORIZED, "auth", 900); /* the same authorization once more */
    ck_assert_uint_eq(pay()->commands, commands);
    stands(HF_ORDER_CONFIRMED, UNPAID);
}
END_TEST

START_TEST(a_refused_capture_covers_no_goods)
{
    put_card_order(HF_SETTLE_CONFIRM);
    agrees("auth");
    refuses();
    refused(fulfil(1, 1), HF_E_UNPAID);
    ck_assert_int_eq(line_no(1)->fulfilled, 0);
    ok(fulfil_unpaid(1, 1));
    stands(HF_ORDER_CONFIRMED, UNPAID);
    refused(fulfil(1, 1), HF_E_UNPAID);
    ok(add_payment(HF_METHOD_ACCOUNT, 900, 0));
    stands(HF_ORDER_CONFIRMED, 0);
    ok(fulfil(1, 1));
    ck_assert_int_eq(hf_test_balance(&fixture, "anna"), 9100);
}
END_TEST

START_TEST(a_host_asks_again_for_a_capture_that_was_refused)
{
    ask_capture((uint32_t)_i);
    refuses();
    uint32_t commands = pay()->commands;
    ok(capture(HF_ALL));
    ck_assert_uint_eq(pay()->commands, commands + 1);
    ck_assert_int_eq(pay()->capture_refused, 0);
    agrees("cap");
    facts_are(1, 900, 900, 0, 0);
    ck_assert_uint_eq(row()->attention, 0);
    if (_i != HF_SETTLE_FULFIL)
        ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

START_TEST(a_capture_that_was_refused_and_reported_after_all_counts)
{
    ask_capture((uint32_t)_i);
    refuses();
    webhook(HF_FACT_CAPTURED, "cap", 900);
    facts_are(1, 900, 900, 0, 0);
    ck_assert_int_eq(pay()->capture_refused, 0);
    ck_assert_uint_eq(row()->attention, 0);
}
END_TEST

START_TEST(a_new_authorization_makes_a_refused_capture_possible_again)
{
    ask_capture((uint32_t)_i);
    refuses();
    webhook(HF_FACT_VOIDED, "expired", 900);
    webhook(HF_FACT_AUTHORIZED, "auth-2", 900);
    facts_are(1, 1800, 0, 900, 0);
    ck_assert_int_eq(pay()->capture_refused, 0);
    stands(HF_ORDER_CONFIRMED, 0);
    asked_is(1, _i == HF_SETTLE_MANUAL ? 0 : 900, 0, 0);
}
END_TEST

/* One unit of four is due: the refusal is not taken as a reason to try the next part. */
START_TEST(a_refused_capture_of_one_unit_is_asked_once)
{
    tea(4);
    (void)with_card(1800, HF_SETTLE_FULFIL);
    put_order();
    agrees("auth");
    ok(fulfil(1, 1));
    asked_is(1, 450, 0, 0);
    refuses();
    asked_is(1, 0, 0, 0);
    ck_assert_uint_eq(pay()->commands, 2);
    ck_assert_int_eq(pay()->capture_refused, 450);
    webhook(HF_FACT_ACTION_REQUIRED, "3ds", 0);
    ck_assert_uint_eq(pay()->commands, 2);
    ok(fulfil(1, 1)); /* 900 are due, 1,350 can be captured */
    asked_is(1, 450, 0, 0);
    refuses();
    ck_assert_uint_eq(pay()->commands, 3);
    ck_assert_int_eq(pay()->capture_refused, 900);
    refused(fulfil(1, 1), HF_E_UNPAID);
    ok(capture(HF_ALL));
    asked_is(1, 1800, 0, 0);
}
END_TEST

/* Two units of four are cancelled, and the provider does not void their part. */
START_TEST(a_refused_void_of_a_cancelled_part_is_asked_once)
{
    tea(4);
    (void)with_card(1800, HF_SETTLE_FULFIL);
    put_order();
    agrees("auth");
    ok(cancel(1, 1));
    asked_is(1, 0, 450, 0);
    refuses();
    asked_is(1, 0, 0, 0);
    ck_assert_uint_eq(pay()->commands, 2);
    webhook(HF_FACT_ACTION_REQUIRED, "3ds", 0);
    ck_assert_uint_eq(pay()->commands, 2);
    ok(cancel(1, 1));
    asked_is(1, 0, 450, 0);
    refuses();
    ck_assert_uint_eq(pay()->commands, 3);
    ck_assert_int_eq(pay()->void_refused, 900);
    ok(fulfil(0, 0));
    agrees("cap");
    stands(HF_ORDER_CLOSED, 0);
    asked_is(1, 0, 0, 0);
    webhook(HF_FACT_VOIDED, "expired", 900);
    facts_are(1, 1800, 900, 900, 0);
}
END_TEST

/* Of three partial captures the second is refused: the third asks for its own part only. */
START_TEST(a_refused_part_is_left_out_of_the_next_captures)
{
    tea(3);
    (void)with_card(1350, HF_SETTLE_FULFIL);
    put_order();
    agrees("auth");
    ok(fulfil(1, 1));
    agrees("cap-1");
    ok(fulfil(1, 1));
    refuses();
    stands(HF_ORDER_CONFIRMED, UNPAID);
    asked_is(1, 0, 0, 0);
    refused(fulfil(1, 1), HF_E_UNPAID);
    ok(fulfil_unpaid(1, 1));
    asked_is(1, 450, 0, 0);
    agrees("cap-3");
    facts_are(1, 1350, 900, 0, 0);
    stands(HF_ORDER_CONFIRMED, UNPAID);
    ok(capture(450));
    agrees("cap-2");
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

START_TEST(an_order_that_pays_later_ships_what_a_provider_refused)
{
    cart.args.policy = HF_ORDER_PAY_LATER;
    put_card_order(HF_SETTLE_CONFIRM);
    agrees("auth");
    refuses();
    stands(HF_ORDER_CONFIRMED, UNPAID);
    ok(fulfil(0, 0));
    stands(HF_ORDER_CONFIRMED, UNPAID);
    ok(add_payment(HF_METHOD_ACCOUNT, 900, 0));
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

START_TEST(a_refused_capture_is_voided_when_its_order_is_cancelled)
{
    put_card_order(HF_SETTLE_CONFIRM);
    agrees("auth");
    refuses();
    ok(cancel_all());
    stands(HF_ORDER_CANCELLED, 0);
    asked_is(1, 0, 900, 0);
    agrees("void");
    facts_are(1, 900, 0, 900, 0);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_CLOSED);
    ck_assert_int_eq(pay()->capture_refused, 0);
}
END_TEST

START_TEST(another_payment_pays_for_a_refused_capture_and_its_hold_is_voided)
{
    put_card_order(HF_SETTLE_FULFIL);
    agrees("auth");
    ok(fulfil(0, 0));
    refuses();
    ok(add_payment(HF_METHOD_PROVIDER, 900, 0));
    agrees_no(2, "auth-2");
    ck_assert_int_eq(pay_no(2)->pending_capture, 900);
    agrees_no(2, "cap-2");
    facts_are(2, 900, 900, 0, 0);
    stands(HF_ORDER_CLOSED, 0);
    asked_is(1, 0, 900, 0);
}
END_TEST

/* ---- Voids and refunds ----------------------------------------------------------------------- */

START_TEST(a_refused_void_of_an_ended_order_is_asked_once)
{
    put_card_order(HF_SETTLE_MANUAL);
    agrees("auth");
    ok(cancel_all());
    refuses();
    uint32_t commands = pay()->commands;
    webhook(HF_FACT_AUTHORIZED, "auth", 900);
    wait_ms(DAY_MS);
    ck_assert_uint_eq(pay()->commands, commands);
    ck_assert_int_eq(pay()->void_refused, 900);
    stands(HF_ORDER_CANCELLED, 0);
    webhook(HF_FACT_VOIDED, "expired", 900);
    facts_are(1, 900, 0, 900, 0);
    ck_assert_int_eq(pay()->void_refused, 0);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_CLOSED);
}
END_TEST

START_TEST(a_refused_refund_of_a_cancelled_unit_stays_with_the_host_to_ask)
{
    put_card_order(HF_SETTLE_CONFIRM);
    agrees("auth");
    agrees("cap");
    ok(cancel(1, 1));
    asked_is(1, 0, 0, 450);
    refuses();
    ck_assert_uint_eq(pay()->attention, REFUSED);
    ck_assert_int_eq(pay()->refund_refused, 450);
    ok(fulfil(1, 1));
    stands(HF_ORDER_CLOSED, HF_ATTENTION_MONEY_HELD);
    asked_is(1, 0, 0, 0);
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, 450));
    ck_assert_int_eq(row()->given_away, 0);
    agrees("back");
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

/* ---- Coverage that a fact takes away --------------------------------------------------------- */

START_TEST(an_authorization_that_expired_leaves_the_order_unpaid_at_once)
{
    put_card_order((uint32_t)_i == 0 ? HF_SETTLE_FULFIL : HF_SETTLE_MANUAL);
    agrees("auth");
    webhook(HF_FACT_VOIDED, "expired", 900);
    stands(HF_ORDER_CONFIRMED, UNPAID);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_CLOSED);
    refused(fulfil(0, 0), HF_E_UNPAID);
    ck_assert_int_eq(held(), 2);
    ok(fulfil_unpaid(1, 1));
    stands(HF_ORDER_CONFIRMED, UNPAID);
    refused(add_payment(HF_METHOD_ACCOUNT, 901, 0), HF_E_OVER_PAID);
    ok(add_payment(HF_METHOD_ACCOUNT, 900, 0));
    stands(HF_ORDER_CONFIRMED, 0);
    ok(fulfil(1, 1));
    stands(HF_ORDER_CLOSED, 0);
    ck_assert_int_eq(hf_test_balance(&fixture, "anna"), 9100);
}
END_TEST

/* A part that expired is due as soon as the goods need it. */
START_TEST(a_part_of_an_authorization_that_expired_stops_the_goods_it_covered)
{
    put_card_order(HF_SETTLE_FULFIL);
    agrees("auth");
    webhook(HF_FACT_VOIDED, "expired", 450);
    stands(HF_ORDER_CONFIRMED, UNPAID);
    ok(fulfil(1, 1));
    agrees("cap");
    refused(fulfil(1, 1), HF_E_UNPAID);
    ok(cancel(1, 1));
    stands(HF_ORDER_CLOSED, 0);
    facts_are(1, 900, 450, 450, 0);
}
END_TEST

START_TEST(an_order_that_pays_later_continues_without_its_authorization)
{
    cart.args.policy = HF_ORDER_PAY_LATER;
    put_card_order(HF_SETTLE_FULFIL);
    agrees("auth");
    webhook(HF_FACT_VOIDED, "expired", 900);
    stands(HF_ORDER_CONFIRMED, UNPAID);
    ok(fulfil(0, 0));
    stands(HF_ORDER_CONFIRMED, UNPAID);
}
END_TEST

START_TEST(a_chargeback_stops_the_goods_that_have_not_left)
{
    put_card_order((uint32_t)_i == 0 ? HF_SETTLE_CONFIRM : HF_SETTLE_FULFIL);
    agrees("auth");
    if (_i == 0)
        agrees("cap");
    ok(fulfil(1, 1));
    if (_i == 1)
        agrees("cap");
    int64_t captured = _i == 0 ? 900 : 450;
    webhook(HF_FACT_CHARGEBACK, "dispute", captured);
    stands(HF_ORDER_CONFIRMED, UNPAID);
    refused(fulfil(1, 1), HF_E_UNPAID);
    ok(fulfil_unpaid(1, 1));
    stands(HF_ORDER_CONFIRMED, UNPAID);
    asked_is(1, 0, 0, 0); /* nothing more is captured of a card that disputes */
    webhook(HF_FACT_CHARGEBACK_REVERSED, "won", captured);
    asked_is(1, _i == 0 ? 0 : 450, 0, 0);
    if (_i == 1)
        agrees("cap-2");
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

START_TEST(a_refund_that_nobody_asked_for_leaves_the_order_unpaid)
{
    put_card_order(HF_SETTLE_CONFIRM);
    agrees("auth");
    agrees("cap");
    webhook(HF_FACT_REFUNDED, "dashboard", 900);
    stands(HF_ORDER_CONFIRMED, UNPAID);
    ck_assert_uint_ne(pay()->flags & HF_PAYMENT_WITHDRAWN, 0);
    refused(fulfil(0, 0), HF_E_UNPAID);
    ok(add_payment(HF_METHOD_ACCOUNT, 900, 0));
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

START_TEST(a_chargeback_of_a_closed_order_is_shown_and_paid_anew_by_its_reversal)
{
    put_card_order(HF_SETTLE_FULFIL);
    agrees("auth");
    ok(fulfil(0, 0));
    agrees("cap");
    stands(HF_ORDER_CLOSED, 0);
    webhook(HF_FACT_CHARGEBACK, "dispute", 900);
    stands(HF_ORDER_CLOSED, UNPAID);
    webhook(HF_FACT_CHARGEBACK_REVERSED, "won", 900);
    stands(HF_ORDER_CLOSED, 0);
    ok(take_back(0, 0));
    asked_is(1, 0, 0, 900);
}
END_TEST

/* The provider refuses a refund, a person keeps the money, and more money comes afterwards. */
START_TEST(money_that_comes_after_refused_money_was_kept_is_refunded)
{
    put_card_order(HF_SETTLE_CONFIRM);
    answer(1, HF_ANSWER_OK, "auth", 0);
    answer(2, HF_ANSWER_OK, "cap", 0);
    ok(cancel_all());
    asked_is(1, 0, 0, 900);
    refuses();
    stands(HF_ORDER_CANCELLED, HF_ATTENTION_MONEY_HELD);
    hf_attention_clear_args clear;
    hf_attention_clear_init(&clear);
    clear.subject = HF_ATTENTION_ON_ORDER;
    clear.id = order;
    clear.bits = HF_ATTENTION_MONEY_HELD;
    clear.reason = "the card is closed";
    clear.head.actor = "clerk";
    ok(hf_test_shop_run(&fixture, HF_OP_ATTENTION_CLEAR, &clear));
    stands(HF_ORDER_CANCELLED, 0);
    ck_assert_int_eq(row()->kept, 900);
    ck_assert_int_eq(pay()->refund_refused, 0);
    webhook(HF_FACT_CAPTURED, "more", 200);
    asked_is(1, 0, 0, 200);
    agrees("back");
    facts_are(1, 1100, 1100, 0, 200);
    stands(HF_ORDER_CANCELLED, HF_ATTENTION_LATE_PAYMENT);
}
END_TEST

/* ---- Asked again ----------------------------------------------------------------------------- */

/* A refund (`_i` 0) or void of one cancelled unit is refused; the host asks for the same again. */
START_TEST(what_a_host_repeats_is_not_refused_any_more)
{
    put_card_order(_i == 0 ? HF_SETTLE_CONFIRM : HF_SETTLE_FULFIL);
    agrees("auth");
    if (_i == 0)
        agrees("cap");
    ok(cancel(1, 1));
    refuses();
    ok(hf_test_pay(&fixture, _i == 0 ? HF_OP_PAYMENT_REFUND : HF_OP_PAYMENT_VOID, &order, 1, 450));
    agrees("again");
    ck_assert_int_eq(pay()->refund_refused, 0);
    ck_assert_int_eq(pay()->void_refused, 0);
    ok(cancel(1, 1));
    asked_is(1, 0, _i == 0 ? 0 : 450, _i == 0 ? 450 : 0);
    agrees("rest");
    stands(HF_ORDER_CANCELLED, 0);
    ck_assert_int_eq(row()->given_away, 0);
}
END_TEST

/* A refused refund, or void, of one unit: the money is needed again for one more. */
START_TEST(what_was_refused_and_is_owed_again_is_asked_for_with_the_next_units)
{
    put_card_order(_i == 0 ? HF_SETTLE_CONFIRM : HF_SETTLE_MANUAL);
    agrees("auth");
    if (_i == 0)
        agrees("cap");
    ok(cancel(1, 1));
    refuses();
    hf_order_amend_args args;
    const hf_line_change change = {.line = 1, .quantity = 3, .unit_price = 450};
    hf_order_amend_init(&args, &order);
    args.changes = &change;
    args.change_count = 1;
    args.total = 1350;
    ok(hf_test_shop_run(&fixture, HF_OP_ORDER_AMEND, &args));
    ck_assert_int_eq(pay()->refund_refused, 0);
    ck_assert_int_eq(pay()->void_refused, 0);
    ok(cancel_all());
    asked_is(1, 0, _i == 0 ? 0 : 900, _i == 0 ? 900 : 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("case_refused");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_loop_test(core, a_refused_capture_is_not_asked_again_by_itself, 0, 3);
    tcase_add_test(core, a_refused_capture_covers_no_goods);
    tcase_add_loop_test(core, a_host_asks_again_for_a_capture_that_was_refused, 0, 3);
    tcase_add_loop_test(core, a_capture_that_was_refused_and_reported_after_all_counts, 0, 3);
    tcase_add_loop_test(core, a_new_authorization_makes_a_refused_capture_possible_again, 0, 3);
    tcase_add_test(core, a_refused_capture_of_one_unit_is_asked_once);
    tcase_add_test(core, a_refused_void_of_a_cancelled_part_is_asked_once);
    tcase_add_test(core, a_refused_part_is_left_out_of_the_next_captures);
    tcase_add_test(core, an_order_that_pays_later_ships_what_a_provider_refused);
    tcase_add_test(core, a_refused_capture_is_voided_when_its_order_is_cancelled);
    tcase_add_test(core, another_payment_pays_for_a_refused_capture_and_its_hold_is_voided);
    tcase_add_test(core, a_refused_void_of_an_ended_order_is_asked_once);
    tcase_add_test(core, a_refused_refund_of_a_cancelled_unit_stays_with_the_host_to_ask);
    tcase_add_loop_test(core, an_authorization_that_expired_leaves_the_order_unpaid_at_once, 0, 2);
    tcase_add_test(core, a_part_of_an_authorization_that_expired_stops_the_goods_it_covered);
    tcase_add_test(core, an_order_that_pays_later_continues_without_its_authorization);
    tcase_add_loop_test(core, a_chargeback_stops_the_goods_that_have_not_left, 0, 2);
    tcase_add_test(core, a_refund_that_nobody_asked_for_leaves_the_order_unpaid);
    tcase_add_test(core, a_chargeback_of_a_closed_order_is_shown_and_paid_anew_by_its_reversal);
    tcase_add_test(core, money_that_comes_after_refused_money_was_kept_is_refunded);
    tcase_add_loop_test(core, what_a_host_repeats_is_not_refused_any_more, 0, 2);
    tcase_add_loop_test(core, what_was_refused_and_is_owed_again_is_asked_for_with_the_next_units,
                        0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
