/*
 * An authorization that its provider renews, or reports again after a part of it was voided: a
 * message says what is authorized at its time, without what was voided before.
 */
#include "support/cases.h"
#include "support/check_main.h"

/* The payment `no` is authorized, by the movement `movement`, `after_ms` from now on. */
static void authorized(const char *message, const char *movement, int64_t amount, int64_t after_ms)
{
    ok(say((said){.kind = HF_FACT_AUTHORIZED,
                  .no = 1,
                  .message = message,
                  .movement = movement,
                  .amount = amount,
                  .at_ms = fixture.now_ms + after_ms}));
}

/* `_i` 1: the message is older than the capture, and came late. */
START_TEST(money_that_was_refused_and_is_authorized_anew_is_captured)
{
    put_card_order(HF_SETTLE_CONFIRM);
    agrees("auth");
    refuses();
    stands(HF_ORDER_CONFIRMED, HF_ATTENTION_UNPAID);
    authorized("renewed", "auth", 900, _i == 0 ? 5 : -5);
    ck_assert_int_eq(pay()->capture_refused, _i == 0 ? 0 : 900);
    asked_is(1, _i == 0 ? 900 : 0, 0, 0);
    facts_are(1, 900, 0, 0, 0);
    stands(HF_ORDER_CONFIRMED, _i == 0 ? 0 : HF_ATTENTION_UNPAID);
}
END_TEST

/* The failure of a capture is newer than the authorization. */
START_TEST(an_authorization_that_is_older_than_a_failure_renews_nothing)
{
    put_card_order(HF_SETTLE_CONFIRM);
    agrees("auth");
    agrees("cap");
    ok(say((said){.kind = HF_FACT_FAILED,
                  .no = 1,
                  .message = "failed",
                  .movement = "cap",
                  .amount = 900,
                  .at_ms = fixture.now_ms + 50}));
    authorized("late", "auth", 900, 40);
    ck_assert_int_eq(pay()->capture_refused, 900);
    asked_is(1, 0, 0, 0);
}
END_TEST

/* Two tea by card, whose authorization has expired. */
static void put_expired(void)
{
    put_card_order(HF_SETTLE_FULFIL);
    agrees("auth");
    ok(say((said){.kind = HF_FACT_VOIDED,
                  .no = 1,
                  .message = "expired",
                  .amount = 900,
                  .at_ms = fixture.now_ms + 1}));
}

