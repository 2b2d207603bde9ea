/*
 * What the tests of the SQLite store share: opening one, transactions, rows made from the const
 * tables, and SQL as another program would ask it.
 */
#ifndef HF_TESTS_STORE_SQLITE_USE_H
#define HF_TESTS_STORE_SQLITE_USE_H

#include "model/codec.h"
#include "store/sqlite/store.h"
#include "support/check_main.h"
#include "support/random.h"
#include "support/rows.h"

#include <stdio.h>
#include <string.h>

#define USE_BYTES     ((size_t)64 << 20) /* for BYTES columns read */
#define USE_ROW_BYTES 2048               /* at least the largest row struct */

extern uint8_t *use_memory;
extern size_t use_used;
extern hf_store_error use_error;

static inline void *use_alloc(void *context, uint64_t bytes)
{
    (void)context;
    if (use_memory == NULL)
        use_memory = malloc(USE_BYTES);
    const size_t whole = (bytes + 15) & ~(size_t)15;
    if (use_memory == NULL || use_used + whole > USE_BYTES)
        return NULL;
    use_used += whole;
    return use_memory + use_used - whole;
}

static const hf_store_caller use_caller = {.alloc = use_alloc, .error = &use_error};

static inline void *use_malloc(void *context, size_t bytes)
{
    (void)context;
    return malloc(bytes);
}

static inline void use_free(void *context, void *memory)
{
    (void)context;
    free(memory);
}

static inline void use_log(void *data, uint32_t level, const char *text)
{
    (void)data;
    (void)level;
    (void)text;
}

static const hf_allocator use_allocator = {use_malloc, use_free, NULL};

static inline hf_store_config use_config(const char *path, const hf_schema *schema)
{
    return (hf_store_config){
        .size = sizeof(hf_store_config),
        .location = path,
        .schema = schema,
        .allocator = &use_allocator,
        .log = use_log,
        .error = &use_error,
    };
}

static inline int use_try_open(const char *path, uint32_t check, void **store)
{
    hf_store_config config = use_config(path, hf_store_schema());
    config.check = check;
    config.durability = HF_DURABILITY_NONE;
    memset(&use_error, 0, sizeof use_error);
    return hf__sqlite_driver.open(&config, store);
}

#define use_ok(call) use_check((call), #call, __LINE__)

static inline void use_check(int result, const char *call, int line)
{
    if (result != 0)
        ck_abort_msg("line %d: %s: %s: %s", line, call, hf_error_name(result), use_error.text);
}

/* The result is an error, and the text is one for people. */
#define use_refused(call, expected)                                                                \
    do {                                                                                           \
        const int refused_ = (call);                                                               \
        ck_assert_msg(refused_ == (expected), "%s: %s: %s", #call, hf_error_name(refused_),        \
                      use_error.text);                                                             \
        ck_assert_int_eq(use_error.code, (expected));                                              \
        ck_assert_uint_gt(strlen(use_error.text), 10);                                             \
    } while (0)

static inline void *use_open(const char *path)
{
    void *store = NULL;
    use_ok(use_try_open(path, HF_CHECK_FULL, &store));
    return store;
}

static inline void *use_begin(void *store, uint32_t mode)
{
    void *txn = NULL;
    use_used = 0;
    use_ok(hf__sqlite_driver.begin(store, mode, &use_caller, &txn));
    return txn;
}

static inline void use_commit(void *txn, uint64_t batch)
{
    const hf_store_mark mark = {.batch = batch, .time_ms = 1700000000000 + (int64_t)batch};
    use_ok(hf__sqlite_driver.commit(txn, &mark));
}

static inline void use_put(void *txn, uint32_t table, const void *row, const void *old)
{
    const void *rows[1] = {row};
    const void *olds[1] = {old};
    use_ok(hf__sqlite_driver.put(txn, table, rows, olds, 1));
}

/* ---- Rows --------------------------------------------------------------------------------------
 */

/* A value of a small set, so that prefixes of keys meet often; `none` allows empty ones. */
void use_random_column(hf_test_random *random, const hf_table *table, uint32_t column, void *row);

static inline void use_random_row(hf_test_random *random, const hf_table *table, void *row)
{
    memset(row, 0, table->row_bytes);
    for (uint32_t i = 0; i < table->column_count; i++)
        use_random_column(random, table, i, row);
}

static inline bool use_same_row(const hf_table *table, const void *a, const void *b)
{
    for (uint32_t i = 0; i < table->column_count; i++) {
        if (!hf__sqlite_same(table, i, a, b))
            return false;
    }
    return true;
}

