/*
 * clock.c - the time of batches.
 *
 * Between readings the wall clock is checked against the clock that counts since boot. When they
 * part by more than 60 s somebody has set the wall clock: the step is shown in health and followed
 * only after hf_time_accept; smaller ones (NTP) are followed at once. Time never goes back.
 */
#include "engine/state.h"
#include <holdfast/error.h>

#define STEP_MAX_MS 60000

int hf__clock_init(hf__clock *clock, hf_env *env, int64_t stored_ms, int64_t virtual_ms)
{
    clock->env = env;
    clock->last_ms = stored_ms;
    clock->is_virtual = virtual_ms > 0;
    int64_t wall = env->wall_ms(env->clock);
    atomic_store(&clock->offset_ms, wall - env->boot_ms(env->clock));
    if (clock->is_virtual) {
        atomic_store(&clock->virtual_ms, virtual_ms > stored_ms ? virtual_ms : stored_ms);
        return 0;
    }
    return stored_ms > wall + STEP_MAX_MS ? HF_E_CLOCK : 0;
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
        atomic_store(&clock->offset_ms, clock->env->wall_ms(clock->env->clock) -
                                            clock->env->boot_ms(clock->env->clock));
    int64_t now = hf__clock_now(clock);
    if (now > clock->last_ms)
        clock->last_ms = now;
    return clock->last_ms;
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
    if (ms < 0)
        return HF_E_ARGUMENT;
    atomic_fetch_add(&engine->clock.virtual_ms, ms);
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

int64_t hf__engine_now(hf__engine *engine)
{
    return hf__clock_now(&engine->clock);
}
