/*
 * checkout.c - POST /v1/orders of the role order.
 *
 * Happy path: an instance of each service is picked, the transaction is submitted, and when it is
 * decided the order is read and answered. The order is whole then: what was held will be posted,
 * however long an instance is away.
 *
 * A REPEAT finds a transaction with its id and other instances in its payloads: it is submitted
 * again as it is stored, when it was made by the same request, and has the same outcome. A repeat
 * goes through the rounds of the first request in their order. So the same key must reach the same
 * store: instances with stores of their own do not know each other's keys.
 *
 * Failure modes: what a service refuses is the answer. No instance of a service answers: 503, and
 * the same request goes on with the next round. The decision is not made in time, or the server
 * ends first: as the library says, and a repeat gets the outcome.
 */
#include "checkout.h"
#include "common/ops_walk.h"
#include "common/result.h"
#include "draft.h"
#include "key.h"
#include "operation.h"
#include "problem.h"
#include "route.h"
#include "server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS_MAX = 64, ROUNDS_NEW_MAX = 4, BRANCHES = SERVICES + 1 };

typedef struct checkout {
    json_t *body;
    draft draft;
    hf_id txn;
    uint32_t round;
    uint32_t rounds_new;       /* that this request began */
    uint32_t rounds_short;     /* of which an instance was short of stock */
    uint32_t picked[SERVICES]; /* SERVICE_NONE: none */
    uint32_t avoid[SERVICES];  /* the instance of the last round */
    bool stored;               /* the transaction was there before this request */
    bool repeated;             /* so was that of an earlier round */
} checkout;

static void begin_round(exchange *x);

static checkout *of(const exchange *x)
{
    return x->work;
}

/* ---- Instances ------------------------------------------------------------------------------- */

static void report(exchange *x, uint32_t outcome, const char *failed)
{
    checkout *c = of(x);
    for (uint32_t i = 0; i < SERVICES; i++) {
        service *s = &x->server->coordinator->services[i];
        const bool bad = failed != NULL && strcmp(failed, s->name) == 0;
        service_report(s, c->picked[i], bad ? HF_BREAKER_FAILURE : outcome);
        c->avoid[i] = c->picked[i];
        c->picked[i] = SERVICE_NONE;
    }
}

/* Another instance than that of the last round, when one takes calls. */
static uint32_t pick_other(service *s, uint64_t hash, uint32_t avoid)
{
    const uint32_t first = service_pick(s, hash);
    if (first == SERVICE_NONE || first != avoid || s->count == 1)
        return first;
    const uint32_t second = service_pick(s, hash);
    service_report(s, second == SERVICE_NONE ? SERVICE_NONE : first, HF_BREAKER_UNUSED);
    return second == SERVICE_NONE ? first : second;
}

static bool pick_all(exchange *x)
{
    checkout *c = of(x);
    const uint64_t hash = service_hash(c->draft.customer);
    for (uint32_t i = 0; i < SERVICES; i++) {
        service *s = &x->server->coordinator->services[i];
        if (c->draft.moves[i] == NULL)
            continue;
        c->picked[i] = pick_other(s, hash, c->avoid[i]);
        if (c->picked[i] != SERVICE_NONE)
            continue;
        problem_answer(x, PROBLEM_NO_SERVICE, NULL, "%s: no instance takes calls", s->name);
        report(x, HF_BREAKER_UNUSED, NULL);
        return false;
    }
    return true;
}

/* ---- The transaction ------------------------------------------------------------------------- */

static void txn_id(const hf_id *key, uint32_t round, hf_id *out)
{
    char text[60], id[37];
    (void)snprintf(text, sizeof(text), "%s round %u", hf_id_format(key, id), round);
    (void)hf_id_from_key(hf_id_time(key), text, out);
}

static void add_branch(hf_txn_args *args, hf_branch_args *branches, const char *participant,
                       const void *payload, uint64_t bytes)
{
    hf_branch_args *branch = &branches[args->branch_count++];
    hf_branch_init(branch, participant);
    branch->payload = payload;
    branch->payload_bytes = bytes;
}

static const char *payload_of(exchange *x, uint32_t service_no)
{
    const checkout *c = of(x);
    const char *moves = c->draft.moves[service_no];
    const service *s = &x->server->coordinator->services[service_no];
    const size_t room = strlen(moves) + PAYLOAD_HEAD;
    char *text = ops_block(&x->memory, room, 1);
    (void)snprintf(text, room, "{\"endpoint\":\"%s\",\"moves\":%s}",
                   s->instances[c->picked[service_no]].address, moves);
    return text;
}

