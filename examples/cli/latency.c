/*
 * latency.c - a log-linear histogram.
 *
 * Values below 128 have a slot each. Above, the slot is the position of the highest bit and the
 * seven bits behind it.
 */
#include "latency.h"

#include <time.h>

#define STEPS   (UINT64_C(1) << LATENCY_STEP_BITS)
#define LONGEST ((UINT64_C(1) << LATENCY_BITS) - 1)

static uint32_t slot_of(uint64_t ns)
{
    if (ns < STEPS)
        return (uint32_t)ns;
    uint32_t shift = 63u - (uint32_t)__builtin_clzll(ns) - LATENCY_STEP_BITS;
    return (uint32_t)(((uint64_t)shift << LATENCY_STEP_BITS) + (ns >> shift));
}

/* The highest value of a slot. */
static uint64_t value_of(uint32_t slot)
{
    if (slot < STEPS)
        return slot;
    uint32_t shift = (slot >> LATENCY_STEP_BITS) - 1;
    uint64_t step = (slot & (STEPS - 1)) + STEPS;
    return ((step + 1) << shift) - 1;
}

void latency_add(latency *of, uint64_t ns, uint64_t times)
{
    if (ns > LONGEST)
        ns = LONGEST;
    of->slots[slot_of(ns)] += times;
    of->count += times;
    if (ns > of->max_ns)
        of->max_ns = ns;
}

uint64_t latency_at(const latency *of, double share)
{
    uint64_t before = 0;
    double wanted = share * (double)of->count;
    for (uint32_t i = 0; i < LATENCY_SLOTS; i++) {
        before += of->slots[i];
        if (before != 0 && (double)before >= wanted)
            return value_of(i) < of->max_ns ? value_of(i) : of->max_ns;
    }
    return of->max_ns;
}

uint64_t latency_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
