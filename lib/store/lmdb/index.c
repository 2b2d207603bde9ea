/*
 * index.c - secondary indexes: keys without values, and how any key is inserted.
 *
 * Ids are in the order of time, so most keys of most trees come last. Such a key is appended: the
 * search is saved, and pages are filled instead of being split in halves. Whether a key is last is
 * first asked of `high`, which is never lower than the last key: deletes and rollbacks may leave it
 * too high, which only costs the ordinary way.
 */
#include "store/lmdb/state.h"

#include <string.h>

static int compare(const uint8_t *a, size_t a_bytes, const uint8_t *b, size_t b_bytes)
{
    int order = memcmp(a, b, a_bytes < b_bytes ? a_bytes : b_bytes);
    return order != 0 ? order : (a_bytes > b_bytes) - (a_bytes < b_bytes);
}

static void high_set(hf__lmdb_tree *tree, const MDB_val *key)
{
    tree->high_known = key->mv_size <= sizeof tree->high;
    if (!tree->high_known)
        return;
    tree->high_bytes = (uint32_t)key->mv_size;
    memcpy(tree->high, key->mv_data, key->mv_size);
}

static int high_load(hf__lmdb_tree *tree, MDB_cursor *cursor)
{
    MDB_val key;
    MDB_val value;
    int native = mdb_cursor_get(cursor, &key, &value, MDB_LAST);
    if (native == 0)
        high_set(tree, &key);
    if (native != MDB_NOTFOUND)
        return native;
    tree->high_known = true;
    tree->high_bytes = 0;
    return 0;
}

int hf__lmdb_insert(hf__lmdb_txn *txn, hf__lmdb_tree *tree, MDB_val *key, MDB_val *value)
{
    MDB_cursor *cursor;
    int native = hf__lmdb_cursor(txn, tree, &cursor);
    if (native == 0 && !tree->high_known)
        native = high_load(tree, cursor);
    if (native != 0)
        return native;
    if (!tree->high_known || compare(key->mv_data, key->mv_size, tree->high, tree->high_bytes) <= 0)
        return mdb_cursor_put(cursor, key, value, MDB_NOOVERWRITE);
    native = mdb_cursor_put(cursor, key, value, MDB_APPEND);
    if (native == 0)
        high_set(tree, key);
    return native;
}

/* ---- Entries --------------------------------------------------------------------------------- */

static MDB_val entry_key(const hf__lmdb_tree *tree, const void *row, uint8_t *bytes)
{
    uint32_t count = hf__key_encode(tree->table, tree->index, row, HF__KEY_ALL, bytes);
    return (MDB_val){.mv_size = count, .mv_data = bytes};
}

static int entry_put(hf__lmdb_txn *txn, hf__lmdb_tree *tree, MDB_val *key)
{
    MDB_val nothing = {.mv_size = 0, .mv_data = key->mv_data};
    int native = hf__lmdb_insert(txn, tree, key, &nothing);
    if (native == MDB_KEYEXIST)
        return hf__lmdb_damaged(txn, tree, key, "an entry appeared that nobody wrote");
    return native == 0 ? 0 : hf__lmdb_tree_failed(txn, tree, native);
}

static int entry_del(hf__lmdb_txn *txn, const hf__lmdb_tree *tree, MDB_val *key)
{
    MDB_cursor *cursor;
    MDB_val value;
    int native = hf__lmdb_cursor(txn, tree, &cursor);
    if (native == 0)
        native = mdb_cursor_get(cursor, key, &value, MDB_SET);
    if (native == 0)
        native = mdb_cursor_del(cursor, 0);
    if (native == MDB_NOTFOUND)
        return hf__lmdb_damaged(txn, tree, key, "the entry is missing");
    return native == 0 ? 0 : hf__lmdb_tree_failed(txn, tree, native);
}

int hf__lmdb_entry_insert(hf__lmdb_txn *txn, hf__lmdb_tree *tree, const void *row)
{
    uint8_t bytes[HF__KEY_MAX];
    if (!hf__index_has(tree->table, tree->index, row))
        return 0;
    MDB_val key = entry_key(tree, row, bytes);
    return entry_put(txn, tree, &key);
}

/* Entries whose key and membership stay as they are cost no access. */
static int entry_move(hf__lmdb_txn *txn, hf__lmdb_tree *tree, const void *old, const void *new)
{
    uint8_t old_bytes[HF__KEY_MAX];
    uint8_t new_bytes[HF__KEY_MAX];
    bool had = old != NULL && hf__index_has(tree->table, tree->index, old);
    bool has = new != NULL &&hf__index_has(tree->table, tree->index, new);
    MDB_val old_key = {0};
    MDB_val new_key = {0};
    if (had)
        old_key = entry_key(tree, old, old_bytes);
    if (has)
        new_key = entry_key(tree, new, new_bytes);
    if (had && has && old_key.mv_size == new_key.mv_size &&
        memcmp(old_bytes, new_bytes, old_key.mv_size) == 0)
        return 0;
    int error = had ? entry_del(txn, tree, &old_key) : 0;
    if (error == 0 && has)
        return entry_put(txn, tree, &new_key);
    return error;
}

int hf__lmdb_entries_move(hf__lmdb_txn *txn, uint32_t table, const void *old, const void *new)
{
    hf__lmdb_tree *tree = &txn->store->trees[txn->store->first[table]];
    int error = 0;
    for (uint32_t index = 1; error == 0 && index <= tree->table->index_count; index++)
        error = entry_move(txn, tree + index, old, new);
    return error;
}

int hf__lmdb_entry_take(const hf__lmdb_txn *txn, const hf__lmdb_tree *tree, const MDB_val *key,
                        const MDB_val *row_key, const MDB_val *value, void *row)
{
    uint8_t bytes[HF__KEY_MAX];
    int error = hf__lmdb_row_read(txn, tree - tree->index, row_key, value, row);
    if (error != 0)
        return error;
    MDB_val own = entry_key(tree, row, bytes);
    if (!hf__index_has(tree->table, tree->index, row) || own.mv_size != key->mv_size ||
        memcmp(own.mv_data, key->mv_data, own.mv_size) != 0)
        return hf__lmdb_damaged(txn, tree, key, "the entry's row does not have that key");
    return 0;
}

int hf__lmdb_entry_read(hf__lmdb_txn *txn, const hf__lmdb_tree *tree, const MDB_val *key, void *row)
{
    const hf__lmdb_tree *rows = tree - tree->index;
    uint8_t bytes[HF__KEY_MAX];
    if (!hf__index_key_decode(tree->table, tree->index, key->mv_data, (uint32_t)key->mv_size, row))
        return hf__lmdb_damaged(txn, tree, key, "the bytes are no key of this index");
    MDB_val row_key = {.mv_data = bytes};
    row_key.mv_size = hf__key_encode(tree->table, 0, row, HF__KEY_ALL, bytes);
    MDB_val value;
    MDB_cursor *cursor;
    int native = hf__lmdb_cursor(txn, rows, &cursor);
    if (native == 0)
        native = mdb_cursor_get(cursor, &row_key, &value, MDB_SET);
    if (native == MDB_NOTFOUND)
        return hf__lmdb_damaged(txn, tree, key, "the entry's row is missing");
    if (native != 0)
        return hf__lmdb_tree_failed(txn, rows, native);
    return hf__lmdb_entry_take(txn, tree, key, &row_key, &value, row);
}
