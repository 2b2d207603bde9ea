/*
 * txn.c - transactions on LMDB through holdfast and through a baseline without holdfast, side by
 * side in one run: money moved between two wallets, alone and together with one or two outside
 * participants on the same loop, TCC and saga; and how long it takes until all of many transactions
 * that an engine left undecided have ended.
 *
 * usage: bench_txn [--quick | --tiny] [--rounds N] [--folder DIR] [--in-doubt N] [--case NAME]
 *
 * Every phase of a transaction is flushed before the next one. Holdfast runs three times:
 * committing to the store directly on the caller's thread, as the baseline does, directly on a
 * thread of its own, and behind its journal, which is the default.
 * Figures are medians of N rounds (5; --quick: 1, and a tenth of everything; --tiny: so little that
 * they mean nothing), with the lowest and the highest. A round runs all sides in turn, so that a
 * slow minute of the machine falls on all. Stores lie in DIR (default: the temporary folder), which
 * decides what a flush costs.
 * --in-doubt 0 leaves that out; --case runs only those whose names begin so.
 */
#include "txn.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS_MAX 25u
#define IN_DOUBT   100000u
#define QUICK      10u /* how much less */
#define TINY       1000u

/* clang-format off */
#define TCC(n, most, count)  {.kind = HF_TXN_TCC, .branches = (n), .in_flight = (most), .total = (count)}
#define SAGA(n, most, count) {.kind = HF_TXN_SAGA, .branches = (n), .in_flight = (most), .total = (count)}
static const struct {
    const char *name;
    txn_case run;
} cases[] = {
    {"one move", TCC(0, 1, 3000)},
    {"one move", TCC(0, 8, 12000)},
    {"one move", TCC(0, 64, 64000)},
    {"TCC, one participant", TCC(1, 1, 1000)},
    {"TCC, one participant", TCC(1, 8, 4000)},
    {"TCC, one participant", TCC(1, 64, 19200)},
    {"TCC, two participants", TCC(2, 1, 1000)},
    {"TCC, two participants", TCC(2, 8, 4000)},
    {"TCC, two participants", TCC(2, 64, 12800)},
    {"saga, one participant", SAGA(1, 1, 1000)},
    {"saga, one participant", SAGA(1, 8, 4000)},
    {"saga, one participant", SAGA(1, 64, 19200)},
    {"saga, two participants", SAGA(2, 1, 1000)},
    {"saga, two participants", SAGA(2, 8, 4000)},
    {"saga, two participants", SAGA(2, 64, 12800)},
};
/* clang-format on */
#define CASES ((uint32_t)(sizeof(cases) / sizeof(cases[0])))

enum { INLINE, DIRECT, JOURNAL, BASELINE, SIDES };

static const struct {
    int (*run)(const txn_case *c, txn_figures *out);
    uint32_t durability;
    uint32_t threads;
} sides[SIDES] = {
    [INLINE] = {txn_holdfast, HF_DURABILITY_STORE, 0},
    [DIRECT] = {txn_holdfast, HF_DURABILITY_STORE, 1},
    [JOURNAL] = {txn_holdfast, HF_DURABILITY_JOURNAL, 1},
    [BASELINE] = {txn_baseline, HF_DURABILITY_STORE, 0},
};

typedef struct settings {
    const char *folder;
    const char *only; /* names begin so */
    uint32_t rounds;
    uint32_t in_doubt;
    uint32_t less; /* divides what is run */
} settings;

/* ---- Cases ---- */

static int by_rate(const void *a, const void *b)
{
    double left = ((const txn_figures *)a)->rate;
    double right = ((const txn_figures *)b)->rate;
    return (left > right) - (left < right);
}

/* Sorts them and returns the median; the lowest is the first, the highest the last. */
static const txn_figures *median(txn_figures *of, uint32_t count)
{
    qsort(of, count, sizeof(*of), by_rate);
    return &of[count / 2];
}

static void print_rate(const txn_figures *of, uint32_t count)
{
    printf(" %.0f (%.0f-%.0f) |", of[count / 2].rate, of[0].rate, of[count - 1].rate);
}

