/*
 * land.c - turns of two storage threads, and the second half of a commit.
 *
 *     one thread    | decide n, write | flush n                | told
 *     the other one                   | decide n + 1 ...       | write | flush n + 1 | told
 *
 * Deciding takes the processor and a flush takes the disk, so one thread decides while the other
 * one flushes. A batch is decided and written in its turn, on what the batches before it left in
 * the working set, durable or not; but it is written only when the one before has been flushed, and
 * it is told only when it has been flushed itself. So batches become durable in their order, and
 * nobody learns of one that stands on something that may still be lost.
 *
 * A batch that wrote nothing waits for the flush it stands on: a refusal is as true as the rows
 * that it was decided on.
 *
 * Failure mode: a flush that fails. Its batch is told that its outcome is not known, whatever was
 * decided on it fails too, and the engine is poisoned (see group.c).
 */
#include "engine/state.h"

void hf__turns_init(hf__turns *turns)
{
    hf__lock_init(&turns->lock);
    hf__signal_init(&turns->moved);
}

void hf__turns_fini(hf__turns *turns)
{
    hf__signal_fini(&turns->moved);
    hf__lock_fini(&turns->lock);
}

static void queue(hf__turns *turns, hf__batch *batch)
{
    hf__lock_take(&turns->lock);
    batch->turn = ++turns->given;
    hf__lock_give(&turns->lock);
}

void hf__engine_queue(hf__engine *engine, hf__batch *batch)
{
    queue(&engine->turns, batch);
}

void hf__engine_queue_read(hf__engine *engine, hf__batch *batch)
{
    queue(&engine->read_turns, batch);
}

void hf__turn_take(hf__turns *turns, const hf__batch *batch)
{
    hf__lock_take(&turns->lock);
    uint64_t turn = batch->turn != 0 ? batch->turn : ++turns->given;
    while (turns->ended + 1 != turn)
        hf__signal_wait(&turns->moved, &turns->lock);
    hf__lock_give(&turns->lock);
}

void hf__turn_give(hf__turns *turns)
{
    hf__lock_take(&turns->lock);
    turns->ended++;
    hf__signal_raise(&turns->moved);
    hf__lock_give(&turns->lock);
}

/* Threads that land one after the other may get here in another order. */
static void advance(atomic_uint_fast64_t *number, uint64_t to)
{
    uint64_t known = atomic_load(number);
    while (known < to && !atomic_compare_exchange_weak(number, &known, to))
        ;
}

bool hf__land(hf__engine *engine, hf__landing *landing)
{
    hf_store_error why = {0};
    int error = 0;
    int64_t flush_ns = 0;
    if (!landing->open)
        return true;
    landing->open = false;
    if (engine->journal != NULL && landing->written) {
        int64_t begun = engine->env->boot_ms(engine->env->clock);
        flush_ns = hf__engine_steady_ns(engine);
        error = hf__journal_flush(engine->journal, &why);
        flush_ns = hf__engine_steady_ns(engine) - flush_ns;
        hf__report_slow(engine, "the flush", landing->number, begun);
    } else if (engine->journal != NULL) {
        error = hf__journal_await(engine->journal, landing->number, &why);
    }
    if (error != 0) {
        why.code = error;
        landing->batch->unlisted = true;
        hf__group_lost(engine, landing, &why);
        return false;
    }
    if (!landing->written)
        return true;
    atomic_fetch_add(&engine->batches, 1);
    hf__figures_add(engine, landing, flush_ns);
    advance(&engine->event_seq, landing->event_seq);
    advance(&engine->last_batch, landing->number);
    return true;
}

uint32_t hf__engine_runners(const hf__engine *engine)
{
    return engine->journal != NULL ? 2 : 1;
}
