#include "domain/order/state.h"
#include "support/check_main.h"
#include <string.h>

#define EVENTS ((int)HF__ON_COUNT)
#define PAIRS  ((int)HF__ORDER_STATES * EVENTS)

/* What is possible; every pair that is not named is refused. */
static const struct {
    uint32_t from;
    hf__order_event event;
    uint32_t to;
} possible[] = {
    {HF_ORDER_NONE, HF__ON_PLACE, HF_ORDER_PENDING},
    {HF_ORDER_NONE, HF__ON_QUEUE, HF_ORDER_WAITING},
    {HF_ORDER_WAITING, HF__ON_SUPPLY, HF_ORDER_PENDING},
    {HF_ORDER_WAITING, HF__ON_CANCEL, HF_ORDER_CANCELLED},
    {HF_ORDER_WAITING, HF__ON_DEADLINE, HF_ORDER_EXPIRED},
    {HF_ORDER_PENDING, HF__ON_AUTHORIZED, HF_ORDER_CONFIRMED},
    {HF_ORDER_PENDING, HF__ON_CANCEL, HF_ORDER_CANCELLED},
    {HF_ORDER_PENDING, HF__ON_DEADLINE, HF_ORDER_EXPIRED},
    {HF_ORDER_PENDING, HF__ON_AMEND, HF_ORDER_PENDING},
    {HF_ORDER_WAITING, HF__ON_AMEND, HF_ORDER_WAITING},
    {HF_ORDER_WAITING, HF__ON_CANCEL_UNITS, HF_ORDER_WAITING},
    {HF_ORDER_CONFIRMED, HF__ON_AMEND, HF_ORDER_CONFIRMED},
    {HF_ORDER_CONFIRMED, HF__ON_FULFIL, HF_ORDER_CONFIRMED},
    {HF_ORDER_CONFIRMED, HF__ON_CANCEL_UNITS, HF_ORDER_CONFIRMED},
    {HF_ORDER_CONFIRMED, HF__ON_RETURN, HF_ORDER_CONFIRMED},
    {HF_ORDER_CONFIRMED, HF__ON_DONE, HF_ORDER_CLOSED},
    {HF_ORDER_CONFIRMED, HF__ON_EMPTIED, HF_ORDER_CANCELLED},
    {HF_ORDER_CONFIRMED, HF__ON_EXCHANGE, HF_ORDER_CONFIRMED},
    {HF_ORDER_CLOSED, HF__ON_EXCHANGE, HF_ORDER_CONFIRMED},
    {HF_ORDER_PENDING, HF__ON_PAY, HF_ORDER_PENDING},
    {HF_ORDER_CONFIRMED, HF__ON_PAY, HF_ORDER_CONFIRMED},
    {HF_ORDER_CLOSED, HF__ON_PAY, HF_ORDER_CONFIRMED},
    {HF_ORDER_CLOSED, HF__ON_RETURN, HF_ORDER_CLOSED},
    {HF_ORDER_CANCELLED, HF__ON_REVIVE, HF_ORDER_CONFIRMED},
    {HF_ORDER_CANCELLED, HF__ON_LATE, HF_ORDER_CANCELLED},
    {HF_ORDER_EXPIRED, HF__ON_REVIVE, HF_ORDER_CONFIRMED},
    {HF_ORDER_EXPIRED, HF__ON_LATE, HF_ORDER_EXPIRED},
};

static uint32_t expected(uint32_t state, hf__order_event event)
{
    for (size_t i = 0; i < sizeof possible / sizeof possible[0]; i++) {
        if (possible[i].from == state && possible[i].event == event)
            return possible[i].to;
    }
    return HF_ORDER_NONE;
}

/* An order row as it could stand in a state. */
static hf_order row_in(uint32_t state)
{
    hf_order order = {.state = state, .created_at_ms = 1};
    order.deadline_ms = state == HF_ORDER_WAITING || state == HF_ORDER_PENDING ? 90 : 0;
    order.confirmed_at_ms = state == HF_ORDER_CONFIRMED || state == HF_ORDER_CLOSED ? 2 : 0;
    order.closed_at_ms = hf__order_is_over(state) ? 3 : 0;
    return order;
}

