/* Texts: what a key may be, details, names, card numbers. */
#include "base/text.h"
#include "support/check_main.h"

#include <stdio.h>
#include <string.h>

#define A10 "aaaaaaaaaa"
#define A60 A10 A10 A10 A10 A10 A10

typedef struct sample {
    const char *text;
    int error;
} sample;

/* clang-format off */
static const sample samples[] = {
    {"a", 0},
    {"SKU-1", 0},
    {" ", 0},
    {"gr\xc3\xbc\xc3\x9f", 0},
    {"\xc2\xa0", 0},                                /* U+00A0, the first after C1 */
    {"\xdf\xbf", 0},
    {"\xe0\xa0\x80", 0},                            /* U+0800, the first of three bytes */
    {"\xed\x9f\xbf", 0},                            /* U+D7FF, before the surrogates */
    {"\xee\x80\x80", 0},                            /* U+E000, after them */
    {"\xef\xbf\xbf", 0},
    {"\xf0\x90\x80\x80", 0},                        /* U+10000 */
    {"\xf4\x8f\xbf\xbf", 0},                        /* U+10FFFF */
    {A60 "aaa", 0},                                 /* 63 bytes */
    {A60 "a\xc3\xbc", 0},
    {A60 "aaaa", HF_E_TEXT_LONG},
    {A60 "aa\xc3\xbc", HF_E_TEXT_LONG},
    {A60 "\x01\xff\x01\xff", HF_E_TEXT_LONG},       /* length comes first */
    {"\x80", HF_E_TEXT_UTF8},
    {"a\xbf", HF_E_TEXT_UTF8},
    {"\xc0\x80", HF_E_TEXT_UTF8},                   /* overlong NUL */
    {"\xc1\xbf", HF_E_TEXT_UTF8},                   /* overlong */
    {"\xe0\x9f\xbf", HF_E_TEXT_UTF8},               /* overlong */
    {"\xf0\x8f\xbf\xbf", HF_E_TEXT_UTF8},           /* overlong */
    {"\xed\xa0\x80", HF_E_TEXT_UTF8},               /* U+D800 */
    {"\xed\xbf\xbf", HF_E_TEXT_UTF8},               /* U+DFFF */
    {"\xf4\x90\x80\x80", HF_E_TEXT_UTF8},           /* U+110000 */
    {"\xf5\x80\x80\x80", HF_E_TEXT_UTF8},
    {"\xff", HF_E_TEXT_UTF8},
    {"\xc3", HF_E_TEXT_UTF8},                       /* cut */
    {"\xe2\x82", HF_E_TEXT_UTF8},
    {"\xf0\x9f\x98", HF_E_TEXT_UTF8},
    {"\xc3(", HF_E_TEXT_UTF8},
    {"\xe2\x82(", HF_E_TEXT_UTF8},
    {"\xf0\x9f(\x80", HF_E_TEXT_UTF8},
    {"\x01\xff", HF_E_TEXT_UTF8},                   /* before controls */
    {"\x01", HF_E_TEXT_CONTROL},
    {"a\n", HF_E_TEXT_CONTROL},
    {"\x1f", HF_E_TEXT_CONTROL},
    {"\x7f", HF_E_TEXT_CONTROL},
    {"\xc2\x80", HF_E_TEXT_CONTROL},
    {"a\xc2\x9f", HF_E_TEXT_CONTROL},
    {"4111111111111111", 0},                        /* a key may be any number */
    {"4111 1111 1111 1111", 0},
};
/* clang-format on */
#define SAMPLE_COUNT ((int)(sizeof samples / sizeof samples[0]))

START_TEST(a_key_text_is_checked)
{
    const sample *s = &samples[_i];
    uint32_t bytes = 99;
    ck_assert_int_eq(hf__text_check(s->text, true, &bytes), s->error);
    ck_assert_uint_eq(bytes, s->error == 0 ? strlen(s->text) : 0);
    ck_assert_int_eq(hf__text_check(s->text, false, NULL), s->error);
}
END_TEST

START_TEST(a_missing_text_is_refused_where_it_must_be_given)
{
    uint32_t bytes = 99;
    ck_assert_int_eq(hf__text_check(NULL, true, &bytes), HF_E_TEXT_MISSING);
    ck_assert_int_eq(hf__text_check("", true, &bytes), HF_E_TEXT_MISSING);
    ck_assert_int_eq(hf__text_check(NULL, false, &bytes), 0);
    ck_assert_uint_eq(bytes, 0);
    ck_assert_int_eq(hf__text_check("", false, &bytes), 0);
    ck_assert_uint_eq(bytes, 0);
}
END_TEST

