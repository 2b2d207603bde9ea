/*
 * Participants that take their calls from the completion queue.
 */
#include "support/check_main.h"
#include "support/txn.h"

#define CALLS 64

static hf_test_host host;
static hf_completion done[CALLS];
static const char *const names[] = {"stock"};

static void start(int place)
{
    hf_test_place_start(&host, place);
    hf_participant about;
    hf_participant_init(&about, "stock");
    about.flags = HF_PARTICIPANT_QUEUED;
    about.data = &host;
    ck_assert_int_eq(hf_participant_register(host.engine, &about), 0);
}

/* Takes completions until there is one. */
static int take(void)
{
    int count = 0;
    while (count == 0) {
        (void)hf_loop_run_once(host.loop, 0);
        count = hf_completions(host.engine, done, CALLS);
        ck_assert_int_ge(count, 0);
    }
    return count;
}

static int answer(uint64_t ticket, uint32_t what)
{
    hf_call_answer reply;
    hf_call_answer_init(&reply, what);
    return hf_call_done(host.engine, ticket, &reply);
}

static void submit(hf_test_txn *txn)
{
    memset(txn, 0, sizeof *txn);
    ck_assert_int_eq(hf_test_submit(&host, txn, names, 1, HF_TXN_FINISHED), 0);
}

START_TEST(calls_come_as_completions_and_live_until_the_next_take)
{
    start(_i);
    hf_test_txn txn;
    submit(&txn);
    ck_assert_int_eq(take(), 1);
    ck_assert_uint_eq(done[0].type, HF_OP_CALL);
    ck_assert_uint_eq(done[0].user_data, (uint64_t)(uintptr_t)&host);
    ck_assert_int_eq(done[0].status, 0);
    const hf_call *call = done[0].result;
    hf_test_rest(&host); /* what the engine does meanwhile does not touch it */
    ck_assert_uint_eq(call->phase, HF_PHASE_TRY);
    ck_assert_str_eq(call->payload, "stock");
    ck_assert_str_eq(call->participant, "stock");
    ck_assert_str_eq(call->unit, "");
    ck_assert_int_eq(answer(call->ticket, HF_ANSWER_OK), 0);
    ck_assert_int_eq(take(), 1);
    call = done[0].result;
    ck_assert_uint_eq(call->phase, HF_PHASE_CONFIRM);
    ck_assert_int_eq(answer(call->ticket, HF_ANSWER_OK), 0);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, 0);
    hf_test_stop(&host);
}
END_TEST

START_TEST(many_calls_and_waiting_submissions_share_the_queue)
{
    start(_i);
    hf_txn_args args[40];
    hf_branch_args branch;
    hf_op ops[40];
    memset(ops, 0, sizeof ops);
    hf_branch_init(&branch, "stock");
    for (int i = 0; i < 40; i++) {
        hf_txn_init(&args[i]);
        args[i].branches = &branch;
        args[i].branch_count = 1;
        ops[i] = (hf_op){.type = HF_OP_TXN_SUBMIT, .args = &args[i], .user_data = (uint64_t)i + 1};
    }
    ck_assert_int_eq(hf_submit(host.engine, ops, 40, NULL), 40);
    int ended = 0;
    int calls = 0;
    bool seen[41] = {false};
    while (ended < 40) {
        int count = take();
        for (int i = 0; i < count; i++) {
            if (done[i].type == HF_OP_CALL) {
                calls++;
                ck_assert_int_eq(answer(((const hf_call *)done[i].result)->ticket, HF_ANSWER_OK),
                                 0);
                continue;
            }
            ck_assert_uint_eq(done[i].type, HF_OP_TXN_SUBMIT);
            ck_assert_int_eq(done[i].status, 0);
            ck_assert_uint_eq(((const hf_txn_view *)done[i].result)->txn->state, HF_TXN_CONFIRMED);
            ck_assert(!seen[done[i].user_data]);
            seen[done[i].user_data] = true;
            ended++;
        }
    }
    ck_assert_int_eq(calls, 80);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_close_completes_calls_that_wait_in_the_queue)
{
    start(_i);
    hf_branch_args branch;
    hf_txn_args args;
    hf_branch_init(&branch, "stock");
    hf_txn_init(&args);
    args.branches = &branch;
    args.branch_count = 1;
    const hf_op op = {.type = HF_OP_TXN_SUBMIT, .args = &args, .user_data = 5};
    ck_assert_int_eq(hf_submit(host.engine, &op, 1, NULL), 1);
    ck_assert_int_eq(take(), 1);
    ck_assert_int_eq(hf_engine_close(host.engine, hf_test_closed, &host), 0);
    hf_test_turn(&host, 1);
    int count = 0;
    while (count == 0) {
        count = hf_completions(host.engine, done, CALLS);
        ck_assert_int_ge(count, 0);
        if (count == 0)
            (void)hf_loop_run_once(host.loop, 0);
    }
    ck_assert_uint_eq(done[0].user_data, 5);
    ck_assert_int_eq(done[0].status, HF_E_UNKNOWN);
    ck_assert_ptr_null(done[0].result);
    hf_test_run(&host, &host.closed, 1);
    ck_assert_int_eq(hf_loop_destroy(host.loop), 0);
}
END_TEST

