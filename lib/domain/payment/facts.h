/*
 * facts.h - all facts of one payment, where single movements do not say enough.
 */
#ifndef HF_DOMAIN_PAYMENT_FACTS_H
#define HF_DOMAIN_PAYMENT_FACTS_H

#include "domain/payment/fact.h"

/* One movement of one kind: what its messages say together. */
typedef struct hf__facts_movement {
    const hf_fact *first; /* the first of its messages */
    int64_t moved;        /* by how much they have moved the counter of their kind */
    int64_t newest_ms;    /* the latest time of the provider */
    int64_t recorded_ms;  /* when the first of them was recorded */
    bool asked;           /* one is a command's: its answer, or the report that ended it */
} hf__facts_movement;

/* The facts of one payment, without those that were set aside as not fitting it. */
typedef struct hf__payment_facts {
    hf__draft *draft;
    const hf_payment *payment;
    const hf_order *order;
    const hf_fact **rows;
    hf__facts_movement *movements; /* in the order of their first messages */
    uint32_t *movement_of;         /* by index of the row */
    uint32_t count;
    uint32_t capacity;
    uint32_t movement_count;
} hf__payment_facts;

/*
 * Names what hf__payment_facts_find reads, but for the order of the payment, and whether the
 * movements of facts of some kinds have failed: each kind has the bit 1 << kind.
 */
void hf__load_payment_facts(hf__draft *draft, const hf_payment *payment, uint32_t failures);

/* Reads them; `fact` is not recorded yet, or NULL. 0, HF_E_NOMEM. */
int hf__payment_facts_find(hf__draft *draft, const hf_payment *payment, const hf_fact *fact,
                           hf__payment_facts *out);

/* Adds a fact that is not recorded yet, without reading the others again. 0, HF_E_NOMEM. */
int hf__payment_facts_add(hf__payment_facts *of, const hf_fact *fact);

/* The movement that the row `at` is about. */
static inline hf__facts_movement *hf__payment_facts_movement(const hf__payment_facts *of,
                                                             uint32_t at)
{
    return &of->movements[of->movement_of[at]];
}

/* When a fact was recorded; one that is not yet is recorded now. */
static inline int64_t hf__fact_recorded_ms(const hf_fact *row, int64_t now_ms)
{
    return row->at_ms != 0 ? row->at_ms : now_ms;
}

/* When something happened: without a time of the provider, before it was recorded. */
static inline int64_t hf__happened_ms(int64_t provider_ms, int64_t recorded_ms)
{
    return provider_ms != 0 ? provider_ms : recorded_ms;
}

/* By how much a fact has moved the counter of its kind. */
static inline int64_t hf__fact_moved(const hf_fact *row)
{
    return row->amount - row->uncounted;
}

#endif
