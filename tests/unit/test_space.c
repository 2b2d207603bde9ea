/*
 * A journal takes what its file system has: segments and memory follow what is free, a store is not
 * opened where nothing could be written, and a quota that the system does not count is met by
 * smaller segments. A file system that says what the test wants stands below the journal.
 */
#include "support/space.h"

/* One receipt without space for a next segment is refused, and the store gets what is in others. */
static uint32_t receive_what_is_taken(uint32_t count, uint32_t bytes)
{
    uint32_t taken = 0;
    for (uint32_t i = 0; i < count; i++) {
        const int status = receive_one(bytes);
        ck_assert_msg(status == 0 || status == HF_E_NO_SPACE, "%s", batch.tasks[0].done.detail);
        taken += status == 0;
    }
    return taken;
}
static uint64_t segment_bytes(unsigned number)
{
    char path[64];
    struct stat found;
    (void)snprintf(path, sizeof path, STORE ".journal/segment-%02u", number);
    return stat(path, &found) == 0 ? (uint64_t)found.st_size : 0;
}
/* ---- What is free ---------------------------------------------------------------------------- */

static const struct {
    uint64_t space;
    uint64_t bytes_max;
    uint64_t segment; /* bytes of the first one */
} sizes[] = {
    {UINT64_MAX, 256 * MIB, 32 * MIB},    {64 * KIB * MIB, 256 * MIB, 32 * MIB},
    {1024 * MIB, 256 * MIB, 32 * MIB},    {512 * MIB, 256 * MIB, 16 * MIB},
    {22 * MIB, 256 * MIB, 22 * MIB / 32}, {22 * MIB, 1 * MIB, 128 * KIB},
    {1 * MIB, 256 * MIB, 32 * KIB},
};
#define SIZES ((int)(sizeof sizes / sizeof sizes[0]))

START_TEST(the_size_of_a_segment_follows_what_is_free)
{
    begin(sizes[_i / SCHEMES].space);
    ck_assert_int_eq(open_store(_i % SCHEMES, sizes[_i / SCHEMES].bytes_max), 0);
    ck_assert_int_eq(put_item(), 0);
    ck_assert_uint_eq(segment_bytes(1), sizes[_i / SCHEMES].segment);
    finish();
}
END_TEST

/* Far more than there is space for, and far less than journal_bytes_max. */
START_TEST(a_journal_stays_within_what_is_free_and_refuses_nothing)
{
    const uint64_t space_bytes = (_i / SCHEMES == 0 ? 2 : 22) * MIB;
    const uint32_t count = (uint32_t)(3 * space_bytes / (8 * KIB));
    begin(space_bytes);
    ck_assert_int_eq(open_store(_i % SCHEMES, 256 * MIB), 0);
    ck_assert_int_eq(put_item(), 0);
    uint64_t most = 0;
    for (uint32_t i = 0; i < count; i++) {
        receive_many(1, 8 * KIB);
        most = journal_bytes() > most ? journal_bytes() : most;
    }
    ck_assert_uint_le(most, space_bytes / 2);
    ck_assert_uint_ge(most, space_bytes / 8);
    ck_assert_int_eq(on_hand(), count);
    hf__engine_close(engine);
    ck_assert_int_eq(open_store(_i % SCHEMES, 256 * MIB), 0);
    ck_assert_int_eq(on_hand(), count);
    finish();
}
END_TEST

START_TEST(segments_become_smaller_and_larger_as_the_disk_fills_and_empties)
{
    begin(64 * MIB);
    ck_assert_int_eq(open_store(_i, 16 * MIB), 0);
    ck_assert_int_eq(put_item(), 0);
    ck_assert_uint_eq(segment_bytes(1), 2 * MIB);
    small.bytes = journal_bytes() + 2 * MIB;
    receive_many(300, 8 * KIB);
    ck_assert_uint_ne(segment_bytes(2), 0);
    ck_assert_uint_le(segment_bytes(2), 256 * KIB);
    small.bytes = 64 * MIB;
    receive_many(3000, 8 * KIB);
    uint64_t largest = 0;
    for (unsigned i = 2; i <= 64; i++)
        largest = segment_bytes(i) > largest ? segment_bytes(i) : largest;
    ck_assert_uint_eq(largest, 2 * MIB);
    ck_assert_int_eq(on_hand(), 3300);
    finish();
}
END_TEST

