/*
 * order.c - arguments of the order operations and of what an order consists of.
 */
#include "api/shapes/shapes.h"

/* ---- Elements -------------------------------------------------------------------------------- */

/* clang-format off */
static const hf_field leg_fields[] = {
    KEY_OPT(hf_leg_args, from),
    KEY_OPT(hf_leg_args, to),
    QUANTITY(hf_leg_args, per_unit),
};
const hf_shape hf__shape_leg = SHAPE("leg", hf_leg_args, leg_fields, NULL);

static const hf_field line_fields[] = {
    NAME(hf_line_args, sku),
    NAME(hf_line_args, unit),
    QUANTITY(hf_line_args, quantity),
    NUMBER(hf_line_args, unit_price, I64, 0, INT64_MAX, HF_E_AMOUNT),
    QUANTITY(hf_line_args, price_per),
    NAMES(hf_line_args, places, HF_LEGS_MAX),
    ARRAY(hf_line_args, legs, 0, HF_LEGS_MAX, &hf__shape_leg),
    ENUM(hf_line_args, settle_on, HF_SETTLE_CONFIRM, HF_SETTLE_FULFIL, hf__arg_line_settles),
    SWITCH(hf_line_args, untracked),
};

static const hf_field adjustment_fields[] = {
    NUMBER(hf_adjustment_args, amount, I64, INT64_MIN, INT64_MAX, HF_E_AMOUNT),
    NUMBER(hf_adjustment_args, line, U32, 0, UINT32_MAX, HF_E_LINE_UNKNOWN),
    ENUM(hf_adjustment_args, kind, HF_ADJUSTMENT_TAX, HF_ADJUSTMENT_ROUNDING, hf__adjustment_names),
};
const hf_shape hf__shape_adjustment =
    SHAPE("adjustment", hf_adjustment_args, adjustment_fields, NULL);

static const hf_field line_quantity_fields[] = {
    NUMBER(hf_line_quantity, line, U32, 1, UINT32_MAX, HF_E_LINE_UNKNOWN),
    SWITCH(hf_line_quantity, scrap),
    QUANTITY(hf_line_quantity, quantity),
    NAME_OPT(hf_line_quantity, place),
    NAME_OPT(hf_line_quantity, to_place),
    NUMBER(hf_line_quantity, leg, U32, 0, HF_LEGS_MAX, HF_E_PLACE_UNKNOWN),
    SWITCH(hf_line_quantity, elsewhere),
};
const hf_shape hf__shape_line_quantity =
    SHAPE("line_quantity", hf_line_quantity, line_quantity_fields, NULL);

static const hf_field payment_amount_fields[] = {
    ID(hf_payment_amount, payment),
    AMOUNT(hf_payment_amount, amount),
};
const hf_shape hf__shape_payment_amount =
    SHAPE("payment_amount", hf_payment_amount, payment_amount_fields, NULL);

static const hf_field line_change_fields[] = {
    NUMBER(hf_line_change, line, U32, 1, UINT32_MAX, HF_E_LINE_UNKNOWN),
    NUMBER(hf_line_change, quantity, I64, 0, INT64_MAX, HF_E_QUANTITY),
    NUMBER(hf_line_change, unit_price, I64, 0, INT64_MAX, HF_E_AMOUNT),
};
const hf_shape hf__shape_line_change =
    SHAPE("line_change", hf_line_change, line_change_fields, NULL);

/* ---- Operations ------------------------------------------------------------------------------ */

static const hf_field place_fields[] = {
    HEAD(hf_order_place_args),
    NAME_OPT(hf_order_place_args, customer),
    NAME(hf_order_place_args, currency),
    NAME_OPT(hf_order_place_args, series),
    NAME_OPT(hf_order_place_args, external_ref),
    NUMBER(hf_order_place_args, total, I64, 0, INT64_MAX, HF_E_AMOUNT),
    TIME(hf_order_place_args, deadline_ms, HF_E_DEADLINE),
    FLAGS(hf_order_place_args, policy, 15, hf__arg_policies),
    ARRAY(hf_order_place_args, lines, 0, HF_LINES_MAX, &hf__shape_line),
    ARRAY(hf_order_place_args, adjustments, 0, HF_ADJUSTMENTS_MAX, &hf__shape_adjustment),
    ARRAY(hf_order_place_args, payments, 0, HF_PAYMENTS_MAX, &hf__shape_payment),
};

static const hf_field units_fields[] = {
    HEAD(hf_order_units_args),
    ID(hf_order_units_args, order),
    ARRAY(hf_order_units_args, lines, 0, HF_LINES_MAX, &hf__shape_line_quantity),
    ARRAY(hf_order_units_args, refunds, 0, HF_PAYMENTS_MAX, &hf__shape_payment_amount),
    ENUM(hf_order_units_args, refund_mode, HF_REFUND_SHARE, HF_REFUND_NAMED, hf__arg_refund_modes),
    SWITCH(hf_order_units_args, unpaid),
    SWITCH(hf_order_units_args, final),
};

