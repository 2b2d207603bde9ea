#include "domain/ledger/movement.h"
#include "support/check_main.h"
#include "support/shop.h"
#include <string.h>

static hf_test_fixture fixture;
static hf_account_key tea;
static hf_account_key cup;

static void open_shop(void)
{
    hf_test_shop_init(&fixture);
    tea = hf_test_item("tea", "");
    cup = hf_test_item("cup", "");
}

static void close_shop(void)
{
    hf_test_fixture_fini(&fixture);
}

/* An order of `teas` and `cups` that may wait, unpaid and for free. */
static hf_id place(int64_t teas, int64_t cups)
{
    hf_test_cart cart;
    hf_test_cart_init(&fixture, &cart);
    cart.args.policy = HF_ORDER_QUEUE;
    if (teas > 0)
        hf_test_cart_line(&cart, "tea", teas, 0, HF_SETTLE_FULFIL);
    if (cups > 0)
        hf_test_cart_line(&cart, "cup", cups, 0, HF_SETTLE_FULFIL);
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    return cart.args.head.id;
}

static uint32_t state(const hf_id *id)
{
    return hf_test_order(&fixture, id)->state;
}

static uint64_t waiting(const hf_account_key *key)
{
    return hf_test_at(&fixture, key)->waiting;
}

START_TEST(an_order_that_may_wait_does_not_wait_when_everything_is_there)
{
    hf_id id = place(100, 100);
    ck_assert_uint_eq(state(&id), HF_ORDER_CONFIRMED);
    ck_assert_int_eq(hf_test_at(&fixture, &tea)->held_out, 100);
}
END_TEST

START_TEST(an_order_that_is_short_waits_there_and_holds_nothing)
{
    hf_id id = place(101, 5);
    ck_assert_uint_eq(state(&id), HF_ORDER_WAITING);
    ck_assert_uint_eq(waiting(&tea), 1);
    ck_assert_uint_eq(waiting(&cup), 0);
    ck_assert_int_eq(hf_test_at(&fixture, &cup)->held_out, 0);
    ck_assert_uint_eq(hf_test_order(&fixture, &id)->number, 1);
}
END_TEST

START_TEST(lines_of_the_same_item_are_short_together)
{
    hf_test_cart cart;
    hf_test_cart_init(&fixture, &cart);
    cart.args.policy = HF_ORDER_QUEUE;
    hf_test_cart_line(&cart, "tea", 60, 0, HF_SETTLE_FULFIL);
    hf_test_cart_line(&cart, "tea", 60, 0, HF_SETTLE_FULFIL);
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    ck_assert_uint_eq(state(&cart.args.head.id), HF_ORDER_WAITING);
    ck_assert_uint_eq(waiting(&tea), 1);
}
END_TEST

START_TEST(payments_of_a_waiting_order_are_remembered_and_asked_later)
{
    hf_test_cart cart;
    hf_test_cart_init(&fixture, &cart);
    cart.args.policy = HF_ORDER_QUEUE;
    cart.args.deadline_ms = fixture.now_ms + 1000;
    hf_test_cart_line(&cart, "tea", 110, 10, HF_SETTLE_CONFIRM);
    hf_test_cart_pay(&cart, "anna", 1100, HF_SETTLE_CONFIRM);
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    hf_id id = cart.args.head.id;
    ck_assert_uint_eq(hf_test_payment(&fixture, &id, 1)->state, HF_PAYMENT_NEW);
    ck_assert_int_eq(hf_test_balance(&fixture, "anna"), 10000);
    hf_test_supply(&fixture, &tea, 10);
    ck_assert_uint_eq(hf_test_promote(&fixture, &tea, 32).count, 1);
    ck_assert_uint_eq(state(&id), HF_ORDER_CLOSED);
    ck_assert_int_eq(hf_test_balance(&fixture, "anna"), 8900);
    ck_assert_uint_eq(waiting(&tea), 0);
}
END_TEST

