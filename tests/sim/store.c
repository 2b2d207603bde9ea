/*
 * store.c - one memory store that every node has open, and what goes wrong with it.
 *
 * A node that crashes reaches it no more. Commits are refused, applied without an answer, or kept
 * unflushed until the power fails, as the world's dice and the control say.
 */
#include "store.h"

#include "model/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct open_store {
    uint32_t node;
} open_store;

typedef struct sim_txn {
    void *inner;
    const hf_store_caller *caller;
    uint32_t node;
    bool writes;
    bool busy;
    bool decides;       /* a transaction is decided in it */
    uint64_t old_epoch; /* of a transaction written by an engine that was replaced; 0: none */
    uint64_t newest;    /* of its shard */
    uint64_t lease_mask;
    hf__lease leases[HF_SHARDS]; /* that are written in it */
    uint32_t first_change;
} sim_txn;

static open_store stores[SIM_NODES];
static sim_txn txns[8];

static int refuse(hf_store_error *error, int code)
{
    if (error == NULL)
        return code;
    error->code = code;
    error->native = 0;
    (void)snprintf(error->text, sizeof error->text, "simulated: %s", hf_error_text(code));
    return code;
}

/* A fault of the store outside of commits: `per_thousand` of a kind that heals. */
static int gate(uint32_t node, hf_store_error *error, uint32_t per_thousand)
{
    if (sim->store->crashed[node] || sim->nodes[node].doomed)
        return refuse(error, HF_E_IO);
    if (sim->quiet || !sim_chance(per_thousand))
        return 0;
    sim->counts[SIM_STORE_BUSY]++;
    return refuse(error, HF_E_BUSY);
}

/* ---- Transactions ---------------------------------------------------------------------------- */

static int open_it(const hf_store_config *config, void **out)
{
    uint32_t node = (uint32_t)strtoul(config->location, NULL, 10);
    stores[node].node = node;
    *out = &stores[node];
    return gate(node, config->error, 0);
}

static void close_it(void *opened)
{
    (void)opened;
}

static int begin(void *opened, uint32_t mode, const hf_store_caller *caller, void **out)
{
    uint32_t node = ((const open_store *)opened)->node;
    int error = gate(node, caller->error, mode == HF_TXN_WRITE ? 4 : 2);
    sim_txn *txn = txns;
    while (txn->busy)
        txn++;
    *txn = (sim_txn){.caller = caller,
                     .node = node,
                     .writes = mode == HF_TXN_WRITE,
                     .first_change = sim->store->change_count};
    if (error == 0)
        error = sim->store->driver->begin(sim->store->inner, mode, caller, &txn->inner);
    txn->busy = error == 0;
    *out = error == 0 ? txn : NULL;
    return error;
}

/*
 * The controls of leases. Without a fence its own epoch looks like the newest to each engine; in
 * the other one that is so when its lease has run out, which it does not see either.
 */
static void lie(const sim_txn *txn, uint32_t table, void *row)
{
    hf__lease *lease = row;
    bool lies = sim->control == SIM_NO_FENCE || sim->control == SIM_EXPIRED;
    uint64_t own = lies && table == HF__LEASES ? sim->nodes[txn->node].epochs[lease->shard] : 0;
    if (own == 0)
        return;
    bool over = lease->epoch != own || lease->expires_ms <= sim->store->time_ms;
    lease->epoch = own;
    if (sim->control == SIM_EXPIRED && over)
        lease->expires_ms = INT64_MAX;
}

static int get(void *begun, uint32_t table, void *const *rows, uint8_t *found, uint32_t count)
{
    sim_txn *txn = begun;
    int error = gate(txn->node, txn->caller->error, 1);
    if (error == 0)
        error = sim->store->driver->get(txn->inner, table, rows, found, count);
    for (uint32_t i = 0; error == 0 && i < count; i++)
        if (found[i])
            lie(txn, table, rows[i]);
    return error;
}

