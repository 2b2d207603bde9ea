/*
 * view.h - what a decision may look at: rows that are already in memory.
 *
 * The core never loads anything. A view that does not have a row or a range notes its key or its
 * bounds and returns HF__MISSING; the caller of decide loads what was noted and calls again. Rows
 * are immutable and are valid until the operation has been answered.
 */
#ifndef HF_DOMAIN_CORE_VIEW_H
#define HF_DOMAIN_CORE_VIEW_H

#include "base/structures/arena.h"
#include "model/key.h"
#include "model/records.h"
#include "model/tables.h"
#include <stdbool.h>

/* Beside 0 and HF_E_*: something must be loaded first. Never leaves the engine. */
#define HF__MISSING 1

/* Rows of one range. */
typedef struct hf__rows {
    const void *const *rows;
    uint32_t count;
    uint32_t more; /* 1: the limit cut it off */
} hf__rows;

/*
 * How far an index of deadlines was walked: no record up to this one, by deadline and then by its
 * first key column, is due. All zero: the index was not walked.
 */
typedef struct hf__due_mark {
    int64_t deadline_ms;
    hf_id id;
} hf__due_mark;

#define HF__DUE_SOURCES 4u /* indexes of deadlines that one walk merges */

/* The sources of a walk over all accounts, by what expires. */
enum { HF__DUE_ORDER, HF__DUE_HOLD, HF__DUE_PAYMENT };

/* Walks of due records that came before this one; see expire.c. */
typedef struct hf__due {
    int64_t next_ms; /* no record has an earlier deadline that is due; 0: no record has one */
    hf__due_mark all[HF__DUE_SOURCES]; /* of the walk over all accounts */
    const hf__due_mark (
        *account)[HF__DUE_SOURCES]; /* of the account's walk; NULL: there was none */
} hf__due;

typedef struct hf__view {
    /* 0 with *row (NULL: there is none), or HF__MISSING. */
    int (*get)(void *context, const hf__key *key, const void **row);
    /* 0 with up to `limit` rows in order, or HF__MISSING. The array lives as long as the rows. */
    int (*scan)(void *context, const hf_scan *scan, uint32_t limit, hf__rows *out);
    /* True when no order, payment, hold or operation key can have this id. NULL: not known. */
    bool (*is_new_id)(void *context, const hf_id *id);
    /* True while an account got something that was not yet offered to the orders that wait on it.
       NULL: never. */
    bool (*owes)(void *context, const hf_account_ref *account);
    /* Fills in what is known of the walks over an account, or the world: over all. NULL: nothing.
     */
    void (*due)(void *context, const hf_account_ref *account, hf__due *out);
    /* No order placed before this event waits on the account. NULL: not known, as 0. */
    uint64_t (*queue_head)(void *context, const hf_account_ref *account);
    void *context;
    bool lasting; /* rows live as long as what the operation answers */
} hf__view;

static inline uint64_t hf__view_queue_head(const hf__view *view, const hf_account_ref *account)
{
    return view->queue_head == NULL ? 0 : view->queue_head(view->context, account);
}

#endif
