/*
 * The runtime over a host that the test plays: its clocks, what it submits, whom it answers. So
 * each rule of calls, leases and waiting callers is seen by itself.
 */
#include "support/check_main.h"
#include "txn/state.h"

#include <holdfast.h>
#include <string.h>

#define START_MS INT64_C(1700000000000)
#define LEASE_MS 9000u
#define ASKS     64u

static hf_env env;
static hf__runtime *runtime;
static hf__callee *callee;

/* ---- The host -------------------------------------------------------------------------------- */

static struct {
    int64_t now_ms;
    int64_t uptime_ms;
    hf__txn_job *jobs[ASKS]; /* what was asked for, in order */
    uint32_t types[ASKS];
    uint32_t asks;
    bool shared;
    uint64_t args[512]; /* of the last one */
    int ended;          /* callers that were answered */
    int status[8];
    uint64_t user_data[8];
} host;

static void *on_submit(void *context, const hf__txn_ask *ask)
{
    (void)context;
    ck_assert_uint_lt(host.asks, ASKS);
    ck_assert_uint_le(ask->bytes, sizeof host.args);
    host.jobs[host.asks] = ask->job;
    host.types[host.asks++] = ask->type;
    memcpy(host.args, ask->args, ask->bytes);
    return host.args;
}

static bool on_queue(void *context, const hf_call *call, uint64_t user_data)
{
    (void)context;
    (void)call;
    (void)user_data;
    return false;
}

static void on_complete(void *context, const hf__txn_caller *caller, const hf_completion *done)
{
    (void)context;
    ck_assert_int_lt(host.ended, 8);
    host.user_data[host.ended] = caller->user_data;
    host.status[host.ended++] = done->status;
}

static void on_wake(void *context)
{
    (void)context;
}

static int64_t get_now(void *context)
{
    (void)context;
    return host.now_ms;
}

static int64_t get_uptime(void *context)
{
    (void)context;
    return host.uptime_ms;
}

static int64_t get_steady(void *context)
{
    (void)context;
    return host.uptime_ms * 1000000;
}

static uint64_t get_epoch(void *context, uint32_t shard)
{
    (void)context;
    (void)shard;
    return 1;
}

static bool get_shared(void *context)
{
    (void)context;
    return host.shared;
}

static bool get_no(void *context)
{
    (void)context;
    return false;
}

static void on_call(void *data, const hf_call *call)
{
    (void)data;
    (void)call;
}

static void pass(int64_t ms)
{
    host.now_ms += ms;
    host.uptime_ms += ms;
    hf__txn_clock_read(runtime);
}

/* One participant: a call at once, one failure opens the breaker for 5 s, each call earns a retry.
 */
static void set_up(void)
{
    static const hf__txn_host functions = {
        .submit = on_submit,
        .queue = on_queue,
        .complete = on_complete,
        .wake = on_wake,
        .now = get_now,
        .uptime = get_uptime,
        .steady_ns = get_steady,
        .epoch = get_epoch,
        .shared = get_shared,
        .named = get_no,
        .closing = get_no,
    };
    hf_options options;
    hf_participant about;
    hf__detail detail;
    memset(&host, 0, sizeof host);
    host.now_ms = START_MS;
    host.uptime_ms = 1000;
    hf__env_init(&env);
    hf_options_init(&options);
    options.txns_max = 4;
    options.lease_ms = LEASE_MS;
    ck_assert_int_eq(hf__runtime_open(&env, &functions, &options, &runtime), 0);
    hf_participant_init(&about, "stock");
    about.attempt = about.confirm = about.cancel = on_call;
    about.in_flight_max = 1;
    about.breaker_failures = 1;
    about.retries_per_hundred = 100;
    ck_assert_int_eq(hf__runtime_participant(runtime, &about, &detail), 0);
    callee = hf__callee_find(runtime, false, "stock", 1);
    ck_assert_ptr_nonnull(callee);
}

static void tear_down(void)
{
    hf__runtime_close(runtime);
}

/* ---- Who may be called ----------------------------------------------------------------------- */

static hf_id id_of(uint8_t last)
{
    hf_id id = {{1}};
    id.bytes[15] = last;
    return id;
}

/* A ticket for a call of a transaction: its first attempt, or a retry. */
static hf__ticket *ticket_for(uint8_t txn, uint32_t attempt)
{
    const hf_id id = id_of(txn);
    hf__active_txn *entry = hf__active_txn_of(runtime, &id);
    ck_assert_ptr_nonnull(entry);
    hf__ticket *ticket = hf__ticket_new(runtime, entry, 1);
    ck_assert_ptr_nonnull(ticket);
    ticket->callee = callee;
    ticket->what.attempt = attempt;
    return ticket;
}

