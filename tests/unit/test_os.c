/* System calls for real: files in the test's own folder, locks, forks, threads. */
#define _GNU_SOURCE
#include "base/os.h"
#include "support/check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const hf__files *const files = &hf__os_files;
static int native;

static char folder[64];

/* Each test has an empty folder, also where they share a process. */
static void setup(void)
{
    (void)snprintf(folder, sizeof folder, "os.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    native = 0;
}

static void teardown(void)
{
    ck_assert_int_eq(chdir(".."), 0);
}

static int opened(const char *path, uint32_t mode)
{
    int fd;
    ck_assert_int_eq(files->open(path, mode, &fd, &native), 0);
    ck_assert_int_ge(fd, 0);
    return fd;
}

static void make_file(const char *path, const char *text)
{
    int fd = opened(path, HF__OPEN_CREATE);
    ck_assert_int_eq(files->write_at(fd, text, strlen(text), 0, &native), 0);
    files->close(fd);
}

static void refused(const char *path, uint32_t mode, int error, int expected_native)
{
    int fd = 42;
    ck_assert_int_eq(files->open(path, mode, &fd, &native), error);
    ck_assert_int_eq(fd, -1);
    ck_assert_int_eq(native, expected_native);
}

/* ---- Files ----------------------------------------------------------------------------------- */

START_TEST(what_is_written_is_read)
{
    char out[16] = "";
    size_t got;
    int fd = opened("a", HF__OPEN_CREATE);
    ck_assert_int_eq(files->write_at(fd, "holdfast", 8, 4, &native), 0);
    ck_assert_int_eq(files->sync(fd, &native), 0);
    ck_assert_int_eq(files->read_at(fd, out, sizeof out, 0, &got, &native), 0);
    ck_assert_uint_eq(got, 12);
    ck_assert_mem_eq(out, "\0\0\0\0holdfast", 12);
    ck_assert_int_eq(files->read_at(fd, out, 4, 6, &got, &native), 0);
    ck_assert_uint_eq(got, 4);
    ck_assert_mem_eq(out, "ldfa", 4);
    ck_assert_int_eq(files->read_at(fd, out, 4, 12, &got, &native), 0);
    ck_assert_uint_eq(got, 0);
    ck_assert_int_eq(files->sync_folder("a", &native), 0);
    files->close(fd);
}
END_TEST

START_TEST(each_mode_of_opening_does_what_it_says)
{
    refused("a", HF__OPEN_READ, HF_E_PATH, ENOENT);
    refused("a", HF__OPEN_WRITE, HF_E_PATH, ENOENT);
    files->close(opened("a", HF__OPEN_CREATE_NEW));
    refused("a", HF__OPEN_CREATE_NEW, HF_E_EXISTS, EEXIST);
    files->close(opened("a", HF__OPEN_CREATE));
    files->close(opened("a", HF__OPEN_WRITE));
    int fd = opened("a", HF__OPEN_READ);
    ck_assert_int_eq(files->write_at(fd, "x", 1, 0, &native), HF_E_IO);
    ck_assert_int_eq(native, EBADF);
    files->close(fd);
    refused("a", HF__OPEN_CREATE_SHARED, HF_E_EXISTS, EEXIST);
    refused("a", 5, HF_E_IO, EINVAL);
    int ignored;
    ck_assert_int_eq(files->open("none", HF__OPEN_READ, &ignored, NULL), HF_E_PATH);
}
END_TEST

START_TEST(a_file_is_created_for_its_owner_only_and_closed_on_exec)
{
    struct stat found;
    mode_t mask = umask(0);
    int fd = opened("a", HF__OPEN_CREATE);
    ck_assert_int_eq(files->make_folder("folder", &native), 0);
    (void)umask(mask);
    ck_assert_int_eq(fstat(fd, &found), 0);
    ck_assert_uint_eq(found.st_mode & 07777, 0600);
    ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    files->close(fd);
    ck_assert_int_eq(stat("folder", &found), 0);
    ck_assert_uint_eq(found.st_mode & 07777, 0700);
}
END_TEST

START_TEST(a_path_that_is_not_what_is_expected_is_refused)
{
    static char long_path[5000];
    memset(long_path, 'x', sizeof long_path - 1);
    make_file("a", "");
    ck_assert_int_eq(symlink("a", "link"), 0);
    ck_assert_int_eq(files->make_folder("folder", &native), 0);
    refused("link", HF__OPEN_WRITE, HF_E_PATH, ELOOP);
    refused("a/b", HF__OPEN_CREATE, HF_E_PATH, ENOTDIR);
    refused("folder", HF__OPEN_WRITE, HF_E_PATH, EISDIR);
    refused("none/b", HF__OPEN_CREATE, HF_E_PATH, ENOENT);
    refused(long_path, HF__OPEN_CREATE, HF_E_PATH, ENAMETOOLONG);
}
END_TEST

/* Root may write everywhere, so the test becomes somebody else for a moment. */
START_TEST(a_file_of_somebody_else_is_read_only)
{
    make_file("a", "x");
    ck_assert_int_eq(chmod("a", 0444), 0);
    ck_assert_int_eq(chmod(".", 0555), 0);
    bool root = geteuid() == 0;
    if (root)
        ck_assert_int_eq(seteuid(65534), 0);
    int fd;
    int write_error = files->open("a", HF__OPEN_WRITE, &fd, &native);
    int create_error = files->open("b", HF__OPEN_CREATE, &fd, &native);
    int folder_error = files->make_folder("c", &native);
    int remove_error = files->remove("a", &native);
    int rename_error = files->rename("a", "d", &native);
    if (root)
        ck_assert_int_eq(seteuid(0), 0);
    ck_assert_int_eq(write_error, HF_E_READ_ONLY);
    ck_assert_int_eq(create_error, HF_E_READ_ONLY);
    ck_assert_int_eq(folder_error, HF_E_READ_ONLY);
    ck_assert_int_eq(remove_error, HF_E_READ_ONLY);
    ck_assert_int_eq(rename_error, HF_E_READ_ONLY);
    ck_assert_int_eq(native, EACCES);
    ck_assert_int_eq(chmod(".", 0755), 0);
}
END_TEST

START_TEST(a_full_disk_is_no_space)
{
    int fd;
    if (files->open("/dev/full", HF__OPEN_WRITE, &fd, &native) != 0)
        return; /* no such device here */
    ck_assert_int_eq(files->write_at(fd, "x", 1, 0, &native), HF_E_NO_SPACE);
    ck_assert_int_eq(native, ENOSPC);
    files->close(fd);
}
END_TEST

START_TEST(what_cannot_be_flushed_fails)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(files->sync(ends[1], &native), HF_E_IO);
    ck_assert_int_eq(native, EINVAL);
    files->close(ends[0]);
    files->close(ends[1]);
    ck_assert_int_eq(files->sync(ends[1], &native), HF_E_IO);
    ck_assert_int_eq(native, EBADF);
    ck_assert_int_eq(files->sync_folder("none/a", &native), HF_E_PATH);
    ck_assert_int_eq(native, ENOENT);
}
END_TEST

