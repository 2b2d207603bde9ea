/*
 * demand.c - what an order takes and gives, summed by account, so that all of it is held or
 * nothing.
 *
 * Why before holding: an order that may wait must hold nothing unless it gets everything, and a
 * draft cannot be undone in part. So the same accounts of all lines are summed first.
 *
 * Happy path: each leg looks its account up by hash and adds what it takes. A role with several
 * places takes greedily what is left of each; what no place has counts against all of them.
 *
 * Failure modes: HF_E_OVERFLOW (line named), HF_E_NOMEM. An account that does not exist is only
 * noted: whether that is an error is the caller's question.
 */
#include "domain/order/demand.h"
#include "base/checksum.h"
#include "base/money/checked.h"
#include "domain/core/account_ref.h"
#include "domain/ledger/limits.h"
#include "domain/ledger/movement.h"

/* Names are padded with NUL, so equal accounts have equal bytes. */
static uint32_t bucket_of(const hf__demands *demands, const hf_account_ref *account)
{
    uint64_t hash = hf__hash64(&account->name, 3 * sizeof(hf_name));
    return (uint32_t)(hash ^ hash >> 32) & demands->mask;
}

hf__demand *hf__demands_find(const hf__demands *demands, const hf_account_ref *account)
{
    uint32_t at = demands->buckets[bucket_of(demands, account)];
    while (at != 0 && !hf__account_same(demands->items[at - 1].account, account))
        at = demands->items[at - 1].next;
    return at == 0 ? NULL : &demands->items[at - 1];
}

/* The demand on an account, new with what is known of it when there is none yet. */
static int demand_of(hf__draft *draft, hf__demands *demands, const hf_account_ref *account,
                     hf__demand **out)
{
    *out = hf__demands_find(demands, account);
    if (*out != NULL)
        return 0;
    hf__demand *demand = &demands->items[demands->count++];
    uint32_t *bucket = &demands->buckets[bucket_of(demands, account)];
    *demand = (hf__demand){.account = account, .next = *bucket};
    *bucket = demands->count;
    *out = demand;
    const void *row = NULL;
    int error = hf__draft_get(draft, HF__ACCOUNTS, account, &row);
    demand->known = row != NULL;
    demand->frozen = row != NULL && ((const hf_account *)row)->frozen != 0;
    return error;
}

/* The same of an account that gives: what is available of it, behind the orders before this one. */
static int giver_of(hf__draft *draft, const hf__order *order, hf__demands *demands,
                    const hf_account_ref *account, hf__demand **out)
{
    int error = demand_of(draft, demands, account, out);
    if (error != 0 || (*out)->gives)
        return error;
    (*out)->gives = true;
    return hf__available(draft, account, order->row->placed_seq, &(*out)->available);
}

static int prepare(hf__draft *draft, const hf__order *order, hf__demands *demands)
{
    uint32_t most = 2 * (order->row->line_count + order->leg_count); /* both ends of every leg */
    uint32_t slots = 4;
    while (slots < most)
        slots *= 2;
    *demands = (hf__demands){.mask = slots - 1};
    demands->items = hf__draft_alloc(draft, most * sizeof *demands->items);
    demands->buckets = hf__draft_alloc(draft, slots * sizeof *demands->buckets);
    if (demands->items == NULL || demands->buckets == NULL)
        return HF_E_NOMEM;
    return 0;
}

static void note_short(hf__demands *demands, hf__demand *demand)
{
    demands->short_count += demand->is_short ? 0 : 1;
    demand->is_short = true;
}

static void note_short_at(hf__demands *demands, const hf_account_ref *account)
{
    hf__demand *demand = hf__demands_find(demands, account);
    if (demand != NULL)
        note_short(demands, demand);
}

static int refuse_overflow(const hf__draft *draft, uint32_t line)
{
    return hf__refuse(draft->detail, HF_E_OVERFLOW, "line %u: what it needs does not fit",
                      line + 1);
}

/* Adds `units` of a leg to what its accounts give and get. */
static int add(hf__draft *draft, const hf__order *order, hf__demands *demands, const hf_leg *leg,
               int64_t units)
{
    int64_t amount;
    hf__demand *demand = NULL;
    if (!hf__mul(units, leg->per_unit, &amount))
        return HF_E_OVERFLOW;
    if (!hf__is_world(&leg->from)) {
        int error = giver_of(draft, order, demands, &leg->from, &demand);
        if (error != 0)
            return error;
        if (!hf__add(demand->out, amount, &demand->out))
            return HF_E_OVERFLOW;
        if (demand->out > demand->available)
            note_short(demands, demand);
    }
    if (hf__is_world(&leg->to))
        return 0;
    int error = demand_of(draft, demands, &leg->to, &demand);
    if (error != 0 || hf__add(demand->in, amount, &demand->in))
        return error;
    return HF_E_OVERFLOW;
}

