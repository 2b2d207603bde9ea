/*
 * ops_json.h - reads operations from JSON, one object a line; the format stands in FORMAT.md.
 *
 * One walker reads every operation, led by the shape tables of the library.
 */
#ifndef CLI_OPS_JSON_H
#define CLI_OPS_JSON_H

#include <holdfast.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* What is wrong with a line. */
typedef struct ops_error {
    size_t column; /* in characters, from 1 */
    char text[240];
} ops_error;

/* Memory of operations: of one, or of the operations of a chain. Zero it before its first use. */
typedef struct ops_memory {
    void **blocks;
    size_t block_count, block_room;
    json_t **documents;
    size_t document_count, document_room;
} ops_memory;

/*
 * Reads one line into *op, whose arguments live in `memory` until it is cleared. op->user_data is
 * left alone. False when the line is wrong.
 */
bool ops_read(ops_memory *memory, const char *text, size_t bytes, hf_op *op, ops_error *error);

/* Frees what was read, and keeps the room for more. */
void ops_clear(ops_memory *memory);

/* Frees everything. */
void ops_fini(ops_memory *memory);

#endif
