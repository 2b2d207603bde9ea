/* The hash map, against plain arrays. */
#include "base/checksum.h"
#include "base/invariant.h"
#include "base/structures/map.h"
#include "support/broken.h"
#include "support/check_main.h"
#include "support/random.h"

#include <string.h>

#define KEYS 500

static hf_env env;

static void setup(void)
{
    hf__env_init(&env);
}

static hf__map made(uint32_t capacity)
{
    hf__map map;
    ck_assert_int_eq(hf__map_init(&map, &env, capacity), 0);
    return map;
}

START_TEST(a_value_is_found_by_its_key)
{
    hf__map map = made(4);
    int one = 1;
    int two = 2;
    ck_assert(hf__map_put(&map, 11, "one", 3, &one));
    ck_assert(hf__map_put(&map, 22, "two", 3, &two));
    char other_place[] = "one";
    ck_assert_ptr_eq(hf__map_get(&map, 11, other_place, 3), &one);
    ck_assert_ptr_eq(hf__map_get(&map, 22, "two", 3), &two);
    ck_assert_ptr_null(hf__map_get(&map, 33, "six", 3));
    ck_assert_uint_eq(map.count, 2);
    hf__map_fini(&map, &env);
}
END_TEST

START_TEST(keys_of_one_hash_are_distinguished)
{
    hf__map map = made(4);
    int values[4];
    ck_assert(hf__map_put(&map, 7, "a", 1, &values[0]));
    ck_assert(hf__map_put(&map, 7, "ab", 2, &values[1]));
    ck_assert(hf__map_put(&map, 7, "b", 1, &values[2]));
    ck_assert(hf__map_put(&map, 7, NULL, 0, &values[3]));
    ck_assert_ptr_eq(hf__map_get(&map, 7, "a", 1), &values[0]);
    ck_assert_ptr_eq(hf__map_get(&map, 7, "ab", 2), &values[1]);
    ck_assert_ptr_eq(hf__map_get(&map, 7, "b", 1), &values[2]);
    ck_assert_ptr_eq(hf__map_get(&map, 7, "", 0), &values[3]);
    ck_assert_ptr_eq(hf__map_del(&map, 7, "a", 1), &values[0]);
    ck_assert_ptr_null(hf__map_get(&map, 7, "a", 1));
    ck_assert_ptr_eq(hf__map_get(&map, 7, "ab", 2), &values[1]);
    ck_assert_ptr_eq(hf__map_get(&map, 7, "b", 1), &values[2]);
    ck_assert_ptr_eq(hf__map_get(&map, 7, NULL, 0), &values[3]);
    hf__map_fini(&map, &env);
}
END_TEST

START_TEST(a_second_put_replaces_value_and_key)
{
    hf__map map = made(1);
    char old_key[] = "key";
    int values[2];
    ck_assert(hf__map_put(&map, 5, old_key, 3, &values[0]));
    ck_assert(hf__map_put(&map, 5, "key", 3, &values[1]));
    memset(old_key, 'x', 3); /* its owner may go */
    ck_assert_ptr_eq(hf__map_get(&map, 5, "key", 3), &values[1]);
    ck_assert_uint_eq(map.count, 1);
    hf__map_fini(&map, &env);
}
END_TEST

START_TEST(a_full_map_refuses_new_keys_only)
{
    hf__map map = made(2);
    int values[3];
    ck_assert(hf__map_put(&map, 1, "a", 1, &values[0]));
    ck_assert(hf__map_put(&map, 2, "b", 1, &values[1]));
    ck_assert(!hf__map_put(&map, 3, "c", 1, &values[2]));
    ck_assert_ptr_null(hf__map_get(&map, 3, "c", 1));
    ck_assert(hf__map_put(&map, 2, "b", 1, &values[2]));
    ck_assert_ptr_eq(hf__map_del(&map, 1, "a", 1), &values[0]);
    ck_assert(hf__map_put(&map, 3, "c", 1, &values[0]));
    hf__map_fini(&map, &env);
}
END_TEST

