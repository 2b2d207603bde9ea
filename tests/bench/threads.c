/*
 * threads.c - submitting from other threads beside the loop's own path, on one store.
 *
 * The same deposits, the same number in flight, and completions taken by the loop's thread each
 * time. "loop" submits with hf_submit on the loop's thread; the others with hf_submit_from on one,
 * two and four threads, each of which waits until one of its operations has completed before it
 * submits the next. Rounds take turns, so that a busy machine is busy for all; printed are the
 * medians, the smallest and the largest rate, and the ratio to "loop".
 *
 * bench_threads [--seconds S] [--rounds N] [--in-flight N] [STORE-URL] (default: memory:)
 */
#include <holdfast.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WALLETS     1000
#define THREADS_MAX 4
#define ROUNDS_MAX  32
#define TAKEN       256

enum { ROWS = 4 };

/* How many threads submit; 0: the loop's. */
static const int row_threads[ROWS] = {0, 1, 2, 4};

typedef struct submitter {
    pthread_t thread;
    sem_t free; /* operations that it may begin */
    uint64_t number;
    uint64_t begun;
} submitter;

static struct {
    struct uv_loop_s *loop;
    hf_engine *engine;
    double seconds;
    int rounds;
    int in_flight;
    atomic_bool stop;
    submitter submitters[THREADS_MAX];
} bench = {.seconds = 1, .rounds = 5, .in_flight = 1024};

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void check(const char *what, int error, const char *detail)
{
    if (error == 0)
        return;
    (void)fprintf(stderr, "%s: %s: %s\n", what, hf_error_name(error), detail);
    exit(EXIT_FAILURE);
}

static void name_of(char name[16], uint64_t number)
{
    (void)snprintf(name, 16, "user%u", (unsigned)(number % WALLETS));
}

static void make_deposit(hf_move_args *move, const char *name)
{
    hf_move_init(move);
    move->to = hf_key_of(HF_KIND_MONEY, name, "", "EUR");
    move->amount = 1;
}

/* ---- The store ------------------------------------------------------------------------------- */

static void open_store(const char *url)
{
    char detail[480] = "";
    hf_options options;
    hf_options_init(&options);
    options.store = url;
    options.error = detail;
    options.error_bytes = sizeof(detail);
    check("loop", hf_loop_create(&bench.loop), "");
    check(url, hf_engine_open(bench.loop, &options, &bench.engine), detail);
    for (uint64_t i = 0; i < WALLETS; i++) {
        char name[16];
        hf_account_put_args put;
        hf_completion done;
        name_of(name, i);
        hf_account_put_init(&put, HF_KIND_MONEY, name, "EUR");
        put.mode = HF_PUT_OPEN_IF_ABSENT;
        put.unit_scale = 2;
        check(name, hf_run(bench.engine, HF_OP_ACCOUNT_PUT, &put, &done), done.detail);
    }
}

static void close_store(void)
{
    check("close", hf_run_close(bench.engine), "");
    (void)hf_loop_destroy(bench.loop);
}

/* ---- Submitting ------------------------------------------------------------------------------ */

static void *submit(void *data)
{
    submitter *me = data;
    for (uint64_t i = me->number;; i += THREADS_MAX) {
        char name[16];
        hf_move_args move;
        while (sem_wait(&me->free) != 0)
            continue;
        if (atomic_load_explicit(&bench.stop, memory_order_relaxed))
            return NULL;
        name_of(name, i);
        make_deposit(&move, name);
        const hf_op op = {.type = HF_OP_ACCOUNT_DEPOSIT, .args = &move, .user_data = me->number};
        int error = hf_submit_from(bench.engine, &op, 1, NULL, NULL, 0);
        check("hf_submit_from", error == 1 ? 0 : error, "");
        me->begun++;
    }
}

static uint64_t submit_here(uint64_t count, uint64_t *next)
{
    for (uint64_t i = 0; i < count; i++) {
        char name[16];
        hf_move_args move;
        name_of(name, (*next)++);
        make_deposit(&move, name);
        const hf_op op = {.type = HF_OP_ACCOUNT_DEPOSIT, .args = &move};
        int error = hf_submit(bench.engine, &op, 1, NULL);
        check("hf_submit", error == 1 ? 0 : error, hf_engine_detail(bench.engine));
    }
    return count;
}

/* Takes what has completed; threads may begin as many again. */
static uint64_t take(bool threads)
{
    static hf_completion done[TAKEN];
    int count = hf_completions(bench.engine, done, TAKEN);
    for (int i = 0; i < count; i++) {
        check("deposit", done[i].status, done[i].detail);
        if (threads)
            (void)sem_post(&bench.submitters[done[i].user_data].free);
    }
    return count < 0 ? 0 : (uint64_t)count;
}

