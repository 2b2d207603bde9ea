/*
 * authorized.c - what a report or answer that money is authorized does to its payment.
 *
 * Happy path: movements add up, and of one movement the newest message counts, on a tie the larger.
 * What is captured or voided was authorized, also when nobody has reported that.
 *
 * A message says what is authorized at its time, without what was voided before. The counter of
 * what is authorized has voided money in it, so voids that are older than the newest message of
 * every authorization are added to it, in whatever order the messages come. Of a void that is newer
 * than one of them nobody knows which one it is of: it is not added.
 *
 * An authorization that is newer than every capture and failure is a new one, also with the amount
 * of the old one: what was refused to be captured can be captured again.
 *
 * Failure mode: HF_E_NOMEM. An amount that no counter can hold is recorded with
 * `uncounted` and moves nothing.
 */
#include "base/money/checked.h"
#include "base/wide.h"
#include "domain/payment/arrival.h"
#include "domain/payment/command.h"
#include "domain/payment/facts.h"

static bool authorized_newly(const hf__arrival *a)
{
    const hf__movement_facts *same = &a->same;
    if (!same->known || a->fact->provider_time_ms > same->newest_ms)
        return true;
    return a->fact->provider_time_ms == same->newest_ms && a->fact->amount > same->counted;
}

/* ---- Voids before the newest authorization --------------------------------------------------- */

/* The only authorization that counts; NULL: there is none, or there are several. */
static const hf__facts_movement *only_authorized(const hf__payment_facts *of)
{
    const hf__facts_movement *only = NULL;
    for (uint32_t i = 0; i < of->movement_count; i++) {
        const hf__facts_movement *one = &of->movements[i];
        if (one->first->kind != HF_FACT_AUTHORIZED || one->moved == 0)
            continue;
        if (only != NULL)
            return NULL;
        only = one;
    }
    return only;
}

/* What the authorizations have moved, and the earliest of their newest messages. */
static hf__wide all_authorized(const hf__payment_facts *of, int64_t *earliest_ms)
{
    hf__wide all = 0;
    *earliest_ms = INT64_MAX;
    for (uint32_t i = 0; i < of->movement_count; i++) {
        const hf__facts_movement *one = &of->movements[i];
        if (one->first->kind != HF_FACT_AUTHORIZED || one->moved == 0)
            continue;
        all += one->moved;
        *earliest_ms = hf__smaller(*earliest_ms, one->newest_ms);
    }
    return all;
}

int64_t hf__voided_before(const hf__payment_facts *of)
{
    int64_t earliest_ms;
    hf__wide sum = 0;
    const hf__wide all = all_authorized(of, &earliest_ms);
    for (uint32_t i = 0; all != 0 && i < of->movement_count; i++) {
        const hf__facts_movement *one = &of->movements[i];
        bool before = hf__happened_ms(one->newest_ms, one->recorded_ms) < earliest_ms;
        sum += one->first->kind == HF_FACT_VOIDED && before ? one->moved : 0;
    }
    return sum + all <= INT64_MAX ? (int64_t)sum : 0;
}

void hf__authorized_beside(hf_payment *payment, int64_t before, int64_t voided)
{
    int64_t reported = payment->authorized - payment->authorized_implied;
    int64_t now;
    if (voided == before || !hf__add(reported, voided - before, &now))
        return;
    payment->authorized = hf__larger(0, now);
    payment->authorized_implied = 0;
    hf__payment_imply(payment);
}

int hf__authorized_beyond(hf__draft *draft, const hf_payment *payment, int64_t *beyond)
{
    int64_t left = payment->authorized - payment->voided - payment->pending_void;
    hf__payment_facts of;
    *beyond = left > payment->amount ? left - payment->amount : 0;
    if (*beyond == 0)
        return 0;
    int error = hf__payment_facts_find(draft, payment, NULL, &of);
    *beyond = error == 0 && only_authorized(&of) != NULL ? *beyond : 0;
    return error;
}

/* ---- Authorizations -------------------------------------------------------------------------- */

/* When the last capture was asked for or reported, or the last failure was. */
static int last_tried(hf__arrival *a, int64_t *last_ms)
{
    hf__payment_facts of;
    int error = hf__command_last(a->draft, a->payment, HF_COMMAND_CAPTURE, last_ms);
    if (error == 0)
        error = hf__payment_facts_find(a->draft, a->payment, NULL, &of);
    for (uint32_t i = 0; error == 0 && i < of.count; i++) {
        const hf_fact *row = of.rows[i];
        bool tried = row->kind == HF_FACT_CAPTURED || row->kind == HF_FACT_FAILED;
        *last_ms = tried ? hf__larger(*last_ms, row->provider_time_ms) : *last_ms;
    }
    return error;
}

/* Whether money that was refused to be captured is authorized anew. */
static int renews(hf__arrival *a, bool *anew)
{
    int64_t last_ms = 0;
    *anew = false;
    if (a->payment->capture_refused == 0 || !a->same.known || a->fact->amount == 0)
        return 0;
    int error = last_tried(a, &last_ms);
    *anew = error == 0 && a->fact->provider_time_ms > last_ms;
    return error;
}

int hf__fact_authorize(hf__arrival *a)
{
    hf_payment *payment = a->payment;
    int64_t reported = payment->authorized - payment->authorized_implied;
    a->expected = payment->pending_authorize > 0 || reported > 0;
    if (!authorized_newly(a)) {
        hf__fact_repeat(a);
        return 0;
    }
    int64_t by = a->fact->amount - a->same.counted;
    int64_t now;
    bool anew = by > 0;
    int error = anew ? 0 : renews(a, &anew);
    if (error != 0)
        return error;
    if (!hf__add(reported, by, &now) || now < 0) {
        hf__fact_set_aside(a);
        return 0;
    }
    a->fact->uncounted = a->fact->amount - by;
    payment->authorized = now;
    payment->authorized_implied = 0;
    payment->capture_refused = anew ? 0 : payment->capture_refused;
    hf__payment_imply(payment);
    return 0;
}

bool hf__authorized_unasked(const hf__arrival *a, const hf__payment_was *before)
{
    int64_t now = a->payment->authorized - a->payment->voided;
    bool grew = now > before->authorized - before->voided;
    return grew && !(a->expected && now <= a->payment->amount);
}
