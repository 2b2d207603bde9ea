/*
 * Closing, from wherever: every accepted request is called back exactly once, and then nothing.
 */
#include "support/check_main.h"
#include "support/host.h"
#include "support/random.h"

#include <uv.h>

static hf_test_host host;
static hf_test_call calls[64];

static void setup(void)
{
    memset(calls, 0, sizeof calls);
    hf_test_last = 0;
}

static void close_now(hf_test_call *call)
{
    (void)call;
    ck_assert_int_eq(hf_engine_close(host.engine, hf_test_closed, &host), 0);
    ck_assert_int_eq(host.closed, 0);
}

static void finish(void)
{
    hf_test_run(&host, &host.closed, 1);
    hf_test_stop(&host);
}

static void check_once(int count)
{
    for (int i = 0; i < count; i++)
        ck_assert_int_eq(calls[i].calls, 1);
}

START_TEST(an_idle_engine_closes)
{
    hf_test_start(&host, (uint32_t)_i);
    hf_test_stop(&host);
}
END_TEST

START_TEST(what_runs_ends_truly_and_what_waits_is_cancelled)
{
    hf_test_start(&host, 1);
    hf_test_stock(&host);
    hf_gate_set(HF_GATE_BEGIN, true);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(hf_test_receive(&host, &calls[i], 1), 0);
    hf_test_turn(&host, 1);
    hf_gate_wait(HF_GATE_BEGIN);
    for (int i = 2; i < 6; i++)
        ck_assert_int_eq(hf_test_receive(&host, &calls[i], 1), 0);
    ck_assert_int_eq(hf_test_get(&host, &calls[6]), 0);
    close_now(NULL);
    hf_test_turn(&host, 5);
    ck_assert_int_eq(calls[0].calls + calls[2].calls, 0);
    ck_assert_int_eq(hf_test_health(&host).state, HF_HEALTH_CLOSING);
    hf_gate_set(HF_GATE_BEGIN, false);
    finish();
    check_once(7);
    for (int i = 0; i < 7; i++)
        ck_assert_int_eq(calls[i].status, i < 2 ? 0 : HF_E_CANCELLED);
    for (int i = 1; i < 6; i++)
        ck_assert_uint_lt(calls[i - 1].order, calls[i].order);
}
END_TEST

START_TEST(what_was_queued_in_the_same_turn_is_cancelled)
{
    hf_test_start(&host, (uint32_t)_i);
    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(hf_test_put(&host, &calls[i]), 0);
    ck_assert_int_eq(hf_test_get(&host, &calls[10]), 0);
    close_now(NULL);
    ck_assert_int_eq(calls[0].calls, 0); /* not inside the call */
    finish();
    check_once(11);
    for (int i = 0; i < 11; i++)
        ck_assert_int_eq(calls[i].status, HF_E_CANCELLED);
}
END_TEST

START_TEST(a_callback_may_close_in_the_middle_of_its_batch)
{
    hf_test_start(&host, (uint32_t)_i);
    hf_test_stock(&host);
    calls[3].then = close_now;
    for (int i = 0; i < 8; i++)
        ck_assert_int_eq(hf_test_receive(&host, &calls[i], 1), 0);
    finish();
    check_once(8);
    for (int i = 0; i < 8; i++)
        ck_assert_int_eq(calls[i].balance, i + 1); /* they were done */
}
END_TEST

static void try_to_submit(hf_test_call *call)
{
    ck_assert_int_eq(call->status, HF_E_CANCELLED);
    ck_assert_int_eq(hf_test_put(&host, call + 20), HF_E_CLOSED);
    ck_assert_int_eq(hf_engine_close(host.engine, NULL, NULL), HF_E_CLOSED);
}