/* ---- Too little ------------------------------------------------------------------------------ */

START_TEST(a_store_is_not_opened_where_nothing_can_be_written)
{
    begin(300 * KIB);
    ck_assert_int_eq(open_store(_i, 256 * MIB), HF_E_NO_SPACE);
    ck_assert_msg(strstr(error.text, STORE ".journal: ") != NULL, "%s", error.text);
    ck_assert_msg(strstr(error.text, "needs 1024 KiB of free space") != NULL, "%s", error.text);
    ck_assert_msg(strstr(error.text, "300 KiB are free; free some") != NULL, "%s", error.text);
    ck_assert(!is_there(STORE) && !is_there(STORE ".journal"));
    small.bytes = MIB;
    ck_assert_int_eq(open_store(_i, 256 * MIB), 0);
    ck_assert_int_eq(put_item(), 0);
    receive_many(100, 100);
    hf__engine_close(engine);
    small.bytes = MIB - 1;
    ck_assert_int_eq(open_store(_i, 256 * MIB), HF_E_NO_SPACE);
    small.bytes = MIB;
    ck_assert_int_eq(open_store(_i, 256 * MIB), 0);
    ck_assert_int_eq(on_hand(), 100);
    finish();
}
END_TEST

/* In another process, which is killed. */
static void leave_receipts(int scheme, uint32_t count)
{
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        ck_assert_int_eq(open_store(scheme, 16 * MIB), 0);
        ck_assert_int_eq(put_item(), 0);
        receive_many(count, 8 * KIB);
        (void)raise(SIGKILL);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

START_TEST(a_killed_store_on_a_full_disk_is_untouched_until_there_is_space)
{
    begin(64 * MIB);
    leave_receipts(_i, 100);
    const uint64_t before = folder_sum(".");
    small.bytes = journal_bytes();
    ck_assert_int_eq(open_store(_i, 16 * MIB), HF_E_NO_SPACE);
    ck_assert_msg(strstr(error.text, "0 KiB are free") != NULL, "%s", error.text);
    ck_assert_uint_eq(folder_sum("."), before);
    small.bytes += MIB;
    ck_assert_int_eq(open_store(_i, 16 * MIB), 0);
    ck_assert_int_eq(on_hand(), 100);
    receive_many(100, 8 * KIB);
    finish();
}
END_TEST

/* What the journal of a killed process has counts: only the next segment needs free space. */
START_TEST(a_killed_store_is_opened_beside_the_journal_that_it_left)
{
    begin(64 * MIB);
    leave_receipts(_i, 100);
    const uint64_t before = folder_sum(".");
    small.bytes = journal_bytes() + 31 * KIB + 1023;
    ck_assert_int_eq(open_store(_i, 16 * MIB), HF_E_NO_SPACE);
    ck_assert_msg(strstr(error.text, "needs 32 KiB of free space at least, and 31 KiB are free") !=
                      NULL,
                  "%s", error.text);
    ck_assert_uint_eq(folder_sum("."), before);
    small.bytes = journal_bytes() + 32 * KIB;
    ck_assert_int_eq(open_store(_i, 16 * MIB), 0);
    ck_assert_int_eq(on_hand(), 100);
    ck_assert_uint_eq(receive_what_is_taken(300, 4 * KIB), 299);
    ck_assert_int_eq(on_hand(), 399);
    finish();
}
END_TEST

/* In another process, whose store has all of some segments when it is killed. */
START_TEST(a_killed_store_is_opened_without_any_free_space_when_a_segment_may_be_used_again)
{
    begin(8 * MIB);
    leave_receipts(_i, 1000);
    uint32_t segments = 0;
    for (unsigned i = 1; i <= 64; i++)
        segments += segment_bytes(i) != 0;
    ck_assert_uint_gt(segments, 2);
    small.bytes = journal_bytes();
    const int opened = open_store(_i, 16 * MIB);
    ck_assert_msg(opened == 0, "%s", error.text);
    ck_assert_int_eq(on_hand(), 1000);
    ck_assert_uint_eq(receive_what_is_taken(300, 4 * KIB), 299);
    ck_assert_int_eq(on_hand(), 1299);
    finish();
}
END_TEST

/* However little space the journal had before. */
START_TEST(a_killed_store_is_opened_on_a_disk_on_which_it_was_written)
{
    begin(MIB);
    leave_receipts(_i, 100);
    ck_assert_uint_lt(journal_bytes(), 512 * KIB);
    small.bytes = journal_bytes() + 64 * KIB;
    const int opened = open_store(_i, 16 * MIB);
    ck_assert_msg(opened == 0, "%s", error.text);
    ck_assert_int_eq(on_hand(), 100);
    ck_assert_uint_ge(receive_what_is_taken(100, 4 * KIB), 99);
    finish();
}
END_TEST

START_TEST(segments_that_are_not_needed_are_removed_when_the_disk_fills)
{
    begin(256 * MIB);
    ck_assert_int_eq(open_store(_i, 32 * MIB), 0);
    ck_assert_int_eq(put_item(), 0);
    receive_many(10000, 8 * KIB);
    const uint64_t most = journal_bytes();
    ck_assert_uint_gt(most, 16 * MIB);
    small.bytes = most + 4 * MIB;
    receive_many(3000, 8 * KIB);
    ck_assert_uint_le(journal_bytes(), most / 2);
    ck_assert_uint_le(journal_bytes(), small.bytes / 2);
    ck_assert_int_eq(on_hand(), 13000);
    hf__engine_close(engine);
    ck_assert_int_eq(open_store(_i, 32 * MIB), 0);
    ck_assert_int_eq(on_hand(), 13000);
    finish();
}
END_TEST

/* ---- A quota --------------------------------------------------------------------------------- */

static void count_whole(const hf_segment *segment, uint32_t *whole)
{
    *whole += segment->state == HF_SEGMENT_WHOLE ? 1 : 0;
}

static int on_segment(void *whole, const hf_segment *segment)
{
    count_whole(segment, whole);
    return 0;
}

START_TEST(a_quota_is_met_by_smaller_segments)
{
    uint32_t whole = 0;
    begin(UINT64_MAX);
    small.quota = 100 * KIB;
    small.extends = _i / SCHEMES == 1;
    leave_receipts(_i % SCHEMES, 50);
    ck_assert_uint_ne(segment_bytes(1), 0);
    ck_assert_uint_le(segment_bytes(1), small.quota);
    ck_assert_int_eq(hf_journal_read(url(_i % SCHEMES, STORE), on_segment, &whole, NULL, 0), 0);
    ck_assert_uint_gt(whole, 2);
    ck_assert_int_eq(open_store(_i % SCHEMES, 16 * MIB), 0);
    ck_assert_int_eq(on_hand(), 50);
    receive_many(50, 8 * KIB);
    ck_assert_int_eq(on_hand(), 100);
    finish();
}
END_TEST
int main(void)
{
    Suite *suite = suite_create("space");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, the_size_of_a_segment_follows_what_is_free, 0, SIZES * SCHEMES);
    tcase_add_loop_test(core, a_journal_stays_within_what_is_free_and_refuses_nothing, 0,
                        2 * SCHEMES);
    tcase_add_loop_test(core, segments_become_smaller_and_larger_as_the_disk_fills_and_empties, 0,
                        SCHEMES);
    tcase_add_loop_test(core, a_store_is_not_opened_where_nothing_can_be_written, 0, SCHEMES);
    tcase_add_loop_test(core, a_killed_store_on_a_full_disk_is_untouched_until_there_is_space, 0,
                        SCHEMES);
    tcase_add_loop_test(core, a_killed_store_is_opened_beside_the_journal_that_it_left, 0, SCHEMES);
    tcase_add_loop_test(
        core, a_killed_store_is_opened_without_any_free_space_when_a_segment_may_be_used_again, 0,
        SCHEMES);
    tcase_add_loop_test(core, a_killed_store_is_opened_on_a_disk_on_which_it_was_written, 0,
                        SCHEMES);
    tcase_add_loop_test(core, segments_that_are_not_needed_are_removed_when_the_disk_fills, 0,
                        SCHEMES);
    tcase_add_loop_test(core, a_quota_is_met_by_smaller_segments, 0, 2 * SCHEMES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