/* Units of a waiting order that were cancelled are not needed; those of an ended one are again. */
static int64_t not_needed(const hf__order *order, int64_t cancelled)
{
    return order->row->state == HF_ORDER_WAITING ? cancelled : 0;
}

/* Legs of one role: places from `from` until `until` share `units`. */
typedef struct role {
    uint32_t line;
    uint32_t from;
    uint32_t until;
} role;

static int set_units(hf__draft *draft, hf__order *order, const role *r, uint32_t at, int64_t units)
{
    hf_leg *edit = NULL;
    if (hf__order_leg(order, r->line, at)->units == units)
        return 0;
    int error = hf__order_leg_edit(draft, order, r->line, at, &edit);
    if (error == 0)
        edit->units = units;
    return error;
}

/* What the account of a leg has left for it, in units. */
static int left_for(hf__draft *draft, const hf__order *order, hf__demands *demands,
                    const hf_leg *leg, int64_t *units)
{
    hf__demand *demand = NULL;
    *units = INT64_MAX;
    int error = hf__is_world(&leg->from) ? 0 : giver_of(draft, order, demands, &leg->from, &demand);
    if (error == 0 && demand != NULL)
        *units = demand->available <= demand->out
                     ? 0
                     : (demand->available - demand->out) / leg->per_unit;
    return error;
}

static int split_role(hf__draft *draft, hf__order *order, hf__demands *demands, const role *r)
{
    const hf_order_line *line = order->lines[r->line].row;
    int64_t remaining = line->quantity - not_needed(order, line->cancelled);
    for (uint32_t i = r->from; i < r->until; i++) {
        int64_t units = 0;
        int error = left_for(draft, order, demands, hf__order_leg(order, r->line, i), &units);
        units = units < remaining ? units : remaining;
        int64_t unneeded = not_needed(order, hf__order_leg(order, r->line, i)->cancelled);
        if (error == 0)
            error = set_units(draft, order, r, i, units + unneeded);
        if (error == 0)
            error = add(draft, order, demands, hf__order_leg(order, r->line, i), units);
        if (error != 0)
            return error;
        remaining -= units;
    }
    if (remaining == 0)
        return 0;
    for (uint32_t i = r->from; i < r->until; i++)
        note_short_at(demands, &hf__order_leg(order, r->line, i)->from);
    int64_t first = hf__order_leg(order, r->line, r->from)->units;
    return set_units(draft, order, r, r->from, first + remaining);
}

static int add_line(hf__draft *draft, hf__order *order, hf__demands *demands, uint32_t line)
{
    uint32_t legs = order->lines[line].row->leg_count;
    for (role r = {.line = line}; r.from < legs; r.from = r.until) {
        const hf_leg *leg = hf__order_leg(order, line, r.from);
        r.until = r.from + 1;
        while (r.until < legs && hf__order_leg(order, line, r.until)->role == leg->role)
            r.until++;
        int error = r.until - r.from > 1 ? split_role(draft, order, demands, &r)
                                         : add(draft, order, demands, leg,
                                               leg->units - not_needed(order, leg->cancelled));
        if (error == HF_E_OVERFLOW)
            return refuse_overflow(draft, line);
        if (error != 0)
            return error;
    }
    return 0;
}

/* Whether every account that the order gives to may take so much more. */
static int check_headroom(hf__draft *draft, hf__demands *demands)
{
    for (uint32_t i = 0; i < demands->count; i++) {
        hf__demand *demand = &demands->items[i];
        if (demand->in == 0)
            continue;
        const void *row = NULL;
        int error = hf__draft_get(draft, HF__ACCOUNTS, demand->account, &row);
        if (error != 0)
            return error;
        demands->blocked = demands->blocked || row == NULL || hf__headroom_in(row) < demand->in;
    }
    return 0;
}

int hf__order_demand(hf__draft *draft, hf__order *order, hf__demands *out)
{
    int error = prepare(draft, order, out);
    for (uint32_t i = 0; error == 0 && i < order->row->line_count; i++)
        error = add_line(draft, order, out, i);
    return error != 0 ? error : check_headroom(draft, out);
}
