/*
 * call.c - answers the runtime's questions: which call is next, and which answers may wait.
 *
 * A try is repeated only when the participant has no query function: repeating is safe, because
 * participants are idempotent, but a query is cheaper for them and returns more.
 */
#include "base/id.h"
#include "domain/txn/state.h"
#include "domain/txn/txn.h"

/* Whether the try may have arrived although its outcome is not known. */
static bool in_doubt(const hf_branch *branch, uint64_t epoch)
{
    if (branch->answer == HF_ANSWER_NOT_FOUND)
        return branch->epoch != epoch;
    return branch->epoch != epoch || branch->answer != HF_ANSWER_NONE;
}

static uint32_t phase_of(const hf_branch *branch, uint64_t epoch, bool can_query)
{
    if (branch->state == HF_BRANCH_CONFIRMING)
        return HF_PHASE_CONFIRM;
    if (branch->state == HF_BRANCH_CANCELLING)
        return HF_PHASE_CANCEL;
    bool asks = can_query || (branch->participant_flags & HF_PARTICIPANT_ONE_PHASE) != 0;
    if (asks && in_doubt(branch, epoch))
        return HF_PHASE_QUERY;
    return HF_PHASE_TRY;
}

/* A provider knows a command by the transaction's own id. */
static void key_of(const hf_txn *txn, const hf_branch *branch, uint32_t phase, hf_id *out)
{
    uint32_t asked = phase == HF_PHASE_QUERY ? HF_PHASE_TRY : phase;
    if (txn->kind == HF_TXN_COMMAND)
        *out = txn->id;
    else
        hf__id_derive(&txn->id, branch->no * 4u + asked, out);
}

bool hf__txn_next_call(const hf_txn *txn, const hf_branch *branch, uint64_t epoch, bool can_query,
                       hf__txn_call *out)
{
    if (txn->parked || hf__txn_is_over(txn->state) || branch->due_ms == 0 ||
        hf__branch_is_over(branch->state))
        return false;
    out->phase = phase_of(branch, epoch, can_query);
    out->attempt = branch->attempts + 1;
    out->due_ms = branch->due_ms;
    key_of(txn, branch, out->phase, &out->key);
    return true;
}

bool hf__txn_may_wait(const hf_txn *txn, const hf__txn_answer *answer)
{
    return answer->answer == HF_ANSWER_OK && txn->state == HF_TXN_TRYING && txn->branch_count > 1 &&
           (answer->phase == HF_PHASE_TRY || answer->phase == HF_PHASE_QUERY);
}
