#include "support/check_main.h"
#include "support/shop.h"
#include <holdfast/item.h>
#include <string.h>

static hf_test_fixture fixture;
static hf_test_cart cart;
static hf_id order;
static hf_account_key berlin;
static hf_account_key hamburg;

static void open_shop(void)
{
    hf_test_shop_init(&fixture);
    hf_test_cart_init(&fixture, &cart);
    order = cart.args.head.id;
    berlin = hf_test_item("oil", "berlin");
    hamburg = hf_test_item("oil", "hamburg");
    hf_test_stock(&fixture, &berlin, 5, NULL);
    hf_test_stock(&fixture, &hamburg, 10, NULL);
}

static void close_shop(void)
{
    hf_test_fixture_fini(&fixture);
}

/* 8 oil: 5 of berlin, 3 of hamburg. */
static void place_split(uint32_t policy)
{
    static const char *const places[] = {"berlin", "hamburg"};
    hf_line_args *line = hf_test_cart_line(&cart, "oil", 8, 0, HF_SETTLE_FULFIL);
    line->places = places;
    line->place_count = 2;
    cart.args.policy = policy;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
}

static int move_units(uint32_t type, const hf_line_quantity *units)
{
    hf_order_units_args args;
    hf_order_units_init(&args, &order);
    args.lines = units;
    args.line_count = 1;
    return hf_test_shop_run(&fixture, type, &args);
}

static int at(uint32_t type, const char *place, int64_t quantity)
{
    return move_units(type, &(hf_line_quantity){.line = 1, .place = place, .quantity = quantity});
}

static int back_to(const char *place, const char *to, int64_t quantity)
{
    return move_units(
        HF_OP_ORDER_RETURN,
        &(hf_line_quantity){
            .line = 1, .place = place, .to_place = to, .elsewhere = 1, .quantity = quantity});
}

static const hf_leg *leg(uint32_t no)
{
    if (no == 1)
        return &hf_test_line(&fixture, &order, 1)->leg;
    const hf_order_leg key = {.order = order, .line_no = 1, .no = no - 1};
    const hf_order_leg *row = hf_test_row_of(&fixture, HF__ORDER_LEGS, &key);
    ck_assert_ptr_nonnull(row);
    return &row->leg;
}

static int64_t stock(const hf_account_key *key)
{
    return hf_test_at(&fixture, key)->balance;
}

START_TEST(units_are_fulfilled_cancelled_and_returned_at_the_place_that_is_named)
{
    place_split(0);
    hf_test_is(&fixture, at(HF_OP_ORDER_FULFIL, "hamburg", 3), 0);
    hf_test_is(&fixture, at(HF_OP_ORDER_CANCEL, "berlin", 2), 0);
    hf_test_is(&fixture, at(HF_OP_ORDER_FULFIL, "berlin", 3), 0);
    ck_assert_uint_eq(hf_test_order(&fixture, &order)->state, HF_ORDER_CLOSED);
    ck_assert_int_eq(stock(&berlin), 2);
    ck_assert_int_eq(stock(&hamburg), 7);
    hf_test_is(&fixture, at(HF_OP_ORDER_RETURN, "berlin", 1), 0);
    ck_assert_int_eq(stock(&berlin), 3);
    ck_assert_int_eq(leg(1)->returned, 1);
    ck_assert_int_eq(leg(2)->returned, 0);
}
END_TEST

START_TEST(a_return_may_go_to_another_place)
{
    place_split(0);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 0, 0), 0);
    hf_test_is(&fixture, back_to("berlin", "hamburg", 1), 0);
    ck_assert_int_eq(stock(&berlin), 0);
    ck_assert_int_eq(stock(&hamburg), 8);
    ck_assert_int_eq(leg(1)->returned, 1);
    ck_assert_int_eq(leg(2)->returned, 0);
    hf_test_is(&fixture, back_to(NULL, "hamburg", HF_ALL), 0);
    ck_assert_int_eq(stock(&hamburg), 15);
    ck_assert_int_eq(leg(1)->returned, 5);
    ck_assert_int_eq(leg(2)->returned, 3);
}
END_TEST

START_TEST(a_return_may_go_to_the_place_without_a_name)
{
    const hf_account_key nowhere = hf_test_item("oil", "");
    place_split(0);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 0, 0), 0);
    hf_test_refused(&fixture, back_to("berlin", NULL, 1), HF_E_NOT_FOUND,
                    "line 1: ITEM oil [pcs]: no such account");
    hf_test_stock(&fixture, &nowhere, 0, &(hf_test_limits){.max_balance = 2});
    hf_test_is(&fixture, back_to("berlin", NULL, 2), 0);
    ck_assert_int_eq(stock(&nowhere), 2);
    hf_test_refused(&fixture, back_to("berlin", "", 1), HF_E_MAX_BALANCE,
                    "line 1: ITEM oil [pcs]: 1 would come in, 0 fit");
}
END_TEST

