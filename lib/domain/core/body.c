/*
 * body.c - the changes of one operation as bytes, one after another.
 *
 * Why: the body is outbox, audit and proof at once. Folding all bodies gives the state again, so
 * every movement and every state is written by the function that makes it.
 *
 * A change is its type, then the fields of that type in the order of the field table below: numbers
 * as varints, texts with their length, an account as its kind and three texts (the world is its
 * kind alone), an id as one byte that says whether 16 follow. Nothing marks the end of a change:
 * its type says what it has.
 *
 * Failure modes: HF_E_NOMEM when the arena is full; HF_E_CORRUPT for bytes that are no body, with
 * position and output left as they were.
 */
#include "domain/core/body.h"

#include "base/id.h"
#include "base/invariant.h"
#include "base/varint.h"

#include <string.h>

/* Fields of a change. Stored in the order of these bits. */
enum {
    KIND = 1u << 0,
    ID = 1u << 1,
    FROM = 1u << 2,
    TO = 1u << 3,
    AMOUNT = 1u << 4,
    NO = 1u << 5,
    STATE = 1u << 6,
    A = 1u << 7,
    B = 1u << 8,
    C = 1u << 9,
    D = 1u << 10,
    TEXT = 1u << 11,
};

/* What each type has. Part of the stored data: append, never change. */
static const uint32_t fields_of[] = {
    [HF_CHANGE_END] = 0,
    [HF_CHANGE_MOVE] = FROM | TO | AMOUNT,
    [HF_CHANGE_HOLD] = FROM | TO | AMOUNT,
    [HF_CHANGE_STATE] = KIND | ID | STATE,
    [HF_CHANGE_LINE] = ID | NO | A | B | C,
    [HF_CHANGE_PAYMENT] = ID | A | B | C | D,
    [HF_CHANGE_POSTED] = ID | A | B | C | D,
    [HF_CHANGE_LIMITS] = FROM | A | B | C,
    [HF_CHANGE_NOTE] = KIND | ID | FROM | AMOUNT | TEXT,
    [HF_CHANGE_QUANTITY] = ID | NO | A,
    [HF_CHANGE_UNIT] = A | TEXT,
    [HF_CHANGE_ERASED] = KIND | ID | FROM,
    [HF_CHANGE_ORDER] = ID | A | B,
    [HF_CHANGE_CLOCK] = A | B,
};

#define TYPE_COUNT (sizeof fields_of / sizeof fields_of[0])

/* What a change has beyond its type's: a branch is named by its transaction and its number. */
static uint32_t fields_by_kind(uint32_t type, uint32_t subject_kind)
{
    if (type == HF_CHANGE_STATE && subject_kind == HF_SUBJECT_BRANCH)
        return NO;
    return 0;
}

/* A number is at most 10 bytes, a text 64, an account 1 + 3 texts; names are copied by words. */
#define CHANGE_MAX 768u

static uint8_t *put_name(uint8_t *at, const hf_name *name)
{
    uint32_t bytes = hf__name_copy(at + 1, name);
    *at = (uint8_t)bytes;
    return at + 1 + bytes;
}

static uint8_t *put_account(uint8_t *at, const hf_account_ref *account)
{
    *at++ = (uint8_t)account->kind;
    if (account->kind == HF_KIND_WORLD)
        return at;
    at = put_name(at, &account->name);
    at = put_name(at, &account->place);
    return put_name(at, &account->unit);
}

static uint8_t *put_id(uint8_t *at, const hf_id *id)
{
    bool given = id != NULL && !hf__id_zero(id);
    *at++ = given ? 1 : 0;
    if (!given)
        return at;
    memcpy(at, id->bytes, sizeof id->bytes);
    return at + sizeof id->bytes;
}

static uint8_t *put_subject(uint8_t *at, uint32_t fields, const hf__change *change)
{
    if (fields & KIND)
        *at++ = (uint8_t)change->subject_kind;
    if (fields & ID)
        at = put_id(at, change->id);
    if (fields & FROM)
        at = put_account(at, change->from);
    if (fields & TO)
        at = put_account(at, change->to);
    return at;
}

static uint8_t *put_numbers(uint8_t *at, uint32_t fields, const hf__change *change)
{
    if (fields & AMOUNT)
        at = hf__put_svar(at, change->amount);
    if (fields & NO)
        at = hf__put_uvar(at, change->no);
    if (fields & STATE)
        at = hf__put_uvar(at, change->state);
    if (fields & A)
        at = hf__put_svar(at, change->a);
    if (fields & B)
        at = hf__put_svar(at, change->b);
    if (fields & C)
        at = hf__put_svar(at, change->c);
    if (fields & D)
        at = hf__put_svar(at, change->d);
    return at;
}

static uint8_t *put_change(uint8_t *at, const hf__change *change)
{
    uint32_t fields = fields_of[change->type] | fields_by_kind(change->type, change->subject_kind);
    *at++ = (uint8_t)change->type;
    at = put_subject(at, fields, change);
    at = put_numbers(at, fields, change);
    return fields & TEXT ? put_name(at, change->text) : at;
}

static void use(hf__draft *draft, uint8_t *bytes, size_t used, size_t capacity)
{
    if (used > 0)
        memcpy(bytes, draft->body, used);
    draft->body = bytes;
    draft->body_capacity = (uint32_t)capacity;
}

