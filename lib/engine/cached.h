/*
 * cached.h - what the files of the read cache share: its entries, and what a read asks for.
 */
#ifndef HF_ENGINE_CACHED_H
#define HF_ENGINE_CACHED_H

#include "cache/bounded.h"
#include "engine/read_cache.h"

#include <string.h>

#define HF__LINE_BYTES 64u /* that the processor fetches at once */

/* An entry; its packed result follows, and begins a line of memory. */
typedef struct hf__cached_result {
    hf_id id;       /* of the record; of an account 0 */
    uint64_t stamp; /* of the last change in it; 0: it was read */
    int64_t
        known_ms; /* when it was current, on the clock of hf__engine_uptime; shared stores only */
    uint32_t table;
    uint32_t bytes; /* of the result */
    uint64_t reserved;
} hf__cached_result;

_Static_assert(sizeof(hf__cached_result) == 48,
               "the result begins a line: an extent has 16 bytes before it");

/* The record that a read asks for. */
typedef struct hf__cached_query {
    uint64_t hash;
    uint32_t table; /* UNITS: the cache has no such records */
    hf_id id;
    hf_account_ref account;
} hf__cached_query;

/* What an operation reads; false: the cache has no such records. */
bool hf__cached_query_of(hf__cached_query *out, const hf__operation *op);

void hf__cached_query_order(hf__cached_query *out, const hf_id *order);

/* The index has hashes as keys, which need not be hashed again. */
static inline hf__cache_key hf__cached_key_of(const hf__read_cache *reads, const uint64_t *hash)
{
    const uint64_t mixed = (*hash ^ reads->index->seed) * UINT64_C(0x9E3779B97F4A7C15);
    return (hf__cache_key){.bytes = hash, .length = sizeof *hash, .hash = (uint32_t)(mixed >> 32)};
}

static inline hf__cached_result *hf__cached_result_at(const hf__read_cache *reads, uint32_t slot)
{
    hf__cached_result *e;
    memcpy(&e, hf__cached_value(reads->index, slot), sizeof(void *));
    return e;
}

/* The slot of a hash, without counting a use; HF__NO_SLOT: there is none. */
static inline uint32_t hf__cached_slot(const hf__read_cache *reads, uint64_t hash)
{
    const hf__cache_key key = hf__cached_key_of(reads, &hash);
    return hf__cached_find(reads->index, &key);
}

/*
 * A hint where the entry of a hash is, as the unit of an extent: the entry of its bucket that was
 * added last. Only prefetches use the hint, so that it may be wrong.
 */
static inline uint32_t *hf__cached_hint(const hf__read_cache *reads, uint32_t hash)
{
    return &reads->hints[hf__spread(hash, reads->index->options.entries_max)];
}

/* After a commit whose outcome is not known the cache may be older than the store. */
bool hf__cached_usable(hf__engine *engine);

#endif
