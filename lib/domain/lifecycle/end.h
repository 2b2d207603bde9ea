/*
 * end.h - an order that ends before it was confirmed.
 */
#ifndef HF_DOMAIN_LIFECYCLE_END_H
#define HF_DOMAIN_LIFECYCLE_END_H

#include "domain/order/load.h"
#include "domain/order/state.h"

/*
 * Releases what a PENDING order holds or takes a WAITING one out of its queues, cancels its units,
 * and moves it by `event`, HF__ON_CANCEL or HF__ON_DEADLINE. Its money stays as it is. 0,
 * HF_E_ORDER_STATE, HF_E_NOMEM.
 */
int hf__order_end_units(hf__draft *draft, hf__order *order, hf__order_event event);

/* The same, and settles the money of the order (hf__order_settle_over). */
int hf__order_abandon(hf__draft *draft, hf__order *order, hf__order_event event);

/*
 * Cancels a PENDING order without a deadline when a payment came short and the others do not cover
 * what it owes; else changes nothing. 0, HF_E_NOMEM.
 */
int hf__order_end_unpaid(hf__draft *draft, hf__order *order);

#endif
