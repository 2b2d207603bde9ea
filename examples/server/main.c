/*
 * main.c - holdfast-server: opens the store, listens, and ends in good order.
 *
 * Happy path: settings, engine, address; then one loop runs all of them. Each turn of the loop
 * takes the completions that came, answers their requests, and has the log written.
 *
 * SHUTDOWN. SIGTERM or SIGINT: /readyz fails; after drain_ms the server stops to listen and each
 * response ends its connection; when no request is under way, or after drain_max_ms, the engine is
 * closed, which answers whatever still waits; then the connections end. A second signal skips the
 * waiting; the log keeps LOG_GRACE_MS. SIGHUP reads the settings and tokens anew.
 */
#include "common/memory.h"
#include "server.h"
#include "services/coordinator.h"
#include "services/role.h"

#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_SETTINGS = 2, EXIT_STORE = 4, TAKEN = 256, DRAIN_LOOK_MS = 20, LOG_GRACE_MS = 1000 };

static int arg_count;
static char **arg_values;
static server_log *lines; /* of the server that runs; NULL: none */

void memory_out(void)
{
    (void)fputs("holdfast-server: out of memory\n", stderr);
    if (lines != NULL)
        log_last(lines, LOG_GRACE_MS);
    _exit(EXIT_STORE); /* exit() would wait for a thread that writes what nobody reads */
}

static int fail(int code, const char *what)
{
    (void)fprintf(stderr, "holdfast-server: %s\n", what);
    return code;
}

/* ---- Completions ----------------------------------------------------------------------------- */

static void give(const hf_completion *done)
{
    const uintptr_t owner = (uintptr_t)(done->user_data & ~TASK_BIT);
    if ((done->user_data & TASK_BIT) != 0) {
        task *t = (task *)owner;
        t->done(t, done);
        return;
    }
    exchange *x = (exchange *)owner;
    x->outstanding--;
    x->done(x, done);
}

static void take_completions(server *s)
{
    hf_completion done[TAKEN];
    int count;
    while ((count = hf_completions(s->engine, done, TAKEN)) > 0)
        for (int i = 0; i < count; i++) {
            if (done[i].event_seq > s->event_seq)
                s->event_seq = done[i].event_seq;
            give(&done[i]);
        }
}

static void on_check(uv_check_t *check)
{
    server *s = check->data;
    if (s->engine != NULL)
        take_completions(s);
    coordinator_send(s);
    if (s->http != NULL)
        http_run(s->http);
    log_flush_soon(&s->log);
}

/* ---- The end --------------------------------------------------------------------------------- */

static void on_engine_closed(void *data, int status, const char *detail)
{
    server *s = data;
    s->engine = NULL;
    if (status != 0) {
        s->exit_code = EXIT_STORE;
        log_event(&s->log, HF_LOG_ERROR, "store", detail);
    }
}

static void close_loop(server *s)
{
    role_close(s);
    log_stop(&s->log);
    uv_close((uv_handle_t *)&s->check, NULL);
    uv_close((uv_handle_t *)&s->drain, NULL);
    streams_close(&s->streams);
    relays_close(&s->relays);
    for (size_t i = 0; i < sizeof(s->signals) / sizeof(s->signals[0]); i++)
        uv_close((uv_handle_t *)&s->signals[i], NULL);
}

/* Waits until the log is read, as long as for requests and LOG_GRACE_MS at least: then its last
 * lines are lost. */
static void leave(server *s)
{
    if (s->log_ends_ns == 0)
        s->log_ends_ns = now_ns() + (uint64_t)LOG_GRACE_MS * 1000000u;
    log_flush(&s->log);
    if (log_idle(&s->log)) {
        close_loop(s);
    } else if (now_ns() >= s->drain_ends_ns && now_ns() >= s->log_ends_ns) {
        (void)fail(0, "the log is not read: its last lines are lost");
        _exit(s->exit_code);
    }
}

/* Continues the shutdown when its next step can be taken. */
static void on_drain(uv_timer_t *timer)
{
    server *s = timer->data;
    if (s->http == NULL) {
        leave(s);
        return;
    }
    http_quiesce(s->http);
    streams_end(&s->streams);
    relays_end(&s->relays);
    const bool works = s->open_count != 0 || !relays_idle(&s->relays);
    if (!s->closing && works && now_ns() < s->drain_ends_ns)
        return;
    if (!s->closing) {
        s->closing = true;
        (void)hf_engine_close(s->engine, on_engine_closed, s);
        return;
    }
    if (s->engine != NULL || (s->open_count != 0 && now_ns() < s->drain_ends_ns))
        return;
    http_close(s->http);
    s->http = NULL;
    leave(s);
}

