/*
 * Places: what stays when a store is closed, who else may open it, and what is refused untouched.
 * Stores without HF_STORE_PERSISTENT have none; of them only the refusal of a backup is asked.
 */
#include "store/conformance.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static bool persistent(int i)
{
    return (hf_test_subject_at(i)->driver->capabilities & HF_STORE_PERSISTENT) != 0;
}

/* Opens a location that must be refused. */
static int refused(const hf_store_driver *driver, const char *path)
{
    hf_store_error error = {0};
    hf_store_config config = hf_test_config(&error, path);
    void *opened = NULL;
    int code = driver->open(&config, &opened);
    if (code == 0) {
        driver->close(opened);
    } else {
        ck_assert_int_eq(error.code, code);
        ck_assert_uint_gt(strlen(error.text), 0);
    }
    return code;
}

START_TEST(content_and_mark_stay_when_it_is_closed)
{
    if (!persistent(_i))
        return;
    hf_test_store store;
    hf_test_store_open(&store, _i);
    hf_table_stat before[64] = {{0}};
    for (uint64_t round = 1; round <= 3; round++) {
        hf_test_fill(&store, 20, round);
        void *txn = hf_test_begin(&store, HF_TXN_SNAPSHOT);
        for (uint32_t table = 0; table < hf_test_table_count(); table++)
            before[table] = hf_test_stat(&store, txn, table, NULL);
        store.driver->rollback(txn);
        store.driver->close(store.opened);
        hf_test_store_reopen(&store);
        txn = hf_test_begin(&store, HF_TXN_SNAPSHOT);
        hf_store_mark mark = {0};
        for (uint32_t table = 0; table < hf_test_table_count(); table++) {
            hf_table_stat after = hf_test_stat(&store, txn, table, &mark);
            hf_scan all = {.table = table};
            ck_assert_uint_eq(after.rows, before[table].rows);
            ck_assert_uint_eq(after.checksum, before[table].checksum);
            ck_assert_uint_eq(hf_test_count(&store, txn, &all), after.rows);
        }
        ck_assert_uint_eq(mark.batch, round);
        ck_assert_int_eq(mark.time_ms, 1717000000000 + (int64_t)round);
        hf_test_good(&store, store.driver->check(txn, NULL, NULL));
        store.driver->rollback(txn);
    }
    hf_test_store_close(&store);
}
END_TEST

START_TEST(what_was_not_committed_is_gone)
{
    if (!persistent(_i))
        return;
    hf_test_store store;
    hf_test_store_open(&store, _i);
    hf_cursor row = {.consumer = {"a"}, .seq = 1};
    void *txn = hf_test_begin(&store, HF_TXN_WRITE);
    hf_test_put(&store, txn, hf_test_table("cursors"), &row, NULL);
    store.driver->rollback(txn);
    store.driver->close(store.opened);
    hf_test_store_reopen(&store);
    txn = hf_test_begin(&store, HF_TXN_SNAPSHOT);
    ck_assert(!hf_test_get(&store, txn, hf_test_table("cursors"), &row));
    store.driver->rollback(txn);
    hf_test_store_close(&store);
}
END_TEST

START_TEST(a_second_open_is_refused)
{
    if (!persistent(_i) || (hf_test_subject_at(_i)->driver->capabilities & HF_STORE_EXCLUSIVE) == 0)
        return;
    hf_test_store store;
    hf_test_store_open(&store, _i);
    hf_test_fill(&store, 2, 1);
    ck_assert_int_eq(refused(store.driver, store.path), HF_E_OPEN_TWICE);
    hf_test_fill(&store, 2, 2); /* the first one continues */
    char also[320];
    (void)snprintf(also, sizeof also, "%.*s/./store", (int)(strrchr(store.path, '/') - store.path),
                   store.path);
    ck_assert_int_eq(refused(store.driver, also), HF_E_OPEN_TWICE);
    hf_test_fill(&store, 2, 3);
    hf_test_store_close(&store);
    ck_assert_int_eq(refused(store.driver, store.path), 0);
}
END_TEST

