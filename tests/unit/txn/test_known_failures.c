/*
 * What users of other coordinators suffer from: one test for each, named after it. The engine is
 * whole, its store survives it and fails on request. Where two engines have to do with one
 * transaction see test_known_takeovers.c, for the participant's own table test_known_fences.c.
 */
#include "store/builtin.h"
#include "support/check_main.h"
#include "support/fault.h"
#include "support/txn.h"

#define DAY_MS  86400000
#define YEAR_MS (365 * (int64_t)DAY_MS)

static hf_test_host host;
static hf_test_service stock;
static hf_test_service other;
static hf__fault fault;
static const char *const to_stock[] = {"stock"};
static const char *const to_other[] = {"other"};

static void *take(void *context, size_t bytes)
{
    (void)context;
    return malloc(bytes);
}

static void give(void *context, void *memory)
{
    (void)context;
    free(memory);
}

static void open_engine(void)
{
    host.closed = 0;
    hf_test_open(&host);
    hf_participant about = hf_test_service_init(&stock, &host, "stock", 0);
    about.breaker_failures = 0;
    about.retry[HF_PHASE_CONFIRM].attempts_max = 12;
    about.retry[HF_PHASE_CANCEL].attempts_max = 12;
    about.retries_per_hundred = 1000;
    ck_assert_int_eq(hf_participant_register(host.engine, &about), 0);
    hf_test_register(&other, &host, "other", 0);
}

static void start(void)
{
    static const hf_allocator plain = {.alloc = take, .free = give};
    hf_test_place_options(&host, HF_TEST_MEMORY_INLINE);
    ck_assert_int_eq(hf__fault_init(&fault, &hf__memory_driver, &plain), 0);
    host.options.driver = &fault.driver;
    open_engine();
}

/* Another process on the same store. */
static void reopen(int64_t later_ms)
{
    host.closed = 0;
    ck_assert_int_eq(hf_engine_close(host.engine, hf_test_closed, &host), 0);
    hf_test_run(&host, &host.closed, 1);
    hf__fault_arm(&fault, &(hf__fault_plan){.at = 0});
    host.options.virtual_time_ms += later_ms;
    host.options.random_seed++;
    open_engine();
}

static void stop(void)
{
    hf_test_stop(&host);
    hf__fault_fini(&fault);
}

/* The id of a test's transactions by a number. */
static hf_id id_of(int number)
{
    char key[16];
    hf_id id;
    (void)snprintf(key, sizeof key, "%d", number);
    ck_assert_int_eq(hf_id_from_key(INT64_C(1700000000000), key, &id), 0);
    return id;
}

static void submit(hf_test_txn *txn, int number, const char *const *names)
{
    memset(txn, 0, sizeof *txn);
    txn->id = id_of(number);
    ck_assert_int_eq(hf_test_submit(&host, txn, names, 1, HF_TXN_FINISHED), 0);
}

static hf_test_txn stored(int number)
{
    hf_test_txn txn;
    hf_id id = id_of(number);
    hf_test_txn_get(&host, &txn, &id);
    return txn;
}

static void act(int (*function)(hf_engine *, hf_req *, const hf_txn_act_args *, hf_done_cb),
                int number, uint32_t answer)
{
    hf_id id = id_of(number);
    hf_txn_act_args args;
    hf_test_txn done = {.calls = 0};
    hf_txn_act_init(&args, &id);
    args.reason = "a test";
    args.head.actor = "operator";
    args.branch = answer == HF_ANSWER_NONE ? 0 : 1;
    args.answer = answer;
    ck_assert_int_eq(function(host.engine, &done.req, &args, hf_test_txn_done), 0);
    hf_test_until(&host, &done.calls, 1);
    hf_test_status(&done, 0);
}

static void advance(int64_t ms)
{
    ck_assert_int_eq(hf_clock_advance(host.engine, ms), 0);
    hf_test_rest(&host);
}

/* Removes all that ended before now. How many transactions went. */
typedef struct removed {
    hf_req req;
    int calls;
    int status;
    uint64_t txns;
    uint32_t more;
} removed;

static void on_removed(hf_req *req, const hf_completion *done)
{
    removed *r = (removed *)(void *)req;
    r->calls++;
    r->status = done->status;
    if (done->status != 0)
        return;
    r->txns += ((const hf_retention_result *)done->result)->txns;
    r->more = ((const hf_retention_result *)done->result)->more;
}

