/*
 * counters.c - how a fact moves the counter of its kind.
 *
 * Each movement counts once. What was asked for and not answered becomes less by what has happened,
 * and so does what was refused. A message that no counter can hold, or that contradicts the message
 * before it, is set aside with attention.
 */
#include "base/id.h"
#include "base/money/checked.h"
#include "domain/payment/arrival.h"

bool hf__fact_moves(hf__arrival *a, int64_t *by)
{
    bool total = (a->fact->flags & HF_REPORT_TOTAL) != 0;
    *by = a->fact->amount;
    if (!a->same.known)
        return true;
    *by = a->fact->amount - a->same.counted;
    if (*by == 0 || (total && a->fact->provider_time_ms < a->same.newest_ms)) {
        hf__fact_repeat(a);
        return false;
    }
    bool answers_more = !hf__id_zero(&a->fact->txn) && *by > 0; /* the command's own answer */
    if (!total && !answers_more) {
        hf__fact_set_aside(a);
        return false;
    }
    if (*by < 0 || !total)
        a->fact->attention |= HF__UNEXPECTED;
    return true;
}

void hf__fact_refuse_taken(hf_payment *payment, uint32_t kind, const hf__movement_facts *of,
                           int64_t taken)
{
    const hf__fact_effect *effect = &hf__fact_effects[kind];
    if (effect->refused_at == 0 || (kind != HF_FACT_CAPTURED && !of->asked))
        return;
    int64_t *refused = hf__payment_counter(payment, effect->refused_at);
    int64_t sum;
    *refused = hf__add(*refused, taken, &sum) ? sum : INT64_MAX;
}

/* Takes `by` off what is pending; returns the part that no command had asked for. */
static int64_t settle(hf__arrival *a, const hf__fact_effect *effect, int64_t by)
{
    if (effect->pending_at == 0)
        return 0;
    int64_t *pending = hf__payment_counter(a->payment, effect->pending_at);
    int64_t part = hf__larger(0, hf__smaller(by, hf__smaller(*pending, a->asked)));
    *pending -= part;
    return by - part;
}

/*
 * Takes `by` off what was refused, since it has happened after all; returns the part that nobody
 * has ever asked for.
 */
static int64_t use_refused(hf__arrival *a, const hf__fact_effect *effect, int64_t unasked)
{
    if (effect->refused_at == 0 || unasked <= 0)
        return unasked;
    int64_t *refused = hf__payment_counter(a->payment, effect->refused_at);
    int64_t part = hf__smaller(unasked, *refused);
    *refused -= part;
    return unasked - part;
}

/* A capture that nobody asked for is expected of a payment without authorization. */
static bool expects(const hf__arrival *a)
{
    const hf_payment *payment = a->payment;
    return a->fact->kind == HF_FACT_CAPTURED && (payment->flags & HF_PAYMENT_CAPTURE_ONLY) != 0 &&
           payment->captured <= payment->amount;
}

/* After the last capture nothing else that was asked can be captured (final.c). */
static void end_capture(hf__arrival *a, bool moved)
{
    bool once = (a->payment->flags & HF_PAYMENT_ONE_CAPTURE) != 0;
    if (hf__fact_is_final(a) || (moved && once && a->fact->kind == HF_FACT_CAPTURED)) {
        a->payment->pending_capture = 0;
        a->payment->barred = 0;
    }
}

/* What is captured and what is voided imply an authorization, whose amount must be a number. */
static bool fits_beside(const hf__arrival *a, int64_t now)
{
    int64_t sum;
    if (a->fact->kind == HF_FACT_CAPTURED)
        return hf__add(now, a->payment->voided, &sum);
    return a->fact->kind != HF_FACT_VOIDED || hf__add(now, a->payment->captured, &sum);
}

/* Moves the counter of the fact's kind by `by`; false: the sum is no amount. */
static bool move_counter(hf__arrival *a, const hf__fact_effect *effect, int64_t by)
{
    int64_t *counter = hf__payment_counter(a->payment, effect->counter_at);
    int64_t now;
    bool fits = hf__add(*counter, by, &now) && now >= 0 && fits_beside(a, now);
    *counter = fits ? now : *counter;
    return fits;
}

int hf__fact_move(hf__arrival *a)
{
    const hf__fact_effect *effect = &hf__fact_effects[a->fact->kind];
    int64_t by;
    bool moved = hf__fact_moves(a, &by);
    if (moved && !move_counter(a, effect, by)) {
        hf__fact_set_aside(a);
        moved = false;
    }
    if (!moved) {
        end_capture(a, false);
        return 0;
    }
    a->fact->uncounted = a->fact->amount - by;
    if (by < 0 && a->same.known) /* a running total fell */
        hf__fact_refuse_taken(a->payment, a->fact->kind, &a->same, -by);
    int64_t unasked = settle(a, effect, by);
    bool withdrawn = use_refused(a, effect, unasked) > 0 && a->fact->kind == HF_FACT_REFUNDED;
    a->payment->flags |= withdrawn ? (uint32_t)HF_PAYMENT_WITHDRAWN : 0;
    a->fact->attention |=
        (by != 0 ? effect->attention : 0) | (unasked > 0 && !expects(a) ? HF__UNEXPECTED : 0);
    end_capture(a, by != 0);
    return 0;
}
