/*
 * aims.h - the few ratios that say how good it is, over all cases of one run.
 */
#ifndef HF_BENCH_AIMS_H
#define HF_BENCH_AIMS_H

#include "report.h"

/* Keeps the medians of a case's subjects. */
void aims_add(const bench_case *c, const report_rounds *all);

/* Prints each ratio whose two sides were run, with what is aimed at. */
void aims_print(void);

#endif
