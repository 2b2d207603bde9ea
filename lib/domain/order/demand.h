/*
 * demand.h - what a whole order takes from each account and gives to it, and whether it can.
 */
#ifndef HF_DOMAIN_ORDER_DEMAND_H
#define HF_DOMAIN_ORDER_DEMAND_H

#include "domain/order/load.h"

/* One account of the order. */
typedef struct hf__demand {
    const hf_account_ref *account; /* in a leg */
    int64_t out;                   /* the order takes from it */
    int64_t in;                    /* the order gives to it */
    int64_t available;             /* where it gives */
    bool gives;                    /* some of it is asked for */
    bool known;                    /* there is such an account */
    bool frozen;                   /* by itself, not by another order */
    bool is_short;                 /* the order waits here */
    bool waits;                    /* for the caller: there is a row of it already */
    uint32_t next;                 /* in its bucket; index + 1 */
} hf__demand;

typedef struct hf__demands {
    hf__demand *items; /* in order of lines and legs */
    uint32_t count;
    uint32_t mask;
    uint32_t *buckets;
    uint32_t short_count; /* accounts that are short */
    bool blocked; /* the max_balance of an account that the order gives to does not allow it */
} hf__demands;

/*
 * Splits the units of lines with several places over them by what is available, and says what the
 * order takes from each account and gives to it. Nothing is held. 0, HF_E_OVERFLOW, HF_E_NOMEM.
 */
int hf__order_demand(hf__draft *draft, hf__order *order, hf__demands *out);

/* The demand on an account; NULL: the order does not touch it. */
hf__demand *hf__demands_find(const hf__demands *demands, const hf_account_ref *account);

#endif
