#include "domain/order/total.h"
#include "support/check_main.h"
#include "support/random.h"
#include "support/shop.h"
#include <string.h>

#define RUNS   10 /* each in a process of its own */
#define ORDERS 20 /* in each run */
#define STEPS  14u

static hf_test_fixture fixture;
static hf_test_cart cart;
static hf_test_random rnd;
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

static const hf_order *stored(void)
{
    return hf_test_order(&fixture, &order);
}

/* Sums over the order's payments. */
typedef struct sums {
    int64_t authorized; /* less what was voided */
    int64_t captured;
    int64_t refunded;
} sums;

static sums paid(void)
{
    sums sum = {.authorized = 0};
    for (uint32_t no = 1; no <= stored()->payment_count; no++) {
        const hf_payment *payment = hf_test_payment(&fixture, &order, no);
        sum.authorized += payment->authorized - payment->voided;
        sum.captured += payment->captured;
        sum.refunded += payment->refunded;
    }
    return sum;
}

static void step(uint32_t type, uint32_t line, int64_t quantity)
{
    hf_test_is(&fixture, hf_test_units(&fixture, type, &order, line, quantity), 0);
}

/* ---- examples by hand ---- */

/* 10.00 for 3 units: the shares are 3.33, 3.34, 3.33, in any order. */
START_TEST(a_third_of_ten_is_shared_without_rest)
{
    static const int64_t captured[] = {333, 667, 1000};
    hf_test_cart_line(&cart, "tea", 3, 1000, HF_SETTLE_FULFIL)->price_per = 3;
    hf_test_cart_pay(&cart, "anna", 1000, HF_SETTLE_FULFIL);
    place();
    for (int i = 0; i < 3; i++) {
        step(HF_OP_ORDER_FULFIL, 1, 1);
        ck_assert_int_eq(paid().captured, captured[i]);
    }
    for (int i = 0; i < 3; i++) {
        step(HF_OP_ORDER_RETURN, 1, 1);
        ck_assert_int_eq(paid().refunded, captured[i]);
    }
}
END_TEST

/* Freight of 5.00 over lines of 3.00 and 1.00: 3.75 and 1.25. */
START_TEST(adjustments_of_the_order_are_split_over_lines_by_their_totals)
{
    hf_test_cart_line(&cart, "tea", 3, 100, HF_SETTLE_FULFIL);
    hf_test_cart_line(&cart, "cup", 1, 100, HF_SETTLE_FULFIL);
    hf_test_cart_adjust(&cart, 0, 500);
    hf_test_cart_pay(&cart, "anna", 900, HF_SETTLE_FULFIL);
    place();
    step(HF_OP_ORDER_FULFIL, 2, 1);
    ck_assert_int_eq(paid().captured, 225);
    step(HF_OP_ORDER_FULFIL, 1, 1);
    ck_assert_int_eq(paid().captured, 450);
    step(HF_OP_ORDER_FULFIL, 1, 2);
    ck_assert_int_eq(paid().captured, 900);
}
END_TEST

START_TEST(freight_of_free_lines_is_split_equally)
{
    hf_test_cart_line(&cart, "tea", 3, 0, HF_SETTLE_FULFIL);
    hf_test_cart_line(&cart, "cup", 1, 0, HF_SETTLE_FULFIL);
    hf_test_cart_adjust(&cart, 0, 500);
    hf_test_cart_pay(&cart, "anna", 500, HF_SETTLE_FULFIL);
    place();
    step(HF_OP_ORDER_FULFIL, 2, 1);
    ck_assert_int_eq(paid().captured, 250);
}
END_TEST

/* 10.00 less 1.00: each of two lines of 5.00 is worth 4.50. */
START_TEST(a_discount_of_the_order_lowers_every_share)
{
    hf_test_cart_line(&cart, "tea", 5, 100, HF_SETTLE_FULFIL);
    hf_test_cart_line(&cart, "cup", 1, 500, HF_SETTLE_FULFIL);
    hf_test_cart_adjust(&cart, 0, -100);
    hf_test_cart_pay(&cart, "anna", 900, HF_SETTLE_CONFIRM);
    place();
    step(HF_OP_ORDER_CANCEL, 2, 1);
    ck_assert_int_eq(paid().refunded, 450);
    step(HF_OP_ORDER_CANCEL, 1, 1);
    ck_assert_int_eq(paid().refunded, 540);
}
END_TEST

