/* The barrier of a service with a database of its own: every row with every call. */
#include "support/check_main.h"

#include <holdfast/error.h>
#include <holdfast/participant.h>
#include <stdbool.h>

#define PHASES 3u
#define STATES 5u
#define EPOCH  7u

/* Answer and next state by row and call; a row stays as it is unless DO or SKIP. */
static const int answers[STATES][PHASES] = {
    [HF_BARRIER_NONE] = {HF_BARRIER_DO, HF_BARRIER_REFUSE, HF_BARRIER_SKIP},
    [HF_BARRIER_TRIED] = {HF_BARRIER_REPEAT, HF_BARRIER_DO, HF_BARRIER_DO},
    [HF_BARRIER_CONFIRMED] = {HF_BARRIER_REPEAT, HF_BARRIER_REPEAT, HF_BARRIER_REFUSE},
    [HF_BARRIER_CANCELLED] = {HF_BARRIER_REFUSE, HF_BARRIER_REFUSE, HF_BARRIER_REPEAT},
    [HF_BARRIER_NULL_CANCELLED] = {HF_BARRIER_REFUSE, HF_BARRIER_REFUSE, HF_BARRIER_REPEAT},
};
static const uint32_t next_states[STATES][PHASES] = {
    [HF_BARRIER_NONE] = {HF_BARRIER_TRIED, HF_BARRIER_NONE, HF_BARRIER_NULL_CANCELLED},
    [HF_BARRIER_TRIED] = {HF_BARRIER_TRIED, HF_BARRIER_CONFIRMED, HF_BARRIER_CANCELLED},
    [HF_BARRIER_CONFIRMED] = {HF_BARRIER_CONFIRMED, HF_BARRIER_CONFIRMED, HF_BARRIER_CONFIRMED},
    [HF_BARRIER_CANCELLED] = {HF_BARRIER_CANCELLED, HF_BARRIER_CANCELLED, HF_BARRIER_CANCELLED},
    [HF_BARRIER_NULL_CANCELLED] = {HF_BARRIER_NULL_CANCELLED, HF_BARRIER_NULL_CANCELLED,
                                   HF_BARRIER_NULL_CANCELLED},
};

START_TEST(every_row_answers_every_call_as_drawn)
{
    for (uint32_t s = 0; s < STATES; s++) {
        for (uint32_t p = 0; p < PHASES; p++) {
            const hf_barrier row = {.state = s, .attempt = 1, .epoch = EPOCH};
            hf_barrier next;
            int answer = hf_barrier_decide(&row, p, 2, EPOCH, &next);
            bool stores = answer == HF_BARRIER_DO || answer == HF_BARRIER_SKIP;
            ck_assert_int_eq(answer, answers[s][p]);
            ck_assert_uint_eq(next.state, next_states[s][p]);
            ck_assert_uint_eq(next.attempt, stores ? 2 : 1);
        }
    }
}
END_TEST

START_TEST(an_engine_that_was_replaced_is_refused_whatever_it_asks)
{
    for (uint32_t s = 1; s < STATES; s++) {
        for (uint32_t p = 0; p < PHASES; p++) {
            const hf_barrier row = {.state = s, .attempt = 1, .epoch = EPOCH};
            hf_barrier next = {.state = HF_BARRIER_NONE};
            ck_assert_int_eq(hf_barrier_decide(&row, p, 2, EPOCH - 1, &next), HF_BARRIER_REFUSE);
            ck_assert_uint_eq(next.state, row.state);
            ck_assert_uint_eq(next.attempt, row.attempt);
            ck_assert_uint_eq(next.epoch, row.epoch);
        }
    }
}
END_TEST

START_TEST(no_row_is_the_same_as_an_empty_one)
{
    hf_barrier next;
    ck_assert_int_eq(hf_barrier_decide(NULL, HF_PHASE_TRY, 1, EPOCH, &next), HF_BARRIER_DO);
    ck_assert_uint_eq(next.state, HF_BARRIER_TRIED);
    ck_assert_uint_eq(next.epoch, EPOCH);
    ck_assert_int_eq(hf_barrier_decide(NULL, HF_PHASE_CONFIRM, 1, EPOCH, &next), HF_BARRIER_REFUSE);
}
END_TEST

START_TEST(duplicates_are_answered_and_change_nothing)
{
    hf_barrier row;
    hf_barrier next;
    ck_assert_int_eq(hf_barrier_decide(NULL, HF_PHASE_TRY, 1, EPOCH, &row), HF_BARRIER_DO);
    ck_assert_int_eq(hf_barrier_decide(&row, HF_PHASE_TRY, 2, EPOCH + 1, &next), HF_BARRIER_REPEAT);
    ck_assert_mem_eq(&next, &row, sizeof row);
    ck_assert_int_eq(hf_barrier_decide(&row, HF_PHASE_CONFIRM, 1, EPOCH, &next), HF_BARRIER_DO);
    row = next;
    ck_assert_int_eq(hf_barrier_decide(&row, HF_PHASE_CONFIRM, 2, EPOCH, &next), HF_BARRIER_REPEAT);
}
END_TEST

START_TEST(a_try_after_its_cancel_reserves_nothing)
{
    hf_barrier row;
    hf_barrier next;
    ck_assert_int_eq(hf_barrier_decide(NULL, HF_PHASE_CANCEL, 1, EPOCH, &row), HF_BARRIER_SKIP);
    ck_assert_uint_eq(row.state, HF_BARRIER_NULL_CANCELLED);
    ck_assert_int_eq(hf_barrier_decide(&row, HF_PHASE_TRY, 1, EPOCH, &next), HF_BARRIER_REFUSE);
    ck_assert_int_eq(hf_barrier_decide(&row, HF_PHASE_TRY, 2, EPOCH + 5, &next), HF_BARRIER_REFUSE);
    ck_assert_int_eq(hf_barrier_decide(&row, HF_PHASE_CANCEL, 2, EPOCH, &next), HF_BARRIER_REPEAT);
}
END_TEST

START_TEST(what_is_no_call_and_no_row_is_an_error)
{
    hf_barrier next;
    const hf_barrier row = {.state = STATES};
    ck_assert_int_eq(hf_barrier_decide(NULL, HF_PHASE_TRY, 1, 1, NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_barrier_decide(NULL, HF_PHASE_QUERY, 1, 1, &next), HF_E_ENUM);
    ck_assert_int_eq(hf_barrier_decide(&row, HF_PHASE_TRY, 1, 1, &next), HF_E_ENUM);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("barrier");
    TCase *core = tcase_create("core");
    tcase_add_test(core, every_row_answers_every_call_as_drawn);
    tcase_add_test(core, an_engine_that_was_replaced_is_refused_whatever_it_asks);
    tcase_add_test(core, no_row_is_the_same_as_an_empty_one);
    tcase_add_test(core, duplicates_are_answered_and_change_nothing);
    tcase_add_test(core, a_try_after_its_cancel_reserves_nothing);
    tcase_add_test(core, what_is_no_call_and_no_row_is_an_error);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
