/*
 * disk.c - asks how much is free on the disk of the store without waiting for the disk.
 *
 * Happy path: hf_health and hf_metrics return what is known. When that is a second old at such a
 * call, or when a write batch is handed over, a thread of libuv's pool asks the file system. With
 * `threads` 0 the loop's thread asks it.
 *
 * Failure modes: a file system that does not answer. The last answer stays valid, no caller and no
 * batch waits, and no other thread asks meanwhile. Closing the engine waits for the answer, but not
 * for a question that no thread of the pool has begun.
 */
#include "loop/host.h"

static void ask(uv_work_t *work)
{
    const hf__host *host = work->data;
    hf__engine_look_at_disk(host->engine);
}

/* The status is UV_ECANCELED for a question that was cancelled. */
static void on_asked(uv_work_t *work, int status)
{
    hf__host *host = work->data;
    (void)status;
    host->disk.asks = false;
    if (host->closing)
        hf__arm(host);
}

void hf__disk_ask(hf__host *host)
{
    if (host->disk.asks || host->closing || !hf__engine_disk_is_due(host->engine))
        return;
    if (!host->threaded) {
        hf__engine_look_at_disk(host->engine);
        return;
    }
    host->disk.work.data = host;
    host->disk.asks = uv_queue_work(host->async.loop, &host->disk.work, ask, on_asked) == 0;
}

void hf__disk_cancel(hf__host *host)
{
    if (host->disk.asks)
        (void)uv_cancel((uv_req_t *)&host->disk.work); /* UV_EBUSY: a thread has begun it */
}
