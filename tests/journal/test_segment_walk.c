/*
 * Segments and the walk along them, on a disk in memory: a torn end is cut, damage is named with
 * its file and byte, and nothing is taken for a record that is none of this use of a file.
 */
#include "base/checksum.h"
#include "journal/journal.h"
#include "journal/segments/segment_walk.h"
#include "support/check_main.h"
#include "support/disk.h"
#include "support/random.h"

#include <holdfast/error.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENT_BYTES ((uint64_t)16 << 10)
#define BODY          1000u /* of most records: 11 fit a segment */
#define SCHEMA        3u
#define RECORDS_MAX   200u
#define FIRST         "disk/store.journal/segment-01"
#define SECOND        "disk/store.journal/segment-02"
#define SPAN          (HF__RECORD_HEAD + BODY)

/* One journal, and what a walk found of it. */
static struct {
    hf_test_random random;
    hf_env env;
    hf__segments segments;
    hf_store_error error;
    uint64_t last; /* batch appended */
    uint64_t stored;
    int64_t stored_ms;
    uint64_t batches[RECORDS_MAX]; /* found */
    uint32_t found;
    uint64_t last_bytes; /* of the newest found */
} at;

static int seeded(void *source, void *out, size_t bytes)
{
    uint8_t *to = out;
    for (size_t i = 0; i < bytes; i++)
        to[i] = (uint8_t)hf_test_next(source);
    return 0;
}

/* Closes the files and begins anew with them, as a process that starts. */
static void begin(void)
{
    ck_assert_int_eq(hf__segments_init(&at.segments, &at.env, "disk/store", SEGMENT_BYTES, SCHEMA),
                     0);
    at.segments.error = &at.error;
    at.error = (hf_store_error){0};
}

static void end(void)
{
    hf__segments_fini(&at.segments, false);
}

static void setup(void)
{
    memset(&at, 0, sizeof at);
    at.random.state = 11;
    at.stored = UINT64_MAX;
    disk_init(5);
    hf__env_init(&at.env);
    at.env.files = &disk_files;
    at.env.random = seeded;
    at.env.random_source = &at.random;
    begin();
}

static void teardown(void)
{
    end();
    disk_init(0);
}

static int append_bytes(uint8_t *changes, uint32_t bytes)
{
    uint8_t *data = malloc(HF__RECORD_HEAD + (size_t)bytes);
    memcpy(data + HF__RECORD_HEAD, changes, bytes);
    const hf__record_head head = {.batch = at.last + 1,
                                  .after = at.last,
                                  .time_ms = (int64_t)(at.last + 1) * 10,
                                  .bytes = bytes,
                                  .count = 1};
    const hf__record_piece piece = {.data = data, .bytes = HF__RECORD_HEAD + (size_t)bytes};
    int error = hf__segments_append(&at.segments, &head, &piece, 1);
    if (error == 0)
        error = hf__segments_flush(&at.segments);
    at.last += error == 0 ? 1 : 0;
    free(data);
    return error;
}

static int append(uint32_t bytes)
{
    uint8_t *changes = malloc((size_t)bytes + 1);
    memset(changes, (int)at.last + 1, bytes);
    int error = append_bytes(changes, bytes);
    free(changes);
    return error;
}

static void append_many(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        ck_assert_int_eq(append(BODY), 0);
}

static int on_record(void *context, const hf__record *record, const hf__segment *segment)
{
    (void)context;
    (void)segment;
    ck_assert_uint_lt(at.found, RECORDS_MAX);
    at.batches[at.found++] = record->head.batch;
    at.last_bytes = record->head.bytes;
    return 0;
}

/* A process starts and reads the journal: 0 or HF_E_*. */
static int walk(void)
{
    end();
    begin();
    at.found = 0;
    int error = hf__segments_find(&at.segments);
    hf__segment_walk walk = {.segments = &at.segments,
                             .stored = at.stored,
                             .stored_ms = at.stored_ms,
                             .record = on_record};
    if (error == 0)
        error = hf__segment_walk_all(&walk);
    hf__segments_continue(&at.segments, hf__segments_newest(&at.segments));
    return error;
}

/* It has batches from..to and no others. */
static void has(uint64_t from, uint64_t to)
{
    ck_assert_msg(at.found == to - from + 1, "%u records, should be %llu", at.found,
                  (unsigned long long)(to - from + 1));
    for (uint32_t i = 0; i < at.found; i++)
        ck_assert_uint_eq(at.batches[i], from + i);
}

