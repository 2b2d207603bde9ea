/*
 * The SQLite store as other programs see it, and its transactions: readable tables and views,
 * refused values, one writer, foreign writes, damaged rows.
 */
#include "sqlite_use.h"

#include <holdfast/account.h>
#include <holdfast/event.h>
#include <holdfast/order.h>

#define ORDER "0190f1e2-1111-7abc-8def-000000000001"

static void name_set(hf_name *name, const char *text)
{
    memset(name, 0, sizeof *name);
    (void)snprintf(name->text, sizeof name->text, "%s", text);
}

static hf_account shirt(void)
{
    hf_account row = {.balance = 12, .held_out = 5, .max_balance = INT64_MAX, .version = 1};
    row.key.kind = HF_KIND_ITEM;
    row.created_at_ms = 1700000000123;
    name_set(&row.key.name, "shirt");
    name_set(&row.key.unit, "pcs");
    return row;
}

static hf_order order_of(const char *customer)
{
    hf_order row = {.total = 2500, .state = HF_ORDER_CONFIRMED, .number = 7, .version = 2};
    ck_assert_int_eq(hf_id_parse(ORDER, &row.id), 0);
    row.created_at_ms = 1700000000007;
    row.meta = "gift";
    row.meta_bytes = 4;
    name_set(&row.customer, customer);
    name_set(&row.currency, "EUR");
    return row;
}

static hf_order_line line_of(const hf_order *order)
{
    hf_order_line row = {.order = order->id, .no = 1, .quantity = 2, .unit_price = 1250};
    name_set(&row.sku, "shirt");
    return row;
}

static hf_payment payment_of(const hf_order *order)
{
    hf_payment row = {.order = order->id, .no = 1, .method = HF_METHOD_PROVIDER};
    ck_assert_int_eq(hf_id_parse("0190f1e2-2222-7abc-8def-000000000002", &row.id), 0);
    row.state = HF_PAYMENT_AUTHORIZED;
    row.amount = row.authorized = 2500;
    row.captured = 1500;
    name_set(&row.provider, "acme");
    return row;
}

/* One customer who ordered, one account, one payment. */
static void *shop(const char *path)
{
    use_remove(path); /* of the loop's last round */
    void *store = use_open(path);
    void *txn = use_begin(store, HF_TXN_WRITE);
    const hf_account account = shirt();
    const hf_order order = order_of("ada");
    const hf_order_line line = line_of(&order);
    const hf_payment payment = payment_of(&order);
    use_put(txn, HF__ACCOUNTS, &account, NULL);
    use_put(txn, HF__ORDERS, &order, NULL);
    use_put(txn, HF__ORDER_LINES, &line, NULL);
    use_put(txn, HF__PAYMENTS, &payment, NULL);
    use_commit(txn, 3);
    return store;
}

typedef struct question {
    const char *sql;
    const char *answer;
} question;

static const question questions[] = {
    {"SELECT l.sku, l.quantity, o.total FROM orders o JOIN order_lines l ON l.order_id = o.id "
     "WHERE o.customer = 'ada'",
     "shirt|2|2500;"},
    {"SELECT balance, held_out, balance - held_out FROM accounts "
     "WHERE kind = 'ITEM' AND name = 'shirt'",
     "12|5|7;"},
    {"SELECT provider, sum(captured) FROM payments WHERE captured > 0 GROUP BY provider",
     "acme|1500;"},
    {"SELECT id, customer, state, created_at FROM v_orders",
     ORDER "|ada|CONFIRMED|2023-11-14T22:13:20.007Z;"},
    {"SELECT order_id, method, state, account_name, deadline FROM v_payments",
     ORDER "|PROVIDER|AUTHORIZED|NULL|NULL;"},
    {"SELECT created_at, updated_at, place, typeof(place) FROM v_accounts",
     "2023-11-14T22:13:20.123Z|NULL||text;"},
    {"SELECT CAST(meta AS TEXT), typeof(meta), typeof(id), external_ref FROM orders",
     "gift|blob|blob|NULL;"},
    {"SELECT meta FROM accounts", "NULL;"},
    {"SELECT layout, schema, batch, time FROM hf_store", "1|4|3|1700000000003;"},
    {"SELECT name, row_count FROM hf_tables WHERE row_count > 0",
     "accounts|1;orders|1;order_lines|1;payments|1;"},
    {"SELECT count(*) FROM v_facts", "0;"},
    {"PRAGMA journal_mode", "wal;"},
    {"PRAGMA application_id", "1212568404;"},
    {"PRAGMA integrity_check", "ok;"},
    {"SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
     "AND name NOT LIKE 'sqlite_%' AND NOT strict",
     "0;"},
};

