/*
 * shrink.c - a WAITING order that became smaller keeps its place in every queue.
 *
 * Why only smaller: orders behind it were promised what the order does not need. An order that
 * needs more is another order, with its own place in the queue.
 *
 * Happy path: nothing is held, so an amendment or cancellation has changed rows only. Payments that
 * were not asked for yet follow; then the order is looked at as a promotion would.
 *
 * Failure modes: those of the header.
 */
#include "domain/lifecycle/shrink.h"
#include "domain/lifecycle/end.h"
#include "domain/lifecycle/order_money.h"
#include "domain/lifecycle/waiting.h"
#include "domain/order/coupon.h"
#include "domain/order/stock.h"

static int shrink_one(hf__draft *draft, hf__order *order, uint32_t at, int64_t *over)
{
    const hf_payment *payment = order->payments[at].row;
    if (payment->state != HF_PAYMENT_NEW || *over <= 0)
        return 0;
    int64_t part = payment->amount < *over ? payment->amount : *over;
    *over -= part;
    if (part == payment->amount)
        return hf__payment_drop(draft, order, at);
    hf_payment *edit = NULL;
    int error = hf__order_payment_edit(draft, order, at, &edit);
    if (error == 0)
        edit->amount -= part;
    return error;
}

int hf__order_shrink_payments(hf__draft *draft, hf__order *order, const hf__owed *before)
{
    hf__owed now;
    int error = hf__order_owed(draft, order, &now);
    if (error != 0)
        return error;
    int64_t fell = hf__beyond(before->owed, now.owed);
    int64_t over = hf__beyond(now.covered, now.owed);
    over = over < fell ? over : fell;
    for (uint32_t i = order->row->payment_count; i-- > 0;) {
        error = shrink_one(draft, order, i, &over);
        if (error != 0)
            return error;
    }
    return 0;
}

/* Whether a unit is left of a line that does not only follow others. */
static bool waits_for_some(const hf__order *order)
{
    bool some = false;
    for (uint32_t i = 0; i < order->row->line_count; i++)
        some = some || (hf__line_open(order->lines[i].row) > 0 && !hf__line_follows(order, i));
    return some;
}

int hf__order_shrunk(hf__draft *draft, hf__order *order)
{
    return waits_for_some(order) ? hf__order_reconsider(draft, order)
                                 : hf__order_abandon(draft, order, HF__ON_CANCEL);
}
