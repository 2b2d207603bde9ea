/*
 * How far an order is, derived from the counters of its lines and payments whenever it is read:
 * nothing, a part, or all of what is to be done.
 */
#include "support/card.h"
#include "support/check_main.h"

/* Of shipping, returns, what was paid, and refunds. */
static void derived(uint32_t shipping, uint32_t returned, uint32_t paid, uint32_t refunded)
{
    const hf_order_view *view = hf_test_view(&fixture);
    ck_assert_uint_eq(view->shipping_state, shipping);
    ck_assert_uint_eq(view->return_state, returned);
    ck_assert_uint_eq(view->paid_state, paid);
    ck_assert_uint_eq(view->refund_state, refunded);
}

static void units(uint32_t type, uint32_t line, int64_t quantity)
{
    hf_test_is(&fixture, hf_test_units(&fixture, type, &order, line, quantity), 0);
}

static void place_lines(int64_t second)
{
    order = cart.args.head.id;
    hf_test_cart_line(&cart, "tea", 2, 100, HF_SETTLE_FULFIL);
    if (second > 0)
        hf_test_cart_line(&cart, "cup", second, 300, HF_SETTLE_FULFIL);
    hf_test_cart_pay(&cart, "anna", 200 + 300 * second, HF_SETTLE_FULFIL);
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
}

START_TEST(all_is_what_was_fulfilled_or_not_cancelled_and_not_every_unit)
{
    place_lines(0);
    derived(HF_PROGRESS_NONE, HF_PROGRESS_NONE, HF_PROGRESS_NONE, HF_PROGRESS_NONE);
    ck_assert_uint_eq(hf_test_view(&fixture)->authorized_state, HF_PROGRESS_FULL);
    units(HF_OP_ORDER_FULFIL, 1, 1);
    derived(HF_PROGRESS_PARTIAL, HF_PROGRESS_NONE, HF_PROGRESS_PARTIAL, HF_PROGRESS_NONE);
    units(HF_OP_ORDER_RETURN, 1, 1); /* all that was fulfilled */
    derived(HF_PROGRESS_PARTIAL, HF_PROGRESS_FULL, HF_PROGRESS_PARTIAL, HF_PROGRESS_FULL);
    units(HF_OP_ORDER_CANCEL, 1, 1); /* all that was left */
    derived(HF_PROGRESS_FULL, HF_PROGRESS_FULL, HF_PROGRESS_PARTIAL, HF_PROGRESS_FULL);
}
END_TEST

START_TEST(a_part_is_shown_while_one_of_two_lines_or_amounts_is_not_done)
{
    place_lines(2);
    units(HF_OP_ORDER_FULFIL, 1, 2);
    derived(HF_PROGRESS_PARTIAL, HF_PROGRESS_NONE, HF_PROGRESS_PARTIAL, HF_PROGRESS_NONE);
    units(HF_OP_ORDER_FULFIL, 2, 2);
    derived(HF_PROGRESS_FULL, HF_PROGRESS_NONE, HF_PROGRESS_FULL, HF_PROGRESS_NONE);
    units(HF_OP_ORDER_RETURN, 1, 2);
    derived(HF_PROGRESS_FULL, HF_PROGRESS_PARTIAL, HF_PROGRESS_FULL, HF_PROGRESS_PARTIAL);
    units(HF_OP_ORDER_RETURN, 2, 2);
    derived(HF_PROGRESS_FULL, HF_PROGRESS_FULL, HF_PROGRESS_FULL, HF_PROGRESS_FULL);
}
END_TEST

START_TEST(what_a_provider_is_asked_to_void_is_not_authorized_any_more)
{
    place(HF_SETTLE_FULFIL); /* two for 900 by card */
    ck_assert_uint_eq(hf_test_view(&fixture)->authorized_state, HF_PROGRESS_NONE);
    answer(1, HF_ANSWER_OK, "auth", 0);
    units(HF_OP_ORDER_CANCEL, 1, 1);
    ck_assert_int_eq(pay()->pending_void, 450);
    ck_assert_int_eq(hf_test_view(&fixture)->authorized, 450);
    answer(2, HF_ANSWER_OK, "void", 0);
    ck_assert_int_eq(pay()->voided, 450);
    units(HF_OP_ORDER_FULFIL, 1, 1);
    ck_assert_int_eq(hf_test_view(&fixture)->authorized, 450);
    ck_assert_int_eq(hf_test_view(&fixture)->captured, 0);
    answer(3, HF_ANSWER_OK, "capture", 0);
    report(HF_FACT_CAPTURED, "capture", 450, 0);
    ck_assert_int_eq(pay()->captured, 450);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("order_progress");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, all_is_what_was_fulfilled_or_not_cancelled_and_not_every_unit);
    tcase_add_test(core, a_part_is_shown_while_one_of_two_lines_or_amounts_is_not_done);
    tcase_add_test(core, what_a_provider_is_asked_to_void_is_not_authorized_any_more);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
