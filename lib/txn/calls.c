/*
 * calls.c - calls a participant or provider: in place, or through the completion queue.
 *
 * Happy path: a ticket is taken for a branch, the participant is called with its number, and the
 * answer finds the ticket by it (call_end.c).
 *
 * Failure mode: the completion queue is full. The ticket joins the head of its call queue again.
 */
#include "txn/state.h"

static hf_call_cb function_of(const hf__callee *callee, uint32_t phase, uint32_t command)
{
    const hf_call_cb functions[] = {
        [HF_PHASE_TRY] = callee->about.attempt,
        [HF_PHASE_CONFIRM] = callee->about.confirm,
        [HF_PHASE_CANCEL] = callee->about.cancel,
        [HF_PHASE_QUERY] = callee->about.query,
    };
    if (callee->is_provider && phase == HF_PHASE_TRY)
        return command < sizeof callee->commands / sizeof callee->commands[0]
                   ? callee->commands[command]
                   : NULL;
    return phase < sizeof functions / sizeof functions[0] ? functions[phase] : NULL;
}

static void describe(const hf__runtime *runtime, const hf__ticket *ticket, const hf_txn_view *view,
                     const hf_branch *branch, hf_call *out)
{
    const hf_txn *txn = view->txn;
    uint32_t phase = ticket->what.phase;
    bool tries = phase == HF_PHASE_TRY || phase == HF_PHASE_QUERY;
    int64_t left = ticket->callee->about.call_timeout_ms;
    if (tries && txn->deadline_ms != 0)
        left = txn->deadline_ms - hf__txn_now(runtime);
    *out = (hf_call){
        .size = sizeof *out,
        .phase = phase,
        .ticket = hf__ticket_number(runtime, ticket),
        .txn = txn->id,
        .key = ticket->what.key,
        .participant = ticket->callee->name,
        .payload = branch->payload,
        .payload_bytes = branch->payload_bytes,
        .epoch = hf__lease_epoch(runtime, &txn->id),
        .time_left_ms = left > 0 ? left : 0,
        .amount = txn->kind == HF_TXN_COMMAND ? txn->amount : branch->amount,
        .payment = txn->payment,
        .unit = "",
        .reference = "",
        .branch = branch->no,
        .version = branch->participant_version,
        .attempt = ticket->what.attempt,
        .command = txn->command,
        .final = (txn->flags & HF_TXN_FINAL) != 0 ? 1 : 0,
    };
    if (txn->kind != HF_TXN_COMMAND)
        return;
    out->order = ticket->entry->order;
    out->unit = ticket->entry->unit.text;
    out->reference = ticket->entry->reference.text;
}

bool hf__call_make(hf__runtime *runtime, hf__ticket *ticket, const hf_txn_view *view,
                   const hf_branch *branch)
{
    hf__callee *callee = ticket->callee;
    hf_call call;
    hf__txn_clock_look(runtime); /* earlier calls may have taken long */
    describe(runtime, ticket, view, branch, &call);
    ticket->first_ms = branch->first_ms;
    runtime->calls++;
    callee->calls++;
    callee->retries += call.attempt > 1;
    ticket->called_ns = runtime->steady_ns;
    ticket->answer.phase = ticket->what.phase;
    ticket->answer.attempt = ticket->what.attempt;
    ticket->answer.epoch = call.epoch;
    ticket->state = HF__TICKET_CALLED;
    hf__heap_set(&runtime->heap, &ticket->timer,
                 hf__txn_now(runtime) + callee->about.call_timeout_ms);
    if ((callee->about.flags & HF_PARTICIPANT_QUEUED) == 0) {
        hf_call_cb function = function_of(callee, call.phase, call.command);
        if (function != NULL)
            function(callee->about.data, &call);
        else
            hf__answer_lost(runtime, ticket, "the participant has no function for this");
        return true;
    }
    if (runtime->host.queue(runtime->host.context, &call, (uint64_t)(uintptr_t)callee->about.data))
        return true;
    callee->calls--; /* the call was not made */
    callee->retries -= call.attempt > 1;
    hf__heap_clear(&runtime->heap, &ticket->timer);
    hf__call_queue_back(runtime, ticket);
    return false;
}
