/*
 * progress.h - a bar on standard error, when it is a terminal and the work takes over a second.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct progress {
    const char *what;
    bool wanted;      /* standard error is a terminal */
    bool shown;       /* a bar stands there */
    int64_t begun_ms; /* of a steady clock */
    int64_t last_ms;
} progress;

void progress_begin(progress *p, const char *what);

/* total 0: not known; then only `done` is shown. */
void progress_show(progress *p, uint64_t done, uint64_t total);

/* Removes the bar. */
void progress_end(progress *p);

#endif
