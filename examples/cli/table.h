/*
 * table.h - tables for people and JSON for programs, from the same columns and cells.
 *
 * A report is a list of tables. For people each stands under its title; as JSON they are the
 * members of one object, each an array of objects.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum cell_kind {
    CELL_TEXT = 0,
    CELL_NUMBER = 1,
    CELL_BOOL = 2,
} cell_kind;

typedef struct table_column {
    const char *name;
    cell_kind kind;
} table_column;

typedef struct table table;

/* A table without rows; `name` titles it and names its JSON member. `columns` is copied. */
table *table_create(const char *name, const table_column *columns, size_t count);

/* Frees a table; takes NULL. */
void table_destroy(table *t);

/* Begins a row; then its cells from left to right, NULL for one without a value. */
void table_row(table *t);
void table_text(table *t, const char *text);
void table_number(table *t, int64_t value);

size_t table_rows(const table *t);

/* Prints the tables in order. `titles`: each under its name. Returns false when out of memory. */
bool tables_print(FILE *out, table *const *tables, size_t count, bool json);

#endif
