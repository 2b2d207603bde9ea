/*
 * coordinator.c - the role order: opens its services and registers its participants.
 */
#include "coordinator.h"
#include "common/memory.h"
#include "record.h"
#include "server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    if (bytes >= CLIENT_TOKEN)
        return lines_good("a token has at most 199 bytes", where, error);
    (void)snprintf(out, CLIENT_TOKEN, "%.*s", (int)bytes, line);
    return true;
}

bool coordinator_read_token(const char *path, char out[CLIENT_TOKEN], char error[LINES_ERROR])
{
    out[0] = '\0';
    return path == NULL || lines_read("service_token", path, take_token, out, error);
}

void coordinator_reload(server *s)
{
    if (s->coordinator != NULL)
        client_token(s->coordinator->client, s->service_token);
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
    c->client = client_open(s->loop, s->service_token);
    if (!open_services(c, s))
        return false;
    int error = record_register(s);
    for (uint32_t i = 0; error == 0 && i < SERVICES; i++)
        error = participant_register(&c->participants[i], s, &c->services[i], c->client);
    return error == 0 || fail("participants", hf_engine_detail(s->engine));
}

void coordinator_send(server *s)
{
    for (uint32_t i = 0; s->coordinator != NULL && i < SERVICES; i++)
        participant_send(&s->coordinator->participants[i]);
}

void coordinator_close(server *s)
{
    coordinator *c = s->coordinator;
    if (c == NULL)
        return;
    client_close(c->client);
    c->client = NULL;
    for (uint32_t i = 0; i < SERVICES; i++) {
        participant_close(&c->participants[i]);
        service_close(&c->services[i]);
    }
}
