/*
 * same.c - the same orders by everybody, then their stores side by side.
 *
 * Rows of holdfast and of the loops cannot be the same bytes: ids, times and order numbers differ.
 * Their lengths are the same, and so is how many there are, tree by tree.
 */
#include "same.h"
#include "baseline.h"
#include "loop_journal.h"
#include "rows_sqlite.h"
#include "run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ORDERS        60u
#define IN_FLIGHT     7u
#define JOURNAL_BYTES (1u << 20)

typedef struct sizes {
    uint64_t entries;
    uint64_t key_bytes;
    uint64_t value_bytes;
} sizes;

static bool quiet; /* differences are wanted, to see that they are found */

/* ---- LMDB ------------------------------------------------------------------------------------ */

static int measure(const replay_store *store, MDB_txn *txn, uint32_t table, sizes *out)
{
    MDB_cursor *cursor;
    MDB_val key;
    MDB_val value;
    *out = (sizes){.entries = 0};
    int error = mdb_cursor_open(txn, store->dbis[table], &cursor);
    if (error != 0)
        return replay_failed("measure", error);
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
        out->entries++;
        out->key_bytes += key.mv_size;
        out->value_bytes += value.mv_size;
    }
    mdb_cursor_close(cursor);
    return 0;
}

/* Prints a line for a tree that differs. */
static int compare_sizes(const char *name, const sizes *own, const sizes *loop)
{
    if (memcmp(own, loop, sizeof(*own)) == 0)
        return 0;
    if (!quiet)
        (void)fprintf(stderr,
                      "%s: holdfast wrote %" PRIu64 " entries, keys %" PRIu64 ", values %" PRIu64
                      " bytes; baseline %" PRIu64 ", %" PRIu64 ", %" PRIu64 "\n",
                      name, own->entries, own->key_bytes, own->value_bytes, loop->entries,
                      loop->key_bytes, loop->value_bytes);
    return -1;
}

static int compare_trees(const replay_store *own, const replay_store *loop)
{
    MDB_txn *txns[2];
    int error = mdb_txn_begin(own->env, NULL, MDB_RDONLY, &txns[0]);
    if (error == 0)
        error = mdb_txn_begin(loop->env, NULL, MDB_RDONLY, &txns[1]);
    if (error != 0)
        return replay_failed("compare", error);
    for (uint32_t i = 0; i < own->named; i++) {
        sizes found[2];
        if (measure(own, txns[0], i, &found[0]) != 0 || measure(loop, txns[1], i, &found[1]) != 0 ||
            compare_sizes(own->names[i], &found[0], &found[1]) != 0)
            error = -1;
    }
    mdb_txn_abort(txns[0]);
    mdb_txn_abort(txns[1]);
    return error;
}

/* ---- Journal --------------------------------------------------------------------------------- */

/* Every row of the store that the template's has not so must be in the journal, and the same. */
static int compare_row(const rowmap *rows, const rowmap_key *key, const MDB_val *value)
{
    uint32_t bytes;
    const uint8_t *found = rowmap_get(rows, key, &bytes);
    return found != NULL && bytes == value->mv_size && memcmp(found, value->mv_data, bytes) == 0
               ? 0
               : -1;
}

static int compare_table(MDB_txn *txns[2], MDB_dbi dbi, uint32_t table, const rowmap *rows)
{
    MDB_cursor *cursor;
    MDB_val key;
    MDB_val value;
    MDB_val old;
    int error = mdb_cursor_open(txns[0], dbi, &cursor);
    while (error == 0 && mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
        const rowmap_key of = {table, (uint32_t)key.mv_size, key.mv_data};
        bool same = mdb_get(txns[1], dbi, &key, &old) == 0 && old.mv_size == value.mv_size &&
                    memcmp(old.mv_data, value.mv_data, old.mv_size) == 0;
        if (value.mv_size != 0 && !same)
            error = compare_row(rows, &of, &value);
    }
    mdb_cursor_close(cursor);
    return error;
}

