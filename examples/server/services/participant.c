/*
 * participant.c - a service as a participant: calls of the library as requests, responses as
 * answers.
 *
 *     response                   try                          confirm, cancel
 *     200 and the branch         OK                           OK
 *       is as the call asks
 *     a problem of class         REJECTED                     PARK: a person must look
 *       REJECTED or MISUSE
 *       of which an account      REJECTED                     RETRY
 *       may be the cause
 *     OVERLOADED: the instance   UNKNOWN: asked again         RETRY
 *       has done nothing           until the deadline
 *     anything else, or none     UNKNOWN, and the             RETRY
 *                                transaction is cancelled
 *
 * A 200 is such a response only when its body is the JSON object of branch.h: the transaction and
 * the branch of the call, in a state that the phase ends in. Any other 200 comes from a program
 * that is no instance of the service: it counts as no response.
 *
 * A frozen account posts when it is no longer frozen, so its refusal of a confirm is asked again. A
 * branch that is in another state, or not there, stays so: its confirm is parked.
 *
 * CALLS AT ONCE: calls of one phase that the library makes in one turn of the loop, to one
 * instance, become one request (calls.h), whose response answers each of them apart. A single call
 * is a request of branch.h. A response that does not answer each call of its request is the
 * response to all of them.
 *
 * Only problems that say what became of the call are answers. A problem with the token, the address
 * or the path means that this instance calls wrongly, so it counts as no response.
 */
#include "participant.h"
#include "calls.h"
#include "common/memory.h"
#include "coordinator.h"
#include "payload.h"
#include "problem.h"
#include "server.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LATER_MS = 200,
    RETRY_CAP_MS = 1000,
    MARGIN_MS = 500,
    UNDER_WAY_MAX = 1024, /* calls of one participant */
    RETRIES = 50,
    REQUEST_BYTES = 65536 /* a request gets no further call beyond these */
};

/* A call that waits to be sent, or is under way. */
typedef struct calling {
    struct calling *next; /* of the same request */
    uint64_t ticket;
    uint64_t epoch;
    hf_id txn;
    uint32_t phase;
    uint32_t branch;
    uint32_t attempt;
    char endpoint[SERVICE_ADDRESS];
    size_t move_bytes; /* 0: it has no moves */
    char moves[];      /* JSON */
} calling;

/* A request under way: calls of one phase at one instance. */
typedef struct request {
    const participant *of;
    instance *at; /* NULL: none of the settings */
    uint64_t pass;
    calling *first;
    uint32_t count;
} request;

/* ---- Cancelling ------------------------------------------------------------------------------ */

static void on_aborted(hf_req *req, const hf_completion *done)
{
    (void)done; /* decided meanwhile, or repeated by the next try that gets no answer */
    free(req);
}

static void cancel_txn(const participant *p, const calling *c)
{
    char reason[HF_NAME_MAX + 1];
    hf_txn_act_args args;
    hf_req *req = take_memory(1, sizeof(*req));
    hf_txn_act_init(&args, &c->txn);
    (void)snprintf(reason, sizeof(reason), "%s %s %.40s", REASON_UNAVAILABLE, p->service->name,
                   c->endpoint);
    args.reason = reason;
    args.head.actor = "coordinator";
    if (hf_txn_abort(p->server->engine, req, &args, on_aborted) != 0)
        free(req);
}

/* ---- Answers --------------------------------------------------------------------------------- */

/* A response, or the part of one that answers one of several calls. */
typedef struct response {
    long status;       /* of HTTP; 0: no response came */
    const char *error; /* why none came */
    const json_t *body;
    bool is_problem;
} response;

/* What a response says of the call; `detail` has HF_NAME_MAX bytes and its end. */
typedef enum verdict {
    VERDICT_NONE,
    VERDICT_BUSY, /* nothing was done: the instance works, and is overloaded */
    VERDICT_DONE,
    VERDICT_REFUSED,
    VERDICT_REFUSED_NOW /* and perhaps not later */
} verdict;

static bool is_one_of(const char *code, const char *const codes[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(code, codes[i]) == 0)
            return true;
    return false;
}

