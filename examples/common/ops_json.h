/*
 * ops_json.h - reads operations from JSON objects; the format stands in cli/FORMAT.md.
 *
 * One walker reads every operation, led by the shape tables of the library.
 */
#ifndef COMMON_OPS_JSON_H
#define COMMON_OPS_JSON_H

#include <holdfast.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* What is wrong with a line. */
typedef struct ops_error {
    size_t column;     /* in characters, from 1 */
    char text[240];    /* begins with the path from the line: "args.lines[0].sku: is missing" */
    char pointer[240]; /* the place inside "args" as a JSON pointer (RFC 6901): "/lines/0/sku" */
    const char *why;   /* the end of `text` behind the path */
} ops_error;

/* What a line says. */
typedef struct ops_line {
    hf_op op;
    int64_t at_ms;       /* when it happened; 0: not said */
    size_t at_ms_column; /* of that member, in characters from 1 */
} ops_line;

/* Memory of operations: of one, or of the operations of a chain. Zero it before its first use. */
typedef struct ops_memory {
    void **blocks;
    size_t block_count, block_capacity;
    json_t **documents;
    size_t document_count, document_capacity;
} ops_memory;

/*
 * Reads one line into line->op, whose arguments live in `memory` until it is cleared. op.user_data
 * is left alone. False when the line is wrong.
 */
bool ops_read(ops_memory *memory, const char *text, size_t bytes, ops_line *line, ops_error *error);

/*
 * The same of the arguments alone: `type` and `beside` say the rest, whose texts must live as long
 * as line->op; beside->size is not looked at. `memory` owns `args` from now on. There is no text to
 * find a place in: error->column is 0.
 */
bool ops_read_args(ops_memory *memory, uint32_t type, const hf_op_head *beside, json_t *args,
                   ops_line *line, ops_error *error);

/* The operation of that name; HF_OP_NONE: there is none. */
uint32_t ops_type_of(const char *name);

/* Frees what was read, and keeps the allocated memory for the next use. */
void ops_clear(ops_memory *memory);

/* Frees everything. */
void ops_fini(ops_memory *memory);

#endif
