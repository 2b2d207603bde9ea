/*
 * txn_lease.h - the fence: who may write transactions.
 *
 * Every write of the coordinator asks in the same commit whether the shard's lease still has the
 * epoch of this engine. One that was replaced is refused with HF_E_FENCED and has written nothing.
 */
#ifndef HF_DOMAIN_TXN_LEASE_H
#define HF_DOMAIN_TXN_LEASE_H

#include "domain/draft.h"
#include "domain/operation.h"

/*
 * 0, HF__NEED, HF_E_FENCED. An engine that has no epoch yet gets HF__NEED with draft->lease_wanted
 * set: it runs HF_EVENT_LEASE first and then decides again.
 */
int hf__txn_fence(hf__draft *draft, const hf_id *txn);

/* HF_EVENT_LEASE: takes every shard under one new epoch; quiet when they are taken already. */
int hf__decide_lease(const hf__operation *op, hf__draft *draft);

/* Touches every lease. */
void hf__plan_lease(const hf__operation *op, hf__draft *draft);

#endif
