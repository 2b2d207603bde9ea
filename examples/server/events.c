/*
 * events.c - pages of events, and streams that wait for new ones.
 *
 * Happy path of a stream: its first page is read as every operation is; then the response begins.
 * The connection asks for bytes; when the page is taken, it waits while the next one is read. An
 * empty page leaves it idle until the engine's subscription reports something new.
 *
 * Failure modes: the client has disconnected, which a comment every few seconds detects; the engine
 * refuses the read, which is then repeated; the store was restored, so that Last-Event-ID is of
 * another history.
 */
#include "events.h"
#include "common/cloud_event.h"
#include "common/memory.h"
#include "operation.h"
#include "problem.h"
#include "server.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPE_STREAM "text/event-stream"

enum { BEAT_MS = 10000, STREAM_PAGE = 64 };

/* ---- Pages ----------------------------------------------------------------------------------- */

static void write_page(json_text *out, const hf_event_page *page)
{
    const cloud_source from = {page->store, page->incarnation};
    char id[37];
    json_text_open(out, '{');
    json_text_member(out, "store", hf_id_format(&page->store, id));
    json_text_number(out, "incarnation", (int64_t)page->incarnation);
    json_text_number(out, "removed", (int64_t)page->removed);
    json_text_number(out, "next_after", (int64_t)page->next_seq);
    json_text_name(out, "at_end");
    json_text_bool(out, page->at_end != 0);
    json_text_name(out, "events");
    json_text_open(out, '[');
    for (uint32_t i = 0; i < page->count; i++)
        (void)cloud_event_write(out, &from, page->rows[i]);
    json_text_close(out, ']');
    json_text_close(out, '}');
}

static void answer_page(exchange *x, const hf_completion *done)
{
    if (done->status != 0) {
        problem_error(x, done->status, done->detail);
        return;
    }
    write_page(&x->out, done->result);
    exchange_answer(x, 200, TYPE_JSON);
}

void events_page(exchange *x)
{
    operation_begin(x);
    x->done = answer_page;
}

/* ---- Streams --------------------------------------------------------------------------------- */

/* Each event as one message, whose id is the CloudEvent's: "1-513". */
static void write_messages(json_text *out, const hf_event_page *page)
{
    const cloud_source from = {page->store, page->incarnation};
    char text[80];
    out->used = 0;
    if (page->removed != 0) {
        (void)snprintf(text, sizeof(text), ": %" PRIu64 " events are no longer kept",
                       page->removed);
        json_text_raw(out, text, strlen(text));
        json_text_line(out);
    }
    for (uint32_t i = 0; i < page->count; i++) {
        (void)snprintf(text, sizeof(text), "id:%" PRIu64 "-%" PRIu64 "\ndata:", page->incarnation,
                       page->rows[i]->seq);
        json_text_raw(out, text, strlen(text));
        (void)cloud_event_write(out, &from, page->rows[i]);
        json_text_line(out);
        json_text_line(out);
    }
}

static void on_page(exchange *x, const hf_completion *done);

/* Reads the next page; one that is not taken now is read at the next beat. */
static void read_next(stream *of)
{
    const hf_op op = {.type = HF_OP_EVENTS_READ, .args = &of->args};
    of->x->done = on_page;
    of->idle = false;
    int error = server_try(of->x, &op);
    if (error == 0)
        return;
    of->idle = true;
    if (hf_error_class(error) == HF_CLASS_RETRYABLE)
        return;
    of->ended = true;
    http_answered(of->x);
}

static void on_page(exchange *x, const hf_completion *done)
{
    stream *of = x->stream;
    const hf_event_page *page = done->result;
    if (done->status != 0) {
        of->ended = true;
        http_answered(x);
        return;
    }
    of->args.after_seq = page->next_seq;
    of->sent = 0;
    write_messages(&x->out, page);
    if (x->out.used != 0 || of->ended)
        http_answered(x);
    else if (page->at_end != 0)
        of->idle = true;
    else
        read_next(of); /* events of other subjects */
}

/* The subscription only wakes the streams up: each of them reads its events itself. */
static void on_news(void *data, int status, const hf_event_page *page)
{
    streams *all = data;
    (void)page;
    if (status != 0)
        all->subscription = NULL;
    for (stream *of = all->first; status == 0 && of != NULL; of = of->next)
        if (of->idle)
            read_next(of);
}

/* Sends a comment to each idle stream, which ends connections whose client has disconnected. */
static void on_beat(uv_timer_t *timer)
{
    static const char comment[] = ":\n\n";
    const streams *all = timer->data;
    for (stream *of = all->first; of != NULL; of = of->next) {
        if (!of->idle)
            continue;
        of->idle = false;
        of->sent = of->x->out.used = 0;
        json_text_raw(&of->x->out, comment, sizeof(comment) - 1);
        http_answered(of->x);
    }
}

