/*
 * The rows of operations on accounts, units, items and holds are named before the decision: all
 * that one step can know at once, and every one that the decision reads.
 */
#include "base/invariant.h"
#include "domain/ledger/due.h"
#include "domain/ledger/rows.h"
#include "support/check_main.h"
#include "support/view.h"

#include <holdfast/hold.h>
#include <holdfast/item.h>
#include <holdfast/unit.h>

#define EXPIRING 40 /* more due holds of one account than one operation expires */

static hf_test_fixture fixture;
static const hf_account_key tea = {HF_KIND_ITEM, 0, "tea", "", "pcs"};
static const hf_account_key bag = {HF_KIND_ITEM, 0, "bag", "", "pcs"};

/* ---- A load that forgets a row --------------------------------------------------------------- */

/* The linker lets this file answer for hf__load_account (--wrap). */
static uint32_t forgotten; /* 1 + the number of the row; 0: none is forgotten */

void __real_hf__load_account(hf__draft *draft, uint32_t as, const hf_account_key *key);
void __wrap_hf__load_account(hf__draft *draft, uint32_t as, const hf_account_key *key);
void __wrap_hf__load_account(hf__draft *draft, uint32_t as, const hf_account_key *key)
{
    if (as + 1 != forgotten)
        __real_hf__load_account(draft, as, key);
}

static void set_up(void)
{
    forgotten = 0;
    hf_test_fixture_init(&fixture);
    hf_test_open(&fixture, HF_KIND_ITEM, "tea", "pcs", 100);
    hf_test_open(&fixture, HF_KIND_ITEM, "bag", "pcs", 100);
}

static void tear_down(void)
{
    (void)hf__invariant_taken(HF__OF_OPERATION);
    hf_test_fixture_fini(&fixture);
}

static hf_id place(int64_t amount, int64_t deadline_ms)
{
    hf_hold_place_args args;
    hf_hold_place_init(&args);
    args.head.id = hf_test_id(&fixture);
    args.from = tea;
    args.to = bag;
    args.amount = amount;
    args.deadline_ms = deadline_ms;
    hf_test_expect(&fixture, 0, HF_OP_HOLD_PLACE, &args);
    return args.head.id;
}

static int decide(uint32_t type, const void *args)
{
    hf__operation op = {.type = type, .args = args, .id = hf_test_id(&fixture)};
    op.actor = &fixture.actor;
    hf__draft *draft = hf_test_draft(&fixture);
    return hf__decide(&op, draft);
}

START_TEST(a_row_that_a_load_forgets_breaks_an_invariant)
{
    hf_move_args move;
    hf_move_init(&move);
    move.from = tea;
    move.to = bag;
    move.amount = 1;
    ck_assert_int_eq(decide(HF_OP_ACCOUNT_TRANSFER, &move), 0);
    ck_assert_ptr_null(hf__invariant_taken(HF__OF_OPERATION));
    for (uint32_t as = HF__ROW_FROM; as <= HF__ROW_TO; as++) {
        forgotten = as + 1;
        (void)decide(HF_OP_ACCOUNT_TRANSFER, &move);
        ck_assert_ptr_nonnull(hf__invariant_taken(HF__OF_OPERATION));
    }
}
END_TEST

/* Found by its key, such a row can be read: only builds that look for bugs refuse to. */
START_TEST(a_row_that_is_read_without_a_load_is_found_where_loads_are_checked)
{
    hf__draft *draft = hf_test_draft(&fixture);
    const hf_account key = {.key = hf_test_ref(HF_KIND_ITEM, "tea", "pcs")};
    const void *row;
    draft->deciding = 1;
#ifdef HF_CHECK_LOADS
    ck_assert_int_eq(hf__draft_get(draft, HF__ACCOUNTS, &key, &row), HF_E_INVARIANT);
    ck_assert_ptr_nonnull(hf__invariant_taken(HF__OF_OPERATION));
#else
    ck_assert_int_eq(hf__draft_get(draft, HF__ACCOUNTS, &key, &row), 0);
    ck_assert_int_eq(((const hf_account *)row)->balance, 100);
#endif
    draft->deciding = 0;
    ck_assert_uint_ne(hf__draft_load(draft, HF__ACCOUNTS, &key), 0);
    draft->deciding = 1;
    ck_assert_int_eq(hf__draft_get(draft, HF__ACCOUNTS, &key, &row), 0);
    ck_assert_ptr_null(hf__invariant_taken(HF__OF_OPERATION));
}
END_TEST

