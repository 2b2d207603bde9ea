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
#include "model/key_range.h"
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
    uint32_t limit;  /* rows to return at most */
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

/* Reads the rows of a piece into the caller's until it, the scan or the caller's capacity ends. */
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
    int64_t value = step > 0 ? 0 : count - 1;
    if (from >= 0)
        value = from + step;
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

/* ---- Many ranges ------------------------------------------------------------------------------
 */

/* Prefixes of one index, whose rows one statement reads. */
typedef struct prefixes {
    hf__sqlite_connection *connection;
    const hf_table *table;
    const hf_scan *ranges;
    void *const *rows[HF__SQLITE_ASKED]; /* the caller's, of each range */
    uint32_t *counts;                    /* the most of each range */
    uint32_t got[HF__SQLITE_ASKED];
    uint32_t count;
    bool unordered; /* SQL's order is not that of the keys */
} prefixes;

/*
 * True for all keys that begin with some columns, in SQL's order, when the declaration shows that:
 * without an enum behind them. "None" is NULL, which equals nothing.
 */
static bool is_prefix(const hf_table *table, const hf_scan *scan)
{
    uint8_t key[HF__SQLITE_KEY_COLUMNS];
    const uint32_t columns = hf__sqlite_key(table, scan->index, key);
    bool good = scan->low_columns != 0 && scan->low_columns == scan->high_columns &&
                scan->low_columns <= columns && !scan->low_exclusive && !scan->high_exclusive &&
                !scan->descending;
    for (uint32_t i = 0; good && i < columns; i++) {
        if (i < scan->low_columns)
            good = hf__sqlite_same(table, key[i], scan->low, scan->high) &&
                   !hf__sqlite_none(table, key[i], scan->low);
        else
            good = table->columns[key[i]].type != HF_COLUMN_ENUM;
    }
    return good;
}

/* How many ranges from the first on one statement reads. */
static uint32_t count_alike(const hf_table *table, const hf_scan *ranges, uint32_t range_count)
{
    uint32_t count = 0;
    while (count < range_count && count < HF__SQLITE_ASKED &&
           ranges[count].table == ranges[0].table && ranges[count].index == ranges[0].index &&
           ranges[count].low_columns == ranges[0].low_columns && is_prefix(table, &ranges[count]))
        count++;
    return count;
}

static int start_prefixes(const prefixes *of, sqlite3_stmt **out)
{
    uint8_t key[HF__SQLITE_KEY_COLUMNS];
    const void *lows[HF__SQLITE_ASKED];
    const hf__sqlite_shape shape = {
        .index = of->ranges[0].index, .equal = of->ranges[0].low_columns, .many = 1};
    (void)hf__sqlite_key(of->table, shape.index, key);
    for (uint32_t i = 0; i < of->count; i++)
        lows[i] = of->ranges[i].low;
    int error = hf__sqlite_scan_statement(of->connection, of->ranges[0].table, &shape, out);
    if (error != 0)
        return error;
    return hf__sqlite_bind_asked(
        of->connection, *out, of->table,
        &(hf__sqlite_asked){.key = key, .columns = shape.equal, .rows = lows, .count = of->count});
}

static bool follows(const prefixes *of, uint32_t range, const void *row)
{
    uint8_t keys[2][HF__KEY_MAX];
    if (of->got[range] == 0)
        return true;
    const uint32_t index = of->ranges[range].index;
    const void *before = of->rows[range][of->got[range] - 1];
    const uint32_t first = hf__key_encode(of->table, index, before, HF__KEY_ALL, keys[0]);
    const uint32_t second = hf__key_encode(of->table, index, row, HF__KEY_ALL, keys[1]);
    return hf__key_compare(keys[0], first, keys[1], second) < 0;
}

static int take_next(void *context, sqlite3_value *const *values)
{
    prefixes *of = context;
    const uint32_t range = (uint32_t)sqlite3_value_int(values[of->table->column_count + 1]);
    if (of->unordered || of->got[range] == of->counts[range])
        return 0;
    void *row = of->rows[range][of->got[range]];
    int error = hf__sqlite_read_values(of->connection, values, of->table, row, NULL);
    if (error == 0)
        error = hf__sqlite_keep_bytes(of->connection, of->table, row);
    of->unordered = of->unordered || !follows(of, range, row);
    of->got[range]++;
    return error;
}

static int read_prefixes(prefixes *of)
{
    sqlite3_stmt *statement = NULL;
    const int error = start_prefixes(of, &statement);
    if (error != 0)
        return error;
    return hf__sqlite_take_all(of->connection, statement, of->table->name, take_next, of);
}

/* One statement; what it does not give in the order of the keys is read range by range. */
static int scan_alike(prefixes *of)
{
    int error = of->count < HF__SQLITE_ASKED_MIN ? 0 : read_prefixes(of);
    const bool each = of->unordered || of->count < HF__SQLITE_ASKED_MIN;
    for (uint32_t i = 0; error == 0 && i < of->count; i++) {
        if (each)
            error = hf__sqlite_scan(of->connection, &of->ranges[i], of->rows[i], &of->counts[i]);
        else
            of->counts[i] = of->got[i];
    }
    return error;
}

int hf__sqlite_scans(void *txn, const hf_scan *ranges, uint32_t range_count, void *const *rows,
                     uint32_t *counts)
{
    hf__sqlite_connection *connection = txn;
    int error = 0;
    for (uint32_t first = 0; error == 0 && first < range_count;) {
        prefixes of = {
            .connection = connection,
            .table = connection->store->schema->tables[ranges[first].table],
            .ranges = ranges + first,
            .counts = counts + first,
        };
        of.count = count_alike(of.table, of.ranges, range_count - first);
        of.count = of.count == 0 ? 1 : of.count;
        for (uint32_t i = 0; i < of.count; i++) {
            of.rows[i] = rows;
            rows += of.counts[i];
        }
        error = scan_alike(&of);
        first += of.count;
    }
    return hf__sqlite_check_unwritten(connection, error);
}
