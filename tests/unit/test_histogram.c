/*
 * Histograms: every bucket, the quantiles beside the exact ones of sorted values, adding and
 * subtracting, and the arguments.
 */
#include "metrics/histogram.h"
#include "support/check_main.h"
#include "support/random.h"

#include <holdfast/error.h>
#include <math.h>
#include <string.h>

#define VALUES 20000u

static hf_histogram histogram;
static hf_histogram other;
static uint64_t values[VALUES];

static void fill(hf_histogram *to, const uint64_t *from, uint32_t count)
{
    ck_assert_int_eq(hf_histogram_init(to), 0);
    for (uint32_t i = 0; i < count; i++)
        ck_assert_int_eq(hf_histogram_record(to, from[i]), 0);
}

START_TEST(the_buckets_are_in_order_and_every_number_has_one)
{
    ck_assert_uint_eq(hf__histogram_low(0), 0);
    for (uint32_t i = 0; i < HF_HISTOGRAM_BUCKETS; i++) {
        uint64_t low = hf__histogram_low(i);
        uint64_t high = hf__histogram_high(i);
        ck_assert_uint_le(low, high);
        ck_assert_uint_eq(hf__histogram_bucket(low), i);
        ck_assert_uint_eq(hf__histogram_bucket(high), i);
        ck_assert_uint_eq(hf__histogram_bucket(low + (high - low) / 2), i);
        if (i + 1 < HF_HISTOGRAM_BUCKETS)
            ck_assert_uint_eq(hf__histogram_low(i + 1), high + 1);
    }
    ck_assert_uint_eq(hf__histogram_high(HF_HISTOGRAM_BUCKETS - 1), UINT64_MAX);
    for (uint32_t bit = 0; bit < 64; bit++) /* a power of two ends a bucket */
        ck_assert_uint_eq(hf__histogram_high(hf__histogram_bucket(UINT64_C(1) << bit)), UINT64_C(1)
                                                                                            << bit);
}
END_TEST

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* ---- Distributions --------------------------------------------------------------------------- */

static double share(hf_test_random *random)
{
    return (double)(hf_test_next(random) >> 11) * 0x1p-53;
}

static uint64_t uniform(hf_test_random *random)
{
    return hf_test_next(random) % 1000000;
}

static uint64_t any_number(hf_test_random *random)
{
    return hf_test_next(random) >> hf_test_below(random, 64);
}

static uint64_t exponential(hf_test_random *random)
{
    return (uint64_t)(-50000.0 * log(1.0 - share(random)));
}

/* Most are fast, one of a hundred takes a thousand times as long. */
static uint64_t two_humps(hf_test_random *random)
{
    uint64_t base = hf_test_below(random, 100) == 0 ? 80000000 : 80000;
    return base + hf_test_next(random) % (base / 4);
}

static uint64_t pareto(hf_test_random *random)
{
    return (uint64_t)(1000.0 / pow(1.0 - share(random), 1.0 / 1.1));
}

static uint64_t one_value(hf_test_random *random)
{
    (void)random;
    return 123457;
}

static uint64_t small_numbers(hf_test_random *random)
{
    return hf_test_below(random, 65);
}

static uint64_t (*const distributions[])(hf_test_random *) = {
    uniform, any_number, exponential, two_humps, pareto, one_value, small_numbers,
};

#define DISTRIBUTIONS (sizeof distributions / sizeof distributions[0])

static const double shares[] = {0, 1e-9, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1};

static void compare(uint32_t count)
{
    qsort(values, count, sizeof values[0], by_value);
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        uint64_t rank = (uint64_t)ceil(shares[i] * count);
        uint64_t exact = values[rank == 0 ? 0 : rank - 1];
        uint64_t found = 0;
        ck_assert_int_eq(hf_histogram_quantile(&histogram, shares[i], &found), 1);
        double error = fabs((double)found - (double)exact);
        ck_assert_msg(error <= 0.016 * (double)exact, "%g of %u: %llu is not near %llu", shares[i],
                      count, (unsigned long long)found, (unsigned long long)exact);
        ck_assert_uint_ge(found, values[0]);
        ck_assert_uint_le(found, values[count - 1]);
    }
}

