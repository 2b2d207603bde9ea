/*
 * quantity.h - units of lines as a request names them, checked and moved.
 */
#ifndef HF_DOMAIN_ORDER_QUANTITY_H
#define HF_DOMAIN_ORDER_QUANTITY_H

#include "domain/order/stock.h"

/* The quantities of a request, `bytes` apart. */
typedef struct hf__quantities {
    const hf_line_quantity *first;
    uint32_t count;
    uint32_t bytes;
} hf__quantities;

/*
 * Fulfils, cancels or returns these units, one quantity after the other; with no quantity all
 * units of which that is possible. 0, HF_E_LINE_UNKNOWN, HF_E_PLACE_UNKNOWN, HF_E_OVER_FULFIL,
 * HF_E_OVER_CANCEL or HF_E_OVER_RETURN (both quantities are in the detail, also when no unit is
 * left), the refusals of movement.h.
 */
int hf__order_move_units(hf__draft *draft, hf__order *order, hf__line_way way,
                         const hf__quantities *lines);

#endif
