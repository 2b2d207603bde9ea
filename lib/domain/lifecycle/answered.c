/*
 * answered.c - what a provider's answer to a command does.
 *
 * Happy path: the answer is a fact of the payment. Its amount is not pending any more and moves the
 * counter, and the order follows. The fact is stored under the reference of the answer, so answer
 * and report of one movement count once, in whichever order they arrive.
 *
 * Two commands may be answered with one movement: a provider may call all captures of a charge by
 * the charge. Each answer adds to the movement then, so a running total of it is compared with
 * both.
 *
 * Failure modes: a refused authorization makes the payment FAILED. Of another refused command the
 * amount counts as refused and raises HF_ATTENTION_COMMAND_REFUSED. An answer whose movement is
 * another payment's or another command's raises HF_ATTENTION_UNEXPECTED_FACT, unless it is one more
 * capture of the payment; it is stored under the command's id, and of another payment it is a
 * movement of its own.
 */
#include "domain/payment/command.h"

#include "base/id.h"
#include "domain/ledger/rows.h"
#include "domain/lifecycle/follow.h"
#include "domain/lifecycle/load.h"
#include "domain/lifecycle/order_money.h"
#include "domain/order/payment_state.h"
#include "domain/order/view.h"
#include "domain/payment/fact.h"
#include "domain/payment/money.h"

/* A payment, its order, and their money before the answer. */
typedef struct subject {
    hf__order *order;
    uint32_t at;
    hf__follow follow;
    bool open; /* the command is: no report has ended it before its answer */
} subject;

/* The fact that an answer is, but for its unit; without a reference it has no name yet. */
static hf_fact fact_of(const hf_txn *txn, const hf_payment *payment, const hf__txn_answer *answer)
{
    return (hf_fact){
        .provider = payment->provider,
        .fact_ref = answer->reference,
        .payment = payment->id,
        .txn = txn->id,
        .amount = answer->amount > 0 ? answer->amount : txn->amount,
        .kind = hf__fact_of(txn->command),
    };
}

/* The same in the currency of the order. */
static hf_fact fact_from(const hf_txn *txn, const subject *s, const hf__txn_answer *answer)
{
    hf_fact fact = fact_of(txn, s->order->payments[s->at].row, answer);
    fact.unit = s->order->row->currency;
    return fact;
}

static void name_by_command(hf_fact *fact)
{
    char text[37];
    hf__name_set(&fact->fact_ref, hf_id_format(&fact->txn, text));
}

/*
 * Reports came before this answer: they belong to its command now. Amounts that differ raise
 * attention.
 */
static int claim(hf__draft *draft, const hf_fact *fact, const hf__movement_facts *reported)
{
    hf__movement_facts same = *reported;
    void *row;
    int error = hf__draft_edit_known(draft, HF__FACTS, same.row, &row);
    if (error == 0 && same.counted != fact->amount)
        ((hf_fact *)row)->attention |= HF_ATTENTION_UNEXPECTED_FACT;
    while (error == 0 && same.unclaimed != NULL) {
        error = hf__draft_edit_known(draft, HF__FACTS, same.unclaimed, &row);
        if (error != 0)
            return error;
        ((hf_fact *)row)->txn = fact->txn;
        error = hf__movement_find(draft, fact, fact->kind, &same);
    }
    return error;
}

/*
 * The message under which the answer is stored, and the movement that it is about; *known is what
 * was reported of that before.
 */
static int name_fact(hf__draft *draft, hf_fact *fact, int64_t *known)
{
    hf__movement_facts same;
    const void *row = NULL;
    int error = hf__draft_get(draft, HF__FACTS, fact, &row);
    if (error == 0)
        error = hf__movement_find(draft, fact, fact->kind, &same);
    if (error != 0)
        return error;
    const hf_fact *stored = row;
    if (same.of_another || (same.answered && !same.known)) {
        bool of_one_charge = !same.of_another && fact->kind == HF_FACT_CAPTURED;
        fact->attention |= of_one_charge ? 0 : (uint32_t)HF_ATTENTION_UNEXPECTED_FACT;
        fact->reference = same.of_another ? (hf_name){{0}} : fact->fact_ref;
        name_by_command(fact);
        return 0;
    }
    if (same.known) {
        *known = same.counted;
        fact->reference = fact->fact_ref;
        name_by_command(fact);
        return claim(draft, fact, &same);
    }
    hf__movement_facts failure;
    error = hf__movement_find(draft, fact, HF_FACT_FAILED, &failure);
    if (error != 0 || (stored == NULL && !failure.known))
        return error;
    bool waits = stored != NULL && hf__id_zero(&stored->payment) &&
                 stored->amount == fact->amount && hf__name_equal(&stored->unit, &fact->unit);
    if (waits) {
        fact->provider_time_ms = stored->provider_time_ms;
        return 0;
    }
    fact->reference = fact->fact_ref; /* the message of that name may still come */
    name_by_command(fact);
    return 0;
}

