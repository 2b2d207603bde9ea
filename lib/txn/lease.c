/*
 * lease.c - which transactions this engine drives, and whether it may call just now.
 *
 * Happy path on a store of its own: before the first transaction is read the engine takes all
 * leases, and keeps them. On a shared store it takes leases when a participant or provider is
 * registered, and renews them at a third of their time.
 *
 * Failure modes: a renewal that fails is tried again soon; at two thirds of the time no participant
 * is called any more until a renewal has succeeded, so that no call is made under a lease that
 * another engine may take. The time is measured by a monotonic clock from before the renewal was
 * submitted, which also counts while the process sleeps. A shard that was lost is left to the
 * engine that has it.
 */
#include "txn/state.h"

static bool is_shared(const hf__runtime *runtime)
{
    return runtime->host.shared(runtime->host.context);
}

static int64_t uptime(const hf__runtime *runtime)
{
    return runtime->host.uptime(runtime->host.context);
}

uint64_t hf__lease_epoch(const hf__runtime *runtime, const hf_id *txn)
{
    return runtime->host.epoch(runtime->host.context, hf__txn_shard(txn));
}

bool hf__lease_holds(const hf__runtime *runtime, const hf_id *txn)
{
    return !runtime->lease.draining && hf__lease_epoch(runtime, txn) != 0;
}

bool hf__lease_calls(const hf__runtime *runtime, const hf_id *txn)
{
    return hf__lease_holds(runtime, txn) &&
           (!is_shared(runtime) || uptime(runtime) < runtime->lease.calls_up_ms);
}

bool hf__lease_known(const hf__runtime *runtime)
{
    return is_shared(runtime) || runtime->lease.draining ||
           runtime->host.epoch(runtime->host.context, 0) != 0;
}

/* ---- Asking ---------------------------------------------------------------------------------- */

/* True when the engine needs leases. */
static bool is_needed(const hf__runtime *runtime)
{
    const hf__lease_state *lease = &runtime->lease;
    bool named = runtime->host.named(runtime->host.context);
    if (is_shared(runtime))
        return named || runtime->callee_count != 0 || lease->asked;
    bool named_now = named && !lease->asked;
    bool waits = runtime->to_read.first != NULL && !hf__lease_known(runtime);
    return !lease->draining && (named_now || waits);
}

static bool is_due(const hf__runtime *runtime)
{
    const hf__lease_state *lease = &runtime->lease;
    return hf__txn_now(runtime) >= lease->next_ms || uptime(runtime) >= lease->next_up_ms;
}

static void next_after(hf__runtime *runtime, int64_t ms)
{
    runtime->lease.next_ms = hf__txn_now(runtime) + ms;
    runtime->lease.next_up_ms = uptime(runtime) + ms;
}

void hf__lease_step(hf__runtime *runtime)
{
    hf__lease_state *lease = &runtime->lease;
    if (lease->job.out || !is_needed(runtime) || !is_due(runtime))
        return;
    bool drives = runtime->callee_count != 0 && !lease->draining;
    const hf__txn_lease_args args = {
        .head = {.size = sizeof args, .actor = ""},
        .drives = drives ? 1 : 0,
    };
    const hf__txn_ask ask = {
        .type = HF_EVENT_LEASE, .args = &args.head, .bytes = sizeof args, .job = &lease->job};
    lease->asked_up_ms = uptime(runtime);
    lease->drives = drives;
    lease->job.out = runtime->host.submit(runtime->host.context, &ask) != NULL;
}

static uint64_t shards_held(const hf__runtime *runtime)
{
    uint64_t shards = 0;
    for (uint32_t i = 0; i < HF_SHARDS; i++)
        shards |= (uint64_t)(runtime->host.epoch(runtime->host.context, i) != 0) << i;
    return shards;
}

static void failed(hf__runtime *runtime, const hf_completion *done)
{
    if (runtime->lease.failed_status != done->status)
        hf__log(runtime->env, HF_LOG_WARN, "leases: %s: %s", hf_error_name(done->status),
                done->detail);
    runtime->lease.failed_status = done->status;
    next_after(runtime, HF__AGAIN_MS);
}

bool hf__lease_done(hf__runtime *runtime, const hf_completion *done)
{
    hf__lease_state *lease = &runtime->lease;
    if (done->status != 0) {
        failed(runtime, done);
        return false;
    }
    int64_t before_ms = lease->calls_up_ms;
    uint64_t shards = shards_held(runtime);
    lease->failed_status = 0;
    lease->asked = true;
    lease->calls_up_ms = lease->asked_up_ms + lease->lease_ms * 2 / 3;
    bool registered_since = !lease->drives && runtime->callee_count != 0 && !lease->draining;
    next_after(runtime, registered_since ? 0 : lease->lease_ms / 3);
    if ((shards & ~lease->shards) != 0 || uptime(runtime) >= before_ms)
        hf__scan_at(runtime, hf__txn_now(runtime)); /* for what could not be called, or is new */
    const uint64_t lost = lease->shards & ~shards;
    lease->shards = shards;
    return lost != 0;
}

bool hf__lease_refused(hf__runtime *runtime)
{
    /* The operation shows which shards were lost, and renews those that only expired. */
    runtime->lease.next_ms = 0;
    return is_shared(runtime);
}

void hf__lease_drain(hf__runtime *runtime)
{
    runtime->lease.draining = true;
}

int64_t hf__lease_due(const hf__runtime *runtime)
{
    const hf__lease_state *lease = &runtime->lease;
    if (lease->job.out || !is_needed(runtime))
        return 0;
    return lease->next_ms != 0 ? lease->next_ms : 1;
}
