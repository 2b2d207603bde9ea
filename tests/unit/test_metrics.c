/*
 * hf_metrics: what each figure counts, on a virtual clock where times are exact, and Little's law
 * on the real one.
 */
#include "support/check_main.h"
#include "support/host.h"
#include "support/orders.h"

#include "loop/figures.h"

#include <holdfast/metrics.h>
#include <math.h>

#define START_MS INT64_C(1700000000000)
#define MS       UINT64_C(1000000) /* ns */

static hf_test_host host;

static void start_virtual(uint32_t threads)
{
    hf_test_options(&host, threads);
    host.options.virtual_time_ms = START_MS;
    hf_test_open(&host);
}

/* Also where the whole is hardly more than what it is counted in, or beyond what fits. */
START_TEST(a_part_of_a_whole_is_exact)
{
    ck_assert_uint_eq(hf__figures_part(1, 0, 1000), 0);
    ck_assert_uint_eq(hf__figures_part(1366000, 1372483, 1000000), 995276);
    ck_assert_uint_eq(hf__figures_part(234272, UINT64_C(5999999999), UINT64_C(1000000000000)),
                      39045333);
    ck_assert_uint_eq(hf__figures_part(UINT64_MAX / 2, UINT64_MAX, 1000000), 499999);
}
END_TEST

static hf_metrics_info read_metrics(void)
{
    hf_metrics_info info = {.size = sizeof info};
    ck_assert_int_eq(hf_metrics(host.engine, &info), 0);
    return info;
}

static void advance(int64_t ms)
{
    ck_assert_int_eq(hf_clock_advance(host.engine, ms), 0);
}

/* ---- Operations ------------------------------------------------------------------------------ */

START_TEST(a_new_engine_has_counted_nothing_and_is_available)
{
    hf_test_start(&host, (uint32_t)_i);
    hf_metrics_info info = read_metrics();
    ck_assert_uint_eq(info.state, HF_HEALTH_OK);
    ck_assert_uint_eq(info.availability_ppm, 1000000);
    ck_assert_uint_eq(info.not_ready_ns, 0);
    ck_assert_uint_eq(info.accepted + info.completed + info.in_flight + info.queued, 0);
    ck_assert_uint_eq(info.in_flight_ns, 0);
    ck_assert_uint_eq(info.write_latency_ns.count + info.read_latency_ns.count, 0);
    ck_assert_uint_eq(info.write_latency_ns.p99 + info.write_latency_ns.least, 0);
    ck_assert_uint_eq(info.operation_count + info.callee_count, 0);
    ck_assert_uint_eq(info.row_hit_ppm, 0);
    hf_test_stop(&host);
}
END_TEST

START_TEST(latency_is_the_time_from_acceptance_to_completion)
{
    hf_test_call calls[3] = {{.calls = 0}};
    start_virtual(0);
    hf_test_stock(&host);
    ck_assert_int_eq(hf_test_receive(&host, &calls[0], 1), 0);
    advance(5);
    ck_assert_int_eq(hf_test_receive(&host, &calls[1], 1), 0);
    advance(10);
    ck_assert_int_eq(hf_test_get(&host, &calls[2]), 0);
    hf_metrics_info before = read_metrics();
    ck_assert_uint_eq(before.in_flight, 3);
    ck_assert_uint_eq(before.queued, 3);
    ck_assert_uint_eq(before.in_flight_ns, 5 * MS + 20 * MS);
    hf_test_run(&host, &calls[2].calls, 1);
    hf_metrics_info after = read_metrics();
    ck_assert_uint_eq(after.in_flight, 0);
    ck_assert_uint_eq(after.accepted, 4);
    ck_assert_uint_eq(after.completed, 4);
    ck_assert_uint_eq(after.write_latency_ns.count, 3);
    ck_assert_uint_eq(after.write_latency_ns.sum, 25 * MS);
    ck_assert_uint_eq(after.write_latency_ns.most, 15 * MS);
    ck_assert_uint_eq(after.write_wait_ns.sum, 25 * MS); /* they waited for their batch alone */
    ck_assert_uint_eq(after.read_latency_ns.count, 1);
    ck_assert_uint_eq(after.read_latency_ns.sum, 0);
    ck_assert_uint_eq(after.in_flight_ns, 25 * MS);
    ck_assert_uint_eq(after.open_ns, 15 * MS);
    ck_assert_uint_eq(after.write_latency_ns.histogram->count, 3);
    hf_test_stop(&host);
}
END_TEST

