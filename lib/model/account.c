/*
 * account.c - const tables of accounts, what retention removed of them, and units.
 */
#include "model/column.h"

/* clang-format off */
static const hf_column unit_columns[] = {
    COLUMN(hf_unit, code, "code", NAME),
    COLUMN(hf_unit, scale, "scale", U32),
};

/* Ordinals of the columns above. */
enum {
    UNIT_CODE, UNIT_SCALE,
};

static const uint8_t unit_key[] = { UNIT_CODE };

const hf_table hf__units_table = {
    .name = "units",
    .id = HF__UNITS + 1,
    .row_bytes = sizeof(hf_unit),
    .columns = unit_columns,
    .key = unit_key,
    .indexes = NULL,
    .column_count = HF__COUNT(unit_columns),
    .key_count = HF__COUNT(unit_key),
    .index_count = 0,
};

static const hf_column account_columns[] = {
    ACCOUNT_COLUMNS(hf_account, key, ""),
    COLUMN(hf_account, balance, "balance", I64),
    COLUMN(hf_account, held_out, "held_out", I64),
    COLUMN(hf_account, held_in, "held_in", I64),
    COLUMN(hf_account, min_balance, "min_balance", I64),
    COLUMN(hf_account, min_available, "min_available", I64),
    COLUMN(hf_account, max_balance, "max_balance", I64),
    COLUMN(hf_account, frozen, "frozen", BOOL),
    COLUMN(hf_account, overtake, "overtake", BOOL),
    COLUMN(hf_account, attention, "attention", U32),
    COLUMN(hf_account, waiting, "waiting", U64),
    COLUMN(hf_account, version, "version", U64),
    CLOCK_COLUMN(hf_account, created_at_ms, "created_at"),
    CLOCK_COLUMN(hf_account, updated_at_ms, "updated_at"),
    COLUMN(hf_account, meta, "meta", BYTES),
};

/* Ordinals of the columns above. */
enum {
    ACCOUNT_KIND, ACCOUNT_NAME, ACCOUNT_PLACE, ACCOUNT_UNIT, ACCOUNT_BALANCE, ACCOUNT_HELD_OUT,
    ACCOUNT_HELD_IN, ACCOUNT_MIN_BALANCE, ACCOUNT_MIN_AVAILABLE, ACCOUNT_MAX_BALANCE,
    ACCOUNT_FROZEN, ACCOUNT_OVERTAKE, ACCOUNT_ATTENTION, ACCOUNT_WAITING, ACCOUNT_VERSION,
    ACCOUNT_CREATED_AT, ACCOUNT_UPDATED_AT, ACCOUNT_META,
};

static const uint8_t account_key[] = { ACCOUNT_KIND, ACCOUNT_NAME, ACCOUNT_PLACE, ACCOUNT_UNIT };
static const uint8_t account_attention[] = {
    ACCOUNT_KIND,
    ACCOUNT_NAME,
    ACCOUNT_PLACE,
    ACCOUNT_UNIT,
};

static const hf_index account_indexes[] = {
    INDEX_WHERE("accounts_attention", account_attention, ACCOUNT_ATTENTION, 0),
};

const hf_table hf__accounts_table = {
    .name = "accounts",
    .id = HF__ACCOUNTS + 1,
    .row_bytes = sizeof(hf_account),
    .columns = account_columns,
    .key = account_key,
    .indexes = account_indexes,
    .column_count = HF__COUNT(account_columns),
    .key_count = HF__COUNT(account_key),
    .index_count = HF__COUNT(account_indexes),
};

static const hf_column base_columns[] = {
    ACCOUNT_COLUMNS(hf__account_base, account, ""),
    COLUMN(hf__account_base, balance, "balance", I64),
    COLUMN(hf__account_base, held_out, "held_out", I64),
    COLUMN(hf__account_base, held_in, "held_in", I64),
};

/* Ordinals of the columns above. */
enum {
    BASE_KIND, BASE_NAME, BASE_PLACE, BASE_UNIT, BASE_BALANCE, BASE_HELD_OUT, BASE_HELD_IN,
};

static const uint8_t base_key[] = { BASE_KIND, BASE_NAME, BASE_PLACE, BASE_UNIT };

const hf_table hf__account_bases_table = {
    .name = "account_bases",
    .id = HF__ACCOUNT_BASES + 1,
    .row_bytes = sizeof(hf__account_base),
    .columns = base_columns,
    .key = base_key,
    .indexes = NULL,
    .column_count = HF__COUNT(base_columns),
    .key_count = HF__COUNT(base_key),
    .index_count = 0,
};
/* clang-format on */
