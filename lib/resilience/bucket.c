/*
 * bucket.c - a rate limit as a bucket of tokens.
 *
 * The bucket counts thousandths of a token: a millisecond adds rate_per_s of them, and no fraction
 * is ever lost.
 */
#include "base/money/checked.h"

#include <holdfast/error.h>
#include <holdfast/resilience.h>
#include <stdbool.h>
#include <stddef.h>

#define TOKEN 1000u /* thousandths */

_Static_assert(sizeof(hf_bucket) == 40, "hf_bucket has no padding");

int hf_bucket_init(hf_bucket *bucket, uint32_t rate_per_s, uint32_t burst, int64_t now_ms)
{
    if (bucket == NULL || rate_per_s == 0 || burst == 0)
        return HF_E_ARGUMENT;
    *bucket = (hf_bucket){
        .size = sizeof *bucket,
        .rate_per_s = rate_per_s,
        .burst = burst,
        .thousandths = (uint64_t)burst * TOKEN,
        .since_ms = now_ms,
    };
    return 0;
}

static int check(const hf_bucket *bucket)
{
    if (bucket == NULL)
        return HF_E_ARGUMENT;
    if (bucket->size != sizeof *bucket)
        return HF_E_ABI;
    if (bucket->rate_per_s > 0 && bucket->burst > 0)
        return 0;
    return HF_E_ARGUMENT;
}

/* Adds what the time since the last look is worth; a clock that went back adds nothing. */
static void fill(hf_bucket *bucket, int64_t now_ms)
{
    const uint64_t full = (uint64_t)bucket->burst * TOKEN;
    int64_t passed = 0;
    int64_t worth;
    if (now_ms > bucket->since_ms && !hf__sub(now_ms, bucket->since_ms, &passed))
        passed = INT64_MAX;
    if (!hf__mul(passed, bucket->rate_per_s, &worth))
        worth = INT64_MAX;
    bucket->since_ms = now_ms;
    bool over = bucket->thousandths > full || (uint64_t)worth > full - bucket->thousandths;
    bucket->thousandths = over ? full : bucket->thousandths + (uint64_t)worth;
}

int hf_bucket_take(hf_bucket *bucket, uint32_t tokens, int64_t now_ms, int64_t *wait_ms)
{
    int error = check(bucket);
    if (error != 0)
        return error;
    if (tokens == 0 || tokens > bucket->burst)
        return HF_E_ARGUMENT;
    uint64_t needed = (uint64_t)tokens * TOKEN;
    fill(bucket, now_ms);
    if (bucket->thousandths >= needed) {
        bucket->thousandths -= needed;
        return 1;
    }
    bucket->refused += 1;
    uint64_t missing = needed - bucket->thousandths;
    if (wait_ms != NULL)
        *wait_ms = (int64_t)((missing + bucket->rate_per_s - 1) / bucket->rate_per_s);
    return 0;
}
