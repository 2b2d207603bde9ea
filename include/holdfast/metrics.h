/*
 * metrics.h - the figures of an open engine: counters, gauges and latencies of every part of it, in
 * one struct and as Prometheus text.
 *
 * Counters grow from the open of the engine on and are never reset; what happened in a window is
 * the difference of two readings. Latencies are measured in ns on a monotonic clock; an engine with
 * a virtual clock measures all times on the virtual clock. Ratios are in millionths.
 *
 *     average in flight   growth of in_flight_ns / time
 *     throughput          growth of completed / time
 *     latency             growth of the sums of both latencies / growth of completed
 *
 * By Little's law the first is the product of the other two (Little, "A Proof for the Queuing
 * Formula L = lambda W", Operations Research 9(3), 1961). They are counted apart, so that a
 * completion that is lost or counted twice shows.
 *
 * hf_options.metrics_file names a file that the engine replaces each second by the text of
 * hf_metrics_text, with the figures of the last minute: for `holdfast status` and `holdfast top`,
 * and for the textfile collector of Prometheus, which runs as a user of its own: everybody may read
 * the file, unless the umask of the process forbids it (0644 less the umask). It has figures, the
 * names of participants and providers, the number of the process and the id of the store, and
 * nothing else of the records. Closing the engine removes it. The engine keeps a lock on it
 * (flock), so that a file which a killed process left is recognised, and replaced by the next
 * engine; an empty file is replaced too. Opening an engine is HF_E_LOCKED when another one writes
 * the file, HF_E_EXISTS when it is another program's, and HF_E_PATH when the path is a symbolic
 * link, whatever it leads to: each is untouched. A file or link that somebody puts there later is
 * replaced. A later failure to write the file is logged.
 *
 * hf_metric_at returns the table of all metrics: the comments of the fields below, the names and
 * help of the text and those of the Python package come from it.
 */
#ifndef HOLDFAST_METRICS_H
#define HOLDFAST_METRICS_H

#include <holdfast/engine.h>
#include <holdfast/histogram.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A latency or size: of all values since open. Quantiles are within 2 %; 0 while `count` is. */
typedef struct hf_summary {
    uint64_t count; /* of values */
    uint64_t sum;   /* of them */
    uint64_t least; /* value */
    uint64_t most;  /* value */
    uint64_t p50;   /* quantiles: half of the values are at most this */
    uint64_t p90;
    uint64_t p99;
    uint64_t p999;
    const hf_histogram *histogram; /* all of them, for other quantiles; a view as hf_metrics says */
} hf_summary;

/* The operations of one type. */
typedef struct hf_operation_figures {
    const char *name; /* of the operation, as hf_event_type_name */
    uint32_t type;    /* hf_op_type */
    uint32_t reserved;
    uint64_t completed; /* operations completed since open, by operation */
    uint64_t refused;   /* operations completed with an error since open, by operation */
} hf_operation_figures;

/* A participant or payment provider that is registered. */
typedef struct hf_callee_figures {
    const char *name;
    uint32_t version;         /* of a participant; 0 */
    uint32_t provider;        /* 1: it is a payment provider; 0: a participant */
    uint64_t calls;           /* calls made since open, by participant or provider */
    uint64_t failures;        /* calls that ended without an answer or with UNKNOWN since open */
    uint64_t timeouts;        /* of these, calls that timed out */
    uint64_t retries;         /* calls since open that were not the first attempt */
    uint64_t retries_refused; /* retries that the retry budget put off since open */
    uint64_t breaker_opened;  /* how often the breaker opened since open */
    uint32_t in_flight;       /* calls that have not ended */
    uint32_t waiting;         /* calls that wait until the callee may be called */
    uint32_t breaker_state;   /* hf_breaker_state: 0 closed, 1 open, 2 half-open */
    uint32_t reserved;
} hf_callee_figures;