static verdict read_problem(const json_t *problem, char *detail)
{
    static const char *const ours[] = {"TOKEN_MISSING", "TOKEN_WRONG", "ROLE", "HOST",
                                       "NO_RESOURCE"};
    static const char *const lasting[] = {"TXN_STATE", "TXN_ABORTED", "ID_REUSED", "ID_TOO_OLD",
                                          "NOT_FOUND"};
    const char *class = json_string_value(json_object_get(problem, "class"));
    const char *code = json_string_value(json_object_get(problem, "code"));
    const char *text = json_string_value(json_object_get(problem, "detail"));
    const bool misuse = class != NULL && strcmp(class, "MISUSE") == 0;
    const bool rejected = class != NULL && strcmp(class, "REJECTED") == 0;
    verdict said = code != NULL && strcmp(code, "OVERLOADED") == 0 ? VERDICT_BUSY : VERDICT_NONE;
    if (code != NULL && (misuse || rejected) &&
        !is_one_of(code, ours, sizeof(ours) / sizeof(ours[0])))
        said = misuse || is_one_of(code, lasting, sizeof(lasting) / sizeof(lasting[0]))
                   ? VERDICT_REFUSED
                   : VERDICT_REFUSED_NOW;
    problem_name(code == NULL ? "" : code, text == NULL ? "" : text, detail);
    return said;
}

/* Whether a branch in that state is what a call of that phase asks for. */
static bool fits(uint32_t phase, const char *state)
{
    static const char *const ends[][2] = {
        [HF_PHASE_TRY] = {"TRIED", "CONFIRMED"}, /* the latter: a copy of the call came late */
        [HF_PHASE_CONFIRM] = {"CONFIRMED", "CONFIRMED"},
        [HF_PHASE_CANCEL] = {"CANCELLED", "NULL_CANCELLED"},
    };
    return strcmp(state, ends[phase][0]) == 0 || strcmp(state, ends[phase][1]) == 0;
}

/* Reads a response of status 200. */
static verdict read_branch(const calling *c, const json_t *body, char *detail)
{
    char id[37];
    const char *txn = json_string_value(json_object_get(body, "txn"));
    const char *state = json_string_value(json_object_get(body, "state"));
    const json_t *branch = json_object_get(body, "branch");
    const bool done = txn != NULL && strcmp(txn, hf_id_format(&c->txn, id)) == 0 &&
                      json_is_integer(branch) && json_integer_value(branch) == c->branch &&
                      state != NULL && fits(c->phase, state);
    if (!done)
        (void)snprintf(detail, HF_NAME_MAX + 1, "the response is not one of this branch");
    return done ? VERDICT_DONE : VERDICT_NONE;
}

static verdict read_response(const calling *c, const response *from, char *detail)
{
    if (from->status == 200)
        return read_branch(c, from->body, detail);
    if (from->is_problem)
        return read_problem(from->body, detail);
    if (from->status != 0)
        (void)snprintf(detail, HF_NAME_MAX + 1, "HTTP status %ld", from->status);
    else
        (void)snprintf(detail, HF_NAME_MAX + 1, "%s", from->error);
    return VERDICT_NONE;
}

static void answer(const participant *p, const calling *c, verdict said, const char *detail)
{
    static const uint32_t answers[][2] = {
        [VERDICT_NONE] = {HF_ANSWER_UNKNOWN, HF_ANSWER_RETRY},
        [VERDICT_BUSY] = {HF_ANSWER_UNKNOWN, HF_ANSWER_RETRY},
        [VERDICT_DONE] = {HF_ANSWER_OK, HF_ANSWER_OK},
        [VERDICT_REFUSED] = {HF_ANSWER_REJECTED, HF_ANSWER_PARK},
        [VERDICT_REFUSED_NOW] = {HF_ANSWER_REJECTED, HF_ANSWER_RETRY},
    };
    const bool is_try = c->phase == HF_PHASE_TRY;
    hf_call_answer out;
    if (p->server->engine == NULL)
        return;
    hf_call_answer_init(&out, answers[said][is_try ? 0 : 1]);
    out.detail = detail;
    if (is_try && answers[said][0] == HF_ANSWER_UNKNOWN)
        out.after_ms = LATER_MS;
    (void)hf_call_done(p->server->engine, c->ticket, &out);
    if (said == VERDICT_NONE && is_try)
        cancel_txn(p, c);
}

