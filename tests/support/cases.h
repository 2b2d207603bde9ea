/*
 * The words in which the cases from real operation are written: an order on any terms, reports
 * with all their names, and short checks. On top of the shop of card.h.
 */
#ifndef HF_TESTS_SUPPORT_CASES_H
#define HF_TESTS_SUPPORT_CASES_H

#include "support/card.h"
#include <holdfast/item.h>

#define DAY_MS INT64_C(86400000)

/* The operation must succeed. */
#define ok(call)             hf_test_is(&fixture, (call), 0)
#define refused(call, error) hf_test_is(&fixture, (call), (error))

/* ---- What is stored -------------------------------------------------------------------------- */

static inline const hf_order *row(void)
{
    return hf_test_order(&fixture, &order);
}

static inline const hf_payment *pay_no(uint32_t no)
{
    return hf_test_payment(&fixture, &order, no);
}

static inline const hf_order_line *line_no(uint32_t no)
{
    return hf_test_line(&fixture, &order, no);
}

/* State and attention of the order. */
static inline void stands(uint32_t expected, uint32_t attention)
{
    ck_assert_str_eq(hf_order_state_name(row()->state), hf_order_state_name(expected));
    ck_assert_uint_eq(row()->attention, attention);
}

/* The facts of a payment: authorized, captured, voided, refunded. */
static inline void facts_are(uint32_t no, int64_t authorized, int64_t captured, int64_t voided,
                             int64_t refunded)
{
    ck_assert_int_eq(pay_no(no)->authorized, authorized);
    ck_assert_int_eq(pay_no(no)->captured, captured);
    ck_assert_int_eq(pay_no(no)->voided, voided);
    ck_assert_int_eq(pay_no(no)->refunded, refunded);
}

/* What a payment's provider is asked for: to capture, void and refund. */
static inline void asked_is(uint32_t no, int64_t capture, int64_t voids, int64_t refund)
{
    ck_assert_int_eq(pay_no(no)->pending_capture, capture);
    ck_assert_int_eq(pay_no(no)->pending_void, voids);
    ck_assert_int_eq(pay_no(no)->pending_refund, refund);
}

/* ---- Orders ---------------------------------------------------------------------------------- */

/* Another order; `order` is its id from now on. */
static inline void new_cart(void)
{
    hf_test_cart_init(&fixture, &cart);
    order = cart.args.head.id;
}

static inline hf_payment_args *with_card(int64_t amount, uint32_t settle_on)
{
    hf_payment_args *card = hf_test_cart_pay(&cart, "anna", amount, settle_on);
    hf_payment_provider_init(card, "card", amount);
    card->settle_on = settle_on;
    return card;
}

/* A card, or the wallet of anna. */
static inline hf_payment_args *with_payment(uint32_t method, int64_t amount, uint32_t settle_on)
{
    return method == HF_METHOD_PROVIDER ? with_card(amount, settle_on)
                                        : hf_test_cart_pay(&cart, "anna", amount, settle_on);
}

static inline void put_order(void)
{
    order = cart.args.head.id;
    ok(hf_test_cart_place(&fixture, &cart));
}

/* `quantity` tea for 450 each, which are fulfilled one by one. */
static inline void tea(int64_t quantity)
{
    hf_test_cart_line(&cart, "tea", quantity, 450, HF_SETTLE_FULFIL);
}

/* Two tea for 900 by card. */
static inline void put_card_order(uint32_t settle_on)
{
    tea(2);
    (void)with_card(900, settle_on);
    put_order();
}

static inline int fulfil(uint32_t line, int64_t quantity)
{
    return hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, line, quantity);
}

static inline int fulfil_unpaid(uint32_t line, int64_t quantity)
{
    hf_order_units_args args;
    const hf_line_quantity one = {.line = line, .quantity = quantity};
    hf_order_units_init(&args, &order);
    args.lines = &one;
    args.line_count = 1;
    args.unpaid = 1;
    args.head.actor = "clerk";
    return hf_test_shop_run(&fixture, HF_OP_ORDER_FULFIL, &args);
}

static inline int cancel_all(void)
{
    return hf_test_units(&fixture, HF_OP_ORDER_CANCEL, &order, 0, 0);
}

static inline int cancel(uint32_t line, int64_t quantity)
{
    return hf_test_units(&fixture, HF_OP_ORDER_CANCEL, &order, line, quantity);
}

static inline int take_back(uint32_t line, int64_t quantity)
{
    return hf_test_units(&fixture, HF_OP_ORDER_RETURN, &order, line, quantity);
}

/* Cancels or returns units (line 0: all) with a refund of `amount` of payment 1; 0: of nothing. */
static inline int units_for(uint32_t type, uint32_t line, int64_t quantity, int64_t amount)
{
    hf_order_units_args args;
    const hf_line_quantity one = {.line = line, .quantity = quantity};
    const hf_payment_amount named = {.payment = pay_no(1)->id, .amount = amount};
    hf_order_units_init(&args, &order);
    args.lines = &one;
    args.line_count = line == 0 ? 0 : 1;
    args.refunds = &named;
    args.refund_count = amount == 0 ? 0 : 1;
    args.refund_mode = amount == 0 ? HF_REFUND_NONE : HF_REFUND_NAMED;
    return hf_test_shop_run(&fixture, type, &args);
}

