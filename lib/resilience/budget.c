/*
 * budget.c - a retry budget as a bucket of tokens, so that retries never multiply an overload.
 *
 * The bucket counts thousandths of a token: a first attempt adds ten for each of
 * retries_per_hundred, a millisecond adds min_per_s, and no fraction is ever lost.
 */
#include "base/money/checked.h"

#include <holdfast/error.h>
#include <holdfast/resilience.h>
#include <stddef.h>

#define TOKEN 1000u /* thousandths */

_Static_assert(sizeof(hf_budget) == 40, "hf_budget has no padding");

int hf_budget_init(hf_budget *budget, uint32_t retries_per_hundred, uint32_t tokens_max,
                   int64_t now_ms)
{
    if (budget == NULL || tokens_max == 0)
        return HF_E_ARGUMENT;
    *budget = (hf_budget){
        .size = sizeof *budget,
        .retries_per_hundred = retries_per_hundred,
        .tokens_max = tokens_max,
        .min_per_s = 10,
        .thousandths = (uint64_t)tokens_max * TOKEN,
        .since_ms = now_ms,
    };
    return 0;
}

static int check(const hf_budget *budget)
{
    if (budget == NULL)
        return HF_E_ARGUMENT;
    if (budget->size != sizeof *budget)
        return HF_E_ABI;
    return budget->tokens_max > 0 ? 0 : HF_E_ARGUMENT;
}

static void fill(hf_budget *budget, uint64_t thousandths)
{
    const uint64_t full = (uint64_t)budget->tokens_max * TOKEN;
    uint64_t sum;
    if (__builtin_add_overflow(budget->thousandths, thousandths, &sum) || sum > full)
        sum = full;
    budget->thousandths = sum;
}

/* Adds what the time since the last look is worth; a clock that went back adds nothing. */
static void fill_by_time(hf_budget *budget, int64_t now_ms)
{
    int64_t passed = 0;
    int64_t worth;
    if (now_ms > budget->since_ms && !hf__sub(now_ms, budget->since_ms, &passed))
        passed = INT64_MAX;
    if (!hf__mul(passed, budget->min_per_s, &worth))
        worth = INT64_MAX;
    budget->since_ms = now_ms;
    fill(budget, (uint64_t)worth);
}

int hf_budget_deposit(hf_budget *budget)
{
    int error = check(budget);
    if (error == 0)
        fill(budget, (uint64_t)budget->retries_per_hundred * (TOKEN / 100));
    return error;
}

int hf_budget_withdraw(hf_budget *budget, int64_t now_ms)
{
    int error = check(budget);
    if (error != 0)
        return error;
    fill_by_time(budget, now_ms);
    if (budget->thousandths < TOKEN) {
        budget->refused += 1;
        return 0;
    }
    budget->thousandths -= TOKEN;
    return 1;
}
