/* Opening accounts, changing limits, moving amounts, counting stock. */
#include "support/check_main.h"
#include "support/view.h"

#include <holdfast/item.h>
#include <string.h>

static hf_test_fixture fixture;

static void set_up(void)
{
    hf_test_fixture_init(&fixture);
}

static void tear_down(void)
{
    hf_test_fixture_fini(&fixture);
}

static const hf_account *tea(void)
{
    return hf_test_account(&fixture, HF_KIND_ITEM, "tea", "pcs");
}

static hf_account_put_args item(const char *sku, int64_t opening)
{
    hf_account_put_args args;
    hf_item_put_init(&args, sku);
    args.opening = opening;
    return args;
}

static int put(const hf_account_put_args *args)
{
    return hf_test_run(&fixture, HF_OP_ITEM_PUT, args);
}

static int adjust(uint32_t mode, int64_t quantity)
{
    hf_account_adjust_args args;
    hf_item_adjust_init(&args, "tea");
    args.mode = mode;
    args.quantity = quantity;
    return hf_test_run(&fixture, HF_OP_ITEM_ADJUST, &args);
}

static int hold_tea(int64_t amount)
{
    hf_hold_place_args args;
    hf_hold_place_init(&args);
    args.from = (hf_account_key){.kind = HF_KIND_ITEM, .name = "tea", .unit = "pcs"};
    args.amount = amount;
    return hf_test_run(&fixture, HF_OP_HOLD_PLACE, &args);
}

START_TEST(an_item_opens_with_what_is_there)
{
    hf_account_put_args args = item("tea", 12);
    ck_assert_int_eq(put(&args), 0);
    ck_assert_int_eq(tea()->balance, 12);
    ck_assert_int_eq(tea()->max_balance, INT64_MAX);
    ck_assert_uint_eq(tea()->version, 1);
    ck_assert_int_eq(tea()->created_at_ms, fixture.now_ms);
    ck_assert_uint_eq(fixture.event_seq, 1);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__UNITS), 1);
}
END_TEST

START_TEST(each_mode_says_what_happens_to_what_is_there)
{
    hf_account_put_args args = item("tea", 3);
    args.mode = HF_PUT_CHANGE;
    ck_assert_int_eq(put(&args), HF_E_NOT_FOUND);
    args.mode = HF_PUT_OPEN_IF_ABSENT;
    ck_assert_int_eq(put(&args), 0);
    args.max_balance = 5;
    args.opening = 9;
    args.mask = HF_PUT_MAX_BALANCE;
    ck_assert_int_eq(put(&args), 0);
    ck_assert_int_eq(fixture.draft.quiet, 1);
    ck_assert_int_eq(tea()->max_balance, INT64_MAX);
    args.mode = HF_PUT_NEW;
    ck_assert_int_eq(put(&args), HF_E_EXISTS);
    args.mode = HF_PUT_ANY;
    ck_assert_int_eq(put(&args), 0);
    ck_assert_int_eq(tea()->max_balance, 5);
    ck_assert_int_eq(tea()->balance, 3);
}
END_TEST

START_TEST(only_the_fields_of_the_mask_change)
{
    hf_account_put_args args = item("tea", 3);
    ck_assert_int_eq(put(&args), 0);
    args.min_balance = -1;
    args.min_available = -2;
    args.max_balance = 7;
    args.frozen = 1;
    args.overtake = 1;
    args.mask = HF_PUT_MIN_AVAILABLE | HF_PUT_OVERTAKE;
    ck_assert_int_eq(put(&args), 0);
    ck_assert_int_eq(tea()->min_balance, 0);
    ck_assert_int_eq(tea()->min_available, -2);
    ck_assert_int_eq(tea()->max_balance, INT64_MAX);
    ck_assert_uint_eq(tea()->frozen, 0);
    ck_assert_uint_eq(tea()->overtake, 1);
    ck_assert_uint_eq(tea()->version, 2);
    ck_assert_int_eq(put(&args), 0);
    ck_assert_uint_eq(tea()->version, 2); /* the same again changes nothing */
}
END_TEST

