/*
 * node.c - which engine drives which shard: takes, renews, shares and releases leases.
 *
 * Happy path on a store of one engine: the lock is the lease. The engine takes every shard under an
 * epoch above any that was ever given, and never writes it again.
 *
 * Happy path on a shared store: what is held is renewed; shards that are free or have expired are
 * taken under a new epoch up to a fair part, ceil(HF_SHARDS / live nodes); what is beyond it is
 * released. A lease of another that is alive is never touched. All of this is decided by the time
 * of the batch, and no later commit has an earlier time.
 *
 * Failure modes: HF_E_FENCED, on a store of one engine that another one took; HF_E_BUSY while
 * another engine with this node's name is alive.
 */
#include "domain/txn/node.h"

#include "domain/core/common.h"
#include "domain/core/handlers.h"
#include "domain/core/load.h"
#include "domain/txn/txn.h"

#include <string.h>

#define NODES_MAX 1024u

/* How long a node that ended without notice is still listed. */
#define NODE_KEPT_MS INT64_C(3600000)

/* One run over all leases and nodes, and its result. */
typedef struct round {
    hf__draft *draft;
    const hf__holding *self;
    uint32_t lease_at[HF_SHARDS];       /* where the draft has the rows */
    const hf__lease *leases[HF_SHARDS]; /* as they were; NULL: never taken */
    hf__rows nodes;
    hf__held after;
    uint64_t highest; /* epoch ever given */
    uint32_t kept;    /* shards that this engine has after it */
    bool drives;      /* it takes shards */
    bool changed;     /* more than renewals */
} round;

/* ---- Looking --------------------------------------------------------------------------------- */

static void load_leases(round *r)
{
    for (uint32_t i = 0; i < HF_SHARDS; i++) {
        r->lease_at[i] = hf__draft_load(r->draft, HF__LEASES, &(hf__lease){.shard = i});
        r->leases[i] = hf__loaded(r->draft, r->lease_at[i]);
        if (r->leases[i] != NULL && r->leases[i]->epoch > r->highest)
            r->highest = r->leases[i]->epoch;
    }
}

void hf__load_leases(const hf__operation *op, hf__draft *draft)
{
    (void)op;
    const hf_scan all = {.table = HF__NODES};
    round *r = hf__draft_alloc(draft, sizeof *r);
    draft->found = r;
    if (r == NULL) {
        draft->load_error = HF_E_NOMEM;
        return;
    }
    r->draft = draft;
    r->self = draft->holding;
    r->after.draining = draft->holding->held.draining;
    load_leases(r);
    hf__draft_load_scan(draft, &all, NODES_MAX, &r->nodes);
}

static bool is_own(const round *r, uint32_t shard)
{
    uint64_t epoch = r->self->held.epochs[shard];
    return epoch != 0 && r->leases[shard] != NULL && r->leases[shard]->epoch == epoch;
}

/* True for a lease of another engine that is alive. */
static bool is_taken(const round *r, uint32_t shard)
{
    return r->leases[shard] != NULL && r->leases[shard]->expires_ms > r->draft->now_ms;
}

static const hf_node *own_node(const round *r)
{
    for (uint32_t i = 0; i < r->nodes.count; i++) {
        const hf_node *node = r->nodes.rows[i];
        if (hf__name_equal(&node->name, &r->self->node.name))
            return node;
    }
    return NULL;
}

static bool is_same_engine(const round *r, const hf_node *node)
{
    return node != NULL && node->incarnation == r->self->node.incarnation;
}

/* Nodes that take shards, this one included when it does. */
static uint32_t count_drivers(const round *r)
{
    uint32_t drivers = r->drives ? 1 : 0;
    for (uint32_t i = 0; i < r->nodes.count; i++) {
        const hf_node *node = r->nodes.rows[i];
        bool other = !hf__name_equal(&node->name, &r->self->node.name);
        bool alive = node->expires_ms > r->draft->now_ms;
        drivers += other && alive && node->drives && !node->draining ? 1 : 0;
    }
    return drivers;
}

/* ---- Leases ---------------------------------------------------------------------------------- */

/*
 * Writes a lease; `epoch` 0 releases the shard: the stored epoch stays, so the next one is above
 * it.
 */
static int write_lease(round *r, uint32_t shard, uint64_t epoch, int64_t expires_ms)
{
    const hf__lease key = {.shard = shard};
    void *row;
    int error = hf__loaded_put(r->draft, r->lease_at[shard], HF__LEASES, &key, &row);
    if (error != 0)
        return error;
    hf__lease *lease = row;
    r->changed = r->changed || lease->epoch != epoch;
    lease->owner = epoch == 0 ? (hf_name){{0}} : r->self->node.name;
    lease->expires_ms = expires_ms;
    r->after.epochs[shard] = epoch;
    if (epoch == 0)
        return 0;
    lease->epoch = epoch;
    r->kept++;
    return 0;
}

/* Renews the leases that this engine has, up to its share. */
static int renew(round *r, uint32_t share)
{
    int64_t now = r->draft->now_ms;
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < HF_SHARDS; i++) {
        if (!is_own(r, i))
            continue;
        bool keep = r->kept < share;
        error =
            write_lease(r, i, keep ? r->leases[i]->epoch : 0, keep ? now + r->self->lease_ms : now);
    }
    return error;
}

