#include "support/check_main.h"
#include "support/shop.h"
#include <string.h>

static hf_test_fixture fixture;
static hf_test_cart cart;
static hf_id order;
static hf_leg_args uses;

static void open_shop(void)
{
    hf_test_shop_init(&fixture);
    hf_test_open(&fixture, HF_KIND_LIMIT, "spring", "pcs", 10);
    hf_test_cart_init(&fixture, &cart);
    order = cart.args.head.id;
    uses = (hf_leg_args){
        .from = {.kind = HF_KIND_LIMIT, .name = "spring", .place = "", .unit = "pcs"},
        .per_unit = 1,
    };
}

static void close_shop(void)
{
    hf_test_fixture_fini(&fixture);
}

static const hf_account *coupon(void)
{
    return hf_test_account(&fixture, HF_KIND_LIMIT, "spring", "pcs");
}

static void add_coupon(uint32_t settle_on)
{
    hf_line_args *line = hf_test_cart_line(&cart, "spring", 1, 0, settle_on);
    line->legs = &uses;
    line->leg_count = 1;
}

static void place(void)
{
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
}

/* A coupon as line 1 and 3 tea as line 2, paid by anna. */
static void place_with_tea(uint32_t coupon_settles, uint32_t tea_settles)
{
    add_coupon(coupon_settles);
    hf_test_cart_line(&cart, "tea", 3, 100, tea_settles);
    hf_test_cart_pay(&cart, "anna", 300, HF_SETTLE_CONFIRM);
    place();
}

static void do_units(uint32_t type, uint32_t line, int64_t quantity)
{
    hf_test_is(&fixture, hf_test_units(&fixture, type, &order, line, quantity), 0);
}

static uint32_t state(void)
{
    return hf_test_order(&fixture, &order)->state;
}

static void check_coupon(int64_t balance, int64_t held)
{
    ck_assert_int_eq(coupon()->balance, balance);
    ck_assert_int_eq(coupon()->held_out, held);
}

START_TEST(a_coupon_is_held_at_confirmation_whatever_it_settles_on)
{
    place_with_tea(_i == 0 ? HF_SETTLE_CONFIRM : HF_SETTLE_FULFIL, HF_SETTLE_FULFIL);
    ck_assert_uint_eq(state(), HF_ORDER_CONFIRMED);
    check_coupon(10, 1);
}
END_TEST

START_TEST(a_coupon_is_used_up_with_the_first_unit_fulfilled_of_another_line)
{
    place_with_tea(_i == 0 ? HF_SETTLE_CONFIRM : HF_SETTLE_FULFIL, HF_SETTLE_FULFIL);
    do_units(HF_OP_ORDER_FULFIL, 2, 1);
    check_coupon(9, 0);
    do_units(HF_OP_ORDER_CANCEL, 2, 2);
    ck_assert_uint_eq(state(), HF_ORDER_CLOSED);
    check_coupon(9, 0);
}
END_TEST

START_TEST(a_coupon_comes_back_when_every_unit_of_the_other_lines_is_cancelled)
{
    place_with_tea(_i == 0 ? HF_SETTLE_CONFIRM : HF_SETTLE_FULFIL, HF_SETTLE_FULFIL);
    do_units(HF_OP_ORDER_CANCEL, 2, 1);
    check_coupon(10, 1);
    do_units(HF_OP_ORDER_CANCEL, 2, 2);
    ck_assert_uint_eq(state(), HF_ORDER_CANCELLED);
    check_coupon(10, 0);
    ck_assert_int_eq(hf_test_balance(&fixture, "anna"), 10000);
}
END_TEST

START_TEST(a_cancelled_order_gives_its_coupon_back)
{
    place_with_tea(_i == 0 ? HF_SETTLE_CONFIRM : HF_SETTLE_FULFIL, HF_SETTLE_FULFIL);
    do_units(HF_OP_ORDER_CANCEL, 0, 0);
    ck_assert_uint_eq(state(), HF_ORDER_CANCELLED);
    check_coupon(10, 0);
}
END_TEST

START_TEST(a_coupon_is_used_up_at_confirmation_with_a_line_that_settles_on_confirm)
{
    place_with_tea(_i == 0 ? HF_SETTLE_CONFIRM : HF_SETTLE_FULFIL, HF_SETTLE_CONFIRM);
    ck_assert_uint_eq(state(), HF_ORDER_CLOSED);
    check_coupon(9, 0);
}
END_TEST