START_TEST(a_payment_that_fails_at_promotion_leaves_the_order_pending)
{
    hf_test_cart cart;
    hf_test_cart_init(&fixture, &cart);
    cart.args.policy = HF_ORDER_QUEUE;
    cart.args.deadline_ms = fixture.now_ms + 1000;
    hf_test_cart_line(&cart, "tea", 110, 100, HF_SETTLE_CONFIRM);
    hf_test_cart_pay(&cart, "anna", 11000, HF_SETTLE_CONFIRM);
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    hf_test_supply(&fixture, &tea, 10);
    hf_test_promote(&fixture, &tea, 32);
    hf_id id = cart.args.head.id;
    ck_assert_uint_eq(state(&id), HF_ORDER_PENDING);
    ck_assert_uint_eq(hf_test_payment(&fixture, &id, 1)->state, HF_PAYMENT_FAILED);
    ck_assert_int_eq(hf_test_line(&fixture, &id, 1)->leg.deadline_ms, fixture.now_ms + 1000);
}
END_TEST

START_TEST(who_came_first_is_promoted_first)
{
    hf_id first = place(150, 0);
    hf_id second = place(10, 0);
    ck_assert_uint_eq(state(&second), HF_ORDER_WAITING);
    hf_test_supply(&fixture, &tea, 20);
    ck_assert_uint_eq(hf_test_promote(&fixture, &tea, 32).count, 0);
    ck_assert_uint_eq(state(&second), HF_ORDER_WAITING);
    hf_test_supply(&fixture, &tea, 30);
    ck_assert_uint_eq(hf_test_promote(&fixture, &tea, 32).count, 1);
    ck_assert_uint_eq(state(&first), HF_ORDER_CONFIRMED);
    ck_assert_uint_eq(state(&second), HF_ORDER_WAITING);
    hf_test_supply(&fixture, &tea, 10);
    ck_assert_uint_eq(hf_test_promote(&fixture, &tea, 32).count, 1);
    ck_assert_uint_eq(state(&second), HF_ORDER_CONFIRMED);
}
END_TEST

START_TEST(several_are_promoted_in_one_go_up_to_the_limit)
{
    hf_id ids[5];
    for (int i = 0; i < 5; i++)
        ids[i] = place(101, 0);
    hf_test_supply(&fixture, &tea, 405);
    hf__sweep_result result = hf_test_promote(&fixture, &tea, 3);
    ck_assert_uint_eq(result.count, 3);
    ck_assert_uint_eq(result.more, 1);
    ck_assert_uint_eq(state(&ids[2]), HF_ORDER_CONFIRMED);
    ck_assert_uint_eq(state(&ids[3]), HF_ORDER_WAITING);
    result = hf_test_promote(&fixture, &tea, 3);
    ck_assert_uint_eq(result.count, 2);
    ck_assert_uint_eq(result.more, 0);
    ck_assert_uint_eq(waiting(&tea), 0);
}
END_TEST

START_TEST(a_run_promotes_at_most_32)
{
    for (int i = 0; i < 33; i++)
        place(101, 0);
    hf_test_supply(&fixture, &tea, 3300);
    ck_assert_uint_eq(hf_test_promote(&fixture, &tea, 1000).count, 32);
}
END_TEST

START_TEST(an_order_short_elsewhere_waits_there_and_lets_the_next_one_pass)
{
    hf_id first = place(101, 101);
    hf_id second = place(20, 0);
    ck_assert_uint_eq(waiting(&cup), 1);
    hf_test_supply(&fixture, &tea, 50);
    hf__sweep_result result = hf_test_promote(&fixture, &tea, 32);
    ck_assert_uint_eq(result.more, 1);
    ck_assert_uint_eq(state(&first), HF_ORDER_WAITING);
    ck_assert_uint_eq(waiting(&tea), 1);
    hf_test_promote(&fixture, &tea, 32);
    ck_assert_uint_eq(state(&second), HF_ORDER_CONFIRMED);
    ck_assert_uint_eq(waiting(&tea), 0);
    ck_assert_uint_eq(waiting(&cup), 1);
    hf_test_supply(&fixture, &cup, 1);
    hf_test_promote(&fixture, &cup, 32);
    ck_assert_uint_eq(state(&first), HF_ORDER_CONFIRMED);
}
END_TEST

