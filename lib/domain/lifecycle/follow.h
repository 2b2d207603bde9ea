/*
 * follow.h - what an order does when a payment was changed by an answer, a report or its
 * deadline.
 */
#ifndef HF_DOMAIN_LIFECYCLE_FOLLOW_H
#define HF_DOMAIN_LIFECYCLE_FOLLOW_H

#include "domain/order/owed.h"

/* A payment and the money of its order before the change. */
typedef struct hf__follow {
    hf__owed before;
    int64_t authorized; /* of the payment, less voided */
    int64_t captured;
    int64_t pending_capture;
    uint32_t at;    /* index of the payment */
    uint32_t state; /* hf_payment_state */
} hf__follow;

/* Records the payment at index `at` and the money of the order. 0, HF_E_NOMEM. */
int hf__follow_begin(hf__draft *draft, hf__order *order, uint32_t at, hf__follow *out);

/* Does what the state of the order demands after the change. 0, what accounts refuse. */
int hf__order_follow(hf__draft *draft, hf__order *order, const hf__follow *f);

/*
 * The order cannot follow what a provider did, because an account refuses that: it is marked for a
 * person, and as UNPAID when the change took coverage away. 0, HF_E_NOMEM.
 */
int hf__order_stay_behind(hf__draft *draft, hf__order *order, const hf__follow *f);

#endif
