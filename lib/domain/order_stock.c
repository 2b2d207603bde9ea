/*
 * order_stock.c - units of lines turned into movements of accounts, leg by leg.
 *
 * Why one file: fulfilling, cancelling and returning differ in which counter of a leg moves, from
 * which end of the legs units are taken, and in the movement. A table says so; one loop does it.
 *
 * Happy path: a plain line has one leg and every step is one movement. Legs of one role share the
 * line's units (a quantity split over places); roles each have all of them (the parts of a kit).
 * Units are handed over from the first place on and given back from the last.
 *
 * Failure modes: those of movement.h. The draft is thrown away then, so nothing is undone here.
 */
#include "domain/order_stock.h"
#include "base/checked.h"
#include "base/invariant.h"
#include "domain/movement.h"

typedef int (*move)(hf__draft *draft, const hf__movement *m);

/* A way in which units of a leg change. */
typedef struct way {
    move move;         /* NULL: counters only */
    size_t counter;    /* of the leg */
    bool backward;     /* the last leg of a role first */
    bool of_fulfilled; /* out of the fulfilled units, not the open ones */
} way;

enum { FULFIL, CANCEL, RETURN, SCRAP };

static const way ways[] = {
    [FULFIL] = {.move = hf__post, .counter = offsetof(hf_leg, fulfilled)},
    [CANCEL] = {.move = hf__release, .counter = offsetof(hf_leg, cancelled), .backward = true},
    [RETURN] = {.move = hf__reverse,
                .counter = offsetof(hf_leg, returned),
                .backward = true,
                .of_fulfilled = true},
    [SCRAP] = {.counter = offsetof(hf_leg, returned), .backward = true, .of_fulfilled = true},
};

/* Moves `units` of a leg. */
static int move_leg(hf__draft *draft, const hf__order *order, uint32_t line, const hf_leg *leg,
                    int64_t units, move what)
{
    hf__movement m = {
        .from = &leg->from,
        .to = &leg->to,
        .place_seq = order->row->placed_seq,
        .what = "line",
        .no = line + 1,
    };
    if (!hf__mul(units, leg->per_unit, &m.amount))
        return hf__refuse(draft->detail, HF_E_OVERFLOW, "line %u: %lld x %lld does not fit",
                          line + 1, (long long)units, (long long)leg->per_unit);
    return units == 0 ? 0 : what(draft, &m);
}

static int64_t leg_open(const hf_leg *leg)
{
    return leg->units - leg->cancelled - leg->fulfilled;
}

/* Takes what a leg has in one way, at most *rest. */
static int spread_leg(hf__draft *draft, hf__order *order, uint32_t line, uint32_t at, const way *by,
                      int64_t *rest)
{
    const hf_leg *leg = hf__order_leg(order, line, at);
    int64_t room = by->of_fulfilled ? leg->fulfilled - leg->returned : leg_open(leg);
    int64_t units = room < *rest ? room : *rest;
    if (units == 0)
        return 0;
    hf_leg *edit = NULL;
    int error = hf__order_leg_edit(draft, order, line, at, &edit);
    if (error != 0)
        return error;
    int64_t *counter = (int64_t *)(void *)((uint8_t *)edit + by->counter);
    *counter += units;
    *rest -= units;
    return by->move == NULL ? 0 : move_leg(draft, order, line, edit, units, by->move);
}

/* Takes `units` out of every role of a line. */
static int spread(hf__draft *draft, hf__order *order, uint32_t line, int64_t units, const way *by)
{
    uint32_t legs = order->lines[line].row->leg_count;
    int64_t rest = 0;
    uint32_t role = UINT32_MAX;
    for (uint32_t i = 0; i < legs; i++) {
        uint32_t at = by->backward ? legs - 1 - i : i;
        const hf_leg *leg = hf__order_leg(order, line, at);
        if (leg->role != role) {
            if (!hf_invariant(rest == 0))
                return HF_E_POISONED;
            role = leg->role;
            rest = units;
        }
        int error = hf__refusal(draft, spread_leg(draft, order, line, at, by, &rest));
        if (error != 0)
            return error;
    }
    return draft->wanted != 0 || hf_invariant(rest == 0) ? hf__all_there(draft) : HF_E_POISONED;
}

