/*
 * runtime.c - opening and closing, completions of internal operations, and the step.
 *
 * Happy path: pools are taken once; a step handles what is due, grants queued calls, scans for due
 * transactions, and submits writes and reads as far as there is capacity.
 */
#include "txn/state.h"

#define TICKETS_PER_ENTRY 2u
#define WAITERS_PER_ENTRY 4u

static int open_pools(hf__runtime *runtime, uint32_t txns_max)
{
    hf_env *env = runtime->env;
    runtime->entries_max = txns_max;
    runtime->tickets_max = txns_max * TICKETS_PER_ENTRY + HF_BRANCHES_MAX;
    runtime->waiters_max = txns_max * WAITERS_PER_ENTRY;
    /*
     * Not cleared, and used from the front, so that memory that is never needed is never touched.
     */
    runtime->entries = hf__alloc_uncleared(env, txns_max * sizeof *runtime->entries);
    runtime->tickets = hf__alloc_uncleared(env, runtime->tickets_max * sizeof *runtime->tickets);
    runtime->waiters = hf__alloc_uncleared(env, runtime->waiters_max * sizeof *runtime->waiters);
    if (runtime->entries == NULL || runtime->tickets == NULL || runtime->waiters == NULL)
        return HF_E_NOMEM;
    int error = hf__map_init(&runtime->by_id, env, txns_max);
    if (error == 0)
        error = hf__map_init(&runtime->waiters_by_txn, env, runtime->waiters_max);
    if (error == 0)
        error = hf__heap_init(&runtime->heap, env,
                              txns_max + runtime->tickets_max + runtime->waiters_max);
    return error;
}

int hf__runtime_open(hf_env *env, const hf__txn_host *host, const hf_options *options,
                     hf__runtime **out)
{
    hf__runtime *runtime = hf__alloc(env, sizeof *runtime);
    if (runtime == NULL)
        return HF_E_NOMEM;
    runtime->env = env;
    runtime->host = *host;
    (void)hf_histogram_init(&runtime->call_ns[0]);
    (void)hf_histogram_init(&runtime->call_ns[1]);
    runtime->scan.job.kind = HF__JOB_SCAN;
    runtime->lease.job.kind = HF__JOB_LEASE;
    runtime->lease.lease_ms = options->lease_ms;
    hf__scan_at(runtime, 1); /* what an earlier engine left */
    hf__cleanup_init(runtime, options->txn_keep_ms);
    int error = open_pools(runtime, options->txns_max);
    if (error == 0)
        error = env->random(env->random_source, &runtime->random, sizeof runtime->random);
    if (error != 0) {
        hf__runtime_close(runtime);
        return error;
    }
    *out = runtime;
    return 0;
}

void hf__runtime_close(hf__runtime *runtime)
{
    if (runtime == NULL)
        return;
    hf_env *env = runtime->env;
    hf__heap_fini(&runtime->heap, env);
    hf__map_fini(&runtime->waiters_by_txn, env);
    hf__map_fini(&runtime->by_id, env);
    hf__free(env, runtime->waiters);
    hf__free(env, runtime->tickets);
    hf__free(env, runtime->entries);
    hf__free(env, runtime);
}

void hf__runtime_done(hf__runtime *runtime, hf__txn_job *job, const hf_completion *done)
{
    job->out = false;
    if (runtime->ended)
        return;
    switch (job->kind) {
    case HF__JOB_READ:
        hf__driver_read(runtime, job->entry, done);
        break;
    case HF__JOB_WRITE:
        hf__driver_written(runtime, job->entry, done);
        break;
    case HF__JOB_PAYMENT:
        hf__driver_payment(runtime, job->entry, done);
        break;
    case HF__JOB_SCAN:
        hf__scan_page(runtime, done);
        break;
    case HF__JOB_LEASE:
        if (hf__lease_done(runtime, done))
            hf__active_txns_lost(runtime);
        break;
    case HF__JOB_CLEANUP:
        hf__cleanup_done(runtime, done);
        break;
    }
}

