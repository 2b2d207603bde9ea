/* What hosts and operators do to a transaction under way: begin, branch, seal, abort, retry, park,
 * unpark, resolve. States are written as in test_txn.c. */
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

static int64_t held(void)
{
    return hf_test_account(&fixture, HF_KIND_MONEY, "ann", "EUR")->held_out;
}

static hf_id start(uint32_t type, uint32_t kind, const hf_branch_args *branches, uint32_t count)
{
    hf_txn_args args = hf_test_txn_args(&fixture, kind, branches, count);
    const hf_txn_move_args move = hf_test_move("ann", "shop", 30);
    args.moves = &move;
    args.move_count = 1;
    hf_test_expect(&fixture, 0, type, &args);
    return args.head.id;
}

static hf_id submit(uint32_t flags)
{
    const hf_branch_args branch = hf_test_branch("hotel", flags, 0);
    return start(HF_OP_TXN_SUBMIT, HF_TXN_TCC, &branch, 1);
}

static hf_id begin(uint32_t kind)
{
    return start(HF_OP_TXN_BEGIN, kind, NULL, 0);
}

static int add(const hf_id *id, hf_branch_args branch)
{
    hf_txn_branch_args args = {.head = {.size = sizeof args}, .txn = *id, .branch = branch};
    return hf_test_run(&fixture, HF_OP_TXN_BRANCH, &args);
}

static int seal(const hf_id *id)
{
    hf_txn_seal_args args = {.head = {.size = sizeof args}, .txn = *id};
    return hf_test_run(&fixture, HF_OP_TXN_SEAL, &args);
}

START_TEST(a_begun_transaction_is_decided_after_its_seal)
{
    hf_id id = begin(HF_TXN_TCC);
    hf_test_expect_states(&fixture, &id, "TRYING:");
    ck_assert_int_eq(held(), 30);
    ck_assert_int_eq(add(&id, hf_test_branch("hotel", 0, 0)), 0);
    hf_test_expect_states(&fixture, &id, "TRYING: TRYING");
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "TRYING: TRIED");
    ck_assert_int_eq(add(&id, hf_test_branch("train", 0, 0)), 0);
    ck_assert_int_eq(add(&id, hf_test_branch("bank", ONE_PHASE, 0)), 0);
    ck_assert_int_eq(add(&id, hf_test_branch("card", ONE_PHASE, 0)), HF_E_ARGUMENT);
    hf_test_say(&fixture, &id, 2, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id,
                          "TRYING: TRIED TRIED WAITING"); /* what is final waits for the seal */
    ck_assert_int_eq(seal(&id), 0);
    hf_test_expect_states(&fixture, &id, "TRYING: TRIED TRIED TRYING");
    ck_assert_int_eq(seal(&id), HF_E_TXN_STATE);
    ck_assert_int_eq(add(&id, hf_test_branch("late", 0, 0)), HF_E_TXN_STATE);
    hf_test_say(&fixture, &id, 3, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "CONFIRMING: CONFIRMING CONFIRMING CONFIRMED");
}
END_TEST

START_TEST(a_seal_decides_what_has_answered_already)
{
    hf_id id = begin(HF_TXN_SAGA);
    ck_assert_int_eq(add(&id, hf_test_branch("hotel", 0, 0)), 0);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    ck_assert_int_eq(seal(&id), 0);
    hf_test_expect_states(&fixture, &id, "CONFIRMED: CONFIRMED");
    id = begin(HF_TXN_TCC);
    ck_assert_int_eq(seal(&id), 0);
    hf_test_expect_states(&fixture, &id, "CONFIRMED:");
    ck_assert_int_eq(held(), 0);
}
END_TEST

static void freeze(uint32_t frozen)
{
    hf_account account = *hf_test_account(&fixture, HF_KIND_MONEY, "ann", "EUR");
    account.frozen = frozen;
    hf_test_put(&fixture, HF__ACCOUNTS, &account);
}

