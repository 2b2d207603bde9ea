/*
 * hold_state.c - the state machine of a hold.
 *
 *                    POST, RELEASE               POST, RELEASE, nothing remains
 *     PLACE          something remains           and something is posted
 *   NONE ---> HELD -------------------> PARTIAL -----------------------------> DONE --+
 *              | |                       | |                                    ^ |   | REVERSE
 *              | +-----------------------|-|--- (as from PARTIAL) --------------+ +---+
 *              |                         | |    nothing remains, nothing is posted
 *              |                         | +----------------------------------> VOID
 *              |  EXPIRE                 | EXPIRE
 *              +-------------------------+----> EXPIRED (DONE when something is posted)
 *
 * ADJUST leaves HELD and PARTIAL as they are. VOID and EXPIRED are final.
 *
 * Which events a state allows is in the table; where an event leads is decided by the counters
 * alone. So the table says how a pair is treated, and one function treats it.
 *
 * Failure modes: HF_E_HOLD_STATE for a pair that the table refuses; HF_E_OVER_POST and
 * HF_E_OVER_REVERSE for more than there is; HF_E_OVERFLOW.
 */
#include "domain/ledger/hold_state.h"

#include "base/invariant.h"
#include "base/money/checked.h"

#include <holdfast/error.h>

/* How a pair is treated. */
typedef enum treatment {
    UNSET = 0,
    REFUSE,
    BEGIN, /* to HELD */
    SPEND, /* to PARTIAL, DONE or VOID, by what remains and what is posted */
    KEEP,  /* the same state */
    LAPSE, /* release what remains, to EXPIRED or DONE */
} treatment;

/* clang-format off */
/* One row a state: ROW(state, PLACE, POST, RELEASE, ADJUST, EXPIRE, REVERSE) */
#define ROWS(ROW) \
    ROW(HF_HOLD_NONE,    BEGIN,  REFUSE, REFUSE, REFUSE, REFUSE, REFUSE) \
    ROW(HF_HOLD_HELD,    REFUSE, SPEND,  SPEND,  KEEP,   LAPSE,  REFUSE) \
    ROW(HF_HOLD_PARTIAL, REFUSE, SPEND,  SPEND,  KEEP,   LAPSE,  REFUSE) \
    ROW(HF_HOLD_DONE,    REFUSE, REFUSE, REFUSE, REFUSE, REFUSE, KEEP) \
    ROW(HF_HOLD_VOID,    REFUSE, REFUSE, REFUSE, REFUSE, REFUSE, REFUSE) \
    ROW(HF_HOLD_EXPIRED, REFUSE, REFUSE, REFUSE, REFUSE, REFUSE, REFUSE)

#define TABLE_ROW(state, place, post, release, adjust, expire, reverse) \
    [state] = { \
        [HF__HOLD_PLACE] = (place), [HF__HOLD_POST] = (post), [HF__HOLD_RELEASE] = (release), \
        [HF__HOLD_ADJUST] = (adjust), [HF__HOLD_EXPIRE] = (expire), \
        [HF__HOLD_REVERSE] = (reverse), \
    },

static const uint8_t treatments[HF__HOLD_STATES][HF__HOLD_EVENTS] = { ROWS(TABLE_ROW) };

static const char *const event_names[HF__HOLD_EVENTS] = {
    [HF__HOLD_PLACE] = "PLACE", [HF__HOLD_POST] = "POST", [HF__HOLD_RELEASE] = "RELEASE",
    [HF__HOLD_ADJUST] = "ADJUST", [HF__HOLD_EXPIRE] = "EXPIRE", [HF__HOLD_REVERSE] = "REVERSE",
};

