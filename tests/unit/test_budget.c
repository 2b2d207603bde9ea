/*
 * The budget of the record layout: what a two-line checkout, paid from an account and final at
 * once, writes. Every later speed hangs on it, so a change of these numbers is a decision.
 *
 *     rows      9   order, 2 lines, payment, event; 2 items, wallet, number series changed
 *     events    1   one an operation
 *     indexes   3   orders by customer and by state, payments by order
 *     bytes         keys and values of all of these, as LMDB stores them (4 bytes checksum a row)
 *     reads     0   of single rows: accounts are hot, and new ids are known to be new
 *
 * Orders by state are an entry of each order, closed ones too: a list of what closed or was
 * cancelled lately must not read all orders. A new entry comes last or nearly so, and costs 17
 * bytes.
 */
#include "model/codec.h"
#include "store/builtin.h"
#include "support/check_main.h"
#include "support/host.h"

#define ROWS_MAX    9
#define INDEXES_MAX 3
#define BYTES_MAX   700

typedef struct tally {
    uint32_t rows;
    uint32_t events;
    uint32_t indexes;
    uint32_t bytes;
    uint32_t commits;
    uint32_t reads;
} tally;

static tally counted;
static int done_calls;

static void count_index(const hf_table *table, uint32_t index, const void *row, const void *old)
{
    uint8_t now[HF__KEY_MAX];
    uint8_t before[HF__KEY_MAX];
    bool has = hf__index_has(table, index, row);
    bool had = old != NULL && hf__index_has(table, index, old);
    uint32_t bytes = has ? hf__key_encode(table, index, row, HF__KEY_ALL, now) : 0;
    uint32_t had_bytes = had ? hf__key_encode(table, index, old, HF__KEY_ALL, before) : 0;
    if (has == had && bytes == had_bytes && memcmp(now, before, bytes) == 0)
        return;
    counted.indexes += (uint32_t)has + (uint32_t)had;
    counted.bytes += bytes + had_bytes;
}

static int count_put(void *txn, uint32_t table, const void *const *rows, const void *const *olds,
                     uint32_t count)
{
    static uint8_t encoded[65536];
    const hf_table *declared = hf_store_schema()->tables[table];
    for (uint32_t i = 0; i < count; i++) {
        uint8_t key[HF__KEY_MAX];
        counted.rows++;
        counted.events += table == HF__EVENTS;
        counted.bytes += hf__key_encode(declared, HF__PRIMARY, rows[i], HF__KEY_ALL, key) + 4;
        counted.bytes += (uint32_t)hf__row_encode(declared, rows[i], encoded, sizeof encoded);
        for (uint32_t index = 1; index <= declared->index_count; index++)
            count_index(declared, index, rows[i], olds[i]);
    }
    return hf__memory_driver.put(txn, table, rows, olds, count);
}

static int count_get(void *txn, uint32_t table, void *const *rows, uint8_t *found, uint32_t count)
{
    counted.reads += count;
    return hf__memory_driver.get(txn, table, rows, found, count);
}

static int count_commit(void *txn, const hf_store_mark *mark)
{
    counted.commits++;
    return hf__memory_driver.commit(txn, mark);
}

static void on_done(hf_req *req, const hf_completion *done)
{
    (void)req;
    ck_assert_msg(done->status == 0, "%s: %s", hf_op_name(done->type), done->detail);
    done_calls++;
}

static void put_account(hf_test_host *host, uint32_t kind, const char *name)
{
    static hf_req reqs[3];
    static uint32_t next;
    hf_account_put_args args;
    hf_account_put_init(&args, kind, name, kind == HF_KIND_ITEM ? "pcs" : "EUR");
    args.unit_scale = kind == HF_KIND_ITEM ? 0 : 2;
    args.opening = 1000000;
    ck_assert_int_eq(hf_account_put(host->engine, &reqs[next++], &args, on_done), 0);
}

/* `ids`: of the order and of its payment; NULL: made. */
static void check_out(hf_test_host *host, const hf_id ids[2])
{
    static hf_req req;
    hf_line_args lines[2];
    hf_payment_args payment;
    hf_order_place_args order;
    hf_line_init(&lines[0], "item-00042", 1, 450);
    hf_line_init(&lines[1], "item-00043", 2, 1200);
    hf_payment_init(&payment, "user-00007", "EUR", 2850);
    hf_order_place_init(&order, "EUR");
    order.customer = "user-00007";
    order.lines = lines;
    order.line_count = 2;
    order.payments = &payment;
    order.payment_count = 1;
    order.total = 2850;
    if (ids != NULL) {
        order.head.id = ids[0];
        payment.id = ids[1];
    }
    ck_assert_int_eq(hf_order_place(host->engine, &req, &order, on_done), 0);
}

static void open_shop(hf_test_host *host)
{
    static hf_store_driver counting;
    counting = hf__memory_driver;
    counting.put = count_put;
    counting.get = count_get;
    counting.commit = count_commit;
    hf_test_options(host, 0);
    host->options.driver = &counting;
    hf_test_open(host);
    done_calls = 0;
    put_account(host, HF_KIND_ITEM, "item-00042");
    put_account(host, HF_KIND_ITEM, "item-00043");
    put_account(host, HF_KIND_MONEY, "user-00007");
    hf_test_run(host, &done_calls, 3);
    check_out(host, NULL); /* the first makes its number series */
    hf_test_run(host, &done_calls, 4);
    counted = (tally){0};
}

static void close_shop(hf_test_host *host)
{
    (void)hf_engine_close(host->engine, hf_test_closed, host);
    hf_test_run(host, &host->closed, 1);
    ck_assert_int_eq(hf_loop_destroy(host->loop), 0);
}

START_TEST(a_two_line_checkout_writes_what_its_budget_says)
{
    hf_test_host host;
    open_shop(&host);
    check_out(&host, NULL);
    hf_test_run(&host, &done_calls, 5);
    (void)fprintf(stderr, "checkout: %u rows, %u events, %u index entries, %u bytes, %u commit\n",
                  counted.rows, counted.events, counted.indexes, counted.bytes, counted.commits);
    ck_assert_uint_eq(counted.commits, 1);
    ck_assert_uint_eq(counted.events, 1);
    ck_assert_uint_eq(counted.rows, ROWS_MAX);
    ck_assert_uint_eq(counted.indexes, INDEXES_MAX);
    ck_assert_uint_le(counted.bytes, BYTES_MAX);
    ck_assert_uint_eq(counted.reads, 0);
    close_shop(&host);
}
END_TEST

/* Ids of callers whose clocks differ by seconds, in no order. */
START_TEST(new_ids_of_many_callers_cost_no_read)
{
    enum { CHECKOUTS = 50 };
    hf_test_host host;
    open_shop(&host);
    for (int i = 0; i < CHECKOUTS; i++) {
        hf_id ids[2];
        char text[2][24];
        for (int j = 0; j < 2; j++) {
            (void)snprintf(text[j], sizeof text[j], "caller %d, id %d", i, j);
            ck_assert_int_eq(hf_id_from_key(1700000000000 + i * 7919 % 10000, text[j], &ids[j]), 0);
        }
        check_out(&host, ids);
        hf_test_run(&host, &done_calls, 5 + i);
    }
    ck_assert_uint_eq(counted.reads, 0);
    close_shop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("budget");
    TCase *core = tcase_create("core");
    tcase_add_test(core, a_two_line_checkout_writes_what_its_budget_says);
    tcase_add_test(core, new_ids_of_many_callers_cost_no_read);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
