/*
 * hold.c - arguments of the hold operations: shapes and defaults.
 */
#include "api/shapes/shapes.h"

/* clang-format off */
static const hf_field place_fields[] = {
    HEAD(hf_hold_place_args),
    KEY_OPT(hf_hold_place_args, from),
    KEY_OPT(hf_hold_place_args, to),
    AMOUNT(hf_hold_place_args, amount),
    TIME(hf_hold_place_args, deadline_ms, HF_E_DEADLINE),
};

static const hf_field post_fields[] = {
    HEAD(hf_hold_post_args),
    ID(hf_hold_post_args, hold),
    NUMBER(hf_hold_post_args, post, I64, 0, INT64_MAX, HF_E_QUANTITY),
    NUMBER(hf_hold_post_args, release, I64, 0, INT64_MAX, HF_E_QUANTITY),
};

static const hf_field amount_fields[] = {
    HEAD(hf_hold_amount_args),
    ID(hf_hold_amount_args, hold),
    AMOUNT(hf_hold_amount_args, amount),
};

static const hf_field adjust_fields[] = {
    HEAD(hf_hold_adjust_args),
    ID(hf_hold_adjust_args, hold),
    NUMBER(hf_hold_adjust_args, grow, I64, 0, INT64_MAX, HF_E_AMOUNT),
    TIME(hf_hold_adjust_args, deadline_ms, HF_E_DEADLINE),
    SWITCH(hf_hold_adjust_args, set_deadline),
};

static const hf_field get_fields[] = {
    HEAD(hf_hold_get_args),
    ID(hf_hold_get_args, hold),
};
/* clang-format on */

void hf_hold_place_init(hf_hold_place_args *args)
{
    (void)hf__args_init(args, sizeof *args);
}

void hf_hold_post_init(hf_hold_post_args *args, const hf_id *hold)
{
    if (hf__args_init(args, sizeof *args))
        args->hold = hf__id_of(hold);
}

void hf_hold_amount_init(hf_hold_amount_args *args, const hf_id *hold)
{
    if (!hf__args_init(args, sizeof *args))
        return;
    args->hold = hf__id_of(hold);
    args->amount = HF_ALL;
}

void hf_hold_adjust_init(hf_hold_adjust_args *args, const hf_id *hold)
{
    if (hf__args_init(args, sizeof *args))
        args->hold = hf__id_of(hold);
}

void hf_hold_get_init(hf_hold_get_args *args, const hf_id *hold)
{
    if (hf__args_init(args, sizeof *args))
        args->hold = hf__id_of(hold);
}

static void init_place(void *args)
{
    hf_hold_place_init(args);
}

static void init_post(void *args)
{
    hf_hold_post_init(args, NULL);
}

static void init_amount(void *args)
{
    hf_hold_amount_init(args, NULL);
}

static void init_adjust(void *args)
{
    hf_hold_adjust_init(args, NULL);
}

static void init_get(void *args)
{
    hf_hold_get_init(args, NULL);
}

/* clang-format off */
const hf_shape hf__shape_hold_place =
    SHAPE("hold_place", hf_hold_place_args, place_fields, init_place);
const hf_shape hf__shape_hold_post =
    SHAPE("hold_post", hf_hold_post_args, post_fields, init_post);
const hf_shape hf__shape_hold_release =
    SHAPE("hold_release", hf_hold_amount_args, amount_fields, init_amount);
const hf_shape hf__shape_hold_adjust =
    SHAPE("hold_adjust", hf_hold_adjust_args, adjust_fields, init_adjust);
const hf_shape hf__shape_hold_reverse =
    SHAPE("hold_reverse", hf_hold_amount_args, amount_fields, init_amount);
const hf_shape hf__shape_hold_get =
    SHAPE("hold_get", hf_hold_get_args, get_fields, init_get);
/* clang-format on */
