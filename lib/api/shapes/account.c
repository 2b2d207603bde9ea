/*
 * account.c - arguments of the account, item and unit operations: shapes and defaults.
 *
 * Items are accounts of kind ITEM: same structs and fields, other defaults.
 */
#include "api/shapes/shapes.h"
#include "model/limits.h"

/* clang-format off */
/* A limit in a struct: any amount, or 0 and 1. */
#define LIMIT_I64(type, field)  NUMBER(type, field, I64, INT64_MIN, INT64_MAX, HF_E_AMOUNT),
#define LIMIT_BOOL(type, field) SWITCH(type, field),
#define LIMIT_FIELD(type, field, bit, what, number, since) LIMIT_##what(type, field)

static const hf_field put_fields[] = {
    HEAD(hf_account_put_args),
    KEY(hf_account_put_args, key),
    ENUM(hf_account_put_args, mode, HF_PUT_ANY, HF_PUT_CHANGE, hf__arg_put_modes),
    FLAGS(hf_account_put_args, mask, HF__LIMIT_BITS, hf__arg_put_masks),
    NUMBER(hf_account_put_args, opening, I64, 0, INT64_MAX, HF_E_AMOUNT),
    HF__LIMIT_AMOUNTS(LIMIT_FIELD, hf_account_put_args)
    HF__LIMIT_SWITCHES(LIMIT_FIELD, hf_account_put_args)
    NUMBER(hf_account_put_args, unit_scale, I32, -1, HF_UNIT_SCALE_MAX, HF_E_ARGUMENT),
    HF__LIMITS_LATER(LIMIT_FIELD, hf_account_put_args)
};

/* Which side may be the world is a rule of each operation. */
static const hf_field move_fields[] = {
    HEAD(hf_move_args),
    KEY_OPT(hf_move_args, from),
    KEY_OPT(hf_move_args, to),
    AMOUNT(hf_move_args, amount),
};

static const hf_field get_fields[] = {
    HEAD(hf_account_get_args),
    KEY(hf_account_get_args, key),
};

static const hf_field list_fields[] = {
    HEAD(hf_account_list_args),
    KEY_OPT(hf_account_list_args, after),
    ENUM(hf_account_list_args, kind, HF_KIND_WORLD, HF_KIND_LIMIT, hf__kind_names),
    LIMIT(hf_account_list_args, 256),
};

static const hf_field adjust_fields[] = {
    HEAD(hf_account_adjust_args),
    KEY(hf_account_adjust_args, key),
    ENUM(hf_account_adjust_args, mode, HF_ADJUST_BY, HF_ADJUST_TO, hf__arg_adjust_modes),
    NUMBER(hf_account_adjust_args, quantity, I64, INT64_MIN, INT64_MAX, HF_E_QUANTITY),
};

static const hf_field unit_put_fields[] = {
    HEAD(hf_unit_put_args),
    NAME(hf_unit_put_args, code),
    NUMBER(hf_unit_put_args, scale, U32, 0, HF_UNIT_SCALE_MAX, HF_E_ARGUMENT),
};

static const hf_field unit_get_fields[] = {
    HEAD(hf_unit_get_args),
    NAME(hf_unit_get_args, code),
};

static const hf_field unit_list_fields[] = {
    HEAD(hf_unit_list_args),
    NAME_OPT(hf_unit_list_args, after),
    LIMIT(hf_unit_list_args, 256),
};
/* clang-format on */

void hf_account_put_init(hf_account_put_args *args, uint32_t kind, const char *name,
                         const char *unit)
{
    if (!hf__args_init(args, sizeof *args))
        return;
    args->key = hf_key_of(kind, name, "", unit);
    args->max_balance = INT64_MAX;
    args->unit_scale = -1;
}

void hf_move_init(hf_move_args *args)
{
    (void)hf__args_init(args, sizeof *args);
}

void hf_account_adjust_init(hf_account_adjust_args *args, uint32_t kind, const char *name,
                            const char *unit)
{
    if (hf__args_init(args, sizeof *args))
        args->key = hf_key_of(kind, name, "", unit);
}

void hf_account_get_init(hf_account_get_args *args, uint32_t kind, const char *name,
                         const char *unit)
{
    if (hf__args_init(args, sizeof *args))
        args->key = hf_key_of(kind, name, "", unit);
}

void hf_account_list_init(hf_account_list_args *args)
{
    if (hf__args_init(args, sizeof *args))
        args->limit = 100;
}

