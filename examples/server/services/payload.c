/*
 * payload.c - writes and reads the payloads of branches of services.
 */
#include "payload.h"

#include <stdio.h>
#include <string.h>

static const char head[] = "{\"endpoint\":\"";
static const char middle[] = "\",\"moves\":";

_Static_assert(sizeof(head) + sizeof(middle) + SERVICE_ADDRESS < PAYLOAD_HEAD,
               "a payload fits beside its moves");

void payload_write(const char *endpoint, const char *moves, char *out, size_t capacity)
{
    (void)snprintf(out, capacity, "%s%s%s%s}", head, endpoint, middle, moves);
}

/* Takes a text from the front of what is left; false: something else is there. */
static bool skip(const char **at, size_t *left, const char *text)
{
    const size_t bytes = strlen(text);
    if (*left < bytes || memcmp(*at, text, bytes) != 0)
        return false;
    *at += bytes;
    *left -= bytes;
    return true;
}

void payload_read(const void *bytes, uint64_t count, branch_payload *out)
{
    const char *at = bytes;
    size_t left = (size_t)count;
    *out = (branch_payload){.endpoint = ""};
    if (!skip(&at, &left, head))
        return;
    const char *address = at;
    const char *end = memchr(at, '"', left);
    const size_t address_bytes = end == NULL ? 0 : (size_t)(end - address);
    at += address_bytes;
    left -= address_bytes;
    if (address_bytes >= SERVICE_ADDRESS || !skip(&at, &left, middle) || left == 0 ||
        at[left - 1] != '}')
        return;
    memcpy(out->endpoint, address, address_bytes);
    out->moves = at;
    out->move_bytes = left - 1;
}
