/*
 * ahead.c - rows of the operations to come are fetched into the processor's cache while one is
 * decided.
 *
 * Kept rows lie anywhere in tens of megabytes, and each look-up waits for memory three times: for
 * the place in the map, the entry found there, the row it points to. So the keys that arguments
 * name are noted three operations ahead, and each step is taken while another operation works.
 * Nothing is decided here and nothing can fail: whatever is not found is met again by decide.
 */
#include "engine/state.h"

/* What the arguments of one operation name. */
static int note(void *context, const hf__key *key, const void **row)
{
    hf__ahead *ahead = context;
    *row = NULL;
    if (ahead->now->count < HF__AHEAD_KEYS && hf__cache_keeps(ahead->cache, key->table)) {
        ahead->now->hashes[ahead->now->count++] = key->hash;
        hf__cache_expect(ahead->cache, key);
    }
    return HF__NEED;
}

static int scan(void *context, const hf_scan *range, uint32_t limit, hf__rows *out)
{
    (void)context;
    (void)range;
    (void)limit;
    (void)out;
    return HF__NEED;
}

/* Records named by an id are not kept, so none is looked for. */
static bool lacks(void *context, const hf_id *id)
{
    const hf__ahead *ahead = context;
    hf__recent_expect(&ahead->cache->recent, id->bytes);
    return true;
}

void hf__ahead_init(hf__ahead *ahead, const hf__cache *cache)
{
    ahead->cache = cache;
    ahead->view = (hf__view){.get = note, .scan = scan, .lacks = lacks, .context = ahead};
}

static void note_task(hf__ahead *ahead, const hf__batch *batch, uint32_t task)
{
    ahead->now = &ahead->ring[task % HF__AHEAD_TASKS];
    *ahead->now = (hf__ahead_keys){.task = task + 1};
    hf__draft_init(&ahead->draft, &ahead->view, &ahead->nothing, &ahead->detail);
    ahead->draft.many_only = 1; /* what has few rows is in the cache anyway */
    (void)hf__plan(&batch->tasks[task].op, &ahead->draft);
    (void)hf__invariant_taken(HF__OF_OPERATION); /* it breaks again where it is decided */
}

/* Takes one step for a task that was noted; `rows`: the last one. */
static void fetch(hf__ahead *ahead, uint32_t task, bool rows)
{
    const hf__ahead_keys *keys = &ahead->ring[task % HF__AHEAD_TASKS];
    if (keys->task != task + 1)
        return;
    for (uint32_t i = 0; i < keys->count; i++)
        hf__cache_fetch(ahead->cache, keys->hashes[i], rows);
}

void hf__ahead_of(hf__ahead *ahead, const hf__batch *batch, uint32_t task)
{
    if (task + 3 < batch->count)
        note_task(ahead, batch, task + 3);
    fetch(ahead, task + 2, false);
    fetch(ahead, task + 1, true);
}
