/*
 * One sorted array of row copies for each table. A write works on a copy of everything, a commit
 * puts the copy in the place of the last state, a snapshot copies too: slow and hard to get wrong.
 */
#include "store/plain_store.h"
#include "support/rows.h"
#include <holdfast/error.h>

#include <pthread.h>
#include <stdio.h>

/* One table's rows, sorted by primary key; each a struct of its own with its own bodies. */
typedef struct rows {
    uint8_t **rows;
    uint32_t count;
    uint32_t capacity;
} rows;

/* Everything, as of a commit. */
typedef struct state {
    hf_store_mark mark;
    rows *tables;
} state;

typedef struct store {
    const hf_schema *schema;
    pthread_mutex_t lock;
    state *last;
    int writing;
} store;

typedef struct txn {
    store *store;
    const hf_store_caller *caller;
    state *state;
    int writes;
} txn;

static void *must(void *memory)
{
    ck_assert_ptr_nonnull(memory);
    return memory;
}

/* ---- Rows ---- */

/* Copies a row; its bodies go where `alloc` says. */
static void copy_row(const hf_table *table, uint8_t *to, const void *from,
                     void *(*alloc)(void *, uint64_t), void *context)
{
    memcpy(to, from, table->row_bytes);
    for (uint32_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].type != HF_COLUMN_BYTES)
            continue;
        hf_test_bytes value;
        memcpy(&value, to + table->columns[i].offset, sizeof value);
        if (value.bytes != 0) {
            void *body = must(alloc(context, value.bytes));
            memcpy(body, value.data, value.bytes);
            value.data = body;
        } else {
            value.data = NULL;
        }
        memcpy(to + table->columns[i].offset, &value, sizeof value);
    }
}

static void *body_alloc(void *context, uint64_t bytes)
{
    (void)context;
    return malloc(bytes);
}

static uint8_t *new_row(const hf_table *table, const void *from)
{
    uint8_t *row = must(malloc(table->row_bytes));
    copy_row(table, row, from, body_alloc, NULL);
    return row;
}

static void free_row(const hf_table *table, uint8_t *row)
{
    for (uint32_t i = 0; i < table->column_count; i++) {
        hf_test_bytes value;
        if (table->columns[i].type != HF_COLUMN_BYTES)
            continue;
        memcpy(&value, row + table->columns[i].offset, sizeof value);
        union {
            const void *given;
            void *own;
        } body = {.given = value.data};
        free(body.own);
    }
    free(row);
}

/* The place of a key, or where it would be. */
static uint32_t place_of(const hf_table *table, const rows *of, const void *key, int *there)
{
    uint32_t at = 0;
    while (at < of->count && hf_test_compare_key(table, 0, of->rows[at], key, UINT32_MAX) < 0)
        at++;
    *there = at < of->count && hf_test_compare_key(table, 0, of->rows[at], key, UINT32_MAX) == 0;
    return at;
}

static void insert(rows *of, uint32_t at, uint8_t *row)
{
    if (of->count == of->capacity) {
        of->capacity = of->capacity * 2 + 8;
        of->rows = must(realloc(of->rows, of->capacity * sizeof *of->rows));
    }
    memmove(of->rows + at + 1, of->rows + at, (of->count - at) * sizeof *of->rows);
    of->rows[at] = row;
    of->count++;
}

/* ---- States ---- */

static state *new_state(const hf_schema *schema, const state *from)
{
    state *made = must(calloc(1, sizeof *made));
    made->tables = must(calloc(schema->table_count, sizeof *made->tables));
    if (from == NULL)
        return made;
    made->mark = from->mark;
    for (uint32_t t = 0; t < schema->table_count; t++) {
        for (uint32_t i = 0; i < from->tables[t].count; i++)
            insert(&made->tables[t], i, new_row(schema->tables[t], from->tables[t].rows[i]));
    }
    return made;
}

static void free_state(const hf_schema *schema, state *old)
{
    for (uint32_t t = 0; t < schema->table_count; t++) {
        for (uint32_t i = 0; i < old->tables[t].count; i++)
            free_row(schema->tables[t], old->tables[t].rows[i]);
        free(old->tables[t].rows);
    }
    free(old->tables);
    free(old);
}

