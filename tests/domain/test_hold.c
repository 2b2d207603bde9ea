/* Holds without an order, as operations: captures, releases, deadlines, reversals. */
#include "support/check_main.h"
#include "support/view.h"

#include <holdfast/account.h>
#include <string.h>

static hf_test_fixture fixture;
static const hf_account_key ann = {.kind = HF_KIND_MONEY, .name = "ann", .unit = "EUR"};
static const hf_account_key shop = {.kind = HF_KIND_MONEY, .name = "shop", .unit = "EUR"};

static void set_up(void)
{
    hf_test_fixture_init(&fixture);
    hf_test_open(&fixture, HF_KIND_MONEY, "ann", "EUR", 100);
    hf_test_open(&fixture, HF_KIND_MONEY, "shop", "EUR", 0);
}

static void tear_down(void)
{
    hf_test_fixture_fini(&fixture);
}

static const hf_account *account(const char *name)
{
    return hf_test_account(&fixture, HF_KIND_MONEY, name, "EUR");
}

static const hf_hold *stored(hf_id id)
{
    return hf_test_row_of(&fixture, HF__HOLDS, &(hf_hold){.id = id});
}

/* Holds of ann for the shop. */
static int try_place(int64_t amount, int64_t deadline_ms, hf_id *id)
{
    hf_hold_place_args args;
    hf_hold_place_init(&args);
    *id = hf_test_id(&fixture);
    args.head.id = *id;
    args.from = ann;
    args.to = shop;
    args.amount = amount;
    args.deadline_ms = deadline_ms;
    return hf_test_run(&fixture, HF_OP_HOLD_PLACE, &args);
}

static hf_id place(int64_t amount, int64_t deadline_ms)
{
    hf_id id;
    int status = try_place(amount, deadline_ms, &id);
    ck_assert_msg(status == 0, "%s", fixture.detail.text);
    return id;
}

static int post(hf_id id, int64_t take, int64_t give)
{
    hf_hold_post_args args;
    hf_hold_post_init(&args, &id);
    args.post = take;
    args.release = give;
    return hf_test_run(&fixture, HF_OP_HOLD_POST, &args);
}

static int by_amount(uint32_t type, hf_id id, int64_t amount)
{
    hf_hold_amount_args args;
    hf_hold_amount_init(&args, &id);
    args.amount = amount;
    return hf_test_run(&fixture, type, &args);
}

static int adjust(hf_id id, int64_t grow, uint32_t set_deadline, int64_t deadline_ms)
{
    hf_hold_adjust_args args;
    hf_hold_adjust_init(&args, &id);
    args.grow = grow;
    args.set_deadline = set_deadline;
    args.deadline_ms = deadline_ms;
    return hf_test_run(&fixture, HF_OP_HOLD_ADJUST, &args);
}

START_TEST(a_hold_is_set_aside_on_both_ends)
{
    hf_id id = place(30, 0);
    const hf_hold *hold = stored(id);
    ck_assert_uint_eq(hold->state, HF_HOLD_HELD);
    ck_assert_uint_eq(hold->version, 1);
    ck_assert_int_eq(hold->created_at_ms, fixture.now_ms);
    ck_assert_int_eq(account("ann")->held_out, 30);
    ck_assert_int_eq(account("ann")->balance, 100);
    ck_assert_int_eq(account("shop")->held_in, 30);
    ck_assert_ptr_nonnull(fixture.draft.result);
}
END_TEST

START_TEST(several_captures_take_what_they_say)
{
    hf_id id = place(30, 0);
    ck_assert_int_eq(post(id, 10, 0), 0);
    ck_assert_uint_eq(stored(id)->state, HF_HOLD_PARTIAL);
    ck_assert_int_eq(post(id, 5, 0), 0);
    ck_assert_int_eq(post(id, HF_ALL, 0), 0);
    ck_assert_uint_eq(stored(id)->state, HF_HOLD_DONE);
    ck_assert_int_eq(account("ann")->balance, 70);
    ck_assert_int_eq(account("ann")->held_out, 0);
    ck_assert_int_eq(account("shop")->balance, 30);
}
END_TEST

