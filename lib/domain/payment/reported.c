/*
 * reported.c - ends commands whose outcome a report has brought.
 *
 * Why: a host may only forward reports and have no provider registered, or the answer to a command
 * may be lost. A command whose outcome is known would otherwise be called or stay parked for ever.
 *
 * A failure says of nothing but its movement what it is about. When that movement is not known, it
 * is about the command that is under way, if there is only one, its amount agrees, and the failure
 * is not older than the command: else the provider may mean an earlier one, which it had refused.
 *
 * Happy path: the ids of a payment's commands are derived from their numbers, so the open ones are
 * found by key. One that the reported amount covers ends as if the provider had answered, and is
 * marked (HF_TXN_REPORTED), because the answer is still possible. Several end when nothing of what
 * they ask for is pending any more.
 *
 * Failure modes: HF_E_NOMEM, HF_E_FENCED.
 */
#include "base/id.h"
#include "domain/payment/command.h"
#include "domain/payment/fact.h"
#include "domain/txn/lease.h"
#include "domain/txn/work.h"

#define SECOND_MS 1000

/* Commands of one kind that end together, with `amount` INT64_MAX, or one that `amount` covers. */
typedef struct reported {
    uint32_t command;
    bool ok;    /* else as refused */
    bool named; /* the report named its movement */
    bool last;  /* out: the last capture is among them */
    int64_t amount;
    hf_id first; /* out: the command that ended; all zero: none, or several */
} reported;

/* Moves the transaction and its branch to their end. */
static int end(hf__txn_work *work, const reported *what)
{
    int error = hf__txn_move_branch(work, 0, what->ok ? HF__BRANCH_OK : HF__BRANCH_REJECT);
    if (error == 0)
        error = hf__txn_move(work, what->ok ? HF__TXN_CONFIRM : HF__TXN_CANCEL);
    if (error == 0 && what->ok)
        error = hf__txn_move_branch(work, 0, HF__BRANCH_SETTLE);
    if (error == 0)
        error = hf__txn_move(work, HF__TXN_END);
    if (error != 0)
        return error;
    work->row.flags |= HF_TXN_REPORTED | (what->named ? (uint32_t)HF_TXN_NAMED : 0);
    hf__name_print(&work->row.reason, "reported by the provider");
    return hf__txn_keep(work);
}

/* Ends the command when it is open, of the kind, and covered by *left. */
static int end_one(hf__draft *draft, const hf_id *id, reported *what, int64_t *left)
{
    const void *row;
    int error = hf__draft_get(draft, HF__TXNS, &(hf_txn){.id = *id}, &row);
    const hf_txn *txn = row;
    if (error != 0 || txn == NULL || txn->command != what->command || txn->state != HF_TXN_TRYING)
        return error;
    if (txn->amount > *left) {
        *left = 0; /* the oldest is answered first: the others wait for more */
        return 0;
    }
    *left -= txn->amount;
    what->first = hf__id_zero(&what->first) ? *id : what->first;
    what->last = what->last || (what->ok && (txn->flags & HF_TXN_FINAL) != 0);
    hf__txn_work *work = NULL;
    error = hf__txn_open(draft, id, &work);
    return error != 0 ? error : end(work, what);
}

/* Adds the amount of the command to *sum when it is open and of the kind. */
static int add_open(hf__draft *draft, const hf_id *id, uint32_t command, int64_t *sum)
{
    const void *row;
    int error = hf__draft_get(draft, HF__TXNS, &(hf_txn){.id = *id}, &row);
    const hf_txn *txn = row;
    if (error == 0 && txn != NULL && txn->command == command && !hf__txn_is_over(txn->state))
        *sum += txn->amount;
    return error;
}

int hf__commands_open(hf__draft *draft, const hf_payment *payment, uint32_t command,
                      const hf_id *but, int64_t *sum)
{
    *sum = 0;
    for (uint32_t number = 1; number <= payment->commands; number++) {
        hf_id id;
        hf__command_id(&payment->id, number, &id);
        if (but != NULL && hf__id_equal(&id, but))
            continue;
        int error = add_open(draft, &id, command, sum);
        if (error != 0)
            return error;
    }
    return 0;
}

