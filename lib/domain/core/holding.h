/*
 * holding.h - which engine decides, and which shards it holds.
 *
 * A decision reads it beside the rows: rows say what holds in the store, this says which of it is
 * this engine's.
 */
#ifndef HF_DOMAIN_CORE_HOLDING_H
#define HF_DOMAIN_CORE_HOLDING_H

#include <holdfast/node.h>
#include <holdfast/txn.h>
#include <stdbool.h>

/* What of the leases and nodes in the store is this engine's; as of its last commit that said. */
typedef struct hf__held {
    uint64_t epochs[HF_SHARDS]; /* of its leases; 0: not held */
    uint32_t listed;            /* 1: it has a row among the nodes */
    uint32_t draining;          /* 1: it takes nothing any more */
} hf__held;

/* The engine. */
typedef struct hf__holding {
    hf__held held;
    hf_node node;     /* name, address, role and incarnation */
    int64_t lease_ms; /* of a shared store */
    bool shared;      /* others have the store open; else a lock is the lease of everything */
    bool named;       /* by its host: it is listed whether it drives or not */
} hf__holding;

#endif
