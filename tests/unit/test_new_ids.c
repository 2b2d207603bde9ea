/*
 * The set of ids ids: what it calls lacking was never noted, whatever the order of arrival, and
 * the newest ids never need a look-up.
 */
#include "cache/new_ids.h"
#include "support/check_main.h"
#include "support/random.h"

#include <holdfast/error.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY 64u
#define IDS      4000u

static hf_env env;
static hf__new_ids ids;

static void setup(void)
{
    hf__env_init(&env);
    ck_assert_int_eq(hf__new_ids_init(&ids, &env, CAPACITY), 0);
}

static void teardown(void)
{
    hf__new_ids_fini(&ids, &env);
}

/* The number in the first bytes: ids in the order of numbers. */
static hf_id id_of(uint64_t number)
{
    hf_id id = {.bytes = {0}};
    for (uint32_t i = 0; i < 8; i++)
        id.bytes[i] = (uint8_t)(number >> (56 - 8 * i));
    return id;
}

static void note(uint64_t number)
{
    hf_id id = id_of(number);
    hf__new_ids_add(&ids, id.bytes);
}

static bool lacks(uint64_t number)
{
    hf_id id = id_of(number);
    return hf__new_ids_is_new(&ids, id.bytes);
}

START_TEST(of_an_empty_store_every_id_is_new)
{
    ck_assert(lacks(1));
    ck_assert(lacks(UINT64_MAX));
    note(1);
    ck_assert(!lacks(1));
    ck_assert(lacks(2));
}
END_TEST

START_TEST(an_id_noted_twice_takes_one_place)
{
    for (uint32_t i = 0; i < 10 * CAPACITY; i++)
        note(7);
    ck_assert_uint_eq(ids.count, 1);
    ck_assert(lacks(6));
}
END_TEST

START_TEST(below_what_was_raised_nothing_is_lacking)
{
    hf_id floor = id_of(100);
    hf__new_ids_raise(&ids, floor.bytes);
    hf_id less = id_of(50);
    hf__new_ids_raise(&ids, less.bytes);
    ck_assert(!lacks(100));
    ck_assert(!lacks(99));
    ck_assert(lacks(101));
}
END_TEST

START_TEST(in_order_of_time_the_next_id_is_always_lacking)
{
    for (uint64_t i = 1; i < IDS; i++) {
        ck_assert(lacks(i));
        note(i);
        ck_assert(!lacks(i));
        for (uint64_t before = 1; before < i && before < CAPACITY; before++)
            ck_assert(!lacks(i - before));
    }
    ck_assert_uint_le(ids.count, CAPACITY);
}
END_TEST

START_TEST(an_id_far_ahead_of_its_time_makes_no_other_slow)
{
    note(UINT64_MAX - 1);
    for (uint64_t i = 1; i < IDS; i++) {
        ck_assert(lacks(i + 8)); /* as if several callers ran ahead */
        ck_assert(lacks(i));
        note(i);
    }
    ck_assert(!lacks(UINT64_MAX - 1));
    ck_assert(lacks(UINT64_MAX - 2));
}
END_TEST

START_TEST(whatever_the_order_what_is_there_is_never_lacking)
{
    static uint8_t noted[IDS];
    hf_test_random random = hf_test_seed();
    for (uint32_t round = 0; round < 20; round++) {
        teardown();
        setup();
        memset(noted, 0, sizeof noted);
        uint32_t window = 1 + hf_test_below(&random, IDS - 1);
        for (uint32_t i = 0; i < 2 * IDS; i++) {
            uint32_t base = (uint32_t)((uint64_t)i * (IDS - window) / (2 * (uint64_t)IDS));
            uint32_t number = base + hf_test_below(&random, window);
            note(number + 1);
            noted[number] = 1;
            uint32_t other = hf_test_below(&random, IDS);
            ck_assert(!noted[other] || !lacks(other + 1));
        }
        for (uint32_t i = 0; i < IDS; i++)
            ck_assert(!noted[i] || !lacks(i + 1));
    }
}
END_TEST

static void *no_memory(void *context, size_t bytes)
{
    (void)context;
    (void)bytes;
    return NULL;
}

START_TEST(without_memory_it_says_so)
{
    hf__new_ids none;
    void *(*alloc)(void *, size_t) = env.allocator.alloc;
    env.allocator.alloc = no_memory;
    ck_assert_int_eq(hf__new_ids_init(&none, &env, CAPACITY), HF_E_NOMEM);
    env.allocator.alloc = alloc;
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ids");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, teardown);
    tcase_add_test(core, of_an_empty_store_every_id_is_new);
    tcase_add_test(core, an_id_noted_twice_takes_one_place);
    tcase_add_test(core, below_what_was_raised_nothing_is_lacking);
    tcase_add_test(core, in_order_of_time_the_next_id_is_always_lacking);
    tcase_add_test(core, an_id_far_ahead_of_its_time_makes_no_other_slow);
    tcase_add_test(core, whatever_the_order_what_is_there_is_never_lacking);
    tcase_add_test(core, without_memory_it_says_so);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
