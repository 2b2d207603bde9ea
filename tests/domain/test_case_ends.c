/*
 * Orders that end, by a host, a deadline or a provider: what was authorized is voided, what was
 * captured and is not owed is refunded once, and stands as money held until it is back.
 */
#include "support/cases.h"
#include "support/check_main.h"

static const uint32_t settles[] = {HF_SETTLE_CONFIRM, HF_SETTLE_FULFIL, HF_SETTLE_MANUAL};

#define HELD ((uint32_t)HF_ATTENTION_MONEY_HELD)
#define LATE ((uint32_t)HF_ATTENTION_LATE_PAYMENT)

/* ---- Late payments --------------------------------------------------------------------------- */

/* How an order that was never confirmed ended. */
static void end_order(bool by_deadline)
{
    if (by_deadline)
        wait_ms(1000);
    else
        ok(cancel_all());
    stands(by_deadline ? HF_ORDER_EXPIRED : HF_ORDER_CANCELLED, 0);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_FAILED);
    ck_assert_int_eq(held(), 0);
}

static void put_to_end(uint32_t policy, bool by_deadline, uint32_t settle)
{
    cart.args.policy = policy;
    cart.args.deadline_ms = by_deadline ? fixture.now_ms + 1000 : 0;
    put_card_order(settle);
}

START_TEST(an_order_that_ended_is_revived_by_a_late_capture)
{
    put_to_end(HF_ORDER_REVIVE, _i % 2 == 1, settles[_i / 2]);
    end_order(_i % 2 == 1);
    webhook(HF_FACT_CAPTURED, "cap", 900);
    stands(HF_ORDER_CONFIRMED, 0);
    facts_are(1, 900, 900, 0, 0);
    asked_is(1, 0, 0, 0);
    ck_assert_int_eq(held(), 2);
    ck_assert_int_eq(line_no(1)->cancelled, 0);
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

START_TEST(an_order_that_ended_is_revived_by_a_late_authorization)
{
    put_to_end(HF_ORDER_REVIVE, _i % 2 == 1, settles[_i / 2]);
    end_order(_i % 2 == 1);
    webhook(HF_FACT_AUTHORIZED, "auth", 900);
    stands(HF_ORDER_CONFIRMED, 0);
    asked_is(1, settles[_i / 2] == HF_SETTLE_CONFIRM ? 900 : 0, 0, 0);
    ck_assert_int_eq(held(), 2);
}
END_TEST

/* A part is not enough, twice a part is. */
START_TEST(a_late_payment_in_two_parts_is_sent_back_until_it_is_whole)
{
    put_to_end(HF_ORDER_REVIVE, _i == 1, HF_SETTLE_FULFIL);
    end_order(_i == 1);
    webhook(HF_FACT_AUTHORIZED, "auth", 400);
    stands(_i == 1 ? HF_ORDER_EXPIRED : HF_ORDER_CANCELLED, LATE);
    asked_is(1, 0, 400, 0);
    webhook(HF_FACT_AUTHORIZED, "auth-2", 500);
    stands(_i == 1 ? HF_ORDER_EXPIRED : HF_ORDER_CANCELLED, LATE);
    asked_is(1, 0, 900, 0);
}
END_TEST

static void out_of_stock(void)
{
    end_order(false);
    lose_tea(99);
}

static void ended_finally(void)
{
    hf_order_units_args args;
    hf_order_units_init(&args, &order);
    args.final = 1;
    ok(hf_test_shop_run(&fixture, HF_OP_ORDER_CANCEL, &args));
    stands(HF_ORDER_CANCELLED, 0);
}

/* The void that the cancel has asked for comes too late. */
static void confirmed_once(void)
{
    agrees("auth");
    stands(HF_ORDER_CONFIRMED, 0);
    ok(cancel_all());
    asked_is(1, 0, 900, 0);
    refuses();
}

static void ended_without_policy(void)
{
    end_order(false);
}

static const struct {
    void (*end)(void);
    uint32_t policy;
} not_revived[] = {
    {out_of_stock, HF_ORDER_REVIVE},
    {ended_finally, HF_ORDER_REVIVE},
    {confirmed_once, HF_ORDER_REVIVE},
    {ended_without_policy, 0},
};

START_TEST(a_late_capture_that_revives_nothing_is_refunded)
{
    put_to_end(not_revived[_i].policy, false, HF_SETTLE_MANUAL);
    not_revived[_i].end();
    webhook(HF_FACT_CAPTURED, "cap", 900);
    stands(HF_ORDER_CANCELLED, LATE | HELD);
    facts_are(1, 900, 900, 0, 0);
    asked_is(1, 0, 0, 900);
    uint32_t commands = pay()->commands;
    agrees("back");
    stands(HF_ORDER_CANCELLED, LATE);
    facts_are(1, 900, 900, 0, 900);
    ck_assert_uint_eq(pay()->commands, commands);
    ck_assert_int_eq(held(), 0);
}
END_TEST

START_TEST(an_order_that_waited_for_goods_is_revived_when_they_are_there)
{
    lose_tea(100);
    put_to_end(HF_ORDER_REVIVE | HF_ORDER_QUEUE, false, HF_SETTLE_FULFIL);
    stands(HF_ORDER_WAITING, 0);
    ok(cancel_all());
    stands(HF_ORDER_CANCELLED, 0);
    if (_i == 1)
        receive_tea(2);
    webhook(HF_FACT_CAPTURED, "cap", 900);
    stands(_i == 1 ? HF_ORDER_CONFIRMED : HF_ORDER_CANCELLED, _i == 1 ? 0 : LATE | HELD);
    asked_is(1, 0, 0, _i == 1 ? 0 : 900);
}
END_TEST

/* ---- Part of the money ----------------------------------------------------------------------- */

/* 0: without a deadline, 1: the deadline passes, 2: the host cancels in time. */
static void end_by(int way)
{
    if (way == 1)
        wait_ms(1000);
    if (way == 2)
        ok(cancel_all());
}

START_TEST(what_was_captured_of_an_order_that_ends_is_refunded_and_shown_until_it_is_back)
{
    int way = _i % 3;
    put_to_end(0, way != 0, settles[_i / 3]);
    webhook(HF_FACT_CAPTURED, "cap", 400);
    end_by(way);
    stands(way == 1 ? HF_ORDER_EXPIRED : HF_ORDER_CANCELLED, HELD);
    facts_are(1, 400, 400, 0, 0);
    asked_is(1, 0, 0, 400);
    ck_assert_uint_eq(last_command(), HF_COMMAND_REFUND);
    webhook(HF_FACT_REFUNDED, "back", 400);
    stands(way == 1 ? HF_ORDER_EXPIRED : HF_ORDER_CANCELLED, 0);
    facts_are(1, 400, 400, 0, 400);
    asked_is(1, 0, 0, 0);
    ck_assert_uint_eq(open_commands(), 0);
}
END_TEST

START_TEST(what_was_authorized_of_an_order_that_ends_is_voided)
{
    int way = _i % 3;
    put_to_end(0, way != 0, settles[_i / 3]);
    webhook(HF_FACT_AUTHORIZED, "auth", 400);
    end_by(way);
    stands(way == 1 ? HF_ORDER_EXPIRED : HF_ORDER_CANCELLED, 0);
    asked_is(1, 0, 400, 0);
    webhook(HF_FACT_VOIDED, "void", 400);
    facts_are(1, 400, 0, 400, 0);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_CLOSED);
    ck_assert_uint_eq(pay()->attention & HF_ATTENTION_COMMAND_REFUSED, 0);
    ck_assert_uint_eq(open_commands(), 0);
}
END_TEST

