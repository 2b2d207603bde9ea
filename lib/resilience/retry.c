/*
 * retry.c - when to try again: exponential backoff with full jitter (Brooker 2015).
 *
 * The upper bound grows by a multiplier of hundredths, in whole ms. Each step is rounded up, so a
 * multiplier above 100 always moves it; the longest way, from 1 ms by 1.01 to the largest time, has
 * about 4,200 steps, whatever the attempt.
 */
#include "base/wide.h"

#include <holdfast/error.h>
#include <holdfast/resilience.h>
#include <stdbool.h>
#include <stddef.h>

#define TAIL_MAX 4096u

_Static_assert(sizeof(hf_retry_policy) == 40, "hf_retry_policy has no padding");

void hf_retry_policy_init(hf_retry_policy *policy)
{
    if (policy == NULL)
        return;
    *policy = (hf_retry_policy){
        .size = sizeof *policy,
        .attempts_max = 100,
        .initial_ms = 50,
        .cap_ms = 5000,
        .multiplier = 200,
    };
}

static int check_policy(const hf_retry_policy *policy)
{
    const uint8_t *bytes = (const uint8_t *)policy;
    uint8_t tail = 0;
    if (policy->size < sizeof *policy || policy->size > sizeof *policy + TAIL_MAX)
        return HF_E_ABI;
    for (uint32_t i = sizeof *policy; i < policy->size; i++)
        tail |= bytes[i];
    if (tail != 0 || policy->reserved != 0)
        return HF_E_ABI;
    if (policy->initial_ms < 1 || policy->cap_ms < policy->initial_ms ||
        policy->elapsed_max_ms < 0 || policy->multiplier < 100)
        return HF_E_ARGUMENT;
    return 0;
}

/* The upper bound of the delay after so many attempts. */
static int64_t bound_of(const hf_retry_policy *policy, uint32_t attempt)
{
    const hf__uwide cap = (hf__uwide)policy->cap_ms;
    hf__uwide bound = (hf__uwide)policy->initial_ms;
    for (uint32_t i = 1; i < attempt && bound < cap && policy->multiplier > 100; i++)
        bound = (bound * policy->multiplier + 99) / 100;
    return (int64_t)(bound < cap ? bound : cap);
}

/* 0..bound, each as likely as the others to within (bound + 1) / 2^64. */
static int64_t uniform(uint64_t random, int64_t bound)
{
    return (int64_t)(((hf__uwide)random * ((hf__uwide)bound + 1)) >> 64);
}

int hf_retry_delay(const hf_retry_policy *policy, uint32_t attempt, uint64_t random,
                   int64_t retry_after_ms, int64_t elapsed_ms, int64_t *delay_ms)
{
    if (policy == NULL || delay_ms == NULL)
        return HF_E_ARGUMENT;
    int error = check_policy(policy);
    if (error != 0)
        return error;
    if (attempt == 0 || retry_after_ms < 0 || elapsed_ms < 0)
        return HF_E_ARGUMENT;
    if (policy->attempts_max != 0 && attempt >= policy->attempts_max)
        return 0;
    /* what the delay may be at most; without a limit of time, what fits */
    int64_t left = INT64_MAX;
    if (policy->elapsed_max_ms != 0)
        left = policy->elapsed_max_ms - elapsed_ms;
    if (left <= 0 || retry_after_ms > left)
        return 0;
    int64_t bound = bound_of(policy, attempt);
    if (bound > left - retry_after_ms)
        bound = left - retry_after_ms;
    *delay_ms = retry_after_ms + uniform(random, bound);
    return 1;
}