START_TEST(another_process_is_refused)
{
    if (!persistent(_i) || (hf_test_subject_at(_i)->driver->capabilities & HF_STORE_EXCLUSIVE) == 0)
        return;
    hf_test_store store;
    hf_test_store_open(&store, _i);
    store.driver->close(store.opened); /* the process that has it is a child, begun before */
    int ready[2], stop[2];
    ck_assert_int_eq(pipe(ready) | pipe(stop), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        char byte = 0;
        (void)close(stop[1]);
        hf_store_config config = hf_test_config(&store.error, store.path);
        int code = store.driver->open(&config, &store.opened);
        bool reported = write(ready[1], code == 0 ? "y" : "n", 1) == 1;
        bool waited = reported && read(stop[0], &byte, 1) == 0; /* until the parent is done */
        _exit(code == 0 && waited ? 0 : 1);                     /* without closing: as if killed */
    }
    char byte = 0;
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    ck_assert_int_eq(byte, 'y');
    ck_assert_int_eq(refused(store.driver, store.path), HF_E_LOCKED);
    (void)close(stop[1]);
    (void)close(stop[0]);
    int status = 1;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    hf_test_store_reopen(&store);
    hf_test_store_close(&store);
}
END_TEST

START_TEST(a_missing_folder_is_refused)
{
    if (!persistent(_i))
        return;
    hf_test_store store;
    hf_test_store_open(&store, _i);
    char path[320];
    (void)snprintf(path, sizeof path, "%s-none/store", store.path);
    ck_assert_int_eq(refused(store.driver, path), HF_E_PATH);
    hf_test_store_close(&store);
}
END_TEST

/* What a user who is not root gets from a folder without write permission; -1: not known. */
static int open_read_only(const hf_store_driver *driver)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(99);
        if (access(".", W_OK) == 0)
            _exit(99);
        hf_store_error error = {0};
        hf_store_config config = hf_test_config(&error, "store");
        void *opened = NULL;
        _exit(-driver->open(&config, &opened) & 0xff);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status) == 99 ? -1 : WEXITSTATUS(status);
}

START_TEST(a_read_only_folder_is_refused)
{
    if (!persistent(_i))
        return;
    hf_test_store store;
    hf_test_store_open(&store, _i);
    const hf_store_driver *driver = store.driver;
    char folder[320];
    (void)snprintf(folder, sizeof folder, "%s-folder", store.path);
    hf_test_store_close(&store); /* its threads: a child of fork meets the locks they held */
    ck_assert_int_eq(mkdir(folder, 0755), 0);
    ck_assert_int_eq(chmod(folder, 0555), 0);
    ck_assert_int_eq(chdir(folder), 0);
    int code = open_read_only(driver);
    if (code < 0)
        (void)fprintf(stderr, "# skipped: no user without write permission to be had\n");
    else
        ck_assert_int_eq(code, -HF_E_READ_ONLY & 0xff);
}
END_TEST

static void write_file(const char *path, const void *data, size_t bytes)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(data, 1, bytes, file), bytes);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(a_file_of_another_program_is_refused_untouched)
{
    if (!persistent(_i))
        return;
    static const size_t sizes[] = {1, 100, 4096, 20000};
    hf_test_store store;
    hf_test_store_open(&store, _i);
    char path[320];
    (void)snprintf(path, sizeof path, "%s-foreign", store.path);
    static char text[20000], after[20001];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + i % 26);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        write_file(path, text, sizes[i]);
        ck_assert_int_eq(refused(store.driver, path), HF_E_CORRUPT);
        FILE *file = fopen(path, "rb");
        ck_assert_ptr_nonnull(file);
        ck_assert_uint_eq(fread(after, 1, sizeof after, file), sizes[i]);
        (void)fclose(file);
        ck_assert_int_eq(memcmp(after, text, sizes[i]), 0);
    }
    hf_test_store_close(&store);
}
END_TEST

START_TEST(a_folder_is_no_store)
{
    if (!persistent(_i))
        return;
    hf_test_store store;
    hf_test_store_open(&store, _i);
    char path[320];
    (void)snprintf(path, sizeof path, "%s-folder", store.path);
    ck_assert_int_eq(mkdir(path, 0755), 0);
    ck_assert_int_eq(refused(store.driver, path), HF_E_PATH);
    hf_test_store_close(&store);
}
END_TEST

static int stop_at_once(void *data, uint64_t done, uint64_t total)
{
    (void)data;
    (void)done;
    (void)total;
    return 1;
}

