/*
 * registry.c - registers callees: participants by name and version, providers in a namespace of
 * their own, each with its breaker, cap and retry budget.
 *
 * Happy path: a registration is checked, copied and kept until the engine closes. Of the caller's
 * memory only the functions and their data are used later.
 *
 * Failure modes: those of hf_participant_register. A registered callee never changes: a transaction
 * that was accepted for a version finds that version.
 */
#include "txn/state.h"

#include <string.h>

#define PARTICIPANT_FLAGS                                                                          \
    (HF_PARTICIPANT_READONLY | HF_PARTICIPANT_ORDERED | HF_PARTICIPANT_ONE_PHASE |                 \
     HF_PARTICIPANT_QUEUED)
#define CANNOT (HF_PROVIDER_WHOLE_VOID | HF_PROVIDER_ONE_CAPTURE)
#define BREAKER_OPEN_FACTOR                                                                        \
    8 /* how far failing probes stretch the time an open breaker stays so                          \
       */

_Static_assert(HF_PROVIDER_WHOLE_VOID == HF_PAYMENT_WHOLE_VOID &&
                   HF_PROVIDER_ONE_CAPTURE == HF_PAYMENT_ONE_CAPTURE,
               "payments have the bits of their provider");

hf__callee *hf__callee_find(hf__runtime *runtime, bool provider, const char *name, uint32_t version)
{
    for (uint32_t i = 0; i < runtime->callee_count; i++) {
        hf__callee *callee = &runtime->callees[i];
        bool same = provider || callee->about.version == version;
        if (callee->is_provider == provider && same && strcmp(callee->name, name) == 0)
            return callee;
    }
    return NULL;
}

/*
 * True when a try cannot be undone. A READONLY participant has nothing to undo, and of a QUEUED one
 * only its host knows.
 */
static bool is_final(const hf_participant *about)
{
    return about->cancel == NULL &&
           (about->flags & (HF_PARTICIPANT_READONLY | HF_PARTICIPANT_QUEUED)) == 0;
}

uint32_t hf__runtime_flags(const hf__runtime *runtime, const char *name, uint32_t version)
{
    for (uint32_t i = 0; i < runtime->callee_count; i++) {
        const hf__callee *callee = &runtime->callees[i];
        if (!callee->is_provider && callee->about.version == version &&
            strcmp(callee->name, name) == 0)
            return callee->about.flags | (is_final(&callee->about) ? HF__PARTICIPANT_FINAL : 0);
    }
    return 0;
}

uint32_t hf__runtime_provider_flags(const hf__runtime *runtime, const char *name)
{
    for (uint32_t i = 0; i < runtime->callee_count; i++) {
        const hf__callee *callee = &runtime->callees[i];
        if (callee->is_provider && strcmp(callee->name, name) == 0)
            return callee->payment_flags;
    }
    return 0;
}

bool hf__runtime_queues(const hf__runtime *runtime)
{
    for (uint32_t i = 0; i < runtime->callee_count; i++) {
        if ((runtime->callees[i].about.flags & HF_PARTICIPANT_QUEUED) != 0)
            return true;
    }
    return false;
}

static int check_functions(const hf_participant *p, hf__detail *detail)
{
    bool queued = (p->flags & HF_PARTICIPANT_QUEUED) != 0;
    bool one_phase = (p->flags & HF_PARTICIPANT_ONE_PHASE) != 0;
    bool readonly = (p->flags & HF_PARTICIPANT_READONLY) != 0;
    if (one_phase && readonly)
        return hf__refuse(detail, HF_E_ARGUMENT,
                          "flags: READONLY and ONE_PHASE exclude each other");
    if (queued)
        return 0;
    if (p->attempt == NULL)
        return hf__refuse(detail, HF_E_ARGUMENT, "attempt: is NULL");
    if (!one_phase && !readonly && (p->confirm == NULL || p->cancel == NULL))
        return hf__refuse(detail, HF_E_ARGUMENT, "%s: is NULL",
                          p->confirm == NULL ? "confirm" : "cancel");
    if (one_phase && p->query == NULL)
        return hf__refuse(detail, HF_E_ARGUMENT, "query: is NULL, ONE_PHASE needs it");
    return 0;
}

static int refuse_time(hf__detail *detail, const char *name, int64_t ms)
{
    return hf__refuse(detail, HF_E_ARGUMENT, "%s: %lld is not in 1..%lld", name, (long long)ms,
                      (long long)HF__DELAY_MAX_MS);
}

static int check_limits(const hf_participant *p, hf__detail *detail)
{
    int64_t delay;
    for (uint32_t i = 0; i < sizeof p->retry / sizeof p->retry[0]; i++) {
        int error = hf_retry_delay(&p->retry[i], 1, 0, 0, 0, &delay);
        if (error < 0)
            return hf__refuse(detail, error, "retry[%u]: a field is out of its range", i);
    }
    if (p->call_timeout_ms < 1 || p->call_timeout_ms > HF__DELAY_MAX_MS)
        return refuse_time(detail, "call_timeout_ms", p->call_timeout_ms);
    if (p->breaker_open_ms < 1 || p->breaker_open_ms > HF__DELAY_MAX_MS)
        return refuse_time(detail, "breaker_open_ms", p->breaker_open_ms);
    if (p->in_flight_max == 0)
        return hf__refuse(detail, HF_E_ARGUMENT, "in_flight_max: is 0");
    return 0;
}

