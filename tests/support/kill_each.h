/*
 * Kills a process at each of its system calls in turn.
 *
 *     uint32_t calls = kill_each(work, killed, data);
 *
 * `work` runs in a child, which calls kill_from_here() when its interesting part begins. The n-th
 * child is killed where it enters the n-th system call from there on, before the kernel carries it
 * out; `killed` then looks at what is left, in the parent. The last child lives to its end and must
 * return 0. Returns how many system calls that part has.
 *
 * Needs the right to trace a child: where it is missing, kill_each returns 0 and says so.
 */
#ifndef HF_TESTS_SUPPORT_KILL_EACH_H
#define HF_TESTS_SUPPORT_KILL_EACH_H

#include "support/check_main.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child: system calls count from here on. */
static inline void kill_from_here(void)
{
    (void)raise(SIGSTOP);
}

static inline pid_t kill_start(int (*work)(void *), void *data)
{
    (void)fflush(NULL);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child != 0)
        return child;
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
        _exit(99);
    _exit(work(data));
}

/*
 * Lets the child run until it enters its n-th system call behind kill_from_here. True when it
 * stands there; false with *status when it has ended.
 */
static inline bool kill_run_to(pid_t child, uint32_t n, int *status)
{
    uint32_t stops = 0;
    bool counts = false;
    for (;;) {
        ck_assert_int_eq(waitpid(child, status, 0), child);
        if (WIFEXITED(*status) || WIFSIGNALED(*status))
            return false;
        int signal = WSTOPSIG(*status);
        if (signal == SIGSTOP && !counts) {
            counts = true;
            ck_assert_int_eq(ptrace(PTRACE_SETOPTIONS, child, NULL,
                                    (void *)(uintptr_t)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)),
                             0);
            signal = 0;
        } else if (signal == (SIGTRAP | 0x80)) {
            stops++; /* odd ones enter a call, even ones leave it */
            if (stops == 2 * n - 1)
                return true;
            signal = 0;
        }
        ck_assert_int_eq(
            ptrace(counts ? PTRACE_SYSCALL : PTRACE_CONT, child, NULL, (void *)(uintptr_t)signal),
            0);
    }
}

static inline uint32_t kill_each(int (*work)(void *), void (*killed)(void *, uint32_t), void *data)
{
    for (uint32_t n = 1;; n++) {
        int status = 0;
        pid_t child = kill_start(work, data);
        if (kill_run_to(child, n, &status)) {
            ck_assert_int_eq(kill(child, SIGKILL), 0);
            ck_assert_int_eq(waitpid(child, &status, 0), child);
            ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
            killed(data, n);
            continue;
        }
        if (WIFEXITED(status) && WEXITSTATUS(status) == 99) {
            (void)fprintf(stderr, "# SKIPPED: no right to trace a child\n");
            return 0;
        }
        ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "call %u: status %d",
                      (unsigned)n, status);
        return n - 1;
    }
}

#endif
