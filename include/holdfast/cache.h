/*
 * cache.h - a bounded cache from keys to values, which a host can also use without an engine.
 *
 * A cache has place for a fixed number of entries and, when that is wanted, for a fixed sum of what
 * they cost. All memory is taken when it is made: entries_max times 40 bytes, the longest key and
 * the value, and 4 bytes for finding it (12 with S3_FIFO); after that no call allocates. A value
 * has a fixed size and lies in the cache: either the data, or a pointer to what the host frees when
 * the cache calls `removed`. Get, put and remove take constant time.
 *
 * The cache has no clock of its own: hf_cache_time tells it what time it is, in ms of any origin.
 *
 * WHICH POLICY. All of them are in one table; `holdfast cache-sim FILE` replays a trace of keys
 * through each and beside Belady's optimum, which knows the future. Hit ratios of 1,000,000 draws
 * from 100,000 keys with place for 5,000 of them (Zipf with its exponent; "scan": Zipf 1.0, after
 * each 10,000 draws 5,000 keys that come once; "loop": 5,500 keys round and round):
 *
 *              Zipf 0.8  Zipf 1.0  Zipf 1.2   scan    loop
 *     LRU         0.368     0.664     0.884  0.258   0.000
 *     FIFO        0.332     0.626     0.864  0.258   0.000
 *     CLOCK       0.380     0.673     0.889  0.279   0.000
 *     SIEVE       0.453     0.721     0.904  0.351   0.000
 *     S3_FIFO     0.466     0.726     0.905  0.347   0.799
 *     (optimum)   0.591     0.792     0.929  0.398   0.905
 *
 * LRU, the default, is what most expect, and its order is easy to explain; it is never worse than
 * FIFO. For orders S3_FIFO is the better choice: orders that are over come once more in reports,
 * and it lets them pass without giving up the items and wallets that every order needs. With place
 * for a tenth of the items of a year of a shop's order lines (541,909 of 4,070 items) LRU finds
 * 0.364 of them, SIEVE 0.476, S3_FIFO 0.472 and the optimum 0.675.
 *
 * Thread: a cache belongs to the thread that uses it; no call locks.
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

/* Which entry is given up when there is no place. */
typedef enum hf_cache_policy {
    HF_CACHE_LRU = 0,   /* the one that was not used for the longest time */
    HF_CACHE_FIFO = 1,  /* the oldest */
    HF_CACHE_CLOCK = 2, /* the oldest that was not used since it was last looked at (second chance;
                           Corbató, "A Paging Experiment with the Multics System", 1968) */
    HF_CACHE_SIEVE = 3, /* as CLOCK, but what stays keeps its place among the older ones, so that
                           new keys are tried first (Zhang et al., "SIEVE is Simpler than LRU",
                           NSDI 2024) */
    HF_CACHE_S3_FIFO = 4, /* new keys go through a small queue of a tenth, and enter the main one
                             when they are used there, or come back soon after they left it (Yang et
                             al., "FIFO queues are all you need for cache eviction", SOSP 2023) */
} hf_cache_policy;

/* Why an entry left. */
typedef enum hf_cache_reason {
    HF_CACHE_EVICTED = 0,  /* there was no place */
    HF_CACHE_EXPIRED = 1,  /* its time was over when it was asked for or looked at */
    HF_CACHE_REPLACED = 2, /* hf_cache_put gave its key another value */
    HF_CACHE_REMOVED = 3,  /* hf_cache_remove, hf_cache_clear or hf_cache_free */
} hf_cache_reason;

/* What hf_cache_get and hf_cache_ask found. */
typedef enum hf_cache_found {
    HF_CACHE_MISS = 0,   /* nothing is known of the key */
    HF_CACHE_HIT = 1,    /* its value */
    HF_CACHE_ABSENT = 2, /* it is known that there is no such thing */
    HF_CACHE_LOAD = 3,   /* hf_cache_ask: nothing is known, and the caller has to load it */
    HF_CACHE_WAIT = 4,   /* hf_cache_ask: it is being loaded, and the caller is called back */
} hf_cache_found;

/*
 * Called once for each value that leaves, before its memory is used again. The views live until it
 * returns. No function of the same cache may be called from it (HF_E_NESTED).
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
    int64_t ttl_ms;                /* how long an entry is good; 0 (default): always */
    hf_cache_removed_cb removed;   /* NULL (default): nobody is told */
    void *data;                    /* given to `removed` */
    const hf_allocator *allocator; /* NULL (default): the C library's; copied */
} hf_cache_options;

