/*
 * Orders that one batch reads together, on every store: each is what it is when it is read alone,
 * with lines, further legs, adjustments and payments, also beside orders that are not there or are
 * damaged. The store is asked a number of times that does not grow with the orders.
 */
#include "cache/packed_result.h"
#include "store/builtin.h"
#include "support/check_main.h"
#include "support/fault.h"
#include "support/orders.h"

#include <holdfast.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ORDERS     70u
#define LINES_MAX  12u
#define BYTES      ((size_t)1 << 16) /* of a packed order, at most */
#define READ_CALLS (1u << HF__FAULT_GET | 1u << HF__FAULT_SCAN)
#define START_MS   INT64_C(1700000000000)

static const char *const schemes[] = {
    "memory",
#if HF_HAVE_LMDB
    "lmdb",
#endif
#if HF_HAVE_SQLITE
    "sqlite",
#endif
};
#define SCHEMES ((int)(sizeof schemes / sizeof schemes[0]))

static struct {
    hf__fault fault;
    struct uv_loop_s *loop;
    hf_engine *engine;
    hf_id ids[ORDERS];
    int closed;
} shop;

/* ---- The shop -------------------------------------------------------------------------------- */

static hf_completion run(uint32_t type, const void *args)
{
    hf_completion done;
    const int error = hf_run(shop.engine, type, args, &done);
    ck_assert_msg(error == 0, "%s: %s", hf_op_name(type), done.detail);
    return done;
}

static void declare(const char *unit, uint32_t scale)
{
    hf_unit_put_args args;
    hf_unit_put_init(&args, unit, scale);
    (void)run(HF_OP_UNIT_PUT, &args);
}

static void put(uint32_t kind, const char *name, const char *unit)
{
    hf_account_put_args args;
    hf_account_put_init(&args, kind, name, unit);
    args.opening = 1000000;
    (void)run(HF_OP_ACCOUNT_PUT, &args);
}

static void place(uint32_t number, uint32_t line_count)
{
    hf_order_place_args args;
    hf_line_args lines[LINES_MAX];
    hf_leg_args legs[3];
    hf_adjustment_args adjustments[2];
    hf_payment_args payments[2];
    hf_order_place_init(&args, "EUR");
    for (uint32_t i = 0; i < line_count; i++)
        hf_line_init(&lines[i], "tea", 1, 100);
    for (uint32_t i = 0; i < 3; i++)
        legs[i] = (hf_leg_args){.from = {.kind = HF_KIND_ITEM,
                                         .name = i == 0 ? "tea" : "cup",
                                         .place = "",
                                         .unit = "pcs"},
                                .per_unit = i + 1};
    lines[0].legs = legs;
    lines[0].leg_count = 1 + number % 3;
    args.total = INT64_C(100) * line_count;
    args.adjustment_count = number / 2 % 3;
    for (uint32_t i = 0; i < args.adjustment_count; i++, args.total -= 10)
        adjustments[i] =
            (hf_adjustment_args){.amount = -10, .kind = HF_ADJUSTMENT_DISCOUNT, .line = i};
    args.payment_count = number % 4 == 0 ? 0 : 1 + number % 2;
    for (uint32_t i = 0; i < args.payment_count; i++)
        hf_payment_init(&payments[i], "ada", "EUR",
                        args.payment_count == 1 ? args.total
                        : i == 0                ? 30
                                                : args.total - 30);
    args.lines = lines;
    args.line_count = line_count;
    args.adjustments = adjustments;
    args.payments = payments;
    args.customer = "ada";
    args.head.meta = &number;
    args.head.meta_bytes = number % 5 == 0 ? sizeof number : 0;
    shop.ids[number] = ((const hf_order_view *)run(HF_OP_ORDER_PLACE, &args).result)->order->id;
}

