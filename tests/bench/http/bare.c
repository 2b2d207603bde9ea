/*
 * bare.c - what libmicrohttpd and jansson alone do with the same request: parse it, and answer.
 *
 * The limit of a server on them, whatever it keeps: nothing is stored, and the answer is a fixed
 * text of the length that the server's has. Ends on SIGTERM.
 *
 * usage: bare_http PORT ANSWER-BYTES
 */
#include <arpa/inet.h>
#include <jansson.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_MAX = 65536, WAIT_MS = 200 };

typedef struct request {
    size_t bytes;
    char body[BODY_MAX];
} request;

static volatile sig_atomic_t ended;
static struct MHD_Response *answer;

static void on_end(int number)
{
    (void)number;
    ended = 1;
}

/* NOLINTNEXTLINE(readability-function-size): the signature is MHD_AccessHandlerCallback */
static enum MHD_Result on_request(void *data, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *count, void **context)
{
    request *r = *context;
    (void)data;
    (void)path;
    (void)method;
    (void)version;
    if (r == NULL) {
        *context = r = malloc(sizeof(*r));
        if (r == NULL)
            return MHD_NO;
        r->bytes = 0;
        return MHD_YES;
    }
    if (*count != 0) {
        if (*count > BODY_MAX - r->bytes)
            return MHD_NO;
        memcpy(r->body + r->bytes, bytes, *count);
        r->bytes += *count;
        *count = 0;
        return MHD_YES;
    }
    json_t *document = json_loadb(r->body, r->bytes, JSON_REJECT_DUPLICATES, NULL);
    const json_int_t total = json_integer_value(json_object_get(document, "total"));
    json_decref(document);
    return MHD_queue_response(connection, total > 0 ? 201 : 400, answer);
}

static void on_completed(void *data, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode how)
{
    (void)data;
    (void)connection;
    (void)how;
    free(*context);
    *context = NULL;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fputs("usage: bare_http PORT ANSWER-BYTES\n", stderr);
        return 2;
    }
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const size_t bytes = strtoul(argv[2], NULL, 10);
    char *text = malloc(bytes + 1);
    struct sigaction act = {.sa_handler = on_end};
    (void)sigaction(SIGTERM, &act, NULL);
    if (text == NULL)
        return 4;
    memset(text, 'x', bytes);
    answer = MHD_create_response_from_buffer(bytes, text, MHD_RESPMEM_PERSISTENT);
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, NULL, MHD_OPTION_SOCK_ADDR, &at,
                         MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_END);
    if (daemon == NULL)
        return 4;
    (void)puts("listening");
    (void)fflush(stdout);
    while (!ended)
        (void)MHD_run_wait(daemon, WAIT_MS);
    MHD_stop_daemon(daemon);
    MHD_destroy_response(answer);
    free(text);
    return 0;
}
