/*
 * Answers and reports that meet at one payment: which command a movement belongs to, and how much
 * of what is asked can still happen.
 */
#include "support/cases.h"
#include "support/check_main.h"

static int pay_order(uint32_t type, int64_t amount)
{
    return hf_test_pay(&fixture, type, &order, 1, amount);
}

/* A report ends the void that was asked; the next one is answered with the same movement. */
START_TEST(an_answer_that_names_a_reported_movement_counts_it_once)
{
    put_card_order(HF_SETTLE_MANUAL);
    webhook(HF_FACT_AUTHORIZED, "auth", 900);
    ok(pay_order(HF_OP_PAYMENT_VOID, 400));
    webhook(HF_FACT_VOIDED, "v", 400);
    if (_i == 1) /* the first one is answered too: the movement is its */
        answer(2, HF_ANSWER_OK, "v1", 0);
    ok(pay_order(HF_OP_PAYMENT_VOID, 100));
    answer(3, HF_ANSWER_OK, "v", 0);
    facts_are(1, 900, 0, _i == 1 ? 500 : 400, 0);
    asked_is(1, 0, 0, 0);
    ck_assert_uint_eq(pay()->attention, HF_ATTENTION_UNEXPECTED_FACT);
}
END_TEST

/* The second refund is still asked when the first, which a report has ended, is answered. */
START_TEST(a_late_answer_takes_nothing_from_what_another_command_asks)
{
    put_card_order(HF_SETTLE_CONFIRM);
    answer(1, HF_ANSWER_OK, "auth", 0);
    answer(2, HF_ANSWER_OK, "cap", 0);
    ok(pay_order(HF_OP_PAYMENT_REFUND, 300));
    ok(say(
        (said){.kind = HF_FACT_REFUNDED, .no = 1, .message = "e", .amount = 300, .movement = "r"}));
    ok(pay_order(HF_OP_PAYMENT_REFUND, 200));
    answer(3, HF_ANSWER_OK, "r1", 0);
    asked_is(1, 0, 0, 200);
    facts_are(1, 900, 900, 0, 600);
    ck_assert_uint_eq(pay()->flags & HF_PAYMENT_WITHDRAWN, HF_PAYMENT_WITHDRAWN);
}
END_TEST

/* A provider answers one of two captures with more than it was asked for. */
START_TEST(an_answer_of_more_leaves_the_other_command_what_it_asks)
{
    tea(4);
    (void)with_card(1800, HF_SETTLE_FULFIL);
    put_order();
    answer(1, HF_ANSWER_OK, "auth", 0);
    ok(fulfil(1, 1));
    ok(fulfil(1, 1));
    asked_is(1, 900, 0, 0);
    answer(2, HF_ANSWER_OK, "c1", 600);
    asked_is(1, 450, 0, 0);
    answer(3, HF_ANSWER_OK, "c2", 0);
    facts_are(1, 1800, 1050, 0, 0);
    asked_is(1, 0, 0, 0);
}
END_TEST

/* The refund is reported under an id of the payment that is recorded afterwards. */
START_TEST(a_kept_report_that_is_linked_ends_the_command_that_asked_for_it)
{
    put_card_order(HF_SETTLE_CONFIRM);
    answer(1, HF_ANSWER_OK, "", 0);
    answer(2, HF_ANSWER_OK, "cap", 0);
    ok(pay_order(HF_OP_PAYMENT_REFUND, 300));
    ok(say((said){.kind = HF_FACT_REFUNDED, .message = "r", .amount = 300, .payment_ref = "pi_1"}));
    ck_assert_uint_eq(fact_of(HF_FACT_REFUNDED, "r")->attention, HF_ATTENTION_UNMATCHED_FACT);
    ok(say(
        (said){.kind = HF_FACT_ACTION_REQUIRED, .no = 1, .message = "a", .payment_ref = "pi_1"}));
    asked_is(1, 0, 0, 0);
    ck_assert_uint_eq(open_commands(), 0);
    answer(3, HF_ANSWER_OK, "re_1", 0);
    ck_assert_int_eq(pay()->refunded, 300);
}
END_TEST

