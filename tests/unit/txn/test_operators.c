/*
 * What operators and callers do to a transaction under way: abort, park, unpark, retry now, answer
 * for a participant.
 */
#include "support/check_main.h"
#include "support/txn.h"

typedef int (*act_fn)(hf_engine *engine, hf_req *req, const hf_txn_act_args *args, hf_done_cb cb);

static hf_test_host host;
static hf_test_service stock;
static const char *const names[] = {"stock"};

static void start(int place)
{
    hf_test_place_start(&host, place);
    hf_test_register(&stock, &host, "stock", 0);
}

/* Submits and waits until the first call is out. */
static void submit(hf_test_txn *txn)
{
    memset(txn, 0, sizeof *txn);
    ck_assert_int_eq(hf_test_submit(&host, txn, names, 1, HF_TXN_FINISHED), 0);
    hf_test_until(&host, &stock.count, 1);
}

static void act(act_fn function, uint32_t branch, uint32_t answer, int expected)
{
    hf_txn_act_args args;
    hf_txn_act_init(&args, &stock.seen[0].call.txn);
    args.reason = "a test";
    args.head.actor = "operator";
    args.branch = branch;
    args.answer = answer;
    hf_test_txn done = {.calls = 0};
    ck_assert_int_eq(function(host.engine, &done.req, &args, hf_test_txn_done), 0);
    hf_test_until(&host, &done.calls, 1);
    hf_test_status(&done, expected);
}

START_TEST(an_aborted_transaction_is_cancelled_while_its_try_is_out)
{
    start(_i);
    stock.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    hf_test_txn txn;
    submit(&txn);
    act(hf_txn_abort, 0, 0, 0);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, HF_E_TXN_ABORTED);
    ck_assert_int_eq(stock.by_phase[HF_PHASE_CANCEL], 1);
    /* The late answer of the try gives its place back and changes nothing. */
    ck_assert_int_eq(hf_test_reply(&stock, stock.seen[0].call.ticket, HF_ANSWER_OK), 0);
    hf_test_rest(&host);
    ck_assert_uint_eq(hf_test_txn_state(&host, &stock.seen[0].call.txn), HF_TXN_CANCELLED);
    ck_assert_int_eq(stock.count, 2);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_parked_transaction_is_not_called_until_it_is_unparked)
{
    start(_i);
    stock.answers[HF_PHASE_CONFIRM] = HF_ANSWER_RETRY;
    stock.after_ms = 1000;
    hf_test_txn txn;
    submit(&txn);
    hf_test_until(&host, &stock.count, 2);
    hf_test_rest(&host);
    act(hf_txn_park, 0, 0, 0);
    ck_assert_int_eq(hf_clock_advance(host.engine, 100000), 0);
    hf_test_rest(&host);
    ck_assert_int_eq(stock.count, 2);
    act(hf_txn_retry_now, 0, 0, HF_E_TXN_STATE);
    stock.answers[HF_PHASE_CONFIRM] = HF_ANSWER_OK;
    act(hf_txn_unpark, 0, 0, 0);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, 0);
    ck_assert_int_eq(stock.count, 3);
    hf_test_stop(&host);
}
END_TEST

START_TEST(parked_while_called_the_answer_is_kept_back)
{
    start(_i);
    stock.answers[HF_PHASE_CONFIRM] = HF_ANSWER_NONE;
    hf_test_txn txn;
    submit(&txn);
    hf_test_until(&host, &stock.count, 2);
    act(hf_txn_park, 0, 0, 0);
    ck_assert_int_eq(hf_test_reply(&stock, stock.seen[1].call.ticket, HF_ANSWER_OK), 0);
    hf_test_rest(&host);
    ck_assert_int_eq(txn.calls, 0);
    stock.answers[HF_PHASE_CONFIRM] = HF_ANSWER_OK;
    act(hf_txn_unpark, 0, 0, 0);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, 0);
    hf_test_stop(&host);
}
END_TEST

