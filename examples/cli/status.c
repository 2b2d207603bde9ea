/*
 * status.c - how an engine is: of one that runs, what it did in the last minute, once or again and
 * again; of a store without figures, what is stored.
 *
 * Happy path: the running engine writes its figures into a file that its host named
 * (hf_options.metrics_file); without --metrics it is looked for beside the store, as PATH.metrics.
 * When there is none, it cannot be read, or its process has ended, the store is opened to read it.
 *
 * Failure modes: a store that cannot be read is EXIT_STORE; a file of another program, or one
 * without an engine and without --store, EXIT_REFUSED.
 */
#include "cli.h"
#include "common/columns.h"
#include "metrics_file.h"
#include "table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PATH_BYTES   4352
#define VALUE_BYTES  64
#define FIGURES_MAX  32
#define PERIOD_S     1
#define CLEAR_SCREEN "\033[H\033[2J"

/* A figure by its name, and what it says. */
typedef struct figure {
    const char *name;
    cell_kind kind;
    char value[VALUE_BYTES];
} figure;

typedef struct figures {
    figure all[FIGURES_MAX];
    size_t count;
} figures;

/* A sample of the file, as people read it. */
typedef struct shown {
    const char *name;
    const char *sample;
    double factor;
    int decimals;
} shown;

/* clang-format off */
static const shown samples[] = {
    { "window_s", "holdfast_recent_seconds", 1, 0 },
    { "operations_per_s", "holdfast_recent_operations_per_second", 1, 1 },
    { "write_p50_us", "holdfast_recent_write_latency_seconds{quantile=\"0.5\"}", 1e6, 0 },
    { "write_p99_us", "holdfast_recent_write_latency_seconds{quantile=\"0.99\"}", 1e6, 0 },
    { "read_p50_us", "holdfast_recent_read_latency_seconds{quantile=\"0.5\"}", 1e6, 0 },
    { "read_p99_us", "holdfast_recent_read_latency_seconds{quantile=\"0.99\"}", 1e6, 0 },
    { "in_flight", "holdfast_recent_operations_in_flight", 1, 1 },
    { "write_utilisation", "holdfast_recent_write_utilisation_ratio", 1, 3 },
    { "read_utilisation", "holdfast_recent_read_utilisation_ratio", 1, 3 },
    { "availability", "holdfast_recent_availability_ratio", 1, 6 },
    { "row_hit_ratio", "holdfast_recent_row_hit_ratio", 1, 3 },
    { "read_hit_ratio", "holdfast_recent_read_cache_hit_ratio", 1, 3 },
    { "flush_p50_us", "holdfast_recent_flush_seconds{quantile=\"0.5\"}", 1e6, 0 },
    { "flush_p99_us", "holdfast_recent_flush_seconds{quantile=\"0.99\"}", 1e6, 0 },
    { "queued", "holdfast_operations_queued", 1, 0 },
    { "backlog_bytes", "holdfast_journal_dirty_bytes", 1, 0 },
    { "journal_bytes", "holdfast_journal_bytes", 1, 0 },
    { "expiry_lag_s", "holdfast_expiry_lag_seconds", 1, 1 },
    { "operations", "holdfast_operations_completed_total", 1, 0 },
    { "event_seq", "holdfast_events_total", 1, 0 },
    { "open_s", "holdfast_open_seconds_total", 1, 0 },
};
/* clang-format on */

static figure *add(figures *list, const char *name, cell_kind kind)
{
    figure *one = &list->all[list->count++];
    one->name = name;
    one->kind = kind;
    one->value[0] = '\0';
    return one;
}

static void add_text(figures *list, const char *name, const char *text)
{
    (void)snprintf(add(list, name, CELL_TEXT)->value, VALUE_BYTES, "%s", text);
}

static void add_number(figures *list, const char *name, uint64_t number)
{
    (void)snprintf(add(list, name, CELL_NUMBER)->value, VALUE_BYTES, "%" PRIu64, number);
}

/* For people a figure a line, for programs an object. */
static int print_figures(const figures *list, bool json)
{
    static const table_column pairs[] = {{"figure", CELL_TEXT}, {"value", CELL_TEXT}};
    table_column columns[FIGURES_MAX];
    for (size_t i = 0; i < list->count; i++)
        columns[i] = (table_column){list->all[i].name, list->all[i].kind};
    table *t = table_create("status", json ? columns : pairs, json ? list->count : 2);
    if (json)
        table_row(t);
    for (size_t i = 0; i < list->count; i++) {
        if (!json) {
            table_row(t);
            table_text(t, list->all[i].name);
        }
        table_text(t, list->all[i].value);
    }
    int result = EXIT_DONE;
    if (!tables_print(stdout, &t, 1, json))
        result = fail(EXIT_OUTPUT, "the table could not be printed");
    table_destroy(t);
    return finish_output(result);
}

/* ---- A running engine ------------------------------------------------------------------------ */

static const char *state_name(const char *text)
{
    static const char *const names[] = {
        [HF_HEALTH_OK] = "OK",
        [HF_HEALTH_DEGRADED] = "DEGRADED",
        [HF_HEALTH_POISONED] = "POISONED",
        [HF_HEALTH_CLOSING] = "CLOSING",
    };
    char value[VALUE_BYTES];
    unsigned long state =
        strtoul(metrics_sample(text, "holdfast_state", value, sizeof(value)), NULL, 10);
    return value[0] != '\0' && state < sizeof(names) / sizeof(names[0]) ? names[state] : "";
}

