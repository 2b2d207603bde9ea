/*
 * scan.c - ranges of a table or an index, in either direction.
 *
 * A bound is the encoded beginning of a key and stands for all keys that begin with it. Bytes
 * compare as values do, so a range is: seek to its near end, step until the far end is passed.
 * After a bound means: at or after the bytes that follow all keys which begin with it.
 */
#include "store/lmdb/state.h"

#include <string.h>

#define RANGES 16u /* that are searched for together */

/* A bound as bytes. */
typedef struct bound {
    uint8_t bytes[HF__KEY_MAX];
    uint32_t count; /* 0: there is none */
    bool exclusive;
} bound;

typedef struct range {
    const hf__lmdb_tree *tree;
    bound low;
    bound high;
    bool descending;
} range;

static void bound_init(bound *out, const hf__lmdb_tree *tree, const void *row, uint32_t columns)
{
    out->count = 0;
    if (columns > 0)
        out->count = hf__key_encode(tree->table, tree->index, row, columns, out->bytes);
}

/* < 0: the key is before the bound, > 0: after it, 0: it begins with it. */
static int compare(const MDB_val *key, const bound *to)
{
    size_t common = key->mv_size < to->count ? key->mv_size : to->count;
    int order = memcmp(key->mv_data, to->bytes, common);
    if (order != 0)
        return order;
    return key->mv_size < to->count ? -1 : 0;
}

static bool is_past(const range *of, const MDB_val *key)
{
    const bound *far = of->descending ? &of->low : &of->high;
    if (far->count == 0)
        return false;
    int order = compare(key, far);
    if (order == 0)
        return far->exclusive;
    return of->descending ? order < 0 : order > 0;
}

/* The least bytes that are greater than all keys which begin with the bound; false: there are none.
 */
static bool successor(const bound *of, uint8_t *out, size_t *count)
{
    memcpy(out, of->bytes, of->count);
    for (uint32_t last = of->count; last > 0; last--) {
        if (out[last - 1] == 0xff)
            continue;
        out[last - 1]++;
        *count = last;
        return true;
    }
    return false;
}

/* At or after the bytes; `end` says where to stand when there is nothing. */
static int seek(MDB_cursor *cursor, const uint8_t *bytes, size_t count, MDB_val *key)
{
    uint8_t copy[HF__KEY_MAX];
    MDB_val value;
    memcpy(copy, bytes, count);
    *key = (MDB_val){.mv_size = count, .mv_data = copy};
    return mdb_cursor_get(cursor, key, &value, MDB_SET_RANGE);
}

static int seek_ascending(MDB_cursor *cursor, const range *of, MDB_val *key)
{
    uint8_t bytes[HF__KEY_MAX];
    size_t count;
    MDB_val value;
    if (of->low.count == 0)
        return mdb_cursor_get(cursor, key, &value, MDB_FIRST);
    if (!of->low.exclusive)
        return seek(cursor, of->low.bytes, of->low.count, key);
    return successor(&of->low, bytes, &count) ? seek(cursor, bytes, count, key) : MDB_NOTFOUND;
}

static int seek_descending(MDB_cursor *cursor, const range *of, MDB_val *key)
{
    uint8_t bytes[HF__KEY_MAX];
    size_t count = of->high.count;
    MDB_val value;
    bool bounded = count > 0;
    if (bounded && of->high.exclusive)
        memcpy(bytes, of->high.bytes, count);
    else if (bounded)
        bounded = successor(&of->high, bytes, &count);
    int native = bounded ? seek(cursor, bytes, count, key) : MDB_NOTFOUND;
    if (native == MDB_NOTFOUND)
        return mdb_cursor_get(cursor, key, &value, MDB_LAST);
    return native == 0 ? mdb_cursor_get(cursor, key, &value, MDB_PREV) : native;
}

static int read_current(hf__lmdb_txn *txn, const range *of, MDB_cursor *cursor, void *row)
{
    const hf__lmdb_tree *tree = of->tree;
    MDB_val key;
    MDB_val value;
    int native = mdb_cursor_get(cursor, &key, &value, MDB_GET_CURRENT);
    if (native != 0)
        return hf__lmdb_tree_failed(txn, tree, native);
    memset(row, 0, tree->table->row_bytes);
    if (tree->index != 0)
        return hf__lmdb_entry_read(txn, tree, &key, row);
    if (!hf__key_decode(tree->table, key.mv_data, (uint32_t)key.mv_size, row))
        return hf__lmdb_damaged(txn, tree, &key, "the bytes are no key of this table");
    return hf__lmdb_row_read(txn, tree, &key, &value, row);
}

static void range_init(range *of, const hf__lmdb_txn *txn, const hf_scan *scan)
{
    of->tree = &txn->store->trees[txn->store->first[scan->table] + scan->index];
    of->descending = scan->descending != 0;
    bound_init(&of->low, of->tree, scan->low, scan->low_columns);
    bound_init(&of->high, of->tree, scan->high, scan->high_columns);
    of->low.exclusive = scan->low_exclusive != 0;
    of->high.exclusive = scan->high_exclusive != 0;
}

