/*
 * shrink.h - a WAITING order that became smaller.
 */
#ifndef HF_DOMAIN_LIFECYCLE_SHRINK_H
#define HF_DOMAIN_LIFECYCLE_SHRINK_H

#include "domain/order/owed.h"

/*
 * Takes from the payments that were not asked for yet what the order owes less than `before`, the
 * last one first. One of which nothing is left is FAILED. 0, HF_E_NOMEM.
 */
int hf__order_shrink_payments(hf__draft *draft, hf__order *order, const hf__owed *before);

/*
 * Looks at the order again: it is promoted when it fits now, cancelled when no unit is left that it
 * could wait for, and else waits on exactly the accounts where it is still short. 0, HF_E_NOMEM.
 */
int hf__order_shrunk(hf__draft *draft, hf__order *order);

#endif
