/*
 * A stored time that is ahead of the clock: everything can be read, verified and copied and nothing
 * expires; writes are refused until the clock is right, or until the host says to continue from the
 * stored time or to set it back. On every store; a year lies between both times.
 */
#include "engine/state.h"
#include "support/bare.h"

#include <holdfast/event.h>
#include <holdfast/hold.h>
#include <stdio.h>

#define LOCATION "clock.db"
#define COPY     "clock-copy.db"
#define NOW      HF_BARE_NOW
#define YEAR     (INT64_C(365) * 24 * INT64_C(3600) * 1000)
#define AHEAD    (NOW + YEAR)

typedef struct subject {
    const char *scheme;
    uint32_t durability;
} subject;

static const subject subjects[] = {
    {"lmdb", HF_DURABILITY_JOURNAL},
    {"sqlite", HF_DURABILITY_JOURNAL},
    {"lmdb", HF_DURABILITY_STORE},
    {"sqlite", HF_DURABILITY_STORE},
};
#define SUBJECTS ((int)(sizeof subjects / sizeof subjects[0]))

static const hf__threads no_threads;
static const subject *of;
static char logged[4096];

static void keep_log(void *data, uint32_t level, const char *text)
{
    size_t used = strlen(logged);
    (void)data;
    (void)snprintf(logged + used, sizeof logged - used, "%u %s\n", level, text);
}

static int open_at(int64_t now, const char *location, uint32_t clock_behind, const char *actor)
{
    const hf__engine_config config = {
        .env = &env,
        .driver = hf_store_builtin(of->scheme),
        .location = location,
        .cache_bytes = 1u << 20,
        .commit_ops_max = 1000,
        .durability = of->durability,
        .journal_bytes = 1u << 20,
        .clock_behind = clock_behind,
        .clock_actor = actor,
        .error = &error,
    };
    wall = now;
    boot += 7;
    logged[0] = '\0';
    engine = NULL;
    return hf__engine_open(&config, &engine);
}

static void open_now(uint32_t clock_behind)
{
    const char *actor = clock_behind == HF_CLOCK_SET_BACK ? "ops" : NULL;
    ck_assert_msg(open_at(NOW, LOCATION, clock_behind, actor) == 0, "%s", error.text);
}

static void clean(const char *location)
{
    static const char *const tails[] = {"", "-lock", ".lock", "-wal", "-shm"};
    char name[64];
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        (void)snprintf(name, sizeof name, "%s%s", location, tails[i]);
        (void)remove(name);
    }
}

static hf_id held;

static int place_hold(int64_t deadline_ms)
{
    hf_hold_place_args hold;
    hf_hold_place_init(&hold);
    hold.from = (hf_account_key){HF_KIND_ITEM, 0, "tea", "", "pcs"};
    hold.amount = 3;
    hold.deadline_ms = deadline_ms;
    hf__batch_reset(&batch);
    hf__task *task = add(HF_OP_HOLD_PLACE, &hold.head);
    held = task->op.id;
    run();
    return task->done.status;
}

static uint32_t hold_state(void)
{
    hf_hold_get_args get;
    hf_hold_get_init(&get, &held);
    hf__batch_reset(&batch);
    hf__task *task = add(HF_OP_HOLD_GET, &get.head);
    hf__engine_read(engine, &batch);
    ck_assert_int_eq(task->done.status, 0);
    return ((const hf_hold *)task->done.result)->state;
}

/* A store that was used once by a clock that is a year ahead, with a hold that is then due. */
static void begin(int number)
{
    of = &subjects[number];
    clean(LOCATION);
    clean(COPY);
    hf__env_init(&env);
    env.threads = &no_threads;
    env.wall_ms = read_wall;
    env.boot_ms = read_boot;
    env.log = keep_log;
    env.log_level = HF_LOG_INFO;
    boot = 1000;
    ids = 0;
    ck_assert_int_eq(hf__batch_init(&batch, &env, 8, 1u << 12, 8u << 20), 0);
    ck_assert_msg(open_at(NOW, LOCATION, HF_CLOCK_REFUSE, NULL) == 0, "%s", error.text);
    stock("tea", 10);
    ck_assert_int_eq(place_hold(NOW + INT64_C(3600) * 1000), 0);
    hf__engine_close(engine);
    ck_assert_int_eq(open_at(NOW + INT64_C(3600) * 1000 - 1, LOCATION, HF_CLOCK_REFUSE, NULL), 0);
    stock("cup", 5);
    wall = AHEAD; /* a step that is accepted; the batch is decided before anything expires */
    hf__engine_time_accept(engine);
    engine->clock.last_ms = AHEAD;
    atomic_store(&engine->next_due, 0);
    hf__batch_reset(&batch);
    hf__task *task = add_withdraw("cup", 1);
    run();
    ck_assert_int_eq(task->done.status, 0);
    ck_assert_int_eq(task->done.at_ms, AHEAD);
    ck_assert_uint_eq(hold_state(), HF_HOLD_HELD);
    hf__engine_close(engine);
}