static uint64_t retain(void)
{
    removed r = {.more = 1};
    hf_retention_args args;
    hf_retention_init(&args);
    args.before_ms = hf_test_health(&host).time_ms;
    for (int i = 1; r.more != 0; i++) {
        ck_assert_int_eq(hf_retention(host.engine, &r.req, &args, on_removed), 0);
        hf_test_until(&host, &r.calls, i);
        ck_assert_int_eq(r.status, 0);
    }
    return r.txns;
}

/* ---- The store ------------------------------------------------------------------------------- */

/* The commit of the confirm's answer fails: for a while, or for good until the engine is reopened.
 */
START_TEST(a_store_failure_in_phase_two_leaves_no_transaction_stuck)
{
    static const hf__fault_plan plans[] = {
        {.at = 1, .count = 3, .kind = HF__FAULT_FAIL, .error = HF_E_BUSY},
        {.at = 1, .count = 3, .kind = HF__FAULT_FAIL, .error = HF_E_NO_SPACE},
        {.at = 1, .kind = HF__FAULT_FAIL, .error = HF_E_IO},
        {.at = 1, .kind = HF__FAULT_LOSE_ACK},
    };
    hf_test_txn txn;
    hf__fault_plan plan = plans[_i];
    start();
    stock.answers[HF_PHASE_CONFIRM] = HF_ANSWER_NONE;
    submit(&txn, 1, to_stock);
    hf_test_until(&host, &stock.by_phase[HF_PHASE_CONFIRM], 1);
    plan.calls = 1u << HF__FAULT_COMMIT;
    hf__fault_arm(&fault, &plan);
    ck_assert_int_eq(hf_test_reply(&stock, stock.seen[1].call.ticket, HF_ANSWER_OK), 0);
    stock.answers[HF_PHASE_CONFIRM] = HF_ANSWER_OK;
    for (int turn = 0; turn < 1000 && txn.calls == 0; turn++) { /* writes may be refused now */
        (void)hf_clock_advance(host.engine, 100);
        hf_test_turn(&host, 50);
    }
    ck_assert_int_eq(txn.calls, 1);
    ck_assert_uint_gt(hf__fault_hits(&fault), 0);
    hf_test_status(&txn, _i < 2 ? 0 : HF_E_UNKNOWN); /* the others need another process */
    ck_assert_int_eq(stock.by_phase[HF_PHASE_CANCEL], 0);
    reopen(1000);
    advance(1000);
    ck_assert_uint_eq(stored(1).state, HF_TXN_CONFIRMED);
    ck_assert_int_eq(stock.by_phase[HF_PHASE_TRY] + stock.by_phase[HF_PHASE_CANCEL], 0);
    stop();
}
END_TEST

#define MANY 20

/* The primary goes away while the due transactions are looked for, and while they are worked on. */
START_TEST(a_database_fail_over_during_recovery_loses_no_work)
{
    static const uint32_t calls[] = {1u << HF__FAULT_SCAN, 1u << HF__FAULT_BEGIN,
                                     1u << HF__FAULT_GET, 1u << HF__FAULT_COMMIT, 0};
    static hf_test_txn txns[MANY];
    start();
    stock.answers[HF_PHASE_CONFIRM] = HF_ANSWER_NONE;
    for (int i = 0; i < MANY; i++)
        submit(&txns[i], i, to_stock);
    hf_test_until(&host, &stock.by_phase[HF_PHASE_CONFIRM], MANY);
    reopen(1000);
    hf__fault_arm(
        &fault,
        &(hf__fault_plan){
            .at = 2, .count = 40, .kind = HF__FAULT_FAIL, .calls = calls[_i], .error = HF_E_BUSY});
    for (int turn = 0; turn < 200 && hf__fault_hits(&fault) < 40; turn++) {
        (void)hf_clock_advance(host.engine, 500);
        hf_test_turn(&host, 100);
    }
    ck_assert_uint_gt(hf__fault_hits(&fault), 0);
    hf__fault_arm(&fault, &(hf__fault_plan){.at = 0});
    advance(60000);
    advance(60000);
    for (int i = 0; i < MANY; i++)
        ck_assert_uint_eq(stored(i).state, HF_TXN_CONFIRMED);
    ck_assert_int_ge(stock.by_phase[HF_PHASE_CONFIRM], MANY);
    ck_assert_int_eq(stock.by_phase[HF_PHASE_CANCEL], 0);
    stop();
}
END_TEST

