/*
 * place.c - placing an order: everything is held and authorized, or nothing happens.
 *
 * Why in one decision: stock, seats, coupons and money are all accounts, so "reserve, authorize,
 * confirm" is one list of movements. Whether the order is confirmed at once is known before the
 * first of them (its payments are from accounts and cover the total, or it pays later). Then what
 * is final moves directly, without a hold in between.
 *
 * Happy path, which is also the order of the checks: currency and units, totals, payments,
 * deadline, then line by line the accounts, then payment by payment. With QUEUE an order whose legs
 * are short is kept WAITING: it has a number and its place in the queue and holds nothing.
 *
 * Failure modes: each check has its own error and names line or payment and account; see
 * hf_order_place.
 */
#include "base/money/checked.h"
#include "domain/core/handlers.h"
#include "domain/ledger/movement.h"
#include "domain/lifecycle/order_money.h"
#include "domain/lifecycle/queue.h"
#include "domain/lifecycle/waiting.h"
#include "domain/order/coupon.h"
#include "domain/order/demand.h"
#include "domain/order/legs.h"
#include "domain/order/state.h"
#include "domain/order/stock.h"
#include "domain/order/view.h"

#include <string.h>

_Static_assert(offsetof(hf__series, name) == 0, "a series is looked up by its name alone");

static int check_currency(const hf__draft *draft, const hf_name *currency)
{
    if (hf__loaded(draft, draft->loaded[HF__PLACE_CURRENCY]) != NULL)
        return 0;
    return hf__refuse(draft->detail, HF_E_UNIT_UNKNOWN, "currency %s", currency->text);
}

/* The next number of the order's series; a series begins with its first order. */
static int set_number(hf__draft *draft, hf_order *order)
{
    void *row = NULL;
    const uint32_t at = draft->loaded[HF__PLACE_SERIES];
    int error = hf__loaded_put(draft, at, HF__SERIES, &order->series, &row);
    if (error != 0)
        return error;
    hf__series *series = row;
    order->number = ++series->last;
    return 0;
}

static int new_order(const hf__operation *op, hf__draft *draft, hf__order **out)
{
    const hf_order_place_args *args = (const hf_order_place_args *)op->args;
    const hf__line_list lines = {args->lines, args->line_count, args->line_bytes};
    const hf__order_added added = {
        .lines = args->line_count,
        .legs = hf__lines_legs(&lines),
        .adjustments = args->adjustment_count,
        .payments = args->payment_count,
    };
    int error = hf__order_new(draft, &op->id, &added, out);
    if (error != 0)
        return error;
    hf_order *row = (*out)->edit;
    memcpy(row->fingerprint, op->fingerprint, sizeof row->fingerprint);
    hf__name_set(&row->customer, args->customer);
    hf__name_set(&row->currency, args->currency);
    hf__name_set(&row->series, args->series);
    hf__name_set(&row->external_ref, args->external_ref);
    row->created_at_ms = draft->now_ms;
    row->deadline_ms = args->deadline_ms;
    row->placed_seq = draft->event_seq;
    row->policy = args->policy;
    return 0;
}

/* Lines without legs, adjustments, and what they add up to. */
static int add_lines(hf__draft *draft, hf__order *order, const hf_order_place_args *args)
{
    const hf__line_list lines = {args->lines, args->line_count, args->line_bytes};
    int error = check_currency(draft, &order->row->currency);
    if (error == 0)
        error = hf__lines_add(draft, order, &lines);
    for (uint32_t i = 0; error == 0 && i < args->adjustment_count; i++) {
        const hf_adjustment_args *one = hf__element(args->adjustments, args->adjustment_bytes, i);
        error = hf__order_adjustment_add(draft, order, one);
    }
    return error != 0 ? error : hf__order_set_totals(draft, order, args->total);
}

static int add_payments(hf__draft *draft, hf__order *order, const hf__operation *op)
{
    const hf_order_place_args *args = (const hf_order_place_args *)op->args;
    for (uint32_t i = 0; i < args->payment_count; i++) {
        const hf_payment_args *one = hf__element(args->payments, args->payment_bytes, i);
        int error = hf__payment_new(draft, order, one, op, i);
        if (error != 0)
            return error;
    }
    if ((order->row->policy & HF_ORDER_IMPORT) != 0)
        return 0;
    return hf__payments_within(draft, order, 0, order->row->total);
}

/* An order is kept at least until the last of its providers must have answered. */
static void extend_deadline(hf__order *order)
{
    for (uint32_t i = 0; i < order->row->payment_count; i++) {
        const hf_payment *payment = order->payments[i].row;
        if (order->row->deadline_ms != 0 && payment->deadline_ms > order->row->deadline_ms)
            order->edit->deadline_ms = payment->deadline_ms;
    }
}

