/*
 * pump.c - what the loop does for an engine in each of its iterations.
 *
 *     submit ... submit | prepare: hand over -> storage thread -> async: take, hand the next batch
 *                                                                 over, then call back
 *
 * Happy path: the operations submitted in one iteration of the loop are handed to an idle thread as
 * one batch before the loop sleeps. While that batch runs the next one fills. It is handed over
 * when it is large enough or the first one has ended, before the callbacks of the first one run, so
 * that the disk never waits for callbacks.
 *
 * A read answered from snapshot S is delivered once no write batch up to S is undelivered: a read
 * never shows a change before the callback of that change.
 *
 * After hf_clock_advance reads are not handed over before the due deadlines were handled and their
 * callbacks ran, so that a read never shows an earlier state.
 *
 * The idle handle is active while something waits to be handed over: then the loop, or a host that
 * polls its descriptor, does not sleep on it.
 */
#include "base/os.h"
#include "loop/host.h"

#define TIMER_MAX_MS 3600000 /* looked at again after an hour: clocks are set */
#define RETRY_MS     10      /* when a due batch changed nothing */

/* ---- Delivering ------------------------------------------------------------------------------ */

/*
 * True when there was something to deliver; *moved when a batch changed something; *again when the
 * last of them left something that the engine can do at once, although it may have changed nothing.
 */
static bool deliver_writes(hf__host *host, bool *moved, bool *again)
{
    bool any = false;
    *moved = false;
    *again = false;
    for (hf__batch_buffer *buffer = hf__request_queue_finished(&host->writes); buffer != NULL;
         buffer = hf__request_queue_finished(&host->writes)) {
        any = true;
        uint64_t number = buffer->batch.number;
        *again = buffer->batch.again;
        if (host->ticking == buffer)
            host->ticking = NULL;
        hf__engine_publish(host->engine, &buffer->batch);
        hf__deliver(host, buffer);
        *moved = *moved || number > host->delivered;
        if (number > host->delivered)
            host->delivered = number;
    }
    return any;
}

/* The read cache has only what was published. */
static bool may_be_delivered(const hf__host *host, const hf__batch_buffer *buffer)
{
    if (buffer->batch.cached)
        return true;
    bool outstanding = host->writes.running != NULL || host->writes.finished != NULL;
    return !outstanding || buffer->batch.number <= host->delivered;
}

static void deliver_reads(hf__host *host)
{
    while (host->reads.finished != NULL && may_be_delivered(host, host->reads.finished)) {
        hf__batch_buffer *buffer = hf__request_queue_finished(&host->reads);
        /* No write is outstanding: every commit up to this snapshot was delivered. */
        if (buffer->batch.number > host->delivered)
            host->delivered = buffer->batch.number;
        hf__engine_keep_reads(host->engine, &buffer->batch);
        hf__deliver(host, buffer);
    }
}

/*
 * Delivers the reads that the read cache has just answered: their results are in the cache until a
 * batch is published.
 */
static void deliver_cached(hf__host *host)
{
    const hf__batch_buffer *buffer = host->reads.finished;
    if (buffer != NULL && buffer->batch.cached)
        deliver_reads(host);
}

/* ---- Deadlines ------------------------------------------------------------------------------- */

static void on_timer(uv_timer_t *timer)
{
    hf__host *host = timer->data;
    host->tick = true;
    hf__arm(host);
}

/* Schedules a batch at the next deadline. `moved`: the last batch changed something. */
static void schedule(hf__host *host, bool moved)
{
    int64_t due = hf__engine_next_due(host->engine);
    bool never = due == 0 || hf__never_writes(host);
    int64_t wait = never ? -1 : due - hf__engine_now(host->engine);
    if ((wait > 0 || !moved) && host->is_virtual)
        never = true; /* only hf_clock_advance moves that clock, and it looks again */
    if (never) {
        (void)uv_timer_stop(&host->timer);
        return;
    }
    if (wait <= 0 && moved) {
        host->tick = true;
        hf__arm(host);
        return;
    }
    int64_t delay = wait <= 0 ? RETRY_MS : wait;
    delay = delay < TIMER_MAX_MS ? delay : TIMER_MAX_MS;
    uv_update_time(host->timer.loop);
    (void)uv_timer_start(&host->timer, on_timer, (uint64_t)delay, 0);
}

/* ---- Other threads --------------------------------------------------------------------------- */

/* Before a batch is handed over, so that it has these operations, and after, when there is capacity
   again. */
static void take_in(hf__host *host)
{
    if (!host->closing && hf__admission_is_due(host))
        hf__admission_pump(host);
    if (!host->closing)
        hf__intake_pump(host);
}

/* ---- The pump -------------------------------------------------------------------------------- */

static void pump_once(hf__host *host)
{
    uint64_t queued = host->queue.end;
    bool moved;
    bool again;
    hf__request_queue_collect(&host->writes);
    hf__request_queue_collect(&host->reads);
    take_in(host);
    hf__hand_over(host);
    deliver_cached(host);
    take_in(host);
    if (!host->closing)
        hf__admission_pump(host); /* before callbacks fill the batch that was just begun */
    bool delivered = deliver_writes(host, &moved, &again);
    deliver_reads(host);
    hf__maintenance_pump(host);
    hf__status_pump(host);
    if (!host->closing) {
        hf__subscriptions_pump(host);
        if (hf__never_writes(host))
            hf__runtime_end(host->runtime); /* nothing it does would be kept */
        hf__runtime_step(host->runtime);
        hf__txns_schedule(host);
        hf__admission_pump(host);
        take_in(host);
    }
    if (host->closing)
        hf__close_step(host);
    else if (delivered) {
        schedule(host, moved || again);
        if (moved)
            hf__idle_checkpoint_note(host);
        /* Deadlines that are still due cannot be handled now (the store is degraded): reads
           continue. */
        host->catching_up = host->catching_up && (host->tick || host->ticking != NULL);
    }
    if (host->queue.fd >= 0 && host->queue.end != queued)
        hf__os_signal_raise(host->queue.fd);
}

void hf__pump(hf__host *host)
{
    /* A callback that runs the loop must not deliver the batch it is called from once more. */
    if (host->pumping || host->engine == NULL)
        return;
    hf__inside frame;
    hf__inside_enter(&frame, host->async.loop);
    host->pumping = true;
    host->armed = false;
    pump_once(host);
    if (hf__to_hand_over(host))
        hf__arm(host);
    host->pumping = false;
    hf__inside_leave(&frame);
}

void hf__on_async(uv_async_t *async)
{
    hf__pump(async->data);
}

/* The number of callbacks so far. */
static uint64_t called(const hf__host *host)
{
    return host->counts.completed + hf__runtime_calls(host->runtime);
}

static void on_prepare(uv_prepare_t *prepare)
{
    hf__host *host = prepare->data;
    if (!host->armed)
        return;
    host->turns++;
    uint64_t before = called(host);
    hf__pump(host);
    /*
     * After callbacks the loop must not sleep: the host may run the loop only until one of them was
     * called.
     */
    if (!host->armed && called(host) == before && host->engine != NULL)
        (void)uv_idle_stop(&host->idle);
}

void hf__pump_start(hf__host *host)
{
    (void)uv_prepare_start(&host->prepare, on_prepare);
    schedule(host, true);
    hf__idle_checkpoint_note(host); /* changes that were replayed from the journal */
    hf__arm(host);                  /* the coordinator looks for what is due */
}
