/*
 * Rows: nothing, one, replaced, removed; every column of every table at its extremes; counts.
 */
#include "store/conformance.h"

START_TEST(an_empty_store_has_nothing)
{
    hf_test_store store;
    hf_test_store_open(&store, _i);
    void *txn = hf_test_begin(&store, HF_TXN_SNAPSHOT);
    hf_store_mark mark = {0};
    for (uint32_t table = 0; table < hf_test_table_count(); table++) {
        hf_test_any row = {{0}};
        ck_assert(!hf_test_get(&store, txn, table, row.bytes));
        hf_table_stat stat = hf_test_stat(&store, txn, table, &mark);
        ck_assert_uint_eq(stat.rows, 0);
        ck_assert_uint_eq(stat.checksum, 0);
        for (uint32_t index = 0; index <= hf_test_table_at(table)->index_count; index++) {
            hf_scan scan = {.table = table, .index = index};
            ck_assert_uint_eq(hf_test_count(&store, txn, &scan), 0);
            scan.descending = 1;
            ck_assert_uint_eq(hf_test_count(&store, txn, &scan), 0);
        }
    }
    ck_assert_uint_eq(mark.batch, 0);
    ck_assert_int_eq(mark.time_ms, 0);
    hf_test_good(&store, store.driver->check(txn, NULL, NULL));
    store.driver->rollback(txn);
    hf_test_store_close(&store);
}
END_TEST

/* Sets a column to its smallest or largest value. */
static void set_extreme(const hf_column *column, uint8_t *row, bool high, hf_test_memory *memory)
{
    static const int64_t wide[2] = {INT64_MIN, INT64_MAX};
    uint8_t *field = row + column->offset;
    int64_t value = column->type == HF_COLUMN_I64 || high ? wide[high] : 0;
    uint32_t narrow = high ? UINT32_MAX : 0;
    if (high && column->type == HF_COLUMN_BOOL)
        narrow = 1;
    if (column->name_count > 0)
        narrow = hf_test_named(column, high ? column->name_count - 1 : 0, high);
    hf_test_bytes body = {0};
    switch ((hf_column_type)column->type) {
    case HF_COLUMN_I64:
    case HF_COLUMN_U64:
    case HF_COLUMN_TIME:
        memcpy(field, &value, sizeof value);
        break;
    case HF_COLUMN_U32:
    case HF_COLUMN_BOOL:
    case HF_COLUMN_ENUM:
        memcpy(field, &narrow, sizeof narrow);
        break;
    case HF_COLUMN_ID:
    case HF_COLUMN_HASH:
        memset(field, high ? 0xff : 0, 16);
        break;
    case HF_COLUMN_NAME:
        memset(field, 0, sizeof(hf_name));
        memset(field, 'z', high ? HF_NAME_MAX : 0);
        break;
    case HF_COLUMN_BYTES:
        if (high) {
            void *data = hf_test_alloc(memory, HF_TEST_BYTES_MAX);
            memset(data, 0, HF_TEST_BYTES_MAX);
            body = (hf_test_bytes){data, HF_TEST_BYTES_MAX};
        }
        memcpy(field, &body, sizeof body);
        break;
    }
}

START_TEST(every_column_keeps_its_extremes)
{
    hf_test_store store;
    hf_test_store_open(&store, _i);
    uint64_t batch = 0;
    for (uint32_t table = 0; table < hf_test_table_count(); table++) {
        const hf_table *of = hf_test_table_at(table);
        for (uint32_t column = 0; column <= of->column_count; column++) {
            for (int high = 0; high < 2; high++) {
                hf_test_any row = {{0}}, back;
                for (uint32_t i = 0; i < of->column_count; i++) /* one alone, at last all */
                    set_extreme(&of->columns[i], row.bytes,
                                high != 0 && (i == column || column == of->column_count),
                                &store.memory);
                void *txn = hf_test_begin(&store, HF_TXN_WRITE);
                hf_test_put(&store, txn, table, row.bytes, NULL);
                hf_test_commit(&store, txn, ++batch);
                txn = hf_test_begin(&store, HF_TXN_WRITE);
                back = row;
                ck_assert(hf_test_get(&store, txn, table, back.bytes));
                ck_assert_msg(hf_test_same_row(of, row.bytes, back.bytes), "%s: column %u",
                              of->name, column);
                hf_test_del(&store, txn, table, row.bytes);
                ck_assert(!hf_test_get(&store, txn, table, back.bytes));
                hf_test_commit(&store, txn, ++batch);
            }
        }
    }
    hf_test_store_close(&store);
}
END_TEST

