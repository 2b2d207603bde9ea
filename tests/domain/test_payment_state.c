#include "domain/order/payment_state.h"
#include "support/check_main.h"
#include <string.h>

#define EVENTS ((int)HF__PAY_COUNT)
#define PAIRS  ((int)HF__PAYMENT_STATES * EVENTS)

/* What is possible; every pair that is not named is refused. */
static const struct {
    uint32_t from;
    hf__payment_event event;
    uint32_t to;
} possible[] = {
    {HF_PAYMENT_NONE, HF__PAY_ADD, HF_PAYMENT_NEW},
    {HF_PAYMENT_NEW, HF__PAY_ASK, HF_PAYMENT_PENDING},
    {HF_PAYMENT_NEW, HF__PAY_DROP, HF_PAYMENT_FAILED},
    {HF_PAYMENT_NEW, HF__PAY_FACT, HF_PAYMENT_NEW},
    {HF_PAYMENT_NEW, HF__PAY_LATE, HF_PAYMENT_AUTHORIZED},
    {HF_PAYMENT_PENDING, HF__PAY_AUTHORIZED, HF_PAYMENT_AUTHORIZED},
    {HF_PAYMENT_PENDING, HF__PAY_ACTION, HF_PAYMENT_PENDING},
    {HF_PAYMENT_PENDING, HF__PAY_FAILED, HF_PAYMENT_FAILED},
    {HF_PAYMENT_PENDING, HF__PAY_DEADLINE, HF_PAYMENT_FAILED},
    {HF_PAYMENT_PENDING, HF__PAY_FACT, HF_PAYMENT_PENDING},
    {HF_PAYMENT_AUTHORIZED, HF__PAY_AUTHORIZED, HF_PAYMENT_AUTHORIZED},
    {HF_PAYMENT_AUTHORIZED, HF__PAY_CAPTURE, HF_PAYMENT_AUTHORIZED},
    {HF_PAYMENT_AUTHORIZED, HF__PAY_VOID, HF_PAYMENT_AUTHORIZED},
    {HF_PAYMENT_AUTHORIZED, HF__PAY_SPENT, HF_PAYMENT_CLOSED},
    {HF_PAYMENT_AUTHORIZED, HF__PAY_REFUND, HF_PAYMENT_AUTHORIZED},
    {HF_PAYMENT_AUTHORIZED, HF__PAY_FACT, HF_PAYMENT_AUTHORIZED},
    {HF_PAYMENT_CLOSED, HF__PAY_REFUND, HF_PAYMENT_CLOSED},
    {HF_PAYMENT_CLOSED, HF__PAY_FACT, HF_PAYMENT_CLOSED},
    {HF_PAYMENT_CLOSED, HF__PAY_LATE, HF_PAYMENT_AUTHORIZED},
    {HF_PAYMENT_FAILED, HF__PAY_FACT, HF_PAYMENT_FAILED},
    {HF_PAYMENT_FAILED, HF__PAY_LATE, HF_PAYMENT_AUTHORIZED},
};

static uint32_t expected(uint32_t state, hf__payment_event event)
{
    for (size_t i = 0; i < sizeof possible / sizeof possible[0]; i++) {
        if (possible[i].from == state && possible[i].event == event)
            return possible[i].to;
    }
    return HF_PAYMENT_NONE;
}

START_TEST(each_pair_leads_where_the_table_of_the_domain_says)
{
    uint32_t state = (uint32_t)(_i / EVENTS);
    hf__payment_event event = (hf__payment_event)(_i % EVENTS);
    uint32_t next = expected(state, event);
    hf__detail detail = {.text = ""};
    const hf__draft draft = {.detail = &detail};
    hf_payment payment = {.state = state, .no = 2, .amount = 5};
    ck_assert_uint_eq(hf__payment_next(state, event), next);
    int status = hf__payment_apply(&draft, &payment, event);
    ck_assert_int_eq(status, next == HF_PAYMENT_NONE ? HF_E_PAYMENT_STATE : 0);
    ck_assert_uint_eq(payment.state, next == HF_PAYMENT_NONE ? state : next);
    if (next == HF_PAYMENT_NONE)
        ck_assert_ptr_nonnull(strstr(detail.text, hf__payment_event_name(event)));
}
END_TEST

