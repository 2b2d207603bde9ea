/*
 * broker.c - one connection and one channel of librabbitmq, in confirm mode.
 *
 * Nothing counts as published that the broker has not confirmed: a connection that breaks, a nack,
 * a confirm that does not come in time and a message that no queue takes leave the rest to be sent
 * again on a new connection.
 */
#include "broker.h"

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <ctype.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

enum {
    CHANNEL = 1,
    FRAME_BYTES = 131072,
    PERSISTENT = 2,
    TIMEOUT_S = 10,
    KEY_BYTES = 64,
    SAID_BYTES = 160
};

enum { WAITS = 0, CONFIRMED, RETURNED, REFUSED };

struct broker {
    const broker_options *options;
    amqp_connection_state_t connection;
    uint64_t next_tag; /* of the next message on this channel */
    uint8_t states[MESSAGES_MAX];
};

static const struct timeval timeout = {TIMEOUT_S, 0};

/* ---- Connect --------------------------------------------------------------------------------- */

/* `text` is a copy that `info` points into. */
static bool parse(char *text, struct amqp_connection_info *info, char why[BROKER_WHY_BYTES])
{
    amqp_default_connection_info(info);
    int error = text == NULL ? AMQP_STATUS_NO_MEMORY : amqp_parse_url(text, info);
    if (error != AMQP_STATUS_OK)
        (void)snprintf(why, BROKER_WHY_BYTES, "no URL of a broker: %s", amqp_error_string2(error));
    else if (info->ssl != 0)
        (void)snprintf(why, BROKER_WHY_BYTES, "amqps: is not supported; use a tunnel and amqp:");
    return error == AMQP_STATUS_OK && info->ssl == 0;
}

bool broker_check(const char *url, char why[BROKER_WHY_BYTES])
{
    struct amqp_connection_info info;
    char *text = strdup(url);
    bool good = parse(text, &info, why);
    free(text);
    return good;
}

static const char *server_text(const amqp_method_t *method)
{
    static char text[SAID_BYTES];
    amqp_bytes_t said = {0, NULL};
    if (method->id == AMQP_CONNECTION_CLOSE_METHOD)
        said = ((const amqp_connection_close_t *)method->decoded)->reply_text;
    else if (method->id == AMQP_CHANNEL_CLOSE_METHOD)
        said = ((const amqp_channel_close_t *)method->decoded)->reply_text;
    (void)snprintf(text, sizeof(text), "%.*s", (int)said.len, (const char *)said.bytes);
    return text;
}

static bool replied(const char *what, amqp_rpc_reply_t reply, char why[BROKER_WHY_BYTES])
{
    if (reply.reply_type == AMQP_RESPONSE_NORMAL)
        return true;
    const char *reason = reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION
                             ? server_text(&reply.reply)
                             : amqp_error_string2(reply.library_error);
    (void)snprintf(why, BROKER_WHY_BYTES, "%s: %s", what, reason);
    return false;
}

static bool connect_to(broker *to, const struct amqp_connection_info *info,
                       char why[BROKER_WHY_BYTES])
{
    to->connection = amqp_new_connection();
    amqp_socket_t *socket = to->connection == NULL ? NULL : amqp_tcp_socket_new(to->connection);
    struct timeval within = timeout;
    int error = socket == NULL ? AMQP_STATUS_NO_MEMORY
                               : amqp_socket_open_noblock(socket, info->host, info->port, &within);
    if (error != AMQP_STATUS_OK) {
        (void)snprintf(why, BROKER_WHY_BYTES, "%s port %d: %s", info->host, info->port,
                       amqp_error_string2(error));
        return false;
    }
    const unsigned gone_ms = TIMEOUT_S * 1000;
    (void)setsockopt(amqp_get_sockfd(to->connection), IPPROTO_TCP, TCP_USER_TIMEOUT, &gone_ms,
                     sizeof(gone_ms)); /* a write does not wait longer either */
    (void)amqp_set_handshake_timeout(to->connection, &timeout);
    (void)amqp_set_rpc_timeout(to->connection, &timeout);
    return replied("login",
                   amqp_login(to->connection, info->vhost, 0, FRAME_BYTES, 0,
                              AMQP_SASL_METHOD_PLAIN, info->user, info->password),
                   why);
}

static bool open_channel(broker *to, char why[BROKER_WHY_BYTES])
{
    (void)amqp_channel_open(to->connection, CHANNEL);
    if (!replied("channel", amqp_get_rpc_reply(to->connection), why))
        return false;
    (void)amqp_exchange_declare(to->connection, CHANNEL, amqp_cstring_bytes(to->options->exchange),
                                amqp_cstring_bytes("topic"), 0, 1, 0, 0, amqp_empty_table);
    if (!replied(to->options->exchange, amqp_get_rpc_reply(to->connection), why))
        return false;
    (void)amqp_confirm_select(to->connection, CHANNEL);
    to->next_tag = 1;
    return replied("confirms", amqp_get_rpc_reply(to->connection), why);
}

broker *broker_open(const broker_options *options, char why[BROKER_WHY_BYTES])
{
    struct amqp_connection_info info;
    char *text = strdup(options->url);
    broker *to = calloc(1, sizeof(*to));
    bool good = parse(text, &info, why) && to != NULL;
    if (good) {
        to->options = options;
        good = connect_to(to, &info, why) && open_channel(to, why);
    }
    free(text);
    if (good)
        return to;
    broker_close(to);
    return NULL;
}