static const hf_field amend_fields[] = {
    HEAD(hf_order_amend_args),
    ID(hf_order_amend_args, order),
    FLAGS(hf_order_amend_args, mask, 3, hf__arg_amend_masks),
    NUMBER(hf_order_amend_args, total, I64, 0, INT64_MAX, HF_E_AMOUNT),
    TIME(hf_order_amend_args, deadline_ms, HF_E_DEADLINE),
    NAME_OPT(hf_order_amend_args, external_ref),
    ARRAY(hf_order_amend_args, changes, 0, HF_LINES_MAX, &hf__shape_line_change),
    ARRAY(hf_order_amend_args, lines, 0, HF_LINES_MAX, &hf__shape_line),
    ARRAY(hf_order_amend_args, adjustments, 0, HF_ADJUSTMENTS_MAX, &hf__shape_adjustment),
    ARRAY(hf_order_amend_args, payments, 0, HF_PAYMENTS_MAX, &hf__shape_payment),
    ARRAY(hf_order_amend_args, returns, 0, HF_LINES_MAX, &hf__shape_line_quantity),
};

static const hf_field get_fields[] = {
    HEAD(hf_order_get_args),
    ID(hf_order_get_args, order),
};

static const hf_field list_fields[] = {
    HEAD(hf_order_list_args),
    NAME_OPT(hf_order_list_args, text),
    ID_OPT(hf_order_list_args, after),
    TIME(hf_order_list_args, from_ms, HF_E_ARGUMENT),
    TIME(hf_order_list_args, until_ms, HF_E_ARGUMENT),
    ENUM(hf_order_list_args, by, HF_ORDERS_ALL, HF_ORDERS_BY_STATE, hf__arg_order_bys),
    ENUM(hf_order_list_args, state, HF_ORDER_NONE, HF_ORDER_EXPIRED, hf__order_state_names),
    SWITCH(hf_order_list_args, newest_first),
    LIMIT(hf_order_list_args, 256),
};
/* clang-format on */

/* ---- Defaults -------------------------------------------------------------------------------- */

void hf_line_init(hf_line_args *line, const char *sku, int64_t quantity, int64_t unit_price)
{
    if (line == NULL)
        return;
    *line = (hf_line_args){
        .sku = sku,
        .unit = "pcs",
        .quantity = quantity,
        .unit_price = unit_price,
        .price_per = 1,
        .leg_bytes = sizeof(hf_leg_args),
    };
}

void hf_order_place_init(hf_order_place_args *args, const char *currency)
{
    if (!hf__args_init(args, sizeof *args))
        return;
    args->currency = currency;
    args->series = "";
    args->line_bytes = sizeof(hf_line_args);
    args->adjustment_bytes = sizeof(hf_adjustment_args);
    args->payment_bytes = sizeof(hf_payment_args);
}

void hf_order_units_init(hf_order_units_args *args, const hf_id *order)
{
    if (!hf__args_init(args, sizeof *args))
        return;
    args->order = hf__id_of(order);
    args->line_bytes = sizeof(hf_line_quantity);
    args->refund_bytes = sizeof(hf_payment_amount);
}

void hf_order_amend_init(hf_order_amend_args *args, const hf_id *order)
{
    if (!hf__args_init(args, sizeof *args))
        return;
    args->order = hf__id_of(order);
    args->change_bytes = sizeof(hf_line_change);
    args->line_bytes = sizeof(hf_line_args);
    args->adjustment_bytes = sizeof(hf_adjustment_args);
    args->payment_bytes = sizeof(hf_payment_args);
    args->return_bytes = sizeof(hf_line_quantity);
}

void hf_order_get_init(hf_order_get_args *args, const hf_id *order)
{
    if (hf__args_init(args, sizeof *args))
        args->order = hf__id_of(order);
}

void hf_order_list_init(hf_order_list_args *args)
{
    if (hf__args_init(args, sizeof *args))
        args->limit = 100;
}

static void init_line(void *args)
{
    hf_line_init(args, NULL, 0, 0);
}

static void init_place(void *args)
{
    hf_order_place_init(args, NULL);
}

static void init_units(void *args)
{
    hf_order_units_init(args, NULL);
}

static void init_amend(void *args)
{
    hf_order_amend_init(args, NULL);
}

static void init_get(void *args)
{
    hf_order_get_init(args, NULL);
}

static void init_list(void *args)
{
    hf_order_list_init(args);
}

/* clang-format off */
const hf_shape hf__shape_line = SHAPE("line", hf_line_args, line_fields, init_line);
const hf_shape hf__shape_order_place =
    SHAPE("order_place", hf_order_place_args, place_fields, init_place);
const hf_shape hf__shape_order_amend =
    SHAPE("order_amend", hf_order_amend_args, amend_fields, init_amend);
const hf_shape hf__shape_order_cancel =
    SHAPE("order_cancel", hf_order_units_args, units_fields, init_units);
const hf_shape hf__shape_order_fulfil =
    SHAPE("order_fulfil", hf_order_units_args, units_fields, init_units);
const hf_shape hf__shape_order_return =
    SHAPE("order_return", hf_order_units_args, units_fields, init_units);
const hf_shape hf__shape_order_get =
    SHAPE("order_get", hf_order_get_args, get_fields, init_get);
const hf_shape hf__shape_order_list =
    SHAPE("order_list", hf_order_list_args, list_fields, init_list);
/* clang-format on */
