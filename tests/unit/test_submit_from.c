/*
 * Submitting from threads other than the loop's: order, chains, refusals, a full intake, the end.
 */
#include "support/check_main.h"
#include "support/host.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 4
#define EACH    2000
#define ALL     8000 /* THREADS * EACH */

static hf_test_host host;
static hf_completion done[256];

/* A thread that submits receipts of the item, one after the other. */
typedef struct submitter {
    pthread_t thread;
    uint64_t number;
    uint64_t accepted; /* operations */
    uint32_t chain;    /* operations that stand together */
    int until_closed;  /* 1: submits until the engine closes */
} submitter;

_Static_assert(ALL == THREADS * EACH, "of all threads");

static submitter submitters[THREADS];
static atomic_int running;

static void make_chain(const submitter *me, hf_move_args *moves, hf_op *ops)
{
    for (uint32_t i = 0; i < me->chain; i++) {
        hf_item_receive_init(&moves[i], "bell", 1);
        ops[i] = (hf_op){
            .type = HF_OP_ITEM_RECEIVE,
            .args = &moves[i],
            .user_data = me->number << 32 | (me->accepted + i),
            .flags = i + 1 < me->chain ? HF_OP_LINKED : 0,
        };
    }
}

static void *submit(void *data)
{
    submitter *me = data;
    hf_move_args moves[HF_CHAIN_MAX];
    hf_op ops[HF_CHAIN_MAX];
    int accepted = 0;
    while (accepted != HF_E_CLOSED && (me->until_closed || me->accepted < EACH)) {
        make_chain(me, moves, ops);
        accepted = hf_submit_from(host.engine, ops, me->chain, NULL, NULL, 0);
        memset(moves, 0xff, sizeof moves); /* everything was copied */
        if (accepted > 0)
            me->accepted += (uint64_t)accepted;
        else if (accepted == HF_E_OVERLOADED)
            (void)sched_yield();
        else if (accepted != HF_E_CLOSED)
            abort();
    }
    atomic_fetch_sub(&running, 1);
    return NULL;
}

static void begin(uint32_t chain, int until_closed)
{
    atomic_store(&running, THREADS);
    for (uint64_t i = 0; i < THREADS; i++) {
        submitters[i] = (submitter){.number = i, .chain = chain, .until_closed = until_closed};
        ck_assert_int_eq(pthread_create(&submitters[i].thread, NULL, submit, &submitters[i]), 0);
    }
}

static void join(void)
{
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(submitters[i].thread, NULL), 0);
}

static uint64_t next_of[THREADS];

/* Takes what waits; each thread's completions must come in the order of its calls. */
static int take_in_order(int status)
{
    int count = hf_completions(host.engine, done, 256);
    ck_assert_int_ge(count, 0);
    for (int i = 0; i < count; i++) {
        uint64_t thread = done[i].user_data >> 32;
        ck_assert_uint_lt(thread, THREADS);
        ck_assert_uint_eq(done[i].user_data & UINT32_MAX, next_of[thread]++);
        ck_assert_uint_eq(done[i].type, HF_OP_ITEM_RECEIVE);
        if (status <= 0)
            ck_assert_int_eq(done[i].status, status);
    }
    return count;
}

static int64_t balance(void)
{
    hf_test_call call = {.calls = 0};
    ck_assert_int_eq(hf_test_get(&host, &call), 0);
    hf_test_run(&host, &call.calls, 1);
    return call.balance;
}

static void setup(void)
{
    memset(next_of, 0, sizeof next_of);
    hf_test_last = 0;
}

