/*
 * lease.c - which shards this engine drives, and which transactions changed.
 *
 * Happy path on a store of its own: the first operation that writes a transaction finds that the
 * engine has no lease; it takes them all in the same group, just before it, and decides again. An
 * engine that never has to do with transactions writes nothing. On a shared store the coordinator
 * asks for leases, and renews them.
 *
 * Failure mode: when the commit fails, or the chain is rolled back, no lease was taken or released.
 */
#include "domain/txn/txn.h"
#include "engine/state.h"
#include <holdfast/error.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LEAVE_ARENA_BYTES (1u << 20)

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

static int change(hf__engine *engine, const hf__txn_lease_args *args, hf__arena *work)
{
    hf_name no_actor = {{0}};
    hf__operation op = {.type = HF_EVENT_LEASE, .args = &args->head, .actor = &no_actor};
    int error = hf__task_decide(engine, &op, work);
    return error != 0 ? error : hf__task_apply(engine);
}

int hf__lease_decide(hf__engine *engine, const hf__operation *op, hf__arena *work)
{
    int status = hf__task_decide(engine, op, work);
    if (status != HF__LEASE)
        return status;
    const hf__txn_lease_args all = {.head = {.size = sizeof all}, .drives = 1};
    status = change(engine, &all, work);
    return status != 0 ? status : hf__task_decide(engine, op, work);
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
    int accepts = hf__engine_accepts(engine);
    if (!has_something(engine) || accepts == HF_E_POISONED || accepts == HF_E_CLOCK ||
        accepts == HF_E_READ_ONLY ||
        hf__batch_init(&batch, engine->env, 1, 16, LEAVE_ARENA_BYTES) != 0)
        return; /* what it has expires */
    (void)hf__clock_batch(&engine->clock);
    if (hf__group_begin(engine, &batch, 0) == 0) {
        hf__savepoint before = hf__savepoint_take(engine);
        int error = change(engine, &args, &batch.work);
        if (error != 0)
            hf__savepoint_rollback(engine, &before);
        hf__pending_commit pending;
        hf__group_commit(engine, 0, &pending);
        (void)hf__commit_finish(engine, &pending);
    }
    hf__batch_fini(&batch, engine->env);
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