static int open_store(const hf_store_config *config, void **out)
{
    store *made = must(calloc(1, sizeof *made));
    made->schema = config->schema;
    made->last = new_state(config->schema, NULL);
    (void)pthread_mutex_init(&made->lock, NULL);
    *out = made;
    return 0;
}

static void close_store(void *opened)
{
    store *of = opened;
    free_state(of->schema, of->last);
    (void)pthread_mutex_destroy(&of->lock);
    free(of);
}

/* ---- Transactions ---- */

static int refuse(const txn *of, int code, const char *text)
{
    of->caller->error->code = code;
    (void)snprintf(of->caller->error->text, sizeof of->caller->error->text, "plain: %s", text);
    return code;
}

static int begin(void *opened, uint32_t mode, const hf_store_caller *caller, void **out)
{
    store *of = opened;
    txn *made = must(calloc(1, sizeof *made));
    *made = (txn){.store = of, .caller = caller, .writes = mode == HF_TXN_WRITE};
    (void)pthread_mutex_lock(&of->lock);
    ck_assert(!made->writes || !of->writing);
    of->writing |= made->writes;
    made->state = new_state(of->schema, of->last);
    (void)pthread_mutex_unlock(&of->lock);
    *out = made;
    return 0;
}

static void finish(txn *of, state *unused)
{
    free_state(of->store->schema, unused);
    free(of);
}

static int commit(void *begun, const hf_store_mark *mark)
{
    txn *of = begun;
    (void)pthread_mutex_lock(&of->store->lock);
    state *before = of->store->last;
    of->state->mark = *mark;
    of->store->last = of->state;
    of->store->writing = 0;
    (void)pthread_mutex_unlock(&of->store->lock);
    finish(of, before);
    return 0;
}

static void rollback(void *begun)
{
    txn *of = begun;
    if (of->writes) {
        (void)pthread_mutex_lock(&of->store->lock);
        of->store->writing = 0;
        (void)pthread_mutex_unlock(&of->store->lock);
    }
    finish(of, of->state);
}

static int get(void *begun, uint32_t table, void *const *places, uint8_t *found, uint32_t count)
{
    txn *of = begun;
    const hf_table *what = of->store->schema->tables[table];
    for (uint32_t i = 0; i < count; i++) {
        int there;
        uint32_t at = place_of(what, &of->state->tables[table], places[i], &there);
        found[i] = there != 0;
        if (there)
            copy_row(what, places[i], of->state->tables[table].rows[at], of->caller->alloc,
                     of->caller->context);
    }
    return 0;
}

static int put(void *begun, uint32_t table, const void *const *news, const void *const *olds,
               uint32_t count)
{
    txn *of = begun;
    const hf_table *what = of->store->schema->tables[table];
    rows *in = &of->state->tables[table];
    for (uint32_t i = 0; i < count; i++) {
        int there;
        uint32_t at = place_of(what, in, news[i], &there);
        if (there != (olds[i] != NULL))
            return refuse(of, HF_E_ARGUMENT, "the old row is not as the caller says");
        if (there && !hf_test_same_row(what, in->rows[at], olds[i]))
            return refuse(of, HF_E_ARGUMENT, "the old row has another content");
        uint8_t *row = new_row(what, news[i]);
        if (there) {
            free_row(what, in->rows[at]);
            in->rows[at] = row;
        } else {
            insert(in, at, row);
        }
    }
    return 0;
}

static int del(void *begun, uint32_t table, const void *const *olds, uint32_t count)
{
    txn *of = begun;
    const hf_table *what = of->store->schema->tables[table];
    rows *in = &of->state->tables[table];
    for (uint32_t i = 0; i < count; i++) {
        int there;
        uint32_t at = place_of(what, in, olds[i], &there);
        if (!there || !hf_test_same_row(what, in->rows[at], olds[i]))
            return refuse(of, HF_E_ARGUMENT, "the row to be removed is not there");
        free_row(what, in->rows[at]);
        memmove(in->rows + at, in->rows + at + 1, (--in->count - at) * sizeof *in->rows);
    }
    return 0;
}

