/*
 * txn.c - transactions, durable on LMDB: money moved between two wallets, alone and together with
 * an outside participant that answers at once; and how long it takes until all of many transactions
 * that an engine left undecided have ended.
 *
 * usage: bench_txn [--folder DIR] [--in-doubt N]
 *
 * Stores lie in DIR (default: the temporary folder), which decides what a flush costs. Each figure
 * is one run; the engine tells how many commits it took.
 */
#define _XOPEN_SOURCE 700 /* nftw */
#include "bench.h"
#include <ftw.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define IN_FLIGHT_MAX 4096u
#define WALLETS       1000u
#define IN_DOUBT      100000u
#define HOUR_MS       3600000

/* One engine and what runs on it. */
typedef struct bench {
    uv_loop_t loop;
    hf_engine *engine;
    bench_sample *sample;
    bench_choice choice;
    uint32_t branches; /* of each transaction: 0 or 1 */
    uint32_t moves;
    uint32_t wait;
    uint32_t started;
    uint32_t ended;
    uint32_t total;
    uint32_t phases[4]; /* calls of the participant */
    bool answers;       /* the participant does */
    bool failed;
} bench;

typedef struct slot {
    hf_req req; /* first: a callback finds its slot by it */
    uint64_t started;
    bench *b;
} slot;

static slot slots[IN_FLIGHT_MAX];

static void complain(bench *b, const char *what, int error, const char *detail)
{
    if (!b->failed)
        (void)fprintf(stderr, "%s: %s (%s)\n", what, hf_error_name(error), detail);
    b->failed = true;
    uv_stop(&b->loop);
}

/* ---- The participant ---- */

static void on_call(void *data, const hf_call *call)
{
    bench *b = data;
    b->phases[call->phase]++;
    if (!b->answers)
        return;
    hf_call_answer answer;
    hf_call_answer_init(&answer, HF_ANSWER_OK);
    int error = hf_call_done(b->engine, call->ticket, &answer);
    if (error != 0)
        complain(b, "answer", error, hf_engine_detail(b->engine));
    if (b->total != 0 && b->wait == HF_TXN_ACCEPTED && b->phases[HF_PHASE_CONFIRM] == b->total)
        uv_stop(&b->loop);
}

static void open_engine(bench *b, const char *url, uint32_t txns_max, uint32_t durability)
{
    char detail[256] = "";
    hf_options options;
    hf_options_init(&options);
    options.store = url;
    options.durability = durability;
    options.txns_max = txns_max;
    options.error = detail;
    options.error_bytes = sizeof(detail);
    (void)uv_loop_init(&b->loop);
    int error = hf_engine_open(&b->loop, &options, &b->engine);
    if (error != 0) {
        complain(b, "open", error, detail);
        return;
    }
    hf_participant about;
    hf_participant_init(&about, "remote");
    about.attempt = about.confirm = about.cancel = on_call;
    about.data = b;
    about.in_flight_max = b->answers ? about.in_flight_max : 1u << 20;
    about.call_timeout_ms = HOUR_MS;
    error = hf_participant_register(b->engine, &about);
    if (error != 0)
        complain(b, "register", error, hf_engine_detail(b->engine));
}

static void close_engine(bench *b)
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
    bench *b = req->data;
    if (done->status != 0)
        complain(b, "fill", done->status, done->detail);
    if (++b->ended == WALLETS)
        uv_stop(&b->loop);
}

static void fill(bench *b)
{
    static hf_req reqs[WALLETS];
    b->ended = 0;
    for (uint32_t i = 0; i < WALLETS && !b->failed; i++) {
        char name[BENCH_NAME_BYTES + 1];
        hf_account_put_args args;
        bench_name(name, "user", i);
        hf_account_put_init(&args, HF_KIND_MONEY, name, "EUR");
        args.unit_scale = 2;
        args.opening = INT64_C(1000000000);
        reqs[i] = (hf_req){.data = b};
        int error = hf_account_put(b->engine, &reqs[i], &args, on_filled);
        if (error != 0)
            complain(b, "put", error, hf_engine_detail(b->engine));
    }
    if (!b->failed)
        (void)uv_run(&b->loop, UV_RUN_DEFAULT);
}

/* ---- Transactions ---- */

static void submit(slot *s);

static void on_end(hf_req *req, const hf_completion *done)
{
    slot *s = (slot *)(void *)req;
    bench *b = s->b;
    if (b->sample != NULL)
        bench_add(b->sample, bench_now() - s->started);
    if (done->status != 0)
        complain(b, "transaction", done->status, done->detail);
    b->ended++;
    if (b->started < b->total && !b->failed)
        submit(s);
    else if (b->ended == b->started)
        uv_stop(&b->loop);
}

static void submit(slot *s)
{
    bench *b = s->b;
    uint32_t chosen[2];
    uint32_t wallet;
    char names[2][BENCH_NAME_BYTES + 1];
    hf_branch_args branch;
    hf_txn_args args;
    bench_choose(&b->choice, chosen, &wallet);
    bench_name(names[0], "user", chosen[0] % WALLETS);
    bench_name(names[1], "user", (chosen[0] + 1 + chosen[1] % (WALLETS - 1)) % WALLETS);
    const hf_txn_move_args move = {
        .from = {.kind = HF_KIND_MONEY, .name = names[0], .unit = "EUR"},
        .to = {.kind = HF_KIND_MONEY, .name = names[1], .unit = "EUR"},
        .amount = 1,
    };
    hf_branch_init(&branch, "remote");
    hf_txn_init(&args);
    args.moves = &move;
    args.move_count = b->moves;
    args.branches = &branch;
    args.branch_count = b->branches;
    args.wait = b->wait;
    if (!b->answers) {
        struct timespec now;
        (void)clock_gettime(CLOCK_REALTIME, &now);
        args.deadline_ms = (int64_t)now.tv_sec * 1000 + HOUR_MS;
    }
    s->started = bench_now();
    b->started++;
    int error = hf_txn_submit(b->engine, &s->req, &args, on_end);
    if (error != 0)
        complain(b, "submit", error, hf_engine_detail(b->engine));
}

