/*
 * Sequences that the random model found: what is said twice, late or in another order is counted
 * once, and nothing that was asked stays asked for ever.
 */
#include "support/cases.h"
#include "support/check_main.h"

#define UNEXPECTED ((uint32_t)HF_ATTENTION_UNEXPECTED_FACT)

START_TEST(an_authorization_that_only_a_failed_capture_implied_is_gone_with_it)
{
    put_card_order(HF_SETTLE_FULFIL);
    ok(say((said){.kind = HF_FACT_CAPTURED,
                  .no = 1,
                  .message = "e5",
                  .amount = 900,
                  .at_ms = 90,
                  .movement = "m6"}));
    facts_are(1, 900, 900, 0, 0);
    ok(say((said){.kind = HF_FACT_FAILED, .no = 1, .message = "m6", .amount = 900, .at_ms = 93}));
    facts_are(1, 0, 0, 0, 0);
    asked_is(1, 0, 0, 0);
    stands(HF_ORDER_CONFIRMED, HF_ATTENTION_UNPAID);
}
END_TEST

START_TEST(a_failure_is_compared_with_the_newest_message_about_its_movement)
{
    put_card_order(HF_SETTLE_CONFIRM);
    answer(1, HF_ANSWER_OK, "auth", 0);
    answer(2, HF_ANSWER_OK, "m7", 0);
    ok(say((said){.kind = HF_FACT_CAPTURED,
                  .no = 1,
                  .message = "e1",
                  .amount = 900,
                  .at_ms = 64,
                  .movement = "m7"}));
    ok(say((said){.kind = HF_FACT_FAILED,
                  .no = 1,
                  .message = "e2",
                  .amount = 900,
                  .at_ms = 42,
                  .movement = "m7"}));
    facts_are(1, 900, 900, 0, 0);
    ok(say((said){.kind = HF_FACT_FAILED,
                  .no = 1,
                  .message = "e3",
                  .amount = 900,
                  .at_ms = 65,
                  .movement = "m7"}));
    ck_assert_int_eq(pay()->captured, 0);
}
END_TEST

/* 0: the last capture; 1: of a provider that captures once, with a running total. */
START_TEST(a_last_capture_implies_an_authorization_that_is_reported_later)
{
    tea(2);
    with_card(900, HF_SETTLE_FULFIL)->flags = _i == 0 ? 0 : HF_PAYMENT_ONE_CAPTURE;
    put_order();
    ok(say((said){.kind = HF_FACT_CAPTURED,
                  .no = 1,
                  .message = "c",
                  .amount = 900,
                  .at_ms = 1,
                  .flags = _i == 0 ? HF_REPORT_FINAL : HF_REPORT_TOTAL}));
    ok(say((said){.kind = HF_FACT_AUTHORIZED, .no = 1, .message = "a", .amount = 900, .at_ms = 2}));
    facts_are(1, 900, 900, 0, 0);
}
END_TEST

START_TEST(a_reversal_of_a_chargeback_counts_whatever_was_captured)
{
    put_card_order(HF_SETTLE_CONFIRM);
    answer(1, HF_ANSWER_OK, "auth", 0);
    webhook(HF_FACT_CHARGEBACK, "d", 800);
    webhook(HF_FACT_CHARGEBACK_REVERSED, "r", 300);
    ck_assert_int_eq(pay()->charged_back, 500);
}
END_TEST

START_TEST(a_late_report_ends_the_command_that_asked_for_it)
{
    cart.args.deadline_ms = fixture.now_ms + 1000;
    put_card_order(HF_SETTLE_CONFIRM);
    wait_ms(2000);
    webhook(HF_FACT_AUTHORIZED, "e10", 900);
    ck_assert_uint_eq(command(1).state, HF_TXN_CONFIRMED);
    answer(1, HF_ANSWER_OK, "m13", 0);
    facts_are(1, 900, 0, 0, 0);
    asked_is(1, 0, 900, 0);
    ck_assert_str_eq(pay()->provider_ref.text, "e10");
}
END_TEST

START_TEST(a_provider_that_captures_once_is_not_asked_again_while_it_has_not_answered)
{
    tea(2);
    with_card(900, HF_SETTLE_CONFIRM)->flags = HF_PAYMENT_ONE_CAPTURE;
    put_order();
    answer(1, HF_ANSWER_OK, "m2", 800);
    ck_assert_uint_eq(state(), HF_ORDER_CANCELLED); /* 800 is not enough */
    new_cart();
    cart.args.deadline_ms = fixture.now_ms + 1000;
    cart.args.policy = HF_ORDER_PAY_LATER;
    tea(2);
    with_card(900, HF_SETTLE_CONFIRM)->flags = HF_PAYMENT_ONE_CAPTURE;
    put_order();
    answer(1, HF_ANSWER_OK, "m3", 800);
    asked_is(1, 800, 0, 0);
    ok(say((said){.kind = HF_FACT_AUTHORIZED,
                  .no = 1,
                  .message = "e",
                  .amount = 900,
                  .at_ms = 5,
                  .movement = "m3"}));
    asked_is(1, 800, 0, 0);
}
END_TEST

