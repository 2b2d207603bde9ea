/*
 * What is on disk when a caller is notified of it: every flush of the process is counted here,
 * under the name of its file, because this program's functions stand before those of the C library.
 *
 * A commit has flushed its file before its callback runs, unless durability says that it need not;
 * a store or a backup that was made has flushed its folder too, else its name could be lost.
 */
#define _GNU_SOURCE
#include "support/check_main.h"
#include "support/one_shop.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- Flushes --------------------------------------------------------------------------------- */

static struct {
    char folder[PATH_MAX]; /* of the test */
    uint32_t files;        /* flushes of files */
    uint32_t folders;      /* of the folder */
    uint32_t journals;     /* of the folder of the journal */
    uint32_t backups;      /* of files whose name has "copy" in it */
    bool unflushed;        /* what was written into the journal last */
} flushed;

static void path_of(int descriptor, char path[PATH_MAX])
{
    char link[64];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t bytes = readlink(link, path, PATH_MAX - 1);
    path[bytes < 0 ? 0 : bytes] = '\0';
}

static bool is_in_journal(const char *path)
{
    return strstr(path, ".journal/") != NULL;
}

static bool is_journal(const char *path)
{
    const char *ending = strrchr(path, '.');
    return ending != NULL && strcmp(ending, ".journal") == 0;
}

static int count(int descriptor, long call)
{
    char path[PATH_MAX];
    path_of(descriptor, path);
    flushed.unflushed = flushed.unflushed && !is_in_journal(path);
    const bool folder = strcmp(path, flushed.folder) == 0;
    flushed.folders += folder;
    flushed.journals += is_journal(path);
    flushed.files += !folder;
    flushed.backups += strstr(path, "copy") != NULL;
    return (int)syscall(call, descriptor);
}

int fsync(int descriptor)
{
    return count(descriptor, SYS_fsync);
}

int fdatasync(int descriptor)
{
    return count(descriptor, SYS_fdatasync);
}

ssize_t pwrite(int descriptor, const void *from, size_t bytes, off_t offset)
{
    char path[PATH_MAX];
    path_of(descriptor, path);
    flushed.unflushed = flushed.unflushed || is_in_journal(path);
    return (ssize_t)syscall(SYS_pwrite64, descriptor, from, bytes, offset);
}

/* ---- Stores ---------------------------------------------------------------------------------- */

static const struct {
    const char *store;
    const char *copy;
    uint32_t durability;
} cases[] = {
#if HF_HAVE_LMDB
    {"lmdb:flushed.db", "copy.db", HF_DURABILITY_STORE},
    {"lmdb:flushed.db", "copy.db", HF_DURABILITY_JOURNAL},
    {"lmdb:flushed.db", "copy.db", HF_DURABILITY_NONE},
#endif
#if HF_HAVE_SQLITE
    {"sqlite:flushed.db", "copy.db", HF_DURABILITY_STORE},
    {"sqlite:flushed.db", "copy.db", HF_DURABILITY_JOURNAL},
    {"sqlite:flushed.db", "copy.db", HF_DURABILITY_NONE},
#endif
};
#define CASES ((int)(sizeof cases / sizeof cases[0]))

static struct {
    hf_req req;
    int calls;
    uint32_t files; /* flushed when the callback ran */
    bool durable;   /* else no commit flushes anything */
} notified;

static void open_case(int number)
{
    char name[] = "flushed-XXXXXX";
    memset(&shop, 0, sizeof shop);
    memset(&flushed, 0, sizeof flushed);
    memset(&notified, 0, sizeof notified);
    notified.durable = cases[number].durability != HF_DURABILITY_NONE;
    ck_assert_ptr_nonnull(mkdtemp(name));
    ck_assert_int_eq(chdir(name), 0);
    ck_assert_ptr_nonnull(getcwd(flushed.folder, sizeof flushed.folder));
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    ck_assert_int_eq(
        shop_open_durable(cases[number].store, 0, HF_CHECK_QUICK, cases[number].durability), 0);
}

static void close_case(void)
{
    shop_verify();
    shop_close();
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
    ck_assert_int_eq(chdir(".."), 0);
}

/* ---- Operations ------------------------------------------------------------------------------ */

static void on_done(hf_req *req, const hf_completion *done)
{
    (void)req;
    ck_assert_msg(done->status == 0, "%s", done->detail);
    ck_assert_msg(!notified.durable || !flushed.unflushed,
                  "notified before the journal was flushed");
    notified.calls++;
    notified.files = flushed.files;
}

/* At once: what waits for a flush that is never made would wait for ever. */
static void put_item(const char *sku)
{
    hf_account_put_args args;
    const uint32_t before = flushed.files;
    hf_item_put_init(&args, sku);
    args.opening = 10;
    notified.calls = 0;
    ck_assert_int_eq(hf_item_put(shop.engine, &notified.req, &args, on_done), 0);
    while (notified.calls == 0)
        (void)hf_loop_run_once(shop.loop, 1);
    ck_assert_msg(notified.durable == (notified.files > before), "%s: %u flushes", sku,
                  notified.files - before);
}

START_TEST(a_commit_is_on_disk_before_its_callback_runs)
{
    static const char *const skus[] = {"tea", "cup", "pot", "mug", "jug"};
    open_case(_i);
    for (size_t i = 0; i < sizeof skus / sizeof skus[0]; i++)
        put_item(skus[i]);
    close_case();
}
END_TEST

START_TEST(the_folder_of_a_store_that_was_made_is_flushed)
{
    open_case(_i);
    put_item("tea");
    if (cases[_i].durability != HF_DURABILITY_NONE)
        ck_assert_uint_gt(flushed.folders, 0);
    close_case();
}
END_TEST

static void on_backup(void *data, int status, const char *detail)
{
    (void)data;
    ck_assert_msg(status == 0, "%s", detail);
    notified.calls++;
    notified.files = flushed.backups;
}

/* Also of a store that flushes nothing itself. */
START_TEST(a_backup_and_its_folder_are_on_disk_before_its_callback_runs)
{
    open_case(_i);
    put_item("tea");
    flushed.folders = flushed.backups = 0;
    notified.calls = 0;
    ck_assert_int_eq(hf_backup(shop.engine, cases[_i].copy, NULL, on_backup, NULL), 0);
    while (notified.calls == 0)
        (void)hf_loop_run_once(shop.loop, 1);
    ck_assert_uint_gt(notified.files, 0);
    ck_assert_uint_gt(flushed.folders, 0);
    close_case();
}
END_TEST

/* What a journal had is in the store, on disk, when the engine is closed. */
START_TEST(a_store_is_on_disk_when_its_engine_is_closed)
{
    open_case(_i);
    put_item("tea");
    flushed.files = flushed.folders = flushed.journals = 0;
    shop_verify();
    shop_close();
    if (cases[_i].durability == HF_DURABILITY_JOURNAL) {
        ck_assert_uint_gt(flushed.files, 0);
        ck_assert_uint_gt(flushed.journals, 0); /* its segments are gone */
        ck_assert_uint_gt(flushed.folders, 0);  /* and then the journal is */
    }
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
    ck_assert_int_eq(chdir(".."), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("flushed");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, a_commit_is_on_disk_before_its_callback_runs, 0, CASES);
    tcase_add_loop_test(core, the_folder_of_a_store_that_was_made_is_flushed, 0, CASES);
    tcase_add_loop_test(core, a_backup_and_its_folder_are_on_disk_before_its_callback_runs, 0,
                        CASES);
    tcase_add_loop_test(core, a_store_is_on_disk_when_its_engine_is_closed, 0, CASES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