static int scan_range(hf__lmdb_txn *txn, const range *of, void *const *rows, uint32_t *count)
{
    uint32_t capacity = *count;
    *count = 0;
    MDB_cursor *cursor;
    MDB_val key;
    MDB_val value;
    int native = hf__lmdb_cursor(txn, of->tree, &cursor);
    if (native == 0 && capacity > 0)
        native =
            of->descending ? seek_descending(cursor, of, &key) : seek_ascending(cursor, of, &key);
    while (native == 0 && *count < capacity && !is_past(of, &key)) {
        int error = read_current(txn, of, cursor, rows[*count]);
        if (error != 0)
            return error;
        if (++*count < capacity)
            native = mdb_cursor_get(cursor, &key, &value, of->descending ? MDB_PREV : MDB_NEXT);
    }
    if (native == 0 || native == MDB_NOTFOUND)
        return 0;
    return hf__lmdb_tree_failed(txn, of->tree, native);
}

int hf__lmdb_scan(void *begun, const hf_scan *scan, void *const *rows, uint32_t *count)
{
    range of;
    range_init(&of, begun, scan);
    return scan_range(begun, &of, rows, count);
}

/* ---- Many ranges ------------------------------------------------------------------------------
 * Ranges of an index of which one row each is asked for, as the payments of most orders: the
 * entries are searched for together, and then their rows are.
 */

/* A range, and what is known of its first entry. */
typedef struct first_entry {
    range of;
    void *row;
    hf__lmdb_found entry;
    hf__lmdb_found found; /* the row */
    MDB_val row_key;
    uint8_t bytes[HF__KEY_MAX]; /* of row_key */
} first_entry;

static bool is_simple(const hf_scan *scan, uint32_t count)
{
    return scan->index != 0 && count == 1 && !scan->descending && !scan->low_exclusive &&
           scan->low_columns != 0;
}

static void search_entries(const hf__lmdb_txn *txn, const hf__lmdb_tree *tree, first_entry *all,
                           uint32_t count)
{
    MDB_val keys[RANGES] = {{0}};
    hf__lmdb_found found[RANGES];
    for (uint32_t i = 0; i < count; i++)
        keys[i] = (MDB_val){.mv_size = all[i].of.low.count, .mv_data = all[i].of.low.bytes};
    hf__lmdb_search(txn, tree, keys, count, found);
    for (uint32_t i = 0; i < count; i++)
        all[i].entry = found[i];
}

/* The key of the row that an entry is of; false: it is not known, or of another range. */
static bool find_row_key(first_entry *one)
{
    const hf__lmdb_tree *tree = one->of.tree;
    const MDB_val *key = &one->entry.key;
    one->row_key = (MDB_val){.mv_size = 0, .mv_data = one->bytes};
    if (key->mv_data == NULL || is_past(&one->of, key))
        return false;
    memset(one->row, 0, tree->table->row_bytes);
    if (!hf__index_key_decode(tree->table, tree->index, key->mv_data, (uint32_t)key->mv_size,
                              one->row))
        return false;
    one->row_key.mv_size = hf__key_encode(tree->table, 0, one->row, HF__KEY_ALL, one->bytes);
    return true;
}

static void search_rows(const hf__lmdb_txn *txn, const hf__lmdb_tree *tree, first_entry *all,
                        uint32_t count)
{
    MDB_val keys[RANGES] = {{0}};
    hf__lmdb_found found[RANGES];
    first_entry *of[RANGES];
    uint32_t known = 0;
    for (uint32_t i = 0; i < count; i++) {
        all[i].found.value.mv_data = NULL;
        if (!find_row_key(&all[i]))
            continue;
        of[known] = &all[i];
        keys[known++] = all[i].row_key;
    }
    hf__lmdb_search(txn, tree, keys, known, found);
    for (uint32_t i = 0; i < known; i++)
        of[i]->found = found[i];
}

/* LMDB is asked where nothing was found. */
static int read_first(hf__lmdb_txn *txn, const first_entry *one, uint32_t *count)
{
    if (!hf__lmdb_has_found(&one->found, &one->row_key))
        return scan_range(txn, &one->of, &one->row, count);
    return hf__lmdb_entry_take(txn, one->of.tree, &one->entry.key, &one->row_key, &one->found.value,
                               one->row);
}

static int scan_simple(hf__lmdb_txn *txn, const hf_scan *scans, void *const *rows, uint32_t *counts,
                       uint32_t count)
{
    first_entry all[RANGES];
    int error = 0;
    for (uint32_t i = 0; i < count; i++) {
        range_init(&all[i].of, txn, &scans[i]);
        all[i].row = rows[i];
    }
    const hf__lmdb_tree *tree = &txn->store->trees[txn->store->first[scans->table]];
    search_entries(txn, tree + scans->index, all, count);
    search_rows(txn, tree, all, count);
    for (uint32_t i = 0; error == 0 && i < count; i++)
        error = read_first(txn, &all[i], &counts[i]);
    return error;
}

/* How many ranges from the first on are simple and of one index. */
static uint32_t count_simple(const hf_scan *scans, const uint32_t *counts, uint32_t range_count)
{
    uint32_t count = 0;
    while (count < range_count && count < RANGES && is_simple(&scans[count], counts[count]) &&
           scans[count].table == scans->table && scans[count].index == scans->index)
        count++;
    return count;
}

int hf__lmdb_scans(void *txn, const hf_scan *scans, uint32_t range_count, void *const *rows,
                   uint32_t *counts)
{
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < range_count;) {
        const uint32_t simple = count_simple(scans + i, counts + i, range_count - i);
        const uint32_t most = counts[i];
        if (simple != 0)
            error = scan_simple(txn, scans + i, rows, counts + i, simple);
        else
            error = hf__lmdb_scan(txn, &scans[i], rows, &counts[i]);
        rows += simple != 0 ? simple : most;
        i += simple != 0 ? simple : 1;
    }
    return error;
}
