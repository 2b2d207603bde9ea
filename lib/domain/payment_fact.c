/*
 * payment_fact.c - what a fact does to the counters and the state of its payment.
 *
 *     AUTHORIZED           movements add up; of one movement the newest counts, on a tie the larger
 *     CAPTURED, VOIDED,    each movement counts once; a running total (HF_REPORT_TOTAL) counts by
 *     REFUNDED, CHARGEBACK how much it differs from what the movement has counted
 *     CHARGEBACK_REVERSED  takes a chargeback back
 *     FAILED               takes the success of its movement back when it is newer by the
 *                          provider's time, else fails the authorization that is asked
 *
 * Facts come in any order. A capture that is reported before its authorization implies it: what is
 * authorized is the larger of what was reported and what captures and voids need. What the last
 * capture releases is in payment_final.c.
 *
 * Failure modes: HF__NEED, HF_E_NOMEM. What breaks an expectation is recorded as it was said,
 * marked HF_PAYMENT_BEYOND where a limit is broken, and raises attention; what cannot be counted at
 * all is recorded with `uncounted` and moves no counter.
 */
#include "domain/payment_fact.h"
#include "base/checked.h"
#include "base/id.h"
#include "base/invariant.h"
#include "domain/body.h"
#include "domain/payment_command.h"
#include "domain/payment_money.h"
#include "domain/payment_state.h"
#include "domain/payment_told.h"

#define UNEXPECTED ((uint32_t)HF_ATTENTION_UNEXPECTED_FACT)
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

/* A fact and the payment that it changes. */
typedef struct arrival {
    hf__draft *draft;
    hf_payment *payment;
    hf_fact *fact;
    int64_t asked;           /* at most so much of it was asked for */
    hf__movement_facts same; /* of its kind */
    bool over;               /* its order has ended */
} arrival;

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void set_aside(arrival *a)
{
    a->fact->uncounted = a->fact->amount;
    a->fact->attention |= UNEXPECTED;
}

/* The movement is another payment's: nothing of the message is about this one. */
static void set_whole_aside(arrival *a)
{
    set_aside(a);
    a->fact->flags |= HF_FACT_SET_ASIDE;
}

/* Another message about a movement that has counted: it moves no counter. */
static void repeat(arrival *a)
{
    a->fact->uncounted = a->fact->amount;
}

/* ---- Successes ------------------------------------------------------------------------------- */

/* What is captured or voided was authorized, also when nobody has reported that. */
static void imply(hf_payment *payment)
{
    int64_t needed;
    if (!hf__add(payment->captured, payment->voided, &needed))
        needed = INT64_MAX;
    int64_t reported = payment->authorized - payment->authorized_implied;
    payment->authorized = larger(reported, needed);
    payment->authorized_implied = payment->authorized - reported;
}

static bool authorized_newly(const arrival *a)
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

static int authorize(arrival *a)
{
    hf_payment *payment = a->payment;
    int64_t before = payment->authorized - payment->voided;
    int64_t reported = payment->authorized - payment->authorized_implied;
    bool known = payment->pending_authorize > 0 || reported > 0;
    if (!authorized_newly(a)) {
        repeat(a);
        return 0;
    }
    int64_t by = a->fact->amount - a->same.counted;
    int64_t now;
    if (!hf__add(reported, by, &now) || now < 0) {
        set_aside(a);
        return 0;
    }
    a->fact->uncounted = a->fact->amount - by;
    payment->authorized = now;
    payment->authorized_implied = 0;
    payment->capture_refused = by > 0 ? 0 : payment->capture_refused;
    imply(payment);
    a->fact->attention |= expects_authorized(payment, before, known) ? 0 : UNEXPECTED;
    return 0;
}

/* By how much the fact moves its counter; false: not at all. */
static bool moves(arrival *a, int64_t *by)
{
    bool total = (a->fact->flags & HF_REPORT_TOTAL) != 0;
    *by = a->fact->amount;
    if (!a->same.known)
        return true;
    *by = a->fact->amount - a->same.counted;
    if (*by == 0 || (total && a->fact->provider_time_ms < a->same.newest_ms)) {
        repeat(a);
        return false;
    }
    bool answers_more = !hf__id_zero(&a->fact->txn) && *by > 0; /* the command's own answer */
    if (!total && !answers_more) {
        set_aside(a);
        return false;
    }
    if (*by < 0 || !total)
        a->fact->attention |= UNEXPECTED;
    return true;
}

