/*
 * state.c - the state machines of a transaction and of its branches.
 *
 *            BEGIN            CONFIRM               END
 *     NONE ---------> TRYING ---------> CONFIRMING ------> CONFIRMED
 *                        \     CANCEL               END
 *                         '-----------> CANCELLING ------> CANCELLED
 *
 *           ADD            START           OK           CONFIRM             OK
 *     NONE -----> WAITING -------> TRYING ----> TRIED ----------> CONFIRMING --> CONFIRMED
 *                    |             |   |        |  |  \_______________________^
 *                    |      REJECT |   |        |  |           SETTLE
 *                    |             v   |        |  |    CANCEL               OK
 *                    |        REFUSED   \-------'--|-----------> CANCELLING ----> CANCELLED
 *                    |                   \         |                             ^
 *                    '--------------------'--------'-----------------------------'
 *                                         DROP
 *
 * The step out of TRYING is the decision; after it the direction never changes, because no event
 * leads from one side to the other. Terminal states absorb: every event is refused there.
 */
#include "domain/txn/state.h"

/* clang-format off */
/* One row a state, one column an event; NONE: refused. Every pair must be written down. */
#define TXN_ROWS(ROW) \
    /*              BEGIN   CONFIRM     CANCEL      END */ \
    ROW(NONE,       TRYING, NONE,       NONE,       NONE) \
    ROW(TRYING,     NONE,   CONFIRMING, CANCELLING, NONE) \
    ROW(CONFIRMING, NONE,   NONE,       NONE,       CONFIRMED) \
    ROW(CONFIRMED,  NONE,   NONE,       NONE,       NONE) \
    ROW(CANCELLING, NONE,   NONE,       NONE,       CANCELLED) \
    ROW(CANCELLED,  NONE,   NONE,       NONE,       NONE)

#define BRANCH_ROWS(ROW) \
    /*              ADD      START   OK         REJECT   CONFIRM     CANCEL      SETTLE     DROP */ \
    ROW(NONE,       WAITING, NONE,   NONE,      NONE,    NONE,       NONE,       NONE,      NONE) \
    ROW(WAITING,    NONE,    TRYING, NONE,      NONE,    NONE,       NONE,       NONE,      CANCELLED) \
    ROW(TRYING,     NONE,    NONE,   TRIED,     REFUSED, NONE,       CANCELLING, NONE,      CANCELLED) \
    ROW(TRIED,      NONE,    NONE,   NONE,      NONE,    CONFIRMING, CANCELLING, CONFIRMED, CANCELLED) \
    ROW(REFUSED,    NONE,    NONE,   NONE,      NONE,    NONE,       NONE,       NONE,      NONE) \
    ROW(CONFIRMING, NONE,    NONE,   CONFIRMED, NONE,    NONE,       NONE,       NONE,      NONE) \
    ROW(CONFIRMED,  NONE,    NONE,   NONE,      NONE,    NONE,       NONE,       NONE,      NONE) \
    ROW(CANCELLING, NONE,    NONE,   CANCELLED, NONE,    NONE,       NONE,       NONE,      NONE) \
    ROW(CANCELLED,  NONE,    NONE,   NONE,      NONE,    NONE,       NONE,       NONE,      NONE)

#define TXN_ROW(state, begin, confirm, cancel, end) \
    [HF_TXN_##state] = { \
        [HF__TXN_BEGIN] = HF_TXN_##begin, [HF__TXN_CONFIRM] = HF_TXN_##confirm, \
        [HF__TXN_CANCEL] = HF_TXN_##cancel, [HF__TXN_END] = HF_TXN_##end, \
    },
#define BRANCH_ROW(state, add, start, ok, reject, confirm, cancel, settle, drop) \
    [HF_BRANCH_##state] = { \
        [HF__BRANCH_ADD] = HF_BRANCH_##add, [HF__BRANCH_START] = HF_BRANCH_##start, \
        [HF__BRANCH_OK] = HF_BRANCH_##ok, [HF__BRANCH_REJECT] = HF_BRANCH_##reject, \
        [HF__BRANCH_CONFIRM] = HF_BRANCH_##confirm, [HF__BRANCH_CANCEL] = HF_BRANCH_##cancel, \
        [HF__BRANCH_SETTLE] = HF_BRANCH_##settle, [HF__BRANCH_DROP] = HF_BRANCH_##drop, \
    },

static const uint8_t txn_transitions[HF__TXN_STATES][HF__TXN_EVENTS] = { TXN_ROWS(TXN_ROW) };
static const uint8_t branch_transitions[HF__BRANCH_STATES][HF__BRANCH_EVENTS] = { BRANCH_ROWS(BRANCH_ROW) };

/* The rows name 4 and 8 events and one of fewer does not compile: so every pair is covered. */
#define TXN_MEMBER(state, ...) uint8_t row_##state[4u];
#define BRANCH_MEMBER(state, ...) uint8_t row_##state[8u];
struct txn_rows { TXN_ROWS(TXN_MEMBER) };
struct branch_rows { BRANCH_ROWS(BRANCH_MEMBER) };
_Static_assert(sizeof(struct txn_rows) == (size_t)HF__TXN_STATES * HF__TXN_EVENTS, "every pair of a transaction is in its table");
_Static_assert(sizeof(struct branch_rows) == (size_t)HF__BRANCH_STATES * HF__BRANCH_EVENTS, "every pair of a branch is in its table");
_Static_assert(HF_TXN_CANCELLED + 1 == HF__TXN_STATES && HF_BRANCH_CANCELLED + 1 == HF__BRANCH_STATES, "a state has no row");

