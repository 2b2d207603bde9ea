/*
 * check.c - one walk over any operation's arguments, led by its shape.
 *
 * Happy path: fields are looked at in the header's order; an array puts a level on a small stack
 * and its elements are looked at one by one; nothing is written. Why one generic walk: forty
 * operations checked by forty functions would differ in what they forget.
 *
 * Failure modes: the first field that is wrong ends the walk, and the detail names it by its path.
 * Values of texts are not repeated in it: they may be what must not be shown.
 */
#include "api/check.h"
#include "api/rules.h"
#include "api/shapes/shapes.h"
#include "api/walk.h"
#include "base/id.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TAIL_MAX 4096u /* bytes a struct of a newer library may be longer */
#define PATH_MAX 120u

typedef struct checking {
    hf__level levels[HF__WALK_DEPTH];
    uint32_t depth;
    uint32_t how; /* hf__check_how bits */
    hf__detail *detail;
} checking;

typedef int (*checker)(checking *walk, const hf_field *field, const uint8_t *at);

/* ---- Refusing -------------------------------------------------------------------------------- */

static void append(char path[PATH_MAX], const char *text)
{
    size_t used = strlen(path);
    (void)snprintf(path + used, PATH_MAX - used, "%s", text);
}

/* "lines[3].legs[0]." of the levels above the top one, then the field's own name. */
static void path_of(const checking *walk, const char *name, char path[PATH_MAX])
{
    path[0] = '\0';
    for (uint32_t i = 1; i < walk->depth; i++) {
        const hf__level *level = &walk->levels[i];
        char number[16];
        (void)snprintf(number, sizeof number, "[%" PRIu32 "].", level->index);
        append(path, level->array->name);
        append(path, number);
    }
    append(path, name);
}

static int refuse(const checking *walk, int error, const char *name, const char *why)
{
    char path[PATH_MAX];
    path_of(walk, name, path);
    return hf__refuse(walk->detail, error, "%s: %s", path, why);
}

static int refuse_part(const checking *walk, int error, const char *name, const char *part)
{
    char path[PATH_MAX];
    path_of(walk, name, path);
    return hf__refuse(walk->detail, error, "%s.%s: %s", path, part, hf_error_text(error));
}

static int refuse_not_zero(const checking *walk, const hf_field *field, const char *part)
{
    char path[PATH_MAX];
    path_of(walk, field->name, path);
    return hf__refuse(walk->detail, HF_E_ABI, "%s.%s: is not 0", path, part);
}

static int refuse_number(const checking *walk, const hf_field *field, int64_t value)
{
    char path[PATH_MAX];
    path_of(walk, field->name, path);
    return hf__refuse(walk->detail, field->error, "%s: %" PRId64 " is not in %" PRId64 "..%" PRId64,
                      path, value, field->min, field->max);
}

static int refuse_count(const checking *walk, const hf_field *field, uint32_t count)
{
    char path[PATH_MAX];
    path_of(walk, field->name, path);
    bool few = count < field->min;
    return hf__refuse(walk->detail, few ? HF_E_ARGUMENT : field->error,
                      "%s: %" PRIu32 " elements, at %s %" PRId64, path, count,
                      few ? "least" : "most", few ? field->min : field->max);
}

static int refuse_bits(const checking *walk, const hf_field *field, uint32_t bits)
{
    char path[PATH_MAX];
    path_of(walk, field->name, path);
    return hf__refuse(walk->detail, field->error, "%s: bits 0x%" PRIx32 " are not known", path,
                      bits);
}

static int refuse_size(const checking *walk, const char *name, uint32_t given, uint32_t known)
{
    char path[PATH_MAX];
    path_of(walk, name, path);
    return hf__refuse(walk->detail, HF_E_ABI,
                      "%s: %" PRIu32 " bytes, this library knows %" PRIu32
                      " (was the _init function called?)",
                      path, given, known);
}

/* ---- Fields ---------------------------------------------------------------------------------- */

static int check_text(checking *walk, const hf_field *field, const uint8_t *at)
{
    const char *text;
    memcpy(&text, at, sizeof text);
    int error = hf__text_check(text, field->kind == HF_FIELD_NAME, NULL);
    return error == 0 ? 0 : refuse(walk, error, field->name, hf_error_text(error));
}

