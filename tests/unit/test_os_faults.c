/*
 * System calls that fail, are interrupted or do less than asked.
 *
 * This program brings its own pread, pwrite and so on, which the linker takes instead of the C
 * library's. Each looks at the plan of the test: a list of what the next calls answer.
 */
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE /* its wrappers would stand in the way of ours */
#include "base/os.h"
#include "support/check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a call answers: an errno, or at most so many bytes. */
typedef struct answer {
    int native;
    size_t bytes;
} answer;

static const answer *plan;
static size_t plan_length;
static size_t calls;

static const hf__files *const files = &hf__os_files;
static int native;
static char disk[64];

static void follow(const answer *answers, size_t count)
{
    plan = answers;
    plan_length = count;
    calls = 0;
    native = 0;
}

/* The bytes the next call does: as planned, after the plan all; -1 with errno for a failure. */
static ssize_t next_answer(size_t bytes)
{
    size_t at = calls++;
    if (at >= plan_length)
        return (ssize_t)bytes;
    errno = plan[at].native;
    if (plan[at].native != 0)
        return -1;
    return (ssize_t)(plan[at].bytes < bytes ? plan[at].bytes : bytes);
}

ssize_t pread(int fd, void *out, size_t bytes, off_t offset)
{
    (void)fd;
    size_t rest = offset < (off_t)sizeof disk ? sizeof disk - (size_t)offset : 0;
    ssize_t step = next_answer(bytes < rest ? bytes : rest);
    if (step > 0)
        memcpy(out, disk + offset, (size_t)step);
    return step;
}

ssize_t pwrite(int fd, const void *data, size_t bytes, off_t offset)
{
    (void)fd;
    ssize_t step = next_answer(bytes);
    if (step > 0)
        memcpy(disk + offset, data, (size_t)step);
    return step;
}

int fdatasync(int fd)
{
    (void)fd;
    return next_answer(0) < 0 ? -1 : 0;
}

int fsync(int fd)
{
    (void)fd;
    return next_answer(0) < 0 ? -1 : 0;
}

ssize_t getrandom(void *out, size_t bytes, unsigned flags)
{
    (void)flags;
    ssize_t step = next_answer(bytes);
    if (step > 0)
        memset(out, (int)calls, (size_t)step);
    return step;
}

int posix_fallocate(int fd, off_t offset, off_t bytes)
{
    (void)fd;
    (void)offset;
    (void)bytes;
    return next_answer(0) < 0 ? errno : 0;
}

int eventfd(unsigned count, int flags)
{
    (void)count;
    (void)flags;
    return next_answer(0) < 0 ? -1 : 77;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                   void *data)
{
    (void)thread;
    (void)attributes;
    (void)run;
    (void)data;
    return EAGAIN;
}

int pthread_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void))
{
    (void)prepare;
    (void)parent;
    (void)child;
    return ENOMEM;
}

START_TEST(an_interrupted_and_short_read_continues)
{
    static const answer answers[] = {{EINTR, 0}, {0, 3}, {EINTR, 0}, {EINTR, 0}, {0, 1}};
    char out[16];
    size_t got;
    (void)snprintf(disk, sizeof disk, "0123456789abcdef");
    follow(answers, 5);
    ck_assert_int_eq(files->read_at(3, out, 10, 2, &got, &native), 0);
    ck_assert_uint_eq(got, 10);
    ck_assert_mem_eq(out, "23456789ab", 10);
    ck_assert_uint_eq(calls, 6);
}
END_TEST

START_TEST(a_read_that_fails_in_the_middle_fails)
{
    static const answer answers[] = {{0, 3}, {EIO, 0}};
    char out[16];
    size_t got;
    follow(answers, 2);
    ck_assert_int_eq(files->read_at(3, out, 10, 0, &got, &native), HF_E_IO);
    ck_assert_int_eq(native, EIO);
    ck_assert_uint_eq(calls, 2);
}
END_TEST

START_TEST(an_interrupted_and_short_write_continues)
{
    static const answer answers[] = {{0, 4}, {EINTR, 0}, {0, 1}};
    memset(disk, 0, sizeof disk);
    follow(answers, 3);
    ck_assert_int_eq(files->write_at(3, "holdfast", 8, 5, &native), 0);
    ck_assert_mem_eq(disk, "\0\0\0\0\0holdfast\0", 14);
    ck_assert_uint_eq(calls, 4);
}
END_TEST

START_TEST(a_disk_that_fills_up_in_the_middle_is_no_space)
{
    static const answer answers[] = {{0, 4}, {ENOSPC, 0}};
    follow(answers, 2);
    ck_assert_int_eq(files->write_at(3, "holdfast", 8, 0, &native), HF_E_NO_SPACE);
    ck_assert_int_eq(native, ENOSPC);
}
END_TEST