/* Answers a call. Returns whether the instance works. */
static bool take_response(const participant *p, const calling *c, const response *from)
{
    char detail[HF_NAME_MAX + 1] = "";
    const verdict said = read_response(c, from, detail);
    const bool is_ours = from->status != 200 || said == VERDICT_DONE;
    answer(p, c, said, detail);
    return said == VERDICT_BUSY || (from->status != 0 && from->status < 500 && is_ours);
}

/* The answers of several calls; NULL: the response is one for all of them. */
static const json_t *answers_of(const request *r, const response *whole)
{
    const json_t *answers = json_object_get(whole->body, "answers");
    const bool fits = whole->status == 200 && json_array_size(answers) == r->count;
    return r->count > 1 && fits ? answers : NULL;
}

/* The response to one of several calls: a problem has a code. */
static response part_of(const json_t *body)
{
    const bool is_problem = json_is_string(json_object_get(body, "code"));
    const json_int_t status = json_integer_value(json_object_get(body, "status"));
    return (response){
        .status = is_problem ? (long)status : 200, .body = body, .is_problem = is_problem};
}

static response whole_of(const client_answer *from, const json_t *body)
{
    static const char problem[] = "application/problem+json";
    return (response){.status = from->status,
                      .error = from->error,
                      .body = body,
                      .is_problem = from->status != 0 &&
                                    strncmp(from->type, problem, sizeof(problem) - 1) == 0};
}

static void on_answer(void *data, const client_answer *from)
{
    request *r = data;
    arena documents = {.chunks = NULL};
    const json_t *body = arena_read(&documents, from->body, from->bytes);
    const response whole = whole_of(from, body);
    const json_t *answers = answers_of(r, &whole);
    bool is_well = true;
    size_t at = 0;
    for (calling *c = r->first, *next; c != NULL; c = next) {
        next = c->next;
        const response part = part_of(json_array_get(answers, at++));
        is_well = take_response(r->of, c, answers == NULL ? &whole : &part) && is_well;
        free(c);
    }
    arena_fini(&documents);
    if (r->at != NULL)
        instance_report(r->at, r->pass, is_well ? HF_BREAKER_SUCCESS : HF_BREAKER_FAILURE);
    free(r);
}

/* ---- Requests -------------------------------------------------------------------------------- */

static void put_call(json_text *out, const participant *p, const calling *c, bool is_named)
{
    char id[37];
    json_text_open(out, '{');
    if (is_named) {
        json_text_member(out, "txn", hf_id_format(&c->txn, id));
        json_text_number(out, "branch", c->branch);
    }
    json_text_number(out, "epoch", (int64_t)c->epoch);
    json_text_number(out, "attempt", c->attempt);
    json_text_member(out, "caller", hf_id_format(&p->server->store, id));
    if (c->move_bytes != 0) {
        json_text_name(out, "moves");
        json_text_raw(out, c->moves, c->move_bytes);
    }
    json_text_close(out, '}');
}

/* The body of a request: one call, or a list of several. */
static void put_calls(json_text *out, const request *r)
{
    out->used = 0;
    if (r->count == 1) {
        put_call(out, r->of, r->first, false);
        return;
    }
    json_text_open(out, '{');
    json_text_name(out, "calls");
    json_text_open(out, '[');
    for (const calling *c = r->first; c != NULL; c = c->next)
        put_call(out, r->of, c, true);
    json_text_close(out, ']');
    json_text_close(out, '}');
}

static void put_url(const request *r, char out[CLIENT_URL])
{
    static const char *const phases[] = {"try", "confirm", "cancel"};
    const calling *c = r->first;
    char id[37], branch[60] = "";
    if (r->count == 1)
        (void)snprintf(branch, sizeof(branch), "%s/%u/", hf_id_format(&c->txn, id), c->branch);
    (void)snprintf(out, CLIENT_URL, "http://%s/v1/branches/%s%s", c->endpoint, branch,
                   phases[c->phase]);
}

