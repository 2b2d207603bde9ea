/*
 * state.c - the order's state machine: one table, one apply, one invariant.
 *
 *            PLACE               AUTHORIZED                DONE
 *     NONE ---------> PENDING ---------------> CONFIRMED -------> CLOSED
 *       \              ^  |  \                  |  ^ \              (RETURN stays)
 *        \ QUEUE       |  |   \ DEADLINE        |  |  \ EMPTIED
 *         v            |  |    v                |  |   v
 *        WAITING ------'  |   EXPIRED -- REVIVE |--'  CANCELLED
 *           |  \  SUPPLY   \                    |        ^  ^ (REVIVE leads back as well)
 *           |   \           '--- CANCEL --------|--------'  |
 *           |    '- DEADLINE -> EXPIRED         |           |
 *           '------ CANCEL ---------------------|-----------'
 *                                               '-- AMEND, FULFIL, CANCEL_UNITS, RETURN stay
 *        (AMEND and CANCEL_UNITS of WAITING stay, too: it becomes smaller and keeps its place)
 *     CLOSED -- EXCHANGE, PAY --> CONFIRMED        (PAY of PENDING and CONFIRMED stays)
 *
 * Happy path: NONE, PENDING, CONFIRMED, CLOSED, also all within one operation. Terminal states
 * absorb everything but returns, exchanges and payments of what is owed again (CLOSED) and late
 * payments (EXPIRED, CANCELLED).
 *
 * Failure mode: a pair that the table does not allow is HF_E_ORDER_STATE and changes nothing.
 */
#include "domain/order/state.h"
#include "base/invariant.h"
#include "model/column.h"

/* clang-format off */
/* One row a state, one column an event; NONE: refused. Every pair must be written down. */
#define ORDER_ROWS(ROW) \
    /*             PLACE    QUEUE    SUPPLY   AUTHORI.   CANCEL     DEADLINE REVIVE     LATE       AMEND      FULFIL     CANCEL_U.  RETURN     DONE    EMPTIED    EXCHANGE   PAY */ \
    ROW(NONE,      PENDING, WAITING, NONE,    NONE,      NONE,      NONE,    NONE,      NONE,      NONE,      NONE,      NONE,      NONE,      NONE,   NONE,      NONE,      NONE) \
    ROW(WAITING,   NONE,    NONE,    PENDING, NONE,      CANCELLED, EXPIRED, NONE,      NONE,      WAITING,   NONE,      WAITING,   NONE,      NONE,   NONE,      NONE,      NONE) \
    ROW(PENDING,   NONE,    NONE,    NONE,    CONFIRMED, CANCELLED, EXPIRED, NONE,      NONE,      PENDING,   NONE,      NONE,      NONE,      NONE,   NONE,      NONE,      PENDING) \
    ROW(CONFIRMED, NONE,    NONE,    NONE,    NONE,      NONE,      NONE,    NONE,      NONE,      CONFIRMED, CONFIRMED, CONFIRMED, CONFIRMED, CLOSED, CANCELLED, CONFIRMED, CONFIRMED) \
    ROW(CLOSED,    NONE,    NONE,    NONE,    NONE,      NONE,      NONE,    NONE,      NONE,      NONE,      NONE,      NONE,      CLOSED,    NONE,   NONE,      CONFIRMED, CONFIRMED) \
    ROW(CANCELLED, NONE,    NONE,    NONE,    NONE,      NONE,      NONE,    CONFIRMED, CANCELLED, NONE,      NONE,      NONE,      NONE,      NONE,   NONE,      NONE,      NONE) \
    ROW(EXPIRED,   NONE,    NONE,    NONE,    NONE,      NONE,      NONE,    CONFIRMED, EXPIRED,   NONE,      NONE,      NONE,      NONE,      NONE,   NONE,      NONE,      NONE)

#define ORDER_ROW(state, place, queue, supply, authorized, cancel, deadline, revive, late, amend, \
                  fulfil, cancel_units, returns, done, emptied, exchange, pay)         \
    [HF_ORDER_##state] = {                                                                        \
        [HF__ON_PLACE] = HF_ORDER_##place, [HF__ON_QUEUE] = HF_ORDER_##queue,                     \
        [HF__ON_SUPPLY] = HF_ORDER_##supply, [HF__ON_AUTHORIZED] = HF_ORDER_##authorized,         \
        [HF__ON_CANCEL] = HF_ORDER_##cancel, [HF__ON_DEADLINE] = HF_ORDER_##deadline,             \
        [HF__ON_REVIVE] = HF_ORDER_##revive, [HF__ON_LATE] = HF_ORDER_##late,                     \
        [HF__ON_AMEND] = HF_ORDER_##amend, [HF__ON_FULFIL] = HF_ORDER_##fulfil,                   \
        [HF__ON_CANCEL_UNITS] = HF_ORDER_##cancel_units, [HF__ON_RETURN] = HF_ORDER_##returns,    \
        [HF__ON_DONE] = HF_ORDER_##done, [HF__ON_EMPTIED] = HF_ORDER_##emptied,                   \
        [HF__ON_EXCHANGE] = HF_ORDER_##exchange, [HF__ON_PAY] = HF_ORDER_##pay,                   \
    },
