/*
 * failed.c - what a report of a failure does to its payment.
 *
 * Happy path: a failure that is newer by the provider's time than every success of its movement
 * takes them back. Of an unknown movement it fails the authorization that is asked, or ends the
 * only command under way (reported.c).
 *
 * A void or refund that was asked for and fails is asked for again by itself, but only once: what
 * fails the second time counts as refused, as a capture does the first time.
 *
 * Failure modes: HF_E_NOMEM, HF_E_FENCED.
 */
#include "base/id.h"
#include "domain/order/payment_state.h"
#include "domain/payment/arrival.h"
#include "domain/payment/command.h"
#include "domain/payment/facts.h"

/* Marks the messages of a success that is taken back as uncounted. */
static int uncount(hf__arrival *a, uint32_t kind)
{
    hf__payment_facts of;
    int error = hf__payment_facts_find(a->draft, a->payment, NULL, &of);
    for (uint32_t i = 0; error == 0 && i < of.count; i++) {
        void *row = NULL;
        const hf_fact *one = of.rows[i];
        if (one->kind != kind || one->uncounted == one->amount ||
            !hf__name_equal(hf__fact_movement(one), hf__fact_movement(a->fact)))
            continue;
        error = hf__draft_edit_known(a->draft, HF__FACTS, one, &row);
        if (error == 0)
            ((hf_fact *)row)->uncounted = one->amount;
    }
    return error;
}

/* Whether another movement of the kind was asked for, and was taken back or failed before. */
static int failed_before(hf__arrival *a, uint32_t kind, bool *before)
{
    hf__payment_facts of;
    int error = hf__payment_facts_find(a->draft, a->payment, NULL, &of);
    *before = false;
    for (uint32_t i = 0; error == 0 && i < of.count; i++) {
        const hf_fact *row = of.rows[i];
        bool same = hf__name_equal(hf__fact_movement(row), hf__fact_movement(a->fact));
        *before = *before || (row->kind == kind && !same && !hf__id_zero(&row->txn) &&
                              row->amount > 0 && hf__payment_facts_movement(&of, i)->moved == 0);
    }
    return error;
}

/* A void or refund that failed is asked for again by itself, but only once. */
static int take_back(hf__arrival *a, uint32_t kind, const hf__movement_facts *success)
{
    hf_payment *payment = a->payment;
    int64_t *counter = hf__payment_counter(payment, hf__fact_effects[kind].counter_at);
    bool again = true;
    int error = kind == HF_FACT_CAPTURED ? 0 : failed_before(a, kind, &again);
    if (error != 0)
        return error;
    if (kind == HF_FACT_AUTHORIZED) {
        *counter -= payment->authorized_implied;
        payment->authorized_implied = 0;
    }
    int64_t taken = success->counted < *counter ? success->counted : *counter;
    *counter -= taken;
    if (again)
        hf__fact_refuse_taken(payment, kind, success, taken);
    a->fact->attention |= HF__UNEXPECTED;
    return uncount(a, kind);
}

/* What is known of the movement of a failure, over all kinds that a failure is about. */
typedef struct of_movement {
    bool seen;         /* some message said that it happened */
    bool later;        /* and that it is no authorization: a capture, void or refund */
    bool counted;      /* and it counts */
    int64_t newest_ms; /* of those that count */
} of_movement;

static int find_successes(hf__arrival *a, of_movement *of)
{
    *of = (of_movement){.newest_ms = INT64_MIN};
    for (uint32_t kind = HF_FACT_AUTHORIZED; kind <= HF_FACT_REFUNDED; kind++) {
        hf__movement_facts same;
        int error = hf__movement_find(a->draft, a->fact, kind, &same);
        if (error != 0)
            return error;
        bool counts = same.known && same.counted != 0;
        of->seen = of->seen || same.seen;
        of->later = of->later || (same.seen && kind != HF_FACT_AUTHORIZED);
        of->counted = of->counted || counts;
        of->newest_ms = counts ? hf__larger(of->newest_ms, same.newest_ms) : of->newest_ms;
    }
    return 0;
}

static int take_all_back(hf__arrival *a)
{
    for (uint32_t kind = HF_FACT_AUTHORIZED; kind <= HF_FACT_REFUNDED; kind++) {
        hf__movement_facts success;
        int error = hf__movement_find(a->draft, a->fact, kind, &success);
        if (error == 0 && success.known && success.counted != 0)
            error = take_back(a, kind, &success);
        if (error != 0)
            return error;
    }
    return 0;
}

uint32_t hf__fact_untimed(const hf__arrival *a)
{
    bool reported = hf__id_zero(&a->fact->txn);
    if (reported && a->fact->provider_time_ms == 0)
        return HF__UNEXPECTED;
    return 0;
}

/* The movement is not known: it is that of the command in progress, or for a person. */
static int fail_command(hf__arrival *a)
{
    hf__movement_facts failure;
    bool ended = false;
    int error = hf__movement_find(a->draft, a->fact, HF_FACT_FAILED, &failure);
    if (error == 0 && !failure.seen)
        error = hf__failure_ends_command(a->draft, a->payment, a->fact, &ended);
    a->fact->attention |= ended ? 0 : HF__UNEXPECTED;
    return error;
}

/* Of a movement the newest message is right, whatever its kind: on a tie the success. */
int hf__fact_fail(hf__arrival *a)
{
    of_movement known;
    a->fact->uncounted = a->fact->amount;
    int error = find_successes(a, &known);
    if (error != 0)
        return error;
    if (known.newest_ms >= a->fact->provider_time_ms) {
        a->fact->attention |= hf__fact_untimed(a);
        return 0;
    }
    if (known.counted)
        return take_all_back(a);
    if (a->payment->state != HF_PAYMENT_PENDING || known.later)
        return known.seen ? 0 : fail_command(a); /* the second says no more */
    a->payment->pending_authorize = 0;
    a->payment->deadline_ms = 0;
    return hf__payment_apply(a->draft, a->payment, HF__PAY_FAILED);
}

int hf__fact_find_failure(hf__arrival *a, bool *failed)
{
    hf__movement_facts failure;
    int error = hf__movement_find(a->draft, a->fact, HF_FACT_FAILED, &failure);
    *failed = error == 0 && failure.known && failure.newest_ms > a->fact->provider_time_ms;
    return error;
}
