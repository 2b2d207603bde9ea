/*
 * A store that is opened to be read only: it shows every batch that was acknowledged, also what
 * only its journal or SQLite's log has, it is verified and copied, and not a byte, a name or a time
 * of its files changes.
 */
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier): umount2, mount */
#include "support/bells.h"
#include "support/folder.h"

#include <errno.h>
#include <sys/mount.h>

#define RECEIPTS 40
#define SKIPPED  99 /* exit code: not possible here */

/* ---- Nothing has changed --------------------------------------------------------------------- */

#define FOLDERS 4

/* Adds one folder; folders in it go to `more`. */
static uint64_t print_one(const char *folder, char more[FOLDERS][FOLDER_PATH], int *count)
{
    uint64_t sum = 0;
    DIR *opened = opendir(folder);
    ck_assert_msg(opened != NULL, "%s", folder);
    for (const struct dirent *entry; (entry = readdir(opened)) != NULL;) {
        char path[FOLDER_PATH + 260];
        struct stat found;
        (void)snprintf(path, sizeof path, "%.*s/%s", FOLDER_PATH - 1, folder, entry->d_name);
        if (strcmp(entry->d_name, "..") == 0 || lstat(path, &found) != 0)
            continue;
        int64_t numbers[] = {found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec,
                             found.st_ctim.tv_sec, found.st_ctim.tv_nsec};
        uint32_t crc = hf__crc32c(0, (const uint8_t *)path, strlen(path));
        sum += hf__crc32c(crc, (const uint8_t *)numbers, sizeof numbers);
        if (S_ISREG(found.st_mode))
            folder_add(&sum, path);
        else if (entry->d_name[0] != '.')
            ck_assert_int_lt(snprintf(more[(*count)++], FOLDER_PATH, "%s", path), FOLDER_PATH);
    }
    (void)closedir(opened);
    return sum;
}

/* A number that differs when a name, a length, a time or a byte of a file or folder does. */
static uint64_t print_of(const char *folder)
{
    char folders[FOLDERS][FOLDER_PATH];
    int count = 1;
    uint64_t sum = 0;
    (void)snprintf(folders[0], FOLDER_PATH, "%s", folder);
    for (int i = 0; i < count; i++)
        sum += print_one(folders[i], folders, &count);
    return sum;
}

static int open_to_read(const char *store)
{
    bells.read_only = 1;
    const int error = open_as(store, HF_DURABILITY_JOURNAL, NULL);
    bells.read_only = 0;
    return error;
}

static void start_to_read(const char *store)
{
    const int error = open_to_read(store);
    ck_assert_msg(error == 0, "%s: %s", hf_error_name(error), shop.detail);
}

static void on_backup(void *data, int status, const char *detail)
{
    (void)data;
    shop.status = status;
    shop.ended++;
    if (status != 0)
        (void)snprintf(shop.detail, sizeof shop.detail, "%s", detail);
}

static int back_up(const char *path)
{
    ck_assert_int_eq(hf_backup(shop.engine, path, NULL, on_backup, NULL), 0);
    shop_wait();
    return shop.status;
}

/* A process that does this and is killed. */
static void leave(const char *store, uint32_t durability, int receipts)
{
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        start(store, durability);
        begin_bells();
        for (int i = 0; i < receipts; i++)
            receive(1);
        (void)raise(SIGKILL);
    }
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

static void leave_killed(const char *store)
{
    leave(store, HF_DURABILITY_JOURNAL, RECEIPTS);
}

/* Of SQLite the last commits are in its log alone. */
static void leave_killed_without_journal(const char *store)
{
    leave(store, HF_DURABILITY_STORE, RECEIPTS);
}

static void leave_closed(const char *store)
{
    start(store, HF_DURABILITY_JOURNAL);
    begin_bells();
    receive(RECEIPTS);
    stop();
}

/* The database file is a copy that no engine has opened yet. */
static void leave_copy(const char *store)
{
    char from[64];
    (void)snprintf(from, sizeof from, "%.*s", (int)(strchr(store, ':') - store + 1), store);
    (void)strncat(from, "from", 5);
    leave_closed(from);
    start(from, HF_DURABILITY_JOURNAL);
    ck_assert_int_eq(back_up(strchr(store, ':') + 1), 0);
    stop();
}

