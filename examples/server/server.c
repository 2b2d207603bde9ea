/*
 * server.c - what happens to each request: its head is checked, its operation submitted, its end
 * logged.
 */
#include "server.h"
#include "key.h"
#include "problem.h"
#include "query.h"
#include "route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- The head -------------------------------------------------------------------------------- */

/* Refuses a second line of a header that a proxy might read differently than this server. */
static bool check_repeated(exchange *x)
{
    if (x->repeated == 0)
        return true;
    problem_answer(x, PROBLEM_HEADER_REPEATED, NULL,
                   "one of those that decide what the request is");
    x->close = true;
    return false;
}

/*
 * Refuses a name with a space behind it and a value with a line break: other programs read them as
 * another header.
 */
static bool check_form(exchange *x)
{
    if (!x->malformed)
        return true;
    problem_answer(x, PROBLEM_HEADER_MALFORMED, NULL, "its name, its value, or its place here");
    x->close = true;
    return false;
}

/* Refuses a target of which path and query were not read as they were sent. */
static bool check_target(exchange *x)
{
    if (x->target_cut)
        problem_answer(x, PROBLEM_PATH, NULL, "it has a NUL");
    else if (x->many_names)
        problem_answer(x, PROBLEM_QUERY, NULL, "at most %d names", QUERY_NAMES);
    x->close = x->close || x->target_cut;
    return x->status == 0;
}

/* Refuses a body whose end two readers would find at different positions. */
static bool check_length(exchange *x)
{
    const char *text = x->headers[HEADER_CONTENT_LENGTH];
    const char *coding = x->headers[HEADER_TRANSFER_ENCODING];
    const bool digits =
        text == NULL || (text[0] != '\0' && strspn(text, "0123456789") == strlen(text));
    if (!digits || (text != NULL && coding != NULL) ||
        (coding != NULL && strcasecmp(coding, "chunked") != 0)) {
        x->close = true;
        problem_answer(x, PROBLEM_LENGTH, NULL,
                       "one Content-Length, or Transfer-Encoding: chunked");
        return false;
    }
    x->content_length = text == NULL ? 0 : strtoull(text, NULL, 10);
    if (x->content_length <= (uint64_t)x->server->settings.body_bytes_max)
        return true;
    x->close = true;
    problem_answer(x, PROBLEM_BODY_LARGE, NULL, "at most %lld bytes",
                   (long long)x->server->settings.body_bytes_max);
    return false;
}

static bool check_size(exchange *x, size_t bytes)
{
    if (bytes <= (size_t)x->server->settings.header_bytes_max)
        return true;
    x->close = true;
    problem_answer(x, PROBLEM_HEADER_LARGE, NULL, "at most %lld bytes",
                   (long long)x->server->settings.header_bytes_max);
    return false;
}

static bool is_own_name(const char *host)
{
    static const char *const names[] = {"localhost", "[::1]"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const size_t bytes = strlen(names[i]);
        if (strncasecmp(host, names[i], bytes) == 0 && (host[bytes] == ':' || host[bytes] == '\0'))
            return true;
    }
    return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.:") == strlen(host);
}

/*
 * Without tokens a page of any site could ask in the name of its reader: by a name that it lets
 * resolve to this machine, or by a request that needs no permission.
 */
static bool check_host(exchange *x)
{
    const char *host = x->headers[HEADER_HOST];
    const char *origin = x->headers[HEADER_ORIGIN];
    const char *from = origin == NULL ? NULL : strstr(origin, "://");
    if ((host == NULL || is_own_name(host)) &&
        (origin == NULL || (from != NULL && host != NULL && strcmp(from + 3, host) == 0)))
        return true;
    problem_answer(x, PROBLEM_HOST, NULL, "Host '%.60s', Origin '%.60s'; the setting \"tokens\"",
                   host == NULL ? "" : host, origin == NULL ? "" : origin);
    return false;
}

/* Checks who sends the request, and whether the role allows the route. */
static bool check_caller(exchange *x)
{
    const auth *a = &x->server->auth;
    if (x->route->roles == ROLES_ANYONE || x->route->roles == ROLES_SIGNED)
        return true;
    if (a->open && !check_host(x))
        return false;
    if (a->open) {
        (void)snprintf(x->actor, sizeof(x->actor), "local");
        return true;
    }
    const char *header = x->headers[HEADER_AUTHORIZATION];
    const token *who = auth_find(a, header);
    if (who == NULL) {
        problem_answer(x, header == NULL ? PROBLEM_TOKEN_MISSING : PROBLEM_TOKEN_WRONG, NULL, "%s",
                       x->route->path);
        return false;
    }
    (void)snprintf(x->actor, sizeof(x->actor), "%s", who->name);
    if ((who->roles & x->route->roles) != 0)
        return true;
    problem_answer(x, PROBLEM_ROLE, NULL, "%s %s", x->method, x->route->path);
    return false;
}

