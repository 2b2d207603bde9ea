/*
 * arena.h - memory that is freed all at once: a fixed block, allocated from front to back.
 *
 * The capacity is fixed: when it is used up, an allocation returns NULL. Blocks are aligned to 16
 * bytes, not zeroed.
 */
#ifndef HF_BASE_STRUCTURES_ARENA_H
#define HF_BASE_STRUCTURES_ARENA_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HF__ARENA_ALIGNMENT 16u

typedef struct hf__arena {
    uint8_t *memory;
    size_t capacity;
    size_t used;
} hf__arena;

/* Uses the caller's block. */
void hf__arena_init(hf__arena *arena, void *memory, size_t capacity);

/*
 * `bytes` of memory, or NULL when they do not fit, which leaves the arena as it was. 0 bytes give a
 * valid pointer.
 */
static inline void *hf__arena_alloc(hf__arena *arena, size_t bytes)
{
    size_t free_bytes = arena->capacity - arena->used;
    if (arena->memory == NULL || bytes > free_bytes)
        return NULL;
    void *block = arena->memory + arena->used;
    size_t padding = (0 - bytes) % HF__ARENA_ALIGNMENT;
    /* The last block of an arena whose capacity is odd may have less padding. */
    arena->used += padding > free_bytes - bytes ? free_bytes : bytes + padding;
    return block;
}

/* The same, zeroed. */
static inline void *hf__arena_zalloc(hf__arena *arena, size_t bytes)
{
    void *block = hf__arena_alloc(arena, bytes);
    if (block != NULL && bytes != 0)
        memset(block, 0, bytes);
    return block;
}

/* A copy of `bytes` of `data`; NULL when it does not fit. */
static inline void *hf__arena_copy(hf__arena *arena, const void *data, size_t bytes)
{
    void *block = hf__arena_alloc(arena, bytes);
    if (block != NULL && bytes != 0)
        memcpy(block, data, bytes);
    return block;
}

/* Frees everything after a mark; a mark is the value of `used` then. */
void hf__arena_reset(hf__arena *arena, size_t mark);

#endif
