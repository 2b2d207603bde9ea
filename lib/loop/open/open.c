/*
 * open.c - from options to an engine that runs: environment, memory, store, threads, uv handles.
 *
 * Happy path: everything that can fail without a trace comes first; uv handles come last, because
 * only an iteration of the loop can close them. The memory of the steady state is allocated here.
 *
 * Failure modes: every step's error, with the detail in options->error; nothing stays open.
 */
#include "base/os.h"
#include "loop/host.h"

#include <stdio.h>
#include <string.h>

#define READ_ARGS_MIN ((uint64_t)1 << 16)

static const hf__threads no_threads;

/* splitmix64: a seeded source for tests and simulation, the same on every machine. */
static int seeded_random(void *source, void *out, size_t bytes)
{
    uint64_t *state = source;
    uint8_t *to = out;
    for (size_t i = 0; i < bytes; i++) {
        *state += 0x9e3779b97f4a7c15u;
        uint64_t z = *state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        to[i] = (uint8_t)(z ^ (z >> 31));
    }
    return 0;
}

static void make_env(hf_env *env, const hf_options *options, uint64_t *random)
{
    hf__env_init(env);
    if (options->allocator != NULL)
        env->allocator = *options->allocator;
    if (options->log != NULL) {
        env->log = options->log;
        env->log_data = options->log_data;
    }
    env->log_level = options->log_level;
    env->no_card_numbers = options->refuse_card_numbers != 0;
    if (options->threads == 0)
        env->threads = &no_threads;
    if (options->random_seed == 0)
        return;
    *random = options->random_seed;
    env->random = seeded_random;
    env->random_source = random;
}

static int make_ids(hf__host *host)
{
    uint64_t seed[2];
    int error = host->env.random(host->env.random_source, seed, sizeof seed);
    if (error == 0)
        hf__id_source_init(&host->ids, seed);
    return error;
}

static int make_memory(hf__host *host, const hf_options *options)
{
    uint64_t read_args = options->queue_bytes_max / 4;
    const hf__request_queue_sizes writes = {
        .operations = options->queue_ops_max,
        .args_bytes = options->queue_bytes_max,
        .work_bytes = options->batch_bytes_max,
    };
    const hf__request_queue_sizes reads = {
        .operations = options->queue_ops_max,
        .args_bytes = read_args < READ_ARGS_MIN ? READ_ARGS_MIN : read_args,
        .work_bytes = options->batch_bytes_max,
    };
    uint32_t reserve = options->txns_max < HF__RESERVE ? options->txns_max : HF__RESERVE;
    int error = hf__request_queue_init(&host->writes, &host->env, &writes, reserve);
    if (error == 0)
        error = hf__request_queue_init(&host->reads, &host->env, &reads, reserve);
    if (error == 0)
        error = hf__completion_queue_init(&host->queue, &host->env, options->completions_max,
                                          hf__intake_ops(options->queue_ops_max));
    if (error == 0)
        error = hf__intake_init(&host->intake, &host->env, options->queue_ops_max,
                                options->queue_bytes_max);
    return error;
}

static int open_engine(hf__host *host, const hf_options *options)
{
    hf_store_error failure = {.code = 0};
    hf__engine_config config = {
        .env = &host->env,
        .driver = options->driver,
        .location = options->store == NULL ? "" : options->store,
        .cache_bytes = options->cache_bytes_max,
        .read_cache_bytes = options->read_cache_bytes_max,
        .peek_age_max_ms = options->peek_age_max_ms,
        .batch_bytes = options->batch_bytes_max,
        .commit_ops_max = options->batch_ops_max,
        .durability = options->durability,
        .check = options->check,
        .journal_bytes = options->journal_bytes_max,
        .without_journal = options->without_journal != 0,
        .read_only = options->read_only != 0,
        .virtual_time_ms = options->virtual_time_ms,
        .lease_ms = options->lease_ms,
        .node_name = options->node_name,
        .node_address = options->node_address,
        .node_role = options->node_role,
        .clock_behind = options->clock_behind,
        .clock_actor = options->clock_actor,
        .progress = options->progress,
        .progress_data = options->progress_data,
        .error = &failure,
    };
    int error = 0;
    hf__place place = {.folder = -1};
    if (config.driver == NULL)
        error = hf__url_split(options->store, &config.driver, &config.location, &host->detail);
    if (error != 0)
        return error;
    /* Store and journal are opened one after the other, and the folder may change between. */
    if ((config.driver->capabilities & HF_STORE_JOURNALED) != 0)
        config.location = hf__place_absolute(host->env.files, config.location, &place);
    error = hf__engine_open(&config, &host->engine);
    hf__place_end(host->env.files, &place);
    if (error != 0)
        return hf__refuse(&host->detail, error, "%s", failure.text);
    return 0;
}

