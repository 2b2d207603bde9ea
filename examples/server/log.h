/*
 * log.h - structured log: one JSON object a line on standard output, never with bodies or tokens.
 *
 * Lines are collected for LOG_MS and written by the loop's threads, so that a reader that is slow
 * does not block the server, and few requests at a time do not wake a thread for each. When more
 * than a mebibyte waits, further lines are dropped, and the next line that is kept says how many.
 */
#ifndef SERVER_LOG_H
#define SERVER_LOG_H

#include "common/json_text.h"

#include <holdfast.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <uv.h>

enum { LOG_MS = 20 };

typedef struct server_log {
    uv_loop_t *loop;
    uv_timer_t timer; /* of the next write */
    int64_t level;    /* hf_log_level */
    uv_work_t request;
    bool writing;        /* until the loop has seen the end of the write */
    atomic_bool written; /* the thread has made the write */
    ssize_t result;      /* of it */
    json_text filling;   /* lines that wait */
    json_text output;    /* lines that are being written */
    size_t output_bytes; /* bytes of these that are written */
    uint64_t dropped;    /* lines since the last one that was kept */
    uint64_t dropped_all;
} server_log;

void log_open(server_log *log, uv_loop_t *loop, int64_t level);

/* Begins a line with its time, level and `what`; false: the level is not logged, or the line is
 * dropped. The caller adds members to log->filling and calls log_end. */
bool log_begin(server_log *log, uint32_t level, const char *what);
void log_end(server_log *log);

/* A line with a text. */
void log_event(server_log *log, uint32_t level, const char *what, const char *text);

/* Has what waits written within LOG_MS; called once a turn of the loop. */
void log_flush_soon(server_log *log);

/* Has what waits written. */
void log_flush(server_log *log);

/* Whether everything has been written. */
bool log_idle(const server_log *log);

/* Writes what waits, without the loop, for at most about `ms`: the process cannot continue. */
void log_last(server_log *log, int ms);

/* Closes the timer: what comes later is left to log_close. */
void log_stop(server_log *log);

/* Writes what is left, blocking, and frees the memory. */
void log_close(server_log *log);

#endif
