/*
 * ops_values.c - one JSON value into one field, and how a wrong one is reported.
 *
 * Failure modes: a value of a wrong type, a name nobody knows, a number that does not fit its
 * field. What else the numbers may be is left to the library, which has a named error for each.
 */
#include "json_place.h"
#include "ops_walk.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- Errors ---------------------------------------------------------------------------------- */

static void append_path(char *path, size_t bytes, const ops_level *l)
{
    size_t used = strlen(path);
    if (l->name == NULL)
        (void)snprintf(path + used, bytes - used, "[%zu]", l->ordinal);
    else
        (void)snprintf(path + used, bytes - used, "%s%s", used == 0 ? "" : ".", l->name);
}

/* Adds one reference token to a JSON pointer, escaped as RFC 6901 says. */
static void append_token(char *pointer, size_t bytes, const char *token)
{
    size_t used = strlen(pointer);
    if (used + 1 < bytes)
        pointer[used++] = '/';
    for (; *token != '\0' && used + 2 < bytes; token++) {
        const bool escaped = *token == '~' || *token == '/';
        if (escaped)
            pointer[used++] = '~';
        pointer[used++] = (char)(*token == '~' ? '0' : *token == '/' ? '1' : *token);
    }
    pointer[used < bytes ? used : bytes - 1] = '\0';
}

/* The same place as a pointer into "args"; `part` is a dotted path of members, or NULL. */
static void write_pointer(const ops_walk *w, const char *part, char *pointer, size_t bytes)
{
    char token[80];
    pointer[0] = '\0';
    for (size_t i = 1; i < w->depth; i++) {
        const ops_level *l = &w->levels[i];
        (void)snprintf(token, sizeof(token), "%zu", l->ordinal);
        append_token(pointer, bytes, l->name == NULL ? token : l->name);
    }
    while (part != NULL && *part != '\0') {
        const size_t length = strcspn(part, ".");
        (void)snprintf(token, sizeof(token), "%.*s", (int)length, part);
        append_token(pointer, bytes, token);
        part += length + (part[length] == '.');
    }
}

bool ops_refuse(ops_walk *w, const char *part, const char *format, ...)
{
    char path[120] = "", why[100];
    size_t ordinals[OPS_LEVELS_MAX];
    ops_error *error = w->error;
    for (size_t i = 0; i < w->depth; i++) {
        append_path(path, sizeof(path), &w->levels[i]);
        ordinals[i] = w->levels[i].ordinal;
    }
    va_list list;
    va_start(list, format);
    (void)vsnprintf(why, sizeof(why), format, list);
    va_end(list);
    error->column = w->text == NULL ? 0 : json_place(w->text, ordinals, w->depth);
    write_pointer(w, part, error->pointer, sizeof(error->pointer));
    if (part != NULL) {
        size_t used = strlen(path);
        (void)snprintf(path + used, sizeof(path) - used, "%s%s", used == 0 ? "" : ".", part);
    }
    const int begin =
        snprintf(error->text, sizeof(error->text), "%s%s", path, path[0] == '\0' ? "" : ": ");
    (void)snprintf(error->text + begin, sizeof(error->text) - (size_t)begin, "%s", why);
    error->why = error->text + begin;
    return false;
}

bool ops_refuse_type(ops_walk *w, const char *part, const char *expected)
{
    return ops_refuse(w, part, "must be %s", expected);
}

/* ---- Values ---------------------------------------------------------------------------------- */

static bool set_text(ops_walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    (void)field;
    if (!json_is_string(value))
        return ops_refuse_type(w, NULL, "a text");
    const char *text = json_string_value(value);
    memcpy(at, &text, sizeof(text));
    return true;
}

/* Bytes are given as a text: their number follows the pointer. */
static bool set_bytes(ops_walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    uint64_t bytes = json_string_length(value);
    memcpy(at + sizeof(void *), &bytes, sizeof(bytes));
    return set_text(w, field, at, value);
}

static bool set_id(ops_walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    (void)field;
    hf_id id;
    if (!json_is_string(value) || hf_id_parse(json_string_value(value), &id) != 0)
        return ops_refuse_type(w, NULL, "the text of a UUIDv7");
    memcpy(at, &id, sizeof(id));
    return true;
}

static bool set_i64(ops_walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    (void)field;
    if (!json_is_integer(value))
        return ops_refuse_type(w, NULL, "an integer");
    int64_t number = json_integer_value(value);
    memcpy(at, &number, sizeof(number));
    return true;
}

static bool set_u64(ops_walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    if (json_is_integer(value) && json_integer_value(value) < 0)
        return ops_refuse_type(w, NULL, "0 or more");
    return set_i64(w, field, at, value);
}

static bool set_i32(ops_walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    (void)field;
    if (!json_is_integer(value) || json_integer_value(value) < INT32_MIN ||
        json_integer_value(value) > INT32_MAX)
        return ops_refuse_type(w, NULL, "an integer of 32 bits");
    int32_t number = (int32_t)json_integer_value(value);
    memcpy(at, &number, sizeof(number));
    return true;
}

/* A number; one that can only be 0 or 1 is a switch: false or true. */
static bool set_u32(ops_walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    uint32_t number;
    if (field->min == 0 && field->max == 1) {
        if (!json_is_boolean(value))
            return ops_refuse_type(w, NULL, "true or false");
        number = json_is_true(value) ? 1 : 0;
    } else {
        if (!json_is_integer(value) || json_integer_value(value) < 0 ||
            json_integer_value(value) > UINT32_MAX)
            return ops_refuse_type(w, NULL, "an integer of 0 or more");
        number = (uint32_t)json_integer_value(value);
    }
    memcpy(at, &number, sizeof(number));
    return true;
}

