/*
 * Waiting until operations are accepted again: whatever was full, who waits is called back once it
 * is not, and not before.
 */
#include "support/check_main.h"
#include "support/host.h"

#include <stdlib.h>

#define WAITERS 4

static hf_test_host host;
static hf_test_call waits[WAITERS];
static hf_test_call *calls;
static int call_count;

static void setup(void)
{
    memset(waits, 0, sizeof waits);
    call_count = 0;
    hf_test_last = 0;
    calls = calloc(4096, sizeof *calls);
    ck_assert_ptr_nonnull(calls);
}

static void teardown(void)
{
    free(calls);
}

static void wait_for(int i)
{
    ck_assert_int_eq(hf_admission_wait(host.engine, &waits[i].req, hf_test_done), 0);
}

static void start(uint32_t threads, uint32_t ops_max)
{
    hf_test_options(&host, threads);
    host.options.queue_ops_max = ops_max;
    hf_test_open(&host);
    hf_test_stock(&host);
}

/* Receives until it is refused. */
static void fill_writes(void)
{
    int error = 0;
    while (error == 0)
        error = hf_test_receive(&host, &calls[call_count++], 1);
    ck_assert_int_eq(error, HF_E_OVERLOADED);
    call_count--;
}

START_TEST(a_request_is_called_back_when_operations_are_accepted_again)
{
    start((uint32_t)_i, 8);
    fill_writes();
    wait_for(0);
    ck_assert_int_eq(waits[0].calls, 0); /* never inside the call */
    hf_test_run(&host, &waits[0].calls, 1);
    ck_assert_int_eq(waits[0].status, 0);
    ck_assert_int_eq(hf_test_receive(&host, &calls[call_count++], 1), 0);
    hf_test_run(&host, &calls[call_count - 1].calls, 1);
    ck_assert_int_eq(waits[0].calls, 1);
    hf_test_stop(&host);
}
END_TEST

/* While a batch is being committed and the next one is full, nothing is accepted. */
START_TEST(a_request_is_not_called_back_while_the_batch_is_full)
{
    start(1, 8);
    hf_gate_set(HF_GATE_BEGIN, true);
    ck_assert_int_eq(hf_test_receive(&host, &calls[call_count++], 1), 0);
    hf_test_turn(&host, 1);
    hf_gate_wait(HF_GATE_BEGIN);
    fill_writes();
    wait_for(0);
    hf_test_turn(&host, 20);
    ck_assert_int_eq(waits[0].calls, 0);
    hf_gate_set(HF_GATE_BEGIN, false);
    hf_test_run(&host, &waits[0].calls, 1);
    ck_assert_int_eq(waits[0].status, 0);
    hf_test_stop(&host);
}
END_TEST

START_TEST(without_a_refusal_a_request_is_called_back_in_the_next_turn)
{
    start((uint32_t)_i, 8);
    wait_for(0);
    ck_assert_int_eq(waits[0].calls, 0);
    hf_test_run(&host, &waits[0].calls, 1);
    ck_assert_int_eq(waits[0].status, 0);
    hf_test_stop(&host);
}
END_TEST

static void fill_again(hf_test_call *call)
{
    (void)call;
    fill_writes();
}

static void take_one(hf_test_call *call)
{
    ck_assert_int_eq(call->status, 0);
    ck_assert_int_eq(hf_test_receive(&host, &calls[call_count++], 1), 0);
}

START_TEST(requests_come_in_order_and_wait_on_when_the_one_before_fills_the_batch)
{
    start((uint32_t)_i, 8);
    fill_writes();
    waits[1].then = fill_again;
    waits[2].then = waits[3].then = take_one;
    for (int i = 0; i < WAITERS; i++)
        wait_for(i);
    hf_test_run(&host, &waits[3].calls, 1);
    for (int i = 1; i < WAITERS; i++)
        ck_assert_uint_lt(waits[i - 1].order, waits[i].order);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_request_may_wait_again_in_its_callback)
{
    start((uint32_t)_i, 8);
    for (int round = 1; round <= 5; round++) {
        fill_writes();
        wait_for(0);
        hf_test_run(&host, &waits[0].calls, round);
    }
    hf_test_stop(&host);
}
END_TEST