START_TEST(a_map_of_nothing_holds_nothing)
{
    hf__map map = made(0);
    int value;
    ck_assert(!hf__map_put(&map, 1, "a", 1, &value));
    ck_assert_ptr_null(hf__map_get(&map, 1, "a", 1));
    ck_assert_ptr_null(hf__map_del(&map, 1, "a", 1));
    hf__map_fini(&map, &env);
}
END_TEST

START_TEST(next_visits_every_entry_once)
{
    hf__map map = made(100);
    static char keys[100];
    for (int i = 0; i < 100; i++) {
        keys[i] = (char)i;
        ck_assert(hf__map_put(&map, (uint64_t)i * 977, &keys[i], 1, &keys[i]));
    }
    bool seen[100] = {false};
    uint32_t position = 0;
    hf__map_slot *slot;
    for (int i = 0; i < 100; i++) {
        ck_assert(hf__map_next(&map, &position, &slot));
        ptrdiff_t index = (char *)slot->value - keys;
        ck_assert(!seen[index]);
        seen[index] = true;
    }
    ck_assert(!hf__map_next(&map, &position, &slot));
    ck_assert(!hf__map_next(&map, &position, &slot));
    hf__map_fini(&map, &env);
}
END_TEST

START_TEST(clear_removes_everything)
{
    hf__map map = made(3);
    int value;
    ck_assert(hf__map_put(&map, 1, "a", 1, &value));
    hf__map_clear(&map);
    uint32_t position = 0;
    hf__map_slot *slot;
    ck_assert(!hf__map_next(&map, &position, &slot));
    ck_assert_ptr_null(hf__map_get(&map, 1, "a", 1));
    ck_assert_uint_eq(map.count, 0);
    hf__map_fini(&map, &env);
}
END_TEST

/* Few different hashes make long runs that wrap around the end of the slots. */
START_TEST(random_work_agrees_with_an_array)
{
    hf_test_random random = hf_test_seed();
    const uint32_t hashes = (uint32_t[]){3, 64, 4096}[_i];
    static uint32_t keys[KEYS];
    void *expected[KEYS] = {NULL};
    hf__map map = made(KEYS / 2);
    uint32_t count = 0;
    for (uint32_t i = 0; i < KEYS; i++)
        keys[i] = i;
    for (int step = 0; step < 40000; step++) {
        uint32_t i = hf_test_below(&random, KEYS);
        uint64_t hash = UINT64_MAX - hf__hash64(&keys[i], 4) % hashes;
        ck_assert_ptr_eq(hf__map_get(&map, hash, &keys[i], 4), expected[i]);
        if (hf_test_below(&random, 2) == 0) {
            ck_assert_ptr_eq(hf__map_del(&map, hash, &keys[i], 4), expected[i]);
            count -= expected[i] != NULL ? 1 : 0;
            expected[i] = NULL;
        } else {
            void *value = &keys[hf_test_below(&random, KEYS)];
            bool fits = expected[i] != NULL || count < KEYS / 2;
            ck_assert(hf__map_put(&map, hash, &keys[i], 4, value) == fits);
            count += fits && expected[i] == NULL ? 1 : 0;
            expected[i] = fits ? value : NULL;
        }
        ck_assert_uint_eq(map.count, count);
    }
    hf__map_fini(&map, &env);
}
END_TEST

/* Puts keys 0..count-1, widening as its users do; false when a key found no place. */
static bool fill(hf__map *map, uint32_t *keys, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        keys[i] = i;
        while (!hf__map_put(map, hf__hash64(&keys[i], 4), &keys[i], 4, &keys[i])) {
            if (!hf__map_widen(map))
                return false;
            for (uint32_t again = 0; again < i; again++)
                ck_assert(
                    hf__map_put(map, hf__hash64(&keys[again], 4), &keys[again], 4, &keys[again]));
        }
    }
    return true;
}

