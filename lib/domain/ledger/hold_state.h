/*
 * hold_state.h - what can happen to a hold in each of its states, as a pure function of its row.
 */
#ifndef HF_DOMAIN_LEDGER_HOLD_STATE_H
#define HF_DOMAIN_LEDGER_HOLD_STATE_H

#include <holdfast/hold.h>
#include <stdbool.h>

/* What happens to a hold. */
typedef enum hf__hold_event {
    HF__HOLD_PLACE = 0, /* grow */
    HF__HOLD_POST,      /* post, release */
    HF__HOLD_RELEASE,   /* release */
    HF__HOLD_ADJUST,    /* grow */
    HF__HOLD_EXPIRE,    /* none: everything that remains is released */
    HF__HOLD_REVERSE,   /* reverse */
    HF__HOLD_EVENTS
} hf__hold_event;

#define HF__HOLD_STATES 6u

/* Amounts of an event, all >= 0; those that the event does not name are 0. */
typedef struct hf__hold_amounts {
    int64_t grow;
    int64_t post;
    int64_t release;
    int64_t reverse;
} hf__hold_amounts;

/* True when the event is possible in the state. */
bool hf__hold_allows(uint32_t state, hf__hold_event event);

/*
 * Moves counters and state. 0, or why not, with the row left as it was: HF_E_HOLD_STATE,
 * HF_E_OVER_POST, HF_E_OVER_REVERSE, HF_E_OVERFLOW.
 */
int hf__hold_apply(hf_hold *hold, hf__hold_event event, const hf__hold_amounts *amounts);

/* What is neither posted nor released. */
int64_t hf__hold_remaining(const hf_hold *hold);

/* Clause 3 of the domain, and that the state fits the counters. */
bool hf__hold_row_holds(const hf_hold *hold);

/* "POST"; for details. */
const char *hf__hold_event_name(hf__hold_event event);

#endif
