/*
 * The rows of operations on orders are named before the decision: what the arguments name at once,
 * then an order with its parts, then the accounts of the lines that move.
 */
#include "base/invariant.h"
#include "domain/ledger/rows.h"
#include "domain/ledger/shortage.h"
#include "support/check_main.h"
#include "support/shop.h"

static hf_test_fixture fixture;
static hf_test_cart cart;

/* ---- A load that forgets accounts ------------------------------------------------------------ */

static bool forgets; /* hf__name_account_of names nothing */

uint32_t __real_hf__name_account_of(hf__draft *draft, const hf_account_ref *account);
uint32_t __wrap_hf__name_account_of(hf__draft *draft, const hf_account_ref *account);
uint32_t __wrap_hf__name_account_of(hf__draft *draft, const hf_account_ref *account)
{
    return forgets ? 0 : __real_hf__name_account_of(draft, account);
}

static bool takes_nothing; /* hf__load_taking looks for nothing */

void __real_hf__load_taking(hf__draft *draft, uint32_t at, int64_t amount, uint64_t place_seq);
void __wrap_hf__load_taking(hf__draft *draft, uint32_t at, int64_t amount, uint64_t place_seq);
void __wrap_hf__load_taking(hf__draft *draft, uint32_t at, int64_t amount, uint64_t place_seq)
{
    if (!takes_nothing)
        __real_hf__load_taking(draft, at, amount, place_seq);
}

static void open_shop(void)
{
    forgets = takes_nothing = false;
    hf_test_shop_init(&fixture);
    hf_test_cart_init(&fixture, &cart);
}

static void close_shop(void)
{
    (void)hf__invariant_taken(HF__OF_OPERATION);
    hf_test_fixture_fini(&fixture);
}

/* Tea and cups that are fulfilled later, paid from an account. */
static void place(void)
{
    hf_test_cart_line(&cart, "tea", 4, 100, HF_SETTLE_FULFIL);
    hf_test_cart_line(&cart, "cup", 2, 300, HF_SETTLE_FULFIL);
    hf_test_cart_pay(&cart, "anna", 1000, HF_SETTLE_FULFIL);
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
}

static void set_units(hf_order_units_args *args, const hf_line_quantity *units)
{
    hf_order_units_init(args, &cart.args.head.id);
    args->head.id = hf_test_id(&fixture);
    args->lines = units;
    args->line_count = 1;
}

static int decide(uint32_t type, const void *args)
{
    hf__operation op = {.type = type, .args = args, .id = hf_test_id(&fixture)};
    op.actor = &fixture.actor;
    return hf__decide(&op, hf_test_draft(&fixture));
}

static bool has_account(const char *sku)
{
    const hf_account *account = hf_test_account(&fixture, HF_KIND_ITEM, sku, "pcs");
    bool found = false;
    for (uint32_t i = 0; i < fixture.draft.row_count; i++) {
        const hf__draft_row *row = &fixture.draft.rows[i];
        found = found || (row->key.table == HF__ACCOUNTS && row->old != NULL &&
                          hf__account_same(&((const hf_account *)row->old)->key, &account->key));
    }
    return found;
}

START_TEST(an_account_that_a_load_forgets_breaks_an_invariant_where_loads_are_checked)
{
    hf_order_units_args args;
    const hf_line_quantity one = {.line = 1, .quantity = 1};
    place();
    set_units(&args, &one);
    ck_assert_int_eq(decide(HF_OP_ORDER_FULFIL, &args), 0);
    ck_assert_ptr_null(hf__invariant_taken(HF__OF_OPERATION));
    forgets = true;
    int status = decide(HF_OP_ORDER_FULFIL, &args);
#ifdef HF_CHECK_LOADS
    ck_assert_int_eq(status, HF_E_INVARIANT);
    ck_assert_ptr_nonnull(hf__invariant_taken(HF__OF_OPERATION));
#else
    ck_assert_int_eq(status, 0); /* the view of this draft has every row */
#endif
}
END_TEST

/* ---- Steps ----------------------------------------------------------------------------------- */

/* The fixture has every key loaded once: an operation is decided once more than it has steps. */
START_TEST(everything_that_an_order_names_is_loaded_in_one_step)
{
    place();
    ck_assert_uint_eq(fixture.passes, 2);
}
END_TEST

START_TEST(an_order_its_parts_and_their_accounts_are_three_steps)
{
    hf_order_units_args args;
    const hf_line_quantity one = {.line = 1, .quantity = 1};
    place();
    set_units(&args, &one);
    hf_test_expect(&fixture, 0, HF_OP_ORDER_FULFIL, &args);
    ck_assert_uint_eq(fixture.passes, 4);
    set_units(&args, &one);
    hf_test_expect(&fixture, 0, HF_OP_ORDER_RETURN, &args);
    ck_assert_uint_eq(fixture.passes, 4);
    set_units(&args, &one);
    hf_test_expect(&fixture, 0, HF_OP_ORDER_CANCEL, &args);
    ck_assert_uint_eq(fixture.passes, 4);
}
END_TEST

