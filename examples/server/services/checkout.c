/*
 * checkout.c - POST /v1/orders of the role order.
 *
 * Happy path: an instance of each service is picked, the transaction is submitted, and when it is
 * decided the order is read and answered. The order is whole then: what was held will be posted,
 * however long an instance is away.
 *
 * A REPEAT finds a transaction with its id and other instances in its payloads. When it was made by
 * the same request, the order is read, and is the answer when it is there. Else the transaction is
 * submitted again as it is stored, and has the same outcome. A repeat goes through the rounds of
 * the first request in their order. So the same key must reach the same store: instances with
 * stores of their own do not know each other's keys.
 *
 * A KEY THAT REACHES TWO STORES makes the same transactions in both. An instance of a service takes
 * the branches of the first one alone, so the other one is refused with HF_E_ID_REUSED and holds
 * nothing. Instances that the first one has not asked cannot know: hence the rule above.
 *
 * STOCK AND MONEY: an instance that lacks what is ordered, because an account of it is short or
 * because it does not have the item or the account at all, is not asked again. The refusal is the
 * answer when every instance of that service has refused: STOCK_SHORT or FUNDS_SHORT when one of
 * them has the accounts, else NOT_FOUND. The meta of each transaction says how many instances of
 * each service will have been asked with it, and how many there are, so the answer of a key does
 * not depend on later settings.
 *
 * Failure modes: what a service refuses is the answer. No instance of a service answers: 503, and
 * the same request continues with the next round. The decision is not made in time, or the server
 * ends first: as the library says, and a repeat gets the outcome.
 */
#include "checkout.h"
#include "common/ops_walk.h"
#include "common/result.h"
#include "key.h"
#include "operation.h"
#include "payload.h"
#include "problem.h"
#include "refusal.h"
#include "route.h"
#include "server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    ROUNDS_AWAY_MAX = 4, /* in which an instance does not answer, of one request */
    ROUNDS_MAX = 2 * SERVICES * SERVICE_INSTANCES,
    BRANCHES = SERVICES + 1,
    META_BYTES = DIGEST_TEXT + SERVICES * 24
};

typedef struct checkout {
    json_t *body;
    draft draft;
    hf_id txn;
    uint32_t round;
    uint32_t rounds_away; /* that this request began, and in which an instance did not answer */
    uint32_t picked[SERVICES];  /* SERVICE_NONE: none */
    uint64_t away[SERVICES];    /* instances that did not answer in a round */
    uint64_t lacking[SERVICES]; /* instances that lack what is ordered */
    int shortest[SERVICES];     /* the error of one of them that has the accounts; 0: none has */
    uint32_t unpicked;          /* the service of which no instance takes calls */
    bool stored;                /* the transaction was there before this request */
    bool repeated;              /* so was that of an earlier round */
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
        c->picked[i] = SERVICE_NONE;
    }
}

/* An instance that has not been asked; else one that did not answer and may be back. An instance
 * that lacks what is ordered is asked again only when no settings name another one. */
static uint32_t pick_other(service *s, uint64_t hash, uint64_t lacking, uint64_t away)
{
    const uint64_t all = service_bit(s->count - 1) | (service_bit(s->count - 1) - 1);
    const uint64_t without = lacking == all ? 0 : lacking;
    const uint32_t first = service_pick(s, hash, without | away);
    return first == SERVICE_NONE && away != 0 ? service_pick(s, hash, without) : first;
}

/* False: c->unpicked has no instance that takes calls. */
static bool pick_all(exchange *x)
{
    checkout *c = of(x);
    const uint64_t hash = service_hash(c->draft.customer);
    for (uint32_t i = 0; i < SERVICES; i++) {
        service *s = &x->server->coordinator->services[i];
        if (c->draft.moves[i] == NULL)
            continue;
        c->picked[i] = pick_other(s, hash, c->lacking[i], c->away[i]);
        if (c->picked[i] != SERVICE_NONE)
            continue;
        report(x, HF_BREAKER_UNUSED, NULL);
        c->unpicked = i;
        return false;
    }
    return true;
}

static uint32_t size_of(uint64_t set)
{
    return (uint32_t)__builtin_popcountll(set);
}

/* Answers that an order may be possible later. */
static void answer_later(exchange *x, uint32_t service_no, const char *why)
{
    const checkout *c = of(x);
    const service *s = &x->server->coordinator->services[service_no];
    char asked[ASKED_TEXT];
    refusal_asked(service_no, size_of(c->lacking[service_no]), s->count, asked);
    problem_answer(x, PROBLEM_NO_SERVICE, NULL, "%s: %s", s->name,
                   c->lacking[service_no] != 0 ? asked : why);
}

