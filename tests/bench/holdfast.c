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

#define KILLED "killed" /* what was measured before */

/*
 * The baselines touch their memory and write their files' blocks before they are measured. An
 * engine has as much when each half of its journal has been filled and taken over by the store.
 * Reads choose from the orders of then.
 */
static int warm_up(load *l, const bench_run *run, load_result *scratch)
{
    const load_case some = {
        .operations = run->warm_up, .form = template_form(run->load.form), .in_flight = 4096};
    return load_run(l, &some, scratch) == 0 ? load_settle(l) : -1;
}

static int drive(void *context, const load_case *c, load_result *out)
{
    return load_run(context, c, out);
}

static int run_engine(load *l, const bench_run *run, bench_result *out)
{
    int error = load_error(l)[0] == '\0' ? 0 : -1;
    if (error == 0 && run->warm_up != 0)
        error = warm_up(l, run, &out->load);
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
    return load_close(l) == 0 ? error : -1;
}

/* ---- Restart --------------------------------------------------------------------------------- */

/*
 * What the store lacks goes up and down with checkpoints. Half of the orders show how much it comes
 * to; then it ends as soon as it is nearly as much again.
 */
static int fill_journal(load *l, const bench_run *run, bench_result *out)
{
    load_case some = run->load;
    int error = 0;
    uint64_t most = 0;
    some.operations = some.in_flight;
    for (uint64_t placed = 0; error == 0 && placed < run->load.operations;) {
        error = load_run(l, &some, &out->load);
        placed += some.operations;
        if (placed > run->load.operations / 2 && out->load.dirty_bytes >= most / 8 * 7)
            break;
        most = out->load.dirty_bytes > most ? out->load.dirty_bytes : most;
    }
    return error == 0 ? bench_result_write(run->folder, KILLED, out) : error;
}

/* Another process does the orders, and dies of it. */
static int run_killed(const load_options *options, const bench_run *run, bench_result *out)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        load *l = load_open(options);
        if (l != NULL && fill_journal(l, run, out) == 0)
            (void)kill(getpid(), SIGKILL);
        (void)fprintf(stderr, "%s\n", l == NULL ? "no memory" : load_error(l));
        _exit(EXIT_FAILURE);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFSIGNALED(status))
        return -1;
    return bench_result_read(run->folder, KILLED, out);
}

/* Measured is the time from opening until a first order is durable. */
static int run_restart(const load_options *options, const bench_run *run, bench_result *out)
{
    const load_case one = {.operations = 1, .form = run->load.form, .in_flight = 1};
    static load_result first;
    if (run_killed(options, run, out) != 0)
        return -1;
    uint64_t start = latency_now();
    load *l = load_open(options);
    int error = l == NULL ? -1 : load_run(l, &one, &first);
    uint64_t took = latency_now() - start;
    if (error != 0 && l != NULL)
        (void)fprintf(stderr, "%s\n", load_error(l));
    out->load.seconds = (double)took / 1e9;
    out->load.latency = (latency){.count = 0};
    latency_add(&out->load.latency, took, 1);
    return load_close(l) == 0 ? error : -1;
}

/* ---- Stores ---------------------------------------------------------------------------------- */

static int run_scheme(const bench_run *run, const char *scheme, bool is_inline, bench_result *out)
{
    char path[BENCH_PATH_BYTES];
    char url[BENCH_PATH_BYTES + 16];
    const load_options options = {.url = url,
                                  .durability = run->durability,
                                  .journal_bytes = run->journal_bytes,
                                  .clock_ms = template_clock_ms,
                                  .is_inline = is_inline,
                                  .cache = run->load.cache};
    if (template_copy(run, scheme, "filled", path) != 0)
        return -1;
    (void)snprintf(url, sizeof(url), "%s:%s", scheme, path);
    if (run->backlog != BACKLOG_NONE)
        return bench_backlog(run, &options, out);
    return run->restart ? run_restart(&options, run, out) : run_once(&options, run, out);
}

int bench_holdfast_lmdb(const bench_run *run, bench_result *out)
{
    return run_scheme(run, "lmdb", false, out);
}

int bench_holdfast_sqlite(const bench_run *run, bench_result *out)
{
    return run_scheme(run, "sqlite", false, out);
}

int bench_holdfast_inline(const bench_run *run, bench_result *out)
{
    return run_scheme(run, "lmdb", true, out);
}
