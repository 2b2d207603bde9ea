/* The rate limit. */
#include "support/check_main.h"
#include "support/random.h"

#include <holdfast/error.h>
#include <holdfast/resilience.h>

START_TEST(a_burst_passes_and_then_the_rate)
{
    hf_bucket bucket;
    int64_t wait = -1;
    ck_assert_int_eq(hf_bucket_init(&bucket, 100, 5, 1000), 0);
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(hf_bucket_take(&bucket, 1, 1000, &wait), 1);
    ck_assert_int_eq(wait, -1);
    ck_assert_int_eq(hf_bucket_take(&bucket, 1, 1000, &wait), 0);
    ck_assert_int_eq(wait, 10);
    ck_assert_int_eq(hf_bucket_take(&bucket, 3, 1005, &wait), 0);
    ck_assert_int_eq(wait, 25);
    ck_assert_int_eq(hf_bucket_take(&bucket, 1, 1010, &wait), 1);
    ck_assert_uint_eq(bucket.refused, 2);
    ck_assert_int_eq(hf_bucket_take(&bucket, 5, 900, &wait), 0); /* a clock that went back */
    ck_assert_int_eq(hf_bucket_take(&bucket, 5, INT64_MAX, &wait), 1);
}
END_TEST

/* In any second no more than the burst and the rate, and nothing is lost on the way. */
START_TEST(no_window_has_more_than_burst_and_rate)
{
    hf_test_random random = hf_test_seed();
    hf_bucket bucket;
    int64_t now = 0;
    uint64_t taken = 0;
    ck_assert_int_eq(hf_bucket_init(&bucket, 333, 7, now), 0);
    for (int i = 0; i < 100000; i++) {
        now += (int64_t)hf_test_below(&random, 4);
        taken += (uint64_t)hf_bucket_take(&bucket, 1, now, NULL);
        ck_assert_uint_le(taken, 7 + (uint64_t)now * 333 / 1000);
    }
    ck_assert_uint_ge(taken, (uint64_t)now * 333 / 1000 * 99 / 100);
}
END_TEST

START_TEST(after_the_wait_it_passes)
{
    hf_test_random random = hf_test_seed();
    for (int i = 0; i < 1000; i++) {
        hf_bucket bucket;
        int64_t wait = 0;
        uint32_t burst = 1 + (uint32_t)hf_test_below(&random, 1000);
        ck_assert_int_eq(
            hf_bucket_init(&bucket, 1 + (uint32_t)hf_test_below(&random, 100000), burst, 0), 0);
        ck_assert_int_eq(hf_bucket_take(&bucket, burst, 0, NULL), 1);
        uint32_t tokens = 1 + (uint32_t)hf_test_below(&random, burst);
        ck_assert_int_eq(hf_bucket_take(&bucket, tokens, 0, &wait), 0);
        ck_assert_int_eq(hf_bucket_take(&bucket, tokens, wait - 1, NULL), 0);
        ck_assert_int_eq(hf_bucket_take(&bucket, tokens, wait, NULL), 1);
    }
}
END_TEST

START_TEST(what_is_no_bucket_is_refused)
{
    hf_bucket bucket;
    ck_assert_int_eq(hf_bucket_init(NULL, 1, 1, 0), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_bucket_init(&bucket, 0, 1, 0), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_bucket_init(&bucket, 1, 0, 0), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_bucket_init(&bucket, 1, 2, 0), 0);
    ck_assert_int_eq(hf_bucket_take(NULL, 1, 0, NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_bucket_take(&bucket, 0, 0, NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_bucket_take(&bucket, 3, 0, NULL), HF_E_ARGUMENT);
    bucket.size += 1;
    ck_assert_int_eq(hf_bucket_take(&bucket, 1, 0, NULL), HF_E_ABI);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bucket");
    TCase *core = tcase_create("core");
    tcase_add_test(core, a_burst_passes_and_then_the_rate);
    tcase_add_test(core, no_window_has_more_than_burst_and_rate);
    tcase_add_test(core, after_the_wait_it_passes);
    tcase_add_test(core, what_is_no_bucket_is_refused);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
