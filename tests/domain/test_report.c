/* Facts are recorded whatever they say, and a person clears the attention they raise. */
#include "base/id.h"
#include "support/check_main.h"
#include "support/view.h"

#include <holdfast/item.h>

static hf_test_fixture fixture;
static hf_payment payment;

static void set_up(void)
{
    hf_test_fixture_init(&fixture);
    hf_test_unit(&fixture, "EUR", 2);
    hf_order order = {.id = hf_test_id(&fixture), .version = 1, .state = HF_ORDER_CLOSED};
    order.attention = HF_ATTENTION_LATE_PAYMENT;
    hf_test_put(&fixture, HF__ORDERS, &order);
    payment = (hf_payment){.id = hf_test_id(&fixture), .order = order.id, .no = 1, .version = 1};
    hf_test_put(&fixture, HF__PAYMENTS, &payment);
}

static void tear_down(void)
{
    hf_test_fixture_fini(&fixture);
}

static hf_payment_report_args report_of(const char *ref, int64_t amount)
{
    hf_payment_report_args args;
    hf_payment_report_init(&args);
    args.provider = "stripe";
    args.fact_ref = ref;
    args.unit = "EUR";
    args.amount = amount;
    args.kind = HF_FACT_CAPTURED;
    args.provider_time_ms = fixture.now_ms - 5;
    return args;
}

static const hf_fact *stored(const char *ref)
{
    hf_fact key = {.kind = HF_FACT_CAPTURED};
    hf__name_set(&key.provider, "stripe");
    hf__name_set(&key.fact_ref, ref);
    return hf_test_row_of(&fixture, HF__FACTS, &key);
}

static uint32_t attention_of_payment(void)
{
    const hf_payment *row = hf_test_row_of(&fixture, HF__PAYMENTS, &payment);
    return row->attention;
}

START_TEST(a_fact_that_matches_nothing_is_kept_and_listed)
{
    hf_payment_report_args args = report_of("ch_1", 500);
    hf_test_expect(&fixture, 0, HF_OP_PAYMENT_REPORT, &args);
    ck_assert_int_eq(stored("ch_1")->amount, 500);
    ck_assert_int_eq(stored("ch_1")->at_ms, fixture.now_ms);
    ck_assert_uint_eq(stored("ch_1")->attention, HF_ATTENTION_UNMATCHED_FACT);
    args = report_of("ch_2", 500);
    args.payment = hf_test_id(&fixture);
    hf_test_expect(&fixture, 0, HF_OP_PAYMENT_REPORT, &args);
    ck_assert_uint_eq(stored("ch_2")->attention, HF_ATTENTION_UNMATCHED_FACT);
    ck_assert(hf__id_zero(&stored("ch_2")->payment));
}
END_TEST

START_TEST(a_fact_about_a_payment_from_an_account_is_unexpected)
{
    hf_payment_report_args args = report_of("ch_1", 500);
    args.payment = payment.id;
    hf_test_expect(&fixture, 0, HF_OP_PAYMENT_REPORT, &args);
    ck_assert_uint_eq(stored("ch_1")->attention, HF_ATTENTION_UNEXPECTED_FACT);
    ck_assert_uint_eq(attention_of_payment(), HF_ATTENTION_UNEXPECTED_FACT);
    ck_assert_ptr_nonnull(fixture.draft.result);
}
END_TEST

START_TEST(the_same_fact_twice_does_nothing)
{
    hf_payment_report_args args = report_of("ch_1", 500);
    hf_test_expect(&fixture, 0, HF_OP_PAYMENT_REPORT, &args);
    uint64_t seq = fixture.event_seq;
    args.head.id = hf_test_id(&fixture);
    hf_test_expect(&fixture, 0, HF_OP_PAYMENT_REPORT, &args);
    ck_assert_uint_eq(fixture.event_seq, seq);
    ck_assert_ptr_nonnull(fixture.draft.result);
}
END_TEST

START_TEST(a_fact_with_another_amount_is_in_the_event_and_wants_a_person)
{
    hf_payment_report_args args = report_of("ch_1", 500);
    args.payment = payment.id;
    hf_test_expect(&fixture, 0, HF_OP_PAYMENT_REPORT, &args);
    args.amount = 700;
    hf_test_expect(&fixture, 0, HF_OP_PAYMENT_REPORT, &args);
    ck_assert_int_eq(stored("ch_1")->amount, 500);
    ck_assert_uint_eq(stored("ch_1")->attention, HF_ATTENTION_UNEXPECTED_FACT);
    const hf_event *event =
        hf_test_row_of(&fixture, HF__EVENTS, &(hf_event){.seq = fixture.event_seq});
    uint64_t position = 0;
    hf_change change;
    ck_assert_int_eq(hf_event_next(event, &position, &change), 1);
    ck_assert_str_eq(change.text.text, "stripe");
    ck_assert_int_eq(hf_event_next(event, &position, &change), 1);
    ck_assert_str_eq(change.text.text, "ch_1");
    ck_assert_int_eq(change.amount, 700);
}
END_TEST

START_TEST(an_amount_in_an_unknown_unit_is_refused)
{
    hf_payment_report_args args = report_of("ch_1", 500);
    args.unit = "USD";
    hf_test_expect(&fixture, HF_E_UNIT_UNKNOWN, HF_OP_PAYMENT_REPORT, &args);
}
END_TEST

