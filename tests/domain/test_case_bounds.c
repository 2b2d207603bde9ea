/*
 * What a report reads: it does not grow with the reports that led to no payment, and the facts of a
 * payment are read once.
 */
#include "support/cases.h"
#include "support/check_main.h"

#include <stdio.h>

#define UNEXPECTED ((uint32_t)HF_ATTENTION_UNEXPECTED_FACT)
#define UNMATCHED  ((uint32_t)HF_ATTENTION_UNMATCHED_FACT)
#define REPORTS    600 /* of one payment_ref */
#define ROWS_MAX   (256u + 64u)

/* Of the last pass over the decision. */
static struct {
    uint32_t pass;
    uint32_t of_ref;     /* rows with a payment_ref */
    uint32_t of_payment; /* how often the facts of a payment were read from their start */
} read;

static void count(const hf_test_fixture *of, const hf_scan *scan, uint32_t rows)
{
    if (of->passes != read.pass) {
        read.pass = of->passes;
        read.of_ref = 0;
        read.of_payment = 0;
    }
    if (scan->table != HF__FACTS)
        return;
    read.of_ref += scan->index == HF__FACTS_PAYMENT_REF ? rows : 0;
    read.of_payment += scan->index == HF__FACTS_PAYMENT && scan->low_columns == 1;
}

static void refund_of(const char *payment_ref, int number)
{
    char message[32];
    (void)snprintf(message, sizeof message, "back %d", number);
    read.of_ref = 0;
    ok(say((said){
        .kind = HF_FACT_REFUNDED, .message = message, .payment_ref = payment_ref, .amount = 1}));
    ck_assert_uint_eq(fact_of(HF_FACT_REFUNDED, message)->attention, UNMATCHED);
}

START_TEST(a_report_that_leads_to_no_payment_reads_a_bounded_number_of_others)
{
    uint32_t most = 0;
    fixture.on_scan = count;
    for (int i = 0; i < REPORTS; i++) {
        refund_of("LOST", i);
        ck_assert_uint_le(read.of_ref, ROWS_MAX);
        most = read.of_ref > most ? read.of_ref : most;
    }
    ck_assert_uint_ge(most, 256); /* the control: they are counted */
    refund_of("OTHER", REPORTS);
    ck_assert_uint_eq(read.of_ref, 0);
}
END_TEST

START_TEST(a_void_reads_the_facts_of_its_payment_once)
{
    put_card_order(HF_SETTLE_FULFIL);
    agrees("auth");
    fixture.on_scan = count;
    for (int i = 0; i < 3; i++) {
        char message[32];
        (void)snprintf(message, sizeof message, "void %d", i);
        ok(say((said){.kind = HF_FACT_VOIDED,
                      .no = 1,
                      .message = message,
                      .amount = 100,
                      .at_ms = fixture.now_ms + i}));
        ck_assert_uint_eq(read.of_payment, 1);
    }
    facts_are(1, 900, 0, 300, 0);
}
END_TEST

static const uint32_t kinds[] = {HF_FACT_AUTHORIZED, HF_FACT_CAPTURED, HF_FACT_REFUNDED};

/* The message is about the payment that it named first. */
START_TEST(a_message_that_is_repeated_with_the_id_of_another_payment_wants_a_person)
{
    const said first = {.kind = kinds[_i], .no = 1, .message = "once", .amount = 450};
    said again = first;
    tea(2);
    (void)with_card(450, HF_SETTLE_FULFIL);
    (void)with_card(450, HF_SETTLE_FULFIL);
    put_order();
    ok(say(first));
    const uint32_t before = fact_of(kinds[_i], "once")->attention;
    ok(say(first));
    ck_assert_uint_eq(fact_of(kinds[_i], "once")->attention, before);
    const hf_payment other = *pay_no(2);
    again.no = 2;
    ok(say(again));
    ck_assert_uint_eq(fact_of(kinds[_i], "once")->attention, before | UNEXPECTED);
    ck_assert_uint_eq(pay_no(1)->attention & UNEXPECTED, UNEXPECTED);
    ck_assert(hf__id_equal(&fact_of(kinds[_i], "once")->payment, &pay_no(1)->id));
    ck_assert_mem_eq(pay_no(2), &other, sizeof other);
}
END_TEST

/* A message that led to no payment yet may name any. */
START_TEST(a_message_that_is_repeated_with_the_id_of_its_payment_says_the_same)
{
    put_card_order(HF_SETTLE_FULFIL);
    agrees("auth");
    const said without = {
        .kind = HF_FACT_CAPTURED, .message = "cap", .payment_ref = "auth", .amount = 900};
    said with = without;
    with.no = 1;
    ok(say(without));
    const uint32_t before = fact_of(HF_FACT_CAPTURED, "cap")->attention;
    ok(say(with));
    ck_assert_uint_eq(fact_of(HF_FACT_CAPTURED, "cap")->attention, before);
    facts_are(1, 900, 900, 0, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("case_bounds");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, a_report_that_leads_to_no_payment_reads_a_bounded_number_of_others);
    tcase_add_test(core, a_void_reads_the_facts_of_its_payment_once);
    tcase_add_loop_test(
        core, a_message_that_is_repeated_with_the_id_of_another_payment_wants_a_person, 0, 3);
    tcase_add_test(core, a_message_that_is_repeated_with_the_id_of_its_payment_says_the_same);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
