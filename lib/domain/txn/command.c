/*
 * command.c - a command to a payment provider as a transaction of one ONE_PHASE branch.
 *
 * Happy path: both rows are written with whatever asks for the command, so the intent is durable
 * before the provider is called; the transaction's id is derived from the payment and the number of
 * the command, and with it the idempotency key is the same for ever.
 *
 * Failure mode: HF_E_FENCED, when another engine took what a lock was to keep; then nothing is
 * asked for.
 */
#include "domain/txn/command.h"

#include "base/id.h"
#include "base/invariant.h"
#include "domain/core/body.h"
#include "domain/txn/lease.h"
#include "domain/txn/state.h"

#define COMMAND_IDS 256u /* ids of commands begin there: payments of an order are below */

static int add_branch(hf__draft *draft, const hf_txn *txn, const hf_payment *payment)
{
    const hf_branch key = {.txn = txn->id, .no = 1};
    void *row;
    int error = hf__draft_add(draft, HF__BRANCHES, &key, &row);
    if (error != 0)
        return error;
    hf_branch *branch = row;
    branch->participant = payment->provider;
    branch->participant_flags = HF_PARTICIPANT_ONE_PHASE;
    branch->amount = txn->amount;
    branch->epoch = txn->epoch;
    bool moved = hf__branch_apply(branch, HF__BRANCH_ADD, draft->now_ms) &&
                 hf__branch_apply(branch, HF__BRANCH_START, draft->now_ms);
    branch->due_ms = draft->now_ms;
    if (!hf_invariant(moved && hf__branch_row_holds(branch)))
        return HF_E_INVARIANT;
    return hf__body_branch(draft, &txn->id, branch->no, branch->state);
}

static int fill(const hf__draft *draft, hf_txn *txn, const hf__command *command)
{
    txn->kind = HF_TXN_COMMAND;
    txn->shard = hf__txn_shard(&txn->id);
    txn->payment = command->payment->id;
    txn->command = command->command;
    txn->amount = command->amount;
    txn->flags = command->flags;
    txn->deadline_ms = command->deadline_ms;
    txn->due_ms = draft->now_ms;
    txn->created_at_ms = draft->now_ms;
    txn->updated_at_ms = draft->now_ms;
    txn->version = 1;
    txn->branch_count = 1;
    bool moved = hf__txn_apply(txn, HF__TXN_BEGIN, draft->now_ms);
    if (hf_invariant(moved && hf__txn_row_holds(txn)))
        return 0;
    return HF_E_INVARIANT;
}

void hf__command_id(const hf_id *payment, uint32_t number, hf_id *out)
{
    hf__id_derive(payment, COMMAND_IDS + number, out);
}

void hf__load_commands(hf__draft *draft, const hf_id *payment, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count && draft->many_only == 0; i++) {
        hf_id id;
        hf__command_id(payment, first + i, &id);
        (void)hf__load_lease(draft, &id);
    }
}

int hf__command_start(hf__draft *draft, const hf__command *command)
{
    hf_txn key = {.kind = HF_TXN_COMMAND};
    hf__command_id(&command->payment->id, command->number, &key.id);
    uint64_t epoch;
    int error = hf__txn_fence(draft, &key.id, HF__TXN_BY_CALLER, &epoch);
    void *row = NULL;
    if (error == 0)
        error = hf__draft_add(draft, HF__TXNS, &key, &row);
    if (error == 0)
        error = fill(draft, row, command);
    if (error != 0)
        return error;
    hf_txn *txn = row;
    txn->epoch = epoch;
    error = hf__body_state(draft, HF_SUBJECT_TXN, &txn->id, txn->state);
    return error != 0 ? error : add_branch(draft, txn, command->payment);
}
