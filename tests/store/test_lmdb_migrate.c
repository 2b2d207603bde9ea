/*
 * Stores of an older schema: tables, indexes and columns that are new, indexes that are gone, and
 * migrations that end before their time.
 */
#include "lmdb_items.h"

#include <lmdb.h>

#define PATH "store.mdb"

static int stop(void *data, uint64_t done, uint64_t total)
{
    (void)data;
    (void)total;
    return done > 0;
}

START_TEST(an_older_store_gets_the_new_index_and_table)
{
    items_make(PATH, 3000);
    void *store;
    hf_table_stat tables[2];
    good(items_open(PATH, &schema_2, &store));
    void *txn = begin(store, HF_TXN_SNAPSHOT);
    hf_store_stat stat = item_stat(txn, tables);
    ck_assert_uint_eq(stat.schema, 2);
    ck_assert_uint_eq(stat.mark.batch, 1);
    ck_assert_uint_eq(tables[0].rows, 3000);
    ck_assert_uint_eq(tables[1].rows, 0);
    ck_assert_int_eq(items_count(txn, ITEMS_DUE), 2250);
    good(lmdb->check(txn, NULL, NULL));
    lmdb->rollback(txn);
    lmdb->close(store);
    refused(items_open(PATH, &schema_1, &store), HF_E_SCHEMA, "");
}
END_TEST

/* Version 3 of the items: two columns more, which the flags of a row then need another byte for. */
typedef struct item_3 {
    item first;
    hf_id owner;
    hf_name label;
} item_3;

static hf_column columns_3[8];
static const hf_table items_3 = {.name = "items",
                                 .id = 1,
                                 .row_bytes = sizeof(item_3),
                                 .columns = columns_3,
                                 .key = item_key,
                                 .indexes = item_indexes,
                                 .column_count = 8,
                                 .key_count = 1,
                                 .index_count = 3};
static const hf_table *const tables_3[] = {&items_3, &notes_2};
static const hf_schema schema_3 = {.version = 3, .table_count = 2, .tables = tables_3};

static void columns_3_init(void)
{
    memcpy(columns_3, item_columns, sizeof item_columns);
    columns_3[6] = (hf_column){
        .name = "owner", .type = HF_COLUMN_ID, .offset = offsetof(item_3, owner), .since = 3};
    columns_3[7] = (hf_column){
        .name = "label", .type = HF_COLUMN_NAME, .offset = offsetof(item_3, label), .since = 3};
}

static void check_item_3(void *txn, uint64_t id, const char *label)
{
    static uint8_t body[9000];
    static const hf_id nobody;
    const item wanted = item_make(id, 1, body);
    item_3 row = {.first = {.id = id}};
    memset(&row.owner, 0xa5, sizeof row.owner); /* what stood there before does not stay */
    void *rows[] = {&row};
    uint8_t found;
    good(lmdb->get(txn, 0, rows, &found, 1));
    ck_assert(found && item_is(&row.first, &wanted));
    ck_assert_mem_eq(&row.owner, &nobody, sizeof nobody);
    ck_assert_str_eq(row.label.text, label);
}

START_TEST(rows_of_an_older_store_get_the_new_columns)
{
    columns_3_init();
    items_make(PATH, 3000);
    void *store;
    hf_table_stat tables[2];
    good(items_open(PATH, &schema_3, &store));
    void *txn = begin(store, HF_TXN_WRITE);
    ck_assert_uint_eq(item_stat(txn, tables).schema, 3);
    ck_assert_uint_eq(tables[0].rows, 3000);
    good(lmdb->check(txn, NULL, NULL));
    for (uint64_t id = 1; id <= 3000; id++)
        check_item_3(txn, id, "");
    static uint8_t body[9000];
    item_3 old = {.first = item_make(7, 1, body)};
    item_3 row = old;
    memcpy(row.label.text, "seven", 5);
    const void *rows[] = {&row};
    const void *olds[] = {&old};
    good(lmdb->put(txn, 0, rows, olds, 1));
    good(item_commit(txn, 2));
    lmdb->close(store);
    good(items_open(PATH, &schema_3, &store));
    txn = begin(store, HF_TXN_SNAPSHOT);
    good(lmdb->check(txn, NULL, NULL));
    check_item_3(txn, 7, "seven");
    check_item_3(txn, 8, "");
    lmdb->rollback(txn);
    lmdb->close(store);
    refused(items_open(PATH, &schema_2, &store), HF_E_SCHEMA, "");
}
END_TEST

START_TEST(rows_that_were_not_all_written_anew_are_as_they_were)
{
    columns_3_init();
    items_make(PATH, 3000);
    void *store;
    hf_store_config config = item_config(PATH, &schema_3);
    config.progress = stop;
    refused(lmdb->open(&config, &store), HF_E_CANCELLED, "items");
    good(items_open(PATH, &schema_1, &store));
    void *txn = begin(store, HF_TXN_SNAPSHOT);
    good(lmdb->check(txn, NULL, NULL));
    lmdb->rollback(txn);
    lmdb->close(store);
}
END_TEST

START_TEST(a_backup_of_an_older_store_is_restored_and_gets_the_new_columns)
{
    columns_3_init();
    items_make(PATH, 300);
    void *store;
    hf_store_config config = item_config("copy.mdb", &schema_3);
    good(lmdb->restore(PATH, &config));
    good(items_open("copy.mdb", &schema_3, &store));
    void *txn = begin(store, HF_TXN_SNAPSHOT);
    good(lmdb->check(txn, NULL, NULL));
    for (uint64_t id = 1; id <= 300; id++)
        check_item_3(txn, id, "");
    lmdb->rollback(txn);
    lmdb->close(store);
}
END_TEST

