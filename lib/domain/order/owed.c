/*
 * owed.c - computes what an order owes, what is due and what covers it.
 *
 * Why from counters: no derived number is stored, so no sequence of steps can make one wrong. Facts
 * may report any amount, so sums over payments are computed in 128 bits and limited to 64.
 *
 * Happy path: the shares of the lines (total.h) are added, then what was kept and given away;
 * one pass over the payments adds them in every state, because a payment that failed may have money
 * all the same.
 *
 * Failure mode: HF_E_NOMEM.
 */
#include "domain/order/owed.h"
#include "base/wide.h"
#include "domain/core/body.h"
#include "domain/order/payment_state.h"
#include "domain/order/total.h"

/* An order that ended before it was confirmed owes nothing for its units. */
static bool has_units(const hf_order *row)
{
    return (row->state != HF_ORDER_CANCELLED && row->state != HF_ORDER_EXPIRED) ||
           row->confirmed_at_ms != 0;
}

static int64_t not_below_zero(hf__wide sum)
{
    return sum < 0 ? 0 : hf__narrow(sum);
}

static void add_payments(const hf__order *order, hf__owed *out)
{
    hf__wide covered = 0;
    hf__wide secured = 0;
    hf__wide net = 0;
    hf__wide in_hand = 0;
    hf__wide idle = 0;
    hf__wide disputed = 0;
    for (uint32_t i = 0; i < order->row->payment_count; i++) {
        const hf_payment *payment = order->payments[i].row;
        covered += hf__payment_covers(payment);
        secured += hf__payment_secures(payment);
        net += hf__payment_net(payment);
        in_hand += hf__payment_in_hand(payment);
        idle += hf__payment_idle(payment);
        disputed += payment->charged_back;
    }
    out->covered = not_below_zero(covered);
    out->secured = hf__narrow(secured);
    out->net = hf__narrow(net);
    out->in_hand = hf__narrow(in_hand);
    out->idle = hf__narrow(idle);
    out->disputed = hf__narrow(disputed);
}

int hf__order_owed(hf__draft *draft, hf__order *order, hf__owed *out)
{
    hf__dues dues = {.needed = 0};
    const hf_order *row = order->row;
    int error = has_units(row) ? hf__order_dues(draft, order, &dues) : 0;
    if (error != 0)
        return error;
    hf__wide host = (hf__wide)row->kept - row->given_away;
    *out = (hf__owed){.value = dues.needed - dues.returned, .returned = dues.returned};
    out->owed = not_below_zero(out->value + host);
    out->due = not_below_zero((hf__wide)dues.due - dues.returned + host);
    out->due = out->due < out->owed ? out->due : out->owed;
    add_payments(order, out);
    return 0;
}

int hf__order_count(hf__draft *draft, hf__order *order, int64_t kept, int64_t given_away)
{
    hf__owed now;
    int error = hf__order_owed(draft, order, &now);
    if (error != 0)
        return error;
    const hf_order *row = order->row;
    hf__wide owed = (hf__wide)now.value + row->kept - row->given_away;
    hf__wide forgotten = owed < 0 ? -owed : 0; /* before anything is kept: it went with its units */
    owed += forgotten + kept - given_away;
    forgotten -= owed < 0 ? owed : 0;
    int64_t given = hf__narrow(given_away - forgotten);
    if (kept == 0 && given == 0)
        return 0;
    error = hf__order_edit(draft, order);
    if (error != 0)
        return error;
    order->edit->kept += kept;
    order->edit->given_away += given;
    return hf__body_add(
        draft, &(hf__change){.type = HF_CHANGE_ORDER, .id = &row->id, .a = kept, .b = given});
}

int hf__order_attention(hf__draft *draft, hf__order *order, uint32_t set, uint32_t clear)
{
    uint32_t bits = (order->row->attention & ~clear) | set;
    if (bits == order->row->attention)
        return 0;
    int error = hf__order_edit(draft, order);
    if (error == 0)
        order->edit->attention = bits;
    return error;
}
