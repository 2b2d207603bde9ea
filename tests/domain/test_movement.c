/* The hold primitive: every limit, at its edge, from both ends. */
#include "domain/ledger/limits.h"
#include "domain/ledger/movement.h"
#include "support/broken.h"
#include "support/check_main.h"
#include "support/view.h"

#include <string.h>

static hf_test_fixture fixture;
static const hf_account_ref world;

static void set_up(void)
{
    hf_test_fixture_init(&fixture);
}

static void tear_down(void)
{
    hf_test_fixture_fini(&fixture);
}

typedef int (*movement_fn)(hf__draft *draft, const hf__movement *m);

static int run(movement_fn move, const hf_account_ref *from, const hf_account_ref *to,
               int64_t amount)
{
    hf__draft *draft = hf_test_draft(&fixture);
    hf__movement m = {.from = from, .to = to, .amount = amount, .what = "line 3"};
    return move(draft, &m);
}

/* An account in one unit, as a case wants it. */
static void store(const char *name, const hf_account *numbers)
{
    hf_account account = *numbers;
    account.key = hf_test_ref(HF_KIND_ITEM, name, "pcs");
    hf_test_put(&fixture, HF__ACCOUNTS, &account);
}

/* Amounts that one end refuses by one, and lets pass. */
typedef struct edge {
    const char *title;
    movement_fn move;
    hf_account from; /* all zero: the world */
    hf_account to;
    int64_t most; /* the largest amount that passes */
    int error;    /* of one more */
} edge;

#define OPEN .max_balance = INT64_MAX
#define NOBODY                                                                                     \
    {                                                                                              \
        .balance = 0                                                                               \
    }

/* clang-format off */
static const edge edges[] = {
    { "hold: available", hf__hold, { .balance = 9, .held_out = 4, OPEN }, NOBODY, 5, HF_E_STOCK_SHORT },
    { "hold: safety stock", hf__hold, { .balance = 9, .min_available = 3, OPEN }, NOBODY, 6, HF_E_STOCK_SHORT },
    { "hold: backorder", hf__hold, { .balance = 1, .min_available = -4, OPEN }, NOBODY, 5, HF_E_STOCK_SHORT },
    { "hold: credit line", hf__hold, { .balance = 0, .min_balance = -7, .min_available = -7, OPEN }, NOBODY, 7, HF_E_STOCK_SHORT },
    { "hold: headroom of the taker", hf__hold, NOBODY, { .balance = 2, .held_in = 3, .max_balance = 9 }, 4, HF_E_MAX_BALANCE },
    { "hold: no headroom at all", hf__hold, NOBODY, { .balance = 9, .max_balance = 9 }, 0, HF_E_MAX_BALANCE },
    { "hold: no upper end", hf__hold, NOBODY, { .balance = 1, OPEN }, INT64_MAX - 1, HF_E_MAX_BALANCE },
    { "move: available", hf__move, { .balance = 9, .held_out = 4, OPEN }, NOBODY, 5, HF_E_STOCK_SHORT },
    { "move: balance of a backorder", hf__move, { .balance = 3, .min_available = -9, OPEN }, NOBODY, 3, HF_E_STOCK_SHORT },
    { "move: credit line", hf__move, { .min_balance = -7, .min_available = -7, OPEN }, NOBODY, 7, HF_E_STOCK_SHORT },
    { "move: headroom of the taker", hf__move, NOBODY, { .balance = 2, .held_in = 3, .max_balance = 9 }, 4, HF_E_MAX_BALANCE },
    { "post: balance of a backorder", hf__post, { .balance = 3, .held_out = 9, .min_available = -9, OPEN }, NOBODY, 3, HF_E_STOCK_SHORT },
    { "reverse: the taker gives", hf__reverse, NOBODY, { .balance = 8, .held_out = 2, OPEN }, 6, HF_E_STOCK_SHORT },
    { "reverse: headroom of the giver", hf__reverse, { .balance = 5, .max_balance = 6 }, NOBODY, 1, HF_E_MAX_BALANCE },
};
/* clang-format on */

