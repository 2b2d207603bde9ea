/*
 * cached.c - reads from the read cache: peeks, and batches of which it has everything.
 *
 * Happy path: the key of the record is hashed, its slot found in the index, and the entry compared
 * with the key. A look-up waits for memory three times; what is known before is prefetched, and a
 * batch looks up many records side by side.
 *
 * Failure mode: the record is not there; the caller asks the store.
 */
#include "engine/cached.h"
#include "cache/packed_result.h"
#include "engine/state.h"

#include <holdfast/error.h>

#define TOGETHER    16u /* reads that are looked up side by side */
#define FIRST_LINES 4u  /* of an entry that are prefetched: at most an order begins in the last */

/* Two keys may have one hash. */
static bool is_result_of(const hf__cached_result *e, const hf__cached_query *of)
{
    if (e->table != of->table)
        return false;
    if (e->table == HF__ACCOUNTS)
        return memcmp(e + 1, &of->account, sizeof of->account) == 0;
    return memcmp(&e->id, &of->id, sizeof of->id) == 0;
}

/* ---- Looking up ------------------------------------------------------------------------------ */

/*
 * A look-up waits for the bucket, then for the slot, then for the entry. A hint says where the
 * entry probably is as soon as the bucket is known, so that slot and entry are fetched together.
 */
static void fetch_first(const hf__read_cache *reads, uint32_t hash)
{
    hf__cached_fetch_bucket(reads->index, hash);
    __builtin_prefetch(hf__cached_hint(reads, hash));
}

/* Of the entry the part up to the row that readers look at first. */
static void fetch_second(const hf__read_cache *reads, uint32_t hash)
{
    const uint8_t *entry = hf__extent_at(&reads->extents, *hf__cached_hint(reads, hash));
    hf__cached_fetch_slot(reads->index, hash);
    for (size_t line = 0; line < FIRST_LINES; line++)
        __builtin_prefetch(entry + line * HF__LINE_BYTES);
}

static bool has(const hf__read_cache *reads, const hf__operation *op)
{
    hf__cached_query of;
    if (!hf__cached_query_of(&of, op))
        return false;
    const uint32_t slot = hf__cached_slot(reads, of.hash);
    return slot != HF__NO_SLOT && is_result_of(hf__cached_result_at(reads, slot), &of);
}

/* The entry that was asked for; NULL: there is none. */
static const hf__cached_result *entry_of(const hf__read_cache *reads, const hf__cached_query *of,
                                         const hf__cache_key *key)
{
    const uint32_t slot = hf__cached_look(reads->index, key);
    if (slot == HF__NO_SLOT)
        return NULL;
    const hf__cached_result *e = hf__cached_result_at(reads, slot);
    return is_result_of(e, of) ? e : NULL;
}

/*
 * Looks up as many as TOGETHER side by side, each step for all of them before the next one: so the
 * memory that one look-up waits for is fetched during the steps of the others. An entry that is not
 * there is NULL.
 */
static void look_some(const hf__read_cache *reads, const hf__cached_query *of, uint32_t count,
                      const hf__cached_result **found)
{
    hf__cache_key keys[TOGETHER];
    for (uint32_t i = 0; i < count; i++) {
        keys[i] = hf__cached_key_of(reads, &of[i].hash);
        fetch_first(reads, keys[i].hash);
    }
    for (uint32_t i = 0; i < count; i++)
        fetch_second(reads, keys[i].hash);
    for (uint32_t i = 0; i < count; i++)
        found[i] = entry_of(reads, &of[i], &keys[i]);
}

/* ---- Peeks ----------------------------------------------------------------------------------- */

/* What a peek shows of an entry, with its age in ms; NULL: nothing. */
static const void *shown(hf__engine *engine, const hf__cached_result *e, int64_t *age_ms)
{
    hf__read_cache *reads = &engine->reads;
    *age_ms = 0;
    if (e != NULL && reads->shared)
        *age_ms = hf__engine_uptime(engine) - e->known_ms;
    const bool usable = e != NULL && (!reads->shared || *age_ms < reads->age_max_ms);
    reads->peeks[usable]++;
    return usable ? e + 1 : NULL;
}