START_TEST(the_folder_of_a_path_is_found)
{
    static char long_path[5000];
    static const char *const good[] = {"a",          "./a",         "/a",       "/",
                                       "//a",        "folder/",     "folder/a", "folder//a",
                                       "./folder//", "folder/none", ""};
    ck_assert_int_eq(files->make_folder("folder", &native), 0);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        ck_assert_msg(files->sync_folder(good[i], &native) == 0, "%s", good[i]);
    ck_assert_int_eq(files->sync_folder("none/", &native), 0); /* the one that holds "none" */
    ck_assert_int_eq(files->sync_folder("none/a", &native), HF_E_PATH);
    memset(long_path, '/', sizeof long_path - 1);
    ck_assert_int_eq(files->sync_folder(long_path, &native), 0);
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[4097] = '/';
    ck_assert_int_eq(files->sync_folder(long_path, &native), HF_E_PATH);
    ck_assert_int_eq(native, ENAMETOOLONG);
}
END_TEST

START_TEST(space_is_reserved_and_never_taken_back)
{
    hf__file_info info;
    int fd = opened("a", HF__OPEN_CREATE);
    ck_assert_int_eq(files->reserve(fd, 0, &native), 0);
    ck_assert_int_eq(files->reserve(fd, 100000, &native), 0);
    ck_assert_int_eq(files->info("a", &info, &native), 0);
    ck_assert_uint_eq(info.bytes, 100000);
    ck_assert_int_eq(files->reserve(fd, 5, &native), 0);
    ck_assert_int_eq(files->info("a", &info, &native), 0);
    ck_assert_uint_eq(info.bytes, 100000);
    ck_assert_int_lt(files->reserve(fd, INT64_MAX, &native), 0);
    ck_assert_int_eq(files->reserve(fd, UINT64_MAX, &native), HF_E_IO);
    ck_assert_int_eq(native, EFBIG);
    ck_assert_int_eq(files->info("a", &info, &native), 0);
    ck_assert_uint_eq(info.bytes, 100000);
    files->close(fd);
}
END_TEST

