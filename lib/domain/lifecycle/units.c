/*
 * units.c - the operations on units of an order: fulfil, cancel, return.
 *
 * Why together: all three move units of lines (order/quantity.h) and then settle money by what the
 * order owed before and owes after (order/owed.h).
 *
 * Happy path, which is also the order of the checks: the order exists, its deadline has not passed,
 * and its state allows the operation; units and their accounts line by line; money; the end of the
 * order.
 *
 * Failure modes: HF_E_NOT_FOUND, HF_E_EXPIRED, HF_E_ORDER_STATE, HF_E_ARGUMENT (a fulfilment with
 * refunds), the refusals of order/quantity.h.
 */
#include "domain/core/handlers.h"
#include "domain/lifecycle/end.h"
#include "domain/lifecycle/load.h"
#include "domain/lifecycle/order_money.h"
#include "domain/lifecycle/shrink.h"
#include "domain/order/coupon.h"
#include "domain/order/quantity.h"
#include "domain/order/view.h"

static int apply_units(hf__draft *draft, hf__order *order, hf__line_way way,
                       const hf_order_units_args *args)
{
    const hf__quantities lines = {args->lines, args->line_count, args->line_bytes};
    return hf__order_move_units(draft, order, way, &lines);
}

/* The order of the request, as load has read it, when `event` is possible. */
static int begin(const hf__draft *draft, hf__order_event event, hf__order **order)
{
    int error = hf__order_loaded(draft, order);
    if (error == 0)
        error = hf__order_in_time(draft, (*order)->row);
    return error != 0 ? error : hf__order_can(draft, (*order)->row, event);
}

/*
 * What was captured beyond what stays. Money in dispute cannot be refunded; what a host says of the
 * refund holds for it all the same, when the dispute is won.
 */
static int64_t excess_of(const hf__owed *now, const hf_order_units_args *args, int64_t stays)
{
    int64_t all;
    if (args->refund_mode == HF_REFUND_SHARE)
        return hf__beyond(now->net, stays);
    return hf__beyond(hf__add(now->net, now->disputed, &all) ? all : INT64_MAX, stays);
}

/*
 * Refunds for the units that were cancelled or returned: at most their share, and at most what is
 * captured beyond what stays. After a cancel what is owed stays, open units included; after a
 * return what is due, because a later fulfilment captures anew.
 */
static int refund_units(hf__draft *draft, hf__order *order, const hf_order_units_args *args,
                        const hf__owed *before)
{
    hf__owed now;
    /* given away for units that are cancelled or returned */
    int error = hf__order_count(draft, order, 0, 0);
    if (error == 0)
        error = hf__order_owed(draft, order, &now);
    if (error != 0)
        return error;
    bool returns_units = now.returned > before->returned;
    int64_t stays = returns_units ? now.due : now.owed;
    int64_t share = before->owed - now.owed;
    int64_t excess = excess_of(&now, args, stays);
    return hf__order_refund_by(draft, order, args, share < excess ? share : excess);
}

/* Goods may leave when payments cover what is due, or when the host says that they have left. */
static int check_paid(hf__draft *draft, hf__order *order, const hf_order_units_args *args)
{
    hf__owed now;
    int error = hf__order_owed(draft, order, &now);
    bool later = (order->row->policy & HF_ORDER_PAY_LATER) != 0;
    if (error != 0 || later || now.due <= now.covered)
        return error;
    if (args->unpaid == 0)
        return hf__refuse(draft->detail, HF_E_UNPAID, "%lld are due, payments cover %lld",
                          (long long)now.due, (long long)now.covered);
    return hf__order_attention(draft, order, HF_ATTENTION_UNPAID, 0);
}

int hf__decide_order_fulfil(const hf__operation *op, hf__draft *draft)
{
    const hf_order_units_args *args = (const hf_order_units_args *)op->args;
    hf__order *order = NULL;
    if (args->refund_mode != HF_REFUND_SHARE || args->refund_count != 0)
        return hf__refuse(draft->detail, HF_E_ARGUMENT, "a fulfilment refunds nothing");
    int error = begin(draft, HF__ON_FULFIL, &order);
    if (error == 0)
        error = apply_units(draft, order, HF__LINE_FULFIL, args);
    if (error == 0)
        error = hf__order_settle_coupons(draft, order);
    if (error == 0)
        error = check_paid(draft, order, args);
    if (error == 0)
        error = hf__order_capture(draft, order);
    if (error == 0)
        error = hf__order_close_if_done(draft, order);
    return error != 0 ? error : hf__order_finish(draft, order, op->args);
}

/*
 * Refunds what was captured of an order that was not confirmed, by the mode of the request. All of
 * it goes back as the order ends; only for an import nothing does unless a host says so.
 */
