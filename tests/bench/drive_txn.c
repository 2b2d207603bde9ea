/*
 * drive_txn.c - transactions through holdfast: one loop, an outside participant on it that answers
 * at once, a fixed number in flight; each callback submits the next one.
 */
#include "txn.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

#define WALLETS 1000u
#define HOUR_MS 3600000

typedef struct slot {
    hf_req req; /* first: a callback finds its slot by it */
    txn_bench *b;
} slot;

static slot slots[TXN_IN_FLIGHT_MAX];

void txn_complain(txn_bench *b, const char *what, int error, const char *detail)
{
    if (!b->failed)
        (void)fprintf(stderr, "%s: %s (%s)\n", what, hf_error_name(error), detail);
    b->failed = true;
    uv_stop(&b->loop);
}

/* ---- The participant ---- */

void txn_answer(txn_bench *b, uint64_t ticket)
{
    hf_call_answer answer;
    hf_call_answer_init(&answer, HF_ANSWER_OK);
    int error = hf_call_done(b->engine, ticket, &answer);
    if (error != 0)
        txn_complain(b, "answer", error, hf_engine_detail(b->engine));
}

static void on_call(void *data, const hf_call *call)
{
    txn_bench *b = data;
    b->phases[call->phase]++;
    if (!b->answers) {
        if (b->ticket_count < TXN_BRANCHES_MAX)
            b->tickets[b->ticket_count++] = call->ticket;
        return;
    }
    txn_answer(b, call->ticket);
    if (b->total != 0 && b->wait == HF_TXN_ACCEPTED && b->phases[HF_PHASE_CONFIRM] == b->total)
        uv_stop(&b->loop);
}

/* A participant has the number of its branch. */
static const char *const participants[TXN_BRANCHES_MAX] = {"remote", "remote-2"};

static void add_participant(txn_bench *b, const char *name)
{
    hf_participant about;
    hf_participant_init(&about, name);
    about.attempt = about.confirm = about.cancel = on_call;
    about.data = b;
    about.in_flight_max = b->answers ? about.in_flight_max : 1u << 20;
    about.call_timeout_ms = HOUR_MS;
    int error = hf_participant_register(b->engine, &about);
    if (error != 0)
        txn_complain(b, "register", error, hf_engine_detail(b->engine));
}

void txn_open(txn_bench *b, const char *url, uint32_t txns_max, uint32_t durability,
              uint32_t threads)
{
    char detail[256] = "";
    hf_options options;
    hf_options_init(&options);
    options.store = url;
    options.durability = durability;
    options.threads = threads;
    options.txns_max = txns_max;
    options.error = detail;
    options.error_bytes = sizeof(detail);
    choice_init(&b->choice, CHOICE_UNIFORM);
    (void)uv_loop_init(&b->loop);
    int error = hf_engine_open(&b->loop, &options, &b->engine);
    if (error != 0) {
        txn_complain(b, "open", error, detail);
        return;
    }
    for (uint32_t i = 0; i < TXN_BRANCHES_MAX && !b->failed; i++)
        add_participant(b, participants[i]);
}

void txn_close(txn_bench *b)
{
    if (b->engine != NULL)
        (void)hf_engine_close(b->engine, NULL, NULL);
    (void)uv_run(&b->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&b->loop);
    b->engine = NULL;
}

/* ---- Wallets ---- */

static void on_filled(hf_req *req, const hf_completion *done)
{
    txn_bench *b = req->data;
    if (done->status != 0)
        txn_complain(b, "fill", done->status, done->detail);
    if (++b->ended == WALLETS)
        uv_stop(&b->loop);
}

void txn_fill(txn_bench *b)
{
    static hf_req reqs[WALLETS];
    b->ended = 0;
    for (uint32_t i = 0; i < WALLETS && !b->failed; i++) {
        char name[CHOICE_NAME_BYTES + 1];
        hf_account_put_args args;
        choice_name(name, "user", i);
        hf_account_put_init(&args, HF_KIND_MONEY, name, "EUR");
        args.unit_scale = 2;
        args.opening = INT64_C(1000000000);
        reqs[i] = (hf_req){.data = b};
        int error = hf_account_put(b->engine, &reqs[i], &args, on_filled);
        if (error != 0)
            txn_complain(b, "put", error, hf_engine_detail(b->engine));
    }
    if (!b->failed)
        (void)uv_run(&b->loop, UV_RUN_DEFAULT);
}

