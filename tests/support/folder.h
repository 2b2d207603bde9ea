/*
 * The files of a folder and of the folders in it, one level deep: copied, counted, and summed up,
 * so that a test can say that nothing of them has changed.
 */
#ifndef HF_TESTS_SUPPORT_FOLDER_H
#define HF_TESTS_SUPPORT_FOLDER_H

#include "base/checksum.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_PATH 300

static inline uint8_t *folder_read(const char *path, size_t *bytes)
{
    struct stat found;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ck_assert_msg(fd >= 0 && fstat(fd, &found) == 0, "%s", path);
    *bytes = (size_t)found.st_size;
    uint8_t *content = malloc(*bytes + 1);
    ck_assert_ptr_nonnull(content);
    size_t got = 0;
    while (got < *bytes) {
        ssize_t more = read(fd, content + got, *bytes - got);
        ck_assert_int_gt(more, 0);
        got += (size_t)more;
    }
    (void)close(fd);
    return content;
}

static inline void folder_write(const char *path, const uint8_t *content, size_t bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert_msg(fd >= 0, "%s", path);
    size_t done = 0;
    while (done < bytes) {
        ssize_t more = write(fd, content + done, bytes - done);
        ck_assert_int_gt(more, 0);
        done += (size_t)more;
    }
    (void)close(fd);
}

static inline void folder_copy_file(const char *from, const char *to)
{
    size_t bytes;
    uint8_t *content = folder_read(from, &bytes);
    folder_write(to, content, bytes);
    free(content);
}

/* Calls `each` for every file: `path` begins with that of the folder. */
static inline void folder_each(const char *folder, void (*each)(void *data, const char *path),
                               void *data)
{
    char paths[2][FOLDER_PATH];
    DIR *opened[2] = {opendir(folder), NULL};
    int depth = 0;
    ck_assert_ptr_nonnull(opened[0]);
    (void)snprintf(paths[0], FOLDER_PATH, "%s", folder);
    while (depth >= 0) {
        const struct dirent *entry = readdir(opened[depth]);
        char path[FOLDER_PATH + 260];
        struct stat found;
        if (entry == NULL) {
            (void)closedir(opened[depth--]);
            continue;
        }
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", paths[depth], entry->d_name);
        ck_assert_int_eq(lstat(path, &found), 0);
        if (!S_ISDIR(found.st_mode)) {
            each(data, path);
        } else if (depth == 0) {
            ck_assert_int_lt(snprintf(paths[1], FOLDER_PATH, "%s", path), FOLDER_PATH);
            opened[++depth] = opendir(path);
            ck_assert_ptr_nonnull(opened[depth]);
        }
    }
}

static inline void folder_add(void *data, const char *path)
{
    uint64_t *sum = data;
    size_t bytes;
    uint8_t *content = folder_read(path, &bytes);
    uint32_t name = hf__crc32c(0, (const uint8_t *)path, strlen(path));
    *sum += ((uint64_t)hf__crc32c(name, content, bytes) << 16) + bytes + name;
    free(content);
}

/* A number that differs when any file does: its name, its length or its content. */
static inline uint64_t folder_sum(const char *folder)
{
    uint64_t sum = 0;
    folder_each(folder, folder_add, &sum);
    return sum;
}

#endif
