/*
 * operation.c - requests that are one operation of the library.
 *
 * Happy path: the body is parsed strictly, what path and query name is added, the operation is read
 * by its shape and submitted with the key as its id, the caller as its actor and If-Match as its
 * expected version. Its result is the body of the response; the version of the record is the ETag.
 *
 * Failure modes: a body that is no JSON, nested too deeply, with a member twice, unknown, missing
 * or of another type; an argument that is given twice; whatever the library refuses.
 */
#include "operation.h"
#include "common/json_read.h"
#include "common/ops_walk.h"
#include "common/result.h"
#include "key.h"
#include "problem.h"
#include "query.h"
#include "route.h"
#include "server.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- The body -------------------------------------------------------------------------------- */

static bool is_json_type(const char *type)
{
    static const char json[] = "application/json";
    const size_t bytes = sizeof(json) - 1;
    return type != NULL && strncasecmp(type, json, bytes) == 0 &&
           (type[bytes] == '\0' || type[bytes] == ';' || type[bytes] == ' ');
}

json_t *operation_body(exchange *x)
{
    json_wrong wrong;
    const settings *s = &x->server->settings;
    if (x->body_bytes == 0)
        return json_object();
    if (!is_json_type(x->headers[HEADER_CONTENT_TYPE])) {
        problem_answer(x, PROBLEM_CONTENT_TYPE, NULL, "'%.60s'",
                       x->headers[HEADER_CONTENT_TYPE] == NULL ? ""
                                                               : x->headers[HEADER_CONTENT_TYPE]);
        return NULL;
    }
    json_t *body = json_read(x->body, x->body_bytes, (size_t)s->json_depth_max, &wrong);
    if (json_is_object(body))
        return body;
    if (body != NULL)
        problem_answer(x, PROBLEM_VALUE, "", "the body must be an object");
    else if (wrong.is_deep)
        problem_answer(x, PROBLEM_DEPTH, NULL, "at most %lld levels", (long long)s->json_depth_max);
    else
        problem_answer(x, PROBLEM_JSON, NULL, "line %d, column %d: %s", wrong.line, wrong.column,
                       wrong.why);
    json_decref(body);
    return NULL;
}

/* ---- The arguments --------------------------------------------------------------------------- */

static bool add_params(exchange *x, json_t *args)
{
    char name[40], pointer[42];
    for (size_t i = 0; route_param(x->route, i, name); i++) {
        json_t *value = json_string(x->params[i]);
        if (value == NULL) {
            problem_answer(x, PROBLEM_PATH, NULL, "%s: it is not UTF-8", name);
            return false;
        }
        if (args_set(args, name, value))
            continue;
        (void)snprintf(pointer, sizeof(pointer), "/%s", name);
        for (char *c = pointer; *c != '\0'; c++)
            *c = (char)(*c == '.' ? '/' : *c);
        problem_answer(x, PROBLEM_VALUE, pointer, "the path says it");
        return false;
    }
    return true;
}

/* Adds the members of `more` to `args`, those of objects to the object that is there. */
static bool merge(json_t *args, json_t *more)
{
    const char *name;
    json_t *value;
    json_object_foreach(more, name, value)
    {
        json_t *there = json_object_get(args, name);
        if (there == NULL ? json_object_set(args, name, value) != 0
                          : !json_is_object(there) || !json_is_object(value) ||
                                json_object_update_missing(there, value) != 0)
            return false;
    }
    return true;
}

static bool add_fixed(exchange *x, json_t *args)
{
    if (x->route->fixed == NULL)
        return true;
    json_t *fixed = json_read(x->route->fixed, strlen(x->route->fixed), JSON_READ_DEPTH, NULL);
    const bool good = merge(args, fixed);
    json_decref(fixed);
    if (!good)
        problem_answer(x, PROBLEM_VALUE, NULL, "the resource says it: %s", x->route->fixed);
    return good;
}

/* The version that If-Match names; 0: any. False: a problem was answered. */
static bool read_match(exchange *x, uint64_t *version)
{
    const char *text = x->headers[HEADER_IF_MATCH];
    *version = 0;
    if (text == NULL && (x->route->flags & ROUTE_MATCH) != 0) {
        problem_answer(x, PROBLEM_MATCH_MISSING, NULL,
                       "send the ETag of the record, or * for any version");
        return false;
    }
    if (text == NULL || strcmp(text, "*") == 0)
        return true;
    char *end = NULL;
    errno = 0;
    if (text[0] == '"' && text[1] >= '1' && text[1] <= '9')
        *version = strtoull(text + 1, &end, 10);
    if (end != NULL && errno == 0 && strcmp(end, "\"") == 0 && *version <= INT64_MAX)
        return true;
    problem_answer(x, PROBLEM_MATCH_FORMAT, NULL, "'%.60s'", text);
    return false;
}

/*
 * Reads the head of the operation, which is not one of the arguments; the text of meta belongs to
 * `args`. False: a problem was answered.
 */
