/*
 * money.h - single steps of one payment: authorize, capture, void, refund.
 *
 * `payment` is an index from 0. Of a payment from an account, counters, state and balance change
 * together, and the event lists all three. Each step returns 0 or a refusal that names the payment
 * and its account.
 */
#ifndef HF_DOMAIN_PAYMENT_MONEY_H
#define HF_DOMAIN_PAYMENT_MONEY_H

#include "domain/core/operation.h"
#include "domain/order/load.h"
#include "domain/order/total.h"

/*
 * Adds a payment in state NEW. 0, HF_E_TEXT_MISSING and HF_E_DEADLINE (of a provider),
 * HF_E_ENUM (not a money account), HF_E_CURRENCY, HF_E_ID_REUSED, HF_E_ID_TOO_OLD. A payment that
 * `op` adds alone has the fingerprint of the operation, and its id when the arguments name none.
 * Any other has the hash of its content, and an id that is derived from the order's id and its no.
 * `at`: the position of the payment in the arguments of `op`.
 */
int hf__payment_new(hf__draft *draft, hf__order *order, const hf_payment_args *args,
                    const hf__operation *op, uint32_t at);

/*
 * HF_E_OVER_PAID when the payments from index `first` on, which are new, exceed what the others
 * leave uncovered of `owed` (see order/owed.h).
 */
int hf__payments_within(hf__draft *draft, const hf__order *order, uint32_t first, int64_t owed);

/* Appends the state of a payment to the event. */
int hf__payment_state_changed(hf__draft *draft, const hf_payment *payment);

/*
 * Authorizes a NEW payment of an account in full, and captures `captured` of it at once. A payment
 * of a provider becomes PENDING, and the provider is asked, unless no authorization is expected
 * (HF_PAYMENT_CAPTURE_ONLY).
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

/* A NEW payment becomes FAILED: it cannot be authorized, or its order has ended. */
int hf__payment_drop(hf__draft *draft, hf__order *order, uint32_t payment);

/* A PENDING payment becomes FAILED: its deadline passed, or its order has ended. */
int hf__payment_abandon(hf__draft *draft, hf__order *order, uint32_t payment);

/* Asks to void all that is left of a payment of which nothing can be captured any more. */
int hf__payment_release_barred(hf__draft *draft, hf__order *order, uint32_t payment);

/* What the event has of a payment, before a change; all 0 before its first event. */
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
