/*
 * The cap that adapts to latency, against a service that answers `capacity` calls at once in 10 ms
 * and lets the others queue.
 */
#include "support/check_main.h"

#include <holdfast/error.h>
#include <holdfast/resilience.h>

#define ALONE_US 10000u

/* `steps` steps of a caller that always has more to ask for. */
static void run(hf_gradient *gradient, hf_limiter *limiter, uint32_t capacity, uint32_t steps)
{
    int errors = 0;
    for (uint32_t i = 0; i < steps * gradient->window; i++) {
        while (hf_limiter_acquire(limiter) == 1)
            continue;
        uint64_t in_flight = limiter->in_flight;
        uint64_t latency = in_flight <= capacity ? ALONE_US : ALONE_US * in_flight / capacity;
        errors |= hf_gradient_report(gradient, limiter, latency, 0);
        errors |= hf_limiter_release(limiter);
        while (limiter->in_flight > limiter->max)
            errors |= hf_limiter_release(limiter);
    }
    ck_assert_int_eq(errors, 0);
}

START_TEST(the_cap_finds_what_the_service_takes)
{
    hf_gradient gradient;
    hf_limiter limiter;
    ck_assert_int_eq(hf_limiter_init(&limiter, 4), 0);
    ck_assert_int_eq(hf_gradient_init(&gradient, &limiter, 1, 1000), 0);
    run(&gradient, &limiter, 50, 2020);
    ck_assert_uint_ge(limiter.max, 50);  /* all of it is used */
    ck_assert_uint_le(limiter.max, 150); /* and the queue stays short */
}
END_TEST

START_TEST(the_cap_follows_a_service_that_lost_most_of_itself)
{
    hf_gradient gradient;
    hf_limiter limiter;
    for (uint32_t steps = 196; steps <= 204; steps++) { /* the 200th is a probe */
        ck_assert_int_eq(hf_limiter_init(&limiter, 4), 0);
        ck_assert_int_eq(hf_gradient_init(&gradient, &limiter, 1, 1000), 0);
        run(&gradient, &limiter, 50, steps);
        uint64_t before = gradient.max_thousandths;
        run(&gradient, &limiter, 10, 20);
        ck_assert_uint_lt(gradient.max_thousandths, before * 2 / 3);
    }
}
END_TEST

#define CAP_LEAST 64u
#define CAP_MOST  2048u

/* As hf_admission uses it. */
static void start(hf_gradient *gradient, hf_limiter *limiter)
{
    ck_assert_int_eq(hf_limiter_init(limiter, 256), 0);
    ck_assert_int_eq(hf_gradient_init(gradient, limiter, CAP_LEAST, CAP_MOST), 0);
    gradient->window = 200;
    gradient->tolerance = 300;
}

/* As many calls as the cap has, all of which take so long; returns how many they were. */
static uint32_t round_of(hf_gradient *gradient, hf_limiter *limiter, uint64_t latency_us)
{
    uint32_t count = 0;
    while (hf_limiter_acquire(limiter) == 1)
        count++;
    int errors = 0;
    for (uint32_t left = limiter->in_flight; left > 0; left--) {
        errors |= hf_gradient_report(gradient, limiter, latency_us, 0);
        errors |= hf_limiter_release(limiter);
    }
    ck_assert_int_eq(errors, 0);
    return count;
}

static uint64_t rounds_of(hf_gradient *gradient, hf_limiter *limiter, uint64_t us, int rounds)
{
    uint64_t calls = 0;
    for (int i = 0; i < rounds; i++)
        calls += round_of(gradient, limiter, us);
    return calls;
}

/* Whether it falls on a probe or not. */
START_TEST(one_fast_round_does_not_shrink_the_cap)
{
    hf_gradient gradient;
    hf_limiter limiter;
    for (int after = 0; after < 60; after += 3) {
        start(&gradient, &limiter);
        (void)rounds_of(&gradient, &limiter, ALONE_US, 300 + after);
        ck_assert_uint_eq(gradient.max_thousandths, UINT64_C(1000) * CAP_MOST);
        (void)round_of(&gradient, &limiter, (uint64_t)_i * 1000);
        for (int i = 0; i < 20; i++) {
            (void)round_of(&gradient, &limiter, ALONE_US);
            ck_assert_uint_eq(gradient.max_thousandths, UINT64_C(1000) * CAP_MOST);
        }
    }
}
END_TEST

START_TEST(fast_rounds_now_and_then_cost_a_tenth_of_the_cap_at_most)
{
    hf_gradient gradient;
    hf_limiter limiter;
    start(&gradient, &limiter);
    (void)rounds_of(&gradient, &limiter, ALONE_US, 300);
    uint64_t calls = 0;
    for (int i = 0; i < 2000; i++)
        calls += round_of(&gradient, &limiter, i % 50 == 0 ? ALONE_US / 5 : ALONE_US);
    ck_assert_uint_ge(calls / 2000, CAP_MOST * 9 / 10);
}
END_TEST

