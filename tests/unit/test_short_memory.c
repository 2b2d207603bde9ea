/*
 * What the engine does by itself when a batch has memory for few of the records: large orders
 * expire and are promoted all the same, in smaller operations, and one order for which no batch has
 * memory keeps no other from being promoted. No clock but the test's.
 */
#include "base/id.h"
#include "engine/state.h"
#include "support/bare.h"

#include <stdio.h>

#define ORDERS    40u
#define LINES_MAX 1100u
#define DEADLINE  (HF_BARE_NOW + 60000)
#define WHOLE     (64u << 20)
#define SMALL     (4u << 20)

/* Lines of each order, and the memory of a batch. */
typedef struct extent {
    uint32_t lines;
    uint32_t bytes;
} extent;

static const extent extents[] = {{100, SMALL}, {LINES_MAX, WHOLE}};
#define EXTENTS ((int)(sizeof extents / sizeof extents[0]))

static char logged[8192]; /* errors */

static void keep_log(void *data, uint32_t level, const char *text)
{
    size_t used = strlen(logged);
    (void)data;
    (void)level;
    (void)snprintf(logged + used, sizeof logged - used, "%s\n", text);
}

static void use_memory(uint32_t bytes)
{
    hf__batch_fini(&batch, &env);
    ck_assert_int_eq(hf__batch_init(&batch, &env, 8, 1u << 12, bytes), 0);
}

static void open_with(uint32_t bytes)
{
    const hf__engine_config config = {
        .env = &env,
        .driver = &fault.driver,
        .location = "",
        .batch_bytes = bytes,
        .cache_bytes = 1u << 20,
        .commit_ops_max = 8192,
        .virtual_time_ms = HF_BARE_NOW,
        .error = &error,
    };
    ck_assert_int_eq(hf__engine_open(&config, &engine), 0);
    use_memory(bytes);
}

static void begin(uint32_t bytes)
{
    setup();
    hf__engine_close(engine);
    env.log = keep_log;
    env.log_level = HF_LOG_ERROR;
    logged[0] = '\0';
    open_with(bytes);
}

/* Runs what was added; the status of the last one. */
static int run_added(void)
{
    run();
    int status = batch.tasks[batch.count - 1].done.status;
    hf__batch_reset(&batch);
    return status;
}

static hf_id last_order;

static int place(const char *sku, uint32_t lines, int64_t deadline_ms)
{
    static hf_line_args all[LINES_MAX];
    hf_order_place_args order;
    const int64_t price = deadline_ms != 0; /* else nothing is to be paid for a promotion */
    for (uint32_t i = 0; i < lines; i++) {
        hf_line_init(&all[i], sku, 1, price);
        all[i].settle_on = HF_SETTLE_FULFIL;
    }
    hf_order_place_init(&order, "pcs");
    order.customer = order.series = order.external_ref = "";
    order.lines = all;
    order.line_count = lines;
    order.total = lines * price;
    order.deadline_ms = deadline_ms;
    order.policy = deadline_ms == 0 ? HF_ORDER_QUEUE : 0;
    last_order = add(HF_OP_ORDER_PLACE, &order.head)->op.id;
    return run_added();
}

static uint32_t order_state(const hf_id *id)
{
    hf_order_get_args get;
    hf_order_get_init(&get, id);
    hf__task *task = add(HF_OP_ORDER_GET, &get.head);
    hf__engine_read(engine, &batch);
    ck_assert_msg(task->done.status == 0, "%s", task->done.detail);
    uint32_t found = ((const hf_order_view *)task->done.result)->order->state;
    hf__batch_reset(&batch);
    return found;
}

static void supply(const char *sku, int64_t quantity)
{
    hf_move_args args;
    hf_move_init(&args);
    args.to = (hf_account_key){HF_KIND_ITEM, 0, sku, "", "pcs"};
    args.amount = quantity;
    (void)add(HF_OP_ACCOUNT_DEPOSIT, &args.head);
    ck_assert_int_eq(run_added(), 0);
}

static hf_account account(const char *sku)
{
    hf_account_get_args get;
    hf_item_get_init(&get, sku);
    get.key.place = "";
    hf__task *task = add(HF_OP_ITEM_GET, &get.head);
    hf__engine_read(engine, &batch);
    ck_assert_int_eq(task->done.status, 0);
    hf_account found = *(const hf_account *)task->done.result;
    hf__batch_reset(&batch);
    return found;
}

/* Batches without operations as long as the engine wants one at once; how many. */
static uint32_t run_until_done(void)
{
    uint32_t batches = 0;
    do {
        hf__batch_reset(&batch);
        run();
        ck_assert_uint_lt(++batches, 1000);
    } while (batch.again);
    return batches;
}

static void advance(int64_t ms)
{
    ck_assert_int_eq(hf__engine_clock_advance(engine, ms), 0);
}

static void place_all(const extent *of, int64_t deadline_ms)
{
    for (uint32_t i = 0; i < ORDERS; i++)
        ck_assert_int_eq(place("tea", of->lines, deadline_ms), 0);
}

START_TEST(large_orders_expire_however_little_memory_a_batch_has)
{
    const extent *of = &extents[_i];
    begin(of->bytes);
    stock("tea", (int64_t)ORDERS * of->lines);
    place_all(of, DEADLINE);
    ck_assert_int_eq(account("tea").held_out, (int64_t)ORDERS * of->lines);
    advance(DEADLINE - HF_BARE_NOW);
    (void)fprintf(stderr, "%u batches\n", run_until_done());
    ck_assert_int_eq(account("tea").held_out, 0);
    ck_assert_uint_eq(order_state(&last_order), HF_ORDER_EXPIRED);
    ck_assert_str_eq(logged, "");
    teardown();
}
END_TEST

