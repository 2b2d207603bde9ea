/*
 * admit.c - accepts operations: capacity, pinning, counting. No waiting, no allocation, no system
 * call.
 *
 * Failure modes: full is HF_E_OVERLOADED and changes nothing; what could never fit is
 * HF_E_TOO_MANY and names the option to raise; a store that cannot write is an error at once.
 */
#include "loop/host.h"

#include <stdio.h>
#include <string.h>

#define BUSY 0x686f6c6466617374u /* in the first word of a pinned request */

_Static_assert(sizeof(hf_done_cb) == sizeof(void *), "a callback fits hf__task.call");

bool hf__req_busy(const hf_req *req)
{
    return req->opaque[0] == BUSY;
}

void hf__req_pin(hf_req *req)
{
    req->opaque[0] = BUSY;
}

void hf__req_free(hf_req *req)
{
    req->opaque[0] = 0;
}

uint64_t hf__admission_reserved(const hf__host *host, hf__full what, bool begins)
{
    const hf__admission *admission = &host->admission;
    const hf__reserved *of = admission->calling ? &admission->ahead : &admission->all;
    if (host->intake.passing && !admission->due[what])
        return 0;
    return (*of)[what][0] + (begins ? (*of)[what][1] : 0);
}

static int overloaded(hf__host *host, hf__refusal_note note, const char *text)
{
    const uint64_t reserved = hf__admission_reserved(host, note.what, note.begins);
    host->counts.overloaded[note.what]++;
    host->admission_note = note;
    return hf__refuse(&host->detail, HF_E_OVERLOADED, "%s%s", text,
                      reserved == 0 ? "" : ", or is left to requests of hf_admission_wait");
}

hf__submission hf__submission_of(const hf_op *ops, uint32_t count, bool queued)
{
    hf__submission entry = {
        .count = count, .read = hf__engine_reads(ops[0].type), .queued = queued};
    for (uint32_t i = 0; i < count; i++)
        entry.begins = entry.begins || hf__begins(ops[i].type);
    return entry;
}

bool hf__completion_queue_fits(const hf__completion_queue *queue,
                               const hf__admission_request *request)
{
    return hf__share_fits(queue->waiting + request->reserved, request->count, queue->waiting_max,
                          request->begins);
}

static hf__admission_request request_of(const hf__host *host, hf__full what,
                                        const hf__submission *entry)
{
    return (hf__admission_request){
        .reserved = hf__admission_reserved(host, what, entry->begins),
        .count = entry->count,
        .begins = entry->begins,
    };
}

static int check_count(hf__host *host, const hf__submission *entry)
{
    const uint32_t count = entry->count;
    if (count > host->queue_ops_max)
        return hf__refuse(&host->detail, HF_E_TOO_MANY,
                          "a chain of %u does not fit queue_ops_max; raise it", count);
    if (entry->queued && count > host->queue.waiting_max)
        return hf__refuse(&host->detail, HF_E_TOO_MANY,
                          "a chain of %u does not fit completions_max; raise it", count);
    const hf__admission_request request = request_of(host, HF__FULL_COMPLETIONS, entry);
    if (entry->queued && !hf__completion_queue_fits(&host->queue, &request))
        return overloaded(
            host,
            (hf__refusal_note){
                .what = HF__FULL_COMPLETIONS, .count = count, .begins = entry->begins},
            entry->begins ? "half of completions_max completions wait for "
                            "hf_completions; the rest is reserved for work that has begun"
                          : "completions_max completions wait for hf_completions");
    return 0;
}

bool hf__batch_buffer_fits(const hf__request_queue *requests, const hf__batch_buffer *buffer,
                           const hf__admission_request *request)
{
    const uint64_t used = buffer->batch.count - buffer->own_count + request->reserved;
    return hf__share_fits(used, request->count, requests->sizes.operations, request->begins);
}

/*
 * Refuses work that a store cannot do. The detail has the reason, and when a repeated call may
 * succeed.
 */
static int check_store(hf__host *host)
{
    int error = hf__engine_accepts(host->engine);
    if (error == 0)
        return 0;
    char *text = host->detail.text;
    hf__engine_cause(host->engine, text, sizeof host->detail.text);
    const size_t used = strlen(text);
    if (error == HF_E_DEGRADED)
        (void)snprintf(text + used, sizeof host->detail.text - used, "; try again in a second");
    return error;
}

