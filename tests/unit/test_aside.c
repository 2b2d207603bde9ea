/*
 * What the engine does by itself continues without the record that meets a bug (support/bug.h): it
 * is set aside until a person, or a newer version of the library, lets the engine try it again.
 */
#include "model/records.h"
#include "model/tables.h"
#include "support/bug.h"

/* ---- Expiry ---------------------------------------------------------------------------------- */

START_TEST(a_hold_that_cannot_expire_is_set_aside_and_the_others_expire)
{
    open_shop(_i / 2);
    hold("before", "tea", 1, 1000);
    hold("bad", "tea", 1, 1001);
    hold("after", "tea", 1, 1002);
    start_bug("bad", _i % 2 != 0);
    pass_time(2000);
    ck_assert_uint_eq(hold_row("before").state, HF_HOLD_EXPIRED);
    ck_assert_uint_eq(hold_row("after").state, HF_HOLD_EXPIRED);
    ck_assert_uint_eq(hold_row("bad").state, HF_HOLD_HELD);
    ck_assert_uint_eq(hold_row("bad").attention, HF_ATTENTION_INVARIANT);
    ck_assert_uint_eq(listed(HF_ATTENTION_ON_HOLD), 1);
    ck_assert_uint_eq(health().invariants, 1);
    hold("later", "tea", 1, 3000);
    pass_time(2000); /* it is not tried again */
    ck_assert_uint_eq(hold_row("later").state, HF_HOLD_EXPIRED);
    ck_assert_uint_eq(health().invariants, 1);
    ck_assert_int_eq(clear(HF_ATTENTION_ON_HOLD, "bad"), 0); /* it is, and has still the bug */
    pass_time(1);
    ck_assert_uint_eq(hold_row("bad").attention, HF_ATTENTION_INVARIANT);
    ck_assert_uint_eq(health().invariants, 2);
    stop_bug();
    ck_assert_int_eq(clear(HF_ATTENTION_ON_HOLD, "bad"), 0);
    pass_time(1);
    ck_assert_uint_eq(hold_row("bad").state, HF_HOLD_EXPIRED);
    ck_assert_uint_eq(hold_row("bad").attention, 0);
    ck_assert_uint_eq(listed(HF_ATTENTION_ON_HOLD), 0);
    ck_assert_int_eq(account("tea").held_out, 0);
    close_shop();
}
END_TEST

/* Each of the indexes by deadline is searched behind what is set aside in it. */
START_TEST(what_is_set_aside_hides_no_later_deadline)
{
    open_shop(_i % STORES);
    const bool payments = _i >= STORES;
    if (payments) {
        place_paid("order of bad", "bad", 0, 1000);
        place_paid("order of good", "good", 0, 3000);
    } else {
        hold("bad", "tea", 1, 1000);
        hold("good", "tea", 1, 3000);
    }
    start_bug("bad", false);
    pass_time(2000);
    stop_bug();
    ck_assert_uint_eq(listed(payments ? HF_ATTENTION_ON_PAYMENT : HF_ATTENTION_ON_HOLD), 1);
    shop_close(); /* when it is opened again, the deadlines are searched */
    if (_i % STORES != 0) {
        ck_assert_int_eq(shop_open(urls[store], START_MS + 2000, HF_CHECK_QUICK), 0);
        pass_time(1000);
        if (payments)
            ck_assert_uint_eq(payment_row("good").state, HF_PAYMENT_FAILED);
        else
            ck_assert_uint_eq(hold_row("good").state, HF_HOLD_EXPIRED);
        shop_close();
    }
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
    remove_files();
}
END_TEST

START_TEST(holds_that_were_set_aside_come_in_pages_of_any_size)
{
    char name[16];
    open_shop(_i);
    for (uint32_t i = 0; i < 5; i++) {
        (void)snprintf(name, sizeof name, "bad %u", i);
        hold(name, "tea", 1, 1000 * ((int64_t)i + 1));
        (void)snprintf(name, sizeof name, "good %u", i);
        hold(name, "tea", 1, 0);
        (void)snprintf(name, sizeof name, "bad %u", i);
        start_bug(name, false);
        pass_time(1000);
        stop_bug();
    }
    for (uint32_t limit = 1; limit <= 6; limit++)
        ck_assert_uint_eq(listed_by(HF_ATTENTION_ON_HOLD, limit), 5);
    ck_assert_uint_eq(listed(HF_ATTENTION_ON_ORDER), 0);
    close_shop();
}
END_TEST

