/*
 * stock.c - units of lines turned into movements of accounts, leg by leg.
 *
 * Why one file: fulfilling, cancelling and returning differ in which counter of a leg moves, from
 * which end of the legs units are taken, and in the movement. A table says so; one loop does it.
 *
 * Happy path: a plain line has one leg and every step is one movement. Legs of one role share the
 * line's units (a quantity split over places); roles each have all of them (the parts of a kit).
 * Units are fulfilled from the first place on, and cancelled and returned from the last.
 *
 * Failure modes: those of movement.h. The draft is discarded then, so nothing is undone here.
 */
#include "domain/order/stock.h"
#include "base/invariant.h"
#include "base/money/checked.h"
#include "domain/ledger/movement.h"

#include <stdio.h>
#include <string.h>

typedef int (*move)(hf__draft *draft, const hf__movement *m);

/* A way in which units of a leg change. */
typedef struct effect {
    move move;
    size_t counter;    /* of the leg */
    size_t line;       /* the same counter of the line */
    bool backward;     /* the last leg of a role first */
    bool of_fulfilled; /* out of the fulfilled units, not the open ones */
} effect;

/* clang-format off */
static const effect effects[] = {
    [HF__LINE_FULFIL] = { hf__post, offsetof(hf_leg, fulfilled), offsetof(hf_order_line, fulfilled), false, false },
    [HF__LINE_CANCEL] = { hf__release, offsetof(hf_leg, cancelled), offsetof(hf_order_line, cancelled), true, false },
    [HF__LINE_RETURN] = { hf__reverse, offsetof(hf_leg, returned), offsetof(hf_order_line, returned), true, true },
};
/* clang-format on */

static int64_t *counter(void *row, size_t at)
{
    return (int64_t *)(void *)((uint8_t *)row + at);
}

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

static bool holds_nothing(const hf__order *order)
{
    return order->row->state == HF_ORDER_WAITING;
}

static int64_t leg_open(const hf_leg *leg)
{
    return leg->units - leg->cancelled - leg->fulfilled;
}

/* Where the units of a leg are: the account that is not the world. */
static const hf_account_ref *end_of(const hf_leg *leg)
{
    return hf__is_world(&leg->from) ? &leg->to : &leg->from;
}

static bool names_place(const hf_line_quantity *units)
{
    return units->place != NULL && units->place[0] != '\0';
}

/* Whether a leg is at the place that was named; without a name each is. */
static bool is_there(const hf__order *order, uint32_t line, uint32_t at,
                     const hf_line_quantity *units)
{
    if (units->leg != 0)
        return units->leg == at + 1;
    return !names_place(units) ||
           strcmp(end_of(hf__order_leg(order, line, at))->place.text, units->place) == 0;
}

bool hf__leg_is_movable(const hf_leg *leg)
{
    return leg->from.kind == HF_KIND_ITEM && hf__is_world(&leg->to);
}

const char *hf__line_place_text(const hf_line_quantity *units, uint32_t line, char out[112])
{
    if (units->leg != 0)
        (void)snprintf(out, 112, "line %u, leg %u", line + 1, units->leg);
    else if (names_place(units))
        (void)snprintf(out, 112, "line %u, place %s", line + 1, units->place);
    else
        (void)snprintf(out, 112, "line %u", line + 1);
    return out;
}

static int refuse_place(const hf__draft *draft, uint32_t line, const hf_line_quantity *units,
                        const char *why)
{
    char text[112];
    return hf__refuse(draft->detail, HF_E_PLACE_UNKNOWN, "%s: %s",
                      hf__line_place_text(units, line, text), why);
}

int hf__line_check_place(const hf__draft *draft, const hf__order *order, uint32_t line,
                         const hf_line_quantity *units)
{
    bool named = units->leg != 0 || names_place(units);
    bool there = false;
    bool movable = false;
    uint32_t legs = order->lines[line].row->leg_count;
    for (uint32_t i = 0; i < legs; i++) {
        const hf_leg *leg = hf__order_leg(order, line, i);
        there = there || is_there(order, line, i, units);
        movable = movable || hf__leg_is_movable(leg);
        if (named && leg->role != hf__order_leg(order, line, 0)->role)
            return refuse_place(draft, line, units,
                                "its units have several parts, each at its own place");
    }
    if (named && !there)
        return refuse_place(draft, line, units, "it takes nothing from there");
    if (units->elsewhere != 0 && !movable)
        return hf__refuse(draft->detail, HF_E_PLACE_UNKNOWN,
                          "line %u, to place %s: it has no goods that come back", line + 1,
                          units->to_place == NULL ? "" : units->to_place);
    return 0;
}