/* Whether the answer or a report names the last capture, the provider has released the rest. */
START_TEST(a_reported_last_capture_releases_what_was_barred)
{
    tea(2);
    with_card(900, HF_SETTLE_CONFIRM)->flags = HF_PAYMENT_WHOLE_VOID;
    put_order();
    answer(1, HF_ANSWER_OK, "auth", 0);
    webhook(HF_FACT_AUTHORIZED, "more", 300);
    ck_assert_int_eq(pay()->barred, 300);
    if (_i == 0)
        answer(2, HF_ANSWER_OK, "cap", 0);
    else
        webhook(HF_FACT_CAPTURED, "cap", 900);
    facts_are(1, 1200, 900, 300, 0);
    asked_is(1, 0, 0, 0);
    ck_assert_uint_eq(open_commands(), 0);
}
END_TEST

/* The report names one of two captures; which one it was is known by the answer. */
START_TEST(the_answer_to_the_last_capture_releases_what_was_barred_also_behind_its_report)
{
    tea(3);
    with_card(1350, HF_SETTLE_FULFIL)->flags = HF_PAYMENT_WHOLE_VOID;
    put_order();
    answer(1, HF_ANSWER_OK, "auth", 0);
    ok(cancel(1, 1));
    ok(fulfil(1, 1));
    ok(fulfil(1, 1));
    ck_assert_int_eq(pay()->barred, 450);
    asked_is(1, 900, 0, 0);
    if (_i == 0)
        webhook(HF_FACT_CAPTURED, "cap 2", 450);
    answer(3, HF_ANSWER_OK, "cap 2", 0);
    facts_are(1, 1350, 450, 450, 0);
    answer(2, HF_ANSWER_OK, "cap 1", 0);
    facts_are(1, 1350, 900, 450, 0);
    ck_assert_uint_eq(open_commands(), 0);
}
END_TEST

/* A part of the authorization went away while all of it was asked for: another payment stays. */
START_TEST(what_is_asked_beyond_what_is_left_covers_nothing)
{
    put_card_order(HF_SETTLE_CONFIRM);
    answer(1, HF_ANSWER_OK, "auth", 0);
    asked_is(1, 900, 0, 0);
    webhook(HF_FACT_VOIDED, "expired", 700);
    stands(HF_ORDER_CONFIRMED, HF_ATTENTION_UNPAID);
    ok(add_payment(HF_METHOD_ACCOUNT, 700, 0));
    stands(HF_ORDER_CONFIRMED, 0);
    webhook(HF_FACT_ACTION_REQUIRED, "wait", 0);
    facts_are(2, 700, 700, 0, 0);
    answer(2, HF_ANSWER_REJECTED, "", 0);
    facts_are(2, 700, 700, 0, 0);
    stands(HF_ORDER_CONFIRMED, HF_ATTENTION_UNPAID);
}
END_TEST

/* What was captured covers its order, however much was asked to be voided before. */
START_TEST(a_void_beyond_what_is_left_takes_no_coverage)
{
    put_card_order(HF_SETTLE_MANUAL);
    webhook(HF_FACT_AUTHORIZED, "auth", 900);
    ok(pay_order(HF_OP_PAYMENT_VOID, 300));
    webhook(HF_FACT_CAPTURED, "cap", 800);
    asked_is(1, 0, 300, 0);
    refused(add_payment(HF_METHOD_ACCOUNT, 101, 0), HF_E_OVER_PAID);
    ok(add_payment(HF_METHOD_ACCOUNT, 100, 0));
    stands(HF_ORDER_CONFIRMED, 0);
}
END_TEST