/* What is due expires inside the operation that needs it, whose caller has nothing to do with it.
 */
START_TEST(an_operation_that_needs_what_is_due_continues_without_what_is_set_aside)
{
    open_shop(_i / 2);
    put("cup", 10);
    hold("bad", "cup", 5, 1000);
    hold("good", "cup", 5, 1000);
    start_bug("bad", _i % 2 != 0);
    ck_assert_int_eq(hf_clock_advance(shop.engine, 1000), 0);
    hold("new", "cup", 5, 0);
    ck_assert_uint_eq(hold_row("good").state, HF_HOLD_EXPIRED);
    ck_assert_uint_eq(hold_row("bad").attention, HF_ATTENTION_INVARIANT);
    const hf_hold_place_args more = hold_of("more", "cup", 1, 0);
    ck_assert_int_eq(shop_run(HF_OP_HOLD_PLACE, &more), HF_E_STOCK_SHORT);
    stop_bug();
    ck_assert_int_eq(clear(HF_ATTENTION_ON_HOLD, "bad"), 0);
    done(HF_OP_HOLD_PLACE, &more);
    close_shop();
}
END_TEST

START_TEST(a_host_can_release_what_is_set_aside)
{
    open_shop(_i / 2);
    hold("bad", "tea", 5, 1000);
    start_bug("bad", _i % 2 != 0);
    pass_time(1000);
    ck_assert_uint_eq(hold_row("bad").attention, HF_ATTENTION_INVARIANT);
    stop_bug();
    const hf_hold_amount_args release = release_of("bad");
    done(HF_OP_HOLD_RELEASE, &release);
    ck_assert_int_eq(account("tea").held_out, 0);
    ck_assert_int_eq(clear(HF_ATTENTION_ON_HOLD, "bad"), 0);
    close_shop();
}
END_TEST

START_TEST(what_cannot_be_set_aside_now_is_set_aside_later)
{
    open_shop(_i / 2);
    hold("bad", "tea", 1, 1000);
    hold("after", "tea", 1, 1001);
    start_bug("bad", _i % 2 != 0);
    bug.no_memory = 1;
    pass_time(2000);
    const hf_move_args one = withdrawal(1);
    done(HF_OP_ACCOUNT_WITHDRAW, &one);
    ck_assert_uint_eq(health().state, HF_HEALTH_OK);
    ck_assert_uint_eq(hold_row("bad").attention, 0);
    pass_time(2000);
    ck_assert_uint_eq(hold_row("bad").attention, HF_ATTENTION_INVARIANT);
    ck_assert_uint_eq(hold_row("after").state, HF_HOLD_EXPIRED);
    close_shop();
}
END_TEST

START_TEST(an_order_that_cannot_expire_is_set_aside_and_the_others_expire)
{
    open_shop(_i / 2);
    place_paid("before", "p1", 1000, 1000);
    place_paid("bad", "p2", 1001, 1001);
    place_paid("after", "p3", 1002, 1002);
    start_bug("bad", _i % 2 != 0);
    pass_time(2000);
    ck_assert_uint_eq(order_row("before").state, HF_ORDER_EXPIRED);
    ck_assert_uint_eq(order_row("after").state, HF_ORDER_EXPIRED);
    ck_assert_uint_eq(order_row("bad").state, HF_ORDER_PENDING);
    ck_assert_uint_eq(order_row("bad").attention, HF_ATTENTION_INVARIANT);
    ck_assert_uint_eq(listed(HF_ATTENTION_ON_ORDER), 1);
    stop_bug();
    ck_assert_int_eq(clear(HF_ATTENTION_ON_ORDER, "bad"), 0);
    pass_time(1);
    ck_assert_uint_eq(order_row("bad").state, HF_ORDER_EXPIRED);
    ck_assert_uint_eq(listed(HF_ATTENTION_ON_ORDER), 0);
    close_shop();
}
END_TEST

START_TEST(a_payment_that_cannot_expire_is_set_aside_and_the_others_expire)
{
    open_shop(_i / 2);
    place_paid("one", "before", 0, 1000);
    place_paid("two", "bad", 0, 1001);
    place_paid("three", "after", 0, 1002);
    start_bug("bad", _i % 2 != 0);
    pass_time(2000);
    ck_assert_uint_eq(payment_row("before").state, HF_PAYMENT_FAILED);
    ck_assert_uint_eq(payment_row("after").state, HF_PAYMENT_FAILED);
    ck_assert_uint_eq(payment_row("bad").state, HF_PAYMENT_PENDING);
    ck_assert_uint_eq(payment_row("bad").attention & HF_ATTENTION_INVARIANT,
                      HF_ATTENTION_INVARIANT);
    ck_assert_uint_eq(listed(HF_ATTENTION_ON_PAYMENT), 1);
    stop_bug();
    ck_assert_int_eq(clear(HF_ATTENTION_ON_PAYMENT, "bad"), 0);
    pass_time(1);
    ck_assert_uint_eq(payment_row("bad").state, HF_PAYMENT_FAILED);
    close_shop();
}
END_TEST

