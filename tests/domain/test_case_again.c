/*
 * Orders that lost money after they were closed: they can be paid again, and close again.
 */
#include "support/cases.h"
#include "support/check_main.h"

#define UNPAID ((uint32_t)HF_ATTENTION_UNPAID)

/* Two tea for 900 by card, captured and sent; then the payer's bank takes `lost` back. */
static void put_disputed(int64_t lost)
{
    put_card_order(HF_SETTLE_CONFIRM);
    agrees("auth");
    agrees("cap");
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
    webhook(HF_FACT_CHARGEBACK, "dispute", lost);
    stands(HF_ORDER_CLOSED, UNPAID);
}

START_TEST(a_closed_order_that_lost_its_money_is_paid_again_by_wallet)
{
    put_disputed(900);
    ok(add_payment(HF_METHOD_ACCOUNT, 900, 0));
    stands(HF_ORDER_CLOSED, 0);
    facts_are(2, 900, 900, 0, 0);
    ck_assert_int_ne(row()->closed_at_ms, 0);
}
END_TEST

START_TEST(a_closed_order_that_lost_its_money_is_paid_again_by_card)
{
    put_disputed(900);
    ok(add_payment(HF_METHOD_PROVIDER, 900, fixture.now_ms + 5000));
    stands(HF_ORDER_CONFIRMED, 0);
    ck_assert_int_eq(row()->closed_at_ms, 0);
    if (_i == 0) {
        agrees_no(2, "auth-2");
        agrees_no(2, "cap-2");
        stands(HF_ORDER_CLOSED, 0);
        facts_are(2, 900, 900, 0, 0);
        return;
    }
    wait_ms(5000);
    stands(HF_ORDER_CONFIRMED, UNPAID);
    ok(add_payment(HF_METHOD_ACCOUNT, 900, 0));
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

START_TEST(a_closed_order_is_paid_again_in_parts_up_to_what_it_owes)
{
    put_disputed(500);
    refused(add_payment(HF_METHOD_ACCOUNT, 501, 0), HF_E_OVER_PAID);
    ok(add_payment(HF_METHOD_ACCOUNT, 200, 0));
    stands(HF_ORDER_CONFIRMED, UNPAID);
    ok(add_payment(HF_METHOD_ACCOUNT, 300, 0));
    stands(HF_ORDER_CLOSED, 0);
    refused(add_payment(HF_METHOD_ACCOUNT, 1, 0), HF_E_ORDER_STATE);
}
END_TEST

/* The dispute is won after the customer has paid again: the money goes back. */
START_TEST(a_dispute_that_is_won_after_the_order_was_paid_again_is_refunded)
{
    put_disputed(900);
    ok(add_payment(HF_METHOD_ACCOUNT, 900, 0));
    webhook(HF_FACT_CHARGEBACK_REVERSED, "won", 900);
    stands(HF_ORDER_CLOSED, 0);
    ck_assert_int_eq(pay_no(1)->pending_refund + pay_no(2)->refunded, 900);
}
END_TEST

START_TEST(a_payment_of_a_closed_order_that_a_host_captures_closes_it)
{
    hf_payment_add_args args;
    put_disputed(900);
    hf_payment_add_init(&args, &order);
    hf_payment_init(&args.payment, "anna", "EUR", 900);
    args.payment.settle_on = HF_SETTLE_MANUAL;
    ok(hf_test_shop_run(&fixture, HF_OP_PAYMENT_ADD, &args));
    stands(HF_ORDER_CONFIRMED, 0);
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_CAPTURE, &order, 2, HF_ALL));
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

/* With PAY_LATER, too, a closed order that is paid takes no further payment. */
START_TEST(a_closed_order_that_is_covered_takes_no_payment)
{
    cart.args.policy = _i == 0 ? 0 : HF_ORDER_PAY_LATER;
    put_card_order(HF_SETTLE_CONFIRM);
    agrees("auth");
    agrees("cap");
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
    refused(add_payment(HF_METHOD_ACCOUNT, 1, 0), HF_E_ORDER_STATE);
}
END_TEST

/* What a host says of the refund of a unit holds for the money that is in dispute, too. */
START_TEST(what_a_host_keeps_of_disputed_money_stays_kept_when_the_dispute_is_won)
{
    put_disputed(900);
    ok(units_for(HF_OP_ORDER_RETURN, 1, 1, 0));
    ck_assert_int_eq(row()->kept, 450);
    stands(HF_ORDER_CLOSED, UNPAID);
    webhook(HF_FACT_CHARGEBACK_REVERSED, "won", 900);
    stands(HF_ORDER_CLOSED, 0);
    asked_is(1, 0, 0, 0);
}
END_TEST

/* The returned unit is refunded out of the payment that is not disputed, once. */
START_TEST(what_a_host_refunds_beside_a_dispute_is_not_refunded_again_when_it_is_won)
{
    tea(2);
    (void)with_card(450, HF_SETTLE_CONFIRM);
    (void)with_card(450, HF_SETTLE_CONFIRM);
    put_order();
    agrees_no(1, "auth");
    agrees_no(2, "auth-2");
    agrees_no(1, "cap");
    agrees_no(2, "cap-2");
    ok(fulfil(0, 0));
    ok(say((said){.kind = HF_FACT_CHARGEBACK, .no = 2, .message = "dispute", .amount = 450}));
    ok(units_for(HF_OP_ORDER_RETURN, 1, 1, 450));
    agrees("back");
    ck_assert_int_eq(row()->given_away, 0);
    ok(say((said){.kind = HF_FACT_CHARGEBACK_REVERSED, .no = 2, .message = "won", .amount = 450}));
    stands(HF_ORDER_CLOSED, 0);
    asked_is(2, 0, 0, 0);
    facts_are(1, 450, 450, 0, 450);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("case_again");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, a_closed_order_that_lost_its_money_is_paid_again_by_wallet);
    tcase_add_loop_test(core, a_closed_order_that_lost_its_money_is_paid_again_by_card, 0, 2);
    tcase_add_test(core, a_closed_order_is_paid_again_in_parts_up_to_what_it_owes);
    tcase_add_test(core, a_dispute_that_is_won_after_the_order_was_paid_again_is_refunded);
    tcase_add_test(core, a_payment_of_a_closed_order_that_a_host_captures_closes_it);
    tcase_add_loop_test(core, a_closed_order_that_is_covered_takes_no_payment, 0, 2);
    tcase_add_test(core, what_a_host_keeps_of_disputed_money_stays_kept_when_the_dispute_is_won);
    tcase_add_test(core, what_a_host_refunds_beside_a_dispute_is_not_refunded_again_when_it_is_won);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