/* Numbers that networks publish for tests. */
/* clang-format off */
static const char *const cards[] = {
    "4222222222222",       "4111111111111111",    "4242424242424242",    "5555555555554444",
    "5105105105105100",    "2223003122003222",    "2720992222222229",    "378282246310005",
    "371449635398431",     "30569309025904",      "36227206271667",      "6011111111111117",
    "3530111333300000",    "6200000000000005",    "6759649826438453",    "4000056655665556",
    "6205500000000000004", "2200000000000004",    "4111-1111-1111-1111", "3782 822463 10005",
    "4-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1",
};

/* What is a number of something else, or nothing at all. */
static const char *const others[] = {
    "4111111111111112",       /* fails Luhn */
    "411111111111",           /* too short */
    "41111111111111111115",   /* 20 digits */
    "0000000000000000",       /* no issuer */
    "1700000000004",          /* a time in milliseconds that passes Luhn */
    "2024010100000006",       /* an order number with a date that passes Luhn */
    "9000000000000001",       /* no issuer */
    "4006381333023",          /* a product number (GTIN-13) that passes Luhn too */
    "4111  1111 1111 1111",   /* a double space */
    "4111 -1111 1111 1111",
    "4111_1111_1111_1111",
    "4111.1111.1111.1111",
    "0.4111111111111111",     /* a fraction */
    "4111111111111111.5",
    "a4111111111111111",      /* inside a hexadecimal id */
    "4111111111111111F",
    "00c0ffee4111111111111111",
    "41111111-1111-1111-be47-112233445566",
    "be471122-4111-1111-1111-1111",
    "01890a5d-ac96-774b-bcce-b302099a8057",
    "", "4", "-", " ", "4 ", "visa",
};
/* clang-format on */
#define CARD_COUNT  ((int)(sizeof cards / sizeof cards[0]))
#define OTHER_COUNT ((int)(sizeof others / sizeof others[0]))

static bool found(const char *text)
{
    return hf__text_has_card_number(text, strlen(text));
}

START_TEST(a_card_number_is_found_alone_and_inside)
{
    static const char *const frames[] = {
        "%s",    "pan=%s",  "{\"note\":\"%s\"}", "Visa%s.", "order 12 %s", "CC-%s",
        "%s-ab", "%s 2027", "x %s-77",           "p%sq",    "%sand",
    };
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        char text[100];
        const char *place = strstr(frames[i], "%s");
        (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(place - frames[i]), frames[i],
                       cards[_i], place + 2);
        ck_assert_msg(found(text), "%s", text);
    }
    ck_assert_int_eq(hf__text_check(cards[_i], true, NULL), 0);
}
END_TEST

START_TEST(another_number_is_not_taken_for_a_card)
{
    ck_assert_msg(!found(others[_i]), "%s", others[_i]);
}
END_TEST

START_TEST(bytes_beyond_the_length_are_not_read)
{
    static const char text[] = {'4', '1', '1', '1', '1', '1', '1', '1',
                                '1', '1', '1', '1', '1', '1', '1', '1'};
    ck_assert(hf__text_has_card_number(text, 16));
    ck_assert(!hf__text_has_card_number(text, 15));
    ck_assert(!hf__text_has_card_number(NULL, 0));
    static const char zeros[] = "\0\0"
                                "4111111111111111"
                                "\0";
    ck_assert(hf__text_has_card_number(zeros, sizeof zeros));
}
END_TEST

START_TEST(a_cleaned_text_is_one_line_and_loses_digits_only_on_demand)
{
    char text[] = "7 times\t4111 1111 1111 1111\n\x7f";
    hf__text_clean(text, false);
    ck_assert_str_eq(text, "7 times?4111 1111 1111 1111??");
    hf__text_clean(text, true);
    ck_assert_str_eq(text, "* times?**** **** **** ****??");
    char other[] = "7 times 4111 1111 1111 1112";
    hf__text_clean(other, true);
    ck_assert_str_eq(other, "7 times 4111 1111 1111 1112");
}
END_TEST

