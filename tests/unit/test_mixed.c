/*
 * Hosts that mix styles on one engine: hf_run, hf_submit and requests with callbacks. Completions
 * that the host has not taken, or may still look at, never make other callers wait: what counts is
 * how many operations are in flight.
 */
#include "support/check_main.h"
#include "support/host.h"

#define CALLERS 64

static hf_test_host host;
static hf_test_call callers[CALLERS];
static int left; /* calls that the callers still make */
static int answered;

static void call_again(hf_test_call *call)
{
    ck_assert_int_eq(call->status, 0);
    answered++;
    if (left == 0)
        return;
    left--;
    int error = hf_test_receive(&host, call, 1);
    ck_assert_msg(error == 0, "%s: %s", hf_error_name(error), hf_engine_detail(host.engine));
}

/* Every caller calls again from its callback, until `calls` calls have been answered. */
static void crowd(int calls)
{
    answered = 0;
    left = calls - CALLERS;
    for (int i = 0; i < CALLERS; i++) {
        callers[i].then = call_again;
        ck_assert_int_eq(hf_test_receive(&host, &callers[i], 1), 0);
    }
    hf_test_run(&host, &answered, calls);
}

static void submit_one(void)
{
    hf_move_args args;
    hf_item_receive_init(&args, "bell", 1);
    const hf_op op = {.type = HF_OP_ITEM_RECEIVE, .args = &args};
    ck_assert_int_eq(hf_submit(host.engine, &op, 1, NULL), 1);
}

static void run_one(void)
{
    hf_move_args args;
    hf_completion done;
    hf_item_receive_init(&args, "bell", 1);
    ck_assert_int_eq(hf_run(host.engine, HF_OP_ITEM_RECEIVE, &args, &done), 0);
}

static void start(uint32_t threads)
{
    memset(callers, 0, sizeof callers);
    hf_test_start(&host, threads);
    hf_test_stock(&host);
}

static void stop(void)
{
    ck_assert_uint_eq(hf_test_health(&host).overloaded, 0);
    hf_test_stop(&host);
}

/* The journal has two threads, which work on two batches at a time. */
START_TEST(callers_behind_a_run_are_never_overloaded)
{
    memset(callers, 0, sizeof callers);
    hf_test_options(&host, 1);
    host.options.driver = NULL;
    host.options.store = _i == 0 ? "lmdb:mixed.mdb" : "memory:";
    hf_test_open(&host);
    hf_test_stock(&host);
    run_one();
    crowd(20000);
    run_one();
    crowd(2000);
    stop();
}
END_TEST

START_TEST(completions_that_nobody_takes_do_not_stop_callers)
{
    enum { WAITING = 20 };
    hf_completion done[WAITING + 1];
    start((uint32_t)_i);
    run_one();
    for (int i = 0; i < WAITING; i++) {
        submit_one();
        crowd(1000);
    }
    ck_assert_int_eq(hf_completions(host.engine, done, WAITING + 1), WAITING);
    for (int i = 0; i < WAITING; i++)
        ck_assert_int_eq(((const hf_account *)done[i].result)->balance, 2 + 1001 * i);
    crowd(1000);
    stop();
}
END_TEST

START_TEST(a_queue_of_so_many_operations_accepts_so_many)
{
    static hf_test_call calls[256];
    memset(calls, 0, sizeof calls);
    start((uint32_t)_i);
    run_one();
    submit_one();
    for (int round = 1; round <= 20; round++) {
        for (int i = 0; i < 256 - (round == 1); i++)
            ck_assert_int_eq(hf_test_receive(&host, &calls[i], 1), 0);
        hf_test_run(&host, &calls[254].calls, round);
        hf_test_run(&host, &calls[255].calls, round - 1);
    }
    stop();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mixed");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, callers_behind_a_run_are_never_overloaded, 0, 2);
    tcase_add_loop_test(core, completions_that_nobody_takes_do_not_stop_callers, 0, 2);
    tcase_add_loop_test(core, a_queue_of_so_many_operations_accepts_so_many, 0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
