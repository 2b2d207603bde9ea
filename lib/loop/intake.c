/*
 * intake.c - operations that other threads submit, on their way to the loop.
 *
 * There are two buffers: threads fill one of them under a lock, the loop empties the other one
 * without the lock, and swaps both when its own is empty. A thread that puts the first operation
 * into a buffer wakes the loop; until the loop has seen every operation no other wake-up is needed.
 * So there is one order of all operations: that in which the threads held the lock.
 *
 * Happy path: the pump swaps the buffers and hands every operation or chain to the function of the
 * api that copies it into the batch being filled.
 *
 * Failure modes: a full buffer is HF_E_OVERLOADED for the thread. An operation that finds the batch
 * or the completion queue full stays where it is, and all behind it, until the pump runs again. Any
 * other error ends the operation, as a completion. When the engine closes, what waits is completed
 * with HF_E_CANCELLED.
 */
#include "loop/host.h"

#include <string.h>

#define WHOLE_MAX 128u /* up to this queue_ops_max one buffer has as many operations */

uint32_t hf__intake_ops(uint32_t queue_ops_max)
{
    return queue_ops_max <= WHOLE_MAX ? queue_ops_max : queue_ops_max / 2;
}

int hf__intake_init(hf__intake *intake, hf_env *env, uint32_t queue_ops_max, size_t args_bytes)
{
    hf__lock_init(&intake->lock);
    intake->ops_max = hf__intake_ops(queue_ops_max);
    for (uint32_t i = 0; i < 2; i++) {
        hf__intake_buffer *buffer = &intake->buffers[i];
        buffer->ops = hf__alloc_uncleared(env, intake->ops_max * sizeof *buffer->ops);
        buffer->arrived_ns = hf__alloc_uncleared(env, intake->ops_max * sizeof *buffer->arrived_ns);
        hf__arena_init(&buffer->args, hf__alloc_uncleared(env, args_bytes), args_bytes);
        if (buffer->ops == NULL || buffer->arrived_ns == NULL || buffer->args.memory == NULL)
            return HF_E_NOMEM;
    }
    return 0;
}

void hf__intake_fini(hf__intake *intake, hf_env *env)
{
    for (uint32_t i = 0; i < 2; i++) {
        hf__free(env, intake->buffers[i].ops);
        hf__free(env, intake->buffers[i].arrived_ns);
        hf__free(env, intake->buffers[i].args.memory);
    }
    hf__lock_fini(&intake->lock);
}

/* ---- Threads --------------------------------------------------------------------------------- */

int hf__intake_begin(hf__host *host, const hf__submission *entry, hf__intake_buffer **out,
                     hf__detail *detail)
{
    hf__intake *intake = &host->intake;
    const uint32_t count = entry->count;
    hf__lock_take(&intake->lock);
    hf__intake_buffer *buffer = &intake->buffers[intake->filling];
    int error = 0;
    if (intake->closed)
        error = HF_E_CLOSED;
    else if (count > intake->ops_max)
        error = hf__refuse(detail, HF_E_TOO_MANY,
                           "a chain of %u does not fit queue_ops_max; raise it", count);
    else if (count > host->queue.waiting_max)
        error = hf__refuse(detail, HF_E_TOO_MANY,
                           "a chain of %u does not fit completions_max; raise it", count);
    else if (!hf__share_fits(buffer->count, count, intake->ops_max, entry->begins))
        error = hf__refuse(detail, HF_E_OVERLOADED, "%u operations of other threads wait",
                           buffer->count);
    else if (entry->begins && !hf__limit_fits_guests(&host->limit, count))
        error = hf__refuse(detail, HF_E_OVERLOADED,
                           "the limit of new work of other threads under way is reached (admission "
                           "ADAPTIVE)");
    if (error != 0)
        hf__lock_give(&intake->lock);
    *out = buffer;
    return error;
}

void hf__intake_refused(hf__host *host, const hf__submission *entry)
{
    atomic_fetch_add(&host->intake.overloaded[entry->read ? HF__READS : HF__WRITES], 1);
}

int hf__intake_full(const hf__intake_buffer *buffer, const hf__submission *entry,
                    hf__detail *detail)
{
    if (buffer->count == 0)
        return hf__refuse(detail, HF_E_TOO_MANY,
                          "the arguments do not fit queue_bytes_max; raise it");
    return hf__refuse(detail, HF_E_OVERLOADED,
                      entry->begins ? "half of queue_bytes_max bytes of arguments of other threads "
                                      "wait; the rest is reserved for work that has begun"
                                    : "queue_bytes_max bytes of arguments of other threads wait");
}

