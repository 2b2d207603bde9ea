/*
 * stored_time.c - a store whose time is ahead of the clock by more than a step, at open.
 *
 * Unless the host says what to do, the engine is degraded by HF_E_CLOCK: it reads, decides nothing
 * and lets nothing expire, until the wall clock has reached the stored time, by itself or because
 * it was set. Then the wall clock is followed as it is, as when the engine opens: a step of a clock
 * that was refused needs no hf_time_accept. To continue from the stored time is the same as to have
 * a step back that is not accepted. To set the stored time back is an event of its own
 * (HF_CLOCK_SET_BACK).
 */
#include "domain/upkeep/clock.h"
#include "engine/open/open.h"
#include <holdfast/error.h>
#include <stdio.h>

#define ARENA_BYTES (1u << 20)

static int refuse(hf__engine *engine, int64_t stored_ms, int64_t behind_ms)
{
    char why[160];
    (void)snprintf(why, sizeof why,
                   "the clock is %lld ms behind the stored time %lld; set it right, or see "
                   "hf_options.clock_behind",
                   (long long)behind_ms, (long long)stored_ms);
    hf__clock_refuse(engine);
    (void)hf__engine_enter(engine, HF_HEALTH_DEGRADED, HF_E_CLOCK, why);
    return 0;
}

static int continue_from(hf__engine *engine, int64_t stored_ms, int64_t behind_ms)
{
    hf__clock_continue(engine, behind_ms);
    hf__log(engine->env, HF_LOG_WARN,
            "the clock is %lld ms behind the stored time %lld: time continues from there",
            (long long)behind_ms, (long long)stored_ms);
    return 0;
}

static int set_back(hf__engine *engine, const hf__engine_config *config, int64_t stored_ms)
{
    hf__batch batch = {0};
    const hf__clock_args args = {.head = {.size = sizeof args}, .stored_ms = stored_ms};
    hf_name actor;
    const hf__operation op = {.type = HF_EVENT_CLOCK, .args = &args.head, .actor = &actor};
    if ((config->driver->capabilities & HF_STORE_SHARED) != 0) {
        (void)snprintf(engine->error.text, sizeof engine->error.text,
                       "the time of a shared store is not set back");
        return HF_E_UNSUPPORTED;
    }
    int error = hf__batch_init(&batch, engine->env, 1, 16, ARENA_BYTES);
    if (error != 0)
        return error;
    hf__name_set(&actor, config->clock_actor);
    hf__clock_set_back(engine, engine->env->wall_ms(engine->env->clock));
    error = hf__own_commit(engine, &batch, &op);
    hf__batch_fini(&batch, engine->env);
    if (error != 0)
        return error;
    atomic_store(&engine->time_ms, engine->clock.last_ms);
    hf__log(engine->env, HF_LOG_WARN, "the stored time was set back from %lld to %lld by %s",
            (long long)stored_ms, (long long)engine->clock.last_ms, actor.text);
    return 0;
}

int hf__stored_time_open(hf__engine *engine, const hf__engine_config *config)
{
    int64_t stored_ms = engine->clock.last_ms;
    int64_t behind_ms = hf__clock_behind(engine);
    if (engine->clock.is_virtual || behind_ms <= HF__STEP_MAX_MS)
        return 0;
    switch ((hf_clock_behind)config->clock_behind) {
    case HF_CLOCK_CONTINUE:
        return continue_from(engine, stored_ms, behind_ms);
    case HF_CLOCK_SET_BACK:
        return set_back(engine, config, stored_ms);
    case HF_CLOCK_REFUSE:
        break;
    }
    return refuse(engine, stored_ms, behind_ms);
}
