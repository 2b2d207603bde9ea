/*
 * log.c - structured log: one JSON object a line on standard output.
 *
 * Two buffers: one fills while the other one is written by a thread of libuv, then both are
 * swapped. Failure mode: an output that fails (a closed pipe) loses the lines; the server
 * continues.
 */
#include "log.h"
#include "common/columns.h"

#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WAITING_MAX ((size_t)1 << 20)

static const char *const levels[] = {"error", "warn", "info", "debug"};

void log_open(server_log *log, uv_loop_t *loop, int64_t level)
{
    *log = (server_log){.loop = loop, .level = level};
    log->request.data = log->timer.data = log;
    (void)uv_timer_init(loop, &log->timer);
}

bool log_begin(server_log *log, uint32_t level, const char *what)
{
    struct timespec now;
    char time[TIME_TEXT];
    if ((int64_t)level > log->level)
        return false;
    if (log->filling.used > WAITING_MAX) {
        log->dropped++;
        log->dropped_all++;
        return false;
    }
    (void)clock_gettime(CLOCK_REALTIME, &now);
    json_text *out = &log->filling;
    json_text_open(out, '{');
    json_text_member(out, "time", time_text(now.tv_sec * 1000 + now.tv_nsec / 1000000, time));
    json_text_member(out, "level", levels[level]);
    json_text_member(out, "msg", what);
    if (log->dropped != 0)
        json_text_number(out, "dropped", (int64_t)log->dropped);
    log->dropped = 0;
    return true;
}

void log_end(server_log *log)
{
    json_text_close(&log->filling, '}');
    json_text_line(&log->filling);
}

void log_event(server_log *log, uint32_t level, const char *what, const char *text)
{
    if (!log_begin(log, level, what))
        return;
    json_text_member(&log->filling, "text", text);
    log_end(log);
}

/* ---- Writing --------------------------------------------------------------------------------- */

static void write_on(server_log *log);

/* On a thread of the loop. */
static void write_some(uv_work_t *request)
{
    server_log *log = request->data;
    log->result = write(STDOUT_FILENO, log->output.bytes + log->output_bytes,
                        log->output.used - log->output_bytes);
    atomic_store(&log->written, true);
}

static void take_result(server_log *log)
{
    log->output_bytes =
        log->result <= 0 ? log->output.used : log->output_bytes + (size_t)log->result;
    log->writing = false;
}

static void on_written(uv_work_t *request, int status)
{
    server_log *log = request->data;
    (void)status;
    take_result(log);
    if (log->output_bytes != log->output.used)
        write_on(log);
}

/* Begins the next write, when none is under way and something is left. */
static void write_on(server_log *log)
{
    if (log->writing)
        return;
    if (log->output_bytes == log->output.used) {
        const json_text empty = log->output;
        log->output = log->filling;
        log->filling = empty;
        log->filling.used = 0;
        log->output_bytes = 0;
    }
    if (log->output.used == 0)
        return;
    atomic_store(&log->written, false);
    log->writing = uv_queue_work(log->loop, &log->request, write_some, on_written) == 0;
}

void log_flush(server_log *log)
{
    if (!log->writing && (log->filling.used != 0 || log->output_bytes != log->output.used))
        write_on(log);
}

static void on_timer(uv_timer_t *timer)
{
    log_flush(timer->data);
}

void log_flush_soon(server_log *log)
{
    if (log->filling.used != 0 && uv_is_active((const uv_handle_t *)&log->timer) == 0)
        (void)uv_timer_start(&log->timer, on_timer, LOG_MS, 0);
}

void log_stop(server_log *log)
{
    uv_close((uv_handle_t *)&log->timer, NULL);
}

bool log_idle(const server_log *log)
{
    return !log->writing && log->filling.used == 0 && log->output_bytes == log->output.used;
}

/* Writes from `from` on to `to` while the output takes it; PIPE_BUF bytes never block then. */
static bool write_until(const char *bytes, size_t to, size_t from, uint64_t end_ns)
{
    while (from < to) {
        struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
        const uint64_t now = uv_hrtime();
        const int left_ms = now < end_ns ? (int)((end_ns - now) / 1000000u) : 0;
        if (poll(&out, 1, left_ms) <= 0)
            return false;
        const size_t part = to - from < PIPE_BUF ? to - from : PIPE_BUF;
        const ssize_t count = write(STDOUT_FILENO, bytes + from, part);
        if (count <= 0)
            return false;
        from += (size_t)count;
    }
    return true;
}

void log_last(server_log *log, int ms)
{
    const uint64_t end_ns = uv_hrtime() + (uint64_t)ms * 1000000u;
    while (log->writing && !atomic_load(&log->written)) {
        if (uv_hrtime() >= end_ns)
            return;
        (void)poll(NULL, 0, 1);
    }
    if (log->writing)
        take_result(log);
    size_t whole = log->filling.used; /* the last line may be begun only */
    while (whole > 0 && log->filling.bytes[whole - 1] != '\n')
        whole--;
    if (write_until(log->output.bytes, log->output.used, log->output_bytes, end_ns))
        (void)write_until(log->filling.bytes, whole, 0, end_ns);
    log->output_bytes = log->output.used;
    log->filling.used = 0;
}

static void write_all(const json_text *text, size_t from)
{
    while (from < text->used) {
        const ssize_t count = write(STDOUT_FILENO, text->bytes + from, text->used - from);
        if (count <= 0)
            return;
        from += (size_t)count;
    }
}

void log_close(server_log *log)
{
    write_all(&log->output, log->output_bytes);
    write_all(&log->filling, 0);
    free(log->output.bytes);
    free(log->filling.bytes);
    log->output = log->filling = (json_text){0};
}
