/*
 * follow.c - what an order does when one of its payments has changed.
 *
 *     WAITING              does nothing: the money counts when the order is promoted
 *     PENDING              is confirmed when its payments secure it; without a deadline it is
 *                          cancelled when a payment came short and the others do not cover it
 *     CONFIRMED            captures what is owed and voids the rest, but for that by which an
 *                          authorization was raised: the order may be amended for this money
 *     CLOSED               voids and refunds what is not owed; what is owed after all waits for the
 *                          host to capture it
 *     CANCELLED, EXPIRED   is revived by a late success when its policy says so and everything can
 *                          be held again; else voids and refunds the money
 *
 * Late money, of a payment that had FAILED or of an order that was cancelled or has expired, goes
 * back out of its own payment before anything else is done, in however many messages it comes.
 *
 * Why attention on the order: late money, missing coverage and money that could not be refunded
 * need a person.
 *
 * Failure modes: those of the movements. An order that cannot be held again is not revived.
 */
#include "domain/lifecycle/follow.h"
#include "domain/lifecycle/end.h"
#include "domain/lifecycle/expire.h"
#include "domain/lifecycle/order_money.h"
#include "domain/lifecycle/waiting.h"
#include "domain/order/demand.h"
#include "domain/order/payment_state.h"
#include "domain/order/state.h"
#include "domain/order/stock.h"
#include "domain/order/view.h"

int hf__follow_begin(hf__draft *draft, hf__order *order, uint32_t at, hf__follow *out)
{
    const hf_payment *payment = order->payments[at].row;
    *out = (hf__follow){
        .authorized = payment->authorized - payment->voided,
        .captured = payment->captured,
        .pending_capture = payment->pending_capture,
        .at = at,
        .state = payment->state,
    };
    return hf__order_owed(draft, order, &out->before);
}

static int stay(hf__draft *draft, hf__order *order, const hf__follow *f)
{
    (void)draft;
    (void)order;
    (void)f;
    return 0;
}

/* Whether money came that no command had asked for. */
static bool received(const hf__order *order, const hf__follow *f)
{
    const hf_payment *now = order->payments[f->at].row;
    int64_t answered = f->pending_capture - now->pending_capture;
    return now->authorized - now->voided > f->authorized || now->captured - f->captured > answered;
}

static int follow_pending(hf__draft *draft, hf__order *order, const hf__follow *f)
{
    (void)f;
    int error = hf__order_end_unpaid(draft, order);
    if (error != 0 || order->row->state != HF_ORDER_PENDING)
        return error;
    return hf__order_confirm_if_paid(draft, order);
}

/* Sets UNPAID when the change lowered what covers the order below what it owes, else clears it. */
static int mark_unpaid(hf__draft *draft, hf__order *order, const hf__follow *f)
{
    hf__owed now;
    int error = hf__order_owed(draft, order, &now);
    if (error != 0)
        return error;
    bool later = (order->row->policy & HF_ORDER_PAY_LATER) != 0;
    bool closed = order->row->state == HF_ORDER_CLOSED;
    int64_t paid = hf__order_paid_by(order->row, &now);
    bool fell = later && !closed ? now.secured < f->before.secured
                                 : paid < hf__order_paid_by(order->row, &f->before);
    bool covered = paid >= now.owed;
    uint32_t raised = 0;
    if (fell && !covered)
        raised = HF_ATTENTION_UNPAID;
    return hf__order_attention(draft, order, raised, covered ? HF_ATTENTION_UNPAID : 0);
}

/*
 * How much of what the change brought is not needed. Money that was authorized before, and that its
 * provider refused to void, may have been captured now. Of a CONFIRMED order the money that secures
 * it pays, of one that has ended only what was captured.
 */
static int find_late(hf__draft *draft, hf__order *order, const hf__follow *f, int64_t *voids,
                     int64_t *refund)
{
    hf__owed now;
    int error = hf__order_owed(draft, order, &now);
    if (error != 0)
        return error;
    const hf_payment *late = order->payments[f->at].row;
    int64_t brought = hf__beyond(now.secured, f->before.secured);
    int64_t excess = hf__smaller(brought, hf__beyond(now.secured, now.owed));
    int64_t open = hf__smaller(hf__payment_open(late), hf__payment_voidable(late));
    *voids = late->state == HF_PAYMENT_AUTHORIZED && open > 0 ? hf__smaller(excess, open) : 0;
    int64_t most = hf__smaller(hf__payment_refundable(late) - late->refund_refused,
                               hf__beyond(late->captured, f->captured));
    if (hf__order_is_over(order->row->state))
        most = hf__smaller(most, hf__beyond(now.net, now.owed));
    *refund = hf__smaller(hf__beyond(hf__beyond(now.secured, now.owed), *voids), most);
    return 0;
}

/* Voids or refunds what late money brings beyond what is owed, out of the payment it came by. */
static int send_back(hf__draft *draft, hf__order *order, const hf__follow *f)
{
    int64_t voids = 0;
    int64_t refund = 0;
    bool live = hf__payment_is_live(order, order->payments[f->at].row);
    if (!live || !received(order, f))
        return 0;
    int error = find_late(draft, order, f, &voids, &refund);
    if (error == 0 && voids > 0)
        error = hf__payment_void(draft, order, f->at, voids);
    if (error == 0 && refund > 0)
        error = hf__payment_refund(draft, order, f->at, refund);
    if (error != 0 || (voids <= 0 && refund <= 0))
        return error;
    return hf__order_attention(draft, order, HF_ATTENTION_LATE_PAYMENT, 0);
}

