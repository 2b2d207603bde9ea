/*
 * names.c - the names that shapes give to enum values and flag bits.
 *
 * Why not those of the records: an argument often allows only some of a record's values (a line
 * settles on CONFIRM or FULFIL, never MANUAL), and flags have no column of that form. Where both
 * name the same enum, tests/unit/test_shapes.c keeps them equal.
 */
#include "api/names.h"

#include <holdfast.h>
#include <stddef.h>

/* clang-format off */
const char *const hf__arg_kinds[] = {
    [HF_KIND_WORLD] = "WORLD", [HF_KIND_ITEM] = "ITEM", [HF_KIND_MONEY] = "MONEY",
    [HF_KIND_LIMIT] = "LIMIT", NULL,
};
const char *const hf__arg_settles[] = {
    [HF_SETTLE_CONFIRM] = "CONFIRM", [HF_SETTLE_FULFIL] = "FULFIL", [HF_SETTLE_MANUAL] = "MANUAL",
    NULL,
};
const char *const hf__arg_line_settles[] = {
    [HF_SETTLE_CONFIRM] = "CONFIRM", [HF_SETTLE_FULFIL] = "FULFIL", NULL,
};
const char *const hf__arg_put_modes[] = {
    [HF_PUT_ANY] = "ANY", [HF_PUT_NEW] = "NEW", [HF_PUT_OPEN_IF_ABSENT] = "OPEN_IF_ABSENT",
    [HF_PUT_CHANGE] = "CHANGE", NULL,
};
const char *const hf__arg_put_masks[] = {
    "MIN_BALANCE", "MIN_AVAILABLE", "MAX_BALANCE", "FROZEN", "OVERTAKE", NULL,
};
const char *const hf__arg_adjust_modes[] = {
    [HF_ADJUST_BY] = "BY", [HF_ADJUST_TO] = "TO", NULL,
};
const char *const hf__arg_order_states[] = {
    [HF_ORDER_NONE] = "NONE", [HF_ORDER_WAITING] = "WAITING", [HF_ORDER_PENDING] = "PENDING",
    [HF_ORDER_CONFIRMED] = "CONFIRMED", [HF_ORDER_CLOSED] = "CLOSED",
    [HF_ORDER_CANCELLED] = "CANCELLED", [HF_ORDER_EXPIRED] = "EXPIRED", NULL,
};
const char *const hf__arg_order_bys[] = {
    [HF_ORDERS_ALL] = "ALL", [HF_ORDERS_BY_CUSTOMER] = "CUSTOMER", [HF_ORDERS_BY_REF] = "REF",
    [HF_ORDERS_BY_STATE] = "STATE", NULL,
};
const char *const hf__arg_policies[] = {
    "QUEUE", "PAY_LATER", "REVIVE", "IMPORT", NULL,
};
const char *const hf__arg_amend_masks[] = {
    "DEADLINE", "EXTERNAL_REF", NULL,
};
const char *const hf__arg_adjustments[] = {
    [HF_ADJUSTMENT_TAX] = "TAX", [HF_ADJUSTMENT_DISCOUNT] = "DISCOUNT",
    [HF_ADJUSTMENT_SHIPPING] = "SHIPPING", [HF_ADJUSTMENT_FEE] = "FEE",
    [HF_ADJUSTMENT_TIP] = "TIP", [HF_ADJUSTMENT_ROUNDING] = "ROUNDING", NULL,
};
const char *const hf__arg_refund_modes[] = {
    [HF_REFUND_SHARE] = "SHARE", [HF_REFUND_NONE] = "NONE", [HF_REFUND_NAMED] = "NAMED", NULL,
};
const char *const hf__arg_methods[] = {
    [HF_METHOD_ACCOUNT] = "ACCOUNT", [HF_METHOD_PROVIDER] = "PROVIDER", NULL,
};
const char *const hf__arg_payment_states[] = {
    [HF_PAYMENT_NONE] = "NONE", [HF_PAYMENT_NEW] = "NEW", [HF_PAYMENT_PENDING] = "PENDING",
    [HF_PAYMENT_AUTHORIZED] = "AUTHORIZED", [HF_PAYMENT_CLOSED] = "CLOSED",
    [HF_PAYMENT_FAILED] = "FAILED", NULL,
};
const char *const hf__arg_payment_bys[] = {
    [HF_PAYMENTS_ALL] = "ALL", [HF_PAYMENTS_BY_ORDER] = "ORDER",
    [HF_PAYMENTS_BY_PROVIDER] = "PROVIDER", NULL,
};
const char *const hf__arg_facts[] = {
    [HF_FACT_AUTHORIZED] = "AUTHORIZED", [HF_FACT_CAPTURED] = "CAPTURED",
    [HF_FACT_VOIDED] = "VOIDED", [HF_FACT_REFUNDED] = "REFUNDED", [HF_FACT_FAILED] = "FAILED",
    [HF_FACT_CHARGEBACK] = "CHARGEBACK", [HF_FACT_ACTION_REQUIRED] = "ACTION_REQUIRED",
    [HF_FACT_CHARGEBACK_REVERSED] = "CHARGEBACK_REVERSED", NULL,
};
const char *const hf__arg_attention_bits[] = {
    "BEYOND_LIMIT", "LATE_PAYMENT", "UNEXPECTED_FACT", "UNMATCHED_FACT", "CHARGEBACK",
    "COMMAND_REFUSED", "UNPAID", "MONEY_HELD", "INVARIANT", NULL,
};
/* Bits 0 to 2 are the engine's own: no argument may have them. */
const char *const hf__arg_payment_flags[] = {
    "BEYOND", "ACTION_REQUIRED", "WITHDRAWN", "CAPTURE_ONLY", "WHOLE_VOID", "ONE_CAPTURE", NULL,
};
const char *const hf__arg_report_flags[] = {
    "TOTAL", "FINAL", NULL,
};
const char *const hf__arg_attention_subjects[] = {
    [HF_ATTENTION_ON_ACCOUNT] = "ACCOUNT", [HF_ATTENTION_ON_ORDER] = "ORDER",
    [HF_ATTENTION_ON_PAYMENT] = "PAYMENT", [HF_ATTENTION_ON_FACT] = "FACT",
    [HF_ATTENTION_ON_HOLD] = "HOLD", NULL,
};
const char *const hf__arg_subjects[] = {
    [HF_SUBJECT_NONE] = "NONE", [HF_SUBJECT_ACCOUNT] = "ACCOUNT", [HF_SUBJECT_ORDER] = "ORDER",
    [HF_SUBJECT_PAYMENT] = "PAYMENT", [HF_SUBJECT_HOLD] = "HOLD", NULL,
};
const char *const hf__arg_txn_kinds[] = {
    [HF_TXN_TCC] = "TCC", [HF_TXN_SAGA] = "SAGA", NULL,
};
const char *const hf__arg_txn_states[] = {
    [HF_TXN_NONE] = "NONE", [HF_TXN_TRYING] = "TRYING", [HF_TXN_CONFIRMING] = "CONFIRMING",
    [HF_TXN_CONFIRMED] = "CONFIRMED", [HF_TXN_CANCELLING] = "CANCELLING",
    [HF_TXN_CANCELLED] = "CANCELLED", NULL,
};
const char *const hf__arg_txn_waits[] = {
    [HF_TXN_ACCEPTED] = "ACCEPTED", [HF_TXN_DECIDED] = "DECIDED", [HF_TXN_FINISHED] = "FINISHED",
    NULL,
};
const char *const hf__arg_txn_whichs[] = {
    [HF_TXN_WHICH_ALL] = "ALL", [HF_TXN_WHICH_OPEN] = "OPEN", [HF_TXN_WHICH_PARKED] = "PARKED",
    [HF_TXN_WHICH_DUE] = "DUE", NULL,
};
const char *const hf__arg_branch_flags[] = {
    "PIVOT", NULL,
};
const char *const hf__arg_answers[] = {
    [HF_ANSWER_NONE] = "NONE", [HF_ANSWER_OK] = "OK", [HF_ANSWER_REJECTED] = "REJECTED", NULL,
};
const char *const hf__arg_erase_bys[] = {
    [HF_ERASE_BY_ORDER] = "ORDER", [HF_ERASE_BY_CUSTOMER] = "CUSTOMER",
    [HF_ERASE_BY_ACCOUNT] = "ACCOUNT", [HF_ERASE_BY_HOLD] = "HOLD", [HF_ERASE_BY_TXN] = "TXN", NULL,
};
const char *const hf__arg_erase_whats[] = {
    "META", "CUSTOMER", "REF", "TEXTS", NULL,
};
/* clang-format on */
