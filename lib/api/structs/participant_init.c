/*
 * participant_init.c - defaults of participants, payment providers and answers.
 */
#include <holdfast/participant.h>

#include <string.h>

#define CALL_TIMEOUT_MS     10000
#define BREAKER_OPEN_MS     5000
#define BREAKER_FAILURES    5
#define IN_FLIGHT_MAX       256
#define RETRIES_PER_HUNDRED 20

static hf_retry_policy doubling(int64_t initial_ms, int64_t cap_ms)
{
    return (hf_retry_policy){
        .size = sizeof(hf_retry_policy),
        .attempts_max = 100,
        .initial_ms = initial_ms,
        .cap_ms = cap_ms,
        .multiplier = 200,
    };
}

void hf_participant_init(hf_participant *participant, const char *name)
{
    if (participant == NULL)
        return;
    memset(participant, 0, sizeof *participant);
    participant->size = sizeof *participant;
    participant->version = 1;
    participant->name = name;
    participant->retry[HF_PHASE_TRY] = doubling(50, 5000);
    participant->retry[HF_PHASE_CONFIRM] = doubling(50, 30000);
    participant->retry[HF_PHASE_CANCEL] = doubling(50, 30000);
    participant->call_timeout_ms = CALL_TIMEOUT_MS;
    participant->breaker_open_ms = BREAKER_OPEN_MS;
    participant->breaker_failures = BREAKER_FAILURES;
    participant->in_flight_max = IN_FLIGHT_MAX;
    participant->retries_per_hundred = RETRIES_PER_HUNDRED;
}

void hf_provider_init(hf_provider *provider, const char *name)
{
    if (provider == NULL)
        return;
    memset(provider, 0, sizeof *provider);
    provider->size = sizeof *provider;
    provider->name = name;
    provider->retry = doubling(200, 30000);
    provider->call_timeout_ms = CALL_TIMEOUT_MS;
    provider->breaker_open_ms = BREAKER_OPEN_MS;
    provider->breaker_failures = BREAKER_FAILURES;
    provider->in_flight_max = IN_FLIGHT_MAX;
    provider->retries_per_hundred = RETRIES_PER_HUNDRED;
}

void hf_call_answer_init(hf_call_answer *answer, uint32_t what)
{
    if (answer != NULL)
        *answer = (hf_call_answer){.size = sizeof *answer, .answer = what};
}
