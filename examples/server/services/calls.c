/*
 * calls.c - several calls of branches in one request.
 *
 * Happy path: each call becomes an exchange of its own, a part of the request. When all parts have
 * been answered the answers become the body of the response.
 *
 * Failure modes: a body that is no list of calls is a problem of the whole request, and nothing is
 * called. Whatever is wrong with one call is the answer of that call.
 */
#include "calls.h"
#include "branch.h"
#include "operation.h"
#include "problem.h"
#include "server.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void calls_answered(exchange *x)
{
    json_text *out = &x->out;
    if (--x->outstanding != 0)
        return;
    json_text_open(out, '{');
    json_text_name(out, "answers");
    json_text_open(out, '[');
    for (exchange *part = x->parts; part != NULL; part = part->next_part) {
        json_text_raw(out, part->out.bytes, part->out.used);
        exchange_forget(part);
    }
    json_text_close(out, ']');
    json_text_close(out, '}');
    exchange_answer(x, 200, TYPE_JSON);
}

/* Moves the names of the call's branch from its body to where a path would have brought them. */
static void take_names(exchange *part, json_t *body)
{
    const char *txn = json_string_value(json_object_get(body, "txn"));
    const json_t *branch = json_object_get(body, "branch");
    (void)snprintf(part->params[0], sizeof(part->params[0]), "%s", txn == NULL ? "" : txn);
    if (json_is_integer(branch))
        (void)snprintf(part->params[1], sizeof(part->params[1]), "%" JSON_INTEGER_FORMAT,
                       json_integer_value(branch));
    (void)json_object_del(body, "txn");
    (void)json_object_del(body, "branch");
}

static exchange *add_part(exchange *x, exchange *last)
{
    exchange *part = exchange_take(x->server);
    part->whole = x;
    x->server->part_count++;
    part->route = x->route;
    part->trace = x->trace;
    memcpy(part->actor, x->actor, sizeof(part->actor));
    if (last == NULL)
        x->parts = part;
    else
        last->next_part = part;
    return part;
}

/* Whether the body is a list of calls; false: a problem was answered. */
static bool check_calls(exchange *x, const json_t *body)
{
    size_t at;
    const json_t *call, *calls = json_object_get(body, "calls");
    const size_t count = json_array_size(calls);
    bool good = json_object_size(body) == 1 && count >= 1 && count <= CALLS_MAX;
    json_array_foreach(calls, at, call) good = good && json_is_object(call);
    if (!good)
        problem_answer(x, PROBLEM_VALUE, "/calls", "calls: must be 1 to %d calls of branches",
                       CALLS_MAX);
    return good;
}

static void begin(exchange *x, uint32_t phase)
{
    size_t at;
    json_t *call, *body = operation_body(x);
    exchange *part = NULL;
    if (body == NULL || !check_calls(x, body)) {
        json_decref(body);
        return;
    }
    json_t *calls = json_object_get(body, "calls");
    x->outstanding = json_array_size(calls);
    for (at = 0; at < json_array_size(calls); at++)
        part = add_part(x, part);
    part = x->parts;
    json_array_foreach(calls, at, call)
    {
        exchange *next = part->next_part; /* the last answer releases what the parts have read */
        take_names(part, call);
        branch_call(part, phase, json_incref(call));
        part = next;
    }
    json_decref(body);
}

void calls_try(exchange *x)
{
    begin(x, HF_PHASE_TRY);
}

void calls_confirm(exchange *x)
{
    begin(x, HF_PHASE_CONFIRM);
}

void calls_cancel(exchange *x)
{
    begin(x, HF_PHASE_CANCEL);
}