/* Reports which names there are. */
static bool refuse_name(ops_walk *w, const char *part, const char *const *names, int64_t first)
{
    char list[90] = "";
    for (int64_t i = first; names[i] != NULL; i++) {
        size_t used = strlen(list);
        (void)snprintf(list + used, sizeof(list) - used, "%s%s", used == 0 ? "" : ", ", names[i]);
    }
    return ops_refuse(w, part, "must be one of %s", list);
}

static bool find_name(json_t *value, const char *const *names, int64_t first, uint32_t *out)
{
    if (!json_is_string(value))
        return false;
    for (int64_t i = first; names[i] != NULL; i++) {
        *out = (uint32_t)i;
        if (strcmp(names[i], json_string_value(value)) == 0)
            return true;
    }
    return false;
}

static bool set_enum(ops_walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    uint32_t number = 0;
    if (!find_name(value, field->names, field->min, &number))
        return refuse_name(w, NULL, field->names, field->min);
    memcpy(at, &number, sizeof(number));
    return true;
}

static bool set_flags(ops_walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    if (!json_is_array(value))
        return ops_refuse_type(w, NULL, "an array of names");
    uint32_t flags = 0;
    for (size_t i = 0; i < json_array_size(value); i++) {
        uint32_t bit = 0;
        if (!find_name(json_array_get(value, i), field->names, 0, &bit))
            return refuse_name(w, NULL, field->names, 0);
        flags |= UINT32_C(1) << bit;
    }
    memcpy(at, &flags, sizeof(flags));
    return true;
}

/* An account: {"kind": .., "name": .., "place": .., "unit": ..}; what is left out stays as is. */
static bool set_key(ops_walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    static const char *const kinds[] = {"WORLD", "ITEM", "MONEY", "LIMIT", NULL};
    (void)field;
    if (!json_is_object(value))
        return ops_refuse_type(w, NULL, "an account: kind, name, place, unit");
    hf_account_key key;
    memcpy(&key, at, sizeof(key));
    const char *name;
    json_t *part;
    json_object_foreach(value, name, part)
    {
        bool kind = strcmp(name, "kind") == 0;
        const char **text = strcmp(name, "name") == 0    ? &key.name
                            : strcmp(name, "place") == 0 ? &key.place
                            : strcmp(name, "unit") == 0  ? &key.unit
                                                         : NULL;
        if (kind && !find_name(part, kinds, 0, &key.kind))
            return refuse_name(w, name, kinds, 0);
        if (!kind && text == NULL)
            return ops_refuse(w, name, "no such member");
        if (!kind && !json_is_string(part))
            return ops_refuse_type(w, name, "a text");
        if (!kind)
            *text = json_string_value(part);
    }
    memcpy(at, &key, sizeof(key));
    return true;
}

/* What follows the pointer of an array. */
typedef struct array_tail {
    void *items;
    uint32_t count;
    uint32_t bytes;
} array_tail;

static bool set_names(ops_walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    (void)field;
    if (!json_is_array(value))
        return ops_refuse_type(w, NULL, "an array of texts");
    size_t count = json_array_size(value);
    const char **texts = ops_block(w->memory, count, sizeof(*texts));
    for (size_t i = 0; i < count; i++) {
        texts[i] = json_string_value(json_array_get(value, i));
        if (texts[i] == NULL)
            return ops_refuse_type(w, NULL, "an array of texts");
    }
    const array_tail tail = {.items = texts, .count = (uint32_t)count};
    memcpy(at, &tail, sizeof(tail));
    return true;
}

void ops_push(ops_walk *w, ops_level l)
{
    if (w->depth < OPS_LEVELS_MAX)
        w->levels[w->depth++] = l;
}

/* An array of structs: its elements are walked after it. */
static bool set_array(ops_walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    if (!json_is_array(value))
        return ops_refuse_type(w, NULL, "an array of objects");
    const hf_shape *shape = field->element;
    size_t count = json_array_size(value);
    if (count > UINT32_MAX)
        return ops_refuse_type(w, NULL, "a shorter array");
    uint8_t *items = ops_block(w->memory, count, shape->size);
    const array_tail tail = {.items = items, .count = (uint32_t)count, .bytes = shape->size};
    memcpy(at, &tail, sizeof(tail));
    ops_push(w, (ops_level){.array = value, .shape = shape, .base = items});
    return true;
}

/* clang-format off */
const ops_setter ops_setters[] = {
    [HF_FIELD_NAME] = set_text,
    [HF_FIELD_NAME_OPT] = set_text,
    [HF_FIELD_BYTES] = set_bytes,
    [HF_FIELD_ID] = set_id,
    [HF_FIELD_ID_OPT] = set_id,
    [HF_FIELD_I64] = set_i64,
    [HF_FIELD_I32] = set_i32,
    [HF_FIELD_U32] = set_u32,
    [HF_FIELD_U64] = set_u64,
    [HF_FIELD_TIME] = set_i64,
    [HF_FIELD_ENUM] = set_enum,
    [HF_FIELD_FLAGS] = set_flags,
    [HF_FIELD_KEY] = set_key,
    [HF_FIELD_KEY_OPT] = set_key,
    [HF_FIELD_ARRAY] = set_array,
    [HF_FIELD_NAMES] = set_names,
    [HF_FIELD_HEAD] = NULL, /* read from beside "args" */
};
/* clang-format on */
