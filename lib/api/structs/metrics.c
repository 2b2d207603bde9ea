/*
 * metrics.c - shapes of an engine's figures.
 */
#include "api/structs/structs.h"

/* clang-format off */
static const char *const health_names[] = {
    [HF_HEALTH_OK] = "OK", [HF_HEALTH_DEGRADED] = "DEGRADED", [HF_HEALTH_POISONED] = "POISONED",
    [HF_HEALTH_CLOSING] = "CLOSING", NULL,
};
static const char *const breaker_state_names[] = {
    [HF_BREAKER_CLOSED] = "CLOSED", [HF_BREAKER_OPEN] = "OPEN",
    [HF_BREAKER_HALF_OPEN] = "HALF_OPEN", NULL,
};
static const char *const kind_names[] = {
    [HF_METRIC_COUNTER] = "COUNTER", [HF_METRIC_GAUGE] = "GAUGE",
    [HF_METRIC_HISTOGRAM] = "HISTOGRAM", NULL,
};
static const char *const unit_names[] = {
    [HF_METRIC_ONE] = "ONE", [HF_METRIC_NS] = "NS", [HF_METRIC_MS] = "MS",
    [HF_METRIC_BYTES] = "BYTES", [HF_METRIC_PPM] = "PPM", NULL,
};
static const char *const of_names[] = {
    [HF_METRIC_OF_ENGINE] = "ENGINE", [HF_METRIC_OF_OPERATION] = "OPERATION",
    [HF_METRIC_OF_CALLEE] = "CALLEE", NULL,
};

static const hf_field summary_fields[] = {
    HAS(hf_summary, count, U64),
    HAS(hf_summary, sum, U64),
    HAS(hf_summary, least, U64),
    HAS(hf_summary, most, U64),
    HAS(hf_summary, p50, U64),
    HAS(hf_summary, p90, U64),
    HAS(hf_summary, p99, U64),
    HAS(hf_summary, p999, U64),
    HAS(hf_summary, histogram, ADDRESS),
};

static const hf_field operation_fields[] = {
    HAS(hf_operation_figures, name, TEXT),
    HAS(hf_operation_figures, type, U32),
    HAS(hf_operation_figures, completed, U64),
    HAS(hf_operation_figures, refused, U64),
};

static const hf_field callee_fields[] = {
    HAS(hf_callee_figures, name, TEXT),
    HAS(hf_callee_figures, version, U32),
    HAS(hf_callee_figures, provider, U32),
    HAS(hf_callee_figures, calls, U64),
    HAS(hf_callee_figures, failures, U64),
    HAS(hf_callee_figures, timeouts, U64),
    HAS(hf_callee_figures, retries, U64),
    HAS(hf_callee_figures, retries_refused, U64),
    HAS(hf_callee_figures, breaker_opened, U64),
    HAS(hf_callee_figures, in_flight, U32),
    HAS(hf_callee_figures, waiting, U32),
    HAS_ONE_OF(hf_callee_figures, breaker_state, breaker_state_names),
};

