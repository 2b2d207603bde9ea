/* Backoff: bounds, spread, and when it stops. */
#include "support/check_main.h"
#include "support/random.h"

#include <holdfast/error.h>
#include <holdfast/resilience.h>
#include <stdbool.h>
#include <string.h>

#define UNTOUCHED (-42)

static hf_retry_policy make(int64_t initial_ms, int64_t cap_ms, uint32_t multiplier)
{
    hf_retry_policy policy;
    hf_retry_policy_init(&policy);
    policy.attempts_max = 0;
    policy.initial_ms = initial_ms;
    policy.cap_ms = cap_ms;
    policy.multiplier = multiplier;
    return policy;
}

static int64_t delay_of(const hf_retry_policy *policy, uint32_t attempt, uint64_t random)
{
    int64_t delay = UNTOUCHED;
    ck_assert_int_eq(hf_retry_delay(policy, attempt, random, 0, 0, &delay), 1);
    return delay;
}

START_TEST(defaults_double_from_50_ms_to_5_s_a_hundred_times)
{
    hf_retry_policy policy;
    hf_retry_policy_init(NULL);
    hf_retry_policy_init(&policy);
    ck_assert_uint_eq(policy.size, sizeof policy);
    ck_assert_int_eq(delay_of(&policy, 1, UINT64_MAX), 50);
    ck_assert_int_eq(delay_of(&policy, 2, UINT64_MAX), 100);
    ck_assert_int_eq(delay_of(&policy, 7, UINT64_MAX), 3200);
    ck_assert_int_eq(delay_of(&policy, 8, UINT64_MAX), 5000);
    ck_assert_int_eq(delay_of(&policy, 99, UINT64_MAX), 5000);
    int64_t delay = UNTOUCHED;
    ck_assert_int_eq(hf_retry_delay(&policy, 100, 0, 0, INT64_MAX, &delay), 0);
    ck_assert_int_eq(delay, UNTOUCHED);
}
END_TEST

typedef struct bound {
    int64_t initial_ms;
    int64_t cap_ms;
    uint32_t multiplier;
    uint32_t attempt;
    int64_t expected;
} bound;

static const bound bounds[] = {
    {1, INT64_MAX, 200, 1, 1},
    {1, INT64_MAX, 200, 63, (int64_t)1 << 62},
    {1, INT64_MAX, 200, 64, INT64_MAX},
    {1, INT64_MAX, 200, UINT32_MAX, INT64_MAX},
    {1, INT64_MAX, UINT32_MAX, 3, 1844674408659446},
    {1, INT64_MAX, UINT32_MAX, UINT32_MAX, INT64_MAX},
    {1, INT64_MAX, 101, 2, 2}, /* 1.01, rounded up */
    {1, INT64_MAX, 101, UINT32_MAX, INT64_MAX},
    {7, 1000, 100, UINT32_MAX, 7},
    {10, 1000, 150, 2, 15},
    {10, 1000, 150, 3, 23}, /* 22.5 */
    {INT64_MAX, INT64_MAX, UINT32_MAX, UINT32_MAX, INT64_MAX},
    {5, 5, 200, 2, 5},
};
#define BOUND_COUNT ((int)(sizeof bounds / sizeof bounds[0]))

START_TEST(the_bound_grows_to_the_cap_and_never_overflows)
{
    const bound *b = &bounds[_i];
    hf_retry_policy policy = make(b->initial_ms, b->cap_ms, b->multiplier);
    ck_assert_int_eq(delay_of(&policy, b->attempt, UINT64_MAX), b->expected);
    ck_assert_int_eq(delay_of(&policy, b->attempt, 0), 0);
}
END_TEST

START_TEST(every_delay_of_a_small_bound_is_as_likely)
{
    enum { BOUND = 9, DRAWS = 100000 };
    hf_test_random random = hf_test_seed();
    hf_retry_policy policy = make(BOUND, BOUND, 200);
    int counts[BOUND + 1] = {0};
    for (int i = 0; i < DRAWS; i++) {
        int64_t delay = delay_of(&policy, 3, hf_test_next(&random));
        ck_assert_int_ge(delay, 0);
        ck_assert_int_le(delay, BOUND);
        counts[delay] += 1;
    }
    /* 10,000 expected each; the standard deviation is 95, so this fails once in 10^9 runs */
    for (int i = 0; i <= BOUND; i++)
        ck_assert_int_lt(abs(counts[i] - DRAWS / (BOUND + 1)), 660);
}
END_TEST

