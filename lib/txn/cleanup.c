/*
 * cleanup.c - removes ended transactions, hf_options.txn_keep_ms after their end.
 *
 * Why: a coordinator whose tables only grow gets slower without any limit. Orders, holds and events
 * are the host's books and stay until hf_retention; a transaction that has ended is not needed any
 * more, and its id stays refused.
 *
 * Happy path: once an hour a pass removes what is old enough, one page in each batch, until the
 * core reports that nothing is left. A pass that finds nothing writes nothing.
 *
 * Failure modes: a page that fails is asked for again later. An engine without a participant or
 * provider removes nothing: it may be a tool that only reads.
 */
#include "txn/state.h"

#include <holdfast/engine.h>

#define EVERY_MS 3600000 /* from the end of a pass to the next */
#define AGAIN_MS 60000   /* after a page that failed */
#define PAGE     64u     /* records looked at in a batch */

static bool is_on(const hf__runtime *runtime)
{
    return runtime->cleanup.keep_ms != 0 && runtime->callee_count != 0;
}

void hf__cleanup_init(hf__runtime *runtime, int64_t keep_ms)
{
    runtime->cleanup.job.kind = HF__JOB_CLEANUP;
    runtime->cleanup.keep_ms = keep_ms;
}

int64_t hf__cleanup_due(const hf__runtime *runtime)
{
    if (is_on(runtime) && !runtime->cleanup.job.out)
        return runtime->cleanup.next_ms;
    return 0;
}

void hf__cleanup_step(hf__runtime *runtime)
{
    hf__cleanup *cleanup = &runtime->cleanup;
    int64_t now = hf__txn_now(runtime);
    if (!is_on(runtime) || cleanup->job.out)
        return;
    if (cleanup->next_ms == 0) /* the first pass can wait as well */
        cleanup->next_ms = now + AGAIN_MS;
    if (cleanup->next_ms > now)
        return;
    if (cleanup->before_ms == 0)
        cleanup->before_ms = now - cleanup->keep_ms;
    const hf_retention_args args = {
        /* of the engine's own: ended transactions alone */
        .head = {.size = sizeof args, .actor = ""},
        .before_ms = cleanup->before_ms,
        .limit = PAGE,
    };
    const hf__txn_ask ask = {
        .type = HF_OP_RETENTION,
        .args = &args.head,
        .bytes = sizeof args,
        .job = &cleanup->job,
    };
    cleanup->job.out = runtime->host.submit(runtime->host.context, &ask) != NULL;
}

void hf__cleanup_done(hf__runtime *runtime, const hf_completion *done)
{
    hf__cleanup *cleanup = &runtime->cleanup;
    int64_t now = hf__txn_now(runtime);
    bool more = done->status == 0 && ((const hf_retention_result *)done->result)->more != 0;
    if (done->status == 0 && !more)
        cleanup->before_ms = 0;
    cleanup->next_ms = now;
    if (!more)
        cleanup->next_ms += done->status == 0 ? EVERY_MS : AGAIN_MS;
    runtime->host.wake(runtime->host.context);
}
