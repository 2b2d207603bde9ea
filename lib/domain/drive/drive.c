/*
 * drive.c - DRIVE: the answers that came, then all that follows from them.
 *
 * Happy path: each answer fits its branch, is written into the history, and moves the branch; then
 * the transaction advances. A command's answer also becomes a fact of its payment, in the same
 * commit.
 *
 * An answer that does not fit (an older attempt, another phase, a branch that has advanced) changes
 * nothing and is no error: the network may bring it at any time. Nor does one to a call that was
 * made under an older lease: the participant may have refused it because a newer engine has called
 * meanwhile, and the answer to that attempt is not known here. The engine that has the lease asks
 * again.
 *
 * Failure modes: HF_E_FENCED, HF_E_NOT_FOUND, HF_E_NOMEM, and what accounts refuse.
 */
#include "domain/core/common.h"
#include "domain/core/suspect.h"
#include "domain/txn/command.h"
#include "domain/txn/lease.h"
#include "domain/txn/work.h"

#include <string.h>

/* What an answer does. */
typedef enum effect {
    IGNORE = 0,
    DONE,   /* what was asked for */
    REFUSE, /* the try */
    LATER,  /* asked again */
    PARK,   /* a person must look */
    AGAIN,  /* it never arrived: tried again while there is time */
} effect;

#define PHASES  4u
#define ANSWERS 8u

/* clang-format off */
static const uint8_t effects[PHASES][ANSWERS] = {
    [HF_PHASE_TRY] = {
        [HF_ANSWER_OK] = DONE, [HF_ANSWER_REJECTED] = REFUSE, [HF_ANSWER_ONGOING] = LATER,
        [HF_ANSWER_UNKNOWN] = LATER, [HF_ANSWER_RETRY] = LATER, [HF_ANSWER_PARK] = PARK,
        [HF_ANSWER_NOT_FOUND] = LATER },
    /* A confirm or cancel that refuses is asked again: the decision is made. */
    [HF_PHASE_CONFIRM] = {
        [HF_ANSWER_OK] = DONE, [HF_ANSWER_REJECTED] = LATER, [HF_ANSWER_ONGOING] = LATER,
        [HF_ANSWER_UNKNOWN] = LATER, [HF_ANSWER_RETRY] = LATER, [HF_ANSWER_PARK] = PARK,
        [HF_ANSWER_NOT_FOUND] = LATER },
    [HF_PHASE_CANCEL] = {
        [HF_ANSWER_OK] = DONE, [HF_ANSWER_REJECTED] = LATER, [HF_ANSWER_ONGOING] = LATER,
        [HF_ANSWER_UNKNOWN] = LATER, [HF_ANSWER_RETRY] = LATER, [HF_ANSWER_PARK] = PARK,
        [HF_ANSWER_NOT_FOUND] = LATER },
    [HF_PHASE_QUERY] = {
        [HF_ANSWER_OK] = DONE, [HF_ANSWER_REJECTED] = REFUSE, [HF_ANSWER_ONGOING] = LATER,
        [HF_ANSWER_UNKNOWN] = LATER, [HF_ANSWER_RETRY] = LATER, [HF_ANSWER_PARK] = PARK,
        [HF_ANSWER_NOT_FOUND] = AGAIN },
};
/* The state in which a phase is called. */
static const uint32_t state_of[PHASES] = {
    [HF_PHASE_TRY] = HF_BRANCH_TRYING, [HF_PHASE_CONFIRM] = HF_BRANCH_CONFIRMING,
    [HF_PHASE_CANCEL] = HF_BRANCH_CANCELLING, [HF_PHASE_QUERY] = HF_BRANCH_TRYING,
};
/* clang-format on */

/* What an answer does when it was made under the lease that the engine has now. */
static effect effect_of(const hf__txn_work *work, const hf__txn_answer *answer)
{
    const hf_branch *branch = &work->branches[answer->branch - 1];
    if (answer->phase >= PHASES || answer->answer >= ANSWERS ||
        branch->state != state_of[answer->phase] || answer->attempt != branch->attempts + 1)
        return IGNORE;
    return (effect)effects[answer->phase][answer->answer];
}

