/* Ids: their layout, their order, their text. */
#include "base/id.h"
#include "support/check_main.h"
#include "support/random.h"

#include <holdfast/error.h>
#include <string.h>

#define TIME_MAX (((int64_t)1 << 48) - 1)
#define SAMPLE   "01890a5d-ac96-774b-bcce-b302099a8057"

static hf__id_source source;

static void setup(void)
{
    const uint64_t seed[2] = {1, 2};
    hf__id_source_init(&source, seed);
}

static hf_id next(int64_t now_ms)
{
    hf_id id;
    hf__id_next(&source, now_ms, &id);
    return id;
}

static hf_id parsed(const char *text)
{
    hf_id id;
    ck_assert_int_eq(hf_id_parse(text, &id), 0);
    return id;
}

START_TEST(a_made_id_is_a_uuid7_of_its_time)
{
    static const int64_t times[] = {0, 1, 255, 256, 1700000000000, TIME_MAX};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        hf_id id = next(times[i]);
        ck_assert(hf__id_valid(&id));
        ck_assert(!hf__id_zero(&id));
        ck_assert_int_eq(hf_id_time(&id), times[i]);
    }
}
END_TEST

START_TEST(ids_ascend_whatever_the_clock_does)
{
    hf_test_random random = hf_test_seed();
    int64_t now = 1700000000000;
    hf_id last = next(now);
    for (int i = 0; i < 100000; i++) {
        now += (int64_t)hf_test_below(&random, 5) - 2;
        hf_id id = next(now);
        ck_assert_int_lt(memcmp(last.bytes, id.bytes, 16), 0);
        ck_assert(hf__id_valid(&id));
        last = id;
    }
}
END_TEST

START_TEST(a_full_counter_borrows_from_the_future)
{
    hf_id last = next(5000);
    for (int i = 1; i < 4096; i++) {
        last = next(5000);
        ck_assert_int_eq(hf_id_time(&last), 5000);
    }
    hf_id id = next(5000);
    ck_assert_int_eq(hf_id_time(&id), 5001);
    ck_assert_int_lt(memcmp(last.bytes, id.bytes, 16), 0);
    last = id;
    id = next(4000); /* a step back does not take the loan back */
    ck_assert_int_eq(hf_id_time(&id), 5001);
    ck_assert_int_lt(memcmp(last.bytes, id.bytes, 16), 0);
}
END_TEST

START_TEST(times_out_of_range_are_brought_into_it)
{
    hf_id id = next(-5);
    ck_assert_int_eq(hf_id_time(&id), 0);
    id = next(INT64_MAX);
    ck_assert_int_eq(hf_id_time(&id), TIME_MAX);
    for (int i = 0; i < 5000; i++) {
        hf_id other = next(INT64_MAX);
        ck_assert(hf__id_valid(&other));
        ck_assert_int_eq(hf_id_time(&other), TIME_MAX);
        ck_assert(!hf__id_equal(&id, &other));
        id = other;
    }
}
END_TEST

START_TEST(the_same_seed_gives_the_same_ids)
{
    hf__id_source other;
    const uint64_t seeds[3][2] = {{1, 2}, {1, 3}, {2, 2}};
    hf_id first = next(1000);
    for (int i = 0; i < 3; i++) {
        hf_id id;
        hf__id_source_init(&other, seeds[i]);
        hf__id_next(&other, 1000, &id);
        ck_assert_int_eq(hf__id_equal(&first, &id), i == 0);
    }
}
END_TEST

START_TEST(a_zero_seed_is_as_good_as_another)
{
    const uint64_t zero[2] = {0, 0};
    hf__id_source_init(&source, zero);
    hf_id a = next(1000);
    hf_id b = next(1000);
    ck_assert_mem_ne(a.bytes + 9, b.bytes + 9, 7);
}
END_TEST

START_TEST(a_derived_id_keeps_the_time_and_differs_by_number)
{
    hf_id base = parsed(SAMPLE);
    hf_id made[64];
    for (uint64_t i = 0; i < 64; i++) {
        hf__id_derive(&base, i, &made[i]);
        ck_assert(hf__id_valid(&made[i]));
        ck_assert_int_eq(hf_id_time(&made[i]), hf_id_time(&base));
        ck_assert(!hf__id_equal(&made[i], &base));
        for (uint64_t k = 0; k < i; k++)
            ck_assert(!hf__id_equal(&made[i], &made[k]));
    }
    char text[37];
    ck_assert_str_eq(hf_id_format(&made[7], text), "01890a5d-ac96-7a07-b716-24265cf15768");
    hf__id_derive(&base, 7, &base); /* into its own place */
    ck_assert(hf__id_equal(&base, &made[7]));
}
END_TEST

