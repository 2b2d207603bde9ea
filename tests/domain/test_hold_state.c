/* The state machine of a hold, pair by pair. */
#include "domain/ledger/hold_state.h"
#include "model/column.h"
#include "support/check_main.h"

#include <holdfast/error.h>

/* A hold of 10 in a state, with counters that fit it. */
static hf_hold hold_in(uint32_t state)
{
    static const hf_hold holds[HF__HOLD_STATES] = {
        [HF_HOLD_NONE] = {.amount = 0},
        [HF_HOLD_HELD] = {.amount = 10},
        [HF_HOLD_PARTIAL] = {.amount = 10, .posted = 4, .released = 1},
        [HF_HOLD_DONE] = {.amount = 10, .posted = 8, .released = 2, .reversed = 3},
        [HF_HOLD_VOID] = {.amount = 10, .released = 10},
        [HF_HOLD_EXPIRED] = {.amount = 10, .released = 10},
    };
    hf_hold hold = holds[state];
    hold.state = state;
    return hold;
}

/* What each event does to a hold in each state: the next state, or NONE when it is refused. */
static const uint32_t expected[HF__HOLD_STATES][HF__HOLD_EVENTS] = {
    /* place 10, take 2 and free 1, free 3, grow 5, expire, reverse 2 */
    [HF_HOLD_NONE] = {HF_HOLD_HELD, 0, 0, 0, 0, 0},
    [HF_HOLD_HELD] = {0, HF_HOLD_PARTIAL, HF_HOLD_PARTIAL, HF_HOLD_HELD, HF_HOLD_EXPIRED, 0},
    [HF_HOLD_PARTIAL] = {0, HF_HOLD_PARTIAL, HF_HOLD_PARTIAL, HF_HOLD_PARTIAL, HF_HOLD_DONE, 0},
    [HF_HOLD_DONE] = {0, 0, 0, 0, 0, HF_HOLD_DONE},
    [HF_HOLD_VOID] = {0, 0, 0, 0, 0, 0},
    [HF_HOLD_EXPIRED] = {0, 0, 0, 0, 0, 0},
};

static const hf__hold_amounts amounts[HF__HOLD_EVENTS] = {
    [HF__HOLD_PLACE] = {.grow = 10},     [HF__HOLD_POST] = {.post = 2, .release = 1},
    [HF__HOLD_RELEASE] = {.release = 3}, [HF__HOLD_ADJUST] = {.grow = 5},
    [HF__HOLD_REVERSE] = {.reverse = 2},
};

START_TEST(each_pair_of_state_and_event_leads_where_it_should)
{
    uint32_t state = (uint32_t)_i / HF__HOLD_EVENTS;
    hf__hold_event event = (hf__hold_event)(_i % HF__HOLD_EVENTS);
    hf_hold before = hold_in(state);
    hf_hold hold = before;
    int error = hf__hold_apply(&hold, event, &amounts[event]);
    uint32_t next = expected[state][event];
    ck_assert_int_eq(hf__hold_allows(state, event), next != HF_HOLD_NONE);
    if (next == HF_HOLD_NONE) {
        ck_assert_msg(error == HF_E_HOLD_STATE, "%s on %s", hf__hold_event_name(event),
                      hf__hold_state_names[state]);
        ck_assert_mem_eq(&hold, &before, sizeof hold);
        return;
    }
    ck_assert_int_eq(error, 0);
    ck_assert_uint_eq(hold.state, next);
    ck_assert(hf__hold_row_holds(&hold));
    ck_assert_int_eq(hold.amount, before.amount + amounts[event].grow);
    ck_assert_int_eq(hold.posted, before.posted + amounts[event].post);
    ck_assert_int_eq(hold.reversed, before.reversed + amounts[event].reverse);
}
END_TEST

START_TEST(an_unknown_state_allows_nothing)
{
    for (uint32_t event = 0; event < HF__HOLD_EVENTS; event++)
        ck_assert(!hf__hold_allows(HF__HOLD_STATES, (hf__hold_event)event));
}
END_TEST

/* Amounts on a hold of 10, and where they lead. */
typedef struct spending {
    hf__hold_event event;
    hf__hold_amounts amounts;
    int error;
    uint32_t state;
} spending;