START_TEST(what_was_given_away_of_returned_units_leaves_their_price_to_be_kept)
{
    hf_test_cart_line(&cart, "tea", 1, 28, HF_SETTLE_CONFIRM);
    (void)with_payment(HF_METHOD_ACCOUNT, 28, HF_SETTLE_CONFIRM);
    put_order();
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, 21));
    ck_assert_int_eq(row()->given_away, 21);
    ok(units_for(HF_OP_ORDER_RETURN, 0, 0, 0));
    ck_assert_int_eq(row()->kept, 7);
    ck_assert_int_eq(row()->given_away, 0);
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

/* 0: only the failure was reported; 1: the refund was reported, and then that it failed. */
START_TEST(an_answer_whose_failure_was_reported_leaves_nothing_pending)
{
    put_card_order(HF_SETTLE_CONFIRM);
    answer(1, HF_ANSWER_OK, "auth", 0);
    answer(2, HF_ANSWER_OK, "cap", 0);
    ok(fulfil(0, 0));
    ok(take_back(1, 1));
    asked_is(1, 0, 0, 450);
    if (_i == 1)
        ok(say((said){.kind = HF_FACT_REFUNDED, .no = 1, .message = "m16", .amount = 50}));
    ok(say((said){.kind = HF_FACT_FAILED,
                  .no = 1,
                  .message = "e",
                  .amount = 450,
                  .at_ms = 9,
                  .movement = "m16"}));
    answer(3, HF_ANSWER_OK, "m16", 0);
    if (_i == 1) { /* what came back was asked for anew */
        ck_assert_int_eq(pay()->refund_refused, 400);
        asked_is(1, 0, 0, 50);
        answer(4, HF_ANSWER_REJECTED, "", 0);
    }
    asked_is(1, 0, 0, 0);
    ck_assert_int_eq(pay()->refunded, 0);
    ck_assert_int_eq(pay()->refund_refused, 450);
    stands(HF_ORDER_CLOSED, HF_ATTENTION_MONEY_HELD);
}
END_TEST

/* The authorization and the capture share a movement, and the newest message of it is right. */
START_TEST(a_failure_older_than_any_success_of_its_movement_says_nothing)
{
    put_card_order(HF_SETTLE_FULFIL);
    answer(1, HF_ANSWER_OK, "pi", 0);
    said message = {.kind = HF_FACT_CAPTURED,
                    .no = 1,
                    .message = "e1",
                    .movement = "pi",
                    .amount = 900,
                    .at_ms = 20};
    ok(say(message));
    uint32_t attention = pay()->attention;
    message.kind = HF_FACT_FAILED;
    message.message = "e2";
    message.at_ms = 10;
    ok(say(message));
    facts_are(1, 900, 900, 0, 0);
    ck_assert_uint_eq(pay()->attention, attention);
}
END_TEST

/* Both are about one refund: the one that was kept, and the one by which its payment is known. */
START_TEST(a_kept_report_is_compared_with_the_report_that_links_it)
{
    put_card_order(HF_SETTLE_FULFIL);
    said message = {.kind = HF_FACT_REFUNDED,
                    .message = "e1",
                    .movement = "pi",
                    .payment_ref = "pi",
                    .amount = 37,
                    .at_ms = 35};
    ok(say(message));
    message.no = 1;
    message.message = "e2";
    message.amount = 7;
    message.at_ms = 60;
    message.flags = HF_REPORT_TOTAL;
    ok(say(message));
    ck_assert_int_eq(pay()->refunded, 7);
    ck_assert_uint_eq(fact_of(HF_FACT_REFUNDED, "e1")->attention, UNEXPECTED);
}
END_TEST

/* The answer counts for nothing, and does not use up the name of the message that follows. */
START_TEST(an_answer_whose_failure_is_known_hides_no_report)
{
    put_card_order(HF_SETTLE_FULFIL);
    said message = {.kind = HF_FACT_FAILED,
                    .no = 1,
                    .message = "e1",
                    .movement = "pi",
                    .amount = 900,
                    .at_ms = 10};
    ok(say(message));
    answer(1, HF_ANSWER_OK, "pi", 0);
    facts_are(1, 0, 0, 0, 0);
    message.kind = HF_FACT_AUTHORIZED;
    message.message = "pi";
    message.at_ms = 20;
    ok(say(message));
    facts_are(1, 900, 0, 0, 0);
}
END_TEST

