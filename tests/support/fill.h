/*
 * Arguments of any operation, made by its shape: only the fields that must be set, or every field,
 * of arrays three elements whose first one is empty. The values stand in a sequence; one of them
 * can be another one, so that a test goes through all of them.
 */
#ifndef HF_TESTS_SUPPORT_FILL_H
#define HF_TESTS_SUPPORT_FILL_H

#include "base/structures/arena.h"
#include "support/check_main.h"

#include <holdfast.h>
#include <stdbool.h>
#include <string.h>

#define FILL_NONE     UINT32_MAX
#define FILL_ELEMENTS 3u

typedef struct fill {
    hf__arena arena;
    uint32_t at;      /* how many values there were so far */
    uint32_t target;  /* the position of the value that is another one; FILL_NONE: none */
    const char *name; /* of its field */
    bool not_hashed;  /* it is not part of the fingerprint */
    bool whole;       /* every field is set */
} fill;

typedef void (*fill_element)(fill *to, const hf_shape *shape, uint8_t *out);

/* Whether the next value is to be the other one. */
static inline bool fill_turn(fill *to, const char *name, bool not_hashed)
{
    if (to->at++ != to->target)
        return false;
    to->name = name;
    to->not_hashed = not_hashed;
    return true;
}

static inline void *fill_alloc(fill *to, size_t bytes)
{
    void *memory = hf__arena_zalloc(&to->arena, bytes);
    ck_assert_ptr_nonnull(memory);
    return memory;
}

static inline const char *fill_text(fill *to, const char *name, bool not_hashed)
{
    return fill_turn(to, name, not_hashed) ? "USD" : "EUR";
}

static inline hf_id fill_id(fill *to, const char *name, bool not_hashed)
{
    hf_id id;
    ck_assert_int_eq(hf_id_from_key(1, fill_text(to, name, not_hashed), &id), 0);
    return id;
}

static inline void fill_head(fill *to, const hf_field *field, uint8_t *at)
{
    hf_op_head *head = (hf_op_head *)(void *)at;
    if (!to->whole)
        return;
    head->id = fill_id(to, "head.id", true);
    head->expected_version = fill_turn(to, "head.expected_version", true) ? 4 : 3;
    head->actor = fill_text(to, "head.actor", true);
    head->meta = fill_text(to, field->name, false);
    head->meta_bytes = fill_turn(to, field->name, false) ? 2 : 3;
}

static inline void fill_key(fill *to, const hf_field *field, uint8_t *at)
{
    hf_account_key key = {.kind = HF_KIND_ITEM, .name = "EUR", .place = "", .unit = "EUR"};
    if (to->whole) {
        key.kind = fill_turn(to, field->name, false) ? HF_KIND_MONEY : HF_KIND_ITEM;
        key.name = fill_text(to, field->name, false);
        key.place = fill_text(to, field->name, false);
        key.unit = fill_text(to, field->name, false);
    }
    memcpy(at, &key, sizeof key);
}

static inline void fill_bytes(fill *to, const hf_field *field, uint8_t *at)
{
    const char *data = fill_text(to, field->name, false);
    const uint64_t bytes = fill_turn(to, field->name, false) ? 2 : 3;
    memcpy(at, &data, sizeof data);
    memcpy(at + sizeof data, &bytes, sizeof bytes);
}

static inline void fill_names(fill *to, const hf_field *field, uint8_t *at)
{
    const char **names = fill_alloc(to, FILL_ELEMENTS * sizeof *names);
    names[0] = "";
    names[1] = fill_text(to, field->name, false);
    names[2] = fill_turn(to, field->name, false) ? "" : "GBP";
    if (fill_turn(to, field->name, false)) { /* the empty one is the second */
        names[0] = names[1];
        names[1] = "";
    }
    const uint32_t skipped = fill_turn(to, field->name, false) ? 1 : 0;
    const uint32_t count = FILL_ELEMENTS - skipped - (fill_turn(to, field->name, false) ? 1 : 0);
    names += skipped;
    memcpy(at, &names, sizeof names);
    memcpy(at + sizeof names, &count, sizeof count);
}

