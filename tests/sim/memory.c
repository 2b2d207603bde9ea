/*
 * memory.c - memory of engines: blocks that one engine has freed go to another one, as they are.
 *
 * Engines are opened by the thousand here. To get fresh pages from the system and to give them back
 * took half of the time of a run. Under sanitizers every block is one of malloc, so that they see
 * what is used after it was freed.
 */
#include "sim.h"

#include <stdlib.h>

#define SIZES 24u /* powers of two from 64 bytes */

typedef struct block {
    struct block *next;
    uint64_t size;
} block;

static block *idle[SIZES];

static uint64_t size_of(size_t bytes)
{
    uint64_t size = 0;
    while (((size_t)64 << size) < bytes + sizeof(block))
        size++;
    return size;
}

static void *take(void *context, size_t bytes)
{
    (void)context;
    uint64_t size = size_of(bytes);
    if (size >= SIZES)
        return NULL;
    block *found = idle[size];
    if (found != NULL)
        idle[size] = found->next;
    else
        found = malloc((size_t)64 << size);
    if (found == NULL)
        return NULL;
    found->size = size;
    return found + 1;
}

static void give(void *context, void *memory)
{
    (void)context;
    block *found = (block *)memory - 1;
    found->next = idle[found->size];
    idle[found->size] = found;
}

const hf_allocator *sim_allocator(void)
{
    static const hf_allocator allocator = {.alloc = take, .free = give};
    return SIM_POOLED ? &allocator : NULL;
}
