/*
 * prefetch.c - rows of later operations are fetched into the processor's cache while one operation
 * is decided.
 *
 * Kept rows lie anywhere in tens of megabytes, and each look-up waits for memory three times: for
 * the bucket of the map, the entry that is found there, and the row that the entry points to. So
 * the keys that arguments name are noted three operations ahead, and each step is taken while
 * another operation works. Nothing is decided here and nothing can fail: a row that is not found
 * here is looked up again by decide.
 */
#include "engine/run/run.h"

/* What the arguments of one operation name. */
static int note(void *context, const hf__key *key, const void **row)
{
    hf__prefetch *prefetch = context;
    *row = NULL;
    if (prefetch->now->count < HF__PREFETCH_KEYS && hf__cache_keeps(prefetch->cache, key->table)) {
        prefetch->now->hashes[prefetch->now->count++] = key->hash;
        hf__cache_prefetch(prefetch->cache, key);
    }
    return HF__MISSING;
}

int hf__scan_later(void *context, const hf_scan *range, uint32_t limit, hf__rows *out)
{
    (void)context;
    (void)range;
    (void)limit;
    (void)out;
    return HF__MISSING;
}

/* Records named by an id are not kept, so none is looked for. */
static bool is_new_id(void *context, const hf_id *id)
{
    const hf__prefetch *prefetch = context;
    hf__new_ids_prefetch(&prefetch->cache->new_ids, id->bytes);
    return true;
}

void hf__prefetch_init(hf__prefetch *prefetch, const hf__cache *cache)
{
    prefetch->cache = cache;
    prefetch->view = (hf__view){
        .get = note, .scan = hf__scan_later, .is_new_id = is_new_id, .context = prefetch};
}

static void note_task(hf__prefetch *prefetch, const hf__batch *batch, uint32_t task)
{
    prefetch->now = &prefetch->ring[task % HF__PREFETCH_TASKS];
    *prefetch->now = (hf__prefetch_keys){.task = task + 1};
    hf__draft_init(&prefetch->draft, &prefetch->view, &prefetch->nothing, &prefetch->detail);
    prefetch->draft.many_only = 1; /* what has few rows is in the cache anyway */
    (void)hf__name_rows(&batch->tasks[task].op, &prefetch->draft);
    (void)hf__invariant_taken(HF__OF_OPERATION); /* it breaks again where it is decided */
}

/* Takes one step for a task that was noted; `rows`: the last one. */
static void fetch(hf__prefetch *prefetch, uint32_t task, bool rows)
{
    const hf__prefetch_keys *keys = &prefetch->ring[task % HF__PREFETCH_TASKS];
    if (keys->task != task + 1)
        return;
    for (uint32_t i = 0; i < keys->count; i++)
        hf__cache_fetch(prefetch->cache, keys->hashes[i], rows);
}

/* What an operation of the engine's own names was written a moment ago. */
void hf__prefetch_tasks(hf__prefetch *prefetch, const hf__batch *batch, uint32_t task)
{
    if (task + 3 < batch->count && !batch->tasks[task + 3].op.own)
        note_task(prefetch, batch, task + 3);
    fetch(prefetch, task + 2, false);
    fetch(prefetch, task + 1, true);
}
