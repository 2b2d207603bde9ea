/* Sagas: steps by group, undone in reverse, and the pivot after which it only goes forward. States
 * are written as in test_txn.c. */
#include "support/check_main.h"
#include "support/coordinator.h"

#define ONE_PHASE HF_PARTICIPANT_ONE_PHASE

static hf_test_fixture fixture;

static void set_up(void)
{
    hf_test_txn_accounts(&fixture);
}

static void tear_down(void)
{
    hf_test_fixture_fini(&fixture);
}

static hf_id submit(const hf_branch_args *branches, uint32_t count)
{
    hf_txn_args args = hf_test_txn_args(&fixture, HF_TXN_SAGA, branches, count);
    const hf_txn_move_args move = hf_test_move("ann", "shop", 30);
    args.moves = &move;
    args.move_count = 1;
    hf_test_expect(&fixture, 0, HF_OP_TXN_SUBMIT, &args);
    return args.head.id;
}

/* Two steps together, one after them, and one after that. */
static hf_id steps(void)
{
    const hf_branch_args branches[] = {hf_test_branch("train", 0, 1), hf_test_branch("hotel", 0, 1),
                                       hf_test_branch("car", 0, 2), hf_test_branch("mail", 0, 3)};
    return submit(branches, 4);
}

/* The same with the third as the pivot. */
static hf_id pivoted(void)
{
    hf_branch_args branches[] = {hf_test_branch("train", 0, 1), hf_test_branch("hotel", 0, 1),
                                 hf_test_branch("pay", 0, 2), hf_test_branch("mail", 0, 3),
                                 hf_test_branch("gift", 0, 4)};
    branches[2].flags = HF_BRANCH_PIVOT;
    return submit(branches, 5);
}

START_TEST(steps_succeed_group_by_group_and_are_final)
{
    hf_id id = steps();
    hf_test_expect_states(&fixture, &id, "TRYING: TRYING TRYING WAITING WAITING");
    hf_test_say(&fixture, &id, 2, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "TRYING: TRYING TRIED WAITING WAITING");
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "TRYING: TRIED TRIED TRYING WAITING");
    hf_test_say(&fixture, &id, 3, HF_ANSWER_OK);
    hf_test_say(&fixture, &id, 4, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "CONFIRMED: CONFIRMED CONFIRMED CONFIRMED CONFIRMED");
    ck_assert_int_eq(hf_test_account(&fixture, HF_KIND_MONEY, "shop", "EUR")->balance, 30);
}
END_TEST

START_TEST(started_steps_are_undone_in_reverse_group_by_group)
{
    hf_id id = steps();
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_say(&fixture, &id, 2, HF_ANSWER_OK);
    hf_test_say(&fixture, &id, 3, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "TRYING: TRIED TRIED TRIED TRYING");
    hf_test_say(&fixture, &id, 4, HF_ANSWER_REJECTED);
    hf_test_expect_states(&fixture, &id, "CANCELLING: CANCELLING CANCELLING CANCELLING REFUSED");
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 1), HF_TEST_NO_CALL);
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 2), HF_TEST_NO_CALL);
    hf_test_say(&fixture, &id, 3, HF_ANSWER_UNKNOWN);
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 1), HF_TEST_NO_CALL);
    hf_test_say(&fixture, &id, 3, HF_ANSWER_OK);
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 1), HF_PHASE_CANCEL);
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 2), HF_PHASE_CANCEL);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_say(&fixture, &id, 2, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "CANCELLED: CANCELLED CANCELLED CANCELLED REFUSED");
}
END_TEST

START_TEST(steps_that_never_started_are_cancelled_without_a_call)
{
    hf_id id = steps();
    hf_test_say(&fixture, &id, 1, HF_ANSWER_REJECTED);
    hf_test_expect_states(
        &fixture, &id,
        "CANCELLING: REFUSED CANCELLING CANCELLED CANCELLED"); /* the second may have been done */
    hf_test_say(&fixture, &id, 2, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "CANCELLED: REFUSED CANCELLED CANCELLED CANCELLED");
}
END_TEST

