/*
 * Failures before a batch was written: every call of the system that the first write makes fails
 * once, with every cause. Nothing has happened then, the detail has the system's text, and the same
 * operation succeeds when the cause is gone. The controls are a flush of a record that fails, whose
 * outcome nobody knows, and a process that really has no descriptor left.
 */
#include "engine/state.h"
#include "support/bare.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#define CALLS_MAX 64u

/* The calls that fail, by name. */
typedef enum call {
    CALL_OPEN = 0,
    CALL_WRITE,
    CALL_SYNC,
    CALL_SYNC_FOLDER,
    CALL_RESERVE,
    CALL_MAKE_FOLDER,
    CALL_COUNT,
} call;

static struct {
    uint32_t kind;
    uint32_t at; /* the call of that kind that fails, from 1; 0: none */
    uint32_t calls;
    int native;
    bool hit;
} trouble;

static const int causes[] = {EMFILE, ENOMEM, EACCES, ENOSPC, EIO};
#define CAUSE_COUNT ((int)(sizeof causes / sizeof causes[0]))

static const char *const stores[] = {"lmdb", "sqlite"};
static hf__files files;
static const hf__threads no_threads;

static int fails(uint32_t kind, int *native)
{
    if (trouble.at == 0 || kind != trouble.kind)
        return 0;
    /* A full disk stays full: a smaller reservation fails as well. */
    bool again = trouble.hit && kind == CALL_RESERVE && trouble.native == ENOSPC;
    if (++trouble.calls != trouble.at && !again)
        return 0;
    trouble.hit = true;
    if (native != NULL)
        *native = trouble.native;
    return hf__os_error(trouble.native);
}

static int open_file(const char *path, uint32_t mode, int *fd, int *native)
{
    int code = fails(CALL_OPEN, native);
    *fd = -1;
    return code != 0 ? code : hf__os_files.open(path, mode, fd, native);
}

static int write_at(int fd, const void *data, size_t bytes, uint64_t offset, int *native)
{
    int code = fails(CALL_WRITE, native);
    return code != 0 ? code : hf__os_files.write_at(fd, data, bytes, offset, native);
}

static int sync_file(int fd, int *native)
{
    int code = fails(CALL_SYNC, native);
    return code != 0 ? code : hf__os_files.sync(fd, native);
}

static int sync_folder(const char *path, int *native)
{
    int code = fails(CALL_SYNC_FOLDER, native);
    return code != 0 ? code : hf__os_files.sync_folder(path, native);
}

static int reserve(int fd, uint64_t bytes, int *native)
{
    int code = fails(CALL_RESERVE, native);
    return code != 0 ? code : hf__os_files.reserve(fd, bytes, native);
}

static int make_folder(const char *path, int *native)
{
    int code = fails(CALL_MAKE_FOLDER, native);
    return code != 0 ? code : hf__os_files.make_folder(path, native);
}

static int open_store(const char *scheme, uint32_t durability)
{
    const hf__engine_config config = {
        .env = &env,
        .driver = hf_store_builtin(scheme),
        .location = "harmless.db",
        .cache_bytes = 1u << 20,
        .commit_ops_max = 1000,
        .durability = durability,
        .journal_bytes = 1u << 20,
        .error = &error,
    };
    engine = NULL;
    return hf__engine_open(&config, &engine);
}