START_TEST(a_closing_engine_takes_nothing_in)
{
    hf_test_start(&host, (uint32_t)_i);
    calls[0].then = try_to_submit;
    ck_assert_int_eq(hf_test_put(&host, &calls[0]), 0);
    close_now(NULL);
    ck_assert_int_eq(hf_test_put(&host, &calls[1]), HF_E_CLOSED);
    hf_id id;
    ck_assert_int_eq(hf_id_make(host.engine, &id), HF_E_CLOSED);
    finish();
    check_once(1);
    ck_assert_int_eq(calls[20].calls, 0);
}
END_TEST

START_TEST(a_loop_that_was_stopped_continues_where_it_was)
{
    hf_test_start(&host, (uint32_t)_i);
    hf_test_stock(&host);
    for (int i = 0; i < 8; i++) {
        ck_assert_int_eq(hf_test_receive(&host, &calls[i], 1), 0);
        uv_stop(host.loop);
        (void)uv_run(host.loop, UV_RUN_DEFAULT);
    }
    close_now(NULL);
    uv_stop(host.loop);
    (void)uv_run(host.loop, UV_RUN_DEFAULT);
    (void)uv_run(host.loop, UV_RUN_DEFAULT); /* ends by itself when all is closed */
    ck_assert_int_eq(host.closed, 1);
    check_once(8);
    hf_test_stop(&host);
}
END_TEST

START_TEST(an_open_engine_keeps_its_loop_alive)
{
    hf_test_start(&host, (uint32_t)_i);
    ck_assert_int_eq(hf_loop_run_once(host.loop, 0), 1);
    ck_assert_int_eq(hf_loop_destroy(host.loop), HF_E_BUSY);
    ck_assert_int_eq(hf_engine_close(host.engine, NULL, NULL), 0); /* without a callback */
    while (hf_loop_run_once(host.loop, 1) == 1)
        ;
    ck_assert_int_eq(hf_loop_destroy(host.loop), 0);
}
END_TEST

START_TEST(a_polling_host_can_take_the_last_completions)
{
    hf_test_start(&host, (uint32_t)_i);
    hf_account_put_args args;
    hf_item_put_init(&args, "bell");
    hf_op op = {.type = HF_OP_ITEM_PUT, .args = &args, .user_data = 5};
    ck_assert_int_eq(hf_submit(host.engine, &op, 1, NULL), 1);
    close_now(NULL);
    hf_completion done;
    int taken = 0;
    while (host.closed == 0) {
        (void)hf_loop_run_once(host.loop, 1);
        int got = hf_completions(host.engine, &done, 1);
        taken += got > 0 ? got : 0;
    }
    ck_assert_int_eq(taken, 1);
    ck_assert_uint_eq(done.user_data, 5);
    hf_test_stop(&host);
}
END_TEST

START_TEST(completions_nobody_takes_do_not_keep_it_open)
{
    hf_test_start(&host, (uint32_t)_i);
    hf_account_put_args args;
    hf_item_put_init(&args, "bell");
    hf_op op = {.type = HF_OP_ITEM_PUT, .args = &args};
    ck_assert_int_ge(hf_completions_fd(host.engine), 0);
    ck_assert_int_eq(hf_submit(host.engine, &op, 1, NULL), 1);
    hf_test_turn(&host, 2);
    close_now(NULL);
    finish();
}
END_TEST

static void open_another(void *data, int status, const char *detail)
{
    hf_test_host *old = data;
    hf_test_closed(old, status, detail);
    if (old->closed < 3)
        ck_assert_int_eq(hf_engine_open(old->loop, &old->options, &old->engine), 0);
    if (old->closed < 3)
        ck_assert_int_eq(hf_engine_close(old->engine, open_another, old), 0);
}

START_TEST(a_close_callback_may_open_the_next_engine)
{
    hf_test_start(&host, (uint32_t)_i);
    ck_assert_int_eq(hf_engine_close(host.engine, open_another, &host), 0);
    hf_test_run(&host, &host.closed, 3);
    ck_assert_int_eq(hf_loop_destroy(host.loop), 0);
}
END_TEST

