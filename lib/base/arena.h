/*
 * arena.h - memory given back all at once: a fixed block, handed out from front to back.
 *
 * Full is an ordinary answer (NULL), never a growth. Blocks are aligned to 16 bytes, not zeroed.
 */
#ifndef HF_BASE_ARENA_H
#define HF_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

typedef struct hf__arena {
    uint8_t *memory;
    size_t capacity;
    size_t used;
} hf__arena;

/* Uses the caller's block. */
void hf__arena_init(hf__arena *arena, void *memory, size_t capacity);

/* `bytes` of memory, or NULL when they do not fit. 0 bytes give a valid pointer. */
void *hf__arena_alloc(hf__arena *arena, size_t bytes);

/* The same, zeroed. */
void *hf__arena_zalloc(hf__arena *arena, size_t bytes);

/* A copy of `bytes` of `data`; NULL when it does not fit. */
void *hf__arena_copy(hf__arena *arena, const void *data, size_t bytes);

/* Gives everything after a mark back; a mark is the value of `used` then. */
void hf__arena_reset(hf__arena *arena, size_t mark);

#endif
