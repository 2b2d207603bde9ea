/*
 * txn.c - const tables of transactions, their branches and history, and the leases of shards.
 *
 * What an engine makes while it drives them (when something is due, in which epoch) differs from
 * one run to the next, so digests leave it out.
 */
#include "model/column.h"
#include "model/row_read.h"

#define TXN_OPEN_STATES BIT(HF_TXN_TRYING) | BIT(HF_TXN_CONFIRMING) | BIT(HF_TXN_CANCELLING)
#define BRANCH_OPEN_STATES                                                                         \
    BIT(HF_BRANCH_WAITING) | BIT(HF_BRANCH_TRYING) | BIT(HF_BRANCH_TRIED) |                        \
        BIT(HF_BRANCH_CONFIRMING) | BIT(HF_BRANCH_CANCELLING)

/* clang-format off */
#define TXN_COLUMN_LIST(X) \
    X(TXN_ID, COLUMN(hf_txn, id, "id", ID)) \
    X(TXN_FINGERPRINT, COLUMN(hf_txn, fingerprint, "fingerprint", HASH)) \
    X(TXN_PAYMENT_ID, COLUMN(hf_txn, payment, "payment_id", ID)) \
    X(TXN_KIND, ENUM_COLUMN(hf_txn, kind, "kind", hf__txn_kind_names)) \
    X(TXN_STATE, ENUM_COLUMN(hf_txn, state, "state", hf__txn_state_names)) \
    X(TXN_PARKED, COLUMN(hf_txn, parked, "parked", BOOL)) \
    X(TXN_OPEN, COLUMN(hf_txn, open, "open", BOOL)) \
    X(TXN_SHARD, COLUMN(hf_txn, shard, "shard", U32)) \
    X(TXN_BRANCH_COUNT, COLUMN(hf_txn, branch_count, "branch_count", U32)) \
    X(TXN_MOVE_COUNT, COLUMN(hf_txn, move_count, "move_count", U32)) \
    X(TXN_ATTEMPTS, COLUMN(hf_txn, attempts, "attempts", U32)) \
    X(TXN_COMMAND, ENUM_COLUMN(hf_txn, command, "command", hf__command_names)) \
    X(TXN_AMOUNT, COLUMN(hf_txn, amount, "amount", I64)) \
    X(TXN_REASON, COLUMN(hf_txn, reason, "reason", NAME)) \
    X(TXN_EPOCH, EPOCH_COLUMN(hf_txn, epoch, "epoch")) \
    X(TXN_VERSION, COLUMN(hf_txn, version, "version", U64)) \
    X(TXN_DEADLINE, CLOCK_COLUMN(hf_txn, deadline_ms, "deadline")) \
    X(TXN_DUE, CLOCK_COLUMN(hf_txn, due_ms, "due")) \
    X(TXN_CREATED_AT, CLOCK_COLUMN(hf_txn, created_at_ms, "created_at")) \
    X(TXN_DECIDED_AT, CLOCK_COLUMN(hf_txn, decided_at_ms, "decided_at")) \
    X(TXN_ENDED_AT, CLOCK_COLUMN(hf_txn, ended_at_ms, "ended_at")) \
    X(TXN_UPDATED_AT, CLOCK_COLUMN(hf_txn, updated_at_ms, "updated_at")) \
    X(TXN_META, COLUMN(hf_txn, meta, "meta", BYTES)) \
    X(TXN_FLAGS, COLUMN_SINCE(4, hf_txn, flags, "flags", U32))

COLUMNS(txn, TXN_COLUMN_LIST);

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

HF__CODERS(txns, TXN_COLUMN_LIST)

#define BRANCH_COLUMN_LIST(X) \
    X(BRANCH_TXN_ID, COLUMN(hf_branch, txn, "txn_id", ID)) \
    X(BRANCH_NO, COLUMN(hf_branch, no, "no", U32)) \
    X(BRANCH_PARTICIPANT, COLUMN(hf_branch, participant, "participant", NAME)) \
    X(BRANCH_PARTICIPANT_VERSION, COLUMN(hf_branch, participant_version, "participant_version", U32)) \
    X(BRANCH_PARTICIPANT_FLAGS, COLUMN(hf_branch, participant_flags, "participant_flags", U32)) \
    X(BRANCH_FLAGS, COLUMN(hf_branch, flags, "flags", U32)) \
    X(BRANCH_GROUP_NO, COLUMN(hf_branch, group, "group_no", U32)) \
    X(BRANCH_STATE, ENUM_COLUMN(hf_branch, state, "state", hf__branch_state_names)) \
    X(BRANCH_ATTEMPTS, COLUMN(hf_branch, attempts, "attempts", U32)) \
    X(BRANCH_ANSWER, ENUM_COLUMN(hf_branch, answer, "answer", hf__answer_names)) \
    X(BRANCH_DETAIL, COLUMN(hf_branch, detail, "detail", NAME)) \
    X(BRANCH_AMOUNT, COLUMN(hf_branch, amount, "amount", I64)) \
    X(BRANCH_EPOCH, EPOCH_COLUMN(hf_branch, epoch, "epoch")) \
    X(BRANCH_DUE, CLOCK_COLUMN(hf_branch, due_ms, "due")) \
    X(BRANCH_FIRST_AT, CLOCK_COLUMN(hf_branch, first_ms, "first_at")) \
    X(BRANCH_UPDATED_AT, CLOCK_COLUMN(hf_branch, updated_at_ms, "updated_at")) \
    X(BRANCH_PAYLOAD, COLUMN(hf_branch, payload, "payload", BYTES))

COLUMNS(branch, BRANCH_COLUMN_LIST);

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

HF__CODERS(branches, BRANCH_COLUMN_LIST)

#define ATTEMPT_COLUMN_LIST(X) \
    X(ATTEMPT_TXN_ID, COLUMN(hf_attempt, txn, "txn_id", ID)) \
    X(ATTEMPT_NO, COLUMN(hf_attempt, no, "no", U32)) \
    X(ATTEMPT_BRANCH, COLUMN(hf_attempt, branch, "branch", U32)) \
    X(ATTEMPT_PHASE, ENUM_COLUMN(hf_attempt, phase, "phase", hf__phase_names)) \
    X(ATTEMPT_ANSWER, ENUM_COLUMN(hf_attempt, answer, "answer", hf__answer_names)) \
    X(ATTEMPT_ACTOR, COLUMN(hf_attempt, actor, "actor", NAME)) \
    X(ATTEMPT_DETAIL, COLUMN(hf_attempt, detail, "detail", NAME)) \
    X(ATTEMPT_EPOCH, EPOCH_COLUMN(hf_attempt, epoch, "epoch")) \
    X(ATTEMPT_AT, CLOCK_COLUMN(hf_attempt, at_ms, "at"))

COLUMNS(attempt, ATTEMPT_COLUMN_LIST);

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

HF__CODERS(attempts, ATTEMPT_COLUMN_LIST)

#define LEASE_COLUMN_LIST(X) \
    X(LEASE_SHARD, COLUMN(hf__lease, shard, "shard", U32)) \
    X(LEASE_OWNER, OWN_COLUMN(hf__lease, owner, "owner", NAME)) \
    X(LEASE_EPOCH, EPOCH_COLUMN(hf__lease, epoch, "epoch")) \
    X(LEASE_EXPIRES, CLOCK_COLUMN(hf__lease, expires_ms, "expires"))

COLUMNS(lease, LEASE_COLUMN_LIST);

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

HF__CODERS(leases, LEASE_COLUMN_LIST)
/* clang-format on */
