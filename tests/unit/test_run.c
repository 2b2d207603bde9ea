/*
 * Programs that go step by step: functions that turn the loop until what they wait for is there.
 */
#include "support/check_main.h"
#include "support/host.h"

#include <uv.h>

#define OPS 8

static hf_test_host host;
static hf_completion done;
static hf_verify_result books;

static int get(hf_engine *engine)
{
    hf_account_get_args args;
    hf_item_get_init(&args, "bell");
    return hf_run(engine, HF_OP_ITEM_GET, &args, &done);
}

static int receive(int64_t quantity)
{
    hf_move_args args;
    hf_item_receive_init(&args, "bell", quantity);
    return hf_run(host.engine, HF_OP_ITEM_RECEIVE, &args, &done);
}

static void submit(int count)
{
    hf_move_args args;
    hf_item_receive_init(&args, "bell", 1);
    for (int i = 0; i < count; i++) {
        const hf_op op = {.type = HF_OP_ITEM_RECEIVE, .args = &args, .user_data = (uint64_t)i + 1};
        ck_assert_int_eq(hf_submit(host.engine, &op, 1, NULL), 1);
    }
}

static int wait_one(hf_engine *engine)
{
    return hf_wait(engine, &done, 1);
}

static int verify(hf_engine *engine)
{
    books.size = sizeof books;
    return hf_run_verify(engine, &books);
}

static int64_t balance(void)
{
    return ((const hf_account *)done.result)->balance;
}

static void start(uint32_t threads)
{
    hf_test_start(&host, threads);
    hf_test_stock(&host);
}

/* ---- To the end ------------------------------------------------------------------------------ */

START_TEST(an_operation_runs_to_its_end)
{
    start((uint32_t)_i);
    ck_assert_int_eq(receive(5), 0);
    ck_assert_uint_eq(done.type, HF_OP_ITEM_RECEIVE);
    ck_assert_int_eq(balance(), 5);
    ck_assert_str_eq(done.detail, "");
    ck_assert_int_eq(get(host.engine), 0);
    ck_assert_int_eq(balance(), 5);
    hf_test_stop(&host);
}
END_TEST

START_TEST(an_answer_lives_until_the_next_run_whatever_happens_meanwhile)
{
    start((uint32_t)_i);
    ck_assert_int_eq(receive(5), 0);
    const hf_completion first = done;
    for (int i = 0; i < 20; i++) {
        submit(OPS);
        for (int taken = 0; taken < OPS; taken++)
            ck_assert_int_eq(wait_one(host.engine), 1);
    }
    ck_assert_int_eq(((const hf_account *)first.result)->balance, 5);
    ck_assert_int_eq(get(host.engine), 0);
    ck_assert_int_eq(balance(), 5 + 20 * OPS);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_thousand_runs_allocate_nothing)
{
    start((uint32_t)_i);
    uint64_t before = hf_test_health(&host).allocations;
    for (int i = 1; i <= 1000; i++)
        ck_assert_int_eq(receive(1), 0);
    ck_assert_int_eq(balance(), 1000);
    ck_assert_uint_eq(hf_test_health(&host).allocations, before);
    hf_test_stop(&host);
}
END_TEST

