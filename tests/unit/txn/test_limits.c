/*
 * Participants that are full, slow or dead: the limit of calls, the breaker, the call queues, and
 * that calls of other participants do not wait for them.
 */
#include "support/check_main.h"
#include "support/txn.h"

static hf_test_host host;
static hf_test_service slow;
static hf_test_service quick;
static const char *const to_slow[] = {"slow"};
static const char *const to_quick[] = {"quick"};

/* What the log says of breakers. */
static char breakers[512];

static void keep_breakers(void *data, uint32_t level, const char *text)
{
    size_t used = strlen(breakers);
    (void)data;
    if (strstr(text, "breaker") != NULL)
        (void)snprintf(breakers + used, sizeof breakers - used, "%u %s\n", level, text);
}

static void start(int place, uint32_t in_flight_max, uint32_t breaker_failures)
{
    breakers[0] = '\0';
    hf_test_place_options(&host, place);
    host.options.log = keep_breakers;
    host.options.log_level = HF_LOG_INFO;
    hf_test_open(&host);
    hf_participant p = hf_test_service_init(&slow, &host, "slow", 0);
    p.in_flight_max = in_flight_max;
    p.breaker_failures = breaker_failures;
    ck_assert_int_eq(hf_participant_register(host.engine, &p), 0);
    hf_test_register(&quick, &host, "quick", 0);
}

static void submit(hf_test_txn *txn, const char *const *names)
{
    memset(txn, 0, sizeof *txn);
    ck_assert_int_eq(hf_test_submit(&host, txn, names, 1, HF_TXN_FINISHED), 0);
}

START_TEST(no_more_calls_at_once_than_allowed_and_all_get_their_turn)
{
    start(_i, 3, 0);
    slow.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    hf_test_txn txns[20];
    for (int i = 0; i < 20; i++)
        submit(&txns[i], to_slow);
    hf_test_until(&host, &slow.count, 3);
    hf_test_rest(&host);
    ck_assert_int_eq(slow.count, 3);
    int answered = 0;
    while (answered < 20) {
        /* Confirms are calls too: only tries are answered here. */
        hf_test_until(&host, &slow.by_phase[HF_PHASE_TRY], answered + 1);
        for (int i = 0; i < slow.count; i++) {
            const hf_call *call = &slow.seen[i].call;
            if (call->phase == HF_PHASE_TRY &&
                hf_test_reply(&slow, call->ticket, HF_ANSWER_OK) == 0)
                answered++;
        }
    }
    for (int i = 0; i < 20; i++) {
        hf_test_until(&host, &txns[i].calls, 1);
        hf_test_status(&txns[i], 0);
    }
    ck_assert_int_le(slow.open_max, 3);
    ck_assert_int_eq(slow.by_phase[HF_PHASE_TRY], 20);
    hf_test_stop(&host);
}
END_TEST

/* More than half of all places are of transactions that wait for the dead one. */
START_TEST(a_dead_participant_does_not_starve_the_others)
{
    start(_i, 4, 5);
    slow.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    static hf_test_txn dead[200];
    int accepted = 0;
    for (int i = 0; i < 200; i++) {
        memset(&dead[i], 0, sizeof dead[i]);
        accepted += hf_test_submit(&host, &dead[i], to_slow, 1, HF_TXN_ACCEPTED) == 0;
        if (i % 16 == 15)
            hf_test_rest(&host);
    }
    ck_assert_int_ge(accepted, 16);
    for (int i = 0; i < 20; i++) {
        ck_assert_int_eq(hf_clock_advance(host.engine, 2000), 0); /* it is stuck by now */
        hf_test_rest(&host);
        hf_test_txn txn = {.calls = 0};
        int before = quick.count;
        ck_assert_int_eq(hf_test_submit(&host, &txn, to_quick, 1, HF_TXN_FINISHED), 0);
        hf_test_rest(&host);
        ck_assert_int_eq(quick.count, before + 2);
        hf_test_status(&txn, 0);
        ck_assert_int_eq(txn.calls, 1);
    }
    hf_test_stop(&host);
}
END_TEST

START_TEST(the_breaker_opens_probes_and_closes)
{
    start(_i, 100, 3);
    slow.answers[HF_PHASE_CONFIRM] = HF_ANSWER_UNKNOWN;
    hf_test_txn txns[3];
    for (int i = 0; i < 3; i++)
        submit(&txns[i], to_slow);
    hf_test_until(&host, &slow.by_phase[HF_PHASE_CONFIRM], 3);
    hf_test_rest(&host);
    ck_assert_int_eq(hf_clock_advance(host.engine, 1000), 0); /* retries are due, it is open */
    hf_test_rest(&host);
    ck_assert_int_eq(slow.by_phase[HF_PHASE_CONFIRM], 3);
    ck_assert_int_eq(hf_clock_advance(host.engine, 4100),
                     0); /* half open: one probe, which fails */
    hf_test_rest(&host);
    ck_assert_int_eq(slow.by_phase[HF_PHASE_CONFIRM], 4);
    ck_assert_int_eq(hf_clock_advance(host.engine, 6000), 0); /* open for twice as long */
    hf_test_rest(&host);
    ck_assert_int_eq(slow.by_phase[HF_PHASE_CONFIRM], 4);
    slow.answers[HF_PHASE_CONFIRM] = HF_ANSWER_OK;
    for (int i = 0; i < 3; i++) {
        hf_test_until(&host, &txns[i].calls, 1);
        hf_test_status(&txns[i], 0);
    }
    ck_assert_int_eq(slow.by_phase[HF_PHASE_CONFIRM], 7);
    ck_assert_str_eq(breakers, "1 slow does not answer: its breaker is open for 5000 ms\n"
                               "2 slow answers again: its breaker is closed\n");
    hf_test_stop(&host);
}
END_TEST

/* Full jitter: a delay is anything up to its bound, and the bound doubles. */
START_TEST(retries_back_off)
{
    start(_i, 100, 0);
    slow.answers[HF_PHASE_CONFIRM] = HF_ANSWER_UNKNOWN;
    hf_test_txn txn;
    submit(&txn, to_slow);
    int64_t started = hf_test_health(&host).time_ms;
    hf_test_until(&host, &slow.by_phase[HF_PHASE_CONFIRM], 20);
    int64_t took = hf_test_health(&host).time_ms - started;
    ck_assert_int_ge(took, 5000); /* 19 retries at once would take no time */
    slow.answers[HF_PHASE_CONFIRM] = HF_ANSWER_OK;
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, 0);
    hf_test_txn read;
    hf_test_txn_get(&host, &read, &txn.id);
    ck_assert_uint_ge(read.attempts, 20);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_limits");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, no_more_calls_at_once_than_allowed_and_all_get_their_turn, 0,
                        HF_TEST_PLACES);
    tcase_add_loop_test(core, a_dead_participant_does_not_starve_the_others, 0, 1);
    tcase_add_loop_test(core, the_breaker_opens_probes_and_closes, 0, 1);
    tcase_add_loop_test(core, retries_back_off, 0, 1);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