START_TEST(limits_that_make_no_sense_are_refused)
{
    hf_account_put_args args = item("tea", 10);
    args.max_balance = 9;
    ck_assert_int_eq(put(&args), HF_E_MAX_BALANCE);
    args.max_balance = -1;
    args.opening = 0;
    ck_assert_int_eq(put(&args), HF_E_ARGUMENT);
    args = item("tea", 0);
    args.mask = 64;
    ck_assert_int_eq(put(&args), HF_E_ARGUMENT);
    args = item("tea", -1);
    ck_assert_int_eq(put(&args), HF_E_AMOUNT);
    args = item("tea", 0);
    args.key.kind = HF_KIND_MONEY;
    ck_assert_int_eq(put(&args), HF_E_ENUM);
    args.key.kind = HF_KIND_WORLD;
    ck_assert_int_eq(put(&args), HF_E_ARGUMENT);
    ck_assert_uint_eq(fixture.count, 0);
}
END_TEST

START_TEST(a_unit_is_fixed_at_its_first_use)
{
    hf_account_put_args args;
    hf_account_put_init(&args, HF_KIND_MONEY, "ann", "EUR");
    ck_assert_int_eq(hf_test_run(&fixture, HF_OP_ACCOUNT_PUT, &args), HF_E_UNIT_UNKNOWN);
    args.unit_scale = 2;
    ck_assert_int_eq(hf_test_run(&fixture, HF_OP_ACCOUNT_PUT, &args), 0);
    args.key.name = "bob";
    args.unit_scale = 3;
    ck_assert_int_eq(hf_test_run(&fixture, HF_OP_ACCOUNT_PUT, &args), HF_E_UNIT_SCALE);
    ck_assert_str_eq(fixture.detail.text, "unit EUR: declared with scale 2, not 3");
    args.unit_scale = -1;
    ck_assert_int_eq(hf_test_run(&fixture, HF_OP_ACCOUNT_PUT, &args), 0);
}
END_TEST

START_TEST(a_limit_may_be_set_tighter_than_what_is_there)
{
    hf_account_put_args args = item("tea", 10);
    ck_assert_int_eq(put(&args), 0);
    args.max_balance = 6;
    args.mask = HF_PUT_MAX_BALANCE;
    ck_assert_int_eq(put(&args), 0);
    ck_assert_uint_eq(tea()->attention, HF_ATTENTION_BEYOND_LIMIT);
    ck_assert_int_eq(hold_tea(1), HF_E_ATTENTION);
    args.max_balance = 10;
    ck_assert_int_eq(put(&args), 0);
    ck_assert_uint_eq(tea()->attention, 0);
    ck_assert_int_eq(hold_tea(1), 0);
}
END_TEST

START_TEST(a_safety_stock_that_was_never_filled_is_short_not_beyond)
{
    hf_account_put_args args = item("tea", 0);
    args.min_available = 5;
    ck_assert_int_eq(put(&args), 0);
    ck_assert_uint_eq(tea()->attention, 0);
    ck_assert_int_eq(hold_tea(1), HF_E_STOCK_SHORT);
}
END_TEST

static int move(uint32_t type, uint32_t from, uint32_t to, int64_t amount)
{
    static const hf_account_key keys[] = {
        {.kind = HF_KIND_WORLD},
        {.kind = HF_KIND_ITEM, .name = "tea", .unit = "pcs"},
        {.kind = HF_KIND_ITEM, .name = "bag", .unit = "pcs"},
        {.kind = HF_KIND_MONEY, .name = "ann", .unit = "EUR"},
    };
    hf_move_args args;
    hf_move_init(&args);
    args.from = keys[from];
    args.to = keys[to];
    args.amount = amount;
    return hf_test_run(&fixture, type, &args);
}

