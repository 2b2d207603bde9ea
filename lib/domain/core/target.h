/*
 * target.h - the record that an operation names: to check its version, and to answer a repeat.
 */
#ifndef HF_DOMAIN_CORE_TARGET_H
#define HF_DOMAIN_CORE_TARGET_H

#include "domain/core/draft.h"
#include "domain/core/operation.h"

#define HF__UNIT_VERSION 1u /* of every unit: it never changes */

/* How the arguments name a record. */
typedef enum hf__target_by {
    HF__BY_NOTHING = 0,
    HF__BY_ACCOUNT, /* an hf_account_key at `at` */
    HF__BY_HOLD,    /* an hf_id at `at` */
    HF__BY_ORDER,
    HF__BY_PAYMENT,
    HF__BY_SUBJECT, /* hf_attention_clear_args */
    HF__BY_TXN,     /* an hf_id at `at` */
    HF__BY_FACT,    /* hf_payment_report_args */
    HF__BY_UNIT,    /* its code, a text, at `at` */
    HF__BY_ERASED,  /* hf_erase_args */
} hf__target_by;

/* A key of whichever table. */
typedef union hf__any_key {
    hf_id id; /* holds, orders, payments, transactions and operation keys begin with it */
    hf_account account;
    hf_hold hold;
    hf_order order;
    hf_payment payment;
    hf_fact fact;
    hf_txn txn;
    hf__op_key op_key;
    hf_unit unit;
} hf__any_key;

typedef struct hf__target {
    uint32_t table;
    uint32_t given;   /* 0: it names none */
    const char *what; /* "order" */
    hf__any_key key;
    char text[208]; /* for people */
} hf__target;

/* Finds out which record `op` names; `at` is the offset of its key in the arguments. */
void hf__target_set(hf__target *target, const hf__operation *op, hf__target_by by, size_t at);

/* The version of a target's row; 0 for kinds that have none. */
uint64_t hf__target_version(const hf__target *target, const void *row);

#endif
