/*
 * Reports of providers: a movement of money counts once however it is reported, the payment is
 * found by whatever names it, and a report that contradicts itself or the books moves nothing.
 */
#include "support/cases.h"
#include "support/check_main.h"
#include <string.h>

#define UNEXPECTED ((uint32_t)HF_ATTENTION_UNEXPECTED_FACT)
#define UNMATCHED  ((uint32_t)HF_ATTENTION_UNMATCHED_FACT)

/* Two tea by card, captured with the references "auth" and "ch_2". */
static void put_captured(void)
{
    put_card_order(HF_SETTLE_CONFIRM);
    agrees("auth");
    agrees("ch_2");
    facts_are(1, 900, 900, 0, 0);
}

/* ---- One movement, several messages ---------------------------------------------------------- */

/* The webhook comes before or after the answer, and may come again under another message. */
START_TEST(a_capture_counts_once_however_it_is_reported_and_how_often)
{
    const said evt = {.kind = HF_FACT_CAPTURED,
                      .no = _i % 2 == 0 ? 1 : 0, /* or by the id of the authorization alone */
                      .message = "evt_2",
                      .movement = "ch_2",
                      .payment_ref = "auth",
                      .amount = 900};
    put_card_order(HF_SETTLE_CONFIRM);
    agrees("auth");
    if (_i < 2)
        agrees("ch_2");
    ok(say(evt));
    if (_i >= 2)
        answer(2, HF_ANSWER_OK, "ch_2", 0);
    said again = evt;
    again.message = "evt_3";
    ok(say(again));
    ok(say(evt));
    facts_are(1, 900, 900, 0, 0);
    asked_is(1, 0, 0, 0);
    ck_assert_uint_eq(pay()->attention, 0);
    ck_assert_uint_eq(fact_of(HF_FACT_CAPTURED, "evt_3")->attention, 0);
    ck_assert_int_eq(fact_of(HF_FACT_CAPTURED, "evt_3")->uncounted, 900);
    ck_assert_uint_eq(open_commands(), 0);
}
END_TEST

/* Refunds and voids likewise: `_i` 0 a refund, 1 a void. */
START_TEST(a_refund_and_a_void_count_once_however_they_are_reported)
{
    uint32_t kind = _i == 0 ? HF_FACT_REFUNDED : HF_FACT_VOIDED;
    if (_i == 0)
        put_captured();
    else
        put_card_order(HF_SETTLE_MANUAL);
    if (_i == 1)
        agrees("auth");
    ok(cancel_all());
    const said evt = {.kind = kind, .no = 1, .message = "evt_9", .movement = "re_9", .amount = 900};
    ok(say(evt));
    answer(pay()->commands, HF_ANSWER_OK, "re_9", 0);
    facts_are(1, 900, _i == 0 ? 900 : 0, _i == 0 ? 0 : 900, _i == 0 ? 900 : 0);
    asked_is(1, 0, 0, 0);
    stands(HF_ORDER_CANCELLED, 0);
}
END_TEST

START_TEST(another_amount_of_a_known_movement_is_set_aside)
{
    put_captured();
    ok(say((said){.kind = HF_FACT_CAPTURED,
                  .no = 1,
                  .message = "evt_2",
                  .movement = "ch_2",
                  .amount = 800,
                  .at_ms = 9}));
    facts_are(1, 900, 900, 0, 0);
    ck_assert_uint_eq(fact_of(HF_FACT_CAPTURED, "evt_2")->attention, UNEXPECTED);
    ck_assert_int_eq(fact_of(HF_FACT_CAPTURED, "evt_2")->uncounted, 800);
    ck_assert_uint_eq(pay()->attention, UNEXPECTED);
    stands(HF_ORDER_CONFIRMED, 0);
}
END_TEST

