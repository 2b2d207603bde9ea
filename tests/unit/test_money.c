/* Money: products divided with a named rounding, totals split without rest. */
#include "support/check_main.h"
#include "support/random.h"

#include <holdfast/error.h>
#include <holdfast/money.h>
#include <stdbool.h>
#include <string.h>

__extension__ typedef __int128 wide;

#define PARTS 4096

typedef struct product {
    int64_t a, b, c;
    uint32_t rounding;
    int64_t expected;
} product;

static const product products[] = {
    {3, 1999, 1, HF_ROUND_HALF_UP, 5997},
    {1, 5, 2, HF_ROUND_HALF_UP, 3},
    {-1, 5, 2, HF_ROUND_HALF_UP, -3},
    {1, -5, 2, HF_ROUND_HALF_UP, -3},
    {1, 5, 2, HF_ROUND_HALF_EVEN, 2},
    {1, 7, 2, HF_ROUND_HALF_EVEN, 4},
    {-1, 5, 2, HF_ROUND_HALF_EVEN, -2},
    {-1, 7, 2, HF_ROUND_HALF_EVEN, -4},
    {1, 5, 2, HF_ROUND_DOWN, 2},
    {-1, 5, 2, HF_ROUND_DOWN, -2},
    {1, 5, 2, HF_ROUND_UP, 3},
    {-1, 5, 2, HF_ROUND_UP, -3},
    {1, 4, 2, HF_ROUND_UP, 2},
    {1, 1, 1000, HF_ROUND_UP, 1},
    {-1, 1, 1000, HF_ROUND_UP, -1},
    {1, 1, 1000, HF_ROUND_HALF_UP, 0},
    {0, INT64_MIN, 1, HF_ROUND_UP, 0},
    {-1, 1, 1000, HF_ROUND_DOWN, 0},
    {INT64_MAX, 1, 1, HF_ROUND_HALF_UP, INT64_MAX},
    {INT64_MIN, 1, 1, HF_ROUND_HALF_UP, INT64_MIN},
    {INT64_MIN, -1, 2, HF_ROUND_HALF_UP, 4611686018427387904},
    {INT64_MAX, INT64_MAX, INT64_MAX, HF_ROUND_HALF_EVEN, INT64_MAX},
    {INT64_MIN, INT64_MAX, INT64_MAX, HF_ROUND_HALF_EVEN, INT64_MIN},
    {INT64_MAX, INT64_MAX - 1, INT64_MAX, HF_ROUND_UP, INT64_MAX - 1},
    {INT64_MAX - 1, 1, INT64_MAX, HF_ROUND_HALF_UP, 1},
    {INT64_MAX / 2, 1, INT64_MAX, HF_ROUND_HALF_UP, 0},
};
#define PRODUCT_COUNT ((int)(sizeof products / sizeof products[0]))

START_TEST(a_product_is_divided_and_rounded)
{
    const product *p = &products[_i];
    int64_t out = 42;
    ck_assert_int_eq(hf_money_muldiv(p->a, p->b, p->c, p->rounding, &out), 0);
    ck_assert_int_eq(out, p->expected);
    ck_assert_int_eq(hf_money_muldiv(p->b, p->a, p->c, p->rounding, &out), 0);
    ck_assert_int_eq(out, p->expected);
}
END_TEST

/* Rounds by looking at both neighbours, away and toward zero. */
static int64_t slow_round(int64_t value, int64_t divisor, uint32_t rounding)
{
    int64_t sign = value < 0 ? -1 : 1;
    int64_t down = value * sign / divisor;
    int64_t below = value * sign - down * divisor;
    int64_t above = (down + 1) * divisor - value * sign;
    bool up = false;
    if (below == 0 || rounding == HF_ROUND_DOWN)
        up = false;
    else if (rounding == HF_ROUND_UP)
        up = true;
    else if (below != above)
        up = above < below;
    else
        up = rounding == HF_ROUND_HALF_UP || down % 2 != 0;
    return sign * (down + (up ? 1 : 0));
}

START_TEST(every_small_product_is_rounded_as_defined)
{
    uint32_t rounding = (uint32_t)_i;
    for (int64_t a = -12; a <= 12; a++) {
        for (int64_t b = -12; b <= 12; b++) {
            for (int64_t c = 1; c <= 13; c++) {
                int64_t out;
                ck_assert_int_eq(hf_money_muldiv(a, b, c, rounding, &out), 0);
                ck_assert_int_eq(out, slow_round(a * b, c, rounding));
            }
        }
    }
}
END_TEST

typedef struct refusal {
    int64_t a, b, c;
    uint32_t rounding;
    int error;
} refusal;