/* ---- Scans ---- */

static int belongs(const hf_table *table, uint32_t index, const uint8_t *row)
{
    static const uint8_t zero[sizeof(hf_name)];
    const hf_index *of = index == 0 ? NULL : &table->indexes[index - 1];
    if (of == NULL || of->where_column < 0)
        return 1;
    const hf_column *column = &table->columns[of->where_column];
    if (of->where_mask == 0)
        return memcmp(row + column->offset, zero, hf_test_column_bytes(column)) != 0;
    uint32_t value;
    memcpy(&value, row + column->offset, sizeof value);
    return (of->where_mask >> value & 1) != 0;
}

static int inside(const hf_table *table, const hf_scan *scan, const uint8_t *row)
{
    if (!belongs(table, scan->index, row))
        return 0;
    if (scan->low_columns != 0) {
        int order = hf_test_compare_key(table, scan->index, row, scan->low, scan->low_columns);
        if (order < 0 || (order == 0 && scan->low_exclusive))
            return 0;
    }
    if (scan->high_columns != 0) {
        int order = hf_test_compare_key(table, scan->index, row, scan->high, scan->high_columns);
        if (order > 0 || (order == 0 && scan->high_exclusive))
            return 0;
    }
    return 1;
}

/* The next row of the range behind `last` (NULL: the first) in the scan's direction. */
static const uint8_t *next_row(const hf_table *table, const rows *in, const hf_scan *scan,
                               const uint8_t *last)
{
    const int sign = scan->descending ? -1 : 1;
    const uint8_t *best = NULL;
    for (uint32_t i = 0; i < in->count; i++) {
        const uint8_t *row = in->rows[i];
        if (!inside(table, scan, row))
            continue;
        if (last != NULL &&
            sign * hf_test_compare_key(table, scan->index, row, last, UINT32_MAX) <= 0)
            continue;
        if (best == NULL ||
            sign * hf_test_compare_key(table, scan->index, row, best, UINT32_MAX) < 0)
            best = row;
    }
    return best;
}

static int scan_rows(void *begun, const hf_scan *scan, void *const *places, uint32_t *count)
{
    txn *of = begun;
    const hf_table *table = of->store->schema->tables[scan->table];
    const rows *in = &of->state->tables[scan->table];
    const uint8_t *row = NULL;
    uint32_t done = 0;
    while (done < *count && (row = next_row(table, in, scan, row)) != NULL)
        copy_row(table, places[done++], row, of->caller->alloc, of->caller->context);
    *count = done;
    return 0;
}

static int stat_store(void *begun, hf_store_stat *out)
{
    txn *of = begun;
    out->mark = of->state->mark;
    out->bytes = 0;
    out->schema = of->store->schema->version;
    for (uint32_t i = 0; out->tables != NULL && i < out->table_count; i++)
        out->tables[i] = (hf_table_stat){.rows = of->state->tables[i].count};
    return 0;
}

static int check(void *begun, hf_progress_cb progress, void *data)
{
    (void)begun;
    (void)progress;
    (void)data;
    return 0;
}

static int backup(void *opened, const char *path, hf_progress_cb progress, void *data,
                  hf_store_error *error)
{
    (void)opened;
    (void)path;
    (void)progress;
    (void)data;
    error->code = HF_E_UNSUPPORTED;
    return HF_E_UNSUPPORTED;
}

static int restore(const char *path, const hf_store_config *config)
{
    (void)path;
    config->error->code = HF_E_UNSUPPORTED;
    return HF_E_UNSUPPORTED;
}

const hf_store_driver hf_test_plain_driver = {
    .size = sizeof(hf_store_driver),
    .scheme = "plain",
    .open = open_store,
    .close = close_store,
    .begin = begin,
    .get = get,
    .put = put,
    .del = del,
    .scan = scan_rows,
    .commit = commit,
    .rollback = rollback,
    .stat = stat_store,
    .check = check,
    .backup = backup,
    .restore = restore,
};
