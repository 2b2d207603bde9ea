/*
 * cache.h - a bounded cache from keys to values, which a host can also use without an engine.
 *
 * A cache holds a bounded number of entries and, with cost_max, a bounded sum of their costs. All
 * memory is allocated by hf_cache_new: for each entry 40 bytes, the longest key, the value, and 4
 * bytes of the hash table (12 with S3_FIFO). No other call allocates. Values have a fixed size and
 * are stored in the cache: either the data, or a pointer that the host frees in `removed`. Get, put
 * and remove take constant time, put and ask amortized.
 *
 * The cache has no clock of its own: the host sets the time with hf_cache_time.
 *
 * WHICH POLICY. `holdfast cache-sim FILE` replays a trace of keys through every policy and through
 * Belady's optimum, which knows the future. Hit ratios of 1,000,000 draws from 100,000 keys in a
 * cache of 5,000 entries (Zipf with its exponent; "scan": Zipf 1.0, after each 10,000 draws 5,000
 * keys that occur once; "loop": 5,500 keys in a cycle):
 *
 *              Zipf 0.8  Zipf 1.0  Zipf 1.2   scan    loop
 *     LRU         0.368     0.664     0.884  0.258   0.000
 *     FIFO        0.332     0.626     0.864  0.258   0.000
 *     CLOCK       0.380     0.673     0.889  0.279   0.000
 *     SIEVE       0.453     0.721     0.904  0.351   0.000
 *     S3_FIFO     0.466     0.726     0.905  0.347   0.799
 *     (optimum)   0.591     0.792     0.929  0.398   0.905
 *
 * LRU is the default because its order is the one that most programs expect. For orders S3_FIFO is
 * recommended: a report that reads old orders once does not evict the items and wallets that every
 * order needs. On a year of a shop's order lines (541,909 lines of 4,070 items) with capacity for a
 * tenth of the items LRU hits 0.364, SIEVE 0.476, S3_FIFO 0.472 and the optimum 0.675.
 *
 * A cache is used by one thread at a time; no call locks.
 */
#ifndef HOLDFAST_CACHE_H
#define HOLDFAST_CACHE_H

#include <holdfast/engine.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HF_CACHE_KEY_MAX 4096 /* bytes of a key */

/* A cache. */
typedef struct hf_cache hf_cache;

/* Which entry is evicted when the cache is full. */
typedef enum hf_cache_policy {
    HF_CACHE_LRU = 0,     /* the least recently used */
    HF_CACHE_FIFO = 1,    /* the oldest */
    HF_CACHE_CLOCK = 2,   /* the oldest that was not used since it was last examined (second chance;
                             Corbató, "A Paging Experiment with the Multics System", 1968) */
    HF_CACHE_SIEVE = 3,   /* as CLOCK, but an entry that stays keeps its position, so that new
                             entries are examined sooner (Zhang et al., "SIEVE is Simpler than LRU",
                             NSDI 2024) */
    HF_CACHE_S3_FIFO = 4, /* new keys enter a small queue of a tenth; those used there, or put again
                             soon after they were evicted from it, enter the main queue (Yang et
                             al., "FIFO queues are all you need for cache eviction", SOSP 2023) */
} hf_cache_policy;

/* Why a value was removed. */
typedef enum hf_cache_reason {
    HF_CACHE_EVICTED = 0,  /* the cache was full */
    HF_CACHE_EXPIRED = 1,  /* its time to live had passed */
    HF_CACHE_REPLACED = 2, /* hf_cache_put gave its key another value */
    HF_CACHE_REMOVED = 3,  /* hf_cache_remove, hf_cache_clear or hf_cache_free */
} hf_cache_reason;

/* What hf_cache_get and hf_cache_ask found. */
typedef enum hf_cache_found {
    HF_CACHE_MISS = 0,   /* there is no entry */
    HF_CACHE_HIT = 1,    /* there is a value */
    HF_CACHE_ABSENT = 2, /* there is an entry that says that the key has no value */
    HF_CACHE_LOAD = 3,   /* hf_cache_ask: there is no entry, and the caller must load it */
    HF_CACHE_WAIT = 4,   /* hf_cache_ask: it is being loaded; the waiter is called */
} hf_cache_found;

/*
 * Called once for each value that is removed, before its memory is reused. The views live until it
 * returns. Every function of the same cache that is called from it is HF_E_NESTED.
 */
typedef void (*hf_cache_removed_cb)(void *data, const void *key, uint32_t key_bytes, void *value,
                                    uint32_t reason);

/* Options of hf_cache_new. */
typedef struct hf_cache_options {
    uint32_t size;
    uint32_t policy;               /* hf_cache_policy; default LRU */
    uint32_t entries_max;          /* 1..2^30 */
    uint32_t key_bytes_max;        /* 1..HF_CACHE_KEY_MAX; default 64 */
    uint32_t value_bytes;          /* 0..2^20: of each value */
    uint32_t reserved;             /* 0 */
    uint64_t cost_max;             /* the sum of all costs; 0 (default): only entries_max counts */
    int64_t ttl_ms;                /* how long an entry is valid; 0 (default): always */
    hf_cache_removed_cb removed;   /* NULL (default): none */
    void *data;                    /* given to `removed` */
    const hf_allocator *allocator; /* NULL (default): the C library's; copied */
} hf_cache_options;

