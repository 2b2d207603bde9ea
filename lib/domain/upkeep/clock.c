/*
 * clock.c - the stored time is set back to the clock: one event that has both times.
 *
 * No record changes: the mark of the commit carries the time, and the decisions after it are made
 * at that time. Order inside a store is by number, so an event of an earlier time may follow one of
 * a later time here, and nowhere else.
 */
#include "domain/upkeep/clock.h"
#include "domain/core/body.h"
#include "domain/core/common.h"

int hf__decide_clock(const hf__operation *op, hf__draft *draft)
{
    const hf__clock_args *args = HF__ARGS(op, hf__clock_args);
    return hf__body_add(
        draft, &(hf__change){.type = HF_CHANGE_CLOCK, .a = args->stored_ms, .b = draft->now_ms});
}