START_TEST(a_narrowed_map_uses_few_slots_and_takes_all_that_it_could)
{
    static uint32_t keys[KEYS + 1];
    hf__map map = made(KEYS);
    const uint32_t widest = map.mask;
    hf__map_narrow(&map, 10);
    ck_assert_uint_lt(map.mask, widest);
    ck_assert(fill(&map, keys, 40)); /* what the fewest slots take */
    ck_assert_uint_lt(map.mask, widest);
    hf__map_clear(&map);
    ck_assert(fill(&map, keys, KEYS));
    ck_assert_uint_eq(map.mask, widest);
    for (uint32_t i = 0; i < KEYS; i++)
        ck_assert_ptr_eq(hf__map_get(&map, hf__hash64(&keys[i], 4), &keys[i], 4), &keys[i]);
    hf__map_clear(&map);
    ck_assert(!fill(&map, keys, KEYS + 1)); /* the capacity stays */
    hf__map_fini(&map, &env);
}
END_TEST

START_TEST(a_map_narrowed_for_more_than_its_capacity_uses_all_slots)
{
    hf__map map = made(3);
    const uint32_t widest = map.mask;
    hf__map_narrow(&map, 1000);
    ck_assert_uint_eq(map.mask, widest);
    ck_assert(!hf__map_widen(&map));
    hf__map_fini(&map, &env);
}
END_TEST

START_TEST(narrowing_a_map_with_entries_breaks_an_invariant)
{
    hf__map map = made(KEYS);
    const uint32_t widest = map.mask;
    int value;
    ck_assert(hf__map_put(&map, 1, "a", 1, &value));
    hf__map_narrow(&map, 1);
    ck_assert_ptr_nonnull(hf__invariant_taken(HF__OF_SHARED));
    ck_assert_uint_eq(map.mask, widest);
    ck_assert_ptr_eq(hf__map_get(&map, 1, "a", 1), &value);
    hf__map_fini(&map, &env);
}
END_TEST

static void *no_memory(void *context, size_t bytes)
{
    (void)context;
    (void)bytes;
    return NULL;
}

START_TEST(a_map_without_memory_is_refused)
{
    hf__map map;
    ck_assert_int_eq(hf__map_init(&map, &env, UINT32_MAX), HF_E_NOMEM);
    hf__map_fini(&map, &env);
    env.allocator.alloc = no_memory;
    ck_assert_int_eq(hf__map_init(&map, &env, 10), HF_E_NOMEM);
    hf__map_fini(&map, &env);
}
END_TEST

START_TEST(a_null_value_breaks_an_invariant)
{
    hf__map map = made(1);
    ck_assert(!hf__map_put(&map, 1, "a", 1, NULL));
    ck_assert_ptr_nonnull(hf__invariant_taken(HF__OF_SHARED));
    ck_assert_uint_eq(map.count, 0);
    hf__map_fini(&map, &env);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("map");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, NULL);
    tcase_add_test(core, a_value_is_found_by_its_key);
    tcase_add_test(core, keys_of_one_hash_are_distinguished);
    tcase_add_test(core, a_second_put_replaces_value_and_key);
    tcase_add_test(core, a_full_map_refuses_new_keys_only);
    tcase_add_test(core, a_map_of_nothing_holds_nothing);
    tcase_add_test(core, next_visits_every_entry_once);
    tcase_add_test(core, clear_removes_everything);
    tcase_add_loop_test(core, random_work_agrees_with_an_array, 0, 3);
    tcase_add_test(core, a_narrowed_map_uses_few_slots_and_takes_all_that_it_could);
    tcase_add_test(core, a_map_narrowed_for_more_than_its_capacity_uses_all_slots);
    tcase_add_test(core, a_map_without_memory_is_refused);
    hf_test_add_breaking(core, a_null_value_breaks_an_invariant);
    hf_test_add_breaking(core, narrowing_a_map_with_entries_breaks_an_invariant);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