START_TEST(money_that_expired_and_is_authorized_anew_covers_the_order)
{
    put_expired();
    stands(HF_ORDER_CONFIRMED, HF_ATTENTION_UNPAID);
    authorized("renewed", "auth", 900, 5);
    stands(HF_ORDER_CONFIRMED, 0);
    facts_are(1, 1800, 0, 900, 0);
    ck_assert_uint_eq(fact_of(HF_FACT_AUTHORIZED, "renewed")->attention, 0);
    ok(fulfil(0, 0));
    agrees("cap");
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

START_TEST(another_authorization_takes_nothing_from_one_that_was_renewed)
{
    put_expired();
    authorized("renewed", "auth", 800, 5);
    authorized("more", "other", 100, 9);
    facts_are(1, 1800, 0, 900, 0);
    stands(HF_ORDER_CONFIRMED, 0);
}
END_TEST

/* A void of a part is an adjustment of the authorization to some providers. */
START_TEST(what_is_left_after_a_void_covers_the_order)
{
    put_card_order(HF_SETTLE_FULFIL);
    agrees("auth");
    ok(cancel(1, 1));
    agrees("void");
    authorized("adjusted", "auth", 450, 5);
    facts_are(1, 900, 0, 450, 0);
    stands(HF_ORDER_CONFIRMED, 0);
    ok(fulfil(0, 0));
    asked_is(1, 450, 0, 0);
}
END_TEST

static const said messages[] = {
    {.kind = HF_FACT_AUTHORIZED, .no = 1, .message = "a", .movement = "pi", .amount = 900},
    {.kind = HF_FACT_VOIDED, .no = 1, .message = "b", .movement = "v", .amount = 300},
    {.kind = HF_FACT_AUTHORIZED, .no = 1, .message = "c", .movement = "pi", .amount = 500},
    {.kind = HF_FACT_VOIDED, .no = 1, .message = "d", .movement = "w", .amount = 100},
};

/* `_i`: the number of an order of four messages. The last one is newer than the authorization. */
START_TEST(voids_and_authorizations_add_up_by_their_times_in_every_order_of_arrival)
{
    uint32_t left[] = {0, 1, 2, 3};
    tea(2);
    (void)with_card(900, HF_SETTLE_MANUAL);
    cart.args.policy = HF_ORDER_PAY_LATER;
    put_order();
    for (uint32_t n = 4, order_no = (uint32_t)_i; n > 0; order_no /= n, n--) {
        said one = messages[left[order_no % n]];
        one.at_ms = fixture.now_ms + left[order_no % n];
        ok(say(one));
        left[order_no % n] = left[n - 1];
    }
    facts_are(1, 800, 0, 400, 0);
    ok(say((said){.kind = HF_FACT_FAILED,
                  .no = 1,
                  .message = "e",
                  .movement = "v",
                  .amount = 300,
                  .at_ms = fixture.now_ms + 9}));
    facts_are(1, 500, 0, 100, 0);
}
END_TEST

/* Nobody knows which of two authorizations was voided. */
START_TEST(with_two_authorizations_a_void_is_compared_with_neither)
{
    put_card_order(HF_SETTLE_MANUAL);
    agrees("auth");
    authorized("second", "another", 300, 1);
    facts_are(1, 1200, 0, 0, 0);
    ok(say((said){.kind = HF_FACT_VOIDED,
                  .no = 1,
                  .message = "void",
                  .amount = 300,
                  .at_ms = fixture.now_ms + 2}));
    authorized("again", "another", 300, 5);
    facts_are(1, 1200, 0, 300, 0);
}
END_TEST

/* ---- Raised ---------------------------------------------------------------------------------- */

/* One more cup for 300. */
static int amend_by_a_cup(void)
{
    hf_order_amend_args args;
    hf_line_args line;
    hf_order_amend_init(&args, &order);
    hf_line_init(&line, "cup", 1, 300);
    line.settle_on = HF_SETTLE_FULFIL;
    args.total = 1200;
    args.lines = &line;
    args.line_count = 1;
    return hf_test_shop_run(&fixture, HF_OP_ORDER_AMEND, &args);
}

/* The money is there before the amendment; another message comes in between. */
START_TEST(an_authorization_that_was_raised_pays_for_an_amendment)
{
    put_card_order(HF_SETTLE_FULFIL);
    agrees("auth");
    refused(amend_by_a_cup(), HF_E_UNPAID);
    authorized("raised", "auth", 1200, 5);
    webhook(HF_FACT_ACTION_REQUIRED, "wait", 0);
    asked_is(1, 0, 0, 0);
    ok(amend_by_a_cup());
    stands(HF_ORDER_CONFIRMED, 0);
    ok(fulfil(0, 0));
    asked_is(1, 1200, 0, 0);
    agrees("cap");
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

/* A cancellation (`_i` 1), or the end of the order, voids what was raised for nothing. */
START_TEST(what_was_raised_and_is_not_needed_is_voided_in_the_end)
{
    put_card_order(HF_SETTLE_FULFIL);
    agrees("auth");
    authorized("raised", "auth", 1200, 5);
    if (_i == 1) {
        ok(cancel(1, 1));
        asked_is(1, 0, 750, 0);
        return;
    }
    ok(fulfil(0, 0));
    asked_is(1, 900, 0, 0);
    agrees("cap");
    stands(HF_ORDER_CLOSED, 0);
    asked_is(1, 0, 300, 0);
}
END_TEST

/* A second authorization is no increase: the payer's money is not held twice. */
START_TEST(a_second_authorization_is_voided_at_once)
{
    put_card_order(HF_SETTLE_FULFIL);
    agrees("auth");
    authorized("second", "another", 300, 5);
    asked_is(1, 0, 300, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("case_renewed");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_loop_test(core, money_that_was_refused_and_is_authorized_anew_is_captured, 0, 2);
    tcase_add_test(core, an_authorization_that_is_older_than_a_failure_renews_nothing);
    tcase_add_test(core, money_that_expired_and_is_authorized_anew_covers_the_order);
    tcase_add_test(core, what_is_left_after_a_void_covers_the_order);
    tcase_add_loop_test(
        core, voids_and_authorizations_add_up_by_their_times_in_every_order_of_arrival, 0, 24);
    tcase_add_test(core, with_two_authorizations_a_void_is_compared_with_neither);
    tcase_add_test(core, an_authorization_that_was_raised_pays_for_an_amendment);
    tcase_add_loop_test(core, what_was_raised_and_is_not_needed_is_voided_in_the_end, 0, 2);
    tcase_add_test(core, a_second_authorization_is_voided_at_once);
    tcase_add_test(core, another_authorization_takes_nothing_from_one_that_was_renewed);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
