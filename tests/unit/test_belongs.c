/*
 * A journal belongs to its store: what an operator does to the files of a store that was killed is
 * noticed, named and refused, and nothing is changed by that. Continuing without the journal is a
 * step of its own.
 */
#include "support/bells.h"
#include "support/folder.h"

#define MANY 120 /* receipts, each with a large meta, that fill several segments */

static char logged[512];

static void note(void *data, uint32_t level, const char *text)
{
    (void)data;
    (void)level;
    size_t used = strlen(logged);
    (void)snprintf(logged + used, sizeof logged - used, "%s\n", text);
}

static void leave_many(const char *store)
{
    bells_meta_bytes = sizeof bells_meta;
    leave_bells(store, MANY);
}

static const char *segment(const char *store, uint32_t number)
{
    static char path[64];
    (void)snprintf(path, sizeof path, "%s.journal/segment-%02u", store, (unsigned)number);
    return path;
}

static uint32_t segments(const char *store)
{
    uint32_t count = 0;
    while (is_there(segment(store, count + 1)))
        count++;
    return count;
}

/* Opening is refused with this error and words, and every file is as it was. */
static void is_refused(const char *store, int error, const char *words)
{
    static const uint32_t durabilities[] = {HF_DURABILITY_JOURNAL, HF_DURABILITY_STORE,
                                            HF_DURABILITY_NONE};
    for (size_t i = 0; i < sizeof durabilities / sizeof durabilities[0]; i++) {
        uint64_t before = folder_sum(".");
        const int found = open_as(store, durabilities[i], NULL);
        ck_assert_msg(found == error, "%s: %s", hf_error_name(found), shop.detail);
        ck_assert_msg(strstr(shop.detail, words) != NULL, "%s", shop.detail);
        ck_assert_msg(folder_sum(".") == before, "%s: changed by opening", shop.detail);
    }
}

static void has_and_closes(const char *store, int64_t bells_there)
{
    start(store, HF_DURABILITY_JOURNAL);
    has_bells(bells_there);
    shop_verify();
    stop();
}

/* ---- Another journal ------------------------------------------------------------------------- */

START_TEST(journals_of_two_stores_that_were_swapped_are_refused)
{
    leave_bells(url(_i, "one"), 50);
    leave_bells(url(_i, "two"), 30); /* fewer batches */
    ck_assert_int_eq(rename("one.journal", "aside"), 0);
    ck_assert_int_eq(rename("two.journal", "one.journal"), 0);
    ck_assert_int_eq(rename("aside", "two.journal"), 0);
    is_refused(url(_i, "one"), HF_E_CORRUPT, "another store's journal");
    is_refused(url(_i, "two"), HF_E_CORRUPT, "another store's journal");
    ck_assert_int_eq(rename("one.journal", "aside"), 0);
    ck_assert_int_eq(rename("two.journal", "one.journal"), 0);
    ck_assert_int_eq(rename("aside", "two.journal"), 0);
    has_and_closes(url(_i, "one"), 50);
    has_and_closes(url(_i, "two"), 30);
}
END_TEST

START_TEST(a_journal_beside_a_store_that_needs_none_is_refused)
{
    start(url(_i, "one"), HF_DURABILITY_JOURNAL);
    begin_bells();
    stop();
    leave_bells(url(_i, "two"), 30);
    ck_assert_int_eq(rename("two.journal", "one.journal"), 0);
    is_refused(url(_i, "one"), HF_E_CORRUPT, "another store's journal");
    is_refused(url(_i, "two"), HF_E_CORRUPT, "the journal is missing");
}
END_TEST

static void remove_store(const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-lock", ".lock"};
    char name[64];
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        (void)snprintf(name, sizeof name, "%s%s", path, endings[i]);
        (void)remove(name);
    }
}

