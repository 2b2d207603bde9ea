/*
 * http.c - HTTP/1.1 on the server's loop, by libmicrohttpd.
 *
 * Happy path: the epoll descriptor of the daemon is readable, MHD_run reads requests and calls
 * on_request: once with the head, for each part of the body, and once when the request is whole.
 * The server either answers in that call, or the connection is suspended until http_answered. The
 * loop resumes all connections whose answers came with one batch and runs the daemon once for them.
 *
 * Failure modes: a client that is too slow, sends too much, or goes away. A sweep twice a second
 * shuts down the socket of a connection whose time is over, and the daemon then ends it as if the
 * client had. A suspended connection has no limit: the engine answers every operation.
 */
#include "http.h"
#include "common/memory.h"
#include "events.h"
#include "log.h"
#include "query.h"
#include "server.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SWEEP_MS = 500, BACKLOG = 1024, DISCARD_TIMES = 4, STREAM_BLOCK = 16384, STORE_FILES = 128 };

/* What a connection is doing, which says how long it may take. */
typedef enum phase { PHASE_NEW, PHASE_READING, PHASE_WAITING, PHASE_RESPONDING, PHASE_IDLE } phase;

typedef struct peer {
    struct peer *next, *previous;
    int fd;
    phase phase;
    uint64_t since_ns;
    const char *target_end; /* of the request that is being read */
    bool many_names;        /* its query has more names than QUERY_NAMES */
} peer;

struct http {
    server *server;
    struct MHD_Daemon *daemon;
    uv_poll_t poll;
    uv_timer_t timer;
    uv_timer_t sweep;
    peer *peers;
    unsigned peer_count;
    unsigned handles; /* that are not closed */
    bool resumed;     /* connections continue at the next run */
    bool ended;       /* a connection has ended: the daemon may accept again at its next run */
    int listener;     /* -1: none */
    char address[80];
};

/* ---- Requests -------------------------------------------------------------------------------- */

static peer *peer_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info->socket_context;
}

static void enter(struct MHD_Connection *connection, phase now)
{
    peer *l = peer_of(connection);
    l->phase = now;
    l->since_ns = now_ns();
}

/* clang-format off */
#define HEADER(text) { text, sizeof(text) - 1 }

static const struct {
    const char *name;
    size_t bytes;
} known_headers[HEADERS] = {
    [HEADER_AUTHORIZATION] = HEADER("Authorization"),
    [HEADER_CONTENT_ENCODING] = HEADER("Content-Encoding"),
    [HEADER_CONTENT_LENGTH] = HEADER("Content-Length"),
    [HEADER_CONTENT_TYPE] = HEADER("Content-Type"),
    [HEADER_HOST] = HEADER("Host"),
    [HEADER_IDEMPOTENCY_KEY] = HEADER("Idempotency-Key"),
    [HEADER_IF_MATCH] = HEADER("If-Match"),
    [HEADER_IF_NONE_MATCH] = HEADER("If-None-Match"),
    [HEADER_LAST_EVENT_ID] = HEADER("Last-Event-Id"),
    [HEADER_ORIGIN] = HEADER("Origin"),
    [HEADER_TRACEPARENT] = HEADER("Traceparent"),
    [HEADER_TRANSFER_ENCODING] = HEADER("Transfer-Encoding"),
    [HEADER_WEBHOOK_ID] = HEADER("Webhook-Id"),
    [HEADER_WEBHOOK_SIGNATURE] = HEADER("Webhook-Signature"),
    [HEADER_WEBHOOK_TIMESTAMP] = HEADER("Webhook-Timestamp"),
};
/* clang-format on */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

/* Whether a name is a token of RFC 9110. Programs differ in how they read other names. */
static bool is_token(const char *name, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (!is_letter(name[i]) &&
            (name[i] <= ' ' || name[i] >= 0x7f || strchr("\"(),/:;<=>?@[\\]{}", name[i]) != NULL))
            return false;
    return bytes != 0;
}

/* NOLINTNEXTLINE(readability-function-size): the signature is MHD_KeyValueIteratorN */
static enum MHD_Result take_header(void *data, enum MHD_ValueKind kind, const char *name,
                                   size_t name_bytes, const char *value, size_t value_bytes)
{
    exchange *x = data;
    (void)kind;
    if (!is_token(name, name_bytes) || (value != NULL && strcspn(value, "\r\n") != value_bytes))
        x->malformed = true;
    for (int i = 0; i < HEADERS; i++)
        if (known_headers[i].bytes == name_bytes && strcasecmp(name, known_headers[i].name) == 0) {
            if (x->headers[i] != NULL && i != HEADER_IF_NONE_MATCH)
                x->repeated |= 1u << i;
            x->headers[i] = value == NULL ? "" : value;
        }
    return MHD_YES;
}

