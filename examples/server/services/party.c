/*
 * party.c - a service as a participant: calls of the library as requests, responses as answers.
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
 * Of the problems only those are an answer that say what became of the call. One about the token,
 * the address or the path says that this instance asks wrongly: it counts as none.
 */
#include "party.h"
#include "common/memory.h"
#include "coordinator.h"
#include "problem.h"
#include "server.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LATER_MS = 200, RETRY_CAP_MS = 1000, MARGIN_MS = 500, CALLS_MAX = 1024, RETRIES = 50 };

/* A call under way. */
typedef struct calling {
    const party *of;
    instance *at; /* NULL: none of the settings */
    uint64_t pass;
    uint64_t ticket;
    hf_id txn;
    uint32_t phase;
    uint32_t branch;
    char endpoint[SERVICE_ADDRESS];
} calling;

/* ---- Cancelling ------------------------------------------------------------------------------ */

static void on_aborted(hf_req *req, const hf_completion *done)
{
    (void)done; /* decided meanwhile, or repeated by the next try that gets no answer */
    free(req);
}

static void cancel_txn(const calling *c)
{
    char reason[HF_NAME_MAX + 1];
    hf_txn_act_args args;
    hf_req *req = take_memory(1, sizeof(*req));
    hf_txn_act_init(&args, &c->txn);
    (void)snprintf(reason, sizeof(reason), "%s %s %.40s", REASON_UNAVAILABLE, c->of->service->name,
                   c->endpoint);
    args.reason = reason;
    args.head.actor = "coordinator";
    if (hf_txn_abort(c->of->server->engine, req, &args, on_aborted) != 0)
        free(req);
}

/* ---- Answers --------------------------------------------------------------------------------- */

