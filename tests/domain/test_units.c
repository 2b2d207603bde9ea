/* Units: declared once, by their own operation or by the account that uses one first. */
#include "support/check_main.h"
#include "support/view.h"

#include <holdfast.h>

static hf_test_fixture fixture;
static hf_unit_put_args args;

static void set_up(void)
{
    hf_test_fixture_init(&fixture);
}

static void tear_down(void)
{
    hf_test_fixture_fini(&fixture);
}

static int declare(const char *code, uint32_t scale)
{
    hf_unit_put_init(&args, code, scale);
    args.head.id = hf_test_id(&fixture);
    return hf_test_run(&fixture, HF_OP_UNIT_PUT, &args);
}

static const hf_unit *stored(const char *code)
{
    hf_unit key = {.scale = 0};
    hf__name_set(&key.code, code);
    return hf_test_row_of(&fixture, HF__UNITS, &key);
}

static const hf_event *last_event(void)
{
    return hf_test_row_of(&fixture, HF__EVENTS, &(hf_event){.seq = fixture.event_seq});
}

/* The one change of this type in the last event. */
static hf_change change_of(uint32_t type)
{
    uint64_t position = 0;
    hf_change change;
    hf_change found = {.type = HF_CHANGE_END};
    while (hf_event_next(last_event(), &position, &change) == 1) {
        if (change.type != type)
            continue;
        ck_assert_uint_eq(found.type, HF_CHANGE_END);
        found = change;
    }
    return found;
}

static void check_change(const char *code, int64_t scale)
{
    const hf_change change = change_of(HF_CHANGE_UNIT);
    ck_assert_uint_eq(change.type, HF_CHANGE_UNIT);
    ck_assert_str_eq(change.text.text, code);
    ck_assert_int_eq(change.a, scale);
}

START_TEST(a_unit_is_declared_without_an_account)
{
    ck_assert_int_eq(declare("KWD", 3), 0);
    const hf_unit *result = fixture.draft.result;
    ck_assert_str_eq(result->code.text, "KWD");
    ck_assert_uint_eq(result->scale, 3);
    ck_assert_uint_eq(stored("KWD")->scale, 3);
    ck_assert_uint_eq(fixture.event_seq, 1);
    ck_assert_uint_eq(last_event()->type, HF_OP_UNIT_PUT);
    ck_assert_uint_eq(last_event()->subject_kind, HF_SUBJECT_UNIT);
    ck_assert_uint_eq(last_event()->subject_version, 1);
    check_change("KWD", 3);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__ACCOUNTS), 0);
}
END_TEST

START_TEST(the_same_declaration_again_changes_nothing)
{
    ck_assert_int_eq(declare("EUR", 2), 0);
    ck_assert_int_eq(declare("EUR", 2), 0);
    ck_assert_uint_eq(((const hf_unit *)fixture.draft.result)->scale, 2);
    ck_assert_uint_eq(fixture.event_seq, 1);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__OP_KEYS), 1); /* of the first */
}
END_TEST

START_TEST(another_scale_is_refused_with_both_scales_in_the_detail)
{
    ck_assert_int_eq(declare("EUR", 2), 0);
    ck_assert_int_eq(declare("EUR", 3), HF_E_UNIT_SCALE);
    ck_assert_str_eq(fixture.detail.text, "unit EUR: declared with scale 2, not 3");
    ck_assert_uint_eq(stored("EUR")->scale, 2);
}
END_TEST

START_TEST(a_repeated_id_gets_the_first_answer)
{
    hf_unit_put_init(&args, "EUR", 0);
    args.head.id = hf_test_id(&fixture);
    ck_assert_int_eq(hf_test_run(&fixture, HF_OP_UNIT_PUT, &args), 0);
    ck_assert_int_eq(hf_test_run(&fixture, HF_OP_UNIT_PUT, &args), 0);
    ck_assert_str_eq(((const hf_unit *)fixture.draft.result)->code.text, "EUR");
    ck_assert_uint_eq(fixture.draft.answered_seq, 1);
    ck_assert_uint_eq(fixture.event_seq, 1);
}
END_TEST

