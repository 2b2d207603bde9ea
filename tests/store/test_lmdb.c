/*
 * What the LMDB store promises beyond the contract: whose file it opens and how it refuses the
 * rest, what a fork may do, backups while it is written. Migration: test_lmdb_migrate.c.
 */
#define _GNU_SOURCE
#include "lmdb_image.h"
#include "lmdb_items.h"

#include "base/os.h"
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define PATH "store.mdb"

static bool file_there(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

/* The file has the bytes it had. */
static void ck_untouched(const struct image *before, const char *path)
{
    struct image after;
    image_load(&after, path);
    ck_assert_uint_eq(after.size, before->size);
    ck_assert_mem_eq(after.bytes, before->bytes, after.size);
    image_free(&after);
}

/* Runs `work` in a child; its result must be 0. */
static void in_child(int (*work)(void *), void *data)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(work(data));
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "child: status %d", status);
}

/* ---- Files ------------------------------------------------------------------------------- */

START_TEST(a_store_is_made_whole_and_private)
{
    void *store;
    struct stat info;
    good(items_open(PATH, &schema_1, &store));
    const char *const files[] = {PATH, PATH "-lock"};
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(stat(files[i], &info), 0);
        ck_assert_uint_eq(info.st_mode & 0777, 0600);
    }
    ck_assert(!file_there(PATH ".creating") && !file_there(PATH ".lock"));
    lmdb->close(store);
}
END_TEST

START_TEST(what_a_creation_left_behind_is_no_hindrance)
{
    FILE *left = fopen(PATH ".creating", "w");
    fputs("half a store", left);
    fclose(left);
    items_make(PATH, 3);
    ck_assert(!file_there(PATH ".creating"));
}
END_TEST

START_TEST(a_file_that_is_not_lmdb_is_refused_and_gets_no_company)
{
    static const char *const contents[] = {"", "x", "SQLite format 3: nothing of ours in here"};
    FILE *file = fopen(PATH, "w");
    fputs(contents[_i], file);
    fclose(file);
    struct image before;
    image_load(&before, PATH);
    void *store;
    refused(items_open(PATH, &schema_1, &store), HF_E_CORRUPT, PATH, "not an LMDB file");
    ck_untouched(&before, PATH);
    ck_assert(!file_there(PATH ".lock") && !file_there(PATH "-lock"));
    image_free(&before);
}
END_TEST

START_TEST(an_lmdb_file_of_another_program_is_refused_untouched)
{
    file_make(PATH, &recipes[_i], 1);
    unlink(PATH "-lock");
    struct image before;
    image_load(&before, PATH);
    void *store;
    refused(items_open(PATH, &schema_1, &store), HF_E_CORRUPT, PATH, "another program");
    ck_untouched(&before, PATH);
    ck_assert(!file_there(PATH "-lock"));
    image_free(&before);
}
END_TEST

START_TEST(a_newer_schema_is_refused_untouched)
{
    void *store;
    good(items_open(PATH, &schema_2, &store));
    lmdb->close(store);
    struct image before;
    image_load(&before, PATH);
    refused(items_open(PATH, &schema_1, &store), HF_E_SCHEMA, PATH, "schema 2");
    ck_untouched(&before, PATH);
    image_free(&before);
}
END_TEST

START_TEST(a_place_that_cannot_be_is_refused)
{
    void *store;
    refused(items_open("", &schema_1, &store), HF_E_URL, "");
    refused(items_open("no/folder/store.mdb", &schema_1, &store), HF_E_PATH, "");
    ck_assert_int_eq(mkdir("folder", 0700), 0);
    refused(items_open("folder", &schema_1, &store), HF_E_PATH, "a folder");
}
END_TEST

/* ---- One at a time ----------------------------------------------------------------------- */

static int open_locked(void *path)
{
    void *store;
    int error = items_open(path, &schema_1, &store);
    return error == HF_E_LOCKED && strstr(item_error.text, "another process") != NULL ? 0 : 1;
}

START_TEST(a_second_process_is_refused_by_every_name)
{
    char path[] = PATH;
    char hard[] = "hard.mdb";
    void *store;
    good(items_open(PATH, &schema_1, &store));
    ck_assert_int_eq(link(PATH, hard), 0);
    in_child(open_locked, path);
    in_child(open_locked, hard);
    lmdb->close(store);
}
END_TEST

START_TEST(a_second_open_is_refused_by_every_name)
{
    void *store;
    void *second;
    items_make(PATH, 1);
    ck_assert_int_eq(symlink(PATH, "symbolic.mdb"), 0);
    refused(items_open("symbolic.mdb", &schema_1, &second), HF_E_PATH, "symbolic link");
    good(items_open(PATH, &schema_1, &store));
    refused(items_open(PATH, &schema_1, &second), HF_E_OPEN_TWICE, PATH);
    refused(items_open("symbolic.mdb", &schema_1, &second), HF_E_OPEN_TWICE, "");
    lmdb->close(store);
    good(items_open(PATH, &schema_1, &store));
    lmdb->close(store);
}
END_TEST