static void is_corrupt(const char *path, uint64_t byte, const char *what)
{
    char place[200];
    ck_assert_int_eq(walk(), HF_E_CORRUPT);
    (void)snprintf(place, sizeof place, "%s: byte %llu: ", path, (unsigned long long)byte);
    ck_assert_msg(strstr(at.error.text, place) != NULL && strstr(at.error.text, what) != NULL,
                  "%s: should have '%s' and '%s'", at.error.text, place, what);
}

static void overwrite(const char *path, uint64_t offset, const void *bytes, size_t count)
{
    int fd;
    ck_assert_int_eq(disk_files.open(path, HF__OPEN_WRITE, &fd, NULL), 0);
    ck_assert_int_eq(disk_files.write_at(fd, bytes, count, offset, NULL), 0);
    disk_files.close(fd);
}

static uint64_t place_of(uint64_t record)
{
    return HF__SEGMENT_HEAD + record * SPAN;
}

/* ---- Ends ------------------------------------------------------------------------------------ */

START_TEST(what_was_appended_is_read_in_order)
{
    append_many(40);
    ck_assert_uint_gt(disk_bytes(SECOND), 0);
    ck_assert_int_eq(walk(), 0);
    has(1, 40);
}
END_TEST

START_TEST(a_torn_last_record_is_cut_and_the_next_one_is_found)
{
    append_many(5);
    for (uint64_t byte = place_of(4); byte < place_of(5); byte += 7) {
        ck_assert(disk_damage(FIRST, byte, 0x40));
        ck_assert_int_eq(walk(), 0);
        has(1, 4);
        ck_assert(disk_damage(FIRST, byte, 0x40));
    }
    ck_assert(disk_damage(FIRST, place_of(4), 1));
    ck_assert_int_eq(walk(), 0);
    at.last = 4; /* the fifth was never acknowledged */
    append_many(1);
    ck_assert_int_eq(walk(), 0);
    has(1, 5);
}
END_TEST

START_TEST(a_segment_without_records_is_a_torn_end_too)
{
    append_many(11);
    ck_assert_uint_eq(disk_bytes(SECOND), 0);
    append_many(1);
    ck_assert(disk_damage(SECOND, HF__SEGMENT_HEAD, 1));
    ck_assert_int_eq(walk(), 0);
    has(1, at.last - 1);
}
END_TEST

/* ---- Damage ---------------------------------------------------------------------------------- */

START_TEST(damage_in_the_middle_of_a_segment_is_named)
{
    append_many(3);
    for (uint64_t byte = place_of(1); byte < place_of(2); byte++) {
        ck_assert(disk_damage(FIRST, byte, 0x10));
        is_corrupt(FIRST, place_of(1), "damaged that has others behind it");
        has(1, 1);
        ck_assert(disk_damage(FIRST, byte, 0x10));
    }
    ck_assert_int_eq(walk(), 0);
}
END_TEST

START_TEST(damage_at_the_end_of_a_segment_that_has_a_next_one_is_named)
{
    append_many(13);
    append_many(1);
    uint64_t in_first = at.segments.all[0].last;
    uint64_t end_of_first = at.segments.all[0].used;
    ck_assert_ptr_ne(at.segments.current, &at.segments.all[0]);
    ck_assert(disk_damage(FIRST, end_of_first - SPAN + 1, 0x80));
    is_corrupt(FIRST, end_of_first - SPAN, "damaged that has others behind it");
    has(1, in_first - 1);
}
END_TEST

START_TEST(a_segment_that_is_missing_is_noticed)
{
    append_many(40);
    ck_assert_int_eq(disk_files.remove(SECOND, NULL), 0);
    is_corrupt(FIRST, HF__SEGMENT_LINK_AT, "segment number 2, which follows behind batch 11");
    ck_assert_uint_eq(at.found, 0);
    at.stored = 0;
    ck_assert_int_eq(disk_files.remove(FIRST, NULL), 0);
    ck_assert_int_eq(walk(), HF_E_CORRUPT);
    ck_assert_ptr_nonnull(strstr(at.error.text, "but the store has batches up to 0"));
    ck_assert_uint_eq(at.found, 0);
}
END_TEST

START_TEST(a_header_with_both_copies_damaged_is_named)
{
    append_many(2);
    ck_assert(disk_damage(FIRST, 20, 1));
    ck_assert_int_eq(walk(), 0);
    has(1, 2);
    ck_assert(disk_damage(FIRST, 512 + 30, 1));
    is_corrupt(FIRST, 0, "its header is damaged");
}
END_TEST

