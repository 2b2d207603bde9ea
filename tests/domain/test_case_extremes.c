/*
 * Amounts near 2^63, as many payments as an order has, hundreds of commands: sums end at their
 * limits, nothing is lost without a sign, and the books stay as they must be.
 */
#include "support/cases.h"
#include "support/check_main.h"
#include <stdio.h>

#define MOST INT64_MAX

static const int64_t amounts[] = {1, MOST / 2, MOST - 1, MOST};
#define AMOUNTS 4

/* One of the largest things there is, by card. */
static void put_large(int64_t amount, uint32_t settle)
{
    hf_test_cart_line(&cart, "tea", 1, amount, HF_SETTLE_FULFIL);
    (void)with_card(amount, settle);
    put_order();
}

START_TEST(an_order_of_the_largest_amount_is_paid_and_returned)
{
    put_large(amounts[_i % 4], (uint32_t)_i / 4);
    int64_t price = amounts[_i % 4];
    agrees("auth");
    if (_i / 4 == HF_SETTLE_MANUAL)
        ok(hf_test_pay(&fixture, HF_OP_PAYMENT_CAPTURE, &order, 1, HF_ALL));
    ok(fulfil(0, 0));
    agrees("cap");
    stands(HF_ORDER_CLOSED, 0);
    facts_are(1, price, price, 0, 0);
    ok(take_back(0, 0));
    asked_is(1, 0, 0, price);
    agrees("back");
    facts_are(1, price, price, 0, price);
}
END_TEST

/* Two facts of a kind after each other, of any sizes, then the order ends; 8 kinds, 4 by 4 sizes.
 */
START_TEST(facts_of_any_size_end_in_counters_that_hold)
{
    uint32_t kind = (uint32_t)_i % 8;
    int64_t first = amounts[_i / 8 % AMOUNTS];
    int64_t second = amounts[_i / 32];
    put_large(900, HF_SETTLE_CONFIRM);
    agrees("auth");
    agrees("cap");
    webhook(kind, "e1", first);
    webhook(kind, "e2", second);
    webhook(HF_FACT_CHARGEBACK_REVERSED, "e3", first);
    webhook(HF_FACT_VOIDED, "e4", second);
    webhook(HF_FACT_AUTHORIZED, "e5", MOST);
    webhook(HF_FACT_CHARGEBACK, "e6", MOST);
    webhook(HF_FACT_REFUNDED, "e7", MOST);
    (void)fulfil_unpaid(1, 1);
    (void)take_back(1, 1);
    webhook(HF_FACT_CAPTURED, "e8", MOST);
    ck_assert_uint_ge(hf_test_rows(&fixture, HF__FACTS), 9);
}
END_TEST

/* The same before anything was authorized, on orders of every policy, and with running totals. */
START_TEST(facts_of_any_size_come_before_anything_else)
{
    static const uint32_t policies[] = {0, HF_ORDER_PAY_LATER, HF_ORDER_REVIVE, HF_ORDER_IMPORT};
    uint32_t kind = (uint32_t)_i % 8;
    cart.args.policy = policies[_i / 8 % 4];
    cart.args.deadline_ms = _i / 32 == 0 ? 0 : fixture.now_ms + 1000;
    tea(1);
    (void)hf_test_cart_pay(&cart, "ben", 1, HF_SETTLE_FULFIL);
    (void)with_card(449, HF_SETTLE_CONFIRM);
    put_order();
    for (uint32_t i = 0; i < 2 * AMOUNTS; i++) {
        char message[8];
        (void)snprintf(message, sizeof message, "e%u", i);
        ok(say((said){.kind = kind,
                      .no = 2,
                      .message = message,
                      .movement = i % 2 == 0 ? "m" : NULL,
                      .amount = amounts[i / 2],
                      .at_ms = i % 3,
                      .flags = i % 4 == 0 ? HF_REPORT_TOTAL : 0}));
    }
    wait_ms(1000);
    webhook(HF_FACT_AUTHORIZED, "about the wallet", MOST);
    ok(say((said){.kind = HF_FACT_CAPTURED, .no = 2, .message = "z", .amount = MOST}));
}
END_TEST

/* ---- Many payments --------------------------------------------------------------------------- */

