/*
 * Scans of the SQLite store: every range in the order of the codec's keys, each piece by one seek
 * in its index.
 */
#include "sqlite_use.h"

/* Rows that the index has, sorted by its key. */
static uint32_t sorted(const use_rows *rows, uint32_t index, const void **out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < rows->count; i++) {
        const void *row = use_row(rows, i);
        if (index > 0 && !hf__index_has(rows->table, index, row))
            continue;
        uint32_t at = count++;
        for (; at > 0 && use_compare_keys(rows->table, index, row, out[at - 1]) < 0; at--)
            out[at] = out[at - 1];
        out[at] = row;
    }
    return count;
}

/* -1, 0, 1: the row's key before, beginning with, behind the first `columns` of the bound. */
static int against(const hf_table *table, uint32_t index, const void *row, const void *bound,
                   uint32_t columns)
{
    uint8_t x[HF__KEY_MAX];
    uint8_t y[HF__KEY_MAX];
    const uint32_t n = hf__key_encode(table, index, row, HF__KEY_ALL, x);
    const uint32_t m = hf__key_encode(table, index, bound, columns, y);
    const int order = memcmp(x, y, n < m ? n : m);
    return order < 0 ? -1 : order > 0;
}

static bool inside(const hf_table *table, const hf_scan *scan, const void *row)
{
    if (scan->low_columns > 0) {
        const int order = against(table, scan->index, row, scan->low, scan->low_columns);
        if (order < 0 || (order == 0 && scan->low_exclusive))
            return false;
    }
    if (scan->high_columns > 0) {
        const int order = against(table, scan->index, row, scan->high, scan->high_columns);
        if (order > 0 || (order == 0 && scan->high_exclusive))
            return false;
    }
    return true;
}

static void check_scan(void *txn, const use_rows *rows, const hf_scan *scan, uint32_t limit)
{
    static uint8_t memory[300 * USE_ROW_BYTES];
    static void *found[300];
    static const void *order[300];
    uint32_t count = limit;
    use_used = 0;
    for (uint32_t i = 0; i < limit; i++)
        found[i] = memory + (size_t)i * USE_ROW_BYTES;
    use_ok(hf__sqlite_driver.scan(txn, scan, found, &count));
    const uint32_t total = sorted(rows, scan->index, order);
    uint32_t n = 0;
    for (uint32_t i = 0; i < total && n < limit; i++) {
        const void *row = order[scan->descending ? total - 1 - i : i];
        if (!inside(rows->table, scan, row))
            continue;
        ck_assert_msg(n < count, "%s, index %u: a row is missing", rows->table->name, scan->index);
        ck_assert_msg(use_same_row(rows->table, row, found[n]), "%s, index %u: another row",
                      rows->table->name, scan->index);
        n++;
    }
    ck_assert_msg(n == count, "%s, index %u: more rows than there are", rows->table->name,
                  scan->index);
}

static void check_random_scan(hf_test_random *random, void *txn, uint32_t table,
                              const use_rows *rows)
{
    uint8_t low[USE_ROW_BYTES];
    uint8_t high[USE_ROW_BYTES];
    uint8_t key[HF__SQLITE_KEY_COLUMNS];
    const uint32_t index = hf_test_below(random, rows->table->index_count + 1);
    const uint32_t columns = hf__sqlite_key(rows->table, index, key);
    use_random_row(random, rows->table, low);
    use_random_row(random, rows->table, high);
    if (hf_test_below(random, 2) == 0 && rows->count > 0)
        memcpy(low, use_row(rows, hf_test_below(random, rows->count)), rows->table->row_bytes);
    if (hf_test_below(random, 2) == 0)
        memcpy(high, low, rows->table->row_bytes);
    const hf_scan scan = {
        .table = table,
        .index = index,
        .low = low,
        .high = high,
        .low_columns = hf_test_below(random, 3) == 0 ? 0 : hf_test_below(random, columns + 1),
        .high_columns = hf_test_below(random, 3) == 0 ? 0 : hf_test_below(random, columns + 1),
        .low_exclusive = hf_test_below(random, 2),
        .high_exclusive = hf_test_below(random, 2),
        .descending = hf_test_below(random, 2),
    };
    const uint32_t limit = hf_test_below(random, 3) == 0 ? 300 : 1 + hf_test_below(random, 20);
    check_scan(txn, rows, &scan, limit);
}

START_TEST(random_ranges_give_what_a_plain_sort_gives)
{
    hf_test_random random = hf_test_seed();
    use_rows all[HF__TABLE_COUNT];
    use_fill("scan.db", &random, 200, all);
    void *store = use_open("scan.db");
    void *txn = use_begin(store, HF_TXN_SNAPSHOT);
    for (uint32_t i = 0; i < 10000; i++) {
        const uint32_t table = hf_test_below(&random, HF__TABLE_COUNT);
        check_random_scan(&random, txn, table, &all[table]);
    }
    hf__sqlite_driver.rollback(txn);
    hf__sqlite_driver.close(store);
    use_free_all(all);
}
END_TEST