START_TEST(another_program_reads_plain_sql_while_the_store_is_open)
{
    char answer[400];
    void *store = shop("shop.db");
    use_query("shop.db", questions[_i].sql, answer, sizeof answer);
    ck_assert_str_eq(answer, questions[_i].answer);
    hf__sqlite_driver.close(store);
    use_query("shop.db", questions[_i].sql, answer, sizeof answer);
    ck_assert_str_eq(answer, questions[_i].answer);
}
END_TEST

static const char *const bad_writes[] = {
    "UPDATE orders SET state = 'LOST'",   "UPDATE orders SET state = NULL",
    "UPDATE orders SET id = x'00'",       "UPDATE orders SET total = 'much'",
    "UPDATE accounts SET frozen = 2",     "UPDATE accounts SET name = NULL",
    "UPDATE orders SET customer = x'00'", "INSERT INTO hf_store SELECT 2, 1, 1, 1, 1, 1",
};

START_TEST(values_no_row_can_have_are_refused_by_the_tables)
{
    hf__sqlite_driver.close(shop("strict.db"));
    ck_assert_int_eq(use_sql("strict.db", bad_writes[_i]), SQLITE_CONSTRAINT);
}
END_TEST

START_TEST(a_row_comes_back_as_it_was_put_and_moves_between_partial_indexes)
{
    hf_test_random random = hf_test_seed();
    void *store = use_open("rows.db");
    for (uint32_t t = 0; t < HF__TABLE_COUNT; t++) {
        const hf_table *table = hf_store_schema()->tables[t];
        uint8_t old[USE_ROW_BYTES];
        uint8_t row[USE_ROW_BYTES];
        uint8_t got[USE_ROW_BYTES];
        void *rows[1] = {got};
        const void *gone[1] = {row};
        uint8_t found = 0;
        use_random_row(&random, table, row);
        for (uint32_t round = 0; round < 40; round++) {
            void *txn = use_begin(store, HF_TXN_WRITE);
            if (round > 0)
                memcpy(old, row, sizeof old);
            for (uint32_t i = 0; i < table->column_count; i++) {
                if (!hf__sqlite_in_key(table, i) && hf_test_below(&random, 3) == 0)
                    use_random_column(&random, table, i, row);
            }
            use_put(txn, t, row, round > 0 ? old : NULL);
            use_commit(txn, t * 100 + round);
            memcpy(got, row, sizeof got);
            txn = use_begin(store, HF_TXN_SNAPSHOT);
            use_ok(hf__sqlite_driver.get(txn, t, rows, &found, 1));
            ck_assert_uint_eq(found, 1);
            ck_assert(use_same_row(table, got, row));
            hf__sqlite_driver.rollback(txn);
        }
        void *txn = use_begin(store, HF_TXN_SNAPSHOT);
        use_ok(hf__sqlite_driver.check(txn, NULL, NULL));
        hf__sqlite_driver.rollback(txn);
        txn = use_begin(store, HF_TXN_WRITE);
        use_ok(hf__sqlite_driver.del(txn, t, gone, 1));
        use_ok(hf__sqlite_driver.get(txn, t, rows, &found, 1));
        ck_assert_uint_eq(found, 0);
        use_commit(txn, t * 100 + 99);
    }
    char answer[100];
    use_query("rows.db", "SELECT sum(row_count), sum(checksum) FROM hf_tables", answer, 100);
    ck_assert_str_eq(answer, "0|0;");
    hf__sqlite_driver.close(store);
}
END_TEST

