/*
 * The engine is closed in the middle and opened again: what was accepted ends, once.
 */
#include "support/check_main.h"
#include "support/txn.h"

static hf_test_host host;
static hf_test_service stock;
static hf_test_service money;
static const char *const both[] = {"stock", "money"};

static void close_engine(void)
{
    host.closed = 0;
    ck_assert_int_eq(hf_engine_close(host.engine, hf_test_closed, &host), 0);
    hf_test_run(&host, &host.closed, 1);
    host.closed = 0;
}

static void open_again(void)
{
    host.options.virtual_time_ms += 1000;
    hf_test_open(&host);
    hf_test_register(&stock, &host, "stock", 0);
    hf_test_register(&money, &host, "money", HF_PARTICIPANT_ONE_PHASE);
}

/* As a tool does that shows a store. */
START_TEST(an_engine_with_nobody_registered_leaves_what_is_due_alone)
{
    hf_test_place_options(&host, HF_TEST_LMDB_INLINE + _i);
    open_again();
    stock.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    hf_test_txn txn = {.calls = 0};
    ck_assert_int_eq(hf_test_submit(&host, &txn, both, 2, HF_TXN_FINISHED), 0);
    hf_test_until(&host, &stock.count, 1);
    hf_id id = stock.seen[0].call.txn;
    close_engine();
    host.options.virtual_time_ms += 1000;
    hf_test_open(&host);
    hf_txn_act_args act;
    hf_txn_act_init(&act, &id);
    act.reason = "seen";
    hf_test_txn retried = {.calls = 0};
    ck_assert_int_eq(hf_txn_retry_now(host.engine, &retried.req, &act, hf_test_txn_done), 0);
    hf_test_until(&host, &retried.calls, 1);
    hf_test_rest(&host);
    hf_test_txn_get(&host, &txn, &id);
    ck_assert_uint_eq(txn.state, HF_TXN_TRYING);
    ck_assert_uint_eq(txn.parked, 0);
    stock.answers[HF_PHASE_TRY] = HF_ANSWER_OK;
    hf_test_register(&stock, &host, "stock", 0);
    hf_test_register(&money, &host, "money", HF_PARTICIPANT_ONE_PHASE);
    stock.answers[HF_PHASE_TRY] = HF_ANSWER_OK;
    hf_test_until(&host, &stock.by_phase[HF_PHASE_CONFIRM], 1);
    hf_test_rest(&host);
    ck_assert_uint_eq(hf_test_txn_state(&host, &id), HF_TXN_CONFIRMED);
    hf_test_stop(&host);
}
END_TEST

START_TEST(calls_outstanding_at_close_are_made_again_and_queried_where_they_can_be)
{
    hf_test_place_options(&host, HF_TEST_LMDB_INLINE + _i);
    open_again();
    stock.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    hf_test_txn txn = {.calls = 0};
    ck_assert_int_eq(hf_test_submit(&host, &txn, both, 2, HF_TXN_FINISHED), 0);
    hf_test_until(&host, &stock.count, 1);
    hf_id id = stock.seen[0].call.txn;
    uint64_t ticket = stock.seen[0].call.ticket;
    uint64_t epoch = stock.seen[0].call.epoch;
    hf_id key = stock.seen[0].call.key;
    close_engine();
    hf_test_status(&txn, HF_E_UNKNOWN);
    open_again();
    ck_assert_int_eq(hf_test_reply(&stock, ticket, HF_ANSWER_OK), HF_E_NOT_FOUND);
    money.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    hf_test_until(&host, &stock.count, 1);
    ck_assert_uint_eq(stock.seen[0].call.phase, HF_PHASE_TRY);
    ck_assert_uint_gt(stock.seen[0].call.epoch, epoch);
    ck_assert_mem_eq(&stock.seen[0].call.key, &key, sizeof key);
    hf_test_until(&host, &money.count, 1);
    hf_id payment = money.seen[0].call.key;
    close_engine(); /* while the final one is out */
    open_again();
    hf_test_until(&host, &money.count, 1);
    ck_assert_uint_eq(money.seen[0].call.phase, HF_PHASE_QUERY);
    ck_assert_mem_eq(&money.seen[0].call.key, &payment, sizeof payment);
    hf_test_until(&host, &stock.by_phase[HF_PHASE_CONFIRM], 1);
    hf_test_rest(&host);
    ck_assert_uint_eq(hf_test_txn_state(&host, &id), HF_TXN_CONFIRMED);
    hf_test_stop(&host);
}
END_TEST

