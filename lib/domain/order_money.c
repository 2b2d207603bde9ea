/*
 * order_money.c - how much of an order's money is captured, refunded and voided, and when it ends.
 *
 * Why from cumulative shares (order_total.h): what is due never depends on the steps that led
 * there. With C = captured so far (refunds not subtracted: a refund is never taken again):
 *     capture   due - C, out of payments that settle on FULFIL, in order of their no; those that
 *               settle on CONFIRM whole, but never above what is needed
 *     cancel    refunds the growth of max(0, C - needed)
 *     return    refunds the growth of max(0, C - (due - returned))
 *     void      what automatic payments have open beyond needed - C
 *
 * Happy path: confirm, capture as units go out, close. An order is open while a unit is neither
 * fulfilled nor cancelled, while a MANUAL payment is neither captured nor voided, while a provider
 * has not answered, and, when it pays later, while money is owed.
 *
 * Failure modes: those of payment_money.h; HF_E_NOT_FOUND and HF_E_OVER_REFUND for named refunds.
 */
#include "domain/order_money.h"
#include "base/id.h"
#include "domain/order_state.h"
#include "domain/order_stock.h"
#include "domain/payment_state.h"

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int hf__order_money_deadline(hf__draft *draft, hf__order *order, int64_t deadline_ms)
{
    for (uint32_t i = 0; i < order->row->payment_count; i++) {
        const hf_payment *payment = order->payments[i].row;
        if (payment->state != HF_PAYMENT_AUTHORIZED || payment->deadline_ms == deadline_ms)
            continue;
        hf_payment *edit = NULL;
        int error = hf__refusal(draft, hf__order_payment_edit(draft, order, i, &edit));
        if (error != 0)
            return error;
        if (edit != NULL)
            edit->deadline_ms = deadline_ms;
    }
    return hf__all_there(draft);
}

/* What could be captured of a payment: of one that was not asked yet, all of it. */
static int64_t capturable(const hf_payment *payment)
{
    return payment->state == HF_PAYMENT_NEW ? payment->amount : hf__payment_open(payment);
}

int hf__order_plan_captures(hf__draft *draft, hf__order *order, int64_t *amounts)
{
    hf__dues dues;
    int error = hf__order_dues(draft, order, &dues);
    if (error != 0)
        return error;
    const int64_t limits[] = {
        [HF_SETTLE_CONFIRM] = dues.needed,
        [HF_SETTLE_FULFIL] = dues.due,
    };
    int64_t captured = hf__order_paid(order).taken;
    for (uint32_t settle = HF_SETTLE_CONFIRM; settle <= HF_SETTLE_FULFIL; settle++) {
        for (uint32_t i = 0; i < order->row->payment_count; i++) {
            const hf_payment *payment = order->payments[i].row;
            if (payment->settle_on != settle || limits[settle] <= captured)
                continue;
            amounts[i] = least(capturable(payment), limits[settle] - captured);
            captured += amounts[i];
        }
    }
    return 0;
}

int hf__order_capture(hf__draft *draft, hf__order *order)
{
    int64_t amounts[HF_PAYMENTS_MAX] = {0};
    int error = hf__order_plan_captures(draft, order, amounts);
    for (uint32_t i = 0; error == 0 && i < order->row->payment_count; i++) {
        if (amounts[i] > 0)
            error = hf__refusal(draft, hf__payment_take(draft, order, i, amounts[i]));
    }
    return error != 0 ? error : hf__all_there(draft);
}

int hf__order_refund(hf__draft *draft, hf__order *order, int64_t amount)
{
    int64_t rest = amount;
    for (uint32_t i = order->row->payment_count; i-- > 0 && rest > 0;) {
        int64_t part = least(rest, hf__payment_refundable(order->payments[i].row));
        if (part <= 0)
            continue;
        int error = hf__refusal(draft, hf__payment_give_back(draft, order, i, part));
        if (error != 0)
            return error;
        rest -= part;
    }
    int64_t asked = hf__order_paid(order).taken - hf__order_paid(order).captured;
    if (rest > 0 && asked > 0)
        return hf__refuse(draft->detail, HF_E_PAYMENT_STATE,
                          "%lld to refund while the answer to a capture of %lld is outstanding",
                          (long long)rest, (long long)asked);
    return hf__all_there(draft);
}

static int refund_one(hf__draft *draft, hf__order *order, const hf_payment_amount *named,
                      uint32_t no)
{
    uint32_t at = 0;
    while (at < order->row->payment_count &&
           !hf__id_equal(&order->payments[at].row->id, &named->payment))
        at++;
    if (at == order->row->payment_count) {
        char text[37];
        return hf__refuse(draft->detail, HF_E_NOT_FOUND, "refund %u: the order has no payment %s",
                          no, hf_id_format(&named->payment, text));
    }
    int64_t most = hf__payment_refundable(order->payments[at].row);
    if (named->amount > most)
        return hf__refuse(draft->detail, HF_E_OVER_REFUND,
                          "refund %u: payment %u: %lld wanted, %lld can be refunded", no, at + 1,
                          (long long)named->amount, (long long)most);
    return hf__payment_give_back(draft, order, at, named->amount);
}