static const spending spendings[] = {
    {HF__HOLD_POST, {.post = 10}, 0, HF_HOLD_DONE},
    {HF__HOLD_POST, {.post = 1}, 0, HF_HOLD_PARTIAL},
    {HF__HOLD_POST, {.post = 4, .release = 6}, 0, HF_HOLD_DONE},
    {HF__HOLD_POST, {.release = 10}, 0, HF_HOLD_VOID},
    {HF__HOLD_POST, {.post = 11}, HF_E_OVER_POST, HF_HOLD_HELD},
    {HF__HOLD_POST, {.post = 4, .release = 7}, HF_E_OVER_POST, HF_HOLD_HELD},
    {HF__HOLD_POST, {.post = INT64_MAX, .release = INT64_MAX}, HF_E_OVER_POST, HF_HOLD_HELD},
    {HF__HOLD_RELEASE, {.release = 10}, 0, HF_HOLD_VOID},
    {HF__HOLD_RELEASE, {.release = 9}, 0, HF_HOLD_PARTIAL},
    {HF__HOLD_RELEASE, {.release = 11}, HF_E_OVER_POST, HF_HOLD_HELD},
    {HF__HOLD_ADJUST, {.grow = INT64_MAX}, HF_E_OVERFLOW, HF_HOLD_HELD},
    {HF__HOLD_EXPIRE, {.post = 0}, 0, HF_HOLD_EXPIRED},
};

START_TEST(what_is_left_decides_the_state)
{
    const spending *s = &spendings[_i];
    hf_hold hold = hold_in(HF_HOLD_HELD);
    ck_assert_int_eq(hf__hold_apply(&hold, s->event, &s->amounts), s->error);
    ck_assert_uint_eq(hold.state, s->state);
    ck_assert_int_eq(hf__hold_remaining(&hold),
                     s->error != 0 || s->state == HF_HOLD_PARTIAL ? hf__hold_remaining(&hold) : 0);
}
END_TEST

START_TEST(no_more_is_reversed_than_was_taken)
{
    hf_hold hold = hold_in(HF_HOLD_DONE);
    ck_assert_int_eq(hf__hold_apply(&hold, HF__HOLD_REVERSE, &(hf__hold_amounts){.reverse = 6}),
                     HF_E_OVER_REVERSE);
    ck_assert_int_eq(hf__hold_apply(&hold, HF__HOLD_REVERSE, &(hf__hold_amounts){.reverse = 5}), 0);
    ck_assert_int_eq(hold.reversed, hold.posted);
}
END_TEST

START_TEST(a_row_whose_state_does_not_fit_its_counters_does_not_hold)
{
    static const hf_hold bad[] = {
        {.amount = 0, .state = HF_HOLD_HELD},
        {.amount = 10, .state = HF_HOLD_NONE},
        {.amount = 10, .state = HF_HOLD_DONE},
        {.amount = 10, .posted = 11, .state = HF_HOLD_DONE},
        {.amount = 10, .posted = 10, .state = HF_HOLD_PARTIAL},
        {.amount = 10, .posted = 10, .state = HF_HOLD_VOID},
        {.amount = 10, .posted = 1, .state = HF_HOLD_HELD},
        {.amount = 10, .posted = 10, .reversed = 11, .state = HF_HOLD_DONE},
        {.amount = 10, .posted = 6, .released = 6, .state = HF_HOLD_DONE},
        {.amount = 10, .released = 10, .state = 6},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!hf__hold_row_holds(&bad[i]), "row %zu", i);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hold_state");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, each_pair_of_state_and_event_leads_where_it_should, 0,
                        HF__HOLD_STATES * HF__HOLD_EVENTS);
    tcase_add_test(core, an_unknown_state_allows_nothing);
    tcase_add_loop_test(core, what_is_left_decides_the_state, 0,
                        sizeof spendings / sizeof spendings[0]);
    tcase_add_test(core, no_more_is_reversed_than_was_taken);
    tcase_add_test(core, a_row_whose_state_does_not_fit_its_counters_does_not_hold);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