START_TEST(a_final_capture_gives_the_rest_back)
{
    hf_id id = place(30, 0);
    ck_assert_int_eq(post(id, 12, HF_ALL), 0);
    ck_assert_uint_eq(stored(id)->state, HF_HOLD_DONE);
    ck_assert_int_eq(stored(id)->released, 18);
    ck_assert_int_eq(account("ann")->balance, 88);
    ck_assert_int_eq(account("ann")->held_out, 0);
}
END_TEST

START_TEST(nothing_beyond_the_rest_is_posted_or_released)
{
    hf_id id = place(30, 0);
    ck_assert_int_eq(post(id, 31, 0), HF_E_OVER_POST);
    ck_assert_int_eq(post(id, 20, 11), HF_E_OVER_POST);
    ck_assert_int_eq(post(id, 0, 0), HF_E_QUANTITY);
    ck_assert_int_eq(post(id, -1, 5), HF_E_AMOUNT);
    ck_assert_int_eq(by_amount(HF_OP_HOLD_RELEASE, id, 31), HF_E_OVER_POST);
    ck_assert_int_eq(by_amount(HF_OP_HOLD_RELEASE, id, 0), HF_E_QUANTITY);
}
END_TEST

START_TEST(a_released_hold_is_void_and_stays_so)
{
    hf_id id = place(30, 0);
    ck_assert_int_eq(by_amount(HF_OP_HOLD_RELEASE, id, 10), 0);
    ck_assert_uint_eq(stored(id)->state, HF_HOLD_PARTIAL);
    ck_assert_int_eq(by_amount(HF_OP_HOLD_RELEASE, id, HF_ALL), 0);
    ck_assert_uint_eq(stored(id)->state, HF_HOLD_VOID);
    ck_assert_int_eq(account("ann")->held_out, 0);
    ck_assert_int_eq(post(id, 1, 0), HF_E_HOLD_STATE);
    ck_assert_ptr_nonnull(strstr(fixture.detail.text, "POST is not possible while VOID"));
    ck_assert_int_eq(by_amount(HF_OP_HOLD_RELEASE, id, 1), HF_E_HOLD_STATE);
    ck_assert_int_eq(by_amount(HF_OP_HOLD_REVERSE, id, 1), HF_E_HOLD_STATE);
    ck_assert_int_eq(adjust(id, 1, 0, 0), HF_E_HOLD_STATE);
}
END_TEST

START_TEST(what_was_posted_can_be_reversed_once)
{
    hf_id id = place(30, 0);
    ck_assert_int_eq(by_amount(HF_OP_HOLD_REVERSE, id, 1), HF_E_HOLD_STATE);
    ck_assert_int_eq(post(id, HF_ALL, 0), 0);
    ck_assert_int_eq(by_amount(HF_OP_HOLD_REVERSE, id, 31), HF_E_OVER_REVERSE);
    ck_assert_int_eq(by_amount(HF_OP_HOLD_REVERSE, id, 10), 0);
    ck_assert_int_eq(account("ann")->balance, 80);
    ck_assert_int_eq(by_amount(HF_OP_HOLD_REVERSE, id, HF_ALL), 0);
    ck_assert_int_eq(account("ann")->balance, 100);
    ck_assert_int_eq(by_amount(HF_OP_HOLD_REVERSE, id, HF_ALL), HF_E_OVER_REVERSE);
    ck_assert_uint_eq(stored(id)->state, HF_HOLD_DONE);
}
END_TEST

START_TEST(what_the_taker_has_spent_cannot_be_reversed)
{
    hf_id id = place(30, 0);
    ck_assert_int_eq(post(id, HF_ALL, 0), 0);
    hf_move_args spend;
    hf_move_init(&spend);
    spend.from = shop;
    spend.amount = 25;
    ck_assert_int_eq(hf_test_run(&fixture, HF_OP_ACCOUNT_WITHDRAW, &spend), 0);
    ck_assert_int_eq(by_amount(HF_OP_HOLD_REVERSE, id, 30), HF_E_FUNDS_SHORT);
    ck_assert_int_eq(by_amount(HF_OP_HOLD_REVERSE, id, 5), 0);
}
END_TEST

START_TEST(a_hold_grows_within_the_limits)
{
    hf_id id = place(30, 0);
    ck_assert_int_eq(adjust(id, 71, 0, 0), HF_E_FUNDS_SHORT);
    ck_assert_int_eq(adjust(id, 70, 0, 0), 0);
    ck_assert_int_eq(stored(id)->amount, 100);
    ck_assert_int_eq(account("ann")->held_out, 100);
    ck_assert_int_eq(adjust(id, INT64_MAX, 0, 0), HF_E_OVERFLOW);
}
END_TEST

