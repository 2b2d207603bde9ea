/*
 * run.c - runs the loop until one operation, the next completion, a verify or a close has ended.
 *
 * Happy path: a call from a callback is refused, the operation is submitted like all others with a
 * request of the engine's own, and its answer is kept as long as the caller may read it. A callback
 * may close the engine meanwhile: after each iteration it is looked up again, and what the caller
 * waits for is written into the caller's memory, never read from the engine's.
 *
 * Failure modes: HF_E_NESTED; everything accepted is answered, also when the engine closes.
 */
#include "loop/host.h"

#include <holdfast/run.h>

int hf__run_enter(hf_engine *engine, hf__host **out)
{
    int error = hf__host_enter(engine, out);
    if (error == 0 && hf__inside_of((*out)->async.loop))
        error = hf__refuse(&(*out)->detail, HF_E_NESTED,
                           "the loop runs already; in a callback, wait for a callback");
    return error;
}

static void turn(const hf__host *host)
{
    uv_loop_t *loop = host->async.loop;
    hf__inside frame;
    hf__inside_enter(&frame, loop);
    (void)uv_run(loop, UV_RUN_ONCE);
    hf__inside_leave(&frame);
}

void hf__run_until(hf_engine *engine, const bool *ended)
{
    hf__host *host;
    while (!*ended && hf__host_find(engine, &host) == 0)
        turn(host);
}

/* ---- One operation --------------------------------------------------------------------------- */

/* Releases what the last answer points to. */
static void release_view(hf__host *host)
{
    hf__batch_buffer *buffer = host->answer.buffer;
    host->answer.buffer = NULL;
    if (buffer == NULL)
        return;
    buffer->pins--;
    hf__completions_freed(host);
}

hf_req *hf__answer_expect(hf__host *host, hf_completion *out, bool *ended)
{
    release_view(host);
    host->answer.out = out;
    host->answer.ended = ended;
    host->answer.req.data = host;
    return &host->answer.req;
}

void hf__answer_take(hf_req *req, const hf_completion *done)
{
    hf__host *host = req->data;
    *host->answer.out = *done;
    *host->answer.ended = true;
    host->answer.fresh = true;
    host->answer.buffer = host->delivering;
    if (host->delivering != NULL)
        host->delivering->pins++;
}

void hf__answer_seen(hf_engine *engine)
{
    hf__host *host;
    if (hf__host_find(engine, &host) == 0)
        host->answer.fresh = false;
}

const char *hf__answer_refused(hf__host *host)
{
    host->answer.refused = host->detail;
    return host->answer.refused.text;
}

/* ---- The next completion --------------------------------------------------------------------- */

int hf_wait(hf_engine *engine, hf_completion *out, uint32_t max)
{
    hf__host *host;
    int error = hf__run_enter(engine, &host);
    if (error != 0)
        return error;
    int count = hf_completions(engine, out, max);
    while (count == 0 && max != 0 && (host->queue.waiting != 0 || hf__intake_busy(host))) {
        turn(host);
        count = hf_completions(engine, out, max);
    }
    return count;
}

/* ---- Verify ---------------------------------------------------------------------------------- */

/* What hf_run_verify waits for. */
typedef struct verdict {
    hf_verify_result *out;
    int status;
    bool ended;
} verdict;

static void on_verified(void *data, int status, const hf_verify_result *result)
{
    verdict *v = data;
    v->status = status;
    v->ended = true;
    if (status == 0)
        *v->out = *result;
}

int hf_run_verify(hf_engine *engine, hf_verify_result *out)
{
    hf__host *host;
    int error = hf__run_enter(engine, &host);
    if (error != 0)
        return error;
    error = hf__host_check_out(host, out, sizeof *out);
    if (error != 0)
        return error;
    verdict v = {.out = out, .status = HF_E_CLOSED};
    error = hf_verify(engine, NULL, on_verified, &v);
    if (error != 0)
        return error;
    hf__run_until(engine, &v.ended);
    return v.status;
}

/* ---- Close ----------------------------------------------------------------------------------- */

/* What hf_run_close waits for. */
typedef struct ending {
    int status;
    bool ended;
} ending;

static void on_closed(void *data, int status, const char *detail)
{
    ending *e = data;
    (void)detail;
    e->status = status;
    e->ended = true;
}

int hf_run_close(hf_engine *engine)
{
    hf__host *host;
    int error = hf__run_enter(engine, &host);
    if (error != 0)
        return error;
    ending e = {.status = 0};
    error = hf_engine_close(engine, on_closed, &e);
    if (error != 0)
        return error;
    hf__run_until(engine, &e.ended);
    return e.status;
}
