/* Payments of a provider: commands are pending until they are facts, facts come as they please. */
#include "domain/order/view.h"
#include "support/card.h"
#include "support/check_main.h"

#include <holdfast/item.h>

/* ---- The way through ------------------------------------------------------------------------- */

START_TEST(an_order_waits_for_its_provider_and_holds_its_stock)
{
    place(HF_SETTLE_CONFIRM);
    ck_assert_uint_eq(state(), HF_ORDER_PENDING);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_PENDING);
    ck_assert_int_eq(pay()->pending_authorize, 900);
    ck_assert_int_eq(held(), 2);
    ck_assert_uint_eq(command(1).command, HF_COMMAND_AUTHORIZE);
    ck_assert_int_eq(command(1).amount, 900);
}
END_TEST

START_TEST(an_authorization_confirms_and_asks_for_the_capture_in_the_same_commit)
{
    place(HF_SETTLE_CONFIRM);
    answer(1, HF_ANSWER_OK, "auth-1", 0);
    ck_assert_uint_eq(state(), HF_ORDER_CONFIRMED);
    ck_assert_int_eq(held(), 0);
    ck_assert_int_eq(pay()->authorized, 900);
    ck_assert_int_eq(pay()->pending_capture, 900);
    ck_assert_str_eq(pay()->provider_ref.text, "auth-1");
    ck_assert_uint_eq(command(1).state, HF_TXN_CONFIRMED);
    ck_assert_uint_eq(command(2).command, HF_COMMAND_CAPTURE);
    answer(2, HF_ANSWER_OK, "cap-1", 0);
    ck_assert_int_eq(pay()->captured, 900);
    ck_assert_int_eq(pay()->pending_capture, 0);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_CLOSED);
    ck_assert_uint_eq(state(), HF_ORDER_CLOSED);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__FACTS), 2);
}
END_TEST

START_TEST(a_refusal_without_a_deadline_ends_the_order)
{
    place(HF_SETTLE_CONFIRM);
    answer(1, HF_ANSWER_REJECTED, "", 0);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_FAILED);
    ck_assert_uint_eq(state(), HF_ORDER_CANCELLED);
    ck_assert_int_eq(held(), 0);
}
END_TEST

START_TEST(a_refusal_in_time_allows_another_payment)
{
    cart.args.deadline_ms = fixture.now_ms + 1000;
    place(HF_SETTLE_CONFIRM);
    answer(1, HF_ANSWER_REJECTED, "", 0);
    ck_assert_uint_eq(state(), HF_ORDER_PENDING);
    ck_assert_int_eq(held(), 2);
    hf_payment_add_args add;
    hf_payment_add_init(&add, &order);
    hf_payment_init(&add.payment, "anna", "EUR", 900);
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_PAYMENT_ADD, &add), 0);
    ck_assert_uint_eq(state(), HF_ORDER_CLOSED);
}
END_TEST

START_TEST(captures_follow_the_goods_and_refunds_the_returns)
{
    place(HF_SETTLE_FULFIL);
    answer(1, HF_ANSWER_OK, "auth", 0);
    ck_assert_int_eq(pay()->pending_capture, 0);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 1, 1), 0);
    ck_assert_int_eq(pay()->pending_capture, 450);
    answer(2, HF_ANSWER_OK, "cap-1", 0);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 1, 1), 0);
    ck_assert_uint_eq(state(), HF_ORDER_CONFIRMED);
    answer(3, HF_ANSWER_OK, "cap-2", 0);
    ck_assert_uint_eq(state(), HF_ORDER_CLOSED);
    ck_assert_int_eq(pay()->captured, 900);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_RETURN, &order, 1, 1), 0);
    ck_assert_int_eq(pay()->pending_refund, 450);
    answer(4, HF_ANSWER_OK, "ref-1", 0);
    ck_assert_int_eq(pay()->refunded, 450);
    ck_assert_int_eq(pay()->pending_refund, 0);
}
END_TEST

START_TEST(nothing_is_refunded_while_its_capture_is_not_known)
{
    place(HF_SETTLE_FULFIL);
    answer(1, HF_ANSWER_OK, "auth", 0);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 1, 1), 0);
    hf_test_refused(&fixture, hf_test_units(&fixture, HF_OP_ORDER_RETURN, &order, 1, 1),
                    HF_E_PAYMENT_STATE,
                    "450 to refund while the answer to a capture of 450 is outstanding");
}
END_TEST

