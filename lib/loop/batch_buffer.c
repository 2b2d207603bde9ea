/*
 * batch_buffer.c - the memory of batches: four buffers of each request queue are allocated at open,
 * and more when completions that the host has not released keep some of them from being used.
 *
 * Happy path: a free buffer is emptied and filled from its start. Four buffers are enough while no
 * completion points into one that has been delivered: one is filled, two run, one is delivered.
 *
 * The result of hf_run and the completions that hf_completions has not handed out, or handed out
 * last, point into the buffer they came from. Such a buffer is not emptied. When no other buffer is
 * free, another buffer is made, up to HF__BATCH_BUFFERS_MAX. After that the next batch uses the
 * memory behind what completions point to, as long as half of the buffer is left; while the batch
 * has no operation, it moves into a whole buffer as soon as one is free. Buffers are freed when the
 * engine closes.
 *
 * Batches of reads that have run may wait for a write to be delivered. The last buffer that is free
 * of those allocated at open is therefore not handed to a thread while others wait: it takes the
 * reads that come meanwhile, see hand_over.c.
 *
 * Failure mode: no buffer is free and none can be made; admission answers HF_E_OVERLOADED until one
 * is free.
 */
#include "loop/host.h"

/* Bytes of a coordinator's operation with some answers, and of one with the most answers. */
#define OWN_BYTES     512u
#define OWN_BYTES_MIN 16384u

static void free_buffer(hf__batch_buffer *buffer, hf_env *env)
{
    if (buffer->whole.tasks != NULL)
        hf__batch_fini(&buffer->whole, env);
    hf__free(env, buffer->own.memory);
    hf__free(env, buffer);
}

/* Allocates one more buffer; NULL: no memory, or there are HF__BATCH_BUFFERS_MAX. */
static hf__batch_buffer *add_buffer(hf__request_queue *requests)
{
    const hf__request_queue_sizes *sizes = &requests->sizes;
    size_t own = (size_t)requests->reserve * OWN_BYTES + OWN_BYTES_MIN;
    if (requests->buffer_count == HF__BATCH_BUFFERS_MAX)
        return NULL;
    hf__batch_buffer *buffer = hf__alloc(requests->env, sizeof *buffer);
    if (buffer == NULL)
        return NULL;
    int error = hf__batch_init(&buffer->whole, requests->env, sizes->operations + requests->reserve,
                               sizes->args_bytes, sizes->work_bytes);
    if (error == 0)
        hf__arena_init(&buffer->own, hf__alloc_uncleared(requests->env, own), own);
    if (buffer->own.memory == NULL) {
        free_buffer(buffer, requests->env);
        return NULL;
    }
    requests->buffers[requests->buffer_count++] = buffer;
    return buffer;
}

int hf__request_queue_init(hf__request_queue *requests, hf_env *env,
                           const hf__request_queue_sizes *sizes, uint32_t reserve)
{
    requests->env = env;
    requests->sizes = *sizes;
    requests->reserve = reserve;
    for (uint32_t i = 0; i < HF__BATCH_BUFFERS; i++)
        if (add_buffer(requests) == NULL)
            return HF_E_NOMEM;
    return 0;
}

void hf__request_queue_fini(hf__request_queue *requests, hf_env *env)
{
    for (uint32_t i = 0; i < requests->buffer_count; i++)
        free_buffer(requests->buffers[i], env);
    requests->buffer_count = 0;
}

static bool half_left(size_t used, size_t capacity)
{
    return used <= capacity / 2;
}

/* Completions point into the buffer, and a batch still fits behind what they point to. */
static bool has_half(const hf__batch_buffer *buffer)
{
    const hf__batch *whole = &buffer->whole;
    return half_left(whole->args.used, whole->args.capacity) &&
           half_left(whole->work.used, whole->work.capacity);
}

static hf__batch_buffer *unused_buffer(const hf__request_queue *requests)
{
    for (uint32_t i = 0; i < requests->buffer_count; i++)
        if (!requests->buffers[i]->busy && requests->buffers[i]->pins == 0)
            return requests->buffers[i];
    return NULL;
}

static hf__batch_buffer *half_used_buffer(const hf__request_queue *requests)
{
    for (uint32_t i = 0; i < requests->buffer_count; i++)
        if (!requests->buffers[i]->busy && has_half(requests->buffers[i]))
            return requests->buffers[i];
    return NULL;
}

/* Batches that are filled, run or delivered never need more buffers than there were at open. */
static bool completions_pin_one(const hf__request_queue *requests)
{
    for (uint32_t i = 0; i < requests->buffer_count; i++)
        if (requests->buffers[i]->pins != 0)
            return true;
    return false;
}

bool hf__request_queue_has_next(const hf__request_queue *requests)
{
    const bool may_add =
        requests->buffer_count < HF__BATCH_BUFFERS_MAX && completions_pin_one(requests);
    return may_add || unused_buffer(requests) != NULL || half_used_buffer(requests) != NULL;
}

static void init_behind(hf__arena *part, const hf__arena *whole)
{
    hf__arena_init(part, whole->memory + whole->used, whole->capacity - whole->used);
}

/* Completions are copies that point into the arenas only, so all tasks can be used again. */
static void open_buffer(hf__batch_buffer *buffer)
{
    hf__batch *whole = &buffer->whole;
    if (buffer->pins == 0)
        hf__batch_reset(whole);
    buffer->batch = *whole;
    buffer->batch.count = 0;
    init_behind(&buffer->batch.args, &whole->args);
    init_behind(&buffer->batch.work, &whole->work);
    buffer->batch.work_capacity = buffer->batch.work.capacity;
    buffer->batch.number = 0;
    buffer->batch.ticket = 0;
    buffer->batch.begun_ns = 0;
    buffer->batch.cached = false;
    hf__arena_reset(&buffer->own, 0);
    buffer->own_count = 0;
    buffer->busy = true;
}

/*
 * Leaves a buffer whose batch is empty and has only a part of the memory, when a whole buffer is
 * free by now.
 */
static void leave_part(hf__request_queue *requests)
{
    hf__batch_buffer *buffer = requests->filling;
    bool part = buffer->batch.args.memory != buffer->whole.args.memory;
    if (!part || buffer->batch.count != 0)
        return;
    buffer->busy = false;
    requests->filling = NULL;
}

hf__batch_buffer *hf__request_queue_filling(hf__request_queue *requests)
{
    if (requests->filling != NULL)
        leave_part(requests);
    if (requests->filling != NULL)
        return requests->filling;
    hf__batch_buffer *buffer = unused_buffer(requests);
    if (buffer == NULL && completions_pin_one(requests))
        buffer = add_buffer(requests);
    if (buffer == NULL)
        buffer = half_used_buffer(requests);
    if (buffer != NULL)
        open_buffer(buffer);
    requests->filling = buffer;
    return buffer;
}

/*
 * What lies in front stays as long as completions point into it. The run takes memory from both
 * ends of the work arena; what it took at the back lies behind the batch's own capacity, so the
 * next batch must end before it.
 */
void hf__batch_buffer_retire(hf__batch_buffer *buffer)
{
    hf__batch *whole = &buffer->whole;
    const hf__batch *part = &buffer->batch;
    buffer->busy = false;
    if (buffer->pins == 0)
        return;
    whole->args.used += part->args.used;
    whole->work.used += part->work.used;
    whole->work.capacity = whole->work.capacity - (part->work_capacity - part->work.capacity);
}