START_TEST(the_random_number_is_spread_over_the_whole_range)
{
    hf_retry_policy policy = make(1000000, 1000000, 200);
    for (uint64_t i = 0; i < 1000; i++) {
        int64_t delay = delay_of(&policy, 1, UINT64_MAX / 1000 * i);
        ck_assert_int_ge(delay, (int64_t)i * 1000 - 1);
        ck_assert_int_le(delay, (int64_t)i * 1000 + 1);
    }
}
END_TEST

/* A policy and a question of any shape that is allowed. */
static hf_retry_policy any_policy(hf_test_random *random)
{
    hf_retry_policy policy;
    hf_retry_policy_init(&policy);
    policy.initial_ms = 1 + (int64_t)(hf_test_next(random) >> (2 + hf_test_below(random, 62)));
    policy.cap_ms = policy.initial_ms;
    policy.cap_ms += (int64_t)(hf_test_next(random) >> (2 + hf_test_below(random, 62)));
    policy.multiplier = 100 + hf_test_below(random, UINT32_MAX - 100);
    if (hf_test_below(random, 2) == 0)
        policy.multiplier = 100 + hf_test_below(random, 300);
    policy.attempts_max = hf_test_below(random, 50);
    policy.elapsed_max_ms = hf_test_below(random, 3) == 0 ? 0 : hf_test_below(random, 100000);
    return policy;
}

START_TEST(delays_keep_every_limit)
{
    hf_test_random random = hf_test_seed();
    for (int i = 0; i < 20000; i++) {
        hf_retry_policy policy = any_policy(&random);
        uint32_t attempt =
            1 + hf_test_below(&random, hf_test_below(&random, 9) == 0 ? 1u << 31 : 60);
        int64_t after = hf_test_below(&random, 2) == 0 ? 0 : hf_test_below(&random, 100000);
        int64_t elapsed = hf_test_below(&random, 100000);
        int64_t limit = policy.elapsed_max_ms;
        int64_t delay = UNTOUCHED;
        int again = hf_retry_delay(&policy, attempt, hf_test_next(&random), after, elapsed, &delay);
        bool spent = (policy.attempts_max != 0 && attempt >= policy.attempts_max) ||
                     (limit != 0 && (elapsed >= limit || after > limit - elapsed));
        ck_assert_int_eq(again, spent ? 0 : 1);
        if (spent) {
            ck_assert_int_eq(delay, UNTOUCHED);
            continue;
        }
        ck_assert_int_ge(delay, after);
        ck_assert_int_le(delay - after, policy.cap_ms);
        if (limit != 0)
            ck_assert_int_le(elapsed + delay, limit);
    }
}
END_TEST

START_TEST(what_the_callee_asks_for_comes_before_the_jitter)
{
    hf_retry_policy policy = make(100, 100, 200);
    int64_t delay;
    ck_assert_int_eq(hf_retry_delay(&policy, 1, 0, 30000, 0, &delay), 1);
    ck_assert_int_eq(delay, 30000);
    ck_assert_int_eq(hf_retry_delay(&policy, 1, UINT64_MAX, 30000, 0, &delay), 1);
    ck_assert_int_eq(delay, 30100);
    ck_assert_int_eq(hf_retry_delay(&policy, 1, UINT64_MAX, INT64_MAX, 0, &delay), 1);
    ck_assert_int_eq(delay, INT64_MAX);
    ck_assert_int_eq(hf_retry_delay(&policy, 1, UINT64_MAX, INT64_MAX - 7, INT64_MAX, &delay), 1);
    ck_assert_int_eq(delay, INT64_MAX);
}
END_TEST

