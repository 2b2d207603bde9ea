/*
 * purge.h - what retention leaves behind of what it removes: ranges of numbers and sums of events.
 */
#ifndef HF_DOMAIN_UPKEEP_PURGE_H
#define HF_DOMAIN_UPKEEP_PURGE_H

#include "domain/core/draft.h"

#include <stdbool.h>

/* The stored ranges beside a number, as hf__draft_load returns them. */
typedef struct hf__beside {
    uint32_t left;  /* that ends right before it; 0: none does */
    uint32_t right; /* that begins right after it, if there is one */
} hf__beside;

/* A row that is to be removed. */
typedef struct hf__removal {
    const void *row; /* as the view has it */
    uint32_t table;
    hf__beside number; /* of an order: beside its number */
} hf__removal;

/* Rows that a load has found, in the order in which they are removed. */
typedef struct hf__removals {
    hf__removal *rows;
    uint32_t count;
    uint32_t capacity;
} hf__removals;

/* Ranges of order numbers that one operation has touched; they are in the draft. */
typedef struct hf__ranges {
    hf__purge **rows; /* at most one of each order that is removed */
    uint32_t count;
    uint32_t capacity;
} hf__ranges;

/* ---- Named before the decision --------------------------------------------------------------- */

/* Adds a row; NULL without memory: draft->load_error. */
hf__removal *hf__removal_add(hf__draft *draft, hf__removals *to, uint32_t table, const void *row);

/* Adds all rows of a range whose bounds are the same prefix of a key; returns how many. */
uint32_t hf__removals_add(hf__draft *draft, hf__removals *to, const hf_scan *range);

/* Names the ranges beside a number of a series. */
void hf__load_beside(hf__draft *draft, const hf_name *series, uint64_t number, hf__beside *out);

/* Names the bases of the accounts that an event moved something of. */
void hf__load_bases(hf__draft *draft, const hf_event *event);

/* ---- Decided --------------------------------------------------------------------------------- */

/* Records that the order of a number was removed; adjacent ranges become one. */
int hf__purge_number(hf__draft *draft, hf__ranges *ranges, const hf_order *order,
                     const hf__beside *beside);

/* Adds what an event moved to the bases of its accounts. HF_E_CORRUPT for a body that is none. */
int hf__purge_fold(hf__draft *draft, const hf_event *event);

/*
 * The row whose until_ms is the time before which ids of transactions are refused; `last` counts
 * the transactions, branches and holds that the engine has removed, and that events still name.
 */
hf__purge hf__purge_txns_key(void);

/* Whether a row says so of all ids. */
bool hf__purge_is_for_all(const hf__purge *purge);

#endif
