/*
 * payment_report.c - facts: what a provider says happened, kept as it was said.
 *
 * Why: a command may be refused, a fact may not. Refusing one would only make the books differ from
 * the world. So whatever comes is recorded under (provider, kind, reference), and what does not fit
 * raises attention for a person.
 *
 * Happy path: the fact is new and becomes a row. In this version every payment is of method
 * ACCOUNT, about which a provider has nothing to say: a fact that names one is unexpected, one that
 * names none or an unknown one is unmatched.
 *
 * A repeat with the same amount and unit does nothing. One with another amount leaves the first as
 * it was said, raises attention on fact and payment, and stands in the event with its amount.
 *
 * Failure modes: HF_E_UNIT_UNKNOWN.
 */
#include "base/id.h"
#include "domain/body.h"
#include "domain/common.h"
#include "domain/handlers.h"

#include <string.h>

/* The payment that a fact names; *payment NULL when it names none that is known. */
static int load_payment(hf__draft *draft, const hf_id *id, hf_payment **payment)
{
    *payment = NULL;
    if (hf__id_zero(id))
        return 0;
    void *row;
    int error = hf__draft_edit(draft, HF__PAYMENTS, &(hf_payment){.id = *id}, &row);
    *payment = row;
    return error;
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
    hf_change change = {.type = HF_CHANGE_NOTE,
                        .subject_kind = HF_SUBJECT_FACT,
                        .id = fact->payment,
                        .amount = amount,
                        .text = fact->fact_ref};
    int error = hf__note(draft, &fact->payment, NULL, fact->provider.text);
    return error != 0 ? error : hf__body_add(draft, &change);
}

static int add_fact(hf__draft *draft, const hf_fact *fresh, hf_payment *payment)
{
    void *row;
    int error = hf__draft_add(draft, HF__FACTS, fresh, &row);
    if (error != 0)
        return error;
    hf_fact *fact = row;
    *fact = *fresh;
    fact->at_ms = draft->now_ms;
    if (payment == NULL)
        memset(&fact->payment, 0, sizeof fact->payment);
    fact->attention = payment == NULL ? HF_ATTENTION_UNMATCHED_FACT : HF_ATTENTION_UNEXPECTED_FACT;
    raise_attention(draft, payment);
    return finish(draft, fact, fact->amount);
}

/* The reference has been seen: the same again does nothing, another amount wants a person. */
static int repeat_fact(hf__draft *draft, const hf_fact *said, hf_payment *payment)
{
    void *row;
    int error = hf__draft_edit(draft, HF__FACTS, said, &row);
    if (error != 0)
        return error;
    hf_fact *fact = row;
    if (fact->amount == said->amount && hf__name_equal(&fact->unit, &said->unit)) {
        draft->quiet = 1;
        draft->result = fact;
        return 0;
    }
    fact->attention |= HF_ATTENTION_UNEXPECTED_FACT;
    raise_attention(draft, payment);
    return finish(draft, fact, said->amount);
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
    int error = hf__draft_get(draft, HF__UNITS, &(hf__unit){.code = said.unit}, &unit);
    int other = hf__draft_get(draft, HF__FACTS, &said, &before);
    if (error != 0 || other != 0)
        return error != 0 ? error : other;
    if (unit == NULL)
        return hf__refuse(draft->detail, HF_E_UNIT_UNKNOWN, "unit %s", said.unit.text);
    const hf_fact *first = before;
    hf_payment *payment;
    error = load_payment(draft, first == NULL ? &said.payment : &first->payment, &payment);
    if (error != 0)
        return error;
    return first == NULL ? add_fact(draft, &said, payment) : repeat_fact(draft, &said, payment);
}
