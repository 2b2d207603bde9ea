/*
 * dispute.c - chargebacks and their reversals.
 *
 * Happy path: a reversal takes a chargeback back. One that comes before any chargeback is
 * remembered for the one that follows. Of two disputes the reversals may come before both
 * chargebacks are known: a reversal of more than is charged back moves nothing, but it is not wrong
 * for good, because with the other chargeback there is enough. So after a chargeback, each reversal
 * that has moved nothing and is not larger than what is charged back now is counted, in the order
 * of their keys.
 *
 * Failure mode: HF_E_NOMEM.
 */
#include "base/money/checked.h"
#include "domain/payment/arrival.h"
#include "domain/payment/facts.h"

/* Whether the reversal has moved nothing although it did not fail. */
static int is_kept(const hf__payment_facts *of, uint32_t at, bool *kept)
{
    const hf_fact *row = of->rows[at];
    hf__movement_facts failure;
    *kept = row->kind == HF_FACT_CHARGEBACK_REVERSED && row->amount > 0 &&
            hf__payment_facts_movement(of, at)->moved == 0 &&
            row->amount <= of->payment->charged_back;
    if (!*kept)
        return 0;
    int error = hf__movement_find(of->draft, row, HF_FACT_FAILED, &failure);
    *kept = error == 0 && !(failure.known && failure.newest_ms > row->provider_time_ms);
    return error;
}

/* More was charged back: counts the reversals that are not larger any more. */
static int reverse_kept(hf__draft *draft, hf_payment *payment)
{
    hf__payment_facts of;
    int error = hf__payment_facts_find(draft, payment, NULL, &of);
    for (uint32_t i = 0; error == 0 && i < of.count; i++) {
        bool kept = false;
        void *row = NULL;
        error = is_kept(&of, i, &kept);
        if (error == 0 && kept)
            error = hf__draft_edit_known(draft, HF__FACTS, of.rows[i], &row);
        if (error != 0 || !kept)
            continue;
        payment->charged_back -= of.rows[i]->amount;
        ((hf_fact *)row)->uncounted = 0;
        hf__payment_facts_movement(&of, i)->moved = of.rows[i]->amount;
    }
    return error;
}

/* A chargeback whose reversal was reported before it is undone at once. */
int hf__fact_charge_back(hf__arrival *a)
{
    int64_t before = a->payment->charged_back;
    int error = hf__fact_move(a);
    int64_t by = a->payment->charged_back - before;
    int64_t undone = hf__larger(
        0, by < a->payment->chargeback_reversals ? by : a->payment->chargeback_reversals);
    a->payment->chargeback_reversals -= undone;
    a->payment->charged_back -= undone;
    if (error != 0 || by <= 0)
        return error;
    return reverse_kept(a->draft, a->payment);
}

/* A running total of reversals fell by so much: first what was remembered of it is forgotten. */
static bool charge_again(hf_payment *payment, int64_t by)
{
    int64_t forgotten = by < payment->chargeback_reversals ? by : payment->chargeback_reversals;
    int64_t now;
    if (!hf__add(payment->charged_back, by - forgotten, &now))
        return false;
    payment->charged_back = now;
    payment->chargeback_reversals -= forgotten;
    return true;
}

/* A reversal that comes before any chargeback is remembered for the one that follows. */
static bool remember(hf__arrival *a, int64_t by)
{
    hf_payment *payment = a->payment;
    int64_t now;
    a->fact->attention |= HF__UNEXPECTED;
    if (payment->charged_back != 0 || !hf__add(payment->chargeback_reversals, by, &now))
        return false;
    payment->chargeback_reversals = now;
    return true;
}

int hf__fact_reverse(hf__arrival *a)
{
    hf_payment *payment = a->payment;
    int64_t by;
    if (!hf__fact_moves(a, &by))
        return 0;
    a->fact->uncounted = a->fact->amount - by;
    if (by >= 0 && payment->charged_back >= by)
        payment->charged_back -= by;
    else if (by < 0 ? !charge_again(payment, -by) : !remember(a, by))
        hf__fact_set_aside(a);
    return 0;
}
