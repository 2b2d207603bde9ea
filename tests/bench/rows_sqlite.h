/*
 * rows_sqlite.h - which rows each step of an order writes, as SQL statements with parameters.
 *
 * Taken as the difference that the step makes between two SQLite stores that holdfast made: rows
 * that are new are inserted, of those that changed the columns that changed are updated by their
 * primary key, those that are gone are deleted.
 */
#ifndef HF_BENCH_ROWS_SQLITE_H
#define HF_BENCH_ROWS_SQLITE_H

#include "baseline.h"

#include <sqlite3.h>

#define ROWS_COLUMNS_MAX 64
#define ROWS_MAX         32

/* What a parameter gets of the current order: one of the HAND_* parts, or what it had. */
#define ROWS_SAME (-1)

typedef struct rows_row {
    char sql[2048];
    char table[64];
    sqlite3_value *values[ROWS_COLUMNS_MAX]; /* of parameter i + 1; NULL: it has none */
    char names[ROWS_COLUMNS_MAX][32];        /* its column */
    int parts[ROWS_COLUMNS_MAX];
    bool keys[ROWS_COLUMNS_MAX];    /* it is one of the primary key */
    bool changed[ROWS_COLUMNS_MAX]; /* its value is not what it was */
    int columns;
    bool exists; /* changed or deleted */
    bool deleted;
    bool common; /* the same row for all orders: written once a commit */
} rows_row;

typedef struct rows_step {
    rows_row rows[ROWS_MAX];
    uint32_t count;
} rows_step;

/* Takes the rows of a form: once, before runs. 0, or -1 after saying why. */
int rows_prepare(const char *prepared, uint32_t form);

/* The steps of a form that was prepared, and the order that they are of. */
rows_step *rows_of(uint32_t form);
const bench_template *rows_template(uint32_t form);

#endif
