/*
 * amend.c - changes of a placed order: quantities, prices, deadline, reference, new parts,
 * and exchanges.
 *
 * Why the new total is named: the host says what the order costs afterwards, so a change that host
 * and library understand differently is refused instead of charged.
 *
 * Happy path, which is also the order of the checks: time and state, caps, deadline, changes line
 * by line, new lines and adjustments, the total, payments, units that come back in exchange, what
 * is owed, then the accounts of what grows and of what is new, then money. What shrinks is
 * released, and captured money that is not owed any more is refunded; of an exchange only the
 * difference is.
 *
 * Failure modes: as hf_order_place; HF_E_LINE_UNKNOWN, HF_E_OVER_CANCEL, HF_E_ORDER_STATE (the
 * price of a line of which something is fulfilled; the deadline of a confirmed order),
 * HF_E_UNPAID (what it owes afterwards is not covered), HF_E_OVER_RETURN.
 */
#include "base/money/checked.h"
#include "domain/core/handlers.h"
#include "domain/lifecycle/end.h"
#include "domain/lifecycle/load.h"
#include "domain/lifecycle/order_money.h"
#include "domain/lifecycle/shrink.h"
#include "domain/order/coupon.h"
#include "domain/order/legs.h"
#include "domain/order/quantity.h"
#include "domain/order/state.h"
#include "domain/order/view.h"

/* An amendment and the order that it changes. */
typedef struct amendment {
    const hf__operation *op;
    const hf_order_amend_args *args;
    hf__order *order;
    int64_t *grown;    /* of each line that was there: units more or less */
    uint32_t lines;    /* that were there */
    uint32_t payments; /* that were there */
    hf__owed before;
} amendment;

static int check_caps(const hf__draft *draft, const hf_order *order,
                      const hf_order_amend_args *args)
{
    const struct {
        const char *what;
        uint32_t there, added, most;
    } caps[] = {
        {"lines", order->line_count, args->line_count, HF_LINES_MAX},
        {"adjustments", order->adjustment_count, args->adjustment_count, HF_ADJUSTMENTS_MAX},
        {"payments", order->payment_count, args->payment_count, HF_PAYMENTS_MAX},
    };
    for (uint32_t i = 0; i < sizeof caps / sizeof caps[0]; i++) {
        if (caps[i].added > caps[i].most - caps[i].there)
            return hf__refuse(draft->detail, HF_E_TOO_MANY, "%u %s more than the %u there are",
                              caps[i].added, caps[i].what, caps[i].there);
    }
    return 0;
}

/*
 * Orders that wait behind a WAITING order were promised what it does not need, so it may not grow.
 */
static int refuse_growth(const hf__draft *draft)
{
    return hf__refuse(draft->detail, HF_E_ORDER_STATE,
                      "the order is WAITING: it can only become smaller");
}

/* An exchange takes units back and adds lines; only that is possible when the order is CLOSED. */
static int check_state(const hf__draft *draft, const hf_order *order,
                       const hf_order_amend_args *args)
{
    bool exchange = args->return_count > 0;
    int error = hf__order_can(draft, order, exchange ? HF__ON_EXCHANGE : HF__ON_AMEND);
    if (error == 0 && order->state == HF_ORDER_WAITING &&
        args->line_count + args->payment_count > 0)
        return refuse_growth(draft);
    if (error != 0 || order->state != HF_ORDER_CLOSED || args->line_count > 0)
        return error;
    return hf__refuse(draft->detail, HF_E_ORDER_STATE,
                      "the order is CLOSED: units come back without a line in exchange");
}

/* The order as load has read it, when it can be amended. */
static int begin(hf__draft *draft, const hf__operation *op, amendment *out)
{
    const hf_order_amend_args *args = (const hf_order_amend_args *)op->args;
    *out = (amendment){.op = op, .args = args};
    int error = hf__order_loaded(draft, &out->order);
    if (error == 0)
        error = hf__order_in_time(draft, out->order->row);
    if (error == 0)
        error = check_state(draft, out->order->row, args);
    if (error == 0)
        error = check_caps(draft, out->order->row, args);
    if (error == 0)
        error = hf__order_owed(draft, out->order, &out->before);
    if (error == 0)
        error = hf__order_edit(draft, out->order);
    if (error != 0)
        return error;
    out->lines = out->order->row->line_count;
    out->payments = out->order->row->payment_count;
    out->grown = hf__draft_alloc(draft, out->lines * sizeof *out->grown);
    return out->grown == NULL ? HF_E_NOMEM : 0;
}

