/*
 * Transactions from submission to their end: who is called, in how many commits, and what the
 * caller is called back when.
 */
#include "support/check_main.h"
#include "support/txn.h"

static hf_test_host host;
static hf_test_service stock;
static hf_test_service money;
static const char *const both[] = {"stock", "money"};

static void start(int place)
{
    hf_test_place_start(&host, place);
    hf_test_register(&stock, &host, "stock", 0);
    hf_test_register(&money, &host, "money", 0);
}

static uint64_t batches(void)
{
    return hf_test_health(&host).batches;
}

START_TEST(two_participants_are_tried_and_confirmed)
{
    start(_i);
    money.amount = 42;
    hf_test_txn txn = {.calls = 0};
    ck_assert_int_eq(hf_test_submit(&host, &txn, both, 2, HF_TXN_FINISHED), 0);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, 0);
    ck_assert_uint_eq(txn.state, HF_TXN_CONFIRMED);
    ck_assert_uint_eq(txn.branch_state[0], HF_BRANCH_CONFIRMED);
    ck_assert_uint_eq(txn.branch_state[1], HF_BRANCH_CONFIRMED);
    ck_assert_int_eq(stock.count, 2);
    ck_assert_int_eq(money.count, 2);
    const hf_test_seen *tried = &money.seen[0];
    const hf_test_seen *confirmed = &money.seen[1];
    ck_assert_uint_eq(tried->call.phase, HF_PHASE_TRY);
    ck_assert_str_eq(tried->payload, "money");
    ck_assert_uint_eq(tried->call.branch, 2);
    ck_assert_uint_eq(tried->call.attempt, 1);
    ck_assert_uint_ge(tried->call.epoch, 1);
    ck_assert_int_gt(tried->call.time_left_ms, 0);
    ck_assert_int_le(tried->call.time_left_ms, 30000);
    ck_assert_uint_eq(confirmed->call.phase, HF_PHASE_CONFIRM);
    ck_assert_int_eq(confirmed->call.amount, 42);
    ck_assert_str_eq(confirmed->payload, "money");
    ck_assert_int_ne(memcmp(&tried->call.key, &confirmed->call.key, sizeof(hf_id)), 0);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_refused_try_cancels_the_others)
{
    start(_i);
    money.answers[HF_PHASE_TRY] = HF_ANSWER_REJECTED;
    hf_test_txn txn = {.calls = 0};
    ck_assert_int_eq(hf_test_submit(&host, &txn, both, 2, HF_TXN_FINISHED), 0);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, HF_E_TXN_ABORTED);
    ck_assert_str_ne(txn.detail, "");
    ck_assert_int_eq(stock.by_phase[HF_PHASE_CANCEL], 1);
    ck_assert_int_eq(money.by_phase[HF_PHASE_CANCEL], 0);
    hf_id id = stock.seen[0].call.txn;
    hf_test_txn_get(&host, &txn, &id);
    ck_assert_uint_eq(txn.state, HF_TXN_CANCELLED);
    ck_assert_uint_eq(txn.branch_state[0], HF_BRANCH_CANCELLED);
    ck_assert_uint_eq(txn.branch_state[1], HF_BRANCH_REFUSED);
    hf_test_stop(&host);
}
END_TEST

/* Money in two wallets, so that moves have something to move. */
static void fill_wallets(void)
{
    static const char *const names[] = {"anna", "ben"};
    for (int i = 0; i < 2; i++) {
        hf_test_call call = {.calls = 0};
        hf_account_put_args args;
        hf_account_put_init(&args, HF_KIND_MONEY, names[i], "EUR");
        args.opening = 1000;
        args.unit_scale = 2;
        ck_assert_int_eq(hf_account_put(host.engine, &call.req, &args, hf_test_done), 0);
        hf_test_until(&host, &call.calls, 1);
        ck_assert_int_eq(call.status, 0);
    }
}

