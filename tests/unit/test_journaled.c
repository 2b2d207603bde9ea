/*
 * Stores with a journal, through the public API: what a killed process left is there again with
 * every durability, a backup has what only the journal had, restore refuses what it could spoil,
 * and the journal is listed beside a living engine.
 */
#include "support/bells.h"

/* ---- Listing --------------------------------------------------------------------------------- */

static struct {
    uint32_t segments;
    uint64_t records;
    char path[4200];
} listed;

static int on_segment(void *data, const hf_segment *segment)
{
    (void)data;
    listed.segments++;
    listed.records += segment->records;
    (void)snprintf(listed.path, sizeof listed.path, "%s", segment->path);
    return 0;
}

static int stop_at_once(void *data, const hf_segment *segment)
{
    (void)data;
    (void)segment;
    return 1;
}

static uint64_t list(const char *store)
{
    memset(&listed, 0, sizeof listed);
    char detail[480];
    const int error = hf_journal_read(store, on_segment, NULL, detail, sizeof detail);
    ck_assert_msg(error == 0, "%s: %s", hf_error_name(error), detail);
    ck_assert_str_eq(detail, "");
    return listed.records;
}

START_TEST(a_journal_is_listed_beside_a_living_engine)
{
    start(url(_i, "one"), HF_DURABILITY_JOURNAL);
    begin_bells();
    uint64_t before = list(url(_i, "one"));
    ck_assert_uint_ge(before, 1);
    receive(1);
    receive(1);
    ck_assert_uint_eq(list(url(_i, "one")), before + 2);
    ck_assert_uint_eq(listed.segments, 1);
    char folder[4096], path[4200]; /* a store's place is resolved when it is opened */
    ck_assert_ptr_nonnull(getcwd(folder, sizeof folder));
    (void)snprintf(path, sizeof path, "%s/one.journal/segment-01", folder);
    ck_assert_str_eq(listed.path, path);
    char detail[480];
    ck_assert_int_eq(hf_journal_read(url(_i, "one"), stop_at_once, NULL, detail, sizeof detail),
                     HF_E_CANCELLED);
    ck_assert_int_eq(hf_journal_read(url(_i, "one"), NULL, NULL, NULL, 0), 0);
    stop();
    ck_assert_uint_eq(list(url(_i, "one")), 0);
    ck_assert_uint_eq(listed.segments, 0);
    ck_assert(!is_there("one.journal"));
}
END_TEST

START_TEST(a_journal_is_asked_for_by_the_url_of_a_store)
{
    static const struct {
        const char *url;
        int error;
        const char *detail;
    } bad[] = {
        {NULL, HF_E_URL, "a store is named as"},
        {"nothing", HF_E_URL, "a store is named as"},
        {"oracle:x", HF_E_URL, "oracle"},
        {"memory:", HF_E_UNSUPPORTED, "memory: has no journal"},
    };
    char detail[480];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_int_eq(hf_journal_read(bad[i].url, NULL, NULL, detail, sizeof detail),
                         bad[i].error);
        ck_assert_msg(strstr(detail, bad[i].detail) != NULL, "%s", detail);
    }
    for (int s = 0; s < SCHEMES; s++)
        ck_assert_int_eq(hf_journal_read(url(s, ""), NULL, NULL, detail, sizeof detail), HF_E_PATH);
}
END_TEST

/* ---- What a killed process left -------------------------------------------------------------- */

static const uint32_t durabilities[] = {HF_DURABILITY_JOURNAL, HF_DURABILITY_STORE,
                                        HF_DURABILITY_NONE};
#define CASES (3 * SCHEMES)

START_TEST(what_a_killed_process_left_is_there_with_every_durability)
{
    const uint32_t durability = durabilities[_i % 3];
    const char *store = url(_i / 3, "one");
    leave_journal(store);
    ck_assert_uint_ge(list(store), 51);
    start(store, durability);
    ck_assert_int_eq(is_there("one.journal"), durability == HF_DURABILITY_JOURNAL);
    has_bells(50);
    receive(1);
    shop_verify();
    stop();
    ck_assert(!is_there("one.journal"));
    start(store, HF_DURABILITY_STORE);
    has_bells(51);
    stop();
}
END_TEST

static const hf_store_driver *inner;
static uint32_t opened[4];
static uint32_t open_count;

static int open_and_note(const hf_store_config *config, void **store)
{
    if (open_count < 4)
        opened[open_count] = config->durability;
    open_count++;
    return inner->open(config, store);
}

/* The journal goes when the store has what was in it: so that must be on disk, come what may. */
START_TEST(a_journal_is_taken_in_on_disk_also_by_a_store_that_is_kept_in_memory)
{
    hf_store_driver driver = *(inner = hf_store_builtin(schemes[_i]));
    driver.open = open_and_note;
    leave_journal(url(_i, "one"));
    ck_assert_int_eq(open_as("one", HF_DURABILITY_NONE, &driver), 0);
    has_bells(50);
    stop();
    ck_assert_uint_eq(open_count, 2);
    ck_assert_uint_eq(opened[0], HF_DURABILITY_STORE);
    ck_assert_uint_eq(opened[1], HF_DURABILITY_NONE);
}
END_TEST

