/*
 * Copies of a SQLite store: one committed state while writes and reads continue, all or nothing,
 * and the way back.
 */
#include "sqlite_use.h"

#include <holdfast/event.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/stat.h>

/* A writer that commits one event a batch until it has to stop. */
typedef struct writer {
    void *store;
    atomic_uint stop;
    atomic_ullong committed;
} writer;

static void write_events(void *data)
{
    writer *w = data;
    hf_store_error error;
    const hf_store_caller caller = {.error = &error};
    static const uint8_t body[2000] = {1};
    for (uint64_t seq = 1; atomic_load(&w->stop) == 0; seq++) {
        const hf_event row = {
            .seq = seq, .type = 1, .at_ms = 1, .body = body, .body_bytes = sizeof body};
        const void *rows[1] = {&row};
        const void *olds[1] = {NULL};
        const hf_store_mark mark = {.batch = seq, .time_ms = (int64_t)seq};
        void *txn = NULL;
        if (hf__sqlite_driver.begin(w->store, HF_TXN_WRITE, &caller, &txn) != 0)
            return;
        if (hf__sqlite_driver.put(txn, HF__EVENTS, rows, olds, 1) != 0 ||
            hf__sqlite_driver.commit(txn, &mark) != 0)
            return;
        atomic_store(&w->committed, seq);
    }
}

static void wait_for(writer *w, uint64_t batch)
{
    while (atomic_load(&w->committed) < batch)
        (void)sched_yield();
}

/* The copy opens, adds up, and is the state behind one batch between the two. */
static void check_copy(const char *path, uint64_t from, uint64_t to)
{
    hf_table_stat counts[HF__TABLE_COUNT];
    hf_store_stat reported = {.tables = counts, .table_count = HF__TABLE_COUNT};
    struct stat info;
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_uint_eq(info.st_mode & 0777, 0600);
    void *store = use_open(path);
    void *txn = use_begin(store, HF_TXN_SNAPSHOT);
    use_ok(hf__sqlite_driver.check(txn, NULL, NULL));
    use_ok(hf__sqlite_driver.stat(txn, &reported));
    ck_assert_uint_ge(reported.mark.batch, from);
    ck_assert_uint_le(reported.mark.batch, to);
    ck_assert_uint_eq(counts[HF__EVENTS].rows, reported.mark.batch);
    hf__sqlite_driver.rollback(txn);
    hf__sqlite_driver.close(store);
}

/* Lets the writer commit between the steps of the copy. */
static int wait_for_writes(void *data, uint64_t done, uint64_t total)
{
    writer *w = data;
    ck_assert_uint_le(done, total);
    wait_for(w, atomic_load(&w->committed) + 5);
    return 0;
}

START_TEST(a_copy_made_while_writes_continue_is_one_committed_state)
{
    writer w = {.store = use_open("live.db")};
    void *thread = NULL;
    ck_assert_int_eq(hf__os_threads.start(&thread, write_events, &w), 0);
    wait_for(&w, 1000);
    for (int i = 0; i < 3; i++) {
        hf_store_error error;
        const uint64_t from = atomic_load(&w.committed);
        use_remove("copy.db");
        const int made = hf__sqlite_driver.backup(w.store, "copy.db", wait_for_writes, &w, &error);
        ck_assert_msg(made == 0, "%s", error.text);
        const uint64_t to = atomic_load(&w.committed);
        ck_assert_uint_gt(to, from + 5);
        check_copy("copy.db", from, to);
    }
    atomic_store(&w.stop, 1);
    hf__os_threads.join(thread);
    check_copy("copy.db", 1000, UINT64_MAX);
    hf__sqlite_driver.close(w.store);
}
END_TEST

/* A reader on its own thread that checks whole snapshots while batches are committed. */
static void read_snapshots(void *data)
{
    writer *w = data;
    hf_store_error error;
    const hf_store_caller caller = {.error = &error};
    while (atomic_load(&w->stop) == 0) {
        hf_table_stat counts[HF__TABLE_COUNT];
        hf_store_stat reported = {.tables = counts, .table_count = HF__TABLE_COUNT};
        void *txn = NULL;
        if (hf__sqlite_driver.begin(w->store, HF_TXN_SNAPSHOT, &caller, &txn) != 0)
            return;
        const bool good = hf__sqlite_driver.stat(txn, &reported) == 0 &&
                          reported.tables[HF__EVENTS].rows == reported.mark.batch &&
                          hf__sqlite_driver.check(txn, NULL, NULL) == 0;
        hf__sqlite_driver.rollback(txn);
        if (!good)
            return;
        atomic_fetch_add(&w->committed, 1);
    }
}

