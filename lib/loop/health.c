/*
 * health.c - the state that an engine reports, and its clock.
 */
#include "loop/host.h"

#include <inttypes.h>

const char *hf_engine_detail(hf_engine *engine)
{
    hf__host *host;
    return hf__host_find(engine, &host) == 0 ? host->detail.text : "";
}

static uint32_t waiting(const hf__request_queue *requests)
{
    return requests->filling == NULL
               ? 0
               : requests->filling->batch.count - requests->filling->own_count;
}

uint32_t hf__host_queued(hf__host *host)
{
    return waiting(&host->writes) + waiting(&host->reads) + hf__intake_count(host);
}

static uint64_t overloaded(const hf__host *host)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < HF__FULL_COUNT; i++)
        sum += host->counts.overloaded[i];
    for (uint32_t i = 0; i < HF__KINDS; i++)
        sum += atomic_load(&host->intake.overloaded[i]);
    return sum;
}

int hf_health(hf_engine *engine, hf_health_info *out)
{
    hf__host *host;
    int error = hf__host_enter(engine, &host);
    if (error != 0)
        return error;
    error = hf__host_check_out(host, out, sizeof *out);
    if (error != 0)
        return error;
    if (host->engine == NULL)
        return HF_E_CLOSED;
    hf__disk_ask(host);
    *out = (hf_health_info){
        .size = sizeof *out,
        .queued = hf__host_queued(host),
        .operations = host->counts.operations,
        .completed = host->counts.completed,
        .refused = host->counts.refused,
        .overloaded = overloaded(host),
    };
    hf__engine_health(host->engine, out);
    if (host->closing)
        out->state = HF_HEALTH_CLOSING;
    return 0;
}

/* The next batch takes note of the time, and runs what became due. */
static void look_at_time(hf__host *host)
{
    host->tick = true;
    hf__arm(host);
}

/* A store that is only read stays at the time of its last batch. */
static int check_writable(hf__host *host)
{
    if (hf__engine_accepts(host->engine) != HF_E_READ_ONLY)
        return 0;
    hf__engine_cause(host->engine, host->detail.text, sizeof host->detail.text);
    return HF_E_READ_ONLY;
}

int hf_clock_advance(hf_engine *engine, int64_t ms)
{
    hf__host *host;
    int error = hf__host_enter_open(engine, &host);
    if (error != 0)
        return error;
    error = check_writable(host);
    if (error != 0)
        return error;
    if (!host->is_virtual)
        return hf__refuse(&host->detail, HF_E_UNSUPPORTED, "the clock is not virtual");
    if (ms < 0)
        return hf__refuse(&host->detail, HF_E_ARGUMENT, "ms: a clock does not go back");
    error = hf__engine_clock_advance(host->engine, ms);
    if (error != 0)
        return hf__refuse(&host->detail, error, "ms: the clock would pass %" PRId64 " ms",
                          HF__VIRTUAL_MAX_MS);
    host->catching_up = true;
    look_at_time(host);
    return 0;
}

int hf_time_accept(hf_engine *engine)
{
    hf__host *host;
    int error = hf__host_enter_open(engine, &host);
    if (error != 0)
        return error;
    error = check_writable(host);
    if (error != 0)
        return error;
    hf__engine_time_accept(host->engine);
    look_at_time(host);
    return 0;
}