/* What a cache did since it was made. The numbers only grow, but for the first three. */
typedef struct hf_cache_stat {
    uint32_t size;
    uint32_t entries;      /* now, those that are known to be absent included */
    uint64_t cost;         /* of them */
    uint64_t memory_bytes; /* that the cache took */
    uint64_t hits;         /* values and absences that were found */
    uint64_t misses;
    uint64_t puts;
    uint64_t evictions; /* for want of place */
    uint64_t expired;
    uint64_t refused;       /* HF_E_TOO_MANY and HF_E_OVERLOADED */
    uint64_t loads;         /* HF_CACHE_LOAD */
    uint64_t waits;         /* HF_CACHE_WAIT: so many loads were saved */
    uint64_t load_failures; /* hf_cache_answer with an error */
    int64_t load_ms;        /* the sum of the time from ask to answer */
} hf_cache_stat;

/*
 * Called when what was asked for is known: status 0 and the value; HF_E_NOT_FOUND, there is no such
 * thing; or the error of the load, HF_E_CANCELLED when the key was removed or the cache freed. The
 * value lives until the callback returns. With a value or HF_E_NOT_FOUND, hf_cache_put and
 * hf_cache_remove of this key, hf_cache_clear and hf_cache_free are HF_E_NESTED; every other call
 * is good. When hf_cache_clear or hf_cache_free called it, only hf_cache_has and hf_cache_each are.
 */
typedef void (*hf_cache_cb)(void *data, int status, void *value);

/* Who waits for a key: the caller's memory, pinned from HF_CACHE_WAIT until `cb` is called. */
typedef struct hf_cache_waiter {
    hf_cache_cb cb;
    void *data;
    struct hf_cache_waiter *next; /* the cache's */
} hf_cache_waiter;

/*
 * Called for one key after the other; other than 0 ends the walk. The views live until it returns.
 */
typedef int (*hf_cache_each_cb)(void *data, const void *key, uint32_t key_bytes, void *value);

/*
 * Defaults as above; entries_max and value_bytes must be set.
 * Thread: any. Since 0.1.
 */
HF_API void hf_cache_options_init(hf_cache_options *options);

/*
 * Makes a cache and takes all its memory; ends with hf_cache_free. HF_E_ARGUMENT (a number outside
 * its range), HF_E_ENUM (the policy), HF_E_ABI, HF_E_NOMEM; then *out is NULL.
 * Thread: any; then that of the cache. Since 0.1.
 */
HF_API int hf_cache_new(const hf_cache_options *options, hf_cache **out);

/*
 * Calls who waits with HF_E_CANCELLED, tells `removed` of every value, and gives the memory back.
 * Takes NULL. HF_E_NESTED from a callback of the cache.
 * Thread: the cache's. Since 0.1.
 */
HF_API int hf_cache_free(hf_cache *cache);

/*
 * Tells the time, in ms; a time before the last one is taken for the last one. Entries with a time
 * to live are good up to it. Until the first call it is 0.
 * Thread: the cache's. Since 0.1.
 */
HF_API void hf_cache_time(hf_cache *cache, int64_t now_ms);

/*
 * Looks a key up: HF_CACHE_HIT and *value, HF_CACHE_ABSENT or HF_CACHE_MISS (also while it is being
 * loaded); then *value is NULL. The value lies in the cache and may be changed in place; it lives
 * until the next call that puts, asks for, answers or removes something. `value` may be NULL.
 * HF_E_ARGUMENT: `key` is NULL, or key_bytes is 0 or above key_bytes_max. HF_E_NESTED.
 * Thread: the cache's. Since 0.1.
 */
HF_API int hf_cache_get(hf_cache *cache, const void *key, uint32_t key_bytes, void **value);

/*
 * Whether hf_cache_get would hit, without counting it as a use: 1 or 0. Errors as there.
 * Thread: the cache's. Since 0.1.
 */
HF_API int hf_cache_has(hf_cache *cache, const void *key, uint32_t key_bytes);

/*
 * Gives a key a value: value_bytes of `value` are copied; NULL: zeros. `cost` counts against
 * cost_max: what the entry costs in a measure of the host's own (bytes, say); 0: the bytes of its
 * place. Other entries leave until it fits. `ttl_ms`: how long it is good; 0: as in the options;
 * negative: always. While the key is being loaded this value is the newer one: those who wait get
 * it now, and the answer to come is not kept.
 * Errors: HF_E_ARGUMENT as hf_cache_get; HF_E_TOO_MANY: cost is above cost_max; HF_E_OVERLOADED:
 * every place is taken by a key that is being loaded. After these two the key has no entry: what it
 * had is out of date. HF_E_NESTED.
 * Thread: the cache's. Since 0.1.
 */
