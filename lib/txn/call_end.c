/*
 * call_end.c - a call ends with its answer or with its time-out.
 *
 * Happy path: the number of the ticket is valid, so the answer is checked and set; the
 * participant's capacity is released and the transaction continues.
 *
 * Failure mode: an answer that does not fit counts as one that never came (answers.c), and the
 * caller gets the error.
 */
#include "txn/state.h"

#include <stdio.h>

/*
 * Ends a call: its capacity is released for the next call, and its answer goes to the transaction,
 * if the ticket still has one.
 */
static void ended(hf__runtime *runtime, hf__ticket *ticket)
{
    bool failed = ticket->answer.answer == HF_ANSWER_UNKNOWN;
    hf__figures_call(runtime, ticket, failed);
    hf__heap_clear(&runtime->heap, &ticket->timer);
    hf__call_queue_leave(runtime, ticket, failed ? HF_BREAKER_FAILURE : HF_BREAKER_SUCCESS);
    if (ticket->entry == NULL) {
        hf__ticket_free(runtime, ticket);
        return;
    }
    ticket->state = HF__TICKET_ANSWERED;
    hf__active_txn_finish(runtime, ticket->entry);
    runtime->host.wake(runtime->host.context);
}

void hf__call_timed_out(hf__runtime *runtime, hf__ticket *ticket)
{
    char detail[HF_NAME_MAX + 1];
    (void)snprintf(detail, sizeof detail, "no answer within %lld ms",
                   (long long)ticket->callee->about.call_timeout_ms);
    ticket->callee->timeouts++;
    hf__answer_lost(runtime, ticket, detail);
    ended(runtime, ticket);
}

int hf__runtime_answer(hf__runtime *runtime, uint64_t number, const hf_call_answer *answer,
                       hf__detail *detail)
{
    if (answer == NULL)
        return hf__refuse(detail, HF_E_ARGUMENT, "answer: is NULL");
    if (answer->size != sizeof *answer)
        return hf__refuse(detail, HF_E_ABI, "size: %u bytes, this library knows %zu", answer->size,
                          sizeof *answer);
    hf__ticket *ticket = hf__ticket_by(runtime, number);
    if (ticket == NULL)
        return hf__refuse(detail, HF_E_NOT_FOUND, "ticket: is not valid, or no longer valid");
    hf__txn_clock_look(runtime);
    int error = hf__answer_check(ticket, answer, detail);
    if (error == 0)
        hf__answer_set(runtime, ticket, answer);
    else
        hf__answer_lost(runtime, ticket, detail->text);
    ended(runtime, ticket);
    return error;
}
