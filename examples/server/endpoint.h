/*
 * endpoint.h - where events are posted as signed webhooks: one line of a file for each endpoint.
 *
 *     NAME URL SECRETS [TYPE,TYPE...|* [SUBJECT,SUBJECT...|*]]
 *
 * NAME has 1 to 24 letters, digits, '-', '_' and '.'. URL is http or https, without user and
 * fragment. SECRETS is the path of a file with lines "NAME whsec_BASE64", of which several
 * endpoints may share one; with two lines of a name, messages are signed by both, which is how a
 * secret is changed. TYPE is the type of an event ("ORDER_PLACE"), SUBJECT what it is about
 * ("ORDER").
 */
#ifndef SERVER_ENDPOINT_H
#define SERVER_ENDPOINT_H

#include "lines.h"
#include "webhook.h"

#include <holdfast.h>

enum { ENDPOINT_NAME = 25, ENDPOINT_SECRETS = 4, ENDPOINT_TYPES = 256 };

typedef struct endpoint {
    char name[ENDPOINT_NAME];
    char *url;
    webhooks secrets;                    /* of all names in its file */
    uint64_t types[ENDPOINT_TYPES / 64]; /* bits by type of event; all 0: every type */
    uint32_t subjects;                   /* bits by hf_subject_kind; 0: every one */
} endpoint;

typedef struct endpoints {
    endpoint *rows;
    size_t count, capacity;
} endpoints;

/* Reads the file; NULL: there is none. False, with the reason, when it is wrong. */
bool endpoints_read(endpoints *out, const char *path, char error[LINES_ERROR]);
void endpoints_fini(endpoints *e);
void endpoint_fini(endpoint *e);

/* Whether an event is posted to the endpoint. */
bool endpoint_subscribes(const endpoint *e, const hf_event *event);

#endif
