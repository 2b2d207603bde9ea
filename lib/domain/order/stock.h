/*
 * stock.h - what the lines of an order do to the accounts of their legs.
 *
 * `line` is an index from 0. Counters of legs and of the line move together, and the event lists
 * the change. The rows of the order and of its accounts are there. Each returns 0, or the refusal
 * of movement.h with line and account named.
 */
#ifndef HF_DOMAIN_ORDER_STOCK_H
#define HF_DOMAIN_ORDER_STOCK_H

#include "domain/order/load.h"

/*
 * Takes all units of a new line: held until the order's deadline, or moved at once when `final`
 * (the line is then fulfilled).
 */
int hf__line_take(hf__draft *draft, hf__order *order, uint32_t line, bool final);

/* Takes `units` more of each role of a line whose quantity has grown; final as above. */
int hf__line_grow(hf__draft *draft, hf__order *order, uint32_t line, int64_t units, bool final);

/* Releases `units` unfulfilled units of each role of a line whose quantity has shrunk. */
int hf__line_shrink(hf__draft *draft, hf__order *order, uint32_t line, int64_t units);

/* What can become of units of a line. */
typedef enum hf__line_way {
    HF__LINE_FULFIL = 0, /* posted */
    HF__LINE_CANCEL,     /* released */
    HF__LINE_RETURN,     /* reversed, or counted only when they are scrap */
} hf__line_way;

/*
 * Refuses units whose place the line does not have, or whose new place nothing of the line can go
 * to. HF_E_PLACE_UNKNOWN, line and place named.
 */
int hf__line_check_place(const hf__draft *draft, const hf__order *order, uint32_t line,
                         const hf_line_quantity *units);

/* Whether what comes back of a leg can go to another place: goods that went to the world. */
bool hf__leg_is_movable(const hf_leg *leg);

/* "line 2, place berlin" or "line 2, leg 3" as `units` names it, else "line 2"; returns out. */
const char *hf__line_place_text(const hf_line_quantity *units, uint32_t line, char out[112]);

/* How many units of the line, at the place that `units` names, can be moved in this way. */
int64_t hf__line_possible(const hf__order *order, uint32_t line, hf__line_way way,
                          const hf_line_quantity *units);

/*
 * Posts, releases or reverses units->quantity units; 0 units: nothing. The place was checked, and
 * as many can be moved.
 */
int hf__line_move(hf__draft *draft, hf__order *order, uint32_t line, hf__line_way way,
                  const hf_line_quantity *units);

/* Posts or releases `units` of the line, of whichever places. */
int hf__line_fulfil(hf__draft *draft, hf__order *order, uint32_t line, int64_t units);
int hf__line_cancel(hf__draft *draft, hf__order *order, uint32_t line, int64_t units);

/*
 * The order ended before it was confirmed: every unit that is open is cancelled, and released when
 * the line holds it.
 */
int hf__line_end(hf__draft *draft, hf__order *order, uint32_t line, bool held);

/* The order is revived: no unit of the line is cancelled any more. Nothing is held yet. */
int hf__line_renew(hf__draft *draft, hf__order *order, uint32_t line);

/* Sets the deadline of everything the line holds. */
int hf__line_deadline(hf__draft *draft, hf__order *order, uint32_t line, int64_t deadline_ms);

/* Units that are neither fulfilled nor cancelled. */
static inline int64_t hf__line_open(const hf_order_line *line)
{
    return line->quantity - line->cancelled - line->fulfilled;
}

/* Whether a unit is still to be fulfilled. */
bool hf__order_units_open(const hf__order *order);

#endif
