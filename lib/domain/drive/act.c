/*
 * act.c - what a person, or the host, does to a transaction under way.
 *
 * Happy path: the act is possible in this state, goes into the history with actor and reason, and
 * the transaction advances.
 *
 * Failure mode: HF_E_TXN_STATE, the state named.
 */
#include "base/id.h"
#include "domain/core/common.h"
#include "domain/core/handlers.h"
#include "domain/core/suspect.h"
#include "domain/txn/command.h"
#include "domain/txn/lease.h"
#include "domain/txn/work.h"
#include "model/column.h"

#include <string.h>

static int refuse(const hf__txn_work *work, const char *why)
{
    char text[37];
    const hf_txn *txn = &work->row;
    return hf__refuse(work->draft->detail, HF_E_TXN_STATE, "transaction %s is %s%s: %s",
                      hf_id_format(&txn->id, text), hf__txn_state_names[txn->state],
                      txn->parked ? ", parked" : "", why);
}

static int load(const hf__operation *op, hf__draft *draft, hf__txn_block *block,
                hf__txn_work **work)
{
    const hf_id *id = &HF__ARGS(op, hf_txn_act_args)->txn;
    int error = hf__txn_loaded(draft, id, HF__TXN_BY_CALLER, work);
    if (error == 0)
        (*work)->block = block;
    return error;
}

/* Records the act in the history, with actor and reason, and for a branch with its outcome. */
static int note(hf__txn_work *work, const hf__operation *op, hf_attempt about)
{
    about.actor = *op->actor;
    hf__name_set(&about.detail, HF__ARGS(op, hf_txn_act_args)->reason);
    return hf__txn_record(work, &about);
}

static int finish(hf__txn_work *work)
{
    int error = hf__txn_advance(work);
    return error != 0 ? error : hf__txn_store(work);
}

static int unpark(hf__txn_work *work)
{
    if (!work->row.parked)
        return 0;
    work->row.parked = 0;
    work->row.reason = (hf_name){{0}};
    work->changed = true;
    if (work->row.state == HF_TXN_CANCELLING)
        hf__txn_cancel_reason(work, &work->row.reason);
    return hf__aside_forget(work->draft, HF_SUBJECT_TXN, &work->row.id);
}

static int abort_txn(const hf__operation *op, hf__draft *draft, hf__txn_block *block)
{
    hf__txn_work *work;
    int error = load(op, draft, block, &work);
    if (error != 0)
        return error;
    const char *reason = HF__ARGS(op, hf_txn_act_args)->reason;
    uint32_t state = work->row.state;
    if (state == HF_TXN_CONFIRMING || state == HF_TXN_CONFIRMED)
        return refuse(work, "it is decided to confirm");
    if (state != HF_TXN_TRYING)
        return hf__txn_store(work);
    error = note(work, op, (hf_attempt){.branch = 0});
    if (error == 0)
        error = unpark(work);
    if (error != 0)
        return error;
    if (hf__txn_in_doubt(work)) { /* its outcome decides; nothing is tried any more */
        hf__name_set(&work->row.reason, reason);
        work->row.deadline_ms = draft->now_ms;
    } else {
        error = hf__txn_cancel(work, reason);
    }
    return error != 0 ? error : finish(work);
}

int hf__decide_txn_abort(const hf__operation *op, hf__draft *draft)
{
    return hf__txn_guarded(op, draft, hf__load_txn, abort_txn);
}

/* Everything that waits for its time is called now. */
static void hurry(hf__txn_work *work, bool anew)
{
    for (uint32_t i = 0; i < work->count; i++) {
        hf_branch *branch = &work->branches[i];
        if (branch->due_ms == 0)
            continue;
        branch->due_ms = work->draft->now_ms;
        work->dirty[i] = true;
        if (!anew)
            continue;
        branch->attempts = 0;
        branch->first_ms = 0;
    }
}

static int retry_now(const hf__operation *op, hf__draft *draft, hf__txn_block *block)
{
    hf__txn_work *work;
    int error = load(op, draft, block, &work);
    if (error != 0)
        return error;
    if (hf__txn_is_over(work->row.state) || work->row.parked)
        return refuse(work, "nothing is to be called");
    error = note(work, op, (hf_attempt){.branch = 0});
    hurry(work, false);
    return error != 0 ? error : finish(work);
}

int hf__decide_txn_retry_now(const hf__operation *op, hf__draft *draft)
{
    return hf__txn_guarded(op, draft, hf__load_txn, retry_now);
}

