/*
 * clock.c - the time at which the runtime acts, read once for a step or a batch and not for each
 * use.
 *
 * Happy path: the loop's step and the delivery of a batch begin with a reading. Callbacks run
 * within both and may take long, so the monotonic clock is looked at before each call and at each
 * answer: when it has moved on by a millisecond the time is read again.
 *
 * Failure modes: none.
 */
#include "txn/state.h"

#define NS_PER_MS 1000000

void hf__txn_clock_read(hf__runtime *runtime)
{
    runtime->steady_ns = runtime->host.steady_ns(runtime->host.context);
    runtime->now_ms = runtime->host.now(runtime->host.context);
    runtime->now_ns = runtime->steady_ns;
}

void hf__txn_clock_look(hf__runtime *runtime)
{
    runtime->steady_ns = runtime->host.steady_ns(runtime->host.context);
    if (runtime->steady_ns - runtime->now_ns < NS_PER_MS)
        return;
    runtime->now_ms = runtime->host.now(runtime->host.context);
    runtime->now_ns = runtime->steady_ns;
}
