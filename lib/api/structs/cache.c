/*
 * cache.c - shapes of the structs of a host's own cache.
 */
#include "api/structs/structs.h"

#include <holdfast/cache.h>

/* clang-format off */
static const char *const policy_names[] = {
    [HF_CACHE_LRU] = "LRU", [HF_CACHE_FIFO] = "FIFO", [HF_CACHE_CLOCK] = "CLOCK",
    [HF_CACHE_SIEVE] = "SIEVE", [HF_CACHE_S3_FIFO] = "S3_FIFO", NULL,
};

static const hf_field options_fields[] = {
    HAS(hf_cache_options, size, U32),
    HAS_ONE_OF(hf_cache_options, policy, policy_names),
    HAS(hf_cache_options, entries_max, U32),
    HAS(hf_cache_options, key_bytes_max, U32),
    HAS(hf_cache_options, value_bytes, U32),
    HAS(hf_cache_options, cost_max, U64),
    HAS(hf_cache_options, ttl_ms, I64),
    HAS(hf_cache_options, removed, ADDRESS),
    HAS(hf_cache_options, data, ADDRESS),
    HAS(hf_cache_options, allocator, ADDRESS),
};

static const hf_field stat_fields[] = {
    HAS(hf_cache_stat, size, U32),
    HAS(hf_cache_stat, entries, U32),
    HAS(hf_cache_stat, cost, U64),
    HAS(hf_cache_stat, memory_bytes, U64),
    HAS(hf_cache_stat, hits, U64),
    HAS(hf_cache_stat, misses, U64),
    HAS(hf_cache_stat, puts, U64),
    HAS(hf_cache_stat, evictions, U64),
    HAS(hf_cache_stat, expired, U64),
    HAS(hf_cache_stat, refused, U64),
    HAS(hf_cache_stat, loads, U64),
    HAS(hf_cache_stat, waits, U64),
    HAS(hf_cache_stat, load_failures, U64),
    HAS(hf_cache_stat, load_ms, I64),
};

static const hf_field waiter_fields[] = {
    HAS(hf_cache_waiter, cb, ADDRESS),
    HAS(hf_cache_waiter, data, ADDRESS),
    HAS(hf_cache_waiter, next, ADDRESS),
};
/* clang-format on */

static void init_options(void *options)
{
    hf_cache_options_init(options);
}

/* clang-format off */
const hf_shape hf__struct_cache_options =
    STRUCT_INIT(hf_cache_options, options_fields, init_options);
const hf_shape hf__struct_cache_stat = STRUCT(hf_cache_stat, stat_fields);
const hf_shape hf__struct_cache_waiter = STRUCT(hf_cache_waiter, waiter_fields);
/* clang-format on */
