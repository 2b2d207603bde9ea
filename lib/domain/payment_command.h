/*
 * payment_command.h - what a provider is asked for, and what its answers and facts do.
 *
 * A command is counted as pending from the commit that asks until the one that has its answer, so
 * that nothing is asked for twice. Facts come from answers and from reports, in any order and any
 * number: what a provider says happened is recorded, whatever was expected.
 */
#ifndef HF_DOMAIN_PAYMENT_COMMAND_H
#define HF_DOMAIN_PAYMENT_COMMAND_H

#include "domain/order_load.h"
#include "domain/txn_command.h"

/* Refuses a PROVIDER payment that cannot be: HF_E_TEXT_MISSING, HF_E_DEADLINE. */
int hf__payment_check_provider(const hf__draft *draft, const hf_payment_args *args, uint32_t no);

/* Starts a command of hf_command; `amount` is pending from now on. As hf__command_start. */
int hf__payment_ask(hf__draft *draft, hf_payment *payment, uint32_t command, int64_t amount);

#define HF__FACT_KINDS 8u

/* What a fact of a kind does to its payment. */
typedef struct hf__fact_effect {
    uint32_t pending_at; /* offset of the counter that asked for it; 0: nothing is asked */
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

/*
 * A fact of a provider about the payment at place `at`, not seen before or only without a payment:
 * its row is written, counters and state follow, then the order. `attention` comes back as raised
 * on payment and fact. 0, HF__NEED, HF_E_NOMEM.
 */
int hf__payment_fact(hf__draft *draft, hf__order *order, uint32_t at, hf_fact *fact);

/* The row of a fact: a new one, or that of a report which named no payment and keeps its time. */
int hf__fact_keep(hf__draft *draft, const hf_fact *fact);

/* What the order makes of a payment that changed from outside. */
int hf__payment_follow(hf__draft *draft, hf__order *order, uint32_t at);

/* A payment that has money although its order has ended: revived, or given back. */
int hf__payment_late(hf__draft *draft, hf__order *order, uint32_t at);

#endif
