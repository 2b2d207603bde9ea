/*
 * payment_state.c - the payment's state machine: one table, one apply, one invariant.
 *
 *           ADD        ASK            AUTHORIZED              SPENT
 *     NONE -----> NEW -----> PENDING ------------> AUTHORIZED -----> CLOSED
 *                  |          |  ^ \                | ^              (REFUND stays)
 *                  | DROP     |  '--' ACTION        '-' AUTHORIZED (more of it), CAPTURE, VOID,
 *                  v          v                         REFUND
 *                FAILED <-----' FAILED, DEADLINE        NEW, FAILED, CLOSED -- LATE --> AUTHORIZED
 *
 * Happy path: NONE, NEW, PENDING, AUTHORIZED, CLOSED; a payment from an account goes through all
 * of it within one operation. FACT is recorded in every state of a payment that exists.
 *
 * Failure mode: a pair that the table does not allow is HF_E_PAYMENT_STATE and changes nothing.
 */
#include "domain/order/payment_state.h"
#include "base/invariant.h"
#include "base/wide.h"
#include "model/column.h"

/* clang-format off */
/* One row a state, one column an event; NONE: refused. Every pair must be written down. */
#define PAYMENT_ROWS(ROW) \
    /*              ADD   ASK      AUTHORIZED  ACTION   FAILED  DEADLINE DROP    CAPTURE     VOID        SPENT   REFUND      FACT        LATE */ \
    ROW(NONE,       NEW,  NONE,    NONE,       NONE,    NONE,   NONE,    NONE,   NONE,       NONE,       NONE,   NONE,       NONE,       NONE) \
    ROW(NEW,        NONE, PENDING, NONE,       NONE,    NONE,   NONE,    FAILED, NONE,       NONE,       NONE,   NONE,       NEW,        AUTHORIZED) \
    ROW(PENDING,    NONE, NONE,    AUTHORIZED, PENDING, FAILED, FAILED,  NONE,   NONE,       NONE,       NONE,   NONE,       PENDING,    NONE) \
    ROW(AUTHORIZED, NONE, NONE,    AUTHORIZED, NONE,    NONE,   NONE,    NONE,   AUTHORIZED, AUTHORIZED, CLOSED, AUTHORIZED, AUTHORIZED, NONE) \
    ROW(CLOSED,     NONE, NONE,    NONE,       NONE,    NONE,   NONE,    NONE,   NONE,       NONE,       NONE,   CLOSED,     CLOSED,     AUTHORIZED) \
    ROW(FAILED,     NONE, NONE,    NONE,       NONE,    NONE,   NONE,    NONE,   NONE,       NONE,       NONE,   NONE,       FAILED,     AUTHORIZED)

#define PAYMENT_ROW(state, add, ask, authorized, action, failed, deadline, drop, capture, voids,  \
                    spent, refund, fact, late)                                                    \
    [HF_PAYMENT_##state] = {                                                                      \
        [HF__PAY_ADD] = HF_PAYMENT_##add, [HF__PAY_ASK] = HF_PAYMENT_##ask,                       \
        [HF__PAY_AUTHORIZED] = HF_PAYMENT_##authorized, [HF__PAY_ACTION] = HF_PAYMENT_##action,   \
        [HF__PAY_FAILED] = HF_PAYMENT_##failed, [HF__PAY_DEADLINE] = HF_PAYMENT_##deadline,       \
        [HF__PAY_DROP] = HF_PAYMENT_##drop, [HF__PAY_CAPTURE] = HF_PAYMENT_##capture,             \
        [HF__PAY_VOID] = HF_PAYMENT_##voids, [HF__PAY_SPENT] = HF_PAYMENT_##spent,                \
        [HF__PAY_REFUND] = HF_PAYMENT_##refund, [HF__PAY_FACT] = HF_PAYMENT_##fact,               \
        [HF__PAY_LATE] = HF_PAYMENT_##late,                                                       \
    },
static const uint8_t transitions[HF__PAYMENT_STATES][HF__PAY_COUNT] = { PAYMENT_ROWS(PAYMENT_ROW) };

