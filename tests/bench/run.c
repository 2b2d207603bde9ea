/*
 * run.c - one run in a process of its own: its memory is its own, and what it breaks is found.
 *
 * The process writes what it measured into a file of its folder, and the folder is removed.
 */
#include "run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define RESULT "measured"

/* In the new process. */
static int run_here(const bench_subject *subject, const bench_run *run)
{
    static bench_result result; /* large for a stack */
    memset(&result, 0, sizeof(result));
    if (subject->run(run, &result) != 0)
        return -1;
    result.file_bytes = bench_folder_bytes(run->folder);
    return bench_result_write(run->folder, RESULT, &result);
}

static int run_there(const bench_subject *subject, const bench_run *run, bench_result *out)
{
    int status = 0;
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(run_here(subject, run) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
    if (child < 0 || waitpid(child, &status, 0) != child)
        return -1;
    if (WIFSIGNALED(status))
        (void)fprintf(stderr, "%s: killed by signal %d\n", subject->name, WTERMSIG(status));
    return status == 0 ? bench_result_read(run->folder, RESULT, out) : -1;
}

int run_apart(const bench_subject *subject, const bench_run *run, bench_result *out,
              char keep[BENCH_PATH_BYTES])
{
    char folder[BENCH_PATH_BYTES];
    bench_run own = *run;
    if (bench_folder_make(folder, run->folder) != 0)
        return -1;
    own.folder = folder;
    if (own.per_commit == 0)
        own.per_commit = subject->per_commit;
    int error = run_there(subject, &own, out);
    if (error != 0)
        (void)fprintf(stderr, "%s: the run failed\n", subject->name);
    if (keep != NULL)
        memcpy(keep, folder, sizeof(folder));
    else if (bench_folder_remove(folder) != 0)
        error = -1;
    return error;
}
