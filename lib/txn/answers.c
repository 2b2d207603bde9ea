/*
 * answers.c - checks and bounds the answers of participants, and computes the time of the next
 * attempt.
 *
 * Happy path: OK and REJECTED are final and carry no time. After any other answer the callee is
 * called again: not before the time that it asked for, and after a random part of the backoff (full
 * jitter), so that calls do not come in step.
 *
 * Failure modes: an answer that does not fit its phase, or is out of its bounds, counts as UNKNOWN,
 * like one that never came: it is never taken for a refusal. When attempts or time are spent the
 * transaction is parked for a person to look at. A transaction whose answer is ONGOING before its
 * deadline is not parked, because the deadline ends it.
 */
#include "txn/state.h"

#include <string.h>

#define BIT(answer) (1u << HF_ANSWER_##answer)
#define FINISHING   (BIT(OK) | BIT(ONGOING) | BIT(UNKNOWN) | BIT(RETRY) | BIT(PARK))

/* Which answers fit a phase. */
static const uint32_t fitting[] = {
    [HF_PHASE_TRY] = BIT(OK) | BIT(REJECTED) | BIT(ONGOING) | BIT(UNKNOWN),
    [HF_PHASE_CONFIRM] = FINISHING,
    [HF_PHASE_CANCEL] = FINISHING,
    [HF_PHASE_QUERY] = BIT(OK) | BIT(REJECTED) | BIT(ONGOING) | BIT(UNKNOWN) | BIT(NOT_FOUND),
};

/* A query follows the retry policy of its try. */
static const uint32_t policy_of[] = {
    [HF_PHASE_TRY] = 0,
    [HF_PHASE_CONFIRM] = 1,
    [HF_PHASE_CANCEL] = 2,
    [HF_PHASE_QUERY] = 0,
};

int hf__answer_check(const hf__ticket *ticket, const hf_call_answer *answer, hf__detail *detail)
{
    if (answer->answer > HF_ANSWER_NOT_FOUND ||
        (fitting[ticket->what.phase] & 1u << answer->answer) == 0)
        return hf__refuse(detail, HF_E_ENUM, "answer: %u does not fit phase %u", answer->answer,
                          ticket->what.phase);
    if (answer->amount < 0)
        return hf__refuse(detail, HF_E_ARGUMENT, "amount: is negative");
    if (answer->after_ms < 0 || answer->after_ms > HF__DELAY_MAX_MS)
        return hf__refuse(detail, HF_E_ARGUMENT, "after_ms: is out of its range");
    if (hf__text_check(answer->reference, false, NULL) != 0)
        return hf__refuse(detail, HF_E_ARGUMENT, "reference: is not a valid text");
    return 0;
}

/* A text for people from outside: it is cut, and made one line. */
static void set_detail(const hf__runtime *runtime, hf_name *to, const char *text)
{
    size_t bytes = text == NULL ? 0 : strnlen(text, HF_NAME_MAX + 1);
    memset(to, 0, sizeof *to);
    memcpy(to->text, text == NULL ? "" : text, bytes > HF_NAME_MAX ? HF_NAME_MAX : bytes);
    hf__text_end(to->text, sizeof to->text, (int)bytes);
    hf__text_clean(to->text, runtime->env->no_card_numbers);
    if (hf__text_check(to->text, false, NULL) != 0)
        memset(to, 0, sizeof *to);
}

static uint64_t next_random(hf__runtime *runtime)
{
    runtime->random += 0x9e3779b97f4a7c15u;
    uint64_t z = runtime->random;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static bool is_final(uint32_t answer)
{
    return answer == HF_ANSWER_OK || answer == HF_ANSWER_REJECTED || answer == HF_ANSWER_PARK;
}

/* Whether the deadline of the transaction ends a try that is repeated without end. */
static bool ends_by_itself(const hf__ticket *ticket, int64_t now)
{
    bool undecided = ticket->answer.phase == HF_PHASE_TRY || ticket->answer.phase == HF_PHASE_QUERY;
    return undecided && ticket->entry != NULL && ticket->entry->txn.deadline_ms > now;
}

/* Sets when to call again, or parks the transaction. */
static void plan_next(hf__runtime *runtime, hf__ticket *ticket, int64_t after_ms)
{
    hf__txn_answer *answer = &ticket->answer;
    const hf_retry_policy *policy = &ticket->callee->about.retry[policy_of[answer->phase]];
    int64_t now = hf__txn_now(runtime);
    int64_t elapsed = ticket->first_ms == 0 || ticket->first_ms > now ? 0 : now - ticket->first_ms;
    int64_t delay = policy->cap_ms;
    bool waits = answer->answer == HF_ANSWER_ONGOING && ends_by_itself(ticket, now);
    bool again = hf_retry_delay(policy, answer->attempt == 0 ? 1 : answer->attempt,
                                next_random(runtime), after_ms, elapsed, &delay) == 1;
    answer->park = !again && !waits;
    if (!again && after_ms != 0)
        delay = after_ms;
    answer->due_ms = now + (delay > 0 ? delay : 1);
    if (answer->park)
        answer->due_ms = 0;
}

/* How long a call whose answer is not needed any more may still be on its way. */
static uint32_t in_flight_of(const hf__callee *callee)
{
    int64_t ms = callee->about.call_timeout_ms;
    return ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
}

void hf__answer_set(hf__runtime *runtime, hf__ticket *ticket, const hf_call_answer *from)
{
    hf__txn_answer *answer = &ticket->answer;
    answer->answer = from->answer;
    answer->amount = from->amount;
    answer->due_ms = 0;
    answer->park = 0;
    answer->in_flight_ms = in_flight_of(ticket->callee);
    hf__name_set(&answer->reference, from->reference);
    set_detail(runtime, &answer->detail, from->detail);
    if (!is_final(from->answer))
        plan_next(runtime, ticket, from->after_ms);
}

void hf__answer_lost(hf__runtime *runtime, hf__ticket *ticket, const char *detail)
{
    const hf_call_answer unknown = {
        .size = sizeof unknown,
        .answer = HF_ANSWER_UNKNOWN,
        .detail = detail,
    };
    hf__answer_set(runtime, ticket, &unknown);
}

void hf__answer_park(const hf__runtime *runtime, hf__ticket *ticket, const hf__txn_call *call,
                     uint64_t epoch, const char *detail)
{
    ticket->what = *call;
    ticket->state = HF__TICKET_ANSWERED;
    ticket->answer.phase = call->phase;
    ticket->answer.attempt = call->attempt;
    ticket->answer.epoch = epoch;
    ticket->answer.answer = HF_ANSWER_UNKNOWN;
    ticket->answer.park = 1;
    set_detail(runtime, &ticket->answer.detail, detail);
}
