/*
 * What the loop promises: order, never inside the call, reading what a callback has reported,
 * backpressure. Most tests run twice: inline (_i 0) and with threads (_i 1).
 */
#include "support/check_main.h"
#include "support/host.h"

static hf_test_host host;

static void setup(void)
{
    hf_test_last = 0;
}

START_TEST(callbacks_come_in_the_order_of_submission)
{
    enum { COUNT = 200 };
    static hf_test_call calls[COUNT];
    memset(calls, 0, sizeof calls);
    hf_test_start(&host, (uint32_t)_i);
    hf_test_stock(&host);
    hf_test_last = 0;
    for (int i = 0; i < COUNT; i++) {
        ck_assert_int_eq(hf_test_receive(&host, &calls[i], 1), 0);
        if (i % 7 == 0)
            hf_test_turn(&host, 1);
    }
    hf_test_run(&host, &calls[COUNT - 1].calls, 1);
    for (int i = 0; i < COUNT; i++) {
        ck_assert_int_eq(calls[i].calls, 1);
        ck_assert_int_eq(calls[i].status, 0);
        ck_assert_uint_eq(calls[i].order, (uint64_t)i + 1);
        ck_assert_int_eq(calls[i].balance, i + 1);
    }
    hf_test_stop(&host);
}
END_TEST

START_TEST(nothing_is_called_back_inside_the_call)
{
    hf_test_call write = {.calls = 0};
    hf_test_call read = {.calls = 0};
    hf_test_start(&host, (uint32_t)_i);
    hf_test_stock(&host);
    ck_assert_int_eq(hf_test_receive(&host, &write, 1), 0);
    ck_assert_int_eq(hf_test_get(&host, &read), 0);
    ck_assert_int_eq(write.calls + read.calls, 0);
    hf_test_run(&host, &write.calls, 1);
    hf_test_run(&host, &read.calls, 1);
    hf_test_stop(&host);
}
END_TEST

static void get_again(hf_test_call *call)
{
    ck_assert_int_eq(hf_test_get(&host, call + 1), 0);
}

START_TEST(a_read_after_a_callback_sees_its_write)
{
    hf_test_start(&host, (uint32_t)_i);
    hf_test_stock(&host);
    for (int64_t i = 1; i <= 200; i++) {
        hf_test_call calls[2] = {{.then = get_again}, {.calls = 0}};
        ck_assert_int_eq(hf_test_receive(&host, &calls[0], 1), 0);
        hf_test_run(&host, &calls[1].calls, 1);
        ck_assert_int_eq(calls[1].balance, i);
    }
    hf_test_stop(&host);
}
END_TEST

START_TEST(operations_of_one_turn_are_one_commit)
{
    hf_test_call calls[50] = {{.calls = 0}};
    hf_test_start(&host, (uint32_t)_i);
    hf_test_stock(&host);
    int before = hf_gate_count(&hf_gates.writes);
    for (int i = 0; i < 50; i++)
        ck_assert_int_eq(hf_test_receive(&host, &calls[i], 1), 0);
    hf_test_run(&host, &calls[49].calls, 1);
    ck_assert_int_eq(hf_gate_count(&hf_gates.writes), before + 1);
    hf_test_stop(&host);
}
END_TEST

START_TEST(what_arrives_while_a_commit_is_written_is_the_next_one)
{
    hf_test_call calls[20] = {{.calls = 0}};
    hf_test_start(&host, 1);
    hf_test_stock(&host);
    int before = hf_gate_count(&hf_gates.writes);
    hf_gate_set(HF_GATE_BEGIN, true);
    for (int i = 0; i < 20; i++) {
        ck_assert_int_eq(hf_test_receive(&host, &calls[i], 1), 0);
        hf_test_turn(&host, 2);
    }
    hf_gate_wait(HF_GATE_BEGIN);
    ck_assert_uint_eq(hf_test_health(&host).queued, 19);
    hf_gate_set(HF_GATE_BEGIN, false);
    hf_test_run(&host, &calls[19].calls, 1);
    ck_assert_int_eq(hf_gate_count(&hf_gates.writes), before + 2);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_read_does_not_wait_for_a_commit)
{
    hf_test_call write = {.calls = 0};
    hf_test_call read = {.calls = 0};
    hf_test_start(&host, 1);
    hf_test_stock(&host);
    hf_gate_set(HF_GATE_BEGIN, true);
    ck_assert_int_eq(hf_test_receive(&host, &write, 1), 0);
    hf_test_turn(&host, 1);
    hf_gate_wait(HF_GATE_BEGIN);
    ck_assert_int_eq(hf_test_get(&host, &read), 0);
    hf_test_run(&host, &read.calls, 1);
    ck_assert_int_eq(read.balance, 0);
    ck_assert_int_eq(write.calls, 0);
    hf_gate_set(HF_GATE_BEGIN, false);
    hf_test_run(&host, &write.calls, 1);
    hf_test_stop(&host);
}
END_TEST

