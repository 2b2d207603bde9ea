/*
 * What a provider takes back after it had happened: a refund, a void or a capture that fails later,
 * a running total that falls, a dispute that is won.
 */
#include "support/cases.h"
#include "support/check_main.h"
#include <stdio.h>

#define UNEXPECTED ((uint32_t)HF_ATTENTION_UNEXPECTED_FACT)

/* Two tea by card, captured unless `settle` is FULFIL. */
static void put_paid(uint32_t settle)
{
    put_card_order(settle);
    agrees("auth");
    if (settle == HF_SETTLE_CONFIRM)
        agrees("cap");
}

/* `after_ms`: how long from now on it happens; 0: the provider does not say when. */
static void fails(const char *movement, int64_t amount, int64_t after_ms)
{
    char message[40];
    (void)snprintf(message, sizeof message, "%s failed", movement);
    ok(say((said){.kind = HF_FACT_FAILED,
                  .no = 1,
                  .message = message,
                  .movement = movement,
                  .amount = amount,
                  .at_ms = after_ms == 0 ? 0 : fixture.now_ms + after_ms}));
}

/* A refund (`_i` 0) or void succeeds and fails again and again. */
START_TEST(a_refund_or_void_that_fails_later_is_asked_again_once)
{
    put_paid(_i == 0 ? HF_SETTLE_CONFIRM : HF_SETTLE_FULFIL);
    ok(cancel_all());
    agrees("back 1");
    fails("back 1", 900, 5);
    asked_is(1, 0, _i == 0 ? 0 : 900, _i == 0 ? 900 : 0);
    agrees("back 2");
    uint32_t commands = pay()->commands;
    fails("back 2", 900, 6);
    ck_assert_uint_eq(pay()->commands, commands);
    asked_is(1, 0, 0, 0);
    facts_are(1, 900, _i == 0 ? 900 : 0, 0, 0);
    ck_assert_int_eq(_i == 0 ? pay()->refund_refused : pay()->void_refused, 900);
    ck_assert_uint_eq(row()->state, HF_ORDER_CANCELLED);
    ck_assert_uint_eq(row()->attention & HF_ATTENTION_MONEY_HELD,
                      _i == 0 ? HF_ATTENTION_MONEY_HELD : 0);
}
END_TEST

/* A refund that a total of 0 (`_i` 0) or an earlier failure took back. */
START_TEST(a_failure_of_what_was_no_authorization_fails_none)
{
    put_card_order(HF_SETTLE_CONFIRM);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_PENDING);
    ok(say((said){.kind = HF_FACT_REFUNDED,
                  .no = 1,
                  .message = "refund",
                  .movement = "gone",
                  .amount = 54,
                  .at_ms = fixture.now_ms + 1}));
    if (_i == 0)
        ok(say((said){.kind = HF_FACT_REFUNDED,
                      .no = 1,
                      .message = "none",
                      .movement = "gone",
                      .at_ms = fixture.now_ms + 2,
                      .flags = HF_REPORT_TOTAL}));
    else
        fails("gone", 54, 2);
    ok(say((said){.kind = HF_FACT_FAILED,
                  .no = 1,
                  .message = "again",
                  .movement = "gone",
                  .amount = 54,
                  .at_ms = fixture.now_ms + 3}));
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_PENDING);
    ck_assert_uint_eq(row()->state, HF_ORDER_PENDING);
    facts_are(1, 0, 0, 0, 0);
    agrees("auth");
    ck_assert_uint_eq(row()->state, HF_ORDER_CONFIRMED);
}
END_TEST

/* A capture, or a refund, whose running total falls to 0. */
START_TEST(what_a_running_total_takes_back_is_not_asked_again)
{
    put_paid(HF_SETTLE_CONFIRM);
    if (_i == 1)
        ok(cancel_all());
    if (_i == 1)
        agrees("back");
    uint32_t commands = pay()->commands;
    ok(say((said){.kind = _i == 0 ? HF_FACT_CAPTURED : HF_FACT_REFUNDED,
                  .no = 1,
                  .message = "none",
                  .movement = _i == 0 ? "cap" : "back",
                  .at_ms = fixture.now_ms + 5,
                  .flags = HF_REPORT_TOTAL}));
    facts_are(1, 900, _i == 0 ? 0 : 900, 0, 0);
    ck_assert_uint_eq(pay()->commands, commands);
    asked_is(1, 0, 0, 0);
    ck_assert_int_eq(_i == 0 ? pay()->capture_refused : pay()->refund_refused, 900);
}
END_TEST

