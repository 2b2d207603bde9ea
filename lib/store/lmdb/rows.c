/*
 * rows.c - get, put and del: rows under their encoded keys, each with its checksum in front.
 *
 * Every row read is checked before anything of it is served. The table's XOR needs the checksum of
 * the row that goes: it is read from the page, where the cursor stands anyway, which is cheaper
 * than encoding the old row again.
 *
 * A row's checksum does not detect that its whole page is one of an earlier commit (a lost write).
 * The counts and XORs of the record of the store do, and check compares them.
 *
 * Failure modes: what the caller says and what the store has do not agree (a row appeared or is
 * missing), damage (HF_E_CORRUPT with its place), no memory. After a failed write the transaction
 * can only be rolled back.
 */
#include "store/lmdb/state.h"

#include <string.h>

#define CACHE_LINE 64u
#define KEY_BYTES  4096u /* of the keys that are read together */
#define MANY_ROWS  512u  /* of a table: fewer are in the processor's cache */

/* ---- Reading --------------------------------------------------------------------------------- */

/* Keys of rows that are read together. */
typedef struct keys {
    MDB_val keys[HF__LMDB_TOGETHER];
    uint32_t count;
    uint8_t bytes[KEY_BYTES];
} keys;

static void encode_keys(keys *out, const hf__lmdb_tree *tree, void *const *rows, uint32_t count)
{
    size_t used = 0;
    for (out->count = 0; out->count < count && out->count < HF__LMDB_TOGETHER &&
                         used + HF__KEY_MAX <= sizeof out->bytes;
         out->count++) {
        MDB_val *key = &out->keys[out->count];
        key->mv_data = out->bytes + used;
        key->mv_size = hf__key_encode(tree->table, 0, rows[out->count], HF__KEY_ALL, key->mv_data);
        used += key->mv_size;
    }
}

static int get_one(hf__lmdb_txn *txn, const hf__lmdb_tree *tree, const hf__lmdb_found *at,
                   MDB_val key, void *row, uint8_t *found)
{
    MDB_val value = at->value;
    MDB_cursor *cursor;
    int native = 0;
    if (!hf__lmdb_has_found(at, &key)) {
        native = hf__lmdb_cursor(txn, tree, &cursor);
        if (native == 0)
            native = mdb_cursor_get(cursor, &key, &value, MDB_SET);
    }
    *found = native == 0;
    if (native == MDB_NOTFOUND)
        return 0;
    if (native != 0)
        return hf__lmdb_tree_failed(txn, tree, native);
    return hf__lmdb_row_read(txn, tree, &key, &value, row);
}

int hf__lmdb_get(void *begun, uint32_t table, void *const *rows, uint8_t *found, uint32_t count)
{
    hf__lmdb_txn *txn = begun;
    const hf__lmdb_tree *tree = &txn->store->trees[txn->store->first[table]];
    hf__lmdb_found at[HF__LMDB_TOGETHER];
    keys of;
    for (uint32_t first = 0; first < count; first += of.count) {
        encode_keys(&of, tree, rows + first, count - first);
        hf__lmdb_search(txn, tree, of.keys, of.count, at);
        for (uint32_t i = 0; i < of.count; i++) {
            int error = get_one(txn, tree, &at[i], of.keys[i], rows[first + i], &found[first + i]);
            if (error != 0)
                return error;
        }
    }
    return 0;
}

/* ---- Writing --------------------------------------------------------------------------------- */

/* The row as it is stored, in the writer's buffer. Encoded first: nearly every row fits. */
static bool row_encode(hf__lmdb_store *store, const hf_table *table, const MDB_val *key,
                       const void *row, MDB_val *out)
{
    hf__lmdb_buffer *buffer = &store->row;
    size_t count = hf__row_encode(table, row, buffer->at + HF__LMDB_CRC_BYTES,
                                  buffer->bytes - HF__LMDB_CRC_BYTES);
    if (count == 0 && table->column_count > table->key_count) {
        size_t most = hf__row_bytes_max(table, row) + HF__LMDB_CRC_BYTES;
        if (!hf__lmdb_reserve(store, buffer, most))
            return false;
        count = hf__row_encode(table, row, buffer->at + HF__LMDB_CRC_BYTES,
                               buffer->bytes - HF__LMDB_CRC_BYTES);
    }
    uint8_t *at = buffer->at;
    uint32_t crc = hf__row_checksum(table, key->mv_data, (uint32_t)key->mv_size,
                                    at + HF__LMDB_CRC_BYTES, count);
    for (uint32_t i = 0; i < HF__LMDB_CRC_BYTES; i++)
        at[i] = (uint8_t)(crc >> 8 * i);
    *out = (MDB_val){.mv_size = HF__LMDB_CRC_BYTES + count, .mv_data = at};
    return true;
}

/* Sets the cursor on a row that must be there and returns its checksum. */
static int row_find(hf__lmdb_txn *txn, const hf__lmdb_tree *tree, MDB_val *key, uint32_t *crc,
                    MDB_cursor **cursor)
{
    MDB_val before;
    *crc = 0;
    int native = hf__lmdb_cursor(txn, tree, cursor);
    if (native == 0)
        native = mdb_cursor_get(*cursor, key, &before, MDB_SET);
    if (native == MDB_NOTFOUND)
        return hf__lmdb_damaged(txn, tree, key, "the row is missing");
    if (native != 0)
        return hf__lmdb_tree_failed(txn, tree, native);
    if (before.mv_size < HF__LMDB_CRC_BYTES)
        return hf__lmdb_damaged(txn, tree, key, "the row is cut");
    *crc = hf__lmdb_crc(&before);
    return 0;
}

