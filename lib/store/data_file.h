/*
 * data_file.h - a store's file, open for as long as the store is, and locked unless it is only
 * read.
 *
 * The lock is on the file itself. So it holds under every name of the file, and whatever happens to
 * the files beside it. It is flock: POSIX locks, which SQLite takes on the same file and LMDB on
 * its table of readers, are independent of it.
 *
 * Closing any descriptor of a file drops the POSIX locks that the process has on the file. So a
 * file is registered by device and inode before it is opened, a registered file is not opened
 * again, and its descriptor is closed after the driver's own.
 *
 * A process that only reads excludes no other process. Writer and readers detect each other by
 * locks of single bytes far behind the end of the file, for which a reader needs no permission to
 * write. The writer locks the first of them before it writes anything. A reader locks the byte of
 * the state that it reads: while such a lock is held, a writer that comes later leaves what belongs
 * to that state where it is. A reader first locks its byte, then looks for a writer; a writer first
 * locks its byte, then looks for readers. So at least one of the two sees the other one.
 */
#ifndef HF_STORE_DATA_FILE_H
#define HF_STORE_DATA_FILE_H

#include "base/fail.h"
#include "base/os.h"

/* What a file is opened for. */
typedef enum hf__data_use {
    HF__DATA_WRITE = 0, /* read and write, alone */
    HF__DATA_COPY,      /* read, alone: it is the source of a copy */
    HF__DATA_READ,      /* read, beside any other process */
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

/* A reader asks: does another process have the file open for writing? */
int hf__data_file_is_written(const hf__data_file *file, bool *written, const hf__place *place,
                             hf_store_error *error);

/* A reader locks the byte of a state: its number, below 2^61, is the store's choice. */
int hf__data_file_pin(const hf__data_file *file, uint64_t state, const hf__place *place,
                      hf_store_error *error);

/* The writer asks: the lowest number of a state that a reader reads; UINT64_MAX: there is none. */
uint64_t hf__data_file_pinned(const hf__data_file *file);

/* True when `place` leads to the open file. */
bool hf__data_file_is_at(const hf__data_file *file, const hf__place *place);

/*
 * 0 when nothing is at `place`, where a store is to be made. Else HF_E_OPEN_TWICE or HF_E_LOCKED
 * when it is a store that is open, HF_E_EXISTS for anything else.
 */
int hf__data_file_place_is_free(const hf__place *place, hf_store_error *error);

#endif
