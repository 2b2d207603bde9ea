/*
 * memtables.c - which memtable accepts changes, which one a checkpoint writes, which are read and
 * which are free.
 */
#include "journal/state.h"

void hf__journal_activate(hf__journal *journal)
{
    journal->active = &journal->memtables[0];
    journal->active->state = HF__MEMTABLE_ACTIVE;
}

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
    journal->switch_requested = false;
    hf__signal_raise(&journal->moved);
    return true;
}

static void free_if_unread(hf__journal *journal, hf__memtable *memtable)
{
    if (memtable->state != HF__MEMTABLE_FLUSHED || memtable->pins != 0)
        return;
    hf__memtable_reset(memtable);
    memtable->state = HF__MEMTABLE_FREE;
    hf__signal_raise(&journal->moved);
}

bool hf__journal_reset_active(hf__journal *journal)
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