START_TEST(a_file_that_is_no_segment_is_left_alone)
{
    append_many(2);
    uint8_t page[HF__SEGMENT_HEAD];
    memset(page, 'x', sizeof page);
    overwrite(FIRST, 0, page, sizeof page);
    is_corrupt(FIRST, 0, "not a segment of a journal this version knows");
    uint8_t byte = 0;
    size_t got;
    int fd;
    ck_assert_int_eq(disk_files.open(FIRST, HF__OPEN_READ, &fd, NULL), 0);
    ck_assert_int_eq(disk_files.read_at(fd, &byte, 1, 9, &got, NULL), 0);
    ck_assert_int_eq(byte, 'x');
}
END_TEST

/* ---- Whose journal --------------------------------------------------------------------------- */

START_TEST(what_the_store_has_may_end_anywhere_in_it)
{
    append_many(40);
    for (at.stored = 0; at.stored <= 40; at.stored++) {
        at.stored_ms = (int64_t)at.stored * 10;
        ck_assert_msg(walk() == 0, "%llu: %s", (unsigned long long)at.stored, at.error.text);
        ck_assert(at.found > 0 && at.batches[0] <= at.stored + 1);
        has(at.batches[0], 40);
    }
}
END_TEST

START_TEST(a_journal_of_another_store_is_refused)
{
    at.last = 20; /* as if it had followed 20 batches */
    append_many(5);
    at.stored = 19;
    ck_assert_int_eq(walk(), HF_E_CORRUPT);
    ck_assert_ptr_nonnull(strstr(at.error.text, "begins behind batch 20"));
    at.stored = 23;
    at.stored_ms = 231; /* its batch 23 was of another time */
    is_corrupt(FIRST, place_of(2), "another store's journal");
    at.stored_ms = 230;
    ck_assert_int_eq(walk(), 0);
    has(21, 25);
}
END_TEST

START_TEST(a_batch_that_the_store_has_and_the_journal_passes_by_is_refused)
{
    append_many(2);
    at.last = 7; /* the third record would follow batch 7 */
    ck_assert_int_eq(append(BODY), 0);
    is_corrupt(FIRST, place_of(2), "a batch is missing");
}
END_TEST

/* ---- Earlier uses ---------------------------------------------------------------------------- */

START_TEST(what_an_earlier_use_left_is_never_taken_for_records)
{
    append_many(16);
    uint64_t first = at.segments.all[0].last;
    hf__segments_release(&at.segments, first, false);
    while (at.segments.current != &at.segments.all[0])
        append_many(1);
    uint64_t begins = at.segments.all[0].head.after;
    ck_assert_uint_eq(disk_bytes("disk/store.journal/segment-03"), 0);
    ck_assert_int_eq(walk(), 0);
    has(first + 1, at.last);
    ck_assert_uint_eq(begins + 1, at.last);           /* and behind it stand the old ones */
    for (uint64_t byte = 0; byte < SPAN; byte += 9) { /* also when the only new one is torn */
        ck_assert(disk_damage(FIRST, HF__SEGMENT_HEAD + byte, 4));
        ck_assert_int_eq(walk(), 0);
        has(first + 1, at.last - 1);
        ck_assert(disk_damage(FIRST, HF__SEGMENT_HEAD + byte, 4));
    }
}
END_TEST

/* A record whose row has the bytes of a record of batch 99, made with this salt; then it is torn.
 */
static int walk_over_forged(uint64_t salt)
{
    uint8_t changes[BODY] = {0};
    const hf__record_head forged = {.batch = 99, .after = 98, .time_ms = 990, .bytes = 64};
    uint32_t crc = hf__record_crc(salt, &forged);
    crc = hf__crc32c(crc, changes, 64);
    hf__record_head_write(&forged, crc, changes + 80);
    ck_assert_int_eq(append_bytes(changes, BODY), 0);
    ck_assert(disk_damage(FIRST, place_of(at.last - 1), 1));
    return walk();
}

START_TEST(a_row_that_looks_like_a_record_is_none)
{
    append_many(2);
    ck_assert_int_eq(walk_over_forged(at.segments.current->head.salt + 1), 0);
    has(1, 2);
}
END_TEST