/* The result of hf_metrics. */
typedef struct hf_metrics_info {
    uint32_t size;
    uint32_t state; /* hf_health_state: 0 OK, 1 degraded, 2 poisoned, 3 closing */

    /* Time and memory */
    uint64_t open_ns;          /* how long the engine has been open */
    uint64_t not_ready_ns;     /* of that, how long it was degraded or poisoned */
    uint64_t availability_ppm; /* 1 - time not ready / time open */
    uint64_t allocations;      /* calls of the allocator since open */
    uint64_t invariants; /* operations undone by HF_E_INVARIANT since open, the engine's own too */

    /* Operations */
    uint64_t accepted;     /* operations accepted since open */
    uint64_t completed;    /* operations completed since open: called back, or put into the
                              completion queue */
    uint64_t in_flight;    /* operations accepted and not completed */
    uint64_t in_flight_ns; /* integral over time of the operations in flight: its growth divided
                              by the time is their average */
    uint64_t queued;       /* operations that wait for a batch */
    uint64_t new_work;     /* of those in flight, new work under HF_ADMISSION_ADAPTIVE; else 0 */
    uint64_t new_work_max; /* cap of new work in flight under HF_ADMISSION_ADAPTIVE, of the loop and
                              of other threads each; else 0 */
    uint64_t completions_waiting;    /* completions that are not taken from the completion queue, or
                                        will be put into it */
    uint64_t overloaded_writes;      /* calls answered HF_E_OVERLOADED since open, by what was full:
                                        full writes */
    uint64_t overloaded_reads;       /* full reads */
    uint64_t overloaded_completions; /* full completions */
    uint64_t overloaded_txns;        /* full transactions */
    uint64_t errors_rejected;    /* operations completed with an error since open, by the class of
                                    the error: class REJECTED */
    uint64_t errors_retryable;   /* class RETRYABLE */
    uint64_t errors_unknown;     /* class UNKNOWN */
    uint64_t errors_fatal;       /* class FATAL */
    uint64_t errors_misuse;      /* class MISUSE */
    hf_summary write_latency_ns; /* time from the acceptance of an operation to its completion:
                                    kind write */
    hf_summary read_latency_ns;  /* kind read */
    hf_summary write_wait_ns;    /* of that, the time until the batch of the operation began: kind
                                    write */
    hf_summary read_wait_ns;     /* kind read */

    /* Batches and the working set */
    uint64_t batches;               /* batches committed since open */
    hf_summary batch_operations;    /* operations of a batch that writes, with those of the
                                       coordinator */
    hf_summary write_batch_ns;      /* time from the first decision of a batch to the end of its
                                       flush: kind write */
    hf_summary read_batch_ns;       /* kind read */
    uint64_t write_busy_ns;         /* time since open during which a batch ran, counted when it is
                                       delivered: kind write */
    uint64_t read_busy_ns;          /* kind read */
    uint64_t write_utilisation_ppm; /* busy time / time open: kind write */
    uint64_t read_utilisation_ppm;  /* kind read */
    uint64_t rows_written;          /* rows written and removed by commits since open */
    uint64_t row_hits;    /* rows that decisions looked up since open: a hit was in the working set,
                             a miss was not: result hit */
    uint64_t row_misses;  /* result miss */
    uint64_t row_hit_ppm; /* hits / (hits + misses); 0 without look-ups */

    /* The read cache */
    uint64_t read_cache_hits;    /* reads since open that the read cache may answer: result hit */
    uint64_t read_cache_misses;  /* result miss */
    uint64_t peek_hits;          /* peeks since open: result hit */
    uint64_t peek_misses;        /* result miss */
    uint64_t read_cache_entries; /* records in the read cache */
    uint64_t read_cache_bytes;   /* memory that the records in the read cache take */

    /* Journal and store */
    hf_summary journal_flush_ns;  /* time that a flush of the journal took */
    uint64_t journal_dirty_bytes; /* changes that the journal has and the store has not */
    uint64_t journal_bytes;       /* files of the journal on disk */
    uint64_t disk_free_bytes;     /* bytes that are free for the store; 2^64 - 1: it is not known */
    uint64_t
        warning_disk; /* 1 while the engine warns that it may soon refuse writes, else 0: of disk */
    uint64_t warning_checkpoint; /* of checkpoint */
    uint64_t checkpoints;       /* commits since open that brought the store what the journal had */
    hf_summary store_commit_ns; /* time that a commit of the store took: of a checkpoint, without
                                   a journal of a batch */

    /* What the engine does by itself */
    hf_summary sweep_ns;     /* time that expiry and promotions took in a batch */
    uint64_t swept_deadline; /* records that the engine handled by itself since open, because a
                                deadline passed or supply came: cause deadline */
    uint64_t swept_supply;   /* cause supply */
    uint64_t expiry_lag_ms;  /* age of the oldest deadline that is more than a second overdue; 0:
                                there is none */

    /* Records by outcome */
    uint64_t orders_waiting;   /* orders that a commit since open left in this state and that had
                                  another one or were new: state WAITING */
    uint64_t orders_pending;   /* state PENDING */
    uint64_t orders_confirmed; /* state CONFIRMED */
    uint64_t orders_closed;    /* state CLOSED */
    uint64_t orders_cancelled; /* state CANCELLED */
    uint64_t orders_expired;   /* state EXPIRED */
    uint64_t payments_new;     /* payments that a commit since open left in this state and that had
                                  another one or were new: state NEW */
    uint64_t payments_pending; /* state PENDING */
    uint64_t payments_authorized; /* state AUTHORIZED */
    uint64_t payments_closed;     /* state CLOSED */
    uint64_t payments_failed;     /* state FAILED */
    uint64_t holds_held;          /* holds that a commit since open left in this state and that had
                                     another one or were new: state HELD */
    uint64_t holds_partial;       /* state PARTIAL */
    uint64_t holds_done;          /* state DONE */
    uint64_t holds_void;          /* state VOID */
    uint64_t holds_expired;       /* state EXPIRED */
    uint64_t txns_trying;     /* transactions that a commit since open left in this state and that
                                 had another one or were new: state TRYING */
    uint64_t txns_confirming; /* state CONFIRMING */
    uint64_t txns_confirmed;  /* state CONFIRMED */
    uint64_t txns_cancelling; /* state CANCELLING */
    uint64_t txns_cancelled;  /* state CANCELLED */

    /* Events */
    uint64_t event_seq;        /* last event written, also before this open */
    uint64_t events_delivered; /* events given to subscriptions since open */
    uint64_t subscriptions;    /* subscriptions that are open */
    uint64_t subscription_lag; /* events that the slowest subscription was not given yet */

    /* Transactions, participants and providers */
    uint64_t txns_active;     /* transactions in which something happens now */
    uint64_t txns_waited_for; /* callers that wait for the decision or the end of a transaction */
    uint64_t txns_parked;     /* transactions of the store that wait for a person */
    hf_summary participant_call_ns; /* time from a call of a participant or payment provider to
                                       its answer or time-out: callee participant */
    hf_summary provider_call_ns;    /* callee provider */

    /* Lists */
    const hf_operation_figures *operations; /* of each type that was completed */
    const hf_callee_figures *callees;
    uint32_t operation_count;
    uint32_t callee_count;
} hf_metrics_info;