static void look(sim_txn *txn, uint32_t table, const void *before, const void *after)
{
    if (table == HF__LEASES) {
        const hf__lease *lease = after;
        txn->leases[lease->shard] = *lease;
        txn->lease_mask |= UINT64_C(1) << lease->shard;
    }
    if (table != HF__TXNS)
        return;
    const hf_txn *old = before;
    const hf_txn *row = after;
    bool confirms = row->state == HF_TXN_CONFIRMING || row->state == HF_TXN_CONFIRMED;
    if (confirms && old != NULL && old->state == HF_TXN_TRYING)
        txn->decides = true;
    if (row->epoch >= sim->store->epochs[row->shard])
        return;
    txn->old_epoch = row->epoch;
    txn->newest = sim->store->epochs[row->shard];
}

static int put(void *begun, uint32_t table, const void *const *rows, const void *const *olds,
               uint32_t count)
{
    sim_txn *txn = begun;
    int error = gate(txn->node, txn->caller->error, 0);
    if (error == 0)
        error = sim->store->driver->put(txn->inner, table, rows, olds, count);
    for (uint32_t i = 0; error == 0 && i < count; i++) {
        look(txn, table, olds[i], rows[i]);
        sim_undo_keep(table, olds[i], rows[i]);
    }
    return error;
}

static int del(void *begun, uint32_t table, const void *const *olds, uint32_t count)
{
    sim_txn *txn = begun;
    int error = gate(txn->node, txn->caller->error, 0);
    if (error == 0)
        error = sim->store->driver->del(txn->inner, table, olds, count);
    for (uint32_t i = 0; error == 0 && i < count; i++)
        sim_undo_keep(table, olds[i], NULL);
    return error;
}

static int scan(void *begun, const hf_scan *range, void *const *rows, uint32_t *count)
{
    sim_txn *txn = begun;
    int error = gate(txn->node, txn->caller->error, 1);
    return error != 0 ? error : sim->store->driver->scan(txn->inner, range, rows, count);
}

static void rollback(void *begun)
{
    sim_txn *txn = begun;
    sim->store->driver->rollback(txn->inner);
    if (txn->writes)
        sim_undo_forget(txn->first_change);
    txn->busy = false;
}

/* What becomes of a commit. */
typedef struct fate {
    uint32_t count;
    uint32_t per_thousand;
    int error;
    bool made;
    bool crashes;
    bool power; /* every node does */
} fate;

static const fate fates[] = {
    {SIM_STORE_BUSY, 10, HF_E_BUSY, false, false, false},
    {SIM_STORE_FULL, 6, HF_E_NO_SPACE, false, false, false},
    {SIM_STORE_BROKEN, 2, HF_E_IO, false, false, false},
    {SIM_STORE_ACK_LOST, 3, HF_E_IO, true, false, false},
    {SIM_CRASH_BEFORE_COMMIT, 5, HF_E_IO, false, true, false},
    {SIM_CRASH_AFTER_COMMIT, 5, HF_E_IO, true, true, false},
    {SIM_UNSYNCED_LOST, 1, HF_E_IO, false, true, true},
    {SIM_UNSYNCED_KEPT, 1, HF_E_IO, true, true, true},
};

static const fate *fate_of(void)
{
    static const fate good = {SIM_COUNTS, 0, 0, true, false, false};
    bool spared = sim->quiet || (sim->busy && sim_below(8) != 0);
    for (uint32_t i = 0; !spared && i < sizeof fates / sizeof fates[0]; i++)
        if (sim_chance(fates[i].per_thousand))
            return &fates[i];
    return &good;
}

static void note_lease(const sim_txn *txn, const hf__lease *lease)
{
    sim_node *node = &sim->nodes[txn->node];
    bool released = lease->owner.text[0] == '\0';
    bool taken = lease->epoch > sim->store->epochs[lease->shard];
    sim->counts[SIM_HANDED_OVER] += released;
    sim->counts[SIM_TAKE_OVER] += taken && sim->store->epochs[lease->shard] != 0;
    sim->store->epochs[lease->shard] = lease->epoch;
    node->epochs[lease->shard] = released ? 0 : lease->epoch;
}

