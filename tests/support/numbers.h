/*
 * A cache of numbers: keys of 4 bytes, values of 8.
 */
#ifndef HF_TESTS_SUPPORT_NUMBERS_H
#define HF_TESTS_SUPPORT_NUMBERS_H

#include <check.h>
#include <holdfast.h>
#include <string.h>

/* What `removed` was called with: how many by reason, and the sum of their values. */
typedef struct hf_test_removed {
    uint32_t by_reason[5];
    int64_t sum;
    hf_cache *closed; /* not NULL: it must be closed to calls meanwhile */
} hf_test_removed;

static inline void on_removed(void *data, const void *key, uint32_t key_bytes, void *value,
                              uint32_t reason)
{
    hf_test_removed *removed = data;
    int64_t number;
    memcpy(&number, value, sizeof number);
    ck_assert_uint_eq(key_bytes, 4);
    removed->by_reason[reason] += 1;
    removed->sum += number;
    if (removed->closed != NULL)
        ck_assert_int_eq(hf_cache_get(removed->closed, key, 4, NULL), HF_E_NESTED);
}

static inline hf_cache_options options_of(uint32_t policy, uint32_t places,
                                          hf_test_removed *removed)
{
    hf_cache_options options;
    hf_cache_options_init(&options);
    options.policy = policy;
    options.entries_max = places;
    options.key_bytes_max = 4;
    options.value_bytes = 8;
    options.removed = removed != NULL ? on_removed : NULL;
    options.data = removed;
    return options;
}

static inline hf_cache *made(const hf_cache_options *options)
{
    hf_cache *cache = NULL;
    ck_assert_int_eq(hf_cache_new(options, &cache), 0);
    return cache;
}

static inline hf_cache *cache_of(uint32_t policy, uint32_t places)
{
    hf_cache_options options = options_of(policy, places, NULL);
    return made(&options);
}

static inline int put(hf_cache *cache, uint32_t key, int64_t value)
{
    return hf_cache_put(cache, &key, 4, &value, 0, 0);
}

static inline int get(hf_cache *cache, uint32_t key, int64_t *value)
{
    void *at;
    int found = hf_cache_get(cache, &key, 4, &at);
    if (found == HF_CACHE_HIT)
        memcpy(value, at, sizeof *value);
    else
        ck_assert_ptr_null(at);
    return found;
}

static inline int has(hf_cache *cache, uint32_t key)
{
    return hf_cache_has(cache, &key, 4);
}

static inline hf_cache_stat stat_of(const hf_cache *cache)
{
    hf_cache_stat stat = {.size = sizeof stat};
    ck_assert_int_eq(hf_cache_read_stat(cache, &stat), 0);
    return stat;
}

#endif
