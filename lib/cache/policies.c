/*
 * policies.c - which slot of a cache is evicted: LRU, FIFO, CLOCK, SIEVE and S3-FIFO.
 *
 * Each policy is four short functions over queues whose head is the newest slot. The papers stand
 * in cache.h. S3-FIFO's small queue has a tenth of the entries, or of the cost when that is
 * bounded; its ghosts are a table of hashes of as many keys as the cache has entries, in which a
 * newer key may overwrite an older one.
 */
#include "cache/bounded.h"

#define USES_MAX     3u /* that S3-FIFO counts */
#define SMALL_SHARE  10u
#define PROMOTE_USES 1u /* more than so many in the small queue: into the main one */

/* ---- Queues ---------------------------------------------------------------------------------- */

static void link_head(hf_cache *cache, uint32_t slot, hf__queue *into)
{
    hf__cached *entry = hf__cached_at(cache, slot);
    entry->newer = HF__NO_SLOT;
    entry->older = into->head;
    if (into->head != HF__NO_SLOT)
        hf__cached_at(cache, into->head)->newer = slot;
    else
        into->tail = slot;
    into->head = slot;
}

static void cut_out(hf_cache *cache, const hf__cached *entry, hf__queue *from)
{
    if (entry->newer != HF__NO_SLOT)
        hf__cached_at(cache, entry->newer)->older = entry->older;
    else
        from->head = entry->older;
    if (entry->older != HF__NO_SLOT)
        hf__cached_at(cache, entry->older)->newer = entry->newer;
    else
        from->tail = entry->newer;
}

void hf__queue_enter(hf_cache *cache, uint32_t slot, uint32_t queue)
{
    hf__queue *into = &cache->queues[queue];
    hf__cached *entry = hf__cached_at(cache, slot);
    entry->queue = (uint8_t)queue;
    link_head(cache, slot, into);
    into->count += 1;
    into->cost += entry->u.cost;
}

static void unlink_slot(hf_cache *cache, uint32_t slot)
{
    hf__cached *entry = hf__cached_at(cache, slot);
    hf__queue *from = &cache->queues[entry->queue];
    cut_out(cache, entry, from);
    from->count -= 1;
    from->cost -= entry->u.cost;
    entry->queue = HF__QUEUE_NONE;
}

void hf__queue_leave(hf_cache *cache, uint32_t slot)
{
    if (hf__cached_at(cache, slot)->queue == HF__QUEUE_NONE)
        return;
    if (cache->policy->leave != NULL)
        cache->policy->leave(cache, slot);
    unlink_slot(cache, slot);
}

/* Within the main queue. */
static void move_to_head(hf_cache *cache, uint32_t slot)
{
    hf__queue *queue = &cache->queues[HF__QUEUE_MAIN];
    cut_out(cache, hf__cached_at(cache, slot), queue);
    link_head(cache, slot, queue);
}

/* ---- LRU, FIFO, CLOCK, SIEVE ----------------------------------------------------------------- */

static void enter_main(hf_cache *cache, uint32_t slot)
{
    hf__queue_enter(cache, slot, HF__QUEUE_MAIN);
}

static uint32_t tail_of_main(hf_cache *cache)
{
    return cache->queues[HF__QUEUE_MAIN].tail;
}

static void use_lru(hf_cache *cache, uint32_t slot)
{
    if (cache->queues[HF__QUEUE_MAIN].head != slot)
        move_to_head(cache, slot);
}

static void use_fifo(hf_cache *cache, uint32_t slot)
{
    (void)cache;
    (void)slot;
}

static void use_once(hf_cache *cache, uint32_t slot)
{
    hf__cached_at(cache, slot)->uses = 1;
}

static uint32_t victim_clock(hf_cache *cache)
{
    uint32_t slot = tail_of_main(cache);
    while (slot != HF__NO_SLOT && hf__cached_at(cache, slot)->uses != 0) {
        hf__cached_at(cache, slot)->uses = 0;
        move_to_head(cache, slot);
        slot = tail_of_main(cache);
    }
    return slot;
}

static uint32_t victim_sieve(hf_cache *cache)
{
    uint32_t slot = cache->hand != HF__NO_SLOT ? cache->hand : tail_of_main(cache);
    while (slot != HF__NO_SLOT && hf__cached_at(cache, slot)->uses != 0) {
        hf__cached *entry = hf__cached_at(cache, slot);
        entry->uses = 0;
        slot = entry->newer != HF__NO_SLOT ? entry->newer : tail_of_main(cache);
    }
    cache->hand = slot;
    return slot;
}

static void leave_sieve(hf_cache *cache, uint32_t slot)
{
    if (cache->hand == slot)
        cache->hand = hf__cached_at(cache, slot)->newer;
}

