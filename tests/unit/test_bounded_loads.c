/*
 * hf_cache: one load for all who miss a key, callbacks, walks, keys that outlive the process.
 */
#include "support/check_main.h"
#include "support/numbers.h"

/* ---- Loads ----------------------------------------------------------------------------------- */

typedef struct caller {
    hf_cache_waiter waiter;
    hf_cache *cache;
    int calls;
    int status;
    int64_t value;
    uint32_t order;
} caller;

static uint32_t callers_called;

static void on_known(void *data, int status, void *value)
{
    caller *who = data;
    who->calls += 1;
    who->status = status;
    who->order = callers_called++;
    if (value != NULL)
        memcpy(&who->value, value, sizeof who->value);
}

static int ask(hf_cache *cache, uint32_t key, caller *who)
{
    who->waiter =
        (hf_cache_waiter){.cb = who->waiter.cb != NULL ? who->waiter.cb : on_known, .data = who};
    who->cache = cache;
    return hf_cache_ask(cache, &key, 4, &who->waiter, NULL);
}

static int answer(hf_cache *cache, uint32_t key, int status, int64_t value)
{
    return hf_cache_answer(cache, &key, 4, status, &value, 0);
}

START_TEST(many_who_miss_a_key_cause_one_load)
{
    hf_cache *cache = cache_of(HF_CACHE_LRU, 4);
    caller callers[5] = {0};
    callers_called = 0;
    ck_assert_int_eq(ask(cache, 1, &callers[0]), HF_CACHE_LOAD);
    for (int i = 1; i < 5; i++)
        ck_assert_int_eq(ask(cache, 1, &callers[i]), HF_CACHE_WAIT);
    hf_cache_time(cache, 30);
    ck_assert_int_eq(answer(cache, 1, 0, 77), 0);
    ck_assert_int_eq(callers[0].calls, 0);
    for (int i = 1; i < 5; i++) {
        ck_assert_int_eq(callers[i].calls, 1);
        ck_assert_int_eq(callers[i].status, 0);
        ck_assert_int_eq(callers[i].value, 77);
        ck_assert_uint_eq(callers[i].order, (uint32_t)i - 1);
    }
    ck_assert_int_eq(ask(cache, 1, &callers[0]), HF_CACHE_HIT);
    hf_cache_stat stat = stat_of(cache);
    ck_assert_uint_eq(stat.loads, 1);
    ck_assert_uint_eq(stat.waits, 4);
    ck_assert_int_eq(stat.load_ms, 30);
    ck_assert_int_eq(answer(cache, 1, 0, 78), HF_E_NOT_FOUND); /* nobody loads it */
    ck_assert_int_eq(hf_cache_free(cache), 0);
}
END_TEST

START_TEST(a_load_that_fails_is_tried_again_by_the_next)
{
    hf_cache *cache = cache_of(HF_CACHE_LRU, 4);
    caller callers[3] = {0};
    ck_assert_int_eq(ask(cache, 1, &callers[0]), HF_CACHE_LOAD);
    ck_assert_int_eq(ask(cache, 1, &callers[1]), HF_CACHE_WAIT);
    ck_assert_int_eq(answer(cache, 1, HF_E_IO, 0), 0);
    ck_assert_int_eq(callers[1].status, HF_E_IO);
    ck_assert_int_eq(ask(cache, 1, &callers[2]), HF_CACHE_LOAD);
    ck_assert_int_eq(ask(cache, 1, &callers[1]), HF_CACHE_WAIT);
    ck_assert_int_eq(answer(cache, 1, HF_E_NOT_FOUND, 0), 0);
    ck_assert_int_eq(callers[1].status, HF_E_NOT_FOUND);
    ck_assert_int_eq(ask(cache, 1, &callers[2]), HF_CACHE_ABSENT);
    ck_assert_uint_eq(stat_of(cache).load_failures, 1);
    ck_assert_int_eq(hf_cache_free(cache), 0);
}
END_TEST