START_TEST(a_refusal_names_payment_state_and_event)
{
    hf__detail detail;
    const hf__draft draft = {.detail = &detail};
    const hf_payment payment = {.state = HF_PAYMENT_CLOSED, .no = 2};
    ck_assert_int_eq(hf__payment_can(&draft, &payment, HF__PAY_CAPTURE), HF_E_PAYMENT_STATE);
    ck_assert_str_eq(detail.text, "payment 2 is CLOSED: CAPTURE is not possible");
}
END_TEST

START_TEST(what_is_open_leaves_out_what_was_asked)
{
    const hf_payment payment = {.authorized = 100,
                                .captured = 20,
                                .voided = 10,
                                .refunded = 5,
                                .charged_back = 1,
                                .pending_capture = 7,
                                .pending_void = 3,
                                .pending_refund = 2};
    ck_assert_int_eq(hf__payment_open(&payment), 60);
    ck_assert_int_eq(hf__payment_refundable(&payment), 12);
}
END_TEST

START_TEST(a_state_that_is_none_allows_nothing)
{
    ck_assert_uint_eq(hf__payment_next(99, HF__PAY_ADD), HF_PAYMENT_NONE);
    ck_assert_uint_eq(hf__payment_next(HF_PAYMENT_NONE, HF__PAY_COUNT), HF_PAYMENT_NONE);
    ck_assert_str_eq(hf__payment_event_name(HF__PAY_COUNT), "?");
}
END_TEST

#define WHOLE .no = 1, .amount = 10

/* Rows that hold, then rows that do not. */
static const struct {
    bool good;
    hf_payment row;
} rows[] = {
    {true, {WHOLE, .state = HF_PAYMENT_NEW}},
    {true, {WHOLE, .state = HF_PAYMENT_PENDING, .deadline_ms = 9}},
    {true, {WHOLE, .state = HF_PAYMENT_AUTHORIZED, .authorized = 10, .deadline_ms = 9}},
    {true, {WHOLE, .state = HF_PAYMENT_CLOSED, .authorized = 10, .captured = 10, .refunded = 10}},
    {true, {WHOLE, .state = HF_PAYMENT_FAILED}},
    {true, {WHOLE, .state = HF_PAYMENT_FAILED, .authorized = 4, .pending_void = 4}},
    {true,
     {WHOLE, .state = HF_PAYMENT_CLOSED, .captured = 5, .charged_back = 5, .refunded = 5,
      .authorized = 5, .flags = HF_PAYMENT_BEYOND}},
    {true, {WHOLE, .state = HF_PAYMENT_AUTHORIZED, .authorized = 10, .pending_capture = 10}},
    {false, {WHOLE, .state = HF_PAYMENT_FAILED, .authorized = 4}},
    {true, {.state = HF_PAYMENT_NEW, .no = 1}}, /* of an imported order */
    {false, {.state = HF_PAYMENT_NEW, .amount = 1}},
    {false, {WHOLE, .state = HF_PAYMENT_NONE}},
    {false, {WHOLE, .state = HF_PAYMENT_FAILED, .deadline_ms = 9}},
    {false, {WHOLE, .state = HF_PAYMENT_AUTHORIZED, .authorized = 10, .captured = 10}},
    {false, {WHOLE, .state = HF_PAYMENT_AUTHORIZED, .authorized = 10, .captured = 11}},
    {false, {WHOLE, .state = HF_PAYMENT_CLOSED, .authorized = 10, .captured = 9}},
    {false, {WHOLE, .state = HF_PAYMENT_CLOSED, .authorized = 9, .captured = 9, .refunded = 10}},
    {false, {WHOLE, .state = HF_PAYMENT_CLOSED, .refunded = -1}},
};

START_TEST(the_invariant_knows_good_rows_from_bad_ones)
{
    ck_assert(hf__payment_row_holds(&rows[_i].row) == rows[_i].good);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("payment_state");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, each_pair_leads_where_the_table_of_the_domain_says, 0, PAIRS);
    tcase_add_test(core, a_refusal_names_payment_state_and_event);
    tcase_add_test(core, what_is_open_leaves_out_what_was_asked);
    tcase_add_test(core, a_state_that_is_none_allows_nothing);
    tcase_add_loop_test(core, the_invariant_knows_good_rows_from_bad_ones, 0,
                        sizeof rows / sizeof rows[0]);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
