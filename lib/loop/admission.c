/*
 * admission.c - requests that wait until operations are accepted again after HF_E_OVERLOADED.
 *
 * Each refusal notes what was full. A request waits for that alone: a batch for writes or for
 * reads, the completion queue, or the transactions under way. The pump checks the requests in the
 * order in which they came, and calls back those that can be accepted now.
 *
 * A callback may submit, so what was free for the request before may be full for the next one: it
 * stays. Requests that come meanwhile are looked at by the next run of the pump.
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

/*
 * Whether what was refused may be accepted now. Arguments of unknown size did not fit into
 * note->free bytes, so more must be free; and half, because with a few bytes more they would be
 * refused again.
 */
static bool requests_accept(hf__request_queue *requests, const hf__refusal_note *note)
{
    const hf__batch_buffer *buffer = hf__request_queue_filling(requests);
    if (buffer == NULL)
        return false;
    const hf__arena *args = &buffer->batch.args;
    bool more = args->capacity - args->used > note->free;
    bool half = hf__share_fits(args->used, args->capacity / 2, args->capacity, note->begins);
    return (!note->by_bytes || (more && half)) &&
           hf__batch_buffer_fits(requests, buffer, note->count, note->begins);
}

static bool is_full(hf__host *host, const hf__refusal_note *note)
{
    switch (note->what) {
    case HF__FULL_WRITES:
        return !requests_accept(&host->writes, note) ||
               (note->begins && !hf__limit_fits(&host->limit, note->count));
    case HF__FULL_READS:
        return !requests_accept(&host->reads, note);
    case HF__FULL_COMPLETIONS:
        return !hf__completion_queue_fits(&host->queue, note->count, note->begins);
    case HF__FULL_TXNS:
        return !hf__runtime_has_room(host->runtime, note->count);
    case HF__FULL_NOTHING:
        break;
    }
    return false;
}

static void put_last(hf__admission *admission, hf_req *req)
{
    req->opaque[WORD_NEXT] = 0;
    if (admission->last != NULL)
        admission->last->opaque[WORD_NEXT] = (uint64_t)(uintptr_t)req;
    else
        admission->first = req;
    admission->last = req;
}

static hf_req *take_first(hf__admission *admission)
{
    hf_req *req = admission->first;
    admission->first = (hf_req *)(uintptr_t)req->opaque[WORD_NEXT];
    if (admission->first == NULL)
        admission->last = NULL;
    return req;
}

static void call(hf_req *req, int status)
{
    hf_done_cb cb;
    memcpy(&cb, &req->opaque[WORD_CALL], sizeof cb);
    const hf_completion done = {.status = status, .type = HF_OP_NONE, .detail = ""};
    hf__req_free(req);
    cb(req, &done);
}

void hf__admission_pump(hf__host *host)
{
    hf__admission *admission = &host->admission;
    hf__admission looked = *admission;
    *admission = (hf__admission){.first = NULL};
    hf__admission kept = {.first = NULL};
    while (looked.first != NULL) {
        hf_req *req = take_first(&looked);
        const hf__refusal_note note = note_of(req);
        if (is_full(host, &note))
            put_last(&kept, req);
        else
            call(req, 0);
    }
    if (kept.first == NULL)
        return;
    kept.last->opaque[WORD_NEXT] = (uint64_t)(uintptr_t)admission->first;
    if (admission->first == NULL)
        admission->last = kept.last;
    admission->first = kept.first;
}

void hf__admission_end(hf__host *host)
{
    while (host->admission.first != NULL)
        call(take_first(&host->admission), HF_E_CANCELLED);
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
    put_last(&host->admission, req);
    hf__arm(host);
    return 0;
}
