/*
 * Where a SQLite store may stand: foreign, empty, newer and changed files are refused and left as
 * they were; one opener at a time, by whatever name; a full disk heals.
 */
#include "sqlite_use.h"

#include <errno.h>
#include <fcntl.h>
#include <holdfast/event.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MARK "PRAGMA application_id = 1212568404; "

/* A file as it was made by hand, and what becomes of opening it. */
typedef struct strange {
    const char *title;
    const char *sql;   /* makes it, or changes a good one */
    const char *bytes; /* or its whole content */
    bool good;         /* begins as a store */
    int32_t error;
} strange;

static const strange strangers[] = {
    {"empty", NULL, "", false, HF_E_CORRUPT},
    {"text", NULL, "dear diary", false, HF_E_CORRUPT},
    {"another program's", "CREATE TABLE notes (text)", NULL, false, HF_E_CORRUPT},
    {"another program's in WAL mode", "PRAGMA journal_mode = WAL; CREATE TABLE notes (text)", NULL,
     false, HF_E_CORRUPT},
    {"ours, without tables", MARK "PRAGMA user_version = 1", NULL, false, HF_E_CORRUPT},
    {"newer", "PRAGMA user_version = 99", NULL, true, HF_E_SCHEMA},
    {"version and bookkeeping differ", "PRAGMA user_version = 0", NULL, true, HF_E_CORRUPT},
    {"without a table", "DROP TABLE facts", NULL, true, HF_E_CORRUPT},
    {"without an index", "DROP INDEX orders_due", NULL, true, HF_E_CORRUPT},
    {"without a view", "DROP VIEW v_orders", NULL, true, HF_E_CORRUPT},
    {"another index", "DROP INDEX orders_due; CREATE INDEX orders_due ON orders (deadline)", NULL,
     true, HF_E_CORRUPT},
    {"one more table", "CREATE TABLE mine (a)", NULL, true, HF_E_CORRUPT},
    {"a trigger", "CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM events; END", NULL,
     true, HF_E_CORRUPT},
    {"one more column", "ALTER TABLE orders ADD COLUMN mine TEXT", NULL, true, HF_E_CORRUPT},
    {"no bookkeeping", "DELETE FROM hf_store", NULL, true, HF_E_CORRUPT},
    {"another batch number", "UPDATE hf_store SET batch = 7", NULL, true, HF_E_CORRUPT},
    {"another count", "UPDATE hf_tables SET row_count = 7 WHERE id = 1", NULL, true, HF_E_CORRUPT},
    {"a count missing", "DELETE FROM hf_tables WHERE id = 1", NULL, true, HF_E_CORRUPT},
};

static void make_strange(const strange *s)
{
    use_remove("strange.db");
    if (s->good)
        hf__sqlite_driver.close(use_open("strange.db"));
    if (s->bytes != NULL)
        use_write_file("strange.db", s->bytes, strlen(s->bytes));
    else
        ck_assert_int_eq(use_sql("strange.db", s->sql), SQLITE_OK);
}

START_TEST(a_file_that_is_not_ours_is_refused_and_untouched)
{
    const strange *s = &strangers[_i];
    make_strange(s);
    size_t before = 0;
    size_t after = 0;
    uint8_t *content = use_read_file("strange.db", &before);
    void *store = NULL;
    const int error = use_try_open("strange.db", HF_CHECK_QUICK, &store);
    ck_assert_msg(error == s->error, "%s: %s: %s", s->title, hf_error_name(error), use_error.text);
    ck_assert_ptr_null(store);
    ck_assert_ptr_nonnull(strstr(use_error.text, "strange.db"));
    uint8_t *again = use_read_file("strange.db", &after);
    ck_assert_msg(before == after && memcmp(content, again, before) == 0, "%s: touched", s->title);
    ck_assert(!hf__sqlite_exists("strange.db.creating"));
    free(content);
    free(again);
}
END_TEST