START_TEST(each_pair_leads_where_the_table_of_the_domain_says)
{
    uint32_t state = (uint32_t)(_i / EVENTS);
    hf__order_event event = (hf__order_event)(_i % EVENTS);
    uint32_t next = expected(state, event);
    hf__detail detail = {.text = ""};
    const hf__draft draft = {.detail = &detail, .now_ms = 7};
    hf_order order = row_in(state);
    const hf_order before = order;
    ck_assert_uint_eq(hf__order_next(state, event), next);
    int status = hf__order_apply(&draft, &order, event);
    if (next == HF_ORDER_NONE) {
        ck_assert_int_eq(status, HF_E_ORDER_STATE);
        ck_assert_mem_eq(&order, &before, sizeof order);
        ck_assert_ptr_nonnull(strstr(detail.text, hf__order_event_name(event)));
        return;
    }
    ck_assert_int_eq(status, 0);
    ck_assert_uint_eq(order.state, next);
    ck_assert(hf__order_row_holds(&order));
}
END_TEST

START_TEST(confirming_drops_the_deadline_and_notes_the_time)
{
    hf__detail detail;
    const hf__draft draft = {.detail = &detail, .now_ms = 7};
    hf_order order = row_in(HF_ORDER_PENDING);
    ck_assert_int_eq(hf__order_apply(&draft, &order, HF__ON_AUTHORIZED), 0);
    ck_assert_int_eq(order.deadline_ms, 0);
    ck_assert_int_eq(order.confirmed_at_ms, 7);
    ck_assert_int_eq(order.closed_at_ms, 0);
}
END_TEST

START_TEST(an_order_that_ends_drops_the_deadline_and_notes_the_time)
{
    hf__detail detail;
    const hf__draft draft = {.detail = &detail, .now_ms = 7};
    hf_order order = row_in(HF_ORDER_WAITING);
    ck_assert_int_eq(hf__order_apply(&draft, &order, HF__ON_DEADLINE), 0);
    ck_assert_int_eq(order.deadline_ms, 0);
    ck_assert_int_eq(order.confirmed_at_ms, 0);
    ck_assert_int_eq(order.closed_at_ms, 7);
}
END_TEST

START_TEST(a_revived_order_is_open_again)
{
    hf__detail detail;
    const hf__draft draft = {.detail = &detail, .now_ms = 7};
    hf_order order = row_in(HF_ORDER_EXPIRED);
    ck_assert_int_eq(hf__order_apply(&draft, &order, HF__ON_REVIVE), 0);
    ck_assert_int_eq(order.closed_at_ms, 0);
    ck_assert_int_eq(order.confirmed_at_ms, 7);
}
END_TEST

START_TEST(a_state_that_is_none_allows_nothing)
{
    ck_assert_uint_eq(hf__order_next(99, HF__ON_PLACE), HF_ORDER_NONE);
    ck_assert_uint_eq(hf__order_next(HF_ORDER_NONE, HF__ON_COUNT), HF_ORDER_NONE);
    ck_assert_str_eq(hf__order_event_name(HF__ON_COUNT), "?");
    ck_assert(!hf__order_is_over(99));
}
END_TEST

/* Rows that no state allows. */
static const hf_order broken[] = {
    {.state = HF_ORDER_NONE},
    {.state = HF__ORDER_STATES},
    {.state = HF_ORDER_CONFIRMED, .confirmed_at_ms = 1, .deadline_ms = 9},
    {.state = HF_ORDER_CONFIRMED},
    {.state = HF_ORDER_CLOSED, .confirmed_at_ms = 1},
    {.state = HF_ORDER_PENDING, .closed_at_ms = 1},
    {.state = HF_ORDER_PENDING, .total = -1},
};

START_TEST(the_invariant_sees_a_row_that_no_state_allows)
{
    ck_assert(!hf__order_row_holds(&broken[_i]));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("order_state");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, each_pair_leads_where_the_table_of_the_domain_says, 0, PAIRS);
    tcase_add_test(core, confirming_drops_the_deadline_and_notes_the_time);
    tcase_add_test(core, an_order_that_ends_drops_the_deadline_and_notes_the_time);
    tcase_add_test(core, a_revived_order_is_open_again);
    tcase_add_test(core, a_state_that_is_none_allows_nothing);
    tcase_add_loop_test(core, the_invariant_sees_a_row_that_no_state_allows, 0,
                        sizeof broken / sizeof broken[0]);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