static void park(hf__txn_work *work, const hf_branch *branch, const char *why)
{
    hf_name reason;
    hf__name_print(&reason, "branch %u, %s: %s", branch->no, branch->participant.text, why);
    hf__txn_park(work, reason.text);
}

/*
 * Records the outcome of a command in its payment. What a provider has done is recorded even when
 * an account refuses what follows for the order: then the order does not follow.
 */
static int update_payment(hf__txn_work *work, const hf__txn_answer *answer, bool late)
{
    if (work->row.kind != HF_TXN_COMMAND)
        return 0;
    bool alone = work->block != NULL && work->block->deny;
    int error = late ? hf__command_answered_late(work->draft, &work->row, answer, alone)
                     : hf__command_answered(work->draft, &work->row, answer, alone);
    if (hf__is_refusal(error) && work->block != NULL)
        work->block->hit = !alone;
    return error;
}

int hf__txn_tried(hf__txn_work *work, uint32_t at, const hf__txn_answer *answer)
{
    hf_branch *branch = &work->branches[at];
    bool ok = answer->answer == HF_ANSWER_OK;
    if (!ok && work->row.state == HF_TXN_CONFIRMING) {
        branch->due_ms = work->draft->now_ms;
        park(work, branch, "refused after the pivot");
        return 0;
    }
    if (ok && answer->amount != 0)
        branch->amount = answer->amount;
    int error = hf__txn_move_branch(work, at, ok ? HF__BRANCH_OK : HF__BRANCH_REJECT);
    return error != 0 ? error : update_payment(work, answer, false);
}

static int done(hf__txn_work *work, uint32_t at, const hf__txn_answer *answer)
{
    if (work->branches[at].state == HF_BRANCH_TRYING)
        return hf__txn_tried(work, at, answer);
    return hf__txn_move_branch(work, at, HF__BRANCH_OK);
}

/* The branch keeps its state and is called again. */
static int later(hf__txn_work *work, uint32_t at, const hf__txn_answer *answer, bool parks)
{
    hf_branch *branch = &work->branches[at];
    branch->due_ms = answer->due_ms > work->draft->now_ms ? answer->due_ms : work->draft->now_ms;
    if (parks)
        park(work, branch,
             answer->detail.text[0] != '\0' ? answer->detail.text : "no attempt left");
    return answer->answer == HF_ANSWER_ONGOING ? update_payment(work, answer, false) : 0;
}

/* Until when a copy of the try may arrive: none was sent after the deadline or the decision. */
static int64_t arrives_until(const hf__txn_work *work, const hf__txn_answer *answer)
{
    const hf_txn *txn = &work->row;
    return (txn->state == HF_TXN_TRYING ? txn->deadline_ms : txn->decided_at_ms) +
           answer->in_flight_ms;
}

/*
 * The try has not arrived: it is made again, or this is its outcome. A try that can be cancelled is
 * cancelled instead. When a copy may still be on its way, the participant is asked once more after
 * that.
 */
static int again(hf__txn_work *work, uint32_t at, const hf__txn_answer *answer)
{
    hf_branch *branch = &work->branches[at];
    bool forward = work->row.state == HF_TXN_CONFIRMING;
    bool open = work->row.state == HF_TXN_TRYING && !hf__txn_late(work);
    bool final = (branch->participant_flags & HF_PARTICIPANT_ONE_PHASE) != 0;
    if (forward || open || !final) {
        branch->epoch = work->epoch;
        return later(work, at, answer, answer->park != 0);
    }
    if (work->draft->now_ms < arrives_until(work, answer)) {
        hf__txn_answer wait = *answer;
        wait.due_ms = arrives_until(work, answer);
        branch->answer = HF_ANSWER_UNKNOWN; /* so it is asked, not tried */
        return later(work, at, &wait, answer->park != 0);
    }
    hf__txn_answer never = *answer;
    never.answer = HF_ANSWER_REJECTED;
    hf__name_set(&branch->detail, "it never arrived");
    never.detail = branch->detail;
    return hf__txn_tried(work, at, &never);
}

