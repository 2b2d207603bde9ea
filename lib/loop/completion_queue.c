/*
 * completion_queue.c - the completion queue: a ring between delivered batches and hf_completions.
 *
 * Happy path: delivery pushes, hf_completions copies out. Completions that were returned stay
 * readable until its next call, which releases their memory. The ring has twice the capacity of
 * what may wait: those waiting, and those returned by the last call. Closing completes the
 * operations in both bags of the intake, which other threads have submitted and no batch has; the
 * ring has capacity for these as well.
 *
 * Failure mode: none at run time; admission never accepts more than may wait.
 */
#include "base/os.h"
#include "loop/host.h"

#include <limits.h>

int hf__completion_queue_init(hf__completion_queue *queue, hf_env *env, uint32_t waiting_max,
                              uint32_t intake_ops)
{
    uint64_t room = 2;
    while (room < 2 * ((uint64_t)waiting_max + HF__CALLS + intake_ops))
        room *= 2;
    queue->fd = -1;
    queue->mask = room - 1;
    queue->waiting_max = waiting_max;
    queue->entries = hf__alloc(env, room * sizeof *queue->entries);
    return queue->entries == NULL ? HF_E_NOMEM : 0;
}

void hf__completion_queue_fini(hf__completion_queue *queue, hf_env *env)
{
    hf__free(env, queue->entries);
    if (queue->fd >= 0)
        env->files->close(queue->fd);
}

void hf__completion_queue_push(hf__completion_queue *queue, const hf_completion *done,
                               hf__batch_buffer *buffer)
{
    if (buffer != NULL)
        buffer->pins++;
    queue->entries[queue->end++ & queue->mask] =
        (hf__completion_queue_entry){.done = *done, .buffer = buffer};
}

static void release_views(hf__completion_queue *queue)
{
    for (; queue->released != queue->taken; queue->released++) {
        hf__batch_buffer *buffer = queue->entries[queue->released & queue->mask].buffer;
        if (buffer != NULL)
            buffer->pins--;
    }
}

static void take(hf__completion_queue *queue, hf_completion *out)
{
    *out = queue->entries[queue->taken++ & queue->mask].done;
    if (out->type == HF_OP_CALL)
        queue->calls--;
    else
        queue->waiting--;
}

int hf_completions(hf_engine *engine, hf_completion *out, uint32_t max)
{
    hf__host *host;
    int error = hf__host_enter(engine, &host);
    if (error != 0)
        return error;
    if (out == NULL && max != 0)
        return hf__refuse(&host->detail, HF_E_ARGUMENT, "out: is NULL");
    hf__completion_queue *queue = &host->queue;
    bool let_go = queue->released != queue->taken;
    release_views(queue);
    uint32_t count = 0;
    while (count < max && count < INT_MAX && queue->taken != queue->end)
        take(queue, &out[count++]);
    if (queue->fd >= 0 && count != 0 && queue->taken == queue->end)
        hf__os_signal_clear(queue->fd);
    if (let_go || count != 0)
        hf__pump_freed(host);
    return (int)count;
}

int hf_completions_fd(hf_engine *engine)
{
    hf__host *host;
    int error = hf__host_enter(engine, &host);
    if (error != 0)
        return error;
    hf__completion_queue *queue = &host->queue;
    if (queue->fd >= 0)
        return queue->fd;
    error = hf__os_signal_fd(&queue->fd);
    if (error != 0) {
        queue->fd = -1;
        return error;
    }
    if (queue->taken != queue->end)
        hf__os_signal_raise(queue->fd);
    return queue->fd;
}
