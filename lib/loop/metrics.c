/*
 * metrics.c - all figures of an engine in one struct, and as text.
 *
 * Happy path: the loop's own figures, those of the coordinator and a copy of those of the storage
 * threads are put together; the struct points to histograms that stay until the next call.
 *
 * Failure modes: those of a handle, and a struct of another size.
 */
#include "base/version.h"
#include "loop/host.h"
#include "metrics/text.h"

#include <holdfast/event.h>
#include <string.h>

#define MILLION UINT64_C(1000000)

/* 1,000,000 * part / whole, at most 1,000,000; 0 when there is no whole. */
static uint64_t share_of(uint64_t part, uint64_t whole)
{
    return hf__figures_part(part < whole ? part : whole, whole, MILLION);
}

static hf_summary summary_of(const hf_histogram *histogram)
{
    hf_summary out = {
        .count = histogram->count,
        .sum = histogram->sum,
        .least = histogram->count == 0 ? 0 : histogram->least,
        .most = histogram->most,
        .histogram = histogram,
    };
    (void)hf_histogram_quantile(histogram, 0.5, &out.p50);
    (void)hf_histogram_quantile(histogram, 0.9, &out.p90);
    (void)hf_histogram_quantile(histogram, 0.99, &out.p99);
    (void)hf_histogram_quantile(histogram, 0.999, &out.p999);
    return out;
}

static void read_operations(hf__host *host, hf_metrics_info *out)
{
    const hf__figures *figures = &host->figures;
    const uint64_t *overloaded = host->counts.overloaded;
    out->accepted = host->counts.operations;
    out->completed = host->counts.completed;
    out->in_flight = host->counts.operations - host->counts.completed;
    out->in_flight_ns = figures->in_flight_ns;
    out->queued = hf__host_queued(host);
    out->new_work = host->limit.adaptive ? host->limit.limiter.in_flight : 0;
    out->new_work_max = host->limit.adaptive ? host->limit.limiter.max : 0;
    out->completions_waiting = host->queue.waiting;
    out->overloaded_writes =
        overloaded[HF__FULL_WRITES] + atomic_load(&host->intake.overloaded[HF__WRITES]);
    out->overloaded_reads =
        overloaded[HF__FULL_READS] + atomic_load(&host->intake.overloaded[HF__READS]);
    out->overloaded_completions = overloaded[HF__FULL_COMPLETIONS];
    out->overloaded_txns = overloaded[HF__FULL_TXNS];
    out->errors_rejected = figures->errors[HF_CLASS_REJECTED];
    out->errors_retryable = figures->errors[HF_CLASS_RETRYABLE];
    out->errors_unknown = figures->errors[HF_CLASS_UNKNOWN];
    out->errors_fatal = figures->errors[HF_CLASS_FATAL];
    out->errors_misuse = figures->errors[HF_CLASS_MISUSE];
    out->write_latency_ns = summary_of(&figures->latency_ns[HF__WRITES]);
    out->read_latency_ns = summary_of(&figures->latency_ns[HF__READS]);
    out->write_wait_ns = summary_of(&figures->wait_ns[HF__WRITES]);
    out->read_wait_ns = summary_of(&figures->wait_ns[HF__READS]);
}

static void read_batches(const hf__host *host, hf_metrics_info *out)
{
    const hf__figures *figures = &host->figures;
    out->batch_operations = summary_of(&figures->operations);
    out->write_batch_ns = summary_of(&figures->batch_ns[HF__WRITES]);
    out->read_batch_ns = summary_of(&figures->batch_ns[HF__READS]);
    out->write_busy_ns = figures->busy_ns[HF__WRITES];
    out->read_busy_ns = figures->busy_ns[HF__READS];
    out->write_utilisation_ppm = share_of(out->write_busy_ns, out->open_ns);
    out->read_utilisation_ppm = share_of(out->read_busy_ns, out->open_ns);
    out->availability_ppm = MILLION - share_of(out->not_ready_ns, out->open_ns);
    out->sweep_ns = summary_of(&figures->sweep_ns);
}

