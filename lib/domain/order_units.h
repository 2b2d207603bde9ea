/*
 * order_units.h - units of lines as operations name them.
 */
#ifndef HF_DOMAIN_ORDER_UNITS_H
#define HF_DOMAIN_ORDER_UNITS_H

#include "domain/order_load.h"

/*
 * Takes fulfilled units back, each element checked against what is left of its line. `bytes` is the
 * distance between elements. 0, HF__NEED, HF_E_LINE_UNKNOWN, HF_E_OVER_RETURN, the refusals of
 * movement.h.
 */
int hf__order_return_lines(hf__draft *draft, hf__order *order, const hf_line_quantity *lines,
                           uint32_t count, uint32_t bytes);

#endif
