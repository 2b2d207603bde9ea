/*
 * order_follow.h - what an order makes of a payment that changed from outside: by an answer, a
 * report, or because its deadline passed.
 */
#ifndef HF_DOMAIN_ORDER_FOLLOW_H
#define HF_DOMAIN_ORDER_FOLLOW_H

#include "domain/order_owed.h"

/* A payment and the money of its order before it changed. */
typedef struct hf__follow {
    hf__owed before;
    int64_t authorized; /* of the payment, less voided */
    int64_t captured;
    int64_t pending_capture;
    uint32_t at;    /* place of the payment */
    uint32_t state; /* hf_payment_state */
} hf__follow;

/* Notes how things are. 0, HF_E_NOMEM. */
int hf__follow_begin(hf__draft *draft, hf__order *order, uint32_t at, hf__follow *out);

/* The order follows the change. 0, HF__NEED, or what an account refuses. */
int hf__order_follow(hf__draft *draft, hf__order *order, const hf__follow *f);

#endif