START_TEST(a_pivot_decides_and_what_follows_only_goes_forward)
{
    hf_id id = pivoted();
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_say(&fixture, &id, 2, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "TRYING: TRIED TRIED TRYING WAITING WAITING");
    hf_test_say(&fixture, &id, 3, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id,
                          "CONFIRMING: CONFIRMED CONFIRMED CONFIRMED TRYING WAITING");
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 4), HF_PHASE_TRY);
    fixture.now_ms = hf_test_txn(&fixture, &id)->deadline_ms + 1; /* does not matter any more */
    ck_assert_int_eq(hf_test_drive(&fixture, &id, NULL, 0), 0);
    ck_assert_int_eq(hf_test_act(&fixture, HF_OP_TXN_ABORT, &id), HF_E_TXN_STATE);
    hf_test_say(&fixture, &id, 4, HF_ANSWER_UNKNOWN);
    hf_test_say(&fixture, &id, 4, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id,
                          "CONFIRMING: CONFIRMED CONFIRMED CONFIRMED CONFIRMED TRYING");
    hf_test_say(&fixture, &id, 5, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id,
                          "CONFIRMED: CONFIRMED CONFIRMED CONFIRMED CONFIRMED CONFIRMED");
}
END_TEST

START_TEST(a_refusal_after_the_pivot_parks)
{
    hf_id id = pivoted();
    for (uint32_t i = 1; i <= 3; i++)
        hf_test_say(&fixture, &id, i, HF_ANSWER_OK);
    hf_test_say(&fixture, &id, 4, HF_ANSWER_REJECTED);
    hf_test_expect_states(&fixture, &id,
                          "CONFIRMING: CONFIRMED CONFIRMED CONFIRMED TRYING WAITING");
    ck_assert_uint_eq(hf_test_txn(&fixture, &id)->parked, 1);
    ck_assert_str_eq(hf_test_txn(&fixture, &id)->reason.text,
                     "branch 4, mail: refused after the pivot");
    ck_assert_int_eq(hf_test_resolve(&fixture, &id, 4, HF_ANSWER_REJECTED), HF_E_TXN_STATE);
    ck_assert_int_eq(hf_test_resolve(&fixture, &id, 4, HF_ANSWER_OK), 0);
    hf_test_expect_states(&fixture, &id,
                          "CONFIRMING: CONFIRMED CONFIRMED CONFIRMED CONFIRMED TRYING");
    ck_assert_uint_eq(hf_test_txn(&fixture, &id)->parked, 0);
}
END_TEST

START_TEST(the_deadline_compensates_before_the_pivot)
{
    hf_id id = pivoted();
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    fixture.now_ms = hf_test_txn(&fixture, &id)->deadline_ms;
    ck_assert_int_eq(hf_test_drive(&fixture, &id, NULL, 0), 0);
    hf_test_expect_states(&fixture, &id,
                          "CANCELLING: CANCELLING CANCELLING CANCELLED CANCELLED CANCELLED");
}
END_TEST

START_TEST(a_pivot_waits_for_its_neighbours)
{
    hf_branch_args branches[] = {hf_test_branch("pay", HF_PARTICIPANT_ORDERED, 1),
                                 hf_test_branch("pay", HF_PARTICIPANT_ORDERED, 1)};
    branches[0].flags = HF_BRANCH_PIVOT;
    hf_id id = submit(branches, 2);
    hf_test_expect_states(&fixture, &id, "TRYING: WAITING TRYING");
    hf_test_say(&fixture, &id, 2, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "TRYING: TRYING TRIED");
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "CONFIRMED: CONFIRMED CONFIRMED");
}
END_TEST

START_TEST(a_one_phase_step_in_doubt_is_asked_for_before_it_is_undone)
{
    const hf_branch_args branches[] = {hf_test_branch("bank", ONE_PHASE, 1),
                                       hf_test_branch("hotel", 0, 1)};
    hf_id id = submit(branches, 2);
    hf_test_expect_states(&fixture, &id, "TRYING: TRYING TRYING");
    hf_test_say(&fixture, &id, 2, HF_ANSWER_REJECTED);
    hf_test_expect_states(&fixture, &id, "CANCELLING: TRYING REFUSED");
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 1), HF_PHASE_QUERY);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "CANCELLING: CANCELLING REFUSED");
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 1), HF_PHASE_CANCEL);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "CANCELLED: CANCELLED REFUSED");
    id = submit(branches, 2);
    hf_test_say(&fixture, &id, 2, HF_ANSWER_REJECTED);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_NOT_FOUND);
    hf_test_expect_states(&fixture, &id, "CANCELLED: REFUSED REFUSED");
}
END_TEST

