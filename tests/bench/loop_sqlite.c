/*
 * loop_sqlite.c - what a C developer writes by hand over SQLite: prepared statements, one
 * transaction for each checkout, WAL and synchronous FULL.
 *
 * The tables, rows and indexes are those of a store that holdfast made: each row that one checkout
 * inserted is read once, whole, and inserted again with the ids, items, wallet and event number of
 * the next checkout; each account it changed is updated by its key.
 */
#include "bench.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 48
#define ROWS_MAX    16

/* What a column of a copied row gets in the next checkout. */
typedef enum role { SAME, ORDER, PAYMENT, SKU_A, SKU_B, WALLET, SEQ } role;

typedef struct row {
    sqlite3_stmt *write;
    sqlite3_value *values[COLUMNS_MAX];
    role roles[COLUMNS_MAX];
    int columns;
} row;

typedef struct loop {
    sqlite3 *db;
    sqlite3_stmt *begin;
    sqlite3_stmt *commit;
    row rows[ROWS_MAX];
    uint32_t count;
    const bench_template *one;
} loop;

/* The tables of a checkout, how their rows are found and whether they are new. */
static const struct source {
    const char *table;
    const char *where; /* of the template's rows; one parameter each, by `key` */
    role key;
    bool update;
} sources[] = {
    {"orders", "id = ?1", ORDER, false},
    {"order_lines", "order_id = ?1 ORDER BY no", ORDER, false},
    {"payments", "order_id = ?1", ORDER, false},
    {"events", "seq = ?1", SEQ, false},
    {"accounts", "name = ?1", SKU_A, true},
    {"accounts", "name = ?1", SKU_B, true},
    {"accounts", "name = ?1", WALLET, true},
};

static int failed(loop *l, const char *what)
{
    (void)fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(l->db));
    return -1;
}

static void bind_part(sqlite3_stmt *statement, int at, role what, const bench_template *now)
{
    const void *const ids[] = {[ORDER] = now->order.bytes, [PAYMENT] = now->payment.bytes};
    const char *const texts[] = {
        [SKU_A] = now->skus[0], [SKU_B] = now->skus[1], [WALLET] = now->wallet};
    if (what == ORDER || what == PAYMENT)
        (void)sqlite3_bind_blob(statement, at, ids[what], 16, SQLITE_STATIC);
    else if (what == SEQ)
        (void)sqlite3_bind_int64(statement, at, (sqlite3_int64)now->seq);
    else
        (void)sqlite3_bind_text(statement, at, texts[what], -1, SQLITE_STATIC);
}

static bool is_blob(sqlite3_value *value, const hf_id *id)
{
    return sqlite3_value_type(value) == SQLITE_BLOB && sqlite3_value_bytes(value) == 16 &&
           memcmp(sqlite3_value_blob(value), id->bytes, 16) == 0;
}

static bool is_text(sqlite3_value *value, const char *text)
{
    return sqlite3_value_type(value) == SQLITE_TEXT &&
           strcmp((const char *)sqlite3_value_text(value), text) == 0;
}

static role role_of(const loop *l, sqlite3_value *value, const char *column)
{
    if (is_blob(value, &l->one->order))
        return ORDER;
    if (is_blob(value, &l->one->payment))
        return PAYMENT;
    if (is_text(value, l->one->skus[0]))
        return SKU_A;
    if (is_text(value, l->one->skus[1]))
        return SKU_B;
    if (is_text(value, l->one->wallet))
        return WALLET;
    return strcmp(column, "seq") == 0 ? SEQ : SAME;
}

/* Appends two texts and, when it is not 0, a parameter's number. */
static int append(char sql[4096], const char *text, const char *name, int number)
{
    size_t used = strlen(sql);
    int length = number == 0 ? snprintf(sql + used, 4096 - used, "%s%s", text, name)
                             : snprintf(sql + used, 4096 - used, "%s%s?%d", text, name, number);
    return length >= 0 && (size_t)length < 4096 - used ? 0 : -1;
}

static int append_columns(char sql[4096], const row *r, sqlite3_stmt *select, bool update)
{
    int error = 0;
    for (int i = 0; i < r->columns && error == 0; i++) {
        error = append(sql, i == 0 ? "" : ", ", update ? sqlite3_column_name(select, i) : "",
                       update ? 0 : i + 1);
        if (error == 0 && update)
            error = append(sql, " = ", "", i + 1);
    }
    return error;
}

static int append_key(char sql[4096], const row *r, sqlite3_stmt *select)
{
    static const char *const keys[] = {"kind", "name", "place", "unit"};
    int error = 0;
    for (int k = 0; k < 4; k++)
        for (int i = 0; i < r->columns && error == 0; i++)
            if (strcmp(sqlite3_column_name(select, i), keys[k]) == 0) {
                error = append(sql, k == 0 ? " WHERE " : " AND ", keys[k], 0);
                if (error == 0)
                    error = append(sql, " = ", "", i + 1);
            }
    return error;
}

