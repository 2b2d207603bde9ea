/*
 * clock.c - the time of batches.
 *
 * Between readings the wall clock is checked against the clock that counts since boot. When they
 * part by more than 60 s the wall clock was set: the step is shown in health and followed only
 * after hf_time_accept; smaller ones (NTP) are followed at once. Time never goes back, but when the
 * host asks for it at open (HF_CLOCK_SET_BACK).
 *
 * At open the stored time may be ahead of the clock by more than that. Unless the host says what to
 * do, the engine is degraded by HF_E_CLOCK: it reads, decides nothing and lets nothing expire,
 * until the wall clock has reached the stored time, by itself or because it was set. Then the wall
 * clock is followed as it is, as when the engine opens: a step of a clock that was refused needs no
 * hf_time_accept. To continue from the stored time is the same as to have a step back that is not
 * accepted.
 */
#include "domain/upkeep/clock.h"
#include "engine/state.h"
#include <holdfast/error.h>
#include <stdio.h>

#define STEP_MAX_MS 60000
#define ARENA_BYTES (1u << 20)
#define NS_PER_MS   1000000

_Static_assert(HF__VIRTUAL_MAX_MS == INT64_MAX / NS_PER_MS, "the latest virtual time has ns");

/* The wall clock is right as it is. */
static void follow_wall(hf__clock *clock)
{
    atomic_store(&clock->offset_ms,
                 clock->env->wall_ms(clock->env->clock) - clock->env->boot_ms(clock->env->clock));
}

void hf__clock_init(hf__clock *clock, hf_env *env, int64_t stored_ms, int64_t virtual_ms)
{
    clock->env = env;
    clock->last_ms = stored_ms;
    clock->is_virtual = virtual_ms > 0;
    follow_wall(clock);
    if (clock->is_virtual)
        atomic_store(&clock->virtual_ms, virtual_ms > stored_ms ? virtual_ms : stored_ms);
}

/* The wall clock, or what it should be when it was set by more than a step. */
static int64_t reading(hf__clock *clock)
{
    int64_t wall = clock->env->wall_ms(clock->env->clock);
    int64_t boot = clock->env->boot_ms(clock->env->clock);
    int64_t expected = boot + atomic_load(&clock->offset_ms);
    int64_t step = wall - expected;
    bool small = step <= STEP_MAX_MS && step >= -STEP_MAX_MS;
    atomic_store(&clock->step_ms, small ? 0 : step);
    return small ? wall : expected;
}

int64_t hf__clock_now(hf__clock *clock)
{
    return clock->is_virtual ? atomic_load(&clock->virtual_ms) : reading(clock);
}

int64_t hf__clock_batch(hf__clock *clock)
{
    if (atomic_exchange(&clock->accept, false))
        follow_wall(clock);
    int64_t now = hf__clock_now(clock);
    if (now > clock->last_ms)
        clock->last_ms = now;
    return clock->last_ms;
}

int64_t hf__clock_behind(hf__engine *engine)
{
    const hf__clock *clock = &engine->clock;
    int64_t now = clock->is_virtual ? atomic_load(&clock->virtual_ms)
                                    : clock->env->wall_ms(clock->env->clock);
    int64_t behind = atomic_load(&engine->time_ms) - now;
    return behind > 0 ? behind : 0;
}

void hf__clock_follow(hf__clock *clock, int64_t stored_ms)
{
    if (stored_ms > clock->last_ms)
        clock->last_ms = stored_ms;
    if (clock->is_virtual && stored_ms > atomic_load(&clock->virtual_ms))
        atomic_store(&clock->virtual_ms, stored_ms);
}

int hf__engine_clock_advance(hf__engine *engine, int64_t ms)
{
    if (!engine->clock.is_virtual)
        return HF_E_UNSUPPORTED;
    const int64_t now_ms = atomic_load(&engine->clock.virtual_ms);
    const int64_t most = now_ms < HF__VIRTUAL_MAX_MS ? HF__VIRTUAL_MAX_MS - now_ms : 0;
    if (ms < 0 || ms > most)
        return HF_E_ARGUMENT;
    atomic_store(&engine->clock.virtual_ms, now_ms + ms);
    return 0;
}

void hf__engine_time_accept(hf__engine *engine)
{
    atomic_store(&engine->clock.accept, true);
}

int64_t hf__engine_uptime(hf__engine *engine)
{
    hf__clock *clock = &engine->clock;
    return clock->is_virtual ? atomic_load(&clock->virtual_ms)
                             : engine->env->boot_ms(engine->env->clock);
}