START_TEST(two_batches_of_reads_run_at_once_and_end_in_their_order)
{
    hf_test_call first = {.calls = 0};
    hf_test_call second = {.calls = 0};
    hf_test_options(&host, 1);
    host.options.read_cache_bytes_max = 0;
    hf_test_open(&host);
    hf_test_stock(&host);
    hf_gate_set(HF_GATE_GET, true);
    ck_assert_int_eq(hf_test_get(&host, &first), 0);
    hf_test_turn(&host, 1);
    hf_gate_wait_for(&hf_gates.waiting[HF_GATE_GET], 1);
    ck_assert_int_eq(hf_test_get(&host, &second), 0);
    hf_test_turn(&host, 1);
    hf_gate_wait_for(&hf_gates.waiting[HF_GATE_GET], 2);
    hf_gate_set(HF_GATE_GET, false);
    hf_test_run(&host, &second.calls, 1);
    ck_assert_uint_lt(first.order, second.order);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_read_never_shows_a_write_before_its_callback)
{
    hf_test_call write = {.calls = 0};
    hf_test_call read = {.calls = 0};
    hf_test_start(&host, 1);
    hf_test_stock(&host);
    hf_gate_set(HF_GATE_COMMITTED, true);
    ck_assert_int_eq(hf_test_receive(&host, &write, 5), 0);
    hf_test_turn(&host, 1);
    hf_gate_wait(HF_GATE_COMMITTED);
    int ended = hf_gate_count(&hf_gates.ended);
    ck_assert_int_eq(hf_test_get(&host, &read), 0);
    hf_test_turn(&host, 1);
    hf_gate_wait_for(&hf_gates.ended, ended + 1);
    hf_test_turn(&host, 50);
    ck_assert_int_eq(read.calls, 0);
    hf_gate_set(HF_GATE_COMMITTED, false);
    hf_test_run(&host, &read.calls, 1);
    ck_assert_int_eq(write.calls, 1);
    ck_assert_int_eq(read.balance, 5);
    ck_assert_uint_lt(write.order, read.order);
    hf_test_stop(&host);
}
END_TEST

#define READS 8 /* more batches of one read each than a request queue has buffers at open */

START_TEST(reads_that_come_one_by_one_while_a_commit_is_written_are_all_accepted)
{
    hf_test_call write = {.calls = 0};
    hf_test_call reads[READS] = {{.calls = 0}};
    hf_test_options(&host, 1);
    host.options.read_cache_bytes_max = 0; /* it would answer all but the first */
    hf_test_open(&host);
    hf_test_stock(&host);
    hf_gate_set(HF_GATE_COMMITTED, true);
    ck_assert_int_eq(hf_test_receive(&host, &write, 5), 0);
    hf_test_turn(&host, 1);
    hf_gate_wait(HF_GATE_COMMITTED);
    int ended = hf_gate_count(&hf_gates.ended);
    for (int i = 0; i < READS; i++) {
        int error = hf_test_get(&host, &reads[i]);
        ck_assert_msg(error == 0, "read %d: %s", i, hf_engine_detail(host.engine));
        /* beside the one that stays to be filled; a thread is busy for a while after its end */
        do
            hf_test_turn(&host, 1);
        while (i < 3 && hf_gate_count(&hf_gates.ended) < ended + i + 1);
    }
    hf_test_turn(&host, 50);
    hf_gate_set(HF_GATE_COMMITTED, false);
    hf_test_run(&host, &reads[READS - 1].calls, 1);
    for (int i = 0; i < READS; i++) {
        ck_assert_int_eq(reads[i].calls, 1);
        ck_assert_int_eq(reads[i].balance, 5);
        ck_assert_uint_gt(reads[i].order, i == 0 ? write.order : reads[i - 1].order);
    }
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_full_queue_is_overload_and_heals)
{
    hf_test_call calls[10] = {{.calls = 0}};
    hf_test_options(&host, 1);
    host.options.queue_ops_max = 4;
    hf_test_open(&host);
    hf_test_stock(&host);
    hf_gate_set(HF_GATE_BEGIN, true);
    ck_assert_int_eq(hf_test_receive(&host, &calls[0], 1), 0);
    hf_test_turn(&host, 1);
    hf_gate_wait(HF_GATE_BEGIN);
    for (int i = 1; i <= 4; i++)
        ck_assert_int_eq(hf_test_receive(&host, &calls[i], 1), 0);
    ck_assert_int_eq(hf_test_receive(&host, &calls[5], 1), HF_E_OVERLOADED);
    ck_assert_str_eq(hf_engine_detail(host.engine), "queue_ops_max operations wait");
    ck_assert_uint_eq(hf_test_health(&host).overloaded, 1);
    hf_gate_set(HF_GATE_BEGIN, false);
    hf_test_run(&host, &calls[4].calls, 1);
    ck_assert_int_eq(hf_test_receive(&host, &calls[5], 1), 0);
    hf_test_run(&host, &calls[5].calls, 1);
    ck_assert_int_eq(calls[5].balance, 6);
    hf_test_stop(&host);
}
END_TEST