static int take(round *r, uint32_t share)
{
    int error = 0;
    for (uint32_t i = 0; error == 0 && r->kept < share && i < HF_SHARDS; i++) {
        if (!is_own(r, i) && !is_taken(r, i))
            error = write_lease(r, i, r->highest + 1, r->draft->now_ms + r->self->lease_ms);
    }
    return error;
}

static int share_out(round *r)
{
    uint32_t drivers = count_drivers(r);
    uint32_t share = r->drives ? (HF_SHARDS + drivers - 1) / drivers : 0;
    int error = renew(r, share);
    return error != 0 ? error : take(r, share);
}

/* ---- Nodes ----------------------------------------------------------------------------------- */

/* Removes the rows of engines that have surely ended. */
static int clear_nodes(const round *r)
{
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < r->nodes.count; i++) {
        const hf_node *node = r->nodes.rows[i];
        bool other = !hf__name_equal(&node->name, &r->self->node.name);
        bool ended = !r->self->shared || node->expires_ms < r->draft->now_ms - NODE_KEPT_MS;
        if (other && ended)
            error = hf__draft_del_known(r->draft, HF__NODES, node);
    }
    return error;
}

static int write_node(round *r)
{
    const hf_node *stored = own_node(r);
    const hf_node *self = &r->self->node;
    void *row;
    int error = stored != NULL ? hf__draft_edit_known(r->draft, HF__NODES, stored, &row)
                               : hf__draft_add(r->draft, HF__NODES, self, &row);
    if (error != 0)
        return error;
    hf_node *node = row;
    if (!is_same_engine(r, stored)) {
        *node = *self;
        node->started_ms = r->draft->now_ms;
        r->changed = true;
    }
    node->expires_ms = r->self->shared ? r->draft->now_ms + r->self->lease_ms : 0;
    node->drives = r->drives ? 1 : 0;
    node->draining = r->after.draining;
    r->after.listed = 1;
    return 0;
}

static int remove_node(round *r)
{
    const hf_node *stored = own_node(r);
    r->changed = true;
    return is_same_engine(r, stored) ? hf__draft_del_known(r->draft, HF__NODES, stored) : 0;
}

/* ---- Rounds ---------------------------------------------------------------------------------- */

static int finish(const round *r)
{
    r->draft->quiet = r->changed ? 0 : 1;
    r->draft->held = &r->after;
    return 0;
}

/* On a store of one engine: takes all leases, unless the engine has them. */
static int hold_all(round *r)
{
    uint32_t own = 0;
    for (uint32_t i = 0; i < HF_SHARDS; i++)
        own += is_own(r, i) ? 1 : 0;
    uint64_t epoch = r->self->held.epochs[0];
    r->after.draining = r->self->held.draining;
    memcpy(r->after.epochs, r->self->held.epochs, sizeof r->after.epochs);
    if (own == HF_SHARDS)
        return 0;
    if (epoch != 0) /* another engine took over: what this engine knows is outdated */
        return hf__refuse(r->draft->detail, HF_E_FENCED, "epoch %llu has been replaced by %llu",
                          (unsigned long long)epoch, (unsigned long long)r->highest);
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < HF_SHARDS; i++)
        error = write_lease(r, i, r->highest + 1, 0);
    return error;
}

static int alone(round *r, const hf__txn_lease_args *args)
{
    if (args->leaves)
        return remove_node(r);
    r->drives = true;
    int error = hold_all(r);
    r->after.listed = r->self->held.listed;
    if (error != 0 || !r->self->named || is_same_engine(r, own_node(r)))
        return error;
    error = clear_nodes(r);
    return error != 0 ? error : write_node(r);
}

static int together(round *r, const hf__txn_lease_args *args)
{
    const hf_node *stored = own_node(r);
    bool ours = stored == NULL || is_same_engine(r, stored);
    if (!ours && stored->expires_ms > r->draft->now_ms)
        return hf__refuse(r->draft->detail, HF_E_BUSY,
                          "another node %s is alive; give each engine a name of its own",
                          stored->name.text);
    r->drives = args->drives && !args->leaves && !r->after.draining;
    int error = share_out(r);
    if (error == 0)
        error = clear_nodes(r);
    if (error != 0)
        return error;
    if (args->leaves)
        return remove_node(r);
    bool listed = r->self->named || args->drives || r->self->held.listed;
    return listed ? write_node(r) : 0;
}

int hf__decide_lease(const hf__operation *op, hf__draft *draft)
{
    const hf__txn_lease_args *args = HF__ARGS(op, hf__txn_lease_args);
    round *r = draft->found;
    int error = r->self->shared ? together(r, args) : alone(r, args);
    return error != 0 ? error : finish(r);
}

int hf__decide_node_drain(const hf__operation *op, hf__draft *draft)
{
    (void)op;
    round *r = draft->found;
    int error = 0;
    r->changed = r->self->held.draining == 0;
    r->after.draining = 1;
    r->after.listed = r->self->held.listed;
    if (r->self->shared)
        error = renew(r, 0);
    else
        memcpy(r->after.epochs, r->self->held.epochs, sizeof r->after.epochs);
    if (error == 0 && r->self->held.listed)
        error = write_node(r);
    return error != 0 ? error : finish(r);
}
