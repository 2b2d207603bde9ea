/*
 * Vectors: many keys of one call, and many ranges of one call, give what each gives by itself.
 */
#include "store/conformance.h"

enum { KEYS = 70, RANGES = 40, RANGE_ROWS = 6, ROWS = 512 };

/* Lines and further legs of some orders, numbered with gaps, as only few random rows are. */
static void put_numbered(hf_test_store *store, uint64_t batch)
{
    void *txn = hf_test_begin(store, HF_TXN_WRITE);
    for (uint8_t order = 1; order <= 6; order++) {
        for (uint32_t no = 1; no <= 9; no++) {
            if (no % (order + 1u) == 0)
                continue;
            hf_order_line line = {.order = {{0xee, order}}, .no = no, .quantity = order * 100 + no};
            hf_test_put(store, txn, hf_test_table("order_lines"), &line, NULL);
            hf_order_leg leg = {.order = {{0xee, order}}, .line_no = no / 4 + 1, .no = no};
            hf_test_put(store, txn, hf_test_table("order_legs"), &leg, NULL);
            hf_payment payment = {.id = {{0xee, order, (uint8_t)(9 - no)}}, .no = no};
            payment.order = line.order;
            hf_test_put(store, txn, hf_test_table("payments"), &payment, NULL);
        }
    }
    hf_test_commit(store, txn, batch);
}

static void open_filled(hf_test_store *store, int i)
{
    hf_test_store_open(store, i);
    for (uint64_t batch = 1; batch <= 2; batch++)
        hf_test_fill(store, 40, batch);
    put_numbered(store, 3);
}

/* A row with the key of another one alone. */
static void copy_key(const hf_table *table, void *to, const void *from)
{
    memset(to, 0, table->row_bytes);
    for (uint32_t i = 0; i < table->key_count; i++) {
        const hf_column *column = &table->columns[table->key[i]];
        memcpy((uint8_t *)to + column->offset, (const uint8_t *)from + column->offset,
               hf_test_column_bytes(column));
    }
}

/* Keys that are there, alone and in runs of neighbours; repeats; and some that are not there. */
static void choose_keys(hf_test_store *store, const hf_table *table, const hf_test_any *rows,
                        uint32_t row_count, hf_test_any *keys)
{
    uint32_t next = hf_test_below(&store->random, row_count);
    for (uint32_t i = 0; i < KEYS; i++) {
        hf_test_any other;
        const uint32_t what = hf_test_below(&store->random, 8);
        if (what == 0) {
            hf_test_row(&store->random, table, other.bytes, &store->memory);
            copy_key(table, keys[i].bytes, other.bytes);
            continue;
        }
        if (what == 1 && i > 0) {
            keys[i] = keys[i - 1];
            continue;
        }
        next = what < 4 ? hf_test_below(&store->random, row_count) : (next + 1) % row_count;
        copy_key(table, keys[i].bytes, rows[next].bytes);
        const hf_column *last = &table->columns[table->key[table->key_count - 1]];
        if (what == 7 && last->type == HF_COLUMN_U32)
            keys[i].bytes[last->offset]++;
    }
}

static void check_keys(hf_test_store *store, void *txn, uint32_t table, const hf_test_any *keys,
                       uint32_t count)
{
    static hf_test_any got[KEYS];
    uint8_t found[KEYS];
    void *places[KEYS];
    for (uint32_t i = 0; i < count; i++) {
        got[i] = keys[i];
        places[i] = got[i].bytes;
        found[i] = 7;
    }
    hf_test_good(store, store->driver->get(txn, table, places, found, count));
    for (uint32_t i = 0; i < count; i++) {
        hf_test_any one = keys[i];
        const bool there = hf_test_get(store, txn, table, one.bytes);
        ck_assert_msg(found[i] == (there ? 1 : 0), "table %u, key %u of %u", table, i, count);
        ck_assert(!there || hf_test_same_row(hf_test_table_at(table), one.bytes, got[i].bytes));
    }
}

START_TEST(many_keys_of_one_call_are_found_as_each_by_itself)
{
    static hf_test_any rows[ROWS];
    static hf_test_any keys[KEYS];
    hf_test_store store;
    open_filled(&store, _i);
    for (uint32_t mode = HF_TXN_WRITE; mode <= HF_TXN_SNAPSHOT; mode++) {
        void *txn = hf_test_begin(&store, mode);
        for (uint32_t table = 0; table < hf_test_table_count(); table++) {
            const hf_scan all = {.table = table};
            const uint32_t count = hf_test_scan(&store, txn, &all, rows, ROWS);
            ck_assert_uint_gt(count, 0);
            for (uint32_t n = 0; n < 12; n++) {
                choose_keys(&store, hf_test_table_at(table), rows, count, keys);
                check_keys(&store, txn, table, keys, n % 2 == 0 ? KEYS : n);
            }
        }
        store.driver->rollback(txn);
    }
    hf_test_store_close(&store);
}
END_TEST

/* ---- Ranges ---------------------------------------------------------------------------------- */

