#include "support/check_main.h"
#include "support/shop.h"
#include <stdio.h>
#include <string.h>

static hf_test_fixture fixture;
static hf_test_cart cart;
static hf_id order;

static void open_shop(void)
{
    hf_test_shop_init(&fixture);
    hf_test_cart_init(&fixture, &cart);
    order = cart.args.head.id;
}

static void close_shop(void)
{
    hf_test_fixture_fini(&fixture);
}

static void place(void)
{
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
}

/* 4 tea at 100 and 2 cups at 300, both fulfilled later. */
static void place_confirmed(uint32_t settle_on)
{
    hf_test_cart_line(&cart, "tea", 4, 100, HF_SETTLE_FULFIL);
    hf_test_cart_line(&cart, "cup", 2, 300, HF_SETTLE_FULFIL);
    hf_test_cart_pay(&cart, "anna", 1000, settle_on);
    place();
}

static void fulfil(uint32_t line, int64_t quantity)
{
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, line, quantity), 0);
}

static void cancel(uint32_t line, int64_t quantity)
{
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_CANCEL, &order, line, quantity), 0);
}

static void take_back(uint32_t line, int64_t quantity)
{
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_RETURN, &order, line, quantity), 0);
}

static uint32_t state(void)
{
    return hf_test_order(&fixture, &order)->state;
}

static const hf_payment *payment(uint32_t no)
{
    return hf_test_payment(&fixture, &order, no);
}

static const hf_account *item(const char *sku)
{
    return hf_test_account(&fixture, HF_KIND_ITEM, sku, "pcs");
}

/* ---- fulfil ---- */

START_TEST(fulfilling_posts_units_and_captures_their_share)
{
    place_confirmed(HF_SETTLE_FULFIL);
    fulfil(1, 1);
    ck_assert_int_eq(item("tea")->balance, 99);
    ck_assert_int_eq(item("tea")->held_out, 3);
    ck_assert_int_eq(payment(1)->captured, 100);
    ck_assert_uint_eq(hf_test_view(&fixture)->shipping_state, HF_PROGRESS_PARTIAL);
    ck_assert_uint_eq(hf_test_view(&fixture)->order->version, 2);
    fulfil(2, 2);
    ck_assert_int_eq(payment(1)->captured, 700);
    ck_assert_uint_eq(state(), HF_ORDER_CONFIRMED);
}
END_TEST

START_TEST(fulfilling_everything_closes_the_order)
{
    place_confirmed(HF_SETTLE_FULFIL);
    fulfil(0, 0);
    ck_assert_uint_eq(state(), HF_ORDER_CLOSED);
    ck_assert_int_eq(payment(1)->captured, 1000);
    ck_assert_uint_eq(payment(1)->state, HF_PAYMENT_CLOSED);
    ck_assert_uint_eq(hf_test_view(&fixture)->shipping_state, HF_PROGRESS_FULL);
    ck_assert_uint_eq(hf_test_view(&fixture)->paid_state, HF_PROGRESS_FULL);
}
END_TEST

START_TEST(payments_on_fulfil_are_captured_in_order_of_their_number)
{
    hf_test_cart_line(&cart, "tea", 4, 100, HF_SETTLE_FULFIL);
    hf_test_cart_pay(&cart, "anna", 150, HF_SETTLE_FULFIL);
    hf_test_cart_pay(&cart, "ben", 250, HF_SETTLE_FULFIL);
    place();
    fulfil(1, 1);
    ck_assert_int_eq(payment(1)->captured, 100);
    ck_assert_int_eq(payment(2)->captured, 0);
    fulfil(1, 1);
    ck_assert_int_eq(payment(1)->captured, 150);
    ck_assert_int_eq(payment(2)->captured, 50);
}
END_TEST

