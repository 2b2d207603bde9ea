/*
 * The C library's memory as an allocator, for a store that outlives its engine.
 */
#ifndef HF_TESTS_SUPPORT_PLAIN_MEMORY_H
#define HF_TESTS_SUPPORT_PLAIN_MEMORY_H

#include <holdfast/engine.h>
#include <stdlib.h>

static inline void *hf_test_plain_alloc(void *context, size_t bytes)
{
    (void)context;
    return malloc(bytes);
}

static inline void hf_test_plain_free(void *context, void *memory)
{
    (void)context;
    free(memory);
}

static const hf_allocator hf_test_plain_memory = {.alloc = hf_test_plain_alloc,
                                                  .free = hf_test_plain_free};

#endif
