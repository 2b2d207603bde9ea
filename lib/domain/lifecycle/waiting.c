/*
 * waiting.c - queues in front of accounts, and the way out of them.
 *
 * Why an order waits only where it is short and sets nothing aside elsewhere: nothing is locked up
 * for an order that may wait for weeks. All queues have the same order (placed_seq), so two orders
 * never wait for each other.
 *
 * Happy path: supply comes, the engine asks to promote; from the head of the account's queue each
 * order is looked at whole. Everything there: taken, PENDING, its payments authorized, perhaps
 * CONFIRMED. Short here: the queue stops, nobody overtakes, unless the account says so: then those
 * behind it are looked at too, while anything is left. Short only elsewhere: it moves there, and
 * the run ends, so that those behind it in the other queue are looked at after it. A run along a
 * queue in which orders overtake continues behind the last order that it looked at.
 *
 * Failure modes: a row is missing (view.h), HF_E_NOMEM. A payment that cannot be authorized at
 * promotion is FAILED and the order stays PENDING for another one; an order whose time has come is
 * expired on the way.
 */
#include "domain/lifecycle/waiting.h"
#include "base/id.h"
#include "base/invariant.h"
#include "domain/core/handlers.h"
#include "domain/core/suspect.h"
#include "domain/ledger/movement.h"
#include "domain/lifecycle/end.h"
#include "domain/lifecycle/load.h"
#include "domain/lifecycle/order_money.h"
#include "domain/lifecycle/queue.h"
#include "domain/order/coupon.h"
#include "domain/order/need.h"
#include "domain/order/state.h"
#include "domain/order/stock.h"
#include "domain/order/view.h"

#define PROMOTE_MAX 32u
#define PAGE        256u

int hf__order_take(hf__draft *draft, hf__order *order)
{
    bool confirmed = order->row->state == HF_ORDER_CONFIRMED;
    for (uint32_t i = 0; i < order->row->line_count; i++) {
        bool final = confirmed && hf__line_is_final(order, i);
        int error = hf__line_take(draft, order, i, final);
        if (error != 0)
            return error;
    }
    return hf__order_settle_coupons(draft, order);
}

/* Whether a NEW payment can be asked for now: its account has it, or its deadline is to come. */
static int can_ask(hf__draft *draft, const hf__order *order, const hf_payment *payment, bool *can)
{
    *can = payment->deadline_ms == 0 || payment->deadline_ms > draft->now_ms;
    if (payment->method == HF_METHOD_PROVIDER)
        return 0;
    int64_t there = 0;
    int error = hf__available(draft, &payment->account, order->row->placed_seq, &there);
    *can = there >= payment->amount;
    return error;
}

/* Asks the payments that were remembered; one that cannot be asked for any more has failed. */
static int authorize_new(hf__draft *draft, hf__order *order)
{
    for (uint32_t i = 0; i < order->row->payment_count; i++) {
        const hf_payment *payment = order->payments[i].row;
        bool can = false;
        if (payment->state != HF_PAYMENT_NEW)
            continue;
        int error = can_ask(draft, order, payment, &can);
        if (error == 0)
            error =
                can ? hf__payment_authorize(draft, order, i, 0) : hf__payment_drop(draft, order, i);
        if (error != 0)
            return error;
    }
    return 0;
}

/* Without a deadline an order that cannot be paid would keep its goods for ever. */
static int confirm_or_end(hf__draft *draft, hf__order *order)
{
    int error = hf__order_confirm_if_paid(draft, order);
    if (error == 0)
        error = hf__order_mark_import(draft, order);
    if (error != 0 || order->row->state != HF_ORDER_PENDING || order->row->deadline_ms != 0)
        return error;
    hf__owed now;
    error = hf__order_owed(draft, order, &now);
    if (error != 0 || now.covered >= now.owed)
        return error;
    return hf__order_abandon(draft, order, HF__ON_CANCEL);
}

/* Everything is there: WAITING to PENDING, or further. */
static int promote(hf__draft *draft, hf__order *order)
{
    int error = hf__order_unwait(draft, order);
    if (error == 0)
        error = hf__order_edit(draft, order);
    if (error == 0)
        error = hf__order_apply(draft, order->edit, HF__ON_SUPPLY);
    if (error == 0)
        error = hf__order_take(draft, order);
    if (error == 0)
        error = authorize_new(draft, order);
    if (error == 0)
        error = hf__order_await_providers(draft, order);
    return error != 0 ? error : confirm_or_end(draft, order);
}

