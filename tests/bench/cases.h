/*
 * cases.h - which subjects and cases there are.
 */
#ifndef HF_BENCH_CASES_H
#define HF_BENCH_CASES_H

#include "bench.h"

/* Subjects; a case names the ones it is for by their bits. */
enum {
    S_HF_LMDB,
    S_HF_SQLITE,
    S_HF_INLINE,
    S_JOURNAL,
    S_LMDB,
    S_LMDB_10000,
    S_SQLITE,
    S_SQLITE_1000,
    S_SQLITE_10000,
    S_POSTGRES,
    S_REDIS,
    SUBJECTS,
};

typedef struct bench_subject {
    const char *name;
    const char *about; /* for people */
    bench_runner run;
    const char *(*missing)(const char *folder); /* NULL: it is always there */
    uint32_t per_commit;
    bool holdfast;
} bench_subject;

extern const bench_subject bench_subjects[SUBJECTS];

/* What is done with a case. */
typedef enum case_kind {
    CASE_RATE = 0,    /* so many operations, or so long */
    CASE_BURST = 1,   /* as many orders as fit in half a journal */
    CASE_GROWTH = 2,  /* up to ten million orders, reported for each tenfold */
    CASE_RESTART = 3, /* killed with a full journal, and opened again */
    CASE_BACKLOG = 4, /* beside what the engine does by itself; see backlog.c */
} case_kind;

typedef struct bench_case {
    const char *name;
    uint32_t kind; /* case_kind */
    uint32_t subjects;
    load_case load;
    uint32_t backlog;       /* backlog_kind */
    uint32_t backlog_count; /* as in bench_run */
} bench_case;

extern const bench_case bench_cases[];
extern const uint32_t bench_case_count;

#endif