START_TEST(a_wallet_is_free_again_when_the_card_beside_it_captured_only_a_part)
{
    tea(2);
    (void)with_card(500, settles[_i]);
    (void)hf_test_cart_pay(&cart, "ben", 400, settles[_i]);
    put_order();
    webhook(HF_FACT_CAPTURED, "cap", 100);
    stands(HF_ORDER_CANCELLED, HELD);
    asked_is(1, 0, 0, 100);
    ck_assert_int_eq(hf_test_account(&fixture, HF_KIND_MONEY, "ben", "EUR")->held_out, 0);
    ck_assert_int_eq(hf_test_balance(&fixture, "ben"), 10000);
}
END_TEST

/* ---- Counters of orders that ended ----------------------------------------------------------- */

START_TEST(no_unit_of_an_order_that_ended_looks_open)
{
    if (_i == 2) {
        lose_tea(100);
        cart.args.policy = HF_ORDER_QUEUE;
    }
    cart.args.deadline_ms = fixture.now_ms + 1000;
    tea(2);
    hf_test_cart_line(&cart, "cup", 3, 0, HF_SETTLE_CONFIRM);
    (void)with_card(900, HF_SETTLE_FULFIL);
    put_order();
    end_by(_i == 0 ? 2 : 1);
    stands(_i == 0 ? HF_ORDER_CANCELLED : HF_ORDER_EXPIRED, 0);
    for (uint32_t no = 1; no <= 2; no++) {
        const hf_order_line *line = line_no(no);
        ck_assert_int_eq(line->quantity - line->fulfilled - line->cancelled, 0);
        ck_assert_int_eq(line->leg.units - line->leg.fulfilled - line->leg.cancelled, 0);
    }
}
END_TEST

/* ---- Fees ------------------------------------------------------------------------------------ */

