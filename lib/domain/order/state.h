/*
 * state.h - what can happen to an order in each of its states.
 */
#ifndef HF_DOMAIN_ORDER_STATE_H
#define HF_DOMAIN_ORDER_STATE_H

#include "domain/core/draft.h"

/* What happens to an order. */
typedef enum hf__order_event {
    HF__ON_PLACE = 0,    /* placed, everything held */
    HF__ON_QUEUE,        /* placed, legs short, nothing held */
    HF__ON_SUPPLY,       /* what it waited for is there and held */
    HF__ON_AUTHORIZED,   /* payments secure it, PAY_LATER or IMPORT */
    HF__ON_CANCEL,       /* as a whole, before it was confirmed */
    HF__ON_DEADLINE,     /* not confirmed in time */
    HF__ON_REVIVE,       /* a payment succeeded late and everything could be held again */
    HF__ON_LATE,         /* a payment succeeded late and is voided or refunded */
    HF__ON_AMEND,        /* quantities, prices, lines, payments */
    HF__ON_FULFIL,       /* units handed over */
    HF__ON_CANCEL_UNITS, /* unfulfilled units of a confirmed or waiting order */
    HF__ON_RETURN,       /* fulfilled units taken back */
    HF__ON_DONE,         /* nothing is open any more */
    HF__ON_EMPTIED,      /* every unit was cancelled */
    HF__ON_EXCHANGE,     /* fulfilled units taken back and lines added, in one step */
    HF__ON_PAY,          /* a payment added */
    HF__ON_COUNT
} hf__order_event;

#define HF__ORDER_STATES 7u

/* The next state, or HF_ORDER_NONE when the event is not possible. */
uint32_t hf__order_next(uint32_t state, hf__order_event event);

/* "FULFIL"; for details. */
const char *hf__order_event_name(hf__order_event event);

/* True for CLOSED, CANCELLED and EXPIRED. */
bool hf__order_is_over(uint32_t state);

/* Refuses what hf__order_apply would refuse and changes nothing: HF_E_ORDER_STATE. */
int hf__order_can(const hf__draft *draft, const hf_order *order, hf__order_event event);

/* Moves the order: state, times, and its own deadline. 0 or HF_E_ORDER_STATE, the state named. */
int hf__order_apply(const hf__draft *draft, hf_order *order, hf__order_event event);

/* What must hold of an order row whatever happened to it. */
bool hf__order_row_holds(const hf_order *order);

#endif
