/*
 * session.c - the engine behind a command: open, one call, close; and how failures are told.
 */
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
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

int session_look(session *s, const options *opt)
{
    *s = (session){NULL, NULL};
    int result = look_for_store(opt);
    return result != EXIT_DONE ? result : session_open(s, opt);
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

int session_open(session *s, const options *opt)
{
    *s = (session){NULL, NULL};
    if (opt->store == NULL)
        return fail(EXIT_USAGE, "no store: give --store URL or set HOLDFAST_STORE");
    char detail[512] = "";
    hf_options engine_options;
    hf_options_init(&engine_options);
    engine_options.store = opt->store;
    engine_options.error = detail;
    engine_options.error_bytes = sizeof(detail);
    engine_options.log = log_line;
    engine_options.without_journal = opt->without_journal != 0 ? 1 : 0;
    int result = read_log_level(opt->log, &engine_options.log_level);
    if (result == EXIT_DONE)
        result = choose_clock(opt, &engine_options);
    if (result != EXIT_DONE)
        return result;
    engine_options.virtual_time_ms = opt->clock; /* 1 is before everything: the store's last time */
    int error = hf_loop_create(&s->loop);
    if (error == 0)
        error = hf_engine_open(s->loop, &engine_options, &s->engine);
    if (error == 0)
        return EXIT_DONE;
    session_close(s);
    return fail_with(opt->store, error, detail);
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
