/*
 * bounded.c - hf_cache: creating it, finding, putting and removing entries.
 *
 * Failure modes: HF_E_NOMEM when it is created. Later a full cache evicts; it refuses only what
 * costs more than cost_max, or anything while all entries are being loaded.
 */
#include "cache/bounded.h"
#include "base/checksum.h"
#include "base/os.h"

#include <holdfast/error.h>
#include <string.h>

#define ENTRIES_MAX     (UINT32_C(1) << 30)
#define VALUE_BYTES_MAX (UINT32_C(1) << 20)
#define ALIGNED         8u
#define LINE_BYTES      64u /* that the processor fetches at once */

/* ---- Creating -------------------------------------------------------------------------------- */

void hf_cache_options_init(hf_cache_options *options)
{
    if (options != NULL)
        *options = (hf_cache_options){.size = sizeof *options, .key_bytes_max = 64};
}

static int check_options(const hf_cache_options *options)
{
    if (options == NULL)
        return HF_E_ARGUMENT;
    if (options->size != sizeof *options || options->reserved != 0)
        return HF_E_ABI;
    if (options->policy > HF_CACHE_S3_FIFO)
        return HF_E_ENUM;
    bool good = options->entries_max >= 1 && options->entries_max <= ENTRIES_MAX &&
                options->key_bytes_max >= 1 && options->key_bytes_max <= HF_CACHE_KEY_MAX &&
                options->value_bytes <= VALUE_BYTES_MAX && options->ttl_ms >= 0;
    return good ? 0 : HF_E_ARGUMENT;
}

static uint32_t aligned(uint32_t bytes)
{
    return (bytes + ALIGNED - 1) / ALIGNED * ALIGNED;
}

static void free_memory(hf_cache *cache)
{
    hf_env env = cache->env;
    hf__free(&env, cache->memory);
    hf__free(&env, cache->buckets);
    hf__free(&env, cache->ghosts);
    hf__free(&env, cache);
}

/* A table with `bytes` for each entry, plus `more`. It has any content. */
static void *table_of(hf_cache *cache, size_t bytes, size_t more)
{
    size_t all = bytes * cache->options.entries_max + more;
    cache->stat.memory_bytes += all;
    void *table = hf__alloc_uncleared(&cache->env, all);
    if (table != NULL)
        hf__os_large_pages(table, all);
    return table;
}

static int take_memory(hf_cache *cache)
{
    uint64_t seed = 0;
    cache->value_at = (uint32_t)sizeof(hf__cached) + aligned(cache->options.key_bytes_max);
    cache->slot_bytes = cache->value_at + aligned(cache->options.value_bytes);
    if (cache->slot_bytes == LINE_BYTES - ALIGNED)
        cache->slot_bytes = LINE_BYTES; /* else most of the slots would lie in two lines each */
    cache->memory = table_of(cache, cache->slot_bytes, LINE_BYTES);
    cache->slots = cache->memory == NULL
                       ? NULL
                       : cache->memory + LINE_BYTES - (uintptr_t)cache->memory % LINE_BYTES;
    cache->buckets = table_of(cache, sizeof *cache->buckets, 0);
    const bool has_ghosts = cache->options.policy == HF_CACHE_S3_FIFO;
    if (has_ghosts)
        cache->ghosts = table_of(cache, sizeof *cache->ghosts, 0);
    bool whole =
        cache->memory != NULL && cache->buckets != NULL && (cache->ghosts != NULL || !has_ghosts);
    if (whole && cache->env.random(cache->env.random_source, &seed, sizeof seed) == 0)
        cache->seed = seed; /* without it keys can be made that all fall into one bucket */
    return whole ? 0 : HF_E_NOMEM;
}

_Static_assert(HF__NO_SLOT == UINT32_MAX, "as a bucket of all ones says");

