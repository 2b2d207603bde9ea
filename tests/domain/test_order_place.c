#include "support/check_main.h"
#include "support/shop.h"
#include <stdio.h>
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

static const hf_order *placed(void)
{
    return hf_test_order(&fixture, &cart.args.head.id);
}

static const hf_order_line *line(uint32_t no)
{
    return hf_test_line(&fixture, &cart.args.head.id, no);
}

static const hf_payment *payment(uint32_t no)
{
    return hf_test_payment(&fixture, &cart.args.head.id, no);
}

static const hf_account *item(const char *sku)
{
    return hf_test_account(&fixture, HF_KIND_ITEM, sku, "pcs");
}

static void place(int expected)
{
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), expected);
}

static void place_refused(int expected, const char *detail)
{
    hf_test_refused(&fixture, hf_test_cart_place(&fixture, &cart), expected, detail);
}

START_TEST(a_paid_checkout_is_closed_at_once)
{
    hf_test_cart_line(&cart, "tea", 2, 450, HF_SETTLE_CONFIRM);
    hf_test_cart_line(&cart, "cup", 1, 1200, HF_SETTLE_CONFIRM);
    hf_test_cart_pay(&cart, "anna", 2100, HF_SETTLE_CONFIRM);
    place(0);
    ck_assert_uint_eq(placed()->state, HF_ORDER_CLOSED);
    ck_assert_int_eq(placed()->total, 2100);
    ck_assert_int_eq(placed()->confirmed_at_ms, fixture.now_ms);
    ck_assert_uint_eq(placed()->version, 1);
    ck_assert_int_eq(line(1)->fulfilled, 2);
    ck_assert_int_eq(line(2)->total, 1200);
    ck_assert_uint_eq(payment(1)->state, HF_PAYMENT_CLOSED);
    ck_assert_int_eq(payment(1)->captured, 2100);
    ck_assert_int_eq(item("tea")->balance, 98);
    ck_assert_int_eq(item("tea")->held_out, 0);
    ck_assert_int_eq(hf_test_balance(&fixture, "anna"), 7900);
}
END_TEST

START_TEST(what_is_final_at_once_moves_without_a_hold)
{
    hf_test_cart_line(&cart, "tea", 2, 450, HF_SETTLE_CONFIRM);
    hf_test_cart_pay(&cart, "anna", 900, HF_SETTLE_CONFIRM);
    place(0);
    const hf_event *event =
        hf_test_row_of(&fixture, HF__EVENTS, &(hf_event){.seq = fixture.event_seq});
    ck_assert_uint_eq(event->type, HF_OP_ORDER_PLACE);
    ck_assert_uint_eq(event->subject_kind, HF_SUBJECT_ORDER);
    uint64_t position = 0;
    uint32_t moves = 0;
    hf_change change;
    while (hf_event_next(event, &position, &change) == 1) {
        ck_assert_uint_ne(change.type, HF_CHANGE_HOLD);
        moves += change.type == HF_CHANGE_MOVE ? 1 : 0;
    }
    ck_assert_uint_eq(moves, 2);
}
END_TEST

START_TEST(an_order_that_is_fulfilled_later_holds_stock_and_money)
{
    hf_test_cart_line(&cart, "tea", 2, 450, HF_SETTLE_FULFIL);
    hf_test_cart_pay(&cart, "anna", 900, HF_SETTLE_FULFIL);
    cart.args.deadline_ms = fixture.now_ms + 1000;
    place(0);
    ck_assert_uint_eq(placed()->state, HF_ORDER_CONFIRMED);
    ck_assert_int_eq(placed()->deadline_ms, 0);
    ck_assert_int_eq(item("tea")->balance, 100);
    ck_assert_int_eq(item("tea")->held_out, 2);
    ck_assert_int_eq(payment(1)->captured, 0);
    ck_assert_uint_eq(payment(1)->state, HF_PAYMENT_AUTHORIZED);
    ck_assert_int_eq(hf_test_account(&fixture, HF_KIND_MONEY, "anna", "EUR")->held_out, 900);
}
END_TEST