/* A failure is reported twice: a person looks at it once; a payment that is asked for fails. */
START_TEST(a_second_failure_of_a_movement_says_no_more)
{
    put_card_order(HF_SETTLE_CONFIRM);
    answer(1, HF_ANSWER_OK, "auth", 0);
    webhook(HF_FACT_CAPTURED, "m", 900);
    for (int i = 0; i < 2; i++) {
        const char *names[] = {"f1", "f2"};
        ok(say((said){.kind = HF_FACT_FAILED,
                      .no = 1,
                      .message = names[i],
                      .amount = 900,
                      .at_ms = 10 + i,
                      .movement = "m"}));
        ck_assert_uint_eq(fact_of(HF_FACT_FAILED, names[i])->attention,
                          i == 0 ? HF_ATTENTION_UNEXPECTED_FACT : 0);
    }
    facts_are(1, 900, 0, 0, 0);
}
END_TEST

/* A goodwill refund is under way: what is left of the price is still to be captured. */
START_TEST(an_order_closes_when_what_it_owes_is_paid_without_what_is_being_refunded)
{
    put_card_order(HF_SETTLE_MANUAL);
    answer(1, HF_ANSWER_OK, "auth", 0);
    ok(pay_order(HF_OP_PAYMENT_CAPTURE, 800));
    answer(2, HF_ANSWER_OK, "cap", 0);
    ok(fulfil(0, 0));
    ok(pay_order(HF_OP_PAYMENT_REFUND, 800));
    ck_assert_int_eq(row()->given_away, 800);
    stands(HF_ORDER_CONFIRMED, 0);
    answer(3, HF_ANSWER_OK, "back", 0);
    stands(HF_ORDER_CONFIRMED, 0);
    ok(pay_order(HF_OP_PAYMENT_CAPTURE, 100));
    answer(4, HF_ANSWER_OK, "rest", 0);
    facts_are(1, 900, 900, 0, 800);
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

/* A running total counted in two messages, was taken back by a failure, and is reported anew. */
START_TEST(a_running_total_that_failed_counts_again_when_it_is_reported_anew)
{
    put_card_order(HF_SETTLE_MANUAL);
    answer(1, HF_ANSWER_OK, "auth", 0);
    static const said messages[] = {
        {.kind = HF_FACT_CAPTURED, .message = "a", .amount = 300, .at_ms = 1},
        {.kind = HF_FACT_CAPTURED, .message = "b", .amount = 500, .at_ms = 2},
        {.kind = HF_FACT_FAILED, .message = "c", .amount = 500, .at_ms = 3},
        {.kind = HF_FACT_CAPTURED, .message = "d", .amount = 200, .at_ms = 4},
    };
    static const int64_t captured[] = {300, 500, 0, 200};
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        said message = messages[i];
        message.no = 1;
        message.movement = "cap";
        message.flags = HF_REPORT_TOTAL;
        ok(say(message));
        ck_assert_int_eq(pay()->captured, captured[i]);
    }
}
END_TEST

/* A kept report is linked after its movement has counted for the payment of another order. */
START_TEST(a_kept_report_of_another_payments_movement_counts_nothing)
{
    put_card_order(HF_SETTLE_MANUAL);
    answer(1, HF_ANSWER_OK, "", 0);
    const hf_id first = order;
    ok(say((said){.kind = HF_FACT_CAPTURED,
                  .message = "kept",
                  .amount = 900,
                  .movement = "ch",
                  .payment_ref = "pi_1"}));
    new_cart();
    put_card_order(HF_SETTLE_MANUAL);
    ok(say((said){
        .kind = HF_FACT_CAPTURED, .no = 1, .message = "e", .amount = 900, .movement = "ch"}));
    facts_are(1, 900, 900, 0, 0);
    order = first;
    ok(say(
        (said){.kind = HF_FACT_ACTION_REQUIRED, .no = 1, .message = "a", .payment_ref = "pi_1"}));
    facts_are(1, 900, 0, 0, 0);
    ck_assert_uint_eq(fact_of(HF_FACT_CAPTURED, "kept")->flags, HF_FACT_SET_ASIDE);
    ck_assert_uint_eq(fact_of(HF_FACT_CAPTURED, "kept")->attention, HF_ATTENTION_UNEXPECTED_FACT);
    ck_assert_uint_eq(pay()->attention, HF_ATTENTION_UNEXPECTED_FACT);
}
END_TEST

