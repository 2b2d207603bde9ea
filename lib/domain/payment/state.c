/*
 * state.c - the state of a payment follows its counters.
 */
#include "base/money/checked.h"
#include "domain/order/payment_state.h"
#include "domain/payment/arrival.h"
#include "domain/payment/facts.h"

void hf__payment_imply(hf_payment *payment)
{
    int64_t needed;
    if (!hf__add(payment->captured, payment->voided, &needed))
        needed = INT64_MAX;
    int64_t reported = payment->authorized - payment->authorized_implied;
    payment->authorized = hf__larger(reported, needed);
    payment->authorized_implied = payment->authorized - reported;
}

int hf__payment_settle_state(hf__draft *draft, hf_payment *payment)
{
    hf__payment_imply(payment);
    bool left = hf__payment_left(payment) > 0;
    bool waits = payment->state == HF_PAYMENT_NEW || payment->state == HF_PAYMENT_FAILED;
    int error = 0;
    if (payment->state == HF_PAYMENT_PENDING && payment->authorized > 0)
        error = hf__payment_apply(draft, payment, HF__PAY_AUTHORIZED);
    else if ((waits && payment->authorized > 0) || (payment->state == HF_PAYMENT_CLOSED && left))
        error = hf__payment_apply(draft, payment, HF__PAY_LATE);
    if (error == 0 && payment->state == HF_PAYMENT_AUTHORIZED && !left)
        error = hf__payment_apply(draft, payment, HF__PAY_SPENT);
    if (payment->state != HF_PAYMENT_PENDING && payment->state != HF_PAYMENT_NEW) {
        payment->pending_authorize = 0;
        payment->deadline_ms = 0;
    }
    if (!left) { /* what is asked of an authorization that is used up cannot happen any more */
        payment->pending_capture = 0;
        payment->pending_void = 0;
    }
    hf__payment_fit(payment);
    bool beyond = hf__payment_open(payment) < 0 || hf__payment_refundable(payment) < 0 ||
                  payment->authorized - payment->voided > payment->amount;
    payment->flags &= ~(uint32_t)HF_PAYMENT_BEYOND;
    payment->flags |= beyond ? (uint32_t)HF_PAYMENT_BEYOND : 0;
    return error;
}

/* The provider has released what it was not to capture. */
static void release(hf_payment *payment)
{
    int64_t left = hf__payment_left(payment) - payment->pending_void;
    int64_t by = hf__smaller(payment->barred, left);
    payment->voided += by > 0 ? by : 0;
    payment->barred = 0;
}

int hf__payment_release(hf__draft *draft, hf__order *order, uint32_t at)
{
    hf_payment *payment;
    int error = hf__order_payment_edit(draft, order, at, &payment);
    if (error != 0)
        return error;
    const hf__payment_was before = hf__payment_now(payment);
    hf__payment_imply(payment);
    release(payment);
    error = hf__payment_final(draft, payment, NULL);
    if (error == 0)
        error = hf__payment_settle_state(draft, payment);
    return error != 0 ? error : hf__payment_moved(draft, payment, &before);
}

int hf__fact_keep(hf__draft *draft, const hf_fact *fact)
{
    void *row;
    int error = hf__draft_put(draft, HF__FACTS, fact, &row);
    if (error != 0)
        return error;
    hf_fact *kept = row;
    int64_t at_ms = hf__fact_recorded_ms(kept, draft->now_ms);
    *kept = *fact;
    kept->at_ms = at_ms;
    return 0;
}
