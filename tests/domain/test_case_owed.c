/*
 * What an order owes and what covers it: cancelled, returned, amended, exchanged, given away, with
 * providers that void and capture as they can.
 */
#include "support/cases.h"
#include "support/check_main.h"

static const uint32_t settles[] = {HF_SETTLE_CONFIRM, HF_SETTLE_FULFIL, HF_SETTLE_MANUAL};

static int capture(int64_t amount)
{
    return hf_test_pay(&fixture, HF_OP_PAYMENT_CAPTURE, &order, 1, amount);
}

/* ---- A cancelled part ------------------------------------------------------------------------ */

START_TEST(the_part_of_a_cancelled_unit_is_voided_whatever_the_payment_settles_on)
{
    bool card = _i % 2 == 0;
    uint32_t settle = settles[1 + _i / 2];
    tea(2);
    (void)with_payment(card ? HF_METHOD_PROVIDER : HF_METHOD_ACCOUNT, 900, settle);
    put_order();
    if (card)
        agrees("auth");
    ok(cancel(1, 1));
    if (card)
        agrees("void");
    facts_are(1, 900, 0, 450, 0);
    if (settle == HF_SETTLE_MANUAL)
        ok(capture(HF_ALL));
    ok(fulfil(0, 0));
    if (card) {
        asked_is(1, 450, 0, 0);
        agrees("cap");
    }
    facts_are(1, 900, 450, 450, 0);
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

/* A provider that voids only whole authorizations: the part goes with the last capture. */
START_TEST(a_part_that_cannot_be_voided_is_barred_and_released_by_the_last_capture)
{
    uint32_t settle = settles[1 + _i];
    tea(2);
    with_card(900, settle)->flags = HF_PAYMENT_WHOLE_VOID;
    put_order();
    agrees("auth");
    ok(cancel(1, 1));
    asked_is(1, 0, 0, 0);
    ck_assert_int_eq(pay()->barred, 450);
    refused(capture(451), HF_E_OVER_CAPTURE);
    if (settle == HF_SETTLE_MANUAL)
        ok(capture(HF_ALL));
    ok(fulfil(0, 0));
    asked_is(1, 450, 0, 0);
    ck_assert_uint_ne(command(pay()->commands).flags & HF_TXN_FINAL, 0);
    agrees("cap");
    facts_are(1, 900, 450, 450, 0);
    ck_assert_int_eq(pay()->barred, 0);
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

START_TEST(a_barred_part_is_voided_with_the_whole_when_nothing_is_needed_any_more)
{
    tea(2);
    with_card(900, settles[1 + _i])->flags = HF_PAYMENT_WHOLE_VOID;
    put_order();
    agrees("auth");
    ok(cancel(1, 1));
    ck_assert_int_eq(pay()->barred, 450);
    ok(cancel(1, 1));
    stands(HF_ORDER_CANCELLED, 0);
    asked_is(1, 0, 900, 0);
    ck_assert_int_eq(pay()->barred, 0);
    agrees("void");
    facts_are(1, 900, 0, 900, 0);
}
END_TEST

START_TEST(a_provider_that_captures_once_is_asked_when_no_unit_is_open)
{
    static const uint32_t limits[] = {0, 0, HF_PAYMENT_WHOLE_VOID};
    bool cancelled = _i > 0;
    int64_t due = cancelled ? 900 : 1350;
    tea(3);
    with_card(1350, HF_SETTLE_FULFIL)->flags = HF_PAYMENT_ONE_CAPTURE | limits[_i];
    put_order();
    agrees("auth");
    ok(fulfil(1, 1));
    ok(fulfil(1, 1));
    asked_is(1, 0, 0, 0);
    ok(cancelled ? cancel(1, 1) : fulfil(1, 1));
    asked_is(1, due, _i == 1 ? 450 : 0, 0);
    ck_assert_uint_eq(last_command(), HF_COMMAND_CAPTURE);
    ck_assert_uint_ne(command(pay()->commands).flags & HF_TXN_FINAL, 0);
    if (_i == 1)
        answer(2, HF_ANSWER_OK, "void", 0);
    agrees("cap");
    facts_are(1, 1350, due, 1350 - due, 0);
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

/* ---- Growing again after a refund ------------------------------------------------------------ */

static int amend(hf_order_amend_args *args, int64_t total)
{
    args->total = total;
    return hf_test_shop_run(&fixture, HF_OP_ORDER_AMEND, args);
}

/* Three tea become two. */
static int shrink(void)
{
    static const hf_line_change less = {.line = 1, .quantity = 2, .unit_price = 450};
    hf_order_amend_args args;
    hf_order_amend_init(&args, &order);
    args.changes = &less;
    args.change_count = 1;
    return amend(&args, 900);
}

/* And a cup for 450 comes to them, with a payment of `amount`. */
static int grow(int64_t amount)
{
    hf_line_args cup;
    hf_payment_args wallet;
    hf_order_amend_args args;
    hf_line_init(&cup, "cup", 1, 450);
    cup.settle_on = HF_SETTLE_FULFIL;
    hf_payment_init(&wallet, "ben", "EUR", amount);
    hf_order_amend_init(&args, &order);
    args.lines = &cup;
    args.line_count = 1;
    args.payments = &wallet;
    args.payment_count = amount == 0 ? 0 : 1;
    return amend(&args, 1350);
}

START_TEST(an_order_that_shrank_can_grow_again)
{
    bool card = _i % 2 == 1;
    uint32_t settle = settles[_i / 2];
    int64_t captured = settle == HF_SETTLE_CONFIRM ? 1350 : 0;
    tea(3);
    (void)with_payment(card ? HF_METHOD_PROVIDER : HF_METHOD_ACCOUNT, 1350, settle);
    put_order();
    if (card)
        agrees("auth");
    if (card && captured > 0)
        agrees("cap");
    ok(shrink());
    if (card)
        agrees("back");
    facts_are(1, 1350, captured, captured > 0 ? 0 : 450, captured > 0 ? 450 : 0);
    refused(grow(0), HF_E_UNPAID);
    refused(grow(449), HF_E_UNPAID);
    refused(grow(451), HF_E_OVER_PAID);
    ck_assert_uint_eq(row()->line_count, 1);
    ck_assert_int_eq(hf_test_balance(&fixture, "ben"), 10000);
    ok(grow(450));
    ck_assert_int_eq(hf_test_balance(&fixture, "ben"), 9550);
    ck_assert_int_eq(row()->total, 1350);
}
END_TEST

/* ---- Exchanges ------------------------------------------------------------------------------- */

/* A red one comes back, a cup for `price` goes out, with a payment of the difference. */
static int exchange(int64_t price, int64_t payment, int64_t total)
{
    static const hf_line_quantity red = {.line = 1, .quantity = 1};
    hf_line_args blue;
    hf_payment_args wallet;
    hf_order_amend_args args;
    hf_line_init(&blue, "cup", 1, price);
    blue.settle_on = HF_SETTLE_FULFIL;
    hf_payment_init(&wallet, "ben", "EUR", payment);
    hf_order_amend_init(&args, &order);
    args.returns = &red;
    args.return_count = 1;
    args.lines = &blue;
    args.line_count = 1;
    args.payments = &wallet;
    args.payment_count = payment == 0 ? 0 : 1;
    return amend(&args, total);
}

/* One or two red for 100 each, sent and captured; CLOSED when it was one. */
static void put_red(int64_t quantity, bool card)
{
    hf_test_cart_line(&cart, "tea", quantity, 100, HF_SETTLE_FULFIL);
    int64_t amount = 100 * quantity;
    (void)with_payment(card ? HF_METHOD_PROVIDER : HF_METHOD_ACCOUNT, amount, HF_SETTLE_FULFIL);
    put_order();
    if (card)
        agrees("auth");
    ok(fulfil(1, 1));
    if (card)
        agrees("cap");
    stands(quantity == 1 ? HF_ORDER_CLOSED : HF_ORDER_CONFIRMED, 0);
}

START_TEST(a_dearer_exchange_charges_the_difference_alone)
{
    bool closed = _i % 2 == 0;
    int64_t rest = closed ? 0 : 100;
    put_red(closed ? 1 : 2, _i < 2);
    refused(exchange(120, 0, 220 + rest), HF_E_UNPAID);
    refused(exchange(120, 19, 220 + rest), HF_E_UNPAID);
    refused(exchange(120, 21, 220 + rest), HF_E_OVER_PAID);
    ck_assert_int_eq(line_no(1)->returned, 0);
    ok(exchange(120, 20, 220 + rest));
    stands(HF_ORDER_CONFIRMED, 0);
    ck_assert_int_eq(row()->closed_at_ms, 0);
    asked_is(1, 0, 0, 0);
    ck_assert_int_eq(pay()->refunded, 0);
    ck_assert_int_eq(hf_test_balance(&fixture, "ben"), 9980);
    ok(fulfil(0, 0));
    if (_i == 1)
        agrees("cap-2");
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

START_TEST(a_cheaper_exchange_refunds_the_difference_alone)
{
    bool card = _i == 0;
    put_red(1, card);
    ok(exchange(70, 0, 170));
    if (card) {
        asked_is(1, 0, 0, 30);
        agrees("back");
    }
    facts_are(1, 100, 100, 0, 30);
    stands(HF_ORDER_CONFIRMED, 0);
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
    facts_are(1, 100, 100, 0, 30);
}
END_TEST

START_TEST(an_exchange_whose_total_does_not_add_up_changes_nothing)
{
    put_red(1, true);
    const hf_order before = *row();
    refused(exchange(120, 20, 219), HF_E_TOTAL);
    refused(exchange(120, 20, 120), HF_E_TOTAL);
    refused(exchange(120, 20, INT64_MAX), HF_E_TOTAL);
    refused(exchange(INT64_MAX, 20, 220), HF_E_OVERFLOW);
    ck_assert_mem_eq(row(), &before, sizeof before);
    ck_assert_int_eq(line_no(1)->returned, 0);
    ck_assert_int_eq(hf_test_balance(&fixture, "ben"), 10000);
    ck_assert_int_eq(hf_test_account(&fixture, HF_KIND_ITEM, "cup", "pcs")->balance, 100);
}
END_TEST

START_TEST(an_exchange_of_more_than_was_sent_changes_nothing)
{
    put_red(1, false);
    ok(take_back(1, 1));
    refused(exchange(120, 120, 220), HF_E_OVER_RETURN);
    stands(HF_ORDER_CLOSED, 0);
    ck_assert_uint_eq(row()->payment_count, 1);
}
END_TEST

/* ---- Given away ------------------------------------------------------------------------------ */

START_TEST(a_goodwill_refund_is_not_owed_any_more)
{
    bool card = _i % 2 == 1;
    int64_t refund = _i < 2 ? 100 : 900;
    tea(2);
    (void)with_payment(card ? HF_METHOD_PROVIDER : HF_METHOD_ACCOUNT, 900, HF_SETTLE_CONFIRM);
    put_order();
    if (card) {
        agrees("auth");
        agrees("cap");
    }
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, refund));
    ck_assert_int_eq(row()->given_away, refund);
    if (card)
        agrees("back");
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
    facts_are(1, 900, 900, 0, refund);
    asked_is(1, 0, 0, 0);
}
END_TEST

START_TEST(what_was_given_away_is_not_refunded_twice_by_a_return)
{
    tea(2);
    (void)hf_test_cart_pay(&cart, "anna", 900, HF_SETTLE_CONFIRM);
    put_order();
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, 600));
    ok(fulfil(0, 0));
    ok(take_back(1, 1));
    facts_are(1, 900, 900, 0, 900);
    ok(take_back(1, 1));
    facts_are(1, 900, 900, 0, 900);
    stands(HF_ORDER_CLOSED, 0);
    ck_assert_int_eq(row()->given_away, 0);
    ck_assert_int_eq(hf_test_balance(&fixture, "anna"), 10000);
}
END_TEST

