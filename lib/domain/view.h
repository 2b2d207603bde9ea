/*
 * view.h - what a decision may look at: rows that are already in memory.
 *
 * The core never loads anything. What a view does not hold it answers with HF__NEED after noting
 * key or range; whoever called decide loads what was noted and calls again. Rows are immutable and
 * live until the operation has been answered.
 */
#ifndef HF_DOMAIN_VIEW_H
#define HF_DOMAIN_VIEW_H

#include "base/arena.h"
#include "base/checksum.h"
#include "model/records.h"
#include "model/tables.h"

/* Beside 0 and HF_E_*: something must be loaded first. Never leaves the engine. */
#define HF__NEED 1

/* Rows of one range. */
typedef struct hf__rows {
    const void *const *rows;
    uint32_t count;
    uint32_t more; /* 1: the limit cut it off */
} hf__rows;

/* One row by its primary key, encoded once for the draft and the view alike. */
typedef struct hf__key {
    uint32_t table;
    uint32_t byte_count;
    const uint8_t *bytes; /* by hf__key_encode; lives as long as the draft */
    uint64_t hash;        /* by hf__key_hash */
    const void *row;      /* a row struct with its key set; lives for the call */
} hf__key;

/* The hash that drafts and views share. */
static inline uint64_t hf__key_hash(uint32_t table, const uint8_t *bytes, uint32_t count)
{
    return hf__hash64(bytes, count) ^ ((uint64_t)table * UINT64_C(0x9E3779B97F4A7C15));
}

typedef struct hf__view {
    /* 0 with *row (NULL: there is none), or HF__NEED. */
    int (*get)(void *context, const hf__key *key, const void **row);
    /* 0 with up to `limit` rows in order, or HF__NEED. The array lives as long as the rows. */
    int (*scan)(void *context, const hf_scan *scan, uint32_t limit, hf__rows *out);
    void *context;
} hf__view;

#endif
