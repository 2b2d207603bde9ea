/* Sagas: steps by group, undone in reverse, and the pivot after which it only goes forward. States
 * are written as in test_txn.c. */
#include "support/check_main.h"
#include "support/coordinator.h"

#define ONE_PHASE HF_PARTICIPANT_ONE_PHASE

static hf_test_bench bench;

static void set_up(void)
{
    hf_test_txn_accounts(&bench);
}

static void tear_down(void)
{
    hf_test_bench_fini(&bench);
}

static hf_id submit(const hf_branch_args *branches, uint32_t count)
{
    hf_txn_args args = hf_test_txn_args(&bench, HF_TXN_SAGA, branches, count);
    const hf_txn_move_args move = hf_test_move("ann", "shop", 30);
    args.moves = &move;
    args.move_count = 1;
    hf_test_expect(&bench, 0, HF_OP_TXN_SUBMIT, &args);
    return args.head.id;
}

/* Two steps together, one after them, and one after that. */
static hf_id steps(void)
{
    const hf_branch_args branches[] = {hf_test_branch("flight", 0, 1),
                                       hf_test_branch("hotel", 0, 1), hf_test_branch("car", 0, 2),
                                       hf_test_branch("mail", 0, 3)};
    return submit(branches, 4);
}

/* The same with the third as the pivot. */
static hf_id pivoted(void)
{
    hf_branch_args branches[] = {hf_test_branch("flight", 0, 1), hf_test_branch("hotel", 0, 1),
                                 hf_test_branch("pay", 0, 2), hf_test_branch("mail", 0, 3),
                                 hf_test_branch("gift", 0, 4)};
    branches[2].flags = HF_BRANCH_PIVOT;
    return submit(branches, 5);
}

START_TEST(steps_succeed_group_by_group_and_are_final)
{
    hf_id id = steps();
    hf_test_stands(&bench, &id, "1: 2 2 1 1");
    hf_test_say(&bench, &id, 2, HF_ANSWER_OK);
    hf_test_stands(&bench, &id, "1: 2 3 1 1");
    hf_test_say(&bench, &id, 1, HF_ANSWER_OK);
    hf_test_stands(&bench, &id, "1: 3 3 2 1");
    hf_test_say(&bench, &id, 3, HF_ANSWER_OK);
    hf_test_say(&bench, &id, 4, HF_ANSWER_OK);
    hf_test_stands(&bench, &id, "3: 6 6 6 6");
    ck_assert_int_eq(hf_test_account(&bench, HF_KIND_MONEY, "shop", "EUR")->balance, 30);
}
END_TEST

START_TEST(started_steps_are_undone_in_reverse_group_by_group)
{
    hf_id id = steps();
    hf_test_say(&bench, &id, 1, HF_ANSWER_OK);
    hf_test_say(&bench, &id, 2, HF_ANSWER_OK);
    hf_test_say(&bench, &id, 3, HF_ANSWER_OK);
    hf_test_stands(&bench, &id, "1: 3 3 3 2");
    hf_test_say(&bench, &id, 4, HF_ANSWER_REJECTED);
    hf_test_stands(&bench, &id, "4: 7 7 7 4");
    ck_assert_uint_eq(hf_test_phase(&bench, &id, 1), HF_TEST_NO_CALL);
    ck_assert_uint_eq(hf_test_phase(&bench, &id, 2), HF_TEST_NO_CALL);
    hf_test_say(&bench, &id, 3, HF_ANSWER_UNKNOWN);
    ck_assert_uint_eq(hf_test_phase(&bench, &id, 1), HF_TEST_NO_CALL);
    hf_test_say(&bench, &id, 3, HF_ANSWER_OK);
    ck_assert_uint_eq(hf_test_phase(&bench, &id, 1), HF_PHASE_CANCEL);
    ck_assert_uint_eq(hf_test_phase(&bench, &id, 2), HF_PHASE_CANCEL);
    hf_test_say(&bench, &id, 1, HF_ANSWER_OK);
    hf_test_say(&bench, &id, 2, HF_ANSWER_OK);
    hf_test_stands(&bench, &id, "5: 8 8 8 4");
}
END_TEST

START_TEST(steps_that_never_started_are_cancelled_without_a_call)
{
    hf_id id = steps();
    hf_test_say(&bench, &id, 1, HF_ANSWER_REJECTED);
    hf_test_stands(&bench, &id, "4: 4 7 8 8"); /* the second may have been done */
    hf_test_say(&bench, &id, 2, HF_ANSWER_OK);
    hf_test_stands(&bench, &id, "5: 4 8 8 8");
}
END_TEST

