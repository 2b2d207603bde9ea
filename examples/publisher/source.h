/*
 * source.h - the events of a store as messages, behind a cursor that the store keeps.
 */
#ifndef PUBLISHER_SOURCE_H
#define PUBLISHER_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOURCE_MESSAGES_MAX 256u

/* One event. */
typedef struct message {
    uint64_t seq;
    const char *type; /* as in hf_event_type_name */
    char id[48];      /* the CloudEvent's: the same whenever it is sent */
    char *body;       /* a CloudEvent in JSON */
    size_t bytes;
} message;

/* What is read at once; lives until the next read. */
typedef struct messages {
    const message *rows;
    uint32_t count; /* 0: there is nothing new */
} messages;

typedef struct source source;

/* Opens the store `url`, and the cursor of `consumer`. NULL after saying why. */
source *source_open(const char *url, const char *consumer);

/* Reads what follows the cursor. False after saying why: the publisher cannot go on. */
bool source_read(source *of, messages *out);

/* Moves the cursor to `seq`, durably. False after saying why. */
bool source_mark(source *of, uint64_t seq);

/* The number of the event that the cursor stands at. */
uint64_t source_position(const source *of);

/* Lets the engine work for `ms` milliseconds; returns early on SIGINT and SIGTERM. */
void source_wait(source *of, uint32_t ms);

/* Whether SIGINT or SIGTERM has come. */
bool source_ends(const source *of);

/* Closes the store. Takes NULL. False after saying why the store does not have everything. */
bool source_close(source *of);

#endif
