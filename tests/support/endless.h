/*
 * Ends a process that computes without end, on a machine of any speed: what counts is the time that
 * the process has had a processor. A process that waits for ever is ended by the build's limit.
 */
#ifndef HF_TESTS_SUPPORT_ENDLESS_H
#define HF_TESTS_SUPPORT_ENDLESS_H

#include <signal.h>
#include <stddef.h>
#include <sys/time.h>

#define ENDLESS_SIGNAL SIGPROF

/* From now on this process may use so many seconds of a processor; ENDLESS_SIGNAL comes then. */
static inline void endless_after(unsigned seconds)
{
    const struct itimerval limit = {.it_value = {.tv_sec = (time_t)seconds}};
    (void)setitimer(ITIMER_PROF, &limit, NULL);
}

#endif