START_TEST(a_refusal_sets_the_detail_and_returns_the_error)
{
    hf__detail detail;
    ck_assert_int_eq(hf__refuse(&detail, HF_E_STOCK_SHORT, "line %d: %s", 3, "sku"),
                     HF_E_STOCK_SHORT);
    ck_assert_str_eq(detail.text, "line 3: sku");
    ck_assert_int_eq(hf__refuse(NULL, HF_E_IO, "nobody listens"), HF_E_IO);
}
END_TEST

START_TEST(a_detail_is_cut_between_characters)
{
    static const char *const letters[] = {"a", "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    const char *letter = letters[_i / 5];
    char text[600] = "xxxx";
    for (size_t at = (size_t)_i % 5; at < 540; at += strlen(letter))
        (void)snprintf(text + at, sizeof text - at, "%s", letter);
    hf__detail detail;
    memset(&detail, 0x55, sizeof detail);
    (void)hf__refuse(&detail, HF_E_IO, "%s", text);
    size_t length = strlen(detail.text);
    ck_assert_uint_gt(length, HF__DETAIL_MAX - 1 - strlen(letter));
    ck_assert_uint_lt(length, HF__DETAIL_MAX);
    ck_assert_uint_eq((length - (size_t)(_i % 5)) % strlen(letter), 0);
    ck_assert_mem_eq(detail.text, text, length);
}
END_TEST

START_TEST(a_text_that_could_not_be_printed_is_empty)
{
    char text[4] = "abc";
    hf__text_end(text, sizeof text, 3);
    ck_assert_str_eq(text, "abc");
    hf__text_end(text, sizeof text, -1);
    ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(a_text_of_a_few_bytes_is_cut_within_them)
{
    char none[1] = "";
    hf__text_end(none, sizeof none, 5);
    ck_assert_str_eq(none, "");
    char half[3] = "\xe2\x82";
    hf__text_end(half, sizeof half, 3);
    ck_assert_str_eq(half, "");
    char headless[3] = "\x82\x82"; /* was never UTF-8; stays as it is */
    hf__text_end(headless, sizeof headless, 3);
    ck_assert_str_eq(headless, "\x82\x82");
}
END_TEST

START_TEST(names_are_padded_and_compared)
{
    hf_name a;
    hf_name b;
    memset(&a, 'z', sizeof a);
    memset(&b, 'y', sizeof b);
    hf__name_set(&a, "EUR");
    hf__name_set(&b, "EUR");
    ck_assert(hf__name_equal(&a, &b));
    ck_assert(hf__name_is(&a, "EUR"));
    ck_assert(!hf__name_is(&a, "EU"));
    ck_assert(!hf__name_is(&a, "EURO"));
    ck_assert(!hf__name_is(&a, NULL));
    ck_assert(!hf__name_empty(&a));
    hf__name_set(&b, NULL);
    ck_assert(hf__name_empty(&b));
    ck_assert(hf__name_is(&b, ""));
    ck_assert(hf__name_is(&b, NULL));
    ck_assert(!hf__name_equal(&a, &b));
    hf__name_set(&a, a.text + 1);
    ck_assert(hf__name_is(&a, "UR"));
}
END_TEST

START_TEST(a_name_of_63_bytes_is_whole)
{
    hf_name name;
    hf__name_set(&name, A60 "abc");
    ck_assert(hf__name_is(&name, A60 "abc"));
    ck_assert(!hf__name_is(&name, A60 "abcd"));
    hf__name_set(&name, A60 "abcd");
    ck_assert_str_eq(name.text, A60 "abc");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, a_key_text_is_checked, 0, SAMPLE_COUNT);
    tcase_add_test(core, a_missing_text_is_refused_where_it_must_be_given);
    tcase_add_loop_test(core, a_card_number_is_found_alone_and_inside, 0, CARD_COUNT);
    tcase_add_loop_test(core, another_number_is_not_taken_for_a_card, 0, OTHER_COUNT);
    tcase_add_test(core, bytes_beyond_the_length_are_not_read);
    tcase_add_test(core, a_cleaned_text_is_one_line_and_loses_digits_only_on_demand);
    tcase_add_test(core, a_refusal_sets_the_detail_and_returns_the_error);
    tcase_add_loop_test(core, a_detail_is_cut_between_characters, 0, 20);
    tcase_add_test(core, a_text_that_could_not_be_printed_is_empty);
    tcase_add_test(core, a_text_of_a_few_bytes_is_cut_within_them);
    tcase_add_test(core, names_are_padded_and_compared);
    tcase_add_test(core, a_name_of_63_bytes_is_whole);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
