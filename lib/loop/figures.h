/*
 * figures.h - what the loop counts and measures, all of it on its own thread.
 */
#ifndef HF_LOOP_FIGURES_H
#define HF_LOOP_FIGURES_H

#include "base/wide.h"
#include "engine/engine.h"
#include "txn/runtime.h"

#define HF__OP_TYPES 128u /* numbers of operations are below */

/* Writes and reads; the index of what is measured for both. */
enum { HF__WRITES, HF__READS, HF__KINDS };

/* What was full when an operation was refused with HF_E_OVERLOADED. */
typedef enum hf__full {
    HF__FULL_NOTHING = 0,
    HF__FULL_WRITES, /* the batch of writes being filled: its operations or their arguments */
    HF__FULL_READS,
    HF__FULL_COMPLETIONS, /* the completion queue */
    HF__FULL_TXNS,        /* the coordinator */
} hf__full;

#define HF__FULL_COUNT (HF__FULL_TXNS + 1)

/* times * part / whole, rounded down; 0 when there is no whole. */
static inline uint64_t hf__figures_part(uint64_t part, uint64_t whole, uint64_t times)
{
    return whole == 0 ? 0 : (uint64_t)((hf__uwide)part * times / whole);
}

/* What hf_health counts here. */
typedef struct hf__counts {
    uint64_t operations;
    uint64_t completed;
    uint64_t refused;
    uint64_t overloaded[HF__FULL_COUNT];
} hf__counts;

/* Of one type of operations. */
typedef struct hf__type_counts {
    uint64_t completed;
    uint64_t refused;
} hf__type_counts;

/* What hf_metrics counts here besides. Times are those of hf__figures_now. */
typedef struct hf__figures {
    int64_t counted_ns;    /* up to then in_flight_ns has been summed up */
    uint64_t in_flight_ns; /* the integral of the operations in flight */
    int64_t arrived_ns;    /* of the operations being accepted; 0: they arrive now */
    uint64_t errors[HF_CLASS_MISUSE + 1];
    hf__type_counts types[HF__OP_TYPES];
    uint64_t events; /* given to subscriptions */
    int64_t busy_until_ns[HF__KINDS];
    uint64_t busy_ns[HF__KINDS];
    hf_histogram latency_ns[HF__KINDS];
    hf_histogram wait_ns[HF__KINDS];
    hf_histogram batch_ns[HF__KINDS];
    hf_histogram operations; /* of a batch of writes */
    hf_histogram sweep_ns;
    /* What the last hf_metrics_info points to. */
    hf__engine_figures engine;
    hf_operation_figures listed[HF__OP_TYPES];
    hf_callee_figures callees[HF__CALLEES_MAX];
} hf__figures;

#endif
