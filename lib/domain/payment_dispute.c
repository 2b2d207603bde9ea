/*
 * payment_dispute.c - reversals that were larger than what was charged back when they came.
 *
 * Why: of two disputes the reversals may come before both chargebacks are known. A reversal of more
 * than is charged back moves nothing, but it is not wrong for good: with the other chargeback there
 * is enough.
 *
 * Happy path: after a chargeback, each reversal that has moved nothing and is not larger than what
 * is charged back now is counted, in the order of their keys.
 *
 * Failure modes: HF__NEED, HF_E_NOMEM.
 */
#include "domain/payment_told.h"

/* Whether the reversal has moved nothing although it did not fail. */
static int is_kept(const hf__told *of, uint32_t at, bool *kept)
{
    const hf_fact *row = of->rows[at];
    hf__movement_facts failure;
    *kept = row->kind == HF_FACT_CHARGEBACK_REVERSED && row->amount > 0 &&
            hf__told_of(of, at)->moved == 0 && row->amount <= of->payment->charged_back;
    if (!*kept)
        return 0;
    int error = hf__movement_find(of->draft, row, HF_FACT_FAILED, &failure);
    *kept = error == 0 && !(failure.known && failure.newest_ms > row->provider_time_ms);
    return error;
}

int hf__payment_reverse_kept(hf__draft *draft, hf_payment *payment)
{
    hf__told of;
    int error = hf__told_find(draft, payment, NULL, &of);
    for (uint32_t i = 0; error == 0 && i < of.count; i++) {
        bool kept = false;
        void *row = NULL;
        error = is_kept(&of, i, &kept);
        if (error == 0 && kept)
            error = hf__draft_edit(draft, HF__FACTS, of.rows[i], &row);
        if (error != 0 || !kept)
            continue;
        payment->charged_back -= of.rows[i]->amount;
        ((hf_fact *)row)->uncounted = 0;
        hf__told_of(&of, i)->moved = of.rows[i]->amount;
    }
    return error;
}
