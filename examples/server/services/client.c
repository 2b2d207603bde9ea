/*
 * client.c - requests of the server to other services, by libcurl on the loop.
 *
 * Happy path: a handle is taken from those that are kept, sent, and kept again when its answer has
 * been given to the caller. Failure modes: no connection, no answer in time, an answer that is cut
 * or too long; all of them are an answer with the status 0, because none says what the other side
 * has done.
 */
#include "client.h"
#include "common/memory.h"
#include "common/transfers.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The headers of requests. Those that were replaced stay until the last request with them ends. */
typedef struct head {
    struct curl_slist *list;
    unsigned uses; /* requests under way, and one while it is that of new ones */
} head;

typedef struct sending {
    struct sending *next, *previous; /* of those under way, or kept (next alone) */
    client *owner;
    CURL *easy;
    head *head; /* while it is under way */
    client_done done;
    void *data;
    char *bytes; /* of the answer */
    size_t used, capacity;
} sending;

struct client {
    transfers *transfers;
    head *head; /* of new requests */
    sending *under_way;
    sending *kept;
};

static size_t take_body(char *part, size_t size, size_t count, void *to)
{
    sending *s = to;
    const size_t bytes = size * count;
    if (bytes > CLIENT_BODY_MAX - s->used)
        return 0; /* the request fails */
    s->bytes = grow_memory(s->bytes, &s->capacity, s->used + bytes, 1);
    memcpy(s->bytes + s->used, part, bytes);
    s->used += bytes;
    return bytes;
}

static head *make_head(const char *token)
{
    head *h = take_memory(1, sizeof(*h));
    h->uses = 1;
    h->list = curl_slist_append(NULL, "Content-Type: application/json");
    if (h->list != NULL && token[0] != '\0') {
        char line[CLIENT_TOKEN + 40];
        (void)snprintf(line, sizeof(line), "Authorization: Bearer %s", token);
        struct curl_slist *longer = curl_slist_append(h->list, line);
        sodium_memzero(line, sizeof(line));
        if (longer == NULL)
            memory_out();
    }
    if (h->list == NULL)
        memory_out();
    return h;
}

static void leave_head(head *h)
{
    if (h == NULL || --h->uses != 0)
        return;
    curl_slist_free_all(h->list);
    free(h);
}

static void set_always(sending *s)
{
    (void)curl_easy_setopt(s->easy, CURLOPT_PRIVATE, s);
    (void)curl_easy_setopt(s->easy, CURLOPT_WRITEFUNCTION, take_body);
    (void)curl_easy_setopt(s->easy, CURLOPT_WRITEDATA, s);
    (void)curl_easy_setopt(s->easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(s->easy, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(s->easy, CURLOPT_FOLLOWLOCATION, 0L);
}

static sending *take(client *c)
{
    sending *s = c->kept;
    if (s != NULL) {
        c->kept = s->next;
    } else {
        s = take_memory(1, sizeof(*s));
        s->owner = c;
        s->easy = curl_easy_init();
        if (s->easy == NULL)
            memory_out();
        set_always(s);
    }
    s->head = c->head;
    s->head->uses++;
    (void)curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, s->head->list);
    s->used = 0;
    s->previous = NULL;
    s->next = c->under_way;
    if (s->next != NULL)
        s->next->previous = s;
    c->under_way = s;
    return s;
}

static void keep(sending *s)
{
    client *c = s->owner;
    leave_head(s->head);
    s->head = NULL;
    if (s->previous != NULL)
        s->previous->next = s->next;
    else
        c->under_way = s->next;
    if (s->next != NULL)
        s->next->previous = s->previous;
    s->next = c->kept;
    c->kept = s;
}

static void on_done(CURL *easy, CURLcode result)
{
    sending *s = NULL;
    char *type = NULL;
    client_answer answer = {.error = "", .type = "", .body = ""};
    (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&s);
    if (result == CURLE_OK) {
        (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer.status);
        (void)curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
    } else {
        answer.error = curl_easy_strerror(result);
    }
    answer.type = type == NULL ? "" : type;
    answer.body = s->bytes == NULL ? "" : s->bytes;
    answer.bytes = s->used;
    s->done(s->data, &answer);
    keep(s);
}

client *client_open(uv_loop_t *loop, const char *token)
{
    client *c = take_memory(1, sizeof(*c));
    c->transfers = transfers_open(loop, on_done);
    if (c->transfers == NULL)
        memory_out();
    c->head = make_head(token);
    return c;
}

void client_token(client *c, const char *token)
{
    leave_head(c->head);
    c->head = make_head(token);
}

void client_send(client *c, const client_request *request)
{
    sending *s = take(c);
    s->done = request->done;
    s->data = request->data;
    (void)curl_easy_setopt(s->easy, CURLOPT_URL, request->url);
    (void)curl_easy_setopt(s->easy, CURLOPT_TIMEOUT_MS, (long)request->limit_ms);
    if (request->body != NULL) {
        (void)curl_easy_setopt(s->easy, CURLOPT_POSTFIELDSIZE, (long)request->body_bytes);
        (void)curl_easy_setopt(s->easy, CURLOPT_COPYPOSTFIELDS, request->body);
    } else
        (void)curl_easy_setopt(s->easy, CURLOPT_HTTPGET, 1L);
    if (transfers_add(c->transfers, s->easy) != CURLM_OK)
        memory_out(); /* curl refuses a new handle only when there is no memory */
}

static void free_all(client *c, sending *first, bool under_way)
{
    for (sending *s = first, *next; s != NULL; s = next) {
        next = s->next;
        if (under_way) {
            transfers_remove(c->transfers, s->easy);
            s->done(s->data,
                    &(client_answer){.error = "the client closes", .type = "", .body = ""});
        }
        curl_easy_cleanup(s->easy);
        leave_head(s->head);
        free(s->bytes);
        free(s);
    }
}

void client_close(client *c)
{
    if (c == NULL)
        return;
    free_all(c, c->under_way, true);
    free_all(c, c->kept, false);
    transfers_close(c->transfers);
    leave_head(c->head);
    free(c);
}
