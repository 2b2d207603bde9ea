#include "support/check_main.h"
#include "support/shop.h"
#include <stdio.h>
#include <string.h>

static hf_test_fixture fixture;
static hf_test_cart cart;
static hf_id order;

static void open_shop(void)
{
    hf_test_shop_init(&fixture);
    hf_test_cart_init(&fixture, &cart);
    order = cart.args.head.id;
    hf_test_cart_line(&cart, "tea", 4, 100, HF_SETTLE_FULFIL);
}

static void close_shop(void)
{
    hf_test_fixture_fini(&fixture);
}

static void place(void)
{
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
}

static uint32_t state(void)
{
    return hf_test_order(&fixture, &order)->state;
}

static const hf_payment *payment(uint32_t no)
{
    return hf_test_payment(&fixture, &order, no);
}

static int add(const char *account, int64_t amount, uint32_t settle_on)
{
    hf_payment_add_args args;
    hf_payment_add_init(&args, &order);
    hf_payment_init(&args.payment, account, "EUR", amount);
    args.payment.settle_on = settle_on;
    return hf_test_shop_run(&fixture, HF_OP_PAYMENT_ADD, &args);
}

static void pay(uint32_t type, uint32_t no, int64_t amount)
{
    hf_test_is(&fixture, hf_test_pay(&fixture, type, &order, no, amount), 0);
}

/* ---- add ---- */

START_TEST(a_payment_that_covers_the_rest_confirms_the_order)
{
    hf_test_cart_pay(&cart, "anna", 100, HF_SETTLE_CONFIRM);
    cart.args.deadline_ms = fixture.now_ms + 1000;
    place();
    ck_assert_uint_eq(state(), HF_ORDER_PENDING);
    hf_test_is(&fixture, add("ben", 200, HF_SETTLE_CONFIRM), 0);
    ck_assert_uint_eq(state(), HF_ORDER_PENDING);
    ck_assert_int_eq(payment(2)->deadline_ms, fixture.now_ms + 1000);
    hf_test_is(&fixture, add("ben", 100, HF_SETTLE_FULFIL), 0);
    ck_assert_uint_eq(state(), HF_ORDER_CONFIRMED);
    ck_assert_int_eq(payment(1)->captured, 100);
    ck_assert_int_eq(payment(2)->captured, 200);
    ck_assert_int_eq(payment(3)->captured, 0);
    ck_assert_int_eq(payment(3)->authorized, 100);
    ck_assert_uint_eq(hf_test_view(&fixture)->payment_count, 3);
}
END_TEST

START_TEST(an_order_that_pays_later_takes_payments_and_closes_when_paid)
{
    cart.args.policy = HF_ORDER_PAY_LATER;
    place();
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 0, 0), 0);
    ck_assert_uint_eq(state(), HF_ORDER_CONFIRMED);
    hf_test_is(&fixture, add("anna", 300, HF_SETTLE_CONFIRM), 0);
    ck_assert_int_eq(payment(1)->captured, 300);
    ck_assert_uint_eq(state(), HF_ORDER_CONFIRMED);
    hf_test_is(&fixture, add("ben", 100, HF_SETTLE_FULFIL), 0);
    ck_assert_int_eq(payment(2)->captured, 100);
    ck_assert_uint_eq(state(), HF_ORDER_CLOSED);
}
END_TEST

START_TEST(what_was_cancelled_need_not_be_paid)
{
    cart.args.policy = HF_ORDER_PAY_LATER;
    place();
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_CANCEL, &order, 1, 1), 0);
    hf_test_refused(&fixture, add("anna", 301, HF_SETTLE_CONFIRM), HF_E_OVER_PAID,
                    "payment 1: 301, but only 300 of 300 are not covered yet");
    hf_test_is(&fixture, add("anna", 300, HF_SETTLE_CONFIRM), 0);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 0, 0), 0);
    ck_assert_uint_eq(state(), HF_ORDER_CLOSED);
}
END_TEST

START_TEST(the_id_of_an_added_payment_is_the_payments_or_the_operations)
{
    cart.args.deadline_ms = fixture.now_ms + 1000;
    place();
    hf_payment_add_args args;
    hf_payment_add_init(&args, &order);
    hf_payment_init(&args.payment, "anna", "EUR", 10);
    args.head.id = hf_test_id(&fixture);
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_PAYMENT_ADD, &args), 0);
    ck_assert_mem_eq(&payment(1)->id, &args.head.id, sizeof(hf_id));
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_PAYMENT_ADD, &args), 0);
    ck_assert_uint_eq(hf_test_order(&fixture, &order)->payment_count, 1);
    args.payment.id = hf_test_id(&fixture);
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_PAYMENT_ADD, &args), HF_E_ID_REUSED);
    args.head.id = hf_test_id(&fixture);
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_PAYMENT_ADD, &args), 0);
    ck_assert_mem_eq(&payment(2)->id, &args.payment.id, sizeof(hf_id));
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_PAYMENT_ADD, &args), 0);
    ck_assert_uint_eq(hf_test_order(&fixture, &order)->payment_count, 2);
    args.payment.amount = 11;
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_PAYMENT_ADD, &args), HF_E_ID_REUSED);
}
END_TEST

