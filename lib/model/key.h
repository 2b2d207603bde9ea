/*
 * key.h - one row named by its primary key, encoded and hashed once for all modules; and such keys
 * in the order of their table.
 */
#ifndef HF_MODEL_KEY_H
#define HF_MODEL_KEY_H

#include "base/checksum.h"

typedef struct hf__key {
    uint32_t table;
    uint32_t byte_count;
    const uint8_t *bytes; /* by hf__key_encode; lives as long as what the key was made for */
    uint64_t hash;        /* by hf__key_hash */
} hf__key;

/* The hash that drafts and the working set share. */
static inline uint64_t hf__key_hash(uint32_t table, const uint8_t *bytes, uint32_t count)
{
    return hf__hash_key(bytes, count, (uint64_t)table * UINT64_C(0x9E3779B97F4A7C15));
}

/* A key to be sorted, with its first bytes: few keys are read. */
typedef struct hf__sortable {
    uint64_t head[2]; /* big-endian numbers: in the order of the bytes */
    const hf__key *key;
} hf__sortable;

hf__sortable hf__key_sortable(const hf__key *key);

/*
 * key_sort.c. Sorts keys of one table, for what is written into a tree: it takes neighbours
 * cheaply, and appends cheapest of all. The result is `keys` or `spare`, which has the same
 * capacity. Equal keys keep their order.
 */
hf__sortable *hf__keys_sort(hf__sortable *keys, hf__sortable *spare, uint32_t count);

#endif