START_TEST(an_order_keeps_its_place_in_the_queue_it_moves_to)
{
    hf_id first = place(101, 10);
    hf_id taker = place(0, 95);
    hf_id second = place(0, 10);
    ck_assert_uint_eq(state(&taker), HF_ORDER_CONFIRMED);
    ck_assert_uint_eq(state(&second), HF_ORDER_WAITING);
    hf_test_supply(&fixture, &tea, 1);
    hf_test_promote(&fixture, &tea, 32);
    ck_assert_uint_eq(waiting(&cup), 2);
    hf_test_supply(&fixture, &cup, 5);
    hf_test_promote(&fixture, &cup, 32);
    ck_assert_uint_eq(state(&first), HF_ORDER_CONFIRMED);
    ck_assert_uint_eq(state(&second), HF_ORDER_WAITING);
}
END_TEST

START_TEST(nobody_takes_what_an_order_waits_for)
{
    place(101, 0);
    hf_test_cart cart;
    hf_test_cart_init(&fixture, &cart);
    hf_test_cart_line(&cart, "tea", 1, 0, HF_SETTLE_CONFIRM);
    hf_test_refused(&fixture, hf_test_cart_place(&fixture, &cart), HF_E_QUEUED_AHEAD,
                    "line 1: ITEM tea [pcs]: 1 wanted, but an earlier order waits");
    hf_test_stock(&fixture, &tea, 0, &(hf_test_limits){.overtake = 1});
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
}
END_TEST

START_TEST(a_waiting_order_can_be_cancelled)
{
    hf_id first = place(101, 0);
    hf_id second = place(100, 0);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_CANCEL, &first, 0, 0), 0);
    ck_assert_uint_eq(state(&first), HF_ORDER_CANCELLED);
    ck_assert_uint_eq(waiting(&tea), 1);
    hf_test_promote(&fixture, &tea, 32);
    ck_assert_uint_eq(state(&second), HF_ORDER_CONFIRMED);
}
END_TEST

/* A waiting order with a payment and a deadline in ten ms. */
static hf_id place_for_ten_ms(void)
{
    hf_test_cart cart;
    hf_test_cart_init(&fixture, &cart);
    cart.args.policy = HF_ORDER_QUEUE;
    cart.args.deadline_ms = fixture.now_ms + 10;
    hf_test_cart_line(&cart, "tea", 101, 1, HF_SETTLE_CONFIRM);
    hf_test_cart_pay(&cart, "anna", 101, HF_SETTLE_CONFIRM);
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    return cart.args.head.id;
}

START_TEST(a_waiting_order_expires_at_its_deadline)
{
    hf_id id = place_for_ten_ms();
    fixture.now_ms += 10;
    ck_assert_uint_eq(hf_test_expire(&fixture).count, 1);
    ck_assert_uint_eq(state(&id), HF_ORDER_EXPIRED);
    ck_assert_uint_eq(hf_test_payment(&fixture, &id, 1)->state, HF_PAYMENT_FAILED);
    ck_assert_uint_eq(waiting(&tea), 0);
}
END_TEST

START_TEST(an_order_whose_time_has_come_is_expired_not_promoted)
{
    hf_id first = place_for_ten_ms();
    hf_id second = place(101, 0);
    fixture.now_ms += 10;
    hf_test_supply(&fixture, &tea, 1);
    ck_assert_uint_eq(hf_test_promote(&fixture, &tea, 32).count, 2);
    ck_assert_uint_eq(state(&first), HF_ORDER_EXPIRED);
    ck_assert_uint_eq(state(&second), HF_ORDER_CONFIRMED);
}
END_TEST

