/*
 * record.c - the order's own record, as the last participant of its transaction.
 *
 * Happy path of a try: the order is placed as one that was made elsewhere (IMPORT), with untracked
 * lines, and each payment is reported as captured, all in one chain. Its ids are those of the
 * request, so a repeat of the try acts once. A query reads the order.
 */
#include "record.h"
#include "common/json_read.h"
#include "common/memory.h"
#include "coordinator.h"
#include "problem.h"
#include "server.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPS_MAX = 64 };

/* A chain under way, or a query. */
typedef struct recording {
    task task; /* first */
    server *server;
    uint64_t ticket;
    uint32_t left; /* completions that are waited for */
    int status;    /* the first that is not 0, before one that another operation caused */
    bool is_query;
    char detail[HF_NAME_MAX + 1];
} recording;

static uint32_t answer_of(const recording *r)
{
    const int class = hf_error_class(r->status);
    if (r->status == 0)
        return HF_ANSWER_OK;
    if (r->is_query)
        return r->status == HF_E_NOT_FOUND ? HF_ANSWER_NOT_FOUND : HF_ANSWER_UNKNOWN;
    return class == HF_CLASS_REJECTED || class == HF_CLASS_MISUSE ? HF_ANSWER_REJECTED
                                                                  : HF_ANSWER_UNKNOWN;
}

static void finish(recording *r)
{
    hf_call_answer answer;
    hf_call_answer_init(&answer, answer_of(r));
    answer.detail = r->detail;
    (void)hf_call_done(r->server->engine, r->ticket, &answer);
    free(r);
}

static void note(recording *r, int status, const char *detail)
{
    if (status == 0 || (r->status != 0 && r->status != HF_E_CHAIN))
        return;
    r->status = status;
    problem_name(problem_code(status), detail == NULL ? "" : detail, r->detail);
}

static void on_done(task *t, const hf_completion *done)
{
    recording *r = (recording *)t;
    note(r, done->status, done->detail);
    if (--r->left == 0)
        finish(r);
}

static recording *begin(server *s, const hf_call *call)
{
    recording *r = take_memory(1, sizeof(*r));
    *r = (recording){.task = {on_done},
                     .server = s,
                     .ticket = call->ticket,
                     .is_query = call->phase == HF_PHASE_QUERY};
    return r;
}

static void submit(recording *r, hf_op *ops, uint32_t count)
{
    r->left = count;
    const int error = server_submit_task(r->server, &r->task, ops, count);
    if (error == 0)
        return;
    note(r, error, hf_engine_detail(r->server->engine));
    finish(r);
}

/* Reads one operation of the payload; `memory` lives until it has been submitted. */
static bool read_op(ops_memory *memory, uint32_t type, const json_t *from, hf_op *out)
{
    ops_line line;
    ops_error error;
    const json_t *meta = json_object_get(from, "meta");
    hf_op_head head = {.actor = json_string_value(json_object_get(from, "actor")),
                       .meta = json_string_value(meta),
                       .meta_bytes = json_string_length(meta)};
    const char *id = json_string_value(json_object_get(from, "id"));
    json_t *args = json_object_get(from, "args");
    if (id == NULL || hf_id_parse(id, &head.id) != 0 ||
        !ops_read_args(memory, type, &head, json_incref(args), &line, &error))
        return false;
    *out = line.op;
    return true;
}

/* The operations of a payload; 0: it is none of this server. */
static uint32_t read_ops(ops_memory *memory, const json_t *payload, hf_op ops[OPS_MAX])
{
    const json_t *reports = json_object_get(payload, "reports");
    const size_t count = json_array_size(reports);
    bool good = count < OPS_MAX &&
                read_op(memory, HF_OP_ORDER_PLACE, json_object_get(payload, "order"), &ops[0]);
    for (size_t i = 0; good && i < count; i++)
        good = read_op(memory, HF_OP_PAYMENT_REPORT, json_array_get(reports, i), &ops[i + 1]);
    return good ? (uint32_t)count + 1 : 0;
}

static void place(void *data, const hf_call *call)
{
    hf_op ops[OPS_MAX];
    ops_memory memory = {.blocks = NULL};
    arena documents = {.chunks = NULL};
    const json_t *payload = arena_read(&documents, call->payload, call->payload_bytes);
    recording *r = begin(data, call);
    const uint32_t count = read_ops(&memory, payload, ops);
    if (count != 0) {
        submit(r, ops, count);
    } else {
        note(r, HF_E_ARGUMENT, "the payload of the branch is not understood");
        finish(r);
    }
    ops_fini(&memory);
    arena_fini(&documents);
}

static void look(void *data, const hf_call *call)
{
    hf_id order;
    hf_order_get_args args;
    json_t *payload = json_read(call->payload, call->payload_bytes, JSON_READ_DEPTH, NULL);
    const char *id = json_string_value(json_object_get(json_object_get(payload, "order"), "id"));
    recording *r = begin(data, call);
    if (id != NULL && hf_id_parse(id, &order) == 0) {
        hf_order_get_init(&args, &order);
        submit(r, &(hf_op){.type = HF_OP_ORDER_GET, .args = &args}, 1);
    } else {
        note(r, HF_E_ARGUMENT, "the payload of the branch is not understood");
        finish(r);
    }
    json_decref(payload);
}

int record_register(server *s)
{
    hf_participant about;
    hf_participant_init(&about, PARTICIPANT_ORDER);
    about.flags = HF_PARTICIPANT_ONE_PHASE;
    about.attempt = place;
    about.query = look;
    about.data = s;
    about.in_flight_max = 4096; /* operations of this engine, which has limits of its own */
    about.breaker_failures = 0;
    about.retry[HF_PHASE_TRY].attempts_max = 0;
    return hf_participant_register(s->engine, &about);
}
