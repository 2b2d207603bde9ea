/*
 * postgres.c - the same order as a function in PostgreSQL: postgres.py runs server and pgbench, and
 * here what it measured is read.
 */
#include "rows_sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PGBENCH "/usr/lib/postgresql/15/bin/pgbench"
#define PYTHON  "/usr/bin/python3"
#define FEW     10000u /* fewer operations than this are a limit; more would end by time anyway */

/* The server runs as another user under root, who must reach the folder. */
static bool is_open(const char *folder)
{
    char path[BENCH_PATH_BYTES];
    struct stat info;
    (void)snprintf(path, sizeof(path), "%s/", folder);
    for (char *at = path + 1; *at != '\0'; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        if (stat(path, &info) != 0 || (info.st_mode & S_IXOTH) == 0)
            return false;
        *at = '/';
    }
    return true;
}

const char *bench_postgres_missing(const char *folder)
{
    if (access(PGBENCH, X_OK) != 0)
        return "package postgresql-15 is not installed";
    if (access(PYTHON, X_OK) != 0)
        return "package python3 is not installed";
    return geteuid() != 0 || is_open(folder) ? NULL : "its user cannot reach the folder";
}

static int read_latencies(FILE *from, load_result *out)
{
    char line[128];
    char *end = NULL;
    memset(out, 0, sizeof(*out));
    if (fgets(line, sizeof(line), from) == NULL)
        return -1;
    out->operations = strtoull(line, &end, 10);
    out->seconds = strtod(end, NULL);
    while (fgets(line, sizeof(line), from) != NULL)
        latency_add(&out->latency, strtoull(line, NULL, 10) * 1000, 1);
    return out->latency.count == out->operations && out->operations != 0 ? 0 : -1;
}

/* The arguments of the program, as texts. */
typedef struct arguments {
    char script[BENCH_PATH_BYTES];
    char stores[2][BENCH_PATH_BYTES];
    char clients[16];
    char seconds[32];
    char orders[32];
} arguments;

static int write_arguments(const bench_run *run, arguments *out)
{
    const load_case *c = &run->load;
    if (bench_path(out->script, BENCH_SOURCE, "postgres.py") != 0 ||
        template_path(out->stores[0], run->prepared, "sqlite", c->form, template_step(0)) != 0 ||
        template_path(out->stores[1], run->prepared, "sqlite", c->form, template_step(1)) != 0)
        return -1;
    (void)snprintf(out->clients, sizeof(out->clients), "%u", c->in_flight);
    (void)snprintf(out->seconds, sizeof(out->seconds), "%.3f", c->seconds);
    (void)snprintf(out->orders, sizeof(out->orders), "%llu",
                   (unsigned long long)(c->operations < FEW ? c->operations : 0));
    return 0;
}

static int run_program(const bench_run *run, const arguments *with, int to)
{
    if (dup2(to, STDOUT_FILENO) < 0)
        return -1;
    return execl(PYTHON, PYTHON, "-B", with->script, run->folder, with->stores[0], with->stores[1],
                 with->clients, choice_names[run->load.spread], with->seconds, with->orders,
                 (char *)NULL);
}

int bench_postgres(const bench_run *run, bench_result *out)
{
    static arguments with;
    int ends[2];
    int status = -1;
    if (write_arguments(run, &with) != 0 || pipe(ends) != 0)
        return -1;
    pid_t program = fork();
    if (program == 0)
        _exit(run_program(run, &with, ends[1]) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
    (void)close(ends[1]);
    FILE *output = fdopen(ends[0], "r");
    int error = output == NULL || program < 0 ? -1 : read_latencies(output, &out->load);
    if (output != NULL)
        (void)fclose(output);
    if (program < 0 || waitpid(program, &status, 0) != program || status != 0)
        return -1;
    return error;
}
