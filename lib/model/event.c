/*
 * event.c - const tables of events, cursors, used operation ids, what retention removed, and the
 * records that the engine skips.
 */
#include "model/column.h"
#include "model/row_read.h"

/* clang-format off */
#define EVENT_COLUMN_LIST(X) \
    X(EVENT_SEQ, COLUMN(hf_event, seq, "seq", U64)) \
    X(EVENT_TYPE, NAMED_COLUMN_SINCE(4, hf_event, type, "type", hf__event_type_names)) \
    X(EVENT_SUBJECT_KIND, ENUM_COLUMN(hf_event, subject_kind, "subject_kind", hf__subject_names)) \
    X(EVENT_SUBJECT_ID, COLUMN(hf_event, subject, "subject_id", ID)) \
    X(EVENT_SUBJECT_VERSION, COLUMN(hf_event, subject_version, "subject_version", U64)) \
    X(EVENT_OP_ID, COLUMN(hf_event, op, "op_id", ID)) \
    X(EVENT_ACTOR, COLUMN(hf_event, actor, "actor", NAME)) \
    X(EVENT_AT, CLOCK_COLUMN(hf_event, at_ms, "at")) \
    X(EVENT_BODY, COLUMN(hf_event, body, "body", BYTES))

COLUMNS(event, EVENT_COLUMN_LIST);

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

HF__CODERS(events, EVENT_COLUMN_LIST)

#define CURSOR_COLUMN_LIST(X) \
    X(CURSOR_CONSUMER, COLUMN(hf_cursor, consumer, "consumer", NAME)) \
    X(CURSOR_SEQ, COLUMN(hf_cursor, seq, "seq", U64)) \
    X(CURSOR_UPDATED_AT, CLOCK_COLUMN(hf_cursor, updated_at_ms, "updated_at"))

COLUMNS(cursor, CURSOR_COLUMN_LIST);

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

HF__CODERS(cursors, CURSOR_COLUMN_LIST)

#define OP_KEY_COLUMN_LIST(X) \
    X(OP_KEY_ID, COLUMN(hf__op_key, id, "id", ID)) \
    X(OP_KEY_FINGERPRINT, COLUMN(hf__op_key, fingerprint, "fingerprint", HASH)) \
    X(OP_KEY_TYPE, COLUMN(hf__op_key, type, "type", U32)) \
    X(OP_KEY_EVENT_SEQ, COLUMN(hf__op_key, event_seq, "event_seq", U64))

COLUMNS(op_key, OP_KEY_COLUMN_LIST);

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

HF__CODERS(op_keys, OP_KEY_COLUMN_LIST)

#define PURGE_COLUMN_LIST(X) \
    X(PURGE_KIND, ENUM_COLUMN(hf__purge, kind, "kind", hf__purge_names)) \
    X(PURGE_NAME, COLUMN(hf__purge, name, "name", NAME)) \
    X(PURGE_FIRST, COLUMN(hf__purge, first, "first", U64)) \
    X(PURGE_LAST, COLUMN(hf__purge, last, "last", U64)) \
    X(PURGE_UNTIL, COLUMN(hf__purge, until_ms, "until", TIME))

COLUMNS(purge, PURGE_COLUMN_LIST);

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

HF__CODERS(purges, PURGE_COLUMN_LIST)

/*
 * When and by which library a record was set aside differs from one run to the next, so digests
 * leave that out.
 */
#define SET_ASIDE_COLUMN_LIST(X) \
    X(SET_ASIDE_KIND, ENUM_COLUMN(hf__set_aside, kind, "kind", hf__subject_names)) \
    X(SET_ASIDE_ID, COLUMN(hf__set_aside, id, "id", ID)) \
    X(SET_ASIDE_PLACE, OWN_COLUMN(hf__set_aside, place, "place", NAME)) \
    X(SET_ASIDE_LIBRARY, OWN_COLUMN(hf__set_aside, library, "library", U32)) \
    X(SET_ASIDE_AT, CLOCK_COLUMN(hf__set_aside, at_ms, "at"))

COLUMNS(set_aside, SET_ASIDE_COLUMN_LIST);

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

HF__CODERS(set_asides, SET_ASIDE_COLUMN_LIST)
/* clang-format on */
