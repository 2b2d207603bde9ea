/*
 * history.c - shapes of events, cursors, movements, transactions and nodes.
 */
#include "api/structs/structs.h"

/* clang-format off */
static const char *const change_names[] = {
    [HF_CHANGE_END] = "END", [HF_CHANGE_MOVE] = "MOVE", [HF_CHANGE_HOLD] = "HOLD",
    [HF_CHANGE_STATE] = "STATE", [HF_CHANGE_LINE] = "LINE", [HF_CHANGE_PAYMENT] = "PAYMENT",
    [HF_CHANGE_POSTED] = "POSTED", [HF_CHANGE_LIMITS] = "LIMITS", [HF_CHANGE_NOTE] = "NOTE",
    [HF_CHANGE_QUANTITY] = "QUANTITY", [HF_CHANGE_UNIT] = "UNIT", [HF_CHANGE_ERASED] = "ERASED",
    [HF_CHANGE_ORDER] = "ORDER", [HF_CHANGE_CLOCK] = "CLOCK", NULL,
};
static const char *const txn_flag_names[] = {"FINAL", "REPORTED", "NAMED", NULL};

static const hf_field event_fields[] = {
    HAS(hf_event, seq, U64),
    HAS(hf_event, at_ms, TIME),
    HAS(hf_event, subject, ID_OPT),
    HAS(hf_event, subject_version, U64),
    HAS(hf_event, op, ID_OPT),
    HAS(hf_event, actor, LABEL),
    HAS(hf_event, type, U32),
    HAS_ONE_OF(hf_event, subject_kind, hf__subject_names),
    HAS(hf_event, body, BYTES),
};

static const hf_field change_fields[] = {
    HAS_ONE_OF(hf_change, type, change_names),
    HAS_ONE_OF(hf_change, subject_kind, hf__subject_names),
    HAS(hf_change, id, ID_OPT),
    HAS(hf_change, from, REF),
    HAS(hf_change, to, REF),
    HAS(hf_change, amount, I64),
    HAS(hf_change, a, I64),
    HAS(hf_change, b, I64),
    HAS(hf_change, c, I64),
    HAS(hf_change, d, I64),
    HAS(hf_change, no, U32),
    HAS(hf_change, state, U32),
    HAS(hf_change, text, LABEL),
};

static const hf_field cursor_fields[] = {
    HAS(hf_cursor, consumer, LABEL),
    HAS(hf_cursor, seq, U64),
    HAS(hf_cursor, updated_at_ms, TIME),
};

static const hf_field movement_fields[] = {
    HAS(hf_movement, seq, U64),
    HAS(hf_movement, at_ms, TIME),
    HAS(hf_movement, subject, ID_OPT),
    HAS(hf_movement, amount, I64),
    HAS(hf_movement, other, REF),
    HAS(hf_movement, type, U32),
    HAS_ONE_OF(hf_movement, subject_kind, hf__subject_names),
};

static const hf_field txn_fields[] = {
    HAS(hf_txn, id, ID),
    HAS(hf_txn, fingerprint, HASH),
    HAS(hf_txn, payment, ID_OPT),
    HAS(hf_txn, deadline_ms, TIME),
    HAS(hf_txn, due_ms, TIME),
    HAS(hf_txn, created_at_ms, TIME),
    HAS(hf_txn, decided_at_ms, TIME),
    HAS(hf_txn, ended_at_ms, TIME),
    HAS(hf_txn, updated_at_ms, TIME),
    HAS(hf_txn, amount, I64),
    HAS(hf_txn, epoch, U64),
    HAS(hf_txn, version, U64),
    HAS(hf_txn, reason, LABEL),
    HAS_ONE_OF(hf_txn, kind, hf__txn_kind_names),
    HAS_ONE_OF(hf_txn, state, hf__txn_state_names),
    HAS(hf_txn, parked, U32),
    HAS(hf_txn, open, U32),
    HAS(hf_txn, shard, U32),
    HAS(hf_txn, branch_count, U32),
    HAS(hf_txn, move_count, U32),
    HAS(hf_txn, attempts, U32),
    HAS_ONE_OF(hf_txn, command, hf__command_names),
    HAS_BITS(hf_txn, flags, txn_flag_names),
    HAS(hf_txn, meta, BYTES),
};

static const hf_field branch_fields[] = {
    HAS(hf_branch, txn, ID),
    HAS(hf_branch, participant, LABEL),
    HAS(hf_branch, detail, LABEL),
    HAS(hf_branch, due_ms, TIME),
    HAS(hf_branch, first_ms, TIME),
    HAS(hf_branch, amount, I64),
    HAS(hf_branch, updated_at_ms, TIME),
    HAS(hf_branch, epoch, U64),
    HAS(hf_branch, no, U32),
    HAS(hf_branch, participant_version, U32),
    HAS_BITS(hf_branch, participant_flags, hf__participant_flag_names),
    HAS_BITS(hf_branch, flags, hf__arg_branch_flags),
    HAS(hf_branch, group, U32),
    HAS_ONE_OF(hf_branch, state, hf__branch_state_names),
    HAS(hf_branch, attempts, U32),
    HAS_ONE_OF(hf_branch, answer, hf__answer_names),
    HAS(hf_branch, payload, BYTES),
};

static const hf_field attempt_fields[] = {
    HAS(hf_attempt, txn, ID),
    HAS(hf_attempt, actor, LABEL),
    HAS(hf_attempt, detail, LABEL),
    HAS(hf_attempt, at_ms, TIME),
    HAS(hf_attempt, epoch, U64),
    HAS(hf_attempt, no, U32),
    HAS(hf_attempt, branch, U32),
    HAS_ONE_OF(hf_attempt, phase, hf__phase_names),
    HAS_ONE_OF(hf_attempt, answer, hf__answer_names),
};

static const hf_field node_fields[] = {
    HAS(hf_node, name, LABEL),
    HAS(hf_node, address, LABEL),
    HAS(hf_node, role, LABEL),
    HAS(hf_node, started_ms, TIME),
    HAS(hf_node, expires_ms, TIME),
    HAS(hf_node, incarnation, U64),
    HAS(hf_node, drives, U32),
    HAS(hf_node, draining, U32),
};

static const hf_field node_view_fields[] = {
    HAS_POINTER(hf_node_view, node, &hf__struct_node),
    HAS(hf_node_view, shards, U64),
    HAS(hf_node_view, alive, U32),
};

const hf_shape hf__struct_event = STRUCT(hf_event, event_fields);
const hf_shape hf__struct_change = STRUCT(hf_change, change_fields);
const hf_shape hf__struct_cursor = STRUCT(hf_cursor, cursor_fields);
const hf_shape hf__struct_movement = STRUCT(hf_movement, movement_fields);
const hf_shape hf__struct_txn = STRUCT(hf_txn, txn_fields);
const hf_shape hf__struct_branch = STRUCT(hf_branch, branch_fields);
const hf_shape hf__struct_attempt = STRUCT(hf_attempt, attempt_fields);
const hf_shape hf__struct_node = STRUCT(hf_node, node_fields);
const hf_shape hf__struct_node_view = STRUCT(hf_node_view, node_view_fields);
/* clang-format on */