static void open_shop(int i, uint32_t lines_max)
{
    char error[480] = "";
    static char location[32];
    static uint32_t opened; /* each test has a store of its own */
    hf_options options;
    hf_options_init(&options);
    ck_assert_int_eq(hf__fault_init(&shop.fault, hf_store_builtin(schemes[i]), NULL), 0);
    options.driver = &shop.fault.driver;
    (void)snprintf(location, sizeof location, "%s-%d-%u.db", schemes[i], (int)getpid(), opened++);
    options.store = strcmp(schemes[i], "memory") == 0 ? "" : location;
    options.threads = 0;
    options.batch_bytes_max = 4 << 20;
    options.cache_bytes_max = 1 << 20;
    options.read_cache_bytes_max = 0;
    options.durability = HF_DURABILITY_NONE;
    options.virtual_time_ms = START_MS;
    options.error = error;
    options.error_bytes = sizeof error;
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    ck_assert_msg(hf_engine_open(shop.loop, &options, &shop.engine) == 0, "%s", error);
    declare("pcs", 0);
    declare("EUR", 2);
    put(HF_KIND_ITEM, "tea", "pcs");
    put(HF_KIND_ITEM, "cup", "pcs");
    put(HF_KIND_MONEY, "ada", "EUR");
    for (uint32_t n = 0; n < ORDERS; n++)
        place(n, 1 + n % lines_max);
}

static void close_shop(void)
{
    ck_assert_int_eq(hf_run_close(shop.engine), 0);
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
    hf__fault_fini(&shop.fault);
}

/* ---- Reading --------------------------------------------------------------------------------- */

typedef struct answer {
    int status;
    size_t bytes;
    uint8_t packed[BYTES];
} answer;

/* Packed at one address, two equal orders have equal bytes, pointers included. */
static void take(answer *into, const hf_completion *done)
{
    static _Alignas(16) uint8_t packed[BYTES];
    into->status = done->status;
    into->bytes = 0;
    if (done->status != 0 || done->type != HF_OP_ORDER_GET)
        return;
    into->bytes = hf__result_bytes(HF__ORDERS, done->result);
    ck_assert_uint_le(into->bytes, BYTES);
    memset(packed, 0, into->bytes);
    hf__result_pack(HF__ORDERS, done->result, packed);
    memcpy(into->packed, packed, into->bytes);
}

static void read_together(const hf_op *ops, uint32_t count, answer *answers)
{
    static hf_completion done[2 * ORDERS];
    ck_assert_int_eq(hf_submit(shop.engine, ops, count, NULL), (int)count);
    for (uint32_t had = 0; had < count;) {
        const int got = hf_completions(shop.engine, done, 2 * ORDERS);
        ck_assert_int_ge(got, 0);
        for (int i = 0; i < got; i++)
            take(&answers[done[i].user_data], &done[i]);
        had += (uint32_t)got;
        if (got == 0)
            (void)hf_loop_run_once(shop.loop, 1);
    }
}

static void read_alone(const hf_op *op, answer *into)
{
    hf_completion done;
    (void)hf_run(shop.engine, op->type, op->args, &done);
    take(into, &done);
}

static hf_op order_op(hf_order_get_args *args, const hf_id *id, uint32_t number)
{
    hf_order_get_init(args, id);
    return (hf_op){.type = HF_OP_ORDER_GET, .args = args, .user_data = number};
}

static void check_same(hf_op *ops, uint32_t count)
{
    static answer together[2 * ORDERS];
    static answer alone;
    for (uint32_t i = 0; i < count; i++)
        ops[i].user_data = i;
    read_together(ops, count, together);
    for (uint32_t i = 0; i < count; i++) {
        read_alone(&ops[i], &alone);
        ck_assert_msg(together[i].status == alone.status, "read %u: %s, not %s", i,
                      hf_error_name(together[i].status), hf_error_name(alone.status));
        ck_assert_msg(together[i].bytes == alone.bytes &&
                          memcmp(together[i].packed, alone.packed, alone.bytes) == 0,
                      "read %u differs", i);
    }
}

START_TEST(orders_read_together_are_what_each_is_alone)
{
    static hf_order_get_args args[2 * ORDERS];
    static hf_op ops[2 * ORDERS];
    hf_account_get_args account;
    open_shop(_i, LINES_MAX);
    uint32_t count = 0;
    for (uint32_t n = 0; n < ORDERS; n++) {
        ops[count] = order_op(&args[count], &shop.ids[n * 37 % ORDERS], count);
        count++;
        if (n % 9 == 1) { /* the same once more, one that is not there, and another read */
            ops[count] = order_op(&args[count], &shop.ids[n], count);
            count++;
            const hf_id unknown = hf_test_id(n);
            ops[count] = order_op(&args[count], &unknown, count);
            count++;
            hf_account_get_init(&account, HF_KIND_MONEY, "ada", "EUR");
            ops[count] = (hf_op){.type = HF_OP_ACCOUNT_GET, .args = &account, .user_data = count};
            count++;
        }
    }
    check_same(ops, count);
    check_same(ops, 2);
    check_same(ops + 1, 3);
    close_shop();
}
END_TEST