START_TEST(a_confirmed_order_loads_the_accounts_of_the_lines_that_are_named)
{
    hf_order_units_args args;
    const hf_line_quantity one = {.line = 2, .quantity = 1};
    place();
    set_units(&args, &one);
    ck_assert_int_eq(decide(HF_OP_ORDER_FULFIL, &args), 0);
    ck_assert(!has_account("tea"));
    ck_assert(has_account("cup"));
    args.line_count = 0;
    ck_assert_int_eq(decide(HF_OP_ORDER_FULFIL, &args), 0);
    ck_assert(has_account("tea"));
}
END_TEST

START_TEST(a_repeat_loads_the_order_and_nothing_else)
{
    place();
    const uint64_t before = fixture.event_seq;
    hf_test_is(&fixture, hf_test_run(&fixture, HF_OP_ORDER_PLACE, &cart.args), 0);
    ck_assert_uint_eq(fixture.event_seq, before);
    ck_assert_uint_eq(fixture.draft.quiet, 1);
    ck_assert(!has_account("tea"));
}
END_TEST

/* Ranges along the queue of an account that were read. */
static uint32_t queue_reads;

static void count_queues(const hf_test_fixture *of, const hf_scan *scan, uint32_t rows)
{
    (void)of;
    (void)rows;
    queue_reads += scan->table == HF__WAITS && scan->index == HF__PRIMARY ? 1 : 0;
}

/* A PENDING order of 60 tea, and one behind it that waits for as much. */
static void place_two(void)
{
    hf_test_cart behind;
    hf_test_cart_line(&cart, "tea", 60, 100, HF_SETTLE_FULFIL);
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    hf_test_cart_init(&fixture, &behind);
    behind.args.policy = HF_ORDER_QUEUE;
    hf_test_cart_line(&behind, "tea", 60, 100, HF_SETTLE_FULFIL);
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &behind), 0);
    ck_assert_uint_eq(hf_test_order(&fixture, &behind.args.head.id)->state, HF_ORDER_WAITING);
    fixture.on_scan = count_queues;
    queue_reads = 0;
}

START_TEST(a_queue_is_read_by_an_operation_that_takes_more_of_its_account)
{
    place_two();
    const hf_line_change grown = {.line = 1, .quantity = 61, .unit_price = 100};
    hf_order_amend_args amend;
    hf_order_amend_init(&amend, &cart.args.head.id);
    amend.head.id = hf_test_id(&fixture);
    amend.changes = &grown;
    amend.change_count = 1;
    amend.total = 6100;
    hf_test_expect(&fixture, 0, HF_OP_ORDER_AMEND, &amend);
    ck_assert_uint_ge(queue_reads, 1);
}
END_TEST

START_TEST(a_queue_is_not_read_by_an_operation_that_only_releases)
{
    place_two();
    hf_order_units_args all;
    hf_order_units_init(&all, &cart.args.head.id);
    hf_test_expect(&fixture, 0, HF_OP_ORDER_CANCEL, &all);
    ck_assert_uint_eq(queue_reads, 0);
}
END_TEST

/* ---- What is due of accounts that are short ---------------------------------------------------
 */

/* Of 100 tea, `amount` are held and due. */
static void let_tea_fall_due(int64_t amount)
{
    hf_hold_place_args hold;
    hf_hold_place_init(&hold);
    hold.from = (hf_account_key){HF_KIND_ITEM, 0, "tea", "", "pcs"};
    hold.amount = amount;
    hold.deadline_ms = fixture.now_ms + 10;
    hf_test_expect(&fixture, 0, HF_OP_HOLD_PLACE, &hold);
    fixture.now_ms += 10;
}

START_TEST(lines_that_are_short_together_let_what_is_due_expire_first)
{
    let_tea_fall_due(60);
    hf_test_cart_line(&cart, "tea", 30, 100, HF_SETTLE_FULFIL);
    hf_test_cart_line(&cart, "tea", 30, 100, HF_SETTLE_FULFIL);
    takes_nothing = true;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), HF_E_STOCK_SHORT);
    takes_nothing = false;
    const uint64_t before = fixture.event_seq;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    ck_assert_uint_eq(fixture.event_seq, before + 2);
}
END_TEST

