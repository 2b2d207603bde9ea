/*
 * csv.h - strict CSV (RFC 4180) out of memory: quotes, commas and line ends in quotes, doubled
 * quotes, LF or CRLF.
 *
 * Fields are unquoted in place: the text is overwritten and the fields point into it.
 */
#ifndef CLI_CSV_H
#define CLI_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CSV_FIELDS_MAX 64

/* A reader, and the record it has read last. */
typedef struct csv {
    char *at;
    char *end;
    uint64_t line;     /* of `at`, from 1 */
    char *line_start;  /* of `at` */
    const char *error; /* NULL: none */
    uint64_t error_line;
    uint64_t error_column; /* in bytes, from 1 */
    char *fields[CSV_FIELDS_MAX];
    uint64_t columns[CSV_FIELDS_MAX]; /* where each field starts, in bytes, from 1 */
    uint64_t record_line;
    size_t field_count;
} csv;

/* Reads `bytes` of `text`; text[bytes] must be writable. A leading byte order mark is skipped. */
void csv_init(csv *reader, char *text, size_t bytes);

/* Reads the next record. False at the end, or when reader->error says what is wrong. */
bool csv_next(csv *reader);

#endif
