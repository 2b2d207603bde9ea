/*
 * names.c - the upper-case names of enum values, as they stand in SQL, JSON and logs; for hosts
 * those of the states and kinds that they print.
 */
#include "model/column.h"

#include <holdfast.h>

/* clang-format off */
const char *const hf__kind_names[5] = {
    [HF_KIND_WORLD] = "WORLD", [HF_KIND_ITEM] = "ITEM", [HF_KIND_MONEY] = "MONEY",
    [HF_KIND_LIMIT] = "LIMIT",
};
const char *const hf__order_state_names[8] = {
    [HF_ORDER_NONE] = "NONE", [HF_ORDER_WAITING] = "WAITING", [HF_ORDER_PENDING] = "PENDING",
    [HF_ORDER_CONFIRMED] = "CONFIRMED", [HF_ORDER_CLOSED] = "CLOSED",
    [HF_ORDER_CANCELLED] = "CANCELLED", [HF_ORDER_EXPIRED] = "EXPIRED",
};
const char *const hf__hold_state_names[7] = {
    [HF_HOLD_NONE] = "NONE", [HF_HOLD_HELD] = "HELD", [HF_HOLD_PARTIAL] = "PARTIAL",
    [HF_HOLD_DONE] = "DONE", [HF_HOLD_VOID] = "VOID", [HF_HOLD_EXPIRED] = "EXPIRED",
};
const char *const hf__hold_state_names_3[7] = {
    [HF_HOLD_NONE] = "NONE", [HF_HOLD_HELD] = "HELD", [HF_HOLD_PARTIAL] = "PART",
    [HF_HOLD_DONE] = "DONE", [HF_HOLD_VOID] = "VOID", [HF_HOLD_EXPIRED] = "EXPIRED",
};
const char *const hf__payment_state_names[7] = {
    [HF_PAYMENT_NONE] = "NONE", [HF_PAYMENT_NEW] = "NEW", [HF_PAYMENT_PENDING] = "PENDING",
    [HF_PAYMENT_AUTHORIZED] = "AUTHORIZED", [HF_PAYMENT_CLOSED] = "CLOSED",
    [HF_PAYMENT_FAILED] = "FAILED",
};
const char *const hf__settle_names[4] = {
    [HF_SETTLE_CONFIRM] = "CONFIRM", [HF_SETTLE_FULFIL] = "FULFIL", [HF_SETTLE_MANUAL] = "MANUAL",
};
const char *const hf__method_names[3] = {
    [HF_METHOD_ACCOUNT] = "ACCOUNT", [HF_METHOD_PROVIDER] = "PROVIDER",
};
const char *const hf__adjustment_names[7] = {
    [HF_ADJUSTMENT_TAX] = "TAX", [HF_ADJUSTMENT_DISCOUNT] = "DISCOUNT",
    [HF_ADJUSTMENT_SHIPPING] = "SHIPPING", [HF_ADJUSTMENT_FEE] = "FEE",
    [HF_ADJUSTMENT_TIP] = "TIP", [HF_ADJUSTMENT_ROUNDING] = "ROUNDING",
};
const char *const hf__fact_names[9] = {
    [HF_FACT_AUTHORIZED] = "AUTHORIZED", [HF_FACT_CAPTURED] = "CAPTURED",
    [HF_FACT_VOIDED] = "VOIDED", [HF_FACT_REFUNDED] = "REFUNDED", [HF_FACT_FAILED] = "FAILED",
    [HF_FACT_CHARGEBACK] = "CHARGEBACK", [HF_FACT_ACTION_REQUIRED] = "ACTION_REQUIRED",
    [HF_FACT_CHARGEBACK_REVERSED] = "CHARGEBACK_REVERSED",
};
const char *const hf__subject_names[11] = {
    [HF_SUBJECT_NONE] = "NONE", [HF_SUBJECT_ACCOUNT] = "ACCOUNT", [HF_SUBJECT_ORDER] = "ORDER",
    [HF_SUBJECT_PAYMENT] = "PAYMENT", [HF_SUBJECT_HOLD] = "HOLD", [HF_SUBJECT_FACT] = "FACT",
    [HF_SUBJECT_CURSOR] = "CURSOR", [HF_SUBJECT_TXN] = "TXN", [HF_SUBJECT_BRANCH] = "BRANCH",
    [HF_SUBJECT_UNIT] = "UNIT",
};
const char *const hf__purge_names[4] = {
    [HF__PURGE_IDS] = "IDS", [HF__PURGE_EVENTS] = "EVENTS", [HF__PURGE_NUMBERS] = "NUMBERS",
};
const char *const hf__txn_kind_names[4] = {
    [HF_TXN_TCC] = "TCC", [HF_TXN_SAGA] = "SAGA", [HF_TXN_COMMAND] = "COMMAND",
};
const char *const hf__txn_state_names[7] = {
    [HF_TXN_NONE] = "NONE", [HF_TXN_TRYING] = "TRYING", [HF_TXN_CONFIRMING] = "CONFIRMING",
    [HF_TXN_CONFIRMED] = "CONFIRMED", [HF_TXN_CANCELLING] = "CANCELLING",
    [HF_TXN_CANCELLED] = "CANCELLED",
};
const char *const hf__branch_state_names[10] = {
    [HF_BRANCH_NONE] = "NONE", [HF_BRANCH_WAITING] = "WAITING", [HF_BRANCH_TRYING] = "TRYING",
    [HF_BRANCH_TRIED] = "TRIED", [HF_BRANCH_REFUSED] = "REFUSED",
    [HF_BRANCH_CONFIRMING] = "CONFIRMING", [HF_BRANCH_CONFIRMED] = "CONFIRMED",
    [HF_BRANCH_CANCELLING] = "CANCELLING", [HF_BRANCH_CANCELLED] = "CANCELLED",
};
const char *const hf__phase_names[5] = {
    [HF_PHASE_TRY] = "TRY", [HF_PHASE_CONFIRM] = "CONFIRM", [HF_PHASE_CANCEL] = "CANCEL",
    [HF_PHASE_QUERY] = "QUERY",
};
const char *const hf__answer_names[9] = {
    [HF_ANSWER_NONE] = "NONE", [HF_ANSWER_OK] = "OK", [HF_ANSWER_REJECTED] = "REJECTED",
    [HF_ANSWER_ONGOING] = "ONGOING", [HF_ANSWER_UNKNOWN] = "UNKNOWN", [HF_ANSWER_RETRY] = "RETRY",
    [HF_ANSWER_PARK] = "PARK", [HF_ANSWER_NOT_FOUND] = "NOT_FOUND",
};
const char *const hf__command_names[6] = {
    [HF_COMMAND_NONE] = "NONE", [HF_COMMAND_AUTHORIZE] = "AUTHORIZE",
    [HF_COMMAND_CAPTURE] = "CAPTURE", [HF_COMMAND_VOID] = "VOID", [HF_COMMAND_REFUND] = "REFUND",
};
#define HF__WRITE(NAME, ...) [HF_OP_##NAME] = #NAME,
#define HF__READ(NAME, ...)  [HF_OP_##NAME] = #NAME,

const char *const hf__event_type_names[HF_EVENT_CLOCK + 2] = {
#include "model/operations.def"
    [HF_EVENT_EXPIRE] = "EXPIRE", [HF_EVENT_PROMOTE] = "PROMOTE", [HF_EVENT_DRIVE] = "DRIVE",
    [HF_EVENT_LEASE] = "LEASE", [HF_EVENT_SET_ASIDE] = "SET_ASIDE", [HF_EVENT_RESUME] = "RESUME",
    [HF_EVENT_CLOCK] = "CLOCK",
};
/* clang-format on */

#define NAME(function, names)                                                                      \
    const char *function(uint32_t value)                                                           \
    {                                                                                              \
        if (value < HF__COUNT(names) && (names)[value] != NULL)                                    \
            return (names)[value];                                                                 \
        return "?";                                                                                \
    }

NAME(hf_kind_name, hf__kind_names)
NAME(hf_order_state_name, hf__order_state_names)
NAME(hf_hold_state_name, hf__hold_state_names)
NAME(hf_payment_state_name, hf__payment_state_names)
NAME(hf_txn_state_name, hf__txn_state_names)
NAME(hf_branch_state_name, hf__branch_state_names)
NAME(hf_event_type_name, hf__event_type_names)
