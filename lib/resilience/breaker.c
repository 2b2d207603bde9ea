/*
 * breaker.c - a circuit breaker (Nygard, "Release It!"): stops calling a service that does not
 * work, and finds out with one call at a time when it works again.
 *
 *               LAST_FAILURE
 *     CLOSED ----------------> OPEN <-----------------.
 *        ^                       | ASKED_LATE          | FAILURE, LAST_FAILURE
 *        |       SUCCESS         v                     |
 *        `------------------ HALF_OPEN ----------------'
 *
 * Passes are numbers that grow. Those given before the last move between states are stale: a late
 * answer to a call from before is recognised without a record of the calls. Each probe has a pass
 * of its own, and the answer of each counts while the breaker is half-open: a service that always
 * needs longer than open_for_ms for an answer still closes it.
 *
 * Failure modes: none but misuse. A probe that is never reported delays the next by open_for_ms.
 */
#include <holdfast/error.h>
#include <holdfast/resilience.h>
#include <stdbool.h>
#include <stddef.h>

#define STATES 3u

/* What can happen. */
typedef enum event {
    ASKED,        /* may a call be made? */
    ASKED_LATE,   /* the same, when open_for_ms have passed since since_ms */
    SUCCESS,      /* of a call whose pass is not stale */
    FAILURE,      /* the same */
    LAST_FAILURE, /* the same, and with it they are as many as open the breaker */
    UNUSED,       /* the newest pass was not used */
    EVENTS
} event;

/* What is done about it. */
typedef enum action {
    UNSET = 0,
    NOTHING, /* a call is refused, a report ignored */
    PASS,    /* a call is let pass */
    CLEAR,   /* failures are no longer in a row */
    COUNT,   /* one more failure */
    OPEN,    /* for open_ms */
    REOPEN,  /* for twice the time before */
    HALVE,   /* half-open, with a probe */
    PROBE,   /* one more probe, when none is out */
    RENEW,   /* the probe is lost: one more */
    FREE,    /* the probe was not made */
    CLOSE,
} action;

/* clang-format off */
/* ROW(state, ASKED, ASKED_LATE, SUCCESS, FAILURE, LAST_FAILURE, UNUSED) */
#define ROWS(ROW) \
    ROW(HF_BREAKER_CLOSED,    PASS,    PASS,  CLEAR,   COUNT,   OPEN,    NOTHING) \
    ROW(HF_BREAKER_OPEN,      NOTHING, HALVE, NOTHING, NOTHING, NOTHING, NOTHING) \
    ROW(HF_BREAKER_HALF_OPEN, PROBE,   RENEW, CLOSE,   REOPEN,  REOPEN,  FREE)

#define TABLE_ROW(state, asked, late, success, failure, last, unused) \
    [state] = { \
        [ASKED] = (asked), [ASKED_LATE] = (late), [SUCCESS] = (success), [FAILURE] = (failure), \
        [LAST_FAILURE] = (last), [UNUSED] = (unused), \
    },

static const uint8_t actions[STATES][EVENTS] = { ROWS(TABLE_ROW) };