START_TEST(what_was_given_away_is_forgotten_with_the_order)
{
    tea(2);
    cart.args.deadline_ms = fixture.now_ms + 1000;
    (void)with_card(900, HF_SETTLE_MANUAL);
    put_order();
    webhook(HF_FACT_CAPTURED, "c", 300);
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, 100));
    ck_assert_int_eq(row()->given_away, 100);
    wait_ms(2000);
    stands(HF_ORDER_EXPIRED, HF_ATTENTION_MONEY_HELD);
    ck_assert_int_eq(row()->given_away, 0);
    asked_is(1, 0, 0, 300);
}
END_TEST

START_TEST(an_order_without_a_deadline_ends_when_it_loses_what_covered_it)
{
    tea(2);
    (void)with_card(500, HF_SETTLE_MANUAL);
    (void)with_card(400, HF_SETTLE_MANUAL);
    put_order();
    webhook(HF_FACT_AUTHORIZED, "a", 500);
    stands(HF_ORDER_PENDING, 0);
    webhook(HF_FACT_CHARGEBACK, "d", 500);
    ck_assert_uint_eq(state(), HF_ORDER_CANCELLED);
    ck_assert_int_eq(held(), 0);
}
END_TEST

/* The wallet of ben may promise 500 more than it has, and move nothing below 0. */
START_TEST(an_order_that_an_account_refuses_does_not_stop_the_queue_behind_it)
{
    hf_account_put_args limits;
    hf_account_put_init(&limits, HF_KIND_MONEY, "ben", "EUR");
    limits.mask = HF_PUT_MIN_AVAILABLE;
    limits.min_available = -500;
    ok(hf_test_shop_run(&fixture, HF_OP_ACCOUNT_PUT, &limits));
    withdraw("ben", hf_test_balance(&fixture, "ben"));
    lose_tea(100);
    hf_id ids[2];
    for (uint32_t i = 0; i < 2; i++) {
        new_cart();
        cart.args.policy = HF_ORDER_QUEUE;
        hf_test_cart_line(&cart, "tea", 1, 450, HF_SETTLE_CONFIRM);
        (void)hf_test_cart_pay(&cart, i == 0 ? "ben" : "anna", 450, HF_SETTLE_CONFIRM);
        put_order();
        stands(HF_ORDER_WAITING, 0);
        ids[i] = order;
    }
    receive_tea(1);
    ck_assert_uint_eq(hf_test_order(&fixture, &ids[0])->state, HF_ORDER_CANCELLED);
    ck_assert_uint_eq(hf_test_order(&fixture, &ids[1])->state, HF_ORDER_CLOSED);
}
END_TEST

/* Half of what was due was refused; the clerk asks for it again, and the engine continues then. */
START_TEST(a_host_captures_first_what_was_refused)
{
    tea(4);
    (void)with_card(1800, HF_SETTLE_FULFIL);
    put_order();
    answer(1, HF_ANSWER_OK, "auth", 0);
    ok(fulfil(1, 1));
    answer(2, HF_ANSWER_REJECTED, "", 0);
    ck_assert_int_eq(pay()->capture_refused, 450);
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_CAPTURE, &order, 1, 450));
    ck_assert_int_eq(pay()->capture_refused, 0);
    answer(3, HF_ANSWER_OK, "c1", 0);
    ok(fulfil(1, 1));
    asked_is(1, 450, 0, 0);
    facts_are(1, 1800, 450, 0, 0);
}
END_TEST

START_TEST(a_report_of_the_one_capture_ends_the_capture_that_asked_for_more)
{
    tea(2);
    with_card(900, HF_SETTLE_CONFIRM)->flags = HF_PAYMENT_ONE_CAPTURE;
    put_order();
    answer(1, HF_ANSWER_OK, "auth", 0);
    asked_is(1, 900, 0, 0);
    webhook(HF_FACT_CAPTURED, "c1", 400);
    facts_are(1, 900, 400, 500, 0);
    answer(2, HF_ANSWER_OK, "c2", 0);
    facts_are(1, 900, 400, 500, 0);
}
END_TEST

/* The report of a void ended the authorization: the void with the same name is its own movement. */
START_TEST(a_void_that_ended_an_authorization_is_answered_once)
{
    put_card_order(HF_SETTLE_MANUAL);
    ok(say((said){.kind = HF_FACT_VOIDED, .no = 1, .message = "v", .amount = 300, .at_ms = 5}));
    stands(HF_ORDER_CANCELLED, 0);
    answer(1, HF_ANSWER_OK, "auth", 0);
    asked_is(1, 0, 600, 0);
    answer(2, HF_ANSWER_OK, "v", 0);
    facts_are(1, 900, 0, 600, 0);
}
END_TEST

