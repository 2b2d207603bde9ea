/*
 * Many deadlines at once: a crowd whose reservations run out in the same moment. The next caller
 * gets what is free, however many have to give it back first, and in a batch's memory.
 */
#include "engine/state.h"
#include "support/bare.h"

#include <stdio.h>

#define CROWD    300
#define TOGETHER 50
#define DEADLINE (HF_BARE_NOW + 60000)

static hf_line_args lines[TOGETHER][2];
static hf_order_place_args orders[TOGETHER];
static char skus[TOGETHER][2][16];

static void begin(void)
{
    setup();
    hf__engine_close(engine);
    ck_assert_int_eq(open_engine(HF_BARE_NOW, 1000), 0);
}

static void run_well(void)
{
    run();
    for (uint32_t i = 0; i < batch.count; i++)
        ck_assert_msg(batch.tasks[i].done.status == 0, "%s", batch.tasks[i].done.detail);
    hf__batch_reset(&batch);
}

/* One piece of each; it waits for a payment until the deadline. */
static hf__task *add_order(uint32_t line_count)
{
    hf_order_place_args *order = &orders[batch.count];
    hf_order_place_init(order, "pcs");
    order->customer = order->series = order->external_ref = "";
    order->lines = lines[batch.count];
    order->line_count = line_count;
    order->total = line_count;
    order->deadline_ms = DEADLINE;
    return add(HF_OP_ORDER_PLACE, &order->head);
}

/* A crowd of orders for one piece of tea each. */
static void come(void)
{
    stock("tea", CROWD);
    for (uint32_t done = 0; done < CROWD; done += TOGETHER) {
        for (uint32_t i = 0; i < TOGETHER; i++) {
            hf_line_init(&lines[i][0], "tea", 1, 1);
            (void)add_order(1);
        }
        run_well();
    }
}

static void pass_deadline(void)
{
    ck_assert_int_eq(hf__engine_clock_advance(engine, DEADLINE - HF_BARE_NOW), 0);
}

static uint64_t last_event(void)
{
    hf_health_info health = {.size = sizeof health};
    hf__engine_health(engine, &health);
    return health.event_seq;
}

START_TEST(one_who_takes_all_gets_what_a_crowd_releases)
{
    come();
    pass_deadline();
    hf__task *task = add_withdraw("tea", CROWD);
    run();
    ck_assert_msg(task->done.status == 0, "%s", task->done.detail);
    ck_assert_int_eq(balance("tea"), 0);
}
END_TEST

/*
 * As often as a batch's memory is not enough; what expired meanwhile is not done again. Nothing
 * expires before the first try, since commits of its own would give that the memory back.
 */
START_TEST(in_a_small_memory_it_takes_several_tries)
{
    come();
    pass_deadline();
    size_t whole = batch.work_capacity;
    uint32_t tries = 0;
    int status = HF_E_OVERLOADED;
    atomic_store(&engine->next_due, 0);
    while (status == HF_E_OVERLOADED && ++tries < CROWD) {
        batch.work_capacity = batch.work.capacity = whole / 16;
        hf__task *task = add_withdraw("tea", CROWD);
        run();
        status = task->done.status;
        hf__batch_reset(&batch);
    }
    ck_assert_int_eq(status, 0);
    ck_assert_uint_gt(tries, 1);
    ck_assert_uint_lt(tries, CROWD / 32 + 2);
    batch.work_capacity = whole;
    hf__batch_reset(&batch);
    ck_assert_int_eq(balance("tea"), 0);
}
END_TEST

START_TEST(what_expired_for_one_who_is_refused_stays)
{
    come();
    pass_deadline();
    hf__task *more = add_withdraw("tea", CROWD + 1);
    run();
    ck_assert_int_eq(more->done.status, HF_E_STOCK_SHORT);
    ck_assert_ptr_nonnull(strstr(more->done.detail, "300 available"));
    uint64_t event = last_event();
    hf__batch_reset(&batch);
    hf__task *all = add_withdraw("tea", CROWD);
    run();
    ck_assert_int_eq(all->done.status, 0);
    ck_assert_uint_le(all->done.event_seq, event + 3); /* a timer's, perhaps one more, its own */
}
END_TEST