START_TEST(a_partial_authorization_is_not_enough)
{
    cart.args.deadline_ms = fixture.now_ms + 1000;
    place(HF_SETTLE_CONFIRM);
    answer(1, HF_ANSWER_OK, "auth", 500);
    ck_assert_uint_eq(state(), HF_ORDER_PENDING);
    ck_assert_int_eq(pay()->authorized, 500);
    ck_assert_int_eq(pay()->pending_authorize, 0);
}
END_TEST

START_TEST(a_partial_authorization_without_a_deadline_is_voided)
{
    place(HF_SETTLE_CONFIRM);
    answer(1, HF_ANSWER_OK, "auth", 500);
    ck_assert_uint_eq(state(), HF_ORDER_CANCELLED);
    ck_assert_int_eq(held(), 0);
    ck_assert_int_eq(pay()->pending_void, 500);
    answer(2, HF_ANSWER_OK, "void", 0);
    ck_assert_int_eq(pay()->voided, 500);
}
END_TEST

/* The rest is for a payment that is still to come. */
START_TEST(a_part_that_is_authorized_whole_waits_for_the_other)
{
    hf_test_cart_line(&cart, "tea", 2, 450, HF_SETTLE_CONFIRM);
    hf_payment_args *card = hf_test_cart_pay(&cart, "anna", 500, HF_SETTLE_CONFIRM);
    hf_payment_provider_init(card, "card", 500);
    order = cart.args.head.id;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    answer(1, HF_ANSWER_OK, "auth", 0);
    ck_assert_uint_eq(state(), HF_ORDER_PENDING);
    ck_assert_int_eq(held(), 2);
}
END_TEST

START_TEST(a_refused_capture_raises_attention_and_may_be_asked_again)
{
    place(HF_SETTLE_CONFIRM);
    answer(1, HF_ANSWER_OK, "auth", 0);
    answer(2, HF_ANSWER_REJECTED, "", 0);
    ck_assert_uint_eq(pay()->attention, HF_ATTENTION_COMMAND_REFUSED);
    ck_assert_int_eq(pay()->captured, 0);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_AUTHORIZED);
}
END_TEST

START_TEST(a_void_refused_after_the_order_ended_raises_attention)
{
    place(HF_SETTLE_MANUAL);
    answer(1, HF_ANSWER_OK, "auth", 0);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_CANCEL, &order, 0, 0), 0);
    ck_assert_uint_eq(state(), HF_ORDER_CANCELLED);
    ck_assert_int_eq(pay()->pending_void, 900);
    answer(2, HF_ANSWER_REJECTED, "", 0);
    ck_assert_uint_eq(pay()->attention, HF_ATTENTION_COMMAND_REFUSED);
    ck_assert_int_eq(pay()->pending_void, 0);
    ck_assert_int_eq(pay()->authorized, 900);
}
END_TEST

START_TEST(a_payer_who_must_act_is_marked_until_it_is_authorized)
{
    place(HF_SETTLE_CONFIRM);
    report(HF_FACT_ACTION_REQUIRED, "3ds", 0, 1);
    ck_assert_uint_eq(pay()->flags, HF_PAYMENT_ACTION_REQUIRED);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_PENDING);
    answer(1, HF_ANSWER_OK, "auth", 0);
    ck_assert_uint_eq(pay()->flags, 0);
}
END_TEST

/* ---- Late ------------------------------------------------------------------------------------ */

static void expire(void)
{
    fixture.now_ms += 2000;
    (void)hf_test_expire(&fixture);
    ck_assert_uint_eq(state(), HF_ORDER_EXPIRED);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_FAILED);
    ck_assert_int_eq(held(), 0);
}

START_TEST(an_authorization_after_the_deadline_is_voided)
{
    cart.args.deadline_ms = fixture.now_ms + 1000;
    place(HF_SETTLE_CONFIRM);
    expire();
    answer(1, HF_ANSWER_OK, "auth", 0);
    ck_assert_uint_eq(state(), HF_ORDER_EXPIRED);
    ck_assert_uint_eq(hf_test_order(&fixture, &order)->attention, HF_ATTENTION_LATE_PAYMENT);
    ck_assert_int_eq(pay()->pending_void, 900);
    ck_assert_uint_eq(command(2).command, HF_COMMAND_VOID);
    answer(2, HF_ANSWER_OK, "void", 0);
    ck_assert_int_eq(pay()->voided, 900);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_CLOSED);
}
END_TEST