START_TEST(a_place_in_another_unit_is_no_place_of_the_item)
{
    hf_account_key weighed = hf_test_item("oil", "munich");
    weighed.unit = "kg";
    hf_test_stock(&fixture, &weighed, 1, NULL);
    place_split(0);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 0, 0), 0);
    hf_test_refused(&fixture, back_to(NULL, "munich", 1), HF_E_NOT_FOUND,
                    "line 1: ITEM oil @munich [pcs]: no such account");
}
END_TEST

START_TEST(a_leg_is_named_by_its_number)
{
    place_split(0);
    hf_line_quantity units = {.line = 1, .leg = 2, .quantity = HF_ALL};
    hf_test_is(&fixture, move_units(HF_OP_ORDER_FULFIL, &units), 0);
    ck_assert_int_eq(leg(2)->fulfilled, 3);
    ck_assert_int_eq(leg(1)->fulfilled, 0);
    units.leg = 1;
    units.quantity = 6;
    hf_test_refused(&fixture, move_units(HF_OP_ORDER_CANCEL, &units), HF_E_OVER_CANCEL,
                    "line 1, leg 1: 6 wanted, 5 unfulfilled");
}
END_TEST

START_TEST(one_request_names_several_places_of_a_line)
{
    place_split(0);
    const hf_line_quantity both[] = {
        {.line = 1, .place = "hamburg", .quantity = 2},
        {.line = 1, .place = "berlin", .quantity = 1},
        {.line = 1, .quantity = 1},
    };
    hf_order_units_args args;
    hf_order_units_init(&args, &order);
    args.lines = both;
    args.line_count = 3;
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_ORDER_FULFIL, &args), 0);
    ck_assert_int_eq(leg(1)->fulfilled, 2);
    ck_assert_int_eq(leg(2)->fulfilled, 2);
    hf_test_refused(&fixture, hf_test_shop_run(&fixture, HF_OP_ORDER_FULFIL, &args),
                    HF_E_OVER_FULFIL, "line 1, place hamburg: 2 wanted, 1 open");
}
END_TEST

START_TEST(a_return_to_another_place_serves_who_waits_there)
{
    place_split(0);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 0, 0), 0);
    const hf_account_key shop = hf_test_item("oil", "shop");
    hf_test_stock(&fixture, &shop, 0, NULL);
    hf_test_cart next;
    hf_test_cart_init(&fixture, &next);
    static const char *const places[] = {"shop"};
    next.args.policy = HF_ORDER_QUEUE;
    hf_line_args *line = hf_test_cart_line(&next, "oil", 2, 0, HF_SETTLE_FULFIL);
    line->places = places;
    line->place_count = 1;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &next), 0);
    hf_test_is(&fixture, back_to("berlin", "shop", 2), 0);
    ck_assert_uint_eq(hf_test_promote(&fixture, &shop, 32).count, 1);
    ck_assert_uint_eq(hf_test_order(&fixture, &next.args.head.id)->state, HF_ORDER_CONFIRMED);
}
END_TEST

/* A line of one part from an item into a bag, and one that uses up a coupon, by `legs`. */
static void place_legs(const hf_leg_args *legs, uint32_t count)
{
    hf_line_args *line = hf_test_cart_line(&cart, "set", 2, 0, HF_SETTLE_CONFIRM);
    line->legs = legs;
    line->leg_count = count;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
}

START_TEST(only_goods_that_went_to_the_world_can_come_back_elsewhere)
{
    const hf_account_key bag = hf_test_item("oil", "bag");
    hf_test_stock(&fixture, &bag, 0, NULL);
    const hf_leg_args legs[] = {{.from = berlin, .per_unit = 2},
                                {.from = hamburg, .to = bag, .per_unit = 1}};
    place_legs(legs, 2);
    hf_test_is(&fixture, back_to(NULL, "bag", 1), 0);
    ck_assert_int_eq(stock(&berlin), 1);
    ck_assert_int_eq(stock(&bag), 3); /* 2 that it got, 1 that went back, 2 of berlin's */
    ck_assert_int_eq(stock(&hamburg), 9);
}
END_TEST

