/*
 * lease.c - leases of the shards: asked for by every write of a transaction.
 *
 * Happy path: one row is read, and it has the epoch that this engine took.
 *
 * Failure mode: HF_E_FENCED, for a shard whose row has another epoch, has expired or is missing.
 */
#include "domain/txn/lease.h"

#include "domain/core/common.h"

#include <holdfast/event.h>

uint32_t hf__txn_shard(const hf_id *txn)
{
    uint32_t bits = 0; /* the last bytes of an id are random */
    for (uint32_t i = 8; i < sizeof txn->bytes; i++)
        bits = bits * 31 + txn->bytes[i];
    return bits % HF_SHARDS;
}

static int refuse(const hf__draft *draft, uint32_t shard, const hf__lease *lease)
{
    uint64_t own = draft->holding->held.epochs[shard];
    if (lease != NULL && lease->epoch == own)
        return hf__refuse(draft->detail, HF_E_FENCED, "shard %u: the lease expired %lld ms ago",
                          shard, (long long)(draft->now_ms - lease->expires_ms));
    return hf__refuse(
        draft->detail, HF_E_FENCED, "shard %u: epoch %llu is the newest, this engine has %llu",
        shard, (unsigned long long)(lease == NULL ? 0 : lease->epoch), (unsigned long long)own);
}

uint32_t hf__load_lease(hf__draft *draft, const hf_id *txn)
{
    return hf__draft_load(draft, HF__LEASES, &(hf__lease){.shard = hf__txn_shard(txn)});
}

int hf__txn_fence_by(hf__draft *draft, const hf_id *txn, hf__txn_by by, const hf__lease *lease,
                     uint64_t *epoch)
{
    const hf__holding *holding = draft->holding;
    uint32_t shard = hf__txn_shard(txn);
    uint64_t own = holding->held.epochs[shard];
    *epoch = 0;
    if (own == 0 && !holding->shared) {
        draft->sweep_type = HF_EVENT_LEASE;
        return HF__SWEEP;
    }
    *epoch = lease == NULL ? 0 : lease->epoch;
    if (holding->shared && by == HF__TXN_BY_CALLER)
        return 0;
    bool alive = lease != NULL && (lease->expires_ms == 0 || lease->expires_ms > draft->now_ms);
    if (alive && own != 0 && lease->epoch == own)
        return 0;
    return refuse(draft, shard, lease);
}

int hf__txn_fence(hf__draft *draft, const hf_id *txn, hf__txn_by by, uint64_t *epoch)
{
    const void *row;
    int error = hf__draft_get(draft, HF__LEASES, &(hf__lease){.shard = hf__txn_shard(txn)}, &row);
    return error != 0 ? error : hf__txn_fence_by(draft, txn, by, row, epoch);
}
