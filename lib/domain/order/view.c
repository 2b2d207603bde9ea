/*
 * view.c - the order as it is answered: rows in the arena, progress computed from counters.
 *
 * Why: what is derived is never stored, so it can never disagree with the counters.
 *
 * Happy path: rows that the operation edited are in the arena already and are pointed to; the
 * others are copied there, because a view outlives the rows that an order was made from, unless the
 * snapshot's rows live as long.
 *
 * Failure mode: HF_E_NOMEM.
 */
#include "domain/order/view.h"
#include "base/invariant.h"
#include "base/money/checked.h"
#include "domain/core/body.h"
#include "domain/order/coupon.h"
#include "domain/order/owed.h"
#include "domain/order/payment_state.h"
#include "domain/order/state.h"

#define POINTER sizeof(void *)

/* The row itself when it lives long enough, else a copy; NULL when the arena is full. */
static const void *kept(hf__draft *draft, const void *edit, const void *row, size_t bytes)
{
    if (edit != NULL || draft->view->lasting)
        return edit != NULL ? edit : row;
    return hf__arena_copy(draft->arena, row, bytes);
}

static int keep_lines(hf__draft *draft, const hf__order *order, hf_order_view *view)
{
    const hf_order_line **lines = hf__draft_alloc(draft, view->line_count * POINTER);
    const hf_order_leg **legs = hf__draft_alloc(draft, view->leg_count * POINTER);
    if (lines == NULL || legs == NULL)
        return HF_E_NOMEM;
    for (uint32_t i = 0; i < view->line_count; i++) {
        lines[i] = kept(draft, order->lines[i].edit, order->lines[i].row, sizeof **lines);
        if (lines[i] == NULL)
            return HF_E_NOMEM;
    }
    for (uint32_t i = 0; i < view->leg_count; i++) {
        legs[i] = kept(draft, order->legs[i].edit, order->legs[i].row, sizeof **legs);
        if (legs[i] == NULL)
            return HF_E_NOMEM;
    }
    view->lines = lines;
    view->legs = legs;
    return 0;
}

static int keep_money(hf__draft *draft, const hf__order *order, hf_order_view *view)
{
    const hf_adjustment **rows = hf__draft_alloc(draft, view->adjustment_count * POINTER);
    const hf_payment **payments = hf__draft_alloc(draft, view->payment_count * POINTER);
    if (rows == NULL || payments == NULL)
        return HF_E_NOMEM;
    for (uint32_t i = 0; i < view->adjustment_count; i++) {
        rows[i] = kept(draft, NULL, order->adjustments[i], sizeof **rows);
        if (rows[i] == NULL)
            return HF_E_NOMEM;
    }
    for (uint32_t i = 0; i < view->payment_count; i++) {
        const hf__payment *part = &order->payments[i];
        payments[i] = kept(draft, part->edit, part->row, sizeof **payments);
        if (payments[i] == NULL)
            return HF_E_NOMEM;
    }
    view->adjustments = rows;
    view->payments = payments;
    return 0;
}

static uint32_t progress(int64_t done, int64_t whole)
{
    if (done > whole)
        return HF_PROGRESS_OVER;
    if (done == whole)
        return HF_PROGRESS_FULL;
    return done == 0 ? HF_PROGRESS_NONE : HF_PROGRESS_PARTIAL;
}

/* How far all lines are: of each line `done` out of `whole`; sums might not fit. */
typedef struct tally {
    bool some;
    bool partial;
} tally;

static void count(tally *sum, int64_t done, int64_t whole)
{
    sum->some = sum->some || done > 0;
    sum->partial = sum->partial || done < whole;
}

static uint32_t tallied(const tally *sum)
{
    if (!sum->some)
        return HF_PROGRESS_NONE;
    return sum->partial ? HF_PROGRESS_PARTIAL : HF_PROGRESS_FULL;
}

/* Sums over the payments; facts may say anything, so they end at the limits of 64 bits. */
static void add(int64_t *sum, int64_t part)
{
    if (!hf__add(*sum, part, sum))
        *sum = part > 0 ? INT64_MAX : INT64_MIN;
}

static void sum_payments(const hf__order *order, hf_order_view *view)
{
    for (uint32_t i = 0; i < view->payment_count; i++) {
        const hf_payment *payment = order->payments[i].row;
        add(&view->authorized, payment->authorized);
        add(&view->authorized, -payment->voided);
        add(&view->authorized, -payment->pending_void);
        add(&view->captured, payment->captured);
        add(&view->refunded, payment->refunded);
    }
}

static int derive(hf__draft *draft, hf__order *order, hf_order_view *view)
{
    tally shipping = {.some = false};
    tally returned = {.some = false};
    hf__owed now;
    int error = hf__order_owed(draft, order, &now);
    if (error != 0)
        return error;
    for (uint32_t i = 0; i < view->line_count; i++) {
        const hf_order_line *line = order->lines[i].row;
        count(&shipping, line->fulfilled, line->quantity - line->cancelled);
        count(&returned, line->returned, line->fulfilled);
    }
    view->shipping_state = tallied(&shipping);
    view->return_state = tallied(&returned);
    sum_payments(order, view);
    view->owed = now.owed;
    view->covered = now.covered;
    view->authorized_state = progress(view->authorized, order->row->total);
    view->paid_state = progress(view->captured, order->row->total);
    view->refund_state =
        view->refunded == 0 ? HF_PROGRESS_NONE : progress(view->refunded, view->captured);
    return 0;
}