static void read_engine(hf__host *host, hf_metrics_info *out)
{
    hf__engine_figures *engine = &host->figures.engine;
    hf__engine_metrics(host->engine, out);
    hf__engine_read_figures(host->engine, engine);
    if (host->closing)
        out->state = HF_HEALTH_CLOSING;
    out->journal_flush_ns = summary_of(&engine->flush_ns);
    out->store_commit_ns = summary_of(&engine->commit_ns);
    out->rows_written = engine->rows;
    out->row_hits = engine->hits;
    out->row_misses = engine->misses;
    out->row_hit_ppm = share_of(engine->hits, engine->hits + engine->misses);
    out->swept_deadline = engine->swept[0];
    out->swept_supply = engine->swept[1];
    memcpy(&out->orders_waiting, engine->states, sizeof engine->states);
    out->txns_parked = engine->parked < 0 ? 0 : (uint64_t)engine->parked;
}

static void read_subscriptions(const hf__host *host, hf_metrics_info *out)
{
    out->events_delivered = host->figures.events;
    for (const hf_subscription *at = host->subscriptions; at != NULL;
         at = hf__subscription_next(at)) {
        uint64_t position = hf__subscription_position(at);
        uint64_t lag = out->event_seq > position ? out->event_seq - position : 0;
        out->subscriptions++;
        if (lag > out->subscription_lag)
            out->subscription_lag = lag;
    }
}

static void read_txns(hf__host *host, hf_metrics_info *out)
{
    hf__runtime_figures runtime;
    hf__runtime_read_figures(host->runtime, &runtime, host->figures.callees);
    out->txns_active = runtime.active;
    out->txns_waited_for = runtime.waited_for;
    out->participant_call_ns = summary_of(&runtime.call_ns[0]);
    out->provider_call_ns = summary_of(&runtime.call_ns[1]);
    out->callees = host->figures.callees;
    out->callee_count = runtime.callees;
}

static void list_operations(hf__host *host, hf_metrics_info *out)
{
    hf__figures *figures = &host->figures;
    out->operations = figures->listed;
    for (uint32_t type = 0; type < HF__OP_TYPES; type++) {
        const hf__type_counts *counts = &figures->types[type];
        const char *name = counts->completed == 0 ? NULL : hf_event_type_name(type);
        if (name != NULL)
            figures->listed[out->operation_count++] = (hf_operation_figures){
                .name = name,
                .type = type,
                .completed = counts->completed,
                .refused = counts->refused,
            };
    }
}

void hf__host_metrics(hf__host *host, hf_metrics_info *out)
{
    memset(out, 0, sizeof *out);
    out->size = sizeof *out;
    hf__figures_sum_up(host);
    read_engine(host, out);
    read_operations(host, out);
    read_batches(host, out);
    read_subscriptions(host, out);
    read_txns(host, out);
    list_operations(host, out);
}

int hf_metrics(hf_engine *engine, hf_metrics_info *out)
{
    hf__host *host;
    int error = hf__host_enter(engine, &host);
    if (error == 0)
        error = hf__host_check_out(host, out, sizeof *out);
    if (error == 0 && host->engine == NULL)
        error = HF_E_CLOSED;
    if (error != 0)
        return error;
    hf__disk_ask(host);
    hf__host_metrics(host, out);
    return 0;
}

/* Which engine it is; the value is always 1. */
static void write_info(hf__host *host, hf__text_writer *writer)
{
    char store[37];
    hf_health_info health = {.size = sizeof health};
    hf__engine_health(host->engine, &health);
    hf__write_head(writer, "holdfast_engine_info", "the store of the engine, and the library",
                   HF_METRIC_GAUGE);
    hf__write(writer, "holdfast_engine_info{store=\"%s\",incarnation=\"%llu\",version=\"%s\"} 1\n",
              hf_id_format(&health.store, store), (unsigned long long)health.incarnation,
              HF__VERSION);
}

void hf__host_write_metrics(hf__host *host, const hf_metrics_info *info, hf__text_writer *writer)
{
    write_info(host, writer);
    hf__write_metrics(writer, info);
}

int64_t hf_metrics_text(hf_engine *engine, char *out, uint64_t bytes)
{
    hf__host *host;
    hf_metrics_info info;
    int error = hf__host_enter(engine, &host);
    if (error == 0 && out == NULL && bytes != 0)
        error = hf__refuse(&host->detail, HF_E_ARGUMENT, "out: is NULL");
    if (error == 0 && host->engine == NULL)
        error = HF_E_CLOSED;
    if (error != 0)
        return error;
    hf__text_writer writer = {.out = out, .bytes = bytes};
    hf__disk_ask(host);
    hf__host_metrics(host, &info);
    hf__host_write_metrics(host, &info, &writer);
    return (int64_t)writer.length;
}
