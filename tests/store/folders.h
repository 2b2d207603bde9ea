/*
 * The files of a folder with a store, in memory: read, changed and put back.
 */
#ifndef HF_TESTS_STORE_FOLDERS_H
#define HF_TESTS_STORE_FOLDERS_H

#include "support/folder.h"

#define FILES_MAX 32u

typedef struct file {
    char path[FOLDER_PATH]; /* below the folder; empty: there is none */
    uint8_t *bytes;
    size_t length;
} file;

typedef struct folder {
    file files[FILES_MAX];
    uint32_t count;
} folder;

static inline bool is_segment(const file *of)
{
    return strncmp(of->path, "store.journal/segment-", 22) == 0 && strstr(of->path, ".new") == NULL;
}

static inline void take(void *data, const char *path)
{
    folder *of = data;
    file *one = &of->files[of->count++];
    ck_assert_uint_le(of->count, FILES_MAX);
    (void)snprintf(one->path, sizeof one->path, "%s", strchr(path, '/') + 1);
    one->bytes = folder_read(path, &one->length);
}

static inline int by_path(const void *a, const void *b)
{
    return strcmp(((const file *)a)->path, ((const file *)b)->path);
}

static inline void load(folder *of, const char *path)
{
    memset(of, 0, sizeof *of);
    folder_each(path, take, of);
    qsort(of->files, of->count, sizeof of->files[0], by_path);
}

static inline void drop(void *data, const char *path)
{
    (void)data;
    ck_assert_int_eq(remove(path), 0);
}

/* The folder "in" has these files and no others. */
static inline void put(const folder *of)
{
    char path[FOLDER_PATH + 8];
    if (access("in", F_OK) == 0)
        folder_each("in", drop, NULL);
    (void)remove("in/store-lock");
    (void)remove("in/store-shm");
    (void)mkdir("in", 0700);
    bool journal = false;
    for (uint32_t i = 0; i < of->count; i++)
        journal = journal || strncmp(of->files[i].path, "store.journal/", 14) == 0;
    if (journal)
        (void)mkdir("in/store.journal", 0700);
    else
        (void)rmdir("in/store.journal");
    for (uint32_t i = 0; i < of->count; i++) {
        if (of->files[i].path[0] == '\0')
            continue;
        (void)snprintf(path, sizeof path, "in/%s", of->files[i].path);
        folder_write(path, of->files[i].bytes, of->files[i].length);
    }
}

static inline const file *find(const folder *of, const char *path)
{
    for (uint32_t i = 0; i < of->count; i++)
        if (strcmp(of->files[i].path, path) == 0)
            return &of->files[i];
    return NULL;
}

static inline bool same(const file *a, const file *b)
{
    return a != NULL && b != NULL && a->length == b->length &&
           memcmp(a->bytes, b->bytes, a->length) == 0;
}

static inline uint64_t number_of(const file *of)
{
    uint64_t number = 0; /* of a segment, behind magic, format and schema */
    for (uint32_t i = 8; i-- > 0;)
        number = number << 8 | of->bytes[16 + i];
    return number;
}

/* The segment of a folder with the greatest number; NULL: there is none. */
static inline const file *newest_of(const folder *of)
{
    const file *newest = NULL;
    for (uint32_t i = 0; i < of->count; i++)
        if (is_segment(&of->files[i]) &&
            (newest == NULL || number_of(&of->files[i]) > number_of(newest)))
            newest = &of->files[i];
    return newest;
}

#endif