/* ---- A random life --------------------------------------------------------------------------- */

#define LIVES 60

typedef struct life {
    hf_test_random random;
    int accepted; /* requests */
    int submitted;
    int taken;
    hf_completion views[8];
} life;

static void take_some(life *me)
{
    int got = hf_completions(host.engine, me->views, hf_test_below(&me->random, 8));
    me->taken += got > 0 ? got : 0;
}

static void submit_some(life *me)
{
    hf_move_args move;
    hf_op ops[4];
    uint32_t count = 1 + hf_test_below(&me->random, 4);
    hf_item_receive_init(&move, "bell", 1);
    for (uint32_t i = 0; i < count; i++)
        ops[i] = (hf_op){.type = HF_OP_ITEM_RECEIVE, .args = &move};
    if (count > 2)
        ops[0].flags = HF_OP_LINKED;
    int accepted = hf_submit(host.engine, ops, count, NULL);
    me->submitted += accepted > 0 ? accepted : 0;
}

static void call_some(life *me)
{
    hf_test_call *call = &calls[me->accepted];
    int error = hf_test_below(&me->random, 3) == 0 ? hf_test_get(&host, call)
                                                   : hf_test_receive(&host, call, 1);
    me->accepted += error == 0;
    ck_assert(error == 0 || error == HF_E_OVERLOADED || error == HF_E_CLOSED);
}

static void live(life *me)
{
    uint32_t steps = hf_test_below(&me->random, 200);
    uint32_t end = hf_test_below(&me->random, 200);
    for (uint32_t i = 0; i < steps && me->accepted < 64; i++) {
        static void (*const acts[])(life *) = {take_some, submit_some, call_some, call_some};
        uint32_t act = hf_test_below(&me->random, 6);
        if (act < 4)
            acts[act](me);
        else
            hf_test_turn(&host, 1);
        if (i == end)
            close_now(NULL);
        if (host.closed != 0)
            return;
    }
}

START_TEST(a_random_life_calls_every_request_back_once)
{
    life me = {.random = hf_test_seed()};
    hf_test_options(&host, (uint32_t)_i % 2);
    host.options.queue_ops_max = 4 + hf_test_below(&me.random, 8);
    host.options.completions_max = 1 + hf_test_below(&me.random, 20);
    hf_test_open(&host);
    hf_test_stock(&host);
    live(&me);
    if (host.closed == 0)
        (void)hf_engine_close(host.engine, hf_test_closed, &host);
    while (host.closed == 0) {
        (void)hf_loop_run_once(host.loop, 1);
        if (host.closed == 0)
            take_some(&me);
    }
    check_once(me.accepted);
    for (int i = me.accepted; i < 64; i++)
        ck_assert_int_eq(calls[i].calls, 0);
    ck_assert_int_le(me.taken, me.submitted);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("close");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, NULL);
    tcase_add_loop_test(core, an_idle_engine_closes, 0, 2);
    tcase_add_test(core, what_runs_ends_truly_and_what_waits_is_cancelled);
    tcase_add_loop_test(core, what_was_queued_in_the_same_turn_is_cancelled, 0, 2);
    tcase_add_loop_test(core, a_callback_may_close_in_the_middle_of_its_batch, 0, 2);
    tcase_add_loop_test(core, a_closing_engine_takes_nothing_in, 0, 2);
    tcase_add_loop_test(core, a_loop_that_was_stopped_continues_where_it_was, 0, 2);
    tcase_add_loop_test(core, an_open_engine_keeps_its_loop_alive, 0, 2);
    tcase_add_loop_test(core, a_polling_host_can_take_the_last_completions, 0, 2);
    tcase_add_loop_test(core, completions_nobody_takes_do_not_keep_it_open, 0, 2);
    tcase_add_loop_test(core, a_close_callback_may_open_the_next_engine, 0, 2);
    tcase_add_loop_test(core, a_random_life_calls_every_request_back_once, 0, LIVES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
