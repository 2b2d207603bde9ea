/*
 * lease.c - which transactions this engine drives, and whether it may call just now.
 *
 * Happy path on a store of its own: before the first transaction is read all leases are taken, once
 * and for ever. On a shared store they are asked for when somebody is registered, and renewed at a
 * third of their time.
 *
 * Failure modes: a renewal that fails is tried again soon; at two thirds of the time nobody is
 * called any more until one has succeeded, so that nothing is asked for under a lease that others
 * may take. It is measured by a clock that nobody sets, from before the renewal was asked for. A
 * process that slept sees the same when it wakes. A shard that was lost is left to who has it.
 */
#include "txn/state.h"

static bool is_shared(const hf__runtime *runtime)
{
    return runtime->door.shared(runtime->door.context);
}

static int64_t uptime(const hf__runtime *runtime)
{
    return runtime->door.uptime(runtime->door.context);
}

uint64_t hf__lease_epoch(const hf__runtime *runtime, const hf_id *txn)
{
    return runtime->door.epoch(runtime->door.context, hf__txn_shard(txn));
}

bool hf__lease_holds(const hf__runtime *runtime, const hf_id *txn)
{
    return !runtime->tenure.draining && hf__lease_epoch(runtime, txn) != 0;
}

bool hf__lease_calls(const hf__runtime *runtime, const hf_id *txn)
{
    return hf__lease_holds(runtime, txn) &&
           (!is_shared(runtime) || uptime(runtime) < runtime->tenure.calls_up_ms);
}

bool hf__lease_known(const hf__runtime *runtime)
{
    return is_shared(runtime) || runtime->tenure.draining ||
           runtime->door.epoch(runtime->door.context, 0) != 0;
}

/* ---- Asking ---------------------------------------------------------------------------------- */

/* Whether there is anything to ask for at all. */
static bool is_wanted(const hf__runtime *runtime)
{
    const hf__tenure *tenure = &runtime->tenure;
    bool named = runtime->door.named(runtime->door.context);
    if (is_shared(runtime))
        return named || runtime->party_count != 0 || tenure->asked;
    bool named_now = named && !tenure->asked;
    bool waits = runtime->to_read.first != NULL && !hf__lease_known(runtime);
    return !tenure->draining && (named_now || waits);
}

static bool is_due(const hf__runtime *runtime)
{
    const hf__tenure *tenure = &runtime->tenure;
    return hf__txn_now(runtime) >= tenure->next_ms || uptime(runtime) >= tenure->next_up_ms;
}

static void next_after(hf__runtime *runtime, int64_t ms)
{
    runtime->tenure.next_ms = hf__txn_now(runtime) + ms;
    runtime->tenure.next_up_ms = uptime(runtime) + ms;
}

void hf__lease_step(hf__runtime *runtime)
{
    hf__tenure *tenure = &runtime->tenure;
    if (tenure->job.out || !is_wanted(runtime) || !is_due(runtime))
        return;
    bool drives = runtime->party_count != 0 && !tenure->draining;
    const hf__txn_lease_args args = {
        .head = {.size = sizeof args, .actor = ""},
        .drives = drives ? 1 : 0,
    };
    const hf__txn_ask ask = {
        .type = HF_EVENT_LEASE, .args = &args.head, .bytes = sizeof args, .job = &tenure->job};
    tenure->asked_up_ms = uptime(runtime);
    tenure->drives = drives;
    tenure->job.out = runtime->door.submit(runtime->door.context, &ask) != NULL;
}

static uint64_t shards_held(const hf__runtime *runtime)
{
    uint64_t shards = 0;
    for (uint32_t i = 0; i < HF_SHARDS; i++)
        shards |= (uint64_t)(runtime->door.epoch(runtime->door.context, i) != 0) << i;
    return shards;
}

static void failed(hf__runtime *runtime, const hf_completion *done)
{
    if (runtime->tenure.told != done->status)
        hf__log(runtime->env, HF_LOG_WARN, "leases: %s: %s", hf_error_name(done->status),
                done->detail);
    runtime->tenure.told = done->status;
    next_after(runtime, HF__AGAIN_MS);
}

void hf__lease_done(hf__runtime *runtime, const hf_completion *done)
{
    hf__tenure *tenure = &runtime->tenure;
    if (done->status != 0) {
        failed(runtime, done);
        return;
    }
    int64_t before_ms = tenure->calls_up_ms;
    uint64_t shards = shards_held(runtime);
    tenure->told = 0;
    tenure->asked = true;
    tenure->calls_up_ms = tenure->asked_up_ms + tenure->lease_ms * 2 / 3;
    bool registered_since = !tenure->drives && runtime->party_count != 0 && !tenure->draining;
    next_after(runtime, registered_since ? 0 : tenure->lease_ms / 3);
    if ((shards & ~tenure->shards) != 0 || uptime(runtime) >= before_ms)
        hf__scan_at(runtime, hf__txn_now(runtime)); /* for what could not be called, or is new */
    if ((tenure->shards & ~shards) != 0)
        hf__entries_lost(runtime);
    tenure->shards = shards;
}

void hf__lease_refused(hf__runtime *runtime)
{
    if (is_shared(runtime)) /* what is lost shows, what only expired is renewed */
        runtime->tenure.next_ms = 0;
    else
        hf__runtime_end(runtime); /* another engine drives everything now */
}

void hf__runtime_drain(hf__runtime *runtime)
{
    runtime->tenure.draining = true;
    hf__entries_lost(runtime);
}

int64_t hf__lease_due(const hf__runtime *runtime)
{
    const hf__tenure *tenure = &runtime->tenure;
    if (tenure->job.out || !is_wanted(runtime))
        return 0;
    return tenure->next_ms != 0 ? tenure->next_ms : 1;
}
