#include "support/check_main.h"
#include "support/shop.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static hf_test_fixture fixture;
static hf_test_cart cart;

static void open_shop(void)
{
    hf_test_shop_init(&fixture);
    hf_test_cart_init(&fixture, &cart);
}

static void close_shop(void)
{
    hf_test_fixture_fini(&fixture);
}

static const hf_payment *payment(uint32_t no)
{
    return hf_test_payment(&fixture, &cart.args.head.id, no);
}

static void place(int expected)
{
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), expected);
}

static void place_refused(int expected, const char *detail)
{
    hf_test_refused(&fixture, hf_test_cart_place(&fixture, &cart), expected, detail);
}

static void currency_unknown(void)
{
    cart.args.currency = "USD";
}

static void unit_unknown(void)
{
    cart.lines[1].unit = "kg";
}

static void total_wrong(void)
{
    cart.args.total = 2099;
}

static void line_overflows(void)
{
    cart.lines[1].quantity = INT64_MAX;
    cart.lines[1].unit_price = 2;
    cart.args.total = 0;
}

static void order_overflows(void)
{
    cart.lines[0].quantity = INT64_MAX;
    cart.lines[0].unit_price = 1;
    cart.lines[0].untracked = 1;
    cart.args.total = 0;
}

static void line_below_zero(void)
{
    hf_test_cart_adjust(&cart, 1, -901);
}

static void order_below_zero(void)
{
    hf_test_cart_adjust(&cart, 0, -2101);
    cart.args.total = -1;
}

static void adjustment_of_no_line(void)
{
    hf_test_cart_adjust(&cart, 3, 1);
    cart.args.total = 2101;
}

static void paid_too_much(void)
{
    hf_test_cart_pay(&cart, "ben", 1, HF_SETTLE_CONFIRM);
}

static void deadline_now(void)
{
    cart.args.deadline_ms = fixture.now_ms;
}

static void provider(void)
{
    cart.payments[0].method = HF_METHOD_PROVIDER;
    cart.payments[0].provider = "";
}

static void payment_in_dollars(void)
{
    cart.payments[0].account.unit = "USD";
}

static void payment_of_stock(void)
{
    cart.payments[0].account.kind = HF_KIND_LIMIT;
}

static void stock_short(void)
{
    cart.lines[1].quantity = 101;
    cart.lines[1].unit_price = 0;
    cart.args.total = 900;
    cart.payments[0].amount = 900;
}

static void funds_short(void)
{
    cart.lines[1].unit_price = 20000;
    cart.args.total = 20900;
    cart.payments[0].amount = 20900;
}

static void account_missing(void)
{
    cart.lines[0].sku = "gold";
}

static void payer_missing(void)
{
    cart.payments[0].account.name = "carl";
}

static void source_frozen(void)
{
    const hf_account_key key = hf_test_item("cup", "");
    hf_test_stock(&fixture, &key, 0, &(hf_test_limits){.frozen = 1});
}

static void source_below_zero(void)
{
    const hf_account_key key = hf_test_item("cup", "");
    hf_test_stock(&fixture, &key, 0, &(hf_test_limits){.min_available = -3});
}

static void leg_overflows(void)
{
    static hf_leg_args leg;
    leg = (hf_leg_args){.from = hf_test_item("tea", ""), .per_unit = INT64_MAX};
    cart.lines[0].legs = &leg;
    cart.lines[0].leg_count = 1;
}

static void leg_of_the_world(void)
{
    static hf_leg_args leg;
    leg = (hf_leg_args){.per_unit = 1};
    cart.lines[0].legs = &leg;
    cart.lines[0].leg_count = 1;
}

static void bag_is_full(void)
{
    static hf_leg_args leg;
    leg = (hf_leg_args){
        .from = hf_test_item("tea", ""), .to = hf_test_item("tea", "bag"), .per_unit = 1};
    hf_test_stock(&fixture, &leg.to, 0, &(hf_test_limits){.max_balance = 1});
    cart.lines[0].legs = &leg;
    cart.lines[0].leg_count = 1;
}

static void places_short(void)
{
    static const char *const places[] = {"a", "b"};
    const hf_account_key a = hf_test_item("cup", "a");
    hf_test_stock(&fixture, &a, 2, NULL);
    cart.lines[1].places = places;
    cart.lines[1].place_count = 2;
    cart.lines[1].quantity = 3;
    cart.lines[1].unit_price = 400;
}