int hf__order_reconsider(hf__draft *draft, hf__order *order)
{
    hf__needs needs;
    if (hf__is_aside(order->row->attention))
        return 0;
    int error = hf__order_needs(draft, order, &needs);
    if (error != 0)
        return error;
    if (needs.lacking > 0)
        return hf__order_wait(draft, order, &needs);
    return needs.blocked ? 0 : promote(draft, order);
}

int hf__order_rejoin(hf__draft *draft, hf__order *order)
{
    hf__needs needs;
    int error = hf__order_needs(draft, order, &needs);
    if (error != 0)
        return error;
    for (uint32_t i = 0; i < needs.count && needs.lacking == 0; i++) {
        hf__need *need = &needs.items[i];
        need->lacking = need->known; /* its turn comes where the engine looks for it */
        needs.lacking += need->lacking ? 1 : 0;
    }
    return hf__order_wait(draft, order, &needs);
}

/* What became of an order in a queue. */
typedef enum fate {
    LEFT,   /* promoted or expired */
    STAYS,  /* as it was */
    JOINED, /* it stays, and waits in another queue as well */
    MOVED,  /* it waits elsewhere only */
} fate;

/* Whether an order is to wait where it did not yet; after hf__order_wait. */
static bool joins(const hf__needs *needs)
{
    bool any = false;
    for (uint32_t i = 0; i < needs->count; i++) {
        const hf__need *need = &needs->items[i];
        any = any || (need->lacking && need->known && !need->waits);
    }
    return any;
}

/*
 * An account may refuse what it was able to hold: its limits allow more to be promised than moved.
 * Such an order can never be promoted, so it ends, and the queue behind it continues.
 */
static int promote_or_end(hf__draft *draft, hf__order *order, hf__sweep_result *out)
{
    if (!hf__id_equal(&out->refused, &order->row->id)) {
        int error = promote(draft, order);
        if (error == 0)
            error = hf__order_end(draft, order);
        if (error < 0 && error != HF_E_INVARIANT)
            out->refused = order->row->id;
        return error;
    }
    int error = hf__order_abandon(draft, order, HF__ON_CANCEL);
    return error != 0 ? error : hf__order_end(draft, order);
}

static int look_at_order(hf__draft *draft, const hf__wait *wait, hf__sweep_result *out, fate *then)
{
    *then = LEFT;
    hf__order *order = NULL;
    int error = hf__order_load(draft, &wait->order, NULL, &order);
    if (error != 0)
        return error;
    if (!hf_invariant(order->row->state == HF_ORDER_WAITING))
        return HF_E_INVARIANT;
    if (order->row->deadline_ms != 0 && order->row->deadline_ms <= draft->now_ms) {
        out->count++;
        return hf__order_expire(draft, order);
    }
    hf__needs needs;
    error = hf__order_needs(draft, order, &needs);
    if (error != 0)
        return error;
    if (needs.lacking == 0 && !needs.blocked) {
        out->count++;
        return promote_or_end(draft, order, out);
    }
    const hf__need *here = hf__needs_find(&needs, &wait->account);
    *then = STAYS;
    if (needs.lacking == 0)
        return 0; /* it can only be given to later; what it waits for stays its own */
    error = hf__order_wait(draft, order, &needs);
    if (here == NULL || !here->lacking) {
        *then = MOVED;
        out->count++;
    } else if (joins(&needs)) {
        *then = JOINED;
    }
    return error;
}

static int look_at(hf__draft *draft, const hf__wait *wait, hf__sweep_result *out, fate *then)
{
    const hf__suspect before = hf__suspect_set(draft, HF_SUBJECT_ORDER, &wait->order);
    return hf__suspect_done(draft, &before, look_at_order(draft, wait, out, then));
}

/* A queue, and how far it was looked along. */
typedef struct queue {
    const hf_account_ref *account;
    bool overtake;
    bool ends;
    uint32_t most;
    uint64_t after; /* placed_seq of the last order that was looked at */
    uint64_t head;  /* no order placed before this event waits here */
    bool at_head;   /* all that were looked at have left, and the run began at the head */
} queue;

/* Whether those behind are looked at in the same run. */
static int go_on(hf__draft *draft, queue *q, fate then)
{
    int64_t left = 0;
    int error = 0;
    if (q->overtake && then == STAYS)
        error = hf__available(draft, q->account, 0, &left);
    q->ends = then != LEFT && left == 0;
    return error;
}

