/* Transactions of the TCC kind: intent, decision, moves, fences. States are written as numbers:
 * TRYING 1, CONFIRMING 2, CONFIRMED 3, CANCELLING 4, CANCELLED 5; of branches WAITING 1, TRYING 2,
 * TRIED 3, REFUSED 4, CONFIRMING 5, CONFIRMED 6, CANCELLING 7, CANCELLED 8. */
#include "support/check_main.h"
#include "support/coordinator.h"

#include <holdfast/hold.h>

#define ONE_PHASE HF_PARTICIPANT_ONE_PHASE
#define READONLY  HF_PARTICIPANT_READONLY
#define ORDERED   HF_PARTICIPANT_ORDERED

static hf_test_fixture fixture;

static void set_up(void)
{
    hf_test_txn_accounts(&fixture);
}

static void tear_down(void)
{
    hf_test_fixture_fini(&fixture);
}

static int64_t balance(const char *name)
{
    return hf_test_account(&fixture, HF_KIND_MONEY, name, "EUR")->balance;
}

static int64_t held(const char *name)
{
    return hf_test_account(&fixture, HF_KIND_MONEY, name, "EUR")->held_out;
}

/* 30 of ann for the shop, and the branches. */
static hf_id submit(const hf_branch_args *branches, uint32_t count)
{
    hf_txn_args args = hf_test_txn_args(&fixture, HF_TXN_TCC, branches, count);
    const hf_txn_move_args move = hf_test_move("ann", "shop", 30);
    args.moves = &move;
    args.move_count = 1;
    hf_test_expect(&fixture, 0, HF_OP_TXN_SUBMIT, &args);
    return args.head.id;
}

static hf_id submit_one(uint32_t flags)
{
    const hf_branch_args branch = hf_test_branch("hotel", flags, 0);
    return submit(&branch, 1);
}

static hf_id submit_two(uint32_t first, uint32_t second, uint32_t group)
{
    const hf_branch_args branches[] = {hf_test_branch("hotel", first, 0),
                                       hf_test_branch("train", second, group)};
    return submit(branches, 2);
}

START_TEST(without_branches_all_is_one_commit)
{
    hf_txn_args args = hf_test_txn_args(&fixture, HF_TXN_TCC, NULL, 0);
    const hf_txn_move_args moves[] = {hf_test_move("ann", "shop", 30),
                                      hf_test_move("shop", "ann", 5)};
    args.moves = moves;
    args.move_count = 2;
    uint64_t seq = fixture.event_seq;
    hf_test_expect(&fixture, 0, HF_OP_TXN_SUBMIT, &args);
    ck_assert_uint_eq(fixture.event_seq, seq + 1);
    hf_test_expect_states(&fixture, &args.head.id, "CONFIRMED:");
    ck_assert_int_eq(balance("shop"), 25);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__HOLDS), 0);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__BRANCHES), 0);
    ck_assert_int_eq(hf_test_txn(&fixture, &args.head.id)->due_ms, 0);
    const hf_txn_view *view = fixture.draft.result;
    ck_assert_uint_eq(view->txn->state, HF_TXN_CONFIRMED);
}
END_TEST

START_TEST(a_move_that_is_refused_is_named_and_leaves_nothing)
{
    hf_txn_args args = hf_test_txn_args(&fixture, HF_TXN_TCC, NULL, 0);
    const hf_txn_move_args moves[] = {hf_test_move("ann", "shop", 60),
                                      hf_test_move("ann", "shop", 50)};
    args.moves = moves;
    args.move_count = 2;
    hf_test_expect(&fixture, HF_E_FUNDS_SHORT, HF_OP_TXN_SUBMIT, &args);
    ck_assert_ptr_nonnull(strstr(fixture.detail.text, "move 2: MONEY ann"));
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__TXNS), 0);
    const hf_branch_args branch = hf_test_branch("hotel", 0, 0);
    args.branches = &branch;
    args.branch_count = 1;
    hf_test_expect(&fixture, HF_E_FUNDS_SHORT, HF_OP_TXN_SUBMIT, &args);
    ck_assert_ptr_nonnull(strstr(fixture.detail.text, "move 2: MONEY ann"));
    ck_assert_int_eq(held("ann"), 0);
}
END_TEST