/* Hosts keep such ids: the bytes may never change. */
START_TEST(an_id_from_a_key_is_stable)
{
    hf_id id;
    char text[37];
    ck_assert_int_eq(hf_id_from_key(1700000000000, "order 4711 at shop.example", &id), 0);
    ck_assert_str_eq(hf_id_format(&id, text), "018bcfe5-6800-7fd7-b462-7ed08355904b");
    ck_assert_int_eq(hf_id_time(&id), 1700000000000);
    ck_assert_int_eq(hf_id_from_key(0, "123456789", &id), 0);
    ck_assert_str_eq(hf_id_format(&id, text), "00000000-0000-7cd5-a971-6427681d5860");
    ck_assert_int_eq(hf_id_from_key(TIME_MAX, "\xff\x01", &id), 0);
    ck_assert(hf__id_valid(&id));
    ck_assert_int_eq(hf_id_time(&id), TIME_MAX);
}
END_TEST

START_TEST(an_id_from_a_bad_key_is_refused)
{
    static char text[4098];
    hf_id id = {.bytes = {42}};
    hf_id before = id;
    memset(text, 'x', 4097);
    ck_assert_int_eq(hf_id_from_key(0, NULL, &id), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_id_from_key(0, "", &id), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_id_from_key(0, text, &id), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_id_from_key(-1, "a", &id), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_id_from_key(TIME_MAX + 1, "a", &id), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_id_from_key(0, "a", NULL), HF_E_ARGUMENT);
    ck_assert(hf__id_equal(&id, &before));
    text[4096] = '\0';
    ck_assert_int_eq(hf_id_from_key(0, text, &id), 0);
}
END_TEST

START_TEST(an_id_is_written_and_read)
{
    char text[37];
    hf_id id = parsed(SAMPLE);
    ck_assert_uint_eq(id.bytes[0], 0x01);
    ck_assert_uint_eq(id.bytes[6], 0x77);
    ck_assert_uint_eq(id.bytes[15], 0x57);
    ck_assert_ptr_eq(hf_id_format(&id, text), text);
    ck_assert_str_eq(text, SAMPLE);
    hf_id upper = parsed("01890A5D-AC96-774B-BCCE-B302099A8057");
    ck_assert(hf__id_equal(&id, &upper));
    ck_assert_int_eq(hf_id_time(&id), 0x01890a5dac96);
    ck_assert_ptr_null(hf_id_format(NULL, text));
    ck_assert_ptr_null(hf_id_format(&id, NULL));
    ck_assert_int_eq(hf_id_time(NULL), 0);
}
END_TEST

static const char *const bads[] = {
    "",
    "0",
    "01890a5d-ac96-774b-bcce-b302099a805",
    "01890a5d-ac96-774b-bcce-b302099a80577",
    "01890a5dac96774bbcceb302099a8057",
    "01890a5d-ac96-774b-bcce-b302099a805g",
    "01890a5d-ac96-774b-bcce-b302099a805 ",
    "01890a5d-ac96-774b-bcce-b302099a805\xc3",
    "01890a5d_ac96_774b_bcce_b302099a8057",
    "01890a5d-ac96-774b-bcceb-302099a8057",
    "-1890a5d-ac96-774b-bcce-b302099a8057",
    "{1890a5d-ac96-774b-bcce-b302099a8057",
    "01890a5d-ac96-474b-bcce-b302099a8057", /* version 4 */
    "01890a5d-ac96-874b-bcce-b302099a8057", /* version 8 */
    "01890a5d-ac96-774b-7cce-b302099a8057", /* variant 01 */
    "01890a5d-ac96-774b-ccce-b302099a8057", /* variant 11 */
    "00000000-0000-0000-0000-000000000000",
};
#define BAD_COUNT ((int)(sizeof bads / sizeof bads[0]))

START_TEST(a_text_that_is_no_uuid7_is_refused)
{
    hf_id id = {.bytes = {42}};
    ck_assert_int_eq(hf_id_parse(bads[_i], &id), HF_E_ID);
    ck_assert_uint_eq(id.bytes[0], 42);
    ck_assert_int_eq(hf_id_parse(NULL, &id), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_id_parse(SAMPLE, NULL), HF_E_ARGUMENT);
}
END_TEST

START_TEST(the_zero_id_is_known)
{
    hf_id id = {.bytes = {0}};
    ck_assert(hf__id_zero(&id));
    ck_assert(!hf__id_valid(&id));
    id.bytes[15] = 1;
    ck_assert(!hf__id_zero(&id));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("id");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, NULL);
    tcase_add_test(core, a_made_id_is_a_uuid7_of_its_time);
    tcase_add_test(core, ids_ascend_whatever_the_clock_does);
    tcase_add_test(core, a_full_counter_borrows_from_the_future);
    tcase_add_test(core, times_out_of_range_are_brought_into_it);
    tcase_add_test(core, the_same_seed_gives_the_same_ids);
    tcase_add_test(core, a_zero_seed_is_as_good_as_another);
    tcase_add_test(core, a_derived_id_keeps_the_time_and_differs_by_number);
    tcase_add_test(core, an_id_from_a_key_is_stable);
    tcase_add_test(core, an_id_from_a_bad_key_is_refused);
    tcase_add_test(core, an_id_is_written_and_read);
    tcase_add_loop_test(core, a_text_that_is_no_uuid7_is_refused, 0, BAD_COUNT);
    tcase_add_test(core, the_zero_id_is_known);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