START_TEST(a_new_store_is_not_made_beside_a_forgotten_journal)
{
    leave_bells(url(_i, "one"), 20);
    remove_store("one");
    is_refused(url(_i, "one"), HF_E_EXISTS,
               "one.journal: the journal of a store that no longer exists");
    ck_assert(!is_there("one"));
    ck_assert_int_eq(rename("one.journal", "aside"), 0);
    start(url(_i, "one"), HF_DURABILITY_JOURNAL);
    begin_bells();
    has_bells(0);
    stop();
}
END_TEST

/* SQLite's file of shared memory is made when the store is opened, and this one is not opened. */
START_TEST(a_refusal_makes_no_file_of_shared_memory)
{
    leave_bells(url(_i, "one"), 20);
    (void)remove("one-shm");
    ck_assert_int_eq(rename("one.journal", "aside"), 0);
    is_refused(url(_i, "one"), HF_E_CORRUPT, "the journal is missing");
    ck_assert(!is_there("one-shm"));
    ck_assert_int_eq(rename("aside", "one.journal"), 0);
    has_and_closes(url(_i, "one"), 20);
}
END_TEST

/* ---- Missing --------------------------------------------------------------------------------- */

START_TEST(a_missing_journal_is_refused)
{
    leave_bells(url(_i, "one"), 20);
    ck_assert_int_eq(rename("one.journal", "aside"), 0);
    is_refused(url(_i, "one"), HF_E_CORRUPT, "one.journal: the journal is missing");
    ck_assert_int_eq(mkdir("one.journal", 0700), 0);
    is_refused(url(_i, "one"), HF_E_CORRUPT, "one.journal: the journal is missing");
    ck_assert_int_eq(rmdir("one.journal"), 0);
    ck_assert_int_eq(rename("aside", "one.journal"), 0);
    has_and_closes(url(_i, "one"), 20);
    has_and_closes(url(_i, "one"), 20); /* closed in good order: it needs none */
}
END_TEST

START_TEST(a_store_that_was_copied_while_it_is_open_is_refused)
{
    start(url(_i, "one"), HF_DURABILITY_JOURNAL);
    begin_bells();
    for (int i = 0; i < 20; i++)
        receive(1);
    ck_assert_int_eq(hf_loop_run_once(shop.loop, 0) >= 0, 1);
    folder_copy_file("one", "copy");
    if (is_there("one-wal"))
        folder_copy_file("one-wal", "copy-wal");
    stop();
    char detail[480] = "";
    is_refused(url(_i, "copy"), HF_E_CORRUPT, "use a backup");
    ck_assert_int_lt(hf_restore("copy", url(_i, "two"), detail, sizeof detail), 0);
    ck_assert(!is_there("two"));
}
END_TEST

/* Of SQLite it has not even what was in the log when the store was killed. */
START_TEST(a_database_file_that_was_copied_alone_is_refused)
{
    leave_bells(url(_i, "one"), 20);
    folder_copy_file("one", "copy");
    is_refused(url(_i, "copy"), HF_E_CORRUPT, "copy.journal: the journal is missing");
    is_refused(url(_i, "copy"), HF_E_CORRUPT, "use a backup instead of a copied file");
    has_and_closes(url(_i, "one"), 20);
    folder_copy_file("one", "closed"); /* the control: one that was closed has everything */
    has_and_closes(url(_i, "closed"), 20);
}
END_TEST

START_TEST(each_segment_that_is_missing_is_noticed)
{
    leave_many(url(_i, "one"));
    const uint32_t count = segments("one");
    ck_assert_uint_gt(count, 2);
    for (uint32_t i = 1; i <= count; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "%s", segment("one", i));
        ck_assert_int_eq(rename(path, "aside"), 0);
        const int error = open_as(url(_i, "one"), HF_DURABILITY_JOURNAL, NULL);
        ck_assert_int_eq(error, HF_E_CORRUPT);
        ck_assert_msg(strstr(shop.detail, "missing") != NULL, "%s", shop.detail);
        ck_assert_int_eq(rename("aside", path), 0);
    }
    has_and_closes(url(_i, "one"), MANY);
}
END_TEST

