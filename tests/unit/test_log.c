/*
 * What an engine says in the log about its own life: one line when something begins or ends, at its
 * level, and nothing for each operation. Also what its closing says.
 */
#include "engine/state.h"
#include "journal/state.h"
#include "support/bare.h"

#include <errno.h>
#include <holdfast/hold.h>
#include <stdio.h>

#define LOCATION "log.db"
#define BATCHES  600 /* more than progress is silent about */

static struct {
    char text[64 << 10];
    size_t used;
    uint32_t lines;
} logged;

static struct {
    int64_t sync_ms; /* how long a flush takes */
    int reserve;     /* errno of a reservation; 0: it succeeds */
} disk;

static const char *const stores[] = {"lmdb", "sqlite"};
static const char *const levels[] = {"E ", "W ", "I ", "D "};
static hf__files files;
static const hf__threads no_threads;
static uint32_t progress_calls;
static int stop_progress;

static void keep(void *data, uint32_t level, const char *text)
{
    (void)data;
    int printed = snprintf(logged.text + logged.used, sizeof logged.text - logged.used, "%s%s\n",
                           levels[level], text);
    ck_assert_int_gt(printed, 0);
    logged.used += (size_t)printed;
    ck_assert_uint_lt(logged.used, sizeof logged.text);
    logged.lines++;
}

static void forget(void)
{
    logged.text[0] = '\0';
    logged.used = 0;
    logged.lines = 0;
}

static void has(const char *line)
{
    ck_assert_msg(strstr(logged.text, line) != NULL, "no line \"%s\" in:\n%s", line, logged.text);
}

static int slow_sync(int fd, int *native)
{
    boot += disk.sync_ms;
    return hf__os_files.sync(fd, native);
}

static int reserve(int fd, uint64_t bytes, int *native)
{
    if (disk.reserve == 0)
        return hf__os_files.reserve(fd, bytes, native);
    *native = disk.reserve;
    return hf__os_error(disk.reserve);
}

static int on_progress(void *data, uint64_t done, uint64_t total)
{
    (void)data;
    ck_assert_uint_le(done, total);
    progress_calls++;
    return stop_progress;
}

static int open_store(const char *scheme)
{
    const hf__engine_config config = {
        .env = &env,
        .driver = hf_store_builtin(scheme),
        .location = strcmp(scheme, "memory") == 0 ? "" : LOCATION,
        .cache_bytes = 1u << 20,
        .commit_ops_max = 1000,
        .durability = HF_DURABILITY_JOURNAL,
        .journal_bytes = 4u << 20,
        .progress = on_progress,
        .error = &error,
    };
    engine = NULL;
    return hf__engine_open(&config, &engine);
}

static void begin(const char *scheme)
{
    static const char *const tails[] = {"", "-lock", ".lock", "-wal", "-shm"};
    char name[64];
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        (void)snprintf(name, sizeof name, LOCATION "%s", tails[i]);
        (void)remove(name);
    }
    hf__env_init(&env);
    files = hf__os_files;
    files.sync = slow_sync;
    files.reserve = reserve;
    env.files = &files;
    env.threads = &no_threads;
    env.wall_ms = read_wall;
    env.boot_ms = read_boot;
    env.log = keep;
    env.log_level = HF_LOG_DEBUG;
    memset(&disk, 0, sizeof disk);
    progress_calls = 0;
    stop_progress = 0;
    wall = HF_BARE_NOW;
    boot = 1000;
    forget();
    ck_assert_int_eq(hf__batch_init(&batch, &env, 8, 1u << 12, 8u << 20), 0);
    ck_assert_msg(open_store(scheme) == 0, "%s", error.text);
}

static int withdraw_one(void)
{
    hf__batch_reset(&batch);
    hf__task *task = add_withdraw("tea", 1);
    run();
    return task->done.status;
}

static hf_store_error left;

static int finish(void)
{
    int status = hf__engine_finish(engine, &left);
    hf__batch_fini(&batch, &env);
    return status;
}

/* Nothing is closed in good order. */
static void kill_it(void)
{
    engine->journal->broken = HF_E_POISONED; /* so that the store gets nothing more */
    hf__engine_close(engine);
}

START_TEST(opening_checkpoints_and_closing_are_a_line_each)
{
    begin(stores[_i]);
    has("I opened ");
    has(LOCATION " with a journal: batch 0, event 0, in 0 ms\n");
    stock("tea", 1000);
    forget();
    for (int i = 0; i < 50; i++)
        ck_assert_int_eq(withdraw_one(), 0);
    ck_assert_str_eq(logged.text, ""); /* nothing for a batch */
    hf__engine_request_checkpoint(engine);
    has("D checkpoint: the store has batch 51, ");
    ck_assert_uint_eq(logged.lines, 1);
    ck_assert_int_eq(finish(), 0);
    has("I closed: the store has everything\n");
}
END_TEST

