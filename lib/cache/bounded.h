/*
 * bounded.h - what the files of hf_cache share: its slots, queues and policies.
 *
 * A slot is an entry's header, its key and its value, in one place; all slots lie in one block. A
 * slot is found through a table of buckets, each the head of a chain of slots. Policies order the
 * slots in queues, by number.
 */
#ifndef HF_CACHE_BOUNDED_H
#define HF_CACHE_BOUNDED_H

#include "base/env.h"

#include <holdfast/cache.h>

#define HF__NO_SLOT UINT32_MAX

/* What a slot has. */
enum {
    HF__SLOT_FREE = 0,
    HF__SLOT_VALUE = 1,
    HF__SLOT_ABSENT = 2,  /* there is no such thing */
    HF__SLOT_LOADING = 3, /* in no queue: nothing takes its place */
};

/* Which queue a slot is in. */
enum { HF__QUEUE_MAIN = 0, HF__QUEUE_SMALL = 1, HF__QUEUE_COUNT = 2, HF__QUEUE_NONE = 2 };

typedef struct hf__cached {
    union {
        uint64_t cost;
        hf_cache_waiter *waiters; /* LOADING: the last one, whose `next` is the first */
    } u;
    int64_t until_ms; /* good up to then; LOADING: since when */
    uint32_t hash;
    uint32_t newer; /* towards the head of its queue */
    uint32_t older; /* towards its tail; FREE: the next free slot */
    uint32_t chain; /* the next one in its bucket */
    uint16_t key_bytes;
    uint8_t state;
    uint8_t queue;
    uint8_t uses;   /* of the policy: since it was last looked at */
    uint8_t pinned; /* its value is being given to who waited for it */
    uint8_t reserved[2];
} hf__cached;

_Static_assert(sizeof(hf__cached) == 40, "what cache.h says of an entry's memory");

typedef struct hf__queue {
    uint32_t head; /* the newest */
    uint32_t tail;
    uint32_t count;
    uint64_t cost;
} hf__queue;

/* A key that left the small queue of S3-FIFO not long ago, by its hash. */
typedef struct hf__ghost {
    uint32_t mark;   /* of the hash, never 0 */
    uint32_t number; /* how many had left before it */
} hf__ghost;

typedef struct hf__policy {
    const char *name;
    void (*enter)(hf_cache *cache, uint32_t slot);
    void (*use)(hf_cache *cache, uint32_t slot);
    uint32_t (*victim)(hf_cache *cache);           /* HF__NO_SLOT: every queue is empty */
    void (*leave)(hf_cache *cache, uint32_t slot); /* before it leaves its queue; may be NULL */
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
    uint32_t free;     /* the first free slot */
    uint32_t hand;     /* SIEVE: the next to look at; HF__NO_SLOT: the tail */
    uint32_t left;     /* S3-FIFO: how many have left the small queue */
    uint32_t pins;     /* slots whose value is being given to who waited */
    uint32_t closed;   /* >0: a callback runs in which nothing may change; 2: nor be read */
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

/* The same, after what has expired was removed; counts the hit or the miss, and the use. */
uint32_t hf__cached_look(hf_cache *cache, const hf__cache_key *key);

/* Makes place for `cost` more in the queues. HF_E_TOO_MANY, HF_E_OVERLOADED. */
int hf__cached_room(hf_cache *cache, uint64_t cost);

/* A slot for a key that has none, LOADING and nobody waiting. HF_E_OVERLOADED. */
int hf__cached_take(hf_cache *cache, const hf__cache_key *key, uint32_t *slot);

/* What a key is to have. */
typedef struct hf__cache_put {
    const void *value; /* NULL: zeros */
    uint64_t cost;     /* 0: that of the slot */
    int64_t ttl_ms;    /* as of hf_cache_put */
    uint8_t state;     /* VALUE or ABSENT */
} hf__cache_put;

/* Gives it to the key, and to who waits for it. Errors as hf_cache_put. */
int hf__cached_put(hf_cache *cache, const hf__cache_key *key, hf__cache_put *as);

/* Gives a slot back; tells the host of a value. */
void hf__cached_drop(hf_cache *cache, uint32_t slot, uint32_t reason);

/* Takes a slot out of its queue, if it is in one, or puts it at the head of one. */
void hf__queue_leave(hf_cache *cache, uint32_t slot);
void hf__queue_enter(hf_cache *cache, uint32_t slot, uint32_t queue);

/* Calls all who wait, in order. */
void hf__waiters_call(hf_cache_waiter *last, int status, void *value);

#endif