/* A newer version that died: what shows it is in the log only. */
START_TEST(a_newer_version_in_the_log_alone_is_seen_and_the_file_untouched)
{
    hf__sqlite_driver.close(use_open("log.db"));
    const pid_t child = fork();
    if (child == 0) {
        (void)use_sql("log.db", "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0");
        sqlite3 *db = NULL;
        (void)sqlite3_open("log.db", &db);
        (void)sqlite3_exec(db, "PRAGMA user_version = 9", NULL, NULL, NULL);
        _exit(0); /* the connection is left open, so the log stays */
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_uint_gt(hf__sqlite_bytes("log.db-wal"), 0);
    size_t before = 0;
    size_t after = 0;
    uint8_t *content = use_read_file("log.db", &before);
    void *store = NULL;
    use_refused(use_try_open("log.db", HF_CHECK_QUICK, &store), HF_E_SCHEMA);
    uint8_t *again = use_read_file("log.db", &after);
    ck_assert(before == after && memcmp(content, again, before) == 0);
    ck_assert_uint_gt(hf__sqlite_bytes("log.db-wal"), 0);
    free(content);
    free(again);
}
END_TEST

START_TEST(places_that_are_no_file_are_refused)
{
    void *store = NULL;
    (void)mkdir("folder", 0700);
    use_refused(use_try_open("", 0, &store), HF_E_PATH);
    use_refused(use_try_open("folder", 0, &store), HF_E_PATH);
    use_refused(use_try_open("folder/", 0, &store), HF_E_PATH);
    use_refused(use_try_open("nowhere/a.db", 0, &store), HF_E_PATH);
    use_write_file("plain", "x", 1);
    use_refused(use_try_open("plain/a.db", 0, &store), HF_E_PATH);
    use_write_file("orphan.db-wal", "frames", 6);
    use_refused(use_try_open("orphan.db", 0, &store), HF_E_CORRUPT);
    ck_assert(!hf__sqlite_exists("orphan.db"));
}
END_TEST

START_TEST(files_are_for_their_owner_only)
{
    static const char *const names[] = {"own.db", "own.db-wal", "own.db-shm"};
    struct stat info;
    (void)umask(0);
    void *store = use_open("own.db");
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(stat(names[i], &info), 0);
        ck_assert_uint_eq(info.st_mode & 0777, 0600);
    }
    hf__sqlite_driver.close(store);
    ck_assert(!hf__sqlite_exists("own.db-wal"));
}
END_TEST

START_TEST(what_a_death_while_making_a_file_left_is_no_hindrance)
{
    use_write_file("fresh.db.creating", "half", 4);
    use_write_file("fresh.db.creating-journal", "half", 4);
    hf__sqlite_driver.close(use_open("fresh.db"));
    ck_assert(!hf__sqlite_exists("fresh.db.creating"));
    ck_assert(!hf__sqlite_exists("fresh.db.creating-journal"));
}
END_TEST

START_TEST(a_second_open_is_refused_by_whatever_name)
{
    void *second = NULL;
    void *store = use_open("one.db");
    ck_assert_int_eq(symlink("one.db", "soft.db"), 0);
    ck_assert_int_eq(link("one.db", "hard.db"), 0);
    use_refused(use_try_open("one.db", 0, &second), HF_E_OPEN_TWICE);
    use_refused(use_try_open("./one.db", 0, &second), HF_E_OPEN_TWICE);
    use_refused(use_try_open("soft.db", 0, &second), HF_E_OPEN_TWICE);
    use_refused(use_try_open("hard.db", 0, &second), HF_E_OPEN_TWICE);
    void *txn = use_begin(store, HF_TXN_WRITE); /* and the first one is as good as before */
    use_commit(txn, 1);
    hf__sqlite_driver.close(store);
    use_refused(use_try_open("soft.db", 0, &second), HF_E_PATH); /* a link names no store */
    hf__sqlite_driver.close(use_open("one.db"));
}
END_TEST