START_TEST(a_payment_on_confirm_covers_what_is_due_first)
{
    hf_test_cart_line(&cart, "tea", 4, 100, HF_SETTLE_FULFIL);
    hf_test_cart_pay(&cart, "anna", 150, HF_SETTLE_FULFIL);
    hf_test_cart_pay(&cart, "ben", 250, HF_SETTLE_CONFIRM);
    place();
    ck_assert_int_eq(payment(2)->captured, 250);
    fulfil(1, 2);
    ck_assert_int_eq(payment(1)->captured, 0);
    fulfil(1, 1);
    ck_assert_int_eq(payment(1)->captured, 50);
    fulfil(1, 1);
    ck_assert_int_eq(payment(1)->captured, 150);
    ck_assert_uint_eq(state(), HF_ORDER_CLOSED);
}
END_TEST

START_TEST(a_backorder_ships_when_the_goods_are_there)
{
    const hf_account_key late = hf_test_item("late", "");
    hf_test_stock(&fixture, &late, 0, &(hf_test_limits){.min_available = -5});
    hf_test_cart_line(&cart, "late", 2, 0, HF_SETTLE_FULFIL);
    place();
    hf_test_refused(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 1, 1),
                    HF_E_STOCK_SHORT, "line 1: ITEM late [pcs]: 1 to post, 0 there");
    hf_test_supply(&fixture, &late, 1);
    fulfil(1, 1);
    ck_assert_int_eq(hf_test_at(&fixture, &late)->balance, 0);
}
END_TEST

START_TEST(units_leave_the_first_place_first)
{
    static const char *const places[] = {"a", "b"};
    const hf_account_key a = hf_test_item("oil", "a");
    const hf_account_key b = hf_test_item("oil", "b");
    hf_test_stock(&fixture, &a, 3, NULL);
    hf_test_stock(&fixture, &b, 3, NULL);
    hf_line_args *oil = hf_test_cart_line(&cart, "oil", 5, 0, HF_SETTLE_FULFIL);
    oil->places = places;
    oil->place_count = 2;
    place();
    fulfil(1, 2);
    ck_assert_int_eq(hf_test_at(&fixture, &a)->balance, 1);
    cancel(1, 1);
    ck_assert_int_eq(hf_test_at(&fixture, &b)->held_out, 1);
    fulfil(1, 2);
    ck_assert_int_eq(hf_test_at(&fixture, &a)->balance, 0);
    ck_assert_int_eq(hf_test_at(&fixture, &b)->balance, 2);
    take_back(1, 2);
    ck_assert_int_eq(hf_test_at(&fixture, &b)->balance, 3);
    ck_assert_int_eq(hf_test_at(&fixture, &a)->balance, 1);
}
END_TEST

START_TEST(a_kit_is_handed_over_and_taken_back_whole)
{
    const hf_leg_args legs[] = {
        {.from = hf_test_item("tea", ""), .per_unit = 3},
        {.from = hf_test_item("cup", ""), .to = hf_test_item("cup", "bag"), .per_unit = 1},
    };
    hf_test_stock(&fixture, &legs[1].to, 0, NULL);
    hf_line_args *kit = hf_test_cart_line(&cart, "tea set", 4, 0, HF_SETTLE_FULFIL);
    kit->legs = legs;
    kit->leg_count = 2;
    place();
    ck_assert_int_eq(hf_test_at(&fixture, &legs[1].to)->held_in, 4);
    fulfil(1, 2);
    ck_assert_int_eq(item("tea")->balance, 94);
    ck_assert_int_eq(hf_test_at(&fixture, &legs[1].to)->balance, 2);
    take_back(1, 1);
    ck_assert_int_eq(item("tea")->balance, 97);
    ck_assert_int_eq(hf_test_at(&fixture, &legs[1].to)->balance, 1);
    cancel(0, 0);
    ck_assert_uint_eq(state(), HF_ORDER_CLOSED);
    ck_assert_int_eq(hf_test_at(&fixture, &legs[1].to)->held_in, 0);
}
END_TEST

/* ---- cancel ---- */

