/*
 * metrics.c - counts requests, and writes them behind the figures of the engine.
 *
 * Source: Prometheus, "Exposition formats". Labels are bounded by the table of routes.
 */
#include "metrics.h"
#include "common/memory.h"
#include "relay.h"
#include "route.h"
#include "server.h"
#include "services/coordinator.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TYPE_METRICS "text/plain; version=0.0.4; charset=utf-8"

/* Bounds of the buckets in us: powers of two from 64 us on. */
static uint64_t bound_us(size_t bucket)
{
    return UINT64_C(64) << bucket;
}

void metrics_count(metrics *m, const exchange *x, uint64_t ns)
{
    const size_t class = x->status / 100 < METRICS_CLASSES ? x->status / 100 : 0;
    size_t bucket = 0;
    m->aborted += x->gone;
    if (x->route == NULL)
        m->unrouted[class]++;
    else
        m->requests[x->route - route_at(0)][class]++;
    while (bucket + 1 < METRICS_BUCKETS && ns > bound_us(bucket) * 1000)
        bucket++;
    m->buckets[bucket]++;
    m->sum_ns += ns;
}

static void put(json_text *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(json_text *out, const char *format, ...)
{
    char text[300];
    va_list list;
    va_start(list, format);
    const int bytes = vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    out->bytes = grow_memory(out->bytes, &out->capacity, out->used + (size_t)bytes, 1);
    memcpy(out->bytes + out->used, text, (size_t)bytes);
    out->used += (size_t)bytes;
}

static void put_head(json_text *out, const char *name, const char *kind, const char *help)
{
    put(out, "# HELP holdfast_server_%s %s\n# TYPE holdfast_server_%s %s\n", name, help, name,
        kind);
}

static void put_requests(json_text *out, const metrics *m)
{
    put_head(out, "requests_total", "counter", "Responses by route and hundreds of the status.");
    for (size_t i = 0; route_at(i) != NULL; i++)
        for (unsigned class = 1; class < METRICS_CLASSES; class ++)
            if (m->requests[i][class] != 0)
                put(out,
                    "holdfast_server_requests_total{method=\"%s\",route=\"%s\",status=\"%uxx\"} "
                    "%" PRIu64 "\n",
                    route_at(i)->method, route_at(i)->path, class, m->requests[i][class]);
    for (unsigned class = 1; class < METRICS_CLASSES; class ++)
        if (m->unrouted[class] != 0)
            put(out,
                "holdfast_server_requests_total{method=\"\",route=\"\",status=\"%uxx\"} %" PRIu64
                "\n",
                class, m->unrouted[class]);
}

static void put_latency(json_text *out, const metrics *m)
{
    uint64_t count = 0;
    put_head(out, "request_seconds", "histogram",
             "Time from the head of a request to the end of its response.");
    for (size_t i = 0; i + 1 < METRICS_BUCKETS; i++) {
        count += m->buckets[i];
        put(out, "holdfast_server_request_seconds_bucket{le=\"%.6f\"} %" PRIu64 "\n",
            (double)bound_us(i) / 1e6, count);
    }
    count += m->buckets[METRICS_BUCKETS - 1];
    put(out,
        "holdfast_server_request_seconds_bucket{le=\"+Inf\"} %" PRIu64
        "\nholdfast_server_request_seconds_sum %.9f\nholdfast_server_request_seconds_count "
        "%" PRIu64 "\n",
        count, (double)m->sum_ns / 1e9, count);
}

static void put_number(json_text *out, const char *name, const char *kind, const char *help,
                       uint64_t value)
{
    put_head(out, name, kind, help);
    put(out, "holdfast_server_%s %" PRIu64 "\n", name, value);
}

/* Figures of endpoints: a line for each under one head. */
static const struct {
    const char *name, *kind, *help;
    size_t offset; /* of a uint64_t */
} of_endpoints[] = {
    {"webhooks_delivered_total", "counter", "Messages that the endpoint took.",
     offsetof(relay_figures, delivered)},
    {"webhooks_failed_total", "counter", "Attempts that the endpoint did not take.",
     offsetof(relay_figures, failed)},
    {"webhooks_buried_total", "counter", "Messages that became dead letters.",
     offsetof(relay_figures, buried)},
    {"webhooks_dead", "gauge", "Dead letters of the endpoint.", offsetof(relay_figures, dead)},
    {"webhooks_lag_events", "gauge", "Events that the endpoint has not passed.",
     offsetof(relay_figures, lag)},
    {"webhooks_stopped", "gauge", "1 when nothing is posted to the endpoint any more, else 0.",
     offsetof(relay_figures, stopped)},
};

static void put_endpoints(json_text *out, const relays *all)
{
    relay_figures f;
    if (all->first == NULL)
        return;
    for (size_t i = 0; i < sizeof(of_endpoints) / sizeof(of_endpoints[0]); i++) {
        put_head(out, of_endpoints[i].name, of_endpoints[i].kind, of_endpoints[i].help);
        for (size_t k = 0; relay_at(all, k, &f); k++) {
            uint64_t value;
            memcpy(&value, (const char *)&f + of_endpoints[i].offset, sizeof(value));
            put(out, "holdfast_server_%s{endpoint=\"%s\"} %" PRIu64 "\n", of_endpoints[i].name,
                f.name, value);
        }
    }
}

/* Figures of each instance of another service. */
static const struct {
    const char *name, *kind, *help;
    uint64_t (*read)(const instance *i);
} of_instances[] = {
    {"instance_up", "gauge", "1 while the instance of another service takes calls, else 0.",
     instance_is_up},
    {"instance_requests_total", "counter", "Requests with calls to the instance.",
     instance_requests},
    {"instance_calls_total", "counter", "Calls of branches at the instance.", instance_calls},
};

static void put_instances(json_text *out, const coordinator *c)
{
    for (size_t i = 0; c != NULL && i < sizeof(of_instances) / sizeof(of_instances[0]); i++) {
        put_head(out, of_instances[i].name, of_instances[i].kind, of_instances[i].help);
        for (uint32_t no = 0; no < SERVICES; no++)
            for (uint32_t at = 0; at < c->services[no].count; at++)
                put(out, "holdfast_server_%s{service=\"%s\",instance=\"%s\"} %" PRIu64 "\n",
                    of_instances[i].name, c->services[no].name,
                    c->services[no].instances[at].address,
                    of_instances[i].read(&c->services[no].instances[at]));
    }
}

void metrics_answer(exchange *x)
{
    const server *s = x->server;
    json_text *out = &x->out;
    const int64_t bytes = hf_metrics_text(s->engine, NULL, 0);
    if (bytes > 0) {
        out->bytes = grow_memory(out->bytes, &out->capacity, (size_t)bytes + 1, 1);
        (void)hf_metrics_text(s->engine, out->bytes, (uint64_t)bytes + 1);
        out->used = (size_t)bytes;
    }
    put_requests(out, &s->metrics);
    put_latency(out, &s->metrics);
    put_number(out, "requests_in_flight", "gauge", "Requests without a response.",
               s->open_count - s->part_count);
    put_number(out, "connections", "gauge", "Open connections.", http_connections(s->http));
    put_number(out, "requests_aborted_total", "counter",
               "Requests whose connection ended before the response was sent.", s->metrics.aborted);
    put_number(out, "log_lines_dropped_total", "counter", "Log lines that were not written.",
               s->log.dropped_all);
    put_endpoints(out, &s->relays);
    put_instances(out, s->coordinator);
    put_number(out, "draining", "gauge", "1 after SIGTERM, else 0.", s->draining ? 1 : 0);
    exchange_answer(x, 200, TYPE_METRICS);
}