/* What the command still asks for: less than its amount when a part of it was reported. */
static int still_asked(hf__draft *draft, const hf_payment *payment, const hf_txn *txn,
                       int64_t *asked)
{
    int64_t others = 0;
    int64_t pending =
        hf__payment_count(payment, hf__fact_effects[hf__fact_of(txn->command)].pending_at);
    int error = hf__commands_open(draft, payment, txn->command, &txn->id, &others);
    int64_t remaining = hf__beyond(pending, others);
    *asked = txn->amount < remaining ? txn->amount : remaining;
    return error;
}

static int refused(hf__draft *draft, subject *s, const hf_txn *txn)
{
    hf_payment *payment;
    int error = hf__order_payment_edit(draft, s->order, s->at, &payment);
    if (error != 0)
        return error;
    const hf__payment_was before = hf__payment_now(payment);
    const hf__fact_effect *effect = &hf__fact_effects[hf__fact_of(txn->command)];
    int64_t part = 0; /* what was reported of this command is not refused */
    error = still_asked(draft, payment, txn, &part);
    if (error != 0)
        return error;
    hf__payment_settle_pending(payment, txn->command, part);
    if (effect->refused_at != 0) {
        *hf__payment_counter(payment, effect->refused_at) += part;
        hf__payment_fit(payment);
        payment->attention |= HF_ATTENTION_COMMAND_REFUSED;
    } else if (payment->state == HF_PAYMENT_PENDING) {
        error = hf__payment_apply(draft, payment, HF__PAY_FAILED);
        payment->deadline_ms = 0;
    }
    return error != 0 ? error : hf__payment_moved(draft, payment, &before);
}

/* `asked`: what the command still asks for; 0 when reports have all of it. */
static int succeeded(hf__draft *draft, subject *s, const hf_txn *txn, const hf__txn_answer *answer,
                     int64_t asked)
{
    hf_fact fact = fact_from(txn, s, answer);
    int64_t known = 0;
    int error = 0;
    if (hf__name_empty(&fact.fact_ref))
        name_by_command(&fact);
    else
        error = name_fact(draft, &fact, &known);
    hf_payment *payment;
    if (error == 0)
        error = hf__order_payment_edit(draft, s->order, s->at, &payment);
    if (error != 0)
        return error;
    int64_t fresh = hf__beyond(fact.amount, known);
    if (known > 0 && asked > fresh) { /* what was reported of it is not pending any more */
        hf__payment_settle_pending(payment, txn->command, asked - fresh);
        asked = fresh;
    }
    error = hf__payment_fact(draft, s->order, s->at, &fact, asked);
    if (error == 0)
        error = hf__order_payment_edit(draft, s->order, s->at, &payment);
    if (error != 0)
        return error;
    if (known == 0 && fact.uncounted == fact.amount) /* its failure was reported since */
        return refused(draft, s, txn);
    if (asked > fresh)
        hf__payment_settle_pending(payment, txn->command, asked - fresh);
    bool last = txn->command == HF_COMMAND_CAPTURE && (txn->flags & HF_TXN_FINAL) != 0;
    if (last && s->open) {
        error = hf__payment_release(draft, s->order, s->at);
        if (error != 0)
            return error;
    }
    bool names = txn->command == HF_COMMAND_AUTHORIZE && !hf__name_empty(&answer->reference);
    return names ? hf__payment_set_reference(draft, s->order, s->at, NULL, &answer->reference) : 0;
}

/* The counter of what is pending of the command's kind. */
static int64_t *pending_of(hf_payment *payment, const hf_txn *txn)
{
    return hf__payment_counter(payment, hf__fact_effects[hf__fact_of(txn->command)].pending_at);
}

/*
 * What no other command asks for is not pending any more. The movement of an answer may have been
 * reported before the command was asked for, and then that report has settled nothing of it.
 */
static int end_pending(hf__draft *draft, subject *s, const hf_txn *txn)
{
    hf_payment *payment = NULL;
    int64_t others = 0;
    int error = hf__order_payment_edit(draft, s->order, s->at, &payment);
    if (error != 0 || *pending_of(payment, txn) == 0)
        return error;
    error = hf__commands_open(draft, payment, txn->command, &txn->id, &others);
    if (error == 0 && *pending_of(payment, txn) > others)
        *pending_of(payment, txn) = others;
    return error;
}

/* The payer must act first. */
static int action_required(hf__draft *draft, subject *s)
{
    hf_payment *payment;
    int error = hf__order_payment_edit(draft, s->order, s->at, &payment);
    if (error == 0 && payment->state == HF_PAYMENT_PENDING)
        payment->flags |= HF_PAYMENT_ACTION_REQUIRED;
    return error;
}

