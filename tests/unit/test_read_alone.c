/*
 * A store that is opened to be read only while no engine has it open, and engines that come later:
 * the reader keeps its state, or says that it has lost it, and is refused at once where it lacks a
 * right.
 */
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier): open file description locks */
#include "base/os.h"
#include "support/two_processes.h"

/* Of SQLite's log: the commit that makes it longer moves all of it into the file. */
#define MOVED_BYTES ((off_t)1000 * (4096 + 24))

/* ---- A log that an older reader keeps -------------------------------------------------------- */

/*
 * The engine that is killed has moved SQLite's log into the file, and the older reader keeps the
 * index of the log, which says so.
 */
START_TEST(a_reader_keeps_its_state_when_an_older_one_was_there_before_the_engine_was_killed)
{
    char store[64];
    in_a_folder();
    share();
    (void)snprintf(store, sizeof store, "%s", url(_i, "one"));
    const pid_t killed = start_idle(store, HF_DURABILITY_STORE, 20, MOVED_BYTES);
    const pid_t older = start_reader(store, LOOKS_ONCE);
    kill_process(killed);
    const pid_t reader = start_reader(store, LOOKS_ONCE);
    const pid_t engine = start_idle(store, HF_DURABILITY_STORE, 20, 0);
    ck_assert_int_eq(end_reader(reader), 0);
    ck_assert_int_eq(end_reader(older), 0);
    kill_process(engine);
}
END_TEST

/* A backup that no engine has opened yet. */
static void make_copy(const char *store)
{
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        start(store, HF_DURABILITY_JOURNAL);
        begin_bells();
        receive_some();
        if (!copies("one"))
            _exit(1);
        stop();
        _exit(0);
    }
    ck_assert_int_eq(end_of(child), 0);
}

START_TEST(a_reader_of_a_backup_keeps_its_state_when_an_engine_opens_the_backup)
{
    char store[64];
    in_a_folder();
    share();
    (void)snprintf(store, sizeof store, "%s", url(_i, "one"));
    make_copy(url(_i, "from"));
    const pid_t reader = start_reader(store, LOOKS_TWICE);
    const pid_t engine = start_idle(store, HF_DURABILITY_STORE, 20, 0);
    ck_assert_int_eq(end_reader(reader), 0);
    kill_process(engine);
}
END_TEST

/* ---- A file that is renamed ------------------------------------------------------------------ */

/* Ends the process with exit code 0 when nothing is read, and the text says what to do. */
static void is_refused(reader_kind kind, int64_t count)
{
    (void)kind;
    (void)count;
    wait_to_check();
    if (hf_verify(shop.engine, NULL, shop_on_verify, NULL) != 0)
        _exit(1);
    shop_wait();
    if (shop.status != HF_E_IO)
        _exit(2);
    if (copies("copy") || shop.status != HF_E_IO || is_there("copy"))
        _exit(3);
    _exit(strstr(shop.detail, "open it again") != NULL ? 0 : 4);
}

/* An engine is closed while the file has another name, which makes SQLite move its log into it. */
static void write_renamed(const char *store)
{
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        start(store, HF_DURABILITY_STORE);
        for (int i = 0; i < 20; i++)
            receive_some();
        ck_assert_int_eq(rename("one", "two"), 0);
        stop();
        ck_assert_int_eq(rename("two", "one"), 0);
        _exit(0);
    }
    ck_assert_int_eq(end_of(child), 0);
}

START_TEST(a_reader_of_a_file_that_is_renamed_and_written_keeps_its_state_or_reads_nothing)
{
    char store[64];
    in_a_folder();
    share();
    (void)snprintf(store, sizeof store, "%s", url(_i, "one"));
    const pid_t engine = start_engine(store, HF_DURABILITY_STORE);
    wait_for(BATCHES(20));
    stop_engine(engine);
    const bool is_sqlite = strcmp(schemes[_i], "sqlite") == 0;
    const pid_t reader = start_process(store, LOOKS_ONCE, is_sqlite ? is_refused : look_again);
    write_renamed(store);
    ck_assert_int_eq(end_reader(reader), 0);
}
END_TEST

static const uint32_t durabilities[] = {HF_DURABILITY_STORE, HF_DURABILITY_JOURNAL};
#define DURABILITIES ((int)(sizeof durabilities / sizeof durabilities[0]))

