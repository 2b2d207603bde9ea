/*
 * load.c - from rows to a transaction with its branches, and back.
 *
 * Failure modes: HF_E_FENCED before anything is looked at; HF_E_NOT_FOUND; HF__NEED, HF_E_NOMEM. A
 * refusal that only shows when the decision is carried out (an account was frozen since) must not
 * stop a transaction for ever: hf__txn_guarded decides anew without it.
 */
#include "base/id.h"
#include "base/invariant.h"
#include "domain/core/body.h"
#include "domain/core/common.h"
#include "domain/txn/lease.h"
#include "domain/txn/work.h"

#include <string.h>

static int alloc(hf__draft *draft, uint32_t branches, hf__txn_work **out)
{
    hf__txn_work *work = hf__draft_alloc(draft, sizeof *work);
    *out = work;
    if (work == NULL)
        return HF_E_NOMEM;
    work->draft = draft;
    work->branches = hf__draft_alloc(draft, (branches + 1) * sizeof *work->branches);
    work->dirty = hf__draft_alloc(draft, (branches + 1) * sizeof *work->dirty);
    if (work->branches == NULL || work->dirty == NULL)
        return HF_E_NOMEM;
    return 0;
}

/* By their keys: the plan has asked for them, and the next step changes most of them. */
static int read_branches(hf__txn_work *work)
{
    const hf_txn *txn = &work->row;
    int error = 0;
    for (uint32_t i = 0; i < txn->branch_count; i++) {
        const hf_branch key = {.txn = txn->id, .no = i + 1};
        const void *row;
        int got = hf__draft_get(work->draft, HF__BRANCHES, &key, &row);
        if (got != 0)
            error = got; /* what is needed is read at once for all */
        else if (!hf_invariant(row != NULL))
            return HF_E_INVARIANT;
        else if (row != NULL)
            work->branches[i] = *(const hf_branch *)row;
    }
    work->count = txn->branch_count;
    work->old_count = txn->branch_count;
    return error;
}

int hf__txn_read(hf__draft *draft, const hf_id *id, hf__txn_work **out)
{
    const void *row;
    int error = hf__draft_get(draft, HF__TXNS, &(hf_txn){.id = *id}, &row);
    if (error != 0)
        return error;
    if (row == NULL)
        return hf__refuse_id(draft, HF_E_NOT_FOUND, "transaction", id, "no such transaction");
    const hf_txn *txn = row;
    error = alloc(draft, txn->branch_count, out);
    if (error != 0)
        return error;
    (*out)->row = *txn;
    return read_branches(*out);
}

int hf__txn_load(hf__draft *draft, const hf_id *id, hf__txn_by by, hf__txn_work **out)
{
    uint64_t epoch;
    int error = hf__txn_fence(draft, id, by, &epoch);
    if (error == 0)
        error = hf__txn_read(draft, id, out);
    if (error == 0)
        (*out)->epoch = epoch;
    return error;
}

int hf__txn_new(hf__draft *draft, const hf_id *id, uint32_t branches, hf__txn_work **out)
{
    uint64_t epoch;
    int error = hf__txn_fence(draft, id, HF__TXN_BY_CALLER, &epoch);
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
    void *row;
    int error = at < work->old_count ? hf__draft_edit(work->draft, HF__BRANCHES, branch, &row)
                                     : hf__draft_add(work->draft, HF__BRANCHES, branch, &row);
    if (error != 0)
        return error;
    branch->updated_at_ms = work->draft->now_ms;
    if (!hf_invariant(row != NULL && hf__branch_row_holds(branch)))
        return HF_E_INVARIANT;
    memcpy(row, branch, sizeof *branch);
    return 0;
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
    void *row;
    int error = work->fresh ? hf__draft_add(work->draft, HF__TXNS, txn, &row)
                            : hf__draft_edit(work->draft, HF__TXNS, txn, &row);
    if (error != 0)
        return error;
    txn->branch_count = work->count;
    txn->epoch = work->epoch;
    txn->version++;
    txn->updated_at_ms = work->draft->now_ms;
    txn->due_ms = hf__txn_due(work);
    if (!hf_invariant(row != NULL && hf__txn_row_holds(txn)))
        return HF_E_INVARIANT;
    memcpy(row, txn, sizeof *txn);
    return 0;
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
    if (error != 0 || work == NULL)
        return error;
    return answer(work);
}

int hf__txn_guarded(const hf__operation *op, hf__draft *draft, hf__txn_body body)
{
    hf__txn_block block = {.hit = false};
    int error = body(op, draft, &block);
    if (error >= 0 || !block.hit)
        return error;
    hf__name_print(&block.reason, "%s", draft->detail->text);
    block.hit = false;
    block.deny = true;
    hf__draft_restart(draft);
    return body(op, draft, &block);
}

static void touch(hf__draft *draft, uint32_t table, const void *key, const void **row)
{
    if (hf__draft_get(draft, table, key, row) != 0)
        *row = NULL;
}

static void touch_account(hf__draft *draft, const hf_account_ref *ref)
{
    const void *row;
    if (ref->kind != HF_KIND_WORLD)
        touch(draft, HF__ACCOUNTS, &(hf_account){.key = *ref}, &row);
}

_Static_assert(offsetof(hf_txn_act_args, txn) == offsetof(hf_txn_branch_args, txn) &&
                   offsetof(hf_txn_act_args, txn) == offsetof(hf_txn_seal_args, txn) &&
                   offsetof(hf_txn_act_args, txn) == offsetof(hf__txn_drive_args, txn),
               "arguments that name a transaction do so at one place");

void hf__plan_txn(const hf__operation *op, hf__draft *draft)
{
    const hf_id *id = &HF__ARGS(op, hf_txn_act_args)->txn;
    const void *row;
    touch(draft, HF__LEASES, &(hf__lease){.shard = hf__txn_shard(id)}, &row);
    touch(draft, HF__TXNS, &(hf_txn){.id = *id}, &row);
    const hf_txn *txn = row;
    if (txn == NULL)
        return;
    for (uint32_t i = 1; i <= txn->branch_count; i++)
        touch(draft, HF__BRANCHES, &(hf_branch){.txn = *id, .no = i}, &row);
    for (uint32_t i = 1; i <= txn->move_count; i++) {
        hf_hold key = {.amount = 0};
        hf__txn_hold_id(id, i, &key.id);
        touch(draft, HF__HOLDS, &key, &row);
        const hf_hold *hold = row;
        if (hold == NULL)
            continue;
        touch_account(draft, &hold->from);
        touch_account(draft, &hold->to);
    }
}