START_TEST(an_order_without_enough_payments_is_pending_until_its_deadline)
{
    hf_test_cart_line(&cart, "tea", 2, 450, HF_SETTLE_CONFIRM);
    hf_test_cart_pay(&cart, "anna", 500, HF_SETTLE_CONFIRM);
    cart.args.deadline_ms = fixture.now_ms + 1000;
    place(0);
    ck_assert_uint_eq(placed()->state, HF_ORDER_PENDING);
    ck_assert_int_eq(line(1)->fulfilled, 0);
    ck_assert_int_eq(line(1)->leg.deadline_ms, fixture.now_ms + 1000);
    ck_assert_int_eq(payment(1)->deadline_ms, fixture.now_ms + 1000);
    ck_assert_int_eq(payment(1)->captured, 0);
    ck_assert_int_eq(item("tea")->held_out, 2);
}
END_TEST

START_TEST(a_payment_on_fulfil_is_captured_for_lines_that_settle_at_once)
{
    hf_test_cart_line(&cart, "tea", 2, 450, HF_SETTLE_CONFIRM);
    hf_test_cart_line(&cart, "cup", 1, 100, HF_SETTLE_FULFIL);
    hf_test_cart_pay(&cart, "anna", 1000, HF_SETTLE_FULFIL);
    place(0);
    ck_assert_uint_eq(placed()->state, HF_ORDER_CONFIRMED);
    ck_assert_int_eq(payment(1)->captured, 900);
    ck_assert_int_eq(hf_test_account(&fixture, HF_KIND_MONEY, "anna", "EUR")->held_out, 100);
}
END_TEST

START_TEST(pay_later_confirms_without_payments_and_stays_open)
{
    hf_test_cart_line(&cart, "tea", 2, 450, HF_SETTLE_CONFIRM);
    cart.args.policy = HF_ORDER_PAY_LATER;
    place(0);
    ck_assert_uint_eq(placed()->state, HF_ORDER_CONFIRMED);
    ck_assert_int_eq(line(1)->fulfilled, 2);
}
END_TEST

START_TEST(a_free_order_needs_no_payment)
{
    hf_test_cart_line(&cart, "tea", 1, 0, HF_SETTLE_CONFIRM);
    place(0);
    ck_assert_uint_eq(placed()->state, HF_ORDER_CLOSED);
    ck_assert_uint_eq(hf_test_view(&fixture)->paid_state, HF_PROGRESS_FULL);
}
END_TEST

START_TEST(a_manual_payment_keeps_the_order_open)
{
    hf_test_cart_line(&cart, "tea", 1, 450, HF_SETTLE_CONFIRM);
    hf_test_cart_pay(&cart, "anna", 450, HF_SETTLE_MANUAL);
    place(0);
    ck_assert_uint_eq(placed()->state, HF_ORDER_CONFIRMED);
    ck_assert_int_eq(payment(1)->captured, 0);
}
END_TEST

START_TEST(several_payments_share_the_total)
{
    hf_test_cart_line(&cart, "tea", 1, 450, HF_SETTLE_CONFIRM);
    hf_test_cart_pay(&cart, "anna", 200, HF_SETTLE_CONFIRM);
    hf_test_cart_pay(&cart, "ben", 250, HF_SETTLE_CONFIRM);
    place(0);
    ck_assert_uint_eq(placed()->state, HF_ORDER_CLOSED);
    ck_assert_int_eq(hf_test_balance(&fixture, "anna"), 9800);
    ck_assert_int_eq(hf_test_balance(&fixture, "ben"), 9750);
    ck_assert_mem_ne(&payment(1)->id, &payment(2)->id, sizeof(hf_id));
    ck_assert_mem_ne(payment(1)->fingerprint, payment(2)->fingerprint, 16);
}
END_TEST

