/* What measures: the histogram, the choices, the open loop, and rows by their keys. */
#include "load.h"
#include "rowmap.h"
#include "support/check_main.h"

#include <string.h>

static latency taken;

static void setup(void)
{
    memset(&taken, 0, sizeof(taken));
}

/* ---- Histogram ---- */

START_TEST(a_percentile_is_within_one_in_128)
{
    for (uint64_t ns = 1; ns < (UINT64_C(1) << 38); ns = ns * 9 / 8 + 1) {
        memset(&taken, 0, sizeof(taken));
        latency_add(&taken, ns, 3);
        latency_add(&taken, UINT64_C(1) << 39, 1);
        uint64_t reported = latency_at(&taken, 0.5);
        ck_assert_uint_ge(reported, ns);
        ck_assert_uint_le(reported - ns, ns / 128);
    }
}
END_TEST

START_TEST(percentiles_of_a_thousand_values_are_theirs)
{
    for (uint64_t i = 1; i <= 1000; i++)
        latency_add(&taken, i * 1000, 1);
    ck_assert_uint_eq(taken.count, 1000);
    ck_assert_uint_eq(latency_at(&taken, 1), 1000000);
    ck_assert_uint_ge(latency_at(&taken, 0.5), 500000);
    ck_assert_uint_le(latency_at(&taken, 0.5), 504000);
    ck_assert_uint_ge(latency_at(&taken, 0.99), 990000);
    ck_assert_uint_le(latency_at(&taken, 0.99), 998000);
}
END_TEST

START_TEST(what_is_too_long_counts_as_the_longest)
{
    latency_add(&taken, UINT64_MAX, 1);
    ck_assert_uint_eq(latency_at(&taken, 0.5), (UINT64_C(1) << LATENCY_BITS) - 1);
}
END_TEST

START_TEST(nothing_has_no_percentile)
{
    ck_assert_uint_eq(latency_at(&taken, 0.99), 0);
}
END_TEST

/* ---- Choices ---- */

static uint32_t count_first(uint32_t spread)
{
    choice of;
    uint32_t items[2];
    uint32_t wallet;
    uint32_t first = 0;
    choice_init(&of, spread);
    for (uint32_t i = 0; i < 10000; i++) {
        choice_next(&of, items, &wallet);
        ck_assert_uint_lt(items[0], CHOICE_ITEMS);
        ck_assert_uint_lt(items[1], CHOICE_ITEMS);
        ck_assert_uint_lt(wallet, CHOICE_WALLETS);
        ck_assert(spread == CHOICE_HOT || items[0] != items[1]);
        first += items[0] == 0;
    }
    return first;
}

START_TEST(orders_spread_as_requested)
{
    ck_assert_uint_lt(count_first(CHOICE_UNIFORM), 10);
    uint32_t zipf = count_first(CHOICE_ZIPF); /* 1 / sum(i ^ -1.1), i to 10,000: 15.1 % */
    ck_assert_uint_gt(zipf, 1400);
    ck_assert_uint_lt(zipf, 1620);
    ck_assert_uint_eq(count_first(CHOICE_HOT), 10000);
}
END_TEST

START_TEST(everybody_gets_the_same_orders)
{
    choice of[2];
    uint32_t items[2][2];
    uint32_t wallet[2];
    for (int k = 0; k < 2; k++)
        choice_init(&of[k], CHOICE_ZIPF);
    for (int i = 0; i < 100; i++) {
        for (int k = 0; k < 2; k++)
            choice_next(&of[k], items[k], &wallet[k]);
        ck_assert_mem_eq(items[0], items[1], sizeof(items[0]));
        ck_assert_uint_eq(wallet[0], wallet[1]);
    }
}
END_TEST

START_TEST(a_name_has_five_digits)
{
    char name[CHOICE_NAME_BYTES + 1];
    choice_name(name, "item", 42);
    ck_assert_str_eq(name, "item-00042");
}
END_TEST

/* ---- Load ---- */

static load *filled(void)
{
    load *l = load_open(&(load_options){.url = "memory:", .durability = "default"});
    ck_assert_ptr_nonnull(l);
    ck_assert_str_eq(load_error(l), "");
    ck_assert_int_eq(load_fill(l), 0);
    return l;
}

