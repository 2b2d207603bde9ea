/*
 * advance.c - computes what follows from the rows: the next group, the decision, the order of the
 * branches, the end.
 *
 *     TRYING      a try was refused ............................ cancel
 *                 the deadline passed .......................... cancel, unless what is missing is
 *                                                                the outcome of a ONE_PHASE branch
 *                 everything succeeded, nobody adds branches ... confirm
 *                 else ......................................... start those whose turn it is
 *     CONFIRMING  forward steps of a saga; every branch over ... CONFIRMED
 *     CANCELLING  undo in reverse order; every branch over ..... CANCELLED
 *
 * Happy path: one or two rounds, all in the commit of the answer that caused them. What is started
 * here is called after that commit.
 *
 * A saga's pivot and a TCC's ONE_PHASE branch come last: what cannot be undone is done when all
 * else has succeeded, so its success is the decision.
 *
 * Failure modes: HF_E_NOMEM; a movement that cannot be posted, see hf__txn_guarded.
 */
#include "base/id.h"
#include "base/text.h"
#include "domain/core/common.h"
#include "domain/txn/work.h"

#include <string.h>

/* ---- What is true now ------------------------------------------------------------------------ */

static bool one_phase(const hf_branch *branch)
{
    return (branch->participant_flags & HF_PARTICIPANT_ONE_PHASE) != 0;
}

static bool ordered_with(const hf_branch *a, const hf_branch *b)
{
    return (a->participant_flags & b->participant_flags & HF_PARTICIPANT_ORDERED) != 0 &&
           hf__name_equal(&a->participant, &b->participant);
}

static const hf_branch *pivot_of(const hf__txn_work *work)
{
    for (uint32_t i = 0; i < work->count; i++) {
        if (work->row.kind == HF_TXN_SAGA && (work->branches[i].flags & HF_BRANCH_PIVOT) != 0)
            return &work->branches[i];
    }
    return NULL;
}

bool hf__txn_decides(const hf__txn_work *work, const hf_branch *branch)
{
    const hf_branch *pivot = pivot_of(work);
    return pivot == NULL || branch->group <= pivot->group;
}

/* True when the success of the branch cannot be undone, so that it comes last. */
static bool is_last(const hf__txn_work *work, const hf_branch *branch)
{
    if (work->row.kind == HF_TXN_SAGA)
        return (branch->flags & HF_BRANCH_PIVOT) != 0;
    return one_phase(branch);
}

static bool succeeded(const hf_branch *branch)
{
    return branch->state == HF_BRANCH_TRIED || branch->state == HF_BRANCH_CONFIRMED;
}

static bool all_tried(const hf__txn_work *work)
{
    for (uint32_t i = 0; i < work->count; i++) {
        if (hf__txn_decides(work, &work->branches[i]) && !succeeded(&work->branches[i]))
            return false;
    }
    return true;
}

bool hf__txn_in_doubt(const hf__txn_work *work)
{
    uint32_t unknown = 0;
    for (uint32_t i = 0; i < work->count; i++) {
        const hf_branch *branch = &work->branches[i];
        if (!hf__txn_decides(work, branch) || succeeded(branch))
            continue;
        if (!one_phase(branch) || branch->state != HF_BRANCH_TRYING)
            return false;
        unknown++;
    }
    return unknown == 1 && !work->row.open;
}

/* Whether something that cannot be undone is done. */
static bool final_done(const hf__txn_work *work)
{
    for (uint32_t i = 0; i < work->count; i++) {
        const hf_branch *branch = &work->branches[i];
        if (branch->state == HF_BRANCH_TRIED && (is_last(work, branch) || one_phase(branch)))
            return true;
    }
    return false;
}

static const hf_branch *refused(const hf__txn_work *work)
{
    for (uint32_t i = 0; i < work->count; i++) {
        if (work->branches[i].state == HF_BRANCH_REFUSED)
            return &work->branches[i];
    }
    return NULL;
}

void hf__txn_cancel_reason(const hf__txn_work *work, hf_name *out)
{
    const hf_branch *branch = refused(work);
    bool is_known = branch != NULL && branch->detail.text[0] != '\0';
    if (branch != NULL)
        hf__name_print(out, "branch %u, %s: %s", branch->no, branch->participant.text,
                       is_known ? branch->detail.text : "refused");
    else if (work->row.deadline_ms != 0 && work->row.decided_at_ms >= work->row.deadline_ms)
        hf__name_print(out, "deadline passed");
    else
        hf__name_print(out, "aborted");
}

