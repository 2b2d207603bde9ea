/*
 * Transactions: own writes are seen, rollback leaves nothing, snapshots stand still (on another
 * thread too), marks and counts belong to the commit.
 */
#include "store/conformance.h"

#include <pthread.h>
#include <stdatomic.h>

static hf_cursor cursor(uint32_t number, uint64_t seq)
{
    hf_cursor row = {.seq = seq};
    (void)snprintf(row.consumer.text, sizeof row.consumer.text, "consumer-%03u", number);
    return row;
}

static uint64_t seq_of(hf_test_store *store, void *txn, uint32_t number)
{
    hf_cursor row = cursor(number, 0);
    return hf_test_get(store, txn, hf_test_table("cursors"), &row) ? row.seq : 0;
}

static void set(hf_test_store *store, void *txn, uint32_t number, uint64_t seq, uint64_t before)
{
    hf_cursor row = cursor(number, seq), old = cursor(number, before);
    if (seq == 0)
        hf_test_del(store, txn, hf_test_table("cursors"), &old);
    else
        hf_test_put(store, txn, hf_test_table("cursors"), &row, before == 0 ? NULL : &old);
}

START_TEST(a_write_sees_its_own_writes)
{
    hf_test_store store;
    hf_test_store_open(&store, _i);
    hf_scan all = {.table = hf_test_table("cursors")};
    void *txn = hf_test_begin(&store, HF_TXN_WRITE);
    set(&store, txn, 1, 10, 0);
    set(&store, txn, 2, 20, 0);
    ck_assert_uint_eq(seq_of(&store, txn, 1), 10);
    ck_assert_uint_eq(hf_test_count(&store, txn, &all), 2);
    ck_assert_uint_eq(hf_test_stat(&store, txn, all.table, NULL).rows, 2);
    set(&store, txn, 1, 11, 10);
    set(&store, txn, 2, 0, 20);
    ck_assert_uint_eq(seq_of(&store, txn, 1), 11);
    ck_assert_uint_eq(seq_of(&store, txn, 2), 0);
    ck_assert_uint_eq(hf_test_count(&store, txn, &all), 1);
    set(&store, txn, 2, 21, 0);
    ck_assert_uint_eq(seq_of(&store, txn, 2), 21);
    hf_test_commit(&store, txn, 1);
    txn = hf_test_begin(&store, HF_TXN_SNAPSHOT);
    ck_assert_uint_eq(seq_of(&store, txn, 1), 11);
    ck_assert_uint_eq(seq_of(&store, txn, 2), 21);
    store.driver->rollback(txn);
    hf_test_store_close(&store);
}
END_TEST

START_TEST(a_rollback_leaves_nothing)
{
    hf_test_store store;
    hf_test_store_open(&store, _i);
    hf_test_fill(&store, 10, 1);
    hf_table_stat before[64] = {{0}};
    void *txn = hf_test_begin(&store, HF_TXN_SNAPSHOT);
    for (uint32_t table = 0; table < hf_test_table_count(); table++)
        before[table] = hf_test_stat(&store, txn, table, NULL);
    store.driver->rollback(txn);
    for (int round = 0; round < 3; round++) {
        txn = hf_test_begin(&store, HF_TXN_WRITE);
        for (uint32_t table = 0; table < hf_test_table_count(); table++) {
            hf_scan all = {.table = table};
            hf_test_any rows[64], row;
            uint32_t count = hf_test_scan(&store, txn, &all, rows, 64);
            for (uint32_t i = 0; i < count; i += 2)
                hf_test_del(&store, txn, table, rows[i].bytes);
            hf_test_row(&store.random, hf_test_table_at(table), row.bytes, &store.memory);
            hf_test_any old = row;
            bool there = hf_test_get(&store, txn, table, old.bytes);
            hf_test_put(&store, txn, table, row.bytes, there ? old.bytes : NULL);
        }
        store.driver->rollback(txn);
    }
    txn = hf_test_begin(&store, HF_TXN_SNAPSHOT);
    hf_store_mark mark = {0};
    for (uint32_t table = 0; table < hf_test_table_count(); table++) {
        hf_table_stat after = hf_test_stat(&store, txn, table, &mark);
        hf_scan all = {.table = table};
        ck_assert_uint_eq(after.rows, before[table].rows);
        ck_assert_uint_eq(after.checksum, before[table].checksum);
        ck_assert_uint_eq(hf_test_count(&store, txn, &all), after.rows);
    }
    ck_assert_uint_eq(mark.batch, 1);
    hf_test_good(&store, store.driver->check(txn, NULL, NULL));
    store.driver->rollback(txn);
    hf_test_store_close(&store);
}
END_TEST

