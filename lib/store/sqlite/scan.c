/*
 * scan.c - ranges of an index, put together from pieces that SQLite reads in one seek each.
 *
 * Why not one statement: the order is that of the codec's keys, and SQL's differs in two ways.
 * Enums are stored by name but ordered by value, and "none" is NULL, which sorts first but
 * compares with nothing. So a scan walks: it stands before the keys that begin with a prefix (the
 * first `fixed` columns of `at`), or behind them.
 *
 *   before a prefix:  an enum comes later?  no: read every row of the prefix, then stand behind it
 *                     it is the next column: fix it to its first value
 *                     otherwise: ask for the first row, fix the next column to what it has there
 *   behind a prefix:  its last column is an enum: the next value; none left: one column fewer
 *                     an enum comes later: ask for the first row beyond, take its value
 *                     otherwise: read every row beyond, then one column fewer
 *
 * The usual scans (the lines of an order, events after a number) are one or two pieces. Every row
 * read is compared with the far bound, the first one beyond it ends the scan.
 */
#include "store/sqlite/store.h"

#include <string.h>

typedef struct walk {
    hf__sqlite_connection *connection;
    const hf_scan *scan;
    const hf_table *table;
    void *at;           /* a row whose first `fixed` key columns say where the walk stands */
    void *row;          /* what a question for the next value reads into */
    void *const *rows;  /* the caller's */
    const void *far;    /* the bound where it ends */
    uint32_t far_count; /* columns of it; 0: none */
    uint32_t far_bytes;
    uint32_t far_exclusive;
    uint32_t fixed;  /* columns of `at` that count */
    uint32_t count;  /* rows read */
    uint32_t limit;  /* rows wanted */
    uint32_t enumed; /* position of the enum in the key; key_count when there is none */
    uint32_t key_count;
    bool behind; /* behind the prefix, else before it */
    bool ended;
    uint8_t key[HF__SQLITE_KEY_COLUMNS];
    uint8_t far_key[HF__KEY_MAX];
} walk;

/* ---- Pieces -----------------------------------------------------------------------------------
 */

static int start_piece(walk *w, bool ranged, sqlite3_stmt **out)
{
    const uint32_t equal = ranged ? w->fixed - 1 : w->fixed;
    const hf__sqlite_shape shape = {
        .index = w->scan->index,
        .equal = equal,
        .ranged = ranged,
        .descending = w->scan->descending != 0,
    };
    int error = hf__sqlite_scan_statement(w->connection, w->scan->table, &shape, out);
    for (uint32_t i = 0; error == 0 && i < equal; i++)
        error = hf__sqlite_bind(w->connection, *out, (int)i + 1, w->table, w->key[i], w->at);
    if (error == 0 && ranged)
        error = hf__sqlite_bind_low(w->connection, *out, (int)equal + 1, w->table, w->key[equal],
                                    w->at);
    return error;
}

/* True when the row lies beyond the far bound. */
static bool beyond(const walk *w, const void *row)
{
    uint8_t key[HF__KEY_MAX];
    if (w->far_count == 0)
        return false;
    const uint32_t bytes = hf__key_encode(w->table, w->scan->index, row, HF__KEY_ALL, key);
    const int order = memcmp(key, w->far_key, bytes < w->far_bytes ? bytes : w->far_bytes);
    if (order == 0)
        return w->far_exclusive != 0;
    return w->scan->descending ? order < 0 : order > 0;
}

/* Reads the rows of a piece into the caller's until it, the scan or the caller's room ends. */
static int read_piece(walk *w, bool ranged)
{
    sqlite3_stmt *statement = NULL;
    int error = start_piece(w, ranged, &statement);
    int result = SQLITE_ROW;
    while (error == 0 && w->count < w->limit && !w->ended) {
        result = sqlite3_step(statement);
        error = hf__sqlite_error(w->connection, result, w->table->name);
        if (error != 0 || result != SQLITE_ROW)
            break;
        void *row = w->rows[w->count];
        error = hf__sqlite_read_row(w->connection, statement, w->table, row, NULL);
        if (error == 0 && beyond(w, row))
            w->ended = true;
        else if (error == 0)
            error = hf__sqlite_keep_bytes(w->connection, w->table, row);
        if (error == 0 && !w->ended)
            w->count++;
    }
    (void)sqlite3_reset(statement);
    return error;
}

/* The value of column `position` in the first row of a piece, into `at`. */
static int ask(walk *w, bool ranged, uint32_t position, bool *found)
{
    sqlite3_stmt *statement = NULL;
    int error = start_piece(w, ranged, &statement);
    int result = SQLITE_DONE;
    if (error == 0) {
        result = sqlite3_step(statement);
        error = hf__sqlite_error(w->connection, result, w->table->name);
    }
    *found = error == 0 && result == SQLITE_ROW;
    if (*found)
        error = hf__sqlite_read_row(w->connection, statement, w->table, w->row, NULL);
    if (*found && error == 0 &&
        !hf__sqlite_read_column(statement, w->table, w->key[position], w->at))
        error = HF_E_CORRUPT; /* read_row has refused such a value already */
    (void)sqlite3_reset(statement);
    return error;
}

/* ---- Steps ----------------------------------------------------------------------------------- */

static const hf_column *column_at(const walk *w, uint32_t position)
{
    return &w->table->columns[w->key[position]];
}

/* False when no row of the index can have that enum value. */
static bool possible(const walk *w, uint32_t position, uint32_t value)
{
    if (w->scan->index == 0)
        return true;
    const hf_index *index = &w->table->indexes[w->scan->index - 1];
    if (index->where_column != w->key[position] || index->where_mask == 0)
        return true;
    return value < 32 && (index->where_mask >> value & 1u) != 0;
}

