/*
 * shared.c - a store to which other engines commit too.
 *
 * Happy path: no other engine has committed since this engine's last commit; one comparison a
 * group. Otherwise the engine's state is loaded again inside the new transaction, so that each
 * decision is made on rows as they are stored, the lease of a shard among them.
 *
 * Failure mode: what cannot be read fails the group; the next one tries again.
 */
#include "engine/state.h"

int hf__shared_begin(hf__engine *engine)
{
    if ((engine->driver->capabilities & HF_STORE_SHARED) == 0)
        return 0;
    hf_store_stat stat = {0};
    int error = engine->driver->stat(engine->txn, &stat);
    if (error != 0 || stat.mark.batch == engine->number)
        return error;
    engine->identity = hf__identity_used(&stat.mark.identity, &engine->identity);
    hf__cache_forget(&engine->cache);
    hf__clock_follow(&engine->clock, stat.mark.time_ms);
    error = hf__engine_load_state(engine);
    if (error == 0) {
        engine->number = stat.mark.batch;
        atomic_store(&engine->last_batch, engine->number);
    }
    return error;
}