static int run_side(uint32_t side, const settings *by, txn_case c, txn_figures *out)
{
    char path[BENCH_PATH_BYTES];
    if (bench_folder_make(path, by->folder) != 0)
        return -1;
    c.folder = path;
    c.total = c.total / by->less / c.in_flight * c.in_flight;
    c.total = c.total == 0 ? c.in_flight : c.total;
    c.durability = sides[side].durability;
    c.threads = sides[side].threads;
    int error = sides[side].run(&c, out);
    return bench_folder_remove(path) == 0 ? error : -1;
}

static int run_case(uint32_t i, const settings *by)
{
    txn_figures all[SIDES][ROUNDS_MAX];
    for (uint32_t round = 0; round < by->rounds; round++)
        for (uint32_t side = 0; side < SIDES; side++)
            if (run_side(side, by, cases[i].run, &all[side][round]) != 0)
                return -1;
    const txn_figures *same = median(all[INLINE], by->rounds);
    const txn_figures *own = median(all[DIRECT], by->rounds);
    const txn_figures *journal = median(all[JOURNAL], by->rounds);
    const txn_figures *baseline = median(all[BASELINE], by->rounds);
    printf("| %s | %u |", cases[i].name, cases[i].run.in_flight);
    for (uint32_t side = 0; side < SIDES; side++)
        print_rate(all[side], by->rounds);
    printf(" %.2f | %.2f | %.2f | %.3f | %.3f |\n", same->rate / baseline->rate,
           own->rate / baseline->rate, journal->rate / baseline->rate, same->commits_each,
           baseline->commits_each);
    (void)fflush(stdout);
    return 0;
}

static int run_in_doubt(const settings *by)
{
    char path[BENCH_PATH_BYTES];
    if (by->in_doubt == 0)
        return 0;
    if (bench_folder_make(path, by->folder) != 0)
        return -1;
    int error = txn_in_doubt(path, by->in_doubt);
    return bench_folder_remove(path) == 0 ? error : -1;
}

/* ---- The program ---- */

/* One round of a part of everything. */
static void less(settings *by, uint32_t part)
{
    by->rounds = 1;
    by->in_doubt = IN_DOUBT / part;
    by->less = part;
}

static int parse(int argc, char **argv, settings *by)
{
    static const struct option options[] = {
        {"quick", no_argument, NULL, 'q'},
        {"tiny", no_argument, NULL, 't'},
        {"rounds", required_argument, NULL, 'r'},
        {"folder", required_argument, NULL, 'f'},
        {"in-doubt", required_argument, NULL, 'n'},
        {"case", required_argument, NULL, 'c'},
        {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'q' || option == 't')
            less(by, option == 'q' ? QUICK : TINY);
        else if (option == 'r')
            by->rounds = (uint32_t)strtoul(optarg, NULL, 10);
        else if (option == 'f')
            by->folder = optarg;
        else if (option == 'n')
            by->in_doubt = (uint32_t)strtoul(optarg, NULL, 10);
        else if (option == 'c')
            by->only = optarg;
        else
            return -1;
    }
    return by->rounds == 0 || by->rounds > ROUNDS_MAX ? -1 : 0;
}

int main(int argc, char **argv)
{
    settings by = {
        .folder = getenv("TMPDIR"), .only = "", .rounds = 5, .in_doubt = IN_DOUBT, .less = 1};
    if (by.folder == NULL)
        by.folder = "/tmp";
    if (parse(argc, argv, &by) != 0)
        return 2;
    printf("transactions a second on LMDB, every phase flushed; medians of %u (lowest-highest)\n"
           "holdfast %s, %ld processors\n\n"
           "| transaction | in flight | holdfast, direct, caller's thread | holdfast, direct "
           "| holdfast, journal (default) | LMDB baseline | caller's thread / baseline "
           "| direct / baseline | journal / baseline | commits each | baseline |\n"
           "|---|---|---|---|---|---|---|---|---|---|---|\n",
           by.rounds, hf_version(), sysconf(_SC_NPROCESSORS_ONLN));
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < CASES; i++)
        error = strncmp(cases[i].name, by.only, strlen(by.only)) == 0 ? run_case(i, &by) : 0;
    if (error == 0)
        error = run_in_doubt(&by);
    return error == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