START_TEST(quantiles_are_within_two_percent_of_the_exact_ones)
{
    hf_test_random random = hf_test_seed();
    for (uint32_t round = 0; round < 30; round++) {
        uint32_t count = round < 10 ? round + 1 : 1 + hf_test_below(&random, VALUES);
        for (uint32_t i = 0; i < count; i++)
            values[i] = distributions[_i](&random);
        fill(&histogram, values, count);
        compare(count);
    }
}
END_TEST

START_TEST(up_to_sixty_four_and_at_the_ends_quantiles_are_exact)
{
    uint64_t found;
    for (uint64_t v = 0; v <= 64; v++) {
        fill(&histogram, &v, 1);
        ck_assert_int_eq(hf_histogram_quantile(&histogram, 0.5, &found), 1);
        ck_assert_uint_eq(found, v);
    }
    const uint64_t ends[] = {1000003, UINT64_MAX};
    fill(&histogram, ends, 2);
    ck_assert_int_eq(hf_histogram_quantile(&histogram, 0, &found), 1);
    ck_assert_uint_eq(found, 1000003);
    ck_assert_uint_eq(histogram.most, UINT64_MAX);
    ck_assert_uint_eq(histogram.sum, UINT64_MAX); /* it would not fit */
}
END_TEST

START_TEST(a_histogram_without_values_has_no_quantile)
{
    uint64_t found = 7;
    uint64_t count = 7;
    ck_assert_int_eq(hf_histogram_init(&histogram), 0);
    ck_assert_int_eq(hf_histogram_quantile(&histogram, 0.5, &found), 0);
    ck_assert_uint_eq(found, 7);
    ck_assert_int_eq(hf_histogram_count_to(&histogram, UINT64_MAX, &count), 0);
    ck_assert_uint_eq(count, 0);
}
END_TEST

START_TEST(counts_up_to_a_power_of_two_are_exact)
{
    hf_test_random random = hf_test_seed();
    for (uint32_t i = 0; i < VALUES; i++)
        values[i] = any_number(&random) >> 20;
    fill(&histogram, values, VALUES);
    for (uint32_t bit = 0; bit < 64; bit++) {
        uint64_t exact = 0;
        uint64_t count = 0;
        for (uint32_t i = 0; i < VALUES; i++)
            exact += values[i] <= UINT64_C(1) << bit ? 1 : 0;
        ck_assert_int_eq(hf_histogram_count_to(&histogram, UINT64_C(1) << bit, &count), 0);
        ck_assert_uint_eq(count, exact);
    }
}
END_TEST

/* ---- Several --------------------------------------------------------------------------------- */

START_TEST(adding_gives_what_one_histogram_of_all_values_has)
{
    hf_test_random random = hf_test_seed();
    static hf_histogram whole;
    for (uint32_t i = 0; i < VALUES; i++)
        values[i] = distributions[i % DISTRIBUTIONS](&random);
    fill(&whole, values, VALUES);
    fill(&histogram, values, VALUES / 3);
    fill(&other, values + VALUES / 3, VALUES - VALUES / 3);
    ck_assert_int_eq(hf_histogram_add(&histogram, &other), 0);
    ck_assert_mem_eq(&histogram, &whole, sizeof whole);
}
END_TEST

START_TEST(subtracting_an_earlier_copy_leaves_the_values_since)
{
    hf_test_random random = hf_test_seed();
    for (uint32_t i = 0; i < VALUES; i++)
        values[i] = exponential(&random);
    fill(&other, values, VALUES / 2);
    histogram = other;
    for (uint32_t i = VALUES / 2; i < VALUES; i++)
        ck_assert_int_eq(hf_histogram_record(&histogram, values[i]), 0);
    ck_assert_int_eq(hf_histogram_subtract(&histogram, &other), 0);
    memmove(values, values + VALUES / 2, (VALUES - VALUES / 2) * sizeof values[0]);
    static hf_histogram expected;
    fill(&expected, values, VALUES - VALUES / 2);
    ck_assert_mem_eq(histogram.counts, expected.counts, sizeof expected.counts);
    ck_assert_uint_eq(histogram.count, expected.count);
    ck_assert_uint_eq(histogram.sum, expected.sum);
    ck_assert_uint_le(histogram.least, expected.least);
    ck_assert_uint_ge(histogram.most, expected.most);
    ck_assert_int_eq(hf_histogram_subtract(&histogram, &histogram), 0);
    ck_assert_uint_eq(histogram.count, 0);
    ck_assert_uint_eq(histogram.sum, 0);
    ck_assert_uint_eq(histogram.least, UINT64_MAX);
    ck_assert_uint_eq(histogram.most, 0);
}
END_TEST

