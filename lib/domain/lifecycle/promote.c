/*
 * promote.c - the engine's operation PROMOTE: the orders that wait on an account take what has
 * become available.
 *
 * Happy path: supply comes, the engine asks to promote; from the head of the account's queue each
 * order is looked at whole. When everything is there, the order takes it, is PENDING, its payments
 * are authorized, and it may be CONFIRMED. When it is short here, the queue stops, unless the
 * account lets orders overtake: then the orders behind it are looked at too, while anything is
 * left. When it is short only elsewhere, it moves to that queue and the run ends, so that the
 * orders behind it there are looked at after it. A run along a queue in which orders overtake
 * continues behind the last order that it looked at.
 *
 * The load reads as many orders as may be looked at: it adds up what they take of the account and
 * ends where nothing can be left. It may read one order too few: the run then reports that more
 * follow, and the engine runs it again.
 *
 * Failure modes: HF_E_NOMEM. An order whose deadline has passed is expired by the run.
 */
#include "base/id.h"
#include "base/invariant.h"
#include "base/money/checked.h"
#include "domain/core/common.h"
#include "domain/core/suspect.h"
#include "domain/ledger/limits.h"
#include "domain/ledger/movement.h"
#include "domain/ledger/rows.h"
#include "domain/lifecycle/end.h"
#include "domain/lifecycle/load.h"
#include "domain/lifecycle/queue.h"
#include "domain/lifecycle/waiting.h"
#include "domain/order/demand.h"
#include "domain/order/view.h"

#define PROMOTE_MAX 32u

/* An order in the queue, as the load has read it. */
typedef struct waiter {
    const hf__wait *wait;
    hf__order *order;
    int error; /* why there is no `order`; 0: there is one */
} waiter;

/* A run along a queue; its load has made it. */
typedef struct run {
    const hf_account_ref *account;
    waiter waiters[PROMOTE_MAX];
    uint32_t count; /* of `waiters` */
    bool more;      /* more orders wait behind them */
    bool overtake;  /* orders may overtake each other */
    bool at_head;   /* all that were looked at have left, and the run began at the head */
    uint64_t after; /* placed_seq of the last order that was looked at */
    uint64_t head;  /* no order placed before this event waits here */
} run;

/* ---- Load ------------------------------------------------------------------------------------ */

/* What an order takes of an account at least: nothing where other places may give it. */
static int64_t least_taken(const hf__order *order, const hf_account_ref *account)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < order->row->line_count; i++) {
        const hf_order_line *line = order->lines[i].row;
        const hf_leg *leg = &line->leg;
        int64_t amount = 0;
        if (line->leg_count != 1 || !hf__account_same(&leg->from, account))
            continue;
        if (!hf__mul(leg->units - leg->cancelled, leg->per_unit, &amount) ||
            !hf__add(sum, amount, &sum))
            return INT64_MAX;
    }
    return sum;
}

/*
 * The next orders of a queue; with overtake those behind the last one that was looked at. The rows
 * of those that have left the queue stay in the store until a checkpoint, so the search begins at
 * the head that earlier runs found.
 */
static void load_waits(hf__draft *draft, run *r, const hf__sweep_args *args, hf__rows *rows)
{
    const uint32_t most = args->limit == 0 || args->limit > PROMOTE_MAX ? PROMOTE_MAX : args->limit;
    r->after = r->overtake ? args->after : 0;
    r->head = hf__view_queue_head(draft->view, r->account);
    r->at_head = r->after < r->head || r->after == 0;
    const uint64_t passed = r->after < r->head ? r->head - 1 : r->after;
    const hf__wait low = {.account = *r->account, .placed_seq = passed};
    const hf_scan scan = {
        .table = HF__WAITS,
        .low = &low,
        .high = &low,
        .low_columns = 5,
        .high_columns = 4,
        .low_exclusive = 1,
    };
    hf__draft_load_scan(draft, &scan, most, rows);
}

static void load_waiter(hf__draft *draft, const hf__wait *wait, waiter *to)
{
    const hf__suspect before = hf__suspect_set(draft, HF_SUBJECT_ORDER, &wait->order);
    to->wait = wait;
    to->order = hf__load_order(draft, &wait->order, NULL, HF__LINES_NAMED);
    to->error = draft->order_error;
    (void)hf__suspect_done(draft, &before, 0);
}

/* Takes what an order needs out of *left. False: those behind it are not looked at. */
static bool is_passed(const hf__draft *draft, const run *r, const waiter *w, int64_t *left)
{
    if (w->order == NULL)
        return true;
    const hf_order *row = w->order->row;
    const bool over = row->deadline_ms != 0 && row->deadline_ms <= draft->now_ms;
    const int64_t taken = over ? 0 : least_taken(w->order, r->account);
    const bool any = *left > 0;
    const bool fits = taken <= *left;
    *left -= fits ? taken : 0;
    return fits || (r->overtake && any);
}

/* What the account can give to the orders that wait. */
static int64_t headroom_of(const hf_account *account)
{
    const int64_t headroom = account == NULL || account->frozen ? 0 : hf__headroom_out(account);
    return headroom < 0 ? 0 : headroom;
}