/* Commands of one kind, or captures, voids and refunds together. */
typedef struct asked {
    uint32_t open;
    uint32_t refused;
    uint32_t command; /* the kind of the last open one */
    int64_t at_ms;    /* when the last open one was asked for */
    int64_t last_ms;  /* when the last of all was asked for; 0: there is none */
} asked;

static void count_one(const hf_txn *txn, asked *all)
{
    all->last_ms = txn->created_at_ms;
    all->refused += txn->state == HF_TXN_CANCELLED ? 1 : 0;
    if (txn->state != HF_TXN_TRYING)
        return;
    all->open++;
    all->command = txn->command;
    all->at_ms = txn->created_at_ms;
}

/* `command` NONE: all but authorizations. */
static int count_asked(hf__draft *draft, const hf_payment *payment, uint32_t command, asked *all)
{
    *all = (asked){.command = HF_COMMAND_NONE};
    for (uint32_t number = 1; number <= payment->commands; number++) {
        hf_id id;
        const void *row;
        hf__command_id(&payment->id, number, &id);
        int error = hf__draft_get(draft, HF__TXNS, &(hf_txn){.id = id}, &row);
        if (error != 0)
            return error;
        const hf_txn *txn = row;
        bool any = command == HF_COMMAND_NONE && txn != NULL;
        if (any ? txn->command != HF_COMMAND_AUTHORIZE : txn != NULL && txn->command == command)
            count_one(txn, all);
    }
    return 0;
}

int hf__command_last(hf__draft *draft, const hf_payment *payment, uint32_t command,
                     int64_t *last_ms)
{
    asked all;
    int error = count_asked(draft, payment, command, &all);
    *last_ms = all.last_ms;
    return error;
}

/*
 * Ends the commands that the report covers. Only answers identify which of several commands a
 * report of a part is about: then none ends.
 */
static int end_commands(hf__draft *draft, const hf_payment *payment, reported *what)
{
    asked all;
    int error = count_asked(draft, payment, what->command, &all);
    if (error != 0 || all.open == 0 || (all.open > 1 && what->amount != INT64_MAX))
        return error;
    int64_t left = what->amount;
    for (uint32_t number = 1; number <= payment->commands && left > 0; number++) {
        hf_id id;
        hf__command_id(&payment->id, number, &id);
        error = end_one(draft, &id, what, &left);
        if (error != 0)
            return error;
    }
    what->first = all.open == 1 ? what->first : (hf_id){{0}};
    return 0;
}

/*
 * Whether a failure may be about the only open command. Of one without a time nobody knows, when
 * the provider has refused another command before. A time in whole seconds is that of the second.
 */
static bool may_be_of(const hf_fact *fact, const asked *all)
{
    int64_t at_ms = fact->provider_time_ms;
    int64_t ends_ms =
        at_ms % SECOND_MS == 0 && at_ms <= INT64_MAX - SECOND_MS ? at_ms + SECOND_MS - 1 : at_ms;
    bool older = at_ms == 0 ? all->refused > 0 : ends_ms < all->at_ms;
    return all->open == 1 && !older;
}

int hf__failure_ends_command(hf__draft *draft, hf_payment *payment, hf_fact *fact, bool *ended)
{
    reported what = {.amount = INT64_MAX, .named = !hf__name_empty(&fact->reference)};
    int64_t amount = 0;
    asked all;
    *ended = false;
    int error = count_asked(draft, payment, HF_COMMAND_NONE, &all);
    if (error != 0 || !may_be_of(fact, &all))
        return error;
    what.command = all.command;
    error = hf__commands_open(draft, payment, what.command, NULL, &amount);
    if (error != 0 || (fact->amount != 0 && fact->amount != amount))
        return error;
    error = end_commands(draft, payment, &what);
    if (error != 0)
        return error;
    const hf__fact_effect *effect = &hf__fact_effects[hf__fact_of(what.command)];
    int64_t pending = hf__payment_count(payment, effect->pending_at);
    int64_t part = amount < pending ? amount : pending;
    hf__payment_settle_pending(payment, what.command, part);
    *hf__payment_counter(payment, effect->refused_at) += part;
    payment->attention |= HF_ATTENTION_COMMAND_REFUSED;
    fact->txn = what.first;
    *ended = true;
    return 0;
}

