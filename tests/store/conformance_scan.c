/*
 * Scans: order, bounds of every kind, paging, and indexes kept right as rows change.
 */
#include "store/conformance.h"

enum { SKUS = 4, PLACES = 5, ACCOUNTS = SKUS * PLACES };

static void name(hf_name *out, const char *text, uint32_t number)
{
    memset(out, 0, sizeof *out);
    (void)snprintf(out->text, sizeof out->text, "%s%u", text, number);
}

static hf_account account(uint32_t sku, uint32_t place)
{
    hf_account row = {.key = {.unit = {"pcs"}, .kind = HF_KIND_ITEM}, .version = sku + 1};
    name(&row.key.name, "sku", sku);
    name(&row.key.place, "p", place);
    row.attention = place == 2;
    return row;
}

static void open_accounts(hf_test_store *store, int i)
{
    hf_test_store_open(store, i);
    void *txn = hf_test_begin(store, HF_TXN_WRITE);
    for (uint32_t n = ACCOUNTS; n-- > 0;) {
        uint32_t at = n * 7 % ACCOUNTS;
        hf_account row = account(at / PLACES, at % PLACES);
        hf_test_put(store, txn, hf_test_table("accounts"), &row, NULL);
    }
    hf_test_commit(store, txn, 1);
}

/* A range of the accounts' primary key and how many are in it. */
typedef struct range_case {
    uint32_t low_columns, low_exclusive, high_columns, high_exclusive;
    uint32_t low, high; /* accounts by number */
    uint32_t count;
} range_case;

/* Columns: 1 kind, 2 and the name, 3 and the place, 4 all. */
static const range_case range_cases[] = {
    {0, 0, 0, 0, 0, 0, ACCOUNTS}, {1, 0, 1, 0, 0, 0, ACCOUNTS}, {1, 1, 0, 0, 0, 0, 0},
    {0, 0, 1, 1, 0, 0, 0},        {2, 0, 2, 0, 5, 5, PLACES},   {2, 1, 0, 0, 5, 0, 2 * PLACES},
    {0, 0, 2, 1, 0, 5, PLACES},   {2, 0, 2, 1, 5, 10, PLACES},  {2, 1, 2, 1, 5, 15, PLACES},
    {3, 0, 3, 0, 7, 7, 1},        {4, 0, 4, 0, 7, 12, 6},       {4, 1, 4, 0, 7, 12, 5},
    {4, 0, 4, 1, 7, 12, 5},       {4, 1, 4, 1, 7, 12, 4},       {4, 1, 0, 0, ACCOUNTS - 1, 0, 0},
    {0, 0, 4, 1, 0, 0, 0},        {4, 0, 4, 0, 12, 7, 0},       {2, 0, 4, 0, 5, 8, 4},
    {4, 1, 2, 0, 7, 5, 2},        {4, 1, 4, 1, 7, 8, 0},        {4, 1, 4, 1, 7, 7, 0},
};

START_TEST(a_range_has_what_lies_between_its_bounds)
{
    hf_test_store store;
    open_accounts(&store, _i);
    void *txn = hf_test_begin(&store, HF_TXN_SNAPSHOT);
    for (size_t i = 0; i < sizeof range_cases / sizeof *range_cases; i++) {
        const range_case *c = &range_cases[i];
        hf_account low = account(c->low / PLACES, c->low % PLACES);
        hf_account high = account(c->high / PLACES, c->high % PLACES);
        hf_scan scan = {.table = hf_test_table("accounts"), .low = &low, .high = &high};
        scan.low_columns = c->low_columns;
        scan.high_columns = c->high_columns;
        scan.low_exclusive = c->low_exclusive;
        scan.high_exclusive = c->high_exclusive;
        hf_test_any up[ACCOUNTS + 1], down[ACCOUNTS + 1];
        uint32_t count = hf_test_scan(&store, txn, &scan, up, ACCOUNTS + 1);
        ck_assert_msg(count == c->count, "case %zu: %u rows", i, count);
        scan.descending = 1;
        ck_assert_uint_eq(hf_test_scan(&store, txn, &scan, down, ACCOUNTS + 1), count);
        const hf_table *table = hf_test_table_at(scan.table);
        for (uint32_t n = 0; n < count; n++)
            ck_assert(hf_test_same_row(table, up[n].bytes, down[count - 1 - n].bytes));
        for (uint32_t n = 1; n < count; n++)
            ck_assert_int_lt(hf_test_compare_key(table, 0, up[n - 1].bytes, up[n].bytes, 4), 0);
    }
    store.driver->rollback(txn);
    hf_test_store_close(&store);
}
END_TEST

