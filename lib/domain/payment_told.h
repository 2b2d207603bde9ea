/*
 * payment_told.h - all that is known of one payment, where single movements do not say enough.
 */
#ifndef HF_DOMAIN_PAYMENT_TOLD_H
#define HF_DOMAIN_PAYMENT_TOLD_H

#include "domain/payment_fact.h"

/* The facts of one payment, without those that were set aside as not fitting it. */
typedef struct hf__told {
    hf__draft *draft;
    const hf_payment *payment;
    const hf_fact **rows;
    uint32_t count;
    uint32_t capacity;
} hf__told;

/* Reads them; `fact` is not recorded yet, or NULL. 0, HF__NEED, HF_E_NOMEM. */
int hf__told_find(hf__draft *draft, const hf_payment *payment, const hf_fact *fact, hf__told *out);

/* Whether both are of one kind and about one movement. */
bool hf__told_same(const hf_fact *a, const hf_fact *b);

/* What the messages of the movement and kind of `row` have moved, and when the newest happened. */
int64_t hf__told_moved(const hf__told *of, const hf_fact *row, int64_t *newest_ms);

/* By how much a fact has moved the counter of its kind. */
static inline int64_t hf__fact_moved(const hf_fact *row)
{
    return row->amount - row->uncounted;
}

#endif