START_TEST(lines_below_the_level_are_not_logged)
{
    begin("memory");
    ck_assert_int_eq(finish(), 0);
    has("I opened memory: without a journal");
    forget();
    ck_assert_int_eq(hf__batch_init(&batch, &env, 8, 1u << 12, 8u << 20), 0);
    env.log_level = HF_LOG_WARN;
    ck_assert_int_eq(open_store("memory"), 0);
    ck_assert_int_eq(finish(), 0);
    ck_assert_str_eq(logged.text, "");
}
END_TEST

START_TEST(recovery_is_a_line_and_reports_progress_by_batches)
{
    begin(stores[_i]);
    stock("tea", 1000);
    for (int i = 1; i < BATCHES; i++)
        ck_assert_int_eq(withdraw_one(), 0);
    kill_it();
    forget();
    progress_calls = 0;
    ck_assert_msg(open_store(stores[_i]) == 0, "%s", error.text);
    has("I recovery: ");
    has(LOCATION ".journal: 600 batches, ");
    has(" bytes, in 0 ms\n");
    ck_assert_uint_ge(progress_calls, 2); /* of 600 batches, which are less than 1 MiB */
    ck_assert_int_eq(balance("tea"), 1000 - BATCHES + 1);
    ck_assert_int_eq(finish(), 0);
}
END_TEST

START_TEST(recovery_can_be_stopped_between_batches)
{
    begin(stores[_i]);
    stock("tea", 1000);
    for (int i = 1; i < BATCHES; i++)
        ck_assert_int_eq(withdraw_one(), 0);
    kill_it();
    stop_progress = 1;
    ck_assert_int_eq(open_store(stores[_i]), HF_E_CANCELLED);
    stop_progress = 0;
    ck_assert_int_eq(open_store(stores[_i]), 0);
    ck_assert_int_eq(balance("tea"), 1000 - BATCHES + 1);
    ck_assert_int_eq(finish(), 0);
}
END_TEST

START_TEST(degraded_and_healed_are_a_line_each)
{
    begin(stores[_i]);
    forget();
    disk.reserve = ENOSPC;
    hf__batch_reset(&batch);
    hf__task *task = add_item("tea", 1);
    run();
    ck_assert_int_eq(task->done.status, HF_E_NO_SPACE);
    has("E engine is degraded, writes are refused for now: HF_E_NO_SPACE: ");
    has(strerror(ENOSPC));
    ck_assert_uint_eq(logged.lines, 1);
    forget();
    for (int i = 0; i < 3; i++) { /* probes */
        hf__batch_reset(&batch);
        run();
    }
    ck_assert_ptr_null(strstr(logged.text, "E "));
    ck_assert_ptr_null(strstr(logged.text, "W "));
    disk.reserve = 0;
    boot += 5000;
    forget();
    hf__batch_reset(&batch);
    run();
    has("I engine is healthy again after 5000 ms\n");
    ck_assert_uint_eq(logged.lines, 1);
    ck_assert_int_eq(finish(), 0);
}
END_TEST

START_TEST(slow_flushes_are_logged_at_their_levels)
{
    static const struct {
        int64_t ms;
        const char *line;
    } cases[] = {
        {99, NULL},
        {100, "I slow disk: the flush of batch "},
        {999, "I slow disk: the flush of batch "},
        {1000, "W slow disk: the flush of batch "},
    };
    begin(stores[_i]);
    stock("tea", 1000);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        disk.sync_ms = cases[i].ms;
        forget();
        ck_assert_int_eq(withdraw_one(), 0);
        if (cases[i].line != NULL)
            has(cases[i].line);
        ck_assert_uint_eq(logged.lines, cases[i].line != NULL ? 1 : 0);
    }
    disk.sync_ms = 0;
    ck_assert_int_eq(finish(), 0);
}
END_TEST