/* ---- Short, zeroed, doubled, swapped ----------------------------------------------------------
 */

START_TEST(a_segment_whose_first_bytes_are_zeros_is_refused)
{
    static const uint8_t zeros[8192];
    static const off_t lengths[] = {1024, 4096, 8192};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        leave_bells(url(_i, "one"), 20);
        int fd = open("one.journal/segment-01", O_WRONLY | O_CLOEXEC);
        ck_assert_int_eq(pwrite(fd, zeros, (size_t)lengths[i], 0), lengths[i]);
        (void)close(fd);
        is_refused(url(_i, "one"), HF_E_CORRUPT, "one.journal/segment-01: byte 0: ");
        remove_store("one");
        ck_assert_int_eq(rename("one.journal", i == 0 ? "a" : i == 1 ? "b" : "c"), 0);
    }
}
END_TEST

START_TEST(a_segment_that_was_cut_is_refused)
{
    static const off_t lengths[] = {0, 511, 4096, 5000, 131071};
    struct stat found;
    leave_bells(url(_i, "one"), 20);
    ck_assert_int_eq(stat("one.journal/segment-01", &found), 0);
    for (size_t i = sizeof lengths / sizeof lengths[0]; i-- > 0;) {
        ck_assert_int_eq(truncate("one.journal/segment-01", lengths[i]), 0);
        is_refused(url(_i, "one"), HF_E_CORRUPT, "one.journal/segment-01: byte ");
    }
    ck_assert_int_eq(truncate("one.journal/segment-01", found.st_size), 0);
    is_refused(url(_i, "one"), HF_E_CORRUPT, "one.journal/segment-01: byte 0: ");
}
END_TEST

START_TEST(a_segment_that_is_there_twice_is_refused)
{
    char path[64];
    leave_many(url(_i, "one"));
    (void)snprintf(path, sizeof path, "%s", segment("one", segments("one") + 1));
    folder_copy_file("one.journal/segment-01", path);
    is_refused(url(_i, "one"), HF_E_CORRUPT, "is there twice");
    ck_assert_int_eq(remove(path), 0);
    folder_copy_file("one.journal/segment-01", "one.journal/segment-09.new");
    has_and_closes(url(_i, "one"), MANY); /* under another name it is ignored */
}
END_TEST

/* The copy was made by the same journal, before it continued. */
START_TEST(an_older_copy_of_a_segment_is_refused)
{
    leave_bells(url(_i, "one"), 20);
    folder_copy_file("one.journal/segment-01", "aside");
    bells_meta_bytes = sizeof bells_meta;
    const pid_t child = fork();
    if (child == 0) {
        start(url(_i, "one"), HF_DURABILITY_JOURNAL);
        for (int i = 0; i < MANY; i++)
            receive(1);
        (void)raise(SIGKILL);
    }
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    folder_copy_file("one.journal/segment-01", "newer");
    folder_copy_file("aside", "one.journal/segment-01");
    is_refused(url(_i, "one"), HF_E_CORRUPT, "one.journal/segment-0");
    folder_copy_file("newer", "one.journal/segment-01");
    has_and_closes(url(_i, "one"), 20 + MANY);
}
END_TEST

/* ---- Continuing without it ---------------------------------------------------------------------
 */

static int open_without(const char *store, uint32_t durability)
{
    bells.without_journal = 1;
    bells.log = note;
    logged[0] = '\0';
    const int error = open_as(store, durability, NULL);
    bells.without_journal = 0;
    bells.log = NULL;
    return error;
}