/* A refund that the host gives while the goods have left is no reason to capture anew. */
START_TEST(a_goodwill_refund_of_a_part_is_not_captured_out_of_the_rest)
{
    tea(2);
    (void)with_card(900, HF_SETTLE_FULFIL);
    put_order();
    agrees("auth");
    ok(fulfil(1, 1));
    agrees("cap");
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, 100));
    asked_is(1, 0, 0, 100);
    agrees("back");
    asked_is(1, 0, 0, 0);
    ok(fulfil(1, 1));
    asked_is(1, 450, 0, 0);
    agrees("cap-2");
    facts_are(1, 900, 900, 0, 100);
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

START_TEST(a_host_that_voids_the_last_payment_of_sent_goods_gives_them_away)
{
    bool card = _i == 1;
    tea(2);
    (void)with_payment(card ? HF_METHOD_PROVIDER : HF_METHOD_ACCOUNT, 900, HF_SETTLE_MANUAL);
    put_order();
    if (card)
        agrees("auth");
    ok(fulfil(0, 0));
    stands(HF_ORDER_CONFIRMED, 0);
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_VOID, &order, 1, HF_ALL));
    ck_assert_int_eq(row()->given_away, 900);
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("case_owed");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_loop_test(
        core, the_part_of_a_cancelled_unit_is_voided_whatever_the_payment_settles_on, 0, 4);
    tcase_add_loop_test(
        core, a_part_that_cannot_be_voided_is_barred_and_released_by_the_last_capture, 0, 2);
    tcase_add_loop_test(
        core, a_barred_part_is_voided_with_the_whole_when_nothing_is_needed_any_more, 0, 2);
    tcase_add_loop_test(core, a_provider_that_captures_once_is_asked_when_no_unit_is_open, 0, 3);
    tcase_add_loop_test(core, an_order_that_shrank_can_grow_again, 0, 6);
    tcase_add_loop_test(core, a_dearer_exchange_charges_the_difference_alone, 0, 4);
    tcase_add_loop_test(core, a_cheaper_exchange_refunds_the_difference_alone, 0, 2);
    tcase_add_test(core, an_exchange_whose_total_does_not_add_up_changes_nothing);
    tcase_add_test(core, an_exchange_of_more_than_was_sent_changes_nothing);
    tcase_add_loop_test(core, a_goodwill_refund_is_not_owed_any_more, 0, 4);
    tcase_add_test(core, what_was_given_away_is_not_refunded_twice_by_a_return);
    tcase_add_test(core, a_goodwill_refund_of_a_part_is_not_captured_out_of_the_rest);
    tcase_add_loop_test(core, a_host_that_voids_the_last_payment_of_sent_goods_gives_them_away, 0,
                        2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
