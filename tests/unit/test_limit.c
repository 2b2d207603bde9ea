/*
 * HF_ADMISSION_ADAPTIVE: how much new work may be under way follows how long it takes. The clock is
 * virtual, so the test decides how long that is.
 */
#include "support/check_main.h"
#include "support/host.h"

#include <holdfast/metrics.h>

#define OPS_MAX HF_TEST_QUEUE_OPS
#define FIRST   256 /* the cap of a new engine */
#define LEAST   64

static hf_test_host host;
static hf_move_args receive;
static hf_hold_place_args hold;
static const hf_op new_work = {.type = HF_OP_HOLD_PLACE, .args = &hold};
static const hf_op other = {.type = HF_OP_ITEM_RECEIVE, .args = &receive};
static int under_way;

static void start_with(uint32_t admission, uint32_t threads)
{
    under_way = 0;
    hf_test_open_queue(&host, threads, admission, OPS_MAX);
    hf_item_receive_init(&receive, "bell", 1);
    hf_hold_place_init(&hold);
    hold.from = (hf_account_key){.kind = HF_KIND_ITEM, .name = "bell", .unit = "pcs"};
    hold.amount = 1;
}

static void start(uint32_t admission)
{
    start_with(admission, 0);
}

/* How many are accepted before one is refused, at most `most`. */
static int fill(const hf_op *op, int most)
{
    int count = 0;
    while (count < most && hf_submit(host.engine, op, 1, NULL) == 1)
        count++;
    under_way += count;
    return count;
}

static void take_all(void)
{
    static hf_completion done[OPS_MAX];
    while (under_way > 0) {
        (void)hf_loop_run_once(host.loop, 1);
        under_way -= hf_completions(host.engine, done, OPS_MAX);
    }
}

/* As much new work as is accepted, of which each takes so long; returns how much it was. */
static int round_of(int64_t ms)
{
    const int count = fill(&new_work, (int)OPS_MAX);
    if (ms > 0)
        ck_assert_int_eq(hf_clock_advance(host.engine, ms), 0);
    take_all();
    return count;
}

static int rounds_of(int64_t ms, int rounds)
{
    int count = 0;
    for (int i = 0; i < rounds; i++)
        count = round_of(ms);
    return count;
}

/* The most of so many rounds; probes have less. */
static int most_of(int64_t ms, int rounds)
{
    int most = 0;
    for (int i = 0; i < rounds; i++) {
        const int count = round_of(ms);
        most = count > most ? count : most;
    }
    return most;
}

/* The cap as hf_metrics has it, with so much new work in flight. */
static uint64_t cap_beside(uint64_t in_flight)
{
    hf_metrics_info info = {.size = sizeof info};
    ck_assert_int_eq(hf_metrics(host.engine, &info), 0);
    ck_assert_uint_eq(info.new_work, in_flight);
    return info.new_work_max;
}

START_TEST(new_work_is_refused_beyond_the_cap_and_other_work_is_not)
{
    start(HF_ADMISSION_ADAPTIVE);
    ck_assert_int_eq(fill(&new_work, (int)OPS_MAX), FIRST);
    ck_assert_int_eq(hf_submit(host.engine, &new_work, 1, NULL), HF_E_OVERLOADED);
    ck_assert_ptr_nonnull(strstr(hf_engine_detail(host.engine), "limit of new work under way"));
    ck_assert_int_eq(fill(&other, (int)OPS_MAX), (int)OPS_MAX - FIRST);
    ck_assert_uint_eq(cap_beside(FIRST), FIRST);
    take_all();
    ck_assert_uint_ge(cap_beside(0), FIRST);
    ck_assert_int_gt(fill(&new_work, 1), 0);
    take_all();
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_fixed_engine_has_no_cap_but_half_of_its_queue)
{
    start(HF_ADMISSION_FIXED);
    ck_assert_int_eq(rounds_of(1, 5), (int)OPS_MAX / 2);
    ck_assert_uint_eq(cap_beside(0), 0);
    ck_assert_int_eq(rounds_of(50, 20), (int)OPS_MAX / 2);
    hf_test_stop(&host);
}
END_TEST

START_TEST(the_cap_shrinks_while_work_is_slow_and_grows_again)
{
    start(HF_ADMISSION_ADAPTIVE);
    const int fast = rounds_of(2, 20);
    ck_assert_int_gt(fast, FIRST);
    ck_assert_int_le(fast, (int)OPS_MAX / 2);
    const int slow = rounds_of(100, 40);
    ck_assert_int_eq(slow, LEAST);
    ck_assert_uint_eq(cap_beside(0), LEAST);
    ck_assert_int_gt(rounds_of(2, 300), slow + slow);
    hf_test_stop(&host);
}
END_TEST

/* A batch whose operations are all refused needs no flush, and takes no time. */
START_TEST(a_batch_that_changes_nothing_says_nothing)
{
    start(HF_ADMISSION_ADAPTIVE);
    const int before = most_of(10, 20);
    hold.amount = INT64_C(1) << 50;
    for (int i = 0; i < 10; i++)
        (void)round_of(0);
    hold.amount = 1;
    ck_assert_int_ge(most_of(10, 10), before);
    hf_test_stop(&host);
}
END_TEST

START_TEST(one_fast_round_does_not_shrink_the_cap)
{
    start(HF_ADMISSION_ADAPTIVE);
    const int before = most_of(10, 50);
    for (int i = 0; i < 3; i++) {
        (void)round_of(_i);
        ck_assert_int_ge(most_of(10, 10), before);
    }
    hf_test_stop(&host);
}
END_TEST

