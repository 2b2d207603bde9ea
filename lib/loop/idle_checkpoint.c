/*
 * idle_checkpoint.c - requests a checkpoint when the engine is idle, so that other tools see all
 * changes in the store.
 *
 * Happy path: a batch starts the timer unless it runs. When the timer fires and no batch was
 * delivered since, the engine is idle, and a checkpoint is requested. Under load that never pauses
 * one is requested every few seconds. A batch itself costs one comparison.
 *
 * Failure mode: a checkpoint that fails is requested again, at growing intervals, until one
 * succeeds.
 */
#include "loop/host.h"

#define IDLE_MS   50u   /* an engine is idle after two periods without a batch: within 100 ms */
#define LATEST_MS 5000u /* under load */
#define TRIES_MAX 5u    /* after so many the wait grows no longer: 1.6 s */

static void on_timer(uv_timer_t *timer);

static void start(hf__host *host)
{
    hf__idle_checkpoint *idle = &host->idle_checkpoint;
    uint64_t wait = (uint64_t)IDLE_MS << (idle->tries < TRIES_MAX ? idle->tries : TRIES_MAX);
    idle->seen = host->delivered;
    (void)uv_timer_start(&idle->timer, on_timer, wait, 0);
}

static void on_timer(uv_timer_t *timer)
{
    hf__host *host = timer->data;
    hf__idle_checkpoint *idle = &host->idle_checkpoint;
    if (host->closing || host->engine == NULL)
        return;
    if (!hf__engine_needs_checkpoint(host->engine)) {
        idle->going = false;
        return;
    }
    bool is_idle = idle->seen == host->delivered && host->writes.running == NULL;
    bool late = uv_now(timer->loop) - idle->started >= LATEST_MS;
    if (is_idle || late) {
        hf__engine_request_checkpoint(host->engine);
        idle->started = uv_now(timer->loop);
        idle->tries++;
    } else {
        idle->tries = 0;
    }
    start(host);
}

void hf__idle_checkpoint_note(hf__host *host)
{
    hf__idle_checkpoint *idle = &host->idle_checkpoint;
    if (idle->going || !hf__engine_needs_checkpoint(host->engine))
        return;
    idle->going = true;
    idle->tries = 0;
    idle->started = uv_now(idle->timer.loop);
    start(host);
}
