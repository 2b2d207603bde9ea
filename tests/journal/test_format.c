/*
 * The bytes of a journal: what is written is read back, and nothing else is taken for it.
 */
#include "journal/format_1.h"
#include "support/check_main.h"
#include "support/random.h"

#include <stdlib.h>
#include <string.h>

#define COPY_BYTES 84u
#define CRC_AT     80u

static const hf__segment_head some_head = {
    .owner = {.store = {{1, 2, 3, 4}}, .incarnation = 5, .journal = 6},
    .seq = 7,
    .after = UINT64_C(0x0123456789abcdef),
    .salt = 99,
    .bytes = 1 << 20,
    .schema = 4,
    .format = HF__SEGMENT_FORMAT,
};
static hf__segment_link link_read;

static void same_head(const hf__segment_head *a, const hf__segment_head *b)
{
    ck_assert_uint_eq(a->seq, b->seq);
    ck_assert_uint_eq(a->after, b->after);
    ck_assert_uint_eq(a->salt, b->salt);
    ck_assert_uint_eq(a->bytes, b->bytes);
    ck_assert_uint_eq(a->schema, b->schema);
    ck_assert_uint_eq(a->format, b->format);
    ck_assert_mem_eq(&a->owner, &b->owner, sizeof a->owner);
}

/* ---- Segments -------------------------------------------------------------------------------- */

START_TEST(a_segments_header_is_read_as_it_was_written)
{
    uint8_t page[HF__SEGMENT_HEAD];
    hf__segment_head read;
    hf__segment_head_write(&some_head, page);
    ck_assert_int_eq(hf__segment_head_read(page, &read, &link_read), HF__SEGMENT_GOOD);
    same_head(&read, &some_head);
}
END_TEST

START_TEST(a_header_with_a_turned_bit_is_read_from_its_other_copy)
{
    uint8_t page[HF__SEGMENT_HEAD];
    hf__segment_head read;
    for (uint32_t copy = 0; copy < 2; copy++) {
        for (uint32_t bit = 0; bit < 8 * COPY_BYTES; bit++) {
            hf__segment_head_write(&some_head, page);
            page[copy * COPY_AT + bit / 8] ^= (uint8_t)(1u << bit % 8);
            ck_assert_int_eq(hf__segment_head_read(page, &read, &link_read), HF__SEGMENT_GOOD);
            same_head(&read, &some_head);
        }
    }
}
END_TEST

