/*
 * A journal that meets trouble and continues: a full disk, a flush that fails, a store that takes
 * nothing for a while or for good. What was acknowledged stays there to be read.
 */
#include "journal/journal_world.h"
#include "support/check_main.h"

#include <holdfast/error.h>
#include <holdfast/event.h>
#include <string.h>

#define BYTES_MAX ((uint64_t)16 << 10) /* the world's */

static void setup(void)
{
    world_init(7, WORLD_SOUND);
    ck_assert_int_eq(world_open(), 0);
}

static void teardown(void)
{
    world_fini();
}

static void is_right(void)
{
    ck_assert(world_judge());
    ck_assert_msg(the_world.broken[0] == '\0', "%s", the_world.broken);
}

static void batches(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        ck_assert_int_eq(world_batch(), 0);
}

/* Commits of the store fail with `error`, so many times; 0: never again. */
static void store_fails(int error, uint64_t count)
{
    hf__fault_arm(&the_world.fault, &(hf__fault_plan){.at = count == 0 ? 0 : 1,
                                                      .count = count,
                                                      .kind = HF__FAULT_FAIL,
                                                      .calls = 1u << HF__FAULT_COMMIT,
                                                      .error = error});
}

/* The world takes a hit of the fault for a crash: it must be disarmed to be judged. */
static void store_is_well(void)
{
    store_fails(0, 0);
}

START_TEST(a_disk_that_is_full_refuses_a_batch_and_passes)
{
    for (uint32_t i = 0; i < 150; i++) {
        uint64_t acked = the_world.acked;
        disk_fail_at(1, DISK_FULL); /* what it hits: a segment being made, or a record */
        ck_assert_int_eq(world_batch(), HF_E_NO_SPACE);
        ck_assert(disk_has_failed());
        ck_assert_uint_eq(the_world.acked, acked);
        is_right();
        batches(1);
        is_right();
    }
    world_crash(true);
    ck_assert_int_eq(world_open(), 0);
    is_right();
}
END_TEST

START_TEST(after_a_failed_flush_nothing_is_written_and_reads_continue)
{
    batches(20);
    uint64_t acked = the_world.acked;
    disk_fail_at(1, DISK_SYNC);
    ck_assert_int_eq(world_batch(), HF_E_IO);
    ck_assert_ptr_nonnull(strstr(the_world.error.text, "disk/store.journal/segment-"));
    for (int i = 0; i < 3; i++) {
        is_right();
        ck_assert_uint_eq(the_world.acked, acked);
        ck_assert_int_eq(world_batch(), HF_E_POISONED);
        ck_assert_ptr_nonnull(strstr(the_world.error.text, "close and open the store"));
    }
    world_crash(true);
    ck_assert_int_eq(world_open(), 0);
    ck_assert_uint_ge(the_world.journal->committed.batch, acked);
    is_right();
    batches(20);
    is_right();
}
END_TEST

static int cannot_remove(const char *path, int *native)
{
    (void)path;
    if (native != NULL)
        *native = 0;
    return HF_E_IO;
}

/* The texts of earlier callers are gone by then: nothing may be written there. */
START_TEST(a_segment_that_cannot_be_removed_at_the_end_is_reported_to_no_earlier_caller)
{
    batches(5);
    the_world.error = (hf_store_error){.code = 0};
    const hf__files *good = the_world.env.files;
    hf__files files = *good;
    files.remove = cannot_remove;
    the_world.env.files = &files;
    world_close();
    the_world.env.files = good;
    ck_assert_int_eq(the_world.error.code, 0);
    ck_assert_str_eq(the_world.error.text, "");
}
END_TEST

START_TEST(batches_continue_until_memory_is_full_when_the_store_takes_nothing)
{
    batches(5);
    store_fails(HF_E_NO_SPACE, UINT64_MAX);
    uint32_t begun = 0;
    int error;
    while ((error = world_batch()) == 0)
        begun++;
    ck_assert_int_eq(error, HF_E_NO_SPACE);
    ck_assert_uint_gt(begun, 10);
    uint64_t dirty = hf__journal_look(the_world.journal).dirty_bytes;
    ck_assert(dirty >= BYTES_MAX - BYTES_MAX / 4 && dirty <= BYTES_MAX + BYTES_MAX / 4);
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(world_batch(), HF_E_NO_SPACE);
    ck_assert_uint_eq(hf__journal_look(the_world.journal).dirty_bytes, dirty);
    store_is_well();
    is_right();
    batches(100);
    is_right();
    world_close();
    ck_assert_int_eq(world_open(), 0);
    is_right();
}
END_TEST

