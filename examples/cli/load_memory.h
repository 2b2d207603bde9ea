/*
 * load_memory.h - an allocator that counts the bytes it gave out. Thread: any.
 */
#ifndef CLI_LOAD_MEMORY_H
#define CLI_LOAD_MEMORY_H

#include <holdfast.h>
#include <stdatomic.h>

typedef struct load_memory {
    atomic_uint_least64_t bytes;
    atomic_uint_least64_t most;
} load_memory;

/* `memory` lives as long as what uses the allocator. */
hf_allocator load_allocator(load_memory *memory);

#endif
