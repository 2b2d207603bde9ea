/*
 * References of a provider: one that is given twice, named by a report that was faster, or by one
 * that named no payment. What happened counts once, and nothing that happened is lost.
 */
#include "support/card.h"
#include "support/check_main.h"

/* An order of two for 450 each, authorized; one is sent, and its capture, command 2, asked for. */
static void set_up_capture(void)
{
    set_up();
    place(HF_SETTLE_FULFIL);
    answer(1, HF_ANSWER_OK, "auth", 0);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 1, 1), 0);
}

/* The second one is sent: command 3. */
static void send_second(void)
{
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &order, 1, 1), 0);
}

/* A webhook that does not say which payment it is about. */
static void report_alone(uint32_t kind, const char *reference, int64_t amount)
{
    hf_payment_report_args args;
    hf_payment_report_init(&args);
    args.provider = "card";
    args.fact_ref = reference;
    args.unit = "EUR";
    args.amount = amount;
    args.kind = kind;
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_PAYMENT_REPORT, &args), 0);
}

static const hf_fact *fact(const char *reference)
{
    hf_fact key = {.kind = HF_FACT_CAPTURED};
    hf__name_set(&key.provider, "card");
    hf__name_set(&key.fact_ref, reference);
    const hf_fact *row = hf_test_row_of(&fixture, HF__FACTS, &key);
    ck_assert_ptr_nonnull(row);
    return row;
}

static void captured_is(int64_t captured, int64_t pending, uint32_t attention)
{
    ck_assert_int_eq(pay()->captured, captured);
    ck_assert_int_eq(pay()->pending_capture, pending);
    ck_assert_uint_eq(pay()->attention, attention);
}

START_TEST(two_captures_with_one_reference_both_count)
{
    answer(2, HF_ANSWER_OK, "cap", 0);
    captured_is(450, 0, 0);
    send_second();
    answer(3, HF_ANSWER_OK, "cap", 0);
    captured_is(900, 0, 0);
    ck_assert_uint_eq(state(), HF_ORDER_CLOSED);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__FACTS), 3);
    char own[37];
    const hf_txn third = command(3);
    ck_assert_uint_eq(fact(hf_id_format(&third.id, own))->attention, 0);
}
END_TEST

START_TEST(two_captures_with_one_reference_both_count_when_reports_are_faster)
{
    report(HF_FACT_CAPTURED, "cap", 450, 1);
    answer(2, HF_ANSWER_OK, "cap", 0);
    captured_is(450, 0, 0);
    send_second();
    report(HF_FACT_CAPTURED, "cap", 450, 2); /* looks like the first once more */
    captured_is(450, 450, 0);
    answer(3, HF_ANSWER_OK, "cap", 0);
    captured_is(900, 0, 0);
}
END_TEST

START_TEST(two_refunds_with_one_reference_both_count_and_want_a_person)
{
    answer(2, HF_ANSWER_OK, "cap", 0);
    for (uint32_t no = 3; no <= 4; no++) {
        hf_test_is(&fixture, hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, 100), 0);
        answer(no, HF_ANSWER_OK, "back", 0);
    }
    ck_assert_int_eq(pay()->refunded, 200);
    captured_is(450, 0, HF_ATTENTION_UNEXPECTED_FACT);
}
END_TEST

/* The larger of the two is believed: a customer is not charged for the difference once more. */
START_TEST(a_report_of_another_amount_than_the_answer_wants_a_person)
{
    int64_t reported = _i == 0 ? 300 : 450;
    report(HF_FACT_CAPTURED, "cap", reported, 1);
    answer(2, HF_ANSWER_OK, "cap", 750 - reported);
    captured_is(450, 0, HF_ATTENTION_UNEXPECTED_FACT);
    ck_assert_int_eq(fact("cap")->amount, reported);
    ck_assert_uint_eq(fact("cap")->attention, HF_ATTENTION_UNEXPECTED_FACT);
    ck_assert_uint_eq(pay()->commands, 2);
}
END_TEST

START_TEST(a_report_without_a_payment_is_matched_by_the_answer)
{
    report_alone(HF_FACT_CAPTURED, "cap", 450);
    ck_assert_uint_eq(fact("cap")->attention, HF_ATTENTION_UNMATCHED_FACT);
    answer(2, HF_ANSWER_OK, "cap", 0);
    const hf_txn second = command(2);
    ck_assert_uint_eq(fact("cap")->attention, 0);
    ck_assert_mem_eq(&fact("cap")->payment, &pay()->id, sizeof(hf_id));
    ck_assert_mem_eq(&fact("cap")->txn, &second.id, sizeof(hf_id));
    report(HF_FACT_CAPTURED, "cap", 450, 2);
    captured_is(450, 0, 0);
}
END_TEST

START_TEST(a_report_without_a_payment_and_of_another_amount_hides_nothing)
{
    report_alone(HF_FACT_CAPTURED, "cap", 30);
    answer(2, HF_ANSWER_OK, "cap", 0);
    captured_is(450, 0, 0);
    ck_assert_uint_eq(fact("cap")->attention, HF_ATTENTION_UNMATCHED_FACT);
}
END_TEST

