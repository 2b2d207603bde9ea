/*
 * What is left open by a refusal, of a provider or of an account, ends all the same: the order
 * closes, what it lost is shown, and what comes later is voided.
 */
#include "support/cases.h"
#include "support/check_main.h"

#define UNPAID     ((uint32_t)HF_ATTENTION_UNPAID)
#define UNEXPECTED ((uint32_t)HF_ATTENTION_UNEXPECTED_FACT)
#define LATE       ((uint32_t)HF_ATTENTION_LATE_PAYMENT)

static const uint32_t settles[] = {HF_SETTLE_FULFIL, HF_SETTLE_MANUAL};

static void freeze_wallet(void)
{
    hf_account_put_args args;
    hf_account_put_init(&args, HF_KIND_MONEY, "anna", "EUR");
    args.mode = HF_PUT_CHANGE;
    args.mask = HF_PUT_FROZEN;
    args.frozen = 1;
    ok(hf_test_shop_run(&fixture, HF_OP_ACCOUNT_PUT, &args));
}

/* One of two tea is cancelled, the provider does not release its money, the other one is sent. */
START_TEST(an_order_whose_void_was_refused_closes_when_the_rest_is_captured)
{
    uint32_t settle = settles[_i];
    tea(2);
    (void)with_card(900, settle);
    put_order();
    agrees("auth");
    ok(cancel(1, 1));
    asked_is(1, 0, 450, 0);
    refuses();
    ok(fulfil(0, 0));
    if (settle == HF_SETTLE_MANUAL) {
        stands(HF_ORDER_CONFIRMED, 0);
        ok(hf_test_pay(&fixture, HF_OP_PAYMENT_CAPTURE, &order, 1, HF_ALL));
    }
    asked_is(1, 450, 0, 0);
    agrees("cap");
    stands(HF_ORDER_CLOSED, 0);
    ck_assert_int_eq(pay()->void_refused, 450);
}
END_TEST

START_TEST(an_order_waits_for_a_host_who_can_still_capture)
{
    put_card_order(HF_SETTLE_MANUAL);
    agrees("auth");
    ok(fulfil(0, 0));
    stands(HF_ORDER_CONFIRMED, 0);
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_CAPTURE, &order, 1, 500));
    agrees("cap");
    stands(HF_ORDER_CONFIRMED, 0);
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_CAPTURE, &order, 1, HF_ALL));
    agrees("cap-2");
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

/* The wallet would have to pay instead, and cannot: the order says that it is not paid. */
START_TEST(an_order_that_cannot_follow_a_dispute_is_unpaid_all_the_same)
{
    tea(2);
    (void)with_payment(HF_METHOD_ACCOUNT, 450, HF_SETTLE_FULFIL);
    (void)with_card(450, HF_SETTLE_CONFIRM);
    put_order();
    agrees_no(2, "auth");
    agrees_no(2, "cap");
    ok(fulfil(1, 1));
    stands(HF_ORDER_CONFIRMED, 0);
    freeze_wallet();
    ok(say((said){.kind = HF_FACT_CHARGEBACK, .no = 2, .message = "dispute", .amount = 450}));
    stands(HF_ORDER_CONFIRMED, UNEXPECTED | UNPAID);
    ck_assert_int_eq(pay_no(1)->captured, 0);
}
END_TEST

/* A new authorization is voided, though the void of the first one was refused. */
START_TEST(an_ended_order_voids_a_new_authorization_beside_a_refused_void)
{
    tea(2);
    with_card(900, HF_SETTLE_FULFIL)->flags = HF_PAYMENT_WHOLE_VOID;
    put_order();
    agrees("auth");
    if (_i == 1) {
        ok(fulfil(1, 1));
        agrees("cap");
        ok(cancel(1, 1));
    } else {
        ok(cancel_all());
    }
    asked_is(1, 0, _i == 1 ? 450 : 900, 0);
    refuses();
    webhook(HF_FACT_AUTHORIZED, "again", 300);
    asked_is(1, 0, 300, 0);
    ck_assert_int_eq(pay()->barred, 0);
    stands(_i == 1 ? HF_ORDER_CLOSED : HF_ORDER_CANCELLED, _i == 1 ? 0 : LATE);
    agrees("void-2");
    ck_assert_int_eq(pay()->voided, 300);
    ck_assert_int_eq(pay()->void_refused, _i == 1 ? 450 : 900);
}
END_TEST

/* Of 900 whose void was refused 800 are being captured: a second void asks for 100 of them again.
 */
START_TEST(a_void_beside_a_capture_takes_back_no_more_than_it_asks_for)
{
    tea(2);
    with_card(900, HF_SETTLE_MANUAL)->flags = _i == 0 ? 0 : HF_PAYMENT_WHOLE_VOID;
    put_order();
    agrees("auth");
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_VOID, &order, 1, HF_ALL));
    refuses();
    ck_assert_int_eq(pay()->void_refused, 900);
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_CAPTURE, &order, 1, 800));
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_VOID, &order, 1, HF_ALL));
    ck_assert_int_eq(pay()->void_refused, 800);
    ck_assert_int_eq(pay()->pending_void + pay()->barred, 100);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("case_refusals");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_loop_test(core, an_order_whose_void_was_refused_closes_when_the_rest_is_captured, 0,
                        2);
    tcase_add_test(core, an_order_waits_for_a_host_who_can_still_capture);
    tcase_add_test(core, an_order_that_cannot_follow_a_dispute_is_unpaid_all_the_same);
    tcase_add_loop_test(core, an_ended_order_voids_a_new_authorization_beside_a_refused_void, 0, 2);
    tcase_add_loop_test(core, a_void_beside_a_capture_takes_back_no_more_than_it_asks_for, 0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