/* A running total: the newest by the provider's time counts, and lower is for a person. */
START_TEST(a_running_total_counts_by_what_it_adds)
{
    static const struct {
        int64_t amount, at_ms, refunded;
        uint32_t attention;
    } totals[] = {
        {100, 10, 100, UNEXPECTED}, {300, 30, 300, UNEXPECTED}, {200, 20, 300, 0},
        {300, 40, 300, 0},          {250, 50, 250, UNEXPECTED}, {0, 60, 0, UNEXPECTED},
        {900, 70, 900, UNEXPECTED},
    };
    char message[8] = "evt_0";
    put_captured();
    for (uint32_t i = 0; i < sizeof totals / sizeof totals[0]; i++, message[4]++) {
        ok(say((said){.kind = HF_FACT_REFUNDED,
                      .no = 1,
                      .message = message,
                      .movement = "ch_2",
                      .amount = totals[i].amount,
                      .at_ms = totals[i].at_ms,
                      .flags = HF_REPORT_TOTAL}));
        ck_assert_int_eq(pay()->refunded, totals[i].refunded);
        ck_assert_uint_eq(fact_of(HF_FACT_REFUNDED, message)->attention, totals[i].attention);
    }
}
END_TEST

START_TEST(authorizations_add_up_and_the_newest_of_each_counts)
{
    put_card_order(HF_SETTLE_MANUAL);
    ok(say((said){.kind = HF_FACT_AUTHORIZED,
                  .no = 1,
                  .message = "e1",
                  .movement = "a",
                  .amount = 500,
                  .at_ms = 10}));
    ok(say((said){.kind = HF_FACT_AUTHORIZED,
                  .no = 1,
                  .message = "e2",
                  .movement = "a",
                  .amount = 300,
                  .at_ms = 5}));
    ck_assert_int_eq(pay()->authorized, 500);
}
END_TEST

START_TEST(a_failure_is_compared_with_the_success_of_its_own_movement)
{
    static const struct {
        const char *movement;
        int64_t at_ms, captured;
    } failures[] = {{"ch_2", 1, 0}, {"ch_2", -1, 900}, {"ch_2", 0, 900}, {"ch_3", 9, 900}};
    put_card_order(HF_SETTLE_CONFIRM);
    agrees("auth");
    ok(say((said){.kind = HF_FACT_CAPTURED,
                  .no = 1,
                  .message = "evt_1",
                  .movement = "ch_2",
                  .amount = 900,
                  .at_ms = 100}));
    ok(say((said){.kind = HF_FACT_FAILED,
                  .no = 1,
                  .message = "evt_2",
                  .movement = failures[_i].movement,
                  .amount = 900,
                  .at_ms = 100 + failures[_i].at_ms}));
    ck_assert_int_eq(pay()->captured, failures[_i].captured);
}
END_TEST

/* ---- Chargebacks ----------------------------------------------------------------------------- */

START_TEST(a_dispute_that_is_won_leaves_everything_as_it_was)
{
    put_captured();
    ok(fulfil(0, 0));
    ok(say((said){.kind = HF_FACT_CHARGEBACK, .no = 1, .message = "lost", .amount = 900}));
    ck_assert_int_eq(pay()->charged_back, 900);
    refused(hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, 100), HF_E_OVER_REFUND);
    webhook(HF_FACT_CHARGEBACK_REVERSED, "won", 900);
    ck_assert_int_eq(pay()->charged_back, 0);
    hf_attention_clear_args clear;
    hf_attention_clear_init(&clear);
    clear.subject = HF_ATTENTION_ON_PAYMENT;
    clear.id = pay()->id;
    clear.bits = HF_ATTENTION_CHARGEBACK;
    clear.reason = "won";
    ok(hf_test_shop_run(&fixture, HF_OP_ATTENTION_CLEAR, &clear));
    ck_assert_uint_eq(pay()->attention, 0);
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, 100));
    asked_is(1, 0, 0, 100);
}
END_TEST

START_TEST(a_reversal_that_is_reported_first_undoes_the_chargeback_that_follows)
{
    put_captured();
    webhook(HF_FACT_CHARGEBACK_REVERSED, "won", 900);
    ck_assert_int_eq(pay()->charged_back, 0);
    ck_assert_int_eq(pay()->chargeback_reversals, 900);
    ck_assert_uint_eq(fact_of(HF_FACT_CHARGEBACK_REVERSED, "won")->attention, UNEXPECTED);
    webhook(HF_FACT_CHARGEBACK, "lost", 900);
    ck_assert_int_eq(pay()->charged_back, 0);
    ck_assert_int_eq(pay()->chargeback_reversals, 0);
    webhook(HF_FACT_CHARGEBACK, "lost again", 500);
    ck_assert_int_eq(pay()->charged_back, 500);
}
END_TEST

