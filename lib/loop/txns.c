/*
 * txns.c - the host operations of the coordinator: it submits operations, sends calls to the
 * completion queue and sets a timer.
 *
 * The coordinator's operations use the same request queues as the host's. They have a job and no
 * callback.
 *
 * Failure mode: no capacity; the coordinator tries again in the next iteration.
 */
#include "loop/host.h"

#include <string.h>

#define TIMER_MAX_MS 3600000 /* looked at again after an hour: clocks are set */
#define RETRY_MS     10      /* when what is due found no capacity */

static bool accepts(hf__host *host, bool read)
{
    if (host->closing)
        return false;
    return read || !hf__never_writes(host);
}

static void *submit(void *context, const hf__txn_ask *ask)
{
    hf__host *host = context;
    hf__request_queue *requests = ask->read ? &host->reads : &host->writes;
    hf__batch_buffer *buffer =
        accepts(host, ask->read) ? hf__request_queue_filling(requests) : NULL;
    if (buffer == NULL || buffer->own_count == requests->reserve ||
        buffer->batch.count == buffer->batch.capacity)
        return NULL;
    hf_op_head *args = hf__arena_copy(&buffer->own, ask->args, ask->bytes);
    if (args == NULL)
        return NULL;
    hf__task *task = hf__host_task(&buffer->batch, 0, &(hf__route){.req = NULL});
    task->op.type = ask->type;
    task->op.own = true;
    task->op.args = args;
    task->owner = ask->job;
    buffer->batch.count++;
    buffer->own_count++;
    if (hf__request_queue_waits(requests))
        hf__arm(host);
    return args;
}

/* A call lives in the memory of the batch that it was made from, until it has been taken. */
static bool queue_call(void *context, const hf_call *call, uint64_t user_data)
{
    hf__host *host = context;
    hf__batch_buffer *buffer = host->delivering;
    if (buffer == NULL || host->queue.calls >= HF__CALLS)
        return false;
    hf__arena *work = &buffer->batch.work;
    hf_call *copy = hf__arena_copy(work, call, sizeof *call);
    const char *unit = hf__arena_copy(work, call->unit, strlen(call->unit) + 1);
    const char *reference = hf__arena_copy(work, call->reference, strlen(call->reference) + 1);
    if (copy == NULL || unit == NULL || reference == NULL)
        return false;
    copy->unit = unit;
    copy->reference = reference;
    host->queue.calls++;
    const hf_completion done = {
        .user_data = user_data,
        .type = HF_OP_CALL,
        .id = call->txn,
        .result = copy,
        .detail = "",
        .at_ms = hf__engine_now(host->engine),
    };
    hf__completion_queue_push(&host->queue, &done, buffer);
    return true;
}

static void complete(void *context, const hf__txn_caller *caller, const hf_completion *done)
{
    hf__host *host = context;
    hf__figures_completed(host, done, caller->accepted_ns);
    if (caller->req == NULL) {
        hf__completion_queue_push(&host->queue, done, host->delivering);
        return;
    }
    hf__req_free(caller->req);
    caller->cb(caller->req, done);
}

static void wake(void *context)
{
    hf__arm(context);
}

static int64_t now(void *context)
{
    return hf__engine_now(((const hf__host *)context)->engine);
}

static int64_t uptime(void *context)
{
    return hf__engine_uptime(((const hf__host *)context)->engine);
}

static int64_t steady_ns(void *context)
{
    return hf__figures_now(context);
}

static uint64_t epoch(void *context, uint32_t shard)
{
    return hf__engine_epoch(((const hf__host *)context)->engine, shard);
}

static bool shared(void *context)
{
    return hf__engine_is_shared(((const hf__host *)context)->engine);
}

static bool named(void *context)
{
    return hf__engine_is_named(((const hf__host *)context)->engine);
}

static bool closing(void *context)
{
    return ((const hf__host *)context)->closing;
}

int hf__txns_open(hf__host *host, const hf_options *options)
{
    const hf__txn_host operations = {
        .context = host,
        .submit = submit,
        .queue = queue_call,
        .complete = complete,
        .wake = wake,
        .now = now,
        .uptime = uptime,
        .steady_ns = steady_ns,
        .epoch = epoch,
        .shared = shared,
        .named = named,
        .closing = closing,
    };
    return hf__runtime_open(&host->env, &operations, options, &host->runtime);
}

hf__runtime *hf__host_runtime(hf__host *host)
{
    return host->runtime;
}

void hf__txns_on_timer(uv_timer_t *timer)
{
    hf__host *host = timer->data;
    host->calls_due_ms = 0;
    hf__arm(host);
}

void hf__txns_schedule(hf__host *host)
{
    int64_t due = hf__runtime_due(host->runtime);
    if (due == 0 || host->is_virtual) { /* only hf_clock_advance moves that clock */
        host->calls_due_ms = 0;
        (void)uv_timer_stop(&host->calls_timer);
        return;
    }
    if (due == host->calls_due_ms)
        return;
    int64_t wait = due - hf__engine_now(host->engine);
    int64_t delay = wait <= 0 ? RETRY_MS : wait;
    delay = delay < TIMER_MAX_MS ? delay : TIMER_MAX_MS;
    host->calls_due_ms = due;
    uv_update_time(host->calls_timer.loop);
    (void)uv_timer_start(&host->calls_timer, hf__txns_on_timer, (uint64_t)delay, 0);
}
