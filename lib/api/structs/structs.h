/*
 * structs.h - the macros in which the shapes of records, results and other structs are written, and
 * those shapes.
 *
 * Unlike an argument's field, such a field has no range and no error: it is not checked.
 */
#ifndef HF_API_STRUCTS_STRUCTS_H
#define HF_API_STRUCTS_STRUCTS_H

#include "api/shapes/shapes.h"

/* clang-format off */
/* HAS(struct, member, kind). A list of names ends with NULL. */
#define HAS(type, member, what) {FIELD(type, member, what)}
#define HAS_ONE_OF(type, member, list) \
    {FIELD(type, member, ENUM), .max = HF__NAMES(list) - 1, .names = (list)}
#define HAS_BITS(type, member, list) \
    {FIELD(type, member, FLAGS), .max = ((int64_t)1 << HF__NAMES(list)) - 1, .names = (list)}
#define HAS_CHARS(type, member) \
    {FIELD(type, member, CHARS), .max = sizeof(((type *)0)->member)}
#define HAS_STRUCT(type, member, shape)  {FIELD(type, member, STRUCT), .element = (shape)}
#define HAS_POINTER(type, member, shape) {FIELD(type, member, POINTER), .element = (shape)}
/* Pointers to structs, or structs one behind the other; `count` is the member that says how many. */
#define HAS_ROWS(type, member, count, shape) \
    {FIELD(type, member, ROWS), .element = (shape), .count_at = (uint32_t)offsetof(type, count)}
#define HAS_STRUCTS(type, member, count, shape) \
    {FIELD(type, member, STRUCTS), .element = (shape), .count_at = (uint32_t)offsetof(type, count)}

#define STRUCT(type, list)                SHAPE(#type, type, list, NULL)
#define STRUCT_INIT(type, list, function) SHAPE(#type, type, list, function)
/* clang-format on */

/* Records. */
extern const hf_shape hf__struct_account;
extern const hf_shape hf__struct_unit;
extern const hf_shape hf__struct_hold;
extern const hf_shape hf__struct_leg;
extern const hf_shape hf__struct_order;
extern const hf_shape hf__struct_order_line;
extern const hf_shape hf__struct_order_leg;
extern const hf_shape hf__struct_adjustment;
extern const hf_shape hf__struct_payment;
extern const hf_shape hf__struct_fact;
extern const hf_shape hf__struct_event;
extern const hf_shape hf__struct_change;
extern const hf_shape hf__struct_cursor;
extern const hf_shape hf__struct_movement;
extern const hf_shape hf__struct_txn;
extern const hf_shape hf__struct_branch;
extern const hf_shape hf__struct_attempt;
extern const hf_shape hf__struct_node;
extern const hf_shape hf__struct_node_view;

/* Results of operations. */
extern const hf_shape hf__struct_account_page;
extern const hf_shape hf__struct_unit_page;
extern const hf_shape hf__struct_order_view;
extern const hf_shape hf__struct_order_page;
extern const hf_shape hf__struct_payment_page;
extern const hf_shape hf__struct_attention_page;
extern const hf_shape hf__struct_event_page;
extern const hf_shape hf__struct_cursor_page;
extern const hf_shape hf__struct_statement_page;
extern const hf_shape hf__struct_txn_view;
extern const hf_shape hf__struct_txn_page;
extern const hf_shape hf__struct_attempt_page;
extern const hf_shape hf__struct_node_page;
extern const hf_shape hf__struct_retention_result;
extern const hf_shape hf__struct_erase_result;

/* What else calls take and return. */
extern const hf_shape hf__struct_options;
extern const hf_shape hf__struct_health_info;
extern const hf_shape hf__struct_summary;
extern const hf_shape hf__struct_operation_figures;
extern const hf_shape hf__struct_callee_figures;
extern const hf_shape hf__struct_metrics_info;
extern const hf_shape hf__struct_metric;
extern const hf_shape hf__struct_finding;
extern const hf_shape hf__struct_verify_result;
extern const hf_shape hf__struct_segment;
extern const hf_shape hf__struct_retry_policy;
extern const hf_shape hf__struct_participant;
extern const hf_shape hf__struct_provider;
extern const hf_shape hf__struct_call;
extern const hf_shape hf__struct_call_answer;
extern const hf_shape hf__struct_barrier;
extern const hf_shape hf__struct_op;
extern const hf_shape hf__struct_completion;

/* Of a cache of the host's own. */
extern const hf_shape hf__struct_cache_options;
extern const hf_shape hf__struct_cache_stat;
extern const hf_shape hf__struct_cache_waiter;

#endif
