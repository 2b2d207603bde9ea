/*
 * read_cache.h - answers of reads, kept on the loop's thread and brought up to date by each commit.
 *
 * An entry is a whole record: an account, a hold, a payment, or an order with its lines, legs,
 * adjustments and payments. It lies in one extent, so that a caller may look at it in place; a read
 * that ends in its callback gets no copy either. An
 * entry enters by a read, an order also by an operation that returns it; S3-FIFO chooses which
 * entry is evicted.
 *
 * An entry is as of the last write batch whose callbacks were begun (publish). A batch is published
 * when it is durable, and before its callbacks. So the cache is never newer than what is durable
 * and never older than what a callback has reported. A read answers from a snapshot that may be
 * older than what was published meanwhile: `changed` has, by a hash of the key, the batch that last
 * changed a record, and an answer from an older snapshot does not enter.
 *
 * A store that several engines share changes without this engine. Reads are not answered from the
 * cache there, and a peek shows an entry only up to an age.
 *
 * All memory is taken when it is opened. Failure modes: there is no capacity for an entry, which
 * then is not cached; HF_E_NOMEM at open.
 */
#ifndef HF_ENGINE_READ_CACHE_H
#define HF_ENGINE_READ_CACHE_H

#include "base/env.h"
#include "cache/extents.h"
#include "engine/engine.h"
#include <holdfast/cache.h>

typedef struct hf__read_cache {
    hf_env *env;
    hf_cache *index; /* from the hash of a key to the entry; NULL: there is no cache */
    hf__extents extents;
    uint32_t *hints;   /* by the bucket of a hash: the extent in which its entry probably is */
    uint64_t *changed; /* by a part of the hash: the batch that last changed such a record */
    uint64_t emptied;  /* answers from snapshots before this batch do not enter */
    uint64_t number;   /* of the last batch that was published */
    int64_t time_ms;   /* of it */
    int64_t age_max_ms;
    bool shared;
    uint64_t removals;   /* entries that were removed or exchanged since open */
    uint64_t answers[2]; /* reads that it could answer and did not, and that it answered */
    uint64_t peeks[2];   /* the same of peeks */
} hf__read_cache;

typedef struct hf__read_cache_config {
    hf_env *env;
    uint64_t bytes; /* 0: there is no cache */
    int64_t age_max_ms;
    bool shared; /* other engines have the store open too */
    bool seeded; /* it does the same in each run */
} hf__read_cache_config;

/* Takes all memory. HF_E_NOMEM. */
int hf__read_cache_init(hf__read_cache *reads, const hf__read_cache_config *config);
void hf__read_cache_fini(hf__read_cache *reads);

/* The store was opened at this batch. */
void hf__read_cache_start(hf__read_cache *reads, uint64_t number, int64_t time_ms);

/* Fills what it counts. */
void hf__read_cache_figures(const hf__read_cache *reads, hf_metrics_info *out);

static inline bool hf__read_cache_is_open(const hf__read_cache *reads)
{
    return reads->index != NULL;
}

#endif