static int put_with_meta(hf_test_call *call, const void *meta, uint64_t bytes)
{
    hf_account_put_args args;
    hf_item_put_init(&args, "bell");
    args.head.meta = meta;
    args.head.meta_bytes = bytes;
    return hf_item_put(host.engine, &call->req, &args, hf_test_done);
}

START_TEST(full_arguments_are_overload_and_too_large_ones_name_the_option)
{
    static uint8_t meta[HF_META_MAX];
    hf_test_call calls[8] = {{.calls = 0}};
    hf_test_options(&host, 0);
    host.options.queue_bytes_max = 12288;
    hf_test_open(&host);
    ck_assert_int_eq(put_with_meta(&calls[0], meta, HF_META_MAX), HF_E_TOO_MANY);
    ck_assert_ptr_nonnull(strstr(hf_engine_detail(host.engine), "queue_bytes_max"));
    ck_assert_int_eq(put_with_meta(&calls[0], meta, 8000), 0);
    ck_assert_int_eq(put_with_meta(&calls[1], meta, 8000), HF_E_OVERLOADED);
    ck_assert_int_eq(put_with_meta(&calls[1], meta, 100), 0);
    hf_test_run(&host, &calls[1].calls, 1);
    ck_assert_int_eq(put_with_meta(&calls[2], meta, 8000), 0);
    hf_test_run(&host, &calls[2].calls, 1);
    ck_assert_int_eq(calls[0].status + calls[1].status + calls[2].status, 0);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_refused_call_leaves_the_request_free_and_says_why)
{
    hf_test_call call = {.calls = 0};
    hf_test_start(&host, 0);
    ck_assert_int_eq(hf_test_receive(&host, &call, 0), HF_E_AMOUNT);
    ck_assert_str_eq(hf_engine_detail(host.engine), "amount: 0 is not in 1..9223372036854775807");
    ck_assert_int_eq(hf_test_put(&host, &call), 0);
    ck_assert_str_eq(hf_engine_detail(host.engine), "");
    hf_test_run(&host, &call.calls, 1);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_request_in_use_is_refused)
{
    hf_test_call call = {.calls = 0};
    hf_test_start(&host, 0);
    ck_assert_int_eq(hf_test_put(&host, &call), 0);
    ck_assert_int_eq(hf_test_put(&host, &call), HF_E_REQ_BUSY);
    hf_test_run(&host, &call.calls, 1);
    ck_assert_int_eq(hf_test_put(&host, &call), 0);
    hf_test_run(&host, &call.calls, 2);
    hf_test_stop(&host);
}
END_TEST