static bool read_head(exchange *x, const json_t *args, hf_op_head *out)
{
    const json_t *meta = json_object_get(args, "meta");
    *out = (hf_op_head){.id = x->key, .actor = x->actor[0] == '\0' ? NULL : x->actor};
    if (meta != NULL && !json_is_string(meta)) {
        problem_answer(x, PROBLEM_VALUE, "/meta", "/meta: must be a text");
        return false;
    }
    out->meta = json_string_value(meta);
    out->meta_bytes = json_string_length(meta);
    return read_match(x, &out->expected_version);
}

/* A value of the path that does not fit is a matter of the path, not of the body. */
static bool is_of_path(const exchange *x, const char *pointer)
{
    char name[40];
    for (size_t i = 0; route_param(x->route, i, name); i++)
        if (pointer[0] == '/' && strncmp(pointer + 1, name, strcspn(name, ".")) == 0 &&
            strlen(pointer + 1) == strcspn(name, "."))
            return true;
    return false;
}

static void refuse(exchange *x, const ops_error *error)
{
    const bool has_place = error->pointer[0] != '\0';
    if (is_of_path(x, error->pointer))
        problem_answer(x, PROBLEM_PATH, NULL, "%s: %s", error->pointer + 1, error->why);
    else if (x->body_bytes == 0 && strcmp(x->route->method, "GET") == 0)
        problem_answer(x, PROBLEM_QUERY, NULL, "%s: %s", error->pointer + has_place, error->why);
    else
        problem_answer(x, PROBLEM_VALUE, error->pointer, "%s%s%s", error->pointer,
                       has_place ? ": " : "", error->why);
}

/* ---- The answer ------------------------------------------------------------------------------ */

/* Adds the place of the next page behind the records. */
static void add_cursor(exchange *x, const hf_completion *done)
{
    char cursor[CURSOR_TEXT];
    x->out.used--; /* the bracket that ends the object */
    json_text_name(&x->out, "next_cursor");
    json_text_string(&x->out, cursor_make(x, done, cursor) ? cursor : NULL);
    json_text_close(&x->out, '}');
}

/* Whether If-None-Match names a tag. Tags are compared weakly there, RFC 9110, 13.1.2: a proxy that
 * compresses answers makes their tags weak. */
static bool names_tag(const char *list, const char *etag)
{
    const size_t bytes = strlen(etag);
    if (strcmp(list, "*") == 0)
        return true;
    for (const char *at = list; *at != '\0'; at += strcspn(at, ",")) {
        at += strspn(at, ", \t");
        at += strncmp(at, "W/", 2) == 0 ? 2 : 0;
        if (strncmp(at, etag, bytes) == 0 && strchr(", \t", at[bytes]) != NULL)
            return true;
    }
    return false;
}

/* Says which version the record has. True: the caller has this one already. */
static bool add_version(exchange *x, const hf_completion *done)
{
    char etag[24];
    const uint64_t version = result_version(done);
    if (version == 0)
        return false;
    (void)snprintf(etag, sizeof(etag), "\"%llu\"", (unsigned long long)version);
    exchange_header(x, "ETag", "%s", etag);
    return !x->has_key && http_line_fits(x, HEADER_IF_NONE_MATCH, names_tag, etag);
}

void operation_answer(exchange *x, const hf_completion *done)
{
    if (done->status != 0) {
        problem_error(x, done->status, done->detail);
        return;
    }
    if (add_version(x, done)) {
        exchange_answer(x, 304, NULL);
        return;
    }
    if (!result_write(&x->out, done))
        json_text_raw(&x->out, "{}", 2);
    if (x->route->page != NULL)
        add_cursor(x, done);
    if (x->route->location != NULL) {
        char id[37];
        exchange_header(x, "Location", "%s%s", x->route->location, hf_id_format(&done->id, id));
    }
    if (x->has_key && key_is_replay(x, done))
        exchange_header(x, "Idempotent-Replayed", "true");
    exchange_answer(x, x->route->status, TYPE_JSON);
}

bool operation_read(exchange *x, json_t *args, ops_line *out)
{
    ops_error error;
    hf_op_head head;
    if (!add_params(x, args) || !add_fixed(x, args) || !query_read(x, args) ||
        !read_head(x, args, &head)) {
        json_decref(args);
        return false;
    }
    json_t *meta = json_object_get(args, "meta"); /* beside the arguments, not of them */
    if (meta != NULL)
        ops_keep(&x->memory, json_incref(meta));
    (void)json_object_del(args, "meta");
    const bool good = ops_read_args(&x->memory, x->route->op, &head, args, out, &error);
    if (!good)
        refuse(x, &error);
    return good;
}

void operation_submit(exchange *x, json_t *args)
{
    ops_line line;
    if (!operation_read(x, args, &line))
        return;
    x->args = line.op.args;
    x->done = operation_answer;
    server_submit(x, &line.op);
}

void operation_begin(exchange *x)
{
    json_t *body = operation_body(x);
    if (body != NULL)
        operation_submit(x, body);
}
