/*
 * schema.c - JSON Schema of records and arguments.
 *
 * Records have every column of their table and nothing else. Arguments have the fields of their
 * shape; a field of a struct that stands inline ("payment.amount") is a member of an object. What
 * the library checks beyond that is its own to refuse.
 */
#include "schema.h"
#include "route.h"

#include <stdio.h>
#include <string.h>

#define REF_ACCOUNT "{\"$ref\":\"#/components/schemas/account\"}"

static void put_raw(json_text *out, const char *json)
{
    json_text_raw(out, json, strlen(json));
}

/* ---- Records --------------------------------------------------------------------------------- */

/* clang-format off */
static const char *const column_schemas[] = {
    [HF_COLUMN_I64] = "{\"type\":\"integer\"}", [HF_COLUMN_U64] = "{\"type\":\"integer\",\"minimum\":0}",
    [HF_COLUMN_U32] = "{\"type\":\"integer\",\"minimum\":0}", [HF_COLUMN_BOOL] = "{\"type\":\"boolean\"}",
    [HF_COLUMN_ENUM] = "{\"type\":[\"string\",\"null\"]}",
    [HF_COLUMN_TIME] = "{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"}",
    [HF_COLUMN_ID] = "{\"type\":[\"string\",\"null\"],\"format\":\"uuid\"}", [HF_COLUMN_HASH] = NULL,
    [HF_COLUMN_NAME] = "{\"type\":[\"string\",\"null\"]}", [HF_COLUMN_BYTES] = "{\"type\":[\"string\",\"null\"]}",
};
/* clang-format on */

static const char *schema_of(const hf_column *column)
{
    if (strcmp(column->name, "attention") == 0)
        return "{\"type\":[\"string\",\"null\"],\"description\":\"names of bits, with commas\"}";
    return column_schemas[column->type];
}

void schema_record(json_text *out, const hf_table *table)
{
    json_text_open(out, '{');
    json_text_member(out, "type", "object");
    json_text_name(out, "properties");
    json_text_open(out, '{');
    for (uint32_t i = 0; i < table->column_count; i++) {
        if (schema_of(&table->columns[i]) == NULL)
            continue;
        json_text_name(out, table->columns[i].name);
        put_raw(out, schema_of(&table->columns[i]));
    }
    json_text_close(out, '}');
    json_text_name(out, "required");
    json_text_open(out, '[');
    for (uint32_t i = 0; i < table->column_count; i++)
        if (schema_of(&table->columns[i]) != NULL)
            json_text_string(out, table->columns[i].name);
    json_text_close(out, ']');
    json_text_close(out, '}');
}

/* ---- Arguments ------------------------------------------------------------------------------- */

static void put_names(json_text *out, const char *const *names)
{
    json_text_name(out, "enum");
    json_text_open(out, '[');
    for (; *names != NULL; names++)
        json_text_string(out, *names);
    json_text_close(out, ']');
}

static void put_number(json_text *out, const hf_field *field)
{
    if (field->kind == HF_FIELD_U32 && field->min == 0 && field->max == 1) {
        json_text_member(out, "type", "boolean");
        return;
    }
    json_text_member(out, "type", "integer");
    if (field->kind == HF_FIELD_U64 || field->kind == HF_FIELD_TIME || field->min >= field->max)
        return;
    json_text_number(out, "minimum", field->min);
    json_text_number(out, "maximum", field->max);
}

static void put_items(json_text *out, const hf_field *field)
{
    char text[100];
    json_text_member(out, "type", "array");
    json_text_name(out, "items");
    json_text_open(out, '{');
    if (field->kind == HF_FIELD_NAMES) {
        json_text_member(out, "type", "string");
    } else {
        (void)snprintf(text, sizeof(text), "#/components/schemas/%s", field->element->name);
        json_text_member(out, "$ref", text);
    }
    json_text_close(out, '}');
    json_text_number(out, "minItems", field->min);
    if (field->max > 0)
        json_text_number(out, "maxItems", field->max);
}

