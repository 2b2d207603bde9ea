/*
 * loop_sqlite.c - baseline: what a C developer writes directly over SQLite: prepared statements,
 * WAL and synchronous FULL, one order or many in a transaction.
 *
 * Each row of an order is written with the ids, names and event number of the next one.
 */
#include "rows_sqlite.h"

#include <stdio.h>
#include <string.h>

typedef struct loop {
    baseline *baseline;
    rows_step *steps;
    sqlite3 *db;
    sqlite3_stmt *begin;
    sqlite3_stmt *commit;
    sqlite3_stmt *writes[TEMPLATE_STEPS_MAX][ROWS_MAX];
} loop;

static int failed(const loop *l, const char *what)
{
    (void)fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(l->db));
    return -1;
}

static int prepare(loop *l, const char *sql, sqlite3_stmt **out)
{
    return sqlite3_prepare_v3(l->db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL) == SQLITE_OK
               ? 0
               : failed(l, sql);
}

static int open_loop(loop *l, const bench_run *run, const char *path)
{
    const char *mode = bench_durable(run) ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=OFF";
    if (sqlite3_open_v2(path, &l->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
            SQLITE_OK ||
        sqlite3_exec(l->db, "PRAGMA journal_mode=WAL", NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(l->db, mode, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(l->db, "PRAGMA cache_size=-65536", NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(l->db, "PRAGMA ignore_check_constraints=ON", NULL, NULL, NULL) != SQLITE_OK)
        return failed(l, "open");
    int error = prepare(l, "BEGIN IMMEDIATE", &l->begin);
    if (error == 0)
        error = prepare(l, "COMMIT", &l->commit);
    for (uint32_t step = 0; error == 0 && step < l->baseline->one.steps; step++)
        for (uint32_t i = 0; error == 0 && i < l->steps[step].count; i++)
            error = prepare(l, l->steps[step].rows[i].sql, &l->writes[step][i]);
    return error;
}

static void close_loop(loop *l)
{
    for (uint32_t step = 0; step < TEMPLATE_STEPS_MAX; step++)
        for (uint32_t i = 0; i < ROWS_MAX; i++)
            (void)sqlite3_finalize(l->writes[step][i]);
    (void)sqlite3_finalize(l->begin);
    (void)sqlite3_finalize(l->commit);
    (void)sqlite3_close(l->db);
}

static void bind_part(const baseline *h, sqlite3_stmt *write, int at, int part)
{
    const uint8_t *bytes = h->now.bytes[part];
    if (part == BASELINE_SEQ)
        (void)sqlite3_bind_int64(write, at, (sqlite3_int64)h->seq);
    else if (part == BASELINE_ORDER || part == BASELINE_PAYMENT)
        (void)sqlite3_bind_blob(write, at, bytes, 16, SQLITE_STATIC);
    else
        (void)sqlite3_bind_text(write, at, (const char *)bytes, CHOICE_NAME_BYTES, SQLITE_STATIC);
}

static int step_of(const loop *l, sqlite3_stmt *statement, const char *what)
{
    int result = sqlite3_step(statement);
    (void)sqlite3_reset(statement);
    return result == SQLITE_DONE ? 0 : failed(l, what);
}

static int write_row(const loop *l, const rows_row *r, sqlite3_stmt *write)
{
    int used = sqlite3_bind_parameter_count(write);
    for (int i = 0; i < r->columns && i < used; i++) {
        if (r->parts[i] == ROWS_SAME)
            (void)sqlite3_bind_value(write, i + 1, r->values[i]);
        else
            bind_part(l->baseline, write, i + 1, r->parts[i]);
    }
    int error = step_of(l, write, r->sql);
    if (error == 0 && r->exists && sqlite3_changes(l->db) != 1) {
        (void)fprintf(stderr, "%s: wrote no row\n", r->sql);
        return -1;
    }
    return error;
}

static int commit(void *context, uint32_t step, uint32_t count)
{
    loop *l = context;
    const rows_step *of = &l->steps[step];
    int error = step_of(l, l->begin, "begin");
    for (uint32_t i = 0; error == 0 && i < count; i++) {
        baseline_take(l->baseline, i);
        for (uint32_t k = 0; error == 0 && k < of->count; k++)
            if (!of->rows[k].common || i + 1 == count)
                error = write_row(l, &of->rows[k], l->writes[step][k]);
    }
    return error == 0 ? step_of(l, l->commit, "commit") : error;
}

int bench_loop_sqlite(const bench_run *run, bench_result *out)
{
    char path[BENCH_PATH_BYTES];
    loop l = {.baseline = baseline_begin(run), .steps = rows_of(run->load.form)};
    if (l.baseline == NULL ||
        template_copy(run, "sqlite", template_last(run->load.form), path) != 0)
        return -1;
    const bench_template *one = rows_template(run->load.form);
    if (run->exact)
        l.baseline->next_seq = one->seqs[one->steps - 1] + 1;
    memcpy(l.baseline->now.bytes[BASELINE_ORDER], one->order.order.bytes, 16);
    memcpy(l.baseline->now.bytes[BASELINE_PAYMENT], one->order.payment.bytes, 16);
    int error = open_loop(&l, run, path);
    if (error == 0)
        error = baseline_drive(l.baseline, out, commit, &l);
    close_loop(&l);
    return error;
}
