/*
 * read_cache.c - the entries of the read cache: entering, bringing up to date, removing.
 *
 * Happy path: publish goes over what a write batch changed. A row that is cached is replaced, or
 * removed when the store does not have it any more. An order consists of many rows, so it enters
 * whole, from the completion of the last operation that changed it; what changed it later than that
 * (a deadline, a promotion) removes it. Stamps identify the last change: they number the operations
 * of the engine.
 *
 * Of an entry that leaves, personal data is overwritten: what hf_erase removed from the store does
 * not stay here.
 *
 * Failure modes: a batch whose changes are not known removes everything. An entry for which no
 * extent is found after some evictions is not cached.
 */
#include "base/os.h"
#include "cache/packed_result.h"
#include "domain/ledger/movement.h"
#include "engine/cached.h"
#include "engine/state.h"
#include <holdfast/error.h>
#include <string.h>

#define ENTRY_BYTES   768u /* of an entry with its part of the index, on average */
#define SHARE         8u   /* an entry takes at most such a part of the memory */
#define EVICTIONS_MAX 64u  /* to find an extent for one entry */
#define CHANGED       16384u

/* What a new entry is made of. */
typedef struct source {
    uint64_t hash;
    const void *result;
    uint64_t stamp;
    int64_t known_ms;
    uint32_t table;
} source;

/* ---- Life ------------------------------------------------------------------------------------ */

static void removed(void *data, const void *key, uint32_t key_bytes, void *value, uint32_t reason)
{
    hf__read_cache *reads = data;
    hf__cached_result *e;
    (void)key;
    (void)key_bytes;
    (void)reason;
    memcpy(&e, value, sizeof(void *));
    reads->removals++;
    hf__result_erase(e->table, e + 1);
    hf__extent_free(&reads->extents, e);
}

static int open_index(hf__read_cache *reads, uint64_t bytes, bool seeded)
{
    hf_cache_options options;
    hf_cache_options_init(&options);
    uint64_t entries = bytes / ENTRY_BYTES;
    options.policy = HF_CACHE_S3_FIFO;
    options.entries_max = entries > 1u << 24 ? 1u << 24 : (uint32_t)entries + 1;
    options.key_bytes_max = sizeof(uint64_t);
    options.value_bytes = sizeof(void *);
    options.removed = removed;
    options.data = reads;
    options.allocator = &reads->env->allocator;
    int error = hf_cache_new(&options, &reads->index);
    if (error == 0 && seeded)
        reads->index->seed = 0;
    return error;
}

/* The tables that are as large as the index says. */
static int open_tables(hf__read_cache *reads)
{
    const size_t bytes = reads->index->options.entries_max * sizeof *reads->hints;
    reads->changed = hf__alloc(reads->env, CHANGED * sizeof *reads->changed);
    reads->hints = hf__alloc(reads->env, bytes);
    if (reads->changed == NULL || reads->hints == NULL)
        return HF_E_NOMEM;
    hf__os_large_pages(reads->hints, bytes);
    return 0;
}

static int open_extents(hf__read_cache *reads, uint64_t bytes)
{
    const uint64_t index =
        reads->index->stat.memory_bytes + reads->index->options.entries_max * sizeof *reads->hints;
    int error =
        hf__extents_init(&reads->extents, reads->env, bytes > 2 * index ? bytes - index : index);
    if (error == 0)
        reads->index->options.cost_max = (uint64_t)reads->extents.units * HF__EXTENT_UNIT;
    return error;
}

int hf__read_cache_init(hf__read_cache *reads, const hf__read_cache_config *config)
{
    *reads = (hf__read_cache){
        .env = config->env,
        .age_max_ms = config->age_max_ms,
        .shared = config->shared,
    };
    if (config->bytes == 0)
        return 0;
    int error = open_index(reads, config->bytes, config->seeded);
    if (error != 0)
        return error;
    error = open_extents(reads, config->bytes);
    if (error == 0)
        error = open_tables(reads);
    if (error != 0)
        hf__read_cache_fini(reads);
    return error;
}

void hf__read_cache_fini(hf__read_cache *reads)
{
    if (reads->index == NULL)
        return;
    (void)hf_cache_free(reads->index);
    hf__extents_fini(&reads->extents, reads->env);
    hf__free(reads->env, reads->changed);
    hf__free(reads->env, reads->hints);
    *reads = (hf__read_cache){.env = NULL};
}

void hf__read_cache_start(hf__read_cache *reads, uint64_t number, int64_t time_ms)
{
    reads->number = number;
    reads->time_ms = time_ms;
}