START_TEST(cancelling_units_releases_and_voids_what_nothing_needs)
{
    place_confirmed(HF_SETTLE_FULFIL);
    cancel(2, 1);
    ck_assert_int_eq(item("cup")->held_out, 1);
    ck_assert_int_eq(payment(1)->voided, 300);
    ck_assert_uint_eq(state(), HF_ORDER_CONFIRMED);
    fulfil(0, 0);
    ck_assert_int_eq(payment(1)->captured, 700);
    ck_assert_uint_eq(state(), HF_ORDER_CLOSED);
}
END_TEST

START_TEST(cancelling_units_refunds_what_was_captured_for_them)
{
    place_confirmed(HF_SETTLE_CONFIRM);
    ck_assert_int_eq(payment(1)->captured, 1000);
    cancel(1, 3);
    ck_assert_int_eq(payment(1)->refunded, 300);
    ck_assert_int_eq(hf_test_balance(&fixture, "anna"), 9300);
    ck_assert_uint_eq(hf_test_view(&fixture)->refund_state, HF_PROGRESS_PARTIAL);
}
END_TEST

START_TEST(cancelling_refunds_only_what_was_captured_beyond_what_remains_due)
{
    hf_test_cart_line(&cart, "tea", 3, 10, HF_SETTLE_FULFIL);
    hf_test_cart_pay(&cart, "anna", 25, HF_SETTLE_CONFIRM);
    hf_test_cart_pay(&cart, "ben", 5, HF_SETTLE_FULFIL);
    place();
    cancel(1, 1);
    ck_assert_int_eq(payment(1)->refunded, 5);
    ck_assert_int_eq(payment(2)->voided, 5);
    cancel(1, 1);
    ck_assert_int_eq(payment(1)->refunded, 15);
}
END_TEST

START_TEST(cancelling_every_unit_cancels_the_order)
{
    place_confirmed(HF_SETTLE_FULFIL);
    cancel(0, 0);
    ck_assert_uint_eq(state(), HF_ORDER_CANCELLED);
    ck_assert_int_eq(payment(1)->voided, 1000);
    ck_assert_int_eq(item("tea")->held_out, 0);
}
END_TEST

START_TEST(cancelling_every_unit_ends_manual_payments_too)
{
    place_confirmed(HF_SETTLE_MANUAL);
    cancel(0, 0);
    ck_assert_uint_eq(state(), HF_ORDER_CANCELLED);
    ck_assert_int_eq(payment(1)->voided, 1000);
}
END_TEST

START_TEST(a_pending_order_is_cancelled_whole)
{
    hf_test_cart_line(&cart, "tea", 4, 100, HF_SETTLE_CONFIRM);
    hf_test_cart_pay(&cart, "anna", 100, HF_SETTLE_CONFIRM);
    cart.args.deadline_ms = fixture.now_ms + 1000;
    place();
    hf_test_refused(&fixture, hf_test_units(&fixture, HF_OP_ORDER_CANCEL, &order, 1, 1),
                    HF_E_ORDER_STATE, "the order is not confirmed: it can only be cancelled whole");
    cancel(0, 0);
    ck_assert_uint_eq(state(), HF_ORDER_CANCELLED);
    ck_assert_int_eq(item("tea")->held_out, 0);
    ck_assert_int_eq(payment(1)->voided, 100);
    ck_assert_int_eq(hf_test_line(&fixture, &order, 1)->cancelled, 4);
}
END_TEST

/* Runs a cancel or return with a refund mode. */
static int refund_by(uint32_t type, uint32_t mode, const hf_payment_amount *named, uint32_t count)
{
    hf_order_units_args args;
    hf_order_units_init(&args, &order);
    args.refund_mode = mode;
    args.refunds = named;
    args.refund_count = count;
    return hf_test_shop_run(&fixture, type, &args);
}

