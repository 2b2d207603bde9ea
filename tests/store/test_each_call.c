/*
 * Every call below a store fails in turn: of the system, of the allocators, of LMDB and of SQLite.
 *
 * A life opens a store, uses it and closes it. The n-th call of one kind fails in the n-th life.
 * Afterwards the life has succeeded all the same, or has an error with a text. The store opens,
 * is sound, and has the rows from before the life or all rows of it. No file stays open, and a copy
 * that is not whole has no name.
 *
 * The same must be true when no call fails, and another process removes, replaces or locks a file
 * before the n-th call of the system. It leaves alone what another process has locked.
 */
#include "each_call.h"
#include "each_schema.h"

#include "support/check_main.h"

#include "model/records.h"
#include "model/tables.h"
#include "store/builtin.h"
#include "support/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <holdfast/error.h>
#include <holdfast/event.h>
#include <holdfast/order.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#if HF_HAVE_LMDB
#include <lmdb.h>
#endif
#if HF_HAVE_SQLITE
#include <sqlite3.h>
#endif

#define ORDERS     24u /* of the store before a life */
#define NEW_ORDERS 6u
#define BODY_BYTES 6000u
#define LIVES_MAX  60u /* of one kind: every call fails in turn, or each n-th one */

/* ---- Rows ------------------------------------------------------------------------------------ */

static hf_order make_order(uint32_t i)
{
    hf_order order = {.version = 1,
                      .state = i % 2 ? HF_ORDER_PENDING : HF_ORDER_CONFIRMED,
                      .deadline_ms = i % 2 ? 1000 + (int64_t)i : 0,
                      .meta = "an order",
                      .meta_bytes = i % 3 ? 8 : 0};
    order.id.bytes[15] = (uint8_t)(i + 1);
    (void)snprintf(order.customer.text, sizeof order.customer.text, "%s", i % 4 ? "ada" : "");
    return order;
}

static int put_orders(const hf_store_driver *driver, void *txn, uint32_t first, uint32_t count)
{
    static const uint8_t body[BODY_BYTES] = {7};
    int result = 0;
    for (uint32_t i = first; result == 0 && i < first + count; i++) {
        const hf_order order = make_order(i);
        const hf_event event = {
            .seq = i + 1, .type = 1, .at_ms = 1, .body = body, .body_bytes = BODY_BYTES};
        const void *rows[2] = {&order, &event};
        const void *olds[2] = {NULL, NULL};
        result = driver->put(txn, HF__ORDERS, &rows[0], &olds[0], 1);
        if (result == 0)
            result = driver->put(txn, HF__EVENTS, &rows[1], &olds[1], 1);
    }
    return result;
}

/* Changes the first order, so that an index moves, and removes the second one. */
static int change_orders(const hf_store_driver *driver, void *txn)
{
    const hf_order old = make_order(0);
    const hf_order gone = make_order(1);
    hf_order changed = old;
    changed.state = HF_ORDER_CANCELLED;
    changed.version++;
    const void *rows[1] = {&changed};
    const void *olds[1] = {&old};
    const void *ends[1] = {&gone};
    const int result = driver->put(txn, HF__ORDERS, rows, olds, 1);
    return result != 0 ? result : driver->del(txn, HF__ORDERS, ends, 1);
}

/* Reads rows by key, and a range in both directions, of the primary key and of an index. */
static int read_orders(const hf_store_driver *driver, void *txn)
{
    hf_order orders[8];
    void *rows[8];
    uint8_t found[8];
    const uint32_t tables[] = {0, HF__ORDERS_STATE, HF__ORDERS_DUE};
    for (uint32_t i = 0; i < 8; i++) {
        orders[i] = make_order(2 * i);
        rows[i] = &orders[i];
    }
    rows_used = 0;
    int result = driver->get(txn, HF__ORDERS, rows, found, 8);
    for (uint32_t i = 0; result == 0 && i < 6; i++) {
        uint32_t count = 8;
        const hf_scan scan = {
            .table = HF__ORDERS, .index = tables[i / 2], .descending = (uint8_t)(i % 2)};
        result = driver->scan(txn, &scan, rows, &count);
    }
    return result;
}

/* ---- Lives ----------------------------------------------------------------------------------- */

typedef struct subject {
    const char *name;
    const hf_store_driver *driver;
    int codes[3]; /* of a call that fails */
    int failings; /* how many of the list below it has */
} subject;