/* ---- Entries --------------------------------------------------------------------------------- */

static uint64_t *changed_at(const hf__read_cache *reads, uint64_t hash)
{
    return &reads->changed[hash % CHANGED];
}

static void drop(hf__read_cache *reads, uint32_t slot)
{
    if (slot != HF__NO_SLOT)
        hf__cached_drop(reads->index, slot, HF_CACHE_REMOVED);
}

/* Evicts one entry at least; false: there is none. */
static bool evict(hf_cache *index)
{
    return index->stat.entries != 0 &&
           hf__cached_evict_for(index, index->options.cost_max - index->stat.cost + 1) == 0;
}

static hf__cached_result *take_extent(hf__read_cache *reads, uint64_t bytes)
{
    if (bytes > reads->index->options.cost_max / SHARE)
        return NULL;
    hf__cached_result *e = hf__extent_alloc(&reads->extents, bytes);
    for (uint32_t i = 0; e == NULL && i < EVICTIONS_MAX && evict(reads->index); i++)
        e = hf__extent_alloc(&reads->extents, bytes);
    return e;
}

_Static_assert(offsetof(hf_payment, id) == 0 && offsetof(hf_hold, id) == 0 &&
                   offsetof(hf_account, key) == 0,
               "a row begins with its key");

static void fill(hf__cached_result *e, const source *from)
{
    *e =
        (hf__cached_result){.stamp = from->stamp, .known_ms = from->known_ms, .table = from->table};
    e->bytes = (uint32_t)hf__result_bytes(from->table, from->result);
    if (from->table == HF__ORDERS)
        e->id = ((const hf_order_view *)from->result)->order->id;
    else if (from->table != HF__ACCOUNTS)
        memcpy(&e->id, from->result, sizeof e->id);
    hf__result_pack(from->table, from->result, e + 1);
}

/* Puts an entry in the place of the one that the hash may have. */
static void enter(hf__read_cache *reads, const source *from)
{
    const size_t bytes = hf__result_bytes(from->table, from->result);
    hf__cached_result *e = take_extent(reads, sizeof *e + bytes);
    if (e == NULL) {
        drop(reads, hf__cached_slot(reads, from->hash));
        return;
    }
    fill(e, from);
    const hf__cache_key key = hf__cached_key_of(reads, &from->hash);
    hf__cache_put as = {
        .value = &e, .cost = hf__extent_cost(sizeof *e + bytes), .state = HF__SLOT_VALUE};
    if (hf__cached_put(reads->index, &key, &as) != 0)
        hf__extent_free(&reads->extents, e);
    else
        *hf__cached_hint(reads, key.hash) = hf__extent_unit(&reads->extents, e);
}

/* ---- Publishing ------------------------------------------------------------------------------ */

/* A row that changed, in the place of what is cached. */
static void replace(hf__read_cache *reads, hf__cached_result *e, const source *from)
{
    if (hf__result_bytes(from->table, from->result) != e->bytes)
        enter(reads, from);
    else
        fill(e, from);
}

static void publish_one(hf__read_cache *reads, const hf__batch *batch, const hf__changed *record)
{
    const uint32_t slot = hf__cached_slot(reads, record->hash);
    *changed_at(reads, record->hash) = batch->number;
    if (slot == HF__NO_SLOT)
        return;
    hf__cached_result *e = hf__cached_result_at(reads, slot);
    if (e->stamp >= record->stamp)
        return;
    if (record->row == NULL || e->table != record->table) {
        drop(reads, slot);
        return;
    }
    replace(reads, e,
            &(source){
                .hash = record->hash,
                .result = record->row,
                .stamp = record->stamp,
                .known_ms = batch->begun_ms,
                .table = record->table,
            });
}

static void publish_order(hf__read_cache *reads, const hf__batch *batch, const hf__task *task)
{
    const hf_order_view *view = task->done.result;
    enter(reads, &(source){
                     .hash = hf__key_hash(HF__ORDERS, view->order->id.bytes, sizeof(hf_id)),
                     .result = view,
                     .stamp = task->stamp,
                     .known_ms = batch->begun_ms,
                     .table = HF__ORDERS,
                 });
}

/* Orders come first: what changed one after its operation removes it again. */
static void publish(hf__read_cache *reads, const hf__batch *batch)
{
    for (uint32_t i = 0; i < batch->count; i++)
        if (batch->tasks[i].shows_order && batch->tasks[i].done.status == 0)
            publish_order(reads, batch, &batch->tasks[i]);
    for (const hf__changes *list = batch->changes; list != NULL; list = list->next)
        for (uint64_t i = 0; i < list->count; i++)
            publish_one(reads, batch, &list->records[i]);
}

