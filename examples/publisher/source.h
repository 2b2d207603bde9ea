/*
 * source.h - the events of a store as messages, behind a cursor that the store keeps.
 */
#ifndef PUBLISHER_SOURCE_H
#define PUBLISHER_SOURCE_H

#include "common/messages.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct source source;

/* Opens the store `url`, and the cursor of `consumer`. NULL after saying why. */
source *source_open(const char *url, const char *consumer);

/* Reads what follows the cursor into `out`, whose count is 0 when there is nothing new. False after
 * saying why: the publisher cannot continue. */
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
