/*
 * memtables.c - which memtable accepts changes, which one a checkpoint writes, which are read and
 * which are free.
 */
#include "journal/state.h"

#include <holdfast/error.h>

static hf__memtable *free_memtable(hf__journal *journal)
{
    for (uint32_t i = 0; i < HF__MEMTABLES; i++) {
        hf__memtable *memtable = &journal->memtables[i];
        if (memtable->state == HF__MEMTABLE_FREE)
            return memtable;
    }
    return NULL;
}

bool hf__journal_switch(hf__journal *journal)
{
    hf__memtable *active = journal->active;
    if (journal->immutable != NULL || journal->unsynced.open || active->last.batch == 0)
        return false;
    hf__memtable *next = free_memtable(journal);
    if (next == NULL)
        return false;
    active->state = HF__MEMTABLE_IMMUTABLE;
    next->state = HF__MEMTABLE_ACTIVE;
    journal->immutable = active;
    journal->done = 0;
    journal->active = next;
    journal->read_back = 0;
    journal->wanted = false;
    hf__signal_raise(&journal->moved);
    return true;
}

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

static void free_if_unread(hf__journal *journal, hf__memtable *memtable)
{
    if (memtable->state != HF__MEMTABLE_FLUSHED || memtable->pins != 0)
        return;
    hf__memtable_reset(memtable);
    memtable->state = HF__MEMTABLE_FREE;
    hf__signal_raise(&journal->moved);
}

/* The active memtable has only changes of batches that failed, and can be emptied. */
static bool reset_active(hf__journal *journal)
{
    hf__memtable *active = journal->active;
    hf__memtable *next = active->pins == 0 ? active : free_memtable(journal);
    if (active->last.batch != 0 || next == NULL)
        return false;
    active->state = HF__MEMTABLE_FLUSHED;
    free_if_unread(journal, active);
    next->state = HF__MEMTABLE_ACTIVE;
    journal->active = next;
    return true;
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
    while (journal->unsynced.open && (journal->wanted || is_full(journal)))
        hf__signal_wait(&journal->synced, &journal->lock);
    while (is_full(journal)) {
        if (journal->broken != 0 || journal->failed != 0)
            return refused(journal, error);
        if (reset_active(journal) || hf__journal_switch(journal))
            break;
        int code = wait_for_checkpoint(journal, error);
        if (code != 0)
            return code;
    }
    return journal->broken != 0 ? refused(journal, error) : 0;
}

static void pin(hf__journal_txn *txn, hf__memtable *memtable, uint64_t stored)
{
    memtable->pins++;
    txn->pinned[txn->pinned_count++] = memtable;
    for (uint32_t t = 0; memtable->last.batch > stored && t < memtable->schema->table_count; t++)
        txn->rows[t] += memtable->rows[t];
}

void hf__journal_pin(hf__journal_txn *txn, uint64_t stored)
{
    hf__journal *journal = txn->journal;
    txn->pinned_count = 0;
    for (uint32_t t = 0; t < journal->schema->table_count; t++)
        txn->rows[t] = 0;
    pin(txn, journal->active, stored);
    if (journal->immutable != NULL)
        pin(txn, journal->immutable, stored);
    txn->mark = journal->committed;
    txn->mark.identity = journal->identity;
    txn->sees = journal->committed.batch;
}

void hf__journal_unpin(hf__journal_txn *txn)
{
    for (uint32_t i = 0; i < txn->pinned_count; i++) {
        txn->pinned[i]->pins--;
        free_if_unread(txn->journal, txn->pinned[i]);
    }
    txn->pinned_count = 0;
}

void hf__journal_flushed(hf__journal *journal)
{
    hf__memtable *memtable = journal->immutable;
    journal->stored = memtable->last;
    journal->immutable = NULL;
    journal->checkpoints++;
    journal->failed = 0;
    memtable->state = HF__MEMTABLE_FLUSHED;
    free_if_unread(journal, memtable);
    hf__signal_raise(&journal->moved);
}
