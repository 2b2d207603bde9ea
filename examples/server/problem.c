/*
 * problem.c - refusals as RFC 9457 problem details: which status each has, and what is said.
 *
 * The status of a library error follows from its class, but for those of the table. The detail of
 * the library begins with the culprit ("line 1: ITEM tea [pcs]: 5 wanted, 3 available"); where the
 * culprit is a part of the request, its place in the body is given as a pointer.
 */
#include "problem.h"
#include "route.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPE_PROBLEM "application/problem+json"

enum { RETRY_S = 1, PLACE_BYTES = 120 };

typedef struct problem {
    const char *code;
    unsigned status;
    const char *title;
} problem;

/* clang-format off */
static const problem problems[PROBLEMS] = {
    [PROBLEM_ROUTE] = { "NO_RESOURCE", 404, "there is no such resource" },
    [PROBLEM_METHOD] = { "METHOD", 405, "the resource does not have this method" },
    [PROBLEM_PATH] = { "PATH", 400, "the path is malformed" },
    [PROBLEM_QUERY] = { "QUERY", 400, "the query is malformed" },
    [PROBLEM_CURSOR] = { "CURSOR", 400, "the cursor is not one of this list and query" },
    [PROBLEM_HEADER_REPEATED] = { "HEADER_REPEATED", 400, "a header is sent more than once" },
    [PROBLEM_HEADER_MALFORMED] = { "HEADER_MALFORMED", 400, "a header is malformed" },
    [PROBLEM_HOST] = { "HOST", 403, "a server without tokens serves its own machine alone" },
    [PROBLEM_LENGTH] = { "LENGTH", 400, "the length of the body is ambiguous" },
    [PROBLEM_HEADER_LARGE] = { "HEADER_LARGE", 431, "the head of the request is too large" },
    [PROBLEM_BODY_LARGE] = { "BODY_LARGE", 413, "the body is too large" },
    [PROBLEM_BODY_UNWANTED] = { "BODY_UNWANTED", 400, "the method takes no body" },
    [PROBLEM_CONTENT_TYPE] = { "CONTENT_TYPE", 415, "the body must be application/json" },
    [PROBLEM_JSON] = { "JSON", 400, "the body is not JSON" },
    [PROBLEM_DEPTH] = { "DEPTH", 400, "the body is nested too deeply" },
    [PROBLEM_VALUE] = { "VALUE", 400, "a member is missing, unknown or of a wrong type" },
    [PROBLEM_TOKEN_MISSING] = { "TOKEN_MISSING", 401, "a bearer token is needed" },
    [PROBLEM_TOKEN_WRONG] = { "TOKEN_WRONG", 401, "the bearer token is not known" },
    [PROBLEM_ROLE] = { "ROLE", 403, "the token does not have the role" },
    [PROBLEM_KEY_MISSING] = { "KEY_MISSING", 400, "the header Idempotency-Key is missing" },
    [PROBLEM_KEY_FORMAT] = { "KEY_FORMAT", 400, "the idempotency key is neither a UUIDv7 nor 1 to 128 visible characters" },
    [PROBLEM_KEY_RUNNING] = { "KEY_RUNNING", 409, "a request with this idempotency key is running" },
    [PROBLEM_KEY_UNUSED] = { "KEY_UNUSED", 404, "nothing was done under this idempotency key" },
    [PROBLEM_MATCH_MISSING] = { "MATCH_MISSING", 428, "the header If-Match is missing" },
    [PROBLEM_MATCH_FORMAT] = { "MATCH_FORMAT", 400, "If-Match is neither * nor one ETag of this resource" },
    [PROBLEM_SIGNATURE] = { "SIGNATURE", 403, "the webhook is not signed by its provider" },
    [PROBLEM_EVENT_ID] = { "EVENT_ID", 409, "Last-Event-ID is no event of this store" },
    [PROBLEM_NO_BACKUPS] = { "NO_BACKUPS", 409, "the server makes no backups" },
    [PROBLEM_ENDPOINT] = { "ENDPOINT", 409, "nothing is posted to the endpoint now" },
    [PROBLEM_NOT_READY] = { "NOT_READY", 503, "the server takes no new work" },
    [PROBLEM_NO_SERVICE] = { "NO_SERVICE", 503, "a service that the order needs does not answer" },
};