void hf__load_promote(const hf__operation *op, hf__draft *draft)
{
    const hf__sweep_args *args = HF__ARGS(op, hf__sweep_args);
    const uint32_t at = hf__name_account_of(draft, &args->account);
    run *r = hf__draft_alloc(draft, sizeof *r);
    if (r == NULL)
        draft->load_error = HF_E_NOMEM;
    if (r == NULL || at == 0)
        return;
    const hf_account *account = hf__loaded(draft, at);
    int64_t left = headroom_of(account);
    hf__rows rows;
    draft->found = r;
    draft->queue = &args->account;
    r->account = &args->account;
    r->overtake = account != NULL && account->overtake != 0;
    load_waits(draft, r, args, &rows);
    bool next = true;
    for (uint32_t i = 0; i < rows.count && next && draft->sweep_type == 0; i++) {
        load_waiter(draft, rows.rows[i], &r->waiters[r->count]);
        next = is_passed(draft, r, &r->waiters[r->count++], &left);
    }
    r->more = r->count < rows.count || rows.more != 0;
}

/* ---- Decision -------------------------------------------------------------------------------- */

/* What became of an order in a queue. */
typedef enum fate {
    LEFT,   /* promoted or expired */
    STAYS,  /* as it was */
    JOINED, /* it stays, and waits in another queue as well */
    MOVED,  /* it waits elsewhere only */
} fate;

/* Whether an order is to wait where it did not yet; after hf__order_wait. */
static bool joins(const hf__demands *demands)
{
    bool any = false;
    for (uint32_t i = 0; i < demands->count; i++) {
        const hf__demand *demand = &demands->items[i];
        any = any || (demand->is_short && demand->known && !demand->waits);
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
        int error = hf__order_promote(draft, order);
        if (error == 0)
            error = hf__order_end(draft, order);
        if (hf__is_refusal(error))
            out->refused = order->row->id;
        return error;
    }
    int error = hf__order_abandon(draft, order, HF__ON_CANCEL);
    return error != 0 ? error : hf__order_end(draft, order);
}

/* An order that is short of something, here or elsewhere. */
static int let_wait(hf__draft *draft, const waiter *w, hf__demands *demands, hf__sweep_result *out,
                    fate *then)
{
    const hf__demand *here = hf__demands_find(demands, &w->wait->account);
    *then = STAYS;
    if (demands->short_count == 0)
        return 0; /* it can only be given to later; what it waits for stays its own */
    int error = hf__order_wait(draft, w->order, demands);
    if (here == NULL || !here->is_short) {
        *then = MOVED;
        out->count++;
    } else if (joins(demands)) {
        *then = JOINED;
    }
    return error;
}

static int look_at_order(hf__draft *draft, const waiter *w, hf__sweep_result *out, fate *then)
{
    *then = LEFT;
    if (w->error != 0)
        return w->error;
    hf__order *order = w->order;
    if (!hf_invariant(order->row->state == HF_ORDER_WAITING))
        return HF_E_INVARIANT;
    if (order->row->deadline_ms != 0 && order->row->deadline_ms <= draft->now_ms) {
        out->count++;
        return hf__order_expire(draft, order);
    }
    hf__demands demands;
    int error = hf__order_demand(draft, order, &demands);
    if (error != 0)
        return error;
    if (demands.short_count != 0 || demands.blocked)
        return let_wait(draft, w, &demands, out, then);
    out->count++;
    return promote_or_end(draft, order, out);
}

static int look_at(hf__draft *draft, const waiter *w, hf__sweep_result *out, fate *then)
{
    const hf__suspect before = hf__suspect_set(draft, HF_SUBJECT_ORDER, &w->wait->order);
    return hf__suspect_done(draft, &before, look_at_order(draft, w, out, then));
}

/* *ends: the waiters behind this one are not looked at in the same run. */
static int check_end(hf__draft *draft, const run *r, fate then, bool *ends)
{
    int64_t left = 0;
    int error = 0;
    if (r->overtake && then == STAYS)
        error = hf__available(draft, r->account, 0, &left);
    *ends = then != LEFT && left == 0;
    return error;
}

/* The head moves on as long as those at the head leave the queue, to the first one that stays. */
static void find_head(run *r, fate then)
{
    bool left = then == LEFT || then == MOVED;
    if (r->at_head)
        r->head = left ? r->after + 1 : r->after;
    r->at_head = r->at_head && left;
}

static int promote_all(hf__draft *draft, run *r, hf__sweep_result *out)
{
    fate then = LEFT;
    bool ends = false;
    for (uint32_t i = 0; i < r->count && !ends; i++) {
        r->after = r->waiters[i].wait->placed_seq;
        int error = look_at(draft, &r->waiters[i], out, &then);
        if (error == 0)
            error = check_end(draft, r, then, &ends);
        if (error != 0)
            return error;
        find_head(r, then);
    }
    bool behind = then == MOVED || (then == JOINED && r->overtake);
    out->more = behind || (!ends && r->more) ? 1 : 0;
    out->after = r->overtake ? r->after : 0;
    out->queue_head = r->head;
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

static int finish(hf__draft *draft, hf__sweep_result *result)
{
    draft->quiet = changed(draft) ? 0 : 1;
    draft->result = result;
    return 0;
}

/* Decides again, now that an account has refused an order. */
static int decide_again(const hf__operation *op, hf__draft *draft, hf__sweep_result *result)
{
    hf__draft_restart(draft);
    hf__load_promote(op, draft);
    if (draft->load_error != 0)
        return draft->load_error;
    draft->deciding = 1;
    int error = promote_all(draft, draft->found, result);
    return error != 0 ? error : finish(draft, result);
}

int hf__decide_promote(const hf__operation *op, hf__draft *draft)
{
    hf__sweep_result *result = hf__draft_alloc(draft, sizeof *result);
    if (result == NULL)
        return HF_E_NOMEM;
    int error = promote_all(draft, draft->found, result);
    if (error == 0)
        return finish(draft, result);
    if (!hf__is_refusal(error) || hf__id_zero(&result->refused))
        return error;
    *result = (hf__sweep_result){.refused = result->refused};
    return decide_again(op, draft, result);
}
