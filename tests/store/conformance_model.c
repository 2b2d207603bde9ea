/*
 * Random commits and rollbacks on a store and on the plain store at the same time: after each the
 * two must agree in random ranges of every index, in random gets, and in counts. Snapshots of both
 * are kept for a while and must stay equal.
 */
#include "store/conformance.h"
#include "store/plain_store.h"

enum { ROUNDS = 60, WRITES = 25, RANGES = 12, VIEWS = 3, PAGE = 40 };

/* A store and its model. */
typedef struct pair {
    hf_test_store real;
    hf_test_store model;
    hf_test_random *random;
} pair;

typedef struct views {
    void *real;
    void *model;
} views;

static const hf_test_subject plain = {.driver = &hf_test_plain_driver};

static void open_pair(pair *of, int i)
{
    hf_test_store_open(&of->real, i);
    memset(&of->model, 0, sizeof of->model);
    of->model.subject = &plain;
    of->model.driver = plain.driver;
    of->model.caller = (hf_store_caller){hf_test_alloc, &of->model.memory, &of->model.error};
    hf_test_store_reopen(&of->model);
    of->random = &of->real.random;
}

static views begin(pair *of, uint32_t mode)
{
    return (views){hf_test_begin(&of->real, mode), hf_test_begin(&of->model, mode)};
}

static void end(pair *of, views at)
{
    of->real.driver->rollback(at.real);
    of->model.driver->rollback(at.model);
}

static void write_one(pair *of, views at)
{
    uint32_t table = hf_test_below(of->random, hf_test_table_count());
    hf_test_any row, old;
    hf_test_row(of->random, hf_test_table_at(table), row.bytes, &of->real.memory);
    hf_scan from = {.table = table, .low = row.bytes, .low_columns = 1};
    if (hf_test_below(of->random, 2) == 0 &&
        hf_test_scan(&of->model, at.model, &from, &old, 1) == 1) {
        /* one that is there: its key stays */
        const hf_table *of_table = hf_test_table_at(table);
        for (uint32_t i = 0; i < of_table->key_count; i++) {
            const hf_column *column = &of_table->columns[of_table->key[i]];
            memcpy(row.bytes + column->offset, old.bytes + column->offset,
                   hf_test_column_bytes(column));
        }
    }
    old = row;
    bool there = hf_test_get(&of->model, at.model, table, old.bytes);
    if (there && hf_test_below(of->random, 3) == 0) {
        hf_test_del(&of->real, at.real, table, old.bytes);
        hf_test_del(&of->model, at.model, table, old.bytes);
        return;
    }
    hf_test_put(&of->real, at.real, table, row.bytes, there ? old.bytes : NULL);
    hf_test_put(&of->model, at.model, table, row.bytes, there ? old.bytes : NULL);
}

static void compare_range(pair *of, views at)
{
    static hf_test_any a[PAGE], b[PAGE];
    uint32_t table = hf_test_below(of->random, hf_test_table_count());
    const hf_table *what = hf_test_table_at(table);
    hf_scan scan = {.table = table};
    uint8_t list[64];
    hf_test_any low, high;
    scan.index = hf_test_below(of->random, what->index_count + 1);
    uint32_t columns = hf_test_key_columns(what, scan.index, list);
    hf_test_row(of->random, what, low.bytes, &of->real.memory);
    hf_test_row(of->random, what, high.bytes, &of->real.memory);
    scan.low = low.bytes;
    scan.high = high.bytes;
    scan.low_columns = hf_test_below(of->random, columns + 1);
    scan.high_columns = hf_test_below(of->random, columns + 1);
    if (hf_test_below(of->random, 2) == 0) { /* a prefix */
        scan.high = scan.low;
        scan.high_columns = scan.low_columns;
    }
    scan.low_exclusive = hf_test_below(of->random, 2);
    scan.high_exclusive = hf_test_below(of->random, 2);
    scan.descending = hf_test_below(of->random, 2);
    uint32_t max = 1 + hf_test_below(of->random, PAGE);
    uint32_t count = hf_test_scan(&of->model, at.model, &scan, b, max);
    ck_assert_uint_eq(hf_test_scan(&of->real, at.real, &scan, a, max), count);
    for (uint32_t i = 0; i < count; i++)
        ck_assert_msg(hf_test_same_row(what, a[i].bytes, b[i].bytes), "%s, index %u, row %u",
                      what->name, scan.index, i);
}

static void compare_get(pair *of, views at)
{
    uint32_t table = hf_test_below(of->random, hf_test_table_count());
    hf_test_any a, b;
    hf_test_row(of->random, hf_test_table_at(table), a.bytes, &of->real.memory);
    b = a;
    bool there = hf_test_get(&of->model, at.model, table, b.bytes);
    ck_assert(hf_test_get(&of->real, at.real, table, a.bytes) == there);
    ck_assert(!there || hf_test_same_row(hf_test_table_at(table), a.bytes, b.bytes));
}

static void compare(pair *of, views at)
{
    for (int i = 0; i < RANGES; i++) {
        compare_range(of, at);
        compare_get(of, at);
    }
    hf_store_mark real = {0}, model = {0};
    for (uint32_t table = 0; table < hf_test_table_count(); table++)
        ck_assert_uint_eq(hf_test_stat(&of->real, at.real, table, &real).rows,
                          hf_test_stat(&of->model, at.model, table, &model).rows);
    ck_assert_uint_eq(real.batch, model.batch);
}

static void one_round(pair *of, uint64_t batch)
{
    views at = begin(of, HF_TXN_WRITE);
    for (int n = 0; n < WRITES; n++)
        write_one(of, at);
    compare(of, at);
    if (hf_test_below(of->random, 4) == 0) {
        end(of, at);
        return;
    }
    hf_test_commit(&of->real, at.real, batch);
    hf_test_commit(&of->model, at.model, batch);
}

START_TEST(it_agrees_with_a_plain_store)
{
    static pair both;
    open_pair(&both, _i);
    views kept[VIEWS];
    for (int i = 0; i < VIEWS; i++)
        kept[i] = begin(&both, HF_TXN_SNAPSHOT);
    for (uint64_t batch = 1; batch <= ROUNDS; batch++) {
        one_round(&both, batch);
        uint32_t which = hf_test_below(both.random, VIEWS);
        for (int i = 0; i < VIEWS; i++)
            compare(&both, kept[i]);
        end(&both, kept[which]);
        kept[which] = begin(&both, HF_TXN_SNAPSHOT);
        hf_test_good(&both.real, both.real.driver->check(kept[which].real, NULL, NULL));
        hf_test_free_all(&both.real.memory);
        hf_test_free_all(&both.model.memory);
    }
    for (int i = 0; i < VIEWS; i++)
        end(&both, kept[i]);
    hf_test_store_close(&both.real);
    hf_test_store_close(&both.model);
}
END_TEST

void hf_test_add_model(TCase *tcase, int count)
{
    tcase_add_loop_test(tcase, it_agrees_with_a_plain_store, 0, count);
}