static void one_leg_to_a_bag(void)
{
    const hf_account_key bag = hf_test_item("oil", "bag");
    hf_test_stock(&fixture, &bag, 0, NULL);
    place_legs(&(hf_leg_args){.from = hamburg, .to = bag, .per_unit = 1}, 1);
}

static void kit(void)
{
    const hf_leg_args legs[] = {{.from = berlin, .per_unit = 1}, {.from = hamburg, .per_unit = 1}};
    place_legs(legs, 2);
}

static void untracked(void)
{
    hf_test_cart_line(&cart, "freight", 2, 0, HF_SETTLE_CONFIRM)->untracked = 1;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
}

static void split(void)
{
    place_split(0);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 0, 0), 0);
}

/* clang-format off */
static const struct {
    void (*place)(void);
    hf_line_quantity units;
    const char *detail;
} unknown[] = {
    { split, {.line = 1, .place = "munich", .quantity = 1}, "line 1, place munich: it takes nothing from there" },
    { split, {.line = 1, .leg = 3, .quantity = 1}, "line 1, leg 3: it takes nothing from there" },
    { kit, {.line = 1, .place = "berlin", .quantity = 1}, "line 1, place berlin: its units have several parts, each at its own place" },
    { kit, {.line = 1, .leg = 1, .quantity = 1}, "line 1, leg 1: its units have several parts, each at its own place" },
    { untracked, {.line = 1, .leg = 1, .quantity = 1}, "line 1, leg 1: it takes nothing from there" },
    { untracked, {.line = 1, .elsewhere = 1, .quantity = 1}, "line 1, to place : it has no goods that come back" },
    { one_leg_to_a_bag, {.line = 1, .elsewhere = 1, .to_place = "berlin", .quantity = 1}, "line 1, to place berlin: it has no goods that come back" },
};
/* clang-format on */

START_TEST(a_place_that_the_line_does_not_have_is_refused)
{
    unknown[_i].place();
    hf_test_refused(&fixture, move_units(HF_OP_ORDER_RETURN, &unknown[_i].units),
                    HF_E_PLACE_UNKNOWN, unknown[_i].detail);
}
END_TEST

START_TEST(the_place_of_goods_that_come_in_is_where_they_go)
{
    place_legs(&(hf_leg_args){.to = hamburg, .per_unit = 1}, 1);
    ck_assert_int_eq(stock(&hamburg), 12);
    hf_test_is(&fixture, at(HF_OP_ORDER_RETURN, "hamburg", 1), 0);
    ck_assert_int_eq(stock(&hamburg), 11);
}
END_TEST

/* What is there is more than fits, so a person is to look at it first. */
START_TEST(a_place_that_wants_a_person_is_passed_over)
{
    static const char *const places[] = {"leipzig", "hamburg"};
    const hf_account_key leipzig = hf_test_item("oil", "leipzig");
    hf_account_adjust_args found;
    hf_test_stock(&fixture, &leipzig, 5, &(hf_test_limits){.max_balance = 10});
    hf_item_adjust_init(&found, "oil");
    found.key = leipzig;
    found.quantity = 20;
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_ITEM_ADJUST, &found), 0);
    ck_assert_uint_eq(hf_test_at(&fixture, &leipzig)->attention, HF_ATTENTION_BEYOND_LIMIT);
    hf_line_args *line = hf_test_cart_line(&cart, "oil", 4, 0, HF_SETTLE_FULFIL);
    line->place_count = 2;
    line->places = places;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    ck_assert_int_eq(hf_test_at(&fixture, &leipzig)->held_out, 0);
    ck_assert_int_eq(hf_test_at(&fixture, &hamburg)->held_out, 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("order_places");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, open_shop, close_shop);
    tcase_add_test(core, units_are_fulfilled_cancelled_and_returned_at_the_place_that_is_named);
    tcase_add_test(core, a_return_may_go_to_another_place);
    tcase_add_test(core, a_return_may_go_to_the_place_without_a_name);
    tcase_add_test(core, a_place_in_another_unit_is_no_place_of_the_item);
    tcase_add_test(core, a_leg_is_named_by_its_number);
    tcase_add_test(core, one_request_names_several_places_of_a_line);
    tcase_add_test(core, a_return_to_another_place_serves_who_waits_there);
    tcase_add_test(core, only_goods_that_went_to_the_world_can_come_back_elsewhere);
    tcase_add_test(core, the_place_of_goods_that_come_in_is_where_they_go);
    tcase_add_test(core, a_place_that_wants_a_person_is_passed_over);
    tcase_add_loop_test(core, a_place_that_the_line_does_not_have_is_refused, 0,
                        sizeof unknown / sizeof unknown[0]);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
