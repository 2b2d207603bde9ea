/*
 * What users of other coordinators suffer from, where two engines have to do with one transaction:
 * one is paused, cut off or late, the other takes over. One test for each, named after it. Each
 * engine has a loop of its own; one whose loop does not run is paused.
 */
#include "support/check_main.h"
#include "support/two_engines.h"
#include "support/txn.h"

#define LONG_MS INT64_C(600000) /* longer than any lease */

/* A service with a barrier, and what it has done for the one branch there is. */
static struct {
    hf_barrier row;
    int done[3]; /* by phase: the work */
    int refused; /* calls of an engine that was replaced, or too late */
    bool late;   /* answers to the second engine stay on their way */
    uint64_t late_ticket;
    bool slow[3];  /* by phase: calls of the first engine stay on their way */
    bool held_any; /* one does */
    hf_call held;
} ledger;

static hf_test_host hosts[2];
static hf_test_service services[2];
static const char *const names[] = {"stock"};

/* A call arrives, and its answer goes back. What hf_call_done says. */
static int arrive(hf_test_service *service, const hf_call *call)
{
    hf_barrier next;
    int what = hf_barrier_decide(&ledger.row, call->phase, call->attempt, call->epoch, &next);
    ck_assert_int_gt(what, 0);
    if (what == HF_BARRIER_DO)
        ledger.done[call->phase]++;
    if (what == HF_BARRIER_DO || what == HF_BARRIER_SKIP)
        ledger.row = next;
    ledger.refused += what == HF_BARRIER_REFUSE;
    if (ledger.late && service == &services[1]) {
        ledger.late_ticket = call->ticket;
        return 0;
    }
    hf_call_answer answer;
    hf_call_answer_init(&answer, what == HF_BARRIER_REFUSE ? HF_ANSWER_REJECTED : HF_ANSWER_OK);
    return hf_call_done(service->host->engine, call->ticket, &answer);
}

static void on_call(hf_test_service *service, const hf_call *call)
{
    if (service == &services[0] && ledger.slow[call->phase]) {
        ledger.held = *call;
        ledger.held_any = true;
        return;
    }
    ck_assert_int_eq(arrive(service, call), 0);
}

/* Opens one of the two engines on the store. */
static void start(int node)
{
    static const char *const places[] = {"0", "1"};
    hf_test_host *host = &hosts[node];
    hf_test_place_options(host, HF_TEST_MEMORY_INLINE);
    host->options.driver = node == 0 ? hf_shared_start() : hosts[0].options.driver;
    host->options.store = places[node];
    host->options.random_seed = 7 + (uint64_t)node;
    hf_test_open(host);
    hf_participant about = hf_test_service_init(&services[node], host, "stock", 0);
    about.call_timeout_ms = 10 * LONG_MS;
    services[node].on_call = on_call;
    ck_assert_int_eq(hf_participant_register(host->engine, &about), 0);
}

/* The second engine comes, and so much later that no lease of the first one is left. */
static void take_over(void)
{
    start(1);
    ck_assert_int_eq(hf_clock_advance(hosts[1].engine, LONG_MS), 0);
}

static void stop_all(void)
{
    hf_test_stop(&hosts[0]);
    hf_test_stop(&hosts[1]);
    hf_shared_end();
}

/* A transaction at the first engine, with a deadline that no pause reaches. */
static hf_id submit(hf_test_txn *txn, const char *key)
{
    hf_txn_args args;
    hf_branch_args branch;
    hf_txn_init(&args);
    hf_branch_init(&branch, names[0]);
    memset(txn, 0, sizeof *txn);
    ck_assert_int_eq(hf_id_from_key(hosts[0].options.virtual_time_ms, key, &args.head.id), 0);
    args.branches = &branch;
    args.branch_count = 1;
    args.deadline_ms = hosts[0].options.virtual_time_ms + 100 * LONG_MS;
    args.wait = HF_TXN_ACCEPTED;
    ck_assert_int_eq(hf_txn_submit(hosts[0].engine, &txn->req, &args, hf_test_txn_done), 0);
    hf_test_until(&hosts[0], &txn->calls, 1);
    hf_test_status(txn, 0);
    return args.head.id;
}

static hf_test_txn seen_by(int node, const hf_id *id)
{
    hf_test_txn txn;
    hf_test_txn_get(&hosts[node], &txn, id);
    ck_assert_int_eq(txn.status, 0);
    return txn;
}

/* One phase of the first engine's call stays on its way. */
static hf_id submit_slow(hf_test_txn *txn, uint32_t phase)
{
    memset(&ledger, 0, sizeof ledger);
    ledger.slow[phase] = true;
    start(0);
    hf_id id = submit(txn, "one");
    hf_test_rest(&hosts[0]);
    ck_assert(ledger.held_any);
    ck_assert_uint_eq(ledger.held.phase, phase);
    return id;
}