static void finish(void)
{
    hf__engine_close(engine);
    hf__batch_fini(&batch, &env);
}

static int withdraw_cup(void)
{
    hf__batch_reset(&batch);
    hf__task *task = add_withdraw("cup", 1);
    run();
    return task->done.status;
}

static const char *detail(void)
{
    return batch.tasks[0].done.detail;
}

static hf_health_info health(void)
{
    hf_health_info info = {.size = sizeof info};
    hf__engine_health(engine, &info);
    return info;
}

static uint64_t findings(void)
{
    static hf_finding found[64];
    hf_verify_result result = {.size = sizeof result};
    ck_assert_int_eq(hf__engine_verify(engine, NULL, NULL, &result, found), 0);
    return result.findings_total;
}

static void backup(void)
{
    hf_store_error why = {.code = 0};
    clean(COPY);
    ck_assert_msg(hf__engine_backup(engine, COPY, NULL, NULL, &why) == 0, "%s", why.text);
}

/* Batches without an operation, as deadlines and probes ask for them. */
static void ticks(int count)
{
    for (int i = 0; i < count; i++) {
        hf__batch_reset(&batch);
        run();
    }
}

START_TEST(reads_verify_and_backup_work_and_nothing_expires_behind_the_stored_time)
{
    begin(_i);
    open_now(HF_CLOCK_REFUSE);
    ck_assert_ptr_nonnull(strstr(logged, "HF_E_CLOCK"));
    ck_assert_ptr_nonnull(strstr(logged, "31536000000 ms behind"));
    uint64_t event = health().event_seq;
    ticks(3);
    ck_assert_uint_eq(hold_state(), HF_HOLD_HELD);
    ck_assert_int_eq(balance("cup"), 4);
    ck_assert_uint_eq(findings(), 0);
    backup();
    ticks(3);
    ck_assert_uint_eq(hold_state(), HF_HOLD_HELD);
    ck_assert_uint_eq(health().event_seq, event);
    ck_assert_uint_eq(health().state, HF_HEALTH_DEGRADED);
    ck_assert_int_eq(health().error, HF_E_CLOCK);
    ck_assert_int_eq(health().clock_behind_ms, YEAR);
    ck_assert_int_eq(health().time_ms, AHEAD);
    ck_assert_int_ne(hf__engine_next_due(engine), 0); /* it looks again */
    hf__engine_close(engine);
    ck_assert_int_eq(open_at(NOW, COPY, HF_CLOCK_REFUSE, NULL), 0); /* the copy as well */
    ck_assert_int_eq(balance("cup"), 4);
    finish();
}
END_TEST

START_TEST(writes_are_refused_until_the_clock_is_right)
{
    begin(_i);
    open_now(HF_CLOCK_REFUSE);
    ck_assert_int_eq(hf__engine_accepts(engine), HF_E_CLOCK);
    ck_assert_int_eq(withdraw_cup(), HF_E_CLOCK);
    ck_assert_ptr_nonnull(strstr(detail(), "31536000000 ms behind"));
    ck_assert_ptr_nonnull(strstr(detail(), "hf_options.clock_behind"));
    wall = AHEAD - YEAR / 2; /* somebody sets the clock, not far enough, and says so */
    hf__engine_time_accept(engine);
    ck_assert_int_eq(withdraw_cup(), HF_E_CLOCK);
    wall = AHEAD - 60001;
    ck_assert_int_eq(withdraw_cup(), HF_E_CLOCK);
    ck_assert_int_eq(health().time_ms, AHEAD);
    wall =
        AHEAD - 60000; /* a clock that is refused is not trusted, so there is nothing to accept */
    ticks(1);
    ck_assert_int_eq(hf__engine_accepts(engine), 0);
    ck_assert_int_eq(health().clock_step_ms, 0);
    ck_assert_ptr_nonnull(strstr(logged, "healthy again"));
    ck_assert_int_eq(withdraw_cup(), 0);
    ck_assert_int_eq(batch.tasks[0].done.at_ms, AHEAD);
    ck_assert_uint_eq(hold_state(), HF_HOLD_EXPIRED); /* its hour is over by this clock */
    ck_assert_uint_eq(findings(), 0);
    finish();
}
END_TEST