/* Every pair is treated: each state has one row, and in each row no event is left unset. */
#define ROW_MEMBER(state, place, post, release, adjust, expire, reverse) char row_##state;
#define ROW_IS_SET(state, place, post, release, adjust, expire, reverse) \
    _Static_assert((place) != UNSET && (post) != UNSET && (release) != UNSET && \
                   (adjust) != UNSET && (expire) != UNSET && (reverse) != UNSET, #state);
struct rows { ROWS(ROW_MEMBER) };
ROWS(ROW_IS_SET)
_Static_assert(sizeof(struct rows) == HF__HOLD_STATES, "a state has no row");
_Static_assert(HF_HOLD_EXPIRED + 1 == HF__HOLD_STATES, "a state has no row");
_Static_assert(HF__HOLD_REVERSE + 1 == HF__HOLD_EVENTS, "an event has no column");
/* clang-format on */

const char *hf__hold_event_name(hf__hold_event event)
{
    return event_names[event];
}

bool hf__hold_allows(uint32_t state, hf__hold_event event)
{
    return state < HF__HOLD_STATES && treatments[state][event] != REFUSE;
}

int64_t hf__hold_remaining(const hf_hold *hold)
{
    return hold->amount - hold->posted - hold->released;
}

/* The counters after the amounts, each checked against what is there. */
static int count(hf_hold *hold, const hf__hold_amounts *amounts)
{
    int64_t remaining = hf__hold_remaining(hold);
    if (amounts->post > remaining || amounts->release > remaining - amounts->post)
        return HF_E_OVER_POST;
    if (amounts->reverse > hold->posted - hold->reversed)
        return HF_E_OVER_REVERSE;
    if (!hf__add(hold->amount, amounts->grow, &hold->amount))
        return HF_E_OVERFLOW;
    hold->posted += amounts->post;
    hold->released += amounts->release;
    hold->reversed += amounts->reverse;
    return 0;
}

/* The state of a hold after an amount was posted or released. */
static uint32_t spent_state(const hf_hold *hold)
{
    if (hf__hold_remaining(hold) > 0)
        return HF_HOLD_PARTIAL;
    return hold->posted > 0 ? HF_HOLD_DONE : HF_HOLD_VOID;
}

static uint32_t next_state(const hf_hold *hold, treatment how)
{
    if (how == BEGIN)
        return HF_HOLD_HELD;
    if (how == SPEND)
        return spent_state(hold);
    if (how == LAPSE)
        return hold->posted > 0 ? HF_HOLD_DONE : HF_HOLD_EXPIRED;
    return hold->state;
}

int hf__hold_apply(hf_hold *hold, hf__hold_event event, const hf__hold_amounts *amounts)
{
    if (!hf__hold_allows(hold->state, event))
        return HF_E_HOLD_STATE;
    if (!hf_invariant(amounts->grow >= 0 && amounts->post >= 0 && amounts->release >= 0 &&
                      amounts->reverse >= 0))
        return HF_E_INVARIANT;
    treatment how = (treatment)treatments[hold->state][event];
    hf_hold after = *hold;
    int error = count(&after, amounts);
    if (error != 0)
        return error;
    if (how == LAPSE)
        after.released += hf__hold_remaining(&after);
    after.state = next_state(&after, how);
    if (!hf_invariant(hf__hold_row_holds(&after)))
        return HF_E_INVARIANT;
    *hold = after;
    return 0;
}

bool hf__hold_row_holds(const hf_hold *hold)
{
    bool counters = hold->amount > 0 && hold->posted >= 0 && hold->released >= 0 &&
                    hold->reversed >= 0 && hold->posted <= hold->amount &&
                    hold->released <= hold->amount - hold->posted && hold->reversed <= hold->posted;
    if (!counters || hold->state == HF_HOLD_NONE || hold->state >= HF__HOLD_STATES)
        return false;
    bool open = hold->state == HF_HOLD_HELD || hold->state == HF_HOLD_PARTIAL;
    if (open != (hf__hold_remaining(hold) > 0))
        return false;
    if (hold->state == HF_HOLD_HELD)
        return hold->posted == 0 && hold->released == 0;
    return hold->state == HF_HOLD_PARTIAL || (hold->state == HF_HOLD_DONE) == (hold->posted > 0);
}
