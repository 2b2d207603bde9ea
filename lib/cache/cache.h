/*
 * cache.h - the working set: the rows of the running batch, and hot rows kept between batches.
 *
 * One entry a row: what it is now, and what the store has. Entries of a batch lie in the batch's
 * arena and are forgotten with it; rows of hot tables (accounts, units, number series, leases, and
 * transactions until they end) are kept in slots of a fixed size. A changed row is only marked;
 * flush writes all of them, sorted, in one store transaction. A savepoint undoes the changes of a
 * chain.
 *
 * Used by one storage thread at a time. The capacity is fixed: when it is used up, calls return
 * HF_E_NOMEM.
 */
#ifndef HF_CACHE_CACHE_H
#define HF_CACHE_CACHE_H

#include "base/env.h"
#include "base/structures/arena.h"
#include "base/structures/map.h"
#include "base/structures/skiplist.h"
#include "cache/bounded.h"
#include "cache/load_list.h"
#include "cache/new_ids.h"
#include "model/codec.h"
#include "model/key.h"
#include <holdfast/store.h>

#define HF__CACHE_NEW_IDS 32768u /* ids known without a look-up */

/* A row of the working set. */
typedef struct hf__entry {
    hf__key key;                  /* first: a sorted key is found back as its entry */
    const void *row;              /* as it is now; NULL: there is none */
    const void *stored;           /* as the store has it; NULL: there is none */
    struct hf__entry *batch_next; /* of this batch's entries */
    uint32_t dirty;               /* 1: must be written with this batch */
    uint32_t slot;                /* of the kept rows, + 1; 0: lives in the batch only */
    uint64_t stamp;               /* DIRTY: of the last change, as hf__cache.stamp was then */
} hf__entry;

/* One change: to undo it, and to bring overlays up to date. */
typedef struct hf__log_record {
    hf__entry *entry;
    const void *before;
    const void *after;
    struct hf__log_record *older;
    uint32_t was_dirty;
    uint32_t reserved;
} hf__log_record;

/* The changed rows of one index in its order, built when a scan first needs it. */
typedef struct hf__overlay {
    hf__skiplist list;
    const hf__log_record *seen; /* every change up to this one is in the list */
    uint32_t ready;             /* 0: build it anew */
    uint32_t reserved;
} hf__overlay;

#define HF__OVERLAYS_MAX 8 /* indexes of a table, the primary key included */
#define HF__CACHE_TABLES 32
#define HF__HOT_KEY_MAX  208 /* an account's: a byte and three names */

/* Writes one changed row, or removes it (`row` NULL); `old`: as the store has it. 0 or HF_E_*. */
typedef int (*hf__cache_write)(void *txn, const hf__key *key, const void *row, const void *old);

typedef struct hf__cache {
    hf_env *env;
    const hf_schema *schema;
    const hf_store_driver *driver;
    hf__cache_write write; /* NULL: rows are put sorted, by table */
    hf__map map;
    /* kept rows */
    hf_cache *kept;     /* their keys, and which of them is evicted next */
    hf__entry *slots;   /* by slot of `kept`, as are the rows */
    uint8_t *slot_rows; /* slot_bytes each */
    uint32_t slot_count;
    uint32_t slot_bytes;
    uint32_t hot; /* bits of the tables that are kept */
    uint8_t
        kept_in[HF__CACHE_TABLES]; /* a row is kept as long as it is in this index of its table */
    uint64_t bytes_in[HF__CACHE_TABLES]; /* bits of the columns with bytes outside the row */
    /* the running batch */
    hf__arena *arena;
    void *txn;
    hf__entry *batch_first;
    uint32_t batch_count;
    uint32_t batch_max;
    hf__log_record *log;
    uint64_t stamp;      /* number of the operation that is applied, counted since open */
    hf__entry **changed; /* those that are dirty, in the order of their first change */
    uint32_t changed_count;
    hf__new_ids new_ids; /* ids of the records that are named by one */
    uint64_t hits;       /* look-ups that were answered, since the engine took them */
    uint64_t misses;     /* and keys that were loaded */
    hf__overlay overlays[HF__CACHE_TABLES][HF__OVERLAYS_MAX];
    hf__load_list load_list; /* rows that were looked up and are not in the working set */
    /* scratch of load and flush */
    hf__sortable *sorted;
    hf__sortable *merge;
    const void **put_rows;
    const void **put_olds;
    void **load_rows;
    const hf__key **load_keys;
    uint8_t *load_found;
} hf__cache;

