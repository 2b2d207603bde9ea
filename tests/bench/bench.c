/*
 * bench.c - the checkout, durable, through holdfast and through hand-written loops, side by
 * side in one run: throughput, p50 and p99 as medians of five, with the spread and the ratio.
 *
 * usage: bench [--quick] [--folder DIR] [--driver TEXT] [--in-flight N]
 *
 * Rounds go through all drivers in turn, so that a slow minute of the machine falls on all of
 * them. Stores lie in DIR (default: the temporary folder), which decides what a flush costs.
 * --driver runs only drivers whose name contains TEXT, --in-flight only one load: for profiling.
 */
#define _XOPEN_SOURCE 700 /* nftw */
#include "bench.h"
#include <ftw.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define ROUNDS_MAX  5
#define DRIVERS     5
#define SAMPLES_MAX 400000u

static const struct {
    const char *name;
    bench_driver run;
} drivers[DRIVERS] = {
    {"holdfast on LMDB", bench_holdfast_lmdb},
    {"LMDB by hand, group commit", bench_loop_lmdb},
    {"holdfast on SQLite", bench_holdfast_sqlite},
    {"SQLite by hand, 1 a transaction", bench_loop_sqlite},
    {"bare journal by hand", bench_loop_journal},
};

#define JOURNAL (DRIVERS - 1) /* what all are compared with */

static const struct {
    uint32_t in_flight;
    uint32_t operations[DRIVERS];
} loads[] = {
    {1, {4000, 4000, 4000, 4000, 4000}},
    {64, {80000, 80000, 40000, 8000, 80000}},
    {4096, {204800, 204800, 61440, 8192, 204800}},
};

typedef struct figures {
    double rate[ROUNDS_MAX];
    double p50[ROUNDS_MAX];
    double p99[ROUNDS_MAX];
    uint32_t rounds;
} figures;

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *values, uint32_t count)
{
    qsort(values, count, sizeof(*values), by_value);
    return count == 0 ? 0 : values[count / 2];
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

static int run_case(uint32_t driver, bench_case *c, const char *folder, figures *out)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/holdfast-bench-XXXXXX", folder);
    if (mkdtemp(path) == NULL)
        return -1;
    c->folder = path;
    c->sample->count = 0;
    int error = drivers[driver].run(c);
    if (nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0 || error != 0)
        return -1;
    out->rate[out->rounds] = (double)c->operations / c->sample->seconds;
    out->p50[out->rounds] = (double)bench_percentile(c->sample, 0.50) / 1000;
    out->p99[out->rounds] = (double)bench_percentile(c->sample, 0.99) / 1000;
    out->rounds++;
    return 0;
}

static void print_ratio(double rate, figures *against)
{
    if (against != NULL && against->rounds != 0)
        printf(" %.2f |", rate / median(against->rate, against->rounds));
    else
        printf(" |");
}

static void print_row(uint32_t driver, const bench_case *c, figures *all)
{
    figures *f = &all[driver];
    double rate = median(f->rate, f->rounds);
    printf("| %u | %s | %s | %.0f | %.0f-%.0f | %.0f | %.0f |", c->in_flight,
           c->hot ? "one item" : "uniform", drivers[driver].name, rate, f->rate[0],
           f->rate[f->rounds - 1], median(f->p50, f->rounds), median(f->p99, f->rounds));
    /* holdfast stands before the loop it is compared with */
    print_ratio(rate, driver % 2 == 0 && driver != JOURNAL ? &all[driver + 1] : NULL);
    print_ratio(rate, driver != JOURNAL ? &all[JOURNAL] : NULL);
    printf("\n");
}

/* What the command line chose. */
typedef struct choice {
    const char *folder;
    const char *driver; /* part of a name */
    uint32_t in_flight; /* 0: all */
    uint32_t rounds;
} choice;

static bool chosen(const choice *chosen_by, uint32_t driver)
{
    return strstr(drivers[driver].name, chosen_by->driver) != NULL;
}

static int run_load(size_t load, uint32_t hot, const choice *by, bench_sample *s)
{
    figures all[DRIVERS];
    bench_case c = {.in_flight = loads[load].in_flight, .hot = hot, .sample = s};
    memset(all, 0, sizeof(all));
    for (uint32_t round = 0; round < by->rounds; round++) {
        for (uint32_t d = 0; d < DRIVERS; d++) {
            c.operations = loads[load].operations[d];
            if (chosen(by, d) && run_case(d, &c, by->folder, &all[d]) != 0)
                return -1;
        }
    }
    for (uint32_t d = 0; d < DRIVERS; d++)
        if (all[d].rounds != 0)
            print_row(d, &c, all);
    (void)fflush(stdout);
    return 0;
}

static void print_head(uint32_t rounds)
{
    struct utsname machine;
    (void)uname(&machine);
    printf("checkouts, durable (each acknowledged after its commit was flushed); medians of %u\n"
           "holdfast %s, %s %s, %ld processors\n\n",
           rounds, hf_version(), machine.sysname, machine.machine, sysconf(_SC_NPROCESSORS_ONLN));
    printf("| in flight | items | driver | a second | spread | p50 us | p99 us | of the loop | of "
           "the journal |\n|---|---|---|---|---|---|---|---|---|\n");
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"quick", no_argument, NULL, 'q'},
        {"folder", required_argument, NULL, 'f'},
        {"driver", required_argument, NULL, 'd'},
        {"in-flight", required_argument, NULL, 'n'},
        {NULL, 0, NULL, 0},
    };
    choice by = {.folder = getenv("TMPDIR"), .driver = "", .rounds = ROUNDS_MAX};
    if (by.folder == NULL)
        by.folder = "/tmp";
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'q')
            by.rounds = 1;
        else if (option == 'f')
            by.folder = optarg;
        else if (option == 'd')
            by.driver = optarg;
        else if (option == 'n')
            by.in_flight = (uint32_t)strtoul(optarg, NULL, 10);
        else
            return 2;
    }
    bench_sample sample = {.capacity = SAMPLES_MAX};
    sample.ns = calloc(SAMPLES_MAX, sizeof(*sample.ns));
    int error = sample.ns == NULL ? -1 : 0;
    print_head(by.rounds);
    for (size_t load = 0; error == 0 && load < sizeof(loads) / sizeof(loads[0]); load++)
        for (uint32_t hot = 0; error == 0 && hot < 2; hot++)
            if (by.in_flight == 0 || by.in_flight == loads[load].in_flight)
                error = run_load(load, hot, &by, &sample);
    free(sample.ns);
    return error == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