/* Both sides of Little's law stay at the largest value when they do not fit. */
START_TEST(sums_of_times_do_not_wrap)
{
    hf_test_call calls[4] = {{.calls = 0}};
    start_virtual(0);
    hf_test_stock(&host);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(hf_test_receive(&host, &calls[i], 1), 0);
    advance(INT64_C(5000000000000)); /* 158 years; 4 times as many ns are more than 2^64 */
    ck_assert_uint_eq(read_metrics().in_flight_ns, UINT64_MAX);
    hf_test_run(&host, &calls[3].calls, 1);
    hf_metrics_info info = read_metrics();
    ck_assert_uint_eq(info.in_flight_ns, UINT64_MAX);
    ck_assert_uint_eq(info.write_latency_ns.count, 5);
    ck_assert_uint_eq(info.write_latency_ns.sum, UINT64_MAX);
    hf_test_stop(&host);
}
END_TEST

START_TEST(operations_are_counted_by_type_and_errors_by_class)
{
    hf_test_call calls[3] = {{.calls = 0}};
    hf_test_start(&host, (uint32_t)_i);
    hf_test_stock(&host);
    ck_assert_int_eq(hf_test_receive(&host, &calls[0], 1), 0);
    hf_account_get_args args;
    hf_item_get_init(&args, "none");
    ck_assert_int_eq(hf_item_get(host.engine, &calls[1].req, &args, hf_test_done), 0);
    ck_assert_int_eq(hf_test_get(&host, &calls[2]), 0);
    for (int i = 0; i < 3; i++)
        hf_test_run(&host, &calls[i].calls, 1);
    hf_metrics_info info = read_metrics();
    ck_assert_uint_eq(info.operation_count, 3);
    static const char *const names[] = {"ITEM_PUT", "ITEM_RECEIVE", "ITEM_GET"};
    for (uint32_t i = 0; i < 3; i++) {
        const hf_operation_figures *one = &info.operations[i];
        ck_assert_str_eq(one->name, names[i]);
        ck_assert_uint_eq(one->completed, i == 2 ? 2 : 1);
        ck_assert_uint_eq(one->refused, i == 2 ? 1 : 0);
    }
    int class_id = hf_error_class(calls[1].status);
    ck_assert_int_eq(class_id, HF_CLASS_REJECTED);
    ck_assert_uint_eq(info.errors_rejected, 1);
    ck_assert_uint_eq(
        info.errors_retryable + info.errors_unknown + info.errors_fatal + info.errors_misuse, 0);
    hf_health_info health = hf_test_health(&host);
    ck_assert_uint_eq(info.accepted, health.operations);
    ck_assert_uint_eq(info.completed, health.completed);
    ck_assert_uint_eq(info.batches, health.batches);
    ck_assert_uint_eq(info.event_seq, health.event_seq);
    hf_test_stop(&host);
}
END_TEST