START_TEST(a_limit_lets_its_edge_pass_and_nothing_more)
{
    const edge *e = &edges[_i];
    const hf_account none = {.balance = 0};
    hf_account_ref from = {.kind = HF_KIND_WORLD};
    hf_account_ref to = {.kind = HF_KIND_WORLD};
    if (memcmp(&e->from, &none, sizeof none) != 0) {
        store("from", &e->from);
        from = hf_test_ref(HF_KIND_ITEM, "from", "pcs");
    }
    if (memcmp(&e->to, &none, sizeof none) != 0) {
        store("to", &e->to);
        to = hf_test_ref(HF_KIND_ITEM, "to", "pcs");
    }
    ck_assert_msg(run(e->move, &from, &to, e->most) == 0, "%s: %s", e->title, fixture.detail.text);
    ck_assert_msg(run(e->move, &from, &to, e->most + 1) == e->error, "%s: %s", e->title,
                  fixture.detail.text);
}
END_TEST

START_TEST(a_hold_then_a_post_moves_the_balance)
{
    hf_test_open(&fixture, HF_KIND_ITEM, "tea", "pcs", 10);
    hf_test_open(&fixture, HF_KIND_ITEM, "bag", "pcs", 0);
    hf_account_ref tea = hf_test_ref(HF_KIND_ITEM, "tea", "pcs");
    hf_account_ref bag = hf_test_ref(HF_KIND_ITEM, "bag", "pcs");
    hf__draft *draft = hf_test_draft(&fixture);
    hf__movement m = {.from = &tea, .to = &bag, .amount = 4, .what = ""};
    const void *row;
    hf_account key = {.key = tea};
    ck_assert_int_eq(hf__hold(draft, &m), 0);
    ck_assert_int_eq(hf__draft_get(draft, HF__ACCOUNTS, &key, &row), 0);
    ck_assert_int_eq(((const hf_account *)row)->held_out, 4);
    ck_assert_int_eq(((const hf_account *)row)->balance, 10);
    ck_assert_int_eq(hf__post(draft, &m), 0);
    ck_assert_int_eq(((const hf_account *)row)->held_out, 0);
    ck_assert_int_eq(((const hf_account *)row)->balance, 6);
    hf_test_apply(&fixture);
    ck_assert_int_eq(hf_test_account(&fixture, HF_KIND_ITEM, "bag", "pcs")->balance, 4);
    ck_assert_int_eq(hf_test_account(&fixture, HF_KIND_ITEM, "bag", "pcs")->held_in, 0);
}
END_TEST

START_TEST(each_change_moves_the_version_and_the_time)
{
    hf_test_open(&fixture, HF_KIND_ITEM, "tea", "pcs", 10);
    uint64_t before = hf_test_account(&fixture, HF_KIND_ITEM, "tea", "pcs")->version;
    hf_account_ref tea = hf_test_ref(HF_KIND_ITEM, "tea", "pcs");
    fixture.now_ms += 5;
    ck_assert_int_eq(run(hf__move, &tea, &world, 1), 0);
    hf_test_apply(&fixture);
    const hf_account *after = hf_test_account(&fixture, HF_KIND_ITEM, "tea", "pcs");
    ck_assert_uint_eq(after->version, before + 1);
    ck_assert_int_eq(after->updated_at_ms, fixture.now_ms);
}
END_TEST

START_TEST(nothing_at_all_changes_nothing)
{
    hf_test_open(&fixture, HF_KIND_ITEM, "tea", "pcs", 10);
    hf_account_ref tea = hf_test_ref(HF_KIND_ITEM, "tea", "pcs");
    static const movement_fn all[] = {hf__hold, hf__post,    hf__release,
                                      hf__move, hf__reverse, hf__move_fact};
    for (size_t i = 0; i < 6; i++) {
        ck_assert_int_eq(run(all[i], &tea, &world, 0), 0);
        ck_assert_ptr_null(fixture.draft.body);
    }
}
END_TEST

/* What a frozen account still does. */
typedef struct frozen_case {
    movement_fn move;
    bool gives; /* the frozen account is `from` */
    int error;
} frozen_case;

static const frozen_case frozen_cases[] = {
    {hf__hold, true, HF_E_FROZEN}, {hf__hold, false, 0},
    {hf__post, true, HF_E_FROZEN}, {hf__post, false, 0},
    {hf__release, true, 0},        {hf__release, false, 0},
    {hf__move, true, HF_E_FROZEN}, {hf__move, false, 0},
    {hf__reverse, true, 0},        {hf__reverse, false, HF_E_FROZEN},
    {hf__move_fact, true, 0},      {hf__move_fact, false, 0},
};