START_TEST(a_snapshot_stands_still)
{
    hf_test_store store;
    hf_test_store_open(&store, _i);
    hf_scan all = {.table = hf_test_table("cursors")};
    void *views[4];
    for (uint64_t batch = 1; batch <= 4; batch++) {
        void *txn = hf_test_begin(&store, HF_TXN_WRITE);
        set(&store, txn, 1, batch, batch - 1);
        set(&store, txn, 100 + (uint32_t)batch, 5, 0);
        if (batch > 1)
            set(&store, txn, 99 + (uint32_t)batch, 0, 5);
        /* Begun while a write is open: sees the commit before. */
        void *view = hf_test_begin(&store, HF_TXN_SNAPSHOT);
        ck_assert_uint_eq(seq_of(&store, view, 1), batch - 1);
        store.driver->rollback(view);
        hf_test_commit(&store, txn, batch);
        views[batch - 1] = hf_test_begin(&store, HF_TXN_SNAPSHOT);
    }
    static const uint32_t order[4] = {1, 3, 0, 2}; /* ended in another order than begun */
    for (uint32_t i = 0; i < 4; i++) {
        for (uint32_t n = i; n < 4; n++) {
            void *view = views[order[n]];
            uint64_t batch = order[n] + 1;
            hf_store_mark mark = {0};
            ck_assert_uint_eq(seq_of(&store, view, 1), batch);
            ck_assert_uint_eq(seq_of(&store, view, 100 + order[n] + 1), 5);
            ck_assert_uint_eq(hf_test_count(&store, view, &all), 2);
            ck_assert_uint_eq(hf_test_stat(&store, view, all.table, &mark).rows, 2);
            ck_assert_uint_eq(mark.batch, batch);
            ck_assert_int_eq(mark.time_ms, 1717000000000 + (int64_t)batch);
        }
        store.driver->rollback(views[order[i]]);
    }
    hf_test_store_close(&store);
}
END_TEST

/* The writer adds to one account what it takes from another: every snapshot sums to 0. */
typedef struct reading {
    hf_test_store *store;
    atomic_bool stop;
    uint64_t snapshots;
    const char *broken;
} reading;

static const char *read_once(reading *by, void *txn, uint64_t *last)
{
    const hf_store_driver *driver = by->store->driver;
    hf_test_any rows[16];
    void *places[16];
    uint32_t table = hf_test_table("account_bases");
    hf_table_stat tables[64] = {{0}};
    hf_store_stat stat = {.tables = tables, .table_count = hf_test_table_count()};
    for (uint32_t i = 0; i < 16; i++)
        places[i] = rows[i].bytes;
    for (uint32_t round = 0; round < 3; round++) {
        hf_scan all = {.table = table, .descending = round % 2};
        uint32_t count = 16;
        if (driver->scan(txn, &all, places, &count) != 0 || driver->stat(txn, &stat) != 0)
            return "a call failed";
        int64_t sum = 0;
        const hf_column *balance = &hf_test_table_at(table)->columns[4];
        for (uint32_t i = 0; i < count; i++) {
            int64_t value;
            memcpy(&value, rows[i].bytes + balance->offset, sizeof value);
            sum += value;
        }
        if (sum != 0 || count != 8 || tables[table].rows != 8)
            return "a snapshot saw half a commit";
        if (stat.mark.batch < *last)
            return "a snapshot went back";
        if (round > 0 && stat.mark.batch != *last)
            return "a snapshot moved";
        *last = stat.mark.batch;
    }
    return NULL;
}

static void *read_on(void *data)
{
    reading *by = data;
    hf_store_error error;
    hf_store_caller caller = {.error = &error};
    uint64_t last = 0;
    while (!atomic_load(&by->stop) || by->snapshots < 10) {
        void *txn;
        if (by->store->driver->begin(by->store->opened, HF_TXN_SNAPSHOT, &caller, &txn) != 0) {
            by->broken = "begin failed";
            break;
        }
        by->broken = read_once(by, txn, &last);
        by->store->driver->rollback(txn);
        by->snapshots++;
        if (by->broken != NULL)
            break;
    }
    return NULL;
}

