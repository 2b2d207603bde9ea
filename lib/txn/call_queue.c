/*
 * call_queue.c - decides which call may be made now, by the cap, breaker and retry budget of each
 * participant, and queues the calls that have to wait.
 *
 * Happy path: a ticket is granted and counts against the cap until its call has ended; then the
 * next in the queue is granted (call_grant.c). First attempts and retries have queues of their own,
 * so that a spent budget delays only retries.
 *
 * Failure mode: a participant that does not answer. Its calls end by time-out, its breaker opens,
 * and its queues grow to a quarter of all tickets at most. Further tickets are refused: their
 * transactions stay due in the store and are found by a later scan. So the other participants have
 * tickets left.
 */
#include "txn/state.h"

static bool is_retry(const hf__ticket *ticket)
{
    return ticket->what.attempt > 1;
}

static hf__call_queue *line_of(const hf__ticket *ticket)
{
    return &ticket->callee->queues[is_retry(ticket)];
}

static void link_behind(hf__call_queue *queue, hf__ticket *ticket)
{
    ticket->behind = NULL;
    ticket->before = queue->last;
    if (queue->last != NULL)
        queue->last->behind = ticket;
    else
        queue->first = ticket;
    queue->last = ticket;
}

static void link_first(hf__call_queue *queue, hf__ticket *ticket)
{
    ticket->before = NULL;
    ticket->behind = queue->first;
    if (queue->first != NULL)
        queue->first->before = ticket;
    else
        queue->last = ticket;
    queue->first = ticket;
}

static void unlink_from(hf__call_queue *queue, hf__ticket *ticket)
{
    if (ticket->before != NULL)
        ticket->before->behind = ticket->behind;
    else
        queue->first = ticket->behind;
    if (ticket->behind != NULL)
        ticket->behind->before = ticket->before;
    else
        queue->last = ticket->before;
    ticket->before = NULL;
    ticket->behind = NULL;
}

/* When to ask the breaker again. */
static int64_t breaker_due(const hf_breaker *breaker, int64_t now)
{
    int64_t due = breaker->since_ms + breaker->open_for_ms;
    return due > now ? due : now + 1;
}

/* Logs when a participant stops answering, and when it answers again. */
static void log_breaker(hf__runtime *runtime, const hf__callee *callee, uint32_t before)
{
    const hf_breaker *breaker = &callee->breaker;
    if (breaker->state == before)
        return;
    if (breaker->state == HF_BREAKER_CLOSED)
        hf__log(runtime->env, HF_LOG_INFO, "%s answers again: its breaker is closed", callee->name);
    else if (before == HF_BREAKER_CLOSED)
        hf__log(runtime->env, HF_LOG_WARN, "%s does not answer: its breaker is open for %lld ms",
                callee->name, (long long)breaker->open_for_ms);
    else
        hf__log(runtime->env, HF_LOG_DEBUG, "%s: its breaker is %s", callee->name,
                breaker->state == HF_BREAKER_OPEN ? "open again" : "half-open");
}

static bool pass(hf__runtime *runtime, hf__ticket *ticket, int64_t now)
{
    hf__callee *callee = ticket->callee;
    uint32_t before = callee->breaker.state;
    int allowed = hf_breaker_allow(&callee->breaker, now, &ticket->pass);
    log_breaker(runtime, callee, before);
    if (allowed != 1) {
        callee->wake_ms = breaker_due(&callee->breaker, now);
        return false;
    }
    if (!is_retry(ticket)) {
        (void)hf_budget_deposit(&callee->budget);
        return true;
    }
    if (hf_budget_withdraw(&callee->budget, now) == 1)
        return true;
    (void)hf_breaker_report(&callee->breaker, now, ticket->pass, HF_BREAKER_UNUSED);
    callee->wake_ms = now + HF__AGAIN_MS;
    return false;
}

bool hf__call_queue_enter(hf__runtime *runtime, hf__ticket *ticket)
{
    hf__callee *callee = ticket->callee;
    if (hf_limiter_acquire(&callee->limiter) != 1)
        return false;
    if (!pass(runtime, ticket, hf__txn_now(runtime))) {
        (void)hf_limiter_release(&callee->limiter);
        return false;
    }
    ticket->placed = true;
    return true;
}

void hf__call_queue_leave(hf__runtime *runtime, hf__ticket *ticket, uint32_t outcome)
{
    hf__callee *callee = ticket->callee;
    int64_t now = hf__txn_now(runtime);
    if (!ticket->placed)
        return;
    ticket->placed = false;
    uint32_t before = callee->breaker.state;
    (void)hf_breaker_report(&callee->breaker, now, ticket->pass, outcome);
    log_breaker(runtime, callee, before);
    (void)hf_limiter_release(&callee->limiter);
    if (outcome == HF_BREAKER_SUCCESS)
        callee->ended_ms = now;
    if (callee->waiting != 0)
        runtime->host.wake(runtime->host.context);
}

bool hf__callee_full(const hf__callee *callee)
{
    return callee->limiter.in_flight >= callee->limiter.max;
}

bool hf__callee_stuck(const hf__callee *callee, int64_t now)
{
    return callee->breaker.state != HF_BREAKER_CLOSED ||
           (hf__callee_full(callee) && now - callee->ended_ms >= HF__STUCK_MS);
}

uint32_t hf__call_queue_max(const hf__runtime *runtime)
{
    return runtime->entries_max / 4;
}

bool hf__call_queue_wait(hf__runtime *runtime, hf__ticket *ticket)
{
    hf__callee *callee = ticket->callee;
    if (callee->waiting >= hf__call_queue_max(runtime) &&
        hf__callee_stuck(callee, hf__txn_now(runtime))) {
        callee->turned_away = true;
        return false;
    }
    ticket->state = HF__TICKET_WAITING;
    link_behind(line_of(ticket), ticket);
    callee->waiting++;
    runtime->waiting++;
    return true;
}

void hf__call_queue_unwait(hf__runtime *runtime, hf__ticket *ticket)
{
    unlink_from(line_of(ticket), ticket);
    ticket->callee->waiting--;
    runtime->waiting--;
}

void hf__call_queue_back(hf__runtime *runtime, hf__ticket *ticket)
{
    hf__call_queue_leave(runtime, ticket, HF_BREAKER_UNUSED);
    ticket->state = HF__TICKET_WAITING;
    link_first(line_of(ticket), ticket);
    ticket->callee->waiting++;
    runtime->waiting++;
    ticket->callee->wake_ms = hf__txn_now(runtime) + HF__AGAIN_MS;
}