static void make_empty(hf_cache *cache)
{
    memset(cache->buckets, 0xff, cache->options.entries_max * sizeof *cache->buckets);
    if (cache->ghosts != NULL)
        memset(cache->ghosts, 0, cache->options.entries_max * sizeof *cache->ghosts);
    for (uint32_t i = 0; i < HF__QUEUE_COUNT; i++)
        cache->queues[i] = (hf__queue){.head = HF__NO_SLOT, .tail = HF__NO_SLOT};
    cache->free = HF__NO_SLOT;
    cache->hand = HF__NO_SLOT;
}

int hf_cache_new(const hf_cache_options *options, hf_cache **out)
{
    if (out == NULL)
        return HF_E_ARGUMENT;
    *out = NULL;
    int error = check_options(options);
    if (error != 0)
        return error;
    hf_env env;
    hf__env_init(&env);
    if (options->allocator != NULL)
        env.allocator = *options->allocator;
    hf_cache *cache = hf__alloc(&env, sizeof *cache);
    if (cache == NULL)
        return HF_E_NOMEM;
    cache->env = env;
    cache->options = *options;
    cache->policy = &hf__policies[options->policy];
    cache->stat = (hf_cache_stat){.size = sizeof cache->stat, .memory_bytes = sizeof *cache};
    error = take_memory(cache);
    if (error != 0) {
        free_memory(cache);
        return error;
    }
    make_empty(cache);
    *out = cache;
    return 0;
}

int hf_cache_free(hf_cache *cache)
{
    if (cache == NULL)
        return 0;
    int error = hf_cache_clear(cache);
    if (error == 0)
        free_memory(cache);
    return error;
}

void hf_cache_time(hf_cache *cache, int64_t now_ms)
{
    if (cache != NULL && now_ms > cache->now_ms)
        cache->now_ms = now_ms;
}

/* ---- Finding --------------------------------------------------------------------------------- */

int hf__cache_key_of(const hf_cache *cache, const void *key, uint32_t key_bytes, uint32_t closed,
                     hf__cache_key *out)
{
    if (cache == NULL || key == NULL || key_bytes == 0 || key_bytes > cache->options.key_bytes_max)
        return HF_E_ARGUMENT;
    if (cache->closed > closed)
        return HF_E_NESTED;
    uint64_t hash = hf__hash_key(key, key_bytes, cache->seed);
    *out = (hf__cache_key){key, key_bytes, (uint32_t)(hash >> 32)};
    return 0;
}

/* Compares by words, the last of which may overlap: most keys are a few words long. */
static bool same_bytes(const uint8_t *a, const uint8_t *b, uint32_t length)
{
    uint64_t left;
    uint64_t right;
    if (length < sizeof left)
        return memcmp(a, b, length) == 0;
    uint32_t last = length - (uint32_t)sizeof left;
    for (uint32_t at = 0;; at = at + sizeof left < last ? at + (uint32_t)sizeof left : last) {
        memcpy(&left, a + at, sizeof left);
        memcpy(&right, b + at, sizeof right);
        if (left != right || at == last)
            return left == right;
    }
}

static inline uint32_t find(const hf_cache *cache, const hf__cache_key *key)
{
    uint32_t slot = *hf__cached_bucket(cache, key->hash);
    while (slot != HF__NO_SLOT) {
        const hf__cached *entry = hf__cached_at(cache, slot);
        if (entry->hash == key->hash && entry->key_bytes == key->length &&
            same_bytes(hf__cached_key(cache, slot), key->bytes, key->length))
            break;
        slot = entry->chain;
    }
    return slot;
}

uint32_t hf__cached_find(const hf_cache *cache, const hf__cache_key *key)
{
    return find(cache, key);
}

static bool is_over(const hf_cache *cache, const hf__cached *entry)
{
    return entry->until_ms < cache->now_ms && entry->state != HF__SLOT_LOADING &&
           entry->pinned == 0;
}

