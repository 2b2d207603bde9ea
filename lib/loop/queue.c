/*
 * queue.c - the completion queue: a ring between delivered batches and hf_completions.
 *
 * Happy path: delivery pushes, hf_completions copies out. What was given out stays readable until
 * its next call, which lets go of the memory behind it. The ring has twice the room of what may
 * wait: those waiting, and those given out by the last call. Closing completes what other threads
 * have submitted and no batch has, both bags of the intake; the ring has room for these as well.
 *
 * Failure mode: none at run time; admission never accepts more than may wait.
 */
#include "base/os.h"
#include "loop/host.h"

#include <limits.h>

int hf__queue_init(hf__queue *queue, hf_env *env, uint32_t waiting_max, uint32_t intake_ops)
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

void hf__queue_fini(hf__queue *queue, hf_env *env)
{
    hf__free(env, queue->entries);
    if (queue->fd >= 0)
        env->files->close(queue->fd);
}

void hf__queue_push(hf__queue *queue, const hf_completion *done, hf__block *block)
{
    if (block != NULL)
        block->held++;
    queue->entries[queue->end++ & queue->mask] = (hf__queue_entry){.done = *done, .block = block};
}

static void release_views(hf__queue *queue)
{
    for (; queue->released != queue->taken; queue->released++) {
        hf__block *block = queue->entries[queue->released & queue->mask].block;
        if (block != NULL)
            block->held--;
    }
}

static void take(hf__queue *queue, hf_completion *out)
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
    hf__queue *queue = &host->queue;
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
    hf__queue *queue = &host->queue;
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