/* The engine dies in its first commits, the participant with it. */
START_TEST(a_crash_before_the_first_status_update_leaves_nothing_trying_for_ever)
{
    hf_test_txn txn;
    start();
    hf__fault_arm(&fault,
                  &(hf__fault_plan){.at = 1 + (uint64_t)_i / 2,
                                    .kind = _i % 2 == 0 ? HF__FAULT_CRASH : HF__FAULT_CRASH_DONE,
                                    .calls = 1u << HF__FAULT_COMMIT});
    submit(&txn, 1, to_stock);
    hf_test_run(&host, &txn.calls, 1);
    ck_assert_uint_eq(hf__fault_hits(&fault), 1);
    ck_assert_int_ne(txn.status, 0);
    reopen(1000);
    stock.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    hf_test_rest(&host);
    advance(40000); /* past its deadline */
    hf_test_txn after = stored(1);
    bool never = _i == 0; /* the commit that would have brought it */
    ck_assert_int_eq(after.status, never ? HF_E_NOT_FOUND : 0);
    if (!never)
        ck_assert_uint_eq(after.state, _i < 3 ? HF_TXN_CANCELLED : HF_TXN_CONFIRMED);
    stop();
}
END_TEST

/* ---- Retries --------------------------------------------------------------------------------- */

static int64_t times[HF_TEST_CALLS];

static void note_time(hf_test_service *service, const hf_call *call)
{
    if (call->phase == HF_PHASE_CONFIRM)
        times[service->by_phase[HF_PHASE_CONFIRM] - 1] = hf_test_health(&host).time_ms;
    ck_assert_int_eq(hf_test_reply(service, call->ticket, service->answers[call->phase]), 0);
}

START_TEST(retries_are_neither_infinite_nor_at_fixed_intervals)
{
    hf_test_txn txn;
    start();
    stock.answers[HF_PHASE_CONFIRM] = HF_ANSWER_UNKNOWN;
    stock.on_call = note_time;
    submit(&txn, 1, to_stock);
    hf_test_until(&host, &stock.by_phase[HF_PHASE_CONFIRM], 12);
    hf_test_rest(&host);
    int64_t least = INT64_MAX;
    int64_t most = 0;
    for (int i = 1; i < 12; i++) {
        int64_t pause = times[i] - times[i - 1];
        least = pause < least ? pause : least;
        most = pause > most ? pause : most;
        ck_assert_int_le(pause, ((int64_t)50 << i) + 100);
    }
    ck_assert_int_gt(most, 10 * (least + 20));
    advance(YEAR_MS);
    ck_assert_int_eq(stock.by_phase[HF_PHASE_CONFIRM], 12);
    ck_assert_uint_eq(stored(1).parked, 1);
    stop();
}
END_TEST

/* Whatever is in doubt stays: the row, its branches, its history; retention does not take it. */
START_TEST(a_retry_time_out_deletes_no_row_while_branches_are_in_doubt)
{
    hf_test_txn txn;
    uint32_t phase = _i == 0 ? HF_PHASE_CONFIRM : HF_PHASE_CANCEL;
    start();
    stock.answers[phase] = HF_ANSWER_UNKNOWN;
    stock.answers[HF_PHASE_TRY] = _i == 0 ? HF_ANSWER_OK : HF_ANSWER_NONE;
    submit(&txn, 1, to_stock);
    if (_i == 1) {
        hf_test_until(&host, &stock.count, 1);
        act(hf_txn_abort, 1, HF_ANSWER_NONE);
    }
    hf_test_until(&host, &stock.by_phase[phase], 12);
    advance(YEAR_MS);
    ck_assert_uint_eq(retain(), 0);
    hf_test_txn after = stored(1);
    ck_assert_int_eq(after.status, 0);
    ck_assert_uint_eq(after.parked, 1);
    ck_assert_uint_eq(after.branch_state[0], _i == 0 ? HF_BRANCH_CONFIRMING : HF_BRANCH_CANCELLING);
    ck_assert_uint_ge(after.attempts, 12);
    stock.answers[phase] = HF_ANSWER_OK;
    act(hf_txn_unpark, 1, HF_ANSWER_NONE);
    advance(1000);
    ck_assert_uint_eq(stored(1).state, _i == 0 ? HF_TXN_CONFIRMED : HF_TXN_CANCELLED);
    stop();
}
END_TEST

