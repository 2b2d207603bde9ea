/*
 * write.c - changes into the active memtable, and the commit that makes one record of them.
 *
 * A row is encoded once, where it stays: the record is written from there, readers decode from
 * there, and the checkpoint does. Until the row is durable only the writer sees it.
 *
 *     append   the record is written; the next transaction may begin, and sees it
 *     flush beside that transaction: now the batch is durable, and every reader sees it
 *
 * Failure modes: no memory, after which the transaction can only be rolled back; what an append can
 * fail with (segments.h). A change of a transaction that fails stays where it is and belongs to no
 * batch.
 */
#include "journal/state.h"
#include "model/codec.h"

#include <holdfast/error.h>
#include <string.h>

#define ROW_GUESS 1024u /* bytes that nearly every row fits in */

/* Reserves at least `need` bytes for the next change, *capacity of them; NULL: no memory. */
static uint8_t *reserve(hf__journal_txn *txn, size_t need, size_t *capacity)
{
    hf__region *bytes = &txn->journal->active->bytes;
    bool first = txn->piece_count == 0;
    uint8_t *at = hf__region_reserve(bytes, need + HF__RECORD_HEAD, capacity);
    if (at == NULL)
        return NULL;
    const hf__record_piece *last = first ? NULL : &txn->pieces[txn->piece_count - 1];
    if (first || at != last->data + last->bytes) {
        txn->piece_count -= !first && last->bytes == 0 ? 1 : 0;
        if (txn->piece_count == HF__RECORD_PIECES)
            return NULL;
        txn->pieces[txn->piece_count++] = (hf__record_piece){.data = at};
    }
    if (first) {
        hf__region_take(bytes, HF__RECORD_HEAD);
        txn->pieces[0].bytes = HF__RECORD_HEAD;
        at += HF__RECORD_HEAD;
        *capacity -= HF__RECORD_HEAD;
    }
    return at;
}

/* Writes a row behind its key; false: `capacity` is too small. */
static bool encode(const hf_table *table, const void *row, uint8_t *at, size_t capacity,
                   uint32_t *row_bytes)
{
    size_t bytes = hf__row_encode(table, row, at, capacity);
    *row_bytes = (uint32_t)bytes;
    return bytes != 0 || table->column_count == table->key_count;
}

/* Encodes key and row behind the bytes of a short head; NULL: no memory. */
static uint8_t *encode_change(hf__journal_txn *txn, const hf__key *key, const void *row,
                              uint32_t *row_bytes)
{
    const hf_table *table = txn->journal->schema->tables[key->table];
    const size_t before = HF__CHANGE_HEAD + (size_t)key->byte_count;
    const size_t lost = HF__CHANGE_HEAD_LONG - HF__CHANGE_HEAD;
    size_t capacity;
    uint8_t *at = reserve(txn, before + lost + ROW_GUESS, &capacity);
    if (at != NULL && row != NULL &&
        !encode(table, row, at + before, capacity - before - lost, row_bytes)) {
        at = reserve(txn, before + lost + hf__row_bytes_max(table, row), &capacity);
        if (at != NULL && !encode(table, row, at + before, capacity - before - lost, row_bytes))
            at = NULL;
    }
    if (at != NULL)
        memcpy(at + HF__CHANGE_HEAD, key->bytes, key->byte_count);
    return at;
}

/* `row` NULL: it is removed. */
static int add(hf__journal_txn *txn, const hf__key *key, const void *row, bool is_new)
{
    hf__journal *journal = txn->journal;
    hf__memtable_prefetch_add(journal->active, key->hash);
    hf__change_view view = {
        .table = journal->schema->tables[key->table]->id,
        .key_bytes = key->byte_count,
        .removed = row == NULL,
        .is_new = is_new,
    };
    uint8_t *at = encode_change(txn, key, row, &view.row_bytes);
    if (at == NULL)
        return HF_E_NOMEM;
    if (view.row_bytes >= HF__ROW_LONG)
        memmove(at + HF__CHANGE_HEAD_LONG, at + HF__CHANGE_HEAD,
                (size_t)view.key_bytes + view.row_bytes);
    uint32_t head = hf__change_head_write(at, &view);
    size_t bytes = head + (size_t)view.key_bytes + view.row_bytes;
    hf__region_take(&journal->active->bytes, bytes);
    txn->pieces[txn->piece_count - 1].bytes += bytes;
    txn->change_count++;
    txn->moved[key->table] += hf__rows_by(view.removed, is_new);
    hf__new_change change = {
        .key = *key, .row_bytes = view.row_bytes, .removed = view.removed, .is_new = is_new};
    change.key.bytes = at + head;
    return hf__memtable_add(journal->active, &change, journal->written.batch + 1) ? 0 : HF_E_NOMEM;
}