static const char *const txn_event_names[HF__TXN_EVENTS] = {
    [HF__TXN_BEGIN] = "BEGIN", [HF__TXN_CONFIRM] = "CONFIRM", [HF__TXN_CANCEL] = "CANCEL",
    [HF__TXN_END] = "END",
};
static const char *const branch_event_names[HF__BRANCH_EVENTS] = {
    [HF__BRANCH_ADD] = "ADD", [HF__BRANCH_START] = "START", [HF__BRANCH_OK] = "OK",
    [HF__BRANCH_REJECT] = "REJECT", [HF__BRANCH_CONFIRM] = "CONFIRM",
    [HF__BRANCH_CANCEL] = "CANCEL", [HF__BRANCH_SETTLE] = "SETTLE", [HF__BRANCH_DROP] = "DROP",
};

/* What is true of a transaction's row in a state. */
typedef struct state_facts {
    bool decided; /* has decided_at */
    bool over;    /* has ended_at; nothing is due, nothing is parked */
} state_facts;

static const state_facts facts[HF__TXN_STATES] = {
    [HF_TXN_CONFIRMING] = { .decided = true },
    [HF_TXN_CONFIRMED] = { .decided = true, .over = true },
    [HF_TXN_CANCELLING] = { .decided = true },
    [HF_TXN_CANCELLED] = { .decided = true, .over = true },
};

/* States of a branch in which it is called. */
static const bool is_called[HF__BRANCH_STATES] = {
    [HF_BRANCH_TRYING] = true, [HF_BRANCH_CONFIRMING] = true, [HF_BRANCH_CANCELLING] = true,
};
static const bool branch_over[HF__BRANCH_STATES] = {
    [HF_BRANCH_REFUSED] = true, [HF_BRANCH_CONFIRMED] = true, [HF_BRANCH_CANCELLED] = true,
};
/* clang-format on */

uint32_t hf__txn_next(uint32_t state, hf__txn_event event)
{
    if (state >= HF__TXN_STATES || (uint32_t)event >= HF__TXN_EVENTS)
        return HF_TXN_NONE;
    return txn_transitions[state][event];
}

uint32_t hf__branch_next(uint32_t state, hf__branch_event event)
{
    if (state >= HF__BRANCH_STATES || (uint32_t)event >= HF__BRANCH_EVENTS)
        return HF_BRANCH_NONE;
    return branch_transitions[state][event];
}

const char *hf__txn_event_name(hf__txn_event event)
{
    return (uint32_t)event < HF__TXN_EVENTS ? txn_event_names[event] : "?";
}

const char *hf__branch_event_name(hf__branch_event event)
{
    return (uint32_t)event < HF__BRANCH_EVENTS ? branch_event_names[event] : "?";
}

bool hf__txn_is_over(uint32_t state)
{
    return state < HF__TXN_STATES && facts[state].over;
}

bool hf__branch_is_over(uint32_t state)
{
    return state < HF__BRANCH_STATES && branch_over[state];
}

bool hf__txn_apply(hf_txn *txn, hf__txn_event event, int64_t now_ms)
{
    uint32_t next = hf__txn_next(txn->state, event);
    if (next == HF_TXN_NONE)
        return false;
    const state_facts *before = &facts[txn->state];
    const state_facts *now = &facts[next];
    txn->state = next;
    if (now->decided && !before->decided) {
        txn->decided_at_ms = now_ms;
        txn->open = 0;
    }
    if (now->over) {
        txn->ended_at_ms = now_ms;
        txn->due_ms = 0;
        txn->parked = 0;
    }
    return true;
}

bool hf__branch_apply(hf_branch *branch, hf__branch_event event, int64_t now_ms)
{
    uint32_t next = hf__branch_next(branch->state, event);
    if (next == HF_BRANCH_NONE)
        return false;
    bool asked = event == HF__BRANCH_OK || event == HF__BRANCH_REJECT;
    branch->state = next;
    branch->updated_at_ms = now_ms;
    branch->due_ms = 0;
    if (asked) /* the answer that led here stays */
        return true;
    branch->attempts = 0;
    branch->first_ms = 0;
    branch->answer = HF_ANSWER_NONE;
    return true;
}

bool hf__txn_row_holds(const hf_txn *txn)
{
    if (txn->state == HF_TXN_NONE || txn->state >= HF__TXN_STATES)
        return false;
    const state_facts *now = &facts[txn->state];
    return now->decided == (txn->decided_at_ms != 0) && now->over == (txn->ended_at_ms != 0) &&
           (!now->decided || txn->open == 0) && (!now->over || txn->parked == 0) &&
           ((now->over || txn->parked != 0) == (txn->due_ms == 0));
}

bool hf__branch_row_holds(const hf_branch *branch)
{
    return branch->state != HF_BRANCH_NONE && branch->state < HF__BRANCH_STATES &&
           branch->no != 0 && (branch->due_ms == 0 || is_called[branch->state]);
}
