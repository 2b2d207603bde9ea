/*
 * table.c - a thin layer over libsmartcols.
 *
 * Why each table is printed to a string first: libsmartcols makes a whole JSON document of every
 * table; to have one document of several, the braces around each are taken off.
 */
#include "table.h"
#include "common/memory.h"

#include <inttypes.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct table {
    struct libscols_table *rows;
    struct libscols_line *line; /* being filled */
    size_t cell;
    size_t columns;
    const char *name;
};

/* clang-format off */
static const int json_types[] = {
    [CELL_TEXT] = SCOLS_JSON_STRING,
    [CELL_NUMBER] = SCOLS_JSON_NUMBER,
    [CELL_BOOL] = SCOLS_JSON_BOOLEAN,
};
/* clang-format on */

/* ---- Colours --------------------------------------------------------------------------------- */

/* Words that a person should notice, and how they are shown on a terminal. */
static const struct {
    const char *word;
    const char *color;
} colored[] = {
    {"FAILED", "red"},      {"POISONED", "red"},      {"DEGRADED", "yellow"},
    {"EXPIRED", "yellow"},  {"CANCELLED", "yellow"},  {"PENDING", "cyan"},
    {"WAITING", "cyan"},    {"TRYING", "cyan"},       {"CONFIRMING", "cyan"},
    {"CLOSED", "green"},    {"OK", "green"},          {"DONE", "green"},
    {"CONFIRMED", "green"}, {"CANCELLING", "yellow"}, {"OPEN", "cyan"},
};

/* Only a terminal gets colours, and none that is asked for no colour (no-color.org). */
static bool wants_color(FILE *out)
{
    const char *no = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    return isatty(fileno(out)) != 0 && (no == NULL || no[0] == '\0') &&
           (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

static const char *color_of(struct libscols_column *column, const char *text)
{
    const char *name = scols_cell_get_data(scols_column_get_header(column));
    if (name != NULL && strcmp(name, "attention") == 0)
        return "red";
    for (size_t i = 0; i < sizeof(colored) / sizeof(colored[0]); i++)
        if (strcmp(colored[i].word, text) == 0)
            return colored[i].color;
    return NULL;
}

static void color_cells(struct libscols_table *rows)
{
    size_t columns = scols_table_get_ncols(rows);
    for (size_t i = 0; i < columns; i++) {
        struct libscols_column *column = scols_table_get_column(rows, i);
        (void)scols_cell_set_color(scols_column_get_header(column), "bold");
        for (size_t n = 0; n < scols_table_get_nlines(rows); n++) {
            struct libscols_cell *cell = scols_line_get_cell(scols_table_get_line(rows, n), i);
            const char *text = cell == NULL ? NULL : scols_cell_get_data(cell);
            const char *color = text == NULL ? NULL : color_of(column, text);
            if (color != NULL)
                (void)scols_cell_set_color(cell, color);
        }
    }
    (void)scols_table_enable_colors(rows, 1);
}

/* ---- Tables ---------------------------------------------------------------------------------- */

table *table_create(const char *name, const table_column *columns, size_t count)
{
    table *t = take_memory(1, sizeof(*t));
    t->name = name;
    t->columns = count;
    t->rows = scols_new_table();
    if (t->rows == NULL)
        abort();
    (void)scols_table_set_name(t->rows, name);
    for (size_t i = 0; i < count; i++) {
        int flags = columns[i].kind == CELL_NUMBER ? SCOLS_FL_RIGHT : 0;
        struct libscols_column *column = scols_table_new_column(t->rows, columns[i].name, 0, flags);
        if (column == NULL)
            abort();
        (void)scols_column_set_json_type(column, json_types[columns[i].kind]);
    }
    return t;
}

void table_destroy(table *t)
{
    if (t == NULL)
        return;
    scols_unref_table(t->rows);
    free(t);
}

void table_row(table *t)
{
    t->line = scols_table_new_line(t->rows, NULL);
    t->cell = 0;
    if (t->line == NULL)
        abort();
}

void table_text(table *t, const char *text)
{
    if (t->cell < t->columns && text != NULL && text[0] != '\0')
        (void)scols_line_set_data(t->line, t->cell, text);
    t->cell++;
}

void table_number(table *t, int64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%" PRId64, value);
    table_text(t, text);
}

size_t table_rows(const table *t)
{
    return scols_table_get_nlines(t->rows);
}

/* Prints what stands between the first '{' and the last '}'. */
static void print_inside(FILE *out, const char *text)
{
    const char *from = strchr(text, '{');
    const char *to = strrchr(text, '}');
    if (from == NULL || to == NULL)
        return;
    from++;
    while (to > from && to[-1] == '\n')
        to--;
    (void)fwrite(from, 1, (size_t)(to - from), out);
}

static bool print_json(FILE *out, const table *t, bool first)
{
    char *text = NULL;
    (void)scols_table_enable_json(t->rows, 1);
    if (table_rows(t) == 0) {
        (void)fprintf(out, "%s\n   \"%s\": []", first ? "" : ",", t->name);
        return true;
    }
    if (scols_print_table_to_string(t->rows, &text) != 0)
        return false;
    (void)fputs(first ? "" : ",", out);
    print_inside(out, text);
    free(text);
    return true;
}

static bool print_text(FILE *out, const table *t, bool titled)
{
    if (table_rows(t) == 0) {
        (void)fprintf(out, "%s: none\n", t->name);
        return true;
    }
    if (titled)
        (void)fprintf(out, "%s\n", t->name);
    (void)scols_table_set_stream(t->rows, out);
    if (wants_color(out))
        color_cells(t->rows);
    return scols_print_table(t->rows) == 0;
}

bool tables_print(FILE *out, table *const *tables, size_t count, bool json)
{
    bool good = true;
    if (json)
        (void)fputs("{", out);
    for (size_t i = 0; i < count && good; i++) {
        if (!json && i > 0)
            (void)fputc('\n', out);
        good = json ? print_json(out, tables[i], i == 0) : print_text(out, tables[i], count > 1);
    }
    if (json)
        (void)fputs("\n}\n", out);
    return good;
}