START_TEST(each_kind_of_move_has_its_ends)
{
    hf_test_open(&fixture, HF_KIND_ITEM, "tea", "pcs", 5);
    hf_test_open(&fixture, HF_KIND_ITEM, "bag", "pcs", 5);
    hf_test_open(&fixture, HF_KIND_MONEY, "ann", "EUR", 5);
    enum { WORLD, TEA, BAG, ANN };
    ck_assert_int_eq(move(HF_OP_ITEM_RECEIVE, WORLD, TEA, 1), 0);
    ck_assert_int_eq(move(HF_OP_ITEM_RECEIVE, BAG, TEA, 1), HF_E_ARGUMENT);
    ck_assert_int_eq(move(HF_OP_ITEM_RECEIVE, WORLD, ANN, 1), HF_E_ENUM);
    ck_assert_int_eq(move(HF_OP_ACCOUNT_DEPOSIT, WORLD, ANN, 1), 0);
    ck_assert_int_eq(move(HF_OP_ACCOUNT_DEPOSIT, TEA, BAG, 1), HF_E_ARGUMENT);
    ck_assert_int_eq(move(HF_OP_ACCOUNT_DEPOSIT, WORLD, WORLD, 1), HF_E_ARGUMENT);
    ck_assert_int_eq(move(HF_OP_ACCOUNT_WITHDRAW, ANN, WORLD, 1), 0);
    ck_assert_int_eq(move(HF_OP_ACCOUNT_WITHDRAW, TEA, BAG, 1), HF_E_ARGUMENT);
    ck_assert_int_eq(move(HF_OP_ACCOUNT_TRANSFER, TEA, BAG, 1), 0);
    ck_assert_int_eq(move(HF_OP_ACCOUNT_TRANSFER, TEA, WORLD, 1), HF_E_ARGUMENT);
    ck_assert_int_eq(move(HF_OP_ACCOUNT_TRANSFER, TEA, TEA, 1), HF_E_ARGUMENT);
    ck_assert_int_eq(move(HF_OP_ACCOUNT_TRANSFER, TEA, ANN, 1), HF_E_CURRENCY);
    ck_assert_int_eq(move(HF_OP_ACCOUNT_TRANSFER, TEA, BAG, 0), HF_E_AMOUNT);
}
END_TEST

START_TEST(a_move_answers_with_the_account_it_is_about)
{
    hf_test_open(&fixture, HF_KIND_ITEM, "tea", "pcs", 5);
    hf_test_open(&fixture, HF_KIND_ITEM, "bag", "pcs", 5);
    ck_assert_int_eq(move(HF_OP_ACCOUNT_TRANSFER, 1, 2, 2), 0);
    ck_assert_int_eq(((const hf_account *)fixture.draft.result)->balance, 3);
    ck_assert_int_eq(move(HF_OP_ITEM_RECEIVE, 0, 2, 2), 0);
    ck_assert_int_eq(((const hf_account *)fixture.draft.result)->balance, 9);
}
END_TEST

START_TEST(a_stock_take_is_recorded_whatever_it_finds)
{
    hf_account_put_args args = item("tea", 10);
    ck_assert_int_eq(put(&args), 0);
    ck_assert_int_eq(hold_tea(8), 0);
    ck_assert_int_eq(adjust(HF_ADJUST_TO, 4), 0);
    ck_assert_int_eq(tea()->balance, 4);
    ck_assert_uint_eq(tea()->attention, HF_ATTENTION_BEYOND_LIMIT);
    ck_assert_int_eq(hold_tea(1), HF_E_ATTENTION);
    ck_assert_int_eq(adjust(HF_ADJUST_BY, -9), 0);
    ck_assert_int_eq(tea()->balance, -5);
    ck_assert_int_eq(move(HF_OP_ITEM_RECEIVE, 0, 1, 20), 0);
    ck_assert_uint_eq(tea()->attention, 0);
    ck_assert_int_eq(hold_tea(7), 0);
}
END_TEST