static const subject subjects[] = {
#if HF_HAVE_LMDB
    {"lmdb", &hf__lmdb_driver, {EIO, ENOMEM, MDB_CORRUPTED}, 9},
#endif
#if HF_HAVE_SQLITE
    {"sqlite", &hf__sqlite_driver, {SQLITE_IOERR, SQLITE_NOMEM, SQLITE_CORRUPT}, 10},
#endif
    {NULL, NULL, {0}, 0},
};
#define SUBJECTS ((int)(sizeof subjects / sizeof subjects[0]) - 1)

static const hf_store_identity identity = {.store = {{1}}, .incarnation = 1};

static void ignore_log(void *data, uint32_t level, const char *text)
{
    (void)data;
    (void)level;
    (void)text;
}

static const hf_schema *(*schema_of)(void) = hf_store_schema; /* of the stores that are opened */

static hf_store_config config_of(const char *path)
{
    return (hf_store_config){.size = sizeof(hf_store_config),
                             .location = path,
                             .schema = schema_of(),
                             .allocator = &allocator,
                             .log = ignore_log,
                             .error = &error,
                             .identity = &identity,
                             .check = HF_CHECK_FULL,
                             .durability = HF_DURABILITY_NONE};
}

static int open_store(const hf_store_driver *driver, const char *path, bool read_only, void **store)
{
    hf_store_config config = config_of(path);
    config.read_only = read_only;
    return driver->open(&config, store);
}

/* Writes in one transaction: new orders, and with `changes` what change_orders does. */
static int write_orders(const hf_store_driver *driver, void *store, uint32_t first, uint32_t count,
                        bool changes)
{
    const hf_store_mark mark = {.batch = first + count, .time_ms = 1};
    void *txn = NULL;
    int result = driver->begin(store, HF_TXN_WRITE, &caller, &txn);
    if (result != 0)
        return result;
    result = put_orders(driver, txn, first, count);
    if (result == 0 && changes)
        result = change_orders(driver, txn);
    if (result == 0)
        return driver->commit(txn, &mark);
    driver->rollback(txn);
    return result;
}

static int look(const hf_store_driver *driver, void *store)
{
    hf_table_stat tables[HF__TABLE_COUNT];
    hf_store_stat stat = {.tables = tables, .table_count = HF__TABLE_COUNT};
    void *txn = NULL;
    int result = driver->begin(store, HF_TXN_SNAPSHOT, &caller, &txn);
    if (result != 0)
        return result;
    result = read_orders(driver, txn);
    if (result == 0)
        result = driver->stat(txn, &stat);
    if (result == 0)
        result = driver->check(txn, NULL, NULL);
    driver->rollback(txn);
    return result;
}

static int live_writing(const hf_store_driver *driver)
{
    void *store = NULL;
    int result = open_store(driver, "store", false, &store);
    if (result != 0)
        return result;
    result = look(driver, store);
    if (result == 0)
        result = write_orders(driver, store, ORDERS, NEW_ORDERS, true);
    driver->close(store);
    return result;
}

static int live_first(const hf_store_driver *driver)
{
    void *store = NULL;
    (void)unlink("store");
    int result = open_store(driver, "store", false, &store);
    if (result != 0)
        return result;
    result = write_orders(driver, store, 0, ORDERS, false);
    driver->close(store);
    return result;
}

/* An earlier attempt has ended in the middle of the file. */
static int live_again(const hf_store_driver *driver)
{
    folder_write("store.creating", (const uint8_t *)"half", 4);
    return live_first(driver);
}

static int live_migrating(const hf_store_driver *driver)
{
    void *store = NULL;
    int result = open_store(driver, "store", false, &store);
    if (result != 0)
        return result;
    result = look(driver, store);
    driver->close(store);
    return result;
}

static int live_reading(const hf_store_driver *driver)
{
    void *store = NULL;
    int result = open_store(driver, "store", true, &store);
    if (result != 0)
        return result;
    result = look(driver, store);
    driver->close(store);
    return result;
}

static int live_copying(const hf_store_driver *driver)
{
    void *store = NULL;
    int result = open_store(driver, "store", false, &store);
    if (result != 0)
        return result;
    result = driver->backup(store, "copy", NULL, NULL, &error);
    driver->close(store);
    return result;
}

