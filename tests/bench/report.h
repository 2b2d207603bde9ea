/*
 * report.h - figures of many runs: medians, spread and ratios, as a table and as CSV.
 */
#ifndef HF_BENCH_REPORT_H
#define HF_BENCH_REPORT_H

#include "cases.h"

#include <stdio.h>

#define ROUNDS_MAX 25u

/* The figures of a run that go into reports. */
typedef enum report_field {
    F_RATE,
    F_P50_US,
    F_P99_US,
    F_P999_US,
    F_MAX_US,
    F_CPU_US,       /* of a processor for each operation */
    F_PER_BATCH,    /* operations of one commit */
    F_ENGINE_MIB,   /* given out by the engine's allocator at most */
    F_RESIDENT_MIB, /* of the process at most */
    F_FILE_MIB,
    F_DIRTY_MIB, /* that the store lacked at the end */
    F_JOURNAL_MIB,
    F_CHECKPOINTS,
    F_SECONDS,
    F_OPERATIONS,
    F_FLAT,    /* the last step of growth, of the second million; 0: there is no such step */
    F_BACKLOG, /* records a second that expired or were promoted */
    F_BACKLOG_S,
    F_BACKLOG_CPU_US, /* of a processor for each record; 0: not measured */
    F_SHARE,          /* of the rate without the backlog */
    F_OVERDUE_MS,     /* of the oldest record */
    FIELDS,
} report_field;

/* Rounds of one subject in one case. */
typedef struct report_rounds {
    double values[FIELDS][ROUNDS_MAX];
    bench_point points[BENCH_POINTS_MAX]; /* of the last round */
    uint32_t point_count;
    uint32_t count;
} report_rounds;

typedef struct report {
    FILE *runs;    /* CSV, a line for each run; may be NULL */
    FILE *medians; /* CSV, a line for each subject of each case; may be NULL */
    const char *durability;
    uint32_t head_kind; /* of the table that was begun; kinds from 1 */
} report;

/* Opens the CSV files in a folder; NULL: none. 0, or -1 after saying why. */
int report_open(report *r, const char *folder, const char *stores);
int report_close(report *r);

void report_add(report *r, const bench_case *c, uint32_t subject, report_rounds *rounds,
                const bench_result *result);

/* Prints a case's lines; rounds by subject, count 0: it did not run. */
void report_case(report *r, const bench_case *c, report_rounds *all);

double report_median(const report_rounds *rounds, report_field field);

#endif