START_TEST(a_quantity_waits_at_all_its_places_and_is_split_when_it_comes)
{
    static const char *const places[] = {"a", "b", "nowhere"};
    const hf_account_key a = hf_test_item("oil", "a");
    const hf_account_key b = hf_test_item("oil", "b");
    hf_test_stock(&fixture, &a, 3, NULL);
    hf_test_stock(&fixture, &b, 3, NULL);
    hf_test_cart cart;
    hf_test_cart_init(&fixture, &cart);
    cart.args.policy = HF_ORDER_QUEUE;
    hf_line_args *oil = hf_test_cart_line(&cart, "oil", 8, 0, HF_SETTLE_FULFIL);
    oil->places = places;
    oil->place_count = 3;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    hf_id id = cart.args.head.id;
    ck_assert_uint_eq(waiting(&a) + waiting(&b), 2);
    hf_test_supply(&fixture, &b, 2);
    hf_test_promote(&fixture, &b, 32);
    ck_assert_uint_eq(state(&id), HF_ORDER_CONFIRMED);
    ck_assert_int_eq(hf_test_at(&fixture, &a)->held_out, 3);
    ck_assert_int_eq(hf_test_at(&fixture, &b)->held_out, 5);
    ck_assert_uint_eq(waiting(&a) + waiting(&b), 0);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &id, 0, 0), 0);
}
END_TEST

/* What the first line takes of a place is not there for the second one. */
START_TEST(two_lines_of_an_order_that_may_wait_share_the_places_of_their_item)
{
    static const char *const places[] = {"a", "b"};
    const hf_account_key a = hf_test_item("oil", "a");
    const hf_account_key b = hf_test_item("oil", "b");
    hf_test_cart cart;
    hf_test_stock(&fixture, &a, 5, NULL);
    hf_test_stock(&fixture, &b, 5, NULL);
    hf_test_cart_init(&fixture, &cart);
    cart.args.policy = HF_ORDER_QUEUE;
    for (uint32_t i = 0; i < 2; i++) {
        hf_line_args *oil = hf_test_cart_line(&cart, "oil", _i == 0 ? 4 : 5, 0, HF_SETTLE_FULFIL);
        oil->places = places;
        oil->place_count = 2;
    }
    if (_i == 2)
        cart.lines[1].quantity = 6; /* one more than there is */
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    const hf_id id = cart.args.head.id;
    if (_i == 2) {
        ck_assert_uint_eq(state(&id), HF_ORDER_WAITING);
        hf_test_supply(&fixture, &b, 1);
        hf_test_promote(&fixture, &b, 32);
    }
    ck_assert_uint_eq(state(&id), HF_ORDER_CONFIRMED);
    ck_assert_int_eq(hf_test_at(&fixture, &a)->held_out, 5);
    ck_assert_int_eq(hf_test_at(&fixture, &b)->held_out, _i == 0 ? 3 : _i == 1 ? 5 : 6);
}
END_TEST

START_TEST(an_order_whose_goods_do_not_fit_stays_first)
{
    const hf_leg_args leg = {.from = tea, .to = hf_test_item("tea", "bag"), .per_unit = 1};
    hf_test_stock(&fixture, &leg.to, 0, &(hf_test_limits){.max_balance = 200});
    hf_test_cart cart;
    hf_test_cart_init(&fixture, &cart);
    cart.args.policy = HF_ORDER_QUEUE;
    hf_line_args *line = hf_test_cart_line(&cart, "tea", 101, 0, HF_SETTLE_FULFIL);
    line->legs = &leg;
    line->leg_count = 1;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    hf_test_supply(&fixture, &tea, 1);
    hf_test_stock(&fixture, &leg.to, 0, &(hf_test_limits){.max_balance = 100});
    ck_assert_uint_eq(hf_test_promote(&fixture, &tea, 32).count, 0);
    ck_assert_uint_eq(waiting(&tea), 1);
    hf_test_stock(&fixture, &leg.to, 0, &(hf_test_limits){.max_balance = 101});
    ck_assert_uint_eq(hf_test_promote(&fixture, &tea, 32).count, 1);
}
END_TEST

START_TEST(an_order_waits_where_an_account_was_frozen)
{
    hf_id id = place(101, 0);
    hf_test_supply(&fixture, &tea, 1);
    hf_test_stock(&fixture, &tea, 0, &(hf_test_limits){.frozen = 1});
    ck_assert_uint_eq(hf_test_promote(&fixture, &tea, 32).count, 0);
    ck_assert_uint_eq(state(&id), HF_ORDER_WAITING);
    hf_test_stock(&fixture, &tea, 0, &(hf_test_limits){.frozen = 0});
    ck_assert_uint_eq(hf_test_promote(&fixture, &tea, 32).count, 1);
}
END_TEST