/* The same for a row whose key is not encoded yet: `old` names it when it is removed. */
static int add_row(hf__journal_txn *txn, uint32_t table, const void *row, const void *old)
{
    uint8_t bytes[HF__KEY_MAX];
    hf__key key = {.table = table, .bytes = bytes};
    key.byte_count = hf__key_encode(txn->journal->schema->tables[table], 0, row != NULL ? row : old,
                                    HF__KEY_ALL, bytes);
    key.hash = hf__key_hash(table, bytes, key.byte_count);
    return add(txn, &key, row, row != NULL && old == NULL);
}

/* True when the transaction may write. */
static bool may_write(hf__journal_txn *txn, int *error)
{
    *error = txn->writes ? txn->failed : HF_E_ARGUMENT;
    if (*error == 0)
        return true;
    hf__store_fail(txn->caller->error, *error, 0, "%s: the transaction cannot write",
                   txn->journal->segments.text);
    return false;
}

static int added(hf__journal_txn *txn, int error)
{
    txn->failed = error;
    return error == 0 ? 0
                      : hf__store_fail(txn->caller->error, error, 0, "%s: no memory for changes",
                                       txn->journal->segments.text);
}

int hf__journal_put(void *begun, uint32_t table, const void *const *rows, const void *const *olds,
                    uint32_t count)
{
    hf__journal_txn *txn = begun;
    int error;
    if (!may_write(txn, &error))
        return error;
    for (uint32_t i = 0; error == 0 && i < count; i++)
        error = add_row(txn, table, rows[i], olds[i]);
    return added(txn, error);
}

int hf__journal_del(void *begun, uint32_t table, const void *const *olds, uint32_t count)
{
    hf__journal_txn *txn = begun;
    int error;
    if (!may_write(txn, &error))
        return error;
    for (uint32_t i = 0; error == 0 && i < count; i++)
        error = add_row(txn, table, NULL, olds[i]);
    return added(txn, error);
}

int hf__journal_write(void *begun, const hf__key *key, const void *row, const void *old)
{
    hf__journal_txn *txn = begun;
    int error;
    if (!may_write(txn, &error))
        return error;
    return added(txn, add(txn, key, row, row != NULL && old == NULL));
}

/*
 * At most one record is written and not flushed. So a loss of power can tear only the last one, and
 * what does not check before it is damage.
 */
static void wait_for_sync(hf__journal *journal)
{
    hf__lock_take(&journal->lock);
    while (journal->unsynced.open)
        hf__signal_wait(&journal->synced, &journal->lock);
    hf__lock_give(&journal->lock);
}

/*
 * The batch is decided, so nothing is read any more. The next steps may write to the store, and
 * SQLite checkpoints its log only while no snapshot is open.
 */
static void end_reading(hf__journal_txn *txn)
{
    if (txn->inner != NULL)
        txn->journal->inner->rollback(txn->inner);
    txn->inner = NULL;
}

