/*
 * baseline.c - entries taken once for each form, and their driver.
 */
#include "baseline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define FAR 1000000u /* behind what holdfast wrote: event numbers of one length */

static baseline baselines[LOAD_FORMS];

/* ---- Entries --------------------------------------------------------------------------------- */

static void find_parts(baseline *h)
{
    const load_order *one = &h->one.order;
    replay_set(&h->now, BASELINE_ORDER, one->order.bytes, 16);
    replay_set(&h->now, BASELINE_PAYMENT, one->payment.bytes, 16);
    replay_set(&h->now, BASELINE_SKU_A, one->skus[0], CHOICE_NAME_BYTES);
    replay_set(&h->now, BASELINE_SKU_B, one->skus[1], CHOICE_NAME_BYTES);
    replay_set(&h->now, BASELINE_WALLET, one->wallet, CHOICE_NAME_BYTES);
    for (uint32_t step = 0; step < h->one.steps; step++) {
        replay_set_seq(&h->now, BASELINE_SEQ, h->one.seqs[step]);
        replay_find(&h->steps[step], &h->now);
    }
}

static int capture(baseline *h, const char *prepared, uint32_t form, uint32_t step)
{
    char paths[2][BENCH_PATH_BYTES];
    replay_store before = {.env = NULL};
    replay_store after = {.env = NULL};
    if (template_path(paths[0], prepared, "lmdb", form, template_step(step)) != 0 ||
        template_path(paths[1], prepared, "lmdb", form, template_step(step + 1)) != 0)
        return -1;
    int error = replay_open(&before, paths[0]);
    if (error == 0)
        error = replay_open(&after, paths[1]);
    if (error == 0)
        error = replay_capture(&h->steps[step], &after, &before, "");
    replay_close(&before);
    replay_close(&after);
    return error;
}

int baseline_prepare(const char *prepared, uint32_t form)
{
    baseline *h = &baselines[template_form(form)];
    if (h->one.steps != 0)
        return 0;
    int error = template_make(prepared, "lmdb", template_form(form), &h->one);
    for (uint32_t step = 0; error == 0 && step < h->one.steps; step++)
        error = capture(h, prepared, form, step);
    if (error == 0)
        find_parts(h);
    return error;
}

uint64_t baseline_record_bytes(uint32_t form)
{
    const baseline *h = &baselines[template_form(form)];
    uint64_t bytes = 1;
    for (uint32_t step = 0; step < h->one.steps; step++) {
        for (uint32_t i = 0; i < h->steps[step].count; i++) {
            const replay_entry *e = &h->steps[step].entries[i];
            if (e->is_row && e->key_patches != 0)
                bytes += e->key_bytes + e->value_bytes;
        }
    }
    return bytes;
}

/* ---- Orders ---------------------------------------------------------------------------------- */

static void choose(baseline *h, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        baseline_order *o = &h->orders[i];
        choice_next(&h->choice, o->items, &o->wallet);
        o->number = h->number++;
    }
}

baseline *baseline_begin(const bench_run *run)
{
    baseline *h = &baselines[template_form(run->load.form)];
    h->orders = calloc(BASELINE_IN_FLIGHT_MAX, sizeof(*h->orders));
    if (h->orders == NULL || h->one.steps == 0) {
        (void)fprintf(stderr, "no memory, or nothing was prepared\n");
        return NULL;
    }
    h->run = run;
    choice_init(&h->choice, run->load.spread);
    if (run->exact) /* the template's */
        choose(h, 1);
    h->number = 1;
    h->next_seq = h->one.seqs[h->one.steps - 1] + (run->exact ? 1 : FAR);
    return h;
}

