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
#include "ops_json.h"
#include "json_place.h"
#include "memory.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEVELS_MAX 10u

/* One object or array that is being read. */
typedef struct level {
    json_t *object;        /* or NULL */
    json_t *array;         /* or NULL */
    void *iter;            /* of the object: the current member */
    size_t ordinal;        /* of the current member or element */
    const char *name;      /* of the current member; NULL: an element */
    const hf_shape *shape; /* of the object, or of each element */
    uint8_t *base;         /* the struct, or the first element */
    const char *prefix;    /* of field names: a struct that stands inline, as in "payment.id" */
    size_t prefix_bytes;
} level;

typedef struct walk {
    ops_memory *memory;
    const char *text;
    ops_error *error;
    level levels[LEVELS_MAX];
    size_t depth;
} walk;

typedef bool (*setter)(walk *w, const hf_field *field, uint8_t *at, json_t *value);

/* ---- Memory ---------------------------------------------------------------------------------- */

static void *block_of(ops_memory *memory, size_t count, size_t bytes)
{
    memory->blocks = grow_memory(memory->blocks, &memory->block_room, memory->block_count + 1,
                                 sizeof(*memory->blocks));
    void *block = take_memory(count, bytes);
    memory->blocks[memory->block_count++] = block;
    return block;
}

static void keep_document(ops_memory *memory, json_t *document)
{
    memory->documents = grow_memory(memory->documents, &memory->document_room,
                                    memory->document_count + 1, sizeof(void *));
    memory->documents[memory->document_count++] = document;
}

void ops_clear(ops_memory *memory)
{
    while (memory->block_count > 0)
        free(memory->blocks[--memory->block_count]);
    while (memory->document_count > 0)
        json_decref(memory->documents[--memory->document_count]);
}

void ops_fini(ops_memory *memory)
{
    ops_clear(memory);
    free(memory->blocks);
    free(memory->documents);
    memset(memory, 0, sizeof(*memory));
}

/* ---- Errors ---------------------------------------------------------------------------------- */

static void append_path(char *path, size_t bytes, const level *l)
{
    size_t used = strlen(path);
    if (l->name == NULL)
        (void)snprintf(path + used, bytes - used, "[%zu]", l->ordinal);
    else
        (void)snprintf(path + used, bytes - used, "%s%s", used == 0 ? "" : ".", l->name);
}