START_TEST(no_statement_is_prepared_and_nothing_allocated_in_the_steady_state)
{
    void *opened = shop("steady.db");
    const hf__sqlite_store *store = opened;
    uint32_t prepared[2] = {0};
    hf_account old = shirt();
    for (int round = 0; round < 20; round++) {
        hf_account row = old;
        row.balance++;
        void *txn = use_begin(opened, HF_TXN_WRITE);
        use_put(txn, HF__ACCOUNTS, &row, &old);
        use_commit(txn, 10 + (uint64_t)round);
        old = row;
        uint32_t count = 0;
        for (uint32_t i = 0; i < store->slot_count; i++)
            count += store->writer.statements[i] != NULL;
        prepared[round > 0] = count;
    }
    ck_assert_uint_eq(prepared[0], prepared[1]);
    hf__sqlite_driver.close(opened);
}
END_TEST

START_TEST(a_snapshot_keeps_its_commit_while_others_follow)
{
    void *store = shop("snapshot.db");
    void *before = use_begin(store, HF_TXN_SNAPSHOT);
    const hf_account old = shirt();
    hf_account row = old;
    row.balance = 99;
    void *txn = use_begin(store, HF_TXN_WRITE);
    use_put(txn, HF__ACCOUNTS, &row, &old);
    use_commit(txn, 4);
    void *after = use_begin(store, HF_TXN_SNAPSHOT);
    hf_account got[2] = {old, old};
    uint8_t found[2];
    use_ok(hf__sqlite_driver.get(before, HF__ACCOUNTS, (void *[]){&got[0]}, &found[0], 1));
    use_ok(hf__sqlite_driver.get(after, HF__ACCOUNTS, (void *[]){&got[1]}, &found[1], 1));
    ck_assert_int_eq(got[0].balance, 12);
    ck_assert_int_eq(got[1].balance, 99);
    hf_store_stat stat = {0};
    use_ok(hf__sqlite_driver.stat(before, &stat));
    ck_assert_uint_eq(stat.mark.batch, 3);
    use_ok(hf__sqlite_driver.stat(after, &stat));
    ck_assert_uint_eq(stat.mark.batch, 4);
    ck_assert_uint_gt(stat.bytes, 4096);
    hf__sqlite_driver.rollback(before);
    hf__sqlite_driver.rollback(after);
    hf__sqlite_driver.close(store);
}
END_TEST

START_TEST(a_number_with_names_is_kept_as_its_name)
{
    void *store = shop("named.db");
    hf_event row = {.seq = 1, .type = HF_OP_ORDER_PLACE};
    void *txn = use_begin(store, HF_TXN_WRITE);
    use_put(txn, HF__EVENTS, &row, NULL);
    row = (hf_event){.seq = 2, .type = HF_EVENT_LEASE};
    use_put(txn, HF__EVENTS, &row, NULL);
    use_commit(txn, 5);
    txn = use_begin(store, HF_TXN_WRITE);
    hf_event read = {.seq = 2};
    uint8_t found = 0;
    use_ok(hf__sqlite_driver.get(txn, HF__EVENTS, (void *[]){&read}, &found, 1));
    ck_assert_uint_eq(read.type, HF_EVENT_LEASE);
    row = (hf_event){.seq = 3, .type = HF_EVENT_EXPIRE - 1}; /* has no name */
    use_refused(
        hf__sqlite_driver.put(txn, HF__EVENTS, (const void *[]){&row}, (const void *[]){NULL}, 1),
        HF_E_ARGUMENT);
    hf__sqlite_driver.rollback(txn);
    hf__sqlite_driver.close(store);
    char answer[60];
    use_query("named.db", "SELECT type FROM events ORDER BY seq", answer, sizeof answer);
    ck_assert_str_eq(answer, "ORDER_PLACE;LEASE;");
    ck_assert_int_eq(use_sql("named.db", "UPDATE events SET type = 'SALE'"), SQLITE_CONSTRAINT);
}
END_TEST