START_TEST(a_row_replaces_the_one_before)
{
    hf_test_store store;
    hf_test_store_open(&store, _i);
    uint32_t table = hf_test_table("accounts");
    hf_account before = {.key = {.name = {"shirt"}, .unit = {"pcs"}, .kind = HF_KIND_ITEM}};
    before.balance = 5;
    before.meta = "abc";
    before.meta_bytes = 3;
    hf_account after = before;
    after.balance = 6;
    after.meta = NULL;
    after.meta_bytes = 0;
    void *txn = hf_test_begin(&store, HF_TXN_WRITE);
    hf_test_put(&store, txn, table, &before, NULL);
    hf_test_commit(&store, txn, 1);
    txn = hf_test_begin(&store, HF_TXN_WRITE);
    hf_test_put(&store, txn, table, &after, &before);
    hf_test_commit(&store, txn, 2);
    txn = hf_test_begin(&store, HF_TXN_SNAPSHOT);
    hf_account row = {.key = before.key, .meta_bytes = 9};
    ck_assert(hf_test_get(&store, txn, table, &row));
    ck_assert(hf_test_same_row(hf_test_table_at(table), &row, &after));
    ck_assert_uint_eq(hf_test_stat(&store, txn, table, NULL).rows, 1);
    store.driver->rollback(txn);
    hf_test_store_close(&store);
}
END_TEST

START_TEST(a_vector_is_written_read_and_removed_at_once)
{
    enum { ROWS = 300 };
    hf_test_store store;
    hf_test_store_open(&store, _i);
    uint32_t table = hf_test_table("events");
    static hf_event events[ROWS], back[ROWS + 1];
    const void *rows[ROWS], *olds[ROWS];
    void *places[ROWS + 1];
    uint8_t found[ROWS + 1];
    for (uint32_t i = 0; i < ROWS; i++) {
        events[i] =
            (hf_event){.seq = ((uint64_t)i + 1) * 7, .subject_version = i, .body = "0123456789"};
        events[i].type = HF_OP_ORDER_PLACE;
        events[i].body_bytes = i % 11;
        rows[i] = &events[i];
        olds[i] = NULL;
    }
    void *txn = hf_test_begin(&store, HF_TXN_WRITE);
    hf_test_good(&store, store.driver->put(txn, table, rows, olds, ROWS));
    hf_test_commit(&store, txn, 1);
    for (uint32_t i = 0; i <= ROWS; i++) {
        back[i] = (hf_event){.seq = ((uint64_t)i + 1) * 7};
        places[i] = &back[i];
    }
    txn = hf_test_begin(&store, HF_TXN_WRITE);
    hf_test_good(&store, store.driver->get(txn, table, places, found, ROWS + 1));
    for (uint32_t i = 0; i < ROWS; i++) {
        ck_assert_uint_eq(found[i], 1);
        ck_assert(hf_test_same_row(hf_test_table_at(table), &events[i], &back[i]));
    }
    ck_assert_uint_eq(found[ROWS], 0);
    hf_test_good(&store, store.driver->del(txn, table, rows, ROWS));
    hf_test_good(&store, store.driver->get(txn, table, places, found, ROWS));
    ck_assert_ptr_null(memchr(found, 1, ROWS));
    ck_assert_uint_eq(hf_test_stat(&store, txn, table, NULL).rows, 0);
    hf_test_commit(&store, txn, 2);
    hf_test_store_close(&store);
}
END_TEST

START_TEST(a_vector_of_none_does_nothing)
{
    hf_test_store store;
    hf_test_store_open(&store, _i);
    void *txn = hf_test_begin(&store, HF_TXN_WRITE);
    const void *none[1] = {NULL};
    void *place[1] = {NULL};
    uint8_t found[1];
    hf_test_good(&store, store.driver->put(txn, 0, none, none, 0));
    hf_test_good(&store, store.driver->del(txn, 0, none, 0));
    hf_test_good(&store, store.driver->get(txn, 0, place, found, 0));
    uint32_t count = 0;
    hf_scan scan = {.table = 0};
    hf_test_good(&store, store.driver->scan(txn, &scan, place, &count));
    ck_assert_uint_eq(count, 0);
    hf_test_commit(&store, txn, 1);
    hf_test_store_close(&store);
}
END_TEST

