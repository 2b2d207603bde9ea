/*
 * write.c - changes into the active generation, and the commit that makes one record of them.
 *
 * A row is encoded once, where it stays: the record is written from there, readers decode from
 * there, and the checkpoint does. Until the commit nobody else sees it.
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

/* Where the next change goes, with `need` bytes of room at least; NULL: no memory. */
static uint8_t *place(hf__journal_txn *txn, size_t need, size_t *room)
{
    hf__pile *bytes = &txn->journal->active->bytes;
    bool first = txn->piece_count == 0;
    uint8_t *at = hf__pile_room(bytes, need + HF__RECORD_HEAD, room);
    if (at == NULL)
        return NULL;
    const hf__record_piece *last = first ? NULL : &txn->pieces[txn->piece_count - 1];
    if (first || at != last->data + last->bytes) {
        if (txn->piece_count == HF__RECORD_PIECES)
            return NULL;
        txn->pieces[txn->piece_count++] = (hf__record_piece){.data = at};
    }
    if (first) {
        hf__pile_take(bytes, HF__RECORD_HEAD);
        txn->pieces[0].bytes = HF__RECORD_HEAD;
        at += HF__RECORD_HEAD;
        *room -= HF__RECORD_HEAD;
    }
    return at;
}

/* Key and row behind the room for a short head; false: `room` is too small. */
static bool encode(const hf_table *table, const void *row, uint8_t *at, size_t room,
                   hf__change_view *out)
{
    uint8_t *key = at + HF__CHANGE_HEAD;
    out->key_bytes = hf__key_encode(table, 0, row, HF__KEY_ALL, key);
    if (out->gone)
        return true;
    size_t left = room - HF__CHANGE_HEAD_LONG - out->key_bytes;
    size_t bytes = hf__row_encode(table, row, key + out->key_bytes, left);
    out->row_bytes = (uint32_t)bytes;
    return bytes != 0 || table->column_count == table->key_count;
}

static uint8_t *encode_somewhere(hf__journal_txn *txn, const hf_table *table, const void *row,
                                 hf__change_view *out)
{
    size_t room;
    uint8_t *at = place(txn, HF__CHANGE_HEAD_LONG + HF__KEY_MAX + ROW_GUESS, &room);
    if (at == NULL || encode(table, row, at, room, out))
        return at;
    size_t most = hf__row_bytes_max(table, row);
    at = place(txn, HF__CHANGE_HEAD_LONG + HF__KEY_MAX + most, &room);
    return at == NULL || encode(table, row, at, room, out) ? at : NULL;
}

/* `row`: as it is to be, or as it was when it is removed. */
static int add(hf__journal_txn *txn, uint32_t table, const void *row, hf__change_view view)
{
    hf__journal *journal = txn->journal;
    const hf_table *of = journal->schema->tables[table];
    view.table = of->id;
    uint8_t *at = encode_somewhere(txn, of, row, &view);
    if (at == NULL)
        return HF_E_NOMEM;
    if (view.row_bytes >= HF__ROW_LONG)
        memmove(at + HF__CHANGE_HEAD_LONG, at + HF__CHANGE_HEAD,
                (size_t)view.key_bytes + view.row_bytes);
    uint32_t head = hf__change_head_write(at, &view);
    size_t bytes = head + (size_t)view.key_bytes + view.row_bytes;
    hf__pile_take(&journal->active->bytes, bytes);
    txn->pieces[txn->piece_count - 1].bytes += bytes;
    txn->change_count++;
    txn->moved[table] += view.gone ? -1 : view.is_new ? 1 : 0;
    const hf__new_change change = {
        .key = {.table = table,
                .byte_count = view.key_bytes,
                .bytes = at + head,
                .hash = hf__key_hash(table, at + head, view.key_bytes)},
        .row_bytes = view.row_bytes,
        .gone = view.gone,
        .is_new = view.is_new,
    };
    return hf__dirty_add(journal->active, &change, journal->committed.batch + 1) ? 0 : HF_E_NOMEM;
}

/* True when the transaction may write. */
static bool may_write(hf__journal_txn *txn, int *error)
{
    *error = txn->writes ? txn->failed : HF_E_ARGUMENT;
    if (*error == 0)
        return true;
    hf__journal_fail(txn->caller->error, *error, "%s: the transaction cannot write",
                     txn->journal->segments.folder);
    return false;
}

static int added(hf__journal_txn *txn, int error)
{
    txn->failed = error;
    return error == 0 ? 0
                      : hf__journal_fail(txn->caller->error, error, "%s: no memory for changes",
                                         txn->journal->segments.folder);
}

int hf__journal_put(void *begun, uint32_t table, const void *const *rows, const void *const *olds,
                    uint32_t count)
{
    hf__journal_txn *txn = begun;
    int error;
    if (!may_write(txn, &error))
        return error;
    for (uint32_t i = 0; error == 0 && i < count; i++)
        error = add(txn, table, rows[i], (hf__change_view){.is_new = olds[i] == NULL});
    return added(txn, error);
}

int hf__journal_del(void *begun, uint32_t table, const void *const *olds, uint32_t count)
{
    hf__journal_txn *txn = begun;
    int error;
    if (!may_write(txn, &error))
        return error;
    for (uint32_t i = 0; error == 0 && i < count; i++)
        error = add(txn, table, olds[i], (hf__change_view){.gone = true});
    return added(txn, error);
}

static int append(hf__journal_txn *txn, const hf_store_mark *mark)
{
    hf__journal *journal = txn->journal;
    size_t room;
    if (txn->piece_count == 0 && place(txn, 0, &room) == NULL)
        return added(txn, HF_E_NOMEM);
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < txn->piece_count; i++)
        bytes += txn->pieces[i].bytes;
    if (bytes > UINT32_MAX || mark->batch <= journal->committed.batch)
        return hf__journal_fail(txn->caller->error, HF_E_ARGUMENT,
                                "%s: batch %llu does not follow %llu", journal->segments.folder,
                                (unsigned long long)mark->batch,
                                (unsigned long long)journal->committed.batch);
    const hf__record_head head = {
        .batch = mark->batch,
        .after = journal->committed.batch,
        .time_ms = mark->time_ms,
        .bytes = (uint32_t)(bytes - HF__RECORD_HEAD),
        .count = txn->change_count,
    };
    journal->segments.error = txn->caller->error;
    hf__segments_release(&journal->segments, txn->stored);
    return hf__segments_append(&journal->segments, &head, txn->pieces, txn->piece_count);
}

/* From now on every transaction that begins sees the batch. */
static void publish(hf__journal_txn *txn, const hf_store_mark *mark)
{
    hf__journal *journal = txn->journal;
    hf__lock_take(&journal->lock);
    journal->committed = *mark;
    journal->active->last = *mark;
    for (uint32_t t = 0; t < journal->schema->table_count; t++)
        journal->active->rows[t] += txn->moved[t];
    hf__lock_give(&journal->lock);
}

int hf__journal_commit(void *begun, const hf_store_mark *mark)
{
    hf__journal_txn *txn = begun;
    int error;
    if (may_write(txn, &error))
        error = append(txn, mark);
    if (error != 0) {
        hf__journal_rollback(txn);
        return error;
    }
    publish(txn, mark);
    hf__journal_end(txn);
    return 0;
}