/* ---- The transaction ------------------------------------------------------------------------- */

static void txn_id(const hf_id *key, uint32_t round, hf_id *out)
{
    char text[60], id[37];
    (void)snprintf(text, sizeof(text), "%s round %u", hf_id_format(key, id), round);
    (void)hf_id_from_key(hf_id_time(key), text, out);
}

static void add_branch(hf_txn_args *args, hf_branch_args *branches, const char *to,
                       const void *payload, uint64_t bytes)
{
    hf_branch_args *branch = &branches[args->branch_count++];
    hf_branch_init(branch, to);
    branch->payload = payload;
    branch->payload_bytes = bytes;
}

static const char *payload_of(exchange *x, uint32_t service_no)
{
    const checkout *c = of(x);
    const char *moves = c->draft.moves[service_no];
    const service *s = &x->server->coordinator->services[service_no];
    const size_t capacity = strlen(moves) + PAYLOAD_HEAD;
    char *text = ops_block(&x->memory, capacity, 1);
    payload_write(s->instances[c->picked[service_no]].address, moves, text, capacity);
    return text;
}

/* What every submission of the transaction has. */
static void set_txn(const exchange *x, hf_txn_args *args, hf_branch_args *branches)
{
    const checkout *c = of(x);
    hf_txn_init(args);
    args->head.id = c->txn;
    args->head.actor = x->actor;
    args->branches = branches;
    args->branch_bytes = sizeof(*branches);
    args->wait = HF_TXN_DECIDED;
}

/* The meta of a round: the digest of the request, and for each service how many of its instances
 * have been asked with it. */
static void set_meta(const exchange *x, hf_txn_args *args, char out[META_BYTES])
{
    const checkout *c = of(x);
    int used = snprintf(out, META_BYTES, "%s", c->draft.digest);
    for (uint32_t i = 0; i < SERVICES; i++)
        used += snprintf(out + used, META_BYTES - (size_t)used, " %u/%u",
                         size_of(c->lacking[i] | service_bit(c->picked[i])),
                         x->server->coordinator->services[i].count);
    args->head.meta = out;
    args->head.meta_bytes = (uint64_t)used;
}

/* Whether the meta of a round has the digest of this request. */
static bool is_same_request(const exchange *x, const hf_txn *txn)
{
    const char *digest = of(x)->draft.digest;
    return txn->meta_bytes >= strlen(digest) && memcmp(txn->meta, digest, strlen(digest)) == 0;
}

/* How many instances of a service had been asked with a round, and how many there were; 0 and 0:
 * the meta does not say it. */
static void read_asked(const hf_txn *txn, uint32_t service_no, asking *out)
{
    char text[META_BYTES];
    (void)snprintf(text, sizeof(text), "%.*s", (int)txn->meta_bytes, (const char *)txn->meta);
    const char *at = text;
    for (uint32_t i = 0; at != NULL && i <= service_no; i++)
        at = strchr(at + (i == 0 ? 0 : 1), ' ');
    const char *slash = at == NULL ? NULL : strchr(at, '/');
    out->asked = slash == NULL ? 0 : (uint32_t)strtoul(at + 1, NULL, 10);
    out->count = slash == NULL ? 0 : (uint32_t)strtoul(slash + 1, NULL, 10);
}

static void on_decided(exchange *x, const hf_completion *done);
static void on_unpicked(exchange *x, const hf_completion *done);
static void read_txn(exchange *x, void (*then)(exchange *x, const hf_completion *done));

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
    char meta[META_BYTES];
    txn_id(&x->key, c->round, &c->txn);
    c->stored = false;
    if (!pick_all(x)) {
        read_txn(x, on_unpicked);
        return;
    }
    set_txn(x, &args, branches);
    set_meta(x, &args, meta);
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

static void on_order(exchange *x, const hf_completion *done);
static void on_stored(exchange *x, const hf_completion *done);

static void read_order(exchange *x, void (*then)(exchange *x, const hf_completion *done))
{
    hf_order_get_args args;
    hf_order_get_init(&args, &x->key);
    x->done = then;
    server_submit(x, &(hf_op){.type = HF_OP_ORDER_GET, .args = &args});
}

/* A repeat: without an order its rounds are looked at. */
static void on_first_order(exchange *x, const hf_completion *done)
{
    if (done->status == HF_E_NOT_FOUND)
        read_txn(x, on_stored);
    else
        on_order(x, done);
}