/* A loop without anything else to do is woken; completions come in each thread's order. */
START_TEST(operations_of_several_threads_complete_once_in_the_order_of_each_thread)
{
    const uint32_t chains[] = {1, 1, 4, 4};
    hf_test_start(&host, (uint32_t)_i % 2);
    hf_test_stock(&host);
    begin(chains[_i], 0);
    for (int taken = 0; taken < ALL;) {
        (void)hf_loop_run_once(host.loop, 1);
        taken += take_in_order(0);
    }
    join();
    ck_assert_int_eq(balance(), ALL);
    ck_assert_uint_eq(hf_test_health(&host).queued, 0);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_full_intake_refuses_and_nothing_accepted_is_lost)
{
    hf_move_args move;
    hf_item_receive_init(&move, "bell", 1);
    hf_op op = {.type = HF_OP_ITEM_RECEIVE, .args = &move};
    char detail[480];
    int error;
    hf_test_options(&host, (uint32_t)_i);
    host.options.queue_ops_max = 8;
    hf_test_open(&host);
    hf_test_stock(&host);
    while ((error = hf_submit_from(host.engine, &op, 1, NULL, detail, sizeof detail)) == 1)
        op.user_data++;
    ck_assert_int_eq(error, HF_E_OVERLOADED);
    ck_assert_str_eq(detail, "8 operations of other threads wait");
    ck_assert_uint_eq(op.user_data, 8);
    ck_assert_uint_eq(hf_test_health(&host).queued, 8);
    for (uint64_t taken = 0; taken < 8;) {
        (void)hf_loop_run_once(host.loop, 1);
        taken += (uint64_t)take_in_order(0);
    }
    ck_assert_int_eq(hf_submit_from(host.engine, &op, 1, NULL, detail, sizeof detail), 1);
    ck_assert_str_eq(detail, "");
    hf_test_stop(&host);
}
END_TEST

START_TEST(operations_wait_in_order_while_completions_are_not_taken)
{
    hf_move_args move;
    hf_item_receive_init(&move, "bell", 1);
    hf_op op = {.type = HF_OP_ITEM_RECEIVE, .args = &move};
    hf_test_options(&host, (uint32_t)_i);
    host.options.completions_max = 4;
    hf_test_open(&host);
    hf_test_stock(&host);
    for (; op.user_data < 10; op.user_data++)
        ck_assert_int_eq(hf_submit_from(host.engine, &op, 1, NULL, NULL, 0), 1);
    while (hf_test_health(&host).completed < 5)
        (void)hf_loop_run_once(host.loop, 1);
    hf_test_turn(&host, 20);
    ck_assert_uint_eq(hf_test_health(&host).completed, 5);
    for (int taken = 0; taken < 10;) {
        taken += take_in_order(0);
        if (taken < 10)
            (void)hf_loop_run_once(host.loop, 1);
    }
    ck_assert_uint_eq(hf_test_health(&host).overloaded, 0);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_prefix_is_accepted_and_the_culprit_named_in_the_callers_buffer)
{
    hf_move_args moves[4];
    hf_op ops[4];
    int32_t errors[4];
    char detail[480];
    hf_test_start(&host, 0);
    hf_test_stock(&host);
    for (uint32_t i = 0; i < 4; i++) {
        hf_item_receive_init(&moves[i], "bell", i == 2 ? 0 : 1);
        ops[i] = (hf_op){.type = HF_OP_ITEM_RECEIVE, .args = &moves[i], .user_data = i};
    }
    ck_assert_int_eq(hf_submit_from(host.engine, ops, 4, errors, detail, sizeof detail), 2);
    ck_assert_int_eq(errors[1], 0);
    ck_assert_int_eq(errors[2], HF_E_AMOUNT);
    ck_assert_ptr_nonnull(strstr(detail, "amount: 0"));
    ck_assert_int_eq(hf_submit_from(host.engine, ops + 2, 1, NULL, detail, 7), HF_E_AMOUNT);
    ck_assert_str_eq(detail, "amount");
    ops[1].flags = HF_OP_LINKED;
    ck_assert_int_eq(hf_submit_from(host.engine, ops + 1, 3, NULL, NULL, 0), HF_E_AMOUNT);
    ck_assert_int_eq(hf_submit_from(host.engine, ops + 1, 1, NULL, detail, sizeof detail),
                     HF_E_ARGUMENT);
    ck_assert_str_eq(detail, "flags: the last operation is linked to nothing");
    ck_assert_int_eq(hf_submit_from(host.engine, NULL, 1, NULL, NULL, 0), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_submit_from(host.engine, NULL, 0, NULL, NULL, 0), 0);
    ck_assert_str_eq(hf_engine_detail(host.engine), ""); /* that one is the loop's */
    for (int taken = 0; taken < 2; taken += take_in_order(0))
        (void)hf_loop_run_once(host.loop, 1);
    ck_assert_int_eq(balance(), 2);
    hf_test_stop(&host);
}
END_TEST

