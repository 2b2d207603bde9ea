/*
 * completion_queue.c - the completion queue: a ring between delivered batches and hf_completions.
 *
 * Happy path: delivery pushes, hf_completions copies out. Completions that were returned stay
 * readable until its next call, which releases their memory. The ring has twice the capacity of
 * what may wait: those waiting, and those returned by the last call. Closing completes the
 * operations in both buffers of the intake, which other threads have submitted and no batch has;
 * the ring has capacity for these as well.
 *
 * Failure mode: none at run time; admission never accepts more than may wait.
 */
#include "base/os.h"
#include "loop/host.h"

int hf__completion_queue_init(hf__completion_queue *queue, hf_env *env, uint32_t waiting_max,
                              uint32_t intake_ops)
{
    uint64_t capacity = 2;
    while (capacity < 2 * ((uint64_t)waiting_max + HF__CALLS + intake_ops))
        capacity *= 2;
    queue->fd = -1;
    queue->mask = capacity - 1;
    queue->waiting_max = waiting_max;
    queue->entries = hf__alloc(env, capacity * sizeof *queue->entries);
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