typedef struct line_search {
    const char *name;
    bool (*fits)(const char *list, const char *entry);
    const char *entry;
    bool found;
} line_search;

static enum MHD_Result look_at_line(void *data, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
    line_search *l = data;
    (void)kind;
    if (value != NULL && strcasecmp(name, l->name) == 0)
        l->found = l->found || l->fits(value, l->entry);
    return MHD_YES;
}

bool http_line_fits(const exchange *x, header_id id, bool (*fits)(const char *, const char *),
                    const char *entry)
{
    line_search l = {.name = known_headers[id].name, .fits = fits, .entry = entry};
    if (x->headers[id] != NULL)
        (void)MHD_get_connection_values(x->connection, MHD_HEADER_KIND, look_at_line, &l);
    return l.found;
}

/*
 * Called with the target of a request before libmicrohttpd reads its query. libmicrohttpd keeps a
 * record of each name in the memory of the connection, and ends the connection without an answer
 * when they do not fit: a query of too many names becomes one name here, so that it has one.
 */
static void *on_target(void *data, const char *target, struct MHD_Connection *connection)
{
    peer *l = peer_of(connection);
    char *query = strchr(target, '?');
    size_t names = 1;
    (void)data;
    for (const char *c = query; c != NULL && *c != '\0'; c++)
        names += *c == '&' ? 1 : 0;
    l->target_end = target + strlen(target);
    l->many_names = names > QUERY_NAMES;
    for (char *c = query; l->many_names && (c = strchr(c, '&')) != NULL;)
        *c = '+';
    return NULL;
}

static exchange *begin(http *h, struct MHD_Connection *connection, const char *path,
                       const char *method, const char *version)
{
    exchange *x = exchange_take(h->server);
    x->connection = connection;
    x->path = path;
    x->method = method;
    (void)MHD_get_connection_values_n(connection, MHD_HEADER_KIND, take_header, x);
    if (strcmp(version, MHD_HTTP_VERSION_1_0) == 0 && x->headers[HEADER_TRANSFER_ENCODING] != NULL)
        x->malformed = true; /* it has no such coding: a reader before this one may ignore it */
    x->target_cut = peer_of(connection)->target_end + 1 != version;
    x->many_names = peer_of(connection)->many_names;
    enter(connection, PHASE_READING);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    server_head(x, info->header_size);
    return x;
}

/* The connection waits until http_answered. */
static void suspend(exchange *x)
{
    x->suspended = true;
    enter(x->connection, PHASE_WAITING);
    MHD_suspend_connection(x->connection);
}

/* The next part of a stream. */
static ssize_t on_stream(void *data, uint64_t at, char *out, size_t capacity)
{
    exchange *x = data;
    (void)at;
    const ssize_t count = stream_read(x, out, capacity);
    if (count < 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    enter(x->connection, PHASE_RESPONDING);
    if (count == 0)
        suspend(x);
    return count;
}

static struct MHD_Response *make_response(exchange *x)
{
    if (x->stream != NULL)
        return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, on_stream, x,
                                                 NULL);
    return MHD_create_response_from_buffer(x->out.used, x->out.bytes, MHD_RESPMEM_PERSISTENT);
}

