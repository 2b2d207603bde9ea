/*
 * lease.c - which shards this engine drives, and which transactions changed.
 *
 * On a store of its own the engine takes all leases with the first operation that writes a
 * transaction (task.c). An engine that never has to do with transactions writes nothing. On a
 * shared store the coordinator asks for leases, and renews them.
 *
 * Failure mode: when the commit fails, or the chain is rolled back, no lease was taken or released.
 */
#include "domain/txn/txn.h"
#include "engine/state.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int hf__lease_open(hf__engine *engine, const hf__engine_config *config)
{
    hf__holding *holding = &engine->holding;
    hf_name *name = &holding->node.name;
    holding->shared = (config->driver->capabilities & HF_STORE_SHARED) != 0;
    holding->lease_ms = config->lease_ms;
    hf__name_set(name, config->node_name);
    hf__name_set(&holding->node.address, config->node_address);
    hf__name_set(&holding->node.role, config->node_role);
    holding->named = !hf__name_empty(name);
    if (!holding->shared && !holding->named)
        return 0;
    uint64_t random;
    int error = engine->env->random(engine->env->random_source, &random, sizeof random);
    if (error != 0)
        return error;
    holding->node.incarnation = (random & INT64_MAX) | 1; /* as stores keep it */
    if (!holding->named)
        (void)snprintf(name->text, sizeof name->text, "engine-%016" PRIx64, random);
    return 0;
}

void hf__lease_held(hf__engine *engine, const hf__held *held)
{
    if (memcmp(&engine->holding.held, held, sizeof *held) == 0)
        return;
    engine->held_before = engine->holding.held;
    engine->holding.held = *held;
    engine->takes++;
}

/* At most one change lies between: a chain takes everything once, the others are not in chains. */
void hf__lease_back(hf__engine *engine, uint64_t takes)
{
    if (engine->takes == takes)
        return;
    engine->holding.held = engine->held_before;
    engine->takes = takes;
}

void hf__lease_publish(hf__engine *engine)
{
    if (engine->takes == engine->takes_known)
        return;
    uint32_t taken = 0;
    uint32_t released = 0;
    uint32_t held = 0;
    engine->takes_known = engine->takes;
    for (uint32_t i = 0; i < HF_SHARDS; i++) {
        uint64_t now = engine->holding.held.epochs[i];
        uint64_t before = atomic_exchange(&engine->known_epochs[i], now);
        taken += before == 0 && now != 0;
        released += before != 0 && now == 0;
        held += now != 0;
    }
    if (taken != 0 || released != 0)
        hf__log(engine->env, HF_LOG_INFO, "leases: %u shards taken, %u released or lost, %u held",
                taken, released, held);
}

void hf__lease_note_txn(hf__engine *engine, const hf__draft_row *row)
{
    const hf_txn *txn = row->row;
    hf__batch *batch = engine->group.batch;
    if (txn == NULL)
        return;
    hf__touched *touched = hf__cache_alloc_back(&batch->work, sizeof(*touched));
    if (touched == NULL) /* the index of due transactions finds it */
        return;
    *touched = (hf__touched){
        .txn = txn->id,
        .version = txn->version,
        .over = txn->due_ms == 0,
        .next = batch->touched,
    };
    batch->touched = touched;
}

uint64_t hf__engine_epoch(hf__engine *engine, uint32_t shard)
{
    return atomic_load(&engine->known_epochs[shard]);
}

bool hf__engine_is_shared(const hf__engine *engine)
{
    return engine->holding.shared;
}

bool hf__engine_is_named(const hf__engine *engine)
{
    return engine->holding.named;
}
