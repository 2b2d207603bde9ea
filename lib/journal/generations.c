/*
 * generations.c - which generation takes changes, which is written, which is read, which is free.
 */
#include "journal/state.h"

#include <holdfast/error.h>

static hf__dirty *free_generation(hf__journal *journal)
{
    for (uint32_t i = 0; i < HF__GENERATIONS; i++) {
        hf__dirty *dirty = &journal->generations[i];
        if (dirty->state == HF__DIRTY_FREE)
            return dirty;
    }
    return NULL;
}

bool hf__journal_seal(hf__journal *journal)
{
    hf__dirty *active = journal->active;
    if (journal->sealed != NULL || journal->flight.open || active->last.batch == 0)
        return false;
    hf__dirty *next = free_generation(journal);
    if (next == NULL)
        return false;
    active->state = HF__DIRTY_SEALED;
    next->state = HF__DIRTY_ACTIVE;
    journal->sealed = active;
    journal->done = 0;
    journal->active = next;
    journal->read_back = 0;
    journal->wanted = false;
    hf__signal_raise(&journal->moved);
    return true;
}

/* The error that stops a batch; told once, so that a later batch tries again. */
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

static void give_back(hf__journal *journal, hf__dirty *dirty)
{
    if (dirty->state != HF__DIRTY_WRITTEN || dirty->pins != 0)
        return;
    hf__dirty_reset(dirty);
    dirty->state = HF__DIRTY_FREE;
    hf__signal_raise(&journal->moved);
}

/* The active generation has only changes of batches that failed: nobody needs them. */
static bool renew(hf__journal *journal)
{
    hf__dirty *active = journal->active;
    hf__dirty *next = active->pins == 0 ? active : free_generation(journal);
    if (active->last.batch != 0 || next == NULL)
        return false;
    active->state = HF__DIRTY_WRITTEN;
    give_back(journal, active);
    next->state = HF__DIRTY_ACTIVE;
    journal->active = next;
    return true;
}

/* Lets the store have a generation, or waits until it has. HF_E_BUSY: that would be for ever. */
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
        return 0; /* the next look tells which error */
    return hf__store_fail(error, HF_E_BUSY, 0, "%s: memory for changes is full and being read",
                          journal->segments.text);
}

/*
 * Bytes that the active generation may have now: as much as there is memory, and space on disk for
 * its records. A store that is slower than what comes in would otherwise stop every batch at once,
 * until it has all of the sealed generation. So while that is being written only half is there at
 * once; the rest is given out as rows get there, and an eighth is left for the store's commit. What
 * was read back at opening came at once and has its room, so that the first batch does not wait for
 * it.
 */
static uint64_t allowance(const hf__journal *journal)
{
    const uint64_t most = journal->disk_bytes / 2;
    const uint64_t whole = most < journal->generation_bytes ? most : journal->generation_bytes;
    bool behind = journal->thread != NULL && journal->sealed != NULL && journal->failed == 0;
    if (!behind || journal->done >= journal->sealed->count)
        return whole;
    uint64_t had = journal->read_back < whole ? journal->read_back : whole;
    double part = (double)journal->done / journal->sealed->count;
    return had + (whole - had) / 2 + (uint64_t)((double)(whole - had) * 3 / 8 * part);
}

/* Whether something must become of it before anything else is written. */
static bool is_full(const hf__journal *journal)
{
    return journal->active->bytes.used >= allowance(journal);
}

int hf__journal_room(hf__journal *journal, hf_store_error *error)
{
    /* What is in flight belongs to the active generation; when it has landed, that can be sealed.
     */
    while (journal->flight.open && (journal->wanted || is_full(journal)))
        hf__signal_wait(&journal->landed, &journal->lock);
    while (is_full(journal)) {
        if (journal->broken != 0 || journal->failed != 0)
            return refused(journal, error);
        if (renew(journal) || hf__journal_seal(journal))
            break;
        int code = wait_for_checkpoint(journal, error);
        if (code != 0)
            return code;
    }
    return journal->broken != 0 ? refused(journal, error) : 0;
}

static void pin(hf__journal_txn *txn, hf__dirty *dirty, uint64_t stored)
{
    dirty->pins++;
    txn->pinned[txn->pinned_count++] = dirty;
    for (uint32_t t = 0; dirty->last.batch > stored && t < dirty->schema->table_count; t++)
        txn->rows[t] += dirty->rows[t];
}

void hf__journal_pin(hf__journal_txn *txn, uint64_t stored)
{
    hf__journal *journal = txn->journal;
    txn->pinned_count = 0;
    for (uint32_t t = 0; t < journal->schema->table_count; t++)
        txn->rows[t] = 0;
    pin(txn, journal->active, stored);
    if (journal->sealed != NULL)
        pin(txn, journal->sealed, stored);
    txn->mark = journal->committed;
    txn->mark.identity = journal->identity;
    txn->sees = journal->committed.batch;
}

void hf__journal_unpin(hf__journal_txn *txn)
{
    for (uint32_t i = 0; i < txn->pinned_count; i++) {
        txn->pinned[i]->pins--;
        give_back(txn->journal, txn->pinned[i]);
    }
    txn->pinned_count = 0;
}

void hf__journal_written(hf__journal *journal)
{
    hf__dirty *dirty = journal->sealed;
    journal->stored = dirty->last;
    journal->sealed = NULL;
    journal->checkpoints++;
    journal->failed = 0;
    dirty->state = HF__DIRTY_WRITTEN;
    give_back(journal, dirty);
    hf__signal_raise(&journal->moved);
}
