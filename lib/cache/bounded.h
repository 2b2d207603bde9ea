/*
 * bounded.h - what the files of hf_cache share: its slots, queues and policies.
 *
 * A slot holds an entry's header, key and value; all slots are one block of memory. A slot is found
 * through a hash table whose buckets are chains of slots. Policies keep the slots in queues. Slots
 * refer to each other by number.
 */
#ifndef HF_CACHE_BOUNDED_H
#define HF_CACHE_BOUNDED_H

#include "base/env.h"

#include <holdfast/cache.h>

#define HF__NO_SLOT UINT32_MAX

/* States of a slot. */
enum {
    HF__SLOT_FREE = 0,
    HF__SLOT_VALUE = 1,
    HF__SLOT_ABSENT = 2,  /* the key has no value */
    HF__SLOT_LOADING = 3, /* in no queue, so that it is not evicted */
};

/* Which queue a slot is in. */
enum { HF__QUEUE_MAIN = 0, HF__QUEUE_SMALL = 1, HF__QUEUE_COUNT = 2, HF__QUEUE_NONE = 2 };

typedef struct hf__cached {
    union {
        uint64_t cost;
        hf_cache_waiter *waiters; /* LOADING: the last of a ring */
    } u;
    int64_t until_ms; /* valid until; LOADING: loading since */
    uint32_t hash;
    uint32_t newer; /* towards the head of its queue */
    uint32_t older; /* towards its tail; FREE: the next free slot */
    uint32_t chain; /* the next one in its bucket */
    uint16_t key_bytes;
    uint8_t state;
    uint8_t queue;
    uint8_t uses;   /* since the policy last examined it */
    uint8_t pinned; /* its waiters are being called */
    uint8_t reserved[2];
} hf__cached;

_Static_assert(sizeof(hf__cached) == 40, "what cache.h says of an entry's memory");

typedef struct hf__queue {
    uint32_t head; /* the newest */
    uint32_t tail;
    uint32_t count;
    uint64_t cost;
} hf__queue;

/* A key that was lately evicted from the small queue of S3-FIFO, by its hash. */
typedef struct hf__ghost {
    uint32_t mark;   /* of the hash, never 0 */
    uint32_t number; /* how many were evicted before it */
} hf__ghost;

typedef struct hf__policy {
    const char *name;
    void (*enter)(hf_cache *cache, uint32_t slot);
    void (*use)(hf_cache *cache, uint32_t slot);
    uint32_t (*victim)(hf_cache *cache);           /* HF__NO_SLOT: every queue is empty */
    void (*leave)(hf_cache *cache, uint32_t slot); /* before it is unlinked; may be NULL */
} hf__policy;

struct hf_cache {
    hf_env env;
    hf_cache_options options;
    const hf__policy *policy;
    uint8_t *memory; /* of the slots */
    uint8_t *slots;  /* entries_max of them, slot_bytes each; the first begins a line of memory */
    uint32_t *buckets;
    hf__ghost *ghosts; /* S3-FIFO: entries_max of them; else NULL */
    uint32_t slot_bytes;
    uint32_t value_at; /* of a slot */
    uint32_t free;     /* the first free slot that was used */
    uint32_t fresh;    /* slots from this one on were never used */
    uint32_t hand;     /* SIEVE: the next to examine; HF__NO_SLOT: the tail */
    uint32_t left;     /* S3-FIFO: how many were evicted from the small queue */
    uint32_t pins;     /* slots whose waiters are being called */
    uint32_t closed;   /* 1: in a callback that must not change the cache; 2: nor use it */
    uint64_t seed;
    int64_t now_ms;
    hf__queue queues[HF__QUEUE_COUNT];
    hf_cache_stat stat;
};

extern const hf__policy hf__policies[HF_CACHE_S3_FIFO + 1];

static inline hf__cached *hf__cached_at(const hf_cache *cache, uint32_t slot)
{
    return (hf__cached *)(void *)(cache->slots + (size_t)slot * cache->slot_bytes);
}

static inline uint8_t *hf__cached_key(const hf_cache *cache, uint32_t slot)
{
    return cache->slots + (size_t)slot * cache->slot_bytes + sizeof(hf__cached);
}

static inline uint8_t *hf__cached_value(const hf_cache *cache, uint32_t slot)
{
    return cache->slots + (size_t)slot * cache->slot_bytes + cache->value_at;
}

/* Spreads a hash over 0..count-1. */
static inline uint32_t hf__spread(uint32_t hash, uint32_t count)
{
    return (uint32_t)((uint64_t)hash * count >> 32);
}

/* The first slot of a hash's chain. */
static inline uint32_t *hf__cached_bucket(const hf_cache *cache, uint32_t hash)
{
    return &cache->buckets[hf__spread(hash, cache->options.entries_max)];
}

/* Prefetches what finding a hash reads first, and, when that is there, its first slot. */
static inline void hf__cached_fetch_bucket(const hf_cache *cache, uint32_t hash)
{
    __builtin_prefetch(hf__cached_bucket(cache, hash));
}

static inline void hf__cached_fetch_slot(const hf_cache *cache, uint32_t hash)
{
    const uint32_t slot = *hf__cached_bucket(cache, hash);
    if (slot != HF__NO_SLOT)
        __builtin_prefetch(hf__cached_at(cache, slot), 1);
}

/* A key as the functions pass it on. */
typedef struct hf__cache_key {
    const void *bytes;
    uint32_t length;
    uint32_t hash;
} hf__cache_key;

/* Checks and hashes a key. HF_E_ARGUMENT; HF_E_NESTED when `closed` does not allow it. */
int hf__cache_key_of(const hf_cache *cache, const void *key, uint32_t key_bytes, uint32_t closed,
                     hf__cache_key *out);

/* The slot of a key, HF__NO_SLOT. */
uint32_t hf__cached_find(const hf_cache *cache, const hf__cache_key *key);

/* The same, but removes an expired entry, and counts the hit or miss and the use. */
uint32_t hf__cached_look(hf_cache *cache, const hf__cache_key *key);

/* Evicts until `cost` more is within cost_max. HF_E_TOO_MANY, HF_E_OVERLOADED. */
int hf__cached_evict_for(hf_cache *cache, uint64_t cost);

/* A new slot for a key that has none, LOADING without waiters. HF_E_OVERLOADED. */
int hf__cached_take(hf_cache *cache, const hf__cache_key *key, uint32_t *slot);

/* What hf_cache_put and hf_cache_answer store. */
typedef struct hf__cache_put {
    const void *value; /* NULL: zeros */
    uint64_t cost;     /* 0: that of the slot */
    int64_t ttl_ms;    /* as of hf_cache_put */
    uint8_t state;     /* VALUE or ABSENT */
    uint32_t slot;     /* set when it is stored: its slot */
} hf__cache_put;

/* Stores it and calls the waiters. Errors as hf_cache_put. */
int hf__cached_put(hf_cache *cache, const hf__cache_key *key, hf__cache_put *as);

/* Frees a slot; calls `removed` for a value. */
void hf__cached_drop(hf_cache *cache, uint32_t slot, uint32_t reason);

/* Unlinks a slot from its queue, if it is in one; links it at the head of a queue. */
void hf__queue_leave(hf_cache *cache, uint32_t slot);
void hf__queue_enter(hf_cache *cache, uint32_t slot, uint32_t queue);

/* Calls all waiters of a ring, in order. */
void hf__waiters_call(hf_cache_waiter *last, int status, void *value);

#endif