int hf__decide_txn_park(const hf__operation *op, hf__draft *draft)
{
    hf__txn_work *work;
    int error = load(op, draft, NULL, &work);
    if (error != 0)
        return error;
    if (hf__txn_is_over(work->row.state) || work->row.parked)
        return refuse(work, "it cannot be parked");
    error = note(work, op, (hf_attempt){.branch = 0});
    hf__txn_park(work, HF__ARGS(op, hf_txn_act_args)->reason);
    return error != 0 ? error : hf__txn_store(work);
}

static int continue_steps(hf__txn_work *work)
{
    int error = unpark(work);
    hurry(work, true);
    return error != 0 ? error : finish(work);
}

static int unpark_txn(const hf__operation *op, hf__draft *draft, hf__txn_block *block)
{
    hf__txn_work *work;
    int error = load(op, draft, block, &work);
    if (error != 0)
        return error;
    if (!work->row.parked)
        return refuse(work, "it is not parked");
    error = note(work, op, (hf_attempt){.branch = 0});
    return error != 0 ? error : continue_steps(work);
}

int hf__txn_resume(hf__draft *draft, const hf_id *id)
{
    hf__txn_work *work;
    int error = hf__txn_loaded(draft, id, HF__TXN_BY_DRIVER, &work);
    if (error != 0 || !work->row.parked)
        return error;
    hf_attempt about = {.branch = 0};
    hf__name_set(&about.detail, "a newer version of the library");
    error = hf__txn_record(work, &about);
    return error != 0 ? error : continue_steps(work);
}

int hf__decide_txn_unpark(const hf__operation *op, hf__draft *draft)
{
    return hf__txn_guarded(op, draft, hf__load_txn, unpark_txn);
}

/* The phase that a branch waits in. */
static bool phase_of(const hf_branch *branch, uint32_t *phase)
{
    static const uint32_t phases[HF__BRANCH_STATES] = {
        [HF_BRANCH_TRYING] = HF_PHASE_TRY + 1,
        [HF_BRANCH_CONFIRMING] = HF_PHASE_CONFIRM + 1,
        [HF_BRANCH_CANCELLING] = HF_PHASE_CANCEL + 1,
    };
    if (branch->state >= HF__BRANCH_STATES || phases[branch->state] == 0)
        return false;
    *phase = phases[branch->state] - 1;
    return true;
}

static int answer_for(hf__txn_work *work, const hf__operation *op, uint32_t at, uint32_t phase)
{
    const hf_txn_act_args *args = HF__ARGS(op, hf_txn_act_args);
    hf_branch *branch = &work->branches[at];
    const hf_attempt about = {.branch = branch->no, .phase = phase, .answer = args->answer};
    int error = note(work, op, about);
    if (error == 0)
        error = unpark(work);
    if (error != 0)
        return error;
    branch->answer = args->answer;
    hf__name_set(&branch->detail, args->reason);
    if (phase != HF_PHASE_TRY)
        return hf__txn_move_branch(work, at, HF__BRANCH_OK);
    const hf__txn_answer answer = {
        .branch = branch->no, .phase = phase, .answer = args->answer, .detail = branch->detail};
    return hf__txn_tried(work, at, &answer);
}

static int resolve(const hf__operation *op, hf__draft *draft, hf__txn_block *block)
{
    const hf_txn_act_args *args = HF__ARGS(op, hf_txn_act_args);
    hf__txn_work *work;
    int error = load(op, draft, block, &work);
    if (error != 0)
        return error;
    if (args->branch == 0 || args->branch > work->count)
        return hf__refuse(draft->detail, HF_E_NOT_FOUND, "it has no branch %u", args->branch);
    uint32_t phase;
    if (!phase_of(&work->branches[args->branch - 1], &phase))
        return refuse(work, "the branch waits for no answer");
    if (args->answer == HF_ANSWER_REJECTED &&
        (phase != HF_PHASE_TRY || work->row.state == HF_TXN_CONFIRMING))
        return refuse(work, "the branch can only be done");
    error = answer_for(work, op, args->branch - 1, phase);
    return error != 0 ? error : finish(work);
}

/* The transaction, and what the answer for a command reads beside it. */
void hf__load_txn_resolve(const hf__operation *op, hf__draft *draft)
{
    const hf_txn_act_args *args = HF__ARGS(op, hf_txn_act_args);
    const hf__txn_answer answer = {.branch = args->branch, .answer = args->answer};
    const hf__txn_work *work = hf__txn_name(draft, &args->txn);
    if (work != NULL && work->row.kind == HF_TXN_COMMAND)
        hf__load_answer(draft, &work->row, &answer);
}

int hf__decide_txn_resolve(const hf__operation *op, hf__draft *draft)
{
    return hf__txn_guarded(op, draft, hf__load_txn_resolve, resolve);
}