/* What participants and providers share; `provider` is NULL for a participant. */
static int add(hf__runtime *runtime, const hf_participant *about, const hf_provider *provider,
               hf__detail *detail)
{
    int error = hf__text_check(about->name, true, NULL);
    if (error != 0)
        return hf__refuse(detail, error, "name: is not a valid name");
    error = check_limits(about, detail);
    if (error != 0)
        return error;
    if (hf__callee_find(runtime, provider != NULL, about->name, about->version) != NULL)
        return hf__refuse(detail, HF_E_EXISTS, "%s: is registered", about->name);
    if (runtime->callee_count == HF__CALLEES_MAX)
        return hf__refuse(detail, HF_E_TOO_MANY, "%u are registered", HF__CALLEES_MAX);
    hf__callee *callee = &runtime->callees[runtime->callee_count];
    memset(callee, 0, sizeof *callee);
    memcpy(callee->name, about->name, strlen(about->name));
    callee->about = *about;
    callee->about.name = callee->name;
    callee->is_provider = provider != NULL;
    if (provider != NULL) {
        callee->payment_flags = provider->flags & CANNOT;
        callee->commands[HF_COMMAND_AUTHORIZE] = provider->authorize;
        callee->commands[HF_COMMAND_CAPTURE] = provider->capture;
        callee->commands[HF_COMMAND_VOID] = provider->void_;
        callee->commands[HF_COMMAND_REFUND] = provider->refund;
    }
    int64_t open_max = about->breaker_open_ms * BREAKER_OPEN_FACTOR;
    hf__txn_clock_read(runtime);
    int64_t now = hf__txn_now(runtime);
    (void)hf_breaker_init(&callee->breaker, about->breaker_failures, about->breaker_open_ms,
                          open_max);
    (void)hf_limiter_init(&callee->limiter, about->in_flight_max);
    (void)hf_budget_init(&callee->budget, about->retries_per_hundred, about->in_flight_max, now);
    /* Retries must be possible when no first attempts are made, as after a restart. */
    callee->budget.min_per_s = about->in_flight_max;
    callee->ended_ms = now;
    runtime->callee_count++;
    runtime->lease.next_ms = 0; /* from now on it takes its part of the shards */
    hf__scan_at(runtime, 1);    /* transactions that no participant was registered for */
    return 0;
}

int hf__runtime_participant(hf__runtime *runtime, const hf_participant *participant,
                            hf__detail *detail)
{
    if (participant == NULL)
        return hf__refuse(detail, HF_E_ARGUMENT, "participant: is NULL");
    if (participant->size != sizeof *participant)
        return hf__refuse(detail, HF_E_ABI, "size: %u bytes, this library knows %zu",
                          participant->size, sizeof *participant);
    if ((participant->flags & ~PARTICIPANT_FLAGS) != 0)
        return hf__refuse(detail, HF_E_ENUM, "flags: 0x%x are not known",
                          participant->flags & ~PARTICIPANT_FLAGS);
    if (participant->version == 0)
        return hf__refuse(detail, HF_E_ARGUMENT, "version: is 0");
    int error = check_functions(participant, detail);
    return error != 0 ? error : add(runtime, participant, NULL, detail);
}

static int check_provider(const hf_provider *p, hf__detail *detail)
{
    bool all = p->authorize != NULL && p->capture != NULL && p->void_ != NULL &&
               p->refund != NULL && p->query != NULL;
    if (p->size != sizeof *p)
        return hf__refuse(detail, HF_E_ABI, "size: %u bytes, this library knows %zu", p->size,
                          sizeof *p);
    if (p->reserved != 0)
        return hf__refuse(detail, HF_E_ABI, "reserved: is not 0");
    uint32_t unknown = p->flags & ~(HF_PARTICIPANT_QUEUED | CANNOT);
    if (unknown != 0)
        return hf__refuse(detail, HF_E_ENUM, "flags: 0x%x are not known", unknown);
    if (!all && (p->flags & HF_PARTICIPANT_QUEUED) == 0)
        return hf__refuse(detail, HF_E_ARGUMENT, "a function of the provider is NULL");
    return 0;
}

int hf__runtime_provider(hf__runtime *runtime, const hf_provider *provider, hf__detail *detail)
{
    if (provider == NULL)
        return hf__refuse(detail, HF_E_ARGUMENT, "provider: is NULL");
    int error = check_provider(provider, detail);
    if (error != 0)
        return error;
    const hf_participant about = {
        .size = sizeof about,
        .name = provider->name,
        .query = provider->query,
        .data = provider->data,
        .retry = {provider->retry, provider->retry, provider->retry},
        .call_timeout_ms = provider->call_timeout_ms,
        .breaker_open_ms = provider->breaker_open_ms,
        .breaker_failures = provider->breaker_failures,
        .in_flight_max = provider->in_flight_max,
        .retries_per_hundred = provider->retries_per_hundred,
        .flags = (provider->flags & HF_PARTICIPANT_QUEUED) | HF_PARTICIPANT_ONE_PHASE,
    };
    return add(runtime, &about, provider, detail);
}