static void put_kind(json_text *out, const hf_field *field)
{
    switch (field->kind) {
    case HF_FIELD_I64:
    case HF_FIELD_I32:
    case HF_FIELD_U32:
    case HF_FIELD_U64:
    case HF_FIELD_TIME:
        put_number(out, field);
        return;
    case HF_FIELD_ENUM:
        json_text_member(out, "type", "string");
        put_names(out, field->names);
        return;
    case HF_FIELD_FLAGS:
        json_text_member(out, "type", "array");
        json_text_name(out, "items");
        json_text_open(out, '{');
        json_text_member(out, "type", "string");
        put_names(out, field->names);
        json_text_close(out, '}');
        return;
    case HF_FIELD_ARRAY:
    case HF_FIELD_NAMES:
        put_items(out, field);
        return;
    case HF_FIELD_ID:
    case HF_FIELD_ID_OPT:
        json_text_member(out, "type", "string");
        json_text_member(out, "format", "uuid");
        return;
    default:
        json_text_member(out, "type", "string");
    }
}

void schema_field(json_text *out, const hf_field *field)
{
    if (field != NULL && (field->kind == HF_FIELD_KEY || field->kind == HF_FIELD_KEY_OPT)) {
        put_raw(out, REF_ACCOUNT);
        return;
    }
    json_text_open(out, '{');
    if (field == NULL)
        json_text_member(out, "type", "string");
    else
        put_kind(out, field);
    json_text_close(out, '}');
}

/* Whether the path of a route has the whole argument. */
static bool is_in_path(const struct route *r, const char *name)
{
    char param[40];
    for (size_t i = 0; r != NULL && route_param(r, i, param); i++)
        if (strcmp(param, name) == 0)
            return true;
    return false;
}

static void open_object(json_text *out)
{
    json_text_open(out, '{');
    json_text_member(out, "type", "object");
    json_text_name(out, "additionalProperties");
    json_text_bool(out, false);
    json_text_name(out, "properties");
    json_text_open(out, '{');
}

static void close_object(json_text *out)
{
    json_text_close(out, '}');
    json_text_close(out, '}');
}

/* The struct that stands inline at position `at`, whose fields follow each other; returns the
 * position of its last one. */
static uint32_t put_inline(json_text *out, const hf_shape *shape, uint32_t at)
{
    char name[40];
    const char *first = shape->fields[at].name;
    const size_t bytes = strcspn(first, ".") + 1;
    (void)snprintf(name, sizeof(name), "%.*s", (int)(bytes - 1), first);
    json_text_name(out, name);
    open_object(out);
    for (; at < shape->field_count && strncmp(shape->fields[at].name, first, bytes) == 0; at++) {
        json_text_name(out, shape->fields[at].name + bytes);
        schema_field(out, &shape->fields[at]);
    }
    close_object(out);
    return at - 1;
}

/* The members of an object with the fields of a shape, but for those of the path of `r`. */
static void put_fields(json_text *out, const hf_shape *shape, const struct route *r)
{
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const hf_field *field = &shape->fields[i];
        if (strchr(field->name, '.') != NULL) {
            i = put_inline(out, shape, i);
        } else if (field->kind != HF_FIELD_HEAD && !is_in_path(r, field->name)) {
            json_text_name(out, field->name);
            schema_field(out, field);
        }
    }
}

void schema_body(json_text *out, const struct route *r)
{
    open_object(out);
    put_fields(out, hf_op_shape(r->op), r);
    json_text_name(out, "meta");
    put_raw(out, "{\"type\":\"string\"}");
    close_object(out);
}

/* ---- Elements -------------------------------------------------------------------------------- */

enum { ELEMENTS_MAX = 64 };

/* The shapes of elements, each once. */
typedef struct elements {
    const hf_shape *of[ELEMENTS_MAX];
    size_t count;
} elements;

static void add(elements *all, const hf_shape *shape)
{
    for (uint32_t i = 0; shape != NULL && i < shape->field_count; i++) {
        const hf_field *field = &shape->fields[i];
        size_t at = 0;
        while (at < all->count && all->of[at] != field->element)
            at++;
        if (field->kind == HF_FIELD_ARRAY && at == all->count && at < ELEMENTS_MAX)
            all->of[all->count++] = field->element;
    }
}

void schema_elements(json_text *out)
{
    elements all = {.count = 0};
    for (size_t i = 0; route_at(i) != NULL; i++)
        add(&all, hf_op_shape(route_at(i)->op));
    for (size_t i = 0; i < all.count; i++) /* grows: elements have elements */
        add(&all, all.of[i]);
    for (size_t i = 0; i < all.count; i++) {
        json_text_name(out, all.of[i]->name);
        open_object(out);
        put_fields(out, all.of[i], NULL);
        close_object(out);
    }
}
