/*
 * Accounts on which orders may overtake each other: whatever supplies one, the waiting orders that
 * fit are served in order before a new taker, also one of the same batch.
 */
#include "support/check_main.h"
#include "support/one_shop.h"

#define START_MS INT64_C(1800000000000)
#define SEATS    40u
#define OPS_MAX  4u

static hf_id id_of(const char *text)
{
    hf_id id;
    ck_assert_int_eq(hf_id_from_key(START_MS, text, &id), 0);
    return id;
}

static const char *seat(uint32_t no)
{
    static char names[SEATS][8];
    (void)snprintf(names[no], sizeof names[no], "seat%02u", no);
    return names[no];
}

static void put(const char *name, int64_t opening)
{
    hf_account_put_args args;
    hf_item_put_init(&args, name);
    args.opening = opening;
    args.overtake = 1;
    ck_assert_int_eq(shop_run(HF_OP_ITEM_PUT, &args), 0);
}

static void open_shop(void)
{
    memset(&shop, 0, sizeof shop);
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    ck_assert_int_eq(shop_open("memory:", START_MS, HF_CHECK_QUICK), 0);
    const hf_unit_put_args euro = {.head = {.size = sizeof euro}, .code = "EUR", .scale = 2};
    ck_assert_int_eq(shop_run(HF_OP_UNIT_PUT, &euro), 0);
    put(seat(0), 0);
}

static void close_shop(void)
{
    shop_verify();
    shop_close();
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}

/* The arguments of an order of `quantity` of one seat, until it is used next. */
static hf_order_place_args *order_of(const char *name, const char *sku, int64_t quantity,
                                     uint32_t policy)
{
    static hf_line_args lines[OPS_MAX];
    static hf_order_place_args orders[OPS_MAX];
    static uint32_t at;
    hf_line_args *line = &lines[at % OPS_MAX];
    hf_order_place_args *order = &orders[at++ % OPS_MAX];
    hf_line_init(line, sku, quantity, 0);
    line->settle_on = HF_SETTLE_FULFIL;
    hf_order_place_init(order, "EUR");
    order->head.id = id_of(name);
    order->lines = line;
    order->line_count = 1;
    order->policy = policy;
    return order;
}

static void wait_for(const char *name, const char *sku, int64_t quantity)
{
    ck_assert_msg(shop_run(HF_OP_ORDER_PLACE, order_of(name, sku, quantity, HF_ORDER_QUEUE)) == 0,
                  "%s", shop.detail);
}

/* Submits operations as one batch; the status of the last one. */
static int submit(const hf_op *ops, uint32_t count)
{
    ck_assert_int_eq(hf_submit(shop.engine, ops, count, NULL), (int)count);
    int status = 0;
    for (uint32_t done = 0; done < count;) {
        hf_completion completion;
        if (hf_completions(shop.engine, &completion, 1) == 0) {
            (void)hf_loop_run_once(shop.loop, 1);
            continue;
        }
        status = completion.status;
        done++;
    }
    return status;
}

static uint32_t state_of(const char *name)
{
    hf_order_get_args args;
    hf_id id = id_of(name);
    hf_order_get_init(&args, &id);
    const hf_op op = {.type = HF_OP_ORDER_GET, .args = &args};
    ck_assert_int_eq(hf_submit(shop.engine, &op, 1, NULL), 1);
    hf_completion done;
    while (hf_completions(shop.engine, &done, 1) == 0)
        (void)hf_loop_run_once(shop.loop, 1);
    ck_assert_int_eq(done.status, 0);
    return ((const hf_order_view *)done.result)->order->state;
}

/* Holds of `count` seats, one each, until so many ms from the start. */
static void hold(const char *sku, uint32_t count, int64_t ms)
{
    for (uint32_t i = 0; i < count; i++) {
        hf_hold_place_args args;
        hf_hold_place_init(&args);
        args.from = hf_key_of(HF_KIND_ITEM, sku, "", "pcs");
        args.amount = 1;
        args.deadline_ms = START_MS + ms;
        ck_assert_msg(shop_run(HF_OP_HOLD_PLACE, &args) == 0, "%s", shop.detail);
    }
}

/* More holds are due than the engine lets expire by itself in a batch; that of the seat is last. */
static void make_a_hold_due(void)
{
    put("other", 33);
    put(seat(1), 1);
    hold("other", 33, 1000);
    hold(seat(1), 1, 1001);
    wait_for("too many", seat(1), 5);
    wait_for("one", seat(1), 1);
    ck_assert_int_eq(hf_clock_advance(shop.engine, 2000), 0);
}

