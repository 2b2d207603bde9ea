/*
 * shapes.h - the macros in which shapes are written, and the shapes of each area.
 *
 * New fields go to the end of a table, as they go to the end of their struct: a field's position
 * is part of stored fingerprints (see fingerprint.c).
 */
#ifndef HF_API_SHAPES_SHAPES_H
#define HF_API_SHAPES_SHAPES_H

#include "api/shapes/names.h"
#include "model/column.h"

#include <holdfast.h>
#include <stdbool.h>

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

/* clang-format off */
#define FIELD(type, member, what) \
    .name = #member, .kind = HF_FIELD_##what, .offset = (uint32_t)offsetof(type, member)

#define HEAD(type)                {FIELD(type, head, HEAD)}
#define NAME(type, member)        {FIELD(type, member, NAME)}
#define NAME_OPT(type, member)    {FIELD(type, member, NAME_OPT)}
#define ID(type, member)          {FIELD(type, member, ID), .error = HF_E_ID}
#define ID_OPT(type, member)      {FIELD(type, member, ID_OPT), .error = HF_E_ID}
#define KEY(type, member)         {FIELD(type, member, KEY), .error = HF_E_ARGUMENT}
#define KEY_OPT(type, member)     {FIELD(type, member, KEY_OPT), .error = HF_E_ARGUMENT}

/* A number of `what` (I64, I32, U32, U64) in low..high, else `wrong`. */
#define NUMBER(type, member, what, low, high, wrong) \
    {FIELD(type, member, what), .min = (low), .max = (high), .error = (wrong)}
#define QUANTITY(type, member)    NUMBER(type, member, I64, 1, INT64_MAX, HF_E_QUANTITY)
#define AMOUNT(type, member)      NUMBER(type, member, I64, 1, INT64_MAX, HF_E_AMOUNT)
#define LIMIT(type, most)         NUMBER(type, limit, U32, 1, most, HF_E_ARGUMENT)
#define SEQ(type, member)         NUMBER(type, member, U64, 0, INT64_MAX, HF_E_ARGUMENT)
#define SWITCH(type, member)      NUMBER(type, member, U32, 0, 1, HF_E_ARGUMENT)
#define TIME(type, member, wrong) NUMBER(type, member, TIME, 0, INT64_MAX, wrong)

/* One of first..last, and bits of `all`; `list` names them. */
#define ENUM(type, member, first, last, list) \
    {FIELD(type, member, ENUM), .min = (first), .max = (last), .error = HF_E_ENUM, .names = (list)}
#define FLAGS(type, member, all, list) \
    {FIELD(type, member, FLAGS), .max = (all), .error = HF_E_ENUM, .names = (list)}

#define ARRAY(type, member, fewest, most, shape) \
    {FIELD(type, member, ARRAY), .min = (fewest), .max = (most), .error = HF_E_TOO_MANY, \
     .element = (shape)}
/* Bytes of any kind, then how many. */
#define BYTES(type, member, most) \
    {FIELD(type, member, BYTES), .max = (most), .error = HF_E_TEXT_LONG}
/* An ENUM that a repeat of the operation may give otherwise. */
#define NOT_FINGERPRINTED(type, member, first, last, list) \
    {FIELD(type, member, ENUM), .min = (first), .max = (last), .error = HF_E_ENUM, \
     .names = (list), .flags = HF_FIELD_NOT_FINGERPRINTED}
#define WAIT(type, member) \
    {FIELD(type, member, I64), .max = INT64_MAX, .error = HF_E_ARGUMENT, .flags = HF_FIELD_NOT_FINGERPRINTED}
#define NAMES(type, member, most) \
    {FIELD(type, member, NAMES), .max = (most), .error = HF_E_TOO_MANY}

#define SHAPE(text, type, list, function) \
    {.name = (text), .size = sizeof(type), .field_count = COUNT(list), .fields = (list), \
     .init = (function)}
/* clang-format on */

/* Elements of arrays. */
extern const hf_shape hf__shape_leg;
extern const hf_shape hf__shape_line;
extern const hf_shape hf__shape_adjustment;
extern const hf_shape hf__shape_payment;
extern const hf_shape hf__shape_line_quantity;
extern const hf_shape hf__shape_payment_amount;
extern const hf_shape hf__shape_line_change;
extern const hf_shape hf__shape_txn_move;
extern const hf_shape hf__shape_branch;

/* Operations. */
#define HF__WRITE(NAME, name, ...) extern const hf_shape hf__shape_##name;
#define HF__READ(NAME, name, ...)  extern const hf_shape hf__shape_##name;
#include "model/operations.def"

/* Zeroes an argument struct and sets its size; false for NULL. */
bool hf__args_init(void *args, uint32_t size);

/* An id; NULL gives all zero. */
hf_id hf__id_of(const hf_id *id);

#endif
