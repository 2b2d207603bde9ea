/*
 * sizes.c - what the binary interface promises about sizes, and how bindings ask for them.
 *
 * A binding in another language declares the structs a second time; it compares its sizes with
 * these when it is loaded, so that a mistake is a message and not a damaged order.
 */
#include "api/shapes/shapes.h"
#include "base/version.h"

#include <string.h>

_Static_assert(sizeof(hf_id) == 16, "an id has 16 bytes");
_Static_assert(sizeof(hf_name) == 64, "a name has 64 bytes");
_Static_assert(sizeof(hf_op) == 64, "hf_op has 64 bytes for ever");
_Static_assert(sizeof(hf_completion) == 64, "hf_completion has 64 bytes for ever");
_Static_assert(sizeof(hf_req) == 256, "hf_req has 256 bytes for ever");

/* A struct that may grow has no padding at its end: a new field must not lie in old padding. */
#define NO_TAIL(type, last)                                                                        \
    _Static_assert(offsetof(type, last) + sizeof(((type *)0)->last) == sizeof(type), #type)

#define HF__WRITE(NAME, name, args, last, ...) NO_TAIL(args, last);
#define HF__READ(NAME, name, args, last, ...)  NO_TAIL(args, last);
#include "model/operations.def"

/* clang-format off */
NO_TAIL(hf_op_head, meta_bytes);
NO_TAIL(hf_leg_args, per_unit);
NO_TAIL(hf_line_args, untracked);
NO_TAIL(hf_adjustment_args, kind);
NO_TAIL(hf_line_quantity, elsewhere);
NO_TAIL(hf_payment_amount, amount);
NO_TAIL(hf_line_change, unit_price);
NO_TAIL(hf_payment_args, reserved);
NO_TAIL(hf_options, reserved);
NO_TAIL(hf_health_info, batch);
NO_TAIL(hf_metrics_info, callee_count);
NO_TAIL(hf_verify_result, digest);
NO_TAIL(hf_store_config, complete_data);
NO_TAIL(hf_segment, next_sequence);
NO_TAIL(hf_txn_move_args, amount);
NO_TAIL(hf_branch_args, reserved);
NO_TAIL(hf_retry_policy, reserved);
NO_TAIL(hf_call, reserved);
NO_TAIL(hf_call_answer, detail);
NO_TAIL(hf_participant, flags);
NO_TAIL(hf_provider, flags);
/* clang-format on */

typedef struct struct_size {
    const char *name;
    size_t bytes;
} struct_size;

#define SIZE(type)                                                                                 \
    {                                                                                              \
        .name = #type, .bytes = sizeof(type)                                                       \
    }

#define HF__WRITE(NAME, name, args, ...) SIZE(args),
#define HF__READ(NAME, name, args, ...)  SIZE(args),

/* clang-format off */
/* Those without a shape of that name: see structs.c for the others. */
static const struct_size sizes[] = {
#include "model/operations.def"
    SIZE(hf_id),
    SIZE(hf_name),
    SIZE(hf_account_key),
    SIZE(hf_account_ref),
    SIZE(hf_op_head),
    SIZE(hf_req),
    SIZE(hf_field),
    SIZE(hf_shape),
    SIZE(hf_leg_args),
    SIZE(hf_line_args),
    SIZE(hf_adjustment_args),
    SIZE(hf_line_quantity),
    SIZE(hf_payment_amount),
    SIZE(hf_line_change),
    SIZE(hf_payment_args),
    SIZE(hf_allocator),
    SIZE(hf_histogram),
    SIZE(hf_column),
    SIZE(hf_index),
    SIZE(hf_table),
    SIZE(hf_schema),
    SIZE(hf_store_error),
    SIZE(hf_store_caller),
    SIZE(hf_store_identity),
    SIZE(hf_store_mark),
    SIZE(hf_table_stat),
    SIZE(hf_store_stat),
    SIZE(hf_scan),
    SIZE(hf_store_config),
    SIZE(hf_store_driver),
    SIZE(hf_txn_move_args),
    SIZE(hf_branch_args),
};
/* clang-format on */

size_t hf_struct_size(const char *name)
{
    const hf_shape *shape = hf_struct_shape(name);
    if (shape != NULL)
        return shape->size;
    for (size_t i = 0; name != NULL && i < COUNT(sizes); i++) {
        if (strcmp(sizes[i].name, name) == 0)
            return sizes[i].bytes;
    }
    return 0;
}

size_t hf_req_size(void)
{
    return sizeof(hf_req);
}

const char *hf_version(void)
{
    return HF__VERSION;
}
