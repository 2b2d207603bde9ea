/*
 * waiting.h - orders that wait for what they are short of, first in first out per account.
 */
#ifndef HF_DOMAIN_LIFECYCLE_WAITING_H
#define HF_DOMAIN_LIFECYCLE_WAITING_H

#include "domain/lifecycle/expire.h"
#include "domain/order/load.h"

/*
 * Lets a WAITING order that waits nowhere wait again in its old place: where it is short, or else
 * on the first account it needs. 0, HF_E_NOMEM, HF_E_NOT_FOUND.
 */
int hf__order_rejoin(hf__draft *draft, hf__order *order);

/*
 * Looks at a WAITING order that needs less than before: promoted when everything is there, else it
 * waits where it is still short. 0, HF_E_NOMEM.
 */
int hf__order_reconsider(hf__draft *draft, hf__order *order);

/*
 * Takes everything a new or waiting order needs; lines that settle on CONFIRM are final at once
 * when the order is confirmed.
 */
int hf__order_take(hf__draft *draft, hf__order *order);

/* Everything that a WAITING order needs is there: it is PENDING, or further. 0, what accounts
   refuse, HF_E_NOMEM. */
int hf__order_promote(hf__draft *draft, hf__order *order);

#endif