static int row_insert(hf__lmdb_txn *txn, hf__lmdb_tree *tree, MDB_val *key, MDB_val *value)
{
    int native = hf__lmdb_insert(txn, tree, key, value);
    if (native == MDB_KEYEXIST)
        return hf__lmdb_damaged(txn, tree, key, "a row appeared that nobody wrote");
    if (native != 0)
        return hf__lmdb_tree_failed(txn, tree, native);
    txn->store->pending[tree->position].rows++;
    return 0;
}

static int row_replace(hf__lmdb_txn *txn, const hf__lmdb_tree *tree, MDB_val *key, MDB_val *value)
{
    MDB_cursor *cursor;
    uint32_t crc;
    int error = row_find(txn, tree, key, &crc, &cursor);
    if (error != 0)
        return error;
    int native = mdb_cursor_put(cursor, key, value, MDB_CURRENT);
    if (native != 0)
        return hf__lmdb_tree_failed(txn, tree, native);
    txn->store->pending[tree->position].checksum ^= crc;
    return 0;
}

static int row_put(hf__lmdb_txn *txn, hf__lmdb_tree *tree, const void *row, const void *old)
{
    uint8_t bytes[HF__KEY_MAX];
    MDB_val value;
    MDB_val key = {.mv_data = bytes};
    key.mv_size = hf__key_encode(tree->table, 0, row, HF__KEY_ALL, bytes);
    if (!row_encode(txn->store, tree->table, &key, row, &value))
        return hf__store_fail(txn->caller->error, HF_E_NOMEM, 0,
                              "lmdb:%s: table %s: no memory for a row", txn->store->name,
                              tree->table->name);
    int error =
        old == NULL ? row_insert(txn, tree, &key, &value) : row_replace(txn, tree, &key, &value);
    if (error != 0)
        return error;
    txn->store->pending[tree->position].checksum ^= hf__lmdb_crc(&value);
    return tree->table->index_count == 0 ? 0 : hf__lmdb_entries_move(txn, tree->position, old, row);
}

static int row_del(hf__lmdb_txn *txn, const hf__lmdb_tree *tree, const void *old)
{
    uint8_t bytes[HF__KEY_MAX];
    MDB_cursor *cursor;
    uint32_t crc;
    MDB_val key = {.mv_data = bytes};
    key.mv_size = hf__key_encode(tree->table, 0, old, HF__KEY_ALL, bytes);
    int error = row_find(txn, tree, &key, &crc, &cursor);
    if (error != 0)
        return error;
    int native = mdb_cursor_del(cursor, 0);
    if (native != 0)
        return hf__lmdb_tree_failed(txn, tree, native);
    hf_table_stat *stat = &txn->store->pending[tree->position];
    stat->rows--;
    stat->checksum ^= crc;
    return tree->table->index_count == 0 ? 0
                                         : hf__lmdb_entries_move(txn, tree->position, old, NULL);
}

/* True when the transaction may write; otherwise the error is filled. */
static bool may_write(hf__lmdb_txn *txn)
{
    if (txn->writes && txn->failed == 0)
        return true;
    hf__store_fail(txn->caller->error, txn->writes ? txn->failed : HF_E_ARGUMENT, 0,
                   "lmdb:%s: the transaction cannot write", txn->store->name);
    return false;
}

/*
 * The rows of a large commit are no longer in the processor's cache: the next one is fetched while
 * LMDB works on this one. Of an old row only what its indexes look at first is needed.
 */
static void prefetch(const hf_table *table, const void *row, const void *old)
{
    for (uint32_t at = 0; at < table->row_bytes; at += CACHE_LINE)
        __builtin_prefetch((const uint8_t *)row + at);
    for (uint32_t i = 0; old != NULL && i < table->index_count; i++) {
        const hf_index *index = &table->indexes[i];
        uint32_t column =
            index->where_column < 0 ? index->columns[0] : (uint32_t)index->where_column;
        __builtin_prefetch((const uint8_t *)old + table->columns[column].offset);
    }
}

int hf__lmdb_put(void *begun, uint32_t table, const void *const *rows, const void *const *olds,
                 uint32_t count)
{
    hf__lmdb_txn *txn = begun;
    hf__lmdb_tree *tree = &txn->store->trees[txn->store->first[table]];
    if (!may_write(txn))
        return txn->writes ? txn->failed : HF_E_ARGUMENT;
    for (uint32_t i = 0; txn->failed == 0 && i < count; i++) {
        if (count >= MANY_ROWS && i + 1 < count)
            prefetch(tree->table, rows[i + 1], olds[i + 1]);
        txn->failed = row_put(txn, tree, rows[i], olds[i]);
    }
    return txn->failed;
}

int hf__lmdb_del(void *begun, uint32_t table, const void *const *olds, uint32_t count)
{
    hf__lmdb_txn *txn = begun;
    const hf__lmdb_tree *tree = &txn->store->trees[txn->store->first[table]];
    if (!may_write(txn))
        return txn->writes ? txn->failed : HF_E_ARGUMENT;
    for (uint32_t i = 0; txn->failed == 0 && i < count; i++)
        txn->failed = row_del(txn, tree, olds[i]);
    return txn->failed;
}
