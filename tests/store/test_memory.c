/*
 * What is the memory store's own: old versions go when nobody can see them, memory is used again,
 * running out of it leaves nothing behind, check finds damage, a scan continues when what was next
 * to it is gone.
 */
#include "store/builtin.h"
#include "store/conformance.h"
#include "store/memory/state.h"

/* An allocator that counts, and fails from one call on. */
typedef struct counting {
    uint64_t calls;
    uint64_t alive;
    uint64_t fail_at; /* 0: never */
} counting;

static void *count_alloc(void *context, size_t bytes)
{
    counting *of = context;
    of->calls++;
    void *memory = of->fail_at != 0 && of->calls == of->fail_at ? NULL : malloc(bytes);
    of->alive += memory != NULL;
    return memory;
}

static void count_free(void *context, void *memory)
{
    counting *of = context;
    of->alive -= memory != NULL;
    free(memory);
}

static const hf_test_subject subject = {.driver = &hf__memory_driver, .checksums = true};

static int try_open(hf_test_store *store, const hf_allocator *allocator)
{
    memset(store, 0, sizeof *store);
    store->subject = &subject;
    store->driver = subject.driver;
    store->caller = (hf_store_caller){hf_test_alloc, &store->memory, &store->error};
    hf_store_config config = hf_test_config(&store->error, "");
    config.allocator = allocator;
    return store->driver->open(&config, &store->opened);
}

static hf_event event(uint64_t seq, uint64_t body_bytes)
{
    static const char body[512];
    return (hf_event){.seq = seq, .type = 1, .body = body, .body_bytes = body_bytes};
}

static uint64_t bytes_of(hf_test_store *store)
{
    void *txn = hf_test_begin(store, HF_TXN_SNAPSHOT);
    hf_store_stat stat = {0};
    hf_test_good(store, store->driver->stat(txn, &stat));
    store->driver->rollback(txn);
    return stat.bytes;
}

/* Writes event `seq` once more. */
static void churn(hf_test_store *store, uint64_t seq, uint64_t batch)
{
    hf_event row = event(seq, 200);
    void *txn = hf_test_begin(store, HF_TXN_WRITE);
    hf_test_put(store, txn, hf_test_table("events"), &row, batch == 1 ? NULL : &row);
    hf_test_commit(store, txn, batch);
}

START_TEST(rows_written_again_and_again_take_no_more_memory)
{
    counting counted = {0};
    hf_allocator allocator = {count_alloc, count_free, &counted};
    hf_test_store store;
    hf_test_good(&store, try_open(&store, &allocator));
    churn(&store, 1, 1);
    churn(&store, 1, 2);
    churn(&store, 1, 3);
    uint64_t bytes = bytes_of(&store);
    uint64_t calls = counted.calls;
    for (uint64_t batch = 4; batch < 3000; batch++)
        churn(&store, 1, batch);
    ck_assert_uint_eq(bytes_of(&store), bytes);
    ck_assert_uint_eq(counted.calls, calls);
    hf_test_store_close(&store);
    ck_assert_uint_eq(counted.alive, 0);
}
END_TEST

START_TEST(versions_go_when_the_last_snapshot_that_sees_them_ends)
{
    counting counted = {0};
    hf_allocator allocator = {count_alloc, count_free, &counted};
    hf_test_store store;
    hf_test_good(&store, try_open(&store, &allocator));
    for (uint64_t seq = 1; seq <= 50; seq++) {
        hf_event row = event(seq, 200);
        void *txn = hf_test_begin(&store, HF_TXN_WRITE);
        hf_test_put(&store, txn, hf_test_table("events"), &row, NULL);
        hf_test_commit(&store, txn, seq);
    }
    uint64_t bytes = bytes_of(&store);
    void *view = hf_test_begin(&store, HF_TXN_SNAPSHOT);
    for (uint64_t seq = 1; seq <= 50; seq++)
        churn(&store, seq, 100 + seq);
    uint64_t held = bytes_of(&store);
    ck_assert_uint_gt(held, bytes + 10000u);
    for (uint64_t seq = 1; seq <= 50; seq++)
        churn(&store, seq, 200 + seq); /* between two versions that are seen: still kept */
    store.driver->rollback(view);
    ck_assert_uint_eq(bytes_of(&store), bytes);
    void *txn = hf_test_begin(&store, HF_TXN_WRITE);
    for (uint64_t seq = 1; seq <= 50; seq++) {
        hf_event row = event(seq, 200);
        hf_test_del(&store, txn, hf_test_table("events"), &row);
    }
    hf_test_commit(&store, txn, 300);
    ck_assert_uint_eq(bytes_of(&store), 0);
    hf_test_store_close(&store);
    ck_assert_uint_eq(counted.alive, 0);
}
END_TEST