START_TEST(what_expired_before_a_chain_stays_when_the_chain_is_refused)
{
    come();
    stock("cup", 1);
    pass_deadline();
    hf__task *first = add_withdraw("cup", 1);
    hf__task *second = add_withdraw("tea", CROWD);
    hf__task *culprit = add_withdraw("cup", 1);
    first->op.linked = second->op.linked = 1;
    run();
    ck_assert_int_eq(first->done.status, HF_E_CHAIN);
    ck_assert_int_eq(second->done.status, HF_E_CHAIN);
    ck_assert_int_eq(culprit->done.status, HF_E_STOCK_SHORT);
    hf__batch_reset(&batch);
    const uint64_t event = last_event();
    hf__task *all = add_withdraw("tea", CROWD);
    run();
    ck_assert_int_eq(all->done.status, 0);
    ck_assert_uint_eq(all->done.event_seq, event + 1); /* nothing has to expire any more */
    ck_assert_int_eq(balance("cup"), 1);
}
END_TEST

/* After a restart none of the rows is in memory: orders, lines, and each has items of its own. */
START_TEST(a_crowd_of_strangers_expires_after_a_restart)
{
    for (uint32_t i = 0; i < TOGETHER; i++) {
        for (uint32_t k = 0; k < 2; k++) {
            (void)snprintf(skus[i][k], sizeof skus[i][k], "item-%u-%u", i, k);
            stock(skus[i][k], 1);
            hf_line_init(&lines[i][k], skus[i][k], 1, 1);
        }
    }
    for (uint32_t i = 0; i < TOGETHER; i++)
        (void)add_order(2);
    run_well();
    hf__engine_close(engine);
    ck_assert_int_eq(open_engine(HF_BARE_NOW, 1000), 0);
    pass_deadline();
    for (uint32_t i = 0; i < 2; i++)
        run_well(); /* 32, then the others */
    ck_assert_int_eq(hf__engine_next_due(engine), 0);
    for (uint32_t i = 0; i < TOGETHER; i++) {
        (void)add_withdraw(skus[i][i % 2], 1);
        run_well();
    }
}
END_TEST

/*
 * Of two items, after a restart. What letting go of the first one asks for by key may be among the
 * rows that looking for the second one's deadlines reads in the same pass.
 */
START_TEST(one_who_takes_all_of_two_items_gets_what_a_crowd_releases)
{
    const int64_t quantity = _i;
    stock("tea", CROWD);
    stock("cup", CROWD);
    for (uint32_t done = 0; done < CROWD; done += TOGETHER) {
        for (uint32_t i = 0; i < TOGETHER; i++) {
            hf_line_init(&lines[i][0], "tea", 1, 1);
            hf_line_init(&lines[i][1], "cup", 1, 1);
            (void)add_order(2);
        }
        run_well();
    }
    hf__engine_close(engine);
    ck_assert_int_eq(open_engine(HF_BARE_NOW, 1000), 0);
    pass_deadline();
    for (int64_t left = CROWD; left >= quantity; left -= quantity) {
        hf_line_init(&lines[0][0], "tea", quantity, 1);
        hf_line_init(&lines[0][1], "cup", quantity, 1);
        (void)add_order(2);
        orders[0].total = 2 * quantity;
        orders[0].deadline_ms = 0;
        run_well();
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("crowd");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, begin, teardown);
    tcase_add_test(core, one_who_takes_all_gets_what_a_crowd_releases);
    tcase_add_test(core, in_a_small_memory_it_takes_several_tries);
    tcase_add_test(core, what_expired_for_one_who_is_refused_stays);
    tcase_add_test(core, what_expired_before_a_chain_stays_when_the_chain_is_refused);
    tcase_add_test(core, a_crowd_of_strangers_expires_after_a_restart);
    tcase_add_loop_test(core, one_who_takes_all_of_two_items_gets_what_a_crowd_releases, 10, 60);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
