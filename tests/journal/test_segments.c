/*
 * Segments on a real disk, and how often they are written to: blocks that are new are written ahead
 * of the records that need them, many at once; those of a segment that is used again are not. And
 * segments that a crash has removed in part.
 */
#include "journal/format_1.h"
#include "journal/segments/belongs.h"
#include "support/check_main.h"

#include <stdio.h>
#include <sys/stat.h>

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
        hf__segments_release(&segments, batch, false);
        (void)append();
    }
    for (uint32_t i = 0; segments.current == first && i < A_SEGMENT; i++)
        ck_assert(append() == 1 || segments.current != first);
}
END_TEST

/* ---- Removing -------------------------------------------------------------------------------- */

#define FILE_BYTES 12288u
#define NEWEST     3u /* number of the newest segment, and of its file */
#define SALT       77u

static uint32_t removals; /* that happen before the process is killed */

static int remove_some(const char *path, int *native)
{
    if (removals == 0)
        return HF_E_IO;
    removals--;
    return hf__os_files.remove(path, native);
}

static const char *file_of(uint32_t number)
{
    static char path[64];
    (void)snprintf(path, sizeof path, "store.journal/segment-%02u", (unsigned)number);
    return path;
}

/* Number 0: made and never used, as format 1 left such files. */
static void make_file(uint32_t file, uint64_t number)
{
    static uint8_t zeros[FILE_BYTES];
    uint8_t page[HF__SEGMENT_HEAD] = {0};
    int fd;
    const hf__segment_head head = {.seq = number,
                                   .salt = SALT + number,
                                   .bytes = FILE_BYTES,
                                   .schema = 3,
                                   .format = HF__SEGMENT_FORMAT_1};
    if (number != 0)
        write_format_1(&head, page);
    ck_assert_int_eq(hf__os_files.open(file_of(file), HF__OPEN_CREATE, &fd, NULL), 0);
    ck_assert_int_eq(hf__os_files.write_at(fd, zeros, sizeof zeros, 0, NULL), 0);
    ck_assert_int_eq(hf__os_files.write_at(fd, page, sizeof page, 0, NULL), 0);
    hf__os_files.close(fd);
}

/* A store that has taken in the journal of schema 3, and has to remove it. */
static const hf_store_stat taken_in = {
    .mark = {.identity =
                 {.store = {{1}}, .incarnation = 1, .journal = SALT + NEWEST, .segment = NEWEST}},
};

/* What an open finds; `segments` are to be ended. */
static int look(hf__belongs *belongs)
{
    ck_assert_int_eq(hf__segments_init(&segments, &env, "store", SEGMENT_BYTES, 1), 0);
    segments.error = &error;
    return hf__belongs_check(&segments, &taken_in, belongs);
}

static void make_journal_of_schema_3(void)
{
    hf__env_init(&env);
    files = hf__os_files;
    files.remove = remove_some;
    env.files = &files;
    ck_assert_int_eq(hf__os_files.make_folder("store.journal", NULL), 0);
    make_file(1, NEWEST - 1);
    make_file(2, 0);
    make_file(NEWEST, NEWEST);
    make_file(4, 0);
}

START_TEST(a_journal_of_schema_3_whose_removal_was_killed_still_opens)
{
    for (uint32_t done = 0; done <= 4; done++) {
        hf__belongs belongs;
        make_journal_of_schema_3();
        ck_assert_msg(look(&belongs) == 0, "%s", error.text);
        ck_assert_int_eq(belongs, HF__BELONGS_CLEAR);
        removals = done;
        ck_assert_int_eq(hf__segments_clear(&segments), done == 4 ? 0 : HF_E_IO);
        hf__segments_fini(&segments, false);
        ck_assert_msg(look(&belongs) == 0, "after %u: %s", (unsigned)done, error.text);
        ck_assert_int_eq(belongs, done == 4 ? HF__BELONGS_NOTHING : HF__BELONGS_CLEAR);
        removals = 4;
        ck_assert_int_eq(hf__segments_clear(&segments), 0);
        hf__segments_fini(&segments, false);
    }
}
END_TEST

/* The control: in another order. */
START_TEST(a_blank_segment_of_schema_3_alone_is_refused)
{
    hf__belongs belongs;
    make_journal_of_schema_3();
    ck_assert_int_eq(remove(file_of(1)), 0);
    ck_assert_int_eq(remove(file_of(NEWEST)), 0);
    ck_assert_int_eq(look(&belongs), HF_E_CORRUPT);
    hf__segments_fini(&segments, false);
    ck_assert_int_eq(remove(file_of(2)), 0);
    ck_assert_int_eq(remove(file_of(4)), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("segments");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, teardown);
    tcase_add_test(core, new_blocks_are_written_ahead_and_used_ones_are_not);
    suite_add_tcase(suite, core);
    TCase *removing = tcase_create("removing");
    tcase_add_test(removing, a_journal_of_schema_3_whose_removal_was_killed_still_opens);
    tcase_add_test(removing, a_blank_segment_of_schema_3_alone_is_refused);
    suite_add_tcase(suite, removing);
    return hf_test_main(suite);
}
