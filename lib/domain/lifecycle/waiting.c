/*
 * waiting.c - orders that wait for what they are short of.
 *
 * Why an order waits only where it is short and sets nothing aside elsewhere: nothing is locked up
 * for an order that may wait for weeks. All queues have the same order (placed_seq), so two orders
 * never wait for each other.
 *
 * Happy path: everything that a waiting order needs is there. The order holds it and is PENDING,
 * its payments are authorized, and it may be CONFIRMED at once.
 *
 * Failure modes: HF_E_NOMEM, and what accounts refuse. A payment that cannot be authorized at
 * promotion is FAILED and the order stays PENDING for another one.
 */
#include "domain/lifecycle/waiting.h"
#include "base/id.h"
#include "base/invariant.h"
#include "domain/core/suspect.h"
#include "domain/ledger/movement.h"
#include "domain/lifecycle/end.h"
#include "domain/lifecycle/order_money.h"
#include "domain/lifecycle/queue.h"
#include "domain/order/coupon.h"
#include "domain/order/demand.h"
#include "domain/order/state.h"
#include "domain/order/stock.h"
#include "domain/order/view.h"

int hf__order_take(hf__draft *draft, hf__order *order)
{
    bool confirmed = order->row->state == HF_ORDER_CONFIRMED;
    for (uint32_t i = 0; i < order->row->line_count; i++) {
        bool final = confirmed && hf__line_is_final(order, i);
        int error = hf__line_take(draft, order, i, final);
        if (error != 0)
            return error;
    }
    return hf__order_settle_coupons(draft, order);
}

/* Whether a NEW payment can be asked for now: its account has it, or its deadline is to come. */
static int can_ask(hf__draft *draft, const hf__order *order, const hf_payment *payment, bool *can)
{
    *can = payment->deadline_ms == 0 || payment->deadline_ms > draft->now_ms;
    if (payment->method == HF_METHOD_PROVIDER)
        return 0;
    int64_t there = 0;
    int error = hf__available(draft, &payment->account, order->row->placed_seq, &there);
    *can = there >= payment->amount;
    return error;
}

/* Asks the payments that were remembered; one that cannot be asked for any more has failed. */
static int authorize_new(hf__draft *draft, hf__order *order)
{
    for (uint32_t i = 0; i < order->row->payment_count; i++) {
        const hf_payment *payment = order->payments[i].row;
        bool can = false;
        if (payment->state != HF_PAYMENT_NEW)
            continue;
        int error = can_ask(draft, order, payment, &can);
        if (error == 0)
            error =
                can ? hf__payment_authorize(draft, order, i, 0) : hf__payment_drop(draft, order, i);
        if (error != 0)
            return error;
    }
    return 0;
}

/* Without a deadline an order that cannot be paid would keep its goods for ever. */
static int confirm_or_end(hf__draft *draft, hf__order *order)
{
    int error = hf__order_confirm_if_paid(draft, order);
    if (error == 0)
        error = hf__order_mark_import(draft, order);
    if (error != 0 || order->row->state != HF_ORDER_PENDING || order->row->deadline_ms != 0)
        return error;
    hf__owed now;
    error = hf__order_owed(draft, order, &now);
    if (error != 0 || now.covered >= now.owed)
        return error;
    return hf__order_abandon(draft, order, HF__ON_CANCEL);
}

int hf__order_promote(hf__draft *draft, hf__order *order)
{
    int error = hf__order_unwait(draft, order);
    if (error == 0)
        error = hf__order_edit(draft, order);
    if (error == 0)
        error = hf__order_apply(draft, order->edit, HF__ON_SUPPLY);
    if (error == 0)
        error = hf__order_take(draft, order);
    if (error == 0)
        error = authorize_new(draft, order);
    if (error == 0)
        error = hf__order_await_providers(draft, order);
    return error != 0 ? error : confirm_or_end(draft, order);
}

int hf__order_reconsider(hf__draft *draft, hf__order *order)
{
    hf__demands demands;
    if (hf__is_aside(order->row->attention))
        return 0;
    int error = hf__order_demand(draft, order, &demands);
    if (error != 0)
        return error;
    if (demands.short_count > 0)
        return hf__order_wait(draft, order, &demands);
    return demands.blocked ? 0 : hf__order_promote(draft, order);
}

int hf__order_rejoin(hf__draft *draft, hf__order *order)
{
    hf__demands demands;
    int error = hf__order_demand(draft, order, &demands);
    if (error != 0)
        return error;
    for (uint32_t i = 0; i < demands.count && demands.short_count == 0; i++) {
        hf__demand *demand = &demands.items[i];
        demand->is_short = demand->known; /* its turn comes where the engine looks for it */
        demands.short_count += demand->is_short ? 1 : 0;
    }
    return hf__order_wait(draft, order, &demands);
}
