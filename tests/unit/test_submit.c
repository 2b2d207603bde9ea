/*
 * Arrays of operations and the completion queue: what foreign languages use.
 */
#include "support/check_main.h"
#include "support/host.h"
#include "support/ops.h"

#include <poll.h>

#define OPS 128

static hf_test_host host;
static hf_op ops[OPS];
static hf_move_args moves[OPS];
static hf_completion done[OPS];

static void setup(void)
{
    memset(ops, 0, sizeof ops);
    for (uint32_t i = 0; i < OPS; i++) {
        hf_item_receive_init(&moves[i], "bell", 1);
        ops[i] = (hf_op){.type = HF_OP_ITEM_RECEIVE, .args = &moves[i], .user_data = i + 1};
    }
}

static void start(uint32_t threads)
{
    hf_test_start(&host, threads);
    hf_test_stock(&host);
}

/* Runs the loop until `count` completions were taken. */
static void take(int count)
{
    int taken = 0;
    while (taken < count) {
        int got = hf_completions(host.engine, done + taken, (uint32_t)(count - taken));
        ck_assert_int_ge(got, 0);
        taken += got;
        if (taken < count)
            (void)hf_loop_run_once(host.loop, 1);
    }
}

/* One call after which everything taken is still to be seen. */
static int take_at_once(int count)
{
    while (hf_test_health(&host).completed < (uint64_t)count + 1)
        (void)hf_loop_run_once(host.loop, 1);
    return hf_completions(host.engine, done, OPS);
}

START_TEST(completions_come_in_order_with_their_user_data)
{
    start((uint32_t)_i);
    ck_assert_int_eq(hf_submit(host.engine, ops, 100, NULL), 100);
    ck_assert_int_eq(hf_completions(host.engine, done, OPS), 0);
    ck_assert_int_eq(take_at_once(100), 100);
    for (uint32_t i = 0; i < 100; i++) {
        const hf_account *account = done[i].result;
        ck_assert_uint_eq(done[i].user_data, i + 1);
        ck_assert_int_eq(done[i].status, 0);
        ck_assert_uint_eq(done[i].type, HF_OP_ITEM_RECEIVE);
        ck_assert_int_eq(account->balance, i + 1);
    }
    ck_assert_int_eq(hf_completions(host.engine, done, OPS), 0);
    hf_test_stop(&host);
}
END_TEST

START_TEST(the_descriptor_is_readable_while_completions_wait)
{
    start((uint32_t)_i);
    struct pollfd fd = {.fd = hf_completions_fd(host.engine), .events = POLLIN};
    ck_assert_int_ge(fd.fd, 0);
    ck_assert_int_eq(hf_completions_fd(host.engine), fd.fd);
    ck_assert_int_eq(poll(&fd, 1, 0), 0);
    ck_assert_int_eq(hf_submit(host.engine, ops, 3, NULL), 3);
    while (hf_test_health(&host).completed < 4)
        (void)hf_loop_run_once(host.loop, 1);
    ck_assert_int_eq(poll(&fd, 1, 0), 1);
    ck_assert_int_eq(hf_completions(host.engine, done, 2), 2);
    ck_assert_int_eq(poll(&fd, 1, 0), 1);
    ck_assert_int_eq(hf_completions(host.engine, done, 2), 1);
    ck_assert_int_eq(poll(&fd, 1, 0), 0);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_late_descriptor_knows_of_what_waits)
{
    start(0);
    ck_assert_int_eq(hf_submit(host.engine, ops, 1, NULL), 1);
    hf_test_turn(&host, 3);
    struct pollfd fd = {.fd = hf_completions_fd(host.engine), .events = POLLIN};
    ck_assert_int_eq(poll(&fd, 1, 0), 1);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_host_that_only_polls_is_served)
{
    start((uint32_t)_i);
    ck_assert_int_eq(hf_submit(host.engine, ops, 5, NULL), 5);
    ck_assert_int_eq(hf_loop_timeout(host.loop), 0); /* a batch waits to be handed over */
    int taken = 0;
    while (taken < 5) {
        struct pollfd fd = {.fd = hf_loop_fd(host.loop), .events = POLLIN};
        ck_assert_int_ge(poll(&fd, 1, hf_loop_timeout(host.loop)), 0);
        ck_assert_int_eq(hf_loop_run_once(host.loop, 0), 1);
        taken += hf_completions(host.engine, done, OPS);
    }
    hf_test_turn(&host, 1);
    ck_assert_int_ne(hf_loop_timeout(host.loop), 0); /* nothing is left to do */
    hf_test_stop(&host);
}
END_TEST

