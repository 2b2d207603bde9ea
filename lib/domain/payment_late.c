/*
 * payment_late.c - money that came for an order which has ended.
 *
 * Why: a provider that answers after the deadline has charged a customer who gets nothing. Either
 * the order can have everything it held again and its policy is REVIVE: then it is confirmed as if
 * the answer had come in time. Or the money goes back by itself, and a person is told.
 *
 * Failure modes: those of the movements; an order that cannot be held again is not revived.
 */
#include "domain/order_money.h"
#include "domain/order_need.h"
#include "domain/order_state.h"
#include "domain/order_stock.h"
#include "domain/payment_command.h"
#include "domain/payment_state.h"
#include "domain/waiting.h"

/* Whether everything is there again, and paid for. */
static int can_revive(hf__draft *draft, hf__order *order, bool *can)
{
    const hf_order *row = order->row;
    *can = false;
    bool wanted = (row->policy & HF_ORDER_REVIVE) != 0 && row->confirmed_at_ms == 0;
    if (!wanted || hf__order_paid(order).authorized < row->total)
        return 0;
    hf__needs needs;
    int error = hf__order_needs(draft, order, &needs);
    *can = error == 0 && needs.lacking == 0 && !needs.blocked;
    return error;
}

static int revive(hf__draft *draft, hf__order *order, uint32_t at)
{
    hf_payment *payment;
    int error = hf__order_payment_edit(draft, order, at, &payment);
    if (error == 0)
        error = hf__order_edit(draft, order);
    const hf__payment_was before =
        error == 0 ? hf__payment_now(payment) : (hf__payment_was){.state = HF_PAYMENT_NONE};
    if (error == 0 && payment->state == HF_PAYMENT_FAILED)
        error = hf__payment_apply(draft, payment, HF__PAY_LATE);
    if (error == 0)
        error = hf__payment_moved(draft, payment, &before);
    if (error == 0)
        error = hf__order_apply(draft, order->edit, HF__ON_REVIVE);
    if (error == 0)
        error = hf__order_take(draft, order);
    if (error == 0)
        error = hf__order_capture(draft, order);
    return error != 0 ? error : hf__order_close_if_done(draft, order);
}

/* Everything of it that is not on its way back yet is asked back. */
static int give_back(hf__draft *draft, hf__order *order, uint32_t at)
{
    hf_payment *payment;
    int error = hf__order_payment_edit(draft, order, at, &payment);
    if (error != 0)
        return error;
    int64_t open = hf__payment_open(payment);
    int64_t refundable = hf__payment_refundable(payment);
    if (open > 0)
        error = hf__payment_ask(draft, payment, HF_COMMAND_VOID, open);
    if (error == 0 && refundable > 0 && order->row->confirmed_at_ms == 0)
        error = hf__payment_ask(draft, payment, HF_COMMAND_REFUND, refundable);
    if (error != 0 || (open <= 0 && refundable <= 0))
        return error;
    error = hf__order_edit(draft, order);
    if (error == 0 && order->row->confirmed_at_ms == 0)
        order->edit->attention |= HF_ATTENTION_LATE_PAYMENT;
    return error;
}

int hf__payment_late(hf__draft *draft, hf__order *order, uint32_t at)
{
    const hf_payment *payment = order->payments[at].row;
    if (payment->method != HF_METHOD_PROVIDER ||
        (hf__payment_open(payment) <= 0 && hf__payment_refundable(payment) <= 0))
        return 0;
    bool can;
    int error = can_revive(draft, order, &can);
    if (error != 0)
        return error;
    return can ? revive(draft, order, at) : give_back(draft, order, at);
}