static int check_deadline(const hf__draft *draft, int64_t deadline_ms)
{
    if (deadline_ms == 0 || deadline_ms > draft->now_ms)
        return 0;
    return hf__refuse(draft->detail, HF_E_DEADLINE, "the deadline is %lld ms in the past",
                      (long long)(draft->now_ms - deadline_ms));
}

/* Legs of all lines; taken line by line, so that a later line sees what an earlier one left. */
static int add_legs(hf__draft *draft, hf__order *order, const hf_order_place_args *args, bool take)
{
    bool confirmed = order->row->state == HF_ORDER_CONFIRMED;
    for (uint32_t i = 0; i < args->line_count; i++) {
        const hf_line_args *one = hf__element(args->lines, args->line_bytes, i);
        int error = hf__line_add_legs(draft, order, i, one);
        if (error == 0)
            error = hf__line_quantity_changed(draft, order->lines[i].row, one->quantity);
        if (error == 0 && take)
            error = hf__line_take(draft, order, i, confirmed && hf__line_is_final(order, i));
        if (error != 0)
            return error;
    }
    return take ? hf__order_settle_coupons(draft, order) : 0;
}

/* Every payment authorized; of a confirmed order captured as far as it is due. */
static int authorize(hf__draft *draft, hf__order *order)
{
    int64_t captures[HF_PAYMENTS_MAX] = {0};
    int error = 0;
    if (order->row->state == HF_ORDER_CONFIRMED && order->row->payment_count > 0)
        error = hf__order_plan_captures(draft, order, captures);
    for (uint32_t i = 0; error == 0 && i < order->row->payment_count; i++)
        error = hf__payment_authorize(draft, order, i, captures[i]);
    return error != 0 ? error : hf__order_close_if_done(draft, order);
}

/* What payments from accounts cover: they need no answer from outside. */
static int64_t instant(const hf__order *order)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < order->row->payment_count; i++) {
        const hf_payment *payment = order->payments[i].row;
        bool ours = payment->method == HF_METHOD_ACCOUNT;
        if (ours && !hf__add(sum, payment->amount, &sum))
            return INT64_MAX;
    }
    return sum;
}

/* The order is PENDING, and CONFIRMED at once when nothing can prevent that any more. */
static int enter(hf__draft *draft, hf__order *order)
{
    bool anyway = (order->row->policy & (HF_ORDER_PAY_LATER | HF_ORDER_IMPORT)) != 0;
    bool paid = instant(order) >= order->row->total;
    int error = hf__order_apply(draft, order->edit, HF__ON_PLACE);
    if (error == 0 && (paid || anyway))
        error = hf__order_apply(draft, order->edit, HF__ON_AUTHORIZED);
    return error;
}

static int place_now(hf__draft *draft, hf__order *order, const hf_order_place_args *args)
{
    int error = enter(draft, order);
    if (error == 0)
        error = add_legs(draft, order, args, true);
    return error != 0 ? error : authorize(draft, order);
}

static int wait(hf__draft *draft, hf__order *order, hf__demands *demands)
{
    int error = hf__order_apply(draft, order->edit, HF__ON_QUEUE);
    if (error == 0)
        error = hf__order_wait(draft, order, demands);
    for (uint32_t i = 0; error == 0 && i < order->row->payment_count; i++)
        error = hf__payment_state_changed(draft, order->payments[i].row);
    return error;
}

/* With QUEUE everything is looked at before anything is held. */
static int place_or_wait(hf__draft *draft, hf__order *order, const hf_order_place_args *args)
{
    hf__demands demands;
    int error = add_legs(draft, order, args, false);
    if (error == 0)
        error = hf__order_demand(draft, order, &demands);
    if (error != 0)
        return error;
    if (demands.short_count > 0)
        return wait(draft, order, &demands);
    error = enter(draft, order);
    if (error == 0)
        error = hf__order_take(draft, order);
    return error != 0 ? error : authorize(draft, order);
}

int hf__decide_order_place(const hf__operation *op, hf__draft *draft)
{
    const hf_order_place_args *args = (const hf_order_place_args *)op->args;
    hf__order *order = NULL;
    int error = new_order(op, draft, &order);
    if (error == 0)
        error = add_lines(draft, order, args);
    if (error == 0)
        error = add_payments(draft, order, op);
    if (error == 0)
        error = check_deadline(draft, args->deadline_ms);
    if (error == 0)
        error = set_number(draft, order->edit);
    if (error != 0)
        return error;
    extend_deadline(order);
    bool queue = (args->policy & HF_ORDER_QUEUE) != 0;
    error = queue ? place_or_wait(draft, order, args) : place_now(draft, order, args);
    if (error == 0)
        error = hf__order_mark_import(draft, order);
    return error != 0 ? error : hf__order_finish(draft, order, op->args);
}