/* A little slower is no queue. */
START_TEST(the_cap_grows_while_work_takes_twice_as_long)
{
    start(HF_ADMISSION_ADAPTIVE);
    const int fast = rounds_of(2, 10);
    ck_assert_int_gt(rounds_of(4, 10), fast);
    hf_test_stop(&host);
}
END_TEST

START_TEST(the_same_times_give_the_same_caps)
{
    int caps[2][30];
    for (int run = 0; run < 2; run++) {
        start(HF_ADMISSION_ADAPTIVE);
        for (int i = 0; i < 30; i++)
            caps[run][i] = round_of(1 + i * 7 % 30);
        hf_test_stop(&host);
        host.loop = NULL;
    }
    ck_assert_mem_eq(caps[0], caps[1], sizeof caps[0]);
}
END_TEST

START_TEST(a_request_that_waits_is_called_back_when_there_is_capacity)
{
    hf_test_call wait = {.calls = 0};
    start(HF_ADMISSION_ADAPTIVE);
    (void)fill(&new_work, (int)OPS_MAX);
    ck_assert_int_eq(hf_admission_wait(host.engine, &wait.req, hf_test_done), 0);
    ck_assert_int_eq(wait.calls, 0);
    hf_test_run(&host, &wait.calls, 1);
    ck_assert_int_eq(wait.status, 0);
    ck_assert_int_eq(fill(&new_work, 1), 1);
    take_all();
    hf_test_stop(&host);
}
END_TEST

/* As much new work of a thread as is accepted, at most `most`. */
static int fill_from(const hf_op *op, int most)
{
    int count = 0;
    while (count < most && hf_submit_from(host.engine, op, 1, NULL, NULL, 0) == 1)
        count++;
    under_way += count;
    return count;
}

START_TEST(new_work_of_threads_is_refused_beyond_the_cap_and_other_work_is_not)
{
    char text[480] = "";
    start(HF_ADMISSION_ADAPTIVE);
    for (int round = 0; round < 3; round++) {
        const int cap = (int)cap_beside(0);
        ck_assert_int_eq(fill_from(&new_work, (int)OPS_MAX), cap);
        ck_assert_int_eq(hf_submit_from(host.engine, &new_work, 1, NULL, text, sizeof text),
                         HF_E_OVERLOADED);
        ck_assert_ptr_nonnull(strstr(text, "limit of new work of other threads"));
        hf_test_turn(&host, 1);
        ck_assert_int_eq(fill_from(&other, LEAST), LEAST);
        take_all();
    }
    hf_test_stop(&host);
}
END_TEST

/* While the batch that has it waits for the disk, new work of threads is refused as well. */
START_TEST(new_work_of_threads_counts_until_its_batch_has_ended)
{
    start_with(HF_ADMISSION_ADAPTIVE, 1);
    hf_gate_set(HF_GATE_BEGIN, true);
    ck_assert_int_eq(fill_from(&new_work, (int)OPS_MAX), FIRST);
    hf_test_turn(&host, 2);
    hf_gate_wait(HF_GATE_BEGIN);
    ck_assert_int_eq(fill_from(&new_work, 1), 0);
    hf_gate_set(HF_GATE_BEGIN, false);
    take_all();
    ck_assert_int_eq(fill_from(&new_work, 1), 1);
    take_all();
    hf_test_stop(&host);
}
END_TEST

START_TEST(the_loop_and_the_threads_do_not_keep_each_other_out)
{
    start(HF_ADMISSION_ADAPTIVE);
    ck_assert_int_eq(fill_from(&new_work, (int)OPS_MAX), FIRST);
    hf_test_turn(&host, 1);
    ck_assert_int_ge(fill(&new_work, (int)OPS_MAX), FIRST);
    ck_assert_int_eq(hf_submit(host.engine, &new_work, 1, NULL), HF_E_OVERLOADED);
    take_all();
    ck_assert_int_ge(fill(&new_work, (int)OPS_MAX), FIRST);
    ck_assert_int_ge(fill_from(&new_work, (int)OPS_MAX), FIRST);
    take_all();
    hf_test_stop(&host);
}
END_TEST

START_TEST(threads_have_no_cap_in_a_fixed_engine_but_their_bag)
{
    start(HF_ADMISSION_FIXED);
    ck_assert_int_eq(fill_from(&new_work, (int)OPS_MAX), (int)OPS_MAX / 4);
    take_all();
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("limit");
    TCase *core = tcase_create("core");
    tcase_add_test(core, new_work_is_refused_beyond_the_cap_and_other_work_is_not);
    tcase_add_test(core, a_fixed_engine_has_no_cap_but_half_of_its_queue);
    tcase_add_test(core, the_cap_shrinks_while_work_is_slow_and_grows_again);
    tcase_add_test(core, a_batch_that_changes_nothing_says_nothing);
    tcase_add_loop_test(core, one_fast_round_does_not_shrink_the_cap, 0, 4);
    tcase_add_test(core, the_cap_grows_while_work_takes_twice_as_long);
    tcase_add_test(core, the_same_times_give_the_same_caps);
    tcase_add_test(core, a_request_that_waits_is_called_back_when_there_is_capacity);
    tcase_add_test(core, new_work_of_threads_is_refused_beyond_the_cap_and_other_work_is_not);
    tcase_add_test(core, new_work_of_threads_counts_until_its_batch_has_ended);
    tcase_add_test(core, the_loop_and_the_threads_do_not_keep_each_other_out);
    tcase_add_test(core, threads_have_no_cap_in_a_fixed_engine_but_their_bag);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
