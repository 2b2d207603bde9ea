/*
 * payment_authorized.c - what a report or answer that money is authorized does to its payment.
 *
 * Happy path: movements add up, and of one movement the newest message counts, on a tie the larger.
 * What is captured or voided was authorized, also when nobody has reported that.
 *
 * Failure modes: an amount that no counter can hold is recorded with `uncounted` and moves nothing.
 */
#include "base/checked.h"
#include "domain/payment_arrival.h"

void hf__payment_imply(hf_payment *payment)
{
    int64_t needed;
    if (!hf__add(payment->captured, payment->voided, &needed))
        needed = INT64_MAX;
    int64_t reported = payment->authorized - payment->authorized_implied;
    payment->authorized = hf__larger(reported, needed);
    payment->authorized_implied = payment->authorized - reported;
}

static bool authorized_newly(const hf__arrival *a)
{
    const hf__movement_facts *same = &a->same;
    if (!same->known || a->fact->provider_time_ms > same->newest_ms)
        return true;
    return a->fact->provider_time_ms == same->newest_ms && a->fact->amount > same->counted;
}

/*
 * Whether what is authorized now, less what was voided, was to be expected: it did not grow, or it
 * was asked for, or renews and raises what was authorized before, up to the payment's amount.
 */
static bool expects_authorized(const hf_payment *payment, int64_t before, bool known)
{
    int64_t now = payment->authorized - payment->voided;
    return now <= before || (known && now <= payment->amount);
}

int hf__fact_authorize(hf__arrival *a)
{
    hf_payment *payment = a->payment;
    int64_t before = payment->authorized - payment->voided;
    int64_t reported = payment->authorized - payment->authorized_implied;
    bool known = payment->pending_authorize > 0 || reported > 0;
    if (!authorized_newly(a)) {
        hf__fact_repeat(a);
        return 0;
    }
    int64_t by = a->fact->amount - a->same.counted;
    int64_t now;
    if (!hf__add(reported, by, &now) || now < 0) {
        hf__fact_set_aside(a);
        return 0;
    }
    a->fact->uncounted = a->fact->amount - by;
    payment->authorized = now;
    payment->authorized_implied = 0;
    payment->capture_refused = by > 0 ? 0 : payment->capture_refused;
    hf__payment_imply(payment);
    a->fact->attention |= expects_authorized(payment, before, known) ? 0 : HF__UNEXPECTED;
    return 0;
}
