/*
 * Orders that wait for goods while their payments continue: money that comes early counts, and an
 * order that cannot be paid when its goods are there lets the next one have them.
 */
#include "support/cases.h"
#include "support/check_main.h"

static const uint32_t settles[] = {HF_SETTLE_CONFIRM, HF_SETTLE_FULFIL, HF_SETTLE_MANUAL};

/* No tea is there; an order of two for 900 waits for it. */
static void put_waiting(uint32_t method, uint32_t settle, uint32_t policy)
{
    lose_tea(100);
    cart.args.policy = HF_ORDER_QUEUE | policy;
    tea(2);
    (void)with_payment(method, 900, settle);
    put_order();
    stands(HF_ORDER_WAITING, 0);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_NEW);
}

/* ---- Money that comes while an order waits --------------------------------------------------- */

START_TEST(a_capture_while_the_order_waits_counts_and_is_not_asked_again)
{
    put_waiting(HF_METHOD_PROVIDER, settles[_i], 0);
    webhook(HF_FACT_CAPTURED, "cap", 900);
    stands(HF_ORDER_WAITING, 0);
    facts_are(1, 900, 900, 0, 0);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_CLOSED);
    receive_tea(2);
    stands(HF_ORDER_CONFIRMED, 0);
    ck_assert_uint_eq(pay()->commands, 0);
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
    facts_are(1, 900, 900, 0, 0);
}
END_TEST

START_TEST(an_authorization_while_the_order_waits_is_captured_when_it_is_due)
{
    put_waiting(HF_METHOD_PROVIDER, settles[_i], 0);
    webhook(HF_FACT_AUTHORIZED, "auth", 900);
    stands(HF_ORDER_WAITING, 0);
    receive_tea(2);
    stands(HF_ORDER_CONFIRMED, 0);
    asked_is(1, settles[_i] == HF_SETTLE_CONFIRM ? 900 : 0, 0, 0);
    ck_assert_uint_eq(pay()->commands, settles[_i] == HF_SETTLE_CONFIRM ? 1 : 0);
}
END_TEST

START_TEST(a_part_that_came_early_is_not_enough_without_a_deadline)
{
    put_waiting(HF_METHOD_PROVIDER, settles[_i % 3], 0);
    webhook(_i < 3 ? HF_FACT_CAPTURED : HF_FACT_AUTHORIZED, "part", 400);
    receive_tea(2);
    stands(HF_ORDER_CANCELLED, _i < 3 ? HF_ATTENTION_MONEY_HELD : 0);
    asked_is(1, 0, _i < 3 ? 0 : 400, _i < 3 ? 400 : 0);
    ck_assert_int_eq(held(), 0);
}
END_TEST

/* 0: cancelled, 1: expired. */
START_TEST(money_that_came_early_goes_back_when_the_waiting_order_ends)
{
    bool captured = _i < 2;
    cart.args.deadline_ms = fixture.now_ms + 1000;
    put_waiting(HF_METHOD_PROVIDER, HF_SETTLE_CONFIRM, 0);
    webhook(captured ? HF_FACT_CAPTURED : HF_FACT_AUTHORIZED, "early", 900);
    if (_i % 2 == 0)
        ok(cancel_all());
    else
        wait_ms(1000);
    stands(_i % 2 == 0 ? HF_ORDER_CANCELLED : HF_ORDER_EXPIRED,
           captured ? HF_ATTENTION_MONEY_HELD : 0);
    asked_is(1, 0, captured ? 0 : 900, captured ? 900 : 0);
    agrees("back");
    ck_assert_uint_eq(row()->attention, 0);
    facts_are(1, 900, captured ? 900 : 0, captured ? 0 : 900, captured ? 900 : 0);
}
END_TEST

