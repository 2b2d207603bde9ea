/*
 * histogram.h - the buckets of hf_histogram, and recording without checks, for the other modules.
 */
#ifndef HF_METRICS_HISTOGRAM_H
#define HF_METRICS_HISTOGRAM_H

#include <holdfast/histogram.h>

#define HF__HISTOGRAM_BITS 5u /* 32 buckets for each power of two */

/* The bucket of a value: 0 has its own, and the others are (low, high], so that 2^n ends one. */
static inline uint32_t hf__histogram_bucket(uint64_t value)
{
    if (value == 0)
        return 0;
    uint64_t at = value - 1;
    if (at < UINT64_C(2) << HF__HISTOGRAM_BITS)
        return 1 + (uint32_t)at;
    uint32_t shift = 63u - (uint32_t)__builtin_clzll(at) - HF__HISTOGRAM_BITS;
    return 1 + (shift << HF__HISTOGRAM_BITS) + (uint32_t)(at >> shift);
}

/* hf_histogram_record of a histogram that is known to be one. */
static inline void hf__histogram_note(hf_histogram *histogram, uint64_t value)
{
    histogram->counts[hf__histogram_bucket(value)]++;
    histogram->count++;
    if (__builtin_add_overflow(histogram->sum, value, &histogram->sum))
        histogram->sum = UINT64_MAX;
    if (value < histogram->least)
        histogram->least = value;
    if (value > histogram->most)
        histogram->most = value;
}

/* The least and the greatest value of a bucket. */
uint64_t hf__histogram_low(uint32_t bucket);
uint64_t hf__histogram_high(uint32_t bucket);

#endif
