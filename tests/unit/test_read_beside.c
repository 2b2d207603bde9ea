/*
 * A store that is opened to be read only beside an engine of another process: each reader sees a
 * state that verify finds clean and that has all that was acknowledged before it was opened, it
 * keeps that state whatever engines do to the store, and no engine is ever refused because of it.
 */
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier): open file description locks */
#include "support/two_processes.h"

#define OPENINGS 12
#define ENGINES  4
#define READERS  70 /* more than LMDB's table has places for, four of each */

static const uint32_t durabilities[] = {HF_DURABILITY_JOURNAL, HF_DURABILITY_STORE};
#define DURABILITIES 2

/* ---- Opened again and again ------------------------------------------------------------------ */

static void check_reader(const char *store)
{
    const int64_t acknowledged = atomic_load(&shared->received);
    start_to_read(store);
    const int64_t count = count_bells();
    ck_assert_int_ge(count, acknowledged);
    shop_verify();
    has_bells(count);
    stop();
}

static void check_backup(const char *store, const char *copy)
{
    start_to_read(store);
    const int64_t count = count_bells();
    ck_assert_int_eq(hf_backup(shop.engine, strchr(copy, ':') + 1, NULL, on_backup, NULL), 0);
    shop_wait();
    ck_assert_msg(shop.status == 0, "%s", shop.detail);
    stop();
    start(copy, HF_DURABILITY_JOURNAL);
    has_bells(count);
    shop_verify();
    stop();
    ck_assert_int_eq(remove(strchr(copy, ':') + 1), 0);
}

START_TEST(each_reader_beside_a_busy_engine_sees_a_clean_state_with_all_that_was_acknowledged)
{
    char store[64];
    char copy[64];
    in_a_folder();
    share();
    (void)snprintf(store, sizeof store, "%s", url(_i % SCHEMES, "one"));
    (void)snprintf(copy, sizeof copy, "%s", url(_i % SCHEMES, "copy"));
    const pid_t engine = start_engine(store, durabilities[_i / SCHEMES]);
    wait_for(1);
    for (int i = 0; i < OPENINGS; i++) {
        check_reader(store);
        if (i % 8 == 0)
            check_backup(store, copy);
    }
    wait_for_more(BATCHES(2)); /* no reader has stopped it */
    kill_process(engine);
    check_reader(store);
    start(store, HF_DURABILITY_JOURNAL);
    ck_assert_int_ge(count_bells(), atomic_load(&shared->received));
    shop_verify();
    stop();
    check_reader(store);
}
END_TEST

START_TEST(readers_beside_engines_that_open_and_close_all_the_time_are_right)
{
    char store[64];
    in_a_folder();
    share();
    (void)snprintf(store, sizeof store, "%s", url(_i % SCHEMES, "one"));
    start(store, HF_DURABILITY_JOURNAL);
    begin_bells();
    receive(1);
    stop();
    atomic_store(&shared->received, 1);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    while (child == 0) {
        start(store, durabilities[_i / SCHEMES]);
        receive(1);
        (void)atomic_fetch_add(&shared->received, 1);
        stop();
        if (atomic_load(&shared->stop) != 0)
            _exit(0);
    }
    for (int i = 0; i < OPENINGS; i++)
        check_reader(store);
    stop_engine(child);
}
END_TEST

/* ---- Kept open ------------------------------------------------------------------------------- */

/* What the store is when the reader opens it. */
static void leave_closed(const char *store, pid_t *engine)
{
    *engine = start_engine(store, HF_DURABILITY_JOURNAL);
    wait_for(BATCHES(20));
    stop_engine(*engine);
    *engine = 0;
}

static void leave_killed(const char *store, pid_t *engine)
{
    *engine = start_engine(store, HF_DURABILITY_JOURNAL);
    wait_for(BATCHES(20));
    kill_process(*engine);
    *engine = 0;
}

static void leave_open(const char *store, pid_t *engine)
{
    *engine = start_engine(store, HF_DURABILITY_JOURNAL);
    wait_for(BATCHES(20));
}

static void (*const leaves[])(const char *store, pid_t *engine) = {leave_closed, leave_killed,
                                                                   leave_open};
#define LEAVES 3

/* Engines come and go, and write as much as makes them use again what can be used again. */
static void run_engines(const char *store, pid_t engine)
{
    for (int i = 0; i < ENGINES; i++) {
        if (engine == 0)
            engine = start_engine(store, durabilities[i % DURABILITIES]);
        wait_for_more(BATCHES(30));
        if (i % 2 == 0)
            kill_process(engine);
        else
            stop_engine(engine);
        engine = 0;
    }
}

