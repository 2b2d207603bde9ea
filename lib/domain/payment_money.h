/*
 * payment_money.h - single steps of one payment from an account: authorize, capture, void, refund.
 *
 * `payment` is a place from 0. Counters, state and the account's balance move together, and the
 * event lists all three. Each step answers 0, HF__NEED or a named refusal with the payment and its
 * account.
 */
#ifndef HF_DOMAIN_PAYMENT_MONEY_H
#define HF_DOMAIN_PAYMENT_MONEY_H

#include "domain/operation.h"
#include "domain/order_load.h"
#include "domain/order_total.h"

/*
 * Adds a payment in state NEW. 0, HF__NEED, HF_E_ENUM (not a money
 * account), HF_E_CURRENCY, HF_E_ID_REUSED, HF_E_ID_TOO_OLD. `op` is what it comes with: an
 * operation that makes the payment and nothing else gives it its fingerprint, and its id where the
 * arguments name none. Another one leaves it the hash of its content, and an id derived from the
 * order's and the payment's number.
 */
int hf__payment_new(hf__draft *draft, hf__order *order, const hf_payment_args *args,
                    const hf__operation *op);

/*
 * HF_E_OVER_PAID when the payments from place `first` on, which are new, exceed what the others
 * leave uncovered of `owed` (see order_owed.h).
 */
int hf__payments_within(hf__draft *draft, const hf__order *order, uint32_t first, int64_t owed);

/* Appends the state of a payment to the event. */
int hf__payment_state_changed(hf__draft *draft, const hf_payment *payment);

/*
 * Authorizes a NEW payment in full, `captured` of it final at once. A provider is asked, unless no
 * authorization is expected (HF_PAYMENT_CAPTURE_ONLY), and the payment is PENDING.
 */
int hf__payment_authorize(hf__draft *draft, hf__order *order, uint32_t payment, int64_t captured);

/*
 * Captures, voids, refunds `amount` (> 0) of an authorized payment; a provider is asked to. What it
 * refused before is asked for again only for the part of `amount` that cannot be had otherwise. A
 * provider that voids only the whole is not asked to void a part: that part is barred from capture.
 */
int hf__payment_capture(hf__draft *draft, hf__order *order, uint32_t payment, int64_t amount);
int hf__payment_void(hf__draft *draft, hf__order *order, uint32_t payment, int64_t amount);
int hf__payment_refund(hf__draft *draft, hf__order *order, uint32_t payment, int64_t amount);

/* A payment that cannot be authorized, or whose order ended before it was asked: FAILED. */
int hf__payment_drop(hf__draft *draft, hf__order *order, uint32_t payment);

/* A provider has not answered in time, or its order has ended: FAILED; a late answer is a fact. */
int hf__payment_abandon(hf__draft *draft, hf__order *order, uint32_t payment);

/* Asks to void all that is left of a payment of which nothing can be captured any more. */
int hf__payment_release_barred(hf__draft *draft, hf__order *order, uint32_t payment);

/* What the event tells of a payment, as it was; all 0 before it is told of the first time. */
typedef struct hf__payment_was {
    int64_t authorized;
    int64_t captured;
    int64_t voided;
    int64_t refunded;
    uint32_t state;
    uint32_t reserved;
} hf__payment_was;

static inline hf__payment_was hf__payment_now(const hf_payment *payment)
{
    return (hf__payment_was){
        .authorized = payment->authorized,
        .captured = payment->captured,
        .voided = payment->voided,
        .refunded = payment->refunded,
        .state = payment->state,
    };
}

/* Appends what changed of a payment's counters and state since `before` to the event. */
int hf__payment_moved(hf__draft *draft, const hf_payment *payment, const hf__payment_was *before);

#endif
