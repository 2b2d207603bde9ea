/*
 * card.c - commands of holdfast as HTTP requests, answers as facts.
 *
 * The one rule: only what the provider clearly said is an answer. A refused connection, a reply cut
 * short, a status or body that is not understood, and a reply that names another key (a connection
 * that is used again may bring what belongs to an earlier request) are UNKNOWN, and holdfast asks
 * what became of the key before it repeats anything.
 *
 * The `reference` of a reply is the provider's id of the authorization, capture, void or refund. A
 * provider with webhooks names the movement by the same id there; then both count once.
 */
#include "card.h"
#include "common/transfers.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPLY_MAX = 4096, TIMEOUT_MS = 2000, RETRY_LATER_MS = 500 };

/* One HTTP request, from the call to its answer. */
typedef struct transfer {
    card *provider;
    CURL *easy;
    struct curl_slist *headers;
    uint64_t ticket;
    size_t reply_bytes;
    struct transfer *next;
    char key[37];
    char url[512];
    char body[512];
    char reply[REPLY_MAX];
} transfer;

struct card {
    hf_engine *engine;
    transfers *multi;
    transfer *requests;
    char url[256];
};

/* ---- Answers --------------------------------------------------------------------------------- */

static const struct {
    const char *said;
    uint32_t answer;
} meanings[] = {
    {"ok", HF_ANSWER_OK},
    {"refused", HF_ANSWER_REJECTED},
    {"action_required", HF_ANSWER_ONGOING},
    {"not_found", HF_ANSWER_NOT_FOUND},
};

static uint32_t meaning_of(const char *said)
{
    for (size_t i = 0; said != NULL && i < sizeof meanings / sizeof meanings[0]; i++)
        if (strcmp(said, meanings[i].said) == 0)
            return meanings[i].answer;
    return HF_ANSWER_UNKNOWN;
}

/* What a whole reply says; `keep` holds the texts that the answer points to. */
static json_t *read_reply(const transfer *t, long status, hf_call_answer *answer)
{
    json_t *keep = json_loadb(t->reply, t->reply_bytes, JSON_REJECT_DUPLICATES, NULL);
    hf_call_answer_init(answer, HF_ANSWER_UNKNOWN);
    if (status != 200 || keep == NULL) {
        answer->detail =
            status != 200 ? "an HTTP status other than 200" : "a reply that is no JSON";
        return keep;
    }
    const char *key = json_string_value(json_object_get(keep, "key"));
    if (key == NULL || strcmp(key, t->key) != 0) {
        answer->detail = "a reply that names another key";
        return keep;
    }
    answer->answer = meaning_of(json_string_value(json_object_get(keep, "result")));
    answer->amount = json_integer_value(json_object_get(keep, "amount"));
    answer->reference = json_string_value(json_object_get(keep, "reference"));
    answer->detail = json_string_value(json_object_get(keep, "reason"));
    return keep;
}

static void free_transfer(transfer *t)
{
    transfer **link = &t->provider->requests;
    while (*link != t)
        link = &(*link)->next;
    *link = t->next;
    transfers_remove(t->provider->multi, t->easy);
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->headers);
    free(t);
}

static void finish(CURL *easy, CURLcode result)
{
    transfer *t = NULL;
    hf_call_answer answer;
    json_t *keep = NULL;
    (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&t);
    if (result == CURLE_OK) {
        long status = 0;
        (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        keep = read_reply(t, status, &answer);
    } else {
        hf_call_answer_init(&answer, HF_ANSWER_UNKNOWN);
        answer.detail = curl_easy_strerror(result);
    }
    hf_engine *engine = t->provider->engine;
    uint64_t ticket = t->ticket;
    free_transfer(t);
    (void)hf_call_done(engine, ticket,
                       &answer); /* too late is as good as never: it is asked again */
    json_decref(keep);
}

/* ---- Requests -------------------------------------------------------------------------------- */

static size_t take_reply(char *data, size_t size, size_t count, void *to)
{
    transfer *t = to;
    size_t bytes = size * count;
    if (bytes > sizeof t->reply - t->reply_bytes)
        return 0; /* too long to be an answer: the transfer fails, and that is UNKNOWN */
    memcpy(t->reply + t->reply_bytes, data, bytes);
    t->reply_bytes += bytes;
    return bytes;
}

static void not_now(const card *provider, const hf_call *call)
{
    hf_call_answer answer;
    hf_call_answer_init(&answer, HF_ANSWER_UNKNOWN);
    answer.after_ms = RETRY_LATER_MS;
    answer.detail = "out of memory";
    (void)hf_call_done(provider->engine, call->ticket, &answer);
}

/* POST /authorize, /capture, /void, /refund with the key in a header; GET /commands/KEY. */
static void request(card *provider, const hf_call *call, const char *path)
{
    char payment[37];
    char header[64];
    transfer *t = calloc(1, sizeof *t);
    CURL *easy = t == NULL ? NULL : curl_easy_init();
    if (easy == NULL) {
        free(t);
        not_now(provider, call);
        return;
    }
    *t = (transfer){.provider = provider, .easy = easy, .ticket = call->ticket};
    t->next = provider->requests;
    provider->requests = t;
    (void)hf_id_format(&call->key, t->key);
    bool query = call->phase == HF_PHASE_QUERY;
    (void)snprintf(t->url, sizeof t->url, "%s/%s%s", provider->url, path, query ? t->key : "");
    (void)snprintf(header, sizeof header, "Idempotency-Key: %s", t->key);
    t->headers = curl_slist_append(NULL, header);
    (void)curl_easy_setopt(easy, CURLOPT_URL, t->url);
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->headers);
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_reply);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    if (!query) {
        (void)snprintf(t->body, sizeof t->body,
                       "{\"payment\":\"%s\",\"amount\":%" PRId64 ",\"unit\":\"%s\"}",
                       hf_id_format(&call->payment, payment), call->amount, call->unit);
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, t->body);
    }
    (void)transfers_add(provider->multi, easy);
}

static void authorize(void *data, const hf_call *call)
{
    request(data, call, "authorize");
}

static void capture(void *data, const hf_call *call)
{
    request(data, call, "capture");
}

static void void_all(void *data, const hf_call *call)
{
    request(data, call, "void");
}

static void refund(void *data, const hf_call *call)
{
    request(data, call, "refund");
}

static void query(void *data, const hf_call *call)
{
    request(data, call, "commands/");
}

/* ---- Open and close -------------------------------------------------------------------------- */

card *card_open(uv_loop_t *loop, hf_engine *engine, const char *name, const char *url)
{
    card *provider = calloc(1, sizeof *provider);
    if (provider == NULL)
        return NULL;
    provider->engine = engine;
    provider->multi = transfers_open(loop, finish);
    if (provider->multi == NULL) {
        free(provider);
        return NULL;
    }
    (void)snprintf(provider->url, sizeof provider->url, "%s", url);
    hf_provider table;
    hf_provider_init(&table, name);
    table.authorize = authorize;
    table.capture = capture;
    table.void_ = void_all;
    table.refund = refund;
    table.query = query;
    table.data = provider;
    table.call_timeout_ms = TIMEOUT_MS + RETRY_LATER_MS; /* then no request is on its way */
    if (hf_provider_register(engine, &table) == 0)
        return provider;
    card_close(provider);
    return NULL;
}

void card_close(card *provider)
{
    if (provider == NULL)
        return;
    for (transfer *t = provider->requests, *next; t != NULL; t = next) {
        next = t->next;
        free_transfer(t);
    }
    transfers_close(provider->multi);
    free(provider);
}