/* What a response says of the call; `detail` has HF_NAME_MAX bytes and its end. */
typedef enum verdict {
    VERDICT_NONE,
    VERDICT_BUSY, /* nothing was done: the instance is well, and has too much to do */
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

static verdict read_problem(const client_answer *from, char *detail)
{
    static const char *const ours[] = {"TOKEN_MISSING", "TOKEN_WRONG", "ROLE", "HOST",
                                       "NO_RESOURCE"};
    static const char *const lasting[] = {"TXN_STATE", "TXN_ABORTED", "ID_REUSED", "ID_TOO_OLD",
                                          "NOT_FOUND"};
    json_t *problem = json_loadb(from->body, from->bytes, JSON_REJECT_DUPLICATES, NULL);
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
    json_decref(problem);
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
static verdict read_branch(const calling *c, const client_answer *from, char *detail)
{
    char id[37];
    json_t *body = json_loadb(from->body, from->bytes, JSON_REJECT_DUPLICATES, NULL);
    const char *txn = json_string_value(json_object_get(body, "txn"));
    const char *state = json_string_value(json_object_get(body, "state"));
    const json_t *branch = json_object_get(body, "branch");
    const bool done = txn != NULL && strcmp(txn, hf_id_format(&c->txn, id)) == 0 &&
                      json_is_integer(branch) && json_integer_value(branch) == c->branch &&
                      state != NULL && fits(c->phase, state);
    if (!done)
        (void)snprintf(detail, HF_NAME_MAX + 1, "the response is not one of this branch");
    json_decref(body);
    return done ? VERDICT_DONE : VERDICT_NONE;
}

static verdict read_answer(const calling *c, const client_answer *from, char *detail)
{
    static const char type[] = "application/problem+json";
    if (from->status == 200)
        return read_branch(c, from, detail);
    if (from->status != 0 && strncmp(from->type, type, sizeof(type) - 1) == 0)
        return read_problem(from, detail);
    if (from->status != 0)
        (void)snprintf(detail, HF_NAME_MAX + 1, "HTTP status %ld", from->status);
    else
        (void)snprintf(detail, HF_NAME_MAX + 1, "%s", from->error);
    return VERDICT_NONE;
}

static void answer(const calling *c, verdict said, const char *detail)
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
    hf_call_answer_init(&out, answers[said][is_try ? 0 : 1]);
    out.detail = detail;
    if (is_try && answers[said][0] == HF_ANSWER_UNKNOWN)
        out.after_ms = LATER_MS;
    (void)hf_call_done(c->of->server->engine, c->ticket, &out);
    if (said == VERDICT_NONE && is_try)
        cancel_txn(c);
}

static void on_answer(void *data, const client_answer *from)
{
    calling *c = data;
    char detail[HF_NAME_MAX + 1] = "";
    const verdict said = read_answer(c, from, detail);
    const bool is_ours = from->status != 200 || said == VERDICT_DONE;
    const bool is_well =
        said == VERDICT_BUSY || (from->status != 0 && from->status < 500 && is_ours);
    if (c->at != NULL)
        instance_report(c->at, c->pass, is_well ? HF_BREAKER_SUCCESS : HF_BREAKER_FAILURE);
    if (c->of->server->engine != NULL)
        answer(c, said, detail);
    free(c);
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static void send_call(calling *c, const hf_call *call, const json_t *payload)
{
    static const char *const phases[] = {"try", "confirm", "cancel"};
    char url[CLIENT_URL], id[37];
    json_t *body = json_pack("{s:I,s:I}", "epoch", (json_int_t)call->epoch, "attempt",
                             (json_int_t)call->attempt);
    if (call->phase == HF_PHASE_TRY)
        (void)json_object_set(body, "moves", json_object_get(payload, "moves"));
    const size_t bytes = json_dumpb(body, NULL, 0, JSON_COMPACT);
    char *text = take_memory(bytes + 1, 1);
    (void)json_dumpb(body, text, bytes, JSON_COMPACT);
    (void)snprintf(url, sizeof(url), "http://%s/v1/branches/%s/%u/%s", c->endpoint,
                   hf_id_format(&call->txn, id), call->branch, phases[call->phase]);
    client_send(c->of->client, &(client_request){.url = url,
                                                 .body = text,
                                                 .limit_ms = c->of->server->settings.call_ms,
                                                 .done = on_answer,
                                                 .data = c});
    json_decref(body);
    free(text);
}

/* TRY, CONFIRM and CANCEL. */
static void call_service(void *data, const hf_call *call)
{
    const party *p = data;
    json_t *payload = json_loadb(call->payload, call->payload_bytes, 0, NULL);
    const char *address = json_string_value(json_object_get(payload, "endpoint"));
    calling *c = take_memory(1, sizeof(*c));
    *c = (calling){.of = p,
                   .ticket = call->ticket,
                   .txn = call->txn,
                   .phase = call->phase,
                   .branch = call->branch};
    (void)snprintf(c->endpoint, sizeof(c->endpoint), "%s", address == NULL ? "" : address);
    c->at = service_find(p->service, c->endpoint);
    if (c->at == NULL || instance_allow(c->at, &c->pass)) {
        send_call(c, call, payload);
    } else {
        answer(c, VERDICT_NONE, "the instance has not answered several calls");
        free(c);
    }
    json_decref(payload);
}

int party_register(party *p, server *s, service *of, client *with)
{
    hf_participant about;
    *p = (party){.server = s, .service = of, .client = with};
    hf_participant_init(&about, of->name);
    about.attempt = call_service;
    about.confirm = call_service;
    about.cancel = call_service;
    about.data = p;
    about.breaker_failures = 0; /* each instance has a breaker of its own */
    about.in_flight_max = CALLS_MAX;
    about.retries_per_hundred = RETRIES;
    about.call_timeout_ms = s->settings.call_ms + MARGIN_MS; /* then no request is on its way */
    for (size_t i = 0; i < sizeof(about.retry) / sizeof(about.retry[0]); i++) {
        about.retry[i].attempts_max = 0; /* an instance that is away comes back, or is resolved */
        about.retry[i].cap_ms = RETRY_CAP_MS;
    }
    return hf_participant_register(s->engine, &about);
}
