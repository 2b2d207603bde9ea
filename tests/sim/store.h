/*
 * store.h - the shared store as its files see it.
 */
#ifndef HF_TESTS_SIM_STORE_H
#define HF_TESTS_SIM_STORE_H

#include "sim.h"

#include "model/records.h"

#define SIM_CHANGES 65536u

/* A row that a commit changed; as it was, to take it back. */
typedef struct sim_change {
    uint32_t table;
    uint32_t reserved;
    void *before; /* NULL: there was none */
    void *after;  /* NULL: it was removed */
} sim_change;

struct sim_store {
    void *inner;
    const hf_store_driver *driver;
    bool crashed[SIM_NODES];
    uint64_t epochs[HF_SHARDS]; /* the newest given */
    int64_t time_ms;            /* of the last commit */
    hf_store_mark flushed;
    uint32_t change_count;
    sim_change changes[SIM_CHANGES];
};

/* Rows as a write changes them; kept only where commits are not flushed. */
void sim_undo_keep(uint32_t table, const void *before, const void *after);
void sim_undo_forget(uint32_t from);

#endif