START_TEST(large_orders_are_promoted_however_little_memory_a_batch_has)
{
    const extent *of = &extents[_i];
    begin(of->bytes);
    stock("tea", 0);
    place_all(of, 0);
    ck_assert_uint_eq(account("tea").waiting, ORDERS);
    supply("tea", (int64_t)ORDERS * of->lines);
    (void)fprintf(stderr, "%u batches\n", run_until_done());
    ck_assert_uint_eq(account("tea").waiting, 0);
    ck_assert_int_eq(account("tea").held_out, (int64_t)ORDERS * of->lines);
    ck_assert_str_eq(logged, "");
    teardown();
}
END_TEST

/* What expired for a caller whose batch had no memory left stays expired: it may try again. */
START_TEST(who_needs_what_large_overdue_orders_hold_gets_it)
{
    const extent *of = &extents[_i];
    const int64_t all = (int64_t)ORDERS * of->lines;
    const int64_t most = all / 4 * 3;
    begin(of->bytes);
    stock("tea", all);
    place_all(of, DEADLINE);
    advance(DEADLINE - HF_BARE_NOW);
    atomic_store(&engine->next_due, 0); /* the batch is decided before anything expires by itself */
    int status = HF_E_OVERLOADED;
    for (int i = 0; i < 10 && status == HF_E_OVERLOADED; i++) {
        (void)add_withdraw("tea", most);
        status = run_added();
    }
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(account("tea").balance, all - most);
    ck_assert_str_eq(logged, "");
    teardown();
}
END_TEST

/* The memory that it was placed with is more than a batch has now. */
START_TEST(an_order_that_no_batch_has_memory_for_keeps_no_other_from_being_promoted)
{
    begin(WHOLE);
    stock("cup", 0);
    stock("tea", 0);
    ck_assert_int_eq(place("cup", LINES_MAX, 0), 0);
    const hf_id large = last_order;
    ck_assert_int_eq(place("tea", 1, 0), 0);
    const hf_id small = last_order;
    use_memory(1u << 20);
    supply("cup", LINES_MAX);
    (void)run_until_done();
    ck_assert_ptr_nonnull(strstr(logged, "HF_E_NOMEM"));
    supply("tea", 1);
    (void)run_until_done();
    ck_assert_uint_eq(order_state(&small), HF_ORDER_CONFIRMED);
    logged[0] = '\0';
    advance(500);
    (void)run_until_done();
    ck_assert_str_eq(logged, ""); /* it is not tried all the time */
    advance(500);
    ck_assert_int_le(hf__engine_next_due(engine), hf__engine_now(engine));
    (void)run_until_done();
    ck_assert_int_eq(engine->supply.list[0].not_before_ms, hf__engine_now(engine) + 1000);
    ck_assert_str_eq(logged, ""); /* it was tried again, and the log has it already */
    use_memory(WHOLE);
    advance(1000);
    (void)run_until_done();
    ck_assert_uint_eq(order_state(&large), HF_ORDER_CONFIRMED);
    ck_assert_int_eq(place("cup", LINES_MAX, 0), 0);
    use_memory(1u << 20);
    supply("cup", LINES_MAX);
    (void)run_until_done();
    ck_assert_ptr_nonnull(strstr(logged, "HF_E_NOMEM")); /* of another one it is news */
    teardown();
}
END_TEST

/* After opening all accounts are looked at, some in each batch, although nothing can be done. */
START_TEST(batches_follow_at_once_while_accounts_are_searched)
{
    begin(WHOLE);
    for (uint32_t i = 0; i < 100; i++) {
        char sku[8];
        (void)snprintf(sku, sizeof sku, "i%02u", i);
        stock(sku, 0);
        ck_assert_int_eq(place(sku, 1, 0), 0);
    }
    hf__engine_close(engine);
    open_with(WHOLE);
    uint64_t number = engine->number;
    ck_assert_uint_ge(run_until_done(), 100 / 32);
    ck_assert(!engine->supply.searching);
    ck_assert_uint_eq(engine->number, number);
    teardown();
}
END_TEST

/* A share that was overdrawn is no reason to do nothing, beside a caller that is refused either. */
START_TEST(batches_follow_at_once_while_the_share_is_overdrawn)
{
    begin(WHOLE);
    stock("tea", (int64_t)64 * 100);
    for (uint32_t i = 0; i < 64; i++)
        ck_assert_int_eq(place("tea", 100, DEADLINE), 0);
    advance(DEADLINE - HF_BARE_NOW);
    for (uint32_t batches = 0; account("tea").held_out != 0; batches++) {
        if (_i == 1)
            (void)add_withdraw("none", 1);
        run();
        bool again = batch.again;
        hf__batch_reset(&batch);
        ck_assert(again == (account("tea").held_out != 0));
        ck_assert_uint_lt(batches, 1000);
    }
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("short_memory");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, large_orders_expire_however_little_memory_a_batch_has, 0, EXTENTS);
    tcase_add_loop_test(core, large_orders_are_promoted_however_little_memory_a_batch_has, 0,
                        EXTENTS);
    tcase_add_loop_test(core, who_needs_what_large_overdue_orders_hold_gets_it, 0, EXTENTS);
    tcase_add_test(core, an_order_that_no_batch_has_memory_for_keeps_no_other_from_being_promoted);
    tcase_add_test(core, batches_follow_at_once_while_accounts_are_searched);
    tcase_add_loop_test(core, batches_follow_at_once_while_the_share_is_overdrawn, 0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