/* The provider keeps it; a person may ask for it again. */
START_TEST(a_late_authorization_whose_void_is_refused_stays_authorized)
{
    cart.args.deadline_ms = fixture.now_ms + 1000;
    place(HF_SETTLE_CONFIRM);
    expire();
    answer(1, HF_ANSWER_OK, "auth", 0);
    answer(2, HF_ANSWER_REJECTED, "", 0);
    ck_assert_uint_eq(state(), HF_ORDER_EXPIRED);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_AUTHORIZED);
    ck_assert_uint_ne(pay()->attention & HF_ATTENTION_COMMAND_REFUSED, 0);
    hf_payment_amount_args all;
    hf_payment_amount_init(&all, &pay()->id);
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_PAYMENT_VOID, &all), 0);
    answer(3, HF_ANSWER_OK, "void", 0);
    ck_assert_int_eq(pay()->voided, 900);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_CLOSED);
}
END_TEST

START_TEST(a_late_authorization_revives_what_can_be_held_again)
{
    cart.args.deadline_ms = fixture.now_ms + 1000;
    cart.args.policy = HF_ORDER_REVIVE;
    place(HF_SETTLE_CONFIRM);
    expire();
    answer(1, HF_ANSWER_OK, "auth", 0);
    ck_assert_uint_eq(state(), HF_ORDER_CONFIRMED);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_AUTHORIZED);
    ck_assert_int_eq(pay()->pending_capture, 900);
    const hf_account_key tea = hf_test_item("tea", "");
    ck_assert_int_eq(hf_test_at(&fixture, &tea)->balance, 98);
}
END_TEST

START_TEST(what_cannot_be_held_again_is_not_revived)
{
    cart.args.deadline_ms = fixture.now_ms + 1000;
    cart.args.policy = HF_ORDER_REVIVE;
    place(HF_SETTLE_CONFIRM);
    expire();
    const hf_account_key tea = hf_test_item("tea", "");
    hf_account_adjust_args gone;
    hf_item_adjust_init(&gone, "tea");
    gone.mode = HF_ADJUST_BY;
    gone.quantity = -99;
    hf_test_expect(&fixture, 0, HF_OP_ITEM_ADJUST, &gone);
    ck_assert_int_eq(hf_test_at(&fixture, &tea)->balance, 1);
    answer(1, HF_ANSWER_OK, "auth", 0);
    ck_assert_uint_eq(state(), HF_ORDER_EXPIRED);
    ck_assert_int_eq(pay()->pending_void, 900);
}
END_TEST

START_TEST(an_order_is_kept_until_its_provider_must_have_answered)
{
    cart.args.deadline_ms = fixture.now_ms + 1000;
    hf_test_cart_line(&cart, "tea", 2, 450, HF_SETTLE_CONFIRM);
    hf_payment_args *card = hf_test_cart_pay(&cart, "anna", 900, HF_SETTLE_CONFIRM);
    hf_payment_provider_init(card, "card", 900);
    card->deadline_ms = fixture.now_ms + 5000;
    order = cart.args.head.id;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    fixture.now_ms += 2000;
    (void)hf_test_expire(&fixture);
    ck_assert_uint_eq(state(), HF_ORDER_PENDING);
    answer(1, HF_ANSWER_OK, "auth", 0);
    ck_assert_uint_eq(state(), HF_ORDER_CONFIRMED);
}
END_TEST

START_TEST(a_cancelled_orders_authorization_is_voided)
{
    place(HF_SETTLE_CONFIRM);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_CANCEL, &order, 0, 0), 0);
    ck_assert_uint_eq(state(), HF_ORDER_CANCELLED);
    answer(1, HF_ANSWER_OK, "auth", 0);
    ck_assert_int_eq(pay()->pending_void, 900);
}
END_TEST

