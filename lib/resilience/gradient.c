/*
 * gradient.c - adapts the cap of a limiter to how fast a service answers.
 *
 * Each step compares the mean latency of its calls with the base: that of a service without a
 * queue. The ratio, at most 1 and at least a half, times the cap, plus its square root (calls that
 * may queue at the service) is the new cap, which is approached smoothly. A queue that is always
 * there would become the base by and by; so every fiftieth step has half the cap, which lets the
 * queue run empty, and what is measured then is the base.
 */
#include <holdfast/error.h>
#include <holdfast/resilience.h>
#include <stdbool.h>
#include <stddef.h>

#define THOUSAND    UINT64_C(1000)
#define WINDOW      100u
#define TOLERANCE   150u
#define SMOOTHING   20u
#define PROBE_STEPS 50u
#define LATENCY_MAX (UINT64_C(1) << 40) /* us: twelve days */

_Static_assert(sizeof(hf_gradient) == 64, "hf_gradient has no padding");

static bool good_limiter(const hf_limiter *limiter)
{
    return limiter->size == sizeof *limiter;
}

int hf_gradient_init(hf_gradient *gradient, const hf_limiter *limiter, uint32_t max_least,
                     uint32_t max_most)
{
    if (gradient == NULL || limiter == NULL || max_least == 0 || max_most < max_least)
        return HF_E_ARGUMENT;
    if (!good_limiter(limiter))
        return HF_E_ABI;
    if (limiter->max < max_least || limiter->max > max_most)
        return HF_E_ARGUMENT;
    *gradient = (hf_gradient){
        .size = sizeof *gradient,
        .max_least = max_least,
        .max_most = max_most,
        .window = WINDOW,
        .tolerance = TOLERANCE,
        .smoothing = SMOOTHING,
        .max_thousandths = limiter->max * THOUSAND,
    };
    return 0;
}

static int check(const hf_gradient *gradient, const hf_limiter *limiter)
{
    if (gradient == NULL || limiter == NULL)
        return HF_E_ARGUMENT;
    if (gradient->size != sizeof *gradient || !good_limiter(limiter))
        return HF_E_ABI;
    bool good = gradient->max_least > 0 && gradient->max_most >= gradient->max_least &&
                gradient->window > 0 && gradient->tolerance >= 100 && gradient->smoothing > 0 &&
                gradient->smoothing <= 100;
    return good ? 0 : HF_E_ARGUMENT;
}

static uint64_t root(uint64_t of)
{
    uint64_t at = 0;
    for (uint64_t bit = UINT64_C(1) << 31; bit != 0; bit >>= 1)
        if ((at + bit) * (at + bit) <= of)
            at += bit;
    return at;
}

static void set_max(hf_gradient *gradient, hf_limiter *limiter, uint64_t thousandths)
{
    uint64_t least = gradient->max_least * THOUSAND;
    uint64_t most = gradient->max_most * THOUSAND;
    thousandths = thousandths < least ? least : thousandths;
    gradient->max_thousandths = thousandths > most ? most : thousandths;
    limiter->max = (uint32_t)(gradient->max_thousandths / THOUSAND);
}

/* One step: the cap it leads to. */
static uint64_t next_max(const hf_gradient *gradient, uint64_t mean_us)
{
    uint64_t good_us = gradient->base_us * gradient->tolerance / 100;
    uint64_t ratio = good_us * THOUSAND / mean_us; /* thousandths */
    ratio = ratio > THOUSAND ? THOUSAND : ratio;
    ratio = ratio < THOUSAND / 2 ? THOUSAND / 2 : ratio;
    uint64_t max = gradient->max_thousandths;
    uint64_t aim = max * ratio / THOUSAND + root(max * THOUSAND);
    return (max * (100 - gradient->smoothing) + aim * gradient->smoothing) / 100;
}

/* Half the cap for one step, or the whole one again. */
static void probe(hf_gradient *gradient, hf_limiter *limiter, uint32_t probing)
{
    uint32_t max = (uint32_t)(gradient->max_thousandths / THOUSAND);
    gradient->probing = probing;
    limiter->max = probing == 1 && max / 2 >= gradient->max_least ? max / 2 : max;
}

/* What a probe measures may be a fault: it raises the base by a quarter at most. */
static void update_base(hf_gradient *gradient, uint64_t mean_us)
{
    uint64_t most = gradient->base_us + gradient->base_us / 4 + 1;
    if (gradient->base_us == 0 || mean_us < gradient->base_us)
        gradient->base_us = mean_us;
    else if (gradient->probing == 1)
        gradient->base_us = mean_us < most ? mean_us : most;
}

static void end_step(hf_gradient *gradient, hf_limiter *limiter)
{
    uint64_t mean_us = gradient->sum_us / gradient->count;
    bool is_used = gradient->busiest * UINT64_C(2) >= limiter->max;
    mean_us = mean_us == 0 ? 1 : mean_us;
    update_base(gradient, mean_us);
    if (gradient->probing == 0 && is_used)
        set_max(gradient, limiter, next_max(gradient, mean_us));
    gradient->steps += 1;
    probe(gradient, limiter, is_used && gradient->steps % PROBE_STEPS == 0);
    gradient->count = 0;
    gradient->busiest = 0;
    gradient->sum_us = 0;
}

int hf_gradient_report(hf_gradient *gradient, hf_limiter *limiter, uint64_t latency_us,
                       uint32_t dropped)
{
    int error = check(gradient, limiter);
    if (error != 0)
        return error;
    if (dropped > 1)
        return HF_E_ARGUMENT;
    if (dropped == 1) {
        set_max(gradient, limiter, gradient->max_thousandths * 9 / 10);
        return 0;
    }
    gradient->sum_us += latency_us > LATENCY_MAX ? LATENCY_MAX : latency_us;
    gradient->count += 1;
    if (limiter->in_flight > gradient->busiest)
        gradient->busiest = limiter->in_flight;
    if (gradient->count >= gradient->window)
        end_step(gradient, limiter);
    return 0;
}
