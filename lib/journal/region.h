/*
 * region.h - a growing arena whose memory never moves and is freed all at once. The first block is
 * allocated at open, and more blocks only when a burst does not fit in it.
 *
 * Used by one thread at a time. Memory of a region stays valid until the region is reset.
 */
#ifndef HF_JOURNAL_REGION_H
#define HF_JOURNAL_REGION_H

#include "base/env.h"

typedef struct hf__region_block {
    struct hf__region_block *next;
    size_t capacity;
    _Alignas(16) uint8_t memory[];
} hf__region_block;

typedef struct hf__region {
    hf_env *env;
    hf__region_block *first;   /* allocated at open */
    hf__region_block *current; /* the newest */
    size_t at;                 /* bytes used of the current block */
    uint64_t used;             /* bytes used of all blocks */
} hf__region;

/* Allocates the first block. HF_E_NOMEM. */
int hf__region_init(hf__region *region, hf_env *env, size_t bytes);
void hf__region_fini(hf__region *region);

/* Memory of at least `bytes`; *capacity is how much there is. NULL when no memory is left. */
uint8_t *hf__region_reserve(hf__region *region, size_t bytes, size_t *capacity);

/* Takes `bytes` of the memory that hf__region_reserve returned last. */
static inline void hf__region_take(hf__region *region, size_t bytes)
{
    region->at += bytes;
    region->used += bytes;
}

/* Reserves and takes `bytes`, aligned to 8 bytes when everything taken from the region is. NULL
   when no memory is left. */
void *hf__region_alloc(hf__region *region, size_t bytes);

/* Empties the region and frees all blocks but the first. */
void hf__region_reset(hf__region *region);

#endif