static int submit_move(hf_test_txn *txn, const char *participant, uint32_t count)
{
    const hf_account_key anna = {.kind = HF_KIND_MONEY, .name = "anna", .unit = "EUR"};
    const hf_account_key ben = {.kind = HF_KIND_MONEY, .name = "ben", .unit = "EUR"};
    const hf_txn_move_args move = {.from = anna, .to = ben, .amount = 100};
    hf_branch_args branch;
    hf_txn_args args;
    hf_branch_init(&branch, participant);
    hf_txn_init(&args);
    args.moves = &move;
    args.move_count = 1;
    args.branches = &branch;
    args.branch_count = count;
    return hf_txn_submit(host.engine, &txn->req, &args, hf_test_txn_done);
}

/* The leases are taken by the first transaction, in its own commit. */
START_TEST(moves_without_branches_are_one_commit)
{
    start(_i);
    fill_wallets();
    uint64_t before = batches();
    hf_test_txn txn = {.calls = 0};
    ck_assert_int_eq(submit_move(&txn, "stock", 0), 0);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, 0);
    ck_assert_uint_eq(txn.state, HF_TXN_CONFIRMED);
    hf_test_rest(&host);
    ck_assert_uint_eq(batches() - before, 1);
    hf_test_stop(&host);
}
END_TEST

START_TEST(one_branch_is_three_commits_decided_after_the_second)
{
    start(_i);
    fill_wallets();
    uint64_t before = batches();
    stock.answers[HF_PHASE_CONFIRM] = HF_ANSWER_NONE;
    hf_test_txn txn = {.calls = 0};
    ck_assert_int_eq(submit_move(&txn, "stock", 1), 0);
    hf_test_until(&host, &stock.count, 2);
    ck_assert_uint_eq(batches() - before, 2);
    ck_assert_int_eq(hf_test_reply(&stock, stock.seen[1].call.ticket, HF_ANSWER_OK), 0);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, 0);
    hf_test_rest(&host);
    ck_assert_uint_eq(batches() - before, 3);
    hf_test_stop(&host);
}
END_TEST

START_TEST(one_final_branch_is_two_commits)
{
    hf_test_place_start(&host, _i);
    hf_test_register(&money, &host, "money", HF_PARTICIPANT_ONE_PHASE);
    fill_wallets();
    uint64_t before = batches();
    hf_test_txn txn = {.calls = 0};
    ck_assert_int_eq(submit_move(&txn, "money", 1), 0);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, 0);
    hf_test_rest(&host);
    ck_assert_uint_eq(batches() - before, 2);
    ck_assert_int_eq(money.count, 1);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_reader_is_tried_and_never_confirmed)
{
    hf_test_place_start(&host, _i);
    hf_test_register(&stock, &host, "stock", HF_PARTICIPANT_READONLY);
    hf_test_register(&money, &host, "money", 0);
    hf_test_txn txn = {.calls = 0};
    ck_assert_int_eq(hf_test_submit(&host, &txn, both, 2, HF_TXN_FINISHED), 0);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, 0);
    ck_assert_int_eq(stock.count, 1);
    ck_assert_int_eq(money.count, 2);
    hf_test_stop(&host);
}
END_TEST

START_TEST(callers_wait_until_accepted_decided_or_finished)
{
    start(_i);
    stock.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    stock.answers[HF_PHASE_CONFIRM] = HF_ANSWER_NONE;
    static const uint32_t waits[] = {HF_TXN_ACCEPTED, HF_TXN_DECIDED, HF_TXN_FINISHED};
    static const uint32_t states[] = {HF_TXN_TRYING, HF_TXN_CONFIRMING, HF_TXN_CONFIRMED};
    hf_test_txn txns[3];
    memset(txns, 0, sizeof txns);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(hf_test_submit(&host, &txns[i], both, 1, waits[i]), 0);
    hf_test_until(&host, &stock.count, 3);
    ck_assert_int_eq(txns[0].calls, 1);
    ck_assert_int_eq(txns[1].calls + txns[2].calls, 0);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(hf_test_reply(&stock, stock.seen[i].call.ticket, HF_ANSWER_OK), 0);
    hf_test_until(&host, &stock.count, 6);
    hf_test_until(&host, &txns[1].calls, 1);
    ck_assert_int_eq(txns[2].calls, 0);
    for (int i = 3; i < 6; i++)
        ck_assert_int_eq(hf_test_reply(&stock, stock.seen[i].call.ticket, HF_ANSWER_OK), 0);
    hf_test_until(&host, &txns[2].calls, 1);
    for (int i = 0; i < 3; i++) {
        hf_test_status(&txns[i], 0);
        ck_assert_uint_eq(txns[i].state, states[i]);
    }
    hf_test_stop(&host);
}
END_TEST