START_TEST(views_live_until_the_next_call_however_late_they_are_taken)
{
    start((uint32_t)_i);
    for (uint32_t i = 0; i < OPS; i++) { /* each in a batch of its own, none taken meanwhile */
        ck_assert_int_eq(hf_submit(host.engine, &ops[i], 1, NULL), 1);
        while (hf_test_health(&host).completed < i + 2)
            (void)hf_loop_run_once(host.loop, 1);
    }
    ck_assert_int_eq(hf_completions(host.engine, done, OPS), OPS);
    hf_test_call other = {.calls = 0};
    ck_assert_int_eq(hf_test_receive(&host, &other, 1000), 0);
    hf_test_run(&host, &other.calls, 1);
    for (uint32_t i = 0; i < OPS; i++)
        ck_assert_int_eq(((const hf_account *)done[i].result)->balance, i + 1);
    hf_test_stop(&host);
}
END_TEST

START_TEST(completions_not_taken_push_back)
{
    hf_test_options(&host, (uint32_t)_i);
    host.options.completions_max = 10;
    hf_test_open(&host);
    hf_test_stock(&host);
    int32_t errors[20];
    ck_assert_int_eq(hf_submit(host.engine, ops, 20, errors), 10);
    ck_assert_int_eq(errors[9], 0);
    ck_assert_int_eq(errors[10], HF_E_OVERLOADED);
    while (hf_test_health(&host).completed < 11)
        (void)hf_loop_run_once(host.loop, 1);
    ck_assert_int_eq(hf_submit(host.engine, ops + 10, 10, NULL), HF_E_OVERLOADED);
    ck_assert_int_eq(hf_completions(host.engine, done, 4), 4);
    ck_assert_int_eq(hf_submit(host.engine, ops + 10, 10, NULL), 4);
    take(10);
    ck_assert_uint_eq(done[9].user_data, 14);
    hf_test_stop(&host);
}
END_TEST

/* ---- What is accepted ------------------------------------------------------------------------ */

START_TEST(a_prefix_is_accepted_and_the_culprit_named)
{
    int32_t errors[5];
    start(0);
    moves[3].amount = 0;
    ck_assert_int_eq(hf_submit(host.engine, ops, 5, errors), 3);
    ck_assert_int_eq(errors[2], 0);
    ck_assert_int_eq(errors[3], HF_E_AMOUNT);
    ck_assert_int_eq(errors[4], 0);
    ck_assert_ptr_nonnull(strstr(hf_engine_detail(host.engine), "amount: 0"));
    ck_assert_int_eq(hf_submit(host.engine, ops + 3, 2, NULL), HF_E_AMOUNT);
    take(3);
    hf_test_stop(&host);
}
END_TEST

static void break_flags(void)
{
    ops[0].flags = 2;
}

static void break_reserved(void)
{
    ops[0].reserved[4] = 1;
}

static void break_type(void)
{
    ops[0].type = HF_TEST_LAST_OP + 1;
}

static void break_args(void)
{
    ops[0].args = NULL;
}

static void break_link(void)
{
    ops[0].flags = ops[1].flags = HF_OP_LINKED;
}

static const struct {
    void (*apply)(void);
    int error;
} broken[] = {
    {break_flags, HF_E_ENUM},    {break_reserved, HF_E_ABI},  {break_type, HF_E_ENUM},
    {break_args, HF_E_ARGUMENT}, {break_link, HF_E_ARGUMENT},
};

START_TEST(a_broken_operation_is_refused)
{
    start(0);
    broken[_i].apply();
    int32_t errors[2] = {7, 7};
    ck_assert_int_eq(hf_submit(host.engine, ops, 2, errors), broken[_i].error);
    ck_assert_int_eq(errors[0], broken[_i].error);
    ck_assert_int_eq(errors[1], 0);
    hf_test_stop(&host);
}
END_TEST