/* A running total of reversals that was too high takes nothing of a chargeback that never came. */
START_TEST(a_running_total_of_reversals_that_falls_is_no_chargeback)
{
    static const int64_t totals[] = {500, 200, 0, 300};
    char message[8] = "evt_0";
    put_captured();
    for (uint32_t i = 0; i < 4; i++, message[4]++) {
        ok(say((said){.kind = HF_FACT_CHARGEBACK_REVERSED,
                      .no = 1,
                      .message = message,
                      .movement = "dispute",
                      .amount = totals[i],
                      .at_ms = i,
                      .flags = HF_REPORT_TOTAL}));
        ck_assert_int_eq(pay()->charged_back, 0);
        ck_assert_int_eq(pay()->chargeback_reversals, totals[i]);
    }
    webhook(HF_FACT_CHARGEBACK, "lost", 400);
    ck_assert_int_eq(pay()->charged_back, 100);
    ck_assert_int_eq(pay()->chargeback_reversals, 0);
}
END_TEST

START_TEST(a_reversal_larger_than_its_chargeback_moves_nothing)
{
    put_captured();
    webhook(HF_FACT_CHARGEBACK, "lost", 500);
    webhook(HF_FACT_CHARGEBACK_REVERSED, "won", 501);
    ck_assert_int_eq(pay()->charged_back, 500);
    ck_assert_int_eq(pay()->chargeback_reversals, 0);
    ck_assert_uint_eq(fact_of(HF_FACT_CHARGEBACK_REVERSED, "won")->attention, UNEXPECTED);
    ck_assert_int_eq(fact_of(HF_FACT_CHARGEBACK_REVERSED, "won")->uncounted, 501);
    stands(HF_ORDER_CONFIRMED, HF_ATTENTION_UNPAID);
    webhook(HF_FACT_CHARGEBACK_REVERSED, "won it", 500);
    ck_assert_int_eq(pay()->charged_back, 0);
    stands(HF_ORDER_CONFIRMED, 0);
}
END_TEST

/* ---- Which payment --------------------------------------------------------------------------- */

/* Finds a payment as hf_payment_find does. */
static uint32_t with_ref(const char *reference)
{
    uint32_t count = 0;
    for (size_t i = 0; i < fixture.count; i++) {
        const hf_payment *payment = fixture.rows[i].row;
        count += fixture.rows[i].table == HF__PAYMENTS &&
                         strcmp(payment->provider_ref.text, reference) == 0
                     ? 1
                     : 0;
    }
    return count;
}

START_TEST(the_reference_of_a_payment_is_set_by_its_first_report)
{
    static const said firsts[] = {
        {.kind = HF_FACT_AUTHORIZED, .message = "pi_1", .amount = 900},
        {.kind = HF_FACT_AUTHORIZED, .message = "evt", .movement = "pi_1", .amount = 900},
        {.kind = HF_FACT_AUTHORIZED,
         .message = "evt",
         .movement = "x",
         .payment_ref = "pi_1",
         .amount = 900},
        {.kind = HF_FACT_CAPTURED, .message = "evt", .payment_ref = "pi_1", .amount = 900},
    };
    put_card_order(HF_SETTLE_CONFIRM);
    said first = firsts[_i];
    first.no = 1;
    ok(say(first));
    stands(HF_ORDER_CONFIRMED, 0);
    ck_assert_str_eq(pay()->provider_ref.text, "pi_1");
    ck_assert_uint_eq(with_ref("pi_1"), 1);
    ok(say((said){.kind = HF_FACT_CHARGEBACK,
                  .message = "dp_1",
                  .payment_ref = "pi_1",
                  .amount = 1})); /* found by it alone */
    ck_assert_int_eq(pay()->charged_back, 1);
}
END_TEST

START_TEST(the_reference_of_a_payment_is_not_set_by_a_refund_or_capture)
{
    put_card_order(HF_SETTLE_CONFIRM);
    webhook(HF_FACT_CAPTURED, "ch_1", 900);
    webhook(HF_FACT_REFUNDED, "re_1", 100);
    ck_assert_str_eq(pay()->provider_ref.text, "");
}
END_TEST