/* 0: expired, 1: cancelled, 2: the host has asked to void it before. */
START_TEST(what_was_authorized_of_an_order_that_ends_is_asked_back)
{
    cart.args.deadline_ms = fixture.now_ms + 1000;
    place(HF_SETTLE_CONFIRM);
    answer(1, HF_ANSWER_OK, "auth", 500);
    if (_i == 2) {
        hf_payment_amount_args all;
        hf_payment_amount_init(&all, &pay()->id);
        hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_PAYMENT_VOID, &all), 0);
    }
    if (_i == 1)
        hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_CANCEL, &order, 0, 0), 0);
    fixture.now_ms += 2000;
    (void)hf_test_expire(&fixture);
    ck_assert_uint_eq(state(), _i == 1 ? HF_ORDER_CANCELLED : HF_ORDER_EXPIRED);
    ck_assert_int_eq(pay()->pending_void, 500);
    ck_assert_int_eq(pay()->deadline_ms, 0);
    answer(2, HF_ANSWER_OK, "void", 0);
    ck_assert_int_eq(pay()->voided, 500);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_CLOSED);
}
END_TEST

START_TEST(an_order_that_is_paid_later_does_not_wait_for_its_provider)
{
    cart.args.deadline_ms = fixture.now_ms + 1000;
    cart.args.policy = HF_ORDER_PAY_LATER;
    place(HF_SETTLE_CONFIRM);
    ck_assert_uint_eq(state(), HF_ORDER_CONFIRMED);
    ck_assert_int_eq(pay()->pending_authorize, 900);
    answer(1, HF_ANSWER_OK, "auth", 0);
    ck_assert_int_eq(pay()->pending_capture, 900);
}
END_TEST

/* ---- Facts in any order ---------------------------------------------------------------------- */

typedef struct message {
    uint32_t kind;
    const char *reference;
} message;

/* The same three facts in every order end in the same counters. */
START_TEST(facts_end_the_same_in_every_order)
{
    static const message facts[3] = {
        {HF_FACT_AUTHORIZED, "a"}, {HF_FACT_CAPTURED, "c"}, {HF_FACT_REFUNDED, "r"}};
    static const uint8_t orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                         {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    place(HF_SETTLE_FULFIL);
    for (uint32_t i = 0; i < 3; i++) {
        const message *one = &facts[orders[_i][i]];
        report(one->kind, one->reference, 900, 10 + i);
        report(one->kind, one->reference, 900, 10 + i); /* and once more */
    }
    ck_assert_int_eq(pay()->authorized, 900);
    ck_assert_int_eq(pay()->captured, 900);
    ck_assert_int_eq(pay()->refunded, 900);
    ck_assert_int_eq(pay()->pending_authorize, 0);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__FACTS), 3);
}
END_TEST

START_TEST(a_report_that_is_faster_than_the_answer_counts_once)
{
    place(HF_SETTLE_CONFIRM);
    report(HF_FACT_AUTHORIZED, "auth", 900, 1);
    ck_assert_uint_eq(state(), HF_ORDER_CONFIRMED);
    answer(1, HF_ANSWER_OK, "auth", 0);
    report(HF_FACT_CAPTURED, "cap", 900, 2);
    answer(2, HF_ANSWER_OK, "cap", 0);
    ck_assert_int_eq(pay()->authorized, 900);
    ck_assert_int_eq(pay()->captured, 900);
    ck_assert_int_eq(pay()->pending_capture, 0);
    ck_assert_uint_eq(pay()->attention, 0);
}
END_TEST

/* A provider that gives one reference two times, or reports it before it names the payment. */
START_TEST(a_reference_that_is_taken_does_not_hide_what_happened)
{
    hf_payment_report_args unmatched;
    hf_payment_report_init(&unmatched);
    unmatched.provider = "card";
    unmatched.fact_ref = "auth";
    unmatched.unit = "EUR";
    unmatched.amount = 900;
    if (_i == 0) {
        place(HF_SETTLE_FULFIL);
        answer(1, HF_ANSWER_OK, "auth", 0);
        hf_test_cart_init(&fixture, &cart);
    } else {
        hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_PAYMENT_REPORT, &unmatched), 0);
    }
    place(HF_SETTLE_FULFIL);
    answer(1, HF_ANSWER_OK, "auth", 0);
    ck_assert_uint_eq(state(), HF_ORDER_CONFIRMED);
    ck_assert_int_eq(pay()->authorized, 900);
    ck_assert_int_eq(pay()->pending_authorize, 0);
    ck_assert_uint_eq(pay()->attention, _i == 0 ? HF_ATTENTION_UNEXPECTED_FACT : 0u);
}
END_TEST