START_TEST(what_never_fits_is_refused_at_once)
{
    static const char meta[HF_META_MAX];
    hf_move_args moves[9];
    hf_op ops[9];
    char detail[480];
    hf_test_options(&host, 0);
    host.options.queue_ops_max = 8;
    host.options.completions_max = 4;
    host.options.queue_bytes_max = 1 << 16;
    hf_test_open(&host);
    hf_test_stock(&host);
    for (uint32_t i = 0; i < 9; i++) {
        hf_item_receive_init(&moves[i], "bell", 1);
        ops[i] = (hf_op){.type = HF_OP_ITEM_RECEIVE, .args = &moves[i], .flags = i % 8 != 7};
    }
    ops[8].flags = 0;
    ops[7].flags = HF_OP_LINKED;
    ck_assert_int_eq(hf_submit_from(host.engine, ops, 9, NULL, detail, sizeof detail),
                     HF_E_TOO_MANY);
    ck_assert_str_eq(detail, "a chain of 9 does not fit queue_ops_max; raise it");
    ck_assert_int_eq(hf_submit_from(host.engine, ops + 4, 5, NULL, detail, sizeof detail),
                     HF_E_TOO_MANY);
    ck_assert_str_eq(detail, "a chain of 5 does not fit completions_max; raise it");
    for (uint32_t i = 5; i < 9; i++) {
        moves[i].head.meta = meta;
        moves[i].head.meta_bytes = sizeof meta;
    }
    ck_assert_int_eq(hf_submit_from(host.engine, ops + 5, 4, NULL, detail, sizeof detail),
                     HF_E_TOO_MANY);
    ck_assert_str_eq(detail, "the arguments do not fit queue_bytes_max; raise it");
    ck_assert_int_eq(hf_submit_from(host.engine, ops + 8, 1, NULL, NULL, 0), 1);
    hf_test_turn(&host, 5);
    ck_assert_int_eq(hf_completions(host.engine, done, 8), 1);
    hf_test_stop(&host);
}
END_TEST

/* An error that only the loop can find ends the operation: there is a completion. */
START_TEST(an_operation_that_the_loop_refuses_is_completed_with_the_error)
{
    hf_node_drain_args drain;
    hf_txn_args begin_args;
    hf_test_start(&host, (uint32_t)_i);
    hf_test_stock(&host);
    hf_node_drain_init(&drain);
    hf_op ops[2] = {{.type = HF_OP_NODE_DRAIN, .args = &drain}};
    ck_assert_int_eq(hf_submit_from(host.engine, ops, 1, NULL, NULL, 0), 1);
    while (hf_completions(host.engine, done, 1) == 0)
        (void)hf_loop_run_once(host.loop, 1);
    ck_assert_int_eq(done[0].status, 0);
    hf_txn_init(&begin_args);
    begin_args.kind = HF_TXN_SAGA;
    begin_args.deadline_ms = INT64_C(4102444800000);
    ops[0] = (hf_op){.type = HF_OP_TXN_BEGIN, .args = &begin_args, .user_data = 77};
    ck_assert_int_eq(hf_submit_from(host.engine, ops, 1, NULL, NULL, 0), 1);
    while (hf_completions(host.engine, done, 1) == 0)
        (void)hf_loop_run_once(host.loop, 1);
    ck_assert_int_eq(done[0].status, HF_E_DRAINING);
    ck_assert_uint_eq(done[0].user_data, 77);
    ck_assert_uint_eq(done[0].type, HF_OP_TXN_BEGIN);
    ck_assert_str_eq(done[0].detail, hf_error_text(HF_E_DRAINING));
    hf_test_stop(&host);
}
END_TEST