/* Reserves memory for one more change. */
static int reserve(hf__draft *draft)
{
    if (draft->body == NULL)
        use(draft, draft->first_body, 0, sizeof draft->first_body);
    if (draft->body_capacity - draft->body_bytes >= CHANGE_MAX)
        return 0;
    size_t capacity = (size_t)draft->body_capacity * 2;
    uint8_t *bytes = hf__arena_alloc(draft->arena, capacity);
    if (bytes == NULL || capacity > UINT32_MAX)
        return HF_E_NOMEM;
    use(draft, bytes, draft->body_bytes, capacity);
    return 0;
}

int hf__body_keep(hf__draft *draft, const void **bytes, uint64_t *count)
{
    *bytes = draft->body;
    *count = draft->body_bytes;
    if (draft->body == draft->first_body)
        *bytes = hf__arena_copy(draft->arena, draft->body, *count);
    if (*count != 0 && *bytes == NULL)
        return HF_E_NOMEM;
    return 0;
}

int hf__body_add(hf__draft *draft, const hf__change *change)
{
    if (!hf_invariant(change->type != HF_CHANGE_END && change->type < TYPE_COUNT))
        return HF_E_INVARIANT;
    int error = reserve(draft);
    if (error != 0)
        return error;
    uint8_t *at = draft->body + draft->body_bytes;
    uint32_t bytes = (uint32_t)(put_change(at, change) - at);
    draft->body_bytes += bytes;
    return hf_invariant(bytes <= CHANGE_MAX) ? 0 : HF_E_INVARIANT;
}

int hf__body_state(hf__draft *draft, uint32_t subject_kind, const hf_id *id, uint32_t state)
{
    return hf__body_add(draft, &(hf__change){.type = HF_CHANGE_STATE,
                                             .subject_kind = subject_kind,
                                             .id = id,
                                             .state = state});
}

int hf__body_branch(hf__draft *draft, const hf_id *txn, uint32_t no, uint32_t state)
{
    return hf__body_add(draft, &(hf__change){.type = HF_CHANGE_STATE,
                                             .subject_kind = HF_SUBJECT_BRANCH,
                                             .id = txn,
                                             .no = no,
                                             .state = state});
}

static uint32_t read_u32(hf__reader *reader)
{
    uint64_t value = hf__read_uvar(reader);
    if (value > UINT32_MAX)
        reader->failed = true;
    return (uint32_t)value;
}

/* A byte that names one of `count` things. */
static uint32_t read_kind(hf__reader *reader, uint32_t count)
{
    uint32_t kind = hf__read_u8(reader);
    if (kind >= count)
        reader->failed = true;
    return kind;
}

static void read_account(hf__reader *reader, hf_account_ref *account)
{
    account->kind = read_kind(reader, HF_KIND_LIMIT + 1);
    if (account->kind == HF_KIND_WORLD)
        return;
    hf__read_text(reader, account->name.text, HF_NAME_MAX);
    hf__read_text(reader, account->place.text, HF_NAME_MAX);
    hf__read_text(reader, account->unit.text, HF_NAME_MAX);
}

static void read_id(hf__reader *reader, hf_id *id)
{
    if (read_kind(reader, 2) == 0)
        return;
    const uint8_t *bytes = hf__read_bytes(reader, sizeof id->bytes);
    if (bytes != NULL)
        memcpy(id->bytes, bytes, sizeof id->bytes);
}

static void read_change(hf__reader *reader, uint32_t fields, hf_change *change)
{
    if (fields & KIND)
        change->subject_kind = read_kind(reader, HF_SUBJECT_UNIT + 1);
    fields |= fields_by_kind(change->type, change->subject_kind);
    if (fields & ID)
        read_id(reader, &change->id);
    if (fields & FROM)
        read_account(reader, &change->from);
    if (fields & TO)
        read_account(reader, &change->to);
    if (fields & AMOUNT)
        change->amount = hf__read_svar(reader);
    if (fields & NO)
        change->no = read_u32(reader);
    if (fields & STATE)
        change->state = read_u32(reader);
    if (fields & A)
        change->a = hf__read_svar(reader);
    if (fields & B)
        change->b = hf__read_svar(reader);
    if (fields & C)
        change->c = hf__read_svar(reader);
    if (fields & D)
        change->d = hf__read_svar(reader);
    if (fields & TEXT)
        hf__read_text(reader, change->text.text, HF_NAME_MAX);
}

int hf__body_next(const void *body, uint64_t bytes, uint64_t *position, hf_change *out)
{
    if (*position == bytes)
        return 0;
    if (*position > bytes)
        return HF_E_CORRUPT;
    const uint8_t *start = body;
    hf__reader reader = {.at = start + *position, .end = start + bytes};
    hf_change change = {.type = hf__read_u8(&reader)};
    if (change.type == HF_CHANGE_END || change.type >= TYPE_COUNT)
        return HF_E_CORRUPT;
    read_change(&reader, fields_of[change.type], &change);
    if (reader.failed)
        return HF_E_CORRUPT;
    *out = change;
    *position = (uint64_t)(reader.at - start);
    return 1;
}

int hf_event_next(const hf_event *event, uint64_t *position, hf_change *out)
{
    if (event == NULL || position == NULL || out == NULL)
        return HF_E_ARGUMENT;
    if (event->body == NULL && event->body_bytes != 0)
        return HF_E_ARGUMENT;
    return hf__body_next(event->body, event->body_bytes, position, out);
}
