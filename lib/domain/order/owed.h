/*
 * owed.h - what an order owes now and what covers it. Every capture, fulfilment, amendment,
 * cancellation, return and refund is decided by these two numbers.
 *
 *   owed   the value of the units that were neither cancelled nor returned, plus what the host kept
 *          of the other units, less what the host gave away
 *   due    the same of the fulfilled units only, at most owed
 *
 * An order that ended before it was confirmed owes nothing for its units, only what was kept.
 */
#ifndef HF_DOMAIN_ORDER_OWED_H
#define HF_DOMAIN_ORDER_OWED_H

#include "base/money/checked.h"
#include "domain/order/load.h"

/* The money of an order as its counters are now. */
typedef struct hf__owed {
    int64_t value;    /* of the units neither cancelled nor returned */
    int64_t returned; /* value of the returned units */
    int64_t owed;
    int64_t due;
    int64_t covered;  /* by payments, also by what is asked to be authorized */
    int64_t secured;  /* by what is authorized or captured */
    int64_t net;      /* captured or asked to be, less refunded or asked to be, less charged back */
    int64_t disputed; /* charged back */
    int64_t in_hand;  /* captured less refunded less charged back */
    int64_t idle;     /* part of `covered`: only a host captures it, because money was taken back */
} hf__owed;

/*
 * What stands against what an order owes: what covers it, but for what only a host captures. Of a
 * CLOSED order nothing is captured by itself any more, so what is only authorized pays nothing.
 */
static inline int64_t hf__order_paid_by(const hf_order *row, const hf__owed *money)
{
    return row->state == HF_ORDER_CLOSED ? money->net : money->covered - money->idle;
}

/* By how much `a` exceeds `b`; 0 when it does not. Facts may put both anywhere. */
static inline int64_t hf__beyond(int64_t a, int64_t b)
{
    int64_t by;
    if (a <= b)
        return 0;
    return hf__sub(a, b, &by) ? by : INT64_MAX;
}

/*
 * Whether the engine moves the payment's money by itself. An imported order is a record of the
 * past: its providers are only asked for what a host asks.
 */
static inline bool hf__payment_is_live(const hf__order *order, const hf_payment *payment)
{
    return payment->method == HF_METHOD_ACCOUNT || (order->row->policy & HF_ORDER_IMPORT) == 0;
}

/* 0, HF_E_NOMEM. */
int hf__order_owed(hf__draft *draft, hf__order *order, hf__owed *out);

/*
 * Adds to what the host kept and gave away, in the order and in the event. given_away is lowered as
 * far as the order would owe less than 0: the units that it was given for are cancelled or
 * returned. 0, HF_E_NOMEM.
 */
int hf__order_count(hf__draft *draft, hf__order *order, int64_t kept, int64_t given_away);

/* Sets and clears attention bits of the order, when that changes anything. 0, HF_E_NOMEM. */
int hf__order_attention(hf__draft *draft, hf__order *order, uint32_t set, uint32_t clear);

#endif
