/*
 * Money of a payment that had FAILED: it counts as far as the order owes it, and goes back out of
 * its own payment else, in however many messages it comes and whatever pays the order instead.
 */
#include "support/cases.h"
#include "support/check_main.h"

#define HELD ((uint32_t)HF_ATTENTION_MONEY_HELD)
#define LATE ((uint32_t)HF_ATTENTION_LATE_PAYMENT)

static void hook(uint32_t no, uint32_t kind, const char *message, int64_t amount)
{
    ok(say((said){.kind = kind, .no = no, .message = message, .amount = amount}));
}

static int add_wallet(int64_t amount, uint32_t settle_on)
{
    hf_payment_add_args args;
    hf_payment_add_init(&args, &order);
    hf_payment_init(&args.payment, "anna", "EUR", amount);
    args.payment.settle_on = settle_on;
    return hf_test_shop_run(&fixture, HF_OP_PAYMENT_ADD, &args);
}

/* A card that did not answer in time; a wallet pays `amount` instead. */
static void put_paid_instead(int64_t amount, uint32_t settle_on)
{
    cart.args.deadline_ms = fixture.now_ms + 5000;
    tea(2);
    with_card(900, HF_SETTLE_CONFIRM)->deadline_ms = fixture.now_ms + 1000;
    put_order();
    wait_ms(1000);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_FAILED);
    ok(add_wallet(amount, settle_on));
}

static const struct {
    uint32_t kind;
    int64_t amount;
} messages[][2] = {
    {{HF_FACT_AUTHORIZED, 900}, {HF_FACT_CAPTURED, 900}},
    {{HF_FACT_CAPTURED, 450}, {HF_FACT_CAPTURED, 450}},
    {{HF_FACT_AUTHORIZED, 450}, {HF_FACT_CAPTURED, 900}},
};

START_TEST(late_money_goes_back_in_however_many_messages_it_comes)
{
    bool closed = _i % 2 == 1;
    uint32_t ends = closed ? HF_ORDER_CLOSED : HF_ORDER_CONFIRMED;
    put_paid_instead(900, HF_SETTLE_CONFIRM);
    if (closed)
        ok(fulfil(0, 0));
    stands(ends, 0);
    for (int i = 0; i < 2; i++)
        hook(1, messages[_i / 2][i].kind, i == 0 ? "one" : "two", messages[_i / 2][i].amount);
    stands(ends, LATE | (closed ? HELD : 0));
    asked_is(1, 0, 0, 900);
    facts_are(1, 900, 900, 0, 0);
    facts_are(2, 900, 900, 0, 0);
    ck_assert_uint_ne(pay()->flags & HF_PAYMENT_LATE, 0);
}
END_TEST

/* The provider refuses to void the money and captures it instead; `_i` 1: the order is CLOSED. */
START_TEST(late_money_that_is_captured_and_not_voided_goes_back)
{
    put_paid_instead(900, HF_SETTLE_CONFIRM);
    if (_i == 1)
        ok(fulfil(0, 0));
    hook(1, HF_FACT_AUTHORIZED, "one", 900);
    asked_is(1, 0, 900, 0);
    refuses();
    hook(1, HF_FACT_CAPTURED, "two", 900);
    stands(_i == 1 ? HF_ORDER_CLOSED : HF_ORDER_CONFIRMED, LATE | (_i == 1 ? HELD : 0));
    asked_is(1, 0, 0, 900);
    facts_are(2, 900, 900, 0, 0);
}
END_TEST

/* The wallet only holds the money yet: it stays all the same. */
START_TEST(late_money_releases_no_wallet_that_covers_the_order)
{
    put_paid_instead(900, HF_SETTLE_FULFIL);
    if (_i == 0) {
        hook(1, HF_FACT_AUTHORIZED, "one", 900);
        asked_is(1, 0, 900, 0);
    }
    hook(1, HF_FACT_CAPTURED, "two", 900);
    stands(HF_ORDER_CONFIRMED, LATE);
    asked_is(1, 0, 0, 900);
    facts_are(2, 900, 0, 0, 0);
    ok(fulfil(0, 0));
    facts_are(2, 900, 900, 0, 0);
}
END_TEST

START_TEST(late_money_counts_as_far_as_the_order_owes_it)
{
    cart.args.policy = HF_ORDER_PAY_LATER;
    put_paid_instead(500, HF_SETTLE_CONFIRM);
    hook(1, HF_FACT_AUTHORIZED, "one", 900);
    stands(HF_ORDER_CONFIRMED, LATE);
    asked_is(1, 400, 500, 0);
    hook(1, HF_FACT_CAPTURED, "two", 900);
    asked_is(1, 0, 0, 500);
    facts_are(2, 500, 500, 0, 0);
    agrees("back");
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, LATE);
}
END_TEST

/* What a host kept was paid by the wallet, and the wallet's money stays. */
START_TEST(late_money_of_a_cancelled_order_is_not_refunded_out_of_its_fee)
{
    put_paid_instead(900, HF_SETTLE_CONFIRM);
    ok(units_for(HF_OP_ORDER_CANCEL, 0, 0, 0));
    stands(HF_ORDER_CANCELLED, 0);
    ck_assert_int_eq(row()->kept, 900);
    if (_i == 1)
        hook(1, HF_FACT_AUTHORIZED, "one", 900);
    hook(1, HF_FACT_CAPTURED, "two", 900);
    stands(HF_ORDER_CANCELLED, LATE | HELD);
    asked_is(1, 0, 0, 900);
    facts_are(2, 900, 900, 0, 0);
}
END_TEST

/* A payment that never failed keeps what it has captured too much until its order ends. */
START_TEST(money_of_a_payment_that_never_failed_is_not_late)
{
    cart.args.deadline_ms = fixture.now_ms + 5000;
    put_card_order(HF_SETTLE_CONFIRM);
    hook(1, HF_FACT_CAPTURED, "one", 450);
    hook(1, HF_FACT_CAPTURED, "two", 600);
    stands(HF_ORDER_CONFIRMED, 0);
    asked_is(1, 0, 0, 0);
    ck_assert_uint_eq(pay()->flags & HF_PAYMENT_LATE, 0);
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, HELD);
    asked_is(1, 0, 0, 150);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("case_late");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_loop_test(core, late_money_goes_back_in_however_many_messages_it_comes, 0, 6);
    tcase_add_loop_test(core, late_money_that_is_captured_and_not_voided_goes_back, 0, 2);
    tcase_add_loop_test(core, late_money_releases_no_wallet_that_covers_the_order, 0, 2);
    tcase_add_test(core, late_money_counts_as_far_as_the_order_owes_it);
    tcase_add_loop_test(core, late_money_of_a_cancelled_order_is_not_refunded_out_of_its_fee, 0, 2);
    tcase_add_test(core, money_of_a_payment_that_never_failed_is_not_late);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