START_TEST(the_same_id_waits_for_the_same_outcome)
{
    start(_i);
    stock.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    hf_test_txn first = {.calls = 0};
    ck_assert_int_eq(hf_id_make(host.engine, &first.id), 0);
    hf_test_txn second = {.id = first.id};
    hf_test_txn third = {.id = first.id};
    hf_test_txn other = {.id = first.id};
    ck_assert_int_eq(hf_test_submit(&host, &first, both, 1, HF_TXN_FINISHED), 0);
    hf_test_until(&host, &stock.count, 1);
    ck_assert_int_eq(hf_test_submit(&host, &second, both, 1, HF_TXN_FINISHED), 0);
    ck_assert_int_eq(hf_test_submit(&host, &other, both, 2, HF_TXN_FINISHED), 0);
    hf_test_until(&host, &other.calls, 1);
    hf_test_status(&other, HF_E_ID_REUSED);
    ck_assert_int_eq(first.calls + second.calls, 0);
    ck_assert_int_eq(hf_test_reply(&stock, stock.seen[0].call.ticket, HF_ANSWER_REJECTED), 0);
    hf_test_until(&host, &first.calls, 1);
    hf_test_until(&host, &second.calls, 1);
    hf_test_status(&first, HF_E_TXN_ABORTED);
    hf_test_status(&second, HF_E_TXN_ABORTED);
    ck_assert_int_eq(hf_test_submit(&host, &third, both, 1, HF_TXN_FINISHED), 0);
    hf_test_until(&host, &third.calls, 1);
    hf_test_status(&third, HF_E_TXN_ABORTED);
    ck_assert_str_eq(first.detail, third.detail);
    ck_assert_int_eq(stock.count, 1);
    hf_test_stop(&host);
}
END_TEST

START_TEST(without_a_decision_by_the_deadline_it_is_cancelled)
{
    start(_i);
    stock.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    hf_test_txn txn = {.calls = 0};
    ck_assert_int_eq(hf_test_submit(&host, &txn, both, 2, HF_TXN_FINISHED), 0);
    hf_test_until(&host, &stock.count, 1);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, HF_E_TXN_ABORTED);
    ck_assert_int_ge(stock.by_phase[HF_PHASE_CANCEL], 1);
    ck_assert_int_eq(money.by_phase[HF_PHASE_CANCEL], 1);
    ck_assert_int_eq(stock.by_phase[HF_PHASE_CONFIRM] + money.by_phase[HF_PHASE_CONFIRM], 0);
    hf_test_stop(&host);
}
END_TEST

START_TEST(begun_branch_by_branch_and_sealed)
{
    start(_i);
    hf_txn_args args;
    hf_txn_init(&args);
    hf_test_txn begun = {.calls = 0};
    ck_assert_int_eq(hf_txn_begin(host.engine, &begun.req, &args, hf_test_txn_done), 0);
    hf_test_until(&host, &begun.calls, 1);
    hf_test_status(&begun, 0);
    for (int i = 0; i < 2; i++) {
        hf_txn_branch_args branch;
        hf_txn_branch_init(&branch, &begun.id, both[i]);
        branch.branch.payload = "x";
        branch.branch.payload_bytes = 2;
        hf_test_txn added = {.calls = 0};
        ck_assert_int_eq(hf_txn_branch(host.engine, &added.req, &branch, hf_test_txn_done), 0);
        hf_test_until(&host, i == 0 ? &stock.count : &money.count, 1);
        hf_test_until(&host, &added.calls, 1);
        hf_test_status(&added, 0);
    }
    hf_test_rest(&host);
    ck_assert_uint_eq(hf_test_txn_state(&host, &begun.id), HF_TXN_TRYING);
    hf_txn_seal_args seal;
    hf_txn_seal_init(&seal, &begun.id);
    hf_test_txn sealed = {.calls = 0};
    ck_assert_int_eq(hf_txn_seal(host.engine, &sealed.req, &seal, hf_test_txn_done), 0);
    hf_test_until(&host, &sealed.calls, 1);
    hf_test_status(&sealed, 0);
    ck_assert_uint_eq(sealed.state, HF_TXN_CONFIRMED);
    hf_test_stop(&host);
}
END_TEST