START_TEST(a_report_before_its_payment_is_known_counts_when_it_is)
{
    put_card_order(HF_SETTLE_CONFIRM);
    ok(say((said){.kind = HF_FACT_CAPTURED,
                  .message = "evt_2",
                  .movement = "ch_2",
                  .payment_ref = "pi_1",
                  .amount = 900}));
    ck_assert_uint_eq(fact_of(HF_FACT_CAPTURED, "evt_2")->attention, UNMATCHED);
    facts_are(1, 0, 0, 0, 0);
    if (_i == 0)
        agrees("pi_1");
    else
        webhook(HF_FACT_AUTHORIZED, "pi_1", 900);
    facts_are(1, 900, 900, 0, 0);
    ck_assert_uint_eq(fact_of(HF_FACT_CAPTURED, "evt_2")->attention & UNMATCHED, 0);
    stands(HF_ORDER_CONFIRMED, 0);
    asked_is(1, 0, 0, 0);
}
END_TEST

/* ---- Contradictions -------------------------------------------------------------------------- */

static hf_id other;

/* A second order, whose payment is known as "other" and captured as "ch_other". */
static void put_other(void)
{
    put_card_order(HF_SETTLE_CONFIRM);
    other = order;
    agrees("other");
    agrees("ch_other");
    new_cart();
    put_captured();
}

static hf_payment other_payment(void)
{
    return *hf_test_payment(&fixture, &other, 1);
}

static const struct {
    said report;
    uint32_t attention; /* of the fact */
    bool on_payment;    /* and of the payment that is named */
} contradictions[] = {
    /* the provider's id of another payment */
    {{.kind = HF_FACT_REFUNDED, .no = 1, .message = "e", .payment_ref = "other", .amount = 9},
     UNEXPECTED,
     true},
    /* a movement of another payment */
    {{.kind = HF_FACT_CAPTURED, .no = 1, .message = "e", .movement = "ch_other", .amount = 900},
     UNEXPECTED,
     true},
    {{.kind = HF_FACT_CHARGEBACK, .no = 1, .message = "e", .movement = "other", .amount = 9},
     UNEXPECTED,
     true},
    {{.kind = HF_FACT_REFUNDED, .no = 1, .message = "e", .movement = "ch_other", .amount = 9},
     UNEXPECTED,
     true},
    /* our payment by the provider's id, and another one's movement */
    {{.kind = HF_FACT_CAPTURED,
      .message = "e",
      .payment_ref = "auth",
      .movement = "ch_other",
      .amount = 900},
     UNEXPECTED,
     true},
    /* nobody's */
    {{.kind = HF_FACT_REFUNDED, .message = "e", .payment_ref = "none", .amount = 9},
     UNMATCHED,
     false},
    {{.kind = HF_FACT_REFUNDED, .message = "e", .movement = "none", .amount = 9}, UNMATCHED, false},
    {{.kind = HF_FACT_REFUNDED, .message = "e", .amount = 9}, UNMATCHED, false},
    /* another unit, which is declared */
    {{.kind = HF_FACT_REFUNDED, .no = 1, .message = "e", .unit = "pcs", .amount = 9},
     UNEXPECTED,
     true},
};

START_TEST(a_report_that_fits_no_payment_is_kept_and_moves_nothing)
{
    put_other();
    const hf_payment before = *pay();
    const hf_payment theirs = other_payment();
    ok(say(contradictions[_i].report));
    const hf_fact *fact = fact_of(contradictions[_i].report.kind, "e");
    ck_assert_uint_eq(fact->attention, contradictions[_i].attention);
    ck_assert_int_eq(fact->uncounted, contradictions[_i].report.amount);
    facts_are(1, before.authorized, before.captured, before.voided, before.refunded);
    ck_assert_int_eq(pay()->charged_back, 0);
    ck_assert_uint_eq(pay()->attention, contradictions[_i].on_payment ? UNEXPECTED : 0);
    const hf_payment now = other_payment();
    ck_assert_mem_eq(&now, &theirs, sizeof now);
    stands(HF_ORDER_CONFIRMED, 0);
}
END_TEST

