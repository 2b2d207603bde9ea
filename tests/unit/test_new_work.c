/*
 * New work is refused first: what continues or ends other work finds half of the queue free, by
 * operations and by bytes, on the loop and from other threads.
 */
#include "support/check_main.h"
#include "support/host.h"

#define MOST 64

static hf_test_host host;
static hf_move_args receive;
static hf_hold_place_args hold;
static hf_order_place_args order;
static hf_txn_move_args moved;
static hf_txn_args submit;
static hf_txn_args begin;
static char meta[HF_META_MAX];

static const hf_op news[] = {
    {.type = HF_OP_HOLD_PLACE, .args = &hold},
    {.type = HF_OP_ORDER_PLACE, .args = &order},
    {.type = HF_OP_TXN_SUBMIT, .args = &submit},
    {.type = HF_OP_TXN_BEGIN, .args = &begin},
};
static const hf_op other = {.type = HF_OP_ITEM_RECEIVE, .args = &receive};

static hf_line_args bell;

static void make_requests(void)
{
    hf_item_receive_init(&receive, "bell", 1);
    hf_hold_place_init(&hold);
    hold.from = (hf_account_key){.kind = HF_KIND_ITEM, .name = "bell", .unit = "pcs"};
    hold.amount = 1;
    hf_order_place_init(&order, "pcs");
    hf_line_init(&bell, "bell", 1, 0);
    order.lines = &bell;
    order.line_count = 1;
    hf_txn_init(&submit);
    hf_txn_init(&begin);
    moved = (hf_txn_move_args){.from = hold.from, .amount = 1};
    submit.moves = &moved;
    submit.move_count = 1;
}

static void start(uint64_t bytes_max)
{
    hf_test_options(&host, 0);
    host.options.queue_ops_max = 8;
    host.options.queue_bytes_max = bytes_max;
    hf_test_open(&host);
    hf_test_stock(&host);
    make_requests();
}

static int from_loop(const hf_op *op)
{
    return hf_submit(host.engine, op, 1, NULL);
}

static int from_thread(const hf_op *op)
{
    return hf_submit_from(host.engine, op, 1, NULL, NULL, 0);
}

static int (*const ways[])(const hf_op *op) = {from_loop, from_thread};

/* How many are accepted before one is refused because the queue is full. */
static int accepted(int (*way)(const hf_op *op), const hf_op *op)
{
    int count = 0;
    int error;
    while ((error = way(op)) == 1)
        count++;
    ck_assert_int_eq(error, HF_E_OVERLOADED);
    return count;
}

static void take(int count)
{
    hf_completion done[MOST];
    for (int taken = 0; taken < count;) {
        (void)hf_loop_run_once(host.loop, 1);
        taken += hf_completions(host.engine, done, MOST);
    }
}

/* `_i`: the operation and the way. */
START_TEST(new_work_leaves_half_of_the_operations)
{
    start(1 << 20);
    const hf_op *op = &news[_i / 2];
    ck_assert_int_eq(accepted(ways[_i % 2], op), 4);
    if (_i % 2 == 0)
        ck_assert_str_eq(
            hf_engine_detail(host.engine),
            "half of queue_ops_max operations wait; the rest is reserved for work that "
            "has begun");
    ck_assert_int_eq(accepted(ways[_i % 2], &other), 4);
    ck_assert_int_eq(ways[_i % 2](op), HF_E_OVERLOADED);
    take(8);
    ck_assert_int_eq(ways[_i % 2](op), 1);
    take(1);
    hf_test_stop(&host);
}
END_TEST