START_TEST(a_waiting_order_that_fits_comes_before_a_new_one_of_the_same_batch)
{
    wait_for("five", seat(0), 5);
    wait_for("one", seat(0), 1);
    hf_move_args receive;
    hf_item_receive_init(&receive, seat(0), 1);
    const hf_op ops[] = {
        {.type = HF_OP_ITEM_RECEIVE, .args = &receive},
        {.type = HF_OP_ORDER_PLACE, .args = order_of("new", seat(0), 1, 0)},
    };
    ck_assert_int_eq(submit(ops, 2), HF_E_STOCK_SHORT);
    ck_assert_uint_eq(state_of("five"), HF_ORDER_WAITING);
    ck_assert_uint_eq(state_of("one"), HF_ORDER_CONFIRMED);
}
END_TEST

START_TEST(what_no_waiting_order_fits_is_for_a_new_one)
{
    wait_for("five", seat(0), 5);
    hf_move_args receive;
    hf_item_receive_init(&receive, seat(0), 1);
    const hf_op ops[] = {
        {.type = HF_OP_ITEM_RECEIVE, .args = &receive},
        {.type = HF_OP_ORDER_PLACE, .args = order_of("new", seat(0), 1, 0)},
    };
    ck_assert_int_eq(submit(ops, 2), 0);
}
END_TEST

START_TEST(nothing_is_promoted_within_a_chain)
{
    wait_for("one", seat(0), 1);
    hf_move_args receive;
    hf_item_receive_init(&receive, seat(0), 1);
    const hf_op ops[] = {
        {.type = HF_OP_ITEM_RECEIVE, .args = &receive, .flags = HF_OP_LINKED},
        {.type = HF_OP_ORDER_PLACE, .args = order_of("new", seat(0), 1, 0)},
    };
    ck_assert_int_eq(submit(ops, 2), 0);
    ck_assert_uint_eq(state_of("one"), HF_ORDER_WAITING);
}
END_TEST

START_TEST(what_expires_for_a_new_order_goes_to_those_who_wait)
{
    make_a_hold_due();
    const hf_op op = {.type = HF_OP_ORDER_PLACE, .args = order_of("new", seat(1), 1, 0)};
    ck_assert_int_eq(submit(&op, 1), HF_E_STOCK_SHORT);
    ck_assert_uint_eq(state_of("too many"), HF_ORDER_WAITING);
    ck_assert_uint_eq(state_of("one"), HF_ORDER_CONFIRMED);
}
END_TEST

START_TEST(what_expires_for_a_later_operation_of_a_chain_goes_to_those_who_wait)
{
    make_a_hold_due();
    hf_move_args receive;
    hf_item_receive_init(&receive, "other", 1);
    const hf_op ops[] = {
        {.type = HF_OP_ITEM_RECEIVE, .args = &receive, .flags = HF_OP_LINKED},
        {.type = HF_OP_ORDER_PLACE, .args = order_of("new", seat(1), 1, 0)},
    };
    ck_assert_int_eq(submit(ops, 2), HF_E_STOCK_SHORT);
    ck_assert_uint_eq(state_of("one"), HF_ORDER_CONFIRMED);
}
END_TEST

START_TEST(what_expires_and_fits_nobody_who_waits_is_for_a_new_order)
{
    make_a_hold_due();
    hf_order_units_args cancel;
    const hf_id one = id_of("one");
    hf_order_units_init(&cancel, &one);
    const hf_op ops[] = {
        {.type = HF_OP_ORDER_PLACE, .args = order_of("two", seat(1), 2, 0)},
        {.type = HF_OP_ORDER_CANCEL, .args = &cancel},
        {.type = HF_OP_ORDER_PLACE, .args = order_of("new", seat(1), 1, 0)},
    };
    ck_assert_int_eq(submit(ops, 3), 0);
    ck_assert_uint_eq(state_of("too many"), HF_ORDER_WAITING);
}
END_TEST

START_TEST(a_run_looks_at_every_order_that_waits_however_many)
{
    for (uint32_t i = 0; i < 100; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "two %u", i);
        wait_for(name, seat(0), 2);
    }
    wait_for("one", seat(0), 1);
    hf_move_args receive;
    hf_item_receive_init(&receive, seat(0), 1);
    const hf_op ops[] = {
        {.type = HF_OP_ITEM_RECEIVE, .args = &receive},
        {.type = HF_OP_ORDER_PLACE, .args = order_of("new", seat(0), 1, 0)},
    };
    ck_assert_int_eq(submit(ops, 2), HF_E_STOCK_SHORT);
    ck_assert_uint_eq(state_of("one"), HF_ORDER_CONFIRMED);
}
END_TEST

/* Opens the store again, with so many operations in a commit. */
static void reopen(const char *url, uint32_t batch_ops)
{
    hf_options options;
    hf_options_init(&options);
    options.store = url;
    options.threads = 0;
    options.virtual_time_ms = START_MS + 5000;
    options.durability = HF_DURABILITY_NONE;
    if (batch_ops > 0)
        options.batch_ops_max = batch_ops;
    ck_assert_int_eq(hf_engine_open(shop.loop, &options, &shop.engine), 0);
}