static void on_verified(void *data, int status, const hf_verify_result *result)
{
    int *verified = data;
    ck_assert_int_eq(status, 0);
    ck_assert_uint_eq(result->findings_total, 0);
    ++*verified;
}

START_TEST(refused_while_it_is_being_parked_is_sound_and_cancels_when_it_is_unparked)
{
    start(_i);
    stock.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    hf_test_txn txn;
    submit(&txn);
    hf_txn_act_args args;
    hf_txn_act_init(&args, &stock.seen[0].call.txn);
    args.reason = "a test";
    args.head.actor = "operator";
    hf_test_txn parked = {.calls = 0};
    ck_assert_int_eq(hf_txn_park(host.engine, &parked.req, &args, hf_test_txn_done), 0);
    /* It comes before the coordinator has heard of the operator. */
    ck_assert_int_eq(hf_test_reply(&stock, stock.seen[0].call.ticket, HF_ANSWER_REJECTED), 0);
    hf_test_until(&host, &parked.calls, 1);
    hf_test_status(&parked, 0);
    hf_test_rest(&host);
    hf_test_txn seen;
    hf_test_txn_get(&host, &seen, &stock.seen[0].call.txn);
    ck_assert_uint_eq(seen.state, HF_TXN_TRYING);
    ck_assert_uint_eq(seen.parked, 1);
    ck_assert_uint_eq(seen.branch_state[0], HF_BRANCH_REFUSED);
    int verified = 0;
    ck_assert_int_eq(hf_verify(host.engine, NULL, on_verified, &verified), 0);
    hf_test_until(&host, &verified, 1);
    act(hf_txn_unpark, 0, 0, 0);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, HF_E_TXN_ABORTED);
    hf_test_stop(&host);
}
END_TEST

START_TEST(what_is_due_later_is_called_now)
{
    start(_i);
    stock.answers[HF_PHASE_CONFIRM] = HF_ANSWER_RETRY;
    stock.after_ms = 3600000;
    hf_test_txn txn;
    submit(&txn);
    hf_test_until(&host, &stock.count, 2);
    hf_test_rest(&host);
    stock.answers[HF_PHASE_CONFIRM] = HF_ANSWER_OK;
    act(hf_txn_retry_now, 0, 0, 0);
    hf_test_rest(&host);
    ck_assert_int_eq(stock.count, 3);
    hf_test_status(&txn, 0);
    ck_assert_int_eq(txn.calls, 1);
    hf_test_stop(&host);
}
END_TEST

START_TEST(an_operator_answers_for_a_participant)
{
    start(_i);
    stock.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    stock.answers[HF_PHASE_CONFIRM] = HF_ANSWER_NONE;
    hf_test_txn txn;
    submit(&txn);
    act(hf_txn_resolve_branch, 1, HF_ANSWER_OK, 0);
    hf_test_until(&host, &stock.count, 2);
    ck_assert_uint_eq(stock.seen[1].call.phase, HF_PHASE_CONFIRM);
    act(hf_txn_resolve_branch, 1, HF_ANSWER_OK, 0);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, 0);
    ck_assert_uint_eq(txn.state, HF_TXN_CONFIRMED);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_operators");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, an_aborted_transaction_is_cancelled_while_its_try_is_out, 0,
                        HF_TEST_PLACES);
    tcase_add_loop_test(core, a_parked_transaction_is_not_called_until_it_is_unparked, 0,
                        HF_TEST_PLACES);
    tcase_add_loop_test(core, parked_while_called_the_answer_is_kept_back, 0, HF_TEST_PLACES);
    tcase_add_loop_test(core,
                        refused_while_it_is_being_parked_is_sound_and_cancels_when_it_is_unparked,
                        0, HF_TEST_PLACES);
    tcase_add_loop_test(core, what_is_due_later_is_called_now, 0, HF_TEST_PLACES);
    tcase_add_loop_test(core, an_operator_answers_for_a_participant, 0, HF_TEST_PLACES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