START_TEST(an_order_has_at_most_64_payments)
{
    cart.args.deadline_ms = fixture.now_ms + 1000;
    place();
    for (uint32_t i = 0; i < HF_PAYMENTS_MAX; i++)
        hf_test_is(&fixture, add("anna", 1, HF_SETTLE_CONFIRM), 0);
    hf_test_refused(&fixture, add("anna", 1, HF_SETTLE_CONFIRM), HF_E_TOO_MANY,
                    "the order has 64 payments");
}
END_TEST

static void in_time(void)
{
}

static void too_late(void)
{
    fixture.now_ms += 1000;
}

static void confirmed(void)
{
    hf_test_is(&fixture, add("anna", 400, HF_SETTLE_CONFIRM), 0);
}

static void cancelled(void)
{
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_CANCEL, &order, 0, 0), 0);
}

static const struct {
    void (*before)(void);
    const char *account;
    int64_t amount;
    int error;
    const char *detail;
} add_refusals[] = {
    {in_time, "anna", 401, HF_E_OVER_PAID,
     "payment 1: 401, but only 400 of 400 are not covered yet"},
    {in_time, "carl", 1, HF_E_NOT_FOUND, "payment 1: MONEY carl [EUR]: no such account"},
    {too_late, "anna", 1, HF_E_EXPIRED, "the order's deadline was 0 ms ago"},
    {confirmed, "anna", 1, HF_E_ORDER_STATE,
     "the order is CONFIRMED: it takes no payment, it is covered"},
    {cancelled, "anna", 1, HF_E_ORDER_STATE, "the order is CANCELLED: it takes no payment"},
};

START_TEST(a_payment_that_does_not_fit_is_refused)
{
    cart.args.deadline_ms = fixture.now_ms + 1000;
    place();
    add_refusals[_i].before();
    hf_test_refused(&fixture, add(add_refusals[_i].account, add_refusals[_i].amount, 0),
                    add_refusals[_i].error, add_refusals[_i].detail);
}
END_TEST

/* ---- capture ---- */

START_TEST(a_manual_payment_is_captured_by_the_host_in_parts)
{
    hf_test_cart_pay(&cart, "anna", 400, HF_SETTLE_MANUAL);
    place();
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 0, 0), 0);
    ck_assert_uint_eq(state(), HF_ORDER_CONFIRMED);
    pay(HF_OP_PAYMENT_CAPTURE, 1, 150);
    ck_assert_int_eq(payment(1)->captured, 150);
    ck_assert_uint_eq(payment(1)->state, HF_PAYMENT_AUTHORIZED);
    const hf_payment *result = fixture.draft.result;
    ck_assert_mem_eq(&result->id, &payment(1)->id, sizeof(hf_id));
    ck_assert_uint_eq(fixture.draft.subject_kind, HF_SUBJECT_PAYMENT);
    uint64_t version = hf_test_order(&fixture, &order)->version;
    pay(HF_OP_PAYMENT_CAPTURE, 1, HF_ALL);
    ck_assert_uint_eq(payment(1)->state, HF_PAYMENT_CLOSED);
    ck_assert_uint_eq(state(), HF_ORDER_CLOSED);
    ck_assert_uint_eq(hf_test_order(&fixture, &order)->version, version + 1);
    ck_assert_int_eq(hf_test_balance(&fixture, "anna"), 9600);
}
END_TEST

START_TEST(what_the_host_captured_early_is_not_captured_again)
{
    hf_test_cart_pay(&cart, "anna", 400, HF_SETTLE_FULFIL);
    place();
    pay(HF_OP_PAYMENT_CAPTURE, 1, 250);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 1, 3), 0);
    ck_assert_int_eq(payment(1)->captured, 300);
}
END_TEST

START_TEST(a_capture_stops_at_what_is_owed)
{
    hf_test_cart_pay(&cart, "anna", 400, HF_SETTLE_MANUAL);
    place();
    hf_order_amend_args args;
    hf_order_amend_init(&args, &order);
    const hf_line_change less = {.line = 1, .quantity = 3, .unit_price = 100};
    args.changes = &less;
    args.change_count = 1;
    args.total = 300;
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_ORDER_AMEND, &args), 0);
    hf_test_refused(&fixture, hf_test_pay(&fixture, HF_OP_PAYMENT_CAPTURE, &order, 1, 301),
                    HF_E_OVER_CAPTURE, "payment 1: 301 wanted, 300 open");
    ck_assert_int_eq(payment(1)->voided, 100);
    pay(HF_OP_PAYMENT_CAPTURE, 1, HF_ALL);
    ck_assert_int_eq(payment(1)->captured, 300);
    hf_test_refused(&fixture, hf_test_pay(&fixture, HF_OP_PAYMENT_CAPTURE, &order, 1, HF_ALL),
                    HF_E_PAYMENT_STATE, "payment 1 is CLOSED: CAPTURE is not possible");
}
END_TEST

