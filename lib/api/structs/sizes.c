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

/* clang-format off */
NO_TAIL(hf_op_head, meta_bytes);
NO_TAIL(hf_account_put_args, reserved);
NO_TAIL(hf_move_args, amount);
NO_TAIL(hf_account_get_args, key);
NO_TAIL(hf_account_list_args, limit);
NO_TAIL(hf_account_adjust_args, quantity);
NO_TAIL(hf_unit_put_args, reserved);
NO_TAIL(hf_unit_get_args, code);
NO_TAIL(hf_unit_list_args, reserved);
NO_TAIL(hf_hold_place_args, deadline_ms);
NO_TAIL(hf_hold_post_args, release);
NO_TAIL(hf_hold_amount_args, amount);
NO_TAIL(hf_hold_adjust_args, reserved);
NO_TAIL(hf_hold_get_args, hold);
NO_TAIL(hf_leg_args, per_unit);
NO_TAIL(hf_line_args, untracked);
NO_TAIL(hf_adjustment_args, kind);
NO_TAIL(hf_order_place_args, payment_bytes);
NO_TAIL(hf_line_quantity, elsewhere);
NO_TAIL(hf_payment_amount, amount);
NO_TAIL(hf_order_units_args, reserved);
NO_TAIL(hf_line_change, unit_price);
NO_TAIL(hf_order_amend_args, return_bytes);
NO_TAIL(hf_order_get_args, order);
NO_TAIL(hf_order_list_args, limit);
NO_TAIL(hf_payment_args, reserved);
NO_TAIL(hf_payment_add_args, payment);
NO_TAIL(hf_payment_amount_args, amount);
NO_TAIL(hf_payment_report_args, payment_ref);
NO_TAIL(hf_payment_get_args, payment);
NO_TAIL(hf_payment_find_args, provider_ref);
NO_TAIL(hf_payment_list_args, limit);
NO_TAIL(hf_attention_list_args, reserved);
NO_TAIL(hf_attention_clear_args, reason);
NO_TAIL(hf_events_read_args, limit);
NO_TAIL(hf_cursor_put_args, seq);
NO_TAIL(hf_cursor_get_args, consumer);
NO_TAIL(hf_cursor_list_args, reserved);
NO_TAIL(hf_cursor_reset_args, seq);
NO_TAIL(hf_cursor_remove_args, consumer);
NO_TAIL(hf_statement_args, after_no);
NO_TAIL(hf_options, reserved);
NO_TAIL(hf_health_info, batch);
NO_TAIL(hf_metrics_info, callee_count);
NO_TAIL(hf_expect_args, available_min);
NO_TAIL(hf_retention_args, reserved);
NO_TAIL(hf_erase_args, reserved);
NO_TAIL(hf_verify_result, digest);
NO_TAIL(hf_store_config, complete_data);
NO_TAIL(hf_segment, next_sequence);
NO_TAIL(hf_txn_move_args, amount);
NO_TAIL(hf_branch_args, reserved);
NO_TAIL(hf_txn_args, wait_ms);
NO_TAIL(hf_txn_branch_args, branch);
NO_TAIL(hf_txn_seal_args, wait_ms);
NO_TAIL(hf_txn_act_args, answer);
NO_TAIL(hf_txn_get_args, txn);
NO_TAIL(hf_txn_list_args, reserved);
NO_TAIL(hf_txn_history_args, limit);
NO_TAIL(hf_nodes_list_args, reserved);
NO_TAIL(hf_node_drain_args, head);
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

/* clang-format off */
/* Those without a shape of that name: see structs.c for the others. */
static const struct_size sizes[] = {
    SIZE(hf_id),
    SIZE(hf_name),
    SIZE(hf_account_key),
    SIZE(hf_account_ref),
    SIZE(hf_op_head),
    SIZE(hf_req),
    SIZE(hf_field),
    SIZE(hf_shape),
    SIZE(hf_account_put_args),
    SIZE(hf_move_args),
    SIZE(hf_account_get_args),
    SIZE(hf_account_list_args),
    SIZE(hf_account_adjust_args),
    SIZE(hf_unit_put_args),
    SIZE(hf_unit_get_args),
    SIZE(hf_unit_list_args),
    SIZE(hf_hold_place_args),
    SIZE(hf_hold_post_args),
    SIZE(hf_hold_amount_args),
    SIZE(hf_hold_adjust_args),
    SIZE(hf_hold_get_args),
    SIZE(hf_leg_args),
    SIZE(hf_line_args),
    SIZE(hf_adjustment_args),
    SIZE(hf_order_place_args),
    SIZE(hf_line_quantity),
    SIZE(hf_payment_amount),
    SIZE(hf_order_units_args),
    SIZE(hf_line_change),
    SIZE(hf_order_amend_args),
    SIZE(hf_order_get_args),
    SIZE(hf_order_list_args),
    SIZE(hf_payment_args),
    SIZE(hf_payment_add_args),
    SIZE(hf_payment_amount_args),
    SIZE(hf_payment_report_args),
    SIZE(hf_payment_get_args),
    SIZE(hf_payment_find_args),
    SIZE(hf_payment_list_args),
    SIZE(hf_attention_list_args),
    SIZE(hf_attention_clear_args),
    SIZE(hf_events_read_args),
    SIZE(hf_cursor_put_args),
    SIZE(hf_cursor_get_args),
    SIZE(hf_cursor_list_args),
    SIZE(hf_cursor_reset_args),
    SIZE(hf_cursor_remove_args),
    SIZE(hf_statement_args),
    SIZE(hf_allocator),
    SIZE(hf_histogram),
    SIZE(hf_expect_args),
    SIZE(hf_retention_args),
    SIZE(hf_erase_args),
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
    SIZE(hf_txn_args),
    SIZE(hf_txn_branch_args),
    SIZE(hf_txn_seal_args),
    SIZE(hf_txn_act_args),
    SIZE(hf_txn_get_args),
    SIZE(hf_txn_list_args),
    SIZE(hf_txn_history_args),
    SIZE(hf_nodes_list_args),
    SIZE(hf_node_drain_args),
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
