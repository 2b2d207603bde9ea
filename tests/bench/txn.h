/*
 * txn.h - what the parts of the benchmark of transactions share.
 *
 * A case is a kind of transaction at one number in flight, run through holdfast and through the
 * baseline. The baseline writes byte for byte the rows, keys and index entries that holdfast writes
 * for it, in as many durable phases, taken from a store that holdfast made.
 */
#ifndef HF_BENCH_TXN_H
#define HF_BENCH_TXN_H

#include "bench.h"
#include <uv.h>

#define TXN_IN_FLIGHT_MAX 4096u
#define TXN_PHASES_MAX    4u
#define TXN_BRANCHES_MAX  2u

typedef struct txn_case {
    const char *folder; /* empty, the case's own */
    uint32_t kind;      /* hf_txn_kind: TCC or SAGA */
    uint32_t branches;  /* of each transaction: 0..TXN_BRANCHES_MAX; a saga runs them in turn */
    uint32_t in_flight;
    uint32_t total;
    uint32_t durability; /* hf_durability, of holdfast */
    uint32_t threads;    /* hf_options.threads, of holdfast */
} txn_case;

typedef struct txn_figures {
    double rate; /* a second */
    double commits_each;
} txn_figures;

/* Each returns 0, or -1 after saying why. */
int txn_holdfast(const txn_case *c, txn_figures *out);
int txn_baseline(const txn_case *c, txn_figures *out);

/* Leaves so many undecided, opens an engine, and prints how long it takes until all have ended. */
int txn_in_doubt(const char *folder, uint32_t total);

/* One transaction run by holdfast: what the baseline copies. */
typedef struct txn_template {
    hf_id txn;
    char wallets[2][CHOICE_NAME_BYTES + 1];
    uint64_t seq;    /* of its first event */
    uint32_t phases; /* durable ones; each writes an event, or one for each answer */
} txn_template;

/*
 * Runs one transaction in a new store of filled wallets. In the folder then lie copies of the
 * store, "phase-0" before it and one after each durable phase.
 */
int txn_run_template(const txn_case *c, txn_template *out);
int txn_copy_path(char out[512], const char *folder, uint32_t phase);

/* Two different wallets: the same sequence for both sides. */
void txn_choose(choice *of, char names[2][CHOICE_NAME_BYTES + 1]);

/* One engine and what runs on it. */
typedef struct txn_bench {
    uv_loop_t loop;
    hf_engine *engine;
    choice choice;
    uint32_t kind;
    uint32_t branches;
    uint32_t moves;
    uint32_t wait;
    uint32_t started;
    uint32_t ended;
    uint32_t total;
    uint32_t phases[4];                 /* calls of the participants */
    uint64_t tickets[TXN_BRANCHES_MAX]; /* of calls that were not answered */
    uint32_t ticket_count;
    uint64_t seq; /* of the last completion */
    hf_id txn;
    bool answers; /* the participant does */
    bool failed;
} txn_bench;

void txn_complain(txn_bench *b, const char *what, int error, const char *detail);
void txn_open(txn_bench *b, const char *url, uint32_t txns_max, uint32_t durability,
              uint32_t threads);
void txn_close(txn_bench *b);
void txn_fill(txn_bench *b);
void txn_answer(txn_bench *b, uint64_t ticket);
void txn_run(txn_bench *b, uint32_t in_flight, uint32_t total);
uint32_t txn_still_open(txn_bench *b); /* how many have not ended, of the first page */
uint64_t txn_batches(txn_bench *b);

#endif