static int live_restoring(const hf_store_driver *driver)
{
    const hf_store_config config = config_of("copy");
    return driver->restore("store", &config);
}

typedef struct life {
    const char *name;
    int (*live)(const hf_store_driver *driver);
    uint32_t before; /* orders of the store */
    uint32_t after;
    bool copies;                      /* makes the file "copy" */
    const hf_schema *(*schema)(void); /* of the life and what comes after it */
    const hf_schema *(*older)(void);  /* of the store before it */
} life;

#define TODAY hf_store_schema, hf_store_schema

static const life lives[] = {
    {"writing", live_writing, ORDERS, ORDERS + NEW_ORDERS - 1, false, TODAY},
    {"making a store", live_first, 0, ORDERS, false, TODAY},
    {"making a store again", live_again, 0, ORDERS, false, TODAY},
    {"migrating", live_migrating, ORDERS, ORDERS, false, each_schema_after, each_schema_before},
    {"reading only", live_reading, ORDERS, ORDERS, false, TODAY},
    {"copying", live_copying, ORDERS, ORDERS, true, TODAY},
    {"restoring", live_restoring, ORDERS, ORDERS, true, TODAY},
};
#define LIVES ((int)(sizeof lives / sizeof lives[0]))

/* ---- What must be true after a life ---------------------------------------------------------- */

static uint32_t open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    uint32_t count = 0;
    ck_assert_ptr_nonnull(folder);
    while (readdir(folder) != NULL)
        count++;
    (void)closedir(folder);
    return count;
}

static uint64_t orders_of(const hf_store_driver *driver, const char *path)
{
    hf_table_stat tables[HF__TABLE_COUNT];
    hf_store_stat stat = {.tables = tables, .table_count = HF__TABLE_COUNT};
    void *store = NULL;
    void *txn = NULL;
    const int opened = open_store(driver, path, false, &store);
    ck_assert_msg(opened == 0, "%s after call %u, %s, failed: %s", path, fault.at, fault.name,
                  error.text);
    ck_assert_int_eq(driver->begin(store, HF_TXN_SNAPSHOT, &caller, &txn), 0);
    ck_assert_int_eq(driver->stat(txn, &stat), 0);
    driver->rollback(txn);
    driver->close(store);
    return tables[HF__ORDERS].rows;
}

/* ---- Another process ------------------------------------------------------------------------- */

static int taken_fd = -1; /* of a file that the other process has locked */

/* Opens and locks a file that is being made, if nobody else has it; -1: it is not there. */
static int lock_unfinished(const char *path)
{
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

static void remove_unfinished(void)
{
    const int fd = lock_unfinished("store.creating");
    if (fd < 0)
        return;
    (void)unlink("store.creating");
    (void)close(fd);
}

static void replace_unfinished(void)
{
    const int fd = lock_unfinished("store.creating");
    if (fd < 0)
        return;
    folder_write("other", (const uint8_t *)"other", 5);
    ck_assert_int_eq(rename("other", "store.creating"), 0);
    (void)close(fd);
}

static void take_unfinished(void)
{
    taken_fd = lock_unfinished("store.creating");
}

/* By a copy of the store from before the life. */
static void replace_store(void)
{
    folder_copy_file("base", "other");
    ck_assert_int_eq(rename("other", "store"), 0);
}

static void release_taken(void)
{
    if (taken_fd >= 0)
        (void)close(taken_fd);
    taken_fd = -1;
}

/* The store that another process has put there counts too. */
static bool may_have(const life *l, int result, uint64_t orders)
{
    if (fault.meanwhile == replace_store && orders == ORDERS)
        return true;
    return orders == l->after || (result != 0 && orders == l->before);
}

static void check_after(const subject *of, const life *l, int result, uint32_t files)
{
    char text[sizeof error.text];
    (void)snprintf(text, sizeof text, "%s", error.text);
    ck_assert_msg(result == 0 || text[0] != '\0', "%s, call %u, %s: %s without a text", l->name,
                  fault.at, fault.name, hf_error_name(result));
    ck_assert_msg(open_files() == files, "%s, call %u, %s: %u open files instead of %u (%s)",
                  l->name, fault.at, fault.name, open_files(), files, text);
    const bool is_copied = access("copy", F_OK) == 0;
    ck_assert_msg(is_copied == (l->copies && result == 0), "%s, call %u, %s: %s", l->name, fault.at,
                  fault.name, text);
    if (is_copied)
        ck_assert_uint_eq(orders_of(of->driver, "copy"), l->after);
    const uint64_t orders = orders_of(of->driver, "store");
    ck_assert_msg(may_have(l, result, orders), "%s, call %u, %s: %llu orders after %s: %s", l->name,
                  fault.at, fault.name, (unsigned long long)orders, hf_error_name(result), text);
}

static void remove_files(void)
{
    static const char *const names[] = {"store", "copy"};
    static const char *const ends[] = {"", "-wal", "-shm", "-lock", ".creating", ".creating-lock"};
    for (size_t i = 0; i < 2 * sizeof ends / sizeof ends[0]; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "%s%s", names[i % 2], ends[i / 2]);
        (void)unlink(path);
    }
}

