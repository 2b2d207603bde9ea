/*
 * hold.c - const tables of holds without an order.
 */
#include "model/column.h"
#include "model/row_read.h"

/* clang-format off */
#define HOLD_COLUMN_LIST(X) \
    X(HOLD_ID, COLUMN(hf_hold, id, "id", ID)) \
    X(HOLD_FINGERPRINT, COLUMN(hf_hold, fingerprint, "fingerprint", HASH)) \
    ACCOUNT_COLUMNS(X, HOLD_FROM, hf_hold, from, "from_") \
    ACCOUNT_COLUMNS(X, HOLD_TO, hf_hold, to, "to_") \
    X(HOLD_AMOUNT, COLUMN(hf_hold, amount, "amount", I64)) \
    X(HOLD_POSTED, COLUMN_RENAMED(4, hf_hold, posted, "posted", I64, "taken")) \
    X(HOLD_RELEASED, COLUMN_RENAMED(4, hf_hold, released, "released", I64, "freed")) \
    X(HOLD_REVERSED, COLUMN(hf_hold, reversed, "reversed", I64)) \
    X(HOLD_STATE, ENUM_COLUMN_RENAMED(4, hf_hold, state, "state", hf__hold_state_names, hf__hold_state_names_3)) \
    X(HOLD_VERSION, COLUMN(hf_hold, version, "version", U64)) \
    X(HOLD_DEADLINE, COLUMN(hf_hold, deadline_ms, "deadline", TIME)) \
    X(HOLD_CREATED_AT, CLOCK_COLUMN(hf_hold, created_at_ms, "created_at")) \
    X(HOLD_UPDATED_AT, CLOCK_COLUMN(hf_hold, updated_at_ms, "updated_at")) \
    X(HOLD_META, COLUMN(hf_hold, meta, "meta", BYTES)) \
    X(HOLD_TXN_ID, COLUMN_SINCE(2, hf_hold, txn, "txn_id", ID)) \
    X(HOLD_ATTENTION, COLUMN_SINCE(4, hf_hold, attention, "attention", U32))

COLUMNS(hold, HOLD_COLUMN_LIST);

static const uint8_t hold_key[] = { HOLD_ID };
static const uint8_t hold_due[] = {
    HOLD_FROM_KIND,
    HOLD_FROM_NAME,
    HOLD_FROM_PLACE,
    HOLD_FROM_UNIT,
    HOLD_DEADLINE,
};
static const uint8_t hold_deadline[] = { HOLD_DEADLINE };
static const uint8_t hold_attention[] = { HOLD_ID };

static const hf_index hold_indexes[] = {
    INDEX_WHERE("holds_due", hold_due, HOLD_STATE, BIT(HF_HOLD_HELD) | BIT(HF_HOLD_PARTIAL)),
    INDEX_WHERE("holds_deadline", hold_deadline, HOLD_STATE, BIT(HF_HOLD_HELD) | BIT(HF_HOLD_PARTIAL)),
    INDEX_WHERE("holds_attention", hold_attention, HOLD_ATTENTION, 0),
};

const hf_table hf__holds_table = {
    .name = "holds",
    .id = HF__HOLDS + 1,
    .row_bytes = sizeof(hf_hold),
    .columns = hold_columns,
    .key = hold_key,
    .indexes = hold_indexes,
    .column_count = HF__COUNT(hold_columns),
    .key_count = HF__COUNT(hold_key),
    .index_count = HF__COUNT(hold_indexes),
};

HF__CODERS(holds, HOLD_COLUMN_LIST)
/* clang-format on */