/* ---- void ---- */

START_TEST(a_void_gives_authorized_money_back)
{
    hf_test_cart_pay(&cart, "anna", 400, HF_SETTLE_MANUAL);
    place();
    pay(HF_OP_PAYMENT_VOID, 1, 100);
    ck_assert_int_eq(hf_test_account(&fixture, HF_KIND_MONEY, "anna", "EUR")->held_out, 300);
    pay(HF_OP_PAYMENT_CAPTURE, 1, 200);
    pay(HF_OP_PAYMENT_VOID, 1, HF_ALL);
    ck_assert_uint_eq(payment(1)->state, HF_PAYMENT_CLOSED);
    ck_assert_int_eq(payment(1)->voided, 200);
    ck_assert_uint_eq(state(), HF_ORDER_CONFIRMED);
}
END_TEST

START_TEST(the_void_of_the_last_manual_payment_closes_the_order)
{
    hf_test_cart_pay(&cart, "anna", 400, HF_SETTLE_MANUAL);
    place();
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 0, 0), 0);
    pay(HF_OP_PAYMENT_VOID, 1, HF_ALL);
    ck_assert_uint_eq(state(), HF_ORDER_CLOSED);
}
END_TEST

START_TEST(a_pending_orders_payment_can_be_voided_in_time)
{
    hf_test_cart_pay(&cart, "anna", 100, HF_SETTLE_CONFIRM);
    cart.args.deadline_ms = fixture.now_ms + 1000;
    place();
    pay(HF_OP_PAYMENT_VOID, 1, 40);
    ck_assert_int_eq(payment(1)->deadline_ms, fixture.now_ms + 1000);
    fixture.now_ms += 1000;
    hf_test_is(&fixture, hf_test_pay(&fixture, HF_OP_PAYMENT_VOID, &order, 1, 60), HF_E_EXPIRED);
}
END_TEST

/* ---- refund ---- */

START_TEST(a_refund_gives_captured_money_back)
{
    hf_test_cart_pay(&cart, "anna", 400, HF_SETTLE_CONFIRM);
    place();
    pay(HF_OP_PAYMENT_REFUND, 1, 100);
    ck_assert_int_eq(hf_test_balance(&fixture, "anna"), 9700);
    ck_assert_uint_eq(payment(1)->state, HF_PAYMENT_CLOSED);
    pay(HF_OP_PAYMENT_REFUND, 1, HF_ALL);
    ck_assert_int_eq(payment(1)->refunded, 400);
    hf_test_refused(&fixture, hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, 1),
                    HF_E_OVER_REFUND, "payment 1: 1 wanted, 0 captured and not refunded");
    hf_test_refused(&fixture, hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, HF_ALL),
                    HF_E_OVER_REFUND,
                    "payment 1: 400 captured, 400 refunded, 0 charged back: nothing is left");
}
END_TEST

START_TEST(a_refund_is_possible_after_the_order_was_cancelled)
{
    hf_test_cart_pay(&cart, "anna", 400, HF_SETTLE_CONFIRM);
    place();
    hf_order_units_args args;
    hf_order_units_init(&args, &order);
    args.refund_mode = HF_REFUND_NONE;
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_ORDER_CANCEL, &args), 0);
    pay(HF_OP_PAYMENT_REFUND, 1, HF_ALL);
    ck_assert_int_eq(hf_test_balance(&fixture, "anna"), 10000);
}
END_TEST

START_TEST(a_refund_that_does_not_fit_the_wallet_is_refused)
{
    hf_test_cart_pay(&cart, "anna", 400, HF_SETTLE_CONFIRM);
    place();
    const hf_account_key anna = {.kind = HF_KIND_MONEY, .name = "anna", .unit = "EUR"};
    hf_test_stock(&fixture, &anna, 0, &(hf_test_limits){.max_balance = 9900});
    hf_test_refused(&fixture, hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, 301),
                    HF_E_MAX_BALANCE, "payment 1: MONEY anna [EUR]: 301 would come in, 300 fit");
    pay(HF_OP_PAYMENT_REFUND, 1, 300);
}
END_TEST

/* ---- refusals of all three ---- */