START_TEST(info_describes_what_is_there)
{
    hf__file_info a;
    hf__file_info b;
    make_file("a", "12345");
    ck_assert_int_eq(link("a", "b"), 0);
    ck_assert_int_eq(files->make_folder("folder", &native), 0);
    ck_assert_int_eq(files->info("a", &a, &native), 0);
    ck_assert_int_eq(files->info("b", &b, &native), 0);
    ck_assert_uint_eq(a.bytes, 5);
    ck_assert(a.is_file == 1 && a.is_folder == 0);
    ck_assert(a.device == b.device && a.inode == b.inode);
    ck_assert_int_eq(files->info("folder", &b, &native), 0);
    ck_assert(b.is_file == 0 && b.is_folder == 1);
    ck_assert_uint_ne(a.inode, b.inode);
    ck_assert_int_eq(files->info("/dev/null", &b, &native), 0);
    ck_assert(b.is_file == 0 && b.is_folder == 0);
    ck_assert_int_eq(files->info("none", &b, &native), HF_E_NOT_FOUND);
    ck_assert_int_eq(native, ENOENT);
    ck_assert_uint_eq(b.inode, 0);
    ck_assert_int_eq(files->info("a/b", &b, &native), HF_E_PATH);
}
END_TEST

START_TEST(a_folder_is_made_once)
{
    ck_assert_int_eq(files->make_folder("folder", &native), 0);
    ck_assert_int_eq(files->make_folder("folder", &native), 0);
    make_file("a", "");
    ck_assert_int_eq(files->make_folder("a", &native), HF_E_PATH);
    ck_assert_int_eq(native, ENOTDIR);
    ck_assert_int_eq(files->make_folder("none/b", &native), HF_E_PATH);
    ck_assert_int_eq(symlink("nowhere", "dangling"), 0);
    ck_assert_int_eq(files->make_folder("dangling", &native), HF_E_EXISTS);
}
END_TEST

START_TEST(files_are_renamed_and_removed)
{
    hf__file_info info;
    make_file("a", "1");
    make_file("b", "22");
    ck_assert_int_eq(files->rename("a", "b", &native), 0);
    ck_assert_int_eq(files->info("b", &info, &native), 0);
    ck_assert_uint_eq(info.bytes, 1);
    ck_assert_int_eq(files->rename("a", "c", &native), HF_E_PATH);
    ck_assert_int_eq(files->remove("b", &native), 0);
    ck_assert_int_eq(files->remove("b", &native), HF_E_PATH);
    ck_assert_int_eq(native, ENOENT);
    ck_assert_int_eq(files->make_folder("folder", &native), 0);
    ck_assert_int_eq(files->remove("folder", &native), 0);
}
END_TEST

START_TEST(a_read_or_write_that_cannot_be_fails)
{
    char out[4];
    size_t got = 9;
    int fd = opened("a", HF__OPEN_CREATE);
    ck_assert_int_eq(files->read_at(fd, out, 4, UINT64_MAX - 9, &got, &native), HF_E_IO);
    ck_assert_int_eq(native, EINVAL);
    ck_assert_uint_eq(got, 0);
    ck_assert_int_eq(files->write_at(fd, "x", 1, UINT64_MAX - 9, &native), HF_E_IO);
    files->close(fd);
    ck_assert_int_eq(files->read_at(fd, out, 4, 0, &got, &native), HF_E_IO);
    ck_assert_int_eq(native, EBADF);
}
END_TEST