/* A removal whose turn to be freed came while a write stood in front of it. */
START_TEST(a_removed_row_goes_also_when_a_write_over_it_is_rolled_back)
{
    counting counted = {0};
    hf_allocator allocator = {count_alloc, count_free, &counted};
    hf_test_store store;
    hf_test_good(&store, try_open(&store, &allocator));
    churn(&store, 1, 1);
    void *view = hf_test_begin(&store, HF_TXN_SNAPSHOT);
    hf_event row = event(1, 200);
    void *txn = hf_test_begin(&store, HF_TXN_WRITE);
    hf_test_del(&store, txn, hf_test_table("events"), &row);
    hf_test_commit(&store, txn, 2);
    txn = hf_test_begin(&store, HF_TXN_WRITE);
    hf_test_put(&store, txn, hf_test_table("events"), &row, NULL);
    store.driver->rollback(view);
    store.driver->rollback(txn);
    ck_assert_uint_eq(bytes_of(&store), 0);
    hf_test_store_close(&store);
}
END_TEST

/* ---- A scan that lets others in ---- */

typedef struct intruder {
    hf_test_store *store;
    void *write; /* rolled back at the first row that is decoded */
} intruder;

static void *intrude(void *context, uint64_t bytes)
{
    intruder *by = context;
    if (by->write != NULL) {
        by->store->driver->rollback(by->write);
        by->write = NULL;
        hf_test_store *store = by->store;
        void *txn = hf_test_begin(store, HF_TXN_WRITE); /* takes the freed memory */
        for (uint64_t seq = 1; seq <= 400; seq++) {
            hf_event row = event(100000 + seq, 1);
            hf_test_put(store, txn, hf_test_table("events"), &row, NULL);
        }
        hf_test_commit(store, txn, 9);
    }
    return hf_test_alloc(&by->store->memory, bytes);
}

/* One row of an open write stands in a gap that the scan may stop before. */
static void scan_over_gap(hf_test_store *store, uint64_t gap, uint32_t descending)
{
    enum { ROWS = 100 };
    uint32_t table = hf_test_table("events");
    void *txn = hf_test_begin(store, HF_TXN_WRITE);
    for (uint64_t seq = 1; seq <= ROWS; seq++) {
        hf_event row = event(seq * 10, 5);
        hf_test_put(store, txn, table, &row, NULL);
    }
    hf_test_commit(store, txn, 1);
    intruder by = {.store = store};
    hf_store_caller caller = {intrude, &by, &store->error};
    void *view;
    hf_test_good(store, store->driver->begin(store->opened, HF_TXN_SNAPSHOT, &caller, &view));
    by.write = hf_test_begin(store, HF_TXN_WRITE);
    hf_event between = event(gap * 10 + 5, 5);
    hf_test_put(store, by.write, table, &between, NULL);
    static hf_test_any rows[ROWS + 1];
    hf_scan scan = {.table = table, .descending = descending};
    ck_assert_uint_eq(hf_test_scan(store, view, &scan, rows, ROWS + 1), ROWS);
    for (uint32_t i = 0; i < ROWS; i++) {
        hf_event row;
        memcpy(&row, rows[i].bytes, sizeof row);
        ck_assert_uint_eq(row.seq, (uint64_t)(descending != 0 ? ROWS - i : i + 1) * 10);
    }
    store->driver->rollback(view);
}

START_TEST(a_scan_continues_when_what_stood_next_is_gone)
{
    for (uint64_t gap = 0; gap <= 100; gap++) {
        for (uint32_t descending = 0; descending < 2; descending++) {
            hf_test_store store;
            hf_test_good(&store, try_open(&store, hf_test_config(NULL, "").allocator));
            scan_over_gap(&store, gap, descending);
            hf_test_store_close(&store);
        }
    }
}
END_TEST

/* ---- Memory that is out, damage ---- */