START_TEST(refusals_for_load_are_counted_by_what_was_full)
{
    static hf_test_call calls[4];
    memset(calls, 0, sizeof calls);
    hf_test_options(&host, 0);
    host.options.queue_ops_max = 1;
    host.options.completions_max = 1;
    hf_test_open(&host);
    ck_assert_int_eq(hf_test_put(&host, &calls[0]), 0);
    ck_assert_int_eq(hf_test_put(&host, &calls[1]), HF_E_OVERLOADED);
    ck_assert_int_eq(hf_test_get(&host, &calls[2]), 0);
    ck_assert_int_eq(hf_test_get(&host, &calls[3]), HF_E_OVERLOADED);
    ck_assert_int_eq(hf_test_get(&host, &calls[3]), HF_E_OVERLOADED);
    hf_metrics_info info = read_metrics();
    ck_assert_uint_eq(info.overloaded_writes, 1);
    ck_assert_uint_eq(info.overloaded_reads, 2);
    ck_assert_uint_eq(info.overloaded_completions + info.overloaded_txns, 0);
    ck_assert_uint_eq(hf_test_health(&host).overloaded, 3);
    hf_test_stop(&host);
}
END_TEST

START_TEST(operations_of_other_threads_count_from_their_submission)
{
    hf_account_put_args args;
    hf_item_put_init(&args, "bell");
    hf_op ops[2] = {{.type = HF_OP_ITEM_PUT, .args = &args}, {.type = HF_OP_ITEM_PUT}};
    ops[1].args = &args;
    start_virtual(0);
    ck_assert_int_eq(hf_submit_from(host.engine, ops, 2, NULL, NULL, 0), 2);
    advance(7);
    hf_completion done[2];
    int count = 0;
    while (count < 2) {
        (void)hf_loop_run_once(host.loop, 0);
        count += hf_completions(host.engine, done, 2);
    }
    hf_metrics_info info = read_metrics();
    ck_assert_uint_eq(info.completed, 2);
    ck_assert_uint_eq(info.write_latency_ns.sum, 14 * MS);
    ck_assert_uint_eq(info.in_flight_ns, 14 * MS);
    hf_test_stop(&host);
}
END_TEST

START_TEST(what_is_cancelled_by_closing_is_completed_once)
{
    hf_test_call call = {.calls = 0};
    hf_test_start(&host, (uint32_t)_i);
    ck_assert_int_eq(hf_test_put(&host, &call), 0);
    ck_assert_int_eq(hf_engine_close(host.engine, hf_test_closed, &host), 0);
    hf_metrics_info info = read_metrics();
    ck_assert_uint_eq(info.state, HF_HEALTH_CLOSING);
    ck_assert_uint_eq(info.in_flight, 1);
    hf_test_run(&host, &host.closed, 1);
    ck_assert_int_eq(call.calls, 1);
    ck_assert_int_eq(hf_metrics(host.engine, &info), HF_E_CLOSED);
    ck_assert_int_eq((int)hf_metrics_text(host.engine, NULL, 0), HF_E_CLOSED);
    ck_assert_int_eq(hf_loop_destroy(host.loop), 0);
}
END_TEST

/* ---- Availability ---------------------------------------------------------------------------- */

START_TEST(availability_is_the_share_of_the_time_in_which_writes_were_accepted)
{
    hf_test_call call = {.calls = 0};
    start_virtual(0);
    hf_test_stock(&host);
    advance(60);
    hf_gates.commit_error = HF_E_NO_SPACE;
    ck_assert_int_eq(hf_test_receive(&host, &call, 1), 0);
    hf_test_run(&host, &call.calls, 1);
    ck_assert_int_eq(call.status, HF_E_NO_SPACE);
    advance(30);
    hf_metrics_info info = read_metrics();
    ck_assert_uint_eq(info.state, HF_HEALTH_DEGRADED);
    ck_assert_uint_eq(info.not_ready_ns, 30 * MS); /* also while it lasts */
    advance(970);
    hf_gates.commit_error = 0;
    while (hf_test_health(&host).state != HF_HEALTH_OK) {
        advance(0);
        hf_test_turn(&host, 1);
    }
    advance(940);
    info = read_metrics();
    ck_assert_uint_eq(info.open_ns, 2000 * MS);
    ck_assert_uint_eq(info.not_ready_ns, 1000 * MS);
    ck_assert_uint_eq(info.availability_ppm, 500000);
    hf_test_stop(&host);
}
END_TEST

/* ---- Batches and records --------------------------------------------------------------------- */

