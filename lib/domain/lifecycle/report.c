/*
 * report.c - records reports of what a provider says happened.
 *
 * Why: a command may be refused, a fact may not. A refused fact would only make the books differ
 * from the world. So every report is recorded under (provider, kind, message), and a report that
 * does not fit raises attention for a person.
 *
 * Happy path: the message is new, its payment is found (payment/match.c), payment and order follow,
 * and a command whose outcome is reported ends.
 *
 * A message that is repeated with the same amount and unit changes nothing, unless the first one
 * matched no payment and this one does: then it counts. A repeated message with another amount, or
 * the id of another payment, leaves the first as it was said and raises attention on fact and
 * payment; the event has its amount.
 *
 * When an account refuses what would follow for the order (a frozen wallet, for example), the
 * report is recorded alone, and the order gets attention: it follows with its next operation.
 *
 * When an invariant breaks, the engine decides the report again with `aside`: it is kept without
 * effect, with attention.
 *
 * Failure modes: HF_E_UNIT_UNKNOWN.
 */
#include "base/id.h"
#include "domain/core/body.h"
#include "domain/core/common.h"
#include "domain/core/handlers.h"
#include "domain/core/suspect.h"
#include "domain/lifecycle/follow.h"
#include "domain/lifecycle/order_money.h"
#include "domain/order/view.h"
#include "domain/payment/command.h"
#include "domain/payment/fact.h"
#include "domain/payment/match.h"

/* Attention of a fact that had no effect, which ends when the fact takes effect. */
#define NO_EFFECT ((uint32_t)(HF_ATTENTION_UNMATCHED_FACT | HF_ATTENTION_INVARIANT))

/* A report that is being recorded. */
typedef struct report {
    const hf_payment_report_args *args;
    hf__draft *draft;
    hf_fact said;
    hf_payment *payment; /* that the report is about; NULL: none is known */
    bool apart;          /* it contradicts itself: recorded without effect */
    bool alone;          /* the order does not follow: an account refused that */
} report;

/* The provider's id of the payment, when the report has it. */
static hf_name provider_ref_of(const report *r, const hf_payment *payment)
{
    bool first =
        r->said.kind == HF_FACT_AUTHORIZED ||
        (r->said.kind == HF_FACT_CAPTURED && (payment->flags & HF_PAYMENT_CAPTURE_ONLY) != 0);
    hf_name ref = {{0}};
    hf__name_set(&ref, r->args->payment_ref);
    if (hf__name_empty(&ref) && first)
        ref = *hf__fact_movement(&r->said);
    return ref;
}

/* Applies a fact that fits its payment; then the order follows. */
static int take_fact(report *r, hf__order *order)
{
    hf__follow f;
    uint32_t at = r->payment->no - 1;
    r->said.payment = r->payment->id;
    int error = hf__follow_begin(r->draft, order, at, &f);
    if (error == 0)
        error = hf__payment_fact(r->draft, order, at, &r->said, HF__ASKED_ANY);
    if (error == 0)
        error = hf__fact_ends_commands(r->draft, order, at, &r->said, f.state);
    const hf_name ref = provider_ref_of(r, r->payment);
    bool aside = (r->said.flags & HF_FACT_SET_ASIDE) != 0;
    if (error == 0 && !aside)
        error = hf__payment_set_reference(r->draft, order, at, &r->said, &ref);
    if (error == 0 && r->alone)
        error = hf__order_stay_behind(r->draft, order, &f);
    else if (error == 0)
        error = hf__order_follow(r->draft, order, &f);
    return error != 0 ? error : hf__order_end(r->draft, order);
}

static void raise_attention(report *r)
{
    if (r->payment == NULL)
        return;
    r->payment->attention |= HF_ATTENTION_UNEXPECTED_FACT;
    r->payment->version++;
    r->payment->updated_at_ms = r->draft->now_ms;
}

/* Subject, result, and the event: who said what about how much. */
static int finish(report *r, const hf_fact *fact)
{
    hf__draft *draft = r->draft;
    hf__subject_set(draft, HF_SUBJECT_FACT, &fact->payment, 0);
    draft->result = fact;
    static const hf_account_ref none;
    const hf__change change = {.type = HF_CHANGE_NOTE,
                               .subject_kind = HF_SUBJECT_FACT,
                               .id = &fact->payment,
                               .from = &none,
                               .amount = r->args->amount,
                               .text = &fact->fact_ref};
    int error = hf__note(draft, &fact->payment, NULL, fact->provider.text);
    return error != 0 ? error : hf__body_add(draft, &change);
}

/* Keeps a report that fits no payment, or not the one that it names; it may match one later. */
static int set_aside(report *r)
{
    bool matched = r->payment != NULL;
    r->said.payment = matched ? r->payment->id : (hf_id){{0}};
    r->said.attention = matched ? HF_ATTENTION_UNEXPECTED_FACT : HF_ATTENTION_UNMATCHED_FACT;
    r->said.attention |= r->apart ? (uint32_t)HF_ATTENTION_UNEXPECTED_FACT : 0;
    r->said.uncounted = r->said.amount;
    r->said.flags |= matched ? HF_FACT_SET_ASIDE : 0;
    if (!matched && !r->apart)
        hf__name_set(&r->said.payment_ref, r->args->payment_ref);
    raise_attention(r);
    return hf__fact_keep(r->draft, &r->said);
}

static bool same_amount(const hf_fact *a, const hf_fact *b)
{
    return a->amount == b->amount && hf__name_equal(&a->unit, &b->unit);
}

/* The message names another payment than the one that it was about the first time. */
static bool names_another(const hf_fact *first, const hf_fact *again)
{
    return !hf__id_zero(&first->payment) && !hf__id_zero(&again->payment) &&
           !hf__id_equal(&first->payment, &again->payment);
}

