/*
 * close.c - confirms an order, ends it, and settles the money of an order that has ended.
 *
 * Happy path: an order is confirmed when its payments secure what it owes. It is closed when no
 * unit is open and the money in hand is at least what is owed; an order that is not paid stays
 * CONFIRMED, so that it can be paid.
 *
 * Why one way to settle orders that have ended: cancellation, expiry, closing and every later fact
 * use the same numbers. Authorized money is voided, and money in hand that is not owed is refunded,
 * each amount once: what a provider refused is not asked for again. While some of this money is in
 * hand, the order has HF_ATTENTION_MONEY_HELD for a person.
 *
 * Failure modes: those of the movements. Settling an order that has ended is never refused: what an
 * account cannot take back stays in hand.
 */
#include "base/invariant.h"
#include "base/money/checked.h"
#include "domain/ledger/limits.h"
#include "domain/lifecycle/order_money.h"
#include "domain/order/coupon.h"
#include "domain/order/payment_state.h"
#include "domain/order/state.h"
#include "domain/order/stock.h"

/* ---- Confirmed ------------------------------------------------------------------------------- */

int hf__order_confirm(hf__draft *draft, hf__order *order)
{
    int error = hf__order_edit(draft, order);
    if (error == 0)
        error = hf__order_apply(draft, order->edit, HF__ON_AUTHORIZED);
    for (uint32_t i = 0; error == 0 && i < order->row->line_count; i++) {
        int64_t open = hf__line_open(order->lines[i].row);
        if (hf__line_is_final(order, i))
            error = hf__line_fulfil(draft, order, i, open);
        if (error == 0)
            error = hf__line_deadline(draft, order, i, 0);
    }
    if (error == 0)
        error = hf__order_settle_coupons(draft, order);
    if (error == 0)
        error = hf__order_money_deadline(draft, order, 0);
    if (error == 0)
        error = hf__order_capture(draft, order);
    if (error == 0)
        error = hf__order_void_excess(draft, order);
    return error != 0 ? error : hf__order_close_if_done(draft, order);
}

int hf__order_confirm_if_paid(hf__draft *draft, hf__order *order)
{
    hf__owed now;
    int error = hf__order_owed(draft, order, &now);
    if (error != 0)
        return error;
    bool anyway = (order->row->policy & (HF_ORDER_PAY_LATER | HF_ORDER_IMPORT)) != 0;
    if (now.secured >= now.owed || anyway)
        return hf__order_confirm(draft, order);
    return 0;
}

int hf__order_mark_import(hf__draft *draft, hf__order *order)
{
    bool confirmed = order->row->state == HF_ORDER_CONFIRMED;
    bool later = (order->row->policy & HF_ORDER_PAY_LATER) != 0;
    if ((order->row->policy & HF_ORDER_IMPORT) == 0 || !confirmed || later)
        return 0;
    hf__owed now;
    int error = hf__order_owed(draft, order, &now);
    if (error != 0 || now.covered >= now.owed)
        return error;
    return hf__order_attention(draft, order, HF_ATTENTION_UNPAID, 0);
}

/* ---- Ended ----------------------------------------------------------------------------------- */

/* Whether a unit was not cancelled; an order without lines has nothing to cancel. */
static bool units_left(const hf__order *order)
{
    bool left = order->row->line_count == 0;
    for (uint32_t i = 0; i < order->row->line_count; i++) {
        const hf_order_line *line = order->lines[i].row;
        left = left || line->cancelled < line->quantity;
    }
    return left;
}

/* Whether a provider has to answer or report. */
static bool money_open(const hf__order *order)
{
    bool open = false;
    for (uint32_t i = 0; i < order->row->payment_count; i++) {
        const hf_payment *payment = order->payments[i].row;
        open = open || payment->pending_authorize > 0 || payment->pending_capture > 0;
    }
    return open;
}

/*
 * Ends a payment of an order that has ended: it FAILS when it waits, else open money is voided but
 * for what is to be kept; *keep is how much of that is left.
 */
static int end_payment(hf__draft *draft, hf__order *order, uint32_t at, int64_t *keep)
{
    const hf_payment *payment = order->payments[at].row;
    if (payment->state == HF_PAYMENT_NEW)
        return hf__payment_drop(draft, order, at);
    if (payment->state == HF_PAYMENT_PENDING)
        return hf__payment_abandon(draft, order, at);
    int64_t open = hf__payment_voidable(payment);
    int64_t kept = open > 0 ? hf__smaller(open, *keep) : 0;
    int error = 0;
    open -= kept;
    *keep -= kept;
    if (!hf__payment_is_live(order, payment))
        return 0;
    if (payment->state == HF_PAYMENT_AUTHORIZED && open > 0)
        error = hf__payment_void(draft, order, at, open);
    return error != 0 ? error : hf__payment_release_barred(draft, order, at);
}

