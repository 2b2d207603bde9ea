/*
 * Deadlines of payments: until when an answer of a provider is waited for, whatever the state of
 * the order, and what becomes of the order when none has come.
 */
#include "support/cases.h"
#include "support/check_main.h"

static const uint32_t settles[] = {HF_SETTLE_CONFIRM, HF_SETTLE_FULFIL, HF_SETTLE_MANUAL};
static const int64_t order_deadlines[] = {0, 500, 1000, 5000}; /* from now on; 0: none */

#define SETTINGS 12

static uint32_t settle_of(int setting)
{
    return settles[setting % 3];
}

static int64_t deadline_of(int setting)
{
    int64_t after = order_deadlines[setting / 3];
    return after == 0 ? 0 : fixture.now_ms + after;
}

/* The payment waits exactly until its deadline, in `after` ms; the order stays confirmed. */
static void fails_in(uint32_t no, int64_t after)
{
    ck_assert_int_eq(pay_no(no)->deadline_ms, fixture.now_ms + after);
    ck_assert_uint_eq(pay_no(no)->state, HF_PAYMENT_PENDING);
    wait_ms(after - 1);
    ck_assert_uint_eq(pay_no(no)->state, HF_PAYMENT_PENDING);
    wait_ms(1);
    ck_assert_uint_eq(pay_no(no)->state, HF_PAYMENT_FAILED);
    ck_assert_int_eq(pay_no(no)->deadline_ms, 0);
    ck_assert_int_eq(pay_no(no)->pending_authorize, 0);
}

static void put_pay_later(int64_t order_deadline_ms, uint32_t settle, int64_t payment_deadline_ms)
{
    cart.args.policy |= HF_ORDER_PAY_LATER;
    cart.args.deadline_ms = order_deadline_ms;
    tea(2);
    with_card(900, settle)->deadline_ms = payment_deadline_ms;
    put_order();
}

/* ---- Orders that pay later ------------------------------------------------------------------- */

START_TEST(a_payment_of_an_order_that_pays_later_fails_at_its_own_deadline)
{
    put_pay_later(deadline_of(_i), settle_of(_i), fixture.now_ms + 1000);
    stands(HF_ORDER_CONFIRMED, 0);
    ck_assert_int_eq(row()->deadline_ms, 0);
    fails_in(1, 1000);
    stands(HF_ORDER_CONFIRMED, 0);
    ok(fulfil(0, 0));
    stands(HF_ORDER_CONFIRMED, 0);
    ok(add_payment(HF_METHOD_ACCOUNT, 900, 0));
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

START_TEST(a_payment_of_an_order_that_pays_later_is_authorized_in_time)
{
    put_pay_later(deadline_of(_i), settle_of(_i), fixture.now_ms + 1000);
    wait_ms(999);
    agrees("auth");
    wait_ms(5000);
    stands(HF_ORDER_CONFIRMED, 0);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_AUTHORIZED);
    ck_assert_int_eq(pay()->pending_capture, settle_of(_i) == HF_SETTLE_CONFIRM ? 900 : 0);
}
END_TEST

START_TEST(a_payment_that_failed_at_its_deadline_counts_when_it_succeeds_late)
{
    put_pay_later(deadline_of(_i), settle_of(_i), fixture.now_ms + 1000);
    fails_in(1, 1000);
    agrees("auth");
    stands(HF_ORDER_CONFIRMED, 0);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_AUTHORIZED);
    ck_assert_int_eq(pay()->pending_capture, settle_of(_i) == HF_SETTLE_CONFIRM ? 900 : 0);
    ck_assert_int_eq(pay()->pending_void, 0);
}
END_TEST

START_TEST(a_card_with_a_deadline_is_added_to_a_confirmed_order_that_pays_later)
{
    cart.args.policy = HF_ORDER_PAY_LATER;
    cart.args.deadline_ms = deadline_of(_i);
    tea(2);
    put_order();
    stands(HF_ORDER_CONFIRMED, 0);
    ok(add_payment(HF_METHOD_PROVIDER, 900, fixture.now_ms + 1000));
    ck_assert_int_eq(row()->deadline_ms, 0);
    fails_in(1, 1000);
    stands(HF_ORDER_CONFIRMED, 0);
    ok(add_payment(HF_METHOD_PROVIDER, 900, 0));
    ck_assert_int_eq(pay_no(2)->deadline_ms, 0);
    wait_ms(DAY_MS);
    ck_assert_uint_eq(pay_no(2)->state, HF_PAYMENT_PENDING);
}
END_TEST

