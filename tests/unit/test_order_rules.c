/*
 * Rules between the fields of operations of orders and payments: what contradicts itself is
 * refused at once, and the field is named. Each rule has a case that keeps it.
 */
#include "api/check.h"
#include "api/rules.h"
#include "support/check_main.h"
#include "support/orders.h"

#include <holdfast.h>
#include <string.h>

static union {
    hf_op_head head;
    hf_order_units_args units;
    hf_order_place_args place;
    hf_order_amend_args amend;
    hf_payment_add_args add;
    hf_payment_report_args report;
    hf_attention_clear_args clear;
    hf_expect_args expect;
} any;

static hf_line_quantity quantity;
static hf_payment_args payment;
static hf_line_args line;

/* The arguments before a case changes them: none of these is refused. */

static void units(void)
{
    const hf_id id = hf_test_id(1);
    hf_order_units_init(&any.units, &id);
    quantity = (hf_line_quantity){.line = 1, .quantity = 1};
    any.units.lines = &quantity;
    any.units.line_count = 1;
}

static void add(void)
{
    const hf_id id = hf_test_id(1);
    hf_payment_add_init(&any.add, &id);
    hf_payment_provider_init(&any.add.payment, "card", 100);
}

static void pay_from_account(void)
{
    add();
    hf_payment_init(&any.add.payment, "wallet", "EUR", 100);
}

static void place(void)
{
    hf_order_place_init(&any.place, "EUR");
    hf_line_init(&line, "bell", 1, 100);
    hf_payment_provider_init(&payment, "card", 100);
    any.place.lines = &line;
    any.place.line_count = 1;
    any.place.total = 100;
    any.place.payments = &payment;
    any.place.payment_count = 1;
}

static void amend(void)
{
    const hf_id id = hf_test_id(1);
    hf_order_amend_init(&any.amend, &id);
    hf_payment_provider_init(&payment, "card", 100);
    any.amend.payments = &payment;
    any.amend.payment_count = 1;
}

static void report(void)
{
    hf_payment_report_init(&any.report);
    any.report.provider = "card";
    any.report.fact_ref = "fact";
    any.report.payment = hf_test_id(2);
    any.report.unit = "EUR";
    any.report.kind = HF_FACT_CAPTURED;
    any.report.amount = 100;
}

static void clear_fact(void)
{
    hf_attention_clear_init(&any.clear);
    any.clear.reason = "looked at";
    any.clear.bits = 1;
    any.clear.subject = HF_ATTENTION_ON_FACT;
    any.clear.provider = "card";
    any.clear.fact_ref = "fact";
}

/* What a case changes. */
/* clang-format off */
#define CASE(name, base, ...) static void name(void) { base(); __VA_ARGS__; }
CASE(leg_and_place, units, quantity.leg = 1; quantity.place = "north")
CASE(leg_alone, units, quantity.leg = 1)
CASE(to_place_alone, units, quantity.to_place = "north")
CASE(elsewhere_and_scrap, units, quantity.elsewhere = 1; quantity.scrap = 1)
CASE(elsewhere, units, quantity.elsewhere = 1; quantity.to_place = "north")
CASE(unpaid, units, any.units.unpaid = 1)
CASE(unpaid_by, units, any.units.unpaid = 1; any.head.actor = "ada")
CASE(final, units, any.units.final = 1)
CASE(no_amount_added, add, any.add.payment.amount = 0)
CASE(flag_of_engine, add, any.add.payment.flags = 1u << 31)
CASE(flag_of_provider, pay_from_account, any.add.payment.flags = HF_PAYMENT_CAPTURE_ONLY)
CASE(flag, add, any.add.payment.flags = HF_PAYMENT_CAPTURE_ONLY)
CASE(no_amount_placed, place, payment.amount = 0)
CASE(no_amount_imported, place, payment.amount = 0; any.place.policy = HF_ORDER_IMPORT)
CASE(nothing_placed, place, any.place.line_count = 0; any.place.payment_count = 0)
CASE(no_amount_amended, amend, payment.amount = 0)
CASE(no_amount_reported, report, any.report.amount = 0)
CASE(total_of_nothing, report, any.report.amount = 0; any.report.flags = HF_REPORT_TOTAL)
CASE(failed_without_amount, report, any.report.kind = HF_FACT_FAILED; any.report.amount = 0)
CASE(final_authorization, report, any.report.kind = HF_FACT_AUTHORIZED; any.report.flags = HF_REPORT_FINAL)
CASE(final_capture, report, any.report.flags = HF_REPORT_FINAL)
CASE(fact_without_ref, clear_fact, any.clear.fact_ref = NULL)

