/*
 * publisher.c - sends the events of a store to RabbitMQ as CloudEvents.
 *
 * It begins behind its cursor, sends a page of events, waits until the broker has confirmed them,
 * and moves the cursor: each event is delivered at least once, in order, with an id by which a
 * consumer knows it again. What follows an event in its page is delivered before it when the broker
 * does not take that one event alone; from then on it is sent by itself until it is taken. While
 * the broker is away nothing is lost: events wait in the store, which keeps them from retention for
 * the cursor.
 *
 * A store in one file has one engine, so this program is for stores that no other program has open.
 * A host that publishes while it works runs the same on a thread of its own beside its engine, or
 * asks its server for the events.
 *
 * usage: publisher [OPTIONS]     --help shows them
 */
#include "broker.h"
#include "source.h"

#include "common/memory.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IDLE_MS = 200, RETRY_MS = 200, RETRY_MAX_MS = 10000, EXIT_USAGE = 2 };

typedef struct settings {
    const char *store;
    const char *consumer;
    broker_options to;
    bool once;
} settings;

static const char help[] =
    "usage: publisher [OPTIONS]\n"
    "Sends the events of a store to an exchange of RabbitMQ as CloudEvents, from where it "
    "stopped.\n"
    "\n"
    "  --store URL        the store, as lmdb:shop.lmdb (HOLDFAST_STORE)\n"
    "  --broker URL       amqp://USER:PASSWORD@HOST:PORT/VHOST (HOLDFAST_BROKER)\n"
    "  --exchange NAME    a durable topic exchange, which is declared (holdfast); the routing key\n"
    "                     is the event's type, as in order_place\n"
    "  --consumer NAME    the cursor in the store (publisher)\n"
    "  --allow-unrouted   count an event as published that no queue takes\n"
    "  --once             end when everything has been published\n"
    "  --help             this text\n"
    "\n"
    "It ends with 0 after SIGINT or SIGTERM, or when --once has sent everything, with 1 when it "
    "cannot "
    "go\n"
    "on and says why, with 2 when it was not understood.\n";

static bool is_missing(const char *option, const char *value)
{
    if (value != NULL && value[0] != '\0')
        return false;
    (void)fprintf(stderr, "publisher: %s is missing; --help shows the options\n", option);
    return true;
}

/* 0, EXIT_USAGE, or -1: the program has ended well. */
static int parse(int argc, char **argv, settings *s)
{
    enum { STORE = 256, BROKER, EXCHANGE, CONSUMER, UNROUTED, ONCE, HELP };
    static const struct option options[] = {
        {"store", required_argument, NULL, STORE},
        {"broker", required_argument, NULL, BROKER},
        {"exchange", required_argument, NULL, EXCHANGE},
        {"consumer", required_argument, NULL, CONSUMER},
        {"allow-unrouted", no_argument, NULL, UNROUTED},
        {"once", no_argument, NULL, ONCE},
        {"help", no_argument, NULL, HELP},
        {NULL, 0, NULL, 0},
    };
    const char **texts[] = {&s->store, &s->to.url, &s->to.exchange, &s->consumer};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option >= STORE && option <= CONSUMER)
            *texts[option - STORE] = optarg;
        else if (option == UNROUTED || option == ONCE)
            *(option == ONCE ? &s->once : &s->to.unrouted) = true;
        else if (option == HELP)
            return -1;
        else
            return EXIT_USAGE;
    }
    if (optind == argc)
        return 0;
    (void)fprintf(stderr, "publisher: '%s' is not an option; --help shows them\n", argv[optind]);
    return EXIT_USAGE;
}

static int check(const settings *s)
{
    char why[BROKER_WHY_BYTES];
    if (is_missing("--store", s->store) || is_missing("--broker", s->to.url) ||
        is_missing("--exchange", s->to.exchange) || is_missing("--consumer", s->consumer))
        return EXIT_USAGE;
    if (broker_check(s->to.url, why))
        return 0;
    (void)fprintf(stderr, "publisher: --broker: %s\n", why);
    return EXIT_USAGE;
}

void memory_out(void)
{
    (void)fputs("publisher: out of memory\n", stderr);
    exit(EXIT_FAILURE);
}

/* A page, or after a failure its first event. Returns false when the broker did not take it all. */
static bool relay(source *from, broker **to, const settings *s, const messages *page, bool *broken)
{
    char why[BROKER_WHY_BYTES] = "";
    if (*to == NULL)
        *to = broker_open(&s->to, why);
    uint32_t taken = *to == NULL ? 0 : broker_publish(*to, page, why);
    if (taken != 0)
        *broken = !source_mark(from, page->rows[taken - 1].seq);
    if (taken == page->count)
        return true;
    (void)fprintf(stderr, "publisher: %s; trying again from event %" PRIu64 "\n", why,
                  page->rows[taken].seq);
    broker_close(*to);
    *to = NULL;
    return false;
}

/* Until SIGINT or SIGTERM, or with --once until everything has been published. */
static bool run(source *from, const settings *s)
{
    static messages page;
    broker *to = NULL;
    uint32_t retry_ms = 0; /* 0: nothing has failed */
    bool broken = false;
    while (!broken && !source_ends(from)) {
        broken = !source_read(from, &page);
        if (!broken && page.count == 0 && s->once)
            break;
        page.count = retry_ms != 0 && page.count > 1 ? 1 : page.count;
        if (broken || page.count == 0) {
            source_wait(from, broken ? 0 : IDLE_MS);
        } else if (relay(from, &to, s, &page, &broken)) {
            retry_ms = 0;
        } else {
            retry_ms = retry_ms == 0 ? RETRY_MS : retry_ms * 2;
            retry_ms = retry_ms < RETRY_MAX_MS ? retry_ms : RETRY_MAX_MS;
            source_wait(from, retry_ms);
        }
    }
    broker_close(to);
    messages_fini(&page);
    return !broken;
}

int main(int argc, char **argv)
{
    settings s = {.store = getenv("HOLDFAST_STORE"),
                  .consumer = "publisher",
                  .to = {.url = getenv("HOLDFAST_BROKER"), .exchange = "holdfast"}};
    int code = parse(argc, argv, &s);
    if (code < 0)
        return fputs(help, stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
    if (code == 0)
        code = check(&s);
    if (code != 0)
        return code;
    source *from = source_open(s.store, s.consumer);
    if (from == NULL)
        return EXIT_FAILURE;
    bool good = run(from, &s);
    printf("published to event %" PRIu64 "\n", source_position(from));
    return source_close(from) && good ? EXIT_SUCCESS : EXIT_FAILURE;
}