/* State, deadline and reference of the order's own row. */
static int change_row(const hf__draft *draft, amendment *a)
{
    hf_order *row = a->order->edit;
    int error = a->args->return_count > 0 ? hf__order_apply(draft, row, HF__ON_EXCHANGE) : 0;
    if (error != 0)
        return error;
    if ((a->args->mask & HF_AMEND_EXTERNAL_REF) != 0)
        hf__name_set(&row->external_ref, a->args->external_ref);
    if ((a->args->mask & HF_AMEND_DEADLINE) == 0)
        return 0;
    if (row->state != HF_ORDER_PENDING && row->state != HF_ORDER_WAITING)
        return hf__refuse(draft->detail, HF_E_ORDER_STATE,
                          "the order is confirmed: it has no deadline any more");
    if (a->args->deadline_ms != 0 && a->args->deadline_ms <= draft->now_ms)
        return hf__refuse(draft->detail, HF_E_DEADLINE, "the deadline is %lld ms in the past",
                          (long long)(draft->now_ms - a->args->deadline_ms));
    row->deadline_ms = a->args->deadline_ms;
    return 0;
}

static int check_change(const hf__draft *draft, const hf__order *order,
                        const hf_line_change *change)
{
    if (change->line == 0 || change->line > order->row->line_count)
        return hf__refuse(draft->detail, HF_E_LINE_UNKNOWN, "line %u of %u", change->line,
                          order->row->line_count);
    const hf_order_line *line = order->lines[change->line - 1].row;
    if (order->row->state == HF_ORDER_WAITING && change->quantity > line->quantity)
        return refuse_growth(draft);
    if (change->quantity < line->fulfilled + line->cancelled)
        return hf__refuse(draft->detail, HF_E_OVER_CANCEL,
                          "line %u: %lld wanted, but %lld are fulfilled and %lld cancelled",
                          change->line, (long long)change->quantity, (long long)line->fulfilled,
                          (long long)line->cancelled);
    if (change->unit_price != line->unit_price && line->fulfilled > 0)
        return hf__refuse(draft->detail, HF_E_ORDER_STATE,
                          "line %u: %lld are fulfilled, so its price stays", change->line,
                          (long long)line->fulfilled);
    return 0;
}

/* Quantities and prices in the rows; accounts follow when the total is known to be right. */
static int change_lines(hf__draft *draft, amendment *a)
{
    for (uint32_t i = 0; i < a->args->change_count; i++) {
        const hf_line_change *change = hf__element(a->args->changes, a->args->change_bytes, i);
        hf_order_line *line = NULL;
        int error = check_change(draft, a->order, change);
        if (error == 0)
            error = hf__order_line_edit(draft, a->order, change->line - 1, &line);
        if (error != 0)
            return error;
        a->grown[change->line - 1] += change->quantity - line->quantity;
        line->quantity = change->quantity;
        line->unit_price = change->unit_price;
    }
    return 0;
}

static int add_parts(hf__draft *draft, amendment *a)
{
    const hf_order_amend_args *args = a->args;
    const hf__line_list lines = {args->lines, args->line_count, args->line_bytes};
    int error = hf__lines_add(draft, a->order, &lines);
    for (uint32_t i = 0; error == 0 && i < args->adjustment_count; i++) {
        const hf_adjustment_args *one = hf__element(args->adjustments, args->adjustment_bytes, i);
        error = hf__order_adjustment_add(draft, a->order, one);
    }
    if (error == 0)
        error = hf__order_set_totals(draft, a->order, args->total);
    for (uint32_t i = 0; error == 0 && i < args->payment_count; i++) {
        const hf_payment_args *one = hf__element(args->payments, args->payment_bytes, i);
        error = hf__payment_new(draft, a->order, one, a->op, i);
    }
    return error;
}

static int return_units(hf__draft *draft, amendment *a)
{
    const hf__quantities units = {a->args->returns, a->args->return_count, a->args->return_bytes};
    return units.count == 0 ? 0 : hf__order_move_units(draft, a->order, HF__LINE_RETURN, &units);
}

/* Compares what the order will owe with what covers it, new payments included. */
static int check_money(hf__draft *draft, amendment *a)
{
    hf__owed now;
    int error = hf__order_owed(draft, a->order, &now);
    if (error == 0 && a->args->payment_count > 0)
        error = hf__payments_within(draft, a->order, a->payments, now.owed);
    bool later = (a->order->row->policy & HF_ORDER_PAY_LATER) != 0;
    if (error == 0 && a->order->row->state == HF_ORDER_WAITING && now.owed > a->before.owed)
        return refuse_growth(draft);
    bool grows = a->order->row->state != HF_ORDER_PENDING && now.owed > a->before.owed;
    if (error != 0 || later || !grows || now.covered >= now.owed)
        return error;
    return hf__refuse(draft->detail, HF_E_UNPAID, "payments cover %lld, but %lld are owed",
                      (long long)now.covered, (long long)now.owed);
}

