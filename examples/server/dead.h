/*
 * dead.h - dead letters: messages that an endpoint did not take, kept until a person decides.
 */
#ifndef SERVER_DEAD_H
#define SERVER_DEAD_H

#include <holdfast.h>
#include <stdbool.h>
#include <stdint.h>

struct relay;

#define DEAD_PREFIX "webhook-dead/"

enum { DEAD_PLACE = HF_NAME_MAX + 1 };

/* One letter, as the name of its cursor says. */
typedef struct dead_letter {
    char cursor[HF_NAME_MAX + 1];
    char endpoint[32];
    uint64_t seq;  /* of the event */
    unsigned code; /* how the last attempt ended, see outcome.code */
} dead_letter;

/*
 * Where the letters of an event begin in the order of cursors; with seq 0 those of the endpoint. A
 * name of an endpoint is cut behind 24 bytes.
 */
void dead_place(const char *of, uint64_t seq, char out[DEAD_PLACE]);

/* Reads the name of a cursor; false: it is no letter. */
bool dead_read(const char *cursor, dead_letter *out);

/* Counts the letters of an endpoint at its start, then lets its relay continue. */
void dead_count(struct relay *r);

/* Keeps the message at r->at as a letter, unless it is one, then lets the relay pass it. */
void dead_bury(struct relay *r);

/* Sends the first of r->letters again. */
void dead_send(struct relay *r);

/* An attempt to send it has ended: a letter that was taken is to be removed. */
void dead_posted(struct relay *r, bool taken);

/* Removes the cursor of the first letter, which was taken. */
void dead_remove(struct relay *r);

#endif