/* Parked by a person, or by the participant; the others continue, and a person may end it. */
START_TEST(a_poison_confirm_can_be_parked)
{
    hf_test_txn txn;
    hf_test_txn next;
    start();
    stock.answers[HF_PHASE_CONFIRM] = _i == 0 ? HF_ANSWER_RETRY : HF_ANSWER_PARK;
    stock.after_ms = 1000;
    submit(&txn, 1, to_stock);
    hf_test_until(&host, &stock.by_phase[HF_PHASE_CONFIRM], 1);
    hf_test_rest(&host);
    if (_i == 0)
        act(hf_txn_park, 1, HF_ANSWER_NONE);
    ck_assert_uint_eq(stored(1).parked, 1);
    advance(DAY_MS);
    ck_assert_int_eq(stock.by_phase[HF_PHASE_CONFIRM], 1);
    submit(&next, 2, to_other);
    hf_test_until(&host, &next.calls, 1);
    hf_test_status(&next, 0);
    act(hf_txn_resolve_branch, 1, HF_ANSWER_OK);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, 0);
    ck_assert_uint_eq(stored(1).state, HF_TXN_CONFIRMED);
    stop();
}
END_TEST

/* ---- Callers --------------------------------------------------------------------------------- */

/* Before the decision, and after it. */
START_TEST(a_caller_whose_reply_was_lost_gets_the_outcome_by_repeating)
{
    hf_test_txn txn;
    uint32_t phase = _i == 0 ? HF_PHASE_TRY : HF_PHASE_CONFIRM;
    start();
    stock.answers[phase] = HF_ANSWER_NONE;
    submit(&txn, 1, to_stock);
    hf_test_until(&host, &stock.by_phase[phase], 1);
    reopen(1000);
    hf_test_status(&txn, HF_E_UNKNOWN);
    ck_assert_uint_eq(stored(1).state, _i == 0 ? HF_TXN_TRYING : HF_TXN_CONFIRMING);
    submit(&txn, 1, to_stock); /* the same once more */
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, 0);
    ck_assert_uint_eq(stored(1).state, HF_TXN_CONFIRMED);
    ck_assert_int_eq(stock.by_phase[HF_PHASE_TRY], _i == 0);
    ck_assert_int_eq(stock.by_phase[HF_PHASE_CONFIRM], 1);
    stop();
}
END_TEST

static int64_t waited(hf_test_txn *txn, int64_t deadline_ms, int64_t wait_ms)
{
    hf_branch_args branch;
    hf_txn_args args;
    hf_branch_init(&branch, "stock");
    hf_txn_init(&args);
    memset(txn, 0, sizeof *txn);
    args.head.id = id_of(1);
    args.branches = &branch;
    args.branch_count = 1;
    args.deadline_ms = deadline_ms == 0 ? 0 : host.options.virtual_time_ms + deadline_ms;
    args.wait_ms = wait_ms;
    ck_assert_int_eq(hf_txn_submit(host.engine, &txn->req, &args, hf_test_txn_done), 0);
    hf_test_until(&host, &stock.count, 1);
    int64_t from_ms = hf_test_health(&host).time_ms;
    hf_test_until(&host, &txn->calls, 1);
    hf_test_call now = {.calls = 0};
    ck_assert_int_eq(hf_test_put(&host, &now), 0); /* a batch, for its time */
    hf_test_until(&host, &now.calls, 1);
    return hf_test_health(&host).time_ms - from_ms;
}

/* Nobody said until when, and the participant is silent: 30 s. */
START_TEST(no_decision_is_waited_for_without_a_deadline)
{
    hf_test_txn txn;
    start();
    stock.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    int64_t took = waited(&txn, 0, 0);
    hf_test_status(&txn, HF_E_TXN_ABORTED);
    ck_assert_int_ge(took, 29000);
    ck_assert_int_le(took, 31000);
    ck_assert_int_le(stock.seen[0].call.time_left_ms, 30000);
    ck_assert_int_gt(stock.seen[0].call.time_left_ms, 0);
    stop();
}
END_TEST

/* Decided, and its end does not come: the caller's time ends, the transaction continues. */
START_TEST(no_end_is_waited_for_without_a_deadline)
{
    hf_test_txn txn;
    start();
    stock.answers[HF_PHASE_CONFIRM] = HF_ANSWER_RETRY;
    stock.after_ms = 300000;
    int64_t took = waited(&txn, 20000, _i == 0 ? 0 : 5000);
    hf_test_status(&txn, HF_E_UNKNOWN);
    ck_assert_ptr_nonnull(strstr(txn.detail, "hf_txn_get"));
    ck_assert_int_ge(took, _i == 0 ? 79000 : 4000);
    ck_assert_int_le(took, _i == 0 ? 81000 : 6000);
    ck_assert_uint_eq(stored(1).state, HF_TXN_CONFIRMING);
    stock.answers[HF_PHASE_CONFIRM] = HF_ANSWER_OK;
    advance(300000);
    ck_assert_uint_eq(stored(1).state, HF_TXN_CONFIRMED);
    ck_assert_int_eq(txn.calls, 1);
    stop();
}
END_TEST