/* As at open the store's time is the clock's, also hours later than the stored time. */
START_TEST(a_clock_that_is_set_right_is_followed_in_the_same_batch)
{
    const int64_t hours = INT64_C(5) * 3600 * 1000;
    begin(_i);
    open_now(HF_CLOCK_REFUSE);
    wall = AHEAD + hours;
    ck_assert_int_eq(withdraw_cup(), 0);
    ck_assert_int_eq(batch.tasks[0].done.at_ms, AHEAD + hours);
    ck_assert_int_eq(health().clock_step_ms, 0);
    wall += hours; /* from now on a step is one like any other */
    ck_assert_int_eq(withdraw_cup(), 0);
    ck_assert_int_eq(batch.tasks[0].done.at_ms, AHEAD + hours);
    ck_assert_int_eq(health().clock_step_ms, hours);
    wall = NOW;
    ck_assert_int_eq(withdraw_cup(), 0);
    ck_assert_uint_eq(findings(), 0);
    finish();
}
END_TEST

/* 60 s is no more than clocks differ by. */
START_TEST(a_clock_that_is_a_minute_behind_is_as_it_should_be)
{
    begin(_i);
    ck_assert_int_eq(open_at(AHEAD - 60000, LOCATION, HF_CLOCK_REFUSE, NULL), 0);
    ck_assert_int_eq(hf__engine_accepts(engine), 0);
    ck_assert_int_eq(health().clock_behind_ms, 60000);
    ck_assert_int_eq(withdraw_cup(), 0);
    hf__engine_close(engine);
    ck_assert_int_eq(open_at(AHEAD - 60001, LOCATION, HF_CLOCK_REFUSE, NULL), 0);
    ck_assert_int_eq(hf__engine_accepts(engine), HF_E_CLOCK);
    finish();
}
END_TEST

START_TEST(time_continues_from_the_stored_time_when_the_host_says_so)
{
    begin(_i);
    open_now(HF_CLOCK_CONTINUE);
    ck_assert_ptr_nonnull(strstr(logged, "31536000000 ms behind"));
    ck_assert_int_eq(hf__engine_accepts(engine), 0);
    boot += 5000;
    wall += 5000;
    ck_assert_int_eq(withdraw_cup(), 0);
    ck_assert_int_eq(batch.tasks[0].done.at_ms, AHEAD + 5000);
    ck_assert_uint_eq(hold_state(), HF_HOLD_EXPIRED);
    ck_assert_int_eq(health().clock_step_ms, -YEAR);
    ck_assert_int_eq(health().clock_behind_ms, YEAR);
    ck_assert_uint_eq(findings(), 0);
    hf__engine_close(engine);
    open_now(HF_CLOCK_CONTINUE); /* and again, from where it was */
    boot += 1;
    wall += 1;
    ck_assert_int_eq(withdraw_cup(), 0);
    ck_assert_int_eq(batch.tasks[0].done.at_ms, AHEAD + 5001);
    finish();
}
END_TEST

/* The last event. */
static hf_event last_event(void)
{
    hf_events_read_args read;
    hf_events_read_init(&read);
    read.after_seq = health().event_seq - 1;
    hf__batch_reset(&batch);
    hf__task *task = add(HF_OP_EVENTS_READ, &read.head);
    hf__engine_read(engine, &batch);
    ck_assert_int_eq(task->done.status, 0);
    const hf_event_page *page = task->done.result;
    ck_assert_uint_eq(page->count, 1);
    return *page->rows[0];
}