START_TEST(every_table_keeps_random_rows)
{
    hf_test_store store;
    hf_test_store_open(&store, _i);
    for (uint64_t batch = 1; batch <= 5; batch++)
        hf_test_fill(&store, 20, batch);
    void *txn = hf_test_begin(&store, HF_TXN_SNAPSHOT);
    for (uint32_t table = 0; table < hf_test_table_count(); table++) {
        hf_scan scan = {.table = table};
        ck_assert_uint_eq(hf_test_stat(&store, txn, table, NULL).rows,
                          hf_test_count(&store, txn, &scan));
    }
    hf_test_good(&store, store.driver->check(txn, NULL, NULL));
    store.driver->rollback(txn);
    hf_test_store_close(&store);
}
END_TEST

START_TEST(a_store_without_checksums_says_zero)
{
    hf_test_store store;
    if (hf_test_subject_at(_i)->checksums)
        return;
    hf_test_store_open(&store, _i);
    hf_test_fill(&store, 30, 1);
    void *txn = hf_test_begin(&store, HF_TXN_SNAPSHOT);
    hf_table_stat stat = hf_test_stat(&store, txn, hf_test_table("orders"), NULL);
    ck_assert_uint_gt(stat.rows, 0);
    ck_assert_uint_eq(stat.checksum, 0);
    hf_test_good(&store, store.driver->check(txn, NULL, NULL));
    store.driver->rollback(txn);
    hf_test_store_close(&store);
}
END_TEST

START_TEST(the_same_content_has_the_same_checksums_in_every_store)
{
    /* Two ways to the same rows, in this store and in the memory store. */
    if (!hf_test_subject_at(_i)->checksums)
        return;
    hf_test_store store, other;
    hf_test_store_open(&store, _i);
    hf_test_store_open(&other, 0);
    ck_assert(other.subject->checksums);
    hf_test_random seed = store.random;
    other.random = seed;
    hf_test_fill(&store, 10, 1);
    hf_test_fill(&store, 10, 2);
    hf_test_random end = store.random;
    hf_test_fill(&other, 20, 1);
    ck_assert(end.state != seed.state);
    hf_test_any *rows = malloc(2048 * sizeof *rows);
    ck_assert_ptr_nonnull(rows);
    void *from = hf_test_begin(&store, HF_TXN_SNAPSHOT);
    void *into = hf_test_begin(&other, HF_TXN_WRITE);
    for (uint32_t table = 0; table < hf_test_table_count(); table++) {
        hf_scan scan = {.table = table};
        uint32_t count = hf_test_scan(&other, into, &scan, rows, 2048);
        for (uint32_t i = 0; i < count; i++)
            hf_test_del(&other, into, table, rows[i].bytes);
        ck_assert_uint_eq(hf_test_stat(&other, into, table, NULL).checksum, 0);
        count = hf_test_scan(&store, from, &scan, rows, 2048);
        for (uint32_t i = count; i-- > 0;)
            hf_test_put(&other, into, table, rows[i].bytes, NULL);
        hf_table_stat a = hf_test_stat(&store, from, table, NULL);
        hf_table_stat b = hf_test_stat(&other, into, table, NULL);
        ck_assert_uint_eq(a.rows, b.rows);
        ck_assert_uint_eq(a.checksum, b.checksum);
        ck_assert_uint_ne(a.checksum, 0);
    }
    hf_test_commit(&other, into, 2);
    store.driver->rollback(from);
    free(rows);
    hf_test_store_close(&store);
    hf_test_store_close(&other);
}
END_TEST

void hf_test_add_rows(TCase *tcase, int count)
{
    tcase_add_loop_test(tcase, an_empty_store_has_nothing, 0, count);
    tcase_add_loop_test(tcase, every_column_keeps_its_extremes, 0, count);
    tcase_add_loop_test(tcase, a_row_replaces_the_one_before, 0, count);
    tcase_add_loop_test(tcase, a_vector_is_written_read_and_removed_at_once, 0, count);
    tcase_add_loop_test(tcase, a_vector_of_none_does_nothing, 0, count);
    tcase_add_loop_test(tcase, every_table_keeps_random_rows, 0, count);
    tcase_add_loop_test(tcase, a_store_without_checksums_says_zero, 0, count);
    tcase_add_loop_test(tcase, the_same_content_has_the_same_checksums_in_every_store, 0, count);
}
