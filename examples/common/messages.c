/*
 * messages.c - events of a store as messages.
 *
 * All bodies stand in one text, which may move while it grows; the messages are then pointed to
 * their places anew.
 */
#include "messages.h"

#include "cloud_event.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void messages_clear(messages *of)
{
    of->count = 0;
    of->text.used = 0;
}

static void point_bodies(messages *of)
{
    for (uint32_t i = 0; i < of->count; i++)
        if (of->rows[i].body != NULL)
            of->rows[i].body = of->text.bytes + of->rows[i].begin;
}

bool messages_add(messages *of, const hf_event_page *page, uint32_t at)
{
    const cloud_source from = {page->store, page->incarnation};
    const hf_event *event = page->rows[at];
    const char *before = of->text.bytes;
    message *row = &of->rows[of->count];
    *row = (message){
        .seq = event->seq, .type = hf_event_type_name(event->type), .begin = of->text.used};
    (void)snprintf(row->id, sizeof(row->id), "%" PRIu64 "-%" PRIu64, page->incarnation, event->seq);
    const bool whole = cloud_event_write(&of->text, &from, event);
    if (whole) {
        row->bytes = of->text.used - row->begin;
        row->body = of->text.bytes + row->begin;
        json_text_line(&of->text);
    }
    of->count++;
    if (of->text.bytes != before)
        point_bodies(of);
    return whole;
}

void messages_fini(messages *of)
{
    free(of->text.bytes);
    *of = (messages){.count = 0};
}