START_TEST(what_is_rolled_back_leaves_no_trace)
{
    void *store = shop("undo.db");
    const hf_account old = shirt();
    hf_account row = old;
    row.balance = 99;
    void *txn = use_begin(store, HF_TXN_WRITE);
    use_put(txn, HF__ACCOUNTS, &row, &old);
    hf__sqlite_driver.rollback(txn);
    txn = use_begin(store, HF_TXN_WRITE);
    use_ok(hf__sqlite_driver.check(txn, NULL, NULL));
    uint8_t found = 0;
    use_ok(hf__sqlite_driver.get(txn, HF__ACCOUNTS, (void *[]){&row}, &found, 1));
    ck_assert_int_eq(row.balance, 12);
    hf__sqlite_driver.rollback(txn);
    hf__sqlite_driver.close(store);
}
END_TEST

START_TEST(a_row_the_caller_is_wrong_about_stops_the_whole_transaction)
{
    void *store = shop("wrong.db");
    const hf_account there = shirt();
    hf_account absent = there;
    const void *rows[1] = {&there};
    const void *none[1] = {NULL};
    const hf_store_mark mark = {.batch = 9};
    name_set(&absent.key.name, "cap");
    void *txn = use_begin(store, HF_TXN_WRITE);
    use_refused(hf__sqlite_driver.put(txn, HF__ACCOUNTS, rows, none, 1), HF_E_CORRUPT);
    use_refused(hf__sqlite_driver.commit(txn, &mark), HF_E_CORRUPT);
    rows[0] = &absent;
    txn = use_begin(store, HF_TXN_WRITE);
    use_refused(hf__sqlite_driver.put(txn, HF__ACCOUNTS, rows, rows, 1), HF_E_CORRUPT);
    hf__sqlite_driver.rollback(txn);
    txn = use_begin(store, HF_TXN_WRITE);
    use_refused(hf__sqlite_driver.del(txn, HF__ACCOUNTS, rows, 1), HF_E_CORRUPT);
    hf__sqlite_driver.rollback(txn);
    txn = use_begin(store, HF_TXN_WRITE);
    use_ok(hf__sqlite_driver.check(txn, NULL, NULL));
    hf__sqlite_driver.rollback(txn);
    hf__sqlite_driver.close(store);
}
END_TEST

/* Makes the keys of rows differ by the first column of the key that has room for a number. */
static void number_key(const hf_table *table, uint32_t number, void *row)
{
    for (uint32_t i = 0; i < table->key_count; i++) {
        const hf_column *column = &table->columns[table->key[i]];
        char *into = (char *)row + column->offset;
        if (column->type == HF_COLUMN_BOOL || column->type == HF_COLUMN_ENUM)
            continue;
        if (column->type == HF_COLUMN_NAME)
            (void)snprintf(into, sizeof(hf_name), "%04u", number);
        else
            memcpy(into, &number, sizeof number);
        return;
    }
    ck_abort_msg("%s: no column of the key takes a number", table->name);
}

enum { CROWD = 3 * HF__SQLITE_MANY + 7 };

static void crowd(hf_test_random *random, const hf_table *table, uint8_t (*rows)[USE_ROW_BYTES])
{
    for (uint32_t i = 0; i < CROWD; i++) {
        use_random_row(random, table, rows[i]);
        number_key(table, i, rows[i]);
    }
}

