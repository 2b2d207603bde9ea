/*
 * Hosts that only report what their providers say, and commands whose outcome a report brings: the
 * command ends, so that nothing stays asked for ever.
 */
#include "support/cases.h"
#include "support/check_main.h"

/* No provider answers: facts alone end every command, in any state of the order. */
START_TEST(reports_alone_end_every_command)
{
    put_card_order(_i == 0 ? HF_SETTLE_CONFIRM : HF_SETTLE_FULFIL);
    ck_assert_uint_eq(open_commands(), 1);
    webhook(HF_FACT_AUTHORIZED, "auth", 900);
    ck_assert_uint_eq(open_commands(), _i == 0 ? 1 : 0);
    ok(fulfil(1, 1));
    if (_i == 1)
        webhook(HF_FACT_CAPTURED, "cap-1", 450);
    ok(fulfil(1, 1));
    webhook(HF_FACT_CAPTURED, "cap-2", _i == 0 ? 900 : 450);
    stands(HF_ORDER_CLOSED, 0);
    ck_assert_uint_eq(open_commands(), 0);
    ok(take_back(1, 1));
    ck_assert_uint_eq(open_commands(), 1);
    webhook(HF_FACT_REFUNDED, "back", 450);
    ck_assert_uint_eq(open_commands(), 0);
    ck_assert_uint_eq(pay()->attention, 0);
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

START_TEST(a_report_of_a_failure_ends_the_authorization_that_was_asked)
{
    cart.args.deadline_ms = fixture.now_ms + 1000;
    put_card_order(HF_SETTLE_CONFIRM);
    webhook(HF_FACT_FAILED, "declined", 900);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_FAILED);
    ck_assert_uint_eq(open_commands(), 0);
    stands(HF_ORDER_PENDING, 0);
}
END_TEST

/* The authorization expires while its capture is asked: another payment is captured instead. */
START_TEST(a_capture_that_was_asked_ends_with_its_authorization)
{
    put_card_order(HF_SETTLE_CONFIRM);
    webhook(HF_FACT_AUTHORIZED, "auth", 900);
    asked_is(1, 900, 0, 0);
    webhook(HF_FACT_VOIDED, "expired", 900);
    asked_is(1, 0, 0, 0);
    ck_assert_uint_eq(open_commands(), 0);
    ck_assert_uint_eq(command(2).state, HF_TXN_CANCELLED);
    stands(HF_ORDER_CONFIRMED, HF_ATTENTION_UNPAID);
    ok(add_payment(HF_METHOD_ACCOUNT, 900, 0));
    facts_are(2, 900, 900, 0, 0);
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

/* The provider captures while the host's void is asked: the money covers the order. */
START_TEST(a_void_that_was_asked_ends_with_the_capture_of_the_whole)
{
    put_card_order(HF_SETTLE_MANUAL);
    webhook(HF_FACT_AUTHORIZED, "auth", 900);
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_VOID, &order, 1, HF_ALL));
    asked_is(1, 0, 900, 0);
    webhook(HF_FACT_CAPTURED, "cap", 900);
    asked_is(1, 0, 0, 0);
    ck_assert_uint_eq(open_commands(), 0);
    facts_are(1, 900, 900, 0, 0);
    stands(HF_ORDER_CONFIRMED, 0);
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

/* Two captures are open; one report covers the first, or both. */
START_TEST(reports_end_several_commands_when_nothing_of_them_is_pending)
{
    put_card_order(HF_SETTLE_FULFIL);
    agrees("auth");
    ok(fulfil(1, 1));
    ok(fulfil(1, 1));
    ck_assert_uint_eq(open_commands(), 2);
    webhook(HF_FACT_CAPTURED, "cap", _i == 0 ? 450 : 900);
    ck_assert_uint_eq(open_commands(), _i == 0 ? 2 : 0); /* a part may be of either */
    ck_assert_uint_eq(command(2).state, _i == 0 ? HF_TXN_TRYING : HF_TXN_CONFIRMED);
    asked_is(1, _i == 0 ? 450 : 0, 0, 0);
}
END_TEST

/* The answer to a command that a report has ended comes late and says the same. */
START_TEST(a_late_answer_to_a_reported_command_counts_nothing_more)
{
    put_card_order(HF_SETTLE_CONFIRM);
    webhook(HF_FACT_AUTHORIZED, "evt_1", 900);
    webhook(HF_FACT_CAPTURED, "evt_2", 900);
    const hf_txn capture = command(2);
    ck_assert_uint_eq(capture.state, HF_TXN_CONFIRMED);
    (void)answer_to(&capture, HF_ANSWER_OK, "ch_2", 0);
    (void)answer_to(&capture, HF_ANSWER_OK, "evt_2", 0);
    facts_are(1, 900, 900, 0, 0);
    ck_assert_uint_eq(pay()->attention, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("case_commands");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_loop_test(core, reports_alone_end_every_command, 0, 2);
    tcase_add_test(core, a_report_of_a_failure_ends_the_authorization_that_was_asked);
    tcase_add_test(core, a_capture_that_was_asked_ends_with_its_authorization);
    tcase_add_test(core, a_void_that_was_asked_ends_with_the_capture_of_the_whole);
    tcase_add_loop_test(core, reports_end_several_commands_when_nothing_of_them_is_pending, 0, 2);
    tcase_add_test(core, a_late_answer_to_a_reported_command_counts_nothing_more);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