START_TEST(a_run_that_changes_nothing_writes_no_event)
{
    place(101, 0);
    uint64_t events = fixture.event_seq;
    ck_assert_uint_eq(hf_test_promote(&fixture, &tea, 32).count, 0);
    ck_assert_uint_eq(hf_test_promote(&fixture, &cup, 32).count, 0);
    ck_assert_uint_eq(fixture.event_seq, events);
}
END_TEST

/* Lets orders for tea overtake each other, with `left` tea on the shelf. */
static void let_overtake(int64_t left)
{
    hf_test_stock(&fixture, &tea, 0, &(hf_test_limits){.overtake = 1});
    place(100 - left, 0); /* confirmed */
}

/* Runs along the queue of tea, behind the order that `after` names. */
static hf__sweep_result run_behind(uint32_t limit, uint64_t after)
{
    hf__sweep_args run = {.head = {.size = sizeof run}, .limit = limit, .after = after};
    hf__account_ref_set(&run.account, &tea);
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_EVENT_PROMOTE, &run), 0);
    return *(const hf__sweep_result *)fixture.draft.result;
}

START_TEST(where_orders_overtake_those_that_fit_are_served_in_order)
{
    let_overtake(0);
    hf_id five = place(5, 0);
    hf_id two = place(2, 0);
    hf_id three = place(3, 0);
    hf_id one = place(1, 0);
    hf_test_supply(&fixture, &tea, 4);
    hf__sweep_result result = hf_test_promote(&fixture, &tea, 32);
    ck_assert_uint_eq(result.count, 2);
    ck_assert_uint_eq(result.more, 0);
    ck_assert_uint_eq(state(&five), HF_ORDER_WAITING);
    ck_assert_uint_eq(state(&two), HF_ORDER_CONFIRMED);
    ck_assert_uint_eq(state(&three), HF_ORDER_WAITING);
    ck_assert_uint_eq(state(&one), HF_ORDER_CONFIRMED);
    ck_assert_uint_eq(waiting(&tea), 2);
}
END_TEST

START_TEST(a_run_where_orders_overtake_continues_behind_the_last_one_it_looked_at)
{
    let_overtake(0);
    hf_id ids[5];
    for (int i = 0; i < 5; i++)
        ids[i] = place(i < 4 ? 2 : 1, 0);
    hf_test_supply(&fixture, &tea, 1);
    uint64_t events = fixture.event_seq;
    hf__sweep_result result = run_behind(2, 0);
    ck_assert_uint_eq(result.more, 1);
    ck_assert_uint_eq(result.after, hf_test_order(&fixture, &ids[1])->placed_seq);
    result = run_behind(2, result.after);
    ck_assert_uint_eq(result.more, 1);
    ck_assert_uint_eq(fixture.event_seq, events);
    result = run_behind(2, result.after);
    ck_assert_uint_eq(result.count, 1);
    ck_assert_uint_eq(result.more, 0);
    ck_assert_uint_eq(state(&ids[4]), HF_ORDER_CONFIRMED);
}
END_TEST

START_TEST(a_run_where_orders_overtake_ends_when_nothing_is_left)
{
    let_overtake(0);
    hf_id first = place(1, 0);
    for (int i = 0; i < 40; i++)
        place(1, 0);
    hf_test_supply(&fixture, &tea, 1);
    hf__sweep_result result = hf_test_promote(&fixture, &tea, 32);
    ck_assert_uint_eq(result.count, 1);
    ck_assert_uint_eq(result.more, 0);
    ck_assert_uint_eq(state(&first), HF_ORDER_CONFIRMED);
}
END_TEST

