/*
 * event.c - const tables of events, cursors, used operation ids, what retention removed, and the
 * records that the engine skips.
 */
#include "model/column.h"

/* clang-format off */
static const hf_column event_columns[] = {
    COLUMN(hf_event, seq, "seq", U64),
    NAMED_COLUMN_SINCE(4, hf_event, type, "type", hf__event_type_names),
    ENUM_COLUMN(hf_event, subject_kind, "subject_kind", hf__subject_names),
    COLUMN(hf_event, subject, "subject_id", ID),
    COLUMN(hf_event, subject_version, "subject_version", U64),
    COLUMN(hf_event, op, "op_id", ID),
    COLUMN(hf_event, actor, "actor", NAME),
    CLOCK_COLUMN(hf_event, at_ms, "at"),
    COLUMN(hf_event, body, "body", BYTES),
};

/* Ordinals of the columns above. */
enum {
    EVENT_SEQ, EVENT_TYPE, EVENT_SUBJECT_KIND, EVENT_SUBJECT_ID, EVENT_SUBJECT_VERSION,
    EVENT_OP_ID, EVENT_ACTOR, EVENT_AT, EVENT_BODY,
};

static const uint8_t event_key[] = { EVENT_SEQ };

const hf_table hf__events_table = {
    .name = "events",
    .id = HF__EVENTS + 1,
    .row_bytes = sizeof(hf_event),
    .columns = event_columns,
    .key = event_key,
    .indexes = NULL,
    .column_count = HF__COUNT(event_columns),
    .key_count = HF__COUNT(event_key),
    .index_count = 0,
};

static const hf_column cursor_columns[] = {
    COLUMN(hf_cursor, consumer, "consumer", NAME),
    COLUMN(hf_cursor, seq, "seq", U64),
    CLOCK_COLUMN(hf_cursor, updated_at_ms, "updated_at"),
};

/* Ordinals of the columns above. */
enum {
    CURSOR_CONSUMER, CURSOR_SEQ, CURSOR_UPDATED_AT,
};

static const uint8_t cursor_key[] = { CURSOR_CONSUMER };

const hf_table hf__cursors_table = {
    .name = "cursors",
    .id = HF__CURSORS + 1,
    .row_bytes = sizeof(hf_cursor),
    .columns = cursor_columns,
    .key = cursor_key,
    .indexes = NULL,
    .column_count = HF__COUNT(cursor_columns),
    .key_count = HF__COUNT(cursor_key),
    .index_count = 0,
};

static const hf_column op_key_columns[] = {
    COLUMN(hf__op_key, id, "id", ID),
    COLUMN(hf__op_key, fingerprint, "fingerprint", HASH),
    COLUMN(hf__op_key, type, "type", U32),
    COLUMN(hf__op_key, event_seq, "event_seq", U64),
};

/* Ordinals of the columns above. */
enum {
    OP_KEY_ID, OP_KEY_FINGERPRINT, OP_KEY_TYPE, OP_KEY_EVENT_SEQ,
};

static const uint8_t op_key_key[] = { OP_KEY_ID };

const hf_table hf__op_keys_table = {
    .name = "op_keys",
    .id = HF__OP_KEYS + 1,
    .row_bytes = sizeof(hf__op_key),
    .columns = op_key_columns,
    .key = op_key_key,
    .indexes = NULL,
    .column_count = HF__COUNT(op_key_columns),
    .key_count = HF__COUNT(op_key_key),
    .index_count = 0,
};

static const hf_column purge_columns[] = {
    ENUM_COLUMN(hf__purge, kind, "kind", hf__purge_names),
    COLUMN(hf__purge, name, "name", NAME),
    COLUMN(hf__purge, first, "first", U64),
    COLUMN(hf__purge, last, "last", U64),
    COLUMN(hf__purge, until_ms, "until", TIME),
};

/* Ordinals of the columns above. */
enum {
    PURGE_KIND, PURGE_NAME, PURGE_FIRST, PURGE_LAST, PURGE_UNTIL,
};

static const uint8_t purge_key[] = { PURGE_KIND, PURGE_NAME, PURGE_FIRST };

const hf_table hf__purges_table = {
    .name = "purges",
    .id = HF__PURGES + 1,
    .row_bytes = sizeof(hf__purge),
    .columns = purge_columns,
    .key = purge_key,
    .indexes = NULL,
    .column_count = HF__COUNT(purge_columns),
    .key_count = HF__COUNT(purge_key),
    .index_count = 0,
};

/*
 * When and by which library a record was set aside differs from one run to the next, so digests
 * leave that out.
 */
static const hf_column set_aside_columns[] = {
    ENUM_COLUMN(hf__set_aside, kind, "kind", hf__subject_names),
    COLUMN(hf__set_aside, id, "id", ID),
    OWN_COLUMN(hf__set_aside, place, "place", NAME),
    OWN_COLUMN(hf__set_aside, library, "library", U32),
    CLOCK_COLUMN(hf__set_aside, at_ms, "at"),
};

/* Ordinals of the columns above. */
enum {
    SET_ASIDE_KIND, SET_ASIDE_ID, SET_ASIDE_PLACE, SET_ASIDE_LIBRARY, SET_ASIDE_AT,
};

static const uint8_t set_aside_key[] = { SET_ASIDE_KIND, SET_ASIDE_ID };
static const uint8_t set_aside_library[] = { SET_ASIDE_LIBRARY };

static const hf_index set_aside_indexes[] = {
    INDEX("set_asides_library", set_aside_library),
};

const hf_table hf__set_asides_table = {
    .name = "set_asides",
    .id = HF__SET_ASIDES + 1,
    .row_bytes = sizeof(hf__set_aside),
    .columns = set_aside_columns,
    .key = set_aside_key,
    .indexes = set_aside_indexes,
    .column_count = HF__COUNT(set_aside_columns),
    .key_count = HF__COUNT(set_aside_key),
    .index_count = HF__COUNT(set_aside_indexes),
};
/* clang-format on */
