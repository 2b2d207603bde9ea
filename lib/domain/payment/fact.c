/*
 * fact.c - what a fact does to the counters and the state of its payment.
 *
 *     AUTHORIZED           movements add up; of one movement the newest counts, on a tie the larger
 *     CAPTURED, VOIDED,    each movement counts once; a running total (HF_REPORT_TOTAL) counts by
 *     REFUNDED, CHARGEBACK how much it differs from what the movement has counted
 *     CHARGEBACK_REVERSED  takes a chargeback back
 *     FAILED               takes the success of its movement back when it is newer by the
 *                          provider's time, else fails the authorization that is asked
 *
 * Facts come in any order. A capture that is reported before its authorization implies it: what is
 * authorized is the larger of what was reported and what captures and voids need. AUTHORIZED is in
 * authorized.c, FAILED in failed.c, disputes are in dispute.c, and what the
 * last capture releases is in final.c.
 *
 * Failure modes: HF__NEED, HF_E_NOMEM. What breaks an expectation is recorded as it was said,
 * marked HF_PAYMENT_BEYOND where a limit is broken, and raises attention; what cannot be counted at
 * all is recorded with `uncounted` and moves no counter.
 */
#include "domain/payment/fact.h"
#include "base/id.h"
#include "base/invariant.h"
#include "base/money/checked.h"
#include "domain/order/payment_state.h"
#include "domain/payment/arrival.h"

#define AT(member) offsetof(hf_payment, member)

/* clang-format off */
const hf__fact_effect hf__fact_effects[HF__FACT_KINDS] = {
    [HF_FACT_AUTHORIZED] = { AT(pending_authorize), 0, AT(authorized), HF_COMMAND_AUTHORIZE, 0 },
    [HF_FACT_CAPTURED]   = { AT(pending_capture), AT(capture_refused), AT(captured), HF_COMMAND_CAPTURE, 0 },
    [HF_FACT_VOIDED]     = { AT(pending_void), AT(void_refused), AT(voided), HF_COMMAND_VOID, 0 },
    [HF_FACT_REFUNDED]   = { AT(pending_refund), AT(refund_refused), AT(refunded), HF_COMMAND_REFUND, 0 },
    [HF_FACT_CHARGEBACK] = { 0, 0, AT(charged_back), HF_COMMAND_NONE, HF_ATTENTION_CHARGEBACK },
};
/* clang-format on */

uint32_t hf__fact_of(uint32_t command)
{
    uint32_t kind = 0;
    while (kind + 1 < HF__FACT_KINDS && hf__fact_effects[kind].command != command)
        kind++;
    return kind;
}

/* The movement is another payment's: nothing of the message is about this one. */
static void set_whole_aside(hf__arrival *a)
{
    hf__fact_set_aside(a);
    a->fact->flags |= HF_FACT_SET_ASIDE;
}

/* ---- Successes ------------------------------------------------------------------------------- */

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

/* What was refused has happened after all; returns what nobody has ever asked for. */
static int64_t use_refused(hf__arrival *a, const hf__fact_effect *effect, int64_t unasked)
{
    if (effect->refused_at == 0 || unasked <= 0)
        return unasked;
    int64_t *refused = hf__payment_counter(a->payment, effect->refused_at);
    int64_t part = hf__smaller(unasked, *refused);
    *refused -= part;
    return unasked - part;
}

/* The provider has released what it was not to capture. */
static void release(hf_payment *payment)
{
    int64_t left = hf__payment_left(payment) - payment->pending_void;
    int64_t by = hf__smaller(payment->barred, left);
    payment->voided += by > 0 ? by : 0;
    payment->barred = 0;
}

/* A capture that nobody asked for is expected of a payment without authorization. */
static bool expects(const hf__arrival *a)
{
    const hf_payment *payment = a->payment;
    return a->fact->kind == HF_FACT_CAPTURED && (payment->flags & HF_PAYMENT_CAPTURE_ONLY) != 0 &&
           payment->captured <= payment->amount;
}

static bool is_final(const hf__arrival *a)
{
    return a->fact->kind == HF_FACT_CAPTURED && (a->fact->flags & HF_REPORT_FINAL) != 0;
}