START_TEST(a_write_that_does_nothing_does_not_continue_for_ever)
{
    static const answer answers[] = {{0, 0}};
    follow(answers, 1);
    ck_assert_int_eq(files->write_at(3, "holdfast", 8, 0, &native), HF_E_IO);
    ck_assert_int_eq(native, EIO);
    ck_assert_uint_eq(calls, 1);
}
END_TEST

/* The second fdatasync after a failed one may succeed without the data being on disk. */
START_TEST(a_flush_that_fails_is_not_repeated)
{
    static const int failures[] = {EIO, EINTR, ENOSPC};
    const answer answers[] = {{failures[_i], 0}};
    follow(answers, 1);
    ck_assert_int_eq(files->sync(3, &native), hf__os_error(failures[_i]));
    ck_assert_int_eq(native, failures[_i]);
    ck_assert_uint_eq(calls, 1);
    follow(answers, 1);
    ck_assert_int_eq(files->sync_folder("a", &native), hf__os_error(failures[_i]));
    ck_assert_int_eq(native, failures[_i]);
    ck_assert_uint_eq(calls, 1);
}
END_TEST

START_TEST(a_folder_that_needs_no_flush_is_fine)
{
    static const answer answers[] = {{EINVAL, 0}};
    follow(answers, 1);
    ck_assert_int_eq(files->sync_folder("a", &native), 0);
    ck_assert_uint_eq(calls, 1);
}
END_TEST

START_TEST(an_interrupted_reservation_continues_and_a_full_disk_is_an_error)
{
    static const answer answers[] = {{EINTR, 0}, {EINTR, 0}, {ENOSPC, 0}};
    follow(answers, 2);
    ck_assert_int_eq(files->reserve(3, 100, &native), 0);
    ck_assert_uint_eq(calls, 3);
    follow(answers, 3);
    ck_assert_int_eq(files->reserve(3, 100, &native), HF_E_NO_SPACE);
    ck_assert_int_eq(native, ENOSPC);
}
END_TEST

START_TEST(interrupted_and_short_random_bytes_continue)
{
    static const answer answers[] = {{EINTR, 0}, {0, 2}, {0, 1}};
    uint8_t out[5] = {0};
    follow(answers, 3);
    ck_assert_int_eq(hf__os_random(NULL, out, sizeof out), 0);
    ck_assert_mem_eq(out, "\x02\x02\x03\x04\x04", 5);
}
END_TEST

START_TEST(no_random_bytes_are_an_error)
{
    static const answer none[] = {{ENOSYS, 0}};
    static const answer nothing[] = {{0, 0}};
    uint8_t out[5];
    follow(none, 1);
    ck_assert_int_eq(hf__os_random(NULL, out, sizeof out), HF_E_IO);
    follow(nothing, 1);
    ck_assert_int_eq(hf__os_random(NULL, out, sizeof out), HF_E_IO);
}
END_TEST

START_TEST(no_event_descriptor_is_an_error)
{
    static const answer answers[] = {{EMFILE, 0}, {ENOMEM, 0}};
    int fd;
    follow(answers, 2);
    ck_assert_int_eq(hf__os_signal_fd(&fd), HF_E_BUSY);
    ck_assert_int_eq(fd, -1);
    ck_assert_int_eq(hf__os_signal_fd(&fd), HF_E_NOMEM);
}
END_TEST

static void never_run(void *data)
{
    *(bool *)data = true;
}

START_TEST(no_thread_is_an_error)
{
    bool ran = false;
    void *thread = &ran;
    ck_assert_int_eq(hf__os_threads.start(&thread, never_run, &ran), HF_E_NOMEM);
    ck_assert_ptr_null(thread);
    ck_assert(!ran);
}
END_TEST

START_TEST(a_fork_is_noticed_without_handlers)
{
    uint32_t before = hf__os_fork_count();
    ck_assert_uint_eq(hf__os_fork_count(), before);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(hf__os_fork_count() != before ? 0 : 1);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("os_faults");
    TCase *core = tcase_create("core");
    tcase_add_test(core, an_interrupted_and_short_read_continues);
    tcase_add_test(core, a_read_that_fails_in_the_middle_fails);
    tcase_add_test(core, an_interrupted_and_short_write_continues);
    tcase_add_test(core, a_disk_that_fills_up_in_the_middle_is_no_space);
    tcase_add_test(core, a_write_that_does_nothing_does_not_continue_for_ever);
    tcase_add_loop_test(core, a_flush_that_fails_is_not_repeated, 0, 3);
    tcase_add_test(core, a_folder_that_needs_no_flush_is_fine);
    tcase_add_test(core, an_interrupted_reservation_continues_and_a_full_disk_is_an_error);
    tcase_add_test(core, interrupted_and_short_random_bytes_continue);
    tcase_add_test(core, no_random_bytes_are_an_error);
    tcase_add_test(core, no_event_descriptor_is_an_error);
    tcase_add_test(core, no_thread_is_an_error);
    tcase_add_test(core, a_fork_is_noticed_without_handlers);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