/* Names the current member of the innermost level; `part` is a member or element inside it. */
static bool refuse(walk *w, const char *part, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool refuse(walk *w, const char *part, const char *format, ...)
{
    char path[120] = "", why[100];
    size_t ordinals[LEVELS_MAX];
    for (size_t i = 0; i < w->depth; i++) {
        append_path(path, sizeof(path), &w->levels[i]);
        ordinals[i] = w->levels[i].ordinal;
    }
    va_list list;
    va_start(list, format);
    (void)vsnprintf(why, sizeof(why), format, list);
    va_end(list);
    w->error->column = json_place(w->text, ordinals, w->depth);
    if (part != NULL) {
        size_t used = strlen(path);
        (void)snprintf(path + used, sizeof(path) - used, "%s%s", used == 0 ? "" : ".", part);
    }
    (void)snprintf(w->error->text, sizeof(w->error->text), "%s%s%s", path,
                   path[0] == '\0' ? "" : ": ", why);
    return false;
}

static bool refuse_type(walk *w, const char *part, const char *wanted)
{
    return refuse(w, part, "must be %s", wanted);
}

/* ---- Values ---------------------------------------------------------------------------------- */

static bool set_text(walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    (void)field;
    if (!json_is_string(value))
        return refuse_type(w, NULL, "a text");
    const char *text = json_string_value(value);
    memcpy(at, &text, sizeof(text));
    return true;
}

/* Bytes are given as a text: their number follows the pointer. */
static bool set_bytes(walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    uint64_t bytes = json_string_length(value);
    memcpy(at + sizeof(void *), &bytes, sizeof(bytes));
    return set_text(w, field, at, value);
}

static bool set_id(walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    (void)field;
    hf_id id;
    if (!json_is_string(value) || hf_id_parse(json_string_value(value), &id) != 0)
        return refuse_type(w, NULL, "the text of a UUIDv7");
    memcpy(at, &id, sizeof(id));
    return true;
}

static bool set_i64(walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    (void)field;
    if (!json_is_integer(value))
        return refuse_type(w, NULL, "an integer");
    int64_t number = json_integer_value(value);
    memcpy(at, &number, sizeof(number));
    return true;
}

static bool set_u64(walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    if (json_is_integer(value) && json_integer_value(value) < 0)
        return refuse_type(w, NULL, "0 or more");
    return set_i64(w, field, at, value);
}

static bool set_i32(walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    (void)field;
    if (!json_is_integer(value) || json_integer_value(value) < INT32_MIN ||
        json_integer_value(value) > INT32_MAX)
        return refuse_type(w, NULL, "an integer of 32 bits");
    int32_t number = (int32_t)json_integer_value(value);
    memcpy(at, &number, sizeof(number));
    return true;
}

/* A number; one that can only be 0 or 1 is a switch: false or true. */
static bool set_u32(walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    uint32_t number;
    if (field->min == 0 && field->max == 1) {
        if (!json_is_boolean(value))
            return refuse_type(w, NULL, "true or false");
        number = json_is_true(value) ? 1 : 0;
    } else {
        if (!json_is_integer(value) || json_integer_value(value) < 0 ||
            json_integer_value(value) > UINT32_MAX)
            return refuse_type(w, NULL, "an integer of 0 or more");
        number = (uint32_t)json_integer_value(value);
    }
    memcpy(at, &number, sizeof(number));
    return true;
}

/* Tells which names there are. */
static bool refuse_name(walk *w, const char *part, const char *const *names, int64_t first)
{
    char list[90] = "";
    for (int64_t i = first; names[i] != NULL; i++) {
        size_t used = strlen(list);
        (void)snprintf(list + used, sizeof(list) - used, "%s%s", used == 0 ? "" : ", ", names[i]);
    }
    return refuse(w, part, "must be one of %s", list);
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

static bool set_enum(walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    uint32_t number = 0;
    if (!find_name(value, field->names, field->min, &number))
        return refuse_name(w, NULL, field->names, field->min);
    memcpy(at, &number, sizeof(number));
    return true;
}

static bool set_flags(walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    if (!json_is_array(value))
        return refuse_type(w, NULL, "an array of names");
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
static bool set_key(walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    static const char *const kinds[] = {"WORLD", "ITEM", "MONEY", "LIMIT", NULL};
    (void)field;
    if (!json_is_object(value))
        return refuse_type(w, NULL, "an account: kind, name, place, unit");
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
            return refuse(w, name, "no such member");
        if (!kind && !json_is_string(part))
            return refuse_type(w, name, "a text");
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

static bool set_names(walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    (void)field;
    if (!json_is_array(value))
        return refuse_type(w, NULL, "an array of texts");
    size_t count = json_array_size(value);
    const char **texts = block_of(w->memory, count, sizeof(*texts));
    for (size_t i = 0; i < count; i++) {
        texts[i] = json_string_value(json_array_get(value, i));
        if (texts[i] == NULL)
            return refuse_type(w, NULL, "an array of texts");
    }
    const array_tail tail = {.items = texts, .count = (uint32_t)count};
    memcpy(at, &tail, sizeof(tail));
    return true;
}

static void push(walk *w, level l)
{
    if (w->depth < LEVELS_MAX)
        w->levels[w->depth++] = l;
}

/* An array of structs: its elements are walked after it. */
static bool set_array(walk *w, const hf_field *field, uint8_t *at, json_t *value)
{
    if (!json_is_array(value))
        return refuse_type(w, NULL, "an array of objects");
    const hf_shape *shape = field->element;
    size_t count = json_array_size(value);
    if (count > UINT32_MAX)
        return refuse_type(w, NULL, "a shorter array");
    uint8_t *items = block_of(w->memory, count, shape->size);
    const array_tail tail = {.items = items, .count = (uint32_t)count, .bytes = shape->size};
    memcpy(at, &tail, sizeof(tail));
    push(w, (level){.array = value, .shape = shape, .base = items});
    return true;
}

/* clang-format off */
static const setter setters[] = {
    [HF_FIELD_NAME] = set_text,
    [HF_FIELD_NAME_OPT] = set_text,
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
    [HF_FIELD_BYTES] = set_bytes,
    [HF_FIELD_HEAD] = NULL, /* read from beside "args" */
};
/* clang-format on */

/* ---- The walk -------------------------------------------------------------------------------- */

/* True when a field's name is `prefix` and `name` together; *inner: it only begins so. */
static bool named(const hf_field *field, const level *l, const char *name, bool *inner)
{
    size_t bytes = strlen(name);
    const char *rest = field->name + l->prefix_bytes;
    if (strncmp(field->name, l->prefix, l->prefix_bytes) != 0 || strncmp(rest, name, bytes) != 0)
        return false;
    *inner = rest[bytes] == '.';
    return rest[bytes] == '\0' || *inner;
}

/* Reads the current member of the innermost level, an object. */
static bool read_member(walk *w, json_t *value)
{
    level *l = &w->levels[w->depth - 1];
    for (uint32_t i = 0; i < l->shape->field_count; i++) {
        const hf_field *field = &l->shape->fields[i];
        bool inner = false;
        if (field->kind == HF_FIELD_HEAD || !named(field, l, l->name, &inner))
            continue;
        if (!inner)
            return setters[field->kind](w, field, l->base + field->offset, value);
        if (!json_is_object(value))
            return refuse_type(w, NULL, "an object");
        push(w, (level){.object = value,
                        .shape = l->shape,
                        .base = l->base,
                        .prefix = field->name,
                        .prefix_bytes = l->prefix_bytes + strlen(l->name) + 1});
        return true;
    }
    return refuse(w, NULL, "no such member");
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

/* The innermost object has been read: everything that must be given is. */
static bool check_missing(walk *w)
{
    const level done = w->levels[--w->depth];
    for (uint32_t i = 0; done.prefix_bytes == 0 && i < done.shape->field_count; i++) {
        const hf_field *field = &done.shape->fields[i];
        if (is_missing(field, done.base + field->offset))
            return refuse(w, field->name, "is missing");
    }
    return true;
}

/* Moves to the next member of an object, and reads it. */
static bool step_object(walk *w)
{
    level *l = &w->levels[w->depth - 1];
    bool first = l->iter == NULL;
    l->iter = first ? json_object_iter(l->object) : json_object_iter_next(l->object, l->iter);
    l->ordinal = first ? 0 : l->ordinal + 1;
    if (l->iter == NULL)
        return check_missing(w);
    l->name = json_object_iter_key(l->iter);
    return read_member(w, json_object_iter_value(l->iter));
}

/* Moves to the next element of an array, and into it. */
static bool step_array(walk *w)
{
    level *l = &w->levels[w->depth - 1];
    size_t index = l->iter == NULL ? 0 : l->ordinal + 1;
    if (index == json_array_size(l->array)) {
        w->depth--;
        return true;
    }
    l->iter = l->array; /* not NULL: begun */
    l->ordinal = index;
    json_t *value = json_array_get(l->array, index);
    if (!json_is_object(value))
        return refuse_type(w, NULL, "an object");
    uint8_t *base = l->base + index * l->shape->size;
    if (l->shape->init != NULL)
        l->shape->init(base);
    push(w, (level){.object = value, .shape = l->shape, .base = base, .prefix = ""});
    return true;
}

static bool read_args(walk *w, json_t *args, const hf_shape *shape, uint8_t *base)
{
    size_t outside = w->depth;
    push(w, (level){.object = args, .shape = shape, .base = base, .prefix = ""});
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
    hf_op_head values;
} head;

static bool read_op(walk *w, head *h, json_t *value)
{
    h->op = value;
    return json_is_string(value) || refuse_type(w, NULL, "the name of an operation");
}

static bool read_args_member(walk *w, head *h, json_t *value)
{
    h->args = value;
    return json_is_object(value) || refuse_type(w, NULL, "an object");
}

static bool read_linked(walk *w, head *h, json_t *value)
{
    h->linked = json_is_true(value);
    return json_is_boolean(value) || refuse_type(w, NULL, "true or false");
}

static bool read_id(walk *w, head *h, json_t *value)
{
    return set_id(w, NULL, h->values.id.bytes, value);
}

static bool read_version(walk *w, head *h, json_t *value)
{
    return set_u64(w, NULL, (uint8_t *)&h->values.expected_version, value);
}

static bool read_actor(walk *w, head *h, json_t *value)
{
    return set_text(w, NULL, (uint8_t *)&h->values.actor, value);
}

static bool read_meta(walk *w, head *h, json_t *value)
{
    h->values.meta = json_string_value(value);
    h->values.meta_bytes = json_string_length(value);
    return json_is_string(value) || refuse_type(w, NULL, "a text");
}

/* clang-format off */
static const struct {
    const char *name;
    bool (*read)(walk *w, head *h, json_t *value);
} head_members[] = {
    { "op", read_op },
    { "args", read_args_member },
    { "id", read_id },
    { "linked", read_linked },
    { "expected_version", read_version },
    { "actor", read_actor },
    { "meta", read_meta },
};
/* clang-format on */

static bool read_head_member(walk *w, head *h, json_t *value)
{
    for (size_t i = 0; i < sizeof(head_members) / sizeof(head_members[0]); i++)
        if (strcmp(w->levels[0].name, head_members[i].name) == 0)
            return head_members[i].read(w, h, value);
    return refuse(w, NULL, "no such member");
}

static bool read_head(walk *w, json_t *document, head *h, size_t *args_ordinal)
{
    if (!json_is_object(document))
        return refuse_type(w, NULL, "an object");
    level *l = &w->levels[w->depth++];
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
    return h->op != NULL || refuse(w, "op", "is missing");
}

static uint32_t type_of(const char *name)
{
    for (uint32_t type = 1; hf_op_shape(type) != NULL; type++)
        if (strcmp(hf_op_name(type), name) == 0)
            return type;
    return HF_OP_NONE;
}

/* ---- A line ---------------------------------------------------------------------------------- */

static bool read_document(walk *w, json_t *document, hf_op *op)
{
    head h = {.op = NULL};
    size_t ordinal = 0;
    if (!read_head(w, document, &h, &ordinal))
        return false;
    op->type = type_of(json_string_value(h.op));
    if (op->type == HF_OP_NONE)
        return refuse(w, "op", "no operation is called '%.40s'", json_string_value(h.op));
    const hf_shape *shape = hf_op_shape(op->type);
    uint8_t *args = block_of(w->memory, 1, shape->size);
    shape->init(args);
    hf_op_head *into = (hf_op_head *)(void *)args;
    h.values.size = into->size;
    *into = h.values;
    op->args = args;
    op->flags = h.linked ? HF_OP_LINKED : 0;
    if (h.args == NULL) {
        h.args = json_object();
        keep_document(w->memory, h.args);
    }
    w->levels[0] = (level){.name = "args", .ordinal = ordinal};
    w->depth = 1;
    return read_args(w, h.args, shape, args);
}

bool ops_read(ops_memory *memory, const char *text, size_t bytes, hf_op *op, ops_error *error)
{
    json_error_t syntax;
    json_t *document = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &syntax);
    if (document == NULL) {
        error->column = syntax.column > 0 ? (size_t)syntax.column : 1;
        (void)snprintf(error->text, sizeof(error->text), "%s", syntax.text);
        return false;
    }
    keep_document(memory, document);
    walk w = {.memory = memory, .text = text, .error = error};
    return read_document(&w, document, op);
}
