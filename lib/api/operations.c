/*
 * operations.c - the public function of every operation: one line each, so that all do the same
 * steps.
 */
#include "api/call.h"

#include <holdfast.h>

int hf_item_put(hf_engine *engine, hf_req *req, const hf_account_put_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_ITEM_PUT, args, req, cb);
}

int hf_item_receive(hf_engine *engine, hf_req *req, const hf_move_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_ITEM_RECEIVE, args, req, cb);
}

int hf_item_adjust(hf_engine *engine, hf_req *req, const hf_account_adjust_args *args,
                   hf_done_cb cb)
{
    return hf__call(engine, HF_OP_ITEM_ADJUST, args, req, cb);
}

int hf_item_get(hf_engine *engine, hf_req *req, const hf_account_get_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_ITEM_GET, args, req, cb);
}

int hf_item_list(hf_engine *engine, hf_req *req, const hf_account_list_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_ITEM_LIST, args, req, cb);
}

int hf_account_put(hf_engine *engine, hf_req *req, const hf_account_put_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_ACCOUNT_PUT, args, req, cb);
}

int hf_account_deposit(hf_engine *engine, hf_req *req, const hf_move_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_ACCOUNT_DEPOSIT, args, req, cb);
}

int hf_account_withdraw(hf_engine *engine, hf_req *req, const hf_move_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_ACCOUNT_WITHDRAW, args, req, cb);
}

int hf_account_transfer(hf_engine *engine, hf_req *req, const hf_move_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_ACCOUNT_TRANSFER, args, req, cb);
}

int hf_account_adjust(hf_engine *engine, hf_req *req, const hf_account_adjust_args *args,
                      hf_done_cb cb)
{
    return hf__call(engine, HF_OP_ACCOUNT_ADJUST, args, req, cb);
}

int hf_account_get(hf_engine *engine, hf_req *req, const hf_account_get_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_ACCOUNT_GET, args, req, cb);
}

int hf_account_list(hf_engine *engine, hf_req *req, const hf_account_list_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_ACCOUNT_LIST, args, req, cb);
}

int hf_unit_put(hf_engine *engine, hf_req *req, const hf_unit_put_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_UNIT_PUT, args, req, cb);
}

int hf_unit_get(hf_engine *engine, hf_req *req, const hf_unit_get_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_UNIT_GET, args, req, cb);
}

int hf_unit_list(hf_engine *engine, hf_req *req, const hf_unit_list_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_UNIT_LIST, args, req, cb);
}

int hf_hold_place(hf_engine *engine, hf_req *req, const hf_hold_place_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_HOLD_PLACE, args, req, cb);
}

int hf_hold_post(hf_engine *engine, hf_req *req, const hf_hold_post_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_HOLD_POST, args, req, cb);
}

int hf_hold_release(hf_engine *engine, hf_req *req, const hf_hold_amount_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_HOLD_RELEASE, args, req, cb);
}

int hf_hold_adjust(hf_engine *engine, hf_req *req, const hf_hold_adjust_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_HOLD_ADJUST, args, req, cb);
}

int hf_hold_reverse(hf_engine *engine, hf_req *req, const hf_hold_amount_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_HOLD_REVERSE, args, req, cb);
}

int hf_hold_get(hf_engine *engine, hf_req *req, const hf_hold_get_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_HOLD_GET, args, req, cb);
}

int hf_order_place(hf_engine *engine, hf_req *req, const hf_order_place_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_ORDER_PLACE, args, req, cb);
}

int hf_order_amend(hf_engine *engine, hf_req *req, const hf_order_amend_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_ORDER_AMEND, args, req, cb);
}

int hf_order_cancel(hf_engine *engine, hf_req *req, const hf_order_units_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_ORDER_CANCEL, args, req, cb);
}

int hf_order_fulfil(hf_engine *engine, hf_req *req, const hf_order_units_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_ORDER_FULFIL, args, req, cb);
}

