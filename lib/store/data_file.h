/*
 * data_file.h - a store's file, open and locked for as long as the store is.
 *
 * The lock is on the file itself. So it holds under every name of the file, and whatever happens to
 * the files beside it. It is flock: POSIX locks, which SQLite takes on the same file and LMDB on
 * its table of readers, know nothing of it and it nothing of them.
 *
 * Closing any descriptor of a file drops the POSIX locks that the process has on the file. So a
 * file is registered by device and inode before it is opened, a registered file is not opened
 * again, and its descriptor is closed after the driver's own.
 */
#ifndef HF_STORE_DATA_FILE_H
#define HF_STORE_DATA_FILE_H

#include "base/fail.h"
#include "base/os.h"

/* What a file is opened for. */
typedef enum hf__data_use {
    HF__DATA_WRITE = 0, /* read and write, alone */
    HF__DATA_COPY,      /* read, alone: it is the source of a copy */
    HF__DATA_READ,      /* read, beside others that read; none writes meanwhile */
} hf__data_use;

typedef struct hf__data_file {
    int fd; /* -1: not open */
    hf__file_info info;
} hf__data_file;

/*
 * Opens `place`, registers and locks it. HF_E_NOT_FOUND,
 * without a text, when nothing is there; HF_E_PATH for what is no ordinary file, a symbolic link
 * included; HF_E_OPEN_TWICE when this process has the file open by whatever name, HF_E_LOCKED when
 * another one has; HF_E_TOO_MANY and the errors of hf__files. After an error nothing is open.
 */
int hf__data_file_open(hf__data_file *file, const hf__place *place, hf__data_use use,
                       hf_store_error *error);

/*
 * Closes and forgets it, if it is open. Not in a child of fork: its parent would lose the lock.
 */
void hf__data_file_close(hf__data_file *file);

/* True when `place` leads to the open file. */
bool hf__data_file_is_at(const hf__data_file *file, const hf__place *place);

/*
 * 0 when nothing is at `place`, where a store is to be made. Else HF_E_OPEN_TWICE or HF_E_LOCKED
 * when it is a store that is open, HF_E_EXISTS for anything else.
 */
int hf__data_file_place_is_free(const hf__place *place, hf_store_error *error);

#endif