/* A table whose rows are kept between batches, those that are in one of its indexes. */
typedef struct hf__hot_table {
    uint8_t table;
    uint8_t index; /* HF__PRIMARY: every row */
} hf__hot_table;

typedef struct hf__cache_config {
    hf_env *env;
    const hf_schema *schema;
    const hf_store_driver *driver;
    hf__cache_write write; /* of a store that takes rows in any order; NULL */
    uint64_t bytes;        /* of the kept rows */
    uint32_t batch_max;    /* rows of one commit */
    uint32_t hot_count;
    const hf__hot_table *hot;
} hf__cache_config;

/* Takes all memory. HF_E_NOMEM. */
int hf__cache_init(hf__cache *cache, const hf__cache_config *config);
void hf__cache_fini(hf__cache *cache);

/* Loads the greatest ids of each table whose key is an id: new ids need no look-up. 0, HF_E_*. */
int hf__cache_prime(hf__cache *cache, void *txn);

/* Starts a batch: rows are loaded through `txn` into `arena`. */
void hf__cache_begin(hf__cache *cache, hf__arena *arena, void *txn);

/* Forgets every kept row, because the store has changed; nothing of this batch is loaded yet. */
void hf__cache_forget(hf__cache *cache);

/* Ends it: kept rows take what was committed, or everything changed is forgotten. */
void hf__cache_end(hf__cache *cache, bool committed);

/* True when no table of the store can have a record with this id; needs no look-up. */
bool hf__cache_is_new_id(const hf__cache *cache, const hf_id *id);

/* 0 with *row, or 1 after noting the key for hf__cache_load. */
int hf__cache_get(hf__cache *cache, const hf__key *key, const void **row);

/*
 * For an operation that is decided later: true with the entry (NULL: there can be no such row), or
 * false after noting the key.
 */
bool hf__cache_look(hf__cache *cache, const hf__key *key, hf__entry **entry);

/*
 * Loads what was noted, with one call of the store for each table. When that fails, the first
 * `needed` keys are loaded again without the others: 0 or HF_E_* is of these, and *all is false.
 */
int hf__cache_load(hf__cache *cache, uint32_t needed, bool *all);

/* Forgets what was noted. */
static inline void hf__cache_clear_load_list(hf__cache *cache)
{
    if (cache->load_list.count != 0)
        hf__load_list_clear(&cache->load_list);
}

/* How many more rows fit into this batch. */
uint32_t hf__cache_remaining(const hf__cache *cache);

/* True for tables whose rows are kept between batches. */
static inline bool hf__cache_keeps(const hf__cache *cache, uint32_t table)
{
    return (cache->hot >> table & 1) != 0;
}

/* The hash under which a row is kept. */
static inline uint32_t hf__cache_kept_hash(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

/* Prefetches the memory that applying this key will touch. */
static inline void hf__cache_prefetch(const hf__cache *cache, const hf__key *key)
{
    if (hf__cache_keeps(cache, key->table))
        __builtin_prefetch(hf__cached_bucket(cache->kept, hf__cache_kept_hash(key->hash)));
    else
        hf__map_prefetch(&cache->map, key->hash);
}

/* Prefetches the kept entry of a hash that was expected, or then its row. */
void hf__cache_fetch(const hf__cache *cache, uint64_t hash, bool row);

/*
 * Takes a changed row (NULL: removed), which lives in the batch's arena as does the key. `old`: the
 * row as hf__cache_get has given it, which may save a look-up, or NULL. HF_E_NOMEM when the working
 * set is full: the caller asks for capacity first.
 */
int hf__cache_apply(hf__cache *cache, const hf__key *key, const void *old, const void *row);

/* Takes a savepoint, and rolls back to it. */
hf__log_record *hf__cache_savepoint(const hf__cache *cache);
void hf__cache_rollback(hf__cache *cache, hf__log_record *savepoint);

/*
 * Up to `limit` rows of a range, this batch's changes included, in order; *more is 1 when the
 * limit cut it off. Array and rows live in the batch's arena. 0 or HF_E_*.
 */
int hf__cache_scan(hf__cache *cache, const hf_scan *scan, uint32_t limit, const void *const **rows,
                   uint32_t *count, uint32_t *more);

/* Memory from the far end of the arena, where it outlives drafts. NULL when full. */
void *hf__cache_alloc_back(hf__arena *arena, size_t bytes);

/* Writes every changed row into the transaction, by table and key. 0 or HF_E_*. */
int hf__cache_flush(hf__cache *cache);

#endif
