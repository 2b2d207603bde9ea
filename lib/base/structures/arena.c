/*
 * arena.c - the start and the end of an arena's use; what every operation does is in arena.h.
 *
 * Failure mode: a mark ahead of what is used is a broken invariant and leaves the arena as it was.
 */
#include "base/structures/arena.h"
#include "base/invariant.h"

void hf__arena_init(hf__arena *arena, void *memory, size_t capacity)
{
    /* The caller's block may start anywhere; offsets are only aligned if the start is. */
    size_t skip = (size_t)(0 - (uintptr_t)memory) % HF__ARENA_ALIGNMENT;
    bool usable = memory != NULL && skip <= capacity;
    arena->memory = usable ? (uint8_t *)memory + skip : NULL;
    arena->capacity = usable ? capacity - skip : 0;
    arena->used = 0;
}

void hf__arena_reset(hf__arena *arena, size_t mark)
{
    if (hf_shared_invariant(mark <= arena->used))
        arena->used = mark;
}