static inline uint32_t look(hf_cache *cache, const hf__cache_key *key)
{
    uint32_t slot = find(cache, key);
    if (slot != HF__NO_SLOT && is_over(cache, hf__cached_at(cache, slot))) {
        hf__cached_drop(cache, slot, HF_CACHE_EXPIRED);
        slot = HF__NO_SLOT;
    }
    if (slot == HF__NO_SLOT || hf__cached_at(cache, slot)->state == HF__SLOT_LOADING) {
        cache->stat.misses += 1;
        return slot;
    }
    cache->stat.hits += 1;
    if (hf__cached_at(cache, slot)->queue != HF__QUEUE_NONE)
        cache->policy->use(cache, slot);
    return slot;
}

uint32_t hf__cached_look(hf_cache *cache, const hf__cache_key *key)
{
    return look(cache, key);
}

int hf_cache_get(hf_cache *cache, const void *key, uint32_t key_bytes, void **value)
{
    hf__cache_key of;
    if (value != NULL)
        *value = NULL;
    int error = hf__cache_key_of(cache, key, key_bytes, 0, &of);
    if (error != 0)
        return error;
    uint32_t slot = look(cache, &of);
    if (slot == HF__NO_SLOT || hf__cached_at(cache, slot)->state == HF__SLOT_LOADING)
        return HF_CACHE_MISS;
    if (hf__cached_at(cache, slot)->state == HF__SLOT_ABSENT)
        return HF_CACHE_ABSENT;
    if (value != NULL)
        *value = hf__cached_value(cache, slot);
    return HF_CACHE_HIT;
}

int hf_cache_has(hf_cache *cache, const void *key, uint32_t key_bytes)
{
    hf__cache_key of;
    int error = hf__cache_key_of(cache, key, key_bytes, 1, &of);
    if (error != 0)
        return error;
    uint32_t slot = hf__cached_find(cache, &of);
    return slot != HF__NO_SLOT && hf__cached_at(cache, slot)->state == HF__SLOT_VALUE &&
           !is_over(cache, hf__cached_at(cache, slot));
}

/* ---- Removing -------------------------------------------------------------------------------- */

static void leave_chain(hf_cache *cache, uint32_t slot)
{
    const hf__cached *entry = hf__cached_at(cache, slot);
    uint32_t *link = hf__cached_bucket(cache, entry->hash);
    while (*link != slot)
        link = &hf__cached_at(cache, *link)->chain;
    *link = entry->chain;
}

static void count_drop(hf_cache *cache, uint32_t reason)
{
    cache->stat.evictions += reason == HF_CACHE_EVICTED;
    cache->stat.expired += reason == HF_CACHE_EXPIRED;
}

/* Calls the host's `removed` for a value. */
static void call_removed(hf_cache *cache, uint32_t slot, uint32_t reason)
{
    const hf__cached *entry = hf__cached_at(cache, slot);
    if (entry->state != HF__SLOT_VALUE || cache->options.removed == NULL)
        return;
    uint32_t closed = cache->closed;
    cache->closed = 2;
    cache->options.removed(cache->options.data, hf__cached_key(cache, slot), entry->key_bytes,
                           hf__cached_value(cache, slot), reason);
    cache->closed = closed;
}

void hf__cached_drop(hf_cache *cache, uint32_t slot, uint32_t reason)
{
    hf__cached *entry = hf__cached_at(cache, slot);
    hf__queue_leave(cache, slot);
    leave_chain(cache, slot);
    count_drop(cache, reason);
    call_removed(cache, slot, reason);
    if (entry->state != HF__SLOT_LOADING) {
        cache->stat.entries -= 1;
        cache->stat.cost -= entry->u.cost;
    }
    entry->state = HF__SLOT_FREE;
    entry->older = cache->free;
    cache->free = slot;
}

/* Removes a slot, also one that is being loaded. */
static void remove_slot(hf_cache *cache, uint32_t slot)
{
    const hf__cached *entry = hf__cached_at(cache, slot);
    hf_cache_waiter *waiters = entry->state == HF__SLOT_LOADING ? entry->u.waiters : NULL;
    hf__cached_drop(cache, slot, HF_CACHE_REMOVED);
    hf__waiters_call(waiters, HF_E_CANCELLED, NULL);
}