START_TEST(what_was_refused_is_returned_with_its_culprit)
{
    start((uint32_t)_i);
    hf_hold_place_args hold;
    hf_hold_place_init(&hold);
    hold.from = (hf_account_key){.kind = HF_KIND_ITEM, .name = "bell", .unit = "pcs"};
    hold.amount = 3;
    ck_assert_int_eq(hf_run(host.engine, HF_OP_HOLD_PLACE, &hold, &done), HF_E_STOCK_SHORT);
    ck_assert_int_eq(done.status, HF_E_STOCK_SHORT);
    ck_assert_ptr_null(done.result);
    ck_assert_str_eq(done.detail, "ITEM bell [pcs]: 3 wanted, 0 available");
    hold.amount = 0;
    ck_assert_int_eq(hf_run(host.engine, HF_OP_HOLD_PLACE, &hold, &done), HF_E_AMOUNT);
    ck_assert_int_eq(done.status, HF_E_AMOUNT);
    ck_assert_uint_eq(done.type, HF_OP_HOLD_PLACE);
    (void)hf_test_health(&host); /* the detail of the engine is that of the last call */
    ck_assert_str_eq(done.detail, "amount: 0 is not in 1..9223372036854775807");
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_full_queue_is_an_error_at_once)
{
    hf_test_call calls[5] = {{.calls = 0}};
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
    ck_assert_int_eq(receive(1), HF_E_OVERLOADED);
    ck_assert_str_eq(done.detail, "queue_ops_max operations wait");
    hf_gate_set(HF_GATE_BEGIN, false);
    hf_test_run(&host, &calls[4].calls, 1);
    ck_assert_int_eq(receive(1), 0);
    ck_assert_int_eq(balance(), 6);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_run_leaves_the_completions_of_others_where_they_are)
{
    start((uint32_t)_i);
    submit(3);
    ck_assert_int_eq(receive(10), 0);
    ck_assert_int_eq(balance(), 13);
    const hf_completion mine = done;
    for (uint64_t i = 1; i <= 3; i++) {
        ck_assert_int_eq(wait_one(host.engine), 1);
        ck_assert_uint_eq(done.user_data, i);
        ck_assert_int_eq(balance(), (int64_t)i);
    }
    ck_assert_int_eq(wait_one(host.engine), 0);
    ck_assert_int_eq(((const hf_account *)mine.result)->balance, 13);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_wait_ends_with_the_last_completion)
{
    start((uint32_t)_i);
    ck_assert_int_eq(wait_one(host.engine), 0);
    submit(OPS);
    ck_assert_int_eq(hf_wait(host.engine, NULL, 0), 0);
    ck_assert_int_eq(hf_wait(host.engine, NULL, 1), HF_E_ARGUMENT);
    int taken = 0;
    while (wait_one(host.engine) == 1)
        ck_assert_uint_eq(done.user_data, (uint64_t)++taken);
    ck_assert_int_eq(taken, OPS);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_verify_runs_to_its_end)
{
    start((uint32_t)_i);
    ck_assert_int_eq(receive(1), 0);
    ck_assert_int_eq(verify(host.engine), 0);
    ck_assert_uint_eq(books.findings_total, 0);
    ck_assert_uint_eq(books.accounts, 1);
    ck_assert_uint_eq(books.events, 2);
    hf_test_stop(&host);
}
END_TEST

static void tick(uv_timer_t *timer)
{
    ++*(int *)timer->data;
}

START_TEST(the_loop_continues_other_work_meanwhile)
{
    uv_loop_t loop;
    uv_timer_t timer;
    int ticks = 0;
    hf_test_call call = {.calls = 0};
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    ck_assert_int_eq(uv_timer_init(&loop, &timer), 0);
    timer.data = &ticks;
    ck_assert_int_eq(uv_timer_start(&timer, tick, 0, 1), 0);
    hf_test_options(&host, (uint32_t)_i);
    host.loop = &loop;
    hf_test_open(&host);
    hf_test_stock(&host);
    ck_assert_int_eq(hf_test_receive(&host, &call, 2), 0);
    do
        ck_assert_int_eq(receive(1), 0);
    while (ticks < 3);
    ck_assert_int_eq(call.calls, 1);
    uv_close((uv_handle_t *)&timer, NULL);
    ck_assert_int_eq(hf_engine_close(host.engine, NULL, NULL), 0);
    ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}
END_TEST

/* ---- From a callback ------------------------------------------------------------------------- */

static int tried;    /* callbacks that tried */
static int verified; /* ends of a verify */

