/*
 * txn.c - const tables of transactions, their branches and history, and the leases of shards.
 *
 * What an engine makes while it drives them (when something is due, in which epoch) differs from
 * one run to the next, so digests leave it out.
 */
#include "model/column.h"

#define TXN_OPEN_STATES BIT(HF_TXN_TRYING) | BIT(HF_TXN_CONFIRMING) | BIT(HF_TXN_CANCELLING)
#define BRANCH_OPEN_STATES                                                                         \
    BIT(HF_BRANCH_WAITING) | BIT(HF_BRANCH_TRYING) | BIT(HF_BRANCH_TRIED) |                        \
        BIT(HF_BRANCH_CONFIRMING) | BIT(HF_BRANCH_CANCELLING)

/* clang-format off */
static const hf_column txn_columns[] = {
    COLUMN(hf_txn, id, "id", ID),
    COLUMN(hf_txn, fingerprint, "fingerprint", HASH),
    COLUMN(hf_txn, payment, "payment_id", ID),
    ENUM_COLUMN(hf_txn, kind, "kind", hf__txn_kind_names),
    ENUM_COLUMN(hf_txn, state, "state", hf__txn_state_names),
    COLUMN(hf_txn, parked, "parked", BOOL),
    COLUMN(hf_txn, open, "open", BOOL),
    COLUMN(hf_txn, shard, "shard", U32),
    COLUMN(hf_txn, branch_count, "branch_count", U32),
    COLUMN(hf_txn, move_count, "move_count", U32),
    COLUMN(hf_txn, attempts, "attempts", U32),
    ENUM_COLUMN(hf_txn, command, "command", hf__command_names),
    COLUMN(hf_txn, amount, "amount", I64),
    COLUMN(hf_txn, reason, "reason", NAME),
    EPOCH_COLUMN(hf_txn, epoch, "epoch"),
    COLUMN(hf_txn, version, "version", U64),
    CLOCK_COLUMN(hf_txn, deadline_ms, "deadline"),
    CLOCK_COLUMN(hf_txn, due_ms, "due"),
    CLOCK_COLUMN(hf_txn, created_at_ms, "created_at"),
    CLOCK_COLUMN(hf_txn, decided_at_ms, "decided_at"),
    CLOCK_COLUMN(hf_txn, ended_at_ms, "ended_at"),
    CLOCK_COLUMN(hf_txn, updated_at_ms, "updated_at"),
    COLUMN(hf_txn, meta, "meta", BYTES),
    COLUMN_SINCE(4, hf_txn, flags, "flags", U32),
};

/* Ordinals of the columns above. */
enum {
    TXN_ID, TXN_FINGERPRINT, TXN_PAYMENT_ID, TXN_KIND, TXN_STATE, TXN_PARKED, TXN_OPEN,
    TXN_SHARD, TXN_BRANCH_COUNT, TXN_MOVE_COUNT, TXN_ATTEMPTS, TXN_COMMAND, TXN_AMOUNT,
    TXN_REASON, TXN_EPOCH, TXN_VERSION, TXN_DEADLINE, TXN_DUE, TXN_CREATED_AT, TXN_DECIDED_AT,
    TXN_ENDED_AT, TXN_UPDATED_AT, TXN_META, TXN_FLAGS,
};

static const uint8_t txn_key[] = { TXN_ID };
static const uint8_t txn_open[] = { TXN_STATE };
static const uint8_t txn_due[] = { TXN_DUE };
static const uint8_t txn_parked[] = { TXN_ID };

static const hf_index txn_indexes[] = {
    INDEX_WHERE("txns_open", txn_open, TXN_STATE, TXN_OPEN_STATES),
    INDEX_WHERE("txns_due", txn_due, TXN_DUE, 0),
    INDEX_WHERE("txns_parked", txn_parked, TXN_PARKED, 0),
};

const hf_table hf__txns_table = {
    .name = "txns",
    .id = HF__TXNS + 1,
    .row_bytes = sizeof(hf_txn),
    .columns = txn_columns,
    .key = txn_key,
    .indexes = txn_indexes,
    .column_count = HF__COUNT(txn_columns),
    .key_count = HF__COUNT(txn_key),
    .index_count = HF__COUNT(txn_indexes),
};