START_TEST(a_frozen_account_gives_nothing_and_takes_everything)
{
    const frozen_case *c = &frozen_cases[_i];
    store("ice", &(hf_account){.balance = 9, .held_out = 5, .held_in = 5, .frozen = 1, OPEN});
    hf_account_ref ice = hf_test_ref(HF_KIND_ITEM, "ice", "pcs");
    ck_assert_int_eq(run(c->move, c->gives ? &ice : &world, c->gives ? &world : &ice, 1), c->error);
}
END_TEST

START_TEST(a_refusal_names_place_account_and_both_amounts)
{
    store("tea", &(hf_account){.balance = 2, OPEN});
    hf_account_ref tea = hf_test_ref(HF_KIND_ITEM, "tea", "pcs");
    hf__name_set(&tea.place, "berlin");
    hf_account account = {.key = tea, .balance = 2, OPEN};
    hf_test_put(&fixture, HF__ACCOUNTS, &account);
    ck_assert_int_eq(run(hf__hold, &tea, &world, 4), HF_E_STOCK_SHORT);
    ck_assert_str_eq(fixture.detail.text, "line 3: ITEM tea @berlin [pcs]: 4 wanted, 2 available");
}
END_TEST

START_TEST(what_is_short_is_named_by_its_kind)
{
    static const int errors[] = {0, HF_E_STOCK_SHORT, HF_E_FUNDS_SHORT, HF_E_LIMIT_SHORT};
    for (uint32_t kind = HF_KIND_ITEM; kind <= HF_KIND_LIMIT; kind++) {
        hf_test_open(&fixture, kind, "x", "EUR", 0);
        hf_account_ref ref = hf_test_ref(kind, "x", "EUR");
        ck_assert_int_eq(run(hf__hold, &ref, &world, 1), errors[kind]);
        ck_assert_int_eq(run(hf__move, &ref, &world, 1), errors[kind]);
    }
}
END_TEST

START_TEST(ends_that_make_no_sense_are_refused)
{
    hf_test_open(&fixture, HF_KIND_MONEY, "ann", "EUR", 5);
    hf_test_open(&fixture, HF_KIND_MONEY, "bob", "USD", 5);
    hf_account_ref ann = hf_test_ref(HF_KIND_MONEY, "ann", "EUR");
    hf_account_ref bob = hf_test_ref(HF_KIND_MONEY, "bob", "USD");
    hf_account_ref eve = hf_test_ref(HF_KIND_MONEY, "eve", "EUR");
    ck_assert_int_eq(run(hf__hold, &world, &world, 1), HF_E_ARGUMENT);
    ck_assert_int_eq(run(hf__hold, &ann, &ann, 1), HF_E_ARGUMENT);
    ck_assert_int_eq(run(hf__hold, &ann, &bob, 1), HF_E_CURRENCY);
    ck_assert_int_eq(run(hf__hold, &eve, &ann, 1), HF_E_NOT_FOUND);
    ck_assert_int_eq(run(hf__hold, &ann, &eve, 1), HF_E_NOT_FOUND);
    ck_assert_str_eq(fixture.detail.text, "line 3: MONEY eve [EUR]: no such account");
}
END_TEST

START_TEST(a_fact_beyond_a_limit_is_kept_and_raises_attention)
{
    hf_test_open(&fixture, HF_KIND_ITEM, "tea", "pcs", 2);
    hf_account_ref tea = hf_test_ref(HF_KIND_ITEM, "tea", "pcs");
    ck_assert_int_eq(run(hf__move_fact, &tea, &world, 5), 0);
    hf_test_apply(&fixture);
    const hf_account *after = hf_test_account(&fixture, HF_KIND_ITEM, "tea", "pcs");
    ck_assert_int_eq(after->balance, -3);
    ck_assert_uint_eq(after->attention, HF_ATTENTION_BEYOND_LIMIT);
    ck_assert_int_eq(run(hf__hold, &tea, &world, 1), HF_E_ATTENTION);
}
END_TEST

START_TEST(what_brings_an_account_back_within_its_limits_cures_it)
{
    store("tea", &(hf_account){.balance = -3, .attention = HF_ATTENTION_BEYOND_LIMIT, OPEN});
    hf_account_ref tea = hf_test_ref(HF_KIND_ITEM, "tea", "pcs");
    hf__draft *draft = hf_test_draft(&fixture);
    hf__movement m = {.from = &world, .to = &tea, .amount = 2, .what = ""};
    const void *row;
    hf_account key = {.key = tea};
    ck_assert_int_eq(hf__move(draft, &m), 0);
    ck_assert_int_eq(hf__draft_get(draft, HF__ACCOUNTS, &key, &row), 0);
    ck_assert_uint_eq(((const hf_account *)row)->attention, HF_ATTENTION_BEYOND_LIMIT);
    m.amount = 1;
    ck_assert_int_eq(hf__move(draft, &m), 0);
    ck_assert_uint_eq(((const hf_account *)row)->attention, 0);
}
END_TEST