/* The answer is stored under the command's id where its own name is another payment's movement. */
static void load_own_name(hf__draft *draft, const hf_fact *named)
{
    hf__movement_facts same = {.of_another = false};
    hf_fact fact = *named;
    name_by_command(&fact);
    (void)hf__draft_load(draft, HF__FACTS, &fact);
    int error = 0;
    if (hf__draft_complete(draft))
        error = hf__movement_find(draft, named, named->kind, &same);
    if (error < 0)
        draft->load_error = error;
    if (same.of_another)
        hf__load_movements(draft, &fact, hf__fact_kinds_read(&fact));
}

/* An answer names a movement, or its command does. */
void hf__load_answer(hf__draft *draft, const hf_txn *txn, const hf__txn_answer *answer)
{
    static const hf_name none;
    draft->loaded[HF__ROW_PAYMENT] = hf__draft_load(draft, HF__PAYMENTS, &txn->payment);
    const hf_payment *payment = hf__row(draft, HF__ROW_PAYMENT);
    if (payment == NULL)
        return;
    const bool names = txn->command == HF_COMMAND_AUTHORIZE;
    hf_fact fact = fact_of(txn, payment, answer);
    if (hf__name_empty(&fact.fact_ref))
        name_by_command(&fact);
    hf__load_fact(draft, payment, &fact, names ? &answer->reference : &none);
    load_own_name(draft, &fact);
    const hf__order *order = hf__load_order(draft, &payment->order, NULL, HF__LINES_NAMED);
    if (order != NULL)
        hf__load_raised(draft, order);
}

static int refuse_missing(const hf__draft *draft)
{
    return hf__refuse(draft->detail, HF_E_NOT_FOUND, "the payment of the command is missing");
}

/* The payment's order, which the load has read. */
static int begin(hf__draft *draft, const hf_payment *payment, subject *s)
{
    s->at = payment->no - 1;
    int error = hf__order_loaded(draft, &s->order);
    return error != 0 ? error : hf__follow_begin(draft, s->order, s->at, &s->follow);
}

/* `alone`: an account refuses what follows for the order. */
static int follow(hf__draft *draft, const subject *s, bool alone)
{
    return alone ? hf__order_stay_behind(draft, s->order, &s->follow)
                 : hf__order_follow(draft, s->order, &s->follow);
}

int hf__command_answered(hf__draft *draft, const hf_txn *txn, const hf__txn_answer *answer,
                         bool alone)
{
    const hf_payment *payment = hf__row(draft, HF__ROW_PAYMENT);
    if (payment == NULL)
        return refuse_missing(draft);
    subject s = {.open = true};
    int error = begin(draft, payment, &s);
    if (error != 0)
        return error;
    if (answer->answer == HF_ANSWER_ONGOING)
        return txn->command == HF_COMMAND_AUTHORIZE ? action_required(draft, &s) : 0;
    int64_t asked = 0;
    error = still_asked(draft, s.order->payments[s.at].row, txn, &asked);
    if (error == 0)
        error = answer->answer == HF_ANSWER_OK ? succeeded(draft, &s, txn, answer, asked)
                                               : refused(draft, &s, txn);
    if (error == 0)
        error = end_pending(draft, &s, txn);
    if (error == 0)
        error = follow(draft, &s, alone);
    return error != 0 ? error : hf__order_end(draft, s.order);
}

/* Whether an authorization was reported, not only implied by a capture or a void. */
static bool reported_authorized(const subject *s)
{
    const hf_payment *payment = s->order->payments[s->at].row;
    return payment->authorized > payment->authorized_implied;
}

int hf__command_answered_late(hf__draft *draft, const hf_txn *txn, const hf__txn_answer *answer,
                              bool alone)
{
    const hf_payment *payment = hf__row(draft, HF__ROW_PAYMENT);
    if (payment == NULL)
        return refuse_missing(draft);
    subject s = {.order = NULL};
    hf__movement_facts same = {.known = false};
    bool named = !hf__name_empty(&answer->reference);
    int error = begin(draft, payment, &s);
    if (error != 0)
        return error;
    const hf_fact fact = fact_from(txn, &s, answer);
    if (named)
        error = hf__movement_find(draft, &fact, fact.kind, &same);
    bool another = txn->state == HF_TXN_CANCELLED || (named && (txn->flags & HF_TXN_NAMED) != 0);
    bool alone_ended = same.known && hf__id_equal(&same.row->txn, &txn->id);
    bool own = alone_ended || (same.known && hf__id_zero(&same.row->txn));
    bool differs = alone_ended ? fact.amount != same.counted : fact.amount > same.counted;
    bool counts = own ? differs : another;
    if (txn->command == HF_COMMAND_AUTHORIZE)
        counts = !reported_authorized(&s);
    if (error == 0 && counts)
        error = succeeded(draft, &s, txn, answer, 0);
    else if (error == 0 && txn->command == HF_COMMAND_AUTHORIZE)
        error = hf__payment_set_reference(draft, s.order, s.at, NULL, &answer->reference);
    if (error == 0)
        error = follow(draft, &s, alone);
    return error != 0 ? error : hf__order_end(draft, s.order);
}