/* And the journal has no row that the store has not. */
static int compare_journal(const char *path, const replay_store *store, const replay_store *before)
{
    MDB_txn *txns[2] = {NULL, NULL};
    uint64_t deleted = 0;
    rowmap *rows = rowmap_create(UINT64_C(1) << 16);
    int error = rows == NULL ? -1 : journal_read(path, rows, &deleted);
    if (error == 0)
        error = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txns[0]);
    if (error == 0)
        error = mdb_txn_begin(before->env, NULL, MDB_RDONLY, &txns[1]);
    for (uint32_t i = 0; error == 0 && i < store->named; i++) {
        error = compare_table(txns, store->dbis[i], i, rows);
        if (error != 0 && !quiet)
            (void)fprintf(stderr, "%s: the journal has not the rows of the store\n",
                          store->names[i]);
    }
    if (error == 0 && rowmap_rows(rows) == 0)
        error = -1;
    mdb_txn_abort(txns[0]); /* takes NULL */
    mdb_txn_abort(txns[1]);
    rowmap_destroy(rows);
    return error;
}

/* ---- SQLite ---------------------------------------------------------------------------------- */

/* Rows of a table, values that are there, and bytes of those that have a length. */
static int measure_sql(sqlite3 *db, const char *table, sizes *out)
{
    char sql[128];
    sqlite3_stmt *select;
    *out = (sizes){.entries = 0};
    (void)snprintf(sql, sizeof(sql), "SELECT * FROM %s", table);
    if (sqlite3_prepare_v2(db, sql, -1, &select, NULL) != SQLITE_OK)
        return -1;
    while (sqlite3_step(select) == SQLITE_ROW) {
        out->entries++;
        for (int i = 0; i < sqlite3_column_count(select); i++) {
            int type = sqlite3_column_type(select, i);
            out->key_bytes += type != SQLITE_NULL;
            if (type == SQLITE_TEXT || type == SQLITE_BLOB)
                out->value_bytes += (uint64_t)sqlite3_column_bytes(select, i);
        }
    }
    (void)sqlite3_finalize(select);
    return 0;
}

static int compare_sql(sqlite3 *own, sqlite3 *loop)
{
    sqlite3_stmt *names;
    int error = 0;
    if (sqlite3_prepare_v2(own,
                           "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE "
                           "'sqlite_%'",
                           -1, &names, NULL) != SQLITE_OK)
        return -1;
    while (sqlite3_step(names) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(names, 0);
        sizes found[2];
        if (measure_sql(own, name, &found[0]) != 0 || measure_sql(loop, name, &found[1]) != 0 ||
            compare_sizes(name, &found[0], &found[1]) != 0)
            error = -1;
    }
    (void)sqlite3_finalize(names);
    return error;
}

/* ---- Runs ------------------------------------------------------------------------------------ */

typedef struct checking {
    const char *prepared;
    uint32_t form;
    char folders[SUBJECTS][BENCH_PATH_BYTES];
} checking;

static int run_subject(checking *c, const char *folder, uint32_t subject)
{
    static bench_result result;
    const bench_subject *of = &bench_subjects[subject];
    /* one more than the baseline has, where the template's order is there already */
    bench_run run = {.load = {.operations = ORDERS + (of->holdfast ? 1 : 0),
                              .form = c->form,
                              .spread = CHOICE_UNIFORM,
                              .in_flight = IN_FLIGHT},
                     .folder = folder,
                     .prepared = c->prepared,
                     .durability = "none",
                     .journal_bytes = JOURNAL_BYTES,
                     .per_commit = of->holdfast ? 0 : IN_FLIGHT,
                     .exact = true};
    return run_apart(of, &run, &result, c->folders[subject]);
}