START_TEST(a_deadline_moves_either_way_but_not_into_the_past)
{
    hf_id id = place(30, fixture.now_ms + 100);
    ck_assert_int_eq(adjust(id, 0, 1, fixture.now_ms + 900), 0);
    ck_assert_int_eq(adjust(id, 0, 1, fixture.now_ms + 50), 0);
    ck_assert_int_eq(stored(id)->deadline_ms, fixture.now_ms + 50);
    ck_assert_int_eq(adjust(id, 0, 1, fixture.now_ms), HF_E_DEADLINE);
    ck_assert_int_eq(adjust(id, 0, 1, 0), 0);
    ck_assert_int_eq(stored(id)->deadline_ms, 0);
    hf_id other;
    ck_assert_int_eq(try_place(1, fixture.now_ms, &other), HF_E_DEADLINE);
}
END_TEST

START_TEST(a_post_at_the_deadline_fails_and_one_before_it_does_not)
{
    hf_id id = place(30, fixture.now_ms + 100);
    fixture.now_ms += 99;
    ck_assert_int_eq(post(id, 10, 0), 0);
    fixture.now_ms += 1;
    ck_assert_int_eq(post(id, 10, 0), HF_E_EXPIRED);
    ck_assert_int_eq(adjust(id, 0, 1, fixture.now_ms + 100), HF_E_EXPIRED);
}
END_TEST

START_TEST(an_expired_hold_never_costs_a_sale)
{
    hf_id old = place(80, fixture.now_ms + 100);
    hf_id id;
    ck_assert_int_eq(try_place(30, 0, &id), HF_E_FUNDS_SHORT);
    fixture.now_ms += 100;
    ck_assert_int_eq(try_place(30, 0, &id), 0);
    ck_assert_uint_eq(stored(old)->state, HF_HOLD_EXPIRED);
    ck_assert_int_eq(account("ann")->held_out, 30);
    ck_assert_int_eq(post(old, 1, 0), HF_E_EXPIRED);
}
END_TEST

START_TEST(who_is_short_lets_what_is_due_expire_and_nothing_else)
{
    hf_id third = place(20, fixture.now_ms + 30);
    hf_id first = place(20, fixture.now_ms + 10);
    hf_id second = place(20, fixture.now_ms + 20);
    hf_id open = place(40, fixture.now_ms + 1000);
    fixture.now_ms += 100;
    place(35, 0);
    ck_assert_uint_eq(stored(first)->state, HF_HOLD_EXPIRED);
    ck_assert_uint_eq(stored(second)->state, HF_HOLD_EXPIRED);
    ck_assert_uint_eq(stored(third)->state, HF_HOLD_EXPIRED);
    ck_assert_uint_eq(stored(open)->state, HF_HOLD_HELD);
}
END_TEST

START_TEST(a_withdrawal_is_not_refused_for_an_expired_hold_either)
{
    place(80, fixture.now_ms + 100);
    fixture.now_ms += 100;
    hf_move_args args;
    hf_move_init(&args);
    args.from = ann;
    args.amount = 100;
    hf_test_expect(&fixture, 0, HF_OP_ACCOUNT_WITHDRAW, &args);
    ck_assert_int_eq(account("ann")->balance, 0);
}
END_TEST

START_TEST(a_hold_that_took_something_ends_done_when_it_expires)
{
    hf_id old = place(80, fixture.now_ms + 100);
    ck_assert_int_eq(post(old, 30, 0), 0);
    fixture.now_ms += 100;
    place(70, 0);
    ck_assert_uint_eq(stored(old)->state, HF_HOLD_DONE);
    ck_assert_int_eq(stored(old)->released, 50);
    ck_assert_int_eq(by_amount(HF_OP_HOLD_REVERSE, old, HF_ALL), 0);
}
END_TEST