/* A journal with more than the memory that the options allow for one generation. */
static void leave_much(const char *store)
{
    bells_meta_bytes = sizeof bells_meta;
    leave(store, HF_DURABILITY_JOURNAL, RECEIPTS);
    bells_meta_bytes = 0;
}

static void (*const leaves[])(const char *store) = {
    leave_killed, leave_killed_without_journal, leave_closed, leave_copy, leave_much,
};
#define LEAVES ((int)(sizeof leaves / sizeof leaves[0]))

/* ---- Reading --------------------------------------------------------------------------------- */

START_TEST(a_store_is_read_verified_and_copied_and_nothing_of_it_changes)
{
    char store[64];
    (void)snprintf(store, sizeof store, "%s", url(_i % SCHEMES, "in/one"));
    in_a_folder();
    ck_assert_int_eq(mkdir("in", 0700), 0);
    leaves[_i / SCHEMES](store);
    const uint64_t before = print_of("in");
    for (int i = 0; i < 2; i++) {
        char copy[16];
        start_to_read(store);
        has_bells(RECEIPTS);
        shop_verify();
        (void)snprintf(copy, sizeof copy, "copy-%d", i);
        ck_assert_msg(back_up(copy) == 0, "%s", shop.detail);
        ck_assert_int_eq(back_up(copy), HF_E_EXISTS);
        stop();
        ck_assert_uint_eq(print_of("in"), before);
        ck_assert(!is_there("copy-0.creating"));
    }
    const hf_verify_result read = shop.verified;
    start(url(_i % SCHEMES, "copy-1"), HF_DURABILITY_JOURNAL);
    has_bells(RECEIPTS);
    shop_verify();
    ck_assert_mem_eq(shop.verified.digest, read.digest, sizeof read.digest);
    receive(1);
    stop();
    start(store, HF_DURABILITY_JOURNAL); /* and the store is used further */
    has_bells(RECEIPTS);
    receive(1);
    shop_verify();
    stop();
    ck_assert_uint_ne(print_of("in"), before); /* the control: this is noticed */
}
END_TEST

START_TEST(names_that_mean_something_in_a_url_are_read)
{
    in_a_folder();
    const char *store = url(_i, "o%41?n=e#1");
    leave_closed(store);
    start_to_read(store);
    has_bells(RECEIPTS);
    stop();
}
END_TEST

START_TEST(health_names_the_store_and_its_time)
{
    hf_health_info before = {.size = sizeof before};
    hf_health_info health = {.size = sizeof health};
    in_a_folder();
    start(url(_i, "one"), HF_DURABILITY_JOURNAL);
    begin_bells();
    ck_assert_int_eq(hf_health(shop.engine, &before), 0);
    const uint64_t first = before.batch;
    receive(RECEIPTS);
    ck_assert_int_eq(hf_health(shop.engine, &before), 0);
    ck_assert_uint_eq(before.batch, first + 1);
    ck_assert_uint_gt(first, 0);
    stop();
    start_to_read(url(_i, "one"));
    ck_assert_int_eq(hf_health(shop.engine, &health), 0);
    ck_assert_uint_ge(health.batch, before.batch); /* closing may have been one more */
    ck_assert_uint_le(health.batch, before.batch + 1);
    ck_assert_int_eq(health.time_ms, before.time_ms);
    ck_assert_uint_eq(health.event_seq, before.event_seq);
    ck_assert_mem_eq(&health.store, &before.store, sizeof before.store);
    ck_assert_uint_eq(health.state, HF_HEALTH_OK);
    ck_assert_uint_eq(health.batches, 0);
    stop();
}
END_TEST

/* ---- Writing --------------------------------------------------------------------------------- */

static int status_of_request;

static void on_done(hf_req *req, const hf_completion *done)
{
    (void)req;
    status_of_request = done->status;
    shop.ended++;
}