static const refusal refusals[] = {
    {1, 1, 0, HF_ROUND_UP, HF_E_ARGUMENT},
    {1, 1, -1, HF_ROUND_UP, HF_E_ARGUMENT},
    {1, 1, INT64_MIN, 9, HF_E_ARGUMENT},
    {1, 1, 1, 4, HF_E_ENUM},
    {INT64_MAX, 2, 1, 4, HF_E_ENUM},
    {INT64_MAX, 2, 1, HF_ROUND_DOWN, HF_E_OVERFLOW},
    {INT64_MIN, -1, 1, HF_ROUND_DOWN, HF_E_OVERFLOW},
    {INT64_MIN, INT64_MIN, 1, HF_ROUND_DOWN, HF_E_OVERFLOW},
    {INT64_MIN, INT64_MAX, 1, HF_ROUND_DOWN, HF_E_OVERFLOW},
    {INT64_MIN, INT64_MIN, INT64_MAX, HF_ROUND_DOWN, HF_E_OVERFLOW},
    {INT64_MAX, 3, 2, HF_ROUND_DOWN, HF_E_OVERFLOW},
};
#define REFUSAL_COUNT ((int)(sizeof refusals / sizeof refusals[0]))

START_TEST(a_product_is_refused_and_the_output_untouched)
{
    const refusal *r = &refusals[_i];
    int64_t out = 42;
    ck_assert_int_eq(hf_money_muldiv(r->a, r->b, r->c, r->rounding, &out), r->error);
    ck_assert_int_eq(out, 42);
    ck_assert_int_eq(hf_money_muldiv(1, 1, 1, HF_ROUND_UP, NULL), HF_E_ARGUMENT);
}
END_TEST

START_TEST(rounding_alone_may_overflow)
{
    int64_t out;
    /* (2^32 - 1) * (2^32 + 1) / 2 lies between 2^63 - 1 and 2^63. */
    ck_assert_int_eq(hf_money_muldiv(4294967295, 4294967297, 2, HF_ROUND_DOWN, &out), 0);
    ck_assert_int_eq(out, INT64_MAX);
    ck_assert_int_eq(hf_money_muldiv(4294967295, 4294967297, 2, HF_ROUND_HALF_UP, &out),
                     HF_E_OVERFLOW);
    ck_assert_int_eq(hf_money_muldiv(-4294967295, 4294967297, 2, HF_ROUND_HALF_UP, &out), 0);
    ck_assert_int_eq(out, INT64_MIN);
}
END_TEST

typedef struct division {
    int64_t total;
    uint32_t count;
    int64_t weights[4];
    int64_t expected[4];
} division;

static const division divisions[] = {
    {100, 3, {1, 1, 1}, {34, 33, 33}},
    {101, 3, {1, 1, 1}, {34, 34, 33}},
    {-100, 3, {1, 1, 1}, {-34, -33, -33}},
    {10, 3, {3, 3, 1}, {4, 4, 2}},
    {10, 3, {1, 0, 2}, {3, 0, 7}},
    {1, 4, {0, 0, 1, 0}, {0, 0, 1, 0}},
    {0, 2, {1, 2}, {0, 0}},
    {7, 1, {5}, {7}},
    {2, 4, {1, 1, 1, 1}, {1, 1, 0, 0}},
    {5, 3, {1, 2, 4}, {1, 1, 3}},
    {INT64_MAX, 2, {1, INT64_MAX - 1}, {1, INT64_MAX - 1}},
    {INT64_MIN, 1, {INT64_MAX}, {INT64_MIN}},
    {INT64_MIN, 2, {1, 1}, {-4611686018427387904, -4611686018427387904}},
    {INT64_MAX, 2, {1, 1}, {4611686018427387904, 4611686018427387903}},
};
#define DIVISION_COUNT ((int)(sizeof divisions / sizeof divisions[0]))

START_TEST(a_total_is_split_by_largest_remainder)
{
    const division *d = &divisions[_i];
    int64_t parts[4];
    ck_assert_int_eq(hf_money_split(d->total, d->weights, d->count, parts), 0);
    for (uint32_t i = 0; i < d->count; i++)
        ck_assert_int_eq(parts[i], d->expected[i]);
}
END_TEST

typedef struct share {
    wide rest;
    uint32_t index;
} share;

static int by_rest(const void *left, const void *right)
{
    const share *a = left;
    const share *b = right;
    if (a->rest != b->rest)
        return a->rest > b->rest ? -1 : 1;
    return a->index < b->index ? -1 : 1;
}