/* Statistics since hf_cache_new; entries and cost are the present ones. */
typedef struct hf_cache_stat {
    uint32_t size;
    uint32_t entries;      /* with those that say that a key has no value */
    uint64_t cost;         /* of them */
    uint64_t memory_bytes; /* allocated */
    uint64_t hits;         /* HF_CACHE_HIT and HF_CACHE_ABSENT */
    uint64_t misses;
    uint64_t puts;
    uint64_t evictions; /* HF_CACHE_EVICTED, with those without a value */
    uint64_t expired;
    uint64_t refused;       /* HF_E_TOO_MANY and HF_E_OVERLOADED */
    uint64_t loads;         /* HF_CACHE_LOAD */
    uint64_t waits;         /* HF_CACHE_WAIT: loads that were saved */
    uint64_t load_failures; /* hf_cache_answer with an error */
    int64_t load_ms;        /* the sum of the time from ask to answer */
} hf_cache_stat;

/*
 * Called when the load that a waiter waits for has ended: status 0 and the value; HF_E_NOT_FOUND
 * when the key has no value; the error of the load; HF_E_CANCELLED when the key was removed or the
 * cache cleared or freed. The value lives until the callback returns. The callback may use the
 * cache, except that after status 0 and HF_E_NOT_FOUND hf_cache_put, hf_cache_put_absent and
 * hf_cache_remove of the same key, hf_cache_clear and hf_cache_free are HF_E_NESTED, and that
 * within hf_cache_clear and hf_cache_free only hf_cache_has, hf_cache_each and hf_cache_read_stat
 * work.
 */
typedef void (*hf_cache_cb)(void *data, int status, void *value);

/* A waiter for a key: the caller's memory, pinned from HF_CACHE_WAIT until `cb` is called. */
typedef struct hf_cache_waiter {
    hf_cache_cb cb;
    void *data;
    struct hf_cache_waiter *next; /* the cache's */
} hf_cache_waiter;

/*
 * Called for each key; a result other than 0 ends the iteration. The views live until it returns.
 */
typedef int (*hf_cache_each_cb)(void *data, const void *key, uint32_t key_bytes, void *value);

/*
 * Defaults as above; entries_max and value_bytes must be set.
 * Thread: any. Since 0.1.
 */
HF_API void hf_cache_options_init(hf_cache_options *options);

/*
 * Makes a cache and allocates all its memory. Free it with hf_cache_free. HF_E_ARGUMENT (a NULL, or
 * an option outside its range), HF_E_ENUM (policy), HF_E_ABI, HF_E_NOMEM; then *out is NULL.
 * Thread: any; then that of the cache. Since 0.1.
 */
HF_API int hf_cache_new(const hf_cache_options *options, hf_cache **out);

/*
 * Clears the cache as hf_cache_clear does and frees its memory. NULL is allowed. HF_E_NESTED from a
 * callback of the cache; then nothing has happened.
 * Thread: the cache's. Since 0.1.
 */
HF_API int hf_cache_free(hf_cache *cache);

/*
 * Sets the time, in ms since any origin. It is 0 at first, and never goes back: an earlier time is
 * ignored. An entry with a time to live is valid until the time it was put plus that, inclusive.
 * Thread: the cache's. Since 0.1.
 */
HF_API void hf_cache_time(hf_cache *cache, int64_t now_ms);

/*
 * Looks a key up: HF_CACHE_HIT with *value; or HF_CACHE_ABSENT or HF_CACHE_MISS (also while the key
 * is being loaded) with *value NULL. `value` may be NULL. The value may be changed in place; the
 * pointer is valid until the next call that puts, asks, answers, removes or clears, and until the
 * next hf_cache_get of the same key.
 * HF_E_ARGUMENT: `cache` or `key` is NULL, key_bytes is 0 or above key_bytes_max. HF_E_NESTED.
 * Thread: the cache's. Since 0.1.
 */
HF_API int hf_cache_get(hf_cache *cache, const void *key, uint32_t key_bytes, void **value);

/*
 * Whether the key has a value: 1 or 0. Does not count as a use. Errors as hf_cache_get.
 * Thread: the cache's. Since 0.1.
 */
HF_API int hf_cache_has(hf_cache *cache, const void *key, uint32_t key_bytes);

/*
 * Sets the value of a key: value_bytes of `value` are copied (NULL: zeros). `cost` counts against
 * cost_max, in a measure of the host's own; 0 counts as the bytes of the entry in the cache. Other
 * entries are evicted until it fits. `ttl_ms` is the time to live; 0: that of the options;
 * negative: without end. While the key is being loaded the value counts as the newer one: its
 * waiters are called with it, and hf_cache_answer will be HF_E_NOT_FOUND. Errors: HF_E_ARGUMENT as
 * hf_cache_get; HF_E_TOO_MANY: `cost` is above cost_max; HF_E_OVERLOADED: all entries that could be
 * evicted are being loaded. After these two the key has no entry, because its old value is out of
 * date. HF_E_NESTED. Thread: the cache's. Since 0.1.
 */
