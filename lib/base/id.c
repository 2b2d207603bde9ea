/*
 * id.c - UUIDv7: 48 bits of milliseconds, a counter that keeps ids in order, a pseudo-random rest.
 *
 * Layout, big-endian: 48 bits time, 4 bits version (7), 12 bits rand_a, 2 bits variant (10), 62
 * bits rand_b. Ids compared as bytes are therefore ids compared by time.
 *
 * Source: RFC 9562, sections 5.7 and 6.2 (method 1: a counter in rand_a).
 */
#include "base/id.h"
#include "base/checksum.h"

#include <holdfast/error.h>
#include <string.h>

#define TIME_MAX    (((int64_t)1 << 48) - 1)
#define COUNTER_MAX 0xfffu
#define KEY_MAX     4096u
#define TEXT_BYTES  36u

static void set_time(hf_id *id, int64_t ms)
{
    uint64_t time = (uint64_t)ms;
    for (unsigned i = 0; i < 6; i++)
        id->bytes[i] = (uint8_t)(time >> (40 - 8 * i));
}

static void set_version(hf_id *id)
{
    id->bytes[6] = (uint8_t)(0x70u | (id->bytes[6] & 0x0fu));
    id->bytes[8] = (uint8_t)(0x80u | (id->bytes[8] & 0x3fu));
}

static void put64(uint8_t *out, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++)
        out[i] = (uint8_t)(value >> (56 - 8 * i));
}

/* Steele, Lea, Flood: SplitMix64 (2014). Spreads a poor seed over all bits. */
static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Vigna: xorshift128+ (2014). */
static uint64_t next_random(uint64_t state[2])
{
    uint64_t x = state[0];
    const uint64_t y = state[1];
    state[0] = y;
    x ^= x << 23;
    state[1] = x ^ y ^ (x >> 17) ^ (y >> 26);
    return state[1] + y;
}

void hf__id_source_init(hf__id_source *source, const uint64_t seed[2])
{
    uint64_t mix = seed[0];
    memset(source, 0, sizeof *source);
    source->last_ms = -1;
    source->random[0] = splitmix(&mix);
    mix ^= seed[1];
    /* The one state that xorshift never leaves is all zero. */
    source->random[1] = splitmix(&mix) | 1u;
}

/*
 * A clock that stands still or goes back leaves the time where it was and counts on; a counter
 * that is full borrows a millisecond from the future.
 */
void hf__id_next(hf__id_source *source, int64_t now_ms, hf_id *out)
{
    int64_t now = now_ms < 0 ? 0 : now_ms;
    now = now > TIME_MAX ? TIME_MAX : now;
    if (now > source->last_ms) {
        source->last_ms = now;
        source->counter = 0;
    } else if (source->counter < COUNTER_MAX) {
        source->counter++;
    } else if (source->last_ms < TIME_MAX) { /* at the end of time ids are only different */
        source->last_ms++;
        source->counter = 0;
    }
    set_time(out, source->last_ms);
    out->bytes[6] = (uint8_t)(source->counter >> 8);
    out->bytes[7] = (uint8_t)source->counter;
    put64(out->bytes + 8, next_random(source->random));
    set_version(out);
}

void hf__id_derive(const hf_id *base, uint64_t number, hf_id *out)
{
    uint8_t input[24];
    memcpy(input, base->bytes, 16);
    put64(input + 16, number);
    hf_id id;
    hf__hash128(input, sizeof input, id.bytes);
    memcpy(id.bytes, base->bytes, 6);
    set_version(&id);
    *out = id;
}

int hf_id_from_key(int64_t time_ms, const char *text, hf_id *out)
{
    if (text == NULL || out == NULL || time_ms < 0 || time_ms > TIME_MAX)
        return HF_E_ARGUMENT;
    size_t bytes = strnlen(text, KEY_MAX + 1);
    if (bytes == 0 || bytes > KEY_MAX)
        return HF_E_ARGUMENT;
    hf__hash128(text, bytes, out->bytes);
    set_time(out, time_ms);
    set_version(out);
    return 0;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool dash_at(unsigned place)
{
    return place == 8 || place == 13 || place == 18 || place == 23;
}

int hf_id_parse(const char *text, hf_id *out)
{
    if (text == NULL || out == NULL)
        return HF_E_ARGUMENT;
    if (strnlen(text, TEXT_BYTES + 1) != TEXT_BYTES)
        return HF_E_ID;
    hf_id id = {.bytes = {0}};
    unsigned digits = 0;
    for (unsigned i = 0; i < TEXT_BYTES; i++) {
        int value = hex_value(text[i]);
        if (dash_at(i) ? text[i] != '-' : value < 0)
            return HF_E_ID;
        if (dash_at(i))
            continue;
        uint8_t *byte = &id.bytes[digits++ / 2];
        *byte = (uint8_t)((unsigned)*byte << 4 | (unsigned)value);
    }
    if (!hf__id_valid(&id))
        return HF_E_ID;
    *out = id;
    return 0;
}

char *hf_id_format(const hf_id *id, char out[37])
{
    static const char hex[] = "0123456789abcdef";
    if (id == NULL || out == NULL)
        return NULL;
    char *at = out;
    for (unsigned i = 0; i < sizeof(id->bytes); i++) {
        *at++ = hex[id->bytes[i] >> 4];
        *at++ = hex[id->bytes[i] & 15u];
        if (dash_at((unsigned)(at - out)))
            *at++ = '-';
    }
    *at = '\0';
    return out;
}

int64_t hf_id_time(const hf_id *id)
{
    if (id == NULL)
        return 0;
    uint64_t time = 0;
    for (unsigned i = 0; i < 6; i++)
        time = time << 8 | id->bytes[i];
    return (int64_t)time;
}
