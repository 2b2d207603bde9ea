/*
 * key_sort.h - keys in the order of a table, for what is written into a tree: it takes neighbours
 * cheaply, and appends cheapest of all.
 */
#ifndef HF_MODEL_KEY_SORT_H
#define HF_MODEL_KEY_SORT_H

#include "model/key.h"

/* A key to be sorted, with its first bytes: few keys are read. */
typedef struct hf__sortable {
    uint64_t head[2]; /* big-endian numbers: in the order of the bytes */
    const hf__key *key;
} hf__sortable;

hf__sortable hf__key_sortable(const hf__key *key);

/*
 * Sorts keys of one table; the result is `keys` or `spare`, which has the same capacity. Equal keys
 * keep their order.
 */
hf__sortable *hf__keys_sort(hf__sortable *keys, hf__sortable *spare, uint32_t count);

#endif