START_TEST(too_many_under_way_are_refused_before_anything_is_stored)
{
    hf_test_place_options(&host, _i);
    host.options.txns_max = 4;
    hf_test_open(&host);
    hf_test_register(&stock, &host, "stock", 0);
    stock.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    hf_test_txn txns[5];
    memset(txns, 0, sizeof txns);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(hf_test_submit(&host, &txns[i], both, 1, HF_TXN_FINISHED), 0);
    ck_assert_int_eq(hf_test_submit(&host, &txns[4], both, 1, HF_TXN_FINISHED), HF_E_OVERLOADED);
    hf_test_until(&host, &stock.count, 4);
    ck_assert_int_eq(hf_test_submit(&host, &txns[4], both, 1, HF_TXN_FINISHED), HF_E_OVERLOADED);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(hf_test_reply(&stock, stock.seen[i].call.ticket, HF_ANSWER_OK), 0);
    for (int i = 0; i < 4; i++)
        hf_test_until(&host, &txns[i].calls, 1);
    hf_test_rest(&host);
    ck_assert_int_eq(hf_test_submit(&host, &txns[4], both, 1, HF_TXN_ACCEPTED), 0);
    hf_test_until(&host, &txns[4].calls, 1);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_transaction_cannot_be_linked)
{
    start(_i);
    hf_txn_args args;
    hf_branch_args branch;
    hf_branch_init(&branch, "stock");
    hf_txn_init(&args);
    args.branches = &branch;
    args.branch_count = 1;
    const hf_op ops[] = {
        {.type = HF_OP_TXN_SUBMIT, .flags = HF_OP_LINKED, .args = &args},
        {.type = HF_OP_TXN_SUBMIT, .args = &args},
    };
    ck_assert_int_eq(hf_submit(host.engine, ops, 2, NULL), HF_E_UNSUPPORTED);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_submit");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, two_participants_are_tried_and_confirmed, 0, HF_TEST_PLACES);
    tcase_add_loop_test(core, a_refused_try_cancels_the_others, 0, HF_TEST_PLACES);
    tcase_add_loop_test(core, moves_without_branches_are_one_commit, 0, HF_TEST_PLACES);
    tcase_add_loop_test(core, one_branch_is_three_commits_decided_after_the_second, 0,
                        HF_TEST_PLACES);
    tcase_add_loop_test(core, one_final_branch_is_two_commits, 0, HF_TEST_PLACES);
    tcase_add_loop_test(core, a_reader_is_tried_and_never_confirmed, 0, HF_TEST_PLACES);
    tcase_add_loop_test(core, callers_wait_until_accepted_decided_or_finished, 0, HF_TEST_PLACES);
    tcase_add_loop_test(core, the_same_id_waits_for_the_same_outcome, 0, HF_TEST_PLACES);
    tcase_add_loop_test(core, without_a_decision_by_the_deadline_it_is_cancelled, 0,
                        HF_TEST_PLACES);
    tcase_add_loop_test(core, begun_branch_by_branch_and_sealed, 0, HF_TEST_PLACES);
    tcase_add_loop_test(core, too_many_under_way_are_refused_before_anything_is_stored, 0,
                        HF_TEST_PLACES);
    tcase_add_test(core, a_transaction_cannot_be_linked);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
