/*
 * driver.c - drives the transactions that have an entry (active.c).
 *
 *     seen -> called -> answered -> written -> seen ... until nothing is to be done now
 *
 * Happy path: an entry is seen, in the answer of the operation that changed it or by a read; the
 * calls that the core names are made from the rows in that batch's memory; answers are gathered
 * until one cannot wait or none is out; one write brings them in, and its answer is seen next.
 *
 * Failure modes: a full request queue leaves the entry in its list; an internal operation that
 * fails is repeated later, the answers are kept; a transaction that waits for its time has no
 * entry.
 */
#include "txn/state.h"

#include <stdio.h>

/*
 * True when the transaction is past its deadline, and the core has not decided yet what follows for
 * this version.
 */
static bool is_overdue(const hf__active_txn *entry, int64_t now)
{
    const hf_txn *txn = &entry->txn;
    return txn->state == HF_TXN_TRYING && txn->deadline_ms != 0 && txn->deadline_ms <= now &&
           txn->parked == 0 && entry->driven_version != txn->version + 1;
}

/* Whether the answers that are here should be written now. */
static bool is_complete(const hf__active_txn *entry)
{
    bool answered = false;
    bool out = false;
    bool urgent = entry->waits_for_ticket;
    for (const hf__ticket *ticket = entry->tickets; ticket != NULL; ticket = ticket->next) {
        out = out || ticket->state == HF__TICKET_CALLED;
        if (ticket->state == HF__TICKET_WAITING || ticket->state == HF__TICKET_GRANTED)
            urgent = true; /* the others may wait for long */
        if (ticket->state != HF__TICKET_ANSWERED)
            continue;
        answered = true;
        urgent = urgent || !hf__txn_may_wait(&entry->txn, &ticket->answer);
    }
    return answered && (urgent || !out);
}

/*
 * Releases an entry that waits for nothing: the store's index of due times still has the
 * transaction.
 */
static void let_go(hf__runtime *runtime, hf__active_txn *entry, int64_t now)
{
    const hf_txn *txn = &entry->txn;
    if (txn->due_ms != 0 && txn->state != HF_TXN_NONE)
        hf__scan_at(runtime, txn->due_ms > now ? txn->due_ms : now + HF__OVERFLOW_MS);
    hf__active_txn_release(runtime, entry);
}

/*
 * Another engine drives the transaction. A caller that waits here is called back when a read shows
 * the outcome.
 */
static void leave_to_others(hf__runtime *runtime, hf__active_txn *entry, int64_t now)
{
    hf__active_txn_drop_tickets(runtime, entry);
    hf__active_txn_set_waits(runtime, entry, false);
    if (hf__waiters_have(runtime, &entry->id))
        hf__heap_set(&runtime->heap, &entry->timer, now + HF__LOOK_MS);
    else
        hf__active_txn_release(runtime, entry);
}

void hf__active_txn_finish(hf__runtime *runtime, hf__active_txn *entry)
{
    if (entry->busy || hf__active_txn_at_work(entry))
        return;
    int64_t now = hf__txn_now(runtime);
    if (!hf__lease_holds(runtime, &entry->id)) {
        leave_to_others(runtime, entry, now);
        return;
    }
    if (is_complete(entry) || is_overdue(entry, now)) {
        hf__active_txn_queue_write(runtime, entry);
        return;
    }
    if (entry->waits_for_ticket)
        return;
    if (entry->tickets == NULL) {
        let_go(runtime, entry, now);
        return;
    }
    if (entry->txn.state == HF_TXN_TRYING && entry->txn.deadline_ms > now)
        hf__heap_set(&runtime->heap, &entry->timer, entry->txn.deadline_ms);
}

void hf__active_txns_lost(hf__runtime *runtime)
{
    for (uint32_t i = 0; i < runtime->entries_high; i++) {
        hf__active_txn *entry = &runtime->entries[i];
        if (entry->in_use && !hf__lease_holds(runtime, &entry->id))
            hf__active_txn_finish(runtime, entry);
    }
}

void hf__runtime_drain(hf__runtime *runtime)
{
    hf__lease_drain(runtime);
    hf__active_txns_lost(runtime);
}

static void again_later(hf__runtime *runtime, hf__active_txn *entry)
{
    hf__heap_set(&runtime->heap, &entry->timer, hf__txn_now(runtime) + HF__AGAIN_MS);
}

void hf__runtime_viewed(hf__runtime *runtime, const hf_txn_view *view, bool submitted)
{
    const hf_txn *txn = view->txn;
    if (runtime->ended)
        return;
    hf__active_txn *entry = hf__active_txn_find(runtime, &txn->id);
    bool due = txn->due_ms != 0 && (submitted || runtime->callee_count > 0);
    if (entry == NULL && (due || hf__waiters_have(runtime, &txn->id)))
        entry = hf__active_txn_of(runtime, &txn->id);
    if (entry == NULL)
        /* Nothing is to be done, or no entry is free and a scan finds the transaction later. */
        return;
    entry->view = view;
    if (entry->is_viewed)
        return;
    entry->is_viewed = true;
    entry->next_viewed = runtime->viewed;
    runtime->viewed = entry;
}

