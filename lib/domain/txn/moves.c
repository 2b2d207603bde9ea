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
#include "domain/ledger/rows.h"
#include "domain/ledger/shortage.h"
#include "domain/txn/lease.h"
#include "domain/txn/work.h"

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

/* A move of the arguments as a movement between the rows that the load has named. */
typedef struct between {
    hf__movement m;
    hf__ends ends;
    hf_account_ref made[2]; /* names of accounts that are not there */
} between;

static int prepare(hf__draft *draft, const hf_txn_args *args, uint32_t i, between *out)
{
    const hf_txn_move_args *move = move_at(args, i);
    const hf__txn_move_rows *rows = &((const hf__txn_move_rows *)draft->found)[i];
    out->m =
        (hf__movement){.from = hf__account_ref_at(draft, rows->from, &move->from, &out->made[0]),
                       .to = hf__account_ref_at(draft, rows->to, &move->to, &out->made[1]),
                       .amount = move->amount,
                       .what = "move",
                       .no = i + 1};
    if (move->amount <= 0)
        return hf__refuse(draft->detail, HF_E_AMOUNT, "move %u: the amount must be above 0", i + 1);
    return hf__ends_at(draft, &out->m, rows->from, rows->to, &out->ends);
}

int hf__txn_moves_now(hf__draft *draft, const hf_txn_args *args)
{
    for (uint32_t i = 0; i < args->move_count; i++) {
        between b;
        int error = prepare(draft, args, i, &b);
        if (error == 0)
            error = hf__move_between(draft, &b.m, &b.ends);
        if (error != 0)
            return error;
    }
    return 0;
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
    for (uint32_t i = 0; i < args->move_count; i++) {
        between b;
        int error = prepare(draft, args, i, &b);
        if (error == 0)
            error = hf__hold_between(draft, &b.m, &b.ends);
        if (error == 0)
            error = add_hold(draft, &txn->id, i + 1, &b.m);
        if (error != 0)
            return error;
    }
    return 0;
}

static int end_move(hf__txn_work *work, uint32_t no, bool post)
{
    hf__draft *draft = work->draft;
    const hf__txn_move_rows *rows = &work->moves[no - 1];
    void *row;
    int error = hf__loaded_edit(draft, rows->hold, &row);
    if (error != 0)
        return error;
    hf_hold *hold = row;
    int64_t remaining = hf__hold_remaining(hold);
    hf__movement m = {
        .from = &hold->from, .to = &hold->to, .amount = remaining, .what = "move", .no = no};
    hf__hold_amounts amounts = {.post = post ? remaining : 0, .release = post ? 0 : remaining};
    hf__ends ends;
    error = hf__ends_at(draft, &m, rows->from, rows->to, &ends);
    if (error == 0)
        error = post ? hf__ends_post(draft, &m, &ends) : hf__ends_release(draft, &m, &ends);
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

/* ---- Named before the decision --------------------------------------------------------------- */

void hf__txn_name_move(hf__draft *draft, const hf_id *txn, uint32_t no, hf__txn_move_rows *out)
{
    hf_hold key = {.amount = 0};
    hf__txn_hold_id(txn, no, &key.id);
    out->hold = hf__draft_load(draft, HF__HOLDS, &key);
    const hf_hold *hold = hf__loaded(draft, out->hold);
    if (hold == NULL)
        return;
    out->from = hf__name_account_of(draft, &hold->from);
    out->to = hf__name_account_of(draft, &hold->to);
}

void hf__load_txn_submit(const hf__operation *op, hf__draft *draft)
{
    const hf_txn_args *args = HF__ARGS(op, hf_txn_args);
    hf__txn_move_rows *rows = hf__draft_alloc(draft, (args->move_count + 1) * sizeof *rows);
    draft->loaded[HF__TXN_LEASE] = hf__load_lease(draft, &op->id);
    for (uint32_t i = 0; i < args->move_count; i++) {
        const hf_txn_move_args *move = move_at(args, i);
        const uint32_t from = hf__name_account(draft, &move->from);
        const uint32_t to = hf__name_account(draft, &move->to);
        if (move->amount > 0)
            hf__load_taking(draft, from, move->amount, 0);
        if (rows != NULL)
            rows[i] = (hf__txn_move_rows){.from = from, .to = to};
    }
    draft->found = rows;
    if (rows == NULL)
        draft->load_error = HF_E_NOMEM;
}