/* Whether the first confirm arrives before the second one or after it. */
START_TEST(two_nodes_never_confirm_twice)
{
    hf_test_txn txn;
    hf_id id = submit_slow(&txn, HF_PHASE_CONFIRM);
    if (_i == 0)
        (void)arrive(&services[0], &ledger.held);
    take_over();
    hf_test_until(&hosts[1], &services[1].by_phase[HF_PHASE_CONFIRM], 1);
    hf_test_rest(&hosts[1]);
    if (_i == 1)
        (void)arrive(&services[0], &ledger.held);
    hf_test_rest(&hosts[0]);
    ck_assert_int_eq(ledger.done[HF_PHASE_TRY], 1);
    ck_assert_int_eq(ledger.done[HF_PHASE_CONFIRM], 1);
    ck_assert_int_eq(ledger.refused, _i);
    ck_assert_uint_gt(services[1].seen[0].call.epoch, ledger.held.epoch);
    hf_test_txn after = seen_by(1, &id);
    ck_assert_uint_eq(after.state, HF_TXN_CONFIRMED);
    ck_assert_uint_eq(after.attempts, 2); /* the try's answer, and one confirm's */
    stop_all();
}
END_TEST

/*
 * The first engine gets a refusal while the second one's try has been done and its answer is on
 * its way: the branch looks to both as if it waited for them.
 */
START_TEST(a_lease_that_expires_during_slow_branches_leaves_one_driver)
{
    hf_test_txn txn;
    hf_id id = submit_slow(&txn, HF_PHASE_TRY);
    ledger.late = true;
    take_over();
    hf_test_until(&hosts[1], &services[1].by_phase[HF_PHASE_TRY], 1);
    (void)arrive(&services[0], &ledger.held);
    ck_assert_int_eq(ledger.refused, 1);
    hf_test_rest(&hosts[0]);
    hf_test_txn between = seen_by(1, &id);
    ck_assert_uint_eq(between.state, HF_TXN_TRYING);
    ck_assert_uint_eq(between.attempts, 0);
    ledger.late = false;
    hf_call_answer answer;
    hf_call_answer_init(&answer, HF_ANSWER_OK);
    ck_assert_int_eq(hf_call_done(hosts[1].engine, ledger.late_ticket, &answer), 0);
    hf_test_until(&hosts[1], &services[1].by_phase[HF_PHASE_CONFIRM], 1);
    hf_test_rest(&hosts[1]);
    ck_assert_uint_eq(seen_by(1, &id).state, HF_TXN_CONFIRMED);
    ck_assert_int_eq(services[0].count, 1);
    ck_assert_int_eq(ledger.done[HF_PHASE_CONFIRM], 1);
    ck_assert_int_eq(ledger.done[HF_PHASE_CANCEL], 0);
    stop_all();
}
END_TEST

static void act(int (*function)(hf_engine *, hf_req *, const hf_txn_act_args *, hf_done_cb),
                const hf_id *id)
{
    hf_txn_act_args args;
    hf_test_txn done = {.calls = 0};
    hf_txn_act_init(&args, id);
    args.reason = "a test";
    ck_assert_int_eq(function(hosts[0].engine, &done.req, &args, hf_test_txn_done), 0);
    hf_test_until(&hosts[0], &done.calls, 1);
    hf_test_status(&done, 0);
}

/* One is on its way to be cancelled, one is parked on that way. */
START_TEST(a_fail_over_forgets_no_failed_transaction)
{
    hf_test_txn txn;
    memset(&ledger, 0, sizeof ledger);
    ledger.slow[HF_PHASE_CONFIRM] = ledger.slow[HF_PHASE_CANCEL] = true;
    ledger.slow[HF_PHASE_TRY] = true;
    start(0);
    hf_id parked = submit(&txn, "parked");
    act(hf_txn_abort, &parked);
    act(hf_txn_park, &parked);
    hf_id failed = submit(&txn, "failed");
    act(hf_txn_abort, &failed);
    hf_test_rest(&hosts[0]);
    ck_assert_int_eq(services[0].by_phase[HF_PHASE_CANCEL], 2);
    hf_shared.nodes[0].cut = true;
    memset(&ledger.row, 0, sizeof ledger.row);
    take_over();
    hf_test_until(&hosts[1], &services[1].by_phase[HF_PHASE_CANCEL], 1);
    hf_test_rest(&hosts[1]);
    hf_test_txn after = seen_by(1, &failed);
    ck_assert_uint_eq(after.state, HF_TXN_CANCELLED);
    ck_assert_str_eq(after.reason, "a test");
    after = seen_by(1, &parked);
    ck_assert_uint_eq(after.state, HF_TXN_CANCELLING);
    ck_assert_uint_eq(after.parked, 1);
    ck_assert_int_eq(services[1].count, 1);
    stop_all();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_known_takeovers");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, two_nodes_never_confirm_twice, 0, 2);
    tcase_add_test(core, a_lease_that_expires_during_slow_branches_leaves_one_driver);
    tcase_add_test(core, a_fail_over_forgets_no_failed_transaction);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
