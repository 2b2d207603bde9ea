/*
 * metrics_file.c - reads the figures that an engine writes once a second.
 *
 * The engine replaces the file by a new one each time and keeps a lock on that one. So a file that
 * is read is whole; when it can be locked, its writer is gone, unless another file has its name by
 * now: then that one is read.
 */
#define _DEFAULT_SOURCE
#include "metrics_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_WORDS "# HELP holdfast_"
#define BYTES_MAX   ((off_t)16 << 20)

/* What is behind an open descriptor, with a 0 at its end; NULL: it cannot be read, see errno. */
static char *read_whole(int fd, size_t bytes)
{
    char *text = malloc(bytes + 1);
    size_t have = 0;
    ssize_t got = 1;
    while (text != NULL && got > 0 && have < bytes) {
        got = pread(fd, text + have, bytes - have, (off_t)have);
        have += got > 0 ? (size_t)got : 0;
    }
    if (text != NULL && got >= 0) {
        text[have] = '\0';
        return text;
    }
    free(text);
    return NULL;
}

/* Whether the path still names the open file. */
static bool is_named(const char *path, const struct stat *opened)
{
    struct stat named;
    return stat(path, &named) == 0 && named.st_ino == opened->st_ino &&
           named.st_dev == opened->st_dev;
}

static metrics_state read_open(const char *path, int fd, char **text, bool *again)
{
    struct stat about;
    if (fstat(fd, &about) != 0)
        return METRICS_UNREADABLE;
    if (!S_ISREG(about.st_mode) || about.st_size > BYTES_MAX)
        return METRICS_FOREIGN;
    *text = read_whole(fd, (size_t)about.st_size);
    if (*text == NULL)
        return METRICS_UNREADABLE;
    if (strncmp(*text, FIRST_WORDS, strlen(FIRST_WORDS)) != 0)
        return METRICS_FOREIGN;
    bool is_free = flock(fd, LOCK_SH | LOCK_NB) == 0;
    *again = is_free && !is_named(path, &about);
    return is_free ? METRICS_ENDED : METRICS_LIVE;
}

/* One try; *again: the file was replaced meanwhile. */
static metrics_state try_to_read(const char *path, char **text, bool *again, int *error)
{
    *again = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    metrics_state state = METRICS_UNREADABLE;
    if (fd >= 0)
        state = read_open(path, fd, text, again);
    else if (errno == ENOENT)
        state = METRICS_NONE;
    *error = state == METRICS_UNREADABLE ? errno : 0;
    if (fd >= 0)
        (void)close(fd);
    if ((state == METRICS_LIVE || state == METRICS_ENDED) && !*again)
        return state;
    free(*text);
    *text = NULL;
    return state;
}

metrics_state metrics_read(const char *path, char **text, int *error)
{
    bool again;
    metrics_state state;
    *text = NULL;
    do
        state = try_to_read(path, text, &again, error);
    while (again);
    return state;
}

const char *metrics_sample(const char *text, const char *name, char *out, size_t bytes)
{
    char line[256];
    int length = snprintf(line, sizeof(line), "\n%s ", name);
    const char *at = strstr(text, line);
    out[0] = '\0';
    if (at == NULL)
        return out;
    at += length;
    (void)snprintf(out, bytes, "%.*s", (int)strcspn(at, "\n"), at);
    return out;
}

const char *metrics_label(const char *text, const char *name, const char *label, char *out,
                          size_t bytes)
{
    char part[128];
    (void)snprintf(part, sizeof(part), "\n%s{", name);
    const char *at = strstr(text, part);
    const char *end = at == NULL ? NULL : strchr(at + 1, '\n');
    (void)snprintf(part, sizeof(part), "%s=\"", label);
    at = at == NULL ? NULL : strstr(at, part);
    out[0] = '\0';
    if (at == NULL || end == NULL || at > end)
        return out;
    at += strlen(part);
    (void)snprintf(out, bytes, "%.*s", (int)strcspn(at, "\""), at);
    return out;
}