#define MANY 150

/* More than there are places for, several times over. */
START_TEST(more_than_fit_are_all_found_again)
{
    static hf_test_txn txns[MANY];
    hf_test_place_options(&host, HF_TEST_LMDB_INLINE + _i);
    open_again();
    memset(txns, 0, sizeof txns);
    stock.answers[HF_PHASE_CONFIRM] = HF_ANSWER_NONE;
    int accepted = 0;
    for (int i = 0; i < MANY; i++) {
        while (hf_test_submit(&host, &txns[i], both, 1, HF_TXN_ACCEPTED) == HF_E_OVERLOADED) {
            close_engine(); /* lets them all go */
            open_again();
            stock.answers[HF_PHASE_CONFIRM] = HF_ANSWER_NONE;
        }
        hf_test_until(&host, &txns[i].calls, 1);
        accepted += txns[i].status == 0;
    }
    ck_assert_int_eq(accepted, MANY);
    close_engine();
    host.options.txns_max = 7;
    open_again();
    int ended = 0;
    for (int i = 0; i < MANY; i++) {
        while (hf_test_txn_state(&host, &txns[i].id) != HF_TXN_CONFIRMED) {
            ck_assert_int_eq(hf_clock_advance(host.engine, 20), 0);
            hf_test_turn(&host, 20);
        }
        ended++;
    }
    ck_assert_int_eq(ended, MANY);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_deadline_that_passed_while_closed_cancels)
{
    hf_test_place_options(&host, HF_TEST_LMDB_INLINE + _i);
    open_again();
    stock.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    hf_test_txn txn = {.calls = 0};
    ck_assert_int_eq(hf_test_submit(&host, &txn, both, 1, HF_TXN_ACCEPTED), 0);
    hf_test_until(&host, &stock.count, 1);
    close_engine();
    host.options.virtual_time_ms += 60000;
    open_again();
    hf_test_until(&host, &stock.count, 1);
    ck_assert_uint_eq(stock.seen[0].call.phase, HF_PHASE_CANCEL);
    hf_test_rest(&host);
    ck_assert_uint_eq(hf_test_txn_state(&host, &txn.id), HF_TXN_CANCELLED);
    hf_test_stop(&host);
}
END_TEST

START_TEST(what_is_due_later_is_called_later)
{
    hf_test_place_options(&host, HF_TEST_LMDB_INLINE + _i);
    open_again();
    stock.answers[HF_PHASE_CONFIRM] = HF_ANSWER_RETRY;
    stock.after_ms = 100000;
    hf_test_txn txn = {.calls = 0};
    ck_assert_int_eq(hf_test_submit(&host, &txn, both, 1, HF_TXN_DECIDED), 0);
    hf_test_until(&host, &stock.count, 2);
    hf_test_rest(&host);
    close_engine();
    open_again();
    hf_test_rest(&host);
    ck_assert_int_eq(stock.count, 0);
    ck_assert_int_eq(hf_clock_advance(host.engine, 110000), 0);
    hf_test_rest(&host);
    ck_assert_int_eq(stock.count, 1);
    ck_assert_uint_eq(stock.seen[0].call.attempt, 2);
    ck_assert_uint_eq(hf_test_txn_state(&host, &txn.id), HF_TXN_CONFIRMED);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_restart");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(
        core, calls_outstanding_at_close_are_made_again_and_queried_where_they_can_be, 0, 2);
    tcase_add_loop_test(core, an_engine_with_nobody_registered_leaves_what_is_due_alone, 0, 2);
    tcase_add_loop_test(core, more_than_fit_are_all_found_again, 0, 2);
    tcase_add_loop_test(core, a_deadline_that_passed_while_closed_cancels, 0, 2);
    tcase_add_loop_test(core, what_is_due_later_is_called_later, 0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