START_TEST(control_with_the_segments_salt_it_would_be_one)
{
    append_many(2);
    ck_assert_int_eq(walk_over_forged(at.segments.current->head.salt), HF_E_CORRUPT);
}
END_TEST

/* ---- Sizes ----------------------------------------------------------------------------------- */

START_TEST(a_record_may_be_larger_than_a_segment_and_than_any_buffer)
{
    static const uint32_t sizes[] = {0, 1, 12248, 12249, 100000, 3000000, 5};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        ck_assert_int_eq(append(sizes[i]), 0);
        ck_assert_int_eq(walk(), 0);
        has(1, at.last);
        ck_assert_uint_eq(at.last_bytes, sizes[i]);
    }
}
END_TEST

START_TEST(a_full_disk_stops_a_new_segment_and_passes)
{
    while (at.segments.current == NULL || at.segments.current->used + SPAN <= SEGMENT_BYTES)
        append_many(1);
    disk_fail_at(1, DISK_FULL);
    ck_assert_int_eq(append(BODY), HF_E_NO_SPACE);
    ck_assert(disk_has_failed());
    ck_assert_ptr_nonnull(strstr(at.error.text, SECOND));
    append_many(3);
    ck_assert_int_eq(walk(), 0);
    has(1, at.last);
}
END_TEST

START_TEST(when_all_segments_are_needed_there_is_no_space)
{
    int error = 0;
    while (error == 0)
        error = append(12000); /* one fills a segment */
    ck_assert_int_eq(error, HF_E_NO_SPACE);
    ck_assert_uint_eq(at.last, HF__SEGMENTS_MAX);
    hf__segments_release(&at.segments, 1, false);
    ck_assert_int_eq(append(12000), 0);
    ck_assert_int_eq(append(12000), HF_E_NO_SPACE);
}
END_TEST

START_TEST(after_a_failed_flush_nothing_is_appended)
{
    append_many(2);
    disk_fail_at(1, DISK_SYNC);
    ck_assert_int_eq(append(BODY), HF_E_IO);
    ck_assert_ptr_nonnull(strstr(at.error.text, FIRST ": flushing it"));
    ck_assert_int_eq(append(BODY), HF_E_POISONED);
}
END_TEST

/* ---- Listing --------------------------------------------------------------------------------- */

static hf_segment listed[HF__SEGMENTS_MAX];
static uint32_t listed_count;

static int on_listed(void *data, const hf_segment *segment)
{
    (void)data;
    listed[listed_count++] = *segment;
    return listed_count == 4;
}

static int list(void)
{
    listed_count = 0;
    at.error = (hf_store_error){0};
    return hf__journal_list(&at.env, "disk/store", on_listed, NULL, &at.error);
}

START_TEST(segments_are_listed_with_what_is_in_them)
{
    ck_assert_int_eq(list(), 0);
    ck_assert_uint_eq(listed_count, 0);
    append_many(30);
    uint64_t first = at.segments.all[0].last;
    ck_assert_int_eq(list(), 0);
    ck_assert_uint_eq(listed_count, 3);
    ck_assert_uint_eq(listed[0].first_batch, 1);
    ck_assert_uint_eq(listed[0].last_batch, first);
    ck_assert_uint_eq(listed[0].records, first);
    ck_assert_uint_eq(listed[0].changes, first);
    ck_assert_uint_eq(listed[0].bytes_used, at.segments.all[0].used);
    ck_assert_uint_eq(listed[0].bytes, SEGMENT_BYTES);
    ck_assert_uint_eq(listed[0].schema, SCHEMA);
    ck_assert_uint_eq(listed[1].first_batch, first + 1);
    ck_assert_uint_eq(listed[2].sequence, 3);
    for (uint32_t i = 0; i < 3; i++) {
        const hf_store_identity *owner = &at.segments.all[i].head.owner;
        ck_assert_uint_eq(listed[i].state, HF_SEGMENT_WHOLE);
        ck_assert_mem_eq(&listed[i].store, &owner->store, sizeof owner->store);
        ck_assert_uint_eq(listed[i].incarnation, owner->incarnation);
        ck_assert_uint_eq(listed[i].journal, owner->journal);
        ck_assert_uint_eq(listed[i].next_sequence, i == 2 ? 0 : i + 2);
    }
}
END_TEST