static int open_stores(const checking *c, replay_store stores[3])
{
    char path[BENCH_PATH_BYTES];
    int error = bench_path(path, c->folders[S_HF_LMDB], "store");
    if (error == 0)
        error = replay_open(&stores[0], path);
    if (error == 0)
        error = bench_path(path, c->folders[S_LMDB], "store");
    if (error == 0)
        error = replay_open(&stores[1], path);
    if (error == 0)
        error = template_path(path, c->prepared, "lmdb", c->form, template_last(c->form));
    return error == 0 ? replay_open(&stores[2], path) : error;
}

static int found(bool differs, const char *what)
{
    quiet = false;
    if (!differs)
        (void)fprintf(stderr, "%s: a difference was not found\n", what);
    return differs ? 0 : -1;
}

/* The store before all orders is not the same, and holdfast's rows are not the journal's. */
static int control_lmdb(const char *journal, const replay_store stores[3])
{
    quiet = true;
    bool trees = compare_trees(&stores[0], &stores[2]) != 0;
    bool rows = compare_journal(journal, &stores[0], &stores[2]) != 0;
    return found(trees && rows, "lmdb");
}

static int check_lmdb(const checking *c)
{
    static replay_store stores[3];
    char path[BENCH_PATH_BYTES];
    int error = open_stores(c, stores);
    if (error == 0)
        error = compare_trees(&stores[0], &stores[1]);
    if (error == 0)
        error = bench_path(path, c->folders[S_JOURNAL], "journal");
    if (error == 0)
        error = compare_journal(path, &stores[1], &stores[2]);
    if (error == 0)
        error = control_lmdb(path, stores);
    for (int i = 0; i < 3; i++)
        replay_close(&stores[i]);
    return error;
}

static int check_sqlite(const checking *c)
{
    char paths[3][BENCH_PATH_BYTES];
    sqlite3 *dbs[3] = {NULL, NULL, NULL};
    int error = bench_path(paths[0], c->folders[S_HF_SQLITE], "store");
    if (error == 0)
        error = bench_path(paths[1], c->folders[S_SQLITE], "store");
    if (error == 0)
        error = template_path(paths[2], c->prepared, "sqlite", c->form, template_last(c->form));
    for (int i = 0; error == 0 && i < 3; i++)
        if (sqlite3_open_v2(paths[i], &dbs[i], SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
            error = -1;
    if (error == 0)
        error = compare_sql(dbs[0], dbs[1]);
    quiet = error == 0;
    if (error == 0)
        error = found(compare_sql(dbs[0], dbs[2]) != 0, "sqlite");
    for (int i = 0; i < 3; i++)
        (void)sqlite3_close(dbs[i]);
    return error;
}

static int check_form(checking *c, const char *folder)
{
    static const uint32_t subjects[] = {S_HF_LMDB, S_LMDB, S_JOURNAL, S_HF_SQLITE, S_SQLITE};
    int error = baseline_prepare(c->prepared, c->form);
    if (error == 0)
        error = rows_prepare(c->prepared, c->form);
    for (size_t i = 0; error == 0 && i < sizeof(subjects) / sizeof(subjects[0]); i++)
        error = run_subject(c, folder, subjects[i]);
    if (error == 0)
        error = check_lmdb(c);
    if (error == 0)
        error = check_sqlite(c);
    for (uint32_t i = 0; i < SUBJECTS; i++)
        if (c->folders[i][0] != '\0' && bench_folder_remove(c->folders[i]) != 0)
            error = -1;
    printf("%s: %s; a record of %" PRIu64 " bytes an order\n", load_form_names[c->form],
           error == 0 ? "everybody writes the same" : "FAILED", baseline_record_bytes(c->form));
    return error;
}

int same_all(const char *folder, const char *prepared)
{
    static checking c;
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    template_clock_ms = (int64_t)now.tv_sec * 1000; /* times are stored as differences */
    static const uint32_t forms[] = {LOAD_CHECKOUT, LOAD_TWO_PHASE};
    int error = 0;
    for (size_t i = 0; error == 0 && i < sizeof(forms) / sizeof(forms[0]); i++) {
        c = (checking){.prepared = prepared, .form = forms[i]};
        error = check_form(&c, folder);
    }
    return error;
}