/* Version 4 of the items: by state all of them, no longer the open ones. */
static const hf_index indexes_4[] = {
    {.name = "items_name", .columns = by_name, .column_count = 1, .where_column = -1},
    {.name = "items_state", .columns = by_state, .column_count = 1, .where_column = -1},
};
static const hf_table items_4 = {.name = "items",
                                 .id = 1,
                                 .row_bytes = sizeof(item),
                                 .columns = item_columns,
                                 .key = item_key,
                                 .indexes = indexes_4,
                                 .column_count = 6,
                                 .key_count = 1,
                                 .index_count = 2};
static const hf_table *const tables_4[] = {&items_4, &notes_2};
static const hf_schema schema_4 = {.version = 4, .table_count = 2, .tables = tables_4};

/* The trees in a file, each name followed by a blank; through LMDB itself, as no store opens it. */
static void tree_names(const char *path, char *out)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi names;
    MDB_cursor *cursor;
    MDB_val key;
    MDB_val value;
    ck_assert_int_eq(mdb_env_create(&env), 0);
    ck_assert_int_eq(mdb_env_open(env, path, MDB_NOSUBDIR | MDB_RDONLY, 0600), 0);
    ck_assert_int_eq(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), 0);
    ck_assert_int_eq(mdb_dbi_open(txn, NULL, 0, &names), 0);
    ck_assert_int_eq(mdb_cursor_open(txn, names, &cursor), 0);
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
        memcpy(out, key.mv_data, key.mv_size);
        out += key.mv_size;
        *out++ = ' ';
    }
    *out = '\0';
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    mdb_env_close(env);
}

static void add_tree(const char *path, const char *name, const char *value_text)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi tree;
    MDB_val key = {.mv_size = 3, .mv_data = (char[]){"key"}};
    MDB_val value = {.mv_size = strlen(value_text), .mv_data = (char[]){"value"}};
    ck_assert_int_eq(mdb_env_create(&env), 0);
    ck_assert_int_eq(mdb_env_set_maxdbs(env, 1), 0);
    ck_assert_int_eq(mdb_env_open(env, path, MDB_NOSUBDIR, 0600), 0);
    ck_assert_int_eq(mdb_txn_begin(env, NULL, 0, &txn), 0);
    ck_assert_int_eq(mdb_dbi_open(txn, name, MDB_CREATE, &tree), 0);
    ck_assert_int_eq(mdb_put(txn, tree, &key, &value, 0), 0);
    ck_assert_int_eq(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
}

START_TEST(an_index_that_is_no_longer_declared_is_removed_by_the_migration)
{
    char names[200];
    void *store;
    items_make(PATH, 3000);
    add_tree(PATH, "a_second_one", "");
    good(items_open(PATH, &schema_4, &store));
    void *txn = begin(store, HF_TXN_SNAPSHOT);
    ck_assert_int_eq(items_count(txn, 2), 3000);
    good(lmdb->check(txn, NULL, NULL));
    lmdb->rollback(txn);
    lmdb->close(store);
    tree_names(PATH, names);
    ck_assert_str_eq(names, "items items_name items_state meta notes ");
    good(items_open(PATH, &schema_4, &store)); /* the pages that it had are free, and sound */
    txn = begin(store, HF_TXN_WRITE);
    for (uint64_t id = 3001; id <= 4000; id++)
        good(item_put(txn, id, 1, 0));
    good(item_commit(txn, 2));
    lmdb->close(store);
    good(items_open(PATH, &schema_4, &store));
    lmdb->close(store);
}
END_TEST

START_TEST(a_tree_of_rows_that_is_not_declared_is_refused_and_kept)
{
    char names[200];
    void *store;
    items_make(PATH, 30);
    add_tree(PATH, "customers", "value");
    refused(items_open(PATH, &schema_4, &store), HF_E_CORRUPT, "customers");
    tree_names(PATH, names);
    ck_assert_str_eq(names, "customers items items_name items_open meta ");
    good(items_open(PATH, &schema_1, &store));
    lmdb->close(store);
}
END_TEST

START_TEST(a_cancelled_migration_leaves_the_older_store)
{
    items_make(PATH, 3000);
    void *store;
    hf_store_config config = item_config(PATH, &schema_2);
    config.progress = stop;
    refused(lmdb->open(&config, &store), HF_E_CANCELLED, "items_due");
    good(items_open(PATH, &schema_1, &store));
    void *txn = begin(store, HF_TXN_SNAPSHOT);
    ck_assert_uint_eq(item_stat(txn, NULL).schema, 1);
    good(lmdb->check(txn, NULL, NULL));
    lmdb->rollback(txn);
    lmdb->close(store);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lmdb_migrate");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, own_folder, NULL);
    tcase_add_test(core, an_older_store_gets_the_new_index_and_table);
    tcase_add_test(core, rows_of_an_older_store_get_the_new_columns);
    tcase_add_test(core, rows_that_were_not_all_written_anew_are_as_they_were);
    tcase_add_test(core, a_backup_of_an_older_store_is_restored_and_gets_the_new_columns);
    tcase_add_test(core, an_index_that_is_no_longer_declared_is_removed_by_the_migration);
    tcase_add_test(core, a_tree_of_rows_that_is_not_declared_is_refused_and_kept);
    tcase_add_test(core, a_cancelled_migration_leaves_the_older_store);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