/* A chain that needs the whole batch waits for all of it, not for one place. */
START_TEST(a_refused_chain_waits_for_as_many_places_as_it_has_operations)
{
    hf_move_args move;
    hf_op chain[8];
    start(1, 8);
    hf_item_receive_init(&move, "bell", 1);
    for (uint32_t i = 0; i < 8; i++)
        chain[i] =
            (hf_op){.type = HF_OP_ITEM_RECEIVE, .args = &move, .flags = i < 7 ? HF_OP_LINKED : 0};
    hf_gate_set(HF_GATE_BEGIN, true);
    ck_assert_int_eq(hf_test_receive(&host, &calls[call_count++], 1), 0);
    hf_test_turn(&host, 1);
    hf_gate_wait(HF_GATE_BEGIN);
    ck_assert_int_eq(hf_test_receive(&host, &calls[call_count++], 1), 0);
    ck_assert_int_eq(hf_submit(host.engine, chain, 8, NULL), HF_E_OVERLOADED);
    wait_for(0);
    hf_test_turn(&host, 20);
    ck_assert_int_eq(waits[0].calls, 0);
    hf_gate_set(HF_GATE_BEGIN, false);
    hf_test_run(&host, &waits[0].calls, 1);
    ck_assert_int_eq(hf_submit(host.engine, chain, 8, NULL), 8);
    hf_test_stop(&host);
}
END_TEST

static int receive_with_meta(const char *meta, uint64_t bytes)
{
    hf_move_args args;
    hf_item_receive_init(&args, "bell", 1);
    args.head.meta = meta;
    args.head.meta_bytes = bytes;
    return hf_item_receive(host.engine, &calls[call_count++].req, &args, hf_test_done);
}

START_TEST(a_request_refused_for_its_bytes_waits_for_bytes)
{
    static const char meta[HF_META_MAX];
    int error = 0;
    hf_test_options(&host, 1);
    host.options.queue_bytes_max = 1 << 16;
    hf_test_open(&host);
    hf_test_stock(&host);
    hf_gate_set(HF_GATE_BEGIN, true);
    ck_assert_int_eq(hf_test_receive(&host, &calls[call_count++], 1), 0);
    hf_test_turn(&host, 1);
    hf_gate_wait(HF_GATE_BEGIN);
    while (error == 0)
        error = receive_with_meta(meta, sizeof meta);
    ck_assert_int_eq(error, HF_E_OVERLOADED);
    ck_assert_ptr_nonnull(strstr(hf_engine_detail(host.engine), "queue_bytes_max"));
    wait_for(0);
    hf_test_turn(&host, 20);
    ck_assert_int_eq(waits[0].calls, 0);
    hf_gate_set(HF_GATE_BEGIN, false);
    hf_test_run(&host, &waits[0].calls, 1);
    ck_assert_int_eq(receive_with_meta(meta, sizeof meta), 0);
    hf_test_run(&host, &calls[call_count - 1].calls, 1);
    hf_test_stop(&host);
}
END_TEST

/* Holds the first batch back and fills the next one until not a byte for arguments is left. */
static void fill_bytes(void)
{
    static const char meta[HF_META_MAX];
    hf_gate_set(HF_GATE_BEGIN, true);
    ck_assert_int_eq(hf_test_receive(&host, &calls[call_count++], 1), 0);
    hf_test_turn(&host, 1);
    hf_gate_wait(HF_GATE_BEGIN);
    for (uint64_t bytes = sizeof meta; bytes > 0;) {
        if (receive_with_meta(meta, bytes) == 0)
            continue;
        call_count--;
        bytes -= bytes >= 8 ? 8 : bytes;
    }
    int error = 0;
    while (error == 0)
        error = hf_test_receive(&host, &calls[call_count++], 1);
    ck_assert_int_eq(error, HF_E_OVERLOADED);
    ck_assert_ptr_nonnull(strstr(hf_engine_detail(host.engine), "queue_bytes_max"));
}

START_TEST(a_request_waits_also_when_not_a_byte_is_left_for_arguments)
{
    hf_test_options(&host, 1);
    host.options.queue_bytes_max = 1 << 16;
    hf_test_open(&host);
    hf_test_stock(&host);
    fill_bytes();
    wait_for(0);
    hf_test_turn(&host, 20);
    ck_assert_int_eq(waits[0].calls, 0);
    hf_gate_set(HF_GATE_BEGIN, false);
    hf_test_run(&host, &waits[0].calls, 1);
    ck_assert_int_eq(hf_test_receive(&host, &calls[call_count++], 1), 0);
    hf_test_run(&host, &calls[call_count - 1].calls, 1);
    hf_test_stop(&host);
}
END_TEST

static hf_move_args moves[4];
static hf_op chain[4];