int hf__order_refund_named(hf__draft *draft, hf__order *order, const hf_order_units_args *args)
{
    for (uint32_t i = 0; i < args->refund_count; i++) {
        int error = hf__refusal(draft, refund_one(draft, order, &args->refunds[i], i + 1));
        if (error != 0)
            return error;
    }
    return hf__all_there(draft);
}

int hf__order_void_excess(hf__draft *draft, hf__order *order)
{
    hf__dues dues;
    int error = hf__order_dues(draft, order, &dues);
    if (error != 0)
        return error;
    int64_t captured = hf__order_paid(order).taken;
    int64_t keep = dues.needed > captured ? dues.needed - captured : 0;
    for (uint32_t i = 0; i < order->row->payment_count; i++) {
        const hf_payment *payment = order->payments[i].row;
        int64_t open = payment->settle_on == HF_SETTLE_MANUAL ? 0 : hf__payment_open(payment);
        int64_t needed = least(open, keep);
        keep -= needed;
        if (open > needed)
            error = hf__refusal(draft, hf__payment_free(draft, order, i, open - needed));
        if (error != 0)
            return error;
    }
    return hf__all_there(draft);
}

int hf__order_void_all(hf__draft *draft, hf__order *order)
{
    for (uint32_t i = 0; i < order->row->payment_count; i++) {
        const hf_payment *payment = order->payments[i].row;
        int64_t open = hf__payment_open(payment);
        int result = 0;
        if (payment->state == HF_PAYMENT_NEW)
            result = hf__payment_fail(draft, order, i);
        else if (payment->state == HF_PAYMENT_PENDING)
            result = hf__payment_give_up(draft, order, i);
        else if (open > 0)
            result = hf__payment_free(draft, order, i, open);
        int error = hf__refusal(draft, result);
        if (error != 0)
            return error;
    }
    int error = hf__all_there(draft);
    /* What a provider is still asked to void has no deadline any more. */
    return error != 0 ? error : hf__order_money_deadline(draft, order, 0);
}

int hf__order_confirm(hf__draft *draft, hf__order *order)
{
    int error = hf__order_edit(draft, order);
    if (error == 0)
        error = hf__order_apply(draft, order->edit, HF__ON_AUTHORIZED);
    for (uint32_t i = 0; error == 0 && i < order->row->line_count; i++) {
        const hf_order_line *line = order->lines[i].row;
        if (line->settle_on == HF_SETTLE_CONFIRM)
            error = hf__refusal(draft, hf__line_fulfil(draft, order, i, hf__line_open(line)));
        if (error == 0)
            error = hf__refusal(draft, hf__line_deadline(draft, order, i, 0));
    }
    if (error == 0)
        error = hf__all_there(draft);
    if (error == 0)
        error = hf__order_money_deadline(draft, order, 0);
    if (error == 0)
        error = hf__order_capture(draft, order);
    return error != 0 ? error : hf__order_close_if_done(draft, order);
}

int hf__order_confirm_if_paid(hf__draft *draft, hf__order *order)
{
    bool paid = hf__order_paid(order).authorized >= order->row->total;
    bool later = (order->row->policy & HF_ORDER_PAY_LATER) != 0;
    return paid || later ? hf__order_confirm(draft, order) : 0;
}

/* Whether a unit is still to be fulfilled; *some: whether any was not cancelled. */
static bool units_open(const hf__order *order, bool *some)
{
    bool open = false;
    *some = false;
    for (uint32_t i = 0; i < order->row->line_count; i++) {
        const hf_order_line *line = order->lines[i].row;
        open = open || hf__line_open(line) > 0;
        *some = *some || line->cancelled < line->quantity;
    }
    return open;
}

static bool manual_open(const hf__order *order)
{
    for (uint32_t i = 0; i < order->row->payment_count; i++) {
        const hf_payment *payment = order->payments[i].row;
        if (payment->settle_on == HF_SETTLE_MANUAL && hf__payment_open(payment) > 0)
            return true;
    }
    return false;
}

/* Whether a provider has still to say what became of money that the order counts on. */
static bool answers_open(const hf__order *order)
{
    for (uint32_t i = 0; i < order->row->payment_count; i++) {
        const hf_payment *payment = order->payments[i].row;
        if (payment->pending_authorize > 0 || payment->pending_capture > 0)
            return true;
    }
    return false;
}

static bool money_owed(const hf__order *order, const hf__dues *dues)
{
    return (order->row->policy & HF_ORDER_PAY_LATER) != 0 &&
           hf__order_paid(order).captured < dues->needed - dues->returned;
}

int hf__order_close_if_done(hf__draft *draft, hf__order *order)
{
    bool some;
    if (order->row->state != HF_ORDER_CONFIRMED || units_open(order, &some))
        return 0;
    hf__dues dues;
    int error = hf__order_dues(draft, order, &dues);
    if (error != 0)
        return error;
    if (some && (manual_open(order) || answers_open(order) || money_owed(order, &dues)))
        return 0;
    error = hf__order_edit(draft, order);
    if (error == 0)
        error = hf__order_void_all(draft, order);
    return error != 0 ? error
                      : hf__order_apply(draft, order->edit, some ? HF__ON_DONE : HF__ON_EMPTIED);
}