START_TEST(what_is_put_or_removed_during_a_load_is_newer_than_its_answer)
{
    hf_cache *cache = cache_of(HF_CACHE_LRU, 4);
    caller callers[4] = {0};
    uint32_t key = 2;
    int64_t value = 0;
    ck_assert_int_eq(ask(cache, 1, &callers[0]), HF_CACHE_LOAD);
    ck_assert_int_eq(ask(cache, 1, &callers[1]), HF_CACHE_WAIT);
    ck_assert_int_eq(put(cache, 1, 10), 0);
    ck_assert_int_eq(callers[1].value, 10);
    ck_assert_int_eq(answer(cache, 1, 0, 9), HF_E_NOT_FOUND);
    ck_assert_int_eq(get(cache, 1, &value), HF_CACHE_HIT);
    ck_assert_int_eq(value, 10);
    ck_assert_int_eq(ask(cache, 2, &callers[2]), HF_CACHE_LOAD);
    ck_assert_int_eq(ask(cache, 2, &callers[3]), HF_CACHE_WAIT);
    ck_assert_int_eq(hf_cache_remove(cache, &key, 4), 0);
    ck_assert_int_eq(callers[3].status, HF_E_CANCELLED);
    ck_assert_int_eq(answer(cache, 2, 0, 9), HF_E_NOT_FOUND);
    ck_assert_int_eq(get(cache, 2, &value), HF_CACHE_MISS);
    ck_assert_int_eq(hf_cache_free(cache), 0);
}
END_TEST

START_TEST(a_key_that_is_being_loaded_keeps_its_place)
{
    hf_cache *cache = cache_of((uint32_t)_i, 2);
    caller callers[3] = {0};
    ck_assert_int_eq(ask(cache, 1, &callers[0]), HF_CACHE_LOAD);
    for (uint32_t key = 10; key < 20; key++)
        ck_assert_int_eq(put(cache, key, key), 0);
    ck_assert_int_eq(ask(cache, 2, &callers[1]), HF_CACHE_LOAD);
    ck_assert_int_eq(put(cache, 30, 1), HF_E_OVERLOADED);
    ck_assert_int_eq(ask(cache, 3, &callers[2]), HF_E_OVERLOADED);
    ck_assert_uint_eq(stat_of(cache).refused, 2);
    ck_assert_int_eq(answer(cache, 1, 0, 1), 0);
    ck_assert_int_eq(put(cache, 30, 1), 0);
    ck_assert_int_eq(answer(cache, 2, 0, 2), 0);
    ck_assert_int_eq(hf_cache_free(cache), 0);
}
END_TEST

/* Uses the cache with other keys, and finds its own key closed to changes. */
static void on_known_uses_cache(void *data, int status, void *value)
{
    caller *who = data;
    uint32_t key = 1;
    int64_t other = 0;
    on_known(data, status, value);
    ck_assert_int_eq(put(who->cache, 1, 1), HF_E_NESTED);
    ck_assert_int_eq(hf_cache_remove(who->cache, &key, 4), HF_E_NESTED);
    ck_assert_int_eq(hf_cache_clear(who->cache), HF_E_NESTED);
    ck_assert_int_eq(hf_cache_free(who->cache), HF_E_NESTED);
    ck_assert_int_eq(get(who->cache, 1, &other), HF_CACHE_HIT);
    for (uint32_t next = 100; next < 140; next++)
        ck_assert_int_eq(put(who->cache, next, next), 0);
    int64_t again;
    memcpy(&again, value, sizeof again);
    ck_assert_int_eq(again, 7);
}

START_TEST(who_waited_may_use_the_cache_while_the_value_stays)
{
    hf_cache *cache = cache_of((uint32_t)_i, 2);
    caller callers[3] = {0};
    callers[1].waiter.cb = callers[2].waiter.cb = on_known_uses_cache;
    ck_assert_int_eq(ask(cache, 1, &callers[0]), HF_CACHE_LOAD);
    ck_assert_int_eq(ask(cache, 1, &callers[1]), HF_CACHE_WAIT);
    ck_assert_int_eq(ask(cache, 1, &callers[2]), HF_CACHE_WAIT);
    ck_assert_int_eq(answer(cache, 1, 0, 7), 0);
    ck_assert_int_eq(callers[1].calls + callers[2].calls, 2);
    ck_assert_int_eq(has(cache, 1), 1);
    ck_assert_int_eq(hf_cache_free(cache), 0);
}
END_TEST

static void on_known_asks_again(void *data, int status, void *value)
{
    caller *who = data;
    on_known(data, status, value);
    ck_assert_int_eq(ask(who->cache, 1, who), HF_E_NESTED);
}

START_TEST(who_waits_for_a_cache_that_ends_is_called)
{
    hf_cache *cache = cache_of(HF_CACHE_LRU, 4);
    caller callers[2] = {0};
    callers[1].waiter.cb = on_known_asks_again;
    ck_assert_int_eq(ask(cache, 1, &callers[0]), HF_CACHE_LOAD);
    ck_assert_int_eq(ask(cache, 1, &callers[1]), HF_CACHE_WAIT);
    ck_assert_int_eq(hf_cache_free(cache), 0);
    ck_assert_int_eq(callers[1].calls, 1);
    ck_assert_int_eq(callers[1].status, HF_E_CANCELLED);
}
END_TEST