void hf__runtime_noted(hf__runtime *runtime, const hf__touched *touched)
{
    if (runtime->ended)
        return;
    hf__active_txn *entry = hf__active_txn_find(runtime, &touched->txn);
    bool idle = touched->over || runtime->callee_count == 0;
    if (entry == NULL && idle && !hf__waiters_have(runtime, &touched->txn))
        return;
    if (entry == NULL)
        entry = hf__active_txn_of(runtime, &touched->txn);
    if (entry == NULL) {
        hf__scan_at(runtime, hf__txn_now(runtime));
        hf__waiters_look(runtime, &touched->txn);
        return;
    }
    if (entry->view != NULL && entry->view->txn->version >= touched->version)
        return;
    entry->view = NULL;
    hf__active_txn_queue_read(runtime, entry);
}

void hf__runtime_batch_begin(hf__runtime *runtime)
{
    hf__txn_clock_read(runtime);
}

void hf__runtime_batch_end(hf__runtime *runtime)
{
    hf__txn_clock_look(runtime);
    while (runtime->viewed != NULL) {
        hf__active_txn *entry = runtime->viewed;
        const hf_txn_view *view = entry->view;
        runtime->viewed = entry->next_viewed;
        entry->view = NULL;
        entry->is_viewed = false;
        bool busy = entry->to_read || entry->read.out || entry->write.out || entry->payment.out;
        if (view != NULL && !busy && !runtime->ended)
            hf__driver_see(runtime, entry, view);
        else
            hf__active_txn_queue_read(runtime, entry);
    }
}

static void on_entry(hf__runtime *runtime, hf__timed *due)
{
    hf__active_txn_queue_read(runtime, (hf__active_txn *)(void *)due);
}

static void on_ticket(hf__runtime *runtime, hf__timed *due)
{
    hf__call_timed_out(runtime, (hf__ticket *)(void *)due);
}

static void on_waiter(hf__runtime *runtime, hf__timed *due)
{
    hf__waiter_timed_out(runtime, (hf__waiter *)(void *)due);
}

static void (*const fires[])(hf__runtime *, hf__timed *) = {
    [HF__TIMED_ENTRY] = on_entry,
    [HF__TIMED_TICKET] = on_ticket,
    [HF__TIMED_WAITER] = on_waiter,
};

/* The callback of a caller may close the engine. */
static bool is_closing(const hf__runtime *runtime)
{
    return runtime->ended || runtime->host.closing(runtime->host.context);
}

static void fire(hf__runtime *runtime)
{
    int64_t now = hf__txn_now(runtime);
    for (hf__timed *due = hf__heap_first(&runtime->heap);
         due != NULL && due->at_ms <= now && !is_closing(runtime);
         due = hf__heap_first(&runtime->heap)) {
        hf__heap_clear(&runtime->heap, due);
        fires[due->kind](runtime, due);
    }
}

void hf__runtime_step(hf__runtime *runtime)
{
    if (runtime->ended)
        return;
    hf__txn_clock_read(runtime);
    fire(runtime);
    if (is_closing(runtime))
        return;
    hf__lease_step(runtime);
    hf__call_queue_turn(runtime);
    hf__scan_step(runtime);
    hf__waiters_step(runtime);
    hf__driver_step(runtime);
    hf__cleanup_step(runtime);
}

bool hf__runtime_stuck(const hf__runtime *runtime)
{
    return !runtime->ended &&
           (runtime->to_read.first != NULL || runtime->to_write.first != NULL ||
            (runtime->scan.going && !runtime->scan.job.out) || runtime->waiting != 0);
}

uint64_t hf__runtime_calls(const hf__runtime *runtime)
{
    return runtime->calls;
}

static void earlier(int64_t *due, int64_t at_ms)
{
    if (at_ms != 0 && (*due == 0 || at_ms < *due))
        *due = at_ms;
}

int64_t hf__runtime_due(const hf__runtime *runtime)
{
    int64_t due = 0;
    if (runtime->ended)
        return 0;
    const hf__timed *first = hf__heap_first(&runtime->heap);
    earlier(&due, first == NULL ? 0 : first->at_ms);
    earlier(&due, hf__call_queue_due(runtime));
    earlier(&due, hf__cleanup_due(runtime));
    if (!runtime->scan.going) /* without a participant or provider there is nothing to scan for */
        earlier(&due, runtime->callee_count == 0 ? 0 : runtime->scan.next_ms);
    else if (!runtime->scan.job.out)
        earlier(&due, runtime->scan.again_ms);
    earlier(&due, hf__lease_due(runtime));
    return due;
}