static int refund_whole(hf__draft *draft, hf__order *order, const hf_order_units_args *args)
{
    hf__owed now;
    int error = hf__order_owed(draft, order, &now);
    bool import = (order->row->policy & HF_ORDER_IMPORT) != 0;
    if (error != 0 || (args->refund_mode == HF_REFUND_SHARE && !import))
        return error;
    return hf__order_refund_by(draft, order, args, excess_of(&now, args, now.owed));
}

/* An order that is not confirmed is cancelled whole. */
static int cancel_whole(hf__draft *draft, hf__order *order, const hf_order_units_args *args)
{
    if (args->line_count != 0)
        return hf__refuse(draft->detail, HF_E_ORDER_STATE,
                          "the order is not confirmed: it can only be cancelled whole");
    int error = hf__order_end_units(draft, order, HF__ON_CANCEL);
    if (error == 0)
        error = refund_whole(draft, order, args);
    if (error == 0 && args->final != 0)
        order->edit->policy &= ~HF_ORDER_REVIVE;
    return error != 0 ? error : hf__order_settle_over(draft, order);
}

static int cancel_units(hf__draft *draft, hf__order *order, const hf_order_units_args *args)
{
    hf__owed before;
    int error = hf__order_can(draft, order->row, HF__ON_CANCEL_UNITS);
    if (error == 0)
        error = hf__order_owed(draft, order, &before);
    if (error == 0)
        error = apply_units(draft, order, HF__LINE_CANCEL, args);
    if (error == 0)
        error = hf__order_settle_coupons(draft, order);
    if (error == 0)
        error = refund_units(draft, order, args, &before);
    if (error == 0)
        error = hf__order_void_excess(draft, order);
    if (error == 0)
        error = hf__order_capture(draft, order); /* of a provider that captures once */
    if (error == 0)
        error = hf__order_mark_held(draft, order);
    return error != 0 ? error : hf__order_close_if_done(draft, order);
}

/* Units of an order that waits: it holds nothing, and keeps its place for what is left. */
static int cancel_waiting(hf__draft *draft, hf__order *order, const hf_order_units_args *args)
{
    hf__owed before;
    int error = hf__order_can(draft, order->row, HF__ON_CANCEL_UNITS);
    if (error == 0)
        error = hf__order_owed(draft, order, &before);
    if (error == 0)
        error = apply_units(draft, order, HF__LINE_CANCEL, args);
    if (error == 0)
        error = hf__order_settle_coupons(draft, order);
    if (error == 0)
        error = hf__order_edit(draft, order);
    if (error != 0)
        return error;
    order->edit->policy &= ~HF_ORDER_REVIVE; /* which would bring these units back as well */
    error = hf__order_shrink_payments(draft, order, &before);
    if (error == 0)
        error = refund_units(draft, order, args, &before);
    if (error == 0)
        error = hf__order_void_excess(draft, order);
    return error != 0 ? error : hf__order_shrunk(draft, order);
}

int hf__decide_order_cancel(const hf__operation *op, hf__draft *draft)
{
    const hf_order_units_args *args = (const hf_order_units_args *)op->args;
    hf__order *order = NULL;
    int error = hf__order_loaded(draft, &order);
    if (error == 0)
        error = hf__order_in_time(draft, order->row);
    if (error != 0)
        return error;
    bool whole = hf__order_next(order->row->state, HF__ON_CANCEL) != HF_ORDER_NONE;
    if (order->row->state == HF_ORDER_WAITING && args->line_count > 0)
        error = cancel_waiting(draft, order, args);
    else
        error = whole ? cancel_whole(draft, order, args) : cancel_units(draft, order, args);
    return error != 0 ? error : hf__order_finish(draft, order, op->args);
}

/* What a CLOSED order that lost money kept to be captured is voided as far as units came back. */
static int release_kept(hf__draft *draft, hf__order *order, const hf__owed *before)
{
    bool kept = order->row->state == HF_ORDER_CLOSED && before->owed > before->net;
    return kept ? hf__order_settle_over(draft, order) : hf__order_mark_held(draft, order);
}

int hf__decide_order_return(const hf__operation *op, hf__draft *draft)
{
    const hf_order_units_args *args = (const hf_order_units_args *)op->args;
    hf__order *order = NULL;
    hf__owed before;
    int error = begin(draft, HF__ON_RETURN, &order);
    if (error == 0)
        error = hf__order_owed(draft, order, &before);
    if (error == 0)
        error = apply_units(draft, order, HF__LINE_RETURN, args);
    if (error == 0)
        error = refund_units(draft, order, args, &before);
    if (error == 0)
        error = hf__order_void_excess(draft, order);
    if (error == 0)
        error = release_kept(draft, order, &before);
    if (error == 0)
        error = hf__order_close_if_done(draft, order);
    return error != 0 ? error : hf__order_finish(draft, order, op->args);
}
