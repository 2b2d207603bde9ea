/*
 * The figures of participants and transactions, on a virtual clock: calls, time-outs, retries,
 * breakers, who waits, and how long calls and waiting callers took.
 */
#include "support/check_main.h"
#include "support/txn.h"

#define MS UINT64_C(1000000) /* ns */

static hf_test_host host;
static hf_test_service service;
static const char *const names[] = {"stock"};

static hf_metrics_info read_metrics(void)
{
    hf_metrics_info info = {.size = sizeof info};
    ck_assert_int_eq(hf_metrics(host.engine, &info), 0);
    return info;
}

static void start(int place, uint32_t first_answer)
{
    hf_test_place_start(&host, place);
    hf_participant about = hf_test_service_init(&service, &host, "stock", 0);
    service.answers[HF_PHASE_TRY] = first_answer;
    about.call_timeout_ms = 1000;
    about.breaker_failures = 2;
    about.breaker_open_ms = 60000;
    ck_assert_int_eq(hf_participant_register(host.engine, &about), 0);
}

static void submit(hf_test_txn *txn, uint32_t wait)
{
    memset(txn, 0, sizeof *txn);
    ck_assert_int_eq(hf_test_submit(&host, txn, names, 1, wait), 0);
}

START_TEST(a_call_is_measured_from_its_beginning_to_its_answer)
{
    hf_test_txn txn;
    start(_i, HF_ANSWER_NONE);
    submit(&txn, HF_TXN_FINISHED);
    hf_test_until(&host, &service.count, 1);
    hf_metrics_info before = read_metrics();
    ck_assert_uint_eq(before.callee_count, 1);
    ck_assert_str_eq(before.callees[0].name, "stock");
    ck_assert_uint_eq(before.callees[0].calls, 1);
    ck_assert_uint_eq(before.callees[0].in_flight, 1);
    ck_assert_uint_eq(before.txns_active, 1);
    ck_assert_uint_eq(before.txns_waited_for, 1);
    ck_assert_uint_eq(before.in_flight, 1);
    ck_assert_int_eq(hf_clock_advance(host.engine, 300), 0);
    service.answers[HF_PHASE_CONFIRM] = HF_ANSWER_OK;
    ck_assert_int_eq(hf_test_reply(&service, service.seen[0].call.ticket, HF_ANSWER_OK), 0);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, 0);
    hf_metrics_info info = read_metrics();
    ck_assert_uint_eq(info.participant_call_ns.count, 2); /* try and confirm */
    ck_assert_uint_ge(info.participant_call_ns.most, 300 * MS);
    ck_assert_uint_lt(info.participant_call_ns.most, 400 * MS);
    ck_assert_uint_eq(info.provider_call_ns.count, 0);
    ck_assert_uint_eq(info.callees[0].failures + info.callees[0].timeouts, 0);
    ck_assert_uint_eq(info.txns_confirmed, 1);
    ck_assert_uint_eq(info.txns_waited_for, 0);
    ck_assert_uint_eq(info.in_flight, 0);
    ck_assert_uint_ge(info.write_latency_ns.most, 300 * MS); /* the caller waited for the end */
    hf_test_stop(&host);
}
END_TEST

START_TEST(calls_that_time_out_are_failures_and_open_the_breaker)
{
    hf_test_txn txn;
    start(_i, HF_ANSWER_NONE);
    submit(&txn, HF_TXN_ACCEPTED);
    hf_test_until(&host, &service.count, 2);
    hf_metrics_info info = read_metrics();
    ck_assert_uint_eq(info.callees[0].timeouts, 1);
    ck_assert_uint_eq(info.callees[0].retries, 1);
    ck_assert_uint_eq(info.callees[0].breaker_state, HF_BREAKER_CLOSED);
    while (info.callees[0].timeouts < 2) {
        ck_assert_int_eq(hf_clock_advance(host.engine, 100), 0);
        hf_test_rest(&host);
        info = read_metrics();
    }
    ck_assert_uint_eq(info.callees[0].failures, 2);
    ck_assert_uint_eq(info.callees[0].calls, 2);
    ck_assert_uint_eq(info.callees[0].breaker_state, HF_BREAKER_OPEN);
    ck_assert_uint_eq(info.callees[0].breaker_opened, 1);
    ck_assert_uint_eq(info.callees[0].in_flight, 0);
    ck_assert_uint_eq(info.participant_call_ns.count, 2);
    ck_assert_uint_ge(info.participant_call_ns.least, 1000 * MS);
    hf_test_stop(&host);
}
END_TEST

START_TEST(an_engine_that_closes_completes_who_waits_and_counts_it_once)
{
    hf_test_txn txn;
    start(_i, HF_ANSWER_NONE);
    submit(&txn, HF_TXN_FINISHED);
    hf_test_until(&host, &service.count, 1);
    hf_metrics_info info = read_metrics();
    ck_assert_uint_eq(info.accepted - info.completed, 1);
    ck_assert_uint_eq(info.in_flight, 1);
    ck_assert_int_eq(hf_engine_close(host.engine, hf_test_closed, &host), 0);
    hf_test_run(&host, &txn.calls, 1);
    ck_assert_int_eq(txn.status, HF_E_UNKNOWN);
    hf_test_run(&host, &host.closed, 1);
    ck_assert_int_eq(hf_loop_destroy(host.loop), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_figures");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, a_call_is_measured_from_its_beginning_to_its_answer, 0,
                        HF_TEST_PLACES);
    tcase_add_loop_test(core, calls_that_time_out_are_failures_and_open_the_breaker, 0,
                        HF_TEST_PLACES);
    tcase_add_loop_test(core, an_engine_that_closes_completes_who_waits_and_counts_it_once, 0,
                        HF_TEST_PLACES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
