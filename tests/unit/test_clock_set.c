/*
 * The clock of the machine is set while a host has its engine open: a store that was used once by
 * a clock that is a year ahead, opened by a clock that is behind. The linker lets this file answer
 * for the wall clock (--wrap); everything else is the machine's.
 */
#include "support/check_main.h"
#include "support/one_shop.h"

#define HOUR INT64_C(3600000)
#define YEAR (INT64_C(365) * 24 * HOUR)

static const char *const urls[] = {"lmdb:clock-set.db", "sqlite:clock-set.db"};
#define STORES ((int)(sizeof urls / sizeof urls[0]))

static int64_t ahead_ms; /* the wall clock is so much ahead of the machine's */

int64_t __real_hf__os_wall_ms(void *unused);
int64_t __wrap_hf__os_wall_ms(void *unused);
int64_t __wrap_hf__os_wall_ms(void *unused)
{
    return __real_hf__os_wall_ms(unused) + ahead_ms;
}

static int64_t now_ms(void)
{
    return __wrap_hf__os_wall_ms(NULL);
}

static hf_health_info health(void)
{
    hf_health_info info = {.size = sizeof info};
    ck_assert_int_eq(hf_health(shop.engine, &info), 0);
    return info;
}

static int receive(void)
{
    hf_move_args args;
    hf_item_receive_init(&args, "bell", 1);
    return shop_run(HF_OP_ITEM_RECEIVE, &args);
}

static int64_t on_hand(void)
{
    hf_account_get_args args;
    hf_item_get_init(&args, "bell");
    const hf_op op = {.type = HF_OP_ITEM_GET, .args = &args};
    hf_completion done;
    ck_assert_int_eq(hf_submit(shop.engine, &op, 1, NULL), 1);
    while (hf_completions(shop.engine, &done, 1) == 0)
        (void)hf_loop_run_once(shop.loop, 1);
    ck_assert_int_eq(done.status, 0);
    return ((const hf_account *)done.result)->balance;
}

static void open_shop(int store)
{
    ck_assert_msg(shop_open(urls[store], 0, HF_CHECK_QUICK) == 0, "%s", shop.detail);
}

/* A store with a time that is a year ahead is open, and the clock is right. */
static void begin(int store)
{
    static const char *const tails[] = {"", "-lock", ".lock", "-wal", "-shm"};
    char name[64];
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        (void)snprintf(name, sizeof name, "clock-set.db%s", tails[i]);
        (void)remove(name);
    }
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    ahead_ms = YEAR;
    open_shop(store);
    hf_account_put_args item;
    hf_item_put_init(&item, "bell");
    ck_assert_int_eq(shop_run(HF_OP_ITEM_PUT, &item), 0);
    ck_assert_int_eq(receive(), 0);
    shop_close();
    ahead_ms = 0;
    open_shop(store);
    ck_assert_int_eq(receive(), HF_E_CLOCK);
    ck_assert_ptr_nonnull(strstr(shop.detail, "behind the stored time"));
}

static void end(void)
{
    shop_verify();
    shop_close();
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}

/* Somebody sets the clock; the engine looks at it by itself. */
static void set_clock(int64_t ms)
{
    ahead_ms = ms;
    while (health().state != HF_HEALTH_OK)
        (void)hf_loop_run_once(shop.loop, 1);
}

START_TEST(writes_are_accepted_when_the_clock_has_been_set_right)
{
    begin(_i);
    ahead_ms = YEAR / 2; /* not far enough */
    for (int i = 0; i < 20; i++)
        (void)hf_loop_run_once(shop.loop, 0);
    ck_assert_int_eq(receive(), HF_E_CLOCK);
    ck_assert_int_eq(on_hand(), 1);
    set_clock(YEAR);
    ck_assert_int_eq(receive(), 0);
    ck_assert_int_eq(on_hand(), 2);
    ck_assert_int_eq(health().error, 0);
    ck_assert_int_eq(health().clock_step_ms, 0);
    end();
}
END_TEST

/* As far as the clock was set the time of the store moves, as when the store is opened then. */
START_TEST(a_clock_that_was_behind_is_followed_hours_beyond_the_stored_time)
{
    begin(_i);
    int64_t before = now_ms() + YEAR + 5 * HOUR;
    set_clock(YEAR + 5 * HOUR);
    ck_assert_int_eq(receive(), 0);
    ck_assert_int_ge(health().time_ms, before);
    ck_assert_int_le(health().time_ms, now_ms());
    end();
}
END_TEST

/* The clock was right once, so the next step is one like any other. */
START_TEST(a_step_after_the_clock_was_set_right_waits_to_be_accepted)
{
    begin(_i);
    set_clock(YEAR);
    ck_assert_int_eq(receive(), 0);
    ahead_ms = YEAR + 5 * HOUR;
    ck_assert_int_eq(receive(), 0);
    ck_assert_int_gt(health().clock_step_ms, 5 * HOUR - 60000);
    ck_assert_int_lt(health().time_ms, now_ms() - 4 * HOUR);
    ck_assert_int_eq(hf_time_accept(shop.engine), 0);
    ck_assert_int_eq(receive(), 0);
    ck_assert_int_gt(health().time_ms, now_ms() - HOUR);
    ck_assert_int_eq(health().clock_step_ms, 0);
    ahead_ms = 0;
    ck_assert_int_eq(receive(), 0);
    ck_assert_int_lt(health().clock_step_ms, -YEAR);
    ck_assert_int_gt(health().time_ms, now_ms() + YEAR);
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("clock_set");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, writes_are_accepted_when_the_clock_has_been_set_right, 0, STORES);
    tcase_add_loop_test(core, a_clock_that_was_behind_is_followed_hours_beyond_the_stored_time, 0,
                        STORES);
    tcase_add_loop_test(core, a_step_after_the_clock_was_set_right_waits_to_be_accepted, 0, STORES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
