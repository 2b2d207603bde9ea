/*
 * load.c - names the rows of operations on orders.
 *
 * Why the lines are chosen: an order may have thousands of them, of which a confirmed order moves
 * those that a request names, and those that follow others (coupon.h). An order that is not
 * confirmed yet may be taken, confirmed or ended as a whole.
 *
 * Happy path: what the arguments name and the order in the first step, its parts in the second,
 * further legs in the third, accounts in the last. The rows of small orders are in the cache, and
 * all of this is one step.
 *
 * Failure modes: a row is missing, which the draft has noted; HF_E_NOMEM, in draft->load_error.
 */
#include "domain/lifecycle/load.h"

#include "base/id.h"
#include "base/invariant.h"
#include "base/money/checked.h"
#include "domain/core/common.h"
#include "domain/core/load.h"
#include "domain/ledger/movement.h"
#include "domain/ledger/rows.h"
#include "domain/ledger/shortage.h"
#include "domain/lifecycle/queue.h"
#include "domain/order/coupon.h"
#include "domain/order/legs.h"
#include "domain/order/quantity.h"
#include "domain/payment/rows.h"

#include <string.h>

/* ---- An order -------------------------------------------------------------------------------- */

void hf__load_taken(hf__draft *draft, uint32_t at, int64_t amount, uint64_t place_seq)
{
    const hf_account *account = at == 0 || place_seq == 0 ? NULL : hf__loaded(draft, at);
    if (account == NULL || amount <= 0)
        return;
    if (account->waiting != 0)
        hf__load_queue(draft, account, place_seq);
    if (account->waiting != 0 || account->held_out != 0) /* else nothing can come first */
        hf__load_taking(draft, at, amount, place_seq);
}

/* What cannot be added up is more than any account has. */
static int64_t amount_of(int64_t units, int64_t per_unit)
{
    int64_t amount;
    return hf__mul(units, per_unit, &amount) ? amount : INT64_MAX;
}

void hf__load_line(hf__draft *draft, const hf__order *order, uint32_t line, int64_t units)
{
    for (uint32_t i = 0; i < order->lines[line].row->leg_count; i++) {
        const hf_leg *leg = hf__order_leg(order, line, i);
        const uint32_t from = hf__name_account_of(draft, &leg->from);
        hf__load_taken(draft, from, amount_of(units, leg->per_unit), order->row->placed_seq);
        (void)hf__name_account_of(draft, &leg->to);
    }
}

/* Whether only the lines that a request names move, and those that follow them. */
static bool is_settled(const hf_order *row)
{
    return row->state == HF_ORDER_CONFIRMED || row->state == HF_ORDER_CLOSED;
}

/* Whether the operation may hold for the order what it does not hold: promote or revive it. */
static bool may_take(const hf_order *row, hf__lines_moved moved)
{
    const bool revives = (row->policy & HF_ORDER_REVIVE) != 0 && row->confirmed_at_ms == 0;
    if (moved != HF__LINES_NAMED || row->state == HF_ORDER_PENDING || is_settled(row))
        return false;
    return row->state == HF_ORDER_WAITING || revives;
}

static void load_lines(hf__draft *draft, const hf__order *order, hf__lines_moved moved)
{
    const bool each = moved == HF__LINES_ALL || !is_settled(order->row);
    const bool takes = may_take(order->row, moved);
    for (uint32_t i = 0; i < order->row->line_count; i++) {
        if (each || hf__line_is_coupon(order, i))
            hf__load_line(draft, order, i, takes ? order->lines[i].row->quantity : 0);
    }
}

static void load_payments(hf__draft *draft, const hf__order *order, hf__lines_moved moved)
{
    const bool takes = may_take(order->row, moved);
    for (uint32_t i = 0; i < order->row->payment_count; i++) {
        const hf_payment *payment = order->payments[i].row;
        const uint32_t account = hf__load_payment(draft, payment);
        if (takes && payment->state == HF_PAYMENT_NEW)
            hf__load_taken(draft, account, payment->amount, order->row->placed_seq);
    }
}

hf__order *hf__load_parts(hf__draft *draft, const hf_id *id, const hf__order_added *added)
{
    hf__order *order = NULL;
    draft->order_error = hf__order_load(draft, id, added, &order);
    draft->loaded_order = order;
    if (draft->order_error == HF_E_NOMEM)
        draft->load_error = HF_E_NOMEM;
    return draft->order_error == 0 ? order : NULL;
}