START_TEST(a_value_too_costly_to_keep_is_given_to_who_waits)
{
    hf_cache_options options = options_of(HF_CACHE_LRU, 4, NULL);
    options.cost_max = 100;
    hf_cache *cache = made(&options);
    caller callers[2] = {0};
    uint32_t key = 1;
    int64_t value = 44;
    ck_assert_int_eq(ask(cache, 1, &callers[0]), HF_CACHE_LOAD);
    ck_assert_int_eq(ask(cache, 1, &callers[1]), HF_CACHE_WAIT);
    ck_assert_int_eq(hf_cache_answer(cache, &key, 4, 0, &value, 101), HF_E_TOO_MANY);
    ck_assert_int_eq(callers[1].status, 0);
    ck_assert_int_eq(callers[1].value, 44);
    ck_assert_int_eq(has(cache, 1), 0);
    ck_assert_uint_eq(stat_of(cache).cost, 0);
    ck_assert_int_eq(hf_cache_free(cache), 0);
}
END_TEST

/* ---- Callbacks, walks, keys ------------------------------------------------------------------ */

START_TEST(each_value_that_is_removed_is_reported_once_with_the_reason)
{
    hf_test_removed seen = {0};
    hf_cache_options options = options_of((uint32_t)_i, 3, &seen);
    hf_cache *cache = made(&options);
    seen.closed = cache;
    uint32_t key = 4;
    for (uint32_t next = 1; next <= 4; next++)
        ck_assert_int_eq(put(cache, next, 1), 0);
    ck_assert_int_eq(put(cache, 4, 1), 0);
    ck_assert_int_eq(hf_cache_remove(cache, &key, 4), 1);
    ck_assert_int_eq(hf_cache_remove(cache, &key, 4), 0);
    ck_assert_int_eq(hf_cache_free(cache), 0);
    ck_assert_uint_eq(seen.by_reason[HF_CACHE_EVICTED], 1);
    ck_assert_uint_eq(seen.by_reason[HF_CACHE_REPLACED], 1);
    ck_assert_uint_eq(seen.by_reason[HF_CACHE_REMOVED], 3);
    ck_assert_int_eq(seen.sum, 5);
}
END_TEST

typedef struct walk {
    hf_cache *cache;
    uint32_t keys[16];
    uint32_t count;
    uint32_t stop_at;
} walk;

static int on_key(void *data, const void *key, uint32_t key_bytes, void *value)
{
    walk *into = data;
    ck_assert_uint_eq(key_bytes, 4);
    memcpy(&into->keys[into->count++], key, 4);
    if (value != NULL && into->cache != NULL)
        ck_assert_int_eq(put(into->cache, 1, 1), HF_E_NESTED);
    return into->count == into->stop_at;
}

START_TEST(a_walk_goes_from_the_most_recent_to_the_least)
{
    hf_cache *cache = cache_of(HF_CACHE_LRU, 8);
    walk all = {.cache = cache};
    walk some = {.cache = cache, .stop_at = 2};
    int64_t value = 0;
    uint32_t absent = 50;
    for (uint32_t key = 1; key <= 5; key++)
        ck_assert_int_eq(put(cache, key, key), 0);
    ck_assert_int_eq(hf_cache_put_absent(cache, &absent, 4, 0), 0);
    ck_assert_int_eq(get(cache, 2, &value), HF_CACHE_HIT);
    ck_assert_int_eq(hf_cache_each(cache, on_key, &all), 5);
    static const uint32_t order[] = {2, 5, 4, 3, 1};
    ck_assert_mem_eq(all.keys, order, sizeof order);
    ck_assert_int_eq(hf_cache_each(cache, on_key, &some), 2);
    ck_assert_int_eq(hf_cache_free(cache), 0);
}
END_TEST

START_TEST(keys_are_read_again_after_a_restart)
{
    uint8_t keys[256];
    hf_cache *cache = cache_of(HF_CACHE_LRU, 8);
    for (uint32_t key = 1; key <= 5; key++)
        ck_assert_int_eq(put(cache, key, key), 0);
    uint64_t all = hf_cache_keys_write(cache, NULL, 0);
    ck_assert_uint_eq(all, 16 + 5 * 6);
    ck_assert_uint_eq(hf_cache_keys_write(cache, keys, sizeof keys), all);
    walk into = {0};
    ck_assert_int_eq(hf_cache_keys_read(keys, all, on_key, &into), 0);
    static const uint32_t order[] = {5, 4, 3, 2, 1};
    ck_assert_uint_eq(into.count, 5);
    ck_assert_mem_eq(into.keys, order, sizeof order);
    ck_assert_uint_eq(hf_cache_keys_write(cache, keys, 16 + 2 * 6 + 5), 16 + 2 * 6);
    into.count = 0;
    ck_assert_int_eq(hf_cache_keys_read(keys, sizeof keys, on_key, &into), 0);
    ck_assert_uint_eq(into.count, 2);
    ck_assert_uint_eq(hf_cache_keys_write(cache, keys, 15), 0);
    ck_assert_int_eq(hf_cache_free(cache), 0);
}
END_TEST