START_TEST(a_store_that_fails_a_few_times_is_tried_again)
{
    static const int passing[] = {HF_E_NO_SPACE, HF_E_NOMEM, HF_E_BUSY, HF_E_READ_ONLY};
    batches(1); /* the first one records in the store that it has a journal */
    ck_assert_int_eq(hf__journal_checkpoint(the_world.journal, NULL), 0);
    for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++) {
        store_fails(passing[i], 3);
        ck_assert_int_eq(hf__journal_checkpoint(the_world.journal, NULL), 0); /* nothing to do */
        batches(1);
        for (int times = 0; times < 3; times++)
            ck_assert_int_eq(hf__journal_checkpoint(the_world.journal, NULL), passing[i]);
        ck_assert_int_eq(hf__journal_checkpoint(the_world.journal, NULL), 0);
        ck_assert_uint_eq(the_world.journal->stored.batch, the_world.acked);
        store_is_well();
        is_right();
    }
}
END_TEST

/* Before its commit a checkpoint is undone, whatever failed. */
START_TEST(a_checkpoint_that_failed_before_its_commit_is_tried_again)
{
    static const uint32_t calls[] = {HF__FAULT_BEGIN, HF__FAULT_PUT, HF__FAULT_GET};
    batches(5);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        hf__fault_arm(&the_world.fault, &(hf__fault_plan){.at = 1,
                                                          .count = 2,
                                                          .kind = HF__FAULT_FAIL,
                                                          .calls = 1u << calls[i],
                                                          .error = HF_E_IO});
        for (int times = 0; times < 2; times++) {
            ck_assert_int_eq(hf__journal_checkpoint(the_world.journal, NULL), HF_E_DEGRADED);
            ck_assert_ptr_nonnull(strstr(the_world.journal->reason.text, "on purpose"));
        }
        ck_assert_int_eq(hf__journal_checkpoint(the_world.journal, NULL), 0);
        ck_assert_uint_eq(the_world.journal->stored.batch, the_world.acked);
        store_is_well();
        is_right();
        batches(5);
    }
}
END_TEST

START_TEST(a_store_that_is_broken_ends_writing_and_the_journal_keeps_everything)
{
    batches(5);
    uint64_t acked = the_world.acked;
    store_fails(HF_E_IO, 1);
    ck_assert_int_eq(hf__journal_checkpoint(the_world.journal, NULL), HF_E_IO);
    ck_assert_int_eq(world_batch(), HF_E_POISONED);
    ck_assert_int_eq(hf__journal_checkpoint(the_world.journal, NULL), HF_E_IO);
    store_is_well();
    ck_assert_int_eq(world_batch(), HF_E_POISONED);
    is_right();
    world_close();
    ck_assert_uint_ne(disk_bytes("disk/store.journal/segment-01"), 0);
    ck_assert_int_eq(world_open(), 0);
    ck_assert_uint_eq(the_world.journal->committed.batch, acked);
    is_right();
    batches(20);
    is_right();
}
END_TEST

START_TEST(a_long_snapshot_stops_nobody_and_sees_its_batch)
{
    void *txn = NULL;
    hf_store_stat stat = {0};
    batches(30);
    ck_assert_int_eq(
        hf__journal_driver.begin(the_world.journal, HF_TXN_SNAPSHOT, &the_world.caller, &txn), 0);
    uint64_t batch = the_world.acked;
    batches(400); /* many times what memory takes */
    ck_assert_uint_gt(the_world.journal->checkpoints, 5);
    ck_assert_int_eq(hf__journal_driver.stat(txn, &stat), 0);
    ck_assert_uint_eq(stat.mark.batch, batch);
    for (uint32_t key = 0; key < WORLD_KEYS; key++) {
        hf_cursor row;
        void *place = &row;
        uint8_t found = 0;
        memset(&row, 0, sizeof row);
        (void)snprintf(row.consumer.text, sizeof row.consumer.text, "key-%02u", key);
        uint32_t table = 0;
        while (strcmp(hf_store_schema()->tables[table]->name, "cursors") != 0)
            table++;
        ck_assert_int_eq(hf__journal_driver.get(txn, table, &place, &found, 1), 0);
        ck_assert_int_eq(found != 0 ? (int64_t)row.seq : 0, the_world.history[batch][key]);
    }
    hf__journal_driver.rollback(txn);
    is_right();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("journal_trouble");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, teardown);
    tcase_add_test(core, a_disk_that_is_full_refuses_a_batch_and_passes);
    tcase_add_test(core, after_a_failed_flush_nothing_is_written_and_reads_continue);
    tcase_add_test(core,
                   a_segment_that_cannot_be_removed_at_the_end_is_reported_to_no_earlier_caller);
    tcase_add_test(core, batches_continue_until_memory_is_full_when_the_store_takes_nothing);
    tcase_add_test(core, a_store_that_fails_a_few_times_is_tried_again);
    tcase_add_test(core, a_checkpoint_that_failed_before_its_commit_is_tried_again);
    tcase_add_test(core, a_store_that_is_broken_ends_writing_and_the_journal_keeps_everything);
    tcase_add_test(core, a_long_snapshot_stops_nobody_and_sees_its_batch);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
