/*
 * view.h - the answer of the order operations, and what must hold of an order.
 */
#ifndef HF_DOMAIN_ORDER_VIEW_H
#define HF_DOMAIN_ORDER_VIEW_H

#include "domain/order/load.h"

/* The order with derived states; every row in the arena. 0 or HF_E_NOMEM. */
int hf__order_view(hf__draft *draft, hf__order *order, const hf_order_view **out);

/* Clauses 4 to 6 of the domain, as far as the order's own rows show them. */
bool hf__order_holds(const hf__order *order);

/*
 * Ends an operation on an order: the change of state in the event, subject and result of the
 * draft, invariants. For hf__order_end only what belongs into the event.
 */
int hf__order_finish(hf__draft *draft, hf__order *order, const hf_op_head *head);
int hf__order_end(hf__draft *draft, hf__order *order);

#endif