START_TEST(pages_of_every_size_give_the_whole)
{
    hf_test_store store;
    open_accounts(&store, _i);
    const hf_table *table = hf_test_table_at(hf_test_table("accounts"));
    for (uint32_t mode = HF_TXN_WRITE; mode <= HF_TXN_SNAPSHOT; mode++) {
        void *txn = hf_test_begin(&store, mode);
        for (uint32_t page = 1; page <= ACCOUNTS + 1; page++) {
            for (uint32_t descending = 0; descending < 2; descending++) {
                hf_test_any rows[ACCOUNTS + 1], last;
                hf_scan scan = {.table = hf_test_table("accounts"), .descending = descending};
                uint32_t total = 0, count;
                do {
                    count = hf_test_scan(&store, txn, &scan, rows, page);
                    if (count > 0 && total > 0)
                        ck_assert_int_ne(
                            hf_test_compare_key(table, 0, rows[0].bytes, last.bytes, 4), 0);
                    total += count;
                    if (count == 0)
                        break;
                    last = rows[count - 1];
                    scan.low = scan.high = last.bytes;
                    scan.low_columns = descending ? 0 : 4;
                    scan.high_columns = descending ? 4 : 0;
                    scan.low_exclusive = scan.high_exclusive = 1;
                } while (count == page);
                ck_assert_uint_eq(total, ACCOUNTS);
            }
        }
        store.driver->rollback(txn);
    }
    hf_test_store_close(&store);
}
END_TEST

START_TEST(a_partial_index_has_the_rows_of_its_condition)
{
    hf_test_store store;
    open_accounts(&store, _i);
    void *txn = hf_test_begin(&store, HF_TXN_SNAPSHOT);
    hf_scan scan = {.table = hf_test_table("accounts"), .index = 1};
    hf_test_any rows[ACCOUNTS];
    ck_assert_uint_eq(hf_test_scan(&store, txn, &scan, rows, ACCOUNTS), SKUS);
    for (uint32_t i = 0; i < SKUS; i++) {
        hf_account want = account(i, 2);
        ck_assert(hf_test_same_row(hf_test_table_at(scan.table), &want, rows[i].bytes));
    }
    store.driver->rollback(txn);
    hf_test_store_close(&store);
}
END_TEST

static uint32_t count_index(hf_test_store *store, const char *table, uint32_t index)
{
    void *txn = hf_test_begin(store, HF_TXN_SNAPSHOT);
    hf_scan scan = {.table = hf_test_table(table), .index = index};
    uint32_t count = hf_test_count(store, txn, &scan);
    hf_test_good(store, store->driver->check(txn, NULL, NULL));
    store->driver->rollback(txn);
    return count;
}

START_TEST(an_index_follows_its_rows)
{
    static const struct {
        uint32_t state;
        int64_t deadline_ms;
        const char *customer;
        uint32_t in[6]; /* all, customer, ref, state, due, attention */
    } steps[] = {
        {HF_ORDER_PENDING, 5000, "ann", {1, 1, 0, 1, 1, 0}},
        {HF_ORDER_PENDING, 6000, "ann", {1, 1, 0, 1, 1, 0}},
        {HF_ORDER_CONFIRMED, 0, "bob", {1, 1, 0, 1, 0, 0}},
        {HF_ORDER_CLOSED, 0, "bob", {1, 1, 0, 1, 0, 0}},
        {HF_ORDER_CLOSED, 0, "", {1, 0, 0, 1, 0, 0}},
        {HF_ORDER_WAITING, 1, "", {1, 0, 0, 1, 1, 0}},
    };
    hf_test_store store;
    hf_test_store_open(&store, _i);
    hf_order before = {.id = {{1}}}, row = before;
    uint32_t count = sizeof steps / sizeof *steps;
    for (uint32_t i = 0; i <= count; i++) {
        void *txn = hf_test_begin(&store, HF_TXN_WRITE);
        if (i < count) {
            row.state = steps[i].state;
            row.deadline_ms = steps[i].deadline_ms;
            memset(&row.customer, 0, sizeof row.customer);
            memcpy(row.customer.text, steps[i].customer, strlen(steps[i].customer));
            hf_test_put(&store, txn, hf_test_table("orders"), &row, i == 0 ? NULL : &before);
        } else {
            hf_test_del(&store, txn, hf_test_table("orders"), &before);
        }
        hf_test_commit(&store, txn, i + 1);
        before = row;
        for (uint32_t index = 0; index < 6; index++)
            ck_assert_uint_eq(count_index(&store, "orders", index),
                              i < count ? steps[i].in[index] : 0);
    }
    hf_test_store_close(&store);
}
END_TEST