START_TEST(what_was_never_counted_cannot_be_subtracted)
{
    const uint64_t one = 5;
    const uint64_t two = 6;
    fill(&histogram, &one, 1);
    fill(&other, &two, 1);
    static hf_histogram before;
    before = histogram;
    ck_assert_int_eq(hf_histogram_subtract(&histogram, &other), HF_E_ARGUMENT);
    ck_assert_mem_eq(&histogram, &before, sizeof before);
}
END_TEST

START_TEST(counts_beyond_four_billion_are_counted)
{
    uint64_t found;
    ck_assert_int_eq(hf_histogram_init(&histogram), 0);
    ck_assert_int_eq(hf_histogram_record(&histogram, 10), 0);
    ck_assert_int_eq(hf_histogram_record(&histogram, 20), 0);
    for (uint32_t i = 0; i < 40; i++) {
        other = histogram;
        ck_assert_int_eq(hf_histogram_add(&histogram, &other), 0);
    }
    ck_assert_uint_eq(histogram.count, UINT64_C(2) << 40);
    ck_assert_int_eq(hf_histogram_quantile(&histogram, 0.5, &found), 1);
    ck_assert_uint_eq(found, 10);
    ck_assert_int_eq(hf_histogram_quantile(&histogram, 0.5000001, &found), 1);
    ck_assert_uint_eq(found, 20);
}
END_TEST

START_TEST(arguments_that_are_wrong_are_refused)
{
    uint64_t out;
    ck_assert_int_eq(hf_histogram_init(NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_histogram_init(&histogram), 0);
    ck_assert_int_eq(hf_histogram_record(NULL, 1), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_histogram_quantile(&histogram, -0.1, &out), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_histogram_quantile(&histogram, 1.1, &out), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_histogram_quantile(&histogram, (double)NAN, &out), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_histogram_quantile(&histogram, 0.5, NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_histogram_quantile(NULL, 0.5, &out), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_histogram_count_to(&histogram, 1, NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_histogram_count_to(NULL, 1, &out), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_histogram_add(&histogram, NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_histogram_add(NULL, &histogram), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_histogram_subtract(&histogram, NULL), HF_E_ARGUMENT);
    memset(&other, 0, sizeof other);
    ck_assert_int_eq(hf_histogram_record(&other, 1), HF_E_ABI);
    ck_assert_int_eq(hf_histogram_add(&histogram, &other), HF_E_ABI);
    ck_assert_int_eq(hf_histogram_subtract(&other, &histogram), HF_E_ABI);
    ck_assert_int_eq(hf_histogram_quantile(&other, 0.5, &out), HF_E_ABI);
    ck_assert_int_eq(hf_histogram_count_to(&other, 1, &out), HF_E_ABI);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("histogram");
    TCase *core = tcase_create("core");
    tcase_add_test(core, the_buckets_are_in_order_and_every_number_has_one);
    tcase_add_loop_test(core, quantiles_are_within_two_percent_of_the_exact_ones, 0,
                        (int)DISTRIBUTIONS);
    tcase_add_test(core, up_to_sixty_four_and_at_the_ends_quantiles_are_exact);
    tcase_add_test(core, a_histogram_without_values_has_no_quantile);
    tcase_add_test(core, counts_up_to_a_power_of_two_are_exact);
    tcase_add_test(core, adding_gives_what_one_histogram_of_all_values_has);
    tcase_add_test(core, subtracting_an_earlier_copy_leaves_the_values_since);
    tcase_add_test(core, what_was_never_counted_cannot_be_subtracted);
    tcase_add_test(core, counts_beyond_four_billion_are_counted);
    tcase_add_test(core, arguments_that_are_wrong_are_refused);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
