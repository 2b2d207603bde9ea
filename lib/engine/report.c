/*
 * report.c - what the engine says in the log about its own life: opening, closing, slow flushes,
 * and deadlines that it does not keep up with.
 *
 * Each line is logged when something begins or ends, never for each operation, and a line below
 * the level that is asked for costs one comparison. Nothing here fails.
 */
#include "engine/state.h"

#include <holdfast/error.h>

#define SLOW_INFO_MS 100
#define SLOW_WARN_MS 1000
#define BEHIND_MS    1000 /* a deadline that is kept later than this is overdue */
#define NOT_A_TIME   1    /* as the earliest deadline: it is not known */

static int64_t uptime(const hf__engine *engine)
{
    return engine->env->boot_ms(engine->env->clock);
}

void hf__report_opened(hf__engine *engine, const hf__engine_config *config, int64_t begun_ms)
{
    hf__log(engine->env, HF_LOG_INFO, "opened %s:%s %s: batch %llu, event %llu, in %lld ms",
            config->driver->scheme, config->location,
            engine->journal != NULL ? "with a journal" : "without a journal",
            (unsigned long long)engine->number, (unsigned long long)(engine->next_seq - 1),
            (long long)(uptime(engine) - begun_ms));
}

void hf__report_slow(hf__engine *engine, const char *what, uint64_t batch, int64_t begun_ms)
{
    int64_t ms = uptime(engine) - begun_ms;
    if (ms >= SLOW_INFO_MS)
        hf__log(engine->env, ms >= SLOW_WARN_MS ? HF_LOG_WARN : HF_LOG_INFO,
                "slow disk: %s of batch %llu took %lld ms", what, (unsigned long long)batch,
                (long long)ms);
}

void hf__report_backlog(hf__engine *engine)
{
    int64_t due = engine->walks.next_ms;
    int64_t late = engine->clock.last_ms - due;
    bool behind = due != 0 && due != NOT_A_TIME && late > BEHIND_MS;
    atomic_store_explicit(&engine->expiry_lag_ms, behind ? late : 0, memory_order_relaxed);
    if (due == NOT_A_TIME || behind == (engine->behind_since_ms != 0))
        return;
    if (behind)
        hf__log(engine->env, HF_LOG_WARN,
                "expiry is behind: the oldest deadline passed %lld ms ago", (long long)late);
    else
        hf__log(engine->env, HF_LOG_INFO, "expiry has caught up after %lld ms",
                (long long)(uptime(engine) - engine->behind_since_ms));
    engine->behind_since_ms = behind ? uptime(engine) : 0;
}

void hf__report_closed(hf__engine *engine, int code, const char *why)
{
    if (code == 0)
        hf__log(engine->env, HF_LOG_INFO, "closed: the store has everything");
    else
        hf__log(engine->env, HF_LOG_WARN, "closed: %s: %s", hf_error_name(code), why);
}
