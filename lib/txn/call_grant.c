/*
 * call_grant.c - grants the next tickets in the call queues, when there is capacity or a time has
 * come.
 *
 * Failure mode: a participant that is stuck and whose queues are too long. The last tickets are
 * dropped: their transactions stay due in the store, and other transactions need the entries.
 */
#include "txn/state.h"

/* The transaction is read again, because its payload is not kept while it waits. */
static void grant(hf__runtime *runtime, hf__ticket *ticket)
{
    hf__call_queue_unwait(runtime, ticket);
    ticket->state = HF__TICKET_GRANTED;
    hf__active_txn_queue_read(runtime, ticket->entry);
}

/*
 * Drops the last tickets of a queue: their transactions are due in the store, and other
 * transactions need the entries.
 */
static void shed(hf__runtime *runtime, hf__callee *callee, int64_t now)
{
    if (callee->waiting <= hf__call_queue_max(runtime) || !hf__callee_stuck(callee, now))
        return;
    callee->turned_away = true;
    hf__scan_at(runtime, now + HF__OVERFLOW_MS);
    while (callee->waiting > hf__call_queue_max(runtime)) {
        hf__call_queue *queue = &callee->queues[callee->queues[1].last != NULL];
        hf__active_txn *entry = queue->last->entry;
        hf__ticket_drop(runtime, queue->last);
        hf__active_txn_finish(runtime, entry);
    }
}

static void turn_of(hf__runtime *runtime, hf__callee *callee, int64_t now)
{
    shed(runtime, callee, now);
    if (callee->wake_ms > now)
        return;
    callee->wake_ms = 0;
    for (uint32_t i = 0; i < sizeof callee->queues / sizeof callee->queues[0]; i++) {
        while (callee->queues[i].first != NULL &&
               hf__call_queue_enter(runtime, callee->queues[i].first))
            grant(runtime, callee->queues[i].first);
    }
    if (callee->waiting == 0 && callee->turned_away) {
        callee->turned_away = false;
        hf__scan_at(runtime, now);
    }
}

void hf__call_queue_turn(hf__runtime *runtime)
{
    if (runtime->waiting == 0)
        return;
    int64_t now = hf__txn_now(runtime);
    for (uint32_t i = 0; i < runtime->callee_count; i++) {
        if (runtime->callees[i].waiting != 0)
            turn_of(runtime, &runtime->callees[i], now);
    }
}

/* The time at which the queues can continue though no call ends, or become too long. */
static int64_t due_of(const hf__runtime *runtime, const hf__callee *callee)
{
    int64_t stuck_at = callee->ended_ms + HF__STUCK_MS;
    bool is_long = callee->waiting > hf__call_queue_max(runtime) && hf__callee_full(callee);
    if (is_long && (callee->wake_ms == 0 || callee->wake_ms >= stuck_at))
        return stuck_at;
    return callee->waiting != 0 ? callee->wake_ms : 0;
}

int64_t hf__call_queue_due(const hf__runtime *runtime)
{
    int64_t due = 0;
    for (uint32_t i = 0; runtime->waiting != 0 && i < runtime->callee_count; i++) {
        int64_t at = due_of(runtime, &runtime->callees[i]);
        if (at != 0 && (due == 0 || at < due))
            due = at;
    }
    return due;
}