typedef struct translation {
    int native;
    int error;
} translation;

static const translation translations[] = {
    {ENOSPC, HF_E_NO_SPACE},
    {EDQUOT, HF_E_NO_SPACE},
    {EROFS, HF_E_READ_ONLY},
    {EACCES, HF_E_READ_ONLY},
    {EPERM, HF_E_READ_ONLY},
    {ENOENT, HF_E_PATH},
    {ENOTDIR, HF_E_PATH},
    {EISDIR, HF_E_PATH},
    {ELOOP, HF_E_PATH},
    {ENAMETOOLONG, HF_E_PATH},
    {EEXIST, HF_E_EXISTS},
    {ENOMEM, HF_E_NOMEM},
    {EMFILE, HF_E_BUSY},
    {ENFILE, HF_E_BUSY},
    {EIO, HF_E_IO},
    {EBADF, HF_E_IO},
    {0, HF_E_IO},
    {-1, HF_E_IO},
    {99999, HF_E_IO},
};
#define TRANSLATION_COUNT ((int)(sizeof translations / sizeof translations[0]))

START_TEST(an_errno_becomes_an_error)
{
    ck_assert_int_eq(hf__os_error(translations[_i].native), translations[_i].error);
}
END_TEST

START_TEST(a_cause_is_the_system_s_own_text)
{
    ck_assert_str_eq(hf__os_text(EMFILE, HF_E_BUSY), strerror(EMFILE));
    ck_assert_str_eq(hf__os_text(0, HF_E_BUSY), hf_error_text(HF_E_BUSY));
}
END_TEST

/* ---- Locks, the register, forks -------------------------------------------------------------- */

START_TEST(a_file_is_locked_once_also_in_one_process)
{
    int first = opened("a", HF__OPEN_CREATE);
    ck_assert_int_eq(link("a", "b"), 0);
    int second = opened("b", HF__OPEN_WRITE);
    ck_assert_int_eq(files->lock(first, &native), 0);
    ck_assert_int_eq(files->lock(first, &native), 0);
    ck_assert_int_eq(files->lock(second, &native), HF_E_LOCKED);
    ck_assert_int_eq(native, EWOULDBLOCK);
    files->close(opened("a", HF__OPEN_READ)); /* closing another descriptor drops nothing */
    ck_assert_int_eq(files->lock(second, &native), HF_E_LOCKED);
    files->close(first);
    ck_assert_int_eq(files->lock(second, &native), 0);
    files->close(second);
    ck_assert_int_eq(files->lock(second, &native), HF_E_IO);
}
END_TEST

START_TEST(an_open_file_is_registered_once)
{
    ck_assert_int_eq(hf__os_register_open(1, 2), 0);
    ck_assert_int_eq(hf__os_register_open(1, 2), HF_E_OPEN_TWICE);
    ck_assert_int_eq(hf__os_register_open(2, 2), 0);
    ck_assert_int_eq(hf__os_register_open(1, 1), 0);
    hf__os_unregister_open(1, 2);
    hf__os_unregister_open(1, 2);
    ck_assert_int_eq(hf__os_register_open(1, 2), 0);
    ck_assert_int_eq(hf__os_register_open(0, 0), 0);
    ck_assert_int_eq(hf__os_register_open(0, 0), HF_E_OPEN_TWICE);
    hf__os_unregister_open(0, 0);
    hf__os_unregister_open(1, 1);
    hf__os_unregister_open(1, 2);
    hf__os_unregister_open(2, 2);
}
END_TEST

START_TEST(the_register_has_64_places)
{
    for (uint64_t i = 0; i < 64; i++)
        ck_assert_int_eq(hf__os_register_open(7, i), 0);
    ck_assert_int_eq(hf__os_register_open(7, 64), HF_E_TOO_MANY);
    ck_assert_int_eq(hf__os_register_open(7, 63), HF_E_OPEN_TWICE);
    hf__os_unregister_open(7, 30);
    ck_assert_int_eq(hf__os_register_open(7, 64), 0);
    for (uint64_t i = 0; i <= 64; i++)
        hf__os_unregister_open(7, i);
}
END_TEST

