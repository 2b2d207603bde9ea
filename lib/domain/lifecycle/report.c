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
#include "domain/core/load.h"
#include "domain/core/suspect.h"
#include "domain/ledger/rows.h"
#include "domain/lifecycle/follow.h"
#include "domain/lifecycle/load.h"
#include "domain/lifecycle/order_money.h"
#include "domain/order/view.h"
#include "domain/payment/command.h"
#include "domain/payment/fact.h"
#include "domain/payment/match.h"

/* Attention of a fact that had no effect, which ends when the fact takes effect. */
#define NO_EFFECT ((uint32_t)(HF_ATTENTION_UNMATCHED_FACT | HF_ATTENTION_INVARIANT))

/* A report that is being recorded; its load has made it. */
typedef struct report {
    const hf_payment_report_args *args;
    hf__draft *draft;
    hf_fact said;
    hf_name payment_ref;
    const hf_fact *first;      /* its message as it was recorded before; NULL: it is new */
    const hf_payment *payment; /* that the report is about; NULL: none is known */
    bool apart;                /* it contradicts itself: recorded without effect */
    bool alone;                /* the order does not follow: an account refused that */
} report;

/* The provider's id of the payment, when the report has it. */
static hf_name provider_ref_of(const report *r, const hf_payment *payment)
{
    bool first =
        r->said.kind == HF_FACT_AUTHORIZED ||
        (r->said.kind == HF_FACT_CAPTURED && (payment->flags & HF_PAYMENT_CAPTURE_ONLY) != 0);
    if (first && hf__name_empty(&r->payment_ref))
        return *hf__fact_movement(&r->said);
    return r->payment_ref;
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
    const hf_name ref = provider_ref_of(r, order->payments[at].row);
    bool aside = (r->said.flags & HF_FACT_SET_ASIDE) != 0;
    if (error == 0 && !aside)
        error = hf__payment_set_reference(r->draft, order, at, &r->said, &ref);
    if (error == 0 && r->alone)
        error = hf__order_stay_behind(r->draft, order, &f);
    else if (error == 0)
        error = hf__order_follow(r->draft, order, &f);
    return error != 0 ? error : hf__order_end(r->draft, order);
}

static int raise_attention(const report *r)
{
    void *row;
    if (r->payment == NULL)
        return 0;
    int error = hf__draft_edit(r->draft, HF__PAYMENTS, r->payment, &row);
    if (error != 0)
        return error;
    hf_payment *payment = row;
    payment->attention |= HF_ATTENTION_UNEXPECTED_FACT;
    payment->version++;
    payment->updated_at_ms = r->draft->now_ms;
    return 0;
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
        r->said.payment_ref = r->payment_ref;
    int error = raise_attention(r);
    return error != 0 ? error : hf__fact_keep(r->draft, &r->said);
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
    error = raise_attention(r);
    return error != 0 ? error : finish(r, fact);
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
    int error = hf__draft_require(r->draft, HF__FACTS, &r->said, &row);
    return error != 0 ? error : finish(r, row);
}

static int new_fact(report *r)
{
    hf__order *order = NULL;
    int error = r->payment == NULL ? 0 : hf__order_loaded(r->draft, &order);
    if (error != 0)
        return error;
    if (r->payment == NULL || r->apart || !fits(r, order))
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
    hf__name_set(&r->payment_ref, args->payment_ref);
    if (hf__name_equal(&r->said.reference, &r->said.fact_ref))
        r->said.reference = (hf_name){{0}};
}

/* ---- Named before the decision --------------------------------------------------------------- */

/* Whether the report counts: it is new, or it leads to a payment and its message did not. */
static bool takes_effect(const report *r)
{
    if (r->first == NULL)
        return true;
    return hf__id_zero(&r->first->payment) && r->payment != NULL && same_amount(r->first, &r->said);
}