void broker_close(broker *to)
{
    if (to != NULL && to->connection != NULL)
        (void)amqp_destroy_connection(to->connection);
    free(to);
}

/* ---- Publish --------------------------------------------------------------------------------- */

static int send_message(const broker *to, const message *m)
{
    char key[KEY_BYTES];
    size_t n = 0;
    for (; m->type[n] != '\0' && n + 1 < sizeof(key); n++)
        key[n] = (char)tolower((unsigned char)m->type[n]);
    key[n] = '\0';
    const amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG |
                  AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_TYPE_FLAG,
        .content_type = amqp_cstring_bytes("application/cloudevents+json"),
        .delivery_mode = PERSISTENT,
        .message_id = amqp_cstring_bytes(m->id),
        .type = amqp_cstring_bytes(m->type),
    };
    const amqp_bytes_t body = {m->bytes, m->body};
    return amqp_basic_publish(to->connection, CHANNEL, amqp_cstring_bytes(to->options->exchange),
                              amqp_cstring_bytes(key), !to->options->unrouted, 0, &properties,
                              body);
}

/* Notes what became of the message with the tag, or of all up to it. */
static void note(broker *to, const messages *of, uint64_t first_tag, uint64_t tag, bool multiple,
                 uint8_t state)
{
    for (uint32_t i = 0; i < of->count; i++) {
        bool meant = multiple ? first_tag + i <= tag : first_tag + i == tag;
        if (meant && to->states[i] == WAITS)
            to->states[i] = state;
    }
}

static void note_returned(broker *to, const messages *of, amqp_bytes_t id,
                          char why[BROKER_WHY_BYTES])
{
    for (uint32_t i = 0; i < of->count; i++) {
        const message *m = &of->rows[i];
        if (strlen(m->id) != id.len || memcmp(m->id, id.bytes, id.len) != 0)
            continue;
        to->states[i] = RETURNED;
        if (why[0] == '\0')
            (void)snprintf(why, BROKER_WHY_BYTES,
                           "no queue is bound to exchange %s for %s; bind one, or start with "
                           "--allow-unrouted",
                           to->options->exchange, m->type);
    }
}

/* The broker returns a message that no queue takes, by its id, before it confirms the message. */
static int take_returned(broker *to, const messages *of, char why[BROKER_WHY_BYTES])
{
    amqp_message_t back;
    amqp_rpc_reply_t reply = amqp_read_message(to->connection, CHANNEL, &back, 0);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL)
        return AMQP_STATUS_SOCKET_ERROR;
    note_returned(to, of, back.properties.message_id, why);
    amqp_destroy_message(&back);
    return AMQP_STATUS_OK;
}

/* Takes one frame of the broker. */
static int take_frame(broker *to, const messages *of, uint64_t first_tag,
                      char why[BROKER_WHY_BYTES])
{
    amqp_frame_t frame;
    int error = amqp_simple_wait_frame_noblock(to->connection, &frame, &timeout);
    if (error != AMQP_STATUS_OK || frame.frame_type != AMQP_FRAME_METHOD)
        return error;
    const amqp_basic_ack_t *ack = frame.payload.method.decoded;
    const amqp_basic_nack_t *nack = frame.payload.method.decoded;
    switch (frame.payload.method.id) {
    case AMQP_BASIC_ACK_METHOD:
        note(to, of, first_tag, ack->delivery_tag, ack->multiple != 0, CONFIRMED);
        return AMQP_STATUS_OK;
    case AMQP_BASIC_NACK_METHOD:
        note(to, of, first_tag, nack->delivery_tag, nack->multiple != 0, REFUSED);
        (void)snprintf(why, BROKER_WHY_BYTES, "the broker refused messages");
        return AMQP_STATUS_OK;
    case AMQP_BASIC_RETURN_METHOD:
        return take_returned(to, of, why);
    case AMQP_CONNECTION_CLOSE_METHOD:
    case AMQP_CHANNEL_CLOSE_METHOD:
        (void)snprintf(why, BROKER_WHY_BYTES, "the broker closed: %s",
                       server_text(&frame.payload.method));
        return AMQP_STATUS_CONNECTION_CLOSED;
    default:
        return AMQP_STATUS_OK;
    }
}

static uint32_t count_states(const broker *to, uint32_t count, bool waiting)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!waiting && to->states[i] != CONFIRMED)
            return n;
        n += !waiting || to->states[i] == WAITS ? 1 : 0;
    }
    return n;
}

uint32_t broker_publish(broker *to, const messages *of, char why[BROKER_WHY_BYTES])
{
    const uint64_t first_tag = to->next_tag;
    int error = AMQP_STATUS_OK;
    memset(to->states, WAITS, sizeof(to->states));
    why[0] = '\0';
    for (uint32_t i = 0; error == AMQP_STATUS_OK && i < of->count; i++, to->next_tag++)
        error = send_message(to, &of->rows[i]);
    while (error == AMQP_STATUS_OK && count_states(to, of->count, true) != 0) {
        error = take_frame(to, of, first_tag, why);
        amqp_maybe_release_buffers(to->connection);
    }
    if (error != AMQP_STATUS_OK && why[0] == '\0')
        (void)snprintf(why, BROKER_WHY_BYTES, "%s", amqp_error_string2(error));
    return count_states(to, of->count, false);
}
