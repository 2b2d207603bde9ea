/*
 * Segments on a real disk, and how often they are written to: blocks that are new are written ahead
 * of the records that need them, many at once; those of a segment that is used again are not.
 */
#include "journal/segments.h"
#include "support/check_main.h"

#include <string.h>

#define SEGMENT_BYTES ((uint64_t)1 << 20)
#define RECORD_BYTES  1000u
#define A_SEGMENT     2000u /* records that are certainly too many for one */

static hf_env env;
static hf__files files;
static hf__segments segments;
static hf_store_error error;
static uint64_t batch;
static uint32_t writes;
static uint64_t furthest; /* end of a write, bytes */

static int count_write(int fd, const void *data, size_t bytes, uint64_t offset, int *native)
{
    writes++;
    furthest = offset + bytes > furthest ? offset + bytes : furthest;
    return hf__os_files.write_at(fd, data, bytes, offset, native);
}

static void setup(void)
{
    hf__env_init(&env);
    files = hf__os_files;
    files.write_at = count_write;
    env.files = &files;
    batch = 0;
    ck_assert_int_eq(hf__segments_init(&segments, &env, "store", SEGMENT_BYTES, 1), 0);
    segments.error = &error;
    ck_assert_int_eq(hf__segments_find(&segments), 0);
}

static void teardown(void)
{
    hf__segments_fini(&segments, true);
}

/* Writes of one more record. */
static uint32_t append(void)
{
    static uint8_t record[RECORD_BYTES];
    const hf__record_piece piece = {.data = record, .bytes = sizeof record};
    const hf__record_head head = {.batch = batch + 1,
                                  .after = batch,
                                  .time_ms = 1,
                                  .bytes = RECORD_BYTES - HF__RECORD_HEAD,
                                  .count = 1};
    writes = 0;
    ck_assert_msg(hf__segments_append(&segments, &head, &piece, 1) == 0, "%s", error.text);
    ck_assert_int_eq(hf__segments_flush(&segments), 0);
    batch++;
    return writes;
}

START_TEST(new_blocks_are_written_ahead_and_used_ones_are_not)
{
    uint32_t ahead = 0;
    ck_assert_uint_eq(append(), 3); /* header, ahead, record */
    const hf__segment *first = segments.current;
    for (uint32_t i = 0; segments.current == first && i < A_SEGMENT; i++) {
        uint32_t count = append();
        ck_assert_uint_le(furthest, SEGMENT_BYTES);
        ahead += count == 2 && segments.current == first ? 1 : 0;
        ck_assert(count <= 2 || segments.current != first);
    }
    ck_assert_ptr_ne(segments.current, first);
    ck_assert_uint_eq(ahead, 3); /* of 1 MiB, 256 KiB at a time */
    while (segments.current != first) {
        hf__segments_release(&segments, batch);
        (void)append();
    }
    for (uint32_t i = 0; segments.current == first && i < A_SEGMENT; i++)
        ck_assert(append() == 1 || segments.current != first);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("segments");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, teardown);
    tcase_add_test(core, new_blocks_are_written_ahead_and_used_ones_are_not);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