void baseline_take(baseline *h, uint32_t order)
{
    const baseline_order *o = &h->orders[order];
    choice_name((char *)h->now.bytes[BASELINE_SKU_A], "item", o->items[0]);
    choice_name((char *)h->now.bytes[BASELINE_SKU_B], "item", o->items[1]);
    choice_name((char *)h->now.bytes[BASELINE_WALLET], "user", o->wallet);
    replay_set_number(&h->now, BASELINE_ORDER, o->number);
    replay_set_number(&h->now, BASELINE_PAYMENT, o->number);
    h->seq = h->next_seq++;
    replay_set_seq(&h->now, BASELINE_SEQ, h->seq);
}

/* ---- Driving --------------------------------------------------------------------------------- */

typedef struct drive {
    baseline *baseline;
    const load_case *c;
    load_result *out;
    baseline_commit commit;
    void *context;
    uint64_t start_ns;
    uint64_t until_ns;
} drive;

static uint64_t min_of(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static bool more(const drive *d)
{
    const load_case *c = d->c;
    return (c->operations == 0 || d->out->operations < c->operations) &&
           (d->until_ns == 0 || latency_now() < d->until_ns);
}

static int run_batch(drive *d, uint32_t count)
{
    int error = 0;
    choose(d->baseline, count);
    for (uint32_t step = 0; error == 0 && step < d->baseline->one.steps; step++) {
        error = d->commit(d->context, step, count);
        d->out->batches++;
    }
    d->out->operations += count;
    return error;
}

static uint32_t batch_most(const drive *d)
{
    const load_case *c = d->c;
    uint32_t per_commit = d->baseline->run->per_commit;
    uint32_t most = per_commit != 0 ? per_commit : c->in_flight;
    uint64_t left = c->operations == 0 ? most : c->operations - d->out->operations;
    return (uint32_t)min_of(min_of(most, left), BASELINE_IN_FLIGHT_MAX);
}

static int run_closed(drive *d)
{
    while (more(d)) {
        uint32_t count = batch_most(d);
        uint64_t begun = latency_now();
        if (run_batch(d, count) != 0)
            return -1;
        latency_add(&d->out->latency, latency_now() - begun, count);
    }
    return 0;
}

static void sleep_until(uint64_t ns)
{
    struct timespec at = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
    (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

/* All that were to begin by now are in one commit, each measured from when it was to begin. */
static int run_open(drive *d)
{
    double period_ns = 1e9 / d->c->rate;
    while (more(d)) {
        uint64_t first = d->out->operations;
        uint64_t first_ns = d->start_ns + (uint64_t)((double)first * period_ns);
        uint64_t now = latency_now();
        if (first_ns > now) {
            sleep_until(first_ns);
            continue;
        }
        uint64_t due = (uint64_t)((double)(now - first_ns) / period_ns) + 1;
        uint32_t count = (uint32_t)min_of(due, batch_most(d));
        if (run_batch(d, count) != 0)
            return -1;
        now = latency_now();
        for (uint32_t i = 0; i < count; i++)
            latency_add(&d->out->latency,
                        now - d->start_ns - (uint64_t)((double)(first + i) * period_ns), 1);
    }
    return 0;
}

static double cpu_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A commit and what it needs, for bench_drive_all. */
typedef struct driven {
    baseline *baseline;
    baseline_commit commit;
    void *context;
} driven;

static int drive_one(void *context, const load_case *c, load_result *out)
{
    const driven *by = context;
    struct rusage usage;
    drive d = {by->baseline, c, out, by->commit, by->context, latency_now(), 0};
    memset(out, 0, sizeof(*out));
    out->cpu_s = cpu_now();
    if (c->seconds > 0)
        d.until_ns = d.start_ns + (uint64_t)(c->seconds * 1e9);
    int error = c->rate > 0 ? run_open(&d) : run_closed(&d);
    out->seconds = (double)(latency_now() - d.start_ns) / 1e9;
    out->cpu_s = cpu_now() - out->cpu_s;
    out->resident_most = getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss * 1024 : 0;
    return error;
}

int baseline_drive(baseline *h, bench_result *out, baseline_commit commit, void *context)
{
    driven by = {h, commit, context};
    return bench_drive_all(h->run, out, drive_one, &by);
}
