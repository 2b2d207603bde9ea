/*
 * pool.h - memory of entries and row versions: size classes with free lists, private to the store.
 *
 * Rows of one table have about the same size, so what one commit frees the next one takes: in
 * steady state the allocator is not called. Blocks go back to it when the store closes.
 */
#ifndef HF_STORE_MEMORY_POOL_H
#define HF_STORE_MEMORY_POOL_H

#include <holdfast/engine.h>

#define HF__POOL_CLASSES 64u

/* A block from the allocator; blocks are linked so that they can be freed. */
typedef struct hf__pool_block {
    struct hf__pool_block *next;
    uint64_t reserved;
} hf__pool_block;

typedef struct hf__pool {
    const hf_allocator *allocator;
    hf__pool_block *blocks;
    void *free[HF__POOL_CLASSES]; /* the first word of a free piece points to the next */
    uint8_t *at;                  /* the part of the newest block not handed out yet */
    size_t left;
    uint64_t bytes; /* in use, as asked for rounded up to the class */
} hf__pool;

void hf__pool_init(hf__pool *pool, const hf_allocator *allocator);
void hf__pool_fini(hf__pool *pool);

/* `bytes` (1..2^31) of memory aligned to 16, not zeroed; NULL when out. */
void *hf__pool_alloc(hf__pool *pool, size_t bytes);

/* Takes a piece back; `bytes` as it was asked for. */
void hf__pool_free(hf__pool *pool, void *piece, size_t bytes);

#endif