/* ---- Seeing ---------------------------------------------------------------------------------- */

/* A call that was made under an older lease is made again. */
static bool same_call(const hf__ticket *ticket, const hf__txn_call *call, uint64_t epoch)
{
    bool old = ticket->state == HF__TICKET_CALLED && ticket->answer.epoch != epoch;
    return ticket->what.phase == call->phase && ticket->what.attempt == call->attempt && !old;
}

static void park_unregistered(hf__runtime *runtime, hf__active_txn *entry, const hf_branch *branch,
                              const hf__txn_call *call)
{
    char detail[2 * HF_NAME_MAX];
    bool provider = entry->txn.kind == HF_TXN_COMMAND;
    hf__ticket *ticket = hf__ticket_new(runtime, entry, branch->no);
    if (ticket == NULL) {
        hf__active_txn_set_waits(runtime, entry, true);
        return;
    }
    if (provider)
        (void)snprintf(detail, sizeof detail, "provider %s is not registered",
                       branch->participant.text);
    else
        (void)snprintf(detail, sizeof detail, "version %u of %s is not registered",
                       branch->participant_version, branch->participant.text);
    hf__answer_park(runtime, ticket, call, hf__lease_epoch(runtime, &entry->txn.id), detail);
}

/* Begins a call whose time has come, unless it is under way already. */
static void begin_call(hf__runtime *runtime, hf__active_txn *entry, const hf_txn_view *view,
                       const hf_branch *branch, hf__callee *callee, const hf__txn_call *call)
{
    hf__ticket *ticket = hf__ticket_new(runtime, entry, branch->no);
    if (ticket == NULL) {
        hf__active_txn_set_waits(runtime, entry, true);
        return;
    }
    ticket->callee = callee;
    ticket->what = *call;
    bool is_first = callee->queues[call->attempt > 1].first == NULL;
    if (is_first && hf__call_queue_enter(runtime, ticket)) {
        (void)hf__call_make(runtime, ticket, view, branch);
    } else if (!hf__call_queue_wait(runtime, ticket)) {
        hf__ticket_drop(runtime, ticket);
        hf__scan_at(runtime, hf__txn_now(runtime) + HF__OVERFLOW_MS);
    }
}

static void look_at(hf__runtime *runtime, hf__active_txn *entry, const hf_txn_view *view,
                    const hf_branch *branch)
{
    const hf_txn *txn = view->txn;
    hf__callee *callee = hf__callee_find(runtime, txn->kind == HF_TXN_COMMAND,
                                         branch->participant.text, branch->participant_version);
    bool can_query = callee != NULL && callee->about.query != NULL;
    uint64_t epoch = hf__lease_epoch(runtime, &txn->id);
    hf__txn_call call;
    bool any = hf__txn_next_call(txn, branch, epoch, can_query, &call);
    hf__ticket *ticket = hf__ticket_of(entry, branch->no);
    bool granted = ticket != NULL && ticket->state == HF__TICKET_GRANTED;
    bool late = granted && !hf__lease_calls(runtime, &txn->id);
    if (ticket != NULL && (!any || late || (!granted && !same_call(ticket, &call, epoch)))) {
        hf__ticket_drop(runtime, ticket);
        ticket = NULL;
    }
    if (!any || call.due_ms > hf__txn_now(runtime) || !hf__lease_calls(runtime, &txn->id))
        return;
    if (callee == NULL && ticket == NULL) {
        park_unregistered(runtime, entry, branch, &call);
    } else if (ticket == NULL) {
        begin_call(runtime, entry, view, branch, callee, &call);
    } else if (granted) {
        ticket->what = call;
        (void)hf__call_make(runtime, ticket, view, branch);
    }
}

static void ask_payment(hf__runtime *runtime, hf__active_txn *entry, hf__txn_ask ask)
{
    ask.read = true;
    ask.job = &entry->payment;
    if (runtime->host.submit(runtime->host.context, &ask) != NULL)
        entry->payment.out = true;
    else
        hf__active_txn_queue_read(runtime, entry); /* begins anew */
}

/* The payment and its order are read once for all calls of a command, so that a provider gets the
   same values in each attempt. */