START_TEST(coupons_alone_settle_as_they_say)
{
    add_coupon(HF_SETTLE_CONFIRM);
    add_coupon(HF_SETTLE_FULFIL);
    place();
    ck_assert_uint_eq(state(), HF_ORDER_CONFIRMED);
    check_coupon(9, 1);
    do_units(HF_OP_ORDER_FULFIL, 2, 1);
    ck_assert_uint_eq(state(), HF_ORDER_CLOSED);
    check_coupon(8, 0);
}
END_TEST

START_TEST(one_coupon_alone_is_moved_without_a_hold)
{
    add_coupon(HF_SETTLE_CONFIRM);
    place();
    ck_assert_uint_eq(state(), HF_ORDER_CLOSED);
    check_coupon(9, 0);
}
END_TEST

START_TEST(a_host_may_fulfil_or_cancel_a_coupon_by_its_line)
{
    place_with_tea(HF_SETTLE_CONFIRM, HF_SETTLE_FULFIL);
    do_units(_i == 0 ? HF_OP_ORDER_FULFIL : HF_OP_ORDER_CANCEL, 1, 1);
    check_coupon(_i == 0 ? 9 : 10, 0);
    do_units(HF_OP_ORDER_FULFIL, 2, 3);
    ck_assert_uint_eq(state(), HF_ORDER_CLOSED);
    check_coupon(_i == 0 ? 9 : 10, 0);
}
END_TEST

START_TEST(a_coupon_is_held_from_the_placing_and_at_the_confirmation_of_a_pending_order)
{
    add_coupon(HF_SETTLE_CONFIRM);
    hf_test_cart_line(&cart, "tea", 3, 100, HF_SETTLE_FULFIL);
    cart.args.deadline_ms = fixture.now_ms + 1000;
    place();
    ck_assert_uint_eq(state(), HF_ORDER_PENDING);
    check_coupon(10, 1);
    hf_payment_add_args add;
    hf_payment_add_init(&add, &order);
    hf_payment_init(&add.payment, "anna", "EUR", 300);
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_PAYMENT_ADD, &add), 0);
    ck_assert_uint_eq(state(), HF_ORDER_CONFIRMED);
    check_coupon(10, 1);
    ck_assert_int_eq(hf_test_line(&fixture, &order, 1)->leg.deadline_ms, 0);
    do_units(HF_OP_ORDER_FULFIL, 2, 1);
    check_coupon(9, 0);
}
END_TEST

START_TEST(a_promoted_order_holds_its_coupon)
{
    add_coupon(HF_SETTLE_CONFIRM);
    hf_test_cart_line(&cart, "tea", 101, 0, HF_SETTLE_FULFIL);
    cart.args.policy = HF_ORDER_QUEUE;
    place();
    check_coupon(10, 0);
    const hf_account_key tea = hf_test_item("tea", "");
    hf_test_supply(&fixture, &tea, 1);
    ck_assert_uint_eq(hf_test_promote(&fixture, &tea, 32).count, 1);
    check_coupon(10, 1);
    do_units(HF_OP_ORDER_CANCEL, 2, HF_ALL);
    ck_assert_uint_eq(state(), HF_ORDER_CANCELLED);
    check_coupon(10, 0);
}
END_TEST

/* Amends with lines added at no price: `coupons` coupons and `tea` tea. */
static void amend(uint32_t coupons, int64_t tea)
{
    hf_test_cart more;
    hf_test_cart_init(&fixture, &more);
    hf_order_amend_args args;
    hf_order_amend_init(&args, &order);
    for (uint32_t i = 0; i < coupons; i++) {
        hf_line_args *line = hf_test_cart_line(&more, "spring", 1, 0, HF_SETTLE_CONFIRM);
        line->legs = &uses;
        line->leg_count = 1;
    }
    if (tea > 0)
        hf_test_cart_line(&more, "tea", tea, 0, HF_SETTLE_FULFIL);
    args.lines = more.lines;
    args.line_count = more.args.line_count;
    args.total = hf_test_order(&fixture, &order)->total;
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_ORDER_AMEND, &args), 0);
}

