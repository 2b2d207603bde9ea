/* booking.c - see booking.h. */
#include "booking.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One call, from the connection to the answer. */
typedef struct visit {
    uv_tcp_t tcp; /* first: closing it gives the visit back */
    uv_connect_t connect;
    uv_write_t write;
    booking *booking;
    uint64_t ticket;
    uint32_t phase;
    size_t reply_bytes;
    char request[768];
    char reply[2048];
} visit;

static void free_visit(uv_handle_t *tcp)
{
    free(tcp);
}

/* Only what was clearly said is an answer. */
static uint32_t meaning_of(const visit *v)
{
    if (strncmp(v->reply, "HTTP/1.1 200 ", 13) != 0)
        return HF_ANSWER_UNKNOWN;
    if (strstr(v->reply, "{\"result\": \"ok\"}") != NULL)
        return HF_ANSWER_OK;
    bool refused = strstr(v->reply, "{\"result\": \"refused\"") != NULL;
    return refused && v->phase == HF_PHASE_TRY ? HF_ANSWER_REJECTED : HF_ANSWER_UNKNOWN;
}

static void finish(visit *v)
{
    if (uv_is_closing((uv_handle_t *)&v->tcp))
        return;
    hf_call_answer answer;
    hf_call_answer_init(&answer, meaning_of(v));
    (void)hf_call_done(v->booking->engine, v->ticket, &answer); /* too late: it is asked again */
    uv_close((uv_handle_t *)&v->tcp, free_visit);
}

static void give_buffer(uv_handle_t *tcp, size_t wished, uv_buf_t *out)
{
    visit *v = (visit *)tcp;
    (void)wished;
    *out = uv_buf_init(v->reply + v->reply_bytes, (unsigned)(sizeof v->reply - 1 - v->reply_bytes));
}

static void on_read(uv_stream_t *tcp, ssize_t bytes, const uv_buf_t *given)
{
    visit *v = (visit *)tcp;
    (void)given;
    if (bytes < 0)
        finish(v); /* the end of the reply, or of the connection */
    else
        v->reply_bytes += (size_t)bytes;
}

static void on_written(uv_write_t *write, int status)
{
    visit *v = write->data;
    if (status != 0 || uv_read_start((uv_stream_t *)&v->tcp, give_buffer, on_read) != 0)
        finish(v);
}

static void on_connected(uv_connect_t *connect, int status)
{
    visit *v = connect->data;
    uv_buf_t out = uv_buf_init(v->request, (unsigned)strlen(v->request));
    if (status != 0 || uv_write(&v->write, (uv_stream_t *)&v->tcp, &out, 1, on_written) != 0)
        finish(v);
}

static void put_request(visit *v, const hf_call *call)
{
    static const char *const paths[] = {"try", "confirm", "cancel"};
    char txn[37];
    char body[256];
    int bytes = snprintf(body, sizeof body,
                         "{\"txn\":\"%s\",\"branch\":%u,\"epoch\":%" PRIu64 ",\"amount\":%.*s}",
                         hf_id_format(&call->txn, txn), call->branch, call->epoch,
                         (int)call->payload_bytes, (const char *)call->payload);
    (void)snprintf(v->request, sizeof v->request,
                   "POST /%s HTTP/1.1\r\nHost: booking\r\nConnection: close\r\n"
                   "Content-Length: %d\r\n\r\n%s",
                   paths[call->phase], bytes, body);
}

static void on_call(void *data, const hf_call *call)
{
    booking *b = data;
    struct sockaddr_in at;
    visit *v = calloc(1, sizeof *v);
    if (v == NULL || uv_tcp_init(b->loop, &v->tcp) != 0)
        abort();
    v->booking = b;
    v->ticket = call->ticket;
    v->phase = call->phase;
    v->connect.data = v;
    v->write.data = v;
    put_request(v, call);
    (void)uv_ip4_addr("127.0.0.1", b->port, &at);
    if (uv_tcp_connect(&v->connect, &v->tcp, (const struct sockaddr *)&at, on_connected) != 0)
        finish(v);
}

int booking_register(booking *b)
{
    hf_participant table;
    hf_participant_init(&table, "booking");
    table.attempt = on_call;
    table.confirm = on_call;
    table.cancel = on_call;
    table.data = b;
    table.breaker_failures = 0; /* it misbehaves all the time; card.c has one */
    return hf_participant_register(b->engine, &table);
}
