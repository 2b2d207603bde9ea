/*
 * exchange.c - requests and responses: memory that is used again, the body, the answer.
 *
 * An exchange that ends goes to a list of free ones with its buffers, those that grew large without
 * them: so a server under steady load allocates nothing, and one large body costs no memory later.
 */
#include "exchange.h"
#include "common/memory.h"
#include "server.h"
#include "services/calls.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { KEPT_BYTES = 65536, KEPT_EXCHANGES = 256 };

uint64_t now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

exchange *exchange_take(server *s)
{
    exchange *x = s->free;
    if (x != NULL) {
        s->free = x->next;
        s->free_count--;
    } else {
        x = take_memory(1, sizeof(*x));
    }
    x->server = s;
    x->begun_ns = now_ns();
    x->previous = NULL;
    x->next = s->open;
    if (s->open != NULL)
        s->open->previous = x;
    s->open = x;
    s->open_count++;
    return x;
}

/* Keeps a buffer of usual size for the next request. */
static void keep(char **bytes, size_t *capacity)
{
    if (*capacity <= KEPT_BYTES)
        return;
    free(*bytes);
    *bytes = NULL;
    *capacity = 0;
}

static void fini(exchange *x)
{
    ops_fini(&x->memory);
    arena_fini(&x->arena);
    free(x->body);
    free(x->out.bytes);
    free(x);
}

void exchange_forget(exchange *x)
{
    ops_clear(&x->memory);
    arena_clear(&x->arena);
}

static void release_one(exchange *x)
{
    server *s = x->server;
    if (x->previous != NULL)
        x->previous->next = x->next;
    else
        s->open = x->next;
    if (x->next != NULL)
        x->next->previous = x->previous;
    s->open_count--;
    s->part_count -= x->whole != NULL ? 1 : 0;
    if (s->free_count == KEPT_EXCHANGES) {
        fini(x);
        return;
    }
    exchange_forget(x);
    keep(&x->body, &x->body_capacity);
    keep(&x->out.bytes, &x->out.capacity);
    const exchange empty = {.next = s->free,
                            .body = x->body,
                            .body_capacity = x->body_capacity,
                            .memory = x->memory,
                            .arena = x->arena,
                            .out = {.bytes = x->out.bytes, .capacity = x->out.capacity}};
    *x = empty;
    s->free = x;
    s->free_count++;
}

void exchange_release(exchange *x)
{
    for (exchange *part = x->parts, *next; part != NULL; part = next) {
        next = part->next_part;
        release_one(part);
    }
    release_one(x);
}

void exchange_free_all(server *s)
{
    while (s->free != NULL) {
        exchange *x = s->free;
        s->free = x->next;
        fini(x);
    }
    s->free_count = 0;
}

bool exchange_body(exchange *x, const char *bytes, size_t count, size_t max)
{
    if (x->body_large || x->body_bytes > max || count > max - x->body_bytes) {
        x->body_large = true;
        return false;
    }
    x->body = grow_memory(x->body, &x->body_capacity, x->body_bytes + count, 1);
    memcpy(x->body + x->body_bytes, bytes, count);
    x->body_bytes += count;
    return true;
}

void exchange_header(exchange *x, const char *name, const char *format, ...)
{
    if (x->header_count == EXCHANGE_HEADERS_OUT)
        return;
    header_out *out = &x->headers_out[x->header_count++];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(out->value, sizeof(out->value), format, list);
    va_end(list);
    out->name = name;
}

void exchange_answer(exchange *x, unsigned status, const char *content_type)
{
    x->status = status;
    x->content_type = content_type;
    if (x->whole != NULL)
        calls_answered(x->whole);
    else
        http_answered(x);
}