/* ---- Starting -------------------------------------------------------------------------------- */

/* Whether `other` must have succeeded before `branch` is tried. */
static bool comes_before(const hf__txn_work *work, const hf_branch *other, const hf_branch *branch)
{
    bool neighbour = other->group == branch->group;
    bool together = neighbour || work->row.kind != HF_TXN_SAGA; /* the last one comes after all */
    if (together && (is_last(work, branch) || is_last(work, other)))
        return is_last(work, branch);
    return other->group < branch->group ||
           (neighbour && other->no < branch->no && ordered_with(other, branch));
}

static bool may_start(const hf__txn_work *work, const hf_branch *branch)
{
    if (is_last(work, branch) && work->row.open)
        return false;
    for (uint32_t i = 0; i < work->count; i++) {
        const hf_branch *other = &work->branches[i];
        if (other != branch && comes_before(work, other, branch) && !succeeded(other))
            return false;
    }
    return true;
}

static int start_ready(hf__txn_work *work)
{
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < work->count; i++) {
        hf_branch *branch = &work->branches[i];
        if (branch->state != HF_BRANCH_WAITING || !may_start(work, branch))
            continue;
        error = hf__txn_move_branch(work, i, HF__BRANCH_START);
        branch->epoch = work->epoch;
        branch->due_ms = work->draft->now_ms;
    }
    return error;
}

/* Whether `other` must be over before `branch` is confirmed or cancelled. */
static bool goes_first(const hf__txn_work *work, const hf_branch *other, const hf_branch *branch)
{
    bool undo = branch->state == HF_BRANCH_CANCELLING;
    if (undo && work->row.kind == HF_TXN_SAGA && other->group != branch->group)
        return other->group > branch->group;
    bool is_earlier = undo ? other->no > branch->no : other->no < branch->no;
    return is_earlier && ordered_with(other, branch);
}

static bool has_turn(const hf__txn_work *work, const hf_branch *branch)
{
    for (uint32_t i = 0; i < work->count; i++) {
        const hf_branch *other = &work->branches[i];
        if (other != branch && !hf__branch_is_over(other->state) && goes_first(work, other, branch))
            return false;
    }
    return true;
}

static void give_turns(hf__txn_work *work)
{
    for (uint32_t i = 0; i < work->count; i++) {
        hf_branch *branch = &work->branches[i];
        bool waits = branch->state == HF_BRANCH_CONFIRMING || branch->state == HF_BRANCH_CANCELLING;
        if (!waits || branch->due_ms != 0 || !has_turn(work, branch))
            continue;
        branch->due_ms = work->draft->now_ms;
        work->dirty[i] = true;
    }
}

/* ---- Deciding -------------------------------------------------------------------------------- */

void hf__txn_park(hf__txn_work *work, const char *reason)
{
    work->row.parked = 1;
    work->changed = true;
    hf__name_print(&work->row.reason, "%s", reason);
}

void hf__txn_ask_only(hf__txn_work *work)
{
    for (uint32_t i = 0; i < work->count; i++) {
        hf_branch *branch = &work->branches[i];
        bool may_try = branch->answer == HF_ANSWER_NONE || branch->answer == HF_ANSWER_NOT_FOUND;
        if (!one_phase(branch) || branch->state != HF_BRANCH_TRYING || !may_try)
            continue;
        branch->answer = HF_ANSWER_UNKNOWN;
        branch->due_ms = work->draft->now_ms;
        work->dirty[i] = true;
    }
}

/* What becomes of a branch when the transaction is to be cancelled. */
static int cancel_branch(hf__txn_work *work, uint32_t at)
{
    const hf_branch *branch = &work->branches[at];
    bool readonly = (branch->participant_flags & HF_PARTICIPANT_READONLY) != 0;
    if (hf__branch_is_over(branch->state) || branch->state == HF_BRANCH_CANCELLING)
        return 0;
    if (branch->state == HF_BRANCH_WAITING || readonly)
        return hf__txn_move_branch(work, at, HF__BRANCH_DROP);
    if (branch->state == HF_BRANCH_TRYING && one_phase(branch))
        return 0;
    return hf__txn_move_branch(work, at, HF__BRANCH_CANCEL);
}