START_TEST(an_order_that_joins_a_second_queue_comes_before_those_behind_it)
{
    let_overtake(0);
    hf_id first = place(2, 60);
    hf_id taker = place(0, 50);
    hf_id second = place(1, 49); /* waits for tea only: its cups are there */
    ck_assert_uint_eq(state(&taker), HF_ORDER_CONFIRMED);
    ck_assert_uint_eq(waiting(&cup), 0);
    hf_test_supply(&fixture, &tea, 1);
    hf__sweep_result result = hf_test_promote(&fixture, &tea, 32);
    ck_assert_uint_eq(result.more, 1);
    ck_assert_uint_eq(waiting(&cup), 1);
    ck_assert_uint_eq(state(&second), HF_ORDER_WAITING);
    (void)run_behind(32, result.after);
    ck_assert_uint_eq(state(&first), HF_ORDER_WAITING);
    ck_assert_uint_eq(state(&second), HF_ORDER_WAITING); /* the first waits for cups before it */
    ck_assert_uint_eq(waiting(&cup), 2);
}
END_TEST

START_TEST(what_expires_during_a_promotion_serves_those_who_wait)
{
    hf_test_stock(&fixture, &tea, 0, &(hf_test_limits){.overtake = 1});
    hf_test_cart cart;
    hf_test_cart_init(&fixture, &cart);
    cart.args.deadline_ms = fixture.now_ms + 10;
    hf_test_cart_line(&cart, "tea", 100, 1, HF_SETTLE_FULFIL);
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    hf_id five = place(101, 0);
    hf_id one = place(1, 0);
    fixture.now_ms += 10;
    ck_assert_uint_eq(hf_test_promote(&fixture, &tea, 32).count, 1);
    ck_assert_uint_eq(state(&five), HF_ORDER_WAITING);
    ck_assert_uint_eq(state(&one), HF_ORDER_CONFIRMED);
}
END_TEST

static hf_test_cart queued;

static void frozen(void)
{
    hf_test_stock(&fixture, &tea, 0, &(hf_test_limits){.frozen = 1});
}

static void missing(void)
{
    queued.lines[0].sku = "gold";
}

static void backorder(void)
{
    hf_test_stock(&fixture, &tea, 0, &(hf_test_limits){.min_available = -1});
    queued.lines[0].settle_on = HF_SETTLE_CONFIRM;
}

static void does_not_fit(void)
{
    static hf_leg_args leg;
    leg = (hf_leg_args){.from = tea, .per_unit = INT64_MAX};
    queued.lines[0].legs = &leg;
    queued.lines[0].leg_count = 1;
}

static void bag_is_full(void)
{
    static hf_leg_args leg;
    leg = (hf_leg_args){.from = cup, .to = hf_test_item("cup", "bag"), .per_unit = 1};
    hf_test_stock(&fixture, &cup, 100, NULL);
    hf_test_stock(&fixture, &leg.to, 0, &(hf_test_limits){.max_balance = 1});
    queued.lines[0].legs = &leg;
    queued.lines[0].leg_count = 1;
}

static const struct {
    void (*spoil)(void);
    int error;
    const char *detail;
} refusals[] = {
    {frozen, HF_E_FROZEN, "ITEM tea [pcs]: frozen"},
    {missing, HF_E_NOT_FOUND, "ITEM gold [pcs]: no such account"},
    {backorder, HF_E_SETTLE, "line 1: ITEM tea [pcs]: min_available is -1"},
    {does_not_fit, HF_E_OVERFLOW, "line 1: what it needs does not fit"},
    {bag_is_full, HF_E_MAX_BALANCE, "line 1: ITEM cup @bag [pcs]: 101 would come in, 1 fit"},
};

START_TEST(what_waiting_cannot_cure_is_refused)
{
    hf_test_cart_init(&fixture, &queued);
    queued.args.policy = HF_ORDER_QUEUE;
    hf_test_cart_line(&queued, "tea", 101, 0, HF_SETTLE_FULFIL);
    refusals[_i].spoil();
    hf_test_refused(&fixture, hf_test_cart_place(&fixture, &queued), refusals[_i].error,
                    refusals[_i].detail);
}
END_TEST

