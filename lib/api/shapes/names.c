/*
 * names.c - the names that shapes give to enum values and flag bits.
 *
 * What records name too stands in lib/model/names.c. Here are the others: enums of arguments alone,
 * flags, and arguments that allow only some of a record's values (a line settles on CONFIRM or
 * FULFIL, never MANUAL).
 */
#include "api/shapes/names.h"
#include "model/limits.h"

#include <holdfast.h>
#include <stddef.h>

/* clang-format off */
#define LIMIT_NAME(X, field, bit, type, number, since) #bit,

const char *const hf__arg_line_settles[] = {
    [HF_SETTLE_CONFIRM] = "CONFIRM", [HF_SETTLE_FULFIL] = "FULFIL", NULL,
};
const char *const hf__arg_put_modes[] = {
    [HF_PUT_ANY] = "ANY", [HF_PUT_NEW] = "NEW", [HF_PUT_OPEN_IF_ABSENT] = "OPEN_IF_ABSENT",
    [HF_PUT_CHANGE] = "CHANGE", NULL,
};
const char *const hf__arg_put_masks[] = {
    HF__LIMITS(LIMIT_NAME, ) NULL,
};
const char *const hf__arg_adjust_modes[] = {
    [HF_ADJUST_BY] = "BY", [HF_ADJUST_TO] = "TO", NULL,
};
const char *const hf__arg_order_bys[] = {
    [HF_ORDERS_ALL] = "ALL", [HF_ORDERS_BY_CUSTOMER] = "CUSTOMER", [HF_ORDERS_BY_REF] = "REF",
    [HF_ORDERS_BY_STATE] = "STATE", NULL,
};
const char *const hf__arg_policies[5] = {
    "QUEUE", "PAY_LATER", "REVIVE", "IMPORT", NULL,
};
const char *const hf__arg_amend_masks[] = {
    "DEADLINE", "EXTERNAL_REF", NULL,
};
const char *const hf__arg_refund_modes[] = {
    [HF_REFUND_SHARE] = "SHARE", [HF_REFUND_NONE] = "NONE", [HF_REFUND_NAMED] = "NAMED", NULL,
};
const char *const hf__arg_payment_bys[] = {
    [HF_PAYMENTS_ALL] = "ALL", [HF_PAYMENTS_BY_ORDER] = "ORDER",
    [HF_PAYMENTS_BY_PROVIDER] = "PROVIDER", NULL,
};
const char *const hf__arg_attention_bits[10] = {
    "BEYOND_LIMIT", "LATE_PAYMENT", "UNEXPECTED_FACT", "UNMATCHED_FACT", "CHARGEBACK",
    "COMMAND_REFUSED", "UNPAID", "MONEY_HELD", "INVARIANT", NULL,
};
/* Bits 0 to 2, LATE and FINAL are the engine's own: no argument may have them. */
const char *const hf__arg_payment_flags[9] = {
    "BEYOND", "ACTION_REQUIRED", "WITHDRAWN", "CAPTURE_ONLY", "WHOLE_VOID", "ONE_CAPTURE",
    "LATE", "FINAL", NULL,
};
const char *const hf__arg_report_flags[] = {
    "TOTAL", "FINAL", NULL,
};
const char *const hf__arg_attention_subjects[6] = {
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
const char *const hf__arg_txn_waits[] = {
    [HF_TXN_ACCEPTED] = "ACCEPTED", [HF_TXN_DECIDED] = "DECIDED", [HF_TXN_FINISHED] = "FINISHED",
    NULL,
};
const char *const hf__arg_txn_whichs[] = {
    [HF_TXN_WHICH_ALL] = "ALL", [HF_TXN_WHICH_OPEN] = "OPEN", [HF_TXN_WHICH_PARKED] = "PARKED",
    [HF_TXN_WHICH_DUE] = "DUE", NULL,
};
const char *const hf__arg_branch_flags[2] = {
    "PIVOT", NULL,
};
const char *const hf__participant_flag_names[5] = {
    "READONLY", "ORDERED", "ONE_PHASE", "QUEUED", NULL,
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
