/*
 * settle.c - an idle engine lets its store have everything, so that other tools see it there.
 *
 * Happy path: a batch starts the timer unless it runs; when it rings and nothing came since, the
 * engine is idle, and the store gets what is in the journal. Under load that never pauses it gets
 * it every few seconds. A batch itself costs one comparison.
 *
 * Failure mode: a store that cannot take it is asked again, more and more seldom, until it has.
 */
#include "loop/host.h"

#define IDLE_MS   50u   /* looked at twice before it is called idle: within 100 ms */
#define LATEST_MS 5000u /* under load */
#define TRIES_MAX 5u    /* after so many the wait grows no longer: 1.6 s */

static void on_timer(uv_timer_t *timer);

static void start(hf__host *host)
{
    hf__settling *settle = &host->settle;
    uint64_t wait = (uint64_t)IDLE_MS << (settle->tries < TRIES_MAX ? settle->tries : TRIES_MAX);
    settle->seen = host->delivered;
    (void)uv_timer_start(&settle->timer, on_timer, wait, 0);
}

static void on_timer(uv_timer_t *timer)
{
    hf__host *host = timer->data;
    hf__settling *settle = &host->settle;
    if (host->closing || host->engine == NULL)
        return;
    if (!hf__engine_settles(host->engine)) {
        settle->going = false;
        return;
    }
    bool idle = settle->seen == host->delivered && host->writes.running == NULL;
    bool late = uv_now(timer->loop) - settle->started >= LATEST_MS;
    if (idle || late) {
        hf__engine_settle(host->engine);
        settle->started = uv_now(timer->loop);
        settle->tries++;
    } else {
        settle->tries = 0;
    }
    start(host);
}

void hf__settle_note(hf__host *host)
{
    hf__settling *settle = &host->settle;
    if (settle->going || !hf__engine_settles(host->engine))
        return;
    settle->going = true;
    settle->tries = 0;
    settle->started = uv_now(settle->timer.loop);
    start(host);
}