START_TEST(a_seal_that_keeps_is_refused_by_a_frozen_account)
{
    hf_id id = begin(HF_TXN_TCC);
    hf_txn_seal_args args = {.head = {.size = sizeof args}, .txn = id, .keep = 1};
    freeze(1);
    ck_assert_int_eq(hf_test_run(&fixture, HF_OP_TXN_SEAL, &args), HF_E_FROZEN);
    hf_test_expect_states(&fixture, &id, "TRYING:");
    ck_assert_uint_eq(hf_test_txn(&fixture, &id)->open, 1);
    ck_assert_int_eq(held(), 30);
    freeze(0);
    ck_assert_int_eq(hf_test_run(&fixture, HF_OP_TXN_SEAL, &args), 0);
    hf_test_expect_states(&fixture, &id, "CONFIRMED:");
    ck_assert_int_eq(held(), 0);
    id = begin(HF_TXN_TCC); /* one that does not keep is cancelled */
    freeze(1);
    ck_assert_int_eq(seal(&id), 0);
    hf_test_expect_states(&fixture, &id, "CANCELLED:");
    ck_assert_int_eq(held(), 0);
}
END_TEST

START_TEST(a_refusal_cancels_before_the_seal)
{
    hf_id id = begin(HF_TXN_SAGA);
    ck_assert_int_eq(add(&id, hf_test_branch("hotel", 0, 0)), 0);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_REJECTED);
    hf_test_expect_states(&fixture, &id, "CANCELLED: REFUSED");
    ck_assert_int_eq(add(&id, hf_test_branch("train", 0, 0)), HF_E_TXN_STATE);
    ck_assert_int_eq(seal(&id), 0);
    const hf_txn_view *view = fixture.draft.result;
    ck_assert_uint_eq(view->txn->state, HF_TXN_CANCELLED);
}
END_TEST

START_TEST(no_branch_is_added_past_the_deadline_or_beyond_the_most)
{
    hf_id id = begin(HF_TXN_TCC);
    for (uint32_t i = 0; i < HF_BRANCHES_MAX; i++)
        ck_assert_int_eq(add(&id, hf_test_branch("hotel", 0, 0)), 0);
    ck_assert_int_eq(add(&id, hf_test_branch("hotel", 0, 0)), HF_E_TOO_MANY);
    id = begin(HF_TXN_TCC);
    fixture.now_ms = hf_test_txn(&fixture, &id)->deadline_ms;
    ck_assert_int_eq(add(&id, hf_test_branch("hotel", 0, 0)), HF_E_TXN_STATE);
    ck_assert_int_eq(seal(&id), 0);
    hf_test_expect_states(&fixture, &id, "CANCELLED:");
}
END_TEST

START_TEST(an_abort_cancels_while_nothing_is_decided)
{
    hf_id id = submit(0);
    ck_assert_int_eq(hf_test_act(&fixture, HF_OP_TXN_ABORT, &id), 0);
    hf_test_expect_states(&fixture, &id, "CANCELLING: CANCELLING");
    ck_assert_str_eq(hf_test_txn(&fixture, &id)->reason.text, "by hand");
    ck_assert_int_eq(held(), 0);
    uint64_t seq = fixture.event_seq;
    ck_assert_int_eq(hf_test_act(&fixture, HF_OP_TXN_ABORT, &id), 0); /* it is on its way */
    ck_assert_uint_eq(fixture.event_seq, seq);
    id = submit(0);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    ck_assert_int_eq(hf_test_act(&fixture, HF_OP_TXN_ABORT, &id), HF_E_TXN_STATE);
    hf_test_expect_states(&fixture, &id, "CONFIRMING: CONFIRMING");
}
END_TEST

START_TEST(a_try_that_succeeds_after_the_abort_is_cancelled)
{
    hf_id id = submit(0);
    hf__txn_answer late = hf_test_answer(&fixture, &id, 1, HF_ANSWER_OK);
    ck_assert_int_eq(hf_test_act(&fixture, HF_OP_TXN_ABORT, &id), 0);
    ck_assert_int_eq(hf_test_drive(&fixture, &id, &late, 1), 0);
    hf_test_expect_states(&fixture, &id, "CANCELLING: CANCELLING");
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "CANCELLED: CANCELLED");
}
END_TEST