static inline int add_payment(uint32_t method, int64_t amount, int64_t deadline_ms)
{
    hf_payment_add_args args;
    hf_payment_add_init(&args, &order);
    hf_payment_init(&args.payment, "anna", "EUR", amount);
    if (method == HF_METHOD_PROVIDER)
        hf_payment_provider_init(&args.payment, "card", amount);
    args.payment.deadline_ms = deadline_ms;
    return hf_test_shop_run(&fixture, HF_OP_PAYMENT_ADD, &args);
}

/* Takes money out of a wallet. */
static inline void withdraw(const char *wallet, int64_t amount)
{
    hf_move_args args;
    hf_move_init(&args);
    args.from = (hf_account_key){.kind = HF_KIND_MONEY, .name = wallet, .place = "", .unit = "EUR"};
    args.amount = amount;
    ok(hf_test_shop_run(&fixture, HF_OP_ACCOUNT_WITHDRAW, &args));
}

/* Some tea is lost, as a stock-take finds. */
static inline void lose_tea(int64_t quantity)
{
    hf_account_adjust_args args;
    hf_item_adjust_init(&args, "tea");
    args.mode = HF_ADJUST_BY;
    args.quantity = -quantity;
    ok(hf_test_shop_run(&fixture, HF_OP_ITEM_ADJUST, &args));
}

/* More tea comes in, and who waits for it gets it. */
static inline void receive_tea(int64_t quantity)
{
    const hf_account_key key = hf_test_item("tea", "");
    hf_test_supply(&fixture, &key, quantity);
    (void)hf_test_promote(&fixture, &key, 32);
}

/* Time passes, and what is due happens. */
static inline void wait_ms(int64_t by_ms)
{
    fixture.now_ms += by_ms;
    (void)hf_test_expire(&fixture);
}

/* ---- Provider -------------------------------------------------------------------------------- */

/* A report with all its names; what is not given is empty. */
typedef struct said {
    uint32_t kind;
    uint32_t no; /* the payment of `order` that it names; 0: none */
    const char *message;
    int64_t amount;
    int64_t at_ms;
    const char *movement;
    const char *payment_ref;
    const char *unit; /* NULL: EUR */
    uint32_t flags;
} said;

static inline int say(said what)
{
    hf_payment_report_args args;
    hf_payment_report_init(&args);
    args.provider = "card";
    args.fact_ref = what.message;
    args.reference = what.movement;
    args.payment_ref = what.payment_ref;
    args.unit = what.unit == NULL ? "EUR" : what.unit;
    args.payment = what.no == 0 ? (hf_id){{0}} : pay_no(what.no)->id;
    args.amount = what.amount;
    args.provider_time_ms = what.at_ms;
    args.kind = what.kind;
    args.flags = what.flags;
    return hf_test_shop_run(&fixture, HF_OP_PAYMENT_REPORT, &args);
}

/* A report about the first payment. */
static inline void webhook(uint32_t kind, const char *message, int64_t amount)
{
    ok(say((said){.kind = kind, .no = 1, .message = message, .amount = amount}));
}

static inline const hf_fact *fact_of(uint32_t kind, const char *message)
{
    hf_fact key = {.kind = kind};
    hf__name_set(&key.provider, "card");
    hf__name_set(&key.fact_ref, message);
    const hf_fact *fact = hf_test_row_of(&fixture, HF__FACTS, &key);
    ck_assert_ptr_nonnull(fact);
    return fact;
}

/* The kind of the first payment's last command. */
static inline uint32_t last_command(void)
{
    return command(pay()->commands).command;
}

/* The provider says yes, or no, to the first payment's last command. */
static inline void agrees(const char *reference)
{
    answer(pay()->commands, HF_ANSWER_OK, reference, 0);
}

/* The same for any payment of the order. */
static inline void agrees_no(uint32_t no, const char *reference)
{
    const hf_txn last = command_of(no, pay_no(no)->commands);
    ok(answer_to(&last, HF_ANSWER_OK, reference, 0));
}

static inline void refuses(void)
{
    answer(pay()->commands, HF_ANSWER_REJECTED, "", 0);
}

/* Commands that wait for an answer or for a provider. */
static inline uint32_t open_commands(void)
{
    uint32_t open = 0;
    for (size_t i = 0; i < fixture.count; i++) {
        const hf_txn *txn = fixture.rows[i].row;
        open += fixture.rows[i].table == HF__TXNS && txn->kind == HF_TXN_COMMAND &&
                        txn->state == HF_TXN_TRYING
                    ? 1
                    : 0;
    }
    return open;
}

#endif
