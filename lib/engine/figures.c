/*
 * figures.c - what the storage threads count and measure.
 *
 * A group counts for itself while it is decided. When it is durable its counts are added to those
 * of the engine, once, under a lock that is taken once a group and by readers of the figures. So a
 * batch that fails leaves no trace in them, as it leaves none in the store.
 *
 * Parked transactions are counted in the store when the engine's state is loaded, and then followed
 * by the commits of this engine.
 *
 * Failure mode: what cannot be read when the state is loaded fails the load.
 */
#include "engine/state.h"

#include <string.h>

#define PAGE 256u /* parked transactions of one scan */

/* A table whose records have a state: of which figures the state is the number. */
typedef struct hf__stateful {
    size_t offset;  /* of the state in the row */
    uint32_t first; /* figure of state 1 */
    uint32_t count; /* states; 0: the table has none */
} hf__stateful;

static const hf__stateful stateful[HF__TABLE_COUNT] = {
    [HF__ORDERS] = {offsetof(hf_order, state), 0, 6},
    [HF__PAYMENTS] = {offsetof(hf_payment, state), 6, 5},
    [HF__HOLDS] = {offsetof(hf_hold, state), 11, 5},
    [HF__TXNS] = {offsetof(hf_txn, state), 16, 5},
};

_Static_assert(HF_ORDER_EXPIRED == 6 && HF_PAYMENT_FAILED == 5 && HF_HOLD_EXPIRED == 5 &&
                   HF_TXN_CANCELLED == 5,
               "each state has a figure");
_Static_assert(offsetof(hf_metrics_info, txns_cancelled) -
                       offsetof(hf_metrics_info, orders_waiting) ==
                   (HF__STATE_FIGURES - 1) * sizeof(uint64_t),
               "the figures of states follow each other");

static uint32_t state_of(const void *row, size_t offset)
{
    uint32_t state = 0;
    if (row != NULL)
        memcpy(&state, (const uint8_t *)row + offset, sizeof state);
    return state;
}

static void count_state(const hf__entry *entry, uint32_t *states)
{
    const hf__stateful *of = &stateful[entry->key.table];
    if (of->count == 0 || entry->row == NULL)
        return;
    uint32_t state = state_of(entry->row, of->offset);
    if (state != state_of(entry->stored, of->offset) && state - 1 < of->count)
        states[of->first + state - 1]++;
}

void hf__figures_swept(hf__engine *engine, hf__chore chore, uint32_t records)
{
    engine->swept[chore] += records;
}

void hf__figures_drop(hf__engine *engine)
{
    memset(engine->swept, 0, sizeof engine->swept);
}

static int32_t parked_of(const void *row)
{
    const hf_txn *txn = row;
    return txn == NULL ? 0 : (int32_t)txn->parked;
}

int hf__figures_find(hf__engine *engine)
{
    int64_t parked = 0;
    hf_txn last = {.state = HF_TXN_NONE};
    uint32_t more = 1;
    while (more != 0) {
        const void *const *rows;
        uint32_t count;
        const hf_scan scan = {.table = HF__TXNS,
                              .index = HF__TXNS_PARKED,
                              .low = &last,
                              .low_columns = parked == 0 ? 0 : 1,
                              .low_exclusive = parked != 0};
        int error = hf__cache_scan(&engine->cache, &scan, PAGE, &rows, &count, &more);
        if (error != 0)
            return error;
        parked += count;
        if (count != 0)
            last.id = ((const hf_txn *)rows[count - 1])->id;
    }
    hf__lock_take(&engine->figures_lock);
    engine->figures.parked = parked;
    hf__lock_give(&engine->figures_lock);
    return 0;
}

void hf__figures_count(hf__engine *engine, hf__group_figures *out)
{
    hf__cache *cache = &engine->cache;
    out->rows = 0;
    out->parked = 0;
    out->hits = cache->hits;
    out->misses = cache->misses;
    cache->hits = 0;
    cache->misses = 0;
    memcpy(out->swept, engine->swept, sizeof out->swept);
    hf__figures_drop(engine);
    for (uint32_t i = 0; i < cache->changed_count; i++) {
        const hf__entry *entry = cache->changed[i];
        out->rows += entry->row != NULL || entry->stored != NULL;
        count_state(entry, out->states);
        if (entry->key.table == HF__TXNS)
            out->parked += parked_of(entry->row) - parked_of(entry->stored);
    }
}

void hf__figures_add(hf__engine *engine, const hf__pending_commit *pending, int64_t flush_ns)
{
    const hf__group_figures *group = &pending->figures;
    hf__engine_figures *all = &engine->figures;
    hf__lock_take(&engine->figures_lock);
    if (engine->journal != NULL)
        hf__histogram_note(&all->flush_ns, (uint64_t)flush_ns);
    else
        hf__histogram_note(&all->commit_ns, (uint64_t)group->commit_ns);
    all->rows += group->rows;
    all->hits += group->hits;
    all->misses += group->misses;
    for (uint32_t i = 0; i < HF__CHORE_COUNT; i++)
        all->swept[i] += group->swept[i];
    for (uint32_t i = 0; i < HF__STATE_FIGURES; i++)
        all->states[i] += group->states[i];
    all->parked += group->parked;
    hf__lock_give(&engine->figures_lock);
}

void hf__engine_read_figures(hf__engine *engine, hf__engine_figures *out)
{
    hf__lock_take(&engine->figures_lock);
    *out = engine->figures;
    hf__lock_give(&engine->figures_lock);
    if (engine->journal != NULL)
        hf__journal_commits(engine->journal, &out->commit_ns);
}

bool hf__engine_is_journaled(const hf__engine *engine)
{
    return engine->journal != NULL;
}

/* How long writes were refused, up to now. */
static int64_t not_ready(hf__engine *engine)
{
    hf__cause *cause = &engine->cause;
    hf__lock_take(&cause->lock);
    const int64_t now_ns = hf__engine_steady_ns(engine); /* not before since_ns */
    bool is_ready = atomic_load(&engine->state) == HF_HEALTH_OK;
    int64_t ns = cause->not_ready_ns + (is_ready ? 0 : now_ns - cause->since_ns);
    hf__lock_give(&cause->lock);
    return ns;
}

void hf__engine_metrics(hf__engine *engine, hf_metrics_info *out)
{
    hf_health_info health = {.size = sizeof health};
    const int64_t now_ns = hf__engine_steady_ns(engine);
    hf__engine_health(engine, &health);
    hf__read_cache_figures(&engine->reads, out);
    out->state = health.state;
    out->open_ns = (uint64_t)(now_ns - engine->opened_ns);
    out->not_ready_ns = (uint64_t)not_ready(engine);
    out->allocations = health.allocations;
    out->invariants = health.invariants;
    out->batches = health.batches;
    out->journal_dirty_bytes = health.dirty_bytes;
    out->journal_bytes = health.journal_bytes;
    out->disk_free_bytes = health.disk_free;
    out->warning_disk = (health.warnings & HF_WARNING_DISK) != 0;
    out->warning_checkpoint = (health.warnings & HF_WARNING_CHECKPOINT) != 0;
    out->checkpoints = health.checkpoints;
    out->event_seq = health.event_seq;
    out->expiry_lag_ms = (uint64_t)atomic_load(&engine->expiry_lag_ms);
}