/* This process opens no store before it forks: SQLite is not made for that. */
START_TEST(a_reader_keeps_its_state_while_engines_start_write_stop_and_are_killed)
{
    char store[64];
    pid_t engine = 0;
    in_a_folder();
    share();
    (void)snprintf(store, sizeof store, "%s", url(_i % SCHEMES, "one"));
    leaves[_i / SCHEMES](store, &engine);
    const pid_t reader = start_reader(store, LOOKS_TWICE);
    run_engines(store, engine);
    ck_assert_int_eq(end_reader(reader), 0);
    start(url(_i % SCHEMES, "copy"), HF_DURABILITY_JOURNAL);
    shop_verify();
    stop();
    start(store, HF_DURABILITY_JOURNAL);
    ck_assert_int_ge(count_bells(), atomic_load(&shared->received));
    shop_verify();
    stop();
}
END_TEST

START_TEST(the_control_a_reader_that_no_engine_knows_of_loses_its_state)
{
    char store[64];
    pid_t engine = 0;
    in_a_folder();
    share();
    (void)snprintf(store, sizeof store, "%s", url(_i, "one"));
    leave_closed(store, &engine);
    const pid_t reader = start_reader(store, IS_UNKNOWN);
    run_engines(store, engine);
    ck_assert_int_ne(end_reader(reader), 0);
}
END_TEST

/* ---- Readers that are killed ----------------------------------------------------------------- */

static void kill_readers(const char *store)
{
    for (int i = 0; i < READERS; i++) {
        const pid_t reader = fork();
        ck_assert_int_ge(reader, 0);
        if (reader == 0) {
            start_to_read(store);
            (void)raise(SIGKILL);
        }
        ck_assert(WIFSIGNALED(end_of(reader)));
    }
}

START_TEST(readers_that_are_killed_leave_no_place_taken)
{
    char store[64];
    in_a_folder();
    share();
    (void)snprintf(store, sizeof store, "%s", url(_i, "one"));
    const pid_t engine = start_engine(store, HF_DURABILITY_JOURNAL);
    wait_for(1);
    kill_readers(store);
    wait_for_more(BATCHES(2));
    check_reader(store);
    stop_engine(engine);
}
END_TEST

/* An idle engine writes nothing, so it does not look for them either. */
START_TEST(readers_that_are_killed_beside_an_idle_engine_leave_no_place_taken)
{
    char store[64];
    in_a_folder();
    share();
    (void)snprintf(store, sizeof store, "%s", url(_i, "one"));
    const pid_t engine = start_idle(store, HF_DURABILITY_STORE, 1, 0);
    kill_readers(store);
    check_reader(store);
    kill_process(engine);
}
END_TEST

START_TEST(a_reader_in_the_process_of_the_engine_is_refused)
{
    in_a_folder();
    start(url(_i, "one"), HF_DURABILITY_JOURNAL);
    begin_bells();
    struct uv_loop_s *loop = shop.loop;
    hf_engine *engine = shop.engine;
    bells.read_only = 1;
    ck_assert_int_eq(open_as(url(_i, "one"), HF_DURABILITY_JOURNAL, NULL), HF_E_OPEN_TWICE);
    shop.loop = loop;
    shop.engine = engine;
    stop();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("read_beside");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(
        core, each_reader_beside_a_busy_engine_sees_a_clean_state_with_all_that_was_acknowledged, 0,
        SCHEMES * DURABILITIES);
    tcase_add_loop_test(core, readers_beside_engines_that_open_and_close_all_the_time_are_right, 0,
                        SCHEMES * DURABILITIES);
    tcase_add_loop_test(core,
                        a_reader_keeps_its_state_while_engines_start_write_stop_and_are_killed, 0,
                        SCHEMES * LEAVES);
    tcase_add_loop_test(core, the_control_a_reader_that_no_engine_knows_of_loses_its_state, 0,
                        SCHEMES);
    tcase_add_loop_test(core, readers_that_are_killed_leave_no_place_taken, 0, SCHEMES);
    tcase_add_loop_test(core, readers_that_are_killed_beside_an_idle_engine_leave_no_place_taken, 0,
                        SCHEMES);
    tcase_add_loop_test(core, a_reader_in_the_process_of_the_engine_is_refused, 0, SCHEMES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
