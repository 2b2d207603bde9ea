/*
 * queue.h - the queues in front of accounts: the rows that an order has in them.
 */
#ifndef HF_DOMAIN_LIFECYCLE_QUEUE_H
#define HF_DOMAIN_LIFECYCLE_QUEUE_H

#include "domain/order/demand.h"

/* Names the rows by which an order waits, and the accounts that it waits on. */
void hf__load_waits(hf__draft *draft, const hf_id *order);

/*
 * Lets a WAITING order wait on exactly the accounts that lack something: rows of HF__WAITS and the
 * accounts' counters. 0, HF_E_NOT_FOUND (nothing to wait on), HF_E_FROZEN, HF_E_NOMEM.
 */
int hf__order_wait(hf__draft *draft, const hf__order *order, hf__demands *demands);

/* Lets it wait nowhere. */
int hf__order_unwait(hf__draft *draft, const hf__order *order);

/*
 * The same for an order that is set aside, of which nothing else may be right: nothing is checked.
 */
int hf__waits_drop(hf__draft *draft, const hf_id *order);

#endif
