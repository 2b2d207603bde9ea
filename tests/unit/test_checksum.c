/* Checksums: published vectors, both ways of CRC32C, any alignment and any cut. */
#include "base/checksum.h"
#include "support/check_main.h"
#include "support/random.h"

#include <string.h>

typedef uint32_t crc_function(uint32_t crc, const void *data, size_t bytes);

static crc_function *const ways[] = {hf__crc32c, hf__crc32c_portable};
#define WAYS ((int)(sizeof ways / sizeof ways[0]))

static uint8_t data[4096 + 64];

static void fill(void)
{
    hf_test_random random = hf_test_seed();
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)hf_test_next(&random);
}

/* Bit by bit, as the polynomial says. */
static uint32_t slow_crc(uint32_t crc, const uint8_t *at, size_t bytes)
{
    crc = ~crc;
    for (; bytes > 0; bytes--, at++) {
        crc ^= *at;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82f63b78u : 0);
    }
    return ~crc;
}

/* RFC 3720, appendix B.4, and the usual check word. */
START_TEST(crc32c_gives_the_published_values)
{
    crc_function *crc32c = ways[_i];
    uint8_t block[32];
    ck_assert_uint_eq(crc32c(0, "123456789", 9), 0xe3069283u);
    ck_assert_uint_eq(crc32c(0, NULL, 0), 0);
    memset(block, 0, sizeof block);
    ck_assert_uint_eq(crc32c(0, block, sizeof block), 0x8a9136aau);
    memset(block, 0xff, sizeof block);
    ck_assert_uint_eq(crc32c(0, block, sizeof block), 0x62a8ab43u);
    for (uint8_t i = 0; i < 32; i++)
        block[i] = i;
    ck_assert_uint_eq(crc32c(0, block, sizeof block), 0x46dd794eu);
    for (uint8_t i = 0; i < 32; i++)
        block[i] = (uint8_t)(31 - i);
    ck_assert_uint_eq(crc32c(0, block, sizeof block), 0x113fdb5cu);
}
END_TEST

START_TEST(crc32c_agrees_with_the_definition)
{
    fill();
    for (size_t offset = 0; offset < 9; offset++) {
        for (size_t bytes = 0; bytes < 70; bytes++)
            ck_assert_uint_eq(ways[_i](77, data + offset, bytes),
                              slow_crc(77, data + offset, bytes));
    }
    ck_assert_uint_eq(ways[_i](0, data, sizeof data), slow_crc(0, data, sizeof data));
    for (unsigned byte = 0; byte < 256; byte++) {
        uint8_t block[8] = {0};
        for (size_t place = 0; place < 8; place++) {
            block[place] = (uint8_t)byte;
            ck_assert_uint_eq(ways[_i](0, block, 8), slow_crc(0, block, 8));
            block[place] = 0;
        }
    }
}
END_TEST

START_TEST(crc32c_may_be_taken_in_pieces)
{
    fill();
    uint32_t whole = ways[_i](0, data, 200);
    for (size_t cut = 0; cut <= 200; cut++) {
        uint32_t first = ways[_i](0, data, cut);
        ck_assert_uint_eq(ways[_i](first, data + cut, 200 - cut), whole);
    }
}
END_TEST

/* Stored values hang on these: fingerprints, ids from keys. */
START_TEST(hash128_gives_the_published_values)
{
    static const uint8_t empty[16] = {0x99, 0xaa, 0x06, 0xd3, 0x01, 0x47, 0x98, 0xd8,
                                      0x60, 0x01, 0xc3, 0x24, 0x46, 0x8d, 0x49, 0x7f};
    static const uint8_t digits[16] = {0x33, 0x11, 0x94, 0x77, 0xed, 0xe5, 0xdc, 0xd5,
                                       0xe9, 0x71, 0x64, 0x27, 0x68, 0x1d, 0x58, 0x60};
    uint8_t out[16];
    hf__hash128("", 0, out);
    ck_assert_mem_eq(out, empty, 16);
    hf__hash128(NULL, 0, out);
    ck_assert_mem_eq(out, empty, 16);
    hf__hash128("123456789", 9, out);
    ck_assert_mem_eq(out, digits, 16);
}
END_TEST

START_TEST(hash64_distinguishes_contents)
{
    fill();
    uint64_t whole = hf__hash64(data, 300);
    ck_assert_uint_eq(hf__hash64(data, 300), whole);
    ck_assert_uint_ne(hf__hash64(data, 299), whole);
    data[150] ^= 1;
    ck_assert_uint_ne(hf__hash64(data, 300), whole);
    ck_assert_uint_eq(hf__hash64(NULL, 0), 0x2d06800538d394c2u);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("checksum");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, crc32c_gives_the_published_values, 0, WAYS);
    tcase_add_loop_test(core, crc32c_agrees_with_the_definition, 0, WAYS);
    tcase_add_loop_test(core, crc32c_may_be_taken_in_pieces, 0, WAYS);
    tcase_add_test(core, hash128_gives_the_published_values);
    tcase_add_test(core, hash64_distinguishes_contents);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