START_TEST(the_stored_time_is_set_back_by_one_audited_act)
{
    begin(_i);
    open_now(HF_CLOCK_SET_BACK);
    ck_assert_ptr_nonnull(strstr(logged, "by ops"));
    uint64_t position = 0;
    hf_change change;
    hf_event event = last_event();
    ck_assert_uint_eq(event.type, HF_EVENT_CLOCK);
    ck_assert_str_eq(event.actor.text, "ops");
    ck_assert_int_eq(event.at_ms, NOW);
    ck_assert_int_eq(hf_event_next(&event, &position, &change), 1);
    ck_assert_uint_eq(change.type, HF_CHANGE_CLOCK);
    ck_assert_int_eq(change.a, AHEAD);
    ck_assert_int_eq(change.b, NOW);
    ck_assert_int_eq(hf_event_next(&event, &position, &change), 0);
    ck_assert_int_eq(hf__engine_accepts(engine), 0);
    ck_assert_int_eq(health().clock_behind_ms, 0);
    ck_assert_int_eq(withdraw_cup(), 0);
    ck_assert_int_eq(batch.tasks[0].done.at_ms, NOW);
    ck_assert_uint_eq(hold_state(), HF_HOLD_HELD); /* its hour begins again */
    ck_assert_uint_eq(findings(), 0);
    uint64_t before = health().event_seq;
    hf__engine_close(engine);
    open_now(HF_CLOCK_SET_BACK); /* nothing is to be set back any more */
    ck_assert_uint_eq(health().event_seq, before);
    ck_assert_int_eq(hf__engine_accepts(engine), 0);
    ck_assert_uint_eq(findings(), 0);
    finish();
}
END_TEST

START_TEST(what_has_expired_stays_expired_when_the_stored_time_is_set_back)
{
    begin(_i);
    open_now(HF_CLOCK_CONTINUE);
    ticks(1);
    ck_assert_uint_eq(hold_state(), HF_HOLD_EXPIRED);
    hf__engine_close(engine);
    open_now(HF_CLOCK_SET_BACK);
    ticks(2);
    ck_assert_uint_eq(hold_state(), HF_HOLD_EXPIRED);
    ck_assert_int_eq(place_hold(NOW + 1000), 0);
    wall += 2000;
    boot += 2000;
    ticks(1);
    ck_assert_uint_eq(hold_state(), HF_HOLD_EXPIRED); /* deadlines are kept by the clock again */
    ck_assert_uint_eq(findings(), 0);
    finish();
}
END_TEST

/* The control of verify: an earlier time that no act explains. */
START_TEST(an_earlier_time_without_the_act_is_a_finding)
{
    begin(_i);
    open_now(HF_CLOCK_CONTINUE);
    engine->clock.last_ms = NOW;
    atomic_store(&engine->clock.offset_ms, wall - boot);
    ck_assert_int_eq(withdraw_cup(), 0);
    ck_assert_int_eq(batch.tasks[0].done.at_ms, NOW);
    ck_assert_uint_ge(findings(), 1);
    finish();
}
END_TEST

START_TEST(a_virtual_clock_begins_at_the_stored_time)
{
    setup();
    stock("tea", 10);
    hf__engine_close(engine);
    ck_assert_int_eq(open_engine(NOW - YEAR, 1000), 0);
    ck_assert_int_eq(hf__engine_accepts(engine), 0);
    ck_assert_int_eq(hf__engine_now(engine), NOW);
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("clock");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(
        core, reads_verify_and_backup_work_and_nothing_expires_behind_the_stored_time, 0, SUBJECTS);
    tcase_add_loop_test(core, writes_are_refused_until_the_clock_is_right, 0, SUBJECTS);
    tcase_add_loop_test(core, a_clock_that_is_set_right_is_followed_in_the_same_batch, 0, SUBJECTS);
    tcase_add_loop_test(core, a_clock_that_is_a_minute_behind_is_as_it_should_be, 0, SUBJECTS);
    tcase_add_loop_test(core, time_continues_from_the_stored_time_when_the_host_says_so, 0,
                        SUBJECTS);
    tcase_add_loop_test(core, the_stored_time_is_set_back_by_one_audited_act, 0, SUBJECTS);
    tcase_add_loop_test(core, what_has_expired_stays_expired_when_the_stored_time_is_set_back, 0,
                        SUBJECTS);
    tcase_add_loop_test(core, an_earlier_time_without_the_act_is_a_finding, 0, SUBJECTS);
    tcase_add_test(core, a_virtual_clock_begins_at_the_stored_time);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