START_TEST(one_branch_takes_three_commits)
{
    uint64_t seq = fixture.event_seq;
    hf_id id = submit_one(0);
    hf_test_expect_states(&fixture, &id, "TRYING: TRYING");
    ck_assert_int_eq(held("ann"), 30);
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 1), HF_PHASE_TRY);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "CONFIRMING: CONFIRMING");
    ck_assert_int_eq(balance("shop"), 30);
    ck_assert_int_eq(held("ann"), 0);
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 1), HF_PHASE_CONFIRM);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "CONFIRMED: CONFIRMED");
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 1), HF_TEST_NO_CALL);
    ck_assert_uint_eq(fixture.event_seq, seq + 3);
    ck_assert_uint_eq(hf_test_txn(&fixture, &id)->version, 3);
}
END_TEST

START_TEST(a_one_phase_branch_takes_two_commits)
{
    uint64_t seq = fixture.event_seq;
    hf_id id = submit_one(ONE_PHASE);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "CONFIRMED: CONFIRMED");
    ck_assert_int_eq(balance("shop"), 30);
    ck_assert_uint_eq(fixture.event_seq, seq + 2);
}
END_TEST

START_TEST(a_refusal_cancels_what_may_have_been_reserved)
{
    const hf_branch_args branches[] = {hf_test_branch("hotel", 0, 0), hf_test_branch("train", 0, 0),
                                       hf_test_branch("rates", READONLY, 0),
                                       hf_test_branch("car", 0, 1)};
    hf_id id = submit(branches, 4);
    hf_test_expect_states(&fixture, &id, "TRYING: TRYING TRYING TRYING WAITING");
    hf_test_say(&fixture, &id, 1, HF_ANSWER_REJECTED);
    hf_test_expect_states(&fixture, &id, "CANCELLING: REFUSED CANCELLING CANCELLED CANCELLED");
    ck_assert_int_eq(held("ann"), 0);
    ck_assert_int_eq(balance("shop"), 0);
    ck_assert_str_eq(hf_test_txn(&fixture, &id)->reason.text, "branch 1, hotel: refused");
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 2), HF_PHASE_CANCEL);
    hf_test_say(&fixture, &id, 2, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "CANCELLED: REFUSED CANCELLED CANCELLED CANCELLED");
}
END_TEST

START_TEST(a_readonly_branch_is_neither_confirmed_nor_cancelled)
{
    hf_id id = submit_two(READONLY, 0, 0);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "TRYING: TRIED TRYING");
    hf_test_say(&fixture, &id, 2, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "CONFIRMING: CONFIRMED CONFIRMING");
    id = submit_one(READONLY);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "CONFIRMED: CONFIRMED");
}
END_TEST

START_TEST(groups_follow_each_other)
{
    hf_id id = submit_two(0, 0, 3);
    hf_test_expect_states(&fixture, &id, "TRYING: TRYING WAITING");
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 2), HF_TEST_NO_CALL);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "TRYING: TRIED TRYING");
    ck_assert_int_eq(held("ann"), 30);
    hf_test_say(&fixture, &id, 2, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "CONFIRMING: CONFIRMING CONFIRMING");
}
END_TEST

START_TEST(an_ordered_participant_is_called_once_at_a_time)
{
    const hf_branch_args branches[] = {hf_test_branch("hotel", ORDERED, 0),
                                       hf_test_branch("hotel", ORDERED, 0),
                                       hf_test_branch("train", ORDERED, 0)};
    hf_id id = submit(branches, 3);
    hf_test_expect_states(&fixture, &id, "TRYING: TRYING WAITING TRYING");
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_say(&fixture, &id, 2, HF_ANSWER_OK);
    hf_test_say(&fixture, &id, 3, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "CONFIRMING: CONFIRMING CONFIRMING CONFIRMING");
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 2), HF_TEST_NO_CALL);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 2), HF_PHASE_CONFIRM);
    id = submit(branches, 3);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_say(&fixture, &id, 3, HF_ANSWER_REJECTED);
    hf_test_expect_states(&fixture, &id, "CANCELLING: CANCELLING CANCELLING REFUSED");
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 1), HF_TEST_NO_CALL);
    hf_test_say(&fixture, &id, 2, HF_ANSWER_OK);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "CANCELLED: CANCELLED CANCELLED REFUSED");
}
END_TEST