static int refuse_commit(void *txn, const hf_store_mark *mark)
{
    (void)mark;
    inner->rollback(txn);
    return HF_E_NO_SPACE;
}

START_TEST(a_journal_that_cannot_be_taken_in_stays)
{
    hf_store_driver driver = *(inner = hf_store_builtin(schemes[_i]));
    driver.commit = refuse_commit;
    leave_journal(url(_i, "one"));
    ck_assert_int_eq(open_as("one", HF_DURABILITY_STORE, &driver), HF_E_NO_SPACE);
    ck_assert(is_there("one.journal"));
    start(url(_i, "one"), HF_DURABILITY_STORE);
    has_bells(50);
    stop();
}
END_TEST

/* ---- Copies ---------------------------------------------------------------------------------- */

static void backed_up(void *data, int status, const char *detail)
{
    (void)data;
    (void)snprintf(shop.detail, sizeof shop.detail, "%s", detail != NULL ? detail : "");
    shop.status = status;
    shop.ended++;
}

static void backup(const char *path)
{
    ck_assert_int_eq(hf_backup(shop.engine, path, NULL, backed_up, NULL), 0);
    shop_wait();
    ck_assert_msg(shop.status == 0, "%s", shop.detail);
}

START_TEST(a_backup_has_what_only_the_journal_had)
{
    char detail[480];
    start(url(_i, "one"), HF_DURABILITY_JOURNAL);
    begin_bells();
    const int64_t count = receive_into_the_journal();
    backup("copy");
    receive(1000);
    stop();
    ck_assert_int_eq(hf_restore("copy", url(_i, "two"), detail, sizeof detail), 0);
    start(url(_i, "two"), HF_DURABILITY_JOURNAL);
    has_bells(count);
    shop_verify();
    stop();
}
END_TEST

/* Restoring `path` to `store`; the detail must contain the culprit. */
static int restoring(const char *path, const char *store, const char *culprit)
{
    char detail[480] = "";
    const int error = hf_restore(path, store, detail, sizeof detail);
    ck_assert_msg(error == 0 || strstr(detail, culprit) != NULL, "%s", detail);
    return error;
}

START_TEST(nothing_is_restored_over_a_journal)
{
    leave_journal(url(_i, "one"));
    start(url(_i, "two"), HF_DURABILITY_JOURNAL);
    begin_bells();
    backup("copy");
    stop();
    ck_assert_int_eq(restoring("copy", url(_i, "one"), "one"), HF_E_EXISTS);
    ck_assert_int_eq(rename("one", "aside"), 0);
    ck_assert_int_eq(restoring("copy", url(_i, "one"), "one.journal"), HF_E_EXISTS);
    ck_assert(!is_there("one"));
    ck_assert_int_eq(rename("aside", "one"), 0);
    start(url(_i, "one"), HF_DURABILITY_JOURNAL); /* nothing was lost of it */
    has_bells(50);
    stop();
    ck_assert_int_eq(restoring("copy", url(_i, "three"), ""), 0);
}
END_TEST

START_TEST(nothing_is_restored_from_a_store_that_has_a_journal)
{
    leave_journal(url(_i, "one"));
    ck_assert_int_eq(restoring("one", url(_i, "two"), "has a journal beside it"), HF_E_BUSY);
    ck_assert(!is_there("two"));
    start(url(_i, "one"), HF_DURABILITY_JOURNAL);
    receive(1);
    ck_assert_int_eq(restoring("one", url(_i, "two"), "this process"), HF_E_OPEN_TWICE);
    stop();
    ck_assert_int_eq(restoring("one", url(_i, "two"), ""), 0);
    start(url(_i, "two"), HF_DURABILITY_JOURNAL);
    has_bells(51);
    stop();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("journaled");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, in_a_folder, NULL);
    tcase_add_loop_test(core, a_journal_is_listed_beside_a_living_engine, 0, SCHEMES);
    tcase_add_test(core, a_journal_is_asked_for_by_the_url_of_a_store);
    tcase_add_loop_test(core, what_a_killed_process_left_is_there_with_every_durability, 0, CASES);
    tcase_add_loop_test(core, a_journal_is_taken_in_on_disk_also_by_a_store_that_is_kept_in_memory,
                        0, SCHEMES);
    tcase_add_loop_test(core, a_journal_that_cannot_be_taken_in_stays, 0, SCHEMES);
    tcase_add_loop_test(core, a_backup_has_what_only_the_journal_had, 0, SCHEMES);
    tcase_add_loop_test(core, nothing_is_restored_over_a_journal, 0, SCHEMES);
    tcase_add_loop_test(core, nothing_is_restored_from_a_store_that_has_a_journal, 0, SCHEMES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