/* ---- Plans --------------------------------------------------------------------------------------
 */

/* What SQLite says of how it runs a statement, a line for each step. */
static void explain(sqlite3 *db, const char *sql, char *plan, size_t bytes)
{
    size_t used = 0;
    sqlite3_stmt *statement = NULL;
    plan[0] = '\0';
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        ck_abort_msg("%s: %s", sql, sqlite3_errmsg(db));
    while (sqlite3_step(statement) == SQLITE_ROW)
        used += (size_t)snprintf(plan + used, bytes - used, "%s\n",
                                 (const char *)sqlite3_column_text(statement, 3));
    (void)sqlite3_finalize(statement);
}

static void check_plan(sqlite3 *db, const hf_table *table, const hf__sqlite_shape *shape)
{
    static char sql[HF__SQLITE_SQL_MAX];
    char plan[1024];
    hf__sqlite_text text;
    hf__sqlite_text_init(&text, sql, sizeof sql);
    hf__sqlite_add(&text, "EXPLAIN QUERY PLAN ");
    hf__sqlite_sql_scan(table, shape, &text);
    explain(db, sql, plan, sizeof plan);
    const bool seeks = shape->equal > 0 || shape->ranged;
    const char *index = shape->index > 0 ? table->indexes[shape->index - 1].name : "PRIMARY KEY";
    ck_assert_msg(strstr(plan, "TEMP B-TREE") == NULL, "%s\n%s", sql, plan);
    if (seeks)
        ck_assert_msg(strncmp(plan, "SEARCH", 6) == 0, "%s\n%s", sql, plan);
    if (seeks || shape->index > 0)
        ck_assert_msg(strstr(plan, index) != NULL, "%s\n%s", sql, plan);
    uint32_t used_columns = 0; /* every given column narrows the search, IS NOT NULL does too */
    for (const char *c = plan; (c = strpbrk(c, "?")) != NULL; c++)
        used_columns++;
    ck_assert_msg(used_columns >= shape->equal + shape->ranged, "%s\n%s", sql, plan);
}

/* The list of keys comes first, as it is, and each of its keys is one seek; NULL: of get. */
static void check_many(sqlite3 *db, const hf_table *table, const hf__sqlite_shape *shape)
{
    static char sql[HF__SQLITE_SQL_MAX];
    char plan[4096];
    hf__sqlite_text text;
    hf__sqlite_text_init(&text, sql, sizeof sql);
    hf__sqlite_add(&text, "EXPLAIN QUERY PLAN ");
    if (shape == NULL)
        hf__sqlite_sql_get_many(table, &text);
    else
        hf__sqlite_sql_scan(table, shape, &text);
    ck_assert(!text.failed);
    explain(db, sql, plan, sizeof plan);
    const uint32_t index = shape == NULL ? 0 : shape->index;
    const char *name = index > 0 ? table->indexes[index - 1].name : "PRIMARY KEY";
    const char *seek = strstr(plan, "SEARCH");
    ck_assert_msg(strncmp(plan, "CO-ROUTINE", 10) == 0, "%s\n%s", sql, plan);
    ck_assert_msg(strstr(plan, "TEMP B-TREE") == NULL, "%s\n%s", sql, plan);
    ck_assert_msg(strstr(plan, "MATERIALIZE") == NULL, "%s\n%s", sql, plan);
    ck_assert_msg(seek != NULL && strstr(seek, table->name) != NULL, "%s\n%s", sql, plan);
    ck_assert_msg(strstr(seek, name) != NULL, "%s\n%s", sql, plan);
}

START_TEST(every_piece_of_every_scan_is_one_seek_in_its_index)
{
    void *opened = use_open("plan.db");
    const hf__sqlite_store *store = opened;
    uint32_t plans = 0;
    for (uint32_t t = 0; t < HF__TABLE_COUNT; t++) {
        const hf_table *table = store->schema->tables[t];
        check_many(store->writer.db, table, NULL);
        for (uint32_t index = 0; index <= table->index_count; index++) {
            uint8_t key[HF__SQLITE_KEY_COLUMNS];
            const uint32_t columns = hf__sqlite_key(table, index, key);
            for (uint32_t n = 0; n < 4 * columns; n++) {
                const hf__sqlite_shape shape = {index, n / 4, n / 2 % 2, n % 2, 0};
                check_plan(store->writer.db, table, &shape);
                plans++;
            }
            for (uint32_t n = 1; n <= columns; n++) {
                check_many(store->writer.db, table,
                           &(hf__sqlite_shape){.index = index, .equal = n, .many = 1});
                plans++;
            }
        }
    }
    ck_assert_uint_gt(plans, 200);
    hf__sqlite_driver.close(opened);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sqlite_scan");
    TCase *core = tcase_create("core");
    tcase_add_test(core, random_ranges_give_what_a_plain_sort_gives);
    tcase_add_test(core, every_piece_of_every_scan_is_one_seek_in_its_index);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