START_TEST(a_cancellation_may_refund_nothing)
{
    place_confirmed(HF_SETTLE_CONFIRM);
    hf_test_is(&fixture, refund_by(HF_OP_ORDER_CANCEL, HF_REFUND_NONE, NULL, 0), 0);
    ck_assert_uint_eq(state(), HF_ORDER_CANCELLED);
    ck_assert_int_eq(payment(1)->refunded, 0);
}
END_TEST

START_TEST(a_cancellation_may_name_what_it_refunds)
{
    place_confirmed(HF_SETTLE_CONFIRM);
    const hf_payment_amount fee = {.payment = payment(1)->id, .amount = 950};
    hf_test_is(&fixture, refund_by(HF_OP_ORDER_CANCEL, HF_REFUND_NAMED, &fee, 1), 0);
    ck_assert_int_eq(payment(1)->refunded, 950);
}
END_TEST

/* ---- return ---- */

START_TEST(a_return_takes_units_back_and_refunds_their_share)
{
    place_confirmed(HF_SETTLE_FULFIL);
    fulfil(0, 0);
    take_back(2, 1);
    ck_assert_int_eq(item("cup")->balance, 99);
    ck_assert_int_eq(payment(1)->refunded, 300);
    ck_assert_uint_eq(state(), HF_ORDER_CLOSED);
    ck_assert_uint_eq(hf_test_view(&fixture)->return_state, HF_PROGRESS_PARTIAL);
    take_back(0, 0);
    ck_assert_int_eq(payment(1)->refunded, 1000);
    ck_assert_uint_eq(hf_test_view(&fixture)->return_state, HF_PROGRESS_FULL);
    ck_assert_uint_eq(hf_test_view(&fixture)->refund_state, HF_PROGRESS_FULL);
    ck_assert_int_eq(hf_test_balance(&fixture, "anna"), 10000);
}
END_TEST

START_TEST(a_return_that_refunds_nothing_keeps_all_that_is_left_after_a_goodwill_refund)
{
    place_confirmed(HF_SETTLE_FULFIL);
    fulfil(0, 0);
    hf_test_is(&fixture, hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, 100), 0);
    ck_assert_int_eq(hf_test_order(&fixture, &order)->given_away, 100);
    hf_test_is(&fixture, refund_by(HF_OP_ORDER_RETURN, HF_REFUND_NONE, NULL, 0), 0);
    ck_assert_int_eq(hf_test_order(&fixture, &order)->kept, 900);
    ck_assert_int_eq(hf_test_order(&fixture, &order)->given_away, 0);
    ck_assert_int_eq(payment(1)->refunded, 100);
}
END_TEST

START_TEST(a_return_in_the_middle_refunds_what_was_captured_for_it)
{
    place_confirmed(HF_SETTLE_FULFIL);
    fulfil(1, 2);
    take_back(1, 1);
    ck_assert_int_eq(payment(1)->captured, 200);
    ck_assert_int_eq(payment(1)->refunded, 100);
    fulfil(0, 0);
    ck_assert_int_eq(payment(1)->captured, 1000);
    ck_assert_int_eq(payment(1)->refunded, 100);
}
END_TEST

START_TEST(refunds_go_back_in_reverse_order_of_payments)
{
    hf_test_cart_line(&cart, "tea", 4, 100, HF_SETTLE_CONFIRM);
    hf_test_cart_pay(&cart, "anna", 250, HF_SETTLE_CONFIRM);
    hf_test_cart_pay(&cart, "ben", 150, HF_SETTLE_CONFIRM);
    place();
    take_back(1, 2);
    ck_assert_int_eq(payment(2)->refunded, 150);
    ck_assert_int_eq(payment(1)->refunded, 50);
}
END_TEST

