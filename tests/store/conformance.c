/*
 * What the conformance tests share: opening a subject in a place of its own, and calls that must
 * succeed.
 */
#include "store/conformance.h"

#include <stdio.h>
#include <unistd.h>

static const hf_test_subject *subjects;

const hf_test_subject *hf_test_subject_at(int i)
{
    return &subjects[i];
}

const hf_table *hf_test_table_at(uint32_t position)
{
    return hf_store_schema()->tables[position];
}

void hf_test_subjects_set(const hf_test_subject *those)
{
    subjects = those;
}

uint32_t hf_test_table_count(void)
{
    return hf_store_schema()->table_count;
}

uint32_t hf_test_table(const char *name)
{
    for (uint32_t i = 0; i < hf_test_table_count(); i++) {
        if (strcmp(hf_test_table_at(i)->name, name) == 0)
            return i;
    }
    ck_abort_msg("no table %s", name);
    return 0;
}

void hf_test_ok(const hf_test_store *store, int error, int line)
{
    ck_assert_msg(error == 0, "line %d: %s: %s: %s", line, store->driver->scheme,
                  hf_error_name(error), store->error.text);
}

static void *plain_alloc(void *context, size_t bytes)
{
    (void)context;
    return malloc(bytes);
}

static void plain_free(void *context, void *memory)
{
    (void)context;
    free(memory);
}

static void no_log(void *data, uint32_t level, const char *text)
{
    (void)data;
    (void)level;
    (void)text;
}

hf_store_config hf_test_config(hf_store_error *error, const char *location)
{
    static const hf_allocator allocator = {.alloc = plain_alloc, .free = plain_free};
    return (hf_store_config){
        .size = sizeof(hf_store_config),
        .durability = HF_DURABILITY_STORE,
        .location = location,
        .schema = hf_store_schema(),
        .allocator = &allocator,
        .log = no_log,
        .error = error,
    };
}

void hf_test_store_reopen(hf_test_store *store)
{
    hf_store_config config = hf_test_config(&store->error, store->path);
    hf_test_good(store, store->driver->open(&config, &store->opened));
    ck_assert_ptr_nonnull(store->opened);
}

void hf_test_store_open(hf_test_store *store, int i)
{
    memset(store, 0, sizeof *store);
    store->subject = hf_test_subject_at(i);
    store->driver = store->subject->driver;
    store->caller = (hf_store_caller){hf_test_alloc, &store->memory, &store->error};
    store->random = hf_test_seed();
    const char *folder = getenv("TMPDIR");
    (void)snprintf(store->path, sizeof store->path, "%s/holdfast-XXXXXX",
                   folder == NULL ? "/tmp" : folder);
    ck_assert_ptr_nonnull(mkdtemp(store->path));
    size_t bytes = strlen(store->path);
    (void)snprintf(store->path + bytes, sizeof store->path - bytes, "/store");
    hf_test_store_reopen(store);
}

void hf_test_store_close(hf_test_store *store)
{
    store->driver->close(store->opened);
    store->opened = NULL;
    hf_test_free_all(&store->memory);
}

void *hf_test_begin(hf_test_store *store, uint32_t mode)
{
    void *txn = NULL;
    hf_test_good(store, store->driver->begin(store->opened, mode, &store->caller, &txn));
    return txn;
}

void hf_test_commit(hf_test_store *store, void *txn, uint64_t batch)
{
    hf_store_mark mark = {.batch = batch, .time_ms = 1717000000000 + (int64_t)batch};
    hf_test_good(store, store->driver->commit(txn, &mark));
}

void hf_test_put(hf_test_store *store, void *txn, uint32_t table, const void *row, const void *old)
{
    hf_test_good(store, store->driver->put(txn, table, &row, &old, 1));
}

void hf_test_del(hf_test_store *store, void *txn, uint32_t table, const void *old)
{
    hf_test_good(store, store->driver->del(txn, table, &old, 1));
}

bool hf_test_get(hf_test_store *store, void *txn, uint32_t table, void *row)
{
    uint8_t found = 7;
    hf_test_good(store, store->driver->get(txn, table, &row, &found, 1));
    ck_assert_uint_le(found, 1);
    return found != 0;
}

uint32_t hf_test_scan(hf_test_store *store, void *txn, const hf_scan *scan, hf_test_any *rows,
                      uint32_t max)
{
    void **places = malloc((max + 1) * sizeof *places);
    ck_assert_ptr_nonnull(places);
    for (uint32_t i = 0; i < max; i++)
        places[i] = rows[i].bytes;
    uint32_t count = max;
    int error = store->driver->scan(txn, scan, places, &count);
    free(places);
    hf_test_good(store, error);
    ck_assert_uint_le(count, max);
    return count;
}

uint32_t hf_test_count(hf_test_store *store, void *txn, const hf_scan *scan)
{
    enum { MAX = 2048 };
    hf_test_any *rows = malloc(MAX * sizeof *rows);
    ck_assert_ptr_nonnull(rows);
    uint32_t count = hf_test_scan(store, txn, scan, rows, MAX);
    free(rows);
    ck_assert_uint_lt(count, MAX);
    return count;
}

hf_table_stat hf_test_stat(hf_test_store *store, void *txn, uint32_t table, hf_store_mark *mark)
{
    static hf_table_stat tables[64];
    hf_store_stat stat = {.tables = tables, .table_count = hf_test_table_count()};
    ck_assert_uint_lt(table, sizeof tables / sizeof *tables);
    memset(tables, 0, sizeof tables);
    hf_test_good(store, store->driver->stat(txn, &stat));
    ck_assert_uint_eq(stat.schema, hf_store_schema()->version);
    ck_assert_uint_eq(stat.table_count, hf_test_table_count());
    if (mark != NULL)
        *mark = stat.mark;
    return tables[table];
}

void hf_test_fill(hf_test_store *store, uint32_t rows, uint64_t batch)
{
    void *txn = hf_test_begin(store, HF_TXN_WRITE);
    for (uint32_t table = 0; table < hf_test_table_count(); table++) {
        for (uint32_t i = 0; i < rows; i++) {
            hf_test_any row, old;
            hf_test_row(&store->random, hf_test_table_at(table), row.bytes, &store->memory);
            old = row;
            bool there = hf_test_get(store, txn, table, old.bytes);
            hf_test_put(store, txn, table, row.bytes, there ? old.bytes : NULL);
        }
    }
    hf_test_commit(store, txn, batch);
}

void hf_test_conformance(Suite *suite, const hf_test_subject *tested, int count)
{
    static const struct {
        const char *name;
        void (*add)(TCase *, int);
    } parts[] = {
        {"rows", hf_test_add_rows}, {"scans", hf_test_add_scans}, {"vectors", hf_test_add_vectors},
        {"txns", hf_test_add_txns}, {"files", hf_test_add_files}, {"model", hf_test_add_model},
    };
    subjects = tested;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        TCase *tcase = tcase_create(parts[i].name);
        parts[i].add(tcase, count);
        suite_add_tcase(suite, tcase);
    }
}
