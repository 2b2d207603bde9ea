/*
 * Reads after hf_clock_advance see all that became due, also when it takes many batches and more
 * rows than the engine's share of one batch has, and whatever callers submit meanwhile.
 */
#include "support/check_main.h"
#include "support/one_shop.h"

#define START_MS INT64_C(1700000000000)
#define ORDERS   64
#define LINES    100

static void place(int64_t deadline_ms)
{
    hf_line_args lines[LINES];
    hf_order_place_args order;
    for (int i = 0; i < LINES; i++)
        hf_line_init(&lines[i], "bell", 1, 1);
    hf_order_place_init(&order, "EUR");
    order.lines = lines;
    order.line_count = LINES;
    order.total = LINES;
    order.deadline_ms = deadline_ms;
    ck_assert_int_eq(shop_run(HF_OP_ORDER_PLACE, &order), 0);
}

static void begin(uint32_t threads)
{
    hf_account_put_args item;
    hf_unit_put_args euro;
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    shop.threads = threads;
    ck_assert_msg(shop_open("memory:", START_MS, HF_CHECK_QUICK) == 0, "%s", shop.detail);
    hf_unit_put_init(&euro, "EUR", 2);
    ck_assert_int_eq(shop_run(HF_OP_UNIT_PUT, &euro), 0);
    hf_item_put_init(&item, "bell");
    item.opening = (int64_t)ORDERS * LINES;
    ck_assert_int_eq(shop_run(HF_OP_ITEM_PUT, &item), 0);
    for (int i = 0; i < ORDERS; i++)
        place(START_MS + 1000);
}

static void end(void)
{
    shop_verify();
    shop_close();
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}

/* The orders that have expired; before the read so many operations are submitted and refused. */
static uint32_t expired(int refused)
{
    hf_order_list_args list;
    hf_order_list_init(&list);
    list.by = HF_ORDERS_BY_STATE;
    list.state = HF_ORDER_EXPIRED;
    list.limit = ORDERS;
    hf_move_args move;
    hf_item_receive_init(&move, "none", 1);
    const hf_op write = {.type = HF_OP_ITEM_RECEIVE, .args = &move};
    const hf_op read = {.type = HF_OP_ORDER_LIST, .args = &list};
    hf_completion done = {.type = HF_OP_NONE};
    for (int i = 0; i < refused; i++)
        ck_assert_int_eq(hf_submit(shop.engine, &write, 1, NULL), 1);
    ck_assert_int_eq(hf_submit(shop.engine, &read, 1, NULL), 1);
    uint32_t found = 0;
    for (int left = refused + 1; left > 0;) {
        if (hf_completions(shop.engine, &done, 1) == 0) {
            (void)hf_loop_run_once(shop.loop, 1);
            continue;
        }
        left--;
        if (done.type == HF_OP_ORDER_LIST)
            found = ((const hf_order_page *)done.result)->count;
    }
    return found;
}

START_TEST(a_read_sees_all_large_orders_that_became_due)
{
    begin((uint32_t)_i % 2);
    ck_assert_uint_eq(expired(0), 0);
    ck_assert_int_eq(hf_clock_advance(shop.engine, 1000), 0);
    ck_assert_uint_eq(expired(_i / 2), ORDERS);
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("catch_up");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, a_read_sees_all_large_orders_that_became_due, 0, 4);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