START_TEST(listing_names_the_damaged_segment_and_those_behind_it)
{
    append_many(30);
    ck_assert(disk_damage(SECOND, HF__SEGMENT_HEAD + SPAN + 50, 1));
    uint64_t changes = disk_changes();
    ck_assert_int_eq(list(), HF_E_CORRUPT);
    ck_assert_uint_eq(disk_changes(), changes); /* nothing was written */
    ck_assert_uint_eq(listed_count, 3);
    ck_assert_uint_eq(listed[0].state, HF_SEGMENT_WHOLE);
    ck_assert_uint_eq(listed[1].state, HF_SEGMENT_DAMAGED);
    ck_assert_uint_eq(listed[1].records, 1);
    ck_assert_uint_eq(listed[2].state, HF_SEGMENT_NOT_READ);
    ck_assert_ptr_nonnull(strstr(at.error.text, SECOND ": byte 5136: "));
}
END_TEST

START_TEST(listing_stops_when_its_callback_says_so)
{
    append_many(60);
    ck_assert_int_eq(list(), HF_E_CANCELLED);
    ck_assert_uint_eq(listed_count, 4);
}
END_TEST

/*
 * A file table whose reads find the journal moving: in each walk another record seems damaged, one
 * place before that of the walk before.
 */
static uint32_t moving; /* walks that are to find damage */
static uint32_t seen;   /* the record that seems damaged in this walk, from 1; 0: none */

static int read_moving(int fd, void *out, size_t bytes, uint64_t offset, size_t *got, int *native)
{
    int error = disk_files.read_at(fd, out, bytes, offset, got, native);
    if (offset == HF__SEGMENT_HEAD) /* a walk begins with the first record */
        seen = moving == 0 ? 0 : moving--;
    const uint64_t place = HF__SEGMENT_HEAD + (seen == 0 ? 0 : seen - 1) * SPAN + 3;
    if (seen != 0 && place >= offset && place < offset + *got)
        ((uint8_t *)out)[place - offset] ^= 1;
    return error;
}

static int list_while_moving(uint32_t times)
{
    hf__files files = disk_files;
    files.read_at = read_moving;
    hf_env env = at.env;
    env.files = &files;
    listed_count = 0;
    moving = times;
    return hf__journal_list(&env, "disk/store", on_listed, NULL, &at.error);
}

START_TEST(what_looks_damaged_only_once_is_a_journal_in_use)
{
    append_many(10);
    ck_assert_int_eq(list_while_moving(1), 0);
    ck_assert_uint_eq(listed[0].records, 10);
    ck_assert_int_eq(list_while_moving(4), 0);
    ck_assert_uint_eq(listed[0].records, 10);
    ck_assert_int_eq(list_while_moving(9), HF_E_BUSY);
    ck_assert_uint_eq(listed_count, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("journal_chain");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, teardown);
    tcase_add_test(core, what_was_appended_is_read_in_order);
    tcase_add_test(core, a_torn_last_record_is_cut_and_the_next_one_is_found);
    tcase_add_test(core, a_segment_without_records_is_a_torn_end_too);
    tcase_add_test(core, damage_in_the_middle_of_a_segment_is_named);
    tcase_add_test(core, damage_at_the_end_of_a_segment_that_has_a_next_one_is_named);
    tcase_add_test(core, a_segment_that_is_missing_is_noticed);
    tcase_add_test(core, a_header_with_both_copies_damaged_is_named);
    tcase_add_test(core, a_file_that_is_no_segment_is_left_alone);
    tcase_add_test(core, what_the_store_has_may_end_anywhere_in_it);
    tcase_add_test(core, a_journal_of_another_store_is_refused);
    tcase_add_test(core, a_batch_that_the_store_has_and_the_journal_passes_by_is_refused);
    tcase_add_test(core, what_an_earlier_use_left_is_never_taken_for_records);
    tcase_add_test(core, a_row_that_looks_like_a_record_is_none);
    tcase_add_test(core, control_with_the_segments_salt_it_would_be_one);
    tcase_add_test(core, a_record_may_be_larger_than_a_segment_and_than_any_buffer);
    tcase_add_test(core, a_full_disk_stops_a_new_segment_and_passes);
    tcase_add_test(core, when_all_segments_are_needed_there_is_no_space);
    tcase_add_test(core, after_a_failed_flush_nothing_is_appended);
    tcase_add_test(core, segments_are_listed_with_what_is_in_them);
    tcase_add_test(core, listing_names_the_damaged_segment_and_those_behind_it);
    tcase_add_test(core, listing_stops_when_its_callback_says_so);
    tcase_add_test(core, what_looks_damaged_only_once_is_a_journal_in_use);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