void server_head(exchange *x, size_t bytes)
{
    trace_begin(&x->trace, x->headers[HEADER_TRACEPARENT]);
    (void)(check_size(x, bytes) && check_form(x) && check_target(x) && check_repeated(x) &&
           check_length(x) && route_find(x) && check_caller(x));
}

/* ---- The request ----------------------------------------------------------------------------- */

/* Refuses a compressed body, whose bytes are not its content. */
static bool check_coding(exchange *x)
{
    const char *coding = x->headers[HEADER_CONTENT_ENCODING];
    const char *named = coding == NULL ? "" : coding + strspn(coding, ", \t");
    if (x->body_bytes == 0 || named[0] == '\0' || strcasecmp(named, "identity") == 0)
        return true;
    exchange_header(x, "Accept-Encoding", "identity");
    problem_answer(x, PROBLEM_CONTENT_TYPE, NULL, "Content-Encoding '%.60s'", coding);
    return false;
}

static void handle(exchange *x)
{
    if ((x->route->flags & ROUTE_KEY) == 0)
        x->route->handle(x);
    else if (key_read(x))
        key_settle(x);
}

void server_request(exchange *x)
{
    const bool reads = strcmp(x->route->method, "GET") == 0;
    if (x->body_large) {
        x->close = true;
        problem_answer(x, PROBLEM_BODY_LARGE, NULL, "at most %lld bytes",
                       (long long)x->server->settings.body_bytes_max);
    } else if (reads && x->body_bytes != 0) {
        problem_answer(x, PROBLEM_BODY_UNWANTED, NULL, "%s", x->route->path);
    } else if (check_coding(x)) {
        handle(x);
    }
}

int server_try(exchange *x, const hf_op *op)
{
    server *s = x->server;
    hf_op one = *op;
    int32_t error = HF_E_CANCELLED;
    one.user_data = (uint64_t)(uintptr_t)x;
    x->seq_before = s->event_seq;
    const int accepted = s->closing ? HF_E_CANCELLED : hf_submit(s->engine, &one, 1, &error);
    if (accepted == 1) {
        x->outstanding++;
        return 0;
    }
    return accepted < 0 ? accepted : error;
}

int server_submit_task(server *s, task *t, hf_op *ops, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        ops[i].user_data = (uint64_t)(uintptr_t)t | TASK_BIT;
        ops[i].flags = i + 1 < count ? HF_OP_LINKED : 0;
    }
    /* A chain is accepted whole or not at all. */
    const int accepted = s->closing ? HF_E_CANCELLED : hf_submit(s->engine, ops, count, NULL);
    return accepted < 0 ? accepted : 0;
}

void server_submit(exchange *x, const hf_op *op)
{
    const int error = server_try(x, op);
    if (error != 0)
        problem_error(x, error, hf_engine_detail(x->server->engine));
}

/* ---- The end --------------------------------------------------------------------------------- */

void server_completed(exchange *x)
{
    server *s = x->server;
    const uint64_t ns = now_ns() - x->begun_ns;
    char key[37];
    metrics_count(&s->metrics, x, ns);
    if (!s->settings.log_requests || !log_begin(&s->log, HF_LOG_INFO, "request"))
        return;
    json_text *out = &s->log.filling;
    json_text_member(out, "method", x->method);
    json_text_member(out, "path", x->path);
    json_text_member(out, "route", x->route == NULL ? NULL : x->route->path);
    json_text_number(out, "status", x->gone && !x->queued ? 499 : (int64_t)x->status);
    json_text_number(out, "us", (int64_t)(ns / 1000));
    json_text_number(out, "bytes_in", (int64_t)x->body_bytes);
    json_text_number(out, "bytes_out", (int64_t)x->out.used);
    if (x->actor[0] != '\0')
        json_text_member(out, "actor", x->actor);
    if (x->has_key)
        json_text_member(out, "key", hf_id_format(&x->key, key));
    if (x->code != NULL)
        json_text_member(out, "code", x->code);
    json_text_member(out, "trace_id", x->trace.trace_id);
    json_text_member(out, "span_id", x->trace.span_id);
    if (x->trace.parent_id[0] != '\0')
        json_text_member(out, "parent_id", x->trace.parent_id);
    log_end(&s->log);
}