START_TEST(a_failure_takes_an_older_success_back_and_loses_to_a_newer)
{
    place(HF_SETTLE_CONFIRM);
    answer(1, HF_ANSWER_OK, "auth", 0);
    answer(2, HF_ANSWER_OK, "cap", 0);
    report(HF_FACT_REFUNDED, "r1", 300, 10);
    ck_assert_int_eq(pay()->refunded, 300);
    report(HF_FACT_FAILED, "r1", 300, 11);
    ck_assert_int_eq(pay()->refunded, 0);
    report(HF_FACT_REFUNDED, "r2", 200, 20);
    report(HF_FACT_FAILED, "r2", 200, 20); /* a tie: the success stands */
    ck_assert_int_eq(pay()->refunded, 200);
    report(HF_FACT_FAILED, "r3", 100, 31);
    report(HF_FACT_REFUNDED, "r3", 100, 30);
    ck_assert_int_eq(pay()->refunded, 200);
}
END_TEST

START_TEST(more_than_was_authorized_is_recorded_and_wants_a_person)
{
    place(HF_SETTLE_CONFIRM);
    answer(1, HF_ANSWER_OK, "auth", 0);
    report(HF_FACT_CAPTURED, "cap", 1200, 1);
    ck_assert_int_eq(pay()->captured, 1200);
    ck_assert_int_ne(pay()->attention & HF_ATTENTION_UNEXPECTED_FACT, 0);
    report(HF_FACT_CHARGEBACK, "cb", 1200, 2);
    report(HF_FACT_REFUNDED, "r", 100, 3);
    ck_assert_int_eq(pay()->charged_back, 1200);
    ck_assert_int_ne(pay()->attention & HF_ATTENTION_CHARGEBACK, 0);
    ck_assert_int_ne(pay()->flags & HF_PAYMENT_BEYOND, 0);
}
END_TEST

/* ---- Split ----------------------------------------------------------------------------------- */

START_TEST(a_split_payment_holds_the_account_until_the_provider_has_answered)
{
    hf_test_cart_line(&cart, "tea", 2, 450, HF_SETTLE_CONFIRM);
    hf_payment_args *card = hf_test_cart_pay(&cart, "anna", 500, HF_SETTLE_CONFIRM);
    hf_payment_provider_init(card, "card", 500);
    (void)hf_test_cart_pay(&cart, "ben", 400, HF_SETTLE_CONFIRM);
    order = cart.args.head.id;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    ck_assert_int_eq(hf_test_account(&fixture, HF_KIND_MONEY, "ben", "EUR")->held_out, 400);
    answer(1, _i == 0 ? HF_ANSWER_OK : HF_ANSWER_REJECTED, "auth", 0);
    ck_assert_int_eq(hf_test_account(&fixture, HF_KIND_MONEY, "ben", "EUR")->held_out, 0);
    ck_assert_int_eq(hf_test_balance(&fixture, "ben"), _i == 0 ? 9600 : 10000);
    ck_assert_uint_eq(state(), _i == 0 ? HF_ORDER_CONFIRMED : HF_ORDER_CANCELLED);
}
END_TEST

/* ---- Money that an ended order holds --------------------------------------------------------- */

static int clear_held(const char *reason)
{
    hf_attention_clear_args args;
    hf_attention_clear_init(&args);
    args.subject = HF_ATTENTION_ON_ORDER;
    args.id = order;
    args.bits = HF_ATTENTION_MONEY_HELD | HF_ATTENTION_LATE_PAYMENT;
    args.reason = reason;
    return hf_test_shop_run(&fixture, HF_OP_ATTENTION_CLEAR, &args);
}

/* CANCELLED with 400 in hand, the refund of which is asked for by command 2. */
static void hold_400(void)
{
    place(HF_SETTLE_CONFIRM);
    report(HF_FACT_CAPTURED, "cap", 400, 0);
    ck_assert_uint_eq(state(), HF_ORDER_CANCELLED);
    ck_assert_int_eq(pay()->pending_refund, 400);
}

START_TEST(money_stays_marked_as_held_while_its_refund_is_asked)
{
    hold_400();
    hf_test_is(&fixture, clear_held("a fee"), 0);
    ck_assert_uint_eq(hf_test_order(&fixture, &order)->attention, HF_ATTENTION_MONEY_HELD);
    ck_assert_int_eq(hf_test_order(&fixture, &order)->kept, 0);
    answer(2, HF_ANSWER_OK, "back", 0);
    ck_assert_uint_eq(hf_test_order(&fixture, &order)->attention, 0);
}
END_TEST

