/*
 * total.h - what an order costs, and how much of it is due.
 *
 * A line's value is its total (its adjustments included) plus its share of the order's own
 * adjustments, which are split over the lines by their totals (hf_money_split; equally when all
 * are free). The values of all lines add up to the order's total exactly.
 *
 * The share of n out of quantity units is what hf_money_split gives the first n of them. It grows
 * with n and ends at the whole value, so that any sequence of partial steps adds up exactly:
 *   needed   = sum of share(quantity - cancelled): the most that will ever be due
 *   due      = sum of share(fulfilled)
 *   returned = sum of share(returned)
 * An order without lines has its adjustments alone: all of them are needed and due.
 */
#ifndef HF_DOMAIN_ORDER_TOTAL_H
#define HF_DOMAIN_ORDER_TOTAL_H

#include "domain/order/load.h"

/* Shares of all lines together. */
typedef struct hf__dues {
    int64_t needed;
    int64_t due;
    int64_t returned;
} hf__dues;

/*
 * Sets the totals of all lines and of the order from quantities, prices and adjustments, and
 * compares with `given`. 0, HF_E_OVERFLOW, HF_E_LINE_UNKNOWN (an adjustment's line),
 * HF_E_AMOUNT (a line below zero), HF_E_TOTAL.
 */
int hf__order_set_totals(hf__draft *draft, hf__order *order, int64_t given);

/* Computes the values of the lines, once. 0, HF_E_NOMEM. */
int hf__order_set_values(hf__draft *draft, hf__order *order);

/* The share of `units` units of the line with the index `line`; values must be set. */
int64_t hf__order_share(const hf__order *order, uint32_t line, int64_t units);

/* All shares as the counters are now. 0, HF_E_NOMEM. */
int hf__order_dues(hf__draft *draft, hf__order *order, hf__dues *out);

#endif
