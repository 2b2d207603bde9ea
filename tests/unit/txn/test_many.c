/*
 * Two thousand transactions whose participants answer at random: all end, in a state that fits what
 * was answered; and the steady state allocates nothing.
 */
#include "support/check_main.h"
#include "support/random.h"
#include "support/txn.h"

#define TXNS      2000
#define IN_FLIGHT 48
#define WAIT_MS   86400000 /* participants may answer badly for more than a minute */

static hf_test_host host;
static hf_test_service services[3];
static const char *const names[] = {"stock", "money", "points"};
static hf_test_random random;
static hf_test_txn slots[IN_FLIGHT];
static int submitted;
static int ended;

/* By phase: mostly well, and everything else that may be. */
static uint32_t any_answer(uint32_t phase)
{
    static const uint32_t tries[] = {HF_ANSWER_OK,      HF_ANSWER_OK,     HF_ANSWER_OK,
                                     HF_ANSWER_OK,      HF_ANSWER_OK,     HF_ANSWER_REJECTED,
                                     HF_ANSWER_ONGOING, HF_ANSWER_UNKNOWN};
    static const uint32_t ends[] = {HF_ANSWER_OK,      HF_ANSWER_OK,     HF_ANSWER_OK,
                                    HF_ANSWER_OK,      HF_ANSWER_OK,     HF_ANSWER_RETRY,
                                    HF_ANSWER_ONGOING, HF_ANSWER_UNKNOWN};
    uint32_t at = hf_test_below(&random, 8);
    return phase == HF_PHASE_TRY || phase == HF_PHASE_QUERY ? tries[at] : ends[at];
}

static void answer_any(hf_test_service *service, const hf_call *call)
{
    if (hf_test_below(&random, 200) == 0)
        return; /* lost: it times out */
    service->after_ms = hf_test_below(&random, 50);
    ck_assert_int_eq(hf_test_reply(service, call->ticket, any_answer(call->phase)), 0);
}

static void next(hf_test_txn *txn);

static void on_end(hf_req *req, const hf_completion *done)
{
    hf_test_txn *txn = (hf_test_txn *)(void *)req;
    hf_test_txn_done(req, done);
    ended++;
    bool well = txn->status == 0 && txn->state == HF_TXN_CONFIRMED;
    ck_assert_msg(well || txn->status == HF_E_TXN_ABORTED, "%s: %s", hf_error_name(txn->status),
                  txn->detail);
    next(txn);
}

static void next(hf_test_txn *txn)
{
    if (submitted == TXNS)
        return;
    hf_branch_args branches[3];
    hf_txn_args args;
    uint32_t count = 1 + hf_test_below(&random, 3);
    memset(txn, 0, sizeof *txn);
    hf_txn_init(&args);
    for (uint32_t i = 0; i < count && i < 3; i++) {
        hf_branch_init(&branches[i], names[i]);
        branches[i].group = hf_test_below(&random, 2);
    }
    args.kind = hf_test_below(&random, 2);
    args.branches = branches;
    args.branch_count = count;
    args.wait_ms = WAIT_MS;
    submitted++;
    ck_assert_int_eq(hf_txn_submit(host.engine, &txn->req, &args, on_end), 0);
}

static void start(int place)
{
    hf_test_place_start(&host, place);
    for (uint32_t i = 0; i < 3; i++) {
        hf_participant p = hf_test_service_init(&services[i], &host, names[i],
                                                i == 1 ? HF_PARTICIPANT_ONE_PHASE : 0);
        p.retries_per_hundred = 1000;
        p.in_flight_max = 8;
        ck_assert_int_eq(hf_participant_register(host.engine, &p), 0);
    }
    submitted = 0;
    ended = 0;
}

START_TEST(all_end_whatever_is_answered)
{
    start(_i);
    random = hf_test_seed();
    for (int i = 0; i < 3; i++)
        services[i].on_call = answer_any;
    for (int i = 0; i < IN_FLIGHT; i++)
        next(&slots[i]);
    hf_test_until(&host, &ended, TXNS);
    ck_assert_int_eq(ended, TXNS);
    for (int i = 0; i < 3; i++)
        ck_assert_int_le(services[i].open_max, 8 + TXNS); /* lost ones stay open here */
    hf_test_rest(&host);
    hf_test_stop(&host);
}
END_TEST

START_TEST(the_steady_state_allocates_nothing)
{
    start(_i);
    random = (hf_test_random){.state = 11};
    submitted = TXNS - 400;
    for (int i = 0; i < IN_FLIGHT; i++)
        next(&slots[i]);
    hf_test_until(&host, &ended, 200);
    uint64_t before = hf_test_health(&host).allocations;
    hf_test_until(&host, &ended, 400);
    ck_assert_uint_eq(hf_test_health(&host).allocations, before);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_many");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, all_end_whatever_is_answered, 0, HF_TEST_PLACES);
    tcase_add_loop_test(core, the_steady_state_allocates_nothing, HF_TEST_LMDB_INLINE,
                        HF_TEST_PLACES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
