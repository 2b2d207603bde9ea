/*
 * ops_json.c - reads operations from JSON.
 *
 * Happy path: the line is parsed (strictly: no doubled members, nothing behind it), its head is
 * read by a small table, then "args" by the shape of the operation. The walk keeps a stack of the
 * objects and arrays it is in; each level knows its current member, so an error can name its path
 * and its column.
 *
 * Failure modes: JSON that is none, a member nobody knows, a value of a wrong type, a number that
 * does not fit its field, a required member that is missing. What the numbers may be is left to
 * the library, which has a named error for each.
 */
#include "json_place.h"
#include "json_read.h"
#include "ops_walk.h"

#include <stdio.h>
#include <string.h>

/* ---- The walk -------------------------------------------------------------------------------- */

/* True when a field's name is `prefix` and `name` together; *inner: it only begins so. */
static bool named(const hf_field *field, const ops_level *l, const char *name, bool *inner)
{
    size_t bytes = strlen(name);
    const char *rest = field->name + l->prefix_bytes;
    if (strncmp(field->name, l->prefix, l->prefix_bytes) != 0 || strncmp(rest, name, bytes) != 0)
        return false;
    *inner = rest[bytes] == '.';
    return rest[bytes] == '\0' || *inner;
}

/* Reads the current member of the innermost level, an object. */
static bool read_member(ops_walk *w, json_t *value)
{
    ops_level *l = &w->levels[w->depth - 1];
    for (uint32_t i = 0; i < l->shape->field_count; i++) {
        const hf_field *field = &l->shape->fields[i];
        bool inner = false;
        if (field->kind == HF_FIELD_HEAD || !named(field, l, l->name, &inner))
            continue;
        if (!inner)
            return ops_setters[field->kind](w, field, l->base + field->offset, value);
        if (!json_is_object(value))
            return ops_refuse_type(w, NULL, "an object");
        ops_push(w, (ops_level){.object = value,
                                .shape = l->shape,
                                .base = l->base,
                                .prefix = field->name,
                                .prefix_bytes = l->prefix_bytes + strlen(l->name) + 1});
        return true;
    }
    return ops_refuse(w, NULL, "no such member");
}

static bool is_missing(const hf_field *field, const uint8_t *at)
{
    static const hf_id none;
    if (field->kind == HF_FIELD_ID)
        return memcmp(at, &none, sizeof(none)) == 0;
    if (field->kind == HF_FIELD_KEY)
        return ((const hf_account_key *)(const void *)at)->name == NULL;
    if (field->kind != HF_FIELD_NAME)
        return false;
    const char *text;
    memcpy(&text, at, sizeof(text));
    return text == NULL;
}

/* An account that may be left out is the world then: a default of its kind names none. */
static void leave_out(const hf_field *field, uint8_t *at)
{
    hf_account_key *key = (hf_account_key *)(void *)at;
    if (field->kind == HF_FIELD_KEY_OPT && key->name == NULL && key->unit == NULL)
        *key = (hf_account_key){.kind = HF_KIND_WORLD};
}

/* The innermost object has been read: everything that must be given is. */
static bool check_missing(ops_walk *w)
{
    const ops_level done = w->levels[--w->depth];
    for (uint32_t i = 0; done.prefix_bytes == 0 && i < done.shape->field_count; i++) {
        const hf_field *field = &done.shape->fields[i];
        leave_out(field, done.base + field->offset);
        if (is_missing(field, done.base + field->offset))
            return ops_refuse(w, field->name, "is missing");
    }
    return true;
}

/* Moves to the next member of an object, and reads it. */
static bool step_object(ops_walk *w)
{
    ops_level *l = &w->levels[w->depth - 1];
    bool first = l->iter == NULL;
    l->iter = first ? json_object_iter(l->object) : json_object_iter_next(l->object, l->iter);
    l->ordinal = first ? 0 : l->ordinal + 1;
    if (l->iter == NULL)
        return check_missing(w);
    l->name = json_object_iter_key(l->iter);
    return read_member(w, json_object_iter_value(l->iter));
}

/* Moves to the next element of an array, and into it. */
static bool step_array(ops_walk *w)
{
    ops_level *l = &w->levels[w->depth - 1];
    size_t index = l->iter == NULL ? 0 : l->ordinal + 1;
    if (index == json_array_size(l->array)) {
        w->depth--;
        return true;
    }
    l->iter = l->array; /* not NULL: begun */
    l->ordinal = index;
    json_t *value = json_array_get(l->array, index);
    if (!json_is_object(value))
        return ops_refuse_type(w, NULL, "an object");
    uint8_t *base = l->base + index * l->shape->size;
    if (l->shape->init != NULL)
        l->shape->init(base);
    ops_push(w, (ops_level){.object = value, .shape = l->shape, .base = base, .prefix = ""});
    return true;
}

static bool read_args(ops_walk *w, json_t *args, const hf_shape *shape, uint8_t *base)
{
    size_t outside = w->depth;
    ops_push(w, (ops_level){.object = args, .shape = shape, .base = base, .prefix = ""});
    while (w->depth > outside) {
        bool object = w->levels[w->depth - 1].object != NULL;
        if (!(object ? step_object(w) : step_array(w)))
            return false;
    }
    return true;
}

/* ---- The head -------------------------------------------------------------------------------- */

/* What stands beside "args". */
typedef struct head {
    json_t *op;
    json_t *args;
    bool linked;
    int64_t at_ms;
    size_t at_ms_column;
    hf_op_head values;
} head;

static bool read_op(ops_walk *w, head *h, json_t *value)
{
    h->op = value;
    return json_is_string(value) || ops_refuse_type(w, NULL, "the name of an operation");
}