START_TEST(a_store_continues_without_its_journal_when_that_is_asked_for)
{
    const uint32_t durability = _i % 2 == 0 ? HF_DURABILITY_JOURNAL : HF_DURABILITY_STORE;
    const char *store = url(_i / 2, "one");
    leave_bells(store, 20);
    ck_assert_int_eq(open_without(store, durability), HF_E_EXISTS);
    ck_assert_ptr_nonnull(strstr(shop.detail, "the journal is whole and fits"));
    ck_assert_int_eq(rename("one.journal", "aside"), 0);
    ck_assert_int_eq(open_without(store, durability), 0);
    ck_assert_msg(strstr(logged, "nothing is known from batch ") != NULL, "%s", logged);
    begin_bells();
    receive(3);
    const int64_t count = count_bells(); /* it may have had some of the 20 */
    ck_assert(count >= 3 && count < 23);
    shop_verify();
    stop();
    ck_assert_int_eq(rename("aside", "one.journal"), 0); /* now it is foreign */
    is_refused(store, HF_E_CORRUPT, "of incarnation 1 of the store, not of 2");
    ck_assert_int_eq(open_without(store, durability), 0);
    has_bells(count);
    stop();
    ck_assert(is_there("one.journal.aside-1/segment-01")); /* renamed, never deleted */
    ck_assert(!is_there("one.journal"));
    ck_assert_int_eq(open_without(store, durability), HF_E_EXISTS);
    ck_assert_ptr_nonnull(strstr(shop.detail, "needs no journal"));
}
END_TEST

START_TEST(a_damaged_journal_is_set_aside_whole)
{
    leave_bells(url(_i, "one"), 20);
    ck_assert_int_eq(truncate("one.journal/segment-01", 5000), 0);
    ck_assert_int_eq(mkdir("one.journal.aside-1", 0700), 0);
    ck_assert_int_eq(open_without(url(_i, "one"), HF_DURABILITY_JOURNAL), 0);
    ck_assert_ptr_nonnull(strstr(logged, "one.journal.aside-2"));
    begin_bells();
    stop();
    struct stat found;
    ck_assert_int_eq(stat("one.journal.aside-2/segment-01", &found), 0);
    ck_assert_int_eq(found.st_size, 5000);
}
END_TEST

/* ---- Copies ---------------------------------------------------------------------------------- */

static void backed_up(void *data, int status, const char *detail)
{
    (void)data;
    (void)detail;
    shop.status = status;
    shop.ended++;
}

/* A backup that was made while the journal was in use, beside the store that was killed then. */
START_TEST(a_backup_is_opened_where_it_is_and_is_another_incarnation)
{
    start(url(_i, "one"), HF_DURABILITY_JOURNAL);
    begin_bells();
    for (int i = 0; i < 20; i++)
        receive(1);
    ck_assert_int_eq(hf_backup(shop.engine, "copy", NULL, backed_up, NULL), 0);
    shop_wait();
    ck_assert_int_eq(shop.status, 0);
    stop();
    leave_bells(url(_i, "copy"), 0); /* an item that is there stays, so it has its 20 */
    ck_assert(is_there("copy.journal/segment-01"));
    ck_assert_int_eq(rename("copy.journal", "one.journal"), 0);
    is_refused(url(_i, "one"), HF_E_CORRUPT, "of incarnation 2 of the store, not of 1");
    ck_assert_int_eq(rename("one.journal", "copy.journal"), 0);
    has_and_closes(url(_i, "copy"), 20);
    has_and_closes(url(_i, "one"), 20);
}
END_TEST

START_TEST(a_backup_beside_the_journal_of_a_dead_store_is_refused)
{
    start(url(_i, "one"), HF_DURABILITY_JOURNAL);
    begin_bells();
    receive(5);
    ck_assert_int_eq(hf_backup(shop.engine, "copy", NULL, backed_up, NULL), 0);
    shop_wait();
    stop();
    leave_bells(url(_i, "one"), 10);
    remove_store("one");
    ck_assert_int_eq(rename("copy", "one"), 0);
    is_refused(url(_i, "one"), HF_E_EXISTS, "the store is a backup");
    ck_assert_int_eq(rename("one.journal", "aside"), 0);
    has_and_closes(url(_i, "one"), 5);
}
END_TEST

