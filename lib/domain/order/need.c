/*
 * need.c - the needs of an order summed by account, so that it can be taken whole or not.
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
#include "domain/order/need.h"
#include "base/checksum.h"
#include "base/money/checked.h"
#include "domain/core/account_ref.h"
#include "domain/ledger/limits.h"
#include "domain/ledger/movement.h"

/* Names are padded with NUL, so equal accounts have equal bytes. */
static uint32_t bucket_of(const hf__needs *needs, const hf_account_ref *account)
{
    uint64_t hash = hf__hash64(&account->name, 3 * sizeof(hf_name));
    return (uint32_t)(hash ^ hash >> 32) & needs->mask;
}

hf__need *hf__needs_find(const hf__needs *needs, const hf_account_ref *account)
{
    uint32_t at = needs->buckets[bucket_of(needs, account)];
    while (at != 0 && !hf__account_same(needs->items[at - 1].account, account))
        at = needs->items[at - 1].next;
    return at == 0 ? NULL : &needs->items[at - 1];
}

/* The need of an account, new with what is known of it when there is none yet. */
static int need_of(hf__draft *draft, hf__needs *needs, const hf_account_ref *account,
                   hf__need **out)
{
    *out = hf__needs_find(needs, account);
    if (*out != NULL)
        return 0;
    hf__need *need = &needs->items[needs->count++];
    uint32_t *bucket = &needs->buckets[bucket_of(needs, account)];
    *need = (hf__need){.account = account, .next = *bucket};
    *bucket = needs->count;
    *out = need;
    const void *row = NULL;
    int error = hf__draft_get(draft, HF__ACCOUNTS, account, &row);
    need->known = row != NULL;
    need->frozen = row != NULL && ((const hf_account *)row)->frozen != 0;
    return error;
}

/* The same of an account that gives: what is available of it, behind the orders before this one. */
static int giver_of(hf__draft *draft, const hf__order *order, hf__needs *needs,
                    const hf_account_ref *account, hf__need **out)
{
    int error = need_of(draft, needs, account, out);
    if (error != 0 || (*out)->gives)
        return error;
    (*out)->gives = true;
    return hf__available(draft, account, order->row->placed_seq, &(*out)->available);
}

static int prepare(hf__draft *draft, const hf__order *order, hf__needs *needs)
{
    uint32_t most = 2 * (order->row->line_count + order->leg_count); /* both ends of every leg */
    uint32_t slots = 4;
    while (slots < most)
        slots *= 2;
    *needs = (hf__needs){.mask = slots - 1};
    needs->items = hf__draft_alloc(draft, most * sizeof *needs->items);
    needs->buckets = hf__draft_alloc(draft, slots * sizeof *needs->buckets);
    if (needs->items == NULL || needs->buckets == NULL)
        return HF_E_NOMEM;
    return 0;
}

static void note_missing(hf__needs *needs, hf__need *need)
{
    needs->lacking += need->lacking ? 0 : 1;
    need->lacking = true;
}

static void note_missing_at(hf__needs *needs, const hf_account_ref *account)
{
    hf__need *need = hf__needs_find(needs, account);
    if (need != NULL)
        note_missing(needs, need);
}

static int refuse_overflow(const hf__draft *draft, uint32_t line)
{
    return hf__refuse(draft->detail, HF_E_OVERFLOW, "line %u: what it needs does not fit",
                      line + 1);
}

/* Adds `units` of a leg to what its accounts give and get. */
static int add(hf__draft *draft, const hf__order *order, hf__needs *needs, const hf_leg *leg,
               int64_t units)
{
    int64_t amount;
    hf__need *need = NULL;
    if (!hf__mul(units, leg->per_unit, &amount))
        return HF_E_OVERFLOW;
    if (!hf__is_world(&leg->from)) {
        int error = giver_of(draft, order, needs, &leg->from, &need);
        if (error != 0)
            return error;
        if (!hf__add(need->out, amount, &need->out))
            return HF_E_OVERFLOW;
        if (need->out > need->available)
            note_missing(needs, need);
    }
    if (hf__is_world(&leg->to))
        return 0;
    int error = need_of(draft, needs, &leg->to, &need);
    if (error != 0 || hf__add(need->in, amount, &need->in))
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
static int left_for(hf__draft *draft, const hf__order *order, hf__needs *needs, const hf_leg *leg,
                    int64_t *units)
{
    hf__need *need = NULL;
    *units = INT64_MAX;
    int error = hf__is_world(&leg->from) ? 0 : giver_of(draft, order, needs, &leg->from, &need);
    if (error == 0 && need != NULL)
        *units = need->available <= need->out ? 0 : (need->available - need->out) / leg->per_unit;
    return error;
}

static int split_role(hf__draft *draft, hf__order *order, hf__needs *needs, const role *r)
{
    const hf_order_line *line = order->lines[r->line].row;
    int64_t rest = line->quantity - not_needed(order, line->cancelled);
    for (uint32_t i = r->from; i < r->until; i++) {
        int64_t units = 0;
        int error = left_for(draft, order, needs, hf__order_leg(order, r->line, i), &units);
        units = units < rest ? units : rest;
        int64_t gone = not_needed(order, hf__order_leg(order, r->line, i)->cancelled);
        if (error == 0)
            error = set_units(draft, order, r, i, units + gone);
        if (error == 0)
            error = add(draft, order, needs, hf__order_leg(order, r->line, i), units);
        if (error != 0)
            return error;
        rest -= units;
    }
    if (rest == 0)
        return 0;
    for (uint32_t i = r->from; i < r->until; i++)
        note_missing_at(needs, &hf__order_leg(order, r->line, i)->from);
    int64_t first = hf__order_leg(order, r->line, r->from)->units;
    return set_units(draft, order, r, r->from, first + rest);
}

static int add_line(hf__draft *draft, hf__order *order, hf__needs *needs, uint32_t line)
{
    uint32_t legs = order->lines[line].row->leg_count;
    for (role r = {.line = line}; r.from < legs; r.from = r.until) {
        const hf_leg *leg = hf__order_leg(order, line, r.from);
        r.until = r.from + 1;
        while (r.until < legs && hf__order_leg(order, line, r.until)->role == leg->role)
            r.until++;
        int error = r.until - r.from > 1 ? split_role(draft, order, needs, &r)
                                         : add(draft, order, needs, leg,
                                               leg->units - not_needed(order, leg->cancelled));
        if (error == HF_E_OVERFLOW)
            return refuse_overflow(draft, line);
        if (error != 0)
            return error;
    }
    return 0;
}

/* Whether every account that is given to has room for it. */
static int check_room(hf__draft *draft, hf__needs *needs)
{
    for (uint32_t i = 0; i < needs->count; i++) {
        hf__need *need = &needs->items[i];
        if (need->in == 0)
            continue;
        const void *row = NULL;
        int error = hf__draft_get(draft, HF__ACCOUNTS, need->account, &row);
        if (error != 0)
            return error;
        needs->blocked = needs->blocked || row == NULL || hf__room_in(row) < need->in;
    }
    return 0;
}

int hf__order_needs(hf__draft *draft, hf__order *order, hf__needs *out)
{
    int error = prepare(draft, order, out);
    for (uint32_t i = 0; error == 0 && i < order->row->line_count; i++)
        error = add_line(draft, order, out, i);
    return error != 0 ? error : check_room(draft, out);
}