START_TEST(every_form_does_as_many_as_requested)
{
    static load_result result;
    load *l = filled();
    for (uint32_t form = 0; form < LOAD_FORMS; form++) {
        const load_case c = {.operations = 50, .form = form, .in_flight = 8};
        ck_assert_msg(load_run(l, &c, &result) == 0, "%s", load_error(l));
        ck_assert_uint_eq(result.operations, 50);
        ck_assert_uint_eq(result.latency.count, 50);
        ck_assert_uint_gt(result.engine_most, 0);
    }
    ck_assert_int_eq(load_close(l), 0);
}
END_TEST

/* At a billion a second all are to begin at once: those that find the queue full wait, and it
 * counts. */
START_TEST(an_open_loop_measures_from_when_an_order_was_to_begin)
{
    static load_result open_loop;
    static load_result closed_loop;
    load *l = filled();
    const load_case open_case = {.operations = 2000, .rate = 1e9, .in_flight = 1};
    const load_case closed_case = {.operations = 2000, .in_flight = 1};
    ck_assert_int_eq(load_run(l, &open_case, &open_loop), 0);
    ck_assert_int_eq(load_run(l, &closed_case, &closed_loop), 0);
    ck_assert_uint_eq(open_loop.latency.count, 2000);
    /* the last waited all the time; in a closed loop all that was waited fits into the time */
    ck_assert_uint_gt(open_loop.latency.max_ns, (uint64_t)(open_loop.seconds * 1e9) / 2);
    uint64_t half_wait_ns = 1000 * latency_at(&closed_loop.latency, 0.5);
    ck_assert_uint_lt(half_wait_ns, (uint64_t)(closed_loop.seconds * 1e9) * 129 / 128);
    ck_assert_int_eq(load_close(l), 0);
}
END_TEST

START_TEST(reads_without_orders_are_an_error)
{
    static load_result result;
    load *l = filled();
    const load_case c = {.operations = 1, .form = LOAD_GET, .in_flight = 1};
    ck_assert_int_eq(load_run(l, &c, &result), -1);
    ck_assert_ptr_nonnull(strstr(load_error(l), "there are no orders"));
    ck_assert_int_eq(load_close(l), 0);
}
END_TEST

START_TEST(a_store_that_cannot_be_opened_is_an_error)
{
    load *l = load_open(&(load_options){.url = "lmdb:/nowhere/at/all", .durability = "store"});
    ck_assert_ptr_nonnull(strstr(load_error(l), "/nowhere/at/all"));
    ck_assert_int_eq(load_close(l), 0);
}
END_TEST

/* ---- Rows ---- */

START_TEST(a_row_is_found_changed_and_gone_by_its_key)
{
    rowmap *map = rowmap_create(100);
    const rowmap_key one = {1, 3, (const uint8_t *)"abc"};
    const rowmap_key other_table = {2, 3, (const uint8_t *)"abc"};
    uint32_t bytes = 0;
    ck_assert(rowmap_put(map, &one, (const uint8_t *)"first", 5));
    ck_assert_ptr_null(rowmap_get(map, &other_table, &bytes));
    ck_assert(rowmap_put(map, &one, (const uint8_t *)"a longer second", 15));
    ck_assert_mem_eq(rowmap_get(map, &one, &bytes), "a longer second", 15);
    ck_assert_uint_eq(bytes, 15);
    ck_assert_uint_eq(rowmap_rows(map), 1);
    rowmap_del(map, &one);
    ck_assert_ptr_null(rowmap_get(map, &one, &bytes));
    ck_assert_uint_eq(rowmap_rows(map), 0);
    ck_assert(rowmap_put(map, &one, (const uint8_t *)"third", 5));
    ck_assert_mem_eq(rowmap_get(map, &one, &bytes), "third", 5);
    rowmap_destroy(map);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("load");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, NULL);
    tcase_add_test(core, a_percentile_is_within_one_in_128);
    tcase_add_test(core, percentiles_of_a_thousand_values_are_theirs);
    tcase_add_test(core, what_is_too_long_counts_as_the_longest);
    tcase_add_test(core, nothing_has_no_percentile);
    tcase_add_test(core, orders_spread_as_requested);
    tcase_add_test(core, everybody_gets_the_same_orders);
    tcase_add_test(core, a_name_has_five_digits);
    tcase_add_test(core, every_form_does_as_many_as_requested);
    tcase_add_test(core, an_open_loop_measures_from_when_an_order_was_to_begin);
    tcase_add_test(core, reads_without_orders_are_an_error);
    tcase_add_test(core, a_store_that_cannot_be_opened_is_an_error);
    tcase_add_test(core, a_row_is_found_changed_and_gone_by_its_key);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
