/*
 * backlog.c - what the engine does by itself, beside what callers want of it: holds that expire,
 * and waiting orders that are promoted.
 *
 * A backlog of holds whose deadline has passed is there when the engine opens; one of waiting
 * orders begins to move when stock comes. Slices of checkouts run beside it until an account says
 * that nothing is left, then as long again alone: the share is the ratio of the two rates. The
 * steady case places holds that expire at the rate at which they are placed, after holds without a
 * deadline for the same time. A sample of them is read again: the oldest that was still held after
 * its deadline is how far behind the engine ever was.
 */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ITEM         "bell"
#define OPENING      INT64_C(1000000000000)
#define SLOTS        2048u
#define SLICE_S      0.05
#define ALONE_MIN_S  0.5
#define DEADLINE_MS  3000 /* of a backlog that is being placed */
#define DELAY_MIN_MS 250  /* a busy machine may take so long until a hold is decided */
#define PATIENCE_S   120.0
#define SAMPLE_EVERY 64u

typedef struct slot {
    hf_req req; /* first: a callback finds its slot by it */
    struct backlog *of;
    int64_t deadline_ms;
    uint32_t number;
} slot;

/* A hold that is looked at again. */
typedef struct sample {
    hf_id hold;
    int64_t deadline_ms;
} sample;

typedef struct backlog {
    load *l;
    const bench_run *run;
    uint64_t begun;
    uint64_t ended;
    uint64_t total;
    uint64_t until_ns;
    int64_t delay_ms; /* from placing to the deadline; 0: none */
    bool steady;
    bool failed;
    hf_account account; /* as read last */
    sample *samples;
    uint64_t sampled;
    uint64_t looked;
    int64_t oldest_ms; /* that a hold was seen held after its deadline */
    hf_req look;
    bool looking;
} backlog;

static slot slots[SLOTS];