START_TEST(a_repeat_that_names_its_payment_links_the_first)
{
    report_alone(HF_FACT_CAPTURED, "cap", 450);
    captured_is(0, 450, 0);
    int64_t said_at_ms = fact("cap")->at_ms;
    fixture.now_ms += 1000;
    report(HF_FACT_CAPTURED, "cap", 450, 0);
    captured_is(450, 0, 0);
    ck_assert_uint_eq(fact("cap")->attention, 0);
    ck_assert_int_eq(fact("cap")->at_ms, said_at_ms);
    report(HF_FACT_CAPTURED, "cap", 450, 0);
    answer(2, HF_ANSWER_OK, "cap", 0);
    captured_is(450, 0, 0);
}
END_TEST

START_TEST(a_repeat_that_names_its_payment_with_another_amount_links_nothing)
{
    report_alone(HF_FACT_CAPTURED, "cap", 400);
    report(HF_FACT_CAPTURED, "cap", 450, 0);
    captured_is(0, 450, HF_ATTENTION_UNEXPECTED_FACT);
    ck_assert_uint_eq(fact("cap")->attention,
                      HF_ATTENTION_UNMATCHED_FACT | HF_ATTENTION_UNEXPECTED_FACT);
}
END_TEST

/* A provider that calls everything by the reference of the authorization. */
START_TEST(a_repeat_is_matched_by_the_reference_of_a_payment_that_is_known_since)
{
    hf_test_cart_init(&fixture, &cart);
    report_alone(HF_FACT_CAPTURED, "pi", 900);
    place(HF_SETTLE_FULFIL);
    answer(1, HF_ANSWER_OK, "pi", 0);
    report_alone(HF_FACT_CAPTURED, "pi", 900);
    captured_is(900, 0, HF_ATTENTION_UNEXPECTED_FACT); /* nobody had asked for it */
}
END_TEST

/* Commands that end although the movement which they name counts nothing more. */
START_TEST(an_answer_that_names_what_was_reported_before_it_was_asked_for_ends_what_is_pending)
{
    answer(2, HF_ANSWER_OK, "cap", 0);
    report(HF_FACT_REFUNDED, "back", 100, 0);
    hf_test_is(&fixture, hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, 30), 0);
    hf_test_is(&fixture, hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, 20), 0);
    ck_assert_int_eq(pay()->pending_refund, 50);
    answer(3, HF_ANSWER_OK, "back", 0);
    ck_assert_int_eq(pay()->pending_refund, 20);
    ck_assert_int_eq(pay()->refunded, 100);
    answer(4, HF_ANSWER_OK, "again", 0);
    ck_assert_int_eq(pay()->pending_refund, 0);
    ck_assert_int_eq(pay()->refunded, 120);
}
END_TEST

START_TEST(an_answer_whose_movement_is_reported_as_failed_later_counts_as_refused)
{
    answer(2, HF_ANSWER_OK, "cap", 0);
    hf_test_is(&fixture, hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, 30), 0);
    report(HF_FACT_FAILED, "back", 30, fixture.now_ms + 1);
    answer(3, HF_ANSWER_OK, "back", 0);
    ck_assert_int_eq(pay()->pending_refund, 0);
    ck_assert_int_eq(pay()->refunded, 0);
    ck_assert_int_eq(pay()->refund_refused, 30);
    ck_assert_uint_ne(pay()->attention & HF_ATTENTION_COMMAND_REFUSED, 0);
}
END_TEST

/* Events fold to the counters: hf_test_shop_check looks after each operation. */
START_TEST(what_was_reported_while_an_order_waited_is_in_its_events_once)
{
    const hf_account_key tea = hf_test_item("tea", "");
    hf_test_cart_init(&fixture, &cart);
    cart.args.policy = HF_ORDER_QUEUE | HF_ORDER_PAY_LATER;
    hf_test_cart_line(&cart, "tea", 200, 10, HF_SETTLE_FULFIL);
    hf_payment_provider_init(hf_test_cart_pay(&cart, "anna", 2000, HF_SETTLE_FULFIL), "card", 2000);
    order = cart.args.head.id;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    report(HF_FACT_REFUNDED, "back", 11, 0);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_NEW);
    hf_test_supply(&fixture, &tea, 200);
    ck_assert_uint_eq(hf_test_promote(&fixture, &tea, 32).count, 1);
    ck_assert_uint_eq(pay()->state, HF_PAYMENT_PENDING);
    ck_assert_int_eq(pay()->refunded, 11);
    hf_test_shop_check(&fixture);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("references");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up_capture, tear_down);
    tcase_add_test(core, two_captures_with_one_reference_both_count);
    tcase_add_test(core, two_captures_with_one_reference_both_count_when_reports_are_faster);
    tcase_add_test(core, two_refunds_with_one_reference_both_count_and_want_a_person);
    tcase_add_loop_test(core, a_report_of_another_amount_than_the_answer_wants_a_person, 0, 2);
    tcase_add_test(core, a_report_without_a_payment_is_matched_by_the_answer);
    tcase_add_test(core, a_report_without_a_payment_and_of_another_amount_hides_nothing);
    tcase_add_test(core, a_repeat_that_names_its_payment_links_the_first);
    tcase_add_test(core, a_repeat_that_names_its_payment_with_another_amount_links_nothing);
    tcase_add_test(core, a_repeat_is_matched_by_the_reference_of_a_payment_that_is_known_since);
    tcase_add_test(
        core, an_answer_that_names_what_was_reported_before_it_was_asked_for_ends_what_is_pending);
    tcase_add_test(core, an_answer_whose_movement_is_reported_as_failed_later_counts_as_refused);
    tcase_add_test(core, what_was_reported_while_an_order_waited_is_in_its_events_once);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