int hf__host_admit(hf__host *host, const hf__submission *entry, hf__batch **out)
{
    if (host->closing)
        return HF_E_CLOSED;
    int error = entry->read ? 0 : check_store(host);
    if (error == 0)
        error = check_count(host, entry);
    if (error != 0)
        return error;
    const hf__refusal_note note = {.what = entry->read ? HF__FULL_READS : HF__FULL_WRITES,
                                   .count = entry->count,
                                   .begins = entry->begins};
    hf__request_queue *requests = entry->read ? &host->reads : &host->writes;
    hf__batch_buffer *buffer = hf__request_queue_filling(requests);
    if (buffer == NULL)
        return overloaded(host, note, "every batch is in use; take the completions");
    const hf__admission_request request = request_of(host, note.what, entry);
    if (!hf__batch_buffer_fits(requests, buffer, &request))
        return overloaded(host, note,
                          entry->begins ? "half of queue_ops_max operations wait; the rest is "
                                          "reserved for work that has begun"
                                        : "queue_ops_max operations wait");
    if (entry->begins && !hf__limit_fits(&host->limit, request.reserved, entry->count))
        return overloaded(host, note,
                          "the limit of new work under way is reached (admission ADAPTIVE)");
    *out = &buffer->batch;
    return 0;
}

int hf__host_full(hf__host *host, const hf__batch *batch, size_t mark)
{
    const hf__batch_buffer *buffer = (const hf__batch_buffer *)(const void *)batch;
    bool empty = mark == 0 && buffer->whole.args.used == 0;
    const hf__refusal_note note = {
        .what = buffer == host->reads.filling ? HF__FULL_READS : HF__FULL_WRITES,
        .by_bytes = true,
        .free = batch->args.capacity - mark,
    };
    if (!empty)
        return overloaded(host, note, "queue_bytes_max bytes of arguments wait");
    return hf__refuse(&host->detail, HF_E_TOO_MANY,
                      "the arguments do not fit queue_bytes_max; raise it");
}

int hf__host_reserve(hf__host *host, const hf__task *task)
{
    const uint64_t reserved = hf__admission_reserved(host, HF__FULL_TXNS, true);
    int error = hf__runtime_admits(host->runtime, task->op.type, task->op.args, reserved);
    if (error == HF_E_DRAINING)
        return hf__refuse(&host->detail, error, "this engine was drained; use another one");
    const hf__refusal_note note = {
        .what = HF__FULL_TXNS,
        .count = hf__runtime_begins(task->op.type, task->op.args),
    };
    if (error != 0)
        return overloaded(host, note, "txns_max transactions are under way");
    hf__runtime_reserve(host->runtime, task->op.type, task->op.args);
    return 0;
}

int hf__host_refused(hf__host *host, const hf_op *ops, uint32_t count)
{
    hf__refusal_note *note = &host->admission_note;
    note->begins = hf__submission_of(ops, count, false).begins;
    if (note->begins && note->by_bytes)
        (void)hf__refuse(
            &host->detail, HF_E_OVERLOADED,
            "half of queue_bytes_max bytes of arguments wait; the rest is reserved for "
            "work that has begun");
    if (note->what != HF__FULL_TXNS) {
        note->count = count;
        return HF_E_OVERLOADED;
    }
    note->count = 0;
    for (uint32_t i = 0; i < count; i++)
        note->count += hf__runtime_begins(ops[i].type, ops[i].args);
    if (note->count <= hf__runtime_most(host->runtime))
        return HF_E_OVERLOADED;
    host->counts.overloaded[note->what]--;
    note->what = HF__FULL_NOTHING;
    return hf__refuse(&host->detail, HF_E_TOO_MANY,
                      "%u transactions at once do not fit txns_max; raise it", note->count);
}

void hf__host_unreserve(hf__host *host, const hf__task *task)
{
    hf__runtime_arrived(host->runtime, task->op.type, task->op.args);
}

hf__task *hf__host_task(hf__batch *batch, uint32_t ahead, const hf__route *route)
{
    hf__task *task = &batch->tasks[batch->count + ahead];
    memset(task, 0, sizeof *task);
    task->op.actor = &task->actor;
    task->done.user_data = route->user_data;
    task->done.detail = "";
    task->owner = route->req;
    memcpy(&task->call, &route->cb, sizeof route->cb);
    return task;
}

void hf__host_accept(hf__host *host, hf__batch *batch, bool read, uint32_t count)
{
    hf__task *tasks = &batch->tasks[batch->count];
    hf_req *req = tasks->owner;
    batch->count += count;
    for (uint32_t i = 0; i < count; i++)
        tasks[i].outlives = req == NULL || req == &host->answer.req;
    hf__figures_accepted(host, tasks, count);
    hf__limit_accepted(&host->limit, tasks, count, host->intake.passing);
    if (req == NULL)
        host->queue.waiting += count;
    else
        hf__req_pin(req);
    if (hf__request_queue_waits(read ? &host->reads : &host->writes))
        hf__arm(host);
}

void hf__host_id(hf__host *host, hf_id *out)
{
    hf__id_next(&host->ids, hf__engine_now(host->engine), out);
}

int hf_id_make(hf_engine *engine, hf_id *out)
{
    hf__host *host;
    int error = hf__host_enter_open(engine, &host);
    if (error != 0)
        return error;
    if (out == NULL)
        return hf__refuse(&host->detail, HF_E_ARGUMENT, "out: is NULL");
    hf__host_id(host, out);
    return 0;
}
