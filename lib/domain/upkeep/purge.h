/*
 * purge.h - what retention leaves behind of what it removes: ranges of numbers and sums of events.
 */
#ifndef HF_DOMAIN_UPKEEP_PURGE_H
#define HF_DOMAIN_UPKEEP_PURGE_H

#include "domain/core/draft.h"

#include <stdbool.h>

/* Ranges of order numbers that one operation has touched; they are in the draft. */
typedef struct hf__ranges {
    hf__purge **rows; /* room for as many as orders are removed */
    uint32_t count;
    uint32_t capacity;
} hf__ranges;

/* Records that a number of a series is gone; neighbours become one range. */
int hf__purge_number(hf__draft *draft, hf__ranges *ranges, const hf_name *series, uint64_t number);

/* Adds what an event moved to the bases of its accounts. HF_E_CORRUPT for a body that is none. */
int hf__purge_fold(hf__draft *draft, const hf_event *event);

/*
 * The row whose until_ms is the time before which ids of transactions are refused; `last` counts
 * the transactions, branches and holds that the engine has removed, and that events still name.
 */
hf__purge hf__purge_txns_key(void);

/* Whether a row says so of all ids. */
bool hf__purge_is_for_all(const hf__purge *purge);

/* Removes all rows whose index key begins with `columns` columns of `key`; *count grows. */
int hf__purge_rows(hf__draft *draft, const hf_scan *range, uint32_t *count);

#endif