static void ask(uint32_t type, const void *args, int status)
{
    hf_completion done;
    ck_assert_int_eq(hf_run(host.engine, type, args, &done), status);
}

static void open_shop(void)
{
    hf_account_put_args args;
    hf_item_put_init(&args, "tea");
    args.opening = 10;
    ask(HF_OP_ITEM_PUT, &args, 0);
    hf_account_put_init(&args, HF_KIND_MONEY, "ada", "EUR");
    args.opening = 100;
    args.unit_scale = 2;
    ask(HF_OP_ACCOUNT_PUT, &args, 0);
}

/* Placed until a deadline, and not paid; or paid at once. */
static int order_tea(int64_t quantity, bool paid, hf_completion *done)
{
    hf_order_place_args args;
    hf_line_args line;
    hf_payment_args payment;
    hf_order_place_init(&args, "EUR");
    hf_line_init(&line, "tea", quantity, 1);
    line.settle_on = HF_SETTLE_CONFIRM;
    hf_payment_init(&payment, "ada", "EUR", quantity);
    args.lines = &line;
    args.line_count = 1;
    args.total = quantity;
    args.payments = &payment;
    args.payment_count = paid ? 1 : 0;
    args.deadline_ms = paid ? 0 : START_MS + 1000;
    return hf_run(host.engine, HF_OP_ORDER_PLACE, &args, done);
}

START_TEST(records_are_counted_by_the_state_that_a_commit_left_them_in)
{
    hf_completion done;
    hf_test_call call = {.calls = 0};
    start_virtual((uint32_t)_i);
    open_shop();
    hf_metrics_info before = read_metrics();
    ck_assert_int_eq(order_tea(2, true, &done), 0);
    ck_assert_int_eq(order_tea(1, false, &done), 0);
    ck_assert_int_eq(order_tea(100, true, &done), HF_E_STOCK_SHORT); /* leaves no trace */
    hf_metrics_info info = read_metrics();
    ck_assert_uint_eq(info.orders_closed, 1);
    ck_assert_uint_eq(info.orders_pending, 1);
    ck_assert_uint_eq(info.orders_confirmed + info.orders_cancelled + info.orders_expired, 0);
    ck_assert_uint_eq(info.payments_closed, 1);
    ck_assert_uint_gt(info.rows_written, before.rows_written);
    ck_assert_uint_gt(info.row_hits + info.row_misses, 0);
    ck_assert_uint_eq(info.row_hit_ppm,
                      1000000 * info.row_hits / (info.row_hits + info.row_misses));
    hf_gates.commit_error = HF_E_BUSY; /* nor does what was not committed */
    ck_assert_int_eq(order_tea(2, true, &done), HF_E_BUSY);
    hf_gates.commit_error = 0;
    advance(1001);
    ck_assert_int_eq(hf_test_get(&host, &call), 0);
    hf_test_run(&host, &call.calls, 1);
    info = read_metrics();
    ck_assert_uint_eq(info.orders_closed, 1);
    ck_assert_uint_eq(info.orders_expired, 1);
    ck_assert_uint_eq(info.swept_deadline, 1);
    hf_test_stop(&host);
}
END_TEST

START_TEST(batches_are_measured_and_each_commit_of_the_store)
{
    hf_test_call calls[40] = {{.calls = 0}};
    hf_test_start(&host, (uint32_t)_i);
    hf_test_stock(&host);
    for (int i = 0; i < 40; i++)
        ck_assert_int_eq(hf_test_receive(&host, &calls[i], 1), 0);
    hf_test_run(&host, &calls[39].calls, 1);
    hf_metrics_info info = read_metrics();
    ck_assert_uint_eq(info.batch_operations.sum, 41);
    ck_assert_uint_eq(info.batch_operations.most, 40);
    ck_assert_uint_eq(info.batch_operations.count, info.write_batch_ns.count);
    ck_assert_uint_eq(info.store_commit_ns.count, info.batches);
    ck_assert_uint_eq(info.journal_flush_ns.count, 0); /* it has none */
    ck_assert_uint_le(info.store_commit_ns.sum, info.write_batch_ns.sum);
    ck_assert_uint_le(info.write_busy_ns, info.open_ns);
    ck_assert_uint_gt(info.write_busy_ns, 0);
    ck_assert_uint_le(info.write_utilisation_ppm, 1000000);
    hf_test_stop(&host);
}
END_TEST