/* What can be refunded of a payment: not what was refused, and what the account can take. */
static int refundable(hf__draft *draft, const hf__order *order, const hf_payment *payment,
                      int64_t *out)
{
    int64_t most = hf__payment_refundable(payment) - payment->refund_refused;
    *out = most > 0 && hf__payment_is_live(order, payment) ? most : 0;
    if (payment->method == HF_METHOD_PROVIDER || most <= 0)
        return 0;
    const void *row;
    int error = hf__draft_require(draft, HF__ACCOUNTS, &payment->account, &row);
    if (error != 0)
        return error;
    *out = hf__smaller(most, hf__larger(0, hf__headroom_in(row)));
    return 0;
}

/* What the provider was asked to refund and has not refunded: pending or refused. */
static int64_t asked_back(const hf_payment *payment)
{
    int64_t sum;
    return hf__add(payment->pending_refund, payment->refund_refused, &sum) ? sum : INT64_MAX;
}

/*
 * Refunds money in hand that is not owed, the last payment first; *any: whether there is some. What
 * is pending or was refused is not asked for again, nor other money of the payment in its place.
 */
static int refund_excess(hf__draft *draft, hf__order *order, const hf__owed *now, bool *any)
{
    int64_t remaining = hf__beyond(now->in_hand, now->owed);
    int error = 0;
    *any = remaining > 0;
    for (uint32_t i = 0; remaining > 0 && i < order->row->payment_count; i++)
        remaining -= hf__smaller(remaining, asked_back(order->payments[i].row));
    for (uint32_t i = order->row->payment_count; error == 0 && i-- > 0 && remaining > 0;) {
        int64_t most = 0;
        error = refundable(draft, order, order->payments[i].row, &most);
        int64_t part = hf__smaller(remaining, most);
        if (error == 0 && part > 0)
            error = hf__payment_refund(draft, order, i, part);
        remaining -= part;
    }
    return error;
}

static int mark_held(hf__draft *draft, hf__order *order, const hf__owed *now)
{
    bool held = hf__order_is_over(order->row->state) && now->in_hand > now->owed;
    bool paid = hf__order_paid_by(order->row, now) >= now->owed ||
                order->row->state == HF_ORDER_CANCELLED || order->row->state == HF_ORDER_EXPIRED;
    return hf__order_attention(draft, order, held ? HF_ATTENTION_MONEY_HELD : 0,
                               (held ? 0 : (uint32_t)HF_ATTENTION_MONEY_HELD) |
                                   (paid ? (uint32_t)HF_ATTENTION_UNPAID : 0));
}

int hf__order_mark_held(hf__draft *draft, hf__order *order)
{
    hf__owed now;
    int error = hf__order_owed(draft, order, &now);
    return error != 0 ? error : mark_held(draft, order, &now);
}

/*
 * `now` is the order's money before its payments end; their end does not change what is in hand.
 * A CLOSED order that lost money keeps what is authorized as far as it owes it.
 */
static int settle_over(hf__draft *draft, hf__order *order, const hf__owed *now)
{
    bool closed = order->row->state == HF_ORDER_CLOSED;
    int64_t keep = closed ? hf__beyond(now->owed, now->net) : 0;
    for (uint32_t i = 0; i < order->row->payment_count; i++) {
        int error = end_payment(draft, order, i, &keep);
        if (error != 0)
            return error;
    }
    bool refunds = false;
    int error = hf__order_money_deadline(draft, order, 0);
    if (error == 0)
        error = refund_excess(draft, order, now, &refunds);
    if (error != 0)
        return error;
    return refunds ? hf__order_mark_held(draft, order) : mark_held(draft, order, now);
}

int hf__order_settle_over(hf__draft *draft, hf__order *order)
{
    hf__owed now;
    int error = hf__order_owed(draft, order, &now);
    return error != 0 ? error : settle_over(draft, order, &now);
}

int hf__order_close_if_done(hf__draft *draft, hf__order *order)
{
    if (order->row->state != HF_ORDER_CONFIRMED || hf__order_units_open(order))
        return 0;
    hf__owed now;
    int error = hf__order_owed(draft, order, &now);
    if (error != 0)
        return error;
    bool left = units_left(order);
    if (left && (money_open(order) || now.net < now.owed))
        return 0;
    error = hf__order_edit(draft, order);
    if (error == 0)
        error = hf__order_apply(draft, order->edit, left ? HF__ON_DONE : HF__ON_EMPTIED);
    return error != 0 ? error : settle_over(draft, order, &now);
}
