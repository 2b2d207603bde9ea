/* Errors: the table and its three views. */
#include "support/check_main.h"

#include <holdfast/error.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

typedef struct row {
    int value;
    int class_id;
    const char *name;
    const char *text;
} row;

static const row rows[] = {
#define ROW(error, number, class, words) {number, HF_CLASS_##class, #error, words},
    HF_ERROR_TABLE(ROW)
#undef ROW
};
#define ROW_COUNT ((int)(sizeof rows / sizeof rows[0]))

START_TEST(an_error_has_its_name_text_and_class)
{
    const row *expected = &rows[_i];
    ck_assert_int_lt(expected->value, 0);
    ck_assert_str_eq(hf_error_name(expected->value), expected->name);
    ck_assert_str_eq(hf_error_text(expected->value), expected->text);
    ck_assert_int_eq(hf_error_class(expected->value), expected->class_id);
    ck_assert_int_eq(strncmp(expected->name, "HF_E_", 5), 0);
    size_t length = strlen(expected->text);
    ck_assert_uint_gt(length, 0);
    ck_assert_int_ne(expected->text[length - 1], '.');
}
END_TEST

START_TEST(success_is_no_error)
{
    ck_assert_str_eq(hf_error_name(0), "HF_OK");
    ck_assert_str_eq(hf_error_text(0), "success");
    ck_assert_int_eq(hf_error_class(0), HF_CLASS_OK);
}
END_TEST

static bool known(int number)
{
    bool found = number == 0;
    for (int i = 0; i < ROW_COUNT; i++)
        found = found || rows[i].value == number;
    return found;
}

static void check_foreign(int number)
{
    ck_assert_str_eq(hf_error_name(number), "HF_E_?");
    ck_assert_str_eq(hf_error_text(number), "unknown error");
    ck_assert_int_eq(hf_error_class(number), HF_CLASS_FATAL);
}

START_TEST(every_other_number_is_foreign)
{
    int checked = 0;
    for (int number = -300; number <= 300; number++) {
        if (known(number))
            continue;
        check_foreign(number);
        checked++;
    }
    ck_assert_int_eq(checked, 601 - ROW_COUNT - 1);
    check_foreign(INT_MAX);
    check_foreign(INT_MIN);
    check_foreign(INT_MIN + 1);
}
END_TEST

START_TEST(names_and_texts_are_used_once)
{
    for (int i = 0; i < _i; i++) {
        ck_assert_str_ne(rows[i].name, rows[_i].name);
        ck_assert_str_ne(rows[i].text, rows[_i].text);
        ck_assert_int_ne(rows[i].value, rows[_i].value);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("error");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, an_error_has_its_name_text_and_class, 0, ROW_COUNT);
    tcase_add_loop_test(core, names_and_texts_are_used_once, 0, ROW_COUNT);
    tcase_add_test(core, success_is_no_error);
    tcase_add_test(core, every_other_number_is_foreign);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
