/*
 * bench.h - what the drivers of the benchmark share.
 *
 * A case is one driver at one number in flight over one distribution of items. Every driver does
 * the same checkout: an order with two lines, stock held and sold, a payment from an account
 * authorized and captured, one event. The hand-written loops write byte for byte the rows, keys
 * and index entries that holdfast writes for it, taken from a store that holdfast made.
 */
#ifndef HF_BENCH_H
#define HF_BENCH_H

#include <holdfast.h>
#include <stdbool.h>

#define BENCH_ITEMS      10000u
#define BENCH_WALLETS    10000u
#define BENCH_NAME_BYTES 10 /* "item-00042", "user-00042" */

/* Latencies in nanoseconds; all of them, sorted when they are asked for. */
typedef struct bench_sample {
    uint64_t *ns;
    uint32_t count;
    uint32_t capacity;
    double seconds;
} bench_sample;

typedef struct bench_case {
    const char *folder; /* empty, the case's own */
    uint32_t in_flight;
    uint32_t hot; /* 1: every checkout on one item */
    uint32_t operations;
    bench_sample *sample;
} bench_case;

/* A driver: runs a case, fills the sample, returns 0 or -1 after saying why. */
typedef int (*bench_driver)(const bench_case *c);

int bench_holdfast_lmdb(const bench_case *c);
int bench_holdfast_sqlite(const bench_case *c);
int bench_loop_journal(const bench_case *c);
int bench_loop_lmdb(const bench_case *c);
int bench_loop_sqlite(const bench_case *c);

/* One order placed by holdfast into a new store: what the loops copy. */
typedef struct bench_template {
    hf_id order;
    hf_id payment;
    char skus[2][BENCH_NAME_BYTES + 1];
    char wallet[BENCH_NAME_BYTES + 1];
    uint64_t seq; /* of its event */
} bench_template;

/* Fills a new store with items and wallets. */
int bench_fill(const char *url);

/* Places one order into a filled store and tells of it. */
int bench_place_one(const char *url, bench_template *one);

/* "item-00042". */
void bench_name(char out[BENCH_NAME_BYTES + 1], const char *prefix, uint32_t number);

/* The items and the wallet of a checkout: the same sequence for every driver. */
typedef struct bench_choice {
    uint64_t state;
    uint32_t hot;
} bench_choice;
void bench_choose(bench_choice *choice, uint32_t items[2], uint32_t *wallet);

uint64_t bench_now(void);
void bench_add(bench_sample *sample, uint64_t ns);
uint64_t bench_percentile(bench_sample *sample, double share);
int bench_path(char out[512], const char *folder, const char *name);

#endif