/* ---- properties ---- */

/* Every way of calling the share is the one of hf_money_split. */
START_TEST(a_share_is_what_the_split_gives_the_first_units)
{
    rnd = hf_test_seed();
    for (int i = 0; i < 2000; i++) {
        int64_t value = (int64_t)(hf_test_next(&rnd) >> (1 + hf_test_below(&rnd, 62)));
        int64_t quantity = 1 + (int64_t)(hf_test_next(&rnd) >> (1 + hf_test_below(&rnd, 62))) / 2;
        int64_t units = (int64_t)(hf_test_next(&rnd) % (uint64_t)quantity);
        const hf_order_line row = {.quantity = quantity};
        hf__line line = {.row = &row};
        const hf__order shared = {.lines = &line, .values = &value};
        const int64_t weights[] = {units, quantity - units};
        int64_t parts[2];
        ck_assert_int_eq(hf_money_split(value, weights, 2, parts), 0);
        ck_assert_int_eq(hf__order_share(&shared, 0, units), parts[0]);
    }
}
END_TEST

static int64_t between(int64_t low, int64_t high)
{
    return low + (int64_t)hf_test_below(&rnd, (uint32_t)(high - low + 1));
}

static void add_lines(void)
{
    uint32_t lines = (uint32_t)between(1, 4);
    for (uint32_t i = 0; i < lines; i++) {
        hf_line_args *line =
            hf_test_cart_line(&cart, i % 2 == 0 ? "tea" : "cup", between(1, 9), between(0, 99),
                              hf_test_below(&rnd, 5) == 0 ? HF_SETTLE_CONFIRM : HF_SETTLE_FULFIL);
        line->price_per = between(1, 3);
        line->untracked = hf_test_below(&rnd, 6) == 0 ? 1 : 0;
        if (hf_test_below(&rnd, 3) == 0)
            hf_test_cart_adjust(&cart, i + 1, between(0, 9));
    }
    int64_t total = hf_test_cart_total(&cart);
    if (hf_test_below(&rnd, 2) == 0)
        hf_test_cart_adjust(&cart, 0, between(0, 40));
    if (hf_test_below(&rnd, 2) == 0 && total > 0)
        hf_test_cart_adjust(&cart, 0, -between(0, total));
}

/* One to three payments that cover the total exactly; most settle on FULFIL. */
static void add_payments(void)
{
    int64_t rest = hf_test_cart_total(&cart);
    for (uint32_t i = 0; i < 3 && rest > 0; i++) {
        int64_t amount = i == 2 ? rest : between(1, rest);
        uint32_t settle = hf_test_below(&rnd, 3) == 0 ? HF_SETTLE_CONFIRM : HF_SETTLE_FULFIL;
        hf_test_cart_pay(&cart, i % 2 == 0 ? "anna" : "ben", amount, settle);
        rest -= amount;
    }
}

static int64_t units_left(uint32_t type, const hf_order_line *line)
{
    return type == HF_OP_ORDER_RETURN ? line->fulfilled - line->returned
                                      : line->quantity - line->fulfilled - line->cancelled;
}

static void random_step(void)
{
    static const uint32_t types[] = {HF_OP_ORDER_FULFIL, HF_OP_ORDER_FULFIL, HF_OP_ORDER_CANCEL,
                                     HF_OP_ORDER_RETURN};
    uint32_t type = types[hf_test_below(&rnd, 4)];
    uint32_t line = 1 + hf_test_below(&rnd, stored()->line_count);
    int64_t most = units_left(type, hf_test_line(&fixture, &order, line));
    bool allowed = stored()->state == HF_ORDER_CONFIRMED ||
                   (stored()->state == HF_ORDER_CLOSED && type == HF_OP_ORDER_RETURN);
    if (allowed && most > 0)
        step(type, line, between(1, most));
}

/* What a customer keeps is what he has paid for: recomputed from the definition. */
static int64_t share(int64_t value, int64_t units, int64_t quantity)
{
    int64_t parts[2];
    const int64_t weights[] = {units, quantity - units};
    ck_assert_int_eq(hf_money_split(value, weights, 2, parts), 0);
    return parts[0];
}

typedef struct expected {
    int64_t needed;
    int64_t due;
    int64_t returned;
} expected;