/* Nobody had asked for the refund, and the order owes the money: it is not refused. */
START_TEST(a_refund_that_nobody_asked_for_and_that_fails_is_missing_nowhere)
{
    put_paid(HF_SETTLE_CONFIRM);
    webhook(HF_FACT_REFUNDED, "back", 100);
    fails("back", 100, 5);
    ck_assert_int_eq(pay()->refund_refused, 0);
    ok(cancel_all());
    asked_is(1, 0, 0, 900);
}
END_TEST

/* A refund that was refused is made by hand: it was asked for, so the order may be paid anew. */
START_TEST(a_refused_refund_that_happens_after_all_was_asked_for)
{
    put_paid(HF_SETTLE_CONFIRM);
    ok(cancel(1, 1));
    refuses();
    webhook(HF_FACT_REFUNDED, "by hand", 450);
    ck_assert_uint_eq(pay()->flags & HF_PAYMENT_WITHDRAWN, 0);
    ck_assert_int_eq(pay()->refund_refused, 0);
    facts_are(1, 900, 900, 0, 450);
}
END_TEST

/* Of messages without a time nobody knows which is the newer one. `_i` 1: the failure is first. */
START_TEST(a_failure_and_a_success_without_a_time_are_for_a_person)
{
    put_paid(HF_SETTLE_CONFIRM);
    ok(cancel_all());
    if (_i == 0) {
        agrees("back");
        fails("back", 900, 0);
        ck_assert_uint_eq(fact_of(HF_FACT_FAILED, "back failed")->attention, UNEXPECTED);
        facts_are(1, 900, 900, 0, 900);
    } else {
        fails("back", 900, 5);
        ok(say((said){.kind = HF_FACT_REFUNDED,
                      .no = 1,
                      .message = "done",
                      .movement = "back",
                      .amount = 900}));
        ck_assert_uint_eq(fact_of(HF_FACT_REFUNDED, "done")->attention, UNEXPECTED);
    }
    const uint32_t command = _i == 0 ? 0 : HF_ATTENTION_COMMAND_REFUSED; /* which failed alone */
    ck_assert_uint_eq(pay()->attention, UNEXPECTED | command);
}
END_TEST

/* ---- Failures of what nobody has heard of ---------------------------------------------------- */

/* Asks for a capture, a void or a refund of 900: `what` 0, 1, 2. */
static void ask(int what)
{
    if (what == 2) {
        put_paid(HF_SETTLE_CONFIRM);
        ok(cancel_all());
        return;
    }
    put_card_order(what == 0 ? HF_SETTLE_CONFIRM : HF_SETTLE_MANUAL);
    agrees("auth");
    if (what == 1)
        ok(cancel_all());
}

/* Only a report says that it failed; its amount, or when it was, may be unknown: `_i` from 3, 6. */
START_TEST(a_failure_ends_the_only_command_under_way)
{
    int what = _i % 3;
    ask(what);
    fails("x", _i / 3 != 1 ? 900 : 0, _i < 6 ? 5 : 0);
    const int64_t refused_of[] = {pay()->capture_refused, pay()->void_refused,
                                  pay()->refund_refused};
    ck_assert_int_eq(refused_of[what], 900);
    asked_is(1, 0, 0, 0);
    ck_assert_uint_eq(open_commands(), 0);
    ck_assert_uint_eq(pay()->attention, HF_ATTENTION_COMMAND_REFUSED);
    ck_assert_uint_eq(fact_of(HF_FACT_FAILED, "x failed")->attention, 0);
    if (what == 0)
        refused(fulfil(1, 1), HF_E_UNPAID);
}
END_TEST

/* Another amount (`_i` 0), or one of two commands: a person has to look. */
START_TEST(a_failure_that_may_be_of_another_movement_ends_no_command)
{
    if (_i == 0) {
        ask(0);
    } else {
        put_card_order(HF_SETTLE_FULFIL);
        agrees("auth");
        ok(fulfil(1, 1));
        ok(fulfil(1, 1));
    }
    fails("x", 450 - (_i == 0), 5);
    asked_is(1, 900, 0, 0);
    ck_assert_int_eq(pay()->capture_refused, 0);
    ck_assert_uint_eq(pay()->attention, UNEXPECTED);
    ck_assert_uint_eq(fact_of(HF_FACT_FAILED, "x failed")->attention, UNEXPECTED);
}
END_TEST

