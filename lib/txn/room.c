/*
 * room.c - who may be called now: cap, breaker and retry budget of each participant, and the lines
 * of those that found no room there.
 *
 * Happy path: a ticket gets a place and keeps it until its call has ended; then the next in line
 * gets it. First attempts and retries stand in lines of their own, so that a spent budget holds
 * back only retries.
 *
 * Failure mode: a participant that answers nobody. Its calls end by time-out, its breaker opens,
 * its lines grow to a quarter of all tickets at most; whoever comes then is turned away, its
 * transaction stays due in the store, and is looked for later. So the others find room.
 */
#include "txn/state.h"

static bool is_retry(const hf__ticket *ticket)
{
    return ticket->what.attempt > 1;
}

static hf__line *line_of(const hf__ticket *ticket)
{
    return &ticket->party->lines[is_retry(ticket)];
}

static void link_behind(hf__line *line, hf__ticket *ticket)
{
    ticket->behind = NULL;
    ticket->before = line->last;
    if (line->last != NULL)
        line->last->behind = ticket;
    else
        line->first = ticket;
    line->last = ticket;
}

static void link_first(hf__line *line, hf__ticket *ticket)
{
    ticket->before = NULL;
    ticket->behind = line->first;
    if (line->first != NULL)
        line->first->before = ticket;
    else
        line->last = ticket;
    line->first = ticket;
}

static void unlink_from(hf__line *line, hf__ticket *ticket)
{
    if (ticket->before != NULL)
        ticket->before->behind = ticket->behind;
    else
        line->first = ticket->behind;
    if (ticket->behind != NULL)
        ticket->behind->before = ticket->before;
    else
        line->last = ticket->before;
    ticket->before = NULL;
    ticket->behind = NULL;
}

/* When to ask the breaker again. */
static int64_t breaker_due(const hf_breaker *breaker, int64_t now)
{
    int64_t due = breaker->since_ms + breaker->open_for_ms;
    return due > now ? due : now + 1;
}

/* One line when a participant stops answering, and one when it answers again. */
static void log_breaker(hf__runtime *runtime, const hf__party *party, uint32_t before)
{
    const hf_breaker *breaker = &party->breaker;
    if (breaker->state == before)
        return;
    if (breaker->state == HF_BREAKER_CLOSED)
        hf__log(runtime->env, HF_LOG_INFO, "%s answers again: its breaker is closed", party->name);
    else if (before == HF_BREAKER_CLOSED)
        hf__log(runtime->env, HF_LOG_WARN, "%s does not answer: its breaker is open for %lld ms",
                party->name, (long long)breaker->open_for_ms);
    else
        hf__log(runtime->env, HF_LOG_DEBUG, "%s: its breaker is %s", party->name,
                breaker->state == HF_BREAKER_OPEN ? "open again" : "half-open");
}

static bool pass(hf__runtime *runtime, hf__ticket *ticket, int64_t now)
{
    hf__party *party = ticket->party;
    uint32_t before = party->breaker.state;
    int allowed = hf_breaker_allow(&party->breaker, now, &ticket->pass);
    log_breaker(runtime, party, before);
    if (allowed != 1) {
        party->wake_ms = breaker_due(&party->breaker, now);
        return false;
    }
    if (!is_retry(ticket)) {
        (void)hf_budget_deposit(&party->budget);
        return true;
    }
    if (hf_budget_withdraw(&party->budget, now) == 1)
        return true;
    (void)hf_breaker_report(&party->breaker, now, ticket->pass, HF_BREAKER_UNUSED);
    party->wake_ms = now + HF__AGAIN_MS;
    return false;
}

bool hf__room_enter(hf__runtime *runtime, hf__ticket *ticket)
{
    hf__party *party = ticket->party;
    if (hf_limiter_acquire(&party->limiter) != 1)
        return false;
    if (!pass(runtime, ticket, hf__txn_now(runtime))) {
        (void)hf_limiter_release(&party->limiter);
        return false;
    }
    ticket->placed = true;
    return true;
}

void hf__room_leave(hf__runtime *runtime, hf__ticket *ticket, uint32_t outcome)
{
    hf__party *party = ticket->party;
    int64_t now = hf__txn_now(runtime);
    if (!ticket->placed)
        return;
    ticket->placed = false;
    uint32_t before = party->breaker.state;
    (void)hf_breaker_report(&party->breaker, now, ticket->pass, outcome);
    log_breaker(runtime, party, before);
    (void)hf_limiter_release(&party->limiter);
    if (outcome == HF_BREAKER_SUCCESS)
        party->ended_ms = now;
    if (party->waiting != 0)
        runtime->door.wake(runtime->door.context);
}

