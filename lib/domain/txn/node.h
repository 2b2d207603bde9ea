/*
 * node.h - takes, renews, shares and releases leases, and writes the rows of nodes.
 */
#ifndef HF_DOMAIN_TXN_NODE_H
#define HF_DOMAIN_TXN_NODE_H

#include "domain/core/draft.h"
#include "domain/core/operation.h"

/* HF_EVENT_LEASE: see hf__txn_lease_args. Writes no event when it only renews leases. */
int hf__decide_lease(const hf__operation *op, hf__draft *draft);

/* Names every lease and node. */
void hf__load_leases(const hf__operation *op, hf__draft *draft);

#endif