/* An engine that has received five batches, renames the file on request, and is closed. */
static pid_t start_to_rename(const char *store, uint32_t durability)
{
    atomic_store(&shared->opened, 0);
    atomic_store(&shared->stop, 0);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        start(store, durability);
        if (atomic_load(&shared->received) == 0)
            begin_bells();
        for (int i = 0; i < 5; i++)
            receive_some();
        atomic_store(&shared->opened, 1);
        while (atomic_load(&shared->stop) == 0) {
            (void)hf_loop_run_once(shop.loop, 0);
            for (; atomic_load(&shared->more) > 0; (void)atomic_fetch_sub(&shared->more, 1))
                receive_some();
        }
        ck_assert_int_eq(rename("one", "two"), 0);
        stop();
        _exit(0);
    }
    wait_until_opened();
    return child;
}

/* And writes more. */
static void check_all_received(const char *store)
{
    start(store, HF_DURABILITY_STORE);
    shop_verify();
    ck_assert_int_eq(count_bells(), atomic_load(&shared->received));
    for (int i = 0; i < 20; i++)
        receive_some();
    stop();
}

/* The killed engine leaves a log of SQLite, which the next engine keeps for the reader. */
START_TEST(a_file_that_is_renamed_beside_a_reader_of_its_log_has_everything_when_it_is_closed)
{
    char store[64];
    const int scheme = _i / DURABILITIES;
    in_a_folder();
    share();
    (void)snprintf(store, sizeof store, "%s", url(scheme, "one"));
    kill_process(start_idle(store, HF_DURABILITY_STORE, 5, 0));
    const pid_t reader = start_reader(store, LOOKS_ONCE);
    stop_engine(start_to_rename(store, durabilities[_i % DURABILITIES]));
    kill_process(reader);
    check_all_received(url(scheme, "two"));
}
END_TEST

/*
 * The reader uses SQLite's locks, and keeps a checkpoint from moving what came after it. It keeps
 * its state when the next engine writes the file.
 */
START_TEST(a_file_that_is_renamed_beside_a_reader_of_an_engine_has_everything_when_it_is_closed)
{
    char store[64];
    const int scheme = _i / DURABILITIES;
    in_a_folder();
    share();
    (void)snprintf(store, sizeof store, "%s", url(scheme, "one"));
    const pid_t engine = start_to_rename(store, durabilities[_i % DURABILITIES]);
    const pid_t reader = start_reader(store, LOOKS_ONCE);
    atomic_store(&shared->more, 5);
    while (atomic_load(&shared->more) > 0)
        yield();
    stop_engine(engine);
    check_all_received(url(scheme, "two"));
    ck_assert_int_eq(end_reader(reader), 0);
}
END_TEST

/* ---- A child that lives longer than the engine ------------------------------------------------
 */

#define FIRST_MARK_AT 124u /* in the index of SQLite's log: WAL_READ_LOCK(1) */

/* An engine that forks a process and is closed in good order; the process lives on. */
static pid_t fork_beside(const char *store)
{
    int ends[2];
    pid_t forked = 0;
    ck_assert_int_eq(pipe(ends), 0);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        start(store, HF_DURABILITY_STORE);
        receive_some();
        forked = fork();
        while (forked == 0 && pause() < 0)
            ; /* until it is killed */
        ck_assert_int_eq(write(ends[1], &forked, sizeof forked), sizeof forked);
        stop();
        _exit(forked > 0 ? 0 : 1);
    }
    ck_assert_int_eq(end_of(child), 0);
    ck_assert_int_eq(read(ends[0], &forked, sizeof forked), sizeof forked);
    return forked;
}

static uint64_t locked_byte(const char *path, uint64_t first, uint64_t count)
{
    uint64_t found = 0;
    int fd = -1;
    ck_assert_int_eq(hf__os_files.open(path, HF__OPEN_WRITE, &fd, NULL), 0);
    ck_assert_int_eq(hf__os_files.find_lock(fd, first, count, false, &found, NULL), 0);
    hf__os_files.close(fd);
    return found;
}

