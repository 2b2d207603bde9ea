/*
 * order_stock.h - what the lines of an order do to the accounts of their legs.
 *
 * `line` is a place from 0. Counters of legs and of the line move together, and the event lists
 * the change. Each answers 0, HF__NEED, or the refusal of movement.h with line and account named.
 */
#ifndef HF_DOMAIN_ORDER_STOCK_H
#define HF_DOMAIN_ORDER_STOCK_H

#include "domain/order_load.h"

/*
 * Takes all units of a new line: held until the order's deadline, or moved at once when `final`
 * (the line is then fulfilled).
 */
int hf__line_take(hf__draft *draft, hf__order *order, uint32_t line, bool final);

/* Takes `units` more of each role of a line whose quantity has grown; final as above. */
int hf__line_grow(hf__draft *draft, hf__order *order, uint32_t line, int64_t units, bool final);

/* Gives `units` unfulfilled units of each role up, of a line whose quantity has shrunk. */
int hf__line_shrink(hf__draft *draft, hf__order *order, uint32_t line, int64_t units);

/* Posts, releases or reverses `units` of the line; 0 units: nothing. */
int hf__line_fulfil(hf__draft *draft, hf__order *order, uint32_t line, int64_t units);
int hf__line_cancel(hf__draft *draft, hf__order *order, uint32_t line, int64_t units);
int hf__line_return(hf__draft *draft, hf__order *order, uint32_t line, int64_t units, bool scrap);

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

#endif
