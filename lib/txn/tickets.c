/*
 * tickets.c - tickets: the number of a call is valid from the call to its answer or its time-out,
 * once.
 *
 * The number's upper half counts the uses of the ticket, so that an answer to an earlier use finds
 * nothing. It begins at random, so that an answer to an engine that was opened before finds nothing
 * either.
 *
 * A transaction may continue while a call is in flight (a deadline, an operator). Then the ticket
 * belongs to no transaction, and its answer only releases the participant's capacity.
 */
#include "txn/state.h"

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

void hf__ticket_free(hf__runtime *runtime, hf__ticket *ticket)
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
    hf__ticket_free(runtime, ticket);
}

uint64_t hf__ticket_number(const hf__runtime *runtime, const hf__ticket *ticket)
{
    return (uint64_t)ticket->generation << 32 | (uint64_t)(ticket - runtime->tickets + 1);
}

hf__ticket *hf__ticket_by(hf__runtime *runtime, uint64_t number)
{
    uint32_t index = (uint32_t)number;
    if (index == 0 || index > runtime->tickets_high)
        return NULL;
    hf__ticket *ticket = &runtime->tickets[index - 1];
    bool good = ticket->state == HF__TICKET_CALLED && ticket->generation == number >> 32;
    return good ? ticket : NULL;
}
