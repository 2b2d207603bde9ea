/*
 * load.c - from rows to a transaction with its branches, and back.
 *
 * Happy path: the load names the transaction; its branches, its holds and the accounts of these
 * follow as far as the rows before them are there. The decision takes the copies that the load has
 * made, changes them, and stores those that differ where the load has found their rows.
 *
 * Failure modes: HF_E_FENCED before anything else is refused; HF_E_NOT_FOUND; HF_E_NOMEM. A refusal
 * that only shows when the decision is carried out (an account was frozen since) must not stop a
 * transaction for ever: hf__txn_guarded decides anew without it.
 */
#include "base/id.h"
#include "base/invariant.h"
#include "domain/core/body.h"
#include "domain/core/common.h"
#include "domain/core/suspect.h"
#include "domain/txn/lease.h"
#include "domain/txn/work.h"

static int alloc(hf__draft *draft, uint32_t branches, hf__txn_work **out)
{
    hf__txn_work *work = hf__draft_alloc(draft, sizeof *work);
    *out = work;
    if (work == NULL)
        return HF_E_NOMEM;
    work->draft = draft;
    work->branches = hf__draft_alloc(draft, (branches + 1) * sizeof *work->branches);
    work->dirty = hf__draft_alloc(draft, (branches + 1) * sizeof *work->dirty);
    work->branch_at = hf__draft_alloc(draft, (branches + 1) * sizeof *work->branch_at);
    if (work->branches == NULL || work->dirty == NULL || work->branch_at == NULL)
        return HF_E_NOMEM;
    return 0;
}

/* By their keys: the next step changes most of them. */
static int read_branches(hf__txn_work *work)
{
    hf_branch key = {.txn = work->row.id};
    int missing = 0;
    for (uint32_t i = 0; i < work->row.branch_count; i++) {
        key.no = i + 1;
        work->branch_at[i] = hf__draft_load(work->draft, HF__BRANCHES, &key);
        if (work->branch_at[i] == 0) {
            missing = hf__draft_missing(work->draft);
            continue;
        }
        const hf_branch *row = hf__loaded(work->draft, work->branch_at[i]);
        if (!hf_invariant(row != NULL) || row == NULL)
            return HF_E_INVARIANT;
        work->branches[i] = *row;
    }
    work->count = work->row.branch_count;
    work->old_count = work->row.branch_count;
    return missing;
}

int hf__txn_read(hf__draft *draft, const hf_id *id, hf__txn_work **out)
{
    *out = NULL;
    const uint32_t at = hf__draft_load(draft, HF__TXNS, id);
    const hf_txn *txn = hf__loaded(draft, at);
    if (txn == NULL)
        return at == 0 ? hf__draft_missing(draft) : 0;
    int error = alloc(draft, txn->branch_count, out);
    if (error != 0)
        return error;
    (*out)->row = *txn;
    (*out)->at = at;
    return read_branches(*out);
}

/* The holds of a transaction end with its decision; one that is parked may be set aside. */
static int name_holds(hf__txn_work *work)
{
    const hf_txn *txn = &work->row;
    if (txn->parked)
        (void)hf__aside_name(work->draft, HF_SUBJECT_TXN, &txn->id);
    if (txn->state != HF_TXN_TRYING || txn->move_count == 0)
        return 0;
    work->moves = hf__draft_alloc(work->draft, txn->move_count * sizeof *work->moves);
    if (work->moves == NULL)
        return HF_E_NOMEM;
    for (uint32_t i = 0; i < txn->move_count; i++)
        hf__txn_name_move(work->draft, &txn->id, i + 1, &work->moves[i]);
    return 0;
}

hf__txn_work *hf__txn_name(hf__draft *draft, const hf_id *id)
{
    hf__txn_work *work;
    draft->loaded[HF__TXN_LEASE] = hf__load_lease(draft, id);
    int error = hf__txn_read(draft, id, &work);
    if (error >= 0 && work != NULL)
        error = name_holds(work);
    if (error < 0)
        draft->load_error = error;
    draft->found = work;
    return hf__draft_complete(draft) ? work : NULL;
}

