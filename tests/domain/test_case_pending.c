/*
 * Orders that are not confirmed yet and lose money: one without a deadline ends when nothing else
 * would ever end it, and one that becomes cheaper gives the difference back.
 */
#include "support/cases.h"
#include "support/check_main.h"

#define HELD ((uint32_t)HF_ATTENTION_MONEY_HELD)

static int amend(int64_t quantity, int64_t total, uint32_t mask)
{
    const hf_line_change change = {.line = 1, .quantity = quantity, .unit_price = 450};
    hf_order_amend_args args;
    hf_order_amend_init(&args, &order);
    args.changes = &change;
    args.change_count = 1;
    args.total = total;
    args.mask = mask;
    return hf_test_shop_run(&fixture, HF_OP_ORDER_AMEND, &args);
}

static int void_no(uint32_t no, int64_t amount)
{
    return hf_test_pay(&fixture, HF_OP_PAYMENT_VOID, &order, no, amount);
}

/* Two tea, paid by bank transfer within five seconds. */
static void put_transfer(void)
{
    cart.args.deadline_ms = fixture.now_ms + 5000;
    tea(2);
    with_card(900, HF_SETTLE_CONFIRM)->flags = HF_PAYMENT_CAPTURE_ONLY;
    put_order();
}

/* The payment is still waited for when the money of it is taken back. */
START_TEST(an_order_without_a_deadline_ends_when_money_was_taken_back_before_it_came)
{
    put_card_order(HF_SETTLE_CONFIRM);
    webhook(_i == 0 ? HF_FACT_REFUNDED : HF_FACT_CHARGEBACK, "back", 100);
    stands(HF_ORDER_PENDING, 0);
    webhook(HF_FACT_CAPTURED, "cap", 900);
    stands(HF_ORDER_CANCELLED, HELD);
    asked_is(1, 0, 0, 800);
    ck_assert_int_eq(held(), 0);
}
END_TEST

START_TEST(an_order_without_a_deadline_ends_when_a_host_voids_a_payment)
{
    uint32_t method = _i % 2 == 0 ? HF_METHOD_ACCOUNT : HF_METHOD_PROVIDER;
    tea(2);
    (void)with_payment(method, 450, HF_SETTLE_FULFIL);
    (void)with_card(450, HF_SETTLE_FULFIL);
    put_order();
    if (method == HF_METHOD_PROVIDER)
        agrees("auth");
    ok(void_no(1, _i / 2 == 0 ? HF_ALL : 1));
    stands(HF_ORDER_CANCELLED, 0);
    ck_assert_uint_eq(pay_no(2)->state, HF_PAYMENT_FAILED);
    ck_assert_int_eq(held(), 0);
    ck_assert_int_eq(hf_test_account(&fixture, HF_KIND_MONEY, "anna", "EUR")->held_out, 0);
}
END_TEST

START_TEST(an_order_with_a_deadline_waits_for_another_payment_after_a_void)
{
    cart.args.deadline_ms = fixture.now_ms + 5000;
    tea(2);
    (void)with_payment(HF_METHOD_ACCOUNT, 450, HF_SETTLE_FULFIL);
    (void)with_card(450, HF_SETTLE_FULFIL);
    put_order();
    ok(void_no(1, HF_ALL));
    stands(HF_ORDER_PENDING, 0);
    ok(add_payment(HF_METHOD_ACCOUNT, 450, 0));
    agrees_no(2, "auth");
    stands(HF_ORDER_CONFIRMED, 0);
}
END_TEST

START_TEST(an_order_without_a_deadline_waits_while_no_payment_came_short)
{
    tea(2);
    (void)with_card(450, HF_SETTLE_FULFIL);
    put_order();
    agrees("auth");
    ok(amend(2, 900, HF_AMEND_DEADLINE));
    stands(HF_ORDER_PENDING, 0);
    ok(add_payment(HF_METHOD_ACCOUNT, 450, 0));
    stands(HF_ORDER_CONFIRMED, 0);
}
END_TEST

START_TEST(an_order_that_is_paid_in_part_ends_with_its_deadline)
{
    put_transfer();
    webhook(HF_FACT_CAPTURED, "part", 400);
    stands(HF_ORDER_PENDING, 0);
    ok(amend(2, 900, HF_AMEND_DEADLINE));
    stands(HF_ORDER_CANCELLED, HELD);
    asked_is(1, 0, 0, 400);
    ck_assert_int_eq(held(), 0);
}
END_TEST

START_TEST(a_pending_order_that_becomes_cheaper_refunds_the_difference)
{
    put_transfer();
    webhook(HF_FACT_CAPTURED, "part", 600);
    ok(amend(1, 450, 0));
    stands(HF_ORDER_CONFIRMED, 0);
    asked_is(1, 0, 0, 150);
    agrees("back");
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
    facts_are(1, 600, 600, 0, 150);
}
END_TEST

START_TEST(a_pending_order_that_becomes_cheaper_refunds_nothing_that_it_owes)
{
    put_transfer();
    webhook(HF_FACT_CAPTURED, "part", 300);
    ok(amend(1, 450, 0));
    stands(HF_ORDER_PENDING, 0);
    asked_is(1, 0, 0, 0);
    webhook(HF_FACT_CAPTURED, "rest", 150);
    stands(HF_ORDER_CONFIRMED, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("case_pending");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_loop_test(
        core, an_order_without_a_deadline_ends_when_money_was_taken_back_before_it_came, 0, 2);
    tcase_add_loop_test(core, an_order_without_a_deadline_ends_when_a_host_voids_a_payment, 0, 4);
    tcase_add_test(core, an_order_with_a_deadline_waits_for_another_payment_after_a_void);
    tcase_add_test(core, an_order_without_a_deadline_waits_while_no_payment_came_short);
    tcase_add_test(core, an_order_that_is_paid_in_part_ends_with_its_deadline);
    tcase_add_test(core, a_pending_order_that_becomes_cheaper_refunds_the_difference);
    tcase_add_test(core, a_pending_order_that_becomes_cheaper_refunds_nothing_that_it_owes);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
