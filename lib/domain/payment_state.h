/*
 * payment_state.h - what can happen to a payment in each of its states.
 */
#ifndef HF_DOMAIN_PAYMENT_STATE_H
#define HF_DOMAIN_PAYMENT_STATE_H

#include "domain/draft.h"

/* What happens to a payment. */
typedef enum hf__payment_event {
    HF__PAY_ADD = 0,    /* recorded, not asked yet */
    HF__PAY_ASK,        /* authorization asked */
    HF__PAY_AUTHORIZED, /* authorized, perhaps in part */
    HF__PAY_ACTION,     /* the payer must act first */
    HF__PAY_FAILED,     /* refused */
    HF__PAY_DEADLINE,   /* no answer in time */
    HF__PAY_DROP,       /* its order ended before it was asked */
    HF__PAY_CAPTURE,    /* authorized money taken */
    HF__PAY_VOID,       /* authorized money given back */
    HF__PAY_SPENT,      /* nothing is left to capture */
    HF__PAY_REFUND,     /* captured money given back */
    HF__PAY_FACT,       /* a chargeback, or a fact nobody expected: recorded */
    HF__PAY_LATE,       /* authorized after its order had ended, which is revived */
    HF__PAY_COUNT
} hf__payment_event;

#define HF__PAYMENT_STATES 6u

/* The next state, or HF_PAYMENT_NONE when the event is not possible. */
uint32_t hf__payment_next(uint32_t state, hf__payment_event event);

/* "CAPTURE"; for details. */
const char *hf__payment_event_name(hf__payment_event event);

/* Refuses what hf__payment_apply would refuse and changes nothing: HF_E_PAYMENT_STATE. */
int hf__payment_can(const hf__draft *draft, const hf_payment *payment, hf__payment_event event);

/* Moves the payment. 0 or HF_E_PAYMENT_STATE, the state named. */
int hf__payment_apply(const hf__draft *draft, hf_payment *payment, hf__payment_event event);

/* What is authorized and neither captured, voided nor asked to be. */
int64_t hf__payment_open(const hf_payment *payment);

/* What is captured and neither refunded, charged back nor asked to be. */
int64_t hf__payment_refundable(const hf_payment *payment);

/* What is authorized, or asked to be, and not voided; of a NEW payment its amount. */
int64_t hf__payment_planned(const hf_payment *payment);

/* What is authorized and not final: open, or a command for it is under way. */
int64_t hf__payment_left(const hf_payment *payment);

/* What must hold of a payment whatever command happened to it. */
bool hf__payment_row_holds(const hf_payment *payment);

#endif