int hf__line_take(hf__draft *draft, hf__order *order, uint32_t line, bool final)
{
    hf_order_line *row = NULL;
    int error = hf__order_line_edit(draft, order, line, &row);
    for (uint32_t i = 0; error == 0 && i < row->leg_count; i++) {
        hf_leg *leg = NULL;
        error = hf__order_leg_edit(draft, order, line, i, &leg);
        if (error != 0)
            return error;
        leg->fulfilled = final ? leg->units : 0;
        leg->deadline_ms = final || leg->units == 0 ? 0 : order->row->deadline_ms;
        move what = final ? hf__move : hf__hold;
        error = hf__refusal(draft, move_leg(draft, order, line, leg, leg->units, what));
    }
    if (error != 0 || draft->wanted != 0 || !final)
        return error != 0 ? error : hf__all_there(draft);
    row->fulfilled = row->quantity;
    return hf__line_changed(draft, row, row->quantity, 0, 0);
}

/* Adds to a leg what its account has, at most *rest; all of it when no other leg can. */
static int grow_leg(hf__draft *draft, hf__order *order, uint32_t line, uint32_t at, int64_t *rest)
{
    hf_leg *leg = NULL;
    int error = hf__order_leg_edit(draft, order, line, at, &leg);
    if (error != 0)
        return error;
    uint32_t legs = order->lines[line].row->leg_count;
    bool last = at + 1 == legs || hf__order_leg(order, line, at + 1)->role != leg->role;
    int64_t units = *rest;
    if (!last) {
        int64_t there = 0;
        error = hf__available(draft, &leg->from, order->row->placed_seq, &there);
        units = there / leg->per_unit < *rest ? there / leg->per_unit : *rest;
    }
    if (error != 0 || units == 0)
        return error;
    leg->units += units;
    leg->deadline_ms = order->row->deadline_ms;
    *rest -= units;
    return move_leg(draft, order, line, leg, units, hf__hold);
}

int hf__line_grow(hf__draft *draft, hf__order *order, uint32_t line, int64_t units, bool final)
{
    hf_order_line *row = NULL;
    int error = hf__order_line_edit(draft, order, line, &row);
    if (error != 0)
        return error;
    int64_t rest = 0;
    uint32_t role = UINT32_MAX;
    for (uint32_t i = 0; i < row->leg_count; i++) {
        uint32_t of = hf__order_leg(order, line, i)->role;
        rest = of != role ? units : rest;
        role = of;
        error = hf__refusal(draft, grow_leg(draft, order, line, i, &rest));
        if (error != 0)
            return error;
    }
    error = hf__all_there(draft);
    if (error == 0)
        error = hf__line_quantity_changed(draft, row, units);
    return error != 0 || !final ? error : hf__line_fulfil(draft, order, line, units);
}

static int shrink_leg(hf__draft *draft, hf__order *order, uint32_t line, uint32_t at, int64_t *rest)
{
    const hf_leg *leg = hf__order_leg(order, line, at);
    int64_t units = leg_open(leg) < *rest ? leg_open(leg) : *rest;
    if (units == 0)
        return 0;
    hf_leg *edit = NULL;
    int error = hf__order_leg_edit(draft, order, line, at, &edit);
    if (error != 0)
        return error;
    edit->units -= units;
    edit->deadline_ms = leg_open(edit) == 0 ? 0 : edit->deadline_ms;
    *rest -= units;
    return move_leg(draft, order, line, edit, units, hf__release);
}

int hf__line_shrink(hf__draft *draft, hf__order *order, uint32_t line, int64_t units)
{
    hf_order_line *row = NULL;
    int error = hf__order_line_edit(draft, order, line, &row);
    if (error != 0)
        return error;
    int64_t rest = 0;
    uint32_t role = UINT32_MAX;
    for (uint32_t i = row->leg_count; i-- > 0;) {
        uint32_t of = hf__order_leg(order, line, i)->role;
        rest = of != role ? units : rest;
        role = of;
        error = hf__refusal(draft, shrink_leg(draft, order, line, i, &rest));
        if (error != 0)
            return error;
    }
    error = hf__all_there(draft);
    return error != 0 ? error : hf__line_quantity_changed(draft, row, -units);
}

