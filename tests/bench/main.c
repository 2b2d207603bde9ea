/*
 * main.c - holdfast beside what a user would pick instead, in one run and with one durability.
 *
 * usage: bench [OPTIONS]; --help lists them.
 *
 * Rounds go through all subjects of a case in turn, so that a slow minute of the machine falls on
 * all of them; reported are medians, the spread and ratios of medians. Stores lie in the folder
 * (the temporary one, or --folder), which decides what a flush costs. A subject that is not
 * installed is left out and named. The first run that fails ends it all.
 */
#include "aims.h"
#include "baseline.h"
#include "cases.h"
#include "machine.h"
#include "report.h"
#include "rows_sqlite.h"
#include "run.h"
#include "same.h"

#include <getopt.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEADY_FOLD    6       /* how much longer what has to become steady runs */
#define OPERATIONS_MAX 400000u /* of a run that ends by time: what the loops have memory for */

typedef struct settings {
    const char *folder;
    const char *out;
    const char *durability;
    const char *one_case;    /* what names begin with */
    const char *one_subject; /* what names begin with */
    double seconds;
    uint64_t orders; /* growth */
    uint64_t journal_bytes;
    uint32_t rounds;
    uint32_t operations;
} settings;

static const char help[] =
    "usage: bench [OPTIONS]\n"
    "  --quick             everything small, one round: two minutes\n"
    "  --tiny              so small that figures mean nothing: does it run?\n"
    "  --case NAME         only cases whose names begin so\n"
    "  --subject NAME      only subjects whose names begin so\n"
    "  --rounds N          of each case (5)\n"
    "  --seconds S         of each run (2)\n"
    "  --orders N          growth ends with so many (1000000)\n"
    "  --journal-mib N     how large a journal is, and how much warms an engine up (256)\n"
    "  --durability NAME   default, journal, store or none\n"
    "  --folder DIR        where stores lie ($TMPDIR or /tmp)\n"
    "  --out DIR           writes runs.csv and medians.csv there\n"
    "  --check             compares what everybody writes, byte for byte, and ends\n"
    "  --list              names cases and subjects, and ends\n";

static void list(void)
{
    for (uint32_t i = 0; i < bench_case_count; i++)
        printf("case %s\n", bench_cases[i].name);
    for (uint32_t i = 0; i < SUBJECTS; i++)
        printf("subject %s: %s\n", bench_subjects[i].name, bench_subjects[i].about);
}

/* ---- Options --------------------------------------------------------------------------------- */

enum { LIST = 1, CHECK, HELP };

static const struct option options[] = {
    {"quick", no_argument, NULL, 'q'},
    {"tiny", no_argument, NULL, 't'},
    {"case", required_argument, NULL, 'c'},
    {"subject", required_argument, NULL, 's'},
    {"rounds", required_argument, NULL, 'r'},
    {"seconds", required_argument, NULL, 'S'},
    {"orders", required_argument, NULL, 'o'},
    {"journal-mib", required_argument, NULL, 'j'},
    {"folder", required_argument, NULL, 'f'},
    {"durability", required_argument, NULL, 'd'},
    {"out", required_argument, NULL, 'O'},
    {"check", no_argument, NULL, 'k'},
    {"list", no_argument, NULL, 'l'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static void make_small(settings *by, bool tiny)
{
    by->rounds = 1;
    by->seconds = tiny ? 0.05 : 0.4;
    by->operations = tiny ? 200 : OPERATIONS_MAX;
    by->orders = tiny ? 1000 : 10000;
    by->journal_bytes = tiny ? 1u << 20 : 32u << 20;
}

static int take_text(settings *by, int option, const char *text)
{
    const struct {
        int option;
        const char **to;
    } texts[] = {
        {'c', &by->one_case},   {'s', &by->one_subject}, {'f', &by->folder},
        {'d', &by->durability}, {'O', &by->out},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i].option == option) {
            *texts[i].to = text;
            return 0;
        }
    }
    return -1;
}

static int take(settings *by, int option, const char *text)
{
    if (option == 'q' || option == 't')
        make_small(by, option == 't');
    else if (option == 'r')
        by->rounds = (uint32_t)strtoul(text, NULL, 10);
    else if (option == 'S')
        by->seconds = strtod(text, NULL);
    else if (option == 'o')
        by->orders = strtoull(text, NULL, 10);
    else if (option == 'j')
        by->journal_bytes = strtoull(text, NULL, 10) << 20;
    else
        return take_text(by, option, text);
    return 0;
}

/* 0: run; LIST, CHECK or HELP; -1: wrong. */
static int parse(int argc, char **argv, settings *by)
{
    int what = 0;
    int option;
    uint32_t durability;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'l')
            what = LIST;
        else if (option == 'k')
            what = CHECK;
        else if (option == 'h')
            what = HELP;
        else if (take(by, option, optarg) != 0)
            return -1;
    }
    bool good = optind == argc && by->rounds > 0 && by->rounds <= ROUNDS_MAX && by->seconds > 0;
    return good && load_durability(by->durability, &durability) == 0 ? what : -1;
}