/* A store may have been written at a later time than a virtual clock can show. */
static int64_t virtual_ns(hf__clock *clock)
{
    const int64_t ms = atomic_load(&clock->virtual_ms);
    return (ms < HF__VIRTUAL_MAX_MS ? ms : HF__VIRTUAL_MAX_MS) * NS_PER_MS;
}

int64_t hf__engine_steady_ns(hf__engine *engine)
{
    hf__clock *clock = &engine->clock;
    return clock->is_virtual ? virtual_ns(clock) : engine->env->steady_ns(engine->env->clock);
}

int64_t hf__engine_now(hf__engine *engine)
{
    return hf__clock_now(&engine->clock);
}

/* ---- A stored time ahead of the clock -------------------------------------------------------- */

static int refuse(hf__engine *engine, int64_t stored_ms, int64_t behind_ms)
{
    char why[160];
    (void)snprintf(why, sizeof why,
                   "the clock is %lld ms behind the stored time %lld; set it right, or see "
                   "hf_options.clock_behind",
                   (long long)behind_ms, (long long)stored_ms);
    engine->clock.refuses = true;
    (void)hf__engine_enter(engine, HF_HEALTH_DEGRADED, HF_E_CLOCK, why);
    return 0;
}

static int continue_from(hf__engine *engine, int64_t stored_ms, int64_t behind_ms)
{
    atomic_fetch_add(&engine->clock.offset_ms, behind_ms);
    hf__log(engine->env, HF_LOG_WARN,
            "the clock is %lld ms behind the stored time %lld: time continues from there",
            (long long)behind_ms, (long long)stored_ms);
    return 0;
}

/* The event, in a batch of its own; the error is in engine->error. */
static int write_event(hf__engine *engine, hf__batch *batch, const hf__clock_args *args,
                       const hf_name *actor)
{
    const hf__operation op = {.type = HF_EVENT_CLOCK, .args = &args->head, .actor = actor};
    hf__pending_commit pending;
    int error = hf__group_begin(engine, batch, 0);
    if (error != 0)
        return error;
    hf__savepoint before = hf__savepoint_take(engine);
    error = hf__task_decide(engine, &op, &batch->work);
    if (error == 0)
        error = hf__task_apply(engine);
    if (error != 0)
        hf__savepoint_rollback(engine, &before);
    uint64_t number = engine->number;
    hf__group_commit(engine, 0, &pending);
    bool finished = hf__commit_finish(engine, &pending);
    if (error != 0 || (finished && engine->number != number))
        return error;
    return engine->error.code != 0 ? engine->error.code : HF_E_UNKNOWN;
}

static int set_back(hf__engine *engine, const hf__engine_config *config, int64_t stored_ms)
{
    hf__batch batch = {0};
    const hf__clock_args args = {.head = {.size = sizeof args}, .stored_ms = stored_ms};
    hf_name actor;
    if ((config->driver->capabilities & HF_STORE_SHARED) != 0) {
        (void)snprintf(engine->error.text, sizeof engine->error.text,
                       "the time of a shared store is not set back");
        return HF_E_UNSUPPORTED;
    }
    int error = hf__batch_init(&batch, engine->env, 1, 16, ARENA_BYTES);
    if (error != 0)
        return error;
    hf__name_set(&actor, config->clock_actor);
    engine->clock.last_ms = engine->env->wall_ms(engine->env->clock);
    error = write_event(engine, &batch, &args, &actor);
    hf__batch_fini(&batch, engine->env);
    if (error != 0)
        return error;
    atomic_store(&engine->time_ms, engine->clock.last_ms);
    hf__log(engine->env, HF_LOG_WARN, "the stored time was set back from %lld to %lld by %s",
            (long long)stored_ms, (long long)engine->clock.last_ms, actor.text);
    return 0;
}

int hf__clock_open(hf__engine *engine, const hf__engine_config *config)
{
    int64_t stored_ms = engine->clock.last_ms;
    int64_t behind_ms = hf__clock_behind(engine);
    if (engine->clock.is_virtual || behind_ms <= STEP_MAX_MS)
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

bool hf__clock_refuses(hf__engine *engine)
{
    hf__clock *clock = &engine->clock;
    if (!clock->refuses)
        return false;
    clock->refuses = hf__clock_behind(engine) > STEP_MAX_MS;
    if (clock->refuses)
        return true;
    follow_wall(clock);
    (void)hf__engine_enter(engine, HF_HEALTH_OK, 0, "");
    return false;
}
