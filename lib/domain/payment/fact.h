/*
 * fact.h - applies what a provider says happened to a payment.
 *
 * A fact is a message (fact_ref) about a movement of money (reference). Facts come from answers and
 * from reports, in any order and any number; each movement counts once, whether an answer or a
 * report has it.
 */
#ifndef HF_DOMAIN_PAYMENT_FACT_H
#define HF_DOMAIN_PAYMENT_FACT_H

#include "domain/order/load.h"

#define HF__FACT_KINDS 8u

/* What a fact of a kind does to its payment. */
typedef struct hf__fact_effect {
    uint32_t pending_at; /* offset of the counter of what is asked; 0: nothing is asked */
    uint32_t refused_at; /* offset of the counter of what was refused; 0: none */
    uint32_t counter_at; /* offset of the counter it moves; 0: none */
    uint32_t command;    /* hf_command that asks for it */
    uint32_t attention;  /* raised in any case */
} hf__fact_effect;
extern const hf__fact_effect hf__fact_effects[HF__FACT_KINDS];

/* The counter at an offset of the table above. */
static inline int64_t *hf__payment_counter(hf_payment *payment, uint32_t at)
{
    return (int64_t *)(void *)((uint8_t *)payment + at);
}

static inline int64_t hf__payment_count(const hf_payment *payment, uint32_t at)
{
    return *(const int64_t *)(const void *)((const uint8_t *)payment + at);
}

/* The kind of fact that a command's success is. */
uint32_t hf__fact_of(uint32_t command);

/* The movement that a fact is about. */
static inline const hf_name *hf__fact_movement(const hf_fact *fact)
{
    return hf__name_empty(&fact->reference) ? &fact->fact_ref : &fact->reference;
}

/*
 * What is known of one movement of one kind. To the answer of a command only that is known which it
 * may be about: what its command or no command has brought, else what is presumed another's. What
 * the answers of other commands have brought is money beside it.
 */
typedef struct hf__movement_facts {
    bool seen;                /* a fact of this payment is about it, even one that was set aside */
    bool known;               /* a fact of this payment has counted for it */
    bool of_another;          /* a fact of another payment has counted for it */
    bool answered;            /* the answer of another command of this payment has counted for it */
    bool asked;               /* a fact that has counted for it belongs to a command */
    int64_t counted;          /* what it has moved the payment's counter by */
    int64_t newest_ms;        /* the latest provider time of its facts */
    hf_id payment;            /* of the first fact that has counted; all zero: none */
    const hf_fact *row;       /* the first fact of this payment that has counted, or NULL */
    const hf_fact *unclaimed; /* the first that belongs to no command or another one, or NULL */
} hf__movement_facts;

/*
 * Looks for the facts of the movement of `fact`, as if of the kind `kind`; `fact` itself is left
 * out. 0, HF_E_NOMEM.
 */
int hf__movement_find(hf__draft *draft, const hf_fact *fact, uint32_t kind,
                      hf__movement_facts *out);

/* Names what hf__movement_find reads of some kinds: each has the bit 1 << kind. */
#define HF__ALL_KINDS ((1u << HF__FACT_KINDS) - 1)
void hf__load_movements(hf__draft *draft, const hf_fact *fact, uint32_t kinds);

/*
 * Applies a new fact to the payment at index `at`: counters and state change, `attention` and
 * `uncounted` of the fact are set, and its row is written. At most `asked` of it was asked for: of
 * an answer what its command still asks for, of a report HF__ASKED_ANY. 0, HF_E_NOMEM.
 */
#define HF__ASKED_ANY INT64_MAX
int hf__payment_fact(hf__draft *draft, hf__order *order, uint32_t at, hf_fact *fact, int64_t asked);

/*
 * Computes what is voided of a payment whose last capture was reported (HF_PAYMENT_FINAL), or whose
 * provider captures once. `fact` is not recorded yet, or NULL. 0, HF_E_NOMEM.
 */
int hf__payment_final(hf__draft *draft, hf_payment *payment, const hf_fact *fact);

/*
 * What is refunded became less: takes HF_PAYMENT_WITHDRAWN away when nothing is left of the refunds
 * that nobody had asked for. `fact` is not recorded yet. 0, HF_E_NOMEM.
 */
int hf__payment_withdrawn(hf__draft *draft, hf_payment *payment, const hf_fact *fact);

/*
 * By how much the only authorization of a payment was raised beyond the payment's amount; 0 when
 * there are several. 0, HF_E_NOMEM.
 */
int hf__authorized_beyond(hf__draft *draft, const hf_payment *payment, int64_t *beyond);

/* The last capture that was asked for is made: what was barred is released. 0, HF_E_NOMEM. */
int hf__payment_release(hf__draft *draft, hf__order *order, uint32_t at);

/* Writes the row of a fact: a new row, or that of an unmatched report, which keeps its at_ms. */
int hf__fact_keep(hf__draft *draft, const hf_fact *fact);

/*
 * Sets provider_ref of the payment unless it is set; then `fact`, which is recorded and the
 * payment's, or NULL, keeps the name as a further one. Unmatched reports that named it are applied.
 * 0, HF_E_NOMEM, HF_E_FENCED.
 */
int hf__payment_set_reference(hf__draft *draft, hf__order *order, uint32_t at, const hf_fact *fact,
                              const hf_name *provider_ref);

/* ---- Named before the decision --------------------------------------------------------------- */

/* Of which kinds hf__payment_fact looks for the movement of `fact`: each has the bit 1 << kind. */
uint32_t hf__fact_kinds_read(const hf_fact *fact);

/*
 * Names what hf__payment_set_reference reads, but for the facts of the payment. True when kept
 * reports may be applied, which may ask for those.
 */
bool hf__load_reference(hf__draft *draft, const hf_payment *payment, const hf_name *provider_ref);

/*
 * Names what a fact of the payment reads, with the account or the provider's commands of the
 * payment, and the reports that its provider's id `provider_ref` (may be empty) leads to.
 */
void hf__load_fact(hf__draft *draft, const hf_payment *payment, const hf_fact *fact,
                   const hf_name *provider_ref);

/* Names what hf__authorized_beyond may read of each payment of the order. */
void hf__load_raised(hf__draft *draft, const hf__order *order);

#endif
