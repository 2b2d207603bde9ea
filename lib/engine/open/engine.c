/*
 * engine.c - opening and closing, and the state that the engine reports.
 *
 * Open: the store (which recovers and checks itself), the clock against the stored time, then what
 * must be known before the first batch: the next event number, what retention has purged, the
 * earliest deadline, the greatest ids. A failure leaves nothing open.
 */
#include "base/os.h"
#include "engine/open/open.h"
#include <holdfast/error.h>

/* Rows of these tables are read again and again by different operations. */
#define COMMIT_ROWS_MAX  65536u
#define OPEN_ARENA_BYTES (1u << 20)

static int load_state(hf__engine *engine, const hf__engine_config *config)
{
    hf__batch scratch = {0};
    int error = hf__batch_init(&scratch, engine->env, 1, 16, OPEN_ARENA_BYTES);
    if (error != 0)
        return error;
    error = hf__group_begin(engine, &scratch, 0);
    hf_store_stat stat = {0};
    if (error == 0) {
        error = engine->driver->stat(engine->txn, &stat);
        engine->number = stat.mark.batch;
        atomic_store(&engine->last_batch, engine->number);
        engine->identity = hf__identity_used(&stat.mark.identity, &engine->identity);
        engine->store_id = engine->identity.store;
        engine->incarnation = engine->identity.incarnation;
        if (error == 0 && config->check == HF_CHECK_FULL)
            error = engine->driver->check(engine->txn, config->progress, config->progress_data);
        if (error == 0)
            error = hf__engine_load_state(engine);
        hf__cache_end(&engine->cache, false);
        engine->driver->rollback(engine->txn);
    }
    hf__clock_init(&engine->clock, engine->env, stat.mark.time_ms, config->virtual_time_ms);
    engine->opened_ns = hf__engine_steady_ns(engine);
    atomic_store(&engine->time_ms, stat.mark.time_ms);
    hf__batch_fini(&scratch, engine->env);
    return error;
}

/* The rows a batch has memory for; what is sized by them shall not be larger than need be. */
static uint32_t rows_max(uint64_t batch_bytes)
{
    uint64_t rows = batch_bytes / sizeof(hf__entry);
    if (batch_bytes == 0 || rows > COMMIT_ROWS_MAX)
        return COMMIT_ROWS_MAX;
    return (uint32_t)rows;
}

/* What most decisions read, and what several batches read one after the other. */
static const hf__hot_table hot_tables[] = {
    {HF__UNITS, HF__PRIMARY},
    {HF__ACCOUNTS, HF__PRIMARY},
    {HF__SERIES, HF__PRIMARY},
    {HF__LEASES, HF__PRIMARY},
    {HF__HOLDS, HF__HOLDS_DEADLINE},
    {HF__TXNS, HF__TXNS_OPEN},
    {HF__BRANCHES, HF__BRANCHES_PARTICIPANT},
};

static int open_cache(hf__engine *engine, const hf__engine_config *config)
{
    return hf__cache_init(&engine->cache,
                          &(hf__cache_config){
                              .env = engine->env,
                              .schema = hf_store_schema(),
                              .driver = engine->driver,
                              .write = engine->journal != NULL ? hf__journal_write : NULL,
                              .bytes = config->cache_bytes,
                              .batch_max = rows_max(config->batch_bytes),
                              .hot = hot_tables,
                              .hot_count = (uint32_t)(sizeof hot_tables / sizeof hot_tables[0]),
                          });
}

static int open_read_cache(hf__engine *engine, const hf__engine_config *config)
{
    return hf__read_cache_init(&engine->reads, &(hf__read_cache_config){
                                                   .env = engine->env,
                                                   .bytes = config->read_cache_bytes,
                                                   .age_max_ms = config->peek_age_max_ms,
                                                   .shared = hf__engine_is_shared(engine),
                                                   .seeded = config->virtual_time_ms > 0,
                                               });
}

int hf__engine_open(const hf__engine_config *config, hf__engine **out)
{
    hf__engine *engine = hf__alloc(config->env, sizeof(*engine));
    if (engine == NULL)
        return HF_E_NOMEM;
    const int64_t begun_ms = config->env->boot_ms(config->env->clock);
    engine->env = config->env;
    engine->driver = config->driver;
    engine->commit_ops_max = config->commit_ops_max;
    engine->read_only = config->read_only;
    hf__batch_order_init(&engine->write_order);
    hf__batch_order_init(&engine->read_order);
    hf__lock_init(&engine->cause.lock);
    hf__lock_init(&engine->figures_lock);
    (void)hf_histogram_init(&engine->figures.flush_ns);
    (void)hf_histogram_init(&engine->figures.commit_ns);
    hf__engine_view_init(engine);
    hf__share_init(engine);
    hf__chore_init(engine);
    hf__prefetch_init(&engine->prefetch, &engine->cache);
    hf__wave_init(&engine->wave, &engine->cache);
    hf__watch_open(engine, config);
    int error = hf__lease_open(engine, config);
    if (error == 0)
        error = hf__engine_open_store(engine, config);
    if (error == 0)
        error = open_cache(engine, config);
    if (error == 0)
        error = open_read_cache(engine, config);
    if (error == 0) {
        error = load_state(engine, config);
        if (error == 0 && !engine->read_only)
            error = hf__stored_time_open(engine, config);
        if (error != 0)
            *config->error = engine->error;
    }
    if (error != 0) {
        config->error->code = error;
        hf__engine_close(engine);
        return error;
    }
    engine->opened_ms = hf__engine_now(engine);
    hf__engine_look_at_disk(engine);
    hf__read_cache_start(&engine->reads, engine->number, atomic_load(&engine->time_ms));
    hf__report_opened(engine, config, begun_ms);
    *out = engine;
    return 0;
}

/* Of a store without a journal: what was acknowledged is there. */
static int close_plain(hf__engine *engine, hf_store_error *left)
{
    if (engine->store != NULL)
        engine->driver->close(engine->store);
    if (atomic_load(&engine->state) != HF_HEALTH_POISONED)
        return 0;
    left->code = HF_E_POISONED;
    hf__engine_cause(engine, left->text, sizeof left->text);
    return HF_E_POISONED;
}

int hf__engine_finish(hf__engine *engine, hf_store_error *left)
{
    *left = (hf_store_error){.code = 0};
    int code = engine->journal != NULL ? hf__journal_close(engine->journal, left)
                                       : close_plain(engine, left);
    hf__report_closed(engine, code, left->text);
    engine->journal = NULL;
    engine->store = NULL;
    hf__engine_close(engine);
    return code;
}

void hf__engine_close(hf__engine *engine)
{
    if (engine == NULL)
        return;
    if (engine->store != NULL)
        engine->driver->close(engine->store);
    hf__watch_close(engine);
    hf__cache_fini(&engine->cache);
    hf__read_cache_fini(&engine->reads);
    hf__batch_order_fini(&engine->write_order);
    hf__batch_order_fini(&engine->read_order);
    hf__lock_fini(&engine->cause.lock);
    hf__lock_fini(&engine->figures_lock);
    hf__free(engine->env, engine);
}

int hf__engine_backup(hf__engine *engine, const char *path, hf_progress_cb progress,
                      void *progress_data, hf_store_error *error)
{
    if (engine->driver->backup == NULL)
        return HF_E_UNSUPPORTED;
    return engine->driver->backup(engine->store, path, progress, progress_data, error);
}