static void make_chain(void)
{
    static const char meta[HF_META_MAX];
    for (uint32_t i = 0; i < 4; i++) {
        hf_item_receive_init(&moves[i], "bell", 1);
        moves[i].head.meta = meta;
        moves[i].head.meta_bytes = 12000;
        chain[i] = (hf_op){
            .type = HF_OP_ITEM_RECEIVE, .args = &moves[i], .flags = i < 3 ? HF_OP_LINKED : 0};
    }
}

/* Leaves bytes enough for the chain, and two places. */
static void take_six(hf_test_call *call)
{
    ck_assert_int_eq(call->status, 0);
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(hf_test_receive(&host, &calls[call_count++], 1), 0);
}

static void take_chain(hf_test_call *call)
{
    ck_assert_int_eq(call->status, 0);
    ck_assert_int_eq(hf_submit(host.engine, chain, 4, NULL), 4);
}

START_TEST(a_chain_refused_for_its_bytes_waits_for_its_places_too)
{
    hf_test_options(&host, 1);
    host.options.queue_bytes_max = 1 << 16;
    host.options.queue_ops_max = 8;
    hf_test_open(&host);
    hf_test_stock(&host);
    make_chain();
    hf_gate_set(HF_GATE_BEGIN, true);
    ck_assert_int_eq(hf_test_receive(&host, &calls[call_count++], 1), 0);
    hf_test_turn(&host, 1);
    hf_gate_wait(HF_GATE_BEGIN);
    ck_assert_int_eq(receive_with_meta(moves[0].head.meta, HF_META_MAX), 0);
    ck_assert_int_eq(receive_with_meta(moves[0].head.meta, HF_META_MAX), 0);
    ck_assert_int_eq(hf_submit(host.engine, chain, 4, NULL), HF_E_OVERLOADED);
    ck_assert_ptr_nonnull(strstr(hf_engine_detail(host.engine), "queue_bytes_max"));
    waits[0].then = take_six;
    waits[1].then = take_chain;
    wait_for(0);
    wait_for(1);
    hf_gate_set(HF_GATE_BEGIN, false);
    hf_test_run(&host, &waits[1].calls, 1);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_request_refused_for_completions_waits_until_they_are_taken)
{
    hf_move_args move;
    hf_completion done[4];
    hf_test_options(&host, (uint32_t)_i);
    host.options.completions_max = 4;
    hf_test_open(&host);
    hf_test_stock(&host);
    hf_item_receive_init(&move, "bell", 1);
    const hf_op op = {.type = HF_OP_ITEM_RECEIVE, .args = &move};
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(hf_submit(host.engine, &op, 1, NULL), 1);
    ck_assert_int_eq(hf_submit(host.engine, &op, 1, NULL), HF_E_OVERLOADED);
    wait_for(0);
    while (hf_test_health(&host).completed < 5)
        (void)hf_loop_run_once(host.loop, 1);
    hf_test_turn(&host, 20);
    ck_assert_int_eq(waits[0].calls, 0);
    ck_assert_int_eq(hf_completions(host.engine, done, 4), 4);
    hf_test_run(&host, &waits[0].calls, 1);
    ck_assert_int_eq(hf_submit(host.engine, &op, 1, NULL), 1);
    hf_test_stop(&host);
}
END_TEST

/* Completions of 64 batches are not taken, so the next batch begins behind what one of them has. */
START_TEST(a_chain_that_needs_a_whole_batch_waits_until_completions_are_taken)
{
    hf_completion done[64];
    hf_test_options(&host, 0);
    host.options.queue_bytes_max = 1 << 16;
    hf_test_open(&host);
    hf_test_stock(&host);
    make_chain();
    for (uint32_t i = 0; i < 4; i++)
        moves[i].head.meta_bytes = 16000;
    hf_move_args move = moves[0];
    move.head.meta_bytes = 1000;
    const hf_op op = {.type = HF_OP_ITEM_RECEIVE, .args = &move};
    for (uint64_t i = 0; i < 64; i++) {
        ck_assert_int_eq(hf_submit(host.engine, &op, 1, NULL), 1);
        while (hf_test_health(&host).completed < i + 2)
            (void)hf_loop_run_once(host.loop, 1);
    }
    ck_assert_int_eq(hf_submit(host.engine, chain, 4, NULL), HF_E_OVERLOADED);
    wait_for(0);
    hf_test_turn(&host, 20);
    ck_assert_int_eq(waits[0].calls, 0);
    ck_assert_int_eq(hf_completions(host.engine, done, 64), 64);
    ck_assert_int_eq(hf_completions(host.engine, done, 64), 0);
    waits[0].then = take_chain;
    hf_test_run(&host, &waits[0].calls, 1);
    hf_test_stop(&host);
}
END_TEST

