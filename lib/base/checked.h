/*
 * checked.h - arithmetic that says when a result does not fit. True means it fits.
 */
#ifndef HF_BASE_CHECKED_H
#define HF_BASE_CHECKED_H

#include <stdbool.h>
#include <stdint.h>

static inline bool hf__add(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

static inline bool hf__sub(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_sub_overflow(a, b, out);
}

static inline bool hf__mul(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

#endif