START_TEST(a_pivot_decides_and_what_follows_only_goes_forward)
{
    hf_id id = pivoted();
    hf_test_say(&bench, &id, 1, HF_ANSWER_OK);
    hf_test_say(&bench, &id, 2, HF_ANSWER_OK);
    hf_test_stands(&bench, &id, "1: 3 3 2 1 1");
    hf_test_say(&bench, &id, 3, HF_ANSWER_OK);
    hf_test_stands(&bench, &id, "2: 6 6 6 2 1");
    ck_assert_uint_eq(hf_test_phase(&bench, &id, 4), HF_PHASE_TRY);
    bench.now_ms = hf_test_txn(&bench, &id)->deadline_ms + 1; /* does not matter any more */
    ck_assert_int_eq(hf_test_drive(&bench, &id, NULL, 0), 0);
    ck_assert_int_eq(hf_test_act(&bench, HF_OP_TXN_ABORT, &id), HF_E_TXN_STATE);
    hf_test_say(&bench, &id, 4, HF_ANSWER_UNKNOWN);
    hf_test_say(&bench, &id, 4, HF_ANSWER_OK);
    hf_test_stands(&bench, &id, "2: 6 6 6 6 2");
    hf_test_say(&bench, &id, 5, HF_ANSWER_OK);
    hf_test_stands(&bench, &id, "3: 6 6 6 6 6");
}
END_TEST

START_TEST(a_refusal_after_the_pivot_parks)
{
    hf_id id = pivoted();
    for (uint32_t i = 1; i <= 3; i++)
        hf_test_say(&bench, &id, i, HF_ANSWER_OK);
    hf_test_say(&bench, &id, 4, HF_ANSWER_REJECTED);
    hf_test_stands(&bench, &id, "2: 6 6 6 2 1");
    ck_assert_uint_eq(hf_test_txn(&bench, &id)->parked, 1);
    ck_assert_str_eq(hf_test_txn(&bench, &id)->reason.text,
                     "branch 4, mail: refused after the pivot");
    ck_assert_int_eq(hf_test_resolve(&bench, &id, 4, HF_ANSWER_REJECTED), HF_E_TXN_STATE);
    ck_assert_int_eq(hf_test_resolve(&bench, &id, 4, HF_ANSWER_OK), 0);
    hf_test_stands(&bench, &id, "2: 6 6 6 6 2");
    ck_assert_uint_eq(hf_test_txn(&bench, &id)->parked, 0);
}
END_TEST

START_TEST(the_deadline_compensates_before_the_pivot)
{
    hf_id id = pivoted();
    hf_test_say(&bench, &id, 1, HF_ANSWER_OK);
    bench.now_ms = hf_test_txn(&bench, &id)->deadline_ms;
    ck_assert_int_eq(hf_test_drive(&bench, &id, NULL, 0), 0);
    hf_test_stands(&bench, &id, "4: 7 7 8 8 8");
}
END_TEST

START_TEST(a_pivot_waits_for_its_neighbours)
{
    hf_branch_args branches[] = {hf_test_branch("pay", HF_PARTICIPANT_ORDERED, 1),
                                 hf_test_branch("pay", HF_PARTICIPANT_ORDERED, 1)};
    branches[0].flags = HF_BRANCH_PIVOT;
    hf_id id = submit(branches, 2);
    hf_test_stands(&bench, &id, "1: 1 2");
    hf_test_say(&bench, &id, 2, HF_ANSWER_OK);
    hf_test_stands(&bench, &id, "1: 2 3");
    hf_test_say(&bench, &id, 1, HF_ANSWER_OK);
    hf_test_stands(&bench, &id, "3: 6 6");
}
END_TEST

START_TEST(a_one_phase_step_in_doubt_is_asked_for_before_it_is_undone)
{
    const hf_branch_args branches[] = {hf_test_branch("bank", ONE_PHASE, 1),
                                       hf_test_branch("hotel", 0, 1)};
    hf_id id = submit(branches, 2);
    hf_test_stands(&bench, &id, "1: 2 2");
    hf_test_say(&bench, &id, 2, HF_ANSWER_REJECTED);
    hf_test_stands(&bench, &id, "4: 2 4");
    ck_assert_uint_eq(hf_test_phase(&bench, &id, 1), HF_PHASE_QUERY);
    hf_test_say(&bench, &id, 1, HF_ANSWER_OK);
    hf_test_stands(&bench, &id, "4: 7 4");
    ck_assert_uint_eq(hf_test_phase(&bench, &id, 1), HF_PHASE_CANCEL);
    hf_test_say(&bench, &id, 1, HF_ANSWER_OK);
    hf_test_stands(&bench, &id, "5: 8 4");
    id = submit(branches, 2);
    hf_test_say(&bench, &id, 2, HF_ANSWER_REJECTED);
    hf_test_say(&bench, &id, 1, HF_ANSWER_NOT_FOUND);
    hf_test_stands(&bench, &id, "5: 4 4");
}
END_TEST

START_TEST(a_compensation_that_refuses_for_ever_is_parked)
{
    hf_id id = steps();
    hf_test_say(&bench, &id, 1, HF_ANSWER_REJECTED);
    hf_test_say(&bench, &id, 2, HF_ANSWER_RETRY);
    hf__txn_answer last = hf_test_answer(&bench, &id, 2, HF_ANSWER_REJECTED);
    last.park = 1;
    hf__name_set(&last.detail, "no such booking");
    ck_assert_int_eq(hf_test_drive(&bench, &id, &last, 1), 0);
    hf_test_stands(&bench, &id, "4: 4 7 8 8");
    ck_assert_str_eq(hf_test_txn(&bench, &id)->reason.text, "branch 2, hotel: no such booking");
    ck_assert_int_eq(hf_test_resolve(&bench, &id, 2, HF_ANSWER_OK), 0);
    hf_test_stands(&bench, &id, "5: 4 8 8 8");
    ck_assert_str_eq(hf_test_txn(&bench, &id)->reason.text, "branch 1, flight: refused");
}
END_TEST

