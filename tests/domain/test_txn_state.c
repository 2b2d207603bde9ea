/* The tables of transactions and branches: every pair of state and event. */
#include "domain/txn/state.h"
#include "support/check_main.h"

#define NOW 1000

/* Written down a second time, so that a slip in one table shows. */
static const uint32_t txn_expected[HF__TXN_STATES][HF__TXN_EVENTS] = {
    [HF_TXN_NONE] = {[HF__TXN_BEGIN] = HF_TXN_TRYING},
    [HF_TXN_TRYING] = {[HF__TXN_CONFIRM] = HF_TXN_CONFIRMING, [HF__TXN_CANCEL] = HF_TXN_CANCELLING},
    [HF_TXN_CONFIRMING] = {[HF__TXN_END] = HF_TXN_CONFIRMED},
    [HF_TXN_CANCELLING] = {[HF__TXN_END] = HF_TXN_CANCELLED},
};

static const uint32_t branch_expected[HF__BRANCH_STATES][HF__BRANCH_EVENTS] = {
    [HF_BRANCH_NONE] = {[HF__BRANCH_ADD] = HF_BRANCH_WAITING},
    [HF_BRANCH_WAITING] =
        {[HF__BRANCH_START] = HF_BRANCH_TRYING, [HF__BRANCH_DROP] = HF_BRANCH_CANCELLED},
    [HF_BRANCH_TRYING] = {[HF__BRANCH_OK] = HF_BRANCH_TRIED,
                          [HF__BRANCH_REJECT] = HF_BRANCH_REFUSED,
                          [HF__BRANCH_CANCEL] = HF_BRANCH_CANCELLING,
                          [HF__BRANCH_DROP] = HF_BRANCH_CANCELLED},
    [HF_BRANCH_TRIED] = {[HF__BRANCH_CONFIRM] = HF_BRANCH_CONFIRMING,
                         [HF__BRANCH_CANCEL] = HF_BRANCH_CANCELLING,
                         [HF__BRANCH_SETTLE] = HF_BRANCH_CONFIRMED,
                         [HF__BRANCH_DROP] = HF_BRANCH_CANCELLED},
    [HF_BRANCH_CONFIRMING] = {[HF__BRANCH_OK] = HF_BRANCH_CONFIRMED},
    [HF_BRANCH_CANCELLING] = {[HF__BRANCH_OK] = HF_BRANCH_CANCELLED},
};

START_TEST(every_pair_of_a_transaction_is_as_drawn)
{
    for (uint32_t s = 0; s < HF__TXN_STATES; s++) {
        for (uint32_t e = 0; e < HF__TXN_EVENTS; e++) {
            hf_txn txn = {.state = s, .open = 1, .parked = 1, .due_ms = 7};
            hf_txn before = txn;
            bool moved = hf__txn_apply(&txn, (hf__txn_event)e, NOW);
            ck_assert_uint_eq(hf__txn_next(s, (hf__txn_event)e), txn_expected[s][e]);
            ck_assert(moved == (txn_expected[s][e] != HF_TXN_NONE));
            if (!moved)
                ck_assert_mem_eq(&txn, &before, sizeof txn);
            else
                ck_assert_uint_eq(txn.state, txn_expected[s][e]);
        }
    }
    ck_assert_uint_eq(hf__txn_next(HF__TXN_STATES, HF__TXN_BEGIN), HF_TXN_NONE);
    ck_assert_uint_eq(hf__txn_next(HF_TXN_NONE, HF__TXN_EVENTS), HF_TXN_NONE);
}
END_TEST

START_TEST(every_pair_of_a_branch_is_as_drawn)
{
    for (uint32_t s = 0; s < HF__BRANCH_STATES; s++) {
        for (uint32_t e = 0; e < HF__BRANCH_EVENTS; e++) {
            hf_branch branch = {.state = s, .no = 1, .attempts = 3, .due_ms = 7};
            hf_branch before = branch;
            bool moved = hf__branch_apply(&branch, (hf__branch_event)e, NOW);
            ck_assert_uint_eq(hf__branch_next(s, (hf__branch_event)e), branch_expected[s][e]);
            ck_assert(moved == (branch_expected[s][e] != HF_BRANCH_NONE));
            if (!moved)
                ck_assert_mem_eq(&branch, &before, sizeof branch);
            else
                ck_assert_uint_eq(branch.state, branch_expected[s][e]);
        }
    }
    ck_assert_uint_eq(hf__branch_next(HF__BRANCH_STATES, HF__BRANCH_ADD), HF_BRANCH_NONE);
    ck_assert_uint_eq(hf__branch_next(HF_BRANCH_NONE, HF__BRANCH_EVENTS), HF_BRANCH_NONE);
}
END_TEST