static void run(bench *b, uint32_t in_flight, uint32_t total)
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

static uint64_t batches(bench *b)
{
    hf_health_info info = {.size = sizeof(info)};
    return b->engine != NULL && hf_health(b->engine, &info) == 0 ? info.batches : 0;
}

static bool throughput(const char *url, uint32_t branches, uint32_t in_flight, uint32_t total)
{
    bench_sample sample = {.ns = calloc(total, sizeof(uint64_t)), .capacity = total};
    bench b = {.branches = branches,
               .moves = 1,
               .wait = HF_TXN_FINISHED,
               .answers = true,
               .sample = &sample};
    open_engine(&b, url, IN_FLIGHT_MAX, HF_DURABILITY_STORE);
    if (!b.failed)
        fill(&b);
    uint64_t before = batches(&b);
    uint64_t start = bench_now();
    if (!b.failed)
        run(&b, in_flight, total);
    double seconds = (double)(bench_now() - start) / 1e9;
    printf("| %s | %u | %.0f | %.2f | %.0f | %.0f |\n",
           branches == 0 ? "moves only" : "one participant", in_flight, total / seconds,
           (double)(batches(&b) - before) / total, (double)bench_percentile(&sample, 0.5) / 1000,
           (double)bench_percentile(&sample, 0.99) / 1000);
    (void)fflush(stdout);
    close_engine(&b);
    free(sample.ns);
    return !b.failed;
}

/* ---- In doubt ---- */

/* Leaves transactions whose participant was asked and has not answered. */
static bool leave(const char *url, uint32_t total)
{
    bench b = {.branches = 1, .wait = HF_TXN_ACCEPTED};
    open_engine(&b, url, 1u << 20, HF_DURABILITY_NONE);
    if (!b.failed)
        run(&b, IN_FLIGHT_MAX, total);
    close_engine(&b);
    return !b.failed;
}

static void on_listed(hf_req *req, const hf_completion *done)
{
    bench *b = req->data;
    if (done->status != 0)
        complain(b, "list", done->status, done->detail);
    else
        b->started = ((const hf_txn_page *)done->result)->count;
    b->ended = 1;
    uv_stop(&b->loop);
}

/* How many have not ended, of the first page. */
static uint32_t still_open(bench *b)
{
    hf_req req = {.data = b};
    hf_txn_list_args args;
    hf_txn_list_init(&args);
    int error = hf_txn_list(b->engine, &req, &args, on_listed);
    if (error != 0)
        complain(b, "list", error, hf_engine_detail(b->engine));
    for (b->ended = 0; b->ended == 0 && !b->failed;)
        (void)uv_run(&b->loop, UV_RUN_ONCE);
    return b->started;
}

static bool in_doubt(const char *url, uint32_t total)
{
    if (!leave(url, total))
        return false;
    bench b = {.branches = 1, .wait = HF_TXN_ACCEPTED, .answers = true, .total = total};
    uint64_t start = bench_now();
    open_engine(&b, url, IN_FLIGHT_MAX, HF_DURABILITY_STORE);
    if (!b.failed)
        (void)uv_run(&b.loop, UV_RUN_DEFAULT);
    while (!b.failed && still_open(&b) != 0)
        (void)uv_run(&b.loop, UV_RUN_NOWAIT);
    double seconds = (double)(bench_now() - start) / 1e9;
    printf("\n%u in doubt at start: all ended after %.1f s, %.0f a second, %llu commits, calls "
           "%u + %u\n",
           total, seconds, total / seconds, (unsigned long long)batches(&b), b.phases[HF_PHASE_TRY],
           b.phases[HF_PHASE_CONFIRM]);
    close_engine(&b);
    return !b.failed;
}

/* ---- The program ---- */

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

static bool in_folder(const char *folder, uint32_t run_no, uint32_t total)
{
    static const struct {
        uint32_t branches;
        uint32_t in_flight;
        uint32_t total;
    } runs[] = {{0, 1, 3000}, {0, 64, 60000}, {1, 1, 1000}, {1, 64, 20000}};
    char path[256];
    char url[300];
    (void)snprintf(path, sizeof(path), "%s/holdfast-txn-XXXXXX", folder);
    if (mkdtemp(path) == NULL)
        return false;
    (void)snprintf(url, sizeof(url), "lmdb:%s/store.mdb", path);
    bool well = run_no < 4 ? throughput(url, runs[run_no].branches, runs[run_no].in_flight,
                                        runs[run_no].total)
                           : in_doubt(url, total);
    return nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0 && well;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"folder", required_argument, NULL, 'f'},
        {"in-doubt", required_argument, NULL, 'n'},
        {NULL, 0, NULL, 0},
    };
    const char *folder = getenv("TMPDIR");
    uint32_t total = IN_DOUBT;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'f')
            folder = optarg;
        else if (option == 'n')
            total = (uint32_t)strtoul(optarg, NULL, 10);
        else
            return 2;
    }
    bool well = true;
    printf("transactions on LMDB, durable\n\n"
           "| transaction | in flight | a second | commits each | p50 us | p99 us |\n"
           "|---|---|---|---|---|---|\n");
    for (uint32_t i = 0; i < 5 && well; i++)
        well = in_folder(folder == NULL ? "/tmp" : folder, i, total);
    return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