/*
 * What happened and was taken back counts as if the provider had refused it, so it is not asked for
 * again by itself; at most what is there (hf__payment_fit). Refunds and voids that nobody had asked
 * for were not refused.
 */
static void refuse_taken(hf_payment *payment, uint32_t kind, const hf__movement_facts *of,
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
static int64_t settle(arrival *a, const hf__fact_effect *effect, int64_t by)
{
    if (effect->pending_at == 0)
        return 0;
    int64_t *pending = hf__payment_counter(a->payment, effect->pending_at);
    int64_t part = larger(0, smaller(by, smaller(*pending, a->asked)));
    *pending -= part;
    return by - part;
}

/* What was refused has happened after all; returns what nobody has ever asked for. */
static int64_t use_refused(arrival *a, const hf__fact_effect *effect, int64_t unasked)
{
    if (effect->refused_at == 0 || unasked <= 0)
        return unasked;
    int64_t *refused = hf__payment_counter(a->payment, effect->refused_at);
    int64_t part = smaller(unasked, *refused);
    *refused -= part;
    return unasked - part;
}

/* The provider has released what it was not to capture. */
static void release(hf_payment *payment)
{
    int64_t left = hf__payment_left(payment) - payment->pending_void;
    int64_t by = smaller(payment->barred, left);
    payment->voided += by > 0 ? by : 0;
    payment->barred = 0;
}

/* A capture that nobody asked for is expected of a payment without authorization. */
static bool expects(const arrival *a)
{
    const hf_payment *payment = a->payment;
    return a->fact->kind == HF_FACT_CAPTURED && (payment->flags & HF_PAYMENT_CAPTURE_ONLY) != 0 &&
           payment->captured <= payment->amount;
}

static bool is_final(const arrival *a)
{
    return a->fact->kind == HF_FACT_CAPTURED && (a->fact->flags & HF_REPORT_FINAL) != 0;
}

/* After the last capture nothing else that was asked can be captured (payment_final.c). */
static void end_capture(arrival *a, bool moved)
{
    bool once = (a->payment->flags & HF_PAYMENT_ONE_CAPTURE) != 0;
    if (is_final(a) || (moved && once && a->fact->kind == HF_FACT_CAPTURED)) {
        a->payment->pending_capture = 0;
        a->payment->barred = 0;
    }
}

/* What is captured and what is voided imply an authorization, whose amount must be a number. */
static bool fits_beside(const arrival *a, int64_t now)
{
    int64_t sum;
    if (a->fact->kind == HF_FACT_CAPTURED)
        return hf__add(now, a->payment->voided, &sum);
    return a->fact->kind != HF_FACT_VOIDED || hf__add(now, a->payment->captured, &sum);
}

/* Moves the counter of the fact's kind by `by`; false: the sum is no amount. */
static bool move_counter(arrival *a, const hf__fact_effect *effect, int64_t by)
{
    int64_t *counter = hf__payment_counter(a->payment, effect->counter_at);
    int64_t now;
    bool fits = hf__add(*counter, by, &now) && now >= 0 && fits_beside(a, now);
    *counter = fits ? now : *counter;
    return fits;
}

static int move(arrival *a)
{
    const hf__fact_effect *effect = &hf__fact_effects[a->fact->kind];
    int64_t by;
    bool moved = moves(a, &by);
    if (moved && !move_counter(a, effect, by)) {
        set_aside(a);
        moved = false;
    }
    if (!moved) {
        end_capture(a, moved);
        return 0;
    }
    a->fact->uncounted = a->fact->amount - by;
    if (by < 0 && a->same.known) /* a running total fell */
        refuse_taken(a->payment, a->fact->kind, &a->same, -by);
    int64_t unasked = settle(a, effect, by);
    bool withdrawn = use_refused(a, effect, unasked) > 0 && a->fact->kind == HF_FACT_REFUNDED;
    a->payment->flags |= withdrawn ? (uint32_t)HF_PAYMENT_WITHDRAWN : 0;
    a->fact->attention |=
        (by != 0 ? effect->attention : 0) | (unasked > 0 && !expects(a) ? UNEXPECTED : 0);
    end_capture(a, moved);
    return 0;
}

/* A chargeback whose reversal was reported before it is undone at once. */
static int charge_back(arrival *a)
{
    int64_t before = a->payment->charged_back;
    int error = move(a);
    int64_t by = a->payment->charged_back - before;
    int64_t undone =
        larger(0, by < a->payment->chargeback_reversals ? by : a->payment->chargeback_reversals);
    a->payment->chargeback_reversals -= undone;
    a->payment->charged_back -= undone;
    return error != 0 || by <= 0 ? error : hf__payment_reverse_kept(a->draft, a->payment);
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
static bool remember(arrival *a, int64_t by)
{
    hf_payment *payment = a->payment;
    int64_t now;
    a->fact->attention |= UNEXPECTED;
    if (payment->charged_back != 0 || !hf__add(payment->chargeback_reversals, by, &now))
        return false;
    payment->chargeback_reversals = now;
    return true;
}

static int reverse(arrival *a)
{
    hf_payment *payment = a->payment;
    int64_t by;
    if (!moves(a, &by))
        return 0;
    a->fact->uncounted = a->fact->amount - by;
    if (by >= 0 && payment->charged_back >= by)
        payment->charged_back -= by;
    else if (by < 0 ? !charge_again(payment, -by) : !remember(a, by))
        set_aside(a);
    return 0;
}

/* ---- Failures -------------------------------------------------------------------------------- */

/* Marks the messages of a success that is taken back as uncounted. */
static int uncount(arrival *a, uint32_t kind)
{
    hf__movement_facts success;
    int error = hf__movement_find(a->draft, a->fact, kind, &success);
    while (error == 0 && success.known && success.row->uncounted != success.row->amount) {
        void *row;
        error = hf__draft_edit(a->draft, HF__FACTS, success.row, &row);
        if (error != 0)
            return error;
        ((hf_fact *)row)->uncounted = ((const hf_fact *)row)->amount;
        error = hf__movement_find(a->draft, a->fact, kind, &success);
    }
    return error;
}

/* Whether another movement of the kind was asked for, and was taken back or failed before. */
static int failed_before(arrival *a, uint32_t kind, bool *before)
{
    hf__told of;
    int error = hf__told_find(a->draft, a->payment, NULL, &of);
    *before = false;
    for (uint32_t i = 0; error == 0 && i < of.count; i++) {
        const hf_fact *row = of.rows[i];
        bool same = hf__name_equal(hf__fact_movement(row), hf__fact_movement(a->fact));
        *before = *before || (row->kind == kind && !same && !hf__id_zero(&row->txn) &&
                              row->amount > 0 && hf__told_of(&of, i)->moved == 0);
    }
    return error;
}

/* A void or refund that failed is asked for again by itself, but only once. */
static int take_back(arrival *a, uint32_t kind, const hf__movement_facts *success)
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
        refuse_taken(payment, kind, success, taken);
    a->fact->attention |= UNEXPECTED;
    return uncount(a, kind);
}

/* What is known of the movement of a failure, over all kinds that a failure is about. */
typedef struct of_movement {
    bool seen;         /* some message said that it happened */
    bool counted;      /* and it counts */
    int64_t newest_ms; /* of those that count */
} of_movement;

static int find_successes(arrival *a, of_movement *of)
{
    *of = (of_movement){.newest_ms = INT64_MIN};
    for (uint32_t kind = HF_FACT_AUTHORIZED; kind <= HF_FACT_REFUNDED; kind++) {
        hf__movement_facts same;
        int error = hf__movement_find(a->draft, a->fact, kind, &same);
        if (error != 0)
            return error;
        bool counts = same.known && same.counted != 0;
        of->seen = of->seen || same.seen;
        of->counted = of->counted || counts;
        of->newest_ms = counts ? larger(of->newest_ms, same.newest_ms) : of->newest_ms;
    }
    return 0;
}

static int take_all_back(arrival *a)
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

/* Without a time nobody knows which message is the newer one: a person has to. */
static uint32_t untimed(const arrival *a)
{
    bool reported = hf__id_zero(&a->fact->txn);
    return reported && a->fact->provider_time_ms == 0 ? UNEXPECTED : 0;
}

/* Nobody has heard of the movement: it is that of the command under way, or for a person. */
static int fail_command(arrival *a)
{
    hf__movement_facts failure;
    bool ended = false;
    int error = hf__movement_find(a->draft, a->fact, HF_FACT_FAILED, &failure);
    if (error == 0 && !failure.seen)
        error = hf__failure_ends_command(a->draft, a->payment, a->fact, &ended);
    a->fact->attention |= ended ? 0 : UNEXPECTED;
    return error;
}

/* Of a movement the newest message is right, whatever its kind: on a tie the success. */
static int fail(arrival *a)
{
    of_movement known;
    a->fact->uncounted = a->fact->amount;
    int error = find_successes(a, &known);
    if (error != 0)
        return error;
    if (known.newest_ms >= a->fact->provider_time_ms) {
        a->fact->attention |= untimed(a);
        return 0;
    }
    if (known.counted)
        return take_all_back(a);
    if (a->payment->state != HF_PAYMENT_PENDING)
        return known.seen ? 0 : fail_command(a); /* the second says no more */
    a->payment->pending_authorize = 0;
    a->payment->deadline_ms = 0;
    return hf__payment_apply(a->draft, a->payment, HF__PAY_FAILED);
}

/* *failed: a newer failure of the same movement was reported before. */
static int find_failure(arrival *a, bool *failed)
{
    hf__movement_facts failure;
    int error = hf__movement_find(a->draft, a->fact, HF_FACT_FAILED, &failure);
    *failed = error == 0 && failure.known && failure.newest_ms > a->fact->provider_time_ms;
    return error;
}

static int act_first(arrival *a)
{
    a->fact->uncounted = a->fact->amount;
    if (a->payment->state == HF_PAYMENT_PENDING)
        a->payment->flags |= HF_PAYMENT_ACTION_REQUIRED;
    return 0;
}

/* clang-format off */
static int (*const successes[HF__FACT_KINDS])(arrival *) = {
    [HF_FACT_AUTHORIZED] = authorize, [HF_FACT_CAPTURED] = move, [HF_FACT_VOIDED] = move,
    [HF_FACT_REFUNDED] = move, [HF_FACT_CHARGEBACK] = charge_back,
    [HF_FACT_CHARGEBACK_REVERSED] = reverse,
};
/* clang-format on */

static int apply(arrival *a)
{
    if (a->fact->kind == HF_FACT_FAILED)
        return fail(a);
    if (a->fact->kind == HF_FACT_ACTION_REQUIRED)
        return act_first(a);
    bool failed;
    int error = find_failure(a, &failed);
    if (error == 0)
        error = hf__movement_find(a->draft, a->fact, a->fact->kind, &a->same);
    if (error != 0)
        return error;
    if (failed) {
        repeat(a);
        a->fact->attention |= untimed(a);
    } else if (a->same.of_another)
        set_whole_aside(a);
    else
        return successes[a->fact->kind](a);
    return 0;
}

/* ---- The payment ----------------------------------------------------------------------------- */

/* The state follows the counters: authorized money makes a payment AUTHORIZED or CLOSED. */
static int settle_state(arrival *a)
{
    hf_payment *payment = a->payment;
    imply(payment);
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
    arrival a = {.draft = draft};
    int error = hf__order_payment_edit(draft, order, at, &a.payment);
    if (error != 0)
        return error;
    const hf__payment_was before = hf__payment_now(a.payment);
    imply(a.payment);
    release(a.payment);
    error = hf__payment_final(draft, a.payment, NULL);
    if (error == 0)
        error = settle_state(&a);
    return error != 0 ? error : hf__payment_moved(draft, a.payment, &before);
}

int hf__payment_fact(hf__draft *draft, hf__order *order, uint32_t at, hf_fact *fact, int64_t asked)
{
    arrival a = {.draft = draft, .fact = fact, .asked = asked};
    int error = hf__order_payment_edit(draft, order, at, &a.payment);
    if (error != 0)
        return error;
    const hf__payment_was before = hf__payment_now(a.payment);
    error = apply(&a);
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
    a.payment->attention |= fact->attention;
    if (!hf_invariant(hf__payment_row_holds(a.payment)))
        return HF_E_INVARIANT;
    error = hf__fact_keep(draft, fact);
    return error != 0 ? error : hf__payment_moved(draft, a.payment, &before);
}