START_TEST(a_coupon_added_later_follows_what_is_fulfilled_already)
{
    place_with_tea(HF_SETTLE_CONFIRM, HF_SETTLE_FULFIL);
    amend(1, 0);
    check_coupon(10, 2);
    do_units(HF_OP_ORDER_FULFIL, 2, 1);
    check_coupon(8, 0);
    amend(1, 0);
    check_coupon(7, 0);
}
END_TEST

START_TEST(a_coupon_follows_the_first_other_line_that_is_added)
{
    add_coupon(HF_SETTLE_FULFIL);
    add_coupon(HF_SETTLE_CONFIRM);
    place();
    check_coupon(9, 1);
    amend(0, 2);
    check_coupon(9, 1);
    do_units(HF_OP_ORDER_FULFIL, 3, 1);
    check_coupon(8, 0);
}
END_TEST

START_TEST(a_coupon_comes_back_when_an_amendment_leaves_only_cancelled_units)
{
    place_with_tea(HF_SETTLE_CONFIRM, HF_SETTLE_FULFIL);
    do_units(HF_OP_ORDER_CANCEL, 2, 1);
    hf_order_amend_args args;
    hf_order_amend_init(&args, &order);
    const hf_line_change change = {.line = 2, .quantity = 1, .unit_price = 100};
    args.changes = &change;
    args.change_count = 1;
    args.total = 100;
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_ORDER_AMEND, &args), 0);
    ck_assert_uint_eq(state(), HF_ORDER_CANCELLED);
    check_coupon(10, 0);
}
END_TEST

START_TEST(a_line_with_goods_beside_a_limit_follows_nothing)
{
    const hf_leg_args legs[] = {uses, {.from = hf_test_item("cup", ""), .per_unit = 1}};
    add_coupon(HF_SETTLE_CONFIRM);
    hf_line_args *kit = hf_test_cart_line(&cart, "kit", 1, 0, HF_SETTLE_CONFIRM);
    kit->legs = legs;
    kit->leg_count = 2;
    hf_test_cart_line(&cart, "tea", 1, 0, HF_SETTLE_FULFIL);
    place();
    check_coupon(8, 0);
    ck_assert_uint_eq(state(), HF_ORDER_CONFIRMED);
}
END_TEST

START_TEST(goods_do_not_leave_while_their_coupon_is_frozen)
{
    place_with_tea(HF_SETTLE_CONFIRM, HF_SETTLE_FULFIL);
    const hf_account_key key = uses.from;
    hf_test_stock(&fixture, &key, 0, &(hf_test_limits){.frozen = 1});
    hf_test_refused(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 2, 1),
                    HF_E_FROZEN, "line 1: LIMIT spring [pcs]: frozen");
    do_units(HF_OP_ORDER_CANCEL, 2, 3);
    check_coupon(10, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("order_coupon");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, open_shop, close_shop);
    tcase_add_loop_test(core, a_coupon_is_held_at_confirmation_whatever_it_settles_on, 0, 2);
    tcase_add_loop_test(core, a_coupon_is_used_up_with_the_first_unit_fulfilled_of_another_line, 0,
                        2);
    tcase_add_loop_test(core, a_coupon_comes_back_when_every_unit_of_the_other_lines_is_cancelled,
                        0, 2);
    tcase_add_loop_test(core, a_cancelled_order_gives_its_coupon_back, 0, 2);
    tcase_add_loop_test(
        core, a_coupon_is_used_up_at_confirmation_with_a_line_that_settles_on_confirm, 0, 2);
    tcase_add_test(core, coupons_alone_settle_as_they_say);
    tcase_add_test(core, one_coupon_alone_is_moved_without_a_hold);
    tcase_add_loop_test(core, a_host_may_fulfil_or_cancel_a_coupon_by_its_line, 0, 2);
    tcase_add_test(core,
                   a_coupon_is_held_from_the_placing_and_at_the_confirmation_of_a_pending_order);
    tcase_add_test(core, a_promoted_order_holds_its_coupon);
    tcase_add_test(core, a_coupon_added_later_follows_what_is_fulfilled_already);
    tcase_add_test(core, a_coupon_follows_the_first_other_line_that_is_added);
    tcase_add_test(core, a_coupon_comes_back_when_an_amendment_leaves_only_cancelled_units);
    tcase_add_test(core, a_line_with_goods_beside_a_limit_follows_nothing);
    tcase_add_test(core, goods_do_not_leave_while_their_coupon_is_frozen);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