static const hf__lease *named_lease(const hf__draft *draft)
{
    return hf__loaded(draft, draft->loaded[HF__TXN_LEASE]);
}

int hf__txn_loaded(hf__draft *draft, const hf_id *id, hf__txn_by by, hf__txn_work **out)
{
    uint64_t epoch;
    int error = hf__txn_fence_by(draft, id, by, named_lease(draft), &epoch);
    if (error != 0)
        return error;
    *out = draft->found;
    if (*out == NULL)
        return hf__refuse_id(draft, HF_E_NOT_FOUND, "transaction", id, "no such transaction");
    (*out)->epoch = epoch;
    return 0;
}

int hf__txn_open(hf__draft *draft, const hf_id *id, hf__txn_work **out)
{
    uint64_t epoch;
    int error = hf__txn_fence(draft, id, HF__TXN_BY_CALLER, &epoch);
    if (error == 0)
        error = hf__txn_read(draft, id, out);
    if (error != 0)
        return error;
    hf__txn_work *work = *out;
    if (!hf_invariant(work != NULL) || work == NULL)
        return HF_E_INVARIANT;
    work->epoch = epoch;
    return 0;
}

int hf__txn_new(hf__draft *draft, const hf_id *id, uint32_t branches, hf__txn_work **out)
{
    uint64_t epoch;
    int error = hf__txn_fence_by(draft, id, HF__TXN_BY_CALLER, named_lease(draft), &epoch);
    if (error == 0)
        error = alloc(draft, branches, out);
    if (error != 0)
        return error;
    (*out)->fresh = true;
    (*out)->epoch = epoch;
    (*out)->row.id = *id;
    (*out)->row.shard = hf__txn_shard(id);
    (*out)->row.created_at_ms = draft->now_ms;
    return 0;
}

int hf__txn_move(hf__txn_work *work, hf__txn_event event)
{
    bool is_allowed = hf__txn_apply(&work->row, event, work->draft->now_ms);
    if (!hf_invariant(is_allowed))
        return HF_E_INVARIANT;
    work->changed = true;
    return hf__body_state(work->draft, HF_SUBJECT_TXN, &work->row.id, work->row.state);
}

int hf__txn_move_branch(hf__txn_work *work, uint32_t at, hf__branch_event event)
{
    hf_branch *branch = &work->branches[at];
    bool is_allowed = hf__branch_apply(branch, event, work->draft->now_ms);
    if (!hf_invariant(is_allowed))
        return HF_E_INVARIANT;
    work->dirty[at] = true;
    return hf__body_branch(work->draft, &work->row.id, branch->no, branch->state);
}

int hf__txn_record(hf__txn_work *work, const hf_attempt *about)
{
    const hf_attempt key = {.txn = work->row.id, .no = work->row.attempts + 1};
    void *row;
    int error = hf__draft_add(work->draft, HF__ATTEMPTS, &key, &row);
    if (error != 0)
        return error;
    hf_attempt *attempt = row;
    *attempt = *about;
    attempt->txn = key.txn;
    attempt->no = key.no;
    attempt->at_ms = work->draft->now_ms;
    attempt->epoch = work->epoch;
    work->row.attempts++;
    work->changed = true;
    return 0;
}

static int store_branch(hf__txn_work *work, uint32_t at)
{
    hf_branch *branch = &work->branches[at];
    branch->updated_at_ms = work->draft->now_ms;
    if (!hf_invariant(hf__branch_row_holds(branch)))
        return HF_E_INVARIANT;
    return at < work->old_count ? hf__loaded_keep(work->draft, work->branch_at[at], branch)
                                : hf__draft_add_kept(work->draft, HF__BRANCHES, branch);
}

