/*
 * csv.c - strict CSV out of memory.
 *
 * Happy path: a record is read field by field; a plain field ends at a comma or line end, a quoted
 * one at its closing quote. Each is closed by a NUL written over the byte behind it, which has
 * been looked at before.
 *
 * Failure modes, each with its line and column: a quote inside a plain field, text behind a closing
 * quote, a quote that is not closed, a lone CR, a NUL, more than CSV_FIELDS_MAX fields.
 */
#include "csv.h"

#include <string.h>

void csv_init(csv *reader, char *text, size_t bytes)
{
    memset(reader, 0, sizeof(*reader));
    reader->at = text;
    reader->end = text + bytes;
    reader->line = 1;
    text[bytes] = '\0';
    if (bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        reader->at += 3;
    reader->line_start = reader->at;
}

static bool refuse(csv *reader, const char *at, const char *why)
{
    reader->error = why;
    reader->error_line = reader->line;
    reader->error_column = (uint64_t)(at - reader->line_start) + 1;
    return false;
}

static void count_line(csv *reader, char *next)
{
    reader->line++;
    reader->line_start = next;
}

/* What ends a field; looked at before the NUL of the field is written over it. */
typedef enum field_end { END_WRONG, END_FIELD, END_RECORD } field_end;

/* Moves behind the comma or line end at `at`. */
static field_end step_over(csv *reader, char *at)
{
    if (at < reader->end && *at == ',') {
        reader->at = at + 1;
        return END_FIELD;
    }
    if (at == reader->end) {
        reader->at = at;
        return END_RECORD;
    }
    bool pair = *at == '\r' && at + 1 < reader->end && at[1] == '\n';
    if (*at != '\n' && !pair) {
        (void)refuse(reader, at, *at == '\r' ? "a carriage return alone" : "a NUL byte");
        return END_WRONG;
    }
    reader->at = at + (pair ? 2 : 1);
    count_line(reader, reader->at);
    return END_RECORD;
}

static field_end read_plain(csv *reader)
{
    char *at = reader->at;
    while (at < reader->end && strchr(",\r\n\"", *at) == NULL)
        at++; /* strchr also finds the NUL */
    if (at < reader->end && (*at == '"' || *at == '\0')) {
        (void)refuse(reader, at, *at == '"' ? "a quote inside a plain field" : "a NUL byte");
        return END_WRONG;
    }
    field_end end = step_over(reader, at);
    *at = '\0';
    return end;
}

static field_end read_quoted(csv *reader)
{
    char *open = reader->at++;
    char *to = reader->at;
    char *at = to;
    reader->fields[reader->field_count - 1] = to;
    uint64_t open_line = reader->line; /* an open quote is reported where it is */
    char *open_start = reader->line_start;
    while (at < reader->end && (*at != '"' || (at + 1 < reader->end && at[1] == '"'))) {
        if (*at == '\0') {
            (void)refuse(reader, at, "a NUL byte");
            return END_WRONG;
        }
        if (*at == '\n')
            count_line(reader, at + 1);
        at += *at == '"';
        *to++ = *at++;
    }
    if (at == reader->end) {
        reader->line = open_line;
        reader->line_start = open_start;
        (void)refuse(reader, open, "a quote that is not closed");
        return END_WRONG;
    }
    at++;
    if (at < reader->end && strchr(",\r\n", *at) == NULL) {
        (void)refuse(reader, at, "text behind a closing quote");
        return END_WRONG;
    }
    field_end end = step_over(reader, at);
    *to = '\0';
    return end;
}

bool csv_next(csv *reader)
{
    reader->field_count = 0;
    reader->record_line = reader->line;
    if (reader->at == reader->end || reader->error != NULL)
        return false;
    field_end end = END_FIELD;
    while (end == END_FIELD) {
        if (reader->field_count == CSV_FIELDS_MAX)
            return refuse(reader, reader->at, "too many fields");
        size_t no = reader->field_count++;
        reader->fields[no] = reader->at;
        reader->columns[no] = (uint64_t)(reader->at - reader->line_start) + 1;
        bool quoted = reader->at < reader->end && *reader->at == '"';
        end = quoted ? read_quoted(reader) : read_plain(reader);
    }
    return end == END_RECORD;
}