int hf__order_view(hf__draft *draft, hf__order *order, const hf_order_view **out)
{
    hf_order_view *view = hf__draft_alloc(draft, sizeof *view);
    if (view == NULL)
        return HF_E_NOMEM;
    view->size = sizeof *view;
    view->line_count = order->row->line_count;
    view->leg_count = order->leg_count;
    view->adjustment_count = order->row->adjustment_count;
    view->payment_count = order->row->payment_count;
    view->order = kept(draft, order->edit, order->row, sizeof *view->order);
    if (view->order == NULL)
        return HF_E_NOMEM;
    int error = keep_lines(draft, order, view);
    if (error == 0)
        error = keep_money(draft, order, view);
    if (error == 0)
        error = derive(draft, order, view);
    *out = view;
    return error;
}

static bool counters_hold(int64_t whole, int64_t fulfilled, int64_t cancelled, int64_t returned)
{
    int64_t used;
    return fulfilled >= 0 && cancelled >= 0 && returned >= 0 && returned <= fulfilled &&
           hf__add(fulfilled, cancelled, &used) && used <= whole;
}

/* The legs of one role add up to their line, unit by unit and counter by counter. */
static bool legs_hold(const hf__order *order, uint32_t line)
{
    const hf_order_line *row = order->lines[line].row;
    hf_leg sum = {.units = 0};
    for (uint32_t i = 0; i < row->leg_count; i++) {
        const hf_leg *leg = hf__order_leg(order, line, i);
        if (!counters_hold(leg->units, leg->fulfilled, leg->cancelled, leg->returned) ||
            leg->per_unit <= 0 || (leg->deadline_ms != 0 && order->row->state != HF_ORDER_PENDING))
            return false;
        sum.units += leg->units;
        sum.fulfilled += leg->fulfilled;
        sum.cancelled += leg->cancelled;
        sum.returned += leg->returned;
        bool last = i + 1 == row->leg_count || hf__order_leg(order, line, i + 1)->role != leg->role;
        if (last && (sum.units != row->quantity || sum.fulfilled != row->fulfilled ||
                     sum.cancelled != row->cancelled || sum.returned != row->returned))
            return false;
        if (last)
            sum = (hf_leg){.units = 0};
    }
    return true;
}

bool hf__order_holds(const hf__order *order)
{
    bool confirmed = order->row->state == HF_ORDER_CONFIRMED;
    for (uint32_t i = 0; i < order->row->line_count; i++) {
        const hf_order_line *line = order->lines[i].row;
        bool settled = line->fulfilled + line->cancelled == line->quantity;
        if (!counters_hold(line->quantity, line->fulfilled, line->cancelled, line->returned) ||
            (confirmed && line->settle_on == HF_SETTLE_CONFIRM && !settled &&
             !hf__line_follows(order, i)) ||
            (order->row->state == HF_ORDER_CLOSED && !settled) || !legs_hold(order, i))
            return false;
    }
    bool over = hf__order_is_over(order->row->state);
    for (uint32_t i = 0; i < order->row->payment_count; i++) {
        const hf_payment *payment = order->payments[i].row;
        /* A provider may refuse a void. The open amount is then held by the provider, and needs
         * attention. */
        bool ours = payment->method == HF_METHOD_ACCOUNT;
        bool awaited = !ours && payment->state != HF_PAYMENT_AUTHORIZED;
        if (!hf__payment_row_holds(payment) || (over && ours && hf__payment_open(payment) != 0) ||
            (payment->deadline_ms != 0 && !awaited && order->row->state != HF_ORDER_PENDING))
            return false;
    }
    return true;
}

int hf__order_end(hf__draft *draft, hf__order *order)
{
    if (!hf_invariant(hf__order_row_holds(order->row)) || !hf_invariant(hf__order_holds(order)))
        return HF_E_INVARIANT;
    if (order->row->state == order->state_before)
        return 0;
    return hf__body_state(draft, HF_SUBJECT_ORDER, &order->row->id, order->row->state);
}

int hf__order_finish(hf__draft *draft, hf__order *order, const hf_op_head *head)
{
    int error = hf__order_edit(draft, order);
    if (error != 0)
        return error;
    /* Meta is copied also when it did not change: the answer must outlive the row it came from. */
    bool given = head->meta_bytes > 0;
    const void *meta = given ? head->meta : order->edit->meta;
    uint64_t bytes = given ? head->meta_bytes : order->edit->meta_bytes;
    if (bytes > 0) {
        order->edit->meta = hf__arena_copy(draft->arena, meta, bytes);
        order->edit->meta_bytes = bytes;
        if (order->edit->meta == NULL)
            return HF_E_NOMEM;
    }
    error = hf__order_end(draft, order);
    if (error != 0)
        return error;
    draft->subject_kind = HF_SUBJECT_ORDER;
    draft->subject = order->row->id;
    draft->subject_version = order->row->version;
    const hf_order_view *view = NULL;
    error = hf__order_view(draft, order, &view);
    draft->result = view;
    draft->order = view;
    return error;
}