START_TEST(money_that_is_not_marked_as_held_any_more_is_kept)
{
    hold_400();
    answer(2, HF_ANSWER_REJECTED, "", 0);
    uint64_t version = hf_test_order(&fixture, &order)->version;
    hf_test_is(&fixture, clear_held("the customer does not want it"), 0);
    ck_assert_uint_eq(hf_test_order(&fixture, &order)->attention, 0);
    ck_assert_int_eq(hf_test_order(&fixture, &order)->kept, 400);
    ck_assert_uint_eq(hf_test_order(&fixture, &order)->version, version + 1);
    const hf_event *event =
        hf_test_row_of(&fixture, HF__EVENTS, &(hf_event){.seq = fixture.event_seq});
    uint64_t position = 0;
    hf_change change;
    ck_assert_str_eq(event->actor.text, "tester");
    ck_assert_int_eq(hf_event_next(event, &position, &change), 1);
    ck_assert_uint_eq(change.type, HF_CHANGE_ORDER);
    ck_assert_int_eq(change.a, 400);
    ck_assert_int_eq(hf_event_next(event, &position, &change), 1);
    ck_assert_str_eq(change.text.text, "the customer does not want it");
    report(HF_FACT_CAPTURED, "more", 10, 0);
    ck_assert_uint_ne(hf_test_order(&fixture, &order)->attention & HF_ATTENTION_MONEY_HELD, 0);
    ck_assert_int_eq(hf_test_order(&fixture, &order)->kept, 400);
}
END_TEST

START_TEST(clearing_what_no_order_holds_changes_nothing)
{
    place(HF_SETTLE_CONFIRM);
    uint64_t seq = fixture.event_seq;
    hf_test_is(&fixture, clear_held("nothing"), 0);
    ck_assert_uint_eq(fixture.event_seq, seq);
    ck_assert_int_eq(hf_test_order(&fixture, &order)->kept, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("provider");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, an_order_waits_for_its_provider_and_holds_its_stock);
    tcase_add_test(core, an_authorization_confirms_and_asks_for_the_capture_in_the_same_commit);
    tcase_add_test(core, a_refusal_without_a_deadline_ends_the_order);
    tcase_add_test(core, a_refusal_in_time_allows_another_payment);
    tcase_add_test(core, captures_follow_the_goods_and_refunds_the_returns);
    tcase_add_test(core, nothing_is_refunded_while_its_capture_is_not_known);
    tcase_add_test(core, a_partial_authorization_is_not_enough);
    tcase_add_test(core, a_partial_authorization_without_a_deadline_is_voided);
    tcase_add_test(core, a_part_that_is_authorized_whole_waits_for_the_other);
    tcase_add_test(core, a_refused_capture_raises_attention_and_may_be_asked_again);
    tcase_add_test(core, a_void_refused_after_the_order_ended_raises_attention);
    tcase_add_test(core, a_payer_who_must_act_is_marked_until_it_is_authorized);
    tcase_add_test(core, an_authorization_after_the_deadline_is_voided);
    tcase_add_test(core, a_late_authorization_whose_void_is_refused_stays_authorized);
    tcase_add_test(core, a_late_authorization_revives_what_can_be_held_again);
    tcase_add_test(core, what_cannot_be_held_again_is_not_revived);
    tcase_add_test(core, an_order_is_kept_until_its_provider_must_have_answered);
    tcase_add_test(core, a_cancelled_orders_authorization_is_voided);
    tcase_add_loop_test(core, what_was_authorized_of_an_order_that_ends_is_asked_back, 0, 3);
    tcase_add_test(core, an_order_that_is_paid_later_does_not_wait_for_its_provider);
    tcase_add_loop_test(core, facts_end_the_same_in_every_order, 0, 6);
    tcase_add_test(core, a_report_that_is_faster_than_the_answer_counts_once);
    tcase_add_loop_test(core, a_reference_that_is_taken_does_not_hide_what_happened, 0, 2);
    tcase_add_test(core, a_failure_takes_an_older_success_back_and_loses_to_a_newer);
    tcase_add_test(core, more_than_was_authorized_is_recorded_and_wants_a_person);
    tcase_add_loop_test(core, a_split_payment_holds_the_account_until_the_provider_has_answered, 0,
                        2);
    tcase_add_test(core, money_stays_marked_as_held_while_its_refund_is_asked);
    tcase_add_test(core, money_that_is_not_marked_as_held_any_more_is_kept);
    tcase_add_test(core, clearing_what_no_order_holds_changes_nothing);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