static const hf_column branch_columns[] = {
    COLUMN(hf_branch, txn, "txn_id", ID),
    COLUMN(hf_branch, no, "no", U32),
    COLUMN(hf_branch, participant, "participant", NAME),
    COLUMN(hf_branch, participant_version, "participant_version", U32),
    COLUMN(hf_branch, participant_flags, "participant_flags", U32),
    COLUMN(hf_branch, flags, "flags", U32),
    COLUMN(hf_branch, group, "group_no", U32),
    ENUM_COLUMN(hf_branch, state, "state", hf__branch_state_names),
    COLUMN(hf_branch, attempts, "attempts", U32),
    ENUM_COLUMN(hf_branch, answer, "answer", hf__answer_names),
    COLUMN(hf_branch, detail, "detail", NAME),
    COLUMN(hf_branch, amount, "amount", I64),
    EPOCH_COLUMN(hf_branch, epoch, "epoch"),
    CLOCK_COLUMN(hf_branch, due_ms, "due"),
    CLOCK_COLUMN(hf_branch, first_ms, "first_at"),
    CLOCK_COLUMN(hf_branch, updated_at_ms, "updated_at"),
    COLUMN(hf_branch, payload, "payload", BYTES),
};

/* Ordinals of the columns above. */
enum {
    BRANCH_TXN_ID, BRANCH_NO, BRANCH_PARTICIPANT, BRANCH_PARTICIPANT_VERSION,
    BRANCH_PARTICIPANT_FLAGS, BRANCH_FLAGS, BRANCH_GROUP_NO, BRANCH_STATE, BRANCH_ATTEMPTS,
    BRANCH_ANSWER, BRANCH_DETAIL, BRANCH_AMOUNT, BRANCH_EPOCH, BRANCH_DUE, BRANCH_FIRST_AT,
    BRANCH_UPDATED_AT, BRANCH_PAYLOAD,
};

static const uint8_t branch_key[] = { BRANCH_TXN_ID, BRANCH_NO };
static const uint8_t branch_participant[] = { BRANCH_PARTICIPANT };

static const hf_index branch_indexes[] = {
    INDEX_WHERE("branches_participant", branch_participant, BRANCH_STATE, BRANCH_OPEN_STATES),
};

const hf_table hf__branches_table = {
    .name = "branches",
    .id = HF__BRANCHES + 1,
    .row_bytes = sizeof(hf_branch),
    .columns = branch_columns,
    .key = branch_key,
    .indexes = branch_indexes,
    .column_count = HF__COUNT(branch_columns),
    .key_count = HF__COUNT(branch_key),
    .index_count = HF__COUNT(branch_indexes),
};

static const hf_column attempt_columns[] = {
    COLUMN(hf_attempt, txn, "txn_id", ID),
    COLUMN(hf_attempt, no, "no", U32),
    COLUMN(hf_attempt, branch, "branch", U32),
    ENUM_COLUMN(hf_attempt, phase, "phase", hf__phase_names),
    ENUM_COLUMN(hf_attempt, answer, "answer", hf__answer_names),
    COLUMN(hf_attempt, actor, "actor", NAME),
    COLUMN(hf_attempt, detail, "detail", NAME),
    EPOCH_COLUMN(hf_attempt, epoch, "epoch"),
    CLOCK_COLUMN(hf_attempt, at_ms, "at"),
};

/* Ordinals of the columns above. */
enum {
    ATTEMPT_TXN_ID, ATTEMPT_NO, ATTEMPT_BRANCH, ATTEMPT_PHASE, ATTEMPT_ANSWER, ATTEMPT_ACTOR,
    ATTEMPT_DETAIL, ATTEMPT_EPOCH, ATTEMPT_AT,
};

static const uint8_t attempt_key[] = { ATTEMPT_TXN_ID, ATTEMPT_NO };

const hf_table hf__attempts_table = {
    .name = "attempts",
    .id = HF__ATTEMPTS + 1,
    .row_bytes = sizeof(hf_attempt),
    .columns = attempt_columns,
    .key = attempt_key,
    .indexes = NULL,
    .column_count = HF__COUNT(attempt_columns),
    .key_count = HF__COUNT(attempt_key),
    .index_count = 0,
};

static const hf_column lease_columns[] = {
    COLUMN(hf__lease, shard, "shard", U32),
    OWN_COLUMN(hf__lease, owner, "owner", NAME),
    EPOCH_COLUMN(hf__lease, epoch, "epoch"),
    CLOCK_COLUMN(hf__lease, expires_ms, "expires"),
};

/* Ordinals of the columns above. */
enum {
    LEASE_SHARD, LEASE_OWNER, LEASE_EPOCH, LEASE_EXPIRES,
};

static const uint8_t lease_key[] = { LEASE_SHARD };

const hf_table hf__leases_table = {
    .name = "leases",
    .id = HF__LEASES + 1,
    .row_bytes = sizeof(hf__lease),
    .columns = lease_columns,
    .key = lease_key,
    .indexes = NULL,
    .column_count = HF__COUNT(lease_columns),
    .key_count = HF__COUNT(lease_key),
    .index_count = 0,
};
/* clang-format on */
