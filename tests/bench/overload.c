/*
 * overload.c - ten times more orders than an engine can take.
 *
 * First as many orders as are kept in flight, then ten new ones for each that has completed,
 * refused or not: goodput is the rate of orders acknowledged, as a share of the first. Every order
 * that is acknowledged is fulfilled at once, and every 16th time a bank reports a payment; these
 * are never to be refused. At the end the store is opened again: every acknowledged order is there,
 * fulfilled, and hf_verify finds nothing.
 *
 * bench_overload [--adaptive] [--seconds S] [--in-flight N] [STORE-URL] (default: memory:)
 * --adaptive: with HF_ADMISSION_ADAPTIVE, whose peak is that of the cap, not of N in flight.
 * Exit code 1: an acknowledged order is lost, something else than new work was refused, the memory
 * grew by more than a tenth in the second half of at least 5 s, or the books are wrong. What is
 * fast is printed, and decides nothing.
 */
#include <holdfast.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TAKEN        256
#define OVERLOAD     10u
#define REPORTS      16u /* one for so many fulfilments */
#define IN_FLIGHT    4096u
#define FLAT_AFTER_S 5 /* until then buffers are used for the first time */

enum { PLACED = 1, OTHER = 2 }; /* user_data */

typedef struct phase {
    const char *name;
    uint32_t offered; /* orders for each that has completed */
    uint64_t acknowledged;
    uint64_t refused;
    double seconds;
    double refusal_ns;   /* all refusals together */
    double slowest_ns;   /* of them */
    double in_flight_ns; /* the integral of the orders in flight */
    uint64_t halfway;    /* bytes of memory after half of the time */
    uint64_t resident;   /* and at the end */
} phase;

static struct {
    struct uv_loop_s *loop;
    hf_engine *engine;
    uint32_t in_flight;
    double seconds;
    uint32_t admission;    /* hf_admission */
    uint64_t orders;       /* in flight */
    uint64_t others;       /* in flight */
    uint64_t fulfilled;    /* since the start */
    uint64_t acknowledged; /* since the start */
    uint64_t reported;
    uint64_t wronged; /* refusals of what is not new work */
} bench = {.in_flight = IN_FLIGHT, .seconds = 5};