static inline int use_compare_keys(const hf_table *table, uint32_t index, const void *a,
                                   const void *b)
{
    uint8_t x[HF__KEY_MAX];
    uint8_t y[HF__KEY_MAX];
    const uint32_t n = hf__key_encode(table, index, a, HF__KEY_ALL, x);
    const uint32_t m = hf__key_encode(table, index, b, HF__KEY_ALL, y);
    const int order = memcmp(x, y, n < m ? n : m);
    return order != 0 ? order : (n > m) - (n < m);
}

/* ---- Many rows of one table
 * ---------------------------------------------------------------------- */

typedef struct use_rows {
    const hf_table *table;
    uint32_t count;
    uint8_t *bytes; /* count rows of USE_ROW_BYTES */
} use_rows;

static inline void *use_row(const use_rows *rows, uint32_t n)
{
    return rows->bytes + (size_t)n * USE_ROW_BYTES;
}

/* Different keys, in no order. */
static inline use_rows use_random_rows(hf_test_random *random, const hf_table *table,
                                       uint32_t wanted)
{
    use_rows rows = {.table = table};
    rows.bytes = calloc(wanted, USE_ROW_BYTES);
    ck_assert_ptr_nonnull(rows.bytes);
    ck_assert_uint_le(table->row_bytes, USE_ROW_BYTES);
    for (uint32_t tries = 0; rows.count < wanted && tries < 20 * wanted; tries++) {
        void *row = use_row(&rows, rows.count);
        use_random_row(random, table, row);
        bool fresh = true;
        for (uint32_t i = 0; i < rows.count && fresh; i++)
            fresh = use_compare_keys(table, 0, row, use_row(&rows, i)) != 0;
        rows.count += fresh;
    }
    return rows;
}

static inline void use_put_all(void *txn, uint32_t table, const use_rows *rows)
{
    for (uint32_t i = 0; i < rows->count; i++)
        use_put(txn, table, use_row(rows, i), NULL);
}

/* A store with random rows in every table; `all` gets them by table. */
static inline void use_fill(const char *path, hf_test_random *random, uint32_t rows,
                            use_rows all[HF__TABLE_COUNT])
{
    void *store = use_open(path);
    void *txn = use_begin(store, HF_TXN_WRITE);
    for (uint32_t i = 0; i < HF__TABLE_COUNT; i++) {
        all[i] = use_random_rows(random, hf_store_schema()->tables[i], rows);
        use_put_all(txn, i, &all[i]);
    }
    use_commit(txn, 1);
    hf__sqlite_driver.close(store);
}

static inline void use_free_all(use_rows all[HF__TABLE_COUNT])
{
    for (uint32_t i = 0; i < HF__TABLE_COUNT; i++)
        free(all[i].bytes);
    free(use_memory);
    use_memory = NULL;
}

/* ---- Another program
 * ------------------------------------------------------------------------------- */

/* The rows of a query as "a|b;c|d;", as a tool with its own connection sees them. */
static inline void use_query(const char *path, const char *sql, char *out, size_t bytes)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    size_t used = 0;
    out[0] = '\0';
    ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        ck_abort_msg("%s: %s", sql, sqlite3_errmsg(db));
    while (sqlite3_step(statement) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(statement) && used < bytes; i++) {
            const void *text = sqlite3_column_text(statement, i);
            used += (size_t)snprintf(out + used, bytes - used, "%s%s", i > 0 ? "|" : "",
                                     text != NULL ? (const char *)text : "NULL");
        }
        if (used < bytes)
            used += (size_t)snprintf(out + used, bytes - used, ";");
    }
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(db);
}

/* Runs statements with a connection of its own; SQLite's result. */
static inline int use_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    const int result = sqlite3_exec(db, sql, NULL, NULL, NULL);
    (void)sqlite3_close(db);
    return result;
}

/* ---- Files -------------------------------------------------------------------------------------
 */

/* A file with everything SQLite and the store may have put beside it. */
static inline void use_remove(const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal", ".lock", ".creating"};
    char name[300];
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        (void)snprintf(name, sizeof name, "%s%s", path, endings[i]);
        (void)remove(name);
    }
}

/* The whole file; the caller frees it. NULL when it is not there. */
static inline uint8_t *use_read_file(const char *path, size_t *bytes)
{
    FILE *file = fopen(path, "rb");
    *bytes = 0;
    if (file == NULL)
        return NULL;
    (void)fseek(file, 0, SEEK_END);
    const long size = ftell(file);
    rewind(file);
    uint8_t *content = malloc((size_t)size + 1);
    ck_assert_ptr_nonnull(content);
    *bytes = fread(content, 1, (size_t)size, file);
    (void)fclose(file);
    return content;
}

static inline void use_write_file(const char *path, const void *content, size_t bytes)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(content, 1, bytes, file), bytes);
    (void)fclose(file);
}

#endif