static uint64_t count_calls(uint32_t orders)
{
    static hf_order_get_args args[ORDERS];
    static hf_op ops[ORDERS];
    static answer answers[ORDERS];
    for (uint32_t n = 0; n < orders; n++)
        ops[n] = order_op(&args[n], &shop.ids[n], n);
    hf__fault_arm(&shop.fault, &(hf__fault_plan){.calls = READ_CALLS});
    read_together(ops, orders, answers);
    for (uint32_t n = 0; n < orders; n++)
        ck_assert_int_eq(answers[n].status, 0);
    return hf__fault_calls(&shop.fault);
}

START_TEST(many_orders_ask_the_store_as_often_as_few)
{
    open_shop(_i, 8);
    const uint64_t few = count_calls(8);
    ck_assert_uint_le(few, 5); /* orders, lines, adjustments, payments, further legs */
    ck_assert_uint_eq(count_calls(64), few);
    ck_assert_uint_gt(count_calls(1), 1); /* the calls are counted */
    close_shop();
}
END_TEST

START_TEST(orders_are_read_one_by_one_when_the_store_fails_once)
{
    static hf_order_get_args args[ORDERS];
    static hf_op ops[ORDERS];
    static answer answers[ORDERS];
    open_shop(_i, 4);
    for (uint32_t n = 0; n < ORDERS; n++)
        ops[n] = order_op(&args[n], &shop.ids[n], n);
    for (uint32_t at = 1; at <= 5; at++) {
        hf__fault_arm(&shop.fault,
                      &(hf__fault_plan){.at = at, .kind = HF__FAULT_FAIL, .calls = READ_CALLS});
        read_together(ops, 40, answers);
        ck_assert_uint_eq(hf__fault_hits(&shop.fault), 1);
        for (uint32_t n = 0; n < 40; n++)
            ck_assert_int_eq(answers[n].status, 0);
        hf__fault_arm(&shop.fault, &(hf__fault_plan){.at = 0});
        check_same(ops, 40);
    }
    close_shop();
}
END_TEST

/* Removes a row of an order behind the engine's back. */
static void remove_line(const hf_id *order)
{
    const hf_store_driver *inner = shop.fault.inner;
    hf_store_error error = {0};
    const hf_store_caller caller = {.error = &error};
    hf_order_line row = {.order = *order, .no = 1};
    void *rows[] = {&row};
    const void *olds[] = {&row};
    uint8_t found;
    void *txn;
    hf_store_stat stat = {0};
    ck_assert_int_eq(inner->begin(shop.fault.store, HF_TXN_WRITE, &caller, &txn), 0);
    ck_assert_int_eq(inner->stat(txn, &stat), 0);
    ck_assert_int_eq(inner->get(txn, HF__ORDER_LINES, rows, &found, 1), 0);
    ck_assert_uint_eq(found, 1);
    ck_assert_int_eq(inner->del(txn, HF__ORDER_LINES, olds, 1), 0);
    const hf_store_mark mark = {.batch = stat.mark.batch + 1, .time_ms = stat.mark.time_ms};
    ck_assert_int_eq(inner->commit(txn, &mark), 0);
}

START_TEST(an_order_that_lacks_a_row_fails_alone)
{
    static hf_order_get_args args[ORDERS];
    static hf_op ops[ORDERS];
    static answer answers[ORDERS];
    open_shop(_i, 4);
    remove_line(&shop.ids[7]);
    for (uint32_t n = 0; n < 20; n++)
        ops[n] = order_op(&args[n], &shop.ids[n], n);
    read_together(ops, 20, answers);
    for (uint32_t n = 0; n < 20; n++)
        ck_assert_int_eq(answers[n].status, n == 7 ? HF_E_CORRUPT : 0);
    check_same(ops, 20);
    close_shop();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("many_orders");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, orders_read_together_are_what_each_is_alone, 0, SCHEMES);
    tcase_add_loop_test(core, many_orders_ask_the_store_as_often_as_few, 0, SCHEMES);
    tcase_add_loop_test(core, orders_are_read_one_by_one_when_the_store_fails_once, 0, SCHEMES);
    tcase_add_loop_test(core, an_order_that_lacks_a_row_fails_alone, 0, SCHEMES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