START_TEST(an_abort_waits_for_an_outcome_that_cannot_be_undone)
{
    static const uint32_t answers[] = {HF_ANSWER_OK, HF_ANSWER_REJECTED, HF_ANSWER_NOT_FOUND};
    static const char *const ends[] = {"CONFIRMED: CONFIRMED", "CANCELLED: REFUSED",
                                       "CANCELLED: REFUSED"};
    for (uint32_t i = 0; i < 3; i++) {
        hf_id id = submit(ONE_PHASE);
        ck_assert_int_eq(hf_test_act(&fixture, HF_OP_TXN_ABORT, &id), 0);
        hf_test_expect_states(&fixture, &id, "TRYING: TRYING");
        ck_assert_uint_eq(hf_test_phase(&fixture, &id, 1), HF_PHASE_QUERY);
        hf_test_say(&fixture, &id, 1, HF_ANSWER_ONGOING);
        hf_test_say(&fixture, &id, 1, answers[i]);
        hf_test_expect_states(&fixture, &id, ends[i]);
    }
    ck_assert_int_eq(hf_test_account(&fixture, HF_KIND_MONEY, "shop", "EUR")->balance, 30);
}
END_TEST

START_TEST(what_is_due_later_is_called_now)
{
    hf_id id = submit(0);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_UNKNOWN);
    ck_assert_int_eq(hf_test_txn(&fixture, &id)->due_ms, fixture.now_ms + 100);
    ck_assert_int_eq(hf_test_act(&fixture, HF_OP_TXN_RETRY_NOW, &id), 0);
    ck_assert_int_eq(hf_test_txn(&fixture, &id)->due_ms, fixture.now_ms);
    ck_assert_uint_eq(hf_test_branch_of(&fixture, &id, 1)->attempts, 1);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_REJECTED);
    ck_assert_int_eq(hf_test_act(&fixture, HF_OP_TXN_RETRY_NOW, &id), HF_E_TXN_STATE);
}
END_TEST

START_TEST(what_is_parked_is_not_called_and_not_cancelled)
{
    hf_id id = submit(0);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_UNKNOWN);
    ck_assert_int_eq(hf_test_act(&fixture, HF_OP_TXN_PARK, &id), 0);
    ck_assert_int_eq(hf_test_act(&fixture, HF_OP_TXN_PARK, &id), HF_E_TXN_STATE);
    ck_assert_int_eq(hf_test_act(&fixture, HF_OP_TXN_RETRY_NOW, &id), HF_E_TXN_STATE);
    ck_assert_uint_eq(hf_test_phase(&fixture, &id, 1), HF_TEST_NO_CALL);
    ck_assert_str_eq(hf_test_txn(&fixture, &id)->reason.text, "by hand");
    fixture.now_ms = hf_test_txn(&fixture, &id)->deadline_ms + 1;
    ck_assert_int_eq(hf_test_drive(&fixture, &id, NULL, 0), 0);
    hf_test_expect_states(&fixture, &id, "TRYING: TRYING");
    ck_assert_int_eq(hf_test_act(&fixture, HF_OP_TXN_UNPARK, &id), 0);
    hf_test_expect_states(&fixture, &id,
                          "CANCELLING: CANCELLING"); /* its deadline has passed meanwhile */
    ck_assert_int_eq(hf_test_act(&fixture, HF_OP_TXN_UNPARK, &id), HF_E_TXN_STATE);
}
END_TEST

START_TEST(an_unparked_transaction_counts_its_attempts_anew)
{
    hf_id id = submit(0);
    hf__txn_answer last = hf_test_answer(&fixture, &id, 1, HF_ANSWER_UNKNOWN);
    last.park = 1;
    ck_assert_int_eq(hf_test_drive(&fixture, &id, &last, 1), 0);
    ck_assert_uint_eq(hf_test_txn(&fixture, &id)->parked, 1);
    ck_assert_str_eq(hf_test_txn(&fixture, &id)->reason.text, "branch 1, hotel: no attempt left");
    ck_assert_int_eq(hf_test_act(&fixture, HF_OP_TXN_UNPARK, &id), 0);
    ck_assert_uint_eq(hf_test_branch_of(&fixture, &id, 1)->attempts, 0);
    ck_assert_str_eq(hf_test_txn(&fixture, &id)->reason.text, "");
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "CONFIRMING: CONFIRMING");
}
END_TEST