struct forked {
    void *store;
    void *txn;
};

static int use_after_fork(void *data)
{
    struct forked *of = data;
    void *txn;
    hf_store_mark mark = {.batch = 9};
    bool right = lmdb->begin(of->store, HF_TXN_SNAPSHOT, &item_caller, &txn) == HF_E_FORKED &&
                 lmdb->begin(of->store, HF_TXN_WRITE, &item_caller, &txn) == HF_E_FORKED &&
                 lmdb->commit(of->txn, &mark) == HF_E_FORKED;
    lmdb->rollback(of->txn);
    lmdb->close(of->store);
    return right && open_locked(PATH) == 0 ? 0 : 1;
}

START_TEST(a_child_is_refused_and_does_not_disturb_its_parent)
{
    struct forked of;
    char path[] = PATH;
    good(items_open(PATH, &schema_1, &of.store));
    of.txn = begin(of.store, HF_TXN_WRITE);
    good(item_put(of.txn, 1, 1, 0));
    in_child(use_after_fork, &of);
    in_child(open_locked, path);
    good(item_commit(of.txn, 1));
    void *txn = begin(of.store, HF_TXN_SNAPSHOT);
    ck_assert_int_eq(items_count(txn, 0), 1);
    lmdb->rollback(txn);
    lmdb->close(of.store);
}
END_TEST

START_TEST(one_write_transaction_at_a_time)
{
    void *store;
    void *second;
    good(items_open(PATH, &schema_1, &store));
    void *txn = begin(store, HF_TXN_WRITE);
    refused(lmdb->begin(store, HF_TXN_WRITE, &item_caller, &second), HF_E_BUSY, "");
    lmdb->rollback(txn);
    txn = begin(store, HF_TXN_WRITE);
    lmdb->rollback(txn);
    lmdb->close(store);
}
END_TEST

/* ---- Rows -------------------------------------------------------------------------------- */

START_TEST(a_row_of_megabytes_is_kept)
{
    static uint8_t body[3 << 20];
    memset(body, 7, sizeof body);
    item row = {.id = 1, .body = body, .body_bytes = sizeof body};
    const void *rows[] = {&row};
    const void *olds[] = {NULL};
    void *store;
    good(items_open(PATH, &schema_1, &store));
    void *txn = begin(store, HF_TXN_WRITE);
    good(lmdb->put(txn, 0, rows, olds, 1));
    good(item_commit(txn, 1));
    item found;
    uint8_t is_found;
    txn = begin(store, HF_TXN_SNAPSHOT);
    good(item_get(txn, 1, &found, &is_found));
    ck_assert(is_found && item_is(&found, &row));
    lmdb->rollback(txn);
    lmdb->close(store);
}
END_TEST

/* A limit below the map that is asked for first; nothing but the store may need what is left. */
static int open_with_little_address_space(void *data)
{
    void *store = NULL;
    const rlim_t limit = (rlim_t)64 << 30;
    (void)data;
    if (setrlimit(RLIMIT_AS, &(struct rlimit){limit, limit}) != 0)
        return 1;
    if (items_open(PATH, &schema_1, &store) != 0)
        return 2;
    lmdb->close(store);
    return 0;
}

START_TEST(a_process_that_may_not_have_a_tebibyte_opens_a_smaller_map)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return; /* their own memory is above any such limit */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    return;
#endif
#endif
    in_child(open_with_little_address_space, NULL);
}
END_TEST

START_TEST(a_caller_that_is_wrong_about_a_row_cannot_commit)
{
    items_make(PATH, 5);
    void *store;
    good(items_open(PATH, &schema_1, &store));
    void *txn = begin(store, HF_TXN_WRITE);
    refused(item_put(txn, 3, 2, 0), HF_E_CORRUPT, "items", "appeared");
    refused(item_put(txn, 9, 1, 0), HF_E_CORRUPT, "");
    ck_assert_int_eq(item_commit(txn, 2), HF_E_CORRUPT);
    txn = begin(store, HF_TXN_WRITE);
    refused(item_put(txn, 7, 2, 1), HF_E_CORRUPT, "items", "missing");
    lmdb->rollback(txn);
    txn = begin(store, HF_TXN_WRITE);
    refused(item_del(txn, 7, 1), HF_E_CORRUPT, "items", "missing");
    lmdb->rollback(txn);
    txn = begin(store, HF_TXN_SNAPSHOT);
    refused(item_put(txn, 9, 1, 0), HF_E_ARGUMENT, "");
    ck_assert_int_eq(items_count(txn, 0), 5);
    good(lmdb->check(txn, NULL, NULL));
    lmdb->rollback(txn);
    lmdb->close(store);
}
END_TEST

