/*
 * webhook.h - messages of payment providers, signed as Standard Webhooks says, as facts.
 *
 * Source: Standard Webhooks, "Specification" (webhook-id, webhook-timestamp, webhook-signature).
 */
#ifndef SERVER_WEBHOOK_H
#define SERVER_WEBHOOK_H

#include "lines.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct exchange;

enum { WEBHOOK_PROVIDER = 64, WEBHOOK_SECRET = 64, WEBHOOK_TOLERANCE_S = 300 };

typedef struct webhook_secret {
    char provider[WEBHOOK_PROVIDER];
    unsigned char bytes[WEBHOOK_SECRET];
    size_t count;
} webhook_secret;

/* Secrets by provider; one may have several while it changes them. */
typedef struct webhooks {
    webhook_secret *secrets;
    size_t count, capacity;
} webhooks;

/* Reads the file of secrets; NULL: there is none. False, with the reason, when it is wrong. */
bool webhooks_read(webhooks *out, const char *path, char error[LINES_ERROR]);
void webhooks_fini(webhooks *w);

/* A message as it came. */
typedef struct webhook_message {
    const char *id, *timestamp, *signatures; /* the three headers; NULL: not sent */
    const char *body;
    size_t body_bytes;
} webhook_message;

/*
 * Why a message of the provider is refused, at that Unix time; NULL: one of its signatures is by a
 * secret of the provider, and its timestamp is within the tolerance.
 */
const char *webhook_check(const webhooks *w, const char *provider, const webhook_message *message,
                          int64_t now_s);

/*
 * Writes the signatures of a message by each secret of the provider, as the header
 * webhook-signature has them. False: there is none, or they do not fit into `capacity` bytes.
 */
bool webhook_sign(const webhooks *w, const char *provider, const webhook_message *message,
                  char *out, size_t capacity);

/* POST /webhooks/{provider}. */
void webhook_take(struct exchange *x);

#endif