void hf_unit_put_init(hf_unit_put_args *args, const char *code, uint32_t scale)
{
    if (!hf__args_init(args, sizeof *args))
        return;
    args->code = code;
    args->scale = scale;
}

void hf_unit_get_init(hf_unit_get_args *args, const char *code)
{
    if (hf__args_init(args, sizeof *args))
        args->code = code;
}

void hf_unit_list_init(hf_unit_list_args *args)
{
    if (hf__args_init(args, sizeof *args))
        args->limit = 100;
}

void hf_item_put_init(hf_account_put_args *args, const char *sku)
{
    hf_account_put_init(args, HF_KIND_ITEM, sku, "pcs");
    if (args != NULL)
        args->unit_scale = 0;
}

void hf_item_receive_init(hf_move_args *args, const char *sku, int64_t quantity)
{
    if (!hf__args_init(args, sizeof *args))
        return;
    args->to = hf_key_of(HF_KIND_ITEM, sku, "", "pcs");
    args->amount = quantity;
}

void hf_item_adjust_init(hf_account_adjust_args *args, const char *sku)
{
    hf_account_adjust_init(args, HF_KIND_ITEM, sku, "pcs");
}

void hf_item_get_init(hf_account_get_args *args, const char *sku)
{
    hf_account_get_init(args, HF_KIND_ITEM, sku, "pcs");
}

static void init_account_put(void *args)
{
    hf_account_put_init(args, HF_KIND_MONEY, NULL, NULL);
}

static void init_item_put(void *args)
{
    hf_item_put_init(args, NULL);
}

static void init_move(void *args)
{
    hf_move_init(args);
}

static void init_item_receive(void *args)
{
    hf_item_receive_init(args, NULL, 0);
}

static void init_account_get(void *args)
{
    hf_account_get_init(args, HF_KIND_MONEY, NULL, NULL);
}

static void init_item_get(void *args)
{
    hf_item_get_init(args, NULL);
}

static void init_list(void *args)
{
    hf_account_list_init(args);
}

static void init_account_adjust(void *args)
{
    hf_account_adjust_init(args, HF_KIND_MONEY, NULL, NULL);
}

static void init_item_adjust(void *args)
{
    hf_item_adjust_init(args, NULL);
}

static void init_unit_put(void *args)
{
    hf_unit_put_init(args, NULL, 0);
}

static void init_unit_get(void *args)
{
    hf_unit_get_init(args, NULL);
}

static void init_unit_list(void *args)
{
    hf_unit_list_init(args);
}

/* clang-format off */
const hf_shape hf__shape_account_put =
    SHAPE("account_put", hf_account_put_args, put_fields, init_account_put);
const hf_shape hf__shape_account_deposit =
    SHAPE("account_deposit", hf_move_args, move_fields, init_move);
const hf_shape hf__shape_account_withdraw =
    SHAPE("account_withdraw", hf_move_args, move_fields, init_move);
const hf_shape hf__shape_account_transfer =
    SHAPE("account_transfer", hf_move_args, move_fields, init_move);
const hf_shape hf__shape_account_adjust =
    SHAPE("account_adjust", hf_account_adjust_args, adjust_fields, init_account_adjust);
const hf_shape hf__shape_account_get =
    SHAPE("account_get", hf_account_get_args, get_fields, init_account_get);
const hf_shape hf__shape_account_list =
    SHAPE("account_list", hf_account_list_args, list_fields, init_list);
const hf_shape hf__shape_unit_put =
    SHAPE("unit_put", hf_unit_put_args, unit_put_fields, init_unit_put);
const hf_shape hf__shape_unit_get =
    SHAPE("unit_get", hf_unit_get_args, unit_get_fields, init_unit_get);
const hf_shape hf__shape_unit_list =
    SHAPE("unit_list", hf_unit_list_args, unit_list_fields, init_unit_list);
const hf_shape hf__shape_item_put =
    SHAPE("item_put", hf_account_put_args, put_fields, init_item_put);
const hf_shape hf__shape_item_receive =
    SHAPE("item_receive", hf_move_args, move_fields, init_item_receive);
const hf_shape hf__shape_item_adjust =
    SHAPE("item_adjust", hf_account_adjust_args, adjust_fields, init_item_adjust);
const hf_shape hf__shape_item_get =
    SHAPE("item_get", hf_account_get_args, get_fields, init_item_get);
const hf_shape hf__shape_item_list =
    SHAPE("item_list", hf_account_list_args, list_fields, init_list);
/* clang-format on */