static int64_t wall_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static double cpu_s(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double since(uint64_t start_ns)
{
    return (double)(latency_now() - start_ns) / 1e9;
}

static void complain(backlog *b, const char *what, int error, const char *detail)
{
    if (!b->failed)
        (void)fprintf(stderr, "%s: %s (%s)\n", what, hf_error_name(error), detail);
    b->failed = true;
}

static void check(backlog *b, const char *what, int error)
{
    if (error != 0)
        complain(b, what, error, hf_engine_detail(load_engine(b->l)));
}

/* ---- One operation at a time ----------------------------------------------------------------- */

static void on_account(hf_req *req, const hf_completion *done)
{
    backlog *b = req->data;
    if (done->status != 0)
        complain(b, "account", done->status, done->detail);
    else
        b->account = *(const hf_account *)done->result;
    b->ended++;
}

/* Waits for the operation that was begun with `error`. */
static int wait_for(backlog *b, const char *what, int error)
{
    check(b, what, error);
    uint64_t before = b->ended;
    while (!b->failed && b->ended == before)
        load_turn(b->l);
    return b->failed ? -1 : 0;
}

static int put_item(backlog *b, int64_t opening)
{
    hf_account_put_args args;
    hf_req req = {.data = b};
    hf_item_put_init(&args, ITEM);
    args.opening = opening;
    return wait_for(b, "put", hf_item_put(load_engine(b->l), &req, &args, on_account));
}

static int read_item(backlog *b)
{
    hf_account_get_args args;
    hf_req req = {.data = b};
    hf_item_get_init(&args, ITEM);
    return wait_for(b, "get", hf_item_get(load_engine(b->l), &req, &args, on_account));
}

static int receive(backlog *b, int64_t quantity)
{
    hf_move_args args;
    hf_req req = {.data = b};
    hf_item_receive_init(&args, ITEM, quantity);
    return wait_for(b, "receive", hf_item_receive(load_engine(b->l), &req, &args, on_account));
}

/* ---- Many at once ---------------------------------------------------------------------------- */

static bool more(const backlog *b)
{
    return !b->failed && (b->total == 0 || b->begun < b->total) &&
           (b->until_ns == 0 || latency_now() < b->until_ns);
}

static int place_hold(backlog *b, slot *s, hf_done_cb cb)
{
    hf_hold_place_args args;
    hf_hold_place_init(&args);
    args.from = hf_key_of(HF_KIND_ITEM, ITEM, "", "pcs");
    args.amount = 1;
    args.deadline_ms = s->deadline_ms = b->delay_ms == 0 ? 0 : wall_ms() + b->delay_ms;
    return hf_hold_place(load_engine(b->l), &s->req, &args, cb);
}

static int place_waiting(backlog *b, slot *s, hf_done_cb cb)
{
    hf_line_args line;
    hf_order_place_args order;
    hf_line_init(&line, ITEM, 1, 0);
    line.settle_on = HF_SETTLE_FULFIL;
    hf_order_place_init(&order, "EUR");
    order.lines = &line;
    order.line_count = 1;
    order.policy = HF_ORDER_QUEUE;
    return hf_order_place(load_engine(b->l), &s->req, &order, cb);
}

static int (*const places[])(backlog *b, slot *s, hf_done_cb cb) = {
    [BACKLOG_EXPIRY] = place_hold,
    [BACKLOG_PROMOTION] = place_waiting,
};

static void look(backlog *b);

/* As long as the oldest sample has expired the next one is looked at. */
static void on_looked(hf_req *req, const hf_completion *done)
{
    backlog *b = req->data;
    b->looking = false;
    if (done->status != 0) {
        complain(b, "hold", done->status, done->detail);
        return;
    }
    const hf_hold *hold = done->result;
    int64_t late = done->at_ms - hold->deadline_ms;
    if (hold->state != HF_HOLD_HELD)
        b->looked++;
    else if (late > b->oldest_ms)
        b->oldest_ms = late;
    look(b);
}

static void look(backlog *b)
{
    hf_hold_get_args args;
    if (b->looking || b->looked == b->sampled || b->failed ||
        b->samples[b->looked].deadline_ms > wall_ms())
        return;
    hf_hold_get_init(&args, &b->samples[b->looked].hold);
    b->look = (hf_req){.data = b};
    b->looking = true;
    check(b, "look", hf_hold_get(load_engine(b->l), &b->look, &args, on_looked));
}

static void on_placed(hf_req *req, const hf_completion *done);

static void start(backlog *b, slot *s)
{
    b->begun++;
    check(b, "place", places[b->run->backlog](b, s, on_placed));
}

static void on_placed(hf_req *req, const hf_completion *done)
{
    slot *s = (slot *)(void *)req;
    backlog *b = s->of;
    if (done->status != 0)
        complain(b, "place", done->status, done->detail);
    b->ended++;
    if (b->samples != NULL && done->status == 0 && b->ended % SAMPLE_EVERY == 0) {
        const hf_hold *hold = done->result;
        b->samples[b->sampled++] = (sample){.hold = hold->id, .deadline_ms = hold->deadline_ms};
    }
    if (b->samples != NULL)
        look(b);
    if (more(b))
        start(b, s);
}

/* Places holds or orders until there are `total`, or for so many seconds. */
static int place(backlog *b, uint64_t total, double seconds)
{
    b->begun = b->ended = 0;
    b->total = total;
    b->until_ns = seconds > 0 ? latency_now() + (uint64_t)(seconds * 1e9) : 0;
    for (uint32_t i = 0; i < SLOTS && more(b); i++) {
        slots[i] = (slot){.of = b};
        start(b, &slots[i]);
    }
    while (!b->failed && (b->ended < b->begun || b->looking))
        load_turn(b->l);
    return b->failed ? -1 : 0;
}

/* ---- A backlog, and what runs beside it ------------------------------------------------------ */

static uint64_t left(const backlog *b)
{
    return b->run->backlog == BACKLOG_EXPIRY ? (uint64_t)b->account.held_out : b->account.waiting;
}

static void join(latency *to, const latency *from)
{
    to->count += from->count;
    to->max_ns = from->max_ns > to->max_ns ? from->max_ns : to->max_ns;
    for (uint32_t i = 0; i < LATENCY_SLOTS; i++)
        to->slots[i] += from->slots[i];
}

static int slice(backlog *b, load_result *sum)
{
    static load_result one;
    load_case some = b->run->load;
    some.operations = 0;
    some.seconds = SLICE_S;
    if (some.in_flight == 0)
        return 0; /* reading the account turns the loop */
    if (load_run(b->l, &some, &one) != 0)
        return -1;
    sum->operations += one.operations;
    sum->batches += one.batches;
    sum->cpu_s += one.cpu_s;
    sum->seconds += one.seconds;
    sum->resident_most = one.resident_most;
    join(&sum->latency, &one.latency);
    return 0;
}

/* How long it takes until nothing is left, with checkouts beside it; then as long without. */
static int run_beside(backlog *b, bench_result *out)
{
    static load_result alone;
    double before_s = cpu_s();
    uint64_t start_ns = latency_now();
    int error = read_item(b);
    memset(&alone, 0, sizeof(alone));
    while (error == 0 && left(b) != 0 && since(start_ns) < PATIENCE_S) {
        error = slice(b, &out->load);
        if (error == 0)
            error = read_item(b);
    }
    out->backlog_s = since(start_ns);
    out->backlog_cpu_s = b->run->load.in_flight == 0 ? cpu_s() - before_s : 0;
    out->backlog = b->run->backlog_count - left(b);
    bool beside = b->run->load.in_flight != 0;
    while (error == 0 && beside &&
           (alone.seconds < out->load.seconds || alone.seconds < ALONE_MIN_S))
        error = slice(b, &alone);
    if (alone.operations != 0)
        out->share = ((double)out->load.operations / out->load.seconds) /
                     ((double)alone.operations / alone.seconds);
    return error;
}

static void wait_until(int64_t ms)
{
    int64_t left_ms = ms - wall_ms();
    const struct timespec pause = {left_ms / 1000, left_ms % 1000 * 1000000};
    if (left_ms > 0)
        (void)nanosleep(&pause, NULL);
}

/* The deadlines pass while the store is closed. */
static int run_expiry(backlog *b, const load_options *options, bench_result *out)
{
    b->delay_ms = DEADLINE_MS;
    int error = put_item(b, OPENING);
    if (error == 0)
        error = place(b, b->run->backlog_count, 0);
    int64_t last = wall_ms() + DEADLINE_MS;
    if (load_close(b->l) != 0)
        error = -1;
    b->l = NULL;
    wait_until(last + 1);
    if (error == 0)
        b->l = load_open(options);
    return b->l == NULL || load_error(b->l)[0] != '\0' ? -1 : run_beside(b, out);
}

static int run_promotion(backlog *b, bench_result *out)
{
    int error = put_item(b, 0);
    if (error == 0)
        error = place(b, b->run->backlog_count, 0);
    if (error == 0)
        error = load_settle(b->l);
    if (error == 0)
        error = receive(b, (int64_t)b->run->backlog_count);
    return error != 0 ? error : run_beside(b, out);
}

/* ---- As many expire as are placed ------------------------------------------------------------ */

static int run_steady(backlog *b, bench_result *out)
{
    const double seconds = b->run->load.seconds;
    int error = put_item(b, OPENING);
    if (error == 0)
        error = place(b, 0, seconds); /* as a warm-up */
    uint64_t start_ns = latency_now();
    if (error == 0)
        error = place(b, 0, seconds);
    double alone = (double)b->ended / since(start_ns);
    b->delay_ms = (int64_t)(seconds * 1000 / 6);
    if (b->delay_ms < DELAY_MIN_MS)
        b->delay_ms = DELAY_MIN_MS;
    b->samples = calloc((size_t)(seconds * 1e6 / SAMPLE_EVERY) + SLOTS, sizeof(sample));
    start_ns = latency_now();
    if (error == 0 && b->samples != NULL)
        error = place(b, 0, seconds);
    out->load.operations = b->ended;
    out->load.seconds = since(start_ns);
    out->share = (double)b->ended / out->load.seconds / alone;
    out->overdue_ms = b->oldest_ms;
    free(b->samples);
    return error;
}

int bench_backlog(const bench_run *run, const load_options *options, bench_result *out)
{
    backlog b = {.run = run, .l = load_open(options)};
    if (b.l == NULL)
        return -1;
    int error = load_error(b.l)[0] == '\0' ? 0 : -1;
    if (error == 0 && run->backlog_count == 0)
        error = run_steady(&b, out);
    else if (error == 0 && run->backlog == BACKLOG_EXPIRY)
        error = run_expiry(&b, options, out);
    else if (error == 0)
        error = run_promotion(&b, out);
    if (error != 0 && b.l != NULL && load_error(b.l)[0] != '\0')
        (void)fprintf(stderr, "%s\n", load_error(b.l));
    return load_close(b.l) == 0 ? error : -1;
}