static const hf_field metrics_fields[] = {
    HAS(hf_metrics_info, size, U32),
    HAS_ONE_OF(hf_metrics_info, state, health_names),
    HAS(hf_metrics_info, open_ns, U64),
    HAS(hf_metrics_info, not_ready_ns, U64),
    HAS(hf_metrics_info, availability_ppm, U64),
    HAS(hf_metrics_info, allocations, U64),
    HAS(hf_metrics_info, invariants, U64),
    HAS(hf_metrics_info, accepted, U64),
    HAS(hf_metrics_info, completed, U64),
    HAS(hf_metrics_info, in_flight, U64),
    HAS(hf_metrics_info, in_flight_ns, U64),
    HAS(hf_metrics_info, queued, U64),
    HAS(hf_metrics_info, new_work, U64),
    HAS(hf_metrics_info, new_work_max, U64),
    HAS(hf_metrics_info, completions_waiting, U64),
    HAS(hf_metrics_info, overloaded_writes, U64),
    HAS(hf_metrics_info, overloaded_reads, U64),
    HAS(hf_metrics_info, overloaded_completions, U64),
    HAS(hf_metrics_info, overloaded_txns, U64),
    HAS(hf_metrics_info, errors_rejected, U64),
    HAS(hf_metrics_info, errors_retryable, U64),
    HAS(hf_metrics_info, errors_unknown, U64),
    HAS(hf_metrics_info, errors_fatal, U64),
    HAS(hf_metrics_info, errors_misuse, U64),
    HAS_STRUCT(hf_metrics_info, write_latency_ns, &hf__struct_summary),
    HAS_STRUCT(hf_metrics_info, read_latency_ns, &hf__struct_summary),
    HAS_STRUCT(hf_metrics_info, write_wait_ns, &hf__struct_summary),
    HAS_STRUCT(hf_metrics_info, read_wait_ns, &hf__struct_summary),
    HAS(hf_metrics_info, batches, U64),
    HAS_STRUCT(hf_metrics_info, batch_operations, &hf__struct_summary),
    HAS_STRUCT(hf_metrics_info, write_batch_ns, &hf__struct_summary),
    HAS_STRUCT(hf_metrics_info, read_batch_ns, &hf__struct_summary),
    HAS(hf_metrics_info, write_busy_ns, U64),
    HAS(hf_metrics_info, read_busy_ns, U64),
    HAS(hf_metrics_info, write_utilisation_ppm, U64),
    HAS(hf_metrics_info, read_utilisation_ppm, U64),
    HAS(hf_metrics_info, rows_written, U64),
    HAS(hf_metrics_info, row_hits, U64),
    HAS(hf_metrics_info, row_misses, U64),
    HAS(hf_metrics_info, row_hit_ppm, U64),
    HAS(hf_metrics_info, read_cache_hits, U64),
    HAS(hf_metrics_info, read_cache_misses, U64),
    HAS(hf_metrics_info, peek_hits, U64),
    HAS(hf_metrics_info, peek_misses, U64),
    HAS(hf_metrics_info, read_cache_entries, U64),
    HAS(hf_metrics_info, read_cache_bytes, U64),
    HAS_STRUCT(hf_metrics_info, journal_flush_ns, &hf__struct_summary),
    HAS(hf_metrics_info, journal_dirty_bytes, U64),
    HAS(hf_metrics_info, journal_bytes, U64),
    HAS(hf_metrics_info, disk_free_bytes, U64),
    HAS(hf_metrics_info, warning_disk, U64),
    HAS(hf_metrics_info, warning_checkpoint, U64),
    HAS(hf_metrics_info, checkpoints, U64),
    HAS_STRUCT(hf_metrics_info, store_commit_ns, &hf__struct_summary),
    HAS_STRUCT(hf_metrics_info, sweep_ns, &hf__struct_summary),
    HAS(hf_metrics_info, swept_deadline, U64),
    HAS(hf_metrics_info, swept_supply, U64),
    HAS(hf_metrics_info, expiry_lag_ms, U64),
    HAS(hf_metrics_info, orders_waiting, U64),
    HAS(hf_metrics_info, orders_pending, U64),
    HAS(hf_metrics_info, orders_confirmed, U64),
    HAS(hf_metrics_info, orders_closed, U64),
    HAS(hf_metrics_info, orders_cancelled, U64),
    HAS(hf_metrics_info, orders_expired, U64),
    HAS(hf_metrics_info, payments_new, U64),
    HAS(hf_metrics_info, payments_pending, U64),
    HAS(hf_metrics_info, payments_authorized, U64),
    HAS(hf_metrics_info, payments_closed, U64),
    HAS(hf_metrics_info, payments_failed, U64),
    HAS(hf_metrics_info, holds_held, U64),
    HAS(hf_metrics_info, holds_partial, U64),
    HAS(hf_metrics_info, holds_done, U64),
    HAS(hf_metrics_info, holds_void, U64),
    HAS(hf_metrics_info, holds_expired, U64),
    HAS(hf_metrics_info, txns_trying, U64),
    HAS(hf_metrics_info, txns_confirming, U64),
    HAS(hf_metrics_info, txns_confirmed, U64),
    HAS(hf_metrics_info, txns_cancelling, U64),
    HAS(hf_metrics_info, txns_cancelled, U64),
    HAS(hf_metrics_info, event_seq, U64),
    HAS(hf_metrics_info, events_delivered, U64),
    HAS(hf_metrics_info, subscriptions, U64),
    HAS(hf_metrics_info, subscription_lag, U64),
    HAS(hf_metrics_info, txns_active, U64),
    HAS(hf_metrics_info, txns_waited_for, U64),
    HAS(hf_metrics_info, txns_parked, U64),
    HAS_STRUCT(hf_metrics_info, participant_call_ns, &hf__struct_summary),
    HAS_STRUCT(hf_metrics_info, provider_call_ns, &hf__struct_summary),
    HAS_STRUCTS(hf_metrics_info, operations, operation_count, &hf__struct_operation_figures),
    HAS_STRUCTS(hf_metrics_info, callees, callee_count, &hf__struct_callee_figures),
    HAS(hf_metrics_info, operation_count, U32),
    HAS(hf_metrics_info, callee_count, U32),
};

static const hf_field metric_fields[] = {
    HAS(hf_metric, field, TEXT),
    HAS(hf_metric, name, TEXT),
    HAS(hf_metric, help, TEXT),
    HAS(hf_metric, label, TEXT),
    HAS(hf_metric, value, TEXT),
    HAS_ONE_OF(hf_metric, kind, kind_names),
    HAS_ONE_OF(hf_metric, unit, unit_names),
    HAS_ONE_OF(hf_metric, of, of_names),
    HAS(hf_metric, offset, U32),
    HAS(hf_metric, bytes, U32),
};
/* clang-format on */

static void init_metrics(void *info)
{
    (void)hf__args_init(info, sizeof(hf_metrics_info));
}

/* clang-format off */
const hf_shape hf__struct_summary = STRUCT(hf_summary, summary_fields);
const hf_shape hf__struct_operation_figures = STRUCT(hf_operation_figures, operation_fields);
const hf_shape hf__struct_callee_figures = STRUCT(hf_callee_figures, callee_fields);
const hf_shape hf__struct_metrics_info =
    STRUCT_INIT(hf_metrics_info, metrics_fields, init_metrics);
const hf_shape hf__struct_metric = STRUCT(hf_metric, metric_fields);
/* clang-format on */
