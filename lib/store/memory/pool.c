/*
 * pool.c - pieces of up to 1 KiB in steps of 32 bytes, above that powers of two.
 *
 * Small pieces are cut from blocks of 64 KiB, what does not fit a block gets one of its own. The
 * rest of a block too short for the next piece is left: at most a sixteenth of it.
 */
#include "store/memory/pool.h"

#include <string.h>

#define STEP       32u
#define STEPS      32u /* classes 0..31: 32, 64, ... 1024 bytes */
#define CUT_MAX    4096u
#define BLOCK_SIZE 65536u
#define BYTES_MAX  ((size_t)1 << 31)

static uint32_t class_of(size_t bytes)
{
    if (bytes <= (size_t)STEP * STEPS)
        return (uint32_t)((bytes + STEP - 1) / STEP) - 1;
    uint32_t bits = 64 - (uint32_t)__builtin_clzll((uint64_t)bytes - 1);
    return STEPS + bits - 11; /* 2048 is the first */
}

static size_t class_bytes(uint32_t class)
{
    return class < STEPS ? (size_t)(class + 1) * STEP : (size_t)1 << (class - STEPS + 11);
}

void hf__pool_init(hf__pool *pool, const hf_allocator *allocator)
{
    memset(pool, 0, sizeof *pool);
    pool->allocator = allocator;
}

void hf__pool_fini(hf__pool *pool)
{
    while (pool->blocks != NULL) {
        hf__pool_block *block = pool->blocks;
        pool->blocks = block->next;
        pool->allocator->free(pool->allocator->context, block);
    }
}

static uint8_t *new_block(hf__pool *pool, size_t bytes)
{
    const hf_allocator *allocator = pool->allocator;
    hf__pool_block *block = allocator->alloc(allocator->context, sizeof *block + bytes);
    if (block == NULL)
        return NULL;
    block->next = pool->blocks;
    pool->blocks = block;
    return (uint8_t *)(block + 1);
}

static void *cut(hf__pool *pool, size_t bytes)
{
    if (bytes > CUT_MAX)
        return new_block(pool, bytes);
    if (pool->left < bytes) {
        uint8_t *block = new_block(pool, BLOCK_SIZE - sizeof(hf__pool_block));
        if (block == NULL)
            return NULL;
        pool->at = block;
        pool->left = BLOCK_SIZE - sizeof(hf__pool_block);
    }
    void *piece = pool->at;
    pool->at += bytes;
    pool->left -= bytes;
    return piece;
}

void *hf__pool_alloc(hf__pool *pool, size_t bytes)
{
    if (bytes == 0 || bytes > BYTES_MAX)
        return NULL;
    uint32_t class = class_of(bytes);
    void *piece = pool->free[class];
    if (piece != NULL)
        memcpy(&pool->free[class], piece, sizeof(void *));
    else
        piece = cut(pool, class_bytes(class));
    if (piece != NULL)
        pool->bytes += class_bytes(class);
    return piece;
}

void hf__pool_free(hf__pool *pool, void *piece, size_t bytes)
{
    uint32_t class = class_of(bytes);
    memcpy(piece, &pool->free[class], sizeof(void *));
    pool->free[class] = piece;
    pool->bytes -= class_bytes(class);
}
