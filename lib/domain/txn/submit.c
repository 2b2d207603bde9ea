/*
 * submit.c - SUBMIT, BEGIN, BRANCH and SEAL: the intent, before anybody is called.
 *
 * Happy path: moves held, branches recorded, the first group started, in one commit; without
 * branches the moves are made and the transaction is CONFIRMED in that commit, and there is no row
 * beside it.
 *
 * Failure modes: HF_E_DEADLINE, HF_E_ARGUMENT (branches that cannot be together), the refusals of
 * the moves; HF_E_TXN_STATE, HF_E_TOO_MANY for what comes too late or exceeds a limit.
 */
#include "base/id.h"
#include "domain/core/common.h"
#include "domain/core/handlers.h"
#include "domain/txn/lease.h"
#include "domain/txn/work.h"
#include "model/column.h"

#include <string.h>

#define DEADLINE_DEFAULT_MS 30000

static const hf_branch_args *branch_at(const hf_txn_args *args, uint32_t at)
{
    const uint8_t *first = (const uint8_t *)args->branches;
    size_t stride = args->branch_bytes == 0 ? sizeof(hf_branch_args) : args->branch_bytes;
    return (const hf_branch_args *)(const void *)(first + at * stride);
}

static bool is_one_phase(const hf_branch *branch)
{
    return (branch->participant_flags & HF_PARTICIPANT_ONE_PHASE) != 0;
}

/* Refuses two branches that are both declared to be the last one. */
static int check_pair(const hf__txn_work *work, const hf_branch *a, const hf_branch *b)
{
    bool pivots = (a->flags & b->flags & HF_BRANCH_PIVOT) != 0;
    bool final = work->row.kind == HF_TXN_TCC && is_one_phase(a) && is_one_phase(b);
    if (!pivots && !final)
        return 0;
    return hf__refuse(work->draft->detail, HF_E_ARGUMENT, "branch %u, %s: a second %s", b->no,
                      b->participant.text, pivots ? "PIVOT" : "ONE_PHASE participant");
}

static int check_branch(const hf__txn_work *work, const hf_branch *branch)
{
    if (work->row.kind != HF_TXN_SAGA && (branch->flags & HF_BRANCH_PIVOT) != 0)
        return hf__refuse(work->draft->detail, HF_E_ARGUMENT,
                          "branch %u, %s: only a saga has a PIVOT", branch->no,
                          branch->participant.text);
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < work->count; i++)
        error = check_pair(work, &work->branches[i], branch);
    return error;
}

/*
 * A step of a saga that may have to be undone needs a participant that can undo it, or it would be
 * parked after it was done. A pivot is never undone, nor is what comes after it.
 */
static int check_undo(const hf__txn_work *work, uint32_t flags, uint32_t at)
{
    const hf_branch *branch = &work->branches[at];
    bool final = (flags & HF__PARTICIPANT_FINAL) != 0 && work->row.kind == HF_TXN_SAGA;
    bool kept = (branch->flags & HF_BRANCH_PIVOT) != 0 || !hf__txn_decides(work, branch);
    if (!final || kept)
        return 0;
    return hf__refuse(work->draft->detail, HF_E_ARGUMENT,
                      "branch %u, %s: has no cancel, so it must be the PIVOT or come after it",
                      branch->no, branch->participant.text);
}

static int add_branch(hf__txn_work *work, const hf_branch_args *args, uint32_t flags)
{
    hf_branch *branch = &work->branches[work->count];
    *branch = (hf_branch){.txn = work->row.id, .no = work->count + 1};
    hf__name_set(&branch->participant, args->participant);
    branch->participant_version = args->version;
    branch->participant_flags = flags & ~HF__PARTICIPANT_FINAL;
    branch->flags = args->flags;
    branch->group = args->group;
    int error = check_branch(work, branch);
    if (error != 0)
        return error;
    if (args->payload_bytes > 0) {
        branch->payload = hf__arena_copy(work->draft->arena, args->payload, args->payload_bytes);
        branch->payload_bytes = args->payload_bytes;
        if (branch->payload == NULL)
            return HF_E_NOMEM;
    }
    work->count++;
    work->row.branch_count = work->count;
    return hf__txn_move_branch(work, work->count - 1, HF__BRANCH_ADD);
}

static int check_deadline(const hf__draft *draft, int64_t deadline_ms)
{
    if (deadline_ms == 0 || deadline_ms > draft->now_ms)
        return 0;
    return hf__refuse(draft->detail, HF_E_DEADLINE, "the deadline is %lld ms in the past",
                      (long long)(draft->now_ms - deadline_ms));
}

/* The transaction's own row, accepted. */
static int accept(const hf__operation *op, hf__txn_work *work)
{
    const hf_txn_args *args = HF__ARGS(op, hf_txn_args);
    hf_txn *txn = &work->row;
    memcpy(txn->fingerprint, op->fingerprint, sizeof txn->fingerprint);
    txn->kind = args->kind;
    txn->deadline_ms =
        args->deadline_ms != 0 ? args->deadline_ms : work->draft->now_ms + DEADLINE_DEFAULT_MS;
    txn->move_count = args->move_count;
    txn->open = op->type == HF_OP_TXN_BEGIN ? 1 : 0;
    int error = hf__meta_set(work->draft, op->args, &txn->meta, &txn->meta_bytes);
    return error != 0 ? error : hf__txn_move(work, HF__TXN_BEGIN);
}