START_TEST(adjustments_of_lines_and_order_are_part_of_the_total)
{
    hf_test_cart_line(&cart, "tea", 3, 100, HF_SETTLE_CONFIRM);
    hf_test_cart_adjust(&cart, 1, -50);
    hf_test_cart_adjust(&cart, 0, 499);
    hf_test_cart_pay(&cart, "anna", 749, HF_SETTLE_CONFIRM);
    cart.args.total = 749;
    place(0);
    ck_assert_int_eq(line(1)->total, 250);
    ck_assert_uint_eq(hf_test_view(&fixture)->adjustment_count, 2);
}
END_TEST

START_TEST(a_price_for_many_units_is_rounded_half_up)
{
    hf_test_cart_line(&cart, "tea", 15, 99, HF_SETTLE_CONFIRM)->price_per = 10;
    cart.args.total = 149; /* 148.5 */
    cart.args.policy = HF_ORDER_PAY_LATER;
    place(0);
    ck_assert_int_eq(line(1)->total, 149);
}
END_TEST

START_TEST(numbers_run_without_gap_in_each_series)
{
    for (uint64_t i = 1; i <= 3; i++) {
        hf_test_cart_init(&fixture, &cart);
        hf_test_cart_line(&cart, "tea", 1, 0, HF_SETTLE_CONFIRM);
        cart.args.series = "web";
        place(0);
        ck_assert_uint_eq(placed()->number, i);
        hf_test_cart_init(&fixture, &cart);
        hf_test_cart_line(&cart, "tea", 1000, 0, HF_SETTLE_CONFIRM);
        cart.args.series = "web";
        place(HF_E_STOCK_SHORT);
    }
    hf_test_cart_init(&fixture, &cart);
    hf_test_cart_line(&cart, "tea", 1, 0, HF_SETTLE_CONFIRM);
    place(0);
    ck_assert_uint_eq(placed()->number, 1);
}
END_TEST

START_TEST(a_quantity_is_split_over_places_in_their_order)
{
    static const char *const places[] = {"berlin", "nowhere", "paris", "rome"};
    const hf_account_key berlin = hf_test_item("oil", "berlin");
    const hf_account_key paris = hf_test_item("oil", "paris");
    hf_test_stock(&fixture, &berlin, 3, NULL);
    hf_test_stock(&fixture, &paris, 9, NULL);
    hf_line_args *oil = hf_test_cart_line(&cart, "oil", 7, 10, HF_SETTLE_FULFIL);
    oil->places = places;
    oil->place_count = 4;
    cart.args.policy = HF_ORDER_PAY_LATER;
    place(0);
    ck_assert_uint_eq(line(1)->leg_count, 2);
    ck_assert_int_eq(line(1)->leg.units, 3);
    ck_assert_int_eq(hf_test_at(&fixture, &berlin)->held_out, 3);
    ck_assert_int_eq(hf_test_at(&fixture, &paris)->held_out, 4);
    ck_assert_uint_eq(hf_test_view(&fixture)->leg_count, 1);
    ck_assert_int_eq(hf_test_view(&fixture)->legs[0]->leg.units, 4);
}
END_TEST

START_TEST(a_later_line_sees_what_an_earlier_one_took)
{
    static const char *const places[] = {"", "paris"};
    const hf_account_key paris = hf_test_item("tea", "paris");
    hf_test_stock(&fixture, &paris, 9, NULL);
    hf_test_cart_line(&cart, "tea", 98, 0, HF_SETTLE_FULFIL);
    hf_line_args *second = hf_test_cart_line(&cart, "tea", 5, 0, HF_SETTLE_FULFIL);
    second->places = places;
    second->place_count = 2;
    place(0);
    ck_assert_int_eq(line(2)->leg.units, 2);
    ck_assert_int_eq(hf_test_at(&fixture, &paris)->held_out, 3);
}
END_TEST