/* After the last capture nothing else that was asked can be captured (final.c). */
static void end_capture(hf__arrival *a, bool moved)
{
    bool once = (a->payment->flags & HF_PAYMENT_ONE_CAPTURE) != 0;
    if (is_final(a) || (moved && once && a->fact->kind == HF_FACT_CAPTURED)) {
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

static int act_first(hf__arrival *a)
{
    a->fact->uncounted = a->fact->amount;
    if (a->payment->state == HF_PAYMENT_PENDING)
        a->payment->flags |= HF_PAYMENT_ACTION_REQUIRED;
    return 0;
}

/* clang-format off */
static int (*const successes[HF__FACT_KINDS])(hf__arrival *) = {
    [HF_FACT_AUTHORIZED] = hf__fact_authorize, [HF_FACT_CAPTURED] = hf__fact_move,
    [HF_FACT_VOIDED] = hf__fact_move,
    [HF_FACT_REFUNDED] = hf__fact_move, [HF_FACT_CHARGEBACK] = hf__fact_charge_back,
    [HF_FACT_CHARGEBACK_REVERSED] = hf__fact_reverse,
};
/* clang-format on */

static int apply(hf__arrival *a)
{
    if (a->fact->kind == HF_FACT_FAILED)
        return hf__fact_fail(a);
    if (a->fact->kind == HF_FACT_ACTION_REQUIRED)
        return act_first(a);
    bool failed;
    int error = hf__fact_find_failure(a, &failed);
    if (error == 0)
        error = hf__movement_find(a->draft, a->fact, a->fact->kind, &a->same);
    if (error != 0)
        return error;
    if (failed) {
        hf__fact_repeat(a);
        a->fact->attention |= hf__fact_untimed(a);
    } else if (a->same.of_another)
        set_whole_aside(a);
    else
        return successes[a->fact->kind](a);
    return 0;
}

/* The other facts may differ from what was read before only after a failure. */
static int add_applied(hf__arrival *a, hf__told *of)
{
    if (a->fact->kind == HF_FACT_FAILED)
        return hf__told_find(a->draft, a->payment, a->fact, of);
    return hf__told_add(of, a->fact);
}

/* The same; then what was voided before the newest authorization is authorized beside it. */
static int apply_beside(hf__arrival *a)
{
    uint32_t kind = a->fact->kind;
    bool changes = kind == HF_FACT_AUTHORIZED || kind == HF_FACT_FAILED;
    if (kind != HF_FACT_VOIDED && (!changes || a->payment->voided == 0))
        return apply(a);
    hf__told of;
    int error = hf__told_find(a->draft, a->payment, NULL, &of);
    const int64_t before = error == 0 ? hf__voided_before(&of) : 0;
    if (error == 0)
        error = apply(a);
    if (error == 0)
        error = add_applied(a, &of);
    if (error == 0)
        hf__authorized_beside(a->payment, before, hf__voided_before(&of));
    return error;
}

/* ---- The payment ----------------------------------------------------------------------------- */

/* The state follows the counters: authorized money makes a payment AUTHORIZED or CLOSED. */
static int settle_state(hf__arrival *a)
{
    hf_payment *payment = a->payment;
    hf__payment_imply(payment);
    bool left = hf__payment_left(payment) > 0;
    bool waits = payment->state == HF_PAYMENT_NEW || payment->state == HF_PAYMENT_FAILED;
    int error = 0;
    if (payment->state == HF_PAYMENT_PENDING && payment->authorized > 0)
        error = hf__payment_apply(a->draft, payment, HF__PAY_AUTHORIZED);
    else if ((waits && payment->authorized > 0) || (payment->state == HF_PAYMENT_CLOSED && left))
        error = hf__payment_apply(a->draft, payment, HF__PAY_LATE);
    if (error == 0 && payment->state == HF_PAYMENT_AUTHORIZED && !left)
        error = hf__payment_apply(a->draft, payment, HF__PAY_SPENT);
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

int hf__fact_keep(hf__draft *draft, const hf_fact *fact)
{
    void *row;
    int64_t at_ms = draft->now_ms;
    int error = hf__draft_edit(draft, HF__FACTS, fact, &row);
    if (error == 0 && row == NULL)
        error = hf__draft_add(draft, HF__FACTS, fact, &row);
    else if (error == 0)
        at_ms = ((const hf_fact *)row)->at_ms;
    if (error != 0)
        return error;
    *(hf_fact *)row = *fact;
    ((hf_fact *)row)->at_ms = at_ms;
    return 0;
}

int hf__payment_release(hf__draft *draft, hf__order *order, uint32_t at)
{
    hf__arrival a = {.draft = draft};
    int error = hf__order_payment_edit(draft, order, at, &a.payment);
    if (error != 0)
        return error;
    const hf__payment_was before = hf__payment_now(a.payment);
    hf__payment_imply(a.payment);
    release(a.payment);
    error = hf__payment_final(draft, a.payment, NULL);
    if (error == 0)
        error = settle_state(&a);
    return error != 0 ? error : hf__payment_moved(draft, a.payment, &before);
}

int hf__payment_fact(hf__draft *draft, hf__order *order, uint32_t at, hf_fact *fact, int64_t asked)
{
    hf__arrival a = {.draft = draft, .fact = fact, .asked = asked};
    int error = hf__order_payment_edit(draft, order, at, &a.payment);
    if (error != 0)
        return error;
    const hf__payment_was before = hf__payment_now(a.payment);
    error = apply_beside(&a);
    if (error == 0 && is_final(&a) && (fact->flags & HF_FACT_SET_ASIDE) == 0)
        a.payment->flags |= HF_PAYMENT_FINAL;
    if (error == 0)
        error = hf__payment_final(draft, a.payment, fact);
    if (error == 0 && a.payment->refunded < before.refunded)
        error = hf__payment_withdrawn(draft, a.payment, fact);
    if (error == 0)
        error = settle_state(&a);
    if (error != 0)
        return error;
    if (fact->kind == HF_FACT_AUTHORIZED && hf__authorized_unasked(&a, &before))
        fact->attention |= HF__UNEXPECTED;
    a.payment->attention |= fact->attention;
    if (!hf_invariant(hf__payment_row_holds(a.payment)))
        return HF_E_INVARIANT;
    error = hf__fact_keep(draft, fact);
    return error != 0 ? error : hf__payment_moved(draft, a.payment, &before);
}
