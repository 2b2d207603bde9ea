/*
 * pending_commit.c - the order of batches between two storage threads, and the end of a commit.
 *
 *     one thread    | decide n, write | flush n                | done
 *     the other one                   | decide n + 1 ...       | write | flush n + 1 | done
 *
 * Deciding takes the processor and a flush takes the disk, so one thread decides while the other
 * one flushes. Batches are decided in the write order, on the rows that the batches before left in
 * the working set, durable or not. A batch is written only after the flush of the batch before, and
 * its completions are delivered only after its own flush. So batches become durable in their order,
 * and no completion depends on a batch that may still be lost.
 *
 * A batch that wrote nothing still waits for the previous flush, because its refusals were computed
 * from rows that are not durable yet.
 *
 * Failure mode: a flush that fails. The operations of its batch complete with HF_E_UNKNOWN, batches
 * that depend on it fail too, and the engine is poisoned (see group.c).
 */
#include "engine/state.h"

void hf__batch_order_init(hf__batch_order *order)
{
    hf__lock_init(&order->lock);
    hf__signal_init(&order->moved);
}

void hf__batch_order_fini(hf__batch_order *order)
{
    hf__signal_fini(&order->moved);
    hf__lock_fini(&order->lock);
}

static void queue(hf__batch_order *order, hf__batch *batch)
{
    hf__lock_take(&order->lock);
    batch->ticket = ++order->given;
    hf__lock_give(&order->lock);
}

void hf__engine_queue(hf__engine *engine, hf__batch *batch)
{
    queue(&engine->write_order, batch);
}

void hf__engine_queue_read(hf__engine *engine, hf__batch *batch)
{
    queue(&engine->read_order, batch);
}

void hf__batch_order_enter(hf__batch_order *order, const hf__batch *batch)
{
    hf__lock_take(&order->lock);
    uint64_t ticket = batch->ticket != 0 ? batch->ticket : ++order->given;
    while (order->ended + 1 != ticket)
        hf__signal_wait(&order->moved, &order->lock);
    hf__lock_give(&order->lock);
}

void hf__batch_order_leave(hf__batch_order *order)
{
    hf__lock_take(&order->lock);
    order->ended++;
    hf__signal_raise(&order->moved);
    hf__lock_give(&order->lock);
}

/* Two threads may finish their commits in either order. */
static void advance(atomic_uint_fast64_t *number, uint64_t to)
{
    uint64_t known = atomic_load(number);
    while (known < to && !atomic_compare_exchange_weak(number, &known, to))
        ;
}

bool hf__commit_finish(hf__engine *engine, hf__pending_commit *pending)
{
    hf_store_error why = {0};
    int error = 0;
    int64_t flush_ns = 0;
    if (!pending->open)
        return true;
    pending->open = false;
    if (engine->journal != NULL && pending->written) {
        int64_t begun = engine->env->boot_ms(engine->env->clock);
        flush_ns = hf__engine_steady_ns(engine);
        error = hf__journal_flush(engine->journal, &why);
        flush_ns = hf__engine_steady_ns(engine) - flush_ns;
        hf__report_slow(engine, "the flush", pending->number, begun);
    } else if (engine->journal != NULL) {
        error = hf__journal_await(engine->journal, pending->number, &why);
    }
    if (error != 0) {
        why.code = error;
        pending->batch->unlisted = true;
        hf__commit_failed(engine, pending, &why);
        return false;
    }
    if (!pending->written)
        return true;
    atomic_fetch_add(&engine->batches, 1);
    hf__figures_add(engine, pending, flush_ns);
    advance(&engine->event_seq, pending->event_seq);
    advance(&engine->last_batch, pending->number);
    return true;
}

uint32_t hf__engine_write_threads(const hf__engine *engine)
{
    return engine->journal != NULL ? 2 : 1;
}
