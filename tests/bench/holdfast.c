/*
 * holdfast.c - the library itself on each of its stores, through its public interface.
 */
#include "bench.h"
#include "template.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define READ_ORDERS 50000u /* that are there when reads are measured, unless fewer are read */

/* Reads choose from orders that this engine placed. */
static int place_some(load *l, uint64_t reads, load_result *scratch)
{
    const load_case some = {.operations = reads < READ_ORDERS ? reads : READ_ORDERS,
                            .form = LOAD_CHECKOUT,
                            .in_flight = 4096};
    return load_run(l, &some, scratch);
}

static int drive(void *context, const load_case *c, load_result *out)
{
    return load_run(context, c, out);
}

static int run_engine(load *l, const bench_run *run, bench_result *out)
{
    const load_case *c = &run->load;
    int error = load_error(l)[0] == '\0' ? 0 : -1;
    if (error == 0 && template_form(c->form) != c->form)
        error = place_some(l, c->operations, &out->load);
    if (error == 0)
        error = bench_drive_all(run, out, drive, l);
    if (error != 0)
        (void)fprintf(stderr, "%s\n", load_error(l));
    return error;
}

static int run_once(const load_options *options, const bench_run *run, bench_result *out)
{
    load *l = load_open(options);
    int error = l == NULL ? -1 : run_engine(l, run, out);
    if (error == 0 && run->restart)
        (void)kill(getpid(), SIGKILL);
    return load_close(l) == 0 ? error : -1;
}

/* ---- Restart --------------------------------------------------------------------------------- */

/* Another process does the orders, and dies of it. */
static int run_killed(const load_options *options, const bench_run *run, bench_result *out)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        _exit(run_once(options, run, out) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
    if (child < 0 || waitpid(child, &status, 0) != child)
        return -1;
    return WIFSIGNALED(status) ? 0 : -1;
}

/* Measured is the time from opening until a first order is durable. */
static int run_restart(const load_options *options, const bench_run *run, bench_result *out)
{
    const load_case one = {.operations = 1, .form = run->load.form, .in_flight = 1};
    if (run_killed(options, run, out) != 0)
        return -1;
    uint64_t start = latency_now();
    load *l = load_open(options);
    int error = l == NULL ? -1 : load_run(l, &one, &out->load);
    uint64_t took = latency_now() - start;
    if (error != 0 && l != NULL)
        (void)fprintf(stderr, "%s\n", load_error(l));
    out->load.seconds = (double)took / 1e9;
    out->load.latency = (latency){.count = 0};
    latency_add(&out->load.latency, took, 1);
    return load_close(l) == 0 ? error : -1;
}

/* ---- Stores ---------------------------------------------------------------------------------- */

static int run_scheme(const bench_run *run, const char *scheme, bench_result *out)
{
    char path[BENCH_PATH_BYTES];
    char url[BENCH_PATH_BYTES + 16];
    const load_options options = {
        .url = url, .durability = run->durability, .clock_ms = template_clock_ms};
    if (template_copy(run, scheme, "filled", path) != 0)
        return -1;
    (void)snprintf(url, sizeof(url), "%s:%s", scheme, path);
    return run->restart ? run_restart(&options, run, out) : run_once(&options, run, out);
}

int bench_holdfast_lmdb(const bench_run *run, bench_result *out)
{
    return run_scheme(run, "lmdb", out);
}

int bench_holdfast_sqlite(const bench_run *run, bench_result *out)
{
    return run_scheme(run, "sqlite", out);
}