/* "INCARNATION-SEQ", as the id of a message. */
static bool read_id(const char *text, uint64_t *incarnation, uint64_t *seq)
{
    char *end;
    errno = 0;
    *incarnation = strtoull(text, &end, 10);
    if (end == text || *end != '-' || text[0] == '-')
        return false;
    const char *number = end + 1;
    *seq = strtoull(number, &end, 10);
    return errno == 0 && end != number && *end == '\0' && *number != '-' && *seq <= INT64_MAX;
}

/* Whether the position of the client is one of the history that the store has. */
static bool check_history(exchange *x, const hf_event_page *page)
{
    const char *text = x->headers[HEADER_LAST_EVENT_ID];
    uint64_t incarnation = page->incarnation, seq;
    if (text == NULL || (read_id(text, &incarnation, &seq) && incarnation == page->incarnation))
        return true;
    problem_answer(x, PROBLEM_EVENT_ID, NULL,
                   "it is of incarnation %" PRIu64 " of the store, which is incarnation %" PRIu64
                   " now; read from ?after=0, or from an event before the restore",
                   incarnation, page->incarnation);
    return false;
}

static void begin_stream(exchange *x, const hf_completion *done)
{
    streams *all = &x->server->streams;
    const hf_event_page *page = done->result;
    if (done->status != 0) {
        problem_error(x, done->status, done->detail);
        return;
    }
    if (!check_history(x, page))
        return;
    stream *of = take_memory(1, sizeof(*of));
    of->x = x;
    of->args = *(const hf_events_read_args *)x->args;
    of->args.after_seq = page->next_seq;
    of->next = all->first;
    if (all->first != NULL)
        all->first->previous = of;
    all->first = of;
    x->stream = of;
    if (all->subscription == NULL)
        (void)hf_events_subscribe(x->server->engine, page->next_seq, on_news, all,
                                  &all->subscription);
    write_messages(&x->out, page);
    exchange_header(x, "Cache-Control", "no-store");
    exchange_header(x, "X-Accel-Buffering", "no"); /* nginx as a proxy would buffer the events */
    exchange_answer(x, 200, TYPE_STREAM);
}

void events_stream(exchange *x)
{
    uint64_t incarnation, seq;
    const char *text = x->headers[HEADER_LAST_EVENT_ID];
    json_t *args = json_object();
    (void)json_object_set_new(args, "limit", json_integer(STREAM_PAGE));
    if (text != NULL && !read_id(text, &incarnation, &seq)) {
        problem_answer(x, PROBLEM_EVENT_ID, NULL, "'%.60s' is no id of an event", text);
        json_decref(args);
        return;
    }
    if (text != NULL)
        (void)json_object_set_new(args, "after_seq", json_integer((json_int_t)seq));
    operation_submit(x, args);
    x->done = begin_stream;
}

ssize_t stream_read(exchange *x, char *out, size_t capacity)
{
    stream *of = x->stream;
    const size_t left = x->out.used - of->sent;
    if (left != 0) {
        const size_t count = left < capacity ? left : capacity;
        memcpy(out, x->out.bytes + of->sent, count);
        of->sent += count;
        return (ssize_t)count;
    }
    if (of->ended)
        return -1;
    read_next(of);
    return of->ended ? -1 : 0;
}

void stream_release(exchange *x)
{
    stream *of = x->stream;
    streams *all = &x->server->streams;
    if (of == NULL)
        return;
    if (of->previous != NULL)
        of->previous->next = of->next;
    else
        all->first = of->next;
    if (of->next != NULL)
        of->next->previous = of->previous;
    free(of);
    x->stream = NULL;
    if (all->first == NULL && x->server->engine != NULL) {
        hf_events_unsubscribe(x->server->engine, all->subscription);
        all->subscription = NULL;
    }
}

/* ---- All of them ----------------------------------------------------------------------------- */

void streams_open(streams *all, uv_loop_t *loop)
{
    (void)uv_timer_init(loop, &all->beat);
    all->beat.data = all;
    (void)uv_timer_start(&all->beat, on_beat, BEAT_MS, BEAT_MS);
}

void streams_end(streams *all)
{
    for (stream *of = all->first; of != NULL; of = of->next) {
        of->ended = true;
        if (of->idle)
            http_answered(of->x);
        of->idle = false;
    }
}

void streams_close(streams *all)
{
    uv_close((uv_handle_t *)&all->beat, NULL);
}
