/*
 * journaled.c - a store with a journal in front of it, or without one.
 *
 * A journal that was left behind is never passed by: when the options ask for a store without one,
 * the store first gets what is in it, and then the journal goes.
 *
 * Failure modes: those of opening; nothing stays open.
 */
#include "engine/state.h"

#include <holdfast/error.h>

static bool wants_journal(const hf__engine_config *config)
{
    return config->durability == HF_DURABILITY_JOURNAL &&
           (config->driver->capabilities & HF_STORE_JOURNALED) != 0;
}

static int open_journal(hf__engine *engine, const hf__engine_config *config,
                        const hf_store_config *store)
{
    const hf__journal_config journal = {
        .env = engine->env,
        .inner = config->driver,
        .store = store,
        .bytes_max = config->journal_bytes,
    };
    return hf__journal_open(&journal, &engine->journal);
}

/* Lets the store have what an earlier journal has; that one is gone then. */
static int absorb(hf__engine *engine, const hf__engine_config *config, const hf_store_config *store)
{
    if ((config->driver->capabilities & HF_STORE_JOURNALED) == 0 ||
        !hf__journal_exists(engine->env, config->location))
        return 0;
    hf_store_config safe = *store;
    safe.durability = HF_DURABILITY_STORE; /* the journal goes only when the store has it on disk */
    int error = open_journal(engine, config, &safe);
    if (error != 0)
        return error;
    error = hf__journal_checkpoint(engine->journal, config->error);
    hf__journal_driver.close(engine->journal);
    engine->journal = NULL;
    return error;
}

/* A store's own lines go the way of all others: by level, and one at a time. */
static void log_of_store(void *env, uint32_t level, const char *text)
{
    hf__log(env, level, "%s", text);
}

int hf__engine_open_store(hf__engine *engine, const hf__engine_config *config)
{
    bool journaled = wants_journal(config);
    hf_store_config store = {
        .size = sizeof(store),
        .durability =
            config->durability == HF_DURABILITY_NONE ? HF_DURABILITY_NONE : HF_DURABILITY_STORE,
        .location = config->location,
        .schema = hf_store_schema(),
        .allocator = &engine->env->allocator,
        .log = log_of_store,
        .log_data = engine->env,
        .progress = config->progress,
        .progress_data = config->progress_data,
        .error = config->error,
        .check = config->check,
    };
    engine->driver = journaled ? &hf__journal_driver : config->driver;
    int error = journaled ? open_journal(engine, config, &store) : absorb(engine, config, &store);
    if (error == 0 && journaled)
        engine->store = engine->journal;
    return error != 0 || journaled ? error : engine->driver->open(&store, &engine->store);
}

bool hf__engine_settles(const hf__engine *engine)
{
    return engine->journal != NULL && hf__journal_look(engine->journal).dirty_bytes != 0;
}

void hf__engine_settle(hf__engine *engine)
{
    if (engine->journal != NULL)
        hf__journal_settle(engine->journal);
}