START_TEST(pivots_are_for_sagas_and_only_one)
{
    hf_branch_args branches[] = {hf_test_branch("a", 0, 1), hf_test_branch("b", 0, 2)};
    branches[0].flags = HF_BRANCH_PIVOT;
    branches[1].flags = HF_BRANCH_PIVOT;
    hf_txn_args args = hf_test_txn_args(&bench, HF_TXN_SAGA, branches, 2);
    hf_test_expect(&bench, HF_E_ARGUMENT, HF_OP_TXN_SUBMIT, &args);
    ck_assert_str_eq(bench.detail.text, "branch 2, b: a second PIVOT");
    args.kind = HF_TXN_TCC;
    args.branch_count = 1;
    hf_test_expect(&bench, HF_E_ARGUMENT, HF_OP_TXN_SUBMIT, &args);
}
END_TEST

/* As the engine marks participants that are registered without a cancel. */
START_TEST(a_step_that_nobody_can_undo_is_the_pivot_or_comes_after_it)
{
    hf_branch_args branches[] = {hf_test_branch("hotel", 0, 1),
                                 hf_test_branch("bank", ONE_PHASE | HF__PARTICIPANT_FINAL, 2),
                                 hf_test_branch("pay", 0, 2)};
    hf_txn_args args = hf_test_txn_args(&bench, HF_TXN_SAGA, branches, 3);
    hf_test_expect(&bench, HF_E_ARGUMENT, HF_OP_TXN_SUBMIT, &args);
    ck_assert_str_eq(bench.detail.text,
                     "branch 2, bank: has no cancel, so it must be the PIVOT or come after it");
    branches[2].flags = HF_BRANCH_PIVOT; /* of its own group: still before the decision */
    hf_test_expect(&bench, HF_E_ARGUMENT, HF_OP_TXN_SUBMIT, &args);
    branches[1].group = 3;
    hf_id after = submit(branches, 3);
    ck_assert_uint_eq(hf_test_branch_of(&bench, &after, 2)->participant_flags, ONE_PHASE);
    branches[2].flags = 0;
    branches[1].flags = HF_BRANCH_PIVOT;
    hf_id pivot = submit(branches, 3);
    hf_test_say(&bench, &pivot, 1, HF_ANSWER_OK);
    hf_test_say(&bench, &pivot, 3, HF_ANSWER_REJECTED);
    hf_test_stands(&bench, &pivot, "4: 7 8 4"); /* it was never called */
}
END_TEST

START_TEST(a_step_that_nobody_can_undo_is_added_after_its_pivot)
{
    hf_txn_args args = hf_test_txn_args(&bench, HF_TXN_SAGA, NULL, 0);
    hf_test_expect(&bench, 0, HF_OP_TXN_BEGIN, &args);
    hf_txn_branch_args add = {.head = {.size = sizeof add}, .txn = args.head.id};
    add.branch = hf_test_branch("bank", ONE_PHASE | HF__PARTICIPANT_FINAL, 2);
    hf_test_expect(&bench, HF_E_ARGUMENT, HF_OP_TXN_BRANCH, &add);
    add.branch = hf_test_branch("pay", 0, 1);
    add.branch.flags = HF_BRANCH_PIVOT;
    hf_test_expect(&bench, 0, HF_OP_TXN_BRANCH, &add);
    add.branch = hf_test_branch("bank", ONE_PHASE | HF__PARTICIPANT_FINAL, 2);
    hf_test_expect(&bench, 0, HF_OP_TXN_BRANCH, &add);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_saga");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, steps_succeed_group_by_group_and_are_final);
    tcase_add_test(core, started_steps_are_undone_in_reverse_group_by_group);
    tcase_add_test(core, steps_that_never_started_are_cancelled_without_a_call);
    tcase_add_test(core, a_pivot_decides_and_what_follows_only_goes_forward);
    tcase_add_test(core, a_refusal_after_the_pivot_parks);
    tcase_add_test(core, the_deadline_compensates_before_the_pivot);
    tcase_add_test(core, a_pivot_waits_for_its_neighbours);
    tcase_add_test(core, a_one_phase_step_in_doubt_is_asked_for_before_it_is_undone);
    tcase_add_test(core, a_compensation_that_refuses_for_ever_is_parked);
    tcase_add_test(core, pivots_are_for_sagas_and_only_one);
    tcase_add_test(core, a_step_that_nobody_can_undo_is_the_pivot_or_comes_after_it);
    tcase_add_test(core, a_step_that_nobody_can_undo_is_added_after_its_pivot);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
