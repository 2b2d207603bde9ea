/*
 * moves.c - the movements of a transaction: held with the intent, posted or released with the
 * decision; without branches made at once.
 *
 * The holds are rows like any other, so that an account's books and its reserved amounts need no
 * second kind of promise; they have no deadline of their own and only their transaction ends them.
 *
 * Failure modes: those of the accounts, with the move named.
 */
#include "base/id.h"
#include "base/invariant.h"
#include "domain/core/body.h"
#include "domain/core/common.h"
#include "domain/ledger/hold_state.h"
#include "domain/ledger/movement.h"
#include "domain/txn/lease.h"
#include "domain/txn/work.h"

#include <stdio.h>

#define HOLD_IDS 4096u

void hf__txn_hold_id(const hf_id *txn, uint32_t no, hf_id *out)
{
    hf__id_derive(txn, HOLD_IDS + no, out);
}

/* The arguments may be of a host whose struct is longer. */
static const hf_txn_move_args *move_at(const hf_txn_args *args, uint32_t at)
{
    const uint8_t *first = (const uint8_t *)args->moves;
    size_t stride = args->move_bytes == 0 ? sizeof(hf_txn_move_args) : args->move_bytes;
    return (const hf_txn_move_args *)(const void *)(first + at * stride);
}

/* A move as a movement, its ends in `from` and `to`. */
static int prepare(const hf__draft *draft, const hf_txn_args *args, uint32_t at,
                   hf_account_ref ends[2], hf__movement *out)
{
    const hf_txn_move_args *move = move_at(args, at);
    if (move->amount <= 0)
        return hf__refuse(draft->detail, HF_E_AMOUNT, "move %u: the amount must be above 0",
                          at + 1);
    hf__account_ref_set(&ends[0], &move->from);
    hf__account_ref_set(&ends[1], &move->to);
    out->from = &ends[0];
    out->to = &ends[1];
    out->amount = move->amount;
    return 0;
}

int hf__txn_moves_now(hf__draft *draft, const hf_txn_args *args)
{
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < args->move_count; i++) {
        char what[24];
        hf_account_ref ends[2];
        hf__movement m = {.what = what};
        (void)snprintf(what, sizeof what, "move %u", i + 1);
        error = prepare(draft, args, i, ends, &m);
        if (error == 0)
            error = hf__move(draft, &m);
    }
    return error;
}

/* What the event says of a hold. */
static int add_changes(hf__draft *draft, const hf_hold *hold, const hf__hold_amounts *amounts)
{
    int error = hf__body_add(draft, &(hf__change){.type = HF_CHANGE_POSTED,
                                                  .id = &hold->id,
                                                  .a = amounts->post,
                                                  .b = amounts->release,
                                                  .d = amounts->grow});
    return error != 0 ? error : hf__body_state(draft, HF_SUBJECT_HOLD, &hold->id, hold->state);
}

static int add_hold(hf__draft *draft, const hf_id *txn, uint32_t no, const hf__movement *m)
{
    hf_hold key = {.amount = 0};
    hf__txn_hold_id(txn, no, &key.id);
    void *row;
    int error = hf__draft_add(draft, HF__HOLDS, &key, &row);
    if (error != 0)
        return error;
    hf_hold *hold = row;
    hf__hold_amounts amounts = {.grow = m->amount};
    hold->from = *m->from;
    hold->to = *m->to;
    hold->txn = *txn;
    hold->created_at_ms = draft->now_ms;
    hold->updated_at_ms = draft->now_ms;
    hold->version = 1;
    error = hf__hold_apply(hold, HF__HOLD_PLACE, &amounts);
    return error != 0 ? error : add_changes(draft, hold, &amounts);
}

int hf__txn_moves_hold(hf__draft *draft, const hf_txn *txn, const hf_txn_args *args)
{
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < args->move_count; i++) {
        char what[24];
        hf_account_ref ends[2];
        hf__movement m = {.from = &ends[0], .to = &ends[1], .what = what};
        (void)snprintf(what, sizeof what, "move %u", i + 1);
        error = prepare(draft, args, i, ends, &m);
        if (error == 0)
            error = hf__hold(draft, &m);
        if (error == 0)
            error = add_hold(draft, &txn->id, i + 1, &m);
    }
    return error;
}

static int end_move(hf__txn_work *work, uint32_t no, bool post)
{
    hf__draft *draft = work->draft;
    hf_hold key = {.amount = 0};
    hf__txn_hold_id(&work->row.id, no, &key.id);
    void *row;
    int error = hf__draft_edit(draft, HF__HOLDS, &key, &row);
    if (error != 0)
        return error;
    hf_hold *hold = row;
    if (!hf_invariant(hold != NULL) || hold == NULL)
        return HF_E_INVARIANT;
    char what[24];
    (void)snprintf(what, sizeof what, "move %u", no);
    int64_t remaining = hf__hold_remaining(hold);
    hf__movement m = {.from = &hold->from, .to = &hold->to, .amount = remaining, .what = what};
    hf__hold_amounts amounts = {.post = post ? remaining : 0, .release = post ? 0 : remaining};
    error = post ? hf__post(draft, &m) : hf__release(draft, &m);
    if (error == 0)
        error = hf__hold_apply(hold, post ? HF__HOLD_POST : HF__HOLD_RELEASE, &amounts);
    if (error != 0)
        return error;
    hold->version++;
    hold->updated_at_ms = draft->now_ms;
    return add_changes(draft, hold, &amounts);
}

int hf__txn_moves_end(hf__txn_work *work, bool post)
{
    int error = 0;
    for (uint32_t i = 1; error == 0 && i <= work->row.move_count; i++)
        error = end_move(work, i, post);
    return error;
}

void hf__plan_txn_submit(const hf__operation *op, hf__draft *draft)
{
    const hf_txn_args *args = HF__ARGS(op, hf_txn_args);
    const void *row;
    (void)hf__draft_get(draft, HF__LEASES, &(hf__lease){.shard = hf__txn_shard(&op->id)}, &row);
    for (uint32_t i = 0; i < args->move_count; i++) {
        const hf_txn_move_args *move = move_at(args, i);
        const hf_account_key *ends[] = {&move->from, &move->to};
        for (uint32_t k = 0; k < 2; k++) {
            hf_account key = {.balance = 0};
            hf__account_ref_set(&key.key, ends[k]);
            if (ends[k]->kind != HF_KIND_WORLD)
                (void)hf__draft_get(draft, HF__ACCOUNTS, &key, &row);
        }
    }
}
