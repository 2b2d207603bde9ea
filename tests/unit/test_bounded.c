/*
 * hf_cache: every policy against a plain model, budgets, times to live, bad input.
 */
#include "cache/bounded.h"
#include "support/check_main.h"
#include "support/numbers.h"
#include "support/random.h"

#include <stdlib.h>

#define PLACES 40u
#define KEYS   120u

/* ---- The policies against a plain model -------------------------------------------------------
 */

/* An array in order, newest first. */
typedef struct plain {
    uint32_t policy;
    uint32_t count;
    uint32_t hand; /* SIEVE: the key to look at next; 0: the oldest */
    uint32_t keys[PLACES];
    bool used[PLACES];
} plain;

static uint32_t plain_at(const plain *model, uint32_t key)
{
    uint32_t at = 0;
    while (at < model->count && model->keys[at] != key)
        at++;
    return at;
}

static void plain_cut(plain *model, uint32_t at)
{
    if (model->hand == model->keys[at])
        model->hand = at > 0 ? model->keys[at - 1] : 0;
    model->count -= 1;
    memmove(&model->keys[at], &model->keys[at + 1], (model->count - at) * sizeof model->keys[0]);
    memmove(&model->used[at], &model->used[at + 1], (model->count - at) * sizeof model->used[0]);
}

static void plain_push(plain *model, uint32_t key)
{
    memmove(&model->keys[1], &model->keys[0], model->count * sizeof model->keys[0]);
    memmove(&model->used[1], &model->used[0], model->count * sizeof model->used[0]);
    model->keys[0] = key;
    model->used[0] = false;
    model->count += 1;
}

static bool plain_get(plain *model, uint32_t key)
{
    uint32_t at = plain_at(model, key);
    if (at == model->count)
        return false;
    model->used[at] = true;
    if (model->policy == HF_CACHE_LRU) {
        plain_cut(model, at);
        plain_push(model, key);
    }
    return true;
}

static uint32_t plain_sieve(plain *model)
{
    uint32_t at = model->hand != 0 ? plain_at(model, model->hand) : model->count - 1;
    while (model->used[at]) {
        model->used[at] = false;
        at = at > 0 ? at - 1 : model->count - 1;
    }
    model->hand = model->keys[at];
    return at;
}

static void plain_evict(plain *model)
{
    uint32_t at = model->count - 1;
    while (model->policy == HF_CACHE_CLOCK && model->used[at]) {
        uint32_t key = model->keys[at];
        plain_cut(model, at);
        plain_push(model, key);
    }
    if (model->policy == HF_CACHE_SIEVE)
        at = plain_sieve(model);
    plain_cut(model, at);
}

static void plain_put(plain *model, uint32_t key)
{
    uint32_t at = plain_at(model, key);
    if (at != model->count)
        plain_cut(model, at);
    if (model->count == PLACES)
        plain_evict(model);
    plain_push(model, key);
}

static void check_same(hf_cache *cache, const plain *model)
{
    for (uint32_t key = 1; key <= KEYS; key++)
        ck_assert_int_eq(has(cache, key), plain_at(model, key) != model->count);
}

START_TEST(each_policy_evicts_what_a_plain_model_evicts)
{
    hf_test_removed seen = {0};
    plain model = {.policy = (uint32_t)_i};
    hf_cache_options options = options_of((uint32_t)_i, PLACES, &seen);
    hf_cache *cache = made(&options);
    hf_test_random random = hf_test_seed();
    for (uint32_t step = 0; step < 20000; step++) {
        uint32_t few = (uint32_t)(hf_test_next(&random) % 4 + 1); /* some keys come more often */
        uint32_t key = 1 + (uint32_t)(hf_test_next(&random) % (KEYS * few / 4));
        uint32_t what = (uint32_t)(hf_test_next(&random) % 10);
        int64_t value = 0;
        if (what == 0) {
            ck_assert_int_eq(hf_cache_remove(cache, &key, 4), plain_at(&model, key) != model.count);
            if (plain_at(&model, key) != model.count)
                plain_cut(&model, plain_at(&model, key));
        } else if (what < 7) {
            ck_assert_int_eq(get(cache, key, &value),
                             plain_get(&model, key) ? HF_CACHE_HIT : HF_CACHE_MISS);
        } else {
            ck_assert_int_eq(put(cache, key, key), 0);
            plain_put(&model, key);
        }
        if (step % 50 == 0)
            check_same(cache, &model);
    }
    check_same(cache, &model);
    ck_assert_uint_gt(seen.by_reason[HF_CACHE_EVICTED], 1000);
    ck_assert_int_eq(hf_cache_free(cache), 0);
}
END_TEST