START_TEST(every_write_is_refused_and_says_why)
{
    hf_move_args args;
    hf_req req = {0};
    int32_t errors[1] = {0};
    in_a_folder();
    leave_killed(url(_i, "one"));
    const uint64_t before = print_of(".");
    start_to_read(url(_i, "one"));
    hf_item_receive_init(&args, "bell", 1);
    ck_assert_int_eq(shop_run(HF_OP_ITEM_RECEIVE, &args), HF_E_READ_ONLY);
    ck_assert_msg(strstr(shop.detail, "hf_options.read_only") != NULL, "%s", shop.detail);
    ck_assert_int_eq(hf_item_receive(shop.engine, &req, &args, on_done), HF_E_READ_ONLY);
    const hf_op op = {.type = HF_OP_ITEM_RECEIVE, .args = &args};
    ck_assert_int_eq(hf_submit(shop.engine, &op, 1, errors), HF_E_READ_ONLY);
    ck_assert_int_eq(hf_submit_from(shop.engine, &op, 1, errors, NULL, 0), 1);
    hf_completion done;
    while (hf_completions(shop.engine, &done, 1) == 0)
        (void)hf_loop_run_once(shop.loop, 1);
    ck_assert_int_eq(done.status, HF_E_READ_ONLY);
    has_bells(RECEIPTS);
    stop();
    ck_assert_uint_eq(print_of("."), before);
}
END_TEST

/* ---- Others ---------------------------------------------------------------------------------- */

static int elsewhere(const char *store, uint32_t read_only)
{
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        bells.read_only = read_only;
        const int error = open_as(store, HF_DURABILITY_JOURNAL, NULL);
        if (error == 0)
            has_bells(RECEIPTS);
        else
            (void)fprintf(stderr, "# %s\n", shop.detail);
        _exit(-error & 0xff);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    return -WEXITSTATUS(status);
}

/* A writer beside a reader: test_read_beside.c. */
START_TEST(a_reader_refuses_neither_readers_nor_writers)
{
    const char *store = url(_i, "one");
    in_a_folder();
    leave_killed(store);
    start_to_read(store);
    ck_assert_int_eq(elsewhere(store, 1), 0);
    ck_assert_int_eq(elsewhere(store, 0), 0);
    has_bells(RECEIPTS);
    stop();
}
END_TEST

START_TEST(what_is_not_there_is_not_made)
{
    in_a_folder();
    const uint64_t before = print_of(".");
    ck_assert_int_eq(open_to_read(url(_i, "one")), HF_E_PATH);
    ck_assert_msg(strstr(shop.detail, "there is no store to read") != NULL, "%s", shop.detail);
    ck_assert_uint_eq(print_of("."), before);
}
END_TEST

START_TEST(a_journal_that_is_damaged_or_missing_is_refused_as_ever)
{
    in_a_folder();
    leave_killed(url(_i, "one"));
    ck_assert_int_eq(rename("one.journal", "aside"), 0);
    uint64_t before = print_of(".");
    ck_assert_int_eq(open_to_read(url(_i, "one")), HF_E_CORRUPT);
    ck_assert_uint_eq(print_of("."), before);
    ck_assert_int_eq(rename("aside", "one.journal"), 0);
    ck_assert_int_eq(truncate("one.journal/segment-01", 5000), 0);
    before = print_of(".");
    ck_assert_int_eq(open_to_read(url(_i, "one")), HF_E_CORRUPT);
    ck_assert_uint_eq(print_of("."), before);
}
END_TEST

/* ---- Without the right to write ---------------------------------------------------------------
 */

static void read_and_end(const char *store, const char *copy)
{
    if (open_to_read(store) != 0) {
        (void)fprintf(stderr, "# %s\n", shop.detail);
        _exit(1);
    }
    has_bells(RECEIPTS);
    shop_verify();
    _exit(back_up(copy) == 0 ? 0 : 2);
}