/* A store that is in memory only may have the functions: they say that they cannot. */
START_TEST(a_store_that_does_not_persist_has_no_backup)
{
    hf_test_store store;
    if (persistent(_i))
        return;
    hf_test_store_open(&store, _i);
    char copy[320], place[320];
    (void)snprintf(copy, sizeof copy, "%s-copy", store.path);
    (void)snprintf(place, sizeof place, "%s-again", store.path);
    hf_store_config config = hf_test_config(&store.error, place);
    const hf_store_driver *driver = store.driver;
    if (driver->backup != NULL)
        ck_assert_int_eq(driver->backup(store.opened, copy, NULL, NULL, &store.error),
                         HF_E_UNSUPPORTED);
    if (driver->restore != NULL)
        ck_assert_int_eq(driver->restore(copy, &config), HF_E_UNSUPPORTED);
    hf_test_store_close(&store);
}
END_TEST

START_TEST(a_backup_is_the_last_commit_and_comes_back)
{
    hf_test_store store;
    const hf_store_driver *driver = hf_test_subject_at(_i)->driver;
    if (!persistent(_i) || driver->backup == NULL || driver->restore == NULL)
        return;
    hf_test_store_open(&store, _i);
    char copy[320], place[320];
    (void)snprintf(copy, sizeof copy, "%s-copy", store.path);
    (void)snprintf(place, sizeof place, "%s-again", store.path);
    hf_store_config config = hf_test_config(&store.error, place);
    hf_test_fill(&store, 30, 1);
    void *txn = hf_test_begin(&store, HF_TXN_WRITE); /* not in the copy */
    hf_cursor row = {.consumer = {"later"}, .seq = 1};
    hf_test_put(&store, txn, hf_test_table("cursors"), &row, NULL);
    hf_test_good(&store, store.driver->backup(store.opened, copy, NULL, NULL, &store.error));
    ck_assert_int_eq(store.driver->backup(store.opened, copy, NULL, NULL, &store.error),
                     HF_E_EXISTS);
    hf_test_commit(&store, txn, 2);
    char stopped[320];
    (void)snprintf(stopped, sizeof stopped, "%s-stopped", store.path);
    ck_assert_int_eq(store.driver->backup(store.opened, stopped, stop_at_once, NULL, &store.error),
                     HF_E_CANCELLED);
    ck_assert_int_ne(access(stopped, F_OK), 0);
    hf_test_good(&store, store.driver->restore(copy, &config));
    ck_assert_int_eq(store.driver->restore(copy, &config), HF_E_EXISTS);
    hf_test_store_close(&store);

    memcpy(store.path, place, strlen(place) + 1);
    hf_test_store_reopen(&store);
    txn = hf_test_begin(&store, HF_TXN_SNAPSHOT);
    hf_store_mark mark = {0};
    ck_assert_uint_gt(hf_test_stat(&store, txn, hf_test_table("orders"), &mark).rows, 0);
    ck_assert_uint_eq(mark.batch, 1);
    ck_assert(!hf_test_get(&store, txn, hf_test_table("cursors"), &row));
    hf_test_good(&store, store.driver->check(txn, NULL, NULL));
    store.driver->rollback(txn);
    hf_test_store_close(&store);
}
END_TEST

void hf_test_add_files(TCase *tcase, int count)
{
    tcase_add_loop_test(tcase, content_and_mark_stay_when_it_is_closed, 0, count);
    tcase_add_loop_test(tcase, what_was_not_committed_is_gone, 0, count);
    tcase_add_loop_test(tcase, a_second_open_is_refused, 0, count);
    tcase_add_loop_test(tcase, another_process_is_refused, 0, count);
    tcase_add_loop_test(tcase, a_missing_folder_is_refused, 0, count);
    tcase_add_loop_test(tcase, a_read_only_folder_is_refused, 0, count);
    tcase_add_loop_test(tcase, a_file_of_another_program_is_refused_untouched, 0, count);
    tcase_add_loop_test(tcase, a_folder_is_no_store, 0, count);
    tcase_add_loop_test(tcase, a_store_that_does_not_persist_has_no_backup, 0, count);
    tcase_add_loop_test(tcase, a_backup_is_the_last_commit_and_comes_back, 0, count);
}
