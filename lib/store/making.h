/*
 * making.h - a file that gets its name when it is whole: a new store, a backup, a restored copy.
 *
 * It is written as PATH.creating and renamed to PATH when it is on disk. So PATH is a whole file or
 * absent, at whatever moment the process is killed.
 */
#ifndef HF_STORE_MAKING_H
#define HF_STORE_MAKING_H

#include "base/fail.h"
#include "base/os.h"

#define HF__CREATING ".creating"

typedef struct hf__making {
    const hf__place *place; /* where the file is to be */
    char *creating;         /* the path that it has until then */
    int fd;                 /* of the file, locked; to be closed by finish or abandon alone */
    hf__file_info file;
    const hf_allocator *allocator;
    hf_store_error *error;
} hf__making;

/*
 * Creates PATH.creating, empty and locked. What a process that died left under that name is
 * removed. `place`, `allocator` and `error` must live until the end. HF_E_EXISTS when a file is
 * there; HF_E_LOCKED or HF_E_OPEN_TWICE when another process or this one is writing PATH.creating;
 * HF_E_NOMEM and the errors of hf__files. After an error nothing is to be ended.
 */
int hf__making_begin(hf__making *making, const hf__place *place, const hf_allocator *allocator,
                     hf_store_error *error);

/*
 * Flushes the file, gives it its name and flushes the folder. HF_E_EXISTS when a file has
 * appeared there meanwhile. Ends the making; after an error nothing of it is left.
 */
int hf__making_finish(hf__making *making);

/* Removes the file; ends the making. */
void hf__making_abandon(hf__making *making);

/* Resolves the path of a store's file or of a copy; the caller ends the place. HF_E_PATH. */
int hf__place_of(hf__place *place, const char *path, hf_store_error *error);

/* Fills an error of a system call: "PATH: DOING: cause". `native` 0: the error's own text. */
int hf__file_error(hf_store_error *error, int code, int native, const char *path,
                   const char *doing);

/* The same for what no system call refused: "PATH: WHY". */
int hf__file_refuse(hf_store_error *error, int code, const char *path, const char *why);

#endif
