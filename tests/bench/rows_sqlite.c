/*
 * rows_sqlite.c - the difference of two stores, table by table.
 */
#include "rows_sqlite.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct prepared {
    bench_template one;
    rows_step steps[TEMPLATE_STEPS_MAX];
} prepared;

static prepared forms[LOAD_FORMS];

/* SQL text that is put together. */
typedef struct text {
    char sql[8192];
    size_t used;
} text;

static void add(text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(text *t, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int count = vsnprintf(t->sql + t->used, sizeof(t->sql) - t->used, format, list);
    va_end(list);
    t->used += count > 0 ? (size_t)count : 0;
    if (t->used >= sizeof(t->sql))
        t->used = sizeof(t->sql) - 1;
}

static int failed(sqlite3 *db, const char *what)
{
    (void)fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(db));
    return -1;
}

/* ---- Parts ----------------------------------------------------------------------------------- */

static bool is_bytes(sqlite3_value *value, const void *bytes, int count)
{
    return sqlite3_value_type(value) == (count == 16 ? SQLITE_BLOB : SQLITE_TEXT) &&
           sqlite3_value_bytes(value) == count &&
           memcmp(sqlite3_value_blob(value), bytes, (size_t)count) == 0;
}

static int part_of(const bench_template *one, uint32_t step, const char *name, sqlite3_value *value)
{
    const struct {
        const void *bytes;
        int count;
    } parts[] = {
        [BASELINE_ORDER] = {one->order.order.bytes, 16},
        [BASELINE_PAYMENT] = {one->order.payment.bytes, 16},
        [BASELINE_SKU_A] = {one->order.skus[0], CHOICE_NAME_BYTES},
        [BASELINE_SKU_B] = {one->order.skus[1], CHOICE_NAME_BYTES},
        [BASELINE_WALLET] = {one->order.wallet, CHOICE_NAME_BYTES},
    };
    for (int i = 0; i < BASELINE_SEQ; i++)
        if (is_bytes(value, parts[i].bytes, parts[i].count))
            return i;
    bool seq = strcmp(name, "seq") == 0 && sqlite3_value_type(value) == SQLITE_INTEGER &&
               (uint64_t)sqlite3_value_int64(value) == one->seqs[step];
    return seq ? BASELINE_SEQ : ROWS_SAME;
}

/* ---- Statements ------------------------------------------------------------------------------ */

static void write_keys(text *t, const rows_row *r)
{
    const char *joint = " WHERE ";
    for (int i = 0; i < r->columns; i++) {
        if (!r->keys[i])
            continue;
        add(t, "%s%s = ?%d", joint, r->names[i], i + 1);
        joint = " AND ";
    }
}

static void write_insert(text *t, const rows_row *r)
{
    add(t, "INSERT INTO %s VALUES (", r->table);
    for (int i = 0; i < r->columns; i++)
        add(t, "%s?%d", i == 0 ? "" : ", ", i + 1);
    add(t, ")");
}

static void write_update(text *t, const rows_row *r)
{
    const char *joint = " SET ";
    add(t, "UPDATE %s", r->table);
    for (int i = 0; i < r->columns; i++) {
        if (!r->changed[i])
            continue;
        add(t, "%s%s = ?%d", joint, r->names[i], i + 1);
        joint = ", ";
    }
    write_keys(t, r);
}

static int write_sql(rows_row *r)
{
    text t = {.used = 0};
    if (r->deleted) {
        add(&t, "DELETE FROM %s", r->table);
        write_keys(&t, r);
    } else if (r->exists) {
        write_update(&t, r);
    } else {
        write_insert(&t, r);
    }
    if (t.used >= sizeof(r->sql))
        return -1;
    memcpy(r->sql, t.sql, t.used + 1);
    return 0;
}

/* ---- Difference ------------------------------------------------------------------------------ */

typedef struct table {
    char name[64];
    char columns[ROWS_COLUMNS_MAX][32];
    bool keys[ROWS_COLUMNS_MAX];
    int count;
} table;

static int read_table(sqlite3 *db, const char *name, table *out)
{
    sqlite3_stmt *select;
    *out = (table){.count = 0};
    (void)snprintf(out->name, sizeof(out->name), "%s", name);
    if (sqlite3_prepare_v2(db, "SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid", -1,
                           &select, NULL) != SQLITE_OK)
        return failed(db, name);
    (void)sqlite3_bind_text(select, 1, name, -1, SQLITE_STATIC);
    while (sqlite3_step(select) == SQLITE_ROW && out->count < ROWS_COLUMNS_MAX) {
        (void)snprintf(out->columns[out->count], sizeof(out->columns[0]), "%s",
                       (const char *)sqlite3_column_text(select, 0));
        out->keys[out->count++] = sqlite3_column_int(select, 1) != 0;
    }
    (void)sqlite3_finalize(select);
    return 0;
}

