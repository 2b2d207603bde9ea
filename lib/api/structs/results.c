/*
 * results.c - shapes of results that are no single record.
 */
#include "api/structs/structs.h"

/* clang-format off */
static const char *const progress_names[] = {
    [HF_PROGRESS_NONE] = "NONE", [HF_PROGRESS_PARTIAL] = "PARTIAL", [HF_PROGRESS_FULL] = "FULL",
    [HF_PROGRESS_OVER] = "OVER", NULL,
};

static const hf_field account_page_fields[] = {
    HAS_ROWS(hf_account_page, rows, count, &hf__struct_account),
    HAS(hf_account_page, count, U32),
};

static const hf_field unit_page_fields[] = {
    HAS_ROWS(hf_unit_page, rows, count, &hf__struct_unit),
    HAS(hf_unit_page, count, U32),
};

static const hf_field order_view_fields[] = {
    HAS(hf_order_view, size, U32),
    HAS(hf_order_view, line_count, U32),
    HAS_POINTER(hf_order_view, order, &hf__struct_order),
    HAS_ROWS(hf_order_view, lines, line_count, &hf__struct_order_line),
    HAS_ROWS(hf_order_view, legs, leg_count, &hf__struct_order_leg),
    HAS_ROWS(hf_order_view, adjustments, adjustment_count, &hf__struct_adjustment),
    HAS_ROWS(hf_order_view, payments, payment_count, &hf__struct_payment),
    HAS(hf_order_view, leg_count, U32),
    HAS(hf_order_view, adjustment_count, U32),
    HAS(hf_order_view, payment_count, U32),
    HAS_ONE_OF(hf_order_view, authorized_state, progress_names),
    HAS_ONE_OF(hf_order_view, paid_state, progress_names),
    HAS_ONE_OF(hf_order_view, refund_state, progress_names),
    HAS_ONE_OF(hf_order_view, shipping_state, progress_names),
    HAS_ONE_OF(hf_order_view, return_state, progress_names),
    HAS(hf_order_view, authorized, I64),
    HAS(hf_order_view, captured, I64),
    HAS(hf_order_view, refunded, I64),
    HAS(hf_order_view, owed, I64),
    HAS(hf_order_view, covered, I64),
};

static const hf_field order_page_fields[] = {
    HAS_ROWS(hf_order_page, rows, count, &hf__struct_order),
    HAS(hf_order_page, count, U32),
};

static const hf_field payment_page_fields[] = {
    HAS_ROWS(hf_payment_page, rows, count, &hf__struct_payment),
    HAS(hf_payment_page, count, U32),
};

static const hf_field attention_page_fields[] = {
    HAS_ONE_OF(hf_attention_page, subject, hf__arg_attention_subjects),
    HAS(hf_attention_page, count, U32),
    HAS_ROWS(hf_attention_page, accounts, count, &hf__struct_account),
    HAS_ROWS(hf_attention_page, orders, count, &hf__struct_order),
    HAS_ROWS(hf_attention_page, payments, count, &hf__struct_payment),
    HAS_ROWS(hf_attention_page, facts, count, &hf__struct_fact),
    HAS_ROWS(hf_attention_page, holds, count, &hf__struct_hold),
};

static const hf_field event_page_fields[] = {
    HAS_ROWS(hf_event_page, rows, count, &hf__struct_event),
    HAS(hf_event_page, count, U32),
    HAS(hf_event_page, at_end, U32),
    HAS(hf_event_page, next_seq, U64),
    HAS(hf_event_page, first_seq, U64),
    HAS(hf_event_page, removed, U64),
    HAS(hf_event_page, store, ID_OPT),
    HAS(hf_event_page, incarnation, U64),
};

static const hf_field cursor_page_fields[] = {
    HAS_ROWS(hf_cursor_page, rows, count, &hf__struct_cursor),
    HAS(hf_cursor_page, count, U32),
    HAS(hf_cursor_page, first_seq, U64),
    HAS(hf_cursor_page, last_seq, U64),
};

static const hf_field statement_page_fields[] = {
    HAS_ROWS(hf_statement_page, rows, count, &hf__struct_movement),
    HAS(hf_statement_page, count, U32),
    HAS(hf_statement_page, at_end, U32),
    HAS(hf_statement_page, next_seq, U64),
    HAS(hf_statement_page, next_no, U32),
    HAS(hf_statement_page, first_seq, U64),
    HAS(hf_statement_page, removed, U64),
};

static const hf_field txn_view_fields[] = {
    HAS_POINTER(hf_txn_view, txn, &hf__struct_txn),
    HAS_ROWS(hf_txn_view, branches, branch_count, &hf__struct_branch),
    HAS(hf_txn_view, branch_count, U32),
};

static const hf_field txn_page_fields[] = {
    HAS_ROWS(hf_txn_page, rows, count, &hf__struct_txn),
    HAS(hf_txn_page, count, U32),
    HAS(hf_txn_page, at_end, U32),
    HAS(hf_txn_page, next, ID_OPT),
    HAS(hf_txn_page, next_ms, TIME),
};

static const hf_field attempt_page_fields[] = {
    HAS_ROWS(hf_attempt_page, rows, count, &hf__struct_attempt),
    HAS(hf_attempt_page, count, U32),
};

static const hf_field node_page_fields[] = {
    HAS_STRUCTS(hf_node_page, rows, count, &hf__struct_node_view),
    HAS(hf_node_page, count, U32),
    HAS(hf_node_page, at_end, U32),
    HAS(hf_node_page, next, LABEL),
};

static const hf_field retention_result_fields[] = {
    HAS(hf_retention_result, orders, U64),
    HAS(hf_retention_result, holds, U64),
    HAS(hf_retention_result, events, U64),
    HAS(hf_retention_result, op_keys, U64),
    HAS(hf_retention_result, more, U32),
    HAS(hf_retention_result, txns, U64),
};

static const hf_field erase_result_fields[] = {
    HAS(hf_erase_result, records, U64),
    HAS(hf_erase_result, orders, U64),
    HAS(hf_erase_result, open, U32),
    HAS(hf_erase_result, more, U32),
};

const hf_shape hf__struct_account_page = STRUCT(hf_account_page, account_page_fields);
const hf_shape hf__struct_unit_page = STRUCT(hf_unit_page, unit_page_fields);
const hf_shape hf__struct_order_view = STRUCT(hf_order_view, order_view_fields);
const hf_shape hf__struct_order_page = STRUCT(hf_order_page, order_page_fields);
const hf_shape hf__struct_payment_page = STRUCT(hf_payment_page, payment_page_fields);
const hf_shape hf__struct_attention_page = STRUCT(hf_attention_page, attention_page_fields);
const hf_shape hf__struct_event_page = STRUCT(hf_event_page, event_page_fields);
const hf_shape hf__struct_cursor_page = STRUCT(hf_cursor_page, cursor_page_fields);
const hf_shape hf__struct_statement_page = STRUCT(hf_statement_page, statement_page_fields);
const hf_shape hf__struct_txn_view = STRUCT(hf_txn_view, txn_view_fields);
const hf_shape hf__struct_txn_page = STRUCT(hf_txn_page, txn_page_fields);
const hf_shape hf__struct_attempt_page = STRUCT(hf_attempt_page, attempt_page_fields);
const hf_shape hf__struct_node_page = STRUCT(hf_node_page, node_page_fields);
const hf_shape hf__struct_retention_result = STRUCT(hf_retention_result, retention_result_fields);
const hf_shape hf__struct_erase_result = STRUCT(hf_erase_result, erase_result_fields);
/* clang-format on */