/* 0 and 1: captured, 2 and 3: authorized; cancelled by 1 of 2, or amended. */
START_TEST(money_that_came_early_goes_back_as_far_as_the_waiting_order_becomes_smaller)
{
    bool captured = _i < 2;
    put_waiting(HF_METHOD_PROVIDER, HF_SETTLE_CONFIRM, 0);
    webhook(captured ? HF_FACT_CAPTURED : HF_FACT_AUTHORIZED, "early", 900);
    if (_i % 2 == 0) {
        ok(cancel(1, 1));
    } else {
        hf_order_amend_args args;
        hf_order_amend_init(&args, &order);
        const hf_line_change change = {.line = 1, .quantity = 1, .unit_price = 450};
        args.changes = &change;
        args.change_count = 1;
        args.total = 450;
        ok(hf_test_shop_run(&fixture, HF_OP_ORDER_AMEND, &args));
    }
    stands(HF_ORDER_WAITING, 0);
    asked_is(1, 0, captured ? 0 : 450, captured ? 450 : 0);
    agrees("back");
    receive_tea(1);
    stands(HF_ORDER_CONFIRMED, 0);
    ok(fulfil(0, 0));
    facts_are(1, 900, captured ? 900 : 0, captured ? 0 : 450, captured ? 450 : 0);
}
END_TEST

START_TEST(money_that_came_early_goes_back_when_a_host_cancels_an_import_that_waits)
{
    put_waiting(HF_METHOD_PROVIDER, HF_SETTLE_CONFIRM, HF_ORDER_IMPORT);
    webhook(HF_FACT_CAPTURED, "early", 900);
    ok(cancel_all());
    stands(HF_ORDER_CANCELLED, HF_ATTENTION_MONEY_HELD);
    asked_is(1, 0, 0, 900);
}
END_TEST

START_TEST(a_failure_while_the_order_waits_does_not_count)
{
    put_waiting(HF_METHOD_PROVIDER, HF_SETTLE_FULFIL, 0);
    webhook(HF_FACT_FAILED, "declined", 900);
    stands(HF_ORDER_WAITING, 0);
    ck_assert_uint_ne(pay()->attention & HF_ATTENTION_UNEXPECTED_FACT, 0);
    receive_tea(2);
    stands(HF_ORDER_PENDING, 0);
    agrees("auth");
    stands(HF_ORDER_CONFIRMED, 0);
}
END_TEST

/* ---- An order that cannot be paid when its goods are there ----------------------------------- */

typedef struct outcome {
    uint32_t policy;
    uint32_t state;
    int64_t deadline_ms; /* from now on; 0: none */
    int64_t next;        /* units held for the next order */
} outcome;

static const outcome outcomes[] = {
    {0, HF_ORDER_CANCELLED, 0, 1},
    {HF_ORDER_REVIVE, HF_ORDER_CANCELLED, 0, 1},
    {0, HF_ORDER_PENDING, 5000, 0},
    {HF_ORDER_PAY_LATER, HF_ORDER_CONFIRMED, 0, 0},
    {HF_ORDER_PAY_LATER, HF_ORDER_CONFIRMED, 5000, 0},
};

/* An order of one behind it, that costs nothing. */
static hf_id put_next(void)
{
    const hf_id first = order;
    new_cart();
    cart.args.policy = HF_ORDER_QUEUE;
    hf_test_cart_line(&cart, "tea", 1, 0, HF_SETTLE_FULFIL);
    put_order();
    stands(HF_ORDER_WAITING, 0);
    const hf_id next = order;
    order = first;
    return next;
}

START_TEST(an_order_whose_wallet_is_empty_when_its_goods_come_lets_the_next_have_them)
{
    const outcome *o = &outcomes[_i];
    cart.args.deadline_ms = o->deadline_ms == 0 ? 0 : fixture.now_ms + o->deadline_ms;
    put_waiting(HF_METHOD_ACCOUNT, HF_SETTLE_CONFIRM, o->policy);
    const hf_id next = put_next();
    withdraw("anna", 9200);
    receive_tea(2);
    stands(o->state, 0);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_FAILED);
    ck_assert_int_eq(hf_test_balance(&fixture, "anna"), 800);
    if (o->next == 0)
        ck_assert_int_eq(held(), 2);
    receive_tea(1);
    ck_assert_uint_eq(hf_test_order(&fixture, &next)->state, HF_ORDER_CONFIRMED);
    if (o->deadline_ms != 0) {
        wait_ms(o->deadline_ms);
        stands(o->state == HF_ORDER_PENDING ? HF_ORDER_EXPIRED : HF_ORDER_CONFIRMED, 0);
    }
}
END_TEST

