/*
 * Where the files of the embedded stores are: copies that get their name when they are whole, and
 * one engine a store, whatever becomes of the names.
 *
 * Each test runs once for each of these stores, some also for each behind a journal; in a folder of
 * its own.
 */
#include "store/places.h"
#include "support/kill_each.h"

#define ROWS  2u /* of each table */
#define BATCH 7u /* of the store's last commit */

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void check_text(const char *path, const char *text)
{
    char found[64] = "";
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(found, sizeof found, file));
    ck_assert_str_eq(found, text);
    (void)fclose(file);
}

static int backup(hf_test_store *store, const char *path, hf_progress_cb progress, void *data)
{
    memset(&store->error, 0, sizeof store->error);
    int code = store->driver->backup(store->opened, path, progress, data, &store->error);
    ck_assert_int_eq(store->error.code, code);
    return code;
}

/* Opens a copy, and its rows add up. */
static void check_copy(const hf_test_store *store, const char *path)
{
    hf_test_store copy = *store;
    hf_store_mark mark = {0};
    (void)snprintf(copy.path, sizeof copy.path, "%s", path);
    copy.caller.error = &copy.error;
    hf_test_store_reopen(&copy);
    void *txn = hf_test_begin(&copy, HF_TXN_SNAPSHOT);
    hf_test_good(&copy, copy.driver->check(txn, NULL, NULL));
    (void)hf_test_stat(&copy, txn, 0, &mark);
    ck_assert_uint_eq(mark.batch, BATCH);
    copy.driver->rollback(txn);
    copy.driver->close(copy.opened);
}

/* ---- Copies ---------------------------------------------------------------------------------- */

/*
 * A store of two tables, so that a backup of it has few calls. Only its backup has to reach the
 * disk.
 */
static int open_small(hf_test_store *store, const char *path)
{
    static hf_schema schema;
    schema = *hf_store_schema();
    schema.table_count = 2;
    hf_store_config config = hf_test_config(&store->error, path);
    config.schema = &schema;
    config.durability = HF_DURABILITY_NONE;
    return store->driver->open(&config, &store->opened);
}

static int back_up_and_end(void *data)
{
    hf_test_store *store = data;
    if (open_small(store, store->path) != 0)
        return 1;
    kill_from_here();
    return store->driver->backup(store->opened, beside(store, "copy"), NULL, NULL, &store->error);
}

static void check_small_copy(hf_test_store *store)
{
    hf_store_stat stat = {0};
    hf_test_good(store, open_small(store, beside(store, "copy")));
    void *txn = hf_test_begin(store, HF_TXN_SNAPSHOT);
    hf_test_good(store, store->driver->check(txn, NULL, NULL));
    hf_test_good(store, store->driver->stat(txn, &stat));
    ck_assert_uint_eq(stat.mark.batch, BATCH);
    store->driver->rollback(txn);
    store->driver->close(store->opened);
    ck_assert_int_eq(remove(beside(store, "copy")), 0);
}

/* The copy is whole or absent, and whatever is left, the next backup is made. */
static void check_killed_backup(void *data, uint32_t call)
{
    hf_test_store *store = data;
    const char *copy = beside(store, "copy");
    if (there(copy))
        check_small_copy(store);
    hf_test_good(store, open_small(store, store->path));
    int code = backup(store, copy, NULL, NULL);
    ck_assert_msg(code == 0, "call %u: %s", (unsigned)call, store->error.text);
    ck_assert(!there(beside(store, "copy.creating")));
    store->driver->close(store->opened);
    ck_assert_int_eq(remove(beside(store, "copy")), 0);
}

