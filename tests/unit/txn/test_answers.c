/*
 * Answers that come twice, late, from before, never, or make no sense.
 */
#include "support/check_main.h"
#include "support/txn.h"

static hf_test_host host;
static hf_test_service service;
static const char *const names[] = {"stock"};

static void start(int place)
{
    hf_test_place_start(&host, place);
    hf_test_register(&service, &host, "stock", 0);
}

static void submit(hf_test_txn *txn)
{
    memset(txn, 0, sizeof *txn);
    ck_assert_int_eq(hf_test_submit(&host, txn, names, 1, HF_TXN_FINISHED), 0);
}

START_TEST(the_second_answer_to_a_call_finds_nothing)
{
    start(_i);
    service.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    hf_test_txn txn;
    submit(&txn);
    hf_test_until(&host, &service.count, 1);
    uint64_t ticket = service.seen[0].call.ticket;
    ck_assert_int_eq(hf_test_reply(&service, ticket + 1, HF_ANSWER_OK), HF_E_NOT_FOUND);
    ck_assert_int_eq(hf_test_reply(&service, 0, HF_ANSWER_OK), HF_E_NOT_FOUND);
    ck_assert_int_eq(hf_test_reply(&service, ticket, HF_ANSWER_OK), 0);
    ck_assert_int_eq(hf_test_reply(&service, ticket, HF_ANSWER_REJECTED), HF_E_NOT_FOUND);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, 0);
    ck_assert_int_eq(hf_test_reply(&service, ticket, HF_ANSWER_REJECTED), HF_E_NOT_FOUND);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_call_that_is_never_answered_is_asked_again_and_its_late_answer_is_stale)
{
    start(_i);
    service.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    hf_test_txn txn;
    submit(&txn);
    hf_test_until(&host, &service.count, 2);
    ck_assert_uint_eq(service.seen[1].call.phase, HF_PHASE_TRY);
    ck_assert_uint_eq(service.seen[1].call.attempt, 2);
    ck_assert_mem_eq(&service.seen[0].call.key, &service.seen[1].call.key, sizeof(hf_id));
    ck_assert_int_eq(hf_test_reply(&service, service.seen[0].call.ticket, HF_ANSWER_REJECTED),
                     HF_E_NOT_FOUND);
    ck_assert_int_eq(hf_test_reply(&service, service.seen[1].call.ticket, HF_ANSWER_OK), 0);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, 0);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_lost_confirm_is_confirmed_again_and_never_cancelled)
{
    start(_i);
    service.answers[HF_PHASE_CONFIRM] = HF_ANSWER_UNKNOWN;
    hf_test_txn txn;
    submit(&txn);
    hf_test_until(&host, &service.count, 8);
    service.answers[HF_PHASE_CONFIRM] = HF_ANSWER_OK;
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, 0);
    ck_assert_int_eq(service.by_phase[HF_PHASE_TRY], 1);
    ck_assert_int_eq(service.by_phase[HF_PHASE_CANCEL], 0);
    hf_test_stop(&host);
}
END_TEST

START_TEST(an_answer_that_does_not_fit_counts_as_unknown)
{
    start(_i);
    service.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    hf_test_txn txn;
    submit(&txn);
    static const uint32_t unfit[] = {HF_ANSWER_NONE, HF_ANSWER_RETRY, HF_ANSWER_NOT_FOUND,
                                     HF_ANSWER_PARK, 77};
    for (int i = 0; i < 4; i++) {
        hf_test_until(&host, &service.count, i + 1);
        ck_assert_int_eq(hf_test_reply(&service, service.seen[i].call.ticket, unfit[i]), HF_E_ENUM);
    }
    hf_test_until(&host, &service.count, 5);
    hf_call_answer answer;
    hf_call_answer_init(&answer, HF_ANSWER_OK);
    answer.amount = -1;
    uint64_t ticket = service.seen[4].call.ticket;
    ck_assert_int_eq(hf_call_done(host.engine, ticket, NULL), HF_E_ARGUMENT);
    answer.size--;
    ck_assert_int_eq(hf_call_done(host.engine, ticket, &answer), HF_E_ABI);
    answer.size++;
    ck_assert_int_eq(hf_call_done(host.engine, ticket, &answer), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_call_done(host.engine, ticket, &answer), HF_E_NOT_FOUND);
    hf_test_until(&host, &service.count, 6);
    ck_assert_int_eq(hf_test_reply(&service, service.seen[5].call.ticket, HF_ANSWER_OK), 0);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, 0);
    hf_test_stop(&host);
}
END_TEST

START_TEST(the_callee_says_when_to_come_back)
{
    start(_i);
    service.answers[HF_PHASE_CONFIRM] = HF_ANSWER_RETRY;
    service.after_ms = 30000; /* far beyond the first waits of the policy */
    hf_test_txn txn;
    submit(&txn);
    hf_test_until(&host, &service.count, 2);
    int64_t before = hf_test_health(&host).time_ms;
    hf_test_until(&host, &service.count, 3);
    ck_assert_int_ge(hf_test_health(&host).time_ms - before, 29000);
    service.answers[HF_PHASE_CONFIRM] = HF_ANSWER_OK;
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, 0);
    hf_test_stop(&host);
}
END_TEST