bool hf__txn_late(const hf__txn_work *work)
{
    return work->row.deadline_ms != 0 && work->row.deadline_ms <= work->draft->now_ms;
}

int64_t hf__txn_due(const hf__txn_work *work)
{
    const hf_txn *txn = &work->row;
    if (hf__txn_is_over(txn->state) || txn->parked)
        return 0;
    bool waits = txn->state == HF_TXN_TRYING && txn->deadline_ms != 0 && !hf__txn_late(work);
    int64_t due = waits ? txn->deadline_ms : 0;
    for (uint32_t i = 0; i < work->count; i++) {
        int64_t next = work->branches[i].due_ms;
        if (next != 0 && (due == 0 || next < due))
            due = next;
    }
    return due;
}

static int store_txn(hf__txn_work *work)
{
    hf_txn *txn = &work->row;
    txn->branch_count = work->count;
    txn->epoch = work->epoch;
    txn->version++;
    txn->updated_at_ms = work->draft->now_ms;
    txn->due_ms = hf__txn_due(work);
    if (!hf_invariant(hf__txn_row_holds(txn)))
        return HF_E_INVARIANT;
    return work->fresh ? hf__draft_add_kept(work->draft, HF__TXNS, txn)
                       : hf__loaded_keep(work->draft, work->at, txn);
}

/* The result: the copies, which stay as they are. */
static int answer(hf__txn_work *work)
{
    hf_txn_view *view = hf__draft_alloc(work->draft, sizeof *view);
    const hf_branch **branches =
        hf__draft_alloc(work->draft, (work->count + 1) * sizeof(const hf_branch *));
    if (view == NULL || branches == NULL)
        return HF_E_NOMEM;
    for (uint32_t i = 0; i < work->count; i++)
        branches[i] = &work->branches[i];
    *view = (hf_txn_view){.txn = &work->row, .branches = branches, .branch_count = work->count};
    work->draft->result = view;
    return 0;
}

int hf__txn_keep(hf__txn_work *work)
{
    for (uint32_t i = 0; i < work->count; i++) {
        if (!work->dirty[i])
            continue;
        work->changed = true;
        int error = store_branch(work, i);
        if (error != 0)
            return error;
    }
    return work->changed ? store_txn(work) : 0;
}

int hf__txn_store(hf__txn_work *work)
{
    int error = hf__txn_keep(work);
    if (error != 0)
        return error;
    work->draft->quiet = work->changed ? 0 : 1;
    hf__subject_set(work->draft, HF_SUBJECT_TXN, &work->row.id, work->row.version);
    return answer(work);
}

int hf__txn_answer_again(hf__draft *draft, const hf_id *id)
{
    hf__txn_work *work = NULL;
    int error = hf__txn_read(draft, id, &work);
    if (error != 0)
        return error;
    if (work == NULL)
        return hf__refuse_id(draft, HF_E_NOT_FOUND, "transaction", id, "no such transaction");
    return answer(work);
}

int hf__txn_guarded(const hf__operation *op, hf__draft *draft, hf__load_fn load, hf__txn_body body)
{
    hf__txn_block block = {.hit = false};
    int error = body(op, draft, &block);
    if (error >= 0 || !block.hit)
        return error;
    hf__name_print(&block.reason, "%s", draft->detail->text);
    block.hit = false;
    block.deny = true;
    error = hf__load_again(op, draft, load);
    return error != 0 ? error : body(op, draft, &block);
}

_Static_assert(offsetof(hf_txn_act_args, txn) == offsetof(hf_txn_branch_args, txn) &&
                   offsetof(hf_txn_act_args, txn) == offsetof(hf_txn_seal_args, txn) &&
                   offsetof(hf_txn_act_args, txn) == offsetof(hf__txn_drive_args, txn),
               "arguments that name a transaction have it at one offset");

void hf__load_txn(const hf__operation *op, hf__draft *draft)
{
    (void)hf__txn_name(draft, &HF__ARGS(op, hf_txn_act_args)->txn);
}
