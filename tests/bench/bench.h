/*
 * bench.h - what the parts of the benchmark share: a run, what it measured, and who can run it.
 *
 * A subject is holdfast on one store, or something else that does the same. A run is one subject
 * over one case, in a process and a folder of its own. Everybody does the same order: two lines,
 * stock held and sold, a payment from an account authorized and captured, one event a step.
 */
#ifndef HF_BENCH_H
#define HF_BENCH_H

#include "load.h"

#include <holdfast.h>
#include <stdbool.h>

#define BENCH_PATH_BYTES 512

#define BENCH_POINTS_MAX 8u
#define BENCH_FLAT_FROM  2000000u /* orders; the step that ends there is what later ones go by */

/* What the engine has to do by itself beside what is run. */
typedef enum backlog_kind {
    BACKLOG_NONE = 0,
    BACKLOG_EXPIRY = 1,    /* holds whose deadline has passed */
    BACKLOG_PROMOTION = 2, /* waiting orders whose stock has come */
} backlog_kind;

/* One run. */
typedef struct bench_run {
    load_case load;
    uint64_t warm_up;       /* orders before those that are measured; see holdfast.c */
    uint64_t grow_to;       /* orders in the store at the end; 0: it is not about growth */
    const char *folder;     /* the run's own */
    const char *prepared;   /* where prepared stores lie; see template.h */
    const char *durability; /* as load_durability knows it */
    uint64_t journal_bytes; /* of a baseline: of the file, which is then written again */
    uint32_t per_commit;    /* of a baseline: orders of one commit; 0: all in flight */
    bool exact;             /* baseline: continue with the very next numbers (tests) */
    bool restart;           /* killed after its orders; measured is how long it takes to open */
    uint32_t backlog;       /* backlog_kind */
    uint32_t backlog_count; /* records at the start; 0: as many expire as are placed */
} bench_run;

/* A store at one size, on its way. */
typedef struct bench_point {
    uint64_t orders;
    double rate; /* since the point before */
    double p99_us;
    uint64_t resident_bytes;
    uint64_t engine_bytes;
    uint64_t file_bytes;
} bench_point;

/* What a run measured. */
typedef struct bench_result {
    load_result load;
    uint64_t file_bytes; /* of the run's folder at its end */
    bench_point points[BENCH_POINTS_MAX];
    uint32_t point_count;
    uint32_t reserved;
    uint64_t backlog;     /* records that expired or were promoted ... */
    double backlog_s;     /* ... within so many seconds */
    double backlog_cpu_s; /* of a processor, when nothing ran beside it */
    double share;         /* of the rate without the backlog; 0: not measured */
    int64_t overdue_ms;   /* the oldest hold that was seen held after its deadline */
} bench_result;

/* A subject runs; 0, or -1 after saying why. */
typedef int (*bench_runner)(const bench_run *run, bench_result *out);

int bench_holdfast_lmdb(const bench_run *run, bench_result *out);
int bench_holdfast_sqlite(const bench_run *run, bench_result *out);
int bench_holdfast_inline(const bench_run *run, bench_result *out);
int bench_loop_journal(const bench_run *run, bench_result *out);
int bench_loop_lmdb(const bench_run *run, bench_result *out);
int bench_loop_sqlite(const bench_run *run, bench_result *out);
int bench_redis(const bench_run *run, bench_result *out);
int bench_postgres(const bench_run *run, bench_result *out);

/* Opens an engine and runs beside a backlog. */
int bench_backlog(const bench_run *run, const load_options *options, bench_result *out);

/* NULL when it can run with stores in `folder`, else what is missing. */
const char *bench_redis_missing(const char *folder);
const char *bench_postgres_missing(const char *folder);

/* Drives a case: once, or, when the run is about growth, for each of its steps. */
typedef int (*bench_drive)(void *context, const load_case *c, load_result *out);
int bench_drive_all(const bench_run *run, bench_result *out, bench_drive drive, void *context);

/* Whether what is acknowledged is on disk. */
bool bench_durable(const bench_run *run);

/* ---- Files (files.c) ---- */

/* A result from one process to another, through a file of a folder. */
int bench_result_write(const char *folder, const char *name, const bench_result *result);
int bench_result_read(const char *folder, const char *name, bench_result *result);

int bench_path(char out[BENCH_PATH_BYTES], const char *folder, const char *name);
int bench_copy(const char *from, const char *to, bool flush);
int bench_folder_make(char out[BENCH_PATH_BYTES], const char *in);
int bench_folder_remove(const char *path);
uint64_t bench_folder_bytes(const char *path);

#endif