/* ---- Promotion ------------------------------------------------------------------------------- */

START_TEST(an_order_that_cannot_be_promoted_is_set_aside_and_the_queue_continues)
{
    open_shop(_i / 2);
    put("cup", 0);
    wait_for("bad", "cup");
    wait_for("next", "cup");
    wait_for("last", "cup");
    start_bug("bad", _i % 2 != 0);
    receive("cup", 1);
    ck_assert_uint_eq(order_row("bad").state, HF_ORDER_WAITING);
    ck_assert_uint_eq(order_row("bad").attention, HF_ATTENTION_INVARIANT);
    ck_assert_uint_eq(order_row("next").state, HF_ORDER_CONFIRMED);
    ck_assert_uint_eq(account("cup").waiting, 1);
    receive("cup", 2);
    ck_assert_uint_eq(order_row("last").state, HF_ORDER_CONFIRMED);
    const hf_order_place_args one = order_of("newcomer", "cup", 1, 0);
    done(HF_OP_ORDER_PLACE, &one); /* nobody is before it */
    shop_verify();
    stop_bug();
    ck_assert_int_eq(clear(HF_ATTENTION_ON_ORDER, "bad"), 0);
    ck_assert_uint_eq(order_row("bad").state, HF_ORDER_WAITING);
    ck_assert_uint_eq(account("cup").waiting, 1);
    const hf_order_place_args two = order_of("too late", "cup", 1, 0);
    ck_assert_int_eq(shop_run(HF_OP_ORDER_PLACE, &two), HF_E_QUEUED_AHEAD);
    receive("cup", 1);
    ck_assert_uint_eq(order_row("bad").state, HF_ORDER_CONFIRMED);
    ck_assert_uint_eq(order_row("bad").attention, 0);
    close_shop();
}
END_TEST

START_TEST(an_order_that_is_taken_up_again_is_promoted_at_once_when_it_can_be)
{
    open_shop(_i / 2);
    put("cup", 0);
    wait_for("bad", "cup");
    start_bug("bad", _i % 2 != 0);
    receive("cup", 1);
    ck_assert_uint_eq(order_row("bad").attention, HF_ATTENTION_INVARIANT);
    stop_bug();
    ck_assert_int_eq(clear(HF_ATTENTION_ON_ORDER, "bad"), 0);
    pass_time(1);
    ck_assert_uint_eq(order_row("bad").state, HF_ORDER_CONFIRMED);
    close_shop();
}
END_TEST

START_TEST(an_order_that_is_set_aside_is_cancelled_as_any_other)
{
    open_shop(_i / 2);
    put("cup", 0);
    wait_for("bad", "cup");
    start_bug("bad", _i % 2 != 0);
    receive("cup", 1);
    stop_bug();
    hf_order_units_args cancel;
    const hf_id id = id_of("bad");
    hf_order_units_init(&cancel, &id);
    done(HF_OP_ORDER_CANCEL, &cancel);
    ck_assert_int_eq(clear(HF_ATTENTION_ON_ORDER, "bad"), 0);
    ck_assert_uint_eq(order_row("bad").state, HF_ORDER_CANCELLED);
    ck_assert_uint_eq(order_row("bad").attention, 0);
    close_shop();
}
END_TEST

/* ---- Newer versions -------------------------------------------------------------------------- */

