/*
 * baseline.h - what the baselines share: which rows an order writes, and who is next.
 *
 * The entries of each durable step are taken from an LMDB store that holdfast made: what it has
 * otherwise after the step. A loop writes them again with the ids, names and event numbers of the
 * next order. It is driven as holdfast is: by one thread, so many orders in flight, which here is
 * so many in one commit.
 */
#ifndef HF_BENCH_BASELINE_H
#define HF_BENCH_BASELINE_H

#include "bench.h"
#include "replay_lmdb.h"
#include "template.h"

#define BASELINE_IN_FLIGHT_MAX 16384u

/* What differs between two orders. */
enum {
    BASELINE_ORDER,
    BASELINE_PAYMENT,
    BASELINE_SKU_A,
    BASELINE_SKU_B,
    BASELINE_WALLET,
    BASELINE_SEQ
};

/* One order in flight. */
typedef struct baseline_order {
    uint64_t number;
    uint32_t items[2];
    uint32_t wallet;
    uint32_t reserved;
} baseline_order;

typedef struct baseline {
    replay_phase steps[TEMPLATE_STEPS_MAX];
    bench_template one;
    replay_parts now; /* of the current order */
    uint64_t seq;     /* of its event */
    choice choice;
    uint64_t number; /* of the next order */
    uint64_t next_seq;
    baseline_order *orders; /* in flight */
    const bench_run *run;
} baseline;

/* Takes the entries of a form from prepared stores: once, before runs. */
int baseline_prepare(const char *prepared, uint32_t form);

/* Bytes of the rows that one order of a form writes, with their keys, all steps together. */
uint64_t baseline_record_bytes(uint32_t form);

/* The entries of a form, set to continue behind the template's order; NULL after saying why. */
baseline *baseline_begin(const bench_run *run);

/* Makes the parts those of an order in flight, with the next event's number. */
void baseline_take(baseline *h, uint32_t order);

/* One durable step of the first `count` orders in flight, committed together. */
typedef int (*baseline_commit)(void *context, uint32_t step, uint32_t count);

/* Runs what was begun, closed or open loop, and measures it. */
int baseline_drive(baseline *h, bench_result *out, baseline_commit commit, void *context);

#endif