/* What was set aside hides nothing: the report that is right counts, for either payment. */
START_TEST(a_report_that_was_set_aside_does_not_hide_the_right_one)
{
    put_other();
    said wrong = {.kind = HF_FACT_REFUNDED,
                  .no = 1,
                  .message = "e1",
                  .movement = "re_1",
                  .payment_ref = "other",
                  .amount = 9};
    ok(say(wrong));
    ck_assert_int_eq(pay()->refunded, 0);
    said right = wrong;
    right.message = "e2";
    if (_i == 0) {
        right.no = 0;
        ok(say(right));
        ck_assert_int_eq(other_payment().refunded, 9);
        ck_assert_int_eq(pay()->refunded, 0);
    } else {
        right.payment_ref = "auth";
        ok(say(right));
        ck_assert_int_eq(other_payment().refunded, 0);
        ck_assert_int_eq(pay()->refunded, 9);
    }
    right.message = "e3";
    ok(say(right));
    ck_assert_int_eq(pay()->refunded + other_payment().refunded, 9);
}
END_TEST

/* A failure that names the wrong payment takes nothing back, whichever message is newer. */
START_TEST(a_failure_that_was_set_aside_hides_no_success)
{
    put_other();
    said message = {.kind = HF_FACT_FAILED,
                    .no = 1,
                    .message = "e1",
                    .movement = "re_1",
                    .payment_ref = "other",
                    .amount = 9,
                    .at_ms = 20};
    ok(say(message));
    ck_assert(fact_of(HF_FACT_FAILED, "e1")->flags & HF_FACT_SET_ASIDE);
    message.kind = HF_FACT_REFUNDED;
    message.message = "e2";
    message.payment_ref = "auth";
    message.at_ms = 10;
    ok(say(message));
    ck_assert_int_eq(pay()->refunded, 9);
}
END_TEST

/* Refunded, failed, and after all refunded, each by a newer message. */
START_TEST(a_success_that_is_newer_than_the_failure_counts_again)
{
    put_captured();
    said refund = {.kind = HF_FACT_REFUNDED,
                   .no = 1,
                   .message = "e1",
                   .movement = "re_1",
                   .amount = 100,
                   .at_ms = 10};
    ok(say(refund));
    ok(say((said){.kind = HF_FACT_FAILED,
                  .no = 1,
                  .message = "e2",
                  .movement = "re_1",
                  .amount = 100,
                  .at_ms = 20}));
    ck_assert_int_eq(pay()->refunded, 0);
    refund.message = "e3";
    refund.at_ms = _i == 0 ? 30 : 15;
    ok(say(refund));
    ck_assert_int_eq(pay()->refunded, _i == 0 ? 100 : 0);
}
END_TEST

/* A provider that gave two payments one id: nothing is guessed. */
START_TEST(a_report_that_names_two_payments_moves_neither)
{
    put_card_order(HF_SETTLE_CONFIRM);
    other = order;
    agrees("twice");
    agrees("ch_1");
    new_cart();
    put_card_order(HF_SETTLE_CONFIRM);
    agrees("twice");
    agrees("ch_2");
    const hf_payment before = *pay();
    const hf_payment theirs = other_payment();
    said report = {.kind = HF_FACT_REFUNDED, .message = "e", .amount = 9};
    if (_i == 0)
        report.payment_ref = "twice";
    else
        report.movement = "twice";
    ok(say(report));
    ck_assert_uint_eq(fact_of(HF_FACT_REFUNDED, "e")->attention, UNMATCHED | UNEXPECTED);
    const hf_payment now = other_payment();
    ck_assert_mem_eq(&now, &theirs, sizeof now);
    ck_assert_mem_eq(pay(), &before, sizeof before);
    report.no = 1; /* with our id it is clear */
    report.message = "e2";
    report.movement = NULL;
    ok(say(report));
    ck_assert_int_eq(pay()->refunded, 9);
}
END_TEST

START_TEST(a_report_in_an_unknown_unit_is_refused_and_leaves_nothing)
{
    put_captured();
    size_t facts = hf_test_rows(&fixture, HF__FACTS);
    refused(
        say((said){.kind = HF_FACT_REFUNDED, .no = 1, .message = "e", .unit = "ZZZ", .amount = 9}),
        HF_E_UNIT_UNKNOWN);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__FACTS), facts);
    ck_assert_uint_eq(pay()->attention, 0);
}
END_TEST

