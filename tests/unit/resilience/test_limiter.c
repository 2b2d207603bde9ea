/* The cap on calls at once. */
#include "support/check_main.h"
#include "support/random.h"

#include <holdfast/error.h>
#include <holdfast/resilience.h>

START_TEST(so_many_pass_and_no_more)
{
    hf_limiter limiter;
    ck_assert_int_eq(hf_limiter_init(&limiter, 3), 0);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(hf_limiter_acquire(&limiter), 1);
    ck_assert_int_eq(hf_limiter_acquire(&limiter), 0);
    ck_assert_uint_eq(limiter.in_flight, 3);
    ck_assert_int_eq(hf_limiter_release(&limiter), 0);
    ck_assert_int_eq(hf_limiter_acquire(&limiter), 1);
    ck_assert_int_eq(hf_limiter_acquire(&limiter), 0);
    ck_assert_uint_eq(limiter.peak, 3);
}
END_TEST

START_TEST(random_use_counts_right)
{
    hf_test_random random = hf_test_seed();
    hf_limiter limiter;
    uint32_t in_flight = 0;
    uint32_t peak = 0;
    ck_assert_int_eq(hf_limiter_init(&limiter, 7), 0);
    for (int i = 0; i < 20000; i++) {
        if (hf_test_below(&random, 2) == 0) {
            ck_assert_int_eq(hf_limiter_acquire(&limiter), in_flight < 7 ? 1 : 0);
            in_flight += in_flight < 7 ? 1 : 0;
            peak = in_flight > peak ? in_flight : peak;
        } else {
            ck_assert_int_eq(hf_limiter_release(&limiter), in_flight > 0 ? 0 : HF_E_ARGUMENT);
            in_flight -= in_flight > 0 ? 1 : 0;
        }
        ck_assert_uint_eq(limiter.in_flight, in_flight);
        ck_assert_uint_eq(limiter.peak, peak);
    }
}
END_TEST

START_TEST(a_lower_cap_lets_what_is_in_flight_end)
{
    hf_limiter limiter;
    ck_assert_int_eq(hf_limiter_init(&limiter, UINT32_MAX), 0);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(hf_limiter_acquire(&limiter), 1);
    limiter.max = 2;
    ck_assert_int_eq(hf_limiter_release(&limiter), 0);
    ck_assert_int_eq(hf_limiter_acquire(&limiter), 0);
    ck_assert_int_eq(hf_limiter_release(&limiter), 0);
    ck_assert_int_eq(hf_limiter_acquire(&limiter), 1);
}
END_TEST

START_TEST(misuse_is_refused)
{
    hf_limiter limiter = {0};
    ck_assert_int_eq(hf_limiter_acquire(&limiter), HF_E_ABI);
    ck_assert_int_eq(hf_limiter_release(&limiter), HF_E_ABI);
    ck_assert_int_eq(hf_limiter_init(&limiter, 0), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_limiter_init(NULL, 1), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_limiter_acquire(NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_limiter_release(NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_limiter_init(&limiter, 1), 0);
    ck_assert_int_eq(hf_limiter_release(&limiter), HF_E_ARGUMENT);
    ck_assert_uint_eq(limiter.in_flight, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("limiter");
    TCase *core = tcase_create("core");
    tcase_add_test(core, so_many_pass_and_no_more);
    tcase_add_test(core, random_use_counts_right);
    tcase_add_test(core, a_lower_cap_lets_what_is_in_flight_end);
    tcase_add_test(core, misuse_is_refused);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