/* The message is known: it changes nothing, or raises attention when it says something else. */
static int repeat_fact(report *r)
{
    void *row;
    int error = hf__draft_edit(r->draft, HF__FACTS, &r->said, &row);
    if (error != 0)
        return error;
    hf_fact *fact = row;
    if (same_amount(fact, &r->said) && !names_another(fact, &r->said)) {
        r->draft->quiet = 1;
        r->draft->result = fact;
        return 0;
    }
    fact->attention |= HF_ATTENTION_UNEXPECTED_FACT;
    raise_attention(r);
    return finish(r, fact);
}

static bool fits(const report *r, const hf__order *order)
{
    return r->payment->method == HF_METHOD_PROVIDER &&
           hf__name_equal(&r->said.provider, &r->payment->provider) &&
           hf__name_equal(&r->said.unit, &order->row->currency);
}

/* The same for the fact that has just been kept. */
static int finish_new(report *r)
{
    const void *row = NULL;
    int error = hf__draft_get(r->draft, HF__FACTS, &r->said, &row);
    return error != 0 ? error : finish(r, row);
}

static int new_fact(report *r)
{
    hf__order *order = NULL;
    int error = r->payment == NULL ? 0 : hf__order_load(r->draft, &r->payment->order, NULL, &order);
    if (error != 0)
        return error;
    if (order == NULL || r->apart || !fits(r, order))
        error = set_aside(r);
    else
        error = take_fact(r, order);
    return error != 0 ? error : finish_new(r);
}

static void read_args(report *r)
{
    const hf_payment_report_args *args = r->args;
    r->said = (hf_fact){.payment = args->payment,
                        .amount = args->amount,
                        .provider_time_ms = args->provider_time_ms,
                        .kind = args->kind,
                        .flags = args->flags};
    hf__name_set(&r->said.provider, args->provider);
    hf__name_set(&r->said.fact_ref, args->fact_ref);
    hf__name_set(&r->said.unit, args->unit);
    hf__name_set(&r->said.reference, args->reference);
    if (hf__name_equal(&r->said.reference, &r->said.fact_ref))
        r->said.reference = (hf_name){{0}};
}

/* The payment that the report is about, and whether its message was seen before. */
static int find(report *r, const hf_fact **first)
{
    const void *unit;
    const void *before;
    int error = hf__draft_get(r->draft, HF__UNITS, &r->said.unit, &unit);
    int other = hf__draft_get(r->draft, HF__FACTS, &r->said, &before);
    if (error != 0 || other != 0)
        return error != 0 ? error : other;
    if (unit == NULL)
        return hf__refuse(r->draft->detail, HF_E_UNIT_UNKNOWN, "unit %s", r->said.unit.text);
    *first = before;
    hf_name payment_ref;
    hf__name_set(&payment_ref, r->args->payment_ref);
    hf__match match = {.fact = &r->said, .payment_ref = &payment_ref};
    if (*first != NULL && !hf__id_zero(&(*first)->payment))
        error = hf__match_id(r->draft, &(*first)->payment, &match);
    else
        error = hf__match_find(r->draft, &match);
    r->payment = match.payment;
    r->apart = match.contradicts;
    return error;
}

/*
 * Following the report breaks an invariant: it is kept without effect. It matches no payment then,
 * so that it counts when the message is repeated. A message that is known stays as it was.
 */
static int record_aside(const hf__operation *op, hf__draft *draft)
{
    report r = {.args = HF__ARGS(op, hf_payment_report_args), .draft = draft};
    const void *unit;
    void *row;
    read_args(&r);
    int error = hf__draft_get(draft, HF__UNITS, &r.said.unit, &unit);
    if (error == 0)
        error = hf__draft_edit(draft, HF__FACTS, &r.said, &row);
    if (error != 0)
        return error;
    if (unit == NULL)
        return hf__refuse(draft->detail, HF_E_UNIT_UNKNOWN, "unit %s", r.said.unit.text);
    hf_fact *fact = row;
    if (fact == NULL) {
        r.said.payment = (hf_id){{0}};
        r.said.uncounted = r.said.amount;
        r.said.attention = HF_ATTENTION_INVARIANT;
        error = hf__fact_keep(draft, &r.said);
        return error != 0 ? error : finish_new(&r);
    }
    draft->quiet = hf__is_aside(fact->attention) ? 1 : 0;
    fact->attention |= HF_ATTENTION_INVARIANT;
    return finish(&r, fact);
}

static int record(const hf__operation *op, hf__draft *draft, bool alone)
{
    report r = {.args = HF__ARGS(op, hf_payment_report_args), .draft = draft, .alone = alone};
    const hf_fact *first = NULL;
    read_args(&r);
    int error = find(&r, &first);
    if (error != 0)
        return error;
    bool matched = first != NULL && !hf__id_zero(&first->payment);
    bool links = first != NULL && !matched && r.payment != NULL && same_amount(first, &r.said);
    if (links) {
        r.said.provider_time_ms = first->provider_time_ms;
        r.said.attention = first->attention & ~NO_EFFECT;
    }
    if (first == NULL || links)
        return new_fact(&r);
    return repeat_fact(&r);
}

int hf__decide_payment_report(const hf__operation *op, hf__draft *draft)
{
    if (op->aside)
        return record_aside(op, draft);
    int error = record(op, draft, false);
    bool refused = error < 0 && error != HF_E_UNIT_UNKNOWN && error != HF_E_NOMEM &&
                   error != HF_E_INVARIANT && error != HF_E_FENCED && error != HF_E_CORRUPT;
    if (!refused)
        return error;
    hf__draft_restart(draft);
    return record(op, draft, true);
}