/* Which store it is, as an engine with this durability says, or one that only reads. */
static hf_id identity_of(const char *store, uint32_t durability, uint32_t read_only)
{
    hf_health_info info = {.size = sizeof info};
    bells.read_only = read_only;
    start(store, durability);
    bells.read_only = 0;
    ck_assert_int_eq(hf_health(shop.engine, &info), 0);
    ck_assert_uint_eq(info.incarnation, 1);
    hf_events_read_args all;
    hf_completion done;
    hf_events_read_init(&all);
    ck_assert_int_eq(hf_run(shop.engine, HF_OP_EVENTS_READ, &all, &done), 0);
    const hf_event_page *page = done.result;
    ck_assert_mem_eq(&page->store, &info.store, sizeof info.store);
    ck_assert_uint_eq(page->incarnation, 1);
    stop();
    return info.store;
}

START_TEST(a_store_is_the_same_whatever_opens_it_after_a_crash)
{
    static const uint32_t durabilities[] = {HF_DURABILITY_JOURNAL, HF_DURABILITY_STORE,
                                            HF_DURABILITY_NONE};
    const char *store = url(_i % SCHEMES, "one");
    leave_bells(store, 20);
    const hf_id before = identity_of(store, HF_DURABILITY_STORE, 1);
    const hf_id again = identity_of(store, durabilities[_i / SCHEMES], 0);
    ck_assert_mem_eq(&before, &again, sizeof before);
    const hf_id after = identity_of(store, HF_DURABILITY_JOURNAL, 0);
    ck_assert_mem_eq(&before, &after, sizeof before);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("belongs");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, in_a_folder, NULL);
    tcase_add_loop_test(core, journals_of_two_stores_that_were_swapped_are_refused, 0, SCHEMES);
    tcase_add_loop_test(core, a_journal_beside_a_store_that_needs_none_is_refused, 0, SCHEMES);
    tcase_add_loop_test(core, a_new_store_is_not_made_beside_a_forgotten_journal, 0, SCHEMES);
    tcase_add_loop_test(core, a_refusal_makes_no_file_of_shared_memory, 0, SCHEMES);
    tcase_add_loop_test(core, a_missing_journal_is_refused, 0, SCHEMES);
    tcase_add_loop_test(core, a_store_that_was_copied_while_it_is_open_is_refused, 0, SCHEMES);
    tcase_add_loop_test(core, a_database_file_that_was_copied_alone_is_refused, 0, SCHEMES);
    tcase_add_loop_test(core, each_segment_that_is_missing_is_noticed, 0, SCHEMES);
    tcase_add_loop_test(core, a_segment_whose_first_bytes_are_zeros_is_refused, 0, SCHEMES);
    tcase_add_loop_test(core, a_segment_that_was_cut_is_refused, 0, SCHEMES);
    tcase_add_loop_test(core, a_segment_that_is_there_twice_is_refused, 0, SCHEMES);
    tcase_add_loop_test(core, an_older_copy_of_a_segment_is_refused, 0, SCHEMES);
    tcase_add_loop_test(core, a_store_continues_without_its_journal_when_that_is_asked_for, 0,
                        2 * SCHEMES);
    tcase_add_loop_test(core, a_damaged_journal_is_set_aside_whole, 0, SCHEMES);
    tcase_add_loop_test(core, a_backup_is_opened_where_it_is_and_is_another_incarnation, 0,
                        SCHEMES);
    tcase_add_loop_test(core, a_backup_beside_the_journal_of_a_dead_store_is_refused, 0, SCHEMES);
    tcase_add_loop_test(core, a_store_is_the_same_whatever_opens_it_after_a_crash, 0, 3 * SCHEMES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
