/*
 * lease.c - the epoch under which this engine drives transactions, and which of them changed.
 *
 * Happy path: the first operation that writes a transaction finds that the engine has no epoch; the
 * engine takes the leases in the same group, just before it, and decides again. An engine that
 * never has to do with transactions writes nothing.
 *
 * Failure mode: when the commit fails, or the chain goes back, the epoch was never taken.
 */
#include "domain/txn.h"
#include "engine/state.h"
#include <holdfast/error.h>

static int take(hf__engine *engine, hf__arena *work)
{
    hf__txn_lease_args args = {.head = {.size = sizeof(args)}};
    hf_name nobody = {{0}};
    hf__operation op = {.type = HF_EVENT_LEASE, .args = &args.head, .actor = &nobody};
    int error = hf__task_decide(engine, &op, work);
    return error != 0 ? error : hf__task_apply(engine);
}

int hf__lease_decide(hf__engine *engine, const hf__operation *op, hf__arena *work)
{
    int status = hf__task_decide(engine, op, work);
    if (status != HF__LEASE)
        return status;
    status = take(engine, work);
    return status != 0 ? status : hf__task_decide(engine, op, work);
}

void hf__lease_note(hf__engine *engine, const hf__draft_row *row)
{
    if (row->row != NULL)
        engine->epoch = ((const hf__lease *)row->row)->epoch;
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

uint64_t hf__engine_epoch(hf__engine *engine)
{
    return atomic_load(&engine->known_epoch);
}