void txn_choose(choice *of, char names[2][CHOICE_NAME_BYTES + 1])
{
    uint32_t chosen[2];
    uint32_t wallet;
    choice_next(of, chosen, &wallet);
    choice_name(names[0], "user", chosen[0] % WALLETS);
    choice_name(names[1], "user", (chosen[0] + 1 + chosen[1] % (WALLETS - 1)) % WALLETS);
}

/* ---- Transactions ---- */

static void submit(slot *s);

static void on_end(hf_req *req, const hf_completion *done)
{
    slot *s = (slot *)(void *)req;
    txn_bench *b = s->b;
    if (done->status != 0) {
        txn_complain(b, "transaction", done->status, done->detail);
    } else {
        b->seq = done->event_seq;
        b->txn = ((const hf_txn_view *)done->result)->txn->id;
    }
    b->ended++;
    if (b->started < b->total && !b->failed)
        submit(s);
    else if (b->ended == b->started)
        uv_stop(&b->loop);
}

static void submit(slot *s)
{
    txn_bench *b = s->b;
    char names[2][CHOICE_NAME_BYTES + 1];
    hf_branch_args branches[TXN_BRANCHES_MAX];
    hf_txn_args args;
    txn_choose(&b->choice, names);
    const hf_txn_move_args move = {
        .from = {.kind = HF_KIND_MONEY, .name = names[0], .unit = "EUR"},
        .to = {.kind = HF_KIND_MONEY, .name = names[1], .unit = "EUR"},
        .amount = 1,
    };
    for (uint32_t i = 0; i < b->branches && i < TXN_BRANCHES_MAX; i++) {
        hf_branch_init(&branches[i], participants[i]);
        branches[i].group = b->kind == HF_TXN_SAGA ? i : 0;
    }
    hf_txn_init(&args);
    args.kind = b->kind;
    args.moves = &move;
    args.move_count = b->moves;
    args.branches = branches;
    args.branch_count = b->branches;
    args.wait = b->wait;
    if (!b->answers) {
        struct timespec now;
        (void)clock_gettime(CLOCK_REALTIME, &now);
        args.deadline_ms = (int64_t)now.tv_sec * 1000 + HOUR_MS;
    }
    b->started++;
    int error = hf_txn_submit(b->engine, &s->req, &args, on_end);
    if (error != 0)
        txn_complain(b, "submit", error, hf_engine_detail(b->engine));
}

void txn_run(txn_bench *b, uint32_t in_flight, uint32_t total)
{
    b->started = 0;
    b->ended = 0;
    b->total = total;
    for (uint32_t i = 0; i < in_flight && i < total && !b->failed; i++) {
        slots[i] = (slot){.b = b};
        submit(&slots[i]);
    }
    if (!b->failed)
        (void)uv_run(&b->loop, UV_RUN_DEFAULT);
}

static void on_listed(hf_req *req, const hf_completion *done)
{
    txn_bench *b = req->data;
    if (done->status != 0)
        txn_complain(b, "list", done->status, done->detail);
    else
        b->started = ((const hf_txn_page *)done->result)->count;
    b->ended = 1;
    uv_stop(&b->loop);
}

uint32_t txn_still_open(txn_bench *b)
{
    hf_req req = {.data = b};
    hf_txn_list_args args;
    hf_txn_list_init(&args);
    int error = hf_txn_list(b->engine, &req, &args, on_listed);
    if (error != 0)
        txn_complain(b, "list", error, hf_engine_detail(b->engine));
    for (b->ended = 0; b->ended == 0 && !b->failed;)
        (void)uv_run(&b->loop, UV_RUN_ONCE);
    return b->started;
}

uint64_t txn_batches(txn_bench *b)
{
    hf_health_info info = {.size = sizeof(info)};
    return b->engine != NULL && hf_health(b->engine, &info) == 0 ? info.batches : 0;
}

int txn_holdfast(const txn_case *c, txn_figures *out)
{
    txn_bench b = {.kind = c->kind,
                   .branches = c->branches,
                   .moves = 1,
                   .wait = HF_TXN_FINISHED,
                   .answers = true};
    char url[600];
    (void)snprintf(url, sizeof(url), "lmdb:%s/store", c->folder);
    txn_open(&b, url, TXN_IN_FLIGHT_MAX, c->durability, c->threads);
    if (!b.failed)
        txn_fill(&b);
    uint64_t before = txn_batches(&b);
    uint64_t start = latency_now();
    if (!b.failed)
        txn_run(&b, c->in_flight, c->total);
    out->rate = c->total / ((double)(latency_now() - start) / 1e9);
    out->commits_each = (double)(txn_batches(&b) - before) / c->total;
    txn_close(&b);
    return b.failed ? -1 : 0;
}