START_TEST(nothing_to_submit_is_no_error)
{
    start(0);
    ck_assert_int_eq(hf_submit(host.engine, NULL, 0, NULL), 0);
    ck_assert_int_eq(hf_submit(host.engine, NULL, 1, NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_completions(host.engine, NULL, 0), 0);
    ck_assert_int_eq(hf_completions(host.engine, NULL, 1), HF_E_ARGUMENT);
    hf_test_stop(&host);
}
END_TEST

START_TEST(reads_go_through_the_same_queue)
{
    hf_account_get_args get;
    hf_item_get_init(&get, "bell");
    start((uint32_t)_i);
    ops[1] = (hf_op){.type = HF_OP_ITEM_GET, .args = &get, .user_data = 77};
    ck_assert_int_eq(hf_submit(host.engine, ops, 2, NULL), 2);
    ck_assert_int_eq(take_at_once(2), 2);
    const hf_completion *read = done[0].user_data == 77 ? &done[0] : &done[1];
    ck_assert_uint_eq(read->user_data, 77);
    ck_assert_int_eq(read->status, 0);
    ck_assert_str_eq(((const hf_account *)read->result)->key.name.text, "bell");
    hf_test_stop(&host);
}
END_TEST

/* ---- Chains ---------------------------------------------------------------------------------- */

static void link_first(uint32_t count)
{
    for (uint32_t i = 0; i + 1 < count; i++)
        ops[i].flags = HF_OP_LINKED;
}

START_TEST(a_chain_is_all_or_nothing)
{
    hf_expect_args expect;
    start((uint32_t)_i);
    hf_expect_init(&expect);
    expect.subject = HF_SUBJECT_ACCOUNT;
    expect.key = (hf_account_key){.kind = HF_KIND_ITEM, .name = "bell", .unit = "pcs"};
    expect.available_min = 100;
    ops[2].type = HF_OP_EXPECT;
    ops[2].args = &expect;
    link_first(4);
    ck_assert_int_eq(hf_submit(host.engine, ops, 5, NULL), 5);
    ck_assert_int_eq(take_at_once(5), 5);
    static const int statuses[] = {HF_E_CHAIN, HF_E_CHAIN, HF_E_EXPECT, HF_E_CHAIN, 0};
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(done[i].status, statuses[i]);
    ck_assert_int_eq(((const hf_account *)done[4].result)->balance, 1);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_prefix_never_ends_inside_a_chain)
{
    hf_test_options(&host, 0);
    host.options.queue_ops_max = 8;
    hf_test_open(&host);
    hf_test_stock(&host);
    for (uint32_t i = 5; i < 9; i++)
        ops[i].flags = HF_OP_LINKED; /* 5..9 stand together */
    int32_t errors[12];
    ck_assert_int_eq(hf_submit(host.engine, ops, 12, errors), 5);
    ck_assert_int_eq(errors[5], HF_E_OVERLOADED);
    take(5);
    ck_assert_int_eq(hf_submit(host.engine, ops + 5, 7, NULL), 7);
    take(7);
    ck_assert_int_eq(((const hf_account *)done[6].result)->balance, 12);
    hf_test_stop(&host);
}
END_TEST

/* Completions whose views are alive take nothing from the batches behind them. */
START_TEST(as_many_operations_wait_as_queue_ops_max_says)
{
    hf_test_options(&host, 0);
    host.options.queue_ops_max = 8;
    hf_test_open(&host);
    hf_test_stock(&host);
    for (uint32_t held = 0; held <= 8; held++) {
        for (uint32_t batch = 0; held != 0 && batch < 6; batch++) {
            ck_assert_int_eq(hf_submit(host.engine, ops, held, NULL), (int)held);
            take((int)held);
        }
        int32_t errors[9];
        ck_assert_int_eq(hf_submit(host.engine, ops, 9, errors), 8);
        ck_assert_int_eq(errors[8], HF_E_OVERLOADED);
        take(8);
    }
    hf_test_stop(&host);
}
END_TEST

START_TEST(the_culprit_of_a_chain_is_named_and_nothing_of_it_accepted)
{
    int32_t errors[4];
    start(0);
    link_first(4);
    moves[2].amount = -1;
    ck_assert_int_eq(hf_submit(host.engine, ops, 4, errors), HF_E_AMOUNT);
    ck_assert_int_eq(errors[0], 0);
    ck_assert_int_eq(errors[2], HF_E_AMOUNT);
    ck_assert_uint_eq(hf_test_health(&host).operations, 1);
    hf_test_stop(&host);
}
END_TEST

START_TEST(chains_have_bounds)
{
    start(0);
    link_first(HF_CHAIN_MAX + 1);
    ck_assert_int_eq(hf_submit(host.engine, ops, OPS, NULL), HF_E_TOO_MANY);
    setup();
    link_first(HF_CHAIN_MAX);
    ck_assert_int_eq(hf_submit(host.engine, ops, HF_CHAIN_MAX, NULL), HF_CHAIN_MAX);
    take(HF_CHAIN_MAX);
    ck_assert_int_eq(done[HF_CHAIN_MAX - 1].status, 0);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_chain_that_can_never_fit_names_the_option)
{
    hf_test_options(&host, 0);
    host.options.queue_ops_max = 8;
    host.options.completions_max = 4;
    hf_test_open(&host);
    link_first(9);
    ck_assert_int_eq(hf_submit(host.engine, ops, 9, NULL), HF_E_TOO_MANY);
    ck_assert_ptr_nonnull(strstr(hf_engine_detail(host.engine), "queue_ops_max"));
    setup();
    link_first(5);
    ck_assert_int_eq(hf_submit(host.engine, ops, 5, NULL), HF_E_TOO_MANY);
    ck_assert_ptr_nonnull(strstr(hf_engine_detail(host.engine), "completions_max"));
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_read_cannot_be_linked)
{
    hf_account_get_args get;
    hf_item_get_init(&get, "bell");
    start(0);
    ops[1].type = HF_OP_ITEM_GET;
    ops[1].args = &get;
    link_first(2);
    ck_assert_int_eq(hf_submit(host.engine, ops, 2, NULL), HF_E_UNSUPPORTED);
    hf_test_stop(&host);
}
END_TEST

START_TEST(made_ids_are_returned_and_grow)
{
    start(0);
    ck_assert_int_eq(hf_submit(host.engine, ops, 50, NULL), 50);
    ck_assert_int_eq(take_at_once(50), 50);
    for (int i = 1; i < 50; i++)
        ck_assert_int_lt(memcmp(&done[i - 1].id, &done[i].id, sizeof(hf_id)), 0);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("submit");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, NULL);
    tcase_add_loop_test(core, completions_come_in_order_with_their_user_data, 0, 2);
    tcase_add_loop_test(core, the_descriptor_is_readable_while_completions_wait, 0, 2);
    tcase_add_test(core, a_late_descriptor_knows_of_what_waits);
    tcase_add_loop_test(core, a_host_that_only_polls_is_served, 0, 2);
    tcase_add_loop_test(core, views_live_until_the_next_call_however_late_they_are_taken, 0, 2);
    tcase_add_loop_test(core, completions_not_taken_push_back, 0, 2);
    tcase_add_test(core, a_prefix_is_accepted_and_the_culprit_named);
    tcase_add_loop_test(core, a_broken_operation_is_refused, 0, 5);
    tcase_add_test(core, nothing_to_submit_is_no_error);
    tcase_add_loop_test(core, reads_go_through_the_same_queue, 0, 2);
    tcase_add_loop_test(core, a_chain_is_all_or_nothing, 0, 2);
    tcase_add_test(core, a_prefix_never_ends_inside_a_chain);
    tcase_add_test(core, as_many_operations_wait_as_queue_ops_max_says);
    tcase_add_test(core, the_culprit_of_a_chain_is_named_and_nothing_of_it_accepted);
    tcase_add_test(core, chains_have_bounds);
    tcase_add_test(core, a_chain_that_can_never_fit_names_the_option);
    tcase_add_test(core, a_read_cannot_be_linked);
    tcase_add_test(core, made_ids_are_returned_and_grow);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
