/*
 * completions.c - hf_completions: copies completions out of the queue, and releases what the last
 * call returned.
 */
#include "base/os.h"
#include "loop/host.h"

#include <limits.h>

/* Tries work again that had to wait because completions kept memory. */
void hf__completions_freed(hf__host *host)
{
    if (host->tick || hf__runtime_stuck(host->runtime) || host->admission.waiting.first != NULL ||
        hf__intake_busy(host))
        hf__arm(host);
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
        hf__completions_freed(host);
    return (int)count;
}