/* Each function that turns the loop, on an engine of a loop that runs. */
static void try_all(hf_engine *engine)
{
    hf_completion inner;
    hf_verify_result result = {.size = sizeof result, .rows = 7};
    hf_account_get_args args;
    hf_item_get_init(&args, "bell");
    ck_assert_int_eq(hf_run(engine, HF_OP_ITEM_GET, &args, &inner), HF_E_NESTED);
    ck_assert_int_eq(inner.status, HF_E_NESTED);
    ck_assert_ptr_nonnull(strstr(inner.detail, "in a callback"));
    ck_assert_int_eq(hf_wait(engine, &inner, 1), HF_E_NESTED);
    ck_assert_ptr_nonnull(strstr(hf_engine_detail(engine), "in a callback"));
    ck_assert_int_eq(hf_run_verify(engine, &result), HF_E_NESTED);
    ck_assert_int_eq(hf_run_close(engine), HF_E_NESTED);
    ck_assert_uint_eq(result.rows, 7);
    tried++;
}

static void try_in_call(hf_test_call *call)
{
    (void)call;
    try_all(host.engine);
}

static void on_verified(void *data, int status, const hf_verify_result *result)
{
    (void)status;
    (void)result;
    try_all(data);
    verified++;
}

static int on_progress(void *data, uint64_t at, uint64_t total)
{
    (void)at;
    (void)total;
    try_all(data);
    return 0;
}

static void on_events(void *data, int status, const hf_event_page *page)
{
    (void)page;
    if (status == 0)
        try_all(data);
}

static void on_timer(uv_timer_t *timer)
{
    try_all(timer->data);
}

static void from_a_completion(void)
{
    hf_test_call call = {.then = try_in_call};
    ck_assert_int_eq(hf_test_receive(&host, &call, 1), 0);
    hf_test_run(&host, &call.calls, 1);
}

static void from_a_verify(void)
{
    ck_assert_int_eq(hf_verify(host.engine, NULL, on_verified, host.engine), 0);
    hf_test_run(&host, &verified, 1);
}

static void from_a_progress(void)
{
    ck_assert_int_eq(hf_verify(host.engine, on_progress, on_verified, host.engine), 0);
    hf_test_run(&host, &verified, 1);
    ck_assert_int_ge(tried, host.options.threads == 0 ? 2 : 1); /* a thread may be faster */
}

static void from_events(void)
{
    hf_subscription *subscription;
    ck_assert_int_eq(hf_events_subscribe(host.engine, 0, on_events, host.engine, &subscription), 0);
    hf_test_run(&host, &tried, 1);
    hf_events_unsubscribe(host.engine, subscription);
}

/* A timer of the host's, while one of the functions turns the loop. */
static void from_a_timer_inside_a_run(void)
{
    uv_timer_t timer;
    ck_assert_int_eq(uv_timer_init(host.loop, &timer), 0);
    timer.data = host.engine;
    ck_assert_int_eq(uv_timer_start(&timer, on_timer, 0, 0), 0);
    while (tried == 0)
        ck_assert_int_eq(receive(1), 0);
    uv_close((uv_handle_t *)&timer, NULL);
    hf_test_turn(&host, 2);
}

static void from_a_call_inside_a_run(void)
{
    hf_test_call call = {.then = try_in_call};
    ck_assert_int_eq(hf_test_receive(&host, &call, 1), 0);
    ck_assert_int_eq(receive(1), 0);
    ck_assert_int_eq(call.calls, 1);
}

static void closed(void *data, int status, const char *detail)
{
    ck_assert_int_eq(status, 0);
    ck_assert_str_eq(detail, "");
    try_all(host.engine);
    ++*(int *)data;
}

/* Callbacks of another engine on the same loop, the last one when it has closed. */
static void from_another_engine(void)
{
    int ended = 0;
    hf_test_host other = {.loop = host.loop, .options = host.options};
    hf_test_call call = {.then = try_in_call};
    hf_test_open(&other);
    ck_assert_int_eq(hf_test_put(&other, &call), 0);
    hf_test_run(&host, &call.calls, 1);
    ck_assert_int_eq(hf_engine_close(other.engine, closed, &ended), 0);
    hf_test_run(&host, &ended, 1);
    ck_assert_int_eq(tried, 2);
}

static void (*const places[])(void) = {
    from_a_completion,         from_a_verify,
    from_a_progress,           from_events,
    from_a_timer_inside_a_run, from_a_call_inside_a_run,
    from_another_engine,
};
#define PLACES ((int)(sizeof places / sizeof places[0]))