static int record(hf__txn_work *work, uint32_t at, const hf__txn_answer *answer)
{
    hf_branch *branch = &work->branches[at];
    const hf_attempt about = {
        .branch = branch->no,
        .phase = answer->phase,
        .answer = answer->answer,
        .detail = answer->detail,
    };
    branch->attempts++;
    branch->answer = answer->answer;
    branch->detail = answer->detail;
    if (branch->first_ms == 0)
        branch->first_ms = work->draft->now_ms;
    work->dirty[at] = true;
    return hf__txn_record(work, &about);
}

/* Takes the answer to a command that a report has ended meanwhile, whatever its attempt. */
static int take_late(hf__txn_work *work, const hf__txn_answer *answer)
{
    if ((work->row.flags & HF_TXN_REPORTED) == 0 || answer->answer != HF_ANSWER_OK)
        return 0;
    work->row.flags &= ~HF_TXN_REPORTED; /* an answer that comes again counts no second time */
    int error = record(work, answer->branch - 1, answer);
    return error != 0 ? error : update_payment(work, answer, true);
}

static int take(hf__txn_work *work, const hf__txn_answer *answer)
{
    if (answer->branch == 0 || answer->branch > work->count)
        return 0;
    uint32_t at = answer->branch - 1;
    effect what = answer->epoch == work->epoch ? effect_of(work, answer) : IGNORE;
    if (what == IGNORE)
        return take_late(work, answer);
    int error = record(work, at, answer);
    if (error != 0)
        return error;
    if (what == DONE)
        return done(work, at, answer);
    if (what == REFUSE)
        return hf__txn_tried(work, at, answer);
    if (what == AGAIN)
        return again(work, at, answer);
    return later(work, at, answer, what == PARK || answer->park != 0);
}

static int drive(const hf__operation *op, hf__draft *draft, hf__txn_block *block)
{
    const hf__txn_drive_args *args = HF__ARGS(op, hf__txn_drive_args);
    hf__txn_work *work;
    int error = hf__txn_loaded(draft, &args->txn, HF__TXN_BY_DRIVER, &work);
    if (error != 0)
        return error;
    work->block = block;
    for (uint32_t i = 0; error == 0 && i < args->answer_count; i++)
        error = take(work, &args->answers[i]);
    if (error == 0)
        error = hf__txn_advance(work);
    return error != 0 ? error : hf__txn_store(work);
}

/* Whether an answer may change the payment of a command; see update_payment. */
static bool may_update(const hf__txn_work *work, const hf__txn_answer *answer)
{
    if (work->row.kind != HF_TXN_COMMAND || answer->branch == 0 || answer->branch > work->count)
        return false;
    const effect what = effect_of(work, answer);
    if (what == IGNORE)
        return answer->answer == HF_ANSWER_OK && (work->row.flags & HF_TXN_REPORTED) != 0;
    return answer->answer == HF_ANSWER_ONGOING || (what != LATER && what != PARK);
}

/* The transaction, and what the answers to a command read beside it. */
void hf__load_txn_drive(const hf__operation *op, hf__draft *draft)
{
    const hf__txn_drive_args *args = HF__ARGS(op, hf__txn_drive_args);
    (void)hf__suspect_set(draft, HF_SUBJECT_TXN, &args->txn); /* whatever this operation does */
    const hf__txn_work *work = hf__txn_name(draft, &args->txn);
    for (uint32_t i = 0; work != NULL && i < args->answer_count; i++)
        if (may_update(work, &args->answers[i]))
            hf__load_answer(draft, &work->row, &args->answers[i]);
}

int hf__decide_txn_drive(const hf__operation *op, hf__draft *draft)
{
    return hf__txn_guarded(op, draft, hf__load_txn_drive, drive);
}