int hf_cache_remove(hf_cache *cache, const void *key, uint32_t key_bytes)
{
    hf__cache_key of;
    int error = hf__cache_key_of(cache, key, key_bytes, 0, &of);
    if (error != 0)
        return error;
    uint32_t slot = hf__cached_find(cache, &of);
    if (slot == HF__NO_SLOT)
        return 0;
    if (hf__cached_at(cache, slot)->pinned != 0)
        return HF_E_NESTED;
    int had = hf__cached_at(cache, slot)->state != HF__SLOT_LOADING;
    remove_slot(cache, slot);
    return had;
}

int hf_cache_clear(hf_cache *cache)
{
    if (cache == NULL)
        return HF_E_ARGUMENT;
    if (cache->closed != 0 || cache->pins != 0)
        return HF_E_NESTED;
    cache->closed = 1; /* a waiter must not ask again, or this would not end */
    for (uint32_t slot = 0; slot < cache->fresh; slot++)
        if (hf__cached_at(cache, slot)->state != HF__SLOT_FREE)
            remove_slot(cache, slot);
    cache->closed = 0;
    return 0;
}

/* ---- Putting --------------------------------------------------------------------------------- */

static bool costs_too_much(const hf_cache *cache, uint64_t cost)
{
    return cache->options.cost_max != 0 && cost > cache->options.cost_max - cache->stat.cost;
}

/* Evicts one entry. False when none can be evicted. */
static bool evict(hf_cache *cache)
{
    uint32_t victim = cache->policy->victim(cache);
    if (victim == HF__NO_SLOT)
        return false;
    hf__cached_drop(cache, victim,
                    is_over(cache, hf__cached_at(cache, victim)) ? HF_CACHE_EXPIRED
                                                                 : HF_CACHE_EVICTED);
    return true;
}

int hf__cached_evict_for(hf_cache *cache, uint64_t cost)
{
    if (cache->options.cost_max != 0 && cost > cache->options.cost_max)
        return HF_E_TOO_MANY;
    while (costs_too_much(cache, cost))
        if (!evict(cache))
            return HF_E_OVERLOADED;
    return 0;
}

/* Slots that were used come first: the others have not touched their memory. HF__NO_SLOT. */
static uint32_t take_free(hf_cache *cache)
{
    const uint32_t slot = cache->free;
    if (slot != HF__NO_SLOT)
        cache->free = hf__cached_at(cache, slot)->older;
    else if (cache->fresh < cache->options.entries_max)
        return cache->fresh++;
    return slot;
}

int hf__cached_take(hf_cache *cache, const hf__cache_key *key, uint32_t *slot)
{
    *slot = take_free(cache);
    if (*slot == HF__NO_SLOT && evict(cache))
        *slot = take_free(cache);
    if (*slot == HF__NO_SLOT)
        return HF_E_OVERLOADED;
    hf__cached *entry = hf__cached_at(cache, *slot);
    uint32_t *bucket = hf__cached_bucket(cache, key->hash);
    *entry = (hf__cached){
        .hash = key->hash,
        .chain = *bucket,
        .key_bytes = (uint16_t)key->length,
        .state = HF__SLOT_LOADING,
        .queue = HF__QUEUE_NONE,
    };
    *bucket = *slot;
    memcpy(hf__cached_key(cache, *slot), key->bytes, key->length);
    return 0;
}

static int64_t until_of(const hf_cache *cache, int64_t ttl_ms)
{
    int64_t ttl = ttl_ms != 0 ? ttl_ms : cache->options.ttl_ms;
    if (ttl <= 0 || ttl > INT64_MAX - cache->now_ms)
        return INT64_MAX;
    return cache->now_ms + ttl;
}

