/*
 * load_state.c - loads what the engine must know before a decision: the next event number, what
 * retention has purged, the earliest deadline, the accounts on which orders wait, the records that
 * were set aside; and how many transactions are parked, for the figures.
 *
 * It runs at open, and inside a new write transaction when another engine has committed. What
 * cannot be read fails the group.
 */
#include "domain/upkeep/purge.h"
#include "engine/state.h"

static int last_event(hf__engine *engine, uint64_t *seq)
{
    const void *const *rows;
    uint32_t count;
    uint32_t more;
    hf_scan last = {.table = HF__EVENTS, .index = HF__PRIMARY, .descending = 1};
    int error = hf__cache_scan(&engine->cache, &last, 1, &rows, &count, &more);
    if (error == 0 && count == 1)
        *seq = ((const hf_event *)rows[0])->seq;
    return error;
}

/* What retention removed: event numbers are never given twice, ids never act twice. */
static int read_purges(hf__engine *engine, uint64_t *last_seq)
{
    const void *const *rows;
    uint32_t count;
    uint32_t more;
    hf__purge until = {.kind = HF__PURGE_EVENTS};
    hf_scan scan = {.table = HF__PURGES, .high = &until, .high_columns = 1};
    int error = hf__cache_scan(&engine->cache, &scan, 256, &rows, &count, &more);
    for (uint32_t i = 0; error == 0 && i < count; i++) {
        const hf__purge *purge = rows[i];
        if (hf__purge_is_for_all(purge) && purge->until_ms > engine->purged_until_ms)
            engine->purged_until_ms = purge->until_ms;
        if (purge->kind == HF__PURGE_EVENTS && purge->last > *last_seq)
            *last_seq = purge->last;
    }
    return error;
}

int hf__engine_load_state(hf__engine *engine)
{
    uint64_t seq = 0;
    hf__walks_reset(engine);
    int error = hf__cache_prime(&engine->cache, engine->txn);
    if (error == 0)
        error = last_event(engine, &seq);
    if (error == 0)
        error = read_purges(engine, &seq);
    if (error == 0)
        error = hf__due_find(engine);
    if (error == 0)
        error = hf__supply_find(engine);
    if (error == 0)
        error = hf__resume_find(engine);
    if (error == 0)
        error = hf__figures_find(engine);
    engine->next_seq = seq + 1;
    atomic_store(&engine->event_seq, seq);
    return error;
}
