/*
 * broker.h - messages to an exchange of RabbitMQ, with publisher confirms.
 */
#ifndef PUBLISHER_BROKER_H
#define PUBLISHER_BROKER_H

#include "source.h"

/* Where messages go. */
typedef struct broker_options {
    const char *url;      /* amqp://USER:PASSWORD@HOST:PORT/VHOST */
    const char *exchange; /* a durable topic exchange; it is declared */
    bool unrouted;        /* a message that no queue takes counts as published */
} broker_options;

typedef struct broker broker;

enum { BROKER_WHY_BYTES = 256 };

/* False, with what is wrong in `why`, when the text is no URL of a broker. */
bool broker_check(const char *url, char why[BROKER_WHY_BYTES]);

/* Connects, logs in and declares the exchange. NULL, with the reason in `why`. */
broker *broker_open(const broker_options *options, char why[BROKER_WHY_BYTES]);

/*
 * Publishes in order, persistent, with the type in lower case as routing key and the id as message
 * id, and waits until all are confirmed. Returns how many from the first on are; when these are not
 * all, `why` has the reason, and the broker must be opened anew.
 */
uint32_t broker_publish(broker *to, const messages *of, char why[BROKER_WHY_BYTES]);

/* Takes NULL. */
void broker_close(broker *to);

#endif