static bool needs_payment(hf__runtime *runtime, hf__active_txn *entry)
{
    if (entry->txn.kind != HF_TXN_COMMAND || entry->payment_known)
        return false;
    hf_payment_get_args args = {.head = {.size = sizeof args, .actor = ""},
                                .payment = entry->txn.payment};
    ask_payment(runtime, entry,
                (hf__txn_ask){.type = HF_OP_PAYMENT_GET, .args = &args.head, .bytes = sizeof args});
    return true;
}

static void read_order(hf__runtime *runtime, hf__active_txn *entry)
{
    hf_order_get_args args = {.head = {.size = sizeof args, .actor = ""}, .order = entry->order};
    ask_payment(runtime, entry,
                (hf__txn_ask){.type = HF_OP_ORDER_GET, .args = &args.head, .bytes = sizeof args});
}

static void look_at_all(hf__runtime *runtime, hf__active_txn *entry, const hf_txn_view *view)
{
    hf__active_txn_set_waits(runtime, entry, false);
    entry->busy = true; /* answers inside a call are settled after the last */
    for (uint32_t i = 0; i < view->branch_count; i++) {
        if (runtime->ended || runtime->host.closing(runtime->host.context))
            break;
        look_at(runtime, entry, view, view->branches[i]);
    }
    entry->busy = false;
}

static bool is_over(const hf_txn *txn)
{
    return txn->state == HF_TXN_CONFIRMED || txn->state == HF_TXN_CANCELLED || txn->parked != 0;
}

/*
 * False when a report ended the command while its call was under way: the answer may differ from
 * the report.
 */
static bool is_awaited(const hf__active_txn *entry)
{
    bool called = false;
    for (const hf__ticket *ticket = entry->tickets; ticket != NULL; ticket = ticket->next)
        called =
            called || ticket->state == HF__TICKET_CALLED || ticket->state == HF__TICKET_ANSWERED;
    return called && (entry->txn.flags & HF_TXN_REPORTED) != 0;
}

static void seen(hf__runtime *runtime, hf__active_txn *entry, const hf_txn_view *view)
{
    entry->txn = *view->txn;
    entry->txn.meta = NULL;
    entry->txn.meta_bytes = 0;
    if (is_over(view->txn)) {
        if (!is_awaited(entry))
            hf__active_txn_release(runtime, entry);
        else
            hf__active_txn_finish(runtime, entry);
        return;
    }
    bool ours = hf__lease_holds(runtime, &entry->id);
    if (ours && needs_payment(runtime, entry))
        return;
    if (ours &&
        !is_overdue(entry, hf__txn_now(runtime))) /* else the core decides first what follows */
        look_at_all(runtime, entry, view);
    hf__active_txn_finish(runtime, entry);
}

void hf__driver_see(hf__runtime *runtime, hf__active_txn *entry, const hf_txn_view *view)
{
    hf__waiters_complete(runtime, view, view->txn->updated_at_ms);
    hf__heap_clear(&runtime->heap, &entry->timer);
    if (entry->to_write || !hf__lease_known(runtime)) /* a repeat is answered without leases */
        hf__active_txn_queue_read(runtime, entry);
    else
        seen(runtime, entry, view);
}

void hf__driver_read(hf__runtime *runtime, hf__active_txn *entry, const hf_completion *done)
{
    entry->read.out = false;
    if (done->status == HF_E_NOT_FOUND) {
        entry->changed = false;
        hf__active_txn_release(runtime, entry);
        return;
    }
    if (done->status != 0) {
        again_later(runtime, entry);
        return;
    }
    hf__waiters_complete(runtime, done->result, done->at_ms);
    if (entry->write.out)
        return; /* it is read again after that */
    if (entry->changed) {
        entry->changed = false;
        hf__active_txn_queue_read(runtime, entry);
        return;
    }
    hf__heap_clear(&runtime->heap, &entry->timer);
    seen(runtime, entry, done->result);
}

void hf__driver_payment(hf__runtime *runtime, hf__active_txn *entry, const hf_completion *done)
{
    entry->payment.out = false;
    entry->changed = false;
    if (done->status != 0) {
        again_later(runtime, entry);
        return;
    }
    if (done->type == HF_OP_PAYMENT_GET) {
        const hf_payment *payment = done->result;
        entry->order = payment->order;
        entry->reference = payment->provider_ref;
        read_order(runtime, entry);
        return;
    }
    entry->unit = ((const hf_order_view *)done->result)->order->currency;
    entry->payment_known = true;
    hf__active_txn_queue_read(runtime, entry);
}

/* ---- Writing --------------------------------------------------------------------------------- */