START_TEST(a_frozen_account_posts_nothing_but_releases)
{
    hf_id id = place(30, 0);
    hf_account_put_args freeze;
    hf_account_put_init(&freeze, HF_KIND_MONEY, "ann", "EUR");
    freeze.mask = HF_PUT_FROZEN;
    freeze.frozen = 1;
    hf_test_expect(&fixture, 0, HF_OP_ACCOUNT_PUT, &freeze);
    ck_assert_int_eq(post(id, 10, 0), HF_E_FROZEN);
    hf_id other;
    ck_assert_int_eq(try_place(1, 0, &other), HF_E_FROZEN);
    ck_assert_int_eq(by_amount(HF_OP_HOLD_RELEASE, id, HF_ALL), 0);
}
END_TEST

START_TEST(a_hold_that_is_not_there_is_not_found)
{
    hf_id none = hf_test_id(&fixture);
    ck_assert_int_eq(post(none, 1, 0), HF_E_NOT_FOUND);
    ck_assert_int_eq(by_amount(HF_OP_HOLD_RELEASE, none, 1), HF_E_NOT_FOUND);
    ck_assert_int_eq(by_amount(HF_OP_HOLD_REVERSE, none, 1), HF_E_NOT_FOUND);
    ck_assert_int_eq(adjust(none, 1, 0, 0), HF_E_NOT_FOUND);
}
END_TEST

START_TEST(meta_is_kept_until_other_meta_comes)
{
    hf_id id = place(30, 0);
    hf_hold_amount_args args;
    hf_hold_amount_init(&args, &id);
    args.amount = 5;
    args.head.meta = "why";
    args.head.meta_bytes = 3;
    hf_test_expect(&fixture, 0, HF_OP_HOLD_RELEASE, &args);
    ck_assert_int_eq(post(id, 1, 0), 0);
    ck_assert_uint_eq(stored(id)->meta_bytes, 3);
    ck_assert_mem_eq(stored(id)->meta, "why", 3);
}
END_TEST

/* A random life of many holds: the fixture audits the books after each step. */
START_TEST(whatever_happens_to_holds_the_books_add_up)
{
    hf_id ids[24];
    uint64_t seed = 1;
    fixture.eager = 1;
    for (uint32_t i = 0; i < 24; i++)
        ids[i] = place(4, fixture.now_ms + 10 + i);
    for (uint32_t i = 0; i < 3000; i++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
        uint32_t pick = (uint32_t)(seed >> 33);
        hf_id *id = &ids[pick % 24];
        int64_t amount = 1 + pick / 24 % 5;
        uint32_t what = pick / 128 % 8;
        if (what == 0 || what == 6)
            (void)try_place(amount * 4, fixture.now_ms + amount * 10, id);
        else if (what <= 2)
            (void)post(*id, amount, what == 1 ? HF_ALL : 0);
        else if (what == 3)
            (void)by_amount(HF_OP_HOLD_RELEASE, *id, amount);
        else if (what == 4)
            (void)by_amount(HF_OP_HOLD_REVERSE, *id, amount);
        else if (what == 5)
            (void)adjust(*id, amount, 1, fixture.now_ms + amount);
        else
            fixture.now_ms += amount;
    }
    ck_assert_uint_gt(fixture.event_seq, 200);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hold");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, a_hold_is_set_aside_on_both_ends);
    tcase_add_test(core, several_captures_take_what_they_say);
    tcase_add_test(core, a_final_capture_gives_the_rest_back);
    tcase_add_test(core, nothing_beyond_the_rest_is_posted_or_released);
    tcase_add_test(core, a_released_hold_is_void_and_stays_so);
    tcase_add_test(core, what_was_posted_can_be_reversed_once);
    tcase_add_test(core, what_the_taker_has_spent_cannot_be_reversed);
    tcase_add_test(core, a_hold_grows_within_the_limits);
    tcase_add_test(core, a_deadline_moves_either_way_but_not_into_the_past);
    tcase_add_test(core, a_post_at_the_deadline_fails_and_one_before_it_does_not);
    tcase_add_test(core, an_expired_hold_never_costs_a_sale);
    tcase_add_test(core, who_is_short_lets_what_is_due_expire_and_nothing_else);
    tcase_add_test(core, a_withdrawal_is_not_refused_for_an_expired_hold_either);
    tcase_add_test(core, a_hold_that_took_something_ends_done_when_it_expires);
    tcase_add_test(core, a_frozen_account_posts_nothing_but_releases);
    tcase_add_test(core, a_hold_that_is_not_there_is_not_found);
    tcase_add_test(core, meta_is_kept_until_other_meta_comes);
    tcase_add_test(core, whatever_happens_to_holds_the_books_add_up);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
