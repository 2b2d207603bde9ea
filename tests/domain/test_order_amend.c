#include "support/check_main.h"
#include "support/shop.h"
#include <stdio.h>
#include <string.h>

static hf_test_fixture fixture;
static hf_test_cart cart; /* the order */
static hf_test_cart more; /* what is added to it */
static hf_line_change changes[4];
static hf_order_amend_args args;
static hf_id order;

static void open_shop(void)
{
    hf_test_shop_init(&fixture);
    hf_test_cart_init(&fixture, &cart);
    hf_test_cart_init(&fixture, &more);
    order = cart.args.head.id;
    hf_order_amend_init(&args, &order);
    args.changes = changes;
    args.lines = more.lines;
    args.adjustments = more.adjustments;
    args.payments = more.payments;
}

static void close_shop(void)
{
    hf_test_fixture_fini(&fixture);
}

/* 4 tea at 100, until a deadline unless it is paid. */
static void place(uint32_t line_settles, int64_t paid, uint32_t payment_settles)
{
    hf_test_cart_line(&cart, "tea", 4, 100, line_settles);
    if (paid > 0)
        hf_test_cart_pay(&cart, "anna", paid, payment_settles);
    cart.args.deadline_ms = fixture.now_ms + 1000;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
}

static void change(uint32_t line, int64_t quantity, int64_t unit_price)
{
    changes[args.change_count++] =
        (hf_line_change){.line = line, .quantity = quantity, .unit_price = unit_price};
}

static int amend(int64_t total)
{
    args.total = total;
    args.line_count = more.args.line_count;
    args.adjustment_count = more.args.adjustment_count;
    args.payment_count = more.args.payment_count;
    return hf_test_shop_run(&fixture, HF_OP_ORDER_AMEND, &args);
}

static const hf_order *stored(void)
{
    return hf_test_order(&fixture, &order);
}

static const hf_order_line *line(uint32_t no)
{
    return hf_test_line(&fixture, &order, no);
}

static const hf_payment *payment(uint32_t no)
{
    return hf_test_payment(&fixture, &order, no);
}

static const hf_account *item(const char *sku)
{
    return hf_test_account(&fixture, HF_KIND_ITEM, sku, "pcs");
}

START_TEST(a_pending_line_grows_and_holds_more)
{
    place(HF_SETTLE_CONFIRM, 0, 0);
    change(1, 6, 100);
    hf_test_is(&fixture, amend(600), 0);
    ck_assert_uint_eq(stored()->state, HF_ORDER_PENDING);
    ck_assert_int_eq(stored()->total, 600);
    ck_assert_uint_eq(stored()->version, 2);
    ck_assert_int_eq(item("tea")->held_out, 6);
    ck_assert_int_eq(line(1)->leg.deadline_ms, fixture.now_ms + 1000);
}
END_TEST

START_TEST(a_line_that_shrinks_below_what_was_paid_confirms_the_order)
{
    place(HF_SETTLE_FULFIL, 200, HF_SETTLE_FULFIL);
    change(1, 2, 100);
    hf_test_is(&fixture, amend(200), 0);
    ck_assert_uint_eq(stored()->state, HF_ORDER_CONFIRMED);
    ck_assert_int_eq(item("tea")->held_out, 2);
}
END_TEST

START_TEST(a_payment_above_a_shrunk_total_is_captured_up_to_it)
{
    place(HF_SETTLE_CONFIRM, 300, HF_SETTLE_CONFIRM);
    change(1, 2, 100);
    hf_test_is(&fixture, amend(200), 0);
    ck_assert_uint_eq(stored()->state, HF_ORDER_CLOSED);
    ck_assert_int_eq(payment(1)->captured, 200);
    ck_assert_int_eq(payment(1)->voided, 100);
}
END_TEST

START_TEST(deadline_and_reference_of_a_pending_order_move)
{
    place(HF_SETTLE_CONFIRM, 100, HF_SETTLE_CONFIRM);
    args.mask = HF_AMEND_DEADLINE | HF_AMEND_EXTERNAL_REF;
    args.deadline_ms = fixture.now_ms + 5000;
    args.external_ref = "web-17";
    hf_test_is(&fixture, amend(400), 0);
    ck_assert_int_eq(stored()->deadline_ms, fixture.now_ms + 5000);
    ck_assert_int_eq(line(1)->leg.deadline_ms, fixture.now_ms + 5000);
    ck_assert_int_eq(payment(1)->deadline_ms, fixture.now_ms + 5000);
    ck_assert_str_eq(stored()->external_ref.text, "web-17");
    args.mask = HF_AMEND_DEADLINE;
    args.deadline_ms = 0;
    hf_test_is(&fixture, amend(400), 0);
    ck_assert_int_eq(line(1)->leg.deadline_ms, 0);
}
END_TEST

