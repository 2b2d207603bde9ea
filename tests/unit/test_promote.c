/*
 * More accounts than the engine keeps in its list, whose promotions all fail for want of memory:
 * the engine waits between its attempts, logs it once, and other accounts are served meanwhile.
 * The store is made with enough memory and opened with less; the clock is the test's.
 */
#include "engine/state.h"
#include "support/bells.h"

#define START_MS INT64_C(1800000000000)
#define ITEMS    (HF__PROMOTE_MAX + 76)
#define WHOLE    (64u << 20)
#define SMALL    (64u << 10)
#define TURNS    2000 /* far more than all accounts need once */
#define KINDS    2    /* accounts without and with overtaking */

static uint32_t overtake;
static uint32_t logged; /* lines about a record for which no batch has the memory */
static char names[ITEMS][8];

static void count_log(void *data, uint32_t level, const char *text)
{
    (void)data;
    if (level == HF_LOG_ERROR && strstr(text, "no memory for one record") != NULL)
        logged++;
}

static void open_with(int scheme, uint32_t batch_bytes)
{
    hf_options options;
    hf_options_init(&options);
    options.store = url(scheme, "store");
    options.threads = 0;
    options.queue_bytes_max = 4 << 20;
    options.batch_bytes_max = batch_bytes;
    options.cache_bytes_max = 1 << 20;
    options.virtual_time_ms = START_MS;
    options.durability = HF_DURABILITY_NONE;
    options.log = count_log;
    options.error = shop.detail;
    options.error_bytes = sizeof shop.detail;
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    const int error = hf_engine_open(shop.loop, &options, &shop.engine);
    ck_assert_msg(error == 0, "%s: %s", hf_error_name(error), shop.detail);
}

static void put(const char *name)
{
    hf_account_put_args args;
    hf_item_put_init(&args, name);
    args.overtake = overtake;
    ck_assert_msg(shop_run(HF_OP_ITEM_PUT, &args) == 0, "%s", shop.detail);
}

/* An order of one piece of each of `count` items, which may wait. */
static int place(const hf_id *id, char (*items)[8], uint32_t count)
{
    static hf_line_args lines[ITEMS];
    hf_order_place_args order;
    for (uint32_t i = 0; i < count; i++) {
        hf_line_init(&lines[i], items[i], 1, 0);
        lines[i].settle_on = HF_SETTLE_FULFIL;
    }
    hf_order_place_init(&order, "EUR");
    order.head.id = *id;
    order.lines = lines;
    order.line_count = count;
    order.policy = HF_ORDER_QUEUE;
    return shop_run(HF_OP_ORDER_PLACE, &order);
}

static hf_id id_of(const char *text)
{
    hf_id id;
    ck_assert_int_eq(hf_id_from_key(START_MS, text, &id), 0);
    return id;
}

static uint32_t state_of(const hf_id *id)
{
    hf_order_get_args args;
    hf_order_get_init(&args, id);
    const hf_op op = {.type = HF_OP_ORDER_GET, .args = &args};
    ck_assert_int_eq(hf_submit(shop.engine, &op, 1, NULL), 1);
    hf_completion done;
    while (hf_completions(shop.engine, &done, 1) == 0)
        (void)hf_loop_run_once(shop.loop, 1);
    ck_assert_int_eq(done.status, 0);
    return ((const hf_order_view *)done.result)->order->state;
}

/* Turns of the loop until the engine waits for something. */
static void run_until_it_waits(void)
{
    uint32_t turns = 0;
    do {
        (void)hf_loop_run_once(shop.loop, 0);
        ck_assert_uint_lt(++turns, TURNS);
    } while (hf_loop_timeout(shop.loop) == 0);
}

/*
 * An order of all items waits on each of them, and is larger than a batch of the engine that is
 * opened then. A small one waits for a "zz", which comes behind all others.
 */
