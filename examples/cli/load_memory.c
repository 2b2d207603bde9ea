/*
 * load_memory.c - an allocator that counts: each block carries its size in front.
 */
#include "load_memory.h"

#include <stdlib.h>

#define HEAD_BYTES 16u /* keeps the C library's alignment */

static void *give(void *context, size_t bytes)
{
    load_memory *memory = context;
    size_t *block = malloc(bytes + HEAD_BYTES);
    if (block == NULL)
        return NULL;
    *block = bytes;
    uint64_t now = atomic_fetch_add(&memory->bytes, bytes) + bytes;
    uint64_t most = atomic_load(&memory->most);
    while (now > most && !atomic_compare_exchange_weak(&memory->most, &most, now))
        continue;
    return (char *)block + HEAD_BYTES;
}

static void take(void *context, void *memory)
{
    load_memory *counted = context;
    if (memory == NULL)
        return;
    size_t *block = (size_t *)(void *)((char *)memory - HEAD_BYTES);
    (void)atomic_fetch_sub(&counted->bytes, *block);
    free(block);
}

hf_allocator load_allocator(load_memory *memory)
{
    return (hf_allocator){.alloc = give, .free = take, .context = memory};
}