/* An order that pays later, with 64 cards of `amount` each. */
static void put_many(int64_t amount)
{
    cart.args.policy = HF_ORDER_PAY_LATER;
    hf_test_cart_line(&cart, "tea", 1, MOST, HF_SETTLE_FULFIL);
    put_order();
    for (uint32_t no = 1; no <= HF_PAYMENTS_MAX; no++)
        ok(add_payment(HF_METHOD_PROVIDER, amount, fixture.now_ms + no));
    refused(add_payment(HF_METHOD_PROVIDER, 1, 0), HF_E_TOO_MANY);
}

START_TEST(sums_over_64_payments_end_at_their_limits)
{
    put_many(MOST / 64);
    for (uint32_t no = 1; no <= HF_PAYMENTS_MAX; no++)
        ok(say((said){.kind = (uint32_t)_i, .no = no, .message = "same", .amount = MOST}));
    for (uint32_t no = 1; no <= HF_PAYMENTS_MAX; no += 9) {
        char message[8];
        (void)snprintf(message, sizeof message, "m%u", no);
        ok(say((said){.kind = (uint32_t)_i, .no = no, .message = message, .amount = MOST}));
    }
    ok(fulfil(0, 0));
    (void)take_back(0, 0); /* not while captures are asked */
    wait_ms(100);
    ok(say((said){.kind = HF_FACT_CAPTURED, .no = 64, .message = "last", .amount = MOST}));
}
END_TEST

START_TEST(each_of_64_payments_fails_at_its_own_deadline)
{
    put_many(900);
    for (uint32_t no = 1; no <= HF_PAYMENTS_MAX; no++) {
        ck_assert_uint_eq(pay_no(no)->state, HF_PAYMENT_PENDING);
        wait_ms(1);
        ck_assert_uint_eq(pay_no(no)->state, HF_PAYMENT_FAILED);
    }
    stands(HF_ORDER_CONFIRMED, 0);
}
END_TEST

/* ---- Many commands --------------------------------------------------------------------------- */

/* So many refunds of 1 are asked; one report, or a report of each, ends them all. */
START_TEST(hundreds_of_commands_end_with_what_reports_bring)
{
    const uint32_t count = 300;
    put_card_order(HF_SETTLE_CONFIRM);
    agrees("auth");
    agrees("cap");
    fixture.eager = 1;
    for (uint32_t i = 0; i < count; i++)
        hf_test_is(&fixture, hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, 1), 0);
    ck_assert_uint_eq(open_commands(), count);
    asked_is(1, 0, 0, count);
    webhook(HF_FACT_REFUNDED, "half", count / 2);
    ck_assert_uint_eq(open_commands(), count); /* the half may be of any of them */
    asked_is(1, 0, 0, count - count / 2);
    webhook(HF_FACT_REFUNDED, "rest", count - count / 2);
    ck_assert_uint_eq(open_commands(), 0);
    facts_are(1, 900, 900, 0, count);
    ck_assert_uint_eq(pay()->attention, 0);
    ck_assert_int_eq(row()->given_away, count);
}
END_TEST

/* More than the 64 that are read at once. */
START_TEST(a_movement_of_many_messages_counts_as_the_newest_says)
{
    put_card_order(HF_SETTLE_CONFIRM);
    agrees("auth");
    for (int64_t i = 1; i <= 150; i++) {
        char message[8];
        (void)snprintf(message, sizeof message, "e%d", (int)i);
        ok(say((said){.kind = HF_FACT_CAPTURED,
                      .no = 1,
                      .message = message,
                      .movement = "ch",
                      .amount = i * 6,
                      .at_ms = i,
                      .flags = HF_REPORT_TOTAL}));
    }
    facts_are(1, 900, 900, 0, 0);
    asked_is(1, 0, 0, 0);
    webhook(HF_FACT_CAPTURED, "ch", 900); /* the message that the movement is called by */
    facts_are(1, 900, 900, 0, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("case_extremes");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_loop_test(core, an_order_of_the_largest_amount_is_paid_and_returned, 0, 12);
    tcase_add_loop_test(core, facts_of_any_size_end_in_counters_that_hold, 0, 128);
    tcase_add_loop_test(core, facts_of_any_size_come_before_anything_else, 0, 64);
    tcase_add_loop_test(core, sums_over_64_payments_end_at_their_limits, 0, 8);
    tcase_add_test(core, each_of_64_payments_fails_at_its_own_deadline);
    tcase_add_test(core, a_movement_of_many_messages_counts_as_the_newest_says);
    tcase_add_test(core, hundreds_of_commands_end_with_what_reports_bring);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