START_TEST(goods_are_received_for_an_order_that_waits_and_pays_later)
{
    const hf_account_key key = hf_test_item("tea", "");
    bool own = _i % 2 == 0;
    lose_tea(100);
    cart.args.policy = HF_ORDER_QUEUE;
    put_pay_later(_i < 6 ? fixture.now_ms + 2000 : 0, settle_of(_i / 2),
                  own ? fixture.now_ms + 1000 : 0);
    stands(HF_ORDER_WAITING, 0);
    receive_tea(5);
    stands(HF_ORDER_CONFIRMED, 0);
    ck_assert_int_eq(hf_test_at(&fixture, &key)->balance, 5);
    ck_assert_int_eq(hf_test_at(&fixture, &key)->held_out, 2);
    ck_assert_int_eq(pay()->pending_authorize, 900);
    if (own)
        fails_in(1, 1000);
    wait_ms(2000);
    stands(HF_ORDER_CONFIRMED, 0);
}
END_TEST

/* ---- Orders that wait for their payments ----------------------------------------------------- */

START_TEST(a_payment_that_fails_before_the_orders_deadline_can_be_replaced)
{
    cart.args.deadline_ms = fixture.now_ms + 5000;
    tea(2);
    with_card(900, settle_of(_i))->deadline_ms = fixture.now_ms + 1000;
    put_order();
    fails_in(1, 1000);
    stands(HF_ORDER_PENDING, 0);
    ok(add_payment(HF_METHOD_ACCOUNT, 900, 0));
    stands(HF_ORDER_CONFIRMED, 0);
    wait_ms(5000);
    stands(HF_ORDER_CONFIRMED, 0);
}
END_TEST

START_TEST(a_pending_order_is_kept_for_a_card_that_is_added_with_a_later_deadline)
{
    cart.args.deadline_ms = fixture.now_ms + 1000;
    tea(2);
    (void)hf_test_cart_pay(&cart, "ben", 100, HF_SETTLE_FULFIL);
    put_order();
    ok(add_payment(HF_METHOD_PROVIDER, 800, fixture.now_ms + 3000));
    ck_assert_int_eq(row()->deadline_ms, fixture.now_ms + 3000);
    wait_ms(2999);
    stands(HF_ORDER_PENDING, 0);
    wait_ms(1);
    stands(HF_ORDER_EXPIRED, 0);
    ck_assert_uint_eq(pay_no(2)->state, HF_PAYMENT_FAILED);
    ck_assert_int_eq(hf_test_balance(&fixture, "ben"), 10000);
}
END_TEST

/* Of two cards the first fails: the wallet stays held until the order has ended. */
START_TEST(the_first_of_two_cards_fails_and_the_order_waits_for_a_third)
{
    cart.args.deadline_ms = fixture.now_ms + 5000;
    tea(2);
    with_card(500, settle_of(_i))->deadline_ms = fixture.now_ms + 1000;
    with_card(300, settle_of(_i))->deadline_ms = fixture.now_ms + 2000;
    (void)hf_test_cart_pay(&cart, "ben", 100, settle_of(_i));
    put_order();
    fails_in(1, 1000);
    fails_in(2, 1000);
    stands(HF_ORDER_PENDING, 0);
    ck_assert_int_eq(hf_test_account(&fixture, HF_KIND_MONEY, "ben", "EUR")->held_out, 100);
    wait_ms(3000);
    stands(HF_ORDER_EXPIRED, 0);
    ck_assert_int_eq(hf_test_account(&fixture, HF_KIND_MONEY, "ben", "EUR")->held_out, 0);
}
END_TEST

/* ---- A confirmed order that grows by a card -------------------------------------------------- */