/*
 * The next orders of a queue; with overtake those behind the last one that was looked at. The rows
 * of those that have left the queue stay in the store until a checkpoint, so the search begins at
 * the head that earlier runs found.
 */
static int next_waits(hf__draft *draft, queue *q, const hf__sweep_args *args, hf__rows *rows)
{
    const void *row;
    int error = hf__draft_get(draft, HF__ACCOUNTS, q->account, &row);
    q->overtake = error == 0 && row != NULL && ((const hf_account *)row)->overtake != 0;
    q->after = q->overtake ? args->after : 0;
    q->most = args->limit == 0 || args->limit > PROMOTE_MAX ? PROMOTE_MAX : args->limit;
    q->head = hf__view_queue_head(draft->view, q->account);
    q->at_head = q->after < q->head || q->after == 0;
    const uint64_t passed = q->after < q->head ? q->head - 1 : q->after;
    const hf__wait low = {.account = *q->account, .placed_seq = passed};
    const hf_scan scan = {
        .table = HF__WAITS,
        .low = &low,
        .high = &low,
        .low_columns = 5,
        .high_columns = 4,
        .low_exclusive = 1,
    };
    return error != 0 ? error : hf__draft_scan(draft, &scan, q->most, rows);
}

/* The head moves on as long as those at the head leave the queue, to the first one that stays. */
static void find_head(queue *q, fate then)
{
    bool left = then == LEFT || then == MOVED;
    if (q->at_head)
        q->head = left ? q->after + 1 : q->after;
    q->at_head = q->at_head && left;
}

/* Names the rows of the orders from a place in the queue on. The draft is thrown away then. */
static void load_next(hf__draft *draft, const hf__rows *rows, uint32_t from)
{
    for (uint32_t i = from; i < rows->count; i++)
        (void)hf__load_order(draft, &((const hf__wait *)rows->rows[i])->order, NULL, HF__LINES_ALL);
}

int hf__waiting_promote(hf__draft *draft, const hf__sweep_args *args, hf__sweep_result *out)
{
    queue q = {.account = &args->account};
    hf__rows rows;
    int error = next_waits(draft, &q, args, &rows);
    if (error != 0)
        return error;
    fate then = LEFT;
    draft->queue = q.account;
    draft->queue_head = q.head;
    for (uint32_t i = 0; i < rows.count && !q.ends; i++) {
        const hf__wait *wait = rows.rows[i];
        q.after = wait->placed_seq; /* the row may go away */
        error = look_at(draft, wait, out, &then);
        if (error == 0)
            error = go_on(draft, &q, then);
        if (error > 0)
            load_next(draft, &rows, i); /* a row is missing */
        if (error != 0)
            return error;
        find_head(&q, then);
        draft->queue_head = q.head;
    }
    bool behind = then == MOVED || (then == JOINED && q.overtake);
    out->more = behind || (!q.ends && rows.more != 0) ? 1 : 0;
    out->after = q.overtake ? q.after : 0;
    out->queue_head = q.head;
    draft->queue = NULL;
    return 0;
}

/* An order that stays may still have left another queue. */
static bool changed(const hf__draft *draft)
{
    bool any = false;
    for (uint32_t i = 0; i < draft->row_count; i++)
        any = any || draft->rows[i].changed != 0;
    return any;
}

static int promote_all(hf__draft *draft, const hf__sweep_args *args, hf__sweep_result *result)
{
    draft->promoting = 1;
    int error = hf__waiting_promote(draft, args, result);
    draft->quiet = changed(draft) ? 0 : 1;
    draft->result = result;
    return error;
}

int hf__decide_promote(const hf__operation *op, hf__draft *draft)
{
    const hf__sweep_args *args = (const hf__sweep_args *)op->args;
    hf__sweep_result *result = hf__draft_alloc(draft, sizeof *result);
    if (result == NULL)
        return HF_E_NOMEM;
    int error = promote_all(draft, args, result);
    bool refused = error < 0 && error != HF_E_NOMEM && error != HF_E_INVARIANT;
    if (!refused || hf__id_zero(&result->refused))
        return error;
    *result = (hf__sweep_result){.refused = result->refused};
    hf__draft_restart(draft);
    return promote_all(draft, args, result);
}