static void close_at_end(hf_req *req, const hf_completion *done)
{
    hf_test_txn_done(req, done);
    ck_assert_int_eq(hf_engine_close(host.engine, hf_test_closed, &host), 0);
}

START_TEST(a_caller_whose_time_is_over_may_close_the_engine)
{
    hf_test_txn txns[2];
    hf_branch_args branch;
    hf_txn_args args;
    start();
    stock.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    hf_branch_init(&branch, "stock");
    hf_txn_init(&args);
    args.branches = &branch;
    args.branch_count = 1;
    args.wait_ms = 1000;
    memset(txns, 0, sizeof txns);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(hf_txn_submit(host.engine, &txns[i].req, &args,
                                       i == 0 ? close_at_end : hf_test_txn_done),
                         0);
    hf_test_until(&host, &stock.count, 2);
    ck_assert_int_eq(hf_clock_advance(host.engine, 1000), 0);
    hf_test_run(&host, &host.closed, 1);
    for (int i = 0; i < 2; i++) {
        hf_test_status(&txns[i], HF_E_UNKNOWN);
        ck_assert_int_eq(txns[i].calls, 1);
    }
    stop();
}
END_TEST

/* ---- Cleaning up ----------------------------------------------------------------------------- */

START_TEST(a_purged_key_replays_no_old_result)
{
    hf_test_txn txn;
    start();
    submit(&txn, 1, to_stock);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, 0);
    advance(DAY_MS);
    ck_assert_uint_eq(retain(), 1);
    ck_assert_int_eq(stored(1).status, HF_E_NOT_FOUND);
    submit(&txn, 1, to_stock);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, HF_E_ID_TOO_OLD);
    ck_assert_int_eq(stock.count, 2);
    stop();
}
END_TEST

/* Nobody asks for it: in a week each ended transaction goes, and its key stays used up. */
START_TEST(the_table_of_barriers_is_purged_by_itself)
{
    static hf_test_txn txns[MANY + 1];
    start();
    for (int i = 0; i < MANY; i++)
        submit(&txns[i], i, to_stock);
    for (int i = 0; i < MANY; i++)
        hf_test_until(&host, &txns[i].calls, 1);
    stock.answers[HF_PHASE_CONFIRM] = HF_ANSWER_PARK;
    submit(&txns[MANY], MANY, to_stock);
    advance(6 * (int64_t)DAY_MS);
    advance(1);
    ck_assert_int_eq(stored(0).status, 0);
    advance(DAY_MS);
    advance(3600000);
    advance(3600000);
    for (int i = 0; i < MANY; i++)
        ck_assert_int_eq(stored(i).status, HF_E_NOT_FOUND);
    ck_assert_uint_eq(stored(MANY).parked, 1);
    int calls = stock.count;
    submit(&txns[0], 0, to_stock);
    hf_test_until(&host, &txns[0].calls, 1);
    hf_test_status(&txns[0], HF_E_ID_TOO_OLD);
    hf_test_call put = {.calls = 0}; /* the ids of everything else stay good */
    hf_account_put_args item;
    hf_item_put_init(&item, "bell");
    item.head.id = id_of(1000);
    ck_assert_int_eq(hf_item_put(host.engine, &put.req, &item, hf_test_done), 0);
    hf_test_until(&host, &put.calls, 1);
    ck_assert_int_eq(put.status, 0);
    ck_assert_int_eq(stock.count, calls);
    stop();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_known_failures");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, a_store_failure_in_phase_two_leaves_no_transaction_stuck, 0, 4);
    tcase_add_loop_test(core, a_database_fail_over_during_recovery_loses_no_work, 0, 5);
    tcase_add_loop_test(core, a_crash_before_the_first_status_update_leaves_nothing_trying_for_ever,
                        0, 4);
    tcase_add_test(core, retries_are_neither_infinite_nor_at_fixed_intervals);
    tcase_add_loop_test(core, a_retry_time_out_deletes_no_row_while_branches_are_in_doubt, 0, 2);
    tcase_add_loop_test(core, a_poison_confirm_can_be_parked, 0, 2);
    tcase_add_loop_test(core, a_caller_whose_reply_was_lost_gets_the_outcome_by_repeating, 0, 2);
    tcase_add_test(core, no_decision_is_waited_for_without_a_deadline);
    tcase_add_loop_test(core, no_end_is_waited_for_without_a_deadline, 0, 2);
    tcase_add_test(core, a_caller_whose_time_is_over_may_close_the_engine);
    tcase_add_test(core, a_purged_key_replays_no_old_result);
    tcase_add_test(core, the_table_of_barriers_is_purged_by_itself);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
