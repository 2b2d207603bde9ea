/*
 * payment_state.h - what can happen to a payment in each of its states.
 */
#ifndef HF_DOMAIN_ORDER_PAYMENT_STATE_H
#define HF_DOMAIN_ORDER_PAYMENT_STATE_H

#include "domain/core/draft.h"

/* What happens to a payment. */
typedef enum hf__payment_event {
    HF__PAY_ADD = 0,    /* recorded, not asked yet */
    HF__PAY_ASK,        /* authorization asked */
    HF__PAY_AUTHORIZED, /* authorized, perhaps in part */
    HF__PAY_ACTION,     /* the payer must act first */
    HF__PAY_FAILED,     /* refused */
    HF__PAY_DEADLINE,   /* no answer in time */
    HF__PAY_DROP,       /* its order ended before it was asked */
    HF__PAY_CAPTURE,    /* authorized money captured */
    HF__PAY_VOID,       /* authorized money released */
    HF__PAY_SPENT,      /* nothing is left to capture */
    HF__PAY_REFUND,     /* captured money refunded */
    HF__PAY_FACT,       /* a chargeback, or an unexpected fact: recorded */
    HF__PAY_LATE,       /* authorized unexpectedly: not asked yet, failed or spent */
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

/*
 * What can be captured: authorized and neither captured, voided, barred, refused to be captured nor
 * asked to be captured or voided. Negative when facts broke the limits.
 */
int64_t hf__payment_open(const hf_payment *payment);

/* What a command may capture or void: what is open, and what was refused to be captured. */
int64_t hf__payment_capturable(const hf_payment *payment);

/* What may be voided by itself: the same without what the provider refused to void. */
int64_t hf__payment_voidable(const hf_payment *payment);

/* What is captured and neither refunded, charged back nor asked to be refunded. */
int64_t hf__payment_refundable(const hf_payment *payment);

/* What is authorized and neither captured nor voided, whatever it is asked to be. */
int64_t hf__payment_left(const hf_payment *payment);

/*
 * What secures its order: authorized or captured, and neither voided, barred, refused to be
 * captured, refunded, charged back nor asked to be.
 */
int64_t hf__payment_secures(const hf_payment *payment);

/* The same with what is asked to be authorized; of a NEW payment its whole amount. */
int64_t hf__payment_covers(const hf_payment *payment);

/* Captured or asked to be (at most what is left), less refunded or asked to be, less charged back.
 */
int64_t hf__payment_net(const hf_payment *payment);

/* Captured less refunded less charged back: the money that the host has. */
int64_t hf__payment_in_hand(const hf_payment *payment);

/* Whether money was taken back that no command had refunded: only a command captures more. */
bool hf__payment_is_withdrawn(const hf_payment *payment);

/* What is open of a withdrawn payment and would else be captured by the engine itself. */
int64_t hf__payment_idle(const hf_payment *payment);

/*
 * Whether it covers less than its amount: it was authorized in part, failed, or lost money. A NEW
 * payment has not been asked, a PENDING one has no answer yet: both are false.
 */
bool hf__payment_came_short(const hf_payment *payment);

/* Lowers barred and refused amounts to what exists, after a fact has changed the counters. */
void hf__payment_fit(hf_payment *payment);

/* What must hold of a payment whatever command happened to it. */
bool hf__payment_row_holds(const hf_payment *payment);

#endif