int hf__line_fulfil(hf__draft *draft, hf__order *order, uint32_t line, int64_t units)
{
    hf_order_line *row = NULL;
    int error = units == 0 ? 0 : hf__order_line_edit(draft, order, line, &row);
    if (error != 0 || units == 0)
        return error;
    row->fulfilled += units;
    error = spread(draft, order, line, units, &ways[FULFIL]);
    return error != 0 ? error : hf__line_changed(draft, row, units, 0, 0);
}

int hf__line_cancel(hf__draft *draft, hf__order *order, uint32_t line, int64_t units)
{
    hf_order_line *row = NULL;
    int error = units == 0 ? 0 : hf__order_line_edit(draft, order, line, &row);
    if (error != 0 || units == 0)
        return error;
    row->cancelled += units;
    error = spread(draft, order, line, units, &ways[CANCEL]);
    return error != 0 ? error : hf__line_changed(draft, row, 0, units, 0);
}

int hf__line_return(hf__draft *draft, hf__order *order, uint32_t line, int64_t units, bool scrap)
{
    hf_order_line *row = NULL;
    int error = units == 0 ? 0 : hf__order_line_edit(draft, order, line, &row);
    if (error != 0 || units == 0)
        return error;
    row->returned += units;
    error = spread(draft, order, line, units, &ways[scrap ? SCRAP : RETURN]);
    return error != 0 ? error : hf__line_changed(draft, row, 0, 0, units);
}

/* Cancels what is open of a leg; without a hold only counters move. */
static int end_leg(hf__draft *draft, hf__order *order, uint32_t line, uint32_t at, bool held)
{
    int64_t open = leg_open(hf__order_leg(order, line, at));
    hf_leg *leg = NULL;
    int error = hf__order_leg_edit(draft, order, line, at, &leg);
    if (error != 0)
        return error;
    leg->cancelled += open;
    leg->deadline_ms = 0;
    return held ? move_leg(draft, order, line, leg, open, hf__release) : 0;
}

int hf__line_end(hf__draft *draft, hf__order *order, uint32_t line, bool held)
{
    hf_order_line *row = NULL;
    int error = hf__order_line_edit(draft, order, line, &row);
    for (uint32_t i = 0; error == 0 && i < row->leg_count; i++)
        error = hf__refusal(draft, end_leg(draft, order, line, i, held));
    if (error == 0)
        error = hf__all_there(draft);
    if (error != 0)
        return error;
    int64_t open = hf__line_open(row);
    row->cancelled += open;
    return open == 0 ? 0 : hf__line_changed(draft, row, 0, open, 0);
}

int hf__line_renew(hf__draft *draft, hf__order *order, uint32_t line)
{
    hf_order_line *row = NULL;
    int error = hf__order_line_edit(draft, order, line, &row);
    for (uint32_t i = 0; error == 0 && i < row->leg_count; i++) {
        hf_leg *leg = NULL;
        error = hf__refusal(draft, hf__order_leg_edit(draft, order, line, i, &leg));
        if (leg != NULL)
            leg->cancelled = 0;
    }
    if (error == 0)
        error = hf__all_there(draft);
    if (error != 0)
        return error;
    int64_t cancelled = row->cancelled;
    row->cancelled = 0;
    return cancelled == 0 ? 0 : hf__line_changed(draft, row, 0, -cancelled, 0);
}

int hf__line_deadline(hf__draft *draft, hf__order *order, uint32_t line, int64_t deadline_ms)
{
    for (uint32_t i = 0; i < order->lines[line].row->leg_count; i++) {
        const hf_leg *leg = hf__order_leg(order, line, i);
        int64_t wanted = leg_open(leg) == 0 ? 0 : deadline_ms;
        if (leg->deadline_ms == wanted)
            continue;
        hf_leg *edit = NULL;
        int error = hf__refusal(draft, hf__order_leg_edit(draft, order, line, i, &edit));
        if (error != 0)
            return error;
        if (edit != NULL)
            edit->deadline_ms = wanted;
    }
    return hf__all_there(draft);
}
