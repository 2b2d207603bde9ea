/* Varints: round trips, one encoding per number, both ends bounded. */
#include "base/varint.h"
#include "support/check_main.h"
#include "support/random.h"

#include <string.h>

static uint8_t buffer[64];

static hf__writer writer_of(size_t bytes)
{
    return (hf__writer){.at = buffer, .end = buffer + bytes};
}

static hf__reader reader_of(size_t bytes)
{
    return (hf__reader){.at = buffer, .end = buffer + bytes};
}

typedef struct sample {
    uint64_t value;
    size_t bytes;
} sample;

static const sample samples[] = {
    {0, 1},
    {1, 1},
    {127, 1},
    {128, 2},
    {16383, 2},
    {16384, 3},
    {1ull << 35, 6},
    {UINT32_MAX, 5},
    {(1ull << 56) - 1, 8},
    {1ull << 56, 9},
    {INT64_MAX, 9},
    {1ull << 63, 10},
    {UINT64_MAX, 10},
    {UINT64_MAX - 1, 10},
};
#define SAMPLE_COUNT ((int)(sizeof samples / sizeof samples[0]))

START_TEST(an_unsigned_number_comes_back)
{
    hf__writer writer = writer_of(sizeof buffer);
    hf__write_uvar(&writer, samples[_i].value);
    ck_assert_uint_eq((size_t)(writer.at - buffer), samples[_i].bytes);
    hf__reader reader = reader_of(samples[_i].bytes);
    ck_assert_uint_eq(hf__read_uvar(&reader), samples[_i].value);
    ck_assert(!writer.failed && !reader.failed && reader.at == reader.end);
}
END_TEST

START_TEST(a_number_cut_short_fails_both_ways)
{
    hf__writer writer = writer_of(sizeof buffer);
    hf__write_uvar(&writer, samples[_i].value);
    for (size_t bytes = 0; bytes < samples[_i].bytes; bytes++) {
        hf__reader reader = reader_of(bytes);
        ck_assert_uint_eq(hf__read_uvar(&reader), 0);
        ck_assert(reader.failed);
        writer = writer_of(bytes);
        hf__write_uvar(&writer, samples[_i].value);
        ck_assert(writer.failed && writer.at == buffer);
    }
}
END_TEST

START_TEST(a_signed_number_comes_back_and_small_ones_are_short)
{
    static const int64_t values[] = {0,  -1, 1,  -64,       63,        64,           -65,
                                     -2, 2,  99, INT64_MIN, INT64_MAX, INT64_MIN + 1};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        hf__writer writer = writer_of(sizeof buffer);
        hf__write_svar(&writer, values[i]);
        hf__reader reader = reader_of((size_t)(writer.at - buffer));
        ck_assert_int_eq(hf__read_svar(&reader), values[i]);
        ck_assert(!reader.failed && reader.at == reader.end);
        ck_assert((writer.at - buffer == 1) == (values[i] >= -64 && values[i] <= 63));
    }
}
END_TEST

typedef struct bad {
    uint8_t data[11];
    size_t bytes;
} bad;

static const bad bads[] = {
    {{0x80, 0x00}, 2}, /* 0 in two bytes */
    {{0xff, 0x00}, 2}, /* 127 in two bytes */
    {{0x80, 0x80, 0x00}, 3},
    {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00}, 10},
    {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02}, 10}, /* 65 bits */
    {{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f}, 10},
    {{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01}, 11},
    {{0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x81, 0x00}, 11},
};
#define BAD_COUNT ((int)(sizeof bads / sizeof bads[0]))

START_TEST(another_encoding_of_a_number_is_refused)
{
    memcpy(buffer, bads[_i].data, bads[_i].bytes);
    hf__reader reader = reader_of(bads[_i].bytes);
    ck_assert_uint_eq(hf__read_uvar(&reader), 0);
    ck_assert(reader.failed);
}
END_TEST

/* Whatever bytes are read as numbers, writing these numbers gives the bytes again. */
START_TEST(random_bytes_are_refused_or_come_back)
{
    hf_test_random random = hf_test_seed();
    for (int round = 0; round < 20000; round++) {
        uint8_t input[12];
        uint64_t mask = hf_test_next(&random);
        for (size_t i = 0; i < sizeof input; i++)
            input[i] = (uint8_t)(hf_test_next(&random) | ((mask >> i & 1) != 0 ? 0x80 : 0));
        hf__reader reader = {.at = input, .end = input + sizeof input};
        uint64_t value = hf__read_uvar(&reader);
        if (reader.failed)
            continue;
        hf__writer writer = writer_of(sizeof buffer);
        hf__write_uvar(&writer, value);
        ck_assert_int_eq(writer.at - buffer, reader.at - input);
        ck_assert_mem_eq(buffer, input, (size_t)(writer.at - buffer));
    }
}
END_TEST

