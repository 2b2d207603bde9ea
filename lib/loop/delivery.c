/*
 * delivery.c - the results of a batch, in the order of submission: callbacks, or the queue.
 *
 * A request is free again before its callback runs, so that the callback may use it for the next
 * call or free its memory. The coordinator gets its own completions in the same order, defers those
 * of callers that wait for a transaction, and is notified of what the batch changed after all of
 * them.
 */
#include "loop/host.h"

#include <string.h>

static hf_done_cb callback_of(const hf__task *task)
{
    hf_done_cb cb;
    memcpy(&cb, &task->call, sizeof cb);
    return cb;
}

static void complete(hf__host *host, const hf__task *task, const hf_completion *done)
{
    hf__figures_completed(host, done, task->accepted_ns);
    if (task->owner == NULL) {
        hf__completion_queue_push(&host->queue, done, host->delivering);
        return;
    }
    hf__req_free(task->owner);
    callback_of(task)(task->owner, done);
}

static void deliver_task(hf__host *host, const hf__task *task)
{
    if (hf__txns_own(task)) {
        hf__runtime_done(host->runtime, task->owner, &task->done);
        return;
    }
    const hf__txn_caller caller = {
        .req = task->owner,
        .cb = callback_of(task),
        .user_data = task->done.user_data,
        .accepted_ns = task->accepted_ns,
    };
    hf_completion done = task->done;
    hf__runtime_arrived(host->runtime, task->op.type, task->op.args);
    if (done.type == HF_OP_NODE_DRAIN && done.status == 0)
        hf__runtime_drain(host->runtime);
    if (!hf__runtime_keeps(host->runtime, &task->op, &caller, &done))
        complete(host, task, &done);
}

/* Shows the coordinator the transaction that an operation wrote, as the operation returned it. */
static void show(hf__host *host, const hf__task *task)
{
    bool wrote = task->op.type >= HF_OP_TXN_SUBMIT && task->op.type <= HF_OP_TXN_RESOLVE_BRANCH &&
                 !hf__engine_reads(task->op.type);
    if (wrote && task->done.status == 0 && task->done.result != NULL)
        hf__runtime_viewed(host->runtime, task->done.result, task->op.type <= HF_OP_TXN_SEAL);
}

void hf__deliver(hf__host *host, hf__batch_buffer *buffer)
{
    const hf__batch *batch = &buffer->batch;
    hf__batch_buffer *before = host->delivering;
    if (!batch->is_read)
        hf__limit_ended(&host->limit, batch, hf__figures_now(host),
                        batch->number > host->delivered);
    if (!batch->is_read && !host->closing)
        hf__admission_pump(host); /* before callbacks submit again */
    host->delivering = buffer;
    hf__figures_batch(host, batch);
    hf__runtime_batch_begin(host->runtime);
    for (uint32_t i = 0; i < batch->count; i++) {
        deliver_task(host, &batch->tasks[i]);
        hf__hand_over_early(host, batch);
    }
    for (uint32_t i = 0; i < batch->count; i++)
        show(host, &batch->tasks[i]);
    for (const hf__touched *at = batch->touched; at != NULL; at = at->next)
        hf__runtime_noted(host->runtime, at);
    hf__runtime_batch_end(host->runtime);
    host->delivering = before;
    hf__batch_buffer_retire(buffer);
}