static int append(hf__journal_txn *txn, const hf_store_mark *mark)
{
    hf__journal *journal = txn->journal;
    size_t capacity;
    if (txn->piece_count == 0 && reserve(txn, 0, &capacity) == NULL)
        return added(txn, HF_E_NOMEM);
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < txn->piece_count; i++)
        bytes += txn->pieces[i].bytes;
    if (bytes > UINT32_MAX)
        return hf__store_fail(txn->caller->error, HF_E_NOMEM, 0,
                              "%s: a batch of %llu bytes is too large for one record",
                              journal->segments.text, (unsigned long long)bytes);
    if (mark->batch <= journal->written.batch)
        return hf__store_fail(txn->caller->error, HF_E_ARGUMENT, 0,
                              "%s: batch %llu does not follow %llu", journal->segments.text,
                              (unsigned long long)mark->batch,
                              (unsigned long long)journal->written.batch);
    const hf__record_head head = {
        .batch = mark->batch,
        .after = journal->written.batch,
        .time_ms = mark->time_ms,
        .bytes = (uint32_t)(bytes - HF__RECORD_HEAD),
        .count = txn->change_count,
    };
    end_reading(txn);
    wait_for_sync(journal);
    journal->segments.error = txn->caller->error;
    hf__segments_release(&journal->segments, txn->stored, false);
    int error = hf__journal_first(journal, head.after, hf__record_span(&head));
    if (error != 0) { /* the batch has no record */
        txn->caller->error->code = hf__checkpoint_undone(error);
        return txn->caller->error->code;
    }
    return hf__segments_append(&journal->segments, &head, txn->pieces, txn->piece_count);
}

/* Notes the record that is written and not flushed. */
static void note_unsynced(hf__journal_txn *txn, const hf_store_mark *mark)
{
    hf__journal *journal = txn->journal;
    hf__unsynced *unsynced = &journal->unsynced;
    hf__lock_take(&journal->lock);
    journal->written = *mark;
    unsynced->open = true;
    unsynced->mark = *mark;
    unsynced->segment = journal->segments.current->head.seq;
    journal->disk_bytes = journal->segments.limit;
    unsynced->kept = journal->active->bytes.used;
    memcpy(unsynced->moved, txn->moved, sizeof unsynced->moved);
    hf__lock_give(&journal->lock);
}

int hf__journal_append(void *begun, const hf_store_mark *mark)
{
    hf__journal_txn *txn = begun;
    int error;
    if (may_write(txn, &error))
        error = append(txn, mark);
    if (error != 0) {
        hf__journal *journal = txn->journal;
        hf__journal_rollback(txn);
        if (error == HF_E_NO_SPACE) /* segments can be reused after a checkpoint */
            hf__journal_request_checkpoint(journal);
        return error;
    }
    note_unsynced(txn, mark);
    hf__journal_end(txn);
    return 0;
}

/* From now on every transaction that begins sees the batch. */
static void publish(hf__journal *journal)
{
    const hf__unsynced *unsynced = &journal->unsynced;
    hf__memtable *active = journal->active;
    journal->committed = unsynced->mark;
    journal->identity.segment = unsynced->segment;
    active->last = unsynced->mark;
    active->kept = unsynced->kept;
    for (uint32_t t = 0; t < journal->schema->table_count; t++)
        active->rows[t] += unsynced->moved[t];
}

/* The state on disk is not known, so no checkpoint is made either; the next open reads what is
   there. */
static void stop_writing(hf__journal *journal, const hf_store_error *why)
{
    journal->lost = true;
    journal->broken = hf__store_fail(&journal->reason, HF_E_POISONED, why->native,
                                     "%.400s; close and open the store", why->text);
    hf__signal_raise(&journal->moved);
}

int hf__journal_flush(hf__journal *journal, hf_store_error *reason)
{
    journal->segments.error = reason;
    int error = hf__segments_flush(&journal->segments);
    hf__lock_take(&journal->lock);
    if (error == 0)
        publish(journal);
    else
        stop_writing(journal, reason);
    journal->unsynced.open = false;
    if (journal->switch_requested && !journal->writing)
        (void)hf__journal_switch(journal);
    hf__signal_raise(&journal->synced);
    hf__lock_give(&journal->lock);
    return error;
}

int hf__journal_await(hf__journal *journal, uint64_t batch, hf_store_error *reason)
{
    hf__lock_take(&journal->lock);
    while (journal->committed.batch < batch && !journal->lost)
        hf__signal_wait(&journal->synced, &journal->lock);
    bool lost = journal->committed.batch < batch;
    if (lost)
        *reason = journal->reason;
    hf__lock_give(&journal->lock);
    return lost ? HF_E_POISONED : 0;
}

int hf__journal_commit(void *begun, const hf_store_mark *mark)
{
    hf__journal_txn *txn = begun;
    hf__journal *journal = txn->journal;
    hf_store_error *reason = txn->caller->error;
    int error = hf__journal_append(txn, mark);
    return error != 0 ? error : hf__journal_flush(journal, reason);
}