/* ---- Steps ----------------------------------------------------------------------------------- */

/* The fixture has every key loaded once: an operation is decided once more than it has steps. */
START_TEST(accounts_and_units_that_arguments_name_are_loaded_in_one_step)
{
    hf_move_args move;
    hf_move_init(&move);
    move.head.id = hf_test_id(&fixture);
    move.from = tea;
    move.to = bag;
    move.amount = 1;
    hf_test_expect(&fixture, 0, HF_OP_ACCOUNT_TRANSFER, &move);
    ck_assert_uint_eq(fixture.passes, 2);
    hf_account_put_args put;
    hf_account_put_init(&put, HF_KIND_ITEM, "cup", "box");
    put.head.id = hf_test_id(&fixture);
    put.unit_scale = 0;
    hf_test_expect(&fixture, 0, HF_OP_ACCOUNT_PUT, &put);
    ck_assert_uint_eq(fixture.passes, 2);
    hf_account_adjust_args adjust;
    hf_item_adjust_init(&adjust, "tea");
    adjust.quantity = 1;
    hf_test_expect(&fixture, 0, HF_OP_ITEM_ADJUST, &adjust);
    ck_assert_uint_eq(fixture.passes, 2);
    (void)place(5, 0);
    ck_assert_uint_eq(fixture.passes, 2);
}
END_TEST

START_TEST(a_hold_is_loaded_in_one_step_and_its_accounts_in_another)
{
    const hf_id hold = place(5, 0);
    hf_hold_post_args post;
    hf_hold_post_init(&post, &hold);
    post.head.id = hf_test_id(&fixture);
    post.post = 2;
    hf_test_expect(&fixture, 0, HF_OP_HOLD_POST, &post);
    ck_assert_uint_eq(fixture.passes, 3);
    hf_hold_adjust_args adjust;
    hf_hold_adjust_init(&adjust, &hold);
    adjust.grow = 2;
    hf_test_expect(&fixture, 0, HF_OP_HOLD_ADJUST, &adjust);
    ck_assert_uint_eq(fixture.passes, 3);
    hf_hold_amount_args amount;
    hf_hold_amount_init(&amount, &hold);
    amount.amount = HF_ALL;
    hf_test_expect(&fixture, 0, HF_OP_HOLD_RELEASE, &amount);
    ck_assert_uint_eq(fixture.passes, 3);
    amount.amount = 1;
    hf_test_expect(&fixture, 0, HF_OP_HOLD_REVERSE, &amount);
    ck_assert_uint_eq(fixture.passes, 3);
}
END_TEST

/* ---- What is due of an account that is short ------------------------------------------------- */

static void let_holds_fall_due(uint32_t count, int64_t amount)
{
    for (uint32_t i = 0; i < count; i++)
        (void)place(amount, fixture.now_ms + 10);
    fixture.now_ms += 10;
}

/* Operations that take of an account. */
static const uint32_t takers[] = {HF_OP_ACCOUNT_WITHDRAW, HF_OP_ACCOUNT_TRANSFER, HF_OP_HOLD_PLACE};

/* Takes 100 of tea, of which nothing is available before holds expire. */
static int take(uint32_t type, int64_t deadline_ms)
{
    hf_hold_place_args hold;
    hf_hold_place_init(&hold);
    hold.from = tea;
    hold.amount = 100;
    hold.deadline_ms = deadline_ms;
    hf_move_args move;
    hf_move_init(&move);
    move.from = tea;
    move.amount = 100;
    if (type == HF_OP_ACCOUNT_TRANSFER)
        move.to = bag;
    return hf_test_run(&fixture, type, type == HF_OP_HOLD_PLACE ? (void *)&hold : &move);
}

/* How many holds expired in an event. */
static uint32_t expired_in(uint64_t seq)
{
    const hf_event *event = hf_test_row_of(&fixture, HF__EVENTS, &(hf_event){.seq = seq});
    ck_assert_ptr_nonnull(event);
    hf_change change;
    uint64_t at = 0;
    uint32_t expired = 0;
    while (hf_event_next(event, &at, &change) == 1)
        expired += change.type == HF_CHANGE_STATE && change.state == HF_HOLD_EXPIRED ? 1 : 0;
    return expired;
}