static void on_events(void *data, int status, const hf_event_page *page)
{
    (void)page;
    *(int *)data += status == 0 ? 1 : 0;
}

START_TEST(events_and_the_lag_of_subscriptions_are_counted)
{
    hf_subscription *subscription;
    int pages = 0;
    hf_test_start(&host, 0);
    hf_test_stock(&host);
    ck_assert_int_eq(hf_events_subscribe(host.engine, 0, on_events, &pages, &subscription), 0);
    hf_metrics_info info = read_metrics();
    ck_assert_uint_eq(info.subscriptions, 1);
    ck_assert_uint_eq(info.subscription_lag, info.event_seq);
    ck_assert_uint_gt(info.event_seq, 0);
    hf_test_run(&host, &pages, 1);
    info = read_metrics();
    ck_assert_uint_eq(info.events_delivered, info.event_seq);
    ck_assert_uint_eq(info.subscription_lag, 0);
    hf_events_unsubscribe(host.engine, subscription);
    ck_assert_uint_eq(read_metrics().subscriptions, 0);
    hf_test_stop(&host);
}
END_TEST

START_TEST(reads_that_the_read_cache_answers_are_counted_and_so_are_peeks)
{
    hf_test_call calls[3] = {{.calls = 0}};
    const hf_account *found;
    hf_account_get_args args;
    hf_test_start(&host, 0);
    hf_test_stock(&host);
    hf_item_get_init(&args, "bell");
    ck_assert_int_eq(hf_item_peek(host.engine, &args, &found, NULL), HF_E_NOT_CACHED);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(hf_test_get(&host, &calls[i]), 0);
        hf_test_run(&host, &calls[i].calls, 1);
    }
    ck_assert_int_eq(hf_item_peek(host.engine, &args, &found, NULL), 0);
    hf_metrics_info info = read_metrics();
    ck_assert_uint_eq(info.read_cache_misses, 1);
    ck_assert_uint_eq(info.read_cache_hits, 2);
    ck_assert_uint_eq(info.peek_hits, 1);
    ck_assert_uint_eq(info.peek_misses, 1);
    ck_assert_uint_eq(info.read_cache_entries, 1);
    ck_assert_uint_gt(info.read_cache_bytes, 0);
    ck_assert_uint_eq(info.read_latency_ns.count, 3); /* whatever answered */
    hf_test_stop(&host);
}
END_TEST

/* ---- Little's law ---------------------------------------------------------------------------- */

typedef struct load {
    hf_test_call calls[64];
    int left;
    int ended;
} load;

static load work;

static void next(hf_test_call *call)
{
    work.ended++;
    if (work.left-- > 0)
        ck_assert_int_eq(
            work.left % 3 == 0 ? hf_test_get(&host, call) : hf_test_receive(&host, call, 1), 0);
}

/* How far in flight is from throughput times latency, in a window between two readings. */
static double little_error(const hf_metrics_info *from, const hf_metrics_info *to)
{
    double ns = (double)(to->open_ns - from->open_ns);
    double in_flight = (double)(to->in_flight_ns - from->in_flight_ns) / ns;
    double completed = (double)(to->completed - from->completed);
    double latency = (double)(to->write_latency_ns.sum + to->read_latency_ns.sum -
                              from->write_latency_ns.sum - from->read_latency_ns.sum) /
                     completed;
    return fabs(in_flight - completed / ns * latency) / in_flight;
}

