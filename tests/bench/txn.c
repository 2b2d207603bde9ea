/*
 * txn.c - transactions, durable on LMDB, through holdfast and through a loop written by hand, side
 * by side in one run: money moved between two wallets, alone and together with an outside
 * participant on the same loop; and how long it takes until all of many transactions that an
 * engine left undecided have ended.
 *
 * usage: bench_txn [--quick] [--rounds N] [--folder DIR] [--in-doubt N]
 *
 * Figures are medians of N rounds (3; --quick: 1, and a tenth of everything). A round runs both
 * sides in turn, so that a slow minute of the machine falls on both. Stores lie in DIR (default:
 * the temporary folder), which decides what a flush costs. --in-doubt 0 leaves that out.
 */
#include "txn.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ROUNDS_MAX 25u
#define IN_DOUBT   100000u
#define QUICK      10u /* how much less */
#define CASES      4u

static const struct {
    const char *name;
    txn_case run;
} cases[CASES] = {
    {"one move", {.branches = 0, .in_flight = 1, .total = 3000}},
    {"one move", {.branches = 0, .in_flight = 64, .total = 64000}},
    {"one move, one participant", {.branches = 1, .in_flight = 1, .total = 1000}},
    {"one move, one participant", {.branches = 1, .in_flight = 64, .total = 19200}},
};

enum { HOLDFAST, BY_HAND, SIDES };

static int (*const sides[SIDES])(const txn_case *c, txn_figures *out) = {
    [HOLDFAST] = txn_holdfast,
    [BY_HAND] = txn_by_hand,
};

typedef struct settings {
    const char *folder;
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

static const txn_figures *median(txn_figures *of, uint32_t count)
{
    qsort(of, count, sizeof(*of), by_rate);
    return &of[count / 2];
}

static int run_side(uint32_t side, const settings *by, txn_case c, txn_figures *out)
{
    char path[BENCH_PATH_BYTES];
    if (bench_folder_make(path, by->folder) != 0)
        return -1;
    c.folder = path;
    c.total /= by->less;
    int error = sides[side](&c, out);
    return bench_folder_remove(path) == 0 ? error : -1;
}

static int run_case(uint32_t i, const settings *by)
{
    txn_figures all[SIDES][ROUNDS_MAX];
    for (uint32_t round = 0; round < by->rounds; round++)
        for (uint32_t side = 0; side < SIDES; side++)
            if (run_side(side, by, cases[i].run, &all[side][round]) != 0)
                return -1;
    const txn_figures *own = median(all[HOLDFAST], by->rounds);
    const txn_figures *hand = median(all[BY_HAND], by->rounds);
    printf("| %s | %u | %.0f | %.0f | %.2f | %.3f | %.3f |\n", cases[i].name,
           cases[i].run.in_flight, own->rate, hand->rate, own->rate / hand->rate, own->commits_each,
           hand->commits_each);
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

static int parse(int argc, char **argv, settings *by)
{
    static const struct option options[] = {
        {"quick", no_argument, NULL, 'q'},
        {"rounds", required_argument, NULL, 'r'},
        {"folder", required_argument, NULL, 'f'},
        {"in-doubt", required_argument, NULL, 'n'},
        {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'q')
            *by = (settings){
                .folder = by->folder, .rounds = 1, .in_doubt = IN_DOUBT / QUICK, .less = QUICK};
        else if (option == 'r')
            by->rounds = (uint32_t)strtoul(optarg, NULL, 10);
        else if (option == 'f')
            by->folder = optarg;
        else if (option == 'n')
            by->in_doubt = (uint32_t)strtoul(optarg, NULL, 10);
        else
            return -1;
    }
    return by->rounds == 0 || by->rounds > ROUNDS_MAX ? -1 : 0;
}

int main(int argc, char **argv)
{
    settings by = {.folder = getenv("TMPDIR"), .rounds = 3, .in_doubt = IN_DOUBT, .less = 1};
    if (by.folder == NULL)
        by.folder = "/tmp";
    if (parse(argc, argv, &by) != 0)
        return 2;
    printf(
        "transactions on LMDB, durable; medians of %u\n"
        "holdfast %s, %ld processors\n\n"
        "| transaction | in flight | holdfast a second | by hand a second | ratio | commits each "
        "| by hand |\n"
        "|---|---|---|---|---|---|---|\n",
        by.rounds, hf_version(), sysconf(_SC_NPROCESSORS_ONLN));
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < CASES; i++)
        error = run_case(i, &by);
    if (error == 0)
        error = run_in_doubt(&by);
    return error == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
