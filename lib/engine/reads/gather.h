/*
 * gather.h - the orders that a batch of reads asks for, read together.
 *
 * A vector has the rows of one table of many orders, so a store reads them with few statements or
 * along one cursor. What was gathered only saves reads: an order of which a row is missing, or that
 * is large, is read by itself, and that read finds what is wrong with it.
 */
#ifndef HF_ENGINE_READS_GATHER_H
#define HF_ENGINE_READS_GATHER_H

#include "domain/core/view.h"
#include "engine/engine.h"

struct hf__query;

/*
 * An order whose rows were read together with the rows of other orders. The rows are in the memory
 * of the read batch.
 */
typedef struct hf__gathered {
    uint32_t task;                  /* the index of the task of the batch that reads the order */
    uint32_t leg_count;             /* of `legs` */
    const hf_order *order;          /* NULL: there is none */
    const void *const *lines;       /* as many as the order says; NULL: not gathered; so below */
    const void *const *adjustments; /* as many as the order says */
    const void *const *payments;    /* as many as the order says */
    const void *const *legs;        /* further legs */
} hf__gathered;

typedef struct hf__gather {
    hf__gathered *orders; /* by task, in the read batch's memory */
    uint32_t count;
    uint32_t next;  /* the first order that was not taken */
    uint32_t until; /* tasks before this one have been looked at */
} hf__gather;

/*
 * The gathered order of a task that reads one; NULL: there is none. The tasks are passed in their
 * order. Reads the orders of the tasks that follow too.
 */
const hf__gathered *hf__gather_take(struct hf__query *query, const hf__batch *batch, uint32_t task);

/* The row with this key, or the rows of this range, of an order. False: they are not gathered. */
bool hf__gathered_get(const hf__gathered *of, const hf__key *key, const void **row);
bool hf__gathered_scan(const hf__gathered *of, const hf_scan *range, uint32_t limit, hf__rows *out);

#endif