START_TEST(the_one_phase_branch_comes_last_whatever_its_group)
{
    hf_id id = submit_two(ONE_PHASE, 0, 5);
    hf_test_expect_states(&fixture, &id, "TRYING: WAITING TRYING");
    hf_test_say(&fixture, &id, 2, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "TRYING: TRYING TRIED");
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "CONFIRMING: CONFIRMED CONFIRMING");
    id = submit_two(ONE_PHASE, 0, 0);
    hf_test_say(&fixture, &id, 2, HF_ANSWER_REJECTED);
    hf_test_expect_states(&fixture, &id, "CANCELLED: CANCELLED REFUSED"); /* never called */
}
END_TEST

START_TEST(two_branches_that_must_be_last_are_refused)
{
    const hf_branch_args branches[] = {hf_test_branch("bank", ONE_PHASE, 0),
                                       hf_test_branch("card", ONE_PHASE, 0)};
    hf_txn_args args = hf_test_txn_args(&fixture, HF_TXN_TCC, branches, 2);
    hf_test_expect(&fixture, HF_E_ARGUMENT, HF_OP_TXN_SUBMIT, &args);
    ck_assert_str_eq(fixture.detail.text, "branch 2, card: a second ONE_PHASE participant");
}
END_TEST

START_TEST(no_decision_by_the_deadline_means_cancelled)
{
    hf_id id = submit_two(0, 0, 0);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    ck_assert_int_eq(hf_test_drive(&fixture, &id, NULL, 0), 0);
    hf_test_expect_states(&fixture, &id, "TRYING: TRIED TRYING");
    fixture.now_ms = hf_test_txn(&fixture, &id)->deadline_ms - 1;
    ck_assert_int_eq(hf_test_drive(&fixture, &id, NULL, 0), 0);
    hf_test_expect_states(&fixture, &id, "TRYING: TRIED TRYING");
    fixture.now_ms++;
    ck_assert_int_eq(hf_test_drive(&fixture, &id, NULL, 0), 0);
    hf_test_expect_states(&fixture, &id, "CANCELLING: CANCELLING CANCELLING");
    ck_assert_str_eq(hf_test_txn(&fixture, &id)->reason.text, "deadline passed");
    ck_assert_int_eq(held("ann"), 0);
}
END_TEST

START_TEST(a_success_that_comes_with_the_deadline_is_too_late)
{
    hf_id id = submit_one(0);
    hf__txn_answer answer = hf_test_answer(&fixture, &id, 1, HF_ANSWER_OK);
    fixture.now_ms = hf_test_txn(&fixture, &id)->deadline_ms;
    ck_assert_int_eq(hf_test_drive(&fixture, &id, &answer, 1), 0);
    hf_test_expect_states(&fixture, &id, "CANCELLING: CANCELLING");
    ck_assert_int_eq(balance("shop"), 0);
}
END_TEST

START_TEST(a_one_phase_branch_is_asked_for_past_the_deadline)
{
    hf_id id = submit_one(ONE_PHASE);
    hf__txn_answer first = hf_test_answer(&fixture, &id, 1, HF_ANSWER_OK);
    fixture.now_ms = hf_test_txn(&fixture, &id)->deadline_ms + 5;
    ck_assert_int_eq(hf_test_drive(&fixture, &id, NULL, 0), 0);
    hf_test_expect_states(&fixture, &id, "TRYING: TRYING");
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 1), HF_PHASE_QUERY);
    ck_assert_int_ne(hf_test_txn(&fixture, &id)->due_ms, 0);
    uint64_t seq = fixture.event_seq;
    ck_assert_int_eq(hf_test_drive(&fixture, &id, NULL, 0), 0);
    ck_assert_uint_eq(fixture.event_seq, seq); /* nothing new: quiet */
    hf_test_say(&fixture, &id, 1, HF_ANSWER_UNKNOWN);
    hf_test_expect_states(&fixture, &id, "TRYING: TRYING");
    ck_assert_int_eq(hf_test_drive(&fixture, &id, &first, 1), 0);
    hf_test_expect_states(&fixture, &id, "TRYING: TRYING"); /* an old attempt */
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "CONFIRMED: CONFIRMED");
    ck_assert_int_eq(balance("shop"), 30);
}
END_TEST

