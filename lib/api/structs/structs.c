/*
 * structs.c - which operation has which result, and the shapes of structs by name.
 */
#include "api/structs/structs.h"

#include <string.h>

/* clang-format off */
static const hf_shape *const results[] = {
    [HF_OP_ITEM_PUT] = &hf__struct_account,
    [HF_OP_ITEM_RECEIVE] = &hf__struct_account,
    [HF_OP_ITEM_ADJUST] = &hf__struct_account,
    [HF_OP_ITEM_GET] = &hf__struct_account,
    [HF_OP_ITEM_LIST] = &hf__struct_account_page,
    [HF_OP_ACCOUNT_PUT] = &hf__struct_account,
    [HF_OP_ACCOUNT_DEPOSIT] = &hf__struct_account,
    [HF_OP_ACCOUNT_WITHDRAW] = &hf__struct_account,
    [HF_OP_ACCOUNT_TRANSFER] = &hf__struct_account,
    [HF_OP_ACCOUNT_GET] = &hf__struct_account,
    [HF_OP_ACCOUNT_LIST] = &hf__struct_account_page,
    [HF_OP_HOLD_PLACE] = &hf__struct_hold,
    [HF_OP_HOLD_POST] = &hf__struct_hold,
    [HF_OP_HOLD_RELEASE] = &hf__struct_hold,
    [HF_OP_HOLD_ADJUST] = &hf__struct_hold,
    [HF_OP_HOLD_REVERSE] = &hf__struct_hold,
    [HF_OP_HOLD_GET] = &hf__struct_hold,
    [HF_OP_ORDER_PLACE] = &hf__struct_order_view,
    [HF_OP_ORDER_AMEND] = &hf__struct_order_view,
    [HF_OP_ORDER_CANCEL] = &hf__struct_order_view,
    [HF_OP_ORDER_FULFIL] = &hf__struct_order_view,
    [HF_OP_ORDER_RETURN] = &hf__struct_order_view,
    [HF_OP_ORDER_GET] = &hf__struct_order_view,
    [HF_OP_ORDER_LIST] = &hf__struct_order_page,
    [HF_OP_PAYMENT_ADD] = &hf__struct_order_view,
    [HF_OP_PAYMENT_CAPTURE] = &hf__struct_payment,
    [HF_OP_PAYMENT_VOID] = &hf__struct_payment,
    [HF_OP_PAYMENT_REFUND] = &hf__struct_payment,
    [HF_OP_PAYMENT_REPORT] = &hf__struct_fact,
    [HF_OP_PAYMENT_GET] = &hf__struct_payment,
    [HF_OP_PAYMENT_FIND] = &hf__struct_payment,
    [HF_OP_PAYMENT_LIST] = &hf__struct_payment_page,
    [HF_OP_ATTENTION_LIST] = &hf__struct_attention_page,
    [HF_OP_EVENTS_READ] = &hf__struct_event_page,
    [HF_OP_CURSOR_PUT] = &hf__struct_cursor,
    [HF_OP_CURSOR_GET] = &hf__struct_cursor,
    [HF_OP_RETENTION] = &hf__struct_retention_result,
    [HF_OP_STATEMENT] = &hf__struct_statement_page,
    [HF_OP_TXN_SUBMIT] = &hf__struct_txn_view,
    [HF_OP_TXN_BEGIN] = &hf__struct_txn_view,
    [HF_OP_TXN_BRANCH] = &hf__struct_txn_view,
    [HF_OP_TXN_SEAL] = &hf__struct_txn_view,
    [HF_OP_TXN_ABORT] = &hf__struct_txn_view,
    [HF_OP_TXN_GET] = &hf__struct_txn_view,
    [HF_OP_TXN_LIST] = &hf__struct_txn_page,
    [HF_OP_TXN_HISTORY] = &hf__struct_attempt_page,
    [HF_OP_TXN_RETRY_NOW] = &hf__struct_txn_view,
    [HF_OP_TXN_PARK] = &hf__struct_txn_view,
    [HF_OP_TXN_UNPARK] = &hf__struct_txn_view,
    [HF_OP_TXN_RESOLVE_BRANCH] = &hf__struct_txn_view,
    [HF_OP_NODES_LIST] = &hf__struct_node_page,
    [HF_OP_ACCOUNT_ADJUST] = &hf__struct_account,
    [HF_OP_UNIT_PUT] = &hf__struct_unit,
    [HF_OP_UNIT_GET] = &hf__struct_unit,
    [HF_OP_UNIT_LIST] = &hf__struct_unit_page,
    [HF_OP_ERASE] = &hf__struct_erase_result,
    [HF_OP_CURSOR_LIST] = &hf__struct_cursor_page,
    [HF_OP_CURSOR_RESET] = &hf__struct_cursor,
    [HF_OP_CURSOR_REMOVE] = &hf__struct_cursor,
    [HF_OP_CALL] = &hf__struct_call,
};

static const hf_shape *const structs[] = {
    &hf__struct_account, &hf__struct_unit, &hf__struct_hold, &hf__struct_leg, &hf__struct_order,
    &hf__struct_order_line, &hf__struct_order_leg, &hf__struct_adjustment, &hf__struct_payment,
    &hf__struct_fact, &hf__struct_event, &hf__struct_change, &hf__struct_cursor,
    &hf__struct_movement, &hf__struct_txn, &hf__struct_branch, &hf__struct_attempt,
    &hf__struct_node, &hf__struct_node_view, &hf__struct_account_page, &hf__struct_unit_page,
    &hf__struct_order_view, &hf__struct_order_page, &hf__struct_payment_page,
    &hf__struct_attention_page, &hf__struct_event_page, &hf__struct_cursor_page,
    &hf__struct_statement_page, &hf__struct_txn_view, &hf__struct_txn_page,
    &hf__struct_attempt_page, &hf__struct_node_page, &hf__struct_retention_result,
    &hf__struct_erase_result, &hf__struct_options, &hf__struct_health_info, &hf__struct_finding,
    &hf__struct_verify_result, &hf__struct_segment, &hf__struct_retry_policy,
    &hf__struct_participant, &hf__struct_provider, &hf__struct_call, &hf__struct_call_answer,
    &hf__struct_barrier, &hf__struct_op, &hf__struct_completion, &hf__struct_summary,
    &hf__struct_operation_figures, &hf__struct_callee_figures, &hf__struct_metrics_info,
    &hf__struct_metric, &hf__struct_cache_options, &hf__struct_cache_stat,
    &hf__struct_cache_waiter,
};
/* clang-format on */

const hf_shape *hf_result_shape(uint32_t type)
{
    return type < COUNT(results) ? results[type] : NULL;
}

const hf_shape *hf_struct_shape(const char *name)
{
    for (uint32_t i = 0; name != NULL && i < COUNT(structs); i++)
        if (strcmp(structs[i]->name, name) == 0)
            return structs[i];
    return NULL;
}