/* PAYMENT_ROW names 13 events and a row of fewer does not compile: so every pair is covered. */
#define ROW_MEMBER(state, ...) uint8_t row_##state[13u];
struct rows { PAYMENT_ROWS(ROW_MEMBER) };
_Static_assert(sizeof(struct rows) == (size_t)HF__PAYMENT_STATES * HF__PAY_COUNT, "every pair of state and event is in the table");
_Static_assert(HF__NAMES(hf__payment_state_names) == HF__PAYMENT_STATES, "every state has a name");

static const char *const event_names[HF__PAY_COUNT] = {
    [HF__PAY_ADD] = "ADD", [HF__PAY_ASK] = "ASK", [HF__PAY_AUTHORIZED] = "AUTHORIZED",
    [HF__PAY_ACTION] = "ACTION", [HF__PAY_FAILED] = "FAILED", [HF__PAY_DEADLINE] = "DEADLINE",
    [HF__PAY_DROP] = "DROP", [HF__PAY_CAPTURE] = "CAPTURE", [HF__PAY_VOID] = "VOID",
    [HF__PAY_SPENT] = "SPENT", [HF__PAY_REFUND] = "REFUND", [HF__PAY_FACT] = "FACT",
    [HF__PAY_LATE] = "LATE",
};
/* clang-format on */

uint32_t hf__payment_next(uint32_t state, hf__payment_event event)
{
    if (state >= HF__PAYMENT_STATES || (uint32_t)event >= HF__PAY_COUNT)
        return HF_PAYMENT_NONE;
    return transitions[state][event];
}

const char *hf__payment_event_name(hf__payment_event event)
{
    return (uint32_t)event < HF__PAY_COUNT ? event_names[event] : "?";
}

int hf__payment_can(const hf__draft *draft, const hf_payment *payment, hf__payment_event event)
{
    if (hf__payment_next(payment->state, event) != HF_PAYMENT_NONE)
        return 0;
    const char *state =
        payment->state < HF__PAYMENT_STATES ? hf__payment_state_names[payment->state] : "UNKNOWN";
    return hf__refuse(draft->detail, HF_E_PAYMENT_STATE, "payment %u is %s: %s is not possible",
                      payment->no, state, hf__payment_event_name(event));
}

int hf__payment_apply(const hf__draft *draft, hf_payment *payment, hf__payment_event event)
{
    int error = hf__payment_can(draft, payment, event);
    if (error != 0)
        return error;
    if (payment->state == HF_PAYMENT_FAILED && event == HF__PAY_LATE)
        payment->flags |= HF_PAYMENT_LATE;
    payment->state = hf__payment_next(payment->state, event);
    if (payment->state != HF_PAYMENT_PENDING)
        payment->flags &= ~(uint32_t)HF_PAYMENT_ACTION_REQUIRED;
    return 0;
}

/*
 * What is authorized and neither voided, captured nor asked to be. Facts may say anything, so each
 * counter may be anything that fits; a sum of them need not.
 */
static hf__wide unclaimed(const hf_payment *payment)
{
    return (hf__wide)payment->authorized - payment->voided - payment->pending_void -
           payment->captured - payment->pending_capture;
}

/* No more than what is left can still be captured or voided, whatever was asked. */
static hf__wide at_most_left(const hf_payment *payment, int64_t asked)
{
    int64_t left = hf__payment_left(payment);
    left = left > 0 ? left : 0;
    return asked < left ? asked : left;
}

/* What is authorized and has no way to be captured any more. */
static hf__wide lost(const hf_payment *payment)
{
    return (hf__wide)payment->voided + at_most_left(payment, payment->pending_void) +
           payment->barred + payment->capture_refused + payment->refunded +
           payment->pending_refund + payment->charged_back;
}

int64_t hf__payment_open(const hf_payment *payment)
{
    return hf__narrow(unclaimed(payment) - payment->barred - payment->capture_refused);
}

int64_t hf__payment_capturable(const hf_payment *payment)
{
    return hf__narrow(unclaimed(payment) - payment->barred);
}

int64_t hf__payment_voidable(const hf_payment *payment)
{
    return hf__narrow(unclaimed(payment) - payment->barred - payment->void_refused);
}

