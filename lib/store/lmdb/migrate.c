/*
 * migrate.c - brings a store of an older schema to this one, in one transaction.
 *
 * Tables and indexes that are declared but absent are created, the rows of a table that got columns
 * are written anew, a new index is filled from its table, an index that is no longer declared is
 * removed, and the record gets the new version. So the rules of a schema are: a column is added at
 * the end of its table and says since when, a name that was dropped is never used again, and an
 * index whose columns change gets a new name. The caller's progress may end it: then the file is as
 * it was. A tree of rows that is not declared is refused, because removing it would lose data.
 */
#include "store/lmdb/state.h"

#include <string.h>

#define PROGRESS_ROWS 1024u /* between two reports */

static int report(const hf_store_config *config, const hf__lmdb_tree *tree, uint64_t done,
                  uint64_t total)
{
    if (config->progress == NULL || done % PROGRESS_ROWS != 0 ||
        config->progress(config->progress_data, done, total) == 0)
        return 0;
    return hf__store_fail(config->error, HF_E_CANCELLED, 0, "the migration was cancelled at %s",
                          hf__lmdb_tree_name(tree));
}

/* ---- Indexes --------------------------------------------------------------------------------- */

static int fill(hf__lmdb_txn *txn, const hf_store_config *config, hf__lmdb_tree *tree, void *row)
{
    const hf__lmdb_tree *rows = tree - tree->index;
    uint64_t total = txn->store->meta.tables[tree->position].rows;
    uint64_t done = 0;
    MDB_val key;
    MDB_val value;
    MDB_cursor *cursor;
    int native = hf__lmdb_cursor(txn, rows, &cursor);
    if (native == 0)
        native = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
    while (native == 0) {
        if (!hf__key_decode(tree->table, key.mv_data, (uint32_t)key.mv_size, row))
            return hf__lmdb_damaged(txn, rows, &key, "the bytes are no key of this table");
        int error = hf__lmdb_row_read(txn, rows, &key, &value, row);
        if (error == 0)
            error = hf__lmdb_entry_insert(txn, tree, row);
        if (error == 0)
            error = report(config, tree, ++done, total);
        if (error != 0)
            return error;
        native = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    return native == MDB_NOTFOUND ? 0 : hf__lmdb_tree_failed(txn, rows, native);
}

static int fill_new(hf__lmdb_txn *txn, const hf_store_config *config, const bool *before)
{
    hf__lmdb_store *store = txn->store;
    hf__lmdb_scratch scratch;
    int error = hf__lmdb_scratch_begin(&scratch, txn);
    if (error != 0)
        return error;
    for (uint32_t i = 0; error == 0 && i < store->tree_count; i++) {
        if (store->trees[i].index != 0 && !before[i])
            error = fill(txn, config, &store->trees[i], scratch.row.at);
    }
    hf__lmdb_scratch_end(&scratch, txn);
    return error;
}

/* ---- Indexes that were dropped ----------------------------------------------------------------
 */

#define NAME_MAX_BYTES 512u /* of a tree, with the zero behind it: longer than any key of LMDB */

static bool is_named(const MDB_val *key, const char *name)
{
    return key->mv_size == strlen(name) && memcmp(key->mv_data, name, key->mv_size) == 0;
}

static bool is_declared(const hf__lmdb_store *store, const MDB_val *key)
{
    bool found = is_named(key, "meta");
    for (uint32_t i = 0; !found && i < store->tree_count; i++)
        found = is_named(key, hf__lmdb_tree_name(&store->trees[i]));
    return found;
}

/* Copies the name of the first tree that this schema does not declare. Returns a result of LMDB. */
static int find_undeclared(hf__lmdb_txn *txn, char name[NAME_MAX_BYTES])
{
    MDB_dbi names;
    MDB_cursor *cursor;
    MDB_val key;
    MDB_val value;
    int native = mdb_dbi_open(txn->handle, NULL, 0, &names);
    if (native == 0)
        native = mdb_cursor_open(txn->handle, names, &cursor);
    if (native != 0)
        return native;
    native = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
    while (native == 0 && is_declared(txn->store, &key))
        native = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    if (native == 0) {
        memcpy(name, key.mv_data, key.mv_size);
        name[key.mv_size] = '\0';
    }
    mdb_cursor_close(cursor);
    return native;
}

/* Whether a tree has rows: the entries of an index have no value. Returns a result of LMDB. */
static int has_rows(MDB_txn *handle, MDB_dbi tree, bool *out)
{
    MDB_cursor *cursor;
    MDB_val key;
    MDB_val value = {.mv_size = 0};
    int native = mdb_cursor_open(handle, tree, &cursor);
    if (native != 0)
        return native;
    native = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
    mdb_cursor_close(cursor);
    *out = native == 0 && value.mv_size != 0;
    return native == MDB_NOTFOUND ? 0 : native;
}

static int drop_tree(hf__lmdb_txn *txn, const hf_store_config *config, const char *name)
{
    bool rows = false;
    MDB_dbi tree;
    int native = mdb_dbi_open(txn->handle, name, 0, &tree);
    if (native == 0)
        native = has_rows(txn->handle, tree, &rows);
    if (rows)
        return hf__store_fail(config->error, HF_E_CORRUPT, 0,
                              "lmdb:%s: the tree %.60s has rows, and this version knows no such "
                              "table",
                              txn->store->name, name);
    if (native == 0)
        native = mdb_drop(txn->handle, tree, 1);
    return native == 0 ? 0 : hf__lmdb_native(config->error, txn->store->name, name, native);
}

static int drop_undeclared(hf__lmdb_txn *txn, const hf_store_config *config)
{
    char name[NAME_MAX_BYTES];
    int native;
    while ((native = find_undeclared(txn, name)) == 0) {
        int error = drop_tree(txn, config, name);
        if (error != 0)
            return error;
    }
    return native == MDB_NOTFOUND
               ? 0
               : hf__lmdb_native(config->error, txn->store->name, "the names of trees", native);
}

/* ---- Rows ------------------------------------------------------------------------------------ */

/* A row as it is with all columns, in the writer's buffer; the table's checksum becomes its own. */
static int grow_row(hf__lmdb_txn *txn, const hf__lmdb_tree *tree, const MDB_val *key,
                    const MDB_val *value, MDB_val *out)
{
    hf__lmdb_buffer *buffer = &txn->store->row;
    const uint8_t *bytes = (const uint8_t *)value->mv_data + HF__LMDB_CRC_BYTES;
    if (value->mv_size < HF__LMDB_CRC_BYTES)
        return hf__lmdb_damaged(txn, tree, key, "the row is cut");
    size_t count = value->mv_size - HF__LMDB_CRC_BYTES;
    if (hf__row_checksum(tree->table, key->mv_data, (uint32_t)key->mv_size, bytes, count) !=
        hf__lmdb_crc(value))
        return hf__lmdb_damaged(txn, tree, key, "the row does not match its checksum");
    if (!hf__lmdb_reserve(txn->store, buffer, value->mv_size + sizeof(uint64_t)))
        return hf__store_fail(txn->caller->error, HF_E_NOMEM, 0, "lmdb:%s: no memory to migrate",
                              txn->store->name);
    uint8_t *at = buffer->at + HF__LMDB_CRC_BYTES;
    size_t grown = hf__row_grow(tree->table, tree->columns, bytes, count, at);
    if (grown == 0)
        return hf__lmdb_damaged(txn, tree, key, "the bytes are no row of this table");
    uint32_t crc = hf__row_checksum(tree->table, key->mv_data, (uint32_t)key->mv_size, at, grown);
    for (uint32_t i = 0; i < HF__LMDB_CRC_BYTES; i++)
        buffer->at[i] = (uint8_t)(crc >> 8 * i);
    txn->store->pending[tree->position].checksum ^= hf__lmdb_crc(value) ^ crc;
    *out = (MDB_val){.mv_size = HF__LMDB_CRC_BYTES + grown, .mv_data = buffer->at};
    return 0;
}

/* Rewrites the rows of a table that got columns. Its indexes do not have them: they stay. */
static int grow(hf__lmdb_txn *txn, const hf_store_config *config, hf__lmdb_tree *tree)
{
    uint64_t total = txn->store->pending[tree->position].rows;
    uint8_t bytes[HF__KEY_MAX];
    uint64_t done = 0;
    MDB_val key;
    MDB_val value;
    MDB_cursor *cursor;
    int native = hf__lmdb_cursor(txn, tree, &cursor);
    if (native == 0)
        native = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
    while (native == 0) {
        MDB_val now;
        int error = grow_row(txn, tree, &key, &value, &now);
        if (error == 0)
            error = report(config, tree, ++done, total);
        if (error != 0)
            return error;
        memcpy(bytes, key.mv_data, key.mv_size); /* the page that has the key is about to change */
        key.mv_data = bytes;
        native = mdb_cursor_put(cursor, &key, &now, MDB_CURRENT);
        if (native == 0)
            native = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    return native == MDB_NOTFOUND ? 0 : hf__lmdb_tree_failed(txn, tree, native);
}

static int grow_all(hf__lmdb_txn *txn, const hf_store_config *config, const bool *before)
{
    hf__lmdb_store *store = txn->store;
    for (uint32_t i = 0; i < store->tree_count; i++) {
        hf__lmdb_tree *tree = &store->trees[i];
        int error = 0;
        if (tree->index == 0 && before[i] && tree->columns < tree->table->column_count)
            error = grow(txn, config, tree);
        if (error != 0)
            return error;
        tree->columns = tree->table->column_count;
    }
    return 0;
}

/* ---- All of it ------------------------------------------------------------------------------- */

static int migrate(hf__lmdb_store *store, const hf_store_config *config, bool *before)
{
    const hf_store_caller caller = {.error = config->error};
    void *begun;
    for (uint32_t i = 0; i < store->tree_count; i++)
        before[i] = store->trees[i].present;
    int error = hf__lmdb_begin(store, HF_TXN_WRITE, &caller, &begun);
    if (error != 0)
        return error;
    hf__lmdb_txn *txn = begun;
    error = hf__lmdb_trees_open(store, txn->handle, MDB_CREATE, config->error);
    if (error == 0)
        error = grow_all(txn, config, before);
    if (error == 0)
        error = fill_new(txn, config, before);
    if (error == 0)
        error = drop_undeclared(txn, config);
    hf_store_mark mark = store->meta.mark;
    if (!hf__identity_is(&mark.identity) && config->identity != NULL)
        mark.identity = *config->identity;
    if (error == 0)
        return hf__lmdb_commit(txn, &mark);
    hf__lmdb_rollback(txn);
    return error;
}

int hf__lmdb_migrate(hf__lmdb_store *store, const hf_store_config *config)
{
    const hf_allocator *allocator = config->allocator;
    bool *before = allocator->alloc(allocator->context, store->tree_count * sizeof *before);
    if (before == NULL)
        return hf__store_fail(config->error, HF_E_NOMEM, 0, "lmdb:%s: no memory to migrate",
                              store->name);
    int error = migrate(store, config, before);
    allocator->free(allocator->context, before);
    return error;
}