START_TEST(a_report_about_a_payment_from_an_account_moves_nothing)
{
    tea(2);
    (void)hf_test_cart_pay(&cart, "anna", 900, HF_SETTLE_CONFIRM);
    put_order();
    webhook((uint32_t)_i, "e", 900);
    facts_are(1, 900, 900, 0, 0);
    ck_assert_uint_eq(pay()->attention, UNEXPECTED);
    ck_assert_int_eq(hf_test_balance(&fixture, "anna"), 9100);
    stands(HF_ORDER_CONFIRMED, 0);
}
END_TEST

/* The first report about a movement says that nothing of it has happened yet. */
static void nothing_happens(uint32_t kind, uint32_t flags)
{
    tea(2);
    with_card(900, HF_SETTLE_FULFIL)->flags = flags;
    put_order();
    for (int i = 0; i < 2; i++) { /* before and after the money is authorized */
        ok(say((said){.kind = kind,
                      .no = 1,
                      .message = i == 0 ? "none" : "none yet",
                      .movement = i == 0 ? "m" : "n",
                      .at_ms = 1,
                      .flags = HF_REPORT_TOTAL}));
        ck_assert_uint_eq(fact_of(kind, i == 0 ? "none" : "none yet")->attention, 0);
        if (i == 0) {
            ck_assert_uint_eq(pay()->state, HF_PAYMENT_PENDING);
            ck_assert_int_eq(pay()->pending_authorize, 900);
            agrees("auth");
        }
    }
    stands(HF_ORDER_CONFIRMED, 0);
    facts_are(1, 900, 0, 0, 0);
}

START_TEST(a_running_total_of_nothing_changes_nothing)
{
    static const uint32_t kinds[] = {HF_FACT_AUTHORIZED, HF_FACT_CAPTURED,
                                     HF_FACT_VOIDED,     HF_FACT_REFUNDED,
                                     HF_FACT_CHARGEBACK, HF_FACT_CHARGEBACK_REVERSED};
    nothing_happens(kinds[_i % 6], _i < 6 ? 0 : HF_PAYMENT_ONE_CAPTURE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("case_facts");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_loop_test(core, a_capture_counts_once_however_it_is_reported_and_how_often, 0, 4);
    tcase_add_loop_test(core, a_refund_and_a_void_count_once_however_they_are_reported, 0, 2);
    tcase_add_test(core, another_amount_of_a_known_movement_is_set_aside);
    tcase_add_test(core, a_running_total_counts_by_what_it_adds);
    tcase_add_test(core, authorizations_add_up_and_the_newest_of_each_counts);
    tcase_add_loop_test(core, a_failure_is_compared_with_the_success_of_its_own_movement, 0, 4);
    tcase_add_test(core, a_dispute_that_is_won_leaves_everything_as_it_was);
    tcase_add_test(core, a_reversal_that_is_reported_first_undoes_the_chargeback_that_follows);
    tcase_add_test(core, a_running_total_of_reversals_that_falls_is_no_chargeback);
    tcase_add_test(core, a_reversal_larger_than_its_chargeback_moves_nothing);
    tcase_add_loop_test(core, the_reference_of_a_payment_is_set_by_its_first_report, 0, 4);
    tcase_add_test(core, the_reference_of_a_payment_is_not_set_by_a_refund_or_capture);
    tcase_add_loop_test(core, a_report_before_its_payment_is_known_counts_when_it_is, 0, 2);
    tcase_add_loop_test(core, a_report_that_fits_no_payment_is_kept_and_moves_nothing, 0,
                        sizeof contradictions / sizeof contradictions[0]);
    tcase_add_loop_test(core, a_report_that_was_set_aside_does_not_hide_the_right_one, 0, 2);
    tcase_add_test(core, a_failure_that_was_set_aside_hides_no_success);
    tcase_add_loop_test(core, a_success_that_is_newer_than_the_failure_counts_again, 0, 2);
    tcase_add_loop_test(core, a_report_that_names_two_payments_moves_neither, 0, 2);
    tcase_add_test(core, a_report_in_an_unknown_unit_is_refused_and_leaves_nothing);
    tcase_add_loop_test(core, a_report_about_a_payment_from_an_account_moves_nothing, 0, 8);
    tcase_add_loop_test(core, a_running_total_of_nothing_changes_nothing, 0, 12);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
