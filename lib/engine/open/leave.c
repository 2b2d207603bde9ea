/*
 * leave.c - releases what the engine has taken before it closes: its leases and its node's row.
 *
 * Failure mode: a commit that fails, and an engine that accepts no writes. What it has expires.
 */
#include "domain/txn/txn.h"
#include "engine/open/open.h"
#include <holdfast/error.h>

#define LEAVE_ARENA_BYTES (1u << 20)

static bool has_something(const hf__engine *engine)
{
    const hf__held *held = &engine->holding.held;
    uint64_t any = held->listed;
    for (uint32_t i = 0; engine->holding.shared && i < HF_SHARDS; i++)
        any |= held->epochs[i];
    return any != 0;
}

void hf__engine_leave(hf__engine *engine)
{
    hf__batch batch = {0};
    const hf__txn_lease_args args = {.head = {.size = sizeof args}, .leaves = 1};
    const hf_name no_actor = {{0}};
    const hf__operation op = {.type = HF_EVENT_LEASE, .args = &args.head, .actor = &no_actor};
    int accepts = hf__engine_accepts(engine);
    if (!has_something(engine) || accepts == HF_E_POISONED || accepts == HF_E_CLOCK ||
        accepts == HF_E_READ_ONLY ||
        hf__batch_init(&batch, engine->env, 1, 16, LEAVE_ARENA_BYTES) != 0)
        return; /* what it has expires */
    (void)hf__clock_batch(&engine->clock);
    (void)hf__own_commit(engine, &batch, &op);
    hf__batch_fini(&batch, engine->env);
}