START_TEST(a_backup_killed_at_any_call_leaves_a_whole_copy_or_none_and_the_next_one_works)
{
    hf_test_store store;
    hf_test_store_open(&store, _i);
    store.driver->close(store.opened);
    (void)snprintf(store.path + strlen(store.path), 8, "-small");
    hf_test_good(&store, open_small(&store, store.path));
    hf_test_commit(&store, hf_test_begin(&store, HF_TXN_WRITE), BATCH);
    store.driver->close(store.opened);
    uint32_t calls = kill_each(back_up_and_end, check_killed_backup, &store);
    ck_assert(calls == 0 || calls > 10);
    if (calls > 0)
        check_small_copy(&store);
    (void)fprintf(stderr, "# %s: killed at each of %u calls\n", store.driver->scheme,
                  (unsigned)calls);
    hf_test_free_all(&store.memory);
}
END_TEST

/* The control: a file that is written under its own name. */
static int write_in_two_steps(void *data)
{
    kill_from_here();
    FILE *file = fopen(data, "w");
    bool good = file != NULL && fputs("half", file) >= 0 && fflush(file) == 0 &&
                fputs(" and half", file) >= 0 && fclose(file) == 0;
    return good ? 0 : 1;
}

static uint32_t halves;

static void count_halves(void *data, uint32_t call)
{
    struct stat info;
    (void)call;
    halves += stat(data, &info) == 0 && info.st_size == 4;
}

START_TEST(a_kill_at_any_call_finds_a_file_that_is_half_written)
{
    char path[] = "half";
    uint32_t calls = kill_each(write_in_two_steps, count_halves, path);
    ck_assert(calls == 0 || halves > 0);
}
END_TEST

START_TEST(what_an_earlier_backup_left_is_removed)
{
    hf_test_store store;
    hf_test_store_open(&store, _i);
    hf_test_fill(&store, ROWS, BATCH);
    write_text(beside(&store, "copy.creating"), "half a copy");
    hf_test_good(&store, backup(&store, beside(&store, "copy"), NULL, NULL));
    ck_assert(!there(beside(&store, "copy.creating")));
    check_copy(&store, beside(&store, "copy"));
    hf_test_store_close(&store);
}
END_TEST

START_TEST(nothing_is_written_when_the_name_is_taken)
{
    hf_test_store store;
    hf_test_store_open(&store, _i);
    write_text(beside(&store, "copy"), "mine");
    write_text(beside(&store, "copy.creating"), "mine too");
    ck_assert_int_eq(backup(&store, beside(&store, "copy"), NULL, NULL), HF_E_EXISTS);
    check_text(beside(&store, "copy"), "mine");
    check_text(beside(&store, "copy.creating"), "mine too");
    ck_assert_int_eq(backup(&store, store.path, NULL, NULL), HF_E_EXISTS);
    hf_test_store_close(&store);
}
END_TEST

/* Takes the name of the copy while it is made. */
static int take_name(void *data, uint64_t done, uint64_t total)
{
    (void)done;
    (void)total;
    if (!there(data))
        write_text(data, "mine");
    return 0;
}

START_TEST(a_file_that_appears_during_a_backup_is_not_replaced)
{
    hf_test_store store;
    hf_test_store_open(&store, _i);
    hf_test_fill(&store, ROWS, BATCH);
    char copy[400];
    (void)snprintf(copy, sizeof copy, "%s", beside(&store, "copy"));
    ck_assert_int_eq(backup(&store, copy, take_name, copy), HF_E_EXISTS);
    check_text(copy, "mine");
    ck_assert(!there(beside(&store, "copy.creating")));
    hf_test_store_close(&store);
}
END_TEST

typedef struct second {
    hf_test_store *store;
    hf_test_store *other;
    uint32_t asked;
} second;

/* Another engine of this process wants the same name meanwhile. */
static int back_up_again(void *data, uint64_t done, uint64_t total)
{
    second *of = data;
    (void)done;
    (void)total;
    ck_assert_int_eq(backup(of->other, beside(of->store, "copy"), NULL, NULL), HF_E_OPEN_TWICE);
    of->asked++;
    return 0;
}

