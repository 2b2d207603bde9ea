/* The reader of JSON takes and refuses what jansson does, and says where a text stops to be JSON.
 */
#include "common/json_read.h"
#include "support/check_main.h"
#include "support/random.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT = 512, CHANGES = 20000 };

void memory_out(void);

void memory_out(void)
{
    abort();
}

static const char *const good[] = {
    "{}",
    "[]",
    " \t\r\n[ ] \n",
    "{\"a\":1,\"b\":[true,false,null],\"c\":{\"d\":\"e\"}}",
    "[0,-0,7,-7,9223372036854775807,-9223372036854775808]",
    "[0.5,-1.25e3,1E+2,1e-400,123456789012345678901234567890.0]",
    "[\"\",\"a\\\"b\\\\c\\/d\\b\\f\\n\\r\\t\",\"\\u0041\\u00e4\\u20ac\\ud83d\\uDE00\"]",
    "[\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"]",
    "{\"\":0,\"\\u0061\":{\"\\u0062\\\"\":[[[]]]}}",
    "{\"currency\":\"EUR\",\"total\":2100,\"lines\":[{\"sku\":\"item-1\",\"quantity\":2}]}",
};

static const struct {
    const char *text, *why;
    int line, column;
} bad[] = {
    {"", "a text is an object or an array", 1, 1},
    {"7", "a text is an object or an array", 1, 1},
    {"\xef\xbb\xbf{}", "a text is an object or an array", 1, 1},
    {"{} {}", "there is more behind the value", 1, 4},
    {"{\"a\":1,\n \"a\":2}", "an object has a name twice", 2, 7},
    {"{\"a\":1,\"\\u0061\":{}}", "an object has a name twice", 1, 18},
    {"[1 2]", "an array has no end", 1, 4},
    {"[1", "an array has no end", 1, 3},
    {"[1,]", "there is no value", 1, 4},
    {"[,1]", "there is no value", 1, 2},
    {"{\"a\":1,}", "a member has no name", 1, 8},
    {"{\"a\" 1}", "a name has no colon", 1, 6},
    {"{\"a\":1]", "an object has no end", 1, 7},
    {"{a:1}", "a member has no name", 1, 2},
    {"[tru]", "a value is not known", 1, 2},
    {"[True]", "there is no value", 1, 2},
    {"[NaN]", "there is no value", 1, 2},
    {"['a']", "there is no value", 1, 2},
    {"[-]", "a minus has no number", 1, 3},
    {"[+1]", "there is no value", 1, 2},
    {"[01]", "an array has no end", 1, 3},
    {"[1.]", "a fraction has no digit", 1, 4},
    {"[1e]", "an exponent has no digit", 1, 4},
    {"[1e999]", "a number is too large", 1, 7},
    {"[9223372036854775808]", "an integer has more than 64 bits", 1, 21},
    {"[-9223372036854775809]", "an integer has more than 64 bits", 1, 22},
    {"[\"a", "a string has no end", 1, 4},
    {"[\"\n\"]", "a control character in a string", 1, 3},
    {"[\"\xff\"]", "a string is not UTF-8", 1, 3},
    {"[\"\xed\xa0\x80\"]", "a string is not UTF-8", 1, 3},
    {"[\"\xc3\xa4\xc3", "a string is not UTF-8", 1, 4},
    {"[\"\\u0000\"]", "a NUL in a string", 1, 9},
    {"[\"\\u00\"]", "\\u has four hex digits", 1, 7},
    {"[\"\\ud800\"]", "half of a pair of surrogates", 1, 9},
    {"[\"\\ud800\\u0041\"]", "half of a pair of surrogates", 1, 15},
    {"[\"\\udc00\"]", "half of a pair of surrogates", 1, 9},
    {"[\"\\x\"]", "an escape is not known", 1, 4},
    {"[\"\\", "an escape is not known", 1, 4},
};

enum { GOOD = sizeof(good) / sizeof(good[0]), BAD = sizeof(bad) / sizeof(bad[0]) };

/* Checks that both readers make the same of a text, which lies at the end of its memory. */
static bool compare(const char *text, size_t bytes)
{
    char *copy = malloc(bytes == 0 ? 1 : bytes);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, text, bytes);
    json_t *expected = json_loadb(copy, bytes, JSON_REJECT_DUPLICATES, NULL);
    json_t *found = json_read(copy, bytes, JSON_READ_DEPTH, NULL);
    if ((expected == NULL) != (found == NULL) ||
        (expected != NULL && json_equal(expected, found) == 0))
        ck_abort_msg("other than jansson: %.*s", (int)bytes, text);
    const bool is_json = found != NULL;
    json_decref(expected);
    json_decref(found);
    free(copy);
    return is_json;
}