typedef struct failing {
    fault_kind kind;
    uint32_t code; /* which one of the subject's */
    void (*meanwhile)(void);
} failing;

static const failing failings[] = {
    {FAULT_FILES, 0, NULL},
    {FAULT_MEMORY, 0, NULL},
    {FAULT_NATIVE, 0, NULL},
    {FAULT_NATIVE, 1, NULL},
    {FAULT_NATIVE, 2, NULL},
    {FAULT_MEANWHILE, 0, remove_unfinished},
    {FAULT_MEANWHILE, 0, replace_unfinished},
    {FAULT_MEANWHILE, 0, take_unfinished},
    {FAULT_MEANWHILE, 0, replace_store},
    {FAULT_SQLITE_MEMORY, 0, NULL},
};
#define FAILINGS ((int)(sizeof failings / sizeof failings[0]))

/* One life; its result. The calls of the kind are counted in `fault`. */
static int live(const subject *of, const life *l, const failing *how, uint32_t at)
{
    schema_of = l->schema;
    remove_files();
    folder_copy_file("base", "store");
    const uint32_t files = open_files();
    memset(&error, 0, sizeof error);
    rows_used = 0;
    fault.kind = how->kind;
    fault.code = of->codes[how->code];
    fault.meanwhile = how->meanwhile;
    fault.at = at;
    fault.calls = 0;
    fault.name = "none";
    const int result = l->live(of->driver);
    const uint32_t calls = fault.calls;
    fault.kind = FAULT_NONE;
    release_taken();
    check_after(of, l, result, files);
    fault.calls = calls;
    return result;
}

static void make_base(const hf_store_driver *driver, const life *l)
{
    fault.kind = FAULT_NONE;
    schema_of = l->older;
    remove_files();
    ck_assert_int_eq(live_first(driver), 0);
    (void)unlink("base");
    ck_assert_int_eq(rename("store", "base"), 0);
}

START_TEST(whichever_call_fails_the_store_is_whole_and_nothing_stays_open)
{
    const subject *of = &subjects[_i / LIVES / FAILINGS];
    const life *l = &lives[_i / FAILINGS % LIVES];
    const failing *how = &failings[_i % FAILINGS];
    char folder[] = "each.XXXXXX";
    ck_assert(mkdtemp(folder) != NULL && chdir(folder) == 0);
    make_base(of->driver, l);
    ck_assert_msg(live(of, l, how, 0) == 0, "%s: %s", l->name, error.text);
    const uint32_t calls = fault.calls;
    const uint32_t stride = calls / LIVES_MAX + 1;
    uint32_t failed = 0;
    for (uint32_t at = 1; at <= calls; at += stride)
        failed += live(of, l, how, at) != 0;
    (void)fprintf(stderr, "# %s, %s: %u calls, each %u-th one failed, %u lives ended early\n",
                  of->name, l->name, calls, stride, failed);
    ck_assert_uint_gt(calls, 0);
    ck_assert(failed > 0 || how->meanwhile != NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("each_call");
    each_call_install();
    for (int i = 0; i < SUBJECTS; i++) {
        TCase *core = tcase_create(subjects[i].name);
        for (int k = i * LIVES; k < (i + 1) * LIVES; k++)
            tcase_add_loop_test(core,
                                whichever_call_fails_the_store_is_whole_and_nothing_stays_open,
                                k * FAILINGS, k * FAILINGS + subjects[i].failings);
        suite_add_tcase(suite, core);
    }
    return hf_test_main(suite);
}
