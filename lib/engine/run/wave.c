/*
 * wave.c - the rows that later operations of a batch read are loaded together with the missing rows
 * of the operation that is decided.
 *
 * An operation reads in waves: the rows that its arguments name, then those that these rows name,
 * and so on. When the one that is decided misses rows, those behind it in the batch name theirs
 * too, as far as they can with what is there: one call of the store for each table then brings a
 * wave of all of them. A store finds many keys at once faster than one by one, and a remote store
 * is asked once.
 *
 * Rows only enter the working set earlier, so no decision changes: an operation names its rows
 * again when it is its turn. When a wave cannot be loaded, the operation that is decided loads only
 * its own rows, and fails only when these cannot be loaded. Twice as many operations name their
 * rows after a wave in which half of them missed some, half as many after another one: while all
 * rows are there, hardly any row is named twice. Of the batch's memory only a small part is used
 * for this, and none before the first operation of a caller: what the engine does by itself may
 * need all of it.
 */
#include "domain/decide.h"
#include "engine/run/run.h"

#define OPERATIONS_MAX 64u /* that name their rows in one wave */

#define PART_OF_BATCH  16u /* of its memory is for rows that were named before their turn */

static int get(void *context, const hf__key *key, const void **row)
{
    hf__entry *entry;
    const bool known = hf__cache_look(context, key, &entry);
    *row = entry != NULL ? entry->row : NULL;
    return known ? 0 : HF__MISSING;
}

static bool is_new_id(void *context, const hf_id *id)
{
    return hf__cache_is_new_id(context, id);
}

void hf__wave_init(hf__wave *wave, hf__cache *cache)
{
    wave->view =
        (hf__view){.get = get, .scan = hf__scan_later, .is_new_id = is_new_id, .context = cache};
    wave->operations = 1;
}

/* Begins a wave in which no operation has named rows before its turn. */
static void begin_anew(hf__wave *wave, const hf__batch *batch)
{
    wave->reach = 0;
    wave->bytes = batch->work_capacity / PART_OF_BATCH;
    wave->used = false;
}

void hf__wave_begin(hf__wave *wave, const hf__batch *batch)
{
    wave->next = batch->count;
    begin_anew(wave, batch);
}

void hf__wave_behind(hf__wave *wave, const hf__batch *batch, uint32_t task)
{
    wave->next = task;
    if (task > wave->reach)
        begin_anew(wave, batch);
}

void hf__wave_end(hf__wave *wave)
{
    wave->reach = UINT32_MAX;
    wave->bytes = 0;
}

/* True: there is capacity for the rows of another operation. */
static bool has_capacity(const hf__engine *engine)
{
    const hf__cache *cache = &engine->cache;
    return cache->load_list.count < HF__LOAD_LIST_MAX / 2 &&
           cache->load_list.bytes < engine->wave.bytes &&
           hf__cache_remaining(cache) > cache->batch_max / 2 + HF__LOAD_LIST_MAX;
}

/* True: the operation misses rows, whose keys are noted now. */
static bool name_rows(hf__engine *engine, const hf__operation *op)
{
    hf__prefetch *scratch = &engine->prefetch;
    hf__arena *work = &engine->group.batch->work;
    const size_t mark = work->used;
    const uint32_t before = engine->cache.load_list.count;
    hf__engine_draft(engine, &scratch->draft, &engine->wave.view, &scratch->detail, work);
    (void)hf__name_rows(op, &scratch->draft);
    (void)hf__invariant_taken(HF__OF_OPERATION); /* it breaks again where it is decided */
    hf__arena_reset(work, mark);
    return engine->cache.load_list.count > before;
}

/* Sets how many operations name their rows, by how many of the last wave missed some. */
static void adapt(hf__wave *wave, uint32_t named, uint32_t missed)
{
    if (2 * missed < named)
        wave->operations = wave->operations > 1 ? wave->operations / 2 : 1;
    else if (named == wave->operations && wave->operations < OPERATIONS_MAX)
        wave->operations *= 2;
}

static void name_others(hf__engine *engine)
{
    hf__wave *wave = &engine->wave;
    const hf__batch *batch = engine->group.batch;
    uint32_t missed = 0;
    uint32_t named = 0;
    while (named < wave->operations && wave->next + named < batch->count && has_capacity(engine)) {
        missed += name_rows(engine, &batch->tasks[wave->next + named].op) ? 1 : 0;
        named++;
    }
    if (named != 0)
        adapt(wave, named, missed);
    if (missed != 0 && wave->reach < wave->next + named)
        wave->reach = wave->next + named;
}

/* Counts the memory that rows of other operations use, including bytes outside of the rows. */
static void spend(hf__wave *wave, uint64_t taken, uint64_t own)
{
    const uint64_t bytes = taken > own ? taken - own : 0;
    wave->bytes -= bytes < wave->bytes ? bytes : wave->bytes;
    wave->used = true;
}

int hf__wave_load(hf__engine *engine)
{
    hf__cache *cache = &engine->cache;
    const hf__arena *work = &engine->group.batch->work;
    const size_t capacity = work->capacity;
    const uint32_t own = cache->load_list.count;
    const uint64_t own_bytes = cache->load_list.bytes;
    name_others(engine);
    const bool alone = cache->load_list.count == own;
    bool all;
    const int error = hf__cache_load(cache, own, &all);
    if (!alone && all)
        spend(&engine->wave, capacity - work->capacity, own_bytes);
    if (!all && error == 0) {
        engine->wave.operations = 1;
        engine->error = (hf_store_error){0}; /* the error belongs to a later operation */
        engine->group.used_up = false;
    }
    return error;
}