static void submit_again(exchange *x, const hf_txn_view *view)
{
    hf_txn_args args;
    hf_branch_args branches[BRANCHES];
    set_txn(x, &args, branches);
    args.head.meta = view->txn->meta;
    args.head.meta_bytes = view->txn->meta_bytes;
    args.deadline_ms = view->txn->deadline_ms;
    for (uint32_t i = 0; i < view->branch_count && i < BRANCHES; i++)
        add_branch(&args, branches, view->branches[i]->participant.text, view->branches[i]->payload,
                   view->branches[i]->payload_bytes);
    of(x)->stored = true;
    submit(x, &args);
}

/* The id has a transaction: that of the same request, or the key is that of another one. */
static void on_stored(exchange *x, const hf_completion *done)
{
    checkout *c = of(x);
    const hf_txn_view *view = done->result;
    if (done->status != 0 && done->status != HF_E_NOT_FOUND) {
        problem_error(x, done->status, done->detail);
    } else if (done->status != 0 || !is_same_request(x, view->txn)) {
        problem_error(x, HF_E_ID_REUSED, "");
    } else if (!c->repeated) {
        c->repeated = true;
        read_order(x, on_first_order);
    } else {
        submit_again(x, view);
    }
}

/* No instance takes calls: only a round that is stored continues. */
static void on_unpicked(exchange *x, const hf_completion *done)
{
    if (done->status == HF_E_NOT_FOUND)
        answer_later(x, of(x)->unpicked, "no instance takes calls");
    else
        on_stored(x, done);
}

/* ---- The end of a round ---------------------------------------------------------------------- */

/* The service that did not answer, when that is why the transaction was cancelled; SERVICES: it is
 * not. */
static uint32_t absent(const exchange *x, const hf_txn_view *view)
{
    const size_t bytes = strlen(REASON_UNAVAILABLE);
    const char *reason = view->txn->reason.text;
    for (uint32_t i = 0; i < SERVICES; i++) {
        const char *name = x->server->coordinator->services[i].name;
        if (strncmp(reason, REASON_UNAVAILABLE, bytes) == 0 && reason[bytes] == ' ' &&
            strncmp(reason + bytes + 1, name, strlen(name)) == 0)
            return i;
    }
    return SERVICES;
}

/* The instance that a round asked; the empty set: it had none of today's settings. */
static uint64_t asked_of(const exchange *x, const hf_txn_view *view, uint32_t service_no)
{
    service *s = &x->server->coordinator->services[service_no];
    const instance *at = NULL;
    for (uint32_t i = 0; i < view->branch_count; i++) {
        const hf_branch *branch = view->branches[i];
        if (strcmp(branch->participant.text, s->name) != 0)
            continue;
        branch_payload said;
        payload_read(branch->payload, branch->payload_bytes, &said);
        at = service_find(s, said.endpoint);
    }
    return at == NULL ? 0 : service_bit((uint32_t)(at - s->instances));
}

static void begin_next(exchange *x, uint32_t service_no)
{
    checkout *c = of(x);
    if (c->rounds_away == ROUNDS_AWAY_MAX || c->round + 1 == ROUNDS_MAX) {
        answer_later(x, service_no, "no instance answered");
        return;
    }
    c->round++;
    begin_round(x);
}

/* Asks the next instance of the service that refused, when this one lacks what is ordered and was
 * not the last one to be asked. */
static void on_refused(exchange *x, const hf_txn_view *view)
{
    checkout *c = of(x);
    refusal why;
    asking by = {.count = 0};
    refusal_read(x, view, &why);
    const bool lacks = refusal_lacks(&why);
    if (lacks) {
        read_asked(view->txn, why.service, &by);
        if (refusal_is_short(&why))
            c->shortest[why.service] = why.error;
        by.shortest = c->shortest[why.service];
    }
    if (by.asked >= by.count) {
        refusal_answer(x, &c->draft, &why, &by);
        return;
    }
    c->lacking[why.service] |= asked_of(x, view, why.service);
    begin_next(x, why.service);
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
    const uint32_t away = absent(x, view);
    report(x, HF_BREAKER_SUCCESS,
           away == SERVICES ? NULL : x->server->coordinator->services[away].name);
    if (away != SERVICES) {
        c->rounds_away += c->stored ? 0 : 1;
        c->away[away] |= asked_of(x, view, away);
        begin_next(x, away);
    } else {
        on_refused(x, view);
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

static void on_decided(exchange *x, const hf_completion *done)
{
    checkout *c = of(x);
    if (done->status == 0) {
        c->repeated = c->repeated || key_is_replay(x, done);
        report(x, HF_BREAKER_SUCCESS, NULL);
        read_order(x, on_order);
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

/*
 * A key that is a text may stand for the transaction of another day. Then that transaction is used.
 */
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
        c->picked[i] = SERVICE_NONE;
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
