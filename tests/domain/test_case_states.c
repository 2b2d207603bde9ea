/*
 * Every two facts in every state of an order: none is refused, none is lost, and what the order
 * says of its money afterwards follows from its counters.
 */
#include "domain/order/owed.h"
#include "support/cases.h"
#include "support/check_main.h"
#include <stdio.h>

#define KINDS 8u

/* ---- States ---------------------------------------------------------------------------------- */

static void put_timed(uint32_t policy, uint32_t settle)
{
    cart.args.policy |= policy;
    cart.args.deadline_ms = fixture.now_ms + 1000;
    put_card_order(settle);
}

static void waiting(uint32_t settle)
{
    lose_tea(100);
    put_timed(HF_ORDER_QUEUE, settle);
}

static void pending(uint32_t settle)
{
    put_timed(0, settle);
}

static void pending_for_ever(uint32_t settle)
{
    put_card_order(settle);
}

static void pays_later(uint32_t settle)
{
    put_timed(HF_ORDER_PAY_LATER, settle);
}

static void authorized(uint32_t settle)
{
    put_card_order(settle);
    agrees("auth");
}

static void captured(uint32_t settle)
{
    authorized(settle);
    if (settle == HF_SETTLE_MANUAL)
        ok(hf_test_pay(&fixture, HF_OP_PAYMENT_CAPTURE, &order, 1, HF_ALL));
    ok(fulfil(1, 1));
    agrees("cap");
}

static void closed(uint32_t settle)
{
    captured(settle);
    ok(fulfil(0, 0));
    if (settle == HF_SETTLE_FULFIL)
        agrees("cap-2");
}

static void cancelled(uint32_t settle)
{
    put_card_order(settle);
    ok(cancel_all());
}

static void cancelled_after(uint32_t settle)
{
    authorized(settle);
    if (settle == HF_SETTLE_CONFIRM)
        agrees("cap");
    ok(cancel_all());
}

static void expired(uint32_t settle)
{
    put_timed(HF_ORDER_REVIVE, settle);
    wait_ms(1000);
}

static void failed(uint32_t settle)
{
    put_timed(0, settle);
    refuses();
}

static void imported(uint32_t settle)
{
    cart.args.policy = HF_ORDER_IMPORT;
    put_card_order(settle);
}

static void (*const states[])(uint32_t) = {
    waiting, pending,   pending_for_ever, pays_later, authorized, captured,
    closed,  cancelled, cancelled_after,  expired,    failed,     imported,
};
#define STATES ((int)(sizeof states / sizeof states[0]))

/* ---- What must hold -------------------------------------------------------------------------- */

static hf__owed owed_now(void)
{
    hf__draft *draft = hf_test_draft(&fixture);
    hf__order *loaded = NULL;
    hf__owed owed;
    ck_assert_int_eq(hf__order_load(draft, &order, NULL, &loaded), 0);
    ck_assert_int_eq(hf__order_owed(draft, loaded, &owed), 0);
    return owed;
}

static bool is_over(void)
{
    return row()->state == HF_ORDER_CLOSED || row()->state == HF_ORDER_CANCELLED ||
           row()->state == HF_ORDER_EXPIRED;
}

/* Money that is in hand and not owed is held exactly while it is, and has been asked back once. */
static void money_is_settled(void)
{
    const hf__owed owed = owed_now();
    const hf_payment *card = pay();
    bool held = (row()->attention & HF_ATTENTION_MONEY_HELD) != 0;
    bool unpaid = (row()->attention & HF_ATTENTION_UNPAID) != 0;
    bool over = is_over();
    ck_assert_int_eq(held, over && owed.in_hand > owed.owed);
    bool closed = row()->state == HF_ORDER_CLOSED; /* it keeps what it owes after all */
    if (unpaid)
        ck_assert_int_gt(owed.owed, hf__order_paid_by(row(), &owed));
    if (over && (row()->policy & HF_ORDER_IMPORT) == 0) {
        ck_assert_int_le(owed.in_hand - card->pending_refund - card->refund_refused,
                         owed.owed > 0 ? owed.owed : 0);
        ck_assert_int_le(card->authorized - card->voided - card->captured - card->pending_void -
                             card->void_refused - card->pending_capture,
                         closed ? hf__beyond(owed.owed, owed.net) : 0);
    }
    ck_assert_uint_le(card->commands, 8);
    ck_assert_int_ge(card->pending_capture, 0);
    if (card->authorized - card->voided - card->captured == 0)
        ck_assert_int_eq(card->pending_capture + card->pending_void, 0);
}