/* 0: nothing is refunded; else so much of 900. */
static const int64_t refunds[] = {0, 500, 900};

START_TEST(a_fee_that_the_host_keeps_at_the_cancel_is_not_money_held)
{
    bool card = _i % 2 == 0;
    int64_t refund = refunds[_i / 2];
    tea(2);
    (void)with_payment(card ? HF_METHOD_PROVIDER : HF_METHOD_ACCOUNT, 900, HF_SETTLE_CONFIRM);
    put_order();
    if (card) {
        agrees("auth");
        agrees("cap");
    }
    ok(units_for(HF_OP_ORDER_CANCEL, 0, 0, refund));
    if (card && refund > 0) {
        ck_assert_uint_eq(row()->attention, HELD);
        agrees("back");
    }
    stands(HF_ORDER_CANCELLED, 0);
    ck_assert_int_eq(row()->kept, 900 - refund);
    ck_assert_int_eq(row()->given_away, 0);
    facts_are(1, 900, 900, 0, refund);
    ck_assert_uint_eq(pay()->attention, 0);
}
END_TEST

START_TEST(a_fee_of_an_order_that_was_not_confirmed_is_kept)
{
    put_to_end(0, true, HF_SETTLE_CONFIRM);
    webhook(HF_FACT_CAPTURED, "cap", 400);
    ok(units_for(HF_OP_ORDER_CANCEL, 0, 0, _i == 0 ? 0 : 150));
    stands(HF_ORDER_CANCELLED, _i == 0 ? 0 : HELD);
    ck_assert_int_eq(row()->kept, _i == 0 ? 400 : 250);
    asked_is(1, 0, 0, _i == 0 ? 0 : 150);
    if (_i == 1)
        agrees("back");
    stands(HF_ORDER_CANCELLED, 0);
}
END_TEST

START_TEST(a_fee_for_a_returned_unit_is_kept_and_the_rest_can_be_returned)
{
    tea(2);
    (void)hf_test_cart_pay(&cart, "anna", 900, _i == 0 ? HF_SETTLE_CONFIRM : HF_SETTLE_FULFIL);
    put_order();
    ok(fulfil(0, 0));
    stands(HF_ORDER_CLOSED, 0);
    ok(units_for(HF_OP_ORDER_RETURN, 1, 1, 400));
    ck_assert_int_eq(row()->kept, 50);
    stands(HF_ORDER_CLOSED, 0);
    ok(take_back(1, 1));
    facts_are(1, 900, 900, 0, 850);
    stands(HF_ORDER_CLOSED, 0);
}
END_TEST

/* ---- After the end --------------------------------------------------------------------------- */

/* Two tea, captured by card; then everything is cancelled and the refund asked. */
static void cancel_captured(void)
{
    put_card_order(HF_SETTLE_CONFIRM);
    agrees("auth");
    agrees("cap");
    ok(cancel_all());
    stands(HF_ORDER_CANCELLED, HELD);
    asked_is(1, 0, 0, 900);
}

START_TEST(a_refund_that_fails_after_the_end_is_money_held_and_not_asked_again)
{
    cancel_captured();
    uint32_t commands = pay()->commands;
    refuses();
    stands(HF_ORDER_CANCELLED, HELD);
    ck_assert_uint_eq(pay()->attention, HF_ATTENTION_COMMAND_REFUSED);
    ck_assert_int_eq(pay()->refund_refused, 900);
    wait_ms(DAY_MS);
    ck_assert_uint_eq(pay()->commands, commands);
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, HF_ALL));
    ck_assert_int_eq(pay()->refund_refused, 0);
    ck_assert_int_eq(row()->given_away, 0);
    agrees("back");
    stands(HF_ORDER_CANCELLED, 0);
}
END_TEST

START_TEST(a_refund_that_is_reported_as_failed_later_is_asked_again_once)
{
    cancel_captured();
    agrees("back");
    stands(HF_ORDER_CANCELLED, 0);
    said failed = {.kind = HF_FACT_FAILED, .no = 1, .message = "back", .amount = 900, .at_ms = 50};
    ok(say(failed));
    stands(HF_ORDER_CANCELLED, HELD);
    facts_are(1, 900, 900, 0, 0);
    asked_is(1, 0, 0, 900);
    uint32_t commands = pay()->commands;
    failed.message = "evt";
    failed.movement = "back";
    ok(say(failed));
    ck_assert_uint_eq(pay()->commands, commands);
}
END_TEST