START_TEST(a_stock_take_that_finds_what_is_known_changes_nothing)
{
    hf_account_put_args args = item("tea", 10);
    ck_assert_int_eq(put(&args), 0);
    ck_assert_int_eq(adjust(HF_ADJUST_TO, 10), 0);
    ck_assert_int_eq(fixture.draft.quiet, 1);
    ck_assert_int_eq(adjust(HF_ADJUST_BY, 0), HF_E_QUANTITY);
    ck_assert_int_eq(adjust(HF_ADJUST_BY, INT64_MIN), HF_E_OVERFLOW);
    ck_assert_int_eq(adjust(HF_ADJUST_BY, INT64_MAX), HF_E_OVERFLOW);
    ck_assert_int_eq(tea()->balance, 10);
}
END_TEST

START_TEST(a_stock_take_of_nothing_is_not_found)
{
    ck_assert_int_eq(adjust(HF_ADJUST_TO, 10), HF_E_NOT_FOUND);
}
END_TEST

/* What the bank took back of what ann has spent already. */
START_TEST(a_wallet_goes_below_zero_by_a_fact_and_by_nothing_else)
{
    hf_test_open(&fixture, HF_KIND_MONEY, "ann", "EUR", 5);
    enum { WORLD, ANN = 3 };
    ck_assert_int_eq(move(HF_OP_ACCOUNT_WITHDRAW, ANN, WORLD, 9), HF_E_FUNDS_SHORT);
    hf_account_adjust_args args;
    hf_account_adjust_init(&args, HF_KIND_MONEY, "ann", "EUR");
    args.quantity = -9;
    ck_assert_int_eq(hf_test_run(&fixture, HF_OP_ITEM_ADJUST, &args), HF_E_ENUM);
    ck_assert_int_eq(hf_test_run(&fixture, HF_OP_ACCOUNT_ADJUST, &args), 0);
    const hf_account *ann = hf_test_account(&fixture, HF_KIND_MONEY, "ann", "EUR");
    ck_assert_int_eq(ann->balance, -4);
    ck_assert_uint_eq(ann->attention, HF_ATTENTION_BEYOND_LIMIT);
    hf_hold_place_args hold;
    hf_hold_place_init(&hold);
    hold.from = args.key;
    hold.amount = 1;
    ck_assert_int_eq(hf_test_run(&fixture, HF_OP_HOLD_PLACE, &hold), HF_E_ATTENTION);
    ck_assert_int_eq(move(HF_OP_ACCOUNT_DEPOSIT, WORLD, ANN, 5), 0);
    ck_assert_int_eq(hf_test_run(&fixture, HF_OP_HOLD_PLACE, &hold), 0);
    ann = hf_test_account(&fixture, HF_KIND_MONEY, "ann", "EUR");
    ck_assert_int_eq(ann->balance - ann->held_out, 0);
    ck_assert_uint_eq(ann->attention, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("account");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, an_item_opens_with_what_is_there);
    tcase_add_test(core, each_mode_says_what_happens_to_what_is_there);
    tcase_add_test(core, only_the_fields_of_the_mask_change);
    tcase_add_test(core, limits_that_make_no_sense_are_refused);
    tcase_add_test(core, a_unit_is_fixed_at_its_first_use);
    tcase_add_test(core, a_limit_may_be_set_tighter_than_what_is_there);
    tcase_add_test(core, a_safety_stock_that_was_never_filled_is_short_not_beyond);
    tcase_add_test(core, each_kind_of_move_has_its_ends);
    tcase_add_test(core, a_move_answers_with_the_account_it_is_about);
    tcase_add_test(core, a_stock_take_is_recorded_whatever_it_finds);
    tcase_add_test(core, a_stock_take_that_finds_what_is_known_changes_nothing);
    tcase_add_test(core, a_stock_take_of_nothing_is_not_found);
    tcase_add_test(core, a_wallet_goes_below_zero_by_a_fact_and_by_nothing_else);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
