/*
 * libFuzzer target: what holdfast-server itself reads of a request, any bytes.
 *
 * Everything behind libmicrohttpd runs: routes, path and query, cursors, tokens, keys, If-Match,
 * trace context, bodies of every operation, signed webhooks. Operations are not submitted, as while
 * the server closes. Each request must be answered once, with a status, and with JSON that is
 * whole. tests/server/test_fuzz.py compiles and runs it; the input is
 *
 *     METHOD PATH[?QUERY]
 *     a:VALUE                header by letter, in the order of header_id
 *                            an empty line, then the body
 *
 * A body behind the letter '!' instead of a header is signed as the provider "psp" would sign it.
 */
#include "common/memory.h"
#include "server.h"

#include <microhttpd.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

enum { LINE_MAX_BYTES = 4096, QUERY_NAMES = 16, SECRET_BYTES = 32 };

static server it;
static char query_text[LINE_MAX_BYTES];

void memory_out(void)
{
    abort();
}

/* ---- In place of http.c ---------------------------------------------------------------------- */

void http_answered(exchange *x)
{
    if (x->queued)
        abort(); /* answered twice */
    x->queued = true;
}

bool http_line_fits(const exchange *x, header_id id, bool (*fits)(const char *, const char *),
                    const char *entry)
{
    return x->headers[id] != NULL && fits(x->headers[id], entry);
}

unsigned http_connections(const http *h)
{
    (void)h;
    return 0;
}

int MHD_get_connection_values(struct MHD_Connection *connection, enum MHD_ValueKind kind,
                              MHD_KeyValueIterator take, void *data)
{
    static char copy[LINE_MAX_BYTES];
    char *rest = NULL;
    int count = 0;
    (void)connection;
    memcpy(copy, query_text, sizeof(copy));
    for (char *part = strtok_r(copy, "&", &rest); part != NULL; part = strtok_r(NULL, "&", &rest)) {
        char *value = strchr(part, '=');
        if (value != NULL)
            *value++ = '\0';
        count++;
        if (take(data, kind, part, value) != MHD_YES)
            break;
    }
    return count;
}

/* ---- The input ------------------------------------------------------------------------------- */

typedef struct input {
    const char *at;
    size_t left;
    char lines[HEADERS + 4][LINE_MAX_BYTES];
    size_t count;
    bool sign;
} input;

/* The next line without its end; NULL: there is none, or it is too long. */
static char *next_line(input *in)
{
    const char *end = in->left == 0 ? NULL : memchr(in->at, '\n', in->left);
    if (end == NULL || end - in->at >= LINE_MAX_BYTES || in->count == HEADERS + 4)
        return NULL;
    char *line = in->lines[in->count++];
    const size_t bytes = (size_t)(end - in->at);
    memcpy(line, in->at, bytes);
    line[bytes] = '\0';
    in->at += bytes + 1;
    in->left -= bytes + 1;
    return line;
}

static bool read_head(input *in, exchange *x)
{
    char *line = next_line(in);
    char *space = line == NULL ? NULL : strchr(line, ' ');
    if (space == NULL)
        return false;
    *space = '\0';
    x->method = line;
    x->path = space + 1;
    char *query = strchr(space + 1, '?');
    (void)snprintf(query_text, sizeof(query_text), "%s", query == NULL ? "" : query + 1);
    if (query != NULL)
        *query = '\0';
    while ((line = next_line(in)) != NULL && line[0] != '\0') {
        const int header = line[0] - 'a';
        in->sign = in->sign || line[0] == '!';
        if (header < 0 || header >= HEADERS || line[1] != ':')
            continue;
        x->repeated |= x->headers[header] == NULL ? 0u : 1u << header;
        x->headers[header] = line + 2;
    }
    return true;
}

/* Signs the body, so that what is behind the signature is reached. */
static void sign(exchange *x, char timestamp[24], char signature[80])
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    (void)snprintf(timestamp, 24, "%lld", (long long)time(NULL));
    (void)crypto_auth_hmacsha256_init(&state, it.webhooks.secrets[0].bytes, SECRET_BYTES);
    (void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)"id.", 3);
    (void)crypto_auth_hmacsha256_update(&state, (unsigned char *)timestamp, strlen(timestamp));
    (void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)".", 1);
    (void)crypto_auth_hmacsha256_update(&state, (unsigned char *)x->body, x->body_bytes);
    (void)crypto_auth_hmacsha256_final(&state, mac);
    memcpy(signature, "v1,", 3);
    (void)sodium_bin2base64(signature + 3, 77, mac, sizeof(mac), sodium_base64_VARIANT_ORIGINAL);
    x->headers[HEADER_WEBHOOK_ID] = "id";
    x->headers[HEADER_WEBHOOK_TIMESTAMP] = timestamp;
    x->headers[HEADER_WEBHOOK_SIGNATURE] = signature;
}

static void check_answer(const exchange *x)
{
    if (x->status < 200 || x->status > 599 || !x->queued || x->outstanding != 0)
        abort();
    if (x->content_type == NULL || strstr(x->content_type, "json") == NULL)
        return;
    json_t *answer = json_loadb(x->out.bytes, x->out.used, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(answer))
        abort();
    json_decref(answer);
}

static void ask(input *in, exchange *x)
{
    char timestamp[24], signature[80];
    if (!read_head(in, x))
        return;
    server_head(x, 0);
    x->content_length = 0;
    if (x->status == 0 && in->left != 0)
        (void)exchange_body(x, in->at, in->left, (size_t)it.settings.body_bytes_max);
    if (in->sign && x->body_bytes != 0)
        sign(x, timestamp, signature);
    if (x->status == 0) {
        arena_use(&x->arena);
        server_request(x);
        arena_use(NULL);
    }
    check_answer(x);
    server_completed(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static input in;
    in.at = (const char *)data;
    in.left = size;
    in.count = 0;
    in.sign = false;
    exchange *x = exchange_take(&it);
    ask(&in, x);
    exchange_release(x);
    it.log.filling.used = 0;
    return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    char *none[] = {"fuzz", NULL};
    char error[LINES_ERROR];
    (void)argc;
    (void)argv;
    arena_install();
    if (sodium_init() < 0 || !settings_read(&it.settings, 1, none, error))
        abort();
    it.closing = true;
    it.auth.open = true;
    it.log.level = HF_LOG_INFO;
    it.webhooks.secrets = take_memory(1, sizeof(webhook_secret));
    it.webhooks.count = it.webhooks.capacity = 1;
    it.webhooks.secrets[0] = (webhook_secret){.provider = "psp", .count = SECRET_BYTES};
    return 0;
}
