/*
 * shapes.c - which operation has which shape, and what all _init functions share.
 *
 * Failure mode: a type that is not known has no shape (NULL).
 */
#include "api/shapes/shapes.h"

#include <string.h>

/* clang-format off */
static const hf_shape *const shapes[] = {
    [HF_OP_ITEM_PUT] = &hf__shape_item_put,
    [HF_OP_ITEM_RECEIVE] = &hf__shape_item_receive,
    [HF_OP_ITEM_ADJUST] = &hf__shape_item_adjust,
    [HF_OP_ITEM_GET] = &hf__shape_item_get,
    [HF_OP_ITEM_LIST] = &hf__shape_item_list,
    [HF_OP_ACCOUNT_PUT] = &hf__shape_account_put,
    [HF_OP_ACCOUNT_DEPOSIT] = &hf__shape_account_deposit,
    [HF_OP_ACCOUNT_WITHDRAW] = &hf__shape_account_withdraw,
    [HF_OP_ACCOUNT_TRANSFER] = &hf__shape_account_transfer,
    [HF_OP_ACCOUNT_GET] = &hf__shape_account_get,
    [HF_OP_ACCOUNT_LIST] = &hf__shape_account_list,
    [HF_OP_HOLD_PLACE] = &hf__shape_hold_place,
    [HF_OP_HOLD_POST] = &hf__shape_hold_post,
    [HF_OP_HOLD_RELEASE] = &hf__shape_hold_release,
    [HF_OP_HOLD_ADJUST] = &hf__shape_hold_adjust,
    [HF_OP_HOLD_REVERSE] = &hf__shape_hold_reverse,
    [HF_OP_HOLD_GET] = &hf__shape_hold_get,
    [HF_OP_ORDER_PLACE] = &hf__shape_order_place,
    [HF_OP_ORDER_AMEND] = &hf__shape_order_amend,
    [HF_OP_ORDER_CANCEL] = &hf__shape_order_cancel,
    [HF_OP_ORDER_FULFIL] = &hf__shape_order_fulfil,
    [HF_OP_ORDER_RETURN] = &hf__shape_order_return,
    [HF_OP_ORDER_GET] = &hf__shape_order_get,
    [HF_OP_ORDER_LIST] = &hf__shape_order_list,
    [HF_OP_PAYMENT_ADD] = &hf__shape_payment_add,
    [HF_OP_PAYMENT_CAPTURE] = &hf__shape_payment_capture,
    [HF_OP_PAYMENT_VOID] = &hf__shape_payment_void,
    [HF_OP_PAYMENT_REFUND] = &hf__shape_payment_refund,
    [HF_OP_PAYMENT_REPORT] = &hf__shape_payment_report,
    [HF_OP_PAYMENT_GET] = &hf__shape_payment_get,
    [HF_OP_PAYMENT_FIND] = &hf__shape_payment_find,
    [HF_OP_PAYMENT_LIST] = &hf__shape_payment_list,
    [HF_OP_ATTENTION_LIST] = &hf__shape_attention_list,
    [HF_OP_ATTENTION_CLEAR] = &hf__shape_attention_clear,
    [HF_OP_EXPECT] = &hf__shape_expect,
    [HF_OP_EVENTS_READ] = &hf__shape_events_read,
    [HF_OP_CURSOR_PUT] = &hf__shape_cursor_put,
    [HF_OP_CURSOR_GET] = &hf__shape_cursor_get,
    [HF_OP_RETENTION] = &hf__shape_retention,
    [HF_OP_STATEMENT] = &hf__shape_statement,
    [HF_OP_TXN_SUBMIT] = &hf__shape_txn_submit,
    [HF_OP_TXN_BEGIN] = &hf__shape_txn_begin,
    [HF_OP_TXN_BRANCH] = &hf__shape_txn_branch,
    [HF_OP_TXN_SEAL] = &hf__shape_txn_seal,
    [HF_OP_TXN_ABORT] = &hf__shape_txn_abort,
    [HF_OP_TXN_GET] = &hf__shape_txn_get,
    [HF_OP_TXN_LIST] = &hf__shape_txn_list,
    [HF_OP_TXN_HISTORY] = &hf__shape_txn_history,
    [HF_OP_TXN_RETRY_NOW] = &hf__shape_txn_retry_now,
    [HF_OP_TXN_PARK] = &hf__shape_txn_park,
    [HF_OP_TXN_UNPARK] = &hf__shape_txn_unpark,
    [HF_OP_TXN_RESOLVE_BRANCH] = &hf__shape_txn_resolve_branch,
    [HF_OP_NODES_LIST] = &hf__shape_nodes_list,
    [HF_OP_NODE_DRAIN] = &hf__shape_node_drain,
    [HF_OP_ACCOUNT_ADJUST] = &hf__shape_account_adjust,
    [HF_OP_UNIT_PUT] = &hf__shape_unit_put,
    [HF_OP_UNIT_GET] = &hf__shape_unit_get,
    [HF_OP_UNIT_LIST] = &hf__shape_unit_list,
    [HF_OP_ERASE] = &hf__shape_erase,
    [HF_OP_CURSOR_LIST] = &hf__shape_cursor_list,
    [HF_OP_CURSOR_RESET] = &hf__shape_cursor_reset,
    [HF_OP_CURSOR_REMOVE] = &hf__shape_cursor_remove,
};
/* clang-format on */

const hf_shape *hf_op_shape(uint32_t type)
{
    return type < COUNT(shapes) ? shapes[type] : NULL;
}

const char *hf_op_name(uint32_t type)
{
    const hf_shape *shape = hf_op_shape(type);
    return shape == NULL ? NULL : shape->name;
}
