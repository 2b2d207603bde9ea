/*
 * table.c - every metric once: its field, its name and help in the text, its unit and label.
 *
 * The comments of include/holdfast/metrics.h are the same texts, which a test compares.
 */
#include <holdfast/metrics.h>
#include <stddef.h>

/* clang-format off */
/* Name and help of metrics with several fields. */
#define OVERLOADED \
    "holdfast_overloaded_total", \
    "calls answered HF_E_OVERLOADED since open, by what was full"
#define ERRORS \
    "holdfast_errors_total", \
    "operations completed with an error since open, by the class of the error"
#define LATENCY \
    "holdfast_operation_latency_seconds", \
    "time from the acceptance of an operation to its completion"
#define WAIT \
    "holdfast_operation_wait_seconds", \
    "of that, the time until the batch of the operation began"
#define BATCH \
    "holdfast_batch_seconds", \
    "time from the first decision of a batch to the end of its flush"
#define BUSY \
    "holdfast_busy_seconds_total", \
    "time since open during which a batch ran, counted when it is delivered"
#define UTILISATION \
    "holdfast_utilisation_ratio", \
    "busy time / time open"
#define LOOKUPS \
    "holdfast_row_lookups_total", \
    "rows that decisions looked up since open: a hit was in the working set, a miss was not"
#define CACHED \
    "holdfast_read_cache_lookups_total", \
    "reads since open that the read cache may answer"
#define PEEKS \
    "holdfast_peeks_total", \
    "peeks since open"
#define WARNING \
    "holdfast_warning", \
    "1 while the engine warns that it may soon refuse writes, else 0"
#define SWEPT \
    "holdfast_swept_records_total", \
    "records that the engine handled by itself since open, because a deadline passed or supply came"
#define ORDERS \
    "holdfast_orders_total", \
    "orders that a commit since open left in this state and that had another one or were new"
#define PAYMENTS \
    "holdfast_payments_total", \
    "payments that a commit since open left in this state and that had another one or were new"
#define HOLDS \
    "holdfast_holds_total", \
    "holds that a commit since open left in this state and that had another one or were new"
#define TXNS \
    "holdfast_transactions_total", \
    "transactions that a commit since open left in this state and that had another one or were new"
#define CALLS \
    "holdfast_call_seconds", \
    "time from a call of a participant or payment provider to its answer or time-out"

/* `...` is name and help. */
#define ROW(type, member, whose, what, in, by, is, ...) \
    {#member, __VA_ARGS__, by, is, HF_METRIC_##what, HF_METRIC_##in, HF_METRIC_OF_##whose, \
     (uint32_t)offsetof(type, member), sizeof(((type *)0)->member), 0}
#define ENGINE(member, what, in, by, is, ...) \
    ROW(hf_metrics_info, member, ENGINE, what, in, by, is, __VA_ARGS__)
#define OPERATION(member, what, ...) \
    ROW(hf_operation_figures, member, OPERATION, what, ONE, "operation", NULL, __VA_ARGS__)
#define CALLEE(member, what, ...) \
    ROW(hf_callee_figures, member, CALLEE, what, ONE, "callee", NULL, __VA_ARGS__)