START_TEST(calls_nobody_takes_time_out_and_are_asked_again)
{
    start(_i);
    hf_test_txn txn;
    submit(&txn);
    while (hf_test_health(&host).time_ms < host.options.virtual_time_ms + 12000) {
        hf_test_rest(&host);
        ck_assert_int_eq(hf_clock_advance(host.engine, 500), 0);
    }
    int count = take();
    ck_assert_int_eq(count, 2);
    const hf_call *first = done[0].result;
    const hf_call *second = done[1].result;
    ck_assert_uint_eq(second->attempt, 2);
    ck_assert_int_eq(answer(first->ticket, HF_ANSWER_OK), HF_E_NOT_FOUND);
    ck_assert_int_eq(answer(second->ticket, HF_ANSWER_REJECTED), 0);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, HF_E_TXN_ABORTED);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_run_does_not_wait_for_calls_that_nobody_takes)
{
    hf_test_place_start(&host, _i);
    hf_branch_args branch;
    hf_txn_args args;
    hf_branch_init(&branch, "stock");
    hf_txn_init(&args);
    args.branches = &branch;
    args.branch_count = 1;
    hf_participant about;
    hf_participant_init(&about, "stock");
    about.flags = HF_PARTICIPANT_QUEUED;
    ck_assert_int_eq(hf_participant_register(host.engine, &about), 0);
    ck_assert_int_eq(hf_run(host.engine, HF_OP_TXN_SUBMIT, &args, done), HF_E_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(done[0].detail, "called through hf_completions"));
    args.wait = HF_TXN_ACCEPTED;
    ck_assert_int_eq(hf_run(host.engine, HF_OP_TXN_SUBMIT, &args, done), 0);
    hf_txn_seal_args seal;
    hf_txn_seal_init(&seal, &done[0].id);
    seal.wait = HF_TXN_DECIDED;
    ck_assert_int_eq(hf_run(host.engine, HF_OP_TXN_SEAL, &seal, done), HF_E_UNSUPPORTED);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_run_waits_for_participants_that_are_called_on_the_loop)
{
    hf_test_place_start(&host, _i);
    hf_test_service service;
    hf_test_register(&service, &host, "till", 0);
    hf_branch_args branch;
    hf_txn_args args;
    hf_branch_init(&branch, "till");
    hf_txn_init(&args);
    args.branches = &branch;
    args.branch_count = 1;
    ck_assert_int_eq(hf_run(host.engine, HF_OP_TXN_SUBMIT, &args, done), 0);
    const hf_txn_view *view = done[0].result;
    ck_assert_uint_eq(view->txn->state, HF_TXN_CONFIRMED);
    ck_assert_int_eq(service.count, 2);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_queued");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, calls_come_as_completions_and_live_until_the_next_take, 0,
                        HF_TEST_PLACES);
    tcase_add_loop_test(core, many_calls_and_waiting_submissions_share_the_queue, 0,
                        HF_TEST_PLACES);
    tcase_add_loop_test(core, a_close_completes_calls_that_wait_in_the_queue, 0, HF_TEST_PLACES);
    tcase_add_loop_test(core, calls_nobody_takes_time_out_and_are_asked_again, 0, HF_TEST_PLACES);
    tcase_add_loop_test(core, a_run_does_not_wait_for_calls_that_nobody_takes, 0, HF_TEST_PLACES);
    tcase_add_loop_test(core, a_run_waits_for_participants_that_are_called_on_the_loop, 0,
                        HF_TEST_PLACES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