static expected compute(void)
{
    int64_t weights[HF_TEST_CART_MAX];
    int64_t parts[HF_TEST_CART_MAX] = {0};
    int64_t own = stored()->total;
    int64_t sum = 0;
    for (uint32_t i = 0; i < stored()->line_count; i++) {
        weights[i] = hf_test_line(&fixture, &order, i + 1)->total;
        sum += weights[i];
    }
    own -= sum;
    for (uint32_t i = 0; sum == 0 && i < stored()->line_count; i++)
        weights[i] = 1;
    ck_assert_int_eq(hf_money_split(own, weights, stored()->line_count, parts), 0);
    expected e = {.needed = 0};
    for (uint32_t i = 0; i < stored()->line_count; i++) {
        const hf_order_line *line = hf_test_line(&fixture, &order, i + 1);
        int64_t value = line->total + parts[i];
        e.needed += share(value, line->quantity - line->cancelled, line->quantity);
        e.due += share(value, line->fulfilled, line->quantity);
        e.returned += share(value, line->returned, line->quantity);
    }
    return e;
}

static void check_sums(int64_t on_confirm)
{
    expected e = compute();
    sums p = paid();
    int64_t captured = e.due > on_confirm ? e.due : on_confirm;
    ck_assert_int_eq(p.captured, captured);
    int64_t for_cancelled = captured > e.needed ? captured - e.needed : 0;
    ck_assert_int_eq(p.refunded, for_cancelled + e.returned);
    ck_assert_int_ge(p.captured - p.refunded, 0);
    if (stored()->state == HF_ORDER_CONFIRMED)
        ck_assert_int_ge(p.authorized, e.needed);
    if (stored()->state == HF_ORDER_CLOSED || stored()->state == HF_ORDER_CANCELLED)
        ck_assert_int_eq(p.captured - p.refunded, e.needed - e.returned);
}

/* One order from its placing to the return of everything. */
static void live(void)
{
    add_lines();
    add_payments();
    place();
    int64_t on_confirm = 0;
    for (uint32_t i = 0; i < cart.args.payment_count; i++)
        on_confirm += cart.payments[i].settle_on == HF_SETTLE_CONFIRM ? cart.payments[i].amount : 0;
    check_sums(on_confirm);
    for (uint32_t i = 0; i < STEPS; i++) {
        random_step();
        check_sums(on_confirm);
    }
    if (stored()->state == HF_ORDER_CONFIRMED)
        step(hf_test_below(&rnd, 2) == 0 ? HF_OP_ORDER_FULFIL : HF_OP_ORDER_CANCEL, 0, 0);
    check_sums(on_confirm);
    ck_assert(stored()->state == HF_ORDER_CLOSED || stored()->state == HF_ORDER_CANCELLED);
    int64_t back = 0;
    for (uint32_t i = 0; i < stored()->line_count; i++)
        back += units_left(HF_OP_ORDER_RETURN, hf_test_line(&fixture, &order, i + 1));
    if (back > 0)
        step(HF_OP_ORDER_RETURN, 0, 0);
    ck_assert_int_eq(paid().captured, paid().refunded);
    ck_assert_int_eq(hf_test_balance(&fixture, "anna"), 10000);
    ck_assert_int_eq(hf_test_balance(&fixture, "ben"), 10000);
    ck_assert_int_eq(hf_test_account(&fixture, HF_KIND_ITEM, "tea", "pcs")->balance, 100);
}

START_TEST(any_sequence_of_partial_steps_ends_with_exact_sums)
{
    rnd.state += (uint64_t)_i * 0x9e3779b9u;
    for (int i = 0; i < ORDERS; i++) {
        live();
        close_shop();
        open_shop();
    }
}
END_TEST

int main(void)
{
    rnd = hf_test_seed();
    Suite *suite = suite_create("order_money");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, open_shop, close_shop);
    tcase_add_test(core, a_third_of_ten_is_shared_without_rest);
    tcase_add_test(core, adjustments_of_the_order_are_split_over_lines_by_their_totals);
    tcase_add_test(core, freight_of_free_lines_is_split_equally);
    tcase_add_test(core, a_discount_of_the_order_lowers_every_share);
    tcase_add_test(core, a_share_is_what_the_split_gives_the_first_units);
    tcase_add_loop_test(core, any_sequence_of_partial_steps_ends_with_exact_sums, 0, RUNS);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