static void remove_store(void)
{
    static const char *const names[] = {"harmless.db", "harmless.db-lock", "harmless.db.lock",
                                        "harmless.db-wal", "harmless.db-shm"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        (void)remove(names[i]);
}

/* A store with a hundred of "tea", open and without a journal's segment. */
static void begin(const char *scheme, uint32_t durability)
{
    memset(&trouble, 0, sizeof trouble);
    remove_store();
    hf__env_init(&env);
    files = hf__os_files;
    files.open = open_file;
    files.write_at = write_at;
    files.sync = sync_file;
    files.sync_folder = sync_folder;
    files.reserve = reserve;
    files.make_folder = make_folder;
    env.files = &files;
    env.threads = &no_threads;
    env.wall_ms = read_wall;
    env.boot_ms = read_boot;
    wall = HF_BARE_NOW;
    boot = 1000;
    ck_assert_int_eq(hf__batch_init(&batch, &env, 8, 1u << 12, 8u << 20), 0);
    ck_assert_msg(open_store(scheme, durability) == 0, "%s", error.text);
    stock("tea", 100);
    hf__engine_close(engine);
    ck_assert_msg(open_store(scheme, durability) == 0, "%s", error.text);
}

static void finish(void)
{
    hf__engine_close(engine);
    hf__batch_fini(&batch, &env);
}

/* Takes one; the status. */
static int withdraw_one(void)
{
    hf__batch_reset(&batch);
    hf__task *task = add_withdraw("tea", 1);
    run();
    return task->done.status;
}

static const char *detail(void)
{
    return batch.tasks[0].done.detail;
}

/* An empty batch, as a degraded engine runs one each second. */
static void probe(void)
{
    hf__batch_reset(&batch);
    run();
}

/* One failure, of which nothing may be left. False when the first write makes fewer such calls. */
static bool fail_once(const char *scheme, uint32_t kind, uint32_t at, int native)
{
    int64_t before = balance("tea");
    trouble.kind = kind;
    trouble.at = at;
    trouble.calls = 0;
    trouble.native = native;
    trouble.hit = false;
    int status = withdraw_one();
    trouble.at = 0;
    if (!trouble.hit) {
        ck_assert_int_eq(status, 0);
        return false;
    }
    ck_assert_msg(hf_error_class(status) == HF_CLASS_RETRYABLE, "%s, call %u of kind %u, %s: %s",
                  scheme, at, kind, strerror(native), hf_error_name(status));
    ck_assert_msg(strstr(detail(), strerror(native)) != NULL, "%s", detail());
    ck_assert_uint_ne(state(), HF_HEALTH_POISONED);
    ck_assert_int_eq(balance("tea"), before);
    if (state() == HF_HEALTH_DEGRADED)
        probe();
    ck_assert_uint_eq(state(), HF_HEALTH_OK);
    ck_assert_int_eq(withdraw_one(), 0);
    ck_assert_int_eq(balance("tea"), before - 1);
    return true;
}

/* The flush of the record is the last one of a first write: its outcome is not known. */
static bool is_of_the_record(uint32_t kind, uint32_t at)
{
    return kind == CALL_SYNC && at == 2;
}

START_TEST(a_failure_before_a_batch_was_written_is_retryable_and_heals)
{
    const char *scheme = stores[_i % 2];
    int native = causes[_i / 2];
    uint32_t hits = 0;
    int64_t left = 100;
    begin(scheme, HF_DURABILITY_JOURNAL);
    for (uint32_t kind = 0; kind < CALL_COUNT; kind++) {
        bool more = true;
        for (uint32_t at = 1; more && at < CALLS_MAX && !is_of_the_record(kind, at); at++) {
            more = fail_once(scheme, kind, at, native);
            hits += more ? 1 : 0;
            left--;
            hf__engine_close(engine); /* the store has everything, the journal is gone */
            ck_assert_int_eq(open_store(scheme, HF_DURABILITY_JOURNAL), 0);
            ck_assert_int_eq(balance("tea"), left);
        }
    }
    finish();
    /* open; header, ahead, record; header; folder, file; segment; folder */
    ck_assert_uint_eq(hits, 9);
}
END_TEST

START_TEST(a_failed_flush_of_a_record_is_an_unknown_outcome_and_names_its_cause)
{
    begin(stores[_i], HF_DURABILITY_JOURNAL);
    trouble.kind = CALL_SYNC;
    trouble.at = 2;
    trouble.native = EIO;
    ck_assert_int_eq(withdraw_one(), HF_E_UNKNOWN);
    ck_assert_ptr_nonnull(strstr(detail(), strerror(EIO)));
    ck_assert_uint_eq(state(), HF_HEALTH_POISONED);
    ck_assert_int_eq(withdraw_one(), HF_E_POISONED);
    ck_assert_ptr_nonnull(strstr(detail(), strerror(EIO)));
    hf__engine_close(engine);
    ck_assert_int_eq(open_store(stores[_i], HF_DURABILITY_JOURNAL), 0);
    ck_assert_int_eq(balance("tea"), 99); /* it was written, as this process can see */
    finish();
}
END_TEST

START_TEST(a_degraded_store_names_its_cause_to_everyone)
{
    char cause[200];
    begin(stores[_i], HF_DURABILITY_JOURNAL);
    hf__engine_cause(engine, cause, sizeof cause);
    ck_assert_str_eq(cause, "");
    trouble.kind = CALL_RESERVE;
    trouble.at = 1;
    trouble.native = ENOSPC;
    ck_assert_int_eq(withdraw_one(), HF_E_NO_SPACE);
    ck_assert_int_eq(hf__engine_accepts(engine), HF_E_DEGRADED);
    hf__engine_cause(engine, cause, sizeof cause);
    ck_assert_ptr_nonnull(strstr(cause, strerror(ENOSPC)));
    ck_assert_ptr_nonnull(strstr(cause, "harmless.db.journal/segment-"));
    trouble.at = 0;
    probe();
    hf__engine_cause(engine, cause, sizeof cause);
    ck_assert_str_eq(cause, "");
    finish();
}
END_TEST

/* Opens files until no descriptor is left; returns how many. */
static int use_up(int *used, int most)
{
    int count = 0;
    while (count < most && (used[count] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
        count++;
    return count;
}

/* 0, 1: behind a journal; 2, 3: each batch is a commit of the store. */
START_TEST(without_a_free_descriptor_nothing_happens_until_there_is_one)
{
    int used[256];
    const struct rlimit few = {.rlim_cur = 128, .rlim_max = 128};
    begin(stores[_i % 2], _i < 2 ? HF_DURABILITY_JOURNAL : HF_DURABILITY_STORE);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    int count = use_up(used, 256);
    ck_assert_int_lt(count, 256);
    int status = withdraw_one();
    if (_i < 2) {
        ck_assert_int_eq(status, HF_E_BUSY);
        ck_assert_msg(strstr(detail(), strerror(EMFILE)) != NULL, "%s", detail());
    }
    ck_assert_msg(status == 0 || hf_error_class(status) == HF_CLASS_RETRYABLE, "%s: %s",
                  hf_error_name(status), detail());
    for (int i = 0; i < count; i++)
        (void)close(used[i]);
    if (state() == HF_HEALTH_DEGRADED)
        probe();
    ck_assert_uint_eq(state(), HF_HEALTH_OK);
    int64_t before = balance("tea");
    ck_assert_int_eq(before, status == 0 ? 99 : 100);
    ck_assert_int_eq(withdraw_one(), 0);
    ck_assert_int_eq(balance("tea"), before - 1);
    finish();
}
END_TEST

/* Nor is one there for the commits that bring the store what is in the journal. */
START_TEST(a_store_without_a_free_descriptor_gets_everything_later)
{
    int used[256];
    const struct rlimit few = {.rlim_cur = 128, .rlim_max = 128};
    begin(stores[_i], HF_DURABILITY_JOURNAL);
    ck_assert_int_eq(withdraw_one(), 0);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    int count = use_up(used, 256);
    hf__engine_request_checkpoint(engine);
    ck_assert_int_eq(withdraw_one(), 0);
    for (int i = 0; i < count; i++)
        (void)close(used[i]);
    hf__engine_request_checkpoint(engine);
    ck_assert(!hf__engine_needs_checkpoint(engine));
    ck_assert_int_eq(withdraw_one(), 0);
    ck_assert_int_eq(balance("tea"), 97);
    finish();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("harmless");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, a_failure_before_a_batch_was_written_is_retryable_and_heals, 0,
                        2 * CAUSE_COUNT);
    tcase_add_loop_test(core, a_failed_flush_of_a_record_is_an_unknown_outcome_and_names_its_cause,
                        0, 2);
    tcase_add_loop_test(core, a_degraded_store_names_its_cause_to_everyone, 0, 2);
    tcase_add_loop_test(core, without_a_free_descriptor_nothing_happens_until_there_is_one, 0, 4);
    tcase_add_loop_test(core, a_store_without_a_free_descriptor_gets_everything_later, 0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
