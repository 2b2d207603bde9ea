/*
 * latency.h - how long operations took: a histogram of fixed size.
 *
 * Log-linear, as HdrHistogram: 128 steps to each doubling, so that a value is shown with an error
 * of less than one in 128, from 1 ns to 18 minutes. Adding takes no memory and no loop.
 */
#ifndef CLI_LATENCY_H
#define CLI_LATENCY_H

#include <stdint.h>

#define LATENCY_STEP_BITS 7u
#define LATENCY_BITS      40u /* what is longer counts as this long */
#define LATENCY_SLOTS     ((LATENCY_BITS - LATENCY_STEP_BITS + 1u) << LATENCY_STEP_BITS)

/* All zero: nothing was added. */
typedef struct latency {
    uint64_t count;
    uint64_t max_ns;
    uint64_t slots[LATENCY_SLOTS];
} latency;

void latency_add(latency *of, uint64_t ns, uint64_t times);

/* The value that a share (0..1) of all are not above; 0 when there are none. */
uint64_t latency_at(const latency *of, double share);

/* Nanoseconds of a clock that only goes forward. */
uint64_t latency_now(void);

#endif
