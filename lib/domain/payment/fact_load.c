/*
 * fact_load.c - names the rows that a fact of a payment reads.
 *
 * Why not all facts of the payment each time: a payment may have thousands, and most facts only ask
 * for the other messages about their own movement. All are read where a sum over them may be asked
 * for; that is decided by what the counters may become, so rather too often than not often enough.
 *
 * Happy path: the messages about the movement, the commands and the facts of the payment, and the
 * reports that were kept for its name, in one step; what these lead to in the next one.
 *
 * Failure mode: a row is missing, which the draft has noted.
 */
#include "base/wide.h"
#include "domain/payment/command.h"
#include "domain/payment/fact.h"
#include "domain/payment/facts.h"
#include "domain/payment/rows.h"

#define KIND(kind) (1u << (kind))

/* The most that may be authorized and not voided once the fact has counted; see state.c. */
static hf__wide most_left(const hf_payment *payment, const hf_fact *fact)
{
    const hf__wide left = (hf__wide)payment->authorized - payment->voided;
    const hf__wide captured = (hf__wide)payment->captured + fact->amount;
    if (fact->kind == HF_FACT_AUTHORIZED)
        return left + fact->amount;
    if (fact->kind == HF_FACT_CAPTURED && captured > left)
        return captured;
    return left;
}

/* Whether a sum over all facts may be asked for. */
static bool sums_up(const hf_payment *payment, const hf_fact *fact)
{
    const uint32_t flags = HF_PAYMENT_FINAL | HF_PAYMENT_ONE_CAPTURE | HF_PAYMENT_WITHDRAWN;
    const uint32_t kinds = KIND(HF_FACT_VOIDED) | KIND(HF_FACT_FAILED) | KIND(HF_FACT_CHARGEBACK);
    const bool last = fact->kind == HF_FACT_CAPTURED && (fact->flags & HF_REPORT_FINAL) != 0;
    const bool renews =
        fact->kind == HF_FACT_AUTHORIZED && (payment->voided != 0 || payment->capture_refused != 0);
    return last || renews || (payment->flags & flags) != 0 || (kinds & KIND(fact->kind)) != 0 ||
           most_left(payment, fact) > payment->amount;
}

/* A CONFIRMED order asks for payments whose authorization was raised beyond their amount. */
void hf__load_raised(hf__draft *draft, const hf__order *order)
{
    if (order->row->state != HF_ORDER_CONFIRMED)
        return;
    for (uint32_t i = 0; i < order->row->payment_count; i++) {
        const hf_payment *payment = order->payments[i].row;
        if ((hf__wide)payment->authorized - payment->voided > payment->amount)
            hf__load_payment_facts(draft, payment, 0);
    }
}

void hf__load_fact(hf__draft *draft, const hf_payment *payment, const hf_fact *fact,
                   const hf_name *provider_ref)
{
    (void)hf__load_payment(draft, payment);
    hf__load_movements(draft, fact, hf__fact_kinds_read(fact));
    hf__load_asked(draft, payment);
    const bool kept = hf__load_reference(draft, payment, provider_ref);
    const bool disputes = kept || fact->kind == HF_FACT_CHARGEBACK; /* see dispute.c */
    if (kept || sums_up(payment, fact))
        hf__load_payment_facts(draft, payment, disputes ? KIND(HF_FACT_CHARGEBACK_REVERSED) : 0);
}