static void report_twice(uint32_t kind, const char *message, int64_t amount)
{
    webhook(kind, message, amount);
    money_is_settled();
    size_t facts = hf_test_rows(&fixture, HF__FACTS);
    uint64_t version = pay()->version;
    webhook(kind, message, amount);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__FACTS), facts);
    ck_assert_uint_eq(pay()->version, version);
}

/* What a person may do next; each may be refused, but not by an invariant. */
static void act_further(void)
{
    int status = fulfil(0, 0);
    ck_assert_int_ne(status, HF_E_INVARIANT);
    status = add_payment(HF_METHOD_ACCOUNT, 100, 0);
    ck_assert_int_ne(status, HF_E_INVARIANT);
    money_is_settled();
    status = cancel_all();
    ck_assert_int_ne(status, HF_E_INVARIANT);
    money_is_settled();
    wait_ms(2000);
    money_is_settled();
}

START_TEST(two_facts_in_any_state_are_recorded_and_settled)
{
    static const int64_t amounts[] = {900, 400};
    for (uint32_t second = 0; second < KINDS; second++) {
        for (uint32_t settle = HF_SETTLE_CONFIRM; settle <= HF_SETTLE_MANUAL; settle++) {
            states[_i / (int)KINDS](settle);
            report_twice((uint32_t)_i % KINDS, "first", amounts[settle % 2]);
            report_twice(second, "second", amounts[second % 2]);
            act_further();
            tear_down();
            set_up();
        }
    }
}
END_TEST

/* The provider answers all that it is asked, until nothing is: soon. */
static void answer_all(uint32_t what)
{
    uint32_t answered = 1;
    for (uint32_t round = 0; answered > 0; round++) {
        ck_assert_uint_lt(round, 4);
        answered = 0;
        for (uint32_t number = 1; number <= pay()->commands; number++) {
            char reference[8];
            const hf_txn asked = command(number);
            if (asked.state != HF_TXN_TRYING)
                continue;
            (void)snprintf(reference, sizeof reference, "r%u", number);
            ok(answer_to(&asked, what, what == HF_ANSWER_OK ? reference : "", 0));
            money_is_settled();
            answered++;
        }
    }
    asked_is(1, 0, 0, 0);
    if ((row()->policy & HF_ORDER_IMPORT) == 0) /* there an authorization is expected, not asked */
        ck_assert_int_eq(pay()->pending_authorize, 0);
}

/* A fact comes first, or after the answers; then everything is cancelled and answered again. */
START_TEST(answers_before_and_after_a_fact_leave_nothing_asked)
{
    static const uint32_t answers[] = {HF_ANSWER_OK, HF_ANSWER_REJECTED};
    const uint32_t kind = (uint32_t)_i % KINDS;
    for (uint32_t way = 0; way < 8; way++) {
        states[_i / (int)KINDS](way % 3);
        if ((way & 1) != 0)
            answer_all(answers[way >> 1 & 1]);
        report_twice(kind, "fact", way < 4 ? 900 : 400);
        answer_all(answers[way >> 2 & 1]);
        (void)cancel_all();
        money_is_settled();
        answer_all(answers[way >> 1 & 1]);
        if (row()->state == HF_ORDER_CANCELLED && (row()->attention & HF_ATTENTION_MONEY_HELD) == 0)
            ck_assert_int_le(pay()->captured - pay()->refunded - pay()->charged_back, 0);
        tear_down();
        set_up();
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("case_states");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_loop_test(core, two_facts_in_any_state_are_recorded_and_settled, 0,
                        STATES * (int)KINDS);
    tcase_add_loop_test(core, answers_before_and_after_a_fact_leave_nothing_asked, 0,
                        STATES * (int)KINDS);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