/* What a child process gets when it opens the file. */
static int open_in_child(const char *path)
{
    const pid_t child = fork();
    if (child == 0) {
        void *store = NULL;
        const int error = use_try_open(path, 0, &store);
        _exit(error == HF_E_LOCKED && strstr(use_error.text, "another process") != NULL ? 42 : 1);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

START_TEST(another_process_gets_the_error_that_it_is_locked)
{
    void *store = use_open("locked.db");
    ck_assert_int_eq(open_in_child("locked.db"), 42);
    use_commit(use_begin(store, HF_TXN_WRITE), 1);
    hf__sqlite_driver.close(store);
}
END_TEST

START_TEST(a_forked_child_is_refused_and_takes_nothing_from_the_parent)
{
    void *store = use_open("fork.db");
    use_commit(use_begin(store, HF_TXN_WRITE), 1);
    const pid_t child = fork();
    if (child == 0) {
        void *txn = NULL;
        const int write = hf__sqlite_driver.begin(store, HF_TXN_WRITE, &use_caller, &txn);
        const int read = hf__sqlite_driver.begin(store, HF_TXN_SNAPSHOT, &use_caller, &txn);
        hf__sqlite_driver.close(store);
        _exit(write == HF_E_FORKED && read == HF_E_FORKED ? 42 : 1);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 42);
    ck_assert(hf__sqlite_exists("fork.db-wal"));
    use_commit(use_begin(store, HF_TXN_WRITE), 2);
    hf__sqlite_driver.close(store);
}
END_TEST

/* ---- SQLite's own locks ---------------------------------------------------------------------- */

/* The process that has a POSIX lock on the bytes of which SQLite's connections lock some; 0: none.
 */
static pid_t locked_by(const char *path)
{
    int ends[2];
    pid_t found = -1;
    ck_assert_int_eq(pipe(ends), 0);
    const pid_t child = fork(); /* nobody sees the locks of his own */
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        struct flock lock = {.l_type = F_WRLCK, .l_start = 0x40000000, .l_len = 512};
        const int fd = open(path, O_RDWR);
        found = fcntl(fd, F_GETLK, &lock) != 0 ? -1 : lock.l_type == F_UNLCK ? 0 : lock.l_pid;
        _exit(write(ends[1], &found, sizeof found) == (ssize_t)sizeof found ? 0 : 1);
    }
    ck_assert_int_eq(read(ends[0], &found, sizeof found), sizeof found);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    (void)close(ends[0]);
    (void)close(ends[1]);
    return found;
}

START_TEST(sqlites_own_locks_stay_while_the_store_is_open)
{
    void *second = NULL;
    void *store = use_open("posix.db");
    hf_store_config config = use_config("posix.db", hf_store_schema());
    use_commit(use_begin(store, HF_TXN_WRITE), 1);
    ck_assert_int_eq(locked_by("posix.db"), getpid());
    ck_assert_int_eq(link("posix.db", "posix-hard.db"), 0);
    use_refused(use_try_open("posix.db", 0, &second), HF_E_OPEN_TWICE);
    use_refused(use_try_open("posix-hard.db", 0, &second), HF_E_OPEN_TWICE);
    use_refused(hf__sqlite_driver.restore("posix-hard.db", &config), HF_E_OPEN_TWICE);
    use_refused(hf__sqlite_driver.backup(store, "posix-hard.db", NULL, NULL, &use_error),
                HF_E_EXISTS);
    use_ok(hf__sqlite_driver.backup(store, "posix-copy.db", NULL, NULL, &use_error));
    ck_assert_int_eq(locked_by("posix.db"), getpid());
    hf__sqlite_driver.close(store);
    ck_assert_int_eq(locked_by("posix.db"), 0);
}
END_TEST

/* The control: what a library does that opens the file once more and closes it. */
START_TEST(closing_another_descriptor_of_the_file_drops_them)
{
    void *store = use_open("posix.db");
    use_commit(use_begin(store, HF_TXN_WRITE), 1);
    ck_assert_int_eq(locked_by("posix.db"), getpid());
    (void)close(open("posix.db", O_RDONLY));
    ck_assert_int_eq(locked_by("posix.db"), 0);
    hf__sqlite_driver.close(store);
}
END_TEST

/* ---- A full disk
 * --------------------------------------------------------------------------------- */

static hf_event event_of(uint64_t seq)
{
    static uint8_t body[16384];
    return (hf_event){.seq = seq, .type = 1, .at_ms = 1, .body = body, .body_bytes = sizeof body};
}

/* Adds events until the disk is full; the last one that was acknowledged. */
static uint64_t fill_disk(void *store)
{
    for (uint64_t seq = 1; seq < 10000; seq++) {
        const hf_event row = event_of(seq);
        const void *rows[1] = {&row};
        const void *olds[1] = {NULL};
        const hf_store_mark mark = {.batch = seq};
        void *txn = use_begin(store, HF_TXN_WRITE);
        int error = hf__sqlite_driver.put(txn, HF__EVENTS, rows, olds, 1);
        if (error == 0)
            error = hf__sqlite_driver.commit(txn, &mark);
        else
            hf__sqlite_driver.rollback(txn);
        if (error == 0)
            continue;
        ck_assert_msg(error == HF_E_NO_SPACE, "%s: %s", hf_error_name(error), use_error.text);
        return seq - 1;
    }
    ck_abort_msg("the disk never got full");
    return 0;
}

static void check_full_disk(void)
{
    void *ballast = malloc(1 << 20);
    ck_assert_ptr_nonnull(ballast);
    memset(ballast, 1, 1 << 20);
    use_write_file("small/ballast", ballast, 1 << 20);
    free(ballast);
    void *store = use_open("small/a.db");
    const uint64_t last = fill_disk(store);
    ck_assert_uint_gt(last, 10);
    void *txn = use_begin(store, HF_TXN_SNAPSHOT); /* reads continue */
    use_ok(hf__sqlite_driver.check(txn, NULL, NULL));
    hf__sqlite_driver.rollback(txn);
    (void)remove("small/ballast");
    const hf_event row = event_of(last + 1); /* it heals by itself */
    txn = use_begin(store, HF_TXN_WRITE);
    use_put(txn, HF__EVENTS, &row, NULL);
    use_commit(txn, last + 1);
    hf__sqlite_driver.close(store);
    store = use_open("small/a.db");
    hf_store_stat stat = {0};
    txn = use_begin(store, HF_TXN_SNAPSHOT);
    use_ok(hf__sqlite_driver.stat(txn, &stat));
    ck_assert_uint_eq(stat.mark.batch, last + 1);
    hf__sqlite_driver.rollback(txn);
    hf__sqlite_driver.close(store);
}

START_TEST(a_full_disk_refuses_writes_loses_nothing_and_heals)
{
    (void)mkdir("small", 0700);
    if (mount("none", "small", "tmpfs", 0, "size=6m") != 0) {
        (void)fprintf(stderr, "SKIPPED: a full disk needs the right to mount a tmpfs: %s\n",
                      strerror(errno));
        return;
    }
    const pid_t child = fork(); /* so that the file system is unmounted whatever happens */
    if (child == 0) {
        check_full_disk();
        _exit(0);
    }
    int status = 0;
    (void)waitpid(child, &status, 0);
    ck_assert_int_eq(umount2("small", MNT_DETACH), 0);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
END_TEST

START_TEST(a_file_system_without_writes_is_read_only)
{
    void *store = NULL;
    (void)mkdir("frozen", 0700);
    if (mount("none", "frozen", "tmpfs", 0, "size=6m") != 0) {
        (void)fprintf(stderr, "SKIPPED: needs the right to mount a tmpfs: %s\n", strerror(errno));
        return;
    }
    hf__sqlite_driver.close(use_open("frozen/a.db"));
    ck_assert_int_eq(mount("none", "frozen", NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
    const int old = use_try_open("frozen/a.db", 0, &store);
    const int fresh = use_try_open("frozen/b.db", 0, &store);
    ck_assert_int_eq(umount2("frozen", MNT_DETACH), 0);
    ck_assert_int_eq(old, HF_E_READ_ONLY);
    ck_assert_int_eq(fresh, HF_E_READ_ONLY);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sqlite_file");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, a_file_that_is_not_ours_is_refused_and_untouched, 0,
                        (int)(sizeof strangers / sizeof strangers[0]));
    tcase_add_test(core, a_newer_version_in_the_log_alone_is_seen_and_the_file_untouched);
    tcase_add_test(core, places_that_are_no_file_are_refused);
    tcase_add_test(core, files_are_for_their_owner_only);
    tcase_add_test(core, what_a_death_while_making_a_file_left_is_no_hindrance);
    tcase_add_test(core, a_second_open_is_refused_by_whatever_name);
    tcase_add_test(core, another_process_gets_the_error_that_it_is_locked);
    tcase_add_test(core, a_forked_child_is_refused_and_takes_nothing_from_the_parent);
    tcase_add_test(core, sqlites_own_locks_stay_while_the_store_is_open);
    tcase_add_test(core, closing_another_descriptor_of_the_file_drops_them);
    tcase_add_test(core, a_full_disk_refuses_writes_loses_nothing_and_heals);
    tcase_add_test(core, a_file_system_without_writes_is_read_only);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