/* Which of the two is damaged decides what is said, never that something is taken. */
START_TEST(a_header_with_both_copies_damaged_is_refused)
{
    hf_test_random random = {.state = 17};
    for (uint32_t i = 0; i < 20000; i++) {
        uint8_t page[HF__SEGMENT_HEAD];
        hf__segment_head read;
        hf__segment_head_write(&some_head, page);
        for (uint32_t copy = 0; copy < 2; copy++) {
            uint32_t bit = hf_test_below(&random, 8 * COPY_BYTES);
            page[copy * COPY_AT + bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        hf__segment_look look = hf__segment_head_read(page, &read, &link_read);
        ck_assert(look == HF__SEGMENT_DAMAGED || look == HF__SEGMENT_FOREIGN);
    }
}
END_TEST

/* Sets a field of both copies, and checksums that fit. */
static void rewrite(uint8_t page[HF__SEGMENT_HEAD], uint32_t at, uint8_t value)
{
    for (uint32_t copy = 0; copy < 2; copy++)
        page[(size_t)copy * COPY_AT + at] = value;
    set_checksums(page, CRC_AT);
}

START_TEST(a_header_of_format_1_torn_between_two_uses_is_the_one_or_the_other)
{
    uint8_t page[HF__SEGMENT_HEAD];
    uint8_t newer[HF__SEGMENT_HEAD];
    hf__segment_head read;
    hf__segment_head before = some_head;
    before.owner = (hf_store_identity){.flags = 0};
    before.format = HF__SEGMENT_FORMAT_1;
    hf__segment_head next = before;
    next.seq = 8;
    next.salt = 100;
    next.after = some_head.after + 5;
    write_format_1(&next, newer);
    for (uint32_t bytes = 0; bytes <= COPY_AT + COPY_BYTES; bytes++) {
        write_format_1(&before, page);
        memcpy(page, newer, bytes);
        ck_assert_int_eq(hf__segment_head_read(page, &read, &link_read), HF__SEGMENT_GOOD);
        same_head(&read, bytes < CRC_1_AT + 4 ? &before : &next);
    }
    write_format_1(&before, page); /* the second sector alone came through */
    memcpy(page + COPY_AT, newer + COPY_AT, COPY_BYTES);
    ck_assert_int_eq(hf__segment_head_read(page, &read, &link_read), HF__SEGMENT_GOOD);
    same_head(&read, &next);
}
END_TEST

START_TEST(a_header_whose_copies_are_of_two_uses_is_damaged)
{
    uint8_t page[HF__SEGMENT_HEAD];
    uint8_t other[HF__SEGMENT_HEAD];
    hf__segment_head read;
    hf__segment_head next = some_head;
    next.seq = 8;
    hf__segment_head_write(&some_head, page);
    hf__segment_head_write(&next, other);
    memcpy(page + COPY_AT, other + COPY_AT, COPY_BYTES);
    ck_assert_int_eq(hf__segment_head_read(page, &read, &link_read), HF__SEGMENT_DAMAGED);
}
END_TEST

/* ---- Links ----------------------------------------------------------------------------------- */

START_TEST(a_segment_is_made_without_a_link_and_one_is_read_from_either_copy)
{
    const hf__segment_link next = {.seq = 8, .after = 77, .salt = 100};
    uint8_t page[HF__SEGMENT_HEAD];
    uint8_t linked[HF__SEGMENT_LINK_BYTES] = {0};
    hf__segment_head read;
    hf__segment_head_write(&some_head, page);
    ck_assert_int_eq(hf__segment_head_read(page, &read, &link_read), HF__SEGMENT_GOOD);
    ck_assert_uint_eq(link_read.seq, 0);
    hf__segment_link_write(some_head.salt, &next, linked);
    for (uint32_t which = 0; which < 3; which++) { /* the first, the second, both */
        hf__segment_head_write(&some_head, page);
        for (size_t copy = 0; copy < 2; copy++)
            if (which == 2 || which == copy)
                memcpy(page + HF__SEGMENT_LINK_AT + copy * COPY_AT, linked + copy * COPY_AT,
                       COPY_AT);
        ck_assert_int_eq(hf__segment_head_read(page, &read, &link_read), HF__SEGMENT_GOOD);
        ck_assert_uint_eq(link_read.seq, next.seq);
        ck_assert_uint_eq(link_read.after, next.after);
        ck_assert_uint_eq(link_read.salt, next.salt);
    }
}
END_TEST

START_TEST(a_link_that_is_zeros_or_of_another_segment_is_damaged)
{
    const hf__segment_link next = {.seq = 8, .after = 77, .salt = 100};
    uint8_t page[HF__SEGMENT_HEAD];
    hf__segment_head read;
    hf__segment_head_write(&some_head, page);
    memset(page + HF__SEGMENT_LINK_AT, 0, HF__SEGMENT_LINK_BYTES);
    ck_assert_int_eq(hf__segment_head_read(page, &read, &link_read), HF__SEGMENT_DAMAGED);
    hf__segment_link_write(some_head.salt + 1, &next, page + HF__SEGMENT_LINK_AT);
    ck_assert_int_eq(hf__segment_head_read(page, &read, &link_read), HF__SEGMENT_DAMAGED);
    hf__segment_link_write(some_head.salt, &next, page + HF__SEGMENT_LINK_AT);
    ck_assert_int_eq(hf__segment_head_read(page, &read, &link_read), HF__SEGMENT_GOOD);
}
END_TEST

START_TEST(what_is_none_of_ours_or_of_a_newer_format_is_foreign)
{
    uint8_t page[HF__SEGMENT_HEAD];
    hf__segment_head read;
    hf__segment_head_write(&some_head, page);
    rewrite(page, FORMAT_AT, HF__SEGMENT_FORMAT + 1);
    ck_assert_int_eq(hf__segment_head_read(page, &read, &link_read), HF__SEGMENT_FOREIGN);
    hf__segment_head_write(&some_head, page);
    rewrite(page, 0, 'X');
    ck_assert_int_eq(hf__segment_head_read(page, &read, &link_read), HF__SEGMENT_FOREIGN);
    memset(page, 'x', sizeof page);
    ck_assert_int_eq(hf__segment_head_read(page, &read, &link_read), HF__SEGMENT_FOREIGN);
}
END_TEST

START_TEST(zeros_are_a_segment_that_was_never_used)
{
    uint8_t page[HF__SEGMENT_HEAD] = {0};
    hf__segment_head read;
    ck_assert_int_eq(hf__segment_head_read(page, &read, &link_read), HF__SEGMENT_UNUSED);
    page[HF__SEGMENT_HEAD - 1] = 1;
    ck_assert_int_ne(hf__segment_head_read(page, &read, &link_read), HF__SEGMENT_UNUSED);
}
END_TEST

/* ---- Records --------------------------------------------------------------------------------- */

#define CHANGES_BYTES 24u

static const hf__record_head some_record = {
    .batch = 12, .after = 11, .time_ms = -5, .bytes = CHANGES_BYTES, .count = 2};

static void write_record(uint64_t salt, uint8_t out[HF__RECORD_HEAD + CHANGES_BYTES])
{
    for (uint32_t i = 0; i < CHANGES_BYTES; i++)
        out[HF__RECORD_HEAD + i] = (uint8_t)(i * 7);
    uint32_t crc = hf__record_crc(salt, &some_record);
    crc = hf__crc32c(crc, out + HF__RECORD_HEAD, CHANGES_BYTES);
    hf__record_head_write(&some_record, crc, out);
}

static bool is_record(uint64_t salt, const uint8_t in[HF__RECORD_HEAD + CHANGES_BYTES])
{
    hf__record_head read;
    uint32_t crc;
    if (!hf__record_head_read(in, &read, &crc) || read.bytes > CHANGES_BYTES)
        return false;
    return hf__crc32c(hf__record_crc(salt, &read), in + HF__RECORD_HEAD, read.bytes) == crc;
}

START_TEST(a_records_head_is_read_as_it_was_written)
{
    uint8_t bytes[HF__RECORD_HEAD + CHANGES_BYTES];
    hf__record_head read;
    uint32_t crc;
    write_record(4, bytes);
    ck_assert(hf__record_head_read(bytes, &read, &crc));
    ck_assert(is_record(4, bytes));
    ck_assert_uint_eq(read.batch, some_record.batch);
    ck_assert_uint_eq(read.after, some_record.after);
    ck_assert_int_eq(read.time_ms, some_record.time_ms);
    ck_assert_uint_eq(read.bytes, some_record.bytes);
    ck_assert_uint_eq(read.count, some_record.count);
}
END_TEST

START_TEST(a_record_with_any_bit_turned_or_the_salt_of_another_use_is_none)
{
    uint8_t bytes[HF__RECORD_HEAD + CHANGES_BYTES];
    write_record(4, bytes);
    ck_assert(!is_record(5, bytes));
    for (uint32_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ck_assert_msg(!is_record(4, bytes), "bit %u", bit);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}
END_TEST

START_TEST(a_record_never_follows_itself_or_a_later_batch)
{
    uint8_t bytes[HF__RECORD_HEAD];
    hf__record_head read;
    uint32_t crc;
    hf__record_head head = some_record;
    head.after = head.batch;
    hf__record_head_write(&head, 0, bytes);
    ck_assert(!hf__record_head_read(bytes, &read, &crc));
    head.after = head.batch + 1;
    hf__record_head_write(&head, 0, bytes);
    ck_assert(!hf__record_head_read(bytes, &read, &crc));
}
END_TEST

START_TEST(a_record_takes_a_multiple_of_its_alignment)
{
    for (uint32_t bytes = 0; bytes < 100; bytes++) {
        hf__record_head head = {.bytes = bytes};
        uint64_t span = hf__record_span(&head);
        ck_assert_uint_eq(span % HF__RECORD_ALIGN, 0);
        ck_assert(span >= HF__RECORD_HEAD + bytes && span < HF__RECORD_HEAD + bytes + 8);
    }
    hf__record_head largest = {.bytes = UINT32_MAX};
    ck_assert_uint_gt(hf__record_span(&largest), UINT32_MAX);
}
END_TEST

/* ---- Changes --------------------------------------------------------------------------------- */

#define PLACE (HF__CHANGE_HEAD_LONG + 511u + 0x20000u)

/* clang-format off */
static const hf__change_view shapes[] = {
    {.table = 1, .key_bytes = 16, .row_bytes = 100},
    {.table = 255, .key_bytes = 1, .row_bytes = 1, .is_new = true},
    {.table = 2, .key_bytes = 16, .row_bytes = 0, .removed = true},
    {.table = 3, .key_bytes = 0, .row_bytes = 0},
    {.table = 4, .key_bytes = 255, .row_bytes = 10},
    {.table = 4, .key_bytes = 256, .row_bytes = 10},
    {.table = 4, .key_bytes = 511, .row_bytes = 10, .is_new = true},
    {.table = 5, .key_bytes = 16, .row_bytes = 0xfffe},
    {.table = 5, .key_bytes = 16, .row_bytes = 0xffff},
    {.table = 5, .key_bytes = 300, .row_bytes = 0x10000, .is_new = true},
    {.table = 6, .key_bytes = 256, .row_bytes = 0x20000, .removed = true},
};
/* clang-format on */
#define SHAPES ((int)(sizeof shapes / sizeof shapes[0]))

/* Writes one with its key and row; how many bytes. */
static uint32_t write_change(uint8_t *out, const hf__change_view *shape)
{
    uint32_t head = hf__change_head_write(out, shape);
    memset(out + head, 0x11, shape->key_bytes);
    memset(out + head + shape->key_bytes, 0x22, shape->row_bytes);
    return head + shape->key_bytes + shape->row_bytes;
}

START_TEST(a_change_is_read_as_it_was_written)
{
    const hf__change_view *shape = &shapes[_i];
    uint8_t *bytes = malloc(PLACE);
    uint32_t count = write_change(bytes, shape);
    const uint8_t *at = bytes;
    hf__change_view read;
    ck_assert(hf__change_read(&at, bytes + count, &read));
    ck_assert_ptr_eq(at, bytes + count);
    ck_assert_uint_eq(read.table, shape->table);
    ck_assert_uint_eq(read.key_bytes, shape->key_bytes);
    ck_assert_uint_eq(read.row_bytes, shape->row_bytes);
    ck_assert_int_eq(read.removed, shape->removed);
    ck_assert_int_eq(read.is_new, shape->is_new);
    ck_assert_ptr_eq(read.row, read.key + read.key_bytes);
    ck_assert_ptr_eq(read.row + read.row_bytes, at);
    ck_assert(shape->row_bytes == 0 || (read.row[0] == 0x22 && at[-1] == 0x22));
    free(bytes);
}
END_TEST

START_TEST(a_change_that_ends_too_early_is_refused)
{
    const hf__change_view *shape = &shapes[_i];
    uint8_t *bytes = malloc(PLACE);
    uint32_t count = write_change(bytes, shape);
    for (uint32_t less = 1; less <= count; less += less < 600 ? 1 : 509) {
        uint8_t *exact =
            malloc(count - less + 1); /* for the sanitizer: one byte that is not read */
        memcpy(exact, bytes, count - less);
        const uint8_t *at = exact;
        hf__change_view read;
        ck_assert_msg(!hf__change_read(&at, exact + count - less, &read), "%u of %u bytes",
                      count - less, count);
        ck_assert_ptr_eq(at, exact);
        free(exact);
    }
    free(bytes);
}
END_TEST

START_TEST(no_bytes_make_a_change_longer_than_they_are)
{
    hf_test_random random = {.state = 5};
    for (uint32_t i = 0; i < 200000; i++) {
        uint32_t count = hf_test_below(&random, 40);
        uint8_t *bytes = malloc(count + 1);
        for (uint32_t b = 0; b < count; b++)
            bytes[b] = hf_test_below(&random, 3) == 0 ? (uint8_t)hf_test_next(&random)
                                                      : (uint8_t)hf_test_below(&random, 8);
        if (count > 4 && hf_test_below(&random, 4) == 0)
            memset(bytes + 3, 0xff, 2);
        const uint8_t *at = bytes;
        const uint8_t *end = bytes + count;
        hf__change_view read;
        while (hf__change_read(&at, end, &read))
            ck_assert(at <= end && read.row + read.row_bytes == at);
        free(bytes);
    }
}
END_TEST

START_TEST(a_flag_that_is_not_known_is_refused)
{
    uint8_t bytes[64];
    for (uint32_t flag = 8; flag < 256; flag *= 2) {
        uint32_t count = write_change(bytes, &(hf__change_view){.table = 1, .key_bytes = 8});
        bytes[1] |= (uint8_t)flag;
        const uint8_t *at = bytes;
        hf__change_view read;
        ck_assert(!hf__change_read(&at, bytes + count, &read));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("journal_format");
    TCase *core = tcase_create("core");
    tcase_add_test(core, a_segments_header_is_read_as_it_was_written);
    tcase_add_test(core, a_header_with_a_turned_bit_is_read_from_its_other_copy);
    tcase_add_test(core, a_header_with_both_copies_damaged_is_refused);
    tcase_add_test(core, a_header_of_format_1_torn_between_two_uses_is_the_one_or_the_other);
    tcase_add_test(core, a_header_whose_copies_are_of_two_uses_is_damaged);
    tcase_add_test(core, a_segment_is_made_without_a_link_and_one_is_read_from_either_copy);
    tcase_add_test(core, a_link_that_is_zeros_or_of_another_segment_is_damaged);
    tcase_add_test(core, what_is_none_of_ours_or_of_a_newer_format_is_foreign);
    tcase_add_test(core, zeros_are_a_segment_that_was_never_used);
    tcase_add_test(core, a_records_head_is_read_as_it_was_written);
    tcase_add_test(core, a_record_with_any_bit_turned_or_the_salt_of_another_use_is_none);
    tcase_add_test(core, a_record_never_follows_itself_or_a_later_batch);
    tcase_add_test(core, a_record_takes_a_multiple_of_its_alignment);
    tcase_add_loop_test(core, a_change_is_read_as_it_was_written, 0, SHAPES);
    tcase_add_loop_test(core, a_change_that_ends_too_early_is_refused, 0, SHAPES);
    tcase_add_test(core, no_bytes_make_a_change_longer_than_they_are);
    tcase_add_test(core, a_flag_that_is_not_known_is_refused);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
