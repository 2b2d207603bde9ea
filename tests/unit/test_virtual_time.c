/*
 * The latest time of a virtual clock: the clock reaches it and does not pass it, and what happens
 * there is decided and measured as at any other time.
 */
#include "support/check_main.h"
#include "support/host.h"

#include <holdfast/metrics.h>

#define LATEST_MS INT64_C(9223372036854)
#define START_MS  INT64_C(1800000000000)

static hf_test_host host;

static void start(int64_t ms)
{
    hf_test_options(&host, (uint32_t)0);
    host.options.virtual_time_ms = ms;
    hf_test_open(&host);
}

static hf_completion run(uint32_t type, const void *args)
{
    hf_completion done = {.status = 0};
    ck_assert_int_eq(hf_run(host.engine, type, args, &done), 0);
    return done;
}

static void put_bell(void)
{
    hf_account_put_args item;
    hf_item_put_init(&item, "bell");
    item.opening = 100;
    (void)run(HF_OP_ITEM_PUT, &item);
}

static hf_completion place(int64_t deadline_ms)
{
    hf_hold_place_args hold;
    hf_hold_place_init(&hold);
    hold.from = (hf_account_key){.kind = HF_KIND_ITEM, .name = "bell", .unit = "pcs"};
    hold.amount = 1;
    hold.deadline_ms = deadline_ms;
    return run(HF_OP_HOLD_PLACE, &hold);
}

static int64_t held(void)
{
    hf_account_get_args get;
    hf_item_get_init(&get, "bell");
    return ((const hf_account *)run(HF_OP_ITEM_GET, &get).result)->held_out;
}

START_TEST(the_clock_reaches_its_latest_time_and_refuses_to_pass_it)
{
    start(START_MS);
    put_bell();
    ck_assert_int_eq(hf_clock_advance(host.engine, INT64_MAX), HF_E_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(hf_engine_detail(host.engine), "9223372036854"));
    ck_assert_int_eq(hf_clock_advance(host.engine, LATEST_MS - START_MS + 1), HF_E_ARGUMENT);
    ck_assert_int_eq(place(0).at_ms, START_MS);
    ck_assert_int_eq(hf_clock_advance(host.engine, LATEST_MS - START_MS), 0);
    ck_assert_int_eq(place(0).at_ms, LATEST_MS);
    ck_assert_int_eq(hf_clock_advance(host.engine, 0), 0);
    ck_assert_int_eq(hf_clock_advance(host.engine, 1), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_clock_advance(host.engine, INT64_MAX), HF_E_ARGUMENT);
    ck_assert_int_eq(place(0).at_ms, LATEST_MS);
    hf_test_stop(&host);
}
END_TEST

START_TEST(an_engine_opens_at_the_latest_time_and_not_later)
{
    start(LATEST_MS);
    put_bell();
    ck_assert_int_eq(place(0).at_ms, LATEST_MS);
    hf_test_stop(&host);
    hf_test_options(&host, 0);
    host.options.virtual_time_ms = LATEST_MS + 1;
    ck_assert_int_eq(hf_loop_create(&host.loop), 0);
    ck_assert_int_eq(hf_engine_open(host.loop, &host.options, &host.engine), HF_E_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(host.error, "virtual_time_ms"));
    ck_assert_int_eq(hf_loop_destroy(host.loop), 0);
}
END_TEST

START_TEST(holds_expire_up_to_the_latest_time_and_later_deadlines_never_come)
{
    start(START_MS);
    put_bell();
    (void)place(LATEST_MS - 1);
    (void)place(LATEST_MS);
    (void)place(LATEST_MS + 1);
    (void)place(INT64_MAX);
    ck_assert_int_eq(hf_clock_advance(host.engine, LATEST_MS - START_MS), 0);
    ck_assert_int_eq(held(), 2);
    (void)place(INT64_MAX);
    ck_assert_int_eq(held(), 3);
    hf_test_stop(&host);
}
END_TEST

START_TEST(an_operation_that_spans_the_years_is_measured)
{
    hf_metrics_info info = {.size = sizeof info};
    hf_test_call call = {.calls = 0};
    start(START_MS);
    put_bell();
    ck_assert_int_eq(hf_test_receive(&host, &call, 1), 0);
    ck_assert_int_eq(hf_clock_advance(host.engine, LATEST_MS - START_MS), 0);
    hf_test_run(&host, &call.calls, 1);
    ck_assert_int_eq(call.status, 0);
    ck_assert_int_eq(hf_metrics(host.engine, &info), 0);
    ck_assert_uint_eq(info.open_ns, (uint64_t)(LATEST_MS - START_MS) * 1000000);
    ck_assert_uint_eq(info.in_flight_ns, info.open_ns);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("virtual_time");
    TCase *core = tcase_create("core");
    tcase_add_test(core, the_clock_reaches_its_latest_time_and_refuses_to_pass_it);
    tcase_add_test(core, an_engine_opens_at_the_latest_time_and_not_later);
    tcase_add_test(core, holds_expire_up_to_the_latest_time_and_later_deadlines_never_come);
    tcase_add_test(core, an_operation_that_spans_the_years_is_measured);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