START_TEST(lines_adjustments_and_payments_are_added)
{
    place(HF_SETTLE_FULFIL, 400, HF_SETTLE_FULFIL);
    hf_test_cart_line(&more, "cup", 2, 300, HF_SETTLE_CONFIRM);
    hf_test_cart_adjust(&more, 2, -100);
    hf_test_cart_adjust(&more, 0, 50);
    hf_test_cart_pay(&more, "ben", 550, HF_SETTLE_CONFIRM);
    hf_test_is(&fixture, amend(950), 0);
    ck_assert_uint_eq(stored()->line_count, 2);
    ck_assert_uint_eq(stored()->adjustment_count, 2);
    ck_assert_int_eq(line(2)->fulfilled, 2);
    ck_assert_int_eq(line(2)->total, 500);
    ck_assert_int_eq(item("cup")->balance, 98);
    ck_assert_int_eq(payment(2)->captured, 550);
    ck_assert_uint_eq(hf_test_view(&fixture)->line_count, 2);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 0, 0), 0);
    ck_assert_uint_eq(stored()->state, HF_ORDER_CLOSED);
    ck_assert_int_eq(payment(1)->captured, 400);
}
END_TEST

START_TEST(a_confirmed_line_that_settled_grows_and_settles)
{
    place(HF_SETTLE_CONFIRM, 400, HF_SETTLE_MANUAL);
    ck_assert_uint_eq(stored()->state, HF_ORDER_CONFIRMED);
    change(1, 5, 100);
    hf_test_cart_pay(&more, "ben", 100, HF_SETTLE_CONFIRM);
    hf_test_is(&fixture, amend(500), 0);
    ck_assert_int_eq(line(1)->fulfilled, 5);
    ck_assert_int_eq(item("tea")->balance, 95);
    ck_assert_int_eq(item("tea")->held_out, 0);
}
END_TEST

START_TEST(a_confirmed_line_that_shrinks_is_refunded)
{
    place(HF_SETTLE_FULFIL, 400, HF_SETTLE_CONFIRM);
    change(1, 3, 100);
    hf_test_is(&fixture, amend(300), 0);
    ck_assert_int_eq(payment(1)->refunded, 100);
    ck_assert_int_eq(item("tea")->held_out, 3);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 0, 0), 0);
    ck_assert_uint_eq(stored()->state, HF_ORDER_CLOSED);
}
END_TEST

START_TEST(a_confirmed_line_that_shrinks_to_what_is_fulfilled_closes_the_order)
{
    place(HF_SETTLE_FULFIL, 400, HF_SETTLE_FULFIL);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 1, 3), 0);
    change(1, 3, 100);
    hf_test_is(&fixture, amend(300), 0);
    ck_assert_uint_eq(stored()->state, HF_ORDER_CLOSED);
    ck_assert_int_eq(payment(1)->captured, 300);
    ck_assert_int_eq(payment(1)->voided, 100);
}
END_TEST

START_TEST(a_price_changes_while_nothing_is_fulfilled)
{
    place(HF_SETTLE_FULFIL, 400, HF_SETTLE_FULFIL);
    change(1, 4, 90);
    hf_test_is(&fixture, amend(360), 0);
    ck_assert_int_eq(payment(1)->voided, 40);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 1, 1), 0);
    ck_assert_int_eq(payment(1)->captured, 90);
}
END_TEST

START_TEST(what_shrinks_serves_what_grows)
{
    hf_test_cart_line(&cart, "tea", 60, 0, HF_SETTLE_FULFIL);
    hf_test_cart_line(&cart, "tea", 40, 0, HF_SETTLE_FULFIL);
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    change(1, 70, 0);
    change(2, 30, 0);
    hf_test_is(&fixture, amend(0), 0);
    ck_assert_int_eq(line(1)->leg.units, 70);
    ck_assert_int_eq(item("tea")->held_out, 100);
}
END_TEST

START_TEST(a_split_line_grows_and_shrinks_over_its_places)
{
    static const char *const places[] = {"a", "b"};
    const hf_account_key a = hf_test_item("oil", "a");
    const hf_account_key b = hf_test_item("oil", "b");
    hf_test_stock(&fixture, &a, 3, NULL);
    hf_test_stock(&fixture, &b, 9, NULL);
    hf_line_args *oil = hf_test_cart_line(&cart, "oil", 4, 0, HF_SETTLE_FULFIL);
    oil->places = places;
    oil->place_count = 2;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    hf_test_supply(&fixture, &a, 2);
    change(1, 8, 0);
    hf_test_is(&fixture, amend(0), 0);
    ck_assert_int_eq(hf_test_at(&fixture, &a)->held_out, 5);
    ck_assert_int_eq(hf_test_at(&fixture, &b)->held_out, 3);
    args.change_count = 0;
    change(1, 4, 0);
    hf_test_is(&fixture, amend(0), 0);
    ck_assert_int_eq(hf_test_at(&fixture, &a)->held_out, 4);
    ck_assert_int_eq(hf_test_at(&fixture, &b)->held_out, 0);
}
END_TEST

