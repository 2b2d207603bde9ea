/*
 * copy.c - copies arguments by their shape and feeds the fingerprint on the way.
 *
 * Happy path: the struct is copied whole, then each field that points somewhere is copied behind
 * it and its pointer set; arrays are pushed on a small stack and walked element by element. One
 * pass does both the copy and the fingerprint, because both look at the same bytes.
 *
 * Failure mode: the arena is full; NULL is returned.
 */
#include "api/copy.h"
#include "api/fingerprint.h"
#include "api/shapes/shapes.h"
#include "api/walk.h"
#include "base/id.h"

#include <string.h>

typedef struct copying {
    hf__level levels[HF__WALK_DEPTH];
    uint32_t depth;
    bool read;
    hf__arena *arena;
    hf__print *print; /* NULL: no fingerprint is computed */
} copying;

/* Copies what `from` points to, into `to`. False when the arena is full. */
typedef bool (*copier)(copying *walk, uint32_t position, const uint8_t *from, uint8_t *to);

static void print_number(copying *walk, uint32_t position, uint64_t value)
{
    if (walk->print != NULL && value != 0)
        hf__print_number(walk->print, position, value);
}

static bool copy_64(copying *walk, uint32_t position, const uint8_t *from, uint8_t *to)
{
    (void)to;
    uint64_t value;
    memcpy(&value, from, sizeof value);
    print_number(walk, position, value);
    return true;
}

static bool copy_32(copying *walk, uint32_t position, const uint8_t *from, uint8_t *to)
{
    (void)to;
    uint32_t value;
    memcpy(&value, from, sizeof value);
    print_number(walk, position, value);
    return true;
}

static bool copy_id(copying *walk, uint32_t position, const uint8_t *from, uint8_t *to)
{
    (void)to;
    if (walk->print != NULL && !hf__id_zero((const hf_id *)(const void *)from))
        hf__print_id(walk->print, position, from);
    return true;
}

static bool copy_bytes(copying *walk, uint32_t position, const uint8_t *from, uint8_t *to)
{
    hf__block block;
    memcpy(&block, from, sizeof block);
    if (block.bytes == 0) {
        block.data = NULL;
    } else {
        block.data = hf__arena_copy(walk->arena, block.data, block.bytes);
        if (block.data == NULL)
            return false;
        if (walk->print != NULL)
            hf__print_block(walk->print, position, block.data, block.bytes);
    }
    memcpy(to, &block, sizeof block);
    return true;
}

/* The core gets "" for every text that is not there. */
static bool copy_text_of(copying *walk, uint32_t position, const char *text, const char **out)
{
    *out = "";
    if (text == NULL || text[0] == '\0')
        return true;
    uint32_t bytes = (uint32_t)strnlen(text, HF_NAME_MAX);
    char *copy = hf__arena_alloc(walk->arena, bytes + 1);
    if (copy == NULL)
        return false;
    memcpy(copy, text, bytes);
    copy[bytes] = '\0';
    *out = copy;
    if (walk->print != NULL)
        hf__print_text(walk->print, position, copy, bytes);
    return true;
}

static bool copy_text(copying *walk, uint32_t position, const uint8_t *from, uint8_t *to)
{
    const char *text;
    memcpy(&text, from, sizeof text);
    if (!copy_text_of(walk, position, text, &text))
        return false;
    memcpy(to, &text, sizeof text);
    return true;
}

/* A key counts as four fields at one position: kind, then its texts in the order of the struct. */
static bool copy_key(copying *walk, uint32_t position, const uint8_t *from, uint8_t *to)
{
    const hf_account_key *key = (const hf_account_key *)(const void *)from;
    hf_account_key copy = {.kind = key->kind};
    print_number(walk, position, key->kind);
    if (!copy_text_of(walk, position + 64, key->name, &copy.name) ||
        !copy_text_of(walk, position + 128, key->place, &copy.place) ||
        !copy_text_of(walk, position + 192, key->unit, &copy.unit))
        return false;
    memcpy(to, &copy, sizeof copy);
    return true;
}

static bool copy_names(copying *walk, uint32_t position, const uint8_t *from, uint8_t *to)
{
    hf__array array;
    memcpy(&array, from, sizeof array);
    const char *const *texts = array.items;
    const char **copies = NULL;
    if (array.count != 0) {
        copies = hf__arena_alloc(walk->arena, array.count * sizeof *copies);
        if (copies == NULL)
            return false;
    }
    print_number(walk, position, array.count);
    for (uint32_t i = 0; i < array.count; i++) {
        bool absent = texts[i] == NULL || texts[i][0] == '\0';
        if (absent && walk->print != NULL)
            hf__print_text(walk->print, position, "", 0); /* an element, unlike a field, counts */
        if (!copy_text_of(walk, position, texts[i], &copies[i]))
            return false;
    }
    array = (hf__array){.items = copies, .count = array.count};
    memcpy(to, &array, sizeof array);
    return true;
}

static void *copy_items(copying *walk, const hf__array *array, uint32_t known)
{
    uint8_t *items = hf__arena_alloc(walk->arena, (size_t)array->count * known);
    if (items == NULL)
        return NULL;
    const uint8_t *from = array->items;
    if (array->bytes == known) {
        memcpy(items, from, (size_t)array->count * known);
        return items;
    }
    for (uint32_t i = 0; i < array->count; i++)
        memcpy(items + (size_t)i * known, from + (size_t)i * array->bytes, known);
    return items;
}

