/*
 * A provider may have two ids for one payment, e.g. that of an order and that of its authorization:
 * each of them leads to the payment.
 */
#include "support/cases.h"
#include "support/check_main.h"

#define UNEXPECTED ((uint32_t)HF_ATTENTION_UNEXPECTED_FACT)
#define UNMATCHED  ((uint32_t)HF_ATTENTION_UNMATCHED_FACT)

/* The provider's order `payment_ref` has an authorization; the message names payment `no`. */
static void authorized(uint32_t no, const char *message, const char *movement,
                       const char *payment_ref)
{
    ok(say((said){.kind = HF_FACT_AUTHORIZED,
                  .no = no,
                  .message = message,
                  .movement = movement,
                  .payment_ref = payment_ref,
                  .amount = pay_no(no)->amount,
                  .at_ms = fixture.now_ms + 1}));
}

static void refunded(const char *message, uint32_t no, const char *payment_ref)
{
    ok(say((said){.kind = HF_FACT_REFUNDED,
                  .no = no,
                  .message = message,
                  .payment_ref = payment_ref,
                  .amount = 100}));
}

/* The answer with the id of the authorization comes first, or the report with both (`_i` 1). */
START_TEST(a_report_finds_its_payment_by_the_id_of_the_providers_order)
{
    put_card_order(HF_SETTLE_CONFIRM);
    if (_i == 0)
        answer(1, HF_ANSWER_OK, "AUTH", 0);
    authorized(1, "created", "AUTH", "ORDER");
    agrees("CAP");
    refunded("back", 0, "ORDER");
    facts_are(1, 900, 900, 0, 100);
    ck_assert_str_eq(pay()->provider_ref.text, _i == 0 ? "AUTH" : "ORDER");
    ck_assert_uint_eq(fact_of(HF_FACT_REFUNDED, "back")->attention, UNEXPECTED);
}
END_TEST

START_TEST(a_report_that_waited_for_the_further_id_counts_when_it_is_known)
{
    put_card_order(HF_SETTLE_CONFIRM);
    answer(1, HF_ANSWER_OK, "AUTH", 0);
    agrees("CAP");
    refunded("back", 0, "ORDER");
    ck_assert_uint_eq(fact_of(HF_FACT_REFUNDED, "back")->attention, UNMATCHED);
    authorized(1, "created", "AUTH", "ORDER");
    facts_are(1, 900, 900, 0, 100);
    ck_assert_str_eq(fact_of(HF_FACT_REFUNDED, "back")->payment_ref.text, "");
}
END_TEST

/* It was a further id of the first payment, and is the provider_ref of the second. */
START_TEST(an_id_of_two_payments_finds_neither_of_them)
{
    tea(2);
    (void)with_card(450, HF_SETTLE_CONFIRM);
    (void)with_card(450, HF_SETTLE_CONFIRM);
    put_order();
    agrees_no(1, "AUTH 1");
    authorized(1, "one", "AUTH 1", "X");
    authorized(2, "two", "AUTH 2", "X");
    ck_assert_str_eq(pay_no(2)->provider_ref.text, "X");
    refunded("whose", 0, "X");
    ck_assert_uint_eq(fact_of(HF_FACT_REFUNDED, "whose")->attention, UNMATCHED | UNEXPECTED);
    ck_assert_int_eq(pay_no(1)->refunded + pay_no(2)->refunded, 0);
}
END_TEST

/* One order of the provider pays with two cards: only our id says which one a message is about. */
START_TEST(a_further_id_of_two_payments_finds_neither_and_contradicts_no_id)
{
    tea(2);
    (void)with_card(450, HF_SETTLE_CONFIRM);
    (void)with_card(450, HF_SETTLE_CONFIRM);
    put_order();
    for (uint32_t no = 1; no <= 2; no++) {
        agrees_no(no, no == 1 ? "AUTH 1" : "AUTH 2");
        authorized(no, no == 1 ? "one" : "two", no == 1 ? "AUTH 1" : "AUTH 2", "ORDER");
    }
    stands(HF_ORDER_CONFIRMED, 0);
    refunded("whose", 0, "ORDER");
    ck_assert_uint_eq(fact_of(HF_FACT_REFUNDED, "whose")->attention, UNMATCHED | UNEXPECTED);
    refunded("of the second", 2, "ORDER");
    ck_assert_int_eq(pay_no(1)->refunded, 0);
    ck_assert_int_eq(pay_no(2)->refunded, 100);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("case_names");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_loop_test(core, a_report_finds_its_payment_by_the_id_of_the_providers_order, 0, 2);
    tcase_add_test(core, a_report_that_waited_for_the_further_id_counts_when_it_is_known);
    tcase_add_test(core, a_further_id_of_two_payments_finds_neither_and_contradicts_no_id);
    tcase_add_test(core, an_id_of_two_payments_finds_neither_of_them);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