static void write_text(hf__writer *writer, const char *text, size_t bytes)
{
    hf__write_uvar(writer, bytes);
    hf__write_bytes(writer, text, bytes);
}

START_TEST(bytes_and_texts_come_back)
{
    hf__writer writer = writer_of(sizeof buffer);
    hf__write_bytes(&writer, "\xc8", 1);
    write_text(&writer, "hold", 4);
    write_text(&writer, NULL, 0);
    hf__write_bytes(&writer, "xyz", 3);
    hf__write_bytes(&writer, NULL, 0);
    ck_assert(!writer.failed);
    hf__reader reader = reader_of((size_t)(writer.at - buffer));
    char text[8];
    ck_assert_uint_eq(hf__read_u8(&reader), 200);
    memset(text, 'q', sizeof text);
    ck_assert(hf__read_text(&reader, text, 7));
    ck_assert_mem_eq(text, "hold\0\0\0", 8);
    ck_assert(hf__read_text(&reader, text, 7));
    ck_assert_mem_eq(text, "\0\0\0\0\0\0\0", 8);
    ck_assert_mem_eq(hf__read_bytes(&reader, 3), "xyz", 3);
    ck_assert(!reader.failed && reader.at == reader.end);
}
END_TEST

START_TEST(a_text_longer_than_the_place_is_refused)
{
    char text[4];
    hf__writer writer = writer_of(sizeof buffer);
    write_text(&writer, "hold", 4);
    hf__reader reader = reader_of(5);
    ck_assert(!hf__read_text(&reader, text, 3));
    ck_assert(reader.failed);
    ck_assert_mem_eq(text, "\0\0\0", 4);
}
END_TEST

START_TEST(a_text_that_is_cut_or_lies_is_refused)
{
    char text[64];
    hf__writer writer = writer_of(sizeof buffer);
    write_text(&writer, "hold", 4);
    hf__reader reader = reader_of(4);
    ck_assert(!hf__read_text(&reader, text, 63));
    writer = writer_of(sizeof buffer);
    hf__write_uvar(&writer, UINT64_MAX);
    reader = reader_of(sizeof buffer);
    ck_assert(!hf__read_text(&reader, text, 63));
    ck_assert(reader.failed);
}
END_TEST

START_TEST(a_text_with_a_nul_inside_is_refused)
{
    char text[8];
    hf__writer writer = writer_of(sizeof buffer);
    write_text(&writer, "a\0b", 3);
    hf__reader reader = reader_of(4);
    ck_assert(!hf__read_text(&reader, text, 7));
    ck_assert_mem_eq(text, "\0\0\0\0\0\0\0", 8);
}
END_TEST

START_TEST(what_failed_stays_failed)
{
    hf__writer writer = writer_of(2);
    hf__write_bytes(&writer, "abc", 3);
    ck_assert(writer.failed);
    hf__write_bytes(&writer, "x", 1);
    ck_assert(writer.failed && writer.at == buffer);
    hf__reader reader = reader_of(2);
    ck_assert_ptr_null(hf__read_bytes(&reader, 3));
    ck_assert_ptr_null(hf__read_bytes(&reader, 1));
    ck_assert_uint_eq(hf__read_u8(&reader), 0);
    ck_assert_uint_eq(hf__read_uvar(&reader), 0);
    ck_assert_int_eq(hf__read_svar(&reader), 0);
    ck_assert(reader.failed && reader.at == buffer);
    ck_assert_ptr_null(hf__read_bytes(&reader, SIZE_MAX));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("varint");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, an_unsigned_number_comes_back, 0, SAMPLE_COUNT);
    tcase_add_loop_test(core, a_number_cut_short_fails_both_ways, 0, SAMPLE_COUNT);
    tcase_add_test(core, a_signed_number_comes_back_and_small_ones_are_short);
    tcase_add_loop_test(core, another_encoding_of_a_number_is_refused, 0, BAD_COUNT);
    tcase_add_test(core, random_bytes_are_refused_or_come_back);
    tcase_add_test(core, bytes_and_texts_come_back);
    tcase_add_test(core, a_text_longer_than_the_place_is_refused);
    tcase_add_test(core, a_text_that_is_cut_or_lies_is_refused);
    tcase_add_test(core, a_text_with_a_nul_inside_is_refused);
    tcase_add_test(core, what_failed_stays_failed);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