static void run_writes(void *context, void *job)
{
    const hf__host *host = context;
    hf__engine_run(host->engine, &((hf__batch_buffer *)job)->batch);
}

static void run_reads(void *context, void *job)
{
    const hf__host *host = context;
    hf__engine_read(host->engine, &((hf__batch_buffer *)job)->batch);
}

static int start_threads(hf__host *host)
{
    uint32_t workers = host->threaded ? hf__engine_write_threads(host->engine) : 1;
    host->maintenance.thread.run = hf__maintenance_run;
    host->maintenance.thread.context = host;
    int error = hf__request_queue_start(&host->writes, host, workers, run_writes);
    if (error == 0)
        error = hf__request_queue_start(&host->reads, host, host->threaded ? HF__BATCH_WORKERS : 1,
                                        run_reads);
    if (error == 0)
        error = hf__worker_start(&host->maintenance.thread, &host->env, &host->async);
    return error;
}

static void start_handles(hf__host *host, uv_loop_t *loop)
{
    (void)uv_prepare_init(loop, &host->prepare);
    (void)uv_idle_init(loop, &host->idle);
    (void)uv_timer_init(loop, &host->timer);
    (void)uv_timer_init(loop, &host->calls_timer);
    (void)uv_timer_init(loop, &host->idle_checkpoint.timer);
    host->async.data = host;
    host->prepare.data = host;
    host->idle.data = host;
    host->timer.data = host;
    host->calls_timer.data = host;
    host->idle_checkpoint.timer.data = host;
    host->handles = hf__status_start(host) == NULL ? 6 : 7;
    hf__pump_start(host);
}

static int fill(hf__host *host, const hf_options *options)
{
    host->queue_ops_max = options->queue_ops_max;
    host->threaded = options->threads != 0;
    host->is_virtual = options->virtual_time_ms > 0;
    hf__limit_open(&host->limit, options);
    int error = make_memory(host, options);
    if (error == 0)
        error = make_ids(host);
    if (error == 0)
        error = hf__txns_open(host, options);
    if (error == 0)
        error = open_engine(host, options);
    if (error == 0)
        hf__figures_open(host);
    return error;
}

static int open_host(uv_loop_t *loop, const hf_options *options, hf_engine **out,
                     hf__detail *detail)
{
    hf_env env;
    uint64_t random;
    make_env(&env, options, &random);
    hf__host *host = hf__alloc(&env, sizeof *host);
    if (host == NULL)
        return HF_E_NOMEM;
    make_env(&host->env, options, &host->random);
    host->queue.fd = -1;
    int error = fill(host, options);
    if (error == 0)
        error = hf__handle_claim(host, &host->handle);
    if (error != 0)
        goto fail;
    error = start_threads(host);
    if (error == 0)
        error = hf__status_open(host, options);
    if (error == 0 && uv_async_init(loop, &host->async, hf__on_async) != 0)
        error = HF_E_NOMEM;
    if (error != 0) {
        hf__handle_release(host->handle);
        goto fail;
    }
    start_handles(host, loop);
    *out = host->handle;
    return 0;
fail:
    *detail = host->detail;
    hf__host_free(host);
    return error;
}

static void copy_detail(const hf_options *options, const hf__detail *detail, int error)
{
    if (options->error == NULL || options->error_bytes == 0)
        return;
    const char *text = detail->text[0] == '\0' ? hf_error_text(error) : detail->text;
    (void)snprintf(options->error, options->error_bytes, "%s", text);
}

int hf_engine_open(struct uv_loop_s *loop, const hf_options *options, hf_engine **out)
{
    hf__detail detail = {.text = ""};
    if (loop == NULL || options == NULL || out == NULL)
        return HF_E_ARGUMENT;
    *out = NULL;
    if (options->size < sizeof *options)
        return HF_E_ABI; /* no field of it can be relied upon, nor can the error buffer */
    int error = hf__options_check(options, &detail);
    if (error == 0)
        error = open_host(loop, options, out, &detail);
    if (error != 0)
        copy_detail(options, &detail, error);
    return error;
}