/* Runs `check` in a child; true when that returned true there. */
static bool in_child(bool (*check)(uint64_t), uint64_t argument)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(check(argument) ? 0 : 1);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool fork_was_counted(uint64_t before)
{
    return hf__os_fork_count() != before;
}

START_TEST(a_fork_is_counted_in_the_child_only)
{
    uint32_t before = hf__os_fork_count();
    ck_assert(in_child(fork_was_counted, before));
    ck_assert_uint_eq(hf__os_fork_count(), before);
    ck_assert(in_child(fork_was_counted, before));
}
END_TEST

static bool registers_anew(uint64_t inode)
{
    int first = hf__os_register_open(9, inode);
    int second = hf__os_register_open(9, inode);
    return first == 0 && second == HF_E_OPEN_TWICE;
}

START_TEST(the_register_of_a_child_is_empty)
{
    ck_assert_int_eq(hf__os_register_open(9, 9), 0);
    ck_assert(in_child(registers_anew, 9));
    ck_assert_int_eq(hf__os_register_open(9, 9), HF_E_OPEN_TWICE);
    hf__os_unregister_open(9, 9);
}
END_TEST

static bool is_locked(uint64_t unused)
{
    (void)unused;
    int fd;
    return files->open("a", HF__OPEN_WRITE, &fd, NULL) == 0 && files->lock(fd, NULL) == HF_E_LOCKED;
}

START_TEST(a_child_that_lives_on_does_not_keep_the_lock)
{
    int go[2];
    int fd = opened("a", HF__OPEN_CREATE);
    ck_assert_int_eq(files->lock(fd, &native), 0);
    ck_assert(in_child(is_locked, 0));
    ck_assert_int_eq(pipe(go), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        char byte;
        (void)close(go[1]);
        _exit(read(go[0], &byte, 1) == 0 ? 0 : 1);
    }
    files->close(fd);
    fd = opened("a", HF__OPEN_WRITE);
    ck_assert_int_eq(files->lock(fd, &native), 0);
    files->close(fd);
    (void)close(go[1]);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}
END_TEST

/* ---- Clocks, random numbers, event descriptors, threads -------------------------------------- */

START_TEST(the_clock_since_boot_does_not_go_back)
{
    int64_t last = hf__os_boot_ms(NULL);
    for (int i = 0; i < 10000; i++) {
        int64_t now = hf__os_boot_ms(NULL);
        ck_assert_int_ge(now, last);
        last = now;
    }
    ck_assert_int_le(llabs(hf__os_wall_ms(NULL) / 1000 - (int64_t)time(NULL)), 2);
}
END_TEST

START_TEST(random_bytes_fill_what_is_asked)
{
    static uint8_t a[1000];
    static uint8_t b[1000];
    ck_assert_int_eq(hf__os_random(NULL, a, sizeof a), 0);
    ck_assert_int_eq(hf__os_random(NULL, b, sizeof b), 0);
    ck_assert_mem_ne(a, b, sizeof a);
    ck_assert_mem_ne(a + 980, b + 980, 20);
    ck_assert_int_eq(hf__os_random(NULL, NULL, 0), 0);
}
END_TEST

static bool readable(int fd)
{
    struct pollfd polled = {.fd = fd, .events = POLLIN};
    return poll(&polled, 1, 0) == 1;
}

START_TEST(a_raised_descriptor_is_readable_until_cleared)
{
    int fd;
    ck_assert_int_eq(hf__os_signal_fd(&fd), 0);
    ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    ck_assert(!readable(fd));
    hf__os_signal_clear(fd); /* does not wait */
    hf__os_signal_raise(fd);
    hf__os_signal_raise(fd);
    ck_assert(readable(fd));
    hf__os_signal_clear(fd);
    ck_assert(!readable(fd));
    hf__os_signal_raise(fd);
    ck_assert(readable(fd));
    files->close(fd);
}
END_TEST