START_TEST(a_balance_that_does_not_fit_is_refused_even_as_a_fact)
{
    store("full", &(hf_account){.balance = INT64_MAX, OPEN});
    store("empty", &(hf_account){.balance = INT64_MIN, .min_balance = INT64_MIN, OPEN});
    hf_account_ref full = hf_test_ref(HF_KIND_ITEM, "full", "pcs");
    hf_account_ref empty = hf_test_ref(HF_KIND_ITEM, "empty", "pcs");
    ck_assert_int_eq(run(hf__move_fact, &world, &full, 1), HF_E_OVERFLOW);
    ck_assert_int_eq(run(hf__move_fact, &empty, &world, 1), HF_E_OVERFLOW);
}
END_TEST

/* An order that waits on tea since event `seq`. */
static void wait_on_tea(uint64_t seq)
{
    hf__wait wait = {.account = hf_test_ref(HF_KIND_ITEM, "tea", "pcs"), .placed_seq = seq};
    wait.order = hf_test_id(&fixture);
    hf_test_put(&fixture, HF__WAITS, &wait);
}

static int hold_as(uint64_t place_seq, movement_fn move)
{
    hf__draft *draft = hf_test_draft(&fixture);
    hf_account_ref tea = hf_test_ref(HF_KIND_ITEM, "tea", "pcs");
    hf__movement m = {.from = &tea, .to = &world, .amount = 1, .place_seq = place_seq, .what = ""};
    return move(draft, &m);
}

START_TEST(nobody_takes_what_an_earlier_order_waits_for)
{
    store("tea", &(hf_account){.balance = 9, .waiting = 2, OPEN});
    wait_on_tea(5);
    wait_on_tea(8);
    ck_assert_int_eq(hold_as(0, hf__hold), HF_E_QUEUED_AHEAD);
    ck_assert_int_eq(hold_as(0, hf__move), HF_E_QUEUED_AHEAD);
    ck_assert_int_eq(hold_as(9, hf__hold), HF_E_QUEUED_AHEAD);
    ck_assert_int_eq(hold_as(8, hf__hold), HF_E_QUEUED_AHEAD);
    ck_assert_int_eq(hold_as(5, hf__hold), 0);
    ck_assert_int_eq(hold_as(4, hf__hold), 0);
    ck_assert_int_eq(hold_as(0, hf__move_fact), 0);
}
END_TEST

START_TEST(where_orders_may_overtake_nobody_queues)
{
    store("tea", &(hf_account){.balance = 9, .waiting = 1, .overtake = 1, OPEN});
    wait_on_tea(5);
    ck_assert_int_eq(hold_as(0, hf__hold), 0);
}
END_TEST

START_TEST(an_order_that_this_operation_promoted_is_ahead_of_nobody)
{
    store("tea", &(hf_account){.balance = 9, .waiting = 200, OPEN});
    for (uint64_t seq = 1; seq <= 200; seq++)
        wait_on_tea(seq);
    hf__draft *draft = hf_test_draft(&fixture);
    hf_account_ref tea = hf_test_ref(HF_KIND_ITEM, "tea", "pcs");
    hf__movement m = {.from = &tea, .to = &world, .amount = 1, .place_seq = 150, .what = ""};
    for (uint64_t seq = 1; seq < 150; seq++) {
        hf__wait gone = {.account = tea, .placed_seq = seq};
        ck_assert_int_eq(hf__hold(draft, &m), HF_E_QUEUED_AHEAD);
        ck_assert_int_eq(hf__draft_del(draft, HF__WAITS, &gone), 0);
    }
    ck_assert_int_eq(hf__hold(draft, &m), 0);
}
END_TEST

static int64_t available(uint64_t place_seq)
{
    hf__draft *draft = hf_test_draft(&fixture);
    hf_account_ref tea = hf_test_ref(HF_KIND_ITEM, "tea", "pcs");
    int64_t amount = -1;
    ck_assert_int_eq(hf__available(draft, &tea, place_seq, &amount), 0);
    return amount;
}

