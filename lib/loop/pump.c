/*
 * pump.c - what the loop does for an engine in each of its turns.
 *
 *     submit ... submit | prepare: hand over -> storage thread -> async: take, hand the next batch
 *                                                                 over, then call back
 *
 * Happy path: what was submitted in one turn of the loop is handed to an idle thread as one batch
 * before the loop sleeps; while it runs the next one fills and is handed over when it is large
 * enough or the first one comes back, before its callbacks run, so that the disk never waits for
 * them.
 *
 * A read answered from snapshot S is delivered once no write batch up to S is undelivered: the
 * caller never learns of a change from a read before its own callback told it.
 *
 * After hf_clock_advance reads are not handed over before what became due has run and was told, so
 * that a read never shows the state of before.
 *
 * The idle handle is active while something waits to be handed over: then the loop, or a host that
 * polls its descriptor, does not sleep on it.
 */
#include "base/os.h"
#include "loop/host.h"

#define TIMER_MAX_MS 3600000 /* looked at again after an hour: clocks are set */
#define RETRY_MS     10      /* when a due batch changed nothing */
#define EARLY_TASKS  32u     /* fewer are decided in less time than a flush takes */

static void on_idle(uv_idle_t *idle)
{
    const hf__host *host = idle->data;
    if (!host->armed)
        (void)uv_idle_stop(idle);
}

void hf__arm(hf__host *host)
{
    if (host->armed || host->engine == NULL)
        return;
    host->armed = true;
    (void)uv_idle_start(&host->idle, on_idle);
}

/* What could not go on because completions kept memory is looked at again. */
void hf__pump_freed(hf__host *host)
{
    if (host->tick || hf__runtime_stuck(host->runtime) || host->admission.first != NULL ||
        hf__intake_busy(host))
        hf__arm(host);
}

bool hf__never_writes(const hf__host *host)
{
    int error = hf__engine_accepts(host->engine);
    return error == HF_E_POISONED || error == HF_E_READ_ONLY;
}

/* ---- Handing over ---------------------------------------------------------------------------- */

/*
 * Reads behind others wait for them when the read cache can answer all of them then, which takes
 * less time than a thread. Otherwise reads that are in flight all the time would never come back
 * from the threads to the cache.
 */
static bool reads_wait(const hf__host *host)
{
    const hf__lane *lane = &host->reads;
    if (host->catching_up || !hf__lane_waits(lane))
        return false;
    const bool first = lane->running == NULL && lane->finished == NULL;
    return first || !hf__engine_caches(host->engine, &lane->filling->batch);
}

/*
 * A deadline is due, and no batch of operations is under way or to be delivered. The engine does
 * what is due within such a batch; a batch of its own beside it would cost a flush.
 */
static bool tick_waits(const hf__host *host)
{
    const hf__lane *lane = &host->writes;
    return host->tick && hf__lane_idle(lane) && lane->finished == NULL &&
           (lane->running == NULL || lane->given == 0);
}

/* Also when nothing was submitted and a deadline is due. */
static bool writes_wait(const hf__host *host)
{
    return hf__lane_waits(&host->writes) || tick_waits(host);
}

static void hand_writes_over(hf__host *host)
{
    hf__block *block = hf__lane_filling(&host->writes); /* a tick may come before anything else */
    if (block == NULL)
        return;
    hf__engine_queue(host->engine, &block->batch);
    hf__lane_give(&host->writes);
    if (host->tick && host->catching_up)
        host->ticking = block;
    host->tick = false;
}

static void give_reads(hf__host *host)
{
    hf__engine_queue_read(host->engine, &host->reads.filling->batch);
    hf__lane_give(&host->reads);
}

/*
 * Reads that the read cache answers all of need no thread. Behind other reads they do: those may
 * show a commit that is not delivered yet, and later reads never show an older state.
 */
static void hand_reads_over(hf__host *host)
{
    const hf__lane *reads = &host->reads;
    const bool first = reads->running == NULL && reads->finished == NULL;
    if (!first || !hf__engine_answer(host->engine, &reads->filling->batch)) {
        give_reads(host);
        return;
    }
    hf__lane_pass(&host->reads);
    hf__lane_collect(&host->reads);
}

static void hand_both_over(hf__host *host)
{
    if (host->closing)
        return;
    if (writes_wait(host))
        hand_writes_over(host);
    if (reads_wait(host))
        hand_reads_over(host);
    if (host->threaded)
        return;
    hf__lane_collect(&host->writes);
    hf__lane_collect(&host->reads);
}

