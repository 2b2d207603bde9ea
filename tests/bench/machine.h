/*
 * machine.h - where, with what and when something was measured.
 */
#ifndef HF_BENCH_MACHINE_H
#define HF_BENCH_MACHINE_H

#include <stdio.h>

/* Writes lines "machine: ...", each behind `prefix`. `folder`: where the stores lie. */
void machine_write(FILE *to, const char *prefix, const char *folder);

#endif