START_TEST(spent_attempts_park)
{
    hf_test_place_start(&host, _i);
    hf_participant p = hf_test_service_init(&service, &host, "stock", 0);
    p.retry[HF_PHASE_CONFIRM].attempts_max = 3;
    p.retries_per_hundred = 1000;
    ck_assert_int_eq(hf_participant_register(host.engine, &p), 0);
    service.answers[HF_PHASE_CONFIRM] = HF_ANSWER_UNKNOWN;
    hf_test_txn txn;
    submit(&txn);
    hf_test_until(&host, &service.count, 4);
    hf_test_rest(&host);
    hf_id id = service.seen[0].call.txn;
    hf_test_txn read;
    hf_test_txn_get(&host, &read, &id);
    ck_assert_uint_eq(read.parked, 1);
    ck_assert_uint_eq(read.state, HF_TXN_CONFIRMING);
    ck_assert_int_eq(hf_clock_advance(host.engine, 10000000), 0);
    hf_test_rest(&host);
    ck_assert_int_eq(service.count, 4);
    ck_assert_int_eq(txn.calls, 0);
    hf_test_stop(&host);
    hf_test_status(&txn, HF_E_UNKNOWN);
}
END_TEST

/* What an answer says is kept for people, and may not hurt them. */
static void reject_with_a_card(int place, uint32_t refuse_card_numbers, hf_test_txn *txn)
{
    hf_test_place_options(&host, place);
    host.options.refuse_card_numbers = refuse_card_numbers;
    hf_test_open(&host);
    hf_test_register(&service, &host, "stock", 0);
    service.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    submit(txn);
    hf_test_until(&host, &service.count, 1);
    hf_call_answer answer;
    hf_call_answer_init(&answer, HF_ANSWER_REJECTED);
    answer.detail = "card 4111 1111 1111 1111\nrefused, and a text that continues for far too long";
    ck_assert_int_eq(hf_call_done(host.engine, service.seen[0].call.ticket, &answer), 0);
    hf_test_until(&host, &txn->calls, 1);
    hf_test_status(txn, HF_E_TXN_ABORTED);
    hf_test_stop(&host);
}

START_TEST(the_detail_of_an_answer_is_cut_and_made_one_line)
{
    hf_test_txn txn;
    reject_with_a_card(_i, 0, &txn);
    ck_assert_ptr_nonnull(strstr(txn.detail, "card 4111 1111 1111 1111?refused"));
    ck_assert_ptr_null(strstr(txn.detail, "far too long"));
}
END_TEST

START_TEST(the_detail_of_an_answer_loses_its_digits_when_card_numbers_are_refused)
{
    hf_test_txn txn;
    reject_with_a_card(_i, 1, &txn);
    ck_assert_ptr_nonnull(strstr(txn.detail, "card **** **** **** ****?refused"));
}
END_TEST

static void close_inside(hf_test_service *at, const hf_call *call)
{
    (void)call;
    ck_assert_int_eq(hf_engine_close(at->host->engine, hf_test_closed, at->host), 0);
}

START_TEST(a_participant_may_close_the_engine_and_answers_too_late)
{
    start(_i);
    service.on_call = close_inside;
    hf_test_txn txn;
    submit(&txn);
    hf_test_run(&host, &host.closed, 1);
    hf_test_status(&txn, HF_E_UNKNOWN);
    ck_assert_int_eq(hf_test_reply(&service, service.seen[0].call.ticket, HF_ANSWER_OK),
                     HF_E_CLOSED);
    ck_assert_int_eq(hf_loop_destroy(host.loop), 0);
}
END_TEST

static hf_test_txn inner;

static void submit_inside(hf_test_service *at, const hf_call *call)
{
    if (at->count == 1)
        ck_assert_int_eq(hf_test_submit(at->host, &inner, names, 1, HF_TXN_FINISHED), 0);
    ck_assert_int_eq(hf_test_reply(at, call->ticket, HF_ANSWER_OK), 0);
}

START_TEST(a_participant_may_submit_inside_its_call)
{
    start(_i);
    memset(&inner, 0, sizeof inner);
    service.on_call = submit_inside;
    hf_test_txn txn;
    submit(&txn);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_until(&host, &inner.calls, 1);
    hf_test_status(&txn, 0);
    hf_test_status(&inner, 0);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_answers");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, the_second_answer_to_a_call_finds_nothing, 0, HF_TEST_PLACES);
    tcase_add_loop_test(core,
                        a_call_that_is_never_answered_is_asked_again_and_its_late_answer_is_stale,
                        0, HF_TEST_PLACES);
    tcase_add_loop_test(core, a_lost_confirm_is_confirmed_again_and_never_cancelled, 0,
                        HF_TEST_PLACES);
    tcase_add_loop_test(core, an_answer_that_does_not_fit_counts_as_unknown, 0, HF_TEST_PLACES);
    tcase_add_loop_test(core, the_callee_says_when_to_come_back, 0, HF_TEST_PLACES);
    tcase_add_loop_test(core, spent_attempts_park, 0, HF_TEST_PLACES);
    tcase_add_loop_test(core, the_detail_of_an_answer_is_cut_and_made_one_line, 0, HF_TEST_PLACES);
    tcase_add_loop_test(core,
                        the_detail_of_an_answer_loses_its_digits_when_card_numbers_are_refused, 0,
                        HF_TEST_PLACES);
    tcase_add_loop_test(core, a_participant_may_close_the_engine_and_answers_too_late, 0,
                        HF_TEST_PLACES);
    tcase_add_loop_test(core, a_participant_may_submit_inside_its_call, 0, HF_TEST_PLACES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
