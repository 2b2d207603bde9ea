/*
 * need.h - what a whole order would take from each account, and whether it is there.
 */
#ifndef HF_DOMAIN_ORDER_NEED_H
#define HF_DOMAIN_ORDER_NEED_H

#include "domain/order/load.h"

/* One account of the order. */
typedef struct hf__need {
    const hf_account_ref *account; /* in a leg */
    int64_t out;                   /* the order takes from it */
    int64_t in;                    /* the order gives to it */
    int64_t available;             /* where it gives */
    bool gives;                    /* some of it is asked for */
    bool known;                    /* there is such an account */
    bool frozen;                   /* by itself, not by another order */
    bool lacking;                  /* the order waits here */
    bool waits;                    /* for the caller: there is a row of it already */
    uint32_t next;                 /* in its bucket; place + 1 */
} hf__need;

typedef struct hf__needs {
    hf__need *items; /* in order of lines and legs */
    uint32_t count;
    uint32_t mask;
    uint32_t *buckets;
    uint32_t lacking; /* accounts that are short */
    bool blocked;     /* an account that is given to has no room */
} hf__needs;

/*
 * Splits the units of lines with several places over them by what is available, and says what the
 * order needs of each account. Nothing is held. 0, HF_E_OVERFLOW, HF_E_NOMEM.
 */
int hf__order_needs(hf__draft *draft, hf__order *order, hf__needs *out);

/* The need of an account, or NULL. */
hf__need *hf__needs_find(const hf__needs *needs, const hf_account_ref *account);

#endif