/* Errors whose status is another one than their class says. */
static const struct {
    int error;
    unsigned status;
} exceptions[] = {
    { HF_E_NOT_FOUND, 404 },
    { HF_E_ID_REUSED, 422 },
    { HF_E_ID_TOO_OLD, 410 },
    { HF_E_VERSION_MOVED, 412 },
    { HF_E_LINE_UNKNOWN, 422 },
    { HF_E_PLACE_UNKNOWN, 422 },
    { HF_E_UNIT_UNKNOWN, 422 },
    { HF_E_SEQ_AHEAD, 422 },
    { HF_E_CLOSED, 503 },
    { HF_E_CLOCK, 503 },
    { HF_E_POISONED, 503 },
    { HF_E_READ_ONLY, 503 },
};

static const struct {
    const char *name;
    unsigned status;
    bool retryable; /* the same request may succeed later; with its key it acts once */
} classes[] = {
    [HF_CLASS_OK] = { "OK", 200, false },
    [HF_CLASS_REJECTED] = { "REJECTED", 409, false },
    [HF_CLASS_RETRYABLE] = { "RETRYABLE", 503, true },
    [HF_CLASS_UNKNOWN] = { "UNKNOWN", 500, true },
    [HF_CLASS_FATAL] = { "FATAL", 500, false },
    [HF_CLASS_MISUSE] = { "MISUSE", 400, false },
};

/* What a detail calls an element, of which operation's arguments, and the array that has it. */
static const struct {
    const char *word;
    uint32_t op;
    const char *array;
} places[] = {
    { "line ", HF_OP_ORDER_PLACE, "lines" },
    { "payment ", HF_OP_ORDER_PLACE, "payments" },
    { "refund ", HF_OP_ORDER_CANCEL, "refunds" },
    { "refund ", HF_OP_ORDER_RETURN, "refunds" },
};
/* clang-format on */

/* The HTTP status of an error of the library. */
static unsigned status_of(int error)
{
    for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++)
        if (exceptions[i].error == error)
            return exceptions[i].status;
    return classes[hf_error_class(error)].status;
}

const char *problem_code(int error)
{
    const char *name = hf_error_name(error);
    return strncmp(name, "HF_E_", 5) == 0 ? name + 5 : name;
}

/* ---- Writing --------------------------------------------------------------------------------- */

typedef struct parts {
    const char *code, *title, *class_name, *detail, *pointer;
    unsigned status;
    bool retryable;
    const char *culprit;  /* the first bytes of the detail; */
    size_t culprit_bytes; /* 0: none */
} parts;

static void write_problem(exchange *x, const parts *p)
{
    json_text *out = &x->out;
    char type[80];
    (void)snprintf(type, sizeof(type), "/v1/problems#%s", p->code);
    out->used = 0;
    json_text_open(out, '{');
    json_text_member(out, "type", type);
    json_text_member(out, "title", p->title);
    json_text_number(out, "status", p->status);
    if (p->detail != NULL && p->detail[0] != '\0')
        json_text_member(out, "detail", p->detail);
    json_text_member(out, "code", p->code);
    json_text_member(out, "class", p->class_name);
    json_text_name(out, "retryable");
    json_text_bool(out, p->retryable);
    if (p->culprit_bytes != 0) {
        json_text_name(out, "culprit");
        json_text_bytes(out, p->culprit, p->culprit_bytes);
    }
    if (p->pointer != NULL)
        json_text_member(out, "pointer", p->pointer);
    json_text_member(out, "trace_id", x->trace.trace_id);
    json_text_close(out, '}');
    if (p->retryable || p->status == 503)
        exchange_header(x, "Retry-After", "%d", RETRY_S);
    x->code = p->code;
    exchange_answer(x, p->status, TYPE_PROBLEM);
}

void problem_answer(exchange *x, problem_id id, const char *pointer, const char *format, ...)
{
    char detail[300];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(detail, sizeof(detail), format, list);
    va_end(list);
    const problem *p = &problems[id];
    const bool later = p->status == 503 || id == PROBLEM_KEY_RUNNING;
    if (p->status == 401)
        exchange_header(x, "WWW-Authenticate", "Bearer realm=\"holdfast\"%s",
                        id == PROBLEM_TOKEN_WRONG ? ", error=\"invalid_token\"" : "");
    write_problem(x,
                  &(parts){.code = p->code,
                           .title = p->title,
                           .class_name = classes[later ? HF_CLASS_RETRYABLE : HF_CLASS_MISUSE].name,
                           .detail = detail,
                           .pointer = pointer,
                           .status = p->status,
                           .retryable = later});
}

/* A path of fields as a pointer: "lines[0].sku: ..." is /lines/0/sku. */
static bool find_field(const char *detail, char out[PLACE_BYTES])
{
    size_t used = 1;
    const size_t bytes = strspn(detail, "abcdefghijklmnopqrstuvwxyz0123456789_.[]");
    if (bytes == 0 || bytes + 2 > PLACE_BYTES || strncmp(detail + bytes, ": ", 2) != 0)
        return false;
    out[0] = '/';
    for (size_t i = 0; i < bytes; i++)
        if (detail[i] != ']')
            out[used++] = (char)(detail[i] == '[' || detail[i] == '.' ? '/' : detail[i]);
    out[used] = '\0';
    return true;
}