static bool read_args_member(ops_walk *w, head *h, json_t *value)
{
    h->args = value;
    return json_is_object(value) || ops_refuse_type(w, NULL, "an object");
}

static bool read_linked(ops_walk *w, head *h, json_t *value)
{
    h->linked = json_is_true(value);
    return json_is_boolean(value) || ops_refuse_type(w, NULL, "true or false");
}

static bool read_id(ops_walk *w, head *h, json_t *value)
{
    return ops_setters[HF_FIELD_ID](w, NULL, h->values.id.bytes, value);
}

static bool read_version(ops_walk *w, head *h, json_t *value)
{
    return ops_setters[HF_FIELD_U64](w, NULL, (uint8_t *)&h->values.expected_version, value);
}

static bool read_at_ms(ops_walk *w, head *h, json_t *value)
{
    h->at_ms = json_integer_value(value);
    h->at_ms_column = w->text == NULL ? 0 : json_place(w->text, &w->levels[0].ordinal, 1);
    return h->at_ms > 0 || ops_refuse_type(w, NULL, "a time in Unix ms, above 0");
}

static bool read_actor(ops_walk *w, head *h, json_t *value)
{
    return ops_setters[HF_FIELD_NAME](w, NULL, (uint8_t *)&h->values.actor, value);
}

static bool read_meta(ops_walk *w, head *h, json_t *value)
{
    h->values.meta = json_string_value(value);
    h->values.meta_bytes = json_string_length(value);
    return json_is_string(value) || ops_refuse_type(w, NULL, "a text");
}

/* clang-format off */
static const struct {
    const char *name;
    bool (*read)(ops_walk *w, head *h, json_t *value);
} head_members[] = {
    { "op", read_op },
    { "args", read_args_member },
    { "id", read_id },
    { "linked", read_linked },
    { "expected_version", read_version },
    { "at_ms", read_at_ms },
    { "actor", read_actor },
    { "meta", read_meta },
};
/* clang-format on */

static bool read_head_member(ops_walk *w, head *h, json_t *value)
{
    for (size_t i = 0; i < sizeof(head_members) / sizeof(head_members[0]); i++)
        if (strcmp(w->levels[0].name, head_members[i].name) == 0)
            return head_members[i].read(w, h, value);
    return ops_refuse(w, NULL, "no such member");
}

static bool read_head(ops_walk *w, json_t *document, head *h, size_t *args_ordinal)
{
    if (!json_is_object(document))
        return ops_refuse_type(w, NULL, "an object");
    ops_level *l = &w->levels[w->depth++];
    json_t *value;
    json_object_foreach(document, l->name, value)
    {
        if (!read_head_member(w, h, value))
            return false;
        if (h->args == value)
            *args_ordinal = l->ordinal;
        l->ordinal++;
    }
    w->depth--;
    return h->op != NULL || ops_refuse(w, "op", "is missing");
}

uint32_t ops_type_of(const char *name)
{
    for (uint32_t type = 1; hf_op_shape(type) != NULL; type++)
        if (strcmp(hf_op_name(type), name) == 0)
            return type;
    return HF_OP_NONE;
}

/* ---- A line ---------------------------------------------------------------------------------- */

/* The arguments of an operation with their defaults and that head. */
static uint8_t *make_args(ops_walk *w, uint32_t type, const hf_op_head *beside)
{
    const hf_shape *shape = hf_op_shape(type);
    uint8_t *args = ops_block(w->memory, 1, shape->size);
    shape->init(args);
    hf_op_head *into = (hf_op_head *)(void *)args;
    const uint32_t size = into->size;
    *into = *beside;
    into->size = size;
    return args;
}

static bool read_document(ops_walk *w, json_t *document, ops_line *line)
{
    hf_op *op = &line->op;
    head h = {.op = NULL};
    size_t ordinal = 0;
    if (!read_head(w, document, &h, &ordinal))
        return false;
    line->at_ms = h.at_ms;
    line->at_ms_column = h.at_ms_column;
    op->type = ops_type_of(json_string_value(h.op));
    if (op->type == HF_OP_NONE)
        return ops_refuse(w, "op", "no operation is called '%.40s'", json_string_value(h.op));
    uint8_t *args = make_args(w, op->type, &h.values);
    op->args = args;
    op->flags = h.linked ? HF_OP_LINKED : 0;
    if (h.args == NULL) {
        h.args = json_object();
        ops_keep(w->memory, h.args);
    }
    w->levels[0] = (ops_level){.name = "args", .ordinal = ordinal};
    w->depth = 1;
    return read_args(w, h.args, hf_op_shape(op->type), args);
}

bool ops_read_args(ops_memory *memory, uint32_t type, const hf_op_head *beside, json_t *args,
                   ops_line *line, ops_error *error)
{
    ops_keep(memory, args);
    ops_walk w = {.memory = memory, .error = error};
    uint8_t *into = make_args(&w, type, beside);
    *line = (ops_line){.op = {.type = type, .args = into}};
    w.levels[0] = (ops_level){.name = "args"};
    w.depth = 1;
    return read_args(&w, args, hf_op_shape(type), into);
}

bool ops_read(ops_memory *memory, const char *text, size_t bytes, ops_line *line, ops_error *error)
{
    json_wrong syntax;
    json_t *document = json_read(text, bytes, JSON_READ_DEPTH, &syntax);
    if (document == NULL) {
        error->column = (size_t)syntax.column;
        (void)snprintf(error->text, sizeof(error->text), "%s", syntax.why);
        error->pointer[0] = '\0';
        error->why = error->text;
        return false;
    }
    ops_keep(memory, document);
    ops_walk w = {.memory = memory, .text = text, .error = error};
    return read_document(&w, document, line);
}