int hf_order_return(hf_engine *engine, hf_req *req, const hf_order_units_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_ORDER_RETURN, args, req, cb);
}

int hf_order_get(hf_engine *engine, hf_req *req, const hf_order_get_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_ORDER_GET, args, req, cb);
}

int hf_order_list(hf_engine *engine, hf_req *req, const hf_order_list_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_ORDER_LIST, args, req, cb);
}

int hf_payment_add(hf_engine *engine, hf_req *req, const hf_payment_add_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_PAYMENT_ADD, args, req, cb);
}

int hf_payment_capture(hf_engine *engine, hf_req *req, const hf_payment_amount_args *args,
                       hf_done_cb cb)
{
    return hf__call(engine, HF_OP_PAYMENT_CAPTURE, args, req, cb);
}

int hf_payment_void(hf_engine *engine, hf_req *req, const hf_payment_amount_args *args,
                    hf_done_cb cb)
{
    return hf__call(engine, HF_OP_PAYMENT_VOID, args, req, cb);
}

int hf_payment_refund(hf_engine *engine, hf_req *req, const hf_payment_amount_args *args,
                      hf_done_cb cb)
{
    return hf__call(engine, HF_OP_PAYMENT_REFUND, args, req, cb);
}

int hf_payment_report(hf_engine *engine, hf_req *req, const hf_payment_report_args *args,
                      hf_done_cb cb)
{
    return hf__call(engine, HF_OP_PAYMENT_REPORT, args, req, cb);
}

int hf_payment_get(hf_engine *engine, hf_req *req, const hf_payment_get_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_PAYMENT_GET, args, req, cb);
}

int hf_payment_find(hf_engine *engine, hf_req *req, const hf_payment_find_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_PAYMENT_FIND, args, req, cb);
}

int hf_payment_list(hf_engine *engine, hf_req *req, const hf_payment_list_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_PAYMENT_LIST, args, req, cb);
}

int hf_attention_list(hf_engine *engine, hf_req *req, const hf_attention_list_args *args,
                      hf_done_cb cb)
{
    return hf__call(engine, HF_OP_ATTENTION_LIST, args, req, cb);
}

int hf_attention_clear(hf_engine *engine, hf_req *req, const hf_attention_clear_args *args,
                       hf_done_cb cb)
{
    return hf__call(engine, HF_OP_ATTENTION_CLEAR, args, req, cb);
}

int hf_expect(hf_engine *engine, hf_req *req, const hf_expect_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_EXPECT, args, req, cb);
}

int hf_events_read(hf_engine *engine, hf_req *req, const hf_events_read_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_EVENTS_READ, args, req, cb);
}

int hf_cursor_put(hf_engine *engine, hf_req *req, const hf_cursor_put_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_CURSOR_PUT, args, req, cb);
}

int hf_cursor_get(hf_engine *engine, hf_req *req, const hf_cursor_get_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_CURSOR_GET, args, req, cb);
}

int hf_cursor_list(hf_engine *engine, hf_req *req, const hf_cursor_list_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_CURSOR_LIST, args, req, cb);
}

int hf_cursor_reset(hf_engine *engine, hf_req *req, const hf_cursor_reset_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_CURSOR_RESET, args, req, cb);
}

int hf_cursor_remove(hf_engine *engine, hf_req *req, const hf_cursor_remove_args *args,
                     hf_done_cb cb)
{
    return hf__call(engine, HF_OP_CURSOR_REMOVE, args, req, cb);
}

int hf_retention(hf_engine *engine, hf_req *req, const hf_retention_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_RETENTION, args, req, cb);
}

int hf_erase(hf_engine *engine, hf_req *req, const hf_erase_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_ERASE, args, req, cb);
}

int hf_statement(hf_engine *engine, hf_req *req, const hf_statement_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_STATEMENT, args, req, cb);
}
