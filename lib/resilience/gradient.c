/*
 * gradient.c - adapts the cap of a limiter to how fast a service answers.
 *
 * Each step compares the mean latency of its calls with the base: that of a service without a
 * queue. The ratio, at most 1 and at least a half, times the cap, plus its square root (calls that
 * may queue at the service) is the new cap, which is approached smoothly, as in Gradient2 of
 * Netflix's concurrency-limits.
 *
 * The base is measured by probes alone. Other steps say nothing about it: a queue that is always
 * there would become the base by and by, and one step that was fast by chance would make all others
 * look slow. As in BBR and in Envoy's adaptive concurrency the load is lowered for a probe, so that
 * the queue runs empty: to the part of the cap that has no queue even when the whole cap has twice
 * the queue that the tolerance allows. Calls that began before the probe have waited in that queue,
 * and are not counted. BBR keeps the least of the round trips of ten seconds, Envoy replaces its
 * base by each probe; both follow one measurement that is wrong. The median of five follows only
 * what three of them agree on, in either direction.
 *
 * The first probes come soon after each other. At the least cap the load cannot be lowered, and
 * nothing is lost by a probe: there they come often, so that a service that has become slower for
 * good gets its cap back soon.
 */
#include <holdfast/error.h>
#include <holdfast/resilience.h>
#include <stdbool.h>
#include <stddef.h>

#define THOUSAND    UINT64_C(1000)
#define WINDOW      100u
#define TOLERANCE   150u
#define SMOOTHING   20u
#define FEW_STEPS   4u                  /* between the first probes */
#define LEAST_STEPS 10u                 /* between probes at the least cap */
#define PROBE_STEPS 50u                 /* between all others */
#define LATENCY_MAX (UINT64_C(1) << 40) /* us: twelve days */

_Static_assert(sizeof(hf_gradient) == 120, "hf_gradient has no padding");

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

static uint32_t whole_max(const hf_gradient *gradient)
{
    return (uint32_t)(gradient->max_thousandths / THOUSAND);
}

/* The cap, or the part of it that a probe has. */
static void show_max(const hf_gradient *gradient, hf_limiter *limiter)
{
    uint32_t max = whole_max(gradient);
    uint64_t part = max * UINT64_C(50) / gradient->tolerance;
    if (gradient->probing == 1)
        max = part < gradient->max_least ? gradient->max_least : (uint32_t)part;
    limiter->max = max;
}

static void set_max(hf_gradient *gradient, hf_limiter *limiter, uint64_t thousandths)
{
    uint64_t least = gradient->max_least * THOUSAND;
    uint64_t most = gradient->max_most * THOUSAND;
    thousandths = thousandths < least ? least : thousandths;
    gradient->max_thousandths = thousandths > most ? most : thousandths;
    show_max(gradient, limiter);
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

/* The lower median of the last probes. */
static uint64_t median(const hf_gradient *gradient)
{
    uint64_t sorted[HF_GRADIENT_PROBES] = {0};
    uint32_t count = gradient->probes < HF_GRADIENT_PROBES ? gradient->probes : HF_GRADIENT_PROBES;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = i;
        for (; at > 0 && sorted[at - 1] > gradient->probes_us[i]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = gradient->probes_us[i];
    }
    return sorted[(count - 1) / 2];
}

static void note_probe(hf_gradient *gradient, uint64_t mean_us)
{
    gradient->probes_us[gradient->probes % HF_GRADIENT_PROBES] = mean_us;
    gradient->probes += 1;
    gradient->base_us = median(gradient);
    gradient->calls = 0;
}

/* Whether the next probe is due; calls are counted, since a large cap needs many of them. */
static bool is_due(const hf_gradient *gradient)
{
    uint32_t max = whole_max(gradient);
    uint64_t calls = max > gradient->window ? max : gradient->window;
    if (gradient->probes < HF_GRADIENT_PROBES)
        return gradient->calls >= calls * FEW_STEPS;
    return gradient->calls >= calls * (max == gradient->max_least ? LEAST_STEPS : PROBE_STEPS);
}

static void end_step(hf_gradient *gradient, hf_limiter *limiter)
{
    uint64_t mean_us = gradient->sum_us / gradient->count;
    bool is_used = gradient->busiest * UINT64_C(2) >= limiter->max;
    bool was_probe = gradient->probing == 1;
    mean_us = mean_us == 0 ? 1 : mean_us;
    if (was_probe || gradient->probes == 0)
        note_probe(gradient, mean_us);
    if (!was_probe && is_used)
        set_max(gradient, limiter, next_max(gradient, mean_us));
    gradient->probing = !was_probe && is_used && is_due(gradient);
    gradient->skipped = gradient->probing == 1 ? limiter->in_flight : 0;
    show_max(gradient, limiter);
    gradient->steps += 1;
    gradient->count = 0;
    gradient->busiest = 0;
    gradient->sum_us = 0;
}

/* The call that is reported is in flight itself. */
static bool is_skipped(hf_gradient *gradient)
{
    if (gradient->skipped > 0)
        gradient->skipped -= 1;
    return gradient->skipped > 0;
}

int hf_gradient_report(hf_gradient *gradient, hf_limiter *limiter, uint64_t latency_us,
                       uint32_t dropped)
{
    int error = check(gradient, limiter);
    if (error != 0)
        return error;
    if (dropped > 1)
        return HF_E_ARGUMENT;
    gradient->calls += 1;
    const bool skipped = is_skipped(gradient);
    if (dropped == 1) {
        set_max(gradient, limiter, gradient->max_thousandths * 9 / 10);
        return 0;
    }
    if (skipped)
        return 0;
    gradient->sum_us += latency_us > LATENCY_MAX ? LATENCY_MAX : latency_us;
    gradient->count += 1;
    if (limiter->in_flight > gradient->busiest)
        gradient->busiest = limiter->in_flight;
    if (gradient->count >= gradient->window)
        end_step(gradient, limiter);
    return 0;
}
