/*
 * walk.h - where a walk over arguments stands: a small stack, since shapes nest three deep.
 */
#ifndef HF_API_WALK_H
#define HF_API_WALK_H

#include <holdfast/types.h>

#define HF__WALK_DEPTH 4u

/* One struct, or the elements of one array. */
typedef struct hf__level {
    const hf_shape *shape;
    const hf_field *array; /* the field of the level above that leads here; NULL at the top */
    const uint8_t *from;   /* the struct or element looked at, in the caller's memory */
    uint8_t *to;           /* its copy; not used by the check */
    uint32_t from_bytes;   /* from one element to the next */
    uint32_t index;        /* of the element */
    uint32_t count;        /* of elements */
    uint32_t field;        /* next one to look at */
} hf__level;

/* What follows the pointer of an ARRAY field (NAMES: bytes is reserved). */
typedef struct hf__array {
    const void *items;
    uint32_t count;
    uint32_t bytes;
} hf__array;

/* A BYTES field. */
typedef struct hf__block {
    const void *data;
    uint64_t bytes;
} hf__block;

#endif
