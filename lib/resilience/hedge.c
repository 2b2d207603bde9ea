/*
 * hedge.c - when a call is late enough to be sent once more.
 *
 * Latencies are counted in buckets, four for each power of two, and halved from time to time, so
 * that the quantile is that of late.
 */
#include <holdfast/error.h>
#include <holdfast/resilience.h>
#include <stdbool.h>
#include <stddef.h>

#define WINDOW    1000u
#define CALLS_MIN 20u
#define TOKENS    10u /* second calls that may come at once */

_Static_assert(sizeof(hf_hedge) == 16 + 4 * HF_HEDGE_BUCKETS + sizeof(hf_budget),
               "hf_hedge has no padding");

int hf_hedge_init(hf_hedge *hedge, uint32_t hundredths, uint32_t per_hundred, int64_t now_ms)
{
    if (hedge == NULL || hundredths < 50 || hundredths > 99 || per_hundred < 1 || per_hundred > 100)
        return HF_E_ARGUMENT;
    *hedge = (hf_hedge){.size = sizeof *hedge, .hundredths = hundredths, .window = WINDOW};
    int error = hf_budget_init(&hedge->budget, per_hundred, TOKENS, now_ms);
    hedge->budget.min_per_s = 0;
    return error;
}

static int check(const hf_hedge *hedge)
{
    if (hedge == NULL)
        return HF_E_ARGUMENT;
    if (hedge->size != sizeof *hedge)
        return HF_E_ABI;
    bool good = hedge->hundredths >= 50 && hedge->hundredths <= 99 && hedge->window >= CALLS_MIN;
    return good ? 0 : HF_E_ARGUMENT;
}

/* 0..3 stand for themselves; then the power of two and the two bits behind its highest. */
static uint32_t bucket_of(uint64_t us)
{
    if (us < 4)
        return (uint32_t)us;
    uint32_t power = 63u - (uint32_t)__builtin_clzll(us);
    uint32_t bucket = (power - 1) * 4 + (uint32_t)(us >> (power - 2) & 3);
    return bucket < HF_HEDGE_BUCKETS ? bucket : HF_HEDGE_BUCKETS - 1;
}

/* The smallest latency of a bucket. */
static uint64_t bottom_of(uint32_t bucket)
{
    if (bucket < 4)
        return bucket;
    uint32_t power = bucket / 4 + 1;
    return (UINT64_C(4) + bucket % 4) << (power - 2);
}

static void halve(hf_hedge *hedge)
{
    hedge->counted = 0;
    for (uint32_t i = 0; i < HF_HEDGE_BUCKETS; i++) {
        hedge->counts[i] /= 2;
        hedge->counted += hedge->counts[i];
    }
}

int hf_hedge_report(hf_hedge *hedge, uint64_t latency_us)
{
    int error = check(hedge);
    if (error != 0)
        return error;
    hedge->counts[bucket_of(latency_us)] += 1;
    hedge->counted += 1;
    if (hedge->counted >= hedge->window)
        halve(hedge);
    return hf_budget_deposit(&hedge->budget);
}

int hf_hedge_delay(const hf_hedge *hedge, uint64_t *delay_us)
{
    int error = check(hedge);
    if (error != 0)
        return error;
    if (delay_us == NULL)
        return HF_E_ARGUMENT;
    if (hedge->counted < CALLS_MIN)
        return 0;
    uint64_t below = 0;
    uint64_t rank = ((uint64_t)hedge->counted * hedge->hundredths + 99) / 100;
    uint32_t bucket = 0;
    while (below + hedge->counts[bucket] < rank)
        below += hedge->counts[bucket++];
    *delay_us = bottom_of(bucket + 1);
    return 1;
}

int hf_hedge_allow(hf_hedge *hedge, int64_t now_ms)
{
    int error = check(hedge);
    return error != 0 ? error : hf_budget_withdraw(&hedge->budget, now_ms);
}
