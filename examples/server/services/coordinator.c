/*
 * coordinator.c - the role order: opens its services and registers its participants.
 */
#include "coordinator.h"
#include "common/memory.h"
#include "lines.h"
#include "record.h"
#include "server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_BYTES = 200 };

static bool fail(const char *what, const char *detail)
{
    (void)fprintf(stderr, "holdfast-server: %s: %s\n", what, detail);
    return false;
}

/* The first line of the file is the token. */
static bool take_token(void *data, char *line, const char *where, char error[LINES_ERROR])
{
    char *out = data;
    const size_t bytes = strcspn(line, " \t\r\n");
    if (out[0] != '\0' || bytes == 0)
        return true;
    if (bytes >= TOKEN_BYTES)
        return lines_good("a token has at most 199 bytes", where, error);
    (void)snprintf(out, TOKEN_BYTES, "%.*s", (int)bytes, line);
    return true;
}

static bool open_client(coordinator *c, server *s)
{
    char text[TOKEN_BYTES] = "", error[LINES_ERROR];
    const char *path = s->settings.service_token;
    if (path != NULL && !lines_read("service_token", path, take_token, text, error))
        return fail("settings", error);
    c->client = client_open(s->loop, text[0] == '\0' ? NULL : text);
    return true;
}

static bool open_services(coordinator *c, server *s)
{
    const struct {
        const char *name, *addresses;
    } each[SERVICES] = {
        [SERVICE_INVENTORY] = {"inventory", s->settings.inventory},
        [SERVICE_PAYMENT] = {"payment", s->settings.payment},
    };
    for (uint32_t i = 0; i < SERVICES; i++) {
        const service_settings from = {.name = each[i].name,
                                       .addresses = each[i].addresses,
                                       .balance = s->settings.balance,
                                       .health_ms = s->settings.health_ms};
        if (!service_open(&c->services[i], &from, c->client, s->loop))
            return fail(from.name, "the role order needs 1 to 64 different instances, as "
                                   "\"ADDRESS:PORT,ADDRESS:PORT\"");
    }
    return true;
}

bool coordinator_open(server *s)
{
    coordinator *c = take_memory(1, sizeof(*c));
    s->coordinator = c;
    if (!open_client(c, s) || !open_services(c, s))
        return false;
    int error = record_register(s);
    for (uint32_t i = 0; error == 0 && i < SERVICES; i++)
        error = party_register(&c->parties[i], s, &c->services[i], c->client);
    return error == 0 || fail("participants", hf_engine_detail(s->engine));
}

void coordinator_send(server *s)
{
    for (uint32_t i = 0; s->coordinator != NULL && i < SERVICES; i++)
        party_send(&s->coordinator->parties[i]);
}

void coordinator_close(server *s)
{
    coordinator *c = s->coordinator;
    if (c == NULL)
        return;
    client_close(c->client);
    c->client = NULL;
    for (uint32_t i = 0; i < SERVICES; i++) {
        party_close(&c->parties[i]);
        service_close(&c->services[i]);
    }
}
