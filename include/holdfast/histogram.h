/*
 * histogram.h - a histogram of latencies or sizes whose quantiles are within 2 % of the exact ones,
 * which a host can also use without an engine.
 *
 * Values are numbers from 0 to 2^64 - 1, in a unit of the host's own. Values up to 64 have a bucket
 * each; above, each power of two is divided into 32 buckets of the same width, so that a bucket is
 * at most a thirty-second of its values wide. A quantile is the middle of its bucket, which is at
 * most 1.6 % away from the exact value, whatever the distribution. Recording a value finds its
 * bucket from its leading bits and adds 1 to it.
 *
 * A histogram is a plain value of 15 KiB in the caller's memory: it never grows, and no call
 * allocates, locks or reads a clock. Two histograms have the same buckets, so that those of several
 * engines are added up without a loss, and what an earlier copy has is subtracted from a later one.
 * Each value belongs to one thread at a time.
 *
 * Source: the buckets of Tene's HdrHistogram; the bound on the error of every quantile as in
 * Masson, Rim and Lee, "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error
 * Guarantees", PVLDB 12(12), 2019.
 */
#ifndef HOLDFAST_HISTOGRAM_H
#define HOLDFAST_HISTOGRAM_H

#include <holdfast/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HF_HISTOGRAM_BUCKETS                                                                       \
    1921 /* one for 0, 64 for 1 to 64, 32 for each further power of two                            \
          */

/* A histogram, set by hf_histogram_init. For reading. */
typedef struct hf_histogram {
    uint32_t size;
    uint32_t reserved;
    uint64_t count; /* of values */
    uint64_t sum;   /* of them; 2^64 - 1 when it is more */
    uint64_t least; /* value; 2^64 - 1 while there is none */
    uint64_t most;  /* value; 0 while there is none */
    uint64_t counts[HF_HISTOGRAM_BUCKETS];
} hf_histogram;

/*
 * A histogram without values. HF_E_ARGUMENT for NULL.
 * Thread: any, one at a time for each value. Since 0.1.
 */
HF_API int hf_histogram_init(hf_histogram *histogram);

/*
 * Counts a value. HF_E_ARGUMENT for NULL, HF_E_ABI for a value that was not set by
 * hf_histogram_init.
 * Thread: any, one at a time for each value. Since 0.1. Source: see above.
 */
HF_API int hf_histogram_record(hf_histogram *histogram, uint64_t value);

/*
 * Adds the values of `other`, which stays as it is. HF_E_ARGUMENT, HF_E_ABI as
 * hf_histogram_record, for either.
 * Thread: any, one at a time for each value. Since 0.1.
 */
HF_API int hf_histogram_add(hf_histogram *histogram, const hf_histogram *other);

/*
 * Takes the values of `earlier` out, a copy of the same histogram from before: what is left are the
 * values counted since. `least` and `most` become bounds of the buckets that have a value, and a
 * sum that had reached 2^64 - 1 stays there. HF_E_ARGUMENT also when `earlier` has a value that
 * `histogram` lacks; then nothing has changed. HF_E_ABI.
 * Thread: any, one at a time for each value. Since 0.1.
 */
HF_API int hf_histogram_subtract(hf_histogram *histogram, const hf_histogram *earlier);

/*
 * The value below or at which a share `q` of all values lies (0.99: the 99th percentile), by the
 * nearest rank: of n values in order the one at ceil(q * n), the first one for 0. 1 and *value,
 * which is within 2 % of it and between the least and the most value; 0 when there are no values.
 * HF_E_ARGUMENT (NULL, or q outside 0..1), HF_E_ABI.
 * Thread: any, one at a time for each value. Since 0.1. Source: see above.
 */
HF_API int hf_histogram_quantile(const hf_histogram *histogram, double q, uint64_t *value);

/*
 * How many values are at most `value`: exact when `value` is at most 64 or a power of two, else
 * values of the bucket of `value` count in full. HF_E_ARGUMENT, HF_E_ABI.
 * Thread: any, one at a time for each value. Since 0.1.
 */
HF_API int hf_histogram_count_to(const hf_histogram *histogram, uint64_t value, uint64_t *count);

#ifdef __cplusplus
}
#endif

#endif