START_TEST(a_kit_takes_each_part_for_every_unit)
{
    const hf_leg_args legs[] = {
        {.from = hf_test_item("tea", ""), .per_unit = 3},
        {.from = hf_test_item("cup", ""), .per_unit = 1},
    };
    hf_line_args *kit = hf_test_cart_line(&cart, "tea set", 4, 500, HF_SETTLE_FULFIL);
    kit->legs = legs;
    kit->leg_count = 2;
    hf_test_cart_pay(&cart, "anna", 2000, HF_SETTLE_FULFIL);
    place(0);
    ck_assert_uint_eq(line(1)->leg_count, 2);
    ck_assert_int_eq(item("tea")->held_out, 12);
    ck_assert_int_eq(item("cup")->held_out, 4);
}
END_TEST

START_TEST(an_untracked_line_holds_nothing)
{
    hf_test_cart_line(&cart, "gift wrap", 1, 300, HF_SETTLE_FULFIL)->untracked = 1;
    hf_test_cart_pay(&cart, "anna", 300, HF_SETTLE_FULFIL);
    place(0);
    ck_assert_uint_eq(line(1)->leg_count, 0);
    ck_assert_uint_eq(placed()->state, HF_ORDER_CONFIRMED);
}
END_TEST

START_TEST(a_line_needs_a_declared_unit_only_for_an_item_it_names)
{
    const hf_leg_args leg = {.from = hf_test_item("tea", ""), .per_unit = 2};
    hf_line_args *pair = hf_test_cart_line(&cart, "pair", 1, 0, HF_SETTLE_FULFIL);
    pair->legs = &leg;
    pair->leg_count = 1;
    pair->unit = "pairs";
    hf_line_args *wrap = hf_test_cart_line(&cart, "gift wrap", 1, 0, HF_SETTLE_FULFIL);
    wrap->untracked = 1;
    wrap->unit = "metres";
    place(0);
    ck_assert_int_eq(item("tea")->held_out, 2);
}
END_TEST

START_TEST(a_backorder_is_held_below_zero_when_it_settles_on_fulfil)
{
    const hf_account_key late = hf_test_item("late", "");
    hf_test_stock(&fixture, &late, 0, &(hf_test_limits){.min_available = -5});
    hf_test_cart_line(&cart, "late", 5, 0, HF_SETTLE_FULFIL);
    place(0);
    ck_assert_int_eq(hf_test_at(&fixture, &late)->held_out, 5);
}
END_TEST

START_TEST(an_expired_order_never_costs_a_sale)
{
    hf_test_cart_line(&cart, "tea", 100, 1, HF_SETTLE_FULFIL);
    hf_test_cart_pay(&cart, "anna", 50, HF_SETTLE_CONFIRM);
    cart.args.deadline_ms = fixture.now_ms + 1000;
    place(0);
    hf_id first = cart.args.head.id;
    hf_test_cart_init(&fixture, &cart);
    hf_test_cart_line(&cart, "tea", 1, 0, HF_SETTLE_CONFIRM);
    place_refused(HF_E_STOCK_SHORT, "line 1: ITEM tea [pcs]: 1 wanted, 0 available");
    fixture.now_ms += 1000;
    place(0);
    ck_assert_uint_eq(hf_test_order(&fixture, &first)->state, HF_ORDER_EXPIRED);
    ck_assert_uint_eq(hf_test_payment(&fixture, &first, 1)->state, HF_PAYMENT_CLOSED);
    ck_assert_int_eq(hf_test_payment(&fixture, &first, 1)->voided, 50);
}
END_TEST

START_TEST(the_same_id_gives_the_first_answer)
{
    hf_test_cart_line(&cart, "tea", 1, 450, HF_SETTLE_CONFIRM);
    hf_test_cart_pay(&cart, "anna", 450, HF_SETTLE_CONFIRM);
    place(0);
    uint64_t events = fixture.event_seq;
    place(0);
    ck_assert_uint_eq(fixture.event_seq, events);
    ck_assert_uint_eq(hf_test_view(&fixture)->line_count, 1);
    ck_assert_int_eq(item("tea")->balance, 99);
    cart.args.customer = "somebody else";
    place(HF_E_ID_REUSED);
}
END_TEST