/* Whether it may be called; its call ends at once. */
static bool call(uint32_t attempt, uint32_t outcome)
{
    hf__ticket *ticket = ticket_for(1, attempt);
    const bool may = hf__call_queue_enter(runtime, ticket);
    hf__call_queue_leave(runtime, ticket, outcome);
    ticket->state = HF__TICKET_ANSWERED;
    hf__ticket_drop(runtime, ticket);
    ck_assert_uint_eq(callee->limiter.in_flight, 0);
    return may;
}

START_TEST(each_first_attempt_earns_its_part_of_a_retry)
{
    ck_assert(call(2, HF_BREAKER_SUCCESS)); /* the budget begins full, with one */
    ck_assert(!call(2, HF_BREAKER_SUCCESS));
    ck_assert(call(1, HF_BREAKER_SUCCESS));
    ck_assert(call(2, HF_BREAKER_SUCCESS));
    ck_assert(!call(2, HF_BREAKER_SUCCESS));
}
END_TEST

START_TEST(time_earns_retries_too_so_that_none_is_held_back_for_ever)
{
    ck_assert(call(2, HF_BREAKER_SUCCESS));
    pass(999);
    ck_assert(!call(2, HF_BREAKER_SUCCESS));
    pass(1);
    ck_assert(call(2, HF_BREAKER_SUCCESS));
}
END_TEST

/* The one probe of a half-open breaker is not lost with a retry that the budget holds back. */
START_TEST(a_retry_without_a_budget_gives_its_probe_back)
{
    ck_assert(call(2, HF_BREAKER_FAILURE));
    ck_assert_uint_eq(callee->breaker.state, HF_BREAKER_OPEN);
    ck_assert(!call(1, HF_BREAKER_SUCCESS));
    callee->budget.min_per_s = 0;
    pass(5000);
    ck_assert(!call(2, HF_BREAKER_SUCCESS));
    ck_assert_uint_eq(callee->breaker.state, HF_BREAKER_HALF_OPEN);
    ck_assert(call(1, HF_BREAKER_SUCCESS));
    ck_assert_uint_eq(callee->breaker.state, HF_BREAKER_CLOSED);
}
END_TEST

/* A call that the completion queue has no capacity for returns to the head of its call queue. */
START_TEST(a_call_without_capacity_returns_and_is_tried_again_first)
{
    hf__ticket *first = ticket_for(1, 1);
    hf__ticket *second = ticket_for(2, 1);
    ck_assert(hf__call_queue_enter(runtime, first));
    ck_assert(!hf__call_queue_enter(runtime, second));
    ck_assert(hf__call_queue_wait(runtime, second));
    hf__call_queue_back(runtime, first);
    ck_assert_uint_eq(callee->limiter.in_flight, 0);
    ck_assert_uint_eq(callee->waiting, 2);
    ck_assert_uint_eq(runtime->waiting, 2);
    ck_assert_ptr_eq(callee->queues[0].first, first);
    ck_assert_int_eq(hf__call_queue_due(runtime), host.now_ms + HF__AGAIN_MS);
    hf__call_queue_turn(runtime);
    ck_assert_int_eq(first->state, HF__TICKET_WAITING);
    pass(HF__AGAIN_MS);
    hf__call_queue_turn(runtime);
    ck_assert_int_eq(first->state, HF__TICKET_GRANTED);
    ck_assert_int_eq(second->state, HF__TICKET_WAITING);
    ck_assert_uint_eq(callee->waiting, 1);
}
END_TEST

/* ---- Leases ---------------------------------------------------------------------------------- */

static void end_job(hf__txn_job *job, int status)
{
    hf_completion done = {.status = status, .detail = ""};
    job->out = true;
    hf__runtime_done(runtime, job, &done);
}

/* Those before may take long; each call and each answer is of the time at which it is made. */
START_TEST(a_call_has_its_whole_time_however_long_those_before_it_took)
{
    const hf_call_answer later = {.size = sizeof later, .answer = HF_ANSWER_UNKNOWN};
    const hf_txn txn = {.id = id_of(1), .deadline_ms = START_MS + 3600000};
    const hf_branch branch = {.txn = txn.id, .no = 1};
    const hf_txn_view view = {.txn = &txn};
    hf__ticket *ticket = ticket_for(1, 1);
    hf__detail detail;
    host.now_ms += 70000;
    host.uptime_ms += 70000;
    ck_assert(hf__call_make(runtime, ticket, &view, &branch));
    ck_assert_int_eq(ticket->timer.at_ms, host.now_ms + callee->about.call_timeout_ms);
    host.now_ms += 5000;
    host.uptime_ms += 5000;
    const uint64_t number = hf__ticket_number(runtime, ticket);
    ck_assert_int_eq(hf__runtime_answer(runtime, number, &later, &detail), 0);
    ck_assert_int_gt(ticket->answer.due_ms, host.now_ms);
}
END_TEST

