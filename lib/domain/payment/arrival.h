/*
 * arrival.h - a fact on its way to its payment: what the kinds of facts share.
 */
#ifndef HF_DOMAIN_PAYMENT_ARRIVAL_H
#define HF_DOMAIN_PAYMENT_ARRIVAL_H

#include "base/money/checked.h"
#include "domain/payment/fact.h"
#include "domain/payment/facts.h"
#include "domain/payment/money.h"

#define HF__UNEXPECTED ((uint32_t)HF_ATTENTION_UNEXPECTED_FACT)

/* A fact and the payment that it changes. */
typedef struct hf__arrival {
    hf__draft *draft;
    hf_payment *payment;
    hf_fact *fact;
    int64_t asked;           /* at most so much of it was asked for */
    hf__movement_facts same; /* of its kind */
    bool expected;           /* of AUTHORIZED: money was asked for, or authorized before */
} hf__arrival;

/* The fact is another message about a movement that has counted: it moves no counter. */
static inline void hf__fact_repeat(hf__arrival *a)
{
    a->fact->uncounted = a->fact->amount;
}

/*
 * Sets a fact aside that contradicts what is known, or whose sum no counter can hold: a person has
 * to look.
 */
static inline void hf__fact_set_aside(hf__arrival *a)
{
    hf__fact_repeat(a);
    a->fact->attention |= HF__UNEXPECTED;
}

/* Whether the fact is the last capture of its payment. */
static inline bool hf__fact_is_final(const hf__arrival *a)
{
    return a->fact->kind == HF_FACT_CAPTURED && (a->fact->flags & HF_REPORT_FINAL) != 0;
}

/* ---- counters.c: what most kinds do ---------------------------------------------------------- */

/* By how much the fact moves its counter; false: not at all. */
bool hf__fact_moves(hf__arrival *a, int64_t *by);

/* CAPTURED, VOIDED, REFUNDED, and the chargeback of CHARGEBACK. 0. */
int hf__fact_move(hf__arrival *a);

/*
 * What happened and was taken back counts as if the provider had refused it, so it is not asked for
 * again by itself; at most what is there (hf__payment_fit). Refunds and voids that nobody had asked
 * for were not refused.
 */
void hf__fact_refuse_taken(hf_payment *payment, uint32_t kind, const hf__movement_facts *of,
                           int64_t taken);

/* ---- authorized.c -------------------------------------------------------------------- */

/* AUTHORIZED. 0, HF_E_NOMEM. */
int hf__fact_authorize(hf__arrival *a);

/*
 * What was voided before the newest message of every authorization, which is not in the amounts of
 * these messages.
 */
int64_t hf__voided_before(const hf__payment_facts *of);

/* What is to be added to the amounts of the authorizations was `before`, and is `voided` now. */
void hf__authorized_beside(hf_payment *payment, int64_t before, int64_t voided);

/*
 * Whether more is authorized and not voided than `before`, and was not to be expected: nobody had
 * asked for it, or it does not renew or raise an authorization up to the payment's amount.
 */
bool hf__authorized_unasked(const hf__arrival *a, const hf__payment_was *before);

/* ---- state.c --------------------------------------------------------------------------------- */

/*
 * Counts what is captured or voided as authorized, also when nobody has reported the authorization.
 */
void hf__payment_imply(hf_payment *payment);

/*
 * The state follows the counters: authorized money makes a payment AUTHORIZED or CLOSED. 0,
 * HF_E_PAYMENT_STATE.
 */
int hf__payment_settle_state(hf__draft *draft, hf_payment *payment);

/* ---- failed.c ------------------------------------------------------------------------ */

/* FAILED. 0, HF_E_NOMEM, HF_E_FENCED. */
int hf__fact_fail(hf__arrival *a);

/* *failed: a newer failure of the same movement was reported before. 0, HF_E_NOMEM. */
int hf__fact_find_failure(hf__arrival *a, bool *failed);

/* Attention of a report without a time: it is not known which message is newer. */
uint32_t hf__fact_untimed(const hf__arrival *a);

/* ---- dispute.c ----------------------------------------------------------------------- */

/* CHARGEBACK and CHARGEBACK_REVERSED. 0, HF_E_NOMEM. */
int hf__fact_charge_back(hf__arrival *a);
int hf__fact_reverse(hf__arrival *a);

#endif
