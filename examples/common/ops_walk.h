/*
 * ops_walk.h - what the files that read operations share: the walk through a document, errors that
 * name the place the walk is at, and setters of fields.
 */
#ifndef COMMON_OPS_WALK_H
#define COMMON_OPS_WALK_H

#include "ops_json.h"

#include <stdint.h>

#define OPS_LEVELS_MAX 10u

/* One object or array that is being read. */
typedef struct ops_level {
    json_t *object;        /* or NULL */
    json_t *array;         /* or NULL */
    void *iter;            /* of the object: the current member */
    size_t ordinal;        /* of the current member or element */
    const char *name;      /* of the current member; NULL: an element */
    const hf_shape *shape; /* of the object, or of each element */
    uint8_t *base;         /* the struct, or the first element */
    const char *prefix;    /* of field names: a struct that stands inline, as in "payment.id" */
    size_t prefix_bytes;
} ops_level;

typedef struct ops_walk {
    ops_memory *memory;
    const char *text;
    ops_error *error;
    ops_level levels[OPS_LEVELS_MAX];
    size_t depth;
} ops_walk;

/* Reads a value into the field at `at`; false when it has been reported as wrong. */
typedef bool (*ops_setter)(ops_walk *w, const hf_field *field, uint8_t *at, json_t *value);

/* By hf_field_kind; NULL for the head, which is read from beside "args". */
extern const ops_setter ops_setters[];

/* Goes into an object or array: it is walked next. */
void ops_push(ops_walk *w, ops_level l);

/*
 * Notes what is wrong with the current member of the innermost level; `part` is a member or element
 * inside it, or NULL. False.
 */
bool ops_refuse(ops_walk *w, const char *part, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool ops_refuse_type(ops_walk *w, const char *part, const char *expected);

/* Zeroed memory, and a document to be released, both until ops_clear. */
void *ops_block(ops_memory *memory, size_t count, size_t bytes);
void ops_keep(ops_memory *memory, json_t *document);

#endif
