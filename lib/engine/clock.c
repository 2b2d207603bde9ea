/*
 * clock.c - the time of batches.
 *
 * Between readings the wall clock is checked against the clock that counts since boot. When they
 * part by more than 60 s the wall clock was set: the step is shown in health and followed only
 * after hf_time_accept; smaller ones (NTP) are followed at once. Time never goes back, but when the
 * host asks for it at open (open/stored_time.c).
 */
#include "engine/state.h"
#include <holdfast/error.h>

#define NS_PER_MS 1000000

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
    bool small = step <= HF__STEP_MAX_MS && step >= -HF__STEP_MAX_MS;
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

void hf__clock_set_back(hf__engine *engine, int64_t ms)
{
    engine->clock.last_ms = ms;
}

void hf__clock_continue(hf__engine *engine, int64_t behind_ms)
{
    atomic_fetch_add(&engine->clock.offset_ms, behind_ms);
}

void hf__clock_refuse(hf__engine *engine)
{
    engine->clock.refuses = true;
}

bool hf__clock_catch_up(hf__engine *engine)
{
    hf__clock *clock = &engine->clock;
    if (hf__clock_behind(engine) > HF__STEP_MAX_MS)
        return false;
    clock->refuses = false;
    follow_wall(clock);
    return true;
}