static bool is_final(const hf__order *order, uint32_t line)
{
    return order->row->state == HF_ORDER_CONFIRMED && hf__line_is_final(order, line);
}

/* Moves accounts: lines that shrink first, so that lines that grow can use the same stock. */
static int move_changed(hf__draft *draft, amendment *a)
{
    for (uint32_t pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < a->lines; i++) {
            int64_t by = a->grown[i];
            int error = 0;
            if (pass == 0 && by < 0)
                error = hf__line_shrink(draft, a->order, i, -by);
            else if (pass == 1 && by > 0)
                error = hf__line_grow(draft, a->order, i, by, is_final(a->order, i));
            if (error != 0)
                return error;
        }
    }
    return 0;
}

static int move_added(hf__draft *draft, amendment *a)
{
    for (uint32_t i = a->lines; i < a->order->row->line_count; i++) {
        const hf_line_args *one = hf__element(a->args->lines, a->args->line_bytes, i - a->lines);
        int error = hf__line_add_legs(draft, a->order, i, one);
        if (error == 0)
            error = hf__line_quantity_changed(draft, a->order->lines[i].row, one->quantity);
        if (error == 0)
            error = hf__line_take(draft, a->order, i, is_final(a->order, i));
        if (error != 0)
            return error;
    }
    return hf__order_settle_coupons(draft, a->order);
}

static int move_deadline(hf__draft *draft, amendment *a)
{
    bool held = a->order->row->state != HF_ORDER_WAITING;
    if ((a->args->mask & HF_AMEND_DEADLINE) == 0 || !held)
        return 0;
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < a->lines; i++)
        error = hf__line_deadline(draft, a->order, i, a->order->row->deadline_ms);
    return error != 0 ? error
                      : hf__order_money_deadline(draft, a->order, a->order->row->deadline_ms);
}

/* Refunds captured money as far as the order owes less than before. */
static int refund_difference(hf__draft *draft, amendment *a)
{
    hf__owed now;
    int error = hf__order_owed(draft, a->order, &now);
    if (error != 0)
        return error;
    int64_t fell = hf__beyond(a->before.owed, now.owed);
    int64_t excess = hf__beyond(now.net, now.owed);
    return hf__order_refund(draft, a->order, fell < excess ? fell : excess);
}

/* Refunds and voids what the order does not owe any more, and captures what it owes. */
static int settle(hf__draft *draft, amendment *a)
{
    bool waits = a->order->row->state == HF_ORDER_WAITING;
    int error = waits ? hf__order_shrink_payments(draft, a->order, &a->before) : 0;
    if (error == 0)
        error = refund_difference(draft, a);
    if (error == 0 && !waits)
        error = hf__order_capture(draft, a->order);
    if (error == 0)
        error = hf__order_void_excess(draft, a->order);
    if (error != 0 || waits)
        return error != 0 ? error : hf__order_shrunk(draft, a->order);
    if (error == 0)
        error = hf__order_mark_held(draft, a->order);
    return error != 0 ? error : hf__order_close_if_done(draft, a->order);
}

/* A PENDING order is confirmed when it is paid now, or ends when nothing else can end it. */
static int settle_pending(hf__draft *draft, amendment *a)
{
    int error = refund_difference(draft, a);
    if (error == 0)
        error = hf__order_confirm_if_paid(draft, a->order);
    return error != 0 ? error : hf__order_end_unpaid(draft, a->order);
}

static int pay(hf__draft *draft, amendment *a)
{
    int error = hf__order_await_providers(draft, a->order); /* new payments wait as long */
    for (uint32_t i = a->payments; error == 0 && i < a->order->row->payment_count; i++)
        error = hf__payment_authorize(draft, a->order, i, 0);
    if (error == 0)
        error = hf__order_count(draft, a->order, 0, 0); /* less was given away than it owed */
    if (error == 0)
        error = hf__order_forget_refused(draft, a->order);
    if (error != 0)
        return error;
    return a->order->row->state == HF_ORDER_PENDING ? settle_pending(draft, a) : settle(draft, a);
}

int hf__decide_order_amend(const hf__operation *op, hf__draft *draft)
{
    amendment a;
    static int (*const steps[])(hf__draft *, amendment *) = {
        change_lines, add_parts,  return_units,  check_money,
        move_changed, move_added, move_deadline, pay,
    };
    int error = begin(draft, op, &a);
    if (error == 0)
        error = change_row(draft, &a);
    for (uint32_t i = 0; error == 0 && i < sizeof steps / sizeof steps[0]; i++)
        error = steps[i](draft, &a);
    return error != 0 ? error : hf__order_finish(draft, a.order, op->args);
}
