/*
 * admission.c - requests that wait until operations are accepted again after HF_E_OVERLOADED.
 *
 * Each refusal notes what was full. A request waits for that alone: a batch for writes or for
 * reads, the completion queue, or the transactions under way. The pump checks the requests in the
 * order in which they came, and calls back those that can be accepted now.
 *
 * What a request waits for is reserved: other submissions are accepted only when they fit beside
 * all requests that wait, and a request is called back only when it fits beside those before it. So
 * the capacity for a chain accumulates, however fast others submit. Work that is not new may also
 * use what is reserved for requests for new work. The callback of a request may use all that is not
 * reserved for the requests before it; then the next ones stay. Requests that arrive meanwhile are
 * checked by the next run of the pump.
 *
 * Operations that other threads have submitted are accepted already, so they need not wait for the
 * requests, but they must not always precede them either. So both alternate: after the intake has
 * passed on operations, it leaves the reserved capacity to the requests until one of them has been
 * called.
 *
 * Failure mode: the engine closes; all requests complete with HF_E_CANCELLED.
 */
#include "loop/host.h"

#include <string.h>

/* What a waiting request has in its opaque words. */
enum { WORD_BUSY, WORD_NEXT, WORD_CALL, WORD_NOTE };

_Static_assert(sizeof(hf_req *) == sizeof(uint64_t) && sizeof(hf_done_cb) == sizeof(uint64_t),
               "pointers fit the words of a request");
_Static_assert(WORD_NOTE * sizeof(uint64_t) + sizeof(hf__refusal_note) <= sizeof(hf_req) - 8,
               "the note fits the words of a request");

static hf__refusal_note note_of(const hf_req *req)
{
    hf__refusal_note note;
    memcpy(&note, &req->opaque[WORD_NOTE], sizeof note);
    return note;
}

void hf__admission_passed(hf__host *host)
{
    hf__admission *admission = &host->admission;
    for (uint32_t i = 0; i < HF__FULL_COUNT; i++)
        admission->due[i] = admission->all[i][0] + admission->all[i][1] != 0;
}

bool hf__admission_is_due(const hf__host *host)
{
    bool any = false;
    for (uint32_t i = 0; i < HF__FULL_COUNT; i++)
        any = any || host->admission.due[i];
    return any;
}

static hf__admission_request request_of(const hf__host *host, const hf__refusal_note *note)
{
    return (hf__admission_request){
        .reserved = hf__admission_reserved(host, note->what, note->begins),
        .count = note->count,
        .begins = note->begins,
    };
}

/*
 * Whether what was refused may be accepted now. Arguments of unknown size did not fit into
 * note->free bytes, so more must be free. Half of the buffer must be free as well, because with a
 * few bytes more they would be refused again.
 */
static bool requests_accept(hf__request_queue *requests, const hf__refusal_note *note,
                            const hf__admission_request *request)
{
    const hf__batch_buffer *buffer = hf__request_queue_filling(requests);
    if (buffer == NULL)
        return false;
    const hf__arena *args = &buffer->batch.args;
    bool more = args->capacity - args->used > note->free;
    bool half = hf__share_fits(args->used, args->capacity / 2, args->capacity, note->begins);
    return (!note->by_bytes || (more && half)) && hf__batch_buffer_fits(requests, buffer, request);
}

static bool is_full(hf__host *host, const hf__refusal_note *note)
{
    const hf__admission_request request = request_of(host, note);
    switch (note->what) {
    case HF__FULL_WRITES:
        return !requests_accept(&host->writes, note, &request) ||
               (note->begins && !hf__limit_fits(&host->limit, request.reserved, note->count));
    case HF__FULL_READS:
        return !requests_accept(&host->reads, note, &request);
    case HF__FULL_COMPLETIONS:
        return !hf__completion_queue_fits(&host->queue, &request);
    case HF__FULL_TXNS:
        return !hf__runtime_has_capacity(host->runtime, note->count + request.reserved);
    case HF__FULL_NOTHING:
        break;
    }
    return false;
}

static void put_last(hf__waiting *waiting, hf_req *req)
{
    req->opaque[WORD_NEXT] = 0;
    if (waiting->last != NULL)
        waiting->last->opaque[WORD_NEXT] = (uint64_t)(uintptr_t)req;
    else
        waiting->first = req;
    waiting->last = req;
}

static hf_req *take_first(hf__waiting *waiting)
{
    hf_req *req = waiting->first;
    waiting->first = (hf_req *)(uintptr_t)req->opaque[WORD_NEXT];
    if (waiting->first == NULL)
        waiting->last = NULL;
    return req;
}

/* The capacity that was reserved for the request is free before its callback runs. */
static void call(hf__host *host, hf_req *req, int status)
{
    hf_done_cb cb;
    const hf__refusal_note note = note_of(req);
    memcpy(&cb, &req->opaque[WORD_CALL], sizeof cb);
    const hf_completion done = {.status = status, .type = HF_OP_NONE, .detail = ""};
    host->admission.all[note.what][note.begins] -= note.count;
    host->admission.due[note.what] = false;
    hf__req_free(req);
    cb(req, &done);
}

static void keep(hf__admission *admission, hf__waiting *kept, hf_req *req)
{
    const hf__refusal_note note = note_of(req);
    admission->ahead[note.what][note.begins] += note.count;
    put_last(kept, req);
}

void hf__admission_pump(hf__host *host)
{
    hf__admission *admission = &host->admission;
    hf__waiting *waiting = &admission->waiting;
    hf__waiting looked = *waiting;
    *waiting = (hf__waiting){.first = NULL};
    hf__waiting kept = {.first = NULL};
    memset(&admission->ahead, 0, sizeof admission->ahead);
    admission->calling = true;
    while (looked.first != NULL) {
        hf_req *req = take_first(&looked);
        const hf__refusal_note note = note_of(req);
        if (is_full(host, &note))
            keep(admission, &kept, req);
        else
            call(host, req, 0);
    }
    admission->calling = false;
    if (kept.first == NULL)
        return;
    kept.last->opaque[WORD_NEXT] = (uint64_t)(uintptr_t)waiting->first;
    if (waiting->first == NULL)
        waiting->last = kept.last;
    waiting->first = kept.first;
}

void hf__admission_end(hf__host *host)
{
    while (host->admission.waiting.first != NULL)
        call(host, take_first(&host->admission.waiting), HF_E_CANCELLED);
}

int hf_admission_wait(hf_engine *engine, hf_req *req, hf_done_cb cb)
{
    hf__host *host;
    int error = hf__host_enter_open(engine, &host);
    if (error != 0)
        return error;
    if (req == NULL || cb == NULL)
        return hf__refuse(&host->detail, HF_E_ARGUMENT, "%s: is NULL", req == NULL ? "req" : "cb");
    if (hf__req_busy(req))
        return hf__refuse(&host->detail, HF_E_REQ_BUSY,
                          "req: its callback has not been called yet");
    hf__req_pin(req);
    memcpy(&req->opaque[WORD_CALL], &cb, sizeof cb);
    memcpy(&req->opaque[WORD_NOTE], &host->admission_note, sizeof host->admission_note);
    host->admission.all[host->admission_note.what][host->admission_note.begins] +=
        host->admission_note.count;
    put_last(&host->admission.waiting, req);
    hf__arm(host);
    return 0;
}