START_TEST(a_child_that_outlives_its_engine_keeps_no_log_and_no_state)
{
    char store[64];
    in_a_folder();
    share();
    (void)snprintf(store, sizeof store, "%s", url(_i, "one"));
    kill_process(start_idle(store, HF_DURABILITY_STORE, 5, 0));
    const pid_t reader = start_reader(store, LOOKS_ONCE);
    const pid_t forked = fork_beside(store);
    ck_assert_int_eq(end_reader(reader), 0);
    const uint64_t mark =
        is_there("one-shm") ? locked_byte("one-shm", FIRST_MARK_AT, 1) : UINT64_MAX;
    const uint64_t state = locked_byte("one", 0, UINT64_C(1) << 62);
    ck_assert_int_eq(kill(forked, SIGKILL), 0);
    ck_assert_uint_eq(mark, UINT64_MAX);
    ck_assert_uint_eq(state, UINT64_MAX);
}
END_TEST

/* ---- Files that may not be read -------------------------------------------------------------- */

/* Files that a reader beside an engine opens, and what the engine has left when it is killed. */
static const struct {
    const char *scheme;
    const char *file;
    bool is_killed;
} unreadable[] = {
    {"sqlite", "one-wal", false},
    {"sqlite", "one-shm", false},
    {"sqlite", "one-wal", true},
    {"lmdb", "one-lock", false},
};
#define UNREADABLES ((int)(sizeof unreadable / sizeof unreadable[0]))
#define SKIPPED     99 /* exit code: not possible here */

/* Exit code 0: it is refused and says by which file. */
static void open_as_another_user(const char *store, const char *file)
{
    if (geteuid() != 0 || setgid(65534) != 0 || setuid(65534) != 0 || access("one", R_OK) != 0)
        _exit(SKIPPED);
    bells.read_only = 1;
    const int error = open_as(store, HF_DURABILITY_JOURNAL, NULL);
    (void)fprintf(stderr, "# %s: %s\n", hf_error_name(error), shop.detail);
    _exit(error == HF_E_READ_ONLY && strstr(shop.detail, file) != NULL ? 0 : 1);
}

START_TEST(a_file_beside_the_store_that_may_not_be_read_is_named_at_once)
{
    char store[64];
    in_a_folder();
    share();
    (void)snprintf(store, sizeof store, "%s:one", unreadable[_i].scheme);
    const pid_t engine = start_idle(store, HF_DURABILITY_STORE, 1, 0);
    if (unreadable[_i].is_killed)
        kill_process(engine);
    ck_assert_int_eq(chmod("..", 0755), 0);
    ck_assert_int_eq(chmod(".", 0755), 0);
    ck_assert_int_eq(chmod("one", 0644), 0);
    if (strcmp(unreadable[_i].file, "one-shm") == 0)
        ck_assert_int_eq(chmod("one-wal", 0644), 0);
    const pid_t reader = fork();
    if (reader == 0)
        open_as_another_user(store, unreadable[_i].file);
    const int status = end_of(reader);
    if (WEXITSTATUS(status) == SKIPPED)
        (void)fprintf(stderr, "# skipped: no other user to be had\n");
    else
        ck_assert_int_eq(status, 0);
    if (!unreadable[_i].is_killed)
        kill_process(engine);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("read_alone");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(
        core, a_reader_keeps_its_state_when_an_older_one_was_there_before_the_engine_was_killed, 0,
        SCHEMES);
    tcase_add_loop_test(core, a_reader_of_a_backup_keeps_its_state_when_an_engine_opens_the_backup,
                        0, SCHEMES);
    tcase_add_loop_test(
        core, a_reader_of_a_file_that_is_renamed_and_written_keeps_its_state_or_reads_nothing, 0,
        SCHEMES);
    tcase_add_loop_test(
        core, a_file_that_is_renamed_beside_a_reader_of_its_log_has_everything_when_it_is_closed, 0,
        SCHEMES * DURABILITIES);
    tcase_add_loop_test(
        core, a_file_that_is_renamed_beside_a_reader_of_an_engine_has_everything_when_it_is_closed,
        0, SCHEMES * DURABILITIES);
    tcase_add_loop_test(core, a_child_that_outlives_its_engine_keeps_no_log_and_no_state, 0,
                        SCHEMES);
    tcase_add_loop_test(core, a_file_beside_the_store_that_may_not_be_read_is_named_at_once, 0,
                        UNREADABLES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
