/*
 * journal.h - a log in front of a store: a batch is durable when one sequential record of it is.
 *
 *     commit      the batch's changes, encoded once, as one record behind the last: one flush
 *     reads changes without a checkpoint, over a snapshot of the store
 *     checkpoint  behind: a whole memtable of changes, sorted, in one store transaction
 *     open the records after the last checkpoint are replayed; nothing is written first
 *
 * It is a store driver around another one, so everything above works through the same contract,
 * and everything below is any exclusive store whose location is the path of a file. The store's
 * mark says which batches it has; the journal's records after it say the rest.
 *
 * Threads: one at a time writes through it and one flushes, others read snapshots, and a thread of
 * its own makes checkpoints. The checkpoint thread is not the maintenance thread, since a verify
 * may take minutes while memory for changes is bounded. A batch waits when the active memtable is
 * half full while the immutable memtable is being written: from there on the active one fills only
 * as fast as the checkpoint advances (backpressure). Nothing else waits.
 *
 * Failure modes. No space for a segment, however small: the batch fails and nothing has happened. A
 * flush that fails: HF_E_IO, and nothing is written any more. A checkpoint that finds no space is
 * tried again; meanwhile batches continue until memory is full, then they get its error. Any other
 * failure of the store stops all writing. At open: a torn last record is cut; damage before it is
 * HF_E_CORRUPT with its place; records that do not follow the store's last batch are HF_E_CORRUPT
 * too.
 *
 * Read-only: a snapshot of the store is taken, the records after its last checkpoint are replayed
 * into memory as usual, and nothing is written. An engine may write meanwhile. Records that the
 * engine adds do not matter: they were not acknowledged before. Segments that the engine reuses or
 * removes while they are read look damaged, or like a journal that does not belong to the snapshot;
 * then everything is read again from a new snapshot, several times. After the open only the store's
 * file is read.
 *
 * Source: write-ahead logging with checkpoints after Gray and Reuter, Transaction Processing
 * (1992), chapters 9 to 11; redo only, since nothing uncommitted reaches the store.
 */
#ifndef HF_JOURNAL_JOURNAL_H
#define HF_JOURNAL_JOURNAL_H

#include "base/env.h"
#include "metrics/histogram.h"
#include "model/key.h"

#include <holdfast/journal.h>
#include <holdfast/store.h>

typedef struct hf__journal hf__journal;

typedef struct hf__journal_config {
    hf_env *env;                  /* lives as long as the journal */
    const hf_store_driver *inner; /* has HF_STORE_JOURNALED */
    const hf_store_config *store; /* for the inner store; schema and error are used here too */
    uint64_t bytes_max;           /* of changes without a checkpoint */
    bool without;                 /* hf_options.without_journal */
    bool read_only;               /* hf_options.read_only; `store` says the same */
} hf__journal_config;

/* Opens the inner store and reads the journal back. Errors as open of a driver. */
int hf__journal_open(const hf__journal_config *config, hf__journal **out);

/*
 * Closes it. 0: the store has everything, and the files are removed. Otherwise the files stay, the
 * next open reads them back, and the error of the last checkpoint is returned and filled in (may be
 * NULL).
 */
int hf__journal_close(hf__journal *journal, hf_store_error *left);

/* The functions to use it by; `open` and `restore` are not among them. */
extern const hf_store_driver hf__journal_driver;

/*
 * As put (`old` NULL: the row is new) and del (`row` NULL) of one row whose key is encoded already:
 * what the storage thread uses, since the journal takes rows in any order.
 */
int hf__journal_write(void *txn, const hf__key *key, const void *row, const void *old);

/*
 * Commit in two steps, for two threads: while one thread flushes the record that it appended, the
 * other one decides the next batch, and appends its record when that flush has ended. append has
 * the errors of commit and ends the transaction. flush is called once after each append that
 * succeeded, by the same thread; HF_E_IO, after which nothing is written any more. await is for a
 * batch that wrote nothing and depends on earlier ones: it waits until `batch` is durable;
 * HF_E_POISONED when that will not happen.
 */
int hf__journal_append(void *txn, const hf_store_mark *mark);
int hf__journal_flush(hf__journal *journal, hf_store_error *error);
int hf__journal_await(hf__journal *journal, uint64_t batch, hf_store_error *error);

/*
 * True when a store that says `stat` (NULL: there is none) has to be opened with a journal first:
 * it has one, or segments are there at its location.
 */
bool hf__journal_is_needed(const hf_env *env, const char *location, const hf_store_stat *stat);

/* True when a journal lies at a store's location. */
bool hf__journal_exists(const hf_env *env, const char *location);

/*
 * 0, or HF_E_EXISTS: a journal lies at `location`, where a file is to be made, and no file does.
 * Where a file lies the store refuses it itself, and knows whether it is open.
 */
int hf__journal_check_place(const hf_env *env, const char *location, hf_store_error *error);

/*
 * Reports the segments of the journal at a store's location, as hf_journal_read does; the store is
 * not read. The error is filled.
 */
int hf__journal_list(hf_env *env, const char *location, hf_segment_cb cb, void *data,
                     hf_store_error *error);

/*
 * Makes a checkpoint of everything that was committed before this call. Any thread. 0 or HF_E_*,
 * then `error` is filled (may be NULL).
 */
int hf__journal_checkpoint(hf__journal *journal, hf_store_error *error);

/* Requests a checkpoint and does not wait; without threads the call makes it. */
void hf__journal_request_checkpoint(hf__journal *journal);

/* The journal's state. Any thread. */
typedef struct hf__journal_state {
    uint64_t dirty_bytes; /* of changes without a checkpoint; 0: the store has everything */
    uint64_t checkpoints; /* since open */
    uint64_t bytes;       /* of the segments on disk */
    bool fails;           /* the last checkpoint failed */
    uint64_t passed;      /* keys of changes that scans have looked at, since open */
} hf__journal_state;

hf__journal_state hf__journal_look(hf__journal *journal);

/* Copies how long its checkpoints took since open, in ns. Any thread. */
void hf__journal_commits(hf__journal *journal, hf_histogram *out);

#endif