START_TEST(a_one_phase_branch_that_never_arrived_is_refused_past_the_deadline)
{
    hf_id id = submit_one(ONE_PHASE);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_UNKNOWN);
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 1), HF_PHASE_QUERY);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_NOT_FOUND);
    hf_test_expect_states(&fixture, &id, "TRYING: TRYING");
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 1), HF_PHASE_TRY);
    fixture.now_ms = hf_test_txn(&fixture, &id)->deadline_ms;
    ck_assert_int_eq(hf_test_drive(&fixture, &id, NULL, 0), 0);
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 1), HF_PHASE_QUERY);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_NOT_FOUND);
    hf_test_expect_states(&fixture, &id, "CANCELLED: REFUSED");
    ck_assert_int_eq(held("ann"), 0);
    ck_assert_str_eq(hf_test_txn(&fixture, &id)->reason.text, "branch 1, hotel: it never arrived");
}
END_TEST

START_TEST(a_try_that_may_still_arrive_is_asked_for_once_more)
{
    hf_id id = submit_one(ONE_PHASE);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_UNKNOWN);
    int64_t deadline = hf_test_txn(&fixture, &id)->deadline_ms;
    fixture.now_ms = deadline + 10;
    hf__txn_answer answer = hf_test_answer(&fixture, &id, 1, HF_ANSWER_NOT_FOUND);
    answer.in_flight_ms = 5000;
    ck_assert_int_eq(hf_test_drive(&fixture, &id, &answer, 1), 0);
    hf_test_expect_states(&fixture, &id, "TRYING: TRYING");
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 1), HF_PHASE_QUERY);
    ck_assert_int_eq(hf_test_txn(&fixture, &id)->due_ms, deadline + 5000);
    fixture.now_ms = deadline + 5000;
    answer = hf_test_answer(&fixture, &id, 1, HF_ANSWER_NOT_FOUND);
    answer.in_flight_ms = 5000;
    ck_assert_int_eq(hf_test_drive(&fixture, &id, &answer, 1), 0);
    hf_test_expect_states(&fixture, &id, "CANCELLED: REFUSED");
}
END_TEST

/* Its copy may come later: the participant must have seen a cancel. */
START_TEST(a_try_that_was_not_found_is_cancelled_past_the_deadline)
{
    hf_id id = submit_one(0);
    hf__txn_answer answer = hf_test_answer(&fixture, &id, 1, HF_ANSWER_NOT_FOUND);
    answer.phase = HF_PHASE_QUERY;
    fixture.now_ms = hf_test_txn(&fixture, &id)->deadline_ms;
    ck_assert_int_eq(hf_test_drive(&fixture, &id, &answer, 1), 0);
    hf_test_expect_states(&fixture, &id, "CANCELLING: CANCELLING");
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 1), HF_PHASE_CANCEL);
    ck_assert_int_eq(hf_test_txn(&fixture, &id)->due_ms, fixture.now_ms);
}
END_TEST

START_TEST(what_does_not_fit_changes_nothing)
{
    hf_id id = submit_one(0);
    hf__txn_answer ok = hf_test_answer(&fixture, &id, 1, HF_ANSWER_OK);
    hf__txn_answer wrong[] = {ok, ok, ok, ok, ok, ok};
    wrong[0].attempt = 0;
    wrong[1].attempt = 2;
    wrong[2].phase = HF_PHASE_CONFIRM;
    wrong[3].branch = 2;
    wrong[4].answer = HF_ANSWER_NONE;
    wrong[5].epoch--;
    uint64_t seq = fixture.event_seq;
    ck_assert_int_eq(hf_test_drive(&fixture, &id, wrong, 6), 0);
    ck_assert_uint_eq(fixture.event_seq, seq);
    hf_test_expect_states(&fixture, &id, "TRYING: TRYING");
    ck_assert_int_eq(hf_test_drive(&fixture, &id, &ok, 1), 0);
    hf_test_expect_states(&fixture, &id, "CONFIRMING: CONFIRMING");
    ck_assert_int_eq(hf_test_drive(&fixture, &id, &ok, 1), 0); /* the same again */
    hf_test_expect_states(&fixture, &id, "CONFIRMING: CONFIRMING");
    ck_assert_uint_eq(fixture.event_seq, seq + 1);
}
END_TEST

