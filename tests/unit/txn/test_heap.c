/*
 * The heap of times: first comes what is due first, whatever was put in, moved and taken out.
 */
#include "support/check_main.h"
#include "support/random.h"
#include "txn/heap.h"

#define ITEMS 200

static hf__timed items[ITEMS];
static hf_env env;
static hf__heap heap;

static void setup(void)
{
    memset(items, 0, sizeof items);
    hf__env_init(&env);
    ck_assert_int_eq(hf__heap_init(&heap, &env, ITEMS), 0);
}

static void teardown(void)
{
    hf__heap_fini(&heap, &env);
}

/* The least of all that are in, by looking at each. */
static int64_t least(void)
{
    int64_t least = INT64_MAX;
    for (int i = 0; i < ITEMS; i++) {
        if (items[i].index != 0 && items[i].at_ms < least)
            least = items[i].at_ms;
    }
    return least;
}

START_TEST(the_first_is_the_least_through_changes_at_random)
{
    hf_test_random random = {.state = 3};
    for (int step = 0; step < 20000; step++) {
        hf__timed *item = &items[hf_test_below(&random, ITEMS)];
        if (hf_test_below(&random, 3) == 0)
            hf__heap_clear(&heap, item);
        else
            hf__heap_set(&heap, item, (int64_t)hf_test_below(&random, 1000));
        hf__timed *first = hf__heap_first(&heap);
        ck_assert_int_eq(first == NULL ? INT64_MAX : first->at_ms, least());
    }
}
END_TEST

START_TEST(what_is_left_after_removals_comes_out_in_order)
{
    hf_test_random random = {.state = 5};
    for (int round = 0; round < 200; round++) {
        int64_t last = 0;
        uint32_t left = 0;
        for (int i = 0; i < ITEMS; i++)
            hf__heap_set(&heap, &items[i], 1 + (int64_t)hf_test_below(&random, 1000));
        for (int i = 0; i < ITEMS / 3; i++)
            hf__heap_clear(&heap, &items[hf_test_below(&random, ITEMS)]);
        for (int i = 0; i < ITEMS; i++)
            left += items[i].index != 0;
        for (hf__timed *first = hf__heap_first(&heap); first != NULL;
             first = hf__heap_first(&heap), left--) {
            ck_assert_int_ge(first->at_ms, last);
            last = first->at_ms;
            hf__heap_clear(&heap, first);
            ck_assert_uint_eq(first->index, 0);
        }
        ck_assert_uint_eq(left, 0);
    }
}
END_TEST

START_TEST(an_item_that_is_not_in_is_taken_out_without_effect)
{
    hf__heap_clear(&heap, &items[0]);
    hf__heap_set(&heap, &items[1], 5);
    hf__heap_clear(&heap, &items[0]);
    ck_assert_ptr_eq(hf__heap_first(&heap), &items[1]);
    hf__heap_clear(&heap, &items[1]);
    hf__heap_clear(&heap, &items[1]);
    ck_assert_ptr_null(hf__heap_first(&heap));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_heap");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, teardown);
    tcase_add_test(core, the_first_is_the_least_through_changes_at_random);
    tcase_add_test(core, what_is_left_after_removals_comes_out_in_order);
    tcase_add_test(core, an_item_that_is_not_in_is_taken_out_without_effect);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