START_TEST(in_flight_is_throughput_times_latency)
{
    enum { OPERATIONS = 20000 };
    memset(&work, 0, sizeof work);
    work.left = OPERATIONS;
    hf_test_start(&host, (uint32_t)_i);
    hf_test_stock(&host);
    for (int i = 0; i < 64; i++) {
        work.calls[i].then = next;
        next(&work.calls[i]);
    }
    hf_test_run(&host, &work.ended, OPERATIONS / 10);
    hf_metrics_info from = read_metrics();
    hf_test_run(&host, &work.ended, OPERATIONS * 9 / 10);
    hf_metrics_info to = read_metrics();
    ck_assert_msg(little_error(&from, &to) < 0.05, "%g", little_error(&from, &to));
    hf_metrics_info wrong = to; /* a tenth of the operations that is not measured shows */
    wrong.write_latency_ns.sum -= (to.write_latency_ns.sum - from.write_latency_ns.sum) / 10;
    wrong.read_latency_ns.sum -= (to.read_latency_ns.sum - from.read_latency_ns.sum) / 10;
    ck_assert(little_error(&from, &wrong) > 0.05);
    hf_test_run(&host, &work.ended, OPERATIONS + 64);
    hf_test_stop(&host);
}
END_TEST

/* ---- Several engines, arguments -------------------------------------------------------------- */

START_TEST(engines_of_one_process_have_figures_of_their_own)
{
    hf_test_host other;
    hf_metrics_info info = {.size = sizeof info};
    start_virtual(0);
    hf_test_options(&other, 0);
    other.options.virtual_time_ms = START_MS;
    other.options.driver = NULL;
    other.options.store = "memory:";
    other.loop = host.loop;
    hf_test_open(&other);
    hf_test_stock(&host);
    ck_assert_int_eq(hf_metrics(other.engine, &info), 0);
    ck_assert_uint_eq(info.accepted, 0);
    ck_assert_uint_eq(read_metrics().accepted, 1);
    ck_assert_int_eq(hf_engine_close(other.engine, hf_test_closed, &other), 0);
    hf_test_run(&other, &other.closed, 1);
    hf_test_stop(&host);
}
END_TEST

START_TEST(wrong_arguments_are_refused)
{
    hf_metrics_info info = {.size = sizeof info - 1};
    hf_test_start(&host, 0);
    ck_assert_int_eq(hf_metrics(host.engine, &info), HF_E_ABI);
    ck_assert_int_eq(hf_metrics(host.engine, NULL), HF_E_ARGUMENT);
    ck_assert_int_eq((int)hf_metrics_text(host.engine, NULL, 1), HF_E_ARGUMENT);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics");
    TCase *core = tcase_create("core");
    tcase_add_test(core, a_part_of_a_whole_is_exact);
    tcase_add_loop_test(core, a_new_engine_has_counted_nothing_and_is_available, 0, 2);
    tcase_add_test(core, latency_is_the_time_from_acceptance_to_completion);
    tcase_add_test(core, sums_of_times_do_not_wrap);
    tcase_add_loop_test(core, operations_are_counted_by_type_and_errors_by_class, 0, 2);
    tcase_add_test(core, refusals_for_load_are_counted_by_what_was_full);
    tcase_add_test(core, operations_of_other_threads_count_from_their_submission);
    tcase_add_loop_test(core, what_is_cancelled_by_closing_is_completed_once, 0, 2);
    tcase_add_test(core, availability_is_the_share_of_the_time_in_which_writes_were_accepted);
    tcase_add_loop_test(core, records_are_counted_by_the_state_that_a_commit_left_them_in, 0, 2);
    tcase_add_loop_test(core, batches_are_measured_and_each_commit_of_the_store, 0, 2);
    tcase_add_test(core, events_and_the_lag_of_subscriptions_are_counted);
    tcase_add_test(core, reads_that_the_read_cache_answers_are_counted_and_so_are_peeks);
    tcase_add_loop_test(core, in_flight_is_throughput_times_latency, 0, 2);
    tcase_add_test(core, engines_of_one_process_have_figures_of_their_own);
    tcase_add_test(core, wrong_arguments_are_refused);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