/* The payment that the report is about. 0, or something is missing. */
static int find_payment(hf__draft *draft, report *r)
{
    hf__match match = {.fact = &r->said, .payment_ref = &r->payment_ref};
    bool known = r->first != NULL && !hf__id_zero(&r->first->payment);
    int error =
        known ? hf__match_id(draft, &r->first->payment, &match) : hf__load_match(draft, &match);
    r->payment = match.payment;
    r->apart = match.contradicts;
    return error;
}

/* What the fact reads when it counts, and the order of the payment. */
static void load_effects(hf__draft *draft, const report *r)
{
    const hf_name ref = provider_ref_of(r, r->payment);
    if (!r->apart)
        hf__load_fact(draft, r->payment, &r->said, &ref);
    const hf__order *order = hf__load_order(draft, &r->payment->order, NULL, HF__LINES_NAMED);
    if (order != NULL)
        hf__load_raised(draft, order);
}

void hf__load_payment_report(const hf__operation *op, hf__draft *draft)
{
    report *r = hf__draft_alloc(draft, sizeof *r);
    draft->found = r;
    if (r == NULL) {
        draft->load_error = HF_E_NOMEM;
        return;
    }
    *r = (report){.args = HF__ARGS(op, hf_payment_report_args), .draft = draft};
    read_args(r);
    hf__load_unit(draft, r->args->unit);
    r->first = hf__loaded(draft, hf__draft_load(draft, HF__FACTS, &r->said));
    if (op->aside || draft->many_only)
        return;
    int error = find_payment(draft, r);
    if (error < 0)
        draft->load_error = error;
    else if (error == 0 && r->payment != NULL && takes_effect(r))
        load_effects(draft, r);
}

/* ---- Decided --------------------------------------------------------------------------------- */

static int check_unit(const report *r)
{
    if (hf__row(r->draft, HF__ROW_UNIT) != NULL)
        return 0;
    return hf__refuse(r->draft->detail, HF_E_UNIT_UNKNOWN, "unit %s", r->said.unit.text);
}

/* The message is new. */
static int record_new_aside(report *r)
{
    r->said.payment = (hf_id){{0}};
    r->said.uncounted = r->said.amount;
    r->said.attention = HF_ATTENTION_INVARIANT;
    int error = hf__fact_keep(r->draft, &r->said);
    return error != 0 ? error : finish_new(r);
}

/*
 * Following the report breaks an invariant: it is kept without effect. It matches no payment then,
 * so that it counts when the message is repeated. A message that is known stays as it was.
 */
static int record_aside(hf__draft *draft, report *r)
{
    void *row;
    int error = check_unit(r);
    if (error != 0)
        return error;
    if (r->first == NULL)
        return record_new_aside(r);
    error = hf__draft_edit(draft, HF__FACTS, &r->said, &row);
    if (error != 0)
        return error;
    hf_fact *fact = row;
    draft->quiet = hf__is_aside(fact->attention) ? 1 : 0;
    fact->attention |= HF_ATTENTION_INVARIANT;
    return finish(r, fact);
}

static int record(report *r)
{
    int error = check_unit(r);
    if (error != 0)
        return error;
    if (!takes_effect(r))
        return repeat_fact(r);
    if (r->first != NULL) {
        r->said.provider_time_ms = r->first->provider_time_ms;
        r->said.attention = r->first->attention & ~NO_EFFECT;
    }
    return new_fact(r);
}

/* The same on an empty draft; what it reads is there. */
static int record_alone(const hf__operation *op, hf__draft *draft)
{
    hf__draft_restart(draft);
    hf__load_payment_report(op, draft);
    if (draft->load_error != 0)
        return draft->load_error;
    draft->deciding = 1;
    report *r = draft->found;
    r->alone = true;
    return record(r);
}

int hf__decide_payment_report(const hf__operation *op, hf__draft *draft)
{
    if (op->aside)
        return record_aside(draft, draft->found);
    int error = record(draft->found);
    if (!hf__is_refusal(error) || error == HF_E_UNIT_UNKNOWN)
        return error;
    return record_alone(op, draft);
}
