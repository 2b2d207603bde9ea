/*
 * figures.c - what is known of calls: how many, how they ended, how long they took.
 *
 * Everything belongs to the loop's thread. Failure modes: none.
 */
#include "metrics/histogram.h"
#include "txn/state.h"

void hf__figures_call(hf__runtime *runtime, const hf__ticket *ticket, bool failed)
{
    hf__party *party = ticket->party;
    int64_t took_ns = hf__txn_steady_ns(runtime) - ticket->called_ns;
    party->failures += failed ? 1 : 0;
    hf__histogram_note(&runtime->call_ns[party->is_provider ? 1 : 0],
                       took_ns > 0 ? (uint64_t)took_ns : 0);
}

static hf_callee_figures figures_of(const hf__party *party)
{
    return (hf_callee_figures){
        .name = party->name,
        .version = party->is_provider ? 0 : party->about.version,
        .provider = party->is_provider ? 1 : 0,
        .calls = party->calls,
        .failures = party->failures,
        .timeouts = party->timeouts,
        .retries = party->retries,
        .retries_refused = party->budget.refused,
        .breaker_opened = party->breaker.opened,
        .in_flight = party->limiter.in_flight,
        .waiting = party->waiting,
        .breaker_state = party->breaker.state,
    };
}

void hf__runtime_read_figures(const hf__runtime *runtime, hf__runtime_figures *out,
                              hf_callee_figures *callees)
{
    *out = (hf__runtime_figures){
        .call_ns = runtime->call_ns,
        .active = runtime->entry_count,
        .waited_for = runtime->waiter_count,
        .callees = runtime->party_count,
    };
    for (uint32_t i = 0; i < runtime->party_count; i++)
        callees[i] = figures_of(&runtime->parties[i]);
}
