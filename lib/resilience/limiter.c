/*
 * limiter.c - a cap on calls at once, so that a slow service does not take what others need.
 */
#include <holdfast/error.h>
#include <holdfast/resilience.h>
#include <stddef.h>

_Static_assert(sizeof(hf_limiter) == 16, "hf_limiter has no padding");

int hf_limiter_init(hf_limiter *limiter, uint32_t max)
{
    if (limiter == NULL || max == 0)
        return HF_E_ARGUMENT;
    *limiter = (hf_limiter){.size = sizeof *limiter, .max = max};
    return 0;
}

static int check(const hf_limiter *limiter)
{
    if (limiter == NULL)
        return HF_E_ARGUMENT;
    return limiter->size == sizeof *limiter ? 0 : HF_E_ABI;
}

int hf_limiter_acquire(hf_limiter *limiter)
{
    int error = check(limiter);
    if (error != 0)
        return error;
    if (limiter->in_flight >= limiter->max)
        return 0;
    limiter->in_flight += 1;
    if (limiter->in_flight > limiter->peak)
        limiter->peak = limiter->in_flight;
    return 1;
}

int hf_limiter_release(hf_limiter *limiter)
{
    int error = check(limiter);
    if (error != 0)
        return error;
    if (limiter->in_flight == 0)
        return HF_E_ARGUMENT;
    limiter->in_flight -= 1;
    return 0;
}