START_TEST(two_backups_to_one_name_do_not_mix)
{
    hf_test_store store;
    hf_test_store other;
    hf_test_store_open(&store, _i);
    hf_test_fill(&store, ROWS, BATCH);
    hf_test_store_open(&other, _i);
    second of = {.store = &store, .other = &other};
    hf_test_good(&store, backup(&store, beside(&store, "copy"), back_up_again, &of));
    ck_assert_uint_gt(of.asked, 0);
    check_copy(&store, beside(&store, "copy"));
    hf_test_store_close(&other);
    hf_test_store_close(&store);
}
END_TEST

START_TEST(a_store_that_is_named_like_an_unfinished_copy_is_not_removed)
{
    hf_test_store store;
    hf_test_store other;
    hf_test_store_open(&other, _i);
    hf_test_store_open(&store, _i);
    hf_test_fill(&store, ROWS, BATCH);
    store.driver->close(store.opened);
    const char *path = beside(&store, "copy.creating");
    ck_assert_int_eq(rename(store.path, path), 0);
    ck_assert_uint_lt(strlen(path), sizeof store.path);
    memcpy(store.path, path, strlen(path) + 1);
    hf_test_store_reopen(&store);
    ck_assert_int_eq(backup(&other, beside(&store, "copy"), NULL, NULL), HF_E_OPEN_TWICE);
    hf_test_fill(&store, ROWS, BATCH + 1);
    hf_test_store_close(&store);
    ck_assert(there(store.path));
    hf_test_store_close(&other);
}
END_TEST

START_TEST(a_backup_gets_no_name_where_the_journal_of_another_store_lies)
{
    hf_test_store store;
    hf_test_store gone;
    hf_test_store_open(&store, _i);
    hf_test_store_open(&gone, _i);
    hf_test_fill(&gone, ROWS, BATCH);
    ck_assert_int_eq(backup(&store, beside(&gone, "away"), NULL, NULL), 0);
    ck_assert_int_eq(rename(gone.path, beside(&gone, "moved")), 0);
    ck_assert_int_eq(backup(&store, gone.path, NULL, NULL), HF_E_EXISTS);
    ck_assert(!there(gone.path));
    ck_assert_int_eq(rename(beside(&gone, "moved"), gone.path), 0);
    hf_test_store_close(&gone);
    hf_test_store_close(&store);
}
END_TEST

/* ---- One engine a store ---------------------------------------------------------------------- */

/* What another process gets that opens a path. */
static int open_elsewhere(const hf_test_store *store, const char *path)
{
    (void)fflush(NULL);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        hf_store_error error = {0};
        hf_store_config config = hf_test_config(&error, path);
        void *opened = NULL;
        _exit(-store->driver->open(&config, &opened) & 0xff);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    return -WEXITSTATUS(status);
}

static void check_locked(const hf_test_store *store, const char *path)
{
    ck_assert_int_eq(open_elsewhere(store, path), HF_E_LOCKED);
}

/* Files that are, or were, locks of a store. */
static const char *const lock_files[] = {"store.lock", "store-lock"};
#define LOCK_FILES (sizeof lock_files / sizeof lock_files[0])

START_TEST(a_store_that_is_open_is_locked_without_its_lock_files)
{
    hf_test_store store;
    hf_test_store_open(&store, _i);
    hf_test_fill(&store, ROWS, 1);
    for (size_t i = 0; i < LOCK_FILES; i++) {
        const char *away = beside(&store, "away");
        if (there(beside(&store, lock_files[i])))
            ck_assert_int_eq(rename(beside(&store, lock_files[i]), away), 0);
        check_locked(&store, store.path);
        write_text(beside(&store, lock_files[i]), "no lock");
        check_locked(&store, store.path);
        ck_assert_int_eq(remove(beside(&store, lock_files[i])), 0);
        check_locked(&store, store.path);
    }
    hf_test_fill(&store, ROWS, 2);
    hf_test_store_close(&store);
    ck_assert_int_eq(open_elsewhere(&store, store.path), 0);
}
END_TEST