START_TEST(a_compensation_that_refuses_for_ever_is_parked)
{
    hf_id id = steps();
    hf_test_say(&fixture, &id, 1, HF_ANSWER_REJECTED);
    hf_test_say(&fixture, &id, 2, HF_ANSWER_RETRY);
    hf__txn_answer last = hf_test_answer(&fixture, &id, 2, HF_ANSWER_REJECTED);
    last.park = 1;
    hf__name_set(&last.detail, "no such booking");
    ck_assert_int_eq(hf_test_drive(&fixture, &id, &last, 1), 0);
    hf_test_expect_states(&fixture, &id, "CANCELLING: REFUSED CANCELLING CANCELLED CANCELLED");
    ck_assert_str_eq(hf_test_txn(&fixture, &id)->reason.text, "branch 2, hotel: no such booking");
    ck_assert_int_eq(hf_test_resolve(&fixture, &id, 2, HF_ANSWER_OK), 0);
    hf_test_expect_states(&fixture, &id, "CANCELLED: REFUSED CANCELLED CANCELLED CANCELLED");
    ck_assert_str_eq(hf_test_txn(&fixture, &id)->reason.text, "branch 1, train: refused");
}
END_TEST

START_TEST(pivots_are_for_sagas_and_only_one)
{
    hf_branch_args branches[] = {hf_test_branch("a", 0, 1), hf_test_branch("b", 0, 2)};
    branches[0].flags = HF_BRANCH_PIVOT;
    branches[1].flags = HF_BRANCH_PIVOT;
    hf_txn_args args = hf_test_txn_args(&fixture, HF_TXN_SAGA, branches, 2);
    hf_test_expect(&fixture, HF_E_ARGUMENT, HF_OP_TXN_SUBMIT, &args);
    ck_assert_str_eq(fixture.detail.text, "branch 2, b: a second PIVOT");
    args.kind = HF_TXN_TCC;
    args.branch_count = 1;
    hf_test_expect(&fixture, HF_E_ARGUMENT, HF_OP_TXN_SUBMIT, &args);
}
END_TEST

/* As the engine marks participants that are registered without a cancel. */
START_TEST(a_step_that_nobody_can_undo_is_the_pivot_or_comes_after_it)
{
    hf_branch_args branches[] = {hf_test_branch("hotel", 0, 1),
                                 hf_test_branch("bank", ONE_PHASE | HF__PARTICIPANT_FINAL, 2),
                                 hf_test_branch("pay", 0, 2)};
    hf_txn_args args = hf_test_txn_args(&fixture, HF_TXN_SAGA, branches, 3);
    hf_test_expect(&fixture, HF_E_ARGUMENT, HF_OP_TXN_SUBMIT, &args);
    ck_assert_str_eq(fixture.detail.text,
                     "branch 2, bank: has no cancel, so it must be the PIVOT or come after it");
    branches[2].flags = HF_BRANCH_PIVOT; /* of its own group: still before the decision */
    hf_test_expect(&fixture, HF_E_ARGUMENT, HF_OP_TXN_SUBMIT, &args);
    branches[1].group = 3;
    hf_id after = submit(branches, 3);
    ck_assert_uint_eq(hf_test_branch_of(&fixture, &after, 2)->participant_flags, ONE_PHASE);
    branches[2].flags = 0;
    branches[1].flags = HF_BRANCH_PIVOT;
    hf_id pivot = submit(branches, 3);
    hf_test_say(&fixture, &pivot, 1, HF_ANSWER_OK);
    hf_test_say(&fixture, &pivot, 3, HF_ANSWER_REJECTED);
    hf_test_expect_states(&fixture, &pivot,
                          "CANCELLING: CANCELLING CANCELLED REFUSED"); /* it was never called */
}
END_TEST

START_TEST(a_step_that_nobody_can_undo_is_added_after_its_pivot)
{
    hf_txn_args args = hf_test_txn_args(&fixture, HF_TXN_SAGA, NULL, 0);
    hf_test_expect(&fixture, 0, HF_OP_TXN_BEGIN, &args);
    hf_txn_branch_args add = {.head = {.size = sizeof add}, .txn = args.head.id};
    add.branch = hf_test_branch("bank", ONE_PHASE | HF__PARTICIPANT_FINAL, 2);
    hf_test_expect(&fixture, HF_E_ARGUMENT, HF_OP_TXN_BRANCH, &add);
    add.branch = hf_test_branch("pay", 0, 1);
    add.branch.flags = HF_BRANCH_PIVOT;
    hf_test_expect(&fixture, 0, HF_OP_TXN_BRANCH, &add);
    add.branch = hf_test_branch("bank", ONE_PHASE | HF__PARTICIPANT_FINAL, 2);
    hf_test_expect(&fixture, 0, HF_OP_TXN_BRANCH, &add);
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
