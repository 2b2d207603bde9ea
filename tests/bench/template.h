/*
 * template.h - what every baseline starts from: stores that holdfast made, and one order in it.
 *
 * Per form and kind of store there lie in the folder of prepared stores
 *     filled  items and wallets, and one order, which takes what is taken only once
 *     step-0  the same, read for comparison
 *     step-1  after the first durable step of the next order
 *     step-2  after its second (two-phase only)
 * Holdfast's runs start from a copy of `filled`, those of baselines from a copy of the last step.
 */
#ifndef HF_BENCH_TEMPLATE_H
#define HF_BENCH_TEMPLATE_H

#include "bench.h"

#define TEMPLATE_STEPS_MAX 2u

/* The clock of all that is made, as load_options has it: set before anything is prepared. */
extern int64_t template_clock_ms;

typedef struct bench_template {
    load_order order;
    uint64_t seqs[TEMPLATE_STEPS_MAX]; /* of the event of each step */
    uint32_t steps;
} bench_template;

/* Makes the stores of a form; `scheme` is "lmdb" or "sqlite". 0, or -1 after saying why. */
int template_make(const char *prepared, const char *scheme, uint32_t form, bench_template *out);

/* The path of one: `which` is "filled", "step-0", ... */
int template_path(char out[BENCH_PATH_BYTES], const char *prepared, const char *scheme,
                  uint32_t form, const char *which);

/* Copies one into a run's folder, as "store". */
int template_copy(const bench_run *run, const char *scheme, const char *which,
                  char out[BENCH_PATH_BYTES]);

/* Reads need orders, and have the entries of a checkout. */
uint32_t template_form(uint32_t form);

/* "step-0", ... */
const char *template_step(uint32_t step);

/* The last of a form. */
const char *template_last(uint32_t form);

#endif