/* First two whole statements' worth of new ones; further on every fifth is there already. */
START_TEST(many_rows_of_every_table_are_put_at_once)
{
    static uint8_t rows[CROWD][USE_ROW_BYTES];
    static uint8_t known[CROWD][USE_ROW_BYTES];
    hf_test_random random = hf_test_seed();
    void *store = use_open("crowd.db");
    for (uint32_t t = 0; t < HF__TABLE_COUNT; t++) {
        const hf_table *table = hf_store_schema()->tables[t];
        const void *olds[CROWD] = {NULL};
        const void *news[CROWD];
        crowd(&random, table, rows);
        memcpy(known, rows, sizeof known);
        void *txn = use_begin(store, HF_TXN_WRITE);
        for (uint32_t i = 0; i < CROWD; i++) {
            news[i] = rows[i];
            if (i < 2 * HF__SQLITE_MANY + 5 || i % 5 != 0)
                continue;
            olds[i] = known[i];
            use_put(txn, t, known[i], NULL);
        }
        use_ok(hf__sqlite_driver.put(txn, t, news, olds, CROWD));
        use_commit(txn, t + 1);
        txn = use_begin(store, HF_TXN_SNAPSHOT);
        for (uint32_t i = 0; i < CROWD; i++) {
            uint8_t found = 0;
            use_ok(hf__sqlite_driver.get(txn, t, (void *[]){known[i]}, &found, 1));
            ck_assert_msg(found == 1 && use_same_row(table, rows[i], known[i]), "%s: row %u",
                          table->name, i);
        }
        hf__sqlite_driver.rollback(txn);
    }
    void *txn = use_begin(store, HF_TXN_SNAPSHOT);
    use_ok(hf__sqlite_driver.check(txn, NULL, NULL));
    hf__sqlite_driver.rollback(txn);
    hf__sqlite_driver.close(store);
}
END_TEST

/* What the declared checks would refuse, our own binding refuses before. */
START_TEST(one_bad_row_of_many_stops_the_whole_transaction)
{
    static uint8_t rows[CROWD][USE_ROW_BYTES];
    const hf_table *table = hf_store_schema()->tables[HF__ORDERS];
    hf_test_random random = hf_test_seed();
    void *store = use_open("bad.db");
    const void *news[CROWD];
    const hf_store_mark mark = {.batch = 9};
    crowd(&random, table, rows);
    for (uint32_t i = 0; i < CROWD; i++)
        news[i] = rows[i];
    hf_order *order = (hf_order *)(void *)rows[HF__SQLITE_MANY / 2];
    const hf_order good = *order;
    const hf_id twin = ((const hf_order *)(const void *)rows[3])->id;
    for (int which = 0; which < 2; which++) {
        *order = good;
        if (which == 0)
            order->state = 999;
        else
            order->id = twin;
        void *txn = use_begin(store, HF_TXN_WRITE);
        use_refused(hf__sqlite_driver.put(txn, HF__ORDERS, news, NULL, CROWD),
                    which == 0 ? HF_E_ARGUMENT : HF_E_CORRUPT);
        ck_assert_ptr_nonnull(strstr(use_error.text, which == 0 ? "orders.state" : "orders"));
        use_refused(hf__sqlite_driver.commit(txn, &mark), use_error.code);
        txn = use_begin(store, HF_TXN_WRITE);
        hf_store_stat stat = {0};
        use_ok(hf__sqlite_driver.stat(txn, &stat));
        ck_assert_uint_eq(stat.mark.batch, 0);
        use_ok(hf__sqlite_driver.check(txn, NULL, NULL));
        hf__sqlite_driver.rollback(txn);
    }
    char answer[20];
    use_query("bad.db", "SELECT count(*) FROM orders", answer, sizeof answer);
    ck_assert_str_eq(answer, "0;");
    hf__sqlite_driver.close(store);
}
END_TEST