static const struct {
    void (*apply)(void);
    uint32_t type;
    int error;
    const char *detail;
} cases[] = {
    {units, HF_OP_ORDER_CANCEL, 0, ""},
    {units, HF_OP_ORDER_FULFIL, 0, ""},
    {units, HF_OP_ORDER_RETURN, 0, ""},
    {leg_and_place, HF_OP_ORDER_RETURN, HF_E_ARGUMENT, "lines[0].leg: not together with place"},
    {leg_alone, HF_OP_ORDER_RETURN, 0, ""},
    {to_place_alone, HF_OP_ORDER_RETURN, HF_E_ARGUMENT, "lines[0].to_place: only with elsewhere"},
    {elsewhere_and_scrap, HF_OP_ORDER_RETURN, HF_E_ARGUMENT, "lines[0].elsewhere: not together"},
    {elsewhere, HF_OP_ORDER_RETURN, 0, ""},
    {elsewhere, HF_OP_ORDER_CANCEL, HF_E_ARGUMENT, "lines: elsewhere is for returns only"},
    {elsewhere, HF_OP_ORDER_FULFIL, HF_E_ARGUMENT, "lines: elsewhere is for returns only"},
    {unpaid, HF_OP_ORDER_CANCEL, HF_E_ARGUMENT, "unpaid: for a fulfilment only"},
    {unpaid, HF_OP_ORDER_RETURN, HF_E_ARGUMENT, "unpaid: for a fulfilment only"},
    {unpaid, HF_OP_ORDER_FULFIL, HF_E_TEXT_MISSING, "actor: names who lets unpaid goods leave"},
    {unpaid_by, HF_OP_ORDER_FULFIL, 0, ""},
    {final, HF_OP_ORDER_CANCEL, 0, ""},
    {final, HF_OP_ORDER_RETURN, HF_E_ARGUMENT, "final: for a cancellation only"},
    {final, HF_OP_ORDER_FULFIL, HF_E_ARGUMENT, "final: for a cancellation only"},
    {add, HF_OP_PAYMENT_ADD, 0, ""},
    {no_amount_added, HF_OP_PAYMENT_ADD, HF_E_AMOUNT, "payment.amount: must not be 0"},
    {flag_of_engine, HF_OP_PAYMENT_ADD, HF_E_ENUM, "payment.flags: "},
    {flag_of_provider, HF_OP_PAYMENT_ADD, HF_E_ENUM, "payment.flags: for a provider only"},
    {flag, HF_OP_PAYMENT_ADD, 0, ""},
    {pay_from_account, HF_OP_PAYMENT_ADD, 0, ""},
    {place, HF_OP_ORDER_PLACE, 0, ""},
    {no_amount_placed, HF_OP_ORDER_PLACE, HF_E_AMOUNT, "payments: an amount of 0 needs"},
    {no_amount_imported, HF_OP_ORDER_PLACE, 0, ""},
    {nothing_placed, HF_OP_ORDER_PLACE, HF_E_ARGUMENT, "lines: no line, adjustment or payment"},
    {amend, HF_OP_ORDER_AMEND, 0, ""},
    {no_amount_amended, HF_OP_ORDER_AMEND, HF_E_AMOUNT, "payments: an amount of 0 needs"},
    {report, HF_OP_PAYMENT_REPORT, 0, ""},
    {no_amount_reported, HF_OP_PAYMENT_REPORT, HF_E_AMOUNT, "amount: 0 is only a running total"},
    {total_of_nothing, HF_OP_PAYMENT_REPORT, 0, ""},
    {failed_without_amount, HF_OP_PAYMENT_REPORT, 0, ""},
    {final_authorization, HF_OP_PAYMENT_REPORT, HF_E_ENUM, "flags: FINAL is for CAPTURED only"},
    {final_capture, HF_OP_PAYMENT_REPORT, 0, ""},
    {clear_fact, HF_OP_ATTENTION_CLEAR, 0, ""},
    {fact_without_ref, HF_OP_ATTENTION_CLEAR, HF_E_TEXT_MISSING, "fact_ref: "},
};
/* clang-format on */
#define CASES ((int)(sizeof cases / sizeof cases[0]))

START_TEST(an_operation_that_contradicts_itself_is_refused_and_the_field_named)
{
    hf__detail detail = {.text = ""};
    memset(&any, 0, sizeof any);
    cases[_i].apply();
    const int error = hf__check_args(cases[_i].type, &any, 0, &detail);
    ck_assert_msg(error == cases[_i].error, "case %d, %s: %s: %s", _i, hf_op_name(cases[_i].type),
                  hf_error_name(error), detail.text);
    ck_assert_msg(strncmp(detail.text, cases[_i].detail, strlen(cases[_i].detail)) == 0,
                  "case %d: %s", _i, detail.text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("order rules");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, an_operation_that_contradicts_itself_is_refused_and_the_field_named,
                        0, CASES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