/* 0: at once; 1: an imported order that waited for its goods is promoted. */
START_TEST(an_import_that_is_not_paid_is_for_a_person)
{
    if (_i == 1)
        lose_tea(100);
    tea(2);
    cart.args.policy = HF_ORDER_IMPORT | HF_ORDER_QUEUE;
    put_order();
    if (_i == 1) {
        stands(HF_ORDER_WAITING, 0);
        receive_tea(2);
    }
    stands(HF_ORDER_CONFIRMED, HF_ATTENTION_UNPAID);
}
END_TEST

/* A payment without a deadline of its own that an amend adds waits as long as its order. */
START_TEST(a_payment_that_an_amend_adds_waits_as_long_as_its_order)
{
    hf_payment_args card;
    hf_order_amend_args args;
    const hf_line_change grown = {.line = 1, .quantity = 3, .unit_price = 450};
    tea(2);
    with_card(900, HF_SETTLE_CONFIRM)->deadline_ms = fixture.now_ms + 9000;
    put_order();
    hf_payment_provider_init(&card, "card", 450);
    hf_order_amend_init(&args, &order);
    args.mask = HF_AMEND_DEADLINE;
    args.deadline_ms = fixture.now_ms + 5000;
    args.changes = &grown;
    args.change_count = 1;
    args.payments = &card;
    args.payment_count = 1;
    args.total = 1350;
    ok(hf_test_shop_run(&fixture, HF_OP_ORDER_AMEND, &args));
    ck_assert_int_eq(row()->deadline_ms, fixture.now_ms + 9000);
    ck_assert_int_eq(pay_no(2)->deadline_ms, row()->deadline_ms);
}
END_TEST

/* Two captures of the same amount: the report of the second one comes before both answers. */
START_TEST(a_report_of_one_of_two_captures_counts_once_with_their_answers)
{
    tea(4);
    (void)with_card(1800, HF_SETTLE_FULFIL);
    put_order();
    answer(1, HF_ANSWER_OK, "auth", 0);
    ok(fulfil(1, 1));
    ok(fulfil(1, 1));
    asked_is(1, 900, 0, 0);
    said message = {.kind = HF_FACT_CAPTURED,
                    .no = 1,
                    .message = "e2",
                    .amount = 450,
                    .at_ms = 9,
                    .movement = "c2"};
    ok(say(message));
    asked_is(1, 450, 0, 0);
    if (_i == 1) { /* both are reported: nothing is asked any more */
        message.message = "e1";
        message.movement = "c1";
        ok(say(message));
        ck_assert_uint_eq(open_commands(), 0);
    }
    answer(3, HF_ANSWER_OK, "c2", 0);
    facts_are(1, 1800, _i == 1 ? 900 : 450, 0, 0);
    asked_is(1, _i == 1 ? 0 : 450, 0, 0);
    answer(2, HF_ANSWER_OK, "c1", 0);
    facts_are(1, 1800, 900, 0, 0);
    asked_is(1, 0, 0, 0);
    ck_assert_uint_eq(pay()->attention, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("case_model");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, an_authorization_that_only_a_failed_capture_implied_is_gone_with_it);
    tcase_add_test(core, a_failure_is_compared_with_the_newest_message_about_its_movement);
    tcase_add_loop_test(core, a_last_capture_implies_an_authorization_that_is_reported_later, 0, 2);
    tcase_add_test(core, a_reversal_of_a_chargeback_counts_whatever_was_captured);
    tcase_add_test(core, a_late_report_ends_the_command_that_asked_for_it);
    tcase_add_test(core,
                   a_provider_that_captures_once_is_not_asked_again_while_it_has_not_answered);
    tcase_add_test(core, what_was_given_away_of_returned_units_leaves_their_price_to_be_kept);
    tcase_add_loop_test(core, an_answer_whose_failure_was_reported_leaves_nothing_pending, 0, 2);
    tcase_add_test(core, a_failure_older_than_any_success_of_its_movement_says_nothing);
    tcase_add_test(core, a_kept_report_is_compared_with_the_report_that_links_it);
    tcase_add_test(core, an_answer_whose_failure_is_known_hides_no_report);
    tcase_add_test(core, what_was_given_away_is_forgotten_with_the_order);
    tcase_add_test(core, an_order_without_a_deadline_ends_when_it_loses_what_covered_it);
    tcase_add_test(core, an_order_that_an_account_refuses_does_not_stop_the_queue_behind_it);
    tcase_add_test(core, a_host_captures_first_what_was_refused);
    tcase_add_test(core, a_report_of_the_one_capture_ends_the_capture_that_asked_for_more);
    tcase_add_test(core, a_void_that_ended_an_authorization_is_answered_once);
    tcase_add_loop_test(core, an_import_that_is_not_paid_is_for_a_person, 0, 2);
    tcase_add_test(core, a_payment_that_an_amend_adds_waits_as_long_as_its_order);
    tcase_add_loop_test(core, a_report_of_one_of_two_captures_counts_once_with_their_answers, 0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
