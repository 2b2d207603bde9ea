/*
 * The last capture of a payment: whether an answer or a report names it, and in whatever order,
 * what was authorized and is neither captured nor voided counts as voided.
 */
#include "support/cases.h"
#include "support/check_main.h"

static const said messages[] = {
    {.kind = HF_FACT_AUTHORIZED, .message = "a", .movement = "pi", .amount = 900, .at_ms = 1},
    {.kind = HF_FACT_CAPTURED, .message = "b", .movement = "ch", .amount = 300, .at_ms = 2},
    {.kind = HF_FACT_CAPTURED,
     .message = "c",
     .movement = "ch",
     .amount = 300,
     .at_ms = 3,
     .flags = HF_REPORT_FINAL},
    {.kind = HF_FACT_VOIDED, .message = "d", .movement = "v", .amount = 200, .at_ms = 4},
    {.kind = HF_FACT_FAILED, .message = "e", .movement = "ch", .amount = 300, .at_ms = 9},
};

/* Reports `count` of the messages above in the order with this number. */
static void report_in_order(uint32_t count, uint32_t order_no)
{
    uint32_t left[5] = {0, 1, 2, 3, 4};
    for (uint32_t n = count; n > 0; order_no /= n, n--) {
        uint32_t at = order_no % n;
        said one = messages[left[at]];
        one.no = 1;
        ok(say(one));
        left[at] = left[n - 1];
    }
}

START_TEST(the_last_capture_releases_the_rest_in_every_order_of_arrival)
{
    tea(2);
    with_card(900, HF_SETTLE_MANUAL)->deadline_ms = fixture.now_ms + DAY_MS;
    cart.args.deadline_ms = fixture.now_ms + DAY_MS;
    put_order();
    report_in_order(4, (uint32_t)_i);
    facts_are(1, 900, 300, 600, 0);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_CLOSED);
    ck_assert_uint_eq(pay()->flags, HF_PAYMENT_FINAL);
    refused(hf_test_pay(&fixture, HF_OP_PAYMENT_CAPTURE, &order, 1, 100), HF_E_PAYMENT_STATE);
}
END_TEST

START_TEST(a_last_capture_that_failed_releases_nothing_in_every_order_of_arrival)
{
    tea(2);
    (void)with_card(900, HF_SETTLE_MANUAL);
    cart.args.policy = HF_ORDER_PAY_LATER;
    put_order();
    answer(1, HF_ANSWER_OK, "pi", 0);
    report_in_order(5, (uint32_t)_i);
    facts_are(1, 900, 0, 200, 0);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_AUTHORIZED);
}
END_TEST

/* The answer comes before the message that says that it was the last: the order lost money. */
START_TEST(a_capture_that_is_known_may_be_said_to_be_the_last)
{
    put_card_order(HF_SETTLE_FULFIL);
    answer(1, HF_ANSWER_OK, "pi", 0);
    ok(fulfil(1, 1));
    agrees("ch");
    said last = messages[2];
    last.no = 1;
    last.amount = 450;
    ok(say(last));
    facts_are(1, 900, 450, 450, 0);
    stands(HF_ORDER_CONFIRMED, HF_ATTENTION_UNPAID);
    refused(fulfil(1, 1), HF_E_UNPAID);
}
END_TEST

/* A void is asked for when the last capture is reported; `_i`: what its provider answers. */
START_TEST(a_void_that_is_asked_for_is_released_by_the_last_capture)
{
    put_card_order(HF_SETTLE_FULFIL);
    answer(1, HF_ANSWER_OK, "pi", 0);
    ok(cancel(1, 1));
    ok(fulfil(0, 0));
    said last = messages[2];
    last.no = 1;
    last.amount = 450;
    ok(say(last));
    facts_are(1, 900, 450, 450, 0);
    ck_assert_uint_eq(open_commands(), 0);
    answer(2, _i == 0 ? HF_ANSWER_REJECTED : HF_ANSWER_OK, _i == 0 ? "" : "v", 0);
    facts_are(1, 900, 450, 450, 0);
    ck_assert_int_eq(pay()->void_refused, 0);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_CLOSED);
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

