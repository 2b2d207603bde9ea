#include "support/check_main.h"
#include "support/shop.h"
#include <string.h>

static hf_test_fixture fixture;
static hf_test_cart cart;
static hf_id order;
static hf_account_key tea;

static void open_shop(void)
{
    hf_test_shop_init(&fixture);
    hf_test_cart_init(&fixture, &cart);
    order = cart.args.head.id;
    tea = hf_test_item("tea", "");
}

static void close_shop(void)
{
    hf_test_fixture_fini(&fixture);
}

/* Another free order of `teas` that may wait. */
static hf_id place_other(int64_t teas)
{
    hf_test_cart other;
    hf_test_cart_init(&fixture, &other);
    other.args.policy = HF_ORDER_QUEUE;
    hf_test_cart_line(&other, "tea", teas, 0, HF_SETTLE_FULFIL);
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &other), 0);
    return other.args.head.id;
}

/* The order: 5 tea at 10 that it waits for, paid by anna (20) and ben (30). `left` are there. */
static void place_waiting(int64_t left)
{
    (void)place_other(100 - left);
    cart.args.policy = HF_ORDER_QUEUE | HF_ORDER_REVIVE;
    cart.args.deadline_ms = fixture.now_ms + 1000;
    hf_test_cart_line(&cart, "tea", 5, 10, HF_SETTLE_FULFIL);
    hf_test_cart_pay(&cart, "anna", 20, HF_SETTLE_CONFIRM);
    hf_test_cart_pay(&cart, "ben", 30, HF_SETTLE_CONFIRM);
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    ck_assert_uint_eq(hf_test_order(&fixture, &order)->state, HF_ORDER_WAITING);
}

static int amend(int64_t quantity, int64_t unit_price)
{
    hf_order_amend_args args;
    hf_order_amend_init(&args, &order);
    const hf_line_change change = {.line = 1, .quantity = quantity, .unit_price = unit_price};
    args.changes = &change;
    args.change_count = 1;
    args.total = quantity * unit_price;
    return hf_test_shop_run(&fixture, HF_OP_ORDER_AMEND, &args);
}

static int cancel(int64_t quantity)
{
    return hf_test_units(&fixture, HF_OP_ORDER_CANCEL, &order, 1, quantity);
}

/* By an amendment or a cancellation, `_i` says which. */
static void shrink_to(int by, int64_t quantity)
{
    hf_test_is(&fixture, by == 0 ? amend(quantity, 10) : cancel(5 - quantity), 0);
}

static uint32_t state_of(const hf_id *id)
{
    return hf_test_order(&fixture, id)->state;
}

static const hf_payment *payment(uint32_t no)
{
    return hf_test_payment(&fixture, &order, no);
}

START_TEST(a_waiting_order_that_becomes_smaller_keeps_its_place)
{
    place_waiting(0);
    hf_id next = place_other(1);
    shrink_to(_i, 2);
    ck_assert_uint_eq(state_of(&order), HF_ORDER_WAITING);
    ck_assert_uint_eq(hf_test_at(&fixture, &tea)->waiting, 2);
    hf_test_supply(&fixture, &tea, 2);
    ck_assert_uint_eq(hf_test_promote(&fixture, &tea, 32).count, 1);
    ck_assert_uint_eq(state_of(&order), HF_ORDER_CONFIRMED);
    ck_assert_uint_eq(state_of(&next), HF_ORDER_WAITING);
    ck_assert_int_eq(hf_test_at(&fixture, &tea)->held_out, 102);
    ck_assert_int_eq(hf_test_balance(&fixture, "anna"), 9980);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 0, 0), 0);
    ck_assert_uint_eq(state_of(&order), HF_ORDER_CLOSED);
}
END_TEST

START_TEST(payments_that_were_not_asked_for_shrink_the_last_one_first)
{
    place_waiting(0);
    shrink_to(_i, 4);
    ck_assert_int_eq(payment(1)->amount, 20);
    ck_assert_int_eq(payment(2)->amount, 20);
    shrink_to(_i, _i == 0 ? 1 : 2);
    ck_assert_uint_eq(payment(2)->state, HF_PAYMENT_FAILED);
    ck_assert_uint_eq(payment(1)->state, HF_PAYMENT_NEW);
    ck_assert_int_eq(payment(1)->amount, 10);
}
END_TEST