/* The method as it is written in books: floors, then a sorted list of remainders. */
static void split_by_sorting(int64_t total, const int64_t *weights, uint32_t count, int64_t *parts)
{
    static share shares[PARTS];
    wide magnitude = total < 0 ? -(wide)total : total;
    wide sum = 0;
    wide given = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += weights[i];
    for (uint32_t i = 0; i < count; i++) {
        wide part = magnitude * weights[i] / sum;
        shares[i] = (share){.rest = magnitude * weights[i] % sum, .index = i};
        parts[i] = (int64_t)(total < 0 ? -part : part);
        given += part;
    }
    qsort(shares, count, sizeof shares[0], by_rest);
    for (uint32_t i = 0; (wide)i < magnitude - given; i++)
        parts[shares[i].index] += total < 0 ? -1 : 1;
}

static void check_split(int64_t total, const int64_t *weights, uint32_t count)
{
    static int64_t parts[PARTS];
    static int64_t expected[PARTS];
    ck_assert_int_eq(hf_money_split(total, weights, count, parts), 0);
    split_by_sorting(total, weights, count, expected);
    wide sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += parts[i];
    ck_assert(sum == total);
    ck_assert_mem_eq(parts, expected, count * sizeof parts[0]);
}

START_TEST(random_splits_agree_with_sorting)
{
    hf_test_random random = hf_test_seed();
    static int64_t weights[PARTS];
    for (int round = 0; round < 3000; round++) {
        uint32_t count = 1 + hf_test_below(&random, 12);
        unsigned shift = 5 + hf_test_below(&random, 59); /* twelve of 59 bits fit 63 */
        for (uint32_t i = 0; i < count; i++)
            weights[i] = (int64_t)(hf_test_next(&random) >> shift);
        weights[0] += weights[0] == 0 ? 1 : 0;
        int64_t total = (int64_t)(hf_test_next(&random) >> hf_test_below(&random, 64));
        check_split(total, weights, count);
    }
}
END_TEST

START_TEST(an_order_of_the_most_lines_is_split)
{
    hf_test_random random = hf_test_seed();
    static int64_t weights[PARTS];
    for (int round = 0; round < 5; round++) {
        for (uint32_t i = 0; i < PARTS; i++)
            weights[i] = round == 0 ? 1 : (int64_t)(hf_test_next(&random) >> 12) % 100000;
        check_split(123456789 + round, weights, PARTS);
        check_split(PARTS - 1, weights, PARTS);
        check_split(-PARTS / 2, weights, PARTS);
    }
}
END_TEST

START_TEST(the_largest_weights_are_split)
{
    static int64_t weights[PARTS];
    for (uint32_t i = 0; i < PARTS; i++)
        weights[i] = INT64_MAX / PARTS;
    weights[7] += INT64_MAX % PARTS;
    check_split(INT64_MAX, weights, PARTS);
    check_split(INT64_MIN, weights, PARTS);
    check_split(INT64_MIN + 1, weights, PARTS);
    check_split(1, weights, PARTS);
}
END_TEST

START_TEST(a_split_is_refused_and_the_output_untouched)
{
    int64_t parts[2] = {42, 43};
    const int64_t good[2] = {1, 2};
    const int64_t negative[2] = {1, -2};
    const int64_t zero[2] = {0, 0};
    const int64_t large[2] = {INT64_MAX, 1};
    const int64_t both[3] = {INT64_MAX, 1, -1};
    ck_assert_int_eq(hf_money_split(5, NULL, 2, parts), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_money_split(5, good, 2, NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_money_split(5, good, 0, parts), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_money_split(5, negative, 2, parts), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_money_split(5, zero, 2, parts), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_money_split(5, large, 2, parts), HF_E_OVERFLOW);
    ck_assert_int_eq(hf_money_split(5, both, 3, parts), HF_E_ARGUMENT);
    ck_assert_int_eq(parts[0], 42);
    ck_assert_int_eq(parts[1], 43);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("money");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, a_product_is_divided_and_rounded, 0, PRODUCT_COUNT);
    tcase_add_loop_test(core, every_small_product_is_rounded_as_defined, 0, HF_ROUND_UP + 1);
    tcase_add_loop_test(core, a_product_is_refused_and_the_output_untouched, 0, REFUSAL_COUNT);
    tcase_add_test(core, rounding_alone_may_overflow);
    tcase_add_loop_test(core, a_total_is_split_by_largest_remainder, 0, DIVISION_COUNT);
    tcase_add_test(core, random_splits_agree_with_sorting);
    tcase_add_test(core, an_order_of_the_most_lines_is_split);
    tcase_add_test(core, the_largest_weights_are_split);
    tcase_add_test(core, a_split_is_refused_and_the_output_untouched);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