START_TEST(a_confirm_that_refuses_is_asked_again)
{
    hf_id id = submit_one(0);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    static const uint32_t answers[] = {HF_ANSWER_REJECTED, HF_ANSWER_ONGOING, HF_ANSWER_UNKNOWN,
                                       HF_ANSWER_RETRY, HF_ANSWER_NOT_FOUND};
    for (uint32_t i = 0; i < 5; i++) {
        hf_test_say(&fixture, &id, 1, answers[i]);
        hf_test_expect_states(&fixture, &id, "CONFIRMING: CONFIRMING");
        ck_assert_int_eq(hf_test_txn(&fixture, &id)->due_ms, fixture.now_ms + 100);
    }
    ck_assert_uint_eq(hf_test_branch_of(&fixture, &id, 1)->attempts, 5);
    ck_assert_uint_eq(hf_test_txn(&fixture, &id)->attempts, 6);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__ATTEMPTS), 6);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_PARK);
    ck_assert_uint_eq(hf_test_txn(&fixture, &id)->parked, 1);
    ck_assert_int_eq(hf_test_txn(&fixture, &id)->due_ms, 0);
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 1), HF_TEST_NO_CALL);
}
END_TEST

START_TEST(the_key_of_a_call_stays_the_same)
{
    hf_id id = submit_one(ONE_PHASE);
    hf__txn_call first;
    hf__txn_call again;
    ck_assert_uint_eq(hf_test_next_call(&fixture, &id, 1, &first), HF_PHASE_TRY);
    ck_assert_uint_eq(first.attempt, 1);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_UNKNOWN);
    ck_assert_uint_eq(hf_test_next_call(&fixture, &id, 1, &again), HF_PHASE_QUERY);
    ck_assert_uint_eq(again.attempt, 2);
    ck_assert_mem_eq(&first.key, &again.key, sizeof first.key);
}
END_TEST

START_TEST(a_try_of_an_earlier_engine_is_asked_for_when_it_can_be)
{
    hf_id id = submit_one(0);
    hf__txn_call call;
    const hf_txn *txn = hf_test_txn(&fixture, &id);
    const hf_branch *branch = hf_test_branch_of(&fixture, &id, 1);
    ck_assert(hf__txn_next_call(txn, branch, fixture.epoch, true, &call));
    ck_assert_uint_eq(call.phase, HF_PHASE_TRY);
    ck_assert(hf__txn_next_call(txn, branch, fixture.epoch + 1, true, &call));
    ck_assert_uint_eq(call.phase, HF_PHASE_QUERY);
    ck_assert(hf__txn_next_call(txn, branch, fixture.epoch + 1, false, &call));
    ck_assert_uint_eq(call.phase, HF_PHASE_TRY);
}
END_TEST

START_TEST(a_fenced_engine_writes_nothing)
{
    hf_id id = submit_one(0);
    hf__txn_answer ok = hf_test_answer(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_take_leases(&fixture, fixture.epoch + 1);
    uint64_t seq = fixture.event_seq;
    ck_assert_int_eq(hf_test_drive(&fixture, &id, &ok, 1), HF_E_FENCED);
    hf_test_expect_states(&fixture, &id, "TRYING: TRYING");
    static const uint32_t acts[] = {HF_OP_TXN_ABORT, HF_OP_TXN_RETRY_NOW, HF_OP_TXN_PARK,
                                    HF_OP_TXN_UNPARK};
    for (uint32_t i = 0; i < 4; i++)
        ck_assert_int_eq(hf_test_act(&fixture, acts[i], &id), HF_E_FENCED);
    hf_txn_args args = hf_test_txn_args(&fixture, HF_TXN_TCC, NULL, 0);
    hf_test_expect(&fixture, HF_E_FENCED, HF_OP_TXN_SUBMIT, &args);
    hf__txn_lease_args lease = {.head = {.size = sizeof lease}};
    hf_test_expect(&fixture, HF_E_FENCED, HF_EVENT_LEASE, &lease);
    ck_assert_uint_eq(fixture.event_seq, seq);
}
END_TEST

START_TEST(leases_are_taken_above_every_epoch_and_once)
{
    hf_test_put(&fixture, HF__LEASES, &(hf__lease){.shard = 7, .epoch = 41});
    hf__txn_lease_args args = {.head = {.size = sizeof args}};
    hf_test_expect(&fixture, 0, HF_EVENT_LEASE, &args);
    ck_assert_uint_eq(fixture.draft.held->epochs[0], 42);
    ck_assert_uint_eq(fixture.draft.held->epochs[HF_SHARDS - 1], 42);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__LEASES), HF_SHARDS);
    fixture.epoch = 42;
    uint64_t seq = fixture.event_seq;
    hf_test_expect(&fixture, 0, HF_EVENT_LEASE, &args);
    ck_assert_uint_eq(fixture.event_seq, seq);
    ck_assert_uint_eq(fixture.draft.held->epochs[0], 42);
}
END_TEST

