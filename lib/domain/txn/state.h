/*
 * state.h - what can happen to a transaction and to a branch, as pure functions of their rows.
 */
#ifndef HF_DOMAIN_TXN_STATE_H
#define HF_DOMAIN_TXN_STATE_H

#include <holdfast/txn.h>
#include <stdbool.h>

/* What happens to a transaction. */
typedef enum hf__txn_event {
    HF__TXN_BEGIN = 0, /* accepted */
    HF__TXN_CONFIRM,   /* the decision, one way */
    HF__TXN_CANCEL,    /* or the other */
    HF__TXN_END,       /* nothing is left to be called */
    HF__TXN_EVENTS
} hf__txn_event;

/* What happens to a branch. */
typedef enum hf__branch_event {
    HF__BRANCH_ADD = 0, /* recorded, not started */
    HF__BRANCH_START,   /* may be called from now on */
    HF__BRANCH_OK,      /* what was asked for is done */
    HF__BRANCH_REJECT,  /* its try was refused, or never arrived and never will */
    HF__BRANCH_CONFIRM, /* it must confirm */
    HF__BRANCH_CANCEL,  /* it must cancel */
    HF__BRANCH_SETTLE,  /* confirmed without a call: its success was final */
    HF__BRANCH_DROP,    /* cancelled without a call: there is nothing to undo */
    HF__BRANCH_EVENTS
} hf__branch_event;

#define HF__TXN_STATES    6u
#define HF__BRANCH_STATES 9u

/* The next state, or NONE when the event is not possible. */
uint32_t hf__txn_next(uint32_t state, hf__txn_event event);
uint32_t hf__branch_next(uint32_t state, hf__branch_event event);

/* "CONFIRM"; for details. */
const char *hf__txn_event_name(hf__txn_event event);
const char *hf__branch_event_name(hf__branch_event event);

/* True when nothing will happen any more. REFUSED counts: it has nothing to cancel. */
bool hf__txn_is_over(uint32_t state);
bool hf__branch_is_over(uint32_t state);

/*
 * Moves the row: state and times of the transaction; of a branch the counters of its phase, which
 * begin anew. False when the table does not allow it; then nothing has changed.
 */
bool hf__txn_apply(hf_txn *txn, hf__txn_event event, int64_t now_ms);
bool hf__branch_apply(hf_branch *branch, hf__branch_event event, int64_t now_ms);

/* What must hold of a row whatever happened to it. */
bool hf__txn_row_holds(const hf_txn *txn);
bool hf__branch_row_holds(const hf_branch *branch);

#endif