/* ---- Cases ----------------------------------------------------------------------------------- */

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool wanted(const settings *by, const bench_case *c, uint32_t subject)
{
    const bench_subject *s = &bench_subjects[subject];
    if ((c->subjects >> subject & 1) == 0 || !begins(s->name, by->one_subject))
        return false;
    return s->missing == NULL || s->missing(by->folder) == NULL;
}

static bench_run run_of(const settings *by, const bench_case *c, const char *prepared)
{
    bench_run run = {.load = c->load,
                     .folder = by->folder,
                     .prepared = prepared,
                     .durability = by->durability,
                     .journal_bytes = by->journal_bytes};
    uint64_t each = baseline_record_bytes(c->load.form);
    run.load.seconds = c->kind == CASE_RATE ? by->seconds : 0;
    run.load.operations = by->operations;
    if (c->kind == CASE_RATE || c->kind == CASE_BURST)
        run.warm_up = by->journal_bytes / each;
    if (c->kind == CASE_BURST)
        run.load.operations = by->journal_bytes / 2 / each;
    if (c->kind == CASE_RESTART)
        run.load.operations = 2 * by->journal_bytes / each;
    if (c->kind == CASE_BACKLOG)
        run.load.seconds = STEADY_FOLD * by->seconds;
    run.backlog = c->backlog;
    run.backlog_count = c->backlog_count < by->operations ? c->backlog_count : by->operations;
    run.restart = c->kind == CASE_RESTART;
    run.grow_to = c->kind == CASE_GROWTH ? by->orders : 0;
    return run;
}

static int run_case(const settings *by, report *to, const bench_case *c, const char *prepared)
{
    static report_rounds all[SUBJECTS];
    static bench_result result;
    bench_run run;
    if (baseline_prepare(prepared, c->load.form) != 0 || rows_prepare(prepared, c->load.form) != 0)
        return -1;
    (void)malloc_trim(0); /* memory of runs begins with this process's */
    memset(all, 0, sizeof(all));
    run = run_of(by, c, prepared);
    uint32_t rounds = c->kind == CASE_GROWTH ? 1 : by->rounds;
    for (uint32_t round = 0; round < rounds; round++) {
        for (uint32_t s = 0; s < SUBJECTS; s++) {
            if (!wanted(by, c, s))
                continue;
            if (run_apart(&bench_subjects[s], &run, &result, NULL) != 0)
                return -1;
            report_add(to, c, s, &all[s], &result);
        }
    }
    report_case(to, c, all);
    aims_add(c, all);
    return 0;
}

static void print_head(const settings *by)
{
    machine_write(stdout, "", by->folder);
    printf("durability: %s; medians of %u, one thread, closed loop unless a case is called open\n",
           by->durability, by->rounds);
    for (uint32_t s = 0; s < SUBJECTS; s++) {
        const char *missing =
            bench_subjects[s].missing == NULL ? NULL : bench_subjects[s].missing(by->folder);
        if (missing != NULL)
            printf("left out: %s (%s)\n", bench_subjects[s].about, missing);
    }
    (void)fflush(stdout);
}

static int run_all(const settings *by, const char *prepared)
{
    report to = {.durability = by->durability};
    int error = report_open(&to, by->out, by->folder);
    if (error == 0)
        print_head(by);
    for (uint32_t i = 0; error == 0 && i < bench_case_count; i++)
        if (begins(bench_cases[i].name, by->one_case))
            error = run_case(by, &to, &bench_cases[i], prepared);
    aims_print();
    return report_close(&to) == 0 ? error : -1;
}

int main(int argc, char **argv)
{
    settings by = {.folder = getenv("TMPDIR"),
                   .durability = "default",
                   .one_case = "",
                   .one_subject = "",
                   .seconds = 2,
                   .orders = 1000000,
                   .journal_bytes = 256u << 20,
                   .rounds = 5,
                   .operations = OPERATIONS_MAX};
    char prepared[BENCH_PATH_BYTES];
    if (by.folder == NULL)
        by.folder = "/tmp";
    int what = parse(argc, argv, &by);
    if (what < 0 || what == HELP) {
        (void)fputs(help, what == HELP ? stdout : stderr);
        return what == HELP ? EXIT_SUCCESS : 2;
    }
    if (what == LIST) {
        list();
        return EXIT_SUCCESS;
    }
    if (bench_folder_make(prepared, by.folder) != 0)
        return EXIT_FAILURE;
    int error = what == CHECK ? same_all(by.folder, prepared) : run_all(&by, prepared);
    if (bench_folder_remove(prepared) != 0)
        error = -1;
    return error == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