static int send_back_late(hf__draft *draft, hf__order *order, const hf__follow *f)
{
    bool late = (order->payments[f->at].row->flags & HF_PAYMENT_LATE) != 0;
    return late ? send_back(draft, order, f) : 0;
}

static int follow_confirmed(hf__draft *draft, hf__order *order, const hf__follow *f)
{
    int error = send_back_late(draft, order, f);
    if (error == 0)
        error = hf__order_capture(draft, order);
    if (error == 0)
        error = hf__order_void_unneeded(draft, order);
    if (error == 0)
        error = mark_unpaid(draft, order, f);
    return error != 0 ? error : hf__order_close_if_done(draft, order);
}

static int follow_closed(hf__draft *draft, hf__order *order, const hf__follow *f)
{
    int error = send_back_late(draft, order, f);
    if (error == 0)
        error = hf__order_void_excess(draft, order);
    if (error == 0)
        error = hf__order_settle_over(draft, order);
    return error != 0 ? error : mark_unpaid(draft, order, f);
}

/* ---- Late ------------------------------------------------------------------------------------ */

/* Whether everything can be held again and the payments secure the order. */
static int can_revive(hf__draft *draft, hf__order *order, bool *can)
{
    const hf_order *row = order->row;
    hf__owed now;
    *can = false;
    int error = hf__order_owed(draft, order, &now);
    bool meant = (row->policy & HF_ORDER_REVIVE) != 0 && row->confirmed_at_ms == 0;
    if (error != 0 || !meant || now.secured < row->total)
        return error;
    hf__demands demands;
    error = hf__order_demand(draft, order, &demands);
    *can = error == 0 && demands.short_count == 0 && !demands.blocked;
    /* hf__order_demand has split lines over places anew: their units are cancelled again. */
    for (uint32_t i = 0; error == 0 && !*can && i < row->line_count; i++)
        error = hf__line_end(draft, order, i, false);
    return error;
}

static int revive(hf__draft *draft, hf__order *order)
{
    int error = hf__order_count(draft, order, -order->row->kept, -order->row->given_away);
    if (error == 0)
        error = hf__order_edit(draft, order);
    for (uint32_t i = 0; error == 0 && i < order->row->line_count; i++)
        error = hf__line_renew(draft, order, i);
    if (error == 0)
        error = hf__order_apply(draft, order->edit, HF__ON_REVIVE);
    if (error == 0)
        error = hf__order_take(draft, order);
    if (error == 0)
        error = hf__order_capture(draft, order);
    if (error == 0)
        error = hf__order_void_excess(draft, order);
    if (error == 0)
        error = hf__order_mark_held(draft, order);
    return error != 0 ? error : hf__order_close_if_done(draft, order);
}

static int follow_ended(hf__draft *draft, hf__order *order, const hf__follow *f)
{
    bool late = received(order, f);
    bool can = false;
    int error = late ? can_revive(draft, order, &can) : 0;
    if (error != 0 || can)
        return error != 0 ? error : revive(draft, order);
    error = send_back(draft, order, f);
    if (error == 0)
        error = hf__order_settle_over(draft, order);
    if (error != 0 || !late)
        return error;
    return hf__order_attention(draft, order, HF_ATTENTION_LATE_PAYMENT, 0);
}

/* clang-format off */
static int (*const follows[HF__ORDER_STATES])(hf__draft *, hf__order *, const hf__follow *) = {
    [HF_ORDER_NONE] = stay, [HF_ORDER_WAITING] = stay, [HF_ORDER_PENDING] = follow_pending,
    [HF_ORDER_CONFIRMED] = follow_confirmed, [HF_ORDER_CLOSED] = follow_closed,
    [HF_ORDER_CANCELLED] = follow_ended, [HF_ORDER_EXPIRED] = follow_ended,
};
/* clang-format on */

int hf__order_follow(hf__draft *draft, hf__order *order, const hf__follow *f)
{
    int error = follows[order->row->state](draft, order, f);
    if (error != 0 || !hf__payment_is_live(order, order->payments[f->at].row))
        return error;
    return hf__payment_release_barred(draft, order, f->at);
}

int hf__order_stay_behind(hf__draft *draft, hf__order *order, const hf__follow *f)
{
    uint32_t state = order->row->state;
    bool owes = state == HF_ORDER_CONFIRMED || state == HF_ORDER_CLOSED;
    int error = hf__order_attention(draft, order, HF_ATTENTION_UNEXPECTED_FACT, 0);
    if (error == 0 && owes)
        error = mark_unpaid(draft, order, f);
    return error != 0 ? error : hf__order_mark_held(draft, order);
}

/*
 * A provider that has not answered brings nothing that could be captured or confirmed. So no
 * account is asked, and a deadline is never refused: a refused deadline would block all later ones.
 */
static int follow_silence(hf__draft *draft, hf__order *order, const hf__follow *f)
{
    if (order->row->state == HF_ORDER_PENDING)
        return hf__order_end_unpaid(draft, order);
    int error = mark_unpaid(draft, order, f);
    return error != 0 ? error : hf__order_close_if_done(draft, order);
}

int hf__payment_expire(hf__draft *draft, hf__order *order, uint32_t at)
{
    hf__follow f;
    int error = hf__follow_begin(draft, order, at, &f);
    if (error == 0)
        error = hf__payment_abandon(draft, order, at);
    if (error == 0)
        error = follow_silence(draft, order, &f);
    return error != 0 ? error : hf__order_end(draft, order);
}