/* What every submission of the transaction has. */
static void set_txn(const exchange *x, hf_txn_args *args, hf_branch_args *branches)
{
    const checkout *c = of(x);
    hf_txn_init(args);
    args->head.id = c->txn;
    args->head.actor = x->actor;
    args->head.meta = c->draft.digest;
    args->head.meta_bytes = strlen(c->draft.digest);
    args->branches = branches;
    args->branch_bytes = sizeof(*branches);
    args->wait = HF_TXN_DECIDED;
}

static void on_decided(exchange *x, const hf_completion *done);

static void submit(exchange *x, const hf_txn_args *args)
{
    x->done = on_decided;
    server_submit(x, &(hf_op){.type = HF_OP_TXN_SUBMIT, .args = args});
    if (x->status != 0)
        report(x, HF_BREAKER_UNUSED, NULL);
}

static void begin_round(exchange *x)
{
    checkout *c = of(x);
    hf_txn_args args;
    hf_branch_args branches[BRANCHES];
    if (!pick_all(x))
        return;
    txn_id(&x->key, c->round, &c->txn);
    c->stored = false;
    set_txn(x, &args, branches);
    args.deadline_ms = (int64_t)time(NULL) * 1000 + x->server->settings.txn_ms;
    for (uint32_t i = 0; i < SERVICES; i++)
        if (c->draft.moves[i] != NULL) {
            const char *payload = payload_of(x, i);
            add_branch(&args, branches, x->server->coordinator->services[i].name, payload,
                       strlen(payload));
        }
    add_branch(&args, branches, PARTICIPANT_ORDER, c->draft.record, strlen(c->draft.record));
    submit(x, &args);
}

static void read_txn(exchange *x, void (*then)(exchange *x, const hf_completion *done))
{
    hf_txn_get_args args;
    hf_txn_get_init(&args, &of(x)->txn);
    x->done = then;
    server_submit(x, &(hf_op){.type = HF_OP_TXN_GET, .args = &args});
}

/* The id has a transaction: it is submitted again as it is stored. */
static void on_stored(exchange *x, const hf_completion *done)
{
    checkout *c = of(x);
    const hf_txn_view *view = done->result;
    const size_t bytes = strlen(c->draft.digest);
    if (done->status != 0 && done->status != HF_E_NOT_FOUND) {
        problem_error(x, done->status, done->detail);
        return;
    }
    if (done->status != 0 || view->txn->meta_bytes != bytes ||
        memcmp(view->txn->meta, c->draft.digest, bytes) != 0) {
        problem_error(x, HF_E_ID_REUSED, "");
        return;
    }
    hf_txn_args args;
    hf_branch_args branches[BRANCHES];
    set_txn(x, &args, branches);
    args.deadline_ms = view->txn->deadline_ms;
    for (uint32_t i = 0; i < view->branch_count && i < BRANCHES; i++)
        add_branch(&args, branches, view->branches[i]->participant.text, view->branches[i]->payload,
                   view->branches[i]->payload_bytes);
    c->stored = c->repeated = true;
    submit(x, &args);
}

/* ---- The end of a round ---------------------------------------------------------------------- */

/* The refused branch of a transaction; NULL: it was cancelled for another reason. */
static const hf_branch *refused(const hf_txn_view *view)
{
    for (uint32_t i = 0; i < view->branch_count; i++)
        if (view->branches[i]->state == HF_BRANCH_REFUSED)
            return view->branches[i];
    return NULL;
}

/* Answers why there is no order. */
static void answer_refusal(exchange *x, const hf_txn_view *view)
{
    const hf_branch *branch = refused(view);
    const char *text = branch == NULL ? "" : branch->detail.text;
    const int error = problem_find(text);
    if (error != 0)
        problem_error(
            x, error,
            text[strlen(problem_code(error))] == ' ' ? text + strlen(problem_code(error)) + 1 : "");
    else
        problem_error(x, HF_E_TXN_ABORTED, branch == NULL ? view->txn->reason.text : text);
}

/* The service that did not answer, when that is why the transaction was cancelled; NULL: it is not.
 */
static const char *absent(const exchange *x, const hf_txn_view *view)
{
    const size_t bytes = strlen(REASON_UNAVAILABLE);
    const char *reason = view->txn->reason.text;
    for (uint32_t i = 0; i < SERVICES; i++) {
        const char *name = x->server->coordinator->services[i].name;
        if (strncmp(reason, REASON_UNAVAILABLE, bytes) == 0 && reason[bytes] == ' ' &&
            strncmp(reason + bytes + 1, name, strlen(name)) == 0)
            return name;
    }
    return NULL;
}

