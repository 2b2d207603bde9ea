/*
 * order_end.h - an order that ends before it was confirmed.
 */
#ifndef HF_DOMAIN_ORDER_END_H
#define HF_DOMAIN_ORDER_END_H

#include "domain/order_load.h"
#include "domain/order_state.h"

/*
 * Releases what a PENDING order holds, takes a WAITING one out of its queues, voids its payments.
 * `event` is HF__ON_CANCEL or HF__ON_DEADLINE. 0, HF__NEED, HF_E_ORDER_STATE.
 */
int hf__order_give_up(hf__draft *draft, hf__order *order, hf__order_event event);

#endif
