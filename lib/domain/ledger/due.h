/*
 * due.h - the records whose deadline has passed, of one account or of all.
 *
 * Each kind of record that can be due has an index by deadline. Order lines, legs and payments from
 * accounts are due with their order, as a whole. A record that is set aside is never due.
 */
#ifndef HF_DOMAIN_LEDGER_DUE_H
#define HF_DOMAIN_LEDGER_DUE_H

#include "domain/core/draft.h"

#define HF__SWEEP_MOST 32u /* records that expire in one operation */

/* A record that is due. */
typedef struct hf__due_record {
    hf_id id;
    uint32_t what; /* HF__DUE_ORDER, HF__DUE_HOLD or HF__DUE_PAYMENT */
    uint32_t reserved;
} hf__due_record;

typedef struct hf__due_list {
    hf__due_record records[HF__SWEEP_MOST]; /* earliest deadline first */
    uint32_t count;
    uint32_t reserved;
    int64_t next_ms;     /* the earliest deadline behind them that has passed; 0: none */
    hf__due_walk passed; /* how far the indexes were read */
} hf__due_list;

/*
 * In a load: lists the first `most` (1..HF__SWEEP_MOST) records that are due, of one account or
 * (NULL) of all, and names the row of each. While rows or ranges are missing, the list has what is
 * known of it.
 */
void hf__load_due(hf__draft *draft, const hf_account_ref *account, uint32_t most,
                  hf__due_list *out);

/*
 * In a load: true when a record that is due holds something of the account; false also while that
 * is not known, because rows are missing.
 */
bool hf__load_any_due(hf__draft *draft, const hf_account_ref *account);

/* In a decision: *due says whether a record of the list is still due. 0, HF_E_INVARIANT. */
int hf__still_due(hf__draft *draft, const hf__due_record *record, bool *due);

#endif