START_TEST(nobody_is_called_in_the_last_third_of_a_lease)
{
    const hf_id id = id_of(1);
    host.shared = true;
    hf__lease_step(runtime);
    ck_assert_uint_eq(host.asks, 1);
    ck_assert_uint_eq(host.types[0], HF_EVENT_LEASE);
    pass(500); /* it counts from when it was asked for */
    end_job(host.jobs[0], 0);
    ck_assert(hf__lease_calls(runtime, &id));
    pass(LEASE_MS * 2 / 3 - 501);
    ck_assert(hf__lease_calls(runtime, &id));
    pass(1);
    ck_assert(!hf__lease_calls(runtime, &id));
    ck_assert(hf__lease_holds(runtime, &id));
}
END_TEST

START_TEST(a_lease_is_renewed_after_a_third_of_its_time_and_soon_after_a_failure)
{
    host.shared = true;
    hf__lease_step(runtime);
    end_job(host.jobs[0], 0);
    pass(LEASE_MS / 3 - 1);
    hf__lease_step(runtime);
    ck_assert_uint_eq(host.asks, 1);
    pass(1);
    hf__lease_step(runtime);
    ck_assert_uint_eq(host.asks, 2);
    end_job(host.jobs[1], HF_E_DEGRADED);
    for (int64_t ms = 0; ms < HF__AGAIN_MS; ms++, pass(1))
        hf__lease_step(runtime);
    ck_assert_uint_eq(host.asks, 2);
    hf__lease_step(runtime);
    ck_assert_uint_eq(host.asks, 3);
}
END_TEST

/* ---- Callers that wait ----------------------------------------------------------------------- */

/* A submission of the transaction is kept back until the transaction has ended. */
static void wait_for(const hf_txn *txn, uint64_t user_data)
{
    hf_txn_args args;
    hf_txn_init(&args);
    args.wait = HF_TXN_FINISHED;
    const hf_txn_view view = {.txn = txn};
    const hf__operation op = {.type = HF_OP_TXN_SUBMIT, .args = &args.head};
    const hf__txn_caller caller = {.user_data = user_data};
    hf_completion done = {.type = HF_OP_TXN_SUBMIT, .result = &view, .detail = ""};
    ck_assert(hf__runtime_keeps(runtime, &op, &caller, &done));
}

static hf_txn under_way(uint8_t last)
{
    return (hf_txn){.id = id_of(last),
                    .state = HF_TXN_TRYING,
                    .deadline_ms = host.now_ms + 30000,
                    .version = 1};
}

START_TEST(every_caller_of_a_transaction_is_answered_when_it_has_ended)
{
    hf_txn txn = under_way(1);
    hf_txn other = under_way(2);
    for (uint64_t i = 1; i <= 3; i++)
        wait_for(&txn, i);
    wait_for(&other, 9);
    txn.state = HF_TXN_CONFIRMED;
    const hf_txn_view view = {.txn = &txn};
    hf__waiters_complete(runtime, &view, host.now_ms);
    ck_assert_int_eq(host.ended, 3);
    uint64_t sum = 0;
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(host.status[i], 0);
        sum += host.user_data[i];
    }
    ck_assert_uint_eq(sum, 6);
    ck_assert_uint_eq(runtime->waiter_count, 1);
    hf__runtime_end(runtime);
    ck_assert_int_eq(host.ended, 4);
    ck_assert_int_eq(host.status[3], HF_E_UNKNOWN);
    ck_assert_uint_eq(host.user_data[3], 9);
    ck_assert_uint_eq(runtime->waiter_count, 0);
}
END_TEST

/* All entries are used by others when the transaction changes; then one is free. */
START_TEST(a_caller_whose_transaction_found_no_capacity_is_answered_when_there_is_some)
{
    hf_txn txn = under_way(9);
    wait_for(&txn, 1);
    for (uint8_t i = 1; i <= 4; i++) {
        const hf_id id = id_of(i);
        ck_assert_ptr_nonnull(hf__active_txn_of(runtime, &id));
    }
    hf__runtime_noted(runtime, &(hf__touched){.txn = txn.id, .version = 2, .over = true});
    hf__waiters_step(runtime);
    ck_assert_ptr_null(hf__active_txn_find(runtime, &txn.id));
    const hf_id first = id_of(1);
    hf__active_txn_release(runtime, hf__active_txn_find(runtime, &first));
    hf__waiters_step(runtime);
    hf__active_txn *entry = hf__active_txn_find(runtime, &txn.id);
    ck_assert_ptr_nonnull(entry);
    ck_assert(entry->to_read);
    ck_assert_uint_eq(runtime->looked_for, 0);
}
END_TEST