/* A deadline that nobody looked at for an hour, with more behind it than one sweep takes. */
START_TEST(an_expiry_backlog_is_logged_when_it_begins_and_ends)
{
    begin("memory");
    stock("tea", 1000000);
    for (int i = 0; i < 2000; i++) {
        hf_hold_place_args hold;
        hf_hold_place_init(&hold);
        hold.from = (hf_account_key){HF_KIND_ITEM, 0, "tea", "", "pcs"};
        hold.amount = 1;
        hold.deadline_ms = HF_BARE_NOW + 1000;
        hf__batch_reset(&batch);
        hf__task *task = add(HF_OP_HOLD_PLACE, &hold.head);
        run();
        ck_assert_msg(task->done.status == 0, "%s", task->done.detail);
    }
    forget();
    wall += INT64_C(3600) * 1000;
    boot += INT64_C(3600) * 1000;
    for (int i = 0; i < 2000 && hf__engine_next_due(engine) != 0; i++) {
        boot += 1;
        wall += 1;
        hf__batch_reset(&batch);
        run();
    }
    has("W expiry is behind: the oldest deadline passed 3599");
    has("I expiry has caught up after ");
    ck_assert_uint_eq(logged.lines, 2);
    ck_assert_int_eq(finish(), 0);
}
END_TEST

START_TEST(leases_are_logged_when_they_are_taken)
{
    static const hf_branch_args branch = {.participant = "hotel", .version = 1};
    hf_txn_args args;
    hf_txn_init(&args);
    args.branches = &branch;
    args.branch_count = 1;
    args.branch_bytes = sizeof branch;
    args.move_bytes = sizeof(hf_txn_move_args);
    begin("memory");
    forget();
    hf__batch_reset(&batch);
    add(HF_OP_TXN_SUBMIT, &args.head);
    run();
    has("I leases: 64 shards taken, 0 released or lost, 64 held\n");
    ck_assert_int_eq(finish(), 0);
}
END_TEST

/* ---- Closing --------------------------------------------------------------------------------- */

static hf__fault broken;

START_TEST(closing_says_what_the_store_lacks_and_why)
{
    hf_store_driver driver;
    begin(stores[_i]);
    ck_assert_int_eq(finish(), 0);
    ck_assert_int_eq(hf__fault_init(&broken, hf_store_builtin(stores[_i]), NULL), 0);
    driver = broken.driver;
    driver.capabilities |= HF_STORE_JOURNALED;
    const hf__engine_config config = {
        .env = &env,
        .driver = &driver,
        .location = LOCATION,
        .cache_bytes = 1u << 20,
        .commit_ops_max = 1000,
        .durability = HF_DURABILITY_JOURNAL,
        .journal_bytes = 4u << 20,
        .error = &error,
    };
    ck_assert_int_eq(hf__batch_init(&batch, &env, 8, 1u << 12, 8u << 20), 0);
    ck_assert_msg(hf__engine_open(&config, &engine) == 0, "%s", error.text);
    stock("tea", 10);
    ck_assert_int_eq(withdraw_one(), 0);
    hf__fault_arm(&broken, &(hf__fault_plan){.at = 1,
                                             .count = UINT64_MAX,
                                             .kind = HF__FAULT_FAIL,
                                             .calls = 1u << HF__FAULT_COMMIT,
                                             .error = HF_E_NO_SPACE});
    forget();
    ck_assert_int_eq(finish(), HF_E_NO_SPACE);
    has("W closed: HF_E_NO_SPACE: ");
    has(LOCATION ".journal has batches 1 to 2, which are not in the store: ");
    ck_assert_int_eq(left.code, HF_E_NO_SPACE);
    ck_assert_ptr_nonnull(strstr(left.text, "batches 1 to 2"));
    ck_assert_ptr_nonnull(strstr(left.text, "on purpose"));
    hf__fault_fini(&broken);
    ck_assert_int_eq(hf__batch_init(&batch, &env, 8, 1u << 12, 8u << 20), 0);
    ck_assert_int_eq(open_store(stores[_i]), 0);
    ck_assert_int_eq(balance("tea"), 9);
    ck_assert_int_eq(finish(), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("log");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, opening_checkpoints_and_closing_are_a_line_each, 0, 2);
    tcase_add_test(core, lines_below_the_level_are_not_logged);
    tcase_add_loop_test(core, recovery_is_a_line_and_reports_progress_by_batches, 0, 2);
    tcase_add_loop_test(core, recovery_can_be_stopped_between_batches, 0, 2);
    tcase_add_loop_test(core, degraded_and_healed_are_a_line_each, 0, 2);
    tcase_add_loop_test(core, slow_flushes_are_logged_at_their_levels, 0, 2);
    tcase_add_test(core, an_expiry_backlog_is_logged_when_it_begins_and_ends);
    tcase_add_test(core, leases_are_logged_when_they_are_taken);
    tcase_add_loop_test(core, closing_says_what_the_store_lacks_and_why, 0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