START_TEST(the_cap_returns_when_the_service_stays_slow)
{
    hf_gradient gradient;
    hf_limiter limiter;
    start(&gradient, &limiter);
    (void)rounds_of(&gradient, &limiter, ALONE_US, 300);
    (void)rounds_of(&gradient, &limiter, UINT64_C(20) * ALONE_US, 60);
    ck_assert_uint_eq(limiter.max, CAP_LEAST);
    uint64_t calls = 0;
    while (limiter.max < CAP_MOST / 2 && calls < 100000)
        calls += round_of(&gradient, &limiter, UINT64_C(20) * ALONE_US);
    ck_assert_uint_le(calls, 60000);
}
END_TEST

/* Each tolerance allows a queue of so many times what the service takes at once, twice that here.
 */
START_TEST(a_queue_that_is_always_there_does_not_become_the_base)
{
    static const uint32_t tolerances[] = {150, 200, 300, 1000};
    hf_gradient gradient;
    hf_limiter limiter;
    const uint32_t tolerance = tolerances[_i];
    ck_assert_int_eq(hf_limiter_init(&limiter, 4), 0);
    ck_assert_int_eq(hf_gradient_init(&gradient, &limiter, 1, 10000), 0);
    gradient.tolerance = tolerance;
    for (int i = 0; i < 40; i++) {
        run(&gradient, &limiter, 50, 500);
        ck_assert_uint_le(gradient.base_us, ALONE_US * 5 / 4);
        ck_assert_uint_le(gradient.max_thousandths / 1000, UINT64_C(50) * tolerance / 100 * 2);
    }
    ck_assert_uint_ge(gradient.max_thousandths / 1000, 50);
}
END_TEST

START_TEST(what_is_dropped_shrinks_the_cap_at_once_down_to_the_least)
{
    hf_gradient gradient;
    hf_limiter limiter;
    ck_assert_int_eq(hf_limiter_init(&limiter, 100), 0);
    ck_assert_int_eq(hf_gradient_init(&gradient, &limiter, 5, 100), 0);
    ck_assert_int_eq(hf_gradient_report(&gradient, &limiter, 0, 1), 0);
    ck_assert_uint_eq(limiter.max, 90);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(hf_gradient_report(&gradient, &limiter, 0, 1), 0);
    ck_assert_uint_eq(limiter.max, 5);
}
END_TEST

START_TEST(a_service_that_is_not_asked_for_much_says_nothing)
{
    hf_gradient gradient;
    hf_limiter limiter;
    ck_assert_int_eq(hf_limiter_init(&limiter, 100), 0);
    ck_assert_int_eq(hf_gradient_init(&gradient, &limiter, 1, 1000), 0);
    ck_assert_int_eq(hf_limiter_acquire(&limiter), 1);
    for (int i = 0; i < 10000; i++)
        ck_assert_int_eq(hf_gradient_report(&gradient, &limiter, ALONE_US, 0), 0);
    ck_assert_uint_eq(limiter.max, 100);
    for (int i = 0; i < 10000; i++) /* no latency overflows */
        ck_assert_int_eq(hf_gradient_report(&gradient, &limiter, UINT64_MAX, 0), 0);
    ck_assert_uint_eq(limiter.max, 100);
}
END_TEST

START_TEST(what_is_no_gradient_is_refused)
{
    hf_gradient gradient;
    hf_limiter limiter;
    ck_assert_int_eq(hf_limiter_init(&limiter, 10), 0);
    ck_assert_int_eq(hf_gradient_init(NULL, &limiter, 1, 10), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_gradient_init(&gradient, NULL, 1, 10), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_gradient_init(&gradient, &limiter, 0, 10), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_gradient_init(&gradient, &limiter, 11, 20), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_gradient_init(&gradient, &limiter, 1, 9), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_gradient_init(&gradient, &limiter, 1, 10), 0);
    ck_assert_int_eq(hf_gradient_report(&gradient, NULL, 1, 0), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_gradient_report(&gradient, &limiter, 1, 2), HF_E_ARGUMENT);
    gradient.tolerance = 99;
    ck_assert_int_eq(hf_gradient_report(&gradient, &limiter, 1, 0), HF_E_ARGUMENT);
    gradient.size = 0;
    ck_assert_int_eq(hf_gradient_report(&gradient, &limiter, 1, 0), HF_E_ABI);
    limiter.size = 0;
    ck_assert_int_eq(hf_gradient_init(&gradient, &limiter, 1, 10), HF_E_ABI);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gradient");
    TCase *core = tcase_create("core");
    tcase_add_test(core, the_cap_finds_what_the_service_takes);
    tcase_add_test(core, the_cap_follows_a_service_that_lost_most_of_itself);
    tcase_add_loop_test(core, one_fast_round_does_not_shrink_the_cap, 0, 4);
    tcase_add_test(core, fast_rounds_now_and_then_cost_a_tenth_of_the_cap_at_most);
    tcase_add_test(core, the_cap_returns_when_the_service_stays_slow);
    tcase_add_loop_test(core, a_queue_that_is_always_there_does_not_become_the_base, 0, 4);
    tcase_add_test(core, what_is_dropped_shrinks_the_cap_at_once_down_to_the_least);
    tcase_add_test(core, a_service_that_is_not_asked_for_much_says_nothing);
    tcase_add_test(core, what_is_no_gradient_is_refused);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
