/*
 * reserve.c - memory of the active memtable for the next batch.
 *
 * Happy path: there is some. Otherwise the memtable is switched, or the batch waits for the
 * checkpoint that frees one.
 *
 * Failure modes: a checkpoint that failed stops one batch with its error, and is tried again;
 * HF_E_BUSY when transactions read all memtables, so that the wait would never end.
 */
#include "journal/state.h"

#include <holdfast/error.h>

/* The error that stops a batch. It is returned once, so that a later batch tries again. */
static int refused(hf__journal *journal, hf_store_error *error)
{
    int code = journal->broken != 0 ? HF_E_POISONED : journal->failed;
    *error = journal->reason;
    error->code = code;
    if (code == HF_E_NO_SPACE)
        hf__segments_release(&journal->segments, journal->stored.batch, true);
    journal->failed = 0;
    hf__signal_raise(&journal->moved); /* the checkpoint is tried again */
    return code;
}

/* Makes a checkpoint, or waits for one. HF_E_BUSY: the wait would never end. */
static int wait_for_checkpoint(hf__journal *journal, hf_store_error *error)
{
    uint64_t before = journal->checkpoints;
    if (journal->thread != NULL) {
        hf__signal_wait(&journal->moved, &journal->lock);
        return 0;
    }
    hf__lock_give(&journal->lock);
    int code = hf__checkpoint_step(journal);
    hf__lock_take(&journal->lock);
    if (code != 0 || journal->checkpoints != before)
        return 0; /* the caller looks for the error */
    return hf__store_fail(error, HF_E_BUSY, 0, "%s: memory for changes is full and being read",
                          journal->segments.text);
}

/*
 * Bytes that the active memtable may have now: as much as there is memory, and space on disk for
 * its records. A store that is slower than the batches would otherwise stop every batch at once,
 * until the checkpoint has written the whole immutable memtable. So during a checkpoint only half
 * of the memory can be used at once; the rest is released as rows are written, and an eighth is
 * kept for the store's commit. The bytes that opening replayed do not count, so that the first
 * batch does not wait for a checkpoint.
 */
static uint64_t allowance(const hf__journal *journal)
{
    const uint64_t most = journal->disk_bytes / 2;
    const uint64_t whole = most < journal->memtable_bytes ? most : journal->memtable_bytes;
    bool behind = journal->thread != NULL && journal->immutable != NULL && journal->failed == 0;
    if (!behind || journal->done >= journal->immutable->count)
        return whole;
    uint64_t had = journal->read_back < whole ? journal->read_back : whole;
    double part = (double)journal->done / journal->immutable->count;
    return had + (whole - had) / 2 + (uint64_t)((double)(whole - had) * 3 / 8 * part);
}

/* Whether the memtable must be switched before anything else is written. */
static bool is_full(const hf__journal *journal)
{
    return journal->active->bytes.used >= allowance(journal);
}

int hf__journal_reserve(hf__journal *journal, hf_store_error *error)
{
    /* The unsynced record belongs to the active memtable, which can be switched after the flush. */
    while (journal->unsynced.open && (journal->switch_requested || is_full(journal)))
        hf__signal_wait(&journal->synced, &journal->lock);
    while (is_full(journal)) {
        if (journal->broken != 0 || journal->failed != 0)
            return refused(journal, error);
        if (hf__journal_reset_active(journal) || hf__journal_switch(journal))
            break;
        int code = wait_for_checkpoint(journal, error);
        if (code != 0)
            return code;
    }
    return journal->broken != 0 ? refused(journal, error) : 0;
}