START_TEST(keys_that_are_damaged_are_not_read)
{
    hf_test_removed seen = {0};
    uint8_t keys[64];
    walk into = {0};
    hf_cache_options options = options_of(HF_CACHE_LRU, 8, &seen);
    hf_cache *cache = made(&options);
    for (uint32_t key = 1; key <= 3; key++)
        ck_assert_int_eq(put(cache, key, key), 0);
    uint64_t all = hf_cache_keys_write(cache, keys, sizeof keys);
    for (uint64_t bytes = 0; bytes < all; bytes++)
        ck_assert_int_eq(hf_cache_keys_read(keys, bytes, on_key, &into), HF_E_CORRUPT);
    for (uint64_t bit = 0; bit < all * 8; bit++) {
        keys[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ck_assert_int_eq(hf_cache_keys_read(keys, all, on_key, &into), HF_E_CORRUPT);
        keys[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    ck_assert_uint_eq(into.count, 0);
    ck_assert_int_eq(hf_cache_keys_read(keys, all, on_key, &into), 0);
    ck_assert_int_eq(hf_cache_free(cache), 0);
}
END_TEST

START_TEST(keys_outside_their_range_are_refused)
{
    hf_cache *cache = cache_of(HF_CACHE_LRU, 1);
    caller who = {0};
    hf_cache_stat small = {.size = 1};
    uint64_t key = 1;
    static const uint32_t lengths[] = {0, 5, UINT32_MAX};
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(hf_cache_get(cache, &key, lengths[i], NULL), HF_E_ARGUMENT);
        ck_assert_int_eq(hf_cache_has(cache, &key, lengths[i]), HF_E_ARGUMENT);
        ck_assert_int_eq(hf_cache_put(cache, &key, lengths[i], &key, 0, 0), HF_E_ARGUMENT);
        ck_assert_int_eq(hf_cache_put_absent(cache, &key, lengths[i], 0), HF_E_ARGUMENT);
        ck_assert_int_eq(hf_cache_remove(cache, &key, lengths[i]), HF_E_ARGUMENT);
        who.waiter.cb = on_known;
        ck_assert_int_eq(hf_cache_ask(cache, &key, lengths[i], &who.waiter, NULL), HF_E_ARGUMENT);
        ck_assert_int_eq(hf_cache_answer(cache, &key, lengths[i], 0, &key, 0), HF_E_ARGUMENT);
    }
    ck_assert_int_eq(hf_cache_get(cache, NULL, 4, NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_cache_ask(cache, &key, 4, NULL, NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_cache_each(cache, NULL, NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_cache_read_stat(cache, &small), HF_E_ABI);
    ck_assert_int_eq(hf_cache_keys_read(NULL, 0, on_key, NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_cache_free(cache), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bounded_loads");
    TCase *core = tcase_create("core");
    int policies = HF_CACHE_S3_FIFO + 1;
    tcase_add_test(core, many_who_miss_a_key_cause_one_load);
    tcase_add_test(core, a_load_that_fails_is_tried_again_by_the_next);
    tcase_add_test(core, what_is_put_or_removed_during_a_load_is_newer_than_its_answer);
    tcase_add_loop_test(core, a_key_that_is_being_loaded_keeps_its_place, 0, policies);
    tcase_add_loop_test(core, who_waited_may_use_the_cache_while_the_value_stays, 0, policies);
    tcase_add_test(core, who_waits_for_a_cache_that_ends_is_called);
    tcase_add_test(core, a_value_too_costly_to_keep_is_given_to_who_waits);
    tcase_add_loop_test(core, each_value_that_is_removed_is_reported_once_with_the_reason, 0,
                        policies);
    tcase_add_test(core, a_walk_goes_from_the_most_recent_to_the_least);
    tcase_add_test(core, keys_are_read_again_after_a_restart);
    tcase_add_test(core, keys_that_are_damaged_are_not_read);
    tcase_add_test(core, keys_outside_their_range_are_refused);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
