/*
 * shape.h - describes the public structs: the name, offset and kind of each field.
 *
 * hf_submit checks and copies arguments by these tables; bindings for other languages and tools
 * build arguments and read results with them, so that no struct is declared a second time. Sizes
 * are those of this build: compare hf_shape.size with what a binding was made for, or read every
 * offset from here.
 */
#ifndef HOLDFAST_SHAPE_H
#define HOLDFAST_SHAPE_H

#include <holdfast/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Kinds of a field. Up to BYTES they occur in arguments, from ID on in other structs. */
typedef enum hf_field_kind {
    HF_FIELD_END = 0,
    HF_FIELD_NAME = 1,     /* const char *, required key text */
    HF_FIELD_NAME_OPT = 2, /* const char *, may be NULL or empty */
    HF_FIELD_ID = 3,       /* hf_id, required */
    HF_FIELD_ID_OPT = 4,   /* hf_id, all zero = none */
    HF_FIELD_I64 = 5,      /* int64_t within min..max */
    HF_FIELD_I32 = 6,      /* int32_t within min..max */
    HF_FIELD_U32 = 7,      /* uint32_t within min..max */
    HF_FIELD_U64 = 8,      /* uint64_t */
    HF_FIELD_TIME = 9,     /* int64_t Unix ms, 0 = none */
    HF_FIELD_ENUM = 10,    /* uint32_t, one of `names` by position */
    HF_FIELD_FLAGS = 11,   /* uint32_t, bits named by `names` from bit 0 */
    HF_FIELD_KEY = 12,     /* hf_account_key inline */
    HF_FIELD_KEY_OPT = 13, /* the same, may be the world */
    HF_FIELD_ARRAY = 14,   /* pointer; then uint32_t count, uint32_t element size; of `element` */
    HF_FIELD_NAMES = 15,   /* const char *const *; then uint32_t count, uint32_t reserved */
    HF_FIELD_HEAD = 16,    /* hf_op_head inline, always first */
    HF_FIELD_BYTES = 17,   /* const void *; then uint64_t bytes, 0..max */
    HF_FIELD_TEXT = 18,    /* const char *, may be NULL */
    HF_FIELD_LABEL = 19,   /* hf_name inline */
    HF_FIELD_REF = 20,     /* hf_account_ref inline */
    HF_FIELD_HASH = 21,    /* uint8_t[16] inline */
    HF_FIELD_CHARS = 22,   /* char[max] inline, NUL-terminated */
    HF_FIELD_STRUCT = 23,  /* `element` inline */
    HF_FIELD_POINTER = 24, /* pointer to one `element`, may be NULL */
    HF_FIELD_ROWS = 25,    /* pointer to pointers to `element`, as many as the uint32_t `count_at`
                              says; may be NULL when it is not the list that the struct has */
    HF_FIELD_STRUCTS = 26, /* pointer to an array of `element`; `count_at` as of ROWS */
    HF_FIELD_ADDRESS = 27, /* a function, or memory of the host: void * */
} hf_field_kind;

/* Flags of a field. */
#define HF_FIELD_NOT_FINGERPRINTED                                                                 \
    1u /* not part of the fingerprint of a request: a repeat may have another value */

/* One field of a struct. `min`, `max` and `error` say what an argument may be; else they are 0. */
typedef struct hf_field {
    const char *name; /* as in the header; of a struct inline with its path ("payment.amount") */
    uint32_t kind;    /* hf_field_kind */
    uint32_t offset;  /* bytes from the struct's start */
    int64_t min;      /* numbers, TIME, ENUM: smallest value; ARRAY, NAMES: fewest elements */
    int64_t max;    /* largest value; FLAGS: all bits; ARRAY, NAMES: most elements; CHARS: bytes */
    int32_t error;  /* HF_E_* when the value is outside min..max */
    uint32_t flags; /* HF_FIELD_* flags */
    const char *const *names;       /* ENUM, FLAGS: NULL-terminated upper-case names; else NULL */
    const struct hf_shape *element; /* ARRAY and STRUCT to STRUCTS: of what; else NULL */
    uint32_t count_at;              /* ROWS, STRUCTS: offset of the count in the struct; else 0 */
    uint32_t reserved;
} hf_field;

/* The shape of a struct: all fields that callers give or read; not those named `reserved`. */
typedef struct hf_shape {
    const char *name;         /* of arguments the operation ("order_place"), else "hf_order" */
    uint32_t size;            /* sizeof in this version */
    uint32_t field_count;     /* of `fields` */
    const hf_field *fields;   /* in the header's order */
    void (*init)(void *args); /* sets the defaults (a name to give is NULL); NULL: there are none */
} hf_shape;

/*
 * The shape of an operation's arguments: what hf_submit checks and copies, what tools and binding
 * generators read. NULL for a type that is not known. Static.
 * Thread: any. Since 0.1.
 */
HF_API const hf_shape *hf_op_shape(uint32_t type);

/*
 * The shape of what hf_completion.result of this type points to when status is 0. NULL for an
 * operation without a result, and for a type that is not known. Static. HF_OP_CALL has the shape of
 * hf_call. A result may be NULL all the same where the operation says so.
 * Thread: any. Since 0.1.
 */
HF_API const hf_shape *hf_result_shape(uint32_t type);

/*
 * The shape of a public struct that is no argument, by its name ("hf_order", "hf_options"); NULL
 * when there is none of that name. Static.
 * Thread: any. Since 0.1.
 */
HF_API const hf_shape *hf_struct_shape(const char *name);

/*
 * The operation's name, e.g. "order_place"; NULL for a type that is not known. Static.
 * Thread: any. Since 0.1.
 */
HF_API const char *hf_op_name(uint32_t type);

#ifdef __cplusplus
}
#endif

#endif