/* Opens, writes two commits, closes; HF_E_NOMEM anywhere must leave the last commit whole. */
static int scenario(const hf_allocator *allocator)
{
    hf_test_store store;
    int error = try_open(&store, allocator);
    if (error != 0) {
        ck_assert_ptr_null(store.opened);
        return error;
    }
    uint64_t done = 0;
    for (uint64_t batch = 1; batch <= 2 && error == 0; batch++) {
        void *txn;
        error = store.driver->begin(store.opened, HF_TXN_WRITE, &store.caller, &txn);
        for (uint64_t seq = 1; seq <= 400 && error == 0; seq++) {
            hf_event row = event(batch * 1000 + seq, 300);
            const void *rows[1] = {&row}, *olds[1] = {NULL};
            error = store.driver->put(txn, hf_test_table("events"), rows, olds, 1);
            if (error != 0) {
                hf_store_mark mark = {.batch = batch};
                ck_assert_int_eq(store.driver->commit(txn, &mark), HF_E_NOMEM);
            }
        }
        if (error == 0) {
            hf_test_commit(&store, txn, batch);
            done = batch;
        }
    }
    counting *counted = allocator->context;
    counted->fail_at = 0; /* looking at what is left must not fail */
    void *view = hf_test_begin(&store, HF_TXN_SNAPSHOT);
    hf_store_mark mark;
    ck_assert_uint_eq(hf_test_stat(&store, view, hf_test_table("events"), &mark).rows, done * 400);
    ck_assert_uint_eq(mark.batch, done);
    hf_test_good(&store, store.driver->check(view, NULL, NULL));
    store.driver->rollback(view);
    hf_test_store_close(&store);
    return error;
}

START_TEST(every_allocation_may_fail_once)
{
    counting counted = {0};
    hf_allocator allocator = {count_alloc, count_free, &counted};
    ck_assert_int_eq(scenario(&allocator), 0);
    uint64_t calls = counted.calls, refused = 0;
    ck_assert_uint_gt(calls, 5);
    for (uint64_t at = 1; at <= calls; at++) {
        counted = (counting){.fail_at = at};
        int error = scenario(&allocator);
        ck_assert(error == 0 || error == HF_E_NOMEM);
        ck_assert_uint_eq(counted.alive, 0);
        refused += error != 0;
    }
    ck_assert_uint_gt(refused, 5);
}
END_TEST

START_TEST(check_finds_what_is_damaged)
{
    for (int kind = 0; kind < 5; kind++) {
        hf_test_store store;
        hf_test_store_open(&store, _i);
        hf_test_fill(&store, 10, 1);
        hf__memory_store *inside = store.opened;
        uint32_t table = hf_test_table("orders");
        hf__memory_tree *tree = &inside->trees[inside->first[table]];
        hf__memory_entry *entry = hf__memory_entry_of(tree->list.head[0]);
        if (kind == 1)
            entry->newest->row[0] ^= 1; /* a row */
        if (kind == 2)
            inside->tables[table].rows++;
        if (kind == 3)
            inside->tables[table].checksum ^= 1;
        if (kind == 4) {
            hf__memory_entry *due = hf__memory_entry_of(tree[4].list.head[0]);
            ck_assert_ptr_nonnull(due);
            due->newest->removed = 1; /* an index entry */
        }
        void *txn = hf_test_begin(&store, HF_TXN_SNAPSHOT);
        int error = store.driver->check(txn, NULL, NULL);
        ck_assert_int_eq(error, kind == 0 ? 0 : HF_E_CORRUPT);
        ck_assert(kind == 0 || strstr(store.error.text, "orders") != NULL);
        store.driver->rollback(txn);
        hf_test_store_close(&store);
    }
}
END_TEST

START_TEST(a_snapshot_does_not_write_and_one_write_is_open_at_a_time)
{
    hf_test_store store;
    hf_test_store_open(&store, _i);
    hf_event row = event(1, 0);
    const void *rows[1] = {&row}, *olds[1] = {NULL};
    void *view = hf_test_begin(&store, HF_TXN_SNAPSHOT);
    ck_assert_int_eq(store.driver->put(view, 0, rows, olds, 1), HF_E_ARGUMENT);
    void *first = hf_test_begin(&store, HF_TXN_WRITE), *second = NULL;
    ck_assert_int_eq(store.driver->begin(store.opened, HF_TXN_WRITE, &store.caller, &second),
                     HF_E_BUSY);
    ck_assert_ptr_null(second);
    hf_test_commit(&store, first, 1);
    second = hf_test_begin(&store, HF_TXN_WRITE);
    store.driver->rollback(second);
    store.driver->rollback(view);
    hf_test_store_close(&store);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("memory");
    hf_test_conformance(suite, &subject, 0); /* makes it subject 0, without its tests */
    TCase *own = tcase_create("own");
    tcase_add_test(own, rows_written_again_and_again_take_no_more_memory);
    tcase_add_test(own, versions_go_when_the_last_snapshot_that_sees_them_ends);
    tcase_add_test(own, a_removed_row_goes_also_when_a_write_over_it_is_rolled_back);
    tcase_add_test(own, a_scan_continues_when_what_stood_next_is_gone);
    tcase_add_test(own, every_allocation_may_fail_once);
    tcase_add_test(own, check_finds_what_is_damaged);
    tcase_add_test(own, a_snapshot_does_not_write_and_one_write_is_open_at_a_time);
    suite_add_tcase(suite, own);
    return hf_test_main(suite);
}
