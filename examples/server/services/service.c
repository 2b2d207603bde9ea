/*
 * service.c - the instances of another service: balanced, checked and circuit-broken by
 * lib/resilience.
 */
#include "service.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { FAILURES = 5, OPEN_MS = 1000, OPEN_MAX_MS = 4000, UNBOUNDED = 1000000 };

static int64_t now_ms(const service *s)
{
    return (int64_t)uv_now(s->timer.loop);
}

uint64_t service_hash(const char *text)
{
    static const unsigned char key[crypto_shorthash_KEYBYTES];
    uint64_t hash;
    _Static_assert(sizeof(hash) == crypto_shorthash_BYTES, "a hash of 64 bits");
    (void)crypto_shorthash((unsigned char *)&hash, (const unsigned char *)text, strlen(text), key);
    return hash;
}

/* ---- Health ---------------------------------------------------------------------------------- */

static void set_health(instance *i, bool is_well)
{
    service *s = i->service;
    if (i->is_down == !is_well)
        return;
    i->is_down = !is_well;
    (void)hf_balancer_health(&s->balancer, now_ms(s), (uint32_t)(i - s->instances), is_well);
    if (is_well)
        (void)hf_breaker_init(&i->breaker, FAILURES, OPEN_MS, OPEN_MAX_MS);
}

static void on_checked(void *data, const client_answer *answer)
{
    instance *i = data;
    i->is_checked = false;
    set_health(i, answer->status == 200);
}

static void on_timer(uv_timer_t *timer)
{
    service *s = timer->data;
    char url[CLIENT_URL];
    for (uint32_t at = 0; at < s->count; at++) {
        instance *i = &s->instances[at];
        if (i->is_checked)
            continue;
        i->is_checked = true;
        (void)snprintf(url, sizeof(url), "http://%s/readyz", i->address);
        client_send(
            s->client,
            &(client_request){.url = url, .limit_ms = s->health_ms, .done = on_checked, .data = i});
    }
}

/* ---- Calls ----------------------------------------------------------------------------------- */

uint64_t service_bit(uint32_t at)
{
    _Static_assert(SERVICE_INSTANCES == 64, "a set of instances has a bit for each");
    return at == SERVICE_NONE ? 0 : UINT64_C(1) << at;
}

uint32_t service_pick(service *s, uint64_t hash, uint64_t without)
{
    uint32_t at, down[SERVICE_INSTANCES] = {0};
    for (uint32_t i = 0; i < s->count; i++) { /* the balancer picks none that is down */
        down[i] = s->endpoints[i].down;
        s->endpoints[i].down = (without & service_bit(i)) != 0 ? 1 : down[i];
    }
    const int picked = hf_balancer_pick(&s->balancer, now_ms(s), hash, &at);
    for (uint32_t i = 0; i < s->count; i++)
        s->endpoints[i].down = down[i];
    return picked == 1 ? at : SERVICE_NONE;
}

void service_report(service *s, uint32_t at, uint32_t outcome)
{
    if (at != SERVICE_NONE)
        (void)hf_balancer_report(&s->balancer, now_ms(s), at, outcome);
}

instance *service_find(service *s, const char *address)
{
    for (uint32_t at = 0; at < s->count; at++)
        if (strcmp(s->instances[at].address, address) == 0)
            return &s->instances[at];
    return NULL;
}

bool instance_allow(instance *i, uint64_t *pass)
{
    return hf_breaker_allow(&i->breaker, now_ms(i->service), pass) == 1;
}

void instance_report(instance *i, uint64_t pass, uint32_t outcome)
{
    (void)hf_breaker_report(&i->breaker, now_ms(i->service), pass, outcome);
    if (outcome == HF_BREAKER_FAILURE)
        set_health(i, false);
}

void instance_called(instance *i, uint32_t calls)
{
    i->requests++;
    i->calls += calls;
}

uint64_t instance_is_up(const instance *i)
{
    return i->is_down ? 0 : 1;
}

uint64_t instance_requests(const instance *i)
{
    return i->requests;
}

uint64_t instance_calls(const instance *i)
{
    return i->calls;
}

/* ---- Open and close -------------------------------------------------------------------------- */

static bool add(service *s, const char *text, size_t bytes)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:[]";
    if (bytes == 0 || bytes >= SERVICE_ADDRESS || s->count == SERVICE_INSTANCES ||
        strspn(text, allowed) < bytes || memchr(text, ':', bytes) == NULL)
        return false;
    const uint32_t at = s->count++;
    instance *i = &s->instances[at];
    i->service = s;
    (void)snprintf(i->address, sizeof(i->address), "%.*s", (int)bytes, text);
    s->endpoints[at].key = service_hash(i->address);
    (void)hf_breaker_init(&i->breaker, FAILURES, OPEN_MS, OPEN_MAX_MS);
    return service_find(s, i->address) == i; /* none before it has the same address */
}

bool service_open(service *s, const service_settings *from, client *with, uv_loop_t *loop)
{
    *s = (service){.name = from->name, .client = with, .health_ms = from->health_ms};
    const char *text = from->addresses == NULL ? "" : from->addresses;
    for (bool more = true; more;) {
        const size_t bytes = strcspn(text, ",");
        if (!add(s, text, bytes))
            return false;
        more = text[bytes] == ',';
        text += bytes + (more ? 1 : 0);
    }
    if (hf_balancer_init(&s->balancer, s->endpoints, s->count, (uint32_t)from->balance) != 0)
        return false;
    s->balancer.load_hundredths = UNBOUNDED; /* a customer stays with one instance while it is up */
    (void)uv_timer_init(loop, &s->timer);
    s->timer.data = s;
    (void)uv_timer_start(&s->timer, on_timer, 0, (uint64_t)from->health_ms);
    return true;
}

void service_close(service *s)
{
    if (s->timer.data == NULL)
        return; /* its settings were refused */
    uv_close((uv_handle_t *)&s->timer, NULL);
}