/* What a metric is in Prometheus. */
typedef enum hf_metric_kind {
    HF_METRIC_COUNTER = 0,   /* grows until the engine is closed */
    HF_METRIC_GAUGE = 1,     /* goes up and down */
    HF_METRIC_HISTOGRAM = 2, /* an hf_summary */
} hf_metric_kind;

/* The unit of a metric; the text has base units. */
typedef enum hf_metric_unit {
    HF_METRIC_ONE = 0,   /* a number of what `help` says */
    HF_METRIC_NS = 1,    /* in the text seconds */
    HF_METRIC_MS = 2,    /* in the text seconds */
    HF_METRIC_BYTES = 3, /* bytes */
    HF_METRIC_PPM = 4,   /* millionths; in the text a ratio from 0 to 1 */
} hf_metric_unit;

/* What a figure belongs to. */
typedef enum hf_metric_of {
    HF_METRIC_OF_ENGINE = 0,    /* a field of hf_metrics_info */
    HF_METRIC_OF_OPERATION = 1, /* of hf_operation_figures */
    HF_METRIC_OF_CALLEE = 2,    /* of hf_callee_figures */
} hf_metric_of;

/* One field of the structs above. Fields of one metric follow each other. */
typedef struct hf_metric {
    const char *field; /* "errors_fatal" */
    const char *name;  /* of the metric in the text: "holdfast_errors_total" */
    const char *help;  /* what it counts or measures */
    const char *label; /* by which the fields of one metric differ: "class"; NULL: there is one */
    const char *value; /* of the label: "FATAL"; NULL: each element of the list has its own */
    uint32_t kind;     /* hf_metric_kind */
    uint32_t unit;     /* hf_metric_unit */
    uint32_t of;       /* hf_metric_of */
    uint32_t offset;   /* bytes from the start of its struct */
    uint32_t bytes;    /* of the field: 4 or 8 of a number, else those of hf_summary */
    uint32_t reserved;
} hf_metric;

/*
 * Reads all figures; out->size must be set to sizeof(hf_metrics_info). Lists and histograms are
 * views until the next call on the engine or iteration of its loop. Counts nothing itself and
 * allocates nothing. HF_E_CLOSED, HF_E_ABI, HF_E_ARGUMENT. Thread: loop. Since 0.1.
 */
HF_API int hf_metrics(hf_engine *engine, hf_metrics_info *out);

/*
 * Writes all figures as Prometheus text (exposition format 0.0.4) into `out`: at most `bytes` of
 * it, its end included, which is always a 0. Returns how long the whole text is without that 0, so
 * that a longer one was cut when this is not below `bytes`; HF_E_CLOSED, HF_E_ARGUMENT (`out` is
 * NULL and `bytes` is not 0). Labels are bounded: operations, classes, states, and the names of at
 * most 64 participants and providers; with 10 of these the text has about 30 KiB. Histograms have
 * buckets at powers of two: 16 us to 34 s, or 1 to 16,384. Thread: loop. Since 0.1. Source:
 * Prometheus, "Exposition formats".
 */
HF_API int64_t hf_metrics_text(hf_engine *engine, char *out, uint64_t bytes);

/*
 * The metrics by position, from 0 on; NULL behind the last one. Static.
 * Thread: any. Since 0.1.
 */
HF_API const hf_metric *hf_metric_at(uint32_t index);

#ifdef __cplusplus
}
#endif

#endif