int hf__txn_cancel(hf__txn_work *work, const char *reason)
{
    hf__name_print(&work->row.reason, "%s", reason);
    int error = hf__txn_moves_end(work, false);
    if (error == 0)
        error = hf__txn_move(work, HF__TXN_CANCEL);
    for (uint32_t i = 0; error == 0 && i < work->count; i++)
        error = cancel_branch(work, i);
    hf__txn_ask_only(work);
    return error;
}

static int confirm_branch(hf__txn_work *work, uint32_t at)
{
    const hf_branch *branch = &work->branches[at];
    if (branch->state != HF_BRANCH_TRIED)
        return 0;
    bool readonly = (branch->participant_flags & HF_PARTICIPANT_READONLY) != 0;
    bool final = work->row.kind != HF_TXN_TCC || readonly || one_phase(branch);
    return hf__txn_move_branch(work, at, final ? HF__BRANCH_SETTLE : HF__BRANCH_CONFIRM);
}

/* Confirms, because everything succeeded, unless `block` says that the accounts do not allow it. */
static int confirm(hf__txn_work *work)
{
    if (work->block != NULL && work->block->deny && work->row.kind != HF_TXN_COMMAND) {
        if (!final_done(work))
            return hf__txn_cancel(work, work->block->reason.text);
        hf__txn_park(work, work->block->reason.text);
        return 0;
    }
    int error = hf__txn_moves_end(work, true);
    if (work->block != NULL && hf__is_refusal(error))
        work->block->hit = true;
    if (error == 0)
        error = hf__txn_move(work, HF__TXN_CONFIRM);
    for (uint32_t i = 0; error == 0 && i < work->count; i++)
        error = confirm_branch(work, i);
    return error;
}

static int cancel_late(hf__txn_work *work)
{
    hf_attempt about = {.branch = 0};
    bool is_known = work->row.reason.text[0] != '\0'; /* an abort that had to wait */
    hf__name_set(&about.detail, is_known ? work->row.reason.text : "deadline passed");
    int error = hf__txn_record(work, &about);
    return error != 0 ? error : hf__txn_cancel(work, about.detail.text);
}

static int step_trying(hf__txn_work *work)
{
    if (work->row.parked)
        return 0;
    if (refused(work) != NULL) {
        hf_name reason;
        hf__txn_cancel_reason(work, &reason);
        return hf__txn_cancel(work, reason.text);
    }
    bool late = hf__txn_late(work);
    bool done = !work->row.open && all_tried(work);
    if (done && (!late || final_done(work)))
        return confirm(work);
    if (late && hf__txn_in_doubt(work))
        hf__txn_ask_only(work);
    else if (late)
        return cancel_late(work);
    else
        return start_ready(work);
    return 0;
}

static int end_if_over(hf__txn_work *work)
{
    for (uint32_t i = 0; i < work->count; i++) {
        if (!hf__branch_is_over(work->branches[i].state))
            return 0;
    }
    return hf__txn_move(work, HF__TXN_END);
}

static int step_confirming(hf__txn_work *work)
{
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < work->count; i++)
        error = confirm_branch(work, i); /* a step after the pivot */
    if (error == 0)
        error = start_ready(work);
    give_turns(work);
    return error != 0 ? error : end_if_over(work);
}

static int step_cancelling(hf__txn_work *work)
{
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < work->count; i++) {
        if (work->branches[i].state == HF_BRANCH_TRIED) /* its outcome came after the decision */
            error = cancel_branch(work, i);
    }
    give_turns(work);
    return error != 0 ? error : end_if_over(work);
}

/* clang-format off */
static int (*const steps[HF__TXN_STATES])(hf__txn_work *) = {
    [HF_TXN_TRYING] = step_trying,
    [HF_TXN_CONFIRMING] = step_confirming,
    [HF_TXN_CANCELLING] = step_cancelling,
};
/* clang-format on */

int hf__txn_advance(hf__txn_work *work)
{
    uint32_t before = HF_TXN_NONE;
    int error = 0;
    while (error == 0 && work->row.state != before && steps[work->row.state] != NULL) {
        before = work->row.state;
        error = steps[before](work);
    }
    return error;
}