START_TEST(scrapped_units_are_counted_but_do_not_come_back)
{
    place_confirmed(HF_SETTLE_FULFIL);
    fulfil(0, 0);
    hf_order_units_args args;
    hf_order_units_init(&args, &order);
    const hf_line_quantity one = {.line = 1, .quantity = 1, .scrap = 1};
    args.lines = &one;
    args.line_count = 1;
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_ORDER_RETURN, &args), 0);
    ck_assert_int_eq(item("tea")->balance, 96);
    ck_assert_int_eq(hf_test_line(&fixture, &order, 1)->returned, 1);
    ck_assert_int_eq(payment(1)->refunded, 100);
}
END_TEST

START_TEST(a_goodwill_refund_is_not_taken_again)
{
    place_confirmed(HF_SETTLE_FULFIL);
    fulfil(1, 4);
    hf_test_is(&fixture, hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, 50), 0);
    fulfil(0, 0);
    ck_assert_int_eq(payment(1)->captured, 1000);
    ck_assert_int_eq(payment(1)->refunded, 50);
    take_back(0, 0);
    ck_assert_int_eq(payment(1)->refunded, 1000);
}
END_TEST

START_TEST(a_return_may_name_what_it_refunds)
{
    place_confirmed(HF_SETTLE_CONFIRM);
    fulfil(0, 0);
    const hf_id other = hf_test_id(&fixture);
    char detail[96];
    char text[37];
    const hf_payment_amount foreign = {.payment = other, .amount = 1};
    (void)snprintf(detail, sizeof detail, "refund 1: the order has no payment %s",
                   hf_id_format(&other, text));
    hf_test_refused(&fixture, refund_by(HF_OP_ORDER_RETURN, HF_REFUND_NAMED, &foreign, 1),
                    HF_E_NOT_FOUND, detail);
    hf_payment_amount named = {.payment = payment(1)->id, .amount = 1001};
    hf_test_refused(&fixture, refund_by(HF_OP_ORDER_RETURN, HF_REFUND_NAMED, &named, 1),
                    HF_E_OVER_REFUND, "refund 1: payment 1: 1001 wanted, 1000 can be refunded");
    named.amount = 1;
    hf_test_is(&fixture, refund_by(HF_OP_ORDER_RETURN, HF_REFUND_NAMED, &named, 1), 0);
    ck_assert_int_eq(payment(1)->refunded, 1);
}
END_TEST

START_TEST(a_refund_that_does_not_fit_the_wallet_refuses_the_return)
{
    place_confirmed(HF_SETTLE_CONFIRM);
    fulfil(0, 0);
    const hf_account_key anna = {.kind = HF_KIND_MONEY, .name = "anna", .place = "", .unit = "EUR"};
    hf_test_stock(&fixture, &anna, 0, &(hf_test_limits){.max_balance = 9999});
    hf_test_refused(&fixture, hf_test_units(&fixture, HF_OP_ORDER_RETURN, &order, 0, 0),
                    HF_E_MAX_BALANCE, "payment 1: MONEY anna [EUR]: 1000 would come in, 999 fit");
}
END_TEST

/* ---- refusals ---- */

static const struct {
    uint32_t type;
    uint32_t line;
    int64_t quantity;
    int error;
    const char *detail;
} refusals[] = {
    {HF_OP_ORDER_FULFIL, 3, 1, HF_E_LINE_UNKNOWN, "line 3 of 2"},
    {HF_OP_ORDER_FULFIL, 1, 4, HF_E_OVER_FULFIL, "line 1: 4 wanted, 2 open"},
    {HF_OP_ORDER_CANCEL, 1, 3, HF_E_OVER_CANCEL, "line 1: 3 wanted, 2 unfulfilled"},
    {HF_OP_ORDER_CANCEL, 9, 3, HF_E_LINE_UNKNOWN, "line 9 of 2"},
    {HF_OP_ORDER_RETURN, 1, 2, HF_E_OVER_RETURN, "line 1: 2 wanted, 1 fulfilled and not returned"},
    {HF_OP_ORDER_RETURN, 2, HF_ALL, HF_E_OVER_RETURN,
     "line 2: 1 wanted, 0 fulfilled and not returned"},
};

