/*
 * holding.h - which engine decides, and which shards it holds.
 *
 * A decision reads it beside the rows: the rows have the leases and nodes of all engines, this
 * struct those of this engine.
 */
#ifndef HF_DOMAIN_CORE_HOLDING_H
#define HF_DOMAIN_CORE_HOLDING_H

#include <holdfast/node.h>
#include <holdfast/txn.h>
#include <stdbool.h>

/* The leases and the node of this engine, as of its last commit that changed them. */
typedef struct hf__held {
    uint64_t epochs[HF_SHARDS]; /* of its leases; 0: another engine has it, or none */
    uint32_t listed;            /* 1: it has a row among the nodes */
    uint32_t draining;          /* 1: it takes no lease any more */
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