static uint64_t run_here(double until)
{
    uint64_t next = 0;
    uint64_t begun = submit_here((uint64_t)bench.in_flight, &next);
    uint64_t taken = 0;
    while (taken < begun) {
        (void)hf_loop_run_once(bench.loop, 1);
        for (uint64_t count = take(false); count != 0; count = take(false)) {
            taken += count;
            if (now() < until)
                begun += submit_here(count, &next);
        }
    }
    return taken;
}

static uint64_t run_threads(int threads, double until)
{
    atomic_store(&bench.stop, false);
    for (int i = 0; i < threads; i++) {
        submitter *one = &bench.submitters[i];
        one->number = (uint64_t)i;
        one->begun = 0;
        (void)sem_init(&one->free, 0, (unsigned)(bench.in_flight / threads));
        check("thread", pthread_create(&one->thread, NULL, submit, one), "");
    }
    uint64_t taken = 0;
    while (now() < until) {
        (void)hf_loop_run_once(bench.loop, 1);
        for (uint64_t count = take(true); count != 0; count = take(true))
            taken += count;
    }
    atomic_store(&bench.stop, true);
    uint64_t begun = 0;
    for (int i = 0; i < threads; i++) {
        (void)sem_post(&bench.submitters[i].free);
        (void)pthread_join(bench.submitters[i].thread, NULL);
        begun += bench.submitters[i].begun;
    }
    for (uint64_t count = 0; taken < begun; taken += count)
        while ((count = take(false)) == 0)
            (void)hf_loop_run_once(bench.loop, 1);
    for (int i = 0; i < threads; i++)
        (void)sem_destroy(&bench.submitters[i].free);
    return taken;
}

/* ---- Rounds ---------------------------------------------------------------------------------- */

static double run_row(int row)
{
    double start = now();
    double until = start + bench.seconds;
    uint64_t done = row_threads[row] == 0 ? run_here(until) : run_threads(row_threads[row], until);
    return (double)done / (now() - start);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_rows(double rates[ROWS][ROUNDS_MAX])
{
    double base = 0;
    (void)printf("%-24s %10s %10s %10s %8s\n", "submitted by", "median/s", "least", "most",
                 "ratio");
    for (int row = 0; row < ROWS; row++) {
        char name[32] = "the loop's thread";
        qsort(rates[row], (size_t)bench.rounds, sizeof(double), compare);
        double median = rates[row][bench.rounds / 2];
        if (row == 0)
            base = median;
        else
            (void)snprintf(name, sizeof(name), "%d other thread%s", row_threads[row],
                           row_threads[row] == 1 ? "" : "s");
        (void)printf("%-24s %10.0f %10.0f %10.0f %8.2f\n", name, median, rates[row][0],
                     rates[row][bench.rounds - 1], base > 0 ? median / base : 0);
    }
}

static const char *read_options(int argc, char **argv)
{
    const char *url = "memory:";
    for (int i = 1; i < argc; i++) {
        bool value = i + 1 < argc;
        if (value && strcmp(argv[i], "--seconds") == 0)
            bench.seconds = strtod(argv[++i], NULL);
        else if (value && strcmp(argv[i], "--rounds") == 0)
            bench.rounds = (int)strtol(argv[++i], NULL, 10);
        else if (value && strcmp(argv[i], "--in-flight") == 0)
            bench.in_flight = (int)strtol(argv[++i], NULL, 10);
        else if (argv[i][0] != '-')
            url = argv[i];
        else
            return NULL;
    }
    bool good = bench.seconds > 0 && bench.rounds >= 1 && bench.rounds <= ROUNDS_MAX &&
                bench.in_flight >= THREADS_MAX && bench.in_flight <= 8192;
    return good ? url : NULL;
}

int main(int argc, char **argv)
{
    static double rates[ROWS][ROUNDS_MAX];
    const char *url = read_options(argc, argv);
    if (url == NULL) {
        (void)fprintf(stderr,
                      "usage: bench_threads [--seconds S] [--rounds 1..%d] "
                      "[--in-flight %d..8192] [STORE-URL]\n",
                      ROUNDS_MAX, THREADS_MAX);
        return 2;
    }
    open_store(url);
    for (int round = 0; round < bench.rounds; round++)
        for (int row = 0; row < ROWS; row++)
            rates[row][round] = run_row(row);
    (void)printf("deposits into %d wallets, %d in flight, on %s\n", WALLETS, bench.in_flight, url);
    print_rows(rates);
    close_store();
    return 0;
}