void hf__intake_end(hf__host *host, uint32_t count, hf__intake_put put)
{
    hf__intake *intake = &host->intake;
    if (intake->put == NULL)
        intake->put = put;
    hf__intake_buffer *buffer = &intake->buffers[intake->filling];
    int64_t now_ns = hf__figures_now(host);
    for (uint32_t i = 0; i < count; i++)
        buffer->arrived_ns[buffer->count + i] = now_ns;
    hf__limit_arrived(&host->limit, &buffer->ops[buffer->count], count);
    buffer->count += count;
    if (count != 0 && !atomic_exchange(&intake->woken, true))
        (void)uv_async_send(&host->async);
    hf__lock_give(&intake->lock);
}

/* ---- The loop -------------------------------------------------------------------------------- */

static hf__intake_buffer *emptying(hf__intake *intake)
{
    return &intake->buffers[1 - intake->filling];
}

/* Swaps the buffers. False: the other one is empty as well. */
static bool swap(hf__intake *intake)
{
    hf__intake_buffer *empty = emptying(intake);
    empty->count = 0;
    empty->next = 0;
    hf__arena_reset(&empty->args, 0);
    hf__lock_take(&intake->lock);
    bool any = intake->buffers[intake->filling].count != 0;
    if (any)
        intake->filling = 1 - intake->filling;
    else
        atomic_store(&intake->woken, false);
    hf__lock_give(&intake->lock);
    return any;
}

/* How many operations stand together. */
static uint32_t chain_length(const hf__intake_buffer *buffer)
{
    uint32_t at = buffer->next;
    while ((buffer->ops[at].flags & HF_OP_LINKED) != 0)
        at++;
    return at + 1 - buffer->next;
}

/* Completes operations that reach no batch. What their completions point to is static. */
static void complete(hf__host *host, hf__intake_buffer *buffer, uint32_t count, int status)
{
    for (uint32_t i = 0; i < count; i++) {
        const hf_op *op = &buffer->ops[buffer->next];
        hf__task task = {.owner = NULL};
        host->figures.arrived_ns = buffer->arrived_ns[buffer->next++];
        hf__limit_left(&host->limit, op);
        const hf_completion done = {
            .user_data = op->user_data,
            .status = status,
            .type = op->type,
            .id = ((const hf_op_head *)op->args)->id,
            .detail = hf_error_text(status),
        };
        hf__figures_accepted(host, &task, 1);
        hf__figures_completed(host, &done, task.accepted_ns);
        host->figures.arrived_ns = 0;
        host->queue.waiting++;
        hf__completion_queue_push(&host->queue, &done, NULL);
    }
}

/* Passes on the next operation or chain. False: there is no capacity for it now. */
static bool pass_on(hf__host *host, hf__intake_buffer *buffer)
{
    const hf__refusal_note note = host->admission_note;
    uint32_t count = chain_length(buffer);
    host->figures.arrived_ns = buffer->arrived_ns[buffer->next];
    host->intake.passing = true;
    int error = host->intake.put(host, &buffer->ops[buffer->next], count);
    host->intake.passing = false;
    host->figures.arrived_ns = 0;
    if (error == 0) {
        hf__admission_passed(host);
        buffer->next += count;
        return true;
    }
    if (error == HF_E_OVERLOADED) /* no caller was refused */
        host->counts.overloaded[host->admission_note.what]--;
    host->admission_note = note;
    if (error == HF_E_OVERLOADED || count > host->queue.waiting_max - host->queue.waiting)
        return false;
    complete(host, buffer, count, error);
    return true;
}

void hf__intake_pump(hf__host *host)
{
    hf__intake *intake = &host->intake;
    if (!atomic_load(&intake->woken))
        return;
    do {
        hf__intake_buffer *buffer = emptying(intake);
        while (buffer->next < buffer->count)
            if (!pass_on(host, buffer))
                return;
    } while (swap(intake));
}

bool hf__intake_busy(const hf__host *host)
{
    return atomic_load(&host->intake.woken);
}

uint32_t hf__intake_count(hf__host *host)
{
    hf__intake *intake = &host->intake;
    hf__lock_take(&intake->lock);
    const hf__intake_buffer *buffer = emptying(intake);
    uint32_t count = intake->buffers[intake->filling].count + buffer->count - buffer->next;
    hf__lock_give(&intake->lock);
    return count;
}

/* ---- Closing --------------------------------------------------------------------------------- */

void hf__intake_close(hf__host *host)
{
    hf__lock_take(&host->intake.lock);
    host->intake.closed = true;
    hf__lock_give(&host->intake.lock);
}

void hf__intake_cancel(hf__host *host)
{
    if (!atomic_load(&host->intake.woken))
        return;
    do {
        hf__intake_buffer *buffer = emptying(&host->intake);
        complete(host, buffer, buffer->count - buffer->next, HF_E_CANCELLED);
    } while (swap(&host->intake));
}
