/*
 * payload.h - the payload of a branch of a service: {"endpoint":"ADDRESS:PORT","moves":[...]}.
 *
 * Only payload_write makes them, so payload_read takes exactly this form, without spaces.
 */
#ifndef SERVER_SERVICES_PAYLOAD_H
#define SERVER_SERVICES_PAYLOAD_H

#include "service.h"

enum { PAYLOAD_HEAD = 120 }; /* what a payload has beside its moves and its end, at most */

/* What a payload says. */
typedef struct branch_payload {
    char endpoint[SERVICE_ADDRESS]; /* empty: the payload has another form */
    const char *moves;              /* JSON, in the payload */
    size_t move_bytes;
} branch_payload;

/* Writes a payload into `capacity` bytes, which are at least PAYLOAD_HEAD more than the moves have.
 */
void payload_write(const char *endpoint, const char *moves, char *out, size_t capacity);

void payload_read(const void *bytes, uint64_t count, branch_payload *out);

#endif