static void on_end(uv_signal_t *signal, int number)
{
    server *s = signal->data;
    const uint64_t max_ns = (uint64_t)s->settings.drain_max_ms * 1000000u;
    const uint64_t first_ms = s->draining ? 0 : (uint64_t)s->settings.drain_ms;
    (void)number;
    s->drain_ends_ns = now_ns() + (s->draining ? 0 : max_ns + first_ms * 1000000u);
    log_event(&s->log, HF_LOG_INFO, "draining", s->draining ? "at once" : "");
    s->draining = true;
    (void)uv_timer_start(&s->drain, on_drain, first_ms, DRAIN_LOOK_MS);
}

static const char open_reason[] = "listen: an address that is not a loopback one needs tokens";

static bool is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strncmp(address, "[::1]:", 6) == 0;
}

/* ---- Changes --------------------------------------------------------------------------------- */

static void report_restart(void *data, const char *name)
{
    server *s = data;
    char text[80];
    (void)snprintf(text, sizeof(text), "%s holds after a restart", name);
    log_event(&s->log, HF_LOG_WARN, "settings", text);
}

/* What the files say that settings name. */
typedef struct files {
    auth tokens;
    webhooks secrets;
    endpoints endpoints;
    char service_token[CLIENT_TOKEN];
} files;

static void free_files(files *f)
{
    auth_fini(&f->tokens);
    webhooks_fini(&f->secrets);
    endpoints_fini(&f->endpoints);
}

/* Reads the files; false, with the reason in `error`, when one is wrong. */
static bool read_files(const settings *from, files *out, char *error)
{
    *out = (files){.secrets = {.count = 0}};
    if (auth_read(&out->tokens, from->tokens, error) &&
        webhooks_read(&out->secrets, from->webhooks, error) &&
        endpoints_read(&out->endpoints, from->endpoints, error) &&
        coordinator_read_token(from->service_token, out->service_token, error))
        return true;
    free_files(out);
    return false;
}

/* Takes what the files say, but for the endpoints. */
static void take_files(server *s, const files *f)
{
    auth_fini(&s->auth);
    webhooks_fini(&s->webhooks);
    s->auth = f->tokens;
    s->webhooks = f->secrets;
    memcpy(s->service_token, f->service_token, sizeof(s->service_token));
}

/* Takes over settings that are valid, and what their files say. */
static void take_over(server *s, settings *fresh, files *f)
{
    take_files(s, f);
    settings_reload(&s->settings, fresh, report_restart, s);
    s->log.level = s->settings.log_level;
    s->engine_level = s->settings.log_level;
    coordinator_reload(s);
    relays_reload(&s->relays, &f->endpoints);
    streams_end(&s->streams); /* their clients come back, and are checked anew */
    log_event(&s->log, HF_LOG_INFO, "settings", "read anew");
}

static void on_reload(uv_signal_t *signal, int number)
{
    server *s = signal->data;
    settings fresh;
    files f;
    char error[LINES_ERROR];
    (void)number;
    if (!settings_read(&fresh, arg_count, arg_values, error)) {
        log_event(&s->log, HF_LOG_ERROR, "settings", error);
        return;
    }
    if (!read_files(&fresh, &f, error)) {
        log_event(&s->log, HF_LOG_ERROR, "settings", error);
    } else if (f.tokens.open && !is_loopback(http_address(s->http))) {
        log_event(&s->log, HF_LOG_ERROR, "settings", open_reason);
        free_files(&f);
    } else {
        take_over(s, &fresh, &f);
    }
    settings_fini(&fresh);
}

/* ---- The beginning --------------------------------------------------------------------------- */

/* Called from the engine's threads: their lines go to standard error, where the log is not. */
static void on_engine_log(void *data, uint32_t level, const char *text)
{
    const server *s = data;
    if ((int64_t)level <= s->engine_level)
        (void)fprintf(stderr, "holdfast-server: engine: %s\n", text);
}

static void set_options(hf_options *out, server *s)
{
    const settings *from = &s->settings;
    hf_options_init(out);
    out->store = from->store;
    out->threads = (uint32_t)from->threads;
    out->queue_ops_max = (uint32_t)from->queue_ops_max;
    out->durability = (uint32_t)from->durability;
    out->log = on_engine_log;
    out->log_data = s;
    out->log_level = HF_LOG_DEBUG; /* on_engine_log selects: the setting can change */
    out->txn_keep_ms = from->txn_keep_ms;
    if (from->node == NULL)
        return;
    out->node_name = from->node;
    out->node_role = settings_role(from);
    out->node_address = from->address != NULL ? from->address : from->listen;
}