START_TEST(in_a_callback_it_is_refused_and_behind_it_it_works)
{
    tried = verified = 0;
    start((uint32_t)_i % 2);
    places[_i / 2]();
    ck_assert_int_gt(tried, 0);
    ck_assert_int_eq(receive(1), 0);
    ck_assert_int_eq(verify(host.engine), 0);
    hf_test_stop(&host);
}
END_TEST

static hf_test_host other;

static void run_the_other(hf_test_call *call)
{
    (void)call;
    ck_assert_int_eq(get(other.engine), HF_E_NOT_FOUND);
    ck_assert_int_eq(get(host.engine), HF_E_NESTED);
}

START_TEST(in_a_callback_the_engine_of_another_loop_may_run)
{
    start((uint32_t)_i);
    hf_test_start(&other, (uint32_t)_i);
    hf_test_call call = {.then = run_the_other};
    ck_assert_int_eq(hf_test_receive(&host, &call, 1), 0);
    hf_test_run(&host, &call.calls, 1);
    ck_assert_int_eq(get(other.engine), HF_E_NOT_FOUND);
    ck_assert_int_eq(get(host.engine), 0);
    hf_test_stop(&other);
    hf_test_stop(&host);
}
END_TEST

/* ---- Arguments ------------------------------------------------------------------------------- */

START_TEST(missing_arguments_are_refused)
{
    start(0);
    ck_assert_int_eq(hf_run(host.engine, HF_OP_ITEM_GET, NULL, &done), HF_E_ARGUMENT);
    ck_assert_str_eq(done.detail, "args: is NULL");
    ck_assert_int_eq(hf_run(host.engine, HF_OP_ITEM_GET, NULL, NULL), HF_E_ARGUMENT);
    ck_assert_str_eq(hf_engine_detail(host.engine), "done: is NULL");
    ck_assert_int_eq(hf_run(host.engine, HF_OP_NONE, NULL, &done), HF_E_ENUM);
    ck_assert_int_eq(hf_run_verify(host.engine, NULL), HF_E_ARGUMENT);
    books.size = 8;
    ck_assert_int_eq(hf_run_verify(host.engine, &books), HF_E_ABI);
    ck_assert_int_eq(hf_run(NULL, HF_OP_ITEM_GET, NULL, NULL), HF_E_CLOSED);
    ck_assert_int_eq(get(NULL), HF_E_CLOSED);
    ck_assert_str_eq(done.detail, "");
    hf_test_stop(&host);
}
END_TEST

/* ---- A callback closes the engine ------------------------------------------------------------ */

static void close_now(hf_test_call *call)
{
    (void)call;
    ck_assert_int_eq(hf_engine_close(host.engine, hf_test_closed, &host), 0);
}

/* What is in the batch of the callback was done; it can still be looked at. */
START_TEST(what_was_done_before_a_close_is_answered)
{
    start((uint32_t)_i);
    hf_test_call call = {.then = close_now};
    ck_assert_int_eq(hf_test_receive(&host, &call, 2), 0);
    ck_assert_int_eq(receive(1), 0);
    ck_assert_int_eq(host.closed, 0);
    ck_assert_int_eq(balance(), 3);
    hf_test_run(&host, &host.closed, 1);
    hf_test_stop(&host);
}
END_TEST

static void close_and_release(hf_test_call *call)
{
    close_now(call);
    hf_gate_set(HF_GATE_BEGIN, false);
}