static hf_attention_clear_args clear_of(uint32_t subject, uint32_t bits)
{
    hf_attention_clear_args args;
    hf_attention_clear_init(&args);
    args.subject = subject;
    args.bits = bits;
    args.reason = "called the bank";
    return args;
}

START_TEST(attention_is_cleared_with_a_reason_in_the_event)
{
    hf_attention_clear_args args = clear_of(HF_ATTENTION_ON_ORDER, HF_ATTENTION_LATE_PAYMENT);
    args.id = payment.order;
    hf_test_expect(&fixture, 0, HF_OP_ATTENTION_CLEAR, &args);
    const hf_order *order = hf_test_row_of(&fixture, HF__ORDERS, &(hf_order){.id = payment.order});
    ck_assert_uint_eq(order->attention, 0);
    ck_assert_uint_eq(order->version, 2);
    const hf_event *event =
        hf_test_row_of(&fixture, HF__EVENTS, &(hf_event){.seq = fixture.event_seq});
    uint64_t position = 0;
    hf_change change;
    ck_assert_int_eq(hf_event_next(event, &position, &change), 1);
    ck_assert_uint_eq(change.type, HF_CHANGE_NOTE);
    ck_assert_str_eq(change.text.text, "called the bank");
    ck_assert(hf__id_equal(&change.id, &payment.order));
    hf_test_expect(&fixture, 0, HF_OP_ATTENTION_CLEAR, &args);
    ck_assert_uint_eq(fixture.draft.quiet, 1);
}
END_TEST

START_TEST(a_fact_and_its_payment_are_cleared_each_on_its_own)
{
    hf_payment_report_args report = report_of("ch_1", 500);
    report.payment = payment.id;
    hf_test_expect(&fixture, 0, HF_OP_PAYMENT_REPORT, &report);
    hf_attention_clear_args args = clear_of(HF_ATTENTION_ON_FACT, HF_ATTENTION_UNEXPECTED_FACT);
    args.provider = "stripe";
    args.fact_ref = "ch_1";
    args.kind = HF_FACT_CAPTURED;
    hf_test_expect(&fixture, 0, HF_OP_ATTENTION_CLEAR, &args);
    ck_assert_uint_eq(stored("ch_1")->attention, 0);
    ck_assert_uint_ne(attention_of_payment(), 0);
    args = clear_of(HF_ATTENTION_ON_PAYMENT, UINT32_MAX);
    args.id = payment.id;
    hf_test_expect(&fixture, 0, HF_OP_ATTENTION_CLEAR, &args);
    ck_assert_uint_eq(attention_of_payment(), 0);
}
END_TEST

START_TEST(an_account_beyond_its_limits_keeps_that_bit)
{
    hf_test_open(&fixture, HF_KIND_ITEM, "tea", "pcs", 2);
    hf_account_adjust_args adjust;
    hf_item_adjust_init(&adjust, "tea");
    adjust.quantity = -5;
    hf_test_expect(&fixture, 0, HF_OP_ITEM_ADJUST, &adjust);
    hf_attention_clear_args args = clear_of(HF_ATTENTION_ON_ACCOUNT, UINT32_MAX);
    args.account = adjust.key;
    hf_test_expect(&fixture, 0, HF_OP_ATTENTION_CLEAR, &args);
    ck_assert_uint_eq(fixture.draft.quiet, 1);
    ck_assert_uint_eq(hf_test_account(&fixture, HF_KIND_ITEM, "tea", "pcs")->attention,
                      HF_ATTENTION_BEYOND_LIMIT);
}
END_TEST

START_TEST(attention_of_what_is_not_there_is_not_found)
{
    for (uint32_t subject = 0; subject <= HF_ATTENTION_ON_HOLD; subject++) {
        hf_attention_clear_args args = clear_of(subject, 1);
        args.account = (hf_account_key){.kind = HF_KIND_ITEM, .name = "x", .unit = "pcs"};
        args.id = hf_test_id(&fixture);
        args.provider = "x";
        args.fact_ref = "x";
        hf_test_expect(&fixture, HF_E_NOT_FOUND, HF_OP_ATTENTION_CLEAR, &args);
    }
    hf_attention_clear_args args = clear_of(HF_ATTENTION_ON_HOLD + 1, 1);
    hf_test_expect(&fixture, HF_E_ENUM, HF_OP_ATTENTION_CLEAR, &args);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, a_fact_that_matches_nothing_is_kept_and_listed);
    tcase_add_test(core, a_fact_about_a_payment_from_an_account_is_unexpected);
    tcase_add_test(core, the_same_fact_twice_does_nothing);
    tcase_add_test(core, a_fact_with_another_amount_is_in_the_event_and_wants_a_person);
    tcase_add_test(core, an_amount_in_an_unknown_unit_is_refused);
    tcase_add_test(core, attention_is_cleared_with_a_reason_in_the_event);
    tcase_add_test(core, a_fact_and_its_payment_are_cleared_each_on_its_own);
    tcase_add_test(core, an_account_beyond_its_limits_keeps_that_bit);
    tcase_add_test(core, attention_of_what_is_not_there_is_not_found);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