static bool open_engine(server *s)
{
    char detail[512] = "";
    hf_options options;
    set_options(&options, s);
    options.error = detail;
    options.error_bytes = sizeof(detail);
    const int error = hf_engine_open(s->loop, &options, &s->engine);
    if (error != 0) {
        (void)fprintf(stderr, "holdfast-server: %s: %s: %s\n", s->settings.store,
                      hf_error_name(error), detail[0] != '\0' ? detail : hf_error_text(error));
        return false;
    }
    hf_health_info health = {.size = sizeof(health)};
    if (hf_health(s->engine, &health) == 0) {
        s->event_seq = health.event_seq;
        s->store = health.store;
    }
    return true;
}

static bool open_address(server *s)
{
    char error[HTTP_ERROR];
    s->http = http_open(s, error);
    if (s->http == NULL) {
        (void)fail(0, error);
        return false;
    }
    if (!s->auth.open || is_loopback(http_address(s->http)))
        return true;
    (void)fail(0, open_reason);
    return false;
}

static void start_handles(server *s)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
    (void)uv_check_init(s->loop, &s->check);
    (void)uv_timer_init(s->loop, &s->drain);
    s->check.data = s->drain.data = s;
    (void)uv_check_start(&s->check, on_check);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        (void)uv_signal_init(s->loop, &s->signals[i]);
        s->signals[i].data = s;
        (void)uv_signal_start(&s->signals[i], numbers[i] == SIGHUP ? on_reload : on_end,
                              numbers[i]);
    }
    (void)signal(SIGPIPE, SIG_IGN);
}

/* Closes what was opened, when the start fails. */
static void undo(server *s)
{
    http_close(s->http);
    if (s->engine != NULL)
        (void)hf_run_close(s->engine);
    s->engine = NULL;
    relays_close(&s->relays);
    role_close(s);
    log_stop(&s->log);
    (void)uv_run(s->loop, UV_RUN_DEFAULT);
}

static bool open_relays(server *s, endpoints *to)
{
    const bool good = curl_global_init(CURL_GLOBAL_DEFAULT) == 0 && relays_open(&s->relays, s, to);
    if (!good)
        (void)fail(0, "endpoints: there is no memory");
    return good;
}

static int serve(server *s, endpoints *to)
{
    if (!open_engine(s) || !open_relays(s, to) || !role_open(s) || !open_address(s)) {
        undo(s);
        return EXIT_STORE;
    }
    start_handles(s);
    streams_open(&s->streams, s->loop);
    if (log_begin(&s->log, HF_LOG_INFO, "listening")) {
        json_text_member(&s->log.filling, "address", http_address(s->http));
        json_text_member(&s->log.filling, "store", s->settings.store);
        json_text_name(&s->log.filling, "tokens");
        json_text_bool(&s->log.filling, !s->auth.open);
        log_end(&s->log);
    }
    log_flush(&s->log);
    (void)uv_run(s->loop, UV_RUN_DEFAULT);
    log_event(&s->log, HF_LOG_INFO, "closed", s->exit_code == 0 ? "the store has everything" : "");
    return s->exit_code;
}

int main(int argc, char **argv)
{
    static server s;
    uv_loop_t loop;
    char error[LINES_ERROR];
    arg_count = argc;
    arg_values = argv;
    if (!settings_read(&s.settings, argc, argv, error))
        return fail(EXIT_SETTINGS, error);
    if (s.settings.help || s.settings.manual) {
        (s.settings.help ? settings_help : settings_manual)(stdout);
        settings_fini(&s.settings);
        return 0;
    }
    arena_install();
    if (sodium_init() < 0 || uv_loop_init(&loop) != 0)
        return fail(EXIT_STORE, "the loop does not start");
    int code = EXIT_SETTINGS;
    files f;
    if (!read_files(&s.settings, &f, error)) {
        (void)fail(0, error);
    } else if (s.settings.check) {
        free_files(&f);
        code = 0;
    } else {
        take_files(&s, &f);
        s.engine_level = s.settings.log_level;
        s.loop = &loop;
        log_open(&s.log, &loop, s.settings.log_level);
        lines = &s.log;
        code = serve(&s, &f.endpoints);
        endpoints_fini(&f.endpoints);
        lines = NULL;
        log_close(&s.log);
    }
    exchange_free_all(&s);
    role_fini(&s);
    auth_fini(&s.auth);
    webhooks_fini(&s.webhooks);
    settings_fini(&s.settings);
    (void)uv_loop_close(&loop);
    return code;
}