/* No participant is called: the transaction is confirmed at once. */
static int directly(hf__txn_work *work, const hf_txn_args *args)
{
    int error = hf__txn_moves_now(work->draft, args);
    if (error == 0)
        error = hf__txn_move(work, HF__TXN_CONFIRM);
    if (error == 0)
        error = hf__txn_move(work, HF__TXN_END);
    return error;
}

static int with_branches(const hf__operation *op, hf__txn_work *work)
{
    const hf_txn_args *args = HF__ARGS(op, hf_txn_args);
    int error = hf__txn_moves_hold(work->draft, &work->row, args);
    for (uint32_t i = 0; error == 0 && i < args->branch_count; i++)
        error = add_branch(work, branch_at(args, i), hf__participant_flags(op, i));
    for (uint32_t i = 0; error == 0 && i < args->branch_count; i++)
        error =
            check_undo(work, hf__participant_flags(op, i), i); /* its pivot may stand behind it */
    return error != 0 ? error : hf__txn_advance(work);
}

static int submit(const hf__operation *op, hf__draft *draft)
{
    const hf_txn_args *args = HF__ARGS(op, hf_txn_args);
    int error = check_deadline(draft, args->deadline_ms);
    if (error == 0 && args->branch_count > HF_BRANCHES_MAX)
        error = hf__refuse(draft->detail, HF_E_TOO_MANY, "%u branches, at most %u",
                           args->branch_count, HF_BRANCHES_MAX);
    hf__txn_work *work;
    if (error == 0)
        error = hf__txn_new(draft, &op->id, args->branch_count, &work);
    if (error == 0)
        error = accept(op, work);
    if (error != 0)
        return error;
    bool direct = op->type == HF_OP_TXN_SUBMIT && args->branch_count == 0;
    error = direct ? directly(work, args) : with_branches(op, work);
    return error != 0 ? error : hf__txn_store(work);
}

int hf__decide_txn_submit(const hf__operation *op, hf__draft *draft)
{
    return submit(op, draft);
}

int hf__decide_txn_begin(const hf__operation *op, hf__draft *draft)
{
    return submit(op, draft);
}

static int refuse_state(const hf__txn_work *work, const char *why)
{
    char text[37];
    const hf_txn *txn = &work->row;
    return hf__refuse(work->draft->detail, HF_E_TXN_STATE, "transaction %s is %s%s: %s",
                      hf_id_format(&txn->id, text), hf__txn_state_names[txn->state],
                      txn->open ? ", open" : "", why);
}

static int branch(const hf__operation *op, hf__draft *draft, hf__txn_block *block)
{
    const hf_txn_branch_args *args = HF__ARGS(op, hf_txn_branch_args);
    hf__txn_work *work;
    int error = hf__txn_loaded(draft, &args->txn, HF__TXN_BY_CALLER, &work);
    if (error != 0)
        return error;
    work->block = block;
    if (!work->row.open || work->row.state != HF_TXN_TRYING)
        return refuse_state(work, "no branch can be added");
    if (hf__txn_late(work))
        return refuse_state(work, "its deadline has passed");
    if (work->count == HF_BRANCHES_MAX)
        return hf__refuse(draft->detail, HF_E_TOO_MANY, "it has %u branches", work->count);
    error = add_branch(work, &args->branch, hf__participant_flags(op, 0));
    if (error == 0)
        error = check_undo(work, hf__participant_flags(op, 0), work->count - 1);
    if (error == 0)
        error = hf__txn_advance(work);
    return error != 0 ? error : hf__txn_store(work);
}

int hf__decide_txn_branch(const hf__operation *op, hf__draft *draft)
{
    return hf__txn_guarded(op, draft, hf__load_txn, branch);
}

static int seal(const hf__operation *op, hf__draft *draft, hf__txn_block *block)
{
    hf__txn_work *work;
    const hf_id *id = &HF__ARGS(op, hf_txn_seal_args)->txn;
    int error = hf__txn_loaded(draft, id, HF__TXN_BY_CALLER, &work);
    if (error != 0)
        return error;
    work->block = block;
    bool cancelled = work->row.state == HF_TXN_CANCELLING || work->row.state == HF_TXN_CANCELLED;
    if (!work->row.open && !cancelled)
        return refuse_state(work, "it is not open");
    if (work->row.open) {
        work->row.open = 0;
        work->changed = true;
        error = hf__txn_advance(work);
    }
    return error != 0 ? error : hf__txn_store(work);
}

/* Unguarded, a movement that an account refuses refuses the seal. */
int hf__decide_txn_seal(const hf__operation *op, hf__draft *draft)
{
    bool keep = HF__ARGS(op, hf_txn_seal_args)->keep != 0;
    return keep ? seal(op, draft, NULL) : hf__txn_guarded(op, draft, hf__load_txn, seal);
}
