/*
 * Money that was taken back without a command: the engine captures no more of its payment until the
 * refund has failed, and the order has attention as long as nobody captures the rest.
 */
#include "support/cases.h"
#include "support/check_main.h"
#include <stdio.h>

#define UNPAID ((uint32_t)HF_ATTENTION_UNPAID)

static void add_fact(uint32_t kind, const char *movement, int64_t amount, int64_t at_ms)
{
    char message[32];
    (void)snprintf(message, sizeof message, "%u-%s-%d", kind, movement, (int)at_ms);
    ok(say((said){.kind = kind,
                  .no = 1,
                  .message = message,
                  .movement = movement,
                  .amount = amount,
                  .at_ms = at_ms}));
}

/* Two tea for 900 by card, of which one is sent and 450 are captured. */
static void put_half_sent(void)
{
    put_card_order(HF_SETTLE_FULFIL);
    agrees("auth");
    ok(fulfil(1, 1));
    agrees("cap");
}

static void send_rest_is_captured(void)
{
    stands(HF_ORDER_CONFIRMED, 0);
    ck_assert_uint_eq(pay()->flags & HF_PAYMENT_WITHDRAWN, 0);
    ok(fulfil(0, 0));
    asked_is(1, 450, 0, 0);
    agrees("cap-2");
    stands(HF_ORDER_CLOSED, 0);
}

/* The failure of the refund is reported after it, or before it. */
START_TEST(a_refund_that_nobody_asked_for_and_that_failed_withdraws_nothing)
{
    put_half_sent();
    if (_i == 1)
        add_fact(HF_FACT_FAILED, "back", 450, 20);
    add_fact(HF_FACT_REFUNDED, "back", 450, 10);
    if (_i == 0) {
        stands(HF_ORDER_CONFIRMED, UNPAID);
        ck_assert_uint_ne(pay()->flags & HF_PAYMENT_WITHDRAWN, 0);
        add_fact(HF_FACT_FAILED, "back", 450, 20);
    }
    send_rest_is_captured();
}
END_TEST

START_TEST(a_running_total_of_refunds_that_falls_to_nothing_withdraws_nothing)
{
    put_half_sent();
    for (int i = 0; i < 2; i++)
        ok(say((said){.kind = HF_FACT_REFUNDED,
                      .no = 1,
                      .message = i == 0 ? "one" : "two",
                      .movement = "back",
                      .amount = i == 0 ? 450 : 0,
                      .at_ms = 10 + i,
                      .flags = HF_REPORT_TOTAL}));
    send_rest_is_captured();
}
END_TEST

START_TEST(a_payment_stays_withdrawn_while_another_unasked_refund_counts)
{
    put_half_sent();
    add_fact(HF_FACT_REFUNDED, "one", 100, 10);
    add_fact(HF_FACT_REFUNDED, "two", 200, 11);
    add_fact(HF_FACT_FAILED, "one", 100, 20);
    ck_assert_uint_ne(pay()->flags & HF_PAYMENT_WITHDRAWN, 0);
    add_fact(HF_FACT_FAILED, "two", 200, 21);
    send_rest_is_captured();
}
END_TEST

/* A refund is reported with more than the host had asked for; the failure is of something else. */
START_TEST(a_failure_that_takes_no_refund_back_keeps_a_payment_withdrawn)
{
    put_half_sent();
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, 100));
    add_fact(HF_FACT_REFUNDED, "back", 300, 10);
    add_fact(HF_FACT_FAILED, "another", 7, 20);
    ck_assert_uint_ne(pay()->flags & HF_PAYMENT_WITHDRAWN, 0);
    asked_is(1, 0, 0, 0);
}
END_TEST

/* A refund that the host asked for withdraws nothing, whatever becomes of the other one. */
START_TEST(a_refund_of_the_host_does_not_keep_a_payment_withdrawn)
{
    put_half_sent();
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, 50));
    agrees("goodwill");
    add_fact(HF_FACT_REFUNDED, "back", 100, 10);
    add_fact(HF_FACT_FAILED, "back", 100, 20);
    ck_assert_uint_eq(pay()->flags & HF_PAYMENT_WITHDRAWN, 0);
    ck_assert_int_eq(pay()->refunded, 50);
}
END_TEST

/* Another payment replaces what was taken back; the rest waits for a person all the same. */
START_TEST(an_order_has_attention_while_only_a_host_captures_what_it_owes)
{
    put_half_sent();
    add_fact(_i == 0 ? HF_FACT_REFUNDED : HF_FACT_CHARGEBACK, "back", 450, 10);
    stands(HF_ORDER_CONFIRMED, UNPAID);
    ok(add_payment(HF_METHOD_ACCOUNT, 450, 0));
    ok(fulfil(0, 0));
    stands(HF_ORDER_CONFIRMED, UNPAID);
    asked_is(1, 0, 0, 0);
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_CAPTURE, &order, 1, HF_ALL));
    stands(HF_ORDER_CONFIRMED, 0);
    agrees("cap-2");
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("case_withdrawn");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_loop_test(core, a_refund_that_nobody_asked_for_and_that_failed_withdraws_nothing, 0,
                        2);
    tcase_add_test(core, a_running_total_of_refunds_that_falls_to_nothing_withdraws_nothing);
    tcase_add_test(core, a_payment_stays_withdrawn_while_another_unasked_refund_counts);
    tcase_add_test(core, a_failure_that_takes_no_refund_back_keeps_a_payment_withdrawn);
    tcase_add_test(core, a_refund_of_the_host_does_not_keep_a_payment_withdrawn);
    tcase_add_loop_test(core, an_order_has_attention_while_only_a_host_captures_what_it_owes, 0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