START_TEST(no_event_leads_from_one_direction_to_the_other)
{
    for (uint32_t e = 0; e < HF__TXN_EVENTS; e++) {
        uint32_t after = hf__txn_next(HF_TXN_CONFIRMING, (hf__txn_event)e);
        ck_assert(after != HF_TXN_CANCELLING && after != HF_TXN_CANCELLED);
        after = hf__txn_next(HF_TXN_CANCELLING, (hf__txn_event)e);
        ck_assert(after != HF_TXN_CONFIRMING && after != HF_TXN_CONFIRMED);
        ck_assert_uint_eq(hf__txn_next(HF_TXN_CONFIRMED, (hf__txn_event)e), HF_TXN_NONE);
        ck_assert_uint_eq(hf__txn_next(HF_TXN_CANCELLED, (hf__txn_event)e), HF_TXN_NONE);
    }
}
END_TEST

START_TEST(a_phase_begins_with_no_attempts)
{
    hf_branch branch = {.state = HF_BRANCH_TRYING, .no = 1, .attempts = 4};
    branch.answer = HF_ANSWER_OK;
    ck_assert(hf__branch_apply(&branch, HF__BRANCH_OK, NOW));
    ck_assert_uint_eq(branch.attempts, 4);
    ck_assert(hf__branch_apply(&branch, HF__BRANCH_CONFIRM, NOW));
    ck_assert_uint_eq(branch.attempts, 0);
    ck_assert_uint_eq(branch.answer, HF_ANSWER_NONE);
    ck_assert_int_eq(branch.due_ms, 0);
}
END_TEST

START_TEST(times_and_flags_follow_the_state)
{
    hf_txn txn = {.open = 1, .due_ms = 5};
    ck_assert(!hf__txn_row_holds(&txn));
    ck_assert(hf__txn_apply(&txn, HF__TXN_BEGIN, NOW));
    ck_assert(hf__txn_row_holds(&txn));
    ck_assert(hf__txn_apply(&txn, HF__TXN_CANCEL, NOW + 1));
    ck_assert_int_eq(txn.decided_at_ms, NOW + 1);
    ck_assert_uint_eq(txn.open, 0);
    txn.parked = 1;
    ck_assert(!hf__txn_row_holds(&txn)); /* what is parked is not due */
    ck_assert(hf__txn_apply(&txn, HF__TXN_END, NOW + 2));
    ck_assert(hf__txn_row_holds(&txn));
    ck_assert_int_eq(txn.ended_at_ms, NOW + 2);
    ck_assert(hf__txn_is_over(txn.state));
    ck_assert(!hf__txn_is_over(HF_TXN_CANCELLING));
    ck_assert(hf__branch_is_over(HF_BRANCH_REFUSED));
    ck_assert(!hf__branch_is_over(HF_BRANCH_TRIED));
    hf_branch branch = {.no = 1, .state = HF_BRANCH_TRIED, .due_ms = 1};
    ck_assert(!hf__branch_row_holds(&branch));
}
END_TEST

START_TEST(events_have_names)
{
    ck_assert_str_eq(hf__txn_event_name(HF__TXN_CONFIRM), "CONFIRM");
    ck_assert_str_eq(hf__txn_event_name(HF__TXN_EVENTS), "?");
    ck_assert_str_eq(hf__branch_event_name(HF__BRANCH_SETTLE), "SETTLE");
    ck_assert_str_eq(hf__branch_event_name(HF__BRANCH_EVENTS), "?");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_state");
    TCase *core = tcase_create("core");
    tcase_add_test(core, every_pair_of_a_transaction_is_as_drawn);
    tcase_add_test(core, every_pair_of_a_branch_is_as_drawn);
    tcase_add_test(core, no_event_leads_from_one_direction_to_the_other);
    tcase_add_test(core, a_phase_begins_with_no_attempts);
    tcase_add_test(core, times_and_flags_follow_the_state);
    tcase_add_test(core, events_have_names);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