START_TEST(a_good_text_has_the_values_of_jansson)
{
    ck_assert(compare(good[_i], strlen(good[_i])));
}
END_TEST

START_TEST(a_bad_text_is_refused_where_it_stops_to_be_json)
{
    json_wrong wrong = {.is_deep = true};
    ck_assert_ptr_null(json_read(bad[_i].text, strlen(bad[_i].text), JSON_READ_DEPTH, &wrong));
    ck_assert_str_eq(wrong.why, bad[_i].why);
    ck_assert_int_eq(wrong.line, bad[_i].line);
    ck_assert_int_eq(wrong.column, bad[_i].column);
    ck_assert(!wrong.is_deep);
    ck_assert(!compare(bad[_i].text, strlen(bad[_i].text)));
}
END_TEST

START_TEST(the_part_of_a_good_text_is_none)
{
    const size_t whole = strlen(good[_i]);
    for (size_t bytes = 0; bytes < whole; bytes++)
        (void)compare(good[_i], bytes);
}
END_TEST

/* Bytes that mean something in JSON, so that a change is often good. */
static const char *const alphabet =
    "{}[]:,\"\\ \n0123456789.-+eEtrufalsn\x1f\x7f\xc3\xa4\xed\xa0\xf0";

START_TEST(changed_texts_are_read_as_jansson_does)
{
    hf_test_random random = hf_test_seed();
    int taken = 0;
    for (int i = 0; i < CHANGES; i++) {
        char text[TEXT];
        const char *from = good[hf_test_below(&random, GOOD)];
        const size_t bytes = strlen(from);
        memcpy(text, from, bytes + 1);
        for (uint32_t count = hf_test_below(&random, 3) + 1; count > 0; count--)
            text[hf_test_below(&random, (uint32_t)bytes)] =
                alphabet[hf_test_below(&random, (uint32_t)strlen(alphabet))];
        taken += compare(text, bytes) ? 1 : 0;
    }
    ck_assert_int_gt(taken, 0);
    ck_assert_int_lt(taken, CHANGES);
}
END_TEST

START_TEST(a_text_has_at_most_the_levels_that_are_allowed)
{
    json_wrong wrong;
    json_t *three = json_read("[{\"a\":[]}]", 10, 3, &wrong);
    ck_assert_ptr_nonnull(three);
    json_decref(three);
    ck_assert_ptr_null(json_read("[{\"a\":[]}]", 10, 2, &wrong));
    ck_assert(wrong.is_deep);
    ck_assert_int_eq(wrong.column, 7);
}
END_TEST

START_TEST(a_text_is_read_up_to_a_thousand_levels)
{
    char text[2 * JSON_READ_DEPTH + 2];
    memset(text, '[', JSON_READ_DEPTH + 1);
    memset(text + JSON_READ_DEPTH + 1, ']', JSON_READ_DEPTH + 1);
    json_wrong wrong;
    json_t *deepest = json_read(text + 1, sizeof(text) - 2, SIZE_MAX, &wrong);
    ck_assert_ptr_nonnull(deepest);
    json_decref(deepest);
    ck_assert_ptr_null(json_read(text, sizeof(text), SIZE_MAX, &wrong));
    ck_assert(wrong.is_deep);
}
END_TEST

START_TEST(no_text_is_no_json)
{
    ck_assert_ptr_null(json_read(NULL, 0, JSON_READ_DEPTH, NULL));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("json_read");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, a_good_text_has_the_values_of_jansson, 0, GOOD);
    tcase_add_loop_test(core, a_bad_text_is_refused_where_it_stops_to_be_json, 0, BAD);
    tcase_add_loop_test(core, the_part_of_a_good_text_is_none, 0, GOOD);
    tcase_add_test(core, changed_texts_are_read_as_jansson_does);
    tcase_add_test(core, a_text_has_at_most_the_levels_that_are_allowed);
    tcase_add_test(core, a_text_is_read_up_to_a_thousand_levels);
    tcase_add_test(core, no_text_is_no_json);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