START_TEST(a_repeat_answers_as_it_is_now_and_other_content_is_refused)
{
    const hf_branch_args branch = hf_test_branch("hotel", 0, 0);
    hf_txn_args args = hf_test_txn_args(&fixture, HF_TXN_TCC, &branch, 1);
    hf_test_expect(&fixture, 0, HF_OP_TXN_SUBMIT, &args);
    hf_test_say(&fixture, &args.head.id, 1, HF_ANSWER_OK);
    uint64_t seq = fixture.event_seq;
    hf_test_expect(&fixture, 0, HF_OP_TXN_SUBMIT, &args);
    const hf_txn_view *view = fixture.draft.result;
    ck_assert_uint_eq(view->txn->state, HF_TXN_CONFIRMING);
    ck_assert_uint_eq(view->branch_count, 1);
    ck_assert_uint_eq(view->branches[0]->state, HF_BRANCH_CONFIRMING);
    ck_assert_uint_eq(fixture.event_seq, seq);
    args.deadline_ms = fixture.now_ms + 7;
    hf_test_expect(&fixture, HF_E_ID_REUSED, HF_OP_TXN_SUBMIT, &args);
}
END_TEST

START_TEST(a_deadline_in_the_past_is_refused)
{
    hf_txn_args args = hf_test_txn_args(&fixture, HF_TXN_TCC, NULL, 0);
    args.deadline_ms = fixture.now_ms;
    hf_test_expect(&fixture, HF_E_DEADLINE, HF_OP_TXN_SUBMIT, &args);
    const hf_branch_args branch = hf_test_branch("hotel", 0, 0);
    hf_branch_args many[HF_BRANCHES_MAX + 1];
    for (uint32_t i = 0; i <= HF_BRANCHES_MAX; i++)
        many[i] = branch;
    args = hf_test_txn_args(&fixture, HF_TXN_TCC, many, HF_BRANCHES_MAX + 1);
    hf_test_expect(&fixture, HF_E_TOO_MANY, HF_OP_TXN_SUBMIT, &args);
    args.branch_count = HF_BRANCHES_MAX;
    hf_test_expect(&fixture, 0, HF_OP_TXN_SUBMIT, &args);
}
END_TEST

START_TEST(only_its_transaction_ends_a_hold)
{
    hf_id id = submit_one(0);
    hf_hold key = {.amount = 0};
    hf__id_derive(&id, 4096 + 1, &key.id);
    hf_hold_amount_args args = {.head = {.size = sizeof args}, .hold = key.id, .amount = HF_ALL};
    hf_test_expect(&fixture, HF_E_HOLD_STATE, HF_OP_HOLD_RELEASE, &args);
    ck_assert_ptr_nonnull(strstr(fixture.detail.text, "belongs to transaction"));
    hf_test_expect(&fixture, HF_E_HOLD_STATE, HF_OP_HOLD_REVERSE, &args);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    const hf_hold *hold = hf_test_row_of(&fixture, HF__HOLDS, &key);
    ck_assert_uint_eq(hold->state, HF_HOLD_DONE);
    ck_assert_int_eq(hold->posted, 30);
}
END_TEST

static void freeze(uint32_t frozen)
{
    hf_account account = *hf_test_account(&fixture, HF_KIND_MONEY, "ann", "EUR");
    account.frozen = frozen;
    hf_test_put(&fixture, HF__ACCOUNTS, &account);
}

START_TEST(a_move_that_cannot_be_posted_cancels_what_can_be_undone)
{
    hf_id id = submit_one(0);
    freeze(1);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "CANCELLING: CANCELLING");
    ck_assert_str_eq(hf_test_txn(&fixture, &id)->reason.text, "move 1: MONEY ann [EUR]: frozen");
    ck_assert_int_eq(held("ann"), 0);
    ck_assert_int_eq(balance("ann"), 100);
}
END_TEST