void hf__load_accounts(hf__draft *draft, const hf__order *order, hf__lines_moved moved)
{
    load_lines(draft, order, moved);
    load_payments(draft, order, moved);
    if (order->row->state == HF_ORDER_WAITING)
        hf__load_waits(draft, &order->row->id);
}

hf__order *hf__load_order(hf__draft *draft, const hf_id *id, const hf__order_added *added,
                          hf__lines_moved moved)
{
    hf__order *order = hf__load_parts(draft, id, added);
    if (order != NULL)
        hf__load_accounts(draft, order, moved);
    return order;
}

int hf__order_loaded(const hf__draft *draft, hf__order **order)
{
    if (draft->order_error != 0)
        return draft->order_error;
    *order = draft->loaded_order;
    return hf_invariant(*order != NULL) ? 0 : HF_E_INVARIANT;
}

/* ---- Arguments ------------------------------------------------------------------------------- */

static uint32_t load_unit(hf__draft *draft, const char *code)
{
    hf_unit key = {.scale = 0};
    hf__name_set(&key.code, code);
    return hf__draft_load(draft, HF__UNITS, &key);
}

static uint32_t load_series(hf__draft *draft, const char *name)
{
    hf__series key = {.last = 0};
    hf__name_set(&key.name, name);
    return hf__draft_load(draft, HF__SERIES, &key);
}

/* An account that a new line takes from; `place_seq` of its order, 0 while that is not known. */
static void load_giver(hf__draft *draft, const hf_account_key *key, int64_t amount,
                       uint64_t place_seq)
{
    hf__load_taken(draft, hf__name_account(draft, key), amount, place_seq);
}

static void load_named_legs(hf__draft *draft, const hf_line_args *line, uint64_t place_seq)
{
    for (uint32_t i = 0; i < line->leg_count; i++) {
        const hf_leg_args *leg = hf__element(line->legs, line->leg_bytes, i);
        load_giver(draft, &leg->from, amount_of(line->quantity, leg->per_unit), place_seq);
        (void)hf__name_account(draft, &leg->to);
    }
}

static void load_new_line(hf__draft *draft, const hf_line_args *line, uint64_t place_seq)
{
    hf_account_key item = {.kind = HF_KIND_ITEM, .name = line->sku, .unit = line->unit};
    if (line->untracked)
        return;
    if (line->leg_count > 0) {
        load_named_legs(draft, line, place_seq);
        return;
    }
    for (uint32_t i = 0; i < line->place_count; i++) {
        item.place = line->places[i];
        load_giver(draft, &item, line->quantity, place_seq);
    }
    if (line->place_count == 0)
        load_giver(draft, &item, line->quantity, place_seq);
}

static void load_new_lines(hf__draft *draft, const hf__line_list *lines, uint64_t place_seq)
{
    const char *known = NULL; /* the unit of the line before: hardly any order has two */
    for (uint32_t i = 0; i < lines->count; i++) {
        const hf_line_args *line = hf__element(lines->first, lines->bytes, i);
        load_new_line(draft, line, place_seq);
        if (line->leg_count > 0 || line->untracked || draft->many_only != 0)
            continue;
        if (known != NULL && strcmp(known, line->unit) == 0)
            continue;
        const uint32_t at = load_unit(draft, line->unit);
        if (known == NULL)
            draft->loaded[HF__PLACE_UNIT] = at;
        known = line->unit;
    }
}

/* Payments that are added to an order; `no`: of the first one. */
typedef struct payment_list {
    const hf_payment_args *first;
    uint32_t count;
    uint32_t bytes; /* from one to the next */
    uint32_t no;
} payment_list;

static void load_new_payments(hf__draft *draft, const hf_id *order, const payment_list *payments,
                              uint64_t place_seq)
{
    for (uint32_t i = 0; i < payments->count; i++) {
        const hf_payment_args *one = hf__element(payments->first, payments->bytes, i);
        hf_id id = one->id;
        if (hf__id_zero(&id))
            hf__id_derive(order, payments->no + i, &id);
        hf__load_taken(draft, hf__load_new_payment(draft, one, &id), one->amount, place_seq);
    }
}

/* ---- Operations ------------------------------------------------------------------------------ */

void hf__load_order_place(const hf__operation *op, hf__draft *draft)
{
    const hf_order_place_args *args = HF__ARGS(op, hf_order_place_args);
    const hf__line_list lines = {args->lines, args->line_count, args->line_bytes};
    const payment_list payments = {args->payments, args->payment_count, args->payment_bytes, 1};
    draft->loaded[HF__PLACE_SERIES] = load_series(draft, args->series);
    draft->loaded[HF__PLACE_CURRENCY] = load_unit(draft, args->currency);
    load_new_lines(draft, &lines, draft->event_seq);
    load_new_payments(draft, &op->id, &payments, draft->event_seq);
}

