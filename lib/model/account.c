/*
 * account.c - const tables of accounts, what retention removed of them, and units.
 */
#include "model/column.h"
#include "model/limits.h"
#include "model/row_read.h"

/* clang-format off */
#define UNIT_COLUMN_LIST(X) \
    X(UNIT_CODE, COLUMN(hf_unit, code, "code", NAME)) \
    X(UNIT_SCALE, COLUMN(hf_unit, scale, "scale", U32))

COLUMNS(unit, UNIT_COLUMN_LIST);

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

HF__CODERS(units, UNIT_COLUMN_LIST)

#define LIMIT_COLUMN(X, field, ordinal, kind, number, version) \
    X(ACCOUNT_##ordinal, COLUMN_SINCE(version, hf_account, field, #field, kind))

#define ACCOUNT_COLUMN_LIST(X) \
    ACCOUNT_COLUMNS(X, ACCOUNT, hf_account, key, "") \
    X(ACCOUNT_BALANCE, COLUMN(hf_account, balance, "balance", I64)) \
    X(ACCOUNT_HELD_OUT, COLUMN(hf_account, held_out, "held_out", I64)) \
    X(ACCOUNT_HELD_IN, COLUMN(hf_account, held_in, "held_in", I64)) \
    HF__LIMIT_AMOUNTS(LIMIT_COLUMN, X) \
    HF__LIMIT_SWITCHES(LIMIT_COLUMN, X) \
    X(ACCOUNT_ATTENTION, COLUMN(hf_account, attention, "attention", U32)) \
    X(ACCOUNT_WAITING, COLUMN(hf_account, waiting, "waiting", U64)) \
    X(ACCOUNT_VERSION, COLUMN(hf_account, version, "version", U64)) \
    X(ACCOUNT_CREATED_AT, CLOCK_COLUMN(hf_account, created_at_ms, "created_at")) \
    X(ACCOUNT_UPDATED_AT, CLOCK_COLUMN(hf_account, updated_at_ms, "updated_at")) \
    X(ACCOUNT_META, COLUMN(hf_account, meta, "meta", BYTES)) \
    HF__LIMITS_LATER(LIMIT_COLUMN, X)

COLUMNS(account, ACCOUNT_COLUMN_LIST);

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

HF__CODERS(accounts, ACCOUNT_COLUMN_LIST)

#define BASE_COLUMN_LIST(X) \
    ACCOUNT_COLUMNS(X, BASE, hf__account_base, account, "") \
    X(BASE_BALANCE, COLUMN(hf__account_base, balance, "balance", I64)) \
    X(BASE_HELD_OUT, COLUMN(hf__account_base, held_out, "held_out", I64)) \
    X(BASE_HELD_IN, COLUMN(hf__account_base, held_in, "held_in", I64))

COLUMNS(base, BASE_COLUMN_LIST);

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

HF__CODERS(account_bases, BASE_COLUMN_LIST)
/* clang-format on */
