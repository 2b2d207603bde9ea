/*
 * match.h - which payment a report is about.
 */
#ifndef HF_DOMAIN_PAYMENT_MATCH_H
#define HF_DOMAIN_PAYMENT_MATCH_H

#include "domain/payment/fact.h"

typedef struct hf__match {
    const hf_fact *fact;        /* as it was reported; its payment may be named */
    const hf_name *payment_ref; /* the provider's id of the payment; may be empty */
    const hf_payment *payment;  /* out; NULL: none that is known */
    bool contradicts;           /* out: what it names belongs to another payment, or to two */
} hf__match;

/*
 * Finds the payment by its id; else by payment_ref, which is its provider_ref or one that another
 * fact keeps; else by the movement, which is the provider_ref of a payment or the movement of
 * another fact. 0, HF_E_NOMEM.
 */
int hf__match_find(hf__draft *draft, hf__match *match);

/*
 * Whether the movement of a report of a known payment, named apart from its message, belongs to
 * another payment. 0, HF_E_NOMEM.
 */
int hf__match_contradicts(hf__draft *draft, const hf_fact *fact, bool *contradicts);

/* The payments to which facts that keep a further id of the provider lead. */
typedef struct hf__named {
    uint32_t count; /* at most 2 */
    bool includes;  /* the payment that was asked for is among them */
    hf_id first;
} hf__named;

/* `payment`: whether it is among them, or NULL. 0, HF_E_NOMEM. */
int hf__match_named(hf__draft *draft, const hf_name *provider, const hf_name *ref,
                    const hf_id *payment, hf__named *out);

/* The payment with this id. */
int hf__match_id(hf__draft *draft, const hf_id *id, hf__match *match);

/* ---- Named before the decision --------------------------------------------------------------- */

/*
 * The same as hf__match_find for a load: names what is read, as far as what is there shows. 0 with
 * the payment; else something is missing.
 */
int hf__load_match(hf__draft *draft, hf__match *match);

/* Names what hf__match_contradicts reads. */
void hf__load_contradictions(hf__draft *draft, const hf_fact *fact);

/* Names what hf__match_named reads. */
void hf__load_named(hf__draft *draft, const hf_name *provider, const hf_name *ref,
                    const hf_id *payment);

#endif