START_TEST(a_line_added_to_an_order_that_might_have_waited_is_split)
{
    static const char *const places[] = {"a", "b"};
    const hf_account_key a = hf_test_item("oil", "a");
    const hf_account_key b = hf_test_item("oil", "b");
    hf_test_stock(&fixture, &a, 3, NULL);
    hf_test_stock(&fixture, &b, 9, NULL);
    cart.args.policy = HF_ORDER_QUEUE;
    place(HF_SETTLE_FULFIL, 0, 0);
    hf_line_args *oil = hf_test_cart_line(&more, "oil", 4, 0, HF_SETTLE_FULFIL);
    oil->places = places;
    oil->place_count = 2;
    hf_test_is(&fixture, amend(400), 0);
    ck_assert_int_eq(hf_test_at(&fixture, &a)->held_out, 3);
    ck_assert_int_eq(hf_test_at(&fixture, &b)->held_out, 1);
}
END_TEST

START_TEST(an_order_that_pays_later_may_grow_without_payments)
{
    cart.args.policy = HF_ORDER_PAY_LATER;
    place(HF_SETTLE_FULFIL, 0, 0);
    change(1, 5, 100);
    hf_test_is(&fixture, amend(500), 0);
    ck_assert_uint_eq(stored()->state, HF_ORDER_CONFIRMED);
}
END_TEST

/* ---- refusals ---- */

static void unpaid(void)
{
    place(HF_SETTLE_FULFIL, 400, HF_SETTLE_FULFIL);
    change(1, 5, 100);
}

static void over_paid(void)
{
    place(HF_SETTLE_FULFIL, 400, HF_SETTLE_FULFIL);
    hf_test_cart_pay(&more, "ben", 1, HF_SETTLE_CONFIRM);
}

static void below_fulfilled(void)
{
    place(HF_SETTLE_FULFIL, 400, HF_SETTLE_FULFIL);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 1, 2), 0);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_CANCEL, &order, 1, 1), 0);
    change(1, 2, 100);
}

static void price_of_fulfilled(void)
{
    place(HF_SETTLE_FULFIL, 400, HF_SETTLE_FULFIL);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 1, 2), 0);
    change(1, 4, 101);
}

static void line_unknown(void)
{
    place(HF_SETTLE_CONFIRM, 0, 0);
    change(2, 4, 100);
}

static void total_wrong(void)
{
    place(HF_SETTLE_CONFIRM, 0, 0);
    change(1, 3, 100);
}

static void short_of_stock(void)
{
    place(HF_SETTLE_CONFIRM, 0, 0);
    change(1, 101, 0);
}

static void deadline_of_confirmed(void)
{
    place(HF_SETTLE_FULFIL, 400, HF_SETTLE_FULFIL);
    args.mask = HF_AMEND_DEADLINE;
}

static void deadline_past(void)
{
    place(HF_SETTLE_CONFIRM, 0, 0);
    args.mask = HF_AMEND_DEADLINE;
    args.deadline_ms = fixture.now_ms - 1;
}

static void expired(void)
{
    place(HF_SETTLE_CONFIRM, 0, 0);
    fixture.now_ms += 1500;
}

static void closed(void)
{
    place(HF_SETTLE_CONFIRM, 400, HF_SETTLE_CONFIRM);
}

static void too_many_lines(void)
{
    place(HF_SETTLE_CONFIRM, 0, 0);
    more.args.line_count = HF_LINES_MAX;
    static hf_line_args lines[HF_LINES_MAX];
    for (uint32_t i = 0; i < HF_LINES_MAX; i++)
        hf_line_init(&lines[i], "cup", 1, 0);
    args.lines = lines;
}

static void missing(void)
{
    memset(args.order.bytes, 7, sizeof args.order.bytes);
}

static const struct {
    void (*prepare)(void);
    int64_t total;
    int error;
    const char *detail;
} refusals[] = {
    {unpaid, 500, HF_E_UNPAID, "payments cover 400, but 500 are owed"},
    {over_paid, 400, HF_E_OVER_PAID, "payment 2: 1, but only 0 of 400 are not covered yet"},
    {below_fulfilled, 200, HF_E_OVER_CANCEL,
     "line 1: 2 wanted, but 2 are fulfilled and 1 cancelled"},
    {price_of_fulfilled, 404, HF_E_ORDER_STATE, "line 1: 2 are fulfilled, so its price stays"},
    {line_unknown, 400, HF_E_LINE_UNKNOWN, "line 2 of 1"},
    {total_wrong, 400, HF_E_TOTAL, "lines and adjustments give 300, not 400"},
    {short_of_stock, 0, HF_E_STOCK_SHORT, "line 1: ITEM tea [pcs]: 97 wanted, 96 available"},
    {deadline_of_confirmed, 400, HF_E_ORDER_STATE,
     "the order is confirmed: it has no deadline any more"},
    {deadline_past, 400, HF_E_DEADLINE, "the deadline is 1 ms in the past"},
    {expired, 400, HF_E_EXPIRED, "the order's deadline was 500 ms ago"},
    {closed, 400, HF_E_ORDER_STATE, "the order is CLOSED: AMEND is not possible"},
    {too_many_lines, 400, HF_E_TOO_MANY, "4096 lines more than the 1 there are"},
    {missing, 400, HF_E_NOT_FOUND, "order 07070707-0707-0707-0707-070707070707"},
};

