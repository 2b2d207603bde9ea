/*
 * trace.c - reads the header traceparent: "00-TRACE-PARENT-FLAGS" in lower-case hex.
 *
 * A later version may have more behind the flags; version ff, ids of zeros and everything else are
 * no trace context, and the request begins a trace of its own.
 */
#include "trace.h"

#include <sodium.h>
#include <stdbool.h>
#include <string.h>

enum { TRACE = 32, SPAN = 16, LENGTH = 55, RANDOM_BYTES = 24, RANDOM_IDS = 64 };

static bool is_hex(const char *text, size_t count)
{
    return strspn(text, "0123456789abcdef") >= count;
}

static bool is_zero(const char *text, size_t count)
{
    return strspn(text, "0") >= count;
}

static bool is_context(const char *text)
{
    if (text == NULL || strlen(text) < LENGTH)
        return false;
    const bool later = strncmp(text, "00", 2) != 0;
    return is_hex(text, 2) && strncmp(text, "ff", 2) != 0 && text[2] == '-' &&
           is_hex(text + 3, TRACE) && !is_zero(text + 3, TRACE) && text[35] == '-' &&
           is_hex(text + 36, SPAN) && !is_zero(text + 36, SPAN) && text[52] == '-' &&
           is_hex(text + 53, 2) && (text[LENGTH] == '\0' || (later && text[LENGTH] == '-'));
}

/* Random bytes for the ids of a request; the system is asked for those of many requests at once. */
static const unsigned char *take_random(void)
{
    static unsigned char ids[RANDOM_IDS][RANDOM_BYTES];
    static size_t left;
    if (left == 0) {
        randombytes_buf(ids, sizeof(ids));
        left = RANDOM_IDS;
    }
    return ids[--left];
}

void trace_begin(trace *out, const char *traceparent)
{
    const unsigned char *random = take_random();
    (void)sodium_bin2hex(out->span_id, sizeof(out->span_id), random, 8);
    (void)sodium_bin2hex(out->trace_id, sizeof(out->trace_id), random + 8, 16);
    out->parent_id[0] = '\0';
    if (!is_context(traceparent))
        return;
    memcpy(out->trace_id, traceparent + 3, TRACE);
    memcpy(out->parent_id, traceparent + 36, SPAN);
    out->parent_id[SPAN] = '\0';
}
