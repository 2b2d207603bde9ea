/*
 * calls.c - tickets: the number of a call is valid from the call to its answer or its time-out,
 * once.
 *
 * Happy path: a ticket is taken for a branch, the participant is called with its number, the
 * answer finds the ticket by it. The number's upper half counts the uses of the ticket, so that an
 * answer to an earlier use finds nothing. It begins at random, so that an answer to an engine that
 * was opened before finds nothing either.
 *
 * A transaction may continue while a call is in flight (a deadline, an operator). Then the ticket
 * belongs to no transaction, and its answer only releases the participant's capacity.
 */
#include "txn/state.h"

#include <stdio.h>
#include <string.h>

/* ---- Tickets --------------------------------------------------------------------------------- */

hf__ticket *hf__ticket_new(hf__runtime *runtime, hf__active_txn *entry, uint32_t branch)
{
    hf__ticket *ticket = runtime->tickets_free;
    if (ticket != NULL) {
        runtime->tickets_free = ticket->next;
    } else if (runtime->tickets_high < runtime->tickets_max) {
        ticket = &runtime->tickets[runtime->tickets_high++];
        *ticket = (hf__ticket){.generation = (uint32_t)(runtime->random >> 32)};
    } else {
        return NULL;
    }
    *ticket = (hf__ticket){.generation = ticket->generation + 1, .entry = entry};
    ticket->timer.kind = HF__TIMED_TICKET;
    ticket->answer.branch = branch;
    ticket->next = entry->tickets;
    entry->tickets = ticket;
    runtime->ticket_count++;
    return ticket;
}

hf__ticket *hf__ticket_of(const hf__active_txn *entry, uint32_t branch)
{
    hf__ticket *ticket = entry->tickets;
    while (ticket != NULL && ticket->answer.branch != branch)
        ticket = ticket->next;
    return ticket;
}

static void take_out(hf__ticket *ticket)
{
    hf__ticket **at = &ticket->entry->tickets;
    while (*at != ticket)
        at = &(*at)->next;
    *at = ticket->next;
    ticket->entry = NULL;
}

static void free_ticket(hf__runtime *runtime, hf__ticket *ticket)
{
    ticket->state = HF__TICKET_FREE;
    ticket->next = runtime->tickets_free;
    runtime->tickets_free = ticket;
    runtime->ticket_count--;
}

void hf__ticket_drop(hf__runtime *runtime, hf__ticket *ticket)
{
    take_out(ticket);
    if (ticket->state == HF__TICKET_CALLED)
        return; /* it ends with its answer or its time-out */
    if (ticket->state == HF__TICKET_WAITING)
        hf__call_queue_unwait(runtime, ticket);
    hf__call_queue_leave(runtime, ticket, HF_BREAKER_UNUSED);
    free_ticket(runtime, ticket);
}

static uint64_t number_of(const hf__runtime *runtime, const hf__ticket *ticket)
{
    return (uint64_t)ticket->generation << 32 | (uint64_t)(ticket - runtime->tickets + 1);
}

static hf__ticket *ticket_by(hf__runtime *runtime, uint64_t number)
{
    uint32_t index = (uint32_t)number;
    if (index == 0 || index > runtime->tickets_high)
        return NULL;
    hf__ticket *ticket = &runtime->tickets[index - 1];
    bool good = ticket->state == HF__TICKET_CALLED && ticket->generation == number >> 32;
    return good ? ticket : NULL;
}

/* ---- Calling --------------------------------------------------------------------------------- */

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
        .ticket = number_of(runtime, ticket),
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
    describe(runtime, ticket, view, branch, &call);
    ticket->first_ms = branch->first_ms;
    runtime->calls++;
    callee->calls++;
    callee->retries += call.attempt > 1;
    ticket->called_ns = hf__txn_steady_ns(runtime);
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
    callee->calls--; /* it was not made after all */
    callee->retries -= call.attempt > 1;
    hf__heap_clear(&runtime->heap, &ticket->timer);
    hf__call_queue_back(runtime, ticket);
    return false;
}

/* ---- Answers --------------------------------------------------------------------------------- */

/* The call has ended: its place goes to the next, its answer to the transaction, if it has one. */
static void ended(hf__runtime *runtime, hf__ticket *ticket)
{
    bool failed = ticket->answer.answer == HF_ANSWER_UNKNOWN;
    hf__figures_call(runtime, ticket, failed);
    hf__heap_clear(&runtime->heap, &ticket->timer);
    hf__call_queue_leave(runtime, ticket, failed ? HF_BREAKER_FAILURE : HF_BREAKER_SUCCESS);
    if (ticket->entry == NULL) {
        free_ticket(runtime, ticket);
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
    hf__ticket *ticket = ticket_by(runtime, number);
    if (ticket == NULL)
        return hf__refuse(detail, HF_E_NOT_FOUND, "ticket: is not good, or no longer");
    int error = hf__answer_check(ticket, answer, detail);
    if (error == 0)
        hf__answer_set(runtime, ticket, answer);
    else
        hf__answer_lost(runtime, ticket, detail->text);
    ended(runtime, ticket);
    return error;
}
