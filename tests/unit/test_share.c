/*
 * How much of a batch is for what the engine does by itself beside operations of callers: as much
 * as they left to it, more when it is late, and more when they take their time. No clock but the
 * test's.
 */
#include "support/backlog.h"

#define LINES 16u

/* An order of `count` lines of one piece each: until a deadline, or in the queue and free of
 * charge. */
static void add_large_order(const char *sku, uint32_t count, int64_t deadline)
{
    static hf_order_place_args args[TASKS];
    static hf_line_args lines[TASKS][LINES];
    hf_order_place_args *order = &args[batch.count];
    const int64_t price = deadline != 0;
    for (uint32_t i = 0; i < count; i++) {
        hf_line_init(&lines[batch.count][i], sku, 1, price);
        lines[batch.count][i].settle_on = HF_SETTLE_FULFIL;
    }
    hf_order_place_init(order, "pcs");
    order->customer = order->series = order->external_ref = "";
    order->lines = lines[batch.count];
    order->line_count = count;
    order->total = count * price;
    order->deadline_ms = deadline;
    order->policy = deadline == 0 ? HF_ORDER_QUEUE : 0;
    (void)add(HF_OP_ORDER_PLACE, &order->head);
}

/* The same of orders with several lines, of which a batch fills several commits. */
START_TEST(large_orders_that_are_due_never_stay_while_as_many_are_placed)
{
    const uint32_t life = 5; /* batches, a ms each */
    const uint32_t load = 256;
    begin(_i);
    hf__batch_fini(&batch, &env);
    ck_assert_int_eq(hf__batch_init(&batch, &env, TASKS, 4u << 20, 24u << 20), 0);
    stock("tea", (int64_t)load * LINES * life * 3);
    for (uint32_t b = 0; b < 4 * life; b++) {
        for (uint32_t i = 0; i < load; i++)
            add_large_order("tea", LINES, hf__engine_now(engine) + life);
        run_well();
        int64_t due = hf__engine_next_due(engine);
        ck_assert_msg(due > hf__engine_now(engine), "batch %u: due at %lld, it is %lld", b,
                      (long long)due, (long long)hf__engine_now(engine));
        ck_assert_int_eq(hf__engine_clock_advance(engine, 1), 0);
    }
    end();
}
END_TEST

/* Those that join a queue leave work too; what they wait for comes with each batch. */
START_TEST(large_orders_are_promoted_as_fast_as_they_join_a_queue)
{
    const uint32_t load = 64;
    begin(_i);
    stock("tea", 0);
    for (uint32_t b = 0; b < 30; b++) {
        for (uint32_t i = 0; i < load; i++)
            add_large_order("tea", LINES, 0);
        add_supply("tea", (int64_t)load * LINES);
        run_well();
        ck_assert_uint_le(account("tea").waiting, (uint64_t)load * 2);
    }
    (void)run_until_done();
    ck_assert_uint_eq(account("tea").waiting, 0);
    end();
}
END_TEST

/* One more record is due in each batch than its share allows. */
START_TEST(what_is_not_in_time_gets_a_larger_share_before_it_is_a_second_old)
{
    int64_t oldest = 0;
    begin(_i);
    stock("tea", 200000);
    stock("cup", 1);
    for (uint32_t b = 0; b < 60; b++) { /* as by another engine: none of it is paid for by now */
        for (uint32_t i = 0; i < 100; i++)
            add_hold("tea", DEADLINE + 20 * (int64_t)b);
        run_well();
        memset(engine->share.earned, 0, sizeof engine->share.earned);
    }
    pass_deadline();
    for (uint32_t b = 0; account("tea").held_out > 0; b++) {
        ck_assert_uint_lt(b, 1000);
        add_supply("cup", 1);
        run_well();
        int64_t late = hf__engine_now(engine) - engine->walks.next_ms;
        if (engine->walks.next_ms != 0 && late > oldest)
            oldest = late;
        ck_assert_int_eq(hf__engine_clock_advance(engine, 20), 0);
    }
    (void)fprintf(stderr, "at most %lld ms late\n", (long long)oldest);
    ck_assert_int_gt(oldest, 200);
    ck_assert_int_lt(oldest, 1000);
    end();
}
END_TEST

/* What was overdue at open is no reason to hold callers up. */
START_TEST(what_was_overdue_at_open_has_the_usual_share)
{
    begin(_i);
    hold_many("tea", MANY);
    stock("cup", 1);
    open_again(DEADLINE + 100000);
    for (uint32_t b = 0; b < 20; b++) {
        int64_t before = account("tea").held_out;
        add_supply("cup", 1);
        run_well();
        ck_assert_int_le(before - account("tea").held_out, 64);
    }
    end();
}
END_TEST

/* How many batches of one operation it takes; between them so many ms pass. */
static uint32_t batches_for_all(int64_t between_ms, int64_t each_scan_ms)
{
    uint32_t batches = 0;
    hold_many("tea", MANY);
    stock("cup", 1);
    open_again(0);
    scan_ms = each_scan_ms;
    wall += DEADLINE - HF_BARE_NOW;
    boot += DEADLINE - HF_BARE_NOW;
    for (; account("tea").held_out > 0; batches++) {
        add_supply("cup", 1);
        run_well();
        wall += between_ms;
        boot += between_ms;
    }
    scan_ms = 0;
    return batches;
}

/* A flush that takes its time leaves time for what is due; without a clock there is none. */
START_TEST(the_share_follows_the_time_that_operations_of_callers_take)
{
    begin(_i);
    uint32_t batches = batches_for_all(5, 0);
    end();
    begin(_i);
    uint32_t without = batches_for_all(0, 0);
    end();
    begin(_i);
    uint32_t slow = batches_for_all(1, 1);
    end();
    (void)fprintf(stderr, "%u batches, %u without time, %u when expiry takes it\n", batches,
                  without, slow);
    ck_assert_uint_lt(batches, 30);
    ck_assert_uint_gt(without, 40);
    ck_assert_uint_gt(slow, 40);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("share");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, large_orders_that_are_due_never_stay_while_as_many_are_placed, 0,
                        KINDS);
    tcase_add_loop_test(core, large_orders_are_promoted_as_fast_as_they_join_a_queue, 0, KINDS);
    tcase_add_loop_test(core, what_is_not_in_time_gets_a_larger_share_before_it_is_a_second_old, 0,
                        KINDS);
    tcase_add_loop_test(core, what_was_overdue_at_open_has_the_usual_share, 0, KINDS);
    tcase_add_loop_test(core, the_share_follows_the_time_that_operations_of_callers_take, 0, KINDS);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