/* Ranges of one call, and what each is to give. */
typedef struct vector {
    hf_scan ranges[RANGES];
    hf_test_any lows[RANGES];
    hf_test_any highs[RANGES];
    uint32_t counts[RANGES];
} vector;

/* All rows that begin with some columns of a row; seldom something else. */
static void choose_range(hf_test_store *store, vector *of, uint32_t at, const hf_test_any *low,
                         const hf_test_any *high)
{
    hf_test_random *random = &store->random;
    hf_scan *range = &of->ranges[at];
    uint8_t key[64];
    const uint32_t columns = hf_test_key_columns(hf_test_table_at(range->table), range->index, key);
    ck_assert_uint_gt(columns, 0); /* an index has a column */
    const bool odd = hf_test_below(random, 8) == 0;
    of->lows[at] = *low;
    of->highs[at] = odd ? *high : *low;
    range->low = of->lows[at].bytes;
    range->high = of->highs[at].bytes;
    range->low_columns = 1 + hf_test_below(random, columns);
    range->high_columns = range->low_columns;
    if (odd) {
        range->low_columns = hf_test_below(random, columns + 1);
        range->high_columns = hf_test_below(random, columns + 1);
        range->low_exclusive = hf_test_below(random, 2);
        range->high_exclusive = hf_test_below(random, 2);
        range->descending = hf_test_below(random, 2);
    }
    of->counts[at] = hf_test_below(random, RANGE_ROWS + 1);
}

/* Mostly of one index with one count of columns, as the payments of orders. */
static void choose_ranges(hf_test_store *store, void *txn, vector *of)
{
    static hf_test_any rows[ROWS];
    hf_test_random *random = &store->random;
    hf_scan all = {.table = hf_test_below(random, hf_test_table_count())};
    memset(of, 0, sizeof *of);
    all.index = hf_test_below(random, hf_test_table_at(all.table)->index_count + 1);
    uint32_t count = hf_test_scan(store, txn, &all, rows, ROWS);
    for (uint32_t i = 0; i < RANGES; i++) {
        if (count == 0 || hf_test_below(random, 30) == 0) {
            all = (hf_scan){.table = hf_test_table("payments"), .index = 1};
            count = hf_test_scan(store, txn, &all, rows, ROWS);
        }
        of->ranges[i] = all;
        choose_range(store, of, i, &rows[hf_test_below(random, count)],
                     &rows[hf_test_below(random, count)]);
        if (i > 0 && hf_test_below(random, 4) != 0 && of->ranges[i].table == of->ranges[0].table &&
            of->ranges[i].index == of->ranges[0].index && !of->ranges[i].descending)
            of->ranges[i].low_columns = of->ranges[i].high_columns = of->ranges[0].low_columns;
    }
}

static void check_ranges(hf_test_store *store, void *txn, const vector *of, uint32_t range_count)
{
    static hf_test_any got[RANGES * RANGE_ROWS];
    static hf_test_any one[RANGE_ROWS];
    void *places[RANGES * RANGE_ROWS];
    uint32_t counts[RANGES];
    memset(got, 0, sizeof got);
    for (uint32_t i = 0; i < RANGES * RANGE_ROWS; i++)
        places[i] = got[i].bytes;
    memcpy(counts, of->counts, sizeof counts);
    hf_test_good(store, store->driver->scans(txn, of->ranges, range_count, places, counts));
    uint32_t at = 0;
    for (uint32_t i = 0; i < range_count; at += of->counts[i++]) {
        const uint32_t count = hf_test_scan(store, txn, &of->ranges[i], one, of->counts[i]);
        ck_assert_msg(counts[i] == count, "range %u of %u: %u rows, not %u", i, range_count,
                      counts[i], count);
        for (uint32_t n = 0; n < count; n++)
            ck_assert(hf_test_same_row(hf_test_table_at(of->ranges[i].table), one[n].bytes,
                                       got[at + n].bytes));
    }
}

START_TEST(many_ranges_of_one_call_give_what_each_gives)
{
    static vector of;
    hf_test_store store;
    if (hf_test_subject_at(_i)->driver->scans == NULL)
        return;
    open_filled(&store, _i);
    for (uint32_t mode = HF_TXN_WRITE; mode <= HF_TXN_SNAPSHOT; mode++) {
        void *txn = hf_test_begin(&store, mode);
        for (uint32_t n = 0; n < 200; n++) {
            choose_ranges(&store, txn, &of);
            check_ranges(&store, txn, &of, n % 3 == 0 ? 1 + n % RANGES : RANGES);
        }
        hf_test_good(&store, store.driver->scans(txn, of.ranges, 0, NULL, NULL));
        store.driver->rollback(txn);
    }
    hf_test_store_close(&store);
}
END_TEST

void hf_test_add_vectors(TCase *tcase, int count)
{
    tcase_add_loop_test(tcase, many_keys_of_one_call_are_found_as_each_by_itself, 0, count);
    tcase_add_loop_test(tcase, many_ranges_of_one_call_give_what_each_gives, 0, count);
}
