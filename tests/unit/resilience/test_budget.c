/* The retry budget: tokens are neither made nor lost. */
#include "support/check_main.h"
#include "support/random.h"

#include <holdfast/error.h>
#include <holdfast/resilience.h>

/* Takes until the bucket is empty; how many there were. */
static uint32_t drain(hf_budget *budget, int64_t now_ms)
{
    uint32_t taken = 0;
    while (hf_budget_withdraw(budget, now_ms) == 1)
        taken += 1;
    return taken;
}

static hf_budget empty(uint32_t retries_per_hundred, uint32_t tokens_max, uint32_t min_per_s)
{
    hf_budget budget;
    ck_assert_int_eq(hf_budget_init(&budget, retries_per_hundred, tokens_max, 0), 0);
    budget.min_per_s = min_per_s;
    ck_assert_uint_eq(drain(&budget, 0), tokens_max);
    return budget;
}

START_TEST(a_bucket_begins_full)
{
    hf_budget budget;
    ck_assert_int_eq(hf_budget_init(&budget, 20, 10, 1000), 0);
    ck_assert_uint_eq(budget.min_per_s, 10);
    ck_assert_uint_eq(drain(&budget, 1000), 10);
    ck_assert_uint_eq(budget.refused, 1);
}
END_TEST

START_TEST(first_attempts_add_their_share)
{
    hf_budget budget = empty(20, 10, 0);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(hf_budget_deposit(&budget), 0);
        ck_assert_int_eq(hf_budget_withdraw(&budget, 0), 0);
    }
    ck_assert_int_eq(hf_budget_deposit(&budget), 0);
    ck_assert_int_eq(hf_budget_withdraw(&budget, 0), 1);
    ck_assert_int_eq(hf_budget_withdraw(&budget, 0), 0);
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(hf_budget_deposit(&budget), 0);
    ck_assert_uint_eq(drain(&budget, 0), 10);
}
END_TEST

START_TEST(time_adds_the_minimum_rate)
{
    hf_budget budget = empty(0, 100, 3);
    ck_assert_int_eq(hf_budget_withdraw(&budget, 333), 0);
    ck_assert_int_eq(hf_budget_withdraw(&budget, 334), 1);
    ck_assert_uint_eq(drain(&budget, 1000), 2);
    ck_assert_uint_eq(drain(&budget, 11000), 30);
    ck_assert_uint_eq(drain(&budget, 1000000), 100);
}
END_TEST

START_TEST(retries_are_what_the_bucket_the_attempts_and_the_time_gave)
{
    hf_test_random random = hf_test_seed();
    for (int round = 0; round < 40; round++) {
        uint32_t per_hundred = hf_test_below(&random, 300);
        uint32_t tokens = 1 + hf_test_below(&random, 20);
        uint32_t per_s = hf_test_below(&random, 30);
        hf_budget budget;
        ck_assert_int_eq(hf_budget_init(&budget, per_hundred, tokens, 0), 0);
        budget.min_per_s = per_s;
        uint64_t given = (uint64_t)tokens * 1000;
        uint64_t retries = 0;
        int64_t now = 0;
        for (int i = 0; i < 1000; i++) {
            if (hf_test_below(&random, 3) == 0) {
                ck_assert_int_eq(hf_budget_deposit(&budget), 0);
                given += (uint64_t)per_hundred * 10;
            }
            int64_t step = hf_test_below(&random, 5) == 0 ? hf_test_below(&random, 100) : 0;
            now += step;
            given += (uint64_t)step * per_s;
            int taken = hf_budget_withdraw(&budget, now);
            retries += taken == 1 ? 1 : 0;
            ck_assert_uint_le(retries * 1000, given);
            ck_assert_uint_le(budget.thousandths, (uint64_t)tokens * 1000);
            ck_assert(taken == 1 || budget.thousandths < 1000);
        }
    }
}
END_TEST

START_TEST(nothing_is_lost_while_the_bucket_does_not_run_over)
{
    hf_test_random random = hf_test_seed();
    hf_budget budget = empty(7, 1u << 20, 0);
    uint64_t given = 0;
    uint64_t retries = 0;
    for (int i = 0; i < 20000; i++) {
        if (hf_test_below(&random, 10) != 0) {
            ck_assert_int_eq(hf_budget_deposit(&budget), 0);
            given += 70;
        } else if (hf_budget_withdraw(&budget, 0) == 1) {
            retries += 1;
        }
        ck_assert_uint_eq(budget.thousandths, given - retries * 1000);
    }
}
END_TEST

START_TEST(the_largest_numbers_do_not_overflow)
{
    hf_budget budget = empty(UINT32_MAX, 1, UINT32_MAX);
    budget.tokens_max = UINT32_MAX;
    const uint64_t full = (uint64_t)UINT32_MAX * 1000;
    for (int i = 0; i < 200; i++)
        ck_assert_int_eq(hf_budget_deposit(&budget), 0);
    ck_assert_uint_eq(budget.thousandths, full);
    budget.since_ms = INT64_MIN;
    budget.thousandths = 0;
    ck_assert_int_eq(hf_budget_withdraw(&budget, INT64_MAX), 1);
    ck_assert_uint_eq(budget.thousandths, full - 1000);
    ck_assert_int_eq(hf_budget_withdraw(&budget, INT64_MIN), 1);
    ck_assert_uint_eq(budget.thousandths, full - 2000);
}
END_TEST

START_TEST(a_clock_that_goes_back_adds_nothing_and_then_continues)
{
    hf_budget budget = empty(0, 10, 10);
    budget.since_ms = 100000;
    ck_assert_int_eq(hf_budget_withdraw(&budget, 50000), 0);
    ck_assert_int_eq(hf_budget_withdraw(&budget, 50099), 0);
    ck_assert_int_eq(hf_budget_withdraw(&budget, 50100), 1);
}
END_TEST

START_TEST(a_smaller_bucket_keeps_what_fits)
{
    hf_budget budget;
    ck_assert_int_eq(hf_budget_init(&budget, 20, 10, 0), 0);
    budget.tokens_max = 4;
    ck_assert_uint_eq(drain(&budget, 0), 4);
}
END_TEST

START_TEST(misuse_is_refused)
{
    hf_budget budget = {0};
    ck_assert_int_eq(hf_budget_deposit(&budget), HF_E_ABI);
    ck_assert_int_eq(hf_budget_withdraw(&budget, 0), HF_E_ABI);
    ck_assert_int_eq(hf_budget_init(&budget, 20, 0, 0), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_budget_init(NULL, 20, 1, 0), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_budget_deposit(NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_budget_withdraw(NULL, 0), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_budget_init(&budget, 20, 1, 0), 0);
    budget.tokens_max = 0;
    ck_assert_int_eq(hf_budget_deposit(&budget), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_budget_withdraw(&budget, 0), HF_E_ARGUMENT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("budget");
    TCase *core = tcase_create("core");
    tcase_add_test(core, a_bucket_begins_full);
    tcase_add_test(core, first_attempts_add_their_share);
    tcase_add_test(core, time_adds_the_minimum_rate);
    tcase_add_test(core, retries_are_what_the_bucket_the_attempts_and_the_time_gave);
    tcase_add_test(core, nothing_is_lost_while_the_bucket_does_not_run_over);
    tcase_add_test(core, the_largest_numbers_do_not_overflow);
    tcase_add_test(core, a_clock_that_goes_back_adds_nothing_and_then_continues);
    tcase_add_test(core, a_smaller_bucket_keeps_what_fits);
    tcase_add_test(core, misuse_is_refused);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