START_TEST(more_than_is_left_is_refused_with_what_is_left)
{
    place_confirmed(HF_SETTLE_FULFIL);
    fulfil(1, 1);
    cancel(1, 1);
    hf_test_refused(&fixture,
                    hf_test_units(&fixture, refusals[_i].type, &order, refusals[_i].line,
                                  refusals[_i].quantity),
                    refusals[_i].error, refusals[_i].detail);
}
END_TEST

static const uint32_t types[] = {HF_OP_ORDER_FULFIL, HF_OP_ORDER_CANCEL, HF_OP_ORDER_RETURN};

START_TEST(an_unknown_order_is_not_found)
{
    const hf_id id = hf_test_id(&fixture);
    char detail[64];
    char text[37];
    (void)snprintf(detail, sizeof detail, "order %s", hf_id_format(&id, text));
    hf_test_refused(&fixture, hf_test_units(&fixture, types[_i], &id, 0, 0), HF_E_NOT_FOUND,
                    detail);
}
END_TEST

START_TEST(a_pending_order_past_its_deadline_refuses_commands)
{
    hf_test_cart_line(&cart, "tea", 4, 100, HF_SETTLE_CONFIRM);
    cart.args.deadline_ms = fixture.now_ms + 10;
    place();
    fixture.now_ms += 11;
    hf_test_refused(&fixture, hf_test_units(&fixture, types[_i], &order, 0, 0), HF_E_EXPIRED,
                    "the order's deadline was 1 ms ago");
    ck_assert_uint_eq(hf_test_expire(&fixture).count, 1);
    ck_assert_uint_eq(state(), HF_ORDER_EXPIRED);
    ck_assert_int_eq(item("tea")->held_out, 0);
}
END_TEST

START_TEST(a_cancelled_order_refuses_everything)
{
    static const char *const events[] = {"FULFIL", "CANCEL_UNITS", "RETURN"};
    place_confirmed(HF_SETTLE_FULFIL);
    cancel(0, 0);
    char detail[64];
    (void)snprintf(detail, sizeof detail, "the order is CANCELLED: %s is not possible", events[_i]);
    hf_test_refused(&fixture, hf_test_units(&fixture, types[_i], &order, 0, 0), HF_E_ORDER_STATE,
                    detail);
}
END_TEST

START_TEST(when_nothing_is_left_everything_is_refused)
{
    static const char *const left[] = {"open", "unfulfilled", "fulfilled and not returned"};
    place_confirmed(HF_SETTLE_MANUAL);
    fulfil(0, 0);
    if (types[_i] == HF_OP_ORDER_RETURN)
        take_back(0, 0);
    char detail[64];
    (void)snprintf(detail, sizeof detail, "no unit of the order is %s", left[_i]);
    static const int errors[] = {HF_E_OVER_FULFIL, HF_E_OVER_CANCEL, HF_E_OVER_RETURN};
    hf_test_refused(&fixture, hf_test_units(&fixture, types[_i], &order, 0, 0), errors[_i], detail);
}
END_TEST

START_TEST(a_fulfilment_with_refunds_is_refused)
{
    place_confirmed(HF_SETTLE_FULFIL);
    hf_test_refused(&fixture, refund_by(HF_OP_ORDER_FULFIL, HF_REFUND_NONE, NULL, 0), HF_E_ARGUMENT,
                    "a fulfilment refunds nothing");
}
END_TEST

START_TEST(a_stale_version_is_refused)
{
    place_confirmed(HF_SETTLE_FULFIL);
    hf_order_units_args args;
    hf_order_units_init(&args, &order);
    args.head.expected_version = 1;
    const hf_line_quantity one = {.line = 1, .quantity = 1};
    args.lines = &one;
    args.line_count = 1;
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_ORDER_FULFIL, &args), 0);
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_ORDER_FULFIL, &args), HF_E_VERSION_MOVED);
}
END_TEST

