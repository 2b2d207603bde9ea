/* When a late call is sent once more. */
#include "support/check_main.h"
#include "support/random.h"

#include <holdfast/error.h>
#include <holdfast/resilience.h>
#include <stdlib.h>

#define CALLS 900u /* less than a window: nothing is halved */

static int by_value(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

START_TEST(the_delay_is_the_quantile_and_at_most_a_quarter_more)
{
    hf_test_random random = hf_test_seed();
    uint64_t all[CALLS];
    uint64_t delay = 0;
    hf_hedge hedge;
    ck_assert_int_eq(hf_hedge_init(&hedge, 95, 5, 0), 0);
    for (uint32_t i = 0; i < CALLS; i++) {
        all[i] = hf_test_next(&random) >> (20 + hf_test_below(&random, 44));
        ck_assert_int_eq(hf_hedge_report(&hedge, all[i] >> 16), 0);
        all[i] >>= 16;
    }
    qsort(all, CALLS, sizeof all[0], by_value);
    uint64_t exact = all[(CALLS * 95 + 99) / 100 - 1];
    ck_assert_int_eq(hf_hedge_delay(&hedge, &delay), 1);
    ck_assert_uint_gt(delay, exact);
    ck_assert_uint_le(delay, exact + exact / 4 + 1);
}
END_TEST

START_TEST(few_calls_say_nothing_and_old_ones_are_forgotten)
{
    hf_hedge hedge;
    uint64_t delay = 7;
    ck_assert_int_eq(hf_hedge_init(&hedge, 90, 5, 0), 0);
    for (uint32_t i = 0; i < 19; i++)
        ck_assert_int_eq(hf_hedge_report(&hedge, 100), 0);
    ck_assert_int_eq(hf_hedge_delay(&hedge, &delay), 0);
    ck_assert_uint_eq(delay, 7);
    for (uint32_t i = 0; i < 3000; i++)
        ck_assert_int_eq(hf_hedge_report(&hedge, 100), 0);
    for (uint32_t i = 0; i < 10000; i++)
        ck_assert_int_eq(hf_hedge_report(&hedge, UINT64_MAX), 0);
    ck_assert_int_eq(hf_hedge_delay(&hedge, &delay), 1);
    ck_assert_uint_gt(delay, UINT64_C(1) << 32);
    for (uint32_t i = 0; i < 10000; i++)
        ck_assert_int_eq(hf_hedge_report(&hedge, 0), 0);
    ck_assert_int_eq(hf_hedge_delay(&hedge, &delay), 1);
    ck_assert_uint_eq(delay, 1);
}
END_TEST

START_TEST(second_calls_are_a_part_of_the_first)
{
    hf_hedge hedge;
    uint32_t second = 0;
    ck_assert_int_eq(hf_hedge_init(&hedge, 50, 5, 0), 0);
    for (uint32_t i = 0; i < 10000; i++) { /* everything is late */
        ck_assert_int_eq(hf_hedge_report(&hedge, 1000), 0);
        second += (uint32_t)hf_hedge_allow(&hedge, i);
    }
    ck_assert_uint_ge(second, 500);
    ck_assert_uint_le(second, 510);
}
END_TEST

START_TEST(what_is_no_hedge_is_refused)
{
    hf_hedge hedge;
    uint64_t delay;
    ck_assert_int_eq(hf_hedge_init(NULL, 95, 5, 0), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_hedge_init(&hedge, 49, 5, 0), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_hedge_init(&hedge, 100, 5, 0), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_hedge_init(&hedge, 95, 0, 0), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_hedge_init(&hedge, 95, 101, 0), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_hedge_init(&hedge, 95, 5, 0), 0);
    ck_assert_int_eq(hf_hedge_delay(&hedge, NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_hedge_report(NULL, 1), HF_E_ARGUMENT);
    hedge.size = 1;
    ck_assert_int_eq(hf_hedge_delay(&hedge, &delay), HF_E_ABI);
    ck_assert_int_eq(hf_hedge_allow(&hedge, 0), HF_E_ABI);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hedge");
    TCase *core = tcase_create("core");
    tcase_add_test(core, the_delay_is_the_quantile_and_at_most_a_quarter_more);
    tcase_add_test(core, few_calls_say_nothing_and_old_ones_are_forgotten);
    tcase_add_test(core, second_calls_are_a_part_of_the_first);
    tcase_add_test(core, what_is_no_hedge_is_refused);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