START_TEST(a_change_that_does_not_fit_is_refused_whole)
{
    refusals[_i].prepare();
    int status = amend(refusals[_i].total);
    hf_test_is(&fixture, status, refusals[_i].error);
    if (refusals[_i].detail != NULL)
        ck_assert_str_eq(fixture.detail.text, refusals[_i].detail);
}
END_TEST

/* When tea is short, what is due expires before the order is amended, and the order with it. */
START_TEST(an_order_past_its_deadline_has_expired_for_an_amendment_that_is_short_and_for_another)
{
    static const int64_t quantities[] = {6, 101};
    place(HF_SETTLE_CONFIRM, 0, 0);
    fixture.now_ms += 1500;
    change(1, quantities[_i], 100);
    hf_test_is(&fixture, amend(100 * quantities[_i]), HF_E_EXPIRED);
    ck_assert_uint_eq(stored()->state, _i == 0 ? HF_ORDER_PENDING : HF_ORDER_EXPIRED);
    ck_assert_str_eq(fixture.detail.text, _i == 0 ? "the order's deadline was 500 ms ago"
                                                  : "the order expired 0 ms ago");
}
END_TEST

START_TEST(an_order_that_has_expired_is_not_amended)
{
    place(HF_SETTLE_CONFIRM, 0, 0);
    fixture.now_ms += 1500;
    ck_assert_uint_eq(hf_test_expire(&fixture).count, 1);
    fixture.now_ms += 10;
    change(1, 6, 100);
    hf_test_is(&fixture, amend(600), HF_E_EXPIRED);
    ck_assert_str_eq(fixture.detail.text, "the order expired 10 ms ago");
}
END_TEST

START_TEST(what_was_refunded_for_cancelled_units_grows_again_against_new_money)
{
    place(HF_SETTLE_FULFIL, 400, HF_SETTLE_CONFIRM);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_CANCEL, &order, 1, 1), 0);
    change(1, 5, 100);
    hf_test_cart_pay(&more, "ben", 100, HF_SETTLE_CONFIRM);
    more.args.payment_count = 0;
    hf_test_refused(&fixture, amend(500), HF_E_UNPAID, "payments cover 300, but 400 are owed");
    more.args.payment_count = 1;
    hf_test_is(&fixture, amend(500), 0);
    ck_assert_int_eq(hf_test_balance(&fixture, "ben"), 9900);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("order_amend");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, open_shop, close_shop);
    tcase_add_test(core, a_pending_line_grows_and_holds_more);
    tcase_add_test(core, a_line_that_shrinks_below_what_was_paid_confirms_the_order);
    tcase_add_test(core, a_payment_above_a_shrunk_total_is_captured_up_to_it);
    tcase_add_test(core, deadline_and_reference_of_a_pending_order_move);
    tcase_add_test(core, lines_adjustments_and_payments_are_added);
    tcase_add_test(core, a_confirmed_line_that_settled_grows_and_settles);
    tcase_add_test(core, a_confirmed_line_that_shrinks_is_refunded);
    tcase_add_test(core, a_confirmed_line_that_shrinks_to_what_is_fulfilled_closes_the_order);
    tcase_add_test(core, a_price_changes_while_nothing_is_fulfilled);
    tcase_add_test(core, what_shrinks_serves_what_grows);
    tcase_add_test(core, a_split_line_grows_and_shrinks_over_its_places);
    tcase_add_test(core, a_line_added_to_an_order_that_might_have_waited_is_split);
    tcase_add_test(core, an_order_that_pays_later_may_grow_without_payments);
    tcase_add_loop_test(
        core, an_order_past_its_deadline_has_expired_for_an_amendment_that_is_short_and_for_another,
        0, 2);
    tcase_add_test(core, an_order_that_has_expired_is_not_amended);
    tcase_add_test(core, what_was_refunded_for_cancelled_units_grows_again_against_new_money);
    tcase_add_loop_test(core, a_change_that_does_not_fit_is_refused_whole, 0,
                        sizeof refusals / sizeof refusals[0]);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
