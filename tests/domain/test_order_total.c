/* hf_order_total against the decision: the same totals, the same refusals. */
#include "support/check_main.h"
#include "support/random.h"
#include "support/shop.h"

#include <string.h>

static hf_test_fixture fixture;
static hf_test_cart cart;
static int64_t line_totals[HF_TEST_CART_MAX];
static int64_t total;
static char text[240];

static void open_shop(void)
{
    hf_test_shop_init(&fixture);
    hf_test_cart_init(&fixture, &cart);
    cart.args.total = 0;
    cart.args.policy = HF_ORDER_PAY_LATER;
    total = -7;
}

static void close_shop(void)
{
    hf_test_fixture_fini(&fixture);
}

static int compute(void)
{
    return hf_order_total(&cart.args, line_totals, &total, text, sizeof text);
}

/* The order is placed with the total that was computed, and has the same totals. */
static void place_it(void)
{
    cart.args.total = total;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    ck_assert_int_eq(hf_test_order(&fixture, &cart.args.head.id)->total, total);
    for (uint32_t i = 0; i < cart.args.line_count; i++)
        ck_assert_int_eq(hf_test_line(&fixture, &cart.args.head.id, i + 1)->total, line_totals[i]);
    cart.args.head.id = hf_test_id(&fixture);
    cart.args.total = total + 1;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), HF_E_TOTAL);
}

START_TEST(a_total_is_what_the_order_is_placed_for)
{
    hf_test_cart_line(&cart, "tea", 3, 450, HF_SETTLE_FULFIL);
    hf_test_cart_line(&cart, "cup", 7, 100, HF_SETTLE_FULFIL)->price_per = 3;
    hf_test_cart_adjust(&cart, 1, -50);
    hf_test_cart_adjust(&cart, 0, 190);
    hf_test_cart_adjust(&cart, 1, -1);
    ck_assert_int_eq(compute(), 0);
    ck_assert_str_eq(text, "");
    ck_assert_int_eq(line_totals[0], 1299);
    ck_assert_int_eq(line_totals[1], 233);
    ck_assert_int_eq(total, 1299 + 233 + 190);
    int64_t alone = 0;
    ck_assert_int_eq(hf_order_total(&cart.args, NULL, &alone, NULL, 0), 0);
    ck_assert_int_eq(alone, total);
    place_it();
}
END_TEST

START_TEST(an_order_of_adjustments_alone_has_a_total)
{
    hf_test_cart_adjust(&cart, 0, 500);
    hf_test_cart_adjust(&cart, 0, -100);
    ck_assert_int_eq(compute(), 0);
    ck_assert_int_eq(total, 400);
    place_it();
}
END_TEST

START_TEST(random_carts_are_placed_for_the_total_computed_before)
{
    hf_test_random random = hf_test_seed();
    for (int round = 0; round < 60; round++) {
        hf_test_cart_init(&fixture, &cart);
        cart.args.total = 0;
        cart.args.policy = HF_ORDER_PAY_LATER;
        uint32_t lines = 1 + (uint32_t)hf_test_below(&random, 4);
        for (uint32_t i = 0; i < lines; i++) {
            hf_line_args *line =
                hf_test_cart_line(&cart, "tea", 1 + (int64_t)hf_test_below(&random, 50),
                                  (int64_t)hf_test_below(&random, 1000), HF_SETTLE_FULFIL);
            line->price_per = 1 + (int64_t)hf_test_below(&random, 12);
            line->untracked = 1;
        }
        for (uint64_t i = hf_test_below(&random, 4); i-- > 0;)
            hf_test_cart_adjust(&cart, (uint32_t)hf_test_below(&random, lines + 1),
                                (int64_t)hf_test_below(&random, 200) - 60);
        int error = compute();
        if (error == 0) {
            place_it();
            continue;
        }
        hf_test_refused(&fixture, hf_test_cart_place(&fixture, &cart), error, text);
    }
}
END_TEST