static const uint8_t transitions[HF__ORDER_STATES][HF__ON_COUNT] = { ORDER_ROWS(ORDER_ROW) };

/* ORDER_ROW names 16 events and a row of fewer does not compile: so every pair is covered. */
#define ROW_MEMBER(state, ...) uint8_t row_##state[16u];
struct rows { ORDER_ROWS(ROW_MEMBER) };
_Static_assert(sizeof(struct rows) == (size_t)HF__ORDER_STATES * HF__ON_COUNT, "every pair of state and event is in the table");
_Static_assert(HF__NAMES(hf__order_state_names) == HF__ORDER_STATES, "every state has a name");

static const char *const event_names[HF__ON_COUNT] = {
    [HF__ON_PLACE] = "PLACE", [HF__ON_QUEUE] = "QUEUE", [HF__ON_SUPPLY] = "SUPPLY",
    [HF__ON_AUTHORIZED] = "AUTHORIZED", [HF__ON_CANCEL] = "CANCEL",
    [HF__ON_DEADLINE] = "DEADLINE", [HF__ON_REVIVE] = "REVIVE", [HF__ON_LATE] = "LATE",
    [HF__ON_AMEND] = "AMEND", [HF__ON_FULFIL] = "FULFIL",
    [HF__ON_CANCEL_UNITS] = "CANCEL_UNITS", [HF__ON_RETURN] = "RETURN", [HF__ON_DONE] = "DONE",
    [HF__ON_EMPTIED] = "EMPTIED", [HF__ON_EXCHANGE] = "EXCHANGE",
    [HF__ON_PAY] = "PAY",
};

/* What is true of an order row in a state. */
typedef struct state_facts {
    bool deadline;  /* may have one */
    bool confirmed; /* has confirmed_at */
    bool over;      /* has closed_at */
} state_facts;

static const state_facts facts[HF__ORDER_STATES] = {
    [HF_ORDER_WAITING] = { .deadline = true },
    [HF_ORDER_PENDING] = { .deadline = true },
    [HF_ORDER_CONFIRMED] = { .confirmed = true },
    [HF_ORDER_CLOSED] = { .confirmed = true, .over = true },
    [HF_ORDER_CANCELLED] = { .over = true }, /* confirmed before or not */
    [HF_ORDER_EXPIRED] = { .over = true },
};
/* clang-format on */

uint32_t hf__order_next(uint32_t state, hf__order_event event)
{
    if (state >= HF__ORDER_STATES || (uint32_t)event >= HF__ON_COUNT)
        return HF_ORDER_NONE;
    return transitions[state][event];
}

const char *hf__order_event_name(hf__order_event event)
{
    return (uint32_t)event < HF__ON_COUNT ? event_names[event] : "?";
}

bool hf__order_is_over(uint32_t state)
{
    return state < HF__ORDER_STATES && facts[state].over;
}

int hf__order_can(const hf__draft *draft, const hf_order *order, hf__order_event event)
{
    if (hf__order_next(order->state, event) != HF_ORDER_NONE)
        return 0;
    const char *state =
        order->state < HF__ORDER_STATES ? hf__order_state_names[order->state] : "UNKNOWN";
    return hf__refuse(draft->detail, HF_E_ORDER_STATE, "the order is %s: %s is not possible", state,
                      hf__order_event_name(event));
}

int hf__order_apply(const hf__draft *draft, hf_order *order, hf__order_event event)
{
    int error = hf__order_can(draft, order, event);
    if (error != 0)
        return error;
    uint32_t before = order->state;
    order->state = hf__order_next(before, event);
    const state_facts *now = &facts[order->state];
    if (!now->deadline)
        order->deadline_ms = 0;
    if (now->confirmed && !facts[before].confirmed)
        order->confirmed_at_ms = draft->now_ms;
    if (now->over != facts[before].over)
        order->closed_at_ms = now->over ? draft->now_ms : 0;
    return hf_invariant(hf__order_row_holds(order)) ? 0 : HF_E_INVARIANT;
}

bool hf__order_row_holds(const hf_order *order)
{
    if (order->state == HF_ORDER_NONE || order->state >= HF__ORDER_STATES)
        return false;
    const state_facts *now = &facts[order->state];
    return (now->deadline || order->deadline_ms == 0) &&
           (!now->confirmed || order->confirmed_at_ms != 0) &&
           (now->over == (order->closed_at_ms != 0)) && order->total >= 0;
}