static void advance(hf__read_cache *reads, const hf__batch *batch)
{
    if (batch->number <= reads->number)
        return;
    reads->number = batch->number;
    reads->time_ms = batch->time_ms;
}

void hf__engine_publish(hf__engine *engine, const hf__batch *batch)
{
    hf__read_cache *reads = &engine->reads;
    if (reads->index == NULL)
        return;
    publish(reads, batch);
    advance(reads, batch);
    if (!batch->unlisted)
        return;
    (void)hf_cache_clear(reads->index);
    reads->emptied = reads->number;
}

/* ---- What is read ---------------------------------------------------------------------------- */

static void want_id(hf__cached_query *out, uint32_t table, const hf_id *id)
{
    out->table = table;
    out->id = *id;
    out->hash = hf__key_hash(table, id->bytes, sizeof *id);
}

void hf__cached_query_order(hf__cached_query *out, const hf_id *order)
{
    want_id(out, HF__ORDERS, order);
}

static void want_account(hf__cached_query *out, const hf_account_get_args *args)
{
    uint8_t bytes[HF__KEY_MAX];
    hf_account row = {.version = 0};
    hf__account_ref_set(&row.key, &args->key);
    uint32_t count = hf__key_encode(&hf__accounts_table, HF__PRIMARY, &row, HF__KEY_ALL, bytes);
    out->table = HF__ACCOUNTS;
    out->account = row.key;
    out->hash = hf__key_hash(HF__ACCOUNTS, bytes, count);
}

bool hf__cached_query_of(hf__cached_query *out, const hf__operation *op)
{
    const void *args = op->args;
    switch (op->type) {
    case HF_OP_ITEM_GET:
    case HF_OP_ACCOUNT_GET:
        want_account(out, args);
        return true;
    case HF_OP_ORDER_GET:
        hf__cached_query_order(out, &((const hf_order_get_args *)args)->order);
        return true;
    case HF_OP_PAYMENT_GET:
        want_id(out, HF__PAYMENTS, &((const hf_payment_get_args *)args)->payment);
        return true;
    case HF_OP_HOLD_GET:
        want_id(out, HF__HOLDS, &((const hf_hold_get_args *)args)->hold);
        return true;
    default:
        return false;
    }
}

bool hf__cached_usable(hf__engine *engine)
{
    return engine->reads.index != NULL && atomic_load(&engine->state) != HF_HEALTH_POISONED;
}

/* ---- Reads that were run ----------------------------------------------------------------------
 */

/* Counts a read that may be answered by the cache: whether it was. */
static void count(hf__read_cache *reads, const hf__batch *batch, const hf__task *task)
{
    hf__cached_query of;
    if (batch->cached || hf__cached_query_of(&of, &task->op))
        reads->answers[batch->cached]++;
}

static void keep_read(hf__read_cache *reads, const hf__batch *batch, const hf__task *task)
{
    hf__cached_query of;
    if (task->done.status != 0 || !hf__cached_query_of(&of, &task->op) ||
        *changed_at(reads, of.hash) > batch->number)
        return;
    if (!reads->shared && hf__cached_slot(reads, of.hash) != HF__NO_SLOT)
        return; /* it is current */
    enter(reads, &(source){
                     .hash = of.hash,
                     .result = task->done.result,
                     .known_ms = batch->begun_ms,
                     .table = of.table,
                 });
}

void hf__engine_keep_reads(hf__engine *engine, const hf__batch *batch)
{
    hf__read_cache *reads = &engine->reads;
    if (!hf__cached_usable(engine))
        return;
    advance(reads, batch);
    for (uint32_t i = 0; i < batch->count; i++) {
        count(reads, batch, &batch->tasks[i]);
        if (!batch->cached && batch->number >= reads->emptied)
            keep_read(reads, batch, &batch->tasks[i]);
    }
}

void hf__read_cache_figures(const hf__read_cache *reads, hf_metrics_info *out)
{
    hf_cache_stat stat = {.size = sizeof stat};
    out->read_cache_misses = reads->answers[0];
    out->read_cache_hits = reads->answers[1];
    out->peek_misses = reads->peeks[0];
    out->peek_hits = reads->peeks[1];
    if (reads->index == NULL || hf_cache_read_stat(reads->index, &stat) != 0)
        return;
    out->read_cache_entries = stat.entries;
    out->read_cache_bytes = stat.cost;
}
