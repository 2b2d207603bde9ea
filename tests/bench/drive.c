/*
 * drive.c - the checkout through holdfast: one loop, one thread of the host's, a fixed number of
 * orders in flight; each callback places the next one.
 */
#include "bench.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#define IN_FLIGHT_MAX 4096u
#define OPENING       INT64_C(1000000000000)

typedef struct slot {
    hf_req req; /* first: a callback finds its slot by it */
    uint64_t started;
    struct driver *driver;
} slot;

typedef struct driver {
    uv_loop_t loop;
    hf_engine *engine;
    const bench_case *c;
    bench_choice choice;
    slot *slots;
    uint32_t started;
    uint32_t done;
    int failed;
    bench_template *one;
} driver;

static int complain(driver *d, const char *what, int error, const char *detail)
{
    if (!d->failed)
        (void)fprintf(stderr, "%s: %s (%s)\n", what, hf_error_name(error), detail);
    d->failed = 1;
    return -1;
}

static int open_engine(driver *d, const char *url)
{
    char detail[256] = "";
    hf_options options;
    hf_options_init(&options);
    options.store = url;
    options.error = detail;
    options.error_bytes = sizeof(detail);
    if (uv_loop_init(&d->loop) != 0)
        return -1;
    int error = hf_engine_open(&d->loop, &options, &d->engine);
    return error == 0 ? 0 : complain(d, "open", error, detail);
}

static void close_engine(driver *d)
{
    if (d->engine != NULL)
        (void)hf_engine_close(d->engine, NULL, NULL);
    (void)uv_run(&d->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&d->loop);
}

static void place(driver *d, slot *s);

static void placed(hf_req *req, const hf_completion *done)
{
    slot *s = (slot *)(void *)req;
    driver *d = s->driver;
    bench_add(d->c->sample, bench_now() - s->started);
    if (done->status != 0)
        (void)complain(d, "order", done->status, done->detail);
    d->done++;
    if (d->started < d->c->operations && !d->failed)
        place(d, s);
    else if (d->done == d->started)
        uv_stop(&d->loop);
}

static int submit(driver *d, hf_req *req, const char *const skus[2], const char *wallet,
                  hf_done_cb cb)
{
    hf_line_args lines[2];
    hf_payment_args payment;
    hf_order_place_args order;
    hf_line_init(&lines[0], skus[0], 1, 450);
    hf_line_init(&lines[1], skus[1], 2, 1200);
    hf_payment_init(&payment, wallet, "EUR", 2850);
    hf_order_place_init(&order, "EUR");
    order.customer = wallet;
    order.lines = lines;
    order.line_count = 2;
    order.payments = &payment;
    order.payment_count = 1;
    order.total = 2850;
    return hf_order_place(d->engine, req, &order, cb);
}

static void place(driver *d, slot *s)
{
    uint32_t items[2];
    uint32_t wallet;
    char names[3][BENCH_NAME_BYTES + 1];
    bench_choose(&d->choice, items, &wallet);
    bench_name(names[0], "item", items[0]);
    bench_name(names[1], "item", items[1]);
    bench_name(names[2], "user", wallet);
    s->started = bench_now();
    d->started++;
    int error = submit(d, &s->req, (const char *const[2]){names[0], names[1]}, names[2], placed);
    if (error != 0) {
        (void)complain(d, "place", error, hf_engine_detail(d->engine));
        d->done++;
    }
}

/* Filling */

static void filled(hf_req *req, const hf_completion *done)
{
    driver *d = req->data;
    if (done->status != 0)
        (void)complain(d, "fill", done->status, done->detail);
    d->done++;
}