/* No thread of the lane has anything to do, and half of what callbacks may submit is there. */
static bool starves(const hf__lane *lane, uint32_t count)
{
    return lane->runner_count > 1 && lane->running == NULL && lane->filling != NULL &&
           count >= EARLY_TASKS && lane->filling->batch.count >= count / 2;
}

/*
 * When no thread has anything to do, half of what the callbacks submit need not wait for the rest.
 * Without a second thread it does wait: a store's own commit costs much, and one large one less.
 * Reads that the read cache can answer wait for the next turn of the pump, which answers them.
 */
void hf__pump_early(hf__host *host, const hf__batch *told)
{
    if (host->closing)
        return;
    if (starves(&host->writes, told->count))
        hand_writes_over(host);
    bool reads = told->is_read && !told->cached && !host->catching_up;
    if (reads && starves(&host->reads, told->count) &&
        !hf__engine_caches(host->engine, &host->reads.filling->batch))
        give_reads(host);
}

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
    for (hf__block *block = hf__lane_finished(&host->writes); block != NULL;
         block = hf__lane_finished(&host->writes)) {
        any = true;
        uint64_t number = block->batch.number;
        *again = block->batch.again;
        if (host->ticking == block)
            host->ticking = NULL;
        hf__engine_publish(host->engine, &block->batch);
        hf__deliver(host, block);
        *moved = *moved || number > host->delivered;
        if (number > host->delivered)
            host->delivered = number;
    }
    return any;
}

static bool may_be_told(const hf__host *host, const hf__block *block)
{
    bool outstanding = host->writes.running != NULL || host->writes.finished != NULL;
    return !outstanding || block->batch.number <= host->delivered;
}

static void deliver_reads(hf__host *host)
{
    while (host->reads.finished != NULL && may_be_told(host, host->reads.finished)) {
        hf__block *block = hf__lane_finished(&host->reads);
        /* Nothing is outstanding: whatever was committed up to this snapshot has been told. */
        if (block->batch.number > host->delivered)
            host->delivered = block->batch.number;
        hf__engine_keep_reads(host->engine, &block->batch);
        hf__deliver(host, block);
    }
}

/* ---- Deadlines ------------------------------------------------------------------------------- */

static void on_timer(uv_timer_t *timer)
{
    hf__host *host = timer->data;
    host->tick = true;
    hf__arm(host);
}

/* Asks for a batch at the next deadline. `moved`: the last batch was not in vain. */
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
    int64_t delay = wait <= 0 ? RETRY_MS : wait < TIMER_MAX_MS ? wait : TIMER_MAX_MS;
    uv_update_time(host->timer.loop);
    (void)uv_timer_start(&host->timer, on_timer, (uint64_t)delay, 0);
}

/* ---- Other threads --------------------------------------------------------------------------- */

/* Before a batch is handed over, so that it has them, and after, when there is room again. */
static void take_in(hf__host *host)
{
    if (!host->closing)
        hf__intake_pump(host);
}

/* ---- The pump -------------------------------------------------------------------------------- */

static void pump_once(hf__host *host)
{
    uint64_t queued = host->queue.end;
    bool moved;
    bool again;
    hf__lane_collect(&host->writes);
    hf__lane_collect(&host->reads);
    take_in(host);
    hand_both_over(host);
    take_in(host);
    if (!host->closing)
        hf__admission_pump(host); /* before callbacks fill the batch that was just begun */
    bool delivered = deliver_writes(host, &moved, &again);
    deliver_reads(host);
    hf__care_pump(host);
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
            hf__settle_note(host);
        /* What is still due cannot be done now (the store is degraded): reads go on. */
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
    if (writes_wait(host) || reads_wait(host))
        hf__arm(host);
    host->pumping = false;
    hf__inside_leave(&frame);
}

void hf__on_async(uv_async_t *async)
{
    hf__pump(async->data);
}

/* Callbacks so far. */
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
    /* After callbacks the loop must not sleep: what they did may be what it is run for. */
    if (!host->armed && called(host) == before && host->engine != NULL)
        (void)uv_idle_stop(&host->idle);
}

void hf__pump_start(hf__host *host)
{
    (void)uv_prepare_start(&host->prepare, on_prepare);
    schedule(host, true);
    hf__settle_note(host); /* what was read back from the journal */
    hf__arm(host);         /* the coordinator looks for what is due */
}
