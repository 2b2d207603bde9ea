/*
 * progress.c - a bar on standard error, drawn at most ten times a second.
 */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { WIDTH = 40, FIRST_MS = 1000, EVERY_MS = 100 };

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void progress_begin(progress *p, const char *what)
{
    *p = (progress){.what = what, .wanted = isatty(STDERR_FILENO) == 1};
    p->begun_ms = p->last_ms = p->wanted ? now_ms() : 0;
}

void progress_show(progress *p, uint64_t done, uint64_t total)
{
    if (!p->wanted)
        return;
    int64_t now = now_ms();
    if (now - p->begun_ms < FIRST_MS || now - p->last_ms < EVERY_MS)
        return;
    p->last_ms = now;
    p->shown = true;
    if (total == 0) {
        (void)fprintf(stderr, "\r%s: %" PRIu64, p->what, done);
        return;
    }
    double part = done >= total ? 1 : (double)done / (double)total;
    char bar[WIDTH + 1];
    for (int i = 0; i < WIDTH; i++)
        bar[i] = i < (int)(part * WIDTH) ? '#' : '.';
    bar[WIDTH] = '\0';
    (void)fprintf(stderr, "\r%s [%s] %3.0f %%", p->what, bar, part * 100);
}

void progress_end(progress *p)
{
    if (p->shown)
        (void)fputs("\r\033[K", stderr);
    p->shown = false;
}