static int check_id(checking *walk, const hf_field *field, const uint8_t *at)
{
    const hf_id *id = (const hf_id *)(const void *)at;
    bool may_be_zero = field->kind == HF_FIELD_ID_OPT;
    if (hf__id_valid(id) || (may_be_zero && hf__id_zero(id)))
        return 0;
    return refuse(walk, HF_E_ID, field->name, hf_error_text(HF_E_ID));
}

static int check_i64(checking *walk, const hf_field *field, const uint8_t *at)
{
    int64_t value;
    memcpy(&value, at, sizeof value);
    if (value >= field->min && value <= field->max)
        return 0;
    return refuse_number(walk, field, value);
}

static int check_i32(checking *walk, const hf_field *field, const uint8_t *at)
{
    int32_t value;
    memcpy(&value, at, sizeof value);
    if (value >= field->min && value <= field->max)
        return 0;
    return refuse_number(walk, field, value);
}

static int check_u32(checking *walk, const hf_field *field, const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    if (value >= field->min && value <= field->max)
        return 0;
    return refuse_number(walk, field, value);
}

static int check_u64(checking *walk, const hf_field *field, const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    if (value <= (uint64_t)field->max)
        return 0;
    char path[PATH_MAX];
    path_of(walk, field->name, path);
    return hf__refuse(walk->detail, field->error, "%s: %" PRIu64 " is not in 0..%" PRId64, path,
                      value, field->max);
}

static int check_flags(checking *walk, const hf_field *field, const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    uint32_t unknown = value & ~(uint32_t)field->max;
    return unknown == 0 ? 0 : refuse_bits(walk, field, unknown);
}

static bool empty(const char *text)
{
    return text == NULL || text[0] == '\0';
}

static int check_world(checking *walk, const hf_field *field, const hf_account_key *key)
{
    if (field->kind == HF_FIELD_KEY)
        return refuse(walk, field->error, field->name, "must not be the world");
    if (empty(key->name) && empty(key->place) && empty(key->unit))
        return 0;
    return refuse(walk, field->error, field->name, "kind WORLD has no texts (was kind set?)");
}

static int check_key(checking *walk, const hf_field *field, const uint8_t *at)
{
    const hf_account_key *key = (const hf_account_key *)(const void *)at;
    if (key->reserved != 0)
        return refuse_not_zero(walk, field, "reserved");
    if (key->kind == HF_KIND_WORLD)
        return check_world(walk, field, key);
    if (key->kind > HF_KIND_LIMIT)
        return refuse_part(walk, HF_E_ENUM, field->name, "kind");
    int error = hf__text_check(key->name, true, NULL);
    if (error != 0)
        return refuse_part(walk, error, field->name, "name");
    error = hf__text_check(key->place, false, NULL);
    if (error != 0)
        return refuse_part(walk, error, field->name, "place");
    error = hf__text_check(key->unit, true, NULL);
    return error == 0 ? 0 : refuse_part(walk, error, field->name, "unit");
}

static int check_names(checking *walk, const hf_field *field, const uint8_t *at)
{
    hf__array array;
    memcpy(&array, at, sizeof array);
    if (array.count > field->max)
        return refuse_count(walk, field, array.count);
    if (array.bytes != 0)
        return refuse_not_zero(walk, field, "reserved");
    if (array.count != 0 && array.items == NULL)
        return refuse(walk, HF_E_ARGUMENT, field->name, "is NULL");
    const char *const *texts = array.items;
    for (uint32_t i = 0; i < array.count; i++) {
        int error = hf__text_check(texts[i], false, NULL);
        if (error == 0)
            continue;
        char name[64];
        (void)snprintf(name, sizeof name, "%s[%" PRIu32 "]", field->name, i);
        return refuse(walk, error, name, hf_error_text(error));
    }
    return 0;
}

static int check_array(checking *walk, const hf_field *field, const uint8_t *at)
{
    hf__array array;
    memcpy(&array, at, sizeof array);
    if (array.count < field->min || array.count > field->max)
        return refuse_count(walk, field, array.count);
    if (array.count == 0)
        return 0;
    if (array.items == NULL)
        return refuse(walk, HF_E_ARGUMENT, field->name, "is NULL");
    uint32_t known = field->element->size;
    if (array.bytes < known || array.bytes > known + TAIL_MAX || array.bytes % 8 != 0)
        return refuse_size(walk, field->name, array.bytes, known);
    walk->levels[walk->depth++] = (hf__level){
        .shape = field->element,
        .array = field,
        .from = array.items,
        .from_bytes = array.bytes,
        .count = array.count,
    };
    return 0;
}