START_TEST(an_enum_is_ordered_by_value_not_by_name)
{
    enum { OPEN = 3 };
    hf_test_store store;
    hf_test_store_open(&store, _i);
    void *txn = hf_test_begin(&store, HF_TXN_WRITE);
    for (uint8_t n = 0; n < 6; n++) {
        hf_order row = {.id = {{(uint8_t)(9 - n)}}, .state = HF_ORDER_WAITING + n % 3u};
        hf_test_put(&store, txn, hf_test_table("orders"), &row, NULL);
    }
    hf_scan scan = {.table = hf_test_table("orders"), .index = OPEN};
    hf_test_any rows[6];
    ck_assert_uint_eq(hf_test_scan(&store, txn, &scan, rows, 6), 6);
    for (uint32_t n = 0; n < 6; n++) {
        hf_order row;
        memcpy(&row, rows[n].bytes, sizeof row);
        ck_assert_uint_eq(row.state, HF_ORDER_WAITING + n / 2);
    }
    hf_order one = {.state = HF_ORDER_PENDING};
    scan.low = scan.high = &one;
    scan.low_columns = scan.high_columns = 1;
    ck_assert_uint_eq(hf_test_count(&store, txn, &scan), 2);
    scan.high_columns = 0;
    scan.low_exclusive = 1;
    ck_assert_uint_eq(hf_test_count(&store, txn, &scan), 2);
    hf_test_commit(&store, txn, 1);
    hf_test_store_close(&store);
}
END_TEST

START_TEST(rows_that_share_an_index_key_stand_by_primary_key)
{
    enum { DUE = 1, LINES = 40 };
    hf_test_store store;
    hf_test_store_open(&store, _i);
    uint32_t table = hf_test_table("order_lines");
    void *txn = hf_test_begin(&store, HF_TXN_WRITE);
    for (uint32_t n = 0; n < LINES; n++) {
        hf_order_line row = {.order = {{1}}, .no = (n * 27 + 1) % LINES * 20};
        row.leg.deadline_ms = 77;
        hf_test_put(&store, txn, table, &row, NULL);
    }
    hf_scan scan = {.table = table, .index = DUE};
    hf_test_any rows[LINES];
    ck_assert_uint_eq(hf_test_scan(&store, txn, &scan, rows, LINES), LINES);
    for (uint32_t n = 0; n < LINES; n++) {
        hf_order_line row;
        memcpy(&row, rows[n].bytes, sizeof row);
        ck_assert_uint_eq(row.no / 20, n);
    }
    hf_test_commit(&store, txn, 1);
    hf_test_store_close(&store);
}
END_TEST

void hf_test_add_scans(TCase *tcase, int count)
{
    tcase_add_loop_test(tcase, a_range_has_what_lies_between_its_bounds, 0, count);
    tcase_add_loop_test(tcase, pages_of_every_size_give_the_whole, 0, count);
    tcase_add_loop_test(tcase, a_partial_index_has_the_rows_of_its_condition, 0, count);
    tcase_add_loop_test(tcase, an_index_follows_its_rows, 0, count);
    tcase_add_loop_test(tcase, an_enum_is_ordered_by_value_not_by_name, 0, count);
    tcase_add_loop_test(tcase, rows_that_share_an_index_key_stand_by_primary_key, 0, count);
}