/* ---- S3-FIFO --------------------------------------------------------------------------------- */

/* The two entries that a hash may use; in a table of one entry they are the same. */
static hf__ghost *ghosts_of(const hf_cache *cache, uint32_t hash, hf__ghost **second)
{
    uint32_t count = cache->options.entries_max;
    uint32_t at = hf__spread(hash, count);
    *second = &cache->ghosts[at + 1 < count ? at + 1 : 0];
    return &cache->ghosts[at];
}

static uint32_t mark_of(uint32_t hash)
{
    return hash | 1u;
}

static uint32_t age_of(const hf_cache *cache, const hf__ghost *ghost)
{
    return ghost->mark == 0 ? UINT32_MAX : cache->left - ghost->number;
}

static bool take_ghost(hf_cache *cache, uint32_t hash)
{
    hf__ghost *ghost[2];
    ghost[0] = ghosts_of(cache, hash, &ghost[1]);
    for (int i = 0; i < 2; i++)
        if (ghost[i]->mark == mark_of(hash) &&
            age_of(cache, ghost[i]) <= cache->options.entries_max) {
            ghost[i]->mark = 0;
            return true;
        }
    return false;
}

static void leave_ghost(hf_cache *cache, uint32_t hash)
{
    hf__ghost *second;
    hf__ghost *into = ghosts_of(cache, hash, &second);
    if (age_of(cache, second) > age_of(cache, into))
        into = second;
    *into = (hf__ghost){.mark = mark_of(hash), .number = cache->left++};
}

static void enter_s3(hf_cache *cache, uint32_t slot)
{
    bool was_here = take_ghost(cache, hf__cached_at(cache, slot)->hash);
    hf__queue_enter(cache, slot, was_here ? HF__QUEUE_MAIN : HF__QUEUE_SMALL);
}

static void use_s3(hf_cache *cache, uint32_t slot)
{
    hf__cached *entry = hf__cached_at(cache, slot);
    if (entry->uses < USES_MAX)
        entry->uses += 1;
}

static bool small_is_full(const hf_cache *cache)
{
    const hf__queue *small = &cache->queues[HF__QUEUE_SMALL];
    uint64_t cost_max = cache->options.cost_max;
    return small->count >= (uint64_t)cache->options.entries_max / SMALL_SHARE + 1 ||
           (cost_max != 0 && small->cost >= cost_max / SMALL_SHARE);
}

/* The oldest of the small queue that was used once at most; others move to the main queue. */
static uint32_t victim_of_small(hf_cache *cache)
{
    uint32_t slot = cache->queues[HF__QUEUE_SMALL].tail;
    while (slot != HF__NO_SLOT && hf__cached_at(cache, slot)->uses > PROMOTE_USES) {
        hf__cached_at(cache, slot)->uses = 0;
        unlink_slot(cache, slot);
        enter_main(cache, slot);
        slot = cache->queues[HF__QUEUE_SMALL].tail;
    }
    if (slot != HF__NO_SLOT)
        leave_ghost(cache, hf__cached_at(cache, slot)->hash);
    return slot;
}

/* The oldest of the main queue whose uses were counted down to 0. */
static uint32_t victim_of_main(hf_cache *cache)
{
    uint32_t slot = tail_of_main(cache);
    while (slot != HF__NO_SLOT && hf__cached_at(cache, slot)->uses != 0) {
        hf__cached_at(cache, slot)->uses -= 1;
        move_to_head(cache, slot);
        slot = tail_of_main(cache);
    }
    return slot;
}

static uint32_t victim_s3(hf_cache *cache)
{
    uint32_t slot = HF__NO_SLOT;
    if (small_is_full(cache) || tail_of_main(cache) == HF__NO_SLOT)
        slot = victim_of_small(cache);
    return slot != HF__NO_SLOT ? slot : victim_of_main(cache);
}

/* ---- The table ------------------------------------------------------------------------------- */

/* clang-format off */
const hf__policy hf__policies[HF_CACHE_S3_FIFO + 1] = {
    [HF_CACHE_LRU] = { "LRU", enter_main, use_lru, tail_of_main, NULL },
    [HF_CACHE_FIFO] = { "FIFO", enter_main, use_fifo, tail_of_main, NULL },
    [HF_CACHE_CLOCK] = { "CLOCK", enter_main, use_once, victim_clock, NULL },
    [HF_CACHE_SIEVE] = { "SIEVE", enter_main, use_once, victim_sieve, leave_sieve },
    [HF_CACHE_S3_FIFO] = { "S3_FIFO", enter_s3, use_s3, victim_s3, NULL },
};
/* clang-format on */

const char *hf_cache_policy_name(uint32_t policy)
{
    return policy <= HF_CACHE_S3_FIFO ? hf__policies[policy].name : NULL;
}
