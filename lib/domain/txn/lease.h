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

/*
 * 0 with the epoch of the shard's lease, HF__NEED, HF_E_FENCED. An engine that has a store for
 * itself and no leases yet gets HF__NEED with draft->lease_wanted set: it runs HF_EVENT_LEASE first
 * and then decides again.
 */
int hf__txn_fence(hf__draft *draft, const hf_id *txn, hf__txn_by by, uint64_t *epoch);

#endif