static const struct {
    void (*spoil)(void);
    int error;
    const char *detail;
} refusals[] = {
    {currency_unknown, HF_E_UNIT_UNKNOWN, "currency USD"},
    {unit_unknown, HF_E_UNIT_UNKNOWN, "line 2: unit kg"},
    {total_wrong, HF_E_TOTAL, "lines and adjustments give 2100, not 2099"},
    {line_overflows, HF_E_OVERFLOW, "line 2: 9223372036854775807 x 2 / 1 does not fit"},
    {order_overflows, HF_E_OVERFLOW, "line 2: the order's total"},
    {line_below_zero, HF_E_AMOUNT, "line 1: its total of -1 is below zero"},
    {order_below_zero, HF_E_TOTAL, "lines and adjustments give -1, below zero"},
    {adjustment_of_no_line, HF_E_LINE_UNKNOWN, "adjustment 1: line 3 of 2"},
    {paid_too_much, HF_E_OVER_PAID, "payment 2: 1, but only 0 of 2100 are not covered yet"},
    {deadline_now, HF_E_DEADLINE, "the deadline is 0 ms in the past"},
    {provider, HF_E_TEXT_MISSING, "payment 1: provider"},
    {payment_in_dollars, HF_E_CURRENCY, "payment 1: MONEY anna [USD] in an order of EUR"},
    {payment_of_stock, HF_E_ENUM, "payment 1: not a MONEY account"},
    {stock_short, HF_E_STOCK_SHORT, "line 2: ITEM cup [pcs]: 101 wanted, 100 available"},
    {funds_short, HF_E_FUNDS_SHORT, "payment 1: MONEY anna [EUR]: 20900 wanted, 10000 available"},
    {account_missing, HF_E_NOT_FOUND, "line 1: ITEM gold [pcs]: no such account"},
    {payer_missing, HF_E_NOT_FOUND, "payment 1: MONEY carl [EUR]: no such account"},
    {source_frozen, HF_E_FROZEN, "line 2: ITEM cup [pcs]: frozen"},
    {source_below_zero, HF_E_SETTLE, "line 2: ITEM cup [pcs]: min_available is -3"},
    {leg_overflows, HF_E_OVERFLOW, "line 1: 2 x 9223372036854775807 does not fit"},
    {leg_of_the_world, HF_E_ARGUMENT, "line 1: leg 1: both ends are the world"},
    {bag_is_full, HF_E_MAX_BALANCE, "line 1: ITEM tea @bag [pcs]: 2 would come in, 1 fit"},
    {places_short, HF_E_STOCK_SHORT, "line 2: ITEM cup [pcs]: 3 wanted, 2 available at 2 places"},
};

START_TEST(a_refusal_names_its_culprit_and_changes_nothing)
{
    hf_test_cart_line(&cart, "tea", 2, 450, HF_SETTLE_CONFIRM);
    hf_test_cart_line(&cart, "cup", 1, 1200, HF_SETTLE_CONFIRM);
    hf_test_cart_pay(&cart, "anna", 2100, HF_SETTLE_CONFIRM);
    refusals[_i].spoil();
    uint64_t events = fixture.event_seq;
    if (refusals[_i].spoil == order_below_zero) /* -1 asks the cart for the right total */
        hf_test_refused(&fixture, hf_test_shop_run(&fixture, HF_OP_ORDER_PLACE, &cart.args),
                        refusals[_i].error, refusals[_i].detail);
    else
        place_refused(refusals[_i].error, refusals[_i].detail);
    ck_assert_uint_eq(fixture.event_seq, events);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__ORDERS), 0);
}
END_TEST

START_TEST(the_id_of_a_payment_acts_once)
{
    hf_id id = hf_test_id(&fixture);
    hf_test_cart_line(&cart, "tea", 1, 450, HF_SETTLE_CONFIRM);
    hf_test_cart_pay(&cart, "anna", 450, HF_SETTLE_CONFIRM)->id = id;
    place(0);
    ck_assert_mem_eq(&payment(1)->id, &id, sizeof id);
    cart.args.head.id = hf_test_id(&fixture);
    char detail[96];
    char text[37];
    (void)snprintf(detail, sizeof detail, "payment 1: id %s: used before by a payment",
                   hf_id_format(&id, text));
    place_refused(HF_E_ID_REUSED, detail);
}
END_TEST

/* ---- failures below ---- */

/* Decides with an arena of `bytes`; nothing is applied. */
static int decide_within(const hf__operation *op, size_t bytes)
{
    hf__draft draft;
    const hf__draft *like = hf_test_draft(&fixture);
    hf__arena arena;
    uint8_t *memory = malloc(bytes + 1);
    ck_assert_ptr_nonnull(memory);
    hf__arena_init(&arena, memory, bytes);
    hf__draft_init(&draft, &fixture.view, &arena, &fixture.detail);
    draft.now_ms = like->now_ms;
    draft.event_seq = like->event_seq;
    int status = hf__decide(op, &draft);
    free(memory);
    return status;
}

static hf__operation operation(uint32_t type, const hf_op_head *args)
{
    return (hf__operation){
        .type = type, .id = hf_test_id(&fixture), .args = args, .actor = &fixture.actor};
}

