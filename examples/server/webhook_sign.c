/*
 * webhook_sign.c - secrets and signatures of webhooks.
 *
 * What is signed is "ID.TIMESTAMP.BODY", by HMAC-SHA256 with the secret; the header has one or more
 * signatures "v1,BASE64" with a space between two. Each is compared in constant time. A line of the
 * file of secrets is "PROVIDER whsec_BASE64"; empty lines and those that begin with '#' are
 * skipped.
 */
#include "common/memory.h"
#include "webhook.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_MAX = 255, SECRET_MIN = 16 };

static const char *read_line(webhooks *out, char *line)
{
    static const char prefix[] = "whsec_";
    char *rest = NULL;
    char *provider = strtok_r(line, " \t\r\n", &rest);
    char *secret = strtok_r(NULL, " \t\r\n", &rest);
    webhook_secret one = {.count = 0};
    if (provider == NULL || provider[0] == '#')
        return NULL;
    if (secret == NULL || strtok_r(NULL, " \t\r\n", &rest) != NULL ||
        strncmp(secret, prefix, sizeof(prefix) - 1) != 0)
        return "a line is \"PROVIDER whsec_BASE64\"";
    if (strlen(provider) >= sizeof(one.provider))
        return "a provider has at most 63 bytes";
    secret += sizeof(prefix) - 1;
    if (sodium_base642bin(one.bytes, sizeof(one.bytes), secret, strlen(secret), NULL, &one.count,
                          NULL, sodium_base64_VARIANT_ORIGINAL) != 0 ||
        one.count < SECRET_MIN)
        return "a secret is base64 of 16 to 64 bytes";
    (void)snprintf(one.provider, sizeof(one.provider), "%s", provider);
    out->secrets = grow_memory(out->secrets, &out->capacity, out->count + 1, sizeof(one));
    out->secrets[out->count++] = one;
    sodium_memzero(&one, sizeof(one));
    return NULL;
}

static bool take_line(void *data, char *line, const char *where, char error[LINES_ERROR])
{
    return lines_good(read_line(data, line), where, error);
}

bool webhooks_read(webhooks *out, const char *path, char error[LINES_ERROR])
{
    *out = (webhooks){.secrets = NULL};
    if (path == NULL || lines_read("webhooks", path, take_line, out, error))
        return true;
    webhooks_fini(out);
    return false;
}

void webhooks_fini(webhooks *w)
{
    if (w->secrets != NULL)
        sodium_memzero(w->secrets, w->count * sizeof(*w->secrets));
    free(w->secrets);
    *w = (webhooks){.secrets = NULL};
}

/* ---- Signatures ------------------------------------------------------------------------------ */

static void sign(const webhook_secret *secret, const webhook_message *m,
                 unsigned char out[crypto_auth_hmacsha256_BYTES])
{
    crypto_auth_hmacsha256_state state;
    (void)crypto_auth_hmacsha256_init(&state, secret->bytes, secret->count);
    (void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)m->id, strlen(m->id));
    (void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)".", 1);
    (void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)m->timestamp,
                                        strlen(m->timestamp));
    (void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)".", 1);
    (void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)m->body, m->body_bytes);
    (void)crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof(state));
}

/* Whether one of the signatures is `expected`. */
static bool has_signature(const char *list, const unsigned char *expected)
{
    bool found = false;
    while (*list != '\0') {
        const size_t bytes = strcspn(list, " ");
        unsigned char got[crypto_auth_hmacsha256_BYTES];
        size_t count = 0;
        if (bytes > 3 && strncmp(list, "v1,", 3) == 0 &&
            sodium_base642bin(got, sizeof(got), list + 3, bytes - 3, NULL, &count, NULL,
                              sodium_base64_VARIANT_ORIGINAL) == 0 &&
            count == sizeof(got) && sodium_memcmp(got, expected, sizeof(got)) == 0)
            found = true;
        list += bytes + (list[bytes] == ' ');
    }
    return found;
}

static bool is_timely(const char *timestamp, int64_t now_s)
{
    char *end;
    errno = 0;
    const long long sent_s = strtoll(timestamp, &end, 10);
    return errno == 0 && timestamp[0] >= '0' && timestamp[0] <= '9' && *end == '\0' &&
           sent_s >= now_s - WEBHOOK_TOLERANCE_S && sent_s <= now_s + WEBHOOK_TOLERANCE_S;
}

const char *webhook_check(const webhooks *w, const char *provider, const webhook_message *message,
                          int64_t now_s)
{
    unsigned char expected[crypto_auth_hmacsha256_BYTES];
    bool good = false;
    if (message->id == NULL || message->timestamp == NULL || message->signatures == NULL)
        return "webhook-id, webhook-timestamp and webhook-signature are needed";
    if (message->id[0] == '\0' || strlen(message->id) > ID_MAX)
        return "webhook-id has 1 to 255 bytes";
    if (!is_timely(message->timestamp, now_s))
        return "webhook-timestamp is not within 5 minutes of now";
    for (size_t i = 0; i < w->count; i++) {
        if (strcmp(w->secrets[i].provider, provider) != 0)
            continue;
        sign(&w->secrets[i], message, expected);
        good = has_signature(message->signatures, expected) || good;
    }
    return good ? NULL : "no signature is by a secret of the provider";
}

bool webhook_sign(const webhooks *w, const char *provider, const webhook_message *message,
                  char *out, size_t capacity)
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    char text[sodium_base64_ENCODED_LEN(sizeof(mac), sodium_base64_VARIANT_ORIGINAL)];
    size_t used = 0;
    for (size_t i = 0; i < w->count; i++) {
        if (strcmp(w->secrets[i].provider, provider) != 0)
            continue;
        sign(&w->secrets[i], message, mac);
        (void)sodium_bin2base64(text, sizeof(text), mac, sizeof(mac),
                                sodium_base64_VARIANT_ORIGINAL);
        const int bytes =
            snprintf(out + used, capacity - used, "%sv1,%s", used == 0 ? "" : " ", text);
        if (bytes < 0 || (size_t)bytes >= capacity - used)
            return false;
        used += (size_t)bytes;
    }
    return used != 0;
}