/* Rows of `left` that `right` has not so: their columns, whether the key is there, what differs. */
static void write_difference(text *t, const table *of, const char *left, const char *right)
{
    const char *joint = " ON ";
    add(t, "SELECT m.*");
    for (int i = 0; i < of->count; i++)
        add(t, ", m.%s IS NOT o.%s", of->columns[i], of->columns[i]);
    add(t, ", o.hit IS NOT NULL FROM (SELECT * FROM %s.%s EXCEPT SELECT * FROM %s.%s) m", left,
        of->name, right, of->name);
    add(t, " LEFT JOIN (SELECT *, 1 AS hit FROM %s.%s) o", right, of->name);
    for (int i = 0; i < of->count; i++) {
        if (!of->keys[i])
            continue;
        add(t, "%so.%s = m.%s", joint, of->columns[i], of->columns[i]);
        joint = " AND ";
    }
}

static int keep(rows_step *step, const table *of, sqlite3_stmt *select, bool deleted)
{
    if (step->count == ROWS_MAX) {
        (void)fprintf(stderr, "%s: more rows than an order has\n", of->name);
        return -1;
    }
    rows_row *r = &step->rows[step->count++];
    r->columns = of->count;
    r->deleted = deleted;
    r->exists = sqlite3_column_int(select, 2 * of->count) != 0;
    memcpy(r->table, of->name, sizeof(r->table));
    memcpy(r->names, of->columns, sizeof(r->names));
    memcpy(r->keys, of->keys, sizeof(r->keys));
    for (int i = 0; i < of->count; i++) {
        r->values[i] = sqlite3_value_dup(sqlite3_column_value(select, i));
        r->changed[i] = sqlite3_column_int(select, of->count + i) != 0;
    }
    return 0;
}

static int compare(sqlite3 *db, rows_step *step, const table *of, bool deleted)
{
    text t = {.used = 0};
    sqlite3_stmt *select;
    write_difference(&t, of, deleted ? "old" : "main", deleted ? "main" : "old");
    if (sqlite3_prepare_v2(db, t.sql, -1, &select, NULL) != SQLITE_OK)
        return failed(db, t.sql);
    int error = 0;
    while (error == 0 && sqlite3_step(select) == SQLITE_ROW) {
        bool there = sqlite3_column_int(select, 2 * of->count) != 0;
        if (!deleted || !there) /* what changed is seen from the other side */
            error = keep(step, of, select, deleted);
    }
    (void)sqlite3_finalize(select);
    return error;
}

static int compare_all(sqlite3 *db, rows_step *step)
{
    sqlite3_stmt *names;
    table of;
    if (sqlite3_prepare_v2(db,
                           "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT "
                           "LIKE 'sqlite_%' ORDER BY name",
                           -1, &names, NULL) != SQLITE_OK)
        return failed(db, "tables");
    int error = 0;
    while (error == 0 && sqlite3_step(names) == SQLITE_ROW) {
        error = read_table(db, (const char *)sqlite3_column_text(names, 0), &of);
        if (error == 0)
            error = compare(db, step, &of, true);
        if (error == 0)
            error = compare(db, step, &of, false);
    }
    (void)sqlite3_finalize(names);
    return error;
}

static int capture(prepared *p, const char *folder, uint32_t form, uint32_t step)
{
    char paths[2][BENCH_PATH_BYTES];
    char attach[BENCH_PATH_BYTES + 32];
    sqlite3 *db = NULL;
    if (template_path(paths[0], folder, "sqlite", form, template_step(step)) != 0 ||
        template_path(paths[1], folder, "sqlite", form, template_step(step + 1)) != 0)
        return -1;
    (void)snprintf(attach, sizeof(attach), "ATTACH '%s' AS old", paths[0]);
    int error = 0;
    if (sqlite3_open_v2(paths[1], &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
        sqlite3_exec(db, attach, NULL, NULL, NULL) != SQLITE_OK)
        error = failed(db, attach);
    if (error == 0)
        error = compare_all(db, &p->steps[step]);
    (void)sqlite3_close(db);
    return error;
}

static int find_parts(prepared *p, uint32_t step)
{
    for (uint32_t i = 0; i < p->steps[step].count; i++) {
        rows_row *r = &p->steps[step].rows[i];
        r->common = true;
        for (int k = 0; k < r->columns; k++) {
            r->parts[k] = part_of(&p->one, step, r->names[k], r->values[k]);
            r->common = r->common && (!r->keys[k] || r->parts[k] == ROWS_SAME);
        }
        if (write_sql(r) != 0)
            return -1;
    }
    return 0;
}

int rows_prepare(const char *folder, uint32_t form)
{
    prepared *p = &forms[template_form(form)];
    if (p->one.steps != 0)
        return 0;
    int error = template_make(folder, "sqlite", template_form(form), &p->one);
    for (uint32_t step = 0; error == 0 && step < p->one.steps; step++) {
        error = capture(p, folder, form, step);
        if (error == 0)
            error = find_parts(p, step);
    }
    return error;
}

rows_step *rows_of(uint32_t form)
{
    return forms[template_form(form)].steps;
}

const bench_template *rows_template(uint32_t form)
{
    return &forms[template_form(form)].one;
}
