/*
 * webhook.c - a message of a payment provider, as a fact.
 *
 * The body is the envelope of Standard Webhooks: "type", "timestamp" and "data". The type says
 * which fact it is, by the table below; the data are the other arguments of hf_payment_report. What
 * they leave out comes from the message: webhook-id is the fact's reference, the timestamp the
 * provider's time. A type that is no fact is accepted and ignored, so that the provider does not
 * repeat it. A message that comes twice is one fact: the library recognises it by its reference.
 */
#include "webhook.h"
#include "common/when.h"
#include "operation.h"
#include "problem.h"
#include "query.h"
#include "route.h"
#include "server.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* clang-format off */
static const struct {
    const char *type;
    const char *kind;
} facts[] = {
    { "payment.authorized", "AUTHORIZED" },
    { "payment.captured", "CAPTURED" },
    { "payment.voided", "VOIDED" },
    { "payment.refunded", "REFUNDED" },
    { "payment.failed", "FAILED" },
    { "payment.action_required", "ACTION_REQUIRED" },
    { "payment.chargeback", "CHARGEBACK" },
    { "payment.chargeback_reversed", "CHARGEBACK_REVERSED" },
};
/* clang-format on */

static const char *kind_of(const char *type)
{
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
        if (strcmp(type, facts[i].type) == 0)
            return facts[i].kind;
    return NULL;
}

static bool check_signature(exchange *x)
{
    const webhook_message message = {.id = x->headers[HEADER_WEBHOOK_ID],
                                     .timestamp = x->headers[HEADER_WEBHOOK_TIMESTAMP],
                                     .signatures = x->headers[HEADER_WEBHOOK_SIGNATURE],
                                     .body = x->body == NULL ? "" : x->body,
                                     .body_bytes = x->body_bytes};
    const char *wrong =
        webhook_check(&x->server->webhooks, x->params[0], &message, (int64_t)time(NULL));
    if (wrong != NULL)
        problem_answer(x, PROBLEM_SIGNATURE, NULL, "%s", wrong);
    else
        (void)snprintf(x->actor, sizeof(x->actor), "%.63s", x->params[0]);
    return wrong == NULL;
}

/* Takes the arguments out of the envelope; NULL: answered. */
static json_t *open_envelope(exchange *x, json_t *body)
{
    const char *type = json_string_value(json_object_get(body, "type"));
    json_t *data = json_object_get(body, "data");
    if (type == NULL || !json_is_object(data)) {
        problem_answer(x, PROBLEM_VALUE, type == NULL ? "/type" : "/data",
                       type == NULL ? "must be a text" : "must be an object");
        return NULL;
    }
    const char *kind = kind_of(type);
    if (kind == NULL) {
        json_text_open(&x->out, '{');
        json_text_member(&x->out, "ignored", type);
        json_text_close(&x->out, '}');
        exchange_answer(x, 202, TYPE_JSON);
        return NULL;
    }
    if (json_object_get(data, "kind") != NULL) {
        problem_answer(x, PROBLEM_VALUE, "/data/kind", "the type says it");
        return NULL;
    }
    (void)json_object_set_new(data, "kind", json_string(kind));
    return json_incref(data);
}

/* Adds what the message says beside its data. */
static bool complete(exchange *x, const json_t *body, json_t *args)
{
    int64_t ms = 0;
    const json_t *timestamp = json_object_get(body, "timestamp");
    if (json_object_get(args, "fact_ref") == NULL)
        (void)json_object_set_new(args, "fact_ref", json_string(x->headers[HEADER_WEBHOOK_ID]));
    if (timestamp == NULL || json_object_get(args, "provider_time_ms") != NULL)
        return true;
    if (!json_is_string(timestamp) || !when_read(json_string_value(timestamp), &ms)) {
        problem_answer(x, PROBLEM_VALUE, "/timestamp", "must be a time in UTC, as ISO 8601 says");
        return false;
    }
    (void)json_object_set_new(args, "provider_time_ms", json_integer(ms));
    return true;
}

void webhook_take(exchange *x)
{
    if (!check_signature(x))
        return;
    json_t *body = operation_body(x);
    json_t *args = body == NULL ? NULL : open_envelope(x, body);
    if (args != NULL && complete(x, body, args))
        operation_submit(x, json_incref(args));
    json_decref(args);
    json_decref(body);
}