/* Keys that come once pass through the small queue; those of the main one stay. */
START_TEST(s3_fifo_keeps_what_is_used_while_others_come_once)
{
    hf_cache *cache = cache_of(HF_CACHE_S3_FIFO, 100);
    int64_t value = 0;
    for (uint32_t round = 0; round < 3; round++)
        for (uint32_t key = 1; key <= 50; key++)
            if (get(cache, key, &value) != HF_CACHE_HIT)
                ck_assert_int_eq(put(cache, key, key), 0);
    for (uint32_t key = 1000; key < 3000; key++)
        ck_assert_int_eq(put(cache, key, key), 0);
    uint32_t kept = 0;
    for (uint32_t key = 1; key <= 50; key++)
        kept += has(cache, key) == 1;
    ck_assert_uint_eq(kept, 50);
    hf_cache *lru = cache_of(HF_CACHE_LRU, 100); /* control: LRU gives all of them up */
    for (uint32_t key = 1; key <= 50; key++)
        ck_assert_int_eq(put(lru, key, key), 0);
    for (uint32_t key = 1000; key < 3000; key++)
        ck_assert_int_eq(put(lru, key, key), 0);
    for (uint32_t key = 1; key <= 50; key++)
        ck_assert_int_eq(has(lru, key), 0);
    ck_assert_int_eq(hf_cache_free(cache), 0);
    ck_assert_int_eq(hf_cache_free(lru), 0);
}
END_TEST

/* A few are forgotten: a newer key may take the place of an older one's hash. */
START_TEST(s3_fifo_takes_what_comes_back_into_its_main_queue)
{
    hf_cache *cache = cache_of(HF_CACHE_S3_FIFO, 1000);
    uint32_t back = 0;
    uint32_t others = 0;
    for (uint32_t key = 1; key <= 1250; key++)
        ck_assert_int_eq(put(cache, key, key), 0);
    for (uint32_t key = 1; key <= 100; key++) {
        ck_assert_int_eq(has(cache, key), 0);
        ck_assert_int_eq(put(cache, key, key), 0);
    }
    for (uint32_t key = 10000; key < 30000; key++)
        ck_assert_int_eq(put(cache, key, key), 0);
    for (uint32_t key = 1; key <= 1250; key++)
        *(key <= 100 ? &back : &others) += has(cache, key) == 1;
    ck_assert_uint_ge(back, 80);
    ck_assert_uint_eq(others, 0);
    ck_assert_int_eq(hf_cache_free(cache), 0);
}
END_TEST

/* ---- Budgets --------------------------------------------------------------------------------- */