/* Every pair is treated: each state has one row, and in each row no event is left unset. */
#define ROW_MEMBER(state, asked, late, success, failure, last, unused) char row_##state;
#define ROW_IS_SET(state, asked, late, success, failure, last, unused) \
    _Static_assert((asked) != UNSET && (late) != UNSET && (success) != UNSET && \
                   (failure) != UNSET && (last) != UNSET && (unused) != UNSET, #state);
struct rows { ROWS(ROW_MEMBER) };
ROWS(ROW_IS_SET)
_Static_assert(sizeof(struct rows) == STATES, "a state has no row");
_Static_assert(HF_BREAKER_HALF_OPEN + 1 == STATES, "a state has no row");
_Static_assert(sizeof(hf_breaker) == 80, "hf_breaker has no padding");
/* clang-format on */

int hf_breaker_init(hf_breaker *breaker, uint32_t failures_max, int64_t open_ms,
                    int64_t open_max_ms)
{
    if (breaker == NULL || open_ms < 1 || open_max_ms < open_ms)
        return HF_E_ARGUMENT;
    *breaker = (hf_breaker){
        .size = sizeof *breaker,
        .failures_max = failures_max,
        .open_ms = open_ms,
        .open_max_ms = open_max_ms,
        .open_for_ms = open_ms,
        .pass = 1, /* 0 is none */
        .pass_oldest = 1,
        .state = HF_BREAKER_CLOSED,
    };
    return 0;
}

static int check(const hf_breaker *breaker)
{
    if (breaker == NULL)
        return HF_E_ARGUMENT;
    if (breaker->size != sizeof *breaker || breaker->state >= STATES)
        return HF_E_ABI;
    if (breaker->open_ms < 1 || breaker->open_max_ms < breaker->open_ms)
        return HF_E_ARGUMENT;
    return 0;
}

static void move(hf_breaker *breaker, hf_breaker_state state, int64_t now_ms)
{
    breaker->state = state;
    breaker->since_ms = now_ms;
    breaker->pass += 1;
    breaker->pass_oldest = breaker->pass;
    breaker->failures = 0;
    breaker->probing = state == HF_BREAKER_HALF_OPEN ? 1 : 0;
}

static void open_for(hf_breaker *breaker, int64_t wait_ms, int64_t now_ms)
{
    breaker->open_for_ms = wait_ms;
    breaker->opened += 1;
    move(breaker, HF_BREAKER_OPEN, now_ms);
}

/* Twice the time before, at most open_max_ms. */
static int64_t longer(const hf_breaker *breaker)
{
    if (breaker->open_for_ms > breaker->open_max_ms / 2)
        return breaker->open_max_ms;
    return breaker->open_for_ms * 2;
}

static void send_probe(hf_breaker *breaker, int64_t now_ms)
{
    breaker->pass += 1;
    breaker->since_ms = now_ms;
    breaker->probing = 1;
}

/* Does what the table says. True when a call may be made. */
static bool apply(hf_breaker *breaker, event what, int64_t now_ms)
{
    switch ((action)actions[breaker->state][what]) {
    case PASS:
        return true;
    case CLEAR:
        breaker->failures = 0;
        return false;
    case COUNT:
        breaker->failures += breaker->failures < UINT32_MAX ? 1 : 0;
        return false;
    case OPEN:
        open_for(breaker, breaker->open_ms, now_ms);
        return false;
    case REOPEN:
        open_for(breaker, longer(breaker), now_ms);
        return false;
    case HALVE:
        move(breaker, HF_BREAKER_HALF_OPEN, now_ms);
        return true;
    case PROBE:
        if (breaker->probing != 0)
            return false;
        send_probe(breaker, now_ms);
        return true;
    case RENEW:
        send_probe(breaker, now_ms);
        return true;
    case FREE:
        breaker->probing = 0;
        return false;
    case CLOSE:
        move(breaker, HF_BREAKER_CLOSED, now_ms);
        return false;
    case UNSET:
    case NOTHING:
    default:
        return false;
    }
}

/* Whether open_for_ms have passed. A clock that went back starts them over. */
static bool is_late(hf_breaker *breaker, int64_t now_ms)
{
    if (now_ms < breaker->since_ms)
        breaker->since_ms = now_ms;
    return (uint64_t)now_ms - (uint64_t)breaker->since_ms >= (uint64_t)breaker->open_for_ms;
}

int hf_breaker_allow(hf_breaker *breaker, int64_t now_ms, uint64_t *pass)
{
    int error = pass == NULL ? HF_E_ARGUMENT : check(breaker);
    if (error != 0)
        return error;
    if (!apply(breaker, is_late(breaker, now_ms) ? ASKED_LATE : ASKED, now_ms))
        return 0;
    *pass = breaker->pass;
    return 1;
}

int hf_breaker_report(hf_breaker *breaker, int64_t now_ms, uint64_t pass, uint32_t outcome)
{
    static const uint8_t events[] = {
        [HF_BREAKER_SUCCESS] = SUCCESS,
        [HF_BREAKER_FAILURE] = FAILURE,
        [HF_BREAKER_UNUSED] = UNUSED,
    };
    int error = check(breaker);
    if (error != 0)
        return error;
    if (outcome >= sizeof events)
        return HF_E_ENUM;
    event what = (event)events[outcome];
    if (pass < breaker->pass_oldest || pass > breaker->pass)
        return 0;
    if (what == UNUSED && pass != breaker->pass)
        return 0; /* another probe has taken its place */
    if (what == FAILURE && breaker->failures_max != 0 &&
        breaker->failures >= breaker->failures_max - 1)
        what = LAST_FAILURE;
    (void)apply(breaker, what, now_ms);
    return 0;
}