/* Two captures of 450 are asked for, or two refunds; the authorization is answered. */
static void ask_two(bool refunds)
{
    put_card_order(refunds ? HF_SETTLE_CONFIRM : HF_SETTLE_FULFIL);
    answer(1, HF_ANSWER_OK, "pi", 0);
    if (refunds)
        answer(2, HF_ANSWER_OK, "cap", 0);
    for (int i = 0; i < 2; i++)
        ok(refunds ? pay_order(HF_OP_PAYMENT_REFUND, 450) : fulfil(1, 1));
}

static void report_total(bool refunds, const char *message, int64_t amount)
{
    ok(say((said){.kind = refunds ? HF_FACT_REFUNDED : HF_FACT_CAPTURED,
                  .no = 1,
                  .message = message,
                  .movement = "ch_1",
                  .amount = amount,
                  .at_ms = amount,
                  .flags = HF_REPORT_TOTAL}));
}

/* Captures of a charge have its id, and so have its refunds; a webhook has its running total. */
START_TEST(answers_of_one_charge_add_up_and_its_running_total_counts_once)
{
    static const char *const orders[] = {"12T", "1T2", "T12", "T21", "1t2T", "t12T", "21T", "12tT"};
    const char *arrivals = orders[_i / 2];
    bool refunds = _i % 2 == 1;
    uint32_t first = refunds ? 3 : 2;
    ask_two(refunds);
    for (const char *next = arrivals; *next != '\0'; next++) {
        if (*next == 'T' || *next == 't')
            report_total(refunds, *next == 'T' ? "all" : "one", *next == 'T' ? 900 : 450);
        else
            answer(first + (uint32_t)(*next - '1'), HF_ANSWER_OK, "ch_1", 0);
    }
    facts_are(1, 900, 900, 0, refunds ? 900 : 0);
    asked_is(1, 0, 0, 0);
    ck_assert_uint_eq(open_commands(), 0);
    ck_assert_uint_eq(pay()->flags, 0);
}
END_TEST

/* Two reports end two captures, one each; each answer is then about the report of its own. */
START_TEST(late_answers_are_each_about_the_report_that_ended_their_command)
{
    put_card_order(HF_SETTLE_FULFIL);
    answer(1, HF_ANSWER_OK, "pi", 0);
    ok(fulfil(1, 1));
    report_total(false, "one", 450);
    ok(fulfil(1, 1));
    report_total(false, "all", 900);
    answer(_i == 0 ? 3 : 2, HF_ANSWER_OK, "ch_1", 0);
    answer(_i == 0 ? 2 : 3, HF_ANSWER_OK, "ch_1", 0);
    facts_are(1, 900, 900, 0, 0);
    ck_assert_uint_eq(pay()->attention, 0);
}
END_TEST

static void reports(uint32_t kind, const char *message, const char *movement, int64_t amount,
                    int64_t after_ms)
{
    bool total = kind == HF_FACT_CHARGEBACK_REVERSED || amount == 0;
    ok(say((said){.kind = kind,
                  .no = 1,
                  .message = message,
                  .movement = movement,
                  .amount = amount,
                  .flags = total && kind != HF_FACT_FAILED ? (uint32_t)HF_REPORT_TOTAL : 0,
                  .at_ms = fixture.now_ms + after_ms}));
}