START_TEST(what_can_be_held_is_known_beforehand)
{
    ck_assert_int_eq(available(0), 0);
    store("tea", &(hf_account){.balance = 9, .held_out = 2, .min_available = 3, OPEN});
    ck_assert_int_eq(available(0), 4);
    store("tea", &(hf_account){.balance = 9, .frozen = 1, OPEN});
    ck_assert_int_eq(available(0), 0);
    store("tea", &(hf_account){.balance = -1, OPEN});
    ck_assert_int_eq(available(0), 0);
    store("tea", &(hf_account){.balance = 9, .waiting = 1, OPEN});
    wait_on_tea(5);
    ck_assert_int_eq(available(0), 0);
    ck_assert_int_eq(available(5), 9);
}
END_TEST

START_TEST(supply_and_releases_wake_waiting_orders)
{
    hf_account old = {.balance = 1, .waiting = 1, OPEN};
    hf_account now = old;
    ck_assert(!hf__may_promote(&old, &now));
    now.balance = 2;
    ck_assert(hf__may_promote(&old, &now));
    ck_assert(!hf__may_promote(&now, &old));
    now.frozen = 1;
    ck_assert(!hf__may_promote(&old, &now));
    old.frozen = 1;
    now.frozen = 0;
    ck_assert(hf__may_promote(&old, &now));
    now.waiting = 0;
    ck_assert(!hf__may_promote(&old, &now));
    old = (hf_account){.balance = 1, .waiting = 2, OPEN};
    now = (hf_account){.balance = 1, .waiting = 1, OPEN};
    ck_assert(hf__may_promote(&old, &now));
    ck_assert(!hf__may_promote(NULL, &now));
    now.overtake = 1; /* those behind the head may fit at once, but none because one has left */
    ck_assert(hf__may_promote(&old, &now));
    old.overtake = 1;
    ck_assert(!hf__may_promote(&old, &now));
    now.balance = 2;
    ck_assert(hf__may_promote(&old, &now));
}
END_TEST

START_TEST(a_negative_amount_breaks_an_invariant)
{
    hf_test_open(&fixture, HF_KIND_ITEM, "tea", "pcs", 1);
    hf_account_ref tea = hf_test_ref(HF_KIND_ITEM, "tea", "pcs");
    ck_assert_int_eq(run(hf__hold, &tea, &world, -1), HF_E_INVARIANT);
}
END_TEST

START_TEST(releasing_more_than_is_held_breaks_an_invariant)
{
    hf_test_open(&fixture, HF_KIND_ITEM, "tea", "pcs", 1);
    hf_account_ref tea = hf_test_ref(HF_KIND_ITEM, "tea", "pcs");
    ck_assert_int_eq(run(hf__release, &tea, &world, 1), HF_E_INVARIANT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("movement");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_loop_test(core, a_limit_lets_its_edge_pass_and_nothing_more, 0,
                        sizeof edges / sizeof edges[0]);
    tcase_add_test(core, a_hold_then_a_post_moves_the_balance);
    tcase_add_test(core, each_change_moves_the_version_and_the_time);
    tcase_add_test(core, nothing_at_all_changes_nothing);
    tcase_add_loop_test(core, a_frozen_account_gives_nothing_and_takes_everything, 0,
                        sizeof frozen_cases / sizeof frozen_cases[0]);
    tcase_add_test(core, a_refusal_names_place_account_and_both_amounts);
    tcase_add_test(core, what_is_short_is_named_by_its_kind);
    tcase_add_test(core, ends_that_make_no_sense_are_refused);
    tcase_add_test(core, a_fact_beyond_a_limit_is_kept_and_raises_attention);
    tcase_add_test(core, what_brings_an_account_back_within_its_limits_cures_it);
    tcase_add_test(core, a_balance_that_does_not_fit_is_refused_even_as_a_fact);
    tcase_add_test(core, nobody_takes_what_an_earlier_order_waits_for);
    tcase_add_test(core, where_orders_may_overtake_nobody_queues);
    tcase_add_test(core, an_order_that_this_operation_promoted_is_ahead_of_nobody);
    tcase_add_test(core, what_can_be_held_is_known_beforehand);
    tcase_add_test(core, supply_and_releases_wake_waiting_orders);
    hf_test_add_breaking(core, a_negative_amount_breaks_an_invariant);
    hf_test_add_breaking(core, releasing_more_than_is_held_breaks_an_invariant);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
