/*
 * text.c - figures as Prometheus text, by the table of metrics.
 *
 * Happy path: the table is walked once; the first field of a metric brings its HELP and TYPE, each
 * field a sample, each element of a list a sample for each of its metrics. Numbers are printed from
 * integers, so no locale and no rounding has a part in them.
 *
 * Failure mode: a text that does not fit is cut; its whole length is counted all the same.
 */
#include "metrics/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Upper bounds of the buckets in the text are powers of two, where counts are exact. */
typedef struct bounds {
    uint32_t first; /* exponent */
    uint32_t last;
} bounds;

static const bounds bounds_of[] = {
    [HF_METRIC_ONE] = {0, 14}, [HF_METRIC_NS] = {14, 35}, /* 16 us to 34 s */
};

/* How numbers of a unit are printed: so many digits stand behind the point. */
static const uint32_t decimals[] = {
    [HF_METRIC_ONE] = 0,   [HF_METRIC_NS] = 9,  [HF_METRIC_MS] = 3,
    [HF_METRIC_BYTES] = 0, [HF_METRIC_PPM] = 6,
};

void hf__write(hf__text_writer *writer, const char *format, ...)
{
    bool fits = writer->length < writer->bytes;
    char *at = fits ? writer->out + writer->length : NULL;
    size_t capacity = fits ? writer->bytes - writer->length : 0;
    va_list arguments;
    va_start(arguments, format);
    int printed = vsnprintf(at, capacity, format, arguments);
    va_end(arguments);
    writer->length += printed > 0 ? (uint64_t)printed : 0;
}

void hf__write_label(hf__text_writer *writer, const char *value)
{
    hf__write(writer, "\"");
    for (const char *at = value; *at != '\0'; at++) {
        if (*at == '\n')
            hf__write(writer, "\\n");
        else
            hf__write(writer, *at == '"' || *at == '\\' ? "\\%c" : "%c", *at);
    }
    hf__write(writer, "\"");
}

void hf__write_head(hf__text_writer *writer, const char *name, const char *help, uint32_t kind)
{
    static const char *const types[] = {
        [HF_METRIC_COUNTER] = "counter",
        [HF_METRIC_GAUGE] = "gauge",
        [HF_METRIC_HISTOGRAM] = "histogram",
    };
    hf__write(writer, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, types[kind]);
}

void hf__write_number(hf__text_writer *writer, uint64_t value, uint32_t unit)
{
    uint64_t one = 1;
    for (uint32_t i = 0; i < decimals[unit]; i++)
        one *= 10;
    hf__write(writer, "%" PRIu64, value / one);
    if (one != 1)
        hf__write(writer, ".%0*" PRIu64, (int)decimals[unit], value % one);
}

uint64_t hf__metric_number(const hf_metric *metric, const void *base)
{
    const uint8_t *at = (const uint8_t *)base + metric->offset;
    uint32_t narrow;
    uint64_t wide;
    if (metric->bytes == sizeof narrow) {
        memcpy(&narrow, at, sizeof narrow);
        return narrow;
    }
    memcpy(&wide, at, sizeof wide);
    return wide;
}

/* ---- Samples --------------------------------------------------------------------------------- */

/* Name, then the label of the field and that of a bucket (`le`; NULL: none). */
static void write_name(hf__text_writer *writer, const hf_metric *metric, const char *suffix)
{
    hf__write(writer, "%s%s", metric->name, suffix);
    if (metric->label != NULL)
        hf__write(writer, "{%s=\"%s\"}", metric->label, metric->value);
    hf__write(writer, " ");
}

static void begin_bucket(hf__text_writer *writer, const hf_metric *metric)
{
    hf__write(writer, "%s_bucket{", metric->name);
    if (metric->label != NULL)
        hf__write(writer, "%s=\"%s\",", metric->label, metric->value);
    hf__write(writer, "le=\"");
}

static void write_histogram(hf__text_writer *writer, const hf_metric *metric,
                            const hf_summary *summary)
{
    const bounds *le = &bounds_of[metric->unit];
    for (uint32_t bit = le->first; bit <= le->last; bit++) {
        uint64_t count = 0;
        (void)hf_histogram_count_to(summary->histogram, UINT64_C(1) << bit, &count);
        begin_bucket(writer, metric);
        hf__write_number(writer, UINT64_C(1) << bit, metric->unit);
        hf__write(writer, "\"} %" PRIu64 "\n", count);
    }
    begin_bucket(writer, metric);
    hf__write(writer, "+Inf\"} %" PRIu64 "\n", summary->count);
    write_name(writer, metric, "_sum");
    hf__write_number(writer, summary->sum, metric->unit);
    hf__write(writer, "\n");
    write_name(writer, metric, "_count");
    hf__write(writer, "%" PRIu64 "\n", summary->count);
}

static void write_field(hf__text_writer *writer, const hf_metric *metric,
                        const hf_metrics_info *info)
{
    if (metric->kind == HF_METRIC_HISTOGRAM) {
        const uint8_t *at = (const uint8_t *)info + metric->offset;
        write_histogram(writer, metric, (const hf_summary *)(const void *)at);
        return;
    }
    write_name(writer, metric, "");
    hf__write_number(writer, hf__metric_number(metric, info), metric->unit);
    hf__write(writer, "\n");
}

static void write_operations(hf__text_writer *writer, const hf_metric *metric,
                             const hf_metrics_info *info)
{
    for (uint32_t i = 0; i < info->operation_count; i++) {
        const hf_operation_figures *one = &info->operations[i];
        hf__write(writer, "%s{%s=\"%s\"} %" PRIu64 "\n", metric->name, metric->label, one->name,
                  hf__metric_number(metric, one));
    }
}

static void write_callees(hf__text_writer *writer, const hf_metric *metric,
                          const hf_metrics_info *info)
{
    for (uint32_t i = 0; i < info->callee_count; i++) {
        const hf_callee_figures *one = &info->callees[i];
        hf__write(writer, "%s{%s=", metric->name, metric->label);
        hf__write_label(writer, one->name);
        hf__write(writer, ",kind=\"%s\",version=\"%u\"} %" PRIu64 "\n",
                  one->provider != 0 ? "provider" : "participant", one->version,
                  hf__metric_number(metric, one));
    }
}

void hf__write_metrics(hf__text_writer *writer, const hf_metrics_info *info)
{
    static void (*const writes[])(hf__text_writer *, const hf_metric *, const hf_metrics_info *) = {
        [HF_METRIC_OF_ENGINE] = write_field,
        [HF_METRIC_OF_OPERATION] = write_operations,
        [HF_METRIC_OF_CALLEE] = write_callees,
    };
    const char *last = "";
    const hf_metric *metric;
    for (uint32_t i = 0; (metric = hf_metric_at(i)) != NULL; i++) {
        if (strcmp(metric->name, last) != 0)
            hf__write_head(writer, metric->name, metric->help, metric->kind);
        last = metric->name;
        writes[metric->of](writer, metric, info);
    }
}