/* An order whose goods go to an account that is full; it is served when somebody looks. */
static void wait_for_headroom(const char *name, const char *sku)
{
    hf_order_place_args *order = order_of(name, sku, 1, HF_ORDER_QUEUE);
    static hf_line_args line;
    line = order->lines[0];
    const hf_leg_args leg = {.from = hf_key_of(HF_KIND_ITEM, sku, "", "pcs"),
                             .to = hf_key_of(HF_KIND_ITEM, "bus", "", "pcs"),
                             .per_unit = 1};
    line.legs = &leg;
    line.leg_count = 1;
    order->lines = &line;
    ck_assert_msg(shop_run(HF_OP_ORDER_PLACE, order) == 0, "%s", shop.detail);
    line.legs = NULL;
}

/* At 33 accounts an order could be served, and the engine that is opened has not looked yet. */
static void leave_orders_that_fit(const char *url)
{
    shop_close();
    reopen(url, 0);
    const hf_unit_put_args euro = {.head = {.size = sizeof euro}, .code = "EUR", .scale = 2};
    ck_assert_int_eq(shop_run(HF_OP_UNIT_PUT, &euro), 0);
    hf_account_put_args bus;
    hf_item_put_init(&bus, "bus");
    bus.max_balance = 0;
    ck_assert_int_eq(shop_run(HF_OP_ITEM_PUT, &bus), 0);
    for (uint32_t i = 0; i < 33; i++) {
        put(seat(i), 0);
        wait_for_headroom(seat(i), seat(i));
        hf_move_args receive;
        hf_item_receive_init(&receive, seat(i), 1);
        ck_assert_int_eq(shop_run(HF_OP_ITEM_RECEIVE, &receive), 0);
        ck_assert_uint_eq(state_of(seat(i)), HF_ORDER_WAITING);
    }
    bus.mode = HF_PUT_CHANGE;
    bus.mask = HF_PUT_MAX_BALANCE;
    bus.max_balance = 100;
    ck_assert_int_eq(shop_run(HF_OP_ITEM_PUT, &bus), 0);
    shop_close();
}

START_TEST(an_engine_that_was_opened_looks_at_those_who_wait_before_a_new_order_takes)
{
    leave_orders_that_fit("sqlite:overtake.db");
    reopen("sqlite:overtake.db", 0);
    const hf_op op = {.type = HF_OP_ORDER_PLACE, .args = order_of("new", seat(32), 1, 0)};
    ck_assert_int_eq(submit(&op, 1), HF_E_STOCK_SHORT);
    ck_assert_uint_eq(state_of(seat(32)), HF_ORDER_CONFIRMED);
    (void)remove("overtake.db");
}
END_TEST

START_TEST(a_group_that_is_full_does_not_let_a_new_order_come_first)
{
    shop_close();
    reopen("memory:", 1);
    const hf_unit_put_args euro = {.head = {.size = sizeof euro}, .code = "EUR", .scale = 2};
    ck_assert_int_eq(shop_run(HF_OP_UNIT_PUT, &euro), 0);
    hf_line_args lines[3];
    hf_order_place_args *holder = order_of("holder", seat(0), 1, 0);
    for (uint32_t i = 0; i < 3; i++) {
        put(seat(i), 1);
        hf_line_init(&lines[i], seat(i), 1, 0);
        lines[i].settle_on = HF_SETTLE_FULFIL;
    }
    holder->lines = lines;
    holder->line_count = 3;
    ck_assert_int_eq(shop_run(HF_OP_ORDER_PLACE, holder), 0);
    for (uint32_t i = 0; i < 3; i++)
        wait_for(seat(i), seat(i), 1);
    hf_order_units_args cancel;
    const hf_id id = id_of("holder");
    hf_order_units_init(&cancel, &id);
    const hf_op ops[] = {
        {.type = HF_OP_ORDER_CANCEL, .args = &cancel},
        {.type = HF_OP_ORDER_PLACE, .args = order_of("new", seat(2), 1, 0)},
    };
    ck_assert_int_eq(submit(ops, 2), HF_E_STOCK_SHORT);
    ck_assert_uint_eq(state_of(seat(2)), HF_ORDER_CONFIRMED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("overtake");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, open_shop, close_shop);
    tcase_add_test(core, a_waiting_order_that_fits_comes_before_a_new_one_of_the_same_batch);
    tcase_add_test(core, what_no_waiting_order_fits_is_for_a_new_one);
    tcase_add_test(core, nothing_is_promoted_within_a_chain);
    tcase_add_test(core, what_expires_for_a_new_order_goes_to_those_who_wait);
    tcase_add_test(core, what_expires_for_a_later_operation_of_a_chain_goes_to_those_who_wait);
    tcase_add_test(core, what_expires_and_fits_nobody_who_waits_is_for_a_new_order);
    tcase_add_test(core, a_run_looks_at_every_order_that_waits_however_many);
    tcase_add_test(core,
                   an_engine_that_was_opened_looks_at_those_who_wait_before_a_new_order_takes);
    tcase_add_test(core, a_group_that_is_full_does_not_let_a_new_order_come_first);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
