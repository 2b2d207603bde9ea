/*
 * A test on a small file system of its own, mounted as the folder "small".
 */
#ifndef HF_TESTS_SUPPORT_SMALL_DISK_H
#define HF_TESTS_SUPPORT_SMALL_DISK_H

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Calls `body` with `data` in a child, so that the file system is unmounted whatever happens.
 * `size` is an option of tmpfs ("size=2m"). Where mounting is not permitted the test is skipped.
 */
static inline void on_a_small_disk(const char *size, void (*body)(const char *data),
                                   const char *data)
{
    ck_assert_int_eq(mkdir("small", 0700), 0);
    if (mount("none", "small", "tmpfs", 0, size) != 0) {
        (void)fprintf(stderr, "# skipped: mounting is not permitted here: %s\n", strerror(errno));
        return;
    }
    const pid_t child = fork();
    if (child == 0) {
        body(data);
        _exit(0);
    }
    int status = 0;
    (void)waitpid(child, &status, 0);
    ck_assert_int_eq(umount2("small", MNT_DETACH), 0);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

#endif