static void set_balance(hf_test_any *row, uint32_t number, int64_t balance)
{
    const hf_table *table = hf_test_table_at(hf_test_table("account_bases"));
    memset(row, 0, sizeof *row);
    row->bytes[table->columns[1].offset] = (uint8_t)('a' + number);
    memcpy(row->bytes + table->columns[4].offset, &balance, sizeof balance);
}

START_TEST(snapshots_on_other_threads_see_whole_commits)
{
    enum { READERS = 2, ROUNDS = 150, ROWS = 8 };
    hf_test_store store;
    hf_test_store_open(&store, _i);
    uint32_t table = hf_test_table("account_bases");
    int64_t balance[ROWS] = {0};
    hf_test_any row, old;
    void *txn = hf_test_begin(&store, HF_TXN_WRITE);
    for (uint32_t i = 0; i < ROWS; i++) {
        set_balance(&row, i, 0);
        hf_test_put(&store, txn, table, row.bytes, NULL);
    }
    hf_test_commit(&store, txn, 1);
    reading readers[READERS];
    pthread_t threads[READERS];
    for (uint32_t i = 0; i < READERS; i++) {
        readers[i] = (reading){.store = &store};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, read_on, &readers[i]), 0);
    }
    for (uint64_t batch = 2; batch < ROUNDS; batch++) {
        txn = hf_test_begin(&store, HF_TXN_WRITE);
        for (uint32_t i = 0; i < ROWS; i++) {
            int64_t change = hf_test_below(&store.random, 100);
            set_balance(&old, i, balance[i]);
            balance[i] += i % 2 == 0 ? change : 0;
            if (i % 2 == 1) /* what the one before it has gained in all */
                balance[i] = -balance[i - 1];
            set_balance(&row, i, balance[i]);
            hf_test_put(&store, txn, table, row.bytes, old.bytes);
        }
        if (batch % 5 == 0) {
            store.driver->rollback(txn);
            batch++;
            for (uint32_t i = 0; i < ROWS; i++) { /* as the store still has it */
                txn = hf_test_begin(&store, HF_TXN_SNAPSHOT);
                set_balance(&row, i, 0);
                ck_assert(hf_test_get(&store, txn, table, row.bytes));
                memcpy(&balance[i], row.bytes + hf_test_table_at(table)->columns[4].offset, 8);
                store.driver->rollback(txn);
            }
        } else {
            hf_test_commit(&store, txn, batch);
        }
    }
    for (uint32_t i = 0; i < READERS; i++)
        atomic_store(&readers[i].stop, true);
    for (uint32_t i = 0; i < READERS; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        ck_assert_msg(readers[i].broken == NULL, "%s", readers[i].broken);
    }
    hf_test_store_close(&store);
}
END_TEST

START_TEST(a_mark_belongs_to_its_commit)
{
    hf_test_store store;
    hf_test_store_open(&store, _i);
    hf_store_mark mark = {0};
    void *txn = hf_test_begin(&store, HF_TXN_WRITE);
    hf_test_commit(&store, txn, 41); /* nothing but the mark */
    txn = hf_test_begin(&store, HF_TXN_WRITE);
    (void)hf_test_stat(&store, txn, 0, &mark);
    ck_assert_uint_eq(mark.batch, 41);
    store.driver->rollback(txn);
    txn = hf_test_begin(&store, HF_TXN_WRITE);
    mark = (hf_store_mark){.batch = INT64_MAX, .time_ms = INT64_MAX};
    hf_test_good(&store, store.driver->commit(txn, &mark));
    txn = hf_test_begin(&store, HF_TXN_SNAPSHOT);
    (void)hf_test_stat(&store, txn, 0, &mark);
    ck_assert_uint_eq(mark.batch, INT64_MAX);
    ck_assert_int_eq(mark.time_ms, INT64_MAX);
    store.driver->rollback(txn);
    hf_test_store_close(&store);
}
END_TEST

void hf_test_add_txns(TCase *tcase, int count)
{
    tcase_add_loop_test(tcase, a_write_sees_its_own_writes, 0, count);
    tcase_add_loop_test(tcase, a_rollback_leaves_nothing, 0, count);
    tcase_add_loop_test(tcase, a_snapshot_stands_still, 0, count);
    tcase_add_loop_test(tcase, snapshots_on_other_threads_see_whole_commits, 0, count);
    tcase_add_loop_test(tcase, a_mark_belongs_to_its_commit, 0, count);
}