/* The failure is not newer than what it is about, and takes nothing back. */
START_TEST(an_answer_to_a_second_command_with_a_movement_that_failed_is_a_refusal)
{
    put_card_order(HF_SETTLE_MANUAL);
    webhook(HF_FACT_AUTHORIZED, "auth", 900);
    ok(pay_order(HF_OP_PAYMENT_VOID, 400));
    answer(2, HF_ANSWER_OK, "v", 0);
    reports(HF_FACT_CAPTURED, "c", "v", 100, 5);
    reports(HF_FACT_FAILED, "f", "v", 0, 5);
    facts_are(1, 900, 100, 400, 0);
    ok(pay_order(HF_OP_PAYMENT_VOID, 50));
    answer(3, HF_ANSWER_OK, "v", 0);
    facts_are(1, 900, 100, 400, 0);
    asked_is(1, 0, 0, 0);
    ck_assert_int_eq(pay()->void_refused, 50);
}
END_TEST

/* What is no longer reversed is charged back, also when the reversal came first. */
START_TEST(a_total_of_reversals_that_falls_charges_back_again)
{
    put_card_order(HF_SETTLE_CONFIRM);
    agrees("auth");
    agrees("cap");
    reports(HF_FACT_CHARGEBACK_REVERSED, "won", "won", 51, 5);
    webhook(HF_FACT_CHARGEBACK, "lost", 51);
    ck_assert_int_eq(pay()->charged_back, 0);
    reports(HF_FACT_CHARGEBACK_REVERSED, "less", "won", 11, 9);
    ck_assert_int_eq(pay()->charged_back, 40);
    ck_assert_int_eq(pay()->chargeback_reversals, 0);
}
END_TEST

/* `_i` 1: a report of a void has ended the command before. */
START_TEST(an_answer_behind_a_report_that_nothing_is_authorized_authorizes_nothing)
{
    put_card_order(HF_SETTLE_CONFIRM);
    reports(HF_FACT_AUTHORIZED, "auth", "auth", 0, 50);
    if (_i == 1)
        reports(HF_FACT_VOIDED, "v", "v", 900, 60);
    answer(1, HF_ANSWER_OK, "auth", 800);
    ck_assert_uint_eq(pay()->state, _i == 0 ? HF_PAYMENT_FAILED : HF_PAYMENT_CLOSED);
    ck_assert_int_eq(pay()->pending_authorize, 0);
    ck_assert_int_eq(pay()->authorized - pay()->voided, 0);
    ck_assert_uint_eq(fact_of(HF_FACT_AUTHORIZED, "auth")->attention, HF_ATTENTION_UNEXPECTED_FACT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("case_answers");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_loop_test(core, an_answer_that_names_a_reported_movement_counts_it_once, 0, 2);
    tcase_add_test(core, a_late_answer_takes_nothing_from_what_another_command_asks);
    tcase_add_test(core, an_answer_of_more_leaves_the_other_command_what_it_asks);
    tcase_add_test(core, a_kept_report_that_is_linked_ends_the_command_that_asked_for_it);
    tcase_add_loop_test(core, a_reported_last_capture_releases_what_was_barred, 0, 2);
    tcase_add_loop_test(
        core, the_answer_to_the_last_capture_releases_what_was_barred_also_behind_its_report, 0, 2);
    tcase_add_test(core, what_is_asked_beyond_what_is_left_covers_nothing);
    tcase_add_test(core, a_void_beyond_what_is_left_takes_no_coverage);
    tcase_add_test(core, a_second_failure_of_a_movement_says_no_more);
    tcase_add_test(core, an_order_closes_when_what_it_owes_is_paid_without_what_is_being_refunded);
    tcase_add_test(core, a_running_total_that_failed_counts_again_when_it_is_reported_anew);
    tcase_add_test(core, a_kept_report_of_another_payments_movement_counts_nothing);
    tcase_add_loop_test(core, answers_of_one_charge_add_up_and_its_running_total_counts_once, 0,
                        16);
    tcase_add_loop_test(core, late_answers_are_each_about_the_report_that_ended_their_command, 0,
                        2);
    tcase_add_test(core, an_answer_to_a_second_command_with_a_movement_that_failed_is_a_refusal);
    tcase_add_test(core, a_total_of_reversals_that_falls_charges_back_again);
    tcase_add_loop_test(
        core, an_answer_behind_a_report_that_nothing_is_authorized_authorizes_nothing, 0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
