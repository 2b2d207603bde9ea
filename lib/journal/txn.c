/*
 * txn.c - beginning and ending transactions.
 *
 * A snapshot is a snapshot of the store and the memtables that may not be in the store, taken so
 * that no batch is missed: a checkpoint that ended after the store's snapshot was begun, and before
 * the memtables were pinned, is noticed by its mark, and both are taken again. A memtable that is
 * also in the store's snapshot does no harm: its rows are the newer ones either way.
 *
 * The writer begins its snapshot of the store only when it reads something that is in no memtable;
 * most batches never do.
 */
#include "journal/state.h"

#include <holdfast/error.h>

int hf__journal_inner(hf__journal_txn *txn)
{
    const hf__journal *journal = txn->journal;
    if (txn->inner != NULL)
        return 0;
    return journal->inner->begin(journal->store, HF_TXN_SNAPSHOT, txn->caller, &txn->inner);
}

static int begin_write(hf__journal *journal, const hf_store_caller *caller, hf__journal_txn **out)
{
    hf__journal_txn *txn = &journal->writer;
    hf__lock_take(&journal->lock);
    int error = journal->writing ? hf__store_fail(caller->error, HF_E_BUSY, 0,
                                                  "%s: another write transaction is open",
                                                  journal->segments.text)
                                 : hf__journal_reserve(journal, caller->error);
    if (error == 0) {
        journal->writing = true;
        txn->stored = journal->stored.batch;
        hf__journal_pin(txn, HF__BATCH_NEVER);
        txn->mark = journal->written;
        txn->mark.identity = journal->identity; /* records have none */
    }
    hf__lock_give(&journal->lock);
    if (error != 0)
        return error;
    txn->sees = HF__BATCH_NEVER - 1; /* its own changes too */
    txn->writes = true;
    txn->failed = 0;
    txn->piece_count = 0;
    txn->change_count = 0;
    for (uint32_t t = 0; t < journal->schema->table_count; t++)
        txn->moved[t] = 0;
    *out = txn;
    return 0;
}

static hf__journal_txn *take_reader(hf__journal *journal)
{
    hf__journal_txn *found = NULL;
    hf__lock_take(&journal->lock);
    for (uint32_t i = 0; found == NULL && i < HF__JOURNAL_READERS; i++)
        if (!journal->readers[i].open)
            found = &journal->readers[i];
    if (found != NULL)
        found->open = true;
    hf__lock_give(&journal->lock);
    return found;
}

/* One try; false when a checkpoint came between. */
static bool pin_behind(hf__journal_txn *txn, uint64_t stored)
{
    hf__journal *journal = txn->journal;
    hf__lock_take(&journal->lock);
    bool good = stored >= journal->stored.batch;
    if (good)
        hf__journal_pin(txn, stored);
    hf__lock_give(&journal->lock);
    return good;
}

static int begin_snapshot(hf__journal_txn *txn)
{
    const hf_store_driver *inner = txn->journal->inner;
    for (;;) {
        int error = hf__journal_inner(txn);
        if (error != 0)
            return error;
        txn->store = (hf_store_stat){0};
        error = inner->stat(txn->inner, &txn->store);
        if (error == 0 && pin_behind(txn, txn->store.mark.batch))
            return 0;
        inner->rollback(txn->inner);
        txn->inner = NULL;
        if (error != 0)
            return error;
    }
}

int hf__journal_begin(void *store, uint32_t mode, const hf_store_caller *caller, void **out)
{
    hf__journal *journal = store;
    hf__journal_txn *txn = NULL;
    *out = NULL;
    if (hf__os_fork_count() != journal->forks)
        return hf__store_fail(caller->error, HF_E_FORKED, 0,
                              "%s: opened before a fork; open it in this process",
                              journal->segments.text);
    if (mode == HF_TXN_WRITE && journal->read_only)
        return hf__store_fail(caller->error, HF_E_READ_ONLY, 0, "%s: opened to be read only",
                              journal->segments.text);
    if (mode == HF_TXN_WRITE) {
        int error = begin_write(journal, caller, &txn);
        if (error != 0)
            return error;
    } else {
        txn = take_reader(journal);
        if (txn == NULL)
            return hf__store_fail(caller->error, HF_E_BUSY, 0,
                                  "%s: more than %u snapshots at the same time",
                                  journal->segments.text, HF__JOURNAL_READERS);
        txn->writes = false;
    }
    txn->caller = caller;
    if (!txn->writes) {
        int error = begin_snapshot(txn);
        if (error != 0) {
            hf__journal_end(txn);
            return error;
        }
    }
    *out = txn;
    return 0;
}

void hf__journal_end(hf__journal_txn *txn)
{
    hf__journal *journal = txn->journal;
    if (txn->inner != NULL)
        journal->inner->rollback(txn->inner);
    txn->inner = NULL;
    hf__lock_take(&journal->lock);
    hf__journal_unpin(txn);
    if (txn->writes) {
        journal->writing = false;
        if (journal->switch_requested)
            (void)hf__journal_switch(journal);
    }
    txn->open = false;
    hf__lock_give(&journal->lock);
}

void hf__journal_rollback(void *begun)
{
    hf__journal_txn *txn = begun;
    if (txn == NULL)
        return;
    if (txn->writes && txn->change_count != 0)
        hf__memtable_take_back(txn->journal->active, txn->journal->written.batch + 1);
    hf__journal_end(txn);
}

/* What the writer sees beside the store: whole memtables, and what it wrote. */
static void add_written(const hf__journal_txn *txn, uint64_t stored, hf_table_stat *tables)
{
    hf__journal *journal = txn->journal;
    hf__lock_take(&journal->lock);
    for (uint32_t t = 0; t < journal->schema->table_count; t++) {
        tables[t].rows += (uint64_t)txn->moved[t];
        if (journal->unsynced.open)
            tables[t].rows += (uint64_t)journal->unsynced.moved[t];
        for (uint32_t i = 0; i < txn->pinned_count; i++)
            if (txn->pinned[i]->last.batch > stored)
                tables[t].rows += (uint64_t)txn->pinned[i]->rows[t];
    }
    hf__lock_give(&journal->lock);
}

static int stat_tables(hf__journal_txn *txn, hf_store_stat *out)
{
    const hf__journal *journal = txn->journal;
    int error = hf__journal_inner(txn);
    if (error == 0)
        error = journal->inner->stat(txn->inner, out);
    if (error != 0 || out->tables == NULL)
        return error;
    if (txn->writes)
        add_written(txn, out->mark.batch, out->tables);
    for (uint32_t t = 0; t < journal->schema->table_count; t++) {
        uint64_t more = txn->writes ? 0 : (uint64_t)txn->rows[t];
        /* The store's checksum is of what it has. */
        out->tables[t] = (hf_table_stat){.rows = out->tables[t].rows + more};
    }
    return 0;
}

int hf__journal_stat(void *begun, hf_store_stat *out)
{
    hf__journal_txn *txn = begun;
    int error = 0;
    if (out->tables == NULL && !txn->writes) /* asked for by every batch of reads */
        *out = txn->store;
    else
        error = stat_tables(txn, out);
    out->mark = txn->mark;
    return error;
}

int hf__journal_check(void *begun, hf_progress_cb progress, void *progress_data)
{
    hf__journal_txn *txn = begun;
    int error = hf__journal_inner(txn);
    return error != 0 ? error : txn->journal->inner->check(txn->inner, progress, progress_data);
}