/* ---- Backups ----------------------------------------------------------------------------- */

#define BACKED_UP 400u

struct writing {
    void *store;
    atomic_bool ends;
    atomic_uint commits;
};

/* Each commit brings all items to its generation. */
static void write_on(void *data)
{
    struct writing *of = data;
    for (uint64_t generation = 2; !atomic_load(&of->ends); generation++) {
        void *txn = begin(of->store, HF_TXN_WRITE);
        for (uint64_t id = 1; id <= BACKED_UP; id++)
            good(item_put(txn, id, generation, generation - 1));
        good(item_commit(txn, generation));
        atomic_fetch_add(&of->commits, 1);
    }
}

/* The copy holds one generation, the one its mark names. */
static void ck_backup(const char *path, uint64_t *generation)
{
    static _Thread_local uint8_t body[9000];
    void *store;
    good(items_open(path, &schema_1, &store));
    void *txn = begin(store, HF_TXN_SNAPSHOT);
    *generation = item_stat(txn, NULL).mark.batch;
    good(lmdb->check(txn, NULL, NULL));
    for (uint64_t id = 1; id <= BACKED_UP; id++) {
        item found;
        uint8_t is_found;
        good(item_get(txn, id, &found, &is_found));
        item wanted = item_make(id, *generation, body);
        ck_assert(is_found && item_is(&found, &wanted));
    }
    lmdb->rollback(txn);
    txn = begin(store, HF_TXN_WRITE);
    good(item_put(txn, 1, *generation + 1, *generation));
    good(item_commit(txn, *generation + 1));
    lmdb->close(store);
}

START_TEST(a_backup_under_writes_is_one_committed_state)
{
    items_make(PATH, BACKED_UP);
    struct writing writing = {0};
    void *thread;
    char path[32];
    uint64_t generation = 0;
    good(items_open(PATH, &schema_1, &writing.store));
    good(hf__os_threads.start(&thread, write_on, &writing));
    for (unsigned i = 0; i < 12; i++) {
        unsigned before = atomic_load(&writing.commits);
        snprintf(path, sizeof path, "copy%u.mdb", i);
        good(lmdb->backup(writing.store, path, NULL, NULL, &item_error));
        uint64_t last = generation;
        ck_backup(path, &generation);
        ck_assert_uint_ge(generation, last);
        ck_assert_uint_ge(generation, before);
    }
    atomic_store(&writing.ends, true);
    hf__os_threads.join(thread);
    ck_assert_uint_gt(atomic_load(&writing.commits), 0);
    lmdb->close(writing.store);
}
END_TEST

START_TEST(a_damaged_copy_is_not_restored)
{
    items_make(PATH, 200);
    struct image image;
    image_load(&image, PATH);
    uint8_t *at = memmem(image.bytes, image.size, "item-", 5);
    ck_assert_ptr_nonnull(at);
    *at ^= 1;
    image_save(&image, "copy.mdb");
    image_free(&image);
    hf_store_config config = item_config("again.mdb", &schema_1);
    refused(lmdb->restore("copy.mdb", &config), HF_E_CORRUPT, "items");
    ck_assert(!file_there("again.mdb") && !file_there("again.mdb.creating"));
    refused(lmdb->restore("none.mdb", &config), HF_E_PATH, "");
    good(lmdb->restore(PATH, &config));
    void *store;
    good(items_open("again.mdb", &schema_1, &store));
    lmdb->close(store);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lmdb");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, own_folder, NULL);
    tcase_add_test(core, a_store_is_made_whole_and_private);
    tcase_add_test(core, what_a_creation_left_behind_is_no_hindrance);
    tcase_add_loop_test(core, a_file_that_is_not_lmdb_is_refused_and_gets_no_company, 0, 3);
    tcase_add_loop_test(core, an_lmdb_file_of_another_program_is_refused_untouched, 0, RECIPES);
    tcase_add_test(core, a_newer_schema_is_refused_untouched);
    tcase_add_test(core, a_place_that_cannot_be_is_refused);
    tcase_add_test(core, a_second_process_is_refused_by_every_name);
    tcase_add_test(core, a_second_open_is_refused_by_every_name);
    tcase_add_test(core, a_child_is_refused_and_does_not_disturb_its_parent);
    tcase_add_test(core, one_write_transaction_at_a_time);
    tcase_add_test(core, a_row_of_megabytes_is_kept);
    tcase_add_test(core, a_process_that_may_not_have_a_tebibyte_opens_a_smaller_map);
    tcase_add_test(core, a_caller_that_is_wrong_about_a_row_cannot_commit);
    tcase_add_test(core, a_backup_under_writes_is_one_committed_state);
    tcase_add_test(core, a_damaged_copy_is_not_restored);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
