/*
 * figures.c - what is known of calls: how many, how they ended, how long they took.
 *
 * Everything belongs to the loop's thread. Failure modes: none.
 */
#include "metrics/histogram.h"
#include "txn/state.h"

void hf__figures_call(hf__runtime *runtime, const hf__ticket *ticket, bool failed)
{
    hf__callee *callee = ticket->callee;
    int64_t took_ns = runtime->steady_ns - ticket->called_ns;
    callee->failures += failed ? 1 : 0;
    hf__histogram_note(&runtime->call_ns[callee->is_provider ? 1 : 0],
                       took_ns > 0 ? (uint64_t)took_ns : 0);
}

static hf_callee_figures figures_of(const hf__callee *callee)
{
    return (hf_callee_figures){
        .name = callee->name,
        .version = callee->is_provider ? 0 : callee->about.version,
        .provider = callee->is_provider ? 1 : 0,
        .calls = callee->calls,
        .failures = callee->failures,
        .timeouts = callee->timeouts,
        .retries = callee->retries,
        .retries_refused = callee->budget.refused,
        .breaker_opened = callee->breaker.opened,
        .in_flight = callee->limiter.in_flight,
        .waiting = callee->waiting,
        .breaker_state = callee->breaker.state,
    };
}

void hf__runtime_read_figures(const hf__runtime *runtime, hf__runtime_figures *out,
                              hf_callee_figures *callees)
{
    *out = (hf__runtime_figures){
        .call_ns = runtime->call_ns,
        .active = runtime->entry_count,
        .waited_for = runtime->waiter_count,
        .callees = runtime->callee_count,
    };
    for (uint32_t i = 0; i < runtime->callee_count; i++)
        callees[i] = figures_of(&runtime->callees[i]);
}