START_TEST(what_is_authorized_after_the_last_capture_is_open)
{
    put_card_order(HF_SETTLE_MANUAL);
    answer(1, HF_ANSWER_OK, "pi", 0);
    said last = messages[2];
    last.no = 1;
    ok(say(last));
    stands(HF_ORDER_CONFIRMED, HF_ATTENTION_UNPAID);
    ok(say((said){.kind = HF_FACT_AUTHORIZED,
                  .no = 1,
                  .message = "anew",
                  .movement = "pj",
                  .amount = 600,
                  .at_ms = _i == 0 ? 4 : 2})); /* or before the last capture */
    facts_are(1, 1500, 300, _i == 0 ? 600 : 1200, 0);
    stands(HF_ORDER_CONFIRMED, _i == 0 ? 0 : HF_ATTENTION_UNPAID);
}
END_TEST

/* Stores of schema 3 do not say of a fact whether it counted: `_i` 0: it is in another currency. */
START_TEST(a_fact_of_an_older_store_that_did_not_count_is_not_released_by_the_last_capture)
{
    hf_test_unit(&fixture, "USD", 2);
    put_card_order(HF_SETTLE_FULFIL);
    answer(1, HF_ANSWER_OK, "pi", 0);
    said older = messages[3];
    older.no = 1;
    older.amount = 600;
    older.unit = "USD";
    ok(say(older));
    hf_fact *fact = (hf_fact *)(uintptr_t)fact_of(HF_FACT_VOIDED, "d");
    fact->uncounted = 0;
    fact->flags = 0;
    if (_i == 1)
        fact->unit = row()->currency;
    ok(fulfil(1, 1));
    agrees("ch");
    said last = messages[2];
    last.no = 1;
    last.amount = 450;
    ok(say(last));
    facts_are(1, 900, 450, 450, 0);
    ok(say((said){.kind = HF_FACT_FAILED,
                  .no = 1,
                  .message = "f",
                  .movement = "ch",
                  .amount = 450,
                  .at_ms = fixture.now_ms + 9}));
    ck_assert_int_eq(pay()->authorized, 900);
    ck_assert_int_eq(pay()->captured, 0);
}
END_TEST

/* A provider that captures once needs no message to say so: bits of `_i` are who comes first. */
START_TEST(a_provider_that_captures_once_releases_the_rest_in_every_order_of_arrival)
{
    tea(2);
    with_card(900, HF_SETTLE_MANUAL)->flags = HF_PAYMENT_ONE_CAPTURE;
    cart.args.policy = HF_ORDER_PAY_LATER;
    put_order();
    for (int i = 0; i < 2; i++) {
        said one = messages[(i + _i) % 2];
        one.no = 1;
        ok(say(one));
    }
    facts_are(1, 900, 300, 600, 0);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_CLOSED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("case_last");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_loop_test(core, the_last_capture_releases_the_rest_in_every_order_of_arrival, 0, 24);
    tcase_add_loop_test(core, a_last_capture_that_failed_releases_nothing_in_every_order_of_arrival,
                        0, 120);
    tcase_add_test(core, a_capture_that_is_known_may_be_said_to_be_the_last);
    tcase_add_loop_test(core, a_void_that_is_asked_for_is_released_by_the_last_capture, 0, 2);
    tcase_add_loop_test(core, what_is_authorized_after_the_last_capture_is_open, 0, 2);
    tcase_add_loop_test(
        core, a_provider_that_captures_once_releases_the_rest_in_every_order_of_arrival, 0, 2);
    tcase_add_loop_test(
        core, a_fact_of_an_older_store_that_did_not_count_is_not_released_by_the_last_capture, 0,
        2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
