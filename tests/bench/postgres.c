/*
 * postgres.c - the same order as a function in PostgreSQL: postgres.py runs server and pgbench, and
 * here what it measured is read.
 */
#include "rows_sqlite.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PGBENCH "/usr/lib/postgresql/15/bin/pgbench"
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
    if (access("/usr/bin/python3", X_OK) != 0)
        return "package python3 is not installed";
    return geteuid() != 0 || is_open(folder) ? NULL : "its user cannot reach the folder";
}

static int read_latencies(FILE *from, load_result *out)
{
    unsigned long long orders = 0;
    double us = 0;
    memset(out, 0, sizeof(*out));
    if (fscanf(from, "%llu %lf", &orders, &out->seconds) != 2)
        return -1;
    while (fscanf(from, "%lf", &us) == 1)
        latency_add(&out->latency, (uint64_t)(us * 1000), 1);
    out->operations = orders;
    return out->latency.count == orders && orders != 0 ? 0 : -1;
}

int bench_postgres(const bench_run *run, bench_result *out)
{
    char command[4 * BENCH_PATH_BYTES];
    char paths[2][BENCH_PATH_BYTES];
    const load_case *c = &run->load;
    if (template_path(paths[0], run->prepared, "sqlite", c->form, "step-0") != 0 ||
        template_path(paths[1], run->prepared, "sqlite", c->form, "step-1") != 0)
        return -1;
    (void)snprintf(command, sizeof(command),
                   "python3 -B '%s/postgres.py' '%s' '%s' '%s' %u %s %.3f %llu", BENCH_SOURCE,
                   run->folder, paths[0], paths[1], c->in_flight, choice_names[c->spread],
                   c->seconds, (unsigned long long)(c->operations < FEW ? c->operations : 0));
    FILE *told = popen(command, "r");
    if (told == NULL)
        return -1;
    int error = read_latencies(told, &out->load);
    return pclose(told) == 0 ? error : -1;
}
