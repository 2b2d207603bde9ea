/* Amounts as texts with the decimal places of their unit, and back, to the limits of int64. */
#include "support/check_main.h"
#include "support/random.h"

#include <holdfast.h>
#include <string.h>

static const struct {
    int64_t amount;
    uint32_t scale;
    const char *text;
} pairs[] = {
    {0, 0, "0"},
    {0, 2, "0.00"},
    {1999, 2, "19.99"},
    {-5, 2, "-0.05"},
    {-1999, 2, "-19.99"},
    {100, 2, "1.00"},
    {7, 0, "7"},
    {-7, 0, "-7"},
    {1, 18, "0.000000000000000001"},
    {INT64_MAX, 0, "9223372036854775807"},
    {INT64_MIN, 0, "-9223372036854775808"},
    {INT64_MAX, 2, "92233720368547758.07"},
    {INT64_MIN, 2, "-92233720368547758.08"},
    {INT64_MAX, 18, "9.223372036854775807"},
    {INT64_MIN, 18, "-9.223372036854775808"},
};
#define PAIRS ((int)(sizeof pairs / sizeof pairs[0]))

START_TEST(an_amount_and_its_text_are_the_same)
{
    char out[HF_AMOUNT_TEXT];
    char detail[64] = "as before";
    int64_t amount = 42;
    ck_assert_ptr_eq(hf_amount_format(pairs[_i].amount, pairs[_i].scale, out), out);
    ck_assert_str_eq(out, pairs[_i].text);
    ck_assert_int_eq(hf_amount_parse(out, pairs[_i].scale, &amount, detail, sizeof detail), 0);
    ck_assert_int_eq(amount, pairs[_i].amount);
    ck_assert_str_eq(detail, "");
}
END_TEST

static const struct {
    const char *text;
    uint32_t scale;
    int64_t amount;
} reads[] = {
    {"19.9", 2, 1990}, {"19", 2, 1900},   {"-19", 2, -1900}, {"-0", 2, 0},
    {"007", 0, 7},     {"0007.5", 1, 75}, {"-0.0", 3, 0},
};
#define READS ((int)(sizeof reads / sizeof reads[0]))

START_TEST(decimal_places_may_be_left_out_and_zeros_may_lead)
{
    int64_t amount = 42;
    ck_assert_int_eq(hf_amount_parse(reads[_i].text, reads[_i].scale, &amount, NULL, 0), 0);
    ck_assert_int_eq(amount, reads[_i].amount);
}
END_TEST

static const struct {
    const char *text;
    uint32_t scale;
    int error;
    const char *detail;
} refusals[] = {
    {NULL, 2, HF_E_ARGUMENT, "text: is NULL"},
    {"1", 19, HF_E_ARGUMENT, "scale: is above 18"},
    {"", 2, HF_E_TEXT_MISSING, "text: is empty"},
    {"-", 2, HF_E_AMOUNT, "character 2: the text ends where a digit is needed"},
    {"+1", 2, HF_E_AMOUNT, "character 1: is not a digit"},
    {" 1", 2, HF_E_AMOUNT, "character 1: is not a digit"},
    {"1 ", 2, HF_E_AMOUNT, "character 2: is not a digit"},
    {"--1", 2, HF_E_AMOUNT, "character 2: is not a digit"},
    {".5", 2, HF_E_AMOUNT, "character 1: is not a digit"},
    {"5.", 2, HF_E_AMOUNT, "character 3: the text ends where a digit is needed"},
    {"12,50", 2, HF_E_AMOUNT, "character 3: is not a digit"},
    {"1.2.3", 2, HF_E_AMOUNT, "character 4: is not a digit"},
    {"1e3", 2, HF_E_AMOUNT, "character 2: is not a digit"},
    {"0x10", 2, HF_E_AMOUNT, "character 2: is not a digit"},
    {"1.234", 2, HF_E_AMOUNT, "3 decimal places, the unit has 2"},
    {"1.0", 0, HF_E_AMOUNT, "1 decimal places, the unit has 0"},
    {"9223372036854775808", 0, HF_E_OVERFLOW, "the amount does not fit 64 bits"},
    {"-9223372036854775809", 0, HF_E_OVERFLOW, "the amount does not fit 64 bits"},
    {"92233720368547758.08", 2, HF_E_OVERFLOW, "the amount does not fit 64 bits"},
    {"-92233720368547758.09", 2, HF_E_OVERFLOW, "the amount does not fit 64 bits"},
    {"92233720368547759", 2, HF_E_OVERFLOW, "the amount does not fit 64 bits"},
    {"10", 18, HF_E_OVERFLOW, "the amount does not fit 64 bits"},
    {"99999999999999999999999999", 0, HF_E_OVERFLOW, "the amount does not fit 64 bits"},
};
#define REFUSALS ((int)(sizeof refusals / sizeof refusals[0]))

START_TEST(what_is_no_amount_of_the_unit_is_refused_and_the_place_named)
{
    char detail[64];
    int64_t amount = 42;
    int error =
        hf_amount_parse(refusals[_i].text, refusals[_i].scale, &amount, detail, sizeof detail);
    ck_assert_msg(error == refusals[_i].error, "%s: %s", refusals[_i].text, hf_error_name(error));
    ck_assert_str_eq(detail, refusals[_i].detail);
    ck_assert_int_eq(amount, 42);
}
END_TEST

START_TEST(what_is_missing_is_refused)
{
    char out[HF_AMOUNT_TEXT];
    ck_assert_ptr_null(hf_amount_format(1, 2, NULL));
    ck_assert_ptr_null(hf_amount_format(1, HF_UNIT_SCALE_MAX + 1, out));
    ck_assert_int_eq(hf_amount_parse("1", 2, NULL, NULL, 0), HF_E_ARGUMENT);
}
END_TEST

START_TEST(random_amounts_survive_their_text_in_every_scale)
{
    hf_test_random random = hf_test_seed();
    for (int i = 0; i < 100000; i++) {
        char out[HF_AMOUNT_TEXT];
        int64_t amount = (int64_t)(hf_test_next(&random) >> hf_test_below(&random, 64));
        int64_t back = 0;
        uint32_t scale = (uint32_t)hf_test_below(&random, HF_UNIT_SCALE_MAX + 1);
        amount = i % 2 == 0 ? amount : (int64_t)(0 - (uint64_t)amount);
        ck_assert_ptr_nonnull(hf_amount_format(amount, scale, out));
        ck_assert_int_eq(hf_amount_parse(out, scale, &back, NULL, 0), 0);
        ck_assert_int_eq(back, amount);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("amount");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, an_amount_and_its_text_are_the_same, 0, PAIRS);
    tcase_add_loop_test(core, decimal_places_may_be_left_out_and_zeros_may_lead, 0, READS);
    tcase_add_loop_test(core, what_is_no_amount_of_the_unit_is_refused_and_the_place_named, 0,
                        REFUSALS);
    tcase_add_test(core, what_is_missing_is_refused);
    tcase_add_test(core, random_amounts_survive_their_text_in_every_scale);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
