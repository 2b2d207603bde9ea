/*
 * health.c - whether the engine accepts writes, and why not.
 *
 * The state changes when a commit fails or succeeds again, and when the clock is behind the stored
 * time. Each change is one line of the log. A poisoned engine stays so until it is closed. Nothing
 * here fails.
 */
#include "engine/state.h"
#include <holdfast/error.h>
#include <stdio.h>

void hf__engine_cause(hf__engine *engine, char *text, size_t bytes)
{
    if (engine->read_only) {
        (void)snprintf(text, bytes, "the engine was opened with hf_options.read_only");
        return;
    }
    hf__lock_take(&engine->cause.lock);
    (void)snprintf(text, bytes, "%s", engine->cause.text);
    hf__lock_give(&engine->cause.lock);
}

/* Logs a change of state: `why` is the text of the failure, or empty when writing is possible. */
static void log_state(hf__engine *engine, int state, int code, const char *why, int64_t ms)
{
    if (state == HF_HEALTH_OK)
        hf__log(engine->env, HF_LOG_INFO, "engine is healthy again after %lld ms", (long long)ms);
    else
        hf__log(engine->env, HF_LOG_ERROR, "engine is %s: %s: %s",
                state == HF_HEALTH_DEGRADED ? "degraded, writes are refused for now"
                                            : "poisoned, close and open it",
                hf_error_name(code), why);
}

/* Out of being poisoned nothing leads, whichever thread says so. True when the state changed. */
bool hf__engine_enter(hf__engine *engine, int state, int code, const char *why)
{
    hf__cause *cause = &engine->cause;
    if (state == HF_HEALTH_OK && atomic_load(&engine->state) == HF_HEALTH_OK)
        return false;
    hf__lock_take(&cause->lock);
    int before = atomic_load(&engine->state);
    bool changed = before != HF_HEALTH_POISONED;
    int64_t now = hf__engine_uptime(engine);
    int64_t lasted = now - cause->since_ms;
    int64_t now_ns = hf__engine_steady_ns(engine);
    if (changed) {
        atomic_store(&engine->state, state);
        atomic_store(&engine->broken, code);
        (void)snprintf(cause->text, sizeof cause->text, "%s", why);
        cause->since_ms = before == HF_HEALTH_OK ? now : cause->since_ms;
        cause->since_ns = before == HF_HEALTH_OK ? now_ns : cause->since_ns;
        if (state == HF_HEALTH_OK)
            cause->not_ready_ns += now_ns - cause->since_ns;
    }
    hf__lock_give(&cause->lock);
    changed = changed && state != before;
    if (changed)
        log_state(engine, state, code, why, lasted);
    return changed;
}

int hf__engine_accepts(hf__engine *engine)
{
    static const int errors[] = {
        [HF_HEALTH_OK] = 0,
        [HF_HEALTH_DEGRADED] = HF_E_DEGRADED,
        [HF_HEALTH_POISONED] = HF_E_POISONED,
        [HF_HEALTH_CLOSING] = HF_E_CLOSED,
    };
    if (engine->read_only)
        return HF_E_READ_ONLY;
    int error = errors[atomic_load(&engine->state)];
    bool by_clock = error == HF_E_DEGRADED && atomic_load(&engine->broken) == HF_E_CLOCK;
    return by_clock ? HF_E_CLOCK : error;
}

void hf__engine_health(hf__engine *engine, hf_health_info *out)
{
    out->state = (uint32_t)atomic_load(&engine->state);
    out->error = atomic_load(&engine->broken);
    out->batches = atomic_load(&engine->batches);
    out->batch = atomic_load(&engine->last_batch);
    out->invariants = atomic_load(&engine->invariants);
    out->event_seq = atomic_load(&engine->event_seq);
    out->store = engine->store_id;
    out->incarnation = engine->incarnation;
    out->time_ms = atomic_load(&engine->time_ms);
    out->clock_step_ms = atomic_load(&engine->clock.step_ms);
    out->clock_behind_ms = hf__clock_behind(engine);
    out->allocations = atomic_load(&engine->env->allocations);
    out->disk_free = atomic_load(&engine->watch.free);
    out->warnings = atomic_load(&engine->watch.low) ? HF_WARNING_DISK : 0;
    out->retry_ms = out->state == HF_HEALTH_DEGRADED ? HF__PROBE_MS : 0;
    if (engine->journal == NULL)
        return;
    hf__journal_state journal = hf__journal_look(engine->journal);
    out->dirty_bytes = journal.dirty_bytes;
    out->journal_bytes = journal.bytes;
    out->checkpoints = journal.checkpoints;
    out->warnings |= journal.fails ? HF_WARNING_CHECKPOINT : 0;
}
