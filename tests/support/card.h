/*
 * A shop whose customer pays two tea by card: the order, the provider's answers to its commands,
 * and its reports. All have short names, because tests are made of little else.
 */
#ifndef HF_TESTS_SUPPORT_CARD_H
#define HF_TESTS_SUPPORT_CARD_H

#include "base/id.h"
#include "domain/order/payment_state.h"
#include "domain/txn/command.h"
#include "support/shop.h"

extern hf_test_fixture fixture;
extern hf_test_cart cart;
extern hf_id order;

static inline void set_up(void)
{
    hf_test_shop_init(&fixture);
    hf_test_cart_init(&fixture, &cart);
}

static inline void tear_down(void)
{
    hf_test_fixture_fini(&fixture);
}

static inline const hf_payment *pay(void)
{
    return hf_test_payment(&fixture, &order, 1);
}

static inline uint32_t state(void)
{
    return hf_test_order(&fixture, &order)->state;
}

static inline int64_t held(void)
{
    const hf_account_key tea = hf_test_item("tea", "");
    return hf_test_at(&fixture, &tea)->held_out;
}

/* Two tea for 900, by card; `settle_on` of line and payment. */
static inline void place(uint32_t settle_on)
{
    hf_test_cart_line(&cart, "tea", 2, 450, settle_on);
    hf_payment_args *card = hf_test_cart_pay(&cart, "anna", 900, settle_on);
    hf_payment_provider_init(card, "card", 900);
    card->settle_on = settle_on;
    order = cart.args.head.id;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
}

/* The command of that number of the payment with this no. */
static inline hf_txn command_of(uint32_t no, uint32_t number)
{
    hf_txn key = {.kind = HF_TXN_COMMAND};
    hf__id_derive(&hf_test_payment(&fixture, &order, no)->id, 256 + number, &key.id);
    const hf_txn *row = hf_test_row_of(&fixture, HF__TXNS, &key);
    ck_assert_ptr_nonnull(row);
    return *row;
}

static inline hf_txn command(uint32_t number)
{
    return command_of(1, number);
}

/* The provider's answer to a command. */
static inline int answer_to(const hf_txn *txn, uint32_t what, const char *reference, int64_t amount)
{
    hf__txn_answer one = {.branch = 1,
                          .phase = HF_PHASE_TRY,
                          .attempt = 1,
                          .answer = what,
                          .epoch = fixture.epoch,
                          .amount = amount};
    hf__name_set(&one.reference, reference);
    const hf__txn_drive_args args = {
        .head = {.size = sizeof args}, .txn = txn->id, .answers = &one, .answer_count = 1};
    return hf_test_shop_run(&fixture, HF_EVENT_DRIVE, &args);
}

/* The provider's answer to the payment's command of that number. */
static inline void answer(uint32_t number, uint32_t what, const char *reference, int64_t amount)
{
    const hf_txn txn = command(number);
    hf_test_is(&fixture, answer_to(&txn, what, reference, amount), 0);
}

static inline void report(uint32_t kind, const char *reference, int64_t amount, int64_t at_ms)
{
    hf_payment_report_args args;
    hf_payment_report_init(&args);
    args.provider = "card";
    args.fact_ref = reference;
    args.unit = "EUR";
    args.payment = pay()->id;
    args.amount = amount;
    args.kind = kind;
    args.provider_time_ms = at_ms;
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_PAYMENT_REPORT, &args), 0);
}

#endif