/* Lines whose quantity changes; a number that the order does not have is refused later. */
static void load_changes(hf__draft *draft, const hf__order *order, const hf_order_amend_args *args)
{
    for (uint32_t i = 0; i < args->change_count; i++) {
        const hf_line_change *change = hf__element(args->changes, args->change_bytes, i);
        if (change->line == 0 || change->line > order->row->line_count)
            continue;
        const int64_t quantity = order->lines[change->line - 1].row->quantity;
        const int64_t more = change->quantity > quantity ? change->quantity - quantity : 0;
        hf__load_line(draft, order, change->line - 1, more);
    }
}

/* Where goods of a leg go that come back to another place. */
static void load_elsewhere(hf__draft *draft, const hf__order *order, const hf_line_quantity *units)
{
    const uint32_t line = units->line - 1;
    for (uint32_t i = 0; i < order->lines[line].row->leg_count; i++) {
        hf_account_ref to = hf__order_leg(order, line, i)->from;
        hf__name_set(&to.place, units->to_place);
        if (hf__leg_is_movable(hf__order_leg(order, line, i)))
            (void)hf__name_account_of(draft, &to);
    }
}

/* What comes back of a line goes out of where it went to. */
static void load_returned(hf__draft *draft, const hf__order *order, uint32_t line)
{
    for (uint32_t i = 0; i < order->lines[line].row->leg_count; i++) {
        const hf_leg *leg = hf__order_leg(order, line, i);
        const int64_t amount = amount_of(leg->fulfilled - leg->returned, leg->per_unit);
        const uint32_t to = hf__name_account_of(draft, &leg->to);
        if (to != 0)
            hf__load_taking(draft, to, amount, HF__BEFORE_QUEUES);
    }
}

static void load_all_returned(hf__draft *draft, const hf__order *order)
{
    for (uint32_t i = 0; i < order->row->line_count; i++)
        load_returned(draft, order, i);
}

static void load_quantities(hf__draft *draft, const hf__order *order, const hf__quantities *units,
                            bool returns)
{
    for (uint32_t i = 0; i < units->count; i++) {
        const hf_line_quantity *one = hf__element(units->first, units->bytes, i);
        if (one->line == 0 || one->line > order->row->line_count)
            continue;
        hf__load_line(draft, order, one->line - 1, 0);
        if (returns)
            load_returned(draft, order, one->line - 1);
        if (one->elsewhere != 0)
            load_elsewhere(draft, order, one);
    }
}

void hf__load_order_amend(const hf__operation *op, hf__draft *draft)
{
    const hf_order_amend_args *args = HF__ARGS(op, hf_order_amend_args);
    const hf__line_list lines = {args->lines, args->line_count, args->line_bytes};
    payment_list payments = {args->payments, args->payment_count, args->payment_bytes, 1};
    const hf__quantities returns = {args->returns, args->return_count, args->return_bytes};
    const hf__order_added added = {
        .lines = args->line_count,
        .legs = hf__lines_legs(&lines),
        .adjustments = args->adjustment_count,
        .payments = args->payment_count,
    };
    const hf__order *order = hf__load_order(draft, &args->order, &added, HF__LINES_NAMED);
    load_new_lines(draft, &lines, order == NULL ? 0 : order->row->placed_seq);
    if (order == NULL)
        return;
    payments.no += order->row->payment_count;
    load_new_payments(draft, &args->order, &payments, order->row->placed_seq);
    load_changes(draft, order, args);
    load_quantities(draft, order, &returns, true);
}

void hf__load_order_units(const hf__operation *op, hf__draft *draft)
{
    const hf_order_units_args *args = HF__ARGS(op, hf_order_units_args);
    const hf__quantities units = {args->lines, args->line_count, args->line_bytes};
    const hf__lines_moved moved = units.count > 0 ? HF__LINES_NAMED : HF__LINES_ALL;
    const hf__order *order = hf__load_order(draft, &args->order, NULL, moved);
    if (order == NULL)
        return;
    const bool returns = op->type == HF_OP_ORDER_RETURN;
    load_quantities(draft, order, &units, returns);
    if (returns && units.count == 0)
        load_all_returned(draft, order);
}
