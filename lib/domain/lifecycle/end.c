/*
 * end.c - ends an order before it was confirmed, and releases everything it holds.
 *
 * Why one file: a host's cancel and the order's deadline have the same effects.
 *
 * Happy path: holds are released first, then the state changes, then money is settled. Every unit
 * of the lines counts as cancelled, so that no unit of an ended order is open. When the order is
 * revived, its cancelled units are 0 again.
 *
 * A PENDING order without a deadline ends as soon as a payment came short and the others do not
 * cover the order: nothing else would ever end it. A payment that is waited for decides nothing.
 *
 * Failure mode: HF_E_NOMEM. Releasing is never refused.
 */
#include "domain/lifecycle/end.h"
#include "domain/lifecycle/expire.h"
#include "domain/lifecycle/order_money.h"
#include "domain/lifecycle/queue.h"
#include "domain/lifecycle/waiting.h"
#include "domain/order/payment_state.h"
#include "domain/order/stock.h"
#include "domain/order/view.h"

int hf__order_end_units(hf__draft *draft, hf__order *order, hf__order_event event)
{
    int error = hf__order_can(draft, order->row, event);
    if (error != 0)
        return error;
    bool waiting = order->row->state == HF_ORDER_WAITING;
    error = waiting ? hf__order_unwait(draft, order) : 0;
    for (uint32_t i = 0; error == 0 && i < order->row->line_count; i++)
        error = hf__line_end(draft, order, i, !waiting);
    if (error == 0)
        error = hf__order_edit(draft, order);
    if (error == 0)
        error = hf__order_apply(draft, order->edit, event);
    return error != 0 ? error : hf__order_count(draft, order, 0, 0); /* given away of these units */
}

int hf__order_abandon(hf__draft *draft, hf__order *order, hf__order_event event)
{
    int error = hf__order_end_units(draft, order, event);
    return error != 0 ? error : hf__order_settle_over(draft, order);
}

/* Whether a payment that does not wait any more brings less than it is for. */
static bool came_short(const hf__order *order)
{
    bool some = false;
    for (uint32_t i = 0; i < order->row->payment_count; i++)
        some = some || hf__payment_came_short(order->payments[i].row);
    return some;
}

int hf__order_end_unpaid(hf__draft *draft, hf__order *order)
{
    if (order->row->state != HF_ORDER_PENDING || order->row->deadline_ms != 0 || !came_short(order))
        return 0;
    hf__owed now;
    int error = hf__order_owed(draft, order, &now);
    if (error != 0 || now.covered >= now.owed)
        return error;
    return hf__order_abandon(draft, order, HF__ON_CANCEL);
}

int hf__order_expire(hf__draft *draft, hf__order *order)
{
    bool possible = hf__order_next(order->row->state, HF__ON_DEADLINE) != HF_ORDER_NONE;
    if (!possible || order->row->deadline_ms == 0 || order->row->deadline_ms > draft->now_ms)
        return 0;
    int error = hf__order_abandon(draft, order, HF__ON_DEADLINE);
    return error != 0 ? error : hf__order_end(draft, order);
}