static int ended(pid_t child)
{
    int status = 0;
    ck_assert_int_ge(child, 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void set_modes(mode_t folder, mode_t file)
{
    ck_assert_int_eq(chmod("in/one", file), 0);
    if (is_there("in/one-wal"))
        ck_assert_int_eq(chmod("in/one-wal", file), 0);
    for (int i = 1; is_there("in/one.journal"); i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "in/one.journal/segment-%02d", i);
        if (!is_there(path))
            break;
        ck_assert_int_eq(chmod(path, file), 0);
    }
    if (is_there("in/one.journal"))
        ck_assert_int_eq(chmod("in/one.journal", folder), 0);
    ck_assert_int_eq(chmod("in", folder), 0);
}

START_TEST(no_right_to_write_is_needed)
{
    in_a_folder();
    ck_assert_int_eq(mkdir("in", 0700), 0);
    ck_assert_int_eq(chmod("..", 0755), 0);
    ck_assert_int_eq(chmod(".", 0777), 0);
    leaves[_i / SCHEMES](url(_i % SCHEMES, "in/one"));
    set_modes(0555, 0444);
    const pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(SKIPPED);
        if (access("in/one", R_OK) != 0 || access("in", W_OK) == 0)
            _exit(SKIPPED);
        read_and_end(url(_i % SCHEMES, "in/one"), "copy");
    }
    const int code = ended(child);
    if (code == SKIPPED)
        (void)fprintf(stderr, "# skipped: no user without write permission to be had\n");
    else
        ck_assert_int_eq(code, 0);
    set_modes(0700, 0600);
}
END_TEST

START_TEST(a_file_system_that_is_mounted_read_only_will_do)
{
    in_a_folder();
    ck_assert_int_eq(mkdir("in", 0700), 0);
    if (mount("none", "in", "tmpfs", 0, "size=64m") != 0) {
        (void)fprintf(stderr, "# skipped: mounting is not permitted here: %s\n", strerror(errno));
        return;
    }
    leaves[_i / SCHEMES](url(_i % SCHEMES, "in/one"));
    int code = mount("none", "in", NULL, MS_REMOUNT | MS_RDONLY, NULL);
    const pid_t child = fork();
    if (child == 0)
        read_and_end(url(_i % SCHEMES, "in/one"), "copy");
    const int end = ended(child);
    ck_assert_int_eq(umount2("in", MNT_DETACH), 0);
    ck_assert_int_eq(code, 0);
    ck_assert_int_eq(end, 0);
}
END_TEST

/* ---- A backup that is killed ------------------------------------------------------------------
 */

static uint32_t steps; /* of a backup until its process is killed */

static int step(void *data, uint64_t done, uint64_t total)
{
    (void)data;
    (void)done;
    (void)total;
    if (--steps == 0)
        (void)raise(SIGKILL);
    return 0;
}

/* False: the backup has fewer steps. */
static bool killed_at(const char *store, uint32_t at)
{
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        start_to_read(store);
        steps = at;
        ck_assert_int_eq(hf_backup(shop.engine, "copy", step, on_backup, NULL), 0);
        shop_wait();
        _exit(0);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status);
}

START_TEST(a_backup_of_what_only_the_journal_has_that_is_killed_leaves_none_and_the_next_is_made)
{
    char store[64];
    uint32_t at = 1;
    in_a_folder();
    (void)snprintf(store, sizeof store, "%s", url(_i, "one"));
    leave_killed(store);
    const uint64_t before = print_of("one.journal");
    for (; killed_at(store, at); at++) {
        ck_assert(!is_there("copy"));
        start_to_read(store);
        ck_assert_msg(back_up("copy") == 0, "step %u: %s", (unsigned)at, shop.detail);
        stop();
        ck_assert(!is_there("copy.creating") && !is_there("copy.creating-wal"));
        ck_assert_int_eq(remove("copy"), 0);
    }
    ck_assert_uint_gt(at, 1);
    ck_assert_uint_eq(print_of("one.journal"), before);
    start(url(_i, "copy"), HF_DURABILITY_JOURNAL);
    has_bells(RECEIPTS);
    stop();
}
END_TEST

/* ---- What lies beside the place of a backup ---------------------------------------------------
 */

static uint64_t last_done;
static uint64_t last_total;

