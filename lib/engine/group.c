/*
 * group.c - one store transaction for all operations of a batch (or of a part of it that fits).
 *
 * Happy path: begin, decide and apply many, flush sorted, commit, publish. A commit that fails
 * fails every operation of the group, the refused ones too, since they were decided on rows that
 * never came to be; commit_failure.c has what the error means for the engine.
 */
#include "engine/state.h"
#include <holdfast/error.h>
#include <stdio.h>
#include <string.h>

static void *alloc_back(void *context, uint64_t bytes)
{
    hf__group *group = context;
    void *memory = hf__cache_alloc_back(&group->batch->work, bytes);
    group->used_up = group->used_up || memory == NULL;
    return memory;
}

static void fail(hf__engine *engine, uint32_t end, int error)
{
    const hf__pending_commit group = {
        .batch = engine->group.batch, .first = engine->group.first, .end = end};
    engine->error.code = error;
    hf__commit_failed(engine, &group, &engine->error);
    engine->next_seq = engine->group.seq;
    engine->purged_until_ms = engine->group.purged_until_ms;
    engine->holding.held = engine->group.held;
    engine->takes = engine->group.takes;
    hf__due_at(engine, engine->group.next_due);
    engine->group.batch->touched = engine->group.touched;
    hf__walks_reset(engine);
    hf__supply_back(engine, 0);
    if (engine->group.supplied) {
        hf__supply_search(
            engine); /* the accounts that were removed from the list are needed again */
        hf__due_soon(engine);
    }
    hf__resume_search(engine);
    hf__figures_drop(engine);
    hf__cache_end(&engine->cache, false);
    engine->group.open = 0;
}

/* What a failed commit goes back to. */
static void remember(hf__engine *engine, hf__batch *batch, uint32_t first_task)
{
    engine->group = (hf__group){
        .batch = batch,
        .first = first_task,
        .seq = engine->next_seq,
        .purged_until_ms = engine->purged_until_ms,
        .supplied = engine->supply.count > 0 || engine->supply.searching ||
                    engine->supply.next_search_ms != 0,
        .takes = engine->takes,
        .held = engine->holding.held,
        .next_due = atomic_load(&engine->next_due),
        .touched = batch->touched,
    };
}

int hf__group_begin(hf__engine *engine, hf__batch *batch, uint32_t first_task)
{
    remember(engine, batch, first_task);
    engine->error = (hf_store_error){0};
    engine->caller =
        (hf_store_caller){.alloc = alloc_back, .context = &engine->group, .error = &engine->error};
    const uint32_t mode = engine->read_only ? HF_TXN_SNAPSHOT : HF_TXN_WRITE;
    int error = engine->driver->begin(engine->store, mode, &engine->caller, &engine->txn);
    hf__cache_begin(&engine->cache, &batch->work, engine->txn);
    if (error == 0) {
        error = hf__shared_begin(engine);
        if (error == 0)
            remember(engine, batch, first_task);
        else
            engine->driver->rollback(engine->txn);
    }
    if (error != 0)
        fail(engine, batch->count, hf__commit_undone(error));
    else
        engine->group.open = 1;
    return error;
}

/* Half of the working set is left for the operations to come, or the group ends here. */
bool hf__group_full(const hf__engine *engine)
{
    return engine->group.operations >= engine->commit_ops_max ||
           hf__cache_remaining(&engine->cache) < engine->cache.batch_max / 2;
}

hf__savepoint hf__savepoint_take(const hf__engine *engine)
{
    hf__savepoint savepoint = {
        .log = hf__cache_savepoint(&engine->cache),
        .seq = engine->next_seq,
        .purged_until_ms = engine->purged_until_ms,
        .takes = engine->takes,
        .touched = engine->group.batch->touched,
        .supplied = engine->supply.count,
        .walked = engine->walks.taken,
    };
    memcpy(savepoint.earned, engine->share.earned, sizeof savepoint.earned);
    return savepoint;
}

void hf__savepoint_rollback(hf__engine *engine, const hf__savepoint *to)
{
    if (engine->cache.log != to->log && engine->walks.taken != to->walked)
        hf__walks_back(engine);
    memcpy(engine->share.earned, to->earned, sizeof to->earned);
    hf__cache_rollback(&engine->cache, to->log);
    engine->next_seq = to->seq;
    engine->purged_until_ms = to->purged_until_ms;
    hf__lease_back(engine, to->takes);
    engine->group.batch->touched = to->touched;
    hf__supply_back(engine, to->supplied);
}

static int commit(hf__engine *engine, const hf_store_mark *mark, int64_t *took_ns)
{
    if (engine->journal != NULL)
        return hf__journal_append(engine->txn, mark);
    int64_t begun = engine->env->boot_ms(engine->env->clock);
    int64_t begun_ns = hf__engine_steady_ns(engine);
    int error = engine->driver->commit(engine->txn, mark);
    *took_ns = hf__engine_steady_ns(engine) - begun_ns;
    hf__report_slow(engine, "the commit", mark->batch, begun);
    return error;
}

/* The group is written. Later groups depend on it, but its completions are delivered only after the
   flush. */
static void ended(hf__engine *engine, uint32_t end_task, hf__pending_commit *pending, bool written)
{
    *pending = (hf__pending_commit){
        .batch = engine->group.batch,
        .first = engine->group.first,
        .end = end_task,
        .number = engine->number,
        .event_seq = engine->next_seq - 1,
        .open = true,
        .written = written,
        .figures = pending->figures,
    };
    if (written && hf__read_cache_is_open(&engine->reads))
        hf__changes_list(engine, engine->group.batch);
    hf__cache_end(&engine->cache, true);
    engine->group.open = 0;
    if (engine->takes == engine->takes_known)
        return;
    if (hf__commit_finish(engine, pending)) /* leases are published when they are durable */
        hf__lease_publish(engine);
}

/* A broken invariant of what is shared must not reach the store. */
static int sound(hf__engine *engine)
{
    const char *broken = hf__invariant_taken(HF__OF_SHARED);
    if (broken == NULL)
        return 0;
    engine->error.code = HF_E_POISONED;
    (void)snprintf(engine->error.text, sizeof(engine->error.text), "broken invariant: %s", broken);
    return HF_E_POISONED;
}

void hf__group_commit(hf__engine *engine, uint32_t end_task, hf__pending_commit *pending)
{
    pending->open = false;
    pending->figures = (hf__group_figures){.commit_ns = 0};
    engine->group.batch->time_ms = engine->clock.last_ms;
    bool probe = atomic_load(&engine->state) == HF_HEALTH_DEGRADED;
    int error = sound(engine);
    if (error == 0 && engine->cache.log == NULL && !probe) {
        engine->driver->rollback(engine->txn);
        ended(engine, end_task, pending, false);
        return;
    }
    hf_store_mark mark = {.batch = engine->number + 1,
                          .time_ms = engine->clock.last_ms,
                          .identity = engine->identity};
    if (error == 0)
        error = hf__cache_flush(&engine->cache);
    if (error == 0)
        error = sound(engine); /* what flushing broke must not reach the store either */
    if (error != 0) {
        engine->driver->rollback(engine->txn);
        error = hf__commit_undone(error);
    } else {
        hf__figures_count(engine, &pending->figures);
        error = commit(engine, &mark, &pending->figures.commit_ns);
    }
    if (error != 0) {
        fail(engine, end_task, error);
        return;
    }
    engine->number = mark.batch;
    engine->group.batch->number = mark.batch;
    (void)hf__engine_enter(engine, HF_HEALTH_OK, 0, "");
    ended(engine, end_task, pending, true);
}