START_TEST(an_order_that_fits_now_is_promoted_by_the_same_operation)
{
    place_waiting(3);
    shrink_to(_i, 3);
    ck_assert_uint_eq(state_of(&order), HF_ORDER_CONFIRMED);
    ck_assert_uint_eq(hf_test_at(&fixture, &tea)->waiting, 0);
    ck_assert_int_eq(hf_test_balance(&fixture, "anna"), 9980);
    ck_assert_int_eq(hf_test_balance(&fixture, "ben"), 9990);
}
END_TEST

START_TEST(an_order_behind_one_that_is_short_waits_although_it_would_fit)
{
    hf_id first = place_other(101);
    cart.args.policy = HF_ORDER_QUEUE;
    hf_test_cart_line(&cart, "tea", 5, 0, HF_SETTLE_FULFIL);
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    hf_test_is(&fixture, _i == 0 ? amend(1, 0) : cancel(4), 0);
    ck_assert_uint_eq(state_of(&first), HF_ORDER_WAITING);
    ck_assert_uint_eq(state_of(&order), HF_ORDER_WAITING);
}
END_TEST

START_TEST(a_waiting_order_does_not_grow)
{
    static const char why[] = "the order is WAITING: it can only become smaller";
    place_waiting(0);
    hf_test_refused(&fixture, amend(6, 10), HF_E_ORDER_STATE, why);
    hf_test_refused(&fixture, amend(5, 11), HF_E_ORDER_STATE, why);
    hf_order_amend_args args;
    hf_order_amend_init(&args, &order);
    hf_line_args line;
    hf_line_init(&line, "cup", 1, 0);
    args.lines = &line;
    args.line_count = 1;
    args.total = 50;
    hf_test_refused(&fixture, hf_test_shop_run(&fixture, HF_OP_ORDER_AMEND, &args),
                    HF_E_ORDER_STATE, why);
    hf_test_refused(&fixture, cancel(6), HF_E_OVER_CANCEL, "line 1: 6 wanted, 5 unfulfilled");
}
END_TEST

START_TEST(the_deadline_and_the_reference_of_a_waiting_order_change)
{
    place_waiting(0);
    hf_order_amend_args args;
    hf_order_amend_init(&args, &order);
    args.mask = HF_AMEND_DEADLINE | HF_AMEND_EXTERNAL_REF;
    args.deadline_ms = fixture.now_ms + 5000;
    args.external_ref = "W-2";
    args.total = 50;
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_ORDER_AMEND, &args), 0);
    ck_assert_int_eq(hf_test_order(&fixture, &order)->deadline_ms, fixture.now_ms + 5000);
    hf_test_supply(&fixture, &tea, 5);
    hf_test_promote(&fixture, &tea, 32);
    ck_assert_uint_eq(state_of(&order), HF_ORDER_CONFIRMED);
}
END_TEST

START_TEST(cancelling_every_unit_cancels_the_waiting_order)
{
    place_waiting(0);
    hf_test_is(&fixture, cancel(5), 0);
    ck_assert_uint_eq(state_of(&order), HF_ORDER_CANCELLED);
    ck_assert_uint_eq(hf_test_at(&fixture, &tea)->waiting, 0);
    ck_assert_uint_eq(payment(1)->state, HF_PAYMENT_FAILED);
}
END_TEST

START_TEST(a_waiting_order_of_which_only_a_coupon_is_left_is_cancelled_whole)
{
    hf_test_open(&fixture, HF_KIND_LIMIT, "spring", "pcs", 0);
    const hf_leg_args uses = {
        .from = {.kind = HF_KIND_LIMIT, .name = "spring", .place = "", .unit = "pcs"},
        .per_unit = 1,
    };
    cart.args.policy = HF_ORDER_QUEUE;
    hf_test_cart_line(&cart, "tea", 5, 4, HF_SETTLE_FULFIL);
    hf_line_args *line = hf_test_cart_line(&cart, "spring", 1, 30, HF_SETTLE_FULFIL);
    line->legs = &uses;
    line->leg_count = 1;
    hf_test_cart_pay(&cart, "anna", 10, HF_SETTLE_CONFIRM);
    hf_test_cart_pay(&cart, "ben", 40, HF_SETTLE_CONFIRM);
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    hf_test_is(&fixture, cancel(5), 0);
    ck_assert_uint_eq(state_of(&order), HF_ORDER_CANCELLED);
    ck_assert_uint_eq(payment(2)->state, HF_PAYMENT_FAILED);
    ck_assert_int_eq(payment(2)->amount, 40); /* the coupon went with the goods, not after them */
}
END_TEST

