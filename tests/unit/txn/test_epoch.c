/*
 * What belongs to an engine that was opened before: its epoch, and its tickets. And a host that
 * polls while calls wait for their turn.
 */
#include "support/check_main.h"
#include "support/txn.h"

static hf_test_host host;
static hf_test_service stock;
static const char *const names[] = {"stock"};

static void reopen(void)
{
    host.closed = 0;
    ck_assert_int_eq(hf_engine_close(host.engine, hf_test_closed, &host), 0);
    hf_test_run(&host, &host.closed, 1);
    host.closed = 0;
    host.options.virtual_time_ms += 1000;
    host.options.random_seed++;
    hf_test_open(&host);
    hf_test_register(&stock, &host, "stock", 0);
    stock.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
}

/* A transaction whose try is out; its call. */
static hf_call start(hf_test_txn *txn)
{
    hf_test_place_start(&host, HF_TEST_LMDB_INLINE);
    hf_test_register(&stock, &host, "stock", 0);
    stock.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    memset(txn, 0, sizeof *txn);
    ck_assert_int_eq(hf_id_from_key(host.options.virtual_time_ms, "one", &txn->id), 0);
    ck_assert_int_eq(hf_test_submit(&host, txn, names, 1, HF_TXN_ACCEPTED), 0);
    hf_test_until(&host, &stock.count, 1);
    return stock.seen[0].call;
}

START_TEST(a_repeat_that_is_answered_before_the_leases_are_taken_calls_under_the_new_epoch)
{
    hf_test_txn txn;
    hf_call before = start(&txn);
    hf_id id = txn.id;
    reopen();
    memset(&txn, 0, sizeof txn);
    txn.id = id;
    ck_assert_int_eq(hf_test_submit(&host, &txn, names, 1, HF_TXN_ACCEPTED), 0);
    hf_test_until(&host, &stock.count, 1);
    ck_assert_uint_gt(stock.seen[0].call.epoch, before.epoch);
    hf_test_stop(&host);
}
END_TEST

START_TEST(an_answer_to_an_engine_that_was_opened_before_finds_no_call_of_this_one)
{
    hf_test_txn txn;
    hf_call before = start(&txn);
    reopen();
    hf_test_until(&host, &stock.count, 1);
    ck_assert_int_eq(hf_test_reply(&stock, before.ticket, HF_ANSWER_OK), HF_E_NOT_FOUND);
    ck_assert_int_eq(hf_test_reply(&stock, stock.seen[0].call.ticket, HF_ANSWER_OK), 0);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_host_that_polls_rests_while_calls_wait_for_their_turn)
{
    hf_test_place_start(&host, HF_TEST_MEMORY_INLINE);
    hf_participant about = hf_test_service_init(&stock, &host, "stock", 0);
    about.in_flight_max = 1;
    stock.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    ck_assert_int_eq(hf_participant_register(host.engine, &about), 0);
    hf_test_txn txns[2];
    memset(txns, 0, sizeof txns);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(hf_test_submit(&host, &txns[i], names, 1, HF_TXN_ACCEPTED), 0);
    hf_test_until(&host, &stock.count, 1);
    for (int turn = 0; turn < 100; turn++) {
        hf_completion done;
        hf_test_turn(&host, 1);
        ck_assert_int_eq(hf_completions(host.engine, &done, 1), 0);
    }
    ck_assert_int_eq(stock.count, 1);
    ck_assert_int_ne(hf_loop_timeout(host.loop), 0);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_epoch");
    TCase *core = tcase_create("core");
    tcase_add_test(core,
                   a_repeat_that_is_answered_before_the_leases_are_taken_calls_under_the_new_epoch);
    tcase_add_test(core, an_answer_to_an_engine_that_was_opened_before_finds_no_call_of_this_one);
    tcase_add_test(core, a_host_that_polls_rests_while_calls_wait_for_their_turn);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
