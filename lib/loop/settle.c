/*
 * settle.c - an idle engine lets its store have everything, so that other tools see it there.
 *
 * Happy path: a batch starts the timer unless it runs; when it rings and nothing came since, the
 * engine is idle, and the store gets what is in the journal. Under load that never pauses it gets
 * it every few seconds. A batch itself costs one comparison.
 */
#include "loop/host.h"

#define IDLE_MS   50u   /* looked at twice before it is called idle: within 100 ms */
#define LATEST_MS 5000u /* under load */

static void on_timer(uv_timer_t *timer);

static void start(hf__host *host)
{
    host->settle.seen = host->delivered;
    (void)uv_timer_start(&host->settle.timer, on_timer, IDLE_MS, 0);
}

static void on_timer(uv_timer_t *timer)
{
    hf__host *host = timer->data;
    if (host->closing || host->engine == NULL)
        return;
    bool idle = host->settle.seen == host->delivered && host->writes.running == NULL;
    bool late = uv_now(timer->loop) - host->settle.started >= LATEST_MS;
    if (!idle && !late) {
        start(host);
        return;
    }
    host->settle.going = false;
    hf__engine_settle(host->engine);
}

void hf__settle_note(hf__host *host)
{
    if (host->settle.going || !hf__engine_settles(host->engine))
        return;
    host->settle.going = true;
    host->settle.started = uv_now(host->settle.timer.loop);
    start(host);
}