static void put(driver *d, hf_req *req, uint32_t kind, const char *prefix, uint32_t number)
{
    char name[BENCH_NAME_BYTES + 1];
    hf_account_put_args args;
    bench_name(name, prefix, number);
    if (kind == HF_KIND_ITEM) {
        hf_item_put_init(&args, name);
    } else {
        hf_account_put_init(&args, kind, name, "EUR");
        args.unit_scale = 2;
    }
    args.opening = OPENING;
    req->data = d;
    int error = hf_account_put(d->engine, req, &args, filled);
    if (error != 0)
        (void)complain(d, "put", error, hf_engine_detail(d->engine));
}

static void placed_one(hf_req *req, const hf_completion *done)
{
    driver *d = req->data;
    if (done->status != 0) {
        (void)complain(d, "order", done->status, done->detail);
        return;
    }
    const hf_order_view *view = done->result;
    d->one->order = view->order->id;
    d->one->payment = view->payments[0]->id;
    d->one->seq = done->event_seq;
    d->done++;
}

static int place_one(driver *d)
{
    hf_req req = {.data = d};
    bench_name(d->one->skus[0], "item", 0);
    bench_name(d->one->skus[1], "item", 1);
    bench_name(d->one->wallet, "user", 0);
    d->done = 0;
    int error = submit(d, &req, (const char *const[2]){d->one->skus[0], d->one->skus[1]},
                       d->one->wallet, placed_one);
    if (error != 0)
        return complain(d, "place", error, hf_engine_detail(d->engine));
    while (d->done == 0 && !d->failed)
        (void)uv_run(&d->loop, UV_RUN_ONCE);
    return d->failed ? -1 : 0;
}

static int fill(driver *d)
{
    hf_req *reqs = calloc(4096, sizeof(*reqs));
    if (reqs == NULL)
        return -1;
    for (uint32_t first = 0; first < BENCH_ITEMS && !d->failed; first += 2048) {
        d->done = 0;
        uint32_t count = BENCH_ITEMS - first < 2048 ? BENCH_ITEMS - first : 2048;
        for (uint32_t i = 0; i < count; i++) {
            put(d, &reqs[i], HF_KIND_ITEM, "item", first + i);
            put(d, &reqs[2048 + i], HF_KIND_MONEY, "user", first + i);
        }
        while (d->done < 2 * count && !d->failed)
            (void)uv_run(&d->loop, UV_RUN_ONCE);
    }
    free(reqs);
    return d->failed ? -1 : 0;
}

int bench_fill(const char *url)
{
    driver d = {.failed = 0};
    int error = open_engine(&d, url);
    if (error == 0)
        error = fill(&d);
    close_engine(&d);
    return error;
}

int bench_place_one(const char *url, bench_template *one)
{
    driver d = {.one = one};
    int error = open_engine(&d, url);
    if (error == 0)
        error = place_one(&d);
    close_engine(&d);
    return error;
}

static int drive(const bench_case *c, const char *url)
{
    driver d = {.c = c, .choice = {.hot = c->hot}};
    d.slots = calloc(IN_FLIGHT_MAX, sizeof(slot));
    if (d.slots == NULL || bench_fill(url) != 0 || open_engine(&d, url) != 0) {
        free(d.slots);
        return -1;
    }
    uint64_t start = bench_now();
    for (uint32_t i = 0; i < c->in_flight; i++) {
        d.slots[i].driver = &d;
        place(&d, &d.slots[i]);
    }
    (void)uv_run(&d.loop, UV_RUN_DEFAULT);
    c->sample->seconds = (double)(bench_now() - start) / 1e9;
    close_engine(&d);
    free(d.slots);
    return d.failed ? -1 : 0;
}

static int drive_scheme(const bench_case *c, const char *scheme)
{
    char path[512];
    char url[600];
    if (bench_path(path, c->folder, "store") != 0)
        return -1;
    (void)snprintf(url, sizeof(url), "%s:%s", scheme, path);
    return drive(c, url);
}

int bench_holdfast_lmdb(const bench_case *c)
{
    return drive_scheme(c, "lmdb");
}

int bench_holdfast_sqlite(const bench_case *c)
{
    return drive_scheme(c, "sqlite");
}