static void line_overflows(void)
{
    cart.lines[1].quantity = INT64_MAX;
    cart.lines[1].unit_price = 2;
}

static void order_overflows(void)
{
    cart.lines[0].quantity = INT64_MAX;
    cart.lines[0].unit_price = 1;
}

static void line_below_zero(void)
{
    hf_test_cart_adjust(&cart, 1, -901);
}

static void order_below_zero(void)
{
    hf_test_cart_adjust(&cart, 0, -2101);
}

static void no_such_line(void)
{
    hf_test_cart_adjust(&cart, 3, 1);
}

static void adjustments_overflow(void)
{
    hf_test_cart_adjust(&cart, 2, INT64_MAX);
    hf_test_cart_adjust(&cart, 2, 1);
}

static void own_overflows(void)
{
    hf_test_cart_adjust(&cart, 0, INT64_MAX);
}

static const struct {
    void (*spoil)(void);
    int error;
    const char *detail;
} refusals[] = {
    {line_overflows, HF_E_OVERFLOW, "line 2: 9223372036854775807 x 2 / 1 does not fit"},
    {order_overflows, HF_E_OVERFLOW, "line 2: the order's total"},
    {line_below_zero, HF_E_AMOUNT, "line 1: its total of -1 is below zero"},
    {order_below_zero, HF_E_TOTAL, "lines and adjustments give -1, below zero"},
    {no_such_line, HF_E_LINE_UNKNOWN, "adjustment 1: line 3 of 2"},
    {adjustments_overflow, HF_E_OVERFLOW, "adjustment 2: the sum does not fit"},
    {own_overflows, HF_E_OVERFLOW, "the order's total"},
};

START_TEST(what_cannot_be_added_up_is_refused_as_by_the_decision)
{
    hf_test_cart_line(&cart, "tea", 2, 450, HF_SETTLE_CONFIRM)->untracked = 1;
    hf_test_cart_line(&cart, "cup", 1, 1200, HF_SETTLE_CONFIRM)->untracked = 1;
    refusals[_i].spoil();
    ck_assert_int_eq(compute(), refusals[_i].error);
    ck_assert_str_eq(text, refusals[_i].detail);
    ck_assert_int_eq(total, -7);
    ck_assert_int_eq(hf_order_total(&cart.args, NULL, &total, NULL, 0), refusals[_i].error);
    hf_test_refused(&fixture, hf_test_cart_place(&fixture, &cart), refusals[_i].error, text);
}
END_TEST

START_TEST(arguments_are_checked_as_when_the_order_is_placed)
{
    hf_test_cart_line(&cart, "tea", 0, 450, HF_SETTLE_CONFIRM);
    ck_assert_int_eq(compute(), HF_E_QUANTITY);
    ck_assert_ptr_nonnull(strstr(text, "lines[0].quantity: 0 is not in 1.."));
    cart.lines[0].quantity = 1;
    ck_assert_int_eq(hf_order_total(&cart.args, NULL, NULL, text, sizeof text), HF_E_ARGUMENT);
    ck_assert_str_eq(text, "total: is NULL");
    ck_assert_int_eq(hf_order_total(NULL, NULL, &total, text, 6), HF_E_ARGUMENT);
    ck_assert_uint_eq(strlen(text), 5); /* cut to the caller's buffer */
    cart.args.head.size = 1;
    ck_assert_int_eq(compute(), HF_E_ABI);
    ck_assert_int_eq(total, -7);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("order_total");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, open_shop, close_shop);
    tcase_add_test(core, a_total_is_what_the_order_is_placed_for);
    tcase_add_test(core, an_order_of_adjustments_alone_has_a_total);
    tcase_add_test(core, random_carts_are_placed_for_the_total_computed_before);
    tcase_add_loop_test(core, what_cannot_be_added_up_is_refused_as_by_the_decision, 0,
                        (int)(sizeof refusals / sizeof refusals[0]));
    tcase_add_test(core, arguments_are_checked_as_when_the_order_is_placed);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
