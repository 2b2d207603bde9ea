/*
 * The history of a closed shop is recorded as it was: orders without lines, captures without an
 * authorization, payments that differ from the total. A provider is asked for nothing.
 */
#include "support/cases.h"
#include "support/check_main.h"

#define UNPAID ((uint32_t)HF_ATTENTION_UNPAID)
#define HELD   ((uint32_t)HF_ATTENTION_MONEY_HELD)

static void import(void)
{
    cart.args.policy |= HF_ORDER_IMPORT;
    put_order();
    ck_assert_uint_eq(open_commands(), 0);
}

/* ---- Bank slips ------------------------------------------------------------------------------ */

/* Imported or placed as any other; the first thing that is heard of a slip is that it was paid. */
START_TEST(a_payment_without_authorization_begins_with_its_capture)
{
    bool imported = _i % 2 == 0;
    cart.args.deadline_ms = imported ? 0 : fixture.now_ms + 1000;
    cart.args.policy = imported ? HF_ORDER_IMPORT : 0;
    tea(2);
    with_card(900, (uint32_t)_i / 2)->flags = HF_PAYMENT_CAPTURE_ONLY;
    put_order();
    ck_assert_uint_eq(pay()->commands, 0);
    stands(imported ? HF_ORDER_CONFIRMED : HF_ORDER_PENDING, 0);
    ok(say((said){
        .kind = HF_FACT_CAPTURED, .no = 1, .message = "evt", .movement = "slip_1", .amount = 900}));
    stands(HF_ORDER_CONFIRMED, 0);
    facts_are(1, 900, 900, 0, 0);
    ck_assert_uint_eq(pay()->attention, 0);
    ck_assert_uint_eq(pay()->flags, HF_PAYMENT_CAPTURE_ONLY);
    ck_assert_str_eq(pay()->provider_ref.text, "slip_1");
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
    ck_assert_uint_eq(pay()->commands, 0);
}
END_TEST

/* Two instalments are two movements; one more than the slip is for is not expected. */
START_TEST(a_slip_is_paid_in_instalments_up_to_its_amount)
{
    tea(2);
    with_card(900, HF_SETTLE_CONFIRM)->flags = HF_PAYMENT_CAPTURE_ONLY;
    import();
    webhook(HF_FACT_CAPTURED, "one", 400);
    webhook(HF_FACT_CAPTURED, "two", 500);
    ck_assert_uint_eq(pay()->attention, 0);
    facts_are(1, 900, 900, 0, 0);
    webhook(HF_FACT_CAPTURED, "three", 1);
    ck_assert_uint_eq(pay()->attention, HF_ATTENTION_UNEXPECTED_FACT);
    facts_are(1, 901, 901, 0, 0);
}
END_TEST

START_TEST(a_slip_that_nobody_pays_ends_its_order_at_the_deadline)
{
    cart.args.deadline_ms = fixture.now_ms + 1000;
    tea(2);
    with_card(900, HF_SETTLE_CONFIRM)->flags = HF_PAYMENT_CAPTURE_ONLY;
    put_order();
    wait_ms(1000);
    stands(HF_ORDER_EXPIRED, 0);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_FAILED);
    webhook(HF_FACT_CAPTURED, "late", 900);
    stands(HF_ORDER_EXPIRED, HELD | HF_ATTENTION_LATE_PAYMENT);
    asked_is(1, 0, 0, 900);
}
END_TEST

/* ---- Orders without lines -------------------------------------------------------------------- */

/* 0: nothing but a payment; 1: a fee and its payment; 2: a fee, paid later. */
START_TEST(a_paid_order_without_lines_is_recorded)
{
    if (_i > 0)
        hf_test_cart_adjust(&cart, 0, 900);
    if (_i < 2)
        with_card(900, HF_SETTLE_CONFIRM)->flags = HF_PAYMENT_CAPTURE_ONLY;
    import();
    if (_i == 2) {
        stands(HF_ORDER_CONFIRMED, UNPAID);
        ok(add_payment(HF_METHOD_ACCOUNT, 900, 0));
        stands(HF_ORDER_CLOSED, 0);
        return;
    }
    stands(HF_ORDER_CONFIRMED, 0);
    webhook(HF_FACT_CAPTURED, "slip", 900);
    stands(HF_ORDER_CLOSED, _i == 0 ? HELD : 0);
    asked_is(1, 0, 0, 0);
}
END_TEST

/* A fee alone is an order too: it is owed, covered and captured like goods. */
START_TEST(an_order_of_a_fee_alone_is_paid_like_any_other)
{
    bool card = _i < 3;
    hf_test_cart_adjust(&cart, 0, 900);
    (void)with_payment(card ? HF_METHOD_PROVIDER : HF_METHOD_ACCOUNT, 900, (uint32_t)_i % 3);
    put_order();
    if (card)
        agrees("auth");
    if (_i % 3 == HF_SETTLE_MANUAL)
        ok(hf_test_pay(&fixture, HF_OP_PAYMENT_CAPTURE, &order, 1, HF_ALL));
    if (card)
        agrees("cap");
    stands(HF_ORDER_CLOSED, 0);
    facts_are(1, 900, 900, 0, 0);
}
END_TEST

/* ---- Paid too much or too little ------------------------------------------------------------- */