START_TEST(a_dispute_that_is_won_after_a_cancel_is_refunded)
{
    put_card_order(HF_SETTLE_CONFIRM);
    agrees("auth");
    agrees("cap");
    webhook(HF_FACT_CHARGEBACK, "dispute", 900);
    stands(HF_ORDER_CONFIRMED, HF_ATTENTION_UNPAID);
    ok(cancel_all());
    stands(HF_ORDER_CANCELLED, 0);
    asked_is(1, 0, 0, 0);
    webhook(HF_FACT_CHARGEBACK_REVERSED, "won", 900);
    stands(HF_ORDER_CANCELLED, HELD);
    asked_is(1, 0, 0, 900);
    agrees("back");
    stands(HF_ORDER_CANCELLED, 0);
}
END_TEST

START_TEST(one_more_capture_after_the_end_is_refunded)
{
    cancel_captured();
    agrees("back");
    webhook(HF_FACT_CAPTURED, "cap-2", 100);
    stands(HF_ORDER_CANCELLED, HELD | LATE);
    facts_are(1, 1000, 1000, 0, 900);
    asked_is(1, 0, 0, 100);
    agrees("back-2");
    stands(HF_ORDER_CANCELLED, LATE);
    facts_are(1, 1000, 1000, 0, 1000);
}
END_TEST

START_TEST(one_more_capture_of_a_closed_order_is_refunded)
{
    put_card_order(settles[_i]);
    agrees("auth");
    if (settles[_i] == HF_SETTLE_MANUAL)
        ok(hf_test_pay(&fixture, HF_OP_PAYMENT_CAPTURE, &order, 1, HF_ALL));
    ok(fulfil(0, 0));
    agrees("cap");
    stands(HF_ORDER_CLOSED, 0);
    webhook(HF_FACT_CAPTURED, "cap-2", 900);
    ck_assert_uint_eq(row()->state, HF_ORDER_CLOSED);
    ck_assert_uint_ne(row()->attention & HELD, 0);
    asked_is(1, 0, 0, 900);
    agrees("back");
    ck_assert_uint_eq(row()->attention & HELD, 0);
}
END_TEST

START_TEST(money_that_a_full_wallet_cannot_take_back_is_held)
{
    const hf_account_key ben = {.kind = HF_KIND_MONEY, .name = "ben", .place = "", .unit = "EUR"};
    cart.args.deadline_ms = fixture.now_ms + 1000;
    tea(2);
    (void)hf_test_cart_pay(&cart, "ben", 900, HF_SETTLE_CONFIRM);
    put_order();
    hf_test_stock(&fixture, &ben, 0, &(hf_test_limits){.max_balance = 9500});
    refused(cancel_all(), HF_E_MAX_BALANCE);
    stands(HF_ORDER_CONFIRMED, 0);
    ok(units_for(HF_OP_ORDER_CANCEL, 0, 0, 400));
    stands(HF_ORDER_CANCELLED, 0);
    ck_assert_int_eq(row()->kept, 500);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("case_ends");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_loop_test(core, an_order_that_ended_is_revived_by_a_late_capture, 0, 6);
    tcase_add_loop_test(core, an_order_that_ended_is_revived_by_a_late_authorization, 0, 6);
    tcase_add_loop_test(core, a_late_payment_in_two_parts_is_sent_back_until_it_is_whole, 0, 2);
    tcase_add_loop_test(core, a_late_capture_that_revives_nothing_is_refunded, 0, 4);
    tcase_add_loop_test(core, an_order_that_waited_for_goods_is_revived_when_they_are_there, 0, 2);
    tcase_add_loop_test(
        core, what_was_captured_of_an_order_that_ends_is_refunded_and_shown_until_it_is_back, 0, 9);
    tcase_add_loop_test(core, what_was_authorized_of_an_order_that_ends_is_voided, 0, 9);
    tcase_add_loop_test(core, a_wallet_is_free_again_when_the_card_beside_it_captured_only_a_part,
                        0, 3);
    tcase_add_loop_test(core, no_unit_of_an_order_that_ended_looks_open, 0, 3);
    tcase_add_loop_test(core, a_fee_that_the_host_keeps_at_the_cancel_is_not_money_held, 0, 6);
    tcase_add_loop_test(core, a_fee_of_an_order_that_was_not_confirmed_is_kept, 0, 2);
    tcase_add_loop_test(core, a_fee_for_a_returned_unit_is_kept_and_the_rest_can_be_returned, 0, 2);
    tcase_add_test(core, a_refund_that_fails_after_the_end_is_money_held_and_not_asked_again);
    tcase_add_test(core, a_refund_that_is_reported_as_failed_later_is_asked_again_once);
    tcase_add_test(core, a_dispute_that_is_won_after_a_cancel_is_refunded);
    tcase_add_test(core, one_more_capture_after_the_end_is_refunded);
    tcase_add_loop_test(core, one_more_capture_of_a_closed_order_is_refunded, 0, 3);
    tcase_add_test(core, money_that_a_full_wallet_cannot_take_back_is_held);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
