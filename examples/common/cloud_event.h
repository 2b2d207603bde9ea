/*
 * cloud_event.h - events of a store as CloudEvents 1.0 in JSON (https://cloudevents.io).
 *
 *     attribute   of the event
 *     id          INCARNATION-SEQ: the same for a message that is sent again
 *     source      urn:uuid: and the id of the store
 *     type        holdfast. and the name of the event's type, as in holdfast.ORDER_PLACE
 *     subject     the id of the order, payment, hold or transaction; missing: it has none
 *     time        when it was committed
 *     sequence    its number, with zeros in front, so that texts sort as numbers do
 *     data        who did it, by which operation, and every change of the event's body
 */
#ifndef COMMON_CLOUD_EVENT_H
#define COMMON_CLOUD_EVENT_H

#include "json_text.h"

#include <holdfast.h>

/* Where events come from: hf_event_page has both. */
typedef struct cloud_source {
    hf_id store;
    uint64_t incarnation;
} cloud_source;

/* Writes one object. False, and nothing is written, when the body of the event does not decode. */
bool cloud_event_write(json_text *out, const cloud_source *from, const hf_event *event);

/* The name of an hf_subject_kind, as in "ORDER"; NULL: it has none. Static. */
const char *cloud_event_subject(uint32_t kind);

#endif