START_TEST(an_expected_version_asks_for_a_declared_unit)
{
    hf_unit_put_init(&args, "EUR", 2);
    args.head.expected_version = 1;
    ck_assert_int_eq(hf_test_run(&fixture, HF_OP_UNIT_PUT, &args), HF_E_NOT_FOUND);
    ck_assert_int_eq(declare("EUR", 2), 0);
    hf_unit_put_init(&args, "EUR", 2);
    args.head.expected_version = 1;
    ck_assert_int_eq(hf_test_run(&fixture, HF_OP_UNIT_PUT, &args), 0);
    args.head.expected_version = 2;
    ck_assert_int_eq(hf_test_run(&fixture, HF_OP_UNIT_PUT, &args), HF_E_VERSION_MOVED);
}
END_TEST

START_TEST(an_account_declares_its_unit_in_its_event)
{
    hf_account_put_args account;
    hf_account_put_init(&account, HF_KIND_MONEY, "till", "JPY");
    account.unit_scale = 0;
    ck_assert_int_eq(hf_test_run(&fixture, HF_OP_ACCOUNT_PUT, &account), 0);
    check_change("JPY", 0);
    account.key.name = "safe";
    ck_assert_int_eq(hf_test_run(&fixture, HF_OP_ACCOUNT_PUT, &account), 0);
    ck_assert_uint_eq(change_of(HF_CHANGE_UNIT).type, HF_CHANGE_END); /* declared already */
    ck_assert_int_eq(declare("JPY", 2), HF_E_UNIT_SCALE);
}
END_TEST

START_TEST(an_account_may_use_a_unit_that_was_declared_without_one)
{
    ck_assert_int_eq(declare("EUR", 2), 0);
    hf_account_put_args account;
    hf_account_put_init(&account, HF_KIND_MONEY, "till", "EUR"); /* it must be declared */
    ck_assert_int_eq(hf_test_run(&fixture, HF_OP_ACCOUNT_PUT, &account), 0);
    account.unit_scale = 3;
    ck_assert_int_eq(hf_test_run(&fixture, HF_OP_ACCOUNT_PUT, &account), HF_E_UNIT_SCALE);
}
END_TEST

static void place_order(const char *currency, int expected)
{
    hf_line_args line;
    hf_payment_args payment;
    hf_order_place_args order;
    hf_line_init(&line, "support", 1, 500);
    line.untracked = 1;
    hf_payment_provider_init(&payment, "card", 500);
    hf_order_place_init(&order, currency);
    order.head.id = hf_test_id(&fixture);
    order.lines = &line;
    order.line_count = 1;
    order.payments = &payment;
    order.payment_count = 1;
    order.total = 500;
    hf_test_expect(&fixture, expected, HF_OP_ORDER_PLACE, &order);
}

START_TEST(an_order_in_a_currency_of_providers_only_needs_no_account)
{
    place_order("EUR", HF_E_UNIT_UNKNOWN);
    ck_assert_int_eq(declare("EUR", 2), 0);
    place_order("EUR", 0);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__ACCOUNTS), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("units");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, a_unit_is_declared_without_an_account);
    tcase_add_test(core, the_same_declaration_again_changes_nothing);
    tcase_add_test(core, another_scale_is_refused_with_both_scales_in_the_detail);
    tcase_add_test(core, a_repeated_id_gets_the_first_answer);
    tcase_add_test(core, an_expected_version_asks_for_a_declared_unit);
    tcase_add_test(core, an_account_declares_its_unit_in_its_event);
    tcase_add_test(core, an_account_may_use_a_unit_that_was_declared_without_one);
    tcase_add_test(core, an_order_in_a_currency_of_providers_only_needs_no_account);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