START_TEST(snapshots_on_other_threads_see_whole_batches)
{
    writer w = {.store = use_open("threads.db")};
    writer readers[2] = {{.store = w.store}, {.store = w.store}};
    void *threads[3] = {NULL};
    ck_assert_int_eq(hf__os_threads.start(&threads[2], write_events, &w), 0);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(hf__os_threads.start(&threads[i], read_snapshots, &readers[i]), 0);
    for (int i = 0; i < 2; i++) {
        wait_for(&readers[i], 20);
        atomic_store(&readers[i].stop, 1);
    }
    atomic_store(&w.stop, 1);
    for (int i = 0; i < 3; i++)
        hf__os_threads.join(threads[i]);
    hf__sqlite_driver.close(w.store);
}
END_TEST

static int stop(void *data, uint64_t done, uint64_t total)
{
    (void)data;
    (void)done;
    (void)total;
    return 1;
}

static void *small_store(const char *path)
{
    void *store = use_open(path);
    void *txn = use_begin(store, HF_TXN_WRITE);
    for (uint64_t seq = 1; seq <= 10; seq++) {
        const hf_event row = {.seq = seq, .type = 1, .at_ms = 1};
        use_put(txn, HF__EVENTS, &row, NULL);
    }
    use_commit(txn, 10);
    return store;
}

START_TEST(a_copy_that_cannot_be_finished_leaves_nothing)
{
    void *store = small_store("source.db");
    use_write_file("there.db", "x", 1);
    use_refused(hf__sqlite_driver.backup(store, "there.db", NULL, NULL, &use_error), HF_E_EXISTS);
    use_refused(hf__sqlite_driver.backup(store, "source.db", NULL, NULL, &use_error), HF_E_EXISTS);
    use_refused(hf__sqlite_driver.backup(store, "no/a.db", NULL, NULL, &use_error), HF_E_PATH);
    use_refused(hf__sqlite_driver.backup(store, "a.db", stop, NULL, &use_error), HF_E_CANCELLED);
    ck_assert(!hf__sqlite_exists("a.db"));
    ck_assert_uint_eq(hf__sqlite_bytes("there.db"), 1);
    use_commit(use_begin(store, HF_TXN_WRITE), 11);
    hf__sqlite_driver.close(store);
}
END_TEST

START_TEST(a_copy_comes_back_where_nothing_stood)
{
    void *store = small_store("origin.db");
    hf_store_config config = use_config("back.db", hf_store_schema());
    use_ok(hf__sqlite_driver.backup(store, "saved.db", NULL, NULL, &use_error));
    hf__sqlite_driver.close(store);
    size_t before = 0;
    size_t after = 0;
    uint8_t *saved = use_read_file("saved.db", &before);
    use_ok(hf__sqlite_driver.restore("saved.db", &config));
    check_copy("back.db", 10, 10);
    uint8_t *again = use_read_file("saved.db", &after);
    ck_assert(before == after && memcmp(saved, again, before) == 0);
    ck_assert(!hf__sqlite_exists("saved.db-wal"));
    ck_assert(!hf__sqlite_exists("back.db.creating"));
    use_refused(hf__sqlite_driver.restore("saved.db", &config), HF_E_EXISTS);
    free(saved);
    free(again);
}
END_TEST

START_TEST(what_is_no_good_copy_is_not_put_back)
{
    void *store = small_store("made.db");
    hf_store_config config = use_config("target.db", hf_store_schema());
    use_refused(hf__sqlite_driver.restore("made.db", &config), HF_E_OPEN_TWICE);
    hf__sqlite_driver.close(store);
    use_write_file("made.db-wal", "x", 1);
    use_refused(hf__sqlite_driver.restore("made.db", &config), HF_E_BUSY); /* its log has rows */
    ck_assert_int_eq(remove("made.db-wal"), 0);
    use_refused(hf__sqlite_driver.restore("absent.db", &config), HF_E_PATH);
    use_write_file("text.db", "dear diary", 10);
    use_refused(hf__sqlite_driver.restore("text.db", &config), HF_E_CORRUPT);
    config.progress = stop;
    use_refused(hf__sqlite_driver.restore("made.db", &config), HF_E_CANCELLED);
    config.progress = NULL;
    ck_assert_int_eq(use_sql("made.db", "UPDATE events SET at = 9 WHERE seq = 3"), SQLITE_OK);
    use_refused(hf__sqlite_driver.restore("made.db", &config), HF_E_CORRUPT);
    ck_assert(!hf__sqlite_exists("target.db"));
    ck_assert(!hf__sqlite_exists("target.db.creating"));
    ck_assert(!hf__sqlite_exists("target.db.creating-wal"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sqlite_backup");
    TCase *core = tcase_create("core");
    tcase_add_test(core, a_copy_made_while_writes_continue_is_one_committed_state);
    tcase_add_test(core, snapshots_on_other_threads_see_whole_batches);
    tcase_add_test(core, a_copy_that_cannot_be_finished_leaves_nothing);
    tcase_add_test(core, a_copy_comes_back_where_nothing_stood);
    tcase_add_test(core, what_is_no_good_copy_is_not_put_back);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
