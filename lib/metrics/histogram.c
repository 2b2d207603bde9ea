/*
 * histogram.c - buckets that double in width with the values, and the quantiles they give.
 *
 * Happy path: a value is counted in the bucket that its leading bits name; a quantile walks the
 * buckets up to its rank and returns the middle of the one it ends in. A bucket of width w begins
 * above 32 * w, so its middle is at most w / 2 and thus a sixty-fourth away from any of its values.
 *
 * Failure modes: arguments. Nothing overflows: each count is at most the count of all values, which
 * takes centuries to reach 2^64, and the sum stops at its greatest value.
 */
#include "metrics/histogram.h"

#include <holdfast/error.h>
#include <stdbool.h>
#include <string.h>

#define BITS  HF__HISTOGRAM_BITS
#define EXACT (2u << BITS) /* values up to this have a bucket each */

_Static_assert(HF_HISTOGRAM_BUCKETS == 1 + ((64u - BITS + 1) << BITS), "2^64 - 1 has a bucket");

uint64_t hf__histogram_low(uint32_t bucket)
{
    return bucket <= 1 ? bucket : hf__histogram_high(bucket - 1) + 1;
}

uint64_t hf__histogram_high(uint32_t bucket)
{
    if (bucket <= EXACT)
        return bucket;
    uint32_t shift = ((bucket - 1) >> BITS) - 1;
    uint64_t lead = bucket - ((uint64_t)shift << BITS); /* of the values behind this bucket */
    if (shift == 63u - BITS && lead == EXACT)
        return UINT64_MAX;
    return lead << shift;
}

static int check(const hf_histogram *histogram)
{
    if (histogram == NULL)
        return HF_E_ARGUMENT;
    return histogram->size == sizeof *histogram ? 0 : HF_E_ABI;
}

static int check_both(const hf_histogram *one, const hf_histogram *other)
{
    int error = check(one);
    return error != 0 ? error : check(other);
}

int hf_histogram_init(hf_histogram *histogram)
{
    if (histogram == NULL)
        return HF_E_ARGUMENT;
    memset(histogram, 0, sizeof *histogram);
    histogram->size = sizeof *histogram;
    histogram->least = UINT64_MAX;
    return 0;
}

int hf_histogram_record(hf_histogram *histogram, uint64_t value)
{
    int error = check(histogram);
    if (error == 0)
        hf__histogram_note(histogram, value);
    return error;
}

int hf_histogram_add(hf_histogram *histogram, const hf_histogram *other)
{
    int error = check_both(histogram, other);
    if (error != 0)
        return error;
    for (uint32_t i = 0; i < HF_HISTOGRAM_BUCKETS; i++)
        histogram->counts[i] += other->counts[i];
    if (other->least < histogram->least)
        histogram->least = other->least;
    if (other->most > histogram->most)
        histogram->most = other->most;
    histogram->count += other->count;
    if (__builtin_add_overflow(histogram->sum, other->sum, &histogram->sum))
        histogram->sum = UINT64_MAX;
    return 0;
}

/* Whether every bucket of `earlier` has no more values than that of `later`. */
static bool includes(const hf_histogram *later, const hf_histogram *earlier)
{
    for (uint32_t i = 0; i < HF_HISTOGRAM_BUCKETS; i++)
        if (later->counts[i] < earlier->counts[i])
            return false;
    return later->count >= earlier->count && later->sum >= earlier->sum;
}

/* The least and the greatest value that the counts allow. */
static void find_ends(hf_histogram *histogram)
{
    uint64_t least = UINT64_MAX;
    uint64_t most = 0;
    for (uint32_t i = 0; i < HF_HISTOGRAM_BUCKETS; i++) {
        if (histogram->counts[i] == 0)
            continue;
        if (least == UINT64_MAX)
            least = hf__histogram_low(i);
        most = hf__histogram_high(i);
    }
    bool any = histogram->count != 0;
    histogram->least = any && histogram->least > least ? histogram->least : least;
    histogram->most = any && histogram->most < most ? histogram->most : most;
}

int hf_histogram_subtract(hf_histogram *histogram, const hf_histogram *earlier)
{
    int error = check_both(histogram, earlier);
    if (error == 0 && !includes(histogram, earlier))
        error = HF_E_ARGUMENT;
    if (error != 0)
        return error;
    for (uint32_t i = 0; i < HF_HISTOGRAM_BUCKETS; i++)
        histogram->counts[i] -= earlier->counts[i];
    histogram->count -= earlier->count;
    if (histogram->sum != UINT64_MAX)
        histogram->sum -= earlier->sum;
    find_ends(histogram);
    return 0;
}

/* The rank of a quantile among `count` values, from 1. */
static uint64_t rank_of(double q, uint64_t count)
{
    double exact = q * (double)count;
    if (exact >= (double)count)
        return count; /* as a double the count may be more than it is */
    uint64_t rank = (uint64_t)exact;
    rank += (double)rank < exact ? 1 : 0;
    return rank == 0 ? 1 : rank;
}

/* The first and the last value are known; any other one is in the bucket that its rank ends in. */
static uint64_t at_rank(const hf_histogram *histogram, uint64_t rank)
{
    if (rank == 1)
        return histogram->least;
    if (rank == histogram->count)
        return histogram->most;
    uint32_t bucket = 0;
    for (; histogram->counts[bucket] < rank; bucket++)
        rank -= histogram->counts[bucket];
    uint64_t low = hf__histogram_low(bucket);
    uint64_t middle = low + (hf__histogram_high(bucket) - low) / 2;
    if (middle < histogram->least)
        return histogram->least;
    return middle > histogram->most ? histogram->most : middle;
}

int hf_histogram_quantile(const hf_histogram *histogram, double q, uint64_t *value)
{
    int error = check(histogram);
    if (error == 0 && (value == NULL || !(q >= 0 && q <= 1)))
        error = HF_E_ARGUMENT;
    if (error != 0)
        return error;
    if (histogram->count == 0)
        return 0;
    *value = at_rank(histogram, rank_of(q, histogram->count));
    return 1;
}

int hf_histogram_count_to(const hf_histogram *histogram, uint64_t value, uint64_t *count)
{
    int error = check(histogram);
    if (error == 0 && count == NULL)
        error = HF_E_ARGUMENT;
    if (error != 0)
        return error;
    *count = 0;
    for (uint32_t i = 0; i <= hf__histogram_bucket(value); i++)
        *count += histogram->counts[i];
    return 0;
}