START_TEST(a_confirmed_order_is_unpaid_when_the_card_it_grew_by_never_answers)
{
    tea(2);
    (void)hf_test_cart_pay(&cart, "ben", 900, HF_SETTLE_FULFIL);
    put_order();
    hf_order_amend_args args;
    const hf_line_change more = {.line = 1, .quantity = 3, .unit_price = 450};
    hf_payment_args card;
    hf_payment_provider_init(&card, "card", 450);
    card.deadline_ms = fixture.now_ms + 1000;
    card.settle_on = settle_of(_i);
    hf_order_amend_init(&args, &order);
    args.changes = &more;
    args.change_count = 1;
    args.payments = &card;
    args.payment_count = 1;
    args.total = 1350;
    ok(hf_test_shop_run(&fixture, HF_OP_ORDER_AMEND, &args));
    fails_in(2, 1000);
    stands(HF_ORDER_CONFIRMED, HF_ATTENTION_UNPAID);
    refused(fulfil(1, 3), HF_E_UNPAID);
    ok(fulfil(1, 2));
    ok(add_payment(HF_METHOD_ACCOUNT, 450, 0));
    stands(HF_ORDER_CONFIRMED, 0);
    ok(fulfil(1, 1));
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

/* Three cards, whose latest deadline stands at each position; all are later than the order's. */
START_TEST(an_order_is_kept_until_the_latest_of_its_cards_may_still_answer)
{
    const int64_t placed_ms = fixture.now_ms;
    tea(2);
    cart.args.deadline_ms = placed_ms + 500;
    for (int i = 0; i < 3; i++)
        with_card(300, HF_SETTLE_FULFIL)->deadline_ms = placed_ms + (i == _i ? 3000 : 1000 + i);
    put_order();
    ck_assert_int_eq(row()->deadline_ms, placed_ms + 3000);
    ck_assert_int_eq(line_no(1)->leg.deadline_ms, placed_ms + 3000);
    wait_ms(2999);
    stands(HF_ORDER_PENDING, 0);
    wait_ms(1);
    stands(HF_ORDER_EXPIRED, 0);
}
END_TEST

/* The card that is added waits longest, or as long as the first one, or less. */
START_TEST(a_card_that_is_added_beside_one_that_waits_keeps_the_order_as_long_as_the_later_one)
{
    static const int64_t added_ms[] = {3000, 1000, 700};
    const int64_t placed_ms = fixture.now_ms;
    tea(2);
    cart.args.deadline_ms = placed_ms + 500;
    with_card(300, HF_SETTLE_FULFIL)->deadline_ms = placed_ms + 1000;
    put_order();
    ok(add_payment(HF_METHOD_PROVIDER, 600, placed_ms + added_ms[_i]));
    const int64_t latest_ms = placed_ms + (added_ms[_i] > 1000 ? added_ms[_i] : 1000);
    ck_assert_int_eq(row()->deadline_ms, latest_ms);
    ck_assert_int_eq(line_no(1)->leg.deadline_ms, latest_ms);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("case_deadlines");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_loop_test(core, a_payment_of_an_order_that_pays_later_fails_at_its_own_deadline, 0,
                        SETTINGS);
    tcase_add_loop_test(core, a_payment_of_an_order_that_pays_later_is_authorized_in_time, 0,
                        SETTINGS);
    tcase_add_loop_test(core, a_payment_that_failed_at_its_deadline_counts_when_it_succeeds_late, 0,
                        SETTINGS);
    tcase_add_loop_test(core, a_card_with_a_deadline_is_added_to_a_confirmed_order_that_pays_later,
                        0, SETTINGS);
    tcase_add_loop_test(core, goods_are_received_for_an_order_that_waits_and_pays_later, 0,
                        SETTINGS);
    tcase_add_loop_test(core, a_payment_that_fails_before_the_orders_deadline_can_be_replaced, 0,
                        3);
    tcase_add_loop_test(core, an_order_is_kept_until_the_latest_of_its_cards_may_still_answer, 0,
                        3);
    tcase_add_loop_test(
        core, a_card_that_is_added_beside_one_that_waits_keeps_the_order_as_long_as_the_later_one,
        0, 3);
    tcase_add_test(core, a_pending_order_is_kept_for_a_card_that_is_added_with_a_later_deadline);
    tcase_add_loop_test(core, the_first_of_two_cards_fails_and_the_order_waits_for_a_third, 0, 3);
    tcase_add_loop_test(core, a_confirmed_order_is_unpaid_when_the_card_it_grew_by_never_answers, 0,
                        3);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