START_TEST(an_operator_answers_for_a_branch)
{
    hf_id id = submit(0);
    ck_assert_int_eq(hf_test_act(&fixture, HF_OP_TXN_PARK, &id), 0);
    ck_assert_int_eq(hf_test_resolve(&fixture, &id, 2, HF_ANSWER_OK), HF_E_NOT_FOUND);
    ck_assert_int_eq(hf_test_resolve(&fixture, &id, 1, HF_ANSWER_OK), 0);
    hf_test_expect_states(&fixture, &id, "CONFIRMING: CONFIRMING");
    ck_assert_int_eq(hf_test_resolve(&fixture, &id, 1, HF_ANSWER_REJECTED), HF_E_TXN_STATE);
    ck_assert_int_eq(hf_test_resolve(&fixture, &id, 1, HF_ANSWER_OK), 0);
    hf_test_expect_states(&fixture, &id, "CONFIRMED: CONFIRMED");
    ck_assert_int_eq(hf_test_resolve(&fixture, &id, 1, HF_ANSWER_OK), HF_E_TXN_STATE);
    const hf_attempt *attempt =
        hf_test_row_of(&fixture, HF__ATTEMPTS, &(hf_attempt){.txn = id, .no = 2});
    ck_assert_ptr_nonnull(attempt);
    ck_assert_str_eq(attempt->actor.text, "tester");
    ck_assert_str_eq(attempt->detail.text, "they answered");
    ck_assert_uint_eq(attempt->branch, 1);
    id = submit(0);
    ck_assert_int_eq(hf_test_resolve(&fixture, &id, 1, HF_ANSWER_REJECTED), 0);
    hf_test_expect_states(&fixture, &id, "CANCELLED: REFUSED");
}
END_TEST

START_TEST(acts_are_compare_and_set_and_act_once)
{
    hf_id id = submit(0);
    hf_txn_act_args args = {.head = {.size = sizeof args}, .txn = id, .reason = "look"};
    args.head.expected_version = 2;
    hf_test_expect(&fixture, HF_E_VERSION_MOVED, HF_OP_TXN_PARK, &args);
    args.head.expected_version = 1;
    args.head.id = hf_test_id(&fixture);
    hf_test_expect(&fixture, 0, HF_OP_TXN_PARK, &args);
    uint64_t seq = fixture.event_seq;
    hf_test_expect(&fixture, 0, HF_OP_TXN_PARK, &args);
    ck_assert_uint_eq(fixture.event_seq, seq);
    const hf_txn_view *view = fixture.draft.result;
    ck_assert_uint_eq(view->txn->parked, 1);
    ck_assert_uint_eq(view->branch_count, 1);
    args.reason = "another";
    hf_test_expect(&fixture, HF_E_ID_REUSED, HF_OP_TXN_PARK, &args);
    hf_id nobody = hf_test_id(&fixture);
    ck_assert_int_eq(hf_test_act(&fixture, HF_OP_TXN_ABORT, &nobody), HF_E_NOT_FOUND);
    ck_assert_int_eq(hf_test_drive(&fixture, &nobody, NULL, 0), HF_E_NOT_FOUND);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_acts");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, a_begun_transaction_is_decided_after_its_seal);
    tcase_add_test(core, a_seal_decides_what_has_answered_already);
    tcase_add_test(core, a_seal_that_keeps_is_refused_by_a_frozen_account);
    tcase_add_test(core, a_refusal_cancels_before_the_seal);
    tcase_add_test(core, no_branch_is_added_past_the_deadline_or_beyond_the_most);
    tcase_add_test(core, an_abort_cancels_while_nothing_is_decided);
    tcase_add_test(core, a_try_that_succeeds_after_the_abort_is_cancelled);
    tcase_add_test(core, an_abort_waits_for_an_outcome_that_cannot_be_undone);
    tcase_add_test(core, what_is_due_later_is_called_now);
    tcase_add_test(core, what_is_parked_is_not_called_and_not_cancelled);
    tcase_add_test(core, an_unparked_transaction_counts_its_attempts_anew);
    tcase_add_test(core, an_operator_answers_for_a_branch);
    tcase_add_test(core, acts_are_compare_and_set_and_act_once);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
