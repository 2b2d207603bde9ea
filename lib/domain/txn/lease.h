/*
 * lease.h - the fence: who may write transactions.
 *
 * Every write of what an engine has driven asks in the same commit whether the shard's lease is
 * still its own and alive. One that was replaced is refused with HF_E_FENCED and has written
 * nothing. What callers and operators do is decided on the rows as they are, whichever engine they
 * ask: a store that is shared shows each write every commit before it.
 */
#ifndef HF_DOMAIN_TXN_LEASE_H
#define HF_DOMAIN_TXN_LEASE_H

#include "domain/txn/work.h"

#define HF__TXN_LEASE 3u /* in hf__draft.loaded: the lease of the operation's transaction */

/* Names the lease of a transaction's shard; returns where the draft has it, as hf__draft_load. */
uint32_t hf__load_lease(hf__draft *draft, const hf_id *txn);

/*
 * 0 with the epoch of the shard's lease, whose row (NULL: there is none) has been named; HF__SWEEP,
 * HF_E_FENCED. An engine that has a store for itself and no leases yet gets HF__SWEEP for
 * HF_EVENT_LEASE: it takes them first and then decides again.
 */
int hf__txn_fence_by(hf__draft *draft, const hf_id *txn, hf__txn_by by, const hf__lease *lease,
                     uint64_t *epoch);

/* The same for a lease that is found by its shard. */
int hf__txn_fence(hf__draft *draft, const hf_id *txn, hf__txn_by by, uint64_t *epoch);

#endif