static void leave_orders(int kind)
{
    static char zz[1][8] = {"zz"};
    const hf_id large = id_of("large");
    const hf_id small = id_of("small");
    overtake = kind % KINDS == 1;
    in_a_folder();
    open_with(kind / KINDS, WHOLE);
    const hf_unit_put_args euro = {.head = {.size = sizeof euro}, .code = "EUR", .scale = 2};
    ck_assert_int_eq(shop_run(HF_OP_UNIT_PUT, &euro), 0);
    for (uint32_t i = 0; i < ITEMS; i++) {
        (void)snprintf(names[i], sizeof names[i], "i%05u", i);
        put(names[i]);
    }
    put(zz[0]);
    ck_assert_msg(place(&large, names, ITEMS) == 0, "%s", shop.detail);
    ck_assert_msg(place(&small, zz, 1) == 0, "%s", shop.detail);
    stop();
    logged = 0;
    open_with(kind / KINDS, SMALL);
}

static void receive_a(const char *name)
{
    hf_move_args args;
    hf_item_receive_init(&args, name, 1);
    ck_assert_msg(shop_run(HF_OP_ITEM_RECEIVE, &args) == 0, "%s", shop.detail);
}

START_TEST(an_engine_waits_between_attempts_however_many_accounts_fail)
{
    leave_orders(_i);
    for (int i = 0; i < 3; i++) {
        run_until_it_waits();
        ck_assert_int_eq(hf_clock_advance(shop.engine, 1000), 0);
    }
    ck_assert_uint_eq(logged, 1);
    shop_verify();
    stop();
}
END_TEST

START_TEST(an_account_is_served_although_more_fail_than_the_list_has)
{
    const hf_id small = id_of("small");
    leave_orders(_i);
    run_until_it_waits();
    receive_a("zz");
    run_until_it_waits();
    ck_assert_uint_eq(state_of(&small), HF_ORDER_CONFIRMED);
    stop();
}
END_TEST

/* Also while those that failed are looked for again. */
START_TEST(a_new_order_takes_what_is_there_although_other_accounts_fail)
{
    static char zz[1][8] = {"zz"};
    leave_orders(_i);
    run_until_it_waits();
    receive_a("zz");
    run_until_it_waits();
    for (int i = 0; i < 3; i++) {
        static const char *const keys[] = {"first", "second", "third"};
        const hf_id id = id_of(keys[i]);
        receive_a("zz");
        ck_assert_msg(place(&id, zz, 1) == 0, "%s", shop.detail);
        ck_assert_uint_eq(state_of(&id), HF_ORDER_CONFIRMED);
        ck_assert_int_eq(hf_clock_advance(shop.engine, 1000), 0);
    }
    shop_verify();
    stop();
}
END_TEST

/* What cannot be promoted is overtaken, and is promoted when there is memory for it. */
START_TEST(an_order_that_no_batch_has_memory_for_is_promoted_by_an_engine_that_has_more)
{
    const hf_id large = id_of("large");
    leave_orders(_i);
    run_until_it_waits();
    stop();
    open_with(_i / KINDS, WHOLE);
    for (uint32_t i = 0; i < ITEMS; i++)
        receive_a(names[i]);
    run_until_it_waits();
    ck_assert_uint_eq(state_of(&large), HF_ORDER_CONFIRMED);
    shop_verify();
    stop();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("promote");
    TCase *core = tcase_create("core");
    const int all = SCHEMES * KINDS;
    tcase_add_loop_test(core, an_engine_waits_between_attempts_however_many_accounts_fail, 0, all);
    tcase_add_loop_test(core, an_account_is_served_although_more_fail_than_the_list_has, 0, all);
    tcase_add_loop_test(core, a_new_order_takes_what_is_there_although_other_accounts_fail, 0, all);
    tcase_add_loop_test(
        core, an_order_that_no_batch_has_memory_for_is_promoted_by_an_engine_that_has_more, 0, all);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