/* While a commit is being written a read comes back, and its callback closes. */
START_TEST(what_a_close_cancels_is_answered)
{
    start(1);
    hf_test_call write = {.calls = 0};
    hf_test_call read = {.then = close_and_release};
    hf_gate_set(HF_GATE_BEGIN, true);
    ck_assert_int_eq(hf_test_receive(&host, &write, 2), 0);
    hf_test_turn(&host, 1);
    hf_gate_wait(HF_GATE_BEGIN);
    ck_assert_int_eq(hf_test_get(&host, &read), 0);
    submit(2);
    ck_assert_int_eq(receive(1), HF_E_CANCELLED);
    ck_assert_ptr_null(done.result);
    ck_assert_int_eq(hf_wait(host.engine, &done, 1), 1);
    ck_assert_int_eq(done.status, HF_E_CANCELLED);
    ck_assert_int_eq(hf_wait(host.engine, &done, 1), 1);
    ck_assert_int_eq(hf_wait(host.engine, &done, 1), 0);
    ck_assert_int_eq(get(host.engine), HF_E_CLOSED);
    hf_test_run(&host, &host.closed, 1);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_verify_is_answered_when_a_callback_closes_the_engine)
{
    start((uint32_t)_i);
    hf_test_call call = {.then = close_now};
    ck_assert_int_eq(hf_test_receive(&host, &call, 2), 0);
    int status = verify(host.engine); /* who is first is the threads' business */
    ck_assert_msg(status == 0 || status == HF_E_CANCELLED, "%s", hf_error_name(status));
    hf_test_run(&host, &host.closed, 1);
    hf_test_stop(&host);
}
END_TEST

static int count_progress(void *data, uint64_t at, uint64_t total)
{
    (void)at;
    (void)total;
    return *(int *)data;
}

static void ignored(void *data, int status, const hf_verify_result *result)
{
    (void)status;
    (void)result;
    ++*(int *)data;
}

START_TEST(one_verify_at_a_time)
{
    start((uint32_t)_i);
    int ended = 0;
    ck_assert_int_eq(hf_verify(host.engine, count_progress, ignored, &ended), 0);
    ck_assert_int_eq(verify(host.engine), HF_E_BUSY);
    hf_test_run(&host, &ended, 1);
    ck_assert_int_eq(verify(host.engine), 0);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_close_runs_to_its_end)
{
    start((uint32_t)_i);
    hf_test_call call = {.calls = 0};
    ck_assert_int_eq(hf_test_receive(&host, &call, 2), 0);
    submit(2);
    ck_assert_int_eq(hf_run_close(host.engine), 0);
    ck_assert_int_eq(call.calls, 1);
    ck_assert_int_eq(hf_run_close(host.engine), HF_E_CLOSED);
    ck_assert_int_eq(hf_loop_destroy(host.loop), 0);
}
END_TEST

START_TEST(a_close_that_is_under_way_is_not_waited_for)
{
    start((uint32_t)_i);
    close_now(NULL);
    ck_assert_int_eq(hf_run_close(host.engine), HF_E_CLOSED);
    hf_test_run(&host, &host.closed, 1);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("run");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, an_operation_runs_to_its_end, 0, 2);
    tcase_add_loop_test(core, an_answer_lives_until_the_next_run_whatever_happens_meanwhile, 0, 2);
    tcase_add_loop_test(core, a_thousand_runs_allocate_nothing, 0, 2);
    tcase_add_loop_test(core, what_was_refused_is_returned_with_its_culprit, 0, 2);
    tcase_add_test(core, a_full_queue_is_an_error_at_once);
    tcase_add_loop_test(core, a_run_leaves_the_completions_of_others_where_they_are, 0, 2);
    tcase_add_loop_test(core, a_wait_ends_with_the_last_completion, 0, 2);
    tcase_add_loop_test(core, a_verify_runs_to_its_end, 0, 2);
    tcase_add_loop_test(core, the_loop_continues_other_work_meanwhile, 0, 2);
    tcase_add_loop_test(core, in_a_callback_it_is_refused_and_behind_it_it_works, 0, 2 * PLACES);
    tcase_add_loop_test(core, in_a_callback_the_engine_of_another_loop_may_run, 0, 2);
    tcase_add_test(core, missing_arguments_are_refused);
    tcase_add_loop_test(core, what_was_done_before_a_close_is_answered, 0, 2);
    tcase_add_test(core, what_a_close_cancels_is_answered);
    tcase_add_loop_test(core, a_verify_is_answered_when_a_callback_closes_the_engine, 0, 2);
    tcase_add_loop_test(core, one_verify_at_a_time, 0, 2);
    tcase_add_loop_test(core, a_close_runs_to_its_end, 0, 2);
    tcase_add_loop_test(core, a_close_that_is_under_way_is_not_waited_for, 0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
