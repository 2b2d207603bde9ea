/*
 * check.c - the store against itself: each row has its index entries, each entry its row, and
 * counts and checksums add up to what the record says.
 *
 * First the rows of a table: checksum, form, an entry in each index it belongs to. Then each index
 * of it: an entry without its row, or under another key, is damage, and so is another number of
 * entries than the rows asked for. The first damage ends the check and is named.
 */
#include "store/lmdb/state.h"

#include <stdio.h>
#include <string.h>

#define PROGRESS_ENTRIES 1024u /* between two reports */

typedef struct check {
    hf__lmdb_txn *txn;
    hf_progress_cb progress;
    void *progress_data;
    uint64_t done;
    uint64_t total;
    const hf_table_stat *expected;      /* of the table that is checked */
    uint64_t entries[HF__LMDB_INDEXES]; /* by index: rows that belong there */
    uint64_t rows;
    uint32_t checksum;
    void *row;
} check;

static int step(check *of)
{
    if (++of->done % PROGRESS_ENTRIES != 0 || of->progress == NULL ||
        of->progress(of->progress_data, of->done, of->total) == 0)
        return 0;
    return hf__store_fail(of->txn->caller->error, HF_E_CANCELLED, 0,
                          "lmdb:%s: the check was cancelled", of->txn->store->name);
}

static int missing_entry(const check *of, const hf__lmdb_tree *tree, const MDB_val *key)
{
    char cause[80];
    snprintf(cause, sizeof cause, "the row has no entry in index %s", hf__lmdb_tree_name(tree));
    return hf__lmdb_damaged(of->txn, tree - tree->index, key, cause);
}

/* The entries of a row must be there. */
static int find_entries(check *of, const hf__lmdb_tree *rows, const MDB_val *row_key)
{
    uint8_t bytes[HF__KEY_MAX];
    for (uint32_t i = 1; i <= rows->table->index_count; i++) {
        if (!rows[i].present || !hf__index_has(rows->table, i, of->row))
            continue;
        MDB_val value;
        MDB_cursor *cursor;
        MDB_val key = {.mv_data = bytes};
        key.mv_size = hf__key_encode(rows->table, i, of->row, HF__KEY_ALL, bytes);
        int native = hf__lmdb_cursor(of->txn, rows + i, &cursor);
        if (native == 0)
            native = mdb_cursor_get(cursor, &key, &value, MDB_SET);
        if (native == MDB_NOTFOUND)
            return missing_entry(of, rows + i, row_key);
        if (native != 0)
            return hf__lmdb_tree_failed(of->txn, rows + i, native);
        of->entries[i - 1]++;
    }
    return 0;
}

static int check_row(check *of, const hf__lmdb_tree *tree, const MDB_val *key, const MDB_val *value)
{
    memset(of->row, 0, tree->table->row_bytes);
    if (!hf__key_decode(tree->table, key->mv_data, (uint32_t)key->mv_size, of->row))
        return hf__lmdb_damaged(of->txn, tree, key, "the bytes are no key of this table");
    int error = hf__lmdb_row_read(of->txn, tree, key, value, of->row);
    if (error != 0)
        return error;
    of->rows++;
    of->checksum ^= hf__lmdb_crc(value);
    return find_entries(of, tree, key);
}

static int check_entry(check *of, const hf__lmdb_tree *tree, const MDB_val *key,
                       const MDB_val *value)
{
    if (value->mv_size != 0)
        return hf__lmdb_damaged(of->txn, tree, key, "an index entry with a value");
    of->rows++;
    memset(of->row, 0, tree->table->row_bytes);
    return hf__lmdb_entry_read(of->txn, tree, key, of->row);
}

static int check_tree(check *of, const hf__lmdb_tree *tree)
{
    of->rows = 0;
    MDB_val key;
    MDB_val value;
    MDB_cursor *cursor;
    int native = hf__lmdb_cursor(of->txn, tree, &cursor);
    if (native == 0)
        native = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
    while (native == 0) {
        int error = tree->index == 0 ? check_row(of, tree, &key, &value)
                                     : check_entry(of, tree, &key, &value);
        if (error == 0)
            error = step(of);
        if (error != 0)
            return error;
        native = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    return native == MDB_NOTFOUND ? 0 : hf__lmdb_tree_failed(of->txn, tree, native);
}

static int compare_counts(const check *of, const hf__lmdb_tree *tree)
{
    uint64_t entries = tree->index == 0 ? of->expected->rows : of->entries[tree->index - 1];
    char cause[80];
    if (of->rows != entries)
        snprintf(cause, sizeof cause, "%llu entries, there should be %llu",
                 (unsigned long long)of->rows, (unsigned long long)entries);
    else if (tree->index == 0 && of->checksum != of->expected->checksum)
        snprintf(cause, sizeof cause, "the checksums of its rows add up to %08x, not %08x",
                 of->checksum, of->expected->checksum);
    else
        return 0;
    return hf__lmdb_damaged(of->txn, tree, NULL, cause);
}

static int check_table(check *of, const hf__lmdb_tree *rows)
{
    of->checksum = 0;
    memset(of->entries, 0, sizeof of->entries);
    int error = 0;
    for (uint32_t i = 0; error == 0 && i <= rows->table->index_count; i++) {
        if (!rows[i].present)
            continue; /* of a newer schema than the file's: restore looks at such files */
        error = check_tree(of, rows + i);
        if (error == 0)
            error = compare_counts(of, rows + i);
    }
    return error;
}

static uint64_t count_all(const hf__lmdb_txn *txn)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < txn->store->tree_count; i++) {
        MDB_stat stat;
        const hf__lmdb_tree *tree = &txn->store->trees[i];
        if (tree->present && mdb_stat(txn->handle, tree->dbi, &stat) == 0)
            total += stat.ms_entries;
    }
    return total;
}

static int check_all(check *of, hf_table_stat *tables)
{
    const hf__lmdb_store *store = of->txn->store;
    hf__lmdb_scratch scratch;
    int error = hf__lmdb_scratch_begin(&scratch, of->txn);
    if (error != 0)
        return error;
    of->row = scratch.row.at;
    of->total = count_all(of->txn);
    for (uint32_t i = 0; error == 0 && i < store->schema->table_count; i++) {
        of->expected = &tables[i];
        error = check_table(of, &store->trees[store->first[i]]);
    }
    hf__lmdb_scratch_end(&scratch, of->txn);
    return error;
}

int hf__lmdb_check(void *begun, hf_progress_cb progress, void *progress_data)
{
    hf__lmdb_txn *txn = begun;
    hf__lmdb_store *store = txn->store;
    const hf_allocator *allocator = store->allocator;
    check of = {.txn = txn, .progress = progress, .progress_data = progress_data};
    if (txn->writes)
        return check_all(&of, store->pending);
    hf__lmdb_meta meta = {0};
    meta.tables =
        allocator->alloc(allocator->context, store->schema->table_count * sizeof *meta.tables);
    if (meta.tables == NULL)
        return hf__store_fail(txn->caller->error, HF_E_NOMEM, 0, "lmdb:%s: no memory to check it",
                              store->name);
    int error = hf__lmdb_meta_read(store, txn->handle, &meta, txn->caller->error);
    if (error == 0)
        error = check_all(&of, meta.tables);
    allocator->free(allocator->context, meta.tables);
    return error;
}