void hf__driver_written(hf__runtime *runtime, hf__active_txn *entry, const hf_completion *done)
{
    entry->write.out = false;
    hf__ticket *next;
    for (hf__ticket *ticket = entry->tickets; ticket != NULL; ticket = next) {
        next = ticket->next;
        if (ticket->state != HF__TICKET_SENT)
            continue;
        ticket->state = HF__TICKET_ANSWERED;
        if (done->status == 0 || done->status == HF_E_NOT_FOUND || done->status == HF_E_INVARIANT)
            hf__ticket_drop(runtime, ticket);
    }
    if (done->status == 0 && done->result != NULL) {
        hf__runtime_viewed(runtime, done->result, true);
        return;
    }
    if (done->status == 0 || done->status == HF_E_NOT_FOUND) {
        hf__active_txn_queue_read(runtime, entry);
        return;
    }
    hf__log(runtime->env, HF_LOG_WARN, "transactions: %s: %s", hf_error_name(done->status),
            done->detail);
    entry->driven_version = 0;
    if (done->status == HF_E_FENCED && !hf__lease_refused(runtime))
        hf__runtime_end(runtime); /* another engine drives everything now */
    if (!runtime->ended)          /* after HF_E_INVARIANT it is parked, which a read shows */
        again_later(runtime, entry);
}

/* Collects the answers; false when there is nothing to write. */
static bool gather(hf__runtime *runtime, hf__active_txn *entry)
{
    uint32_t count = 0;
    for (const hf__ticket *ticket = entry->tickets; ticket != NULL; ticket = ticket->next) {
        if (ticket->state == HF__TICKET_ANSWERED)
            runtime->drive.answers[count++] = ticket->answer;
    }
    runtime->drive.args = (hf__txn_drive_args){
        .head = {.size = sizeof runtime->drive.args, .actor = ""},
        .txn = entry->id,
        .answer_count = count,
    };
    return count != 0 || is_overdue(entry, hf__txn_now(runtime));
}

/* False when the request queue is full. */
static bool write_out(hf__runtime *runtime, hf__active_txn *entry)
{
    if (!gather(runtime, entry))
        return true;
    const hf__txn_ask ask = {
        .type = HF_EVENT_DRIVE,
        .args = &runtime->drive.args.head,
        .bytes = offsetof(hf__drive, answers) +
                 runtime->drive.args.answer_count * sizeof runtime->drive.answers[0],
        .job = &entry->write,
    };
    hf__drive *copy = runtime->host.submit(runtime->host.context, &ask);
    if (copy == NULL)
        return false;
    copy->args.answers = copy->answers;
    if (copy->args.answer_count == 0)
        entry->driven_version = entry->txn.version + 1;
    for (hf__ticket *ticket = entry->tickets; ticket != NULL; ticket = ticket->next) {
        if (ticket->state == HF__TICKET_ANSWERED)
            ticket->state = HF__TICKET_SENT;
    }
    entry->write.out = true;
    return true;
}

static void write_all(hf__runtime *runtime)
{
    while (runtime->to_write.first != NULL) {
        hf__active_txn *entry = runtime->to_write.first;
        if (!write_out(runtime, entry))
            return;
        runtime->to_write.first = entry->next_write;
        if (runtime->to_write.first == NULL)
            runtime->to_write.last = NULL;
        entry->to_write = false;
        hf__active_txn_finish(runtime, entry);
    }
}

static bool read_out(hf__runtime *runtime, hf__active_txn *entry)
{
    hf_txn_get_args args = {.head = {.size = sizeof args, .actor = ""}, .txn = entry->id};
    const hf__txn_ask ask = {.type = HF_OP_TXN_GET,
                             .read = true,
                             .args = &args.head,
                             .bytes = sizeof args,
                             .job = &entry->read};
    return runtime->host.submit(runtime->host.context, &ask) != NULL;
}

static void read_all(hf__runtime *runtime)
{
    /* Calls carry the epoch, so it must be known before the first. */
    while (runtime->to_read.first != NULL && hf__lease_known(runtime)) {
        hf__active_txn *entry = runtime->to_read.first;
        bool now = !entry->write.out; /* what is written is read again */
        if (now && !read_out(runtime, entry))
            return;
        runtime->to_read.first = entry->next_read;
        if (runtime->to_read.first == NULL)
            runtime->to_read.last = NULL;
        entry->to_read = false;
        entry->read.out = now;
        entry->changed = false;
    }
}

/* Entries that found no free ticket are tried again when tickets are free. */
static void feed(hf__runtime *runtime)
{
    uint32_t left = runtime->tickets_max - runtime->ticket_count;
    if (runtime->waiting_for_ticket == 0 || left < HF_BRANCHES_MAX)
        return;
    for (uint32_t i = 0; i < runtime->entries_high; i++) {
        hf__active_txn *entry = &runtime->entries[i];
        if (entry->in_use && entry->waits_for_ticket && !hf__active_txn_at_work(entry))
            hf__active_txn_queue_read(runtime, entry);
    }
}

void hf__driver_step(hf__runtime *runtime)
{
    feed(runtime);
    write_all(runtime);
    read_all(runtime);
}