/* "INSERT INTO t VALUES (?1, ...)" or "UPDATE t SET c = ?n, ... WHERE the four key columns". */
static int prepare_write(loop *l, row *r, sqlite3_stmt *select, const struct source *from)
{
    char sql[4096] = "";
    int error = append(sql, from->update ? "UPDATE " : "INSERT INTO ", from->table, 0);
    if (error == 0)
        error = append(sql, from->update ? " SET " : " VALUES (", "", 0);
    if (error == 0)
        error = append_columns(sql, r, select, from->update);
    if (error == 0)
        error = from->update ? append_key(sql, r, select) : append(sql, ")", "", 0);
    if (error != 0 ||
        sqlite3_prepare_v3(l->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &r->write, NULL) != SQLITE_OK)
        return failed(l, sql);
    return 0;
}

static int copy_rows(loop *l, const struct source *from)
{
    char sql[256];
    sqlite3_stmt *select;
    (void)snprintf(sql, sizeof(sql), "SELECT * FROM %s WHERE %s", from->table, from->where);
    if (sqlite3_prepare_v2(l->db, sql, -1, &select, NULL) != SQLITE_OK)
        return failed(l, sql);
    bind_part(select, 1, from->key, l->one);
    int error = 0;
    while (error == 0 && l->count < ROWS_MAX && sqlite3_step(select) == SQLITE_ROW) {
        row *r = &l->rows[l->count++];
        r->columns = sqlite3_column_count(select);
        for (int i = 0; i < r->columns && i < COLUMNS_MAX; i++) {
            r->values[i] = sqlite3_value_dup(sqlite3_column_value(select, i));
            r->roles[i] = role_of(l, r->values[i], sqlite3_column_name(select, i));
        }
        error = prepare_write(l, r, select, from);
    }
    (void)sqlite3_finalize(select);
    return error;
}

static int write_row(loop *l, const row *r, const bench_template *now)
{
    for (int i = 0; i < r->columns; i++) {
        if (r->roles[i] == SAME)
            (void)sqlite3_bind_value(r->write, i + 1, r->values[i]);
        else
            bind_part(r->write, i + 1, r->roles[i], now);
    }
    int result = sqlite3_step(r->write);
    (void)sqlite3_reset(r->write);
    return result == SQLITE_DONE ? 0 : failed(l, "write");
}

static int step(loop *l, sqlite3_stmt *statement)
{
    int result = sqlite3_step(statement);
    (void)sqlite3_reset(statement);
    return result == SQLITE_DONE ? 0 : failed(l, "transaction");
}

static int checkout(loop *l, bench_choice *choice, bench_template *now)
{
    uint32_t items[2];
    uint32_t wallet;
    bench_choose(choice, items, &wallet);
    bench_name(now->skus[0], "item", items[0]);
    bench_name(now->skus[1], "item", items[1]);
    bench_name(now->wallet, "user", wallet);
    now->seq++;
    for (int i = 0; i < 4; i++) {
        now->order.bytes[12 + i] = (uint8_t)(now->seq >> (24 - 8 * i));
        now->payment.bytes[12 + i] = now->order.bytes[12 + i];
    }
    int error = step(l, l->begin);
    for (uint32_t i = 0; error == 0 && i < l->count; i++)
        error = write_row(l, &l->rows[i], now);
    return error == 0 ? step(l, l->commit) : error;
}

static int run(loop *l, const bench_case *c)
{
    bench_choice choice = {.hot = c->hot};
    bench_template now = *l->one;
    now.seq += 1000000;
    uint64_t start = bench_now();
    for (uint32_t done = 0; done < c->operations; done++) {
        uint64_t begun = bench_now();
        if (checkout(l, &choice, &now) != 0)
            return -1;
        bench_add(c->sample, bench_now() - begun);
    }
    c->sample->seconds = (double)(bench_now() - start) / 1e9;
    return 0;
}

static int open_loop(loop *l, const char *path)
{
    if (sqlite3_open_v2(path, &l->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
            SQLITE_OK ||
        sqlite3_exec(l->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", NULL, NULL, NULL) !=
            SQLITE_OK ||
        sqlite3_prepare_v2(l->db, "BEGIN IMMEDIATE", -1, &l->begin, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(l->db, "COMMIT", -1, &l->commit, NULL) != SQLITE_OK)
        return failed(l, "open");
    return 0;
}

static void close_loop(loop *l)
{
    for (uint32_t i = 0; i < l->count; i++) {
        (void)sqlite3_finalize(l->rows[i].write);
        for (int k = 0; k < l->rows[i].columns; k++)
            sqlite3_value_free(l->rows[i].values[k]);
    }
    (void)sqlite3_finalize(l->begin);
    (void)sqlite3_finalize(l->commit);
    (void)sqlite3_close(l->db);
}

int bench_loop_sqlite(const bench_case *c)
{
    static loop l;
    static bench_template one;
    char path[512];
    char url[600];
    memset(&l, 0, sizeof(l));
    l.one = &one;
    if (bench_path(path, c->folder, "store") != 0)
        return -1;
    (void)snprintf(url, sizeof(url), "sqlite:%s", path);
    int error = bench_fill(url);
    if (error == 0)
        error = bench_place_one(url, &one);
    if (error == 0)
        error = open_loop(&l, path);
    for (size_t i = 0; error == 0 && i < sizeof(sources) / sizeof(sources[0]); i++)
        error = copy_rows(&l, &sources[i]);
    if (error == 0)
        error = run(&l, c);
    close_loop(&l);
    return error;
}