HF_API int hf_cache_put(hf_cache *cache, const void *key, uint32_t key_bytes, const void *value,
                        uint64_t cost, int64_t ttl_ms);

/*
 * Stores that a key has no value, so that it is not loaded again and again. The entry counts like a
 * value, but `removed` is not called for it. Errors as hf_cache_put.
 * Thread: the cache's. Since 0.1.
 */
HF_API int hf_cache_put_absent(hf_cache *cache, const void *key, uint32_t key_bytes,
                               int64_t ttl_ms);

/*
 * Removes a key: 1, or 0 when it had no entry. While it is being loaded, its waiters are called
 * with HF_E_CANCELLED, and hf_cache_answer will be HF_E_NOT_FOUND: the answer may be older than the
 * removal. HF_E_ARGUMENT, HF_E_NESTED.
 * Thread: the cache's. Since 0.1.
 */
HF_API int hf_cache_remove(hf_cache *cache, const void *key, uint32_t key_bytes);

/*
 * Removes every key as hf_cache_remove does. HF_E_ARGUMENT, HF_E_NESTED.
 * Thread: the cache's. Since 0.1.
 */
HF_API int hf_cache_clear(hf_cache *cache);

/*
 * Looks a key up so that callers who miss it at the same time cause one load. HF_CACHE_HIT with
 * *value or HF_CACHE_ABSENT, as hf_cache_get. HF_CACHE_LOAD: the caller must load it and then call
 * hf_cache_answer, also when the load failed. HF_CACHE_WAIT: another caller loads it, and
 * waiter->cb will be called; only then is `waiter` used. A key that is being loaded is not evicted.
 * HF_E_ARGUMENT (also when waiter or its cb is NULL), HF_E_OVERLOADED as hf_cache_put, HF_E_NESTED.
 * Thread: the cache's. Since 0.1.
 */
HF_API int hf_cache_ask(hf_cache *cache, const void *key, uint32_t key_bytes,
                        hf_cache_waiter *waiter, void **value);

/*
 * Ends a load. `status` 0: stores value and cost as hf_cache_put does, with the time to live of the
 * options; HF_E_NOT_FOUND: as hf_cache_put_absent; another error: stores nothing, and the next
 * hf_cache_ask is HF_CACHE_LOAD. Then the waiters are called in the order in which they asked.
 * HF_E_NOT_FOUND when the key is not being loaded: it was put or removed meanwhile, or never asked
 * for; nothing is stored. Other errors as hf_cache_put; the waiters are called with the value all
 * the same.
 * Thread: the cache's. Since 0.1.
 */
HF_API int hf_cache_answer(hf_cache *cache, const void *key, uint32_t key_bytes, int status,
                           const void *value, uint64_t cost);

/*
 * Calls `cb` for each value, the most recent first (S3_FIFO: the main queue first). Within `cb`
 * only hf_cache_has, hf_cache_each and hf_cache_read_stat work, others are HF_E_NESTED. Returns how
 * often it was called; HF_E_ARGUMENT, HF_E_NESTED. Thread: the cache's. Since 0.1.
 */
HF_API int hf_cache_each(hf_cache *cache, hf_cache_each_cb cb, void *data);

/*
 * Writes the keys of all values into `out`, in the order of hf_cache_each, as many as fit, so that
 * hf_cache_keys_read gives them after a restart. Returns the bytes written; 0 when the header of 16
 * bytes does not fit, and for HF_E_ARGUMENT and HF_E_NESTED. With `out` NULL it only returns the
 * bytes that all keys need.
 * Thread: the cache's. Since 0.1.
 */
HF_API uint64_t hf_cache_keys_write(hf_cache *cache, void *out, uint64_t bytes);

/*
 * Calls `cb` with value NULL for each key that hf_cache_keys_write wrote, so that the host can load
 * them. HF_E_CORRUPT: the bytes are not what was written; then `cb` was not called. HF_E_ARGUMENT.
 * Thread: any. Since 0.1.
 */
HF_API int hf_cache_keys_read(const void *keys, uint64_t bytes, hf_cache_each_cb cb, void *data);

/*
 * Reads the statistics; out->size must be set to sizeof(hf_cache_stat). HF_E_ABI, HF_E_ARGUMENT.
 * Thread: the cache's. Since 0.1.
 */
HF_API int hf_cache_read_stat(const hf_cache *cache, hf_cache_stat *out);

/*
 * The name of an hf_cache_policy, e.g. "S3_FIFO"; NULL for another number. Static.
 * Thread: any. Since 0.1.
 */
HF_API const char *hf_cache_policy_name(uint32_t policy);

#ifdef __cplusplus
}
#endif

#endif