START_TEST(a_repeated_fulfilment_acts_once)
{
    place_confirmed(HF_SETTLE_FULFIL);
    hf_order_units_args args;
    hf_order_units_init(&args, &order);
    args.head.id = hf_test_id(&fixture);
    const hf_line_quantity one = {.line = 1, .quantity = 1};
    args.lines = &one;
    args.line_count = 1;
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_ORDER_FULFIL, &args), 0);
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_ORDER_FULFIL, &args), 0);
    ck_assert_int_eq(hf_test_line(&fixture, &order, 1)->fulfilled, 1);
}
END_TEST

static void add_fulfil(TCase *core)
{
    tcase_add_test(core, fulfilling_posts_units_and_captures_their_share);
    tcase_add_test(core, fulfilling_everything_closes_the_order);
    tcase_add_test(core, payments_on_fulfil_are_captured_in_order_of_their_number);
    tcase_add_test(core, a_payment_on_confirm_covers_what_is_due_first);
    tcase_add_test(core, a_backorder_ships_when_the_goods_are_there);
    tcase_add_test(core, units_leave_the_first_place_first);
    tcase_add_test(core, a_kit_is_handed_over_and_taken_back_whole);
}

static void add_cancel(TCase *core)
{
    tcase_add_test(core, cancelling_units_releases_and_voids_what_nothing_needs);
    tcase_add_test(core, cancelling_units_refunds_what_was_captured_for_them);
    tcase_add_test(core, cancelling_refunds_only_what_was_captured_beyond_what_remains_due);
    tcase_add_test(core, cancelling_every_unit_cancels_the_order);
    tcase_add_test(core, cancelling_every_unit_ends_manual_payments_too);
    tcase_add_test(core, a_pending_order_is_cancelled_whole);
    tcase_add_test(core, a_cancellation_may_refund_nothing);
    tcase_add_test(core, a_cancellation_may_name_what_it_refunds);
}

static void add_return(TCase *core)
{
    tcase_add_test(core, a_return_takes_units_back_and_refunds_their_share);
    tcase_add_test(core,
                   a_return_that_refunds_nothing_keeps_all_that_is_left_after_a_goodwill_refund);
    tcase_add_test(core, a_return_in_the_middle_refunds_what_was_captured_for_it);
    tcase_add_test(core, refunds_go_back_in_reverse_order_of_payments);
    tcase_add_test(core, scrapped_units_are_counted_but_do_not_come_back);
    tcase_add_test(core, a_goodwill_refund_is_not_taken_again);
    tcase_add_test(core, a_return_may_name_what_it_refunds);
    tcase_add_test(core, a_refund_that_does_not_fit_the_wallet_refuses_the_return);
}

static void add_refusals(TCase *core)
{
    tcase_add_loop_test(core, more_than_is_left_is_refused_with_what_is_left, 0,
                        sizeof refusals / sizeof refusals[0]);
    tcase_add_loop_test(core, an_unknown_order_is_not_found, 0, 3);
    tcase_add_loop_test(core, a_pending_order_past_its_deadline_refuses_commands, 0, 3);
    tcase_add_loop_test(core, a_cancelled_order_refuses_everything, 0, 3);
    tcase_add_loop_test(core, when_nothing_is_left_everything_is_refused, 0, 3);
    tcase_add_test(core, a_fulfilment_with_refunds_is_refused);
    tcase_add_test(core, a_stale_version_is_refused);
    tcase_add_test(core, a_repeated_fulfilment_acts_once);
}

int main(void)
{
    Suite *suite = suite_create("order_units");
    static void (*const parts[])(TCase *) = {add_fulfil, add_cancel, add_return, add_refusals};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        TCase *core = tcase_create("core");
        tcase_add_checked_fixture(core, open_shop, close_shop);
        parts[i](core);
        suite_add_tcase(suite, core);
    }
    return hf_test_main(suite);
}