/* ---- Writing --------------------------------------------------------------------------------- */

static uint32_t asked_for(uint32_t type)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < host.asks; i++)
        count += host.types[i] == type;
    return count;
}

/* Answers every read of the transaction that is out, and lets the runtime continue. */
static void answer_reads(const hf_txn *txn)
{
    const hf_txn_view view = {.txn = txn};
    hf_completion done = {.type = HF_OP_TXN_GET, .result = &view, .detail = ""};
    hf__runtime_step(runtime);
    for (uint32_t i = 0; i < host.asks; i++)
        if (host.types[i] == HF_OP_TXN_GET && host.jobs[i]->out)
            hf__runtime_done(runtime, host.jobs[i], &done);
    hf__runtime_step(runtime);
}

/* That the deadline has passed is written until the store has taken it. */
START_TEST(what_is_overdue_is_written_again_when_the_store_did_not_take_it)
{
    hf_txn txn = under_way(1);
    hf__active_txn *entry = hf__active_txn_of(runtime, &txn.id);
    entry->txn = txn;
    pass(30000);
    hf__active_txn_finish(runtime, entry);
    for (uint32_t written = 1; written <= 3; written++) {
        answer_reads(&txn);
        ck_assert_uint_eq(asked_for(HF_EVENT_DRIVE), written);
        end_job(&entry->write, HF_E_DEGRADED);
        pass(HF__AGAIN_MS - 1);
        answer_reads(&txn);
        ck_assert_uint_eq(asked_for(HF_EVENT_DRIVE), written);
        pass(1);
    }
    answer_reads(&txn);
    ck_assert_uint_eq(asked_for(HF_EVENT_DRIVE), 4);
}
END_TEST

/* An answer that was written is forgotten, unless the store may take it later. */
START_TEST(an_answer_is_kept_only_when_it_can_be_written_later)
{
    static const struct {
        int status;
        bool kept;
        bool is_read; /* at once */
    } ends[] = {
        {0, false, true},
        {HF_E_NOT_FOUND, false, true}, /* the transaction is gone */
        {HF_E_INVARIANT, false, false},
        {HF_E_DEGRADED, true, false},
        {HF_E_FENCED, true, false},
    };
    host.shared = true; /* an engine that is fenced continues with what it has */
    hf__ticket *ticket = ticket_for(1, 1);
    hf__active_txn *entry = ticket->entry;
    entry->txn = under_way(1);
    ticket->state = HF__TICKET_SENT;
    end_job(&entry->write, ends[_i].status);
    ck_assert(ends[_i].kept ? entry->tickets == ticket : entry->tickets == NULL);
    ck_assert(!ends[_i].kept || ticket->state == HF__TICKET_ANSWERED);
    ck_assert_int_eq(entry->to_read, ends[_i].is_read);
    ck_assert_int_eq(entry->timer.index != 0, !ends[_i].is_read);
    if (!ends[_i].is_read)
        ck_assert_int_eq(entry->timer.at_ms, host.now_ms + HF__AGAIN_MS);
}
END_TEST

START_TEST(a_caller_is_answered_when_its_time_is_over)
{
    hf_txn txn = under_way(1);
    wait_for(&txn, 7);
    pass(30000 + 60000 - 1); /* a minute after the deadline */
    hf__runtime_step(runtime);
    ck_assert_int_eq(host.ended, 0);
    pass(1);
    hf__runtime_step(runtime);
    ck_assert_int_eq(host.ended, 1);
    ck_assert_int_eq(host.status[0], HF_E_UNKNOWN);
    ck_assert_uint_eq(host.user_data[0], 7);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_runtime");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, each_first_attempt_earns_its_part_of_a_retry);
    tcase_add_test(core, time_earns_retries_too_so_that_none_is_held_back_for_ever);
    tcase_add_test(core, a_retry_without_a_budget_gives_its_probe_back);
    tcase_add_test(core, a_call_without_capacity_returns_and_is_tried_again_first);
    tcase_add_test(core, a_call_has_its_whole_time_however_long_those_before_it_took);
    tcase_add_test(core, nobody_is_called_in_the_last_third_of_a_lease);
    tcase_add_test(core, a_lease_is_renewed_after_a_third_of_its_time_and_soon_after_a_failure);
    tcase_add_test(core, every_caller_of_a_transaction_is_answered_when_it_has_ended);
    tcase_add_test(core,
                   a_caller_whose_transaction_found_no_capacity_is_answered_when_there_is_some);
    tcase_add_test(core, what_is_overdue_is_written_again_when_the_store_did_not_take_it);
    tcase_add_loop_test(core, an_answer_is_kept_only_when_it_can_be_written_later, 0, 5);
    tcase_add_test(core, a_caller_is_answered_when_its_time_is_over);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