static bool is_full(const hf__party *party)
{
    return party->limiter.in_flight >= party->limiter.max;
}

static bool stuck(const hf__party *party, int64_t now)
{
    return party->breaker.state != HF_BREAKER_CLOSED ||
           (is_full(party) && now - party->ended_ms >= HF__STUCK_MS);
}

static uint32_t line_max(const hf__runtime *runtime)
{
    return runtime->entries_max / 4;
}

bool hf__room_wait(hf__runtime *runtime, hf__ticket *ticket)
{
    hf__party *party = ticket->party;
    if (party->waiting >= line_max(runtime) && stuck(party, hf__txn_now(runtime))) {
        party->turned_away = true;
        return false;
    }
    ticket->state = HF__TICKET_WAITING;
    link_behind(line_of(ticket), ticket);
    party->waiting++;
    runtime->waiting++;
    return true;
}

void hf__room_unwait(hf__runtime *runtime, hf__ticket *ticket)
{
    unlink_from(line_of(ticket), ticket);
    ticket->party->waiting--;
    runtime->waiting--;
}

void hf__room_back(hf__runtime *runtime, hf__ticket *ticket)
{
    hf__room_leave(runtime, ticket, HF_BREAKER_UNUSED);
    ticket->state = HF__TICKET_WAITING;
    link_first(line_of(ticket), ticket);
    ticket->party->waiting++;
    runtime->waiting++;
    ticket->party->wake_ms = hf__txn_now(runtime) + HF__AGAIN_MS;
}

/* The transaction is read again, because its payload is not kept while it waits. */
static void grant(hf__runtime *runtime, hf__ticket *ticket)
{
    hf__room_unwait(runtime, ticket);
    ticket->state = HF__TICKET_GRANTED;
    hf__entry_want_read(runtime, ticket->entry);
}

/* The last in line go: they are in the store, and others need their entries. */
static void shed(hf__runtime *runtime, hf__party *party, int64_t now)
{
    if (party->waiting <= line_max(runtime) || !stuck(party, now))
        return;
    party->turned_away = true;
    hf__scan_at(runtime, now + HF__OVERFLOW_MS);
    while (party->waiting > line_max(runtime)) {
        hf__line *line = &party->lines[party->lines[1].last != NULL];
        hf__entry *entry = line->last->entry;
        hf__ticket_drop(runtime, line->last);
        hf__entry_settle(runtime, entry);
    }
}

static void turn_of(hf__runtime *runtime, hf__party *party, int64_t now)
{
    shed(runtime, party, now);
    if (party->wake_ms > now)
        return;
    party->wake_ms = 0;
    for (uint32_t i = 0; i < sizeof party->lines / sizeof party->lines[0]; i++) {
        while (party->lines[i].first != NULL && hf__room_enter(runtime, party->lines[i].first))
            grant(runtime, party->lines[i].first);
    }
    if (party->waiting == 0 && party->turned_away) {
        party->turned_away = false;
        hf__scan_at(runtime, now);
    }
}

void hf__room_turn(hf__runtime *runtime)
{
    if (runtime->waiting == 0)
        return;
    int64_t now = hf__txn_now(runtime);
    for (uint32_t i = 0; i < runtime->party_count; i++) {
        if (runtime->parties[i].waiting != 0)
            turn_of(runtime, &runtime->parties[i], now);
    }
}

/* When a line moves without a call that ends, or gets too long. */
static int64_t due_of(const hf__runtime *runtime, const hf__party *party)
{
    int64_t stuck_at = party->ended_ms + HF__STUCK_MS;
    if (party->waiting > line_max(runtime) && is_full(party))
        return party->wake_ms != 0 && party->wake_ms < stuck_at ? party->wake_ms : stuck_at;
    return party->waiting != 0 ? party->wake_ms : 0;
}

int64_t hf__room_due(const hf__runtime *runtime)
{
    int64_t due = 0;
    for (uint32_t i = 0; runtime->waiting != 0 && i < runtime->party_count; i++) {
        int64_t at = due_of(runtime, &runtime->parties[i]);
        if (at != 0 && (due == 0 || at < due))
            due = at;
    }
    return due;
}
