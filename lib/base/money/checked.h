/*
 * checked.h - arithmetic of amounts: results that may not fit (true means it fits), and the smaller
 * and the larger of two.
 */
#ifndef HF_BASE_MONEY_CHECKED_H
#define HF_BASE_MONEY_CHECKED_H

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

static inline int64_t hf__smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t hf__larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

#endif
