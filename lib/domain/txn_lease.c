/*
 * txn_lease.c - leases of the shards: taken as a whole, asked for by every write.
 *
 * Happy path: the first write that concerns a transaction makes the engine take all shards under an
 * epoch above any that was ever given; from then on each write reads one row.
 *
 * Failure mode: HF_E_FENCED, for a shard whose row has another epoch or is missing.
 */
#include "domain/txn_lease.h"

#include "domain/common.h"
#include "domain/txn.h"

uint32_t hf__txn_shard(const hf_id *txn)
{
    uint32_t bits = 0; /* the last bytes of an id are random */
    for (uint32_t i = 8; i < sizeof txn->bytes; i++)
        bits = bits * 31 + txn->bytes[i];
    return bits % HF_SHARDS;
}

int hf__txn_fence(hf__draft *draft, const hf_id *txn)
{
    if (draft->epoch == 0) {
        draft->lease_wanted = 1;
        draft->wanted++;
        return HF__NEED;
    }
    uint32_t shard = hf__txn_shard(txn);
    const void *row;
    int error = hf__draft_get(draft, HF__LEASES, &(hf__lease){.shard = shard}, &row);
    if (error != 0)
        return error;
    const hf__lease *lease = row;
    if (lease != NULL && lease->epoch == draft->epoch)
        return 0;
    return hf__refuse(draft->detail, HF_E_FENCED,
                      "shard %u: epoch %llu is the newest, this engine has %llu", shard,
                      (unsigned long long)(lease == NULL ? 0 : lease->epoch),
                      (unsigned long long)draft->epoch);
}

/* The greatest epoch given, and how many shards have that of this engine. */
static int look(hf__draft *draft, uint64_t *highest, uint32_t *own)
{
    *highest = 0;
    *own = 0;
    int need = 0;
    for (uint32_t i = 0; i < HF_SHARDS; i++) {
        const void *row;
        int error = hf__draft_get(draft, HF__LEASES, &(hf__lease){.shard = i}, &row);
        if (error < 0)
            return error;
        need = error != 0 ? error : need;
        const hf__lease *lease = row;
        if (error != 0 || lease == NULL)
            continue;
        *highest = lease->epoch > *highest ? lease->epoch : *highest;
        *own += lease->epoch == draft->epoch ? 1 : 0;
    }
    return need;
}

static int take(hf__draft *draft, uint32_t shard, uint64_t epoch, const hf__txn_lease_args *args)
{
    const hf__lease key = {.shard = shard};
    void *row;
    int error = hf__draft_edit(draft, HF__LEASES, &key, &row);
    if (error == 0 && row == NULL)
        error = hf__draft_add(draft, HF__LEASES, &key, &row);
    if (error != 0)
        return error;
    hf__lease *lease = row;
    lease->owner = args->owner;
    lease->epoch = epoch;
    lease->expires_ms = args->expires_ms;
    return 0;
}

int hf__decide_lease(const hf__operation *op, hf__draft *draft)
{
    const hf__txn_lease_args *args = HF__ARGS(op, hf__txn_lease_args);
    uint64_t *epoch = hf__draft_alloc(draft, sizeof *epoch);
    if (epoch == NULL)
        return HF_E_NOMEM;
    uint64_t highest;
    uint32_t own;
    int error = look(draft, &highest, &own);
    if (error != 0)
        return error;
    draft->result = epoch;
    *epoch = draft->epoch;
    if (draft->epoch != 0 && own == HF_SHARDS) {
        draft->quiet = 1;
        return 0;
    }
    if (draft->epoch != 0) /* another took over: what this engine knows is of the past */
        return hf__refuse(draft->detail, HF_E_FENCED, "epoch %llu has been replaced by %llu",
                          (unsigned long long)draft->epoch, (unsigned long long)highest);
    *epoch = highest + 1;
    for (uint32_t i = 0; error == 0 && i < HF_SHARDS; i++)
        error = take(draft, i, *epoch, args);
    return error;
}

void hf__plan_lease(const hf__operation *op, hf__draft *draft)
{
    (void)op;
    uint64_t highest;
    uint32_t own;
    (void)look(draft, &highest, &own);
}