static int check_meta(const checking *walk, const hf_op_head *head)
{
    if (head->meta_bytes == 0)
        return 0;
    if (head->meta == NULL)
        return refuse(walk, HF_E_ARGUMENT, "head.meta", "is NULL");
    if (head->meta_bytes > HF_META_MAX)
        return hf__refuse(walk->detail, HF_E_TEXT_LONG,
                          "head.meta_bytes: %" PRIu64 " bytes, at most %d", head->meta_bytes,
                          HF_META_MAX);
    bool cards = (walk->how & HF__CHECK_NO_CARD_NUMBERS) != 0;
    if (cards && hf__text_has_card_number(head->meta, head->meta_bytes))
        return refuse(walk, HF_E_CARD_NUMBER, "head.meta", hf_error_text(HF_E_CARD_NUMBER));
    return 0;
}

static int check_head(checking *walk, const hf_field *field, const uint8_t *at)
{
    const hf_op_head *head = (const hf_op_head *)(const void *)at;
    if (head->reserved != 0)
        return refuse_not_zero(walk, field, "reserved");
    int error = hf__text_check(head->actor, false, NULL);
    if (error != 0)
        return refuse_part(walk, error, "head", "actor");
    if ((walk->how & HF__CHECK_READ) != 0)
        return 0;
    if (!hf__id_zero(&head->id) && !hf__id_valid(&head->id))
        return refuse_part(walk, HF_E_ID, "head", "id");
    return check_meta(walk, head);
}

/* Bytes are stored as they come. */
static int check_bytes(checking *walk, const hf_field *field, const uint8_t *at)
{
    hf__block block;
    memcpy(&block, at, sizeof block);
    if (block.bytes == 0)
        return 0;
    if (block.data == NULL)
        return refuse(walk, HF_E_ARGUMENT, field->name, "is NULL");
    if (block.bytes <= (uint64_t)field->max)
        return 0;
    char path[PATH_MAX];
    path_of(walk, field->name, path);
    return hf__refuse(walk->detail, field->error, "%s: %" PRIu64 " bytes, at most %" PRId64, path,
                      block.bytes, field->max);
}

/* clang-format off */
static const checker checkers[] = {
    [HF_FIELD_NAME] = check_text,
    [HF_FIELD_NAME_OPT] = check_text,
    [HF_FIELD_ID] = check_id,
    [HF_FIELD_ID_OPT] = check_id,
    [HF_FIELD_I64] = check_i64,
    [HF_FIELD_I32] = check_i32,
    [HF_FIELD_U32] = check_u32,
    [HF_FIELD_U64] = check_u64,
    [HF_FIELD_TIME] = check_i64,
    [HF_FIELD_ENUM] = check_u32,
    [HF_FIELD_FLAGS] = check_flags,
    [HF_FIELD_KEY] = check_key,
    [HF_FIELD_KEY_OPT] = check_key,
    [HF_FIELD_ARRAY] = check_array,
    [HF_FIELD_NAMES] = check_names,
    [HF_FIELD_HEAD] = check_head,
    [HF_FIELD_BYTES] = check_bytes,
};
/* clang-format on */

/* Bytes of a field of each kind; arrays and blocks with what follows their pointer. */
static const uint8_t field_bytes[] = {
    [HF_FIELD_NAME] = sizeof(char *),
    [HF_FIELD_NAME_OPT] = sizeof(char *),
    [HF_FIELD_ID] = sizeof(hf_id),
    [HF_FIELD_ID_OPT] = sizeof(hf_id),
    [HF_FIELD_I64] = sizeof(int64_t),
    [HF_FIELD_I32] = sizeof(int32_t),
    [HF_FIELD_U32] = sizeof(uint32_t),
    [HF_FIELD_U64] = sizeof(uint64_t),
    [HF_FIELD_TIME] = sizeof(int64_t),
    [HF_FIELD_ENUM] = sizeof(uint32_t),
    [HF_FIELD_FLAGS] = sizeof(uint32_t),
    [HF_FIELD_KEY] = sizeof(hf_account_key),
    [HF_FIELD_KEY_OPT] = sizeof(hf_account_key),
    [HF_FIELD_ARRAY] = sizeof(hf__array),
    [HF_FIELD_NAMES] = sizeof(hf__array),
    [HF_FIELD_HEAD] = sizeof(hf_op_head),
    [HF_FIELD_BYTES] = sizeof(hf__block),
};

/* ---- Structs --------------------------------------------------------------------------------- */