static void send_request(participant *p, instance *at, calling *first, uint32_t count)
{
    char url[CLIENT_URL];
    request *r = take_memory(1, sizeof(*r));
    *r = (request){.of = p, .at = at, .first = first, .count = count};
    if (at != NULL && !instance_allow(at, &r->pass)) {
        r->at = NULL; /* nothing is reported of it */
        on_answer(r, &(client_answer){.error = "the instance has not answered several calls",
                                      .type = "",
                                      .body = ""});
        return;
    }
    if (at != NULL)
        instance_called(at, count);
    put_url(r, url);
    put_calls(&p->body, r);
    client_send(p->client, &(client_request){.url = url,
                                             .body = p->body.bytes,
                                             .body_bytes = p->body.used,
                                             .limit_ms = p->server->settings.call_ms,
                                             .done = on_answer,
                                             .data = r});
}

/* Takes the calls of the next request off the front of a list. */
static calling *split(calling **list, uint32_t *count)
{
    calling *first = *list, *last = first;
    size_t bytes = first->move_bytes;
    for (*count = 1; last->next != NULL && *count < CALLS_MAX; ++*count) {
        bytes += last->next->move_bytes;
        if (bytes > REQUEST_BYTES)
            break;
        last = last->next;
    }
    *list = last->next;
    last->next = NULL;
    return first;
}

void participant_send(participant *p)
{
    for (; p->waits != 0; p->waits &= p->waits - 1) {
        const uint32_t at = (uint32_t)__builtin_ctzll(p->waits);
        for (uint32_t phase = 0; phase < PARTICIPANT_PHASES; phase++) {
            participant_queue *queue = &p->queues[at][phase];
            calling *list = queue->first;
            *queue = (participant_queue){.first = NULL};
            while (list != NULL) {
                uint32_t count;
                calling *first = split(&list, &count);
                send_request(p, &p->service->instances[at], first, count);
            }
        }
    }
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static calling *make_calling(const hf_call *call)
{
    branch_payload said;
    payload_read(call->payload, call->payload_bytes, &said);
    const size_t bytes = call->phase == HF_PHASE_TRY ? said.move_bytes : 0;
    calling *c = take_memory(1, sizeof(*c) + bytes);
    c->ticket = call->ticket;
    c->epoch = call->epoch;
    c->txn = call->txn;
    c->phase = call->phase;
    c->branch = call->branch;
    c->attempt = call->attempt;
    memcpy(c->endpoint, said.endpoint, sizeof(c->endpoint));
    c->move_bytes = bytes;
    if (bytes != 0)
        memcpy(c->moves, said.moves, bytes);
    return c;
}

static void append(participant_queue *queue, calling *c)
{
    if (queue->first == NULL)
        queue->first = c;
    else
        queue->last->next = c;
    queue->last = c;
}

/* TRY, CONFIRM and CANCEL. */
static void call_service(void *data, const hf_call *call)
{
    participant *p = data;
    calling *c = make_calling(call);
    const instance *at = service_find(p->service, c->endpoint);
    if (at == NULL) {
        send_request(p, NULL, c, 1);
        return;
    }
    const uint32_t no = (uint32_t)(at - p->service->instances);
    append(&p->queues[no][c->phase], c);
    p->waits |= service_bit(no);
}

int participant_register(participant *p, server *s, service *of, client *with)
{
    hf_participant about;
    *p = (participant){.server = s, .service = of, .client = with};
    hf_participant_init(&about, of->name);
    about.attempt = call_service;
    about.confirm = call_service;
    about.cancel = call_service;
    about.data = p;
    about.breaker_failures = 0; /* each instance has a breaker of its own */
    about.in_flight_max = UNDER_WAY_MAX;
    about.retries_per_hundred = RETRIES;
    about.call_timeout_ms = s->settings.call_ms + MARGIN_MS; /* then no request is on its way */
    for (size_t i = 0; i < sizeof(about.retry) / sizeof(about.retry[0]); i++) {
        about.retry[i].attempts_max = 0; /* an instance that is away comes back, or is resolved */
        about.retry[i].cap_ms = RETRY_CAP_MS;
    }
    return hf_participant_register(s->engine, &about);
}

void participant_close(participant *p)
{
    for (uint32_t at = 0; at < SERVICE_INSTANCES; at++)
        for (uint32_t phase = 0; phase < PARTICIPANT_PHASES; phase++)
            for (calling *c = p->queues[at][phase].first, *next; c != NULL; c = next) {
                next = c->next;
                free(c);
            }
    free(p->body.bytes);
    p->body = (json_text){.bytes = NULL};
}
