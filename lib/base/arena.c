/*
 * arena.c - a bump allocator: one addition per block, one assignment to give all of them back.
 *
 * Failure mode: a block that does not fit is NULL and leaves the arena as it was.
 */
#include "base/arena.h"
#include "base/invariant.h"

#include <string.h>

#define ALIGNMENT 16u

void hf__arena_init(hf__arena *arena, void *memory, size_t capacity)
{
    /* The caller's block may start anywhere; offsets are only aligned if the start is. */
    size_t skip = (size_t)(0 - (uintptr_t)memory) % ALIGNMENT;
    bool usable = memory != NULL && skip <= capacity;
    arena->memory = usable ? (uint8_t *)memory + skip : NULL;
    arena->capacity = usable ? capacity - skip : 0;
    arena->used = 0;
}

void *hf__arena_alloc(hf__arena *arena, size_t bytes)
{
    size_t rest = arena->capacity - arena->used;
    if (arena->memory == NULL || bytes > rest)
        return NULL;
    void *block = arena->memory + arena->used;
    size_t padding = (0 - bytes) % ALIGNMENT;
    /* The last block of an arena whose capacity is odd may lack its padding. */
    arena->used += padding > rest - bytes ? rest : bytes + padding;
    return block;
}

void *hf__arena_zalloc(hf__arena *arena, size_t bytes)
{
    void *block = hf__arena_alloc(arena, bytes);
    if (block != NULL)
        memset(block, 0, bytes);
    return block;
}

void *hf__arena_copy(hf__arena *arena, const void *data, size_t bytes)
{
    void *block = hf__arena_alloc(arena, bytes);
    if (block != NULL && bytes != 0)
        memcpy(block, data, bytes);
    return block;
}

void hf__arena_reset(hf__arena *arena, size_t mark)
{
    if (hf_invariant(mark <= arena->used))
        arena->used = mark;
}