static double now_ns(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* Bytes of memory that are no pages of files. */
static uint64_t resident(void)
{
    char line[128] = ""; /* pages: of the whole, resident, of files, ... */
    char *at = line;
    uint64_t pages[3] = {0};
    FILE *file = fopen("/proc/self/statm", "r");
    if (file != NULL && fgets(line, sizeof(line), file) != NULL)
        for (int i = 0; i < 3; i++)
            pages[i] = strtoull(at, &at, 10);
    if (file != NULL)
        (void)fclose(file);
    return (pages[1] - pages[2]) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void check(const char *what, int error, const char *detail)
{
    if (error == 0)
        return;
    (void)fprintf(stderr, "%s: %s: %s\n", what, hf_error_name(error), detail);
    exit(EXIT_FAILURE);
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
    options.admission = bench.admission;
    check("loop", hf_loop_create(&bench.loop), "");
    check(url, hf_engine_open(bench.loop, &options, &bench.engine), detail);
}

static void close_store(void)
{
    check("close", hf_run_close(bench.engine), "");
    (void)hf_loop_destroy(bench.loop);
}

static void fill_store(void)
{
    hf_account_put_args put;
    hf_completion done;
    hf_item_put_init(&put, "tea");
    put.opening = INT64_C(1000000000000);
    check("tea", hf_run(bench.engine, HF_OP_ITEM_PUT, &put, &done), done.detail);
    hf_unit_put_args unit;
    hf_unit_put_init(&unit, "EUR", 2);
    check("EUR", hf_run(bench.engine, HF_OP_UNIT_PUT, &unit, &done), done.detail);
}

/* ---- Submitting ------------------------------------------------------------------------------ */

/* What is not new work: it is refused at most when the program has a fault. */
static void submit_other(const hf_op *op)
{
    const int error = hf_submit(bench.engine, op, 1, NULL);
    if (error == 1)
        bench.others++;
    else
        bench.wronged++;
}

static void report(void)
{
    hf_payment_report_args args;
    char message[32];
    (void)snprintf(message, sizeof(message), "entry %llu", (unsigned long long)bench.reported++);
    hf_payment_report_init(&args);
    args.provider = "bank";
    args.fact_ref = message;
    args.unit = "EUR";
    args.kind = HF_FACT_CAPTURED;
    args.amount = 100;
    submit_other(&(hf_op){.type = HF_OP_PAYMENT_REPORT, .args = &args, .user_data = OTHER});
}

static void fulfil(const hf_id *order)
{
    hf_order_units_args args;
    hf_order_units_init(&args, order);
    submit_other(&(hf_op){.type = HF_OP_ORDER_FULFIL, .args = &args, .user_data = OTHER});
    if (bench.acknowledged % REPORTS == 0)
        report();
}

static void place(phase *now)
{
    hf_order_place_args args;
    hf_line_args line;
    hf_order_place_init(&args, "EUR");
    hf_line_init(&line, "tea", 1, 0);
    line.settle_on = HF_SETTLE_FULFIL;
    args.lines = &line;
    args.line_count = 1;
    const hf_op op = {.type = HF_OP_ORDER_PLACE, .args = &args, .user_data = PLACED};
    const double start = now_ns();
    const int error = hf_submit(bench.engine, &op, 1, NULL);
    if (error == 1) {
        bench.orders++;
        return;
    }
    const double ns = now_ns() - start;
    check("order_place", error == HF_E_OVERLOADED ? 0 : error, hf_engine_detail(bench.engine));
    now->refused++;
    now->refusal_ns += ns;
    now->slowest_ns = ns > now->slowest_ns ? ns : now->slowest_ns;
}

/* Takes what has completed; *placed: the orders of it. False: nothing has. */
static bool take(phase *now, uint64_t *placed)
{
    static hf_completion done[TAKEN];
    const int count = hf_completions(bench.engine, done, TAKEN);
    *placed = 0;
    for (int i = 0; i < count; i++) {
        check("operation", done[i].status, done[i].detail);
        if (done[i].user_data == OTHER) {
            bench.others--;
            bench.fulfilled += done[i].type == HF_OP_ORDER_FULFIL;
            continue;
        }
        ++*placed;
        bench.orders--;
        bench.acknowledged++;
        now->acknowledged++;
        fulfil(&done[i].id);
    }
    return count > 0;
}

static void run(phase *now)
{
    const double start = now_ns();
    const double end = start + bench.seconds * 1e9;
    double at = start;
    double before = start;
    uint64_t placed;
    while (at < end) {
        now->in_flight_ns += (double)bench.orders * (at - before);
        before = at;
        while (bench.orders < bench.in_flight && now->refused == 0)
            place(now);
        (void)hf_loop_run_once(bench.loop, 1);
        if (now->halfway == 0 && now_ns() > (start + end) / 2)
            now->halfway = resident();
        while (take(now, &placed))
            for (uint64_t i = 0; i < placed * now->offered; i++)
                place(now);
        at = now_ns();
    }
    now->seconds = (now_ns() - start) / 1e9;
    now->resident = resident();
    while (bench.orders + bench.others != 0) {
        (void)hf_loop_run_once(bench.loop, 1);
        while (take(now, &placed))
            continue;
    }
}

/* ---- The end --------------------------------------------------------------------------------- */

static void show(const phase *now)
{
    (void)printf("%-12s %10.0f %10.2f %12llu %12.0f %12.3f %10llu\n", now->name,
                 (double)now->acknowledged / now->seconds,
                 now->in_flight_ns / (double)now->acknowledged / 1e6,
                 (unsigned long long)now->refused,
                 now->refused == 0 ? 0 : now->refusal_ns / (double)now->refused,
                 now->slowest_ns / 1e6, (unsigned long long)(now->resident >> 20));
}

/* Orders of the store that are fulfilled; ones that are not end the program. */
static uint64_t count_orders(void)
{
    hf_order_list_args args;
    hf_completion done;
    uint64_t count = 0;
    hf_order_list_init(&args);
    args.limit = 256;
    for (uint32_t found = args.limit; found == args.limit;) {
        check("orders", hf_run(bench.engine, HF_OP_ORDER_LIST, &args, &done), done.detail);
        const hf_order_page *page = done.result;
        found = page->count;
        for (uint32_t i = 0; i < found; i++)
            count += page->rows[i]->state == HF_ORDER_CLOSED;
        if (found != 0)
            args.after = page->rows[found - 1]->id;
    }
    return count;
}

static bool is_right(const char *url)
{
    close_store();
    if (strncmp(url, "memory:", 7) == 0)
        return bench.fulfilled == bench.acknowledged;
    open_store(url);
    hf_verify_result verified = {.size = sizeof(verified)};
    check("verify", hf_run_verify(bench.engine, &verified), "");
    const uint64_t found = count_orders();
    (void)printf("acknowledged %llu, found %llu fulfilled, verify: %llu findings\n",
                 (unsigned long long)bench.acknowledged, (unsigned long long)found,
                 (unsigned long long)verified.findings_total);
    const bool right = found == bench.acknowledged && verified.findings_total == 0;
    close_store();
    return right;
}

static const char *read_options(int argc, char **argv)
{
    const char *url = "memory:";
    for (int i = 1; i < argc; i++) {
        const bool value = i + 1 < argc;
        if (strcmp(argv[i], "--adaptive") == 0)
            bench.admission = HF_ADMISSION_ADAPTIVE;
        else if (value && strcmp(argv[i], "--seconds") == 0)
            bench.seconds = strtod(argv[++i], NULL);
        else if (value && strcmp(argv[i], "--in-flight") == 0)
            bench.in_flight = (uint32_t)strtoul(argv[++i], NULL, 10);
        else if (argv[i][0] != '-')
            url = argv[i];
        else
            return NULL;
    }
    return bench.seconds > 0 && bench.in_flight >= 1 && bench.in_flight <= IN_FLIGHT ? url : NULL;
}

int main(int argc, char **argv)
{
    phase peak = {.name = "peak", .offered = 1};
    phase over = {.name = "ten times", .offered = OVERLOAD};
    const char *url = read_options(argc, argv);
    if (url == NULL) {
        (void)fprintf(stderr,
                      "usage: bench_overload [--adaptive] [--seconds S] [--in-flight 1..%u] "
                      "[STORE-URL]\n",
                      IN_FLIGHT);
        return 2;
    }
    open_store(url);
    fill_store();
    run(&peak);
    run(&over);
    (void)printf("orders on %s, each fulfilled\n%-12s %10s %10s %12s %12s %12s %10s\n", url, "load",
                 "orders/s", "ms each", "refused", "ns each", "slowest ms", "MiB");
    show(&peak);
    show(&over);
    (void)printf("goodput %.2f of the peak; refused of what is not new work: %llu\n",
                 (double)over.acknowledged / over.seconds /
                     ((double)peak.acknowledged / peak.seconds),
                 (unsigned long long)bench.wronged);
    const bool in_memory = strncmp(url, "memory:", 7) == 0; /* so are the records */
    const bool flat = in_memory || bench.seconds < FLAT_AFTER_S ||
                      over.resident <= over.halfway + over.halfway / 10;
    if (!flat)
        (void)printf("the memory grew\n");
    return is_right(url) && bench.wronged == 0 && flat ? 0 : 1;
}