START_TEST(what_is_due_of_an_account_that_is_short_expires_in_an_event_before_the_taker)
{
    let_holds_fall_due(4, 25);
    const uint64_t before = fixture.event_seq;
    ck_assert_int_eq(take(takers[_i], 0), 0);
    ck_assert_uint_eq(fixture.event_seq, before + 2);
    ck_assert_uint_eq(expired_in(before + 1), 4);
    ck_assert_uint_eq(expired_in(before + 2), 0);
}
END_TEST

START_TEST(nothing_expires_first_for_an_operation_that_is_refused_before_it_takes)
{
    let_holds_fall_due(EXPIRING, 2);
    ck_assert_int_eq(take(HF_OP_HOLD_PLACE, fixture.now_ms), HF_E_DEADLINE);
    hf_move_args move;
    hf_move_init(&move);
    move.from = tea;
    move.to = (hf_account_key){HF_KIND_MONEY, 0, "ada", "", "EUR"};
    move.amount = 100;
    hf_test_expect(&fixture, HF_E_CURRENCY, HF_OP_ACCOUNT_TRANSFER, &move);
    move.head.expected_version = 1;
    hf_test_expect(&fixture, HF_E_VERSION_MOVED, HF_OP_ACCOUNT_TRANSFER, &move);
    hf_account_put_args put;
    hf_item_put_init(&put, "tea");
    put.mask = HF_PUT_FROZEN;
    put.frozen = 1;
    hf_test_expect(&fixture, 0, HF_OP_ITEM_PUT, &put);
    ck_assert_int_eq(take(HF_OP_ACCOUNT_WITHDRAW, 0), HF_E_FROZEN);
}
END_TEST

START_TEST(as_much_expires_before_a_taker_as_it_takes)
{
    let_holds_fall_due(EXPIRING, 2);
    const uint64_t before = fixture.event_seq;
    ck_assert_int_eq(take(HF_OP_ACCOUNT_WITHDRAW, 0), 0);
    ck_assert_uint_eq(fixture.event_seq, before + 3);
    ck_assert_uint_eq(expired_in(before + 1), HF__SWEEP_MOST);
    ck_assert_uint_eq(expired_in(before + 2), EXPIRING - HF__SWEEP_MOST);
}
END_TEST

START_TEST(nothing_expires_before_a_taker_that_finds_enough)
{
    let_holds_fall_due(2, 25);
    const uint64_t before = fixture.event_seq;
    (void)place(50, 0);
    ck_assert_uint_eq(fixture.event_seq, before + 1);
    (void)place(1, 0);
    ck_assert_uint_eq(fixture.event_seq, before + 3);
}
END_TEST

START_TEST(a_row_has_one_place_however_often_it_is_named)
{
    hf__draft *draft = hf_test_draft(&fixture);
    hf__load_account(draft, HF__ROW_FROM, &tea);
    const hf_account_ref ref = hf_test_ref(HF_KIND_ITEM, "tea", "pcs");
    hf__load_account_of(draft, HF__ROW_TO, &ref);
    ck_assert_uint_ne(draft->loaded[HF__ROW_FROM], 0);
    ck_assert_uint_eq(draft->loaded[HF__ROW_FROM], draft->loaded[HF__ROW_TO]);
    ck_assert_uint_eq(draft->row_count, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("load");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, a_row_that_a_load_forgets_breaks_an_invariant);
    tcase_add_test(core, a_row_that_is_read_without_a_load_is_found_where_loads_are_checked);
    tcase_add_test(core, accounts_and_units_that_arguments_name_are_loaded_in_one_step);
    tcase_add_test(core, a_hold_is_loaded_in_one_step_and_its_accounts_in_another);
    tcase_add_loop_test(
        core, what_is_due_of_an_account_that_is_short_expires_in_an_event_before_the_taker, 0,
        (int)(sizeof takers / sizeof takers[0]));
    tcase_add_test(core, nothing_expires_first_for_an_operation_that_is_refused_before_it_takes);
    tcase_add_test(core, as_much_expires_before_a_taker_as_it_takes);
    tcase_add_test(core, nothing_expires_before_a_taker_that_finds_enough);
    tcase_add_test(core, a_row_has_one_place_however_often_it_is_named);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
