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
    for (uint32_t i = 0; i < steps * gradient->window; i++) {
        while (hf_limiter_acquire(limiter) == 1)
            continue;
        uint64_t in_flight = limiter->in_flight;
        uint64_t latency = in_flight <= capacity ? ALONE_US : ALONE_US * in_flight / capacity;
        ck_assert_int_eq(hf_gradient_report(gradient, limiter, latency, 0), 0);
        ck_assert_int_eq(hf_limiter_release(limiter), 0);
        while (limiter->in_flight > limiter->max)
            ck_assert_int_eq(hf_limiter_release(limiter), 0);
    }
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
    tcase_add_test(core, what_is_dropped_shrinks_the_cap_at_once_down_to_the_least);
    tcase_add_test(core, a_service_that_is_not_asked_for_much_says_nothing);
    tcase_add_test(core, what_is_no_gradient_is_refused);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