int64_t hf__payment_left(const hf_payment *payment)
{
    return hf__narrow((hf__wide)payment->authorized - payment->voided - payment->captured);
}

int64_t hf__payment_refundable(const hf_payment *payment)
{
    return hf__narrow((hf__wide)payment->captured - payment->refunded - payment->pending_refund -
                      payment->charged_back);
}

int64_t hf__payment_secures(const hf_payment *payment)
{
    return hf__narrow(payment->authorized - lost(payment));
}

int64_t hf__payment_covers(const hf_payment *payment)
{
    hf__wide asked =
        payment->state == HF_PAYMENT_NEW ? payment->amount : payment->pending_authorize;
    return hf__narrow(asked + payment->authorized - lost(payment));
}

int64_t hf__payment_net(const hf_payment *payment)
{
    return hf__narrow(payment->captured + at_most_left(payment, payment->pending_capture) -
                      payment->refunded - payment->pending_refund - payment->charged_back);
}

int64_t hf__payment_in_hand(const hf_payment *payment)
{
    return hf__narrow((hf__wide)payment->captured - payment->refunded - payment->charged_back);
}

bool hf__payment_is_withdrawn(const hf_payment *payment)
{
    return (payment->flags & HF_PAYMENT_WITHDRAWN) != 0 || payment->charged_back > 0;
}

int64_t hf__payment_idle(const hf_payment *payment)
{
    int64_t open = hf__payment_open(payment);
    bool ours = payment->settle_on != HF_SETTLE_MANUAL && hf__payment_is_withdrawn(payment);
    if (ours && open > 0)
        return open;
    return 0;
}

bool hf__payment_came_short(const hf_payment *payment)
{
    if (payment->state == HF_PAYMENT_NEW || payment->state == HF_PAYMENT_PENDING)
        return false;
    return hf__payment_covers(payment) < payment->amount;
}

static void limit(int64_t *part, hf__wide most)
{
    if (*part > most)
        *part = most > 0 ? (int64_t)most : 0;
}

void hf__payment_fit(hf_payment *payment)
{
    hf__wide there = unclaimed(payment);
    limit(&payment->barred, there);
    limit(&payment->capture_refused, there - payment->barred);
    limit(&payment->void_refused, there);
    limit(&payment->refund_refused, hf__payment_refundable(payment));
}

/* In a state its deadline may be set, and something of it may be neither captured nor voided. */
typedef struct state_facts {
    bool timed;
    bool open;
} state_facts;

static const state_facts facts[HF__PAYMENT_STATES] = {
    [HF_PAYMENT_NEW] = {.timed = true},
    [HF_PAYMENT_PENDING] = {.timed = true},
    [HF_PAYMENT_AUTHORIZED] = {.timed = true, .open = true},
};

static bool counters_hold(const hf_payment *payment)
{
    const int64_t counters[] = {
        payment->authorized,      payment->captured,           payment->voided,
        payment->refunded,        payment->charged_back,       payment->pending_authorize,
        payment->pending_capture, payment->pending_void,       payment->pending_refund,
        payment->barred,          payment->capture_refused,    payment->void_refused,
        payment->refund_refused,  payment->authorized_implied, payment->chargeback_reversals};
    bool good = true;
    for (uint32_t i = 0; i < HF__COUNT(counters); i++)
        good = good && counters[i] >= 0;
    return good;
}

bool hf__payment_row_holds(const hf_payment *payment)
{
    if (payment->amount < 0 || payment->no == 0 || payment->state == HF_PAYMENT_NONE ||
        payment->state >= HF__PAYMENT_STATES || !counters_hold(payment))
        return false;
    const state_facts *now = &facts[payment->state];
    if (!now->timed && payment->deadline_ms != 0)
        return false;
    if ((payment->flags & HF_PAYMENT_BEYOND) != 0)
        return true;
    int64_t left = hf__payment_left(payment);
    /* Stores of schema 3 have FAILED payments whose late authorization is asked to be voided. */
    bool voiding = payment->state == HF_PAYMENT_FAILED && left == payment->pending_void;
    return (now->open ? left > 0 : left == 0 || voiding) && hf__payment_open(payment) >= 0 &&
           hf__payment_refundable(payment) >= 0;
}
