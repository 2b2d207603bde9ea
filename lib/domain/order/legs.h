/*
 * legs.h - new lines of an order, and the accounts their units come from.
 */
#ifndef HF_DOMAIN_ORDER_LEGS_H
#define HF_DOMAIN_ORDER_LEGS_H

#include "domain/order/load.h"

/* Lines in arguments. */
typedef struct hf__line_list {
    const hf_line_args *first;
    uint32_t count;
    uint32_t bytes; /* from one to the next */
} hf__line_list;

/* How many rows of further legs the lines may need. */
uint32_t hf__lines_legs(const hf__line_list *lines);

/* Adds the lines without their legs: quantities, prices, settlement. 0, HF_E_UNIT_UNKNOWN. */
int hf__lines_add(hf__draft *draft, hf__order *order, const hf__line_list *lines);

/*
 * Adds the legs of a new line. Units of several places are split by what each has now, unless the
 * order may wait (QUEUE): then every place gets a leg, and demand.h splits. 0, HF_E_SETTLE,
 * HF_E_ARGUMENT, HF_E_STOCK_SHORT (all places together).
 */
int hf__line_add_legs(hf__draft *draft, hf__order *order, uint32_t line, const hf_line_args *args);

#endif