START_TEST(missing_request_and_callback_are_refused)
{
    hf_account_put_args args;
    hf_req req = {0};
    hf_item_put_init(&args, "bell");
    hf_test_start(&host, 0);
    ck_assert_int_eq(hf_item_put(host.engine, NULL, &args, hf_test_done), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_item_put(host.engine, &req, &args, NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_item_put(host.engine, &req, NULL, hf_test_done), HF_E_ARGUMENT);
    hf_test_stop(&host);
}
END_TEST

static void use_again(hf_test_call *call)
{
    if (call->calls < 50)
        ck_assert_int_eq(hf_test_receive(&host, call, 1), 0);
}

START_TEST(a_callback_may_use_its_request_again)
{
    hf_test_call call = {.then = use_again};
    hf_test_start(&host, (uint32_t)_i);
    hf_test_stock(&host);
    ck_assert_int_eq(hf_test_receive(&host, &call, 1), 0);
    hf_test_run(&host, &call.calls, 50);
    ck_assert_int_eq(call.balance, 50);
    hf_test_stop(&host);
}
END_TEST

START_TEST(ten_thousand_operations_allocate_nothing)
{
    enum { IN_FLIGHT = 50 };
    static hf_test_call calls[IN_FLIGHT];
    memset(calls, 0, sizeof calls);
    hf_test_start(&host, (uint32_t)_i);
    hf_test_stock(&host);
    uint64_t before = hf_test_health(&host).allocations;
    for (int round = 0; round < 10000 / IN_FLIGHT; round++) {
        for (int i = 0; i < IN_FLIGHT; i++)
            ck_assert_int_eq(i % 5 == 0 ? hf_test_get(&host, &calls[i])
                                        : hf_test_receive(&host, &calls[i], 1),
                             0);
        for (int i = 0; i < IN_FLIGHT; i++)
            hf_test_run(&host, &calls[i].calls, round + 1);
    }
    ck_assert_uint_eq(hf_test_health(&host).allocations, before);
    ck_assert_uint_eq(hf_test_health(&host).completed, 10001);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_failed_commit_fails_its_batch_and_the_engine_continues)
{
    hf_test_call calls[3] = {{.calls = 0}};
    hf_test_start(&host, (uint32_t)_i);
    hf_test_stock(&host);
    pthread_mutex_lock(&hf_gates.lock);
    hf_gates.commit_error = HF_E_NO_SPACE;
    pthread_mutex_unlock(&hf_gates.lock);
    ck_assert_int_eq(hf_test_receive(&host, &calls[0], 1), 0);
    hf_test_run(&host, &calls[0].calls, 1);
    ck_assert_int_eq(calls[0].status, HF_E_NO_SPACE);
    ck_assert_int_eq(hf_test_receive(&host, &calls[1], 1), HF_E_DEGRADED);
    ck_assert_str_eq(hf_engine_detail(host.engine), "the disk is full; try again in a second");
    ck_assert_int_eq(hf_test_get(&host, &calls[2]), 0);
    hf_test_run(&host, &calls[2].calls, 1);
    ck_assert_int_eq(calls[2].balance, 0);
    /* the engine probes by itself */
    while (hf_test_health(&host).state != HF_HEALTH_OK)
        (void)hf_loop_run_once(host.loop, 1);
    ck_assert_int_eq(hf_test_receive(&host, &calls[1], 1), 0);
    hf_test_run(&host, &calls[1].calls, 1);
    ck_assert_int_eq(calls[1].balance, 1);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("loop");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, NULL);
    tcase_add_loop_test(core, callbacks_come_in_the_order_of_submission, 0, 2);
    tcase_add_loop_test(core, nothing_is_called_back_inside_the_call, 0, 2);
    tcase_add_loop_test(core, a_read_after_a_callback_sees_its_write, 0, 2);
    tcase_add_loop_test(core, operations_of_one_turn_are_one_commit, 0, 2);
    tcase_add_test(core, what_arrives_while_a_commit_is_written_is_the_next_one);
    tcase_add_test(core, a_read_does_not_wait_for_a_commit);
    tcase_add_test(core, two_batches_of_reads_run_at_once_and_end_in_their_order);
    tcase_add_test(core, a_read_never_shows_a_write_before_its_callback);
    tcase_add_test(core, reads_that_come_one_by_one_while_a_commit_is_written_are_all_accepted);
    tcase_add_test(core, a_full_queue_is_overload_and_heals);
    tcase_add_test(core, full_arguments_are_overload_and_too_large_ones_name_the_option);
    tcase_add_test(core, a_refused_call_leaves_the_request_free_and_says_why);
    tcase_add_test(core, a_request_in_use_is_refused);
    tcase_add_test(core, missing_request_and_callback_are_refused);
    tcase_add_loop_test(core, a_callback_may_use_its_request_again, 0, 2);
    tcase_add_loop_test(core, ten_thousand_operations_allocate_nothing, 0, 2);
    tcase_add_loop_test(core, a_failed_commit_fails_its_batch_and_the_engine_continues, 0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