static const hf_metric metrics[] = {
    ENGINE(state, GAUGE, ONE, NULL, NULL, "holdfast_state",
           "hf_health_state: 0 OK, 1 degraded, 2 poisoned, 3 closing"),
    ENGINE(open_ns, COUNTER, NS, NULL, NULL, "holdfast_open_seconds_total",
           "how long the engine has been open"),
    ENGINE(not_ready_ns, COUNTER, NS, NULL, NULL, "holdfast_not_ready_seconds_total",
           "of that, how long it was degraded or poisoned"),
    ENGINE(availability_ppm, GAUGE, PPM, NULL, NULL, "holdfast_availability_ratio",
           "1 - time not ready / time open"),
    ENGINE(allocations, COUNTER, ONE, NULL, NULL, "holdfast_allocations_total",
           "calls of the allocator since open"),
    ENGINE(invariants, COUNTER, ONE, NULL, NULL, "holdfast_invariants_total",
           "operations undone by HF_E_INVARIANT since open, the engine's own too"),
    ENGINE(accepted, COUNTER, ONE, NULL, NULL, "holdfast_operations_accepted_total",
           "operations accepted since open"),
    ENGINE(completed, COUNTER, ONE, NULL, NULL, "holdfast_operations_completed_total",
           "operations completed since open: called back, or put into the completion queue"),
    ENGINE(in_flight, GAUGE, ONE, NULL, NULL, "holdfast_operations_in_flight",
           "operations accepted and not completed"),
    ENGINE(in_flight_ns, COUNTER, NS, NULL, NULL, "holdfast_operations_in_flight_seconds_total",
           "integral over time of the operations in flight: its growth divided by the time is their average"),
    ENGINE(queued, GAUGE, ONE, NULL, NULL, "holdfast_operations_queued",
           "operations that wait for a batch"),
    ENGINE(new_work, GAUGE, ONE, NULL, NULL, "holdfast_new_work_in_flight",
           "of those in flight, new work under HF_ADMISSION_ADAPTIVE; else 0"),
    ENGINE(new_work_max, GAUGE, ONE, NULL, NULL, "holdfast_new_work_limit",
           "cap of new work in flight under HF_ADMISSION_ADAPTIVE, of the loop and of other threads "
           "each; else 0"),
    ENGINE(completions_waiting, GAUGE, ONE, NULL, NULL, "holdfast_completions_waiting",
           "completions that are not taken from the completion queue, or will be put into it"),
    ENGINE(overloaded_writes, COUNTER, ONE, "full", "writes", OVERLOADED),
    ENGINE(overloaded_reads, COUNTER, ONE, "full", "reads", OVERLOADED),
    ENGINE(overloaded_completions, COUNTER, ONE, "full", "completions", OVERLOADED),
    ENGINE(overloaded_txns, COUNTER, ONE, "full", "transactions", OVERLOADED),
    ENGINE(errors_rejected, COUNTER, ONE, "class", "REJECTED", ERRORS),
    ENGINE(errors_retryable, COUNTER, ONE, "class", "RETRYABLE", ERRORS),
    ENGINE(errors_unknown, COUNTER, ONE, "class", "UNKNOWN", ERRORS),
    ENGINE(errors_fatal, COUNTER, ONE, "class", "FATAL", ERRORS),
    ENGINE(errors_misuse, COUNTER, ONE, "class", "MISUSE", ERRORS),
    ENGINE(write_latency_ns, HISTOGRAM, NS, "kind", "write", LATENCY),
    ENGINE(read_latency_ns, HISTOGRAM, NS, "kind", "read", LATENCY),
    ENGINE(write_wait_ns, HISTOGRAM, NS, "kind", "write", WAIT),
    ENGINE(read_wait_ns, HISTOGRAM, NS, "kind", "read", WAIT),
    ENGINE(batches, COUNTER, ONE, NULL, NULL, "holdfast_batches_total",
           "batches committed since open"),
    ENGINE(batch_operations, HISTOGRAM, ONE, NULL, NULL, "holdfast_batch_operations",
           "operations of a batch that writes, with those of the coordinator"),
    ENGINE(write_batch_ns, HISTOGRAM, NS, "kind", "write", BATCH),
    ENGINE(read_batch_ns, HISTOGRAM, NS, "kind", "read", BATCH),
    ENGINE(write_busy_ns, COUNTER, NS, "kind", "write", BUSY),
    ENGINE(read_busy_ns, COUNTER, NS, "kind", "read", BUSY),
    ENGINE(write_utilisation_ppm, GAUGE, PPM, "kind", "write", UTILISATION),
    ENGINE(read_utilisation_ppm, GAUGE, PPM, "kind", "read", UTILISATION),
    ENGINE(rows_written, COUNTER, ONE, NULL, NULL, "holdfast_rows_written_total",
           "rows written and removed by commits since open"),
    ENGINE(row_hits, COUNTER, ONE, "result", "hit", LOOKUPS),
    ENGINE(row_misses, COUNTER, ONE, "result", "miss", LOOKUPS),
    ENGINE(row_hit_ppm, GAUGE, PPM, NULL, NULL, "holdfast_row_hit_ratio",
           "hits / (hits + misses); 0 without look-ups"),
    ENGINE(read_cache_hits, COUNTER, ONE, "result", "hit", CACHED),
    ENGINE(read_cache_misses, COUNTER, ONE, "result", "miss", CACHED),
    ENGINE(peek_hits, COUNTER, ONE, "result", "hit", PEEKS),
    ENGINE(peek_misses, COUNTER, ONE, "result", "miss", PEEKS),
    ENGINE(read_cache_entries, GAUGE, ONE, NULL, NULL, "holdfast_read_cache_entries",
           "records in the read cache"),
    ENGINE(read_cache_bytes, GAUGE, BYTES, NULL, NULL, "holdfast_read_cache_bytes",
           "memory that the records in the read cache take"),
    ENGINE(journal_flush_ns, HISTOGRAM, NS, NULL, NULL, "holdfast_journal_flush_seconds",
           "time that a flush of the journal took"),
    ENGINE(journal_dirty_bytes, GAUGE, BYTES, NULL, NULL, "holdfast_journal_dirty_bytes",
           "changes that the journal has and the store has not"),
    ENGINE(journal_bytes, GAUGE, BYTES, NULL, NULL, "holdfast_journal_bytes",
           "files of the journal on disk"),
    ENGINE(disk_free_bytes, GAUGE, BYTES, NULL, NULL, "holdfast_disk_free_bytes",
           "bytes that are free for the store; 2^64 - 1: it is not known"),
    ENGINE(warning_disk, GAUGE, ONE, "of", "disk", WARNING),
    ENGINE(warning_checkpoint, GAUGE, ONE, "of", "checkpoint", WARNING),
    ENGINE(checkpoints, COUNTER, ONE, NULL, NULL, "holdfast_checkpoints_total",
           "commits since open that brought the store what the journal had"),
    ENGINE(store_commit_ns, HISTOGRAM, NS, NULL, NULL, "holdfast_store_commit_seconds",
           "time that a commit of the store took: of a checkpoint, without a journal of a batch"),
    ENGINE(sweep_ns, HISTOGRAM, NS, NULL, NULL, "holdfast_sweep_seconds",
           "time that expiry and promotions took in a batch"),
    ENGINE(swept_deadline, COUNTER, ONE, "cause", "deadline", SWEPT),
    ENGINE(swept_supply, COUNTER, ONE, "cause", "supply", SWEPT),
    ENGINE(expiry_lag_ms, GAUGE, MS, NULL, NULL, "holdfast_expiry_lag_seconds",
           "age of the oldest deadline that is more than a second overdue; 0: there is none"),
    ENGINE(orders_waiting, COUNTER, ONE, "state", "WAITING", ORDERS),
    ENGINE(orders_pending, COUNTER, ONE, "state", "PENDING", ORDERS),
    ENGINE(orders_confirmed, COUNTER, ONE, "state", "CONFIRMED", ORDERS),
    ENGINE(orders_closed, COUNTER, ONE, "state", "CLOSED", ORDERS),
    ENGINE(orders_cancelled, COUNTER, ONE, "state", "CANCELLED", ORDERS),
    ENGINE(orders_expired, COUNTER, ONE, "state", "EXPIRED", ORDERS),
    ENGINE(payments_new, COUNTER, ONE, "state", "NEW", PAYMENTS),
    ENGINE(payments_pending, COUNTER, ONE, "state", "PENDING", PAYMENTS),
    ENGINE(payments_authorized, COUNTER, ONE, "state", "AUTHORIZED", PAYMENTS),
    ENGINE(payments_closed, COUNTER, ONE, "state", "CLOSED", PAYMENTS),
    ENGINE(payments_failed, COUNTER, ONE, "state", "FAILED", PAYMENTS),
    ENGINE(holds_held, COUNTER, ONE, "state", "HELD", HOLDS),
    ENGINE(holds_partial, COUNTER, ONE, "state", "PARTIAL", HOLDS),
    ENGINE(holds_done, COUNTER, ONE, "state", "DONE", HOLDS),
    ENGINE(holds_void, COUNTER, ONE, "state", "VOID", HOLDS),
    ENGINE(holds_expired, COUNTER, ONE, "state", "EXPIRED", HOLDS),
    ENGINE(txns_trying, COUNTER, ONE, "state", "TRYING", TXNS),
    ENGINE(txns_confirming, COUNTER, ONE, "state", "CONFIRMING", TXNS),
    ENGINE(txns_confirmed, COUNTER, ONE, "state", "CONFIRMED", TXNS),
    ENGINE(txns_cancelling, COUNTER, ONE, "state", "CANCELLING", TXNS),
    ENGINE(txns_cancelled, COUNTER, ONE, "state", "CANCELLED", TXNS),
    ENGINE(event_seq, COUNTER, ONE, NULL, NULL, "holdfast_events_total",
           "last event written, also before this open"),
    ENGINE(events_delivered, COUNTER, ONE, NULL, NULL, "holdfast_events_delivered_total",
           "events given to subscriptions since open"),
    ENGINE(subscriptions, GAUGE, ONE, NULL, NULL, "holdfast_subscriptions",
           "subscriptions that are open"),
    ENGINE(subscription_lag, GAUGE, ONE, NULL, NULL, "holdfast_subscription_lag",
           "events that the slowest subscription was not given yet"),
    ENGINE(txns_active, GAUGE, ONE, NULL, NULL, "holdfast_transactions_active",
           "transactions in which something happens now"),
    ENGINE(txns_waited_for, GAUGE, ONE, NULL, NULL, "holdfast_transactions_waited_for",
           "callers that wait for the decision or the end of a transaction"),
    ENGINE(txns_parked, GAUGE, ONE, NULL, NULL, "holdfast_transactions_parked",
           "transactions of the store that wait for a person"),
    ENGINE(participant_call_ns, HISTOGRAM, NS, "callee", "participant", CALLS),
    ENGINE(provider_call_ns, HISTOGRAM, NS, "callee", "provider", CALLS),
    OPERATION(completed, COUNTER, "holdfast_operation_completions_total",
              "operations completed since open, by operation"),
    OPERATION(refused, COUNTER, "holdfast_operation_errors_total",
              "operations completed with an error since open, by operation"),
    CALLEE(calls, COUNTER, "holdfast_callee_calls_total",
           "calls made since open, by participant or provider"),
    CALLEE(failures, COUNTER, "holdfast_callee_failures_total",
           "calls that ended without an answer or with UNKNOWN since open"),
    CALLEE(timeouts, COUNTER, "holdfast_callee_timeouts_total",
           "of these, calls that timed out"),
    CALLEE(retries, COUNTER, "holdfast_callee_retries_total",
           "calls since open that were not the first attempt"),
    CALLEE(retries_refused, COUNTER, "holdfast_callee_retries_refused_total",
           "retries that the retry budget put off since open"),
    CALLEE(breaker_opened, COUNTER, "holdfast_callee_breaker_opened_total",
           "how often the breaker opened since open"),
    CALLEE(in_flight, GAUGE, "holdfast_callee_calls_in_flight",
           "calls that have not ended"),
    CALLEE(waiting, GAUGE, "holdfast_callee_calls_waiting",
           "calls that wait until the callee may be called"),
    CALLEE(breaker_state, GAUGE, "holdfast_callee_breaker_state",
           "hf_breaker_state: 0 closed, 1 open, 2 half-open"),
};
/* clang-format on */

const hf_metric *hf_metric_at(uint32_t index)
{
    return index < sizeof metrics / sizeof metrics[0] ? &metrics[index] : NULL;
}