/*
 * The fact belongs to the command that ended, unless it is about another kind of movement: then
 * another command may still be answered with it.
 */
static int name_command(hf__draft *draft, const hf_fact *fact, const reported *what)
{
    bool counts = fact->uncounted != fact->amount;
    bool answers = fact->kind == HF_FACT_FAILED ||
                   (counts && hf__fact_effects[fact->kind].command == what->command);
    if (hf__id_zero(&what->first) || !answers)
        return 0;
    void *row;
    int error = hf__draft_edit(draft, HF__FACTS, fact, &row);
    if (error == 0)
        ((hf_fact *)row)->txn = what->first;
    return error;
}

static int end_those(hf__draft *draft, hf__order *order, uint32_t at, const hf_fact *fact,
                     reported what)
{
    what.named = !hf__name_empty(&fact->reference);
    int error = end_commands(draft, order->payments[at].row, &what);
    if (error == 0)
        error = name_command(draft, fact, &what);
    if (error != 0 || !what.last)
        return error;
    return hf__payment_release(draft, order, at);
}

/* Whether all commands of its kind end with the fact: the last capture, or nothing is pending. */
static bool is_last(const hf_fact *fact, const hf_payment *payment)
{
    uint32_t pending_at = hf__fact_effects[fact->kind].pending_at;
    if (pending_at != 0 && hf__payment_count(payment, pending_at) == 0)
        return true;
    bool once = fact->kind == HF_FACT_CAPTURED && (payment->flags & HF_PAYMENT_ONE_CAPTURE) != 0;
    return once || (fact->flags & HF_REPORT_FINAL) != 0;
}

/*
 * Ends the other commands on an authorization of which nothing is left: they cannot be done any
 * more.
 */
static int end_others(hf__draft *draft, hf__order *order, uint32_t at)
{
    const hf_payment *payment = order->payments[at].row;
    reported captures = {.command = HF_COMMAND_CAPTURE, .amount = INT64_MAX};
    reported voids = {.command = HF_COMMAND_VOID, .amount = INT64_MAX};
    int error = end_commands(draft, payment, &captures);
    return error != 0 ? error : end_commands(draft, payment, &voids);
}

int hf__fact_ends_commands(hf__draft *draft, hf__order *order, uint32_t at, const hf_fact *fact,
                           uint32_t before)
{
    const hf_payment *payment = order->payments[at].row;
    uint32_t command = hf__fact_effects[fact->kind].command;
    int64_t by = fact->amount - fact->uncounted;
    bool last = (fact->flags & HF_REPORT_FINAL) != 0 && payment->pending_capture == 0;
    int error = 0;
    if ((by != 0 || last) && command != HF_COMMAND_NONE && command != HF_COMMAND_AUTHORIZE)
        error = end_those(draft, order, at, fact,
                          (reported){.command = command,
                                     .ok = true,
                                     .amount = is_last(fact, payment) ? INT64_MAX : by});
    uint32_t now = order->payments[at].row->state;
    if (error == 0 && now != before && now == HF_PAYMENT_CLOSED)
        error = end_others(draft, order, at);
    bool waited = before == HF_PAYMENT_PENDING || before == HF_PAYMENT_FAILED;
    if (error != 0 || !waited || now == before)
        return error;
    return end_those(draft, order, at, fact,
                     (reported){.command = HF_COMMAND_AUTHORIZE,
                                .ok = now != HF_PAYMENT_FAILED,
                                .amount = INT64_MAX});
}

/* ---- Named before the decision --------------------------------------------------------------- */

/* A command that has ended is only counted; one that is removed by now is not found. */
void hf__load_asked(hf__draft *draft, const hf_payment *payment)
{
    for (uint32_t number = 1; number <= payment->commands; number++) {
        hf_id id;
        hf__command_id(&payment->id, number, &id);
        const hf_txn *txn = hf__loaded(draft, hf__draft_load(draft, HF__TXNS, &(hf_txn){.id = id}));
        if (txn == NULL || txn->state != HF_TXN_TRYING)
            continue;
        (void)hf__draft_load(draft, HF__BRANCHES, &(hf_branch){.txn = id, .no = 1});
        (void)hf__load_lease(draft, &id);
    }
}