/* Hands the response to the connection; its body stays the exchange's. */
static enum MHD_Result respond(exchange *x)
{
    struct MHD_Response *response = make_response(x);
    if (response == NULL)
        return MHD_NO;
    if (x->content_type != NULL)
        (void)MHD_add_response_header(response, "Content-Type", x->content_type);
    for (size_t i = 0; i < x->header_count; i++)
        (void)MHD_add_response_header(response, x->headers_out[i].name, x->headers_out[i].value);
    if (x->close || x->server->draining)
        (void)MHD_add_response_header(response, "Connection", "close");
    x->queued = true;
    exchange_forget(x);
    enter(x->connection, PHASE_RESPONDING);
    const enum MHD_Result result = MHD_queue_response(x->connection, x->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result take_body(exchange *x, const char *bytes, size_t *count)
{
    const size_t max = (size_t)x->server->settings.body_bytes_max;
    x->content_length += *count;
    if (!exchange_body(x, bytes, *count, max) && x->content_length > DISCARD_TIMES * max)
        return MHD_NO;
    *count = 0;
    return MHD_YES;
}

/* NOLINTNEXTLINE(readability-function-size): the signature is MHD_AccessHandlerCallback */
static enum MHD_Result on_request(void *data, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *count, void **context)
{
    http *h = data;
    exchange *x = *context;
    if (x == NULL) {
        *context = x = begin(h, connection, path, method, version);
        x->content_length = 0; /* from here on: of what came */
        return x->status != 0 ? respond(x) : MHD_YES;
    }
    if (*count != 0)
        return take_body(x, bytes, count);
    if (x->status == 0 && x->outstanding == 0) {
        arena_use(&x->arena);
        server_request(x);
        arena_use(NULL);
    }
    if (x->status != 0)
        return x->queued ? MHD_YES : respond(x);
    suspend(x);
    return MHD_YES;
}

static void on_completed(void *data, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode how)
{
    exchange *x = *context;
    (void)data;
    if (x == NULL)
        return;
    *context = NULL;
    x->gone = how != MHD_REQUEST_TERMINATED_COMPLETED_OK;
    enter(connection, PHASE_IDLE);
    server_completed(x);
    stream_release(x);
    exchange_release(x);
}

/* ---- Connections ----------------------------------------------------------------------------- */

static void on_connection(void *data, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    http *h = data;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        peer *l = take_memory(1, sizeof(*l));
        l->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        l->since_ns = now_ns();
        l->next = h->peers;
        if (h->peers != NULL)
            h->peers->previous = l;
        h->peers = l;
        h->peer_count++;
        *context = l;
        return;
    }
    peer *l = *context;
    if (l->previous != NULL)
        l->previous->next = l->next;
    else
        h->peers = l->next;
    if (l->next != NULL)
        l->next->previous = l->previous;
    h->peer_count--;
    h->ended = true;
    free(l);
}

unsigned http_connections(const http *h)
{
    return h->peer_count;
}

static void on_sweep(uv_timer_t *timer)
{
    const http *h = timer->data;
    const settings *s = &h->server->settings;
    const int64_t limits[] = {[PHASE_NEW] = s->request_ms,
                              [PHASE_READING] = s->request_ms,
                              [PHASE_WAITING] = INT64_MAX,
                              [PHASE_RESPONDING] = s->idle_ms,
                              [PHASE_IDLE] = s->idle_ms};
    const uint64_t now = now_ns();
    for (const peer *l = h->peers; l != NULL; l = l->next)
        if ((int64_t)((now - l->since_ns) / 1000000u) > limits[l->phase])
            (void)shutdown(l->fd, SHUT_RDWR);
}

/* ---- The loop -------------------------------------------------------------------------------- */

static void on_timer(uv_timer_t *timer);

static void drive(http *h)
{
    MHD_UNSIGNED_LONG_LONG ms;
    do {
        h->resumed = h->ended = false;
        (void)MHD_run(h->daemon);
    } while (h->ended);
    if (MHD_get_timeout(h->daemon, &ms) == MHD_YES)
        (void)uv_timer_start(&h->timer, on_timer, ms, 0);
    else
        (void)uv_timer_stop(&h->timer);
}

static void on_timer(uv_timer_t *timer)
{
    drive(timer->data);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    drive(poll->data);
}

void http_answered(exchange *x)
{
    if (!x->suspended)
        return;
    x->suspended = false;
    x->server->http->resumed = true;
    MHD_resume_connection(x->connection);
}

void http_run(http *h)
{
    if (h->resumed)
        drive(h);
}

/* ---- Open and close -------------------------------------------------------------------------- */

static void on_log(void *data, const char *format, va_list list)
    __attribute__((format(printf, 2, 0)));

static void on_log(void *data, const char *format, va_list list)
{
    const http *h = data;
    char text[300];
    (void)vsnprintf(text, sizeof(text), format, list);
    text[strcspn(text, "\r\n")] = '\0';
    log_event(&h->server->log, HF_LOG_DEBUG, "http", text);
}

/* Splits "ADDRESS:PORT", "[ADDRESS]:PORT" of IPv6, into parts that live in `text`. */
static bool split(char *text, char **host, char **port)
{
    char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text)
        return false;
    *colon = '\0';
    *port = colon + 1;
    *host = text;
    if (text[0] == '[' && colon[-1] == ']') {
        colon[-1] = '\0';
        *host = text + 1;
    }
    return **port != '\0' && strspn(*port, "0123456789") == strlen(*port);
}

