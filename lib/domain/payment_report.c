/*
 * payment_report.c - facts: what a provider says happened, kept as it was said.
 *
 * Why: a command may be refused, a fact may not. Refusing one would only make the books differ from
 * the world. So whatever comes is recorded under (provider, kind, reference), and what does not fit
 * raises attention for a person.
 *
 * Happy path: the fact is new, its payment is found by id or by the provider's reference, and
 * payment and order follow it (payment_command.h). A fact that names a payment from an account, or
 * of another provider or currency, is unexpected; one that matches none is unmatched.
 *
 * A repeat with the same amount and unit does nothing; when the first one matched no payment and
 * this one does, the first is what happened to it, and counts now. A repeat with another amount
 * leaves the first as it was said, raises attention on fact and payment, and stands in the event
 * with its amount.
 *
 * Failure modes: HF_E_UNIT_UNKNOWN.
 */
#include "base/id.h"
#include "domain/body.h"
#include "domain/common.h"
#include "domain/handlers.h"
#include "domain/payment_command.h"

#include <string.h>

/* The payment that has the provider's reference. */
static int find_payment(hf__draft *draft, const hf_fact *said, hf_id *id)
{
    const hf_payment key = {.provider = said->provider, .provider_ref = said->fact_ref};
    const hf_scan scan = {.table = HF__PAYMENTS,
                          .index = HF__PAYMENTS_REF,
                          .low = &key,
                          .high = &key,
                          .low_columns = 2,
                          .high_columns = 2};
    hf__rows rows;
    int error = hf__draft_scan(draft, &scan, 1, &rows);
    if (error == 0 && rows.count == 1)
        *id = ((const hf_payment *)rows.rows[0])->id;
    return error;
}

/* The payment that a fact names; *payment NULL when it names none that is known. */
static int load_payment(hf__draft *draft, const hf_fact *said, hf_payment **payment)
{
    *payment = NULL;
    hf_id id = said->payment;
    int error = hf__id_zero(&id) ? find_payment(draft, said, &id) : 0;
    if (error != 0 || hf__id_zero(&id))
        return error;
    void *row;
    error = hf__draft_edit(draft, HF__PAYMENTS, &(hf_payment){.id = id}, &row);
    *payment = row;
    return error;
}

/* A fact that fits its payment: the payment follows it, and the order. */
static int take_fact(hf__draft *draft, hf_fact *said, const hf_payment *payment, hf__order *order)
{
    said->payment = payment->id;
    int error = hf__payment_fact(draft, order, payment->no - 1, said);
    if (error == 0)
        error = hf__payment_follow(draft, order, payment->no - 1);
    return error != 0 ? error : hf__order_end(draft, order);
}

static void raise_attention(const hf__draft *draft, hf_payment *payment)
{
    if (payment == NULL)
        return;
    payment->attention |= HF_ATTENTION_UNEXPECTED_FACT;
    payment->version++;
    payment->updated_at_ms = draft->now_ms;
}

/* Subject, result, and the event: who said what about how much. */
static int finish(hf__draft *draft, const hf_fact *fact, int64_t amount)
{
    hf__subject_set(draft, HF_SUBJECT_FACT, &fact->payment, 0);
    draft->result = fact;
    static const hf_account_ref none;
    const hf__change change = {.type = HF_CHANGE_NOTE,
                               .subject_kind = HF_SUBJECT_FACT,
                               .id = &fact->payment,
                               .from = &none,
                               .amount = amount,
                               .text = &fact->fact_ref};
    int error = hf__note(draft, &fact->payment, NULL, fact->provider.text);
    return error != 0 ? error : hf__body_add(draft, &change);
}

/* What fits no payment, or not the one it names. */
static int set_aside(hf__draft *draft, hf_fact *said, hf_payment *payment)
{
    said->payment = payment == NULL ? (hf_id){{0}} : payment->id;
    said->attention = payment == NULL ? HF_ATTENTION_UNMATCHED_FACT : HF_ATTENTION_UNEXPECTED_FACT;
    raise_attention(draft, payment);
    return hf__fact_keep(draft, said);
}

static bool same_amount(const hf_fact *a, const hf_fact *b)
{
    return a->amount == b->amount && hf__name_equal(&a->unit, &b->unit);
}

/* The reference has been seen: the same again does nothing, another amount wants a person. */
static int repeat_fact(hf__draft *draft, const hf_fact *said, hf_payment *payment)
{
    void *row;
    int error = hf__draft_edit(draft, HF__FACTS, said, &row);
    if (error != 0)
        return error;
    hf_fact *fact = row;
    if (same_amount(fact, said)) {
        draft->quiet = 1;
        draft->result = fact;
        return 0;
    }
    fact->attention |= HF_ATTENTION_UNEXPECTED_FACT;
    raise_attention(draft, payment);
    return finish(draft, fact, said->amount);
}

static bool fits(const hf_fact *said, const hf_payment *payment, const hf__order *order)
{
    return payment->method == HF_METHOD_PROVIDER &&
           hf__name_equal(&said->provider, &payment->provider) &&
           hf__name_equal(&said->unit, &order->row->currency);
}

static int new_fact(hf__draft *draft, hf_fact *said, hf_payment *payment)
{
    hf__order *order = NULL;
    int error = payment == NULL ? 0 : hf__order_load(draft, &payment->order, NULL, &order);
    if (error != 0)
        return error;
    if (order == NULL || !fits(said, payment, order))
        error = set_aside(draft, said, payment);
    else
        error = take_fact(draft, said, payment, order);
    const void *row = NULL;
    if (error == 0)
        error = hf__draft_get(draft, HF__FACTS, said, &row);
    return error != 0 ? error : finish(draft, row, said->amount);
}

int hf__decide_payment_report(const hf__operation *op, hf__draft *draft)
{
    const hf_payment_report_args *args = HF__ARGS(op, hf_payment_report_args);
    hf_fact said = {.payment = args->payment,
                    .amount = args->amount,
                    .provider_time_ms = args->provider_time_ms,
                    .kind = args->kind};
    hf__name_set(&said.provider, args->provider);
    hf__name_set(&said.fact_ref, args->fact_ref);
    hf__name_set(&said.unit, args->unit);
    const void *unit;
    const void *before;
    int error = hf__draft_get(draft, HF__UNITS, &(hf_unit){.code = said.unit}, &unit);
    int other = hf__draft_get(draft, HF__FACTS, &said, &before);
    if (error != 0 || other != 0)
        return error != 0 ? error : other;
    if (unit == NULL)
        return hf__refuse(draft->detail, HF_E_UNIT_UNKNOWN, "unit %s", said.unit.text);
    const hf_fact *first = before;
    bool matched = first != NULL && !hf__id_zero(&first->payment);
    hf_payment *payment;
    error = load_payment(draft, matched ? first : &said, &payment);
    if (error != 0)
        return error;
    bool links = first != NULL && !matched && payment != NULL && same_amount(first, &said);
    if (links)
        said.provider_time_ms = first->provider_time_ms;
    return first == NULL || links ? new_fact(draft, &said, payment)
                                  : repeat_fact(draft, &said, payment);
}
