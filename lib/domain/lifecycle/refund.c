/*
 * refund.c - refunds for units that were cancelled or returned, and voids of money that is not owed
 * any more.
 *
 * Why the share is passed in: the caller knows what the order owed before and owes after that; this
 * file decides which payments are refunded by how much. What the host keeps of the share is a fee
 * that the order owes from then on. What the host refunds beyond it is given away: the order does
 * not owe it any more.
 *
 * Happy path: the share is refunded out of the last payment first. Voids begin with the last
 * payment as well, so that the first payments stay.
 *
 * Failure modes: HF_E_NOT_FOUND and HF_E_OVER_REFUND for named refunds, HF_E_PAYMENT_STATE while
 * the answer to a capture is outstanding, the refusals of payment/money.h.
 */
#include "base/id.h"
#include "domain/lifecycle/order_money.h"
#include "domain/order/payment_state.h"
#include "domain/payment/fact.h"

int hf__order_refund(hf__draft *draft, hf__order *order, int64_t amount)
{
    int64_t remaining = amount;
    int64_t asked = 0;
    for (uint32_t i = order->row->payment_count; i-- > 0 && remaining > 0;) {
        const hf_payment *payment = order->payments[i].row;
        int64_t part =
            hf__smaller(remaining, hf__payment_refundable(payment) - payment->refund_refused);
        asked += payment->pending_capture;
        if (part <= 0)
            continue;
        int error = hf__payment_refund(draft, order, i, part);
        if (error != 0)
            return error;
        remaining -= part;
    }
    if (remaining > 0 && asked > 0)
        return hf__refuse(draft->detail, HF_E_PAYMENT_STATE,
                          "%lld to refund while the answer to a capture of %lld is outstanding",
                          (long long)remaining, (long long)asked);
    return 0;
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
    return hf__payment_refund(draft, order, at, named->amount);
}

/* Refunds exactly what is named; *sum is how much that is. */
static int refund_named(hf__draft *draft, hf__order *order, const hf_order_units_args *args,
                        int64_t *sum)
{
    *sum = 0;
    for (uint32_t i = 0; i < args->refund_count; i++) {
        const hf_payment_amount *named = hf__element(args->refunds, args->refund_bytes, i);
        int error = refund_one(draft, order, named, i + 1);
        if (error != 0)
            return error;
        *sum += named->amount; /* at most what was captured of the payment */
    }
    return 0;
}

int hf__order_refund_by(hf__draft *draft, hf__order *order, const hf_order_units_args *args,
                        int64_t share)
{
    int64_t refunded = share;
    int error = 0;
    if (args->refund_mode == HF_REFUND_SHARE)
        error = hf__order_refund(draft, order, share);
    else
        error = refund_named(draft, order, args, &refunded); /* none with mode NONE */
    if (error != 0)
        return error;
    return hf__order_count(draft, order, hf__beyond(share, refunded), hf__beyond(refunded, share));
}

/* What is open of one payment and not needed; *keep is what the order still has to capture. */
static int void_one(hf__draft *draft, hf__order *order, uint32_t at, bool raised, int64_t *keep)
{
    const hf_payment *payment = order->payments[at].row;
    int64_t open = hf__payment_open(payment);
    int64_t needed = open > 0 ? hf__smaller(open, *keep) : 0;
    int64_t excess = hf__smaller(open, hf__payment_voidable(payment)) - needed;
    int64_t beyond = 0;
    *keep -= needed;
    if (!hf__payment_is_live(order, payment))
        return 0;
    int error = raised ? 0 : hf__authorized_beyond(draft, payment, &beyond);
    excess -= excess > 0 ? hf__smaller(excess, beyond) : 0;
    if (error == 0 && excess > 0 && payment->state == HF_PAYMENT_AUTHORIZED)
        error = hf__payment_void(draft, order, at, excess);
    return error != 0 ? error : hf__payment_release_barred(draft, order, at);
}

static int void_excess(hf__draft *draft, hf__order *order, bool raised)
{
    hf__owed now;
    int error = hf__order_owed(draft, order, &now);
    if (error != 0)
        return error;
    int64_t keep = hf__beyond(now.owed, now.net);
    for (uint32_t i = 0; i < order->row->payment_count; i++) {
        error = void_one(draft, order, i, raised, &keep);
        if (error != 0)
            return error;
    }
    return 0;
}

int hf__order_void_excess(hf__draft *draft, hf__order *order)
{
    return void_excess(draft, order, true);
}

int hf__order_void_unneeded(hf__draft *draft, hf__order *order)
{
    return void_excess(draft, order, false);
}

/* Lowers what counts as refused of one payment to what it has beyond what is needed. */
static int forget_one(hf__draft *draft, hf__order *order, uint32_t at, int64_t voids,
                      int64_t refunds)
{
    const hf_payment *payment = order->payments[at].row;
    hf_payment *row = NULL;
    if (payment->void_refused <= voids && payment->refund_refused <= refunds)
        return 0;
    int error = hf__order_payment_edit(draft, order, at, &row);
    if (error != 0)
        return error;
    row->void_refused = hf__smaller(row->void_refused, voids);
    row->refund_refused = hf__smaller(row->refund_refused, refunds);
    return 0;
}

int hf__order_forget_refused(hf__draft *draft, hf__order *order)
{
    hf__owed now;
    int64_t unneeded[HF_PAYMENTS_MAX];
    int error = hf__order_owed(draft, order, &now);
    if (error != 0)
        return error;
    int64_t keep = hf__beyond(now.owed, now.net);
    int64_t surplus = hf__beyond(now.net, now.owed);
    for (uint32_t i = 0; i < order->row->payment_count; i++) {
        int64_t open = hf__payment_open(order->payments[i].row);
        int64_t needed = open > 0 ? hf__smaller(open, keep) : 0;
        keep -= needed;
        unneeded[i] = hf__beyond(hf__payment_capturable(order->payments[i].row), needed);
    }
    for (uint32_t i = order->row->payment_count; i-- > 0;) {
        error = forget_one(draft, order, i, unneeded[i], surplus);
        if (error != 0)
            return error;
        surplus -= hf__smaller(surplus, order->payments[i].row->refund_refused);
    }
    return 0;
}