HF_API int hf_cache_put(hf_cache *cache, const void *key, uint32_t key_bytes, const void *value,
                        uint64_t cost, int64_t ttl_ms);

/*
 * Notes that there is nothing under a key, so that it need not be looked for again. It takes a
 * place like a value; `removed` is not told when it leaves. Errors as hf_cache_put.
 * Thread: the cache's. Since 0.1.
 */
HF_API int hf_cache_put_absent(hf_cache *cache, const void *key, uint32_t key_bytes,
                               int64_t ttl_ms);

/*
 * Forgets a key: 1, or 0 when it had no entry. While it is being loaded, who waits is called with
 * HF_E_CANCELLED and the answer to come is not kept: what it has may be from before the removal.
 * HF_E_ARGUMENT, HF_E_NESTED.
 * Thread: the cache's. Since 0.1.
 */
HF_API int hf_cache_remove(hf_cache *cache, const void *key, uint32_t key_bytes);

/*
 * Forgets every key, as by hf_cache_remove. HF_E_NESTED.
 * Thread: the cache's. Since 0.1.
 */
HF_API int hf_cache_clear(hf_cache *cache);

/*
 * Looks a key up so that many who miss it cause one load. HF_CACHE_HIT with *value or
 * HF_CACHE_ABSENT, as hf_cache_get. HF_CACHE_LOAD: the caller has to load it and must call
 * hf_cache_answer, whatever happens. HF_CACHE_WAIT: somebody does; waiter->cb is called. `waiter`
 * is used in this case alone. A key that is being loaded has a place that nothing else takes.
 * HF_E_ARGUMENT (also when waiter or its cb is NULL), HF_E_OVERLOADED as hf_cache_put, HF_E_NESTED.
 * Thread: the cache's. Since 0.1.
 */
HF_API int hf_cache_ask(hf_cache *cache, const void *key, uint32_t key_bytes,
                        hf_cache_waiter *waiter, void **value);

/*
 * Ends a load. `status` 0: `value` and `cost` are put as by hf_cache_put, with the time to live of
 * the options; HF_E_NOT_FOUND: as by hf_cache_put_absent; another error: nothing is kept, and the
 * next who asks loads again. Then those who wait are called, in the order in which they asked.
 * HF_E_NOT_FOUND when the key is not being loaded (it was removed meanwhile, or never asked for):
 * nothing is kept. Errors of hf_cache_put: those who wait get the value all the same.
 * Thread: the cache's. Since 0.1.
 */
HF_API int hf_cache_answer(hf_cache *cache, const void *key, uint32_t key_bytes, int status,
                           const void *value, uint64_t cost);

/*
 * Calls `cb` for each value, those first that the policy would keep longest. The cache must not be
 * changed meanwhile (HF_E_NESTED). Returns how many were seen.
 * Thread: the cache's. Since 0.1.
 */
HF_API int hf_cache_each(hf_cache *cache, hf_cache_each_cb cb, void *data);

/*
 * Writes the keys of all values into `out`, in the order of hf_cache_each, as many as fit, for
 * hf_cache_keys_read after the next start. Returns the bytes used: 0 when not even the frame of 16
 * bytes fits. `out` may be NULL with `bytes` 0: then the bytes that all of them need.
 * Thread: the cache's. Since 0.1.
 */
HF_API uint64_t hf_cache_keys_write(hf_cache *cache, void *out, uint64_t bytes);

/*
 * Calls `cb` for each key that hf_cache_keys_write wrote, with the value NULL, so that the host
 * loads what the last run needed. HF_E_CORRUPT: the bytes are not what was written; no key was
 * given. HF_E_ARGUMENT.
 * Thread: any. Since 0.1.
 */
HF_API int hf_cache_keys_read(const void *keys, uint64_t bytes, hf_cache_each_cb cb, void *data);

/*
 * Reads the numbers; out->size must be set to sizeof(hf_cache_stat). HF_E_ABI, HF_E_ARGUMENT.
 * Thread: the cache's. Since 0.1.
 */
HF_API int hf_cache_read_stat(const hf_cache *cache, hf_cache_stat *out);

/*
 * The name of an hf_cache_policy, e.g. "S3_FIFO"; NULL for another number, so that a loop from 0
 * ends. Static.
 * Thread: any. Since 0.1.
 */
HF_API const char *hf_cache_policy_name(uint32_t policy);

#ifdef __cplusplus
}
#endif

#endif
