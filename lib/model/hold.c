/*
 * hold.c - const tables of holds without an order.
 */
#include "model/column.h"

/* clang-format off */
static const hf_column hold_columns[] = {
    COLUMN(hf_hold, id, "id", ID),
    COLUMN(hf_hold, fingerprint, "fingerprint", HASH),
    ACCOUNT_COLUMNS(hf_hold, from, "from_"),
    ACCOUNT_COLUMNS(hf_hold, to, "to_"),
    COLUMN(hf_hold, amount, "amount", I64),
    COLUMN_RENAMED(4, hf_hold, posted, "posted", I64, "taken"),
    COLUMN_RENAMED(4, hf_hold, released, "released", I64, "freed"),
    COLUMN(hf_hold, reversed, "reversed", I64),
    ENUM_COLUMN_RENAMED(4, hf_hold, state, "state", hf__hold_state_names, hf__hold_state_names_3),
    COLUMN(hf_hold, version, "version", U64),
    COLUMN(hf_hold, deadline_ms, "deadline", TIME),
    CLOCK_COLUMN(hf_hold, created_at_ms, "created_at"),
    CLOCK_COLUMN(hf_hold, updated_at_ms, "updated_at"),
    COLUMN(hf_hold, meta, "meta", BYTES),
    COLUMN_SINCE(2, hf_hold, txn, "txn_id", ID),
    COLUMN_SINCE(4, hf_hold, attention, "attention", U32),
};

/* Ordinals of the columns above. */
enum {
    HOLD_ID, HOLD_FINGERPRINT, HOLD_FROM_KIND, HOLD_FROM_NAME, HOLD_FROM_PLACE, HOLD_FROM_UNIT,
    HOLD_TO_KIND, HOLD_TO_NAME, HOLD_TO_PLACE, HOLD_TO_UNIT, HOLD_AMOUNT, HOLD_POSTED,
    HOLD_RELEASED, HOLD_REVERSED, HOLD_STATE, HOLD_VERSION, HOLD_DEADLINE, HOLD_CREATED_AT,
    HOLD_UPDATED_AT, HOLD_META, HOLD_TXN_ID, HOLD_ATTENTION,
};

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
/* clang-format on */