/* The first value (from < 0), or the one behind `from`, in the scan's direction. */
static bool next_enum(const walk *w, uint32_t position, int64_t from, uint32_t *out)
{
    const int64_t count = column_at(w, position)->name_count;
    const int64_t step = w->scan->descending ? -1 : 1;
    int64_t value = from < 0 ? (step > 0 ? 0 : count - 1) : from + step;
    if (step < 0 && value >= count)
        value = count - 1;
    for (; value >= 0 && value < count; value += step) {
        if (possible(w, position, (uint32_t)value)) {
            *out = (uint32_t)value;
            return true;
        }
    }
    return false;
}

/* One column fewer: the walk then stands behind the shorter prefix. */
static void shorten(walk *w)
{
    w->behind = true;
    if (--w->fixed == 0)
        w->ended = true;
}

/* Everything behind the prefix is beyond the far bound when the bound begins with it. */
static void leave_prefix(walk *w)
{
    w->behind = true;
    bool same = w->far_count >= w->fixed;
    for (uint32_t i = 0; same && i < w->fixed; i++)
        same = hf__sqlite_same(w->table, w->key[i], w->at, w->far);
    if (same || w->fixed == 0)
        w->ended = true;
}

static int enter_prefix(walk *w)
{
    uint32_t value = 0;
    bool found = true;
    int error = 0;
    if (w->enumed == w->key_count || w->enumed < w->fixed) {
        error = read_piece(w, false);
        if (error == 0 && w->count < w->limit)
            leave_prefix(w);
        return error;
    }
    if (w->enumed > w->fixed)
        error = ask(w, false, w->fixed, &found);
    else if (next_enum(w, w->fixed, -1, &value))
        hf__sqlite_set_enum(w->table, w->key[w->fixed], w->at, value);
    else
        found = false;
    if (error == 0 && found)
        w->fixed++;
    else if (error == 0)
        leave_prefix(w);
    return error;
}

/* Going down, "none" comes after the smallest value. */
static bool none_is_left(walk *w, uint32_t position)
{
    const uint32_t column = w->key[position];
    if (!w->scan->descending || !hf__sqlite_nullable(w->table, column) ||
        hf__sqlite_none(w->table, column, w->at))
        return false;
    hf__sqlite_set_none(w->table, column, w->at);
    w->behind = false;
    return true;
}

static int pass_prefix(walk *w)
{
    const uint32_t last = w->fixed - 1;
    const uint32_t column = w->key[last];
    uint32_t value = 0;
    bool found = false;
    int error = 0;
    if (w->enumed == last) {
        found = next_enum(w, last, hf__sqlite_enum(w->table, column, w->at), &value);
        if (found)
            hf__sqlite_set_enum(w->table, column, w->at, value);
    } else if (w->scan->descending && hf__sqlite_none(w->table, column, w->at)) {
        found = false; /* nothing is below none */
    } else if (w->enumed != w->key_count && w->enumed > last) {
        error = ask(w, true, last, &found);
    } else {
        error = read_piece(w, true);
    }
    if (error != 0 || w->ended || w->count == w->limit)
        return error;
    if (found) {
        w->behind = false;
    } else if (!none_is_left(w, last)) {
        shorten(w);
        if (!w->ended)
            leave_prefix(w);
    }
    return 0;
}

/* ---- The scan ---------------------------------------------------------------------------------
 */

static int prepare(walk *w, hf__sqlite_connection *connection, const hf_scan *scan)
{
    const void *near = scan->descending ? scan->high : scan->low;
    const uint32_t near_count = scan->descending ? scan->high_columns : scan->low_columns;
    const uint32_t exclusive = scan->descending ? scan->high_exclusive : scan->low_exclusive;
    w->connection = connection;
    w->scan = scan;
    w->table = connection->store->schema->tables[scan->table];
    w->at = connection->rows[0];
    w->row = connection->rows[1];
    w->key_count = hf__sqlite_key(w->table, scan->index, w->key);
    w->enumed = w->key_count;
    for (uint32_t i = 0; i < w->key_count && w->enumed == w->key_count; i++) {
        if (column_at(w, i)->type == HF_COLUMN_ENUM)
            w->enumed = i;
    }
    w->far = scan->descending ? scan->low : scan->high;
    w->far_count = scan->descending ? scan->low_columns : scan->high_columns;
    w->far_exclusive = scan->descending ? scan->low_exclusive : scan->high_exclusive;
    if (near_count > w->key_count || w->far_count > w->key_count)
        return hf__store_fail(connection->error, HF_E_ARGUMENT, 0,
                              "%s: a bound has more columns than the index", w->table->name);
    if (w->far_count > 0)
        w->far_bytes = hf__key_encode(w->table, scan->index, w->far, w->far_count, w->far_key);
    if (near_count > 0)
        memcpy(w->at, near, w->table->row_bytes);
    w->fixed = near_count;
    w->behind = near_count > 0 && exclusive != 0;
    if (w->behind)
        leave_prefix(w); /* may be the end already */
    return 0;
}

int hf__sqlite_scan(void *txn, const hf_scan *scan, void *const *rows, uint32_t *count)
{
    walk w = {.rows = rows, .limit = *count};
    *count = 0;
    int error = prepare(&w, txn, scan);
    while (error == 0 && !w.ended && w.count < w.limit)
        error = w.behind ? pass_prefix(&w) : enter_prefix(&w);
    error = hf__sqlite_check_unwritten(txn, error);
    if (error == 0)
        *count = w.count;
    return error;
}