static inline void fill_number(fill *to, const hf_field *field, uint8_t *at)
{
    const bool narrow = field->kind == HF_FIELD_I32 || field->kind == HF_FIELD_U32 ||
                        field->kind == HF_FIELD_ENUM || field->kind == HF_FIELD_FLAGS;
    int64_t value = 0;
    memcpy(&value, at, narrow ? sizeof(uint32_t) : sizeof value);
    if (to->whole)
        value =
            fill_turn(to, field->name, (field->flags & HF_FIELD_NOT_FINGERPRINTED) != 0) ? 4 : 3;
    else if (value < field->min)
        value = field->min;
    memcpy(at, &value, narrow ? sizeof(uint32_t) : sizeof value);
}

static inline void fill_swap(uint8_t *a, uint8_t *b, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        const uint8_t kept = a[i];
        a[i] = b[i];
        b[i] = kept;
    }
}

static inline void fill_array(fill *to, const hf_field *field, uint8_t *at, fill_element element)
{
    const size_t bytes = field->element->size;
    uint8_t *items = fill_alloc(to, FILL_ELEMENTS * bytes);
    uint32_t count = (uint32_t)field->min;
    ck_assert_uint_le(count, 1);
    if (to->whole) {
        element(to, field->element, items + bytes);
        element(to, field->element, items + 2 * bytes);
        count = FILL_ELEMENTS;
        if (fill_turn(to, field->name, false))
            fill_swap(items, items + bytes, bytes);
        const uint32_t skipped = fill_turn(to, field->name, false) ? 1 : 0;
        items += skipped * bytes;
        count -= skipped + (fill_turn(to, field->name, false) ? 1 : 0);
    } else if (count == 1) {
        element(to, field->element, items);
    }
    memcpy(at, &items, sizeof items);
    memcpy(at + sizeof items, &count, sizeof count);
}

static inline void fill_pointer(fill *to, const hf_field *field, uint8_t *at)
{
    if (field->kind == HF_FIELD_NAME || to->whole) {
        const char *text =
            fill_text(to, field->name, (field->flags & HF_FIELD_NOT_FINGERPRINTED) != 0);
        memcpy(at, &text, sizeof text);
    }
}

static inline void fill_field(fill *to, const hf_field *field, uint8_t *at, fill_element element)
{
    switch (field->kind) {
    case HF_FIELD_HEAD:
        fill_head(to, field, at);
        break;
    case HF_FIELD_NAME:
    case HF_FIELD_NAME_OPT:
        fill_pointer(to, field, at);
        break;
    case HF_FIELD_ID:
    case HF_FIELD_ID_OPT:
        if (field->kind == HF_FIELD_ID || to->whole) {
            const hf_id id =
                fill_id(to, field->name, (field->flags & HF_FIELD_NOT_FINGERPRINTED) != 0);
            memcpy(at, &id, sizeof id);
        }
        break;
    case HF_FIELD_KEY:
    case HF_FIELD_KEY_OPT:
        if (field->kind == HF_FIELD_KEY || to->whole)
            fill_key(to, field, at);
        break;
    case HF_FIELD_BYTES:
        if (to->whole)
            fill_bytes(to, field, at);
        break;
    case HF_FIELD_NAMES:
        if (to->whole)
            fill_names(to, field, at);
        break;
    case HF_FIELD_ARRAY:
        fill_array(to, field, at, element);
        break;
    default:
        fill_number(to, field, at);
    }
}

static inline void fill_fields(fill *to, const hf_shape *shape, uint8_t *out, fill_element element)
{
    if (shape->init != NULL)
        shape->init(out);
    for (uint32_t i = 0; i < shape->field_count; i++)
        fill_field(to, &shape->fields[i], out + shape->fields[i].offset, element);
}

/* Elements of elements have no arrays. */
static inline void fill_innermost(fill *to, const hf_shape *shape, uint8_t *out)
{
    fill_fields(to, shape, out, NULL);
}

static inline void fill_inner(fill *to, const hf_shape *shape, uint8_t *out)
{
    fill_fields(to, shape, out, fill_innermost);
}

/* The arguments of an operation; they live in the memory that is given. */
static inline void *fill_args(fill *to, uint32_t type, void *memory, size_t bytes)
{
    const hf_shape *shape = hf_op_shape(type);
    hf__arena_init(&to->arena, memory, bytes);
    to->at = 0;
    to->name = NULL;
    uint8_t *args = fill_alloc(to, shape->size);
    fill_fields(to, shape, args, fill_inner);
    return args;
}

#endif
