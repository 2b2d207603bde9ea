/*
 * run.h - one run in a process of its own.
 */
#ifndef HF_BENCH_RUN_H
#define HF_BENCH_RUN_H

#include "cases.h"

/*
 * Runs a subject in a new folder inside run->folder and fills `out`; 0, or -1 after saying why.
 * `keep`: NULL, or where the path of the folder goes, which then stays.
 */
int run_apart(const bench_subject *subject, const bench_run *run, bench_result *out,
              char keep[BENCH_PATH_BYTES]);

#endif
