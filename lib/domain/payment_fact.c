/*
 * payment_fact.c - what a provider says happened, put on its payment and then on its order.
 *
 * Facts come in any order. A capture told before the authorization implies it; so what is
 * authorized is the largest of what was told and what captures and voids need. A failure takes the
 * success with the same reference back when it is newer by the provider's time; on a tie the
 * success stands.
 *
 * Failure modes: none of its own. What breaks an expectation is kept as it was said, marked
 * HF_PAYMENT_BEYOND where a limit is broken, and raises attention.
 */
#include "base/invariant.h"
#include "domain/body.h"
#include "domain/order_end.h"
#include "domain/order_money.h"
#include "domain/order_state.h"
#include "domain/payment_command.h"
#include "domain/payment_state.h"

static int64_t largest(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* A fact with the same reference that says the opposite; NULL: none. */
static int find_opposite(hf__draft *draft, const hf_fact *fact, const hf_fact **out)
{
    *out = NULL;
    uint32_t first = fact->kind == HF_FACT_FAILED ? HF_FACT_AUTHORIZED : HF_FACT_FAILED;
    uint32_t last = fact->kind == HF_FACT_FAILED ? HF_FACT_REFUNDED : HF_FACT_FAILED;
    for (uint32_t kind = first; kind <= last && *out == NULL; kind++) {
        const hf_fact key = {.provider = fact->provider, .kind = kind, .fact_ref = fact->fact_ref};
        const void *row;
        int error = hf__draft_get(draft, HF__FACTS, &key, &row);
        if (error != 0)
            return error;
        *out = row;
    }
    return 0;
}

/* Whether `fact` counts although `opposite` was said of the same. */
static bool wins(const hf_fact *fact, const hf_fact *opposite)
{
    if (opposite == NULL || fact->provider_time_ms != opposite->provider_time_ms)
        return opposite == NULL || fact->provider_time_ms > opposite->provider_time_ms;
    return fact->kind != HF_FACT_FAILED;
}

/* Facts that imply an authorization make it; limits that no longer hold are marked. */
static int settle_state(hf__draft *draft, hf_payment *payment, bool over)
{
    int64_t needed = payment->captured + payment->voided;
    payment->authorized = largest(payment->authorized, needed);
    bool left = hf__payment_left(payment) > 0;
    int error = 0;
    if (payment->state == HF_PAYMENT_PENDING && payment->authorized > 0)
        error = hf__payment_apply(draft, payment, HF__PAY_AUTHORIZED);
    else if (left && (payment->state == HF_PAYMENT_CLOSED ||
                      (payment->state == HF_PAYMENT_FAILED && !over)))
        error = hf__payment_apply(draft, payment, HF__PAY_LATE);
    if (error == 0 && payment->state == HF_PAYMENT_AUTHORIZED && !left) {
        error = hf__payment_apply(draft, payment, HF__PAY_SPENT);
        payment->deadline_ms = 0;
    }
    if (payment->state != HF_PAYMENT_PENDING)
        payment->pending_authorize = 0;
    bool beyond = hf__payment_open(payment) < 0 || hf__payment_refundable(payment) < 0 ||
                  payment->authorized > payment->amount;
    payment->flags &= ~HF_PAYMENT_BEYOND;
    payment->flags |= beyond ? HF_PAYMENT_BEYOND : 0;
    return error;
}

static void succeed(hf_payment *payment, hf_fact *fact)
{
    const hf__fact_effect *effect = &hf__fact_effects[fact->kind];
    int64_t *moved = hf__payment_counter(payment, effect->counter_at);
    bool authorizes = fact->kind == HF_FACT_AUTHORIZED;
    int64_t room = 0;
    if (effect->pending_at != 0) {
        int64_t *pending = hf__payment_counter(payment, effect->pending_at);
        room = *pending;
        *pending -= fact->amount < room ? fact->amount : room;
    }
    bool expected = effect->pending_at == 0 || fact->amount <= room;
    if (authorizes) {
        expected = expected || fact->amount <= payment->authorized;
        *moved = largest(*moved, fact->amount);
        payment->pending_authorize = 0;
        payment->flags &= ~HF_PAYMENT_ACTION_REQUIRED;
    } else {
        *moved += fact->amount;
    }
    fact->attention |= effect->attention | (expected ? 0 : (uint32_t)HF_ATTENTION_UNEXPECTED_FACT);
}

/* A failure: of the success with its reference, or of the authorization that is asked. */
static int fail(hf__draft *draft, hf_payment *payment, hf_fact *fact, const hf_fact *success)
{
    if (success != NULL && hf__fact_effects[success->kind].counter_at != 0) {
        int64_t *moved = hf__payment_counter(payment, hf__fact_effects[success->kind].counter_at);
        *moved -= success->amount < *moved ? success->amount : *moved;
        fact->attention |= HF_ATTENTION_UNEXPECTED_FACT;
        return 0;
    }
    if (payment->state != HF_PAYMENT_PENDING) {
        fact->attention |= HF_ATTENTION_UNEXPECTED_FACT;
        return 0;
    }
    payment->pending_authorize = 0;
    payment->deadline_ms = 0;
    return hf__payment_apply(draft, payment, HF__PAY_FAILED);
}

static int apply(hf__draft *draft, hf_payment *payment, hf_fact *fact, const hf_fact *opposite)
{
    if (fact->kind == HF_FACT_ACTION_REQUIRED) {
        if (payment->state == HF_PAYMENT_PENDING)
            payment->flags |= HF_PAYMENT_ACTION_REQUIRED;
        return 0;
    }
    if (payment->state == HF_PAYMENT_NEW) { /* nobody has asked the provider yet */
        fact->attention |= HF_ATTENTION_UNEXPECTED_FACT;
        return 0;
    }
    if (!wins(fact, opposite))
        return 0;
    if (fact->kind == HF_FACT_FAILED)
        return fail(draft, payment, fact, opposite);
    succeed(payment, fact);
    return 0;
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

int hf__payment_fact(hf__draft *draft, hf__order *order, uint32_t at, hf_fact *fact)
{
    hf_payment *payment;
    const hf_fact *opposite;
    int error = hf__order_payment_edit(draft, order, at, &payment);
    if (error == 0)
        error = find_opposite(draft, fact, &opposite);
    if (error != 0)
        return error;
    const hf__payment_was before = hf__payment_now(payment);
    error = apply(draft, payment, fact, opposite);
    if (error == 0)
        error = settle_state(draft, payment, hf__order_is_over(order->row->state));
    if (error != 0)
        return error;
    payment->attention |= fact->attention;
    if (!hf_invariant(hf__payment_row_holds(payment) || payment->state == HF_PAYMENT_FAILED))
        return HF_E_POISONED;
    error = hf__fact_keep(draft, fact);
    return error != 0 ? error : hf__payment_moved(draft, payment, &before);
}

/* ---- The order ------------------------------------------------------------------------------- */

static int stay(hf__draft *draft, hf__order *order, uint32_t at)
{
    (void)draft;
    (void)order;
    (void)at;
    return 0;
}

/* Confirmed when it is paid; without a deadline a payment that came short, or not at all, ends it.
 */
static int follow_pending(hf__draft *draft, hf__order *order, uint32_t at)
{
    const hf_payment *payment = order->payments[at].row;
    bool came_short = hf__payment_planned(payment) < payment->amount;
    bool covered = hf__order_paid(order).planned >= order->row->total;
    if (came_short && !covered && order->row->deadline_ms == 0)
        return hf__order_give_up(draft, order, HF__ON_CANCEL);
    int error = hf__order_confirm_if_paid(draft, order);
    return error != 0 || order->row->state != HF_ORDER_CONFIRMED
               ? error
               : hf__order_void_excess(draft, order);
}

static int follow_confirmed(hf__draft *draft, hf__order *order, uint32_t at)
{
    (void)at;
    int error = hf__order_capture(draft, order);
    if (error == 0)
        error = hf__order_void_excess(draft, order);
    return error != 0 ? error : hf__order_close_if_done(draft, order);
}

/* clang-format off */
static int (*const follows[HF__ORDER_STATES])(hf__draft *, hf__order *, uint32_t) = {
    [HF_ORDER_NONE] = stay, [HF_ORDER_WAITING] = stay, [HF_ORDER_PENDING] = follow_pending,
    [HF_ORDER_CONFIRMED] = follow_confirmed, [HF_ORDER_CLOSED] = stay,
    [HF_ORDER_CANCELLED] = hf__payment_late, [HF_ORDER_EXPIRED] = hf__payment_late,
};
/* clang-format on */

int hf__payment_follow(hf__draft *draft, hf__order *order, uint32_t at)
{
    return follows[order->row->state](draft, order, at);
}