START_TEST(meta_is_kept_with_the_order)
{
    hf_test_cart_line(&cart, "tea", 1, 0, HF_SETTLE_CONFIRM);
    cart.args.head.meta = "gift";
    cart.args.head.meta_bytes = 4;
    place(0);
    ck_assert_uint_eq(placed()->meta_bytes, 4);
    ck_assert_mem_eq(placed()->meta, "gift", 4);
}
END_TEST

START_TEST(a_large_order_is_loaded_in_few_passes)
{
    enum { LINES = 300 };
    static hf_line_args lines[LINES];
    static char names[LINES][8];
    hf_test_fixture_fini(&fixture);
    hf_test_fixture_init(&fixture);
    hf_test_unit(&fixture, "EUR", 2);
    hf_test_unit(&fixture, "pcs", 0);
    for (int i = 0; i < LINES; i++) {
        (void)snprintf(names[i], sizeof names[i], "sku%d", i);
        hf_account account = {.key = hf_test_ref(HF_KIND_ITEM, names[i], "pcs"),
                              .max_balance = INT64_MAX,
                              .min_available = -10,
                              .version = 1};
        hf_test_put(&fixture, HF__ACCOUNTS, &account);
        hf_line_init(&lines[i], names[i], 1, 0);
        lines[i].settle_on = HF_SETTLE_FULFIL;
    }
    hf_test_cart_init(&fixture, &cart);
    cart.args.lines = lines;
    cart.args.line_count = LINES;
    cart.args.total = 0;
    hf_test_is(&fixture, hf_test_run(&fixture, HF_OP_ORDER_PLACE, &cart.args), 0);
    ck_assert_uint_le(fixture.passes, 8);
    hf_order_units_args all;
    hf_order_units_init(&all, &cart.args.head.id);
    hf_test_is(&fixture, hf_test_run(&fixture, HF_OP_ORDER_CANCEL, &all), 0);
    ck_assert_uint_le(fixture.passes, 8);
    ck_assert_uint_eq(placed()->state, HF_ORDER_CANCELLED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("order_place");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, open_shop, close_shop);
    tcase_add_test(core, a_paid_checkout_is_closed_at_once);
    tcase_add_test(core, what_is_final_at_once_moves_without_a_hold);
    tcase_add_test(core, an_order_that_is_fulfilled_later_holds_stock_and_money);
    tcase_add_test(core, an_order_without_enough_payments_is_pending_until_its_deadline);
    tcase_add_test(core, a_payment_on_fulfil_is_captured_for_lines_that_settle_at_once);
    tcase_add_test(core, pay_later_confirms_without_payments_and_stays_open);
    tcase_add_test(core, a_free_order_needs_no_payment);
    tcase_add_test(core, a_manual_payment_keeps_the_order_open);
    tcase_add_test(core, several_payments_share_the_total);
    tcase_add_test(core, adjustments_of_lines_and_order_are_part_of_the_total);
    tcase_add_test(core, a_price_for_many_units_is_rounded_half_up);
    tcase_add_test(core, numbers_run_without_gap_in_each_series);
    tcase_add_test(core, a_quantity_is_split_over_places_in_their_order);
    tcase_add_test(core, a_later_line_sees_what_an_earlier_one_took);
    tcase_add_test(core, a_kit_takes_each_part_for_every_unit);
    tcase_add_test(core, an_untracked_line_holds_nothing);
    tcase_add_test(core, a_line_needs_a_declared_unit_only_for_an_item_it_names);
    tcase_add_test(core, a_backorder_is_held_below_zero_when_it_settles_on_fulfil);
    tcase_add_test(core, an_expired_order_never_costs_a_sale);
    tcase_add_test(core, the_same_id_gives_the_first_answer);
    tcase_add_test(core, meta_is_kept_with_the_order);
    tcase_add_test(core, a_large_order_is_loaded_in_few_passes);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
