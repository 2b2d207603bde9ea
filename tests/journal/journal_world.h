/*
 * A journal in a world that breaks: a disk that forgets what was not flushed, a store that crashes
 * in the middle of a checkpoint, and a history of what every batch made of some rows.
 *
 *     world_open(); world_batch(); ...; world_crash(); world_open(); world_judge();
 */
#ifndef HF_TESTS_JOURNAL_WORLD_H
#define HF_TESTS_JOURNAL_WORLD_H

#include "journal/state.h"
#include "support/disk.h"
#include "support/fault.h"
#include "support/random.h"

#include <stdbool.h>

#define WORLD_KEYS    48u
#define WORLD_BATCHES 600u

/* Broken on purpose, to see that it is found out. */
typedef enum world_control {
    WORLD_SOUND = 0,
    WORLD_NO_SYNC,     /* flushes do nothing: acknowledged before it is on disk */
    WORLD_MARK_FIRST,  /* the store takes the batch's number before its rows */
    WORLD_EARLY_REUSE, /* segments are used again though the store lacks what is in them */
    WORLD_CONTROLS,
} world_control;

typedef struct world {
    uint64_t seed;
    hf_test_random random;
    world_control control;
    hf_env env;
    hf__fault fault;
    hf_store_driver inner; /* the fault's, broken when the control asks for it */
    hf__journal *journal;
    hf_store_error error;
    hf_store_caller caller;
    uint64_t acked; /* the last batch that was acknowledged */
    uint64_t tried; /* the last one that was asked for */
    uint32_t crashes;
    uint32_t kills;
    uint32_t batches;
    uint32_t checkpoints;
    uint32_t replayed;       /* opens that found something in the journal */
    char broken[300];        /* what was found; empty: nothing */
    int64_t now[WORLD_KEYS]; /* 0: no row */
    int64_t history[WORLD_BATCHES][WORLD_KEYS];
} world;

extern world the_world;

void world_init(uint64_t seed, world_control control);
void world_fini(void);

/* Opens the journal; 0 or HF_E_*. */
int world_open(void);
void world_close(void);

/* One batch of random changes: 0 or HF_E_*. */
int world_batch(void);

/* Nothing is closed in good order: the power fails, or only the process is killed. */
void world_crash(bool power);

/* True when the store has crashed: nothing more can be done before world_crash. */
bool world_is_hurt(void);

/*
 * Compares what is there with the history: the last acknowledged batch, or the one that was asked
 * for when the crash came. False: the store has crashed meanwhile, and nothing was compared.
 */
bool world_judge(void);

#endif