/* What a thread of these tests says about itself. */
typedef struct description {
    uint64_t self;
    bool same_twice;
    bool signals_blocked;
    int registered;
} description;

static void describe(void *data)
{
    description *out = data;
    sigset_t blocked;
    out->self = hf__os_thread_self();
    out->same_twice = hf__os_thread_self() == out->self;
    (void)pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    out->signals_blocked = sigismember(&blocked, SIGTERM) == 1 && sigismember(&blocked, SIGUSR1);
    out->registered = hf__os_register_open(5, 5);
}

START_TEST(threads_run_apart_and_are_joined)
{
    enum { COUNT = 8 };
    description tellers[COUNT] = {{0}};
    void *threads[COUNT];
    sigset_t before;
    sigset_t after;
    (void)pthread_sigmask(SIG_SETMASK, NULL, &before);
    for (int i = 0; i < COUNT; i++)
        ck_assert_int_eq(hf__os_threads.start(&threads[i], describe, &tellers[i]), 0);
    (void)pthread_sigmask(SIG_SETMASK, NULL, &after);
    ck_assert_int_eq(sigismember(&after, SIGTERM), sigismember(&before, SIGTERM));
    int registered = 0;
    for (int i = 0; i < COUNT; i++) {
        hf__os_threads.join(threads[i]);
        ck_assert_uint_ne(tellers[i].self, 0);
        ck_assert_uint_ne(tellers[i].self, hf__os_thread_self());
        ck_assert(tellers[i].same_twice && tellers[i].signals_blocked);
        registered += tellers[i].registered == 0 ? 1 : 0;
        for (int k = 0; k < i; k++)
            ck_assert_uint_ne(tellers[i].self, tellers[k].self);
    }
    ck_assert_int_eq(registered, 1);
    hf__os_unregister_open(5, 5);
    hf__os_threads.join(NULL);
}
END_TEST

static TCase *file_tests(void)
{
    TCase *tcase = tcase_create("files");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, what_is_written_is_read);
    tcase_add_test(tcase, each_mode_of_opening_does_what_it_says);
    tcase_add_test(tcase, a_file_is_created_for_its_owner_only_and_closed_on_exec);
    tcase_add_test(tcase, a_path_that_is_not_what_is_expected_is_refused);
    tcase_add_test(tcase, a_file_of_somebody_else_is_read_only);
    tcase_add_test(tcase, a_full_disk_is_no_space);
    tcase_add_test(tcase, what_cannot_be_flushed_fails);
    tcase_add_test(tcase, the_folder_of_a_path_is_found);
    tcase_add_test(tcase, space_is_reserved_and_never_taken_back);
    tcase_add_test(tcase, info_describes_what_is_there);
    tcase_add_test(tcase, a_folder_is_made_once);
    tcase_add_test(tcase, files_are_renamed_and_removed);
    tcase_add_test(tcase, a_read_or_write_that_cannot_be_fails);
    tcase_add_test(tcase, a_file_is_locked_once_also_in_one_process);
    tcase_add_test(tcase, a_child_that_lives_on_does_not_keep_the_lock);
    return tcase;
}

static TCase *process_tests(void)
{
    TCase *tcase = tcase_create("process");
    tcase_add_loop_test(tcase, an_errno_becomes_an_error, 0, TRANSLATION_COUNT);
    tcase_add_test(tcase, a_cause_is_the_system_s_own_text);
    tcase_add_test(tcase, an_open_file_is_registered_once);
    tcase_add_test(tcase, the_register_has_64_places);
    tcase_add_test(tcase, a_fork_is_counted_in_the_child_only);
    tcase_add_test(tcase, the_register_of_a_child_is_empty);
    tcase_add_test(tcase, the_clock_since_boot_does_not_go_back);
    tcase_add_test(tcase, random_bytes_fill_what_is_asked);
    tcase_add_test(tcase, a_raised_descriptor_is_readable_until_cleared);
    tcase_add_test(tcase, threads_run_apart_and_are_joined);
    return tcase;
}

int main(void)
{
    Suite *suite = suite_create("os");
    suite_add_tcase(suite, file_tests());
    suite_add_tcase(suite, process_tests());
    return hf_test_main(suite);
}