/* Makes the library that has set everything aside an older one. */
static void make_older(void)
{
    const char *colon = strchr(urls[store], ':');
    char scheme[16];
    (void)snprintf(scheme, sizeof scheme, "%.*s", (int)(colon - urls[store]), urls[store]);
    const hf_store_driver *driver = hf_store_builtin(scheme);
    static hf_store_error error;
    hf_env env;
    hf__env_init(&env);
    const hf_store_config config = {.size = sizeof config,
                                    .location = colon + 1,
                                    .schema = hf_store_schema(),
                                    .allocator = &env.allocator,
                                    .log = env.log,
                                    .error = &error};
    const hf_store_caller caller = {.error = &error};
    static hf__set_aside rows[8];
    static hf__set_aside olds[8];
    void *into[8];
    for (size_t i = 0; i < 8; i++)
        into[i] = &rows[i];
    void *opened;
    void *txn;
    uint32_t count = 8;
    const hf_scan all = {.table = HF__SET_ASIDES};
    ck_assert_msg(driver->open(&config, &opened) == 0, "%s", error.text);
    ck_assert_int_eq(driver->begin(opened, HF_TXN_WRITE, &caller, &txn), 0);
    hf_store_stat stat = {.tables = NULL};
    ck_assert_int_eq(driver->stat(txn, &stat), 0);
    ck_assert_int_eq(driver->scan(txn, &all, into, &count), 0);
    ck_assert_uint_gt(count, 0);
    for (uint32_t i = 0; i < count; i++) {
        olds[i] = rows[i];
        rows[i].library = 1;
        const void *row = &rows[i];
        const void *old = &olds[i];
        ck_assert_int_eq(driver->put(txn, HF__SET_ASIDES, &row, &old, 1), 0);
    }
    stat.mark.batch++;
    ck_assert_int_eq(driver->commit(txn, &stat.mark), 0);
    driver->close(opened);
}

static void reopen(int64_t ms)
{
    ck_assert_msg(shop_open(urls[store], START_MS + ms, HF_CHECK_FULL) == 0, "%s", shop.detail);
}

START_TEST(a_newer_version_takes_up_what_an_older_one_has_set_aside)
{
    open_shop(_i);
    hold("hold", "tea", 1, 1000);
    put("cup", 0);
    wait_for("order", "cup");
    start_bug("order", false);
    receive("cup", 1);
    start_bug("hold", false);
    pass_time(1000);
    ck_assert_uint_eq(order_row("order").attention, HF_ATTENTION_INVARIANT);
    ck_assert_uint_eq(hold_row("hold").attention, HF_ATTENTION_INVARIANT);
    stop_bug();
    shop_close();
    reopen(1000);
    pass_time(1); /* the same version skips it */
    ck_assert_uint_eq(hold_row("hold").state, HF_HOLD_HELD);
    ck_assert_uint_eq(order_row("order").state, HF_ORDER_WAITING);
    shop_close();
    make_older();
    start_bug("hold", false); /* which the newer version has still */
    reopen(2000);
    pass_time(1);
    pass_time(1);
    ck_assert_uint_eq(order_row("order").state, HF_ORDER_CONFIRMED);
    ck_assert_uint_eq(order_row("order").attention, 0);
    ck_assert_uint_eq(hold_row("hold").attention, HF_ATTENTION_INVARIANT);
    shop_close();
    make_older();
    stop_bug();
    reopen(3000);
    pass_time(1);
    pass_time(1);
    ck_assert_uint_eq(hold_row("hold").state, HF_HOLD_EXPIRED);
    ck_assert_uint_eq(hold_row("hold").attention, 0);
    close_shop();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("aside");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, a_hold_that_cannot_expire_is_set_aside_and_the_others_expire, 0,
                        2 * STORES);
    tcase_add_loop_test(core, what_is_set_aside_hides_no_later_deadline, 0, 2 * STORES);
    tcase_add_loop_test(core, holds_that_were_set_aside_come_in_pages_of_any_size, 0, STORES);
    tcase_add_loop_test(core,
                        an_operation_that_needs_what_is_due_continues_without_what_is_set_aside, 0,
                        2 * STORES);
    tcase_add_loop_test(core, a_host_can_release_what_is_set_aside, 0, 2 * STORES);
    tcase_add_loop_test(core, what_cannot_be_set_aside_now_is_set_aside_later, 0, 2 * STORES);
    tcase_add_loop_test(core, an_order_that_cannot_expire_is_set_aside_and_the_others_expire, 0,
                        2 * STORES);
    tcase_add_loop_test(core, a_payment_that_cannot_expire_is_set_aside_and_the_others_expire, 0,
                        2 * STORES);
    tcase_add_loop_test(core, an_order_that_cannot_be_promoted_is_set_aside_and_the_queue_continues,
                        0, 2 * STORES);
    tcase_add_loop_test(core, an_order_that_is_taken_up_again_is_promoted_at_once_when_it_can_be, 0,
                        2 * STORES);
    tcase_add_loop_test(core, an_order_that_is_set_aside_is_cancelled_as_any_other, 0, 2 * STORES);
    tcase_add_loop_test(core, a_newer_version_takes_up_what_an_older_one_has_set_aside, 1, STORES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