static int64_t leg_possible(const hf_leg *leg, const effect *by)
{
    return by->of_fulfilled ? leg->fulfilled - leg->returned : leg_open(leg);
}

int64_t hf__line_possible(const hf__order *order, uint32_t line, hf__line_way way,
                          const hf_line_quantity *units)
{
    const hf_order_line *row = order->lines[line].row;
    if (units->leg == 0 && !names_place(units))
        return effects[way].of_fulfilled ? row->fulfilled - row->returned : hf__line_open(row);
    int64_t possible = 0;
    for (uint32_t i = 0; i < row->leg_count; i++) {
        if (is_there(order, line, i, units))
            possible += leg_possible(hf__order_leg(order, line, i), &effects[way]);
    }
    return possible;
}

/* Moves what comes back of a leg to where it goes. */
static int move_back(hf__draft *draft, const hf__order *order, uint32_t line, const hf_leg *leg,
                     int64_t units, const hf_line_quantity *named)
{
    if (named->scrap != 0)
        return 0;
    hf_leg to = *leg;
    if (named->elsewhere != 0 && hf__leg_is_movable(leg))
        hf__name_set(&to.from.place, named->to_place);
    return move_leg(draft, order, line, &to, units, hf__reverse);
}

/* The units that spread_leg distributes over the legs. */
typedef struct spreading {
    const effect *by;
    const hf_line_quantity *units;
    int64_t remaining; /* of this role */
} spreading;

/* Takes what a leg has in one way, at most s->remaining. */
static int spread_leg(hf__draft *draft, hf__order *order, uint32_t line, uint32_t at, spreading *s)
{
    int64_t possible = leg_possible(hf__order_leg(order, line, at), s->by);
    int64_t units = possible < s->remaining ? possible : s->remaining;
    if (units == 0 || !is_there(order, line, at, s->units))
        return 0;
    hf_leg *edit = NULL;
    int error = hf__order_leg_edit(draft, order, line, at, &edit);
    if (error != 0)
        return error;
    *counter(edit, s->by->counter) += units;
    s->remaining -= units;
    if (holds_nothing(order))
        return 0;
    return s->by->of_fulfilled ? move_back(draft, order, line, edit, units, s->units)
                               : move_leg(draft, order, line, edit, units, s->by->move);
}

/* Takes the units out of every role of a line. */
static int spread(hf__draft *draft, hf__order *order, uint32_t line, spreading *s)
{
    uint32_t legs = order->lines[line].row->leg_count;
    uint32_t role = UINT32_MAX;
    for (uint32_t i = 0; i < legs; i++) {
        uint32_t at = s->by->backward ? legs - 1 - i : i;
        const hf_leg *leg = hf__order_leg(order, line, at);
        if (leg->role != role) {
            if (!hf_invariant(s->remaining == 0))
                return HF_E_INVARIANT;
            role = leg->role;
            s->remaining = s->units->quantity;
        }
        int error = spread_leg(draft, order, line, at, s);
        if (error != 0)
            return error;
    }
    return hf_invariant(s->remaining == 0) ? 0 : HF_E_INVARIANT;
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
        int64_t units = leg->units - leg->cancelled;
        leg->fulfilled = final ? units : 0;
        leg->deadline_ms = final || units == 0 ? 0 : order->row->deadline_ms;
        error = move_leg(draft, order, line, leg, units, final ? hf__move : hf__hold);
    }
    if (error != 0 || !final)
        return error;
    row->fulfilled = row->quantity - row->cancelled;
    return hf__line_changed(draft, row, row->fulfilled, 0, 0);
}

/* Adds to a leg what its account has, at most *remaining; all of it when no other leg can. */
static int grow_leg(hf__draft *draft, hf__order *order, uint32_t line, uint32_t at,
                    int64_t *remaining)
{
    hf_leg *leg = NULL;
    int error = hf__order_leg_edit(draft, order, line, at, &leg);
    if (error != 0)
        return error;
    uint32_t legs = order->lines[line].row->leg_count;
    bool last = at + 1 == legs || hf__order_leg(order, line, at + 1)->role != leg->role;
    int64_t units = *remaining;
    if (!last) {
        int64_t there = 0;
        error = hf__available(draft, &leg->from, order->row->placed_seq, &there);
        units = there / leg->per_unit < *remaining ? there / leg->per_unit : *remaining;
    }
    if (error != 0 || units == 0)
        return error;
    leg->units += units;
    leg->deadline_ms = order->row->deadline_ms;
    *remaining -= units;
    return move_leg(draft, order, line, leg, units, hf__hold);
}

