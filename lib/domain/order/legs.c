/*
 * legs.c - where the units of a new line come from.
 *
 * Why legs: a plain item, a kit, an appointment and a quantity split over warehouses differ only in
 * the list of accounts that a line takes from. Later code treats all of them alike.
 *
 * Happy path: one leg from the item of the line's sku to the world. Places become one leg each of
 * the same role, filled greedily in their order; named legs become one role each; untracked lines
 * have none.
 *
 * Failure modes: HF_E_UNIT_UNKNOWN, HF_E_SETTLE (a source that may be promised below zero on a
 * line that is handed over at once), HF_E_ARGUMENT (a leg from the world to the world),
 * HF_E_STOCK_SHORT with the places together. Accounts are checked when something is taken.
 */
#include "domain/order/legs.h"
#include "domain/ledger/movement.h"
#include "domain/order/stock.h"

#include <string.h>

uint32_t hf__lines_legs(const hf__line_list *lines)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < lines->count; i++) {
        const hf_line_args *line = hf__element(lines->first, lines->bytes, i);
        uint32_t legs = line->leg_count > line->place_count ? line->leg_count : line->place_count;
        count += legs > 1 ? legs - 1 : 0;
    }
    return count;
}

/* The load of an order that is placed knows where the unit of its first line is. */
static bool is_first_unit(const hf__draft *draft, const char *unit)
{
    const uint32_t at = draft->loaded[HF__PLACE_UNIT];
    const hf_unit *first = at == 0 ? NULL : hf__loaded(draft, at);
    return first != NULL && hf__name_is(&first->code, unit);
}

static int check_unit(hf__draft *draft, uint32_t line, const char *unit)
{
    hf_unit key = {.scale = 0};
    if (is_first_unit(draft, unit))
        return 0;
    hf__name_set(&key.code, unit);
    const void *row = NULL;
    int error = hf__draft_get(draft, HF__UNITS, &key, &row);
    if (error != 0 || row != NULL)
        return error;
    return hf__refuse(draft->detail, HF_E_UNIT_UNKNOWN, "line %u: unit %s", line + 1, unit);
}

int hf__lines_add(hf__draft *draft, hf__order *order, const hf__line_list *lines)
{
    const char *known = NULL; /* the unit of the line before: hardly any order has two */
    for (uint32_t i = 0; i < lines->count; i++) {
        const hf_line_args *args = hf__element(lines->first, lines->bytes, i);
        int error = 0;
        bool used = args->leg_count == 0 && args->untracked == 0; /* else no account has it */
        if (used && (known == NULL || strcmp(known, args->unit) != 0)) {
            error = check_unit(draft, order->row->line_count, args->unit);
            known = args->unit;
        }
        hf_order_line *row = NULL;
        if (error == 0)
            error = hf__order_line_add(draft, order, &row);
        if (error != 0)
            return error;
        hf__name_set(&row->sku, args->sku);
        row->quantity = args->quantity;
        row->unit_price = args->unit_price;
        row->price_per = args->price_per;
        row->settle_on = args->settle_on;
    }
    return 0;
}

/* A line that is final at once cannot wait for goods that are still to come. */
static int check_settle(hf__draft *draft, const hf__order *order, uint32_t line,
                        const hf_account_ref *from)
{
    if (order->lines[line].row->settle_on != HF_SETTLE_CONFIRM || hf__is_world(from))
        return 0;
    const void *row = NULL;
    int error = hf__draft_get(draft, HF__ACCOUNTS, from, &row);
    if (error != 0 || row == NULL || ((const hf_account *)row)->min_available >= 0)
        return error;
    char text[208];
    return hf__refuse(draft->detail, HF_E_SETTLE, "line %u: %s: min_available is %lld", line + 1,
                      hf__account_text(from, text),
                      (long long)((const hf_account *)row)->min_available);
}

/* A leg of `units` units; the caller sets its accounts and then checks how it settles. */
static int add_leg(hf__draft *draft, hf__order *order, uint32_t line, int64_t units, hf_leg **out)
{
    int error = hf__order_leg_add(draft, order, line, out);
    if (error == 0) {
        (*out)->units = units;
        (*out)->per_unit = 1;
    }
    return error;
}