/* The other payment of the order is voided, whatever it is. */
START_TEST(the_other_payments_of_an_order_that_cannot_be_paid_go_back)
{
    lose_tea(100);
    cart.args.policy = HF_ORDER_QUEUE;
    tea(2);
    (void)hf_test_cart_pay(&cart, "anna", 400, HF_SETTLE_CONFIRM);
    if (_i == 0)
        (void)hf_test_cart_pay(&cart, "ben", 500, HF_SETTLE_CONFIRM);
    else
        (void)with_card(500, HF_SETTLE_CONFIRM);
    put_order();
    if (_i == 2)
        ok(say((said){
            .kind = HF_FACT_CAPTURED, .no = 2, .message = "early", .amount = 500, .at_ms = 1}));
    withdraw("anna", 9700);
    receive_tea(2);
    stands(HF_ORDER_CANCELLED, _i == 2 ? HF_ATTENTION_MONEY_HELD : 0);
    ck_assert_int_eq(hf_test_balance(&fixture, "anna"), 300);
    ck_assert_int_eq(hf_test_balance(&fixture, "ben"), 10000);
    ck_assert_int_eq(held(), 0);
    ck_assert_int_eq(pay_no(2)->pending_refund, _i == 2 ? 500 : 0);
    if (_i != 1)
        return;
    ck_assert_uint_eq(pay_no(2)->state, HF_PAYMENT_FAILED);
    agrees_no(2, "auth"); /* the card was asked in the same commit */
    stands(HF_ORDER_CANCELLED, HF_ATTENTION_LATE_PAYMENT);
    ck_assert_int_eq(pay_no(2)->pending_void, 500);
}
END_TEST

/* The card twin: refused after the promotion. */
START_TEST(an_order_whose_card_is_refused_after_its_promotion_lets_the_next_have_the_goods)
{
    put_waiting(HF_METHOD_PROVIDER, HF_SETTLE_CONFIRM, 0);
    const hf_id next = put_next();
    receive_tea(2);
    stands(HF_ORDER_PENDING, 0);
    refuses();
    stands(HF_ORDER_CANCELLED, 0);
    const hf_account_key key = hf_test_item("tea", "");
    (void)hf_test_promote(&fixture, &key, 32);
    ck_assert_uint_eq(hf_test_order(&fixture, &next)->state, HF_ORDER_CONFIRMED);
}
END_TEST

/* Nobody waits for an answer any more, so nobody is asked. */
START_TEST(a_payment_whose_deadline_passed_while_its_order_waited_is_not_asked)
{
    lose_tea(100);
    cart.args.policy = HF_ORDER_QUEUE;
    tea(2);
    with_card(900, HF_SETTLE_CONFIRM)->deadline_ms = fixture.now_ms + 1000;
    put_order();
    stands(HF_ORDER_WAITING, 0);
    wait_ms(_i == 0 ? 1000 : 999);
    receive_tea(2);
    stands(_i == 0 ? HF_ORDER_CANCELLED : HF_ORDER_PENDING, 0);
    ck_assert_uint_eq(pay()->state, _i == 0 ? HF_PAYMENT_FAILED : HF_PAYMENT_PENDING);
    ck_assert_uint_eq(open_commands(), _i == 0 ? 0 : 1);
    ck_assert_int_eq(held(), _i == 0 ? 0 : 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("case_queues");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_loop_test(core, a_capture_while_the_order_waits_counts_and_is_not_asked_again, 0, 3);
    tcase_add_loop_test(core, an_authorization_while_the_order_waits_is_captured_when_it_is_due, 0,
                        3);
    tcase_add_loop_test(core, a_part_that_came_early_is_not_enough_without_a_deadline, 0, 6);
    tcase_add_loop_test(core, money_that_came_early_goes_back_when_the_waiting_order_ends, 0, 4);
    tcase_add_loop_test(
        core, money_that_came_early_goes_back_as_far_as_the_waiting_order_becomes_smaller, 0, 4);
    tcase_add_test(core, money_that_came_early_goes_back_when_a_host_cancels_an_import_that_waits);
    tcase_add_test(core, a_failure_while_the_order_waits_does_not_count);
    tcase_add_loop_test(
        core, an_order_whose_wallet_is_empty_when_its_goods_come_lets_the_next_have_them, 0, 5);
    tcase_add_loop_test(core, the_other_payments_of_an_order_that_cannot_be_paid_go_back, 0, 3);
    tcase_add_test(core,
                   an_order_whose_card_is_refused_after_its_promotion_lets_the_next_have_the_goods);
    tcase_add_loop_test(core, a_payment_whose_deadline_passed_while_its_order_waited_is_not_asked,
                        0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