/* Reads until it is refused. */
static void fill_reads(void)
{
    int error = 0;
    while (error == 0)
        error = hf_test_get(&host, &calls[call_count++]);
    ck_assert_int_eq(error, HF_E_OVERLOADED);
    call_count--;
}

/* One batch runs on each of the two threads, and the next one is full. */
START_TEST(a_read_waits_for_reads)
{
    start(1, 8);
    hf_gate_set(HF_GATE_SNAPSHOT, true);
    ck_assert_int_eq(hf_test_get(&host, &calls[call_count++]), 0);
    hf_test_turn(&host, 1);
    hf_gate_wait(HF_GATE_SNAPSHOT);
    fill_reads();
    hf_test_turn(&host, 1);
    fill_reads();
    wait_for(0);
    hf_test_turn(&host, 20);
    ck_assert_int_eq(waits[0].calls, 0);
    hf_gate_set(HF_GATE_SNAPSHOT, false);
    hf_test_run(&host, &waits[0].calls, 1);
    ck_assert_int_eq(hf_test_get(&host, &calls[call_count++]), 0);
    hf_test_stop(&host);
}
END_TEST

START_TEST(requests_that_wait_when_the_engine_closes_are_cancelled)
{
    start(1, 8);
    hf_gate_set(HF_GATE_BEGIN, true);
    ck_assert_int_eq(hf_test_receive(&host, &calls[call_count++], 1), 0);
    hf_test_turn(&host, 1);
    hf_gate_wait(HF_GATE_BEGIN);
    fill_writes();
    for (int i = 0; i < WAITERS; i++)
        wait_for(i);
    ck_assert_int_eq(hf_engine_close(host.engine, hf_test_closed, &host), 0);
    hf_gate_set(HF_GATE_BEGIN, false);
    hf_test_run(&host, &host.closed, 1);
    for (int i = 0; i < WAITERS; i++) {
        ck_assert_int_eq(waits[i].calls, 1);
        ck_assert_int_eq(waits[i].status, HF_E_CANCELLED);
    }
    hf_test_stop(&host);
}
END_TEST

START_TEST(arguments_are_checked)
{
    start(0, 8);
    ck_assert_int_eq(hf_admission_wait(host.engine, NULL, hf_test_done), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_admission_wait(host.engine, &waits[0].req, NULL), HF_E_ARGUMENT);
    wait_for(0);
    ck_assert_int_eq(hf_admission_wait(host.engine, &waits[0].req, hf_test_done), HF_E_REQ_BUSY);
    ck_assert_int_eq(hf_test_receive(&host, &waits[0], 1), HF_E_REQ_BUSY);
    ck_assert_int_eq(hf_engine_close(host.engine, hf_test_closed, &host), 0);
    ck_assert_int_eq(hf_admission_wait(host.engine, &waits[1].req, hf_test_done), HF_E_CLOSED);
    hf_test_run(&host, &host.closed, 1);
    hf_test_stop(&host);
    ck_assert_int_eq(hf_admission_wait(host.engine, &waits[1].req, hf_test_done), HF_E_CLOSED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("admission");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, teardown);
    tcase_add_loop_test(core, a_request_is_called_back_when_operations_are_accepted_again, 0, 2);
    tcase_add_test(core, a_request_is_not_called_back_while_the_batch_is_full);
    tcase_add_loop_test(core, without_a_refusal_a_request_is_called_back_in_the_next_turn, 0, 2);
    tcase_add_loop_test(
        core, requests_come_in_order_and_wait_on_when_the_one_before_fills_the_batch, 0, 2);
    tcase_add_loop_test(core, a_request_may_wait_again_in_its_callback, 0, 2);
    tcase_add_test(core, a_refused_chain_waits_for_as_many_places_as_it_has_operations);
    tcase_add_test(core, a_request_refused_for_its_bytes_waits_for_bytes);
    tcase_add_test(core, a_request_waits_also_when_not_a_byte_is_left_for_arguments);
    tcase_add_test(core, a_chain_refused_for_its_bytes_waits_for_its_places_too);
    tcase_add_loop_test(core, a_request_refused_for_completions_waits_until_they_are_taken, 0, 2);
    tcase_add_test(core, a_chain_that_needs_a_whole_batch_waits_until_completions_are_taken);
    tcase_add_test(core, a_read_waits_for_reads);
    tcase_add_test(core, requests_that_wait_when_the_engine_closes_are_cancelled);
    tcase_add_test(core, arguments_are_checked);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