int hf__line_grow(hf__draft *draft, hf__order *order, uint32_t line, int64_t units, bool final)
{
    hf_order_line *row = NULL;
    int error = hf__order_line_edit(draft, order, line, &row);
    if (error != 0)
        return error;
    int64_t remaining = 0;
    uint32_t role = UINT32_MAX;
    for (uint32_t i = 0; i < row->leg_count; i++) {
        uint32_t of = hf__order_leg(order, line, i)->role;
        remaining = of != role ? units : remaining;
        role = of;
        error = grow_leg(draft, order, line, i, &remaining);
        if (error != 0)
            return error;
    }
    error = hf__line_quantity_changed(draft, row, units);
    if (error != 0 || !final)
        return error;
    return hf__line_fulfil(draft, order, line, units);
}

static int shrink_leg(hf__draft *draft, hf__order *order, uint32_t line, uint32_t at,
                      int64_t *remaining)
{
    const hf_leg *leg = hf__order_leg(order, line, at);
    int64_t units = leg_open(leg) < *remaining ? leg_open(leg) : *remaining;
    if (units == 0)
        return 0;
    hf_leg *edit = NULL;
    int error = hf__order_leg_edit(draft, order, line, at, &edit);
    if (error != 0)
        return error;
    edit->units -= units;
    edit->deadline_ms = leg_open(edit) == 0 ? 0 : edit->deadline_ms;
    *remaining -= units;
    return holds_nothing(order) ? 0 : move_leg(draft, order, line, edit, units, hf__release);
}

int hf__line_shrink(hf__draft *draft, hf__order *order, uint32_t line, int64_t units)
{
    hf_order_line *row = NULL;
    int error = hf__order_line_edit(draft, order, line, &row);
    if (error != 0)
        return error;
    int64_t remaining = 0;
    uint32_t role = UINT32_MAX;
    for (uint32_t i = row->leg_count; i-- > 0;) {
        uint32_t of = hf__order_leg(order, line, i)->role;
        remaining = of != role ? units : remaining;
        role = of;
        error = shrink_leg(draft, order, line, i, &remaining);
        if (error != 0)
            return error;
    }
    return hf__line_quantity_changed(draft, row, -units);
}

int hf__line_move(hf__draft *draft, hf__order *order, uint32_t line, hf__line_way way,
                  const hf_line_quantity *units)
{
    hf_order_line *row = NULL;
    int64_t by[] = {[HF__LINE_FULFIL] = 0, [HF__LINE_CANCEL] = 0, [HF__LINE_RETURN] = 0};
    int error = units->quantity == 0 ? 0 : hf__order_line_edit(draft, order, line, &row);
    if (error != 0 || units->quantity == 0)
        return error;
    *counter(row, effects[way].line) += units->quantity;
    by[way] = units->quantity;
    error = spread(draft, order, line, &(spreading){.by = &effects[way], .units = units});
    return error != 0 ? error
                      : hf__line_changed(draft, row, by[HF__LINE_FULFIL], by[HF__LINE_CANCEL],
                                         by[HF__LINE_RETURN]);
}

int hf__line_fulfil(hf__draft *draft, hf__order *order, uint32_t line, int64_t units)
{
    return hf__line_move(draft, order, line, HF__LINE_FULFIL,
                         &(hf_line_quantity){.quantity = units});
}

int hf__line_cancel(hf__draft *draft, hf__order *order, uint32_t line, int64_t units)
{
    return hf__line_move(draft, order, line, HF__LINE_CANCEL,
                         &(hf_line_quantity){.quantity = units});
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
        error = end_leg(draft, order, line, i, held);
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
        error = hf__order_leg_edit(draft, order, line, i, &leg);
        if (error == 0)
            leg->cancelled = 0;
    }
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
        int64_t until_ms = leg_open(leg) == 0 ? 0 : deadline_ms;
        if (leg->deadline_ms == until_ms)
            continue;
        hf_leg *edit = NULL;
        int error = hf__order_leg_edit(draft, order, line, i, &edit);
        if (error != 0)
            return error;
        edit->deadline_ms = until_ms;
    }
    return 0;
}

bool hf__order_units_open(const hf__order *order)
{
    bool open = false;
    for (uint32_t i = 0; i < order->row->line_count; i++)
        open = open || hf__line_open(order->lines[i].row) > 0;
    return open;
}