int hf__engine_peek(hf__engine *engine, const hf__operation *op, const void **result,
                    int64_t *age_ms)
{
    hf__cached_query of;
    const hf__cached_result *e = NULL;
    if (hf__cached_usable(engine) && hf__cached_query_of(&of, op))
        look_some(&engine->reads, &of, 1, &e);
    *result = shown(engine, e, age_ms);
    return *result != NULL ? 0 : HF_E_NOT_CACHED;
}

/* The number of orders that are shown. */
static uint32_t peek_some(hf__engine *engine, const hf_id *orders, uint32_t count,
                          const hf_order_view **results, int64_t *ages_ms)
{
    hf__cached_query of[TOGETHER];
    const hf__cached_result *found[TOGETHER] = {NULL};
    uint32_t seen = 0;
    for (uint32_t i = 0; i < count; i++)
        hf__cached_query_order(&of[i], &orders[i]);
    if (hf__cached_usable(engine))
        look_some(&engine->reads, of, count, found);
    for (uint32_t i = 0; i < count; i++) {
        int64_t age_ms;
        results[i] = shown(engine, found[i], &age_ms);
        if (ages_ms != NULL)
            ages_ms[i] = age_ms;
        seen += results[i] != NULL;
    }
    return seen;
}

int hf__engine_peek_orders(hf__engine *engine, const hf_id *orders, uint32_t count,
                           const hf_order_view **results, int64_t *ages_ms)
{
    uint32_t seen = 0;
    for (uint32_t first = 0; first < count; first += TOGETHER) {
        const uint32_t remaining = count - first;
        seen += peek_some(engine, orders + first, remaining < TOGETHER ? remaining : TOGETHER,
                          results + first, ages_ms != NULL ? ages_ms + first : NULL);
    }
    return seen == count ? 0 : HF_E_NOT_CACHED;
}

/* ---- Batches --------------------------------------------------------------------------------- */

/* A result that outlives its callback is a copy: the entry may be replaced before it is used. */
static const void *result_for(hf__batch *batch, const hf__task *task, const hf__cached_result *e)
{
    if (!task->outlives)
        return e + 1;
    void *copy = hf__arena_alloc(&batch->work, e->bytes);
    if (copy != NULL)
        hf__result_move(e->table, e + 1, e->bytes, copy);
    return copy;
}

static bool answer(const hf__read_cache *reads, hf__batch *batch, hf__task *task,
                   const hf__cached_result *e)
{
    task->done.type = task->op.type;
    task->done.id = task->op.id;
    task->done.at_ms = reads->time_ms;
    task->done.result = result_for(batch, task, e);
    return task->done.result != NULL;
}

static bool answer_some(const hf__read_cache *reads, hf__batch *batch, uint32_t first,
                        uint32_t count)
{
    hf__cached_query of[TOGETHER];
    const hf__cached_result *found[TOGETHER];
    hf__task *tasks = &batch->tasks[first];
    for (uint32_t i = 0; i < count; i++)
        if (!hf__cached_query_of(&of[i], &tasks[i].op))
            return false;
    look_some(reads, of, count, found);
    for (uint32_t i = 0; i < count; i++)
        if (found[i] == NULL || !answer(reads, batch, &tasks[i], found[i]))
            return false;
    return true;
}

static bool answer_all(const hf__read_cache *reads, hf__batch *batch)
{
    for (uint32_t first = 0; first < batch->count; first += TOGETHER) {
        const uint32_t remaining = batch->count - first;
        if (!answer_some(reads, batch, first, remaining < TOGETHER ? remaining : TOGETHER))
            return false;
    }
    return true;
}

bool hf__engine_answer(hf__engine *engine, hf__batch *batch)
{
    hf__read_cache *reads = &engine->reads;
    if (!hf__cached_usable(engine) || reads->shared)
        return false;
    batch->cached = answer_all(reads, batch);
    batch->number = reads->number;
    batch->time_ms = reads->time_ms;
    return batch->cached;
}

/*
 * This function is called again while a batch fills, so reads whose records were found are not
 * looked up again. An entry stays found until entries are removed.
 */
bool hf__engine_caches(hf__engine *engine, hf__batch *batch)
{
    const hf__read_cache *reads = &engine->reads;
    if (!hf__cached_usable(engine) || reads->shared)
        return false;
    if (batch->known_removals != reads->removals)
        batch->known_cached = 0;
    batch->known_removals = reads->removals;
    while (batch->known_cached < batch->count && has(reads, &batch->tasks[batch->known_cached].op))
        batch->known_cached++;
    return batch->known_cached == batch->count;
}