START_TEST(a_store_that_is_open_is_locked_under_every_name)
{
    hf_test_store store;
    hf_test_store_open(&store, _i);
    hf_test_fill(&store, ROWS, 1);
    ck_assert_int_eq(link(store.path, beside(&store, "hard")), 0);
    check_locked(&store, beside(&store, "hard"));
    ck_assert_int_eq(rename(store.path, beside(&store, "moved")), 0);
    check_locked(&store, beside(&store, "moved"));
    check_locked(&store, beside(&store, "hard"));
    hf_store_error error = {0};
    hf_store_config config = hf_test_config(&error, beside(&store, "hard"));
    void *opened = NULL;
    ck_assert_int_eq(store.driver->open(&config, &opened), HF_E_OPEN_TWICE);
    ck_assert_int_eq(rename(beside(&store, "moved"), store.path), 0);
    hf_test_fill(&store, ROWS, 2);
    hf_test_store_close(&store);
}
END_TEST

/* What an operator may do with the lock file of one store and that of another one. */
static void copy_file(const char *from, const char *to)
{
    char command[900];
    (void)snprintf(command, sizeof command, "cp '%s' '%s'", from, to);
    ck_assert_int_eq(system(command), 0); /* NOLINT(cert-env33-c): a name of our own */
}

static void link_file(const char *from, const char *to)
{
    ck_assert_int_eq(link(from, to), 0);
}

static void symlink_file(const char *from, const char *to)
{
    ck_assert_int_eq(symlink(from, to), 0);
}

static void rename_file(const char *from, const char *to)
{
    ck_assert_int_eq(rename(from, to), 0);
}

typedef void file_action(const char *from, const char *to);

static file_action *const actions[] = {copy_file, link_file, symlink_file, rename_file};
#define ACTIONS ((int)(sizeof actions / sizeof actions[0]))

/* _i: the action, of each store in turn. */
START_TEST(a_lock_file_of_another_store_changes_nothing)
{
    hf_test_store one;
    hf_test_store two;
    hf_test_store_open(&one, _i / ACTIONS);
    hf_test_store_open(&two, _i / ACTIONS);
    mark(&one, 1);
    mark(&one, 2);
    mark(&two, 1);
    two.driver->close(two.opened);
    for (size_t i = 0; i < LOCK_FILES; i++) {
        (void)remove(beside(&two, lock_files[i]));
        if (there(beside(&one, lock_files[i])))
            actions[_i % ACTIONS](beside(&one, lock_files[i]), beside(&two, lock_files[i]));
    }
    hf_test_store_reopen(&two);
    for (uint64_t batch = 3; batch < 6; batch++) {
        mark(&one, batch);
        mark(&two, batch - 1);
    }
    check_marks(&one, 5);
    check_marks(&two, 4);
    one.driver->close(one.opened);
    two.driver->close(two.opened);
    hf_test_store_reopen(&one);
    hf_test_store_reopen(&two);
    check_marks(&one, 5);
    check_marks(&two, 4);
    hf_test_store_close(&one);
    hf_test_store_close(&two);
}
END_TEST

START_TEST(a_forked_child_that_closes_the_store_leaves_its_parent_the_lock)
{
    hf_test_store store;
    hf_test_store_open(&store, _i);
    mark(&store, 1);
    (void)fflush(NULL);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        store.driver->close(store.opened);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    check_locked(&store, store.path);
    mark(&store, 2);
    check_marks(&store, 2);
    hf_test_store_close(&store);
}
END_TEST

#define MAKERS 4
#define ROUNDS 20