static bool is_zero(const uint8_t *bytes, size_t count)
{
    uint8_t any = 0;
    for (size_t i = 0; i < count; i++)
        any |= bytes[i];
    return any == 0;
}

/* Names the reserved bytes behind a field: "reserved" of the struct that has it inline. */
static int refuse_reserved(const checking *walk, const hf_field *before)
{
    char name[64];
    const char *dot = before == NULL ? NULL : strrchr(before->name, '.');
    int inline_bytes = dot == NULL ? 0 : (int)(dot - before->name) + 1;
    (void)snprintf(name, sizeof name, "%.*sreserved", inline_bytes,
                   dot == NULL ? "" : before->name);
    return refuse(walk, HF_E_ABI, name, "is not 0");
}

/* What no field covers is reserved. The level's struct is looked at before its fields are. */
static int check_gaps(const checking *walk, const hf__level *level)
{
    const hf_shape *shape = level->shape;
    const hf_field *before = NULL;
    uint32_t from = 0;
    for (uint32_t i = 0; i <= shape->field_count; i++) {
        const hf_field *field = i < shape->field_count ? &shape->fields[i] : NULL;
        uint32_t to = field == NULL ? shape->size : field->offset;
        if (!is_zero(level->from + from, to - from))
            return refuse_reserved(walk, before);
        before = field;
        from = field == NULL ? to : to + field_bytes[field->kind];
    }
    return 0;
}

/* What a newer library added at the end must not be lost: only nothing may stand there. */
static int check_tail(const checking *walk, const hf__level *level, const char *name)
{
    uint32_t known = level->shape->size;
    uint32_t tail = level->from_bytes - known;
    if (tail == 0 || is_zero(level->from + known, tail))
        return 0;
    return refuse(walk, HF_E_ABI, name, "sets a field that this library does not know");
}

static int check_rule(const checking *walk, hf__rule rule, const uint8_t *at)
{
    hf__broken broken = {.field = ""};
    int error = rule == NULL ? 0 : rule(at, &broken);
    return error == 0 ? 0 : refuse(walk, error, broken.field, broken.text);
}

/* All fields of the top level's element are good. Goes to the next element, or a level up. */
static int finish(checking *walk)
{
    hf__level *level = &walk->levels[walk->depth - 1];
    if (level->array != NULL) {
        int error = check_tail(walk, level, "size");
        if (error == 0)
            error = check_rule(walk, hf__rule_of_element(level->shape), level->from);
        if (error != 0)
            return error;
    }
    level->field = 0;
    level->from += level->from_bytes;
    if (++level->index == level->count)
        walk->depth--;
    return 0;
}

static int check_levels(checking *walk)
{
    int error = 0;
    while (error == 0 && walk->depth > 0) {
        uint32_t depth = walk->depth;
        hf__level *level = &walk->levels[depth - 1];
        const hf_field *field = &level->shape->fields[level->field];
        const hf_field *end = &level->shape->fields[level->shape->field_count];
        if (level->field == 0)
            error = check_gaps(walk, level);
        while (error == 0 && field != end && walk->depth == depth) {
            error = checkers[field->kind](walk, field, level->from + field->offset);
            field++;
        }
        level->field = (uint32_t)(field - level->shape->fields);
        if (error == 0 && walk->depth == depth) /* else an element comes first */
            error = finish(walk);
    }
    return error;
}

int hf__check_args(uint32_t type, const void *args, uint32_t how, hf__detail *detail)
{
    const hf_shape *shape = hf_op_shape(type);
    if (shape == NULL)
        return hf__refuse(detail, HF_E_ENUM, "type: %" PRIu32 " is no operation", type);
    if (args == NULL)
        return hf__refuse(detail, HF_E_ARGUMENT, "args: is NULL");
    uint32_t size = ((const hf_op_head *)args)->size;
    checking walk; /* its levels are filled in as they are reached */
    walk.depth = 0;
    walk.how = how;
    walk.detail = detail;
    if (size < shape->size || size > shape->size + TAIL_MAX)
        return refuse_size(&walk, "head.size", size, shape->size);
    walk.levels[0] = (hf__level){.shape = shape, .from = args, .from_bytes = size, .count = 1};
    walk.depth = 1;
    int error = check_tail(&walk, &walk.levels[0], "head.size");
    if (error == 0)
        error = check_levels(&walk);
    return error != 0 ? error : check_rule(&walk, hf__rule_of_type(type), args);
}