/* Every accepted operation has one completion, also those that had not started. */
START_TEST(an_engine_closes_while_threads_submit_and_completes_everything_accepted)
{
    uint64_t accepted = 0;
    uint64_t taken = 0;
    hf_test_start(&host, (uint32_t)_i);
    hf_test_stock(&host);
    begin(1, 1);
    while (taken < 1000) {
        (void)hf_loop_run_once(host.loop, 1);
        taken += (uint64_t)take_in_order(0);
    }
    ck_assert_int_eq(hf_engine_close(host.engine, hf_test_closed, &host), 0);
    for (int count = 0; host.closed == 0; taken += (uint64_t)count) {
        (void)hf_loop_run_once(host.loop, 1);
        while ((count = host.closed == 0 ? take_in_order(1) : 0) != 0)
            taken += (uint64_t)count;
    }
    join();
    for (int i = 0; i < THREADS; i++)
        accepted += submitters[i].accepted;
    ck_assert_uint_eq(taken, accepted);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_handle_that_is_closed_or_of_another_process_is_refused)
{
    hf_move_args move;
    hf_item_receive_init(&move, "bell", 1);
    const hf_op op = {.type = HF_OP_ITEM_RECEIVE, .args = &move};
    int status;
    ck_assert_int_eq(hf_submit_from(NULL, &op, 1, NULL, NULL, 0), HF_E_CLOSED);
    hf_test_start(&host, 1);
    hf_test_stock(&host);
    pid_t child = fork();
    if (child == 0)
        _exit(hf_submit_from(host.engine, &op, 1, NULL, NULL, 0) == HF_E_FORKED ? 0 : 1);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(hf_engine_close(host.engine, hf_test_closed, &host), 0);
    ck_assert_int_eq(hf_submit_from(host.engine, &op, 1, NULL, NULL, 0), HF_E_CLOSED);
    hf_test_run(&host, &host.closed, 1);
    ck_assert_int_eq(hf_submit_from(host.engine, &op, 1, NULL, NULL, 0), HF_E_CLOSED);
    hf_test_stop(&host);
}
END_TEST

/* hf_wait and hf_submit on the loop's thread, beside threads. */
START_TEST(the_loops_own_thread_submits_beside_the_others)
{
    hf_move_args move;
    hf_item_receive_init(&move, "bell", 1);
    const hf_op own = {.type = HF_OP_ITEM_RECEIVE, .args = &move, .user_data = UINT64_MAX};
    uint64_t owns = 0;
    uint64_t others = 0;
    uint64_t submitted = 0;
    hf_test_start(&host, (uint32_t)_i);
    hf_test_stock(&host);
    begin(2, 0);
    while (others < ALL || owns < submitted) {
        if (submitted < 500 && hf_submit(host.engine, &own, 1, NULL) == 1)
            submitted++;
        int count = hf_wait(host.engine, done, 256);
        ck_assert_int_ge(count, 0);
        for (int i = 0; i < count; i++) {
            bool mine = done[i].user_data == UINT64_MAX;
            owns += mine;
            others += !mine;
            if (!mine)
                ck_assert_uint_eq(done[i].user_data & UINT32_MAX,
                                  next_of[done[i].user_data >> 32]++);
        }
    }
    join();
    ck_assert_int_eq(balance(), ALL + (int64_t)submitted);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("submit_from");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, NULL);
    tcase_add_loop_test(
        core, operations_of_several_threads_complete_once_in_the_order_of_each_thread, 0, 4);
    tcase_add_loop_test(core, a_full_intake_refuses_and_nothing_accepted_is_lost, 0, 2);
    tcase_add_loop_test(core, operations_wait_in_order_while_completions_are_not_taken, 0, 2);
    tcase_add_test(core, a_prefix_is_accepted_and_the_culprit_named_in_the_callers_buffer);
    tcase_add_test(core, what_never_fits_is_refused_at_once);
    tcase_add_loop_test(core, an_operation_that_the_loop_refuses_is_completed_with_the_error, 0, 2);
    tcase_add_loop_test(
        core, an_engine_closes_while_threads_submit_and_completes_everything_accepted, 0, 2);
    tcase_add_test(core, a_handle_that_is_closed_or_of_another_process_is_refused);
    tcase_add_loop_test(core, the_loops_own_thread_submits_beside_the_others, 0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