START_TEST(a_move_that_cannot_be_posted_parks_what_is_final)
{
    hf_id id = submit_one(ONE_PHASE);
    freeze(1);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "TRYING: TRIED");
    ck_assert_uint_eq(hf_test_txn(&fixture, &id)->parked, 1);
    ck_assert_int_eq(held("ann"), 30);
    hf_test_expect(
        &fixture, 0, HF_EVENT_DRIVE,
        (&(hf__txn_drive_args){.head = {.size = sizeof(hf__txn_drive_args)}, .txn = id}));
    hf_test_expect_states(&fixture, &id, "TRYING: TRIED");
    freeze(0);
    fixture.now_ms += 1000000; /* long past the deadline: it is done, so it is confirmed */
    ck_assert_int_eq(hf_test_act(&fixture, HF_OP_TXN_UNPARK, &id), 0);
    hf_test_expect_states(&fixture, &id, "CONFIRMED: CONFIRMED");
    ck_assert_int_eq(balance("shop"), 30);
}
END_TEST

START_TEST(only_successes_of_tries_may_wait_for_their_neighbours)
{
    hf_id id = submit_two(0, 0, 0);
    hf__txn_answer ok = hf_test_answer(&fixture, &id, 1, HF_ANSWER_OK);
    hf__txn_answer no = hf_test_answer(&fixture, &id, 1, HF_ANSWER_REJECTED);
    ck_assert(hf__txn_may_wait(hf_test_txn(&fixture, &id), &ok));
    ck_assert(!hf__txn_may_wait(hf_test_txn(&fixture, &id), &no));
    hf__txn_answer both[] = {ok, hf_test_answer(&fixture, &id, 2, HF_ANSWER_OK)};
    ck_assert_int_eq(hf_test_drive(&fixture, &id, both, 2), 0);
    hf_test_expect_states(&fixture, &id, "CONFIRMING: CONFIRMING CONFIRMING");
    ok = hf_test_answer(&fixture, &id, 1, HF_ANSWER_OK);
    ck_assert(!hf__txn_may_wait(hf_test_txn(&fixture, &id), &ok));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, without_branches_all_is_one_commit);
    tcase_add_test(core, a_move_that_is_refused_is_named_and_leaves_nothing);
    tcase_add_test(core, one_branch_takes_three_commits);
    tcase_add_test(core, a_one_phase_branch_takes_two_commits);
    tcase_add_test(core, a_refusal_cancels_what_may_have_been_reserved);
    tcase_add_test(core, a_readonly_branch_is_neither_confirmed_nor_cancelled);
    tcase_add_test(core, groups_follow_each_other);
    tcase_add_test(core, an_ordered_participant_is_called_once_at_a_time);
    tcase_add_test(core, the_one_phase_branch_comes_last_whatever_its_group);
    tcase_add_test(core, two_branches_that_must_be_last_are_refused);
    tcase_add_test(core, no_decision_by_the_deadline_means_cancelled);
    tcase_add_test(core, a_success_that_comes_with_the_deadline_is_too_late);
    tcase_add_test(core, a_one_phase_branch_is_asked_for_past_the_deadline);
    tcase_add_test(core, a_one_phase_branch_that_never_arrived_is_refused_past_the_deadline);
    tcase_add_test(core, a_try_that_may_still_arrive_is_asked_for_once_more);
    tcase_add_test(core, a_try_that_was_not_found_is_cancelled_past_the_deadline);
    tcase_add_test(core, what_does_not_fit_changes_nothing);
    tcase_add_test(core, a_confirm_that_refuses_is_asked_again);
    tcase_add_test(core, the_key_of_a_call_stays_the_same);
    tcase_add_test(core, a_try_of_an_earlier_engine_is_asked_for_when_it_can_be);
    tcase_add_test(core, a_fenced_engine_writes_nothing);
    tcase_add_test(core, leases_are_taken_above_every_epoch_and_once);
    tcase_add_test(core, a_repeat_answers_as_it_is_now_and_other_content_is_refused);
    tcase_add_test(core, a_deadline_in_the_past_is_refused);
    tcase_add_test(core, only_its_transaction_ends_a_hold);
    tcase_add_test(core, a_move_that_cannot_be_posted_cancels_what_can_be_undone);
    tcase_add_test(core, a_move_that_cannot_be_posted_parks_what_is_final);
    tcase_add_test(core, only_successes_of_tries_may_wait_for_their_neighbours);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
