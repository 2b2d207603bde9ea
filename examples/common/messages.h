/*
 * messages.h - events of a store as messages: a CloudEvent in JSON, and the id by which a receiver
 * recognises one that comes again.
 */
#ifndef COMMON_MESSAGES_H
#define COMMON_MESSAGES_H

#include "json_text.h"

#include <holdfast.h>

enum { MESSAGES_MAX = 256 };

/* One event. */
typedef struct message {
    uint64_t seq;
    const char *type; /* as in hf_event_type_name */
    char id[48];      /* the CloudEvent's: the same whenever it is sent */
    char *body;       /* a CloudEvent in JSON; NULL: the event does not decode */
    size_t bytes;
    size_t begin; /* of the body in the text of all */
} message;

/* Messages of one page or less. Zeroed it is empty; messages_fini frees it. */
typedef struct messages {
    message rows[MESSAGES_MAX];
    uint32_t count;
    json_text text;
} messages;

/* Forgets all messages and keeps their memory. */
void messages_clear(messages *of);

/*
 * Adds the event at that position of the page; there are less than MESSAGES_MAX. False: the event
 * does not decode, and its message has no body. The bodies live until messages_clear.
 */
bool messages_add(messages *of, const hf_event_page *page, uint32_t at);

void messages_fini(messages *of);

#endif
