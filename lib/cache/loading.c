/*
 * loading.c - one load for all callers who miss a key, and keys that outlive the process.
 *
 * A key that is being loaded has a slot in no queue. Its waiters are a ring of the callers'
 * structs; the slot points to the last.
 */
#include "base/checksum.h"
#include "cache/bounded.h"

#include <holdfast/error.h>
#include <string.h>

static void join(hf__cached *entry, hf_cache_waiter *waiter)
{
    hf_cache_waiter *last = entry->u.waiters;
    waiter->next = last != NULL ? last->next : waiter;
    if (last != NULL)
        last->next = waiter;
    entry->u.waiters = waiter;
}

static int begin_load(hf_cache *cache, const hf__cache_key *key)
{
    uint32_t slot;
    int error = hf__cached_take(cache, key, &slot);
    if (error != 0) {
        cache->stat.refused += 1;
        return error;
    }
    hf__cached_at(cache, slot)->until_ms = cache->now_ms;
    cache->stat.loads += 1;
    return HF_CACHE_LOAD;
}

int hf_cache_ask(hf_cache *cache, const void *key, uint32_t key_bytes, hf_cache_waiter *waiter,
                 void **value)
{
    hf__cache_key of;
    if (value != NULL)
        *value = NULL;
    if (waiter == NULL || waiter->cb == NULL)
        return HF_E_ARGUMENT;
    int error = hf__cache_key_of(cache, key, key_bytes, 0, &of);
    if (error != 0)
        return error;
    uint32_t slot = hf__cached_look(cache, &of);
    if (slot == HF__NO_SLOT)
        return begin_load(cache, &of);
    hf__cached *entry = hf__cached_at(cache, slot);
    if (entry->state == HF__SLOT_LOADING) {
        join(entry, waiter);
        cache->stat.waits += 1;
        return HF_CACHE_WAIT;
    }
    if (entry->state == HF__SLOT_ABSENT)
        return HF_CACHE_ABSENT;
    if (value != NULL)
        *value = hf__cached_value(cache, slot);
    return HF_CACHE_HIT;
}

static int end_without(hf_cache *cache, uint32_t slot, int status)
{
    hf_cache_waiter *waiters = hf__cached_at(cache, slot)->u.waiters;
    cache->stat.load_failures += 1;
    hf__cached_drop(cache, slot, HF_CACHE_REMOVED);
    hf__waiters_call(waiters, status, NULL);
    return 0;
}

int hf_cache_answer(hf_cache *cache, const void *key, uint32_t key_bytes, int status,
                    const void *value, uint64_t cost)
{
    hf__cache_key of;
    int error = hf__cache_key_of(cache, key, key_bytes, 0, &of);
    if (error != 0)
        return error;
    uint32_t slot = hf__cached_find(cache, &of);
    if (slot == HF__NO_SLOT || hf__cached_at(cache, slot)->state != HF__SLOT_LOADING)
        return HF_E_NOT_FOUND;
    cache->stat.load_ms += cache->now_ms - hf__cached_at(cache, slot)->until_ms;
    if (status != 0 && status != HF_E_NOT_FOUND)
        return end_without(cache, slot, status);
    hf__cache_put as = {
        .value = value,
        .cost = cost,
        .state = status == 0 ? HF__SLOT_VALUE : HF__SLOT_ABSENT,
    };
    return hf__cached_put(cache, &of, &as);
}

/* ---- Walking --------------------------------------------------------------------------------- */

int hf_cache_each(hf_cache *cache, hf_cache_each_cb cb, void *data)
{
    if (cache == NULL || cb == NULL)
        return HF_E_ARGUMENT;
    if (cache->closed > 1)
        return HF_E_NESTED;
    uint32_t closed = cache->closed;
    int seen = 0;
    int stop = 0;
    cache->closed = 1;
    for (uint32_t queue = 0; queue < HF__QUEUE_COUNT; queue++) {
        uint32_t slot = cache->queues[queue].head;
        for (; stop == 0 && slot != HF__NO_SLOT; slot = hf__cached_at(cache, slot)->older) {
            const hf__cached *entry = hf__cached_at(cache, slot);
            if (entry->state != HF__SLOT_VALUE || entry->until_ms < cache->now_ms)
                continue;
            seen += 1;
            stop = cb(data, hf__cached_key(cache, slot), entry->key_bytes,
                      hf__cached_value(cache, slot));
        }
    }
    cache->closed = closed;
    return seen;
}

/* ---- Keys that outlive the process ----------------------------------------------------------- */

/* Before the keys, each of which is its length in two bytes and its bytes. */
typedef struct frame {
    char magic[8];
    uint32_t bytes; /* of the keys */
    uint32_t checksum;
} frame;

static const char magic[8] = {'H', 'F', 'K', 'E', 'Y', 'S', '0', '1'};

typedef struct writer {
    uint8_t *out; /* NULL: only counts */
    uint64_t bytes;
    uint64_t used;
} writer;

static int write_key(void *data, const void *key, uint32_t key_bytes, void *value)
{
    writer *to = data;
    (void)value;
    uint64_t need = 2 + (uint64_t)key_bytes;
    if (to->out != NULL && to->bytes - to->used < need)
        return 1;
    if (to->out != NULL) {
        to->out[to->used] = (uint8_t)(key_bytes & 0xff);
        to->out[to->used + 1] = (uint8_t)(key_bytes >> 8);
        memcpy(to->out + to->used + 2, key, key_bytes);
    }
    to->used += need;
    return 0;
}

uint64_t hf_cache_keys_write(hf_cache *cache, void *out, uint64_t bytes)
{
    if (out != NULL && bytes < sizeof(frame))
        return 0;
    if (bytes > UINT32_MAX)
        bytes = UINT32_MAX;
    writer to = {.out = out, .bytes = bytes, .used = sizeof(frame)};
    if (hf_cache_each(cache, write_key, &to) < 0)
        return 0;
    if (out != NULL) {
        frame head = {.bytes = (uint32_t)(to.used - sizeof head)};
        memcpy(head.magic, magic, sizeof magic);
        head.checksum = hf__crc32c(0, to.out + sizeof head, head.bytes);
        memcpy(out, &head, sizeof head);
    }
    return to.used;
}

/* Iterates over the keys; `cb` NULL: only checks that they fill their bytes. */
static bool walk_keys(const uint8_t *at, uint32_t bytes, hf_cache_each_cb cb, void *data)
{
    int stop = 0;
    while (bytes != 0 && stop == 0) {
        uint32_t length = bytes < 2 ? 0 : at[0] | (uint32_t)at[1] << 8;
        if (length == 0 || length > bytes - 2)
            return false;
        if (cb != NULL)
            stop = cb(data, at + 2, length, NULL);
        at += 2 + length;
        bytes -= 2 + length;
    }
    return true;
}

int hf_cache_keys_read(const void *keys, uint64_t bytes, hf_cache_each_cb cb, void *data)
{
    frame head;
    if (keys == NULL || cb == NULL)
        return HF_E_ARGUMENT;
    if (bytes < sizeof head)
        return HF_E_CORRUPT;
    const uint8_t *at = (const uint8_t *)keys + sizeof head;
    memcpy(&head, keys, sizeof head);
    if (memcmp(head.magic, magic, sizeof magic) != 0 || head.bytes > bytes - sizeof head ||
        hf__crc32c(0, at, head.bytes) != head.checksum || !walk_keys(at, head.bytes, NULL, NULL))
        return HF_E_CORRUPT;
    (void)walk_keys(at, head.bytes, cb, data);
    return 0;
}