static bool copy_array(copying *walk, uint32_t position, const uint8_t *from, uint8_t *to)
{
    const hf__level *level = &walk->levels[walk->depth - 1];
    const hf_shape *element = level->shape->fields[position].element;
    hf__array array;
    memcpy(&array, from, sizeof array);
    hf__array copy = {.count = array.count, .bytes = element->size};
    if (array.count != 0) {
        uint8_t *items = copy_items(walk, &array, element->size);
        if (items == NULL)
            return false;
        copy.items = items;
        walk->levels[walk->depth++] = (hf__level){
            .shape = element,
            .from = array.items,
            .to = items,
            .from_bytes = array.bytes,
            .count = array.count,
        };
    }
    print_number(walk, position, array.count);
    memcpy(to, &copy, sizeof copy);
    return true;
}

static bool copy_head(copying *walk, uint32_t position, const uint8_t *from, uint8_t *to)
{
    const hf_op_head *head = (const hf_op_head *)(const void *)from;
    hf_op_head *copy = (hf_op_head *)(void *)to;
    hf__print *print = walk->print;
    walk->print = NULL; /* who does it is not what is asked for */
    bool fits = copy_text_of(walk, position, head->actor, &copy->actor);
    walk->print = print;
    copy->size = walk->levels[0].shape->size;
    copy->meta = NULL;
    copy->meta_bytes = 0;
    if (!fits || walk->read || head->meta_bytes == 0)
        return fits;
    copy->meta = hf__arena_copy(walk->arena, head->meta, head->meta_bytes);
    copy->meta_bytes = head->meta_bytes;
    if (copy->meta != NULL && print != NULL)
        hf__print_block(print, position, copy->meta, copy->meta_bytes);
    return copy->meta != NULL;
}

/* clang-format off */
static const copier copiers[] = {
    [HF_FIELD_NAME] = copy_text,
    [HF_FIELD_NAME_OPT] = copy_text,
    [HF_FIELD_ID] = copy_id,
    [HF_FIELD_ID_OPT] = copy_id,
    [HF_FIELD_I64] = copy_64,
    [HF_FIELD_I32] = copy_32,
    [HF_FIELD_U32] = copy_32,
    [HF_FIELD_U64] = copy_64,
    [HF_FIELD_TIME] = copy_64,
    [HF_FIELD_ENUM] = copy_32,
    [HF_FIELD_FLAGS] = copy_32,
    [HF_FIELD_KEY] = copy_key,
    [HF_FIELD_KEY_OPT] = copy_key,
    [HF_FIELD_ARRAY] = copy_array,
    [HF_FIELD_NAMES] = copy_names,
    [HF_FIELD_HEAD] = copy_head,
    [HF_FIELD_BYTES] = copy_bytes,
};
/* clang-format on */

/* The top level's element is done: to the next one, or a level up. */
static void finish(copying *walk, hf__level *level)
{
    if (walk->print != NULL)
        hf__print_end(walk->print);
    level->field = 0;
    level->from += level->from_bytes;
    level->to += level->shape->size;
    if (++level->index == level->count)
        walk->depth--;
}

/* A field that is not part of the fingerprint is copied, and not hashed. */
static bool copy_not_fingerprinted(copying *walk, const hf_field *field, uint32_t position,
                                   const hf__level *level)
{
    hf__print *print = walk->print;
    walk->print = NULL;
    bool fits = copiers[field->kind](walk, position, level->from + field->offset,
                                     level->to + field->offset);
    walk->print = print;
    return fits;
}

/* Copies fields of the top level until its element is done or an array puts a level above it. */
static bool copy_fields(copying *walk)
{
    uint32_t depth = walk->depth;
    hf__level *level = &walk->levels[depth - 1];
    const hf_field *fields = level->shape->fields;
    uint32_t count = level->shape->field_count;
    uint32_t at = level->field;
    bool fits = true;
    for (; fits && at < count && walk->depth == depth; at++) {
        const hf_field *field = &fields[at];
        if ((field->flags & HF_FIELD_NOT_FINGERPRINTED) != 0)
            fits = copy_not_fingerprinted(walk, field, at, level);
        else
            fits = copiers[field->kind](walk, at, level->from + field->offset,
                                        level->to + field->offset);
    }
    level->field = at;
    if (fits && walk->depth == depth)
        finish(walk, level);
    return fits;
}

hf_op_head *hf__copy_args(uint32_t type, const void *args, bool read, hf__arena *arena,
                          uint8_t fingerprint[16])
{
    const hf_shape *shape = hf_op_shape(type);
    uint8_t *copy = hf__arena_copy(arena, args, shape->size);
    if (copy == NULL)
        return NULL;
    hf__print print;
    hf__print_init(&print, type);
    copying walk; /* its levels are filled in as they are reached */
    walk.depth = 1;
    walk.read = read;
    walk.arena = arena;
    walk.print = fingerprint == NULL ? NULL : &print;
    walk.levels[0] = (hf__level){.shape = shape, .from = args, .to = copy, .count = 1};
    while (walk.depth > 0)
        if (!copy_fields(&walk))
            return NULL;
    if (fingerprint != NULL)
        hf__print_result(&print, fingerprint);
    return (hf_op_head *)(void *)copy;
}