/* Whether another instance may have the stock that this one lacks. */
static bool is_short(exchange *x, const hf_txn_view *view)
{
    const service *stock = &x->server->coordinator->services[SERVICE_INVENTORY];
    const hf_branch *branch = refused(view);
    return branch != NULL && strcmp(branch->participant.text, stock->name) == 0 &&
           problem_find(branch->detail.text) == HF_E_STOCK_SHORT &&
           ++of(x)->rounds_short < stock->count;
}

static void on_cancelled(exchange *x, const hf_completion *done)
{
    checkout *c = of(x);
    const hf_txn_view *view = done->result;
    if (done->status != 0) {
        report(x, HF_BREAKER_UNUSED, NULL);
        problem_error(x, done->status, done->detail);
        return;
    }
    const char *away = absent(x, view);
    report(x, HF_BREAKER_SUCCESS, away);
    c->rounds_new += c->stored ? 0 : 1;
    if (away == NULL && !is_short(x, view)) {
        answer_refusal(x, view);
    } else if (c->rounds_new == ROUNDS_NEW_MAX || c->round + 1 == ROUNDS_MAX) {
        problem_answer(x, PROBLEM_NO_SERVICE, NULL, "%s: no instance answered",
                       away == NULL ? "inventory" : away);
    } else {
        c->round++;
        begin_round(x);
    }
}

static void on_order(exchange *x, const hf_completion *done)
{
    char id[37];
    if (done->status != 0) {
        problem_error(x, done->status, done->detail);
        return;
    }
    (void)result_write(&x->out, done);
    exchange_header(x, "ETag", "\"%llu\"", (unsigned long long)result_version(done));
    exchange_header(x, "Location", "%s%s", x->route->location, hf_id_format(&x->key, id));
    if (of(x)->repeated)
        exchange_header(x, "Idempotent-Replayed", "true");
    exchange_answer(x, x->route->status, TYPE_JSON);
}

static void read_order(exchange *x)
{
    hf_order_get_args args;
    hf_order_get_init(&args, &x->key);
    x->done = on_order;
    server_submit(x, &(hf_op){.type = HF_OP_ORDER_GET, .args = &args});
}

static void on_decided(exchange *x, const hf_completion *done)
{
    checkout *c = of(x);
    if (done->status == 0) {
        c->repeated = c->repeated || key_is_replay(x, done);
        report(x, HF_BREAKER_SUCCESS, NULL);
        read_order(x);
    } else if (done->status == HF_E_TXN_ABORTED) {
        read_txn(x, on_cancelled);
    } else if (done->status == HF_E_ID_REUSED && !c->stored) {
        report(x, HF_BREAKER_UNUSED, NULL);
        read_txn(x, on_stored);
    } else {
        report(x, HF_BREAKER_UNUSED, NULL);
        problem_error(x, done->status, done->detail);
    }
}

/* ---- The request ----------------------------------------------------------------------------- */

static void begin_first(exchange *x)
{
    if (draft_make(x, of(x)->body, &of(x)->draft))
        begin_round(x);
}

/* A key that is a text may stand for the transaction of another day: then that is the one. */
static void on_other_day(exchange *x, const hf_completion *done)
{
    const bool found = done->status == 0;
    if (!found && done->status != HF_E_NOT_FOUND) {
        problem_error(x, done->status, done->detail);
        return;
    }
    if (found)
        x->key = x->other_days[x->step];
    if (found || ++x->step == x->other_day_count) {
        begin_first(x);
        return;
    }
    txn_id(&x->other_days[x->step], 0, &of(x)->txn);
    read_txn(x, on_other_day);
}

void checkout_begin(exchange *x)
{
    json_t *body = operation_body(x);
    if (body == NULL)
        return;
    checkout *c = ops_block(&x->memory, 1, sizeof(*c));
    x->work = c;
    for (uint32_t i = 0; i < SERVICES; i++)
        c->picked[i] = c->avoid[i] = SERVICE_NONE;
    c->body = body;
    ops_keep(&x->memory, body);
    x->step = 0;
    if (x->other_day_count == 0) {
        begin_first(x);
        return;
    }
    txn_id(&x->other_days[0], 0, &c->txn);
    read_txn(x, on_other_day);
}