/* Forwards alone, to one total. */
static int advance(void *data, uint64_t done, uint64_t total)
{
    (void)data;
    ck_assert_uint_ge(done, last_done);
    ck_assert_uint_le(done, total);
    ck_assert(last_total == 0 || last_total == total);
    last_done = done;
    last_total = total;
    return 0;
}

static void put_text(const char *path)
{
    const int fd = open(path, O_CREAT | O_WRONLY, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, "my letter\n", 10), 10);
    (void)close(fd);
}

static void put_folder(const char *path)
{
    ck_assert_int_eq(mkdir(path, 0700), 0);
}

static void put_link(const char *path)
{
    ck_assert_int_eq(symlink("../in/one", path), 0);
}

static int scheme_of_test; /* of the test */

static void put_closed_store(const char *path)
{
    leave_closed(url(scheme_of_test, path));
}

START_TEST(a_backup_removes_nothing_that_it_has_not_made)
{
    static const char *const names[] = {"mine/copy.part", "mine/copy.part-wal", "mine/copy.tmp",
                                        "mine/copy-lock", "mine/copy-shm"};
    static void (*const puts[])(const char *path) = {put_text, put_folder, put_link,
                                                     put_closed_store};
    char store[64];
    in_a_folder();
    (void)snprintf(store, sizeof store, "%s", url(_i, "in/one"));
    scheme_of_test = _i;
    ck_assert_int_eq(mkdir("in", 0700), 0);
    leave_killed(store);
    for (size_t p = 0; p < sizeof puts / sizeof puts[0]; p++) {
        ck_assert_int_eq(mkdir("mine", 0700), 0);
        for (size_t n = 0; n < sizeof names / sizeof names[0]; n++)
            puts[p](names[n]);
        const uint64_t before = folder_sum("mine");
        start_to_read(store);
        last_done = 0;
        last_total = 0;
        ck_assert_int_eq(hf_backup(shop.engine, "mine/copy", advance, on_backup, NULL), 0);
        shop_wait();
        ck_assert_msg(shop.status == 0, "%s", shop.detail);
        ck_assert_uint_ne(last_total, 0);
        ck_assert_uint_eq(last_done, last_total);
        stop();
        ck_assert_int_eq(rename("mine/copy", "copy"), 0);
        ck_assert_uint_eq(folder_sum("mine"), before);
        ck_assert_int_eq(rename("mine", p == 0 ? "0" : p == 1 ? "1" : p == 2 ? "2" : "3"), 0);
        start(url(_i, "copy"), HF_DURABILITY_JOURNAL);
        has_bells(RECEIPTS);
        shop_verify();
        stop();
        ck_assert_int_eq(remove("copy"), 0);
        (void)remove("copy-lock");
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("read_only");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, a_store_is_read_verified_and_copied_and_nothing_of_it_changes, 0,
                        LEAVES * SCHEMES);
    tcase_add_loop_test(core, names_that_mean_something_in_a_url_are_read, 0, SCHEMES);
    tcase_add_loop_test(core, health_names_the_store_and_its_time, 0, SCHEMES);
    tcase_add_loop_test(core, every_write_is_refused_and_says_why, 0, SCHEMES);
    tcase_add_loop_test(core, a_reader_refuses_neither_readers_nor_writers, 0, SCHEMES);
    tcase_add_loop_test(core, what_is_not_there_is_not_made, 0, SCHEMES);
    tcase_add_loop_test(core, a_journal_that_is_damaged_or_missing_is_refused_as_ever, 0, SCHEMES);
    tcase_add_loop_test(core, no_right_to_write_is_needed, 0, LEAVES * SCHEMES);
    tcase_add_loop_test(core, a_file_system_that_is_mounted_read_only_will_do, 0, LEAVES * SCHEMES);
    tcase_add_loop_test(
        core, a_backup_of_what_only_the_journal_has_that_is_killed_leaves_none_and_the_next_is_made,
        0, SCHEMES);
    tcase_add_loop_test(core, a_backup_removes_nothing_that_it_has_not_made, 0, SCHEMES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