static const struct {
    uint32_t type;
    uint32_t settle_on;
    int64_t amount;
    int error;
    const char *detail;
} refusals[] = {
    {HF_OP_PAYMENT_CAPTURE, HF_SETTLE_FULFIL, 401, HF_E_OVER_CAPTURE,
     "payment 1: 401 wanted, 400 open"},
    {HF_OP_PAYMENT_CAPTURE, HF_SETTLE_CONFIRM, 1, HF_E_PAYMENT_STATE,
     "payment 1 is CLOSED: CAPTURE is not possible"},
    {HF_OP_PAYMENT_VOID, HF_SETTLE_FULFIL, 401, HF_E_OVER_VOID, "payment 1: 401 wanted, 400 open"},
    {HF_OP_PAYMENT_VOID, HF_SETTLE_CONFIRM, 1, HF_E_PAYMENT_STATE,
     "payment 1 is CLOSED: VOID is not possible"},
    {HF_OP_PAYMENT_REFUND, HF_SETTLE_CONFIRM, 401, HF_E_OVER_REFUND,
     "payment 1: 401 wanted, 400 captured and not refunded"},
    {HF_OP_PAYMENT_REFUND, HF_SETTLE_FULFIL, HF_ALL, HF_E_OVER_REFUND,
     "payment 1: 0 captured, 0 refunded, 0 charged back: nothing is left"},
};

START_TEST(more_than_there_is_cannot_be_moved)
{
    hf_test_cart_pay(&cart, "anna", 400, refusals[_i].settle_on);
    place();
    hf_test_refused(&fixture,
                    hf_test_pay(&fixture, refusals[_i].type, &order, 1, refusals[_i].amount),
                    refusals[_i].error, refusals[_i].detail);
}
END_TEST

START_TEST(nothing_is_captured_before_the_order_is_confirmed)
{
    hf_test_cart_pay(&cart, "anna", 100, HF_SETTLE_MANUAL);
    place();
    hf_test_refused(&fixture, hf_test_pay(&fixture, HF_OP_PAYMENT_CAPTURE, &order, 1, 1),
                    HF_E_ORDER_STATE, "the order is PENDING: nothing can be captured");
}
END_TEST

static const uint32_t types[] = {HF_OP_PAYMENT_CAPTURE, HF_OP_PAYMENT_VOID, HF_OP_PAYMENT_REFUND};

START_TEST(an_unknown_payment_is_not_found)
{
    const hf_id id = hf_test_id(&fixture);
    char detail[64];
    char text[37];
    (void)snprintf(detail, sizeof detail, "payment %s", hf_id_format(&id, text));
    hf_payment_amount_args args;
    hf_payment_amount_init(&args, &id);
    hf_test_refused(&fixture, hf_test_shop_run(&fixture, types[_i], &args), HF_E_NOT_FOUND, detail);
}
END_TEST

static void add_good(TCase *core)
{
    tcase_add_test(core, a_payment_that_covers_the_rest_confirms_the_order);
    tcase_add_test(core, an_order_that_pays_later_takes_payments_and_closes_when_paid);
    tcase_add_test(core, what_was_cancelled_need_not_be_paid);
    tcase_add_test(core, the_id_of_an_added_payment_is_the_payments_or_the_operations);
    tcase_add_test(core, a_manual_payment_is_captured_by_the_host_in_parts);
    tcase_add_test(core, what_the_host_captured_early_is_not_captured_again);
    tcase_add_test(core, a_void_gives_authorized_money_back);
    tcase_add_test(core, the_void_of_the_last_manual_payment_closes_the_order);
    tcase_add_test(core, a_pending_orders_payment_can_be_voided_in_time);
    tcase_add_test(core, a_refund_gives_captured_money_back);
    tcase_add_test(core, a_refund_is_possible_after_the_order_was_cancelled);
}

static void add_bad(TCase *core)
{
    tcase_add_test(core, an_order_has_at_most_64_payments);
    tcase_add_loop_test(core, a_payment_that_does_not_fit_is_refused, 0,
                        sizeof add_refusals / sizeof add_refusals[0]);
    tcase_add_test(core, a_capture_stops_at_what_is_owed);
    tcase_add_test(core, a_refund_that_does_not_fit_the_wallet_is_refused);
    tcase_add_loop_test(core, more_than_there_is_cannot_be_moved, 0,
                        sizeof refusals / sizeof refusals[0]);
    tcase_add_test(core, nothing_is_captured_before_the_order_is_confirmed);
    tcase_add_loop_test(core, an_unknown_payment_is_not_found, 0, 3);
}

int main(void)
{
    Suite *suite = suite_create("payment");
    static void (*const parts[])(TCase *) = {add_good, add_bad};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        TCase *core = tcase_create("core");
        tcase_add_checked_fixture(core, open_shop, close_shop);
        parts[i](core);
        suite_add_tcase(suite, core);
    }
    return hf_test_main(suite);
}
