/*
 * final.c - what all messages about a payment say together: what its last capture releases,
 * and whether money of it was refunded unasked.
 *
 * Why from the facts: the message that says which capture was the last one may come before or after
 * the answer to this capture, the authorization, and what was voided. What it releases is computed
 * anew with each fact, so that every order of arrival ends with the same amounts.
 *
 * Happy path: what was authorized up to the time of the last capture, and neither captured nor
 * voided by a message, counts as voided; what was authorized later is open. A capture that failed
 * since releases nothing. Messages that schema 3 recorded do not say whether they counted, so no
 * more than the counter has is taken from them.
 *
 * Failure mode: HF_E_NOMEM.
 */
#include "base/id.h"
#include "base/wide.h"
#include "domain/payment/facts.h"

/* Whether there is a last capture that did not fail, and when it was made. */
static bool find_last(const hf__payment_facts *of, int64_t *last_ms)
{
    bool once = (of->payment->flags & HF_PAYMENT_ONE_CAPTURE) != 0;
    bool found = false;
    for (uint32_t i = 0; i < of->count; i++) {
        const hf_fact *row = of->rows[i];
        bool final = (row->flags & HF_REPORT_FINAL) != 0;
        bool made = hf__payment_facts_movement(of, i)->moved != 0 || (final && row->amount == 0);
        if (row->kind != HF_FACT_CAPTURED || !(once || final) || !made)
            continue;
        int64_t at_ms =
            hf__happened_ms(row->provider_time_ms, hf__fact_recorded_ms(row, of->draft->now_ms));
        *last_ms = !found || at_ms > *last_ms ? at_ms : *last_ms;
        found = true;
    }
    return found;
}

/* What movements of a kind have moved; of authorizations, those that are newer than `after_ms`. */
static int64_t sum_of(const hf__payment_facts *of, uint32_t kind, int64_t after_ms)
{
    hf__wide sum = 0;
    for (uint32_t i = 0; i < of->movement_count; i++) {
        const hf__facts_movement *one = &of->movements[i];
        sum += one->first->kind == kind && one->newest_ms > after_ms ? one->moved : 0;
    }
    return (int64_t)sum; /* of movements as a whole: at most the payment's counter */
}

int hf__payment_final(hf__draft *draft, hf_payment *payment, const hf_fact *fact)
{
    if ((payment->flags & (HF_PAYMENT_FINAL | HF_PAYMENT_ONE_CAPTURE)) == 0)
        return 0;
    hf__payment_facts of;
    int error = hf__payment_facts_find(draft, payment, fact, &of);
    if (error != 0)
        return error;
    int64_t last_ms = 0;
    bool last = find_last(&of, &last_ms);
    int64_t reported = payment->authorized - payment->authorized_implied;
    int64_t voided = sum_of(&of, HF_FACT_VOIDED, INT64_MIN);
    payment->voided = voided < payment->voided ? voided : payment->voided;
    int64_t left = reported - payment->captured - payment->voided;
    int64_t open = last ? sum_of(&of, HF_FACT_AUTHORIZED, last_ms) : left;
    payment->voided += left > open ? left - open : 0;
    return 0;
}

int hf__payment_withdrawn(hf__draft *draft, hf_payment *payment, const hf_fact *fact)
{
    if ((payment->flags & HF_PAYMENT_WITHDRAWN) == 0)
        return 0;
    hf__payment_facts of;
    int error = hf__payment_facts_find(draft, payment, fact, &of);
    bool some = false;
    for (uint32_t i = 0; error == 0 && i < of.movement_count && !some; i++) {
        const hf__facts_movement *one = &of.movements[i];
        some = one->first->kind == HF_FACT_REFUNDED && one->moved > 0 && !one->asked;
    }
    if (error == 0 && !some)
        payment->flags &= ~(uint32_t)HF_PAYMENT_WITHDRAWN;
    return error;
}