static int listen_on(const struct addrinfo *at)
{
    const int on = 1;
    const int fd = socket(at->ai_family, at->ai_socktype, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    const int error = errno;
    (void)close(fd);
    errno = error;
    return -1;
}

/* Writes the address that the listener got; returns false when the system does not say. */
static bool name_listener(http *h)
{
    struct sockaddr_storage at = {.ss_family = AF_UNSPEC};
    socklen_t bytes = sizeof(at);
    char host[64], port[12];
    if (getsockname(h->listener, (struct sockaddr *)&at, &bytes) != 0 ||
        getnameinfo((struct sockaddr *)&at, bytes, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return false;
    const bool six = at.ss_family == AF_INET6;
    (void)snprintf(h->address, sizeof(h->address), "%s%s%s:%s", six ? "[" : "", host,
                   six ? "]" : "", port);
    return true;
}

static bool open_listener(http *h, char *error)
{
    char text[80], *host, *port;
    struct addrinfo *found = NULL;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    (void)snprintf(text, sizeof(text), "%s", h->server->settings.listen);
    if (!split(text, &host, &port)) {
        (void)snprintf(error, HTTP_ERROR, "listen: '%.60s' is not ADDRESS:PORT", text);
        return false;
    }
    const int wrong = getaddrinfo(host, port, &hints, &found);
    h->listener = wrong == 0 ? listen_on(found) : -1;
    if (h->listener < 0 || !name_listener(h))
        (void)snprintf(error, HTTP_ERROR, "listen: %.60s: %s", h->server->settings.listen,
                       wrong != 0 ? gai_strerror(wrong) : strerror(errno));
    if (found != NULL)
        freeaddrinfo(found);
    return h->listener >= 0;
}

/* MHD decodes nothing: a path is split before its parts are decoded. */
static size_t as_it_is(void *data, struct MHD_Connection *connection, char *text)
{
    (void)data;
    (void)connection;
    return strlen(text);
}

/* Connections leave descriptors for the files of the store, whatever the limit of the process. */
static unsigned connections_max(const http *h)
{
    const rlim_t asked = (rlim_t)h->server->settings.connections_max;
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return (unsigned)asked;
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    (void)getrlimit(RLIMIT_NOFILE, &files);
    const rlim_t allowed =
        files.rlim_cur > 2 * (rlim_t)STORE_FILES ? files.rlim_cur - STORE_FILES : STORE_FILES;
    if (allowed >= asked)
        return (unsigned)asked;
    log_event(&h->server->log, HF_LOG_WARN, "http",
              "the limit of open files (ulimit -n) allows fewer connections than the settings");
    return (unsigned)allowed;
}

static struct MHD_Daemon *start(http *h)
{
    const settings *s = &h->server->settings;
    /* The memory of a connection also takes the names of the query, parts of bodies and the head
     * of the response. */
    const size_t memory = 4 * (size_t)s->header_bytes_max;
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, h,
        MHD_OPTION_EXTERNAL_LOGGER, on_log, h, MHD_OPTION_LISTEN_SOCKET, h->listener,
        MHD_OPTION_CONNECTION_LIMIT, connections_max(h), MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)s->client_connections_max, MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory,
        MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (size_t)4096, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, h, MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, h, MHD_OPTION_UNESCAPE_CALLBACK, as_it_is, h,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
}

http *http_open(server *s, char error[HTTP_ERROR])
{
    http *h = take_memory(1, sizeof(*h));
    h->server = s;
    h->listener = -1;
    if (!open_listener(h, error)) {
        free(h);
        return NULL;
    }
    h->daemon = start(h);
    if (h->daemon == NULL) {
        (void)snprintf(error, HTTP_ERROR, "the HTTP daemon does not start");
        (void)close(h->listener);
        free(h);
        return NULL;
    }
    const int fd = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    (void)uv_poll_init(s->loop, &h->poll, fd);
    (void)uv_timer_init(s->loop, &h->timer);
    (void)uv_timer_init(s->loop, &h->sweep);
    h->poll.data = h->timer.data = h->sweep.data = h;
    h->handles = 3;
    (void)uv_poll_start(&h->poll, UV_READABLE, on_poll);
    (void)uv_timer_start(&h->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
    return h;
}

const char *http_address(const http *h)
{
    return h->address;
}

void http_quiesce(http *h)
{
    if (h->listener < 0)
        return;
    drive(h); /* takes what has come before the end */
    (void)close(MHD_quiesce_daemon(h->daemon));
    h->listener = -1;
}

static void on_closed(uv_handle_t *handle)
{
    http *h = handle->data;
    if (--h->handles == 0)
        free(h);
}

void http_close(http *h)
{
    if (h == NULL)
        return;
    http_quiesce(h);
    (void)uv_poll_stop(&h->poll);
    MHD_stop_daemon(h->daemon);
    uv_close((uv_handle_t *)&h->poll, on_closed);
    uv_close((uv_handle_t *)&h->timer, on_closed);
    uv_close((uv_handle_t *)&h->sweep, on_closed);
}
