/*
 * wide.h - integers of 128 bits, for products and sums that need not fit into 64.
 */
#ifndef HF_BASE_WIDE_H
#define HF_BASE_WIDE_H

#include <stdint.h>

__extension__ typedef __int128 hf__wide;
__extension__ typedef unsigned __int128 hf__uwide;

/* The nearest number that fits. */
static inline int64_t hf__narrow(hf__wide value)
{
    if (value > INT64_MAX)
        return INT64_MAX;
    return value < INT64_MIN ? INT64_MIN : (int64_t)value;
}

#endif