START_TEST(the_sum_of_costs_stays_within_its_bound)
{
    hf_test_removed seen = {0};
    hf_cache_options options = options_of((uint32_t)_i, 100, &seen);
    options.cost_max = 1000;
    hf_cache *cache = made(&options);
    hf_test_random random = hf_test_seed();
    int64_t alive = 0;
    for (uint32_t step = 0; step < 5000; step++) {
        uint32_t key = (uint32_t)(hf_test_next(&random) % 200);
        uint64_t cost = 1 + hf_test_next(&random) % 300;
        int64_t value = (int64_t)step;
        alive += value;
        ck_assert_int_eq(hf_cache_put(cache, &key, 4, &value, cost, 0), 0);
        ck_assert_int_eq(has(cache, key), 1);
        ck_assert_uint_le(stat_of(cache).cost, 1000);
        ck_assert_uint_le(stat_of(cache).entries, 100);
    }
    int64_t value = 1;
    uint32_t key = 1;
    ck_assert_int_eq(hf_cache_put(cache, &key, 4, &value, 1000, 0), 0);
    ck_assert_uint_eq(stat_of(cache).entries, 1);
    alive += 1;
    ck_assert_int_eq(hf_cache_put(cache, &key, 4, &value, 1001, 0), HF_E_TOO_MANY);
    ck_assert_int_eq(has(cache, 1), 0); /* what it had was out of date */
    ck_assert_uint_eq(stat_of(cache).refused, 1);
    ck_assert_int_eq(hf_cache_free(cache), 0);
    ck_assert_int_eq(seen.sum, alive); /* each value left once */
}
END_TEST

static uint32_t allocations;

static void *count_alloc(void *context, size_t bytes)
{
    (void)context;
    allocations += 1;
    return malloc(bytes);
}

static void count_free(void *context, void *memory)
{
    (void)context;
    free(memory);
}

static void *no_memory(void *context, size_t bytes)
{
    uint32_t *left = context;
    if (*left == 0)
        return NULL;
    *left -= 1;
    return malloc(bytes);
}

START_TEST(memory_is_taken_when_it_is_made_and_is_bounded)
{
    const hf_allocator counting = {.alloc = count_alloc, .free = count_free};
    hf_cache_options options = options_of((uint32_t)_i, 10000, NULL);
    options.allocator = &counting;
    allocations = 0;
    hf_cache *cache = made(&options);
    uint32_t before = allocations;
    ck_assert_uint_gt(before, 2);
    for (uint32_t key = 0; key < 50000; key++)
        ck_assert_int_eq(put(cache, key, key), 0);
    ck_assert_uint_eq(allocations, before);
    uint64_t each = (stat_of(cache).memory_bytes - sizeof(hf_cache)) / 10000;
    ck_assert_uint_le(each, 64 + 8 + 8); /* besides the key, in whole words, and the value */
    ck_assert_int_eq(hf_cache_free(cache), 0);
    for (uint32_t left = 0; left < before; left++) {
        uint32_t rest = left;
        const hf_allocator failing = {.alloc = no_memory, .free = count_free, .context = &rest};
        options.allocator = &failing;
        ck_assert_int_eq(hf_cache_new(&options, &cache), HF_E_NOMEM);
        ck_assert_ptr_null(cache);
    }
}
END_TEST

/* ---- Time to live ---------------------------------------------------------------------------- */

START_TEST(an_entry_is_good_up_to_its_time)
{
    hf_test_removed seen = {0};
    hf_cache_options options = options_of(HF_CACHE_LRU, 10, &seen);
    options.ttl_ms = 100;
    hf_cache *cache = made(&options);
    int64_t value = 5;
    uint32_t always = 2;
    uint32_t brief = 3;
    hf_cache_time(cache, 1000);
    ck_assert_int_eq(put(cache, 1, 5), 0);
    ck_assert_int_eq(hf_cache_put(cache, &always, 4, &value, 0, -1), 0);
    ck_assert_int_eq(hf_cache_put(cache, &brief, 4, &value, 0, 10), 0);
    hf_cache_time(cache, 1100);
    hf_cache_time(cache, 500); /* never goes back */
    ck_assert_int_eq(get(cache, 1, &value), HF_CACHE_HIT);
    ck_assert_int_eq(get(cache, 3, &value), HF_CACHE_MISS);
    hf_cache_time(cache, 1101);
    ck_assert_int_eq(has(cache, 1), 0);
    ck_assert_int_eq(get(cache, 1, &value), HF_CACHE_MISS);
    ck_assert_int_eq(get(cache, 2, &value), HF_CACHE_HIT);
    ck_assert_uint_eq(seen.by_reason[HF_CACHE_EXPIRED], 2);
    ck_assert_uint_eq(stat_of(cache).expired, 2);
    ck_assert_int_eq(hf_cache_free(cache), 0);
}
END_TEST