START_TEST(a_line_that_grows_lets_what_is_due_expire_first)
{
    hf_test_cart_line(&cart, "tea", 10, 100, HF_SETTLE_FULFIL);
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    let_tea_fall_due(80);
    const hf_line_change grown = {.line = 1, .quantity = 30, .unit_price = 100};
    hf_order_amend_args amend;
    hf_order_amend_init(&amend, &cart.args.head.id);
    amend.changes = &grown;
    amend.change_count = 1;
    amend.total = 3000;
    takes_nothing = true;
    hf_test_expect(&fixture, HF_E_STOCK_SHORT, HF_OP_ORDER_AMEND, &amend);
    takes_nothing = false;
    const uint64_t before = fixture.event_seq;
    hf_test_expect(&fixture, 0, HF_OP_ORDER_AMEND, &amend);
    ck_assert_uint_eq(fixture.event_seq, before + 2);
}
END_TEST

START_TEST(nothing_expires_before_an_order_that_finds_enough)
{
    let_tea_fall_due(40);
    hf_test_cart_line(&cart, "tea", 30, 100, HF_SETTLE_FULFIL);
    hf_test_cart_line(&cart, "tea", 30, 100, HF_SETTLE_FULFIL);
    const uint64_t before = fixture.event_seq;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    ck_assert_uint_eq(fixture.event_seq, before + 1);
}
END_TEST

/* ---- Ranges and rows that are known ---------------------------------------------------------- */

static hf_scan lines_of(const hf_order_line *order)
{
    return (hf_scan){
        .table = HF__ORDER_LINES, .low = order, .high = order, .low_columns = 1, .high_columns = 1};
}

START_TEST(a_decision_reads_the_ranges_that_a_load_has_read)
{
    place();
    const hf_order_line key = {.order = cart.args.head.id};
    const hf_scan scan = lines_of(&key);
    hf__draft *draft = hf_test_draft(&fixture);
    hf__rows loaded;
    hf__rows rows;
    hf__draft_load_scan(draft, &scan, 8, &loaded);
    ck_assert_uint_eq(loaded.count, 2);
    draft->deciding = 1;
    ck_assert_int_eq(hf__draft_scan(draft, &scan, 8, &rows), 0);
    ck_assert_uint_eq(rows.count, 2);
#ifdef HF_CHECK_LOADS
    ck_assert_int_eq(hf__draft_del(draft, HF__ORDER_LINES, rows.rows[0]), HF_E_INVARIANT);
    (void)hf__invariant_taken(HF__OF_OPERATION);
#endif
    void *row;
    ck_assert_int_eq(hf__draft_edit_known(draft, HF__ORDER_LINES, rows.rows[0], &row), 0);
    ((hf_order_line *)row)->quantity = 7;
    ck_assert_int_eq(hf__draft_scan(draft, &scan, 8, &rows), 0);
    ck_assert_int_eq(((const hf_order_line *)rows.rows[0])->quantity, 7);
}
END_TEST

/* Another bound, another limit or another direction is another range. */
START_TEST(a_range_that_a_load_has_not_read_is_found_where_loads_are_checked)
{
    place();
    const hf_order_line key = {.order = cart.args.head.id, .no = 1};
    hf_scan others[] = {lines_of(&key), lines_of(&key), lines_of(&key), lines_of(&key)};
    others[1].low_exclusive = 1;
    others[2].low_columns = 2;
    others[3].descending = 1;
    hf__rows rows;
    for (uint32_t i = 0; i < 4; i++) {
        hf__draft *draft = hf_test_draft(&fixture);
        hf__draft_load_scan(draft, &others[0], i == 0 ? 9 : 8, &rows);
        draft->deciding = 1;
        int status = hf__draft_scan(draft, &others[i], 8, &rows);
#ifdef HF_CHECK_LOADS
        ck_assert_int_eq(status, HF_E_INVARIANT);
        ck_assert_ptr_nonnull(hf__invariant_taken(HF__OF_OPERATION));
#else
        ck_assert_int_eq(status, 0);
#endif
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("load_order");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, open_shop, close_shop);
    tcase_add_test(core,
                   an_account_that_a_load_forgets_breaks_an_invariant_where_loads_are_checked);
    tcase_add_test(core, everything_that_an_order_names_is_loaded_in_one_step);
    tcase_add_test(core, an_order_its_parts_and_their_accounts_are_three_steps);
    tcase_add_test(core, a_confirmed_order_loads_the_accounts_of_the_lines_that_are_named);
    tcase_add_test(core, a_repeat_loads_the_order_and_nothing_else);
    tcase_add_test(core, a_queue_is_read_by_an_operation_that_takes_more_of_its_account);
    tcase_add_test(core, a_queue_is_not_read_by_an_operation_that_only_releases);
    tcase_add_test(core, lines_that_are_short_together_let_what_is_due_expire_first);
    tcase_add_test(core, a_line_that_grows_lets_what_is_due_expire_first);
    tcase_add_test(core, nothing_expires_before_an_order_that_finds_enough);
    tcase_add_test(core, a_decision_reads_the_ranges_that_a_load_has_read);
    tcase_add_test(core, a_range_that_a_load_has_not_read_is_found_where_loads_are_checked);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