/* Opens or makes the store; who gets it commits the next batch. 0, or 1 when it is locked. */
static int make_and_mark(hf_test_store *store, int start)
{
    char byte;
    hf_store_config config = hf_test_config(&store->error, store->path);
    hf_store_stat stat = {0};
    if (read(start, &byte, 1) != 0)
        return 2;
    int code = store->driver->open(&config, &store->opened);
    if (code != 0)
        return code == HF_E_LOCKED ? 1 : 2;
    void *txn = hf_test_begin(store, HF_TXN_SNAPSHOT);
    hf_test_good(store, store->driver->stat(txn, &stat));
    store->driver->rollback(txn);
    mark(store, stat.mark.batch + 1);
    store->driver->close(store->opened);
    return 0;
}

/* How many of the children got the store. */
static uint32_t race(hf_test_store *store)
{
    int start[2];
    pid_t children[MAKERS];
    uint32_t got = 0;
    ck_assert_int_eq(pipe(start), 0);
    (void)fflush(NULL);
    for (int i = 0; i < MAKERS; i++) {
        children[i] = fork();
        ck_assert_int_ge(children[i], 0);
        if (children[i] == 0) {
            (void)close(start[1]);
            _exit(make_and_mark(store, start[0]));
        }
    }
    (void)close(start[0]);
    (void)close(start[1]); /* all begin */
    for (int i = 0; i < MAKERS; i++) {
        int status = 0;
        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) < 2);
        got += WEXITSTATUS(status) == 0;
    }
    return got;
}

START_TEST(processes_that_make_a_store_at_the_same_time_get_one_store)
{
    hf_test_store store;
    hf_test_store_open(&store, _i);
    store.driver->close(store.opened);
    for (unsigned round = 0; round < ROUNDS; round++) {
        (void)snprintf(store.path + strlen(store.path), 8, "%u", round % 10);
        uint32_t got = race(&store);
        ck_assert_uint_gt(got, 0);
        hf_test_store_reopen(&store);
        check_marks(&store, got);
        store.driver->close(store.opened);
    }
    hf_test_free_all(&store.memory);
}
END_TEST

int main(void)
{
    find_subjects();
    Suite *suite = suite_create("places");
    TCase *copies = tcase_create("copies");
    tcase_add_loop_test(
        copies, a_backup_killed_at_any_call_leaves_a_whole_copy_or_none_and_the_next_one_works, 0,
        store_count);
    tcase_add_test(copies, a_kill_at_any_call_finds_a_file_that_is_half_written);
    tcase_add_loop_test(copies, what_an_earlier_backup_left_is_removed, 0, store_count);
    tcase_add_loop_test(copies, nothing_is_written_when_the_name_is_taken, 0, store_count);
    tcase_add_loop_test(copies, a_file_that_appears_during_a_backup_is_not_replaced, 0,
                        store_count);
    tcase_add_loop_test(copies, two_backups_to_one_name_do_not_mix, 0, store_count);
    tcase_add_loop_test(copies, a_store_that_is_named_like_an_unfinished_copy_is_not_removed, 0,
                        store_count);
    tcase_add_loop_test(copies, a_backup_gets_no_name_where_the_journal_of_another_store_lies,
                        store_count, subject_count);
    suite_add_tcase(suite, copies);
    TCase *locks = tcase_create("locks");
    tcase_add_loop_test(locks, a_store_that_is_open_is_locked_without_its_lock_files, 0,
                        subject_count);
    tcase_add_loop_test(locks, a_store_that_is_open_is_locked_under_every_name, 0, subject_count);
    tcase_add_loop_test(locks, a_lock_file_of_another_store_changes_nothing, 0,
                        store_count * ACTIONS);
    tcase_add_loop_test(locks, a_forked_child_that_closes_the_store_leaves_its_parent_the_lock, 0,
                        store_count);
    tcase_add_loop_test(locks, processes_that_make_a_store_at_the_same_time_get_one_store, 0,
                        store_count);
    suite_add_tcase(suite, locks);
    return hf_test_main(suite);
}
