/*
 * barrier.c - what a service with a database of its own does with a call: one row for each branch.
 *
 *     row \ call       TRY            CONFIRM        CANCEL
 *     NONE             do             refuse         skip, NULL_CANCELLED
 *     TRIED            repeat         do             do
 *     CONFIRMED        repeat         repeat         refuse
 *     CANCELLED        refuse         refuse         repeat
 *     NULL_CANCELLED   refuse         refuse         repeat
 *
 * A call with a lower epoch than the row's comes from an engine that was replaced, and is refused
 * whatever it asks. A repeat is answered again, also by a newer engine; the row stays.
 *
 * Why NULL_CANCELLED: the cancel may overtake its try in the network. Without a row the try would
 * reserve something that nobody ever cancels.
 */
#include <holdfast/error.h>
#include <holdfast/participant.h>
#include <stddef.h>

#define PHASES HF_PHASE_QUERY
#define STATES (HF_BARRIER_NULL_CANCELLED + 1)

/* What is answered, and the state after it. */
typedef struct rule {
    uint8_t answer;
    uint8_t next;
} rule;

/* clang-format off */
static const rule rules[STATES][PHASES] = {
    [HF_BARRIER_NONE] = {
        [HF_PHASE_TRY] = { HF_BARRIER_DO, HF_BARRIER_TRIED },
        [HF_PHASE_CONFIRM] = { HF_BARRIER_REFUSE, HF_BARRIER_NONE },
        [HF_PHASE_CANCEL] = { HF_BARRIER_SKIP, HF_BARRIER_NULL_CANCELLED } },
    [HF_BARRIER_TRIED] = {
        [HF_PHASE_TRY] = { HF_BARRIER_REPEAT, HF_BARRIER_TRIED },
        [HF_PHASE_CONFIRM] = { HF_BARRIER_DO, HF_BARRIER_CONFIRMED },
        [HF_PHASE_CANCEL] = { HF_BARRIER_DO, HF_BARRIER_CANCELLED } },
    [HF_BARRIER_CONFIRMED] = {
        [HF_PHASE_TRY] = { HF_BARRIER_REPEAT, HF_BARRIER_CONFIRMED },
        [HF_PHASE_CONFIRM] = { HF_BARRIER_REPEAT, HF_BARRIER_CONFIRMED },
        [HF_PHASE_CANCEL] = { HF_BARRIER_REFUSE, HF_BARRIER_CONFIRMED } },
    [HF_BARRIER_CANCELLED] = {
        [HF_PHASE_TRY] = { HF_BARRIER_REFUSE, HF_BARRIER_CANCELLED },
        [HF_PHASE_CONFIRM] = { HF_BARRIER_REFUSE, HF_BARRIER_CANCELLED },
        [HF_PHASE_CANCEL] = { HF_BARRIER_REPEAT, HF_BARRIER_CANCELLED } },
    [HF_BARRIER_NULL_CANCELLED] = {
        [HF_PHASE_TRY] = { HF_BARRIER_REFUSE, HF_BARRIER_NULL_CANCELLED },
        [HF_PHASE_CONFIRM] = { HF_BARRIER_REFUSE, HF_BARRIER_NULL_CANCELLED },
        [HF_PHASE_CANCEL] = { HF_BARRIER_REPEAT, HF_BARRIER_NULL_CANCELLED } },
};
/* clang-format on */

int hf_barrier_decide(const hf_barrier *row, uint32_t phase, uint32_t attempt, uint64_t epoch,
                      hf_barrier *next)
{
    static const hf_barrier none = {.state = HF_BARRIER_NONE};
    const hf_barrier *now = row == NULL ? &none : row;
    if (next == NULL)
        return HF_E_ARGUMENT;
    if (phase >= PHASES || now->state >= STATES)
        return HF_E_ENUM;
    const rule *found = &rules[now->state][phase];
    *next = *now;
    if (epoch < now->epoch)
        return HF_BARRIER_REFUSE;
    if (found->answer == HF_BARRIER_DO || found->answer == HF_BARRIER_SKIP)
        *next = (hf_barrier){.state = found->next, .attempt = attempt, .epoch = epoch};
    return found->answer;
}