/*
 * The webhook of a refund that was refused comes when the host has asked for another one (`_i` 0);
 * of a message without a time (1), which may have no amount either (2), nobody knows that.
 */
START_TEST(a_failure_that_is_not_known_to_be_newer_ends_no_command)
{
    put_paid(HF_SETTLE_CONFIRM);
    ok(fulfil(0, 0));
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, 450));
    refuses();
    wait_ms(1000);
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, 450));
    fails("back 1", _i == 2 ? 0 : 450, _i == 0 ? -10 : 0);
    asked_is(1, 0, 0, 450);
    ck_assert_uint_eq(fact_of(HF_FACT_FAILED, "back 1 failed")->attention, UNEXPECTED);
    refused(hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, 900), HF_E_OVER_REFUND);
    agrees("back 2");
    facts_are(1, 900, 900, 0, 450);
}
END_TEST

/* Some providers say when in whole seconds. `_i` 1: it was in the second before the command. */
START_TEST(a_failure_in_the_second_of_the_command_is_not_older)
{
    fixture.now_ms = (fixture.now_ms / 1000 + 1) * 1000 + 350;
    ask(2);
    fails("x", 900, _i == 0 ? -350 : -1350);
    ck_assert_int_eq(pay()->refund_refused, _i == 0 ? 900 : 0);
    asked_is(1, 0, 0, _i == 0 ? 0 : 900);
}
END_TEST

/* The provider was asked all the same, and answers; `_i` 1: with the movement that failed. */
START_TEST(an_answer_after_a_failure_counts_unless_it_names_what_failed)
{
    ask(0);
    fails("x", 900, 5);
    answer(2, HF_ANSWER_OK, _i == 0 ? "y" : "x", 0);
    facts_are(1, 900, _i == 0 ? 900 : 0, 0, 0);
    ck_assert_int_eq(pay()->capture_refused, _i == 0 ? 0 : 900);
}
END_TEST

/* ---- Disputes -------------------------------------------------------------------------------- */

START_TEST(two_disputes_that_are_won_leave_nothing_charged_back_in_every_order)
{
    static const said messages[] = {
        {.kind = HF_FACT_CHARGEBACK, .no = 1, .message = "d1", .amount = 100, .at_ms = 2},
        {.kind = HF_FACT_CHARGEBACK, .no = 1, .message = "d2", .amount = 60, .at_ms = 3},
        {.kind = HF_FACT_CHARGEBACK_REVERSED, .no = 1, .message = "won 2", .amount = 60},
        {.kind = HF_FACT_CHARGEBACK_REVERSED, .no = 1, .message = "won 1", .amount = 100},
    };
    uint32_t left[] = {0, 1, 2, 3};
    put_paid(HF_SETTLE_CONFIRM);
    for (uint32_t n = 4, order_no = (uint32_t)_i; n > 0; order_no /= n, n--) {
        uint32_t at = order_no % n;
        ok(say(messages[left[at]]));
        left[at] = left[n - 1];
    }
    ck_assert_int_eq(pay()->charged_back, 0);
    ck_assert_int_eq(pay()->chargeback_reversals, 0);
    stands(HF_ORDER_CONFIRMED, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("case_taken");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_loop_test(core, a_refund_or_void_that_fails_later_is_asked_again_once, 0, 2);
    tcase_add_loop_test(core, a_failure_of_what_was_no_authorization_fails_none, 0, 2);
    tcase_add_loop_test(core, what_a_running_total_takes_back_is_not_asked_again, 0, 2);
    tcase_add_test(core, a_refund_that_nobody_asked_for_and_that_fails_is_missing_nowhere);
    tcase_add_test(core, a_refused_refund_that_happens_after_all_was_asked_for);
    tcase_add_loop_test(core, a_failure_and_a_success_without_a_time_are_for_a_person, 0, 2);
    tcase_add_loop_test(core, two_disputes_that_are_won_leave_nothing_charged_back_in_every_order,
                        0, 24);
    tcase_add_loop_test(core, a_failure_ends_the_only_command_under_way, 0, 9);
    tcase_add_loop_test(core, a_failure_that_may_be_of_another_movement_ends_no_command, 0, 2);
    tcase_add_loop_test(core, a_failure_that_is_not_known_to_be_newer_ends_no_command, 0, 3);
    tcase_add_loop_test(core, a_failure_in_the_second_of_the_command_is_not_older, 0, 2);
    tcase_add_loop_test(core, an_answer_after_a_failure_counts_unless_it_names_what_failed, 0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