START_TEST(it_is_known_that_there_is_no_such_thing)
{
    hf_test_removed seen = {0};
    hf_cache_options options = options_of(HF_CACHE_SIEVE, 2, &seen);
    hf_cache *cache = made(&options);
    uint32_t key = 1;
    int64_t value = 0;
    ck_assert_int_eq(hf_cache_put_absent(cache, &key, 4, 50), 0);
    ck_assert_int_eq(get(cache, 1, &value), HF_CACHE_ABSENT);
    ck_assert_int_eq(has(cache, 1), 0);
    hf_cache_time(cache, 51);
    ck_assert_int_eq(get(cache, 1, &value), HF_CACHE_MISS);
    ck_assert_int_eq(hf_cache_put_absent(cache, &key, 4, 0), 0);
    ck_assert_int_eq(put(cache, 1, 9), 0);
    ck_assert_int_eq(get(cache, 1, &value), HF_CACHE_HIT);
    ck_assert_uint_eq(seen.by_reason[HF_CACHE_EXPIRED] + seen.by_reason[HF_CACHE_REPLACED],
                      0); /* they are no values */
    ck_assert_int_eq(hf_cache_free(cache), 0);
}
END_TEST

/* ---- Bad input ------------------------------------------------------------------------------- */

START_TEST(options_outside_their_range_are_refused)
{
    hf_cache_options good = options_of(HF_CACHE_LRU, 1, NULL);
    hf_cache *cache = NULL;
    struct {
        hf_cache_options options;
        int error;
    } bad[] = {{good, HF_E_ABI},      {good, HF_E_ABI},      {good, HF_E_ENUM},
               {good, HF_E_ARGUMENT}, {good, HF_E_ARGUMENT}, {good, HF_E_ARGUMENT},
               {good, HF_E_ARGUMENT}, {good, HF_E_ARGUMENT}, {good, HF_E_ARGUMENT}};
    bad[0].options.size += 1;
    bad[1].options.reserved = 1;
    bad[2].options.policy = HF_CACHE_S3_FIFO + 1;
    bad[3].options.entries_max = 0;
    bad[4].options.entries_max = (1u << 30) + 1;
    bad[5].options.key_bytes_max = 0;
    bad[6].options.key_bytes_max = HF_CACHE_KEY_MAX + 1;
    bad[7].options.value_bytes = (1u << 20) + 1;
    bad[8].options.ttl_ms = -1;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_int_eq(hf_cache_new(&bad[i].options, &cache), bad[i].error);
    ck_assert_int_eq(hf_cache_new(NULL, &cache), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_cache_new(&good, NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_cache_free(NULL), 0);
    ck_assert_ptr_null(hf_cache_policy_name(HF_CACHE_S3_FIFO + 1));
    ck_assert_str_eq(hf_cache_policy_name(HF_CACHE_SIEVE), "SIEVE");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bounded");
    TCase *core = tcase_create("core");
    int policies = HF_CACHE_S3_FIFO + 1;
    tcase_add_loop_test(core, each_policy_evicts_what_a_plain_model_evicts, 0, HF_CACHE_SIEVE + 1);
    tcase_add_test(core, s3_fifo_keeps_what_is_used_while_others_come_once);
    tcase_add_test(core, s3_fifo_takes_what_comes_back_into_its_main_queue);
    tcase_add_loop_test(core, the_sum_of_costs_stays_within_its_bound, 0, policies);
    tcase_add_loop_test(core, memory_is_taken_when_it_is_made_and_is_bounded, 0, policies);
    tcase_add_test(core, an_entry_is_good_up_to_its_time);
    tcase_add_test(core, it_is_known_that_there_is_no_such_thing);
    tcase_add_test(core, options_outside_their_range_are_refused);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
