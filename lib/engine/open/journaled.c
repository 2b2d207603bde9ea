/*
 * journaled.c - a store with a journal in front of it, or without one.
 *
 * A journal that was left behind is never ignored: when the options ask for a store without one,
 * the store first gets what is in it, and then the journal goes.
 *
 * Failure modes: those of opening; nothing stays open.
 */
#include "base/fail.h"
#include "engine/open/open.h"

#include <holdfast/error.h>
#include <stdio.h>
#include <string.h>

static bool wants_journal(const hf__engine_config *config)
{
    return (config->durability == HF_DURABILITY_JOURNAL || config->read_only) &&
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
        .without = config->without_journal,
        .read_only = config->read_only,
    };
    return hf__journal_open(&journal, &engine->journal);
}

/* Writes the changes of an earlier journal to the store and removes that journal. */
static int absorb(hf__engine *engine, const hf__engine_config *config, const hf_store_config *store)
{
    hf_store_config safe = *store;
    safe.durability = HF_DURABILITY_STORE; /* the journal goes only when the store has it on disk */
    int error = open_journal(engine, config, &safe);
    if (error != 0)
        return error;
    error = hf__journal_close(engine->journal, config->error);
    engine->journal = NULL;
    return error;
}

/* A store's own lines go the way of all others: by level, and one at a time. */
static void log_of_store(void *env, uint32_t level, const char *text)
{
    hf__log(env, level, "%s", text);
}

/* A result of `look` that is no error: the store is opened with its journal first. */
#define NEEDS_JOURNAL 1

static int look(void *context, const hf_store_stat *stat)
{
    const hf__engine_config *config = context;
    return hf__journal_is_needed(config->env, config->location, stat) ? NEEDS_JOURNAL : 0;
}

/* Opens the store alone, behind the journal that it may have. */
static int open_plain(hf__engine *engine, hf__engine_config *config, hf_store_config *store)
{
    bool asks = (config->driver->capabilities & HF_STORE_JOURNALED) != 0;
    bool absorbs =
        asks && (config->without_journal || hf__journal_exists(engine->env, config->location));
    int error = 0;
    store->identity = &engine->identity;
    store->look_data = config;
    store->look = asks && !absorbs ? look : NULL;
    if (!absorbs)
        error = config->driver->open(store, &engine->store);
    if (!absorbs && error != NEEDS_JOURNAL)
        return error;
    store->look = NULL;
    error = absorb(engine, config, store);
    return error == 0 ? config->driver->open(store, &engine->store) : error;
}

/* A driver says what is damaged; what to do is the same for all of them. */
static void add_remedy(hf_store_error *error)
{
    const size_t used = strlen(error->text);
    if (used != 0 && strstr(error->text, "; ") == NULL)
        (void)snprintf(error->text + used, sizeof error->text - used,
                       "; if this is the file of the store, restore a backup");
}

int hf__engine_open_store(hf__engine *engine, const hf__engine_config *given)
{
    hf__engine_config config = *given;
    if (config.read_only && (config.driver->capabilities & HF_STORE_READ_ONLY) == 0)
        return hf__store_fail(config.error, HF_E_UNSUPPORTED, 0,
                              "%s: cannot be opened read-only; only lmdb and sqlite can",
                              config.driver->scheme);
    bool journaled = wants_journal(&config);
    hf_store_config store = {
        .size = sizeof(store),
        .durability =
            config.durability == HF_DURABILITY_NONE ? HF_DURABILITY_NONE : HF_DURABILITY_STORE,
        .location = config.location,
        .schema = hf_store_schema(),
        .allocator = &engine->env->allocator,
        .log = log_of_store,
        .log_data = engine->env,
        .progress = config.progress,
        .progress_data = config.progress_data,
        .error = config.error,
        .check = config.check,
        .read_only = config.read_only ? 1 : 0,
    };
    engine->driver = journaled ? &hf__journal_driver : config.driver;
    int error = hf__identity_make(engine->env, &engine->identity);
    if (error != 0)
        return error;
    error = journaled ? open_journal(engine, &config, &store) : open_plain(engine, &config, &store);
    if (error == 0 && journaled)
        engine->store = engine->journal;
    if (error == HF_E_CORRUPT)
        add_remedy(config.error);
    return error;
}

bool hf__engine_needs_checkpoint(const hf__engine *engine)
{
    return engine->journal != NULL && !engine->read_only &&
           hf__journal_look(engine->journal).dirty_bytes != 0;
}

void hf__engine_request_checkpoint(hf__engine *engine)
{
    if (engine->journal != NULL)
        hf__journal_request_checkpoint(engine->journal);
}