static void fill(hf_cache *cache, uint32_t slot, const hf__cache_put *as)
{
    hf__cached *entry = hf__cached_at(cache, slot);
    entry->u.cost = as->cost;
    entry->state = as->state;
    entry->until_ms = until_of(cache, as->ttl_ms);
    cache->stat.entries += 1;
    cache->stat.cost += as->cost;
    cache->stat.puts += 1;
    uint8_t *value = hf__cached_value(cache, slot);
    if (as->state == HF__SLOT_VALUE && as->value != NULL)
        memcpy(value, as->value, cache->options.value_bytes);
    else
        memset(value, 0, cache->options.value_bytes);
}

/* Calls the waiters; the slot is not evicted meanwhile. */
static void call_waiters(hf_cache *cache, uint32_t slot, hf_cache_waiter *waiters)
{
    hf__cached *entry = hf__cached_at(cache, slot);
    bool has_value = entry->state == HF__SLOT_VALUE;
    if (waiters == NULL)
        return;
    entry->pinned = 1;
    cache->pins += 1;
    hf__waiters_call(waiters, has_value ? 0 : HF_E_NOT_FOUND,
                     has_value ? hf__cached_value(cache, slot) : NULL);
    cache->pins -= 1;
    entry->pinned = 0;
}

/* Calls the waiters with a value that is not kept. */
static int refuse(hf_cache *cache, uint32_t slot, const hf__cache_put *as, int error)
{
    cache->stat.refused += 1;
    if (slot == HF__NO_SLOT)
        return error;
    hf_cache_waiter *waiters = hf__cached_at(cache, slot)->u.waiters;
    hf__cached_drop(cache, slot, HF_CACHE_REMOVED);
    hf__waiters_call(waiters, as->state == HF__SLOT_VALUE ? 0 : HF_E_NOT_FOUND,
                     (void *)(uintptr_t)as->value);
    return error;
}

int hf__cached_put(hf_cache *cache, const hf__cache_key *key, hf__cache_put *as)
{
    uint32_t slot = hf__cached_find(cache, key);
    hf_cache_waiter *waiters = NULL;
    as->cost = as->cost != 0 ? as->cost : cache->slot_bytes;
    if (slot != HF__NO_SLOT && hf__cached_at(cache, slot)->pinned != 0)
        return HF_E_NESTED;
    if (slot != HF__NO_SLOT && hf__cached_at(cache, slot)->state != HF__SLOT_LOADING) {
        hf__cached_drop(cache, slot, HF_CACHE_REPLACED);
        slot = HF__NO_SLOT;
    }
    int error = hf__cached_evict_for(cache, as->cost);
    if (error == 0 && slot == HF__NO_SLOT)
        error = hf__cached_take(cache, key, &slot);
    if (error != 0)
        return refuse(cache, slot, as, error);
    as->slot = slot;
    waiters = hf__cached_at(cache, slot)->u.waiters;
    fill(cache, slot, as);
    call_waiters(cache, slot, waiters);
    cache->policy->enter(cache, slot);
    return 0;
}

static int put(hf_cache *cache, const void *key, uint32_t key_bytes, hf__cache_put *as)
{
    hf__cache_key of;
    int error = hf__cache_key_of(cache, key, key_bytes, 0, &of);
    return error != 0 ? error : hf__cached_put(cache, &of, as);
}

int hf_cache_put(hf_cache *cache, const void *key, uint32_t key_bytes, const void *value,
                 uint64_t cost, int64_t ttl_ms)
{
    hf__cache_put as = {.value = value, .cost = cost, .ttl_ms = ttl_ms, .state = HF__SLOT_VALUE};
    return put(cache, key, key_bytes, &as);
}

int hf_cache_put_absent(hf_cache *cache, const void *key, uint32_t key_bytes, int64_t ttl_ms)
{
    hf__cache_put as = {.ttl_ms = ttl_ms, .state = HF__SLOT_ABSENT};
    return put(cache, key, key_bytes, &as);
}

int hf_cache_read_stat(const hf_cache *cache, hf_cache_stat *out)
{
    if (cache == NULL || out == NULL)
        return HF_E_ARGUMENT;
    if (out->size != sizeof *out)
        return HF_E_ABI;
    *out = cache->stat;
    return 0;
}