START_TEST(a_split_line_shrinks_over_its_places)
{
    static const char *const places[] = {"a", "b"};
    const hf_account_key a = hf_test_item("oil", "a");
    const hf_account_key b = hf_test_item("oil", "b");
    hf_test_stock(&fixture, &a, 2, NULL);
    hf_test_stock(&fixture, &b, 1, NULL);
    cart.args.policy = HF_ORDER_QUEUE;
    hf_line_args *oil = hf_test_cart_line(&cart, "oil", 8, 0, HF_SETTLE_FULFIL);
    oil->places = places;
    oil->place_count = 2;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    hf_test_is(&fixture, _i == 0 ? amend(5, 0) : cancel(3), 0);
    ck_assert_uint_eq(state_of(&order), HF_ORDER_WAITING);
    hf_test_is(&fixture, cancel(1), 0);
    hf_test_supply(&fixture, &b, 1);
    ck_assert_uint_eq(hf_test_promote(&fixture, &b, 32).count, 1);
    ck_assert_uint_eq(state_of(&order), HF_ORDER_CONFIRMED);
    ck_assert_int_eq(hf_test_at(&fixture, &a)->held_out, 2);
    ck_assert_int_eq(hf_test_at(&fixture, &b)->held_out, 2);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 0, 0), 0);
    ck_assert_uint_eq(state_of(&order), HF_ORDER_CLOSED);
}
END_TEST

START_TEST(an_order_that_is_no_longer_short_leaves_the_queue_to_those_behind_it)
{
    cart.args.policy = HF_ORDER_QUEUE;
    hf_test_cart_line(&cart, "tea", 105, 0, HF_SETTLE_FULFIL);
    hf_test_cart_line(&cart, "cup", 101, 0, HF_SETTLE_FULFIL);
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    hf_id next = place_other(1);
    hf_test_is(&fixture, cancel(50), 0);
    ck_assert_uint_eq(state_of(&order), HF_ORDER_WAITING);
    ck_assert_uint_eq(hf_test_at(&fixture, &tea)->waiting, 1);
    ck_assert_uint_eq(hf_test_promote(&fixture, &tea, 32).count, 1);
    ck_assert_uint_eq(state_of(&next), HF_ORDER_CONFIRMED);
}
END_TEST

START_TEST(a_line_that_settles_on_confirm_is_final_in_what_is_left)
{
    (void)place_other(100);
    cart.args.policy = HF_ORDER_QUEUE;
    hf_test_cart_line(&cart, "tea", 5, 0, HF_SETTLE_CONFIRM);
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    hf_test_is(&fixture, cancel(3), 0);
    hf_test_supply(&fixture, &tea, 2);
    hf_test_promote(&fixture, &tea, 32);
    ck_assert_uint_eq(state_of(&order), HF_ORDER_CLOSED);
    ck_assert_int_eq(hf_test_line(&fixture, &order, 1)->fulfilled, 2);
    ck_assert_int_eq(hf_test_at(&fixture, &tea)->balance, 100);
}
END_TEST

START_TEST(cancelled_units_of_an_order_that_waited_are_not_revived)
{
    place_waiting(0);
    shrink_to(_i, 2);
    ck_assert_uint_eq(hf_test_order(&fixture, &order)->policy & HF_ORDER_REVIVE,
                      _i == 0 ? HF_ORDER_REVIVE : 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("order_shrink");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, open_shop, close_shop);
    tcase_add_loop_test(core, a_waiting_order_that_becomes_smaller_keeps_its_place, 0, 2);
    tcase_add_loop_test(core, payments_that_were_not_asked_for_shrink_the_last_one_first, 0, 2);
    tcase_add_loop_test(core, an_order_that_fits_now_is_promoted_by_the_same_operation, 0, 2);
    tcase_add_loop_test(core, an_order_behind_one_that_is_short_waits_although_it_would_fit, 0, 2);
    tcase_add_test(core, a_waiting_order_does_not_grow);
    tcase_add_test(core, the_deadline_and_the_reference_of_a_waiting_order_change);
    tcase_add_test(core, cancelling_every_unit_cancels_the_waiting_order);
    tcase_add_test(core, a_waiting_order_of_which_only_a_coupon_is_left_is_cancelled_whole);
    tcase_add_loop_test(core, a_split_line_shrinks_over_its_places, 0, 2);
    tcase_add_test(core, an_order_that_is_no_longer_short_leaves_the_queue_to_those_behind_it);
    tcase_add_test(core, a_line_that_settles_on_confirm_is_final_in_what_is_left);
    tcase_add_loop_test(core, cancelled_units_of_an_order_that_waited_are_not_revived, 0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