static void set_item(hf_account_ref *item, const hf_name *sku, const char *place, const char *unit)
{
    item->kind = HF_KIND_ITEM;
    item->name = *sku;
    hf__name_set(&item->place, place);
    hf__name_set(&item->unit, unit);
}

static int add_item(hf__draft *draft, hf__order *order, uint32_t line, const hf_line_args *args,
                    const char *place)
{
    hf_leg *leg = NULL;
    int error = add_leg(draft, order, line, args->quantity, &leg);
    if (error != 0)
        return error;
    set_item(&leg->from, &order->lines[line].row->sku, place, args->unit);
    return check_settle(draft, order, line, &leg->from);
}

static int refuse_places(const hf__draft *draft, uint32_t line, const hf_line_args *args,
                         int64_t remaining)
{
    return hf__refuse(draft->detail, HF_E_STOCK_SHORT,
                      "line %u: ITEM %s [%s]: %lld wanted, %lld available at %u places", line + 1,
                      args->sku, args->unit, (long long)args->quantity,
                      (long long)(args->quantity - remaining), args->place_count);
}

/* An order that may wait is split when its needs are summed up; one that is amended here. */
static bool split_later(const hf__order *order)
{
    return (order->row->policy & HF_ORDER_QUEUE) != 0 && order->state_before == HF_ORDER_NONE;
}

/* One of several places: as much of *remaining as it has, or all of it when the split comes later.
 */
static int add_place(hf__draft *draft, hf__order *order, uint32_t line, const hf_account_ref *item,
                     int64_t *remaining)
{
    bool later = split_later(order);
    int64_t there = *remaining;
    int error = later ? 0 : hf__available(draft, item, order->row->placed_seq, &there);
    int64_t units = there < *remaining ? there : *remaining;
    if (error != 0 || (units == 0 && !later))
        return error;
    *remaining -= units;
    hf_leg *leg = NULL;
    error = add_leg(draft, order, line, units, &leg);
    if (error != 0)
        return error;
    leg->from = *item;
    return check_settle(draft, order, line, item);
}

static int add_places(hf__draft *draft, hf__order *order, uint32_t line, const hf_line_args *args)
{
    bool later = split_later(order);
    int64_t remaining = args->quantity;
    for (uint32_t i = 0; i < args->place_count && (later || remaining > 0); i++) {
        hf_account_ref item = {.kind = HF_KIND_ITEM};
        set_item(&item, &order->lines[line].row->sku, args->places[i], args->unit);
        int error = add_place(draft, order, line, &item, &remaining);
        if (error != 0)
            return error;
    }
    return remaining == 0 ? 0 : refuse_places(draft, line, args, remaining);
}

static int add_named(hf__draft *draft, hf__order *order, uint32_t line, const hf_line_args *args)
{
    for (uint32_t i = 0; i < args->leg_count; i++) {
        const hf_leg_args *named = hf__element(args->legs, args->leg_bytes, i);
        hf_leg *leg = NULL;
        int error = add_leg(draft, order, line, args->quantity, &leg);
        if (error != 0)
            return error;
        leg->per_unit = named->per_unit;
        leg->role = i;
        hf__account_ref_set(&leg->from, &named->from);
        hf__account_ref_set(&leg->to, &named->to);
        if (hf__is_world(&leg->from) && hf__is_world(&leg->to))
            return hf__refuse(draft->detail, HF_E_ARGUMENT,
                              "line %u: leg %u: both ends are the world", line + 1, i + 1);
        error = check_settle(draft, order, line, &leg->from);
        if (error != 0)
            return error;
    }
    return 0;
}

int hf__line_add_legs(hf__draft *draft, hf__order *order, uint32_t line, const hf_line_args *args)
{
    if (args->untracked)
        return 0;
    if (args->leg_count > 0)
        return add_named(draft, order, line, args);
    if (args->place_count > 1)
        return add_places(draft, order, line, args);
    return add_item(draft, order, line, args, args->place_count == 1 ? args->places[0] : "");
}
