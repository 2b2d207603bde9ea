/*
 * The most that one transaction may have: 4,096 moves and 64 branches.
 */
#include "support/check_main.h"
#include "support/txn.h"

#define WALLETS 64u
#define OPENING 1000000

static hf_test_host host;
static hf_test_service stock;
static char names[WALLETS][16];
static hf_txn_move_args moves[HF_MOVES_MAX];
static hf_branch_args branches[HF_BRANCHES_MAX];

static void start(int place)
{
    hf_test_place_options(&host, place);
    host.options.queue_bytes_max = 8 << 20;
    host.options.batch_bytes_max = 64 << 20;
    hf_test_open(&host);
    hf_test_register(&stock, &host, "stock", 0);
    for (uint32_t i = 0; i < WALLETS; i++) {
        hf_account_put_args args;
        hf_test_call call = {.calls = 0};
        (void)snprintf(names[i], sizeof names[i], "wallet %u", i);
        hf_account_put_init(&args, HF_KIND_MONEY, names[i], "EUR");
        args.opening = OPENING;
        args.unit_scale = 2;
        ck_assert_int_eq(hf_account_put(host.engine, &call.req, &args, hf_test_done), 0);
        hf_test_until(&host, &call.calls, 1);
        ck_assert_int_eq(call.status, 0);
    }
}

static hf_account_key wallet(uint32_t at)
{
    return (hf_account_key){.kind = HF_KIND_MONEY, .name = names[at], .unit = "EUR"};
}

/* Each wallet but the first gives to the first, again and again. */
static int submit(hf_test_txn *txn, uint32_t branch_count)
{
    hf_txn_args args;
    hf_txn_init(&args);
    for (uint32_t i = 0; i < HF_MOVES_MAX; i++)
        moves[i] = (hf_txn_move_args){
            .from = wallet(1 + i % (WALLETS - 1)), .to = wallet(0), .amount = 1 + i % 7};
    for (uint32_t i = 0; i < branch_count; i++)
        hf_branch_init(&branches[i], "stock");
    args.moves = moves;
    args.move_count = HF_MOVES_MAX;
    args.branches = branches;
    args.branch_count = branch_count;
    memset(txn, 0, sizeof *txn);
    return hf_txn_submit(host.engine, &txn->req, &args, hf_test_txn_done);
}

static int64_t first_balance(void)
{
    hf_test_call call = {.calls = 0};
    hf_account_get_args args;
    hf_account_get_init(&args, HF_KIND_MONEY, names[0], "EUR");
    ck_assert_int_eq(hf_account_get(host.engine, &call.req, &args, hf_test_done), 0);
    hf_test_until(&host, &call.calls, 1);
    return call.balance;
}

static int64_t sum(void)
{
    int64_t total = 0;
    for (uint32_t i = 0; i < HF_MOVES_MAX; i++)
        total += moves[i].amount;
    return total;
}

START_TEST(the_most_moves_and_branches_are_confirmed_together)
{
    start(_i);
    hf_test_txn txn;
    ck_assert_int_eq(submit(&txn, HF_BRANCHES_MAX), 0);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, 0);
    ck_assert_uint_eq(txn.state, HF_TXN_CONFIRMED);
    ck_assert_int_eq(stock.by_phase[HF_PHASE_TRY], (int)HF_BRANCHES_MAX);
    ck_assert_int_eq(stock.by_phase[HF_PHASE_CONFIRM], (int)HF_BRANCHES_MAX);
    ck_assert_int_eq(first_balance(), OPENING + sum());
    hf_test_stop(&host);
}
END_TEST

START_TEST(the_most_moves_are_released_when_a_branch_refuses)
{
    start(_i);
    stock.answers[HF_PHASE_TRY] = HF_ANSWER_REJECTED;
    hf_test_txn txn;
    ck_assert_int_eq(submit(&txn, 1), 0);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, HF_E_TXN_ABORTED);
    ck_assert_int_eq(first_balance(), OPENING);
    hf_test_stop(&host);
}
END_TEST

START_TEST(the_most_moves_without_a_branch_are_one_commit)
{
    start(_i);
    hf_test_txn txn;
    ck_assert_int_eq(submit(&txn, 0), 0);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, 0);
    ck_assert_int_eq(first_balance(), OPENING + sum());
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_most");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, the_most_moves_and_branches_are_confirmed_together, 0,
                        HF_TEST_PLACES);
    tcase_add_loop_test(core, the_most_moves_are_released_when_a_branch_refuses, 0, HF_TEST_PLACES);
    tcase_add_loop_test(core, the_most_moves_without_a_branch_are_one_commit, 0, HF_TEST_PLACES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