START_TEST(a_write_by_another_program_is_noticed_and_final)
{
    void *store = shop("foreign.db");
    void *txn = NULL;
    ck_assert_int_eq(use_sql("foreign.db", "UPDATE accounts SET balance = 13"), SQLITE_OK);
    use_refused(hf__sqlite_driver.begin(store, HF_TXN_WRITE, &use_caller, &txn), HF_E_POISONED);
    use_refused(hf__sqlite_driver.begin(store, HF_TXN_WRITE, &use_caller, &txn), HF_E_POISONED);
    hf_account row = shirt();
    uint8_t found = 0;
    txn = use_begin(store, HF_TXN_SNAPSHOT);
    use_refused(hf__sqlite_driver.get(txn, HF__ACCOUNTS, (void *[]){&row}, &found, 1),
                HF_E_CORRUPT);
    ck_assert_ptr_nonnull(strstr(use_error.text, "accounts"));
    ck_assert_ptr_nonnull(strstr(use_error.text, "name=shirt"));
    hf__sqlite_driver.rollback(txn);
    hf__sqlite_driver.close(store);
}
END_TEST

START_TEST(another_programs_read_and_lock_only_delay)
{
    void *store = shop("reader.db");
    sqlite3 *db = NULL;
    void *txn = NULL;
    ck_assert_int_eq(sqlite3_open("reader.db", &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "BEGIN; SELECT * FROM orders", NULL, NULL, NULL), SQLITE_OK);
    hf_account old = shirt();
    for (uint64_t i = 0; i < 1200; i++) { /* beyond a checkpoint */
        hf_account row = old;
        row.balance++;
        txn = use_begin(store, HF_TXN_WRITE);
        use_put(txn, HF__ACCOUNTS, &row, &old);
        use_commit(txn, 10 + i);
        old = row;
    }
    ck_assert_int_eq(sqlite3_exec(db, "COMMIT; BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    use_refused(hf__sqlite_driver.begin(store, HF_TXN_WRITE, &use_caller, &txn), HF_E_BUSY);
    ck_assert_int_eq(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    txn = use_begin(store, HF_TXN_WRITE);
    hf__sqlite_driver.rollback(txn);
    (void)sqlite3_close(db);
    hf__sqlite_driver.close(store);
}
END_TEST

START_TEST(too_many_snapshots_and_a_second_write_are_refused)
{
    void *store = shop("many.db");
    void *snapshots[HF__SQLITE_READERS];
    void *txn = NULL;
    for (uint32_t i = 0; i < HF__SQLITE_READERS; i++)
        snapshots[i] = use_begin(store, HF_TXN_SNAPSHOT);
    use_refused(hf__sqlite_driver.begin(store, HF_TXN_SNAPSHOT, &use_caller, &txn), HF_E_BUSY);
    void *write = use_begin(store, HF_TXN_WRITE);
    use_refused(hf__sqlite_driver.begin(store, HF_TXN_WRITE, &use_caller, &txn), HF_E_BUSY);
    hf__sqlite_driver.rollback(write);
    for (uint32_t i = 0; i < HF__SQLITE_READERS; i++)
        hf__sqlite_driver.rollback(snapshots[i]);
    hf__sqlite_driver.close(store);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sqlite");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, another_program_reads_plain_sql_while_the_store_is_open, 0,
                        (int)(sizeof questions / sizeof questions[0]));
    tcase_add_loop_test(core, values_no_row_can_have_are_refused_by_the_tables, 0,
                        (int)(sizeof bad_writes / sizeof bad_writes[0]));
    tcase_add_test(core, a_row_comes_back_as_it_was_put_and_moves_between_partial_indexes);
    tcase_add_test(core, no_statement_is_prepared_and_nothing_allocated_in_the_steady_state);
    tcase_add_test(core, a_snapshot_keeps_its_commit_while_others_follow);
    tcase_add_test(core, a_number_with_names_is_kept_as_its_name);
    tcase_add_test(core, what_is_rolled_back_leaves_no_trace);
    tcase_add_test(core, a_row_the_caller_is_wrong_about_stops_the_whole_transaction);
    tcase_add_test(core, many_rows_of_every_table_are_put_at_once);
    tcase_add_test(core, one_bad_row_of_many_stops_the_whole_transaction);
    tcase_add_test(core, a_write_by_another_program_is_noticed_and_final);
    tcase_add_test(core, another_programs_read_and_lock_only_delay);
    tcase_add_test(core, too_many_snapshots_and_a_second_write_are_refused);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
