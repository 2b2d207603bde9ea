/*
 * view.h - what a decision may look at: rows that are already in memory.
 *
 * The core never loads anything. What a view does not hold it answers with HF__NEED after noting
 * key or range; whoever called decide loads what was noted and calls again. Rows are immutable and
 * live until the operation has been answered.
 */
#ifndef HF_DOMAIN_VIEW_H
#define HF_DOMAIN_VIEW_H

#include "base/arena.h"
#include "model/key.h"
#include "model/records.h"
#include "model/tables.h"

/* Beside 0 and HF_E_*: something must be loaded first. Never leaves the engine. */
#define HF__NEED 1

/* Rows of one range. */
typedef struct hf__rows {
    const void *const *rows;
    uint32_t count;
    uint32_t more; /* 1: the limit cut it off */
} hf__rows;

typedef struct hf__view {
    /* 0 with *row (NULL: there is none), or HF__NEED. */
    int (*get)(void *context, const hf__key *key, const void **row);
    /* 0 with up to `limit` rows in order, or HF__NEED. The array lives as long as the rows. */
    int (*scan)(void *context, const hf_scan *scan, uint32_t limit, hf__rows *out);
    /* True when surely no order, payment, hold or operation key has this id. NULL: cannot tell. */
    bool (*lacks)(void *context, const hf_id *id);
    /* True while an account got something that was not yet offered to the orders that wait on it.
       NULL: never. */
    bool (*owes)(void *context, const hf_account_ref *account);
    void *context;
} hf__view;

#endif