static void fill_running(figures *list, const char *text)
{
    char value[VALUE_BYTES];
    add_text(list, "state", state_name(text));
    static const char *const info = "holdfast_engine_info";
    add_text(list, "store", metrics_label(text, info, "store", value, sizeof(value)));
    (void)metrics_label(text, info, "incarnation", value, sizeof(value));
    add_number(list, "incarnation", strtoull(value, NULL, 10));
    (void)metrics_label(text, "holdfast_process_info", "pid", value, sizeof(value));
    add_number(list, "pid", strtoull(value, NULL, 10));
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        const shown *one = &samples[i];
        figure *to = add(list, one->name, CELL_NUMBER);
        if (metrics_sample(text, one->sample, value, sizeof(value))[0] != '\0')
            (void)snprintf(to->value, VALUE_BYTES, "%.*f", one->decimals,
                           strtod(value, NULL) * one->factor);
    }
}

static int print_running(const char *text, bool json)
{
    figures list = {.count = 0};
    fill_running(&list, text);
    return print_figures(&list, json);
}

/* ---- A store without figures ----------------------------------------------------------------- */

static int print_resting(const options *opt)
{
    session s;
    char text[TIME_TEXT > 37 ? TIME_TEXT : 37];
    hf_health_info health = {.size = sizeof(health)};
    figures list = {.count = 0};
    int result = session_read(&s, opt);
    if (result != EXIT_DONE)
        return result;
    int error = hf_health(s.engine, &health);
    session_close(&s);
    if (error != 0)
        return fail_with(opt->store, error, NULL);
    add_text(&list, "state", "STORED");
    add_text(&list, "store", hf_id_format(&health.store, text));
    add_number(&list, "incarnation", health.incarnation);
    add_number(&list, "batch", health.batch);
    add_text(&list, "last_batch", health.time_ms == 0 ? "" : time_text(health.time_ms, text));
    add_number(&list, "event_seq", health.event_seq);
    add_number(&list, "backlog_bytes", health.dirty_bytes);
    add_number(&list, "journal_bytes", health.journal_bytes);
    return print_figures(&list, opt->json != 0);
}

/* ---- Commands -------------------------------------------------------------------------------- */

/* The file of --metrics, else PATH.metrics beside the store; "" when neither is named. */
static void find_file(const options *opt, char path[PATH_BYTES])
{
    const char *colon = opt->store == NULL ? NULL : strchr(opt->store, ':');
    path[0] = '\0';
    if (opt->metrics != NULL)
        (void)snprintf(path, PATH_BYTES, "%s", opt->metrics);
    else if (colon != NULL && colon[1] != '\0')
        (void)snprintf(path, PATH_BYTES, "%s.metrics", colon + 1);
}

/* What was found under a path. */
typedef struct looked {
    metrics_state state;
    char *text; /* to be freed */
    int error;  /* errno, see metrics_read */
} looked;

static looked look(const char *path)
{
    looked found = {.state = METRICS_NONE};
    if (path[0] != '\0')
        found.state = metrics_read(path, &found.text, &found.error);
    return found;
}

static void report_ended(const char *path, const char *text)
{
    char pid[VALUE_BYTES];
    (void)metrics_label(text, "holdfast_process_info", "pid", pid, sizeof(pid));
    (void)fprintf(stderr, "holdfast: %s: process %s has ended without closing the engine\n", path,
                  pid);
}

static int print_store(const options *opt, const char *path, const looked *found)
{
    if (found->state == METRICS_UNREADABLE)
        (void)fprintf(stderr, "holdfast: %s: %s; the store itself is read\n", path,
                      strerror(found->error));
    return print_resting(opt);
}

static int no_engine(const char *path, const looked *found)
{
    if (found->state == METRICS_UNREADABLE)
        return fail(EXIT_REFUSED, "%s: %s", path, strerror(found->error));
    if (found->state == METRICS_FOREIGN)
        return fail(EXIT_REFUSED, "%s: is not a file that an engine writes", path);
    return fail(EXIT_REFUSED,
                "%s: no engine writes it; --metrics names the file that a running engine writes "
                "(hf_options.metrics_file), and status --store URL shows a store without one",
                path[0] == '\0' ? "--metrics" : path);
}

int command_status(const options *opt)
{
    char path[PATH_BYTES];
    if (opt->store == NULL && opt->metrics == NULL)
        return fail(EXIT_USAGE, "no store: give --store URL or --metrics FILE");
    find_file(opt, path);
    looked found = look(path);
    if (found.state == METRICS_ENDED)
        report_ended(path, found.text);
    int result;
    if (found.state == METRICS_LIVE)
        result = print_running(found.text, opt->json != 0);
    else if (found.state != METRICS_FOREIGN && opt->store != NULL)
        result = print_store(opt, path, &found);
    else
        result = no_engine(path, &found);
    free(found.text);
    return result;
}

static int print_again(const char *text, const options *opt)
{
    if (!opt->json && isatty(STDOUT_FILENO))
        (void)fputs(CLEAR_SCREEN, stdout);
    return print_running(text, opt->json != 0);
}

int command_top(const options *opt)
{
    const struct timespec period = {.tv_sec = PERIOD_S};
    char path[PATH_BYTES];
    if (opt->store == NULL && opt->metrics == NULL)
        return fail(EXIT_USAGE, "no store: give --store URL or --metrics FILE");
    find_file(opt, path);
    int result = EXIT_DONE;
    for (int64_t round = 0; result == EXIT_DONE && (opt->rounds == 0 || round < opt->rounds);
         round++) {
        if (round > 0)
            (void)nanosleep(&period, NULL);
        looked found = look(path);
        if (found.state == METRICS_LIVE)
            result = print_again(found.text, opt);
        else if (found.state == METRICS_ENDED)
            report_ended(path, found.text);
        free(found.text);
        if (found.state != METRICS_LIVE)
            return round > 0 ? result : no_engine(path, &found);
    }
    return result;
}