/* Five requests with meta, of which the queue has memory for four. */
START_TEST(new_work_leaves_half_of_the_bytes)
{
    start(UINT64_C(5) * HF_META_MAX);
    hold.head.meta = receive.head.meta = meta;
    hold.head.meta_bytes = receive.head.meta_bytes = sizeof meta;
    ck_assert_int_eq(accepted(ways[_i], &news[0]), 2);
    if (_i == 0)
        ck_assert_ptr_nonnull(strstr(hf_engine_detail(host.engine), "half of queue_bytes_max"));
    ck_assert_uint_eq(hf_test_health(&host).overloaded, 1);
    ck_assert_int_eq(accepted(ways[_i], &other), 2);
    take(4);
    ck_assert_int_eq(ways[_i](&news[0]), 1);
    take(1);
    hf_test_stop(&host);
}
END_TEST

/* A chain that needs more than its share waits for nothing, and not for ever. */
START_TEST(a_chain_of_new_work_may_take_an_empty_queue)
{
    start(1 << 20);
    hf_op ops[8];
    for (int i = 0; i < 8; i++) {
        ops[i] = i == 0 ? news[0] : other;
        ops[i].flags = i < 7 ? HF_OP_LINKED : 0;
    }
    for (int round = 0; round < 2; round++) {
        ck_assert_int_eq(_i == 0 ? hf_submit(host.engine, ops, 8, NULL)
                                 : hf_submit_from(host.engine, ops, 8, NULL, NULL, 0),
                         8);
        take(8);
        ck_assert_int_eq(ways[_i](&other), 1);
        ck_assert_int_eq(_i == 0 ? hf_submit(host.engine, ops, 8, NULL)
                                 : hf_submit_from(host.engine, ops, 8, NULL, NULL, 0),
                         HF_E_OVERLOADED);
        take(1);
    }
    hf_test_stop(&host);
}
END_TEST

static int held;

static void hold_one(hf_test_call *call)
{
    ck_assert_int_eq(call->status, 0);
    held = from_loop(&news[0]);
}

/* By operations (`_i` 0) and by bytes. */
START_TEST(new_work_that_waits_is_called_back_when_it_is_accepted)
{
    hf_test_call wait = {.calls = 0, .then = hold_one};
    start(_i == 0 ? 1 << 20 : UINT64_C(5) * HF_META_MAX);
    hold.head.meta = meta;
    hold.head.meta_bytes = _i == 0 ? 0 : sizeof meta;
    int count = accepted(from_loop, &news[0]);
    ck_assert_int_eq(hf_admission_wait(host.engine, &wait.req, hf_test_done), 0);
    held = 0;
    hf_test_run(&host, &wait.calls, 1);
    ck_assert_int_eq(held, 1);
    take(count + 1);
    hf_test_stop(&host);
}
END_TEST

/* The loop keeps more than half of the completions in use: what a thread's call accepted runs. */
START_TEST(what_was_accepted_from_a_thread_does_not_wait_for_ever)
{
    hf_completion done[MOST];
    hf_op mine = other;
    int others = 0;
    hf_test_options(&host, 0);
    host.options.completions_max = 8;
    hf_test_open(&host);
    hf_test_stock(&host);
    make_requests();
    ck_assert_int_eq(from_thread(&news[0]), 1);
    ck_assert_int_eq(from_thread(&other), 1);
    mine.user_data = 1;
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(from_loop(&mine), 1);
    for (int turn = 0; turn < 100 && others < 2; turn++) {
        (void)hf_loop_run_once(host.loop, 0);
        const int count = hf_completions(host.engine, done, MOST);
        for (int i = 0; i < count; i++) {
            others += done[i].user_data == 0;
            if (done[i].user_data == 1)
                (void)from_loop(&mine);
        }
    }
    ck_assert_int_eq(others, 2);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("new_work");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, new_work_leaves_half_of_the_operations, 0, 8);
    tcase_add_loop_test(core, new_work_leaves_half_of_the_bytes, 0, 2);
    tcase_add_loop_test(core, a_chain_of_new_work_may_take_an_empty_queue, 0, 2);
    tcase_add_loop_test(core, new_work_that_waits_is_called_back_when_it_is_accepted, 0, 2);
    tcase_add_test(core, what_was_accepted_from_a_thread_does_not_wait_for_ever);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
