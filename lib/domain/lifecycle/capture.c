/*
 * capture.c - the captures that the engine makes by itself, and until when money is held.
 *
 * Why one plan: a confirmation, a fulfilment, a cancellation, an amendment and a fact lead to the
 * same captures, because captures follow from what is owed and due now. A payment of which money
 * was charged back or refunded unasked is left out: a host captures more of it by a command.
 *
 * Happy path: payments that settle on CONFIRM are captured up to what is owed, then those on FULFIL
 * up to what is due, each by at most what is open of it.
 *
 * Failure modes: HF_E_NOMEM, the refusals of payment/money.h.
 */
#include "domain/lifecycle/order_money.h"
#include "domain/order/payment_state.h"
#include "domain/order/stock.h"

int hf__order_money_deadline(hf__draft *draft, hf__order *order, int64_t deadline_ms)
{
    for (uint32_t i = 0; i < order->row->payment_count; i++) {
        const hf_payment *payment = order->payments[i].row;
        if (payment->state != HF_PAYMENT_AUTHORIZED || payment->method != HF_METHOD_ACCOUNT ||
            payment->deadline_ms == deadline_ms)
            continue;
        hf_payment *edit = NULL;
        int error = hf__order_payment_edit(draft, order, i, &edit);
        if (error != 0)
            return error;
        edit->deadline_ms = deadline_ms;
    }
    return 0;
}

/* The latest deadline of the payments whose provider was asked or is to be asked; 0: none. */
static int64_t latest_answer(const hf__order *order)
{
    int64_t latest = 0;
    for (uint32_t i = 0; i < order->row->payment_count; i++) {
        const hf_payment *payment = order->payments[i].row;
        bool waits = payment->state == HF_PAYMENT_NEW || payment->state == HF_PAYMENT_PENDING;
        if (payment->method == HF_METHOD_PROVIDER && waits && payment->deadline_ms > latest)
            latest = payment->deadline_ms;
    }
    return latest;
}

int hf__order_await_providers(hf__draft *draft, hf__order *order)
{
    int64_t latest = latest_answer(order);
    bool timed = order->row->state == HF_ORDER_PENDING && order->row->deadline_ms != 0;
    if (!timed || latest <= order->row->deadline_ms)
        return 0;
    int error = hf__order_edit(draft, order);
    if (error != 0)
        return error;
    order->edit->deadline_ms = latest;
    for (uint32_t i = 0; error == 0 && i < order->row->line_count; i++)
        error = hf__line_deadline(draft, order, i, latest);
    return error != 0 ? error : hf__order_money_deadline(draft, order, latest);
}

/* What can be captured of a payment; a NEW one of an account is authorized in this operation. */
static int64_t capturable(const hf_payment *payment)
{
    bool now = payment->state == HF_PAYMENT_NEW && payment->method == HF_METHOD_ACCOUNT;
    return now ? payment->amount : hf__payment_open(payment);
}

/* Whether the payment takes part in the captures of its way to settle. */
static bool takes_part(const hf__order *order, const hf_payment *payment, uint32_t settle)
{
    bool once = (payment->flags & HF_PAYMENT_ONE_CAPTURE) != 0;
    bool early = settle == HF_SETTLE_FULFIL && hf__order_units_open(order);
    bool captured = payment->captured > 0 || payment->pending_capture > 0;
    bool expects = (payment->flags & HF_PAYMENT_CAPTURE_ONLY) != 0;
    return payment->settle_on == settle && hf__payment_is_live(order, payment) &&
           !hf__payment_is_withdrawn(payment) && !expects && !(once && (early || captured));
}

/*
 * How much of `amount` is asked of one payment. The provider was asked for `capture_refused` of it
 * already: other money of this payment is not asked for in its place, that of other payments is.
 */
static int64_t part_of(const hf_payment *payment, int64_t amount)
{
    int64_t fresh = amount - hf__smaller(amount, payment->capture_refused);
    return hf__smaller(capturable(payment), fresh);
}

int hf__order_plan_captures(hf__draft *draft, hf__order *order, int64_t *amounts)
{
    hf__owed now;
    int error = hf__order_owed(draft, order, &now);
    if (error != 0)
        return error;
    const int64_t limits[] = {
        [HF_SETTLE_CONFIRM] = now.owed,
        [HF_SETTLE_FULFIL] = now.due,
    };
    int64_t captured = now.net;
    for (uint32_t settle = HF_SETTLE_CONFIRM; settle <= HF_SETTLE_FULFIL; settle++) {
        for (uint32_t i = 0; i < order->row->payment_count; i++) {
            const hf_payment *payment = order->payments[i].row;
            if (limits[settle] <= captured || !takes_part(order, payment, settle))
                continue;
            int64_t part = part_of(payment, hf__beyond(limits[settle], captured));
            amounts[i] = part > 0 ? part : 0;
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
            error = hf__payment_capture(draft, order, i, amounts[i]);
    }
    return error;
}
