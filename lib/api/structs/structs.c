/*
 * structs.c - which operation has which result, and the shapes of structs by name.
 */
#include "api/structs/structs.h"

#include <string.h>

#define HF__WRITE(NAME, name, args, last, result, ...) [HF_OP_##NAME] = (result),
#define HF__READ(NAME, name, args, last, result, ...)  [HF_OP_##NAME] = (result),

static const hf_shape *const results[] = {
#include "model/operations.def"
    [HF_OP_CALL] = &hf__struct_call,
};

/* clang-format off */
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