static const struct {
    int64_t paid;
    uint32_t first; /* attention when it is placed */
    uint32_t last;  /* and when everything is captured and sent */
    uint32_t state;
} differences[] = {
    {900, 0, 0, HF_ORDER_CLOSED},
    {903, 0, HELD, HF_ORDER_CLOSED},
    {2000, 0, HELD, HF_ORDER_CLOSED},
    {897, UNPAID, UNPAID, HF_ORDER_CONFIRMED},
    {0, UNPAID, UNPAID, HF_ORDER_CONFIRMED},
};

START_TEST(an_import_that_was_not_paid_exactly_is_shown_to_a_person)
{
    int64_t paid = differences[_i % 5].paid;
    bool card = _i < 5;
    tea(2);
    (void)with_payment(card ? HF_METHOD_PROVIDER : HF_METHOD_ACCOUNT, paid, HF_SETTLE_CONFIRM);
    import();
    stands(HF_ORDER_CONFIRMED, differences[_i % 5].first);
    if (card && paid > 0)
        webhook(HF_FACT_CAPTURED, "cap", paid);
    ok(fulfil_unpaid(1, 2));
    if (card)
        stands(differences[_i % 5].state, differences[_i % 5].last);
    else /* a wallet takes back by itself what is too much */
        stands(differences[_i % 5].state, differences[_i % 5].last & ~HELD);
    asked_is(1, 0, 0, 0);
    ck_assert_uint_eq(pay()->commands, 0);
    if (!card)
        ck_assert_int_eq(hf_test_balance(&fixture, "anna"), 10000 - (paid < 900 ? paid : 900));
}
END_TEST

START_TEST(only_an_import_takes_payments_that_are_too_much)
{
    cart.args.deadline_ms = fixture.now_ms + 1000;
    tea(2);
    (void)with_card(903, HF_SETTLE_CONFIRM);
    order = cart.args.head.id;
    refused(hf_test_cart_place(&fixture, &cart), HF_E_OVER_PAID);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__ORDERS), 0);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__PAYMENTS), 0);
}
END_TEST

START_TEST(an_import_can_be_returned_and_its_refund_is_only_recorded)
{
    tea(2);
    (void)with_card(900, HF_SETTLE_CONFIRM);
    import();
    webhook(HF_FACT_CAPTURED, "cap", 900);
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
    ok(units_for(HF_OP_ORDER_RETURN, 1, 1, 0));
    webhook(HF_FACT_REFUNDED, "back", 450);
    ck_assert_uint_eq(row()->state, HF_ORDER_CLOSED);
    facts_are(1, 900, 900, 0, 450);
    ck_assert_uint_eq(open_commands(), 0);
}
END_TEST

/* ---- The last capture ------------------------------------------------------------------------ */

START_TEST(a_last_capture_of_less_ends_what_was_asked)
{
    put_card_order(_i == 0 ? HF_SETTLE_CONFIRM : HF_SETTLE_FULFIL);
    webhook(HF_FACT_AUTHORIZED, "auth", 900);
    if (_i == 1)
        ok(fulfil(0, 0));
    asked_is(1, 900, 0, 0);
    ok(say((said){.kind = HF_FACT_CAPTURED,
                  .no = 1,
                  .message = "cap",
                  .amount = 880,
                  .flags = HF_REPORT_FINAL}));
    facts_are(1, 900, 880, 20, 0);
    asked_is(1, 0, 0, 0);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_CLOSED);
    ck_assert_uint_eq(open_commands(), 0);
    stands(HF_ORDER_CONFIRMED, UNPAID);
    ok(add_payment(HF_METHOD_ACCOUNT, 20, 0));
    if (_i == 0)
        ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

START_TEST(a_last_capture_of_less_than_the_slip_ends_the_slip)
{
    tea(2);
    with_card(900, HF_SETTLE_CONFIRM)->flags = HF_PAYMENT_CAPTURE_ONLY;
    import();
    ok(say((said){.kind = HF_FACT_CAPTURED,
                  .no = 1,
                  .message = "cap",
                  .amount = 880,
                  .flags = HF_REPORT_FINAL}));
    ck_assert_int_eq(pay()->captured, 880);
    ck_assert_int_eq(pay()->pending_authorize, 0);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_CLOSED);
    stands(HF_ORDER_CONFIRMED, UNPAID);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("case_imports");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_loop_test(core, a_payment_without_authorization_begins_with_its_capture, 0, 6);
    tcase_add_test(core, a_slip_is_paid_in_instalments_up_to_its_amount);
    tcase_add_test(core, a_slip_that_nobody_pays_ends_its_order_at_the_deadline);
    tcase_add_loop_test(core, a_paid_order_without_lines_is_recorded, 0, 3);
    tcase_add_loop_test(core, an_order_of_a_fee_alone_is_paid_like_any_other, 0, 6);
    tcase_add_loop_test(core, an_import_that_was_not_paid_exactly_is_shown_to_a_person, 0, 10);
    tcase_add_test(core, only_an_import_takes_payments_that_are_too_much);
    tcase_add_test(core, an_import_can_be_returned_and_its_refund_is_only_recorded);
    tcase_add_loop_test(core, a_last_capture_of_less_ends_what_was_asked, 0, 2);
    tcase_add_test(core, a_last_capture_of_less_than_the_slip_ends_the_slip);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