/* An order of `units` that move from one account to another. */
static hf_id move(const hf_account_key *from, const hf_account_key *to, int64_t units)
{
    const hf_leg_args leg = {.from = *from, .to = *to, .per_unit = 1};
    hf_test_cart cart;
    hf_test_cart_init(&fixture, &cart);
    cart.args.policy = HF_ORDER_QUEUE;
    hf_line_args *line = hf_test_cart_line(&cart, "tea", units, 0, HF_SETTLE_FULFIL);
    line->legs = &leg;
    line->leg_count = 1;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    return cart.args.head.id;
}

START_TEST(an_order_does_not_wait_behind_those_of_the_account_that_it_gives_to)
{
    const hf_account_key bag = hf_test_item("tea", "bag");
    const hf_account_key world = {.name = "", .place = "", .unit = ""};
    hf_test_stock(&fixture, &bag, 0, &(hf_test_limits){.max_balance = 1000});
    hf_id from_bag = move(&bag, &world, 5);
    hf_id at_once = move(&tea, &bag, 10);
    hf_id to_bag = move(&tea, &bag, 91);
    ck_assert_uint_eq(state(&from_bag), HF_ORDER_WAITING);
    ck_assert_uint_eq(state(&at_once), HF_ORDER_CONFIRMED);
    ck_assert_uint_eq(state(&to_bag), HF_ORDER_WAITING);
    hf_test_supply(&fixture, &tea, 1);
    ck_assert_uint_eq(hf_test_promote(&fixture, &tea, 32).count, 1);
    ck_assert_uint_eq(state(&to_bag), HF_ORDER_CONFIRMED);
    ck_assert_uint_eq(state(&from_bag), HF_ORDER_WAITING);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("waiting");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, open_shop, close_shop);
    tcase_add_test(core, an_order_that_may_wait_does_not_wait_when_everything_is_there);
    tcase_add_test(core, an_order_that_is_short_waits_there_and_holds_nothing);
    tcase_add_test(core, lines_of_the_same_item_are_short_together);
    tcase_add_test(core, payments_of_a_waiting_order_are_remembered_and_asked_later);
    tcase_add_test(core, a_payment_that_fails_at_promotion_leaves_the_order_pending);
    tcase_add_test(core, who_came_first_is_promoted_first);
    tcase_add_test(core, several_are_promoted_in_one_go_up_to_the_limit);
    tcase_add_test(core, a_run_promotes_at_most_32);
    tcase_add_test(core, an_order_short_elsewhere_waits_there_and_lets_the_next_one_pass);
    tcase_add_test(core, an_order_keeps_its_place_in_the_queue_it_moves_to);
    tcase_add_test(core, nobody_takes_what_an_order_waits_for);
    tcase_add_test(core, a_waiting_order_can_be_cancelled);
    tcase_add_test(core, a_waiting_order_expires_at_its_deadline);
    tcase_add_test(core, an_order_whose_time_has_come_is_expired_not_promoted);
    tcase_add_test(core, a_quantity_waits_at_all_its_places_and_is_split_when_it_comes);
    tcase_add_loop_test(core, two_lines_of_an_order_that_may_wait_share_the_places_of_their_item, 0,
                        3);
    tcase_add_test(core, an_order_whose_goods_do_not_fit_stays_first);
    tcase_add_test(core, an_order_does_not_wait_behind_those_of_the_account_that_it_gives_to);
    tcase_add_test(core, an_order_waits_where_an_account_was_frozen);
    tcase_add_test(core, a_run_that_changes_nothing_writes_no_event);
    tcase_add_test(core, where_orders_overtake_those_that_fit_are_served_in_order);
    tcase_add_test(core, a_run_where_orders_overtake_continues_behind_the_last_one_it_looked_at);
    tcase_add_test(core, a_run_where_orders_overtake_ends_when_nothing_is_left);
    tcase_add_test(core, an_order_that_joins_a_second_queue_comes_before_those_behind_it);
    tcase_add_test(core, what_expires_during_a_promotion_serves_those_who_wait);
    tcase_add_loop_test(core, what_waiting_cannot_cure_is_refused, 0,
                        sizeof refusals / sizeof refusals[0]);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
