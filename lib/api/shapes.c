/*
 * shapes.c - which operation has which shape, and what all _init functions share.
 *
 * Failure mode: a type that is not known has no shape (NULL).
 */
#include "api/shapes.h"

#include <string.h>

#define OP(upper, lower) [HF_OP_##upper] = &hf__shape_##lower

/* clang-format off */
static const hf_shape *const shapes[] = {
    OP(ITEM_PUT, item_put),
    OP(ITEM_RECEIVE, item_receive),
    OP(ITEM_ADJUST, item_adjust),
    OP(ITEM_GET, item_get),
    OP(ITEM_LIST, item_list),
    OP(ACCOUNT_PUT, account_put),
    OP(ACCOUNT_DEPOSIT, account_deposit),
    OP(ACCOUNT_WITHDRAW, account_withdraw),
    OP(ACCOUNT_TRANSFER, account_transfer),
    OP(ACCOUNT_GET, account_get),
    OP(ACCOUNT_LIST, account_list),
    OP(HOLD_PLACE, hold_place),
    OP(HOLD_POST, hold_post),
    OP(HOLD_RELEASE, hold_release),
    OP(HOLD_ADJUST, hold_adjust),
    OP(HOLD_REVERSE, hold_reverse),
    OP(HOLD_GET, hold_get),
    OP(ORDER_PLACE, order_place),
    OP(ORDER_AMEND, order_amend),
    OP(ORDER_CANCEL, order_cancel),
    OP(ORDER_FULFIL, order_fulfil),
    OP(ORDER_RETURN, order_return),
    OP(ORDER_GET, order_get),
    OP(ORDER_LIST, order_list),
    OP(PAYMENT_ADD, payment_add),
    OP(PAYMENT_CAPTURE, payment_capture),
    OP(PAYMENT_VOID, payment_void),
    OP(PAYMENT_REFUND, payment_refund),
    OP(PAYMENT_REPORT, payment_report),
    OP(PAYMENT_GET, payment_get),
    OP(PAYMENT_FIND, payment_find),
    OP(PAYMENT_LIST, payment_list),
    OP(ATTENTION_LIST, attention_list),
    OP(ATTENTION_CLEAR, attention_clear),
    OP(EXPECT, expect),
    OP(EVENTS_READ, events_read),
    OP(CURSOR_PUT, cursor_put),
    OP(CURSOR_GET, cursor_get),
    OP(RETENTION, retention),
    OP(STATEMENT, statement),
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

bool hf__args_init(void *args, uint32_t size)
{
    if (args == NULL)
        return false;
    memset(args, 0, size);
    hf_op_head *head = args;
    head->size = size;
    return true;
}

hf_account_key hf__key_of(uint32_t kind, const char *name, const char *unit)
{
    return (hf_account_key){.kind = kind, .name = name, .place = "", .unit = unit};
}

hf_id hf__id_of(const hf_id *id)
{
    return id == NULL ? (hf_id){.bytes = {0}} : *id;
}