/* After the store has taken it. */
static void committed(sim_txn *txn, const hf_store_mark *mark)
{
    for (uint32_t i = 0; i < HF_SHARDS; i++)
        if ((txn->lease_mask >> i & 1) != 0)
            note_lease(txn, &txn->leases[i]);
    sim->store->time_ms = mark->time_ms;
    bool fenced = sim->control != SIM_NO_FENCE && sim->control != SIM_EXPIRED;
    if (txn->old_epoch != 0 && fenced)
        sim_broken("node %u wrote a transaction under epoch %llu, %llu is the newest", txn->node,
                   (unsigned long long)txn->old_epoch, (unsigned long long)txn->newest);
    if (sim->control == SIM_NO_SYNC && sim_below(20) != 0)
        return;
    sim->store->flushed = *mark;
    sim_undo_forget(0);
}

/* The controls that lie about a commit. */
static bool is_dropped(sim_txn *txn)
{
    if (sim->healed || sim->quiet)
        return false;
    if (sim->control == SIM_NO_DECISION)
        return txn->decides && sim_below(4) == 0;
    if (sim->control != SIM_EARLY_ACK || sim_below(200) != 0)
        return false;
    sim->nodes[txn->node].doomed = true;
    return true;
}

static int commit(void *begun, const hf_store_mark *mark)
{
    sim_txn *txn = begun;
    int error = gate(txn->node, txn->caller->error, 0);
    const fate *drawn = fate_of();
    bool dropped = error == 0 && is_dropped(txn);
    if (error != 0 || !drawn->made || dropped) {
        rollback(txn);
    } else {
        error = sim->store->driver->commit(txn->inner, mark);
        txn->busy = false;
        if (error == 0)
            committed(txn, mark);
    }
    if (error != 0 || drawn->error == 0)
        return error;
    sim->counts[drawn->count]++;
    sim_trace("node %u: commit %llu: fault %s", txn->node, (unsigned long long)mark->batch,
              sim_count_name(drawn->count));
    for (uint32_t i = 0; i < SIM_NODES; i++)
        if (drawn->power || (drawn->crashes && i == txn->node))
            sim_store_crash(i);
    return refuse(txn->caller->error, drawn->error);
}

static int stat(void *begun, hf_store_stat *out)
{
    sim_txn *txn = begun;
    int error = gate(txn->node, txn->caller->error, 0);
    return error != 0 ? error : sim->store->driver->stat(txn->inner, out);
}

static int check(void *begun, hf_progress_cb progress, void *data)
{
    return sim->store->driver->check(((sim_txn *)begun)->inner, progress, data);
}

const hf_store_driver *sim_store_driver(void)
{
    static const hf_store_driver driver = {
        .size = sizeof driver,
        .capabilities = HF_STORE_SHARED | HF_STORE_PERSISTENT,
        .scheme = "sim",
        .open = open_it,
        .close = close_it,
        .begin = begin,
        .get = get,
        .put = put,
        .del = del,
        .scan = scan,
        .commit = commit,
        .rollback = rollback,
        .stat = stat,
        .check = check,
    };
    return &driver;
}

/* ---- The store itself ------------------------------------------------------------------------ */

static void *plain_alloc(void *context, size_t bytes)
{
    (void)context;
    return malloc(bytes);
}

static void plain_free(void *context, void *memory)
{
    (void)context;
    free(memory);
}

static void log_nothing(void *data, uint32_t level, const char *text)
{
    (void)data;
    (void)level;
    (void)text;
}

int sim_store_open(void)
{
    static const hf_allocator allocator = {.alloc = plain_alloc, .free = plain_free};
    static hf_store_error error;
    memset(txns, 0, sizeof txns);
    sim->store = calloc(1, sizeof *sim->store);
    if (sim->store == NULL)
        return HF_E_NOMEM;
    sim->store->driver = hf_store_builtin("memory");
    const hf_store_config config = {
        .size = sizeof config,
        .location = "",
        .schema = hf_store_schema(),
        .allocator = &allocator,
        .log = log_nothing,
        .error = &error,
    };
    return sim->store->driver->open(&config, &sim->store->inner);
}

void sim_store_close(void)
{
    sim_undo_forget(0);
    sim->store->driver->close(sim->store->inner);
    free(sim->store);
    sim->store = NULL;
}

void sim_store_crash(uint32_t node)
{
    sim->store->crashed[node] = true;
    sim->nodes[node].dying = true;
}

void sim_store_start(uint32_t node)
{
    sim->store->crashed[node] = false;
}
