/*
 * An order whose row says fewer adjustments, payments or legs than the store has: each reader of it
 * takes memory for as many as the row says, so no more are read.
 */
#include "support/damage.h"

#include "engine/reads/query.h"

#define PARTS 4u /* of each kind, more than the damaged row says */

static hf_id order_id;

static void place(void)
{
    hf_line_args line;
    hf_adjustment_args adjustments[PARTS];
    hf_payment_args payments[PARTS];
    hf_order_place_args order;
    hf_line_init(&line, "tea", 2, 450);
    for (uint32_t i = 0; i < PARTS; i++) {
        adjustments[i] = (hf_adjustment_args){.amount = -100, .kind = HF_ADJUSTMENT_DISCOUNT};
        hf_payment_init(&payments[i], "ada", "EUR", 125);
        payments[i].account.place = "";
    }
    hf_order_place_init(&order, "EUR");
    order.customer = order.series = order.external_ref = "";
    order.lines = &line;
    order.line_count = 1;
    order.adjustments = adjustments;
    order.adjustment_count = PARTS;
    order.payments = payments;
    order.payment_count = PARTS;
    order.total = 500;
    hf__batch_reset(&batch);
    hf__task *task = add(HF_OP_ORDER_PLACE, &order.head);
    run();
    ck_assert_msg(task->done.status == 0, "%s", task->done.detail);
    order_id = task->op.id;
}

static void fill(void)
{
    setup_shop();
    place();
}

ROW(the_order, row->order.id = order_id)
ROW(one_adjustment, row->order.adjustment_count = 1)
ROW(one_payment, row->order.payment_count = 1)

static const struct damage damages[] = {
    {"adjustments", HF_CLAUSE_LINES, HF__ORDERS, the_order, one_adjustment},
    {"payments", HF_CLAUSE_PAYMENTS, HF__ORDERS, the_order, one_payment},
};
#define DAMAGES ((int)(sizeof damages / sizeof damages[0]))

/* ---- Readers of the whole order --- -----------------------------------------------------------
 */

START_TEST(an_order_is_read_with_as_many_as_its_row_says)
{
    hf_order_get_args get;
    hf_order_get_init(&get, &order_id);
    change_row(&damages[_i]);
    hf__batch_reset(&batch);
    hf__task *task = add(HF_OP_ORDER_GET, &get.head);
    hf__engine_read(engine, &batch);
    ck_assert_msg(task->done.status == 0, "%s", task->done.detail);
    const hf_order_view *view = task->done.result;
    ck_assert_uint_eq(view->order->adjustment_count, _i == 0 ? 1 : PARTS);
    ck_assert_uint_eq(view->order->payment_count, _i == 1 ? 1 : PARTS);
}
END_TEST

/* ---- A range ----------------------------------------------------------------------------------
 */

static void *alloc(void *context, uint64_t bytes)
{
    return hf__arena_alloc(context, bytes);
}

static uint32_t scan(uint32_t table, uint32_t index, const void *prefix, uint32_t limit,
                     uint32_t *more)
{
    const hf_scan range = {.table = table,
                           .index = index,
                           .low = prefix,
                           .high = prefix,
                           .low_columns = 1,
                           .high_columns = 1};
    hf_store_caller caller = {.alloc = alloc, .context = &batch.work, .error = &error};
    hf__query query = {.driver = &hf__memory_driver, .work = &batch.work};
    hf__rows rows = {.count = 0};
    hf__batch_reset(&batch);
    ck_assert_int_eq(query.driver->begin(fault.store, HF_TXN_SNAPSHOT, &caller, &query.txn), 0);
    const hf__view view = hf__query_view(&query);
    ck_assert_int_eq(view.scan(view.context, &range, limit, &rows), 0);
    query.driver->rollback(query.txn);
    *more = rows.more;
    return rows.count;
}

START_TEST(a_range_gives_no_more_rows_than_were_asked_for)
{
    const hf_adjustment adjustment = {.order = order_id};
    const hf_payment payment = {.order = order_id};
    for (uint32_t limit = 1; limit <= PARTS + 1; limit++) {
        const uint32_t found = limit < PARTS ? limit : PARTS;
        uint32_t more = 0;
        ck_assert_uint_eq(scan(HF__ADJUSTMENTS, HF__PRIMARY, &adjustment, limit, &more), found);
        ck_assert_uint_eq(more, limit <= PARTS);
        ck_assert_uint_eq(scan(HF__PAYMENTS, HF__PAYMENTS_ORDER, &payment, limit, &more), found);
        ck_assert_uint_eq(more, limit <= PARTS);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("damaged_counts");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, fill, teardown);
    tcase_add_loop_test(core, an_order_is_read_with_as_many_as_its_row_says, 0, DAMAGES);
    tcase_add_test(core, a_range_gives_no_more_rows_than_were_asked_for);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