/* Grows the arena until it suffices: whatever is cut off before is HF_E_NOMEM, nothing else. */
static void fill_at_every_point(uint32_t type, const hf_op_head *args)
{
    const hf__operation op = operation(type, args);
    uint32_t refused = 0;
    int status = HF_E_NOMEM;
    for (size_t bytes = 0; status != 0; bytes += 16) {
        status = decide_within(&op, bytes);
        ck_assert_msg(status == 0 || status == HF_E_NOMEM, "%s: %s", hf_error_name(status),
                      fixture.detail.text);
        refused += status != 0 ? 1 : 0;
        ck_assert_uint_lt(bytes, 1u << 20);
    }
    ck_assert_uint_gt(refused, 50);
}

static void fill_cart(uint32_t policy)
{
    static hf_leg_args legs[2];
    legs[0] = (hf_leg_args){.from = hf_test_item("tea", ""), .per_unit = 2};
    legs[1] = (hf_leg_args){.from = hf_test_item("cup", ""), .per_unit = 1};
    hf_line_args *kit = hf_test_cart_line(&cart, "tea set", 3, 450, HF_SETTLE_FULFIL);
    kit->legs = legs;
    kit->leg_count = 2;
    hf_test_cart_line(&cart, "cup", 1, 100, HF_SETTLE_CONFIRM);
    hf_test_cart_adjust(&cart, 0, 50);
    hf_test_cart_pay(&cart, "anna", 700, HF_SETTLE_CONFIRM);
    hf_test_cart_pay(&cart, "ben", 800, HF_SETTLE_FULFIL);
    cart.args.policy = policy;
    cart.args.total = 1500;
}

START_TEST(placing_with_a_full_arena_is_out_of_memory_at_every_point)
{
    fill_cart(_i == 0 ? 0 : HF_ORDER_QUEUE);
    if (_i == 2) { /* short of cups: it waits */
        cart.lines[0].quantity = 1;
        cart.lines[1].quantity = 101;
        cart.args.total = 10600;
    }
    fill_at_every_point(HF_OP_ORDER_PLACE, &cart.args.head);
}
END_TEST

static const uint32_t unit_types[] = {HF_OP_ORDER_FULFIL, HF_OP_ORDER_CANCEL, HF_OP_ORDER_RETURN};

START_TEST(moving_units_with_a_full_arena_is_out_of_memory_at_every_point)
{
    fill_cart(0);
    place(0);
    hf_order_units_args args;
    hf_order_units_init(&args, &cart.args.head.id);
    fill_at_every_point(unit_types[_i], &args.head);
}
END_TEST

START_TEST(amending_with_a_full_arena_is_out_of_memory_at_every_point)
{
    fill_cart(0);
    place(0);
    hf_order_amend_args args;
    hf_order_amend_init(&args, &cart.args.head.id);
    const hf_line_change change = {.line = 1, .quantity = 2, .unit_price = 450};
    args.changes = &change;
    args.change_count = 1;
    args.total = 1050;
    fill_at_every_point(HF_OP_ORDER_AMEND, &args.head);
}
END_TEST

/* Takes a row of the order out of the store, behind the back of everybody. */
static void lose(uint32_t table)
{
    for (size_t i = 0; i < fixture.count; i++) {
        if (fixture.rows[i].table == table)
            fixture.rows[i].table = HF__PURGES; /* no order is looked for there */
    }
}

static const struct {
    uint32_t table;
    const char *detail;
} losses[] = {
    {HF__ORDER_LINES, "line 1 of 2 of an order is missing"},
    {HF__ORDER_LEGS, "1 of 1 legs of an order are missing"},
    {HF__ADJUSTMENTS, "1 of 1 adjustments of an order are missing"},
    {HF__PAYMENTS, "2 of 2 payments of an order are missing"},
};

START_TEST(an_order_that_lost_a_part_is_corrupt)
{
    fill_cart(0);
    place(0);
    hf_order_units_args args;
    hf_order_units_init(&args, &cart.args.head.id);
    const hf__operation op = operation(HF_OP_ORDER_FULFIL, &args.head);
    lose(losses[_i].table);
    ck_assert_int_eq(decide_within(&op, 1u << 20), HF_E_CORRUPT);
    ck_assert_str_eq(fixture.detail.text, losses[_i].detail);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("order_refuse");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, open_shop, close_shop);
    tcase_add_test(core, the_id_of_a_payment_acts_once);
    tcase_add_loop_test(core, a_refusal_names_its_culprit_and_changes_nothing, 0,
                        sizeof refusals / sizeof refusals[0]);
    tcase_add_loop_test(core, placing_with_a_full_arena_is_out_of_memory_at_every_point, 0, 3);
    tcase_add_loop_test(core, moving_units_with_a_full_arena_is_out_of_memory_at_every_point, 0, 3);
    tcase_add_test(core, amending_with_a_full_arena_is_out_of_memory_at_every_point);
    tcase_add_loop_test(core, an_order_that_lost_a_part_is_corrupt, 0,
                        sizeof losses / sizeof losses[0]);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
