/*
 * session.c - the engine behind a command: open, one call, close; and how failures are reported.
 */
#include "cli.h"
#include "common/memory.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int fail(int code, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    (void)fflush(stdout);
    (void)fputs("holdfast: ", stderr);
    (void)vfprintf(stderr, format, list);
    (void)fputc('\n', stderr);
    va_end(list);
    return code;
}

int fail_with(const char *what, int error, const char *detail)
{
    bool plain = detail == NULL || detail[0] == '\0';
    return fail(EXIT_STORE, "%s: %s: %s%s%s%s", what, hf_error_name(error), hf_error_text(error),
                plain ? "" : " (", plain ? "" : detail, plain ? "" : ")");
}

void memory_out(void)
{
    exit(fail(EXIT_STORE, "out of memory"));
}

void log_line(void *data, uint32_t level, const char *text)
{
    (void)data;
    (void)level;
    (void)fprintf(stderr, "holdfast: %s\n", text);
}

int read_log_level(const char *text, uint32_t *out)
{
    static const char *const names[] = {
        [HF_LOG_ERROR] = "error",
        [HF_LOG_WARN] = "warn",
        [HF_LOG_INFO] = "info",
        [HF_LOG_DEBUG] = "debug",
    };
    *out = HF_LOG_WARN;
    if (text == NULL)
        return EXIT_DONE;
    for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        *out = i;
        if (strcmp(text, names[i]) == 0)
            return EXIT_DONE;
    }
    return fail(EXIT_USAGE, "--log: '%s' is not error, warn, info or debug", text);
}

bool session_absent(const char *url)
{
    if (strncmp(url, "lmdb:", 5) != 0 && strncmp(url, "sqlite:", 7) != 0)
        return false;
    const char *path = strchr(url, ':') + 1;
    return strncmp(path, "//", 2) != 0 && path[0] != '\0' && access(path, F_OK) != 0 &&
           errno == ENOENT;
}

int look_for_store(const options *opt)
{
    if (opt->store == NULL)
        return fail(EXIT_USAGE, "no store: give --store URL or set HOLDFAST_STORE");
    if (session_absent(opt->store))
        return fail(EXIT_STORE, "%s: there is no store; `holdfast replay` makes one", opt->store);
    return EXIT_DONE;
}

/* What the engine does when the clock is behind the stored time. */
static int choose_clock(const options *opt, hf_options *out)
{
    if (opt->clock_continue && opt->clock_set_back != NULL)
        return fail(EXIT_USAGE, "--clock-continue and --clock-set-back exclude each other");
    out->clock_actor = opt->clock_set_back;
    if (opt->clock_set_back != NULL)
        out->clock_behind = HF_CLOCK_SET_BACK;
    else if (opt->clock_continue)
        out->clock_behind = HF_CLOCK_CONTINUE;
    return EXIT_DONE;
}

/* What the options of a command say to the engine. */
static int choose(const options *opt, char *detail, size_t bytes, hf_options *out)
{
    hf_options_init(out);
    out->store = opt->store;
    out->error = detail;
    out->error_bytes = bytes;
    out->log = log_line;
    out->without_journal = opt->without_journal != 0 ? 1 : 0;
    out->virtual_time_ms = opt->clock; /* 1 is before everything: the store's last time */
    int result = read_log_level(opt->log, &out->log_level);
    return result == EXIT_DONE ? choose_clock(opt, out) : result;
}

/* An error of the library. */
static int try_to_open(session *s, const hf_options *chosen)
{
    int error = hf_loop_create(&s->loop);
    if (error == 0)
        error = hf_engine_open(s->loop, chosen, &s->engine);
    if (error != 0)
        session_close(s);
    return error;
}

int session_open(session *s, const options *opt)
{
    char detail[512] = "";
    hf_options chosen;
    *s = (session){NULL, NULL};
    if (opt->store == NULL)
        return fail(EXIT_USAGE, "no store: give --store URL or set HOLDFAST_STORE");
    int result = choose(opt, detail, sizeof detail, &chosen);
    if (result != EXIT_DONE)
        return result;
    chosen.metrics_file = opt->metrics;
    int error = try_to_open(s, &chosen);
    return error == 0 ? EXIT_DONE : fail_with(opt->store, error, detail);
}

int session_look(session *s, const options *opt)
{
    *s = (session){NULL, NULL};
    int result = look_for_store(opt);
    return result != EXIT_DONE ? result : session_open(s, opt);
}

/* True when the options ask for something that is written when the store is opened. */
static bool asks_to_write(const hf_options *chosen)
{
    return chosen->without_journal != 0 || chosen->clock_behind != HF_CLOCK_REFUSE;
}

/* With `busy`: a store that another program changes too fast is no failure, *busy is true then. */
static int open_to_read(session *s, const options *opt, bool *busy)
{
    char detail[512] = "";
    hf_options chosen;
    *s = (session){NULL, NULL};
    int result = look_for_store(opt);
    if (result == EXIT_DONE)
        result = choose(opt, detail, sizeof detail, &chosen);
    if (result != EXIT_DONE)
        return result;
    chosen.read_only = asks_to_write(&chosen) ? 0 : 1;
    int error = try_to_open(s, &chosen);
    if (chosen.read_only != 0 && (error == HF_E_SCHEMA || error == HF_E_UNSUPPORTED)) {
        chosen.read_only = 0; /* it is migrated, or has no file */
        error = try_to_open(s, &chosen);
    }
    if (busy != NULL)
        *busy = hf_error_class(error) == HF_CLASS_RETRYABLE;
    if (error == 0 || (busy != NULL && *busy))
        return EXIT_DONE;
    return fail_with(opt->store, error, detail);
}

int session_read(session *s, const options *opt)
{
    return open_to_read(s, opt, NULL);
}

int session_read_or_busy(session *s, const options *opt, bool *busy)
{
    return open_to_read(s, opt, busy);
}

void session_close(session *s)
{
    if (s->engine != NULL)
        (void)hf_run_close(s->engine);
    (void)hf_loop_destroy(s->loop);
    *s = (session){NULL, NULL};
}

void session_wait(session *s)
{
    (void)hf_loop_run_once(s->loop, 1);
}

void session_call(session *s, uint32_t type, const void *args, hf_completion *done)
{
    (void)hf_run(s->engine, type, args, done);
}

int finish_output(int code)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return code;
    return fail(EXIT_OUTPUT, "standard output could not be written");
}