/* The place in the body that a detail names: "line 2, leg 1: ..." of a new order is /lines/1. */
static bool find_place(const exchange *x, int error, const char *detail, char out[PLACE_BYTES])
{
    const uint32_t op = x->route == NULL || x->body_bytes == 0 ? HF_OP_NONE : x->route->op;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        const size_t bytes = strlen(places[i].word);
        char *end;
        if (op != places[i].op || strncmp(detail, places[i].word, bytes) != 0)
            continue;
        const unsigned long number = strtoul(detail + bytes, &end, 10);
        if (end == detail + bytes || number == 0 || number > HF_LINES_MAX)
            continue;
        (void)snprintf(out, PLACE_BYTES, "/%s/%lu", places[i].array, number - 1);
        return true;
    }
    return op != HF_OP_NONE && hf_error_class(error) == HF_CLASS_MISUSE && find_field(detail, out);
}

void problem_error(exchange *x, int error, const char *detail)
{
    char pointer[PLACE_BYTES];
    const char *text = detail == NULL ? "" : detail;
    const char *end = strstr(text, ": ");
    for (const char *next = end; next != NULL; next = strstr(end + 2, ": "))
        end = next;
    const int class_id = hf_error_class(error);
    /* What a body names and is not there is not the resource that is asked for. */
    const bool absent =
        error == HF_E_NOT_FOUND && x->route != NULL && strchr(x->route->path, '{') == NULL;
    write_problem(x, &(parts){.code = problem_code(error),
                              .title = hf_error_text(error),
                              .class_name = classes[class_id].name,
                              .detail = text,
                              .pointer = find_place(x, error, text, pointer) ? pointer : NULL,
                              .status = absent ? 422 : status_of(error),
                              .retryable = classes[class_id].retryable,
                              .culprit = text,
                              .culprit_bytes = end == NULL ? 0 : (size_t)(end - text)});
}

/* ---- The list -------------------------------------------------------------------------------- */

#define ROW(name, value, class, text) value,
static const int errors[] = {HF_ERROR_TABLE(ROW)};
#undef ROW

int problem_find(const char *text)
{
    const size_t bytes = strcspn(text, " ");
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        const char *code = problem_code(errors[i]);
        if (strlen(code) == bytes && memcmp(code, text, bytes) == 0)
            return errors[i];
    }
    return 0;
}

/* The last ": " in the first bytes of a text; 0: there is none. */
static size_t part_before(const char *text, size_t bytes)
{
    size_t end = bytes < 2 ? 0 : bytes - 2;
    while (end > 0 && memcmp(text + end, ": ", 2) != 0)
        end--;
    return end;
}

void problem_name(const char *code, const char *detail, char out[HF_NAME_MAX + 1])
{
    const char *end = "";
    const size_t used = (size_t)snprintf(out, HF_NAME_MAX + 1, "%.30s", code) + 1;
    size_t bytes = strlen(detail);
    while (bytes != 0 && used + bytes + strlen(end) > HF_NAME_MAX) {
        bytes = part_before(detail, bytes);
        end = ": refused";
    }
    if (bytes != 0)
        (void)snprintf(out + used - 1, HF_NAME_MAX + 2 - used, " %.*s%s", (int)bytes, detail, end);
}

static void write_row(json_text *out, const char *code, unsigned status, const char *class_name,
                      const char *title)
{
    json_text_open(out, '{');
    json_text_member(out, "code", code);
    json_text_number(out, "status", status);
    json_text_member(out, "class", class_name);
    json_text_member(out, "title", title);
    json_text_close(out, '}');
}

void problem_list(exchange *x)
{
    json_text *out = &x->out;
    json_text_open(out, '{');
    json_text_name(out, "problems");
    json_text_open(out, '[');
    for (size_t i = 0; i < PROBLEMS; i++)
        write_row(out, problems[i].code, problems[i].status,
                  classes[problems[i].status == 503 || i == PROBLEM_KEY_RUNNING ? HF_CLASS_RETRYABLE
                                                                                : HF_CLASS_MISUSE]
                      .name,
                  problems[i].title);
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        write_row(out, problem_code(errors[i]), status_of(errors[i]),
                  classes[hf_error_class(errors[i])].name, hf_error_text(errors[i]));
    json_text_close(out, ']');
    json_text_close(out, '}');
    exchange_answer(x, 200, TYPE_JSON);
}