START_TEST(no_attempt_starts_later_than_the_limit_of_time)
{
    hf_retry_policy policy = make(1000, 1000, 200);
    policy.elapsed_max_ms = 5000;
    int64_t delay = UNTOUCHED;
    ck_assert_int_eq(hf_retry_delay(&policy, 1, UINT64_MAX, 0, 4999, &delay), 1);
    ck_assert_int_eq(delay, 1);
    ck_assert_int_eq(hf_retry_delay(&policy, 1, UINT64_MAX, 1500, 3000, &delay), 1);
    ck_assert_int_eq(delay, 2000);
    ck_assert_int_eq(hf_retry_delay(&policy, 1, UINT64_MAX, 2000, 3000, &delay), 1);
    ck_assert_int_eq(delay, 2000);
    delay = UNTOUCHED;
    ck_assert_int_eq(hf_retry_delay(&policy, 1, 0, 2001, 3000, &delay), 0);
    ck_assert_int_eq(hf_retry_delay(&policy, 1, 0, 0, 5000, &delay), 0);
    ck_assert_int_eq(hf_retry_delay(&policy, 1, 0, 0, INT64_MAX, &delay), 0);
    ck_assert_int_eq(delay, UNTOUCHED);
}
END_TEST

START_TEST(a_policy_outside_its_ranges_is_refused)
{
    const hf_retry_policy bad[] = {
        make(0, 100, 200), make(-1, 100, 200), make(100, 99, 200), make(1, 1, 99), make(1, 1, 0),
    };
    int64_t delay = UNTOUCHED;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_int_eq(hf_retry_delay(&bad[i], 1, 0, 0, 0, &delay), HF_E_ARGUMENT);
    hf_retry_policy policy = make(1, 1, 200);
    ck_assert_int_eq(hf_retry_delay(NULL, 1, 0, 0, 0, &delay), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_retry_delay(&policy, 1, 0, 0, 0, NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_retry_delay(&policy, 0, 0, 0, 0, &delay), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_retry_delay(&policy, 1, 0, -1, 0, &delay), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_retry_delay(&policy, 1, 0, 0, -1, &delay), HF_E_ARGUMENT);
    policy.elapsed_max_ms = -1;
    ck_assert_int_eq(hf_retry_delay(&policy, 1, 0, 0, 0, &delay), HF_E_ARGUMENT);
    ck_assert_int_eq(delay, UNTOUCHED);
}
END_TEST

START_TEST(a_longer_policy_is_taken_when_its_tail_is_zero)
{
    struct {
        hf_retry_policy policy;
        uint32_t tail[2];
    } longer = {.policy = make(10, 10, 200)};
    longer.policy.size = sizeof longer;
    ck_assert_int_eq(delay_of(&longer.policy, 1, UINT64_MAX), 10);
    int64_t delay = UNTOUCHED;
    longer.tail[1] = 1;
    ck_assert_int_eq(hf_retry_delay(&longer.policy, 1, 0, 0, 0, &delay), HF_E_ABI);
    hf_retry_policy policy = make(10, 10, 200);
    policy.size -= 1;
    ck_assert_int_eq(hf_retry_delay(&policy, 1, 0, 0, 0, &delay), HF_E_ABI);
    policy.size = UINT32_MAX;
    ck_assert_int_eq(hf_retry_delay(&policy, 1, 0, 0, 0, &delay), HF_E_ABI);
    policy = make(10, 10, 200);
    policy.reserved = 1;
    ck_assert_int_eq(hf_retry_delay(&policy, 1, 0, 0, 0, &delay), HF_E_ABI);
    ck_assert_int_eq(delay, UNTOUCHED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("retry");
    TCase *core = tcase_create("core");
    tcase_add_test(core, defaults_double_from_50_ms_to_5_s_a_hundred_times);
    tcase_add_loop_test(core, the_bound_grows_to_the_cap_and_never_overflows, 0, BOUND_COUNT);
    tcase_add_test(core, every_delay_of_a_small_bound_is_as_likely);
    tcase_add_test(core, the_random_number_is_spread_over_the_whole_range);
    tcase_add_test(core, delays_keep_every_limit);
    tcase_add_test(core, what_the_callee_asks_for_comes_before_the_jitter);
    tcase_add_test(core, no_attempt_starts_later_than_the_limit_of_time);
    tcase_add_test(core, a_policy_outside_its_ranges_is_refused);
    tcase_add_test(core, a_longer_policy_is_taken_when_its_tail_is_zero);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
